package field

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/cases"
	"weixiao/internal/files"
	"weixiao/internal/form"
	"weixiao/internal/store"
	"weixiao/internal/web"
	"weixiao/internal/web/ui"
	"weixiao/internal/words"
)

// caseWork is the cases that the caller's unit must act on next.
type caseWork struct{ s *web.Site }

// mostTasks is how many tasks of a kind lie on a phone.
const mostTasks = 100

// caseActions are what is done outside, the most likely first. Everything else is
// done at the desk.
var caseActions = []Action{
	{Name: "sign", Icon: "check", Look: "p"},
	{Name: "reply", Icon: "cam", Look: "p", Photos: maxPhotos, Before: true},
	{Name: "contact", Icon: "chat"},
	{Name: "progress", Icon: "cam", Photos: maxPhotos, Before: true, Adds: true},
	{Name: "note", Icon: "file", Photos: maxPhotos, Adds: true},
}

// wordsOnly are acts that change nothing somebody decided about: an act on a case
// that only they came between is not stale.
var wordsOnly = []string{"note", "progress", "urge", "supplement", cases.Recounted}

func (caseWork) Kind() string { return cases.Table.Kind }

// tableActions fills in the forms of a flow table.
func tableActions(kind string, list []Action, forms func(name string) (form.Form, error)) ([]Action, error) {
	out := slices.Clone(list)
	for i := range out {
		fm, err := forms(out[i].Name)
		if err != nil {
			return nil, err
		}
		out[i].Kind, out[i].Form = kind, fm
	}
	return out, nil
}

func (p caseWork) Tasks(ctx context.Context, c Caller) ([]Task, []Action, error) {
	actions, err := tableActions(p.Kind(), caseActions, func(name string) (form.Form, error) {
		a, err := cases.Table.Action(name)
		if err != nil {
			return form.Form{}, err
		}
		return a.Form, nil
	})
	if err != nil || c.Scope.Unit() == "" || !c.handles() {
		return nil, actions, err
	}
	rows, err := p.s.Cases.Queue(ctx, c.Scope, cases.Want{Holder: c.Scope.Unit(), Account: c.Account}, c.Now, cases.Cursor{}, mostTasks)
	if err != nil {
		return nil, nil, err
	}
	photos, err := p.photos(ctx, rows)
	if err != nil {
		return nil, nil, err
	}
	var out []Task
	for _, k := range rows {
		t := p.task(c, k)
		for i, x := range photos[k.Number] {
			t.Photos = append(t.Photos, Photo{ID: x.ID, Note: c.T("fieldwork.photo.note", i+1, words.Moment(c.Lang, c.Now, time.UnixMicro(x.Created)))})
		}
		out = append(out, t)
	}
	return out, actions, nil
}

// photos are those of the cases that have any.
func (p caseWork) photos(ctx context.Context, rows []*cases.Row) (map[string][]files.File, error) {
	out := map[string][]files.File{}
	err := p.s.DB.Read(ctx, func(tx *store.Tx) error {
		for _, k := range rows {
			if k.Photos == 0 {
				continue
			}
			list, err := files.Of(tx, k.District, cases.Table.Kind, k.Number)
			if err != nil {
				return err
			}
			for _, x := range list {
				if x.Kind == files.KindPhoto && len(out[k.Number]) < maxPhotos {
					out[k.Number] = append(out[k.Number], x)
				}
			}
		}
		return nil
	})
	return out, err
}

func (p caseWork) task(c Caller, k *cases.Case) Task {
	t := Task{Kind: cases.Table.Kind, Subject: k.Number, Title: k.Title, Words: k.Body, Place: p.place(c, k.Place), Version: k.Version, Link: linkOf(cases.Table.Kind, k.Number)}
	if k.Place.Located {
		t.At = &Point{k.Place.Lon, k.Place.Lat}
	}
	if due := cases.NextDue(k.Clocks); due != cases.NoDue {
		t.Due = due / 1000
	}
	t.Chip, t.State = caseState(c, k)
	if k.Counts.Urges > 0 {
		t.Tags = append(t.Tags, Tag{c.T("fieldwork.urged", k.Counts.Urges), "hot"})
	}
	if k.Has(cases.Whistled) {
		t.Tags = append(t.Tags, Tag{c.T("mark." + cases.Whistled), "blue"})
	}
	t.Facts = append(t.Facts, Fact{c.T("fieldwork.fact.number"), k.Number})
	if m := p.s.MatterName(c.Lang, k.Matter); m != "" {
		t.Facts = append(t.Facts, Fact{c.T("fieldwork.fact.matter"), m})
	}
	t.Facts = append(t.Facts, Fact{c.T("fieldwork.fact.said"), words.Moment(c.Lang, c.Now, time.UnixMicro(k.Created))})
	open := map[string]bool{}
	for _, a := range p.s.Cases.Open(c.Scope, k) {
		open[a.Name] = true
	}
	for _, a := range caseActions {
		if open[a.Name] {
			t.Do = append(t.Do, t.Kind+"."+a.Name)
		}
	}
	if k.State == cases.Signed { // the resident is to be called first
		slices.SortStableFunc(t.Do, func(a, b string) int { return rank(a, "case.contact") - rank(b, "case.contact") })
	}
	if k.Person != "" && open["contact"] {
		t.Call = t.Link + "/reveal"
	}
	return t
}

