package ui

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"weixiao/internal/form"
	"weixiao/internal/words"
)

// faultText is one fault in words: it says what to do.
func (v FormView) faultText(p Page, ft form.Fault) string {
	if s := v.Says[ft.Field]; s != "" {
		return s
	}
	fd, _ := v.Form.Field(ft.Field)
	return faultText(p.Lang, v.Form.Name, fd, ft, v.Labels[ft.Field])
}

// FaultText says what to do about a fault, in the words of the page and of the
// JSON API alike. fd is the field it is about; a zero Field stands for one the
// form does not have.
func FaultText(lang words.Lang, formName string, fd form.Field, ft form.Fault) string {
	return faultText(lang, formName, fd, ft, "")
}

// faultText is FaultText with a label that no message has; "" has one.
func faultText(lang words.Lang, formName string, fd form.Field, ft form.Fault, label string) string {
	if label == "" {
		label = ft.Field
	} else {
		fd.Name = ""
	}
	if fd.Name != "" {
		label = FieldLabel(lang, formName, fd.Name)
	}
	args := words.Args{"label": label, "n": ft.N, "of": ft.Of, "over": ft.N - ft.Of}
	key := "fault." + ft.Code
	switch ft.Code {
	case "required":
		switch fd.Type {
		case form.Choice, form.Multi, form.Bool, form.Unit, form.Units, form.Date, form.Moment:
			key = "fault.required.choice"
		}
	case "range":
		if ft.Of == 0 {
			key = "fault.range.min"
		}
	case "phone":
		switch {
		case ft.N > 8 && ft.N < 11:
			key, args["n"] = "fault.phone.short", 11-ft.N
		case ft.N > 11:
			key, args["n"] = "fault.phone.over", ft.N-11
		}
	}
	return words.T(lang, key, args)
}

// FaultLine is one line of the error summary: a link to its field, or only words.
type FaultLine struct{ Href, Text string }

func (v FormView) summary(p Page) []FaultLine {
	var out []FaultLine
	seen := map[string]bool{}
	for _, ft := range v.Faults {
		if seen[ft.Field] {
			continue
		}
		seen[ft.Field] = true
		line := FaultLine{Text: v.faultText(p, ft)}
		if _, ok := v.Form.Field(ft.Field); ok {
			line.Href = "#" + v.id() + "-" + ft.Field
		}
		out = append(out, line)
	}
	rest := make([]string, 0, len(v.Says))
	for name := range v.Says {
		if !seen[name] {
			rest = append(rest, name)
		}
	}
	slices.Sort(rest)
	for _, name := range rest {
		out = append(out, FaultLine{Href: "#" + v.id() + "-" + name, Text: v.Says[name]})
	}
	return out
}

// Said is a checked answer in words, for check-answers lists and records.
func Said(p Page, formName string, fd form.Field, a form.Answers, names func(id string) string) string {
	switch fd.Type {
	case form.Choice:
		if s := a.Str(fd.Name); s != "" {
			return OptionLabel(p.Lang, formName, fd.Name, s)
		}
	case form.Multi:
		list := a.List(fd.Name)
		out := make([]string, len(list))
		for i, x := range list {
			out[i] = OptionLabel(p.Lang, formName, fd.Name, x)
		}
		return strings.Join(out, p.T("word.list.comma"))
	case form.Bool:
		if _, ok := a[fd.Name]; ok && a.Bool(fd.Name) {
			return p.T("word.yes")
		} else if ok {
			return p.T("word.no")
		}
	case form.Int:
		if _, ok := a[fd.Name]; ok {
			return strconv.FormatInt(a.Int(fd.Name), 10)
		}
	case form.Money:
		if _, ok := a[fd.Name]; ok {
			return words.Money(p.Lang, a.Int(fd.Name))
		}
	case form.Decimal:
		if _, ok := a[fd.Name]; ok {
			return words.Decimal(a.Int(fd.Name), fd.Places)
		}
	case form.Date:
		if t, err := time.ParseInLocation("2006-01-02", a.Str(fd.Name), words.Zone()); err == nil {
			return words.Day(p.Lang, t)
		}
	case form.Moment:
		if t, err := form.ParseMoment(a.Str(fd.Name)); err == nil {
			return words.Exact(p.Lang, t)
		}
	case form.Limit:
		if n, u, ok := strings.Cut(a.Str(fd.Name), " "); ok {
			return n + " " + p.T("limit."+u)
		}
	case form.Unit:
		if s := a.Str(fd.Name); s != "" {
			return names(s)
		}
	case form.Units:
		list := slices.Clone(a.List(fd.Name))
		for i := range list {
			list[i] = names(list[i])
		}
		return strings.Join(list, p.T("word.list.comma"))
	default:
		return a.Str(fd.Name)
	}
	return ""
}
