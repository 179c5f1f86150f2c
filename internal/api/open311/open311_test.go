package open311_test

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"weixiao/internal/access"
	"weixiao/internal/api/apitest"
	"weixiao/internal/api/open311"
	"weixiao/internal/cases"
	"weixiao/internal/form"
	"weixiao/internal/store/storetest"
	"weixiao/internal/web"
)

func TestMain(m *testing.M) { storetest.Main(m) }

// questions give one service of the pack a definition with every datatype.
func questions(matter string) []open311.Question {
	if matter != "004" {
		return nil
	}
	kinds := []open311.Value{{Key: "pit", Name: "坑"}, {Key: "crack", Name: "裂缝"}, {Key: "step", Name: "高低差"}}
	return []open311.Question{
		{Code: "note", Datatype: open311.String, Words: "请注意来往车辆", Notice: true},
		{Code: "kind", Datatype: open311.Single, Required: true, Words: "是哪种破损", Values: kinds},
		{Code: "also", Datatype: open311.Multi, Words: "还有哪些", Values: kinds},
		{Code: "width", Datatype: open311.Number, Words: "大约多宽（厘米）"},
		{Code: "since", Datatype: open311.Datetime, Words: "什么时候发现的"},
		{Code: "road", Datatype: open311.Text, Words: "哪条路"},
	}
}

type env struct {
	*apitest.Env
	t testing.TB
}

func each(t *testing.T, fn func(t *testing.T, e env)) {
	register := func(rt *access.Router, s *web.Site) { open311.Register(rt, s, open311.Options{Questions: questions}) }
	apitest.Each(t, register, func(t *testing.T, e *apitest.Env) { fn(t, env{e, t}) })
}

func (e env) get(path string) *httptest.ResponseRecorder {
	return e.Do(httptest.NewRequest(http.MethodGet, "/open311/"+path, nil))
}

// good is a report that is taken.
func good(kv ...string) url.Values {
	v := url.Values{"api_key": {apitest.Key}, "service_code": {"001"}, "lat": {"42.05"}, "long": {"126.59"}, "description": {"路灯不亮"}}
	for i := 0; i < len(kv); i += 2 {
		if kv[i+1] == "" {
			v.Del(kv[i])
		} else {
			v.Set(kv[i], kv[i+1])
		}
	}
	return v
}

func (e env) post(path string, v url.Values, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, "/open311/v2/"+path, strings.NewReader(v.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	return e.Do(r)
}

// report sends a report and returns its number.
func (e env) report(kv ...string) string {
	e.t.Helper()
	w := e.post("requests.json", good(kv...))
	list := records(e.t, w)
	if w.Code != http.StatusCreated || len(list) != 1 {
		e.t.Fatalf("report: %d %s", w.Code, w.Body)
	}
	return list[0]["service_request_id"].(string)
}

func (e env) act(sc access.Scope, number, action string, kv ...string) {
	e.t.Helper()
	raw := form.Raw{}
	for i := 0; i < len(kv); i += 2 {
		raw[kv[i]] = append(raw[kv[i]], kv[i+1])
	}
	if _, err := e.Cases.Act(context.Background(), sc, number, action, cases.Input{Raw: raw}); err != nil {
		e.t.Fatalf("%s: %v", action, err)
	}
}

// records reads a JSON answer, which must be an array.
func records(t testing.TB, w *httptest.ResponseRecorder) []map[string]any {
	t.Helper()
	var out []map[string]any
	if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil {
		t.Fatalf("not a list: %v: %s", err, w.Body)
	}
	return out
}

// numbers lists the ids of a listing.
func (e env) numbers(query string) []string {
	e.t.Helper()
	w := e.get("v2/requests.json" + query)
	if w.Code != http.StatusOK {
		e.t.Fatalf("GET requests%s: %d %s", query, w.Code, w.Body)
	}
	out := []string{}
	for _, r := range records(e.t, w) {
		out = append(out, r["service_request_id"].(string))
	}
	return out
}

// faulty checks that an answer is a list of these codes in the right format.
func faulty(t testing.TB, w *httptest.ResponseRecorder, status int, codes ...int) {
	t.Helper()
	if len(codes) == 0 {
		codes = []int{status}
	}
	var got []int
	if strings.HasPrefix(w.Header().Get("Content-Type"), "application/json") {
		for _, r := range records(t, w) {
			got = append(got, int(r["code"].(float64)))
			if r["description"] == "" {
				t.Errorf("a fault without words: %s", w.Body)
			}
		}
	} else {
		var doc struct {
			XMLName xml.Name `xml:"errors"`
			Errors  []struct {
				Code        int    `xml:"code"`
				Description string `xml:"description"`
			} `xml:"error"`
		}
		if err := xml.Unmarshal(w.Body.Bytes(), &doc); err != nil {
			t.Fatalf("not a list of errors: %v: %s", err, w.Body)
		}
		for _, x := range doc.Errors {
			got = append(got, x.Code)
		}
	}
	if w.Code != status || len(got) != len(codes) {
		t.Fatalf("status %d, faults %v, want %d %v: %s", w.Code, got, status, codes, w.Body)
	}
	for i := range got {
		if got[i] != codes[i] {
			t.Fatalf("faults %v, want %v: %s", got, codes, w.Body)
		}
	}
}

// tree is an XML document without knowing its shape.
type tree struct {
	Name     string
	Space    string
	Text     string
	Children []tree
}

func parseXML(t testing.TB, r io.Reader) tree {
	t.Helper()
	dec := xml.NewDecoder(r)
	stack := []tree{{}}
	for {
		tok, err := dec.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatalf("XML: %v", err)
		}
		switch x := tok.(type) {
		case xml.StartElement:
			if len(x.Attr) > 0 {
				t.Errorf("<%s> has attributes %v", x.Name.Local, x.Attr)
			}
			stack = append(stack, tree{Name: x.Name.Local, Space: x.Name.Space})
		case xml.EndElement:
			top := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			up := &stack[len(stack)-1]
			up.Children = append(up.Children, top)
		case xml.CharData:
			stack[len(stack)-1].Text += string(x)
		}
	}
	if len(stack[0].Children) != 1 {
		t.Fatalf("the document has %d roots", len(stack[0].Children))
	}
	return stack[0].Children[0]
}

func (x tree) child(name string) tree {
	for _, c := range x.Children {
		if c.Name == name {
			return c
		}
	}
	return tree{}
}
