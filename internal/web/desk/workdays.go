package desk

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/journal"
	"weixiao/internal/rounds/visits"
	"weixiao/internal/rounds/workdays"
	"weixiao/internal/store"
	"weixiao/internal/vault"
	"weixiao/internal/web"
	"weixiao/internal/web/ui"
	"weixiao/internal/words"
)

const (
	workdayPath  = "/desk/workdays"
	bookingPath  = "/desk/workday-bookings"
	daysPerPage  = 50
	recordsShown = 500
)

// registerWorkdays adds the pages of community workdays.
func (d *Desk) registerWorkdays(rt *access.Router) {
	reads := access.Rule{Roles: caseRoles()}
	plans := access.Rule{Roles: rolesOf(&workdays.DayTable, "plan")}
	decides := access.Rule{Roles: rolesOf(&workdays.DayTable, "change", "publish", "staff", "move", "close", "review", "cancel")}
	takes := access.Rule{Roles: rolesOf(&workdays.BookingTable, "book", "walk_in")}
	deals := access.Rule{Roles: rolesOf(&workdays.BookingTable, "ask", "answer", "rebook", "enough", "settle", "take", "follow_up", "withdraw")}
	rt.Handle("GET "+workdayPath, reads, d.workdays)
	rt.Handle("GET "+workdayPath+"/new", plans, d.newWorkdayPage)
	rt.Handle("POST "+workdayPath+"/new", plans, d.newWorkday)
	rt.Handle("GET "+workdayPath+"/records", reads, d.workdayRecords)
	rt.Handle("GET "+workdayPath+"/{id}", reads, d.workday)
	rt.Handle("GET "+workdayPath+"/{id}/do/{action}", decides, d.workdayDoPage)
	rt.Handle("POST "+workdayPath+"/{id}/do/{action}", decides, d.workdayDo)
	rt.Handle("GET "+workdayPath+"/{id}/take/{action}", takes, d.workdayTakePage)
	rt.Handle("POST "+workdayPath+"/{id}/take/{action}", takes, d.workdayTake)
	rt.Handle("GET "+bookingPath+"/{number}", reads, d.booking)
	rt.Handle("GET "+bookingPath+"/{number}/do/{action}", deals, d.bookingDoPage)
	rt.Handle("POST "+bookingPath+"/{number}/do/{action}", deals, d.bookingDo)
	rt.Handle("GET "+bookingPath+"/{number}/reveal", deals, d.bookingRevealPage)
	rt.Handle("POST "+bookingPath+"/{number}/reveal", deals, d.bookingReveal)
}

// dayLine is a workday in a list.
type dayLine struct {
	ID, When, Where, Leader, Chip, State string
	Counts                               map[string]int
	Known                                bool // its bookings are ours to see
	MadeUp                               bool
}

// figureCell is a figure that opens to its records.
type figureCell struct {
	Name, Label, Href string
	N                 int
}

type workdaysView struct {
	Month   string
	Older   string
	Newer   string
	Lines   []dayLine
	Figures []ui.Figure
	Plan    bool
	Next    string
}

// monthOf is the month a page is about: ?month=2022-11, else the present one.
func (f *frame) monthOf() (name string, from, to time.Time) {
	t, err := time.ParseInLocation("2006-01", f.r.URL.Query().Get("month"), words.Zone())
	if err != nil || t.Year() < 2000 || t.Year() > 2100 {
		now := f.Now.In(words.Zone())
		t = time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, words.Zone())
	}
	return t.Format("2006-01"), t, t.AddDate(0, 1, 0)
}

func (d *Desk) workdays(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.workdays.title")
	v := &workdaysView{Plan: f.is(rolesOf(&workdays.DayTable, "plan"))}
	month, from, to := f.monthOf()
	v.Month = month
	v.Older, v.Newer = workdayPath+"?month="+from.AddDate(0, -1, 0).Format("2006-01"), workdayPath+"?month="+to.Format("2006-01")
	list, err := d.s.Workdays.List(r.Context(), f.sc, workdays.Filter{From: from, To: to, Limit: 500})
	if err != nil {
		return err
	}
	records, err := d.s.Workdays.Records(r.Context(), f.sc, list)
	if err != nil {
		return err
	}
	by := map[string][]workdays.Record{}
	for _, x := range records {
		by[x.Day] = append(by[x.Day], x)
	}
	for _, x := range list {
		l := f.dayLine(x)
		l.Counts, l.Known = workdays.Tally(by[x.ID]), len(by[x.ID]) > 0
		v.Lines = append(v.Lines, l)
	}
	v.Figures = f.workdayFigures(workdays.Tally(records), workdayPath+"/records?month="+month+"&show=")
	return f.render(w, http.StatusOK, workdaysPage(f, v))
}

