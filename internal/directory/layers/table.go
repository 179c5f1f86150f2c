package layers

import (
	"weixiao/internal/access"
	"weixiao/internal/flow"
	"weixiao/internal/form"
)

// States of a version.
const (
	stateDraft     = "draft"     // being drawn
	stateChecked   = "checked"   // nothing stands against publishing it
	statePublished = "published" // in force
	stateReplaced  = "replaced"  // was in force
	stateDropped   = "dropped"   // given up before it was in force
)

var (
	keepers = []flow.Grant{{Role: access.Admin}, {Role: access.Dispatcher}, {Role: access.System}}
	reason  = form.Field{Name: "reason", Type: form.Text, Required: true, Max: 200, Personal: true}
)

// Table is the way of a version. A publication replaces the version that was in force; the replaced one's state follows from the act of the
// new one.
var Table = flow.Table{
	Kind: "layer",
	States: []flow.State{{Name: stateDraft, Chip: "new"}, {Name: stateChecked, Chip: "sign"}, {Name: statePublished, Chip: "doing"},
		{Name: stateReplaced, Chip: "done", End: true}, {Name: stateDropped, Chip: "closed", End: true}},
	Actions: []flow.Action{
		{Name: "import", To: stateChecked, Who: keepers, Form: form.Form{Name: "layer_import"}},
		{Name: "draft", To: stateDraft, Who: keepers, Form: form.Form{Name: "layer_draft"}},
		{Name: "edit", From: []string{stateDraft, stateChecked}, To: stateDraft, Who: keepers, Form: form.Form{Name: "layer_edit"}},
		{Name: "split", From: []string{stateDraft, stateChecked}, To: stateDraft, Who: keepers, Form: form.Form{Name: "layer_split", Fields: []form.Field{
			{Name: "code", Type: form.Line, Required: true, Max: 40}, {Name: "name", Type: form.Line, Required: true, Max: 60},
			{Name: "which", Type: form.Choice, Options: form.Options("smaller", "larger")}, {Name: "line", Type: form.Text, Required: true, Max: 20_000}}}},
		{Name: "check", From: []string{stateDraft}, To: stateChecked, Who: keepers, Form: form.Form{Name: "layer_check"}},
		{Name: "publish", From: []string{stateChecked}, To: statePublished, Who: keepers, Form: form.Form{Name: "layer_publish", Fields: []form.Field{reason}}},
		{Name: "drop", From: []string{stateDraft, stateChecked}, To: stateDropped, Who: keepers, Form: form.Form{Name: "layer_drop", Fields: []form.Field{reason}}},
	},
}
