package cases_test

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/cases"
	"weixiao/internal/cases/casestest"
	"weixiao/internal/journal"
	"weixiao/internal/store"
	"weixiao/internal/worktime"
)

// alarmEnv is a district with people whom reminders can reach, and the job.
type alarmEnv struct {
	env
	job    *cases.Alarms
	people map[string]string // account id -> what the test calls it
	ids    map[string]string // and back
}

func eachAlarm(t *testing.T, fn func(t *testing.T, e *alarmEnv)) {
	each(t, func(t *testing.T, x env) { fn(t, newAlarmEnv(t, x)) })
}

func newAlarmEnv(t testing.TB, x env) *alarmEnv {
	e := &alarmEnv{env: x, people: map[string]string{}, ids: map[string]string{}}
	gate, err := access.New(e.DB, access.Options{District: e.Pack.District, Clock: e.Clock, Path: func(unit string) (out []string) {
		for _, u := range e.Pack.Directory.Path(unit) {
			out = append(out, u.ID)
		}
		return out
	}})
	if err != nil {
		t.Fatal(err)
	}
	sc := access.SystemScope(e.Pack.District, "people of a test")
	streetLead, _ := e.Pack.Directory.Lead(casestest.Street)
	err = e.DB.Write(t.Context(), func(tx *store.Tx) error {
		for _, p := range []struct{ name, unit, post, role string }{
			{"hand", casestest.Street, casestest.Street + ".desk", access.Street},
			{"other", casestest.Street, casestest.Street + ".desk2", access.Street},
			{"lead", casestest.Street, streetLead.ID, access.StreetLead},
			{"executive", "leaders", "leaders.executive", access.Leader},
			{"deputy", "leaders", "leaders.deputy-1", access.Leader},
			{"office", "supervision", "supervision.lead", access.Supervisor},
			{"centre", "hotline", "hotline.lead", access.Dispatcher},
		} {
			a, err := gate.Create(tx, sc, access.NewAccount{Login: p.name, Name: p.name, Unit: p.unit, Post: p.post, Roles: []string{p.role}}, e.Clock())
			if err != nil {
				return err
			}
			e.people[a.ID], e.ids[p.name] = p.name, a.ID
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	e.job = e.Cases.NewAlarms(slog.New(slog.DiscardHandler))
	return e
}

// follow lets the rows follow the journal.
func (e *alarmEnv) follow(t testing.TB) {
	t.Helper()
	run := journal.NewRunner(e.DB, e.Pack.District, slog.New(slog.DiscardHandler), e.Cases.Alarming())
	if err := run.CatchUp(context.Background()); err != nil {
		t.Fatal(err)
	}
}

// tick follows and rings, and returns the number of acts.
func (e *alarmEnv) tick(t testing.TB) int {
	t.Helper()
	e.follow(t)
	n, err := e.job.Tick(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// rang are the alarm acts of the district, oldest first.
func (e *alarmEnv) rang(t testing.TB) []cases.AlarmEntry {
	t.Helper()
	acts, err := store.Get(context.Background(), e.DB, func(tx *store.Tx) ([]journal.Act, error) { return journal.Since(tx, e.Pack.District, 0, 10000) })
	if err != nil {
		t.Fatal(err)
	}
	var out []cases.AlarmEntry
	for _, a := range acts {
		if a.Kind == cases.AlarmKind {
			x := cases.AlarmEntry{Act: a}
			if err := a.Into(&x.Alarm); err != nil {
				t.Fatal(err)
			}
			out = append(out, x)
		}
	}
	return out
}

// said writes alarm acts as "clock 2 lead@unit" with whom they told.
func (e *alarmEnv) said(list []cases.AlarmEntry) []string {
	var out []string
	for _, a := range list {
		s := fmt.Sprintf("%s %d %s", strings.Split(a.Clock, ":")[0], a.Rung, a.Whom)
		for _, to := range a.To {
			s += " " + e.people[to]
		}
		if len(a.To) == 0 && !a.Folded {
			s += " @" + a.Unit
		}
		if a.Folded {
			s += " folded"
		}
		if a.Late {
			s += " late"
		}
		out = append(out, s)
	}
	return out
}

func (e *alarmEnv) want(t testing.TB, got []cases.AlarmEntry, want ...string) {
	t.Helper()
	if said := e.said(got); !slices.Equal(said, want) {
		t.Errorf("rang\n  %s\nwant\n  %s", strings.Join(said, "\n  "), strings.Join(want, "\n  "))
	}
}

// until moves the clock just past a local time of the year 2022 (acts have moments
// of their own, some microseconds after the clock) and rings on the way, each rung
// at its moment.
func (e *alarmEnv) until(t testing.TB, moment string) {
	t.Helper()
	end := at(moment).Add(time.Second)
	for e.tick(t); e.Clock().Before(end); e.tick(t) {
		next, err := store.Get(context.Background(), e.DB, func(tx *store.Tx) (at int64, err error) {
			err = tx.Row(`SELECT coalesce(min(at), 0) FROM alarms WHERE district = $1 AND at > $2`, []any{e.Pack.District, e.Clock().UnixMicro()}, &at)
			return at, err
		})
		if err != nil {
			t.Fatal(err)
		}
		to := end
		if next != 0 && time.UnixMicro(next).Before(end) {
			to = time.UnixMicro(next)
		}
		e.Pass(to.Sub(e.Clock()))
	}
}

func at(moment string) time.Time {
	end, err := time.ParseInLocation("2006-01-02 15:04", "2022-"+moment, worktime.Zone)
	if err != nil {
		panic(err)
	}
	return end
}

// near leaves out the seconds by which the clock of a test runs ahead.
func near(a, b time.Time) bool { return a.Truncate(time.Minute).Equal(b) }

// prove compares the rows with the acts, after every test.
func (e *alarmEnv) prove(t testing.TB) {
	t.Helper()
	e.follow(t)
	r := e.replay(t)
	if _, err := r.Alarms(context.Background()); err != nil {
		t.Errorf("verify: %v", err)
	}
}

func (e *alarmEnv) replay(t testing.TB) *cases.Replayer {
	t.Helper()
	r, err := e.Cases.NewReplayer(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := journal.Verify(context.Background(), e.DB, e.Pack.District, func(a journal.Act) error { return r.Fold(context.Background(), a) }); err != nil {
		t.Errorf("verify: %v", err)
	}
	if err := r.Finish(); err != nil {
		t.Errorf("verify: %v", err)
	}
	return r
}

// sent dispatches a new case to the street (L3: sign in 2 and contact in 4 office
// hours, reply in 5 and close in 7 working days).
func (e *alarmEnv) sent(t testing.TB, profile string) string {
	t.Helper()
	n := e.report(t, "路灯不亮").Number
	e.act(t, e.Scope("", "dispatcher"), n, "dispatch", "unit", casestest.Street, "profile", profile)
	return n
}

func (e *alarmEnv) next(t testing.TB, sc access.Scope, number string) *cases.Upcoming {
	t.Helper()
	v, err := e.Cases.View(context.Background(), sc, number)
	if err != nil {
		t.Fatal(err)
	}
	return v.Next
}
