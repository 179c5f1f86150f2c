package ui

import (
	"context"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"
	"golang.org/x/net/html"

	"weixiao/internal/form"
	"weixiao/internal/words"
)

var now = time.Date(2025, 11, 23, 17, 24, 8, 0, words.Zone())

func page(lang words.Lang) Page {
	return Page{Lang: lang, Title: "题", Path: "/x?a=1", Now: now, Phone: "12345", Brand: Brand{Name: "接诉即办", Owner: "云溪区人民政府", Short: "云溪", Home: "/"}}
}

func render(t *testing.T, c templ.Component) string {
	t.Helper()
	var b strings.Builder
	if err := c.Render(context.Background(), &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// parsed renders a component and gives all its elements.
func parsed(t *testing.T, c templ.Component) []*html.Node {
	t.Helper()
	root, err := html.Parse(strings.NewReader(render(t, c)))
	if err != nil {
		t.Fatal(err)
	}
	var out []*html.Node
	for n := range root.Descendants() {
		if n.Type == html.ElementNode {
			out = append(out, n)
		}
	}
	return out
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// every field type of package form, once plain and once with faults; the names
// are those of the gallery's messages.
var every = form.Form{Name: "gallery", Fields: []form.Field{
	{Name: "line", Type: form.Line, Required: true},
	{Name: "text", Type: form.Text},
	{Name: "verdict", Type: form.Choice, Required: true, Options: form.Options("solved", "partly", "unsolved")},
	{Name: "kind", Type: form.Choice, Options: form.Options("help", "complaint", "report", "advice", "question", "praise")},
	{Name: "marks", Type: form.Multi, Options: form.Options("help", "complaint")},
	{Name: "visited", Type: form.Bool, Required: true},
	{Name: "secret", Type: form.Bool},
	{Name: "number", Type: form.Int, Min: 1, Max: 30},
	{Name: "day", Type: form.Date},
	{Name: "moment", Type: form.Moment},
	{Name: "unit", Type: form.Unit},
	{Name: "units", Type: form.Units},
	{Name: "case", Type: form.Case},
	{Name: "limit", Type: form.Limit},
	{Name: "phone", Type: form.Phone},
}}

var offered = map[string][]Choice{"unit": {{Value: "u1", Label: "东湖街道"}, {Value: "u2", Label: "文昌街道"}}, "units": {{Value: "u1", Label: "东湖街道"}, {Value: "u2", Label: "文昌街道"}}}

var filled = form.Raw{
	"line": {"锦绣花园 3 号楼"}, "text": {"两行\n文字"}, "verdict": {"partly"}, "kind": {"advice"}, "marks": {"help", "complaint"}, "visited": {"false"}, "secret": {"true"},
	"number": {"7"}, "day": {"2025-11-24"}, "moment": {"2025-11-24T09:30"}, "unit": {"u2"}, "units": {"u1", "u2"}, "case": {"JY20251122-7K3Q9"}, "limit": {"5 workday"}, "phone": {"13800138000"},
}

// sent is what a browser would post from the rendered form, without touching it.
func sent(t *testing.T, nodes []*html.Node) url.Values {
	t.Helper()
	out := url.Values{}
	for _, n := range nodes {
		name := attr(n, "name")
		if name == "" {
			continue
		}
		has := func(a string) bool {
			for _, x := range n.Attr {
				if x.Key == a {
					return true
				}
			}
			return false
		}
		switch n.Data {
		case "input":
			kind := attr(n, "type")
			if (kind == "radio" || kind == "checkbox") && !has("checked") || kind == "file" {
				continue
			}
			out.Add(name, attr(n, "value"))
		case "textarea":
			if n.FirstChild != nil {
				out.Add(name, n.FirstChild.Data)
			} else {
				out.Add(name, "")
			}
		case "select":
			value := ""
			for o := range n.Descendants() {
				if o.Type == html.ElementNode && o.Data == "option" {
					for _, a := range o.Attr {
						if a.Key == "selected" {
							value = attr(o, "value")
						}
					}
				}
			}
			out.Add(name, value)
		}
	}
	return out
}

// TestRoundTrip: a form drawn with values and sent as it is gives the same
// answers, on the citizen's page and at the desk, in every look.
func TestRoundTrip(t *testing.T) {
	want, err := every.Check(filled)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range []FormView{
		{Form: every, Raw: filled, Choices: offered},
		{Form: every, Raw: filled, Choices: offered, Dense: true, Cols: 2, Alt: 1},
		{Form: every, Raw: filled, Choices: offered, Looks: map[string]string{"verdict": "list", "kind": "select", "text": "say", "secret": "yesno"}},
	} {
		for _, lang := range words.Langs() {
			post := sent(t, parsed(t, Form(page(lang), v)))
			post.Add("_key", "of the door")
			got, err := every.Check(Raw(every, post))
			if err != nil {
				t.Fatalf("%s: %v\n%v", lang, err, post)
			}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("%s: sent back as %v, want %v", lang, got, want)
			}
		}
	}
}

// TestEmptyForm: an untouched empty form has only the faults of what is required.
func TestEmptyForm(t *testing.T) {
	_, err := every.Check(Raw(every, sent(t, parsed(t, Form(page(words.ZH), FormView{Form: every, Choices: offered})))))
	faults, ok := err.(form.Faults)
	if !ok {
		t.Fatalf("no faults: %v", err)
	}
	for _, f := range faults {
		if f.Code != "required" {
			t.Errorf("an empty field is sent as something: %v", f)
		}
	}
	if len(faults) != 3 {
		t.Errorf("faults %v", faults)
	}
}

// TestFaultyForm: every field type shows its fault, between label and input, with
// the same words as the summary, tied to the input, and keeps what was typed.
func TestFaultyForm(t *testing.T) {
	raw := form.Raw{"number": {"<40>"}, "phone": {"1380013800"}, "day": {"明天"}}
	v := FormView{Form: every, Raw: raw, Choices: offered}
	for _, fd := range every.Fields {
		v.Faults = append(v.Faults, form.Fault{Field: fd.Name, Code: "required"})
	}
	p := page(words.ZH)
	nodes := parsed(t, Form(p, v))
	ids := map[string]*html.Node{}
	for _, n := range nodes {
		if id := attr(n, "id"); id != "" {
			if ids[id] != nil {
				t.Errorf("id %q twice", id)
			}
			ids[id] = n
		}
	}
	for _, line := range v.summary(p) {
		id := strings.TrimPrefix(line.Href, "#")
		input := ids[id]
		if input == nil {
			t.Errorf("summary leads to %q, which is not there", line.Href)
			continue
		}
		msg := ids[id+"-e"]
		if msg == nil {
			t.Errorf("%s: no fault at the field", id)
			continue
		}
		if got := text(msg); got != line.Text {
			t.Errorf("%s: %q at the field, %q in the summary", id, got, line.Text)
		}
		tied := strings.Contains(attr(input, "aria-describedby"), id+"-e")
		for up := input.Parent; up != nil && !tied; up = up.Parent {
			tied = up.Data == "fieldset" && strings.Contains(attr(up, "aria-describedby"), id+"-e")
		}
		if !tied {
			t.Errorf("%s: the fault is not tied to the input", id)
		}
	}
	if post := sent(t, nodes); post.Get("number") != "<40>" || post.Get("day") != "明天" {
		t.Errorf("what was typed is gone: %v", post)
	}
	// the summary keeps to one line a field
	v.Faults = append(v.Faults, form.Fault{Field: "line", Code: "long", N: 201, Of: 200}, form.Fault{Field: "other", Code: "unknown"})
	lines := v.summary(p)
	if len(lines) != len(every.Fields)+1 || lines[len(lines)-1].Href != "" {
		t.Errorf("summary %v", lines)
	}
}

func text(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return strings.TrimSpace(b.String())
}

// TestFaultText: every code of form.Fault has words that say what to do.
func TestFaultText(t *testing.T) {
	phone := form.Field{Name: "phone", Type: form.Phone}
	for _, c := range []struct {
		fd form.Field
		ft form.Fault
		zh string
		in string // in the English words
	}{
		{form.Field{Name: "line", Type: form.Line}, form.Fault{Field: "line", Code: "required"}, "请填写：发生地址", "fill in"},
		{form.Field{Name: "kind", Type: form.Choice}, form.Fault{Field: "kind", Code: "required"}, "请选择：诉求类型", "choose"},
		{form.Field{}, form.Fault{Field: "zzz", Code: "unknown"}, "zzz：不能这样填，请刷新页面再试", "reload"},
		{form.Field{Name: "kind"}, form.Fault{Field: "kind", Code: "choice"}, "诉求类型：请在列出的选项里选", "listed"},
		{form.Field{Name: "number"}, form.Fault{Field: "number", Code: "number"}, "申请天数：请填整数，例如 12", "whole number"},
		{form.Field{Name: "number"}, form.Fault{Field: "number", Code: "range", N: 1, Of: 30}, "申请天数：请填 1 到 30 之间的数", "1 to 30"},
		{form.Field{Name: "number"}, form.Fault{Field: "number", Code: "range", N: 1}, "申请天数：请填不小于 1 的数", "at least 1"},
		{form.Field{Name: "reason"}, form.Fault{Field: "reason", Code: "long", N: 303, Of: 300}, "原因：最多 300 字，现在多了 3 字", "3 too many"},
		{form.Field{Name: "reason"}, form.Fault{Field: "reason", Code: "control"}, "原因：有看不见的特殊字符，请删掉后重新输入", "invisible"},
		{form.Field{Name: "reason"}, form.Fault{Field: "reason", Code: "utf8"}, "原因：有无法识别的字符，请重新输入", "cannot read"},
		{form.Field{Name: "day"}, form.Fault{Field: "day", Code: "date"}, "预计完成日：请按 2025-11-23 这样填", "2025-11-23"},
		{phone, form.Fault{Field: "phone", Code: "phone", N: 10}, "请填 11 位手机号，现在少了 1 位", "1 digit is missing"},
		{phone, form.Fault{Field: "phone", Code: "phone", N: 13}, "请填 11 位手机号，现在多了 2 位", "2 digits too many"},
		{phone, form.Fault{Field: "phone", Code: "phone", N: 11}, "请填 11 位手机号，或带区号的座机", "landline"},
		{phone, form.Fault{Field: "phone", Code: "phone", N: 4}, "请填 11 位手机号，或带区号的座机", "landline"},
		{form.Field{Name: "units"}, form.Fault{Field: "units", Code: "many", N: 21, Of: 20}, "协办单位：最多选 20 项，现在选了 21 项", "at most 20"},
		{form.Field{Name: "limit"}, form.Fault{Field: "limit", Code: "limit"}, "办理时限：请填数字和单位，例如 5 个工作日", "unit"},
		{form.Field{Name: "line"}, form.Fault{Field: "line", Code: "repeated"}, "发生地址：只能填一项", "one answer"},
	} {
		if got := FaultText(words.ZH, "gallery", c.fd, c.ft); got != c.zh {
			t.Errorf("%s: %q, want %q", c.ft.Code, got, c.zh)
		}
		if got := FaultText(words.EN, "gallery", c.fd, c.ft); !strings.Contains(got, c.in) {
			t.Errorf("%s: %q lacks %q", c.ft.Code, got, c.in)
		}
	}
}

func TestSaysReplaceFaults(t *testing.T) {
	v := FormView{Form: every, Says: map[string]string{"unit": "这个单位已撤销，请另选"}}
	if lines := v.summary(page(words.ZH)); len(lines) != 1 || lines[0].Text != "这个单位已撤销，请另选" || lines[0].Href != "#gallery-unit" {
		t.Errorf("summary %v", lines)
	}
	if s := render(t, Fields(page(words.ZH), v)); !strings.Contains(s, `id="gallery-unit-e"`) {
		t.Error("the fault is not at its field")
	}
}

func TestLimitIsJoined(t *testing.T) {
	f := form.Form{Name: "gallery", Fields: []form.Field{{Name: "limit", Type: form.Limit}}}
	for _, c := range []struct {
		post url.Values
		want []string
	}{
		{url.Values{"limit.n": {"5"}, "limit.unit": {"hour"}}, []string{"5 hour"}},
		{url.Values{"limit.n": {" 5 "}, "limit.unit": {"hour"}}, []string{"5 hour"}},
		{url.Values{"limit.n": {""}, "limit.unit": {"hour"}}, nil},
		{url.Values{"limit": {"5 day"}}, []string{"5 day"}},
		{url.Values{}, nil},
	} {
		raw := Raw(f, c.post)
		if !reflect.DeepEqual([]string(raw["limit"]), c.want) || len(raw) > 1 {
			t.Errorf("%v: %v", c.post, raw)
		}
	}
}

// TestNothingBreaksOut: no value, label or option can become markup.
func TestNothingBreaksOut(t *testing.T) {
	evil := `"><script>alert(1)</script><img src=x onerror=alert(1)>`
	raw := form.Raw{}
	for _, fd := range every.Fields {
		raw[fd.Name] = []string{evil}
	}
	p := page(words.ZH)
	p.Title, p.Said, p.Path = evil, evil, "/"+evil
	p.Brand = Brand{Name: evil, Owner: evil, Short: evil, Home: "javascript:alert(1)"}
	p.User = User{Name: evil, Post: evil, Home: "javascript:alert(1)"}
	p.Nav = []Nav{{Label: evil, Href: "/a", Count: 1}}
	p.Search = "/s"
	choices := map[string][]Choice{"unit": {{Value: evil, Label: evil, Group: evil, Find: evil, Note: evil}}, "units": {{Value: evil, Label: evil, Note: evil}}, "case": {{Value: evil, Label: evil}}}
	v := FormView{Form: every, Raw: raw, Choices: choices, Says: map[string]string{"line": evil}, Hidden: []Hidden{{evil, evil}}, Draft: evil, Submit: evil}
	inner := Form(p, v)
	for name, c := range map[string]templ.Component{
		"form":     inner,
		"summary":  FaultSummary(p, v),
		"citizen":  Citizen(p, StepFoot(p, Foot{Label: evil, Form: evil, Back: "/" + evil, Note: evil})),
		"desk":     Desk(p),
		"wall":     Wall(p, WallHead{Title: evil, Weather: evil, Live: evil, Duty: evil}, Figures(p, "kpi", evil, []Figure{{Label: evil, Value: evil, Unit: evil, Note: evil, Href: "/" + evil}})),
		"photos":   Photos(p, PhotosView{ID: "x", Name: "photo", Title: evil, Note: evil, Fault: evil, Stored: []Photo{{Src: evil, Alt: evil, Remove: evil}}, RemoveName: evil}),
		"place":    Place(p, PlaceView{ID: "x", Name: "address", Label: evil, Hint: evil, Address: evil, Lon: evil, Lat: evil, Area: evil, Exact: evil, Fault: evil, Base: evil, Suggest: evil}),
		"map":      Map(p, MapView{ID: "x", Label: evil, Base: evil, Points: []MapPoint{{Label: evil, Note: evil, Tone: evil, Href: "/" + evil}}}),
		"timeline": Timeline(p, []Event{{Title: evil, At: now, Note: evil, Extra: evil}}),
		"log":      Log(p, []Event{{Title: evil, At: now, Note: evil, Link: "/" + evil, Words: evil}}, false),
		"inbox":    Inbox(p, evil, evil, evil, []Group{{Label: evil, Count: evil, Rows: []Row{{ID: evil, Href: "/" + evil, Title: evil, Note: evil, State: evil, Who: evil, Preview: "/" + evil}}}}),
		"areas":    Areas(p, AreaMap{Label: evil, W: 10, H: 10, Name: evil, Areas: []Area{{Name: evil, Path: evil, Text: evil, Href: "/" + evil}}}),
		"lines":    Lines(p, LineChart{Label: evil, Steps: []string{evil}, Series: []Series{{Name: evil, Values: []float64{1}}}, Flag: evil}),
	} {
		for _, n := range parsed(t, c) {
			if n.Data == "script" && attr(n, "src") == "" {
				t.Errorf("%s: a script came out of a value", name)
			}
			for _, a := range n.Attr {
				if strings.HasPrefix(a.Key, "on") {
					t.Errorf("%s: <%s %s> came out of a value", name, n.Data, a.Key)
				}
				if (a.Key == "href" || a.Key == "action") && strings.HasPrefix(a.Val, "javascript:") {
					t.Errorf("%s: %s=%q", name, a.Key, a.Val)
				}
			}
		}
	}
}
