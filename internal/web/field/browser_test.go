package field

import (
	"context"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"weixiao/internal/access"
	"weixiao/internal/cases/casestest"
	"weixiao/internal/form"
	"weixiao/internal/rounds"
	"weixiao/internal/store"
	"weixiao/internal/store/storetest"
	"weixiao/internal/web/uitest"
)

// site is a district that is served, on a line that can be cut at any point.
type site struct {
	*env
	url string

	mu   sync.Mutex
	cut  func(n int) fate // what happens to the nth item that leaves a phone
	seen int
	held chan struct{} // closed when an item is held back
}

// fate is what becomes of a request on its way.
type fate int

const (
	passes  fate = iota
	lost         // never arrives
	unheard      // arrives, but its answer does not
	busy         // 503
	held         // arrives; its answer waits for ever
)

func serve(t *testing.T) *site {
	t.Helper()
	s := &site{env: newEnv(t, storetest.Open(t, "sqlite", schemas()))}
	srv := httptest.NewServer(http.HandlerFunc(s.line))
	t.Cleanup(func() {
		srv.CloseClientConnections()
		srv.Close()
	})
	s.url = srv.URL
	return s
}

// line is the network between phones and district.
func (s *site) line(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/field/queue" {
		s.handler.ServeHTTP(w, r)
		return
	}
	s.mu.Lock()
	s.seen++
	f := passes
	if s.cut != nil {
		f = s.cut(s.seen)
	}
	s.mu.Unlock()
	switch f {
	case lost:
		panic(http.ErrAbortHandler)
	case busy:
		w.Header().Set("Retry-After", "1")
		w.WriteHeader(http.StatusServiceUnavailable)
	case unheard, held:
		s.handler.ServeHTTP(httptest.NewRecorder(), r)
		if f == held {
			close(s.held)
			<-r.Context().Done()
		}
		panic(http.ErrAbortHandler)
	default:
		s.handler.ServeHTTP(w, r)
	}
}

// cutting sets what happens to items from now on.
func (s *site) cutting(cut func(n int) fate) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cut, s.seen, s.held = cut, 0, make(chan struct{})
}

// enter signs somebody in on a phone and waits until the app is at home on it.
func (s *site) enter(tab *uitest.Tab, w *worker) {
	s.t.Helper()
	tab.At(here.Lon, here.Lat, 12)
	tab.Open(s.url + "/desk/sign-in?lang=zh-CN&next=/field")
	tab.Fill("#login", w.login)
	tab.Fill("#password", testPassword)
	tab.Click("#sign-in button")
	tab.Wait(`location.pathname === "/field"`)
	tab.Wait(`document.querySelector("#app[data-ready]")`)
	if text := uitest.Get[string](tab, `document.querySelector(".top small").textContent`); strings.Contains(text, "·") && !strings.Contains(text, w.name) {
		s.t.Errorf("the phone shows %s what was of %s", w.name, text)
	}
	home(tab)
	tab.WaitText(".top small", w.name)
}

// home waits until the app has its day and lies on the phone.
func home(tab *uitest.Tab) {
	tab.Wait(`document.querySelector("#app[data-ready] .camera") && navigator.serviceWorker.controller`)
	tab.WaitText(".top small", "·")
}

// back brings the signal back, as a phone tells its pages.
func back(tab *uitest.Tab) {
	tab.Offline(false)
	tab.Eval(`window.dispatchEvent(new Event("online"))`)
}

// open opens the app anew, as from the home screen.
func (s *site) open(tab *uitest.Tab) {
	tab.Open(s.url + "/field")
	tab.Wait(`document.querySelector("#app[data-ready]")`)
}

// waits waits until so many items wait on the phone.
func waits(tab *uitest.Tab, n int) {
	if n == 0 {
		tab.Wait(`document.querySelector("#app[data-ready]") && !document.querySelector('.tabs5 a[href="#/waiting"] em')`)
		return
	}
	tab.Wait(fmt.Sprintf(`(document.querySelector('.tabs5 a[href="#/waiting"] em') || {}).textContent === "%d"`, n))
}

