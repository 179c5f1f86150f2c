package insight

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"weixiao/internal/cases"
	"weixiao/internal/journal"
	"weixiao/internal/store"
)

//go:embed migrations
var migrations embed.FS

// Schema is the table of advised cases, numbers 32001-32999.
var Schema = store.Schema{Name: "insight", FS: migrations}

// advised is a case that was sent while a suggestion stood beside the rules: the
// last such sending, and the unit that leads since.
type advised struct {
	seq    int64
	month  string
	model  string
	advice []string
	rule   string
	took   bool
	silent bool
	unit   string
}

// place is where the unit that leads stands among those suggested, from 1; 0 =
// nowhere.
func (r *advised) place() int64 { return int64(slices.Index(r.advice, r.unit) + 1) }

// sent is the row after an act that sent the case; false when there is none.
func sent(was *advised, act journal.Act) (*advised, error) {
	unit, advice, err := cases.Sent(act)
	switch {
	case err != nil || unit == "":
		return was, err
	case advice != nil:
		return &advised{seq: act.Seq, month: act.Time().In(zone).Format("2006-01"), model: advice.Model, advice: advice.Units, rule: advice.Rule, took: advice.Followed,
			silent: advice.Abstained, unit: unit}, nil
	case was == nil:
		return nil, nil
	}
	next := *was
	next.unit = unit
	return &next, nil
}

// concerns are acts that were advised, and those that take a case from one unit to
// another, whatever they are called: only they change a row.
func concerns(act journal.Act) bool {
	return act.Kind == cases.Table.Kind && (bytes.Contains(act.Body, []byte(`"advice"`)) || bytes.Contains(act.Body, []byte(`"`+cases.Former+`"`)))
}

// Follower keeps the table of advised cases.
func (a *Adviser) Follower() journal.Follower {
	return journal.Follower{Name: "advised", Concerns: concerns, Handle: func(tx *store.Tx, acts []journal.Act) error {
		for _, act := range acts {
			if !concerns(act) {
				continue
			}
			was, err := a.row(tx, act.Subject)
			if err != nil {
				return err
			}
			next, err := sent(was, act)
			if err != nil {
				return fmt.Errorf("act %d: %w", act.Seq, err)
			}
			if next != nil {
				if err := a.put(tx, act.Subject, next); err != nil {
					return err
				}
			}
		}
		return nil
	}}
}

func (a *Adviser) put(tx *store.Tx, number string, r *advised) error {
	return tx.Exec(`INSERT INTO advised (district, number, seq, month, model, advice, place, followed, abstained, ruled, unit)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
		ON CONFLICT (district, number) DO UPDATE SET seq = excluded.seq, month = excluded.month, model = excluded.model, advice = excluded.advice,
			place = excluded.place, followed = excluded.followed, abstained = excluded.abstained, ruled = excluded.ruled, unit = excluded.unit`,
		a.pack.District, number, r.seq, r.month, r.model, strings.Join(append([]string{r.rule}, r.advice...), " "), r.place(), flag(r.took), flag(r.silent), flag(r.rule == r.unit), r.unit)
}

func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// row loads a case's row; nil when it has none.
func (a *Adviser) row(tx *store.Tx, number string) (*advised, error) {
	r := &advised{}
	var advice string
	var took, silent int64
	err := tx.Row(`SELECT seq, month, model, advice, followed, abstained, unit FROM advised WHERE district = $1 AND number = $2`, []any{a.pack.District, number},
		&r.seq, &r.month, &r.model, &advice, &took, &silent, &r.unit)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	list := strings.Split(advice, " ")
	r.rule, r.advice, r.took, r.silent = list[0], list[1:], took == 1, silent == 1
	return r, err
}

// Month counts the advised cases of a month.
type Month struct {
	Month     string // 2006-01
	Cases     int64
	Silent    int64 // the model could not tell
	Followed  int64 // sent to the first suggestion
	First     int64 // led by the first suggestion now
	AmongThem int64 // led by one of the suggestions now
	Ruled     int64 // led by the unit of the duty rules now
}

// Months counts the advised cases of the year up to a moment, newest month first.
func (a *Adviser) Months(ctx context.Context, now time.Time) ([]Month, error) {
	scan := func(r store.Scanner) (m Month, err error) {
		return m, r.Scan(&m.Month, &m.Cases, &m.Silent, &m.Followed, &m.First, &m.AmongThem, &m.Ruled)
	}
	return store.Get(ctx, a.db, func(tx *store.Tx) ([]Month, error) {
		return store.All(tx, scan, `SELECT month, count(*), sum(abstained), sum(followed), sum(CASE WHEN place = 1 THEN 1 ELSE 0 END),
			sum(CASE WHEN place > 0 THEN 1 ELSE 0 END), sum(ruled)
			FROM advised WHERE district = $1 AND month >= $2 GROUP BY month ORDER BY month DESC LIMIT 13`, a.pack.District, now.In(zone).AddDate(-1, 0, 0).Format("2006-01"))
	})
}

// Sending is one advised case.
type Sending struct {
	Number   string
	Seq      int64
	Advice   []string // units
	Rule     string
	Unit     string // leads now
	Followed bool
	Silent   bool
}

// Sendings lists the advised cases of a month in the order in which they were
// sent, from after an act on.
func (a *Adviser) Sendings(ctx context.Context, month string, after int64, n int) ([]Sending, error) {
	scan := func(r store.Scanner) (Sending, error) {
		var s Sending
		var advice string
		var took, silent int64
		err := r.Scan(&s.Number, &s.Seq, &advice, &took, &silent, &s.Unit)
		list := strings.Split(advice, " ")
		s.Rule, s.Advice, s.Followed, s.Silent = list[0], list[1:], took == 1, silent == 1
		return s, err
	}
	return store.Get(ctx, a.db, func(tx *store.Tx) ([]Sending, error) {
		return store.All(tx, scan, `SELECT number, seq, advice, followed, abstained, unit FROM advised
			WHERE district = $1 AND month = $2 AND seq > $3 ORDER BY seq LIMIT $4`, a.pack.District, month, after, int64(n))
	})
}

// Check rebuilds the table from the acts and compares. Fold every act of the
// journal in order, then Finish.
type Check struct {
	a    *Adviser
	want map[string]*advised
}

// Check begins to check.
func (a *Adviser) Check() *Check { return &Check{a, map[string]*advised{}} }

// Fold takes the next act.
func (c *Check) Fold(act journal.Act) error {
	if !concerns(act) {
		return nil
	}
	next, err := sent(c.want[act.Subject], act)
	if next != nil {
		c.want[act.Subject] = next
	}
	return err
}

// Finish compares, and returns the number of rows or the first that is wrong. The
// follower must have caught up.
func (c *Check) Finish(ctx context.Context) (n int, err error) {
	err = c.a.db.Read(ctx, func(tx *store.Tx) error {
		for number, want := range c.want {
			got, err := c.a.row(tx, number)
			if err != nil {
				return err
			}
			if got == nil || got.seq != want.seq || got.month != want.month || got.model != want.model || !slices.Equal(got.advice, want.advice) || got.rule != want.rule ||
				got.took != want.took || got.silent != want.silent || got.unit != want.unit {
				return fmt.Errorf("insight: the advice about %s is not what its acts say", number)
			}
		}
		var rows int64
		if err := tx.Row(`SELECT count(*) FROM advised WHERE district = $1`, []any{c.a.pack.District}, &rows); err != nil {
			return err
		}
		if n = len(c.want); int(rows) != n {
			return fmt.Errorf("insight: %d cases were advised, their acts say %d", rows, n)
		}
		return nil
	})
	return n, err
}
