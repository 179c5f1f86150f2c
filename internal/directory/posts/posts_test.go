package posts_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/directory"
	"weixiao/internal/directory/posts"
	"weixiao/internal/files/sheet"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/journal"
	"weixiao/internal/notify"
	"weixiao/internal/pack"
	"weixiao/internal/store"
	"weixiao/internal/store/storetest"
	"weixiao/internal/vault"
)

func TestMain(m *testing.M) { storetest.Main(m) }

var zone = time.FixedZone("Asia/Shanghai", 8*60*60)

// env is a district with posts; its clock stands until it is moved.
type env struct {
	*posts.Posts
	db   *store.DB
	pack *pack.Pack
	gate *access.Gate
	now  time.Time
}

func each(t *testing.T, fn func(t *testing.T, e *env)) {
	t.Helper()
	p, err := pack.Load(pack.Jiangyuan())
	if err != nil {
		t.Fatal(err)
	}
	storetest.Each(t, []store.Schema{journal.Schema, vault.Schema, access.Schema, notify.Schema, posts.Schema}, func(t *testing.T, db *store.DB) {
		e := &env{db: db, pack: p, now: time.Date(2022, 11, 23, 9, 0, 0, 0, zone)}
		e.Posts = e.node(t)
		fn(t, e)
		if !t.Failed() {
			e.verify(t)
		}
	})
}

func (e *env) clock() time.Time { return e.now }

// node is one more program on the same database.
func (e *env) node(t *testing.T) *posts.Posts {
	t.Helper()
	keys, err := vault.CreateKeys(filepath.Join(t.TempDir(), "keys"))
	if err != nil {
		t.Fatal(err)
	}
	if e.gate, err = access.New(e.db, access.Options{District: e.pack.District, Clock: e.clock, Path: e.path}); err != nil {
		t.Fatal(err)
	}
	return posts.New(e.db, posts.Options{District: e.pack.District, Pack: e.pack.Version, Directory: e.pack.Directory, Kinds: e.pack.PostKinds, Buildings: e.pack.Buildings,
		Locate: e.pack.Locate, Vault: vault.New(keys, vault.Options{}), Gate: func() *access.Gate { return e.gate }, Clock: e.clock})
}

func (e *env) path(unit string) (out []string) {
	for _, u := range e.pack.Directory.Path(unit) {
		out = append(out, u.ID)
	}
	return out
}

func (e *env) scope(unit string, roles ...string) access.Scope {
	return access.ScopeOf(access.Principal{District: e.pack.District, Account: "a-" + roles[0], Unit: unit, Path: e.path(unit), Roles: roles, Kind: access.Cookie})
}

func (e *env) admin() access.Scope { return e.scope(e.pack.District, access.Admin) }

func (e *env) verify(t *testing.T) {
	t.Helper()
	c := e.NewChecker()
	if _, err := journal.Verify(context.Background(), e.db, e.pack.District, c.Fold); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Finish(t.Context()); err != nil {
		t.Error(err)
	}
}

func at(s string) int64 {
	m, err := time.ParseInLocation("2006-01-02 15:04", s, zone)
	if err != nil {
		panic(err)
	}
	return m.UnixMicro()
}

func raw(kv ...string) form.Raw {
	out := form.Raw{}
	for i := 0; i < len(kv); i += 2 {
		out[kv[i]] = []string{kv[i+1]}
	}
	return out
}

func (e *env) must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// refused checks that an error says these words.
func refused(t *testing.T, err error, words ...string) {
	t.Helper()
	r, ok := errors.AsType[*posts.Refusal](err)
	if !ok {
		t.Fatalf("not refused in words: %v", err)
	}
	for _, w := range words {
		if !strings.Contains(r.ZH+" "+r.EN, w) {
			t.Errorf("%q is not in %q / %q", w, r.ZH, r.EN)
		}
	}
}

func (e *env) do(t *testing.T, sc access.Scope, id, action string, kv ...string) error {
	t.Helper()
	x, _, err := e.Term(t.Context(), id)
	e.must(t, err)
	return e.Act(t.Context(), sc, id, action, posts.Input{Version: x.Version, Raw: raw(kv...)})
}

