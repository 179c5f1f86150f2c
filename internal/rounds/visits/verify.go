package visits

import (
	"context"
	"fmt"

	"weixiao/internal/journal"
	"weixiao/internal/store"
)

// Checker folds the acts about campaigns, visits and people in need and compares the results with the rows.
type Checker struct {
	v         *Visits
	campaigns map[string]*Campaign
	visits    map[string]*Visit
	of        map[string][]*Visit // by campaign
	people    map[string]*Person
}

// NewChecker begins a check. Feed it every act of the journal, then Finish.
func (v *Visits) NewChecker() *Checker {
	return &Checker{v, map[string]*Campaign{}, map[string]*Visit{}, map[string][]*Visit{}, map[string]*Person{}}
}

// Fold takes the next act of the journal.
func (c *Checker) Fold(a journal.Act) error {
	switch a.Kind {
	case CampaignTable.Kind:
		if err := entry(c.campaigns, a.Subject).fold(&a); err != nil {
			return err
		}
		return c.doors(&a)
	case VisitTable.Kind:
		x := c.visits[a.Subject]
		if x == nil {
			return fmt.Errorf("visits: act %d is about the door %s, which no campaign yielded", a.Seq, a.Subject)
		}
		return x.fold(&a)
	case PersonTable.Kind:
		return entry(c.people, a.Subject).fold(&a)
	}
	return nil
}

func (c *Checker) doors(a *journal.Act) error {
	switch a.Action {
	case "start":
		list, err := yield(a)
		if err != nil {
			return err
		}
		c.of[a.Subject] = list
		for _, x := range list {
			c.visits[x.ID] = x
		}
	case "finish", "cancel":
		for _, x := range c.of[a.Subject] {
			x.lapse(a)
		}
	}
	return nil
}

func entry[T any](m map[string]*T, id string) *T {
	if m[id] == nil {
		m[id] = new(T)
	}
	return m[id]
}

// same compares the rows of a query with what the acts say.
func same[T comparable](tx *store.Tx, what, district string, scan func(store.Scanner) (*T, error), id func(*T) string, acts map[string]*T, query string) (int, error) {
	n := 0
	err := tx.Each(query, []any{district}, func(r store.Scanner) error {
		row, err := scan(r)
		if err != nil {
			return err
		}
		if x := acts[id(row)]; x == nil || *x != *row {
			return fmt.Errorf("visits: %s %s: the row does not agree with its acts", what, id(row))
		}
		n++
		return nil
	})
	if err == nil && n != len(acts) {
		err = fmt.Errorf("visits: %d of %s have acts, %d have rows", len(acts), what, n)
	}
	return n, err
}

// Finish compares; the error names the first record that differs.
func (c *Checker) Finish(ctx context.Context) (n int, err error) {
	err = c.v.db.Read(ctx, func(tx *store.Tx) error {
		d := c.v.district
		a, err := same(tx, "campaign", d, scanCampaign, func(x *Campaign) string { return x.ID }, c.campaigns, `SELECT `+campaignColumns+` FROM visit_campaigns WHERE district = $1`)
		if err != nil {
			return err
		}
		b, err := same(tx, "visit", d, scanVisit, func(x *Visit) string { return x.ID }, c.visits, `SELECT `+visitColumns+` FROM visits WHERE district = $1`)
		if err != nil {
			return err
		}
		p, err := same(tx, "person in need", d, scanPerson, func(x *Person) string { return x.ID }, c.people, `SELECT `+personColumns+` FROM people_in_need WHERE district = $1`)
		n = a + b + p
		return err
	})
	return n, err
}
