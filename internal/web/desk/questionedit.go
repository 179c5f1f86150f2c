package desk

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"weixiao/internal/catalogue"
	"weixiao/internal/duties"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/store"
	"weixiao/internal/web"
	"weixiao/internal/web/ui"
	"weixiao/internal/words"
	"weixiao/internal/worktime"
)

// setForm says which matters a set of questions is about.
var setForm = form.Form{Name: "catalogue_set", Fields: []form.Field{
	{Name: "id", Type: form.Line, Required: true, Max: 60},
	{Name: "matters", Type: form.Units, Max: 200},
	{Name: "more", Type: form.Line, Max: 2000},
	{Name: "groups", Type: form.Units, Max: 60},
}}

// questionForm is one question of a set.
var questionForm = form.Form{Name: "catalogue_question", Fields: []form.Field{
	{Name: "name", Type: form.Line, Required: true, Max: 40},
	{Name: "type", Type: form.Choice, Required: true, Options: questionTypes()},
	{Name: "zh", Type: form.Line, Required: true, Max: 100},
	{Name: "en", Type: form.Line, Required: true, Max: 200},
	{Name: "options", Type: form.Text, Max: 4000, When: "type", Values: []string{string(form.Choice), string(form.Multi)}},
	{Name: "hint_zh", Type: form.Line, Max: 100},
	{Name: "hint_en", Type: form.Line, Max: 200},
	{Name: "hangs", Type: form.Units, Max: 40},
	{Name: "min", Type: form.Int, Min: -1_000_000, Max: 1_000_000, When: "type", Values: []string{string(form.Int)}},
	{Name: "max", Type: form.Int, Min: -1_000_000, Max: 1_000_000, When: "type", Values: []string{string(form.Int), string(form.Line), string(form.Text)}},
	{Name: "required", Type: form.Bool},
}}

func questionTypes() (out []form.Option) {
	for _, t := range catalogue.QuestionTypes() {
		out = append(out, form.Option{Value: string(t)})
	}
	return out
}

// setView is the page of a set of questions.
type setView struct {
	Number  string
	Old     string // id of the set; "" = a new one
	Edits   bool
	Form    ui.FormView
	About   string // for those who only read
	Lines   []questionLine
	Preview []askPreview
	Faults  []string
}

// questionLine is one question in a list.
type questionLine struct {
	Name, Text, Type, Options, When, Edit string
	Required, First, Last                 bool
}

// askPreview shows the questions as they will look in one language.
type askPreview struct {
	Lang words.Lang
	Form ui.FormView
}

// questionView is the page of one question.
type questionView struct {
	Number, Set, Old string
	Form             ui.FormView
	Faults           []string
}

func (f *frame) setHref(number, set string) string {
	return cataloguePath + "/" + number + "/questions?" + url.Values{"set": {set}}.Encode()
}

// setOf is a set of a version; a set without fields for "".
func setOf(x duties.Version, id string) (catalogue.QuestionSet, error) {
	if id == "" {
		return catalogue.QuestionSet{}, nil
	}
	i := slices.IndexFunc(x.Content.Questions, func(s catalogue.QuestionSet) bool { return s.ID == id })
	if i < 0 {
		return catalogue.QuestionSet{}, store.ErrNotFound
	}
	s := x.Content.Questions[i]
	s.Fields = slices.Clone(s.Fields)
	return s, nil
}

// setPage shows a set of questions as it will look; in a draft it can be changed.
// Without a set it is the form of a new one.
func (d *Desk) setPage(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.questions.title")
	f.said(r)
	x, err := f.dutyVersion()
	if err != nil {
		return err
	}
	set, err := setOf(x, r.URL.Query().Get("set"))
	if err != nil {
		return err
	}
	v := &setView{Form: ui.FormView{Raw: f.rawSet(set)}}
	if m := r.URL.Query().Get("matter"); m != "" && set.ID == "" {
		v.Form.Raw["matters"] = []string{m}
	}
	return f.showSet(w, http.StatusOK, x, set, v)
}

func (f *frame) rawSet(s catalogue.QuestionSet) form.Raw {
	raw := form.Raw{"groups": s.Groups}
	if s.ID != "" {
		raw["id"] = []string{s.ID}
	}
	raw["matters"], raw["more"] = splitMatters(f.dutyBook().Base(), s.Matters)
	return raw
}

