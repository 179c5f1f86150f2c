package field

import (
	"context"
	"strings"
	"time"

	"weixiao/internal/files"
	"weixiao/internal/form"
	"weixiao/internal/rounds"
	"weixiao/internal/store"
	"weixiao/internal/web"
	"weixiao/internal/words"
)

// findingWork is what is found outside: taking it in, and looking again at what others
// settled on the spot.
type findingWork struct{ s *web.Site }

// lookBack is how long a finding is offered: settled on the spot for a second look, and found not to be settled for
// another try.
var lookBack = map[string]time.Duration{rounds.Settled: 7 * 24 * time.Hour, rounds.Returned: 30 * 24 * time.Hour}

// findingActions are those of the flow table; the phone draws a page of its own for
// the first.
var findingActions = []Action{
	{Name: "find", Icon: "plus", Look: "p", Photos: maxPhotos, Adds: true},
	{Name: "recheck", Icon: "eye", Look: "p", Photos: 3, Before: true},
	{Name: "fix", Icon: "check", Look: "p", Photos: 3, Before: true},
	{Name: "send", Icon: "send"},
}

func (findingWork) Kind() string { return rounds.Table.Kind }

func (p findingWork) Tasks(ctx context.Context, c Caller) ([]Task, []Action, error) {
	actions, err := tableActions(p.Kind(), findingActions, func(name string) (form.Form, error) {
		a, err := rounds.Table.Action(name)
		if err != nil {
			return form.Form{}, err
		}
		return a.Form, nil
	})
	if err != nil || p.s.Rounds == nil {
		return nil, actions, err
	}
	var out []Task
	for state, back := range lookBack {
		list, err := p.s.Rounds.List(ctx, c.Scope, rounds.Filter{State: state, Since: c.Now.Add(-back).UnixMicro(), Limit: mostTasks / 2})
		if err != nil {
			return nil, nil, err
		}
		for _, x := range list {
			// To send up what was settled is always possible, and nothing to do.
			if t := p.task(c, x); contains(t.Do, t.Kind+".recheck") || contains(t.Do, t.Kind+".fix") {
				out = append(out, t)
			}
		}
	}
	if err := p.photos(ctx, c, out); err != nil {
		return nil, nil, err
	}
	return out, actions, nil
}

func (p findingWork) task(c Caller, x *rounds.Record) Task {
	s, _ := rounds.Table.State(x.State)
	t := Task{Kind: p.Kind(), Subject: x.ID, Title: firstWords(x.Words), Words: x.Words, Place: x.Place.Text, Version: x.Version, Chip: s.Chip, State: c.T("state.finding." + x.State)}
	if x.Place.Located {
		t.At = &Point{x.Place.Lon, x.Place.Lat}
	}
	if t.Place == "" {
		t.Place = p.s.UnitName(c.Lang, x.Place.Community)
	}
	if m := p.s.MatterName(c.Lang, x.Matter); m != "" {
		t.Facts = append(t.Facts, Fact{c.T("fieldwork.fact.matter"), m})
	}
	if x.Fix != "" {
		t.Facts = append(t.Facts, Fact{c.T("fieldwork.fact.fix"), x.Fix})
	}
	t.Facts = append(t.Facts, Fact{c.T("fieldwork.fact.found"), words.Moment(c.Lang, c.Now, time.UnixMicro(x.Seen))})
	for _, a := range p.s.Rounds.Open(c.Scope, x) {
		t.Do = append(t.Do, t.Kind+"."+a.Name)
	}
	return t
}

// firstWords are the words as a title.
func firstWords(s string) string {
	s, _, _ = strings.Cut(strings.TrimSpace(s), "\n")
	if r := []rune(s); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return s
}

// photos fills in the pictures of the problem, then those of its fix.
func (p findingWork) photos(ctx context.Context, c Caller, tasks []Task) error {
	return p.s.DB.Read(ctx, func(tx *store.Tx) error {
		for i := range tasks {
			for _, kind := range []string{rounds.KindFinding, rounds.KindFix} {
				list, err := files.Of(tx, c.District, kind, tasks[i].Subject)
				if err != nil {
					return err
				}
				for _, x := range list {
					if x.Kind == files.KindPhoto && len(tasks[i].Photos) < maxPhotos {
						tasks[i].Photos = append(tasks[i].Photos, Photo{ID: x.ID, Note: c.T("fieldwork.photo." + kind)})
					}
				}
			}
		}
		return nil
	})
}

func (p findingWork) Do(ctx context.Context, c Caller, in Act) (Done, error) {
	if in.Action == "find" {
		return p.find(ctx, c, in)
	}
	if !contains([]string{"recheck", "fix", "send"}, in.Action) {
		return Done{}, errUnknown
	}
	rec, err := p.s.Rounds.Act(ctx, c.Scope, in.Subject, in.Action, rounds.Input{Raw: in.Raw, Version: in.Version, Photos: len(in.Photos), Attach: in.Attach, Key: in.Key})
	return Done{Subject: rec.ID}, err
}

// find takes in what was found: sent up, or settled on the spot.
func (p findingWork) find(ctx context.Context, c Caller, in Act) (Done, error) {
	act, err := rounds.Table.Action("find")
	if err != nil {
		return Done{}, err
	}
	answers, err := act.Form.Check(in.Raw)
	if err != nil {
		return Done{}, err
	}
	f := rounds.Finding{Turn: in.Subject, Matter: answers.Str("matter"), Words: answers.Str("words"), Settled: answers.Bool("settled"), Fix: answers.Str("fix"),
		Seen: in.Happened(), Photos: len(in.Photos), FixPhotos: len(in.After), Attach: in.Attach, AttachFix: in.AttachAfter, Key: in.Key}
	if !f.Settled && len(in.After) > 0 { // pictures of a fix that nobody says was made: they are of the problem
		f.Photos += len(in.After)
		f.Attach = func(tx *store.Tx, kind, subject string, at time.Time) error {
			if err := in.AttachAfter(tx, kind, subject, at); err != nil {
				return err
			}
			return in.Attach(tx, kind, subject, at)
		}
	}
	f.Place.Text = answers.Str("place")
	if in.Place != nil {
		f.Place.Lon, f.Place.Lat, f.Place.Located = in.Place.Lon, in.Place.Lat, true
	}
	if f.Place.Text == "" && in.Place == nil { // nobody said where: the community it was found from
		f.Place.Community, f.Place.Street = p.own(c)
	}
	found, err := p.s.Rounds.Find(ctx, c.Scope, f)
	if err != nil {
		return Done{}, err
	}
	if found.Case != "" {
		return Done{Subject: found.Case, Link: linkOf("case", found.Case)}, nil
	}
	return Done{Subject: found.ID}, nil
}

// own are community and street of the caller's unit.
func (p findingWork) own(c Caller) (community, street string) {
	at, _ := p.s.Pack.Directory.OfPlace(c.Unit)
	return at.Community.ID, at.Street.ID
}

func (p findingWork) Now(ctx context.Context, c Caller, subject string) (title, state string, err error) {
	x, _, err := p.s.Rounds.Get(ctx, c.Scope, subject)
	if err != nil {
		return "", "", err
	}
	return firstWords(x.Words), c.T("state.finding." + x.State), nil
}

func (p findingWork) MayRead(ctx context.Context, c Caller, subject string) error {
	_, _, err := p.s.Rounds.Get(ctx, c.Scope, subject)
	return err
}
