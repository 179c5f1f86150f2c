package api_test

import (
	"math"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"weixiao/internal/api/apitest"
	"weixiao/internal/cases/casestest"
	"weixiao/internal/store"
)

func request(method, path string) *http.Request { return httptest.NewRequest(method, path, nil) }

func TestReport(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		e.t = t
		a := e.want(e.call("POST", "/api/v1/reports", "", object{"title": "路灯", "description": "路灯不亮，电话 13812341234", "matter": "001", "kind": "complaint",
			"place": object{"text": "江源大街", "lon": 126.59, "lat": 42.05}, "person": object{"name": "张三丰", "phone": "138 1234 1234", "email": "a@example.invalid"}, "public": false}), 201)
		number := a.object["number"].(string)
		if a.Header().Get("Location") != "/api/v1/cases/"+number || a.object["state"] != "pending" || len(a.object["secret"].(string)) != 10 || !strings.Contains(a.object["follow_url"].(string), number) {
			t.Errorf("receipt %s", a.Body)
		}
		k := e.load(number)
		if k.Title != "路灯" || strings.Contains(k.Body, "13812341234") || k.Kind != "complaint" || k.Public || k.Channel != "portal" || !k.Place.Located || k.Place.Lon != 126.59 || k.Person == "" {
			t.Errorf("case %+v", k)
		}
		// Only words: the matter is suggested, and nobody needs to say who.
		number, _ = e.report(object{"description": "小区的路灯不亮好几天了"})
		if k := e.load(number); k.Matter != "001" || k.Person != "" {
			t.Errorf("from words only: %+v", k)
		}
	})
}

// TestReportFaults is BEHAVIOUR 58 for this door: what the API does not know is
// refused, all faults at once.
func TestReportFaults(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		e.t = t
		t.Run("58 what a caller cannot set", func(t *testing.T) {
			e.t = t
			a := e.want(e.call("POST", "/api/v1/reports", "", object{"description": "x", "state": "closed", "unit": casestest.Street, "priority": 1, "assignee": "x", "channel": "hotline"}), 422)
			if a.faults() != "assignee:unknown channel:unknown priority:unknown state:unknown unit:unknown" {
				t.Errorf("faults %s", a.faults())
			}
		})
		for _, c := range []struct {
			body   any
			code   int
			faults string
		}{
			{object{}, 422, "description:required"}, {"", 422, "description:required"}, {object{"description": " \n "}, 422, "description:required"},
			{object{"description": strings.Repeat("长", 4000)}, 201, ""}, {object{"description": strings.Repeat("长", 4001)}, 422, "description:long"},
			{object{"description": 7}, 422, "description:shape"}, {object{"description": "a\x00b"}, 422, "description:control"}, {object{"description": nil}, 422, "description:required"},
			{object{"description": "x", "title": strings.Repeat("长", 61), "matter": "none", "kind": "joke", "public": "yes"}, 422, "kind:choice matter:choice public:shape title:long"},
			{object{"description": "x", "place": object{"lon": 200, "lat": "x", "street": "none", "crs": "mars", "floor": 3}}, 422,
				"place.crs:choice place.floor:unknown place.lat:shape place.lon:range place.street:choice"},
			{object{"description": "x", "place": object{"lon": 126.5}}, 422, "place.lat:required"}, {object{"description": "x", "place": "here"}, 422, "place:shape"},
			{object{"description": "x", "person": object{"phone": "123", "id_number": "x"}}, 422, "person.id_number:unknown person.phone:phone"},
			{object{"description": "x", "Description": "y"}, 422, "Description:unknown"},
			{`[]`, 400, ""}, {`null`, 400, ""}, {`{"description":"x"`, 400, ""}, {`{"description":"x"} {}`, 400, ""}, {`{"description":"x","description":"y"}`, 400, ""},
			{`{"description":"x","place":{"text":"a","text":"b"}}`, 400, ""}, {`{"description":[[[[[1]]]]]}`, 400, ""}, {"{\"description\":\"\xff\"}", 400, ""}, {`{'description':'x'}`, 400, ""},
		} {
			a := e.call("POST", "/api/v1/reports", "", c.body)
			if a.Code != c.code || a.faults() != c.faults {
				t.Errorf("%.80v: %d %s, want %d %s", c.body, a.Code, a.faults(), c.code, c.faults)
			}
		}
		e.want(e.call("POST", "/api/v1/reports", "", `{"description":"`+strings.Repeat("x", 300<<10)+`"}`), 413)
		e.want(e.call("POST", "/api/v1/reports", "", `description=x`, "Content-Type", "application/x-www-form-urlencoded"), 415)
		e.want(e.call("POST", "/api/v1/reports", "", `{}`, "Content-Type", ""), 415)
		e.want(e.call("POST", "/api/v1/reports", "", object{"description": "x"}, "Content-Type", "application/json; charset=utf-8"), 201)
		number, _ := e.report(nil)
		e.want(e.act(e.Token(t, "", "dispatcher"), number, "note", `{"note":"`+strings.Repeat("x", 70<<10)+`"}`), 413)
	})
}

