package access_test

import (
	"errors"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"weixiao/internal/access"
	"weixiao/internal/flow"
	"weixiao/internal/form"
)

func TestRolesTogether(t *testing.T) {
	for _, c := range []struct {
		roles []string
		code  string
	}{
		{nil, ""},
		{[]string{access.Operator, access.Callback, access.Dispatcher}, ""},
		{[]string{access.Admin}, ""},
		{[]string{access.Admin, access.Admin}, ""},
		{[]string{access.Admin, access.Security}, "exclusive"},
		{[]string{access.Security, access.Auditor}, "exclusive"},
		{[]string{access.Auditor, access.Street}, "exclusive"},
		{[]string{access.Admin, access.Leader}, "exclusive"},
		{[]string{"king"}, "choice"},
		{[]string{access.System}, "choice"},
		{[]string{access.Anonymous}, "choice"},
		{[]string{access.Resident}, "choice"},
		{[]string{access.APIClient}, "choice"},
	} {
		err := access.CheckRoles(c.roles)
		f, _ := errors.AsType[form.Faults](err)
		if (c.code == "") != (err == nil) || (c.code != "" && (len(f) != 1 || f[0].Code != c.code || f[0].Field != "roles")) {
			t.Errorf("%v: %v, want %q", c.roles, err, c.code)
		}
	}
}

func TestEveryRoleIsDescribedOnce(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range access.Roles() {
		got, ok := access.RoleOf(r.Name)
		if seen[r.Name] || !ok || got != r || r.Label != "role."+r.Name {
			t.Errorf("%s: %+v, %v", r.Name, got, ok)
		}
		if r.Separate && r.Pseudo {
			t.Errorf("%s: nobody can hold it", r.Name)
		}
		seen[r.Name] = true
	}
	if len(seen) != len(access.Roles()) {
		t.Errorf("%d roles", len(seen))
	}
}

// TestZeroScopeReachesNothing: forgetting the scope must never mean everything.
func TestZeroScopeReachesNothing(t *testing.T) {
	for name, sc := range map[string]access.Scope{
		"zero":                   {},
		"of a zero principal":    access.ScopeOf(access.Principal{}),
		"no district, an admin":  access.ScopeOf(access.Principal{Account: "a", Roles: []string{access.Admin}}),
		"public of nowhere":      access.PublicScope(""),
		"system of nowhere":      access.SystemScope("", "test"),
		"holding nothing":        access.PublicScope(district).Holding(""),
		"holding, by an account": access.ScopeOf(access.Principal{District: district, Account: "a", Roles: []string{access.Supervisor}}).Holding("c1"),
		"holding, by the system": access.SystemScope(district, "test").Holding("c1"),
	} {
		t.Run(name, func(t *testing.T) {
			for _, r := range access.Roles() {
				if sc.Can(r.Name) {
					t.Errorf("can %s", r.Name)
				}
			}
			if sc.All() || sc.Unit() != "" || sc.Covers(district) || sc.Within(district) || sc.Covers() || sc.Covers("") || sc.Holds("") || sc.Holds("c1") || sc.Account() != "" || len(sc.Roles()) > 0 {
				t.Error("it reaches something")
			}
			defer func() {
				if recover() == nil {
					t.Error("District did not panic")
				}
			}()
			_ = sc.District()
		})
	}
}

