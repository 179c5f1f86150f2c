package posts

import (
	"cmp"
	"slices"

	"weixiao/internal/directory"
)

// Coverage is how far the places of an area have the people they need.
type Coverage struct {
	Buildings int            // buildings of the area
	Covered   int            // of them, with every needed post filled: both chiefs
	Grids     int            // grids of the area
	Workers   int            // of them, with a worker
	Filled    map[string]int // needed posts that are filled, by kind
	Needed    map[string]int // needed posts there are, by kind
}

// Coverage counts the buildings and grids of a unit and of everything below it at a moment.
func (b *Board) Coverage(unit string, at int64) Coverage {
	c := Coverage{Filled: map[string]int{}, Needed: map[string]int{}}
	count := func(k *directory.PostKind, id string) bool {
		c.Needed[k.ID]++
		if !b.held(id, at) {
			return false
		}
		c.Filled[k.ID]++
		return true
	}
	for _, u := range b.communities(unit) {
		for _, h := range b.inside[u] {
			c.Buildings++
			both := true
			for _, k := range b.kinds {
				if k.Needed && k.Level == directory.OnBuilding && !count(k, h.ID+"."+k.ID) {
					both = false
				}
			}
			if both {
				c.Covered++
			}
		}
	}
	for _, g := range b.dir.Grids(unit) {
		if x := b.byGrid[g.ID]; x != nil && x.Kind.Needed {
			c.Grids++
			if count(x.Kind, x.ID) {
				c.Workers++
			}
		}
	}
	return c
}

// communities are the communities and villages of a unit, itself among them.
func (b *Board) communities(unit string) []string {
	u, ok := b.dir.Unit(unit)
	switch {
	case !ok:
		return nil
	case u.Kind == directory.Community || u.Kind == directory.Village:
		return []string{unit}
	}
	var out []string
	for _, c := range b.dir.Children(unit) {
		out = append(out, b.communities(c.ID)...)
	}
	return out
}

// Vacancy is a post without a holder.
type Vacancy struct {
	Post  *Post
	Since int64 // when its last holder left, µs; 0 = it never had one
	Next  *Term // somebody proposed or published for it
}

// Vacancies lists the vacant posts of a unit and of everything below it, in the order of the organisation. all counts
// those too whose kind nobody is told of.
func (b *Board) Vacancies(unit string, at int64, all bool) []Vacancy {
	var out []Vacancy
	look := func(x *Post) {
		if !all && x.Kind.Vacant == 0 || b.held(x.ID, at) {
			return
		}
		v := Vacancy{Post: x}
		for _, t := range b.byPost[x.ID] {
			if (t.State == InPost || t.State == HandedOver) && t.To != 0 && t.To <= at {
				v.Since = max(v.Since, t.To)
			}
			if t.State == Proposed || t.State == Published {
				v.Next = t
			}
		}
		out = append(out, v)
	}
	var visit func(unit string)
	visit = func(unit string) {
		for _, x := range b.byUnit[unit] {
			look(x)
		}
		for _, h := range b.inside[unit] {
			for _, x := range ofBuilding(h, b.kinds) {
				look(x)
			}
		}
		for _, u := range b.dir.Children(unit) {
			visit(u.ID)
		}
	}
	visit(unit)
	return out
}

// Overdue are the vacancies that have lasted longer than their kind allows, by the unit that is told.
func (b *Board) Overdue(at int64) map[string][]Vacancy {
	const perDay = 24 * 60 * 60 * 1_000_000
	out := map[string][]Vacancy{}
	for _, v := range b.Vacancies(b.dir.Root().ID, at, false) {
		if v.Since+int64(v.Post.Kind.Vacant)*perDay <= at {
			out[v.Post.Unit] = append(out[v.Post.Unit], v)
		}
	}
	for _, list := range out {
		slices.SortFunc(list, func(x, y Vacancy) int { return cmp.Compare(x.Post.ID, y.Post.ID) })
	}
	return out
}
