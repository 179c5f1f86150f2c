package app_test

import (
	"slices"
	"strings"
	"testing"

	"weixiao/internal/access"
	"weixiao/internal/app"
	"weixiao/internal/flow"
	"weixiao/internal/pack"
)

// TestRoutinesAreFilledByRealWork: what fills an item of a routine is an action of a flow table that people do; a name that
// no table has would leave the item empty for ever.
func TestRoutinesAreFilledByRealWork(t *testing.T) {
	p, err := pack.Load(pack.Jiangyuan())
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, r := range p.Routines {
		for _, it := range r.Items {
			for _, by := range it.FilledBy {
				n++
				if why := notDone(by); why != "" {
					t.Errorf("%s, %s: %s %s", r.Key, it.Key, by, why)
				}
			}
		}
	}
	if n < 30 {
		t.Errorf("only %d pairs", n)
	}
	for _, bad := range []string{"finding.tick", "walk.done", "turn.generate"} {
		if notDone(bad) == "" {
			t.Errorf("%s passes", bad)
		}
	}
}

// notDone says why an act of that kind and name is never done by a person; "" = it is.
func notDone(by string) string {
	kind, name, _ := strings.Cut(by, ".")
	i := slices.IndexFunc(app.Tables(), func(t *flow.Table) bool { return t.Kind == kind })
	if i < 0 {
		return "is of no flow table"
	}
	a, err := app.Tables()[i].Action(name)
	if err != nil {
		return "is no action of its table"
	}
	if !slices.ContainsFunc(a.Who, func(g flow.Grant) bool { r, ok := access.RoleOf(g.Role); return ok && !r.Pseudo }) {
		return "is done by no person"
	}
	return ""
}