// workdayFigures are the figures of days; each opens to the bookings behind it.
func (f *frame) workdayFigures(counts map[string]int, href string) []ui.Figure {
	var out []ui.Figure
	for _, name := range workdays.FigureNames() {
		x := ui.Figure{Label: f.T("desk.workdays.figure." + name), Value: strconv.Itoa(counts[name])}
		if counts[name] > 0 {
			x.Href = href + name
		}
		out = append(out, x)
	}
	return out
}

// hoursOf are the hours of a day in words: 11月27日 周日 09:00–11:00.
func hoursOf(lang words.Lang, d *workdays.Day) string {
	return words.Day(lang, d.Begins()) + " " + words.Weekday(lang, d.Begins()) + " " + d.Begins().Format("15:04") + "–" + d.Ends().Format("15:04")
}

func (f *frame) dayLine(x *workdays.Day) dayLine {
	st, _ := workdays.DayTable.State(x.State)
	return dayLine{ID: x.ID, When: hoursOf(f.Lang, x), Where: f.unit(x.Community), Leader: x.Leader, Chip: st.Chip, State: f.T("state.workday." + x.State), MadeUp: x.MadeUp}
}

// bookingLine is a booking in a list.
type bookingLine struct {
	Number, When, Theme, Words, Chip, State, Case, Unit, Where string
}

func (f *frame) bookingLine(d *workdays.Day, b *workdays.Booking) bookingLine {
	st, _ := workdays.BookingTable.State(b.State)
	l := bookingLine{Number: b.Number, Theme: f.theme(b.Theme), Words: b.Words, Chip: st.Chip, State: f.T("state.workday_booking." + b.State), Case: b.Case, Unit: f.unit(b.Unit), Where: f.unit(d.Community)}
	switch {
	case b.Slot >= 0:
		l.When = d.At(b.Slot).Format("15:04")
	case b.Walkin:
		l.When = f.T("desk.workdays.walkin")
	default:
		l.When = "—"
	}
	return l
}

func (f *frame) theme(id string) string {
	t, ok := f.d.s.Pack.Workdays.Theme(id)
	if !ok {
		return id
	}
	return f.either(t.Title, t.English)
}

type workdayView struct {
	*workdays.Day
	Line     dayLine
	Facts    []ui.Pair
	Figures  []ui.Figure
	Show     string
	Bookings []bookingLine
	Sees     bool
	Actions  []*flow.Action
	Takes    []string // book, walk_in
	Log      []ui.Event
}

func (d *Desk) workday(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.workdays.title")
	f.said(r)
	x, acts, err := d.s.Workdays.Get(r.Context(), f.sc, r.PathValue("id"))
	if err != nil {
		return err
	}
	records, err := d.s.Workdays.Records(r.Context(), f.sc, []*workdays.Day{x})
	if err != nil {
		return err
	}
	v := &workdayView{Day: x, Line: f.dayLine(x), Actions: d.s.Workdays.Open(f.sc, x), Sees: d.s.Workdays.SeesBookings(f.sc, x), Show: r.URL.Query().Get("show")}
	f.Title = v.Line.Where + " " + v.Line.When
	v.Facts = f.dayFacts(v)
	v.Figures = f.workdayFigures(workdays.Tally(records), workdayPath+"/"+x.ID+"?show=")
	for _, b := range records {
		if v.Show == "" || slices.Contains(b.Counts, v.Show) {
			v.Bookings = append(v.Bookings, f.bookingLine(x, b.Booking))
		}
	}
	for _, name := range []string{"book", "walk_in"} {
		if d.s.Workdays.MayTake(f.sc, x, name) {
			v.Takes = append(v.Takes, name)
		}
	}
	if v.Log, err = f.termEvents(acts); err != nil {
		return err
	}
	return f.render(w, http.StatusOK, workdayPage(f, v))
}

