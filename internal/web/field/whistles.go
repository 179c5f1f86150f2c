package field

import (
	"context"
	"slices"
	"time"

	"weixiao/internal/cases"
	"weixiao/internal/form"
	"weixiao/internal/store"
	"weixiao/internal/web"
	"weixiao/internal/words"
)

// whistleWork is the whistles that the caller's unit was called to.
type whistleWork struct{ s *web.Site }

// whistleActions are what a called unit does on the spot. Reporting in says who came
// for the unit: a unit's word, once, and no picture of anybody.
var whistleActions = []Action{
	{Name: "acknowledge", Icon: "check", Look: "p", Adds: true},
	{Name: "report_in", Icon: "pin", Look: "p", Adds: true},
	{Name: "task_done", Icon: "check"},
	{Name: "note", Icon: "file", Adds: true},
}

func (whistleWork) Kind() string { return cases.WhistleTable.Kind }

func (p whistleWork) Tasks(ctx context.Context, c Caller) ([]Task, []Action, error) {
	actions, err := tableActions(p.Kind(), whistleActions, func(name string) (form.Form, error) {
		a, err := cases.WhistleTable.Action(name)
		if err != nil {
			return form.Form{}, err
		}
		return a.Form, nil
	})
	if err != nil || c.Scope.Unit() == "" || c.Scope.All() || !c.handles() {
		return nil, actions, err
	}
	_, called, err := p.s.Cases.Whistles(ctx, c.Scope, mostTasks)
	if err != nil {
		return nil, nil, err
	}
	var out []Task
	for _, w := range called {
		v, err := p.s.Cases.Whistle(ctx, c.Scope, w.Number)
		if err != nil {
			return nil, nil, err
		}
		out = append(out, p.task(c, v))
	}
	return out, actions, nil
}

func (p whistleWork) task(c Caller, v *cases.WhistleView) Task {
	w := v.Whistle
	mine := w.Units[v.Mine]
	s, _ := cases.WhistleTable.State(w.State)
	t := Task{Kind: p.Kind(), Subject: w.Number, Title: c.T("fieldwork.whistle.title", p.s.UnitName(c.Lang, w.Unit)), Place: w.Where, Version: w.Version, Chip: s.Chip,
		State: c.T("state.whistle." + w.State), Link: linkOf(p.Kind(), w.Number)}
	for _, e := range v.Entries {
		if e.Action == "draft" {
			t.Words = e.Texts["issue"]
		}
	}
	for _, name := range []string{cases.ClockAcknowledge + ":" + v.Mine, cases.ClockArrive + ":" + v.Mine} {
		if k, ok := w.Clocks[name]; ok && k.Running() && k.Due > 0 && (t.Due == 0 || k.Due/1000 < t.Due) {
			t.Due = k.Due / 1000
		}
	}
	t.Facts = append(t.Facts, Fact{c.T("fieldwork.fact.number"), w.Number})
	if at, err := time.Parse(time.RFC3339, w.MeetAt); err == nil {
		t.Facts = append(t.Facts, Fact{c.T("fieldwork.fact.meet"), words.Moment(c.Lang, c.Now, at)})
	}
	if task := v.Tasks[v.Mine]; task != "" {
		t.Facts = append(t.Facts, Fact{c.T("fieldwork.fact.task"), task})
	}
	open := map[string]bool{}
	for _, a := range v.Actions {
		open[a.Name] = true
	}
	// the table says what the unit may do, its standing what is left to do
	done := map[string]bool{"acknowledge": mine.Acknowledged > 0 || mine.Arrived > 0, "report_in": mine.Arrived > 0, "task_done": mine.Task != "open"}
	for _, a := range whistleActions {
		if open[a.Name] && !done[a.Name] {
			t.Do = append(t.Do, t.Kind+"."+a.Name)
		}
	}
	t.Known = map[string]string{"who": c.Name}
	return t
}

func (p whistleWork) Do(ctx context.Context, c Caller, in Act) (Done, error) {
	i := slices.IndexFunc(whistleActions, func(a Action) bool { return a.Name == in.Action })
	if i < 0 {
		return Done{}, errUnknown
	}
	number := cases.UpperNumber(in.Subject)
	act := cases.Input{Raw: in.Raw, Key: in.Key, Attach: p.attach(in.Attach)}
	if !whistleActions[i].Adds {
		act.Version = in.Version
	}
	_, err := p.s.Cases.WhistleAct(ctx, c.Scope, number, in.Action, act)
	return Done{Subject: number, Link: linkOf(p.Kind(), number)}, err
}

func (p whistleWork) attach(do func(*store.Tx, string, string, time.Time) error) func(*store.Tx, string, int64, time.Time) error {
	return func(tx *store.Tx, number string, _ int64, at time.Time) error { return do(tx, p.Kind(), number, at) }
}

// Keep writes what was meant as a note on the whistle.
func (p whistleWork) Keep(ctx context.Context, c Caller, in Act, cause error) (Done, error) {
	a, err := cases.WhistleTable.Action(in.Action)
	if err != nil {
		return Done{}, err
	}
	number := cases.UpperNumber(in.Subject)
	v, err := p.s.Cases.Whistle(ctx, c.Scope, number)
	if err != nil {
		return Done{}, err
	}
	note := wanted(a.Form, words.T(words.ZH, "action.whistle."+in.Action), words.T(words.ZH, "state.whistle."+v.Whistle.State), in)
	_, err = p.s.Cases.WhistleAct(ctx, c.Scope, number, "note", cases.Input{Raw: form.Raw{"note": {note}}, Key: in.Key, Attach: p.attach(in.AttachKept)})
	return Done{Subject: number, Link: linkOf(p.Kind(), number)}, err
}

func (p whistleWork) Now(ctx context.Context, c Caller, subject string) (title, state string, err error) {
	v, err := p.s.Cases.Whistle(ctx, c.Scope, cases.UpperNumber(subject))
	if err != nil {
		return "", "", err
	}
	return c.T("fieldwork.whistle.title", p.s.UnitName(c.Lang, v.Whistle.Unit)), c.T("state.whistle." + v.Whistle.State), nil
}
