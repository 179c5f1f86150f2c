package field

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/cases"
	"weixiao/internal/form"
	"weixiao/internal/rounds"
	"weixiao/internal/web"
	"weixiao/internal/words"
)

// turnWork is the caller's own turns of the day. There is nothing to tick: a turn fills itself from the day's real work,
// and says what it was filled with. All that can be done is to say that one has other duties.
type turnWork struct{ s *web.Site }

var turnActions = []Action{{Name: "excuse", Icon: "pause"}, {Name: "resume", Icon: "undo"}}

// present exists on a phone only while an exception from the rule against formalism lets its owner say to be there.
var turnPresent = []Action{{Name: "present", Icon: "check"}}

func (turnWork) Kind() string { return rounds.KindTurn }

func (p turnWork) Tasks(ctx context.Context, c Caller) ([]Task, []Action, error) {
	actions, err := tableActions(p.Kind(), turnActions, turnForm)
	if err != nil || p.s.Rounds == nil {
		return nil, actions, err
	}
	list, err := p.s.Rounds.Turns(ctx, c.Scope, rounds.TurnsFilter{Day: c.Now.In(zone).Format(time.DateOnly), Mine: true})
	if err != nil {
		return nil, nil, err
	}
	var out []Task
	for _, t := range list {
		task, err := p.task(ctx, c, t.ID())
		if err != nil {
			return nil, nil, err
		}
		out = append(out, task)
	}
	if slices.ContainsFunc(out, func(t Task) bool { return contains(t.Do, p.Kind()+".present") }) {
		more, err := tableActions(p.Kind(), turnPresent, turnForm)
		return out, append(actions, more...), err
	}
	return out, actions, nil
}

func turnForm(name string) (form.Form, error) {
	a, err := rounds.TurnTable.Action(name)
	if err != nil {
		return form.Form{}, err
	}
	return a.Form, nil
}

// zone is the one in which a day begins.
var zone = time.FixedZone("Asia/Shanghai", 8*3600)

func (p turnWork) task(ctx context.Context, c Caller, id string) (Task, error) {
	t, fills, _, err := p.s.Rounds.Turn(ctx, c.Scope, id)
	if err != nil {
		return Task{}, err
	}
	x, _ := p.s.Rounds.Routine(t.Routine)
	out := Task{Kind: p.Kind(), Subject: id, Title: cmp.Or(either(c, x.Title, x.English), t.Routine), Words: either(c, x.What.ZH, x.What.EN), Version: t.Version,
		Place: p.s.UnitName(c.Lang, cmp.Or(t.Community, t.Street, t.Unit)), Link: "/desk/rounds/turns/" + id}
	if g, ok := p.s.Pack.Directory.Grid(t.Grid); ok {
		out.Place += c.T("word.separator") + g.Name
		out.At = &Point{g.Center[0], g.Center[1]}
	}
	// No state but that of other duties: what is empty stays without colour.
	if t.State == rounds.Excused {
		out.Chip, out.State = "closed", c.T("state.turn.excused")
	}
	named := p.named(ctx, c, fills)
	for i, it := range x.Items {
		var by []string
		for _, f := range fills {
			if name := named[f.Subject]; f.Item == i && name != "" && !contains(by, name) {
				by = append(by, name)
			}
		}
		out.Facts = append(out.Facts, Fact{either(c, it.Title, it.English), cmp.Or(strings.Join(by, "\n"), c.T("desk.rounds.empty"))})
	}
	found, err := p.s.Rounds.List(ctx, c.Scope, rounds.Filter{Turn: id})
	if err != nil {
		return Task{}, err
	}
	for _, x := range found {
		if slices.ContainsFunc(fills, func(f rounds.Fill) bool { return f.Subject == x.ID }) {
			continue // said above
		}
		out.Facts = append(out.Facts, Fact{c.T("fieldwork.fact.onturn"), firstWords(x.Words) + c.T("word.separator") + cmp.Or(x.Case, c.T("state.finding."+x.State))})
	}
	if c.Is(rounds.Finders()...) && t.State != rounds.Excused {
		out.Finds = id
	}
	for _, a := range p.s.Rounds.OpenTurn(c.Scope, t) {
		out.Do = append(out.Do, out.Kind+"."+a.Name)
	}
	return out, nil
}

// named says in words what the work was that filled a turn; "" for the case that a finding became, which is named already.
func (p turnWork) named(ctx context.Context, c Caller, fills []rounds.Fill) map[string]string {
	out, became := map[string]string{}, map[string]bool{}
	for _, f := range fills {
		out[f.Subject] = f.Subject
		switch f.Kind {
		case rounds.Table.Kind:
			if x, _, err := p.s.Rounds.Get(ctx, c.Scope, f.Subject); err == nil {
				out[f.Subject], became[x.Case] = firstWords(x.Words), true
			}
		case cases.Table.Kind:
			if k, err := p.s.Cases.Get(ctx, c.Scope, f.Subject); err == nil {
				out[f.Subject] = k.Title
			}
		}
	}
	for number := range became {
		out[number] = ""
	}
	return out
}

func either(c Caller, zh, en string) string {
	if c.Lang == words.EN && en != "" {
		return en
	}
	return zh
}

func (p turnWork) Do(ctx context.Context, c Caller, in Act) (Done, error) {
	if !contains([]string{"excuse", "resume", "present"}, in.Action) {
		return Done{}, errUnknown
	}
	err := p.s.Rounds.ActTurn(ctx, c.Scope, in.Subject, in.Action, rounds.Input{Raw: in.Raw, Version: in.Version, Key: in.Key, Attach: in.Attach})
	if errors.Is(err, rounds.ErrStale) {
		err = access.ErrStale
	}
	return Done{Subject: in.Subject, Link: "/desk/rounds/turns/" + in.Subject}, err
}

func (p turnWork) Now(ctx context.Context, c Caller, subject string) (title, state string, err error) {
	t, _, _, err := p.s.Rounds.Turn(ctx, c.Scope, subject)
	if err != nil {
		return "", "", err
	}
	x, _ := p.s.Rounds.Routine(t.Routine)
	return cmp.Or(either(c, x.Title, x.English), t.Routine), c.T("state.turn." + t.State), nil
}
