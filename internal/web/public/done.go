package public

import (
	"net/http"
	"strings"
	"time"

	"weixiao/internal/cases"
	"weixiao/internal/web"
	"weixiao/internal/web/ui"
	"weixiao/internal/words"
	"weixiao/internal/worktime"
)

// receipt is what the last page of a report shows: to be noted down, printed or
// photographed.
type receipt struct {
	Number, Secret string
	Next           []string
}

// done shows the receipt as long as the browser has the cookie of the report.
func (p *pages) done(w http.ResponseWriter, r *http.Request) error {
	d, err := p.draftOf(w, r)
	if err != nil {
		return err
	}
	if d == nil || d.Number == "" {
		return web.SeeOther(w, r, "/follow")
	}
	k, err := p.Cases.Get(r.Context(), p.anybody().Holding(d.Number), d.Number)
	if err != nil {
		return err
	}
	f := p.page(r, "public.done.title")
	if r.URL.Query().Has("again") {
		f.Said = f.T("public.done.again")
	}
	x := receipt{Number: k.Number, Secret: p.Cases.Secret(k.Number), Next: p.next(f, k)}
	foot := ui.StepFoot(f, ui.Foot{Label: f.T("public.done.follow"), Href: "/follow/" + k.Number})
	return p.show(w, r, http.StatusOK, f, foot, donePage(f, x))
}

// next says what happens now and by when. The clocks start when the centre passes
// the case on, so the days are told as if it did so at once, and said to be that.
func (p *pages) next(f ui.Page, k *cases.Case) []string {
	out := []string{f.T("public.next.centre")}
	prof, _ := p.Pack.Catalogue.Profile(k.Profile)
	if prof.Contact != "" && k.Person != "" {
		out = append(out, f.T("public.next.call", limit(f, prof.Contact)))
	}
	if l, err := worktime.ParseLimit(prof.Reply); err == nil {
		due := p.Cases.District().Calendar.Add(time.UnixMicro(k.Created), l)
		out = append(out, f.T("public.next.reply", limit(f, prof.Reply), by(f, due.At)))
	}
	return append(out, f.T("public.next.rate"))
}

// limit says a limit such as "5 workday" in words.
func limit(f ui.Page, s string) string {
	n, unit, _ := strings.Cut(s, " ")
	return f.T("public.limit."+unit, n)
}

// by is a deadline as people say it. One at midnight is told as the minute before:
// "Tuesday 00:00" would be heard as the end of Tuesday.
func by(f ui.Page, t time.Time) string {
	if l := t.In(words.Zone()); l.Hour() == 0 && l.Minute() == 0 {
		t = t.Add(-time.Minute)
	}
	return f.Moment(t)
}
