package desk

import (
	"cmp"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"weixiao/internal/cases"
	"weixiao/internal/files"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/rounds"
	"weixiao/internal/store"
	"weixiao/internal/web"
	"weixiao/internal/web/ui"
	"weixiao/internal/words"
	"weixiao/internal/worktime"
)

// foundLine is a finding in a list.
type foundLine struct {
	ID, Title, Where, Routine, When, Chip, Fate string
	MadeUp                                      bool
}

// fateChips are the looks of what became of a finding.
var fateChips = map[rounds.Fate]string{rounds.FateSettled: "done", rounds.FateSolved: "done", rounds.FateOpen: "doing", rounds.FateUnsolved: "closed", rounds.FateReturned: "redo"}

func (f *frame) foundLines(list []*rounds.Record) ([]foundLine, error) {
	fates, err := f.d.s.Rounds.Fates(f.r.Context(), list...)
	if err != nil {
		return nil, err
	}
	var out []foundLine
	for _, x := range list {
		out = append(out, f.foundLine(x, fates[x.ID]))
	}
	return out, nil
}

func (f *frame) foundLine(x *rounds.Record, fate rounds.Fate) foundLine {
	l := foundLine{ID: x.ID, Title: headline(x.Words), Where: f.place(cases.Place{Street: x.Place.Street, Community: x.Place.Community}), When: f.Moment(time.UnixMicro(x.Created)),
		Chip: fateChips[fate], Fate: f.T("fate." + string(fate)), MadeUp: x.MadeUp}
	if r, ok := f.d.s.Rounds.Routine(x.Routine); ok {
		l.Routine = f.either(r.Title, r.English)
	}
	return l
}

// headline is the first sentence of what was found.
func headline(s string) string {
	if i := strings.IndexAny(s, "。！？；\n!?"); i > 0 {
		s = s[:i]
	}
	if r := []rune(s); len(r) > 40 {
		s = string(r[:39]) + "…"
	}
	return s
}

// findingsView is a list of findings with its filter.
type findingsView struct {
	Lines  []foundLine
	Filter ui.FormView
	Next   string
}

const findingsPerPage = 50

var findingsFilter = form.Form{Name: "findings", Fields: []form.Field{{Name: "fate", Type: form.Choice}, {Name: "routine", Type: form.Choice}, {Name: "place", Type: form.Unit},
	{Name: "from", Type: form.Date}, {Name: "to", Type: form.Date}}}

func (d *Desk) findings(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.findings.title")
	in := r.URL.Query()
	flt := rounds.Filter{Fate: rounds.Fate(in.Get("fate")), Routine: in.Get("routine"), Limit: findingsPerPage}
	if u, ok := d.s.Pack.Directory.OfPlace(in.Get("place")); ok && in.Get("place") != "" {
		if flt.Community = u.Community.ID; flt.Community == "" {
			flt.Street = u.Street.ID
		}
	}
	if flt.Nowhere = in.Get("place") == "none"; flt.Street != "" {
		flt.Bare = in.Get("bare") == "1"
	}
	if flt.Routine == "none" {
		flt.Routine, flt.NoRoutine = "", true
	}
	if t, err := time.ParseInLocation(time.DateOnly, in.Get("from"), worktime.Zone); err == nil {
		flt.Since = t.UnixMicro()
	}
	if t, err := time.ParseInLocation(time.DateOnly, in.Get("to"), worktime.Zone); err == nil {
		flt.Until = t.AddDate(0, 0, 1).UnixMicro()
	}
	if in.Get("mine") == "1" {
		flt.Account = f.who.Account
	}
	flt.Before, _ = strconv.ParseInt(in.Get("before"), 10, 64)
	list, err := d.s.Rounds.List(r.Context(), f.sc, flt)
	if err != nil {
		return err
	}
	v := &findingsView{}
	if v.Lines, err = f.foundLines(list); err != nil {
		return err
	}
	var fates, routines []ui.Choice
	for _, x := range rounds.Fates() {
		fates = append(fates, ui.Choice{Value: string(x), Label: f.T("fate." + string(x))})
	}
	for _, x := range d.s.Rounds.Routines() {
		routines = append(routines, ui.Choice{Value: x.Key, Label: f.either(x.Title, x.English)})
	}
	routines = append(routines, ui.Choice{Value: "none", Label: f.T("desk.rounds.outside")})
	places := slices.Concat([]ui.Choice{{Value: "none", Label: f.T("desk.rounds.nowhere")}}, d.finder.streets(f.Lang), f.ownPlaces())
	v.Filter = ui.FormView{Form: findingsFilter, Raw: form.Raw{"fate": in["fate"], "routine": in["routine"], "place": in["place"], "from": in["from"], "to": in["to"]}, Dense: true, Cols: 3,
		Choices: map[string][]ui.Choice{"fate": fates, "routine": routines, "place": places}, Looks: map[string]string{"fate": "select", "routine": "select"}}
	if len(list) == findingsPerPage {
		v.Next = withQuery(r.URL.RequestURI(), "before", strconv.FormatInt(list[len(list)-1].Doc, 10))
	}
	return f.render(w, http.StatusOK, findingsPage(f, v))
}

