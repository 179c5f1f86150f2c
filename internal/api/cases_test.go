package api_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"weixiao/internal/cases"
	"weixiao/internal/cases/casestest"
)

// TestWholeWay follows a case through the API from the resident's words to the
// resident's verdict.
func TestWholeWay(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		e.t = t
		disp, street, back := e.Token(t, "", "dispatcher"), e.Token(t, casestest.Street, "street"), e.Token(t, "", "callback")
		number, secret := e.report(nil)
		path := "/api/v1/cases/" + number
		e.want(e.call("GET", path, street, nil), 404) // nobody sent it there yet
		got := e.want(e.call("GET", path, disp, nil), 200)
		if got.Header().Get("ETag") != `"1"` || got.object["state"] != "pending" || got.object["desk"] != "dispatch" {
			t.Errorf("at first %s %s", got.Header().Get("ETag"), got.Body)
		}
		if p := got.object["person"].(object); p["name"] != "张**" || p["phone"] != "138****1234" || strings.Contains(got.Body.String(), "13812341234") {
			t.Errorf("person %v", p)
		}
		got = e.want(e.act(disp, number, "dispatch", object{"unit": casestest.Street}, "If-Match", `"1"`), 200)
		if got.Header().Get("ETag") != `"2"` || got.object["version"] != 2.0 || got.object["state"] != "dispatched" || len(got.object["clocks"].([]any)) != 4 {
			t.Errorf("after dispatch %s", got.Body)
		}
		e.Pass(5 * time.Minute)
		e.want(e.act(street, number, "sign", nil), 200)
		e.want(e.act(street, number, "contact", object{"how": "phone", "note": "约好今晚去修"}), 200)
		e.want(e.act(street, number, "progress", object{"note": "内部情况"}), 200)
		e.want(e.act(street, number, "progress", object{"note": "已买到灯泡", "tell_resident": true}), 200)
		e.want(e.act(street, number, "reply", object{"result": "solved", "reply": "灯已换好", "inner_note": "只给中心看"}), 200)
		got = e.want(e.call("GET", path, back, nil), 200)
		clock := got.object["clocks"].([]any)[0].(object)
		if clock["name"] != "sign" || clock["met"] != true || clock["stop"] == nil {
			t.Errorf("clocks %v", got.object["clocks"])
		}
		steps := names(got.object["actions"], "name")
		if !slices.Contains(steps, "call_back") || slices.Contains(steps, "sign") {
			t.Errorf("actions of the call-back desk: %v", steps)
		}
		if line := names(got.object["timeline"], "action"); !slices.Equal(line, []string{"report", "dispatch", "sign", "contact", "progress", "progress", "reply"}) {
			t.Errorf("timeline %v", line)
		}
		// The resident is told less.
		mine := e.want(e.call("GET", path, "secret:"+secret, nil), 200)
		if line := names(mine.object["timeline"], "action"); !slices.Equal(line, []string{"report", "dispatch", "sign", "contact", "progress", "reply"}) {
			t.Errorf("timeline of the resident %v", line)
		}
		if says := names(mine.object["timeline"], "label"); !slices.Equal(says, []string{"您提交了诉求", "转给孙家堡子街道", "孙家堡子街道签收", "孙家堡子街道与您通话", "孙家堡子街道有进展", "孙家堡子街道答复"}) {
			t.Errorf("the resident reads %v", says)
		}
		for _, hidden := range []string{"内部情况", "只给中心看", "约好今晚", "138****", "acc-", "holder", "\"desk\"", "\"units\"", "\"capacity\":\"street\""} {
			if strings.Contains(mine.Body.String(), hidden) {
				t.Errorf("the resident is told %s: %s", hidden, mine.Body)
			}
		}
		if !strings.Contains(mine.Body.String(), "已买到灯泡") || !strings.Contains(mine.Body.String(), "灯已换好") {
			t.Errorf("the resident is not told: %s", mine.Body)
		}
		got = e.want(e.act("secret:"+secret, number, "rate", object{"contacted": true, "solved": "solved", "satisfied": "satisfied"}), 200)
		if got.object["state"] != "closed" || got.object["open"] != false || got.object["outcome"].(object)["by"] != "rating" {
			t.Errorf("after rating %s", got.Body)
		}
	})
}

// names lists one field of a list of objects.
func names(list any, field string) []string {
	out := []string{}
	all, _ := list.([]any)
	for _, x := range all {
		out = append(out, fmt.Sprint(x.(object)[field]))
	}
	return out
}

