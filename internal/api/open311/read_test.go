package open311_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"weixiao/internal/cases"
	"weixiao/internal/cases/casestest"
)

// TestReading is BEHAVIOUR 1-12, by number.
func TestReading(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		e.t = t
		t.Run("1 discovery", e.discovery)
		t.Run("2 services", e.services)
		t.Run("3 JSON lists", e.lists)
		t.Run("4 XML names", e.names)
		t.Run("5 definitions", e.definitions)
		t.Run("6 unknown things", e.unknown)
		t.Run("7 jurisdiction", e.jurisdiction)
		t.Run("8 status", e.status)
		t.Run("9 ids override", e.ids)
		t.Run("10 unknown service in a filter", func(t *testing.T) {
			if got := e.numbers("?service_code=no-such"); len(got) != 0 {
				t.Errorf("got %v", got)
			}
		})
		t.Run("11 dates", e.dates)
		t.Run("12 private and hidden", e.private)
	})
}

func (e env) discovery(t *testing.T) {
	doc := parseXML(t, e.get("discovery.xml").Body)
	var js map[string]any
	if err := json.Unmarshal(e.get("discovery.json").Body.Bytes(), &js); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"changeset", "contact", "key_service"} {
		if v := doc.child(name).Text; v == "" || v != js[name] {
			t.Errorf("%s: %q in XML, %q in JSON", name, v, js[name])
		}
	}
	at, err := time.Parse(time.RFC3339, doc.child("changeset").Text)
	if err != nil || at.After(time.Now()) {
		t.Errorf("changeset %q: %v", doc.child("changeset").Text, err)
	}
	ends := doc.child("endpoints").Children
	if doc.Name != "discovery" || len(ends) == 0 || len(ends) != len(js["endpoints"].([]any)) {
		t.Fatalf("document %+v", doc)
	}
	for _, end := range ends {
		if end.Name != "endpoint" || end.child("formats").Children[0].Text != "text/xml" {
			t.Errorf("endpoint %+v", end)
		}
		if u, err := url.Parse(end.child("url").Text); err != nil || u.Host == "" || u.Path != "/open311/v2" {
			t.Errorf("url %q", end.child("url").Text)
		}
		for _, name := range []string{"specification", "changeset", "type"} {
			if end.child(name).Text == "" {
				t.Errorf("no %s", name)
			}
		}
	}
}

func (e env) services(t *testing.T) {
	list := records(t, e.get("v2/services.json"))
	if len(list) == 0 {
		t.Fatal("no service")
	}
	for _, s := range list {
		if s["service_code"] == "" || s["service_name"] == "" || s["type"] != "realtime" || s["metadata"] != (s["service_code"] == "004") {
			t.Errorf("service %v", s)
		}
	}
	en := e.Do(httptest.NewRequest(http.MethodGet, "/open311/v2/services.json?lang=en", nil))
	if first := records(t, en)[0]; first["service_name"] == list[0]["service_name"] {
		t.Errorf("in English: %v", first)
	}
}

func (e env) lists(t *testing.T) {
	number := e.report()
	for _, path := range []string{"v2/services.json", "v2/requests.json", "v2/requests/" + number + ".json", "v2/tokens/" + number + ".json", "v2/requests.json?service_code=none"} {
		w := e.get(path)
		if b := strings.TrimSpace(w.Body.String()); w.Code != 200 || b[0] != '[' || b[len(b)-1] != ']' {
			t.Errorf("%s: %d %.60s", path, w.Code, b)
		}
	}
}

func (e env) names(t *testing.T) {
	number := e.report("address_string", "江源大街 1 号")
	for _, c := range []struct{ path, root, child string }{
		{"v2/services.xml", "services", "service"}, {"v2/services", "services", "service"},
		{"v2/requests.xml", "service_requests", "request"}, {"v2/requests", "service_requests", "request"},
		{"v2/requests/" + number + ".xml", "service_requests", "request"}, {"v2/requests/" + number, "service_requests", "request"},
		{"v2/tokens/" + number + ".xml", "service_requests", "request"},
		{"v2/services/004.xml", "service_definition", "service_code"},
		{"v2/requests/none.xml", "errors", "error"}, {"nothing", "errors", "error"},
	} {
		r := httptest.NewRequest(http.MethodGet, "/open311/"+c.path, nil)
		r.Header.Set("Accept", "application/json") // the extension decides
		w := e.Do(r)
		if !strings.HasPrefix(w.Body.String(), `<?xml version="1.0" encoding="UTF-8"?>`) || w.Header().Get("Content-Type") != "text/xml; charset=utf-8" {
			t.Errorf("%s: %s %.60s", c.path, w.Header().Get("Content-Type"), w.Body)
		}
		doc := parseXML(t, w.Body)
		if doc.Name != c.root || doc.Space != "" || len(doc.Children) == 0 || doc.Children[0].Name != c.child {
			t.Errorf("%s: <%s> with <%v>", c.path, doc.Name, doc.Children)
		}
	}
	// Both formats hold the same fields with the same content.
	doc := parseXML(t, e.get("v2/requests/"+number+".xml").Body).Children[0]
	js := records(t, e.get("v2/requests/"+number+".json"))[0]
	if len(js) != len(doc.Children) {
		t.Errorf("%d fields in JSON, %d in XML", len(js), len(doc.Children))
	}
	for _, c := range doc.Children {
		v, ok := js[c.Name]
		if v == nil {
			v = ""
		}
		if !ok || fmt.Sprint(v) != c.Text {
			t.Errorf("%s: %q in XML, %v in JSON", c.Name, c.Text, js[c.Name])
		}
	}
}

