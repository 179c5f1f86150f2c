package api_test

import (
	"errors"
	"net/http"
	"slices"
	"testing"

	"weixiao/internal/access"
	"weixiao/internal/cases"
	"weixiao/internal/cases/casestest"
	"weixiao/internal/flow"
)

func (e env) whistle(who, number, action string, body any, header ...string) answer {
	e.t.Helper()
	return e.call("POST", "/api/v1/whistles/"+number+"/acts/"+action, who, body, header...)
}

// TestWhistle follows a whistle from the street's draft to the filed plan.
func TestWhistle(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		e.t = t
		department := e.department()
		disp, street, lead, called := e.Token(t, "", "dispatcher"), e.Token(t, casestest.Street, "street"), e.Token(t, casestest.Street, "streetlead"), e.Token(t, department, "department")
		number, _ := e.report(nil)
		e.want(e.act(disp, number, "dispatch", object{"unit": casestest.Street}), 200)
		e.want(e.act(street, number, "sign", nil), 200)
		draft := object{"case": number, "kind": "problem", "units": []string{department}, "issue": "路灯线路要挖路", "meet_at": "2022-11-23T15:00", "meet_place": "路口"}
		if a := e.want(e.call("POST", "/api/v1/whistles", street, object{"kind": "x", "extra": 1}), 422); a.faults() != "extra:unknown kind:choice units:required issue:required" {
			t.Errorf("faults %s", a.faults())
		}
		e.want(e.call("POST", "/api/v1/whistles", called, draft), 403)
		a := e.want(e.call("POST", "/api/v1/whistles", street, draft, "Idempotency-Key", "w"), 201)
		w := a.object["number"].(string)
		if a.Header().Get("ETag") != `"1"` || a.Header().Get("Location") != "/api/v1/whistles/"+w || a.object["state"] != "draft" || a.object["case"] != number {
			t.Errorf("draft %v %s", a.Header(), a.Body)
		}
		if again := e.want(e.call("POST", "/api/v1/whistles", street, draft, "Idempotency-Key", "w"), 201); again.object["number"] != w {
			t.Errorf("again: %v, want %s", again.object["number"], w)
		}
		e.want(e.call("GET", "/api/v1/whistles/"+w, called, nil), 404) // a draft is the street's own
		e.want(e.whistle(street, w, "approve", nil), 403)
		e.want(e.whistle(lead, w, "approve", nil, "If-Match", `"1"`), 200)
		old := e.want(e.whistle(lead, w, "cancel", object{"reason": "x"}, "If-Match", `"1"`), 412)
		if now := old.object["current"].(object); old.Header().Get("ETag") != `"2"` || now["state"] != "sent" {
			t.Errorf("412: %s", old.Body)
		}
		got := e.want(e.call("GET", "/api/v1/whistles/"+w, called, nil), 200)
		if steps := names(got.object["actions"], "name"); got.object["mine"] != department || !slices.Contains(steps, "acknowledge") || slices.Contains(steps, "plan") {
			t.Errorf("the called unit sees %s", got.Body)
		}
		if list := e.want(e.call("GET", "/api/v1/whistles", called, nil), 200); !slices.Equal(names(list.object["items"], "number"), []string{w}) {
			t.Errorf("what waits for the called unit: %s", list.Body)
		}
		e.want(e.whistle(called, w, "acknowledge", nil), 200)
		if a := e.whistle(called, w, "acknowledge", nil); a.Code != 409 || a.object["code"] != "already_acknowledged" {
			t.Errorf("twice: %d %s", a.Code, a.Body)
		}
		e.want(e.whistle(called, w, "report_in", object{"who": "王科长", "rank": "section"}), 200)
		e.want(e.whistle(street, w, "set_task", object{"unit": department, "what": "换线", "by": "2022-11-30"}), 200)
		e.want(e.whistle(street, w, "plan", object{"plan": "先断电再挖路"}), 200)
		e.want(e.whistle(called, w, "task_done", object{"result": "换好了"}), 200)
		got = e.want(e.whistle(street, w, "confirm_task", object{"unit": department}), 200)
		if unit := got.object["units"].([]any)[0].(object); got.object["state"] != "done" || unit["task"] != "confirmed" || unit["task_text"] != "换线" || unit["state"] != "arrived" {
			t.Errorf("at the end %s", got.Body)
		}
		e.want(e.whistle(street, w, "rate_unit", object{"unit": department, "score": "5"}), 200)
		e.want(e.whistle(called, w, "rate_street", object{"score": 4, "needed": true}), 200) // a number where the form has words
		e.want(e.whistle(street, w, "close", nil), 200)
		if line := names(e.call("GET", "/api/v1/whistles/"+w, disp, nil).object["timeline"], "action"); len(line) != 11 || line[0] != "draft" || line[10] != "close" {
			t.Errorf("timeline %v", line)
		}
		list := e.want(e.call("GET", "/api/v1/whistles?list=recent&limit=1", disp, nil), 200)
		if next, _ := list.object["next"].(string); !slices.Equal(names(list.object["items"], "number"), []string{w}) || next == "" {
			t.Errorf("recent: %s", list.Body)
		} else if last := e.want(e.call("GET", "/api/v1/whistles?list=recent&limit=1&cursor="+next, disp, nil), 200); len(last.object["items"].([]any)) != 0 {
			t.Errorf("after the last: %s", last.Body)
		}
	})
}

