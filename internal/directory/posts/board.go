package posts

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/paulmach/orb"

	"weixiao/internal/directory"
)

// Board is every post, term, stand-in, shift and building of a district at one state of the journal, in memory. It is
// immutable; with makes the next one. All its questions take the moment (µs UTC) they are about.
type Board struct {
	dir       *directory.Directory
	kinds     []*directory.PostKind
	posts     map[string]*Post   // of the pack
	byUnit    map[string][]*Post // in the order of the pack
	byGrid    map[string]*Post
	buildings map[string]*directory.Building
	inside    map[string][]*directory.Building // by community, in the order of ids
	near      map[cell][]*directory.Building

	terms    map[string]*Term
	byPost   map[string][]*Term // by From
	standins map[string]*Standin
	away     map[string][]*Standin // in force, by the post whose holder is away
	shifts   map[string]*Shift
	duty     map[string][]*Shift // in force, by unit and From
	accounts map[string][]*Term  // by the account that works through them
	seq      int64
}

// cell is a square of about 110 m.
type cell struct{ x, y int32 }

const cellSize = 0.001 // degrees of latitude; of longitude 0.00135 at 42°, so 4/3 as much

func cellOf(p orb.Point) cell {
	return cell{int32(math.Floor(p[0] / (cellSize * 4 / 3))), int32(math.Floor(p[1] / cellSize))}
}

func newBoard(o Options) *Board {
	b := &Board{dir: o.Directory, posts: map[string]*Post{}, byUnit: map[string][]*Post{}, byGrid: map[string]*Post{}, buildings: map[string]*directory.Building{},
		terms: map[string]*Term{}, byPost: map[string][]*Term{}, accounts: map[string][]*Term{}, standins: map[string]*Standin{}, away: map[string][]*Standin{}, shifts: map[string]*Shift{}, duty: map[string][]*Shift{}}
	role := map[directory.Role]*directory.PostKind{}
	for i := range o.Kinds {
		k := &o.Kinds[i]
		b.kinds = append(b.kinds, k)
		for _, r := range k.Roles {
			role[r] = k
		}
	}
	grid := map[string]string{}
	for _, g := range o.Directory.AllGrids() {
		grid[g.Post] = g.ID
	}
	for _, x := range o.Directory.AllPosts() {
		post := ofPack(x, role, grid[x.ID])
		b.posts[x.ID] = post
		b.byUnit[x.Unit] = append(b.byUnit[x.Unit], post)
		if g := grid[x.ID]; g != "" {
			b.byGrid[g] = post
		}
	}
	for i := range o.Buildings {
		b.buildings[o.Buildings[i].ID] = &o.Buildings[i]
	}
	b.settle()
	return b
}

// settle indexes the buildings.
func (b *Board) settle() {
	b.inside, b.near = map[string][]*directory.Building{}, map[cell][]*directory.Building{}
	for _, id := range slices.Sorted(maps.Keys(b.buildings)) {
		h := b.buildings[id]
		b.inside[h.Community] = append(b.inside[h.Community], h)
		c := cellOf(h.Point)
		b.near[c] = append(b.near[c], h)
	}
}

// with is the board after what changed. The one before stays as it is.
func (b *Board) with(d *delta) *Board {
	n := *b
	if len(d.houses) > 0 {
		n.buildings = maps.Clone(b.buildings)
		for _, h := range d.houses {
			n.seq = max(n.seq, h.lastSeq)
			if h.state == Gone {
				delete(n.buildings, h.ID)
			} else {
				n.buildings[h.ID] = &h.Building
			}
		}
		n.settle()
	}
	if len(d.terms) > 0 {
		n.terms, n.byPost, n.accounts = maps.Clone(b.terms), maps.Clone(b.byPost), maps.Clone(b.accounts)
		for _, t := range d.terms {
			n.seq = max(n.seq, t.lastSeq)
			n.terms[t.ID] = t
			if old := b.terms[t.ID]; old != nil && old.Account != "" && old.Account != t.Account {
				n.accounts[old.Account] = slices.DeleteFunc(slices.Clone(n.accounts[old.Account]), func(o *Term) bool { return o.ID == t.ID })
			}
			if t.Account != "" {
				n.accounts[t.Account] = replace(n.accounts[t.Account], t, func(o *Term) bool { return o.ID == t.ID }, true, func(o *Term) int64 { return o.From })
			}
			n.byPost[t.Post] = replace(n.byPost[t.Post], t, func(o *Term) bool { return o.ID == t.ID }, true, func(o *Term) int64 { return o.From })
		}
	}
	if len(d.standins) > 0 {
		n.standins, n.away = maps.Clone(b.standins), maps.Clone(b.away)
		for _, s := range d.standins {
			n.seq = max(n.seq, s.lastSeq)
			n.standins[s.ID] = s
			n.away[s.Post] = replace(n.away[s.Post], s, func(o *Standin) bool { return o.ID == s.ID }, s.State == InForce, func(o *Standin) int64 { return o.From })
		}
	}
	if len(d.shifts) > 0 {
		n.shifts, n.duty = maps.Clone(b.shifts), maps.Clone(b.duty)
		for _, s := range d.shifts {
			n.seq = max(n.seq, s.lastSeq)
			n.shifts[s.ID] = s
			n.duty[s.Unit] = replace(n.duty[s.Unit], s, func(o *Shift) bool { return o.ID == s.ID }, s.State == InForce, func(o *Shift) int64 { return o.From })
		}
	}
	return &n
}

