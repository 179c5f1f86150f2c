package projects_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/directory/firms"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/journal"
	"weixiao/internal/notify"
	"weixiao/internal/pack"
	"weixiao/internal/projects"
	"weixiao/internal/record"
	"weixiao/internal/store"
	"weixiao/internal/store/storetest"
	"weixiao/internal/worktime"
)

func TestMain(m *testing.M) { storetest.Main(m) }

var jiangyuan = func() *pack.Pack {
	p, err := pack.Load(pack.Jiangyuan())
	if err != nil {
		panic(err)
	}
	return p
}()

type env struct {
	t    *testing.T
	db   *store.DB
	now  time.Time
	e    *record.Engine
	s    *projects.Projects
	slip int
}

func newEnv(t *testing.T, db *store.DB) *env {
	e := &env{t: t, db: db, now: time.Date(2022, 6, 15, 10, 0, 0, 0, worktime.Zone)}
	clock := func() time.Time { return e.now }
	e.e = record.New(db, record.Options{District: jiangyuan.District, Prefix: "JY", Pack: "test", Clock: clock,
		Calendar: func(*store.Tx, string) (*worktime.Calendar, error) { return worktime.China(), nil }})
	e.s = projects.New(db, e.e, projects.Options{Rules: jiangyuan.Projects, Works: jiangyuan.Works, Directory: jiangyuan.Directory, CheckCode: firms.CheckCode, Clock: clock})
	return e
}

var schemas = []store.Schema{store.OnceSchema, journal.Schema, notify.Schema, record.Schema}

func each(t *testing.T, fn func(t *testing.T, e *env)) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) { fn(t, newEnv(t, db)) })
}

func scope(account, unit, role string) access.Scope {
	var path []string
	for _, u := range jiangyuan.Directory.Path(unit) {
		path = append(path, u.ID)
	}
	return access.ScopeOf(access.Principal{District: jiangyuan.District, Account: account, Unit: unit, Path: path, Roles: []string{role}, Kind: access.Cookie})
}

var (
	clerk  = scope("clerk", "commerce", access.Department)
	head   = scope("head", "commerce", access.DeptLead)
	other  = scope("other", "education", access.Department)
	town   = scope("town", "220605105", access.Street)
	leader = scope("leader", "leaders", access.Leader)
	firm   = access.ScopeOf(access.Principal{District: "220605", Account: "f", Unit: "91220605MAWX00048Q", Roles: []string{access.Firm}, Kind: access.Cookie})
	rival  = access.ScopeOf(access.Principal{District: "220605", Account: "g", Unit: "91220605MAWX00056K", Roles: []string{access.Firm}, Kind: access.Cookie})
)

func raw(kv ...string) record.Input { return record.Input{Raw: record.Raw(kv...)} }

func facts(name string, more ...string) record.Input {
	in := raw("name", name, "investor", name+"投资有限公司", "sector", "food", "investment", "3.25亿", "unit", "commerce", "agent", "220605105")
	for i := 0; i < len(more); i += 2 {
		in.Raw[more[i]] = []string{more[i+1]}
	}
	return in
}

func (e *env) enter(name string, more ...string) *projects.Project {
	e.t.Helper()
	x, err := e.s.Enter(e.t.Context(), clerk, facts(name, more...))
	if err != nil {
		e.t.Fatal(err)
	}
	return x
}

func (e *env) act(sc access.Scope, kind, id, action string, kv ...string) {
	e.t.Helper()
	if err := e.s.Act(e.t.Context(), sc, kind, id, action, raw(kv...)); err != nil {
		e.t.Fatalf("%s %s: %v", action, kv, err)
	}
}

// reach brings a project to a stage: evidence, proposal, confirmation.
func (e *env) reach(id, stage, on string, more ...string) {
	e.t.Helper()
	e.slip++
	kind := jiangyuan.Projects.EvidenceOf(stage)[0]
	if _, err := e.s.Books.Evidence.Open(e.t.Context(), clerk, "file", raw("project", id, "proves", stage, "kind", kind, "number", fmt.Sprintf("P-%d", e.slip), "dated", on)); err != nil {
		e.t.Fatalf("evidence for %s: %v", stage, err)
	}
	e.act(clerk, "project", id, "propose", append([]string{"stage", stage, "reached_on", on}, more...)...)
	e.act(head, "project", id, "confirm")
}

func (e *env) sign(id, on, class string) {
	e.t.Helper()
	e.reach(id, "talks", on)
	e.reach(id, "signed", on, "signing", class)
}

