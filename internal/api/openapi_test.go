package api_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"weixiao/internal/access"
	"weixiao/internal/api/apitest"
	"weixiao/internal/cases"
	"weixiao/internal/cases/casestest"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/store/storetest"
)

// one opens a district on SQLite, for what does not depend on the engine.
func one(t *testing.T) env {
	t.Helper()
	return env{apitest.New(t, storetest.Open(t, "sqlite", casestest.Schemas()), register), t}
}

// TestEveryRouteIsDescribed keeps router and OpenAPI document together, both ways.
func TestEveryRouteIsDescribed(t *testing.T) {
	e := one(t)
	doc := e.want(e.call("GET", "/api/openapi.json", "", nil), 200).object
	if doc["openapi"] != "3.1.0" {
		t.Errorf("openapi %v", doc["openapi"])
	}
	described, ids := []string{}, map[string]bool{}
	for path, item := range doc["paths"].(object) {
		for method, op := range item.(object) {
			described = append(described, strings.ToUpper(method)+" "+path)
			o := op.(object)
			id, _ := o["operationId"].(string)
			if id == "" || ids[id] || o["summary"] == "" || o["responses"] == nil {
				t.Errorf("%s %s: id %q, summary %v", method, path, id, o["summary"])
			}
			ids[id] = true
			for _, name := range pathParams(path) {
				if !slices.ContainsFunc(o["parameters"].([]any), func(p any) bool { return p.(object)["name"] == name && p.(object)["in"] == "path" }) {
					t.Errorf("%s: parameter %s is not described", path, name)
				}
			}
		}
	}
	routes := []string{}
	for _, r := range e.Router.Table() {
		if strings.Contains(r.Pattern, " /api/") {
			routes = append(routes, r.Pattern)
		}
	}
	slices.Sort(described)
	slices.Sort(routes)
	if !slices.Equal(described, routes) {
		t.Errorf("described\n%s\nroutes\n%s", strings.Join(described, "\n"), strings.Join(routes, "\n"))
	}
	checkRefs(t, doc, doc)
	if _, ok := doc["components"].(object)["schemas"].(object)["ErrorModel"]; ok {
		t.Error("huma's own error model is described; no operation answers with it")
	}
}

func pathParams(path string) []string {
	var out []string
	for part := range strings.SplitSeq(path, "/") {
		if strings.HasPrefix(part, "{") {
			out = append(out, strings.Trim(part, "{}"))
		}
	}
	return out
}

// checkRefs follows every reference.
func checkRefs(t *testing.T, doc object, v any) {
	switch x := v.(type) {
	case object:
		if ref, ok := x["$ref"].(string); ok {
			name, _ := strings.CutPrefix(ref, "#/components/schemas/")
			if _, ok := doc["components"].(object)["schemas"].(object)[name]; !ok {
				t.Errorf("%s leads nowhere", ref)
			}
		}
		for _, y := range x {
			checkRefs(t, doc, y)
		}
	case []any:
		for _, y := range x {
			checkRefs(t, doc, y)
		}
	}
}

// TestSchemasAreTheForms: each action has a path with the schema of its form, and
// the rule of its row.
func TestSchemasAreTheForms(t *testing.T) {
	e := one(t)
	doc := e.call("GET", "/api/openapi.json", "", nil).object
	rules := map[string]access.Rule{}
	for _, r := range e.Router.Table() {
		rules[r.Pattern] = r.Rule
	}
	for kind, table := range map[string]*flow.Table{"cases": &cases.Table, "whistles": &cases.WhistleTable} {
		for _, a := range table.Actions {
			path := "/api/v1/" + kind + "/{number}/acts/" + a.Name
			if a.From == nil {
				if path = "/api/v1/" + kind; kind == "cases" {
					continue
				}
			}
			item, ok := doc["paths"].(object)[path].(object)
			if !ok {
				t.Errorf("no path for %s %s", kind, a.Name)
				continue
			}
			schema := item["post"].(object)["requestBody"].(object)["content"].(object)["application/json"].(object)["schema"].(object)
			if schema["type"] != "object" || schema["additionalProperties"] != false {
				t.Errorf("%s: schema %v", path, schema)
			}
			props, _ := schema["properties"].(object)
			required, _ := schema["required"].([]any)
			if len(props) != len(a.Form.Fields) {
				t.Errorf("%s: %d properties, %d fields", path, len(props), len(a.Form.Fields))
			}
			for _, f := range a.Form.Fields {
				p, _ := props[f.Name].(object)
				if p == nil || slices.Contains(required, any(f.Name)) != (f.Required && f.When == "") {
					t.Errorf("%s: field %s: %v, required %v", path, f.Name, p, required)
					continue
				}
				switch f.Type {
				case form.Choice:
					if len(p["enum"].([]any)) != len(f.Options) || p["enum"].([]any)[0] != f.Options[0].Value {
						t.Errorf("%s: %s: enum %v", path, f.Name, p["enum"])
					}
				case form.Text, form.Line:
					if f.Max > 0 && p["maxLength"] != float64(f.Max) || p["maxLength"] == nil {
						t.Errorf("%s: %s: maxLength %v", path, f.Name, p["maxLength"])
					}
				case form.Bool:
					if p["type"] != "boolean" {
						t.Errorf("%s: %s: type %v", path, f.Name, p["type"])
					}
				}
			}
			rule := rules["POST "+path]
			for _, r := range access.Roles() {
				inRow := slices.ContainsFunc(a.Who, func(g flow.Grant) bool { return g.Role == r.Name })
				if !r.Pseudo && !rule.Public && slices.Contains(rule.Roles, r.Name) != inRow {
					t.Errorf("%s: role %s: rule %v, row %v", path, r.Name, rule.Roles, a.Who)
				}
			}
			if rule.Public != slices.ContainsFunc(a.Who, func(g flow.Grant) bool { return g.Role == access.Resident }) {
				t.Errorf("%s: open to everybody: %v", path, rule.Public)
			}
		}
	}
}

