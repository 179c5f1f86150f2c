package cases_test

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/cases"
	"weixiao/internal/cases/casestest"
	"weixiao/internal/catalogue"
	"weixiao/internal/journal"
	"weixiao/internal/notify"
	"weixiao/internal/store"
	"weixiao/internal/words"
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

// TestUpTheLine: BEHAVIOUR 45, level 0→1→2 along the reporting line, each once;
// capped; stops on closure. BEHAVIOUR 46: no assignee goes to the unit's lead
// instead of being skipped.
func TestUpTheLine(t *testing.T) {
	eachAlarm(t, func(t *testing.T, e *alarmEnv) {
		hand, centre := e.Scope(casestest.Street, "street"), e.Scope("", "dispatcher")
		n := e.sent(t, "L3")
		// Wednesday 9:00; nobody signs: two office hours end at 11:00.
		e.until(t, "11-23 10:30")
		e.want(t, e.rang(t), "sign 1 assignee lead") // 46
		e.act(t, hand, n, "assign", "to_account", e.ids["hand"])
		e.act(t, hand, n, "sign")
		e.act(t, hand, n, "contact", "how", "phone")
		e.until(t, "11-29 08:45")
		e.want(t, e.rang(t)[1:])
		// The reply is due on Wednesday 30 at 9:00, the case closes by Friday 9:00.
		e.until(t, "11-29 09:15")
		e.want(t, e.rang(t)[1:], "reply 1 assignee hand")
		e.until(t, "11-30 08:45")
		e.want(t, e.rang(t)[2:])
		e.until(t, "11-30 09:00")
		e.want(t, e.rang(t)[2:], "reply 2 lead lead")
		e.until(t, "12-01 09:00")
		e.want(t, e.rang(t)[3:], "reply 3 superior executive", "close 1 assignee hand")
		e.until(t, "12-31 12:00") // capped: whatever happens, no more than the ladder has
		e.want(t, e.rang(t)[5:], "close 2 lead lead", "reply 4 supervision office", "close 3 superior executive")
		if next := e.next(t, centre, n); next != nil {
			t.Errorf("at the top of the ladder %+v lies ahead", next)
		}
		if list, err := e.Cases.Escalated(t.Context(), centre, cases.EscalationCursor{}, 0); err != nil || len(list) != 1 || list[0].Level != 3 || !near(list[0].Since, at("11-30 09:00")) || list[0].Case.Number != n {
			t.Errorf("escalated: %+v %v", list, err)
		}
		e.prove(t)

		e.act(t, hand, n, "reply", "result", "solved", "reply", "好了")
		e.act(t, e.Scope("", "callback"), n, "call_back", "reached", "yes", "contacted", "yes", "solved", "solved", "satisfied", "satisfied")
		e.Pass(90 * 24 * time.Hour)
		if k := e.tick(t); k != 0 {
			t.Errorf("%d rungs rang for what is closed", k)
		}
		if list, err := e.Cases.Escalated(t.Context(), centre, cases.EscalationCursor{}, 0); err != nil || len(list) != 0 {
			t.Errorf("escalated though closed: %+v %v", list, err)
		}
		if _, err := e.Cases.Escalated(t.Context(), hand, cases.EscalationCursor{}, 0); err == nil {
			t.Error("a street reads what the whole district escalated")
		}
		e.prove(t)
	})
}

