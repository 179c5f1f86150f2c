package desk

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/jpeg"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"weixiao/internal/access"
	"weixiao/internal/cases"
	"weixiao/internal/cases/casestest"
	"weixiao/internal/form"
	"weixiao/internal/web/uitest"
)

// TestIntake: a call becomes a case and goes where the rules say, in one go.
func TestIntake(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		op := e.hire("", "陈晓燕", access.Operator)
		take := func(then string, fill url.Values) *answer {
			t.Helper()
			f := op.page("/desk/intake").form("/desk/intake")
			for k, v := range fill {
				f[k] = v
			}
			f.Set("then", then)
			return op.post("/desk/intake", f)
		}
		number := func(a *answer) string {
			t.Helper()
			if a.Code != http.StatusSeeOther {
				t.Fatalf("%d\n%s", a.Code, a.text())
			}
			u, err := url.Parse(a.Header.Get("Location"))
			if err != nil {
				t.Fatal(err)
			}
			for k := range u.Query() {
				if k != "number" && k != "done" {
					t.Errorf("the address says %s", k)
				}
			}
			return u.Query().Get("number")
		}
		call := url.Values{"phone": {"138 0439 5678"}, "body": {"锦绣花园的路灯不亮三天了，老人晚上出门不方便"}, "place": {"孙家堡子街道锦绣花园 3 号楼"}, "name": {"王女士"}, "note": {"18 点后在家"}}
		n := number(take(thenDispatch, call))
		k := e.load(n)
		if k.State != cases.Dispatched || k.Unit != "lamps" || k.Units[casestest.Street] != cases.Assist || k.Matter != "001" || k.Channel != "hotline" || k.Place.Street != casestest.Street {
			t.Errorf("%s: %s to %s with %v, matter %s, place %+v", n, k.State, k.Unit, k.Units, k.Matter, k.Place)
		}
		op.page("/desk/intake?number="+n+"&done=taken.dispatch").contains(t, "已登记并派单", n)

		// the matter asks questions of its own; they are kept, and no wall
		asked := op.post("/desk/intake", url.Values{"body": call["body"], "then": {thenCheck}})
		asked.contains(t, "这类事还要问一问", "灯杆上的号")
		if a := take(thenKeep, url.Values{"body": {"广场路灯不亮"}, "ask.many": {"all"}}); a.Code != http.StatusUnprocessableEntity {
			t.Errorf("no answer to a question: %d", a.Code)
		}
		told := number(take(thenKeep, url.Values{"body": {"广场路灯不亮"}, "ask.pole": {"LD-9"}, "ask.many": {"one"}}))
		op.page("/desk/cases/"+told).contains(t, "灯杆上的号", "LD-9", "一盏")
		op.page("/desk/cases/"+n).contains(t, "138****5678", "18 点后在家", "路灯不亮")

		// the caller is known from then on, masked, and looking is recorded
		help := op.post("/desk/intake/help", url.Values{"phone": {"13804395678"}, "body": {"路灯还是不亮"}, "place": {"孙家堡子街道"}})
		if help.Code != http.StatusOK {
			t.Fatalf("help: %d\n%s", help.Code, help.Body)
		}
		for _, want := range []string{"138****5678", "来过 1 次", "1 件在办", n, "区路灯所", "已认出地点", "因为提到"} {
			if !strings.Contains(help.Body, want) {
				t.Errorf("the help does not say %q:\n%s", want, help.Body)
			}
		}
		help.lacks(t, "13804395678", "王女士")

		// no new request, only asking after one
		a := take(thenUrge+":"+n, url.Values{"phone": {"13804395678"}, "body": {"今晚能亮吗"}})
		if number(a) != n || e.load(n).Counts.Urges != 1 {
			t.Errorf("urging: %s, %d times", a.Header.Get("Location"), e.load(n).Counts.Urges)
		}

		// the same problem from somebody else is merged
		other := number(take(thenMerge+":"+n, url.Values{"phone": {"13804399999"}, "body": {"锦绣花园路灯坏了"}}))
		if k := e.load(other); k.State != cases.Merged || k.Parent != n {
			t.Errorf("merging: %s into %s", k.State, k.Parent)
		}

		// answered, not accepted, kept
		if k := e.load(number(take(thenAnswer, url.Values{"body": {"低保怎么申请"}, "reply": {"到社区填表"}}))); k.State != cases.Answered {
			t.Errorf("answering: %s", k.State)
		}
		if k := e.load(number(take(thenScreen, url.Values{"body": {"和邻居打官司"}, "reply": {"请等法院判决"}, "ground": {"other_procedure"}}))); k.State != cases.Screened {
			t.Errorf("screening: %s", k.State)
		}
		if k := e.load(number(take(thenKeep, url.Values{"body": {"路灯不亮"}, "private": {"true"}}))); k.State != cases.Pending || k.Public {
			t.Errorf("keeping: %s, public %v", k.State, k.Public)
		}
	})
}

