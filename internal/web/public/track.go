package public

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/a-h/templ"

	"weixiao/internal/access"
	"weixiao/internal/cases"
	"weixiao/internal/files"
	"weixiao/internal/flow"
	"weixiao/internal/store"
	"weixiao/internal/web"
	"weixiao/internal/web/ui"
)

// trackView is what the progress page shows.
type trackView struct {
	Case   *cases.Case
	Hero   ui.Hero
	Due    ui.Due
	Next   string // the deadline as a sentence
	Photos []ui.Photo
	Events []ui.Event
	Acts   []ui.Link
	Body   string // what the resident wrote, as it is kept for the units
}

// mine loads the case a browser has the cookie of, or sends to the door. The
// number in the address may be typed small.
func (p *pages) mine(w http.ResponseWriter, r *http.Request) (v *cases.View, sc access.Scope, elsewhere string, err error) {
	typed := r.PathValue("number")
	number := canonical(typed)
	sc, ok := p.admitted(w, r, number)
	if !ok {
		elsewhere = "/follow"
		if numberForm.MatchString(number) {
			elsewhere += "?number=" + number
		}
		return nil, sc, elsewhere, nil
	}
	if typed != number {
		return nil, sc, "/follow/" + number, nil
	}
	v, err = p.Cases.View(r.Context(), sc, number)
	return v, sc, "", err
}

// outcomes are what the page may say at its top after an action, by ?did=.
var outcomes = []string{"supplement", "urge", "withdraw"}

func (p *pages) track(w http.ResponseWriter, r *http.Request) error {
	v, _, elsewhere, err := p.mine(w, r)
	if err != nil || elsewhere != "" {
		return orGo(w, r, elsewhere, err)
	}
	p.admit(w, v.Case.Number) // two hours from the last look
	f := p.page(r, "public.track.title")
	f.Path = "/follow/" + v.Case.Number
	if did := r.URL.Query().Get("did"); slices.Contains(outcomes, did) {
		f.Said = f.T("public.did." + did)
	}
	photos, err := p.photosOf(r.Context(), f, v, false)
	if err != nil {
		return err
	}
	x := trackView{Case: v.Case, Events: p.timeline(f, v, false), Photos: photos, Body: v.Case.Body,
		Hero: ui.Hero{Number: f.T("public.number", v.Case.Number), Title: v.Case.Title, State: p.standing(f, v.Case)}}
	if v.Case.Unit != "" {
		x.Hero.Unit = f.T("public.lead", p.UnitName(f.Lang, v.Case.Unit))
	}
	x.Due, x.Next = p.promise(f, v.Case)
	var foot templ.Component = ui.StepFoot(f, ui.Foot{})
	for _, a := range v.Actions {
		if a.Name == "rate" && !late(v.Case, f.Now) {
			foot = verdict(f, "/follow/"+v.Case.Number+"/rate")
		} else if a.Name != "rate" {
			x.Acts = append(x.Acts, ui.Link{Icon: actIcons[a.Name], Text: f.T("public.act." + a.Name), Note: f.T("public.act." + a.Name + ".note"), Href: "/follow/" + v.Case.Number + "/" + a.Name})
		}
	}
	return p.show(w, r, http.StatusOK, f, foot, trackPage(f, x))
}

var actIcons = map[string]string{"supplement": "plus", "urge": "bell", "withdraw": "undo"}

// standing is the state of a case in a sentence.
func (p *pages) standing(f ui.Page, k *cases.Case) string {
	switch {
	case k.Has(cases.Suspended):
		return f.T("public.standing.suspended")
	case k.State == cases.Closed && k.Outcome.Solved == "":
		return f.T("public.standing.closed_unasked")
	}
	return f.T("public.standing." + k.State)
}

// promises are the clocks a resident is told about, the next one first, by state.
var promises = map[string][]string{
	cases.Dispatched: {cases.ClockContact, cases.ClockReply},
	cases.Signed:     {cases.ClockContact, cases.ClockReply},
	cases.Handling:   {cases.ClockReply},
	cases.Rework:     {cases.ClockReply},
}

