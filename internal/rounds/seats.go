package rounds

import (
	"cmp"

	"weixiao/internal/directory"
	"weixiao/internal/directory/posts"
	"weixiao/internal/pack"
)

// seats are who has a turn of a routine, in the order of the pack. holders are accounts by post.
func (r *Rounds) seats(x pack.Routine, b *posts.Board, holders map[string]string, at int64) []seat {
	d := r.o.Directory
	account := func(post string) string {
		for _, t := range b.Holders(post, at) {
			if t.Account != "" {
				return t.Account
			}
		}
		return holders[post]
	}
	var out []seat
	add := func(s seat, unit string) {
		if in, ok := d.OfPlace(cmp.Or(s.Grid, s.Community, unit)); ok {
			s.Street, s.Community = in.Street.ID, cmp.Or(in.Community.ID, s.Community)
		}
		s.Account = account(s.Post)
		out = append(out, s)
	}
	switch x.Where {
	case "grid":
		for _, g := range d.AllGrids() {
			add(seat{Unit: g.Community, Post: g.Post, Grid: g.ID}, g.Community)
		}
	case "building":
		for _, h := range b.Buildings() {
			for _, p := range b.PostsOfBuilding(h.ID) {
				if p.Kind != nil && contains(x.Posts, p.Kind.ID) && p.Entrance == 0 {
					add(seat{Unit: h.Community, Post: p.ID, Community: h.Community, Grid: h.Grid, Building: h.ID}, h.Community)
				}
			}
		}
	case "listed":
		for _, l := range x.Listed {
			s := seat{Unit: l.Unit, Post: l.Post, Community: l.Community, Spot: l.Key}
			if s.Community == "" && r.o.Gazetteer != nil {
				if spot, ok := r.o.Gazetteer.Spot(l.Spot); ok {
					s.Community = spot.Unit
				}
			}
			if s.Post == "" {
				s.Post = firstOf(b, l.Unit, x.Posts)
			}
			add(s, "")
		}
	default:
		for _, u := range d.ByKind(unitsWhere[x.Where]...) {
			// A turn of the unit as a whole: whoever of it works fills it.
			if post := firstOf(b, u.ID, x.Posts); post != "" {
				s := seat{Unit: u.ID, Post: post}
				if in, ok := d.OfPlace(u.ID); ok {
					s.Street, s.Community = in.Street.ID, in.Community.ID
				}
				out = append(out, s)
			}
		}
	}
	return out
}

// unitsWhere are the kinds of units that have a turn each.
var unitsWhere = map[string][]directory.Kind{
	"community": {directory.Community, directory.Village},
	"street":    {directory.Street, directory.Town},
	"unit":      {directory.Department, directory.Utility, directory.Street, directory.Town},
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

// firstOf is the first post of a unit whose kind is one of these, in the order of the kinds; "" if it has none.
func firstOf(b *posts.Board, unit string, kinds []string) string {
	for _, k := range kinds {
		for _, p := range b.PostsOf(unit) {
			if p.Kind != nil && p.Kind.ID == k {
				return p.ID
			}
		}
	}
	return ""
}
