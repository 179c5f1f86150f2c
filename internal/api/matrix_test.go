package api_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"weixiao/internal/access"
	"weixiao/internal/cases"
	"weixiao/internal/cases/casestest"
	"weixiao/internal/directory"
	"weixiao/internal/flow"
)

// hand is one who tries every action.
type hand struct {
	role, unit, token string
}

func (h hand) String() string { return h.role + "@" + h.unit }

// hands are all roles: those of streets in the street that leads, those of
// departments in one that assists, and a street that has nothing to do with it.
func (e env) hands(department string) []hand {
	var out []hand
	for _, r := range access.Roles() {
		if r.Pseudo {
			continue
		}
		unit := e.Cases.District().Centre
		switch r.Name {
		case access.Street, access.StreetLead, access.Community, access.Grid, access.GridChief:
			unit = casestest.Street
		case access.Department, access.DeptLead:
			unit = department
		case access.Duty:
			unit = e.dutyDesk()
		}
		out = append(out, hand{r.Name, unit, e.Token(e.t, unit, r.Name)})
	}
	return append(out, hand{access.Street, casestest.OtherStreet, e.Token(e.t, casestest.OtherStreet, access.Street)})
}

// stand is a case brought to a state, with its secret.
type stand struct{ name, number, secret string }

// stands makes a case for every state of the table, and for marks that bar or need
// something.
func (e env) stands(department string) []stand {
	disp, street, back, sup, op := e.Token(e.t, "", access.Dispatcher), e.Token(e.t, casestest.Street, access.Street), e.Token(e.t, "", access.Callback),
		e.Token(e.t, "", access.Supervisor), e.Token(e.t, "", access.Operator)
	night := e.Token(e.t, e.dutyDesk(), access.Duty)
	type step struct {
		who, action string
		body        object
	}
	dispatch := step{disp, "dispatch", object{"unit": casestest.Street, "assist": []string{department}}}
	sign := step{street, "sign", nil}
	reply := step{street, "reply", object{"result": "solved", "reply": "修好了"}}
	judged := object{"reached": true, "contacted": true, "solved": "solved", "satisfied": "satisfied"}
	target, _ := e.report(nil)
	var out []stand
	for _, c := range []struct {
		name  string
		steps []step
	}{
		{cases.Pending, nil},
		{cases.Dispatched, []step{dispatch}},
		{cases.Signed, []step{dispatch, sign}},
		{cases.Dispatched, []step{{night, "dispatch", object{"unit": e.dutyDesk()}}}},
		{cases.Signed, []step{{night, "dispatch", object{"unit": e.dutyDesk()}}, {night, "sign", nil}}},
		{cases.Handling, []step{dispatch, sign, {street, "contact", object{"how": "phone"}}}},
		{cases.Replied, []step{dispatch, sign, reply}},
		{cases.Rework, []step{dispatch, sign, reply, {back, "return_reply", object{"reason": "没修好"}}}},
		{cases.Closed, []step{dispatch, sign, reply, {back, "call_back", judged}}},
		{cases.Answered, []step{{op, "answer", object{"reply": "已告知"}}}},
		{cases.Screened, []step{{op, "screen_out", object{"ground": "outside_duty", "reply": "不受理"}}}},
		{cases.Merged, []step{{op, "merge", object{"into": target}}}},
		{cases.Terminated, []step{dispatch, {sup, "terminate", object{"ground": "no_object", "reason": "x", "reply": "终结"}}}},
		{cases.Withdrawn, []step{dispatch, {op, "withdraw", nil}}},
		{"dispatched objection_pending", []step{dispatch, {street, "hand_back", object{"ground": "wrong_place", "reason": "不在辖区"}}}},
		{"dispatched final", []step{{disp, "designate", object{"unit": casestest.Street, "reason": "指定"}}}},
		{"signed extension_pending", []step{dispatch, sign, {street, "request_extension", object{"limit": "2 workday", "reason": "等材料"}}}},
		{"signed suspension_pending", []step{dispatch, sign, {street, "request_suspension", object{"ground": "season", "reason": "冬季", "plan": "春天修", "review_on": "2023-04-01"}}}},
		{"signed pause_pending", []step{dispatch, sign, {street, "request_pause", object{"ground": "papers", "reason": "缺材料", "review_on": "2022-12-01"}}}},
		{"signed paused", []step{dispatch, sign, {street, "request_pause", object{"ground": "papers", "reason": "缺材料", "review_on": "2022-12-01"}}, {disp, "grant_pause", nil}}},
		{"signed suspended", []step{dispatch, sign, {street, "request_suspension", object{"ground": "season", "reason": "冬季", "plan": "春天修", "review_on": "2023-04-01"}}, {sup, "grant_suspension", nil}}},
		{"dispatched appeal_pending final", []step{{disp, "designate", object{"unit": casestest.Street, "reason": "指定"}}, {street, "appeal", object{"reason": "不归我们"}}}},
		{"handling supervised", []step{dispatch, sign, {street, "contact", object{"how": "phone"}}, {sup, "supervise", object{"level": "2", "demand": "查"}}}},
		{"closed rated", []step{dispatch, sign, reply, {"", "rate", object{"contacted": true, "solved": "solved", "satisfied": "very_satisfied"}}}},
	} {
		number, secret := e.report(nil)
		for _, s := range c.steps {
			if s.who == "" {
				s.who = "secret:" + secret
			}
			e.want(e.act(s.who, number, s.action, s.body), http.StatusOK)
		}
		k := e.load(number)
		if got := strings.Join(append([]string{k.State}, k.Marks...), " "); got != c.name {
			e.t.Fatalf("%s became %s", c.name, got)
		}
		out = append(out, stand{c.name, number, secret})
	}
	return out
}

