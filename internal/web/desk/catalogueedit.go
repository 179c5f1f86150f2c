package desk

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"weixiao/internal/catalogue"
	"weixiao/internal/directory"
	"weixiao/internal/duties"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/insight"
	"weixiao/internal/pack"
	"weixiao/internal/store"
	"weixiao/internal/web"
	"weixiao/internal/web/ui"
	"weixiao/internal/worktime"
)

// ruleForm is one rule of a draft.
var ruleForm = form.Form{Name: "catalogue_rule", Fields: []form.Field{
	{Name: "id", Type: form.Line, Required: true, Max: 60},
	{Name: "unit", Type: form.Unit, Required: true},
	{Name: "matters", Type: form.Units, Max: 200},
	{Name: "more", Type: form.Line, Max: 2000},
	{Name: "groups", Type: form.Units, Max: 60},
	{Name: "places", Type: form.Multi, Options: form.Options("street", "town", "community", "village")},
	{Name: "under", Type: form.Units, Max: 120},
	{Name: "grids", Type: form.Line, Max: 1000},
	{Name: "areas", Type: form.Line, Max: 1000},
	{Name: "types", Type: form.Multi, Options: form.Options(catalogueKinds...)},
	{Name: "channels", Type: form.Multi, Options: form.Options(catalogue.Channels()...)},
	{Name: "season", Type: form.Line, Max: 20},
	{Name: "weekdays", Type: form.Multi, Options: form.Options(catalogue.Weekdays()...)},
	{Name: "hours", Type: form.Line, Max: 20},
	{Name: "when", Type: form.Choice, Options: form.Options(catalogue.Whens()...)},
	{Name: "from", Type: form.Date},
	{Name: "until", Type: form.Date},
	{Name: "assist", Type: form.Units, Max: 10},
	{Name: "limit", Type: form.Choice, Options: form.Options("L0", "L1", "L2", "L3", "L4", "L5", catalogue.NoLimit)},
	{Name: "public", Type: form.Choice, Options: form.Options("yes", "no")},
	{Name: "ask", Type: form.Line, Max: 300},
	{Name: "law", Type: form.Line, Max: 200},
	{Name: "source", Type: form.Line, Max: 200},
	{Name: "reason_zh", Type: form.Line, Max: 200},
	{Name: "reason_en", Type: form.Line, Max: 200},
	{Name: "off", Type: form.Bool},
}}

// ruleView is the page of one rule.
type ruleView struct {
	Number string
	Form   ui.FormView
	Faults []string // what would be wrong with the draft then
	Old    string   // id of the rule that is changed
}

// words of a line with several of them.
func split(s string) []string {
	return strings.FieldsFunc(s, func(c rune) bool { return strings.ContainsRune("、，,；; \t", c) })
}

// rawRule is a rule as its form has it.
func rawRule(c *catalogue.Catalogue, r catalogue.Rule) form.Raw {
	raw := form.Raw{"unit": {r.Unit}, "groups": r.Groups, "under": r.Under, "assist": r.Assist, "channels": r.Channels, "weekdays": r.Weekdays}
	raw["matters"], raw["more"] = splitMatters(c, r.Matters)
	for _, p := range r.Places {
		raw["places"] = append(raw["places"], string(p))
	}
	for _, t := range r.Types {
		raw["types"] = append(raw["types"], string(t))
	}
	for name, s := range map[string]string{"id": r.ID, "grids": strings.Join(r.Grids, " "), "areas": strings.Join(r.Areas, " "), "season": r.Season, "hours": r.Hours, "when": r.When,
		"from": r.From, "until": r.Until, "limit": r.Limit, "public": r.Public, "ask": strings.Join(r.Ask, " "), "law": r.Law, "source": r.Source, "reason_zh": r.ReasonZH, "reason_en": r.ReasonEN} {
		if s != "" {
			raw[name] = []string{s}
		}
	}
	if r.Off {
		raw["off"] = []string{"true"}
	}
	return raw
}

// ruleOf is the rule that checked answers describe.
func ruleOf(a form.Answers) catalogue.Rule {
	r := catalogue.Rule{ID: a.Str("id"), Off: a.Bool("off"), Unit: a.Str("unit"), Matters: append(a.List("matters"), split(a.Str("more"))...), Groups: a.List("groups"),
		Under: a.List("under"), Grids: split(a.Str("grids")), Areas: split(a.Str("areas")), Channels: a.List("channels"), Season: a.Str("season"), Weekdays: a.List("weekdays"),
		Hours: a.Str("hours"), When: a.Str("when"), From: a.Str("from"), Until: a.Str("until"), Assist: a.List("assist"), Limit: a.Str("limit"), Public: a.Str("public"),
		Ask: split(a.Str("ask")), Law: a.Str("law"), Source: a.Str("source"), ReasonZH: a.Str("reason_zh"), ReasonEN: a.Str("reason_en")}
	for _, p := range a.List("places") {
		r.Places = append(r.Places, directory.Kind(p))
	}
	for _, t := range a.List("types") {
		r.Types = append(r.Types, catalogue.Type(t))
	}
	return r
}

