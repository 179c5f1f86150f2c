package simulate

import (
	"fmt"
	"slices"
	"testing"

	"weixiao/internal/access"
	"weixiao/internal/assess"
	"weixiao/internal/cases/casestest"
	"weixiao/internal/directory/firms"
	"weixiao/internal/form"
	"weixiao/internal/journal"
	"weixiao/internal/pack"
	"weixiao/internal/projects"
	"weixiao/internal/projects/outreach"
	"weixiao/internal/record"
	"weixiao/internal/store"
	"weixiao/internal/store/storetest"
	"weixiao/internal/worktime"
)

// TestInvesting: after the simulated year the figures of the founding page come out of the queries that pages use, and
// open to their records.
func TestInvesting(t *testing.T) {
	db := storetest.Open(t, "sqlite", append(casestest.Schemas(), record.Schema, assess.Schema))
	e := casestest.New(t, db)
	e.Pass(Begin.Sub(casestest.Start))
	g, err := access.New(db, access.Options{District: e.Pack.District, Path: func(unit string) (out []string) {
		for _, u := range e.Pack.Directory.Path(unit) {
			out = append(out, u.ID)
		}
		return out
	}})
	if err != nil {
		t.Fatal(err)
	}
	engine := record.New(db, record.Options{District: e.Pack.District, Prefix: "JY", Pack: e.Pack.Version, Clock: e.Clock, Calendar: func(_ *store.Tx, unit string) (*worktime.Calendar, error) { return e.Pack.Calendar(unit), nil }})
	ledger := projects.New(db, engine, projects.Options{Rules: e.Pack.Projects, Works: e.Pack.Works, Directory: e.Pack.Directory, CheckCode: firms.CheckCode, Clock: e.Clock})
	met := outreach.New(db, engine, outreach.Options{Rules: e.Pack.Outreach, Directory: e.Pack.Directory, Vault: e.Vault, CheckCode: firms.CheckCode, Clock: e.Clock, Sectors: pack.IDs(e.Pack.Projects.Sectors),
		Lead: func(tx *store.Tx, sc access.Scope, l outreach.Lead) (string, error) {
			return ledger.EnterIn(tx, sc, l.At, projects.Given{MadeUp: l.MadeUp, From: l.Visit}, "name", l.Name, "investor", l.Investor, "firm", l.Firm, "unit", l.Unit, "sector", l.Sector, "investment", form.FormatMoney(l.Investment))
		}})
	w := World{DB: db, Cases: e.Cases, Gate: g, Pack: e.Pack, Assess: assess.New(db, e.Cases, e.Pack, e.Clock), Projects: ledger, Outreach: met}
	if _, err := Fill(t.Context(), w, Options{Scale: 0.01}); err != nil {
		t.Fatal(err)
	}
	e.Pass(Present.Sub(e.Clock()))
	check := engine.NewChecker()
	if _, err := journal.Verify(t.Context(), db, e.Pack.District, check.Fold); err != nil {
		t.Fatal(err)
	}
	if n, err := check.Finish(t.Context()); err != nil || n < 1500 {
		t.Errorf("%d records: %v", n, err)
	}
	sc := e.Scope("commerce", access.Department)
	year := projects.Period{From: "2022-01-01", To: "2022-12-31"}
	list, err := ledger.Figures(t.Context(), sc, year)
	if err != nil {
		t.Fatal(err)
	}
	figure := func(key string) projects.Figure {
		i := slices.IndexFunc(list, func(f projects.Figure) bool { return f.Key == key })
		behind, err := ledger.Behind(t.Context(), sc, year, key, false)
		if err != nil || len(behind) != list[i].N {
			t.Errorf("%s says %d and opens to %d: %v", key, list[i].N, len(behind), err)
		}
		return list[i]
	}
	// 77 projects signed, over CNY 16 bn; frameworks and intents apart, nothing twice, nothing below the threshold.
	if f := figure("signed"); f.N != 77 || f.Amount != 163_5800_0000_00 {
		t.Errorf("signed %d over %d fen", f.N, f.Amount)
	}
	for key, want := range map[string]int{"framework": 9, "intent": 12, "below": 2, "decided": 1, "undecided": 0} {
		if f := figure(key); f.N != want {
			t.Errorf("%s: %d, want %d", key, f.N, want)
		}
	}
	for _, key := range []string{"started", "producing", "arrived", "completed", "unstarted", "moved", "band.huge", "band.small"} {
		if f := figure(key); f.N == 0 || f.N == 77 {
			t.Errorf("%s: %d of %d shows nothing", key, f.N, f.Of)
		}
	}
	named := map[string]string{"热电联产长输管道": "3.25亿", "肉牛示范养殖": "1.39亿", "浑江干流综合整治": "1.25亿", "苏里瑟利·之江酒店": "1467万", "源翔祖代鸡": "2.37亿", "丰金矿业玄武岩加工": "9200万", "康盛物流一期": "5000万",
		"石基纸生产基地": "", "长白山特产销售电商平台": "", "长白山双孢菇三产融合": "", "鼎运新能源120万吨焦化": "", "松湾废弃老工业基地再利用": "", "长白山食药科技产业园孵化基地": "", "新睿来纳米活性碳酸钙": "", "“双碳”产业园": "", "双创中心": "", "吉科软东北总部": ""}
	for name, amount := range named {
		got, _, err := ledger.List(t.Context(), sc, projects.Query{Words: name})
		if err != nil || len(got) != 1 {
			t.Errorf("%s: %d projects, %v", name, len(got), err)
			continue
		}
		if fen, _ := form.ParseMoney(amount); amount != "" && (got[0].Investment != fen || !got[0].Exact) || amount == "" && got[0].Exact || got[0].MadeUp {
			t.Errorf("%s: %d fen, exact %t, made up %t", name, got[0].Investment, got[0].Exact, got[0].MadeUp)
		}
	}
	built, err := ledger.Built(t.Context(), sc)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"road": "63.2", "village_road": "7.2", "link_road": "4.3", "pavement": "17000", "pipes": "145000", "hard_surface": "8700", "square": "1", "park": "1"}
	for _, b := range built {
		if got := pack.InMeasure(b.Accepted, b.Kind.Measure); got != want[b.Kind.ID] {
			t.Errorf("%s: %s, want %s", b.Kind.ID, got, want[b.Kind.ID])
		}
		var sum int64
		if err := db.Read(t.Context(), func(tx *store.Tx) error {
			return ledger.Books.Section.Each(tx, record.Filter{Tag: b.Kind.ID, State: "accepted"}, func(x *projects.Section) error { sum += x.Quantity(); return nil })
		}); err != nil || sum != b.Accepted {
			t.Errorf("%s says %d and opens to %d: %v", b.Kind.ID, b.Accepted, sum, err)
		}
	}
	for _, name := range []string{"奇石村广场", "繁花林公园"} {
		works, _, err := ledger.Books.Work.List(t.Context(), sc, record.Filter{Limit: 100})
		if err != nil || !slices.ContainsFunc(works, func(x *projects.Work) bool { return x.Name == name && x.State == "completed" }) {
			t.Errorf("%s is not there, or not completed: %v", name, err)
		}
	}
	f, err := met.Figures(t.Context(), sc, year.From, year.To)
	all, merr := met.Met(t.Context(), sc, year.From, year.To, "")
	if err != nil || merr != nil || f.Partners != 263 || len(all) != 263 || f.Out+f.In != 285 || f.ByClass["firm"]+f.ByClass["association"] != 263 || f.Leads == 0 {
		t.Errorf("met %+v, %d listed: %v, %v", f, len(all), err, merr)
	}
	// The people met are in the vault and nowhere in the records.
	if err := db.Read(t.Context(), func(tx *store.Tx) error {
		return met.Books.Visit.Each(tx, record.Filter{}, func(v *outreach.Visit) error {
			if v.Person == "" {
				return fmt.Errorf("%s has nobody sealed", v.ID)
			}
			return nil
		})
	}); err != nil {
		t.Error(err)
	}
}
