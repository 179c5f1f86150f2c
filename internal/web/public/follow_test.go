package public_test

import (
	"context"
	"image/color"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/cases"
	"weixiao/internal/cases/casestest"
	"weixiao/internal/files"
	"weixiao/internal/form"
	"weixiao/internal/store"
)

// toReply sends a case the usual way to its answer.
func (e *env) toReply(t *testing.T, number string) {
	t.Helper()
	street := e.Scope(casestest.Street, "street")
	e.act(t, e.Scope("", "dispatcher"), number, "dispatch", "unit", casestest.Street)
	e.act(t, street, number, "sign")
	e.act(t, street, number, "contact", "how", "phone", "note", "机密通话记录")
	e.act(t, street, number, "reply", "result", "solved", "reply", "灯已换好，亮灯正常。", "inner_note", "机密内部说明")
}

func TestDoor(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		r := e.person(t).report(words1)
		p := e.person(t)
		p.get("/follow/" + r.number).wantTo("/follow?number=" + r.number)
		x := p.get("/follow?number=" + r.number).want(200)
		if _, _, v := x.form("follow"); v.Get("number") != r.number {
			t.Error("the number is not filled in")
		}
		x = p.send(x, "follow", "secret", strings.ToLower(r.secret))
		x.wantTo("/follow/" + r.number)
		if strings.Contains(x.Header.Get("Set-Cookie"), r.secret) {
			t.Error("the cookie holds the secret")
		}
		for _, want := range []string{"HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=7200"} {
			if !strings.Contains(x.Header.Get("Set-Cookie"), want) {
				t.Errorf("cookie without %s: %s", want, x.Header.Get("Set-Cookie"))
			}
		}
		p.follow(x).want(200, "我们小区 3 号楼东侧的路灯坏了三天了", "已收到，正在找负责的单位", "您提交了诉求", "补充情况", "催一催", "撤回诉求")
		p.get("/follow/" + strings.ToLower(r.number)).wantTo("/follow/" + r.number)

		// As people type numbers.
		for _, typed := range []string{strings.ToLower(r.number), " " + r.number + " ", strings.ReplaceAll(r.number, "-", "－"), "ＪＹ" + r.number[2:]} {
			p := e.person(t)
			p.send(p.get("/follow"), "follow", "number", typed, "secret", r.secret).wantTo("/follow/" + r.number)
		}

		// It closes by itself, and by hand.
		e.Pass(2*time.Hour + time.Second)
		p.get("/follow/" + r.number).wantTo("/follow?number=" + r.number)
		q := e.person(t)
		q.send(q.get("/follow"), "follow", "number", r.number, "secret", r.secret)
		e.Pass(90 * time.Minute)
		q.get("/follow/" + r.number).want(200)
		e.Pass(90 * time.Minute) // the look before has kept it open
		q.get("/follow/" + r.number).want(200)
		q.post("/follow/"+r.number+"/leave", nil).wantTo("/follow")
		q.get("/follow/" + r.number).wantTo("/follow?number=" + r.number)
	})
}

// TestCookieOfAnother: the cookie of one case opens no other, and none can be made.
func TestCookieOfAnother(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		p := e.person(t)
		mine := p.report(words1)
		other := e.person(t).report("暖气不热", "private", "true")
		home, _ := url.Parse(e.url)
		var value string
		for _, c := range p.c.Jar.Cookies(home) {
			if c.Name == "follow-"+mine.number {
				value = c.Value
			}
		}
		until, mark, ok := strings.Cut(value, ".")
		if !ok || len(mark) != 30 {
			t.Fatalf("cookie %q", value)
		}
		for _, forged := range []string{value, until + "." + strings.Repeat("0", 30), "99999999999." + mark, until + ".", until, "", e.Cases.Secret(other.number), "9e9." + mark} {
			q := e.person(t)
			q.c.Jar.SetCookies(home, []*http.Cookie{{Name: "follow-" + other.number, Value: forged, Path: "/"}})
			q.get("/follow/" + other.number).wantTo("/follow?number=" + other.number)
		}
	})
}