// replace is a list with x in the place of the one like it, in the order of from; without it when keep is false.
func replace[T any](list []T, x T, like func(T) bool, keep bool, from func(T) int64) []T {
	out := slices.DeleteFunc(slices.Clone(list), like)
	if !keep {
		return out
	}
	at, _ := slices.BinarySearchFunc(out, from(x)+1, func(o T, v int64) int { return cmp.Compare(from(o), v) })
	return slices.Insert(out, at, x)
}

// Building finds a building.
func (b *Board) Building(id string) (*directory.Building, bool) {
	h, ok := b.buildings[id]
	return h, ok
}

// Buildings lists all buildings by id.
func (b *Board) Buildings() []*directory.Building {
	var out []*directory.Building
	for _, id := range slices.Sorted(maps.Keys(b.buildings)) {
		out = append(out, b.buildings[id])
	}
	return out
}

// BuildingsOf lists the buildings of a community in the order of ids. The caller must not change the list.
func (b *Board) BuildingsOf(community string) []*directory.Building { return b.inside[community] }

// closest is how far a point may lie from the middle of a building to be at it, in metres.
const closest = 45

// Nearest is the building a point lies at, nil if none is within 45 metres.
func (b *Board) Nearest(at orb.Point) *directory.Building {
	c := cellOf(at)
	var best *directory.Building
	least := closest / 111_320.0
	least *= least
	shrink := math.Cos(at[1] * math.Pi / 180)
	for x := c.x - 1; x <= c.x+1; x++ {
		for y := c.y - 1; y <= c.y+1; y++ {
			for _, h := range b.near[cell{x, y}] {
				dx, dy := (h.Point[0]-at[0])*shrink, h.Point[1]-at[1]
				if m := dx*dx + dy*dy; m < least {
					best, least = h, m
				}
			}
		}
	}
	return best
}

// Terms lists all terms of a post by their beginning, whatever their state. The caller must not change the list.
func (b *Board) Terms(post string) []*Term { return b.byPost[post] }

// Holders are the terms of those who hold a post at a moment.
func (b *Board) Holders(post string, at int64) []*Term {
	var out []*Term
	for _, t := range b.byPost[post] {
		if t.Holds(at) {
			out = append(out, t)
		}
	}
	return out
}

// TermOf is the term through which an account works for a post at a moment; nil if there is none.
func (b *Board) TermOf(account string, at int64) *Term {
	for _, t := range b.accounts[account] {
		if t.Holds(at) {
			return t
		}
	}
	return nil
}

// held reports whether anybody holds a post at a moment.
func (b *Board) held(post string, at int64) bool {
	return slices.ContainsFunc(b.byPost[post], func(t *Term) bool { return t.Holds(at) })
}

// Standins lists the stand-ins in force for a post, by their beginning. The caller must not change the list.
func (b *Board) Standins(post string) []*Standin { return b.away[post] }

// Answer is who answers for a post at a moment.
type Answer struct {
	Post    *Post   // the post itself, or the last of those that stand in
	Holders []*Term // who holds it; none: the post, or the one standing in, is vacant
	Via     []*Standin
}

// Answering follows the stand-ins of a post: the holder who is away is answered for by the one standing in, and so on.
func (b *Board) Answering(post string, at int64) (Answer, bool) {
	x, ok := b.Post(post)
	if !ok {
		return Answer{}, false
	}
	a := Answer{Post: x}
	for range 20 { // entry refuses circles; the bound is for what was entered before a clock was set back
		i := slices.IndexFunc(b.away[a.Post.ID], func(s *Standin) bool { return s.From <= at && at < s.To })
		if i < 0 {
			break
		}
		s := b.away[a.Post.ID][i]
		next, ok := b.Post(s.By)
		if !ok {
			break // a building that is gone
		}
		a.Post, a.Via = next, append(a.Via, s)
	}
	a.Holders = b.Holders(a.Post.ID, at)
	return a, true
}

