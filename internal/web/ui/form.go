package ui

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/a-h/templ"

	"weixiao/internal/form"
	"weixiao/internal/words"
)

// FormView is a form.Form on a page: what was typed, what is wrong with it, and
// how it is drawn. Labels come from the messages "form.<form>.<field>" or
// "field.<field>", hints from "hint.<form>.<field>" or "hint.<field>", options
// from "form.<form>.<field>.<value>" or "option.<value>".
type FormView struct {
	Form   form.Form
	Raw    form.Raw    // values to show again; nothing typed is ever cleared
	Faults form.Faults // from Form.Check, or the page's own with the same codes
	// Says replaces the words of a field's fault, for checks the form cannot make.
	Says map[string]string

	ID     string // prefix of element ids; "" is the name of the form
	Action string // POST goes here
	Hidden []Hidden
	// Choices are the members of Unit, Units and Case fields, by field name. For
	// Choice and Multi they replace the labels of the options.
	Choices map[string][]Choice
	// Looks asks for a drawing other than the usual one, by field name: "list" or
	// "select" for a choice, "say" for the say-box, "yesno" for a Bool.
	Looks map[string]string
	// Labels and Hints are the words of fields that no message has: questions that
	// a district asks of its own.
	Labels, Hints map[string]string
	// Suggest is, by name of a Line field, the address that answers while one types
	// in it, and after a blank the id of the select that takes the unit chosen.
	Suggest map[string]string
	Lead    string // field whose label is the page's heading, drawn by Question

	Submit string // label of the button; "" draws none (StepFoot has it)
	Look   string // look of that button; "" is primary
	Key    string // key cap of that button
	Cancel string // address of a cancel link
	Dense  bool   // desk: star on required fields; otherwise optional ones say so
	Cols   int    // desk: 2 or 3 columns
	Alt    int    // desk: number fields Alt n, Alt n+1, …; 0 for none
	Draft  string // key under which page.js keeps a draft in this browser; "" none
	Files  bool   // multipart, for photos
	Attrs  templ.Attributes
}

// Choice is one thing that can be chosen.
type Choice struct {
	Value string
	Label string
	Group string // heading it stands under; equal groups stand together
	Note  string // small words after the label
	Find  string // more text to find it by: pinyin initials, short names
}

// Raw is what a form of this package posted, ready for Form.Check: fields of the
// door itself (names starting with "_") are left out and limits, which are drawn
// as a number and a unit, are put together.
func Raw(f form.Form, post url.Values) form.Raw {
	out := form.Raw{}
	for name, values := range post {
		if !strings.HasPrefix(name, "_") {
			out[name] = values
		}
	}
	for _, fd := range f.Fields {
		n, u := fd.Name+".n", fd.Name+".unit"
		if fd.Type != form.Limit || (out[n] == nil && out[u] == nil) {
			continue
		}
		if number := strings.TrimSpace(out.Get(n)); number != "" {
			out[fd.Name] = []string{number + " " + out.Get(u)}
		}
		delete(out, n)
		delete(out, u)
	}
	return out
}

// field is one field of a view, with everything looked up.
type field struct {
	form.Field
	v      FormView
	ID     string
	Label  string
	Hint   string
	Msg    string // fault, in words
	Values []string
	Look   string
	Alt    string // key cap
	Dense  bool
}

func (v FormView) id() string {
	if v.ID != "" {
		return v.ID
	}
	return v.Form.Name
}

func (v FormView) fields(p Page) []field {
	out := make([]field, 0, len(v.Form.Fields))
	for i, fd := range v.Form.Fields {
		f := v.field(p, fd)
		if v.Alt > 0 && v.Alt+i <= 9 {
			f.Alt = "Alt " + strconv.Itoa(v.Alt+i)
		}
		out = append(out, f)
	}
	return out
}

