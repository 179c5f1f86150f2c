package desk

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/cases"
	"weixiao/internal/files"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/journal"
	"weixiao/internal/store"
	"weixiao/internal/web"
	"weixiao/internal/web/ui"
	"weixiao/internal/words"
)

const checkPath = "/desk/checks"

// checkRoles are those the table of checks names, and the auditor, who reads.
func checkRoles() []string {
	out := []string{access.Auditor}
	for _, a := range cases.CheckTable.Actions {
		out = add(out, rolesOf(&cases.CheckTable, a.Name)...)
	}
	return out
}

func checkDoers() []string {
	return slices.DeleteFunc(checkRoles(), func(r string) bool { return r == access.Auditor })
}

// checksView is a list of checks: what is to be looked at, what was found.
type checksView struct {
	List   string
	Lists  []ui.Chip
	Lines  []orderLine
	Paging ui.Paging
}

var checkLists = []string{"open", "ended"}

func (d *Desk) checks(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.nav.checks")
	f.said(r)
	v := checksView{List: "open"}
	in := r.URL.Query()
	if in.Get("list") == "ended" {
		v.List = "ended"
	}
	for _, l := range checkLists {
		v.Lists = append(v.Lists, ui.Chip{Label: f.T("desk.checks." + l), Href: checkPath + "?list=" + l, On: l == v.List})
	}
	list, older, err := f.readChecks(v.List)
	if err != nil {
		return err
	}
	if older != "" {
		v.Paging.Older = checkPath + "?list=" + v.List + "&after=" + older
	}
	if in.Get("after") != "" {
		v.Paging.Start = checkPath + "?list=" + v.List
	}
	if v.Lines, err = f.checkLines(list); err != nil {
		return err
	}
	return f.render(w, http.StatusOK, checksPage(f, v))
}

func (f *frame) readChecks(list string) (found []*cases.Check, older string, err error) {
	ctx, after := f.r.Context(), f.r.URL.Query().Get("after")
	if list == "ended" {
		doc, _ := strconv.ParseInt(after, 10, 64)
		if found, err = f.d.s.Cases.EndedChecks(ctx, f.sc, doc, pageSize+1); len(found) > pageSize {
			found = found[:pageSize]
			older = strconv.FormatInt(found[pageSize-1].Doc, 10)
		}
		return found, older, err
	}
	if found, err = f.d.s.Cases.Checks(ctx, f.sc, parseCursor(after), pageSize+1); len(found) > pageSize {
		found = found[:pageSize]
		older = cursorText(found[pageSize-1].Turn())
	}
	return found, older, err
}

func (f *frame) checkLines(list []*cases.Check) ([]orderLine, error) {
	found, err := f.d.s.Cases.CheckedCases(f.r.Context(), f.sc, list)
	if err != nil {
		return nil, err
	}
	about := map[string]*cases.Case{}
	for _, k := range found {
		about[k.Number] = k
	}
	out := make([]orderLine, len(list))
	for i, x := range list {
		out[i] = f.checkLine(x, about[x.Case])
	}
	return out, nil
}

func (f *frame) checkLine(x *cases.Check, k *cases.Case) orderLine {
	s, _ := cases.CheckTable.State(x.State)
	l := orderLine{Number: x.Number, Href: checkPath + "/" + x.Number, Title: f.checkRule(x.Rule), Note: f.T("desk.check.who", f.unit(x.Unit), f.unit(x.Handler)),
		Due: f.checkDue(x), Chip: s.Chip, State: f.T("state.check." + x.State)}
	if k != nil {
		l.Title = k.Title
		if k.Place.Text != "" {
			l.Note = k.Place.Text + f.T("word.separator") + l.Note
		}
	}
	return l
}

func (f *frame) checkRule(id string) string {
	r, ok := f.d.s.Pack.Procedures.Check(id)
	switch {
	case !ok:
		return id
	case f.Lang == words.EN:
		return r.English
	}
	return r.Title
}

func (f *frame) checkDue(x *cases.Check) ui.Due {
	k, ok := x.Clocks[cases.ClockLook]
	if !ok || x.Ended() {
		return ui.Due{}
	}
	return f.due(k)
}