func TestIfMatch(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		e.t = t
		disp, op := e.Token(t, "", "dispatcher"), e.Token(t, "", "operator")
		number, _ := e.report(nil)
		e.want(e.act(op, number, "classify", object{"matter": "004"}, "If-Match", `"1"`), 200)
		old := e.want(e.act(disp, number, "dispatch", object{"unit": casestest.Street}, "If-Match", `"1"`), http.StatusPreconditionFailed)
		now := old.object["current"].(object)
		if old.Header().Get("ETag") != `"2"` || now["version"] != 2.0 || now["matter"].(object)["id"] != "004" {
			t.Errorf("412 without the case as it is: %s", old.Body)
		}
		for tag, want := range map[string]int{`"7"`: 412, `"x"`: 412, `"0"`: 412, `"-1"`: 412, "2": 400, `"2`: 400, `"1", "2"`: 412, `W/"2"`: 200} {
			if a := e.act(disp, number, "note", object{"note": "x"}, "If-Match", tag); a.Code != want {
				t.Errorf("If-Match %s: %d, want %d", tag, a.Code, want)
			}
		}
		e.want(e.act(disp, number, "note", object{"note": "x"}, "If-Match", "*"), 200)
		e.want(e.act(disp, number, "note", object{"note": "x"}), 200) // without it, it is done to whatever is there
		// A right that is missing and a state that does not fit come before the version.
		e.want(e.act(e.Token(t, "", "auditor"), number, "note", object{"note": "x"}, "If-Match", `"1"`), 403)
		e.want(e.act(e.Token(t, "", "callback"), number, "call_back", object{}, "If-Match", `"1"`), 409)
	})
}

func TestIdempotency(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		e.t = t
		body := object{"description": "井盖丢了", "matter": "004", "place": object{"text": "江源大街"}}
		first := e.want(e.call("POST", "/api/v1/reports", "", body, "Idempotency-Key", "r-1"), 201)
		again := e.want(e.call("POST", "/api/v1/reports", "", body, "Idempotency-Key", "r-1"), 201)
		if first.Body.String() != again.Body.String() || first.Header().Get("Location") != again.Header().Get("Location") {
			t.Errorf("again: %s, first %s", again.Body, first.Body)
		}
		if a := e.want(e.call("POST", "/api/v1/reports", "", object{"description": "别的"}, "Idempotency-Key", "r-1"), 422); a.object["code"] != "reused" {
			t.Errorf("%s", a.Body)
		}
		e.want(e.call("POST", "/api/v1/reports", "", body, "Idempotency-Key", strings.Repeat("k", 201)), 400)
		e.want(e.call("POST", "/api/v1/reports", "", body, "Idempotency-Key", "k\u00e9"), 400)
		number := first.object["number"].(string)
		disp := e.Token(t, "", "dispatcher")
		var wg sync.WaitGroup
		codes := make([]int, 6)
		for i := range codes {
			wg.Go(func() {
				codes[i] = e.act(disp, number, "dispatch", object{"unit": casestest.Street}, "Idempotency-Key", "d-1", "If-Match", `"1"`).Code
			})
		}
		wg.Wait()
		if slices.Max(codes) != 200 || e.load(number).Version != 2 {
			t.Errorf("one key at one moment: %v, version %d", codes, e.load(number).Version)
		}
		// The same key for another action, or of somebody else, is another thing.
		e.want(e.act(disp, number, "note", object{"note": "x"}, "Idempotency-Key", "d-1"), 422)
		e.want(e.act(e.Token(t, "", "operator"), number, "note", object{"note": "x"}, "Idempotency-Key", "d-1"), 200)
		e.want(e.act(disp, number, "note", object{"note": "x"}, "Idempotency-Key", "d-2"), 200)
	})
}