// TestWhistleMatrix tries every action of a whistle in every state as every role.
func TestWhistleMatrix(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		e.t = t
		department := e.department()
		street, lead, called := e.Token(t, casestest.Street, "street"), e.Token(t, casestest.Street, "streetlead"), e.Token(t, department, "department")
		hands := e.hands(department)
		type step struct {
			who, action string
			body        object
		}
		approve := step{lead, "approve", nil}
		task := step{street, "set_task", object{"unit": department, "what": "x", "by": "2022-11-30"}}
		plan, done := step{street, "plan", object{"plan": "x"}}, step{called, "task_done", object{"result": "x"}}
		confirm := step{street, "confirm_task", object{"unit": department}}
		for state, steps := range map[string][]step{
			cases.WhistleDraft: nil, cases.WhistleSent: {approve}, cases.WhistleExecuting: {approve, task, plan}, cases.WhistleDone: {approve, task, plan, done, confirm},
			cases.WhistleClosed: {approve, task, plan, done, confirm, {street, "close", nil}}, cases.WhistleCancelled: {{lead, "reject", object{"reason": "x"}}},
		} {
			a := e.want(e.call("POST", "/api/v1/whistles", street, object{"kind": "emergency", "units": []string{department}, "issue": "x"}), 201)
			number := a.object["number"].(string)
			for _, s := range steps {
				a = e.want(e.whistle(s.who, number, s.action, s.body), 200)
			}
			if a.object["state"] != state {
				t.Fatalf("%s became %v", state, a.object["state"])
			}
			for _, h := range hands {
				for i := range cases.WhistleTable.Actions {
					row := &cases.WhistleTable.Actions[i]
					if row.From == nil {
						continue
					}
					want := e.expectWhistle(row, h, state, department)
					if got := e.whistle(h.token, number, row.Name, object{"no_such_field": "x"}); got.Code != want {
						t.Errorf("%s, %s, %s: %d, want %d: %s", state, h, row.Name, got.Code, want, got.Body)
					}
				}
			}
			if got := e.call("GET", "/api/v1/whistles/"+number, street, nil); got.object["version"] != a.object["version"] {
				t.Errorf("%s: refused attempts left acts", state)
			}
		}
	})
}

func (e env) expectWhistle(row *flow.Action, h hand, state, department string) int {
	if !slices.ContainsFunc(row.Who, func(g flow.Grant) bool { return g.Role == h.role }) {
		return http.StatusForbidden
	}
	who := flow.Actor{Roles: []string{h.role}}
	if h.unit == casestest.Street {
		who.Relations = append(who.Relations, "street")
	}
	if h.unit == department && state != cases.WhistleDraft {
		who.Relations = append(who.Relations, cases.Called)
	}
	if r, _ := access.RoleOf(h.role); r.Reach != access.ReachDistrict && len(who.Relations) == 0 {
		return http.StatusNotFound
	}
	_, err := cases.WhistleTable.Permit(row.Name, flow.Position{State: state}, who)
	switch {
	case errors.Is(err, flow.ErrForbidden):
		return http.StatusForbidden
	case errors.Is(err, flow.ErrState):
		return http.StatusConflict
	}
	return http.StatusUnprocessableEntity
}
