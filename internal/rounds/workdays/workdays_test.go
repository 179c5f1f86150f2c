package workdays_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"weixiao/internal/access"
	"weixiao/internal/cases"
	"weixiao/internal/cases/casestest"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/journal"
	"weixiao/internal/notify"
	"weixiao/internal/rounds/workdays"
	"weixiao/internal/store"
	"weixiao/internal/store/storetest"
	"weixiao/internal/worktime"
)

func TestMain(m *testing.M) { storetest.Main(m) }

const community = "220605001001" // in casestest.Street

type env struct {
	*casestest.Env
	t *testing.T
	w *workdays.Workdays
}

func newEnv(t *testing.T, e *casestest.Env) env {
	o := workdays.Options{Pack: e.Pack, Vault: e.Vault, Clock: e.Clock, Secret: e.Cases.Secret}
	o.File = func(tx *store.Tx, sc access.Scope, r workdays.Request, at time.Time) (string, error) {
		p, err := e.Cases.Prepare(cases.Report{Channel: "grid", Body: r.Words, Place: cases.Place{Community: r.Community, Text: r.Place}, Person: r.Person})
		if err != nil {
			return "", err
		}
		got, err := e.Cases.TakeIn(tx, access.SystemScope(e.Pack.District, "test"), p, at)
		return got.Number, err
	}
	o.Outcomes = func(tx *store.Tx, numbers []string) (map[string]workdays.Outcome, error) {
		list, err := e.Cases.Endings(tx, numbers)
		out := map[string]workdays.Outcome{}
		for n, x := range list {
			out[n] = workdays.Outcome{Ended: x.Ended, Solved: x.Solved == "solved" || x.Solved == "basic", Closed: x.Closed}
		}
		return out, err
	}
	o.Deadline = func(from time.Time, l worktime.Limit) time.Time { return e.Cases.District().Calendar.Add(from, l).At }
	return env{e, t, workdays.New(e.DB, o)}
}

func each(t *testing.T, fn func(t *testing.T, e env)) {
	storetest.Each(t, append(casestest.Schemas(), workdays.Schema), func(t *testing.T, db *store.DB) { fn(t, newEnv(t, casestest.New(t, db))) })
}

func (e env) host() access.Scope { return e.Scope(community, access.Community) }

// day plans and publishes a day that begins in four days at nine, with so many slots of 15 minutes and seats.
func (e env) day(slots, seats int) string {
	e.t.Helper()
	from := time.Date(2022, 11, 27, 9, 0, 0, 0, worktime.Zone)
	id, err := e.w.Plan(e.t.Context(), e.host(), form.Raw{"community": {community}, "from": {from.Format("2006-01-02T15:04")},
		"until": {from.Add(time.Duration(slots) * 15 * time.Minute).Format("2006-01-02T15:04")}, "place": {"居委会一楼"}, "units": {"housing", "civil"},
		"themes": {"heating", "other"}, "seats": {fmt.Sprint(seats)}, "slot": {"15"}})
	if err != nil {
		e.t.Fatal(err)
	}
	e.act(e.host(), id, "publish", nil)
	return id
}

func (e env) get(id string) *workdays.Day {
	e.t.Helper()
	d, _, err := e.w.Get(e.t.Context(), e.host(), id)
	if err != nil {
		e.t.Fatal(err)
	}
	return d
}

func (e env) act(sc access.Scope, id, action string, raw form.Raw) {
	e.t.Helper()
	if err := e.w.Act(e.t.Context(), sc, id, action, e.get(id).Version, raw); err != nil {
		e.t.Fatalf("%s: %v", action, err)
	}
}

var phones int

func (e env) book(sc access.Scope, day, slot string) (workdays.Receipt, error) {
	phones++
	return e.w.Book(e.t.Context(), sc, day, "book", form.Raw{"slot": {slot}, "theme": {"heating"}, "about": {"暖气不热，我家3号楼2单元501室，电话 13812341234"},
		"phone": {fmt.Sprintf("139%08d", phones)}, "name": {"王某"}}, store.Key{})
}

