package desk

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"weixiao/internal/directory"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/journal"
	"weixiao/internal/rounds/visits"
	"weixiao/internal/store"
	"weixiao/internal/vault"
	"weixiao/internal/web"
	"weixiao/internal/web/ui"
	"weixiao/internal/words"
)

// peopleShown is how many people in need one page lists: every one of them is a row of the disclosure ledger.
const peopleShown = 100

// needLine is somebody in need as a named post sees them.
type needLine struct {
	ID, Name, Phone, Where, Categories, Due string
	Late, MadeUp                            bool
}

// countLine are the people in need of a community in numbers.
type countLine struct {
	Name  string
	Cells []string
}

type needsView struct {
	Knows  bool // sees people, and not counts alone
	Enter  bool
	Lines  []needLine
	Heads  []string
	Counts []countLine
	Civil  string // the units that see the register beside the community
}

func (f *frame) categories(ids []string) string {
	var out []string
	for _, id := range ids {
		if c, ok := f.d.s.Visits.Rules().Category(id); ok {
			out = append(out, f.either(c.Title, c.English))
		}
	}
	return join(f, out)
}

func (f *frame) needLine(s visits.Seen) needLine {
	where := f.unit(s.Community)
	if g, ok := f.d.s.Pack.Directory.Grid(s.Grid); ok {
		where += " " + g.Name
	}
	return needLine{ID: s.ID, Name: s.Masked.Name, Phone: s.Masked.Phone, Where: where, Categories: f.categories(s.CategoryList()), Due: s.Due,
		Late: s.Due < f.Now.In(words.Zone()).Format("2006-01-02"), MadeUp: s.MadeUp}
}

func (d *Desk) needs(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.needs.title")
	f.said(r)
	v := &needsView{Civil: f.unitNames(d.s.Visits.Rules().Readers.Units)}
	var err error
	if v.Knows, err = d.s.Visits.Knows(r.Context(), f.sc, ""); err != nil {
		return err
	}
	if v.Knows {
		list, err := d.s.Visits.People(r.Context(), f.sc, "", peopleShown)
		if err != nil {
			return err
		}
		slices.SortFunc(list, byDue)
		for _, s := range list {
			v.Lines = append(v.Lines, f.needLine(s))
		}
		act, err := visits.PersonTable.Action("enter")
		if err != nil {
			return err
		}
		v.Enter = act.Grants(flow.Actor{Roles: f.sc.Roles(), Relations: []string{visits.Named}}) && f.community() != ""
	}
	if err := f.needCounts(v); err != nil {
		return err
	}
	return f.render(w, http.StatusOK, needsPage(f, v))
}

// community is the community the user works for, "" for none.
func (f *frame) community() string {
	if u, ok := f.d.s.Pack.Directory.Unit(f.sc.Unit()); ok && (u.Kind == directory.Community || u.Kind == directory.Village) {
		return u.ID
	}
	return ""
}

// needCounts are the numbers per community that the user's work is about. A number that would point at somebody is not
// told to those who may not know people.
func (f *frame) needCounts(v *needsView) error {
	counts, err := f.d.s.Visits.Counts(f.r.Context(), f.sc)
	if err != nil {
		return err
	}
	rules := f.d.s.Visits.Rules()
	v.Heads = []string{f.T("desk.needs.all"), f.T("desk.needs.overdue")}
	for _, c := range rules.Categories {
		v.Heads = append(v.Heads, f.either(c.Title, c.English))
	}
	cell := func(n int) string {
		if visits.Few(n) && !v.Knows {
			return f.T("desk.needs.few")
		}
		return strconv.Itoa(n)
	}
	for _, c := range counts {
		if !f.sc.All() && !v.Knows && !f.d.s.Pack.Directory.Under(c.Community, f.sc.Unit()) || v.Knows && f.community() != "" && c.Community != f.community() {
			continue
		}
		l := countLine{Name: f.unit(c.Community), Cells: []string{cell(c.N[""]), cell(c.N["overdue"])}}
		for _, x := range rules.Categories {
			l.Cells = append(l.Cells, cell(c.N[x.ID]))
		}
		v.Counts = append(v.Counts, l)
	}
	return nil
}

