package posts

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/paulmach/orb"

	"weixiao/internal/access"
	"weixiao/internal/directory"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/geo"
	"weixiao/internal/journal"
	"weixiao/internal/store"
)

// States of a building.
const (
	Standing = "standing"
	Gone     = "gone" // pulled down; its id is never used again
)

// houseFields are what is written down about a building: those after the first two can
// be corrected. An id that is left empty is the next free one of the community.
var houseFields = []form.Field{
	{Name: "community", Type: form.Unit, Required: true}, {Name: "id", Type: form.Line, Max: 30},
	{Name: "estate", Type: form.Line, Max: 30}, {Name: "name", Type: form.Line, Required: true, Max: 20},
	{Name: "grid", Type: form.Line, Max: 15},
	{Name: "lon", Type: form.Line, Required: true, Max: 30}, {Name: "lat", Type: form.Line, Required: true, Max: 30},
	{Name: "crs", Type: form.Choice, Options: form.Options("cgcs2000", "wgs84", "gcj02", "bd09")},
	{Name: "entrances", Type: form.Int, Max: 30}, {Name: "floors", Type: form.Int, Max: 100}, {Name: "households", Type: form.Int, Max: 3000},
	{Name: "source", Type: form.Line, Required: true, Max: 100}, {Name: "made_up", Type: form.Bool},
}

// BuildingTable says who keeps the list of buildings.
var BuildingTable = flow.Table{
	Kind:   "building",
	States: []flow.State{{Name: Standing, Chip: "done"}, {Name: Gone, Chip: "closed", End: true}},
	Actions: []flow.Action{
		{Name: "register", To: Standing, Who: who("", access.Admin, access.System), Form: form.Form{Name: "building_register", Fields: houseFields}},
		{Name: "correct", From: []string{Standing}, Who: who("", access.Admin, access.System), Form: form.Form{Name: "building_correct", Fields: houseFields[2:]}},
		{Name: "remove", From: []string{Standing}, To: Gone, Who: who("", access.Admin, access.System), Form: form.Form{Name: "building_remove", Fields: []form.Field{
			{Name: "reason", Type: form.Text, Required: true, Max: 300}}}},
	},
}

// house is a building that was registered, corrected or removed since the pack was made.
type house struct {
	directory.Building
	state                     string
	created, changed, version int64
	lastSeq                   int64
}

type houseChange struct {
	State      string  `json:"state"`
	Community  string  `json:"community"`
	Grid       string  `json:"grid,omitempty"`
	Estate     string  `json:"estate,omitempty"`
	Name       string  `json:"name"`
	Lon        float64 `json:"lon"`
	Lat        float64 `json:"lat"`
	Entrances  int     `json:"entrances,omitempty"`
	Floors     int     `json:"floors,omitempty"`
	Households int     `json:"households,omitempty"`
	Source     string  `json:"source"`
	MadeUp     bool    `json:"made_up,omitempty"`
}

func houseBody(b directory.Building, state string) houseChange {
	return houseChange{state, b.Community, b.Grid, b.Estate, b.Name, b.Point[0], b.Point[1], b.Entrances, b.Floors, b.Households, b.Source, b.MadeUp}
}

func (h *house) fold(a *journal.Act) error {
	var c houseChange
	if err := a.Into(&c); err != nil {
		return err
	}
	if h.version == 0 {
		h.created = a.At
	}
	h.Building = directory.Building{ID: a.Subject, Community: c.Community, Grid: c.Grid, Estate: c.Estate, Name: c.Name, Point: orb.Point{c.Lon, c.Lat},
		Entrances: c.Entrances, Floors: c.Floors, Households: c.Households, Source: c.Source, MadeUp: c.MadeUp}
	h.state = c.State
	h.version++
	h.changed, h.lastSeq = a.At, a.Seq
	return nil
}

