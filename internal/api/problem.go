package api

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"weixiao/internal/access"
	"weixiao/internal/cases"
	"weixiao/internal/form"
	"weixiao/internal/store"
	"weixiao/internal/text"
	"weixiao/internal/web"
	"weixiao/internal/web/ui"
	"weixiao/internal/words"
)

// problem is the refusal of an operation, as huma writes it.
type problem struct {
	web.Problem
	Current any `json:"current,omitempty"` // the record as it is now, for 412
	header  http.Header
}

func (p *problem) Error() string             { return "api: " + p.Title }
func (p *problem) GetStatus() int            { return p.Status }
func (p *problem) GetHeaders() http.Header   { return p.header }
func (p *problem) ContentType(string) string { return "application/problem+json" }

// refusal is a fault of the call itself, not of what it asks for. code is a
// message under "api.error.".
type refusal struct {
	status int
	code   string
	args   []any
}

func (e *refusal) Error() string { return "api: " + e.code }

func refuse(status int, code string, args ...any) error { return &refusal{status, code, args} }

// formed is an error about the answers to a form.
type formed struct {
	form form.Form
	err  error
}

func (e *formed) Error() string { return e.err.Error() }
func (e *formed) Unwrap() error { return e.err }

// stale is an If-Match that does not hold, with the record as it is now.
type stale struct {
	current any
	etag    string
}

func (e *stale) Error() string { return access.ErrStale.Error() }
func (e *stale) Unwrap() error { return access.ErrStale }

// problem describes an error. Faults of ours are logged with the route, never
// with its content.
func (d *door) problem(ctx context.Context, err error) *problem {
	r := request(ctx)
	lang := words.ZH
	if r != nil {
		lang = web.Lang(r)
	}
	p := &problem{header: http.Header{}}
	if errors.Is(err, store.ErrReused) {
		err = refuse(http.StatusUnprocessableEntity, "reused")
	}
	if faults, ok := faultsOf(err); ok {
		p.Problem = web.Problem{Type: "about:blank", Status: http.StatusUnprocessableEntity, Title: http.StatusText(http.StatusUnprocessableEntity),
			Code: "faults", Detail: words.T(lang, "api.error.faults")}
		for _, f := range faults {
			p.Errors = append(p.Errors, web.ProblemField{Field: f.Field, Code: f.Code, Message: faultText(lang, err, f)})
		}
		return p
	}
	if e, ok := errors.AsType[*refusal](err); ok {
		p.Problem = web.Problem{Type: "about:blank", Status: e.status, Title: http.StatusText(e.status), Code: e.code, Detail: words.T(lang, "api.error."+e.code, e.args...)}
		return p
	}
	p.Problem = web.ProblemOf(lang, err)
	_, retry := access.Status(err)
	access.SetRetryAfter(p.header, retry)
	switch p.Status {
	case http.StatusUnauthorized:
		p.header.Set("WWW-Authenticate", "Bearer")
	case http.StatusServiceUnavailable, http.StatusInsufficientStorage:
	default:
		if p.Status >= http.StatusInternalServerError && ctx.Err() == nil {
			d.Log.Error("request failed", "route", r.Pattern, "error", err)
		}
	}
	if e, ok := errors.AsType[*stale](err); ok {
		p.Current = e.current
		p.header.Set("ETag", e.etag)
	}
	return p
}

// faultsOf finds the faults in an error, also those a work package found in a
// single text.
func faultsOf(err error) (form.Faults, bool) {
	if faults, ok := errors.AsType[form.Faults](err); ok {
		return faults, true
	}
	field, ok := errors.AsType[*cases.FieldError](err)
	if !ok {
		return nil, false
	}
	f := form.Fault{Field: field.Field, Code: "choice"}
	if e, ok := errors.AsType[*text.InputError](field.Err); ok {
		f = textFault(field.Field, e)
	}
	return form.Faults{f}, true
}

// textFault says in the words of a form why a text was refused.
func textFault(field string, e *text.InputError) form.Fault {
	f := form.Fault{Field: field, Code: "control"}
	switch e.Kind {
	case text.ErrEmpty:
		f.Code = "required"
	case text.ErrUTF8:
		f.Code = "utf8"
	case text.ErrTooLong:
		f.Code, f.N, f.Of = "long", e.Count, e.Max
	}
	return f
}

// faultText puts the label of a field into the message, or its name when it has
// none: programs see names.
func faultText(lang words.Lang, err error, f form.Fault) string {
	name, fd, ok := "", form.Field{}, false
	if e, is := errors.AsType[*formed](err); is {
		name = e.form.Name
		fd, ok = e.form.Field(f.Field)
	}
	if f.Code == "unknown" && !ok {
		return words.T(lang, "api.error.unknown", f.Field)
	}
	if !words.Has("form."+name+"."+f.Field) && !words.Has("field."+f.Field) {
		fd = form.Field{}
	}
	return ui.FaultText(lang, name, fd, f)
}

// translate turns what huma itself refuses into our problem document. The values
// it would repeat stay out: they may be about a person.
func (d *door) translate(ctx huma.Context, _ string, v any) (any, error) {
	e, ok := v.(*huma.ErrorModel)
	if !ok {
		return v, nil
	}
	lang, code := web.Lang(request(ctx.Context())), "parameters"
	switch e.Status {
	case http.StatusRequestEntityTooLarge:
		code = "too_large"
	case http.StatusRequestTimeout:
		code = "timeout"
	case http.StatusInternalServerError:
		code = "unread"
	}
	p := web.Problem{Type: "about:blank", Status: e.Status, Title: http.StatusText(e.Status), Code: code, Detail: words.T(lang, "api.error."+code, ctx.Operation().MaxBodyBytes>>10)}
	for _, x := range e.Errors {
		if _, field, ok := strings.Cut(x.Location, "."); ok {
			p.Errors = append(p.Errors, web.ProblemField{Field: field, Code: "invalid", Message: x.Message})
		}
	}
	return p, nil
}
