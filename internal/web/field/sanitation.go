package field

import (
	"context"
	"slices"
	"time"

	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/pack"
	"weixiao/internal/rounds/sanitation"
	"weixiao/internal/store"
	"weixiao/internal/web"
	"weixiao/internal/web/ui"
)

// inspectionWork is the inspections of contractors that are planned for today, or were and are still open: what is found
// is recorded on the road, nearest segments first, and there is nothing to say about having been there.
type inspectionWork struct{ s *web.Site }

// inspectionActions: recording is an action of findings, done in an inspection.
var inspectionActions = []Action{
	{Name: "record", Icon: "cam", Look: "p", Photos: maxPhotos, Adds: true},
	{Name: "conclude", Icon: "check"},
}

func (inspectionWork) Kind() string { return sanitation.Inspections.Kind }

func (p inspectionWork) Tasks(ctx context.Context, c Caller) ([]Task, []Action, error) {
	s := p.s.Sanitation
	if s == nil || len(s.Contracts(c.Scope)) == 0 || c.Scope.All() {
		return nil, nil, nil
	}
	actions, err := tableActions(p.Kind(), inspectionActions, func(name string) (form.Form, error) {
		if name == "record" {
			return formOf(&sanitation.Findings, name)
		}
		return formOf(&sanitation.Inspections, name)
	})
	if err != nil {
		return nil, nil, err
	}
	actions[0].Label = c.T("action.sanit_finding.record")
	actions[0].Choices = map[string][]ui.Choice{"item": p.items(c)}
	list, err := s.UnderWay(ctx, c.Scope, c.Now.In(zone).Format(time.DateOnly), mostTasks)
	if err != nil {
		return nil, nil, err
	}
	first := map[string]string{} // the task that has the segments of a contract
	var out []Task
	for _, x := range list {
		t := p.task(c, x)
		if len(t.Do) == 0 {
			continue
		}
		if t.Same = first[x.Contract]; t.Same == "" {
			first[x.Contract] = t.Subject
			segments, spots := p.segments(x.Contract)
			t.Choices, t.Spots = map[string][]ui.Choice{"segment": segments}, spots
		}
		out = append(out, t)
	}
	return out, actions, nil
}

// formOf is the form of an action of a table.
func formOf(t *flow.Table, name string) (form.Form, error) {
	a, err := t.Action(name)
	if err != nil {
		return form.Form{}, err
	}
	return a.Form, nil
}

func (p inspectionWork) items(c Caller) (out []ui.Choice) {
	for _, x := range p.s.Sanitation.Rules().Items {
		out = append(out, ui.Choice{Value: x.ID, Label: either(c, x.ZH, x.EN)})
	}
	return out
}

// segments are those of a contract, and where each has its middle.
func (p inspectionWork) segments(contract string) (out []ui.Choice, at map[string]Point) {
	at = map[string]Point{}
	for _, x := range p.s.Sanitation.Rules().Segments {
		if x.Contract == contract {
			out, at[x.ID] = append(out, ui.Choice{Value: x.ID, Label: x.Name}), middle(&x)
		}
	}
	return out, at
}

func middle(x *pack.RoadSegment) Point {
	m := x.Line[len(x.Line)/2]
	return Point{m.Lon, m.Lat}
}

func (p inspectionWork) task(c Caller, x *sanitation.Inspection) Task {
	st, _ := sanitation.Inspections.State(x.State)
	t := Task{Kind: p.Kind(), Subject: x.ID, Version: x.Version, Chip: st.Chip, State: c.T("state.sanit_inspection." + x.State), Title: c.T("form.sanit_plan.kind." + x.Kind),
		Link: "/desk/sanitation/inspections/" + x.ID}
	if k, err := p.s.Sanitation.Contract(c.Scope, x.Contract); err == nil {
		t.Title += c.T("word.separator") + k.Name
	}
	if day, err := time.ParseInLocation(time.DateOnly, x.Day, zone); err == nil {
		t.Plan = c.T("fieldwork.plan.for", c.day(day))
		if day.Add(24 * time.Hour).Before(c.Now) {
			t.Plan = c.T("fieldwork.plan.was", c.day(day))
		}
	}
	t.Facts = append(t.Facts, Fact{c.T("fieldwork.fact.number"), x.ID})
	open := p.s.Sanitation.OpenInspection(c.Scope, x)
	if len(open) > 0 { // whoever may conclude may record
		t.Do = append(t.Do, t.Kind+".record")
	}
	t.Do = append(t.Do, offered(p.Kind(), inspectionActions, open)...)
	return t
}

// offered are the actions of the list that are open, as names of buttons.
func offered(kind string, list []Action, open []*flow.Action) (out []string) {
	for _, a := range list {
		if slices.ContainsFunc(open, func(o *flow.Action) bool { return o.Name == a.Name }) {
			out = append(out, kind+"."+a.Name)
		}
	}
	return out
}

