package simulate

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/cases"
	"weixiao/internal/directory"
	"weixiao/internal/form"
	"weixiao/internal/rounds/visits"
	"weixiao/internal/store"
)

// visitsAYear is about how many doors are knocked at in the campaigns of the year; peopleInNeed how many are in the
// register.
const (
	visitsAYear  = 1500
	peopleInNeed = 60
)

// tour is a campaign of the year, known once it was planned.
type tour struct {
	host  access.Scope
	id    string
	doors []string
}

func (y *year) visit(t time.Time, fn func(ctx context.Context, v *visits.Visits) error) {
	y.at(t, func(b *cases.Batch) error {
		return b.In(func(tx *store.Tx) error {
			if err := fn(context.Background(), y.w.Visits.Within(tx, t, nil)); err != nil {
				return fmt.Errorf("a visit on %s: %w", t.Format("01-02 15:04"), err)
			}
			return nil
		})
	})
}

// knocking plans a campaign in the autumn in three communities: everybody is knocked at who can be in the time.
func (y *year) knocking() {
	if y.w.Visits == nil || y.w.Posts == nil || len(y.w.Visits.Rules().Topics) == 0 {
		return
	}
	r := rand.New(rand.NewPCG(y.o.Seed, 0x6b6e6f636b))
	const tours = 3
	n, done := 0, 0
	for _, s := range y.hosts() {
		if done == tours {
			return
		}
		var list []string
		doors := 0
		for _, b := range inTurn(y.w.Posts.Board().BuildingsOf(s.unit.ID)) {
			if doors < visitsAYear*21/20/tours {
				list, doors = append(list, b.ID), doors+b.Households
			}
		}
		if doors == 0 {
			continue
		}
		done++
		t := &tour{}
		t.host, _ = y.staff.one(r, s.unit.ID, access.Community)
		from := time.Date(2022, 10, 10, 8, 30, 0, 0, Begin.Location())
		y.visit(from.AddDate(0, 0, -3), func(ctx context.Context, v *visits.Visits) (err error) {
			t.id, err = v.Plan(ctx, t.host, form.Raw{"name": {"敲万家门·供暖季走访"}, "communities": {s.unit.ID}, "buildings": {strings.Join(list, "\n")}, "from": {"2022-10-10"}, "until": {"2022-12-31"},
				"posts": {"gridworker", "cadre", "resident"}})
			return err
		})
		y.visit(from, func(ctx context.Context, v *visits.Visits) error {
			if err := v.Act(ctx, t.host, t.id, "start", 1, nil); err != nil {
				return err
			}
			c, _, err := v.Campaign(ctx, t.host, t.id)
			if err != nil {
				return err
			}
			all, err := v.Doors(ctx, t.host, c, visits.Filter{Limit: 1000})
			for _, x := range all {
				t.doors = append(t.doors, x.ID)
			}
			return err
		})
		for i := range min(doors, visitsAYear/tours) {
			if n++; chance(r, 0.03) {
				continue // nobody came to it yet
			}
			y.knock(r, s, t, from, i, n)
		}
	}
}

// inTurn lists buildings grid by grid in turn, so that a campaign goes to every grid.
func inTurn(list []*directory.Building) []*directory.Building {
	rank, n := map[string]int{}, map[string]int{}
	for _, b := range list {
		rank[b.ID] = n[b.Grid]
		n[b.Grid]++
	}
	out := slices.Clone(list)
	slices.SortStableFunc(out, func(a, b *directory.Building) int { return rank[a.ID] - rank[b.ID] })
	return out
}

var needsAtDoors = []string{"errand", "company", "repair", "repair", "repair", "policy"}

// knock plans what happens at one door, until somebody was met or it was tried three times.
func (y *year) knock(r *rand.Rand, s *site, t *tour, from time.Time, i, n int) {
	who, ok := y.staff.one(r, s.unit.ID, access.Grid)
	if !ok || chance(r, 0.3) {
		who = t.host
	}
	when := from.AddDate(0, 0, 1+r.IntN(62)).Add(mins(r, 30, 680))
	record := func(at time.Time, raw form.Raw) {
		y.visit(at, func(ctx context.Context, v *visits.Visits) error {
			_, _, err := v.Do(ctx, who, t.doors[i], "record", visits.Input{Raw: raw})
			return err
		})
	}
	for try := range 3 {
		x := r.Float64()
		switch {
		case x < 0.07 && try == 0:
			record(when, form.Raw{"outcome": {visits.Vacant}})
			return
		case x < 0.12:
			record(when, form.Raw{"outcome": {visits.Declined}})
			return
		case x < 0.36:
			record(when, form.Raw{"outcome": {visits.NotHome}})
			when = when.AddDate(0, 0, 3+r.IntN(8)).Add(mins(r, -90, 90))
			continue
		case x < 0.42 && when.Before(Present):
			y.need(r, s, t, who, when, i, n)
			return
		}
		raw := form.Raw{"outcome": {visits.Met}, "topics": {pick(r, []string{"safety", "heating", "policy", "estate", "neighbours", "idea"})}}
		if chance(r, 0.05) {
			again := when.AddDate(0, 0, 7+r.IntN(14))
			raw["revisit"] = []string{again.Format(time.DateOnly)}
			y.visit(again.Add(time.Hour), func(ctx context.Context, v *visits.Visits) error {
				_, _, err := v.Do(ctx, who, t.doors[i], "close", visits.Input{})
				return err
			})
		}
		record(when, raw)
		return
	}
}

