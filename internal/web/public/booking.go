package public

import (
	"crypto/hmac"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"weixiao/internal/access"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/journal"
	"weixiao/internal/rounds/workdays"
	"weixiao/internal/store"
	"weixiao/internal/web"
	"weixiao/internal/web/ui"
)

// bookingDoor opens a booking with the two things on its receipt.
var bookingDoor = form.Form{Name: "workday_code", Fields: doorForm.Fields}

func bookingCookie(number string) string { return "workday-" + number }

// admitBooking hands out the cookie of a booking, good for two hours as that of a case is.
func (p *pages) admitBooking(w http.ResponseWriter, number string) {
	until := strconv.FormatInt(p.Clock().Add(followLife).Unix(), 10)
	setCookie(w, bookingCookie(number), until+"."+p.mark("workday cookie\x00"+number+"\x00"+until), followLife)
}

// holding is the scope of a browser that has the cookie of a booking.
func (p *pages) holding(w http.ResponseWriter, r *http.Request) (access.Scope, string, bool) {
	number := canonical(r.PathValue("number"))
	if !workdays.IsNumber(number) {
		return access.Scope{}, "", false
	}
	until, mark, _ := strings.Cut(cookie(w, r, bookingCookie(number)), ".")
	t, err := strconv.ParseInt(until, 10, 64)
	if err != nil || p.Clock().Unix() >= t || !hmac.Equal([]byte(mark), []byte(p.mark("workday cookie\x00"+number+"\x00"+until))) {
		return access.Scope{}, number, false
	}
	return p.anybody().Holding(number), number, true
}

// opens looks at number and code; wrong ones are counted.
func (p *pages) opens(r *http.Request, number, secret string) (bool, error) {
	return p.Gate.Guard(r.Context(), []access.Try{{Limit: "secret.case", Key: number}, {Limit: "secret.client", Key: access.Client(r.Context())}},
		func(*store.Tx) (bool, error) {
			_, ok := p.Workdays.HolderScope(number, secret)
			return ok, nil
		})
}

func (p *pages) workdayDoor(w http.ResponseWriter, r *http.Request) error {
	return p.showBookingDoor(w, r, http.StatusOK, form.Raw{"number": {short(r.URL.Query().Get("number"), 32)}}, nil, nil)
}

func (p *pages) showBookingDoor(w http.ResponseWriter, r *http.Request, status int, raw form.Raw, faults form.Faults, says map[string]string) error {
	f := p.page(r, "public.workday.door")
	f.Path, f.Faulty = "/workdays/code", len(faults)+len(says) > 0
	v := ui.FormView{Form: bookingDoor, ID: "code", Action: "/workdays/code", Raw: raw, Faults: faults, Says: says}
	return p.show(w, r, status, f, ui.StepFoot(f, ui.Foot{Label: f.T("public.follow.open"), Form: "code", Back: "/workdays"}), bookingDoorPage(f, v))
}

func (p *pages) workdayKnock(w http.ResponseWriter, r *http.Request) error {
	if err := parse(w, r); err != nil {
		return err
	}
	raw := ui.Raw(bookingDoor, r.PostForm)
	answers, err := bookingDoor.Check(raw)
	if err != nil {
		faults, _ := errors.AsType[form.Faults](err)
		return p.showBookingDoor(w, r, http.StatusUnprocessableEntity, raw, faults, nil)
	}
	number := canonical(answers.Str("number"))
	ok, err := p.opens(r, number, answers.Str("secret"))
	if err != nil {
		return err
	}
	if !ok {
		f := p.page(r, "public.workday.door")
		return p.showBookingDoor(w, r, http.StatusUnprocessableEntity, form.Raw{"number": raw["number"]}, nil, map[string]string{"secret": f.T("public.fault.secret")})
	}
	p.admitBooking(w, number)
	return web.SeeOther(w, r, "/workdays/booked/"+number)
}

// workdayLink is the way in from a message; the browser is sent away from the address at once.
func (p *pages) workdayLink(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Referrer-Policy", "no-referrer")
	number := canonical(r.PathValue("number"))
	ok, err := p.opens(r, number, r.PathValue("secret"))
	if err != nil {
		return err
	}
	if !ok {
		f := p.page(r, "public.link.title")
		f.Path = "/workdays/code"
		return p.show(w, r, http.StatusNotFound, f, ui.StepFoot(f, ui.Foot{Label: f.T("public.follow.open"), Href: "/workdays/code"}), linkPage(f))
	}
	p.admitBooking(w, number)
	return web.SeeOther(w, r, "/workdays/booked/"+number)
}

// bookedView is a booking as its holder sees it.
type bookedView struct {
	Number, Secret string // Secret only on the receipt
	Hero           ui.Hero
	Say            string // what happens next
	Facts          []ui.Answer
	Events         []ui.Event
	Rebook         ui.FormView
	Acts           []string
	Case           string
}

// bookedSaid are the outcomes the page may say at its top.
var bookedSaid = []string{"rebook", "withdraw", "enough"}

