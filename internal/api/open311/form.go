package open311

import (
	"errors"
	"maps"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"weixiao/internal/cases"
	"weixiao/internal/form"
	"weixiao/internal/store"
	"weixiao/internal/text"
	"weixiao/internal/vault"
	"weixiao/internal/words"
)

// Bounds of what one form may hold. Lengths are in characters.
const (
	maxBody       = 256 << 10 // bytes: 4,000 characters of four bytes, each written as %XX
	maxText       = 4000
	maxLine       = 200
	maxURL        = 2000
	maxAttributes = 50
	maxValues     = 20
	maxValue      = 1000
	maxCode       = 64
)

// submission is a form that was read: fields by name, attributes by code.
type submission struct {
	fields     map[string]string
	attributes map[string][]string
	list       faults
}

// parse reads a form. Known fields may come once; attributes come as
// attribute[code]=a, attribute[code][]=a, or either of them several times.
func parse(body string) submission {
	s := submission{fields: map[string]string{}, attributes: map[string][]string{}}
	values, err := url.ParseQuery(body)
	if err != nil {
		s.add(http.StatusBadRequest, "form")
		return s
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		all := values[name]
		if code, ok := attributeCode(name); ok {
			s.attribute(code, all)
			continue
		}
		if !slices.Contains(formFields, name) {
			continue
		}
		if slices.ContainsFunc(all, func(v string) bool { return v != all[0] }) {
			s.add(http.StatusBadRequest, "repeated", name)
			continue
		}
		if !utf8.ValidString(all[0]) {
			s.add(http.StatusBadRequest, "utf8", name)
			continue
		}
		s.fields[name] = all[0]
	}
	if len(s.attributes) > maxAttributes {
		s.add(http.StatusBadRequest, "many", "attribute", maxAttributes)
	}
	return s
}

// formFields are the fields of the protocol.
var formFields = []string{"jurisdiction_id", "api_key", "service_code", "lat", "long", "address_string", "address_id", "email", "device_id", "account_id",
	"first_name", "last_name", "phone", "description", "media_url", "service_request_id", "update_id", "updated_datetime"}

// attributeCode takes the code out of attribute[code] and attribute[code][].
func attributeCode(name string) (string, bool) {
	rest, ok := strings.CutPrefix(name, "attribute[")
	if !ok {
		return "", false
	}
	rest = strings.TrimSuffix(rest, "[]")
	code, ok := strings.CutSuffix(rest, "]")
	return code, ok && code != ""
}

func (s *submission) add(code int, key string, args ...any) {
	s.list = append(s.list, bad(code, key, args...))
}

func (s *submission) attribute(code string, values []string) {
	if utf8.RuneCountInString(code) > maxCode || strings.ContainsFunc(code, func(r rune) bool { return form.Control(r) || r == '\n' || r == utf8.RuneError }) {
		s.add(http.StatusBadRequest, "attribute_code")
		return
	}
	for _, v := range values {
		if strings.TrimSpace(v) == "" {
			continue
		}
		clean, err := text.Clean(v, maxValue)
		if err != nil {
			s.unclean("attribute["+code+"]", err)
			return
		}
		s.attributes[code] = append(s.attributes[code], clean)
	}
	if len(s.attributes[code]) > maxValues {
		s.add(http.StatusBadRequest, "many", "attribute["+code+"]", maxValues)
	}
}

// unclean says why a text was refused.
func (s *submission) unclean(field string, err error) {
	e, ok := errors.AsType[*text.InputError](err)
	switch {
	case ok && e.Kind == text.ErrTooLong:
		s.add(http.StatusBadRequest, "long", field, e.Count, e.Max)
	case ok && e.Kind == text.ErrUTF8:
		s.add(http.StatusBadRequest, "utf8", field)
	case ok && e.Kind == text.ErrEmpty:
		s.add(http.StatusBadRequest, "empty", field)
	default:
		s.add(http.StatusBadRequest, "control", field)
	}
}

// text returns a field of words, "" when it is absent or blank.
func (s *submission) text(name string, most int) string {
	if strings.TrimSpace(s.fields[name]) == "" {
		return ""
	}
	clean, err := text.Clean(s.fields[name], most)
	if err != nil {
		s.unclean(name, err)
	}
	return clean
}

func (s *submission) line(name string, most int) string {
	return strings.Join(strings.Fields(s.text(name, most)), " ")
}