// shot is a photo as a camera takes it.
func shot(t *testing.T, name string, w, h int) string {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			img.Set(x, y, color.RGBA{uint8(x*y>>6 + len(name)*31), uint8(x >> 3), uint8(y >> 3), 255})
		}
	}
	path := filepath.Join(t.TempDir(), name+".jpg")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := jpeg.Encode(f, img, nil); err != nil {
		t.Fatal(err)
	}
	return path
}

// found are the findings of a worker, oldest first, by their words.
func (s *site) found(w *worker) []string {
	s.t.Helper()
	list, err := s.site.Rounds.List(context.Background(), s.Scope("", access.Dispatcher), rounds.Filter{Account: w.id, Limit: 500})
	if err != nil {
		s.t.Fatal(err)
	}
	var out []string
	for i := len(list) - 1; i >= 0; i-- {
		out = append(out, list[i].Words)
	}
	return out
}

// photosIn is how many photos the district has in all.
func (s *site) photosIn() (n int64) {
	s.t.Helper()
	if err := s.DB.Read(context.Background(), func(tx *store.Tx) error {
		return tx.Row(`SELECT count(*) FROM files WHERE district = $1`, []any{s.Pack.District}, &n)
	}); err != nil {
		s.t.Fatal(err)
	}
	return n
}

// report writes a finding with a photo and sends it: the taps are counted.
func report(tab *uitest.Tab, photo, words string) (taps int) {
	tab.Files("#camera", photo) // the tap that opens the camera
	taps++
	tab.Wait(`location.hash.startsWith("#/find/") && document.querySelectorAll(".pics .pic").length === 1`)
	tab.Fill("#f-words", words)
	tab.Click("#send-up")
	taps++
	tab.Wait(`location.hash === "#/"`)
	return taps
}

// TestFindingWithoutASignal: opened, written and kept without a signal, over the death
// of the page, and there once when the signal is back.
func TestFindingWithoutASignal(t *testing.T) {
	s := serve(t)
	w := s.hire(community, "周建国", access.Grid)
	s.sent(community, "锦绣花园 3 号楼东侧路灯不亮，老人夜间出行不便")
	tab := uitest.New(t, uitest.Phone)
	s.enter(tab, w)
	tab.WaitText(".task h2", "锦绣花园")
	tab.Offline(true)
	s.open(tab)
	t.Logf("opened without a signal in %.0f ms", uitest.Get[float64](tab, `performance.getEntriesByName("ready")[0].startTime`))
	tab.WaitText(".task h2", "锦绣花园")
	tab.WaitText(".off", "没有信号")
	taps := report(tab, shot(t, "lamp", 2400, 1800), "3 号楼东侧路灯不亮")
	t.Logf("a finding with a photo: %d taps and words", taps)
	if taps > 3 {
		t.Errorf("%d taps", taps)
	}
	waits(tab, 1)
	tab.Kill()
	tab.Offline(true)
	s.open(tab)
	waits(tab, 1)
	tab.WaitText(".off", "1 条待上传")
	if got := s.found(w); len(got) != 0 {
		t.Fatalf("arrived without a signal: %v", got)
	}
	back(tab)
	waits(tab, 0)
	if got := s.found(w); len(got) != 1 || got[0] != "3 号楼东侧路灯不亮" {
		t.Fatalf("%v", got)
	}
	if n := s.photosIn(); n != 1 {
		t.Errorf("%d photos", n)
	}
	// the guess of the matter came from the words, the place from the phone
	list, err := s.site.Rounds.List(t.Context(), s.Scope("", access.Dispatcher), rounds.Filter{Account: w.id})
	if err != nil {
		t.Fatal(err)
	}
	if x := list[0]; x.Matter == "" || !x.Place.Located || x.Place.Community != community {
		t.Errorf("%+v", x)
	}
	s.verified()
}

