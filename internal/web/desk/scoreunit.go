package desk

import (
	"math"
	"net/http"
	"slices"
	"strconv"

	"weixiao/internal/assess"
	"weixiao/internal/cases"
	"weixiao/internal/pack"
	"weixiao/internal/store"
	"weixiao/internal/web/ui"
)

// unitScore is one unit's month.
type unitScore struct {
	M      *assess.Month
	F      *assess.Figures
	Unit   string
	Own    bool // asks and appeals for it
	Opens  bool // counts lead to their records
	Months []string
	Key    []ui.Figure
	Trend  []ui.LineChart
	Asks   bool // may ask for an exclusion
	Files  bool // may appeal: the month is published and its window open
}

func (f *frame) unitScore(month, unit string) (*unitScore, error) {
	if !assess.IsMonth(month) {
		return nil, store.ErrNotFound
	}
	a := f.d.s.Assess
	m, err := a.View(f.r.Context(), f.sc, month)
	if err != nil {
		return nil, err
	}
	v := &unitScore{M: m, Unit: unit, Own: a.Owns(f.sc, unit)}
	var ok bool
	if v.F, ok = m.Unit(unit); !ok {
		if !v.Own {
			return nil, store.ErrNotFound
		}
		v.F = &assess.Figures{Unit: unit, Counts: map[string]float64{}, RawCounts: map[string]float64{}, Values: map[string]assess.Value{}, RawValues: map[string]assess.Value{}}
	}
	v.Opens = v.Own || f.sc.All()
	v.Asks = (v.Own && a.May(f.sc, &assess.Exclusions, "ask") || a.May(f.sc, &assess.Exclusions, "propose")) && m.State != assess.Frozen
	v.Files = v.Own && a.May(f.sc, &assess.Appeals, "ask") && m.State == assess.Previewed && f.Now.UnixMicro() <= m.Until
	return v, nil
}

func (d *Desk) scoreUnit(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.nav.figures")
	f.said(r)
	v, err := f.unitScore(r.PathValue("month"), r.PathValue("unit"))
	if err != nil {
		return err
	}
	if v.Months, err = d.s.Assess.Months(r.Context()); err != nil {
		return err
	}
	f.Title = f.T("score.unit.title", f.unit(v.Unit), v.M.Month)
	v.Key = f.keyFigures(v)
	if v.Trend, err = f.trend(v.Unit, v.Months); err != nil {
		return err
	}
	return f.render(w, http.StatusOK, scoreUnitPage(f, v))
}

// keyFigures are the four a unit looks at first.
func (f *frame) keyFigures(v *unitScore) (out []ui.Figure) {
	for _, name := range []string{pack.Ranked, "response", "resolution", "satisfaction"} {
		i := slices.IndexFunc(v.M.Formulas, func(x pack.Formula) bool { return x.Name == name })
		if i < 0 {
			continue
		}
		fm := v.M.Formulas[i]
		x := v.F.Values[name]
		note := f.T("score.none")
		if b := between(x, fm); b != "" {
			note = f.T("score.between", b)
		}
		out = append(out, ui.Figure{Label: f.text(fm.Text), Value: figure(x, fm), Note: note})
	}
	return out
}

// trendMonths is how far back a trend goes.
const trendMonths = 12

// trend draws the combined score and the three rates of a unit over the last
// months; "" is the district.
func (f *frame) trend(unit string, months []string) ([]ui.LineChart, error) {
	months = slices.Clone(months[:min(len(months), trendMonths)])
	slices.Reverse(months)
	if len(months) < 2 {
		return nil, nil
	}
	list, err := f.d.s.Assess.Trend(f.r.Context(), unit, months)
	if err != nil {
		return nil, err
	}
	var out []ui.LineChart
	for _, c := range []struct {
		name   string
		factor float64
	}{{pack.Ranked, 1}, {"response", 100}, {"resolution", 100}, {"satisfaction", 100}} {
		chart := ui.LineChart{W: 416, H: 180}
		series := ui.Series{Name: f.formulaName(c.name)}
		if c.factor == 100 {
			chart.Unit = "%"
		}
		for i := range list { // a month without a figure is left out
			if x, ok := list[i].Result(c.name); ok {
				series.Values = append(series.Values, math.Round(x*c.factor*10)/10)
				chart.Steps = append(chart.Steps, months[i])
			}
		}
		n := len(series.Values)
		if n < 2 {
			continue
		}
		say := func(x float64) string { return strconv.FormatFloat(x, 'f', 1, 64) + chart.Unit }
		chart.Label = f.T("score.trend.label", series.Name, chart.Steps[0], say(series.Values[0]), chart.Steps[n-1], say(series.Values[n-1]))
		chart.Series = []ui.Series{series}
		out = append(out, chart)
	}
	return out, nil
}

