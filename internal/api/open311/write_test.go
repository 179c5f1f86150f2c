package open311_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"weixiao/internal/api/apitest"
	"weixiao/internal/cases"
	"weixiao/internal/store"
	"weixiao/internal/vault"
)

// TestWriting is BEHAVIOUR 13-23 and 58, by number.
func TestWriting(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		e.t = t
		t.Run("13 keys", e.keys)
		t.Run("14 services", e.serviceCodes)
		t.Run("15 places", e.places)
		t.Run("16 required attributes", e.requiredAttributes)
		t.Run("17 datatypes", e.datatypes)
		t.Run("18 several values", e.severalValues)
		t.Run("19 several faults", e.severalFaults)
		t.Run("20 length and content of the words", e.words)
		t.Run("21 id or token", e.idOrToken)
		t.Run("22 replay", e.replay)
		t.Run("23 updates", e.updatesOf)
		t.Run("58 what a caller cannot set", e.cannotSet)
	})
}

func (e env) keys(t *testing.T) {
	before := len(e.numbers(""))
	for _, key := range []string{"", "wrong", "dev", strings.Repeat("x", 500)} {
		faulty(t, e.post("requests.json", good("api_key", key)), http.StatusForbidden)
		faulty(t, e.post("requests.xml", good("api_key", key, "service_code", "")), http.StatusForbidden) // and nothing else
	}
	if n := len(e.numbers("")); n != before {
		t.Errorf("%d requests without a key", n-before)
	}
	for _, header := range []string{"X-Api-Key", "api_key"} {
		if w := e.post("requests.json", good("api_key", ""), header, apitest.Key); w.Code != http.StatusCreated {
			t.Errorf("key in %s: %d", header, w.Code)
		}
	}
	if w := e.post("requests.json?api_key="+url.QueryEscape(apitest.Key), good("api_key", "")); w.Code != http.StatusCreated {
		t.Errorf("key in the query: %d", w.Code)
	}
	tries := 0
	for ; tries < 200; tries++ {
		if w := e.post("requests.json", good("api_key", "guess")); w.Code == http.StatusTooManyRequests {
			if w.Header().Get("Retry-After") == "" {
				t.Error("429 without Retry-After")
			}
			break
		}
	}
	if tries == 200 {
		t.Error("keys can be guessed without end")
	}
	if w := e.post("requests.json", good()); w.Code != http.StatusCreated {
		t.Errorf("a right key after others guessed: %d", w.Code)
	}
}

func (e env) serviceCodes(t *testing.T) {
	for _, ext := range []string{"", ".xml", ".json"} {
		faulty(t, e.post("requests"+ext, good("service_code", "")), http.StatusBadRequest)
		faulty(t, e.post("requests"+ext, good("service_code", "no-such")), http.StatusNotFound)
		faulty(t, e.post("requests"+ext, good("service_code", "47678.5-c01001")), http.StatusNotFound) // of the standard, not a service
	}
}

func (e env) places(t *testing.T) {
	for _, c := range []struct {
		lat, long, address, id string
		status                 int
	}{
		{"42.05", "126.59", "", "", 201}, {"0", "0", "", "", 201}, {"-90", "180", "", "", 201},
		{"", "", "江源大街 1 号", "", 201}, {"", "", "", "220605001", 201}, {"39.9", "116.4", "", "", 201}, // Beijing: the duty desk decides
		{"", "", "", "", 400}, {" ", " ", " ", "", 400}, {"42.05", "", "", "", 400}, {"", "126.59", "江源大街", "", 400},
		{"91", "126.59", "", "", 400}, {"42", "-180.01", "", "", 400}, {"NaN", "0", "", "", 400}, {"Inf", "0", "", "", 400}, {"north", "0", "", "", 400},
		{"", "", "", "999999999", 400}, {"", "", strings.Repeat("远", 201), "", 400},
	} {
		w := e.post("requests.json", good("lat", c.lat, "long", c.long, "address_string", c.address, "address_id", c.id))
		if c.status != 201 {
			faulty(t, w, c.status)
			continue
		}
		if w.Code != 201 {
			t.Errorf("%+v: %d %s", c, w.Code, w.Body)
			continue
		}
		k := records(t, e.get("v2/requests/"+records(t, w)[0]["service_request_id"].(string)+".json"))[0]
		if c.lat == "" && (k["lat"] != nil || k["long"] != nil) {
			t.Errorf("a place without coordinates has %v %v", k["lat"], k["long"])
		}
		if c.lat != "" && fmt.Sprint(k["lat"]) != c.lat || c.address != "" && k["address"] != c.address || c.id != "" && k["address_id"] != c.id {
			t.Errorf("%+v became %v", c, k)
		}
	}
}