func (e env) load(number string) *cases.Case {
	e.t.Helper()
	k, err := e.Cases.Get(context.Background(), access.SystemScope(e.Pack.District, "tests"), number)
	if err != nil {
		e.t.Fatal(err)
	}
	return k
}

// dutyDesk is the unit that gets what no rule could place.
func (e env) dutyDesk() string { return e.Pack.Catalogue.DutyDesk().ID }

func (e env) department() string {
	for _, u := range e.Pack.Directory.ByKind(directory.Department) {
		return u.ID
	}
	e.t.Fatal("no department")
	return ""
}

// TestMatrix is BEHAVIOUR 53: every state, action and role. An attempt is allowed
// exactly if the table says so, else 401, 403, 404 or 409 and no act. What is
// allowed is tried with a field that no form has, so that nothing changes: 422.
func TestMatrix(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		e.t = t
		t.Run("53 every state, action and role", e.matrix)
	})
}

func (e env) matrix(t *testing.T) {
	e.t = t
	department := e.department()
	hands, stands := e.hands(department), e.stands(department)
	var tried, allowed atomic.Int64
	codes := map[int]*atomic.Int64{401: {}, 403: {}, 404: {}, 409: {}, 422: {}}
	work := make(chan func())
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for f := range work {
				f()
			}
		})
	}
	for _, s := range stands {
		before := e.load(s.number)
		for _, h := range append(hands, hand{access.Resident, "", "secret:" + s.secret}, hand{access.Anonymous, "", ""}) {
			for i := range cases.Table.Actions {
				a := &cases.Table.Actions[i]
				if a.From == nil {
					continue
				}
				want := e.expect(a, h, before)
				work <- func() {
					got := e.act(h.token, s.number, a.Name, object{"no_such_field": "x"})
					tried.Add(1)
					if got.Code != want {
						t.Errorf("%s, %s, %s: %d, want %d: %s", s.name, h, a.Name, got.Code, want, got.Body)
						return
					}
					codes[want].Add(1)
					if want == http.StatusUnprocessableEntity {
						allowed.Add(1)
						if got.faults() == "" || !strings.Contains(got.faults(), "no_such_field:unknown") {
							t.Errorf("%s, %s, %s: faults %q", s.name, h, a.Name, got.faults())
						}
					}
				}
			}
		}
		// Everything about this case is answered before its version is looked at.
		done := make(chan bool)
		for range 8 {
			work <- func() { done <- true }
		}
		for range 8 {
			<-done
		}
		if after := e.load(s.number); after.Version != before.Version || after.LastSeq != before.LastSeq {
			t.Errorf("%s: refused attempts left acts: version %d, then %d", s.name, before.Version, after.Version)
		}
	}
	close(work)
	wg.Wait()
	line := fmt.Sprintf("%d attempts:", tried.Load())
	for _, code := range []int{401, 403, 404, 409, 422} {
		line += fmt.Sprintf(" %d × %d,", code, codes[code].Load())
		if codes[code].Load() == 0 {
			t.Errorf("no attempt was answered with %d: the matrix does not cover it", code)
		}
	}
	t.Log(line)
}

// expect says what the table makes of an attempt.
func (e env) expect(a *flow.Action, h hand, k *cases.Case) int {
	forResidents := slices.ContainsFunc(a.Who, func(g flow.Grant) bool { return g.Role == access.Resident })
	inRow := slices.ContainsFunc(a.Who, func(g flow.Grant) bool { return g.Role == h.role })
	who := flow.Actor{Roles: []string{h.role}}
	switch {
	case h.role == access.Anonymous:
		return http.StatusUnauthorized
	case h.role == access.Resident && !forResidents:
		return http.StatusUnauthorized
	case h.role == access.Resident:
		who.Relations = []string{"reporter"}
	case !inRow && !forResidents:
		return http.StatusForbidden
	}
	for unit, rel := range k.Units {
		if h.unit != "" && e.Pack.Directory.Under(unit, h.unit) {
			who.Relations = append(who.Relations, rel)
		}
	}
	// What a unit asked for is decided by whom the pack names; here nobody asks twice.
	related := len(who.Relations)
	for mark, a := range k.Asks {
		for _, by := range a.By {
			if by != cases.ByUnit || h.unit == k.Unit {
				who.Relations = append(who.Relations, strings.TrimSuffix(mark, "_pending")+":"+by)
			}
		}
	}
	r, _ := access.RoleOf(h.role)
	if r.Reach == access.ReachNothing && h.role != access.Resident || r.Reach == access.ReachUnit && related == 0 {
		return http.StatusNotFound
	}
	_, err := cases.Table.Permit(a.Name, k.Position, who)
	switch {
	case errors.Is(err, flow.ErrForbidden):
		return http.StatusForbidden
	case errors.Is(err, flow.ErrState):
		return http.StatusConflict
	}
	return http.StatusUnprocessableEntity
}
