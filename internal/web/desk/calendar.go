package desk

import (
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"
	"time"

	"weixiao/internal/calendars"
	"weixiao/internal/cases"
	"weixiao/internal/form"
	"weixiao/internal/store"
	"weixiao/internal/web"
	"weixiao/internal/web/ui"
	"weixiao/internal/words"
	"weixiao/internal/worktime"
)

// calendarView is the page of the working calendars.
type calendarView struct {
	List     []calendarLine
	Name     string // of the calendar whose year is shown
	Year     int
	Years    []int
	Certain  bool // the year's notice is known
	Months   []monthView
	Notice   ui.FormView
	Local    ui.FormView
	Problem  string
	Foretold string // what a dry run found
	Recounts []recountLine
}

// calendarLine is one calendar in force, with what was in force before.
type calendarLine struct {
	Name, Title, Version, Years string
	Before                      []versionLine
}

type versionLine struct{ Version, Since, What, By string }

type recountLine struct{ Since, State, Figures string }

// monthView is one month: rows of seven days, the first a Monday.
type monthView struct {
	Title string
	Weeks [][7]dayView
}

// dayView is one day: Mark is a word beside the number, so that no colour is needed.
type dayView struct {
	Day               int // 0 outside of the month
	Mark, Title, Look string
}

func (d *Desk) calendarPage(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.calendar.title")
	f.said(r)
	return f.showCalendar(w, http.StatusOK, &calendarView{})
}

// showCalendar fills in what is in force and draws the page.
func (f *frame) showCalendar(w http.ResponseWriter, status int, v *calendarView) error {
	book := f.d.s.Cases.District().Calendar
	set, err := store.Get(f.r.Context(), f.d.s.DB, book.In)
	if err != nil {
		return err
	}
	if err := f.calendarLines(v, set); err != nil {
		return err
	}
	v.Name = f.r.URL.Query().Get("calendar")
	cal, err := set.Current(v.Name)
	if err != nil || v.Name == "" {
		v.Name, cal = book.Main(), set.Main()
	}
	this := f.Now.In(worktime.Zone).Year()
	if v.Year, err = strconv.Atoi(f.r.URL.Query().Get("year")); err != nil || v.Year < 2000 || v.Year > 2099 {
		v.Year = this
	}
	for y := this - 2; y <= this+2; y++ {
		v.Years = append(v.Years, y)
	}
	v.Certain = cal.Spec().RoundTheClock || slices.Contains(calendars.Known(cal), v.Year)
	for m := time.January; m <= time.December; m++ {
		v.Months = append(v.Months, f.month(cal, v.Year, m))
	}
	f.calendarForms(v, set)
	list, err := f.d.s.Cases.Recounts(f.r.Context(), 5)
	for _, x := range list {
		v.Recounts = append(v.Recounts, f.recountLine(x))
	}
	if err != nil {
		return err
	}
	return f.render(w, status, calendarPage(f, v))
}

func (f *frame) calendarLines(v *calendarView, set *calendars.Set) error {
	var accounts []string
	for _, name := range set.Names() {
		for _, x := range set.History(name) {
			accounts = append(accounts, x.Account)
		}
	}
	if err := f.d.names.load(f.r.Context(), accounts...); err != nil {
		return err
	}
	for _, name := range set.Names() {
		cal, err := set.Current(name)
		if err != nil {
			return err
		}
		l := calendarLine{Name: name, Title: f.calendar(name), Version: cal.Version(), Years: f.T("desk.calendar.always")}
		if !cal.Spec().RoundTheClock {
			l.Years = f.T("desk.calendar.none")
			if known := calendars.Known(cal); len(known) > 0 {
				l.Years = f.T("desk.calendar.known", slices.Min(known), slices.Max(known))
			}
		}
		for _, x := range set.History(name) {
			by := f.T("role.system")
			if n := f.d.names.name(f.r.Context(), x.Account); x.Account != "" && n != "" {
				by = n
			}
			l.Before = append(l.Before, versionLine{x.Version, words.Exact(f.Lang, micro(x.At)), f.T("did.calendar." + x.Action), by})
		}
		v.List = append(v.List, l)
	}
	return nil
}