// TestCutAnywhere cuts the line, or kills the page, at every step of a finding.
func TestCutAnywhere(t *testing.T) {
	s := serve(t)
	w := s.hire(community, "周建国", access.Grid)
	tab := uitest.New(t, uitest.Phone)
	for _, text := range []string{"ERR_EMPTY_RESPONSE", "ERR_CONNECTION", "503", "ERR_ABORTED", "ERR_FAILED"} {
		tab.Allow(text)
	}
	s.enter(tab, w)
	one, two := shot(t, "one", 800, 600), shot(t, "second", 800, 600)
	want := 0
	arrives := func(words string, photos int64) {
		t.Helper()
		waits(tab, 0)
		want++
		got := s.found(w)
		if len(got) != want || got[want-1] != words {
			t.Fatalf("%q: the district has %v", words, got)
		}
		if n := s.photosIn(); n != photos {
			t.Errorf("%q: %d photos, want %d", words, n, photos)
		}
	}
	// killed while writing: the draft is there, with words and photo
	tab.Offline(true)
	tab.Files("#camera", one)
	tab.Wait(`document.querySelectorAll(".pics .pic").length === 1`)
	tab.Fill("#f-words", "写到一半")
	tab.Wait(`document.querySelector('#draft[data-kept="1"]')`)
	tab.Kill()
	tab.Offline(true)
	s.open(tab)
	tap(tab, ".draft .btn.p")
	tab.Wait(`document.querySelectorAll(".pics .pic").length === 1`)
	if got := tab.Value("#f-words"); got != "写到一半" {
		t.Fatalf("the draft says %q", got)
	}
	// the line goes between two photos, and the page dies
	tab.Files(`input[multiple]`, two)
	tab.Wait(`document.querySelectorAll(".pics .pic").length === 2 && document.querySelector('#draft[data-kept="1"]')`)
	tab.Kill()
	s.open(tab)
	tap(tab, ".draft .btn.p")
	tab.Wait(`document.querySelectorAll(".pics .pic").length === 2`)
	tab.Click("#send-up")
	tab.Wait(`location.hash === "#/"`)
	arrives("写到一半", 2)
	// the request never arrives, then does
	s.cutting(func(n int) fate { return []fate{lost, passes}[min(n-1, 1)] })
	home(tab)
	report(tab, one, "请求没有到")
	arrives("请求没有到", 3)
	// it arrives, but the answer does not
	s.cutting(func(n int) fate { return []fate{unheard, passes}[min(n-1, 1)] })
	report(tab, one, "回答没有到")
	arrives("回答没有到", 4)
	// the server is busy
	s.cutting(func(n int) fate { return []fate{busy, passes}[min(n-1, 1)] })
	report(tab, one, "服务器忙")
	arrives("服务器忙", 5)
	// the page dies between request and answer
	s.cutting(func(n int) fate { return []fate{held, passes}[min(n-1, 1)] })
	report(tab, one, "等回答时关了")
	<-s.held
	tab.Kill()
	s.open(tab)
	arrives("等回答时关了", 6)
	s.verified()
}

// tap presses what is there at that moment, on a page that may be drawn anew meanwhile.
func tap(tab *uitest.Tab, css string) {
	tab.Wait(fmt.Sprintf(`(() => { const e = document.querySelector(%q); if (e) e.click(); return e; })()`, css))
}