// checkView is a check as its page shows it.
type checkView struct {
	*cases.CheckView
	Chip, State string
	Primary     *flow.Action
	Beside      []*flow.Action
	Facts       []ui.Pair
	Clocks      []ui.Clock
	Log         []ui.Event
	Photos      []ui.Photo
	Map         *placeMap
	Reads       bool // the user reaches the case itself
}

func (d *Desk) checkPage(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.nav.checks")
	f.said(r)
	x, err := d.s.Cases.Check(r.Context(), f.sc, r.PathValue("number"))
	if err != nil {
		return err
	}
	v, err := f.checkView(x)
	if err != nil {
		return err
	}
	return f.render(w, http.StatusOK, checkPage(f, v))
}

func (f *frame) checkView(x *cases.CheckView) (*checkView, error) {
	c := x.Check
	s, _ := cases.CheckTable.State(c.State)
	v := &checkView{CheckView: x, Chip: s.Chip, State: f.T("state.check." + c.State), Map: f.placeMap(x.Case)}
	f.Title = x.Case.Title
	for _, a := range x.Actions {
		if a.Name == "look" {
			v.Primary = a
		} else {
			v.Beside = append(v.Beside, a)
		}
	}
	if k, ok := c.Clocks[cases.ClockLook]; ok {
		v.Clocks = []ui.Clock{{Label: f.T("clock.look"), Due: f.due(k), Used: -1, Main: k.Running()}}
	}
	add := func(label, value string) {
		if value != "" {
			v.Facts = append(v.Facts, ui.Pair{Label: f.T(label), Value: ui.Text(value)})
		}
	}
	add("desk.check.place", x.Case.Place.Text)
	add("desk.check.handler", f.unit(c.Handler))
	add("desk.check.unit", f.unit(c.Unit))
	add("desk.check.rule", f.checkRule(c.Rule))
	var err error
	if v.Log, err = f.checkEvents(x.Entries); err != nil {
		return nil, err
	}
	list, err := store.Get(f.r.Context(), f.d.s.DB, func(tx *store.Tx) ([]files.File, error) {
		return files.Of(tx, f.d.s.Pack.District, cases.Table.Kind, x.Case.Number)
	})
	if err != nil {
		return nil, err
	}
	v.Photos = f.photos(x.Case, list)
	_, err = f.d.s.Cases.Get(f.r.Context(), f.sc, c.Case)
	v.Reads = err == nil
	return v, nil
}

func (f *frame) checkEvents(entries []cases.CheckEntry) ([]ui.Event, error) {
	acts := make([]journal.Act, len(entries))
	for i, e := range entries {
		acts[i] = e.Act
	}
	if err := f.actors(acts); err != nil {
		return nil, err
	}
	out := make([]ui.Event, 0, len(entries))
	for _, e := range slices.Backward(entries) {
		ev := f.event(&cases.CheckTable, e.Act, e.Answers)
		if found := e.Answers.Str("found"); found != "" {
			ev.Tone = map[string]string{cases.CheckFixed: "ok", cases.CheckNotFixed: "hot"}[found]
		}
		out = append(out, ev)
	}
	return out, nil
}

// checkForm is the form of an action of a check.
func (f *frame) checkForm(x *cases.CheckView, a *flow.Action, raw form.Raw) *doView {
	if raw == nil {
		raw = form.Raw{}
	}
	base := checkPath + "/" + x.Check.Number
	v := &doView{Kind: cases.CheckTable.Kind, Number: x.Check.Number, Title: x.Case.Title, Action: a}
	v.Form = ui.FormView{Form: a.Form, Raw: raw, Action: base + "/do/" + a.Name, Looks: map[string]string{"found": "list"}, Dense: true, Alt: 1, Submit: f.T("action.check." + a.Name), Key: "Ctrl Enter",
		Cancel: base, Draft: draftKey(x.Check.Number, a.Name),
		Hidden: []ui.Hidden{{Name: "_key", Value: newKey()}, {Name: "_version", Value: strconv.FormatInt(x.Check.Version, 10)}, {Name: "_next", Value: base}}}
	switch a.Name {
	case "look":
		v.Form.Files = true
		v.Photos = &ui.PhotosView{ID: a.Form.Name + "-photos", Name: photosName, Title: f.T("desk.photo.title"), Note: f.T("desk.check.photo"), Max: f.d.s.Files.Limits().PerUpload, Small: true}
	case "pass_on":
		v.Form.Choices = map[string][]ui.Choice{"unit": f.d.finder.handling(f.Lang)}
	case "drop":
		v.Form.Look = "danger"
	}
	return v
}

