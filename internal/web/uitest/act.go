package uitest

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// Open loads an address and waits until it is loaded.
func (tab *Tab) Open(url string) {
	tab.t.Helper()
	tab.do("open "+url, chromedp.Navigate(url))
	tab.Overflow()
}

// Click scrolls the element into view and clicks it.
func (tab *Tab) Click(css string) {
	tab.t.Helper()
	tab.do("click "+css, chromedp.Click(chromedp.CSS(css), chromedp.NodeVisible))
}

// Fill replaces what is in a field, as if somebody had typed it at once.
func (tab *Tab) Fill(css, text string) {
	tab.t.Helper()
	tab.do("fill "+css,
		chromedp.Focus(chromedp.CSS(css), chromedp.NodeVisible),
		chromedp.Evaluate[chromedp.Void](`document.activeElement.select && document.activeElement.select()`),
		chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
			if text == "" {
				return chromedp.Do(ctx, chromedp.KeyEvent(kb.Delete))
			}
			_, err := cdp.Call(ctx, t, input.InsertText, input.InsertTextParams{Text: text})
			return err
		}),
	)
}

// Choose sets a select, radio button or date to a value and tells the page.
func (tab *Tab) Choose(css, value string) {
	tab.t.Helper()
	tab.Eval(fmt.Sprintf(`(() => { const e = document.querySelector(%s); if (e.type === "radio" || e.type === "checkbox") e.checked = %s !== "";
		else e.value = %s; for (const n of ["input","change"]) e.dispatchEvent(new Event(n, {bubbles: true})); })()`,
		strconv.Quote(css), strconv.Quote(value), strconv.Quote(value)))
}

// Files puts files into a file input.
func (tab *Tab) Files(css string, paths ...string) {
	tab.t.Helper()
	tab.do("files "+css, chromedp.SetUploadFiles(chromedp.CSS(css), paths, chromedp.NodeReady))
}

var named = map[string]string{
	"Enter": kb.Enter, "Escape": kb.Escape, "Esc": kb.Escape, "Tab": kb.Tab, "Space": " ",
	"ArrowDown": kb.ArrowDown, "ArrowUp": kb.ArrowUp, "Delete": kb.Delete, "Backspace": kb.Backspace,
}

var modifiers = map[string]chromedp.Modifier{
	"Ctrl": kb.ModifierCtrl, "Alt": kb.ModifierAlt, "Shift": kb.ModifierShift,
}

// Press presses a key as it is written on a key cap: "J", "Ctrl K", "Alt 1".
func (tab *Tab) Press(key string) {
	tab.t.Helper()
	parts := strings.Split(key, " ")
	last := parts[len(parts)-1]
	k, ok := named[last]
	if !ok {
		k = strings.ToLower(last)
	}
	var mods chromedp.Modifier
	for _, m := range parts[:len(parts)-1] {
		mods |= modifiers[m]
	}
	tab.do("press "+key, chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		for _, r := range k {
			if err := stroke(ctx, t, r, mods); err != nil {
				return err
			}
		}
		return nil
	}))
}

// stroke presses and lets go of one key. The character goes with the key down
// event, as from a keyboard, so that a page that handles the key keeps it out.
func stroke(ctx context.Context, t *chromedp.Target, r rune, mods chromedp.Modifier) error {
	events := kb.Encode(r)
	text := ""
	for _, e := range events {
		if e.Type == kb.KeyChar && mods&^kb.ModifierShift == 0 {
			text = e.Text
		}
	}
	for _, e := range events {
		if e.Type == kb.KeyChar {
			continue
		}
		e.Modifiers |= int64(mods)
		if e.Type == kb.KeyDown {
			e.Text, e.UnmodifiedText = text, text
			if text != "" {
				e.Type = kb.KeyDown
			}
		}
		if _, err := cdp.Call(ctx, t, input.DispatchKeyEvent, *e); err != nil {
			return err
		}
	}
	return nil
}

// Text is the visible text of the first element that matches.
func (tab *Tab) Text(css string) string {
	tab.t.Helper()
	return strings.TrimSpace(run(tab, "text of "+css, chromedp.Text(chromedp.CSS(css), chromedp.NodeReady)))
}

// Value is what is in a field.
func (tab *Tab) Value(css string) string {
	tab.t.Helper()
	return run(tab, "value of "+css, chromedp.Value(chromedp.CSS(css), chromedp.NodeReady))
}

// Path is the path and query of the page.
func (tab *Tab) Path() string {
	tab.t.Helper()
	return Get[string](tab, `location.pathname + location.search`)
}

// Count is how many elements match.
func (tab *Tab) Count(css string) int {
	tab.t.Helper()
	return Get[int](tab, `document.querySelectorAll(`+strconv.Quote(css)+`).length`)
}