// enterBuilding registers a building, or corrects the one that has its id. same is true when nothing differs.
func (p *Posts) enterBuilding(tx *store.Tx, sc access.Scope, n directory.Building) (same bool, err error) {
	n, faults := p.o.Directory.SettleBuilding(n, p.o.Locate)
	if len(faults) > 0 {
		return false, &Refusal{"building", faults[0].ZH, faults[0].EN}
	}
	was, err := p.house(tx, n.ID)
	if err != nil {
		return false, err
	}
	for _, o := range p.Board().BuildingsOf(n.Community) {
		if o.ID != n.ID && o.Title() == n.Title() {
			return false, refuse("name", "同一社区里已有“%s”（%s）", "the community already has a building %s (%s)", n.Title(), o.ID)
		}
	}
	old, known := p.base.buildings[n.ID]
	name := "register"
	switch {
	case was.version > 0 && was.state == Gone:
		return false, refuse("id", "编号 %s 的楼栋已拆除，编号不能再用", "the building %s is gone; its id is never used again", n.ID)
	case was.version > 0 && was.Building == n, was.version == 0 && known && *old == n:
		return true, nil
	case was.version > 0 || known:
		name = "correct"
	}
	act, err := BuildingTable.Action(name)
	if err != nil {
		return false, err
	}
	if !act.Grants(p.actor(sc, n.Community)) {
		return false, flow.ErrForbidden
	}
	a, err := p.append(tx, sc, BuildingTable.Kind, n.ID, act, n.Community, houseBody(n, Standing), nil)
	if err != nil {
		return false, err
	}
	if err := was.fold(a); err != nil {
		return false, err
	}
	return false, p.saveHouse(tx, was)
}

// MayKeepBuildings reports whether the scope may register and correct buildings.
func (p *Posts) MayKeepBuildings(sc access.Scope) bool {
	_, err := p.allows(&BuildingTable, "register", sc, "")
	return err == nil
}

// BuildingVersion counts what was entered about a building: 0 while it is as the pack has it.
func (p *Posts) BuildingVersion(ctx context.Context, id string) (int64, error) {
	h, err := store.Get(ctx, p.db, func(tx *store.Tx) (*house, error) { return p.house(tx, id) })
	if err != nil {
		return 0, err
	}
	return h.version, nil
}

// Register enters a building that is new, and returns its id. Faults are form.Faults or a *Refusal.
func (p *Posts) Register(ctx context.Context, sc access.Scope, raw form.Raw) (string, error) {
	n, err := p.said(sc, "register", raw)
	if err != nil {
		return "", err
	}
	given := n.ID != ""
	err = p.write(ctx, func(tx *store.Tx) error {
		if !given {
			if n.ID, err = p.nextHouse(tx, n.Community); err != nil {
				return err
			}
		} else if o, known := p.Board().Building(n.ID); known {
			return refuse("id", "编号 %s 已是%s，请换一个，或不填由系统编", "the id %s is that of %s: choose another, or leave it empty", n.ID, o.Title())
		}
		_, err := p.enterBuilding(tx, sc, n)
		return err
	})
	return n.ID, err
}

// Correct changes what is written down about a building. version is that of the page it was decided on.
func (p *Posts) Correct(ctx context.Context, sc access.Scope, id string, version int64, raw form.Raw) error {
	was, ok := p.Board().Building(id)
	if !ok {
		return store.ErrNotFound
	}
	n, err := p.said(sc, "correct", raw)
	if err != nil {
		return err
	}
	n.ID, n.Community = id, was.Community
	return p.write(ctx, func(tx *store.Tx) error {
		h, err := p.house(tx, id)
		if err != nil {
			return err
		}
		if h.version != version {
			return ErrStale
		}
		_, err = p.enterBuilding(tx, sc, n)
		return err
	})
}