func fault(err error) string {
	if f, ok := errors.AsType[form.Faults](err); ok {
		return f[0].Field + " " + f[0].Code
	}
	if r, ok := errors.AsType[*record.RefusedError](err); ok {
		return r.Code
	}
	if err != nil {
		return "error: " + err.Error()
	}
	return ""
}

func (e *env) load(id string) *projects.Project {
	e.t.Helper()
	x, err := store.Get(e.t.Context(), e.db, func(tx *store.Tx) (*projects.Project, error) { return e.s.Books.Project.Load(tx, id) })
	if err != nil {
		e.t.Fatal(err)
	}
	return x
}

func (e *env) verify() {
	e.t.Helper()
	c := e.e.NewChecker()
	if _, err := journal.Verify(e.t.Context(), e.db, jiangyuan.District, c.Fold); err != nil {
		e.t.Fatal(err)
	}
	if _, err := c.Finish(e.t.Context()); err != nil {
		e.t.Fatal(err)
	}
}

// TestAllStages walks a project from a lead to full capacity, and out and back again.
func TestAllStages(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		x := e.enter("蓝莓加工")
		for i, stage := range pack.ProjectStages()[1:] {
			more := []string{}
			if stage == "signed" {
				more = []string{"signing", "contract", "signed_at", "长春"}
			}
			e.reach(x.ID, stage, fmt.Sprintf("2022-0%d-10", i/2+1), more...)
			if got := e.load(x.ID); got.State != stage || got.Reached[stage] == "" || got.Proposal != nil {
				t.Fatalf("%s: %+v", stage, got)
			}
		}
		if got := e.load(x.ID); got.Class != "contract" || got.SignedAt != "长春" {
			t.Errorf("signed as %s at %s", got.Class, got.SignedAt)
		}
		y := e.enter("云端数据")
		e.reach(y.ID, "talks", "2022-01-05")
		e.reach(y.ID, "shelved", "2022-02-05", "cause", "投资方资金没有到位")
		if got := e.load(y.ID); got.State != "shelved" || got.Before != "talks" {
			t.Errorf("shelved: %+v", got)
		}
		e.act(clerk, "project", y.ID, "propose", "stage", "talks", "reached_on", "2022-03-01")
		e.act(leader, "project", y.ID, "confirm")
		if got := e.load(y.ID); got.State != "talks" || got.Reached["talks"] != "2022-01-05" {
			t.Errorf("taken up again: %+v", got)
		}
		e.verify()
	})
}

