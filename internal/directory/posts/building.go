package posts

import (
	"context"

	"github.com/paulmach/orb"

	"weixiao/internal/access"
	"weixiao/internal/directory"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/journal"
	"weixiao/internal/store"
)

// States of a building.
const (
	Standing = "standing"
	Gone     = "gone" // pulled down; its id is never used again
)

// BuildingTable says who keeps the list of buildings.
var BuildingTable = flow.Table{
	Kind:   "building",
	States: []flow.State{{Name: Standing, Chip: "done"}, {Name: Gone, Chip: "closed", End: true}},
	Actions: []flow.Action{
		{Name: "register", To: Standing, Who: who("", access.Admin, access.System), Form: form.Form{Name: "building_register"}},
		{Name: "correct", From: []string{Standing}, Who: who("", access.Admin, access.System), Form: form.Form{Name: "building_correct"}},
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
