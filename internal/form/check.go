package form

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Fault is one thing wrong with one field. Code is a key of the message
// catalogue ("fault.<code>"), N its number (a limit, a count).
type Fault struct {
	Field string
	Code  string // required, unknown, choice, number, range, long, control, utf8, date, phone, many, limit, repeated, money, unlikely, decimal
	N, Of int    // long: N characters, Of allowed; range: bounds
}

// phoneSeparators stand between the figures of a telephone number.
var phoneSeparators = strings.NewReplacer(" ", "", "-", "", "－", "")

func (f Fault) Error() string { return "form: field " + f.Field + ": " + f.Code }

// Faults is the error Check returns: all faults, in the order of the fields.
type Faults []Fault

func (f Faults) Error() string {
	s := make([]string, len(f))
	for i, x := range f {
		s[i] = x.Field + ": " + x.Code
	}
	return "form: " + strings.Join(s, ", ")
}

var zone = time.FixedZone("Asia/Shanghai", 8*3600)

var (
	phoneRE = regexp.MustCompile(`^(1[3-9]\d{9}|0\d{2,3}-?\d{7,8}|\d{5,8})$`)
	limitRE = regexp.MustCompile(`^[1-9]\d{0,3} (minute|hour|workhour|workday|day)$`)
)

// Check turns raw values into answers. It reports every fault at once. A value
// for a field the form does not have is a fault, so that nothing is silently
// dropped; control fields of the door itself must be removed before.
func (f Form) Check(raw Raw) (Answers, error) {
	var faults Faults
	for name := range raw {
		if _, ok := f.Field(name); !ok {
			faults = append(faults, Fault{Field: name, Code: "unknown"})
		}
	}
	slices.SortFunc(faults, func(a, b Fault) int { return strings.Compare(a.Field, b.Field) })
	out := Answers{}
	for _, fd := range f.Fields {
		if fd.When != "" && !slices.Contains(fd.Values, raw.Get(fd.When)) {
			continue
		}
		vals := slices.DeleteFunc(slices.Clone(raw[fd.Name]), func(s string) bool { return strings.TrimSpace(s) == "" })
		if len(vals) == 0 {
			if fd.Required {
				faults = append(faults, Fault{Field: fd.Name, Code: "required"})
			}
			continue
		}
		if len(vals) > 1 && fd.Type != Multi && fd.Type != Units {
			faults = append(faults, Fault{Field: fd.Name, Code: "repeated"})
			continue
		}
		v, ft := fd.value(vals)
		if fen, ok := v.(int64); ok && fd.Type == Money && !fd.likely(fen) && !sure(raw.Get(fd.Name+"_sure")) {
			ft = Fault{Code: "unlikely"}
		}
		if ft.Code != "" {
			ft.Field = fd.Name
			faults = append(faults, ft)
			continue
		}
		out[fd.Name] = v
	}
	if len(faults) > 0 {
		return nil, faults
	}
	return out, nil
}

