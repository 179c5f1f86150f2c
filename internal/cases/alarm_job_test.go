package cases_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"weixiao/internal/access"
	"weixiao/internal/cases"
	"weixiao/internal/cases/casestest"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/store"
	"weixiao/internal/store/storetest"
)

// TestTwoNodesRingOnce: two jobs that look at the same moment write each act once,
// on one database or, with PostgreSQL, over connections of their own.
func TestTwoNodesRingOnce(t *testing.T) {
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			dsn := storetest.DSN(t, engine)
			db := storetest.OpenDSN(t, dsn, casestest.Schemas())
			e := newAlarmEnv(t, env{casestest.New(t, db)})
			var numbers []string
			for range 60 {
				numbers = append(numbers, e.sent(t, "L3"))
			}
			e.follow(t)
			e.Pass(2*time.Hour + time.Minute) // two rungs of each are due
			jobs := []*cases.Alarms{e.job}
			for range 3 {
				other := db
				if engine == "postgres" {
					other = storetest.OpenDSN(t, dsn, casestest.Schemas())
				}
				jobs = append(jobs, cases.New(other, e.Cases.District(), e.Vault, []byte("a secret for tests"), e.Clock).NewAlarms(slog.New(slog.DiscardHandler)))
			}
			var wg sync.WaitGroup
			for _, j := range jobs {
				wg.Go(func() {
					if _, err := j.Tick(context.Background()); err != nil {
						t.Error(err)
					}
				})
			}
			wg.Wait()
			e.tick(t) // what a lost race left undone
			count := map[string]int{}
			for _, a := range e.rang(t) {
				count[fmt.Sprintf("%s %s %d", a.Subject, a.Clock, a.Rung)]++
			}
			for _, n := range numbers {
				for rung := 1; rung <= 2; rung++ {
					if c := count[fmt.Sprintf("%s sign %d", n, rung)]; c != 1 {
						t.Errorf("%s: rung %d rang %d times", n, rung, c)
					}
				}
			}
			if len(count) != 2*len(numbers) {
				t.Errorf("%d acts", len(count))
			}
			e.prove(t)
		})
	}
}

// TestOneBrokenStopsNobody: a row that cannot be read is told, and the others ring.
func TestOneBrokenStopsNobody(t *testing.T) {
	eachAlarm(t, func(t *testing.T, e *alarmEnv) {
		bad, good := e.sent(t, "L3"), e.sent(t, "L3")
		e.tick(t)
		e.write(t, `UPDATE cases SET rest = 'not JSON' WHERE district = $1 AND number = $2`, bad)
		e.Pass(2 * time.Hour)
		e.Pass(time.Second)
		n, err := e.job.Tick(t.Context())
		if err == nil || !strings.Contains(err.Error(), bad) {
			t.Errorf("the broken case is not told: %v", err)
		}
		if list := e.rang(t); n != 2 || len(list) != 2 || list[0].Subject != good {
			t.Errorf("rang %d: %v", n, e.said(list))
		}
	})
}

func (e *alarmEnv) write(t testing.TB, sql string, args ...any) {
	t.Helper()
	if err := e.DB.Write(context.Background(), func(tx *store.Tx) error {
		return tx.Exec(sql, append([]any{e.Pack.District}, args...)...)
	}); err != nil {
		t.Fatal(err)
	}
}

