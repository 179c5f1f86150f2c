package places

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/paulmach/orb"

	"weixiao/internal/access"
	"weixiao/internal/directory"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/journal"
	"weixiao/internal/store"
	"weixiao/internal/text"
	"weixiao/internal/text/address"
)

// Change is the body of an act: the whole of the proposal after it.
type Change struct {
	State string             `json:"state"`
	Name  string             `json:"name"`
	Kind  directory.SpotKind `json:"kind"`
	Unit  string             `json:"unit"`
	Lon   float64            `json:"lon"`
	Lat   float64            `json:"lat"`
	Into  string             `json:"into,omitempty"`
	Cases int                `json:"cases,omitempty"` // independent cases that named it, at that moment
}

// fold applies an act. It is the only code that changes a Proposal.
func (x *Proposal) fold(a *journal.Act) error {
	var c Change
	if err := a.Into(&c); err != nil {
		return err
	}
	if x.Version == 0 {
		x.ID, x.Created = a.Subject, a.At
	}
	x.State, x.Name, x.Kind, x.Unit, x.Point, x.Into = c.State, c.Name, c.Kind, c.Unit, orb.Point{c.Lon, c.Lat}, c.Into
	x.Version++
	x.Changed, x.lastSeq = a.At, a.Seq
	return nil
}

func (x *Proposal) change() Change {
	return Change{State: x.State, Name: x.Name, Kind: x.Kind, Unit: x.Unit, Lon: x.Point[0], Lat: x.Point[1], Into: x.Into}
}

// record appends an act that leaves the proposal as c says.
func (p *Places) record(tx *store.Tx, sc access.Scope, x *Proposal, id string, act *flow.Action, c Change, texts map[string]string) error {
	at, err := journal.Begin(tx, p.o.District, p.o.Clock())
	if err != nil {
		return err
	}
	body, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("places: %w", err)
	}
	a := &journal.Act{District: p.o.District, At: at.UnixMicro(), Kind: Table.Kind, Subject: id, Action: act.Name,
		Actor: sc.Actor(act.Capacity(flow.Actor{Roles: sc.Roles()})), Pack: p.o.Pack, Body: body, Texts: texts}
	if err := journal.Append(tx, a); err != nil {
		return err
	}
	if err := x.fold(a); err != nil {
		return err
	}
	return p.save(tx, x)
}

// ErrStale means that somebody else decided meanwhile.
var ErrStale = fmt.Errorf("places: the proposal was changed meanwhile: %w", access.ErrStale)

// Open lists what the scope may do with a proposal.
func (p *Places) Open(sc access.Scope, x *Proposal) []*flow.Action {
	return Table.Open(x.Position(), flow.Actor{Roles: sc.Roles()})
}

// Act does what a person decided. version is that of the page it was decided on. Faults are of type form.Faults.
func (p *Places) Act(ctx context.Context, sc access.Scope, id, action string, version int64, raw form.Raw) error {
	act, err := Table.Action(action)
	if err != nil {
		return err
	}
	if !act.Grants(flow.Actor{Roles: sc.Roles()}) || act.From == nil {
		return flow.ErrForbidden
	}
	answers, err := p.check(act, raw)
	if err != nil {
		return err
	}
	err = p.db.Write(ctx, func(tx *store.Tx) error {
		x, err := p.load(tx, id)
		if err != nil {
			return err
		}
		if _, err := Table.Permit(action, x.Position(), flow.Actor{Roles: sc.Roles()}); err != nil {
			return err
		}
		if x.Version != version {
			return ErrStale
		}
		c, texts := x.change(), map[string]string{}
		c.State, c.Into = act.To, ""
		switch action {
		case "confirm":
			c.Name, c.Kind = answers.Str("name"), directory.SpotKind(answers.Str("kind"))
		case "merge":
			c.Into = answers.Str("into")
		}
		if reason := answers.Str("reason"); reason != "" {
			texts["reason"] = reason
		}
		return p.record(tx, sc, x, id, act, c, texts)
	})
	if err != nil {
		return err
	}
	return p.Refresh(ctx)
}

// check checks the answers, and that a name is one of a place.
func (p *Places) check(act *flow.Action, raw form.Raw) (form.Answers, error) {
	f := act.Form
	if act.Name == "merge" {
		into := raw.Get("into")
		s, ok := p.Gazetteer().Spot(into)
		if !ok {
			return nil, form.Faults{{Field: "into", Code: "choice"}}
		}
		f.Fields = append([]form.Field(nil), f.Fields...)
		f.Fields[0].Options = form.Options(s.ID)
	}
	answers, err := f.Check(raw)
	if err != nil {
		return nil, err
	}
	if act.Name == "confirm" && !decent(answers.Str("name")) {
		return nil, form.Faults{{Field: "name", Code: "place_name"}}
	}
	return answers, nil
}

// decent reports whether a name can be that of a place and of nobody: no figures, nothing that looks like personal data.
func decent(name string) bool {
	n := len([]rune(strings.TrimSpace(name)))
	if n < 2 || n > 20 || strings.ContainsAny(address.Figures(name), "0123456789０１２３４５６７８９") {
		return false
	}
	_, found := text.Redact(name)
	return len(found) == 0
}