func (fd Field) value(vals []string) (any, Fault) {
	s := vals[0]
	switch fd.Type {
	case Line, Text:
		return fd.text(s)
	case Choice:
		if !slices.Contains(fd.Options, Option{s}) {
			return nil, Fault{Code: "choice"}
		}
		return s, Fault{}
	case Multi:
		return fd.multi(vals)
	case Bool:
		switch s {
		case "true", "yes", "1", "on":
			return true, Fault{}
		case "false", "no", "0":
			return false, Fault{}
		}
		return nil, Fault{Code: "choice"}
	case Int:
		n, err := strconv.ParseInt(strings.TrimSpace(s), 10, 64)
		if err != nil {
			return nil, Fault{Code: "number"}
		}
		if n < int64(fd.Min) || (fd.Max > 0 && n > int64(fd.Max)) {
			return nil, Fault{Code: "range", N: fd.Min, Of: fd.Max}
		}
		return n, Fault{}
	case Date:
		t, err := time.ParseInLocation("2006-01-02", strings.TrimSpace(s), zone)
		if err != nil || t.Year() < 1900 || t.Year() > 2200 {
			return nil, Fault{Code: "date"}
		}
		return t.Format("2006-01-02"), Fault{}
	case Moment:
		t, err := ParseMoment(s)
		if err != nil {
			return nil, Fault{Code: "date"}
		}
		return t.Format(time.RFC3339), Fault{}
	case Units:
		max := fd.Max
		if max == 0 {
			max = 20
		}
		if len(vals) > max {
			return nil, Fault{Code: "many", N: len(vals), Of: max}
		}
		for _, v := range vals {
			if c := short(v); c != "" {
				return nil, Fault{Code: c}
			}
		}
		slices.Sort(vals)
		return slices.Compact(vals), Fault{}
	case Unit, Case:
		if c := short(s); c != "" {
			return nil, Fault{Code: c}
		}
		return strings.TrimSpace(s), Fault{}
	case Limit:
		if !limitRE.MatchString(s) {
			return nil, Fault{Code: "limit"}
		}
		return s, Fault{}
	case Money:
		fen, ok := ParseMoney(s)
		if !ok {
			return nil, Fault{Code: "money"}
		}
		return fen, Fault{}
	case Decimal:
		return fd.decimal(s)
	case Phone:
		p := phoneSeparators.Replace(strings.TrimSpace(s))
		if !phoneRE.MatchString(p) {
			return nil, Fault{Code: "phone", N: utf8.RuneCountInString(p)}
		}
		return p, Fault{}
	}
	return nil, Fault{Code: "unknown"}
}

// ParseMoment reads an instant: RFC 3339, or local time as a browser's
// datetime-local field sends it. Years outside 1900-2200 are refused.
func ParseMoment(s string) (time.Time, error) {
	s = strings.TrimSpace(s)
	var last error
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04", "2006-01-02T15:04:05", "2006-01-02 15:04"} {
		t, err := time.ParseInLocation(layout, s, zone)
		if err == nil && t.Year() >= 1900 && t.Year() <= 2200 {
			return t.In(zone), nil
		}
		last = err
	}
	if last == nil {
		last = &time.ParseError{Layout: time.RFC3339, Message: ": year out of range"}
	}
	return time.Time{}, last
}

func (fd Field) text(s string) (any, Fault) {
	max := fd.Max
	if max == 0 {
		max = 200
		if fd.Type == Text {
			max = 2000
		}
	}
	if !utf8.ValidString(s) {
		return nil, Fault{Code: "utf8"}
	}
	s = strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n"))
	for _, r := range s {
		if Control(r) || (fd.Type == Line && r == '\n') {
			return nil, Fault{Code: "control"}
		}
	}
	if n := utf8.RuneCountInString(s); n > max {
		return nil, Fault{Code: "long", N: n, Of: max}
	}
	return s, Fault{}
}

// Control reports whether a character may not appear in any text: control
// characters but line feed and tab, and the marks that turn the direction of
// writing, which can make a text read differently from what it is.
func Control(r rune) bool {
	switch {
	case r == '\n' || r == '\t':
		return false
	case r < 0x20 || (r >= 0x7f && r < 0xa0):
		return true
	case r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069, r == 0xfeff:
		return true
	}
	return false
}

func (fd Field) multi(vals []string) (any, Fault) {
	var out []string
	for _, o := range fd.Options {
		if slices.Contains(vals, o.Value) {
			out = append(out, o.Value)
		}
	}
	seen := slices.Clone(vals)
	slices.Sort(seen)
	if len(slices.Compact(seen)) != len(out) {
		return nil, Fault{Code: "choice"}
	}
	if fd.Max > 0 && len(out) > fd.Max {
		return nil, Fault{Code: "many", N: len(out), Of: fd.Max}
	}
	return out, Fault{}
}

func short(s string) string {
	s = strings.TrimSpace(s)
	if !utf8.ValidString(s) {
		return "utf8"
	}
	if len(s) > 64 || strings.ContainsFunc(s, func(r rune) bool { return Control(r) || r == '\n' || r == '\t' }) {
		return "unknown"
	}
	return ""
}