type needView struct {
	visits.Seen
	Line    needLine
	Facts   []ui.Pair
	Actions []*flow.Action
	Log     []ui.Event
}

func (d *Desk) need(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.needs.person")
	f.said(r)
	s, acts, err := d.s.Visits.Person(r.Context(), f.sc, r.PathValue("id"))
	if err != nil {
		return err
	}
	v := &needView{Seen: s, Line: f.needLine(s)}
	if v.Actions, err = d.s.Visits.OpenPerson(r.Context(), f.sc, s.Person); err != nil {
		return err
	}
	v.Facts = f.needFacts(v)
	if v.Log, err = f.needEvents(acts); err != nil {
		return err
	}
	return f.render(w, http.StatusOK, needPage(f, v))
}

func (f *frame) needFacts(v *needView) (out []ui.Pair) {
	text := func(label, value string) {
		if value != "" {
			out = append(out, ui.Pair{Label: f.T(label), Value: ui.Text(value)})
		}
	}
	st, _ := visits.PersonTable.State(v.State)
	out = append(out, ui.Pair{Label: f.T("desk.assets.state"), Value: ui.Status(st.Chip, f.T("state.person_in_need."+v.State))})
	text("desk.workdays.person", strings.TrimSpace(v.Masked.Name+" "+v.Masked.Phone))
	text("desk.workdays.where", strings.TrimSpace(v.Line.Where+" "+v.Masked.Address))
	text("form.need_enter.categories", v.Line.Categories)
	if v.State == visits.Registered {
		text("form.need_enter.consent", f.T("form.need_enter.consent."+v.Consent)+" "+v.ConsentOn)
	} else {
		text("form.need_remove.gone", f.T("form.need_remove.gone."+v.Gone))
	}
	text("desk.needs.reviewed", v.Reviewed)
	text("desk.needs.due", v.Due)
	if v.MadeUp {
		text("desk.assets.source", f.T("desk.assets.madeup"))
	}
	return out
}

// needEvents are the acts about somebody in need, newest first, with what a review said.
func (f *frame) needEvents(acts []journal.Act) ([]ui.Event, error) {
	out, err := f.termEvents(acts)
	for i, a := range slices.Backward(acts) {
		var b struct{ Way, Result, Case string }
		if err := a.Into(&b); err != nil {
			return nil, err
		}
		e := &out[len(acts)-1-i]
		if b.Result != "" {
			e.Note = f.T("form.need_review.way."+b.Way) + f.T("desk.log.comma") + f.T("form.need_review.result."+b.Result)
		}
		if b.Case != "" {
			e.Link, e.Words = "/desk/cases/"+b.Case, b.Case
		}
	}
	return out, err
}

// needForm is the form of an action on the register; s is nil for a new entry.
func (f *frame) needForm(act *flow.Action, s *visits.Seen, community string, raw form.Raw) *recordDo {
	v := &recordDo{Title: f.T("action.person_in_need." + act.Name), Back: needPath, BackLabel: f.T("desk.needs.title")}
	action, version := needPath+"/new", int64(0)
	if s != nil {
		v.Back, v.BackLabel, action, version = needPath+"/"+s.ID, s.Masked.Name, needPath+"/"+s.ID+"/do/"+act.Name, s.Version
		if raw == nil {
			raw = form.Raw{"categories": s.CategoryList(), "grid": {s.Grid}}
		}
	}
	var categories, grids []ui.Choice
	for _, c := range f.d.s.Visits.Rules().Categories {
		categories = append(categories, ui.Choice{Value: c.ID, Label: f.either(c.Title, c.English)})
	}
	for _, g := range f.d.s.Pack.Directory.Grids(community) {
		grids = append(grids, ui.Choice{Value: g.ID, Label: g.Name})
	}
	v.Form = ui.FormView{Form: f.d.s.Visits.PersonForm(act, community), Raw: raw, Action: action, Dense: true, Alt: 1, Submit: v.Title, Key: "Ctrl Enter", Cancel: v.Back,
		Choices: map[string][]ui.Choice{"community": f.d.finder.some(f.Lang, []string{community}), "categories": categories, "grid": grids}, Looks: map[string]string{"grid": "select"},
		Hidden: []ui.Hidden{{Name: "_version", Value: strconv.FormatInt(version, 10)}, {Name: "_key", Value: newKey()}}}
	if act.Name == "remove" {
		v.Form.Look = "danger"
	}
	return v
}

