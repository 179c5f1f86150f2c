package approvals

import (
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"weixiao/internal/access"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/journal"
	"weixiao/internal/notify"
	"weixiao/internal/pack"
	"weixiao/internal/record"
	"weixiao/internal/store"
	"weixiao/internal/store/storetest"
	"weixiao/internal/worktime"
)

func TestMain(m *testing.M) { storetest.Main(m) }

var loaded = sync.OnceValues(func() (*pack.Pack, error) { return pack.Load(pack.Jiangyuan()) })

var schemas = []store.Schema{store.OnceSchema, journal.Schema, notify.Schema, record.Schema}

type env struct {
	t     *testing.T
	db    *store.DB
	now   time.Time
	p     *pack.Pack
	e     *record.Engine
	s     *Approvals
	agent string // account that accompanies every file
}

func newEnv(t *testing.T, db *store.DB) *env {
	p, err := loaded()
	if err != nil {
		t.Fatal(err)
	}
	v := &env{t: t, db: db, p: p, now: time.Date(2022, 11, 7, 9, 0, 0, 0, worktime.Zone), agent: "acc-agent"}
	v.e = record.New(db, record.Options{District: p.District, Prefix: p.Prefix, Pack: p.Version, Clock: func() time.Time { return v.now },
		Calendar: func(_ *store.Tx, unit string) (*worktime.Calendar, error) { return p.Calendar(unit), nil }})
	list := func() (out []Project) {
		for _, x := range p.Approvals.Projects {
			out = append(out, Project{ID: x.ID, Title: x.Title, Firm: x.Firm, Street: x.Street, Class: x.Class, MadeUp: x.MadeUp})
		}
		return out
	}()
	v.s = New(db, v.e, Options{Rules: p.Approvals, Directory: p.Directory, Clock: func() time.Time { return v.now },
		Projects: func(_ *store.Tx, firm string) (out []Project, _ error) {
			return slices.DeleteFunc(slices.Clone(list), func(x Project) bool { return x.Firm != firm }), nil
		},
		Project: func(_ *store.Tx, id string) (Project, error) {
			for _, x := range list {
				if x.ID == id {
					return x, nil
				}
			}
			return Project{}, store.ErrNotFound
		},
		Agent:    func(_ *store.Tx, account, _ string) (bool, error) { return account == v.agent, nil },
		Calendar: func(*store.Tx) (*worktime.Calendar, error) { return p.Calendar(""), nil }})
	return v
}

func each(t *testing.T, fn func(t *testing.T, v *env)) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) { fn(t, newEnv(t, db)) })
}

func (v *env) staff(unit, role, account string) access.Scope {
	var path []string
	for _, u := range v.p.Directory.Path(unit) {
		path = append(path, u.ID)
	}
	return access.ScopeOf(access.Principal{District: v.p.District, Account: account, Unit: unit, Path: path, Roles: []string{role}, Kind: access.Cookie})
}

func (v *env) firm(code string) access.Scope {
	return access.ScopeOf(access.Principal{District: v.p.District, Account: "acc-" + code, Unit: code, Roles: []string{access.Firm}, Kind: access.Cookie})
}

func (v *env) owner() access.Scope { return v.firm(v.p.Approvals.Projects[0].Firm) }
func (v *env) stranger() access.Scope {
	return v.firm(v.p.Approvals.Projects[1].Firm)
}
func (v *env) hall() access.Scope { return v.staff("service-hall", access.Department, "acc-hall") }

func (v *env) verify() int {
	v.t.Helper()
	c := v.e.NewChecker()
	if _, err := journal.Verify(v.t.Context(), v.db, v.p.District, c.Fold); err != nil {
		v.t.Fatal(err)
	}
	n, err := c.Finish(v.t.Context())
	if err != nil {
		v.t.Fatal(err)
	}
	return n
}

// open makes a file with items of the pack, and a stage's form.
func (v *env) open(items ...string) *File {
	v.t.Helper()
	f, err := v.s.Files.Open(v.t.Context(), v.owner(), "apply", record.Input{Raw: record.Raw("project", v.p.Approvals.Projects[0].ID, "project_code", "2210-220605-04-01-123456")})
	if err != nil {
		v.t.Fatal(err)
	}
	raw := form.Raw{"items": items}
	if f, err = v.s.FileAct(v.t.Context(), v.hall(), f.ID, "plan", record.Input{Raw: raw}); err != nil {
		v.t.Fatal(err)
	}
	return f
}