func (e env) definitions(t *testing.T) {
	for _, s := range records(t, e.get("v2/services.json")) {
		code := s["service_code"].(string)
		w := e.get("v2/services/" + code + ".json")
		if s["metadata"] == false {
			faulty(t, w, http.StatusNotFound)
			continue
		}
		var doc struct {
			Code       string `json:"service_code"`
			Attributes []struct {
				Variable bool
				Code     string
				Datatype string
				Order    int
				Values   []struct{ Key, Name string }
			}
		}
		if err := json.Unmarshal(w.Body.Bytes(), &doc); err != nil || doc.Code != code || len(doc.Attributes) == 0 {
			t.Fatalf("definition of %s: %v %s", code, err, w.Body)
		}
		seen := map[int]bool{}
		for _, a := range doc.Attributes {
			if seen[a.Order] {
				t.Errorf("order %d twice", a.Order)
			}
			seen[a.Order] = true
			if list := strings.HasSuffix(a.Datatype, "valuelist"); list != (len(a.Values) > 0) {
				t.Errorf("%s: %d values", a.Datatype, len(a.Values))
			}
			if len(a.Values) > 0 && (a.Values[0].Key != "pit" || a.Values[2].Key != "step") {
				t.Errorf("the order of values was lost: %v", a.Values)
			}
		}
		values := parseXML(t, e.get("v2/services/"+code+".xml").Body).child("attributes").Children[1].child("values").Children
		if len(values) != 3 || values[1].Name != "value" || values[1].child("key").Text != "crack" {
			t.Errorf("values in XML: %+v", values)
		}
	}
}

func (e env) unknown(t *testing.T) {
	for _, path := range []string{"v2/services/999", "v2/requests/JY20221123-00000", "v2/requests/%E4%B8%8D", "v2/tokens/1", "v2/nothing", "v3/requests"} {
		for _, ext := range []string{"", ".xml", ".json"} {
			w := e.get(path + ext)
			faulty(t, w, http.StatusNotFound)
			if json := strings.HasPrefix(w.Header().Get("Content-Type"), "application/json"); json != (ext == ".json") {
				t.Errorf("%s%s answers %s", path, ext, w.Header().Get("Content-Type"))
			}
		}
	}
	w := e.Do(httptest.NewRequest(http.MethodDelete, "/open311/v2/requests.json", nil))
	faulty(t, w, http.StatusMethodNotAllowed)
	if w.Header().Get("Allow") != "GET, HEAD, POST" {
		t.Errorf("Allow %q", w.Header().Get("Allow"))
	}
}

func (e env) jurisdiction(t *testing.T) {
	for _, path := range []string{"v2/services.json", "v2/requests.json"} {
		if w := e.get(path); w.Code != 200 {
			t.Errorf("%s without: %d", path, w.Code)
		}
		if w := e.get(path + "?jurisdiction_id=220605"); w.Code != 200 {
			t.Errorf("%s with ours: %d", path, w.Code)
		}
		faulty(t, e.get(path+"?jurisdiction_id=sfgov.org"), http.StatusNotFound)
	}
}