// TestManyAndKilled: what was found in days without a signal arrives once and in order,
// although the page dies again and again while it sends. WEIXIAO_FIELD=300x20 measures
// the large one.
func TestManyAndKilled(t *testing.T) {
	items, kills, edge := 24, 6, 300
	if _, err := fmt.Sscanf(os.Getenv("WEIXIAO_FIELD"), "%dx%d", &items, &kills); err == nil {
		edge = 1600
	}
	s := serve(t)
	w := s.hire(community, "周建国", access.Grid)
	tab := uitest.New(t, uitest.Phone)
	for _, text := range []string{"ERR_EMPTY_RESPONSE", "ERR_CONNECTION", "ERR_ABORTED", "ERR_FAILED"} {
		tab.Allow(text)
	}
	s.enter(tab, w)
	tab.Offline(true)
	bytes := uitest.Get[float64](tab, fmt.Sprintf(`(async () => {
		const db = await new Promise((done) => { const r = indexedDB.open("weixiao-field"); r.onsuccess = () => done(r.result); });
		let sum = 0;
		const grain = document.createElement("canvas"); // as fine as the picture of a street
		grain.width = %d; grain.height = grain.width * 3 / 4;
		const data = grain.getContext("2d").createImageData(grain.width, grain.height);
		for (let k = 0; k < data.data.length; k += 4) { const v = 100 + (k / 4 %% grain.width >> 3) %% 90 + Math.random() * 22; data.data.set([v, v, v, 255], k); }
		grain.getContext("2d").putImageData(data, 0, 0);
		for (let i = 0; i < %d; i++) {
			const c = document.createElement("canvas");
			c.width = grain.width; c.height = grain.height;
			const pen = c.getContext("2d");
			pen.drawImage(grain, -i, 0); pen.drawImage(grain, c.width - i, 0);
			for (let k = 0; k < 60; k++) { pen.fillStyle = "hsla(" + (k * 37 + i * 11) %% 360 + " 60%% " + (30 + k %% 40) + "%% / .5)"; pen.fillRect((k * 97 + i * 13) %% c.width, (k * 61) %% c.height, c.width / 12, c.height / 9); }
			const photo = await new Promise((done) => c.toBlob(done, "image/jpeg", .8));
			sum += photo.size;
			const settled = i %% 3 === 0;
			await new Promise((done, fail) => { const tx = db.transaction("queue", "readwrite"); tx.oncomplete = done; tx.onerror = fail;
				tx.objectStore("queue").add({key: "days-of-silence-" + String(i).padStart(6, "0"), account: %q, kind: "finding", subject: "", action: "find", title: "第 " + i + " 件", label: "上报",
					answers: {words: ["第 " + i + " 件"], ...(settled ? {settled: ["true"], fix: ["已处理"]} : {})}, photos: [photo], after: [], version: 0, place: {lon: %f, lat: %f},
					opened: Date.now() - 172800000 + i * 500000, seen: Date.now() - 172800000 + i * 500000, state: "waiting", tries: 0}); });
		}
		db.close();
		return sum;
	})()`, edge, items, w.id, here.Lon, here.Lat))
	t.Logf("%d findings wait, %.0f MB of photos", items, bytes/1e6)
	tab.Kill()
	// Each life of the page ends after some items: before the request arrives, after it
	// was carried out, or just so.
	per := items / (kills + 1)
	for life := range kills {
		s.cutting(func(n int) fate {
			if n <= per {
				return passes
			}
			if n == per+1 {
				return held
			}
			return lost
		})
		if life%3 == 1 { // the request that dies with the page never arrived
			s.cutting(func(n int) fate {
				if n <= per {
					return passes
				}
				if n == per+1 {
					close(s.held)
				}
				return lost
			})
		}
		s.open(tab)
		<-s.held
		tab.Kill()
	}
	s.cutting(nil)
	s.open(tab)
	waits(tab, 0)
	got := s.found(w)
	if len(got) != items {
		t.Fatalf("%d of %d arrived", len(got), items)
	}
	for i, words := range got {
		if want := fmt.Sprintf("第 %d 件", i); words != want {
			t.Fatalf("number %d is %q: not in order", i, words)
		}
	}
	if n := s.photosIn(); n != int64(items) {
		t.Errorf("%d photos of %d", n, items)
	}
	s.verified()
	t.Logf("all %d arrived once and in order after %d kills", items, kills)
}

