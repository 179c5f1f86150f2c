package simulate

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"weixiao/internal/access"
	"weixiao/internal/assess"
	"weixiao/internal/cases"
	"weixiao/internal/cases/casestest"
	"weixiao/internal/directory/firms"
	"weixiao/internal/journal"
	"weixiao/internal/store"
	"weixiao/internal/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

func fill(t *testing.T, e *casestest.Env, o Options) Stats {
	t.Helper()
	g, err := access.New(e.DB, access.Options{District: e.Pack.District, Path: func(unit string) (out []string) {
		for _, u := range e.Pack.Directory.Path(unit) {
			out = append(out, u.ID)
		}
		return out
	}})
	if err != nil {
		t.Fatal(err)
	}
	st, err := Fill(t.Context(), World{DB: e.DB, Cases: e.Cases, Gate: g, Pack: e.Pack, Firms: e.Firms}, o)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range st.Refused {
		t.Errorf("refused: %s", r)
	}
	return st
}

// outcome is what a year left behind, by the references of its cases: the same
// for the same seed, whatever the numbers.
func outcome(t *testing.T, e *casestest.Env) string {
	t.Helper()
	var out []string
	err := e.DB.Read(t.Context(), func(tx *store.Tx) error {
		return tx.Each(`SELECT x.source, x.ref, c.state, c.marks, c.desk, c.unit, c.holder, c.matter, c.created, c.changed, c.next_due, c.version, c.body
			FROM case_external x JOIN cases c ON c.district = x.district AND c.number = x.number WHERE x.district = $1`, []any{e.Pack.District}, func(r store.Scanner) error {
			var s [9]string
			var n [4]int64
			if err := r.Scan(&s[0], &s[1], &s[2], &s[3], &s[4], &s[5], &s[6], &s[7], &n[0], &n[1], &n[2], &n[3], &s[8]); err != nil {
				return err
			}
			if s[0] != Source {
				t.Errorf("source %q", s[0])
			}
			out = append(out, fmt.Sprint(s[1:], n))
			return nil
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(out)
	return strings.Join(out, "\n")
}

// TestFill makes a small year on both engines: everything the simulation does is
// allowed, chain and rows hold, every state and mark is there, and both engines
// hold the same.
func TestFill(t *testing.T) {
	var before string
	casestest.Each(t, func(t *testing.T, e *casestest.Env) {
		st := fill(t, e, Options{Scale: 0.02})
		if st.Cases < 200 || st.Acts < 4*st.Cases || st.Whistles < 8 || st.Accounts < 60 {
			t.Errorf("%+v", st)
		}
		verify(t, e)
		if list, err := e.Firms.List(t.Context(), firms.Filter{}, 200); err != nil || len(list) != len(e.Pack.Firms) || !list[0].MadeUp || list[0].Person == "" {
			t.Errorf("%d firms of %d: %v", len(list), len(e.Pack.Firms), err)
		}
		open(t, e)
		inboxes(t, e)
		old(t, e, st)
		got := outcome(t, e)
		if before != "" && got != before {
			t.Error("the same seed left another year on the other engine")
		}
		before = got
	})
}

func verify(t *testing.T, e *casestest.Env) {
	t.Helper()
	ctx := context.Background()
	r, err := e.Cases.NewReplayer(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := journal.Verify(ctx, e.DB, e.Pack.District, func(a journal.Act) error { return r.Fold(ctx, a) }); err != nil {
		t.Errorf("verify: %v", err)
	}
	if err := r.Finish(); err != nil {
		t.Errorf("verify: %v", err)
	}
}

func open(t *testing.T, e *casestest.Env) {
	t.Helper()
	centre := e.Scope("", "dispatcher")
	for _, s := range cases.Table.States {
		list, err := e.Cases.List(t.Context(), centre, cases.Filter{State: s.Name})
		if err != nil {
			t.Fatal(err)
		}
		// Rare ends need a larger year.
		if len(list) == 0 && !slices.Contains([]string{cases.Terminated, cases.Withdrawn}, s.Name) {
			t.Errorf("no case is %s", s.Name)
		}
	}
	for _, m := range []string{cases.ObjectionPending, cases.ExtensionPending, cases.SuspensionPending, cases.Suspended, cases.Extended, cases.Supervised, cases.Whistled} {
		list, err := e.Cases.List(t.Context(), centre, cases.Filter{Mark: m, Open: true})
		if err != nil {
			t.Fatal(err)
		}
		if len(list) == 0 {
			t.Errorf("no open case is %s", m)
		}
	}
	orders, err := e.Cases.Orders(t.Context(), centre, cases.OrderList{})
	if err != nil || len(orders) == 0 {
		t.Errorf("no order is open: %v", err)
	}
	whistles, _, err := e.Cases.Whistles(t.Context(), centre, 200)
	if err != nil {
		t.Fatal(err)
	}
	states := map[string]int{}
	for _, w := range whistles {
		states[w.State]++
	}
	if len(states) != 4 {
		t.Errorf("open whistles: %v", states)
	}
}

// inboxes: the centre's desks have work, and deadlines of all kinds run.
func inboxes(t *testing.T, e *casestest.Env) {
	t.Helper()
	centre := e.Scope("", "dispatcher")
	for _, desk := range []string{"dispatch", "approve", "callback"} {
		list, err := e.Cases.Inbox(t.Context(), centre, desk, cases.Cursor{}, 10)
		if err != nil {
			t.Fatal(err)
		}
		if len(list) == 0 {
			t.Errorf("the desk %s is empty", desk)
		}
	}
	all, err := e.Cases.Inbox(t.Context(), centre, "", cases.Cursor{}, 200)
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[string]int{}
	for _, k := range all {
		switch due := cases.NextDue(k.Clocks) - Present.UnixMicro(); {
		case cases.NextDue(k.Clocks) == cases.NoDue:
			kinds["none or at rest"]++
		case due < 0:
			kinds["overdue"]++
		case due < 2*3600e6:
			kinds["near"]++
		default:
			kinds["later"]++
		}
	}
	if len(kinds) != 4 {
		t.Errorf("deadlines: %v", kinds)
	}
}

// old: st.Old is the last act before the two days that people are told of.
func old(t *testing.T, e *casestest.Env, st Stats) {
	t.Helper()
	err := e.DB.Read(t.Context(), func(tx *store.Tx) error {
		acts, err := journal.Since(tx, e.Pack.District, st.Old-1, 2)
		if err != nil || len(acts) != 2 {
			return fmt.Errorf("%d acts: %w", len(acts), err)
		}
		edge := Present.AddDate(0, 0, -2)
		if !acts[0].Time().Before(edge) || acts[1].Time().Before(edge) {
			t.Errorf("act %d is of %v, the next of %v", st.Old, acts[0].Time(), acts[1].Time())
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestSeeds: other years are allowed too, and the accounts take part that were
// there.
func TestSeeds(t *testing.T) {
	for seed := range uint64(4) {
		storetest.Each(t, casestest.Schemas(), func(t *testing.T, db *store.DB) {
			e := casestest.New(t, db)
			fill(t, e, Options{Seed: seed + 10, Scale: 0.04})
			verify(t, e)
		})
	}
}

// TestScoring: the months of the year are published, appealed against and frozen
// through the same rules as real ones, and follow from their acts.
func TestScoring(t *testing.T) {
	e := casestest.New(t, storetest.Open(t, "sqlite", append(casestest.Schemas(), assess.Schema)))
	a := assess.New(e.DB, e.Cases, e.Pack, e.Clock)
	g, err := access.New(e.DB, access.Options{District: e.Pack.District})
	if err != nil {
		t.Fatal(err)
	}
	st, err := Fill(t.Context(), World{DB: e.DB, Cases: e.Cases, Gate: g, Pack: e.Pack, Assess: a}, Options{Scale: 0.2})
	if err != nil || len(st.Refused) > 0 || st.Scoring < 40 {
		t.Fatalf("%+v %v", st, err)
	}
	if err := journal.NewRunner(e.DB, e.Pack.District, slog.New(slog.DiscardHandler), a.Follower()).CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	v, err := a.Verify(t.Context())
	if err != nil || v.Sheets < 10 || v.Months != 12 {
		t.Errorf("%+v %v", v, err)
	}
	for month, want := range map[string]string{"2022-10": assess.Frozen, "2022-11": assess.Previewed, "2022-12": assess.Open} {
		if m, err := a.Month(t.Context(), month); err != nil || m.State != want || m.Total.Counts["scored"] == 0 {
			t.Errorf("%s: %+v %v", month, m, err)
		}
	}
}
