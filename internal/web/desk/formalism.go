package desk

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"weixiao/internal/access"
	"weixiao/internal/cases"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/pack"
	"weixiao/internal/rounds"
	"weixiao/internal/rounds/formalism"
	"weixiao/internal/web"
	"weixiao/internal/web/ui"
	"weixiao/internal/words"
)

const (
	formalismPath = "/desk/admin/formalism"
	exceptionPath = "/desk/exceptions"
)

// Evidence are the photos that pages of the desk take; ui.PhotosView has no way to demand one.
func Evidence() []formalism.Evidence {
	var out []formalism.Evidence
	add := func(t *flow.Table, names ...string) {
		for _, n := range names {
			if a, err := t.Action(n); err == nil {
				out = append(out, formalism.Evidence{Of: a.Form.Name, What: "photo", Roles: rolesOf(t, n)})
			}
		}
	}
	add(&cases.Table, withPhotos...)
	add(&cases.CheckTable, "look")
	add(&rounds.Table, "recheck", "fix")
	return append(out, formalism.Evidence{Of: ownForm.Name, What: "photo", Roles: reportRoles()}, formalism.Evidence{Of: findForm.Name, What: "photo", Roles: rounds.Finders()})
}

// Asking are the forms of the desk that stand in no flow table.
func Asking() []formalism.Asking {
	return []formalism.Asking{{Form: intakeForm, Roles: intakeRoles()}, {Form: ownForm, Roles: reportRoles()}, {Form: findForm, Roles: rounds.Finders()}}
}

// Exports are the tables that leave the desk: beside units and their place they hold the pack's counts and formulas.
func Exports() []formalism.Export {
	x := formalism.Export{Name: "scores"}
	for _, k := range scoreHeads {
		x.Columns = append(x.Columns, pack.Text{ZH: words.T(words.ZH, k), EN: words.T(words.EN, k)})
	}
	return []formalism.Export{x}
}

func (d *Desk) registerFormalism(rt *access.Router) {
	looks, signed := access.Rule{Roles: formalism.Watching()}, access.Rule{SignedIn: true}
	asks := access.Rule{Roles: rolesOf(&formalism.Table, "ask")}
	does := access.Rule{Roles: rolesOf(&formalism.Table, "approve", "refuse", "withdraw")}
	rt.Handle("GET "+formalismPath, looks, d.formalism)
	rt.Handle("GET "+exceptionPath, signed, d.exceptions)
	rt.Handle("GET "+exceptionPath+"/new", asks, d.exceptionAskPage)
	rt.Handle("POST "+exceptionPath+"/new", asks, d.exceptionAsk)
	rt.Handle("GET "+exceptionPath+"/{id}", signed, d.exception)
	rt.Handle("GET "+exceptionPath+"/{id}/do/{action}", does, d.exceptionDoPage)
	rt.Handle("POST "+exceptionPath+"/{id}/do/{action}", does, d.exceptionDo)
}

// demandLine is an entry of the list in words.
type demandLine struct {
	Name, Of, ID        string
	Demand, Shape, Who  string
	Rule, Tone, Verdict string
	Why, Said, Href     string
}

// formalismView is the list, the exceptions and the complaints.
type formalismView struct {
	Verdict, Rule, Kind string
	Chips               []ui.Chip
	Filter              ui.FormView
	Lines               []demandLine
	Total               int
	Older               string
	Open                int
	Exceptions          []exceptionLine
	Ask                 bool
	Remarks             []remarkLine
	RemarksHref         string
}

const demandsPerPage = 40

// verdictTone is how a verdict looks.
var verdictTone = map[formalism.Verdict]string{formalism.Forbidden: "hot", formalism.Look: "warn", formalism.Excepted: "blue", formalism.Explained: "", formalism.Fine: "ok"}