// TestIntakeFaults: what is missing is said, nothing typed is lost, nothing is
// written down twice.
func TestIntakeFaults(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		op := e.hire("", "陈晓燕", access.Operator)
		f := op.page("/desk/intake").form("/desk/intake")
		f.Set("phone", "1380439")
		f.Set("name", "王女士")
		f.Set("then", thenAnswer)
		a := op.post("/desk/intake", f)
		if a.Code != http.StatusUnprocessableEntity {
			t.Fatalf("%d", a.Code)
		}
		a.contains(t, "出错：", "诉求内容", "答复群众的话")
		again := a.form("/desk/intake")
		if again.Get("phone") != "1380439" || again.Get("name") != "王女士" {
			t.Errorf("what was typed is lost: %v", again)
		}
		// a request the rules cannot place needs a unit
		f.Set("phone", "")
		f.Set("body", "……")
		f.Set("then", thenDispatch)
		a = op.post("/desk/intake", f)
		if a.Code != http.StatusUnprocessableEntity {
			t.Fatalf("without a unit: %d", a.Code)
		}
		a.contains(t, "派给哪个单位")
		// looking again changes nothing
		f.Set("then", thenCheck)
		if a := op.post("/desk/intake", f); a.Code != http.StatusOK {
			t.Errorf("checking: %d", a.Code)
		}
		// sent twice, it is one case
		f.Set("body", "路灯不亮")
		f.Set("place", "孙家堡子街道")
		f.Set("then", thenDispatch)
		first, second := op.post("/desk/intake", f), op.post("/desk/intake", f)
		if first.Code != http.StatusSeeOther || first.Header.Get("Location") != second.Header.Get("Location") {
			t.Errorf("%d %s, then %d %s", first.Code, first.Header.Get("Location"), second.Code, second.Header.Get("Location"))
		}
		f.Set("body", "路灯不亮，还有别的")
		if a := op.post("/desk/intake", f); a.Code != http.StatusConflict || !strings.Contains(a.text(), "已经登记过一次") {
			t.Errorf("other words under the same key: %d", a.Code)
		}
		list, err := e.Cases.List(context.Background(), op.scope(), cases.Filter{})
		if err != nil || len(list) != 1 {
			t.Errorf("%d cases, %v", len(list), err)
		}
		for _, role := range []string{access.Street, access.Department, access.Leader} {
			unit := map[string]string{access.Street: casestest.Street, access.Department: "lamps", access.Leader: "leaders"}[role]
			if a := e.hire(unit, "某人", role).get("/desk/intake"); a.Code != http.StatusForbidden {
				t.Errorf("%s opened the intake page: %d", role, a.Code)
			}
		}
	})
}