func (e env) must(sc access.Scope, day, slot string) workdays.Receipt {
	e.t.Helper()
	r, err := e.book(sc, day, slot)
	if err != nil {
		e.t.Fatal(err)
	}
	return r
}

func (e env) do(sc access.Scope, number, action string, raw form.Raw) {
	e.t.Helper()
	if err := e.w.Do(e.t.Context(), sc, number, action, 0, raw); err != nil {
		e.t.Fatalf("%s: %v", action, err)
	}
}

func (e env) state(number string) *workdays.Booking {
	e.t.Helper()
	b, _, _, err := e.w.Booking(e.t.Context(), e.Scope("", access.Operator), number)
	if err != nil {
		e.t.Fatal(err)
	}
	return b
}

func (e env) check() {
	e.t.Helper()
	c := e.w.NewChecker()
	if _, err := journal.Verify(e.t.Context(), e.DB, e.Pack.District, c.Fold); err != nil {
		e.t.Fatal(err)
	}
	if _, err := c.Finish(e.t.Context()); err != nil {
		e.t.Error(err)
	}
}

func TestTables(t *testing.T) {
	for _, table := range []*flow.Table{&workdays.DayTable, &workdays.BookingTable} {
		if bad := table.Check(); len(bad) > 0 {
			t.Errorf("%s: %v", table.Kind, bad)
		}
	}
}

// TestTheWholeWay is a day from its plan to its figures: answered before, settled, turned into a case, not come, asked
// after seven days.
func TestTheWholeWay(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		day := e.day(4, 1)
		var got []workdays.Receipt
		for i := range 4 {
			got = append(got, e.must(e.Public(), day, fmt.Sprint(i)))
		}
		waits := e.must(e.Public(), day, "")
		if !waits.Waiting || e.state(waits.Number).Slot != -1 {
			t.Errorf("a fifth booking of four seats: %+v", waits)
		}
		if b := e.state(got[0].Number); strings.Contains(b.Words, "13812341234") || strings.Contains(b.Words, "501") || b.Person == "" {
			t.Errorf("the words are not redacted: %+v", b)
		}
		dept := e.Scope("housing", access.Department)
		e.do(dept, got[0].Number, "answer", form.Raw{"answer": {"热力公司明天上门"}})
		holder, ok := e.w.HolderScope(got[0].Number, strings.ToLower(got[0].Secret))
		if !ok {
			t.Fatal("the code does not open the booking")
		}
		e.do(holder, got[0].Number, "enough", nil)
		if b := e.state(waits.Number); b.State != workdays.Booked || b.Slot != 0 {
			t.Errorf("the freed seat went to nobody: %+v", b)
		}
		if err := e.w.Do(t.Context(), e.host(), got[1].Number, "settle", 0, form.Raw{"answer": {"是"}}); err == nil {
			t.Error("settled before the day")
		}
		e.Pass(4 * 24 * time.Hour)
		e.do(dept, got[1].Number, "settle", form.Raw{"answer": {"当场答复政策"}})
		e.do(e.host(), got[2].Number, "take", form.Raw{"promise": {"三天内修好"}})
		walkin, err := e.w.Book(t.Context(), e.host(), day, "walk_in", form.Raw{"theme": {"other"}, "about": {"想问医保"}, "phone": {"13700000000"}}, store.Key{})
		if err != nil {
			t.Fatal(err)
		}
		e.do(e.host(), walkin.Number, "settle", form.Raw{"answer": {"已告知"}})
		e.do(e.host(), waits.Number, "take", form.Raw{})
		e.act(e.host(), day, "close", nil)
		if b := e.state(got[3].Number); b.State != workdays.Absent {
			t.Errorf("who did not come: %s", b.State)
		}
		k, err := e.Cases.Get(t.Context(), e.Scope("", access.Operator), e.state(got[2].Number).Case)
		if err != nil || k.Place.Community != community || k.Person == "" {
			t.Fatalf("case %+v %v", k, err)
		}
		if err := e.w.Do(t.Context(), e.host(), got[1].Number, "follow_up", 0, form.Raw{"said": {"solved"}}); err == nil {
			t.Error("asked before seven days were over")
		}
		e.Pass(8 * 24 * time.Hour)
		if err := e.w.Act(t.Context(), e.host(), day, "review", e.get(day).Version, nil); err == nil {
			t.Error("reviewed before everybody was asked")
		}
		e.do(e.host(), got[1].Number, "follow_up", form.Raw{"said": {"solved"}})
		e.do(e.host(), got[2].Number, "follow_up", form.Raw{"said": {"part"}, "done": {"换了两组"}})
		e.do(e.host(), waits.Number, "follow_up", form.Raw{"said": {"unreached"}})
		e.do(e.Scope("", access.Callback), walkin.Number, "follow_up", form.Raw{"said": {"no"}})
		if e.state(walkin.Number).Case == "" {
			t.Error("what was not solved was left at that")
		}
		e.act(e.host(), day, "review", form.Raw{"note": {"办结"}})
		list, err := e.w.Records(t.Context(), e.host(), []*workdays.Day{e.get(day)})
		if err != nil {
			t.Fatal(err)
		}
		want := map[string]int{workdays.FigBooked: 5, workdays.FigWalkins: 1, workdays.FigAnswered: 1, workdays.FigSettled: 2, workdays.FigCases: 3, workdays.FigSolved: 2, workdays.FigOpen: 3, workdays.FigAbsent: 1}
		if got := workdays.Tally(list); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("figures %v, want %v", got, want)
		}
		e.check()
	})
}

