package rounds_test

import (
	"errors"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"weixiao/internal/access"
	"weixiao/internal/cases"
	"weixiao/internal/cases/casestest"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/pack"
	"weixiao/internal/rounds"
	"weixiao/internal/store"
	"weixiao/internal/store/storetest"
	"weixiao/internal/worktime"
)

func (e env) tick(t *testing.T) int {
	t.Helper()
	n, err := e.r.NewPlanner(slog.New(slog.DiscardHandler)).Tick(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestFalls(t *testing.T) {
	winter, cold := &pack.RoutineSeason{From: "10-25", To: "04-10"}, -22
	day := func(s string) time.Time {
		d, err := time.ParseInLocation(time.DateOnly, s, worktime.Zone)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	for name, c := range map[string]struct {
		when    pack.RoutineWhen
		day     string
		working bool
		weather *rounds.Weather
		want    bool
	}{
		"workday":                  {pack.RoutineWhen{Days: "workdays"}, "2022-11-23", true, nil, true},
		"workday off":              {pack.RoutineWhen{Days: "workdays"}, "2022-11-23", false, nil, false},
		"made up for":              {pack.RoutineWhen{Days: "workdays"}, "2022-10-08", true, nil, true}, // a Saturday
		"day off":                  {pack.RoutineWhen{Days: "holidays"}, "2022-10-03", false, nil, true},
		"every":                    {pack.RoutineWhen{Days: "every"}, "2022-10-03", false, nil, true},
		"Wednesday":                {pack.RoutineWhen{Weekdays: []string{"mon", "wed"}}, "2022-11-23", true, nil, true},
		"Thursday":                 {pack.RoutineWhen{Weekdays: []string{"mon", "wed"}}, "2022-11-24", true, nil, false},
		"the tenth":                {pack.RoutineWhen{Monthdays: []int{10, 25}}, "2022-11-10", true, nil, true},
		"the eleventh":             {pack.RoutineWhen{Monthdays: []int{10, 25}}, "2022-11-11", true, nil, false},
		"first day of the season":  {pack.RoutineWhen{Days: "every", Season: winter}, "2022-10-25", true, nil, true},
		"last day of the season":   {pack.RoutineWhen{Days: "every", Season: winter}, "2022-04-10", true, nil, true},
		"New Year":                 {pack.RoutineWhen{Days: "every", Season: winter}, "2023-01-01", false, nil, true},
		"summer":                   {pack.RoutineWhen{Days: "every", Season: winter}, "2022-07-01", true, nil, false},
		"nobody said":              {pack.RoutineWhen{Days: "every", Weather: &pack.RoutineWeather{SnowCM: 3}}, "2022-11-23", true, nil, false},
		"little snow":              {pack.RoutineWhen{Days: "every", Weather: &pack.RoutineWeather{SnowCM: 3}}, "2022-11-23", true, &rounds.Weather{SnowCM: 2}, false},
		"enough snow":              {pack.RoutineWhen{Days: "every", Weather: &pack.RoutineWeather{SnowCM: 3}}, "2022-11-23", true, &rounds.Weather{SnowCM: 3}, true},
		"just not cold":            {pack.RoutineWhen{Days: "every", Weather: &pack.RoutineWeather{TempBelow: &cold}}, "2022-11-23", true, &rounds.Weather{Low: -22}, false},
		"cold":                     {pack.RoutineWhen{Days: "every", Weather: &pack.RoutineWeather{TempBelow: &cold}}, "2022-11-23", true, &rounds.Weather{Low: -23}, true},
		"a warning":                {pack.RoutineWhen{Days: "every", Weather: &pack.RoutineWeather{SnowCM: 3, Warnings: []string{"icing"}}}, "2022-11-23", true, &rounds.Weather{Warnings: []string{"gale", "icing"}}, true},
		"a warning on a wrong day": {pack.RoutineWhen{Days: "workdays", Weather: &pack.RoutineWeather{Warnings: []string{"icing"}}}, "2022-11-26", false, &rounds.Weather{Warnings: []string{"icing"}}, false},
	} {
		if got := rounds.Falls(pack.Routine{When: c.when}, day(c.day), c.working, c.weather); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// TestTurnIDs: a name can be read back.
func TestTurnIDs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := rounds.Turn{Routine: rapid.StringMatching(`[a-z][a-z0-9_]{1,10}`).Draw(t, "routine"), Day: "2022-11-23", N: rapid.IntRange(1, 20000).Draw(t, "n")}
		routine, day, n, ok := rounds.ParseTurn(want.ID())
		if !ok || routine != want.Routine || day != want.Day || n != want.N {
			t.Fatalf("%s: %s %s %d", want.ID(), routine, day, n)
		}
	})
	for _, bad := range []string{"", "a", "a.b.c", "a.20221323.1", "a.20221123.0", "a.20221123.x", "a.20221123.1.2"} {
		if _, _, _, ok := rounds.ParseTurn(bad); ok {
			t.Errorf("%q was taken for the name of a turn", bad)
		}
	}
}

// TestTurnsOfADay: a turn for each grid worker on a working day, once; who may see them.
func TestTurnsOfADay(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		n := e.tick(t)
		made, err := e.r.Days(t.Context(), "2022-11-23")
		if err != nil || made["daily_five"] != len(e.Pack.Directory.AllGrids()) || made["morning"] != 11 || made["posting"] != 11 || made["night_duty"] != 10 || made["holiday_duty"] != 0 || made["snow_watch"] != 0 {
			t.Fatalf("%v %v", made, err)
		}
		sum := 0
		for _, k := range made {
			sum += k
		}
		if sum != n || e.tick(t) != 0 {
			t.Errorf("%d turns made, %d there, or made again", n, sum)
		}
		for _, c := range []struct {
			sc   access.Scope
			f    rounds.TurnsFilter
			want int
		}{
			{e.Scope("", access.Supervisor), rounds.TurnsFilter{Day: "2022-11-23", Routine: "daily_five", Limit: 1000}, made["daily_five"]},
			{e.Scope("", access.Supervisor), rounds.TurnsFilter{Day: "2022-11-23", Routine: "daily_five", Limit: 10, After: 5}, 10},
			{e.Scope(community, access.Grid), rounds.TurnsFilter{Day: "2022-11-23", Mine: true}, 1},
			{e.Scope(community, access.Community), rounds.TurnsFilter{Day: "2022-11-23", Routine: "daily_five"}, len(e.Pack.Directory.Grids(community))},
			{e.Scope(casestest.Street, access.StreetLead), rounds.TurnsFilter{Day: "2022-11-23", Routine: "night_duty"}, 1},
			{e.Scope("housing", access.DeptLead), rounds.TurnsFilter{Day: "2022-11-23"}, 1},
			{e.Scope(community, access.Grid), rounds.TurnsFilter{Day: "2022-11-24", Mine: true}, 0},
		} {
			list, err := e.r.Turns(t.Context(), c.sc, c.f)
			if err != nil || len(list) != c.want {
				t.Errorf("%v %+v: %d, want %d, %v", c.sc.Roles(), c.f, len(list), c.want, err)
			}
		}
		e.Pass(3 * 24 * time.Hour) // Saturday
		e.tick(t)
		made, err = e.r.Days(t.Context(), "2022-11-26")
		if err != nil || made["daily_five"] != 0 || made["holiday_duty"] != 10 {
			t.Errorf("Saturday: %v %v", made, err)
		}
		e.verified(t)
	})
}

