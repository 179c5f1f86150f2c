package cases

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"weixiao/internal/access"
	"weixiao/internal/calendars"
	"weixiao/internal/flow"
	"weixiao/internal/journal"
	"weixiao/internal/store"
	"weixiao/internal/worktime"
)

// Sum is why a deadline is what it is: the acts that made the clock, the calendar
// and its version, and every stretch of time with whether it counted.
type Sum struct {
	Name     string // of the clock
	Clock    Clock
	Events   []ClockEvent // oldest first; the first started the clock
	Calendar string       // name
	Version  string       // of the calendar that gave Clock.Due
	Steps    []worktime.Step
}

// What happened to a clock.
const (
	ClockStarted   = "started"
	ClockExtended  = "extended"
	ClockHeld      = "held"
	ClockFreed     = "freed"
	ClockRelimited = "relimited" // the level of the case was changed
	ClockStopped   = "stopped"
	ClockMoved     = "moved" // recounted under another calendar
)

// ClockEvent is one act that touched a clock.
type ClockEvent struct {
	What   string
	Seq    int64
	At     int64 // µs UTC
	Action string
	Actor  journal.Actor
	Limit  string // started, extended, relimited: the limit
	Due    int64  // the deadline afterwards
	Moved  Moved  // moved: both deadlines and versions
}

// Before lists the deadlines the clock had under older calendars, oldest first.
func (s *Sum) Before() []ClockEvent {
	return slices.DeleteFunc(slices.Clone(s.Events), func(e ClockEvent) bool { return e.What != ClockMoved })
}

// Why explains all clocks of a case, whistle or order that the scope reaches, in the
// order of the table.
func (c *Cases) Why(ctx context.Context, sc access.Scope, number string) ([]*Sum, error) {
	number = UpperNumber(number)
	return store.Get(ctx, c.db, func(tx *store.Tx) ([]*Sum, error) {
		if _, err := c.get(tx, sc, number); err == nil {
			return c.whyCase(tx, number)
		} else if !errors.Is(err, store.ErrNotFound) {
			return nil, err
		}
		if o, err := c.loadOrder(tx, number); err == nil && c.orderVisible(sc, o) {
			return c.whyOrder(tx, number)
		} else if err != nil && !errors.Is(err, store.ErrNotFound) {
			return nil, err
		}
		w, err := c.loadWhistle(tx, number)
		if err == nil && !c.whistleVisible(sc, w) {
			err = store.ErrNotFound
		}
		if err != nil {
			return nil, err
		}
		return c.whyWhistle(tx, number)
	})
}

func (c *Cases) whyCase(tx *store.Tx, number string) ([]*Sum, error) {
	return c.sums(tx, &Table, number, func(a journal.Act, state string) (*Change, bool, error) {
		ch, err := decode(a.Body)
		was, _ := Table.State(state)
		will, _ := Table.State(ch.State)
		return &ch, was.End && !will.End, err
	})
}

func (c *Cases) whyWhistle(tx *store.Tx, number string) ([]*Sum, error) {
	return c.sums(tx, &WhistleTable, number, func(a journal.Act, _ string) (*Change, bool, error) {
		var ch WhistleChange
		err := json.Unmarshal(a.Body, &ch)
		return ch.clocks(), false, err
	})
}

func (c *Cases) whyOrder(tx *store.Tx, number string) ([]*Sum, error) {
	return c.sums(tx, &OrderTable, number, func(a journal.Act, _ string) (*Change, bool, error) {
		var ch OrderChange
		err := json.Unmarshal(a.Body, &ch)
		return ch.clocks(), false, err
	})
}

// sums walks the acts of a record and keeps, for each clock, those that touched
// its present run.
func (c *Cases) sums(tx *store.Tx, table *flow.Table, number string, read func(a journal.Act, state string) (*Change, bool, error)) ([]*Sum, error) {
	set, err := c.d.Calendar.In(tx)
	if err != nil {
		return nil, err
	}
	acts, err := journal.History(tx, c.d.Code, table.Kind, number)
	if err != nil {
		return nil, err
	}
	by, clocks, state := map[string]*Sum{}, map[string]Clock(nil), ""
	for _, a := range acts {
		ch, reopens, err := read(a, state)
		if err != nil {
			return nil, fmt.Errorf("%s act %d: %w", number, a.Seq, err)
		}
		after, err := tick(clocks, ch, a.At, ch.calendars(set), reopens)
		if err != nil {
			return nil, fmt.Errorf("%s act %d: %w", number, a.Seq, err)
		}
		for name, k := range after {
			c.note(by, name, clocks[name], k, ch, a)
		}
		for name := range clocks {
			if _, still := after[name]; !still {
				delete(by, name)
			}
		}
		clocks, state = after, ch.State
	}
	out := make([]*Sum, 0, len(by))
	for _, name := range slices.SortedFunc(maps.Keys(by), func(a, b string) int { return clockOrder(table, a, b) }) {
		s := by[name]
		if err := s.explain(set); err != nil {
			return nil, fmt.Errorf("%s clock %s: %w", number, name, err)
		}
		out = append(out, s)
	}
	return out, nil
}

// note compares a clock before and after an act.
func (c *Cases) note(by map[string]*Sum, name string, was, is Clock, ch *Change, a journal.Act) {
	e := ClockEvent{Seq: a.Seq, At: a.At, Action: a.Action, Actor: a.Actor, Due: is.Due}
	s := by[name]
	if limit, started := ch.Start[name]; started {
		s = &Sum{Name: name}
		by[name] = s
		e.What, e.Limit = ClockStarted, limit
	} else if s == nil {
		return
	} else if m, moved := ch.Moved[name]; moved {
		e.What, e.Moved = ClockMoved, m
	} else if is.Limit != was.Limit {
		e.What, e.Limit = ClockRelimited, is.Limit
	} else if len(is.Extensions) > len(was.Extensions) {
		e.What, e.Limit = ClockExtended, is.Extensions[len(is.Extensions)-1]
	} else if len(is.Pauses) > len(was.Pauses) {
		e.What = ClockHeld
	} else if was.paused() && !is.paused() && is.Running() {
		e.What = ClockFreed
	} else if is.Stop != was.Stop {
		e.What = ClockStopped
	}
	s.Clock = is
	if e.What == "" {
		return
	}
	s.Events = append(s.Events, e)
	s.Calendar, s.Version = c.d.Calendar.Main(), ch.Cal
	if is.Cal != "" {
		s.Calendar, s.Version = is.Cal, ch.Cals[is.Cal]
	}
}

// explain writes out the stretches with the calendar the deadline was made with.
func (s *Sum) explain(set *calendars.Set) error {
	cal, ok := set.Version(s.Version)
	if !ok {
		var err error
		if cal, err = set.Current(s.Clock.Cal); err != nil {
			return err
		}
		s.Version = cal.Version()
	}
	timing, err := s.Clock.Timing()
	if err != nil {
		return err
	}
	s.Steps = cal.Explain(timing)
	return nil
}

// clockOrder is the order of the table, then of the units of a whistle.
func clockOrder(table *flow.Table, a, b string) int {
	kind := func(name string) int {
		return slices.IndexFunc(table.Clocks, func(c string) bool { return name == c || len(name) > len(c) && name[:len(c)+1] == c+":" })
	}
	if x, y := kind(a), kind(b); x != y {
		return x - y
	}
	if a < b {
		return -1
	}
	return 1
}
