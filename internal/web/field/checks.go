package field

import (
	"context"
	"slices"
	"time"

	"weixiao/internal/cases"
	"weixiao/internal/files"
	"weixiao/internal/form"
	"weixiao/internal/store"
	"weixiao/internal/web"
	"weixiao/internal/words"
)

// checkWork is the fixes of others that the caller's unit is to look at.
type checkWork struct{ s *web.Site }

// checkActions: the place is looked at from where the first photo was taken.
var checkActions = []Action{
	{Name: "look", Icon: "eye", Look: "p", Photos: 3, Before: true},
	{Name: "note", Icon: "file", Adds: true, Photos: 3},
}

func (checkWork) Kind() string { return cases.CheckTable.Kind }

func (p checkWork) Tasks(ctx context.Context, c Caller) ([]Task, []Action, error) {
	actions, err := tableActions(p.Kind(), checkActions, func(name string) (form.Form, error) {
		a, err := cases.CheckTable.Action(name)
		if err != nil {
			return form.Form{}, err
		}
		return a.Form, nil
	})
	if err != nil || c.Scope.Unit() == "" || c.Scope.All() || !c.handles() {
		return nil, actions, err
	}
	list, err := p.s.Cases.Checks(ctx, c.Scope, cases.Cursor{}, mostTasks)
	if err != nil {
		return nil, nil, err
	}
	about, err := p.s.Cases.CheckedCases(ctx, c.Scope, list)
	if err != nil {
		return nil, nil, err
	}
	of := map[string]*cases.Case{}
	for _, k := range about {
		of[k.Number] = k
	}
	var out []Task
	for _, x := range list {
		// A unit above the one that handled it was asked for nothing it may do.
		if k := of[x.Case]; k != nil && x.Unit == c.Scope.Unit() {
			out = append(out, p.task(c, x, k))
		}
	}
	return out, actions, p.photos(ctx, c, out, list)
}

func (p checkWork) task(c Caller, x *cases.Check, k *cases.Case) Task {
	s, _ := cases.CheckTable.State(x.State)
	t := Task{Kind: p.Kind(), Subject: x.Number, Title: k.Title, Words: k.Body, Place: k.Place.Text, Version: x.Version, Chip: s.Chip, State: c.T("state.check." + x.State),
		Link: linkOf(p.Kind(), x.Number), Facts: []Fact{{c.T("fieldwork.fact.number"), x.Number}, {c.T("desk.check.handler"), p.s.UnitName(c.Lang, x.Handler)}}}
	if k.Place.Located {
		t.At = &Point{k.Place.Lon, k.Place.Lat}
	}
	if t.Place == "" {
		t.Place = p.s.UnitName(c.Lang, k.Place.Community)
	}
	if clock, ok := x.Clocks[cases.ClockLook]; ok && clock.Running() && clock.Due > 0 {
		t.Due = clock.Due / 1000
	}
	for _, a := range checkActions {
		t.Do = append(t.Do, t.Kind+"."+a.Name)
	}
	return t
}

// photos fills in the pictures of the cases, the oldest first: it shows how it was.
func (p checkWork) photos(ctx context.Context, c Caller, tasks []Task, list []*cases.Check) error {
	return p.s.DB.Read(ctx, func(tx *store.Tx) error {
		for i := range tasks {
			j := slices.IndexFunc(list, func(x *cases.Check) bool { return x.Number == tasks[i].Subject })
			found, err := files.Of(tx, c.District, cases.Table.Kind, list[j].Case)
			if err != nil {
				return err
			}
			for _, x := range found {
				if x.Kind == files.KindPhoto && len(tasks[i].Photos) < maxPhotos {
					tasks[i].Photos = append(tasks[i].Photos, Photo{ID: x.ID, Note: words.Moment(c.Lang, c.Now, time.UnixMicro(x.Created))})
				}
			}
		}
		return nil
	})
}

func (p checkWork) Do(ctx context.Context, c Caller, in Act) (Done, error) {
	i := slices.IndexFunc(checkActions, func(a Action) bool { return a.Name == in.Action })
	if i < 0 {
		return Done{}, errUnknown
	}
	number := cases.UpperNumber(in.Subject)
	act := cases.Input{Raw: in.Raw, Key: in.Key, Photos: len(in.Photos), Attach: p.attach(in.Attach)}
	if !checkActions[i].Adds {
		act.Version = in.Version
	}
	_, err := p.s.Cases.CheckAct(ctx, c.Scope, number, in.Action, act)
	return Done{Subject: number, Link: linkOf(p.Kind(), number)}, err
}

// attach puts photos on the case, where the unit that handled it sees them.
func (p checkWork) attach(do func(*store.Tx, string, string, time.Time) error) func(*store.Tx, string, int64, time.Time) error {
	return func(tx *store.Tx, number string, _ int64, at time.Time) error {
		return do(tx, cases.Table.Kind, number, at)
	}
}

// Keep writes what was meant as a note on the check: somebody else has looked
// meanwhile.
func (p checkWork) Keep(ctx context.Context, c Caller, in Act, cause error) (Done, error) {
	a, err := cases.CheckTable.Action(in.Action)
	if err != nil {
		return Done{}, err
	}
	number := cases.UpperNumber(in.Subject)
	v, err := p.s.Cases.Check(ctx, c.Scope, number)
	if err != nil {
		return Done{}, err
	}
	note := wanted(a.Form, words.T(words.ZH, "action.check."+in.Action), words.T(words.ZH, "state.check."+v.Check.State), in)
	_, err = p.s.Cases.CheckAct(ctx, c.Scope, number, "note", cases.Input{Raw: form.Raw{"note": {note}}, Key: in.Key, Photos: len(in.Photos), Attach: p.attach(in.AttachKept)})
	return Done{Subject: number, Link: linkOf(p.Kind(), number)}, err
}

func (p checkWork) Now(ctx context.Context, c Caller, subject string) (title, state string, err error) {
	v, err := p.s.Cases.Check(ctx, c.Scope, cases.UpperNumber(subject))
	if err != nil {
		return "", "", err
	}
	return v.Case.Title, c.T("state.check." + v.Check.State), nil
}