// Focused describes the focused element: its id, or its tag.
func (tab *Tab) Focused() string {
	tab.t.Helper()
	return Get[string](tab, `document.activeElement ? (document.activeElement.id || document.activeElement.tagName) : ""`)
}

// Eval runs a script in the page.
func (tab *Tab) Eval(js string) {
	tab.t.Helper()
	tab.do("eval", chromedp.Evaluate[chromedp.Void](js))
}

// Get runs a script in the page and gives its value.
func Get[T any](tab *Tab, js string) T {
	tab.t.Helper()
	return run(tab, "eval "+js, chromedp.Evaluate[T](js, chromedp.EvalAwaitPromise))
}

// Wait waits until an expression in the page is true.
func (tab *Tab) Wait(js string) {
	tab.t.Helper()
	ctx, cancel := context.WithTimeout(tab.ctx, Patience)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		// a page on its way to the next cannot answer, or answers when it is there
		if ok, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("Boolean("+js+")")); err == nil && ok {
			return
		}
		select {
		case <-ctx.Done():
			tab.t.Fatalf("uitest: waited in vain for %s", js)
		case <-tick.C:
		}
	}
}

// WaitText waits until an element that matches contains the text.
func (tab *Tab) WaitText(css, text string) {
	tab.t.Helper()
	tab.Wait(`Array.from(document.querySelectorAll(` + strconv.Quote(css) + `)).some(e => e.textContent.includes(` + strconv.Quote(text) + `))`)
}

// NoScripts switches scripts off, from the next page on.
func (tab *Tab) NoScripts() {
	tab.t.Helper()
	tab.do("scripts off", chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
		return err
	}))
}

// Offline cuts the network or brings it back.
func (tab *Tab) Offline(off bool) {
	tab.t.Helper()
	if off {
		tab.Allow("ERR_INTERNET_DISCONNECTED")
	}
	tab.do("offline", chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		// browsers before 150 want "offline" beside the rules, later ones inside them
		rules := []map[string]any{}
		if off {
			rules = append(rules, map[string]any{"urlPattern": "", "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1, "packetReordering": false, "offline": true})
		}
		params := map[string]any{"offline": off, "matchedNetworkConditions": rules}
		if err := t.Call(ctx, network.CommandEmulateNetworkConditionsByRule, params, nil); err != nil {
			return fmt.Errorf("rule: %w", err)
		}
		state := network.OverrideNetworkStateParams{Offline: off, DownloadThroughput: -1, UploadThroughput: -1}
		_, err := cdp.Call(ctx, t, network.OverrideNetworkState, state)
		return err
	}))
}

// At lets the browser believe that it is at a place, and allows pages to ask.
func (tab *Tab) At(lon, lat, accuracy float64) {
	tab.t.Helper()
	tab.do("place", chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		grant := browser.SetPermissionParams{
			Permission:       &browser.PermissionDescriptor{Name: "geolocation"},
			Setting:          browser.PermissionSettingGranted,
			BrowserContextID: chromedp.FromContext(ctx).BrowserContextID,
		}
		if _, err := chromedp.CallBrowser(ctx, browser.SetPermission, grant); err != nil {
			return err
		}
		_, err := cdp.Call(ctx, t, emulation.SetGeolocationOverride, emulation.SetGeolocationOverrideParams{
			Longitude: &lon, Latitude: &lat, Accuracy: &accuracy,
		})
		return err
	}))
}

// Camera allows pages to use the camera; the browser has one that shows a test picture.
func (tab *Tab) Camera() {
	tab.t.Helper()
	tab.do("camera", chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := chromedp.CallBrowser(ctx, browser.SetPermission, browser.SetPermissionParams{
			Permission: &browser.PermissionDescriptor{Name: "camera"}, Setting: browser.PermissionSettingGranted, BrowserContextID: chromedp.FromContext(ctx).BrowserContextID,
		})
		return err
	}))
}

// Kill ends the page at once, as when a phone takes its memory away: no handler runs and
// nothing more is written. Cookies and storage stay; Open opens the next page.
func (tab *Tab) Kill() {
	tab.t.Helper()
	tab.mu.Lock()
	tab.crashed = make(chan struct{})
	crashed := tab.crashed
	tab.mu.Unlock()
	ctx, cancel := context.WithTimeout(tab.ctx, Patience)
	go func() { // never answered: the page is gone
		_ = chromedp.Do(ctx, chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
			_, err := cdp.Call(ctx, t, page.Crash, cdp.Empty{})
			return err
		}))
	}()
	select {
	case <-crashed:
	case <-ctx.Done():
		tab.t.Error("uitest: the page did not die")
	}
	cancel()
	next, stop := chromedp.NewContext(tab.base, chromedp.WithListener(tab.listen))
	tab.t.Cleanup(stop)
	tab.ctx = next
	tab.resize()
}