// TestAnotherPerson: what one person has not sent is neither seen nor sent by the next on
// the same phone, and goes out when the first is back.
func TestAnotherPerson(t *testing.T) {
	s := serve(t)
	first, second := s.hire(community, "周建国", access.Grid), s.hire(community, "李小红", access.Grid)
	tab := uitest.New(t, uitest.Phone)
	s.enter(tab, first)
	tab.Offline(true)
	report(tab, shot(t, "mine", 400, 300), "周建国看到的")
	waits(tab, 1)
	// the session ends while there is no signal: work goes on, sending waits
	s.signOut(first)
	back(tab)
	tab.WaitText(".off", "登录已到期")
	waits(tab, 1)
	tab.Eval(`document.querySelector("#again").click()`) // at once: the line is drawn anew again and again
	tab.Wait(`location.pathname === "/desk/sign-in"`)
	s.enter(tab, second)
	tab.WaitText(".top small", "李小红")
	waits(tab, 0)
	if got := s.found(second); len(got) != 0 {
		t.Errorf("sent in another name: %v", got)
	}
	if text := uitest.Get[string](tab, `document.body.innerText`); strings.Contains(text, "周建国看到的") {
		t.Error("the second person reads the first one's words")
	}
	s.signOut(second)
	s.enter(tab, first)
	waits(tab, 0)
	if got := s.found(first); len(got) != 1 {
		t.Errorf("%v", got)
	}
	s.verified()
}

// signOut ends all sessions of somebody.
func (s *site) signOut(w *worker) {
	s.t.Helper()
	if err := s.DB.Write(context.Background(), func(tx *store.Tx) error {
		return tx.Exec(`DELETE FROM sessions WHERE district = $1 AND account = $2`, s.Pack.District, w.id)
	}); err != nil {
		s.t.Fatal(err)
	}
	s.Pass(10 * 60e9) // what the gate remembers of sessions is forgotten
}

// TestNeedsYou: what the server refuses stops, is shown with both versions, and can be
// changed or left as a note; nothing is thrown away.
func TestNeedsYou(t *testing.T) {
	s := serve(t)
	w := s.hire(community, "周建国", access.Grid)
	number := s.sent(community, "锦绣花园垃圾桶满溢")
	s.act(w.scope(), number, "sign", nil)
	tab := uitest.New(t, uitest.Phone)
	s.enter(tab, w)
	tab.WaitText(".task h2", "垃圾桶")
	tab.Offline(true)
	tab.Open(s.url + "/field#/do/case.reply/" + number)
	tab.Wait(`document.querySelector("#f-reply")`)
	tab.Click(`input[name=f-result][value=solved]`)
	tab.Fill("#f-reply", "已清运，现场干净")
	tab.Files(`input[capture]`, shot(t, "after", 600, 400))
	tab.Wait(`document.querySelectorAll(".pics .pic").length === 1`)
	tab.Click("#form button[type=submit]")
	waits(tab, 1)
	// meanwhile the case goes to another unit, which the phone cannot know
	s.act(s.Scope("", access.Dispatcher), number, "designate", form.Raw{"unit": {casestest.OtherStreet}, "reason": {"属正岔街道"}})
	back(tab)
	waits(tab, 0)
	tab.Open(s.url + "/field#/waiting")
	tab.WaitText(".links small", "已作为备注交给现在的承办人")
	if act := last(s.view(number).Entries); act.Action != "note" || !said(act.Texts, "已清运，现场干净") || s.filesOf("case", number) != 1 {
		t.Errorf("%s %v", act.Action, act.Texts)
	}
	// a record that takes nothing from this unit: both versions are shown
	other := s.sent(casestest.OtherStreet, "别人的诉求")
	tab.Eval(fmt.Sprintf(`(async () => { const db = await new Promise((done) => { const r = indexedDB.open("weixiao-field"); r.onsuccess = () => done(r.result); });
		const tx = db.transaction("queue", "readwrite"); tx.objectStore("queue").add({key: "needs-you-00000001", account: %q, kind: "case", subject: %q, action: "progress", title: "别人的诉求", label: "进展",
		answers: {note: ["我看过了"]}, photos: [], after: [], version: 1, place: null, opened: 1, seen: Date.now() - 90000000, state: "waiting", tries: 0}); tx.oncomplete = () => { db.close(); location.reload(); }; })()`, w.id, other))
	tab.WaitText(".off", "1 条需要您处理")
	tab.WaitText(".conflict", "还在您的手机里")
	tab.WaitText(".conflict", "我看过了")
	waits(tab, 1)
	look(tab, "needs-you")
	// deleting asks twice
	tab.Click(".task.needs .danger")
	waits(tab, 1)
	tab.Click(".task.needs .danger")
	waits(tab, 0)
	s.verified()
}