func rank(name, first string) int {
	if name == first {
		return 0
	}
	return 1
}

func caseState(c Caller, k *cases.Case) (chip, label string) {
	for _, m := range []string{cases.ObjectionPending, cases.ExtensionPending, cases.SuspensionPending, cases.PausePending, cases.AppealPending, cases.Suspended, cases.Paused} {
		if k.Has(m) {
			return "hold", c.T("mark." + m)
		}
	}
	s, _ := cases.Table.State(k.State)
	return s.Chip, c.T("state.case." + k.State)
}

// place is where it is, in words; the community when nobody said more.
func (p caseWork) place(c Caller, at cases.Place) string {
	if at.Text != "" {
		return at.Text
	}
	for _, u := range []string{at.Community, at.Street} {
		if u != "" {
			return p.s.UnitName(c.Lang, u)
		}
	}
	return ""
}

func (p caseWork) Do(ctx context.Context, c Caller, in Act) (Done, error) {
	i := slices.IndexFunc(caseActions, func(a Action) bool { return a.Name == in.Action })
	if i < 0 {
		return Done{}, errUnknown
	}
	number := cases.UpperNumber(in.Subject)
	act := cases.Input{Raw: in.Raw, Key: in.Key, Photos: len(in.Photos), Attach: func(tx *store.Tx, number string, _ int64, at time.Time) error {
		return in.Attach(tx, cases.Table.Kind, number, at)
	}}
	if !caseActions[i].Adds {
		act.Version = in.Version
	}
	_, err := p.s.Cases.Act(ctx, c.Scope, number, in.Action, act)
	if errors.Is(err, access.ErrStale) {
		if now, ok, e := p.onlyWords(ctx, c, number, in.Version); e == nil && ok {
			act.Version = now
			_, err = p.s.Cases.Act(ctx, c.Scope, number, in.Action, act)
		}
	}
	return Done{Subject: number, Link: linkOf(cases.Table.Kind, number)}, err
}

// onlyWords reports whether nothing but words came to the case since a version, and
// the version it has now.
func (p caseWork) onlyWords(ctx context.Context, c Caller, number string, saw int64) (int64, bool, error) {
	v, err := p.s.Cases.View(ctx, c.Scope, number)
	if err != nil {
		return 0, false, err
	}
	n := int64(0)
	for _, e := range v.Entries {
		if e.Action == cases.Recounted {
			continue // it leaves the version as it is
		}
		if n++; n > saw && !contains(wordsOnly, e.Action) {
			return 0, false, nil
		}
	}
	return v.Case.Version, saw > 0 && n == v.Case.Version, nil
}

// Keep writes what was meant as a note on the case, for whoever handles it now.
func (p caseWork) Keep(ctx context.Context, c Caller, in Act, cause error) (Done, error) {
	a, err := cases.Table.Action(in.Action)
	if err != nil {
		return Done{}, err
	}
	number := cases.UpperNumber(in.Subject)
	k, err := p.s.Cases.Get(ctx, c.Scope, number)
	if err != nil {
		return Done{}, err
	}
	_, state := caseState(Caller{Lang: words.ZH}, k)
	note := wanted(a.Form, words.T(words.ZH, "action.case."+in.Action), state, in)
	_, err = p.s.Cases.Act(ctx, c.Scope, number, "note", cases.Input{Raw: form.Raw{"note": {note}}, Key: in.Key, Photos: len(in.Photos) + len(in.After),
		Attach: func(tx *store.Tx, number string, _ int64, at time.Time) error {
			return in.AttachKept(tx, cases.Table.Kind, number, at)
		}})
	return Done{Subject: number, Link: linkOf(cases.Table.Kind, number)}, err
}

// wanted is what somebody meant to do without a signal, in the words of the district.
func wanted(fm form.Form, action, state string, in Act) string {
	lines := []string{words.T(words.ZH, "fieldwork.kept", action, words.Exact(words.ZH, in.Happened()), state)}
	for _, fd := range fm.Fields {
		var said []string
		for _, v := range in.Raw[fd.Name] {
			switch {
			case strings.TrimSpace(v) == "":
			case fd.Type == form.Choice || fd.Type == form.Multi:
				said = append(said, ui.OptionLabel(words.ZH, fm.Name, fd.Name, v))
			case fd.Type == form.Bool:
				said = append(said, words.T(words.ZH, "fieldwork.bool."+boolWord(v)))
			default:
				said = append(said, strings.TrimSpace(v))
			}
		}
		if len(said) > 0 {
			lines = append(lines, ui.FieldLabel(words.ZH, fm.Name, fd.Name)+words.T(words.ZH, "fieldwork.colon")+strings.Join(said, words.T(words.ZH, "word.list.comma")))
		}
	}
	return strings.Join(lines, "\n")
}

func boolWord(v string) string {
	if contains([]string{"true", "yes", "1", "on"}, v) {
		return "yes"
	}
	return "no"
}

func (p caseWork) Now(ctx context.Context, c Caller, subject string) (title, state string, err error) {
	k, err := p.s.Cases.Get(ctx, c.Scope, cases.UpperNumber(subject))
	if err != nil {
		return "", "", err
	}
	_, state = caseState(c, k)
	return k.Title, state, nil
}

func (p caseWork) MayRead(ctx context.Context, c Caller, subject string) error {
	return p.s.Cases.Shares(ctx, c.Scope, subject)
}
