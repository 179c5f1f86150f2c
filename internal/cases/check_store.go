package cases

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/flow"
	"weixiao/internal/journal"
	"weixiao/internal/store"
)

type checkRest struct {
	Clocks map[string]Clock `json:"clocks,omitempty"`
	Photos int              `json:"photos,omitempty"`
}

const checkColumns = `x.district, x.number, x.doc, x.version, x.last_seq, x.created, x.changed, x.state, x.case_no, x.unit, x.handler, x.rule, x.rest`

func scanCheck(r store.Scanner) (*Check, error) {
	x := &Check{}
	var more string
	if err := r.Scan(&x.District, &x.Number, &x.Doc, &x.Version, &x.LastSeq, &x.Created, &x.Changed, &x.State, &x.Case, &x.Unit, &x.Handler, &x.Rule, &more); err != nil {
		return nil, err
	}
	var rest checkRest
	if err := json.Unmarshal([]byte(more), &rest); err != nil {
		return nil, fmt.Errorf("cases: check %s: %w", x.Number, err)
	}
	x.Clocks, x.Photos = rest.Clocks, rest.Photos
	return x, nil
}

func (x *Check) rest() (string, error) {
	b, err := json.Marshal(checkRest{x.Clocks, x.Photos})
	return string(b), err
}

func (c *Cases) loadCheck(tx *store.Tx, number string) (*Check, error) {
	found, err := store.All(tx, scanCheck, `SELECT `+checkColumns+` FROM checks x WHERE x.district = $1 AND x.number = $2`, c.d.Code, number)
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, store.ErrNotFound
	}
	return found[0], nil
}

func (c *Cases) freeCheckNumber(tx *store.Tx, at time.Time) (string, error) {
	for {
		n := c.d.Prefix + "C" + at.In(zone).Format("20060102") + "-" + random32(5)
		if _, err := c.loadCheck(tx, n); errors.Is(err, store.ErrNotFound) {
			return n, nil
		} else if err != nil {
			return "", err
		}
	}
}

func (c *Cases) insertCheck(tx *store.Tx, x *Check) error {
	more, err := x.rest()
	if err != nil {
		return fmt.Errorf("cases: %w", err)
	}
	if err := tx.Exec(`INSERT INTO checks (district, number, doc, version, last_seq, created, changed, state, is_open, case_no, unit, handler, rule, next_due, rest)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`,
		x.District, x.Number, x.Doc, x.Version, x.LastSeq, x.Created, x.Changed, x.State, !x.Ended(), x.Case, x.Unit, x.Handler, x.Rule, NextDue(x.Clocks), more); err != nil {
		return err
	}
	return c.insertLooking(tx, x)
}

// insertLooking writes the units whose people speak for the one that is to look: it
// and those above it, without the district itself.
func (c *Cases) insertLooking(tx *store.Tx, x *Check) error {
	for _, u := range c.d.Directory.Path(x.Unit) {
		if u.Parent == "" {
			continue
		}
		if err := tx.Exec(`INSERT INTO check_units (district, unit, number, doc, is_open, next_due) VALUES ($1, $2, $3, $4, $5, $6)`,
			x.District, u.ID, x.Number, x.Doc, !x.Ended(), NextDue(x.Clocks)); err != nil {
			return err
		}
	}
	return nil
}

func (c *Cases) updateCheck(tx *store.Tx, before, x *Check) error {
	more, err := x.rest()
	if err != nil {
		return fmt.Errorf("cases: %w", err)
	}
	n, err := tx.Count(`UPDATE checks SET version = $3, last_seq = $4, changed = $5, state = $6, is_open = $7, unit = $8, next_due = $9, rest = $10
		WHERE district = $1 AND number = $2 AND version = $11`,
		x.District, x.Number, x.Version, x.LastSeq, x.Changed, x.State, !x.Ended(), x.Unit, NextDue(x.Clocks), more, before.Version)
	if err != nil {
		return err
	}
	if n != 1 {
		return fmt.Errorf("cases: check %s was changed meanwhile", x.Number)
	}
	if before.Unit == x.Unit {
		return tx.Exec(`UPDATE check_units SET is_open = $3, next_due = $4 WHERE district = $1 AND number = $2`, x.District, x.Number, !x.Ended(), NextDue(x.Clocks))
	}
	if err := tx.Exec(`DELETE FROM check_units WHERE district = $1 AND number = $2`, x.District, x.Number); err != nil {
		return err
	}
	return c.insertLooking(tx, x)
}

