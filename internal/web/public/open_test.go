package public_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"weixiao/internal/cases"
	"weixiao/internal/cases/casestest"
	"weixiao/internal/store/storetest"
	"weixiao/internal/web/assets"
	"weixiao/internal/web/ui"
	"weixiao/internal/words"
)

func TestHomeAndWords(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		p := e.person(t)
		p.get("/").want(200, "微笑江源 · 接诉即办", "反映问题", "查办理进度", "8890 服务热线", "没有找到公开的诉求", "演示系统", "换成大字版", "个人信息怎么用", "无障碍说明")
		r := p.report(words1)
		// Nobody at the centre has read it: not a word of it is shown.
		for _, path := range []string{"/", "/cases", "/cases/" + r.number} {
			if x := e.person(t).get(path).want(200, "路灯不亮", "江南社区", "已收到"); strings.Contains(x.text(), "三天") {
				t.Errorf("%s shows words nobody has read", path)
			}
		}
		e.act(t, e.Scope("", "dispatcher"), r.number, "dispatch", "unit", casestest.Street)
		x := p.get("/").want(200, "路灯坏了三天了", "江南社区", "已转办")
		if strings.Contains(x.text(), "东侧 3 号楼") {
			t.Error("the address is on the home page")
		}
		if strings.Contains(p.get("/?elder=1").text(), "换成大字版") || strings.Contains(p.get("/").text(), "换成大字版") {
			t.Error("whoever chose the size of type is asked again")
		}
		for _, path := range []string{"/about", "/privacy", "/accessibility"} {
			p.get(path).want(200)
			q := e.person(t)
			q.lang = "en"
			if x := q.get(path); hasHan(x.text()) {
				t.Errorf("%s in English: %.300s", path, x.text())
			}
		}
		p.get("/about").want(200, "一般诉求", "5 个工作日")
		p.get("/nosuch").want(404)
		p.get("/cases/" + r.number).want(200)
	})
}

// hasHan reports Chinese in a text, but for the switch of languages, what the
// test's own demonstration note says, and the name of the owner.
func hasHan(s string) bool {
	s = strings.NewReplacer("中文版", "", "中文", "", "演示系统", "").Replace(s)
	return regexp.MustCompile(`\p{Han}`).MatchString(s)
}

// TestEnglish: no page shows Chinese of ours in English.
func TestEnglish(t *testing.T) {
	e := browserEnv(t)
	p := e.person(t)
	p.lang = "en"
	x := p.send(p.get("/report").want(200), "say", "words", "The street light is out, it is very dark")
	x = p.send(p.follow(x).want(200), "where", "place", "Building 3", "area", community)
	x = p.send(p.follow(x).want(200), "send", "phone", "13812345678")
	x = p.follow(x).want(200, "We have your report")
	number := x.byID("number")
	e.toReply(t, number)
	for _, path := range []string{"/", "/report?new=1", "/report/done", "/follow", "/follow/" + number + "/rate?solved=no", "/follow/" + number + "/supplement", "/cases"} {
		if x := p.get(path).want(200); hasHan(x.text()) {
			t.Errorf("%s: %s", path, regexp.MustCompile(`\p{Han}+`).FindAllString(x.text(), 8))
		}
	}
}