func (d *Desk) newNeedPage(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "action.person_in_need.enter")
	community := f.community()
	if ok, err := d.s.Visits.Knows(r.Context(), f.sc, community); err != nil || !ok || community == "" {
		return errors.Join(err, flow.ErrForbidden)
	}
	act, err := visits.PersonTable.Action("enter")
	if err != nil {
		return err
	}
	return f.render(w, http.StatusOK, recordDoPage(f, f.needForm(act, nil, community, form.Raw{"community": {community}})))
}

func (d *Desk) newNeed(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "action.person_in_need.enter")
	if err := r.ParseForm(); err != nil {
		return err
	}
	act, err := visits.PersonTable.Action("enter")
	if err != nil {
		return err
	}
	raw := rawOf(act.Form, r)
	id, err := d.s.Visits.Enter(r.Context(), f.sc, raw)
	if err == nil {
		return web.SeeOther(w, r, needPath+"/"+id+"?done=record")
	}
	return f.roundsAgain(w, f.needForm(act, nil, f.community(), raw), err, false)
}

func (f *frame) needAction() (visits.Seen, *flow.Action, error) {
	s, _, err := f.d.s.Visits.Person(f.r.Context(), f.sc, f.r.PathValue("id"))
	if err != nil {
		return s, nil, err
	}
	act, err := visits.PersonTable.Action(f.r.PathValue("action"))
	return s, act, err
}

func (d *Desk) needDoPage(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.needs.person")
	s, act, err := f.needAction()
	if err != nil {
		return err
	}
	open, err := d.s.Visits.OpenPerson(r.Context(), f.sc, s.Person)
	if err != nil {
		return err
	}
	if !slices.Contains(open, act) {
		return flow.ErrForbidden
	}
	return f.render(w, http.StatusOK, recordDoPage(f, f.needForm(act, &s, s.Community, nil)))
}

func (d *Desk) needDo(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.needs.person")
	if err := r.ParseForm(); err != nil {
		return err
	}
	s, act, err := f.needAction()
	if err != nil {
		return err
	}
	raw := rawOf(act.Form, r)
	version, _ := strconv.ParseInt(r.PostFormValue("_version"), 10, 64)
	_, err = d.s.Visits.Care(r.Context(), f.sc, s.ID, act.Name, visits.Input{Version: version, Raw: raw, Key: f.key(r.PostFormValue("_key"), "need", s.ID, act.Name, nil)})
	if err == nil {
		return web.SeeOther(w, r, needPath+"/"+s.ID+"?done=record")
	}
	return f.roundsAgain(w, f.needForm(act, &s, s.Community, raw), err, errors.Is(err, visits.ErrStale))
}

// needRevealed is somebody in need whom the user may know of.
func (f *frame) needRevealed() (revealed, error) {
	s, _, err := f.d.s.Visits.Person(f.r.Context(), f.sc, f.r.PathValue("id"))
	if err != nil {
		return revealed{}, err
	}
	if s.State != visits.Registered {
		return revealed{}, store.ErrNotFound
	}
	back := needPath + "/" + s.ID
	return revealed{s.ID, s.Masked.Name, s.Person.Person, back, back + "/reveal"}, nil
}

func (d *Desk) needRevealPage(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.reveal.title")
	x, err := f.needRevealed()
	if err != nil {
		return err
	}
	return f.render(w, http.StatusOK, revealPage(f, f.revealRecord(x, form.Raw{"fields": {string(vault.FieldAddress)}})))
}

func (d *Desk) needReveal(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.reveal.title")
	x, err := f.needRevealed()
	if err != nil {
		return err
	}
	return f.revealPerson(w, r, x)
}