func (e *env) names(post string, when int64) string {
	var out []string
	for _, h := range e.Board().Holders(post, when) {
		out = append(out, h.Name)
	}
	return strings.Join(out, " ")
}

func (e *env) load(t *testing.T, what, csv string, do bool) posts.Report {
	t.Helper()
	tab, err := sheet.Read(what+".csv", strings.NewReader(csv), int64(len(csv)))
	e.must(t, err)
	r, err := e.Load(t.Context(), e.admin(), what, tab, do)
	e.must(t, err)
	return r
}

const (
	street    = "220605001"
	community = "220605001001"
	worker    = community + ".grid-001"
	secretary = community + ".lead"
	house     = community + "-b001"
)

// TestLife takes a grid worker's post from vacant over two people and a consent to a hand-over.
func TestLife(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		chief, other, book := e.scope(street, access.StreetLead), e.scope("220605003", access.StreetLead), e.scope(community, access.Community)
		if _, err := e.Propose(t.Context(), other, worker, raw("name", "张三", "from", "2022-11-01")); !errors.Is(err, flow.ErrForbidden) {
			t.Errorf("another street proposed: %v", err)
		}
		first, err := e.Propose(t.Context(), book, worker, raw("name", " 张 三 ", "phone", "19900001234", "from", "2022-11-01", "reason", "新招录"))
		e.must(t, err)
		if err := e.do(t, book, first, "publish"); !errors.Is(err, flow.ErrForbidden) {
			t.Errorf("the community published: %v", err)
		}
		e.must(t, e.do(t, chief, first, "publish"))
		if e.names(worker, at("2022-11-23 09:00")) != "" {
			t.Error("somebody who is published only holds the post")
		}
		refused(t, e.do(t, chief, first, "take_up", "from", "2022-12-01"), "还没到", "has not come")
		e.must(t, e.do(t, chief, first, "take_up", "from", "2022-11-10"))
		for when, want := range map[string]string{"2022-11-09 23:59": "", "2022-11-10 00:00": "张三", "2030-01-01 00:00": "张三"} {
			if got := e.names(worker, at(when)); got != want {
				t.Errorf("%s: %q holds, want %q", when, got, want)
			}
		}
		e.must(t, e.do(t, book, first, "consent", "phone", "19900001234", "how", "paper", "on", "2022-11-10"))
		x := e.Board().Holders(worker, at("2022-11-20 00:00"))[0]
		if x.Phone != "19900001234" || x.Consent == 0 || x.Person == "" {
			t.Errorf("consent: %+v", x)
		}
		second, err := e.Propose(t.Context(), book, worker, raw("name", "李四", "from", "2022-11-24"))
		e.must(t, err)
		e.must(t, e.do(t, chief, second, "publish"))
		e.now = e.now.AddDate(0, 0, 2)
		refused(t, e.do(t, chief, second, "take_up", "from", "2022-11-24"), "张三", worker, "先办交接")
		refused(t, e.do(t, chief, first, "hand_over", "until", "2022-11-05", "note", "x"), "早于")
		refused(t, e.do(t, chief, first, "hand_over", "until", "2022-12-05", "note", "x"), "还没到")
		e.must(t, e.do(t, chief, first, "hand_over", "until", "2022-11-24", "note", "台账已移交"))
		refused(t, e.do(t, chief, second, "take_up", "from", "2022-11-24"), "张三", "2022-11-24")
		e.must(t, e.do(t, chief, second, "take_up", "from", "2022-11-25"))
		if a, b := e.names(worker, at("2022-11-24 23:59")), e.names(worker, at("2022-11-25 00:00")); a != "张三" || b != "李四" {
			t.Errorf("around the hand-over: %q, %q", a, b)
		}
		x, acts, err := e.Term(t.Context(), first)
		e.must(t, err)
		if x.Phone != "" || x.Consent != 0 {
			t.Errorf("the number is still there after the hand-over: %+v", x)
		}
		for _, a := range acts {
			if a.Texts["phone"] != "" {
				t.Error("the journal keeps the number")
			}
		}
		old := posts.Input{Version: 1, Raw: raw("until", "2022-11-25", "note", "x")}
		if err := e.Act(t.Context(), chief, second, "hand_over", old); !errors.Is(err, posts.ErrStale) {
			t.Errorf("an old page: %v", err)
		}
		// Another node sees the same.
		n := e.node(t)
		e.must(t, n.Refresh(t.Context()))
		if h := n.Board().Holders(worker, at("2022-11-25 00:00")); len(h) != 1 || h[0].Name != "李四" {
			t.Errorf("on another node: %v", h)
		}
	})
}

