package desk

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"weixiao/internal/cases"
	"weixiao/internal/catalogue"
	"weixiao/internal/form"
	"weixiao/internal/vault"
	"weixiao/internal/web"
	"weixiao/internal/web/ui"
	"weixiao/internal/words"
)

// What to do with a request once it is written down: the value of the button.
const (
	thenDispatch = "dispatch"
	thenAnswer   = "answer"
	thenScreen   = "screen_out"
	thenKeep     = "keep"
	thenCheck    = "check" // nothing: look again with what is typed, for pages without scripts
	thenUrge     = "urge"  // "urge:NUMBER": not a new request, the caller asks after one
	thenMerge    = "merge" // "merge:NUMBER": the same problem as another one
)

// intakeForm asks in the order in which one talks on the telephone.
var intakeForm = form.Form{Name: "intake", Fields: []form.Field{
	{Name: "phone", Type: form.Phone},
	{Name: "body", Type: form.Text, Required: true, Max: cases.MaxBody},
	{Name: "place", Type: form.Line, Max: cases.MaxPlace},
	{Name: "community", Type: form.Unit},
	{Name: "spot", Type: form.Line, Max: 40},
	{Name: "asset", Type: form.Line, Max: 17},
	{Name: "matter", Type: form.Line, Max: 40},
	{Name: "kind", Type: form.Choice, Options: form.Options(catalogueKinds...)},
	{Name: "name", Type: form.Line, Max: 40},
	{Name: "private", Type: form.Bool},
	{Name: "unit", Type: form.Unit},
	{Name: "profile", Type: form.Choice, Options: form.Options("L0", "L1", "L2", "L3", "L4", "L5")},
	{Name: "note", Type: form.Text, Max: 1000},
	{Name: "reply", Type: form.Text, Max: 1000},
	{Name: "ground", Type: form.Choice, Options: groundsOfScreening()},
}}

func groundsOfScreening() []form.Option {
	a, err := cases.Table.Action("screen_out")
	if err != nil {
		panic(err)
	}
	fd, _ := a.Form.Field("ground")
	return fd.Options
}

// pickName is the radio group of proposed matters; the select beside it wins.
const pickName = "pick"

// intakeView is the page, and the help beside it.
type intakeView struct {
	Form    ui.FormView
	Asks    ui.FormView            // the matter's own questions
	Fields  map[string]ui.FormView // one form cut into the parts of the page
	Picks   []matterPick
	Picked  string
	Where   whereFinding
	Assets  []assetPick // city assets beside the place that the words may mean
	Masked  string      // the telephone number, masked; "" = none yet
	Earlier []earlier
	Opens   int // how many of them are open
	Suggest suggestion
	Advice  adviceView
	Assist  string
	Limits  string
	Near    []nearLine
	Done    string // number of the case just taken in
	Missing string
	Calls   bool // a call, not a report of one's own
	Photos  *ui.PhotosView
	Key     string
}

// matterPick is a proposed matter and why it is proposed.
type matterPick struct {
	Key, Name, Why string
	On             bool
}

// earlier is a case of the same telephone number.
type earlier struct {
	Number, Title, Note, Chip, State string
	Open                             bool
}

func (d *Desk) intakePage(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.intake.title")
	v, err := f.intakeView(form.Raw{}, nil)
	if err != nil {
		return err
	}
	if n := r.URL.Query().Get("number"); n != "" {
		if k, err := d.s.Cases.Get(r.Context(), f.sc, n); err == nil {
			v.Done = k.Number
			f.said(r)
		}
	}
	return f.render(w, http.StatusOK, intakePage(f, v))
}

// intakeHelp answers while one types: who calls, where it is, what it is about,
// where it would go, what is like it. Nothing of what was typed is in an address.
func (d *Desk) intakeHelp(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.intake.title")
	if err := r.ParseForm(); err != nil {
		return err
	}
	v, err := f.intakeView(rawIntake(r), nil)
	if err != nil {
		return err
	}
	return renderPart(w, r, http.StatusOK, intakeParts(f, v))
}

// rawIntake is what was typed; the chosen matter is the one picked from the
// proposals unless another one was chosen from the whole list.
func rawIntake(r *http.Request) form.Raw {
	raw := rawOf(intakeForm, r)
	if raw.Get("matter") == "" && raw.Get(pickName) != "" {
		raw["matter"] = []string{raw.Get(pickName)}
	}
	delete(raw, pickName)
	delete(raw, "then")
	return raw
}