func (p inspectionWork) Do(ctx context.Context, c Caller, in Act) (Done, error) {
	act := sanitation.Input{Raw: in.Raw, Version: in.Version, Key: in.Key, Seen: in.Happened(), Attach: in.Attach}
	link := "/desk/sanitation/inspections/" + in.Subject
	switch {
	case p.s.Sanitation == nil:
		return Done{}, errUnknown
	case in.Action == "record":
		act.Version = 0
		var at sanitation.Where
		if in.Place != nil {
			at = sanitation.Where{Lon: in.Place.Lon, Lat: in.Place.Lat}
		}
		x, err := p.s.Sanitation.Record(ctx, c.Scope, in.Subject, at, act)
		if err != nil {
			return Done{}, err
		}
		return Done{Subject: x.ID, Link: "/desk/sanitation/findings/" + x.ID}, nil
	case in.Action == "conclude":
		_, err := p.s.Sanitation.ActInspection(ctx, c.Scope, in.Subject, in.Action, act)
		return Done{Subject: in.Subject, Link: link}, err
	}
	return Done{}, errUnknown
}

func (p inspectionWork) Now(ctx context.Context, c Caller, subject string) (title, state string, err error) {
	x, err := p.s.Sanitation.Inspection(ctx, c.Scope, subject)
	if err != nil {
		return "", "", err
	}
	return p.task(c, x.Inspection).Title, c.T("state.sanit_inspection." + x.State), nil
}

// recheckWork is what contractors say they put right, for somebody else than who found it to look at: with the picture
// of before over the camera.
type recheckWork struct{ s *web.Site }

var recheckActions = []Action{
	{Name: "pass", Icon: "check", Look: "p", Photos: 3, Before: true},
	{Name: "fail", Icon: "undo", Photos: 3, Before: true},
}

func (recheckWork) Kind() string { return sanitation.Findings.Kind }

func (p recheckWork) Tasks(ctx context.Context, c Caller) ([]Task, []Action, error) {
	s := p.s.Sanitation
	if s == nil || len(s.Contracts(c.Scope)) == 0 || c.Scope.All() {
		return nil, nil, nil
	}
	actions, err := tableActions(p.Kind(), recheckActions, func(name string) (form.Form, error) { return formOf(&sanitation.Findings, name) })
	if err != nil {
		return nil, nil, err
	}
	list, err := s.Findings(ctx, c.Scope, sanitation.FindingFilter{Open: true, Limit: 2 * mostTasks})
	if err != nil {
		return nil, nil, err
	}
	var out []Task
	for _, x := range list {
		if do := offered(p.Kind(), recheckActions, s.OpenFinding(c.Scope, x.Finding)); len(do) == 0 || len(out) == mostTasks {
			continue
		}
		v, err := s.Finding(ctx, c.Scope, x.ID) // with its words
		if err != nil {
			return nil, nil, err
		}
		out = append(out, p.task(c, v))
	}
	return out, actions, photosOf(ctx, p.s, c, p.Kind(), out)
}

func (p recheckWork) task(c Caller, v *sanitation.FindingView) Task {
	st, _ := sanitation.Findings.State(v.State)
	t := Task{Kind: p.Kind(), Subject: v.ID, Version: v.Version, Chip: st.Chip, State: c.T("state.sanit_finding." + v.State), Title: v.ID, Link: "/desk/sanitation/findings/" + v.ID}
	if item, ok := p.s.Sanitation.Item(v.Item); ok {
		t.Title = either(c, item.ZH, item.EN)
	}
	if at, ok := v.Where(); ok {
		t.At = &Point{at.Lon, at.Lat}
	}
	if seg, ok := p.s.Sanitation.Segment(v.Segment); ok {
		t.Place = seg.Name
		if m := middle(seg); t.At == nil {
			t.At = &m
		}
	}
	for _, a := range v.Acts {
		switch a.Action {
		case "record":
			t.Words = a.Texts["what"]
			t.Title += c.T("word.separator") + firstWords(t.Words)
		case "rectify":
			t.Facts = append(t.Facts, Fact{c.T("form.sanit_rectify.done"), a.Texts["done"]})
		case "fail":
			t.Facts = append(t.Facts, Fact{c.T("form.sanit_fail.reason"), a.Texts["reason"]})
		}
	}
	t.Facts = append(t.Facts, Fact{c.T("fieldwork.fact.number"), v.ID}, Fact{c.T("fieldwork.fact.found"), v.Day})
	t.Do = offered(p.Kind(), recheckActions, p.s.Sanitation.OpenFinding(c.Scope, v.Finding))
	return t
}

func (p recheckWork) Do(ctx context.Context, c Caller, in Act) (Done, error) {
	if p.s.Sanitation == nil || !slices.ContainsFunc(recheckActions, func(a Action) bool { return a.Name == in.Action }) {
		return Done{}, errUnknown
	}
	_, err := p.s.Sanitation.ActFinding(ctx, c.Scope, in.Subject, in.Action, sanitation.Input{Raw: in.Raw, Version: in.Version, Key: in.Key, Attach: in.Attach})
	return Done{Subject: in.Subject, Link: "/desk/sanitation/findings/" + in.Subject}, err
}

func (p recheckWork) Now(ctx context.Context, c Caller, subject string) (title, state string, err error) {
	x, err := p.s.Sanitation.Finding(ctx, c.Scope, subject)
	if err != nil {
		return "", "", err
	}
	return p.task(c, x).Title, c.T("state.sanit_finding." + x.State), nil
}

func (p recheckWork) MayRead(ctx context.Context, c Caller, subject string) error {
	if p.s.Sanitation == nil {
		return store.ErrNotFound
	}
	_, err := p.s.Sanitation.Finding(ctx, c.Scope, subject)
	return err
}
