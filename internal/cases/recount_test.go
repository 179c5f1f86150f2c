package cases_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"testing"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/calendars"
	"weixiao/internal/cases"
	"weixiao/internal/cases/casestest"
	"weixiao/internal/form"
	"weixiao/internal/journal"
	"weixiao/internal/notify"
	"weixiao/internal/store"
	"weixiao/internal/worktime"
)

// yearEnd is the last afternoon of the last year whose holidays are known.
var yearEnd = time.Date(2026, 12, 31, 15, 30, 0, 0, worktime.Zone)

// notice2027 is a made-up arrangement; extra days come on top of what the law has.
func notice2027(extra ...worktime.Exception) *worktime.Notice {
	n := &worktime.Notice{Year: 2027}
	for _, d := range []string{"2027-01-01", "2027-01-02", "2027-01-03", "2027-05-01", "2027-10-01"} {
		n.Days = append(n.Days, worktime.Exception{Date: d, Name: "节日", Off: true})
	}
	n.Days = append(n.Days, extra...)
	return n
}

func off(days ...string) (out []worktime.Exception) {
	for _, d := range days {
		out = append(out, worktime.Exception{Date: d, Name: "元旦", Off: true})
	}
	return out
}

func (e env) book() *calendars.Book { return e.Cases.District().Calendar }