// promise is what the resident may expect next, as a chip and as a sentence.
func (p *pages) promise(f ui.Page, k *cases.Case) (ui.Due, string) {
	for _, name := range promises[k.State] {
		c, ok := k.Clocks[name]
		if !ok || !c.Running() || (name == cases.ClockContact && k.Person == "") {
			continue
		}
		if c.Due == 0 {
			return f.Due(time.UnixMicro(c.Start), time.UnixMicro(c.Start), true, nil), f.T("public.promise.paused")
		}
		due := time.UnixMicro(c.Due)
		chip := f.Due(due, time.UnixMicro(c.Start), false, nil)
		if f.Now.After(due) {
			return chip, f.T("public.promise."+name+".late", by(f, due))
		}
		return chip, f.T("public.promise."+name, by(f, due))
	}
	return ui.Due{}, ""
}

// photosOf are the photos of a case that may be shown, with what they are.
func (p *pages) photosOf(ctx context.Context, f ui.Page, v *cases.View, anybody bool) ([]ui.Photo, error) {
	if v.Case.Photos == 0 {
		return nil, nil
	}
	moments := p.photoMoments(v, anybody)
	all, err := store.Get(ctx, p.DB, func(tx *store.Tx) ([]files.File, error) {
		return files.Of(tx, p.Pack.District, cases.Table.Kind, v.Case.Number)
	})
	if err != nil {
		return nil, err
	}
	var out []ui.Photo
	for _, x := range all {
		action, ok := moments[x.Created]
		if !ok || x.Kind != files.KindPhoto {
			continue
		}
		note := "unit"
		if action == "report" || action == "supplement" {
			note = "resident"
			if !anybody {
				note = "you"
			}
		}
		label := f.T("public.photo."+note, f.Moment(time.UnixMicro(x.Created)))
		out = append(out, ui.Photo{Src: "/photo/" + x.ID + "?thumb=1", Href: "/photo/" + x.ID, Alt: label, Note: label})
	}
	return out, nil
}

// rateWindow is how long after closing a resident may rate. Package cases decides
// it again when the rating comes.
const rateWindow = 7 * 24 * time.Hour

// late reports whether it is too late to rate.
func late(k *cases.Case, now time.Time) bool {
	return k.Closed != 0 && now.Sub(time.UnixMicro(k.Closed)) > rateWindow
}

// refusal is the status of an action that came too late or twice; 0 for other
// errors.
func refusal(err error) int {
	if re, ok := errors.AsType[*flow.RefusedError](err); ok && re.Code == "rate_window" {
		return http.StatusGone
	}
	switch {
	case errors.Is(err, cases.ErrGone):
		return http.StatusGone
	case errors.Is(err, access.ErrStale):
		return http.StatusPreconditionFailed
	case errors.Is(err, flow.ErrState), errors.Is(err, store.ErrReused):
		return http.StatusConflict
	}
	return busy(err)
}

// rated is the page after a rating: thanks, or that the case goes back.
func (p *pages) rated(w http.ResponseWriter, r *http.Request) error {
	v, _, elsewhere, err := p.mine(w, r)
	if err != nil || elsewhere != "" {
		return orGo(w, r, elsewhere, err)
	}
	if !v.Case.Has(cases.Rated) {
		return web.SeeOther(w, r, "/follow/"+v.Case.Number)
	}
	again := v.Case.State == cases.Rework
	title := "public.rated.thanks"
	if again {
		title = "public.rated.redo"
	}
	f := p.page(r, title)
	_, next := p.promise(f, v.Case)
	foot := ui.StepFoot(f, ui.Foot{Label: f.T("public.done.follow"), Href: "/follow/" + v.Case.Number})
	return p.show(w, r, http.StatusOK, f, foot, ratedPage(f, p.UnitName(f.Lang, v.Case.Unit), again, next))
}
