package api_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"weixiao/internal/cases"
	"weixiao/internal/cases/casestest"
	"weixiao/internal/form"
)

// junk is any JSON value, with what breaks parsers in it.
func junk(depth int) *rapid.Generator[any] {
	words := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"", " ", "\x00", "😀", "\u202e", "yes", "true", "0", "-1", "99999999999999999999", "2022-13-40", "5 workday",
		"0 workday", "9999 day", casestest.Street, "001", "<script>", "' OR 1=1 --", "%", "L3", strings.Repeat("长", 2001)}))
	leaf := rapid.OneOf(rapid.Just[any](nil), rapid.Map(rapid.Bool(), func(b bool) any { return b }), rapid.Map(rapid.Float64(), func(f float64) any { return f }),
		rapid.Map(rapid.Int64(), func(n int64) any { return n }), rapid.Map(words, func(s string) any { return s }))
	if depth == 0 {
		return leaf
	}
	return rapid.OneOf(leaf, leaf, rapid.Map(rapid.SliceOfN(junk(depth-1), 0, 4), func(l []any) any { return l }),
		rapid.Map(rapid.MapOfN(rapid.StringN(0, 8, -1), junk(depth-1), 0, 4), func(m map[string]any) any { return m }))
}

// answersTo draws a body for a form: right fields, wrong fields, any values.
func answersTo(t *rapid.T, f form.Form, extra ...string) object {
	out := object{}
	for _, fd := range f.Fields {
		switch rapid.IntRange(0, 3).Draw(t, "use "+fd.Name) {
		case 0:
		case 1:
			out[fd.Name] = junk(2).Draw(t, fd.Name)
		default:
			out[fd.Name] = plausible(t, fd)
		}
	}
	for _, name := range extra {
		if rapid.Bool().Draw(t, "extra "+name) {
			out[name] = junk(3).Draw(t, name)
		}
	}
	return out
}

// plausible draws an answer that the form takes, more often than not.
func plausible(t *rapid.T, fd form.Field) any {
	switch fd.Type {
	case form.Choice:
		return rapid.SampledFrom(fd.Options).Draw(t, fd.Name).Value
	case form.Bool:
		return rapid.Bool().Draw(t, fd.Name)
	case form.Unit:
		return rapid.SampledFrom([]string{casestest.Street, casestest.OtherStreet, "220605", "none"}).Draw(t, fd.Name)
	case form.Units:
		return rapid.SliceOfN(rapid.SampledFrom([]string{casestest.Street, casestest.OtherStreet, "none"}), 0, 3).Draw(t, fd.Name)
	case form.Limit:
		return rapid.SampledFrom([]string{"1 workday", "5 workday", "9999 day"}).Draw(t, fd.Name)
	case form.Date:
		return rapid.SampledFrom([]string{"2022-12-01", "1900-01-01", "2200-12-31"}).Draw(t, fd.Name)
	case form.Money:
		return rapid.SampledFrom([]string{"3.25亿", "100", "-1"}).Draw(t, fd.Name)
	case form.Decimal:
		return rapid.SampledFrom([]string{"1", "1.5", "x"}).Draw(t, fd.Name)
	case form.Case:
		return rapid.SampledFrom([]string{"JY20221123-00000", "x"}).Draw(t, fd.Name)
	}
	return rapid.StringN(1, 40, -1).Draw(t, fd.Name)
}

// TestNoBodyBreaks: whatever JSON comes, at whatever operation, the answer is never
// a fault of ours, and a refusal is a problem document.
func TestNoBodyBreaks(t *testing.T) {
	e := one(t)
	tokens := []string{e.Token(t, "", "dispatcher"), e.Token(t, "", "operator"), e.Token(t, "", "supervisor"), e.Token(t, "", "callback"), e.Token(t, casestest.Street, "street"),
		e.Token(t, casestest.Street, "streetlead"), e.Token(t, e.department(), "department")}
	number, secret := e.report(nil)
	rapid.Check(t, func(t *rapid.T) {
		who := rapid.SampledFrom(append(tokens, "secret:"+secret)).Draw(t, "who")
		var path string
		var body any
		switch rapid.IntRange(0, 5).Draw(t, "what") {
		case 0:
			path, who, body = "/api/v1/reports", tokens[1], answersTo(t, form.Form{Fields: []form.Field{{Name: "description"}, {Name: "matter"}}}, "title", "kind", "place", "person", "public", "x")
		case 1:
			path, body = "/api/v1/whistles", answersTo(t, cases.WhistleTable.Actions[0].Form, "x")
		case 2:
			path, who, body = "/api/v1/reports", tokens[1], junk(4).Draw(t, "body")
		case 3: // no JSON at all
			path, body = "/api/v1/cases/"+number+"/acts/note", string(rapid.SliceOfN(rapid.Byte(), 1, 60).Draw(t, "bytes"))
		default:
			a := rapid.SampledFrom(cases.Table.Actions).Draw(t, "action")
			path, body = "/api/v1/cases/"+number+"/acts/"+a.Name, answersTo(t, a.Form, "x")
		}
		header := []string{"If-Match", rapid.SampledFrom([]string{"", "", "*", `"1"`, `"999"`, "\x7f", `W/"`}).Draw(t, "If-Match"),
			"Idempotency-Key", rapid.SampledFrom([]string{"", "", "a", "b", "ü", strings.Repeat("k", 300)}).Draw(t, "key")}
		a := e.call("POST", path, who, body, header...)
		if a.Code >= http.StatusInternalServerError {
			j, _ := json.Marshal(body)
			t.Fatalf("POST %s %s: %d %s", path, j, a.Code, a.Body)
		}
		if e.load(number).Ended() { // go on with another case
			r := e.want(e.call("POST", "/api/v1/reports", tokens[1], object{"description": "x"}), http.StatusCreated)
			number, secret = r.object["number"].(string), r.object["secret"].(string)
		}
	})
}
