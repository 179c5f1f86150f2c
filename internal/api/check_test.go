package api_test

import (
	"slices"
	"strings"
	"testing"

	"weixiao/internal/cases/casestest"
	"weixiao/internal/pack"
)

// TestCheck follows an independent check through the API.
func TestCheck(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		e.t = t
		e.Cases.District().Procedures.Checks = []pack.CheckRule{{ID: "site", On: "reply", Results: []string{"solved"}, Share: 1, By: []string{"community", "supervision"}, Within: "2 workday"}}
		const community = "220605001001"
		worker, street, other := e.Token(t, community, "grid"), e.Token(t, casestest.Street, "street"), e.Token(t, casestest.OtherStreet, "street")
		n, _ := e.report(nil)
		centre := e.Token(t, "", "dispatcher")
		e.want(e.act(centre, n, "classify", object{"street": casestest.Street, "community": community}), 200)
		e.want(e.act(centre, n, "dispatch", object{"unit": casestest.Street}), 200)
		e.want(e.act(street, n, "sign", nil), 200)
		e.want(e.act(street, n, "reply", object{"result": "solved", "reply": "灯已换好"}), 200)
		list := e.want(e.call("GET", "/api/v1/checks?limit=1", worker, nil), 200)
		all := names(list.object["items"], "number")
		if len(all) != 1 || !strings.HasPrefix(all[0], "JYC2022") || list.object["next"] == nil {
			t.Fatalf("open: %s", list.Body)
		}
		x := "/api/v1/checks/" + all[0]
		if a := e.want(e.call("GET", x, worker, nil), 200); a.object["reply"] != "灯已换好" || !slices.Equal(names(a.object["actions"], "name"), []string{"look", "pass_on"}) {
			t.Errorf("check: %s", a.Body)
		}
		e.want(e.call("GET", x, other, nil), 404)
		e.want(e.call("GET", "/api/v1/checks?cursor=x", worker, nil), 422)
		e.want(e.call("POST", x+"/acts/look", street, object{"found": "fixed"}), 409) // its own work
		if bad := e.want(e.call("POST", x+"/acts/look", worker, object{"found": "not_fixed"}), 422); bad.faults() != "seen:required" {
			t.Errorf("faults %s", bad.faults())
		}
		for range 2 { // the same key is done once
			e.want(e.call("POST", x+"/acts/look", worker, object{"found": "not_fixed", "seen": "还是不亮"}, "Idempotency-Key", "k", "If-Match", `"1"`), 200)
		}
		e.want(e.call("POST", x+"/acts/look", worker, object{"found": "fixed"}), 409)
		if a := e.want(e.call("GET", "/api/v1/cases/"+n, street, nil), 200); a.object["state"] != "rework" {
			t.Errorf("case: %s", a.Body)
		}
		if list := e.want(e.call("GET", "/api/v1/checks?list=ended", worker, nil), 200); !slices.Equal(names(list.object["items"], "number"), all) {
			t.Errorf("ended: %s", list.Body)
		}
	})
}
