package public

import (
	"errors"
	"net/http"
	"strconv"

	"weixiao/internal/access"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/rounds/workdays"
	"weixiao/internal/store"
	"weixiao/internal/web"
	"weixiao/internal/web/ui"
	"weixiao/internal/words"
)

// workdaysShown is how many coming and how many past days the page lists.
const workdaysShown = 40

// dayCard is a workday in the list.
type dayCard struct {
	Href, Title, Note string
	Left              string // how many times are free
	Figures           []ui.Fact
}

type workdaysView struct{ Coming, Past []dayCard }

func (p *pages) workdays(w http.ResponseWriter, r *http.Request) error {
	f := p.page(r, "public.workday.title")
	now := p.Clock()
	coming, err := p.Workdays.List(r.Context(), p.anybody(), workdays.Filter{From: now.AddDate(0, 0, -1), States: []string{workdays.Open}, Limit: workdaysShown})
	if err != nil {
		return err
	}
	past, err := p.Workdays.List(r.Context(), p.anybody(), workdays.Filter{To: now, Newest: true, States: []string{workdays.Held, workdays.Reviewed}, Limit: workdaysShown})
	if err != nil {
		return err
	}
	figures, err := p.Workdays.Public(r.Context(), past)
	if err != nil {
		return err
	}
	var x workdaysView
	for _, d := range coming {
		if d.To < now.UnixMicro() {
			continue
		}
		c := p.dayCard(f, d)
		free, err := p.Workdays.Free(r.Context(), d)
		if err != nil {
			return err
		}
		c.Href, c.Left = "/workdays/"+d.ID, f.T("public.workday.full")
		if n := total(free); n > 0 {
			c.Left = f.T("public.workday.left", n)
		}
		x.Coming = append(x.Coming, c)
	}
	for _, d := range past {
		c := p.dayCard(f, d)
		for _, name := range []string{workdays.FigBooked, workdays.FigAnswered, workdays.FigSettled, workdays.FigCases, workdays.FigSolved, workdays.FigOpen} {
			c.Figures = append(c.Figures, ui.Fact{Label: f.T("public.workday.figure." + name), Value: strconv.Itoa(figures[d.ID][name])})
		}
		x.Past = append(x.Past, c)
	}
	return p.show(w, r, http.StatusOK, f, nil, workdaysPage(f, x, p.Workdays.SolvedDays()))
}

func total(free []int64) (n int64) {
	for _, x := range free {
		n += x
	}
	return n
}

func (p *pages) dayCard(f ui.Page, d *workdays.Day) dayCard {
	return dayCard{Title: words.Day(f.Lang, d.Begins()) + " " + words.Weekday(f.Lang, d.Begins()) + " " + d.Begins().Format("15:04") + "–" + d.Ends().Format("15:04"), Note: p.UnitName(f.Lang, d.Community) + " " + d.Place}
}

// dayView is one workday.
type dayView struct {
	Card   dayCard
	Facts  []ui.Answer
	Form   ui.FormView
	Closed string // why it cannot be booked here and now; "" = it can
	Full   bool
}

// bookForm asks for the least that prepares the day.
func (p *pages) bookForm(f ui.Page, d *workdays.Day, free []int64, raw form.Raw, key string) ui.FormView {
	act, _ := workdays.BookingTable.Action("book")
	v := ui.FormView{Form: p.Workdays.Form(act, d), ID: "book", Action: "/workdays/" + d.ID, Raw: raw, Hidden: []ui.Hidden{{Name: "_key", Value: key}},
		Looks: map[string]string{"slot": "select", "theme": "list"}, Choices: map[string][]ui.Choice{"slot": {}}}
	for i, n := range free {
		if n > 0 {
			v.Choices["slot"] = append(v.Choices["slot"], ui.Choice{Value: strconv.Itoa(i), Label: d.At(int64(i)).Format("15:04")})
		}
	}
	for _, id := range d.ThemeList() {
		t, _ := p.Pack.Workdays.Theme(id)
		c := ui.Choice{Value: id, Label: t.Title}
		if f.Lang == words.EN {
			c.Label = t.English
		}
		v.Choices["theme"] = append(v.Choices["theme"], c)
	}
	return v
}

func (p *pages) workday(w http.ResponseWriter, r *http.Request) error {
	return p.showWorkday(w, r, http.StatusOK, form.Raw{}, newKey(), nil, nil, "")
}

