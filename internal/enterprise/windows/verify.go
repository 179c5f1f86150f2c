package windows

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"weixiao/internal/journal"
	"weixiao/internal/record"
	"weixiao/internal/store"
)

// Checker folds the acts about windows, and compares visits, sums and frozen quarters with what they say. The records
// themselves are proved by package record.
type Checker struct {
	w      *Windows
	visits map[string]*Visit
	sums   map[string]map[string]Sums // by day, then window
	last   map[[2]string]int64        // by hall and day
	marks  map[string]map[string]*MarkSums
}

// NewChecker begins a check. Feed it every act of the journal, then Finish.
func (w *Windows) NewChecker() *Checker {
	return &Checker{w, map[string]*Visit{}, map[string]map[string]Sums{}, map[[2]string]int64{}, map[string]map[string]*MarkSums{}}
}

// Fold takes the next act of the journal.
func (c *Checker) Fold(a journal.Act) error {
	switch a.Kind {
	case VisitTable.Kind:
		return c.visit(&a)
	case BadTable.Kind:
		if a.Action != "verify" {
			return nil
		}
		b, err := record.After[Bad](a)
		if err != nil {
			return err
		}
		v := c.visits[b.Visit]
		if v == nil {
			return fmt.Errorf("windows: act %d verifies a visit that has no acts: %s", a.Seq, b.Visit)
		}
		c.add(v.Window, dayOf(a.Time()), v.judge(b.Finding == Real, a.At))
	case MarkTable.Kind:
		if a.Action != "confirm" {
			return nil
		}
		m, err := record.After[Mark](a)
		if err != nil {
			return err
		}
		q := QuarterOf(a.Time())
		if c.marks[q] == nil {
			c.marks[q] = map[string]*MarkSums{}
		}
		if c.marks[q][m.Window] == nil {
			c.marks[q][m.Window] = &MarkSums{}
		}
		c.marks[q][m.Window].add(m.Kind, m.Points)
	case QuarterTable.Kind:
		return c.quarter(&a)
	}
	return nil
}

func (c *Checker) visit(a *journal.Act) error {
	v := c.visits[a.Subject]
	if v == nil {
		v = &Visit{}
		c.visits[a.Subject] = v
	}
	window, d, err := v.fold(a)
	if err != nil {
		return err
	}
	if a.Action == "take" {
		k := [2]string{v.Hall, v.Day}
		if v.Number != c.last[k]+1 {
			return fmt.Errorf("windows: act %d gives the number %d of %s on %s, after %d", a.Seq, v.Number, v.Hall, v.Day, c.last[k])
		}
		c.last[k] = v.Number
	}
	c.add(window, dayOf(a.Time()), d)
	return nil
}

func (c *Checker) add(window, day string, d Sums) {
	if d == (Sums{}) {
		return
	}
	if c.sums[day] == nil {
		c.sums[day] = map[string]Sums{}
	}
	s := c.sums[day][window]
	s.Add(d)
	c.sums[day][window] = s
}

// quarter reckons a quarter anew from the acts so far, by the formula that its act tells, and compares it bit by bit.
func (c *Checker) quarter(a *journal.Act) error {
	if a.Action != "freeze" && a.Action != "propose" {
		return nil
	}
	q, err := record.After[Quarter](*a)
	if err != nil {
		return err
	}
	from, until, ok := Bounds(q.Quarter)
	if !ok || q.Formula == nil {
		return fmt.Errorf("windows: act %d settles no quarter: %s", a.Seq, q.Quarter)
	}
	sums := map[string]Sums{}
	for day, list := range c.sums {
		if day < dayOf(from) || day >= dayOf(until) {
			continue
		}
		for id, s := range list {
			t := sums[id]
			t.Add(s)
			sums[id] = t
		}
	}
	var again []Result
	for _, r := range q.Results {
		var m MarkSums
		if x := c.marks[q.Quarter][r.Window]; x != nil {
			m = *x
		}
		again = append(again, Compute(*q.Formula, r.Window, sums[r.Window], m))
		delete(sums, r.Window)
	}
	was, err := json.Marshal(q.Results)
	if err != nil {
		return err
	}
	now, err := json.Marshal(again)
	if err != nil {
		return err
	}
	if string(was) != string(now) || len(sums) > 0 {
		return fmt.Errorf("windows: the stars of %s are not what the acts make", q.Quarter)
	}
	return nil
}

// Finish compares; the error names the first row that differs. n is how many visits there are.
func (c *Checker) Finish(ctx context.Context) (n int, err error) {
	err = c.w.db.Read(ctx, func(tx *store.Tx) error {
		if err := tx.Each(`SELECT `+visitColumns+` FROM window_visits WHERE district = $1`, []any{c.w.district}, func(r store.Scanner) error {
			row, err := scanVisit(r)
			if err != nil {
				return err
			}
			if x := c.visits[row.ID]; x == nil || *x != *row {
				return fmt.Errorf("windows: visit %s: the row does not agree with its acts", row.ID)
			}
			n++
			return nil
		}); err != nil {
			return err
		}
		if n != len(c.visits) {
			return fmt.Errorf("windows: %d visits have acts, %d have rows", len(c.visits), n)
		}
		return c.counted(tx)
	})
	return n, err
}

// counted compares the sums and the counters of numbers.
func (c *Checker) counted(tx *store.Tx) error {
	rows := 0
	if err := tx.Each(`SELECT win, day, `+sumColumns+` FROM window_sums WHERE district = $1`, []any{c.w.district}, func(r store.Scanner) error {
		var id, day string
		var s Sums
		if err := r.Scan(append([]any{&id, &day}, s.dest()...)...); err != nil {
			return err
		}
		if c.sums[day][id] != s {
			return fmt.Errorf("windows: the sums of %s on %s are not what its acts add up to", id, day)
		}
		rows++
		return nil
	}); err != nil {
		return err
	}
	want := 0
	for _, list := range c.sums {
		want += len(list)
	}
	if rows != want {
		return fmt.Errorf("windows: %d sums of a day have acts, %d have rows", want, rows)
	}
	var halls [][2]string
	err := tx.Each(`SELECT hall, day, last FROM window_counters WHERE district = $1`, []any{c.w.district}, func(r store.Scanner) error {
		var k [2]string
		var n int64
		if err := r.Scan(&k[0], &k[1], &n); err != nil {
			return err
		}
		if halls = append(halls, k); c.last[k] != n {
			return fmt.Errorf("windows: %s on %s has given %d numbers, its counter says %d", k[0], k[1], c.last[k], n)
		}
		return nil
	})
	for k := range c.last {
		if err == nil && !slices.Contains(halls, k) {
			err = fmt.Errorf("windows: %s on %s has no counter", k[0], k[1])
		}
	}
	return err
}
