package desk

import (
	"cmp"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"weixiao/internal/form"
	"weixiao/internal/rounds"
	"weixiao/internal/web"
	"weixiao/internal/web/ui"
	"weixiao/internal/words"
	"weixiao/internal/worktime"
)

// reviewView is a week outside: what was found and what was fixed, by place and by routine. Nobody is counted.
type reviewView struct {
	From, To, Title, Before, After string
	Place, Routine                 []reviewLine
	Total                          reviewLine
	ToLook, Looked, Unlooked       []weekLine // places whose week a leader looks at
}

// reviewLine is a place or a routine with its counts, each of which opens.
type reviewLine struct {
	Name  string
	Found reviewCount
	By    []reviewCount // in the order of rounds.Fates
}

type reviewCount struct {
	N    int
	Href string
}

func (d *Desk) roundReview(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.rounds.review")
	f.said(r)
	day := f.dayAsked()
	monday := day.AddDate(0, 0, -(int(day.Weekday())+6)%7)
	next := monday.AddDate(0, 0, 7)
	v := &reviewView{From: monday.Format(time.DateOnly), To: next.AddDate(0, 0, -1).Format(time.DateOnly), Before: monday.AddDate(0, 0, -7).Format(time.DateOnly), After: next.Format(time.DateOnly)}
	v.Title = f.T("desk.rounds.week", words.Day(f.Lang, monday), words.Day(f.Lang, next.AddDate(0, 0, -1)))
	sums, err := d.s.Rounds.Sums(r.Context(), f.sc, monday.UnixMicro(), next.UnixMicro())
	if err != nil {
		return err
	}
	byPlace, byRoutine, total := map[string]map[rounds.Fate]int{}, map[string]map[rounds.Fate]int{}, map[rounds.Fate]int{}
	var places, routines []string
	add := func(m map[string]map[rounds.Fate]int, order *[]string, key string, s rounds.Sum) {
		if m[key] == nil {
			m[key] = map[rounds.Fate]int{}
			*order = append(*order, key)
		}
		for fate, n := range s.By {
			m[key][fate] += n
		}
	}
	for _, s := range sums {
		add(byPlace, &places, cmp.Or(s.Community, s.Street), s)
		add(byRoutine, &routines, s.Routine, s)
		for fate, n := range s.By {
			total[fate] += n
		}
	}
	for _, p := range places {
		l := f.reviewLine(v, cmp.Or(f.unit(p), f.T("desk.rounds.nowhere")), "place", p, byPlace[p])
		v.Place = append(v.Place, l)
	}
	slices.SortStableFunc(routines, func(a, b string) int { return f.routineOrder(a) - f.routineOrder(b) })
	for _, k := range routines {
		name := f.T("desk.rounds.outside")
		if x, ok := d.s.Rounds.Routine(k); ok {
			name = f.either(x.Title, x.English)
		}
		v.Routine = append(v.Routine, f.reviewLine(v, name, "routine", k, byRoutine[k]))
	}
	v.Total = f.reviewLine(v, f.T("desk.rounds.total"), "", "all", total)
	if v.ToLook, v.Looked, v.Unlooked, err = f.weekLines(monday); err != nil {
		return err
	}
	return f.render(w, http.StatusOK, reviewPage(f, v))
}

func (f *frame) routineOrder(key string) int {
	all := f.d.s.Rounds.Routines()
	for i, x := range all {
		if x.Key == key {
			return i
		}
	}
	return len(all)
}

// reviewLine links its counts to the findings behind them.
func (f *frame) reviewLine(v *reviewView, name, by, key string, counts map[rounds.Fate]int) reviewLine {
	l := reviewLine{Name: name}
	base := roundsPath + "/findings?from=" + v.From + "&to=" + v.To
	if by != "" {
		base += "&" + by + "=" + cmp.Or(key, "none")
	}
	if u, ok := f.d.s.Pack.Directory.OfPlace(key); by == "place" && ok && u.Community.ID == "" {
		base += "&bare=1" // the communities of the street have lines of their own
	}
	for _, fate := range rounds.Fates() {
		n := counts[fate]
		l.Found.N += n
		l.By = append(l.By, reviewCount{n, base + "&fate=" + string(fate)})
	}
	l.Found.Href = base
	return l
}

