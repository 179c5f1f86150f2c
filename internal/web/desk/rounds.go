package desk

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/cases"
	"weixiao/internal/pack"
	"weixiao/internal/rounds"
	"weixiao/internal/store"
	"weixiao/internal/web/ui"
	"weixiao/internal/words"
	"weixiao/internal/worktime"
)

const roundsPath = "/desk/rounds"

// routineLine is a routine on a day: how many places it goes to, and what was found. It does not say who did how much.
type routineLine struct {
	Key, Title, Kind, Hours, When string
	MadeUp                        bool
	Turns, Found                  int
	FoundHref                     string
}

// turnLine is a turn in a list.
type turnLine struct {
	ID, Title, Where, Who, Hours string
	Excused                      bool
	Items                        []itemLine // of one's own turns only
}

// itemLine is one item of a turn with the work that filled it; none: nothing, and nothing follows from that.
type itemLine struct {
	Title string
	Fills []fillLine
}

type fillLine struct{ Text, When, Href string }

// roundsView is a day outside.
type roundsView struct {
	Day, DayText, Before, After string
	Today                       bool
	Weather                     string
	WeatherHref                 string
	Mine                        []turnLine
	Lines, Others               []routineLine
	Findings                    []foundLine
	MayFind                     bool
	Excepted                    []exceptionLine // exceptions from the rule against formalism that hold for the user
}

// dayAsked is the local day of ?day=, or today.
func (f *frame) dayAsked() time.Time {
	if d, err := time.ParseInLocation(time.DateOnly, f.r.URL.Query().Get("day"), worktime.Zone); err == nil {
		return d
	}
	n := f.Now.In(worktime.Zone)
	return time.Date(n.Year(), n.Month(), n.Day(), 0, 0, 0, 0, worktime.Zone)
}

const findingsOnDay = 12

func (d *Desk) rounds(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.rounds.title")
	day := f.dayAsked()
	v := &roundsView{Day: day.Format(time.DateOnly), DayText: words.Day(f.Lang, day), MayFind: f.is(rounds.Finders())}
	v.Before, v.After = day.AddDate(0, 0, -1).Format(time.DateOnly), day.AddDate(0, 0, 1).Format(time.DateOnly)
	v.Today = v.Day == f.Now.In(worktime.Zone).Format(time.DateOnly)
	ctx := r.Context()
	told, err := d.s.Rounds.WeatherUntil(ctx, v.After, 1)
	if err != nil {
		return err
	}
	if len(told) == 1 && told[0].Day == v.Day {
		v.Weather = f.weatherWords(told[0])
	}
	if f.is(rounds.Forecasters()) {
		v.WeatherHref = roundsPath + "/weather"
	}
	if err := f.myTurns(v); err != nil {
		return err
	}
	if v.Excepted, err = f.touching(); err != nil {
		return err
	}
	made, err := d.s.Rounds.Days(ctx, v.Day)
	if err != nil {
		return err
	}
	sums, err := d.s.Rounds.Sums(ctx, f.sc, day.UnixMicro(), day.AddDate(0, 0, 1).UnixMicro())
	if err != nil {
		return err
	}
	for _, x := range d.s.Rounds.Routines() {
		l := f.routineLine(x)
		if n, ok := made[x.Key]; ok {
			l.Turns = n
			for _, s := range sums {
				if s.Routine == x.Key {
					l.Found += s.Found()
				}
			}
			l.FoundHref = roundsPath + "/findings?routine=" + x.Key + "&from=" + v.Day + "&to=" + v.Day
			v.Lines = append(v.Lines, l)
		} else {
			v.Others = append(v.Others, l)
		}
	}
	list, err := d.s.Rounds.List(ctx, f.sc, rounds.Filter{Since: day.UnixMicro(), Until: day.AddDate(0, 0, 1).UnixMicro(), Limit: findingsOnDay})
	if err != nil {
		return err
	}
	if v.Findings, err = f.foundLines(list); err != nil {
		return err
	}
	return f.render(w, http.StatusOK, roundsPage(f, v))
}

// myTurns are the user's own turns of the day, with what filled them.
func (f *frame) myTurns(v *roundsView) error {
	list, err := f.d.s.Rounds.Turns(f.r.Context(), f.sc, rounds.TurnsFilter{Day: v.Day, Mine: true})
	if err != nil {
		return err
	}
	for _, t := range list {
		_, fills, _, err := f.d.s.Rounds.Turn(f.r.Context(), f.sc, t.ID())
		if err != nil {
			return err
		}
		l := f.turnLine(t)
		l.Items = f.itemLines(t, fills)
		v.Mine = append(v.Mine, l)
	}
	return nil
}