func (f *frame) dayFacts(v *workdayView) (out []ui.Pair) {
	text := func(label, value string) {
		if value != "" {
			out = append(out, ui.Pair{Label: f.T(label), Value: ui.Text(value)})
		}
	}
	out = append(out, ui.Pair{Label: f.T("desk.assets.state"), Value: ui.Status(v.Line.Chip, v.Line.State)})
	text("desk.workdays.when", v.Line.When)
	text("desk.workdays.where", v.Line.Where+" "+v.Place)
	text("form.workday_plan.leader", v.Leader)
	text("form.workday_plan.units", f.unitNames(v.UnitList()))
	var themes []string
	for _, t := range v.ThemeList() {
		themes = append(themes, f.theme(t))
	}
	text("form.workday_plan.themes", join(f, themes))
	text("desk.workdays.slots", f.T("desk.workdays.slots.of", v.Slots(), v.Slot, v.Seats))
	if v.Day.State == workdays.Open || v.Day.State == workdays.Held {
		text("desk.workdays.follow", words.Day(f.Lang, f.d.s.Workdays.FollowFrom(v.Day).In(words.Zone())))
	}
	if v.MadeUp {
		text("desk.assets.source", f.T("desk.assets.madeup"))
	}
	return out
}

// recordsView is the list behind a figure of a month.
type recordsView struct {
	Title, Back string
	Lines       []bookingLine
	More        int
}

func (d *Desk) workdayRecords(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.workdays.title")
	month, from, to := f.monthOf()
	show := r.URL.Query().Get("show")
	if !slices.Contains(workdays.FigureNames(), show) {
		show = workdays.FigBooked
	}
	list, err := d.s.Workdays.List(r.Context(), f.sc, workdays.Filter{From: from, To: to, Limit: 500})
	if err != nil {
		return err
	}
	records, err := d.s.Workdays.Records(r.Context(), f.sc, list)
	if err != nil {
		return err
	}
	v := &recordsView{Title: f.T("desk.workdays.records", month, f.T("desk.workdays.figure."+show)), Back: workdayPath + "?month=" + month}
	for _, x := range records {
		if slices.Contains(x.Counts, show) {
			l := f.bookingLine(x.At, x.Booking)
			l.When = words.ShortDay(f.Lang, x.At.Begins()) + " " + l.When
			v.Lines = append(v.Lines, l)
		}
	}
	v.More = max(0, len(v.Lines)-recordsShown)
	v.Lines = v.Lines[:min(len(v.Lines), recordsShown)]
	return f.render(w, http.StatusOK, workdayRecordsPage(f, v))
}

// refusal of a work package in the words of the page's language.
type roundsRefusal struct{ Field, ZH, EN string }

func refusalOf(err error) (roundsRefusal, bool) {
	if x, ok := errors.AsType[*workdays.Refusal](err); ok {
		return roundsRefusal(*x), true
	}
	if x, ok := errors.AsType[*visits.Refusal](err); ok {
		return roundsRefusal(*x), true
	}
	return roundsRefusal{}, false
}

// roundsAgain shows a form again, with what the rules of a work package say about it.
func (f *frame) roundsAgain(w http.ResponseWriter, v *recordDo, err error, stale bool) error {
	x, ok := refusalOf(err)
	switch {
	case !ok:
		return f.recordAgain(w, v, err, stale)
	case x.Field == "":
		f.Faulty, v.Problem = true, f.either(x.ZH, x.EN)
		return f.render(w, http.StatusUnprocessableEntity, recordDoPage(f, v))
	}
	v.Form.Says = map[string]string{x.Field: f.either(x.ZH, x.EN)}
	return f.recordAgain(w, v, form.Faults{{Field: x.Field, Code: "unknown"}}, false)
}

func (f *frame) themeChoices(ids []string) []ui.Choice {
	var out []ui.Choice
	for _, t := range f.d.s.Pack.Workdays.Themes {
		if ids == nil || slices.Contains(ids, t.ID) {
			out = append(out, ui.Choice{Value: t.ID, Label: f.either(t.Title, t.English)})
		}
	}
	return out
}

