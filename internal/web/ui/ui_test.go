package ui

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode"

	"golang.org/x/net/html"

	"weixiao/internal/form"
	"weixiao/internal/words"
)

func TestTitle(t *testing.T) {
	p := page(words.ZH)
	p.Title = "核对后提交"
	if got := p.title(); got != "核对后提交 - 接诉即办" {
		t.Errorf("title %q", got)
	}
	p.Faulty = true
	if got := p.title(); got != "出错：核对后提交 - 接诉即办" {
		t.Errorf("title %q", got)
	}
	p.Title, p.Faulty = "", false
	if got := p.title(); got != "接诉即办" {
		t.Errorf("title %q", got)
	}
}

func TestSwitches(t *testing.T) {
	for _, c := range []struct {
		path        string
		lang        words.Lang
		elder       bool
		other, size string
	}{
		{"/report", words.ZH, false, "/report?lang=en", "/report?elder=1"},
		{"/t?n=1&lang=zh-CN", words.ZH, true, "/t?lang=en&n=1", "/t?elder=0&lang=zh-CN&n=1"},
		{"/t?lang=en", words.EN, false, "/t?lang=zh-CN", "/t?elder=1&lang=en"},
		{"//evil.example/x", words.ZH, false, "/?lang=en", "/?elder=1"},
		{"https://evil.example/x", words.ZH, false, "/?lang=en", "/?elder=1"},
		{"%zz", words.ZH, false, "/?lang=en", "/?elder=1"},
	} {
		p := Page{Lang: c.lang, Elder: c.elder, Path: c.path}
		if a, b := p.switchLang(), p.switchElder(); a != c.other || b != c.size {
			t.Errorf("%s: %q, %q", c.path, a, b)
		}
	}
}

func TestShells(t *testing.T) {
	for _, lang := range words.Langs() {
		for _, elder := range []bool{false, true} {
			p := page(lang)
			p.Elder, p.Scripts, p.Said = elder, []string{"htmx", "desk", "live", "map"}, "已签收"
			shells := map[string]string{
				"citizen": render(t, Citizen(p, nil)), "desk": render(t, Desk(p)), "wall": render(t, Wall(p, WallHead{}, Figures(p, "kpi", "x", nil))),
			}
			for name, s := range shells {
				if !strings.Contains(s, `<html lang="`+string(lang)+`"`) {
					t.Errorf("%s: language missing", name)
				}
				if got := strings.Contains(s, "elder"); elder && name == "citizen" != got {
					t.Errorf("%s: elder class: %v", name, got)
				}
				for _, want := range []string{`id="main"`, `id="announce"`, `name="viewport"`, "<title>", "htmx-config"} {
					if !strings.Contains(s, want) {
						t.Errorf("%s: no %s", name, want)
					}
				}
				if strings.Index(s, "/assets/htmx.") > strings.Index(s, "/assets/page.") {
					t.Errorf("%s: htmx after the islands that listen to it", name)
				}
				if strings.Contains(s, "<style") || regexp.MustCompile(`<script[^>]*>[^<]`).MatchString(s) {
					t.Errorf("%s: inline style or script", name)
				}
			}
		}
	}
}

func TestElderKeepsTheHotline(t *testing.T) {
	p := page(words.ZH)
	p.Elder = true
	for name, f := range map[string]Foot{"note": {Label: "x", Note: "y"}, "back": {Label: "x", Back: "/"}, "draft": {Label: "x", Draft: true}} {
		if s := render(t, StepFoot(p, f)); !strings.Contains(s, `href="tel:12345"`) {
			t.Errorf("%s: no way to call", name)
		}
	}
}

// TestNoHanInTemplates: words belong into the catalogues. The gallery's made-up
// data is the exception.
func TestNoHanInTemplates(t *testing.T) {
	files, err := filepath.Glob("*.templ")
	if err != nil || len(files) == 0 {
		t.Fatal("no templates", err)
	}
	comment := regexp.MustCompile(`(?m)//.*$`)
	for _, f := range files {
		raw, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for i, line := range strings.Split(comment.ReplaceAllString(string(raw), ""), "\n") {
			if strings.ContainsFunc(line, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
				t.Errorf("%s:%d: %s", f, i+1, strings.TrimSpace(line))
			}
		}
	}
}

