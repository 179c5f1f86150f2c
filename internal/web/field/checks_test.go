package field

import (
	"testing"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/cases"
	"weixiao/internal/cases/casestest"
	"weixiao/internal/form"
	"weixiao/internal/pack"
	"weixiao/internal/store"
	"weixiao/internal/words"
)

// TestChecksOnThePhone: a grid worker gets what the street called solved, looks once
// however often it is sent, and who comes too late has written a note.
func TestChecksOnThePhone(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		const community = "220605001001"
		e.Cases.District().Procedures.Checks = []pack.CheckRule{{ID: "site", On: "reply", Results: []string{"solved"}, Share: 1, By: []string{"community", "supervision"}, Within: "2 workday"}}
		r, err := e.Cases.Report(t.Context(), e.Scope("", access.Operator), cases.Report{Channel: "hotline", Body: "锦绣花园东侧路灯不亮", Matter: "001", Place: cases.Place{Street: casestest.Street, Community: community}})
		for _, step := range []struct {
			who    access.Scope
			action string
			raw    form.Raw
		}{{e.Scope("", access.Dispatcher), "dispatch", form.Raw{"unit": {casestest.Street}}}, {e.Scope(casestest.Street, access.Street), "sign", nil},
			{e.Scope(casestest.Street, access.Street), "reply", form.Raw{"result": {"solved"}, "reply": {"灯已换好"}}}} {
			if err == nil {
				_, err = e.Cases.Act(t.Context(), step.who, r.Number, step.action, cases.Input{Raw: step.raw})
			}
		}
		if err != nil {
			t.Fatal(err)
		}
		worker := Caller{Principal: access.Principal{District: e.Pack.District, Account: "x", Unit: community}, Scope: e.Scope(community, access.Grid), Lang: words.ZH, Now: e.Clock()}
		p := checkWork{e.site}
		tasks, actions, err := p.Tasks(t.Context(), worker)
		if err != nil || len(tasks) != 1 || len(actions) != 2 || tasks[0].Due == 0 || tasks[0].Do[0] != "check.look" || !actions[0].Before {
			t.Fatalf("%d tasks, %d actions: %v", len(tasks), len(actions), err)
		}
		street := worker
		street.Scope = e.Scope(casestest.Street, access.Street)
		if list, _, err := p.Tasks(t.Context(), street); err != nil || len(list) != 0 {
			t.Errorf("the street is to look at its own work: %d, %v", len(list), err)
		}
		act := Act{Subject: tasks[0].Subject, Action: "look", Version: tasks[0].Version, Seen: e.Clock(), Raw: form.Raw{"found": {cases.CheckNotFixed}, "seen": {"还是不亮"}},
			Key: store.Key{Scope: "field", Value: "k", Request: store.RequestHash("a")}, attach: func(*store.Tx, string, string, time.Time, Outcome) error { return nil },
			after: func(*store.Tx, string, string, time.Time) error { return nil }}
		for range 2 {
			if _, err := p.Do(t.Context(), worker, act); err != nil {
				t.Fatal(err)
			}
		}
		if k, err := e.Cases.Get(t.Context(), e.Scope("", access.Dispatcher), r.Number); err != nil || k.State != cases.Rework {
			t.Errorf("case %+v, %v", k, err)
		}
		late := act
		late.Key.Value, late.Raw = "other", form.Raw{"found": {cases.CheckFixed}, "note": {"晚上去看亮了"}}
		_, cause := p.Do(t.Context(), worker, late)
		if cause == nil {
			t.Fatal("looked twice")
		}
		if _, err := p.Keep(t.Context(), worker, late, cause); err != nil {
			t.Fatal(err)
		}
		v, err := e.Cases.Check(t.Context(), worker.Scope, act.Subject)
		if err != nil || v.Check.State != cases.CheckNotFixed || len(v.Entries) != 3 || v.Entries[2].Texts["note"] == "" {
			t.Errorf("check %+v, %v", v, err)
		}
		if title, state, err := p.Now(t.Context(), worker, act.Subject); err != nil || title == "" || state != "没有解决" {
			t.Errorf("%q %q %v", title, state, err)
		}
	})
}
