package rounds

import (
	"context"
	"fmt"
	"math"
	"reflect"

	"weixiao/internal/journal"
	"weixiao/internal/store"
)

// Checker folds the acts of rounds, and what follows from those of real work, and compares the results with the rows.
type Checker struct {
	r        *Rounds
	findings map[string]*Record
	cases    map[string]*outcome // by the number of a case that a finding became
	days     map[string][]item   // by routine/day
	turns    map[string]*Turn
	byDay    map[string][]*Turn // by day and account, or day and unit
	fills    map[fillKey]Fill
	weather  map[string]*Weather
	reviews  map[string]*Review // by week/place
	recent   []journal.Act      // of the last two days, by people
	today    string
}

type fillKey struct {
	turn string
	item int
	seq  int64
}

// NewChecker begins a check. Feed it every act of the journal, then Finish.
func (r *Rounds) NewChecker() *Checker {
	return &Checker{r: r, findings: map[string]*Record{}, cases: map[string]*outcome{}, days: map[string][]item{}, turns: map[string]*Turn{}, byDay: map[string][]*Turn{},
		fills: map[fillKey]Fill{}, weather: map[string]*Weather{}, reviews: map[string]*Review{}}
}

// Fold takes the next act of the journal, with its texts.
func (c *Checker) Fold(a journal.Act) error {
	if o, ok := ends(a); ok && c.cases[a.Subject] != nil {
		o.finding = c.cases[a.Subject].finding
		*c.cases[a.Subject] = o
	}
	c.worked(a)
	switch a.Kind {
	case Table.Kind:
		x := c.findings[a.Subject]
		if x == nil {
			x = &Record{}
			c.findings[a.Subject] = x
		}
		was := x.Case
		if err := x.fold(&a); err != nil {
			return err
		}
		if x.Case != was {
			c.cases[x.Case] = &outcome{finding: x.ID}
		}
	case KindTurns:
		return c.make(a)
	case KindTurn:
		t := c.turns[a.Subject]
		if t == nil {
			return fmt.Errorf("rounds: act %d: no turn %s", a.Seq, a.Subject)
		}
		return t.fold(&a)
	case ReviewTable.Kind:
		if c.reviews[a.Subject] != nil {
			return fmt.Errorf("rounds: act %d: %s was looked at before", a.Seq, a.Subject)
		}
		x := &Review{}
		c.reviews[a.Subject] = x
		return x.fold(&a)
	case WeatherTable.Kind:
		w := c.weather[a.Subject]
		if w == nil {
			w = &Weather{}
			c.weather[a.Subject] = w
		}
		return w.fold(&a)
	}
	return nil
}

// make lays out the turns of an act and fills them with the work of their day so far.
func (c *Checker) make(a journal.Act) error {
	routine, day, m, err := readMade(a)
	if err != nil {
		return err
	}
	if _, twice := c.days[a.Subject]; twice {
		return fmt.Errorf("rounds: act %d: the turns of %s were made before", a.Seq, a.Subject)
	}
	c.days[a.Subject] = m.Items
	var fresh []*Turn
	for i := range m.Turns {
		t := m.turn(routine, day, i, a.Seq)
		c.turns[t.ID()] = t
		fresh = append(fresh, t)
		key := day + t.Account
		if t.Account == "" {
			key = day + t.Unit
		}
		c.byDay[key] = append(c.byDay[key], t)
	}
	for _, w := range c.recent {
		for _, t := range fresh {
			if t.fits(w, named{}) {
				c.fill(t, w)
			}
		}
	}
	return nil
}

// worked fills turns with an act, and remembers it for turns that are made later in the day.
func (c *Checker) worked(a journal.Act) {
	if a.Actor.Account == "" {
		return
	}
	today, before := dayOf(a.At)
	if today != c.today {
		kept := c.recent[:0]
		for _, x := range c.recent {
			if d, _ := dayOf(x.At); d == before {
				kept = append(kept, x)
			}
		}
		c.recent, c.today = kept, today
	}
	light := a
	light.Body, light.Texts, light.Hash, light.Digest = nil, nil, nil, nil
	c.recent = append(c.recent, light)
	on := onTurn(a)
	seen := map[*Turn]bool{}
	for _, day := range []string{before, today} {
		for _, key := range []string{day + a.Actor.Account, day + a.Actor.Unit} {
			for _, t := range c.byDay[key] {
				if t.fits(a, on) && !seen[t] {
					seen[t] = true
					c.fill(t, a)
				}
			}
		}
	}
	if t := c.turns[on.turn]; t != nil && !seen[t] && t.fits(a, on) {
		c.fill(t, a)
	}
}

