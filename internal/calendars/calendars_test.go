package calendars_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/calendars"
	"weixiao/internal/flow"
	"weixiao/internal/journal"
	"weixiao/internal/store"
	"weixiao/internal/store/storetest"
	"weixiao/internal/worktime"
)

func TestMain(m *testing.M) { storetest.Main(m) }

const district = "220605"

var now = time.Date(2026, 11, 23, 10, 0, 0, 0, worktime.Zone)

var schemas = []store.Schema{journal.Schema, calendars.Schema}

// book is a district with an office, a hall that is open on Sundays, and a unit
// that never closes. edit changes the pack's office calendar.
func book(t testing.TB, edit func(*worktime.Spec)) *calendars.Book {
	t.Helper()
	office, hall := worktime.ChinaSpec(), worktime.ChinaSpec()
	hall.Workweek = []string{"tue", "wed", "thu", "fri", "sat", "sun"}
	if edit != nil {
		edit(&office)
	}
	base := map[string]*worktime.Calendar{}
	for name, spec := range map[string]worktime.Spec{"office": office, "hall": hall, "always": {RoundTheClock: true}} {
		c, err := worktime.New(spec)
		if err != nil {
			t.Fatal(err)
		}
		base[name] = c
	}
	return calendars.New(district, "pack", "office", base, func(unit string) string {
		return map[string]string{"water": "always", "hall": "hall", "bureau": "office"}[unit]
	})
}

func system() access.Scope { return access.SystemScope(district, "tests") }

func notice(extra ...string) *worktime.Notice {
	n := &worktime.Notice{Year: 2027}
	for _, d := range append([]string{"2027-01-01", "2027-05-01", "2027-10-01"}, extra...) {
		n.Days = append(n.Days, worktime.Exception{Date: d, Name: "节日", Off: true})
	}
	return n
}

func load(db *store.DB, b *calendars.Book, sc access.Scope, ch calendars.Change) (names []string, err error) {
	err = db.Write(context.Background(), func(tx *store.Tx) error {
		names, err = b.Load(tx, sc, ch, now)
		return err
	})
	return names, err
}

func adopt(t *testing.T, db *store.DB, b *calendars.Book) {
	t.Helper()
	if err := db.Write(t.Context(), func(tx *store.Tx) error { return b.Adopt(tx, now) }); err != nil {
		t.Fatal(err)
	}
}

func in(t *testing.T, db *store.DB, b *calendars.Book) *calendars.Set {
	t.Helper()
	s, err := store.Get(t.Context(), db, b.In)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func verify(t *testing.T, db *store.DB, b *calendars.Book) {
	t.Helper()
	r, err := b.NewReplayer(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := journal.Verify(t.Context(), db, district, r.Fold); err != nil {
		t.Error(err)
	}
	if err := r.Finish(); err != nil {
		t.Error(err)
	}
}

func TestUnitsAndNames(t *testing.T) {
	s := book(t, nil).Now()
	if got := s.Names(); !slices.Equal(got, []string{"office", "always", "hall"}) {
		t.Errorf("names %v", got)
	}
	for unit, want := range map[string]string{"water": "always", "hall": "hall", "bureau": "", "nobody": ""} {
		if got := s.Name(unit); got != want || s.Of(unit) == nil {
			t.Errorf("%s has calendar %q, want %q", unit, got, want)
		}
	}
	if _, err := s.Current("none"); err == nil {
		t.Error("a calendar that does not exist")
	}
}

// TestLoad: a notice makes new versions of every calendar with office hours, old
// ones stay, other nodes see it at once, and the same again changes nothing.
func TestLoad(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		b, other := book(t, nil), book(t, nil)
		adopt(t, db, b)
		before := in(t, db, b)
		old := before.Main().Version()
		if names, err := load(db, b, system(), calendars.Change{Notice: notice("2027-02-08"), Reason: "国务院通知"}); err != nil || !slices.Equal(names, []string{"office", "hall"}) {
			t.Fatalf("%v, %v", names, err)
		}
		s := in(t, db, other)
		if v := s.Main().Version(); v == old || v != b.Now().Main().Version() || s.Main().DayOf(time.Date(2027, 2, 8, 12, 0, 0, 0, worktime.Zone)).Working {
			t.Errorf("the other node has %s, before %s", v, old)
		}
		if c, ok := s.Version(old); !ok || c.Version() != old {
			t.Error("the old version is gone")
		}
		if h := s.History(""); len(h) != 2 || h[0].Action != calendars.LoadNotice || h[1].Action != calendars.Adopt {
			t.Errorf("history %+v", h)
		}
		if names, err := load(db, other, system(), calendars.Change{Notice: notice("2027-02-08")}); err != nil || len(names) != 0 {
			t.Errorf("the same again: %v, %v", names, err)
		}
		if _, err := load(db, other, system(), calendars.Change{Notice: notice("2027-02-09")}); err == nil || !strings.Contains(worktime.Chinese(err), "替换") {
			t.Errorf("other days of a known year: %v", err)
		}
		if names, err := load(db, other, system(), calendars.Change{Notice: notice("2027-02-09"), Replace: true}); err != nil || len(names) != 2 {
			t.Errorf("replaced: %v, %v", names, err)
		}
		verify(t, db, b)
	})
}