// TestOutOfReach: what a caller does not reach and what does not exist are told
// with the same words.
func TestOutOfReach(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		e.t = t
		number, secret := e.report(nil)
		other := e.Token(t, casestest.OtherStreet, "street")
		want := e.want(e.call("GET", "/api/v1/cases/JY20221123-00000", other, nil), 404).Body.String()
		for _, a := range []answer{
			e.call("GET", "/api/v1/cases/"+number, other, nil), e.act(other, number, "sign", nil), e.act(other, number, "sign", object{"bad": 1}),
			e.call("GET", "/api/v1/cases/"+strings.ToLower(number), other, nil), e.call("GET", "/api/v1/cases/x", other, nil),
			e.call("GET", "/api/v1/cases/"+number, "secret:0000000000", nil), e.call("GET", "/api/v1/cases/JY20221123-00000", "secret:"+secret, nil),
			e.call("GET", "/api/v1/cases/"+number, e.Token(t, "", "admin"), nil), e.call("GET", "/api/v1/whistles/"+number, other, nil),
			e.act("secret:wrong", number, "urge", nil), e.act("secret:"+strings.Repeat("x", 100), number, "urge", nil),
		} {
			if a.Code != 404 || a.Body.String() != want {
				t.Errorf("%d %s, want 404 %s", a.Code, a.Body, want)
			}
		}
		for _, path := range []string{"/api/v1/cases/" + number, "/api/v1/cases", "/api/v1/inbox", "/api/v1/whistles", "/api/v1/session"} {
			if a := e.call("GET", path, "", nil); a.Code != 401 || a.Header().Get("WWW-Authenticate") != "Bearer" {
				t.Errorf("%s without a session: %d", path, a.Code)
			}
		}
		e.want(e.call("POST", "/api/v1/cases/"+number+"/acts/no_such", other, object{}), 404)
		e.want(e.call("POST", "/api/v1/cases/"+number+"/acts/report", other, object{}), 404)
		if a := e.call("GET", "/api/v1/cases/"+number+"/acts/sign", other, nil); a.Code != 405 || a.Header().Get("Allow") != "POST" {
			t.Errorf("GET of an act: %d, Allow %s", a.Code, a.Header().Get("Allow"))
		}
		// The secret may be written as people write it.
		e.want(e.call("GET", "/api/v1/cases/"+strings.ToLower(number), "secret:"+strings.ToLower(secret), nil), 200)
	})
}

// TestSecretTries: a secret cannot be guessed.
func TestSecretTries(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		e.t = t
		number, secret := e.report(nil)
		for i := range 5 {
			e.want(e.call("GET", "/api/v1/cases/"+number, fmt.Sprintf("secret:000000000%d", i), nil), 404)
		}
		a := e.want(e.call("GET", "/api/v1/cases/"+number, "secret:"+secret, nil), 429)
		if a.Header().Get("Retry-After") == "" {
			t.Error("429 without Retry-After")
		}
		e.Pass(61 * time.Minute)
		e.want(e.call("GET", "/api/v1/cases/"+number, "secret:"+secret, nil), 200)
	})
}

// TestRedo is BEHAVIOUR 57: a dissatisfied answer opens a redo when its reason is
// flagged; without the flag it does not; twice does nothing.
func TestRedo(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		e.t = t
		t.Run("57 feedback", func(t *testing.T) {
			e.t = t
			disp, street := e.Token(t, "", "dispatcher"), e.Token(t, casestest.Street, "street")
			for _, c := range []struct {
				rate  object
				state string
			}{
				{object{"contacted": true, "solved": "part", "satisfied": "dissatisfied", "wants_redo": true}, cases.Rework},
				{object{"contacted": true, "solved": "part", "satisfied": "dissatisfied"}, cases.Closed},
				{object{"contacted": true, "solved": "solved", "satisfied": "satisfied", "wants_redo": true}, cases.Closed},
				{object{"contacted": false, "solved": "no", "satisfied": "fair"}, cases.Rework},
			} {
				number, secret := e.report(nil)
				e.want(e.act(disp, number, "dispatch", object{"unit": casestest.Street}), 200)
				e.want(e.act(street, number, "sign", nil), 200)
				e.want(e.act(street, number, "reply", object{"result": "part", "reply": "部分修好"}), 200)
				got := e.want(e.act("secret:"+secret, number, "rate", c.rate), 200)
				if got.object["state"] != c.state {
					t.Errorf("%v leads to %v, want %s", c.rate, got.object["state"], c.state)
				}
				version := e.load(number).Version
				e.want(e.act("secret:"+secret, number, "rate", c.rate), 409)
				if e.load(number).Version != version {
					t.Error("rating twice left an act")
				}
			}
		})
	})
}