// TestWhomItTells: a department's superior is the leader in charge of it, a
// community's its street; an assignee who left is as good as none; without any
// account at all the unit is told.
func TestWhomItTells(t *testing.T) {
	eachAlarm(t, func(t *testing.T, e *alarmEnv) {
		centre := e.Scope("", "dispatcher")
		community := e.Pack.Directory.Children(casestest.Street)[0].ID
		sent := func(unit string) string {
			n := e.report(t, "路灯不亮").Number
			e.act(t, centre, n, "dispatch", "unit", unit, "profile", "L3")
			return n
		}
		lamps := sent("lamps") // below urban, of which deputy-1 is in charge
		urban, below, left := sent("urban"), sent(community), sent(casestest.Street)
		e.act(t, e.Scope(casestest.Street, "street"), left, "assign", "to_account", "somebody-who-left")
		e.until(t, "11-24 10:00")
		got := map[string][]string{}
		for _, a := range e.rang(t) {
			if a.Clock == cases.ClockSign {
				got[a.Subject] = append(got[a.Subject], e.said([]cases.AlarmEntry{a})...)
			}
		}
		for number, want := range map[string][]string{
			lamps: {"sign 1 assignee @lamps", "sign 2 lead @lamps", "sign 3 superior @urban"},
			urban: {"sign 1 assignee @urban", "sign 2 lead @urban", "sign 3 superior deputy"},
			below: {"sign 1 assignee @" + community, "sign 2 lead @" + community, "sign 3 superior lead"},
			left:  {"sign 1 assignee lead", "sign 2 lead lead", "sign 3 superior executive"},
		} {
			if !slices.Equal(got[number], want) {
				t.Errorf("got %q, want %q", got[number], want)
			}
		}
		e.prove(t)
	})
}

// TestNotAtNight: BEHAVIOUR 47. A utility's 24 hours end in the middle of the night;
// only danger to life may wake people.
func TestNotAtNight(t *testing.T) {
	eachAlarm(t, func(t *testing.T, e *alarmEnv) {
		e.Pass(17 * time.Hour) // Thursday 2:00
		l1, l0 := e.sent(t, "L1"), e.sent(t, "L0")
		e.until(t, "11-26 12:00")
		night := 0
		for _, a := range e.rang(t) {
			h := a.Time().In(worktime.Zone)
			minute := h.Hour()*60 + h.Minute()
			quiet := minute >= 21*60 || minute < 7*60+30
			if quiet && a.Subject == l1 {
				t.Errorf("%v at %s", e.said([]cases.AlarmEntry{a}), h)
			}
			if quiet && a.Subject == l0 {
				night++
			}
			if shifted := a.Nominal != 0; shifted != (a.Subject == l1 && a.Planned != a.Nominal) {
				t.Errorf("%v: planned for %d instead of %d", e.said([]cases.AlarmEntry{a}), a.Planned, a.Nominal)
			}
		}
		if night < 8 {
			t.Errorf("only %d rungs of L0 rang at night", night)
		}
		// The reply of L1 is due on Friday 2:00: the reminder comes the evening before.
		i := slices.IndexFunc(e.rang(t), func(a cases.AlarmEntry) bool {
			return a.Subject == l1 && a.Clock == cases.ClockReply && a.Rung == 1
		})
		if i < 0 || !near(time.UnixMicro(e.rang(t)[i].Planned), at("11-24 20:59")) {
			t.Errorf("the reminder of the reply: %+v", e.rang(t))
		}
		e.prove(t)
	})
}

// TestEarliestOfAllClocks: BEHAVIOUR 42. The next alarm is that of the clock that
// comes first; work on the case never hides the first response.
func TestEarliestOfAllClocks(t *testing.T) {
	eachAlarm(t, func(t *testing.T, e *alarmEnv) {
		hand := e.Scope(casestest.Street, "street")
		n := e.sent(t, "L3")
		check := func(clock string, rung time.Time) {
			t.Helper()
			e.tick(t)
			next := e.next(t, hand, n)
			if next == nil || next.Clock != clock || !near(next.At, rung) {
				t.Errorf("next is %+v, want %s at %s", next, clock, rung)
			}
		}
		check(cases.ClockSign, at("11-23 10:30"))
		e.act(t, hand, n, "sign")
		check(cases.ClockContact, at("11-23 13:30")) // due at 14:30, after the lunch break
		e.act(t, hand, n, "progress", "note", "已联系供电公司")
		e.act(t, hand, n, "contact", "how", "not_reached")
		check(cases.ClockContact, at("11-23 13:30"))
		e.until(t, "11-23 13:30")
		check(cases.ClockContact, at("11-23 14:30"))
		e.act(t, hand, n, "contact", "how", "phone")
		check(cases.ClockReply, at("11-29 09:00"))
		e.prove(t)
	})
}