// TestTurnsOnce: two nodes that make the same day at the same time make it once.
func TestTurnsOnce(t *testing.T) {
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			dsn, schemas := storetest.DSN(t, engine), append(casestest.Schemas(), rounds.Schema)
			a := storetest.OpenDSN(t, dsn, schemas)
			b := a
			if engine == "postgres" {
				b = storetest.OpenDSN(t, dsn, schemas)
			}
			e := newEnv(t, a)
			other := rounds.New(b, options(e.Env))
			if _, err := e.r.Find(t.Context(), e.Scope(community, access.Grid), rounds.Finding{Words: "杂物", Place: here, Settled: true, Fix: "清走"}); err != nil {
				t.Fatal(err)
			}
			var wg sync.WaitGroup
			made := make([]int, 6)
			for i := range made {
				wg.Go(func() {
					r := e.r
					if i%2 == 1 {
						r = other
					}
					n, err := r.NewPlanner(slog.New(slog.DiscardHandler)).Tick(t.Context())
					if err != nil {
						t.Error(err)
					}
					made[i] = n
				})
			}
			wg.Wait()
			sum := 0
			for _, n := range made {
				sum += n
			}
			if n := e.count(t, `SELECT count(*) FROM turns WHERE district = $1`, e.Pack.District); int(n) != sum || sum == 0 {
				t.Errorf("%d rows, %v made", n, made)
			}
			if n := e.count(t, `SELECT count(*) FROM acts WHERE district = $1 AND kind = 'turns'`, e.Pack.District); n != 4 {
				t.Errorf("%d acts made turns of four routines", n)
			}
			e.follow(t)
			e.verified(t)
		})
	}
}

