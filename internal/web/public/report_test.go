package public_test

import (
	"image/color"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/cases"
	"weixiao/internal/cases/casestest"
	"weixiao/internal/store"
	"weixiao/internal/vault"
)

// words1 is a report of ordinary length.
const words1 = "我们小区 3 号楼东侧的路灯坏了三天了，晚上老人下楼看不清路。"

func TestReportWithoutScripts(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		p := e.person(t)
		x := p.get("/report").want(200, "第 1 步，共 3 步", "您遇到了什么问题？", "打电话 8890")
		if strings.Contains(x.Body, "presses the first") {
			t.Error("a comment of the template is in the page")
		}
		x = p.send(x, "say", "words", words1)
		x.wantTo("/report/place")
		x = p.follow(x).want(200, "问题在什么地方？", "孙家堡子街道（不清楚哪个社区）")
		x = p.send(x, "where", "place", "锦绣花园 3 号楼", "area", community)
		x.wantTo("/report/check")
		x = p.follow(x).want(200, "核对后提交", words1, "锦绣花园 3 号楼", "江南社区", "0 张")
		x = p.send(x, "send", "phone", "138 1234 5678", "name", "张女士")
		x.wantTo("/report/done")
		x = p.follow(x).want(200, "已经收到", "4 个工作小时内联系您", "5 个工作日内答复您。现在转出的话，最晚 11月30日 09:00")
		number, secret := x.byID("number"), x.byID("secret")
		if secret != e.Cases.Secret(number) {
			t.Error("the receipt shows another secret")
		}

		k, err := e.Cases.Get(t.Context(), e.Scope("", "dispatcher"), number)
		if err != nil {
			t.Fatal(err)
		}
		if k.Channel != "portal" || k.Place.Community != community || k.Place.Text != "锦绣花园 3 号楼" || !k.Public || k.Matter == "" || k.Person == "" {
			t.Errorf("the case %+v", k)
		}
		if got := e.revealed(t, k); got != (vault.Person{Name: "张女士", Phone: "13812345678"}) {
			t.Error("the vault holds another person")
		}
		v, err := e.Cases.View(t.Context(), e.Scope("", "dispatcher"), number)
		if err != nil || !strings.Contains(string(v.Entries[0].Body), `"privacy_notice":["2026-11 zh-CN `) {
			t.Errorf("the act does not say which notice was shown: %v %s", err, v.Entries[0].Body)
		}
		if v.Entries[0].Actor.Capacity != access.Anonymous {
			t.Errorf("reported as %q", v.Entries[0].Actor.Capacity)
		}
	})
}

// revealed is who reported a case.
func (e *env) revealed(t *testing.T, k *cases.Case) (who vault.Person) {
	t.Helper()
	err := e.DB.Write(t.Context(), func(tx *store.Tx) (err error) {
		who, err = e.Vault.Use(tx, e.Pack.District, k.Person, vault.Disclosure{Kind: vault.KindOwn, At: e.Clock(), Subject: k.Number,
			Fields: vault.AllFields})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return who
}

// TestGoingBack: what was said stays, whichever way one goes.
func TestGoingBack(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		p := e.person(t)
		_, _, v := p.get("/report").form("say")
		v.Set("words", words1)
		p.upload("/report", v, picture(color.White), picture(color.Black)).wantTo("/report/place")
		x := p.get("/report").want(200)
		if _, _, v := x.form("say"); v.Get("words") != words1 {
			t.Errorf("step 1 again: %q", v.Get("words"))
		}
		if n := strings.Count(x.Body, `class="rm"`); n != 2 {
			t.Errorf("%d photos can be removed, want 2", n)
		}
		x = p.send(p.get("/report/place"), "where", "place", "东门口", "area", casestest.Street)
		x.wantTo("/report/check")
		_, _, v = p.get("/report/place").want(200).form("where")
		if v.Get("place") != "东门口" || v.Get("area") != casestest.Street {
			t.Errorf("step 2 again: %v", v)
		}
		// Leaving step 3 for a change keeps what was typed there.
		x = p.send(p.get("/report/check"), "send", "phone", "1381234", "name", "张", "private", "true", "_go", "place")
		x.wantTo("/report/place")
		_, _, v = p.get("/report/check").want(200, "2 张").form("send")
		if v.Get("phone") != "1381234" || v.Get("name") != "张" || v.Get("private") != "true" {
			t.Errorf("step 3 again: %v", v)
		}
		// A photo can be taken out without scripts.
		x = p.get("/report")
		_, _, v = x.form("say")
		id := between(x.Body, `name="_remove" value="`, `"`)
		v.Set("_remove", id)
		p.upload("/report", v).wantTo("/report")
		if n := strings.Count(p.get("/report").Body, `class="rm"`); n != 1 {
			t.Errorf("%d photos after removing one of two", n)
		}
	})
}