// TestWrongSecret: an unknown number and a wrong secret are the same answer, and
// tries are limited for the number and for the address.
func TestWrongSecret(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		r := e.person(t).report(words1)
		try := func(number, secret string) *page {
			p := e.person(t)
			return p.send(p.get("/follow"), "follow", "number", number, "secret", secret)
		}
		strip := func(x *page, number string) string { return strings.ReplaceAll(x.text(), number, "N") }
		wrong, unknown := try(r.number, "0000000000").want(422, "编号和查询码对不上"), try("JY20221123-00000", "0000000000").want(422)
		if strip(wrong, r.number) != strip(unknown, "JY20221123-00000") {
			t.Error("a wrong secret and an unknown number differ")
		}
		if wrong.Header.Get("Set-Cookie") != "" {
			t.Error("a wrong secret got a cookie")
		}
		var wg sync.WaitGroup
		codes := make([]int, 40)
		for i := range codes {
			wg.Go(func() {
				codes[i] = e.person(t).post("/follow", url.Values{"number": {r.number}, "secret": {"1111111111"}}).Status
			})
		}
		wg.Wait()
		looked := len(slices.DeleteFunc(slices.Clone(codes), func(c int) bool { return c != 422 }))
		if looked != 4 || slices.ContainsFunc(codes, func(c int) bool { return c != 422 && c != 429 }) {
			t.Errorf("%d more guesses were looked at, want 4: %v", looked, codes)
		}
		if x := try(r.number, r.secret); x.Status != 429 || x.Header.Get("Retry-After") == "" {
			t.Errorf("the right secret after too many wrong ones: %d", x.Status)
		}
		if x := e.person(t).get("/f/" + r.number + "/" + r.secret); x.Status != 429 {
			t.Errorf("the link goes round the limit: %d", x.Status)
		}
		e.Pass(time.Hour + time.Minute)
		try(r.number, r.secret).wantTo("/follow/" + r.number)
		for i := range 20 {
			try("JY20221123-000"+string(rune('A'+i%6))+string(rune('A'+i/6)), "2222222222").want(422)
		}
		if x := try("JY20221123-ZZZZZ", "2222222222"); x.Status != 429 {
			t.Errorf("the 21st try from one address: %d", x.Status)
		}
	})
}

func TestBadDoor(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		for _, c := range []struct {
			kv   []string
			says string
		}{
			{nil, "有 2 处需要改"},
			{[]string{"number", "JY20221123-7K3Q9"}, "请填写：查询码"},
			{[]string{"number", strings.Repeat("9", 40), "secret", "x"}, "编号：最多 32 字"},
			{[]string{"number", "JY\xff", "secret", "x"}, "无法识别的字符"},
			{[]string{"number", "../../etc/passwd", "secret", "x"}, "编号和查询码对不上"},
			{[]string{"number", "<b>", "secret", "'--"}, "编号和查询码对不上"},
		} {
			p := e.person(t)
			p.send(p.get("/follow"), "follow", c.kv...).want(422, c.says)
		}
	})
}

func TestLink(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		r := e.person(t).report(words1)
		p := e.person(t)
		x := p.get("/f/" + r.number + "/" + r.secret)
		x.wantTo("/follow/" + r.number)
		if x.Header.Get("Referrer-Policy") != "no-referrer" || x.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("headers %v", x.Header)
		}
		p.follow(x).want(200)
		e.toReply(t, r.number)
		q := e.person(t)
		q.follow(q.get("/f/"+r.number+"/"+r.secret+"/rate")).want(200, "问题解决了吗？")
		x = e.person(t).get("/f/"+r.number+"/0000000000").want(404, "这个链接打不开")
		if strings.Contains(x.Body, "0000000000") {
			t.Error("the page repeats the address")
		}
		e.person(t).get("/f/x/y").want(404)
		if strings.Contains(e.log.String(), r.secret) {
			t.Error("the secret is in the log")
		}
	})
}