func (p *pages) booked(w http.ResponseWriter, r *http.Request) error {
	sc, number, ok := p.holding(w, r)
	if !ok {
		to := "/workdays/code"
		if number != "" {
			to += "?number=" + number
		}
		return web.SeeOther(w, r, to)
	}
	p.admitBooking(w, number) // two hours from the last look
	return p.showBooked(w, r, http.StatusOK, sc, number, "")
}

func (p *pages) showBooked(w http.ResponseWriter, r *http.Request, status int, sc access.Scope, number, problem string) error {
	b, d, acts, err := p.Workdays.Booking(r.Context(), sc, number)
	if err != nil {
		return err
	}
	f := p.page(r, "public.workday.booking")
	f.Path, f.Faulty = "/workdays/booked/"+number, problem != ""
	if did := r.URL.Query().Get("did"); slices.Contains(bookedSaid, did) {
		f.Said = f.T("public.workday.did." + did)
	}
	c := p.dayCard(f, d)
	x := bookedView{Number: b.Number, Case: b.Case, Events: p.bookedEvents(f, acts)}
	if r.URL.Query().Has("new") {
		x.Secret = p.Workdays.Secret(b.Number)
	}
	x.Hero = ui.Hero{Number: f.T("public.workday.number", b.Number), Title: c.Note, State: f.T("public.workday.state." + b.State)}
	x.Say = f.T("public.workday.next." + b.State)
	add := func(label, value string) {
		if value != "" {
			x.Facts = append(x.Facts, ui.Answer{Label: f.T(label), Value: value})
		}
	}
	if b.Slot >= 0 {
		add("public.workday.when", f.Moment(d.At(b.Slot)))
	} else {
		add("public.workday.day", c.Title)
	}
	add("public.workday.where", c.Note)
	add("public.workday.about", b.Words)
	for _, a := range p.Workdays.OpenBooking(sc, d, b) {
		if a.Name != "rebook" {
			x.Acts = append(x.Acts, a.Name)
			continue
		}
		free, err := p.Workdays.Free(r.Context(), d)
		if err != nil {
			return err
		}
		if total(free) > 0 {
			x.Rebook = p.bookForm(f, d, free, nil, "")
			x.Rebook.Form, x.Rebook.ID, x.Rebook.Action, x.Rebook.Hidden = p.Workdays.Form(a, d), "rebook", "/workdays/booked/"+number+"/rebook", nil
		}
	}
	return p.show(w, r, status, f, ui.StepFoot(f, ui.Foot{Back: "/workdays"}), bookedPage(f, x, problem))
}

// bookedEvents are the acts a resident is told, the newest first, with what was answered.
func (p *pages) bookedEvents(f ui.Page, acts []journal.Act) []ui.Event {
	var out []ui.Event
	for _, a := range slices.Backward(acts) {
		if a.Action == "ask" {
			continue
		}
		e := ui.Event{Title: f.T("public.workday.act." + a.Action), At: a.Time(), Tone: "ok"}
		for _, name := range []string{"answer", "promise", "done"} {
			if s := a.Texts[name]; s != "" {
				e.Note = s
			}
		}
		out = append(out, e)
	}
	return out
}

// bookedDo does what the holder of a booking decides.
func (p *pages) bookedDo(w http.ResponseWriter, r *http.Request) error {
	if err := parse(w, r); err != nil {
		return err
	}
	sc, number, ok := p.holding(w, r)
	if !ok {
		return web.SeeOther(w, r, "/workdays/code")
	}
	act, err := workdays.BookingTable.Action(r.PathValue("action"))
	if err != nil {
		return err
	}
	if !slices.Contains(bookedSaid, act.Name) {
		return flow.ErrUnknown
	}
	err = p.Workdays.Do(r.Context(), sc, number, act.Name, 0, ui.Raw(act.Form, r.PostForm))
	refused, no := errors.AsType[*workdays.Refusal](err)
	_, faulty := errors.AsType[form.Faults](err)
	f := p.page(r, "public.workday.booking")
	switch code := busy(err); {
	case err == nil:
		return web.SeeOther(w, r, "/workdays/booked/"+number+"?did="+act.Name)
	case no:
		return p.showBooked(w, r, http.StatusConflict, sc, number, either(f.Lang, refused))
	case faulty:
		return p.showBooked(w, r, http.StatusUnprocessableEntity, sc, number, f.T("public.workday.choose"))
	case errors.Is(err, flow.ErrState):
		return p.showBooked(w, r, http.StatusConflict, sc, number, f.T("public.fault.moved"))
	case code != 0:
		return p.showBooked(w, r, code, sc, number, f.T("public.fault.busy"))
	}
	return err
}

// bookedCase lets the holder of a booking on to the case it became: the same person, who need not know a second code.
func (p *pages) bookedCase(w http.ResponseWriter, r *http.Request) error {
	sc, number, ok := p.holding(w, r)
	if !ok {
		return web.SeeOther(w, r, "/workdays/code")
	}
	b, _, _, err := p.Workdays.Booking(r.Context(), sc, number)
	if err != nil {
		return err
	}
	if b.Case == "" {
		return store.ErrNotFound
	}
	p.admit(w, b.Case)
	return web.SeeOther(w, r, "/follow/"+b.Case)
}