func (f *frame) workdayForm(act *flow.Action, x *workdays.Day, raw form.Raw) *recordDo {
	title := f.T("action.workday." + act.Name)
	v := &recordDo{Title: title, Back: workdayPath, BackLabel: f.T("desk.workdays.title")}
	action := workdayPath + "/new"
	if x != nil {
		l := f.dayLine(x)
		v.Back, v.BackLabel, action = workdayPath+"/"+x.ID, l.Where+" "+l.When, workdayPath+"/"+x.ID+"/do/"+act.Name
		if raw == nil {
			raw = form.Raw{"from": {x.Begins().Format("2006-01-02T15:04")}, "until": {x.Ends().Format("2006-01-02T15:04")}, "place": {x.Place}, "leader": {x.Leader},
				"units": x.UnitList(), "themes": x.ThemeList(), "slot": {fmt.Sprint(x.Slot)}, "seats": {fmt.Sprint(x.Seats)}}
		}
	}
	communities := f.d.finder.communities(f.Lang)
	if !f.sc.All() {
		communities = slices.DeleteFunc(communities, func(c ui.Choice) bool { return !f.d.s.Pack.Directory.Under(c.Value, f.sc.Unit()) })
	}
	v.Form = ui.FormView{Form: f.d.s.Workdays.Form(act, x), Raw: raw, Action: action, Dense: true, Alt: 1, Submit: title, Key: "Ctrl Enter", Cancel: v.Back,
		Choices: map[string][]ui.Choice{"community": communities, "units": f.d.finder.handling(f.Lang), "themes": f.themeChoices(nil)}}
	if x != nil {
		v.Form.Hidden = []ui.Hidden{{Name: "_version", Value: strconv.FormatInt(x.Version, 10)}}
	}
	if act.Name == "cancel" {
		v.Form.Look = "danger"
	}
	return v
}

func (d *Desk) newWorkdayPage(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "action.workday.plan")
	act, err := workdays.DayTable.Action("plan")
	if err != nil {
		return err
	}
	rules := d.s.Pack.Workdays
	raw := form.Raw{"slot": {strconv.Itoa(rules.Slot)}, "seats": {strconv.Itoa(rules.Seats)}}
	if u, ok := d.s.Pack.Directory.Unit(f.sc.Unit()); ok && !f.sc.All() {
		raw["community"] = []string{u.ID}
	}
	for _, t := range rules.Themes {
		raw["themes"] = append(raw["themes"], t.ID)
	}
	return f.render(w, http.StatusOK, recordDoPage(f, f.workdayForm(act, nil, raw)))
}

func (d *Desk) newWorkday(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "action.workday.plan")
	if err := r.ParseForm(); err != nil {
		return err
	}
	act, err := workdays.DayTable.Action("plan")
	if err != nil {
		return err
	}
	raw := rawOf(act.Form, r)
	id, err := d.s.Workdays.Plan(r.Context(), f.sc, raw)
	if err == nil {
		return web.SeeOther(w, r, workdayPath+"/"+id+"?done=record")
	}
	return f.roundsAgain(w, f.workdayForm(act, nil, raw), err, false)
}

// workdayAction is the day and the action of a request.
func (f *frame) workdayAction() (*workdays.Day, *flow.Action, error) {
	x, _, err := f.d.s.Workdays.Get(f.r.Context(), f.sc, f.r.PathValue("id"))
	if err != nil {
		return nil, nil, err
	}
	act, err := workdays.DayTable.Action(f.r.PathValue("action"))
	return x, act, err
}

func (d *Desk) workdayDoPage(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.workdays.title")
	x, act, err := f.workdayAction()
	if err != nil {
		return err
	}
	if !slices.Contains(d.s.Workdays.Open(f.sc, x), act) {
		return flow.ErrForbidden
	}
	return f.render(w, http.StatusOK, recordDoPage(f, f.workdayForm(act, x, nil)))
}

func (d *Desk) workdayDo(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.workdays.title")
	if err := r.ParseForm(); err != nil {
		return err
	}
	x, act, err := f.workdayAction()
	if err != nil {
		return err
	}
	raw := rawOf(act.Form, r)
	version, _ := strconv.ParseInt(r.PostFormValue("_version"), 10, 64)
	if err = d.s.Workdays.Act(r.Context(), f.sc, x.ID, act.Name, version, raw); err == nil {
		return web.SeeOther(w, r, workdayPath+"/"+x.ID+"?done=record")
	}
	return f.roundsAgain(w, f.workdayForm(act, x, raw), err, errors.Is(err, workdays.ErrStale))
}

// slotChoices are the slots of a day that have a seat left.
func slotChoices(lang words.Lang, d *workdays.Day, free []int64) []ui.Choice {
	var out []ui.Choice
	for i, n := range free {
		if n > 0 {
			out = append(out, ui.Choice{Value: strconv.Itoa(i), Label: d.At(int64(i)).Format("15:04"), Note: words.T(lang, "public.workday.left", n)})
		}
	}
	return out
}