// TestAtomic: when no case can be made, nothing of the act remains.
func TestAtomic(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		day := e.day(2, 1)
		r := e.must(e.Public(), day, "0")
		e.Pass(4 * 24 * time.Hour)
		o := workdays.Options{Pack: e.Pack, Vault: e.Vault, Clock: e.Clock, Secret: e.Cases.Secret, Deadline: func(from time.Time, _ worktime.Limit) time.Time { return from },
			File: func(*store.Tx, access.Scope, workdays.Request, time.Time) (string, error) {
				return "", errors.New("no")
			}}
		if err := workdays.New(e.DB, o).Do(t.Context(), e.host(), r.Number, "take", 0, form.Raw{}); err == nil {
			t.Fatal("taken without a case")
		}
		if b := e.state(r.Number); b.State != workdays.Booked || b.Version != 1 {
			t.Errorf("something remained: %+v", b)
		}
		e.check()
	})
}

func TestWho(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		day := e.day(2, 1)
		r := e.must(e.Public(), day, "0")
		other := e.Scope("220605003001", access.Community)
		stranger := e.Scope("water-affairs", access.Department)
		for name, sc := range map[string]access.Scope{"another community": other, "a department that does not sit there": stranger, "anybody": e.Public()} {
			if err := e.w.Act(t.Context(), sc, day, "cancel", e.get(day).Version, form.Raw{"reason": {"x"}}); !errors.Is(err, flow.ErrForbidden) {
				t.Errorf("%s cancels: %v", name, err)
			}
			if _, _, _, err := e.w.Booking(t.Context(), sc, r.Number); !errors.Is(err, store.ErrNotFound) {
				t.Errorf("%s reads a booking: %v", name, err)
			}
			if list, err := e.w.Bookings(t.Context(), sc, e.get(day)); err != nil || len(list) > 0 {
				t.Errorf("%s lists bookings: %d %v", name, len(list), err)
			}
		}
		if _, err := e.w.Plan(t.Context(), other, form.Raw{"community": {community}, "from": {"2022-12-01T09:00"}, "until": {"2022-12-01T11:00"}, "place": {"x"}, "themes": {"other"}}); !errors.Is(err, flow.ErrForbidden) {
			t.Errorf("another community plans: %v", err)
		}
		if _, ok := e.w.HolderScope(r.Number, "0000000000"); ok {
			t.Error("a wrong code opens a booking")
		}
		if err := e.w.Do(t.Context(), e.Public(), r.Number, "withdraw", 0, nil); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("without the code: %v", err)
		}
		e.do(e.Public().Holding(r.Number), r.Number, "withdraw", nil)
		if b := e.state(r.Number); b.State != workdays.Withdrawn || b.Slot != -1 {
			t.Errorf("taken back: %+v", b)
		}
		e.check()
	})
}