// asked is a report for the service that asks questions.
func asked(kv ...string) url.Values {
	v := good("service_code", "004")
	v.Set("attribute[kind]", "pit")
	for i := 0; i < len(kv); i += 2 {
		v[kv[i]] = append(v[kv[i]], kv[i+1])
	}
	return v
}

func (e env) requiredAttributes(t *testing.T) {
	for _, v := range []url.Values{good("service_code", "004"), good("service_code", "004", "attribute[kind]", " ")} {
		w := e.post("requests.json", v)
		faulty(t, w, http.StatusBadRequest)
		if !strings.Contains(w.Body.String(), "attribute[kind]") {
			t.Errorf("it is not named: %s", w.Body)
		}
	}
	if w := e.post("requests.json", asked()); w.Code != http.StatusCreated {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func (e env) datatypes(t *testing.T) {
	for code, values := range map[string][2][]string{
		"width": {{"30", "0.5", "-1e3"}, {"broad", "NaN", "30cm"}},
		"since": {{"2022-11-20", "2022-11-20T08:00:00+08:00", "2022-11-20T08:00"}, {"yesterday", "2022-13-01", "20:00"}},
		"also":  {{"crack"}, {"hole"}},
		"road":  {{"江源大街"}, {strings.Repeat("长", 1001), "a\x00b"}},
	} {
		for _, v := range values[0] {
			if w := e.post("requests.json", asked("attribute["+code+"]", v)); w.Code != http.StatusCreated {
				t.Errorf("%s=%s: %d %s", code, v, w.Code, w.Body)
			}
		}
		for _, v := range values[1] {
			faulty(t, e.post("requests.json", asked("attribute["+code+"]", v)), http.StatusBadRequest)
		}
	}
	faulty(t, e.post("requests.json", asked("attribute[kind]", "crack")), http.StatusBadRequest) // two values for a single one
}

func (e env) severalValues(t *testing.T) {
	w := e.post("requests.json", asked("attribute[also][]", "crack", "attribute[also][]", "step", "attribute[free]", "a", "attribute[free][]", "b", "media_url", "http://example.invalid/a.jpg"))
	number := records(t, w)[0]["service_request_id"].(string)
	got := e.attributes(number)
	for code, want := range map[string]string{"also": "[crack step]", "kind": "[pit]", "free": "[a b]", "media_url": "[http://example.invalid/a.jpg]"} {
		if fmt.Sprint(got[code]) != want {
			t.Errorf("%s: %v, want %s", code, got[code], want)
		}
	}
	many := asked()
	for i := range 60 {
		many.Set(fmt.Sprintf("attribute[x%d]", i), "1")
	}
	faulty(t, e.post("requests.json", many), http.StatusBadRequest)
	faulty(t, e.post("requests.json", asked("media_url", "javascript:alert(1)")), http.StatusBadRequest)
	masked := records(t, e.post("requests.json", asked("attribute[free]", "打我电话 13812341234")))[0]["service_request_id"].(string)
	if got := fmt.Sprint(e.attributes(masked)); strings.Contains(got, "13812341234") {
		t.Errorf("a number in an attribute was kept: %s", got)
	}
}

// attributes reads what the act of a report holds.
func (e env) attributes(number string) map[string]any {
	e.t.Helper()
	v, err := e.Cases.View(e.t.Context(), e.Scope("", "dispatcher"), number)
	if err != nil {
		e.t.Fatal(err)
	}
	out, _ := v.Entries[0].Answers["attributes"].(map[string]any)
	return out
}

func (e env) severalFaults(t *testing.T) {
	faulty(t, e.post("requests.json", good("service_code", "", "lat", "91", "long", "x", "description", strings.Repeat("长", 4001))), http.StatusBadRequest, 400, 400, 400, 400)
	faulty(t, e.post("requests.xml", good("service_code", "none", "lat", "", "long", "")), 400, 404, 400)
	faulty(t, e.post("requests.json", asked("attribute[width]", "broad", "attribute[since]", "once")), 400, 400, 400)
}

func (e env) words(t *testing.T) {
	for _, c := range []string{strings.Repeat("长", 4000), strings.Repeat("🚧", 4000), strings.Repeat("a", 4000)} {
		number := e.report("description", c)
		if got := records(t, e.get("v2/requests/"+number+".json"))[0]["description"]; got != c {
			t.Errorf("4,000 characters came back as %d", len([]rune(got.(string))))
		}
		faulty(t, e.post("requests.json", good("description", c+"长")), http.StatusBadRequest)
	}
	for _, c := range []string{`<script>alert(1)</script><b>粗</b>&amp;&#x41;`, "=1+1", "+cmd|' /C calc'!A0", "@SUM(A1)", "“引号”'撇'\"双\"", "第一行\n第二行\t制表", "👨‍👩‍👧‍👦🇨🇳𠮷ß\u200d", `\n\\ %20 {{.}} ${x}`, "]]>"} {
		number := e.report("description", c)
		if got := records(t, e.get("v2/requests/"+number+".json"))[0]["description"]; got != c {
			t.Errorf("in JSON %q became %q", c, got)
		}
		if got := parseXML(t, e.get("v2/requests/"+number+".xml").Body).Children[0].child("description").Text; got != c {
			t.Errorf("in XML %q became %q", c, got)
		}
	}
	for _, c := range []string{"a\x00b", "a\x1bb", "\u202eabc", "\xff\xfe"} {
		faulty(t, e.post("requests.json", good("description", c)), http.StatusBadRequest)
	}
	// Without words the name of the service stands for them.
	number := e.report("description", "")
	if got := records(t, e.get("v2/requests/"+number+".json"))[0]; got["description"] != got["service_name"] {
		t.Errorf("without words: %v", got)
	}
	number = e.report("description", "路灯坏了，电话 13812341234")
	if got := records(t, e.get("v2/requests/"+number+".json"))[0]["description"].(string); strings.Contains(got, "13812341234") {
		t.Errorf("a telephone number is public: %s", got)
	}
}

func (e env) idOrToken(t *testing.T) {
	w := e.post("requests.json", good())
	r := records(t, w)[0]
	id, _ := r["service_request_id"].(string)
	if _, both := r["token"]; both || id == "" || w.Header().Get("Location") != "/open311/v2/requests/"+id+".json" {
		t.Errorf("answer %v, Location %s", r, w.Header().Get("Location"))
	}
	if _, ok := e.Cases.ReporterScope(id, strings.Split(strings.Split(r["service_notice"].(string), "查询码 ")[1], "。")[0]); !ok {
		t.Errorf("the notice does not hold the secret: %v", r["service_notice"])
	}
	if got := records(t, e.get("v2/tokens/"+id+".json"))[0]; got["service_request_id"] != id || got["token"] != id {
		t.Errorf("token %v", got)
	}
	faulty(t, e.get("v2/tokens/nobody.json"), http.StatusNotFound)
}

func (e env) replay(t *testing.T) {
	v := good("description", "同一件事")
	first := records(t, e.post("requests.json", v, "Idempotency-Key", "k-1"))[0]["service_request_id"]
	for range 3 {
		w := e.post("requests.json", v, "Idempotency-Key", "k-1")
		if got := records(t, w)[0]["service_request_id"]; w.Code != http.StatusCreated || got != first {
			t.Errorf("again: %d %v, want %v", w.Code, got, first)
		}
	}
	before := len(e.numbers("?service_code=001"))
	faulty(t, e.post("requests.json", good("description", "另一件事"), "Idempotency-Key", "k-1"), http.StatusUnprocessableEntity)
	faulty(t, e.post("requests.json", v, "Idempotency-Key", strings.Repeat("k", 201)), http.StatusBadRequest)
	if after := len(e.numbers("?service_code=001")); after != before {
		t.Errorf("a used key with another body made a case")
	}
	// Twice at the same moment.
	var wg sync.WaitGroup
	got := make([]any, 8)
	for i := range got {
		wg.Go(func() {
			got[i] = records(t, e.post("requests.json", v, "Idempotency-Key", "k-2"))[0]["service_request_id"]
		})
	}
	wg.Wait()
	if got = slices.Compact(got); len(got) != 1 || got[0] == first {
		t.Errorf("one key at one moment: %v", got)
	}
	// Without a key nothing is known about it: two reports.
	if a, b := e.report(), e.report(); a == b {
		t.Error("two reports without a key became one")
	}
}

func (e env) updatesOf(t *testing.T) {
	number, other := e.report(), e.reportElsewhere()
	send := func(kv ...string) *httptest.ResponseRecorder {
		v := url.Values{"api_key": {apitest.Key}, "service_request_id": {number}, "description": {"灯又亮了"}}
		for i := 0; i < len(kv); i += 2 {
			v.Set(kv[i], kv[i+1])
		}
		return e.post("servicerequestupdates.json", v)
	}
	supplements := func() (n int) {
		v, err := e.Cases.View(t.Context(), e.Scope("", "dispatcher"), number)
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range v.Entries {
			if x.Action == "supplement" {
				n++
			}
		}
		return n
	}
	changed := func() time.Time {
		at, err := time.Parse(time.RFC3339, records(t, e.get("v2/requests/"+number+".json"))[0]["updated_datetime"].(string))
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	e.Pass(time.Hour)
	for i, c := range []struct {
		kv   []string
		want int
	}{
		{[]string{"update_id", "u1"}, 1}, {[]string{"update_id", "u1"}, 1}, // the same id
		{[]string{"updated_datetime", "2022-11-23T10:00:00+08:00"}, 2}, {[]string{"updated_datetime", "2022-11-23T10:00:00+08:00"}, 2}, // the same words and moment
		{[]string{"updated_datetime", "2022-11-23T10:00:01+08:00"}, 3},
	} {
		if w := send(c.kv...); w.Code != http.StatusCreated || supplements() != c.want {
			t.Errorf("%d: %d %s, %d updates, want %d", i, w.Code, w.Body, supplements(), c.want)
		}
	}
	// An update that tells an older moment does not take "last changed" back.
	before := changed()
	e.Pass(time.Minute)
	w := send("updated_datetime", "2001-01-01T00:00:00-05:00", "update_id", "old")
	if at := changed(); w.Code != http.StatusCreated || at.Before(before) || at.Year() == 2001 {
		t.Errorf("last changed went from %v to %v", before, at)
	}
	if at := records(t, w)[0]["updated_datetime"].(string); !strings.HasSuffix(at, "+08:00") {
		t.Errorf("the zone was lost: %s", at)
	}
	faulty(t, send("update_id", "u1", "description", "别的话"), http.StatusUnprocessableEntity)
	faulty(t, send("updated_datetime", "2022-11-23T10:00:00"), http.StatusBadRequest)
	faulty(t, send("description", " "), http.StatusBadRequest)
	faulty(t, send("description", strings.Repeat("长", 1001)), http.StatusBadRequest)
	faulty(t, send("service_request_id", ""), http.StatusBadRequest)
	faulty(t, send("service_request_id", "JY20221123-00000"), http.StatusNotFound)
	faulty(t, send("service_request_id", other), http.StatusNotFound) // somebody else sent that one
	faulty(t, send("api_key", "wrong"), http.StatusForbidden)
	e.act(e.Scope("", "operator"), number, "answer", "reply", "已告知")
	faulty(t, send("update_id", "late"), http.StatusConflict)
	steps := records(t, e.get("v2/servicerequestupdates.json?service_request_id="+number))
	if len(steps) != 2 || steps[0]["status"] != "open" || steps[1]["status"] != "closed" {
		t.Errorf("steps %v", steps)
	}
	faulty(t, e.get("v2/servicerequestupdates.json"), http.StatusBadRequest)
}

// reportElsewhere is a public request that came through another door.
func (e env) reportElsewhere() string {
	e.t.Helper()
	r, err := e.Cases.Report(e.t.Context(), e.Public(), cases.Report{Channel: "portal", Matter: "001", Body: "路灯不亮", Person: vault.Person{Phone: "13812341234"}})
	if err != nil {
		e.t.Fatal(err)
	}
	return r.Number
}

func (e env) cannotSet(t *testing.T) {
	number := e.report("status", "closed", "state", "closed", "unit", "220605001", "agency_responsible", "x", "priority", "1", "profile", "L0", "assignee", "acc", "service_request_id", "JY20010101-AAAAA",
		"requested_datetime", "2001-01-01T00:00:00Z", "channel", "hotline", "public", "false")
	k, err := e.Cases.Get(t.Context(), e.Scope("", "dispatcher"), number)
	if err != nil {
		t.Fatal(err)
	}
	m, _ := e.Pack.Catalogue.Matter("001")
	if k.State != cases.Pending || k.Unit != "" || k.Assignee != "" || k.Profile != m.Limit || k.Channel != "open311" || !k.Public || time.UnixMicro(k.Created).Sub(e.Clock()).Abs() > time.Second {
		t.Errorf("a caller set something: %+v", k)
	}
}

// TestBusy: when the writer cannot keep up, the body is not read.
func TestBusy(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		e.t = t
		stop, blocked := make(chan struct{}), make(chan struct{})
		var wg sync.WaitGroup
		wg.Go(func() {
			_ = e.DB.Write(t.Context(), func(*store.Tx) error { close(blocked); <-stop; return nil })
		})
		<-blocked
		for !e.DB.Busy() {
			wg.Go(func() { _ = e.DB.Write(t.Context(), func(*store.Tx) error { return nil }) })
		}
		r := httptest.NewRequest(http.MethodPost, "/open311/v2/requests.json", unread{t})
		w := e.Do(r)
		close(stop)
		wg.Wait()
		faulty(t, w, http.StatusServiceUnavailable)
		if w.Header().Get("Retry-After") == "" {
			t.Error("503 without Retry-After")
		}
	})
}

type unread struct{ t *testing.T }

func (u unread) Read([]byte) (int, error) {
	u.t.Error("the body was read")
	return 0, http.ErrBodyReadAfterClose
}

func TestBodies(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		e.t = t
		send := func(kind, body string) *httptest.ResponseRecorder {
			r := httptest.NewRequest(http.MethodPost, "/open311/v2/requests.json", strings.NewReader(body))
			r.Header.Set("Content-Type", kind)
			return e.Do(r)
		}
		form := "application/x-www-form-urlencoded"
		faulty(t, send("application/json", "{}"), http.StatusUnsupportedMediaType)
		faulty(t, send("multipart/form-data; boundary=x", "--x--"), http.StatusUnsupportedMediaType)
		faulty(t, send(";;", "x"), http.StatusUnsupportedMediaType)
		faulty(t, send(form, strings.Repeat("a", 300<<10)), http.StatusRequestEntityTooLarge)
		if w := send(form+"; charset=utf-8", good().Encode()); w.Code != http.StatusCreated {
			t.Errorf("with a charset: %d", w.Code)
		}
		faulty(t, send(form, good().Encode()+"&description=zweite"), http.StatusBadRequest)
		faulty(t, send(form, good().Encode()+"&x=%zz"), http.StatusForbidden) // nothing of it can be read, the key neither
	})
}