// foundView is one finding: what was seen, what was done, what became of it.
type foundView struct {
	*rounds.Record
	Line          foundLine
	Facts         []ui.Pair
	Map           *placeMap
	Before, After []ui.Photo
	Case          *caseRef
	Actions       []*flow.Action
	Log           []ui.Event
}

// caseRef is the case a finding became.
type caseRef struct{ Number, Title, Chip, State string }

func (d *Desk) findingPage(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.findings.title")
	f.said(r)
	v, err := f.foundView(r.PathValue("id"))
	if err != nil {
		return err
	}
	return f.render(w, http.StatusOK, findingPage(f, v))
}

func (f *frame) foundView(id string) (*foundView, error) {
	ctx := f.r.Context()
	x, acts, err := f.d.s.Rounds.Get(ctx, f.sc, id)
	if err != nil {
		return nil, err
	}
	fates, err := f.d.s.Rounds.Fates(ctx, x)
	if err != nil {
		return nil, err
	}
	v := &foundView{Record: x, Line: f.foundLine(x, fates[id]), Actions: f.d.s.Rounds.Open(f.sc, x)}
	f.Title = v.Line.Title
	f.foundFacts(v)
	place := cases.Place{Text: x.Place.Text, Lon: x.Place.Lon, Lat: x.Place.Lat, Located: x.Place.Located, Street: x.Place.Street, Community: x.Place.Community, Grid: x.Place.Grid}
	v.Map = f.placeMap(&cases.Case{Place: place})
	var before, after []files.File
	if err := f.d.s.DB.Read(ctx, func(tx *store.Tx) (err error) {
		if before, err = files.Of(tx, f.d.s.Pack.District, rounds.KindFinding, id); err != nil {
			return err
		}
		after, err = files.Of(tx, f.d.s.Pack.District, rounds.KindFix, id)
		return err
	}); err != nil {
		return nil, err
	}
	v.Before, v.After = f.photos(nil, before), f.photos(nil, after)
	if x.Case != "" {
		if k, err := f.d.s.Cases.Get(ctx, f.sc, x.Case); err == nil {
			chip, state := f.state(k)
			v.Case = &caseRef{k.Number, k.Title, chip, state}
		} else if !errors.Is(err, store.ErrNotFound) {
			return nil, err
		}
	}
	v.Log, err = f.recordEvents(acts)
	return v, err
}

func (f *frame) foundFacts(v *foundView) {
	x := v.Record
	text := func(label, value string) {
		if value != "" {
			v.Facts = append(v.Facts, ui.Pair{Label: f.T(label), Value: ui.Text(value)})
		}
	}
	v.Facts = append(v.Facts, ui.Pair{Label: f.T("desk.findings.fate"), Value: ui.Status(v.Line.Chip, v.Line.Fate)})
	text("desk.findings.words", x.Words)
	text("desk.findings.fix", x.Fix)
	text("field.matter", f.d.s.MatterName(f.Lang, x.Matter))
	text("desk.findings.where", f.places(cases.Place{Text: x.Place.Text, Street: x.Place.Street, Community: x.Place.Community, Grid: x.Place.Grid}))
	text("desk.findings.routine", v.Line.Routine)
	by := f.unit(x.Unit)
	if p, ok := f.d.s.Posts.Board().Post(x.Post); ok && x.Post != "" {
		by += f.T("word.separator") + p.TitleIn(f.Lang == words.EN)
	}
	text("desk.findings.by", by)
	text("desk.findings.when", v.Line.When)
	if seen := time.UnixMicro(x.Seen); time.UnixMicro(x.Created).Sub(seen) > time.Minute {
		text("desk.findings.seen", f.Moment(seen))
	}
	if x.MadeUp {
		text("desk.assets.source", f.T("desk.assets.madeup"))
	}
}