func TestRefusals(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		plan := func(change form.Raw) error {
			raw := form.Raw{"community": {community}, "from": {"2022-12-01T09:00"}, "until": {"2022-12-01T11:00"}, "place": {"居委会"}, "themes": {"other"}}
			for k, v := range change {
				raw[k] = v
			}
			_, err := e.w.Plan(t.Context(), e.host(), raw)
			return err
		}
		for name, c := range map[string]form.Raw{
			"in the past":   {"from": {"2022-11-01T09:00"}, "until": {"2022-11-01T11:00"}},
			"back to front": {"from": {"2022-12-01T11:00"}, "until": {"2022-12-01T09:00"}},
			"two days":      {"until": {"2022-12-02T11:00"}},
			"too short":     {"until": {"2022-12-01T09:10"}},
			"no community":  {"community": {"housing"}},
			"no such theme": {"themes": {"nonsense"}},
			"no such unit":  {"units": {"nobody"}},
		} {
			err := plan(c)
			_, refused := errors.AsType[*workdays.Refusal](err)
			_, faults := errors.AsType[form.Faults](err)
			if !refused && !faults {
				t.Errorf("%s: %v", name, err)
			}
		}
		day := e.day(1, 2)
		one := form.Raw{"slot": {"0"}, "theme": {"heating"}, "about": {"暖气"}, "phone": {"13912345678"}}
		if _, err := e.w.Book(t.Context(), e.Public(), day, "book", one, store.Key{}); err != nil {
			t.Fatal(err)
		}
		if r, ok := errors.AsType[*workdays.Refusal](func() error { _, err := e.w.Book(t.Context(), e.Public(), day, "book", one, store.Key{}); return err }()); !ok || r.Field != "phone" {
			t.Errorf("the same telephone twice: %v", r)
		}
		e.Pass(4*24*time.Hour - time.Hour)
		if _, err := e.book(e.Public(), day, "0"); err == nil {
			t.Error("booked an hour before the day on the portal")
		}
		if _, err := e.book(e.Scope("", access.Operator), day, "0"); err != nil {
			t.Errorf("the hotline an hour before: %v", err)
		}
	})
}

// TestMoveAndCancel: those booked keep their time if the new hours have it, the others are given one or wait, and all
// of them are told.
func TestMoveAndCancel(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		day := e.day(3, 1)
		a, b, c := e.must(e.Public(), day, "0"), e.must(e.Public(), day, "2"), e.must(e.Public(), day, "1")
		e.act(e.host(), day, "move", form.Raw{"from": {"2022-11-28T14:00"}, "until": {"2022-11-28T14:30"}, "place": {"小广场"}, "reason": {"下雪"}})
		if x, y, z := e.state(a.Number), e.state(b.Number), e.state(c.Number); x.Slot != 0 || y.State != workdays.Waiting || z.Slot != 1 {
			t.Errorf("after the move: %+v %+v %+v", x, y, z)
		}
		e.act(e.host(), day, "cancel", form.Raw{"reason": {"停电"}})
		for _, n := range []string{a.Number, b.Number, c.Number} {
			if x := e.state(n); x.State != workdays.Withdrawn {
				t.Errorf("after cancelling: %+v", x)
			}
		}
		if err := journal.NewRunner(e.DB, e.Pack.District, nil, e.w.Follower("江源8890", true)).CatchUp(t.Context()); err != nil {
			t.Fatal(err)
		}
		told := map[string]int{}
		for _, n := range []string{a.Number, b.Number, c.Number} {
			list, err := store.Get(t.Context(), e.DB, func(tx *store.Tx) ([]notify.Message, error) {
				return notify.For(tx, e.Pack.District, e.state(n).Person, 0, "", 20)
			})
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range list {
				told[m.Template]++
				m.Args["url"] = "https://example.org"
				if text := m.Text(); strings.Contains(text, "{") || text == "" {
					t.Errorf("message %q", text)
				}
			}
		}
		if told["workday.booked"] != 3 || told["workday.moved"]+told["workday.moved.waiting"] != 3 || told["workday.cancelled"] != 3 {
			t.Errorf("told %v", told)
		}
		e.check()
	})
}