// behindView is what stands behind one count.
type behindView struct {
	*unitScore
	Count, Name string
	Which       string
	Total       string
	Rows        []behindRow
	Next        string
}

// behindRow is one record.
type behindRow struct {
	Number, Href, Title, Closed, Kind string
	Excluded                          string
	Granted                           []string
	Case                              bool
}

var whiches = map[string]assess.Which{"": assess.After, "after": assess.After, "raw": assess.Raw, "excluded": assess.Excluded}

func (d *Desk) scoreBehind(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.nav.figures")
	u, err := f.unitScore(r.PathValue("month"), r.PathValue("unit"))
	if err != nil {
		return err
	}
	q := r.URL.Query()
	which, ok := whiches[q.Get("which")]
	if !u.Opens || !ok {
		return store.ErrNotFound
	}
	v := &behindView{unitScore: u, Count: r.PathValue("count"), Which: q.Get("which")}
	v.Name = f.countName(v.Count)
	switch which {
	case assess.After:
		v.Total = whole(u.F.Counts[v.Count])
	case assess.Raw:
		v.Total = whole(u.F.RawCounts[v.Count])
	default:
		v.Total = whole(u.F.RawCounts[v.Count] - u.F.Counts[v.Count])
	}
	var at assess.Cursor
	if c := q.Get("after"); c != "" && !at.Parse(c) {
		return store.ErrNotFound
	}
	list, err := d.s.Assess.Behind(r.Context(), u.M.Month, u.Unit, v.Count, which, at, pageSize)
	if err != nil {
		return err
	}
	if v.Rows, err = f.behindRows(list); err != nil {
		return err
	}
	if len(list) == pageSize {
		v.Next = r.URL.Path + "?which=" + v.Which + "&after=" + list[len(list)-1].Cursor().String()
	}
	f.Title = f.T("score.behind.title", f.unit(u.Unit), u.M.Month, v.Name)
	return f.render(w, http.StatusOK, scoreBehindPage(f, v))
}

func (f *frame) behindRows(list []assess.Entry) ([]behindRow, error) {
	var numbers []string
	for _, e := range list {
		numbers = append(numbers, e.Number)
	}
	found, err := f.d.s.Cases.Some(f.r.Context(), f.sc, numbers)
	if err != nil {
		return nil, err
	}
	titles := map[string]*cases.Row{}
	for _, k := range found {
		titles[k.Number] = k
	}
	out := make([]behindRow, len(list))
	for i, e := range list {
		x := behindRow{Number: e.Number, Kind: f.T("score.kind." + e.Kind), Closed: f.Moment(micro(e.At)), Case: e.Kind == "case"}
		switch e.Kind {
		case "called", "host", "blown":
			x.Href, x.Title = "/desk/whistles/"+e.Number, f.T("score.kind."+e.Kind)
		default:
			if k := titles[e.Number]; k != nil {
				x.Href, x.Title = "/desk/cases/"+e.Number, k.Title
			} else {
				x.Title = f.T("score.elsewhere")
			}
		}
		if e.Excluded != "" {
			x.Excluded = f.ruleName(e.Excluded)
		}
		for _, g := range e.Grounds {
			x.Granted = append(x.Granted, ui.OptionLabel(f.Lang, "appeal_ask", "ground", g))
		}
		out[i] = x
	}
	return out, nil
}

func (f *frame) countName(name string) string {
	for _, c := range f.d.s.Pack.Scores.Counts {
		if c.Name == name {
			return f.text(c.Text)
		}
	}
	return name
}

func (f *frame) ruleName(code string) string {
	if g, ok := f.d.s.Pack.Scores.Rule(code); ok {
		return f.text(g.Text)
	}
	return code
}

// trendView is the district's or a unit's trend.
type trendView struct {
	Unit   string
	Charts []ui.LineChart
	Units  []string
}

func (d *Desk) scoreTrend(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "score.trend.title")
	v := &trendView{Unit: r.URL.Query().Get("unit")}
	if v.Unit != "" && !f.sc.All() && !d.s.Assess.Owns(f.sc, v.Unit) || v.Unit == "" && !f.sc.All() {
		return store.ErrNotFound
	}
	months, err := d.s.Assess.Months(r.Context())
	if err != nil {
		return err
	}
	if v.Charts, err = f.trend(v.Unit, months); err != nil {
		return err
	}
	if f.sc.All() && len(months) > 0 {
		m, err := d.s.Assess.View(r.Context(), f.sc, months[0])
		if err != nil {
			return err
		}
		for _, u := range m.Units {
			if u.Class != "" {
				v.Units = append(v.Units, u.Unit)
			}
		}
		slices.Sort(v.Units)
	}
	return f.render(w, http.StatusOK, scoreTrendPage(f, v))
}
