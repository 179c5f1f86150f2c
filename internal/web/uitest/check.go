package uitest

import (
	"context"
	_ "embed"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/inspector"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

//go:embed testdata/axe.min.js
var axe string

// listen collects what the page complains about: it runs inside the loop that
// reads the browser's messages, so it only writes down.
func (tab *Tab) listen(ev any) {
	switch e := ev.(type) {
	case *inspector.EventTargetCrashed:
		tab.mu.Lock()
		defer tab.mu.Unlock()
		if tab.crashed != nil {
			close(tab.crashed)
			tab.crashed = nil
		}
	case *runtime.EventExceptionThrown:
		text := e.ExceptionDetails.Text
		if x := e.ExceptionDetails.Exception; x != nil {
			text += " " + x.Description
		}
		tab.complain("exception: " + text)
	case *runtime.EventConsoleAPICalled:
		if e.Type != "error" && e.Type != "assert" {
			return
		}
		var parts []string
		for _, a := range e.Args {
			parts = append(parts, strings.Trim(string(a.Value), `"`)+a.Description)
		}
		tab.complain("console: " + strings.Join(parts, " "))
	case *log.EventEntryAdded:
		if e.Entry.Level != "error" {
			return
		}
		// a page that answers 4xx on purpose (a form with faults) is not an error
		if e.Entry.Source == "network" && strings.Contains(e.Entry.Text, "status of 4") && !strings.Contains(e.Entry.URL, "/assets/") {
			return
		}
		tab.complain(fmt.Sprintf("%s: %s (%s)", e.Entry.Source, e.Entry.Text, e.Entry.URL))
	}
}

func (tab *Tab) complain(s string) {
	tab.mu.Lock()
	defer tab.mu.Unlock()
	if !tab.finished {
		tab.faults = append(tab.faults, s)
	}
}

// Allow says that complaints containing the text are expected in this test.
func (tab *Tab) Allow(text string) {
	tab.mu.Lock()
	defer tab.mu.Unlock()
	tab.allowed = append(tab.allowed, text)
}

// finish fails the test for every complaint it did not expect.
func (tab *Tab) finish() {
	tab.t.Helper()
	tab.mu.Lock()
	defer tab.mu.Unlock()
	tab.finished = true
next:
	for _, f := range tab.faults {
		for _, a := range tab.allowed {
			if strings.Contains(f, a) {
				continue next
			}
		}
		tab.t.Errorf("uitest: the page complained: %s", f)
	}
}

// Overflow fails the test when the page can be scrolled sideways, and names the
// elements that stick out.
func (tab *Tab) Overflow() {
	tab.t.Helper()
	out := Get[[]string](tab, `(() => {
		const w = document.documentElement.clientWidth;
		if (document.documentElement.scrollWidth <= w + 1) return [];
		const out = [];
		for (const e of document.querySelectorAll("body *")) {
			const r = e.getBoundingClientRect();
			if (r.width > 0 && r.right > w + 1 && out.length < 8) out.push(e.tagName.toLowerCase() + "." + (e.getAttribute("class") || "") + " to " + Math.round(r.right) + " of " + w);
		}
		return out.length ? out : ["page " + document.documentElement.scrollWidth + " of " + w];
	})()`)
	if len(out) > 0 {
		tab.t.Errorf("uitest: %s is wider than the screen:\n  %s", tab.Path(), strings.Join(out, "\n  "))
	}
}

// Axe checks the page with axe-core against WCAG 2.0, 2.1 and 2.2, levels A and
// AA, and fails the test for every violation with its rule and elements.
func (tab *Tab) Axe() {
	tab.t.Helper()
	for _, v := range tab.violations() {
		for _, n := range v.Nodes {
			tab.t.Errorf("uitest: axe on %s (%d px): %s: %s\n  at %v\n  %s\n  %s", tab.Path(), tab.size.W, v.ID, v.Help, n.Target, n.HTML, strings.ReplaceAll(n.Why, "\n", "\n  "))
		}
	}
	tab.Overflow()
}

// violation is a rule of axe-core that a page breaks, with the elements that do.
type violation struct {
	ID    string `json:"id"`
	Help  string `json:"help"`
	Nodes []struct {
		Target []any  `json:"target"`
		Why    string `json:"failureSummary"`
		HTML   string `json:"html"`
	} `json:"nodes"`
}

// violations runs axe-core once the page has come to rest. A page that goes away under
// it (a form just sent) takes the answer along, so the next page is asked in its place.
func (tab *Tab) violations() []violation {
	tab.t.Helper()
	const tries = 3
	for i := 1; ; i++ {
		tab.Wait(`document.readyState === "complete" && !document.querySelector(".btn[aria-busy=true], form[aria-busy=true]")`)
		ctx, cancel := context.WithTimeout(tab.ctx, Patience/tries)
		there, err := chromedp.Run(ctx, chromedp.Evaluate[bool](`typeof axe === "object"`)) // still there when only the screen changed
		if err == nil && !there {
			err = chromedp.Do(ctx, chromedp.Evaluate[chromedp.Void](axe+";0"))
		}
		var found []violation
		if err == nil {
			found, err = chromedp.Run(ctx, chromedp.Evaluate[[]violation](`axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], resultTypes: ["violations"]})
		.then(r => r.violations.map(v => ({id: v.id, help: v.help, nodes: v.nodes.map(n => ({target: n.target, failureSummary: n.failureSummary || "", html: n.html.slice(0, 160)}))})))`, chromedp.EvalAwaitPromise))
		}
		cancel()
		if err == nil {
			return found
		}
		if i == tries {
			tab.t.Fatalf("uitest: axe on %s: %v", tab.Path(), err)
		}
	}
}

// Paper switches to how the page looks when it is printed, or back.
func (tab *Tab) Paper(on bool) {
	tab.t.Helper()
	media := ""
	if on {
		media = "print"
	}
	tab.do("paper", chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: media})
		return err
	}))
}

