package api_test

import (
	"context"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/assess"
	"weixiao/internal/cases/casestest"
	"weixiao/internal/flow"
	"weixiao/internal/journal"
)

// closed takes a case through to the resident's word.
func (e env) closed(unit, solved string) string {
	e.t.Helper()
	number, _ := e.report(nil)
	street := e.Token(e.t, unit, "street")
	e.want(e.act(e.Token(e.t, "", "dispatcher"), number, "dispatch", object{"unit": unit}), 200)
	e.want(e.act(street, number, "sign", nil), 200)
	e.want(e.act(street, number, "contact", object{"how": "phone"}), 200)
	e.want(e.act(street, number, "reply", object{"result": "solved", "reply": "修好了"}), 200)
	e.want(e.act(e.Token(e.t, "", "callback"), number, "call_back", object{"reached": true, "contacted": true, "solved": solved, "satisfied": "satisfied"}), 200)
	return number
}

func (e env) settled() {
	e.t.Helper()
	if err := journal.NewRunner(e.DB, e.Pack.District, slog.New(slog.DiscardHandler), e.Site.Assess.Follower()).CatchUp(context.Background()); err != nil {
		e.t.Fatal(err)
	}
}

// TestScoresAPI reads a month, excludes a case and freezes the month.
func TestScoresAPI(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		e.t = t
		good, bad := e.closed(casestest.Street, "solved"), e.closed(casestest.Street, "part")
		e.closed(casestest.OtherStreet, "solved")
		e.settled()
		hand, lead, sup, boss := e.Token(t, casestest.Street, "street"), e.Token(t, casestest.Street, "streetlead"), e.Token(t, "", "supervisor"), e.Token(t, "", "leader")

		e.want(e.call("GET", "/api/v1/scores", "", nil), 401)
		e.want(e.call("GET", "/api/v1/scores", e.Token(t, casestest.Street, "community"), nil), 403)
		if got := e.want(e.call("GET", "/api/v1/scores", hand, nil), 200); len(got.object["items"].([]any)) != 1 {
			t.Errorf("months %s", got.Body)
		}
		m := e.want(e.call("GET", "/api/v1/scores/2022-11", hand, nil), 200)
		units := m.object["units"].([]any)
		if m.object["state"] != "open" || len(units) != 1 || m.object["total"] != nil || m.object["formula_version"] != e.Pack.Scores.Version {
			t.Errorf("a unit's open month %s", m.Body)
		}
		res := units[0].(object)["results"].(object)["resolution"].(object)
		if res["x"] != 0.5 || res["n"] != 2.0 || res["low"].(float64) >= 0.5 {
			t.Errorf("resolution %v", res)
		}
		if _, ok := units[0].(object)["results"].(object)["arrival"].(object)["x"]; ok {
			t.Error("a share of nothing has a figure")
		}
		if m := e.want(e.call("GET", "/api/v1/scores/2022-11", boss, nil), 200); len(m.object["units"].([]any)) != 2 || m.object["total"] == nil {
			t.Errorf("%s", m.Body)
		}
		e.want(e.call("GET", "/api/v1/scores/2022-13", boss, nil), 404)
		behind := "/api/v1/scores/2022-11/" + casestest.Street
		list := e.want(e.call("GET", behind+"/scored?limit=1", hand, nil), 200)
		next := e.want(e.call("GET", behind+"/scored?limit=1&cursor="+list.object["next"].(string), hand, nil), 200)
		if got := append(names(list.object["items"], "number"), names(next.object["items"], "number")...); !slices.Equal(got, []string{bad, good}) {
			t.Errorf("in pages %v", got)
		}
		e.want(e.call("GET", behind+"/scored?cursor=x", hand, nil), 422)
		e.want(e.call("GET", behind+"/nonsense", hand, nil), 404)
		e.want(e.call("GET", "/api/v1/scores/2022-11/"+casestest.OtherStreet+"/scored", hand, nil), 404)

		// An exclusion, with keys and versions.
		body := object{"record": bad, "rule": "litigation", "evidence": "已起诉"}
		if a := e.want(e.call("POST", "/api/v1/exclusions", hand, object{"record": bad}), 422); a.faults() != "evidence rule" && !strings.Contains(a.Body.String(), "evidence") {
			t.Errorf("%s", a.Body)
		}
		made := e.want(e.call("POST", "/api/v1/exclusions", hand, body, "Idempotency-Key", "x-1"), 201)
		again := e.want(e.call("POST", "/api/v1/exclusions", hand, body, "Idempotency-Key", "x-1"), 201)
		path := made.Header().Get("Location")
		if path == "" || again.Header().Get("Location") != path || made.object["state"] != "asked" || made.object["month"] != "2022-11" {
			t.Errorf("%s then %s: %s", path, again.Header().Get("Location"), made.Body)
		}
		if a := e.want(e.call("POST", "/api/v1/exclusions", hand, body), 409); a.object["code"] != "request_open" {
			t.Errorf("%s", a.Body)
		}
		e.want(e.call("POST", path+"/acts/sign", hand, nil), 403)
		e.want(e.call("POST", path+"/acts/sign", lead, nil, "If-Match", `"1"`), 200)
		old := e.want(e.call("POST", path+"/acts/withdraw", hand, nil, "If-Match", `"1"`), 412)
		if old.object["current"].(object)["state"] != "signed" {
			t.Errorf("%s", old.Body)
		}
		e.want(e.call("POST", path+"/acts/advise", sup, object{"opinion": "grant", "reason": "属实"}), 200)
		e.want(e.call("POST", path+"/acts/grant", sup, object{"reason": "x"}), 403)
		got := e.want(e.call("POST", path+"/acts/grant", boss, object{"reason": "同意"}), 200)
		if got.object["state"] != "granted" || !slices.Equal(names(got.object["timeline"], "action"), []string{"ask", "sign", "advise", "grant"}) || !strings.Contains(got.Body.String(), "已起诉") {
			t.Errorf("%s", got.Body)
		}
		if l := e.want(e.call("GET", "/api/v1/exclusions?month=2022-11", hand, nil), 200); len(l.object["items"].([]any)) != 1 {
			t.Errorf("%s", l.Body)
		}
		e.want(e.call("GET", path, e.Token(t, casestest.OtherStreet, "street"), nil), 404)
		e.settled()
		if l := e.want(e.call("GET", behind+"/scored?which=excluded", hand, nil), 200); !slices.Equal(names(l.object["items"], "number"), []string{bad}) {
			t.Errorf("%s", l.Body)
		}

		// The month.
		e.want(e.call("POST", "/api/v1/scores", hand, object{"month": "2022-11"}), 403)
		if a := e.want(e.call("POST", "/api/v1/scores", sup, object{"month": "2022-11"}), 409); a.object["code"] != "month_not_over" {
			t.Errorf("%s", a.Body)
		}
		e.want(e.call("POST", "/api/v1/scores/2022-11/acts/freeze", sup, nil), 404)
		e.Pass(10 * 24 * time.Hour)
		e.SignOut() // sessions have ended
		fresh := e
		m = fresh.want(fresh.call("POST", "/api/v1/scores", fresh.Token(t, "", "supervisor"), object{"month": "2022-11"}), 201)
		if m.object["state"] != "previewed" || m.object["appeals_until"] == nil || !slices.Contains(names(m.object["actions"], "name"), "freeze") || m.Header().Get("ETag") != `"1"` {
			t.Errorf("%s", m.Body)
		}
		fresh.want(fresh.call("POST", "/api/v1/scores/2022-11/acts/freeze", fresh.Token(t, "", "supervisor"), nil), 409)
		fresh.want(fresh.call("POST", "/api/v1/appeals", fresh.Token(t, casestest.Street, "street"), object{"record": good, "ground": "word", "evidence": "x"}), 201)
		if f := fresh.want(fresh.call("GET", "/api/v1/flow/exclusion", "", nil), 200); len(f.object["actions"].([]any)) != len(assess.Exclusions.Actions) {
			t.Errorf("%s", f.Body)
		}
	})
}

