package desk

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"weixiao/internal/catalogue"
	"weixiao/internal/duties"
	"weixiao/internal/form"
	"weixiao/internal/store"
	"weixiao/internal/web/ui"
	"weixiao/internal/words"
)

// questionPage shows one question of a set: the one named, or a new one.
func (d *Desk) questionPage(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.questions.one")
	x, err := f.editable()
	if err != nil {
		return err
	}
	set, err := setOf(x, r.URL.Query().Get("set"))
	if err != nil || set.ID == "" {
		return store.ErrNotFound
	}
	v := &questionView{Old: r.URL.Query().Get("name")}
	v.Form.Raw = form.Raw{}
	if v.Old != "" {
		at := slices.IndexFunc(set.Fields, func(q catalogue.Question) bool { return q.Name == v.Old })
		if at < 0 {
			return store.ErrNotFound
		}
		v.Form.Raw = rawQuestion(set.Fields[at])
	}
	return f.showQuestion(w, http.StatusOK, x, set, v)
}

func rawQuestion(q catalogue.Question) form.Raw {
	raw := form.Raw{"name": {q.Name}, "type": {string(q.Type)}, "zh": {q.ZH}, "en": {q.EN}}
	var lines []string
	for _, o := range q.Options {
		lines = append(lines, o.Value+" | "+o.ZH+" | "+o.EN)
	}
	for _, value := range q.Values {
		raw["hangs"] = append(raw["hangs"], q.When+"="+value)
	}
	for name, n := range map[string]int{"min": q.Min, "max": q.Max} {
		if n != 0 {
			raw[name] = []string{strconv.Itoa(n)}
		}
	}
	for name, s := range map[string]string{"options": strings.Join(lines, "\n"), "hint_zh": q.HintZH, "hint_en": q.HintEN} {
		if s != "" {
			raw[name] = []string{s}
		}
	}
	if q.Required {
		raw["required"] = []string{"true"}
	}
	return raw
}

// hangsOn is one answer that another question may hang on, in words.
func (f *frame) hangsOn(before []catalogue.Question, name, value string) ui.Choice {
	c := ui.Choice{Value: name + "=" + value, Label: f.T("desk.questions.gone", name+" = "+value)}
	for _, q := range before {
		if q.Name != name {
			continue
		}
		answer := ""
		for _, o := range q.Options {
			if o.Value == value {
				answer = f.either(o.ZH, o.EN)
			}
		}
		switch {
		case q.Type == form.Bool && value == "true":
			answer = f.T("word.yes")
		case q.Type == form.Bool && value == "false":
			answer = f.T("word.no")
		}
		if answer != "" {
			c.Label = f.T("desk.questions.is", words.Args{"question": f.either(q.ZH, q.EN), "answer": answer})
		}
	}
	return c
}

// hangs lists all answers that a question after some others may hang on.
func (f *frame) hangs(before []catalogue.Question) (out []ui.Choice) {
	for _, q := range before {
		values := []string{}
		switch q.Type {
		case form.Bool:
			values = []string{"true", "false"}
		case form.Choice:
			for _, o := range q.Options {
				values = append(values, o.Value)
			}
		}
		for _, value := range values {
			out = append(out, f.hangsOn(before, q.Name, value))
		}
	}
	return out
}

func (f *frame) showQuestion(w http.ResponseWriter, status int, x duties.Version, set catalogue.QuestionSet, v *questionView) error {
	v.Number, v.Set = strconv.Itoa(x.Number), set.ID
	before := set.Fields
	if at := slices.IndexFunc(set.Fields, func(q catalogue.Question) bool { return q.Name == v.Old }); v.Old != "" && at >= 0 {
		before = set.Fields[:at]
	}
	hangs := f.hangs(before)
	for _, said := range v.Form.Raw["hangs"] { // what hangs on something that is gone stays to be seen
		if name, value, _ := strings.Cut(said, "="); !slices.ContainsFunc(hangs, func(c ui.Choice) bool { return c.Value == said }) {
			hangs = append(hangs, f.hangsOn(before, name, value))
		}
	}
	fm := questionForm
	if len(hangs) == 0 {
		fm.Fields = slices.DeleteFunc(slices.Clone(fm.Fields), func(fd form.Field) bool { return fd.Name == "hangs" })
	}
	v.Form.Form, v.Form.Action, v.Form.Dense, v.Form.Cols = fm, cataloguePath+"/"+v.Number+"/question", true, 2
	v.Form.Submit, v.Form.Cancel = f.T("button.save"), f.setHref(v.Number, set.ID)
	v.Form.Choices = map[string][]ui.Choice{"hangs": hangs}
	for _, t := range catalogue.QuestionTypes() {
		v.Form.Choices["type"] = append(v.Form.Choices["type"], ui.Choice{Value: string(t), Label: f.T("desk.questions.type." + string(t))})
	}
	v.Form.Looks = map[string]string{"type": "select"}
	v.Form.Hidden = []ui.Hidden{{Name: "_revision", Value: strconv.FormatInt(x.Revision, 10)}, {Name: "_set", Value: set.ID}, {Name: "_old", Value: v.Old}}
	f.Faulty = status != http.StatusOK
	return f.render(w, status, questionPage(f, v))
}

