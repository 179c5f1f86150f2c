package web

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"weixiao/internal/access"
	"weixiao/internal/cases"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/web/ui"
	"weixiao/internal/words"
)

// Problem is an RFC 9457 document, the shape of every refusal of the JSON API.
type Problem struct {
	Type   string         `json:"type"`
	Title  string         `json:"title"`
	Status int            `json:"status"`
	Detail string         `json:"detail,omitempty"`
	Code   string         `json:"code,omitempty"`
	Errors []ProblemField `json:"errors,omitempty"`
}

// ProblemField is one fault of one field.
type ProblemField struct {
	Field   string `json:"field"`
	Code    string `json:"code"`
	Message string `json:"message"`
}

// ProblemOf describes an error in a language without anything internal or
// personal; unknown errors are 500 and say no more.
func ProblemOf(lang words.Lang, err error) Problem {
	code, _ := access.Status(err)
	key := "error." + http.StatusText(code)
	p := Problem{Type: "about:blank", Status: code, Title: http.StatusText(code)}
	if errors.Is(err, cases.ErrGone) {
		p.Status, p.Title = http.StatusGone, http.StatusText(http.StatusGone)
	}
	if faults, ok := errors.AsType[form.Faults](err); ok {
		for _, f := range faults {
			// A name that no form has comes from outside: it has no label.
			message := f.Field + ": " + f.Code
			if words.Has("field." + f.Field) {
				message = ui.FaultText(lang, "", form.Field{Name: f.Field}, f)
			}
			p.Errors = append(p.Errors, ProblemField{f.Field, f.Code, message})
		}
	}
	if fe, ok := errors.AsType[*cases.FieldError](err); ok {
		p.Status, p.Title = http.StatusUnprocessableEntity, http.StatusText(http.StatusUnprocessableEntity)
		p.Errors = append(p.Errors, ProblemField{fe.Field, "invalid", fe.Err.Error()})
	}
	if x, ok := errors.AsType[flow.Worded](err); ok {
		field, zh, en := x.Words()
		if lang == words.EN {
			zh = en
		}
		p.Errors = append(p.Errors, ProblemField{field, "refused", zh})
	}
	var args []any
	if re, ok := errors.AsType[*flow.RefusedError](err); ok {
		args = re.Args
		p.Code, key = re.Code, "refused."+re.Code
	}
	if words.Has(key) {
		p.Detail = words.T(lang, key, args...)
	} else if k := "error.status." + strings.ReplaceAll(strings.ToLower(p.Title), " ", "_"); words.Has(k) {
		p.Detail = words.T(lang, k)
	}
	return p
}

// Error answers a request that failed: problem+json for the API, a page for
// people. Faults of ours are logged with the route, never with its content.
func (s *Site) Error(w http.ResponseWriter, r *http.Request, err error) {
	p := ProblemOf(Lang(r), err)
	_, retry := access.Status(err)
	access.SetRetryAfter(w.Header(), retry)
	if p.Status >= 500 && p.Status != http.StatusServiceUnavailable && p.Status != http.StatusInsufficientStorage {
		s.Log.Error("request failed", "route", r.Pattern, "error", err)
	}
	if strings.HasPrefix(r.URL.Path, "/api/") || strings.HasPrefix(r.Header.Get("Accept"), "application/json") {
		WriteProblem(w, p)
		return
	}
	page := s.Page(r, "error.title")
	if e := Render(w, r, p.Status, ErrorPage(page, p)); e != nil {
		http.Error(w, p.Title, p.Status)
	}
}

// WriteProblem writes a problem document.
func WriteProblem(w http.ResponseWriter, p Problem) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p)
}