func (f *frame) takeForm(act *flow.Action, x *workdays.Day, raw form.Raw) (*recordDo, error) {
	l := f.dayLine(x)
	v := &recordDo{Title: f.T("action.workday_booking." + act.Name), Back: workdayPath + "/" + x.ID, BackLabel: l.Where + " " + l.When}
	free, err := f.d.s.Workdays.Free(f.r.Context(), x)
	if err != nil {
		return nil, err
	}
	v.Form = ui.FormView{Form: f.d.s.Workdays.Form(act, x), Raw: raw, Action: v.Back + "/take/" + act.Name, Dense: true, Alt: 1, Submit: v.Title, Key: "Ctrl Enter", Cancel: v.Back,
		Looks:   map[string]string{"slot": "select", "theme": "select"},
		Choices: map[string][]ui.Choice{"slot": slotChoices(f.Lang, x, free), "theme": f.themeChoices(x.ThemeList())},
		Hidden:  []ui.Hidden{{Name: "_key", Value: newKey()}}}
	return v, nil
}

func (f *frame) workdayTaking() (*workdays.Day, *flow.Action, error) {
	x, _, err := f.d.s.Workdays.Get(f.r.Context(), f.sc, f.r.PathValue("id"))
	if err != nil {
		return nil, nil, err
	}
	act, err := workdays.BookingTable.Action(f.r.PathValue("action"))
	if err == nil && act.From != nil {
		err = flow.ErrUnknown
	}
	return x, act, err
}

func (d *Desk) workdayTakePage(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.workdays.title")
	x, act, err := f.workdayTaking()
	if err != nil {
		return err
	}
	if !d.s.Workdays.MayTake(f.sc, x, act.Name) {
		return flow.ErrForbidden
	}
	v, err := f.takeForm(act, x, form.Raw{})
	if err != nil {
		return err
	}
	return f.render(w, http.StatusOK, recordDoPage(f, v))
}

func (d *Desk) workdayTake(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.workdays.title")
	if err := r.ParseForm(); err != nil {
		return err
	}
	x, act, err := f.workdayTaking()
	if err != nil {
		return err
	}
	raw := rawOf(act.Form, r)
	got, err := d.s.Workdays.Book(r.Context(), f.sc, x.ID, act.Name, raw, f.key(r.PostFormValue("_key"), "workday", x.ID, act.Name, raw))
	if err == nil {
		return web.SeeOther(w, r, bookingPath+"/"+got.Number+"?done=record")
	}
	v, ferr := f.takeForm(act, x, raw)
	if ferr != nil {
		return ferr
	}
	return f.roundsAgain(w, v, err, errors.Is(err, store.ErrReused))
}

// bookingView is one booking.
type bookingView struct {
	*workdays.Booking
	Line    bookingLine
	Day     *workdays.Day
	DayName string
	Facts   []ui.Pair
	Actions []*flow.Action
	Reveal  bool
	Log     []ui.Event
}

func (d *Desk) booking(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.workdays.booking")
	f.said(r)
	b, x, acts, err := d.s.Workdays.Booking(r.Context(), f.sc, r.PathValue("number"))
	if err != nil {
		return err
	}
	v := &bookingView{Booking: b, Day: x, Line: f.bookingLine(x, b), Actions: d.s.Workdays.OpenBooking(f.sc, x, b)}
	l := f.dayLine(x)
	v.DayName = l.Where + " " + l.When
	if err := f.bookingFacts(v); err != nil {
		return err
	}
	v.Log, err = f.bookingEvents(acts)
	if err != nil {
		return err
	}
	return f.render(w, http.StatusOK, bookingPage(f, v))
}

