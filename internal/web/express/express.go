// Package express is the pages of the express line (书记区长直通车): the residents' form and follow page, the firm's
// letters, the clerk's list and record, the leader's letters on a phone, and the figures of the line.
//
//	express.go  Register, Entries; what the pages share
//	desk.go     list, record and forms of those who handle letters; reveal
//	leader.go   letters that wait for an instruction, one at a time
//	figures.go  figures that open, the weekly sheet as page and paper
//	public.go   /express: the form; follow.go: number and secret, the sender's word; firm.go: /business/express
//
// Words and senders come from express.Read alone, which writes the ledger before anything is shown.
package express

import (
	"net/http"
	"strings"

	"github.com/a-h/templ"

	"weixiao/internal/access"
	"weixiao/internal/enterprise/express"
	"weixiao/internal/form"
	"weixiao/internal/pack"
	"weixiao/internal/record"
	"weixiao/internal/store"
	"weixiao/internal/web"
	"weixiao/internal/web/staff"
	"weixiao/internal/web/ui"
	"weixiao/internal/words"
)

type pages struct {
	*web.Site
	x      *express.Express
	letter *staff.Pages[express.Letter, *express.Letter]
}

// hands are the roles that can have to do with a letter inside.
var hands = []string{access.ExpressClerk, access.Leader, access.StreetLead, access.DeptLead, access.Street, access.Department}

// Register adds the pages; a district without the line has none.
func Register(rt *access.Router, s *web.Site, frames staff.Frames, x *express.Express) {
	if x == nil {
		return
	}
	p := &pages{Site: s, x: x}
	p.desk(rt, frames)
	on := func(title string, fn func(w http.ResponseWriter, f *staff.Frame) error) access.Handler {
		return func(w http.ResponseWriter, r *http.Request) error { return fn(w, frames(r, title)) }
	}
	inside, leads, watch := access.Rule{Roles: hands}, access.Rule{Roles: []string{access.Leader}}, access.Rule{Roles: express.Watchers}
	rt.Handle("POST /desk/express/r/{id}/reveal", inside, on("express.title", p.reveal))
	rt.Handle("GET /desk/express/mine", leads, on("express.mine", p.mine))
	rt.Handle("GET /desk/express/mine/{id}", leads, on("express.mine", p.one))
	rt.Handle("POST /desk/express/mine/{id}", leads, on("express.mine", p.instruct))
	rt.Handle("GET /desk/express/figures", watch, on("express.figures", p.figures))
	rt.Handle("GET /desk/express/week", watch, on("express.week", p.week))
	rt.Handle("GET /desk/express/week.docx", watch, on("express.week", p.weekPaper))
	firm := access.Rule{Roles: []string{access.Firm}}
	for _, r := range []struct {
		pattern string
		h       access.Handler
	}{{"GET /business/express", p.firmList}, {"GET /business/express/new", p.firmForm}, {"POST /business/express/new", p.firmSend}, {"GET /business/express/r/{id}", p.firmLetter}, {"POST /business/express/r/{id}/{action}", p.firmReply}} {
		rt.Handle(r.pattern, firm, r.h)
	}
	for _, r := range []struct {
		pattern, why string
		h            access.Handler
	}{
		{"GET /express", "residents write to the leaders without an account", p.write},
		{"POST /express", "residents write to the leaders without an account; limited", p.send},
		{"GET /express/follow", "number and secret instead of an account", p.door},
		{"POST /express/follow", "number and secret instead of an account; tries are limited", p.knock},
		{"GET /express/l/{number}", "with the cookie that number and secret gave", p.follow},
		{"POST /express/l/{number}/{action}", "with the cookie that number and secret gave; the flow table decides", p.reply},
	} {
		rt.Handle(r.pattern, access.Rule{Public: true, Why: r.why}, r.h)
	}
}

// Entries are the ways in from the desk's bar.
func Entries(x *express.Express) []staff.Entry {
	if x == nil {
		return nil
	}
	return []staff.Entry{
		{Roles: []string{access.ExpressClerk, access.StreetLead, access.DeptLead}, Label: "express.title", Icon: "inbox", Path: "/desk/express"},
		{Roles: []string{access.Leader}, Label: "express.mine", Icon: "inbox", Path: "/desk/express/mine"},
		{Roles: []string{access.Supervisor, access.Auditor}, Label: "express.figures", Icon: "chart", Path: "/desk/express/figures"},
	}
}

// word is a word of the pack in the language of a page.
func word(lang words.Lang, list []pack.ExpressWord, id string) string {
	w, ok := pack.Word(list, id)
	switch {
	case !ok:
		return id
	case lang == words.EN:
		return w.English
	}
	return w.Title
}