func TestList(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		var lamps []string
		for i := range 23 {
			r, err := e.Cases.Report(t.Context(), e.Scope("", "operator"), cases.Report{Channel: "hotline", Body: fmt.Sprintf("第 %d 根灯杆的路灯不亮", i), Matter: "001",
				Place: cases.Place{Community: community, Text: "机密门牌 7 号"}})
			if err != nil {
				t.Fatal(err)
			}
			lamps = append(lamps, r.Number)
			e.act(t, e.Scope("", "dispatcher"), r.Number, "dispatch", "unit", casestest.Street)
			e.Pass(time.Second)
		}
		hole, err := e.Cases.Report(t.Context(), e.Scope("", "operator"), cases.Report{Channel: "hotline", Body: "路面有个大坑，车过就颠", Matter: "004", Place: cases.Place{Street: casestest.OtherStreet}})
		if err != nil {
			t.Fatal(err)
		}
		e.act(t, e.Scope("", "dispatcher"), hole.Number, "dispatch", "unit", casestest.OtherStreet)
		hush, err := e.Cases.Report(t.Context(), e.Scope("", "operator"), cases.Report{Channel: "hotline", Body: "路灯不亮，别公开", Matter: "001", Public: new(bool)})
		if err != nil {
			t.Fatal(err)
		}
		p := e.person(t)
		count := func(x *page) int { return strings.Count(x.Body, `href="/cases/JY`) }
		first := p.get("/cases").want(200)
		if n := count(first); n != 20 {
			t.Errorf("%d on the first page", n)
		}
		older := between(first.Body, `rel="next" href="`, `"`)
		second := p.get(strings.ReplaceAll(older, "&amp;", "&")).want(200, "回到最新")
		if n := count(second); n != 4 {
			t.Errorf("%d on the second page", n)
		}
		for _, n := range append(lamps, hole.Number) {
			if strings.Count(first.Body+second.Body, `"/cases/`+n+`"`) != 1 {
				t.Errorf("%s is not on exactly one page", n)
			}
		}
		for _, c := range []struct {
			query string
			n     int
		}{
			{"street=" + casestest.OtherStreet, 1}, {"street=" + casestest.Street, 20}, {"matter=004", 1}, {"matter=004&street=" + casestest.Street, 0},
			{"q=" + "大坑", 1}, {"q=" + "大坑+颠", 1}, {"q=" + "大坑+路灯", 0}, {"q=" + "灯杆", 20}, {"q=" + hole.Number, 1}, {"q=" + strings.ToLower(hole.Number), 1},
			{"q=别公开", 0}, {"q=机密", 0}, {"q=%25", 0}, {"street=nosuch", 0}, {"after=x", 20}, {"after=-1", 20}, {"after=1", 0}, {"q=" + strings.Repeat("长", 500), 0}, {"q=%ff%00", 0},
		} {
			x := p.get("/cases?" + c.query).want(200)
			if got := count(x); got != c.n {
				t.Errorf("%s: %d, want %d", c.query, got, c.n)
			}
			if strings.Contains(x.Body, hush.Number) || strings.Contains(x.text(), "机密") {
				t.Errorf("%s shows what is not public", c.query)
			}
		}
		p.get("/cases/" + strings.ToLower(hole.Number)).wantTo("/cases/" + hole.Number)
		private, unknown := p.get("/cases/"+hush.Number).want(404), p.get("/cases/JY20221123-00000").want(404)
		if private.Body != strings.ReplaceAll(unknown.Body, "JY20221123-00000", hush.Number) {
			t.Error("a private case and an unknown one are different pages")
		}
		for _, odd := range []string{"x", "JY20221123-7K3Q9%00", "%2e%2e", "JY20221123-7K3Q9'--"} {
			p.get("/cases/" + odd).want(404)
		}
	})
}

// TestCanaries: a person's name, number and address never appear on a page of
// anybody else's, and none of their own page reads them back.
func TestCanaries(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		const name, phone, other, address = "欧阳金丝雀", "13987654321", "13800138111", "金丝雀小区 7 号楼 2 单元 501 室"
		p := e.person(t)
		r := p.report("路灯坏了，请打 "+other+"，我家在 7 号楼 2 单元 501 室，微信号 jinsique2022", "phone", phone, "name", name, "place", address)
		e.toReply(t, r.number)
		e.act(t, e.Scope("", "operator"), r.number, "supplement", "text", "本人"+name+"，电话 "+phone)
		p.send(p.get("/follow/"+r.number+"/urge"), "urge", "note", name+phone).want(303)
		anybody := e.person(t)
		canaries := []string{name, "欧阳", phone, "1398765", other, "金丝雀小区", "501 室", "2 单元", "jinsique2022", e.Cases.Secret(r.number)}
		paths := []string{"/", "/?lang=en", "/cases", "/cases?q=路灯", "/cases?q=" + phone, "/cases/" + r.number, "/cases/" + r.number + "?lang=en", "/report", "/report?community=" + community,
			"/follow", "/follow?number=" + r.number, "/follow/" + r.number, "/about", "/privacy", "/report/map.json", "/report/done", "/photo/" + r.number}
		for _, path := range paths {
			x := anybody.get(path)
			for _, c := range canaries {
				body := x.Body
				if strings.HasPrefix(path, "/cases?q=") {
					body = strings.ReplaceAll(body, `value="`+phone+`"`, "") // what was asked for, in the box it was typed into
					body = strings.ReplaceAll(body, "q="+phone, "")
				}
				if strings.Contains(body, c) {
					t.Errorf("%s shows %q", path, c)
				}
			}
		}
		if x := anybody.get("/cases?q=" + phone); strings.Contains(x.Body, r.number) {
			t.Error("a case is found by the number of its reporter")
		}
		// The similar cases of somebody else's report.
		anybody.send(anybody.get("/report"), "say", "words", "路灯坏了，请快修").want(303)
		anybody.send(anybody.get("/report/place"), "where", "area", community)
		x := anybody.get("/report/place?lang=zh-CN").want(200, "像是同一个问题")
		for _, c := range canaries {
			if strings.Contains(x.Body, c) {
				t.Errorf("the list of similar cases shows %q", c)
			}
		}
		// Whoever writes their own name into the words is not published.
		named := e.person(t).report("我叫"+name+"，路灯坏了", "phone", phone, "name", name)
		anybody.get("/cases/" + named.number).want(404)
		// Their own page tells them what happened, but reads no name or number back.
		own := p.get("/follow/" + r.number).want(200)
		for _, c := range []string{name, phone, e.Cases.Secret(r.number)} {
			if strings.Contains(own.Body, c) {
				t.Errorf("the progress page shows %q", c)
			}
		}
		if s := e.log.String(); strings.Contains(s, name) || strings.Contains(s, phone) || strings.Contains(s, r.secret) {
			t.Error("personal data in the log")
		}
	})
}

