package simulate

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/cases"
	"weixiao/internal/form"
	"weixiao/internal/rounds"
	"weixiao/internal/store"
)

// settledAYear is how many findings are settled on the spot in a year at scale 1; about as many become cases, the reports
// of grid workers.
const settledAYear = 1250

// turnDays is for how many of the last days the year has turns.
const turnDays = 7

// outing is a finding that was settled on the spot, and what happens to it.
type outing struct {
	f  rounds.Finding
	id string // once it was taken in
}

// trifle is something that can be settled on the spot.
type trifle struct{ season, matter, words, fix string }

func readTrifles() ([]trifle, error) {
	data, err := files.ReadFile("texts/findings.txt")
	if err != nil {
		return nil, err
	}
	var out []trifle
	for line := range strings.Lines(string(data)) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		p := strings.Split(line, "|")
		if len(p) != 4 {
			return nil, fmt.Errorf("findings.txt: %q has not four parts", line)
		}
		out = append(out, trifle{p[0], p[1], p[2], p[3]})
	}
	return out, nil
}

// outdoors plans what is found and settled on a day, and the turns and the weather of the last ones. Its chances are its
// own, so that the rest of the year is the same with and without it.
func (y *year) outdoors(d int) {
	if y.w.Rounds == nil {
		return
	}
	date := Begin.AddDate(0, 0, d)
	r := rand.New(rand.NewPCG(y.o.Seed, 0x6f757464<<16+uint64(d)))
	mean := settledAYear * y.o.Scale / float64(y.days) * 1.15
	if wd := date.Weekday(); wd == time.Saturday || wd == time.Sunday {
		mean *= 0.4
	}
	for range poisson(r, mean) {
		if at := moment(r, date, &gridHours); at.Before(Present) {
			y.settle(r, at)
		}
	}
	if d >= y.days-turnDays {
		y.push(&event{at: date.Add(40 * time.Second), action: "turns"})
		low := -9 - r.IntN(14)
		raw := form.Raw{"day": {date.Format(time.DateOnly)}, "low": {fmt.Sprint(low)}, "high": {fmt.Sprint(low + 8 + r.IntN(5))}, "snow_cm": {"0"}, "source": {"区气象台（虚构）"}}
		if d == y.days-3 {
			raw["snow_cm"], raw["warnings"] = []string{"6"}, []string{"icing"}
		}
		if who, ok := y.staff.one(r, y.centre, access.Dispatcher); ok {
			y.push(&event{at: date.Add(5*time.Hour + 50*time.Minute), action: "weather", who: who, raw: raw})
		}
	}
}

// settle plans one finding, the second look at some, and what follows from it.
func (y *year) settle(r *rand.Rand, at time.Time) {
	s := y.sites[newChooser(y.outside).draw(r)]
	season := "winter"
	if m := at.Month(); m >= time.April && m <= time.October {
		season = "summer"
	}
	var t trifle
	for t = pick(r, y.trifles); t.season != "all" && t.season != season; t = pick(r, y.trifles) {
	}
	who, ok := y.staff.one(r, s.unit.ID, access.Grid, access.Community)
	if !ok || chance(r, 0.2) {
		if who, ok = y.staff.one(r, s.unit.ID, access.Community); !ok {
			return
		}
	}
	named := s.unit.Short
	if len(s.estates) > 0 && !s.village {
		named = pick(r, s.estates)
	}
	p := s.place(r, named, grid)
	o := &outing{f: rounds.Finding{Matter: t.matter, Words: strings.ReplaceAll(t.words, "{where}", named), Settled: true, Fix: t.fix, MadeUp: true, At: at, Seen: at.Add(-mins(r, 1, 9)),
		Place: rounds.Place{Text: p.Text, Lon: p.Lon, Lat: p.Lat, Located: p.Located, Street: p.Street, Community: p.Community, Grid: p.Grid}}}
	o.f.Turn = y.turnOf(who, at)
	y.push(&event{at: at, out: o, action: "find", who: who})
	looker, ok := y.staff.one(r, s.street.ID, access.Street, access.StreetLead)
	if !ok || !chance(r, 0.16) {
		return
	}
	again := y.office.add(at, mins(r, 300, 2500))
	if !again.Before(Present) {
		return
	}
	if chance(r, 0.9) {
		y.push(&event{at: again, out: o, action: "recheck", who: looker, raw: raw("fixed", "yes")})
		return
	}
	y.push(&event{at: again, out: o, action: "recheck", who: looker, raw: raw("fixed", "no", "note", "又是老样子")})
	if fixed := y.office.add(again, mins(r, 60, 600)); fixed.Before(Present) && chance(r, 0.7) {
		y.push(&event{at: fixed, out: o, action: "fix", who: who, raw: raw("fix", "再次处理，并和住户约好不再放")})
	}
}

// turnOf is the turn of the five daily ones on which a grid worker found something; "" on days off and before the last
// days, which have none.
func (y *year) turnOf(who access.Scope, at time.Time) string {
	if _, ok := y.w.Rounds.Routine("daily_five"); !ok || !who.Can(access.Grid) || at.Before(Begin.AddDate(0, 0, y.days-turnDays)) ||
		!y.w.Cases.District().Calendar.Now().Main().DayOf(at).Working {
		return ""
	}
	for i, g := range y.w.Pack.Directory.AllGrids() {
		if post := y.staff.post[who.Account()]; g.Post == post && post != "" {
			return fmt.Sprintf("daily_five.%s.%d", at.Format("20060102"), i+1)
		}
	}
	return ""
}

// applyOutside does an event of a round.
func (y *year) applyOutside(b *cases.Batch, e *event, st *Stats) error {
	err := b.In(func(tx *store.Tx) error {
		switch {
		case e.action == "turns":
			n, err := y.w.Rounds.GenerateIn(tx, e.at, e.at)
			st.Turns += n
			return err
		case e.action == "weather":
			if _, err := y.w.Rounds.TellIn(tx, e.who, e.raw, store.Key{}, e.at); err != nil {
				return err
			}
			n, err := y.w.Rounds.GenerateIn(tx, e.at, e.at)
			st.Turns += n
			return err
		case e.action == "find":
			got, err := y.w.Rounds.FindIn(tx, e.who, e.out.f, nil)
			e.out.id = got.ID
			return err
		}
		return y.w.Rounds.ActIn(tx, e.who, e.out.id, e.action, rounds.Input{Raw: e.raw, At: e.at})
	})
	if err == nil && e.action == "find" {
		st.Findings++
	}
	return err
}

// found takes in a grid worker's report as a finding that becomes the case.
func (y *year) found(b *cases.Batch, e *event) (got cases.Receipt, err error) {
	rep := e.report
	f := rounds.Finding{Matter: rep.Matter, Words: rep.Body, MadeUp: true, At: e.at, Seen: e.at, Turn: y.turnOf(e.who, e.at),
		Place: rounds.Place{Text: rep.Place.Text, Lon: rep.Place.Lon, Lat: rep.Place.Lat, Located: rep.Place.Located, Street: rep.Place.Street, Community: rep.Place.Community, Grid: rep.Place.Grid}}
	err = b.In(func(tx *store.Tx) error {
		_, err := y.w.Rounds.FindIn(tx, e.who, f, func(tx *store.Tx, sc access.Scope, at time.Time) (_ string, err error) {
			got, err = y.w.Cases.TakeIn(tx, sc, e.ready, at)
			return got.Number, err
		})
		return err
	})
	return got, err
}