// TestRefusals: every wrong step says what is wrong and leaves nothing behind.
func TestRefusals(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		x := e.enter("参茸酒厂")
		y := e.enter("机制砂石厂")
		open := func(want string, more ...string) {
			t.Helper()
			if _, err := e.s.Enter(t.Context(), clerk, facts("玄武岩纤维", more...)); fault(err) != want {
				t.Errorf("%v: %v, want %s", more, err, want)
			}
		}
		open("investment unlikely", "investment", "32500")        // 万元 typed without the unit
		open("investment unlikely", "investment", "3250000000 万") // yuan typed as 万元
		open("fixed above_investment", "fixed", "3.3亿")
		open("firm firm_code", "firm", "91220605MAWX00048X")
		open("unit choice", "unit", "nowhere")
		open("lat pair", "lon", "126.5")
		try := func(sc access.Scope, want, action string, kv ...string) {
			t.Helper()
			before := e.load(x.ID)
			err := e.s.Act(t.Context(), sc, "project", x.ID, action, raw(kv...))
			if got := fault(err); got != want && !(want == "forbidden" && errors.Is(err, flow.ErrForbidden)) {
				t.Errorf("%s %v: %v, want %s", action, kv, err, want)
			}
			if after := e.load(x.ID); after.Version != before.Version || after.State != before.State {
				t.Errorf("%s %v was refused and changed the project", action, kv)
			}
		}
		try(clerk, "project.no_evidence", "propose", "stage", "talks", "reached_on", "2022-02-01")
		try(clerk, "stage choice", "propose", "stage", "started", "reached_on", "2022-02-01")
		try(clerk, "reached_on future", "propose", "stage", "talks", "reached_on", "2022-12-01")
		try(other, "forbidden", "propose", "stage", "talks", "reached_on", "2022-02-01")
		file := func(want, project string, kv ...string) {
			t.Helper()
			in := raw(append([]string{"project", project}, kv...)...)
			if _, err := e.s.Books.Evidence.Open(t.Context(), clerk, "file", in); fault(err) != want {
				t.Errorf("evidence %v: %v, want %s", kv, err, want)
			}
		}
		file("kind evidence_kind", x.ID, "proves", "talks", "kind", "invoice", "dated", "2022-02-01")
		file("dated future", x.ID, "proves", "talks", "kind", "visit_note", "dated", "2023-02-01")
		file("number required", x.ID, "proves", "signed", "kind", "contract", "dated", "2022-02-01")
		file("project no_project", "JYXM20220101-AAAAA", "proves", "talks", "kind", "visit_note", "dated", "2022-02-01")
		e.reach(x.ID, "talks", "2022-02-01")
		file("", x.ID, "proves", "signed", "kind", "contract", "number", "江招合 2022-1号", "dated", "2022-03-01")
		try(clerk, "signing required", "propose", "stage", "signed", "reached_on", "2022-03-01")
		try(clerk, "reached_on before_earlier", "propose", "stage", "signed", "signing", "contract", "reached_on", "2022-01-20")
		e.act(clerk, "project", x.ID, "propose", "stage", "signed", "signing", "contract", "reached_on", "2022-03-01")
		try(clerk, "project.second_eyes", "confirm")
		try(clerk, "project.second_eyes", "decline", "reason", "改一下")
		try(town, "forbidden", "judge", "counted", "yes", "grounds", "x")
		e.act(head, "project", x.ID, "confirm")
		file("project.contract_counted", y.ID, "proves", "signed", "kind", "contract", "number", "江招合2022—1号", "dated", "2022-03-02")
		// Money before the signing, in the future, by the same slip.
		pay := func(want string, kv ...string) string {
			t.Helper()
			in := raw("project", x.ID, "measure", "arrived", "origin", "province_out", "booked_on", "2022-04-01", "slip", "HD-1", "amount", "1000万")
			for i := 0; i < len(kv); i += 2 {
				in.Raw[kv[i]] = []string{kv[i+1]}
			}
			m, err := e.s.Books.Money.Open(t.Context(), clerk, "report", in)
			if fault(err) != want {
				t.Errorf("money %v: %v, want %s", kv, err, want)
			}
			if m == nil || err != nil {
				return ""
			}
			return m.ID
		}
		pay("booked_on before_signing", "booked_on", "2022-02-01")
		pay("booked_on future", "booked_on", "2022-08-01")
		pay("origin required", "origin", "")
		pay("amount unlikely", "amount", "1000")
		id := pay("")
		pay("slip slip_taken")
		if err := e.s.Act(t.Context(), clerk, "project_money", id, "confirm", raw()); fault(err) != "project.second_eyes" {
			t.Errorf("the reporter confirms: %v", err)
		}
		e.act(head, "project_money", id, "confirm")
		e.verify()
	})
}

// TestPromises keeps what was promised before, and lights follow dates and clock.
func TestPromises(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		x := e.enter("矿泉水厂")
		e.sign(x.ID, "2022-02-01", "contract")
		e.act(clerk, "project", x.ID, "promise", "milestone", "started", "promised_on", "2022-07-01")
		e.act(clerk, "project", x.ID, "promise", "milestone", "producing", "promised_on", "2023-03-01")
		for want, kv := range map[string][]string{
			"because required":           {"milestone", "started", "promised_on", "2022-08-01"},
			"promised_on before_signing": {"milestone", "started", "promised_on", "2022-01-01", "because", "x"},
			"promised_on after_later":    {"milestone", "started", "promised_on", "2023-04-01", "because", "x"},
			"promised_on before_earlier": {"milestone", "at_capacity", "promised_on", "2023-01-01"},
			"milestone choice":           {"milestone", "talks", "promised_on", "2023-01-01"},
		} {
			if err := e.s.Act(t.Context(), clerk, "project", x.ID, "promise", raw(kv...)); fault(err) != want {
				t.Errorf("%v: %v, want %s", kv, err, want)
			}
		}
		light := func(want string) {
			t.Helper()
			if got := e.load(x.ID).Light(e.now, jiangyuan.Projects.Warn); got != want {
				t.Errorf("%s: %q, want %q", e.now.Format("2006-01-02"), got, want)
			}
		}
		light("yellow")
		e.now = time.Date(2022, 7, 1, 23, 0, 0, 0, worktime.Zone)
		light("yellow")
		e.now = e.now.Add(2 * time.Hour)
		light("red")
		e.act(clerk, "project", x.ID, "promise", "milestone", "started", "promised_on", "2022-10-01", "because", "用地手续晚了")
		light("green")
		v, err := e.s.View(t.Context(), clerk, x.ID)
		if err != nil {
			t.Fatal(err)
		}
		if m := v.X.Milestones(e.now, 30); len(v.X.Promises["started"]) != 2 || v.X.Promises["started"][0].On != "2022-07-01" || !slices.Equal(v.Reasons["started"], []string{"", "用地手续晚了"}) || len(m) != 4 {
			t.Errorf("promises %v, reasons %v, %d milestones", v.X.Promises, v.Reasons, len(m))
		}
		e.verify()
	})
}

