package desk

import (
	"errors"
	"net/http"
	"strings"

	"weixiao/internal/cases"
	"weixiao/internal/form"
	"weixiao/internal/store"
	"weixiao/internal/vault"
	"weixiao/internal/web"
)

// intake writes a call down and does with it what the button says, in one go.
func (d *Desk) intake(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.intake.title")
	if err := r.ParseForm(); err != nil {
		return err
	}
	typed := rawIntake(r)
	raw, asked := parted(typed)
	then, target, _ := strings.Cut(r.PostFormValue("then"), ":")
	if then == thenUrge {
		return f.urge(w, r, target, raw)
	}
	answers, err := intakeForm.Check(raw)
	faults, _ := errors.AsType[form.Faults](err)
	faults = append(faults, f.lacking(then, raw)...)
	said, wrong := web.Answered(f.questionsOf(raw), asked)
	faults = append(faults, wrong...)
	if then == thenCheck || len(faults) > 0 {
		status := http.StatusUnprocessableEntity
		if then == thenCheck {
			faults, status = nil, http.StatusOK
		}
		return f.intakeAgain(w, typed, faults, status)
	}
	key := r.PostFormValue("_key")
	report := f.reportOf(answers, raw)
	report.Answers = said
	report.Key = f.key(key, "case", "", "report", typed)
	receipt, err := d.s.Cases.Report(r.Context(), f.sc, report)
	if fe, ok := errors.AsType[*cases.FieldError](err); ok {
		return f.intakeAgain(w, typed, form.Faults{f.faultOf(fe)}, http.StatusUnprocessableEntity)
	}
	if errors.Is(err, store.ErrReused) {
		return f.intakeAgain(w, typed, form.Faults{{Field: "body", Code: "twice"}}, http.StatusConflict)
	}
	if err != nil {
		return err
	}
	return f.goOn(w, r, receipt.Number, then, target, raw, key)
}

// faultOf turns a fault of a report into one of the form.
func (f *frame) faultOf(fe *cases.FieldError) form.Fault {
	name := fe.Field
	if name == "description" || name == "title" {
		name = "body"
	}
	return form.Fault{Field: name, Code: "control"}
}

// lacking are the faults of what the button needs beyond the request itself.
func (f *frame) lacking(then string, raw form.Raw) form.Faults {
	var out form.Faults
	need := func(name string) {
		if strings.TrimSpace(raw.Get(name)) == "" {
			out = append(out, form.Fault{Field: name, Code: "required"})
		}
	}
	switch then {
	case thenAnswer:
		need("reply")
	case thenScreen:
		need("ground")
		need("reply")
	case thenDispatch:
		if strings.TrimSpace(raw.Get("body")) != "" && f.unitFor(raw) == "" {
			need("unit")
		}
	}
	if id := raw.Get("unit"); id != "" {
		if u, ok := f.d.s.Pack.Directory.Unit(id); !ok || !u.Kind.HandlesCases() {
			out = append(out, form.Fault{Field: "unit", Code: "unit"})
		}
	}
	return out
}

// unitFor is the unit a request goes to: the one chosen, else the one the rules
// name; "" when the rules leave it to a person.
func (f *frame) unitFor(raw form.Raw) string {
	if id := raw.Get("unit"); id != "" {
		return id
	}
	p := f.placeOf(raw)
	matter := raw.Get("matter")
	if matter == "" {
		_, matter = f.picks(raw)
	}
	d := f.duty(matter, raw.Get("kind"), p)
	if d.DutyDesk {
		return ""
	}
	return d.Unit
}

func (f *frame) reportOf(answers form.Answers, raw form.Raw) cases.Report {
	p := f.placeOf(raw)
	matter := raw.Get("matter")
	if matter == "" {
		_, matter = f.picks(raw)
	}
	out := cases.Report{Channel: "hotline", Kind: answers.Str("kind"), Body: answers.Str("body"), Matter: matter, Place: p, Asset: answers.Str("asset"),
		Person: vault.Person{Name: answers.Str("name"), Phone: answers.Str("phone")}}
	if answers.Bool("private") {
		out.Public = new(false)
	}
	return out
}

// goOn does the second act: dispatch, answer, not accept, merge. The request is
// on disk already; if the act fails its form is shown with what was typed.
func (f *frame) goOn(w http.ResponseWriter, r *http.Request, number, then, target string, raw form.Raw, key string) error {
	next := "/desk/intake?number=" + number + "&done=taken." + then
	var act form.Raw
	switch then {
	case thenDispatch:
		act = form.Raw{"unit": {f.unitFor(raw)}, "assist": f.helpersFor(raw), "profile": raw["profile"], "note": raw["note"]}
	case thenAnswer:
		act = form.Raw{"reply": raw["reply"]}
	case thenScreen:
		act = form.Raw{"ground": raw["ground"], "reply": raw["reply"]}
	case thenMerge:
		act = form.Raw{"into": {target}, "note": raw["note"]}
	default:
		return web.SeeOther(w, r, "/desk/intake?number="+number+"&done=taken.keep")
	}
	for name, v := range act {
		if len(v) == 0 {
			delete(act, name)
		}
	}
	a, err := cases.Table.Action(then)
	if err != nil {
		return err
	}
	_, err = f.d.s.Cases.Act(r.Context(), f.sc, number, then, cases.Input{Raw: act, Key: f.key(key, "case", number, then, act), Advice: f.adviceOnSending(number, then)})
	if err != nil {
		return f.again(w, r, number, a, act, 0, err, "")
	}
	return web.SeeOther(w, r, next)
}

// helpersFor are the units that help by the rules, when the rules named the
// leader too.
func (f *frame) helpersFor(raw form.Raw) []string {
	if raw.Get("unit") != "" {
		return nil
	}
	p := f.placeOf(raw)
	matter := raw.Get("matter")
	if matter == "" {
		_, matter = f.picks(raw)
	}
	return f.duty(matter, raw.Get("kind"), p).Assist
}

// urge notes that somebody asks after a request that is under way.
func (f *frame) urge(w http.ResponseWriter, r *http.Request, number string, raw form.Raw) error {
	note := []rune(strings.TrimSpace(raw.Get("body")))
	act := form.Raw{}
	if len(note) > 0 {
		act["note"] = []string{string(note[:min(500, len(note))])}
	}
	number = cases.UpperNumber(number)
	_, err := f.d.s.Cases.Act(r.Context(), f.sc, number, "urge", cases.Input{Raw: act, Key: f.key(r.PostFormValue("_key"), "case", number, "urge", act)})
	if err != nil {
		a, e := cases.Table.Action("urge")
		if e != nil {
			return e
		}
		return f.again(w, r, number, a, act, 0, err, "")
	}
	return web.SeeOther(w, r, "/desk/intake?number="+number+"&done=urge")
}

func (f *frame) intakeAgain(w http.ResponseWriter, raw form.Raw, faults form.Faults, status int) error {
	v, err := f.intakeView(raw, faults)
	if err != nil {
		return err
	}
	f.Faulty = len(faults) > 0
	return f.render(w, status, intakePage(f, v))
}
