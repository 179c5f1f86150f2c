package sanitation

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"

	"weixiao/internal/journal"
	"weixiao/internal/store"
)

// Checker folds the acts about sanitation and compares the results with the rows, and the coverage of every day with its
// tracks.
type Checker struct {
	s           *Sanitation
	inspections map[string]*Inspection
	findings    map[string]*Finding
	settlements map[string]*Settlement
	days        map[string]journal.Act
	manual      map[string]*handwork
}

// NewChecker begins a check. Feed it every act of the journal, then Finish. It is nil for a district without sanitation.
func (s *Sanitation) NewChecker() *Checker {
	return &Checker{s, map[string]*Inspection{}, map[string]*Finding{}, map[string]*Settlement{}, map[string]journal.Act{}, map[string]*handwork{}}
}

func take[T any](seen map[string]*T, a *journal.Act) error {
	x := seen[a.Subject]
	if x == nil {
		x = new(T)
		seen[a.Subject] = x
	}
	return fold(any(x).(content), a)
}

// Fold takes the next act of the journal.
func (c *Checker) Fold(a journal.Act) error {
	switch a.Kind {
	case Inspections.Kind:
		return take(c.inspections, &a)
	case Findings.Kind:
		return take(c.findings, &a)
	case Settlements.Kind:
		return take(c.settlements, &a)
	case Days.Kind:
		c.days[a.Subject] = a
	case Manual.Kind:
		h := c.manual[a.Subject]
		if h == nil {
			h = &handwork{}
			c.manual[a.Subject] = h
		}
		h.version, h.lastSeq = h.version+1, a.Seq
		return a.Into(h)
	}
	return nil
}

// Checked is what a check compared.
type Checked struct{ Records, Days, Positions int }

// Finish compares; the error names the first record that differs.
func (c *Checker) Finish(ctx context.Context) (out Checked, err error) {
	err = c.s.db.Read(ctx, func(tx *store.Tx) error {
		d := c.s.o.District
		if err := rows(tx, c.inspections, &out.Records, scanInspection, `SELECT `+inspectionColumns+` FROM sanit_inspections WHERE district = $1 AND id > $2 ORDER BY id LIMIT 500`, d); err != nil {
			return err
		}
		if err := rows(tx, c.findings, &out.Records, scanFinding, `SELECT `+findingColumns+` FROM sanit_findings WHERE district = $1 AND id > $2 ORDER BY id LIMIT 500`, d); err != nil {
			return err
		}
		return rows(tx, c.settlements, &out.Records, scanSettlement, `SELECT `+settlementColumns+` FROM sanit_settlements WHERE district = $1 AND id > $2 ORDER BY id LIMIT 100`, d)
	})
	if err != nil {
		return out, err
	}
	return out, c.finishDays(ctx, &out)
}

func rows[T any](tx *store.Tx, seen map[string]*T, n *int, scan func(store.Scanner) (*T, error), sql, district string) error {
	count := 0
	for after := ""; ; {
		list, err := store.All(tx, scan, sql, district, after)
		if err != nil {
			return err
		}
		for _, row := range list {
			after = reflect.ValueOf(row).Elem().FieldByName("ID").String()
			if x := seen[after]; x == nil || !reflect.DeepEqual(x, row) {
				return fmt.Errorf("sanitation: %s: the row does not agree with its acts", after)
			}
			count++
		}
		if len(list) == 0 {
			break
		}
	}
	if count != len(seen) {
		return fmt.Errorf("sanitation: %d records have acts, %d have rows", len(seen), count)
	}
	*n += count
	return nil
}

// finishDays compares every day: what was sealed with its act, what is kept of tracks with the coverage.
func (c *Checker) finishDays(ctx context.Context, out *Checked) error {
	var days []*Day
	for after := ""; ; {
		list, err := store.Get(ctx, c.s.db, func(tx *store.Tx) ([]*Day, error) {
			return store.All(tx, scanDay, `SELECT `+dayColumns+` FROM sanit_days WHERE district = $1 AND day > $2 ORDER BY day LIMIT 500`, c.s.o.District, after)
		})
		if err != nil {
			return err
		}
		if len(list) == 0 {
			break
		}
		days, after = append(days, list...), list[len(list)-1].Day
	}
	sealed, said := 0, 0
	for _, d := range days {
		if d.Sealed {
			sealed++
		}
		if err := c.s.db.Read(ctx, func(tx *store.Tx) error { return c.day(tx, d.Day, out, &said) }); err != nil {
			return err
		}
		out.Days++
	}
	if sealed != len(c.days) || said != len(c.manual) {
		return fmt.Errorf("sanitation: %d days and %d statements of handwork have acts, %d and %d have rows", len(c.days), len(c.manual), sealed, said)
	}
	return nil
}

// day compares one day, read in one snapshot.
func (c *Checker) day(tx *store.Tx, day string, out *Checked, said *int) error {
	d, err := c.s.loadDay(tx, day)
	if err != nil {
		return err
	}
	list, err := c.s.manualOf(tx, day)
	if err != nil {
		return err
	}
	for _, h := range list {
		*said++
		if x := c.manual[h.subject()]; x == nil || *x != h {
			return fmt.Errorf("sanitation: handwork of %s on %s: the row does not agree with its acts", h.Contract, day)
		}
	}
	sum, minutes, err := c.s.digest(tx, day)
	if err != nil {
		return err
	}
	forgotten := minutes == 0 && d.Sealed && day < c.s.keptFrom()
	if d.Sealed {
		if err := c.sealedDay(tx, d, sum, forgotten); err != nil {
			return err
		}
	}
	if forgotten {
		return nil
	}
	n, err := c.s.checkDay(tx, day)
	if err == nil && n != d.Positions {
		err = fmt.Errorf("sanitation: %s: %d positions are stored, %d were taken in", day, n, d.Positions)
	}
	out.Positions += int(n)
	return err
}

// sealedDay compares a sealed day with its act.
func (c *Checker) sealedDay(tx *store.Tx, d *Day, sum string, forgotten bool) error {
	a, ok := c.days[d.Day]
	if !ok || a.Seq != d.lastSeq || string(a.Body) != d.figures {
		return fmt.Errorf("sanitation: %s: the sealed day does not agree with its act", d.Day)
	}
	var f dayFigures
	if err := json.Unmarshal(a.Body, &f); err != nil {
		return fmt.Errorf("sanitation: %s: %w", d.Day, err)
	}
	if !forgotten && f.Tracks != sum || f.Positions != d.Positions {
		return fmt.Errorf("sanitation: %s: the tracks are not those that were sealed", d.Day)
	}
	rows, err := c.s.coveredSince(tx, d.Day, 0)
	if err != nil {
		return err
	}
	if i := slices.IndexFunc(rows, func(r covered) bool { return f.Segments[r.segment] != [2]int64{r.hits, r.passed} }); i >= 0 || len(rows) != len(f.Segments) {
		return fmt.Errorf("sanitation: %s: the coverage is not what was sealed", d.Day)
	}
	return nil
}