// TestDeactivated: BEHAVIOUR 39. When the ladder of a level is taken away, what was
// pending is cleared, and when it comes back nothing rings twice.
func TestDeactivated(t *testing.T) {
	eachAlarm(t, func(t *testing.T, e *alarmEnv) {
		hand := e.Scope(casestest.Street, "street")
		n := e.sent(t, "L3")
		e.until(t, "11-23 11:00")
		e.want(t, e.rang(t), "sign 1 assignee lead", "sign 2 lead lead")
		d := *e.Cases.District()
		with, without := d.Ladder, *d.Ladder
		without.Version = "without L3"
		without.Levels = maps.Clone(with.Levels)
		without.Levels["L3"] = catalogue.LadderLevel{Clocks: map[string][]catalogue.Rung{}}
		restart := func(l *catalogue.Ladder) {
			d.Ladder = l
			e.Cases = cases.New(e.DB, new(d), e.Vault, []byte("a secret for tests"), e.Clock)
			e.job = e.Cases.NewAlarms(slog.New(slog.DiscardHandler))
			e.tick(t)
		}
		restart(&without)
		if next := e.next(t, hand, n); next != nil {
			t.Errorf("pending: %+v", next)
		}
		e.until(t, "11-23 12:00")
		restart(with)
		if next := e.next(t, hand, n); next == nil || next.Clock != cases.ClockContact {
			t.Errorf("next: %+v", next)
		}
		e.want(t, e.rang(t)[2:])
		e.prove(t)
	})
}

// TestMergedLeaves: BEHAVIOUR 50. A merged case leaves every clock and alarm; taken
// out again it goes on where it was.
func TestMergedLeaves(t *testing.T) {
	eachAlarm(t, func(t *testing.T, e *alarmEnv) {
		centre := e.Scope("", "dispatcher")
		n := e.sent(t, "L3")
		e.until(t, "11-23 10:30")
		into := e.sent(t, "L3")
		e.act(t, centre, n, "merge", "into", into)
		e.tick(t)
		if next := e.next(t, centre, n); next != nil {
			t.Errorf("merged: %+v", next)
		}
		e.until(t, "11-24 10:30")
		for _, a := range e.rang(t)[1:] {
			if a.Subject == n {
				t.Errorf("rang for what was merged: %v", e.said([]cases.AlarmEntry{a}))
			}
		}
		e.prove(t)
		e.act(t, centre, n, "unmerge", "reason", "不是同一件事")
		e.until(t, "11-24 11:00")
		// The sign clock had half an hour left: the reminder came before the merge, and
		// comes for the new deadline in time.
		var after []cases.AlarmEntry
		for _, a := range e.rang(t)[1:] {
			if a.Subject == n {
				after = append(after, a)
			}
		}
		if len(after) == 0 || after[len(after)-1].Rung != 2 {
			t.Errorf("after taking it out again: %v", e.said(after))
		}
		e.prove(t)
	})
}

