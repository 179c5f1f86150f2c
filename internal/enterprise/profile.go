package enterprise

import (
	"slices"

	"weixiao/internal/access"
	"weixiao/internal/catalogue/conditions"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/record"
)

// States of a profile.
const (
	Stated    = "stated"    // the firm said so, or somebody for it
	Checked   = "checked"   // a unit compared it with papers
	Corrected = "corrected" // a unit put right what did not agree
	Closed    = "closed"    // the firm is no more
)

// Profile is what is known of a firm. Its facts are those of package conditions, so that policies can ask about each.
type Profile struct {
	record.Head
	Firm string `json:"firm"` // code
	Name string `json:"name"` // as the register had it then
	Unit string `json:"unit,omitempty"`
	conditions.Facts
	AsOf   string            `json:"as_of"`            // day to which the figures last stated belong
	Person string            `json:"person,omitempty"` // who to speak to, id in the vault
	Said   map[string]Source `json:"said,omitempty"`   // of each fact
}

// Source says where a fact comes from.
type Source struct {
	By      string `json:"by"`                // the firm's code, or the unit that wrote it down
	AsOf    string `json:"as_of"`             // the day it belongs to
	At      int64  `json:"at"`                // µs UTC: when it was said
	Checked string `json:"checked,omitempty"` // unit that found it right
	When    int64  `json:"when,omitempty"`    // µs UTC: when it did
}

func profileKeys(x *Profile) record.Keys {
	return record.Keys{Of: x.Firm, Unit: x.Unit, Tag: x.Sector, Title: x.Name}
}

// facts are the fields of the form: everything that can be stated. A turnover below ten thousand yuan,
// or another amount below a thousand, is usually meant in 万元; one above five billion was multiplied once too often: both
// are asked about once more.
func facts(required bool) []form.Field {
	out := []form.Field{{Name: "as_of", Type: form.Date, Required: required}, {Name: "founded", Type: form.Date}}
	for _, f := range conditions.All() {
		if len(f.From) > 0 {
			continue
		}
		if f.Name == "street" {
			out = append(out, form.Field{Name: f.Name, Type: form.Unit})
			continue
		}
		switch f.Kind {
		case conditions.Choice:
			out = append(out, form.Field{Name: f.Name, Type: form.Choice, Options: form.Options(f.Options...)})
		case conditions.List:
			out = append(out, form.Field{Name: f.Name, Type: form.Multi, Options: form.Options(f.Options...)})
		case conditions.Bool:
			out = append(out, form.Field{Name: f.Name, Type: form.Bool})
		case conditions.Number:
			out = append(out, form.Field{Name: f.Name, Type: form.Int, Max: int(f.Max)})
		case conditions.Money:
			low := int64(1_000_00)
			if f.Name == "turnover" || f.Name == "assets" {
				low = 10_000_00
			}
			out = append(out, form.Field{Name: f.Name, Type: form.Money, Low: low, High: 5_000_000_000_00}, form.Field{Name: f.Name + "_sure", Type: form.Bool})
		}
	}
	return out
}

var contact = []form.Field{{Name: "contact", Type: form.Line, Max: 20, Personal: true}, {Name: "phone", Type: form.Phone, Personal: true}}

// ProfileTable says who states, checks and corrects a profile. The firm may state it again at any time.
var ProfileTable = flow.Table{
	Kind: "firm_profile",
	States: []flow.State{{Name: Stated, Chip: "new"}, {Name: Checked, Chip: "done"}, {Name: Corrected, Chip: "done"},
		{Name: Closed, Chip: "closed", End: true}},
	Actions: []flow.Action{
		{Name: "state", To: Stated, Who: append(keepers(), flow.Grant{Role: access.Firm, Relation: Own}), Form: form.Form{Name: "profile_state", Fields: append(facts(true), contact...)}},
		{Name: "restate", From: []string{Stated, Checked, Corrected}, To: Stated, Who: append(keepers(), flow.Grant{Role: access.Firm, Relation: Own}), Form: form.Form{Name: "profile_state", Fields: append(facts(true), contact...)}},
		{Name: "check", From: []string{Stated}, To: Checked, Who: keepers(), Form: form.Form{Name: "profile_check", Fields: []form.Field{
			{Name: "basis", Type: form.Text, Required: true, Max: 500}}}},
		{Name: "correct", From: []string{Stated, Checked, Corrected}, To: Corrected, Who: keepers(), Form: form.Form{Name: "profile_correct", Fields: append(facts(true),
			form.Field{Name: "grounds", Type: form.Text, Required: true, Max: 500})}},
		{Name: "close", From: []string{Stated, Checked, Corrected}, To: Closed, Who: keepers(), Form: form.Form{Name: "profile_close", Fields: []form.Field{
			{Name: "grounds", Type: form.Text, Required: true, Max: 500}}}},
	},
}

// keepers keep profiles and invite firms: streets of theirs, departments that work for firms of all.
func keepers() (out []flow.Grant) {
	for _, r := range []string{access.StreetLead, access.Street, access.DeptLead, access.Department} {
		out = append(out, flow.Grant{Role: r, Relation: Under})
	}
	return out
}

// Keepers are the roles of those who keep profiles, and of those who see them all.
func Keepers() []string {
	out := []string{access.Leader, access.Supervisor, access.Auditor}
	for _, g := range keepers() {
		out = append(out, g.Role)
	}
	return out
}

// Missing are the facts that nobody stated yet, in the order of the form.
func (x *Profile) Missing() (out []string) {
	for _, f := range append([]string{"founded"}, stated()...) {
		if f == "branch" && x.Sector != "" && slices.Contains(conditions.Branches(x.Sector), "") {
			continue // its sector has one scale
		}
		if _, ok := x.Said[f]; !ok {
			out = append(out, f)
		}
	}
	return out
}

// stated are the names of the facts that are stated, not derived.
func stated() (out []string) {
	for _, f := range conditions.All() {
		if len(f.From) == 0 {
			out = append(out, f.Name)
		}
	}
	return out
}
