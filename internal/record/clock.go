package record

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/journal"
	"weixiao/internal/store"
	"weixiao/internal/worktime"
)

// Clock is one promise of a record: everything that acts decide. Its deadline is what the calendar makes of it, and is
// not kept here.
type Clock struct {
	Limit string     `json:"limit"`          // "5 workday"
	Unit  string     `json:"unit,omitempty"` // whose calendar; "" is the district's
	Start int64      `json:"start"`          // µs UTC
	Stop  int64      `json:"stop,omitempty"` // µs UTC; 0 = it runs
	Holds [][2]int64 `json:"holds,omitempty"`
	Ext   []string   `json:"ext,omitempty"` // extensions, one after the other
}

// NoDue is the deadline of a record that has none.
const NoDue = math.MaxInt64

// Running reports whether the promise is still open.
func (k Clock) Running() bool { return k.Stop == 0 }

// Held reports whether the clock stands still at present.
func (k Clock) Held() bool {
	return k.Running() && len(k.Holds) > 0 && k.Holds[len(k.Holds)-1][1] == 0
}

// Timing is the clock for package worktime.
func (k Clock) Timing() (worktime.Clock, error) {
	l, err := worktime.ParseLimit(k.Limit)
	if err != nil {
		return worktime.Clock{}, err
	}
	w := worktime.Clock{Start: time.UnixMicro(k.Start), Limit: l}
	for _, h := range k.Holds {
		s := worktime.Span{From: time.UnixMicro(h[0])}
		if h[1] != 0 {
			s.To = time.UnixMicro(h[1])
		}
		w.Pauses = append(w.Pauses, s)
	}
	for _, e := range k.Ext {
		x, err := worktime.ParseLimit(e)
		if err != nil {
			return worktime.Clock{}, err
		}
		w.Extensions = append(w.Extensions, x)
	}
	if k.Stop != 0 {
		w.Stopped = new(time.UnixMicro(k.Stop))
	}
	return w, nil
}

// turn lets an action start, stop, hold and free clocks. A record that has come to its end has none that runs.
func (b *Book[T, P]) turn(x P, act *flow.Action, at int64, end bool) error {
	h := x.head()
	set := func(name string, change func(*Clock)) {
		if k, ok := h.Clocks[name]; ok && k.Running() {
			k.Holds = slices.Clone(k.Holds)
			change(&k)
			h.Clocks[name] = k
		}
	}
	h.Clocks = maps.Clone(h.Clocks)
	stop := func(k *Clock) {
		if k.Held() {
			k.Holds[len(k.Holds)-1][1] = at
		}
		k.Stop = at
	}
	for _, name := range act.Stop {
		set(name, stop)
	}
	for _, name := range act.Free {
		set(name, func(k *Clock) {
			if k.Held() {
				k.Holds[len(k.Holds)-1][1] = at
			}
		})
	}
	for _, name := range act.Hold {
		set(name, func(k *Clock) {
			if !k.Held() {
				k.Holds = append(k.Holds, [2]int64{at, 0})
			}
		})
	}
	for _, name := range act.Start {
		var l worktime.Limit
		var unit string
		switch {
		case b.k.LimitAt != nil:
			l, unit = b.k.LimitAt(x, name, time.UnixMicro(at))
		case b.k.Limit != nil:
			l, unit = b.k.Limit(x, name)
		default:
			return fmt.Errorf("record: %s starts clocks and has no limits", b.k.Table.Kind)
		}
		if l.IsZero() {
			continue
		}
		if h.Clocks == nil {
			h.Clocks = map[string]Clock{}
		}
		h.Clocks[name] = Clock{Limit: l.String(), Unit: unit, Start: at}
	}
	if end {
		for name := range h.Clocks {
			set(name, stop)
		}
	}
	return nil
}

// Extend gives a running clock of the record more time; for plans.
func (h *Head) Extend(clock string, by worktime.Limit) {
	if k, ok := h.Clocks[clock]; ok && k.Running() {
		k.Ext = append(slices.Clone(k.Ext), by.String())
		h.Clocks = maps.Clone(h.Clocks)
		h.Clocks[clock] = k
	}
}

// Deadline is by when a clock is due, by the calendar in force.
func (e *Engine) Deadline(tx *store.Tx, k Clock) (worktime.Due, error) {
	w, err := k.Timing()
	if err != nil {
		return worktime.Due{}, err
	}
	cal, err := e.o.Calendar(tx, k.Unit)
	if err != nil {
		return worktime.Due{}, err
	}
	return cal.Deadline(w), nil
}

