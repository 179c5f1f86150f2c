package outreach_test

import (
	"errors"
	"path/filepath"
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
	"weixiao/internal/projects/outreach"
	"weixiao/internal/record"
	"weixiao/internal/store"
	"weixiao/internal/store/storetest"
	"weixiao/internal/vault"
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
	t     *testing.T
	db    *store.DB
	e     *record.Engine
	s     *outreach.Outreach
	leads []outreach.Lead
}

func each(t *testing.T, fn func(t *testing.T, e *env)) {
	storetest.Each(t, []store.Schema{store.OnceSchema, journal.Schema, vault.Schema, notify.Schema, record.Schema}, func(t *testing.T, db *store.DB) {
		keys, err := vault.CreateKeys(filepath.Join(t.TempDir(), "vault.json"))
		if err != nil {
			t.Fatal(err)
		}
		now := func() time.Time { return time.Date(2022, 6, 15, 10, 0, 0, 0, worktime.Zone) }
		e := &env{t: t, db: db}
		e.e = record.New(db, record.Options{District: jiangyuan.District, Prefix: "JY", Pack: "test", Clock: now, Calendar: func(*store.Tx, string) (*worktime.Calendar, error) { return worktime.China(), nil }})
		e.s = outreach.New(db, e.e, outreach.Options{Rules: jiangyuan.Outreach, Directory: jiangyuan.Directory, Vault: vault.New(keys, vault.Options{}), CheckCode: firms.CheckCode, Sectors: []string{"food"}, Clock: now,
			Lead: func(_ *store.Tx, _ access.Scope, l outreach.Lead) (string, error) {
				e.leads = append(e.leads, l)
				return "JYXM1", nil
			}})
		fn(t, e)
	})
}

func scope(account, unit, role string) access.Scope {
	var path []string
	for _, u := range jiangyuan.Directory.Path(unit) {
		path = append(path, u.ID)
	}
	return access.ScopeOf(access.Principal{District: jiangyuan.District, Account: account, Unit: unit, Path: path, Roles: []string{role}, Kind: access.Cookie})
}

var (
	clerk = scope("clerk", "commerce", access.Department)
	other = scope("other", "education", access.Department)
)

const code = "91220605MAWX00048Q"

func (e *env) meet(name string, kv ...string) (*outreach.Visit, error) {
	in := record.Input{Raw: record.Raw("organisation", name, "class", "firm", "direction", "out", "held_on", "2022-06-01", "place", "长春", "ours", "commerce", "topic", "invest")}
	for i := 0; i < len(kv); i += 2 {
		in.Raw[kv[i]] = []string{kv[i+1]}
	}
	return e.s.Books.Visit.Open(e.t.Context(), clerk, "note", in)
}

func (e *env) met(from, to string) outreach.Figures {
	e.t.Helper()
	f, err := e.s.Figures(e.t.Context(), clerk, from, to)
	if err != nil {
		e.t.Fatal(err)
	}
	return f
}

// TestDistinct: an organisation counts once, known by name, by another spelling of it, and then by its code.
func TestDistinct(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		for _, x := range [][]string{{"长春山珍（集团）公司"}, {"长春山珍(集团) 公司"}, {"长春山珍（集团）公司", "code", code}, {"山珍集团", "code", strings.ToLower(code)}, {"食品行业协会", "class", "association", "direction", "in", "held_on", "2022-03-01"}} {
			if _, err := e.meet(x[0], x[1:]...); err != nil {
				t.Fatalf("%v: %v", x, err)
			}
		}
		if f := e.met("2022-01-01", ""); f.Partners != 2 || f.Out != 4 || f.In != 1 || f.ByClass["firm"] != 1 || f.ByClass["association"] != 1 {
			t.Errorf("met %+v", f)
		}
		if f := e.met("2022-06-01", "2022-06-30"); f.Partners != 1 || f.In != 0 {
			t.Errorf("in June %+v", f)
		}
		v, err := e.meet("另一名称")
		if err != nil {
			t.Fatal(err)
		}
		list, err := e.s.Met(t.Context(), clerk, "2022-01-01", "", "firm")
		if err != nil || len(list) != 2 {
			t.Fatal(list, err)
		}
		first := list[0]
		if first.Code == "" {
			first = list[1]
		}
		_, err = e.s.Books.Partner.Act(t.Context(), clerk, v.Partner, "identify", record.Input{Raw: record.Raw("found_code", code)})
		if r, ok := errors.AsType[*record.RefusedError](err); !ok || r.Code != "outreach.code_known" {
			t.Errorf("a code that another one has: %v", err)
		}
		if _, err := e.s.Books.Partner.Act(t.Context(), clerk, v.Partner, "merge", record.Input{Raw: record.Raw("into", first.ID, "reason", "同一家")}); err != nil {
			t.Fatal(err)
		}
		if _, err := e.meet("另一名称"); err != nil {
			t.Fatal(err)
		}
		if f := e.met("2022-01-01", ""); f.Partners != 2 || f.Out != 6 {
			t.Errorf("after the merge %+v", f)
		}
		c := e.e.NewChecker()
		if _, err := journal.Verify(t.Context(), e.db, jiangyuan.District, c.Fold); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Finish(t.Context()); err != nil {
			t.Fatal(err)
		}
	})
}