func (f *frame) foundForm(x *rounds.Record, act *flow.Action, raw form.Raw) *foundDoView {
	back := roundsPath + "/findings/" + x.ID
	v := &foundDoView{recordDo: recordDo{Title: f.T("action.finding." + act.Name), Back: back, BackLabel: headline(x.Words)}}
	v.Form = ui.FormView{Form: act.Form, Raw: raw, Action: back + "/do/" + act.Name, Dense: true, Alt: 1, Submit: v.Title, Key: "Ctrl Enter", Cancel: back, Files: true,
		Hidden: []ui.Hidden{{Name: "_version", Value: strconv.FormatInt(x.Version, 10)}, {Name: "_key", Value: newKey()}}}
	if act.Name != "send" {
		v.Photos = &ui.PhotosView{ID: "finding-photos", Name: photosName, Title: f.T("desk.findings.photos." + act.Name), Note: f.T("desk.findings.photos.note"), Max: f.d.s.Files.Limits().PerUpload, Small: true}
	}
	return v
}

// foundDoView is the form of an action of a finding, with photos.
type foundDoView struct {
	recordDo
	Photos *ui.PhotosView
}

func (d *Desk) findingDoPage(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.findings.title")
	x, _, err := d.s.Rounds.Get(r.Context(), f.sc, r.PathValue("id"))
	if err != nil {
		return err
	}
	act, err := rounds.Table.Action(r.PathValue("action"))
	if err != nil {
		return err
	}
	if !slices.Contains(d.s.Rounds.Open(f.sc, x), act) {
		return flow.ErrForbidden
	}
	return f.render(w, http.StatusOK, findingDoPage(f, f.foundForm(x, act, form.Raw{})))
}

func (d *Desk) findingDo(w http.ResponseWriter, r *http.Request) error {
	if err := d.parse(w, r); err != nil {
		return err
	}
	f := d.page(r, "desk.findings.title")
	id := r.PathValue("id")
	act, err := rounds.Table.Action(r.PathValue("action"))
	if err != nil {
		return err
	}
	x, _, err := d.s.Rounds.Get(r.Context(), f.sc, id)
	if err != nil {
		return err
	}
	raw := rawOf(act.Form, r)
	v := f.foundForm(x, act, raw)
	photos, fault, err := f.taken()
	if err != nil {
		return err
	}
	if fault != "" {
		f.Faulty, v.Photos.Fault = true, fault
		return f.render(w, http.StatusUnprocessableEntity, findingDoPage(f, v))
	}
	in := rounds.Input{Raw: raw, Photos: len(photos), Attach: f.attachTo(photos), Key: f.key(r.PostFormValue("_key"), rounds.Table.Kind, id, act.Name, raw)}
	in.Version, _ = strconv.ParseInt(r.PostFormValue("_version"), 10, 64)
	_, err = d.s.Rounds.Act(r.Context(), f.sc, id, act.Name, in)
	faults, bad := errors.AsType[form.Faults](err)
	switch {
	case err == nil:
		return web.SeeOther(w, r, roundsPath+"/findings/"+id+"?done=record")
	case bad:
		f.Faulty, v.Form.Faults = true, faults
		return f.render(w, http.StatusUnprocessableEntity, findingDoPage(f, v))
	case errors.Is(err, rounds.ErrStale):
		f.Faulty, v.Problem = true, f.T("error.status.precondition_failed")
		return f.render(w, http.StatusPreconditionFailed, findingDoPage(f, v))
	}
	return err
}

// attachTo is what rounds runs in the transaction of a finding.
func (f *frame) attachTo(list []files.File) func(tx *store.Tx, kind, subject string, at time.Time) error {
	if len(list) == 0 {
		return nil
	}
	return func(tx *store.Tx, kind, subject string, at time.Time) error {
		return f.d.s.Files.Attach(tx, f.d.s.Pack.District, kind, subject, list, f.who.Account, at)
	}
}

