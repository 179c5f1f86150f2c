package desk

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"time"

	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/journal"
	"weixiao/internal/rounds/formalism"
	"weixiao/internal/web"
	"weixiao/internal/web/ui"
	"weixiao/internal/words"
)

// exceptionLine is an exception in a list.
type exceptionLine struct {
	web.Exception
	Href, Chip, State, Asker string
}

func (f *frame) exceptionLines(list []*formalism.Exception) ([]exceptionLine, error) {
	var ids []string
	for _, x := range list {
		ids = append(ids, x.Asker, x.Approver)
	}
	if err := f.d.names.load(f.r.Context(), ids...); err != nil {
		return nil, err
	}
	out := make([]exceptionLine, len(list))
	for i, x := range list {
		state := x.Stands(f.Now)
		s, _ := formalism.Table.State(state)
		l := exceptionLine{Exception: f.d.s.ExceptionWords(f.Lang, x), Href: exceptionPath + "/" + x.ID, Chip: s.Chip, State: f.T("state.exception." + state)}
		l.Asker, l.Approver = f.d.names.name(f.r.Context(), x.Asker), f.d.names.name(f.r.Context(), x.Approver)
		out[i] = l
	}
	return out, nil
}

// touching are the exceptions in force that concern the user, for the pages on which they work.
func (f *frame) touching() ([]exceptionLine, error) {
	if f.d.s.Guard == nil {
		return nil, nil
	}
	list, err := f.d.s.Guard.Touching(f.r.Context(), f.sc)
	if err != nil {
		return nil, err
	}
	return f.exceptionLines(list)
}

// exceptionsView is a list of exceptions.
type exceptionsView struct {
	Lines []exceptionLine
	Older string
	Ask   bool
	Up    bool
}

const exceptionsPerPage = 50

func (d *Desk) exceptions(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.exceptions.title")
	f.said(r)
	before, _ := strconv.ParseInt(r.URL.Query().Get("before"), 10, 64)
	list, err := d.s.Guard.List(r.Context(), f.sc, before, exceptionsPerPage)
	if err != nil {
		return err
	}
	v := &exceptionsView{Ask: d.s.Guard.May(f.sc), Up: f.is(formalism.Watching())}
	if v.Lines, err = f.exceptionLines(list); err != nil {
		return err
	}
	if len(list) == exceptionsPerPage {
		v.Older = exceptionPath + "?before=" + strconv.FormatInt(list[len(list)-1].Doc, 10)
	}
	return f.render(w, http.StatusOK, exceptionsPage(f, v))
}

// exceptionView is one exception.
type exceptionView struct {
	Line    exceptionLine
	Facts   []ui.Pair
	Actions []*flow.Action
	Log     []ui.Event
}

func (d *Desk) exception(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.exceptions.title")
	f.said(r)
	x, acts, err := d.s.Guard.Get(r.Context(), f.sc, r.PathValue("id"))
	if err != nil {
		return err
	}
	lines, err := f.exceptionLines([]*formalism.Exception{x})
	if err != nil {
		return err
	}
	v := &exceptionView{Line: lines[0], Actions: d.s.Guard.Open(f.sc, x)}
	f.Title = v.Line.Rule + f.T("word.separator") + v.Line.Subject
	add := func(label, value string) {
		if value != "" {
			v.Facts = append(v.Facts, ui.Pair{Label: f.T(label), Value: ui.Text(value)})
		}
	}
	add("desk.exceptions.rule", v.Line.Rule)
	add("desk.exceptions.subject", v.Line.Subject)
	add("desk.exceptions.for", v.Line.For)
	add("desk.exceptions.scene", v.Line.Scene)
	add("desk.exceptions.reason", v.Line.Reason)
	add("desk.exceptions.asker", v.Line.Asker)
	add("desk.exceptions.approver", v.Line.Approver)
	add("desk.exceptions.until", v.Line.Until)
	if v.Log, err = f.exceptionEvents(acts); err != nil {
		return err
	}
	return f.render(w, http.StatusOK, exceptionPage(f, v))
}

func (f *frame) exceptionEvents(acts []journal.Act) ([]ui.Event, error) {
	if err := f.actors(acts); err != nil {
		return nil, err
	}
	var out []ui.Event
	for _, a := range slices.Backward(acts) {
		out = append(out, f.event(&formalism.Table, a, form.Answers{}))
	}
	return out, nil
}