func (v FormView) field(p Page, fd form.Field) field {
	f := field{Field: fd, v: v, ID: v.id() + "-" + fd.Name, Values: v.Raw[fd.Name], Dense: v.Dense}
	if v.Labels[fd.Name] == "" {
		f.Label = FieldLabel(p.Lang, v.Form.Name, fd.Name)
	}
	for _, key := range []string{"hint." + v.Form.Name + "." + fd.Name, "hint." + fd.Name} {
		if words.Has(key) {
			f.Hint = p.T(key)
			break
		}
	}
	if s := v.Labels[fd.Name]; s != "" {
		f.Label = s
	}
	if s := v.Hints[fd.Name]; s != "" {
		f.Hint = s
	}
	for _, ft := range v.Faults {
		if ft.Field == fd.Name {
			f.Msg = v.faultText(p, ft)
			break
		}
	}
	if f.Msg == "" {
		f.Msg = v.Says[fd.Name]
	}
	f.Look = v.look(fd)
	return f
}

// FieldLabel is the label of a field of a form, for pages that show answers.
func FieldLabel(lang words.Lang, formName, field string) string {
	return words.First(lang, "form."+formName+"."+field, "field."+field)
}

// OptionLabel is the label of one choice of a field.
func OptionLabel(lang words.Lang, formName, field, value string) string {
	return words.First(lang, "form."+formName+"."+field+"."+value, "option."+value)
}

func (v FormView) look(fd form.Field) string {
	if l := v.Looks[fd.Name]; l != "" {
		return l
	}
	switch fd.Type {
	case form.Choice:
		switch n := len(fd.Options); {
		case n > 8:
			return "select"
		case n > 5 || !v.Dense && n > 3:
			return "list"
		}
		return "seg"
	case form.Bool:
		if fd.Required {
			return "yesno"
		}
		return "check"
	}
	return string(fd.Type)
}

// group reports whether the field is several inputs under one legend.
func (f field) group() bool {
	switch f.Look {
	case "seg", "list", "yesno", "multi", "units", "limit":
		return true
	}
	return false
}

// optional marks what need not be answered; at the desk the star marks the rest.
func (f field) optional(p Page) string {
	if f.Dense || f.Required {
		return ""
	}
	return p.T("word.optional")
}

func (f field) value() string {
	if len(f.Values) > 0 {
		return f.Values[0]
	}
	return ""
}

func (f field) has(value string) bool { return slices.Contains(f.Values, value) }

// yes and no read a Bool the way Form.Check does.
func (f field) yes() bool {
	return slices.Contains([]string{"true", "yes", "1", "on"}, f.value())
}

func (f field) no() bool { return slices.Contains([]string{"false", "no", "0"}, f.value()) }

// localMoment is a Moment as datetime-local wants it; what cannot be read is
// shown as it was typed.
func (f field) localMoment() string {
	t, err := form.ParseMoment(f.value())
	if err != nil {
		return f.value()
	}
	return t.Format("2006-01-02T15:04")
}

// number and unit are the two halves of a Limit.
func (f field) number() string { n, _, _ := strings.Cut(f.value(), " "); return n }

func (f field) unit() string {
	if _, u, ok := strings.Cut(f.value(), " "); ok {
		return u
	}
	return "workday"
}

var limitUnits = []string{"minute", "hour", "workhour", "workday", "day"}

func (f field) max() int {
	switch {
	case f.Field.Max > 0:
		return f.Field.Max
	case f.Type == form.Text:
		return 2000
	}
	return 200
}

func (f field) used() int { return utf8.RuneCountInString(f.value()) }

// rows is the height of a text field: enough for what it may hold.
func (f field) rows() string {
	switch {
	case f.max() > 800:
		return "5"
	case f.max() > 200:
		return "4"
	}
	return "3"
}

func (f field) choices(p Page) []Choice {
	if c := f.v.Choices[f.Name]; c != nil {
		return c
	}
	out := make([]Choice, len(f.Options))
	for i, o := range f.Options {
		out[i] = Choice{Value: o.Value, Label: OptionLabel(p.Lang, f.v.Form.Name, f.Name, o.Value)}
	}
	return out
}

// chosenFirst are the choices; of a long list, which scrolls, those that are chosen
// come first, so that they are seen.
func (f field) chosenFirst(p Page) []Choice {
	list := f.choices(p)
	if len(list) <= 12 || len(f.Values) == 0 {
		return list
	}
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b Choice) int {
		switch {
		case f.has(a.Value) == f.has(b.Value):
			return 0
		case f.has(a.Value):
			return -1
		}
		return 1
	})
	return list
}

