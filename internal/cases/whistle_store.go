package cases

import (
	"context"
	"encoding/json"
	"fmt"

	"weixiao/internal/access"
	"weixiao/internal/calendars"
	"weixiao/internal/flow"
	"weixiao/internal/journal"
	"weixiao/internal/store"
)

type whistleRest struct {
	Units  map[string]Summoned `json:"units,omitempty"`
	Clocks map[string]Clock    `json:"clocks,omitempty"`
	MeetAt string              `json:"meet_at,omitempty"`
	Where  string              `json:"where,omitempty"`
}

const whistleColumns = `w.district, w.number, w.doc, w.version, w.last_seq, w.created, w.changed, w.state, w.unit, w.kind, w.case_no, w.rest`

func scanWhistle(r store.Scanner) (*Whistle, error) {
	w := &Whistle{}
	var more string
	if err := r.Scan(&w.District, &w.Number, &w.Doc, &w.Version, &w.LastSeq, &w.Created, &w.Changed, &w.State, &w.Unit, &w.Kind, &w.Case, &more); err != nil {
		return nil, err
	}
	var x whistleRest
	if err := json.Unmarshal([]byte(more), &x); err != nil {
		return nil, fmt.Errorf("cases: whistle %s: %w", w.Number, err)
	}
	w.Units, w.Clocks, w.MeetAt, w.Where = x.Units, x.Clocks, x.MeetAt, x.Where
	return w, nil
}

func (w *Whistle) rest() (string, error) {
	b, err := json.Marshal(whistleRest{w.Units, w.Clocks, w.MeetAt, w.Where})
	return string(b), err
}

func (c *Cases) loadWhistle(tx *store.Tx, number string) (*Whistle, error) {
	found, err := store.All(tx, scanWhistle, `SELECT `+whistleColumns+` FROM whistles w WHERE w.district = $1 AND w.number = $2`, c.d.Code, number)
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, store.ErrNotFound
	}
	return found[0], nil
}

func (c *Cases) insertWhistle(tx *store.Tx, w *Whistle) error {
	more, err := w.rest()
	if err != nil {
		return fmt.Errorf("cases: %w", err)
	}
	return tx.Exec(`INSERT INTO whistles (district, number, doc, version, last_seq, created, changed, state, is_open, unit, kind, case_no, next_due, rest)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`,
		w.District, w.Number, w.Doc, w.Version, w.LastSeq, w.Created, w.Changed, w.State, !w.Ended(), w.Unit, w.Kind, w.Case, NextDue(w.Clocks), more)
}

func (c *Cases) updateWhistle(tx *store.Tx, before, w *Whistle) error {
	more, err := w.rest()
	if err != nil {
		return fmt.Errorf("cases: %w", err)
	}
	n, err := tx.Count(`UPDATE whistles SET version = $3, last_seq = $4, changed = $5, state = $6, is_open = $7, case_no = $8, next_due = $9, rest = $10
		WHERE district = $1 AND number = $2 AND version = $11`,
		w.District, w.Number, w.Version, w.LastSeq, w.Changed, w.State, !w.Ended(), w.Case, NextDue(w.Clocks), more, before.Version)
	if err != nil {
		return err
	}
	if n != 1 {
		return fmt.Errorf("cases: whistle %s was changed meanwhile", w.Number)
	}
	if w.State == WhistleDraft {
		return nil
	}
	for u, s := range w.Units {
		waits, due := w.waits(u, s)
		if err := tx.Exec(`INSERT INTO whistle_units (district, unit, number, doc, waits, next_due) VALUES ($1, $2, $3, $4, $5, $6)
			ON CONFLICT (district, unit, number) DO UPDATE SET waits = excluded.waits, next_due = excluded.next_due`,
			w.District, u, w.Number, w.Doc, waits, due); err != nil {
			return err
		}
	}
	return nil
}

// waits reports whether a called unit has something to do, and by when.
func (w *Whistle) waits(u string, s Summoned) (bool, int64) {
	due := int64(NoDue)
	for _, name := range []string{ClockAcknowledge + ":" + u, ClockArrive + ":" + u} {
		if k, ok := w.Clocks[name]; ok && k.Running() && k.Due > 0 {
			due = min(due, k.Due)
		}
	}
	if w.Ended() {
		return false, NoDue
	}
	return s.State == UnitCalled || s.State == UnitAcknowledged || s.Task == "open" || (w.State == WhistleDone && s.StreetScore == 0), due
}