// picture is a small photo.
func picture(t *testing.T) []byte {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, 320, 240))
	for x := range 320 {
		for y := range 240 {
			img.Set(x, y, color.RGBA{uint8(x), uint8(y), 120, 255})
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// upload is post with files.
func (s *staff) upload(path string, v url.Values, photos ...[]byte) *answer {
	s.e.t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for name, list := range v {
		for _, x := range list {
			if err := w.WriteField(name, x); err != nil {
				s.e.t.Fatal(err)
			}
		}
	}
	for _, p := range photos {
		part, err := w.CreateFormFile(photosName, "photo.jpg")
		if err != nil {
			s.e.t.Fatal(err)
		}
		_, _ = part.Write(p)
	}
	if err := w.Close(); err != nil {
		s.e.t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, path, &b)
	r.Header.Set("Content-Type", w.FormDataContentType())
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.Header.Set("Accept", "text/html")
	return s.do(r)
}

// TestOwnReport: a grid worker reports with a photo and follows what becomes of it;
// another street cannot see photo or case.
func TestOwnReport(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		community := e.Pack.Directory.Children(casestest.Street)[0].ID
		grid := e.hire(community, "周建国", access.Grid)
		f := grid.page("/desk/report").form("/desk/report")
		f.Set("body", "")
		a := grid.upload("/desk/report", f)
		if a.Code != http.StatusUnprocessableEntity {
			t.Fatalf("without words: %d", a.Code)
		}
		f.Set("body", "楼道口的路灯不亮")
		if a := grid.upload("/desk/report", f, []byte("not a photo at all")); a.Code != http.StatusUnprocessableEntity || !strings.Contains(a.text(), "只能上传") {
			t.Errorf("something else instead of a photo: %d", a.Code)
		}
		a = grid.upload("/desk/report", f, picture(t), picture(t))
		if a.Code != http.StatusSeeOther {
			t.Fatalf("%d\n%s", a.Code, a.text())
		}
		page := grid.page(a.Header.Get("Location"))
		page.contains(t, "已上报", "网格上报", "上报单位", "楼道口的路灯不亮")
		n := strings.TrimPrefix(strings.SplitN(a.Header.Get("Location"), "?", 2)[0], "/desk/cases/")
		if k := e.load(n); k.Channel != "grid" || k.Photos != 2 || k.Place.Community != community || k.Place.Street != casestest.Street {
			t.Errorf("%s: channel %s, %d photos, place %+v", n, k.Channel, k.Photos, k.Place)
		}
		var src string
		for _, img := range page.all(func(n *htmlNode) bool { return n.Data == "img" }) {
			src = attr(img, "src")
		}
		if a := grid.get(src); a.Code != http.StatusOK || a.Header.Get("Content-Type") != "image/jpeg" {
			t.Errorf("the photo: %d %s", a.Code, a.Header.Get("Content-Type"))
		}
		if a := e.hire(casestest.OtherStreet, "外人", access.Street).get(src); a.Code != http.StatusNotFound {
			t.Errorf("another street got the photo: %d", a.Code)
		}
		if a := e.visitor().get(src); a.Code == http.StatusOK {
			t.Error("a visitor got the photo")
		}
		// who only reported can read, and leave a note of what is seen later
		if got := page.actions(); strings.Join(got, " ") != "note" {
			t.Errorf("who reported may %v", got)
		}
	})
}

// TestOwnReportAsks: who reports what they see is asked what the portal asks about the
// matter; wrong answers are named, right ones stand in the case.
func TestOwnReportAsks(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		grid := e.hire(e.Pack.Directory.Children(casestest.Street)[0].ID, "周建国", access.Grid)
		f := grid.page("/desk/report").form("/desk/report")
		f.Set("body", "广场路灯不亮")
		f.Set("then", thenCheck)
		grid.upload("/desk/report", f).contains(t, "这类事还要问一问", "灯杆上的号")
		if help := grid.post("/desk/report/help", url.Values{"body": {"广场路灯不亮"}}); !strings.Contains(help.Body, "灯杆上的号") {
			t.Errorf("the help asks nothing: %s", help.Body)
		}
		f.Del("then")
		f.Set("ask.many", "hundred")
		if a := grid.upload("/desk/report", f); a.Code != http.StatusUnprocessableEntity || a.form("/desk/report").Get("body") != "广场路灯不亮" {
			t.Errorf("no answer to a question: %d", a.Code)
		}
		f.Set("ask.many", "one")
		f.Set("ask.pole", "LD-12")
		f.Set("ask.other", "not asked")
		a := grid.upload("/desk/report", f)
		if a.Code != http.StatusSeeOther {
			t.Fatalf("%d\n%s", a.Code, a.text())
		}
		page := grid.page(a.Header.Get("Location"))
		page.contains(t, "灯杆上的号", "LD-12", "一盏")
		page.lacks(t, "not asked")
	})
}

