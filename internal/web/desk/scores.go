package desk

import (
	"net/http"
	"slices"
	"strconv"

	"weixiao/internal/access"
	"weixiao/internal/assess"
	"weixiao/internal/flow"
	"weixiao/internal/journal"
	"weixiao/internal/pack"
	"weixiao/internal/store"
	"weixiao/internal/web"
	"weixiao/internal/web/ui"
	"weixiao/internal/words"
)

// scoreRoles read figures: units their own and what is published, the centre all.
func scoreRoles() []string {
	return []string{access.Street, access.StreetLead, access.Department, access.DeptLead, access.Supervisor, access.Leader, access.Dispatcher, access.Operator, access.Callback, access.Duty, access.Auditor}
}

// dryRoles may try other formulas.
func dryRoles() []string { return []string{access.Supervisor, access.Leader} }

// shownResults are the results a ranking has room for.
var shownResults = []string{"response", "resolution", "satisfaction", "on_time_closing", "false_closure", "recurrence", "exclusion"}

// scoreMonthView is a month's page: state, steps, rankings.
type scoreMonthView struct {
	M       *assess.Month
	P       *assess.PeriodView
	Months  []string
	Own     []*assess.Figures // of the reader's units
	Classes []classView
	Log     []ui.Event
	Fixes   []fixView // corrections with what they changed
	Pending []assess.Change
	Steps   []*flow.Action
}

// classView is one ranking.
type classView struct {
	Name  string
	Units []*assess.Figures
}

// fixView is a correction.
type fixView struct {
	When, Reason string
	Changes      []assess.Change
}

func (f *frame) text(t pack.Text) string {
	if f.Lang == words.EN {
		return t.EN
	}
	return t.ZH
}

// monthParam is the month asked for, else the newest one that has figures.
func (f *frame) monthParam(months []string) (string, error) {
	m := f.r.URL.Query().Get("month")
	switch {
	case m == "" && len(months) > 0:
		return months[0], nil
	case m == "":
		return f.Now.In(words.Zone()).Format("2006-01"), nil
	case !assess.IsMonth(m):
		return "", store.ErrNotFound
	}
	return m, nil
}

func (d *Desk) scoreMonth(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.nav.figures")
	f.said(r)
	v, err := f.scoreMonthView()
	if err != nil {
		return err
	}
	f.Title = f.T("score.month.title", v.M.Month)
	return f.render(w, http.StatusOK, scoreMonthPage(f, v))
}

func (f *frame) scoreMonthView() (*scoreMonthView, error) {
	ctx, a := f.r.Context(), f.d.s.Assess
	v := &scoreMonthView{}
	var err error
	if v.Months, err = a.Months(ctx); err != nil {
		return nil, err
	}
	month, err := f.monthParam(v.Months)
	if err != nil {
		return nil, err
	}
	if v.M, err = a.View(ctx, f.sc, month); err != nil {
		return nil, err
	}
	if v.P, err = a.Period(ctx, f.sc, month); err != nil {
		return nil, err
	}
	v.Steps = v.P.Actions
	for i := range v.M.Units {
		if u := &v.M.Units[i]; a.Owns(f.sc, u.Unit) {
			v.Own = append(v.Own, u)
		}
	}
	for _, c := range f.d.s.Pack.Scores.Classes {
		x := classView{Name: f.text(c.Text)}
		for i := range v.M.Units {
			if u := &v.M.Units[i]; u.Class == c.Name {
				x.Units = append(x.Units, u)
			}
		}
		// Who has no rank stands after those who have one.
		slices.SortStableFunc(x.Units, func(a, b *assess.Figures) int { return rankOf(b.Rank > 0) - rankOf(a.Rank > 0) })
		if len(x.Units) > 0 {
			v.Classes = append(v.Classes, x)
		}
	}
	return v, f.monthHistory(v)
}

// monthHistory tells who published, froze and corrected the month, and what a
// correction changed.
func (f *frame) monthHistory(v *scoreMonthView) error {
	var acts []journal.Act
	for _, m := range v.P.Acts {
		acts = append(acts, m.Act)
	}
	if err := f.actors(acts); err != nil {
		return err
	}
	for _, a := range slices.Backward(acts) {
		v.Log = append(v.Log, f.event(&assess.Months, a, nil))
		if a.Action != "correct" {
			continue
		}
		ch, err := f.d.s.Assess.Corrected(f.r.Context(), a.Seq)
		if err != nil {
			return err
		}
		v.Fixes = append(v.Fixes, fixView{f.Moment(a.Time()), a.Texts["reason"], ch})
	}
	if slices.ContainsFunc(v.Steps, func(a *flow.Action) bool { return a.Name == "correct" }) {
		var err error
		v.Pending, err = f.d.s.Assess.Pending(f.r.Context(), v.M.Month)
		return err
	}
	return nil
}

