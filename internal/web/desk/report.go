package desk

import (
	"errors"
	"net/http"

	"weixiao/internal/access"
	"weixiao/internal/cases"
	"weixiao/internal/form"
	"weixiao/internal/store"
	"weixiao/internal/vault"
	"weixiao/internal/web"
	"weixiao/internal/web/ui"
)

// ownForm is what a grid worker, a community or a street says about what it sees:
// as little as can be, with photos.
var ownForm = form.Form{Name: "own", Fields: []form.Field{
	{Name: "body", Type: form.Text, Required: true, Max: cases.MaxBody},
	{Name: "place", Type: form.Line, Max: cases.MaxPlace},
	{Name: "community", Type: form.Unit},
	{Name: "spot", Type: form.Line, Max: 40},
	{Name: "asset", Type: form.Line, Max: 17},
	{Name: "matter", Type: form.Line, Max: 40},
	{Name: "name", Type: form.Line, Max: 40},
	{Name: "phone", Type: form.Phone},
}}

func (d *Desk) reportPage(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.report.title")
	v, err := f.ownView(form.Raw{}, nil)
	if err != nil {
		return err
	}
	return f.render(w, http.StatusOK, reportPage(f, v))
}

func (d *Desk) reportHelp(w http.ResponseWriter, r *http.Request) error {
	if err := d.parse(w, r); err != nil {
		return err
	}
	f := d.page(r, "desk.report.title")
	v, err := f.ownView(rawIntake(r), nil)
	if err != nil {
		return err
	}
	return renderPart(w, r, http.StatusOK, reportParts(f, v))
}

// ownPlaces are the communities the user's unit is, or has below it.
func (f *frame) ownPlaces() []ui.Choice {
	dir := f.d.s.Pack.Directory
	if list := f.d.finder.below(f.Lang, f.sc.Unit()); len(list) > 0 {
		return list
	}
	if p, ok := dir.OfPlace(f.sc.Unit()); ok && p.Community.ID != "" {
		return f.d.finder.some(f.Lang, []string{p.Community.ID})
	}
	return f.d.finder.communities(f.Lang)
}

func (f *frame) ownView(raw form.Raw, faults form.Faults) (*intakeView, error) {
	places := f.ownPlaces()
	if len(places) == 1 && raw.Get("community") == "" {
		raw["community"] = []string{places[0].Value}
	}
	typed := raw.Get("matter")
	v, err := f.intakeView(raw, faults)
	if err != nil {
		return nil, err
	}
	v.Calls = false
	raw, _ = parted(raw)
	if v.Picked != "" && typed == v.Picked {
		raw = withoutMatter(raw)
	}
	v.Form = ui.FormView{Form: ownForm, Raw: raw, Faults: faults, Dense: true, Action: "/desk/report", Files: true, ID: "intake",
		Choices: map[string][]ui.Choice{"community": places, "matter": f.d.finder.matters(f.Lang)}, Looks: map[string]string{"matter": "select"},
		Suggest: map[string]string{"place": suggestPath + " intake-community"}}
	v.Photos = &ui.PhotosView{ID: "own-photos", Name: photosName, Title: f.T("desk.report.photos"), Note: f.T("desk.photo.note"), Max: f.d.s.Files.Limits().PerUpload}
	return v, nil
}

// report takes in what a grid worker or street reports. The reporting unit may
// read the case from then on; who handles it is for the centre to say.
func (d *Desk) report(w http.ResponseWriter, r *http.Request) error {
	if err := d.parse(w, r); err != nil {
		return err
	}
	f := d.page(r, "desk.report.title")
	typed := rawIntake(r)
	raw, asked := parted(typed)
	answers, err := ownForm.Check(raw)
	faults, _ := errors.AsType[form.Faults](err)
	said, wrong := web.Answered(f.questionsOf(raw), asked)
	faults = append(faults, wrong...)
	again := func(status int, photoFault string) error {
		v, err := f.ownView(typed, faults)
		if err != nil {
			return err
		}
		v.Photos.Fault, f.Faulty = photoFault, status != http.StatusOK
		return f.render(w, status, reportPage(f, v))
	}
	if r.PostFormValue("then") == thenCheck {
		faults = nil
		return again(http.StatusOK, "")
	}
	if len(faults) > 0 {
		return again(http.StatusUnprocessableEntity, "")
	}
	photos, fault, err := f.taken()
	if err != nil {
		return err
	}
	if fault != "" {
		return again(http.StatusUnprocessableEntity, fault)
	}
	rep := cases.Report{Channel: f.ownChannel(), Body: answers.Str("body"), Matter: raw.Get("matter"), Place: f.placeOf(raw), Asset: answers.Str("asset"), Answers: said,
		Person: vault.Person{Name: answers.Str("name"), Phone: answers.Str("phone")}, Photos: len(photos), Attach: f.attach(photos),
		Key: f.key(r.PostFormValue("_key"), "case", "", "report", typed)}
	if u := f.sc.Unit(); u != "" {
		rep.Units = map[string]string{u: cases.Former}
	}
	receipt, err := d.s.Cases.Report(r.Context(), f.sc, rep)
	if fe, ok := errors.AsType[*cases.FieldError](err); ok {
		faults = form.Faults{f.faultOf(fe)}
		return again(http.StatusUnprocessableEntity, "")
	}
	if errors.Is(err, store.ErrReused) {
		faults = form.Faults{{Field: "body", Code: "twice"}}
		return again(http.StatusConflict, "")
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, "/desk/cases/"+receipt.Number+"?done=reported")
}

// ownChannel says who reported: a grid worker, or a street and its communities.
func (f *frame) ownChannel() string {
	if f.who.Is(access.Grid) {
		return "grid"
	}
	return "street"
}
