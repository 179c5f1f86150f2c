package field

import (
	"context"
	"errors"
	"slices"

	"weixiao/internal/access"
	"weixiao/internal/form"
	"weixiao/internal/rounds/villages"
	"weixiao/internal/store"
	"weixiao/internal/web"
	"weixiao/internal/web/ui"
)

// villageWork is what is to be put right in the caller's villages: raised on the spot, finished with a picture of
// afterwards, and looked at by somebody who did not do it.
type villageWork struct{ s *web.Site }

var villageActions = []Action{
	{Name: "finish", Icon: "check", Look: "p", Photos: maxPhotos, Before: true},
	{Name: "pass", Icon: "eye", Look: "p", Photos: 3, Before: true},
	{Name: "fail", Icon: "undo", Photos: 3, Before: true},
	{Name: "raise", Icon: "plus", Photos: maxPhotos, Adds: true, Fresh: true},
}

func (villageWork) Kind() string { return villages.Works.Kind }

func (p villageWork) Tasks(ctx context.Context, c Caller) ([]Task, []Action, error) {
	s := p.s.Villages
	if s == nil || c.Scope.All() || !c.Is(villages.Roles()...) {
		return nil, nil, nil
	}
	reached := s.Reached(c.Scope)
	if len(reached) == 0 {
		return nil, nil, nil
	}
	actions, err := tableActions(p.Kind(), villageActions, func(name string) (form.Form, error) { return formOf(&villages.Works, name) })
	if err != nil {
		return nil, nil, err
	}
	choices := map[string][]ui.Choice{}
	for _, u := range reached {
		choices["village"] = append(choices["village"], ui.Choice{Value: u.ID, Label: p.s.UnitName(c.Lang, u.ID)})
	}
	for _, x := range s.Rules().Items {
		choices["item"] = append(choices["item"], ui.Choice{Value: x.ID, Label: either(c, x.ZH, x.EN)})
	}
	for i := range actions {
		actions[i].Choices = choices
	}
	list, err := s.Open(ctx, c.Scope, mostTasks)
	if err != nil {
		return nil, nil, err
	}
	var out []Task
	for _, x := range list {
		if t := p.task(c, x); len(t.Do) > 0 {
			out = append(out, t)
		}
	}
	return out, actions, photosOf(ctx, p.s, c, p.Kind(), out)
}

func (p villageWork) task(c Caller, x *villages.WorkView) Task {
	st, _ := villages.Works.State(x.State)
	t := Task{Kind: p.Kind(), Subject: x.ID, Version: x.Version, Chip: st.Chip, State: c.T("state.village_work." + x.State), Title: x.Item, Place: p.s.UnitName(c.Lang, x.Village),
		Link: "/desk/villages/works/" + x.ID}
	if item, ok := p.s.Villages.Item(x.Item); ok {
		t.Title = either(c, item.ZH, item.EN)
	}
	if grids := p.s.Pack.Directory.Grids(x.Village); len(grids) > 0 {
		t.At = &Point{grids[0].Center[0], grids[0].Center[1]}
	}
	if !x.Due.IsZero() {
		t.Due = x.Due.UnixMilli()
	}
	for _, a := range x.Acts {
		switch a.Action {
		case "raise":
			t.Words = a.Texts["what"]
			t.Title += c.T("word.separator") + firstWords(t.Words)
		case "finish":
			t.Facts = append(t.Facts, Fact{c.T("form.village_finish.done"), a.Texts["done"]})
		case "fail":
			t.Facts = append(t.Facts, Fact{c.T("form.village_fail.reason"), a.Texts["reason"]})
		}
	}
	t.Facts = append(t.Facts, Fact{c.T("fieldwork.fact.number"), x.ID})
	t.Do = offered(p.Kind(), villageActions, x.Actions)
	return t
}

func (p villageWork) Do(ctx context.Context, c Caller, in Act) (Done, error) {
	if p.s.Villages == nil || !slices.ContainsFunc(villageActions, func(a Action) bool { return a.Name == in.Action }) {
		return Done{}, errUnknown
	}
	act := villages.Input{Raw: in.Raw, Version: in.Version, Key: in.Key, Attach: in.Attach}
	var x *villages.Work
	var err error
	if in.Action == "raise" {
		x, err = p.s.Villages.Raise(ctx, c.Scope, act)
	} else {
		x, err = p.s.Villages.Act(ctx, c.Scope, in.Subject, in.Action, act)
	}
	if errors.Is(err, villages.ErrStale) {
		err = access.ErrStale
	}
	if err != nil {
		return Done{}, err
	}
	return Done{Subject: x.ID, Link: "/desk/villages/works/" + x.ID}, nil
}

func (p villageWork) Now(ctx context.Context, c Caller, subject string) (title, state string, err error) {
	if p.s.Villages == nil {
		return "", "", store.ErrNotFound
	}
	x, err := p.s.Villages.Work(ctx, c.Scope, subject)
	if err != nil {
		return "", "", err
	}
	return p.task(c, x).Title, c.T("state.village_work." + x.State), nil
}

func (p villageWork) MayRead(ctx context.Context, c Caller, subject string) error {
	if p.s.Villages == nil {
		return store.ErrNotFound
	}
	_, err := p.s.Villages.Work(ctx, c.Scope, subject)
	return err
}