// TestRefusedTerms names what is wrong with a term.
func TestRefusedTerms(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		e.load(t, posts.FileTerms, "岗位,姓名,开始,结束\n"+secretary+",王一,2022-01-01,2022-06-30\n", true)
		for _, c := range []struct {
			kv   []string
			want string
		}{
			{[]string{"name", "王二", "from", "2022-05-01", "until", "2022-04-30"}, "早于"},
			{[]string{"name", "王二", "from", "2022-05-01"}, "王一"},
			{[]string{"name", "王二", "from", "2022-06-30", "until", "2022-07-01"}, "2022-06-30"},
			{[]string{"name", "王二", "from", "2022-07-01", "seconded", "nowhere"}, "nowhere"},
			{[]string{"name", "王二", "from", "2022-07-01", "seconded", community}, "留空"},
		} {
			_, err := e.Propose(t.Context(), e.admin(), secretary, raw(c.kv...))
			refused(t, err, c.want)
		}
		if _, err := e.Propose(t.Context(), e.admin(), secretary, raw("name", "王二", "from", "昨天")); err == nil {
			t.Error("a day in words was taken")
		}
		if _, err := e.Propose(t.Context(), e.admin(), "no.such", raw("name", "王二", "from", "2022-07-01")); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("a post that does not exist: %v", err)
		}
		_, err := e.Propose(t.Context(), e.admin(), secretary, raw("name", "王二", "from", "2022-07-01", "seconded", "housing"))
		e.must(t, err)
	})
}

// TestStandIns resolves a chain and refuses circles at the moments they would exist.
func TestStandIns(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		a, b, c := secretary, "220605001002.lead", "220605001004.lead"
		e.load(t, posts.FileTerms, "岗位,姓名,开始\n"+a+",甲,2022-01-01\n"+b+",乙,2022-01-01\n"+c+",丙,2022-01-01\n", true)
		chief := e.scope(street, access.StreetLead)
		enter := func(post, by, from, until string) error {
			_, err := e.StandIn(t.Context(), chief, post, raw("by", by, "from", from, "until", until, "reason", "休假"))
			return err
		}
		e.must(t, enter(a, b, "2022-12-01", "2022-12-10"))
		e.must(t, enter(b, c, "2022-12-05", "2022-12-15"))
		for when, want := range map[string]string{"2022-11-30 12:00": "甲", "2022-12-01 00:00": "乙", "2022-12-05 00:00": "丙", "2022-12-11 00:00": "甲"} {
			x, ok := e.Board().Answering(a, at(when))
			if !ok || len(x.Holders) != 1 || x.Holders[0].Name != want {
				t.Errorf("%s: %+v, want %s", when, x.Holders, want)
			}
		}
		refused(t, enter(c, a, "2022-12-10", "2022-12-20"), c+" → "+a+" → "+b+" → "+c)
		refused(t, enter(a, a, "2023-01-01", "2023-01-02"), "绕成了圈")
		refused(t, enter(a, c, "2022-12-10", "2022-12-20"), "已有人代理")
		refused(t, enter(c, b, "2022-12-10", "2022-12-01"), "早于")
		e.must(t, enter(c, a, "2022-12-11", "2022-12-20")) // a is back then: no circle at any moment
		s := e.Board().Standins(b)[0]
		if err := e.EndStandIn(t.Context(), chief, s.ID, s.Version); err != nil {
			t.Fatal(err)
		}
		if x, _ := e.Board().Answering(a, at("2022-12-06 00:00")); x.Holders[0].Name != "乙" {
			t.Errorf("after the cancel: %+v", x)
		}
	})
}