// TestDraftsAreSealed: nothing of a report on its way can be read in the database.
func TestDraftsAreSealed(t *testing.T) {
	dsn := storetest.DSN(t, "sqlite")
	e := newEnv(t, storetest.OpenDSN(t, dsn, schemas))
	p := e.person(t)
	p.send(p.get("/report"), "say", "words", "canary-words 路灯坏了").wantTo("/report/place")
	p.send(p.get("/report/place"), "where", "place", "canary-place").want(303)
	p.send(p.get("/report/check"), "send", "phone", "13987654321", "name", "canary-name", "_go", "words").wantTo("/report")
	found, err := filepath.Glob(strings.TrimPrefix(dsn, "sqlite:") + "*")
	if err != nil || len(found) == 0 {
		t.Fatal("no files of the database", err)
	}
	for _, path := range found {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range []string{"canary", "13987654321", "路灯坏了"} {
			if bytes.Contains(b, []byte(c)) {
				t.Errorf("%s holds %q", filepath.Base(path), c)
			}
		}
	}
}

// TestHeaders: every page says what it must, and none may be kept.
func TestHeaders(t *testing.T) {
	e := browserEnv(t)
	p := e.person(t)
	r := p.report(words1)
	for _, path := range []string{"/", "/report?new=1", "/report/done", "/follow", "/follow/" + r.number, "/cases", "/cases/" + r.number, "/privacy", "/cases/JY20221123-00000"} {
		h := p.get(path).Header
		if h.Get("Cache-Control") != "no-store" || !strings.Contains(h.Get("Content-Security-Policy"), "default-src 'none'") || h.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: %v", path, h)
		}
	}
}

// TestForeignForms: a form on another site sends nothing.
func TestForeignForms(t *testing.T) {
	e := browserEnv(t)
	for _, path := range []string{"/report", "/report/place", "/report/check", "/follow", "/follow/JY20221123-7K3Q9/urge"} {
		req, err := http.NewRequest("POST", e.url+path, strings.NewReader("words=x"))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Sec-Fetch-Site", "cross-site")
		req.Header.Set("Origin", "https://evil.example")
		if x := e.person(t).do(req); x.Status != 403 {
			t.Errorf("%s from another site: %d", path, x.Status)
		}
	}
}

func TestMap(t *testing.T) {
	e := browserEnv(t)
	x := e.person(t).get("/report/map.json").want(200)
	var c struct {
		Features []struct {
			Properties map[string]string `json:"properties"`
		} `json:"features"`
	}
	if err := json.Unmarshal([]byte(x.Body), &c); err != nil {
		t.Fatal(err)
	}
	if len(c.Features) != 11 || c.Features[0].Properties["kind"] != "district" || c.Features[1].Properties["name"] == "" {
		t.Errorf("%d features, %v", len(c.Features), c.Features)
	}
}

// TestBudget: a question page with everything it loads is small on the wire.
func TestBudget(t *testing.T) {
	e := browserEnv(t)
	p := e.person(t)
	p.send(p.get("/report"), "say", "words", words1)
	p.send(p.get("/report/place"), "where", "area", community)
	for path, most := range map[string]int{"/report": 40 << 10, "/report/check": 40 << 10, "/": 40 << 10, "/report/place": 95 << 10} {
		x := p.get(path).want(200)
		total, list := len(x.Body), "" // whether the page itself is packed is up to what stands before us
		for _, u := range regexp.MustCompile(`(?:src|href)="(/assets/[^"]+)"`).FindAllStringSubmatch(x.Body, -1) {
			n := packed(t, []byte(p.get(u[1]).Body))
			total += n
			list += fmt.Sprintf(" %s %d", strings.TrimPrefix(u[1], assets.Prefix), n)
		}
		t.Logf("%s: %d bytes, of them the page %d,%s", path, total, len(x.Body), list)
		if total > most {
			t.Errorf("%s is %d bytes, more than %d", path, total, most)
		}
	}
}

func packed(t *testing.T, b []byte) int {
	t.Helper()
	var z bytes.Buffer
	w := gzip.NewWriter(&z)
	if _, err := w.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return z.Len()
}

// TestWordsExist: keys that are put together while a page is drawn.
func TestWordsExist(t *testing.T) {
	need := func(key string) {
		t.Helper()
		if !words.Has(key) {
			t.Errorf("no message %q", key)
		}
	}
	for _, s := range cases.Table.States {
		need("public.state." + s.Name)
		need("public.standing." + s.Name)
	}
	for _, a := range []string{"supplement", "urge", "withdraw", "rate"} {
		need("public.act." + a)
		need("public.act." + a + ".lead")
		need("public.act." + a + ".send")
		x, err := cases.Table.Action(a)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range x.Form.Fields {
			need("form.resident_" + a + "." + f.Name)
			for _, o := range f.Options {
				if ui.OptionLabel(words.EN, "resident_"+a, f.Name, o.Value) == "" {
					t.Errorf("%s.%s.%s has no label", a, f.Name, o.Value)
				}
			}
		}
	}
	for _, unit := range []string{"minute", "hour", "workhour", "workday", "day"} {
		need("public.limit." + unit)
	}
}