// TestFilledByWork: what somebody really did stands in the turn; the rest stays empty, and nobody can tick it.
func TestFilledByWork(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		grid := e.Scope(community, access.Grid)
		e.tick(t)
		before, err := e.r.Find(t.Context(), grid, rounds.Finding{Words: "杂物", Place: here, Settled: true, Fix: "清走"})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := e.r.Find(t.Context(), e.Scope(community, access.Community), rounds.Finding{Words: "别人的发现", Place: here, Settled: true, Fix: "清走"}); err != nil {
			t.Fatal(err)
		}
		e.follow(t)
		list, err := e.r.Turns(t.Context(), grid, rounds.TurnsFilter{Day: "2022-11-23", Mine: true})
		if err != nil || len(list) != 1 || !list[0].Has(0) || list[0].Has(1) || list[0].Stands(5) != rounds.Planned {
			t.Fatalf("%+v %v", list, err)
		}
		_, fills, _, err := e.r.Turn(t.Context(), grid, list[0].ID())
		if err != nil || len(fills) != 1 || fills[0].Subject != before.ID || fills[0].Kind != "finding" {
			t.Errorf("%+v %v", fills, err)
		}
		if _, _, _, err := e.r.Turn(t.Context(), e.Scope(casestest.OtherStreet, access.Street), list[0].ID()); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("another street reads it: %v", err)
		}
		for _, a := range rounds.TurnTable.Actions {
			for _, f := range a.Form.Fields {
				if f.Name != "reason" {
					t.Errorf("%s asks for %s", a.Name, f.Name)
				}
			}
		}
		e.Pass(24 * time.Hour) // the next day's work is not this day's
		if _, err := e.r.Find(t.Context(), grid, rounds.Finding{Words: "第二天", Place: here, Settled: true, Fix: "清走"}); err != nil {
			t.Fatal(err)
		}
		e.follow(t)
		if _, fills, _, _ = e.r.Turn(t.Context(), grid, list[0].ID()); len(fills) != 1 {
			t.Errorf("the day after: %+v", fills)
		}
		e.verified(t)
	})
}