// Deadlines are those of all clocks of a record that run or have run.
func (e *Engine) Deadlines(tx *store.Tx, h *Head) (map[string]worktime.Due, error) {
	out := map[string]worktime.Due{}
	for name, k := range h.Clocks {
		d, err := e.Deadline(tx, k)
		if err != nil {
			return nil, err
		}
		out[name] = d
	}
	return out, nil
}

// deadlines are the next deadline of a record, and when its unit is reminded of it.
func (b *Book[T, P]) deadlines(tx *store.Tx, x P) (due, remind int64, err error) {
	due, remind = NoDue, NoDue
	h := x.head()
	for _, name := range slices.Sorted(maps.Keys(h.Clocks)) {
		k := h.Clocks[name]
		if !k.Running() || slices.Contains(b.k.Quiet, name) {
			continue
		}
		d, err := b.e.Deadline(tx, k)
		if err != nil {
			return 0, 0, err
		}
		if !d.None() && d.At.UnixMicro() < due {
			due = d.At.UnixMicro()
			remind = due - (due-k.Start)/4
		}
	}
	return due, remind, nil
}

// recount winds the clocks of a record anew with the calendars now in force. A deadline that moved gets an act with
// both; it was never patched, it follows.
func (b *Book[T, P]) recount(tx *store.Tx, id string) error {
	r, err := loadRow(tx, b.e.o.District, b.k.Table.Kind, id)
	if err != nil {
		return err
	}
	x, err := b.open(r)
	if err != nil {
		return err
	}
	due, _, err := b.deadlines(tx, x)
	if err != nil || due == r.due {
		return err
	}
	at, err := journal.Begin(tx, b.e.o.District, b.e.o.Clock())
	if err != nil {
		return err
	}
	said := form.Answers{"due_before": r.due, "due_after": due}
	return b.write(tx, journal.Actor{Capacity: "system"}, Recounted, x, at, said, nil)
}

// Recounted is the act by which a deadline follows another calendar.
const Recounted = "recount"

const recountChunk = 200

// Recount counts every open deadline anew. It may be stopped at any time and begun again.
func (e *Engine) Recount(ctx context.Context) error {
	for _, kind := range e.order {
		for after := ""; ; {
			ids, err := store.Get(ctx, e.db, func(tx *store.Tx) ([]string, error) { return waiting(tx, e.o.District, kind, after, recountChunk) })
			if err != nil {
				return err
			}
			if len(ids) == 0 {
				break
			}
			after = ids[len(ids)-1]
			if err := e.db.Write(ctx, func(tx *store.Tx) error {
				for _, id := range ids {
					if err := e.books[kind].recount(tx, id); err != nil {
						return err
					}
				}
				return nil
			}); err != nil {
				return err
			}
		}
	}
	return nil
}

// Follow recounts when calendars have changed since it last did. seq is the last act about calendars.
func (e *Engine) Follow(ctx context.Context, seq func(tx *store.Tx) (int64, error)) error {
	var now, done int64
	if err := e.db.Read(ctx, func(tx *store.Tx) (err error) {
		if now, err = seq(tx); err != nil {
			return err
		}
		err = tx.Row(`SELECT calendar FROM record_positions WHERE district = $1`, []any{e.o.District}, &done)
		if errors.Is(err, store.ErrNotFound) {
			err = nil
		}
		return err
	}); err != nil || now == done {
		return err
	}
	if err := e.Recount(ctx); err != nil {
		return err
	}
	return e.db.Write(ctx, func(tx *store.Tx) error {
		return tx.Exec(`INSERT INTO record_positions (district, calendar) VALUES ($1, $2) ON CONFLICT (district) DO UPDATE SET calendar = excluded.calendar`, e.o.District, now)
	})
}

// open makes the record of a row.
func (b *Book[T, P]) open(r *row) (P, error) {
	x := P(new(T))
	if err := json.Unmarshal([]byte(r.body), x); err != nil {
		return nil, fmt.Errorf("record: %s: %w", r.ID, err)
	}
	h := x.head()
	h.ID, h.Doc, h.Version, h.LastSeq, h.Created, h.Changed = r.ID, r.Doc, r.Version, r.LastSeq, r.Created, r.Changed
	return x, nil
}