func (e *env) figure(key string) projects.Figure {
	e.t.Helper()
	list, err := e.s.Figures(e.t.Context(), clerk, projects.Period{From: "2022-01-01", To: "2022-12-31"})
	if err != nil {
		e.t.Fatal(err)
	}
	for _, f := range list {
		if f.Key == key {
			return f
		}
	}
	e.t.Fatalf("no figure %s", key)
	return projects.Figure{}
}

// TestNothingTwice: the same firm at the same site, a split contract, a name that differs by a character, what is below
// the threshold and what is no contract do not count; a decision does, and stays.
func TestNothingTwice(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		a := e.enter("长白山蓝莓深加工项目", "site", "石人镇工业园 3 号", "town", "220605105")
		e.sign(a.ID, "2022-02-01", "contract")
		for i, c := range []struct {
			name, why string
			more      []string
		}{
			{"江源区长白山蓝莓深加工", "name", []string{"unit", "agriculture", "investor", "另一家公司"}},
			{"长白山兰莓深加工", "name", []string{"investor", "第三家公司"}},
			{"冷库", "split", []string{"investor", "长白山蓝莓深加工项目投资有限公司", "site", "石人镇工业园3号", "town", "220605105"}},
		} {
			x := e.enter(c.name, c.more...)
			e.sign(x.ID, "2022-05-01", "contract")
			got := e.load(x.ID)
			if len(got.Twins) == 0 || !slices.ContainsFunc(got.Twins, func(w projects.Twin) bool { return w.ID == a.ID && w.Why == c.why }) {
				t.Errorf("%s: twins %v, want %s of %s", c.name, got.Twins, c.why, a.ID)
			}
			if n := e.figure("undecided").N; n != i+1 {
				t.Errorf("after %s: %d undecided", c.name, n)
			}
		}
		small := e.enter("便利店", "investment", "300万")
		e.sign(small.ID, "2022-05-01", "contract")
		frame := e.enter("战略合作", "investment", "20亿")
		e.sign(frame.ID, "2022-05-01", "framework")
		if f := e.figure("signed"); f.N != 1 || f.Amount != 325_000_000_00 {
			t.Errorf("signed: %+v", f)
		}
		if f := e.figure("framework"); f.N != 1 || f.Amount != 2_000_000_000_00 {
			t.Errorf("framework: %+v", f)
		}
		if f := e.figure("below"); f.N != 1 {
			t.Errorf("below: %+v", f)
		}
		list, err := e.s.Behind(t.Context(), clerk, projects.Period{From: "2022-01-01"}, "undecided", false)
		if err != nil || len(list) != 3 {
			t.Fatal(list, err)
		}
		e.act(head, "project", list[0].ID, "judge", "counted", "no", "same_as", a.ID, "grounds", "同一份合同拆成两份")
		e.act(head, "project", list[1].ID, "judge", "counted", "yes", "grounds", "确是另一家的项目")
		if err := e.s.Act(t.Context(), head, "project", a.ID, "judge", raw("counted", "no", "same_as", "JYXM-X", "grounds", "x")); fault(err) != "same_as no_project" {
			t.Errorf("the same as nothing: %v", err)
		}
		if f := e.figure("signed"); f.N != 2 {
			t.Errorf("after the decisions: %+v", f)
		}
		if got := e.load(list[0].ID); got.Counted != "no" || got.SameAs != a.ID {
			t.Errorf("decided: %+v", got)
		}
		e.verify()
	})
}

