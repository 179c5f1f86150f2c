package visits

import (
	"context"
	"strings"

	"weixiao/internal/access"
	"weixiao/internal/store"
)

// Figures that a building, a community or a campaign have. Each is the list of its doors.
const (
	FigDoors    = "doors"
	FigMet      = "met"
	FigNotHome  = "not_home" // and not met since
	FigDeclined = "declined"
	FigVacant   = "vacant"
	FigTodo     = "todo"    // nobody went yet
	FigRaised   = "raised"  // something came of it
	FigOpen     = "open"    // somebody comes again, or a case is gone after
	FigRevisit  = "revisit" // the day to come again has come
)

// FigureNames lists them in the order of a table.
func FigureNames() []string {
	return []string{FigDoors, FigMet, FigNotHome, FigDeclined, FigVacant, FigTodo, FigRaised, FigOpen, FigRevisit}
}

// Counts says for which figures a door counts on a day.
func (x *Visit) Counts(today string) []string {
	out := []string{FigDoors}
	add := func(ok bool, name string) {
		if ok {
			out = append(out, name)
		}
	}
	add(x.Outcome == Met, FigMet)
	add(x.Outcome == NotHome, FigNotHome)
	add(x.Outcome == Declined, FigDeclined)
	add(x.Outcome == Vacant, FigVacant)
	add(x.State == Planned, FigTodo)
	add(x.Cases != "", FigRaised)
	add(x.State == Visited || x.State == Raised || x.State == Followed, FigOpen)
	add(x.State != Closed && x.Revisit != "" && x.Revisit <= today, FigRevisit)
	return out
}

// Cover is how far a building or a community has come.
type Cover struct {
	Community, Building string
	N                   map[string]int // by figure
}

// Share is the part of doors at which somebody was met, 0 to 1.
func (c Cover) Share() float64 {
	if c.N[FigDoors] == 0 {
		return 0
	}
	return float64(c.N[FigMet]) / float64(c.N[FigDoors])
}

// ItemsPer100 is how many matters came of a hundred visits.
func (c Cover) ItemsPer100() float64 {
	if c.N[FigMet] == 0 {
		return 0
	}
	return 100 * float64(c.N[FigRaised]) / float64(c.N[FigMet])
}

func (c *Cover) add(x *Visit, n int, today string) {
	if c.N == nil {
		c.N = map[string]int{}
	}
	for _, f := range x.Counts(today) {
		c.N[f] += n
	}
}

// Coverage is that of the buildings of a campaign, by id, with the whole of it. There is none per visitor, by design:
// national rules forbid to rank people by visits.
func (v *Visits) Coverage(ctx context.Context, sc access.Scope, c *Campaign) (all Cover, by []Cover, err error) {
	today := v.today()
	err = v.db.Read(ctx, func(tx *store.Tx) error {
		// One group a building and way a door stands: what Counts asks of a door, and nothing that names one.
		return tx.Each(`SELECT community, building, state, outcome, CASE WHEN cases = '' THEN '' ELSE 'x' END, CASE WHEN revisit = '' THEN '' WHEN revisit <= $3 THEN 'due' ELSE 'later' END, count(*)
			FROM visits WHERE district = $1 AND campaign = $2 GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 2`, []any{v.district, c.ID, today}, func(r store.Scanner) error {
			var x Visit
			var due string
			var n int
			if err := r.Scan(&x.Community, &x.Building, &x.State, &x.Outcome, &x.Cases, &due, &n); err != nil {
				return err
			}
			if !v.sees(sc, x.Community) {
				return nil
			}
			if due == "due" {
				x.Revisit = today
			}
			if len(by) == 0 || by[len(by)-1].Building != x.Building {
				by = append(by, Cover{Community: x.Community, Building: x.Building})
			}
			by[len(by)-1].add(&x, n, today)
			all.add(&x, n, today)
			return nil
		})
	})
	return all, by, err
}

// Communities adds coverage up per community.
func Communities(by []Cover) []Cover {
	var out []Cover
	at := map[string]int{}
	for _, c := range by {
		i, ok := at[c.Community]
		if !ok {
			i = len(out)
			at[c.Community] = i
			out = append(out, Cover{Community: c.Community, N: map[string]int{}})
		}
		for k, n := range c.N {
			out[i].N[k] += n
		}
	}
	return out
}

// BuildingOf is the building of a visit's id.
func BuildingOf(id string) string {
	if parts := strings.Split(id, "."); len(parts) == 3 {
		return parts[1]
	}
	return ""
}
