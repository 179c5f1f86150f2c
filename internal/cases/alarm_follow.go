package cases

import (
	compare "cmp"
	"context"
	"errors"
	"slices"

	"weixiao/internal/journal"
	"weixiao/internal/store"
)

// Alarming follows the journal and keeps the table alarms: which rung of every open
// case, whistle and check comes next.
func (c *Cases) Alarming() journal.Follower {
	return journal.Follower{Name: alarmFollower, Concerns: alarming, Handle: c.rearmActs}
}

const alarmFollower = "alarms"

// quietActs change neither a clock nor whether there is anything left to do. An act
// that is not named here is looked at.
var quietActs = map[string][]string{
	Table.Kind:        {"report", "note", "progress", "urge", "supplement", "assign", "adopted", "released", "rehang", "whistled", "whistle_ended", "supervise", "release_supervision"},
	CheckTable.Kind:   {"note", "pass_on"},
	WhistleTable.Kind: {"draft", "note", "minutes", "set_task", "task_done", "return_task", "rate_unit", "rate_street"},
}

func alarming(a journal.Act) bool {
	quiet, ours := quietActs[a.Kind]
	return ours && !slices.Contains(quiet, a.Action)
}

func (c *Cases) rearmActs(tx *store.Tx, acts []journal.Act) error {
	var keys []alarmKey
	for _, a := range acts {
		if alarming(a) {
			keys = append(keys, alarmKey{a.Kind, a.Subject})
		}
	}
	if len(keys) == 0 {
		return nil
	}
	// Before anything is read: see alarm_rows.go.
	if _, err := journal.Begin(tx, c.d.Code, c.clock()); err != nil {
		return err
	}
	slices.SortFunc(keys, func(a, b alarmKey) int {
		return compare.Or(compare.Compare(a.kind, b.kind), compare.Compare(a.number, b.number))
	})
	return c.rearm(tx, slices.Compact(keys))
}

// rearm works out anew how records stand, and writes the rows that change.
func (c *Cases) rearm(tx *store.Tx, keys []alarmKey) error {
	changed, err := c.rearmed(tx, keys)
	if err != nil {
		return err
	}
	for _, x := range changed {
		if err := c.keep(tx, x.st, x.ok); err != nil {
			return err
		}
	}
	return nil
}

// changedRow is a row that is to be written, or (not ok) taken away.
type changedRow struct {
	st standing
	ok bool
}

// rearmed works out how records stand and returns what differs from their rows.
func (c *Cases) rearmed(tx *store.Tx, keys []alarmKey) (out []changedRow, err error) {
	now, err := c.subjects(tx, keys)
	if err != nil {
		return nil, err
	}
	rows, err := c.standings(tx, keys)
	if err != nil {
		return nil, err
	}
	// What rang before is in the row; without one (a case that was closed and is open
	// again) the acts tell.
	var unknown []string
	for _, key := range keys {
		if _, has := rows[key]; !has && len(now[key].clocks) > 0 && !now[key].ended {
			unknown = append(unknown, key.number)
		}
	}
	heard, err := c.heard(tx, unknown)
	if err != nil {
		return nil, err
	}
	for _, key := range keys {
		s, exists := now[key]
		row, has := rows[key]
		was := row.clocks
		if !has {
			was = remember(heard[key.number])
		}
		st, ok := standing{kind: key.kind, number: key.number}, false
		if exists {
			st, ok = c.stand(s, was)
		}
		if (ok && has && st.same(row)) || (!ok && !has) {
			continue
		}
		out = append(out, changedRow{st, ok})
	}
	return out, nil
}

// rearmPage is how many cases one look of Rearm takes.
const rearmPage = 200

// Rearm works out anew how every open case, whistle and check stands, when the ladder or a
// calendar is another one than that the rows were made with; otherwise it does
// nothing. It looks without the writer, and takes it for the rows that change.
// Broken off half-way it is begun again.
func (c *Cases) Rearm(ctx context.Context) error {
	var rules string
	had, err := store.Get(ctx, c.db, func(tx *store.Tx) (had string, err error) {
		set, err := c.d.Calendar.In(tx)
		if err != nil {
			return "", err
		}
		rules = c.rules(set)
		err = tx.Row(`SELECT rules FROM alarm_rules WHERE district = $1`, []any{c.d.Code}, &had)
		if errors.Is(err, store.ErrNotFound) {
			err = nil
		}
		return had, err
	})
	if err != nil || had == rules {
		return err
	}
	for kind, sql := range map[string]string{
		Table.Kind:        `SELECT number, doc FROM cases WHERE district = $1 AND is_open = TRUE AND doc > $2 ORDER BY doc LIMIT $3`,
		WhistleTable.Kind: `SELECT number, doc FROM whistles WHERE district = $1 AND is_open = TRUE AND doc > $2 ORDER BY doc LIMIT $3`,
		CheckTable.Kind:   `SELECT number, doc FROM checks WHERE district = $1 AND is_open = TRUE AND doc > $2 ORDER BY doc LIMIT $3`,
	} {
		for after, n := int64(0), rearmPage; n == rearmPage; {
			if after, n, err = c.rearmNext(ctx, kind, sql, after); err != nil {
				return err
			}
		}
	}
	return c.db.Write(ctx, func(tx *store.Tx) error {
		return tx.Exec(`INSERT INTO alarm_rules (district, rules) VALUES ($1, $2) ON CONFLICT (district) DO UPDATE SET rules = excluded.rules`, c.d.Code, rules)
	})
}

// rearmNext does one page of Rearm, of the open records that sql lists, and returns
// where it ended and how many there were.
func (c *Cases) rearmNext(ctx context.Context, kind, sql string, after int64) (last int64, n int, err error) {
	var stale []alarmKey
	err = c.db.Read(ctx, func(tx *store.Tx) error {
		keys, err := store.All(tx, func(r store.Scanner) (alarmKey, error) {
			k := alarmKey{kind: kind}
			return k, r.Scan(&k.number, &last)
		}, sql, c.d.Code, after, rearmPage)
		if n = len(keys); err != nil || n == 0 {
			return err
		}
		changed, err := c.rearmed(tx, keys)
		for _, x := range changed {
			stale = append(stale, x.st.key())
		}
		return err
	})
	if err == nil && len(stale) > 0 {
		err = c.db.Write(ctx, func(tx *store.Tx) error {
			if _, err := journal.Begin(tx, c.d.Code, c.clock()); err != nil {
				return err
			}
			return c.rearm(tx, stale)
		})
	}
	return last, n, err
}

// SettleAlarms brings the table alarms up to the last act after a bulk load,
// without walking through all of its acts.
func (c *Cases) SettleAlarms(ctx context.Context) error {
	if err := c.db.Write(ctx, func(tx *store.Tx) error {
		return tx.Exec(`DELETE FROM alarm_rules WHERE district = $1`, c.d.Code)
	}); err != nil {
		return err
	}
	head, err := store.Get(ctx, c.db, func(tx *store.Tx) (int64, error) { return journal.Head(tx, c.d.Code) })
	if err != nil {
		return err
	}
	if err := c.Rearm(ctx); err != nil {
		return err
	}
	return c.db.Write(ctx, func(tx *store.Tx) error { return journal.SetPosition(tx, c.d.Code, alarmFollower, head) })
}