// TestFiguresOpen: every figure has exactly the projects and the amount that it says.
func TestFiguresOpen(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		for i, name := range []string{"硅藻土涂料", "木质活性炭", "冷水鱼养殖", "民俗文化园"} {
			x := e.enter(name, "investment", fmt.Sprintf("%d亿", i*4+1), "fixed", "1亿")
			e.sign(x.ID, fmt.Sprintf("2022-0%d-03", i+1), "contract")
			e.act(clerk, "project", x.ID, "promise", "milestone", "started", "promised_on", fmt.Sprintf("2022-0%d-20", i+4))
			if i < 2 {
				e.reach(x.ID, "registered", "2022-05-01")
				e.reach(x.ID, "landed", "2022-05-02")
			}
			if i == 0 {
				e.reach(x.ID, "started", "2022-05-03")
			}
			for _, who := range []string{"confirm", "reject", ""} {
				e.slip++
				m, err := e.s.Books.Money.Open(t.Context(), clerk, "report", raw("project", x.ID, "measure", "arrived", "origin", "foreign", "booked_on", "2022-05-05", "slip", fmt.Sprint("S", e.slip), "amount", "500万"))
				if err != nil {
					t.Fatal(err)
				}
				switch who {
				case "confirm":
					e.act(head, "project_money", m.ID, "confirm")
				case "reject":
					e.act(head, "project_money", m.ID, "reject", "reason", "回单看不清")
				}
			}
		}
		p := projects.Period{From: "2022-01-01", To: "2022-12-31"}
		list, err := e.s.Figures(t.Context(), leader, p)
		if err != nil {
			t.Fatal(err)
		}
		want := map[string]string{"signed": "4/0", "registered": "2/4", "landed": "2/4", "started": "1/2", "unstarted": "1/4", "red": "1/4", "arrived": "4/4", "band.small": "1/4", "band.middle": "2/4", "band.large": "1/4"}
		for _, f := range list {
			if w, ok := want[f.Key]; ok && w != fmt.Sprintf("%d/%d", f.N, f.Of) {
				t.Errorf("%s is %d/%d, want %s", f.Key, f.N, f.Of, w)
			}
			behind, err := e.s.Behind(t.Context(), leader, p, f.Key, false)
			if err != nil || len(behind) != f.N {
				t.Errorf("%s says %d and opens to %d, %v", f.Key, f.N, len(behind), err)
			}
			if f.Of > 0 {
				if of, err := e.s.Behind(t.Context(), leader, p, f.Key, true); err != nil || len(of) != f.Of {
					t.Errorf("%s is of %d and opens to %d, %v", f.Key, f.Of, len(of), err)
				}
			}
		}
		if f := e.figure("arrived"); f.Amount != 2000_0000_00 || f.OfAmount != 28_0000_0000_00 || f.Share() != 7 {
			t.Errorf("arrived: %+v, %d", f, f.Share())
		}
		if got, err := e.s.Arrivals(t.Context(), clerk, p); err != nil || len(got) != 1 || got[0].N != 4 || got[0].Amount != 2000_0000_00 {
			t.Errorf("arrivals %v, %v", got, err)
		}
		board, err := e.s.Board(t.Context(), clerk, 1)
		if err != nil {
			t.Fatal(err)
		}
		var n int64
		for _, c := range board {
			if n += c.N; c.N > 0 && len(c.Cards) != 1 {
				t.Errorf("%s shows %d cards", c.Stage, len(c.Cards))
			}
		}
		if n != 4 {
			t.Errorf("the board has %d projects", n)
		}
	})
}

// TestWhoSees: a firm sees its own project and nothing beside it; another firm, a resident and the public see nothing.
func TestWhoSees(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		x := e.enter("蓝莓种植二期", "firm", "91220605mawx00048q")
		if x.Firm != "91220605MAWX00048Q" {
			t.Errorf("the code is %s", x.Firm)
		}
		e.sign(x.ID, "2022-02-01", "contract")
		for name, c := range map[string]struct {
			sc   access.Scope
			want int
		}{"firm": {firm, 1}, "rival": {rival, 0}, "public": {access.PublicScope("220605"), 0}, "leader": {leader, 1}, "other": {other, 1}} {
			list, _, err := e.s.List(t.Context(), c.sc, projects.Query{})
			if err != nil || len(list) != c.want {
				t.Errorf("%s lists %d, %v", name, len(list), err)
			}
			if _, err := e.s.View(t.Context(), c.sc, x.ID); (err == nil) != (c.want == 1) {
				t.Errorf("%s opens it: %v", name, err)
			}
		}
		if v, err := e.s.View(t.Context(), firm, x.ID); err != nil || len(v.Evidence)+len(v.Money) != 0 || len(v.Actions) != 0 {
			t.Errorf("the firm sees evidence or may act: %v", err)
		}
		for _, sc := range []access.Scope{firm, rival, access.PublicScope("220605")} {
			if _, err := e.s.Figures(t.Context(), sc, projects.Period{}); !errors.Is(err, flow.ErrForbidden) {
				t.Errorf("figures for an outsider: %v", err)
			}
			if _, err := e.s.Board(t.Context(), sc, 5); !errors.Is(err, flow.ErrForbidden) {
				t.Errorf("the board for an outsider: %v", err)
			}
		}
	})
}

