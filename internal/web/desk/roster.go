package desk

import (
	"cmp"
	"net/http"
	"net/url"
	"time"

	"weixiao/internal/directory/posts"
	"weixiao/internal/form"
	"weixiao/internal/store"
	"weixiao/internal/web"
	"weixiao/internal/web/ui"
	"weixiao/internal/words"
)

func zoneOf() *time.Location { return words.Zone() }

// dutyView is a month of a unit's roster.
type dutyView struct {
	Unit           string
	Units          []ui.Choice
	Month          string // 2022-12
	Before, Behind string
	Now            []holderLine
	Days           []dutyDay
	Form           *ui.FormView
	Problem        string
}

type dutyDay struct {
	Day, Weekday string
	Today        bool
	Shifts       []shiftLine
}

type shiftLine struct {
	ID, Line, Title, Names, Span string
	Version                      int64
	Cancel                       bool
}

func (d *Desk) duty(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.org.duty")
	f.said(r)
	return f.showDuty(w, http.StatusOK, nil, nil)
}

// dutyUnit is the unit whose roster is shown: the one asked for, else the user's, else the first street.
func (f *frame) dutyUnit() (string, error) {
	dir := f.d.s.Pack.Directory
	asked := cmp.Or(f.r.FormValue("_unit"), f.r.FormValue("unit"))
	u, ok := dir.Unit(cmp.Or(asked, f.who.Unit))
	if !ok && asked != "" {
		return "", store.ErrNotFound
	}
	if !ok || len(f.d.s.Posts.Board().PostsOf(u.ID)) == 0 {
		return dir.ByKind("street", "town")[0].ID, nil
	}
	return u.ID, nil
}

func (f *frame) showDuty(w http.ResponseWriter, status int, raw form.Raw, cause error) error {
	unit, err := f.dutyUnit()
	if err != nil {
		return err
	}
	b := f.d.s.Posts.Board()
	v := &dutyView{Unit: unit, Units: f.d.finder.handling(f.Lang)}
	first, err := time.ParseInLocation("2006-01", cmp.Or(f.r.FormValue("_month"), f.r.FormValue("month")), zoneOf())
	if err != nil || first.Year() < 2000 || first.Year() > 2099 {
		now := f.Now.In(zoneOf())
		first = time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, zoneOf())
	}
	v.Month, v.Before, v.Behind = first.Format("2006-01"), first.AddDate(0, -1, 0).Format("2006-01"), first.AddDate(0, 1, 0).Format("2006-01")
	for _, s := range b.OnDuty(unit, f.Now.UnixMicro()) {
		l := holderLine{Href: postHref(s.Post.ID), Title: s.Answer.Post.TitleIn(f.english()), Names: f.holderNames(s.Holders)}
		if l.Names == "" {
			l.Vacant = f.T("desk.org.vacant")
		}
		v.Now = append(v.Now, l)
	}
	may := f.d.s.Posts.MayRoster(f.sc, unit)
	for day := first; day.Month() == first.Month(); day = day.AddDate(0, 0, 1) {
		line := dutyDay{Day: day.Format("01-02"), Weekday: f.T("desk.calendar.weekday." + string('1'+rune((int(day.Weekday())+6)%7))), Today: day.Format(time.DateOnly) == f.Now.In(zoneOf()).Format(time.DateOnly)}
		for _, s := range b.Shifts(unit, day.UnixMicro(), day.AddDate(0, 0, 1).UnixMicro()) {
			if s.From < day.UnixMicro() {
				continue // it stands on the day it begins
			}
			l := shiftLine{ID: s.ID, Line: f.T("desk.duty." + s.Line), Span: micro(s.From).In(zoneOf()).Format("15:04") + "–" + micro(s.To).In(zoneOf()).Format("15:04"), Version: s.Version, Cancel: may}
			if a, ok := b.Answering(s.Post, s.From); ok {
				l.Title, l.Names = a.Post.TitleIn(f.english()), f.holderNames(a.Holders)
			}
			line.Shifts = append(line.Shifts, l)
		}
		v.Days = append(v.Days, line)
	}
	if may {
		v.Form = f.dutyForm(unit, v.Month, raw)
		if cause != nil && !f.turnedDown(v.Form, cause) {
			faults, ok := cause.(form.Faults)
			if !ok {
				return cause
			}
			v.Form.Faults = faults
		}
	}
	f.Faulty = cause != nil
	return f.render(w, status, dutyPage(f, v))
}

func (f *frame) dutyForm(unit, month string, raw form.Raw) *ui.FormView {
	act, err := posts.ShiftTable.Action("enter")
	if err != nil {
		panic(err)
	}
	v := &ui.FormView{Form: act.Form, Raw: raw, Action: orgPath + "/duty", Dense: true, Cols: 2, Submit: f.T("action.shift.enter"),
		Hidden:  []ui.Hidden{{Name: "_unit", Value: unit}, {Name: "_month", Value: month}},
		Choices: map[string][]ui.Choice{"line": {{Value: posts.LeadLine, Label: f.T("desk.duty.lead")}, {Value: posts.HandLine, Label: f.T("desk.duty.hand")}}},
		Looks:   map[string]string{"post": "select", "line": "select"}}
	for _, x := range f.d.s.Posts.Board().PostsOf(unit) {
		v.Choices["post"] = append(v.Choices["post"], ui.Choice{Value: x.ID, Label: x.TitleIn(f.english()), Note: f.holderNames(f.d.s.Posts.Board().Holders(x.ID, f.Now.UnixMicro()))})
	}
	return v
}

func (d *Desk) enterDuty(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.org.duty")
	if err := r.ParseForm(); err != nil {
		return err
	}
	unit, err := f.dutyUnit()
	if err != nil {
		return err
	}
	act, err := posts.ShiftTable.Action("enter")
	if err != nil {
		return err
	}
	raw := rawOf(act.Form, r)
	if err := d.s.Posts.Roster(r.Context(), f.sc, unit, raw); err != nil {
		return f.showDuty(w, http.StatusUnprocessableEntity, raw, err)
	}
	return web.SeeOther(w, r, orgPath+"/duty?done=record&unit="+unit+"&month="+url.QueryEscape(r.PostFormValue("_month")))
}

func (d *Desk) cancelDuty(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.org.duty")
	version := atoi64(r.PostFormValue("_version"))
	if err := d.s.Posts.CancelShift(r.Context(), f.sc, r.PathValue("id"), version); err != nil {
		return err
	}
	unit, err := f.dutyUnit()
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, orgPath+"/duty?done=record&unit="+unit)
}