var stageForms = map[string]form.Raw{
	"land":   record.Raw("stage", "land", "land_use", "工业", "land_area", "12.5", "investment", "3000万"),
	"design": record.Raw("stage", "design", "floor_area", "5200", "storeys", "3"),
	"build":  record.Raw("stage", "build", "builder", "某建筑公司", "begins_on", "2022-05-01", "ends_on", "2022-10-31"),
	"finish": record.Raw("stage", "finish", "finished_on", "2022-10-31", "floor_built", "5200"),
}

func (v *env) file(sc access.Scope, id, action string, raw form.Raw) *File {
	v.t.Helper()
	f, err := v.s.FileAct(v.t.Context(), sc, id, action, record.Input{Raw: raw})
	if err != nil {
		v.t.Fatalf("%s: %v", action, err)
	}
	return f
}

func (v *env) act(sc access.Scope, id, action string, kv ...string) *Item {
	v.t.Helper()
	x, err := v.s.Act(v.t.Context(), sc, id, action, record.Input{Raw: record.Raw(kv...)})
	if err != nil {
		v.t.Fatalf("%s: %v", action, err)
	}
	return x
}

func (v *env) items(f *File) map[string]*Item {
	v.t.Helper()
	out := map[string]*Item{}
	if err := v.db.Read(v.t.Context(), func(tx *store.Tx) error {
		list, err := v.s.itemsIn(tx, f.ID)
		for _, x := range list {
			out[x.Code] = x
		}
		return err
	}); err != nil {
		v.t.Fatal(err)
	}
	return out
}

func (v *env) sum(x *Item) Sum {
	return Measure(x.Events(), x.Promised, v.p.Calendar(""), v.now)
}

func refused(err error, code string) bool {
	r, ok := errors.AsType[*record.RefusedError](err)
	return ok && r.Code == code
}

func fault(err error, field, code string) bool {
	f, ok := errors.AsType[form.Faults](err)
	return ok && slices.ContainsFunc(f, func(x form.Fault) bool { return x.Field == field && x.Code == code })
}

func TestTables(t *testing.T) {
	for _, tb := range Tables() {
		for _, bad := range tb.Check() {
			t.Errorf("%s: %s", tb.Kind, bad)
		}
	}
}

// TestNobodySignsForTheFirm: no table grants what needs the firm's signature to anybody but its own account.
func TestNobodySignsForTheFirm(t *testing.T) {
	n := 0
	for _, tb := range Tables() {
		for _, a := range tb.Actions {
			if !slices.Contains(Signed[tb.Kind], a.Name) {
				continue
			}
			n++
			for _, g := range a.Who {
				if g != (flow.Grant{Role: access.Firm, Relation: own}) {
					t.Errorf("%s %s is granted to %+v", tb.Kind, a.Name, g)
				}
			}
		}
	}
	if n != 8 {
		t.Errorf("%d actions are signed", n)
	}
	each(t, func(t *testing.T, v *env) {
		f := v.open("soil")
		helper := v.staff("service-hall", access.Department, v.agent)
		for _, a := range Signed["approval_file"][1:] {
			if _, err := v.s.FileAct(t.Context(), helper, f.ID, a, record.Input{}); !errors.Is(err, flow.ErrForbidden) {
				t.Errorf("an agent: %s: %v", a, err)
			}
		}
		if _, err := v.s.FileAct(t.Context(), helper, f.ID, "bring", record.Input{Raw: record.Raw("which_papers", "water_plan")}); !fault(err, "which_papers", "signature") {
			t.Errorf("an agent brings a paper that the firm must sign: %v", err)
		}
		if _, err := v.s.FileAct(t.Context(), v.hall(), f.ID, "bring", record.Input{Raw: record.Raw("which_papers", "licence")}); !errors.Is(err, flow.ErrForbidden) {
			t.Errorf("somebody who is no agent brings papers: %v", err)
		}
	})
}