// editable reads the draft of the address, which the user may change.
func (f *frame) editable() (duties.Version, error) {
	x, err := f.dutyVersion()
	if err == nil {
		_, err = duties.Table.Permit("edit", flow.Position{State: x.State}, flow.Actor{Roles: f.sc.Roles()})
	}
	return x, err
}

// rulePage shows a rule of a draft: the one named by id, or a new one, filled in
// with what the address says (an objection, a proposal).
func (d *Desk) rulePage(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.catalogue.rule")
	x, err := f.editable()
	if err != nil {
		return err
	}
	q := r.URL.Query()
	old := q.Get("id")
	raw := form.Raw{}
	if i := slices.IndexFunc(x.Content.Rules, func(c catalogue.Rule) bool { return c.ID == old }); i >= 0 {
		raw = rawRule(f.dutyBook().Base(), x.Content.Rules[i])
	} else if old != "" {
		return store.ErrNotFound
	} else {
		for _, name := range []string{"matters", "under", "unit", "source", "law", "hours", "season"} {
			if v := q.Get(name); v != "" {
				raw[name] = split(v)
				if fd, _ := ruleForm.Field(name); fd.Type == form.Line {
					raw[name] = []string{v}
				}
			}
		}
	}
	return f.showRule(w, http.StatusOK, x, &ruleView{Old: old, Form: ui.FormView{Raw: raw}})
}

func (f *frame) showRule(w http.ResponseWriter, status int, x duties.Version, v *ruleView) error {
	v.Number = strconv.Itoa(x.Number)
	under := append(f.d.finder.streets(f.Lang), f.d.finder.communities(f.Lang)...)
	units := append(f.expressions(), f.d.finder.handling(f.Lang)...)
	var limits []ui.Choice
	for _, p := range f.d.finder.profiles(f.Lang) {
		limits = append(limits, p)
	}
	limits = append(limits, ui.Choice{Value: catalogue.NoLimit, Label: f.T("desk.catalogue.nolimit")})
	v.Form.Form, v.Form.Action, v.Form.Dense, v.Form.Cols = ruleForm, cataloguePath+"/"+v.Number+"/rule", true, 2
	v.Form.Submit, v.Form.Cancel = f.T("button.save"), cataloguePath+"/"+v.Number
	v.Form.Choices = map[string][]ui.Choice{"unit": units, "assist": units, "matters": f.d.finder.matters(f.Lang), "under": under, "groups": f.groupChoices(), "limit": limits,
		"types": f.options("kind.", catalogueKinds), "channels": f.options("channel.", catalogue.Channels()),
		"weekdays": f.options("desk.catalogue.day.", catalogue.Weekdays()), "when": f.options("desk.catalogue.when.", catalogue.Whens()),
		"places": f.options("desk.catalogue.place.", []string{"street", "town", "community", "village"}), "public": f.options("desk.catalogue.public.", []string{"yes", "no"})}
	v.Form.Looks = map[string]string{"when": "select", "limit": "select", "public": "select"}
	v.Form.Hidden = []ui.Hidden{{Name: "_revision", Value: strconv.FormatInt(x.Revision, 10)}, {Name: "_old", Value: v.Old}}
	f.Faulty = status != http.StatusOK
	return f.render(w, status, rulePage(f, v))
}

// saveRule puts a rule into a draft. What is wrong with it is shown and nothing is
// kept, unless it stands there already: then the draft may be worse for a while.
func (d *Desk) saveRule(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.catalogue.rule")
	if err := r.ParseForm(); err != nil {
		return err
	}
	x, err := f.editable()
	if err != nil {
		return err
	}
	raw := rawOf(ruleForm, r)
	v := &ruleView{Old: r.PostFormValue("_old"), Form: ui.FormView{Raw: raw}}
	answers, err := ruleForm.Check(raw)
	if faults, ok := errors.AsType[form.Faults](err); ok {
		v.Form.Faults = faults
		return f.showRule(w, http.StatusUnprocessableEntity, x, v)
	}
	rule := ruleOf(answers)
	edit := duties.Edit{Put: &rule, Rename: v.Old}
	if v.Old == "" {
		if slices.ContainsFunc(x.Content.Rules, func(c catalogue.Rule) bool { return c.ID == rule.ID }) {
			v.Form.Says = map[string]string{"id": f.T("desk.catalogue.taken")}
			return f.showRule(w, http.StatusUnprocessableEntity, x, v)
		}
		edit.At = 1 // before all others: what is new is meant to be tried first
	}
	if v.Faults, err = f.faultsOfRule(x, edit, rule.ID); err != nil {
		return err
	}
	if len(v.Faults) > 0 {
		return f.showRule(w, http.StatusUnprocessableEntity, x, v)
	}
	return f.edit(w, x, edit, "#rule-"+rule.ID)
}