// TestTimeline: what a resident is told, and what never.
func TestTimeline(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		p := e.person(t)
		r := p.report(words1)
		centre, street, boss := e.Scope("", "dispatcher"), e.Scope(casestest.Street, "street"), e.Scope("", "supervisor")
		e.act(t, centre, r.number, "note", "note", "机密备注")
		e.act(t, centre, r.number, "dispatch", "unit", casestest.OtherStreet, "note", "机密派单意见")
		e.act(t, e.Scope(casestest.OtherStreet, "street"), r.number, "hand_back", "ground", "not_our_duty", "reason", "机密退单理由")
		e.act(t, centre, r.number, "accept_objection")
		e.act(t, centre, r.number, "dispatch", "unit", casestest.Street)
		e.act(t, street, r.number, "sign", "note", "机密签收意见")
		x := p.get("/follow/"+r.number).want(200, "孙家堡子街道签收", "单位已接下，准备联系您", "今天 14:30 前联系您")
		e.Pass(6 * time.Hour)
		p.report("占位") // keeps the cookie's clock out of this test
		p.get("/f/" + r.number + "/" + r.secret)
		p.get("/follow/"+r.number).want(200, "应在 今天 14:30 前联系您，已经超时，可以催一催")
		e.act(t, street, r.number, "contact", "how", "phone", "note", "机密通话记录")
		e.act(t, street, r.number, "progress", "note", "机密进展")
		e.act(t, street, r.number, "progress", "note", "电缆已买，明天换", "tell_resident", "true")
		e.act(t, street, r.number, "request_extension", "limit", "3 workday", "reason", "机密延期理由")
		e.act(t, centre, r.number, "grant_extension", "note", "机密批复")
		e.act(t, boss, r.number, "supervise", "level", "2", "demand", "机密督办要求")
		e.act(t, boss, r.number, "urge", "note", "机密催办")
		e.act(t, street, r.number, "reply", "result", "solved", "reply", "灯已换好。", "inner_note", "机密内部说明")
		x = p.get("/follow/"+r.number).want(200, "您提交了诉求", "转给孙家堡子街道", "孙家堡子街道签收", "孙家堡子街道与您通话", "电缆已买，明天换",
			"需要更多时间，办理期限延长", "孙家堡子街道答复", "灯已换好。", "已经答复，请您评价", "问题真的解决了吗？", "主办：孙家堡子街道")
		for _, never := range []string{"机密", "督办", "退单", "退回", "acc-", "street"} {
			if strings.Contains(x.text(), never) {
				t.Errorf("the resident reads %q", never)
			}
		}
		// Others read less of it.
		x = e.person(t).get("/cases/"+r.number).want(200, "收到诉求", "孙家堡子街道答复", "灯已换好。", "已答复")
		for _, never := range []string{"机密", "督办", "与您", "电缆", "您提交", "锦绣", "3 号楼东侧 "} {
			if strings.Contains(x.text(), never) {
				t.Errorf("anybody reads %q", never)
			}
		}
	})
}

func TestSupplementUrgeWithdraw(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		p := e.person(t)
		r := p.report(words1)
		at := "/follow/" + r.number
		x := p.get(at+"/supplement").want(200, "补充情况", "要补充什么")
		p.send(x, "supplement", "text", " ").want(422, "请填写：要补充什么")
		p.send(x, "supplement", "text", strings.Repeat("补", 1001)).want(422, "现在多了 1 字")
		long := p.send(x, "supplement", "text", "坏\x02字").want(422, "看不见的特殊字符")
		if _, _, v := long.form("supplement"); v.Get("text") != "坏\ufffd字" {
			t.Errorf("came back as %q", v.Get("text"))
		}
		p.send(x, "supplement", "text", "昨晚又有人摔了").wantTo(at + "?did=supplement")
		p.send(x, "supplement", "text", "昨晚又有人摔了").wantTo(at + "?did=supplement") // sent twice
		again := p.send(x, "supplement", "text", "还有井盖也坏了").want(409, "现在写的和那一条不一样")
		p.send(again, "supplement").wantTo(at + "?did=supplement")
		x = p.get(at+"?did=supplement").want(200, "已经收到您补充的情况", "昨晚又有人摔了", "还有井盖也坏了")
		if n := strings.Count(x.text(), "您补充了情况"); n != 2 {
			t.Errorf("%d supplements on the page, want 2", n)
		}
		p.send(p.get(at+"/urge"), "urge").wantTo(at + "?did=urge")
		p.get(at).want(200, "您催了一次")

		x = p.get(at+"/withdraw").want(200, "撤回后就不再办理")
		e.act(t, e.Scope("", "dispatcher"), r.number, "dispatch", "unit", casestest.Street)
		x = p.send(x, "withdraw", "note", "自己修好了").want(412, "办理情况刚有变化，您写的还在")
		if _, _, v := x.form("withdraw"); v.Get("note") != "自己修好了" {
			t.Error("the words are lost")
		}
		p.send(x, "withdraw").wantTo(at + "?did=withdraw")
		p.get(at).want(200, "您已撤回")
		for _, a := range []string{"withdraw", "urge", "supplement"} {
			p.get(at+"/"+a).want(409, "现在不能这样做了")
		}
		p.get(at+"/rate").want(409, "现在不能这样做了")
		e.person(t).get("/cases/" + r.number).want(404) // taken back is not public
	})
}