// TestTheWayOfAFile: one form and one set of papers for items that run beside each other, corrected once, stopped by law.
func TestTheWayOfAFile(t *testing.T) {
	each(t, func(t *testing.T, v *env) {
		f := v.open("record", "energy", "site", "land_permit")
		v.file(v.owner(), f.ID, "submit", stageForms["land"])
		land, reform := v.staff("land", access.Department, "acc-land"), v.staff("reform", access.Department, "acc-reform")
		it := v.items(f)
		if len(it) != 4 || it["site"].State != NotStarted || it["site"].Unit != "land" {
			t.Fatalf("items %+v", it)
		}
		if _, err := v.s.Act(t.Context(), land, it["site"].ID, "accept", record.Input{}); !refused(err, "approval_key_missing") {
			t.Errorf("accepted without papers: %v", err)
		}
		f = v.file(v.owner(), f.ID, "hand_in", form.Raw{"which_papers": {"application", "licence", "site_plan", "energy_report"}})
		f = v.file(v.staff("service-hall", access.Department, v.agent), f.ID, "bring", form.Raw{"which_papers": {"licence"}})
		if f.Papers["licence"].Again == 0 || !slices.Equal(f.ByAgent, []string{"licence"}) {
			t.Errorf("papers %+v", f.Papers)
		}
		if _, err := v.s.Act(t.Context(), land, it["land_permit"].ID, "accept", record.Input{}); !refused(err, "approval_needs") {
			t.Errorf("accepted before what it needs: %v", err)
		}
		if _, err := v.s.Act(t.Context(), reform, it["site"].ID, "accept", record.Input{}); !errors.Is(err, flow.ErrForbidden) {
			t.Errorf("another unit accepts: %v", err)
		}
		v.act(land, it["site"].ID, "accept")
		v.act(reform, it["energy"].ID, "accept")
		v.act(land, it["site"].ID, "review")
		v.now = v.now.Add(48 * time.Hour) // Wednesday 9 November
		v.act(land, it["site"].ID, "ask_supplement", "which_papers", "site_plan", "what", "红线图缺坐标")
		x := v.act(land, it["site"].ID, "begin_special", "procedure", "experts")
		if x.State != Supplemented || !x.Has(InSpecial) {
			t.Errorf("a special procedure beside a correction: %s %v", x.State, x.Marks)
		}
		if _, err := v.s.Act(t.Context(), land, it["site"].ID, "begin_special", record.Input{Raw: record.Raw("procedure", "publication")}); !refused(err, "approval_in_special") {
			t.Errorf("a second procedure at the same time: %v", err)
		}
		if _, err := v.s.Act(t.Context(), land, it["site"].ID, "supply", record.Input{}); !errors.Is(err, flow.ErrForbidden) {
			t.Errorf("the unit corrects for the firm: %v", err)
		}
		v.now = v.now.Add(24 * time.Hour)
		if x = v.act(v.owner(), it["site"].ID, "supply", "note", "已补"); x.State != Special || x.Clocks["supply"].Running() {
			t.Errorf("corrected: %s", x.State)
		}
		v.now = v.now.Add(4 * 24 * time.Hour) // Monday 14 November
		if x = v.act(land, it["site"].ID, "end_special", "outcome", "专家通过"); x.State != Reviewing {
			t.Errorf("after the procedure: %s", x.State)
		}
		if _, err := v.s.Act(t.Context(), land, it["site"].ID, "ask_supplement", record.Input{Raw: record.Raw("which_papers", "site_plan", "what", "再补")}); !refused(err, "approval_corrected") {
			t.Errorf("a second correction: %v", err)
		}
		v.now = v.now.Add(24 * time.Hour)
		x = v.act(land, it["site"].ID, "decide", "result", "granted", "document", "用字第220605202200001号")
		// 8 and 9 were the unit's, 10, 11 and 14 were stopped, 15 is the day of the decision.
		if got := v.sum(x); got.Used != 3 || got.Stopped != 3 || got.Late {
			t.Errorf("measured %+v", got)
		}
		view, err := v.s.Items.View(t.Context(), land, x.ID)
		if err != nil {
			t.Fatal(err)
		}
		// The promise is of eight days: 8 9 | 15 16 17 18 21 22.
		if got := view.Due["promise"].LastDay().Format(time.DateOnly); got != "2022-11-22" {
			t.Errorf("the clock's last day %s", got)
		}
		same := Measure(EventsOf(view.Acts), x.Promised, v.p.Calendar(""), v.now)
		if mine := v.sum(x); same.Used != mine.Used || same.Stopped != mine.Stopped || !same.Due.Equal(mine.Due) {
			t.Errorf("by its acts %+v", same)
		}
		v.act(land, it["land_permit"].ID, "accept")
		v.act(v.hall(), x.ID, "deliver")
		if _, err := v.s.FileAct(t.Context(), v.hall(), f.ID, "finish", record.Input{}); !refused(err, "approval_items_open") {
			t.Errorf("finished with items open: %v", err)
		}
		fig, err := v.s.Figures(t.Context(), land, "", "land")
		if err != nil {
			t.Fatal(err)
		}
		for _, g := range fig {
			want := map[string][3]int{"decided": {1, 3, 0}, "used": {1, 1, 3}, "stopped": {1, 1, 3}, "parallel": {3, 3, 0}, "supplements": {1, 3, 1}, "first_pass": {0, 1, 0}}
			if w, ok := want[g.Name]; ok && (g.Is != w[0] || g.Of != w[1] || g.Sum != w[2] || len(g.Rows) != g.Is) {
				t.Errorf("%s: %d of %d, sum %d, %d rows; want %v", g.Name, g.Is, g.Of, g.Sum, len(g.Rows), w)
			}
		}
		f = v.file(v.owner(), f.ID, "withdraw", record.Raw("reason", "项目调整"))
		if it = v.items(f); it["energy"].State != Withdrawn || it["site"].State != Delivered {
			t.Errorf("withdrawn: %s %s", it["energy"].State, it["site"].State)
		}
		if n := v.verify(); n != 5 {
			t.Errorf("%d records", n)
		}
	})
}