func (c *Checker) fill(t *Turn, a journal.Act) {
	items := c.days[t.Routine+"/"+t.Day]
	bits := fits(items, a.Kind+"."+a.Action)
	for i := range items {
		if bits&(1<<i) != 0 {
			c.fills[fillKey{t.ID(), i, a.Seq}] = Fill{i, a.Seq, a.At, a.Kind, a.Action, a.Subject}
		}
	}
	t.Filled |= bits
}

// Finish compares; the error names the first record that differs. It returns how many findings and turns there are.
func (c *Checker) Finish(ctx context.Context) (findings, turns int, err error) {
	return len(c.findings), len(c.turns), c.r.db.Read(ctx, c.finish)
}

func (c *Checker) finish(tx *store.Tx) error {
	for _, check := range []func(*store.Tx) error{c.compareFindings, c.compareCases, c.compareTurns, c.compareFills, c.compareWeather, c.compareReviews} {
		if err := check(tx); err != nil {
			return err
		}
	}
	return nil
}

func (c *Checker) compareFindings(tx *store.Tx) error {
	n := 0
	for upper := int64(math.MaxInt64); ; {
		page, err := store.All(tx, scan, lists[""], c.r.o.District, "", int64(0), upper, int64(500))
		if err != nil {
			return err
		}
		for _, row := range page {
			upper = row.Doc
			if x := c.findings[row.ID]; x == nil || *x != *row {
				return fmt.Errorf("rounds: finding %s: the row does not agree with its acts", row.ID)
			}
			n++
		}
		if len(page) < 500 {
			break
		}
	}
	return all("findings", n, len(c.findings))
}

func all(what string, rows, acts int) error {
	if rows != acts {
		return fmt.Errorf("rounds: %d %s have rows, %d have acts", rows, what, acts)
	}
	return nil
}

func (c *Checker) compareCases(tx *store.Tx) error {
	n := 0
	err := tx.Each(`SELECT case_number, finding, state, solved, at FROM finding_cases WHERE district = $1`, []any{c.r.o.District}, func(s store.Scanner) error {
		var number string
		var o outcome
		if err := s.Scan(&number, &o.finding, &o.state, &o.solved, &o.at); err != nil {
			return err
		}
		if x := c.cases[number]; x == nil || *x != o {
			return fmt.Errorf("rounds: finding %s: its outcome does not follow from the acts of case %s", o.finding, number)
		}
		n++
		return nil
	})
	if err != nil {
		return err
	}
	return all("cases of findings", n, len(c.cases))
}

func (c *Checker) compareTurns(tx *store.Tx) error {
	n := 0
	err := tx.Each(`SELECT `+turnColumns+` FROM turns WHERE district = $1`, []any{c.r.o.District}, func(s store.Scanner) error {
		row, err := scanTurn(s)
		if err != nil {
			return err
		}
		if t := c.turns[row.ID()]; t == nil || *t != *row {
			return fmt.Errorf("rounds: turn %s: the row does not agree with the acts", row.ID())
		}
		n++
		return nil
	})
	if err != nil {
		return err
	}
	var days int64
	if err := tx.Row(`SELECT count(*) FROM turn_days WHERE district = $1`, []any{c.r.o.District}, &days); err != nil {
		return err
	}
	if err := all("days of turns", int(days), len(c.days)); err != nil {
		return err
	}
	return all("turns", n, len(c.turns))
}

func (c *Checker) compareFills(tx *store.Tx) error {
	n := 0
	err := tx.Each(`SELECT turn, item, seq, at, kind, action, subject FROM turn_fills WHERE district = $1`, []any{c.r.o.District}, func(s store.Scanner) error {
		var turn string
		var i int64
		var f Fill
		if err := s.Scan(&turn, &i, &f.Seq, &f.At, &f.Kind, &f.Action, &f.Subject); err != nil {
			return err
		}
		f.Item = int(i)
		if x, ok := c.fills[fillKey{turn, f.Item, f.Seq}]; !ok || x != f {
			return fmt.Errorf("rounds: turn %s: act %d does not fill its item %d", turn, f.Seq, f.Item+1)
		}
		n++
		return nil
	})
	if err != nil {
		return err
	}
	return all("filled items", n, len(c.fills))
}

func (c *Checker) compareWeather(tx *store.Tx) error {
	list, err := store.All(tx, scanWeather, `SELECT `+weatherColumns+` FROM weather WHERE district = $1`, c.r.o.District)
	if err != nil {
		return err
	}
	for _, w := range list {
		x := c.weather[w.Day]
		if x != nil && len(x.Warnings)+len(w.Warnings) == 0 {
			x.Warnings, w.Warnings = nil, nil
		}
		if x == nil || !reflect.DeepEqual(x, w) {
			return fmt.Errorf("rounds: the weather of %s does not agree with its acts", w.Day)
		}
	}
	return all("days of weather", len(list), len(c.weather))
}
