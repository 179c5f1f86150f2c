package api_test

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	"weixiao/internal/access"
	"weixiao/internal/cases"
	"weixiao/internal/cases/casestest"
	"weixiao/internal/flow"
)

func (e env) order(who, number, action string, body any, header ...string) answer {
	e.t.Helper()
	return e.call("POST", "/api/v1/orders/"+number+"/acts/"+action, who, body, header...)
}

// supervised is a case of a street with an order about it, and the order's number.
func (e env) supervised(action string, body object) (number, order string) {
	e.t.Helper()
	number, _ = e.report(nil)
	e.want(e.act(e.Token(e.t, "", "dispatcher"), number, "dispatch", object{"unit": casestest.Street}), 200)
	e.want(e.act(e.Token(e.t, casestest.Street, "street"), number, "sign", nil), 200)
	sup := e.Token(e.t, "", "supervisor")
	a := e.want(e.act(sup, number, action, body), 200)
	if marks := a.object["marks"].([]any); !slices.Contains(marks, any("supervised")) {
		e.t.Errorf("marks %v", marks)
	}
	a = e.want(e.call("GET", "/api/v1/cases/"+number, sup, nil), 200)
	for _, line := range a.object["timeline"].([]any) {
		if answers, ok := line.(object)["answers"].(object); ok && answers["order"] != nil {
			order = answers["order"].(string)
		}
	}
	if !strings.HasPrefix(order, "JYD2022") {
		e.t.Fatalf("no order in the timeline: %s", a.Body)
	}
	return number, order
}

// TestOrder follows a letter through the API.
func TestOrder(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		e.t = t
		sup, street, other := e.Token(t, "", "supervisor"), e.Token(t, casestest.Street, "street"), e.Token(t, casestest.OtherStreet, "street")
		_, o := e.supervised("supervise", object{"level": "2", "demand": "两日内查明", "limit": "4 workhour"})
		a := e.want(e.call("GET", "/api/v1/orders/"+o, street, nil), 200)
		if a.object["kind"] != "letter" || a.object["state"] != "issued" || a.Header().Get("ETag") != `"1"` || !slices.Equal(names(a.object["actions"], "name"), []string{"answer", "note"}) {
			t.Errorf("letter %s", a.Body)
		}
		e.want(e.call("GET", "/api/v1/orders/"+o, other, nil), 404)
		e.want(e.order(other, o, "answer", object{"done": "x", "by": "2022-11-24"}), 404)
		if bad := e.want(e.order(street, o, "answer", object{"by": "bald"}), 422); bad.faults() != "done:required by:date" {
			t.Errorf("faults %s", bad.faults())
		}
		e.want(e.order(street, o, "answer", object{"done": "查清", "by": "2022-11-24"}, "If-Match", `"1"`), 200)
		if old := e.want(e.order(sup, o, "send_back", object{"reason": "x"}, "If-Match", `"1"`), 412); old.object["current"].(object)["state"] != "answered" {
			t.Errorf("412: %s", old.Body)
		}
		for range 2 { // the same key is done once
			e.want(e.order(sup, o, "accept", object{}, "Idempotency-Key", "k"), 200)
		}
		if list := e.want(e.call("GET", "/api/v1/orders?limit=1", street, nil), 200); !slices.Equal(names(list.object["items"], "number"), []string{o}) || list.object["next"] == nil {
			t.Errorf("open: %s", list.Body)
		} else if last := e.want(e.call("GET", "/api/v1/orders?limit=1&cursor="+list.object["next"].(string), street, nil), 200); len(last.object["items"].([]any)) != 0 {
			t.Errorf("after the last: %s", last.Body)
		}
		e.want(e.call("GET", "/api/v1/orders?cursor=x", street, nil), 422)
		e.want(e.order(sup, o, "release", nil), 200)
		if list := e.want(e.call("GET", "/api/v1/orders?list=ended", sup, nil), 200); !slices.Equal(names(list.object["items"], "number"), []string{o}) {
			t.Errorf("ended: %s", list.Body)
		}
		// Words of an instruction are for those concerned.
		_, i := e.supervised("instruct", object{"leader": "leaders.head", "demand": "请亲自过问"})
		for who, reads := range map[string]bool{street: true, sup: true, e.Token(t, "", "leader"): true, e.Token(t, "", "dispatcher"): false, e.Token(t, "", "auditor"): false} {
			if a := e.want(e.call("GET", "/api/v1/orders/"+i, who, nil), 200); strings.Contains(a.Body.String(), "请亲自过问") != reads {
				t.Errorf("reads %v: %s", reads, a.Body)
			}
		}
		_, l := e.supervised("list", object{"subject": "滨河路积水", "demand": "汛期前改造", "leader": "leaders.deputy-1", "by": "2023-05-31"})
		if list := e.want(e.call("GET", "/api/v1/orders?list=listed", other, nil), 200); !slices.Equal(names(list.object["items"], "number"), []string{l}) {
			t.Errorf("listed: %s", list.Body)
		}
	})
}

