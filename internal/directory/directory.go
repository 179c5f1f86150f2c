// Package directory is a district's organisation at one moment: its units, the
// posts in them and the grids on the ground. It answers "which unit is this",
// "what is it under", "who answers for this place".
//
// A Directory is an immutable value in memory, made once by New out of three
// plain lists (package pack reads them from files) and shared by everybody. It
// knows posts, not people: who sits on a post is a matter of accounts.
//
//	directory.go  types and the questions a Directory answers
//	build.go      New: checking the lists and indexing them
//	search.go     finding a unit by what people call it
//	kinds.go      LayerKind: what polygon layers there are
//	atlas.go      Atlas: the layers at a point; layers/ keeps their versions
package directory

import (
	"slices"

	"github.com/paulmach/orb"
)

// Kind is what a unit is.
type Kind string

const (
	District    Kind = "district"    // 区
	Street      Kind = "street"      // 街道
	Town        Kind = "town"        // 镇, 乡
	Community   Kind = "community"   // 社区 (居民委员会)
	Village     Kind = "village"     // 村 (村民委员会)
	Department  Kind = "department"  // 区直部门
	Utility     Kind = "utility"     // 公共服务企业: water, heat, power, gas, buses, telecom
	Hotline     Kind = "hotline"     // 热线中心, and the duty desk in it
	Supervision Kind = "supervision" // 督查室
	Leaders     Kind = "leaders"     // 区领导
)

// Kinds lists every kind in the order people list them.
func Kinds() []Kind {
	return []Kind{District, Leaders, Hotline, Supervision, Street, Town, Community, Village, Department, Utility}
}

// HandlesCases says whether units of this kind can be given a case, so that they
// must have a post that answers for them.
func (k Kind) HandlesCases() bool {
	return k != District && k != Leaders && slices.Contains(Kinds(), k)
}

// Role is what a post may do; the flow tables and access rules use these words.
type Role string

const (
	Operator   Role = "operator"   // 话务员
	Dispatcher Role = "dispatcher" // 派单员
	Callback   Role = "callback"   // 回访员
	Duty       Role = "duty"       // 值守席: takes what no rule could place
	Supervisor Role = "supervisor" // 督办员
	Leader     Role = "leader"     // 区领导
	Auditor    Role = "auditor"    // 审计管理员
	Admin      Role = "admin"      // 系统管理员
	Security   Role = "security"   // 安全管理员
	StreetHand Role = "street"     // 街镇承办人
	StreetLead Role = "streetlead" // 街镇负责人
	DeptHand   Role = "department" // 部门承办人
	DeptLead   Role = "deptlead"   // 部门负责人
	Secretary  Role = "community"  // 社区 (村) 书记
	GridChief  Role = "gridchief"  // 网格长
	GridWorker Role = "grid"       // 网格员
)

// Roles lists every role a post may have.
func Roles() []Role {
	return []Role{Operator, Dispatcher, Callback, Duty, Supervisor, Leader, Auditor, Admin, Security,
		StreetHand, StreetLead, DeptHand, DeptLead, Secretary, GridChief, GridWorker}
}

// Unit is an organisation or a territory that has one.
type Unit struct {
	ID      string // never reused; for territories it equals Code
	Parent  string // "" only for the district itself
	Name    string // full name, such as 江源区住房和城乡建设局
	Short   string // what lists and buttons show, such as 区住建局
	English string
	Kind    Kind
	Code    string   // statistical code: 6 digits (district), 9 (street, town), 12 (community, village); else ""
	Aliases []string // old names and codes, what people call it

	Function      string // one line: what it answers for
	RoundTheClock bool   // somebody signs for work day and night
	Calendar      string // name of the working calendar; "" = the district's
	Phone         string // public office number
	PhoneMadeUp   bool   // the number is a placeholder
	MadeUp        bool   // the unit itself is an assumption of the pack

	Center       orb.Point // CGCS2000 longitude, latitude; zero value if unknown
	CenterMadeUp bool
}

// Post is a place in a unit that somebody fills.
type Post struct {
	ID      string // stable, such as 220605001.streetlead
	Unit    string
	Title   string // 党工委书记, 网格员
	English string
	Role    Role
	Lead    bool // answers for the unit; exactly one in every unit that handles cases
}

// Grid is one management grid: the smallest area with a named worker.
type Grid struct {
	ID        string // 15 digits: 12 of the community and a sequence 001-999; never reused
	Community string // unit id
	Name      string // 第一网格
	Post      string // id of the grid worker's post
	Center    orb.Point
	MadeUp    bool
}

// Directory is an immutable snapshot; all its methods may be called at once by
// many. Slices it returns are copies unless said otherwise.
type Directory struct {
	units    []Unit
	posts    []Post
	grids    []Grid
	root     int
	unit     map[string]int
	code     map[string]int
	post     map[string]int
	grid     map[string]int
	children map[string][]int
	postsOf  map[string][]int
	gridsOf  map[string][]int

	gridsUnder map[string][]int // of every unit above a community, and its own
	names      []name
}

// Root is the district.
func (d *Directory) Root() Unit { return d.units[d.root] }

// Unit finds a unit by id.
func (d *Directory) Unit(id string) (Unit, bool) {
	i, ok := d.unit[id]
	if !ok {
		return Unit{}, false
	}
	return d.units[i], true
}