// Headings fails the test when a visible heading is larger than one of a level
// above it, or a page has not exactly one of the first level.
func (tab *Tab) Headings() {
	tab.t.Helper()
	type heading struct {
		Level int     `json:"level"`
		Size  float64 `json:"size"`
		Text  string  `json:"text"`
	}
	found := Get[[]heading](tab, `Array.from(document.querySelectorAll("h1,h2,h3,h4")).filter(e => e.getClientRects().length > 0 && !e.closest(".vh"))
		.map(e => ({level: +e.tagName[1], size: parseFloat(getComputedStyle(e).fontSize), text: e.textContent.trim().slice(0, 40)}))`)
	first := 0
	for _, h := range found {
		if h.Level == 1 {
			first++
		}
		for _, up := range found {
			if up.Level < h.Level && up.Size < h.Size {
				tab.t.Errorf("uitest: %s: heading %q of level %d has %g px, %q of level %d only %g", tab.Path(), h.Text, h.Level, h.Size, up.Text, up.Level, up.Size)
			}
		}
	}
	if first != 1 {
		tab.t.Errorf("uitest: %s has %d headings of the first level", tab.Path(), first)
	}
}

// Shot writes a picture of the screen as name.png into the artifacts of the test
// (go test -artifacts), or into WEIXIAO_SHOTS when that names a folder. With neither
// nobody would see it: none is taken, and the name of the file is "".
func (tab *Tab) Shot(name string) string {
	tab.t.Helper()
	return tab.shot(name, false)
}

// FullShot is Shot of the whole page.
func (tab *Tab) FullShot(name string) string {
	tab.t.Helper()
	return tab.shot(name, true)
}

func (tab *Tab) shot(name string, full bool) string {
	tab.t.Helper()
	dir := os.Getenv("WEIXIAO_SHOTS")
	if dir == "" {
		if kept := flag.Lookup("test.artifacts"); kept == nil || kept.Value.String() != "true" {
			return ""
		}
		dir = tab.t.ArtifactDir()
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		tab.t.Fatal("uitest: ", err)
	}
	png := run(tab, "screenshot", func(ctx context.Context, t *chromedp.Target) ([]byte, error) {
		params := page.CaptureScreenshotParams{Format: page.CaptureScreenshotFormatPng, CaptureBeyondViewport: &full}
		if full {
			m, err := cdp.Call(ctx, t, page.GetLayoutMetrics, cdp.Empty{})
			if err != nil {
				return nil, err
			}
			params.Clip = &page.Viewport{Width: m.CSSContentSize.Width, Height: m.CSSContentSize.Height, Scale: 1}
		}
		res, err := cdp.Call(ctx, t, page.CaptureScreenshot, params)
		return res.Data, err
	})
	path := filepath.Join(dir, name+".png")
	if err := os.WriteFile(path, png, 0o644); err != nil {
		tab.t.Fatal("uitest: ", err)
	}
	return path
}
