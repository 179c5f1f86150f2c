package assets

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/paulmach/orb"

	"weixiao/internal/access"
	"weixiao/internal/directory"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/journal"
	"weixiao/internal/store"
)

// Change is the body of an act: the whole of the asset after it.
type Change struct {
	State     string  `json:"state"`
	Kind      string  `json:"kind"`
	Name      string  `json:"name,omitempty"`
	Owner     string  `json:"owner,omitempty"`
	Unit      string  `json:"unit,omitempty"`
	Lon       float64 `json:"lon"`
	Lat       float64 `json:"lat"`
	Street    string  `json:"street,omitempty"`
	Community string  `json:"community,omitempty"`
	Grid      string  `json:"grid,omitempty"`
	Address   string  `json:"address,omitempty"`
	Since     string  `json:"since,omitempty"`
	MadeUp    bool    `json:"made_up,omitempty"`
}

// fold applies an act. It is the only code that changes an Asset.
func (a *Asset) fold(act *journal.Act) error {
	var c Change
	if err := act.Into(&c); err != nil {
		return err
	}
	if a.Version == 0 {
		a.ID, a.Created = act.Subject, act.At
	}
	a.State, a.Kind, a.Name, a.Owner, a.Unit, a.Point = c.State, c.Kind, c.Name, c.Owner, c.Unit, orb.Point{c.Lon, c.Lat}
	a.Street, a.Community, a.Grid, a.Address, a.Since, a.MadeUp = c.Street, c.Community, c.Grid, c.Address, c.Since, c.MadeUp
	a.Version++
	a.Changed, a.lastSeq = act.At, act.Seq
	return nil
}

func (a *Asset) change() Change {
	return Change{State: a.State, Kind: a.Kind, Name: a.Name, Owner: a.Owner, Unit: a.Unit, Lon: a.Point[0], Lat: a.Point[1], Street: a.Street,
		Community: a.Community, Grid: a.Grid, Address: a.Address, Since: a.Since, MadeUp: a.MadeUp}
}

// record appends an act that leaves the asset as c says.
func (s *Assets) record(tx *store.Tx, sc access.Scope, a *Asset, id string, act *flow.Action, c Change, texts map[string]string) error {
	at, err := journal.Begin(tx, s.p.District, s.clock())
	if err != nil {
		return err
	}
	body, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("assets: %w", err)
	}
	j := &journal.Act{District: s.p.District, At: at.UnixMicro(), Kind: Table.Kind, Subject: id, Action: act.Name,
		Actor: sc.Actor(act.Capacity(s.actor(sc, a))), Pack: s.p.Version, Body: body, Texts: texts}
	if err := journal.Append(tx, j); err != nil {
		return err
	}
	if err := a.fold(j); err != nil {
		return err
	}
	return s.save(tx, a)
}

// Errors of Register.
var (
	ErrKnown   = errors.New("assets: registered already, just like this")
	ErrTaken   = errors.New("assets: another asset has this id")
	ErrOutside = errors.New("assets: the point lies outside the district")
)

// Register takes in one asset. Street, community and grid follow from the point. ErrKnown means that the very same is
// there already, ErrTaken that the id belongs to one that differs.
func (s *Assets) Register(tx *store.Tx, sc access.Scope, n Asset) error {
	act, err := Table.Action("register")
	if err != nil {
		return err
	}
	if !act.Grants(s.actor(sc, nil)) {
		return flow.ErrForbidden
	}
	c, err := s.Settle(n)
	if err != nil {
		return err
	}
	old, err := s.load(tx, n.ID)
	switch {
	case err == nil && old.State == c.State && sameThing(old.change(), c):
		return ErrKnown
	case err == nil:
		return ErrTaken
	case !errors.Is(err, store.ErrNotFound):
		return err
	}
	return s.record(tx, sc, &Asset{}, n.ID, act, c, nil)
}

// sameThing compares what a file says; grids and streets follow from it.
func sameThing(a, b Change) bool {
	a.Street, a.Community, a.Grid = b.Street, b.Community, b.Grid
	return a == b
}

// Settle checks an asset without the database and fills in what follows: kind, street, community, grid. The error is
// *CodeError, ErrOutside or form.Faults.
func (s *Assets) Settle(n Asset) (Change, error) {
	kind, err := CheckID(n.ID, s.p.District, func(code string) bool { _, ok := s.KindOf(code); return ok })
	if err != nil {
		return Change{}, err
	}
	if n.Unit != "" {
		if u, ok := s.p.Directory.Unit(n.Unit); !ok || u.Kind == directory.District {
			return Change{}, form.Faults{{Field: "unit", Code: "unit"}}
		}
	}
	at, ok := s.Locate(n.Point[0], n.Point[1])
	if !ok {
		return Change{}, ErrOutside
	}
	n.Kind, n.Street, n.Community, n.Grid = kind, at.Street.ID, at.Community.ID, at.Grid.ID
	if n.State == "" {
		n.State = Intact
	}
	if _, ok := Table.State(n.State); !ok {
		return Change{}, form.Faults{{Field: "state", Code: "choice"}}
	}
	return n.change(), nil
}

// ErrStale means that the asset was changed since it was looked at.
var ErrStale = fmt.Errorf("assets: the asset was changed meanwhile: %w", access.ErrStale)

// Act changes an asset. version is that of the page it was decided on; faults are of type form.Faults.
func (s *Assets) Act(ctx context.Context, sc access.Scope, id, action string, version int64, raw form.Raw) error {
	act, err := Table.Action(action)
	if err != nil {
		return err
	}
	return s.db.Write(ctx, func(tx *store.Tx) error {
		a, err := s.load(tx, id)
		if err != nil {
			return err
		}
		if !s.sees(sc, a) {
			return store.ErrNotFound
		}
		if _, err := Table.Permit(action, a.Position(), s.actor(sc, a)); err != nil {
			return err
		}
		answers, err := act.Form.Check(raw)
		if err != nil {
			return err
		}
		if a.Version != version {
			return ErrStale
		}
		c, texts := a.change(), map[string]string{}
		switch action {
		case "inspect":
			c.State = answers.Str("state")
		case "hand_over":
			if u, ok := s.p.Directory.Unit(answers.Str("unit")); !ok || !u.Kind.HandlesCases() {
				return form.Faults{{Field: "unit", Code: "unit"}}
			}
			c.Unit = answers.Str("unit")
		case "remove":
			c.State = Removed
		}
		for _, t := range []string{"reason", "note"} {
			if v := answers.Str(t); v != "" {
				texts[t] = v
			}
		}
		return s.record(tx, sc, a, id, act, c, texts)
	})
}