// TestPersonIsSealed: who was met stands in no act and in no record.
func TestPersonIsSealed(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		v, err := e.meet("长春山珍公司", "person", "王小明", "duty", "总经理", "phone", "13900000000", "talked", "想建厂")
		if err != nil || v.Person == "" {
			t.Fatal(v, err)
		}
		x, err := e.s.Books.Visit.View(t.Context(), clerk, v.ID)
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range x.Acts {
			all := string(a.Body)
			for _, s := range a.Texts {
				all += s
			}
			if strings.Contains(all, "王小明") || strings.Contains(all, "13900000000") || strings.Contains(all, "总经理") {
				t.Errorf("an act names the person: %s", all)
			}
		}
		if x.Said("talked") != "想建厂" {
			t.Errorf("what was said is gone: %q", x.Said("talked"))
		}
	})
}

// TestFollows: what follows has a clock; a visit becomes a lead once; wrong answers leave nothing behind.
func TestFollows(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		for want, kv := range map[string][]string{"held_on future": {"held_on", "2022-07-01"}, "code firm_code": {"code", "91220605MAWX00048X"}, "ours choice": {"ours", "nowhere"}, "phone phone": {"phone", "12"}} {
			_, err := e.meet("某公司", kv...)
			if f, ok := errors.AsType[form.Faults](err); !ok || f[0].Field+" "+f[0].Code != want {
				t.Errorf("%v: %v", kv, err)
			}
		}
		if f := e.met("2022-01-01", ""); f.Partners != 0 {
			t.Errorf("refused visits left %+v", f)
		}
		v, err := e.meet("长春山珍公司")
		if err != nil {
			t.Fatal(err)
		}
		follow, err := e.s.Books.Follow.Open(t.Context(), clerk, "agree", record.Input{Raw: record.Raw("visit", v.ID, "owner", "land", "task", "答复用地条件")})
		if err != nil || !follow.Clocks["follow"].Running() {
			t.Fatal(follow, err)
		}
		if _, err := e.s.Books.Follow.Act(t.Context(), other, follow.ID, "finish", record.Input{Raw: record.Raw("outcome", "x")}); !errors.Is(err, flow.ErrForbidden) {
			t.Errorf("a stranger finishes it: %v", err)
		}
		if _, err := e.s.Books.Follow.Act(t.Context(), scope("l", "land", access.Department), follow.ID, "finish", record.Input{Raw: record.Raw("outcome", "已答复")}); err != nil {
			t.Error(err)
		}
		lead := record.Input{Raw: record.Raw("project", "山珍加工", "sector", "food", "investment", "2亿")}
		if _, err := e.s.Books.Visit.Act(t.Context(), clerk, v.ID, "lead", lead); err != nil || len(e.leads) != 1 || e.leads[0].Investment != 2_0000_0000_00 || e.leads[0].Visit != v.ID {
			t.Errorf("leads %+v, %v", e.leads, err)
		}
		if _, err := e.s.Books.Visit.Act(t.Context(), clerk, v.ID, "lead", lead); !errors.Is(err, flow.ErrState) {
			t.Errorf("a second lead: %v", err)
		}
		if f := e.met("2022-01-01", ""); f.Leads != 1 {
			t.Errorf("met %+v", f)
		}
		firm := access.ScopeOf(access.Principal{District: "220605", Account: "f", Unit: code, Roles: []string{access.Firm}, Kind: access.Cookie})
		if _, err := e.s.Met(t.Context(), firm, "", "", ""); !errors.Is(err, flow.ErrForbidden) {
			t.Errorf("a firm sees whom we met: %v", err)
		}
		if list, _, err := e.s.Books.Visit.List(t.Context(), firm, record.Filter{}); err != nil || len(list) != 0 {
			t.Errorf("a firm lists %d visits, %v", len(list), err)
		}
	})
}