// checkAction is the check and the action a request names.
func (f *frame) checkAction() (*cases.CheckView, *flow.Action, error) {
	a, err := cases.CheckTable.Action(f.r.PathValue("action"))
	if err != nil {
		return nil, nil, err
	}
	x, err := f.d.s.Cases.Check(f.r.Context(), f.sc, f.r.PathValue("number"))
	return x, a, err
}

func (d *Desk) checkDoPage(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.nav.checks")
	x, a, err := f.checkAction()
	if err != nil {
		return err
	}
	if !slices.Contains(x.Actions, a) {
		if a.From == nil || !f.is(rolesOf(&cases.CheckTable, a.Name)) {
			return flow.ErrForbidden
		}
		return f.showDo(w, r, http.StatusConflict, &doView{Kind: cases.CheckTable.Kind, Number: x.Check.Number, Title: x.Case.Title, Action: a, Closed: true, Problem: f.T("desk.do.notnow")})
	}
	return f.showDo(w, r, http.StatusOK, f.checkForm(x, a, nil))
}

func (d *Desk) checkDo(w http.ResponseWriter, r *http.Request) error {
	if err := d.parse(w, r); err != nil {
		return err
	}
	f := d.page(r, "desk.nav.checks")
	x, a, err := f.checkAction()
	if err != nil {
		return err
	}
	raw, number := rawOf(a.Form, r), x.Check.Number
	version, _ := strconv.ParseInt(r.PostFormValue("_version"), 10, 64)
	in := cases.Input{Raw: raw, Version: version, Key: f.key(r.PostFormValue("_key"), "check", number, a.Name, raw)}
	var photos []files.File
	fault := ""
	if a.Name == "look" && slices.Contains(x.Actions, a) {
		if photos, fault, err = f.taken(); err != nil {
			return err
		}
	}
	if fault == "" {
		in.Photos = len(photos)
		if attach := f.attach(photos); attach != nil {
			in.Attach = func(tx *store.Tx, number string, _ int64, at time.Time) error { return attach(tx, number, at) }
		}
		if _, err = d.s.Cases.CheckAct(r.Context(), f.sc, number, a.Name, in); err == nil {
			return web.SeeOther(w, r, withQuery(checkPath+"/"+number, "done", a.Name))
		}
	}
	return f.checkAgain(w, r, x, a, raw, err, fault)
}

// checkAgain shows why a check was not done, and the words that were typed.
func (f *frame) checkAgain(w http.ResponseWriter, r *http.Request, x *cases.CheckView, a *flow.Action, raw form.Raw, cause error, fault string) error {
	status, why := statusOf(cause), f.refusal(cause)
	if fault != "" {
		status, why = http.StatusUnprocessableEntity, fault
	} else if why == unknownRefusal {
		return cause
	}
	f.Faulty = true
	now, err := f.d.s.Cases.Check(r.Context(), f.sc, x.Check.Number)
	if err != nil {
		return err
	}
	var v *doView
	if slices.Contains(now.Actions, a) {
		v = f.checkForm(now, a, raw)
		v.Form.Faults, _ = errors.AsType[form.Faults](cause)
	} else {
		v = &doView{Kind: cases.CheckTable.Kind, Number: x.Check.Number, Title: x.Case.Title, Action: a, Closed: true, Words: f.typed(a, raw)}
	}
	v.Problem = why
	if n := len(x.Entries); n < len(now.Entries) {
		if v.Changes, err = f.checkEvents(now.Entries[n:]); err != nil {
			return err
		}
	}
	return f.showDo(w, r, status, v)
}

// checksOf are the checks of a case, for its page.
func (f *frame) checksOf(k *cases.Case) ([]orderLine, error) {
	list, err := f.d.s.Cases.ChecksOf(f.r.Context(), f.sc, k.Number)
	out := make([]orderLine, len(list))
	for i, x := range list {
		out[i] = f.checkLine(x, nil)
	}
	return out, err
}