// TestRefusals: what is wrong is said, and nothing is half-saved.
func TestRefusals(t *testing.T) {
	each(t, func(t *testing.T, v *env) {
		f := v.open("build_permit", "spoil", "quality_watch")
		it := v.items(f)
		housing, urban := v.staff("housing", access.Department, "acc-housing"), v.staff("urban", access.Department, "acc-urban")
		acts := func() (n int64) {
			_ = v.db.Read(t.Context(), func(tx *store.Tx) error { n, _ = journal.Head(tx, v.p.District); return nil })
			return n
		}
		before := acts()
		tries := []struct {
			name string
			do   func() error
			ok   func(error) bool
		}{
			{"accepted without the form", func() error {
				_, err := v.s.Act(t.Context(), urban, it["spoil"].ID, "accept", record.Input{})
				return err
			}, func(err error) bool { return refused(err, "approval_no_form") }},
			{"end before start", func() error {
				_, err := v.s.FileAct(t.Context(), v.owner(), f.ID, "submit", record.Input{Raw: record.Raw("stage", "build", "builder", "某公司", "begins_on", "2022-05-01", "ends_on", "2022-04-01")})
				return err
			}, func(err error) bool { return fault(err, "ends_on", "before_start") }},
			{"a stage without items", func() error {
				_, err := v.s.FileAct(t.Context(), v.owner(), f.ID, "submit", record.Input{Raw: stageForms["land"]})
				return err
			}, func(err error) bool { return refused(err, "approval_stage_unplanned") }},
			{"an item twice", func() error {
				_, err := v.s.FileAct(t.Context(), v.hall(), f.ID, "plan", record.Input{Raw: record.Raw("items", "spoil")})
				return err
			}, func(err error) bool { return refused(err, "approval_item_listed") }},
			{"a second file", func() error {
				_, err := v.s.Files.Open(t.Context(), v.owner(), "apply", record.Input{Raw: record.Raw("project", f.Project)})
				return err
			}, func(err error) bool { return refused(err, "approval_file_open") }},
			{"a wrong project code", func() error {
				_, err := v.s.Files.Open(t.Context(), v.owner(), "apply", record.Input{Raw: record.Raw("project", f.Project, "project_code", "123")})
				return err
			}, func(err error) bool { return fault(err, "project_code", "project_code") }},
			{"another firm's project", func() error {
				_, err := v.s.Files.Open(t.Context(), v.stranger(), "apply", record.Input{Raw: record.Raw("project", f.Project)})
				return err
			}, func(err error) bool { return fault(err, "project", "choice") }},
			{"priority without criterion", func() error {
				_, err := v.s.Ask(t.Context(), v.hall(), f.ID, record.Input{Raw: record.Raw("until", "2022-12-01", "reason", "急")})
				return err
			}, func(err error) bool { return fault(err, "criterion", "required") }},
			{"priority that lasts too long", func() error {
				_, err := v.s.Ask(t.Context(), v.hall(), f.ID, record.Input{Raw: record.Raw("criterion", "season", "until", "2023-11-01", "reason", "急")})
				return err
			}, func(err error) bool { return fault(err, "until", "priority_until") }},
			{"an amount typed in the wrong unit", func() error {
				_, err := v.s.FileAct(t.Context(), v.owner(), f.ID, "submit", record.Input{Raw: record.Raw("stage", "land", "land_use", "工业", "land_area", "1", "investment", "3000")})
				return err
			}, func(err error) bool { return fault(err, "investment", "unlikely") }},
		}
		for _, c := range tries {
			if err := c.do(); !c.ok(err) {
				t.Errorf("%s: %v", c.name, err)
			}
		}
		if got := acts(); got != before {
			t.Errorf("%d acts were left by what was refused", got-before)
		}
		v.file(v.owner(), f.ID, "submit", stageForms["build"])
		if _, err := v.s.FileAct(t.Context(), v.owner(), f.ID, "submit", record.Input{Raw: stageForms["build"]}); !refused(err, "approval_form_once") {
			t.Errorf("the form twice: %v", err)
		}
		v.file(v.owner(), f.ID, "hand_in", form.Raw{"which_papers": {"contract_build", "drawings_checked", "safety_measures"}})
		if _, err := v.s.Act(t.Context(), housing, it["build_permit"].ID, "accept", record.Input{}); !refused(err, "approval_papers_missing") {
			t.Errorf("accepted with a secondary paper missing: %v", err)
		}
		if _, err := v.s.Act(t.Context(), housing, it["build_permit"].ID, "accept_short", record.Input{}); !refused(err, "approval_promise_first") {
			t.Errorf("accepted short without a promise: %v", err)
		}
		v.act(housing, it["quality_watch"].ID, "accept")
		if _, err := v.s.Act(t.Context(), housing, it["quality_watch"].ID, "begin_special", record.Input{Raw: record.Raw("procedure", "hearing")}); !fault(err, "procedure", "no_basis") {
			t.Errorf("a procedure without legal basis: %v", err)
		}
		if _, err := v.s.Act(t.Context(), housing, it["quality_watch"].ID, "decide", record.Input{Raw: record.Raw("result", "granted")}); !errors.Is(err, flow.ErrState) {
			t.Errorf("decided before review: %v", err)
		}
		v.verify()
	})
}