func (e env) status(t *testing.T) {
	open, done := e.report(), e.report()
	e.act(e.Scope("", "operator"), done, "answer", "reply", "已告知")
	both := []string{done, open}
	for query, want := range map[string][]string{
		"?status=open,closed": both, "?status=open,%20closed": both, "?status=open&status=closed": both, "?status=": both,
		"?status=open": {open}, "?status=closed": {done},
	} {
		got := slices.DeleteFunc(e.numbers(query), func(n string) bool { return !slices.Contains(both, n) })
		if !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", query, got, want)
		}
	}
	faulty(t, e.get("v2/requests.json?status=open,wrong"), http.StatusBadRequest)
	for number, want := range map[string]string{open: "open", done: "closed"} {
		if r := records(t, e.get("v2/requests/"+number+".json"))[0]; r["status"] != want || r["status_notes"] == nil {
			t.Errorf("%s: %v", want, r)
		}
	}
}

func (e env) ids(t *testing.T) {
	a, b := e.report(), e.report()
	query := "?service_request_id=" + a + ",%20" + strings.ToLower(b) + ",none," + a + "&service_code=005&status=closed&end_date=2001-01-01T00:00:00Z"
	if got := e.numbers(query); !slices.Equal(got, []string{a, b}) {
		t.Errorf("got %v, want %v", got, []string{a, b})
	}
}

func (e env) dates(t *testing.T) {
	faulty(t, e.get("v2/requests.json?start_date=2022-11-23T00:00:00"), http.StatusBadRequest)
	faulty(t, e.get("v2/requests.json?start_date=2022-11-24T00:00:00Z&end_date=2022-11-23T00:00:00Z"), http.StatusBadRequest)
	faulty(t, e.get("v2/requests.json?start_date=x&end_date=y&status=z&page=0"), http.StatusBadRequest, 400, 400, 400)
	old := e.report()
	e.Pass(89 * 24 * time.Hour)
	newer := e.report()
	at := e.Clock().UTC().Format(time.RFC3339)
	mine := func(query string) []string {
		return slices.DeleteFunc(e.numbers(query), func(n string) bool { return n != old && n != newer })
	}
	for query, want := range map[string][]string{
		"": {newer, old},
		"?start_date=2022-11-23T00:00:00%2B08:00":                                      {newer, old},
		"?start_date=2022-11-23T00:00:00+08:00":                                        {newer, old}, // a plus that was not escaped
		"?end_date=2022-12-31T00:00:00Z":                                               {old},
		"?end_date=" + at + "&start_date=" + at:                                        {newer},
		"?end_date=2022-11-22T00:00:00Z":                                               {},
		"?start_date=2001-01-01T00:00:00Z&end_date=2022-12-31T00:00:00Z":               {old}, // clipped at its beginning
		"?start_date=2001-01-01T00:00:00Z&end_date=" + at:                              {newer, old},
		"?start_date=2022-11-23T00:00:00Z&end_date=2100-01-01T00:00:00Z&service_code=": {},
	} {
		if got := mine(query); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", query, got, want)
		}
	}
	e.Pass(2 * 24 * time.Hour)
	if got := mine("?start_date=2001-01-01T00:00:00Z"); !slices.Equal(got, []string{newer}) {
		t.Errorf("more than 90 days: %v", got)
	}
}

func (e env) private(t *testing.T) {
	private := ""
	for _, m := range e.Pack.Catalogue.Matters("request") {
		if !m.Public {
			private = m.Key
		}
	}
	hidden := e.report("service_code", private)
	screened, taken := e.report(), e.report()
	e.act(e.Scope("", "operator"), screened, "screen_out", "ground", "unlawful", "reply", "不予受理")
	e.act(e.Scope("", "operator"), taken, "classify", "public", "no")
	all := e.numbers("")
	for _, number := range []string{hidden, screened, taken} {
		if slices.Contains(all, number) || len(e.numbers("?service_request_id="+number)) != 0 {
			t.Errorf("%s is listed", number)
		}
		for _, path := range []string{"v2/requests/" + number + ".json", "v2/tokens/" + number + ".json", "v2/servicerequestupdates.json?service_request_id=" + number} {
			faulty(t, e.get(path), http.StatusNotFound)
		}
	}
}

