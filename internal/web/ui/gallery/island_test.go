package gallery

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"weixiao/internal/web/assets"
	"weixiao/internal/web/ui"
	"weixiao/internal/web/uitest"
)

func TestDraft(t *testing.T) {
	url := serve(t)
	tab := uitest.New(t, uitest.Phone)
	tab.Open(url + "/fields")
	tab.Fill("#all-reason", "线路老化")
	tab.Fill("#all-phone", "13800138000")
	tab.Choose("#all-kind", "help")
	tab.WaitText("[data-draft-state]", "草稿已保存")

	tab.Open(url + "/fields")
	tab.WaitText("[data-draft-state]", "已恢复")
	if got := tab.Value("#all-reason"); got != "线路老化" {
		t.Errorf("the draft came back as %q", got)
	}
	if got := tab.Value("#all-phone"); got != "" {
		t.Errorf("a telephone number was kept in the browser: %q", got)
	}
	if uitest.Get[bool](tab, `Object.values(localStorage).some(v => v.includes("13800138000"))`) {
		t.Error("a telephone number is in localStorage")
	}
	if got := uitest.Get[string](tab, `document.querySelector("#all-unit").value`); got != "d1" {
		t.Errorf("the draft overwrote what the server filled in: %q", got)
	}

	tab.Click("form[data-draft] .btn.p")
	tab.WaitText("h1", "收到")
	tab.Wait(`Object.keys(localStorage).every(k => !k.startsWith("wx-draft:"))`)
	tab.Open(url + "/fields")
	if got := tab.Value("#all-reason"); got != "" {
		t.Errorf("the draft outlived the accepted form: %q", got)
	}
}

func TestDraftOffline(t *testing.T) {
	url := serve(t)
	tab := uitest.New(t, uitest.Phone)
	tab.Open(url + "/fields")
	tab.Fill("#all-reason", "没有网络")
	tab.Offline(true)
	tab.Click("form[data-draft] .btn.p")
	tab.WaitText("[data-draft-state]", "没有网络")
	if got := tab.Path(); got != "/fields" {
		t.Errorf("the page was left without network: %s", got)
	}
	tab.Offline(false)
	tab.Click("form[data-draft] .btn.p")
	tab.WaitText("h1", "收到")
}

func picture(t *testing.T, name string, w, h int) string {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			img.Set(x, y, color.RGBA{uint8(x * y), uint8(x ^ y), uint8(x + y), 255})
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 95}); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestPhotos(t *testing.T) {
	url := serve(t)
	tab := uitest.New(t, uitest.Phone)
	tab.Open(url + "/report")
	big := picture(t, "big.jpg", 2400, 1800)
	tab.Files("#photos", big, picture(t, "small.jpg", 300, 200))
	tab.Wait(`document.querySelectorAll("[data-photos] .pic").length === 4`)
	tab.WaitText("[data-said]", "照片已压缩到")
	if got := uitest.Get[[]int](tab, `(async () => { const b = await createImageBitmap(document.querySelector("#photos").files[0]); return [b.width, b.height]; })()`); got[0] != 1600 || got[1] != 1200 {
		t.Errorf("shrunk to %v", got)
	}
	tab.Files("#photos", picture(t, "third.jpg", 200, 200))
	tab.Wait(`document.querySelectorAll("[data-photos] .pic").length === 5`)
	if got := uitest.Get[int](tab, `document.querySelector("#photos").files.length`); got != 3 {
		t.Errorf("%d files after adding one to two", got)
	}
	if got := uitest.Get[string](tab, `document.querySelectorAll(".pic .rm")[3].getAttribute("aria-label")`); got != "删除照片 4" {
		t.Errorf("name of the fourth remove button: %q", got)
	}
	tab.Eval(`document.querySelectorAll(".pic .rm")[3].click()`)
	tab.Wait(`document.querySelectorAll("[data-photos] .pic").length === 4`)
	tab.Axe()

	bad := filepath.Join(t.TempDir(), "bad.jpg")
	if err := os.WriteFile(bad, []byte("no picture"), 0o600); err != nil {
		t.Fatal(err)
	}
	tab.Files("#photos", bad)
	tab.WaitText("[data-said]", "打不开")

	tab.Click(".foot .btn.p")
	tab.WaitText("h1", "收到")
	list := uitest.Get[[]string](tab, `Array.from(document.querySelectorAll("[data-name=photo]")).map(e => e.textContent)`)
	before, err := os.Stat(big)
	if err != nil {
		t.Fatal(err)
	}
	if len(list) != 2 {
		t.Fatalf("arrived: %v", list)
	}
	kind, size, _ := strings.Cut(list[0], " ")
	if n, err := strconv.ParseInt(size, 10, 64); kind != "image/jpeg" || err != nil || n >= before.Size() {
		t.Errorf("first photo arrived as %q, was %d bytes", list[0], before.Size())
	}
}

