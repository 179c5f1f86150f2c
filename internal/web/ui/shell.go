package ui

import (
	"slices"
	"strconv"
	"time"

	"weixiao/internal/web/assets"
	"weixiao/internal/words"
)

// Foot is the sticky foot of a citizen page: the one primary button, and under it
// the way back, the state of the draft, or the hotline.
type Foot struct {
	Label string // what happens next: 下一步：在什么地方
	Form  string // id of the form the button submits
	Name  string // name and value sent with it, if any
	Value string
	Href  string // instead of Form: where the button leads
	Back  string // address of the step before
	Draft bool   // place where the island says that the draft is saved
	Note  string // instead of the hotline: 提交后可随时查进度、撤回
}

// Verdict is the other foot: was it really solved? Three buttons of one form.
type Verdict struct {
	Ask    string
	Action string
	Name   string // field name, values solved, partly, unsolved
	Hidden []Hidden
}

// Hidden is a field the person does not see: an idempotency key, a version.
type Hidden struct{ Name, Value string }

// WallHead is what stands in the title row of the wall.
type WallHead struct {
	Title   string
	Weather string
	Live    string // 实时，3 秒前更新
	Stale   bool
	Duty    string // 值班长 刘芳
}

func (p Page) sheets(surface string) []string {
	css := []string{"ui.css"}
	switch surface {
	case "cz":
		css = append(css, "citizen.css")
	case "dk":
		css = append(css, "desk.css")
	case "sc":
		css = append(css, "screen.css")
	}
	if slices.Contains(p.Scripts, "map") || slices.Contains(p.Scripts, "layers") {
		css = append(css, "map.css")
	}
	for i := range css {
		css[i] = assets.URL(css[i])
	}
	return css
}

// scripts puts htmx before the islands that listen to it, page.js before all
// others.
func (p Page) scripts() []string {
	var out []string
	if slices.Contains(p.Scripts, "htmx") || slices.Contains(p.Scripts, "live") {
		out = append(out, assets.URL("htmx.js"))
	}
	out = append(out, assets.URL("page.js"))
	for _, s := range p.Scripts {
		if s != "htmx" {
			out = append(out, assets.URL(s+".js"))
		}
	}
	return out
}

// stepWidth makes the marks of the step bar: true for each step reached.
func stepMarks(n, of int) []bool {
	out := make([]bool, of)
	for i := range out {
		out[i] = i < n
	}
	return out
}

// wallClock is the time with seconds; the island keeps it running from the
// milliseconds in data-clock, so that it shows the server's time.
func wallClock(t time.Time) string { return t.In(words.Zone()).Format("15:04:05") }

func millis(t time.Time) string { return strconv.FormatInt(t.UnixMilli(), 10) }

func count(n int) string { return strconv.Itoa(n) }

// htmxConfig: no injected style sheet, requests stay on this origin, history by
// full page loads.
const htmxConfig = `{"includeIndicatorCSS":false,"history":"reload","mode":"same-origin","defaultTimeout":30000}`