// TestLocalDays: days of the place overrule the notice, for one calendar or all,
// and can be taken back.
func TestLocalDays(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		b := book(t, nil)
		adopt(t, db, b)
		day := time.Date(2026, 12, 9, 12, 0, 0, 0, worktime.Zone)
		local := []worktime.Exception{{Date: "2026-12-09", Name: "开江节", Off: true}}
		old := b.Now().Main().Version()
		if names, err := load(db, b, system(), calendars.Change{Local: local, Calendar: "office"}); err != nil || !slices.Equal(names, []string{"office"}) {
			t.Fatalf("%v, %v", names, err)
		}
		s := in(t, db, b)
		if s.Main().DayOf(day).Working || !s.Of("hall").DayOf(day).Working {
			t.Error("the day is off in the office alone")
		}
		if names, err := load(db, b, system(), calendars.Change{Usual: []string{"2026-12-09"}}); err != nil || !slices.Equal(names, []string{"office"}) {
			t.Fatalf("%v, %v", names, err)
		}
		if v := in(t, db, b).Main().Version(); v != old {
			t.Errorf("taken back, the calendar is %s and was %s", v, old)
		}
		verify(t, db, b)
	})
}

// TestPackChanges: an edited pack or a newer program keeps what was loaded, and the
// versions before.
func TestPackChanges(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		b := book(t, nil)
		adopt(t, db, b)
		if _, err := load(db, b, system(), calendars.Change{Notice: notice("2027-02-08")}); err != nil {
			t.Fatal(err)
		}
		loaded := b.Now()
		adopt(t, db, b) // nothing to do
		if in(t, db, b).Seq() != loaded.Seq() {
			t.Error("the same pack was adopted twice")
		}
		edited := book(t, func(s *worktime.Spec) { s.Hours = []worktime.Season{{Shifts: []string{"09:00-12:00", "13:00-18:00"}}} })
		adopt(t, db, edited)
		s := in(t, db, edited)
		if _, ok := s.Version(loaded.Main().Version()); !ok || s.Main().DayOf(time.Date(2027, 2, 8, 12, 0, 0, 0, worktime.Zone)).Working ||
			len(s.Main().DayOf(now).Shifts) != 2 || s.Main().DayOf(now).Shifts[0].From.Hour() != 9 {
			t.Error("the edited pack lost the notice, the old version, or its own hours")
		}
		// A node with the old pack must not build on what it does not know.
		if _, err := load(db, b, system(), calendars.Change{Notice: notice("2027-02-10"), Replace: true}); err == nil {
			t.Error("a node with an old pack changed the calendar")
		}
		verify(t, db, edited)
	})
}

func TestRefusals(t *testing.T) {
	db := storetest.Open(t, "sqlite", schemas)
	b := book(t, nil)
	clerk := access.ScopeOf(access.Principal{District: district, Account: "a", Roles: []string{access.Dispatcher}, Kind: access.Cookie})
	if _, err := load(db, b, clerk, calendars.Change{Notice: notice()}); !errors.Is(err, flow.ErrForbidden) {
		t.Errorf("a dispatcher changes the calendar: %v", err)
	}
	allOff := notice()
	for d := time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC); d.Year() == 2027; d = d.AddDate(0, 0, 1) {
		allOff.Days = append(allOff.Days, worktime.Exception{Date: d.Format(time.DateOnly), Name: "放假", Off: true})
	}
	for name, tt := range map[string]struct {
		ch     calendars.Change
		en, zh string
	}{
		"nothing":         {calendars.Change{}, "holiday notice", "放假通知"},
		"both":            {calendars.Change{Notice: notice(), Usual: []string{"2027-01-01"}}, "holiday notice", "放假通知"},
		"all days off":    {calendars.Change{Notice: allOff}, "all days are off", "没有一天上班"},
		"fragment":        {calendars.Change{Notice: &worktime.Notice{Year: 2027, Days: off("2027-01-01")}}, "incomplete", "不完整"},
		"wrong year":      {calendars.Change{Notice: notice("2029-01-01")}, "neither in that year", "核对年份"},
		"no date":         {calendars.Change{Local: []worktime.Exception{{Date: "9 May", Name: "节"}}}, "not a date", "不是"},
		"no name":         {calendars.Change{Local: off("2027-01-01")[:1:1], Calendar: "office"}, "called", "叫什么"},
		"no calendar":     {calendars.Change{Usual: []string{"2027-01-01"}, Calendar: "shop"}, "no calendar", "没有名叫"},
		"round the clock": {calendars.Change{Usual: []string{"2027-01-01"}, Calendar: "always"}, "round the clock", "全天候"},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := b.Now().Try(tt.ch)
			if err == nil || !strings.Contains(err.Error(), tt.en) || !strings.Contains(worktime.Chinese(err), tt.zh) {
				t.Errorf("%v / %v", err, err)
			}
			if _, err := load(db, b, system(), tt.ch); err == nil {
				t.Error("it was loaded")
			}
		})
	}
	if s := b.Now(); s.Seq() != 0 {
		t.Error("a refusal left something behind")
	}
}

// off are days without a name.
func off(days ...string) (out []worktime.Exception) {
	for _, d := range days {
		out = append(out, worktime.Exception{Date: d, Off: true})
	}
	return out
}

func TestTableCloses(t *testing.T) {
	for _, bad := range calendars.Table.Check() {
		t.Error(bad)
	}
}