func (f *frame) showSet(w http.ResponseWriter, status int, x duties.Version, set catalogue.QuestionSet, v *setView) error {
	_, err := duties.Table.Permit("edit", flow.Position{State: x.State}, flow.Actor{Roles: f.sc.Roles()})
	v.Number, v.Old, v.Edits = strconv.Itoa(x.Number), set.ID, err == nil && f.is(rolesOf(&duties.Table, "edit"))
	if set.ID == "" && !v.Edits {
		return store.ErrNotFound
	}
	base := f.dutyBook().Base()
	v.Form.Form, v.Form.Action, v.Form.Dense, v.Form.Cols = setForm, cataloguePath+"/"+v.Number+"/questions", true, 2
	v.Form.Submit, v.Form.Cancel = f.T("button.save"), cataloguePath+"/"+v.Number+"#sets"
	v.Form.Choices = map[string][]ui.Choice{"matters": f.d.finder.matters(f.Lang), "groups": f.groupChoices()}
	v.Form.Hidden = []ui.Hidden{{Name: "_revision", Value: strconv.FormatInt(x.Revision, 10)}, {Name: "_old", Value: set.ID}}
	v.About = f.aboutSet(base, set)
	for i, q := range set.Fields {
		v.Lines = append(v.Lines, f.questionLine(v, set, i, q))
	}
	for _, lang := range []words.Lang{words.ZH, words.EN} {
		p := web.Questions(lang, "preview-"+string(lang), set.Fields, nil, nil)
		v.Preview = append(v.Preview, askPreview{lang, p})
	}
	if v.Faults == nil && x.State == duties.Draft && set.ID != "" {
		v.Faults = f.setFaults(x, set.ID)
	}
	f.Faulty = status != http.StatusOK
	return f.render(w, status, setPage(f, v))
}

func (f *frame) aboutSet(c *catalogue.Catalogue, s catalogue.QuestionSet) string {
	var about []string
	for _, key := range s.Matters {
		name := key
		if m, ok := c.Matter(key); ok {
			name = matterName(f.Lang, m)
		}
		about = append(about, name)
	}
	for _, g := range s.Groups {
		for _, have := range c.Groups() {
			if have.ID == g {
				g = f.either(have.Name, have.English)
			}
		}
		about = append(about, g)
	}
	if len(about) == 0 {
		return f.T("desk.questions.byrule")
	}
	return join(f, about)
}

func (f *frame) groupChoices() (out []ui.Choice) {
	for _, g := range f.d.s.Pack.Catalogue.Groups() {
		out = append(out, ui.Choice{Value: g.ID, Label: f.either(g.Name, g.English)})
	}
	return out
}

func (f *frame) questionLine(v *setView, set catalogue.QuestionSet, i int, q catalogue.Question) questionLine {
	l := questionLine{Name: q.Name, Text: f.either(q.ZH, q.EN), Type: f.T("desk.questions.type." + string(q.Type)), Required: q.Required, First: i == 0, Last: i == len(set.Fields)-1,
		Edit: cataloguePath + "/" + v.Number + "/question?" + url.Values{"set": {set.ID}, "name": {q.Name}}.Encode()}
	var list []string
	for _, o := range q.Options {
		list = append(list, f.either(o.ZH, o.EN))
	}
	l.Options = join(f, list)
	if q.When != "" {
		list = nil
		for _, value := range q.Values {
			list = append(list, f.hangsOn(set.Fields[:i], q.When, value).Label)
		}
		l.When = f.T("desk.questions.only", join(f, list))
	}
	return l
}

// setFaults are what is wrong with one set of a draft.
func (f *frame) setFaults(x duties.Version, id string) (out []string) {
	_, err := f.dutyBook().Try(x, f.Now.In(worktime.Zone).Format(time.DateOnly))
	for _, ft := range duties.FaultsOf(err) {
		if ft.List == "questions" && ft.ID == id {
			out = append(out, f.either(ft.ZH, ft.EN))
		}
	}
	return out
}

