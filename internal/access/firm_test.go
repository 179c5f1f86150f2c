package access_test

import (
	"testing"

	"weixiao/internal/access"
	"weixiao/internal/form"
)

// TestFirm: an account of a firm speaks for that firm alone, reaches no unit and holds no other role.
func TestFirm(t *testing.T) {
	const code = "91110108551385082Q"
	sc := access.ScopeOf(access.Principal{District: "220605", Account: "a", Unit: code, Roles: []string{access.Firm}, Kind: access.Cookie})
	if sc.Firm() != code || sc.Unit() != "" || sc.All() || sc.Covers(code) || sc.Within(code) {
		t.Errorf("the scope of a firm: firm %q, unit %q", sc.Firm(), sc.Unit())
	}
	if got := sc.Actor(access.Firm); got.Unit != code || got.Capacity != access.Firm {
		t.Errorf("acts are written down to %+v", got)
	}
	staff := access.ScopeOf(access.Principal{District: "220605", Account: "b", Unit: "street", Path: []string{"street"}, Roles: []string{access.Street}, Kind: access.Cookie})
	if staff.Firm() != "" {
		t.Error("staff speak for a firm")
	}
	if err := access.CheckRoles([]string{access.Firm, access.Street}); err == nil {
		t.Error("a firm's account may be staff")
	} else if f, ok := err.(form.Faults); !ok || f[0].Code != "exclusive" {
		t.Error(err)
	}
}

// TestPost: a scope knows the post of its account; nobody else has one.
func TestPost(t *testing.T) {
	sc := access.ScopeOf(access.Principal{District: "220605", Account: "a", Unit: "leaders", Post: "leaders.head", Path: []string{"leaders"}, Roles: []string{access.Leader}, Kind: access.Cookie})
	if sc.Post() != "leaders.head" || access.PublicScope("220605").Post() != "" {
		t.Errorf("posts %q, %q", sc.Post(), access.PublicScope("220605").Post())
	}
}
