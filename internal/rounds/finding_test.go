package rounds_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/cases"
	"weixiao/internal/cases/casestest"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/rounds"
	"weixiao/internal/store"
)

func TestTables(t *testing.T) {
	for _, bad := range rounds.Table.Check() {
		t.Error(bad)
	}
}

// TestFindSentUp: finding and case are there together, and once however often the same form comes.
func TestFindSentUp(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		grid := e.Scope(community, access.Grid)
		var attached []string
		f := rounds.Finding{Words: "井盖破损，电话 13812345678", Place: here, Photos: 1, Key: store.Key{Scope: "a", Value: "k1", Request: store.RequestHash("1")},
			Attach: func(_ *store.Tx, kind, subject string, _ time.Time) error {
				attached = append(attached, kind+" "+subject)
				return nil
			}}
		got, err := e.r.Find(t.Context(), grid, f)
		if err != nil || got.Case == "" || got.Again {
			t.Fatalf("%+v %v", got, err)
		}
		again, err := e.r.Find(t.Context(), grid, f)
		if err != nil || !again.Again || again.ID != got.ID || again.Case != got.Case {
			t.Fatalf("again: %+v %v", again, err)
		}
		k, err := e.Cases.Get(t.Context(), grid, got.Case)
		if err != nil || k.Place.Community != community || k.Photos != 1 {
			t.Fatalf("%+v %v", k, err)
		}
		rec, acts, err := e.r.Get(t.Context(), grid, got.ID)
		if err != nil || rec.State != rounds.Sent || rec.Place.Community != community || rec.Place.Grid == "" || rec.Unit != community || len(acts) != 1 {
			t.Fatalf("%+v %v", rec, err)
		}
		if strings.Contains(rec.Words, "13812345678") {
			t.Error("a telephone number stands in the finding")
		}
		if len(attached) == 0 || attached[len(attached)-1] != "case "+got.Case {
			t.Errorf("photos went to %v", attached)
		}
		if n := e.count(t, `SELECT count(*) FROM cases WHERE district = $1`, e.Pack.District); n != 1 {
			t.Errorf("%d cases", n)
		}
		e.verified(t)
	})
}

// TestFindLeavesNothing: when the photos cannot be attached there is neither finding nor case.
func TestFindLeavesNothing(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		broken := errors.New("no room")
		_, err := e.r.Find(t.Context(), e.Scope(community, access.Grid), rounds.Finding{Words: "垃圾未清", Place: here, Photos: 1,
			Attach: func(*store.Tx, string, string, time.Time) error { return broken }})
		if !errors.Is(err, broken) {
			t.Fatal(err)
		}
		for _, table := range []string{"cases", "findings", "finding_cases", "acts"} {
			if n := e.count(t, "SELECT count(*) FROM "+table+" WHERE district = $1", e.Pack.District); n != 0 {
				t.Errorf("%d rows in %s", n, table)
			}
		}
	})
}

// TestSettled: no case; another looks again; what is not fixed goes back and then up.
func TestSettled(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		grid, street, far := e.Scope(community, access.Grid), e.Scope(casestest.Street, access.Street), e.Scope(casestest.OtherStreet, access.Street)
		got, err := e.r.Find(t.Context(), grid, rounds.Finding{Words: "楼道堆放杂物", Place: here, Settled: true, Fix: "和住户一起清走了", FixPhotos: 1})
		if err != nil || got.Case != "" {
			t.Fatalf("%+v %v", got, err)
		}
		act := func(sc access.Scope, action string, kv ...string) error {
			raw := form.Raw{}
			for i := 0; i < len(kv); i += 2 {
				raw[kv[i]] = []string{kv[i+1]}
			}
			_, err := e.r.Act(t.Context(), sc, got.ID, action, rounds.Input{Raw: raw})
			return err
		}
		if err := act(grid, "recheck", "fixed", "yes"); !errors.Is(err, flow.ErrForbidden) {
			t.Errorf("the finder checked what the finder settled: %v", err)
		}
		if err := act(far, "recheck", "fixed", "yes"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("another street reached it: %v", err)
		}
		if err := act(street, "recheck"); err == nil {
			t.Error("looked again without an answer")
		}
		if err := act(street, "recheck", "fixed", "no", "note", "又堆上了"); err != nil {
			t.Fatal(err)
		}
		if err := act(street, "recheck", "fixed", "yes"); !errors.Is(err, flow.ErrState) {
			t.Errorf("looked again at what was not fixed since: %v", err)
		}
		if err := act(grid, "fix", "fix", "再次清走并张贴提示"); err != nil {
			t.Fatal(err)
		}
		if err := act(street, "send", "note", "反复堆放，请物业中心牵头"); err != nil {
			t.Fatal(err)
		}
		rec, acts, err := e.r.Get(t.Context(), street, got.ID)
		if err != nil || rec.State != rounds.Sent || rec.Case == "" || len(acts) != 4 || rec.Fix != "再次清走并张贴提示" {
			t.Fatalf("%+v %d %v", rec, len(acts), err)
		}
		if _, err := e.Cases.Get(t.Context(), grid, rec.Case); err != nil {
			t.Errorf("who found it cannot read its case: %v", err)
		}
		e.verified(t)
	})
}