// faultsOfRule is what would be wrong with one rule after an edit.
func (f *frame) faultsOfRule(x duties.Version, e duties.Edit, id string) ([]string, error) {
	next, err := e.Apply(x.Content)
	if err != nil {
		return nil, err
	}
	x.Content = next
	_, err = f.dutyBook().Try(x, f.Now.In(worktime.Zone).Format(time.DateOnly))
	var out []string
	for _, ft := range duties.FaultsOf(err) {
		if ft.List == "rules" && ft.ID == id {
			out = append(out, f.either(ft.ZH, ft.EN))
		}
	}
	return out, nil
}

// edit does an edit of the revision the user saw, and goes back to the draft.
func (f *frame) edit(w http.ResponseWriter, x duties.Version, e duties.Edit, anchor string) error {
	revision, _ := strconv.ParseInt(f.r.PostFormValue("_revision"), 10, 64)
	err := f.d.s.DB.Write(f.r.Context(), func(tx *store.Tx) error {
		_, err := f.dutyBook().Change(tx, f.sc, x.Number, revision, e, f.d.s.Clock())
		return err
	})
	if err != nil {
		return f.dutyProblem(w, &versionView{}, err)
	}
	return web.SeeOther(w, f.r, cataloguePath+"/"+strconv.Itoa(x.Number)+"?done=catalogue.edit"+anchor)
}

// editDraft moves, ends or removes a rule, or removes a set of questions.
func (d *Desk) editDraft(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.catalogue.title")
	if err := r.ParseForm(); err != nil {
		return err
	}
	x, err := f.editable()
	if err != nil {
		return err
	}
	op, id, _ := strings.Cut(r.PostFormValue("do"), ":")
	at := slices.IndexFunc(x.Content.Rules, func(c catalogue.Rule) bool { return c.ID == id })
	set := slices.IndexFunc(x.Content.Questions, func(s catalogue.QuestionSet) bool { return s.ID == id })
	if ofSet := op == "forget" || op == "set-up" || op == "set-down"; ofSet && set < 0 || !ofSet && at < 0 {
		return store.ErrNotFound
	}
	var e duties.Edit
	switch op {
	case "up":
		e = duties.Edit{Move: id, At: max(at, 1)}
	case "down":
		e = duties.Edit{Move: id, At: at + 2}
	case "end":
		rule := x.Content.Rules[at]
		rule.Until = f.Now.In(worktime.Zone).Format(time.DateOnly)
		e = duties.Edit{Put: &rule}
	case "remove":
		e = duties.Edit{Remove: id}
	case "forget":
		e = duties.Edit{Forget: id}
	case "set-up":
		e = duties.Edit{Shift: id, At: max(set, 1)}
	case "set-down":
		e = duties.Edit{Shift: id, At: set + 2}
	default:
		return store.ErrNotFound
	}
	anchor := ""
	if op == "up" || op == "down" || op == "end" {
		anchor = "#rule-" + id
	} else if op == "set-up" || op == "set-down" {
		anchor = "#set-" + id
	}
	return f.edit(w, x, e, anchor)
}

// maxDutiesUpload is what a file of rules may have.
const maxDutiesUpload = 4 << 20

