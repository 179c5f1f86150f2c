package enterprise_test

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/catalogue/conditions"
	"weixiao/internal/directory/firms"
	"weixiao/internal/directory/registers"
	"weixiao/internal/enterprise"
	"weixiao/internal/files/sheet"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/journal"
	"weixiao/internal/notify"
	"weixiao/internal/pack"
	"weixiao/internal/record"
	"weixiao/internal/store"
	"weixiao/internal/store/storetest"
	"weixiao/internal/vault"
	"weixiao/internal/worktime"
)

func TestMain(m *testing.M) { storetest.Main(m) }

const (
	mine  = "91350100M000100Y43"
	other = "91330106673959654P"
)

type env struct {
	t     *testing.T
	db    *store.DB
	now   time.Time
	p     *pack.Pack
	rec   *record.Engine
	firms *firms.Firms
	gate  *access.Gate
	s     *enterprise.Enterprise
}

func each(t *testing.T, fn func(t *testing.T, e *env)) {
	p, err := pack.Load(pack.Jiangyuan())
	if err != nil {
		t.Fatal(err)
	}
	storetest.Each(t, []store.Schema{store.OnceSchema, journal.Schema, vault.Schema, access.Schema, notify.Schema, record.Schema, firms.Schema}, func(t *testing.T, db *store.DB) {
		keys, err := vault.CreateKeys(filepath.Join(t.TempDir(), "keys.json"))
		if err != nil {
			t.Fatal(err)
		}
		e := &env{t: t, db: db, p: p, now: time.Date(2022, 9, 26, 9, 0, 0, 0, worktime.Zone)}
		clock := func() time.Time { return e.now }
		v := vault.New(keys, vault.Options{})
		if err := v.Bind(t.Context(), db, p.District); err != nil {
			t.Fatal(err)
		}
		if e.gate, err = access.New(db, access.Options{District: p.District, Clock: clock}); err != nil {
			t.Fatal(err)
		}
		e.rec = record.New(db, record.Options{District: p.District, Prefix: "JY", Pack: "test", Clock: clock, Calendar: func(*store.Tx, string) (*worktime.Calendar, error) { return worktime.China(), nil }})
		e.firms = firms.New(db, p.District, "test", p.Directory, v, clock)
		e.s = enterprise.New(db, enterprise.Options{District: p.District, Records: e.rec, Firms: e.firms, Registers: registers.Registers{Firms: e.firms}, Directory: p.Directory, Vault: v,
			Gate: func() *access.Gate { return e.gate }, Units: p.Policies.Units, Clock: clock})
		sys := access.SystemScope(p.District, "test")
		for code, name := range map[string]string{mine: "江源区松泉食品有限公司", other: "江源区岭泉机械有限公司"} {
			if _, err := e.firms.Enter(t.Context(), sys, form.Raw{"code": {code}, "name": {name}, "kinds": {"firm"}, "sector": {"manufacturing"}, "unit": {"220605102"}, "address": {"湾沟镇胜利社区163号"}}); err != nil {
				t.Fatal(err)
			}
		}
		fn(t, e)
	})
}

func (e *env) scope(unit, role string) access.Scope {
	var path []string
	for _, u := range e.p.Directory.Path(unit) {
		path = append(path, u.ID)
	}
	return access.ScopeOf(access.Principal{District: e.p.District, Account: "a-" + unit + role, Unit: unit, Path: path, Roles: []string{role}, Kind: access.Cookie})
}

func (e *env) firm(code string) access.Scope {
	return access.ScopeOf(access.Principal{District: e.p.District, Account: "f-" + code, Unit: code, Roles: []string{access.Firm}, Kind: access.Cookie})
}

func (e *env) verify() {
	e.t.Helper()
	c, f := e.rec.NewChecker(), e.firms.NewChecker()
	if _, err := journal.Verify(e.t.Context(), e.db, e.p.District, func(a journal.Act) error { return errors.Join(c.Fold(a), f.Fold(a)) }); err != nil {
		e.t.Fatal(err)
	}
	if _, err := c.Finish(e.t.Context()); err != nil {
		e.t.Fatal(err)
	}
}

