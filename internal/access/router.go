package access

import (
	"fmt"
	"net/http"
	"net/url"
	"runtime/debug"
	"slices"
	"strings"

	"weixiao/internal/flow"
	"weixiao/internal/store"
)

// Rule says who may call a route: exactly one of Public, SignedIn and Roles.
type Rule struct {
	Public   bool
	SignedIn bool     // anybody with an account
	Roles    []string // accounts with one of these
	// Key is what a program's key must open to call the route, beside or instead of people; "" = no key does.
	Key string
	// Why a route is open to everybody, for whoever reviews the list of them;
	// required for Public.
	Why string
	// Unfinished keeps the route open while the password must still be changed:
	// only the page that changes it, and signing out.
	Unfinished bool
}

func (r Rule) valid() error {
	n := 0
	for _, set := range []bool{r.Public, r.SignedIn, len(r.Roles) > 0} {
		if set {
			n++
		}
	}
	switch {
	case n != 1 && (n != 0 || r.Key == ""):
		return fmt.Errorf("needs exactly one of Public, SignedIn and Roles")
	case r.Key != "" && !slices.Contains(KeyScopes(), r.Key):
		return fmt.Errorf("names the scope %q, which no key has", r.Key)
	case r.Public && strings.TrimSpace(r.Why) == "":
		return fmt.Errorf("is public without a reason")
	}
	for _, name := range r.Roles {
		if k, ok := RoleOf(name); !ok || k.Pseudo {
			return fmt.Errorf("names the role %q, which no account has", name)
		}
	}
	return nil
}

// Check answers nil, ErrSignIn, ErrMustChange or flow.ErrForbidden. The matrix of
// roles and routes is generated from it.
func (r Rule) Check(p Principal) error {
	switch {
	case r.Public:
		return nil
	case p.Kind == Key:
		if r.Key != "" && slices.Contains(p.Opens, r.Key) {
			return nil
		}
		return fmt.Errorf("%w: the key does not open this", flow.ErrForbidden)
	case !p.SignedIn():
		return ErrSignIn
	case p.MustChange && !r.Unfinished:
		return ErrMustChange
	case r.SignedIn || p.Is(r.Roles...):
		return nil
	}
	return fmt.Errorf("%w: none of the roles %s", flow.ErrForbidden, strings.Join(r.Roles, ", "))
}

// Handler answers a request or returns an error before it has begun to.
type Handler func(w http.ResponseWriter, r *http.Request) error

// Plain makes a Handler of an http.Handler.
func Plain(h http.Handler) Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		h.ServeHTTP(w, r)
		return nil
	}
}

// Route is one line of the table of routes.
type Route struct {
	Pattern string
	Rule    Rule
}

// Router is an http.ServeMux in which every route has a Rule. All routes are
// registered before it serves the first request.
type Router struct {
	g     *Gate
	mux   *http.ServeMux
	table []Route
}

// Router makes an empty router. Its handler must stand behind Middleware; without
// it everybody is anonymous.
func (g *Gate) Router() *Router { return &Router{g: g, mux: http.NewServeMux()} }

// Handle registers a route, in the patterns of http.ServeMux. It panics when the
// rule says nothing, too much, or names an unknown role: the program does not
// start with a route nobody thought about.
func (rt *Router) Handle(pattern string, rule Rule, h Handler) {
	if err := rule.valid(); err != nil {
		panic(fmt.Sprintf("access: route %q %v", pattern, err))
	}
	rule.Roles = slices.Clone(rule.Roles)
	route := Route{pattern, rule}
	rt.table = append(rt.table, route)
	rt.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) { rt.serve(route, h, w, r) })
}

// Table lists the routes in the order of their patterns.
func (rt *Router) Table() []Route {
	out := slices.Clone(rt.table)
	slices.SortFunc(out, func(a, b Route) int { return strings.Compare(a.Pattern, b.Pattern) })
	return out
}

// Public lists the routes open to everybody with the reason, one a line: the
// caller keeps the list in a file that is reviewed.
func (rt *Router) Public() []string {
	var out []string
	for _, r := range rt.Table() {
		if r.Rule.Public {
			out = append(out, r.Pattern+"\t"+r.Rule.Why)
		}
	}
	return out
}

// ServeHTTP answers unknown routes and wrong methods through the error page too.
func (rt *Router) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h, pattern := rt.mux.Handler(r)
	if pattern != "" {
		rt.mux.ServeHTTP(w, r)
		return
	}
	probe := &header{h: http.Header{}}
	h.ServeHTTP(probe, r)
	if probe.code == http.StatusMethodNotAllowed {
		w.Header().Set("Allow", probe.h.Get("Allow"))
		rt.g.opt.Error(w, r, ErrMethod)
		return
	}
	rt.g.opt.Error(w, r, fmt.Errorf("access: route: %w", store.ErrNotFound))
}