// exceptionForm is the form of one action.
func (f *frame) exceptionForm(x *formalism.Exception, act *flow.Action, raw form.Raw) *recordDo {
	back, base := exceptionPath, exceptionPath+"/new"
	v := &recordDo{Title: f.T("action.exception." + act.Name), Back: back, BackLabel: f.T("desk.exceptions.title")}
	if x != nil {
		back = exceptionPath + "/" + x.ID
		base, v.Back, v.BackLabel = back+"/do/"+act.Name, back, f.d.s.ExceptionWords(f.Lang, x).Subject
	}
	v.Form = ui.FormView{Form: act.Form, Raw: raw, Action: base, Dense: true, Alt: 1, Submit: v.Title, Key: "Ctrl Enter", Cancel: back,
		Hidden: []ui.Hidden{{Name: "_key", Value: newKey()}}, Looks: map[string]string{"rule": "list", "scene": "list", "subject": "select", "role": "select"}}
	if x != nil {
		v.Form.Hidden = append(v.Form.Hidden, ui.Hidden{Name: "_version", Value: strconv.FormatInt(x.Version, 10)})
		if act.Name != "approve" {
			v.Form.Look = "danger"
		}
		return v
	}
	v.Form.Choices = map[string][]ui.Choice{"subject": f.exceptionSubjects(), "unit": f.d.finder.handling(f.Lang)}
	v.Form.Draft = "desk-exception"
	return v
}

// exceptionSubjects are what an exception may be about: a routine, or a field that asks twice.
func (f *frame) exceptionSubjects() (out []ui.Choice) {
	for _, rule := range []string{formalism.CheckIn, formalism.Photo, formalism.Twice} {
		for _, e := range f.d.s.Guard.Subjects(rule) {
			label := f.text(e.Name)
			if of := f.text(e.Of); of != label {
				label = of + f.T("word.separator") + label
			}
			if !slices.ContainsFunc(out, func(c ui.Choice) bool { return c.Value == e.ID }) {
				out = append(out, ui.Choice{Value: e.ID, Label: label, Group: f.T("formalism.rule." + rule)})
			}
		}
	}
	return out
}

func (d *Desk) exceptionAskPage(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "action.exception.ask")
	act, err := formalism.Table.Action("ask")
	if err != nil {
		return err
	}
	raw := form.Raw{"until": {f.Now.In(words.Zone()).AddDate(0, 0, 7).Format(time.DateOnly)}}
	for _, k := range []string{"rule", "subject"} {
		if s := r.URL.Query().Get(k); s != "" {
			raw[k] = []string{s}
		}
	}
	return f.render(w, http.StatusOK, recordDoPage(f, f.exceptionForm(nil, act, raw)))
}

func (d *Desk) exceptionAsk(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "action.exception.ask")
	if err := r.ParseForm(); err != nil {
		return err
	}
	act, err := formalism.Table.Action("ask")
	if err != nil {
		return err
	}
	raw := rawOf(act.Form, r)
	x, err := d.s.Guard.Ask(r.Context(), f.sc, raw, f.key(r.PostFormValue("_key"), "exception", "", act.Name, raw))
	if err == nil {
		return web.SeeOther(w, r, exceptionPath+"/"+x.ID+"?done=exception.ask")
	}
	return f.recordAgain(w, f.exceptionForm(nil, act, raw), err, false)
}

func (d *Desk) exceptionDoPage(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.exceptions.title")
	x, _, err := d.s.Guard.Get(r.Context(), f.sc, r.PathValue("id"))
	if err != nil {
		return err
	}
	act, err := formalism.Table.Action(r.PathValue("action"))
	if err != nil {
		return err
	}
	if !slices.Contains(d.s.Guard.Open(f.sc, x), act) {
		return flow.ErrForbidden
	}
	return f.render(w, http.StatusOK, recordDoPage(f, f.exceptionForm(x, act, form.Raw{})))
}

func (d *Desk) exceptionDo(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.exceptions.title")
	if err := r.ParseForm(); err != nil {
		return err
	}
	id := r.PathValue("id")
	act, err := formalism.Table.Action(r.PathValue("action"))
	if err != nil {
		return err
	}
	raw := rawOf(act.Form, r)
	version, _ := strconv.ParseInt(r.PostFormValue("_version"), 10, 64)
	if err = d.s.Guard.Act(r.Context(), f.sc, id, act.Name, formalism.Act{Raw: raw, Version: version, Key: f.key(r.PostFormValue("_key"), "exception", id, act.Name, raw)}); err == nil {
		return web.SeeOther(w, r, exceptionPath+"/"+id+"?done=exception."+act.Name)
	}
	x, _, gerr := d.s.Guard.Get(r.Context(), f.sc, id)
	if gerr != nil {
		return gerr
	}
	return f.recordAgain(w, f.exceptionForm(x, act, raw), err, errors.Is(err, formalism.ErrStale))
}