// TestMovedDeadline: an extension arms the rungs of the reply anew, a suspension
// silences it until it goes on.
func TestMovedDeadline(t *testing.T) {
	eachAlarm(t, func(t *testing.T, e *alarmEnv) {
		hand, office := e.Scope(casestest.Street, "street"), e.Scope("", "supervisor")
		n := e.sent(t, "L3")
		e.act(t, hand, n, "sign")
		e.act(t, hand, n, "contact", "how", "phone")
		e.until(t, "11-29 10:00")
		e.want(t, e.rang(t), "reply 1 assignee lead")
		e.act(t, hand, n, "request_extension", "limit", "2 workday", "reason", "等配件")
		e.act(t, e.Scope("", "dispatcher"), n, "grant_extension")
		if next := e.next(t, hand, n); next == nil || next.Clock != cases.ClockReply || !near(next.At, at("12-01 09:00")) {
			t.Errorf("after the extension: %+v", next)
		}
		e.act(t, hand, n, "request_suspension", "ground", "season", "reason", "冬季", "plan", "开春施工", "review_on", "2023-03-01")
		e.act(t, office, n, "grant_suspension")
		e.until(t, "12-20 10:00")
		e.want(t, e.rang(t)[1:])
		e.act(t, office, n, "resume")
		e.until(t, "12-23 10:00")
		e.want(t, e.rang(t)[1:], "reply 1 assignee lead", "reply 2 lead lead")
		e.prove(t)
	})
}

// TestAfterAnOutage: what was missed comes in the order in which it was due, marked
// as late, each rung with its act, and everybody is told once.
func TestAfterAnOutage(t *testing.T) {
	eachAlarm(t, func(t *testing.T, e *alarmEnv) {
		hand := e.Scope(casestest.Street, "street")
		first := e.sent(t, "L3")
		e.Pass(20 * time.Minute)
		second := e.sent(t, "L3")
		e.act(t, hand, second, "assign", "to_account", e.ids["hand"])
		e.follow(t)
		e.Pass(at("11-24 12:00").Sub(e.Clock())) // nothing runs for a day
		e.tick(t)
		list := e.rang(t)
		var of [2][]cases.AlarmEntry
		for _, a := range list {
			of[map[string]int{first: 0, second: 1}[a.Subject]] = append(of[map[string]int{first: 0, second: 1}[a.Subject]], a)
			if i := slices.Index([]string{first, second}, a.Subject); i < 0 {
				t.Errorf("rang for %s", a.Subject)
			}
		}
		if len(list) == 0 || list[0].Subject != first {
			t.Error("the longest due did not come first")
		}
		e.want(t, of[0], "sign 1 assignee folded late", "sign 2 lead folded late", "contact 1 assignee folded late", "contact 2 lead lead late", "sign 3 superior executive late")
		e.want(t, of[1], "sign 1 assignee folded late", "sign 2 lead folded late", "contact 1 assignee hand late", "contact 2 lead lead late", "sign 3 superior executive late")
		if n := e.tick(t); n != 0 {
			t.Errorf("%d rang again", n)
		}
		if c := e.job.Counts(); c.Late != 10 || c.Reminded != 4 || c.Escalated != 6 || c.Lag != 0 {
			t.Errorf("counted %+v", c)
		}
		e.prove(t)
	})
}

// TestFormStaysFresh: a reminder leaves the version of a case alone, so that the
// form somebody fills in meanwhile is taken.
func TestFormStaysFresh(t *testing.T) {
	eachAlarm(t, func(t *testing.T, e *alarmEnv) {
		hand := e.Scope(casestest.Street, "street")
		n := e.sent(t, "L3")
		before, err := e.Cases.View(t.Context(), hand, n)
		if err != nil {
			t.Fatal(err)
		}
		e.until(t, "11-23 11:00")
		if _, err := e.Cases.Act(t.Context(), hand, n, "sign", cases.Input{Raw: raw(), Version: before.Case.Version}); err != nil {
			t.Errorf("signing with a form from before the reminder: %v", err)
		}
		v, err := e.Cases.View(t.Context(), hand, n)
		if err != nil || len(v.Alarms) != 2 || len(v.Entries) != 3 {
			t.Errorf("%d alarms and %d acts on the page, %v", len(v.Alarms), len(v.Entries), err)
		}
		me, _ := e.Cases.ReporterScope(n, e.Cases.Secret(n))
		if v, err := e.Cases.View(t.Context(), me, n); err != nil || v.Alarms != nil || v.Next != nil {
			t.Errorf("the resident sees %+v %+v %v", v.Alarms, v.Next, err)
		}
	})
}

