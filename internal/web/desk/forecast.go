package desk

import (
	"cmp"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"weixiao/internal/insight/forecast"
	"weixiao/internal/store"
	"weixiao/internal/web/ui"
)

const forecastPath = "/desk/forecast"

// forecastView is what the grid may expect, and what it saw first.
type forecastView struct {
	Where   forecast.Where
	Name    string // of the place; "" = the district
	Up      string // the wider place
	Streets []ui.Choice
	*forecast.Outlook
	List   []forecast.Expected // at most forecastMost
	Chart  ui.LineChart
	Places []forecast.Place
	Share  string
}

const forecastMost = 30

func (d *Desk) forecast(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.nav.forecast")
	v := forecastView{Where: f.forecastWhere()}
	var err error
	if v.Outlook, err = d.s.Forecast.Outlook(r.Context(), f.Now, v.Where); err != nil {
		return err
	}
	switch {
	case v.Where.Community != "":
		v.Name = f.unit(v.Where.Community)
		v.Up = forecastPath + "?street=" + url.QueryEscape(v.Where.Street)
	case v.Where.Street != "":
		v.Name, v.Up = f.unit(v.Where.Street), forecastPath+"?street="
	}
	v.List = v.Outlook.List[:min(len(v.Outlook.List), forecastMost)]
	v.Places = slices.SortedFunc(slices.Values(v.Outlook.Places), func(a, b forecast.Place) int {
		return cmp.Or(cmp.Compare(a.Street, b.Street), cmp.Compare(b.Problems, a.Problems), cmp.Compare(a.Community, b.Community))
	})
	v.Streets = append([]ui.Choice{{Value: "", Label: f.T("desk.forecast.everywhere")}}, d.finder.streets(f.Lang)...)
	f.forecastChart(&v)
	return f.render(w, http.StatusOK, forecastPage(f, v))
}

// forecastWhere is the place a page is about: what is asked for, else the own place
// of those who have one.
func (f *frame) forecastWhere() (w forecast.Where) {
	in := f.r.URL.Query()
	at := cmp.Or(in.Get("community"), in.Get("street"))
	if at == "" && !in.Has("street") {
		at = f.sc.Unit()
	}
	p, ok := f.d.s.Pack.Directory.OfPlace(at)
	if !ok {
		return w
	}
	return forecast.Where{Street: p.Street.ID, Community: p.Community.ID}
}

func (f *frame) forecastChart(v *forecastView) {
	share := ui.Series{Name: f.T("desk.forecast.share")}
	var ahead, problems int64
	for _, m := range v.Months {
		v.Chart.Steps = append(v.Chart.Steps, m.Month[len("2006-"):])
		s := math.NaN()
		if m.Problems > 0 {
			s = math.Round(1000*m.Share()) / 10
		}
		share.Values = append(share.Values, s)
		ahead, problems = ahead+m.Ahead, problems+m.Problems
	}
	v.Share = shareOf(ahead, problems)
	v.Chart.Series, v.Chart.Unit = []ui.Series{share}, "%"
	v.Chart.Label = f.T("desk.forecast.chart", v.Share)
}

func shareOf(part, of int64) string {
	if of == 0 {
		return "—"
	}
	return strconv.FormatFloat(100*float64(part)/float64(of), 'f', 1, 64) + "%"
}

// expected shows an expected count: a guess has no decimals that matter.
func expected(x float64) string {
	if x < 10 {
		return strconv.FormatFloat(x, 'f', 1, 64)
	}
	return strconv.FormatFloat(math.Round(x), 'f', 0, 64)
}

func reportsHref(month, community, matter string) string {
	return forecastPath + "/reports?" + url.Values{"month": {month}, "community": {community}, "matter": {matter}}.Encode()
}

// reportsView are the reports behind a figure of the forecast.
type reportsView struct {
	Month, Community, Matter string
	Lines                    []reportLine
	Older                    string
}

type reportLine struct {
	Href, Number, Title, Note string
	Early, First              bool
}

// forecastReports opens a figure: the reports of a matter in a community and month.
// Titles are shown of those that the user reaches.
func (d *Desk) forecastReports(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.nav.forecast")
	in := r.URL.Query()
	v := reportsView{Month: in.Get("month"), Community: in.Get("community"), Matter: in.Get("matter")}
	p, ok := d.s.Pack.Directory.OfPlace(v.Community)
	if _, err := time.Parse("2006-01", v.Month); err != nil || !ok || p.Community.ID == "" {
		return store.ErrNotFound
	}
	after, _ := strconv.ParseInt(in.Get("after"), 10, 64)
	list, err := d.s.Forecast.Behind(r.Context(), v.Month, v.Community, v.Matter, after, pageSize+1)
	if err != nil {
		return err
	}
	if len(list) > pageSize {
		list = list[:pageSize]
		v.Older = reportsHref(v.Month, v.Community, v.Matter) + "&after=" + strconv.FormatInt(list[pageSize-1].Seq, 10)
	}
	if v.Lines, err = f.reportLines(list); err != nil {
		return err
	}
	return f.render(w, http.StatusOK, forecastReportsPage(f, v))
}

func (f *frame) reportLines(list []forecast.Report) ([]reportLine, error) {
	var numbers []string
	for _, x := range list {
		if x.Kind == forecast.OfCase {
			numbers = append(numbers, x.Number)
		}
	}
	found, err := f.d.s.Cases.Some(f.r.Context(), f.sc, numbers)
	if err != nil {
		return nil, err
	}
	titles := map[string]string{}
	for _, k := range found {
		titles[k.Number] = k.Title
	}
	out := make([]reportLine, len(list))
	for i, x := range list {
		l := reportLine{Number: x.Number, Title: f.matter(x.Matter), Early: x.Early, First: x.First(), Note: f.T("desk.forecast.of."+x.Kind) + f.T("word.separator") + f.Moment(micro(x.At))}
		if title, ok := titles[x.Number]; ok {
			l.Title, l.Href = title, "/desk/cases/"+x.Number
		}
		if x.Kind == forecast.OfFinding {
			l.Href = "/desk/rounds/findings/" + x.Number
		}
		if g, ok := f.d.s.Pack.Directory.Grid(x.Grid); ok {
			l.Note += f.T("word.separator") + g.Name
		}
		out[i] = l
	}
	return out, nil
}

// before is the month n months before another.
func (f *frame) before(month string, n int) string {
	t, err := time.Parse("2006-01", month)
	if err != nil {
		return month
	}
	return t.AddDate(0, -n, 0).Format("2006-01")
}