// TestOnce: the same form sent twice is one booking.
func TestOnce(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		day := e.day(2, 1)
		raw := form.Raw{"slot": {"0"}, "theme": {"heating"}, "about": {"暖气"}, "phone": {"13912345678"}}
		key := store.Key{Scope: "portal", Value: "k1", Request: store.RequestHash("x")}
		a, err := e.w.Book(t.Context(), e.Public(), day, "book", raw, key)
		if err != nil {
			t.Fatal(err)
		}
		b, err := e.w.Book(t.Context(), e.Public(), day, "book", raw, key)
		if err != nil || b.Number != a.Number || !b.Again || b.Secret != a.Secret {
			t.Errorf("again: %+v %v", b, err)
		}
	})
}

// TestNobodyDoubleBooks books, moves, takes back and reschedules at random: no two ever hold a seat, nobody waits
// while one is free, and the rows are what the acts say.
func TestNobodyDoubleBooks(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		rapid.Check(t, func(r *rapid.T) {
			slots, seats := rapid.IntRange(1, 3).Draw(r, "slots"), rapid.IntRange(1, 2).Draw(r, "seats")
			day := e.day(slots, seats)
			var numbers []string
			for range rapid.IntRange(3, 15).Draw(r, "steps") {
				switch rapid.IntRange(0, 5).Draw(r, "what") {
				case 0, 1, 2:
					slot := rapid.SampledFrom([]string{"", "0", fmt.Sprint(slots - 1)}).Draw(r, "slot")
					if got, err := e.book(e.Public(), day, slot); err == nil {
						numbers = append(numbers, got.Number)
					} else if _, ok := errors.AsType[*workdays.Refusal](err); !ok {
						r.Fatal(err)
					}
				case 3:
					if len(numbers) > 0 {
						n := rapid.SampledFrom(numbers).Draw(r, "who")
						_ = e.w.Do(t.Context(), e.Public().Holding(n), n, "withdraw", 0, nil)
					}
				case 4:
					if len(numbers) > 0 {
						n := rapid.SampledFrom(numbers).Draw(r, "who")
						_ = e.w.Do(t.Context(), e.Public().Holding(n), n, "rebook", 0, form.Raw{"slot": {fmt.Sprint(rapid.IntRange(0, slots-1).Draw(r, "to"))}})
					}
				case 5:
					now := rapid.IntRange(1, 3).Draw(r, "slots now")
					from := time.Date(2022, 11, 28, 9, 0, 0, 0, worktime.Zone)
					e.act(e.host(), day, "move", form.Raw{"from": {from.Format("2006-01-02T15:04")}, "until": {from.Add(time.Duration(now) * 15 * time.Minute).Format("2006-01-02T15:04")}, "place": {"居委会"}, "reason": {"改期"}})
					slots = now
				}
				e.seated(r, day, slots, seats)
			}
		})
		e.check()
	})
}

func (e env) seated(r *rapid.T, day string, slots, seats int) {
	list, err := e.w.Bookings(e.t.Context(), e.host(), e.get(day))
	if err != nil {
		r.Fatal(err)
	}
	held, waiting := map[[2]int64]string{}, 0
	for _, b := range list {
		switch {
		case b.State == workdays.Waiting:
			waiting++
			if b.Slot != -1 {
				r.Fatalf("waits and holds a seat: %+v", b)
			}
		case b.Slot >= 0:
			s := [2]int64{b.Slot, b.Seat}
			if other := held[s]; other != "" || b.Slot >= int64(slots) || b.Seat >= int64(seats) || !slices.Contains([]string{workdays.Booked, workdays.Answered}, b.State) {
				r.Fatalf("%s holds %v, so does %q, of %d x %d", b.Number, s, other, slots, seats)
			}
			held[s] = b.Number
		}
	}
	if waiting > 0 && len(held) < slots*seats {
		r.Fatalf("%d wait, %d of %d seats are taken", waiting, len(held), slots*seats)
	}
}
