package desk

import (
	"errors"
	"net/http"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/rounds"
	"weixiao/internal/store"
	"weixiao/internal/web"
	"weixiao/internal/web/ui"
	"weixiao/internal/words"
)

// weekLine is a place whose rounds of the week a leader looks at: whether that was done, and what was said. There is no
// figure in it: it is not about who went how often.
type weekLine struct{ Name, Said, Words, Href string }

// weekLines are the places of a week: what the user can look at first, then what was looked at, then the others.
func (f *frame) weekLines(monday time.Time) (todo, done, open []weekLine, err error) {
	list, err := f.d.s.Rounds.Week(f.r.Context(), f.sc, monday)
	for _, p := range list {
		l := weekLine{Name: f.weekPlace(p)}
		switch {
		case p.Review != nil:
			l.Said = f.T("desk.rounds.reviewed", f.T("role."+p.Review.Role), f.Moment(time.UnixMicro(p.Review.At)))
			l.Words = p.Review.Words
			done = append(done, l)
		case p.May:
			l.Href = roundsPath + "/review/" + monday.Format(time.DateOnly) + "/" + p.Place
			todo = append(todo, l)
		default:
			open = append(open, l)
		}
	}
	return todo, done, open, err
}

func (f *frame) weekPlace(p rounds.WeekPlace) string {
	name := f.unit(p.Unit)
	if g, ok := f.d.s.Pack.Directory.Grid(p.Place); ok {
		name += f.T("word.separator") + g.Name
	}
	return name
}

// weekForm is the form to say that a place's week was looked at.
func (f *frame) weekForm(raw form.Raw) (*recordDo, error) {
	week, place := f.r.PathValue("week"), f.r.PathValue("place")
	monday, err := time.ParseInLocation(time.DateOnly, week, words.Zone())
	if err != nil {
		return nil, store.ErrNotFound
	}
	list, err := f.d.s.Rounds.Week(f.r.Context(), f.sc, monday)
	if err != nil {
		return nil, err
	}
	act, err := rounds.ReviewTable.Action("review")
	if err != nil {
		return nil, err
	}
	for _, p := range list {
		if p.Place != place {
			continue
		}
		if !p.May {
			return nil, flow.ErrForbidden
		}
		back := roundsPath + "/review?day=" + week
		v := &recordDo{Title: f.T("action.turn_review.review") + f.T("word.separator") + f.weekPlace(p), Back: back,
			BackLabel: f.T("desk.rounds.week", words.Day(f.Lang, monday), words.Day(f.Lang, monday.AddDate(0, 0, 6)))}
		v.Form = ui.FormView{Form: act.Form, Raw: raw, Action: roundsPath + "/review/" + week + "/" + place, Dense: true, Alt: 1, Submit: f.T("action.turn_review.review"), Key: "Ctrl Enter", Cancel: back,
			Hidden: []ui.Hidden{{Name: "_key", Value: newKey()}}}
		return v, nil
	}
	return nil, store.ErrNotFound
}

func (d *Desk) weekPage(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.rounds.review")
	v, err := f.weekForm(form.Raw{})
	if err != nil {
		return err
	}
	return f.render(w, http.StatusOK, recordDoPage(f, v))
}

func (d *Desk) reviewWeek(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.rounds.review")
	if err := r.ParseForm(); err != nil {
		return err
	}
	act, err := rounds.ReviewTable.Action("review")
	if err != nil {
		return err
	}
	week, place, raw := r.PathValue("week"), r.PathValue("place"), rawOf(act.Form, r)
	err = d.s.Rounds.ReviewWeek(r.Context(), f.sc, week, place, rounds.Input{Raw: raw, Key: f.key(r.PostFormValue("_key"), rounds.ReviewTable.Kind, week+"/"+place, "review", raw)})
	if _, bad := errors.AsType[form.Faults](err); bad {
		v, ferr := f.weekForm(raw)
		if ferr != nil {
			return ferr
		}
		return f.recordAgain(w, v, err, false)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, roundsPath+"/review?day="+week+"&done=record")
}

func (d *Desk) weekRoutes(rt *access.Router) {
	may := access.Rule{Roles: rounds.Reviewers()}
	rt.Handle("GET "+roundsPath+"/review/{week}/{place}", may, d.weekPage)
	rt.Handle("POST "+roundsPath+"/review/{week}/{place}", may, d.reviewWeek)
}