// TestCalledByWeather: turns come with the weather, once, and have the work that was done before it was told.
func TestCalledByWeather(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		e.tick(t)
		secretary := e.Scope(community, access.Community)
		if _, err := e.r.Find(t.Context(), secretary, rounds.Finding{Words: "门前结冰", Place: here}); err != nil {
			t.Fatal(err)
		}
		duty := e.Scope("duty", access.Duty)
		said := form.Raw{"day": {"2022-11-23"}, "low": {"-12"}, "high": {"-3"}, "snow_cm": {"2"}, "source": {"区气象台"}}
		if _, err := e.r.Tell(t.Context(), duty, said, store.Key{}); err != nil {
			t.Fatal(err)
		}
		if n := e.count(t, `SELECT count(*) FROM turns WHERE district = $1 AND routine = 'snow_watch'`, e.Pack.District); n != 0 {
			t.Errorf("%d turns for two centimetres of snow", n)
		}
		said["snow_cm"] = []string{"8"}
		w, err := e.r.Tell(t.Context(), duty, said, store.Key{})
		if err != nil || w.Version != 2 {
			t.Fatalf("%+v %v", w, err)
		}
		e.tick(t)
		if n := e.count(t, `SELECT count(*) FROM turns WHERE district = $1 AND routine = 'snow_watch'`, e.Pack.District); n != 91 {
			t.Errorf("%d turns of the snow watch", n)
		}
		e.follow(t)
		list, err := e.r.Turns(t.Context(), secretary, rounds.TurnsFilter{Day: "2022-11-23", Routine: "snow_watch"})
		if err != nil || len(list) != 1 || !list[0].Has(0) {
			t.Errorf("the work before the snow was told is not there: %+v %v", list, err)
		}
		for name, bad := range map[string]form.Raw{
			"long ago":  {"day": {"2022-11-01"}, "low": {"-12"}, "high": {"-3"}, "source": {"x"}},
			"far ahead": {"day": {"2022-12-23"}, "low": {"-12"}, "high": {"-3"}, "source": {"x"}},
			"reversed":  {"day": {"2022-11-23"}, "low": {"3"}, "high": {"-3"}, "source": {"x"}},
			"no source": {"day": {"2022-11-23"}, "low": {"-12"}, "high": {"-3"}},
			"a warning": {"day": {"2022-11-23"}, "low": {"-12"}, "high": {"-3"}, "warnings": {"meteor"}, "source": {"x"}},
		} {
			if _, ok := errors.AsType[form.Faults](second(e.r.Tell(t.Context(), duty, bad, store.Key{}))); !ok {
				t.Errorf("%s was taken", name)
			}
		}
		if _, err := e.r.Tell(t.Context(), e.Scope(community, access.Grid), said, store.Key{}); !errors.Is(err, flow.ErrForbidden) {
			t.Errorf("a grid worker told the weather: %v", err)
		}
		e.verified(t)
	})
}

// TestFindingOnATurn: a finding that names a turn fills it, whoever made it.
func TestFindingOnATurn(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		e.tick(t)
		dept := e.Scope("urban", access.Department)
		list, err := e.r.Turns(t.Context(), dept, rounds.TurnsFilter{Day: "2022-11-23", Routine: "morning"})
		if err != nil || len(list) == 0 {
			t.Fatalf("%v %v", list, err)
		}
		id := list[0].ID()
		got, err := e.r.Find(t.Context(), e.Scope("leaders", access.Leader), rounds.Finding{Turn: id, Words: "路灯不亮", Place: here})
		if err != nil {
			t.Fatal(err)
		}
		e.follow(t)
		turn, _, _, err := e.r.Turn(t.Context(), dept, id)
		if err != nil || !turn.Has(0) {
			t.Errorf("%+v %v", turn, err)
		}
		rec, _, err := e.r.Get(t.Context(), e.Scope("", access.Supervisor), got.ID)
		if err != nil || rec.Routine != "morning" {
			t.Errorf("%+v %v", rec, err)
		}
		e.verified(t)
	})
}

func TestExcuse(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		e.tick(t)
		grid := e.Scope(community, access.Grid)
		list, err := e.r.Turns(t.Context(), grid, rounds.TurnsFilter{Day: "2022-11-23", Mine: true})
		if err != nil || len(list) != 1 {
			t.Fatal(err)
		}
		id := list[0].ID()
		do := func(sc access.Scope, action string, raw form.Raw) error {
			return e.r.ActTurn(t.Context(), sc, id, action, rounds.Input{Raw: raw})
		}
		if err := do(grid, "excuse", nil); err == nil {
			t.Error("excused without a reason")
		}
		if err := do(grid, "fill", nil); !errors.Is(err, flow.ErrForbidden) {
			t.Errorf("somebody ticked a turn: %v", err)
		}
		if err := do(e.Scope("", access.Operator), "excuse", form.Raw{"reason": {"x"}}); !errors.Is(err, flow.ErrForbidden) {
			t.Errorf("an operator excused somebody: %v", err)
		}
		if err := do(grid, "excuse", form.Raw{"reason": {"培训一天"}}); err != nil {
			t.Fatal(err)
		}
		if err := do(e.Scope(casestest.Street, access.StreetLead), "resume", nil); err != nil {
			t.Fatal(err)
		}
		if err := do(e.Scope(casestest.Street, access.StreetLead), "excuse", form.Raw{"reason": {"抽调清雪"}}); err != nil {
			t.Fatal(err)
		}
		turn, _, acts, err := e.r.Turn(t.Context(), grid, id)
		if err != nil || turn.State != rounds.Excused || len(acts) != 3 {
			t.Errorf("%+v %d %v", turn, len(acts), err)
		}
		e.verified(t)
	})
}