// routineLine is what a list says about a routine.
func (f *frame) routineLine(x pack.Routine) routineLine {
	return routineLine{Key: x.Key, Title: f.either(x.Title, x.English), Kind: f.T("routine.kind." + x.Kind), Hours: f.hours(x), When: f.whenWords(x.When), MadeUp: x.MadeUp}
}

func (f *frame) hours(x pack.Routine) string {
	if x.When.To <= x.When.From {
		return f.T("routine.hours.night", x.When.From, x.When.To)
	}
	return f.T("routine.hours", x.When.From, x.When.To)
}

// whenWords say on which days a routine falls.
func (f *frame) whenWords(w pack.RoutineWhen) string {
	var parts []string
	switch {
	case w.Days != "":
		parts = append(parts, f.T("routine.days."+w.Days))
	case len(w.Weekdays) > 0:
		var days []string
		for _, d := range w.Weekdays {
			days = append(days, f.T("routine.weekday."+d))
		}
		parts = append(parts, f.T("routine.weekly", strings.Join(days, f.T("word.and"))))
	default:
		var days []string
		for _, d := range w.Monthdays {
			days = append(days, strconv.Itoa(d))
		}
		parts = append(parts, f.T("routine.monthly", strings.Join(days, f.T("word.and"))))
	}
	if s := w.Season; s != nil {
		parts = append(parts, f.T("routine.season", f.monthDay(s.From), f.monthDay(s.To)))
	}
	if x := w.Weather; x != nil {
		var any []string
		if x.SnowCM > 0 {
			any = append(any, f.T("routine.weather.snow", x.SnowCM))
		}
		if x.TempBelow != nil {
			any = append(any, f.T("routine.weather.cold", *x.TempBelow))
		}
		for _, k := range x.Warnings {
			any = append(any, f.T("weather.warning."+k))
		}
		parts = append(parts, f.T("routine.weather", strings.Join(any, f.T("word.or"))))
	}
	return strings.Join(parts, f.T("word.separator"))
}

func (f *frame) monthDay(s string) string {
	t, err := time.Parse("01-02", s)
	if err != nil {
		return s // checked by the pack
	}
	return f.T("routine.monthday", int(t.Month()), t.Day())
}

// turnLine is a turn in a list: where, and which post or unit; no person's name.
func (f *frame) turnLine(t *rounds.Turn) turnLine {
	x, _ := f.d.s.Rounds.Routine(t.Routine)
	l := turnLine{ID: t.ID(), Title: cmp.Or(f.either(x.Title, x.English), t.Routine), Where: f.turnPlace(t, x), Who: f.unit(t.Unit), Excused: t.State == rounds.Excused}
	if p, ok := f.d.s.Posts.Board().Post(t.Post); ok {
		l.Who += f.T("word.separator") + p.TitleIn(f.Lang == words.EN)
	}
	l.Hours = f.hours(x)
	return l
}

// turnPlace is where a turn goes: a listed segment, a grid, a building, or the unit's own ground.
func (f *frame) turnPlace(t *rounds.Turn, x pack.Routine) string {
	if i := slices.IndexFunc(x.Listed, func(s pack.RoutineSpot) bool { return s.Key == t.Spot }); t.Spot != "" && i >= 0 {
		s := x.Listed[i]
		if s.Title != "" {
			return f.either(s.Title, s.English)
		}
		if spot, ok := f.d.s.Pack.Gazetteer.Spot(s.Spot); ok {
			return spot.Name + f.T("word.separator") + f.unit(t.Community)
		}
	}
	if h, ok := f.d.s.Posts.Board().Building(t.Building); ok && t.Building != "" {
		return h.Title()
	}
	return f.place(cases.Place{Street: t.Street, Community: t.Community, Grid: t.Grid})
}

func (f *frame) itemLines(t *rounds.Turn, fills []rounds.Fill) []itemLine {
	x, _ := f.d.s.Rounds.Routine(t.Routine)
	var out []itemLine
	for i, it := range x.Items {
		l := itemLine{Title: f.either(it.Title, it.English)}
		for _, fill := range fills {
			if fill.Item == i {
				l.Fills = append(l.Fills, f.fillLine(fill))
			}
		}
		out = append(out, l)
	}
	return out
}

// fillLine is a piece of work with the page of its record.
func (f *frame) fillLine(x rounds.Fill) fillLine {
	l := fillLine{Text: x.Subject, When: f.Moment(time.UnixMicro(x.At))}
	if key := "did." + x.Kind + "." + x.Action; words.Has(key) {
		l.Text = f.T(key) + " " + x.Subject
	}
	switch x.Kind {
	case cases.Table.Kind:
		l.Href = "/desk/cases/" + x.Subject
	case cases.WhistleTable.Kind:
		l.Href = "/desk/whistles/" + x.Subject
	case rounds.Table.Kind:
		l.Href = roundsPath + "/findings/" + x.Subject
	case "asset":
		l.Href = "/desk/assets/" + x.Subject
	case "visit":
		l.Href = "/desk/visits/" + x.Subject
	}
	return l
}