// report turns a submission into a report. Its faults are complete: nothing else
// about the form can be refused later.
func (d *door) report(s *submission) cases.Report {
	if err := d.jurisdiction(s.fields["jurisdiction_id"]); err != nil {
		s.list = append(s.list, err.(faults)...)
	}
	r := cases.Report{Channel: "open311", Answers: map[string][]string{}}
	code := strings.TrimSpace(s.fields["service_code"])
	m, ok := d.service(code)
	switch {
	case code == "":
		s.add(http.StatusBadRequest, "service_code")
	case !ok:
		s.add(http.StatusNotFound, "service")
	default:
		r.Matter = m.Key
		s.answers(d.asks(words.ZH, m.Key))
	}
	r.Place = d.place(s)
	r.Body = s.text("description", maxText)
	if r.Body == "" {
		r.Body = m.Name
	}
	r.Person = vault.Person{Name: fullName(s.line("last_name", maxLine), s.line("first_name", maxLine)),
		Phone: s.line("phone", maxLine), Email: s.line("email", maxLine)}
	for code, values := range s.attributes {
		for _, v := range values {
			redacted, _ := text.Redact(v)
			r.Answers[code] = append(r.Answers[code], redacted)
		}
	}
	if link := s.line("media_url", maxURL); link != "" {
		if u, err := url.Parse(link); err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
			s.add(http.StatusBadRequest, "media_url")
		}
		r.Answers["media_url"] = []string{link}
	}
	if len(r.Answers) == 0 {
		r.Answers = nil
	}
	return r
}

// fullName joins the two parts as their writing does: 张三, but San Zhang.
func fullName(last, first string) string {
	for _, r := range last + first {
		if r >= 0x2e80 {
			return last + first
		}
	}
	return strings.TrimSpace(first + " " + last)
}

// place reads where it is. Something must say so: coordinates, an address, or the
// code of a street, community or grid. A place outside the district is taken: a
// person at the duty desk decides.
func (d *door) place(s *submission) cases.Place {
	var p cases.Place
	lat, long := strings.TrimSpace(s.fields["lat"]), strings.TrimSpace(s.fields["long"])
	switch {
	case lat != "" && long != "":
		la, ok1 := s.degrees("lat", lat, 90)
		lo, ok2 := s.degrees("long", long, 180)
		if ok1 && ok2 {
			p.Lat, p.Lon, p.Located = la, lo, true
		}
	case lat != "" || long != "":
		s.add(http.StatusBadRequest, "lat_long")
	}
	p.Text = s.line("address_string", cases.MaxPlace)
	id := s.line("address_id", maxCode)
	if id != "" {
		if _, ok := d.Pack.Directory.OfPlace(id); ok {
			p.Street = id
		} else {
			s.add(http.StatusBadRequest, "address_id")
		}
	}
	if lat == "" && long == "" && strings.TrimSpace(s.fields["address_string"]) == "" && id == "" {
		s.add(http.StatusBadRequest, "location")
	}
	return p
}

func (s *submission) degrees(name, v string, most float64) (float64, bool) {
	f, err := strconv.ParseFloat(v, 64)
	if err != nil || math.IsNaN(f) {
		s.add(http.StatusBadRequest, "number", name)
		return 0, false
	}
	if math.Abs(f) > most {
		s.add(http.StatusBadRequest, "range", name, int(most))
		return 0, false
	}
	return f, true
}

// answers checks the attributes a definition knows.
func (s *submission) answers(questions []Question) {
	for _, q := range questions {
		given := s.attributes[q.Code]
		if len(given) == 0 {
			if q.Required && !q.Notice {
				s.add(http.StatusBadRequest, "attribute_required", q.Code)
			}
			continue
		}
		if len(given) > 1 && q.Datatype != Multi {
			s.add(http.StatusBadRequest, "repeated", "attribute["+q.Code+"]")
			continue
		}
		for _, v := range given {
			if key := q.check(v); key != "" {
				s.add(http.StatusBadRequest, key, q.Code)
				break
			}
		}
	}
}

// check returns the message that says what is wrong with an answer, or "".
func (q Question) check(v string) string {
	switch q.Datatype {
	case Number:
		if f, err := strconv.ParseFloat(strings.TrimSpace(v), 64); err != nil || math.IsNaN(f) || math.IsInf(f, 0) {
			return "attribute_number"
		}
	case Datetime:
		_, dayErr := time.ParseInLocation("2006-01-02", strings.TrimSpace(v), zone)
		if _, err := form.ParseMoment(v); err != nil && dayErr != nil {
			return "attribute_date"
		}
	case Single, Multi:
		if !slices.ContainsFunc(q.Values, func(x Value) bool { return x.Key == v }) {
			return "attribute_choice"
		}
	}
	return ""
}

// request hashes what two sendings of one report have in common: everything but
// the key of the client.
func (s *submission) request() []byte {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(s.fields)) {
		if name != "api_key" {
			parts = append(parts, name, s.fields[name])
		}
	}
	for _, code := range slices.Sorted(maps.Keys(s.attributes)) {
		parts = append(append(parts, "attribute", code), s.attributes[code]...)
	}
	return store.RequestHash(parts...)
}