// look checks a page with axe and takes its picture.
func look(tab *uitest.Tab, name string) {
	tab.Resize(uitest.Size{W: uitest.Phone.W, H: 4000, Touch: true, Scale: 1})
	tab.Axe()
	tab.Resize(uitest.Phone)
	tab.Headings()
	tab.FullShot("field-" + name)
}

// small are targets lower or narrower than 60 px.
const small = `Array.from(document.querySelectorAll("main a, main button, main label.btn, .tabs5 a, main input:not(.vh):not([type=radio]):not([type=checkbox]), main select, .opts > label"))
	.filter(e => e.getClientRects().length && !e.closest(".demo")).map(e => [e, e.getBoundingClientRect()]).filter(([e, r]) => r.height < 59.5).map(([e, r]) => e.outerHTML.slice(0, 80) + " " + Math.round(r.height))`

// TestPages: every page of the app in both sizes and languages.
func TestPages(t *testing.T) {
	s := serve(t)
	w := s.hire(community, "周建国", access.Grid)
	a := s.sent(community, "锦绣花园 3 号楼东侧路灯不亮，老人夜间出行不便。坏了三天了")
	s.act(w.scope(), a, "sign", nil)
	b := s.sent(community, "人民路 26 号商户占道经营")
	settled := s.hire(community, "李小红", access.Grid)
	settled.taken(settled.item("finding", "", "find", map[string][]string{"words": {"井盖松动"}, "settled": {"true"}, "fix": {"已压实"}}), picture(t, 4))
	tab := uitest.New(t, uitest.Phone)
	tab.Camera()
	s.enter(tab, w)
	tab.WaitText(".task h2", "井盖松动")
	pages := []struct{ name, hash, wait string }{
		{"tasks", "#/", ".task h2"}, {"task", "#/t/case/" + a, ".big .btn"}, {"reply", "#/do/case.reply/" + a, "#f-reply"}, {"find", "#/find", "#send-up"},
		{"waiting", "#/waiting", "#wait-lead"}, {"area", "#/area", ".links a"}, {"buildings", "#/area/buildings", "#area-q"}, {"me", "#/me", "#complain"},
		{"never", "#/never", "ul.plain"}, {"remark", "#/remark", "#f-words"},
	}
	for _, mode := range []string{"zh", "elder", "en"} {
		switch mode {
		case "elder":
			tab.Open(s.url + "/field#/me")
			tab.Wait(`document.querySelector("#size")`)
			tab.Click("#size")
			tab.Wait(`document.documentElement.classList.contains("elder")`)
		case "en":
			tab.Click("#size")
			tab.WaitText("#size", "大字版")
			tab.Click("#lang")
			tab.Wait(`document.documentElement.lang === "en"`)
			tab.WaitText("nav.tabs5", "Tasks")
		}
		for _, p := range pages {
			tab.Eval(fmt.Sprintf(`location.hash = %q`, p.hash))
			tab.Wait(fmt.Sprintf(`location.hash === %q && document.querySelector(%q)`, p.hash, p.wait))
			look(tab, mode+"-"+p.name)
			if bad := uitest.Get[[]string](tab, small); len(bad) > 0 {
				t.Errorf("%s %s: targets under 60 px:\n  %s", mode, p.name, strings.Join(bad, "\n  "))
			}
			if mode == "en" {
				if text := uitest.Get[string](tab, `Array.from(document.querySelectorAll("h1, .btn, .tabs5 a, legend, label, .pill")).filter(e => !e.lang && !e.closest(".opts")).map(e => e.innerText).join(" ")`); strings.ContainsFunc(
					strings.NewReplacer("锦绣花园 3 号楼东侧路灯不亮，老人夜间出行不便。坏了三天了", "", "周建国", "", "井盖松动", "").Replace(text), han) && p.name != "tasks" && p.name != "task" && p.name != "area" {
					t.Errorf("Chinese on the English page %s: %s", p.name, text)
				}
			}
		}
		tab.Eval(`location.hash = "#/me"`)
		tab.Wait(`document.querySelector("#size")`)
	}
	tab.Eval(`location.hash = "#/"`)
	tab.Wait(`document.querySelector(".task h2")`)
	if n := tab.Count(".draft"); n != 0 {
		t.Errorf("%d drafts of forms that were only looked at", n)
	}
	// the same angle: the old picture lies over the camera
	tab.Wait(`document.querySelector('a[href^="#/do/finding.recheck"]')`)
	id := uitest.Get[string](tab, `document.querySelector('a[href^="#/do/finding.recheck"]').getAttribute("href")`)
	tab.Eval(fmt.Sprintf(`location.hash = %q`, id))
	tab.Wait(`document.querySelector("form .acts2 button")`)
	tab.Click("form .acts2 button")
	tab.Wait(`document.querySelector("#shot:not([hidden])")`)
	look(tab, "aim")
	tab.Click("#shot")
	tab.Wait(`document.querySelectorAll(".pics .pic").length === 1`)
	tab.Click(`input[value=yes]`)
	tab.Click("#form button[type=submit]")
	waits(tab, 0)
	_ = b
	s.verified()
}