// TestTextsComeBack posts texts like those of the durability checker and reads
// them back, character by character, in both formats.
func TestTextsComeBack(t *testing.T) {
	filler := []string{"路灯", "井盖", "垃圾", "噪声", "占道", "漏水", "树木", "电动车", "停车", "施工", "🚧", "🕳️", "<b>", "&amp;", "\"引号\"", "'撇'", "%20", "=1+1", "\\n", "—", "ß", "𠮷"}
	rng := rand.New(rand.NewPCG(1, 2))
	each(t, func(t *testing.T, e env) {
		e.t = t
		want := map[string]string{}
		for n := range 150 {
			var b strings.Builder
			fmt.Fprintf(&b, "检查件 cc-%06x-%d-%08x", rng.IntN(1<<24), n+1, rng.Uint32())
			for range 20 + rng.IntN(200) {
				b.WriteString(filler[rng.IntN(len(filler))])
			}
			b.WriteString("。完")
			want[e.report("description", b.String())] = b.String()
		}
		for page := 1; page <= 2; page++ {
			for _, r := range records(t, e.get(fmt.Sprintf("v2/requests.json?page_size=100&page=%d", page))) {
				number := r["service_request_id"].(string)
				if r["description"] != want[number] {
					t.Errorf("%q became %q", want[number], r["description"])
				}
				delete(want, number)
			}
		}
		if len(want) > 0 {
			t.Errorf("%d are not listed", len(want))
		}
	})
}