func (f *frame) recountLine(x cases.Recount) recountLine {
	l := recountLine{Since: words.Exact(f.Lang, micro(x.Started)), State: f.T("desk.calendar.running"),
		Figures: f.T("desk.calendar.figures", words.Args{"looked": x.Looked, "clocks": x.Clocks, "moved": x.Moved, "cases": x.Cases})}
	if x.Finished != 0 {
		l.State = f.T("desk.calendar.finished", words.Exact(f.Lang, micro(x.Finished)))
	}
	return l
}

// month lays out a month of a calendar.
func (f *frame) month(cal *worktime.Calendar, year int, m time.Month) monthView {
	first := time.Date(year, m, 1, 0, 0, 0, 0, worktime.Zone)
	v := monthView{Title: f.T("desk.calendar.month", int(m))}
	var week [7]dayView
	for d := first; d.Month() == m; d = d.AddDate(0, 0, 1) {
		at := (int(d.Weekday()) + 6) % 7
		week[at] = f.day(cal.DayOf(d))
		if at == 6 || d.AddDate(0, 0, 1).Month() != m {
			v.Weeks = append(v.Weeks, week)
			week = [7]dayView{}
		}
	}
	return v
}

func (f *frame) day(i worktime.DayInfo) dayView {
	v := dayView{Day: i.Date.Day(), Title: i.Name}
	switch i.Why {
	case worktime.WhyMakeUp:
		v.Mark, v.Look = f.T("desk.calendar.mark.work"), "background:var(--brand-50);color:var(--brand-700);font-weight:600"
	case worktime.WhyHoliday:
		v.Mark, v.Look = f.T("desk.calendar.mark.off"), "background:var(--red-50);color:var(--red-700);font-weight:600"
	case worktime.WhyWeekend:
		v.Look = "color:var(--text-2)"
	}
	if v.Mark != "" && i.Provisional {
		v.Mark += f.T("desk.calendar.mark.provisional")
	}
	return v
}

// calendarForms makes the two forms; what was typed into one of them is there.
func (f *frame) calendarForms(v *calendarView, set *calendars.Set) {
	one := func(was ui.FormView, action, address string) ui.FormView {
		a, err := calendars.Table.Action(action)
		if err != nil {
			panic(err) // a form of an action that does not exist
		}
		was.Form, was.Action, was.Dense = a.Form, address, true
		return was
	}
	v.Notice = one(v.Notice, calendars.LoadNotice, "/desk/admin/calendar/notice")
	v.Local = one(v.Local, calendars.LocalDays, "/desk/admin/calendar/local")
	v.Local.Cols = 2
	var choices []ui.Choice
	for _, name := range set.Names() {
		if c, err := set.Current(name); err == nil && !c.Spec().RoundTheClock {
			choices = append(choices, ui.Choice{Value: name, Label: f.calendar(name)})
		}
	}
	v.Local.Choices, v.Local.Looks = map[string][]ui.Choice{"calendar": choices}, map[string]string{"calendar": "select"}
}

// maxNoticeUpload is what a posted notice may have; the notice itself is checked.
const maxNoticeUpload = 2 << 20

// loadNotice takes a notice from a file or from what was pasted: first what it
// would change, then, when asked again, the change itself.
func (d *Desk) loadNotice(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.calendar.title")
	r.Body = http.MaxBytesReader(w, r.Body, maxNoticeUpload)
	err := r.ParseMultipartForm(maxNoticeUpload)
	if _, big := errors.AsType[*http.MaxBytesError](err); big {
		return f.calendarProblem(w, &calendarView{}, &worktime.Problem{ZH: "文件超过 1 MiB，一份通知只有三十来天", EN: "The file is larger than 1 MiB; a notice has some thirty days."})
	}
	if err != nil && !errors.Is(err, http.ErrNotMultipart) {
		return form.Faults{{Field: "notice", Code: "utf8"}}
	}
	a, err := calendars.Table.Action(calendars.LoadNotice)
	if err != nil {
		return err
	}
	raw := rawOf(a.Form, r)
	if text, err := uploaded(r, "file"); err != nil {
		return err
	} else if text != "" {
		raw["notice"] = []string{text}
	}
	v := &calendarView{Notice: ui.FormView{Raw: raw}}
	answers, err := a.Form.Check(raw)
	if v.Notice.Faults, _ = errors.AsType[form.Faults](err); err != nil {
		return f.calendarProblem(w, v, err)
	}
	n, err := worktime.ParseNotice([]byte(answers.Str("notice")))
	if err != nil {
		return f.calendarProblem(w, v, err)
	}
	return f.changeCalendar(w, v, calendars.Change{Notice: &n, Replace: answers.Bool("replace"), Reason: answers.Str("reason")})
}

