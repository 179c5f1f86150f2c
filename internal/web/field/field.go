// Package field is the app of those who work outside: grid workers, inspectors,
// building chiefs, visitors, street officers. It is a page under /field that can be
// put on the home screen and works for days without a signal: what is to do lies on
// the phone, what was done waits there in a queue, and each item arrives once.
//
// It is one static shell (the same for everybody, without any data), one script
// (assets/islands/field), one answer with everything for today, and one door for
// what comes out of the queue. Which work there is, the app does not know: a
// Provider lists tasks and does acts, a Lister lists what is around.
//
//	field.go     Field, New, Register (the routes)
//	provider.go  Provider, Task, Action, Act; Lister: what other work declares
//	shell.go     the shell page, its manifest and the service worker
//	plain.go     the page without scripts
//	day.go       GET /field/day: tasks, actions, lists, matters, the area
//	queue.go     POST /field/queue: one item; receipt.go: what became of it, its proof
//	cases.go     cases; whistles.go: whistles; findings.go: what was seen outside
//	visits.go    doors of a campaign; people in need, masked
//	sanitation.go inspections and rechecks; villages.go: works in villages
//	lists.go     buildings and assets
//	remark.go    words about the app itself; desk.go: the supervision office reads them
//
// The rules of a queue that meets a record which has moved on are in docs/field.md.
package field

import (
	"fmt"
	"net/http"
	"slices"

	"weixiao/internal/access"
	"weixiao/internal/web"
)

// Field is the app of one district.
type Field struct {
	s         *web.Site
	providers []Provider
	kinds     map[string]Provider
	lists     []Lister
	shell     *shell
}

// Roles are who works outside.
func Roles() []string { return web.Outside() }

// New makes the app with the work it knows. Kinds are unique.
func New(s *web.Site, providers []Provider, lists []Lister) *Field {
	f := &Field{s: s, kinds: map[string]Provider{}, lists: lists}
	for _, p := range append(providers, remarks{s}) {
		if f.kinds[p.Kind()] != nil {
			panic(fmt.Sprintf("field: two providers of %q", p.Kind()))
		}
		f.providers = append(f.providers, p)
		f.kinds[p.Kind()] = p
	}
	f.shell = f.makeShell()
	return f
}

// Own are the providers and lists of this package for a site.
func Own(s *web.Site) ([]Provider, []Lister) {
	return []Provider{caseWork{s}, findingWork{s}, whistleWork{s}, checkWork{s}, turnWork{s}, visitWork{s}, inspectionWork{s}, recheckWork{s}, villageWork{s}}, []Lister{buildings{s}, assetList{s}, needList{s}}
}

// Register adds the routes.
func (f *Field) Register(rt *access.Router) {
	outside := access.Rule{Roles: Roles()}
	empty := func(why string) access.Rule { return access.Rule{Public: true, Why: why} }
	rt.Handle("GET /field", empty("the empty shell of the app, the same for everybody: it opens without a signal and without a session"), f.page)
	rt.Handle("GET /field/worker.js", empty("what the phone keeps of the app: the shell, its style and script"), f.worker)
	rt.Handle("GET /field/app.webmanifest", empty("name and sign of the app on a home screen"), f.manifest)
	rt.Handle("GET /field/icons/{name}", empty("sign of the app on a home screen"), f.icon)
	rt.Handle("GET /field/day", outside, f.day)
	rt.Handle("POST /field/queue", outside, f.queue)
	rt.Handle("GET /field/photos/{id}", outside, f.photo)
	rt.Handle("GET /field/remarks/{id}", outside, f.remark)
	rt.Handle("GET /field/plain", outside, f.plain)
	f.registerDesk(rt)
}

func (f *Field) provider(kind string) (Provider, bool) {
	p, ok := f.kinds[kind]
	return p, ok
}

// caller is who asks.
func (f *Field) caller(r *http.Request) Caller {
	p := access.From(r.Context())
	return Caller{Principal: p, Scope: access.ScopeOf(p), Lang: web.Lang(r), Now: f.s.Clock()}
}

// contains reports whether any of the names is in the list.
func contains(list []string, name string) bool { return slices.Contains(list, name) }