// TestVerifyFindsWrongAlarms: rows that do not follow from the acts, and acts that
// rang twice, are found.
func TestVerifyFindsWrongAlarms(t *testing.T) {
	eachAlarm(t, func(t *testing.T, e *alarmEnv) {
		n := e.sent(t, "L3")
		e.until(t, "11-23 11:00")
		e.prove(t)
		for _, c := range []struct{ sql, back, want string }{
			{`UPDATE alarms SET at = at + 1 WHERE district = $1`, `UPDATE alarms SET at = at - 1 WHERE district = $1`, "next alarm"},
			{`UPDATE alarms SET level = 3 WHERE district = $1`, `UPDATE alarms SET level = 1 WHERE district = $1`, "how far"},
			{`UPDATE alarms SET clocks = replace(clocks, '"u":', '"u":1') WHERE district = $1`, `UPDATE alarms SET clocks = replace(clocks, '"u":1', '"u":') WHERE district = $1`, "what rang"},
			{`UPDATE alarms SET number = 'X' WHERE district = $1`, `UPDATE alarms SET number = '` + n + `' WHERE district = $1`, "nothing of it runs"},
			{`UPDATE alarms SET district = 'X' WHERE district = $1`, `UPDATE alarms SET district = $1`, "missing"},
		} {
			e.write(t, c.sql)
			_, err := e.replay(t).Alarms(t.Context())
			if m, ok := errors.AsType[*cases.Mismatch](err); !ok || !strings.Contains(m.Why, c.want) {
				t.Errorf("%s: %v", c.sql, err)
			}
			e.write(t, c.back)
		}
		e.prove(t)
		// A rung that rings again: the follower's memory is taken away.
		e.write(t, `UPDATE alarms SET clocks = '{}', at = 0 WHERE district = $1`)
		if _, err := e.job.Tick(t.Context()); err != nil {
			t.Fatal(err)
		}
		r, err := e.Cases.NewReplayer(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var found error
		for _, a := range e.rang(t) {
			if err := r.Fold(t.Context(), a.Act); err != nil {
				found = err
			}
		}
		if found == nil || !strings.Contains(found.Error(), "rang twice") {
			t.Errorf("a rung that rang twice: %v", found)
		}
	})
}

// TestEscalatedPages: the list is paged by key, longest overdue first.
func TestEscalatedPages(t *testing.T) {
	eachAlarm(t, func(t *testing.T, e *alarmEnv) {
		var want []string
		for range 7 {
			want = append(want, e.sent(t, "L3"))
			e.Pass(time.Minute)
		}
		e.until(t, "11-24 09:00")
		office := e.Scope("", "supervisor")
		var got []string
		for after := (cases.EscalationCursor{}); ; {
			page, err := e.Cases.Escalated(t.Context(), office, after, 3)
			if err != nil {
				t.Fatal(err)
			}
			if len(page) == 0 {
				break
			}
			for _, x := range page {
				got = append(got, x.Number)
			}
			after = page[len(page)-1].Cursor()
		}
		if !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
	})
}

// TestAnyLife: whatever happens to cases in whatever order, with the job running or
// not, no rung rings twice, nothing that is due stays silent, and the rows follow
// from the acts.
func TestAnyLife(t *testing.T) {
	eachAlarm(t, func(t *testing.T, e *alarmEnv) {
		hand, centre, office, back := e.Scope(casestest.Street, "street"), e.Scope("", "dispatcher"), e.Scope("", "supervisor"), e.Scope("", "callback")
		steps := []struct {
			who    access.Scope
			action string
			raw    []string
		}{
			{centre, "dispatch", []string{"unit", casestest.Street}},
			{hand, "sign", nil}, {hand, "sign", nil},
			{hand, "contact", []string{"how", "phone"}},
			{hand, "assign", []string{"to_account", e.ids["hand"]}},
			{hand, "progress", []string{"note", "在办"}},
			{hand, "hand_back", []string{"ground", "not_our_duty", "reason", "不属我处"}},
			{centre, "accept_objection", nil}, {centre, "refuse_objection", []string{"reason", "就是你处"}},
			{hand, "request_extension", []string{"limit", "1 workday", "reason", "等配件"}}, {centre, "grant_extension", nil},
			{hand, "request_suspension", []string{"ground", "funds", "reason", "等资金", "plan", "到位即办", "review_on", "2024-01-01"}}, {office, "grant_suspension", nil}, {office, "resume", nil},
			{hand, "reply", []string{"result", "solved", "reply", "办好了"}}, {hand, "reply", []string{"result", "solved", "reply", "办好了"}},
			{back, "call_back", []string{"reached", "yes", "contacted", "yes", "solved", "no", "satisfied", "dissatisfied"}},
			{back, "call_back", []string{"reached", "yes", "contacted", "yes", "solved", "solved", "satisfied", "satisfied"}},
			{back, "redo", []string{"reason", "又坏了"}},
			{centre, "merge", nil}, {centre, "unmerge", []string{"reason", "两回事"}},
		}
		last := e.sent(t, "L4")
		rapid.Check(t, func(rt *rapid.T) {
			n := e.report(t, "路灯不亮").Number
			e.act(t, centre, n, "dispatch", "unit", casestest.Street, "profile", rapid.SampledFrom([]string{"L0", "L1", "L2", "L3"}).Draw(rt, "profile"))
			for range rapid.IntRange(3, 14).Draw(rt, "steps") {
				switch rapid.IntRange(0, 4).Draw(rt, "kind") {
				case 0:
					e.Pass(time.Duration(rapid.IntRange(1, 600).Draw(rt, "minutes")) * time.Minute)
				case 1:
					e.Pass(time.Duration(rapid.IntRange(1, 100).Draw(rt, "hours")) * time.Hour)
				case 2:
					e.follow(t)
				case 3:
					if _, err := e.job.Tick(context.Background()); err != nil { // maybe before the rows have followed
						rt.Fatal(err)
					}
				default:
				}
				s := rapid.SampledFrom(steps).Draw(rt, "act")
				r := raw(s.raw...)
				if s.action == "merge" {
					r["into"] = []string{last}
				}
				if _, err := e.Cases.Act(context.Background(), s.who, n, s.action, cases.Input{Raw: r}); err != nil && !refused(err) {
					rt.Fatalf("%s: %v", s.action, err)
				}
			}
			e.tick(t)
			silent, err := store.Get(context.Background(), e.DB, func(tx *store.Tx) (k int64, err error) {
				err = tx.Row(`SELECT count(*) FROM alarms WHERE district = $1 AND at <= $2`, []any{e.Pack.District, e.Clock().UnixMicro()}, &k)
				return k, err
			})
			if err != nil || silent != 0 {
				rt.Fatalf("%d rungs stay silent: %v", silent, err)
			}
			last = n
		})
		e.prove(t)
	})
}

// refused reports whether an act was not possible, or not for him, as the case is.
func refused(err error) bool {
	_, faults := errors.AsType[form.Faults](err)
	return faults || errors.Is(err, flow.ErrState) || errors.Is(err, flow.ErrForbidden)
}

// TestJobRuns: the job looks again and again while it runs, and ends with its
// context.
func TestJobRuns(t *testing.T) {
	dsn := storetest.DSN(t, "sqlite")
	synctest.Test(t, func(t *testing.T) {
		db, err := store.Open(t.Context(), dsn, store.Options{NoSync: true}, casestest.Schemas()...)
		if err != nil {
			t.Fatal(err)
		}
		e := newAlarmEnv(t, env{casestest.New(t, db)})
		e.sent(t, "L3")
		e.follow(t)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { e.job.Run(ctx); close(done) }()
		time.Sleep(10 * time.Second)
		if n := len(e.rang(t)); n != 0 {
			t.Errorf("%d rang before their time", n)
		}
		e.Pass(90*time.Minute + time.Second)
		time.Sleep(4 * time.Second) // a little more than the time between two looks
		e.want(t, e.rang(t), "sign 1 assignee lead")
		cancel()
		<-done
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
}