// TestIsolation is BEHAVIOUR 64: a department cannot see another's private case by
// id, in lists, by search, by its whistle, or through the public doors.
func TestIsolation(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		e.t = t
		t.Run("64 another department's private case", func(t *testing.T) {
			e.t = t
			disp, mine, other := e.Token(t, "", "dispatcher"), e.Token(t, casestest.Street, "street"), e.Token(t, casestest.OtherStreet, "street")
			number, _ := e.report(object{"description": "紫色大象在楼道里堆放杂物", "matter": "001", "public": false})
			e.want(e.act(disp, number, "dispatch", object{"unit": casestest.Street}), 200)
			if got := e.want(e.call("GET", "/api/v1/cases?q=紫色大象", mine, nil), 200); len(got.object["items"].([]any)) != 1 {
				t.Errorf("the unit that leads does not find it: %s", got.Body)
			}
			for _, path := range []string{"/api/v1/cases", "/api/v1/cases?q=紫色大象", "/api/v1/cases?q=" + number, "/api/v1/cases?unit=" + casestest.Street, "/api/v1/inbox", "/api/v1/inbox?desk=dispatch",
				"/api/v1/whistles", "/api/v1/whistles?list=recent"} {
				if a := e.want(e.call("GET", path, other, nil), 200); len(a.object["items"].([]any)) != 0 {
					t.Errorf("%s shows it: %s", path, a.Body)
				}
			}
			e.want(e.call("GET", "/api/v1/cases/"+number, other, nil), 404)
			e.want(e.call("POST", "/api/v1/whistles", other, object{"case": number, "kind": "problem", "units": []string{e.department()}, "issue": "x"}), 422)
			for _, path := range []string{"/open311/v2/requests/" + number + ".json", "/open311/v2/requests.json", "/open311/v2/requests.json?service_request_id=" + number} {
				if body := e.Do(request("GET", path)).Body.String(); strings.Contains(body, number) || strings.Contains(body, "紫色大象") {
					t.Errorf("%s shows it: %s", path, body)
				}
			}
			e.want(e.act(mine, number, "sign", nil), 200)
			w := e.want(e.call("POST", "/api/v1/whistles", mine, object{"case": number, "kind": "problem", "units": []string{e.department()}, "issue": "紫色大象"}), 201)
			e.want(e.call("GET", "/api/v1/whistles/"+w.object["number"].(string), other, nil), 404)
		})
	})
}

func TestLists(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		e.t = t
		disp, street := e.Token(t, "", "dispatcher"), e.Token(t, casestest.Street, "street")
		var all []string
		for i := range 7 {
			e.Pass(time.Minute)
			number, _ := e.report(object{"description": fmt.Sprintf("第 %d 盏路灯不亮", i), "matter": "001"})
			all = append(all, number)
			if i%2 == 0 {
				e.want(e.act(disp, number, "dispatch", object{"unit": casestest.Street}), 200)
			}
		}
		newest := slices.Clone(all)
		slices.Reverse(newest)
		walk := func(who, path string) []string {
			out := []string{}
			for cursor, pages := "", 0; ; pages++ {
				sep := "?"
				if strings.Contains(path, "?") {
					sep = "&"
				}
				a := e.want(e.call("GET", path+sep+"limit=2&cursor="+cursor, who, nil), 200)
				out = append(out, names(a.object["items"], "number")...)
				next, more := a.object["next"].(string)
				if !more || pages > 10 {
					return out
				}
				cursor = next
			}
		}
		if got := walk(disp, "/api/v1/cases"); !slices.Equal(got, newest) {
			t.Errorf("all: %v, want %v", got, newest)
		}
		odd := []string{all[6], all[4], all[2], all[0]}
		for path, want := range map[string][]string{
			"/api/v1/cases?state=dispatched": odd, "/api/v1/cases?unit=" + casestest.Street: odd, "/api/v1/cases?state=pending": {all[5], all[3], all[1]},
			"/api/v1/cases?open=true": newest, "/api/v1/cases?state=closed": {}, "/api/v1/cases?matter=001&kind=help&channel=portal": newest, "/api/v1/cases?mark=suspended": {},
			"/api/v1/cases?from=2022-11-24": {}, "/api/v1/cases?from=2022-11-23&to=2022-11-24": newest, "/api/v1/cases?to=2022-11-23T09:02:30%2B08:00": {all[1], all[0]},
			"/api/v1/cases?q=" + all[3]: {all[3]}, "/api/v1/cases?q=第%203%20盏": {all[3]},
		} {
			if got := walk(disp, path); !slices.Equal(got, want) {
				t.Errorf("%s: %v, want %v", path, got, want)
			}
		}
		if got := walk(street, "/api/v1/cases"); !slices.Equal(got, odd) {
			t.Errorf("the street's: %v, want %v", got, odd)
		}
		slices.Reverse(odd) // first deadline first
		if got := walk(street, "/api/v1/inbox"); !slices.Equal(got, odd) {
			t.Errorf("the street's inbox: %v, want %v", got, odd)
		}
		if got := walk(disp, "/api/v1/inbox?desk=dispatch"); len(got) != 3 {
			t.Errorf("the desk's inbox: %v", got)
		}
		for path, want := range map[string]string{"/api/v1/cases?state=wrong&mark=a,b&from=x&cursor=!": "cursor:unknown from:date mark:choice state:choice", "/api/v1/cases?limit=201": "limit:invalid",
			"/api/v1/cases?limit=x": "limit:invalid", "/api/v1/cases?nonsense=1": "nonsense:invalid", "/api/v1/inbox?cursor=1": "cursor:unknown", "/api/v1/inbox?desk=x": "desk:invalid"} {
			if a := e.want(e.call("GET", path, disp, nil), 422); a.faults() != want {
				t.Errorf("%s: %s, want %s", path, a.faults(), want)
			}
		}
	})
}