func TestFindRefuses(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		grid := e.Scope(community, access.Grid)
		for name, c := range map[string]struct {
			f     rounds.Finding
			field string
		}{
			"no words":      {rounds.Finding{Place: here}, "words"},
			"long words":    {rounds.Finding{Words: strings.Repeat("长", 2001)}, "words"},
			"no fix":        {rounds.Finding{Words: "雪未清", Settled: true}, "fix"},
			"no matter":     {rounds.Finding{Words: "雪未清", Matter: "nothing"}, "matter"},
			"unknown point": {rounds.Finding{Words: "雪未清", Place: rounds.Place{Located: true, Lon: 900}}, "point"},
			"unknown CRS":   {rounds.Finding{Words: "雪未清", Place: rounds.Place{Located: true, CRS: "mars"}}, "point"},
			"unknown grid":  {rounds.Finding{Words: "雪未清", Place: rounds.Place{Grid: "1"}}, "place"},
			"unknown turn":  {rounds.Finding{Words: "雪未清", Turn: "nothing"}, "turn"},
		} {
			faults, ok := errors.AsType[form.Faults](second(e.r.Find(t.Context(), grid, c.f)))
			if !ok || faults[0].Field != c.field {
				t.Errorf("%s: %v", name, faults)
			}
		}
		if _, err := e.r.Find(t.Context(), e.Public(), rounds.Finding{Words: "雪未清"}); !errors.Is(err, flow.ErrForbidden) {
			t.Errorf("anybody found something: %v", err)
		}
	})
}

func second[T any](_ T, err error) error { return err }

// TestWhoFinds: whoever goes out may send up what is found, and reads the case.
func TestWhoFinds(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		for unit, role := range map[string]string{community: access.Community, casestest.Street: access.StreetLead, "housing": access.Department, "leaders": access.Leader, "supervision": access.Supervisor} {
			got, err := e.r.Find(t.Context(), e.Scope(unit, role), rounds.Finding{Words: "路灯不亮", Place: here})
			if err != nil {
				t.Errorf("%s: %v", role, err)
				continue
			}
			if k, err := e.Cases.Get(t.Context(), e.Scope(unit, role), got.Case); err != nil || k.Units[unit] != cases.Former {
				t.Errorf("%s reads the case: %v", role, err)
			}
		}
	})
}

func TestLists(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		grid, dept := e.Scope(community, access.Grid), e.Scope("housing", access.Department)
		for range 3 {
			e.Pass(time.Minute)
			if _, err := e.r.Find(t.Context(), grid, rounds.Finding{Words: "杂物", Place: here, Settled: true, Fix: "清走"}); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := e.r.Find(t.Context(), dept, rounds.Finding{Words: "墙皮脱落", Place: here}); err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			sc   access.Scope
			f    rounds.Filter
			want int
		}{
			{e.Scope("", access.Dispatcher), rounds.Filter{}, 4}, {e.Scope(casestest.Street, access.Street), rounds.Filter{}, 4},
			{e.Scope(casestest.OtherStreet, access.Street), rounds.Filter{}, 0}, {dept, rounds.Filter{}, 1}, {grid, rounds.Filter{State: rounds.Settled}, 3},
			{grid, rounds.Filter{Account: grid.Account()}, 3}, {e.Scope("", access.Dispatcher), rounds.Filter{Community: community, Limit: 2}, 2},
			{e.Scope("", access.Dispatcher), rounds.Filter{Since: casestest.Start.Add(150 * time.Second).UnixMicro()}, 2},
		} {
			list, err := e.r.List(t.Context(), c.sc, c.f)
			if err != nil || len(list) != c.want {
				t.Errorf("%v %+v: %d, want %d, %v", c.sc.Roles(), c.f, len(list), c.want, err)
			}
		}
	})
}

// TestSums: every count opens to as many findings, and the counts of fates add up.
func TestSums(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		grid, street := e.Scope(community, access.Grid), e.Scope(casestest.Street, access.Street)
		var settled []string
		for range 3 {
			got, err := e.r.Find(t.Context(), grid, rounds.Finding{Words: "杂物", Place: here, Settled: true, Fix: "清走"})
			if err != nil {
				t.Fatal(err)
			}
			settled = append(settled, got.ID)
		}
		if _, err := e.r.Act(t.Context(), street, settled[0], "recheck", rounds.Input{Raw: form.Raw{"fixed": {"no"}}}); err != nil {
			t.Fatal(err)
		}
		if _, err := e.r.Act(t.Context(), street, settled[1], "recheck", rounds.Input{Raw: form.Raw{"fixed": {"yes"}}}); err != nil {
			t.Fatal(err)
		}
		if _, err := e.r.Find(t.Context(), grid, rounds.Finding{Words: "路灯不亮", Place: here}); err != nil {
			t.Fatal(err)
		}
		if _, err := e.r.Find(t.Context(), grid, rounds.Finding{Words: "不知在哪", Place: rounds.Place{Text: "路边"}}); err != nil {
			t.Fatal(err)
		}
		since, until := casestest.Start.Add(-time.Hour).UnixMicro(), casestest.Start.Add(time.Hour).UnixMicro()
		for _, c := range []struct {
			sc   access.Scope
			want int
		}{{e.Scope("", access.Leader), 5}, {grid, 5}, {street, 5}, {e.Scope(casestest.OtherStreet, access.Street), 0}} {
			sums, err := e.r.Sums(t.Context(), c.sc, since, until)
			if err != nil {
				t.Fatal(err)
			}
			found := 0
			for _, s := range sums {
				found += s.Found()
				for fate, n := range s.By {
					list, err := e.r.List(t.Context(), c.sc, rounds.Filter{Community: s.Community, Fate: fate, Since: since, Until: until})
					if s.Community != "" && (err != nil || len(list) != n) {
						t.Errorf("%s: %d counted, %d listed, %v", fate, n, len(list), err)
					}
				}
			}
			if found != c.want {
				t.Errorf("%v: %d found, want %d: %+v", c.sc.Roles(), found, c.want, sums)
			}
		}
	})
}