// TestOrderMatrix tries every action of an order in every state as every role (53).
func TestOrderMatrix(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		e.t = t
		department := e.department()
		sup, street := e.Token(t, "", "supervisor"), e.Token(t, casestest.Street, "street")
		hands := e.hands(department)
		type step struct {
			who, action string
			body        object
		}
		answered := step{street, "answer", object{"done": "x", "by": "2022-11-24"}}
		accepted := step{sup, "accept", nil}
		letter, listing := object{"level": "1", "demand": "x"}, object{"subject": "x", "demand": "x", "leader": "leaders.head", "by": "2023-01-31"}
		for _, c := range []struct {
			state, made string
			body        object
			steps       []step
		}{
			{cases.OrderIssued, "supervise", letter, nil}, {cases.OrderAnswered, "supervise", letter, []step{answered}},
			{cases.OrderReturned, "supervise", letter, []step{answered, {sup, "send_back", object{"reason": "x"}}}},
			{cases.OrderAccepted, "supervise", letter, []step{answered, accepted}}, {cases.OrderReleased, "supervise", letter, []step{answered, accepted, {sup, "release", nil}}},
			{cases.OrderWithdrawn, "supervise", letter, []step{{sup, "withdraw", object{"reason": "x"}}}},
			{cases.OrderAccepted, "list", listing, []step{answered, accepted}},
			{cases.OrderReleased, "list", listing, []step{answered, accepted, {sup, "delist", object{"check": "x", "checked_on": "2022-11-23"}}}},
		} {
			_, number := e.supervised(c.made, c.body)
			for _, s := range c.steps {
				e.want(e.order(s.who, number, s.action, s.body), 200)
			}
			a := e.want(e.call("GET", "/api/v1/orders/"+number, sup, nil), 200)
			if a.object["state"] != c.state {
				t.Fatalf("%s became %v", c.state, a.object["state"])
			}
			pos := flow.Position{State: c.state}
			if c.made == "list" && c.state != cases.OrderReleased {
				pos.Marks = []string{cases.Listed}
			}
			for _, h := range hands {
				for i := range cases.OrderTable.Actions {
					row := &cases.OrderTable.Actions[i]
					if row.From == nil {
						continue
					}
					want := e.expectOrder(row, h, pos, c.made == "list")
					if got := e.order(h.token, number, row.Name, object{"no_such_field": "x"}); got.Code != want {
						t.Errorf("%s %s, %s, %s: %d, want %d: %s", c.made, c.state, h, row.Name, got.Code, want, got.Body)
					}
				}
			}
			if got := e.call("GET", "/api/v1/orders/"+number, sup, nil); got.object["version"] != a.object["version"] {
				t.Errorf("%s: refused attempts left acts", c.state)
			}
		}
	})
}

func (e env) expectOrder(row *flow.Action, h hand, pos flow.Position, listed bool) int {
	if !slices.ContainsFunc(row.Who, func(g flow.Grant) bool { return g.Role == h.role }) {
		return http.StatusForbidden
	}
	who := flow.Actor{Roles: []string{h.role}}
	if h.unit == casestest.Street {
		who.Relations = append(who.Relations, "owes")
	}
	r, _ := access.RoleOf(h.role)
	if r.Reach != access.ReachDistrict && len(who.Relations) == 0 && !listed {
		return http.StatusNotFound
	}
	_, err := cases.OrderTable.Permit(row.Name, pos, who)
	switch {
	case errors.Is(err, flow.ErrForbidden):
		return http.StatusForbidden
	case errors.Is(err, flow.ErrState):
		return http.StatusConflict
	}
	return http.StatusUnprocessableEntity
}