// TestPages reads a long listing page by page while new requests come in: nothing
// is lost, and nothing that was there before comes twice.
func TestPages(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		e.t = t
		var want []string
		for range 25 {
			want = append(want, e.report())
		}
		slices.Reverse(want)
		var got []string
		for page := 1; ; page++ {
			list := e.numbers(fmt.Sprintf("?page_size=4&page=%d", page))
			if len(list) == 0 {
				break
			}
			got = append(got, list...)
			e.report("service_code", "005")
		}
		if !slices.Equal(got, want) {
			t.Errorf("got %v\nwant %v", got, want)
		}
		// A page that was never reached by reading on is found by skipping.
		e.Pass(time.Hour)
		all := e.numbers("")
		if page := e.numbers("?page_size=6&page=3"); !slices.Equal(page, all[12:18]) {
			t.Errorf("page 3: %v, want %v", page, all[12:18])
		}
		if page := e.numbers("?page_size=6&page=2&service_code=005,001"); !slices.Equal(page, all[6:12]) {
			t.Errorf("page 2 of two services: %v, want %v", page, all[6:12])
		}
		if n := len(e.numbers("?page=1")); n != len(all) || n > 50 {
			t.Errorf("%d on one page", n)
		}
		if got := e.numbers("?page_size=3"); !slices.Equal(got, all[:3]) {
			t.Errorf("page_size alone: %v", got)
		}
		faulty(t, e.get("v2/requests.json?page=99999999"), http.StatusBadRequest)
		e.act(e.Scope("", "operator"), all[3], "answer", "reply", "已告知")
		if got := e.numbers("?status=closed&page=1&page_size=1"); !slices.Equal(got, all[3:4]) {
			t.Errorf("closed: %v", got)
		}
	})
}

// TestPublicFields follows a request on its way: what anybody reads of it, and
// that nothing about a person is among it.
func TestPublicFields(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		e.t = t
		number := e.report("email", "canary@example.invalid", "phone", "19912345678", "first_name", "Canaryx", "last_name", "Zz", "account_id", "acc-9", "device_id", "dev-9",
			"address_string", "江源大街 1 号，联系 19912345678", "media_url", "https://example.invalid/1.jpg")
		at := func() map[string]any { return records(t, e.get("v2/requests/"+number+".json"))[0] }
		first := at()
		centre, _ := e.Pack.Directory.Unit(e.Cases.District().Centre)
		if first["expected_datetime"] != nil || first["agency_responsible"] != centre.Name || first["lat"] != 42.05 || first["long"] != 126.59 {
			t.Errorf("at first %v", first)
		}
		e.act(e.Scope("", "dispatcher"), number, "dispatch", "unit", casestest.Street)
		sent := at()
		unit, _ := e.Pack.Directory.Unit(casestest.Street)
		if sent["agency_responsible"] != unit.Name || sent["status"] != "open" || sent["status_notes"] == first["status_notes"] {
			t.Errorf("after dispatch %v", sent)
		}
		k, err := e.Cases.Get(t.Context(), e.Scope("", "dispatcher"), number)
		if err != nil {
			t.Fatal(err)
		}
		due := time.UnixMicro(k.Clocks[cases.ClockReply].Due)
		if got, err := time.Parse(time.RFC3339, sent["expected_datetime"].(string)); err != nil || !got.Equal(due.Truncate(time.Second)) {
			t.Errorf("expected %v, want %v", sent["expected_datetime"], due)
		}
		for _, name := range []string{"requested_datetime", "updated_datetime"} {
			if _, err := time.Parse(time.RFC3339, sent[name].(string)); err != nil || !strings.HasSuffix(sent[name].(string), "+08:00") {
				t.Errorf("%s %v", name, sent[name])
			}
		}
		for _, path := range []string{"v2/requests.json", "v2/requests.xml", "v2/requests/" + number + ".json", "v2/requests/" + number + ".xml",
			"v2/servicerequestupdates.json?service_request_id=" + number, "v2/requests.json?service_request_id=" + number + "&extensions=true"} {
			for _, canary := range []string{"canary", "19912345678", "Canaryx", "Zz", "acc-9", "dev-9", "example.invalid"} {
				if body := e.get(path).Body.String(); strings.Contains(body, canary) {
					t.Errorf("%s shows %s: %s", path, canary, body)
				}
			}
		}
	})
}

// TestDoor checks what stands around the documents: HEAD, CORS, no cookies.
func TestDoor(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		e.t = t
		number := e.report()
		for _, path := range []string{"discovery.xml", "v2/services.json", "v2/requests.xml", "v2/requests/" + number + ".json", "v2/requests/none.json"} {
			got, head := e.get(path), e.Do(httptest.NewRequest(http.MethodHead, "/open311/"+path, nil))
			if got.Code != head.Code || !reflect.DeepEqual(got.Header(), head.Header()) {
				t.Errorf("%s: GET %d %v, HEAD %d %v", path, got.Code, got.Header(), head.Code, head.Header())
			}
			if got.Header().Get("Access-Control-Allow-Origin") != "*" || got.Header().Get("Access-Control-Allow-Credentials") != "" || got.Header().Get("Set-Cookie") != "" {
				t.Errorf("%s: %v", path, got.Header())
			}
		}
		if w := e.post("requests.json", good()); w.Header().Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("POST is open to other sites")
		}
	})
}