// TestProblems have an owner and a clock.
func TestProblems(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		x := e.enter("温泉度假村")
		if _, err := e.s.Books.Problem.Open(t.Context(), other, "raise", raw("project", x.ID, "about", "power", "owner", "power", "trouble", "没有双回路")); fault(err) != "project.not_yours" {
			t.Errorf("a stranger's problem: %v", err)
		}
		p, err := e.s.Books.Problem.Open(t.Context(), town, "raise", raw("project", x.ID, "about", "power", "owner", "power", "trouble", "没有双回路"))
		if err != nil || !p.Clocks["solve"].Running() {
			t.Fatal(p, err)
		}
		e.act(scope("p", "power", access.Department), "project_problem", p.ID, "solve", "outcome", "新线已送电")
		e.verify()
	})
}

// TestWorks adds up quantities exactly; what is not taken over is not counted.
func TestWorks(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		builder, looker := scope("b", "transport", access.Department), scope("l", "housing", access.DeptLead)
		w, err := e.s.Books.Work.Open(t.Context(), builder, "plan", raw("name", "区乡道路", "unit", "transport", "budget", "1000万"))
		if err != nil {
			t.Fatal(err)
		}
		e.act(builder, "public_work", w.ID, "begin")
		add := func(q string) string {
			t.Helper()
			x, err := e.s.Books.Section.Open(t.Context(), builder, "add", raw("work", w.ID, "name", "一段", "kind", "road", "quantity", q))
			if err != nil {
				t.Fatal(err)
			}
			return x.ID
		}
		for _, bad := range []string{"0", "-1", "1.0000001", "三", "1/3", "1e9"} {
			if _, err := e.s.Books.Section.Open(t.Context(), builder, "add", raw("work", w.ID, "name", "一段", "kind", "road", "quantity", bad)); fault(err) != "quantity quantity" {
				t.Errorf("%s km: %v", bad, err)
			}
		}
		one, two := add("3.1"), add("0.000001")
		e.act(builder, "work_section", one, "begin", "began_on", "2022-04-01")
		if err := e.s.Act(t.Context(), builder, "work_section", one, "finish", raw("done_on", "2022-03-01")); fault(err) != "done_on end_before_start" {
			t.Errorf("done before it began: %v", err)
		}
		e.act(builder, "work_section", one, "finish", "done_on", "2022-05-01")
		if err := e.s.Act(t.Context(), builder, "work_section", one, "accept", raw("measure", "3.1")); fault(err) != "project.second_eyes" {
			t.Errorf("the builder takes over: %v", err)
		}
		e.act(looker, "work_section", one, "accept", "measure", "3.1002")
		if err := e.s.Act(t.Context(), builder, "public_work", w.ID, "complete", raw()); fault(err) != "work.sections_open" {
			t.Errorf("completed with an open section: %v", err)
		}
		built, err := e.s.Built(t.Context(), clerk)
		if err != nil || built[0].Accepted != 3_100_200 || built[0].Open != 1 || pack.InMeasure(built[0].Accepted, "km") != "3.1002" {
			t.Errorf("built %+v, %v", built[0], err)
		}
		e.act(looker, "work_section", two, "drop", "reason", "不建了")
		if err := e.s.Act(t.Context(), builder, "public_work", w.ID, "pay", raw("voucher", "F1", "sum", "1001万")); fault(err) != "sum above_budget" {
			t.Errorf("more than the budget: %v", err)
		}
		e.act(builder, "public_work", w.ID, "pay", "voucher", "F1", "sum", "900万")
		e.act(builder, "public_work", w.ID, "complete")
		e.verify()
	})
}

// TestTablesAreSound: what the tables name is there.
func TestTablesAreSound(t *testing.T) {
	for _, x := range projects.Tables() {
		for _, a := range x.Actions {
			for _, s := range slices.Concat(a.From, a.Decides) {
				if _, ok := x.State(s); !ok {
					t.Errorf("%s %s knows no state %s", x.Kind, a.Name, s)
				}
			}
		}
	}
	if !strings.HasPrefix(jiangyuan.Projects.Stages[0].ID, "talks") {
		t.Error("the first stage that needs evidence is talks")
	}
}