// Place is where something is, as far as it is known: a unit at least.
type Place struct{ Unit, Grid, Building string }

// PlaceOf is the place of a point of which the street, community and grid are known. A building that stands there knows
// better than any line on the map which community and grid it belongs to.
func (b *Board) PlaceOf(at orb.Point, in directory.Place) Place {
	if h := b.Nearest(at); h != nil {
		return Place{Unit: h.Community, Grid: h.Grid, Building: h.ID}
	}
	return Place{Unit: cmp.Or(in.Community.ID, in.Street.ID), Grid: in.Grid.ID}
}

// Seat is a post of a place with those who answer for it.
type Seat struct {
	Post *Post
	Answer
}

// Here lists who answers for a place at a moment, the nearest first: the chiefs of the building, the worker of the grid,
// the posts of the community that answer for it or its grids, the head of the street.
func (b *Board) Here(p Place, at int64) []Seat {
	var out []Seat
	add := func(x *Post) {
		a, _ := b.Answering(x.ID, at)
		out = append(out, Seat{x, a})
	}
	if h := b.buildings[p.Building]; h != nil {
		for _, k := range b.kinds {
			if k.Level == directory.OnBuilding {
				x := chief(h, k)
				a, ok := b.answerFor(x, at)
				if ok {
					out = append(out, Seat{x, a})
				}
			}
		}
		if p.Grid == "" {
			p.Grid = h.Grid
		}
		if p.Unit == "" {
			p.Unit = h.Community
		}
	}
	if x := b.byGrid[p.Grid]; x != nil {
		add(x)
	}
	for u, ok := b.dir.Unit(p.Unit); ok; u, ok = b.dir.Unit(u.Parent) {
		for _, x := range b.byUnit[u.ID] {
			if u.Kind != directory.District && (x.Lead || x.Role == directory.GridChief) {
				add(x)
			}
		}
	}
	return out
}

// answerFor is Answering for a post that is known.
func (b *Board) answerFor(x *Post, at int64) (Answer, bool) {
	if len(b.away[x.ID]) == 0 {
		return Answer{Post: x, Holders: b.Holders(x.ID, at)}, true
	}
	return b.Answering(x.ID, at)
}

// OnDuty says who is on duty for a unit: the shifts of its roster at that moment with those who answer; without one the
// post that answers for the unit.
func (b *Board) OnDuty(unit string, at int64) []Seat {
	var out []Seat
	list := b.duty[unit]
	// Shifts last a week at most: those that began before cannot run any more.
	from, _ := slices.BinarySearchFunc(list, at-longestShift.Microseconds(), func(s *Shift, v int64) int { return cmp.Compare(s.From, v) })
	for _, s := range list[from:] {
		if s.From > at {
			break
		}
		if at < s.To {
			if x, ok := b.Post(s.Post); ok {
				a, _ := b.answerFor(x, at)
				out = append(out, Seat{x, a})
			}
		}
	}
	if len(out) > 0 {
		return out
	}
	for _, x := range b.byUnit[unit] {
		if x.Lead {
			a, _ := b.answerFor(x, at)
			out = append(out, Seat{x, a})
		}
	}
	return out
}

// Shifts lists the shifts of a unit that meet [from, to), in the order of their beginning.
func (b *Board) Shifts(unit string, from, to int64) []*Shift {
	var out []*Shift
	for _, s := range b.duty[unit] {
		if s.From < to && from < s.To {
			out = append(out, s)
		}
	}
	return out
}

// Named is the building of a community whose estate and number an address names: 松花花园 3 号楼 2 单元. Nil if none does.
func (b *Board) Named(community, address string) *directory.Building {
	said := strings.Join(strings.Fields(address), "")
	for _, h := range b.inside[community] {
		if h.Estate == "" {
			continue
		}
		at := strings.Index(said, h.Estate)
		if at < 0 {
			continue
		}
		// 13号楼 is not 3号楼: the number follows the estate, or something that is no figure.
		rest := said[at+len(h.Estate):]
		if i := strings.Index(rest, h.Name); i == 0 || i > 0 && (rest[i-1] < '0' || rest[i-1] > '9') {
			return h
		}
	}
	return nil
}