// TestShort: accepted against a promise of papers; kept by handing them in, void when the day passes.
func TestShort(t *testing.T) {
	each(t, func(t *testing.T, v *env) {
		for _, keeps := range []bool{true, false} {
			f := v.open("build_permit")
			housing := v.staff("housing", access.Department, "acc-housing")
			x := v.items(f)["build_permit"]
			v.file(v.owner(), f.ID, "submit", stageForms["build"])
			v.file(v.owner(), f.ID, "hand_in", form.Raw{"which_papers": {"contract_build", "drawings_checked", "safety_measures"}})
			offer := func(papers, due string) error {
				_, err := v.s.Offer(t.Context(), v.owner(), x.ID, record.Input{Raw: record.Raw("kind", "papers", "which_papers", papers, "due", due, "promise", "我公司承诺按期补齐")})
				return err
			}
			due := v.now.AddDate(0, 0, 8).Format(time.DateOnly)
			if err := offer("contract_build", due); !refused(err, "promise_key") {
				t.Errorf("a key paper promised: %v", err)
			}
			if err := offer("wage_account", v.now.Format(time.DateOnly)); !fault(err, "due", "promise_due") {
				t.Errorf("promised for today: %v", err)
			}
			if err := offer("wage_account", v.now.AddDate(0, 0, 21).Format(time.DateOnly)); !fault(err, "due", "promise_due") {
				t.Errorf("promised too late: %v", err)
			}
			if err := offer("wage_account", due); err != nil {
				t.Fatal(err)
			}
			if err := offer("wage_account", due); !refused(err, "promise_twice") {
				t.Errorf("promised twice: %v", err)
			}
			if y := v.act(housing, x.ID, "accept_short"); !y.Has(Short) {
				t.Error("not marked as short")
			}
			v.act(housing, x.ID, "review")
			if _, err := v.s.Act(t.Context(), housing, x.ID, "decide", record.Input{Raw: record.Raw("result", "granted")}); !refused(err, "approval_decide_missing") {
				t.Errorf("granted with a paper missing: %v", err)
			}
			v.now = v.now.AddDate(0, 0, 8)
			if n, err := v.s.Lapse(t.Context(), v.p.District); n != 0 || err != nil {
				t.Errorf("void on its last day: %d, %v", n, err)
			}
			if keeps {
				v.file(v.owner(), f.ID, "hand_in", form.Raw{"which_papers": {"wage_account"}})
			}
			v.now = v.now.AddDate(0, 0, 1)
			n, err := v.s.Lapse(t.Context(), v.p.District)
			if err != nil || keeps && n != 0 || !keeps && n != 1 {
				t.Errorf("keeps %v: %d lapsed, %v", keeps, n, err)
			}
			y := v.items(f)["build_permit"]
			if keeps {
				y = v.act(housing, x.ID, "decide", "result", "granted")
			}
			if want := map[bool]string{true: Decided, false: Voided}[keeps]; y.State != want {
				t.Errorf("keeps %v: %s", keeps, y.State)
			}
			v.file(v.owner(), f.ID, "withdraw", record.Raw("reason", "完"))
		}
		v.verify()
	})
}