func (e env) load(t testing.TB, ch calendars.Change) []string {
	t.Helper()
	var names []string
	err := e.DB.Write(context.Background(), func(tx *store.Tx) (err error) {
		names, err = e.book().Load(tx, access.SystemScope(e.Pack.District, "tests"), ch, e.Clock())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func (e env) recount(t testing.TB, r *cases.Recounter) (steps int) {
	t.Helper()
	for {
		more, err := r.Step(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		if !more {
			return steps
		}
		steps++
	}
}

func (e env) recounter() *cases.Recounter {
	return e.Cases.NewRecounter(slog.New(slog.DiscardHandler))
}

func (e env) get(t testing.TB, number string) *cases.Case {
	t.Helper()
	k, err := e.Cases.Get(context.Background(), e.Scope("", "dispatcher"), number)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// recounts lists how many acts of a recount each record has.
func (e env) recounts(t testing.TB) map[string]int {
	t.Helper()
	out := map[string]int{}
	if _, err := journal.Verify(context.Background(), e.DB, e.Pack.District, func(a journal.Act) error {
		if a.Action == cases.Recounted {
			out[a.Subject]++
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return out
}

// minute leaves out the microseconds by which acts of one moment differ.
func minute(us int64) int64 { return us - us%60_000_000 }

func due(s string) int64 {
	t, err := time.ParseInLocation("2006-01-02 15:04", s, worktime.Zone)
	if err != nil {
		panic(err)
	}
	return t.UnixMicro()
}

// BEHAVIOUR 34 and 38: a notice moves open deadlines once, keeps the old ones,
// leaves closed cases and stopped clocks alone, and twice does nothing.
func TestBehaviour34And38Recount(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		e.Pass(yearEnd.Sub(e.Clock()))
		centre, street := e.Scope("", "dispatcher"), e.Scope(casestest.Street, "street")
		dispatched := func() string {
			n := e.report(t, "楼道的灯坏了").Number
			e.act(t, centre, n, "dispatch", "unit", casestest.Street, "profile", "L3")
			return n
		}
		open, signed, done, answered := dispatched(), dispatched(), dispatched(), e.report(t, "社保在哪里办").Number
		e.act(t, street, signed, "sign")
		e.act(t, street, done, "sign")
		e.act(t, e.Scope("", "supervisor"), done, "terminate", "ground", "no_object", "reason", "查无此事", "reply", "查无此事")
		e.act(t, centre, answered, "answer", "reply", "在政务大厅")
		before := e.get(t, open)
		if got := before.Clocks[cases.ClockReply]; !got.Provisional || minute(got.Due) != due("2027-01-08 15:30") {
			t.Fatalf("the reply is due %v", time.UnixMicro(got.Due).In(worktime.Zone))
		}
		kept := e.get(t, done).Clocks
		if e.recount(t, e.recounter()) == 0 && e.book().Now().Seq() != 0 {
			t.Error("nothing recounted")
		}

		if names := e.load(t, calendars.Change{Notice: notice2027(off("2027-01-04")...), Reason: "国务院通知"}); !slices.Equal(names, []string{"office"}) {
			t.Fatalf("changed %v", names)
		}
		e.recount(t, e.recounter())
		k := e.get(t, open)
		if got := k.Clocks[cases.ClockReply]; got.Provisional || minute(got.Due) != due("2027-01-11 15:30") {
			t.Errorf("the reply is now due %v", time.UnixMicro(got.Due).In(worktime.Zone))
		}
		if k.Version != before.Version {
			t.Errorf("a form that was open is stale: version %d, was %d", k.Version, before.Version)
		}
		if k := e.get(t, signed); minute(k.Clocks[cases.ClockSign].Due) != minute(before.Clocks[cases.ClockSign].Due) || minute(k.Clocks[cases.ClockContact].Due) == minute(before.Clocks[cases.ClockContact].Due) {
			t.Errorf("a stopped clock moved, or an open one did not: %+v", k.Clocks)
		}
		for name, c := range e.get(t, done).Clocks {
			if c.Due != kept[name].Due || c.Stop != kept[name].Stop {
				t.Errorf("clock %s of a closed case moved", name)
			}
		}
		if got := e.recounts(t); len(got) != 2 || got[open] != 1 || got[signed] != 1 {
			t.Errorf("recounted %v", got)
		}

		// Both deadlines and both versions stand in the act and in the sum.
		sums, err := e.Cases.Why(t.Context(), centre, open)
		if err != nil || len(sums) != 4 {
			t.Fatalf("%d sums, %v", len(sums), err)
		}
		sum := sums[2]
		old := e.Pack.Calendars["office"].Version()
		if b := sum.Before(); sum.Name != cases.ClockReply || len(b) != 1 || b[0].Moved.From != before.Clocks[cases.ClockReply].Due || b[0].Moved.To != sum.Clock.Due ||
			b[0].Moved.Now != sum.Version || sum.Version == old {
			t.Errorf("sum %+v", sum)
		}
		if last := sum.Steps[len(sum.Steps)-1]; last.To.UnixMicro() != sum.Clock.Due {
			t.Errorf("the sum ends at %s", last.To)
		}

		// The unit is told once, however many of its deadlines moved.
		told, err := store.Get(t.Context(), e.DB, func(tx *store.Tx) ([]notify.Message, error) {
			return notify.For(tx, e.Pack.District, casestest.Street, 0, "", 50)
		})
		if err != nil || len(told) != 1 || told[0].Template != "unit.recounted" || told[0].Args["count"] != "2" {
			t.Errorf("told %+v, %v", told, err)
		}

		// The same notice again: nothing to load, nothing to recount.
		if names := e.load(t, calendars.Change{Notice: notice2027(off("2027-01-04")...)}); len(names) != 0 {
			t.Errorf("the same notice changed %v", names)
		}
		if n := e.recount(t, e.recounter()); n != 0 {
			t.Errorf("%d more chunks", n)
		}
		if list, err := e.Cases.Recounts(t.Context(), 5); err != nil || list[0].Finished == 0 || list[0].Looked != 2 || list[0].Clocks != 7 || list[0].Moved != 7 {
			t.Errorf("%+v, %v", list, err)
		}
		// What comes later goes on from the new deadline.
		e.Pass(7 * 24 * time.Hour)
		e.act(t, street, open, "sign")
		if got := e.get(t, open).Clocks[cases.ClockSign]; got.Stop == 0 {
			t.Errorf("%+v", got)
		}
		e.verify(t)
	})
}

// TestRecountGoesOn stops a recount after its first chunk: another node waits for
// the lease, goes on where the first one ended, and does no case twice.
func TestRecountGoesOn(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		e.Pass(yearEnd.Sub(e.Clock()))
		numbers := e.many(t, 330)
		e.load(t, calendars.Change{Notice: notice2027(off("2027-01-04")...)})
		first, second := e.recounter(), e.recounter()
		if more, err := first.Step(t.Context()); !more || err != nil {
			t.Fatal(more, err)
		}
		if n := len(e.recounts(t)); n == 0 || n >= len(numbers) {
			t.Fatalf("%d of %d cases in the first chunk", n, len(numbers))
		}
		if more, err := second.Step(t.Context()); more || err != nil {
			t.Fatalf("a second node works beside the first: %v, %v", more, err)
		}
		e.Pass(time.Minute) // the first one died
		// Meanwhile an officer acts on a case that the recount has not reached.
		last := numbers[len(numbers)-1]
		e.act(t, e.Scope(casestest.Street, "street"), last, "sign")
		e.recount(t, second)
		got := e.recounts(t)
		for _, n := range numbers {
			if got[n] != 1 {
				t.Errorf("%s was recounted %d times", n, got[n])
			}
		}
		e.verify(t)
	})
}

// many dispatches n cases to the street.
func (e env) many(t testing.TB, n int) (numbers []string) {
	t.Helper()
	op := e.Scope("", "operator")
	err := e.Cases.Batch(context.Background(), func(b *cases.Batch) error {
		numbers = nil
		for i := range n {
			r, err := b.Report(op, cases.Report{Channel: "hotline", Body: fmt.Sprintf("第%d号楼的灯不亮", i), Matter: "001", Place: cases.Place{Street: casestest.Street}})
			if err != nil {
				return err
			}
			numbers = append(numbers, r.Number)
			if _, err := b.Act(e.Scope("", "dispatcher"), r.Number, "dispatch", cases.Input{Raw: raw("unit", casestest.Street, "profile", "L3")}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return numbers
}

// TestTwoNodes: a second program on the same database winds clocks with a calendar
// that the first one loaded, without being told.
func TestTwoNodes(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		e.Pass(yearEnd.Sub(e.Clock()))
		other := cases.New(e.DB, cases.FromPack(e.Pack), e.Vault, []byte("a secret for tests"), e.Clock)
		n := e.report(t, "路灯不亮").Number
		e.load(t, calendars.Change{Notice: notice2027(off("2027-01-04")...)})
		k, err := other.Act(t.Context(), e.Scope("", "dispatcher"), n, "dispatch", cases.Input{Raw: raw("unit", casestest.Street, "profile", "L3")})
		if err != nil || minute(k.Clocks[cases.ClockReply].Due) != due("2027-01-11 15:30") {
			t.Errorf("%v %+v", err, k)
		}
		if v := other.District().Calendar.Now().Main().Version(); v != e.book().Now().Main().Version() {
			t.Errorf("the nodes have calendars %s and %s", v, e.book().Now().Main().Version())
		}
		e.verify(t)
	})
}

// TestWhistlesAreRecounted: the clocks of called units move too, and each called
// unit is told.
func TestWhistlesAreRecounted(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		e.Pass(yearEnd.Sub(e.Clock()))
		a, b := e.Pack.Directory.ByKind("department")[0].ID, "lamps"
		hand, lead := e.Scope(casestest.Street, "street"), e.Scope(casestest.Street, "streetlead")
		w, err := e.Cases.Blow(t.Context(), hand, cases.Input{Raw: form.Raw{"kind": {"problem"}, "units": {a, b}, "issue": {"一起上门"}}})
		if err != nil {
			t.Fatal(err)
		}
		w = e.whistle(t, lead, w.Number, "approve")
		// 4 work hours: of an office until the next working day, of a unit with a night
		// shift until tonight; a working day is the same for both.
		if got := w.Clocks[cases.ClockAcknowledge+":"+b]; minute(got.Due) != due("2026-12-31 19:30") || got.Cal != "always" {
			t.Errorf("round the clock: %+v", got)
		}
		if got := w.Clocks[cases.ClockArrive+":"+b]; got.Due != w.Clocks[cases.ClockArrive+":"+a].Due || minute(got.Due) != due("2027-01-04 15:30") {
			t.Errorf("a working day: %+v", got)
		}
		e.load(t, calendars.Change{Notice: notice2027(off("2027-01-04")...)})
		e.recount(t, e.recounter())
		v, err := e.Cases.Whistle(t.Context(), lead, w.Number)
		if err != nil {
			t.Fatal(err)
		}
		if got := v.Whistle.Clocks; minute(got[cases.ClockAcknowledge+":"+b].Due) != due("2026-12-31 19:30") || minute(got[cases.ClockArrive+":"+a].Due) != due("2027-01-05 15:30") ||
			v.Whistle.Version != w.Version {
			t.Errorf("after the notice %+v", got)
		}
		sums, err := e.Cases.Why(t.Context(), lead, w.Number)
		if err != nil || len(sums) != 5 {
			t.Errorf("%d sums, %v", len(sums), err)
		}
		e.verify(t)
	})
}

// TestWouldMove: the dry run says what the recount will do.
func TestWouldMove(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		e.Pass(yearEnd.Sub(e.Clock()))
		e.many(t, 20)
		ch := calendars.Change{Notice: notice2027(off("2027-01-04")...)}
		set, err := store.Get(t.Context(), e.DB, e.book().In)
		if err != nil {
			t.Fatal(err)
		}
		then, _, err := set.Try(ch)
		if err != nil {
			t.Fatal(err)
		}
		records, clocks, err := e.Cases.WouldMove(t.Context(), then)
		if err != nil {
			t.Fatal(err)
		}
		e.load(t, ch)
		e.recount(t, e.recounter())
		list, err := e.Cases.Recounts(t.Context(), 1)
		if err != nil || int(list[0].Cases) != records || int(list[0].Moved) != clocks || records != 20 {
			t.Errorf("foretold %d, %d: %+v, %v", records, clocks, list, err)
		}
	})
}

// TestVerifyFindsAMovedDeadline: a deadline changed by hand in the row, or a
// calendar changed in its own, is found.
func TestVerifyFindsAMovedDeadline(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		e.Pass(yearEnd.Sub(e.Clock()))
		e.load(t, calendars.Change{Notice: notice2027()})
		n := e.many(t, 1)[0]
		e.verify(t)
		k := e.get(t, n)
		later, _ := json.Marshal(k.Clocks[cases.ClockReply].Due)
		now, _ := json.Marshal(k.Clocks[cases.ClockReply].Due + 60_000_000)
		e.exec(t, `UPDATE cases SET rest = replace(rest, $2, $3) WHERE district = $1`, e.Pack.District, string(later), string(now))
		r, err := e.Cases.NewReplayer(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		_, err = journal.Verify(t.Context(), e.DB, e.Pack.District, func(a journal.Act) error { return r.Fold(t.Context(), a) })
		if m, ok := errors.AsType[*cases.Mismatch](err); !ok || m.Number != n {
			t.Errorf("a moved deadline: %v", err)
		}
		e.exec(t, `UPDATE calendar_versions SET spec = replace(spec, '2027-01-02', '2027-01-12') WHERE district = $1`, e.Pack.District)
		c, err := e.book().NewReplayer(t.Context(), e.DB)
		if err != nil {
			t.Fatal(err)
		}
		if _, err = journal.Verify(t.Context(), e.DB, e.Pack.District, c.Fold); err == nil {
			t.Error("a changed calendar was not found")
		}
	})
}

func (e env) exec(t testing.TB, sql string, args ...any) {
	t.Helper()
	if err := e.DB.Write(context.Background(), func(tx *store.Tx) error { return tx.Exec(sql, args...) }); err != nil {
		t.Fatal(err)
	}
}