// results are the formulas a ranking shows, as the month has them.
func (v *scoreMonthView) results() (out []pack.Formula) {
	for _, name := range shownResults {
		for _, fm := range v.M.Formulas {
			if fm.Name == name {
				out = append(out, fm)
			}
		}
	}
	return out
}

// ranked is the formula ranks go by.
func ranked(m *assess.Month) pack.Formula {
	i := slices.IndexFunc(m.Formulas, func(f pack.Formula) bool { return f.Name == pack.Ranked })
	return m.Formulas[max(i, 0)]
}

// figure writes a value: 93.2%, 88.4, or a dash where there is no figure.
func figure(v assess.Value, fm pack.Formula) string {
	if !v.Known {
		return "—"
	}
	return amount(v.X, fm)
}

func amount(x float64, fm pack.Formula) string {
	if fm.Points {
		return strconv.FormatFloat(x, 'f', 1, 64)
	}
	return strconv.FormatFloat(100*x, 'f', 1, 64) + "%"
}

// between writes the bounds of a value, "" when they are not known.
func between(v assess.Value, fm pack.Formula) string {
	if !v.Known || !v.Ranged {
		return ""
	}
	return amount(v.Low, fm) + "–" + amount(v.High, fm)
}

func whole(x float64) string { return strconv.Itoa(int(x)) }

// overCeiling reports whether too much was excluded.
func (f *frame) overCeiling(u *assess.Figures) bool {
	v := u.Values["exclusion"]
	return v.Known && v.X > f.d.s.Pack.Scores.Exclusion.Ceiling
}

// monthChip is the look of a month's state.
func monthChip(state string) string {
	if s, ok := assess.Months.State(state); ok {
		return s.Chip
	}
	return "doing"
}

// formulaName names a formula in the reader's language.
func (f *frame) formulaName(name string) string {
	if fm, ok := f.d.s.Pack.Scores.Formula(name); ok {
		return f.text(fm.Text)
	}
	return name
}

// formulaOf is the pack's formula, for writing its values.
func (f *frame) formulaOf(name string) pack.Formula {
	fm, _ := f.d.s.Pack.Scores.Formula(name)
	return fm
}

func scoreHref(month, unit string) string { return "/desk/scores/" + month + "/" + unit }

// registerScores adds the routes of figures.
func (d *Desk) registerScores(rt *access.Router) {
	read := access.Rule{Roles: scoreRoles()}
	rt.Handle("GET /desk/scores", read, d.scoreMonth)
	rt.Handle("GET /desk/scores/unit", read, d.scoreUnitOf)
	rt.Handle("GET /desk/scores/trend", read, d.scoreTrend)
	rt.Handle("GET /desk/scores/export", read, d.scoreExport)
	rt.Handle("GET /desk/scores/try", access.Rule{Roles: dryRoles()}, d.scoreTry)
	rt.Handle("POST /desk/scores/try", access.Rule{Roles: dryRoles()}, d.scoreTry)
	rt.Handle("GET /desk/scores/{month}/{unit}", read, d.scoreUnit)
	rt.Handle("GET /desk/scores/{month}/{unit}/{count}", read, d.scoreBehind)
	ask := access.Rule{Roles: add(rolesOf(&assess.Exclusions, "ask", "propose"), rolesOf(&assess.Appeals, "ask")...)}
	var act []string
	for _, t := range []*flow.Table{&assess.Exclusions, &assess.Appeals} {
		for _, a := range t.Actions {
			act = add(act, rolesOf(t, a.Name)...)
		}
	}
	rt.Handle("GET /desk/scores/requests/{kind}", read, d.scoreRequests)
	rt.Handle("GET /desk/scores/requests/{kind}/new", ask, d.scoreAskPage)
	rt.Handle("POST /desk/scores/requests/{kind}/new", ask, d.scoreAsk)
	rt.Handle("GET /desk/scores/requests/{kind}/{id}", read, d.scoreRequest)
	rt.Handle("GET /desk/scores/requests/{kind}/{id}/do/{action}", access.Rule{Roles: act}, d.scoreDoPage)
	rt.Handle("POST /desk/scores/requests/{kind}/{id}/do/{action}", access.Rule{Roles: act}, d.scoreDo)
	months := access.Rule{Roles: rolesOf(&assess.Months, "preview", "freeze", "correct")}
	rt.Handle("GET /desk/scores/months/{month}/do/{action}", months, d.monthDoPage)
	rt.Handle("POST /desk/scores/months/{month}/do/{action}", months, d.monthDo)
}

// scoreUnitOf leads from a unit and a month to its page.
func (d *Desk) scoreUnitOf(w http.ResponseWriter, r *http.Request) error {
	month, unit := r.URL.Query().Get("month"), r.URL.Query().Get("unit")
	if _, ok := d.s.Pack.Directory.Unit(unit); !ok || !assess.IsMonth(month) {
		return store.ErrNotFound
	}
	return web.SeeOther(w, r, scoreHref(month, unit))
}