func TestFields(t *testing.T) {
	url := serve(t)
	tab := uitest.New(t, uitest.Phone)
	tab.Open(url + "/fields")

	tab.Fill("#all-reason", strings.Repeat("灯", 302))
	tab.WaitText("#all-reason-c.over", "302 / 300")
	if got := len([]rune(tab.Value("#all-reason"))); got != 302 {
		t.Errorf("typed text was cut to %d characters", got)
	}

	if uitest.Get[bool](tab, `document.querySelector("#all-why").closest(".f").hidden`) {
		t.Error("the question that follows from the answer is hidden")
	}
	tab.Eval(`document.querySelector("#all-verdict").click()`) // solved
	tab.Wait(`document.querySelector("#all-why").closest(".f").hidden`)

	tab.Fill("[data-filter=all-unit]", "ylj")
	tab.Wait(`document.querySelector("#all-unit").value === "d2"`)
	tab.Fill("[data-filter=all-unit]", "")
	tab.Wait(`document.querySelector("#all-unit").options.length === 15`)
	tab.Fill("[data-filter=all-units-o]", "水务")
	tab.Wait(`Array.from(document.querySelectorAll("#all-units-o label")).filter(l => !l.hidden).length === 3`) // it, and the two already chosen
}

func TestSpeakHint(t *testing.T) {
	tab := uitest.New(t, uitest.Phone)
	tab.Open(serve(t) + "/report")
	tab.Click(".mic")
	tab.WaitText("#report-text-s:not([hidden])", "键盘")
	if got := tab.Focused(); got != "report-text" {
		t.Errorf("focus on %q", got)
	}
}

func TestPlace(t *testing.T) {
	url := serve(t)
	tab := uitest.New(t, uitest.Phone)
	tab.At(126.6100, 42.0600, 15)
	tab.Open(url + "/place")
	tab.Wait(`document.querySelector("[data-map]").dataset.ready === "1"`)
	lon := func() string { return uitest.Get[string](tab, `document.querySelector("[data-lon]").value`) }

	tab.Click("[data-locate]")
	tab.WaitText("[data-locate-state]", "误差约 15 米")
	tab.Wait(`document.querySelector("[data-lon]").value === "126.610000" && document.querySelector("[data-accuracy]").value === "15"`)

	tab.Eval(`document.querySelector("[data-map]").focus()`)
	tab.Press("ArrowDown")
	tab.Wait(`document.querySelector("[data-map] .leaflet-map-pane").style.transform !== ""`)
	tab.Press("Enter")
	tab.Wait(`document.querySelector("[data-accuracy]").value === ""`)

	tab.Fill("#address", "锦绣")
	tab.Wait(`document.querySelector("#address-s [role=option]") && document.querySelector("#address").getAttribute("aria-expanded") === "true"`)
	tab.Press("ArrowDown")
	tab.Wait(`document.querySelector("#address").getAttribute("aria-activedescendant") === "address-s-0"`)
	tab.Axe()
	tab.Press("Enter")
	tab.Wait(`document.querySelector("#address").value === "锦绣花园 3 号楼东侧" && document.querySelector("#address-s").hidden`)
	tab.Wait(`document.querySelector("[data-lon]").value === "126.603100"`)
	if got := tab.Text("[data-area]"); got != "东湖街道 · 锦绣社区" {
		t.Errorf("area %q", got)
	}
	tab.Eval(`(() => { const b = document.querySelector("[data-map]").getBoundingClientRect();
		const e = document.elementFromPoint(b.left + 100, b.top + 120);
		for (const n of ["mousedown", "mouseup", "click"]) e.dispatchEvent(new MouseEvent(n, {bubbles: true, clientX: b.left + 100, clientY: b.top + 120})); })()`)
	tab.Wait(`document.querySelector("[data-lon]").value !== "126.603100"`)
	if lon() == "" {
		t.Error("the place was lost")
	}
	tab.Axe()
	tab.Shot("place-picked")
}