// weatherView is what was told of the weather, and the form to tell more.
type weatherView struct {
	Form ui.FormView
	List []weatherLine
}

type weatherLine struct{ Day, Words, Source string }

// weatherWords is the weather of a day in a line.
func (f *frame) weatherWords(w *rounds.Weather) string {
	parts := []string{f.T("weather.temperature", w.Low, w.High)}
	if w.SnowCM > 0 {
		parts = append(parts, f.T("weather.snow", w.SnowCM))
	}
	for _, k := range w.Warnings {
		parts = append(parts, f.T("weather.warning."+k))
	}
	return strings.Join(parts, f.T("word.separator"))
}

const weatherShown = 14

func (f *frame) weatherView(raw form.Raw, faults form.Faults) (*weatherView, error) {
	act, err := rounds.WeatherTable.Action("tell")
	if err != nil {
		return nil, err
	}
	v := &weatherView{Form: ui.FormView{Form: act.Form, Raw: raw, Faults: faults, Dense: true, Cols: 2, Alt: 1, Action: roundsPath + "/weather", Submit: f.T("weather.submit"), Key: "Ctrl Enter", Cancel: roundsPath,
		Hidden: []ui.Hidden{{Name: "_key", Value: newKey()}}, Choices: map[string][]ui.Choice{"warnings": f.warnings()}}}
	list, err := f.d.s.Rounds.WeatherUntil(f.r.Context(), "", weatherShown)
	for _, w := range list {
		l := weatherLine{Day: w.Day, Words: f.weatherWords(w), Source: w.Source}
		if day, err := time.Parse(time.DateOnly, w.Day); err == nil {
			l.Day = words.Day(f.Lang, day)
		}
		v.List = append(v.List, l)
	}
	return v, err
}

func (f *frame) warnings() []ui.Choice {
	var out []ui.Choice
	act, err := rounds.WeatherTable.Action("tell")
	if err != nil {
		return nil
	}
	fd, _ := act.Form.Field("warnings")
	for _, o := range fd.Options {
		out = append(out, ui.Choice{Value: o.Value, Label: f.T("weather.warning." + o.Value)})
	}
	return out
}

func (d *Desk) weatherPage(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "weather.title")
	f.said(r)
	v, err := f.weatherView(form.Raw{"day": {f.Now.In(worktime.Zone).Format(time.DateOnly)}, "snow_cm": {strconv.Itoa(0)}}, nil)
	if err != nil {
		return err
	}
	return f.render(w, http.StatusOK, weatherPage(f, v))
}

func (d *Desk) tellWeather(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "weather.title")
	if err := r.ParseForm(); err != nil {
		return err
	}
	act, err := rounds.WeatherTable.Action("tell")
	if err != nil {
		return err
	}
	raw := rawOf(act.Form, r)
	_, err = d.s.Rounds.Tell(r.Context(), f.sc, raw, f.key(r.PostFormValue("_key"), rounds.WeatherTable.Kind, "", "tell", raw))
	if err == nil {
		return web.SeeOther(w, r, roundsPath+"/weather?done=weather")
	}
	faults, bad := errors.AsType[form.Faults](err)
	if !bad {
		return err
	}
	v, err := f.weatherView(raw, faults)
	if err != nil {
		return err
	}
	f.Faulty = true
	return f.render(w, http.StatusUnprocessableEntity, weatherPage(f, v))
}

func roundFates() []string {
	var out []string
	for _, f := range rounds.Fates() {
		out = append(out, string(f))
	}
	return out
}