// TestChannels: staff hand over what others told them, each role its way.
func TestChannels(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		e.t = t
		body := object{"description": "路灯不亮", "matter": "001"}
		for _, c := range []struct {
			unit, role, channel string
			code                int
		}{
			{"", "operator", "hotline", 201}, {"", "dispatcher", "hotline", 201}, {casestest.Street, "grid", "grid", 201}, {casestest.Street, "street", "street", 201},
			{casestest.Street, "community", "grid", 201}, {"", "leader", "patrol", 201}, {"", "admin", "", 403}, {"", "callback", "", 403}, {e.department(), "department", "patrol", 201},
		} {
			a := e.want(e.call("POST", "/api/v1/reports", e.Token(t, c.unit, c.role), body), c.code)
			if c.code != 201 {
				continue
			}
			number := a.object["number"].(string)
			if k := e.load(number); k.Channel != c.channel {
				t.Errorf("%s: channel %s, want %s", c.role, k.Channel, c.channel)
			}
			// Whoever reported it keeps sight of it, and can add a note and nothing more.
			got := e.want(e.call("GET", "/api/v1/cases/"+number, e.Token(t, c.unit, c.role), nil), 200)
			if may := names(got.object["actions"], "name"); c.unit != "" && !slices.Equal(may, []string{"note"}) && len(may) > 0 {
				t.Errorf("%s may %v", c.role, names(got.object["actions"], "name"))
			}
			entry := got.object["timeline"].([]any)[0].(object)
			if entry["capacity"] != c.role {
				t.Errorf("%s reported as %v", c.role, entry["capacity"])
			}
		}
	})
}

// TestReportLimit: residents behind one address are limited, staff are not.
func TestReportLimit(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		e.t = t
		n := 0
		for ; n < 100; n++ {
			if a := e.call("POST", "/api/v1/reports", "", object{"description": "x"}); a.Code == 429 {
				if a.Header().Get("Retry-After") == "" {
					t.Error("429 without Retry-After")
				}
				break
			}
		}
		if n < 10 || n == 100 {
			t.Errorf("%d reports from one address", n)
		}
		e.want(e.call("POST", "/api/v1/reports", e.Token(t, "", "operator"), object{"description": "x"}), 201)
	})
}

// TestCRS sends one place in every system of coordinates.
func TestCRS(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		e.t = t
		// One point as three maps show it.
		for crs, at := range map[string][2]float64{"": {126.5908, 42.0561}, "wgs84": {126.5908, 42.0561}, "cgcs2000": {126.5908, 42.0561}, "gcj02": {126.59617100502656, 42.05824141842921}, "bd09": {126.60254910222818, 42.06461417938277}} {
			place := object{"lon": at[0], "lat": at[1]}
			if crs != "" {
				place["crs"] = crs
			}
			number, _ := e.report(object{"description": "x", "place": place})
			k := e.load(number)
			if math.Abs(k.Place.Lon-126.5908) > 1e-6 || math.Abs(k.Place.Lat-42.0561) > 1e-6 {
				t.Errorf("%s %v became %v %v", crs, at, k.Place.Lon, k.Place.Lat)
			}
		}
		// Outside of China maps do not shift.
		number, _ := e.report(object{"description": "x", "place": object{"lon": -0.1276, "lat": 51.5072, "crs": "gcj02"}})
		if k := e.load(number); k.Place.Lon != -0.1276 || k.Place.Lat != 51.5072 {
			t.Errorf("London became %v", k.Place)
		}
	})
}

func TestSession(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		e.t = t
		e.Token(t, casestest.Street, "street")
		login := "street-" + casestest.Street
		a := e.want(e.call("POST", "/api/v1/session", "", object{"login": login, "password": apitest.Password}), 201)
		token := a.object["token"].(string)
		if a.object["login"] != login || names([]any{a.object}, "must_change")[0] != "false" || a.object["unit"].(object)["id"] != casestest.Street {
			t.Errorf("session %s", a.Body)
		}
		me := e.want(e.call("GET", "/api/v1/session", token, nil), 200)
		if me.object["account"] != a.object["account"] || me.object["token"] != nil {
			t.Errorf("who am I: %s", me.Body)
		}
		e.want(e.call("GET", "/api/v1/inbox", token, nil), 200)
		e.want(e.call("DELETE", "/api/v1/session", token, nil), 204)
		e.want(e.call("GET", "/api/v1/session", token, nil), 401)
		wrong := e.want(e.call("POST", "/api/v1/session", "", object{"login": login, "password": "wrong"}), 401)
		nobody := e.want(e.call("POST", "/api/v1/session", "", object{"login": "nobody", "password": "wrong"}), 401)
		if wrong.Body.String() != nobody.Body.String() {
			t.Errorf("a wrong password and an unknown login differ: %s, %s", wrong.Body, nobody.Body)
		}
		if a := e.want(e.call("POST", "/api/v1/session", "", object{"login": 1, "remember": true}), 422); a.faults() != "login:shape password:required remember:unknown" {
			t.Errorf("faults %s", a.faults())
		}
	})
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
		r := httptest.NewRequest("POST", "/api/v1/reports", unread{t})
		r.Header.Set("Content-Type", "application/json")
		w := e.Do(r)
		close(stop)
		wg.Wait()
		if w.Code != 503 || w.Header().Get("Retry-After") == "" || w.Header().Get("Content-Type") != "application/problem+json" {
			t.Errorf("%d %v %s", w.Code, w.Header(), w.Body)
		}
	})
}

type unread struct{ t *testing.T }

func (u unread) Read([]byte) (int, error) {
	u.t.Error("the body was read")
	return 0, http.ErrBodyReadAfterClose
}