// TestAlarmsAreTold: the accounts meant find the message among their notices, in
// both languages, without anything personal.
func TestAlarmsAreTold(t *testing.T) {
	eachAlarm(t, func(t *testing.T, e *alarmEnv) {
		n := e.sent(t, "L3")
		e.act(t, e.Scope(casestest.Street, "street"), n, "assign", "to_account", e.ids["hand"])
		e.until(t, "11-23 11:00")
		run := journal.NewRunner(e.DB, e.Pack.District, slog.New(slog.DiscardHandler), e.Cases.Notices("江源区8890", false))
		for range 2 {
			if err := run.CatchUp(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		for who, want := range map[string][2]string{
			"hand": {"工单 " + n + "（路灯不亮）的签收期限是 2022年11月23日 11:00，请按时办理。", "Case " + n + " (Street light out): the deadline for Sign-off is 23 Nov 2022, 11:00. Please keep it. "},
			"lead": {"孙家堡子街道办理的工单 " + n + "（路灯不亮），签收期限 2022年11月23日 11:00 已过，请督促办理。", "Case " + n + " (Street light out) lies with 孙家堡子街道; the deadline for Sign-off passed on 23 Nov 2022, 11:00. Please see that it is done. "},
		} {
			list, err := store.Get(t.Context(), e.DB, func(tx *store.Tx) ([]notify.Message, error) {
				return notify.For(tx, e.Pack.District, e.ids[who], 0, "", 10)
			})
			if err != nil || len(list) != 1 {
				t.Fatalf("%s: %v %v", who, list, err)
			}
			if zh := list[0].Text(); zh != want[0] {
				t.Errorf("%s: %q", who, zh)
			}
			list[0].Lang = words.EN
			if en := list[0].Text(); en != want[1] {
				t.Errorf("%s: %q", who, en)
			}
		}
	})
}

// TestWhistleLadder: each called unit has its own clocks, the plan is the street's.
func TestWhistleLadder(t *testing.T) {
	eachAlarm(t, func(t *testing.T, e *alarmEnv) {
		n := e.handled(t)
		hand, lead := e.Scope(casestest.Street, "street"), e.Scope(casestest.Street, "streetlead")
		w, err := e.Cases.Blow(t.Context(), hand, cases.Input{Raw: raw("case", n, "kind", "emergency", "units", "urban", "issue", "险情")})
		if err != nil {
			t.Fatal(err)
		}
		e.whistle(t, lead, w.Number, "approve") // acknowledge by 9:30, arrive by 10:00
		e.until(t, "11-23 10:00")
		var of []cases.AlarmEntry
		for _, a := range e.rang(t) {
			if a.Subject == w.Number {
				of = append(of, a)
			}
		}
		e.want(t, of, "acknowledge 1 assignee @urban", "acknowledge 2 lead @urban", "arrive 1 assignee @urban", "acknowledge 3 superior deputy", "acknowledge 4 supervision office", "arrive 2 lead @urban")
		v, err := e.Cases.Whistle(t.Context(), lead, w.Number)
		if err != nil || v.Next == nil || v.Next.Clock != "arrive:urban" || len(v.Alarms) != len(of) {
			t.Errorf("the whistle's page: %+v %v", v, err)
		}
		list, err := e.Cases.Escalated(t.Context(), e.Scope("", "supervisor"), cases.EscalationCursor{}, 0)
		if err != nil || len(list) != 1 || list[0].Whistle == nil || list[0].Level != 3 {
			t.Errorf("escalated: %+v %v", list, err)
		}
		e.prove(t)
		e.whistle(t, lead, w.Number, "cancel", "reason", "险情已除")
		e.Pass(24 * time.Hour)
		e.tick(t)
		for _, a := range e.rang(t)[len(of):] {
			if a.Subject == w.Number {
				t.Errorf("rang for a whistle that was called off: %v", e.said([]cases.AlarmEntry{a}))
			}
		}
		e.prove(t)
	})
}