// Units lists all units in the order of the pack.
func (d *Directory) Units() []Unit { return slices.Clone(d.units) }

// AllPosts lists all posts in the order of the pack.
func (d *Directory) AllPosts() []Post { return slices.Clone(d.posts) }

// AllGrids lists all grids in the order of the pack.
func (d *Directory) AllGrids() []Grid { return slices.Clone(d.grids) }

// Path is the unit itself, its parent, and so on to the district; nil if the
// unit is unknown.
func (d *Directory) Path(id string) []Unit {
	var path []Unit
	for i, ok := d.unit[id]; ok; i, ok = d.unit[d.units[i].Parent] {
		path = append(path, d.units[i])
	}
	return path
}

// Under says whether the unit is root or anywhere below it.
func (d *Directory) Under(id, root string) bool {
	for i, ok := d.unit[id]; ok; i, ok = d.unit[d.units[i].Parent] {
		if d.units[i].ID == root {
			return true
		}
	}
	return false
}

// Children lists the units directly below.
func (d *Directory) Children(id string) []Unit { return pick(d.units, d.children[id]) }

// ByKind lists the units of these kinds in the order of the pack.
func (d *Directory) ByKind(kinds ...Kind) []Unit {
	var found []Unit
	for _, u := range d.units {
		if slices.Contains(kinds, u.Kind) {
			found = append(found, u)
		}
	}
	return found
}

// ByCode finds a territory by its statistical code. The 12-digit form of a
// shorter code (220605001000) is understood.
func (d *Directory) ByCode(code string) (Unit, bool) {
	i, ok := d.code[shortCode(code)]
	if !ok {
		return Unit{}, false
	}
	return d.units[i], true
}

// Post finds a post by id.
func (d *Directory) Post(id string) (Post, bool) {
	i, ok := d.post[id]
	if !ok {
		return Post{}, false
	}
	return d.posts[i], true
}

// Posts lists the posts of one unit (not of those below it).
func (d *Directory) Posts(unit string) []Post { return pick(d.posts, d.postsOf[unit]) }

// Lead is the post that answers for a unit.
func (d *Directory) Lead(unit string) (Post, bool) {
	for _, i := range d.postsOf[unit] {
		if d.posts[i].Lead {
			return d.posts[i], true
		}
	}
	return Post{}, false
}

// Grid finds a grid by its 15 digits.
func (d *Directory) Grid(id string) (Grid, bool) {
	i, ok := d.grid[id]
	if !ok {
		return Grid{}, false
	}
	return d.grids[i], true
}

// Grids lists the grids of a community or village, or of everything under a
// street, town or the district.
func (d *Directory) Grids(unit string) []Grid {
	if own, ok := d.gridsOf[unit]; ok {
		return pick(d.grids, own)
	}
	var found []Grid
	for _, g := range d.grids {
		if d.Under(g.Community, unit) {
			found = append(found, g)
		}
	}
	return found
}

// StreetOf is the street or town that a unit, a grid (by its 15 digits) or the
// street itself belongs to; false for departments and the district.
func (d *Directory) StreetOf(id string) (Unit, bool) {
	if g, ok := d.Grid(id); ok {
		id = g.Community
	}
	for i, ok := d.unit[id]; ok; i, ok = d.unit[d.units[i].Parent] {
		if k := d.units[i].Kind; k == Street || k == Town {
			return d.units[i], true
		}
	}
	return Unit{}, false
}

// Place is where something is, as far as it is known. Empty units are unknown.
type Place struct {
	Street    Unit // street or town
	Community Unit // community or village
	Grid      Grid
}

// OfPlace reads a code of 6 to 15 digits (district, street, community, grid) or
// a unit's id and says which street, community and grid it names. False if the
// code names nothing here.
func (d *Directory) OfPlace(code string) (Place, bool) {
	var p Place
	if g, ok := d.Grid(code); ok {
		p.Grid, code = g, g.Community
	}
	u, ok := d.Unit(code)
	if !ok {
		if u, ok = d.ByCode(code); !ok {
			return Place{}, false
		}
	}
	if u.Kind == Community || u.Kind == Village {
		p.Community = u
	}
	p.Street, _ = d.StreetOf(u.ID)
	return p, u.Code != ""
}

// Nearest is the grid under a unit whose centre is closest to a point: within
// a town polygon this divides the ground among its grids. False if there is none.
func (d *Directory) Nearest(p orb.Point, under string) (Grid, bool) {
	best, least := -1, 0.0
	for _, i := range d.gridsUnder[under] {
		if m := squared(p, d.grids[i].Center); best < 0 || m < least {
			best, least = i, m
		}
	}
	if best < 0 {
		return Grid{}, false
	}
	return d.grids[best], true
}

// squared is a distance good enough for comparing within one district: degrees
// of longitude are shrunk by cos(42°), the latitude of the places compared
// differing too little to matter.
func squared(a, b orb.Point) float64 {
	const shrink = 0.743
	x, y := (a[0]-b[0])*shrink, a[1]-b[1]
	return x*x + y*y
}

func pick[T any](all []T, index []int) []T {
	found := make([]T, len(index))
	for i, j := range index {
		found[i] = all[j]
	}
	return found
}