// TestOnPromise: granted on a promise of facts; looked at later; taken back when it was false.
func TestOnPromise(t *testing.T) {
	each(t, func(t *testing.T, v *env) {
		f := v.open("spoil", "road_open")
		it := v.items(f)
		v.file(v.owner(), f.ID, "submit", stageForms["build"])
		v.file(v.owner(), f.ID, "hand_in", form.Raw{"which_papers": {"spoil_plan", "road_plan"}})
		urban, municipal := v.staff("urban", access.Department, "acc-urban"), v.staff("municipal", access.Department, "acc-municipal")
		v.act(urban, it["spoil"].ID, "accept")
		v.act(municipal, it["road_open"].ID, "accept")
		if _, err := v.s.Act(t.Context(), municipal, it["road_open"].ID, "decide_on_promise", record.Input{}); !refused(err, "approval_no_promise") {
			t.Errorf("an item that is not decided on promises: %v", err)
		}
		if _, err := v.s.Act(t.Context(), urban, it["spoil"].ID, "decide_on_promise", record.Input{}); !refused(err, "approval_facts_first") {
			t.Errorf("decided without a promise: %v", err)
		}
		p, err := v.s.Offer(t.Context(), v.owner(), it["spoil"].ID, record.Input{Raw: record.Raw("kind", "facts", "promise", "渣土全部运至合法消纳场")})
		if err != nil {
			t.Fatal(err)
		}
		x := v.act(urban, it["spoil"].ID, "decide_on_promise", "document", "渣字1号")
		if !x.Granted() || !x.Has(OnPromise) {
			t.Errorf("%+v", x)
		}
		v.act(urban, it["spoil"].ID, "deliver")
		view, err := v.s.Promises.View(t.Context(), urban, p.ID)
		if err != nil || view.X.State != Running || view.Due["keep"].LastDay().Format(time.DateOnly) != "2022-12-07" {
			t.Errorf("its check: %+v, %v", view, err)
		}
		if _, err := v.s.Promises.Act(t.Context(), urban, p.ID, "refute", record.Input{Raw: record.Raw("found", "现场倾倒在河边")}); err != nil {
			t.Fatal(err)
		}
		if y := v.items(f)["spoil"]; y.State != Revoked || y.Granted() {
			t.Errorf("a false promise left %s", y.State)
		}
		v.verify()
	})
}