// TestDuty asks who is on duty, with and without a roster.
func TestDuty(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		lead, head := street+".lead", street+".head"
		e.load(t, posts.FileTerms, "岗位,姓名,开始\n"+lead+",书记,2022-01-01\n"+head+",主任,2022-01-01\n", true)
		r := e.load(t, posts.FileShifts, "单位,班次,岗位,开始,结束\n孙家堡子街道,带班,"+head+",2022-12-01 08:00,2022-12-02 08:00\n", true)
		if !r.Done || r.Added != 1 {
			t.Fatalf("%+v", r)
		}
		for when, want := range map[string]string{"2022-12-01 07:59": "书记", "2022-12-01 08:00": "主任", "2022-12-02 08:00": "书记"} {
			if s := e.Board().OnDuty(street, at(when)); len(s) != 1 || s[0].Holders[0].Name != want {
				t.Errorf("%s: %+v, want %s", when, s, want)
			}
		}
		hand := e.scope(street, access.Street)
		refused(t, e.Roster(t.Context(), hand, street, raw("line", "lead", "post", lead, "from", "2022-12-02T07:00", "until", "2022-12-02T20:00")), head)
		refused(t, e.Roster(t.Context(), hand, street, raw("line", "lead", "post", "heat-city.desk", "from", "2022-12-03T07:00", "until", "2022-12-03T20:00")), "heat-city.desk")
		e.must(t, e.Roster(t.Context(), hand, street, raw("line", "hand", "post", lead, "from", "2022-12-02T07:00", "until", "2022-12-02T20:00")))
		if err := e.Roster(t.Context(), hand, "220605003", raw("line", "lead", "post", lead, "from", "2022-12-02T07:00", "until", "2022-12-02T20:00")); !errors.Is(err, flow.ErrForbidden) {
			t.Errorf("the roster of another street: %v", err)
		}
		s := e.Board().Shifts(street, at("2022-12-01 00:00"), at("2022-12-03 00:00"))
		if len(s) != 2 {
			t.Fatalf("%d shifts", len(s))
		}
		e.must(t, e.CancelShift(t.Context(), hand, s[0].ID, s[0].Version))
		if d := e.Board().OnDuty(street, at("2022-12-01 12:00")); len(d) != 1 || d[0].Holders[0].Name != "书记" {
			t.Errorf("after the cancel: %+v", d)
		}
	})
}

// TestHere asks who answers for a point: both chiefs, grid worker, community, street.
func TestHere(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		b, _ := e.Board().Building(house)
		e.load(t, posts.FileTerms, "岗位,姓名,开始,电话,同意公示日期\n"+house+".cadre,干部,2022-01-01,,\n"+house+".resident,居民,2022-01-01,19900005678,2022-02-01\n"+secretary+",书记,2022-01-01,,\n", true)
		in, ok := e.pack.Locate(b.Point)
		if !ok {
			t.Fatal("the building lies nowhere")
		}
		place := e.Board().PlaceOf(b.Point, in)
		if place.Building != house {
			t.Fatalf("%+v", place)
		}
		var got []string
		for _, s := range e.Board().Here(place, at("2022-11-01 00:00")) {
			name := "-"
			if len(s.Holders) > 0 {
				name = s.Holders[0].Name + s.Holders[0].Phone
			}
			got = append(got, s.Post.Kind.ID+"="+name)
		}
		if want := "cadre=干部 resident=居民19900005678 gridworker=- secretary=书记 gridchief=- streetlead=-"; strings.Join(got, " ") != want {
			t.Errorf("got  %s\nwant %s", strings.Join(got, " "), want)
		}
		c := e.Board().Coverage(community, at("2022-11-01 00:00"))
		if c.Buildings != len(e.Board().BuildingsOf(community)) || c.Covered != 1 || c.Filled["resident"] != 1 || c.Needed["resident"] != c.Buildings || c.Workers != 0 || c.Grids == 0 {
			t.Errorf("%+v", c)
		}
	})
}

