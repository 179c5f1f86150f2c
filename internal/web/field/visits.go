package field

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/rounds/visits"
	"weixiao/internal/store"
	"weixiao/internal/web"
	"weixiao/internal/web/ui"
	"weixiao/internal/words"
)

// visitWork is the doors of the caller's community that wait to be knocked at, to be come to again or to be gone after;
// for the worker of a grid those of the grid. Who does not get to one has nothing to explain: not at home and declined
// are outcomes like any other, and nothing counts by person.
type visitWork struct{ s *web.Site }

var visitActions = []Action{
	{Name: "record", Icon: "check", Look: "p"},
	{Name: "raise", Icon: "plus"},
	{Name: "follow_up", Icon: "walk"},
	{Name: "close", Icon: "check"},
}

func (visitWork) Kind() string { return visits.VisitTable.Kind }

func (p visitWork) Tasks(ctx context.Context, c Caller) ([]Task, []Action, error) {
	if p.s.Visits == nil {
		return nil, nil, nil
	}
	actions, err := tableActions(p.Kind(), visitActions, func(name string) (form.Form, error) {
		a, err := visits.VisitTable.Action(name)
		if err != nil {
			return form.Form{}, err
		}
		return p.s.Visits.Form(a), nil
	})
	choices := p.choices(c)
	for i := range actions {
		actions[i].Choices = choices
	}
	if err == nil && c.Is(access.Chief) {
		return p.doorstep(ctx, c, actions)
	}
	if err != nil || c.Scope.Unit() == "" || c.Scope.All() {
		return nil, actions, err
	}
	grid := ""
	if c.Scope.Can(access.Grid) {
		if grid, err = p.s.Visits.GridOf(ctx, c.Account); err != nil {
			return nil, nil, err
		}
	}
	var out []Task
	for _, u := range communities(p.s.Pack.Directory, c.Unit) {
		list, err := p.s.Visits.OpenDoors(ctx, c.Scope, u, 4*mostTasks)
		if err != nil {
			return nil, nil, err
		}
		for _, x := range list {
			if (grid == "" || x.Grid == "" || x.Grid == grid) && len(out) < mostTasks && undone(x) {
				out = append(out, p.task(c, x))
			}
		}
	}
	return out, actions, nil
}

// doorstep is the doors of the building whose chief the caller is. Chiefs write down no names and numbers.
func (p visitWork) doorstep(ctx context.Context, c Caller, actions []Action) ([]Task, []Action, error) {
	for i := range actions {
		actions[i].Form.Fields = slices.DeleteFunc(slices.Clone(actions[i].Form.Fields), func(f form.Field) bool { return f.Name == "name" || f.Name == "phone" })
	}
	list, err := p.s.Visits.Doorstep(ctx, c.Scope, mostTasks)
	var out []Task
	for _, x := range list {
		if undone(x) {
			out = append(out, p.task(c, x))
		}
	}
	return out, actions, err
}

// undone reports whether there is something to do at a door: what was gone after, and nobody promised to come again, is
// closed at the desk once its case has ended.
func undone(x *visits.Visit) bool { return x.State != visits.Followed || x.Revisit != "" }

func (p visitWork) task(c Caller, x *visits.Visit) Task {
	st, _ := visits.VisitTable.State(x.State)
	t := Task{Kind: p.Kind(), Subject: x.ID, Version: x.Version, Chip: st.Chip, State: c.T("state.visit." + x.State), Link: "/desk/doors/" + x.ID, Title: visits.DoorName(x.Door)}
	if b, ok := p.s.Posts.Board().Building(x.Building); ok {
		t.Title, t.Place, t.At = b.Title()+visits.DoorName(x.Door), p.s.UnitName(c.Lang, x.Community), &Point{b.Point[0], b.Point[1]}
	}
	if day, err := time.ParseInLocation(time.DateOnly, x.Revisit, words.Zone()); err == nil {
		t.Plan = c.T("fieldwork.plan.for", c.day(day))
		if day.Add(24 * time.Hour).Before(c.Now) { // said calmly: nobody is late at a door
			t.Plan = c.T("fieldwork.plan.was", c.day(day))
		}
	}
	if x.Outcome != "" {
		t.Facts = append(t.Facts, Fact{c.T("form.visit_record.outcome"), c.T("desk.visits.outcome." + x.Outcome)})
	}
	for _, n := range x.CaseList() {
		if c.Is(access.Chief) {
			break // chiefs reach no cases
		}
		t.Facts = append(t.Facts, Fact{c.T("desk.workdays.case"), n})
	}
	open := p.s.Visits.OpenVisit(c.Scope, x)
	if c.Is(access.Chief) {
		open = p.s.Visits.OpenToChief(c.Scope, x)
	}
	for _, a := range visitActions {
		if slices.ContainsFunc(open, func(o *flow.Action) bool { return o.Name == a.Name }) {
			t.Do = append(t.Do, t.Kind+"."+a.Name)
		}
	}
	return t
}