func TestButton(t *testing.T) {
	s := render(t, Act(Button{Label: "签收", Key: "Ctrl Enter", Look: "p", Form: "f", Name: "_do", Value: "sign", Confirm: "确定吗"}))
	for _, want := range []string{`data-key="Ctrl Enter"`, `aria-keyshortcuts="Control+Enter"`, `form="f"`, `name="_do"`, `value="sign"`, `type="submit"`, `data-confirm="确定吗"`, `<kbd class="k">Ctrl Enter</kbd>`} {
		if !strings.Contains(s, want) {
			t.Errorf("no %s in %s", want, s)
		}
	}
	if s := render(t, Act(Button{Label: "打开", Href: "/x", Name: "n"})); !strings.HasPrefix(s, "<a ") || strings.Contains(s, "name=") {
		t.Errorf("a link: %s", s)
	}
}

func TestDueChip(t *testing.T) {
	p := page(words.ZH)
	if s := render(t, DueChip(p.Due(time.Time{}, now, false, nil))); s != "" {
		t.Errorf("a chip without a deadline: %s", s)
	}
	s := render(t, DueChip(p.Due(now.Add(72*time.Minute), now.Add(-20*time.Hour), false, nil)))
	for _, want := range []string{`class="dl soon"`, "剩 1 小时 12 分", "时限 2025年11月23日 18:36"} {
		if !strings.Contains(s, want) {
			t.Errorf("no %q in %s", want, s)
		}
	}
}

func TestIconUnknown(t *testing.T) {
	var b strings.Builder
	if err := Icon("nope").Render(t.Context(), &b); err == nil {
		t.Error("an unknown icon was drawn")
	}
}

// TestNamed: what shows only an icon or a colour has a name for screen readers.
func TestNamed(t *testing.T) {
	p := page(words.ZH)
	s := render(t, TrendMark(p, Trend{Up: true, Text: "3", Tone: "good"}))
	if !strings.Contains(s, "上升") {
		t.Errorf("the direction is only an arrow: %s", s)
	}
	for _, n := range parsed(t, Inbox(p, "工单", "f", "p", []Group{{Rows: []Row{{ID: "1", Href: "/", Title: "路灯"}}}})) {
		if n.Data == "input" && attr(n, "aria-label") != "选择：路灯" {
			t.Errorf("checkbox named %q", attr(n, "aria-label"))
		}
	}
	s = render(t, CheckAnswers(p, []Answer{{Label: "地点", Value: "x", Change: "/p"}}))
	if !strings.Contains(s, `aria-label="修改地点"`) {
		t.Errorf("link to change: %s", s)
	}
}

func TestSaidAnswers(t *testing.T) {
	a, err := every.Check(filled)
	if err != nil {
		t.Fatal(err)
	}
	names := func(id string) string { return map[string]string{"u1": "东湖街道", "u2": "文昌街道"}[id] }
	want := map[string]string{
		"line": "锦绣花园 3 号楼", "text": "两行\n文字", "verdict": "部分解决", "kind": "建议", "marks": "路灯、道路", "visited": "否", "secret": "是", "number": "7",
		"day": "2025年11月24日", "moment": "2025年11月24日 09:30", "unit": "文昌街道", "units": "东湖街道、文昌街道", "case": "JY20251122-7K3Q9", "limit": "5 个工作日", "phone": "13800138000",
	}
	for _, fd := range every.Fields {
		if got := Said(page(words.ZH), "gallery", fd, a, names); got != want[fd.Name] {
			t.Errorf("%s: %q, want %q", fd.Name, got, want[fd.Name])
		}
		if got := Said(page(words.ZH), "gallery", fd, form.Answers{}, names); got != "" {
			t.Errorf("%s: no answer is said as %q", fd.Name, got)
		}
	}
}

func TestTables(t *testing.T) {
	p := page(words.ZH)
	for name, nodes := range map[string][]*html.Node{
		"lines":   parsed(t, Lines(p, LineChart{Label: "结论", Steps: []string{"0", "1"}, Series: []Series{{Name: "今天", Values: []float64{1, 2}}}})),
		"columns": parsed(t, Columns(p, ColumnChart{Label: "结论", Steps: []string{"0", "1"}, Values: []float64{1, 2}, Name: "件数", Hot: -1})),
		"areas":   parsed(t, Areas(p, AreaMap{Label: "结论", W: 1, H: 1, Name: "件数", Areas: []Area{{Name: "东湖", Text: "1"}, {Name: "文昌", Text: "2"}}})),
	} {
		rows, label := 0, ""
		for _, n := range nodes {
			if n.Data == "tr" {
				rows++
			}
			if n.Data == "svg" && attr(n, "role") == "img" {
				label = attr(n, "aria-label")
			}
		}
		if rows != 3 || label != "结论" {
			t.Errorf("%s: %d rows, name %q", name, rows, label)
		}
	}
}