// TestScoreMatrix: every state, action and role of exclusions; what is allowed is
// tried with a field that no form has, so that nothing changes.
func TestScoreMatrix(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		e.t = t
		lead, sup, boss := e.Token(t, casestest.Street, "streetlead"), e.Token(t, "", "supervisor"), e.Token(t, "", "leader")
		street := e.Token(t, casestest.Street, "street")
		opinion, reason := object{"opinion": "grant", "reason": "x"}, object{"reason": "x"}
		type step struct {
			who, action string
			body        object
		}
		sign, advise := step{lead, "sign", nil}, step{sup, "advise", opinion}
		stands := map[string]string{}
		for state, steps := range map[string][]step{
			assess.Asked: nil, assess.Signed: {sign}, assess.Advised: {sign, advise}, assess.Granted: {sign, advise, {boss, "grant", reason}},
			assess.Refused: {sign, advise, {boss, "refuse", reason}}, assess.Withdrawn: {{street, "withdraw", nil}},
		} {
			made := e.want(e.call("POST", "/api/v1/exclusions", street, object{"record": e.closed(casestest.Street, "part"), "rule": "litigation", "evidence": "x"}), 201)
			path := made.Header().Get("Location")
			for _, s := range steps {
				e.want(e.call("POST", path+"/acts/"+s.action, s.who, s.body), 200)
			}
			stands[state] = path
		}
		tried := 0
		for _, h := range e.hands(e.department()) {
			// Other people with the same roles, who neither asked nor advised.
			unit := h.unit
			token := e.TokenOf(t, unit, h.role, "other")
			relations := []string{"fresh", "other"}
			district := slices.ContainsFunc(access.Roles(), func(r access.Role) bool { return r.Name == h.role && r.Reach == access.ReachDistrict })
			if !district && unit == casestest.Street {
				relations = append(relations, "own")
			}
			actor := flow.Actor{Roles: []string{h.role}, Relations: relations}
			for state, path := range stands {
				for i := range assess.Exclusions.Actions {
					a := &assess.Exclusions.Actions[i]
					if a.From == nil {
						continue
					}
					want := http.StatusUnprocessableEntity
					switch {
					case !slices.ContainsFunc(a.Who, func(g flow.Grant) bool { return g.Role == h.role }):
						want = http.StatusForbidden
					case !district && unit != casestest.Street:
						want = http.StatusNotFound
					case !a.Grants(actor):
						want = http.StatusForbidden
					case !a.Fits(flow.Position{State: state}):
						want = http.StatusConflict
					}
					tried++
					if got := e.call("POST", path+"/acts/"+a.Name, token, object{"nonsense": "x"}); got.Code != want {
						t.Errorf("%s %s as %s: %d, want %d: %s", state, a.Name, h, got.Code, want, got.Body)
					}
				}
			}
		}
		if tried < 300 {
			t.Errorf("only %d tries", tried)
		}
	})
}