// routineView is what a routine is, and where it goes on a day.
type routineView struct {
	Line               routineLine
	What, Legal        string
	Facts              []ui.Pair
	Items              []routineItem
	Forbids            []string
	Day, DayText, Next string
	Turns              []turnLine
}

type routineItem struct{ Title, By string }

const turnsShown = 100

func (d *Desk) routine(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.rounds.title")
	x, ok := d.s.Rounds.Routine(r.PathValue("key"))
	if !ok {
		return store.ErrNotFound
	}
	day := f.dayAsked()
	v := &routineView{Line: f.routineLine(x), What: f.either(x.What.ZH, x.What.EN), Legal: f.either(x.Legal.ZH, x.Legal.EN), Day: day.Format(time.DateOnly), DayText: words.Day(f.Lang, day)}
	f.Title = v.Line.Title
	f.routineFacts(v, x)
	after, _ := strconv.Atoi(r.URL.Query().Get("after"))
	list, err := d.s.Rounds.Turns(r.Context(), f.sc, rounds.TurnsFilter{Day: v.Day, Routine: x.Key, After: after, Limit: turnsShown})
	if err != nil {
		return err
	}
	for _, t := range list {
		v.Turns = append(v.Turns, f.turnLine(t))
	}
	if len(list) == turnsShown && f.sc.All() {
		v.Next = withQuery(r.URL.RequestURI(), "after", strconv.Itoa(list[len(list)-1].N))
	}
	return f.render(w, http.StatusOK, routinePage(f, v))
}

func (f *frame) routineFacts(v *routineView, x pack.Routine) {
	text := func(label, value string) {
		if value != "" {
			v.Facts = append(v.Facts, ui.Pair{Label: f.T(label), Value: ui.Text(value)})
		}
	}
	var who []string
	for _, k := range x.Posts {
		if p, ok := f.d.s.Posts.Board().Kind(k); ok {
			who = append(who, f.either(p.Name, p.English))
		}
	}
	text("routine.who", strings.Join(who, f.T("word.and")))
	text("routine.where", f.T("routine.where."+x.Where))
	text("routine.when", v.Line.When)
	text("routine.window", v.Line.Hours)
	var matters []string
	for _, m := range x.Matters {
		matters = append(matters, f.d.s.MatterName(f.Lang, m))
	}
	text("routine.matters", strings.Join(matters, f.T("word.and")))
	text("routine.source", x.Source)
	for _, it := range x.Items {
		var by []string
		for _, k := range it.FilledBy {
			if words.Has("did." + k) {
				by = append(by, f.T("did."+k))
			}
		}
		v.Items = append(v.Items, routineItem{f.either(it.Title, it.English), strings.Join(by, f.T("word.and"))})
	}
	for _, k := range x.Forbids {
		v.Forbids = append(v.Forbids, f.T("routine.forbids."+k))
	}
}

// roundRoutes are the pages of what is done outside.
func (d *Desk) roundRoutes(rt *access.Router) {
	reads, finds, tells := access.Rule{Roles: rounds.Readers()}, access.Rule{Roles: rounds.Finders()}, access.Rule{Roles: rounds.Forecasters()}
	rt.Handle("GET "+roundsPath, reads, d.rounds)
	rt.Handle("GET "+roundsPath+"/routines/{key}", reads, d.routine)
	rt.Handle("GET "+roundsPath+"/turns/{id}", reads, d.turn)
	rt.Handle("GET "+roundsPath+"/turns/{id}/do/{action}", finds, d.turnDoPage)
	rt.Handle("POST "+roundsPath+"/turns/{id}/do/{action}", finds, d.turnDo)
	rt.Handle("GET "+roundsPath+"/findings", reads, d.findings)
	rt.Handle("GET "+roundsPath+"/findings/{id}", reads, d.findingPage)
	rt.Handle("GET "+roundsPath+"/findings/{id}/do/{action}", finds, d.findingDoPage)
	rt.Handle("POST "+roundsPath+"/findings/{id}/do/{action}", finds, d.findingDo)
	rt.Handle("GET "+roundsPath+"/find", finds, d.findPage)
	rt.Handle("POST "+roundsPath+"/find", finds, d.find)
	rt.Handle("GET "+roundsPath+"/review", reads, d.roundReview)
	d.weekRoutes(rt)
	rt.Handle("GET "+roundsPath+"/weather", tells, d.weatherPage)
	rt.Handle("POST "+roundsPath+"/weather", tells, d.tellWeather)
}