func between(s, a, b string) string {
	_, s, _ = strings.Cut(s, a)
	s, _, _ = strings.Cut(s, b)
	return s
}

// TestSteps: nobody gets to a step before the ones before it.
func TestSteps(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		p := e.person(t)
		for path, to := range map[string]string{"/report/place": "/report?lost=none", "/report/check": "/report?lost=none", "/report/done": "/follow"} {
			p.get(path).wantTo(to)
		}
		p.get("/report?lost=none").want(200, "没找到刚才写的内容")
		p.send(p.get("/report"), "say", "words", words1).wantTo("/report/place")
		p.get("/report/check").wantTo("/report/place")
		p.get("/report/done").wantTo("/follow")
		e.Pass(13 * time.Hour)
		p.get("/report/place").wantTo("/report?lost=none")
		if _, _, v := p.get("/report").form("say"); v.Get("words") != "" {
			t.Error("a draft of yesterday came back")
		}
	})
}

// TestOnce: one form makes one case, however often it is sent.
func TestOnce(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		p := e.person(t)
		p.send(p.get("/report"), "say", "words", words1).wantTo("/report/place")
		p.send(p.get("/report/place"), "where", "area", community).wantTo("/report/check")
		check := p.get("/report/check")
		action, _, v := check.form("send")
		v.Set("phone", "13812345678")
		var wg sync.WaitGroup
		for range 8 { // the button pressed many times
			wg.Go(func() {
				if x := p.post(action, v); x.Status != http.StatusSeeOther || !strings.HasPrefix(x.Header.Get("Location"), "/report/done") {
					t.Errorf("status %d to %q", x.Status, x.Header.Get("Location"))
				}
			})
		}
		wg.Wait()
		first := p.get("/report/done").want(200).byID("number")
		// The back button, another number typed, sent again: the same receipt, and it
		// says that nothing was sent twice.
		v.Set("phone", "13900000000")
		x := p.follow(p.post(action, v)).want(200, "没有再收一次")
		if x.byID("number") != first {
			t.Error("another receipt")
		}
		if n := len(e.all(t)); n != 1 {
			t.Errorf("%d cases, want 1", n)
		}
		// Going on from the old step 1 is something new.
		_, _, old := check.form("send")
		again := p.upload("/report", url.Values{"_key": {old.Get("_key")}, "words": {"暖气不热，屋里只有十四度"}})
		again.wantTo("/report/place")
		p.send(p.get("/report/place"), "where", "area", community).wantTo("/report/check")
		p.follow(p.send(p.get("/report/check"), "send", "contact", "none")).want(200)
		if n := len(e.all(t)); n != 2 {
			t.Errorf("%d cases, want 2", n)
		}
		// And the old step 3 does not send the new words under the old key.
		p.post(action, v).wantTo("/report?lost=other")
		if n := len(e.all(t)); n != 2 {
			t.Errorf("%d cases after the old form came again, want 2", n)
		}
	})
}