// TestOwnReportInABrowser: the questions come while one types, and without scripts by
// a button.
func TestOwnReportInABrowser(t *testing.T) {
	s := serve(t)
	grid := s.hire(s.Pack.Directory.Children(casestest.Street)[0].ID, "周建国", access.Grid)
	tab := uitest.New(t, uitest.Phone)
	s.enter(tab, grid, "/desk/report")
	ready(tab)
	tab.Fill("#intake-body", "广场路灯不亮")
	tab.WaitText("#asks", "灯杆上的号")
	tab.Fill("#asks input[name='ask.pole']", "LD-7")
	tab.Fill("#intake-body", "广场上的路灯不亮")
	tab.WaitText("#asks", "灯杆上的号")
	if got := tab.Value("#asks input[name='ask.pole']"); got != "LD-7" {
		t.Errorf("the answer is now %q", got)
	}
	look(tab, uitest.Phone, "report-asks")
	plain := uitest.New(t, uitest.Phone)
	s.enter(plain, grid, "/desk/report")
	plain.NoScripts()
	plain.Open(s.url + "/desk/report")
	plain.Fill("#intake-body", "广场路灯不亮")
	plain.Click("noscript button")
	plain.WaitText("#asks", "灯杆上的号")
	plain.FullShot("report-asks-plain")
}

// TestPhotosOfAnAct: a reply takes photos; they belong to the case at once.
func TestPhotosOfAnAct(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		n := e.sent(casestest.Street, "路灯不亮")
		s := e.hire(casestest.Street, "孙浩", access.Street)
		e.act(s.scope(), n, "sign", nil)
		path := "/desk/cases/" + n + "/do/reply"
		f := s.page(path).form(path)
		f.Set("result", "solved")
		f.Set("reply", "灯修好了")
		if a := s.upload(path, f, []byte("GIF89a broken")); a.Code != http.StatusUnprocessableEntity || a.form(path).Get("reply") != "灯修好了" {
			t.Errorf("a broken photo: %d", a.Code)
		}
		if a := s.upload(path, f, picture(t)); a.Code != http.StatusSeeOther {
			t.Fatalf("%d\n%s", a.Code, a.text())
		}
		k := e.load(n)
		if k.State != cases.Replied || k.Photos != 1 {
			t.Errorf("%s with %d photos", k.State, k.Photos)
		}
		a := s.page("/desk/cases/" + n)
		a.contains(t, "照片 1 张")
		if imgs := a.all(func(n *htmlNode) bool { return n.Data == "img" }); len(imgs) != 1 {
			t.Errorf("%d photos on the page", len(imgs))
		}
	})
}

// TestCallback: the queue, one call after the other.
func TestCallback(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		street := e.Scope(casestest.Street, access.Street)
		var numbers []string
		for _, words := range []string{"路灯不亮甲", "路灯不亮乙"} {
			n := e.sent(casestest.Street, words)
			e.act(street, n, "sign", nil)
			e.act(street, n, "contact", form.Raw{"how": {"phone"}})
			e.act(street, n, "reply", form.Raw{"result": {"solved"}, "reply": {words + "修好了"}})
			numbers = append(numbers, n)
		}
		c := e.hire("", "小周", access.Callback)
		first := c.page("/desk/callback")
		first.contains(t, "还有 2 件要回访", "修好了", "138****1234", "接通了吗")
		shown := numbers[0]
		if strings.Contains(first.Body, "/desk/cases/"+numbers[1]+"/do/call_back") {
			shown = numbers[1]
		}
		path := "/desk/cases/" + shown + "/do/call_back"
		f := first.form(path)
		f.Set("reached", "true")
		f.Set("contacted", "true")
		f.Set("solved", "solved")
		a := c.post(path, f)
		if a.Code != http.StatusUnprocessableEntity {
			t.Fatalf("an answer is missing: %d", a.Code)
		}
		a.contains(t, "对办理满意吗")
		f.Set("satisfied", "satisfied")
		next := c.see(path, f)
		next.contains(t, "还有 1 件要回访")
		if e.load(shown).State != cases.Closed {
			t.Errorf("the case is %s", e.load(shown).State)
		}
		if strings.Contains(next.Body, path) {
			t.Error("the same case again")
		}
		// nobody answered: it stays in the queue, with the try noted
		rest := numbers[0]
		if rest == shown {
			rest = numbers[1]
		}
		path = "/desk/cases/" + rest + "/do/call_back"
		f = next.form(path)
		f.Set("reached", "false")
		c.see(path, f).contains(t, "打过 1 次没接通")
		if a := e.hire(casestest.Street, "孙浩", access.Street).get("/desk/callback"); a.Code != http.StatusForbidden {
			t.Errorf("a street opened the call-back page: %d", a.Code)
		}
	})
}