// intakeView makes the page for what is typed so far.
func (f *frame) intakeView(typed form.Raw, faults form.Faults) (*intakeView, error) {
	v := &intakeView{Key: newKey(), Calls: true}
	raw, asked := parted(typed)
	place := f.placeOf(raw)
	v.Where = f.whereOf(raw, place)
	var err error
	if v.Assets, err = f.assetPicks(raw, place); err != nil {
		return nil, err
	}
	v.Picks, v.Picked = f.picks(raw)
	if err := f.caller(v, raw.Get("phone")); err != nil {
		return nil, err
	}
	matter := raw.Get("matter")
	if matter == "" {
		matter = v.Picked
	}
	if said := strings.TrimSpace(raw.Get("body")); said != "" {
		if matter != "" {
			v.Suggest, v.Assist, v.Limits = f.wayOf(matter, raw.Get("kind"), place)
		}
		v.Advice = f.adviceOnCall(said, raw.Get("kind"), matter, place)
		if v.Near, err = f.near("", matter, place, said); err != nil {
			return nil, err
		}
		for i := range v.Near {
			v.Near[i].Target = "_blank"
		}
	} else {
		v.Missing = f.T("ui.missing", 1, ui.FieldLabel(f.Lang, intakeForm.Name, "body"))
	}
	v.Asks = web.Questions(f.Lang, intakeForm.Name, f.questions(matter, raw.Get("kind"), place), asked, faults)
	v.Asks.Dense = true
	v.Form = ui.FormView{Form: intakeForm, Raw: raw, Faults: faults, Dense: true, Action: "/desk/intake",
		Choices: map[string][]ui.Choice{"community": f.d.finder.communities(f.Lang), "matter": f.d.finder.matters(f.Lang), "unit": f.d.finder.handling(f.Lang),
			"profile": f.d.finder.profiles(f.Lang), "kind": f.options("kind.", catalogueKinds), "ground": f.grounds()},
		Looks:   map[string]string{"matter": "select", "profile": "select", "ground": "select"},
		Suggest: map[string]string{"place": suggestPath + " intake-community"}}
	if v.Picked != "" && raw.Get("matter") == v.Picked {
		v.Form.Raw = withoutMatter(raw)
	}
	return v, nil
}

func withoutMatter(raw form.Raw) form.Raw {
	out := form.Raw{}
	for k, x := range raw {
		if k != "matter" {
			out[k] = x
		}
	}
	return out
}

func (f *frame) grounds() []ui.Choice {
	var out []ui.Choice
	for _, o := range groundsOfScreening() {
		out = append(out, ui.Choice{Value: o.Value, Label: ui.OptionLabel(f.Lang, "screen_out", "ground", o.Value)})
	}
	return out
}

// picks proposes matters for the words; the first is chosen unless another one
// was.
func (f *frame) picks(raw form.Raw) ([]matterPick, string) {
	said := strings.TrimSpace(raw.Get("body"))
	if said == "" {
		return nil, ""
	}
	var out []matterPick
	for i, p := range f.d.s.Pack.Catalogue.Suggest(said, 4, catalogue.KindRequest) {
		pick := matterPick{Key: p.Matter.Key, Name: matterName(f.Lang, p.Matter)}
		if len(p.Words) > 0 {
			pick.Why = f.T("desk.intake.because", strings.Join(p.Words[:min(3, len(p.Words))], f.T("word.list.comma")))
		} else if i > 0 {
			continue // nothing but a likeness: not worth a second look
		}
		out = append(out, pick)
	}
	if len(out) == 0 {
		return nil, ""
	}
	picked := out[0].Key
	want := raw.Get("matter")
	if i := slices.IndexFunc(out, func(p matterPick) bool { return p.Key == want }); i >= 0 {
		picked = want
	}
	for i := range out {
		out[i].On = out[i].Key == picked && (want == "" || want == picked)
	}
	return out, picked
}

// caller lists the earlier cases of a telephone number, as soon as it is one.
func (f *frame) caller(v *intakeView, phone string) error {
	answers, err := phoneForm.Check(form.Raw{"phone": {strings.TrimSpace(phone)}})
	if err != nil || answers.Str("phone") == "" {
		return nil
	}
	v.Masked = vault.Mask(vault.Person{Phone: answers.Str("phone")}).Phone
	rows, err := f.ofPhone(answers.Str("phone"), 20)
	if err != nil {
		return err
	}
	for _, k := range rows {
		chip, state := f.state(k)
		e := earlier{Number: k.Number, Title: k.Title, Chip: chip, State: state, Open: !k.Ended(),
			Note: strings.Join(slices.DeleteFunc([]string{f.Moment(time.UnixMicro(k.Created)), f.unit(k.Unit), f.place(k.Place)}, func(s string) bool { return s == "" }), f.T("word.separator"))}
		if e.Open {
			v.Opens++
		}
		v.Earlier = append(v.Earlier, e)
	}
	slices.SortStableFunc(v.Earlier, func(a, b earlier) int {
		switch {
		case a.Open && !b.Open:
			return -1
		case b.Open && !a.Open:
			return 1
		}
		return 0
	})
	return nil
}

// wayOf says where the rules would send a request, who helps, and how fast it has
// to go.
func (f *frame) wayOf(matter, kind string, p cases.Place) (s suggestion, assist, limits string) {
	d := f.duty(matter, kind, p)
	s = suggestion{f.unit(d.Unit), d.ReasonZH}
	if f.Lang == words.EN {
		s.Reason = d.ReasonEN
	}
	names := make([]string, len(d.Assist))
	for i, id := range d.Assist {
		names[i] = f.unit(id)
	}
	prof, _ := f.d.s.Pack.Catalogue.Profile(d.Limit)
	var parts []string
	for _, x := range []struct{ clock, limit string }{{cases.ClockSign, prof.Sign}, {cases.ClockContact, prof.Contact}, {cases.ClockClose, prof.Close}} {
		if x.limit != "" {
			parts = append(parts, f.T("desk.intake.within", f.T("clock."+x.clock), f.limit(x.limit)))
		}
	}
	return s, strings.Join(names, f.T("word.list.comma")), strings.Join(parts, f.T("desk.log.comma"))
}

// part is some of the fields of the form, with their keys from alt on (0: none).
func (v *intakeView) part(alt, cols int, names ...string) ui.FormView {
	out := v.Form
	out.Form.Fields = nil
	for _, n := range names {
		if fd, ok := v.Form.Form.Field(n); ok {
			out.Form.Fields = append(out.Form.Fields, fd)
		}
	}
	out.ID, out.Alt, out.Cols = "intake", alt, cols
	return out
}