// loadDuties puts the rules and questions of a file in the place of those of a
// draft: all of them, or none.
func (d *Desk) loadDuties(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.catalogue.title")
	r.Body = http.MaxBytesReader(w, r.Body, maxDutiesUpload)
	v := &versionView{}
	err := r.ParseMultipartForm(maxDutiesUpload)
	if _, big := errors.AsType[*http.MaxBytesError](err); big {
		return err
	}
	x, err := f.editable()
	if err != nil {
		return err
	}
	if r.MultipartForm == nil || len(r.MultipartForm.File["file"]) == 0 {
		v.Problem = f.T("desk.catalogue.nofile")
		return f.showVersion(w, http.StatusUnprocessableEntity, v)
	}
	head := r.MultipartForm.File["file"][0]
	file, err := head.Open()
	if err != nil {
		return err
	}
	defer file.Close()
	data, err := io.ReadAll(file)
	if err != nil {
		return err
	}
	name := "rules.yaml"
	if strings.HasSuffix(strings.ToLower(head.Filename), ".csv") {
		name = "rules.csv"
	}
	base := f.dutyBook().Base().Restore(x.Number, x.Content, "")
	content, err := pack.ReadDuties(name, data, base, x.Number, f.Now.In(worktime.Zone).Format(time.DateOnly))
	if problems, ok := errors.AsType[pack.Problems](err); ok {
		v.Problem = f.T("desk.catalogue.badfile")
		for _, p := range problems[:min(len(problems), 20)] {
			v.Problem += "\n" + strconv.Itoa(p.Line) + ": " + f.either(p.ZH, p.EN)
		}
		f.Faulty = true
		return f.showVersion(w, http.StatusUnprocessableEntity, v)
	}
	if err != nil {
		return err
	}
	return f.edit(w, x, duties.Edit{Replace: &content}, "")
}

// exportDuties hands out a version as YAML, or its rules as CSV.
func (d *Desk) exportDuties(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.catalogue.title")
	x, err := f.dutyVersion()
	if err != nil {
		return err
	}
	write, kind, ext := pack.WriteDuties, "application/yaml", "yaml"
	if r.URL.Query().Get("as") == "csv" {
		write, kind, ext = pack.WriteRules, "text/csv; charset=utf-8", "csv"
	}
	data, err := write(x.Content)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("Content-Disposition", `attachment; filename="catalogue-`+strconv.Itoa(x.Number)+`.`+ext+`"`)
	h.Set("Cache-Control", "no-store")
	_, err = w.Write(data)
	return err
}

// ruleOfCase begins a rule of a case that a unit handed back, in the newest draft or
// a new one: about its matter, in its street, for the unit that was named instead.
func (d *Desk) ruleOfCase(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.catalogue.rule")
	view, err := d.s.Cases.View(r.Context(), f.sc, r.PathValue("number"))
	if err != nil {
		return err
	}
	k := view.Case
	say := url.Values{"source": {k.Number}}
	if k.Matter != "" {
		say.Set("matters", k.Matter)
	}
	if k.Place.Street != "" {
		say.Set("under", k.Place.Street)
	}
	for _, e := range view.Entries {
		if u := e.Answers.Str("should_be"); u != "" {
			say.Set("unit", u)
		}
	}
	draft, err := f.anyDraft(f.T("desk.catalogue.ofcase") + " " + k.Number)
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, cataloguePath+"/"+strconv.Itoa(draft.Number)+"/rule?"+say.Encode())
}

// anyDraft is the newest draft, or a new one with a reason when there is none.
func (f *frame) anyDraft(why string) (draft duties.Version, err error) {
	err = f.d.s.DB.Write(f.r.Context(), func(tx *store.Tx) error {
		list, err := f.dutyBook().List(tx, 0, versionsPerPage)
		if err != nil {
			return err
		}
		if i := slices.IndexFunc(list, func(v duties.Version) bool { return v.State == duties.Draft }); i >= 0 {
			draft = list[i]
			return nil
		}
		draft, err = f.dutyBook().Draft(tx, f.sc, 0, why, f.d.s.Clock())
		return err
	})
	return draft, err
}

// ruleOfProposal begins the rule that the address says in the newest draft, or in a new
// one.
func (d *Desk) ruleOfProposal(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.catalogue.rule")
	draft, err := f.anyDraft(f.T("desk.catalogue.ofproposal"))
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, cataloguePath+"/"+strconv.Itoa(draft.Number)+"/rule?"+r.URL.RawQuery)
}

// DraftRule is the address at which a proposal becomes a rule of a draft, by POST.
func DraftRule(p insight.Proposal) string {
	say := url.Values{"matters": {p.Matter}, "unit": {p.Unit}}
	if p.Place != "" {
		say.Set("under", p.Place)
	}
	return cataloguePath + "/draft?" + say.Encode()
}

// newestDraft leads to the form of a new rule of the newest draft, filled in with
// what the address says; without a draft, to where one is begun.
func (d *Desk) newestDraft(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.catalogue.rule")
	list, err := store.Get(r.Context(), d.s.DB, func(tx *store.Tx) ([]duties.Version, error) { return f.dutyBook().List(tx, 0, versionsPerPage) })
	if err != nil {
		return err
	}
	i := slices.IndexFunc(list, func(v duties.Version) bool { return v.State == duties.Draft })
	if i < 0 {
		return web.SeeOther(w, r, cataloguePath)
	}
	return web.SeeOther(w, r, cataloguePath+"/"+strconv.Itoa(list[i].Number)+"/rule?"+r.URL.RawQuery)
}