func TestScopeOf(t *testing.T) {
	of := func(unit string, path []string, roles ...string) access.Scope {
		return access.ScopeOf(access.Principal{District: district, Account: "a", Unit: unit, Path: path, Roles: roles})
	}
	for _, c := range []struct {
		name                     string
		sc                       access.Scope
		all                      bool
		unit                     string
		village, sibling, within bool // covers a record of the village, of the town; belongs under the street
	}{
		{"a street handler", of(street, units(street), access.Street), false, street, true, false, true},
		{"a village secretary", of(village, units(village), access.Community), false, village, true, false, true},
		{"a handler of another town", of(town, units(town), access.Street), false, town, false, true, false},
		{"a supervisor", of(district, units(district), access.Supervisor), true, "", true, true, false},
		{"a leader who also leads a street", of(street, units(street), access.StreetLead, access.Leader), true, street, true, true, true},
		{"a system administrator", of(district, units(district), access.Admin), false, "", false, false, false},
		{"a security administrator", of(district, units(district), access.Security), false, "", false, false, false},
		{"an auditor", of(district, units(district), access.Auditor), true, "", true, true, false},
		{"no role", of(street, units(street)), false, "", false, false, true},
		{"a unit that no longer exists", of("gone", nil, access.Street), false, "", false, false, false},
		{"the path of another unit", of("x", units(street), access.Street), false, "", false, false, true},
		{"a made-up role", of(street, units(street), "king"), false, "", false, false, true},
		{"a pseudo role in the table", of(street, units(street), access.System), false, "", false, false, true},
		{"anybody", access.ScopeOf(access.Principal{District: district}), false, "", false, false, false},
		{"an API client", access.ScopeOf(access.Principal{District: district, Kind: access.Key, Client: "app", Roles: []string{access.Supervisor}}), false, "", false, false, false},
		{"the system", access.SystemScope(district, "test"), true, "", true, true, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.sc.Covers("") != c.all {
				t.Error("a record without a unit")
			}
			if c.sc.District() != district || c.sc.All() != c.all || c.sc.Unit() != c.unit ||
				c.sc.Covers(units(village)...) != c.village || c.sc.Covers(units(town)...) != c.sibling || c.sc.Within(street) != c.within {
				t.Errorf("all %v, unit %q, covers village %v, sibling %v, within %v", c.sc.All(), c.sc.Unit(), c.sc.Covers(units(village)...), c.sc.Covers(units(town)...), c.sc.Within(street))
			}
		})
	}
}

// TestLessScopeNeverShowsMore: taking a role away never adds reach.
func TestLessScopeNeverShowsMore(t *testing.T) {
	var names []string
	for _, r := range access.Roles() {
		names = append(names, r.Name)
	}
	all := []string{district, street, town, village, "house"}
	rapid.Check(t, func(t *rapid.T) {
		roles := rapid.SliceOfDistinct(rapid.SampledFrom(names), rapid.ID).Draw(t, "roles")
		unit := rapid.SampledFrom(all).Draw(t, "unit")
		p := access.Principal{District: district, Account: "a", Unit: unit, Path: units(unit), Roles: roles}
		more := access.ScopeOf(p)
		if len(roles) > 0 {
			p.Roles = slices.Delete(slices.Clone(roles), 0, 1)
		}
		less := access.ScopeOf(p)
		for _, u := range all {
			if less.Covers(units(u)...) && !more.Covers(units(u)...) {
				t.Fatalf("%v covers %s, with %v it does not", p.Roles, u, roles)
			}
		}
		if less.All() && !more.All() {
			t.Fatal("fewer roles reach everything")
		}
	})
}

func TestActorIsTheOneWhoActs(t *testing.T) {
	sc := access.ScopeOf(access.Principal{District: district, Account: "a", Unit: street, Path: units(street), Roles: []string{access.Street, access.StreetLead}})
	if a := sc.Actor(access.StreetLead); a.Account != "a" || a.Unit != street || a.Capacity != access.StreetLead {
		t.Errorf("%+v", a)
	}
	if a := access.ScopeOf(access.Principal{District: district, Kind: access.Key, Client: "app"}).Actor(""); a.Capacity != "open311:app" || a.Account != "" {
		t.Errorf("%+v", a)
	}
	if a := access.PublicScope(district).Holding("c1").Actor(""); a.Capacity != access.Resident {
		t.Errorf("%+v", a)
	}
	defer func() {
		if recover() == nil {
			t.Error("an act in a capacity nobody has")
		}
	}()
	sc.Actor(access.Supervisor)
}

func TestHolderReachesOneRecord(t *testing.T) {
	sc := access.PublicScope(district).Holding("c1")
	if !sc.Holds("c1") || sc.Holds("c2") || sc.All() || sc.Can(access.Anonymous) || !sc.Can(access.Resident) {
		t.Errorf("%+v", sc)
	}
}

func TestSystemScopeNeedsAReason(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	access.SystemScope(district, "")
}

func TestAccountTableCloses(t *testing.T) {
	for _, bad := range access.Accounts().Check() {
		t.Error(bad)
	}
	if _, err := access.Accounts().Action("delete"); !errors.Is(err, flow.ErrUnknown) {
		t.Errorf("accounts are never deleted: acts point to them; got %v", err)
	}
}