// TestPriority: asked for by one, approved by another, used until its day, listed with what it did.
func TestPriority(t *testing.T) {
	each(t, func(t *testing.T, v *env) {
		f := v.open("record", "energy")
		v.file(v.owner(), f.ID, "submit", stageForms["land"])
		v.file(v.owner(), f.ID, "hand_in", form.Raw{"which_papers": {"application", "licence", "energy_report"}})
		chief := v.staff("service-hall", access.DeptLead, "acc-chief")
		x, err := v.s.Ask(t.Context(), chief, f.ID, record.Input{Raw: record.Raw("criterion", "season", "until", "2022-11-09", "reason", "上冻前要开工")})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := v.s.PriorityAct(t.Context(), chief, x.ID, "grant", record.Input{}); !refused(err, "priority_own") {
			t.Errorf("approved by the asker: %v", err)
		}
		if _, err := v.s.Priorities.View(t.Context(), v.owner(), x.ID); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("the firm reads it: %v", err)
		}
		reform := v.staff("reform", access.Department, "acc-reform")
		leader := v.staff("leaders", access.Leader, "acc-leader")
		if x, err = v.s.PriorityAct(t.Context(), leader, x.ID, "grant", record.Input{}); err != nil || x.Approver != "acc-leader" {
			t.Fatal(x, err)
		}
		it := v.items(f)
		if y := v.act(reform, it["record"].ID, "accept"); y.Priority != x.ID {
			t.Error("not put first")
		}
		desk, err := v.s.Desk(t.Context(), reform, "reform", "")
		if err != nil || len(desk) != 2 || !desk[0].First {
			t.Errorf("the desk %+v, %v", desk, err)
		}
		v.now = v.now.AddDate(0, 0, 3) // the day after its last
		if y := v.act(reform, it["energy"].ID, "accept"); y.Priority != "" {
			t.Error("an expired priority had an effect")
		}
		if desk, _ = v.s.Desk(t.Context(), reform, "reform", ""); desk[0].First {
			t.Error("an expired priority is still first on the desk")
		}
		first, err := v.s.First(t.Context(), reform)
		if err != nil || len(first) != 1 || first[0].Now || len(first[0].Items) != 1 || first[0].Items[0].Code != "record" {
			t.Errorf("who was put first: %+v, %v", first, err)
		}
		if _, err := v.s.First(t.Context(), v.owner()); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("a firm reads who was put first: %v", err)
		}
		v.verify()
	})
}

