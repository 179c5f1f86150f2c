package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"weixiao/internal/form"
	"weixiao/internal/text"
)

// maxDepth is how deep objects and lists of a body may lie in each other.
const maxDepth = 4

// parse reads a body: one JSON object, no name twice, nothing behind it. An empty
// body is an empty object. Numbers stay as they are written.
func parse(body []byte) (map[string]any, error) {
	if len(bytes.TrimSpace(body)) == 0 {
		return map[string]any{}, nil
	}
	if !utf8.Valid(body) {
		return nil, refuse(http.StatusBadRequest, "utf8")
	}
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	v, err := value(dec, 1)
	if err != nil {
		if _, ok := errors.AsType[*refusal](err); ok {
			return nil, err
		}
		return nil, refuse(http.StatusBadRequest, "json")
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, refuse(http.StatusBadRequest, "json")
	}
	o, ok := v.(map[string]any)
	if !ok {
		return nil, refuse(http.StatusBadRequest, "object")
	}
	return o, nil
}

// value reads the next value.
func value(dec *json.Decoder, depth int) (any, error) {
	tok, err := dec.Token()
	if err != nil {
		return nil, err
	}
	open, ok := tok.(json.Delim)
	if !ok {
		return tok, nil
	}
	if depth > maxDepth {
		return nil, refuse(http.StatusBadRequest, "depth", maxDepth)
	}
	if open == '{' {
		return members(dec, depth)
	}
	list := []any{}
	for dec.More() {
		v, err := value(dec, depth+1)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	_, err = dec.Token()
	return list, err
}

func members(dec *json.Decoder, depth int) (any, error) {
	o := map[string]any{}
	for dec.More() {
		tok, err := dec.Token()
		if err != nil {
			return nil, err
		}
		name, _ := tok.(string) // the decoder takes nothing else for a name
		if _, twice := o[name]; twice {
			return nil, refuse(http.StatusBadRequest, "twice", short(name))
		}
		if o[name], err = value(dec, depth+1); err != nil {
			return nil, err
		}
	}
	_, err := dec.Token()
	return o, err
}

// short cuts a name that a caller made up before it is repeated.
func short(s string) string {
	if utf8.RuneCountInString(s) > 40 {
		return string([]rune(s)[:40]) + "…"
	}
	return s
}

// reader takes the fields of an object by name and notes every fault. What nobody
// took is unknown.
type reader struct {
	in     map[string]any
	path   string // "" or "place."
	taken  []string
	faults *form.Faults
}

func newReader(o map[string]any) *reader { return &reader{in: o, faults: &form.Faults{}} }

func (r *reader) fault(name, code string) {
	*r.faults = append(*r.faults, form.Fault{Field: r.path + name, Code: code})
}

// take returns a field; false when it is absent or null.
func (r *reader) take(name string) (any, bool) {
	r.taken = append(r.taken, name)
	v, ok := r.in[name]
	return v, ok && v != nil
}

// text takes words, at most so many characters; "" when they are absent or blank.
func (r *reader) text(name string, most int) string {
	v, ok := r.take(name)
	if !ok {
		return ""
	}
	s, ok := v.(string)
	if !ok {
		r.fault(name, "shape")
		return ""
	}
	if strings.TrimSpace(s) == "" {
		return ""
	}
	clean, err := text.Clean(s, most)
	if e, bad := errors.AsType[*text.InputError](err); bad {
		*r.faults = append(*r.faults, textFault(r.path+name, e))
	}
	return clean
}

// line is text without line breaks.
func (r *reader) line(name string, most int) string {
	return strings.Join(strings.Fields(r.text(name, most)), " ")
}

// choice takes one of the values.
func (r *reader) choice(name string, values ...string) string {
	s := r.line(name, 64)
	if s != "" && !slices.Contains(values, s) {
		r.fault(name, "choice")
		return ""
	}
	return s
}

func (r *reader) boolean(name string) *bool {
	v, ok := r.take(name)
	if !ok {
		return nil
	}
	b, ok := v.(bool)
	if !ok {
		r.fault(name, "shape")
		return nil
	}
	return &b
}

// number takes a figure between -most and most.
func (r *reader) number(name string, most float64) *float64 {
	v, ok := r.take(name)
	if !ok {
		return nil
	}
	n, ok := v.(json.Number)
	if !ok {
		r.fault(name, "shape")
		return nil
	}
	f, err := n.Float64()
	if err != nil || f < -most || f > most {
		*r.faults = append(*r.faults, form.Fault{Field: r.path + name, Code: "range", N: int(-most), Of: int(most)})
		return nil
	}
	return &f
}

// object takes an object; an empty one when it is absent.
func (r *reader) object(name string) *reader {
	v, ok := r.take(name)
	o, is := v.(map[string]any)
	if ok && !is {
		r.fault(name, "shape")
	}
	return &reader{in: o, path: r.path + name + ".", faults: r.faults}
}

// unknown notes the fields nobody took.
func (r *reader) unknown() {
	for name := range r.in {
		if !slices.Contains(r.taken, name) {
			r.fault(short(name), "unknown")
		}
	}
}

// err returns the faults so far, in a steady order.
func (r *reader) err() error {
	if len(*r.faults) == 0 {
		return nil
	}
	slices.SortStableFunc(*r.faults, func(a, b form.Fault) int { return strings.Compare(a.Field, b.Field) })
	return *r.faults
}

// raw turns an object into the answers of a form: texts, booleans, numbers, and
// lists of them.
func raw(o map[string]any) (form.Raw, error) {
	out, faults := form.Raw{}, form.Faults{}
	for name, v := range o {
		list, ok := v.([]any)
		if !ok {
			list = []any{v}
		}
		for _, x := range list {
			s, ok := word(x)
			switch {
			case !ok:
				faults = append(faults, form.Fault{Field: short(name), Code: "shape"})
			case x != nil:
				out[name] = append(out[name], s)
			}
		}
	}
	if len(faults) > 0 {
		slices.SortFunc(faults, func(a, b form.Fault) int { return strings.Compare(a.Field, b.Field) })
		return nil, slices.Compact(faults)
	}
	return out, nil
}

// word writes a single JSON value as a form would send it.
func word(v any) (string, bool) {
	switch x := v.(type) {
	case nil:
		return "", true
	case string:
		return x, true
	case bool:
		if x {
			return "true", true
		}
		return "false", true
	case json.Number:
		return x.String(), true
	}
	return "", false
}

// choices takes a list of some of the values.
func (r *reader) choices(name string, values ...string) []string {
	v, ok := r.take(name)
	if !ok {
		return nil
	}
	list, ok := v.([]any)
	if !ok {
		r.fault(name, "shape")
		return nil
	}
	var out []string
	for _, x := range list {
		s, ok := x.(string)
		if !ok || !slices.Contains(values, s) {
			r.fault(name, "choice")
			return nil
		}
		out = append(out, s)
	}
	return out
}