// TestOutcome: the end of the case is the outcome of the finding, and its reopening takes it back.
func TestOutcome(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		grid, desk, street := e.Scope(community, access.Grid), e.Scope("", access.Dispatcher), e.Scope(casestest.Street, access.Street)
		got, err := e.r.Find(t.Context(), grid, rounds.Finding{Words: "楼道堆杂物", Place: here})
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range []struct {
			sc     access.Scope
			action string
			raw    form.Raw
		}{
			{desk, "dispatch", form.Raw{"unit": {casestest.Street}, "profile": {"L3"}}}, {street, "sign", nil}, {street, "contact", form.Raw{"how": {"visit"}}},
			{street, "reply", form.Raw{"result": {"solved"}, "reply": {"已清走"}}},
			{e.Scope("", access.Callback), "call_back", form.Raw{"reached": {"true"}, "contacted": {"true"}, "solved": {"solved"}, "satisfied": {"satisfied"}}},
		} {
			e.Pass(time.Minute)
			if _, err := e.Cases.Act(t.Context(), s.sc, got.Case, s.action, cases.Input{Raw: s.raw}); err != nil {
				t.Fatalf("%s: %v", s.action, err)
			}
		}
		e.follow(t)
		state := func() (s, solved string) {
			t.Helper()
			if err := e.DB.Read(t.Context(), func(tx *store.Tx) error {
				return tx.Row(`SELECT state, solved FROM finding_cases WHERE district = $1 AND finding = $2`, []any{e.Pack.District, got.ID}, &s, &solved)
			}); err != nil {
				t.Fatal(err)
			}
			return s, solved
		}
		if s, solved := state(); s != cases.Closed || solved != "solved" {
			t.Errorf("outcome %s %s", s, solved)
		}
		e.verified(t)
		if _, err := e.Cases.Act(t.Context(), e.Scope("", access.Callback), got.Case, "redo", cases.Input{Raw: form.Raw{"reason": {"又堆上了"}}}); err != nil {
			t.Fatal(err)
		}
		e.follow(t)
		if s, solved := state(); s != "" || solved != "" {
			t.Errorf("after it was opened again: %q %q", s, solved)
		}
		e.verified(t)
	})
}

// TestVerifyFinds: a row that was changed behind the journal is named.
func TestVerifyFinds(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		e.tick(t)
		if _, err := e.r.Find(t.Context(), e.Scope(community, access.Grid), rounds.Finding{Words: "杂物", Place: here, Settled: true, Fix: "清走"}); err != nil {
			t.Fatal(err)
		}
		e.follow(t)
		e.verified(t)
		for _, sql := range []string{
			`UPDATE findings SET words = 'x' WHERE district = $1`, `UPDATE turns SET filled = 31 WHERE district = $1 AND routine = 'daily_five' AND n = 2`,
			`DELETE FROM turn_fills WHERE district = $1`, `UPDATE turns SET state = 'excused' WHERE district = $1 AND routine = 'posting' AND n = 1`,
			`DELETE FROM turn_days WHERE district = $1 AND routine = 'morning'`,
		} {
			broken := errors.New("undo")
			err := e.DB.Write(t.Context(), func(tx *store.Tx) error {
				if err := tx.Exec(sql, e.Pack.District); err != nil {
					return err
				}
				if err := e.checkIn(t, tx); err == nil {
					t.Errorf("%s: not found", sql)
				}
				return broken
			})
			if !errors.Is(err, broken) {
				t.Fatal(err)
			}
		}
	})
}

func TestTurnTables(t *testing.T) {
	for _, tb := range []*flow.Table{&rounds.TurnTable, &rounds.WeatherTable} {
		if bad := tb.Check(); len(bad) > 0 {
			t.Error(tb.Kind, bad)
		}
	}
	if !slices.Contains(pack.Forbidden(), "check_in") {
		t.Error("check-in is not forbidden")
	}
}