// uploaded is the text of a file of a form, "" when none was chosen.
func uploaded(r *http.Request, name string) (string, error) {
	if r.MultipartForm == nil || len(r.MultipartForm.File[name]) == 0 {
		return "", nil
	}
	file, err := r.MultipartForm.File[name][0].Open()
	if err != nil {
		return "", err
	}
	defer file.Close()
	b, err := io.ReadAll(file)
	return string(b), err
}

// localDays takes days of the place: off, worked, or as usual again.
func (d *Desk) localDays(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.calendar.title")
	if err := r.ParseForm(); err != nil {
		return form.Faults{{Field: "date", Code: "utf8"}}
	}
	a, err := calendars.Table.Action(calendars.LocalDays)
	if err != nil {
		return err
	}
	raw := rawOf(a.Form, r)
	v := &calendarView{Local: ui.FormView{Raw: raw}}
	answers, err := a.Form.Check(raw)
	if v.Local.Faults, _ = errors.AsType[form.Faults](err); err != nil {
		return f.calendarProblem(w, v, err)
	}
	ch := calendars.Change{Calendar: answers.Str("calendar"), Reason: answers.Str("reason")}
	from, _ := time.Parse(time.DateOnly, answers.Str("date"))
	until := from
	if s := answers.Str("until"); s != "" {
		until, _ = time.Parse(time.DateOnly, s)
	}
	if until.Before(from) || until.Sub(from) > 60*24*time.Hour {
		v.Local.Faults = form.Faults{{Field: "until", Code: "date"}}
		return f.calendarProblem(w, v, v.Local.Faults)
	}
	for day := from; !day.After(until); day = day.AddDate(0, 0, 1) {
		date := day.Format(time.DateOnly)
		if answers.Str("day") == "usual" {
			ch.Usual = append(ch.Usual, date)
		} else {
			ch.Local = append(ch.Local, worktime.Exception{Date: date, Name: answers.Str("name"), Off: answers.Str("day") == "off"})
		}
	}
	return f.changeCalendar(w, v, ch)
}

// changeCalendar tries a change, or does it when the button says so.
func (f *frame) changeCalendar(w http.ResponseWriter, v *calendarView, ch calendars.Change) error {
	ctx, book := f.r.Context(), f.d.s.Cases.District().Calendar
	if f.r.PostFormValue("_step") != "load" {
		set, err := store.Get(ctx, f.d.s.DB, book.In)
		if err != nil {
			return err
		}
		then, names, err := set.Try(ch)
		if err != nil {
			return f.calendarProblem(w, v, err)
		}
		if len(names) == 0 {
			v.Foretold = f.T("desk.calendar.nothing")
			return f.showCalendar(w, http.StatusOK, v)
		}
		records, clocks, err := f.d.s.Cases.WouldMove(ctx, then)
		if err != nil {
			return err
		}
		for i, n := range names {
			names[i] = f.calendar(n)
		}
		v.Foretold = f.T("desk.calendar.would", words.Args{"calendars": join(f, names), "cases": records, "clocks": clocks})
		return f.showCalendar(w, http.StatusOK, v)
	}
	err := f.d.s.DB.Write(ctx, func(tx *store.Tx) error {
		_, err := book.Load(tx, f.sc, ch, f.d.s.Clock())
		return err
	})
	if err != nil {
		return f.calendarProblem(w, v, err)
	}
	return web.SeeOther(w, f.r, "/desk/admin/calendar?done=calendar")
}

// calendarProblem shows the page again with what is wrong, or passes on an error
// that is nobody's input.
func (f *frame) calendarProblem(w http.ResponseWriter, v *calendarView, err error) error {
	f.Faulty = true
	if p, ok := errors.AsType[*worktime.Problem](err); ok {
		v.Problem = p.ZH
		if f.Lang == words.EN {
			v.Problem = p.EN
		}
	} else if _, ok := errors.AsType[form.Faults](err); !ok {
		return err
	}
	return f.showCalendar(w, http.StatusUnprocessableEntity, v)
}

// calendarRoles may change calendars.
func calendarRoles() []string {
	return rolesOf(&calendars.Table, calendars.LoadNotice, calendars.LocalDays)
}