func (f *frame) bookingFacts(v *bookingView) error {
	text := func(label, value string) {
		if value != "" {
			v.Facts = append(v.Facts, ui.Pair{Label: f.T(label), Value: ui.Text(value)})
		}
	}
	v.Facts = append(v.Facts, ui.Pair{Label: f.T("desk.workdays.number"), Value: mono(v.Number)}, ui.Pair{Label: f.T("desk.assets.state"), Value: ui.Status(v.Line.Chip, v.Line.State)})
	text("desk.workdays.slot", v.Line.When)
	text("form.workday_book.theme", v.Line.Theme)
	text("form.workday_book.about", v.Words)
	text("form.workday_ask.unit", v.Line.Unit)
	if v.Case != "" {
		v.Facts = append(v.Facts, ui.Pair{Label: f.T("desk.workdays.case"), Value: orgLink("/desk/cases/"+v.Case, v.Case)})
	}
	if v.Said != "" {
		text("form.workday_followup.said", f.T("form.workday_followup.said."+v.Said))
	}
	if v.Person == "" {
		return nil
	}
	masks, err := store.Get(f.r.Context(), f.d.s.DB, func(tx *store.Tx) (map[string]vault.Masked, error) {
		return vault.Masks(tx, f.d.s.Pack.District, []string{v.Person})
	})
	if err != nil {
		return err
	}
	text("desk.workdays.person", strings.TrimSpace(masks[v.Person].Name+" "+masks[v.Person].Phone))
	v.Reveal = len(v.Actions) > 0
	f.d.ledger.note(vault.Disclosure{District: f.d.s.Pack.District, At: f.Now, Account: f.who.Account, Unit: f.viewerUnit(), Subject: v.Number, Person: v.Person,
		Kind: vault.KindView, Fields: []vault.Field{vault.FieldMasked}})
	return nil
}

// bookingEvents are the acts of a booking with what was said, newest first.
func (f *frame) bookingEvents(acts []journal.Act) ([]ui.Event, error) {
	out, err := f.termEvents(acts)
	for i, a := range slices.Backward(acts) {
		for _, name := range []string{"answer", "promise", "done"} {
			if s := a.Texts[name]; s != "" {
				e := &out[len(acts)-1-i]
				e.Note = strings.TrimSpace(e.Note + " " + s)
			}
		}
	}
	return out, err
}

func (f *frame) bookingForm(act *flow.Action, x *workdays.Day, b *workdays.Booking, raw form.Raw) (*recordDo, error) {
	back := bookingPath + "/" + b.Number
	v := &recordDo{Title: f.T("action.workday_booking." + act.Name), Back: back, BackLabel: b.Number}
	v.Form = ui.FormView{Form: f.d.s.Workdays.Form(act, x), Raw: raw, Action: back + "/do/" + act.Name, Dense: true, Alt: 1, Submit: v.Title, Key: "Ctrl Enter", Cancel: back,
		Choices: map[string][]ui.Choice{"unit": f.d.finder.handling(f.Lang)}, Looks: map[string]string{"slot": "select"}, Hidden: []ui.Hidden{{Name: "_version", Value: strconv.FormatInt(b.Version, 10)}}}
	if act.Name == "rebook" {
		free, err := f.d.s.Workdays.Free(f.r.Context(), x)
		if err != nil {
			return nil, err
		}
		v.Form.Choices["slot"] = slotChoices(f.Lang, x, free)
	}
	if act.Name == "withdraw" {
		v.Form.Look = "danger"
	}
	return v, nil
}

func (f *frame) bookingAction() (*workdays.Booking, *workdays.Day, *flow.Action, error) {
	b, x, _, err := f.d.s.Workdays.Booking(f.r.Context(), f.sc, f.r.PathValue("number"))
	if err != nil {
		return nil, nil, nil, err
	}
	act, err := workdays.BookingTable.Action(f.r.PathValue("action"))
	return b, x, act, err
}

func (d *Desk) bookingDoPage(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.workdays.booking")
	b, x, act, err := f.bookingAction()
	if err != nil {
		return err
	}
	if !slices.Contains(d.s.Workdays.OpenBooking(f.sc, x, b), act) {
		return flow.ErrForbidden
	}
	v, err := f.bookingForm(act, x, b, form.Raw{})
	if err != nil {
		return err
	}
	return f.render(w, http.StatusOK, recordDoPage(f, v))
}

func (d *Desk) bookingDo(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.workdays.booking")
	if err := r.ParseForm(); err != nil {
		return err
	}
	b, x, act, err := f.bookingAction()
	if err != nil {
		return err
	}
	raw := rawOf(act.Form, r)
	version, _ := strconv.ParseInt(r.PostFormValue("_version"), 10, 64)
	if err = d.s.Workdays.Do(r.Context(), f.sc, b.Number, act.Name, version, raw); err == nil {
		return web.SeeOther(w, r, bookingPath+"/"+b.Number+"?done=record")
	}
	v, ferr := f.bookingForm(act, x, b, raw)
	if ferr != nil {
		return ferr
	}
	return f.roundsAgain(w, v, err, errors.Is(err, workdays.ErrStale))
}
