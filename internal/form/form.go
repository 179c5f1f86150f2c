// Package form describes typed questions and checks the answers.
//
// A Form is a list of Fields. Every action of a flow table carries one; pages
// render it, the JSON API turns it into a schema, and Check is the only way
// answers get in. The package knows nothing of HTML: web/ui draws the fields.
//
//	form.go    Field, Form, Answers
//	check.go   Check: from raw values to typed answers or a list of Faults
package form

import "slices"

// Type says what a field holds and therefore how it is drawn and checked.
type Type string

const (
	Line   Type = "line"   // one line of text
	Text   Type = "text"   // several lines of text
	Choice Type = "choice" // one of Options
	Multi  Type = "multi"  // any of Options, in the order of Options
	Bool   Type = "bool"   // yes or no
	Int    Type = "int"    // whole number, Min..Max
	Date   Type = "date"   // 2006-01-02, local
	Moment Type = "moment" // RFC 3339, or local 2006-01-02T15:04
	Unit   Type = "unit"   // id of an organisation; existence is the caller's check
	Units  Type = "units"  // several of them
	Case   Type = "case"   // number of another case; existence is the caller's check
	Limit  Type = "limit"  // a time limit such as "5 workday"
	Phone  Type = "phone"  // mainland mobile or landline number
	// Money is an amount, kept as int64 fen. It is written as people write it: 3.25亿, 1467万元, 9200 万, 92000000, 12.5 元;
	// without a unit it is yuan. An amount outside Low..High is asked about once more (see Field.Low).
	Money Type = "money"
	// Decimal is a number with at most Places decimals, kept as a whole number of its smallest step: 63.2 with one place
	// is 632. Min and Max are in that step.
	Decimal Type = "decimal"
)

// Option is one choice. Labels come from the message catalogue under
// "form.<form>.<field>.<value>", or "option.<value>" when that is absent.
type Option struct{ Value string }

// Field is one question. Its label is the message "field.<Name>" unless the
// form overrides it with "form.<form>.<Name>".
type Field struct {
	Name     string
	Type     Type
	Required bool
	Options  []Option
	Min, Max int // Int, Decimal: bounds; Line, Text: Max characters (0 = 200 / 2000); Multi, Units: Max members
	Places   int // Decimal: decimals
	// Low and High are the amounts (fen) between which a Money answer is believed. One outside, usually yuan typed as
	// 万元 or the other way round (nothing at all is the same in both), is a Fault "unlikely" unless the form's field Name+"_sure" says yes.
	Low, High int64
	Personal  bool // the answer may name a person: kept as a sealed or erasable text, never in the act itself
	// When shows the field only if another answer has one of the values.
	When   string
	Values []string
}

// Form is a named list of fields.
type Form struct {
	Name   string
	Fields []Field
}

// Field returns the field of that name.
func (f Form) Field(name string) (Field, bool) {
	i := slices.IndexFunc(f.Fields, func(x Field) bool { return x.Name == name })
	if i < 0 {
		return Field{}, false
	}
	return f.Fields[i], true
}

// Options makes a list of options from values.
func Options(values ...string) []Option {
	out := make([]Option, len(values))
	for i, v := range values {
		out[i] = Option{v}
	}
	return out
}

// Raw is what came through a door: every field with its values as text.
type Raw map[string][]string

// Get returns the first value or "".
func (r Raw) Get(name string) string {
	if v := r[name]; len(v) > 0 {
		return v[0]
	}
	return ""
}

// Answers are checked values: string, int64, bool or []string by field type;
// a question that was not answered is absent.
type Answers map[string]any

// Str returns a text answer or "".
func (a Answers) Str(name string) string { s, _ := a[name].(string); return s }

// Int returns a number or 0. Numbers that came back from JSON count too.
func (a Answers) Int(name string) int64 {
	switch v := a[name].(type) {
	case int64:
		return v
	case float64:
		return int64(v)
	}
	return 0
}

// Bool returns a yes/no answer or false.
func (a Answers) Bool(name string) bool { b, _ := a[name].(bool); return b }

// List returns a list answer or nil. Lists that came back from JSON count too.
func (a Answers) List(name string) []string {
	switch v := a[name].(type) {
	case []string:
		return v
	case []any:
		out := make([]string, 0, len(v))
		for _, x := range v {
			if s, ok := x.(string); ok {
				out = append(out, s)
			}
		}
		return out
	}
	return nil
}