// Whistles lists open whistles: for a street its own, for a called unit those
// that wait for it, for people of the district all; next deadline first.
func (c *Cases) Whistles(ctx context.Context, sc access.Scope, limit int) (own, called []*Whistle, err error) {
	n := Filter{Limit: limit}.limit()
	err = c.db.Read(ctx, func(tx *store.Tx) error {
		if sc.All() {
			own, err = store.All(tx, scanWhistle, `SELECT `+whistleColumns+` FROM whistles w WHERE w.district = $1 AND w.is_open = TRUE ORDER BY w.next_due, w.number LIMIT $2`, c.d.Code, n)
			return err
		}
		if street, ok := c.d.Directory.StreetOf(sc.Unit()); ok {
			own, err = store.All(tx, scanWhistle, `SELECT `+whistleColumns+` FROM whistles w WHERE w.district = $1 AND w.unit = $2 AND w.is_open = TRUE ORDER BY w.next_due, w.number LIMIT $3`,
				c.d.Code, street.ID, n)
			if err != nil {
				return err
			}
		}
		called, err = store.All(tx, scanWhistle, `SELECT `+whistleColumns+` FROM whistle_units u JOIN whistles w ON w.district = u.district AND w.number = u.number
			WHERE u.district = $1 AND u.unit = $2 AND u.waits = TRUE ORDER BY u.next_due, u.number LIMIT $3`, c.d.Code, sc.Unit(), n)
		return err
	})
	return own, called, err
}

// RecentWhistles lists whistles of any state, newest first: all of them for
// people of the district, a street's own, or those a unit was called to.
func (c *Cases) RecentWhistles(ctx context.Context, sc access.Scope, after int64, limit int) ([]*Whistle, error) {
	n := Filter{Limit: limit}.limit()
	if after == 0 {
		after = NoDue
	}
	return store.Get(ctx, c.db, func(tx *store.Tx) ([]*Whistle, error) {
		if sc.All() {
			return store.All(tx, scanWhistle, `SELECT `+whistleColumns+` FROM whistles w WHERE w.district = $1 AND w.doc < $2 ORDER BY w.doc DESC LIMIT $3`, c.d.Code, after, n)
		}
		if street, ok := c.d.Directory.StreetOf(sc.Unit()); ok {
			return store.All(tx, scanWhistle, `SELECT `+whistleColumns+` FROM whistles w WHERE w.district = $1 AND w.unit = $2 AND w.doc < $3 ORDER BY w.doc DESC LIMIT $4`,
				c.d.Code, street.ID, after, n)
		}
		return store.All(tx, scanWhistle, `SELECT `+whistleColumns+` FROM whistle_units u JOIN whistles w ON w.district = u.district AND w.number = u.number
			WHERE u.district = $1 AND u.unit = $2 AND u.doc < $3 ORDER BY u.doc DESC LIMIT $4`, c.d.Code, sc.Unit(), after, n)
	})
}

// WhistleEntry is one act of a whistle with what it changed.
type WhistleEntry struct {
	journal.Act
	WhistleChange
}

// WhistleView is a whistle with its acts and what the actor can do now.
type WhistleView struct {
	Whistle *Whistle
	Entries []WhistleEntry
	Actions []*flow.Action
	Mine    string            // called unit the actor speaks for
	Tasks   map[string]string // unit -> what it has to do
	Alarms  []AlarmEntry      // what was reminded and escalated, oldest first
	Next    *Upcoming         // the next rung, nil when none lies ahead
}

// Whistle returns a whistle page's worth.
func (c *Cases) Whistle(ctx context.Context, sc access.Scope, number string) (*WhistleView, error) {
	return store.Get(ctx, c.db, func(tx *store.Tx) (*WhistleView, error) {
		w, err := c.loadWhistle(tx, UpperNumber(number))
		if err != nil {
			return nil, err
		}
		if !c.whistleVisible(sc, w) {
			return nil, store.ErrNotFound
		}
		v := &WhistleView{Whistle: w, Actions: WhistleTable.Open(w.Position, c.whistleActor(sc, w)), Mine: c.calledUnit(sc, w), Tasks: map[string]string{}}
		acts, err := journal.History(tx, c.d.Code, WhistleTable.Kind, w.Number)
		if err != nil {
			return nil, err
		}
		for _, a := range acts {
			e := WhistleEntry{Act: a}
			if err := a.Into(&e.WhistleChange); err != nil {
				return nil, err
			}
			if a.Action == "set_task" {
				v.Tasks[e.Answers.Str("unit")] = a.Texts["what"]
			}
			v.Entries = append(v.Entries, e)
		}
		v.Alarms, v.Next, err = c.alarmsOf(tx, sc, func(set *calendars.Set) clocked { return c.whistleOnLadder(w, set) })
		return v, err
	})
}