// openChecks are the checks of a case that nobody has done yet.
func (c *Cases) openChecks(tx *store.Tx, number string) ([]*Check, error) {
	return store.All(tx, scanCheck, `SELECT `+checkColumns+` FROM checks x WHERE x.district = $1 AND x.case_no = $2 AND x.is_open = TRUE ORDER BY x.doc`, c.d.Code, number)
}

// Checks lists what is to be looked at, next deadline first: everything for people
// of the district, else what the own unit or one below it is asked.
func (c *Cases) Checks(ctx context.Context, sc access.Scope, after Cursor, limit int) ([]*Check, error) {
	n := Filter{Limit: limit}.limit()
	return store.Get(ctx, c.db, func(tx *store.Tx) ([]*Check, error) {
		switch {
		case sc.All():
			return store.All(tx, scanCheck, `SELECT `+checkColumns+` FROM checks x WHERE x.district = $1 AND x.is_open = TRUE AND (x.next_due, x.number) > ($2, $3)
				ORDER BY x.next_due, x.number LIMIT $4`, c.d.Code, after.Due, after.Number, n)
		case sc.Unit() != "":
			return store.All(tx, scanCheck, `SELECT `+checkColumns+` FROM check_units u JOIN checks x ON x.district = u.district AND x.number = u.number
				WHERE u.district = $1 AND u.unit = $2 AND u.is_open = TRUE AND (u.next_due, u.number) > ($3, $4) ORDER BY u.next_due, u.number LIMIT $5`,
				c.d.Code, sc.Unit(), after.Due, after.Number, n)
		}
		return nil, nil
	})
}

// EndedChecks lists checks that are over, newest first; after is the Doc of the
// last one of the page before, 0 for the first page.
func (c *Cases) EndedChecks(ctx context.Context, sc access.Scope, after int64, limit int) ([]*Check, error) {
	n := Filter{Limit: limit}.limit()
	if after == 0 {
		after = NoDue
	}
	return store.Get(ctx, c.db, func(tx *store.Tx) ([]*Check, error) {
		switch {
		case sc.All():
			return store.All(tx, scanCheck, `SELECT `+checkColumns+` FROM checks x WHERE x.district = $1 AND x.is_open = FALSE AND x.doc < $2 ORDER BY x.doc DESC LIMIT $3`, c.d.Code, after, n)
		case sc.Unit() != "":
			return store.All(tx, scanCheck, `SELECT `+checkColumns+` FROM check_units u JOIN checks x ON x.district = u.district AND x.number = u.number
				WHERE u.district = $1 AND u.unit = $2 AND u.is_open = FALSE AND u.doc < $3 ORDER BY u.doc DESC LIMIT $4`, c.d.Code, sc.Unit(), after, n)
		}
		return nil, nil
	})
}

// CheckEntry is one act of a check with what it changed.
type CheckEntry struct {
	journal.Act
	CheckChange
}

// CheckView is a check with its acts, the case it is about and what the actor can
// do now. Case is there for whoever may read the check: its words, its place and
// what the unit replied, never who reported it.
type CheckView struct {
	Check   *Check
	Case    *Case
	Reply   string // the unit's word that is looked at
	Entries []CheckEntry
	Actions []*flow.Action
}

