package api_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"weixiao/internal/access"
	"weixiao/internal/api"
	"weixiao/internal/api/apitest"
	"weixiao/internal/api/open311"
	"weixiao/internal/cases/casestest"
	"weixiao/internal/store/storetest"
	"weixiao/internal/web"
)

func TestMain(m *testing.M) { storetest.Main(m) }

type env struct {
	*apitest.Env
	t testing.TB
}

func register(rt *access.Router, s *web.Site) {
	api.Register(rt, s)
	open311.Register(rt, s, open311.Options{})
}

func each(t *testing.T, fn func(t *testing.T, e env)) {
	apitest.Each(t, register, func(t *testing.T, e *apitest.Env) { fn(t, env{e, t}) })
}

// object is a JSON object.
type object = map[string]any

// answer is what came back.
type answer struct {
	*httptest.ResponseRecorder
	object
}

// call sends a request. who is a bearer token, a resident's "secret:…", or "".
func (e env) call(method, path, who string, body any, header ...string) answer {
	e.t.Helper()
	var raw string
	switch b := body.(type) {
	case nil:
	case object:
		if b != nil {
			raw = e.json(b)
		}
	case string:
		raw = b
	default:
		raw = e.json(b)
	}
	r := httptest.NewRequest(method, path, strings.NewReader(raw))
	r.Host = "localhost" // people sign in without TLS only on this machine
	if raw != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if secret, ok := strings.CutPrefix(who, "secret:"); ok {
		r.Header.Set("X-Case-Secret", secret)
	} else if who != "" {
		r.Header.Set("Authorization", "Bearer "+who)
	}
	for i := 0; i < len(header); i += 2 {
		if header[i+1] == "" {
			r.Header.Del(header[i])
		} else {
			r.Header.Set(header[i], header[i+1])
		}
	}
	a := answer{ResponseRecorder: e.Do(r)}
	if a.Code != http.StatusNoContent {
		if err := json.Unmarshal(a.Body.Bytes(), &a.object); err != nil {
			e.t.Fatalf("%s %s: %d, no JSON object: %s", method, path, a.Code, a.Body)
		}
	}
	if want := "application/problem+json"; a.Code >= 400 && a.Header().Get("Content-Type") != want {
		e.t.Errorf("%s %s: %d with Content-Type %s", method, path, a.Code, a.Header().Get("Content-Type"))
	}
	return a
}

func (e env) json(v any) string {
	e.t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		e.t.Fatal(err)
	}
	return string(b)
}

// want checks the status.
func (e env) want(a answer, code int) answer {
	e.t.Helper()
	if a.Code != code {
		e.t.Fatalf("status %d, want %d: %s", a.Code, code, a.Body)
	}
	return a
}

// faults lists the fields an answer complains of.
func (a answer) faults() string {
	var out []string
	errs, _ := a.object["errors"].([]any)
	for _, x := range errs {
		out = append(out, x.(object)["field"].(string)+":"+x.(object)["code"].(string))
	}
	return strings.Join(out, " ")
}

// report registers a request as a resident and returns number and secret.
func (e env) report(body object) (number, secret string) {
	e.t.Helper()
	if body == nil {
		body = object{"description": "小区门口的路灯坏了", "matter": "001", "place": object{"street": casestest.Street}, "person": object{"name": "张三丰", "phone": "13812341234"}}
	}
	a := e.want(e.call("POST", "/api/v1/reports", "", body), http.StatusCreated)
	return a.object["number"].(string), a.object["secret"].(string)
}

// act does an action and returns the answer.
func (e env) act(who, number, action string, body any, header ...string) answer {
	e.t.Helper()
	return e.call("POST", "/api/v1/cases/"+number+"/acts/"+action, who, body, header...)
}
