package agents

import (
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

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

const (
	firmCode  = "91220605MAWX000211"
	otherCode = "91220605MAWX00048Q"
)

type env struct {
	t       *testing.T
	db      *store.DB
	now     time.Time
	p       *pack.Pack
	e       *record.Engine
	s       *Agents
	items   []Item
	file    string
	whistle []Whistle
}

func newEnv(t *testing.T, db *store.DB) *env {
	p, err := loaded()
	if err != nil {
		t.Fatal(err)
	}
	v := &env{t: t, db: db, p: p, now: time.Date(2022, 9, 30, 10, 0, 0, 0, worktime.Zone)}
	v.items = []Item{{ID: "i1", Title: "施工许可", Promised: 5, Used: 3, Decided: true}, {ID: "i2", Title: "消防审查", Promised: 8, Used: 9}, {ID: "i3", Promised: 4, Used: 1, Decided: true}}
	v.e = record.New(db, record.Options{District: p.District, Prefix: p.Prefix, Pack: p.Version, Clock: func() time.Time { return v.now },
		Calendar: func(_ *store.Tx, unit string) (*worktime.Calendar, error) { return p.Calendar(unit), nil }})
	project := func(id string) (Project, error) {
		switch id {
		case "p1":
			return Project{ID: "p1", Title: "扩建厂房", Firm: firmCode, Street: "220605001", File: v.file}, nil
		case "p2":
			return Project{ID: "p2", Title: "冷库", Firm: otherCode, Street: "220605002"}, nil
		}
		return Project{}, store.ErrNotFound
	}
	v.s = New(db, v.e, Options{Rules: p.Approvals, Directory: p.Directory, Clock: func() time.Time { return v.now },
		Projects: func(_ *store.Tx, firm string) (out []Project, _ error) {
			for _, id := range []string{"p1", "p2"} {
				if x, _ := project(id); x.Firm == firm {
					out = append(out, x)
				}
			}
			return out, nil
		},
		Project: func(_ *store.Tx, id string) (Project, error) { return project(id) },
		Items:   func(*store.Tx, string) ([]Item, error) { return v.items, nil },
		Post: func(_ *store.Tx, account string) (string, error) {
			return map[string]string{"acc-agent": "service-hall.agent-1", "acc-agent2": "service-hall.agent-2", "acc-helper": "220605001.desk"}[account], nil
		},
		Whistle: func(_ *store.Tx, _ access.Scope, w Whistle) (string, error) {
			v.whistle = append(v.whistle, w)
			return "JYS20220930-AAAAA", nil
		}})
	return v
}

func each(t *testing.T, fn func(t *testing.T, v *env)) {
	storetest.Each(t, []store.Schema{store.OnceSchema, journal.Schema, notify.Schema, record.Schema}, func(t *testing.T, db *store.DB) { fn(t, newEnv(t, db)) })
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

func (v *env) do(sc access.Scope, id, action string, kv ...string) (*Agency, error) {
	return v.s.Agencies.Act(v.t.Context(), sc, id, action, record.Input{Raw: record.Raw(kv...)})
}

func (v *env) must(sc access.Scope, id, action string, kv ...string) *Agency {
	v.t.Helper()
	x, err := v.do(sc, id, action, kv...)
	if err != nil {
		v.t.Fatalf("%s: %v", action, err)
	}
	return x
}

func refused(err error, code string) bool {
	r, ok := errors.AsType[*record.RefusedError](err)
	return ok && r.Code == code
}

func fault(err error, field, code string) bool {
	f, ok := errors.AsType[form.Faults](err)
	return ok && slices.ContainsFunc(f, func(x form.Fault) bool { return x.Field == field && x.Code == code })
}

func (v *env) verify() {
	v.t.Helper()
	c := v.e.NewChecker()
	if _, err := journal.Verify(v.t.Context(), v.db, v.p.District, c.Fold); err != nil {
		v.t.Fatal(err)
	}
	if _, err := c.Finish(v.t.Context()); err != nil {
		v.t.Fatal(err)
	}
}

func TestTables(t *testing.T) {
	for _, tb := range Tables() {
		for _, bad := range tb.Check() {
			t.Errorf("%s: %s", tb.Kind, bad)
		}
	}
	n := 0
	for _, a := range AgencyTable.Actions {
		if !slices.Contains(Signed["agency"], a.Name) {
			continue
		}
		n++
		for _, g := range a.Who {
			if g != (flow.Grant{Role: access.Firm, Relation: own}) {
				t.Errorf("%s needs the firm's signature and is granted to %+v", a.Name, g)
			}
		}
	}
	if n != len(Signed["agency"]) {
		t.Errorf("%d of %v are in the table", n, Signed["agency"])
	}
}

func TestTheWayOfAnEntrustment(t *testing.T) {
	each(t, func(t *testing.T, v *env) {
		ctx, us := t.Context(), v.firm(firmCode)
		hall, agent, helper := v.staff("service-hall", access.Department, "acc-hall"), v.staff("service-hall", access.Department, "acc-agent"), v.staff("220605001", access.Street, "acc-helper")
		if _, err := v.s.Agencies.Open(ctx, us, "request", record.Input{Raw: record.Raw("project", "p2")}); !fault(err, "project", "choice") {
			t.Errorf("another firm's project: %v", err)
		}
		x, err := v.s.Agencies.Open(ctx, us, "request", record.Input{Raw: record.Raw("project", "p1", "wish", "请帮我们跑手续")})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := v.s.Agencies.Open(ctx, us, "request", record.Input{Raw: record.Raw("project", "p1")}); !refused(err, "agency_open") {
			t.Errorf("asked for twice: %v", err)
		}
		if _, err := v.do(hall, x.ID, "name", "agent", "service-hall.agent-1"); !errors.Is(err, flow.ErrState) {
			t.Errorf("named before it was entrusted: %v", err)
		}
		if _, err := v.do(hall, x.ID, "entrust", "scope", "build", "letter", "委1号", "signed", "true"); !errors.Is(err, flow.ErrForbidden) {
			t.Errorf("the hall entrusts itself: %v", err)
		}
		if _, err := v.do(us, x.ID, "entrust", "scope", "build", "signed", "true"); !fault(err, "letter", "letter") {
			t.Errorf("entrusted without a letter: %v", err)
		}
		if _, err := v.do(us, x.ID, "entrust", "scope", "build", "letter", "委1号", "signed", "false"); !fault(err, "signed", "signature") {
			t.Errorf("entrusted unsigned: %v", err)
		}
		v.must(us, x.ID, "entrust", "scope", "build", "letter", "委1号", "signed", "true")
		view, err := v.s.Agencies.View(ctx, hall, x.ID)
		if err != nil {
			t.Fatal(err)
		}
		// Friday 30 September and one working day: Saturday 8 October is worked.
		if got := view.Due["name"].LastDay().Format(time.DateOnly); got != "2022-10-08" {
			t.Errorf("an agent is to be named by %s", got)
		}
		v.now = v.now.AddDate(0, 0, 8)
		if x = v.must(hall, x.ID, "name", "agent", "service-hall.agent-1", "helper", "220605001.desk"); x.State != Accepted || x.Clocks["name"].Running() {
			t.Errorf("named: %+v", x)
		}
		if _, err := v.do(hall, x.ID, "plan", "items", "i1", "begins_on", "2022-10-08", "ends_on", "2022-11-08"); !errors.Is(err, flow.ErrForbidden) {
			t.Errorf("somebody who was not named plans: %v", err)
		}
		v.file = "JYSP20221008-AAAAA"
		if _, err := v.do(agent, x.ID, "plan", "items", "i1", "begins_on", "2022-11-08", "ends_on", "2022-10-08"); !fault(err, "ends_on", "before_start") {
			t.Errorf("end before start: %v", err)
		}
		x, err = v.s.Agencies.Act(ctx, agent, x.ID, "plan", record.Input{Raw: form.Raw{"items": {"i1", "i2"}, "begins_on": {"2022-10-08"}, "ends_on": {"2022-11-08"}}})
		if err != nil || x.State != Planned || x.File != v.file {
			t.Fatalf("planned: %+v, %v", x, err)
		}
		if _, err := v.do(agent, x.ID, "log", "day", "2022-12-31", "department", "housing", "did", "去住建局"); !fault(err, "day", "future") {
			t.Errorf("a log of tomorrow: %v", err)
		}
		x = v.must(agent, x.ID, "log", "day", "2022-10-08", "department", "housing", "did", "陪同提交材料", "came_of_it", "已收件")
		if _, err := v.s.Raise(ctx, agent, x.ID, record.Input{Raw: record.Raw("class", "utilities", "issue", "缺电", "owner", "power", "until", "2022-10-08")}); !fault(err, "until", "blocker_until") {
			t.Errorf("a blocker that is to be cleared today: %v", err)
		}
		b, err := v.s.Raise(ctx, agent, x.ID, record.Input{Raw: record.Raw("class", "utilities", "issue", "变压器容量不够", "owner", "power", "until", "2022-10-20")})
		if err != nil {
			t.Fatal(err)
		}
		if view, err = v.s.Agencies.View(ctx, agent, x.ID); err != nil || view.X.State != Blocked || view.X.Open != 1 {
			t.Errorf("blocked: %+v, %v", view.X, err)
		}
		if _, err := v.do(agent, x.ID, "finish"); !errors.Is(err, flow.ErrState) {
			t.Errorf("finished while blocked: %v", err)
		}
		if b, err = v.s.Blockers.Act(ctx, helper, b.ID, "whistle", record.Input{Raw: form.Raw{"issue": {"增容"}, "units": {"power", "industry"}}}); err != nil || b.Whistle == "" || len(v.whistle) != 1 || v.whistle[0].Street != "220605001" {
			t.Errorf("whistled: %+v, %v", b, err)
		}
		if _, err := v.s.Blockers.Act(ctx, v.staff("forestry", access.Department, "acc-forestry"), b.ID, "clear", record.Input{Raw: record.Raw("how", "x")}); !errors.Is(err, flow.ErrForbidden) {
			t.Errorf("a unit that has nothing to do with it clears it: %v", err)
		}
		if _, err := v.s.Blockers.Act(ctx, v.staff("power", access.Department, "acc-power"), b.ID, "clear", record.Input{Raw: record.Raw("how", "已增容")}); err != nil {
			t.Fatal(err)
		}
		if _, err := v.do(agent, x.ID, "finish"); !refused(err, "agency_items_open") {
			t.Errorf("finished with an item open: %v", err)
		}
		v.items[1].Decided = true
		// i1 saved 2 days, i2 took one more than promised; i3 is not in the plan.
		if x = v.must(agent, x.ID, "finish"); x.Saved != 1 {
			t.Errorf("saved %d days", x.Saved)
		}
		if _, err := v.do(agent, x.ID, "rate", "stars", "5"); !errors.Is(err, flow.ErrForbidden) {
			t.Errorf("an agent rates itself: %v", err)
		}
		if x = v.must(us, x.ID, "rate", "stars", "5", "words", "跑得勤"); x.State != Rated {
			t.Errorf("rated: %s", x.State)
		}
		fig, err := v.s.Figures(ctx, hall)
		if err != nil || fig[1].Post != "service-hall.agent-1" || fig[1].Done != 1 || fig[1].Saved != 1 || fig[1].Cleared != 1 || fig[1].Stars != 5 || len(fig[1].Agencies) != 1 {
			t.Errorf("figures %+v, %v", fig, err)
		}
		v.verify()
	})
}

// TestAgentsSignNothing: whatever needs the firm's signature is refused from the account of the agent, by the table itself.
func TestAgentsSignNothing(t *testing.T) {
	each(t, func(t *testing.T, v *env) {
		us, agent := v.firm(firmCode), v.staff("service-hall", access.Department, "acc-agent")
		if _, err := v.s.Agencies.Open(t.Context(), agent, "request", record.Input{Raw: record.Raw("project", "p1")}); !errors.Is(err, flow.ErrForbidden) {
			t.Errorf("an agent asks for the firm: %v", err)
		}
		x, err := v.s.Agencies.Open(t.Context(), us, "request", record.Input{Raw: record.Raw("project", "p1")})
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range Signed["agency"][1:] {
			if _, err := v.do(agent, x.ID, a); !errors.Is(err, flow.ErrForbidden) {
				t.Errorf("an agent: %s: %v", a, err)
			}
		}
	})
}

func TestFirmsSeeTheirOwn(t *testing.T) {
	each(t, func(t *testing.T, v *env) {
		v.file = "JYSP20221008-AAAAA"
		us, agent := v.firm(firmCode), v.staff("service-hall", access.Department, "acc-agent")
		x, err := v.s.Agencies.Open(t.Context(), us, "request", record.Input{Raw: record.Raw("project", "p1")})
		if err != nil {
			t.Fatal(err)
		}
		v.must(us, x.ID, "entrust", "scope", "build", "letter", "委1号", "signed", "true")
		v.must(v.staff("service-hall", access.DeptLead, "acc-chief"), x.ID, "name", "agent", "service-hall.agent-1")
		v.must(agent, x.ID, "plan", "items", "i1", "begins_on", "2022-10-08", "ends_on", "2022-11-08")
		b, err := v.s.Raise(t.Context(), agent, x.ID, record.Input{Raw: record.Raw("class", "land", "issue", "用地", "owner", "land", "until", "2022-10-20")})
		if err != nil {
			t.Fatal(err)
		}
		for name, sc := range map[string]access.Scope{"another firm": v.firm(otherCode), "anybody": access.PublicScope(v.p.District)} {
			_, e1 := v.s.Page(t.Context(), sc, x.ID)
			_, e2 := v.do(sc, x.ID, "withdraw", "reason", "x")
			_, e3 := v.s.Blockers.View(t.Context(), sc, b.ID)
			_, e4 := v.s.Raise(t.Context(), sc, x.ID, record.Input{})
			_, e5 := v.s.Figures(t.Context(), sc)
			for i, err := range []error{e1, e2, e3, e4, e5} {
				if !errors.Is(err, store.ErrNotFound) {
					t.Errorf("%s, way %d: %v", name, i+1, err)
				}
			}
			list, _, err := v.s.Agencies.List(t.Context(), sc, record.Filter{Of: firmCode})
			if len(list) != 0 || err != nil {
				t.Errorf("%s lists %d, %v", name, len(list), err)
			}
		}
		p, err := v.s.Page(t.Context(), us, x.ID)
		if err != nil || len(p.Blockers) != 1 || len(p.Items) != 3 || p.Saved != 2 {
			t.Errorf("the firm's own page: %+v, %v", p, err)
		}
		if _, err := v.do(us, x.ID, "withdraw", "reason", "自己办"); err != nil {
			t.Error(err)
		}
		if _, err := v.s.Blockers.Act(t.Context(), agent, b.ID, "clear", record.Input{Raw: record.Raw("how", "不再办")}); err != nil {
			t.Errorf("a blocker of what was withdrawn: %v", err)
		}
		v.verify()
	})
}
