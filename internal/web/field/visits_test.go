package field

import (
	"testing"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/form"
	"weixiao/internal/rounds/visits"
	"weixiao/internal/store"
	"weixiao/internal/web"
	"weixiao/internal/words"
)

// TestDoorsOnThePhone: a worker has the doors of the grid, writes one down once however often it is sent, and sees the
// people in need of the grid masked.
func TestDoorsOnThePhone(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		const community, block = "220605001001", "220605001001-b001"
		e.site.Visits = web.NewVisits(e.DB, e.Cases, e.Pack, e.Vault, e.Posts, func() *access.Gate { return e.gate }, e.Clock)
		host := e.Scope(community, access.Community)
		id, err := e.site.Visits.Plan(t.Context(), host, form.Raw{"name": {"走访"}, "communities": {community}, "buildings": {block}, "from": {"2022-11-20"}, "until": {"2022-12-20"}})
		if err == nil {
			err = e.site.Visits.Act(t.Context(), host, id, "start", 1, nil)
		}
		if err != nil {
			t.Fatal(err)
		}
		if _, err := e.site.Visits.Enter(t.Context(), host, form.Raw{"community": {community}, "categories": {"alone"}, "name": {"赵桂兰"}, "phone": {"19900005678"}, "address": {"1号楼"}, "consent": {"own"}, "consent_on": {"2022-11-20"}}); err != nil {
			t.Fatal(err)
		}
		c := Caller{Principal: access.Principal{District: e.Pack.District, Account: "x", Unit: community}, Scope: host, Lang: words.ZH, Now: e.Clock()}
		p := visitWork{e.site}
		tasks, actions, err := p.Tasks(t.Context(), c)
		if err != nil || len(tasks) == 0 || len(actions) != len(visitActions) || tasks[0].At == nil || len(tasks[0].Do) == 0 || len(spell(words.ZH, actions[0]).Fields) == 0 || len(actions[0].Choices["need"]) == 0 {
			t.Fatalf("%d tasks, %d actions: %v %+v", len(tasks), len(actions), err, tasks[:min(1, len(tasks))])
		}
		attached := 0
		act := Act{Subject: tasks[0].Subject, Action: "record", Version: tasks[0].Version, Seen: e.Clock(), Raw: form.Raw{"outcome": {"met"}, "need": {"repair"}, "words": {"楼道灯坏了"}},
			Key: store.Key{Scope: "field", Value: "k", Request: store.RequestHash("a")}, attach: func(*store.Tx, string, string, time.Time, Outcome) error { attached++; return nil }}
		for range 2 {
			if _, err := p.Do(t.Context(), c, act); err != nil {
				t.Fatal(err)
			}
		}
		if attached != 1 {
			t.Errorf("written down %d times", attached)
		}
		x, _, _, err := e.site.Visits.Visit(t.Context(), host, tasks[0].Subject)
		if err != nil || x.State != visits.Raised || x.Attempts != 1 {
			t.Errorf("%+v %v", x, err)
		}
		act.Key.Value, act.Version = "other", tasks[0].Version
		if _, err := p.Do(t.Context(), c, act); err == nil {
			t.Error("an act on what has moved on was done")
		}
		items, err := needList{e.site}.List(t.Context(), c)
		if err != nil || len(items) != 1 || items[0].Title == "赵桂兰" || len(items[0].Tags) == 0 {
			t.Errorf("%+v %v", items, err)
		}
		c.Scope = e.Scope("housing", access.Department)
		if items, err := (needList{e.site}).List(t.Context(), c); err != nil || len(items) != 0 {
			t.Errorf("another department: %+v %v", items, err)
		}
	})
}