func said(kv ...string) record.Input { return record.Input{Raw: record.Raw(kv...)} }

func TestTables(t *testing.T) {
	for _, x := range enterprise.Tables() {
		for _, bad := range x.Check() {
			t.Errorf("%s: %s", x.Kind, bad)
		}
	}
}

// TestProfile: stated by the firm, checked by the town, corrected by the department; each figure knows who said it.
func TestProfile(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		ctx, me, town, industry := t.Context(), e.firm(mine), e.scope("220605102", access.Street), e.scope("industry", access.Department)
		for _, c := range []struct{ field, value, code string }{
			{"turnover", "1467", "unlikely"}, {"turnover", "80000亿", "unlikely"}, {"as_of", "2022-12-31", "future"}, {"founded", "2023-01-01", "future"}, {"branch", "wholesale", "branch"}, {"hired", "50", "more_than_staff"}, {"staff", "many", "number"},
		} {
			raw := record.Raw("as_of", "2022-06-30", "staff", "20")
			raw[c.field] = []string{c.value}
			_, err := e.s.State(ctx, me, mine, record.Input{Raw: raw})
			if f, ok := errors.AsType[form.Faults](err); !ok || f[0].Field != c.field || f[0].Code != c.code {
				t.Errorf("%s %s: %v", c.field, c.value, err)
			}
		}
		if list, _, err := e.s.Profiles().List(ctx, industry, record.Filter{}); err != nil || len(list) != 0 {
			t.Errorf("something refused was saved: %v %v", list, err)
		}
		x, err := e.s.State(ctx, me, mine, said("as_of", "2022-06-30", "founded", "2015-03-01", "staff", "25", "turnover", "1467万", "taxes", "0", "titles", "none", "contact", "王小明", "phone", "13900001111"))
		if err != nil {
			t.Fatal(err)
		}
		if x.State != enterprise.Stated || *x.Turnover != 1467_0000_00 || *x.Taxes != 0 || x.Size() != conditions.Small || x.Said["turnover"].By != mine || x.Said["turnover"].AsOf != "2022-06-30" || x.Person == "" {
			t.Errorf("stated: %+v", x)
		}
		if m := x.Missing(); slices.Contains(m, "turnover") || slices.Contains(m, "branch") || !slices.Contains(m, "exports") {
			t.Errorf("missing %v", m)
		}
		if x, err = e.s.Act(ctx, town, x.ID, "check", said("basis", "核对了财务报表和社保清单")); err != nil || x.Said["staff"].Checked != "220605102" {
			t.Fatal(x, err)
		}
		e.now = e.now.AddDate(0, 1, 0)
		if x, err = e.s.Act(ctx, industry, x.ID, "correct", said("as_of", "2022-06-30", "staff", "18", "grounds", "社保人数为 18 人")); err != nil {
			t.Fatal(err)
		}
		if s := x.Said["staff"]; *x.Staff != 18 || s.By != "industry" || s.Checked != "industry" || x.Said["turnover"].By != mine || x.Size() != conditions.Micro {
			t.Errorf("corrected: %+v", x.Said)
		}
		// Stated again it waits for a check again; what was left out stays, checked as it was.
		if x, err = e.s.State(ctx, me, mine, said("as_of", "2022-09-30", "exports", "120万")); err != nil || x.State != enterprise.Stated || *x.Staff != 18 || x.Said["staff"].Checked == "" || x.Said["exports"].Checked != "" {
			t.Errorf("stated again: %+v %v", x, err)
		}
		v, err := e.s.Profile(ctx, me, mine)
		if err != nil || len(v.Acts) != 4 {
			t.Fatal(err)
		}
		for _, a := range v.Acts {
			if strings.Contains(string(a.Body), "王小明") || strings.Contains(string(a.Body), "13900001111") || a.Texts["contact"] != "" {
				t.Error("a contact is in the journal")
			}
		}
		e.verify()
	})
}

