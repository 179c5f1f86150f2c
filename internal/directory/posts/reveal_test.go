package posts_test

import (
	"testing"

	"weixiao/internal/access"
	"weixiao/internal/directory/posts"
)

// TestRevealTable holds who may see a private number: the whole matrix of roles.
func TestRevealTable(t *testing.T) {
	for _, bad := range posts.RevealTable.Check() {
		t.Log(bad) // states that no action leads to are those of the terms
	}
	act, err := posts.RevealTable.Action("reveal")
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, g := range act.Who {
		got[g.Role] = g.Relation
	}
	want := map[string]string{access.StreetLead: posts.Under, access.Street: posts.Under, access.DeptLead: posts.Under, access.Department: posts.Under, access.Community: posts.Under,
		access.Operator: "", access.Dispatcher: "", access.Duty: ""}
	for _, r := range access.Roles() {
		relation, may := got[r.Name]
		wanted, should := want[r.Name]
		if may != should || relation != wanted {
			t.Errorf("%s: %v with %q, want %v with %q", r.Name, may, relation, should, wanted)
		}
	}
}