// TestFiles takes in whole files or nothing, and names every bad row.
func TestFiles(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		good := community + "-b900,孙家堡子街道" // a street is no community
		r := e.load(t, posts.FileBuildings, "编号,社区,小区,名称,经度,纬度,来源,单元\n"+
			community+"-b900,"+community+",新苑,1号楼,126.581650,42.048134,测绘,3\n"+
			good+",新苑,2号楼,126.581650,42.048134,测绘,3\n"+
			community+"-b901,"+community+",新苑,3号楼,116.4,39.9,测绘,3\n"+
			community+"-b902,"+community+",新苑,4号楼,126.58,42.04,测绘,三\n"+
			"220605003001-b001,"+community+",新苑,5号楼,126.58,42.04,测绘,3\n"+
			community+"-b903,"+community+",新苑,6号楼,126.58,42.04,,3\n", true)
		if r.Done || r.Rows != 6 || r.Added != 1 || len(r.Bad) != 5 || r.Bad[0].Row != 3 {
			t.Fatalf("%+v", r)
		}
		if _, ok := e.Board().Building(community + "-b900"); ok {
			t.Fatal("half imported")
		}
		head := "编号,社区,小区,名称,经度,纬度,来源,单元\n"
		line := community + "-b900," + community + ",新苑,1号楼,126.581650,42.048134,测绘,3\n"
		if r = e.load(t, posts.FileBuildings, head+line, false); r.Done || r.Added != 1 {
			t.Fatalf("a try: %+v", r)
		}
		if r = e.load(t, posts.FileBuildings, head+line, true); !r.Done || r.Added != 1 {
			t.Fatalf("%+v", r)
		}
		if r = e.load(t, posts.FileBuildings, head+line, true); !r.Done || r.Known != 1 {
			t.Fatalf("again: %+v", r)
		}
		if r = e.load(t, posts.FileBuildings, head+strings.Replace(line, "测绘,3", "测绘,4", 1), true); !r.Done || r.Added != 1 {
			t.Fatalf("corrected: %+v", r)
		}
		if x, ok := e.Board().Post(community + "-b900.entrance-4"); !ok || x.Entrance != 4 {
			t.Errorf("the fourth entrance has no post")
		}
		terms := "岗位,姓名,开始,结束,电话,同意公示日期\n" +
			worker + ",张三,2022-01-01,,19900001111,2022-02-01\n" +
			worker + ",李四,2022-03-01,,,\n" + // two holders
			"no.such,王五,2022-01-01,,,\n" +
			secretary + ",赵六,2022-05-01,2022-04-01,,\n" +
			house + ".cadre,钱七,2022-13-01,,,\n" +
			house + ".cadre,孙八,2022-01-01,,199000abc,\n" +
			house + ".resident,周九,2022-01-01,,,2022-02-01\n"
		r = e.load(t, posts.FileTerms, terms, true)
		var said []string
		for _, b := range r.Bad {
			said = append(said, fmt.Sprint(b.Row, b.ZH))
		}
		all := strings.Join(said, "\n")
		for _, want := range []string{"3岗位", "张三", "4没有岗位“no.such”", "5结束日期", "6开始日期“2022-13-01”", "7电话", "8同意"} {
			if !strings.Contains(all, want) {
				t.Errorf("%q is not said in\n%s", want, all)
			}
		}
		if r.Done || len(r.Bad) != 6 || e.names(worker, at("2022-06-01 00:00")) != "" {
			t.Errorf("half imported: %+v", r)
		}
		e.must(t, e.Demolish(t.Context(), e.admin(), community+"-b900", raw("reason", "拆迁")))
		if _, ok := e.Board().Building(community + "-b900"); ok {
			t.Error("the building is still there")
		}
		if r = e.load(t, posts.FileBuildings, head+line, true); r.Done || len(r.Bad) != 1 {
			t.Errorf("its id was used again: %+v", r)
		}
		tab := &sheet.Table{Head: []string{"姓名"}, Lines: [][]string{{"x"}}}
		_, err := e.Load(t.Context(), e.admin(), posts.FileTerms, tab, true)
		refused(t, err, "岗位")
		if _, err := e.Load(t.Context(), e.scope(street, access.StreetLead), posts.FileTerms, tab, true); !errors.Is(err, flow.ErrForbidden) {
			t.Errorf("a street imported: %v", err)
		}
	})
}

