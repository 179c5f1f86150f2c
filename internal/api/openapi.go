package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"strconv"
	"sync"

	"github.com/danielgtaylor/huma/v2"

	"weixiao/internal/access"
	"weixiao/internal/web"
	"weixiao/internal/words"
)

// document is the OpenAPI document before the operations are in it.
func (d *door) document() *huma.OpenAPI {
	about := words.T(words.ZH, "api.about") + "\n\n" + words.T(words.EN, "api.about")
	return &huma.OpenAPI{
		OpenAPI: "3.1.0",
		Info:    &huma.Info{Title: "Weixiao 微笑 · " + d.Pack.FullName, Version: "1", Description: about},
		Servers: []*huma.Server{{URL: "/"}},
		Components: &huma.Components{
			Schemas: huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer),
			SecuritySchemes: map[string]*huma.SecurityScheme{
				"bearer":     {Type: "http", Scheme: "bearer", Description: "token of POST " + root + "/session"},
				"cookie":     {Type: "apiKey", In: "cookie", Name: "__Host-weixiao", Description: "session of the pages; over plain HTTP it is called weixiao"},
				"key":        {Type: "http", Scheme: "bearer", Description: "key of a program (wk-…), for the operations that name it"},
				"caseSecret": {Type: "apiKey", In: "header", Name: "X-Case-Secret", Description: "the code a resident got with the number"},
			},
		},
		Tags: []*huma.Tag{{Name: "report"}, {Name: "session"}, {Name: "case"}, {Name: "case act"}, {Name: "whistle"}, {Name: "whistle act"}, {Name: "order"}, {Name: "order act"}, {Name: "score"}, {Name: "exclusion"}, {Name: "appeal"}, {Name: "sanitation"}, {Name: "district"}},
	}
}

func status(code int) string { return strconv.Itoa(code) }

// refused describes an answer that is a problem document.
func (d *door) refused(code int) *huma.Response {
	schema := d.huma.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[web.Problem](), true, "")
	text := http.StatusText(code)
	if code == 0 {
		text = "Error"
	}
	return &huma.Response{Description: text, Content: map[string]*huma.MediaType{"application/problem+json": {Schema: schema}}}
}

// answers puts the schema of a body in the place of raw bytes. An empty body counts
// as an empty object, so that it is refused for what it lacks, after rights and
// state were looked at.
func (d *door) answers(path string, s *huma.Schema, example any) {
	body := d.huma.OpenAPI().Paths[path].Post.RequestBody
	body.Content["application/json"] = &huma.MediaType{Schema: s, Example: example}
	body.Required = false
}

// stale describes the answer to an If-Match that does not hold: a problem with the
// record as it is now.
func (d *door) stale(path string, record reflect.Type) {
	schemas := d.huma.OpenAPI().Components.Schemas
	body := d.huma.OpenAPI().Paths[path].Post.Responses[status(http.StatusPreconditionFailed)].Content["application/problem+json"]
	body.Schema = &huma.Schema{AllOf: []*huma.Schema{body.Schema, {Type: huma.TypeObject, Properties: map[string]*huma.Schema{"current": schemas.Schema(record, true, "")}}}}
}

// openapi serves the document, made once.
func (d *door) openapi(rt *access.Router) {
	op := &huma.Operation{OperationID: "openapi", Method: http.MethodGet, Path: "/api/openapi.json", Summary: "This document", Tags: []string{"district"},
		Responses: map[string]*huma.Response{"200": {Description: "OpenAPI 3.1", Content: map[string]*huma.MediaType{"application/json": {Schema: &huma.Schema{Type: huma.TypeObject}}}}}}
	d.huma.OpenAPI().AddOperation(op)
	made := sync.OnceValues(func() ([]byte, error) {
		doc := d.huma.OpenAPI()
		// huma lists its own error model, which no operation here answers with.
		delete(doc.Components.Schemas.Map(), "ErrorModel")
		delete(doc.Components.Schemas.Map(), "ErrorDetail")
		return json.Marshal(doc)
	})
	rt.Handle("GET "+op.Path, access.Rule{Public: true, Why: "description of the API, the same for everybody"}, func(w http.ResponseWriter, r *http.Request) error {
		b, err := made()
		if err != nil {
			return fmt.Errorf("api: openapi: %w", err)
		}
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "public, max-age=300")
		_, _ = w.Write(b)
		return nil
	})
}
