package duties

import (
	"weixiao/internal/access"
	"weixiao/internal/flow"
	"weixiao/internal/form"
)

// States of a version.
const (
	Draft     = "draft"
	Published = "published"
	Dropped   = "dropped"
)

var (
	reason = form.Field{Name: "reason", Type: form.Text, Required: true, Max: 300}
	keeps  = []flow.Grant{{Role: access.Dispatcher}, {Role: access.Admin}, {Role: access.System}}
	signs  = []flow.Grant{{Role: access.Admin}, {Role: access.System}}
)

// Table says who may change the catalogue: the hotline centre's dispatchers and the
// administrators write drafts, administrators publish.
var Table = flow.Table{
	Kind:   "catalogue",
	States: []flow.State{{Name: Draft, Chip: "new"}, {Name: Published, Chip: "done", End: true}, {Name: Dropped, Chip: "closed", End: true}},
	Actions: []flow.Action{
		{Name: "adopt", To: Published, Who: []flow.Grant{{Role: access.System}}, Form: form.Form{Name: "catalogue_adopt"}},
		{Name: "draft", To: Draft, Who: keeps, Form: form.Form{Name: "catalogue_draft", Fields: []form.Field{reason}}},
		{Name: "edit", From: []string{Draft}, To: Draft, Who: keeps, Form: form.Form{Name: "catalogue_edit"}},
		{Name: "drop", From: []string{Draft}, To: Dropped, Who: keeps, Form: form.Form{Name: "catalogue_drop", Fields: []form.Field{reason}}},
		{Name: "publish", From: []string{Draft}, To: Published, Who: signs, Form: form.Form{Name: "catalogue_publish", Fields: []form.Field{
			{Name: "since", Type: form.Date}, {Name: "law", Type: form.Line, Required: true, Max: 200}, reason}}},
	},
}

// Roles may read and write the catalogue.
func Roles() []string { return []string{access.Dispatcher, access.Admin} }