// TestRemarkPages: the supervision office reads and answers at the desk and on a phone.
func TestRemarkPages(t *testing.T) {
	s := serve(t)
	w, sup := s.hire(community, "周建国", access.Grid), s.hire("", "老郑", access.Supervisor)
	w.taken(w.item("remark", "", "write", map[string][]string{"about": {"twice"}, "words": {"同一件事让我们填两遍"}}))
	for _, size := range []uitest.Size{uitest.Desk, uitest.Phone} {
		tab := uitest.New(t, size)
		tab.Open(s.url + "/desk/sign-in?lang=zh-CN&next=/desk/app-remarks")
		tab.Fill("#login", sup.login)
		tab.Fill("#password", testPassword)
		tab.Click("#sign-in button")
		tab.WaitText("td a", "两遍")
		tab.Axe()
		tab.Headings()
		tab.FullShot(fmt.Sprintf("field-remarks-%d", size.W))
		tab.Click("td a")
		tab.WaitText("h1", "两遍")
		tab.Axe()
		tab.Headings()
		tab.FullShot(fmt.Sprintf("field-remark-%d", size.W))
	}
}

func han(r rune) bool { return r >= 0x4e00 && r <= 0x9fff }

// TestWithoutScripts: the tasks are listed, and lead to the desk.
func TestWithoutScripts(t *testing.T) {
	s := serve(t)
	w := s.hire(community, "周建国", access.Grid)
	number := s.sent(community, "锦绣花园路灯不亮")
	tab := uitest.New(t, uitest.Phone)
	tab.NoScripts()
	tab.Open(s.url + "/desk/sign-in?next=/field")
	tab.Fill("#login", w.login)
	tab.Fill("#password", testPassword)
	tab.Click("#sign-in button")
	tab.Wait(`location.pathname === "/field/plain"`)
	tab.WaitText("h2 a", "路灯")
	tab.Click(".task h2 a")
	tab.Wait(fmt.Sprintf(`location.pathname === "/desk/cases/%s"`, number))
}

// TestUpdate: a newer app replaces the old one on the phone whole, and what waits stays.
func TestUpdate(t *testing.T) {
	s := serve(t)
	w := s.hire(community, "周建国", access.Grid)
	tab := uitest.New(t, uitest.Phone)
	s.enter(tab, w)
	tab.Offline(true)
	report(tab, shot(t, "old", 400, 300), "旧版本里写的")
	waits(tab, 1)
	tab.Kill()
	s.site.Note = "新版"
	s.field.shell = s.field.makeShell()
	s.open(tab) // still the old one, and it finds the new one
	tab.WaitText(".off", "新版本")
	waits(tab, 0)
	s.open(tab)
	tab.WaitText(".demo", "新版")
	if got := s.found(w); len(got) != 1 {
		t.Errorf("%v", got)
	}
	if n := uitest.Get[float64](tab, `caches.keys().then(k => k.length)`); n != 1 {
		t.Errorf("%g versions lie on the phone", n)
	}
}