// need plans a visit of which a case comes, and its end.
func (y *year) need(r *rand.Rand, s *site, t *tour, who access.Scope, when time.Time, i, n int) {
	l := y.extra(when, r, s, "visit", 100_000+n)
	words, _ := l.words(y)
	if rs := []rune(words); len(rs) > 480 {
		words = string(rs[:480])
	}
	need := pick(r, needsAtDoors)
	l.take = func(b *cases.Batch, e *event) (got cases.Receipt, err error) {
		err = b.In(func(tx *store.Tx) error {
			file := func(tx *store.Tx, sc access.Scope, _ visits.Request, at time.Time) (_ string, err error) {
				got, err = y.w.Cases.TakeIn(tx, sc, e.ready, at)
				return got.Number, err
			}
			_, _, err := y.w.Visits.Within(tx, e.at, file).Do(context.Background(), who, t.doors[i], "record", visits.Input{Raw: form.Raw{"outcome": {visits.Met}, "topics": {"estate"}, "need": {need}, "words": {words}}})
			return err
		})
		return got, err
	}
	y.live(l)
	if l.parent != nil || l.ends.IsZero() || l.closed {
		return // merged, or still open: the visit is gone after later
	}
	y.visit(l.ends.AddDate(0, 0, 1), func(ctx context.Context, v *visits.Visits) error {
		_, _, err := v.Do(ctx, who, t.doors[i], "follow_up", visits.Input{})
		return err
	})
}

// caring plans the register of people in need: entered in spring with their consent, looked after since.
func (y *year) caring() {
	if y.w.Visits == nil || len(y.w.Visits.Rules().Categories) == 0 {
		return
	}
	r := rand.New(rand.NewPCG(y.o.Seed, 0x63617265))
	hosts := y.hosts()
	if len(hosts) == 0 {
		return
	}
	for i := range peopleInNeed {
		s := hosts[i%min(len(hosts), 6)]
		host, _ := y.staff.one(r, s.unit.ID, access.Community)
		entered := time.Date(2022, 2, 21, 9, 0, 0, 0, Begin.Location()).AddDate(0, 0, r.IntN(45)).Add(mins(r, 0, 480))
		raw := form.Raw{"community": {s.unit.ID}, "categories": {pick(r, []string{"alone", "alone", "empty_nest", "disabled", "disabled", "child", "poor", "poor", "bereaved", "ill"})}, "name": {person(r)}, "phone": {phone(r)},
			"address": {fmt.Sprintf("%s%d号楼%d单元%d室", pick(r, append(s.estates, s.unit.Short)), 1+r.IntN(9), 1+r.IntN(4), 100*(1+r.IntN(6))+1+r.IntN(3))},
			"consent": {"own"}, "consent_on": {entered.Format(time.DateOnly)}}
		if len(s.grids) > 0 {
			raw["grid"] = []string{pick(r, s.grids).ID}
		}
		if chance(r, 0.2) {
			raw["consent"] = []string{"guardian"}
		}
		id := new(string)
		y.visit(entered, func(ctx context.Context, v *visits.Visits) (err error) {
			*id, err = v.Enter(ctx, host, raw)
			return err
		})
		for at := entered.AddDate(0, 0, 26+r.IntN(8)); at.Before(Present); at = at.AddDate(0, 0, 26+r.IntN(9)) {
			result, way := "well", pick(r, []string{"visit", "visit", "phone"})
			if chance(r, 0.05) {
				result = "not_seen"
			}
			y.visit(at, func(ctx context.Context, v *visits.Visits) error {
				_, err := v.Care(ctx, host, *id, "review", visits.Input{Raw: form.Raw{"way": {way}, "result": {result}}})
				return err
			})
		}
	}
}
