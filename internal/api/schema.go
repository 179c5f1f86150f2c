package api

import (
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"weixiao/internal/access"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/words"
)

type (
	// Option is one choice of a field.
	Option struct {
		Value string `json:"value"`
		Label string `json:"label"`
	}
	// FormField is one question.
	FormField struct {
		Name     string   `json:"name"`
		Type     string   `json:"type" enum:"line,text,choice,multi,bool,int,date,moment,unit,units,case,limit,phone"`
		Label    string   `json:"label"`
		Required bool     `json:"required,omitempty"`
		Options  []Option `json:"options,omitempty"`
		Min      int      `json:"min,omitempty"`
		Max      int      `json:"max,omitempty" doc:"characters, members, or the largest number"`
		When     string   `json:"when,omitempty" doc:"asked only if this field has one of the values"`
		Values   []string `json:"values,omitempty"`
	}
)

// fields writes a form with labels.
func fields(lang words.Lang, f form.Form) []FormField {
	out := []FormField{}
	for _, fd := range f.Fields {
		x := FormField{Name: fd.Name, Type: string(fd.Type), Label: fieldLabel(lang, f.Name, fd.Name), Required: fd.Required, Min: fd.Min, Max: most(fd), When: fd.When, Values: fd.Values}
		for _, o := range fd.Options {
			x.Options = append(x.Options, Option{o.Value, label(lang, o.Value, "form."+f.Name+"."+fd.Name+"."+o.Value, "option."+o.Value)})
		}
		out = append(out, x)
	}
	return out
}

func fieldLabel(lang words.Lang, formName, name string) string {
	return label(lang, name, "form."+formName+"."+name, "field."+name)
}

// most is the bound that form.Check uses where a field names none.
func most(fd form.Field) int {
	if fd.Max > 0 {
		return fd.Max
	}
	switch fd.Type {
	case form.Line:
		return 200
	case form.Text:
		return 2000
	case form.Units:
		return 20
	}
	return 0
}

// schemaOf is the JSON Schema of a form: what form.Check takes, said for programs.
func schemaOf(f form.Form) *huma.Schema {
	s := &huma.Schema{Type: huma.TypeObject, AdditionalProperties: false, Properties: map[string]*huma.Schema{}}
	for _, fd := range f.Fields {
		p := property(fd)
		p.Description = fieldLabel(words.ZH, f.Name, fd.Name) + " / " + fieldLabel(words.EN, f.Name, fd.Name)
		s.Properties[fd.Name] = p
		switch {
		case !fd.Required:
		case fd.When == "":
			s.Required = append(s.Required, fd.Name)
		default:
			// Required only when the other field has one of the values.
			other, _ := f.Field(fd.When)
			unless := &huma.Schema{Not: &huma.Schema{Required: []string{fd.When}, Properties: map[string]*huma.Schema{fd.When: {Enum: values(other, fd.Values)}}}}
			s.AllOf = append(s.AllOf, &huma.Schema{AnyOf: []*huma.Schema{unless, {Required: []string{fd.Name}}}})
		}
	}
	return s
}

// values are the values of a condition as JSON has them.
func values(fd form.Field, list []string) []any {
	if fd.Type == form.Bool {
		return []any{slices.Contains(list, "true")}
	}
	var out []any
	for _, v := range list {
		out = append(out, v)
	}
	return out
}

func property(fd form.Field) *huma.Schema {
	s := &huma.Schema{Type: huma.TypeString}
	least := 0
	if fd.Required {
		least = 1
	}
	switch fd.Type {
	case form.Line, form.Text:
		s.MaxLength = new(most(fd))
		if least > 0 {
			s.MinLength = new(least)
		}
	case form.Choice:
		s.Enum = options(fd)
	case form.Multi:
		s = &huma.Schema{Type: huma.TypeArray, Items: &huma.Schema{Type: huma.TypeString, Enum: options(fd)}, UniqueItems: true}
		if fd.Max > 0 {
			s.MaxItems = new(fd.Max)
		}
	case form.Units:
		s = &huma.Schema{Type: huma.TypeArray, Items: &huma.Schema{Type: huma.TypeString, MaxLength: new(64)}, MaxItems: new(most(fd))}
	case form.Bool:
		s.Type = huma.TypeBoolean
	case form.Int:
		s.Type, s.Minimum = huma.TypeInteger, new(float64(fd.Min))
		if fd.Max > 0 {
			s.Maximum = new(float64(fd.Max))
		}
	case form.Date:
		s.Format = "date"
	case form.Moment:
		s.Format = "date-time"
	case form.Unit, form.Case:
		s.MaxLength = new(64)
	case form.Limit:
		s.Pattern = `^[1-9]\d{0,3} (minute|hour|workhour|workday|day)$`
	case form.Phone, form.Money, form.Decimal:
		s.MaxLength = new(32)
	}
	if s.Type == huma.TypeArray && least > 0 {
		s.MinItems = new(least)
	}
	return s
}

func options(fd form.Field) []any {
	var out []any
	for _, o := range fd.Options {
		out = append(out, o.Value)
	}
	return out
}

// ruleOf is the rule of an action's route: the roles its row of the table names.
// What residents may do is open to everybody, and the handler asks for the secret.
func ruleOf(a *flow.Action) access.Rule {
	var rule access.Rule
	for _, g := range a.Who {
		switch r, ok := access.RoleOf(g.Role); {
		case g.Role == access.Resident:
			return access.Rule{Public: true, Why: "the secret of the case opens it to the resident; staff need what the flow table says"}
		case ok && !r.Pseudo && !slices.Contains(rule.Roles, g.Role):
			rule.Roles = append(rule.Roles, g.Role)
		}
	}
	return rule
}

// describe adds what all operations have in common to the document.
func (d *door) describe(op *huma.Operation, rule access.Rule) {
	if op.Responses == nil {
		op.Responses = map[string]*huma.Response{}
	}
	codes := []int{http.StatusTooManyRequests, http.StatusServiceUnavailable}
	if !rule.Public {
		codes = append(codes, http.StatusUnauthorized, http.StatusForbidden)
		op.Security = []map[string][]string{{"bearer": {}}, {"cookie": {}}}
		if rule.Key != "" {
			op.Security = append(op.Security, map[string][]string{"key": {}})
		}
	}
	if op.Method != http.MethodGet {
		codes = append(codes, http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity, http.StatusInsufficientStorage)
	}
	if strings.Contains(op.Path, "{") {
		codes = append(codes, http.StatusNotFound)
	}
	for _, code := range append(codes, op.Errors...) {
		op.Responses[status(code)] = d.refused(code)
	}
	op.Responses["default"] = d.refused(0)
	op.Errors = nil
}
