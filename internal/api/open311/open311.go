// Package open311 speaks GeoReport v2, the protocol by which city apps take in
// reports and show them again. It is a door: it turns forms into cases.Report and
// cases into public documents, and knows no rule of its own about either.
//
//	open311.go   this map, Register, formats, the answer to errors
//	document.go  the documents, in XML and JSON
//	services.go  discovery, services, definitions; questions.go: what services ask
//	form.go      from a form to what a report needs, with every fault at once
//	post.go      POST requests
//	query.go     the arguments of a listing
//	requests.go  GET requests, one and many; tokens
//	updates.go   servicerequestupdates, the extension of FixMyStreet
//
// What is public. An answer holds no field about the person who reported, and no
// parameter adds one. Cases that are not public, and those the centre screened
// out, are in no list and answer 404; whoever sent them keeps number and secret.
//
// Choices where the protocol leaves one:
//   - The extension decides the format, never Accept; without one it is XML.
//   - Tokens are never handed out: every service is "realtime". The number of a
//     public request resolves as its own token.
//   - One jurisdiction. Its id is the district code; the argument may be left out.
//   - The window of a listing ends at end_date, or now, and holds at most the 90
//     days before it: a longer one is clipped at its beginning.
//   - At most 1,000 requests, or page_size. With page (from 1) there are page_size,
//     50 unless said, at most 200.
//   - Attributes that no definition knows are kept as they came. A definition's own
//     attributes are checked by their datatype.
//   - description is 4,000 characters at most. Without one the name of the service
//     stands for it. Personal data in it are masked before it is stored, and what
//     is stored is what every answer repeats.
//   - Fields of the form that the protocol does not know are passed over: nobody
//     can set a status, a unit or a deadline from outside. device_id and account_id
//     are not kept.
//   - media_url is kept as words and never fetched.
package open311

import (
	"errors"
	"net/http"
	"strings"

	"weixiao/internal/access"
	"weixiao/internal/cases"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/store"
	"weixiao/internal/web"
	"weixiao/internal/words"
)

// Options are what the door needs besides the site.
type Options struct {
	// Base is the address of the site in the discovery document, such as
	// https://12345.example.gov.cn; "" takes it from the request.
	Base string
	// Questions are what a service asks beyond words and place, by key of its
	// matter; nil asks what the catalogue does.
	Questions func(matter string) []Question
}

type door struct {
	*web.Site
	opt   Options
	marks marks
}

const (
	root     = "/open311/"
	whyRead  = "Open311: what is published is read without a key"
	whyWrite = "Open311: the API key is a field of the form, the handler checks it"
)

// handler answers in the format it is told, or returns an error.
type handler func(w http.ResponseWriter, r *http.Request, f format) error

// Register adds the routes of the door.
func Register(rt *access.Router, s *web.Site, o Options) {
	d := &door{Site: s, opt: o}
	d.route(rt, "GET", "discovery", d.discovery)
	d.route(rt, "GET", "v2/services", d.services)
	d.route(rt, "GET", "v2/services/{id}", d.definition)
	d.route(rt, "GET", "v2/requests", d.list)
	d.route(rt, "POST", "v2/requests", d.post)
	d.route(rt, "GET", "v2/requests/{id}", d.one)
	d.route(rt, "GET", "v2/tokens/{id}", d.token)
	d.route(rt, "GET", "v2/servicerequestupdates", d.updates)
	d.route(rt, "POST", "v2/servicerequestupdates", d.postUpdate)
	rt.Handle(root, access.Rule{Public: true, Why: "Open311: unknown addresses answer in the protocol's own form"}, d.answer(d.unknown, pathFormat))
}

// route registers a path with each extension. Where the path ends in an id, the
// extension is part of it.
func (d *door) route(rt *access.Router, method, path string, h handler) {
	rule := access.Rule{Public: true, Why: whyRead}
	if method == http.MethodPost {
		rule.Why = whyWrite
	}
	if strings.HasSuffix(path, "}") {
		rt.Handle(method+" "+root+path, rule, d.answer(h, idFormat))
		return
	}
	for _, ext := range []string{"", ".xml", ".json"} {
		rt.Handle(method+" "+root+path+ext, rule, d.answer(h, pathFormat))
	}
}

// format is how an answer is written.
type format string

const (
	asXML  format = "xml"
	asJSON format = "json"
)

func pathFormat(r *http.Request) format {
	if strings.HasSuffix(r.URL.Path, ".json") {
		return asJSON
	}
	return asXML
}