// TestOnce: impatient clicks on the button of a form are one request. The page
// clicks while the server keeps the first request waiting, then tells the server.
func TestOnce(t *testing.T) {
	var posts atomic.Int32
	clicked := make(chan struct{})
	inner := Handler()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/clicked":
			close(clicked)
			return
		case r.Method == http.MethodPost:
			posts.Add(1)
			select {
			case <-clicked:
			case <-r.Context().Done():
			}
		}
		inner.ServeHTTP(w, r)
	}))
	t.Cleanup(s.Close)
	tab := uitest.New(t, uitest.Phone)
	tab.Open(s.URL + "/fields")
	tab.Eval(`(() => { const b = document.querySelector("form[data-draft] .btn.p"); let n = 0;
		const again = () => { b.click(); if (++n < 6) setTimeout(again, 40); else fetch("/clicked"); }; setTimeout(again); })()`)
	tab.WaitText("h1", "收到")
	if n := posts.Load(); n != 1 {
		t.Errorf("%d requests", n)
	}
}

func TestFaultFocus(t *testing.T) {
	tab := uitest.New(t, uitest.Phone)
	tab.Open(serve(t) + "/faults")
	tab.Wait(`document.activeElement && document.activeElement.matches(".err-sum")`)
	if got := uitest.Get[string](tab, `document.title`); !strings.HasPrefix(got, "出错：") {
		t.Errorf("title %q", got)
	}
	bad := uitest.Get[[]string](tab, `Array.from(document.querySelectorAll(".err-sum a")).filter(a => {
		const e = document.querySelector(a.getAttribute("href"));
		return !e || !e.matches("input, select, textarea");
	}).map(a => a.outerHTML)`)
	if len(bad) > 0 {
		t.Errorf("lines of the summary lead nowhere: %v", bad)
	}
}

// TestNoScripts: without scripts every form can still be filled and sent.
func TestNoScripts(t *testing.T) {
	url := serve(t)
	for _, c := range []struct{ path, button string }{
		{"/report", ".foot .btn.p"}, {"/place", ".foot .btn.p"}, {"/fields", "form .btn.p"}, {"/check", ".foot .btn.p"}, {"/track", ".verdict .btn.good"},
	} {
		t.Run(name(c.path), func(t *testing.T) {
			tab := uitest.New(t, uitest.Phone)
			tab.NoScripts()
			tab.Open(url + c.path)
			tab.Click(c.button)
			tab.WaitText("h1", "收到")
		})
	}
}

func TestDeskKeys(t *testing.T) {
	url := serve(t)
	tab := uitest.New(t, uitest.Desk)
	tab.Open(url + "/inbox")
	current := `document.querySelector("[data-row][aria-current=true]").id`

	tab.Press("J")
	tab.Wait(current + ` === "row-a4"`)
	tab.WaitText("#preview-id", "a4")
	if got := tab.Focused(); got != "row-a4" {
		t.Errorf("focus on %q after J", got)
	}
	tab.Press("K")
	tab.Press("K")
	tab.Wait(current + ` === "row-a2"`)
	tab.Press("X")
	tab.Wait(`document.querySelector("#row-a2 input").checked`)
	tab.WaitText("[data-picked]", "已选 3 件")

	// letters are letters while one types, and while an input method composes
	tab.Press("/")
	if got := uitest.Get[bool](tab, `document.activeElement.matches("[data-search]")`); !got {
		t.Error("/ does not lead to the search")
	}
	tab.Press("J")
	if got := uitest.Get[string](tab, `document.activeElement.value`); got != "j" {
		t.Errorf("search box has %q", got)
	}
	tab.Press("Escape")
	tab.Wait(`document.activeElement.id === "row-a2"`)
	tab.Eval(`document.activeElement.dispatchEvent(new KeyboardEvent("keydown", {key: "j", bubbles: true, isComposing: true}))`)
	if got := uitest.Get[string](tab, current); got != "row-a2" {
		t.Errorf("a key of the input method moved the list to %s", got)
	}
	tab.Press("Ctrl K")
	tab.Wait(`document.activeElement.matches("[data-search]")`)
	tab.Press("Escape")

	tab.Press("?")
	tab.Wait(`document.querySelector("#keys").open`)
	sheet := tab.Text("#keys")
	for _, want := range []string{"J", "批量签收", "填写办结", "上下"} {
		if !strings.Contains(sheet, want) {
			t.Errorf("the sheet of keys does not name %q:\n%s", want, sheet)
		}
	}
	tab.Axe()
	tab.Shot("keys")
	tab.Press("J")
	if got := uitest.Get[string](tab, current); got != "row-a2" {
		t.Errorf("the list moved to %s under the sheet", got)
	}
	tab.Press("Escape")
	tab.Wait(`!document.querySelector("#keys").open`)

	tab.Press("E") // 批量签收 posts the picked rows
	tab.WaitText("h1", "收到")
	if n := tab.Count("[data-name=id]"); n != 3 {
		t.Errorf("%d rows arrived", n)
	}
}