// TestTwoTabs: the form of one report never sends another.
func TestTwoTabs(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		p := e.person(t)
		one, two := p.get("/report"), p.get("/report")
		p.send(one, "say", "words", words1).wantTo("/report/place")
		place := p.get("/report/place")
		p.send(two, "say", "words", "暖气不热").wantTo("/report/place")
		p.send(place, "where", "area", community).wantTo("/report?lost=other")
		x := p.get("/report?lost=other").want(200, "您又开始写了另一件")
		if _, _, v := x.form("say"); v.Get("words") != "暖气不热" {
			t.Errorf("shows %q", v.Get("words"))
		}
	})
}

// TestPrivate: a resident can make a case less public, never more.
func TestPrivate(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		hush := e.person(t).report(words1, "private", "true")
		open := e.person(t).report(words1)
		secretive := e.person(t).report("我要举报村干部贪污低保款", "public", "true")
		for r, want := range map[receipt]bool{hush: false, open: true, secretive: false} {
			k, err := e.Cases.Get(t.Context(), e.Scope("", "dispatcher"), r.number)
			if err != nil || k.Public != want {
				t.Errorf("%s: public %v, %v", r.number, k.Public, err)
			}
			if got := e.person(t).get("/cases/" + r.number).Status; (got == 200) != want {
				t.Errorf("/cases/%s: %d", r.number, got)
			}
		}
	})
}

// TestQRCode: the place comes with the address, and can be changed.
func TestQRCode(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		p := e.person(t)
		x := p.send(p.get("/report?community="+community).want(200, "地点已填好：江南社区"), "say", "words", words1)
		_, _, v := p.follow(x).form("where")
		if v.Get("area") != community {
			t.Errorf("step 2 has the area %q", v.Get("area"))
		}
		grid := e.Pack.Directory.Grids(community)[0].ID
		e.person(t).get("/report?community="+grid).want(200, "地点已填好：江南社区")
		for _, odd := range []string{"", "1", "99999999999999", "'%22%3E%3Cscript%3E", "duty"} {
			if x := e.person(t).get("/report?community=" + odd).want(200); strings.Contains(x.Body, "地点已填好") {
				t.Errorf("%q filled in a place", odd)
			}
		}
	})
}

// TestSimilar: cases like this one come first, once, and never private ones.
func TestSimilar(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		like := e.person(t).report("东门口路灯不亮，黑灯瞎火的")
		hush := e.person(t).report("东门口路灯不亮，我家 3 单元 501", "private", "true")
		e.Pass(time.Hour)
		p := e.person(t)
		p.send(p.get("/report"), "say", "words", "小区东门的路灯坏了").wantTo("/report/place")
		place := p.get("/report/place").want(200)
		if strings.Contains(place.Body, like.number) {
			t.Error("shown before the place is known, although only the matter is the same")
		}
		x := p.send(place, "where", "area", community)
		x.wantTo("/report/place?seen=1#similar")
		x = p.follow(x).want(200, "有 1 件像是同一个问题", "路灯不亮", "就是这个，看进展", "不是，继续反映")
		if strings.Contains(x.Body, hush.number) {
			t.Error("a private case is shown")
		}
		p.send(x, "where").wantTo("/report/check")
		p.send(p.get("/report/place"), "where").wantTo("/report/check")
	})
}

// TestTooManyReports: the limit of an address leaves the form as it was.
func TestTooManyReports(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		for range 30 {
			if err := e.site.Gate.Allow("report.client", "127.0.0.1"); err != nil {
				t.Fatal(err)
			}
		}
		p := e.person(t)
		p.send(p.get("/report"), "say", "words", words1).wantTo("/report/place")
		p.send(p.get("/report/place"), "where", "area", community).wantTo("/report/check")
		x := p.send(p.get("/report/check"), "send", "phone", "13812345678").want(429, "请过 2 分钟再按一次提交")
		if _, _, v := x.form("send"); v.Get("phone") != "13812345678" || x.Header.Get("Retry-After") == "" {
			t.Errorf("phone %q, Retry-After %q", v.Get("phone"), x.Header.Get("Retry-After"))
		}
		e.Pass(3 * time.Minute)
		p.send(x, "send").wantTo("/report/done")
	})
}