// said is the building that a form describes, its point in CGCS2000.
func (p *Posts) said(sc access.Scope, action string, raw form.Raw) (directory.Building, error) {
	act, err := p.allows(&BuildingTable, action, sc, raw.Get("community"))
	if err != nil {
		return directory.Building{}, err
	}
	a, err := act.Form.Check(raw)
	if err != nil {
		return directory.Building{}, err
	}
	n := directory.Building{ID: a.Str("id"), Community: a.Str("community"), Grid: a.Str("grid"), Estate: a.Str("estate"), Name: a.Str("name"), Source: a.Str("source"), MadeUp: a.Bool("made_up"),
		Entrances: int(a.Int("entrances")), Floors: int(a.Int("floors")), Households: int(a.Int("households"))}
	at, err := degrees(a.Str("lon"), a.Str("lat"))
	if err != nil {
		return n, err
	}
	sys, err := geo.ParseSystem(a.Str("crs"))
	if err != nil {
		return n, err
	}
	c := geo.ToCGCS2000(geo.Point{Lon: at[0], Lat: at[1]}, sys)
	// Seven digits are a centimetre: what is shown on a form comes back unchanged.
	n.Point = orb.Point{math.Round(c.Lon*1e7) / 1e7, math.Round(c.Lat*1e7) / 1e7}
	return n, nil
}

// nextHouse is the id after the last one a community ever used.
func (p *Posts) nextHouse(tx *store.Tx, community string) (string, error) {
	u, ok := p.o.Directory.Unit(community)
	if !ok || u.Kind != directory.Community && u.Kind != directory.Village {
		return "", refuse("community", "请选社区或村", "choose a community or village")
	}
	last := 0
	for _, h := range p.Board().BuildingsOf(community) {
		if n, err := strconv.Atoi(strings.TrimPrefix(h.ID, u.Code+"-b")); err == nil {
			last = max(last, n)
		}
	}
	for n := last + 1; n <= 9999; n++ {
		id := fmt.Sprintf("%s-b%03d", u.Code, n)
		if h, err := p.house(tx, id); err != nil || h.version == 0 {
			return id, err
		}
	}
	return "", refuse("id", "这个社区的楼栋编号用完了", "the community has no number left")
}

// degrees reads longitude and latitude in China.
func degrees(lon, lat string) (orb.Point, error) {
	x, e1 := strconv.ParseFloat(strings.TrimSpace(lon), 64)
	y, e2 := strconv.ParseFloat(strings.TrimSpace(lat), 64)
	if e1 != nil || e2 != nil || !(x >= 73 && x <= 136 && y >= 3 && y <= 54) {
		return orb.Point{}, refuse("lon", "经纬度“%s，%s”应为中国境内的度数，如 126.581650、42.048134", "longitude and latitude %s, %s must be degrees in China such as 126.581650, 42.048134", lon, lat)
	}
	return orb.Point{x, y}, nil
}

// Demolish removes a building. Its terms stay in the journal; its posts are no longer there to be filled.
func (p *Posts) Demolish(ctx context.Context, sc access.Scope, id string, raw form.Raw) error {
	b, ok := p.Board().Building(id)
	if !ok {
		return store.ErrNotFound
	}
	act, err := p.allows(&BuildingTable, "remove", sc, b.Community)
	if err != nil {
		return err
	}
	answers, err := act.Form.Check(raw)
	if err != nil {
		return err
	}
	return p.write(ctx, func(tx *store.Tx) error {
		was, err := p.house(tx, id)
		if err != nil {
			return err
		}
		if was.state == Gone {
			return flow.ErrState
		}
		for _, x := range ofBuilding(b, p.base.kinds) {
			terms, err := p.termsOf(tx, x.ID)
			if err != nil {
				return err
			}
			for _, t := range terms {
				if t.State == InPost {
					return refuse("reason", "%s的%s还在岗，请先办交接", "%s: %s is still in post; hand over first", x.Title, t.Name)
				}
			}
		}
		a, err := p.append(tx, sc, BuildingTable.Kind, id, act, b.Community, houseBody(*b, Gone), map[string]string{"reason": answers.Str("reason")})
		if err != nil {
			return err
		}
		if err := was.fold(a); err != nil {
			return err
		}
		return p.saveHouse(tx, was)
	})
}