func (p *pages) showWorkday(w http.ResponseWriter, r *http.Request, status int, raw form.Raw, key string, faults form.Faults, says map[string]string, problem string) error {
	d, _, err := p.Workdays.Get(r.Context(), p.anybody(), r.PathValue("id"))
	if err != nil {
		return err
	}
	f := p.page(r, "public.workday.one")
	f.Path, f.Faulty = "/workdays/"+d.ID, len(faults)+len(says) > 0 || problem != ""
	free, err := p.Workdays.Free(r.Context(), d)
	if err != nil {
		return err
	}
	for name, list := range raw {
		for i, s := range list {
			raw[name][i] = legible(s)
		}
	}
	x := dayView{Card: p.dayCard(f, d), Form: p.bookForm(f, d, free, raw, key), Full: total(free) == 0, Closed: p.closedDay(f, d)}
	x.Form.Faults, x.Form.Says = faults, says
	add := func(label, value string) {
		if value != "" {
			x.Facts = append(x.Facts, ui.Answer{Label: f.T(label), Value: value})
		}
	}
	add("public.workday.when", x.Card.Title)
	add("public.workday.where", x.Card.Note)
	add("public.workday.leader", d.Leader)
	units := ""
	for i, u := range d.UnitList() {
		if i > 0 {
			units += f.T("word.list.comma")
		}
		units += p.UnitName(f.Lang, u)
	}
	add("public.workday.units", units)
	foot := ui.StepFoot(f, ui.Foot{Label: f.T("public.workday.send"), Form: "book", Back: "/workdays"})
	if x.Closed != "" {
		foot = ui.StepFoot(f, ui.Foot{Back: "/workdays"})
	}
	return p.show(w, r, status, f, foot, workdayPage(f, x, problem))
}

// closedDay says why a day cannot be booked here and now, "" if it can.
func (p *pages) closedDay(f ui.Page, d *workdays.Day) string {
	from, to := p.Workdays.Bookable(d)
	now := p.Clock()
	switch {
	case d.State == workdays.Cancelled:
		return f.T("public.workday.closed.cancelled")
	case d.State != workdays.Open || now.UnixMicro() >= d.To:
		return f.T("public.workday.closed.over")
	case now.Before(from):
		return f.T("public.workday.closed.early", f.Moment(from))
	case !now.Before(to):
		return f.T("public.workday.closed.late")
	}
	return ""
}

// book takes the form. The key of the form makes the booking once, however often the button is pressed.
func (p *pages) book(w http.ResponseWriter, r *http.Request) error {
	if err := parse(w, r); err != nil {
		return err
	}
	act, err := workdays.BookingTable.Action("book")
	if err != nil {
		return err
	}
	key, raw, lang := r.PostForm.Get("_key"), ui.Raw(act.Form, r.PostForm), web.Lang(r)
	if !keyForm.MatchString(key) {
		key = newKey()
	}
	if err := p.Gate.Allow("report.client", access.Client(r.Context())); err != nil {
		many, _ := errors.AsType[access.ErrTooMany](err)
		access.SetRetryAfter(w.Header(), many.RetryAfter)
		return p.showWorkday(w, r, http.StatusTooManyRequests, raw, key, nil, nil, words.T(lang, "public.fault.many", minutes(many.RetryAfter)))
	}
	day := r.PathValue("id")
	got, err := p.Workdays.Book(r.Context(), p.anybody(), day, "book", raw, store.Key{Scope: "workday", Value: key, Request: store.RequestHash(day, spell(raw))})
	if err == nil {
		p.admitBooking(w, got.Number)
		return web.SeeOther(w, r, "/workdays/booked/"+got.Number+"?new=1")
	}
	faults, faulty := errors.AsType[form.Faults](err)
	refused, no := errors.AsType[*workdays.Refusal](err)
	switch code := busy(err); {
	case faulty:
		return p.showWorkday(w, r, http.StatusUnprocessableEntity, raw, key, faults, nil, "")
	case no && refused.Field == "":
		return p.showWorkday(w, r, http.StatusConflict, raw, key, nil, nil, either(lang, refused))
	case no:
		return p.showWorkday(w, r, http.StatusUnprocessableEntity, raw, key, form.Faults{{Field: refused.Field, Code: "unknown"}}, map[string]string{refused.Field: either(lang, refused)}, "")
	case errors.Is(err, store.ErrReused):
		return p.showWorkday(w, r, http.StatusConflict, raw, newKey(), nil, nil, words.T(lang, "public.fault.reused"))
	case code != 0:
		return p.showWorkday(w, r, code, raw, key, nil, nil, words.T(lang, "public.fault.busy"))
	case errors.Is(err, flow.ErrForbidden):
		return store.ErrNotFound // a day that is not published
	}
	return err
}

func either(lang words.Lang, x *workdays.Refusal) string {
	if lang == words.EN {
		return x.EN
	}
	return x.ZH
}