// choices are the topics and needs of the pack in the caller's language.
func (p visitWork) choices(c Caller) map[string][]ui.Choice {
	say := func(zh, en string) string {
		if c.Lang == words.EN && en != "" {
			return en
		}
		return zh
	}
	out, rules := map[string][]ui.Choice{}, p.s.Visits.Rules()
	for _, x := range rules.Topics {
		out["topics"] = append(out["topics"], ui.Choice{Value: x.ID, Label: say(x.Title, x.English)})
	}
	for _, x := range rules.Needs {
		out["need"] = append(out["need"], ui.Choice{Value: x.ID, Label: say(x.Title, x.English)})
	}
	return out
}

func (p visitWork) Do(ctx context.Context, c Caller, in Act) (Done, error) {
	i := slices.IndexFunc(visitActions, func(a Action) bool { return a.Name == in.Action })
	if i < 0 || p.s.Visits == nil {
		return Done{}, errUnknown
	}
	_, _, err := p.s.Visits.Do(ctx, c.Scope, in.Subject, in.Action, visits.Input{Version: in.Version, Raw: in.Raw, Key: in.Key, At: in.Happened(),
		Attach: func(tx *store.Tx, id string, at time.Time) error { return in.Attach(tx, p.Kind(), id, at) }})
	refused, no := errors.AsType[*visits.Refusal](err)
	switch {
	case errors.Is(err, visits.ErrStale):
		err = access.ErrStale
	case no && refused.Field == "":
		err = flow.ErrState
	case no:
		err = form.Faults{{Field: refused.Field, Code: "control"}}
	}
	return Done{Subject: in.Subject, Link: "/desk/doors/" + in.Subject}, err
}

func (p visitWork) Now(ctx context.Context, c Caller, subject string) (title, state string, err error) {
	x, _, _, err := p.s.Visits.Visit(ctx, c.Scope, subject)
	if err != nil {
		return "", "", err
	}
	return p.task(c, x).Title, c.T("state.visit." + x.State), nil
}

// needList are the people in need whom the caller may know of, masked, with the day of their next review. Every one of
// them is a row of the disclosure ledger each time the list is loaded; name, telephone and address stay behind a reason
// at the desk.
type needList struct{ s *web.Site }

func (needList) Name() string { return "needs" }

func (n needList) List(ctx context.Context, c Caller) ([]Item, error) {
	if n.s.Visits == nil || c.Scope.Unit() == "" {
		return nil, nil
	}
	people, err := n.s.Visits.People(ctx, c.Scope, "", mostItems)
	if err != nil {
		return nil, err
	}
	today := c.Now.In(words.Zone()).Format(time.DateOnly)
	slices.SortFunc(people, func(a, b visits.Seen) int { return cmp.Compare(a.Due, b.Due) })
	var out []Item
	for _, s := range people {
		x := Item{ID: s.ID, Title: s.Masked.Name, Note: n.s.UnitName(c.Lang, s.Community), Link: "/desk/people-in-need/" + s.ID, Facts: []Fact{{c.T("desk.needs.due"), s.Due}}}
		for _, id := range s.CategoryList() {
			if k, ok := n.s.Visits.Rules().Category(id); ok {
				t := k.Title
				if c.Lang == words.EN {
					t = k.English
				}
				x.Tags = append(x.Tags, Tag{Text: t})
			}
		}
		if s.Due < today {
			x.Tags = append(x.Tags, Tag{Text: c.T("desk.needs.late"), Tone: "hot"})
		}
		out = append(out, x)
	}
	return out, nil
}