// TestOthers: a firm reaches itself and nothing else, a unit its own firms; who does not reach a firm learns nothing of it.
func TestOthers(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		ctx := t.Context()
		for _, code := range []string{mine, other} {
			if _, err := e.s.State(ctx, e.firm(code), code, said("as_of", "2022-06-30", "staff", "25")); err != nil {
				t.Fatal(err)
			}
		}
		for name, sc := range map[string]access.Scope{"another firm": e.firm(other), "another town": e.scope("220605104", access.Street), "a grid": e.scope("220605001001", access.Grid), "a police officer": e.scope("police", access.Department)} {
			if _, err := e.s.Firm(ctx, sc, mine); !errors.Is(err, store.ErrNotFound) {
				t.Errorf("%s reads the firm: %v", name, err)
			}
			if _, err := e.s.Profile(ctx, sc, mine); !errors.Is(err, store.ErrNotFound) {
				t.Errorf("%s reads the profile: %v", name, err)
			}
			if _, err := e.s.History(ctx, sc, mine, 0, 100); !errors.Is(err, store.ErrNotFound) {
				t.Errorf("%s reads the history: %v", name, err)
			}
			if _, err := e.s.State(ctx, sc, mine, said("as_of", "2022-06-30", "staff", "1")); !errors.Is(err, store.ErrNotFound) {
				t.Errorf("%s states the profile: %v", name, err)
			}
			if _, _, err := e.s.Invite(ctx, sc, mine, record.Input{}); !errors.Is(err, store.ErrNotFound) {
				t.Errorf("%s invites: %v", name, err)
			}
			list, _, err := e.s.Profiles().List(ctx, sc, record.Filter{})
			if err != nil || slices.ContainsFunc(list, func(x *enterprise.Profile) bool { return x.Firm == mine }) {
				t.Errorf("%s lists %v, %v", name, list, err)
			}
		}
		for name, sc := range map[string]access.Scope{"itself": e.firm(mine), "its town": e.scope("220605102", access.Street), "a department for firms": e.scope("commerce", access.Department), "a leader": e.scope("leaders", access.Leader)} {
			if _, err := e.s.Profile(ctx, sc, mine); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if lines, err := e.s.History(ctx, sc, mine, 0, 100); err != nil || len(lines) != 1 {
				t.Errorf("%s has a history of %d, %v", name, len(lines), err)
			}
		}
		if _, err := e.s.Home(ctx, e.scope("commerce", access.Department)); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("staff has a firm's home: %v", err)
		}
		if h, err := e.s.Home(ctx, e.firm(mine)); err != nil || h.Firm.ID != mine || len(h.Missing) == 0 {
			t.Errorf("home: %+v %v", h, err)
		}
		x, err := e.s.Profile(ctx, e.firm(mine), mine)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := e.s.Act(ctx, e.firm(mine), x.X.ID, "check", said("basis", "自查")); !errors.Is(err, flow.ErrForbidden) {
			t.Errorf("a firm checks itself: %v", err)
		}
	})
}