// TestDistrict reads what the district says about itself.
func TestDistrict(t *testing.T) {
	e := one(t)
	units := e.want(e.call("GET", "/api/v1/units", "", nil), 200)
	if n := len(e.Pack.Directory.Units()); len(units.object["items"].([]any)) != n {
		t.Errorf("%d units, want %d", len(units.object["items"].([]any)), n)
	}
	if got := names(e.want(e.call("GET", "/api/v1/units?q="+url.QueryEscape("孙家堡子街道"), "", nil), 200).object["items"], "id"); len(got) == 0 || got[0] != casestest.Street {
		t.Errorf("search: %v", got)
	}
	if got := e.want(e.call("GET", "/api/v1/units?kind=street", "", nil), 200); len(got.object["items"].([]any)) == 0 {
		t.Error("no street")
	}
	e.want(e.call("GET", "/api/v1/units?kind=planet", "", nil), 422)
	for kind, n := range map[string]int{"": len(e.Pack.Catalogue.Matters("request")), "?kind=component": len(e.Pack.Catalogue.Matters("component"))} {
		if got := e.want(e.call("GET", "/api/v1/matters"+kind, "", nil), 200); len(got.object["items"].([]any)) != n {
			t.Errorf("matters%s: %d, want %d", kind, len(got.object["items"].([]any)), n)
		}
	}
	got := e.want(e.call("GET", "/api/v1/suggest?text="+url.QueryEscape("小区的路灯不亮了")+"&street="+casestest.Street, "", nil), 200)
	best := got.object["items"].([]any)[0].(object)
	if best["matter"].(object)["id"] != "001" || best["reason"] == "" || best["unit"].(object)["id"] == "" || best["unit"].(object)["reason"] == "" {
		t.Errorf("suggestion %v", best)
	}
	en := e.want(e.call("GET", "/api/v1/suggest?lang=en&text="+url.QueryEscape("小区的路灯不亮了"), "", nil), 200).object["items"].([]any)[0].(object)
	if en["matter"].(object)["name"] != "Street light out" {
		t.Errorf("in English %v", en)
	}
	if a := e.want(e.call("GET", "/api/v1/suggest", "", nil), 422); a.faults() != "text:invalid" {
		t.Errorf("without words: %s", a.faults())
	}
	for kind, table := range map[string]*flow.Table{"case": &cases.Table, "whistle": &cases.WhistleTable} {
		got := e.want(e.call("GET", "/api/v1/flow/"+kind, "", nil), 200)
		if len(got.object["actions"].([]any)) != len(table.Actions) || len(got.object["states"].([]any)) != len(table.States) {
			t.Errorf("flow of %s: %d actions", kind, len(got.object["actions"].([]any)))
		}
		for i, s := range got.object["states"].([]any) {
			if label := s.(object)["label"]; label == table.States[i].Name {
				t.Errorf("state %s of %s has no words", label, kind)
			}
		}
	}
	e.want(e.call("GET", "/api/v1/flow/project", "", nil), 422)
	e.want(e.call("GET", "/api/v1/nothing", "", nil), 404)
	if a := e.call("PUT", "/api/v1/units", "", nil); a.Code != 405 {
		t.Errorf("PUT: %d", a.Code)
	}
}