func (d *Desk) formalism(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.formalism.title")
	f.said(r)
	list, err := d.s.Guard.Look(r.Context())
	if err != nil {
		return err
	}
	in := r.URL.Query()
	v := &formalismView{Verdict: in.Get("verdict"), Rule: in.Get("rule"), Kind: in.Get("kind"), Open: len(formalism.Unsettled(list)), Ask: d.s.Guard.May(f.sc)}
	count := map[formalism.Verdict]int{}
	for _, e := range list {
		count[e.Verdict]++
	}
	v.Chips = append(v.Chips, f.verdictChip(v, "", len(list)))
	for _, x := range formalism.Verdicts() {
		v.Chips = append(v.Chips, f.verdictChip(v, string(x), count[x]))
	}
	list = slices.DeleteFunc(list, func(e formalism.Entry) bool {
		return v.Verdict != "" && string(e.Verdict) != v.Verdict || v.Rule != "" && e.Rule != v.Rule || v.Kind != "" && e.Kind != v.Kind
	})
	slices.SortStableFunc(list, func(a, b formalism.Entry) int {
		return slices.Index(formalism.Verdicts(), a.Verdict) - slices.Index(formalism.Verdicts(), b.Verdict)
	})
	v.Total = len(list)
	from, _ := strconv.Atoi(in.Get("from"))
	from = min(max(from, 0), len(list))
	for _, e := range list[from:min(from+demandsPerPage, len(list))] {
		v.Lines = append(v.Lines, f.demandLine(e))
	}
	if from+demandsPerPage < len(list) {
		v.Older = withQuery(r.URL.RequestURI(), "from", strconv.Itoa(from+demandsPerPage))
	}
	f.demandFilter(v)
	known, err := d.s.Guard.List(r.Context(), f.sc, 0, 10)
	if err != nil {
		return err
	}
	if v.Exceptions, err = f.exceptionLines(known); err != nil {
		return err
	}
	if err := f.complaints(v); err != nil {
		return err
	}
	return f.render(w, http.StatusOK, formalismPage(f, v))
}

func (f *frame) verdictChip(v *formalismView, verdict string, n int) ui.Chip {
	q := url.Values{}
	for k, s := range map[string]string{"verdict": verdict, "rule": v.Rule, "kind": v.Kind} {
		if s != "" {
			q.Set(k, s)
		}
	}
	label := f.T("desk.formalism.all")
	if verdict != "" {
		label = f.T("formalism.verdict." + verdict)
	}
	return ui.Chip{Label: label + " " + strconv.Itoa(n), Href: formalismPath + "?" + q.Encode(), On: v.Verdict == verdict}
}

func (f *frame) demandFilter(v *formalismView) {
	var rules, kinds []ui.Choice
	for _, k := range formalism.Rules() {
		rules = append(rules, ui.Choice{Value: k, Label: f.T("formalism.rule." + k)})
	}
	for _, k := range formalism.Kinds() {
		kinds = append(kinds, ui.Choice{Value: k, Label: f.T("formalism.thing." + k)})
	}
	v.Filter = ui.FormView{Form: form.Form{Name: "formalism", Fields: []form.Field{{Name: "rule", Type: form.Choice}, {Name: "kind", Type: form.Choice}}}, Raw: form.Raw{"rule": {v.Rule}, "kind": {v.Kind}},
		Dense: true, Cols: 2, Choices: map[string][]ui.Choice{"rule": rules, "kind": kinds}, Looks: map[string]string{"rule": "select", "kind": "select"}}
}

func (f *frame) demandLine(e formalism.Entry) demandLine {
	l := demandLine{Name: f.text(e.Name), Of: f.text(e.Of), ID: e.ID, Verdict: f.T("formalism.verdict." + string(e.Verdict)), Tone: verdictTone[e.Verdict], Said: f.text(e.Said)}
	if l.Of == l.Name {
		l.Of = ""
	}
	if e.Demand != "" {
		l.Demand = f.T("formalism.demand." + e.Demand)
	}
	if e.Shape != "" {
		l.Shape = f.T("formalism.shape." + e.Shape)
	}
	if e.Rule != "" {
		l.Rule = f.T("formalism.rule." + e.Rule)
	}
	l.Why = f.T("formalism.why."+e.Why, f.text(e.Note))
	if e.Except != "" {
		l.Href = exceptionPath + "/" + e.Except
	}
	var who []string
	for _, role := range e.Roles {
		name := role
		if words.Has("role." + role) {
			name = f.T("role." + role)
		} else if k, ok := f.d.s.Posts.Board().Kind(role); ok {
			name = f.either(k.Name, k.English)
		}
		who = append(who, name)
	}
	l.Who = strings.Join(who, f.T("word.list.comma"))
	return l
}

// remarkLine is a complaint about the app, with what became of it.
type remarkLine struct{ About, When, Who, Chip, State, Href string }

const remarksShown = 10

// complaints are those about the field workers' app: the national rule demands that there is a way to make them, and the
// supervision office answers.
func (f *frame) complaints(v *formalismView) error {
	if f.d.s.Remarks == nil || !f.is(web.RemarkReaders()) {
		return nil
	}
	list, err := f.d.s.Remarks(f.r.Context(), f.sc, f.Lang, remarksShown)
	for _, x := range list {
		v.Remarks = append(v.Remarks, remarkLine{About: x.About, When: f.Moment(x.At), Who: x.Who, Chip: x.Chip, State: x.State, Href: x.Href})
	}
	v.RemarksHref = "/desk/app-remarks"
	return err
}