func TestDeskEnter(t *testing.T) {
	url := serve(t)
	tab := uitest.New(t, uitest.Desk)
	tab.Open(url + "/inbox")
	tab.Press("J")
	tab.Press("Enter")
	tab.Wait(`location.pathname === "/case"`)

	tab.Open(url + "/intake")
	tab.Press("Alt 2")
	if got := tab.Focused(); got != "intake-line" {
		t.Errorf("Alt 2 leads to %q", got)
	}
	tab.Press("Alt 3")
	if got := uitest.Get[string](tab, `document.activeElement.value`); got != "help" {
		t.Errorf("Alt 3 leads to %q, not to the chosen button", got)
	}
	tab.Press("Ctrl Enter")
	tab.WaitText("h1", "收到")
}

// TestLive: parts arrive over the stream; when it breaks the page says so, asks
// instead, and is live again when the stream is back.
func TestLive(t *testing.T) {
	var streams, polls atomic.Int32
	back := make(chan struct{})
	mux := http.NewServeMux()
	mux.Handle(assets.Prefix, assets.Handler())
	mux.HandleFunc("/stream", func(w http.ResponseWriter, r *http.Request) {
		n := streams.Add(1)
		if n == 2 {
			http.Error(w, "down", http.StatusServiceUnavailable)
			return
		}
		if n > 2 {
			select {
			case <-back:
			case <-r.Context().Done():
				return
			}
		}
		w.Header().Set("Content-Type", "text/event-stream")
		_, _ = fmt.Fprintf(w, "id: %d\ndata: <hx-partial hx-target=\"#part\" hx-swap=\"outerMorph\"><p id=\"part\">stream %d</p></hx-partial>\n\n", n, n)
		w.(http.Flusher).Flush()
		if n > 2 {
			_, _ = fmt.Fprint(w, "event: beat\ndata: 1\n\n")
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		}
	})
	mux.HandleFunc("/poll", func(w http.ResponseWriter, _ *http.Request) {
		polls.Add(1)
		w.Header().Set("Content-Type", "text/html")
		_, _ = fmt.Fprint(w, `<hx-partial hx-target="#part" hx-swap="outerMorph"><p id="part">polled</p></hx-partial>`)
	})
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		p := wallPage(pageOf(r))
		show(w, r, livePage(p, ui.Live{ID: "live", Connect: "/stream", Poll: "/poll"}))
	})
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)

	tab := uitest.New(t, uitest.Wall)
	tab.Allow("503")
	tab.Allow("SSE reconnect failed")
	tab.Open(s.URL + "/")
	tab.WaitText("#part", "polled")
	tab.WaitText(".stale", "连接中断")
	if polls.Load() == 0 || streams.Load() < 2 {
		t.Errorf("%d streams, %d polls", streams.Load(), polls.Load())
	}
	close(back)
	tab.Wait(`/stream [3-9]/.test(document.querySelector("#part").textContent)`)
	tab.Wait(`!document.querySelector(".stale")`)
	tab.Wait(`document.querySelector("[data-clock]").textContent !== "17:24:08"`) // the clock runs
}
