// Package api is the JSON API: what pages do, for programs. Every operation has a
// Rule on the router and a place in the OpenAPI document, which is made from this
// code and from the flow tables: one path for each action, with the schema of its
// form. Nothing here says who may do what; the tables do.
//
//	api.go       this map, Register, operations and what stands before them
//	problem.go   errors as problem documents
//	decode.go    JSON in: strict, every fault at once
//	asker.go     who asks: staff with a session, a resident with a secret; keys, If-Match
//	report.go    POST /reports
//	session.go   /session
//	case.go      a case as JSON           told.go: what residents are told of it
//	cases.go     /cases, /inbox, /cases/{number}, acts
//	whistle.go   a whistle as JSON        whistles.go: /whistles, acts
//	order.go     an order of supervision as JSON   orders.go: /orders, acts
//	scores.go    /scores, /exclusions, /appeals: months, requests, their acts
//	sanitation.go /sanitation/positions: tracks of machines
//	district.go  /units, /matters, /suggest, /flow
//	schema.go    forms as JSON Schema     openapi.go: /openapi.json
//
// Promises to programs:
//   - A request repeated with the same Idempotency-Key is done once and answered
//     alike; the same key with another request is 422.
//   - A case, whistle or order carries its version as ETag. If-Match is honoured when it is
//     there: a stale one is 412 with the record as it is now. Without it the action
//     is done to whatever is there, as far as the flow allows.
//   - What a caller does not reach is 404, the same as what does not exist. A right
//     that is missing is 403, a state that does not fit 409, faults are 422 and
//     complete.
//   - Fields nobody knows are refused, and so are names that come twice.
package api

import (
	"context"
	"mime"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"weixiao/internal/access"
	"weixiao/internal/store"
	"weixiao/internal/web"
)

const root = "/api/v1"

// Bounds of a body in bytes.
const (
	maxBody   = 64 << 10
	maxReport = 256 << 10
)

// Spoken is the language of labels and messages; without it the cookie of the
// pages and Accept-Language decide.
type Spoken struct {
	Lang string `query:"lang" doc:"language of labels and messages: zh-CN or en"`
}

type door struct {
	*web.Site
	huma huma.API
}

// Register adds the routes of the JSON API.
func Register(rt *access.Router, s *web.Site) {
	d := &door{Site: s}
	d.huma = huma.NewAPI(huma.Config{OpenAPI: d.document(), Formats: huma.DefaultFormats, DefaultFormat: "application/json",
		RejectUnknownQueryParameters: true, Transformers: []huma.Transformer{d.translate}}, adapter{rt})
	d.reports()
	d.sessions()
	d.cases()
	d.caseActs()
	d.whistles()
	d.whistleActs()
	d.orders()
	d.orderActs()
	d.checks()
	d.checkActs()
	d.scores()
	d.outdoors()
	d.sanitation()
	d.district()
	d.openapi(rt)
}

// adapter puts operations on the router that demands a rule for each.
type adapter struct{ *access.Router }

type ruleKey struct{}
type requestKey struct{}

const ruleName = "rule"

// Handle implements huma.Adapter.
func (a adapter) Handle(op *huma.Operation, h func(huma.Context)) {
	a.Router.Handle(op.Method+" "+op.Path, op.Metadata[ruleName].(access.Rule), func(w http.ResponseWriter, r *http.Request) error {
		r = r.WithContext(context.WithValue(r.Context(), requestKey{}, r))
		h(humago.NewContext(op, r, w))
		return nil
	})
}

// request is the HTTP request behind a handler's context.
func request(ctx context.Context) *http.Request {
	r, _ := ctx.Value(requestKey{}).(*http.Request)
	return r
}

// operation registers a handler with its rule. Its errors become problems.
func operation[I, O any](d *door, rule access.Rule, op huma.Operation, h func(context.Context, *I) (*O, error)) {
	op.Metadata = map[string]any{ruleName: rule}
	if op.Method != http.MethodGet {
		op.Middlewares = append(op.Middlewares, d.before)
	}
	if op.MaxBodyBytes == 0 {
		op.MaxBodyBytes = maxBody
	}
	op.SkipValidateBody = true // decode.go is stricter, and rights come before faults
	d.describe(&op, rule)
	huma.Register(d.huma, op, func(ctx context.Context, in *I) (*O, error) {
		out, err := h(ctx, in)
		if err != nil {
			return nil, d.problem(ctx, err)
		}
		return out, nil
	})
}

// before refuses, without reading the body, what the writer cannot keep up with
// and what is not JSON.
func (d *door) before(ctx huma.Context, next func(huma.Context)) {
	r, w := humago.Unwrap(ctx)
	var err error
	if kind := r.Header.Get("Content-Type"); kind != "" || r.ContentLength != 0 {
		if media, _, e := mime.ParseMediaType(kind); e != nil || media != "application/json" {
			err = refuse(http.StatusUnsupportedMediaType, "media_type")
		}
	}
	if d.DB.Busy() {
		err = store.ErrBusy
	}
	if err == nil {
		next(ctx)
		return
	}
	p := d.problem(r.Context(), err)
	for name, values := range p.header {
		w.Header()[name] = values
	}
	web.WriteProblem(w, p.Problem)
}