// grouped cuts a list of choices at its groups, for optgroup.
func grouped(list []Choice) [][]Choice {
	var out [][]Choice
	for i, c := range list {
		if i == 0 || c.Group != list[i-1].Group {
			out = append(out, nil)
		}
		out[len(out)-1] = append(out[len(out)-1], c)
	}
	return out
}

// described lists the ids of hint and fault for aria-describedby.
func (f field) described() string {
	var ids []string
	if f.Hint != "" {
		ids = append(ids, f.ID+"-h")
	}
	if f.Msg != "" {
		ids = append(ids, f.ID+"-e")
	}
	return strings.Join(ids, " ")
}

// input are the attributes every single input of a field has.
func (f field) input() templ.Attributes {
	a := templ.Attributes{"id": f.ID, "name": f.Name}
	f.state(a)
	if f.Required {
		a["aria-required"] = "true"
	}
	if f.Alt != "" {
		a["data-alt"] = strings.TrimPrefix(f.Alt, "Alt ")
		a["aria-keyshortcuts"] = shortcut(f.Alt)
	}
	return a
}

// line are the attributes of a plain text box: names may be suggested in it.
func (f field) line(p Page) templ.Attributes {
	a := f.input()
	if url, unit, _ := strings.Cut(f.v.Suggest[f.Name], " "); url != "" {
		suggested(p, a, url, unit)
	}
	return a
}

// member are the attributes of one radio button or checkbox of a group. The first
// one carries the id of the field, so that the error summary can jump to it.
func (f field) member(i int) templ.Attributes {
	a := templ.Attributes{"name": f.Name, "id": f.ID + "-" + strconv.Itoa(i)}
	if i == 0 {
		a["id"] = f.ID
		if f.Alt != "" {
			a["data-alt"] = strings.TrimPrefix(f.Alt, "Alt ")
		}
	}
	return a
}

func (f field) state(a templ.Attributes) {
	if d := f.described(); d != "" {
		a["aria-describedby"] = d
	}
	if f.Msg != "" {
		a["aria-invalid"] = "true"
	}
}

// box are the attributes of the element around a field: what page.js needs to
// show it only with certain answers. Without scripts it is always shown.
func (f field) box() templ.Attributes {
	if f.When == "" {
		return templ.Attributes{}
	}
	return templ.Attributes{"data-when": f.When, "data-values": strings.Join(f.Field.Values, "|")}
}

func (v FormView) attrs(p Page) templ.Attributes {
	a := templ.Attributes{}
	for k, x := range v.Attrs {
		a[k] = x
	}
	if v.Files {
		a["enctype"] = "multipart/form-data"
	}
	if v.Draft != "" {
		a["data-draft"] = v.Draft
		a["data-saved"] = v.saved(p)
		a["data-unsaved"] = p.T("shell.unsaved")
		a["data-restored"] = p.T("shell.restored")
		a["data-offline"] = p.T("shell.offline")
	}
	return a
}

// saved: residents are also told that a lost network loses nothing.
func (v FormView) saved(p Page) string {
	if v.Dense {
		return p.T("shell.saved")
	}
	return p.T("shell.saved.offline")
}

// groupAttrs are the attributes of the fieldset around several inputs.
func (f field) groupAttrs() templ.Attributes {
	a := templ.Attributes{}
	f.state(a)
	delete(a, "aria-invalid") // not allowed on a group; the fault is its description
	return a
}

func (f field) memberType() string {
	if f.Type == form.Choice {
		return "radio"
	}
	return "checkbox"
}

// counted are the attributes page.js needs to keep the character counter. There
// is no maxlength: it would cut off what somebody pastes without a word.
func (f field) counted(p Page) templ.Attributes {
	return templ.Attributes{"data-max": strconv.Itoa(f.max()), "data-count": f.ID + "-c", "data-text": p.T("ui.counter", "{0}", "{1}")}
}