// TestInvitation: a code is good once, for its firm, for its time; the account speaks for that firm alone.
func TestInvitation(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		ctx, town := t.Context(), e.scope("220605102", access.Street)
		hash, err := e.gate.Hash(ctx, "", "correct horse battery staple")
		if err != nil {
			t.Fatal(err)
		}
		join := func(code, secret, login string) (access.Account, error) {
			return e.s.Join(ctx, enterprise.Newcomer{Code: code, Secret: secret, Login: login, Name: "王小明", Password: hash})
		}
		first, _, err := e.s.Invite(ctx, town, mine, record.Input{})
		if err != nil {
			t.Fatal(err)
		}
		second, x, err := e.s.Invite(ctx, town, mine, record.Input{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := join(mine, first, "a"); !errors.Is(err, access.ErrCode) {
			t.Errorf("the first code still works: %v", err)
		}
		if _, err := join(other, second, "a"); !errors.Is(err, access.ErrCode) {
			t.Errorf("it works for another firm: %v", err)
		}
		if _, err := join("91350100M000100Y44", second, "a"); err == nil {
			t.Error("a wrong code was taken")
		}
		a, err := join(mine, second, "songquan")
		if err != nil || a.Unit != mine || !slices.Equal(a.Roles, []string{access.Firm}) {
			t.Fatalf("%+v %v", a, err)
		}
		if _, err := join(mine, second, "again"); !errors.Is(err, access.ErrCode) {
			t.Errorf("a code is good twice: %v", err)
		}
		if v, err := e.s.Invitations().View(ctx, town, x.ID); err != nil || v.X.State != "used" {
			t.Errorf("%+v %v", v, err)
		}
		third, x, err := e.s.Invite(ctx, town, other, record.Input{})
		if err != nil {
			t.Fatal(err)
		}
		if err := e.s.Withdraw(ctx, town, x.ID, record.Input{}); err != nil {
			t.Fatal(err)
		}
		if _, err := join(other, third, "late"); !errors.Is(err, access.ErrCode) {
			t.Errorf("a withdrawn code works: %v", err)
		}
		fourth, _, err := e.s.Invite(ctx, town, other, record.Input{})
		if err != nil {
			t.Fatal(err)
		}
		e.now = e.now.Add(enterprise.InvitationTime + time.Hour)
		if _, err := join(other, fourth, "late"); !errors.Is(err, access.ErrCode) {
			t.Errorf("a code outlives its time: %v", err)
		}
		e.verify()
	})
}

// TestImport: rows that may be a firm the register has come back for a person to decide, and nothing is taken in before.
func TestImport(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		ctx, town := t.Context(), e.scope("220605102", access.Street)
		file := &sheet.Table{Head: []string{"统一社会信用代码", "名称", "类别", "行业", "地址"}, Lines: [][]string{
			{"91110108551385082Q", "江源区松泉食品厂", "企业", "制造", "湾沟镇 胜利社区163号"},
			{"91440300708461136T", "江源区宏达物流有限公司", "企业", "交通运输", "湾沟镇胜利社区163号"},
			{mine, "江源区松泉食品有限公司", "企业", "制造", "湾沟镇胜利社区163号"},
		}}
		file.Lines[2] = []string{"91110000802100433B", "江源区远航汽修有限公司", "企业", "居民服务", "石人镇北山社区1号"}
		count := func() int {
			list, err := e.firms.List(context.Background(), firms.Filter{}, 100)
			if err != nil {
				t.Fatal(err)
			}
			return len(list)
		}
		rep, twins, err := e.s.Import(ctx, town, file, nil, true)
		if err != nil || rep.Done || len(twins) != 1 || twins[0].Row != 2 || twins[0].Other != mine || count() != 2 {
			t.Fatalf("%+v %+v %v", rep, twins, err)
		}
		if rep, _, err = e.s.Import(ctx, town, file, enterprise.Decisions{2: true}, true); err != nil || !rep.Done || rep.Added != 2 || count() != 4 {
			t.Fatalf("%+v %v", rep, err)
		}
		if rep, _, err = e.s.Import(ctx, town, file, enterprise.Decisions{2: false}, true); err != nil || !rep.Done || rep.Added != 1 || rep.Known != 2 || count() != 5 {
			t.Fatalf("%+v %v", rep, err)
		}
		file.Lines = [][]string{{"91110108551385082X", "错码公司", "企业", "制造", ""}}
		if rep, _, err = e.s.Import(ctx, town, file, nil, true); err != nil || rep.Done || len(rep.Bad) != 1 || rep.Bad[0].Row != 2 || !strings.Contains(rep.Bad[0].ZH, "校验位") {
			t.Errorf("a wrong check character: %+v %v", rep, err)
		}
		if _, _, err := e.s.Import(ctx, e.firm(mine), file, nil, true); !errors.Is(err, flow.ErrForbidden) {
			t.Errorf("a firm imports: %v", err)
		}
	})
}