// TestMovedOn: words typed into a form that is no longer open are still there.
func TestMovedOn(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		p := e.person(t)
		r := p.report(words1)
		x := p.get("/follow/" + r.number + "/supplement")
		e.act(t, e.Scope("", "dispatcher"), r.number, "answer", "reply", "已经答复")
		x = p.send(x, "supplement", "text", "我还想说").want(409, "现在不能这样做了。您写的还在")
		if _, _, v := x.form("supplement"); v.Get("text") != "我还想说" {
			t.Error("the words are lost")
		}
	})
}

// TestOnlyTheirOwn: staff actions do not exist here, whoever is signed in.
func TestOnlyTheirOwn(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		p := e.person(t)
		r := p.report(words1)
		for _, a := range []string{"dispatch", "sign", "reply", "call_back", "note", "answer", "report", "nosuch", "whistled"} {
			p.get("/follow/" + r.number + "/" + a).want(404)
			p.post("/follow/"+r.number+"/"+a, url.Values{"reply": {"x"}, "unit": {casestest.Street}}).want(404)
		}
		k := e.all(t)[0]
		if k.Version != 1 {
			t.Errorf("version %d after refused actions", k.Version)
		}
	})
}

func TestRating(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		p := e.person(t)
		r := p.report(words1)
		at := "/follow/" + r.number
		p.get(at+"/rate").want(409, "还没到评价的时候")
		e.toReply(t, r.number)
		x := p.get(at+"/rate?solved=no").want(200, "有人联系过您吗？", "问题解决了吗？", "您满意吗？", "要求重新办理", "还想说的话")
		if _, _, v := x.form("rate"); v.Get("solved") != "no" {
			t.Error("the button that was pressed is not in the form")
		}
		p.send(x, "rate").want(422, "请选择：有人联系过您吗", "请选择：您满意吗")
		p.send(x, "rate", "contacted", "true", "satisfied", "delighted").want(422)
		p.send(x, "rate", "contacted", "true", "satisfied", "dissatisfied", "note", "还是不亮").wantTo(at + "/rated")
		p.send(x, "rate", "contacted", "true", "satisfied", "dissatisfied", "note", "还是不亮").wantTo(at + "/rated") // pressed twice
		p.get(at+"/rated").want(200, "已经退回重新办理", "孙家堡子街道会重新办", "前答复您")
		p.get(at).want(200, "没办好，正在重新办", "您的评价：没解决")
		p.get(at+"/rate").want(410, "已经评价过，正在重新办")
		p.send(x, "rate", "contacted", "false", "satisfied", "satisfied").want(410)
		k, _ := e.Cases.Get(t.Context(), e.Scope("", "dispatcher"), r.number)
		if k.State != cases.Rework || k.Outcome.Solved != "no" || !k.Outcome.Contacted {
			t.Errorf("the case %+v", k.Outcome)
		}

		// The second answer is rated once more; then the link is used up.
		e.act(t, e.Scope(casestest.Street, "street"), r.number, "reply", "result", "solved", "reply", "这回真修好了。")
		x = p.get(at + "/rate").want(200)
		p.send(x, "rate", "contacted", "true", "solved", "solved", "satisfied", "very_satisfied").wantTo(at + "/rated")
		p.get(at+"/rated").want(200, "谢谢您的评价")
		p.get(at+"/rate").want(410, "已经评价过了")
		p.follow(p.get("/f/"+r.number+"/"+r.secret+"/rate")).want(410, "一件事只评价一次")
		p.get(at).want(200, "已经办结，谢谢您的评价")
	})
}