func choices(lang words.Lang, list []pack.ExpressWord) (out []ui.Choice) {
	for _, w := range list {
		out = append(out, ui.Choice{Value: w.ID, Label: word(lang, list, w.ID)})
	}
	return out
}

// post is the name of a post that letters are addressed to.
func (p *pages) post(lang words.Lang, id string) string {
	x, ok := p.Pack.Directory.Post(id)
	switch {
	case !ok:
		return id
	case lang == words.EN:
		return x.English
	}
	return x.Title
}

func (p *pages) posts(lang words.Lang) (out []ui.Choice) {
	for _, id := range p.x.Rules().Posts {
		out = append(out, ui.Choice{Value: id, Label: p.post(lang, id)})
	}
	return out
}

// members are the choices of the fields that the pack fills; ok=false: any other field.
func (p *pages) members(f *staff.Frame, field string) ([]ui.Choice, bool) {
	r := p.x.Rules()
	switch field {
	case "post":
		return p.posts(f.Lang), true
	case "topic":
		return choices(f.Lang, r.Topics), true
	case "phrase":
		return choices(f.Lang, r.Phrases), true
	case "ground":
		var out []ui.Choice
		for _, g := range r.Grounds {
			out = append(out, ui.Choice{Value: g.ID, Label: word(f.Lang, []pack.ExpressWord{g.ExpressWord}, g.ID)})
		}
		return out, true
	}
	return nil, false
}

// formOf is the form of an action with its members for a letter.
func (p *pages) formOf(r *http.Request, sc access.Scope, l *express.Letter, action string) (form.Form, error) {
	act, err := express.Table.Action(action)
	if err != nil {
		return form.Form{}, err
	}
	return store.Get(r.Context(), p.DB, func(tx *store.Tx) (form.Form, error) { return p.x.Book().FormIn(tx, sc, l, act) })
}

// view draws a form for a page.
func (p *pages) view(f *staff.Frame, fm form.Form, id, action string, raw form.Raw, faults form.Faults) ui.FormView {
	v := ui.FormView{Form: fm, ID: id, Action: action, Raw: raw, Faults: faults, Choices: map[string][]ui.Choice{}, Looks: map[string]string{"post": "list", "level": "list", "named": "list", "topic": "select"}}
	for _, fd := range fm.Fields {
		if list, ok := p.members(f, fd.Name); ok {
			v.Choices[fd.Name] = list
		} else if fd.Type == form.Unit || fd.Type == form.Units {
			v.Choices[fd.Name] = f.Handling()
		}
	}
	return v
}

// plain is the frame of a page outside the desk, and no officer's even when one is signed in.
func (p *pages) plain(r *http.Request, title string, args ...any) *staff.Frame {
	f := &staff.Frame{Page: p.Page(r, title, args...), Site: p.Site, R: r, Who: access.From(r.Context())}
	f.Scope = access.PublicScope(p.Pack.District)
	if f.Who.Is(access.Firm) {
		f.Scope = access.ScopeOf(f.Who)
	}
	f.User = ui.User{}
	return f
}

func (p *pages) show(w http.ResponseWriter, f *staff.Frame, status int, foot, content templ.Component) error {
	w.Header().Set("Cache-Control", "no-store")
	return web.Render(w, f.R, status, web.Body(ui.Citizen(f.Page, foot), content))
}

// said is one text of a letter on a page.
type said struct{ Label, Text string }

// texts are the words of a reading, each under the label of its field.
func texts(lang words.Lang, r *express.Reading) (out []said) {
	for _, s := range r.Words {
		out = append(out, said{fieldLabel(lang, s.Field), s.Text})
	}
	return out
}

func fieldLabel(lang words.Lang, field string) string {
	for _, a := range express.Table.Actions {
		if _, ok := a.Form.Field(field); ok && words.Has("form."+a.Form.Name+"."+field) {
			return ui.FieldLabel(lang, a.Form.Name, field)
		}
	}
	return ui.FieldLabel(lang, "", field)
}

// canonical is a number as it is written, from what people type.
func canonical(s string) string {
	return strings.ToUpper(strings.NewReplacer(" ", "", "\u2013", "-", "\u2014", "-").Replace(strings.TrimSpace(s)))
}

func input(f *staff.Frame, fm form.Form) record.Input {
	raw := f.Raw(fm)
	in := record.Input{Raw: raw, Version: staff.Number(f.R.PostFormValue("_version"))}
	if f.Who.Account != "" {
		in.Key = f.Key("express", fm.Name, raw)
	}
	return in
}