// Check returns a check page's worth.
func (c *Cases) Check(ctx context.Context, sc access.Scope, number string) (*CheckView, error) {
	return store.Get(ctx, c.db, func(tx *store.Tx) (*CheckView, error) {
		x, err := c.loadCheck(tx, UpperNumber(number))
		if err != nil {
			return nil, err
		}
		if !c.checkVisible(sc, x) {
			return nil, store.ErrNotFound
		}
		v := &CheckView{Check: x, Actions: CheckTable.Open(x.Position, c.checkActor(sc, x))}
		if v.Case, err = c.load(tx, x.Case); err != nil {
			return nil, err
		}
		v.Case.Person = ""
		acts, err := journal.History(tx, c.d.Code, CheckTable.Kind, x.Number)
		if err != nil {
			return nil, err
		}
		for _, a := range acts {
			e := CheckEntry{Act: a}
			if err := a.Into(&e.CheckChange); err != nil {
				return nil, err
			}
			v.Entries = append(v.Entries, e)
		}
		v.Reply, err = c.lastReply(tx, x)
		return v, err
	})
}

// lastReply is what the unit had said when the check was asked for.
func (c *Cases) lastReply(tx *store.Tx, x *Check) (string, error) {
	acts, err := journal.History(tx, c.d.Code, Table.Kind, x.Case)
	if err != nil {
		return "", err
	}
	reply := ""
	for _, a := range acts {
		if a.Action == "reply" && a.At <= x.Created {
			reply = a.Texts["reply"]
		}
	}
	return reply, nil
}

// ChecksOf lists the checks of a case that the scope reaches, newest first: at
// most 50.
func (c *Cases) ChecksOf(ctx context.Context, sc access.Scope, number string) ([]*Check, error) {
	return store.Get(ctx, c.db, func(tx *store.Tx) ([]*Check, error) {
		list, err := store.All(tx, scanCheck, `SELECT `+checkColumns+` FROM checks x WHERE x.district = $1 AND x.case_no = $2 ORDER BY x.doc DESC LIMIT 50`, c.d.Code, number)
		var out []*Check
		for _, x := range list {
			if c.checkVisible(sc, x) {
				out = append(out, x)
			}
		}
		return out, err
	})
}

func (r *Replayer) compareCheck(ctx context.Context, want *Check) error {
	return r.c.db.Read(ctx, func(tx *store.Tx) error {
		got, err := r.c.loadCheck(tx, want.Number)
		if err != nil {
			return &Mismatch{CheckTable.Kind, want.Number, "no row"}
		}
		var due int64
		var isOpen bool
		if err := tx.Row(`SELECT next_due, is_open FROM checks WHERE district = $1 AND number = $2`, []any{r.c.d.Code, want.Number}, &due, &isOpen); err != nil {
			return err
		}
		if due != NextDue(want.Clocks) || isOpen != !want.Ended() {
			return &Mismatch{CheckTable.Kind, want.Number, "its deadline or openness does not follow from its acts"}
		}
		want.Doc = got.Doc
		if why := difference(*want, *got); why != "" {
			return &Mismatch{CheckTable.Kind, want.Number, why}
		}
		return nil
	})
}

// looksAt reports whether somebody is or was asked to check the case: they may see
// its photos.
func (c *Cases) looksAt(tx *store.Tx, sc access.Scope, k *Case) (bool, error) {
	list, err := store.All(tx, scanCheck, `SELECT `+checkColumns+` FROM checks x WHERE x.district = $1 AND x.case_no = $2 ORDER BY x.doc DESC LIMIT 50`, c.d.Code, k.Number)
	for _, x := range list {
		if x.State != CheckDropped && len(c.checkActor(sc, x).Relations) > 0 {
			return true, err
		}
	}
	return false, err
}

// CheckedCases are the cases that checks are about, in their order, for those checks
// that the scope reaches: at most 200, without who reported them.
func (c *Cases) CheckedCases(ctx context.Context, sc access.Scope, list []*Check) ([]*Case, error) {
	var numbers []string
	for _, x := range list[:min(len(list), 200)] {
		if c.checkVisible(sc, x) {
			numbers = append(numbers, x.Case)
		}
	}
	return store.Get(ctx, c.db, func(tx *store.Tx) ([]*Case, error) {
		found, err := c.rows(tx, numbers)
		for _, k := range found {
			k.Person = ""
		}
		return found, err
	})
}