// TestFirmsSeeTheirOwn: another firm's file, item and promise are not there; lists are empty.
func TestFirmsSeeTheirOwn(t *testing.T) {
	each(t, func(t *testing.T, v *env) {
		f := v.open("spoil")
		x := v.items(f)["spoil"]
		p, err := v.s.Offer(t.Context(), v.owner(), x.ID, record.Input{Raw: record.Raw("kind", "facts", "promise", "属实")})
		if err != nil {
			t.Fatal(err)
		}
		for name, sc := range map[string]access.Scope{"another firm": v.stranger(), "a grid worker": v.staff("220605001001", access.Grid, "acc-grid"), "anybody": access.PublicScope(v.p.District)} {
			_, e1 := v.s.Files.View(t.Context(), sc, f.ID)
			_, e2 := v.s.Items.View(t.Context(), sc, x.ID)
			_, e3 := v.s.Promises.View(t.Context(), sc, p.ID)
			_, e4 := v.s.Act(t.Context(), sc, x.ID, "withdraw", record.Input{Raw: record.Raw("reason", "x")})
			_, e5 := v.s.Offer(t.Context(), sc, x.ID, record.Input{Raw: record.Raw("kind", "facts", "promise", "x")})
			_, e6 := v.s.FileAct(t.Context(), sc, f.ID, "withdraw", record.Input{Raw: record.Raw("reason", "x")})
			for i, err := range []error{e1, e2, e3, e4, e5, e6} {
				if !errors.Is(err, store.ErrNotFound) {
					t.Errorf("%s, way %d: %v", name, i+1, err)
				}
			}
			l1, _, e1 := v.s.Files.List(t.Context(), sc, record.Filter{Of: f.Firm})
			l2, _, e2 := v.s.Items.List(t.Context(), sc, record.Filter{Parent: f.ID})
			if len(l1)+len(l2) != 0 || e1 != nil || e2 != nil {
				t.Errorf("%s lists %d and %d, %v %v", name, len(l1), len(l2), e1, e2)
			}
			if err := v.db.Read(t.Context(), func(tx *store.Tx) error {
				lines, err := v.e.About(tx, sc, f.Firm, 0, 50)
				if len(lines) > 0 {
					t.Errorf("%s finds %d records about the firm", name, len(lines))
				}
				if _, err := v.s.ItemsOf(tx, sc, f.ID); !errors.Is(err, store.ErrNotFound) {
					t.Errorf("%s reads the items: %v", name, err)
				}
				return err
			}); err != nil {
				t.Error(err)
			}
		}
		if rows, err := v.s.Desk(t.Context(), v.stranger(), "", ""); len(rows) != 0 || err != nil {
			t.Errorf("another firm's desk has %d, %v", len(rows), err)
		}
		if fig, err := v.s.Figures(t.Context(), v.stranger(), "", ""); err != nil || fig[0].Of != 0 {
			t.Errorf("another firm's figures %+v, %v", fig, err)
		}
		if rows, err := v.s.Desk(t.Context(), v.owner(), "", ""); len(rows) != 1 || err != nil {
			t.Errorf("the firm's own: %d, %v", len(rows), err)
		}
	})
}

// TestAnyCourse: whatever is tried in whatever order, acts and stops tell the same course, rows agree with acts, and clock
// and measure name the same last day.
func TestAnyCourse(t *testing.T) {
	v := newEnv(t, storetest.Open(t, "sqlite", schemas))
	v.now = time.Date(2022, 1, 4, 9, 0, 0, 0, worktime.Zone)
	rapid.Check(t, func(rt *rapid.T) {
		f := v.open("plan_permit")
		defer func() { v.file(v.owner(), f.ID, "withdraw", record.Raw("reason", "完")) }()
		v.file(v.owner(), f.ID, "submit", stageForms["design"])
		v.file(v.owner(), f.ID, "hand_in", form.Raw{"which_papers": {"design_drawings", "land_right", "greening"}})
		id, land := v.items(f)["plan_permit"].ID, v.staff("land", access.Department, "acc-land")
		v.act(land, id, "accept")
		actions := map[string]form.Raw{"review": nil, "ask_supplement": record.Raw("which_papers", "greening", "what", "补"), "supply": nil, "begin_special": record.Raw("procedure", "publication"),
			"end_special": record.Raw("outcome", "无异议"), "decide": record.Raw("result", "granted")}
		for range rapid.IntRange(1, 15).Draw(rt, "steps") {
			v.now = v.now.Add(time.Duration(rapid.IntRange(1, 200).Draw(rt, "hours")) * time.Hour)
			a := rapid.SampledFrom([]string{"review", "ask_supplement", "supply", "begin_special", "end_special", "decide"}).Draw(rt, "action")
			sc := land
			if a == "supply" {
				sc = v.owner()
			}
			_, _ = v.s.Act(t.Context(), sc, id, a, record.Input{Raw: actions[a]})
		}
		view, err := v.s.Items.View(t.Context(), land, id)
		if err != nil {
			rt.Fatal(err)
		}
		mine, acts := v.sum(view.X), Measure(EventsOf(view.Acts), view.X.Promised, v.p.Calendar(""), v.now)
		if mine.Used != acts.Used || mine.Stopped != acts.Stopped || mine.Late != acts.Late {
			rt.Fatalf("stops say %+v, acts %+v", mine, acts)
		}
		if due := view.Due["promise"]; !due.At.Equal(mine.Due) {
			rt.Fatalf("the clock is due %s, the measure %s", due.At, mine.Due)
		}
	})
	v.verify()
}