// idFormat takes the extension off the id of the path.
func idFormat(r *http.Request) format {
	id := r.PathValue("id")
	if rest, ok := strings.CutSuffix(id, ".json"); ok {
		r.SetPathValue("id", rest)
		return asJSON
	}
	r.SetPathValue("id", strings.TrimSuffix(id, ".xml"))
	return asXML
}

// answer runs a handler and turns its error into a list of faults in the format
// asked for.
func (d *door) answer(h handler, find func(*http.Request) format) access.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		f := find(r)
		header := w.Header()
		if r.Method == http.MethodGet || r.Method == http.MethodHead {
			header.Set("Access-Control-Allow-Origin", "*")
			header.Set("Cross-Origin-Resource-Policy", "cross-origin")
		}
		header.Add("Vary", "Accept-Language, Cookie")
		err := h(w, r, f)
		if err == nil {
			return nil
		}
		list, ok := errors.AsType[faults](err)
		if !ok {
			list = d.faultsOf(w, r, err)
		}
		for i := range list {
			list[i].Description = words.T(web.Lang(r), "open311.fault."+list[i].key, list[i].args...)
		}
		return write(w, f, list.status(), errorsDocument{Faults: list}, list)
	}
}

// kinds are the refusals of other packages in the words of this door.
var kinds = []struct {
	err  error
	code int
	key  string
}{
	{store.ErrReused, http.StatusUnprocessableEntity, "reused"},
	{store.ErrBusy, http.StatusServiceUnavailable, "busy"},
	{store.ErrDown, http.StatusServiceUnavailable, "busy"},
	{store.ErrClosed, http.StatusServiceUnavailable, "busy"},
	{store.ErrFull, http.StatusInsufficientStorage, "full"},
	{flow.ErrState, http.StatusConflict, "state"},
	{flow.ErrForbidden, http.StatusForbidden, "api_key"},
	{access.ErrSignIn, http.StatusForbidden, "api_key"},
	{store.ErrNotFound, http.StatusNotFound, "request"},
}

// faultsOf describes an error of another package. What is our own fault is logged
// with the route, never with its content.
func (d *door) faultsOf(w http.ResponseWriter, r *http.Request, err error) faults {
	code, retry := access.Status(err)
	access.SetRetryAfter(w.Header(), retry)
	if e, ok := errors.AsType[*cases.FieldError](err); ok {
		return faults{bad(http.StatusBadRequest, "field", e.Field)}
	}
	if e, ok := errors.AsType[form.Faults](err); ok {
		var out faults
		for _, f := range e {
			out = append(out, bad(http.StatusBadRequest, "field", f.Field))
		}
		return out
	}
	if _, ok := errors.AsType[access.ErrTooMany](err); ok {
		return faults{bad(http.StatusTooManyRequests, "too_many")}
	}
	for _, k := range kinds {
		if errors.Is(err, k.err) {
			return faults{bad(k.code, k.key)}
		}
	}
	if code >= http.StatusInternalServerError && r.Context().Err() == nil {
		d.Log.Error("request failed", "route", r.Pattern, "error", err)
	}
	return faults{bad(code, "internal")}
}

// fault is one thing wrong with a request.
type fault struct {
	Code        int    `xml:"code" json:"code"`
	Description string `xml:"description" json:"description"`
	key         string
	args        []any
}

// faults is the error a handler returns: everything that is wrong, at once.
type faults []fault

func (f faults) Error() string {
	keys := make([]string, len(f))
	for i, x := range f {
		keys[i] = x.key
	}
	return "open311: " + strings.Join(keys, ", ")
}

// status is the code all faults share; a bad request when they differ.
func (f faults) status() int {
	for _, x := range f {
		if x.Code != f[0].Code {
			return http.StatusBadRequest
		}
	}
	return f[0].Code
}

// bad makes one; key is a message under "open311.fault.".
func bad(code int, key string, args ...any) fault { return fault{Code: code, key: key, args: args} }

// known are the paths that exist, to tell a wrong method from a wrong address.
var known = []string{"discovery", "v2/services", "v2/requests", "v2/servicerequestupdates"}

func (d *door) unknown(w http.ResponseWriter, r *http.Request, f format) error {
	path := strings.TrimSuffix(strings.TrimPrefix(r.URL.Path, root), "."+string(f))
	for _, k := range known {
		one := (k == "v2/services" || k == "v2/requests") && strings.HasPrefix(path, k+"/")
		if path == k || one || strings.HasPrefix(path, "v2/tokens/") {
			allow := "GET, HEAD"
			if path == "v2/requests" || path == "v2/servicerequestupdates" {
				allow += ", POST"
			}
			w.Header().Set("Allow", allow)
			return faults{bad(http.StatusMethodNotAllowed, "method")}
		}
	}
	return faults{bad(http.StatusNotFound, "path")}
}
