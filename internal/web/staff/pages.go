package staff

import (
	"net/http"
	"slices"

	"github.com/a-h/templ"

	"weixiao/internal/access"
	"weixiao/internal/form"
	"weixiao/internal/record"
	"weixiao/internal/web/ui"
	"weixiao/internal/words"
)

// Pages are the list, the page and the forms of one kind of record, under Path:
//
//	GET  PATH                      the list; ?view=, ?before=
//	GET  PATH/list.xlsx            the same as a file
//	GET  PATH/new/{action}         the form of an action that makes a record; POST does it
//	GET  PATH/load, POST           a list from a file, when Load names the action
//	GET  PATH/r/{id}               the record
//	GET  PATH/r/{id}/do/{action}   the form of an action; POST does it
//	GET  PATH/r/{id}/files/{file}  a photo or paper of the record
type Pages[T any, P record.Content[T]] struct {
	Book *record.Book[T, P]
	Path string
	// Title is the message key of the list; Lead one of a line under it, "" for none; None what stands in an empty list.
	Title, Lead, None string
	// Back leads from the list to what it is a part of; nil: nowhere.
	Back func(f *Frame) (href, label string)
	// Roles may open the pages at all; what they reach and may do is said by the kind. nil: all roles of the table and
	// those of Readers.
	Roles   []string
	Readers []string

	// Makes are the actions with a form of their own under PATH/new; nil: every action that makes a record.
	Makes []string

	// Columns of the list; the first leads to the record.
	Columns []Column[P]
	// Views are the filters above the list; the first is the usual one. nil: one for each state, after all.
	Views []View
	// Filter narrows every list by the request (a parent, a firm); nil: nothing.
	Filter func(f *Frame) record.Filter

	// Name of a record on its page; nil: the title among its keys.
	Name func(f *Frame, x P) string
	// Facts of a record's page.
	Facts func(f *Frame, v *record.View[P]) ([]ui.Pair, error)
	// Said names texts beside the acts that are shown in full above the log, each under its field's label.
	Said []string
	// More is drawn under the facts: tables, charts, maps.
	More func(f *Frame, v *record.View[P]) (templ.Component, error)
	// Buttons beside those of the table: ways to other pages.
	Buttons func(f *Frame, v *record.View[P]) []ui.Button
	// HeadButtons stand beside the title of the list.
	HeadButtons func(f *Frame) []ui.Button

	// Choices are the members of a field that people choose from, with their names; ok=false: the options' own words.
	// x is an empty record for an action that makes one.
	Choices func(f *Frame, x P, action, field string) (list []ui.Choice, ok bool)
	// Looks as ui.FormView.Looks.
	Looks map[string]string
	// Prefill is what a form is opened with; nil: the query of the request for an action that makes a record, nothing else.
	Prefill func(f *Frame, x P, action string) form.Raw
	// Photos and Papers name the actions whose forms take photos, or papers (PDF, OFD, Office, photos of them).
	Photos, Papers []string
	// Danger and Main name actions that look so.
	Danger, Main []string
	// After is where one goes after an action; nil: the record's page.
	After func(f *Frame, x P, action string) string
	// Input adds to what an action is done with (record.Input.With, files by another name); nil: nothing.
	Input func(f *Frame, x P, action string, in *record.Input) error
	// Load names the action that a file of records is taken in by; "" = none.
	Load string
	// Of is for records that belong to another one: the parameter of the address that names it. A form that makes a record
	// is reached from the other record's page alone, and Open makes the record; nil: the book opens them by themselves.
	Of   string
	Open func(f *Frame, of, action string, in record.Input) (P, error)
	// Act does an action where the subject has more to say than the book; nil: the book does it.
	Act func(f *Frame, id, action string, in record.Input) (P, error)
}

// Column is one column of a list.
type Column[P any] struct {
	Label string // message key
	Text  func(f *Frame, x P) string
	// Cell draws it another way than as text; the file has Text.
	Cell func(f *Frame, x P) templ.Component
	// Value is what the file has in the cell: a number that can be added up; nil: Text.
	Value func(x P) any
	Right bool // numbers
}

// View is one filter above a list.
type View struct {
	Name   string // in the address
	Label  string // message key
	Filter record.Filter
}

// Register adds the routes of the pages.
func (p *Pages[T, P]) Register(rt *access.Router, frames Frames) {
	roles := p.Roles
	if roles == nil {
		roles = Roles(p.Book.Table())
		for _, r := range p.Readers {
			if !slices.Contains(roles, r) {
				roles = append(roles, r)
			}
		}
	}
	rule := access.Rule{Roles: roles}
	on := func(fn func(w http.ResponseWriter, f *Frame) error) access.Handler {
		return func(w http.ResponseWriter, r *http.Request) error { return fn(w, frames(r, p.Title)) }
	}
	rt.Handle("GET "+p.Path, rule, on(p.list))
	rt.Handle("GET "+p.Path+"/list.xlsx", rule, on(p.export))
	rt.Handle("GET "+p.Path+"/r/{id}", rule, on(p.view))
	rt.Handle("GET "+p.Path+"/r/{id}/files/{file}", rule, on(p.file))
	rt.Handle("GET "+p.Path+"/r/{id}/do/{action}", rule, on(p.doPage))
	rt.Handle("POST "+p.Path+"/r/{id}/do/{action}", rule, on(p.do))
	if makers := p.makers(); len(makers) > 0 {
		makes := access.Rule{Roles: Roles(p.Book.Table(), makers...)}
		if len(makes.Roles) > 0 {
			rt.Handle("GET "+p.Path+"/new/{action}", makes, on(p.newPage))
			rt.Handle("POST "+p.Path+"/new/{action}", makes, on(p.create))
		}
	}
	if p.Load != "" {
		loads := access.Rule{Roles: Roles(p.Book.Table(), p.Load)}
		rt.Handle("GET "+p.Path+"/load", loads, on(p.loadPage))
		rt.Handle("POST "+p.Path+"/load", loads, on(p.load))
	}
}

// makers are the actions that make a record.
func (p *Pages[T, P]) makers() (out []string) {
	if p.Makes != nil {
		return p.Makes
	}
	for _, a := range p.Book.Table().Actions {
		if a.From == nil {
			out = append(out, a.Name)
		}
	}
	return out
}

// Href is the page of a record.
func (p *Pages[T, P]) Href(id string) string { return p.Path + "/r/" + id }

func (p *Pages[T, P]) kind() string { return p.Book.Table().Kind }

func (p *Pages[T, P]) name(f *Frame, x P, k record.Keys) string {
	if p.Name != nil {
		return p.Name(f, x)
	}
	return k.Title
}

// done says what was done before this page: ?done= names an action of the kind.
func (p *Pages[T, P]) done(f *Frame) {
	if key := "action." + p.kind() + "." + f.R.URL.Query().Get("done"); words.Has(key) {
		f.Said = f.T("desk.done", f.T(key))
	}
}