// saveQuestion puts a question into a set. What it would break is named, and then
// nothing is kept.
func (d *Desk) saveQuestion(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.questions.one")
	if err := r.ParseForm(); err != nil {
		return err
	}
	x, err := f.editable()
	if err != nil {
		return err
	}
	set, err := setOf(x, r.PostFormValue("_set"))
	if err != nil || set.ID == "" {
		return store.ErrNotFound
	}
	raw := rawOf(questionForm, r)
	v := &questionView{Old: r.PostFormValue("_old"), Form: ui.FormView{Raw: raw, Says: map[string]string{}}}
	again := func() error { return f.showQuestion(w, http.StatusUnprocessableEntity, x, set, v) }
	answers, err := questionForm.Check(raw)
	if faults, ok := errors.AsType[form.Faults](err); ok {
		v.Form.Faults = faults
		return again()
	}
	q := f.questionOf(answers, v.Form.Says)
	if len(v.Form.Says) > 0 {
		return again()
	}
	next := set
	next.Fields = slices.Clone(set.Fields)
	at := slices.IndexFunc(set.Fields, func(o catalogue.Question) bool { return o.Name == v.Old })
	switch {
	case v.Old == "":
		next.Fields = append(next.Fields, q)
	case at < 0:
		return store.ErrNotFound
	default:
		next.Fields[at] = q
	}
	edit := duties.Edit{Ask: &next}
	if v.Faults, err = f.newFaults(x, set.ID, set.ID, edit); err != nil {
		return err
	}
	if len(v.Faults) > 0 {
		return again()
	}
	return f.editSet(w, x, edit, set.ID)
}

// questionOf is the question that checked answers describe; what cannot be read is
// put into says, by field.
func (f *frame) questionOf(a form.Answers, says map[string]string) catalogue.Question {
	q := catalogue.Question{Name: a.Str("name"), Type: form.Type(a.Str("type")), Required: a.Bool("required"), ZH: a.Str("zh"), EN: a.Str("en"),
		HintZH: a.Str("hint_zh"), HintEN: a.Str("hint_en"), Min: int(a.Int("min")), Max: int(a.Int("max"))}
	for i, line := range strings.Split(a.Str("options"), "\n") {
		if strings.TrimSpace(line) == "" {
			continue
		}
		parts := strings.Split(strings.ReplaceAll(line, "｜", "|"), "|")
		if len(parts) != 3 {
			says["options"] = f.T("desk.questions.badline", i+1)
			break
		}
		q.Options = append(q.Options, catalogue.QuestionOption{Value: strings.TrimSpace(parts[0]), ZH: strings.TrimSpace(parts[1]), EN: strings.TrimSpace(parts[2])})
	}
	for _, said := range a.List("hangs") {
		name, value, _ := strings.Cut(said, "=")
		if q.When != "" && q.When != name {
			says["hangs"] = f.T("desk.questions.onehang")
			break
		}
		q.When, q.Values = name, append(q.Values, value)
	}
	return q
}

// splitMatters parts the keys of matters into those of the list, and codes of the
// standard, which are too many for one.
func splitMatters(c *catalogue.Catalogue, keys []string) (listed, more []string) {
	var rest []string
	for _, key := range keys {
		if m, ok := c.Matter(key); ok && m.Kind == catalogue.KindRequest {
			listed = append(listed, m.Key)
		} else {
			rest = append(rest, key)
		}
	}
	if len(rest) > 0 {
		more = []string{strings.Join(rest, " ")}
	}
	return listed, more
}
