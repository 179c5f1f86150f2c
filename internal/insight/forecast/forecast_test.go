package forecast_test

import (
	"fmt"
	"log/slog"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"weixiao/internal/access"
	"weixiao/internal/cases"
	"weixiao/internal/cases/casestest"
	"weixiao/internal/form"
	"weixiao/internal/insight/forecast"
	"weixiao/internal/journal"
	"weixiao/internal/rounds"
	"weixiao/internal/store"
	"weixiao/internal/store/storetest"
	"weixiao/internal/worktime"
)

func TestMain(m *testing.M) { storetest.Main(m) }

const (
	community = "220605001001"
	lamp      = "001" // a matter of the pack
)

type env struct {
	*casestest.Env
	f *forecast.Forecasts
}

func each(t *testing.T, fn func(t *testing.T, e env)) {
	storetest.Each(t, append(casestest.Schemas(), rounds.Schema, forecast.Schema), func(t *testing.T, db *store.DB) {
		e := casestest.New(t, db)
		fn(t, env{e, forecast.New(db, e.Pack.District)})
	})
}

// sent is a case that came in at a moment and was sent to the street.
func (e env) sent(t testing.TB, at time.Time, channel string) string {
	t.Helper()
	var n string
	err := e.Cases.Batch(t.Context(), func(b *cases.Batch) error {
		r, err := b.Report(e.Scope("", access.Operator), cases.Report{Channel: channel, Body: "路灯不亮", Matter: lamp, Place: cases.Place{Street: casestest.Street, Community: community}, At: at})
		if err != nil {
			return err
		}
		n = r.Number
		_, err = b.Act(e.Scope("", access.Dispatcher), n, "dispatch", cases.Input{Raw: form.Raw{"unit": {casestest.Street}}, At: at.Add(time.Minute)})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func (e env) follow(t testing.TB) {
	t.Helper()
	if err := journal.NewRunner(e.DB, e.Pack.District, slog.New(slog.DiscardHandler), e.f.Follower()).CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	c := e.f.Check()
	if _, err := journal.Verify(t.Context(), e.DB, e.Pack.District, c.Fold); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Finish(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestAhead: what the grid saw before anybody complained counts as found ahead,
// complaints about it join it; a complaint first is not ahead, however soon the grid
// comes; and each figure opens to its reports.
func TestAhead(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		day := func(d int) time.Time { return time.Date(2022, 3, d, 9, 0, 0, 0, worktime.Zone) }
		first := e.sent(t, day(1), "grid")
		second := e.sent(t, day(3), "hotline")
		e.sent(t, day(20), "hotline")
		e.sent(t, day(21), "grid")
		e.follow(t)
		e.follow(t) // nothing is counted twice
		o, err := e.f.Outlook(t.Context(), time.Date(2022, 4, 10, 9, 0, 0, 0, worktime.Zone), forecast.Where{})
		if err != nil {
			t.Fatal(err)
		}
		if len(o.Months) != 1 || o.Months[0] != (forecast.Month{Month: "2022-03", Reports: 4, Early: 2, Problems: 2, Ahead: 1}) || o.Months[0].Share() != 0.5 {
			t.Errorf("months %+v", o.Months)
		}
		if len(o.Places) != 1 || o.Places[0].Community != community || o.Places[0].Ahead != 1 {
			t.Errorf("places %+v", o.Places)
		}
		list, err := e.f.Behind(t.Context(), "2022-03", community, lamp, 0, 0)
		if err != nil || len(list) != 4 || list[0].Number != first || !list[0].First() || list[1].Number != second || list[1].Problem != first || !list[0].Early {
			t.Errorf("behind: %+v, %v", list, err)
		}
		if rest, err := e.f.Behind(t.Context(), "2022-03", community, "", list[2].Seq, 0); err != nil || len(rest) != 1 || rest[0].Number != list[3].Number {
			t.Errorf("next page: %+v, %v", rest, err)
		}
		if other, err := e.f.Outlook(t.Context(), day(30), forecast.Where{Street: casestest.OtherStreet}); err != nil || len(other.Months) != 0 {
			t.Errorf("another street: %+v, %v", other, err)
		}
	})
}

// TestSeason: a winter matter is expected in winter, and the guess for the last
// month is judged against what came.
func TestSeason(t *testing.T) {
	e := env{casestest.New(t, storetest.Open(t, "sqlite", append(casestest.Schemas(), rounds.Schema, forecast.Schema))), nil}
	e.f = forecast.New(e.DB, e.Pack.District)
	for m := range 12 {
		n := 2
		if m < 2 || m == 11 {
			n = 9
		}
		for i := range n {
			e.sent(t, time.Date(2022, time.Month(m+1), 1+i*3, 9, 0, 0, 0, worktime.Zone), "hotline")
		}
	}
	e.follow(t)
	at := func(month int) float64 {
		o, err := e.f.Outlook(t.Context(), time.Date(2022, time.Month(month), 28, 9, 0, 0, 0, worktime.Zone), forecast.Where{})
		if err != nil {
			t.Fatal(err)
		}
		if len(o.List) == 0 {
			return 0
		}
		return o.List[0].Reports
	}
	winter, summer := at(12), at(6)
	if winter < 1.5*summer {
		t.Errorf("January %.1f, July %.1f", winter, summer)
	}
	o, err := e.f.Outlook(t.Context(), time.Date(2022, 12, 30, 9, 0, 0, 0, worktime.Zone), forecast.Where{})
	if err != nil || o.For != "2023-01" || o.Tried != "2022-11" || o.HitsOf != 1 || o.HitsGot != 1 || o.List[0].YearAgo != 9 {
		t.Errorf("outlook %+v, %v", o, err)
	}
}

// TestJoinsAreStable: whatever comes in which order, the tables are what the acts
// say, problems lie within the window, and the counts add up.
func TestJoinsAreStable(t *testing.T) {
	e := env{casestest.New(t, storetest.Open(t, "sqlite", append(casestest.Schemas(), rounds.Schema, forecast.Schema))), nil}
	e.f = forecast.New(e.DB, e.Pack.District)
	month := 0
	rapid.Check(t, func(rt *rapid.T) {
		if month++; month > 30 {
			return // enough of them
		}
		from := time.Date(2019, time.Month(month), 1, 9, 0, 0, 0, worktime.Zone)
		var at []time.Time
		for range rapid.IntRange(1, 6).Draw(rt, "n") {
			at = append(at, from.Add(time.Duration(rapid.IntRange(0, 27*24).Draw(rt, "hour"))*time.Hour))
		}
		slices.SortFunc(at, time.Time.Compare)
		for _, x := range at {
			e.sent(t, x, rapid.SampledFrom([]string{"grid", "hotline", "portal"}).Draw(rt, "channel"))
		}
		e.follow(t)
		list, err := e.f.Behind(t.Context(), from.Format("2006-01"), community, lamp, 0, 0)
		if err != nil || len(list) < len(at) {
			rt.Fatalf("%d of %d, %v", len(list), len(at), err)
		}
		begins := map[string]int64{}
		for _, r := range list {
			if r.First() {
				begins[r.Problem] = r.At
			}
		}
		for i, r := range list {
			if i > 0 && !r.First() && r.At-list[i-1].At > forecast.Window.Microseconds() {
				rt.Error(fmt.Sprintf("%s joined over a gap", r.Number))
			}
		}
	})
}