// findForm is what somebody outside says: as little as can be.
var findForm = form.Form{Name: "find", Fields: []form.Field{
	{Name: "words", Type: form.Text, Required: true, Max: rounds.MaxWords},
	{Name: "place", Type: form.Line, Max: rounds.MaxPlace},
	{Name: "community", Type: form.Unit},
	{Name: "matter", Type: form.Line, Max: 40},
	{Name: "settled", Type: form.Choice, Required: true, Options: form.Options("no", "yes")},
	{Name: "fix", Type: form.Text, Required: true, Max: rounds.MaxFix, When: "settled", Values: []string{"yes"}},
}}

// findView is the form of a finding.
type findView struct {
	Form   ui.FormView
	Photos *ui.PhotosView
	Turn   string // what it is found on, in words
}

func (f *frame) findView(turn string, raw form.Raw, faults form.Faults) *findView {
	places := f.ownPlaces()
	if len(places) == 1 && raw.Get("community") == "" {
		raw["community"] = []string{places[0].Value}
	}
	v := &findView{Form: ui.FormView{Form: findForm, Raw: raw, Faults: faults, Dense: true, Alt: 1, Action: roundsPath + "/find", Files: true, Submit: f.T("desk.findings.submit"), Key: "Ctrl Enter",
		Cancel: roundsPath, Draft: "desk-find", Choices: map[string][]ui.Choice{"community": places, "matter": f.d.finder.matters(f.Lang)}, Looks: map[string]string{"matter": "select"},
		Hidden: []ui.Hidden{{Name: "_key", Value: newKey()}, {Name: "_turn", Value: turn}}}}
	v.Photos = &ui.PhotosView{ID: "find-photos", Name: photosName, Title: f.T("desk.report.photos"), Note: f.T("desk.findings.photos.note"), Max: f.d.s.Files.Limits().PerUpload, Small: true}
	if turn != "" {
		if t, _, _, err := f.d.s.Rounds.Turn(f.r.Context(), f.sc, turn); err == nil {
			l := f.turnLine(t)
			v.Turn = l.Title + f.T("word.separator") + l.Where
			if raw.Get("community") == "" && t.Community != "" {
				raw["community"] = []string{t.Community}
			}
		}
	}
	return v
}

func (d *Desk) findPage(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.findings.new")
	return f.render(w, http.StatusOK, findPage(f, f.findView(r.URL.Query().Get("turn"), form.Raw{}, nil)))
}

func (d *Desk) find(w http.ResponseWriter, r *http.Request) error {
	if err := d.parse(w, r); err != nil {
		return err
	}
	f := d.page(r, "desk.findings.new")
	raw, turn := rawOf(findForm, r), r.PostFormValue("_turn")
	again := func(status int, faults form.Faults, photo string) error {
		v := f.findView(turn, raw, faults)
		v.Photos.Fault, f.Faulty = photo, true
		return f.render(w, status, findPage(f, v))
	}
	answers, err := findForm.Check(raw)
	if faults, bad := errors.AsType[form.Faults](err); bad {
		return again(http.StatusUnprocessableEntity, faults, "")
	}
	photos, fault, err := f.taken()
	if err != nil {
		return err
	}
	if fault != "" {
		return again(http.StatusUnprocessableEntity, nil, fault)
	}
	got, err := d.s.Rounds.Find(r.Context(), f.sc, rounds.Finding{Turn: turn, Matter: answers.Str("matter"), Words: answers.Str("words"), Settled: answers.Str("settled") == "yes", Fix: answers.Str("fix"),
		Place: rounds.Place{Text: answers.Str("place"), Community: answers.Str("community")}, Photos: len(photos), Attach: f.attachTo(photos),
		Key: f.key(r.PostFormValue("_key"), rounds.Table.Kind, "", "find", raw)})
	faults, bad := errors.AsType[form.Faults](err)
	switch {
	case bad:
		return again(http.StatusUnprocessableEntity, faults, "")
	case errors.Is(err, store.ErrReused):
		return again(http.StatusConflict, form.Faults{{Field: "words", Code: "twice"}}, "")
	case err != nil:
		return err
	}
	return web.SeeOther(w, r, roundsPath+"/findings/"+got.ID+"?done="+cmp.Or(map[bool]string{true: "sent"}[got.Case != ""], "settled"))
}