// newFaults are those of a set after an edit that were not there before: an edit is
// refused for what it breaks, never for what was broken already.
func (f *frame) newFaults(x duties.Version, was, id string, e duties.Edit) ([]string, error) {
	before := f.setFaults(x, was)
	next, err := e.Apply(x.Content)
	if err != nil {
		return nil, err
	}
	x.Content = next
	return slices.DeleteFunc(f.setFaults(x, id), func(s string) bool { return slices.Contains(before, s) }), nil
}

// saveSet keeps which matters a set is about; its questions stay.
func (d *Desk) saveSet(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.questions.title")
	if err := r.ParseForm(); err != nil {
		return err
	}
	x, err := f.editable()
	if err != nil {
		return err
	}
	old := r.PostFormValue("_old")
	set, err := setOf(x, old)
	if err != nil {
		return err
	}
	raw := rawOf(setForm, r)
	v := &setView{Form: ui.FormView{Raw: raw}}
	answers, err := setForm.Check(raw)
	if faults, ok := errors.AsType[form.Faults](err); ok {
		v.Form.Faults = faults
		return f.showSet(w, http.StatusUnprocessableEntity, x, set, v)
	}
	next := set
	next.ID, next.Matters, next.Groups = answers.Str("id"), append(answers.List("matters"), split(answers.Str("more"))...), answers.List("groups")
	if _, err := setOf(x, next.ID); next.ID != old && err == nil {
		v.Form.Says = map[string]string{"id": f.T("desk.questions.taken")}
		return f.showSet(w, http.StatusUnprocessableEntity, x, set, v)
	}
	edit := duties.Edit{Ask: &next, Rename: old}
	tried := next
	if len(tried.Fields) == 0 { // a new set is empty, and about to be filled
		tried.Fields = []catalogue.Question{{Name: "first", Type: form.Bool, ZH: "问", EN: "Q"}}
	}
	if v.Faults, err = f.newFaults(x, old, next.ID, duties.Edit{Ask: &tried, Rename: old}); err != nil {
		return err
	}
	if len(v.Faults) > 0 {
		return f.showSet(w, http.StatusUnprocessableEntity, x, set, v)
	}
	return f.editSet(w, x, edit, next.ID)
}

// editSet does an edit of a set and goes back to it.
func (f *frame) editSet(w http.ResponseWriter, x duties.Version, e duties.Edit, set string) error {
	revision, _ := strconv.ParseInt(f.r.PostFormValue("_revision"), 10, 64)
	err := f.d.s.DB.Write(f.r.Context(), func(tx *store.Tx) error {
		_, err := f.dutyBook().Change(tx, f.sc, x.Number, revision, e, f.d.s.Clock())
		return err
	})
	if err != nil {
		return f.dutyProblem(w, &versionView{}, err)
	}
	return web.SeeOther(w, f.r, f.setHref(strconv.Itoa(x.Number), set)+"&done=catalogue.edit")
}

// orderSet moves or removes a question of a set.
func (d *Desk) orderSet(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.questions.title")
	if err := r.ParseForm(); err != nil {
		return err
	}
	x, err := f.editable()
	if err != nil {
		return err
	}
	set, err := setOf(x, r.PostFormValue("_set"))
	if err != nil {
		return err
	}
	op, name, _ := strings.Cut(r.PostFormValue("do"), ":")
	at := slices.IndexFunc(set.Fields, func(q catalogue.Question) bool { return q.Name == name })
	if at < 0 {
		return store.ErrNotFound
	}
	switch to := at; op {
	case "up", "down":
		if to--; op == "down" {
			to += 2
		}
		if to < 0 || to >= len(set.Fields) {
			return store.ErrNotFound
		}
		set.Fields[at], set.Fields[to] = set.Fields[to], set.Fields[at]
	case "remove":
		set.Fields = slices.Delete(set.Fields, at, at+1)
	default:
		return store.ErrNotFound
	}
	return f.editSet(w, x, duties.Edit{Ask: &set}, set.ID)
}

// page is the page in the language of the preview.
func (p askPreview) page(f *frame) ui.Page {
	out := f.Page
	out.Lang = p.Lang
	return out
}

// name is the language of the preview.
func (p askPreview) name(f *frame) string {
	if p.Lang == words.EN {
		return f.T("desk.questions.preview.en")
	}
	return f.T("desk.questions.preview.zh")
}