// TestRatingTooLate: seven days after closing the link has expired.
func TestRatingTooLate(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		p := e.person(t)
		r := p.report(words1)
		e.toReply(t, r.number)
		e.act(t, e.Scope("", "callback"), r.number, "call_back", "reached", "yes", "contacted", "yes", "solved", "solved", "satisfied", "satisfied")
		x := p.get("/follow/" + r.number + "/rate").want(200)
		e.Pass(7*24*time.Hour + time.Minute)
		p.get("/f/" + r.number + "/" + r.secret)
		p.get("/follow/"+r.number+"/rate").want(410, "评价时间已经过了", "7 天内")
		p.send(x, "rate", "contacted", "true", "solved", "no", "satisfied", "dissatisfied").want(410)
		if strings.Contains(p.get("/follow/"+r.number).text(), "问题真的解决了吗") {
			t.Error("the page still asks for a rating")
		}
	})
}

// TestPhotosOfTheWay: photos of acts that are told are shown, others not, to the
// resident and to anybody.
func TestPhotosOfTheWay(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		p := e.person(t)
		r := p.report(words1)
		street := e.Scope(casestest.Street, "street")
		e.act(t, e.Scope("", "dispatcher"), r.number, "dispatch", "unit", casestest.Street)
		e.Pass(time.Minute)
		e.act(t, street, r.number, "sign")
		shot := func(action string, kv ...string) string {
			t.Helper()
			e.Pass(time.Minute)
			return e.actWithPhoto(t, street, r.number, action, kv...)
		}
		inside := shot("note", "note", "现场勘查")
		progress := shot("progress", "note", "正在换线", "tell_resident", "true")
		reply := shot("reply", "result", "solved", "reply", "换好了")
		other := e.person(t)
		for _, c := range []struct {
			who    *person
			id     string
			status int
		}{
			{p, inside, 404}, {p, progress, 200}, {p, reply, 200},
			{other, inside, 404}, {other, progress, 404}, {other, reply, 200},
			{other, "nosuchfile", 404}, {other, "..%2f..%2fetc%2fpasswd", 404},
		} {
			c.who.get("/photo/" + c.id).want(c.status)
			c.who.get("/photo/" + c.id + "?thumb=1").want(c.status)
		}
		x := p.get("/follow/" + r.number).want(200)
		if strings.Contains(x.Body, inside) || !strings.Contains(x.Body, progress) || !strings.Contains(x.Body, reply) {
			t.Error("the resident's page shows the wrong photos")
		}
		x = other.get("/cases/" + r.number).want(200)
		if strings.Contains(x.Body, inside) || strings.Contains(x.Body, progress) || !strings.Contains(x.Body, reply) {
			t.Error("the public page shows the wrong photos")
		}
	})
}

func (e *env) actWithPhoto(t *testing.T, sc access.Scope, number, action string, kv ...string) string {
	t.Helper()
	stored := e.stored(t)
	raw := form.Raw{}
	for i := 0; i < len(kv); i += 2 {
		raw[kv[i]] = []string{kv[i+1]}
	}
	_, err := e.Cases.Act(context.Background(), sc, number, action, cases.Input{Raw: raw, Photos: 1,
		Attach: func(tx *store.Tx, number string, _ int64, at time.Time) error {
			return e.site.Files.Attach(tx, e.Pack.District, "case", number, []files.File{stored[0]}, "acc", at)
		}})
	if err != nil {
		t.Fatal(err)
	}
	return stored[0].ID
}

// stored is a photo in the store, attached to nothing yet.
func (e *env) stored(t *testing.T) []files.File {
	t.Helper()
	img, err := e.site.Files.Inspect(t.Context(), strings.NewReader(string(picture(color.White))))
	if err != nil {
		t.Fatal(err)
	}
	list, err := e.site.Files.Put(t.Context(), e.Pack.District, img)
	if err != nil {
		t.Fatal(err)
	}
	return list
}