// header is a ResponseWriter that keeps only the status and the headers.
type header struct {
	h    http.Header
	code int
}

func (w *header) Header() http.Header         { return w.h }
func (w *header) Write(b []byte) (int, error) { return len(b), nil }
func (w *header) WriteHeader(code int)        { w.code = code }

// serve asks the rule, runs the handler and turns its error, or its panic, into
// an answer.
func (rt *Router) serve(route Route, h Handler, w http.ResponseWriter, r *http.Request) {
	g, p := rt.g, From(r.Context())
	if err := route.Rule.Check(p); err != nil {
		rt.refuse(route, p, err, w, r)
		return
	}
	tw := &tracked{ResponseWriter: w}
	err := run(h, tw, r)
	if err == nil {
		return
	}
	if code, _ := Status(err); code >= http.StatusInternalServerError && !gone(err) {
		g.opt.Log.Error("access: request failed", "route", route.Pattern, "status", code, "err", err)
	}
	if tw.begun {
		panic(http.ErrAbortHandler) // half an answer must not look like a whole one
	}
	g.opt.Error(tw, r, err)
}

func run(h Handler, w http.ResponseWriter, r *http.Request) (err error) {
	defer func() {
		switch p := recover(); p {
		case nil:
		case http.ErrAbortHandler:
			panic(p)
		default:
			err = fmt.Errorf("%w: %v\n%s", ErrPanic, p, debug.Stack())
		}
	}()
	return h(w, r)
}

// refuse answers a request its rule does not allow.
func (rt *Router) refuse(route Route, p Principal, err error, w http.ResponseWriter, r *http.Request) {
	g := rt.g
	switch {
	case !p.SignedIn():
		g.deny(r, route.Pattern, "not signed in")
		if wantsPage(r) {
			to := g.opt.SignIn
			if next, ok := LocalPath(r.URL.RequestURI()); ok && next != "/" {
				to += "?next=" + url.QueryEscape(next)
			}
			http.Redirect(w, r, to, http.StatusSeeOther)
			return
		}
		w.Header().Set("WWW-Authenticate", "Bearer")
	case p.MustChange && !route.Rule.Unfinished:
		g.deny(r, route.Pattern, "password must be changed")
		if wantsPage(r) {
			http.Redirect(w, r, g.opt.Password, http.StatusSeeOther)
			return
		}
	default:
		g.deny(r, route.Pattern, "role")
	}
	g.opt.Error(w, r, err)
}

// Denial is one way in which requests were refused.
type Denial struct{ Pattern, Reason string }

// DenialCount says how often.
type DenialCount struct {
	Denial
	N int64
}

// deny logs and counts a refusal: the route, not the path, and the account by its
// id, so that neither names a person.
func (g *Gate) deny(r *http.Request, pattern, reason string) {
	p := From(r.Context())
	g.opt.Log.Warn("access: denied", "route", pattern, "method", method(r), "reason", reason, "account", p.Account, "roles", strings.Join(p.Roles, " "))
	g.denyMu.Lock()
	defer g.denyMu.Unlock()
	g.denials[Denial{pattern, reason}]++
}

// method is the method if it is a known one: the client can write anything there.
func method(r *http.Request) string {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return r.Method
	}
	return "other"
}

func (g *Gate) denied() []DenialCount {
	g.denyMu.Lock()
	defer g.denyMu.Unlock()
	out := make([]DenialCount, 0, len(g.denials))
	for d, n := range g.denials {
		out = append(out, DenialCount{d, n})
	}
	slices.SortFunc(out, func(a, b DenialCount) int {
		return strings.Compare(a.Pattern+"\x00"+a.Reason, b.Pattern+"\x00"+b.Reason)
	})
	return out
}

// LocalPath reports whether s is a path on this site, and returns it: the only
// thing a redirect may take from a request.
func LocalPath(s string) (string, bool) {
	if len(s) > 2000 || !strings.HasPrefix(s, "/") || strings.HasPrefix(s, "//") {
		return "", false
	}
	// Browsers read \ as / and leave out control characters.
	if strings.ContainsFunc(s, func(r rune) bool { return r < 0x20 || r == 0x7f || r == '\\' }) {
		return "", false
	}
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil {
		return "", false
	}
	return s, true
}

// tracked remembers whether the answer has begun.
type tracked struct {
	http.ResponseWriter
	begun bool
}

func (w *tracked) WriteHeader(code int) {
	w.begun = w.begun || code >= 200
	w.ResponseWriter.WriteHeader(code)
}

func (w *tracked) Write(b []byte) (int, error) {
	w.begun = true
	return w.ResponseWriter.Write(b)
}

// Unwrap is for http.ResponseController.
func (w *tracked) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// Flush is for writers of streams that ask for it directly.
func (w *tracked) Flush() {
	w.begun = true
	_ = http.NewResponseController(w.ResponseWriter).Flush()
}