// TestVacancies tells each unit once, and again when its list changes.
func TestVacancies(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		e.load(t, posts.FileTerms, "岗位,姓名,开始,结束\n"+secretary+",甲,2022-01-01,2022-11-20\n", true)
		all := e.Board().Vacancies(community, e.now.UnixMicro(), false)
		var lead *posts.Vacancy
		for i, v := range all {
			if v.Post.ID == secretary {
				lead = &all[i]
			}
		}
		if lead == nil || lead.Since != at("2022-11-21 00:00") {
			t.Fatalf("%+v", lead)
		}
		in := func(when string) bool {
			for _, v := range e.Board().Overdue(at(when))[community] {
				if v.Post.ID == secretary {
					return true
				}
			}
			return false
		}
		if in("2022-12-05 23:59") || !in("2022-12-06 00:00") {
			t.Error("15 days are not kept")
		}
		tell := func(p *posts.Posts) int {
			t.Helper()
			e.must(t, posts.Tell(t.Context(), p))
			got, err := store.Get(t.Context(), e.db, func(tx *store.Tx) ([]notify.Message, error) {
				return notify.For(tx, e.pack.District, community, 0, "", 50)
			})
			e.must(t, err)
			for _, m := range got {
				if m.Template != "vacant" {
					t.Errorf("%+v", m)
				}
			}
			return len(got)
		}
		if a, b := tell(e.Posts), tell(e.node(t)); a != 1 || b != 1 {
			t.Errorf("told %d and %d times", a, b)
		}
		e.now = e.now.AddDate(0, 0, 14)
		if n := tell(e.Posts); n != 2 {
			t.Errorf("told %d times", n)
		}
	})
}

// TestLink gives an account what the post sees, and takes it away at the hand-over.
func TestLink(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		admin := e.admin()
		make := func(login string, roles ...string) {
			e.must(t, e.db.Write(t.Context(), func(tx *store.Tx) error {
				_, err := e.gate.Create(tx, access.SystemScope(e.pack.District, "a test"), access.NewAccount{Login: login, Name: login, Unit: "housing", Roles: roles}, e.now)
				return err
			}))
		}
		make("wang", access.Department)
		make("boss", access.Auditor)
		e.load(t, posts.FileTerms, "岗位,姓名,开始,借调自\n"+secretary+",王五,2022-01-01,housing\n"+house+".cadre,王五,2022-01-01,housing\n", true)
		id, chief := e.Board().Terms(secretary)[0].ID, e.Board().Terms(house + ".cadre")[0].ID
		if err := e.do(t, e.scope(street, access.StreetLead), id, "link", "login", "wang", "reason", "x"); !errors.Is(err, flow.ErrForbidden) {
			t.Errorf("a street gave rights: %v", err)
		}
		refused(t, e.do(t, admin, id, "link", "login", "nobody", "reason", "x"), "nobody")
		refused(t, e.do(t, admin, id, "link", "login", "boss", "reason", "x"), "三员")
		refused(t, e.do(t, admin, chief, "link", "login", "wang", "reason", "x"), "不用关联")
		e.must(t, e.do(t, admin, id, "link", "login", "wang", "reason", "到社区任职"))
		look := func() access.Account {
			a, err := store.Get(t.Context(), e.db, func(tx *store.Tx) (access.Account, error) {
				return e.gate.Find(tx, access.SystemScope(e.pack.District, "a test"), "wang")
			})
			e.must(t, err)
			return a
		}
		if a := look(); a.Unit != community || a.Post != secretary || strings.Join(a.Roles, " ") != string(directory.Secretary) {
			t.Errorf("linked: %+v", a)
		}
		e.must(t, e.do(t, admin, id, "hand_over", "until", "2022-11-22", "note", "移交"))
		if a := look(); a.Post != "" || len(a.Roles) != 0 {
			t.Errorf("after the hand-over: %+v", a)
		}
	})
}

func TestTables(t *testing.T) {
	for _, x := range []*flow.Table{&posts.Table, &posts.StandinTable, &posts.ShiftTable, &posts.BuildingTable} {
		for _, bad := range x.Check() {
			t.Errorf("%s: %s", x.Kind, bad)
		}
	}
}
