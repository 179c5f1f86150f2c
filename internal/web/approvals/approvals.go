// Package approvals is the pages of project approvals and of agents: for the units that decide, for the hall and its agents,
// and for firms, which see their own files on a phone.
//
//	approvals.go this map, Register, the words of items, papers and posts
//	kinds.go     lists, pages and forms of each kind of record, on web/staff
//	desk.go      the approvals desk by due, who was put first, figures with their records, agents
//	more.go      what stands under a record: stages side by side, the days of an item, the plan of an entrustment
//	             and a firm's own files under /business/approvals
package approvals

import (
	"net/http"
	"slices"
	"strings"

	"weixiao/internal/access"
	"weixiao/internal/pack"
	"weixiao/internal/projects/agents"
	"weixiao/internal/projects/approvals"
	"weixiao/internal/web"
	"weixiao/internal/web/staff"
	"weixiao/internal/web/ui"
	"weixiao/internal/words"
)

// Paths of the pages.
const (
	Path     = "/desk/approvals"
	Agents   = "/desk/agents"
	Business = "/business/approvals"
)

type pages struct {
	site   *web.Site
	frames staff.Frames
	s      *approvals.Approvals
	g      *agents.Agents
	pack   *pack.Approvals
	desk   kinds // of staff
	firm   kinds // of a firm
}

// Register adds the routes and returns the ways to them; none for a district without approvals.
func Register(rt *access.Router, site *web.Site, frames staff.Frames, s *approvals.Approvals, g *agents.Agents) []staff.Entry {
	if s == nil {
		return nil
	}
	p := &pages{site: site, frames: frames, s: s, g: g, pack: s.Rules()}
	p.desk, p.firm = p.kinds(Path, Agents, approvals.Roles(), approvals.Roles()), p.kinds(Business, Business+"/agents", []string{access.Firm}, nil)
	p.desk.register(rt, frames)
	p.firm.register(rt, p.business)

	staffRule := access.Rule{Roles: approvals.Roles()}
	on := func(title string, fn func(w http.ResponseWriter, f *staff.Frame) error) access.Handler {
		return func(w http.ResponseWriter, r *http.Request) error { return fn(w, frames(r, title)) }
	}
	rt.Handle("GET "+Path, staffRule, on("approvals.desk", p.deskPage))
	rt.Handle("GET "+Path+"/first", staffRule, on("approvals.first", p.firstPage))
	rt.Handle("GET "+Path+"/figures", staffRule, on("approvals.figures", p.figuresPage))
	rt.Handle("GET "+Agents+"/figures", staffRule, on("agents.figures", p.agentsPage))
	rt.Handle("GET "+Business, access.Rule{Roles: []string{access.Firm}}, func(w http.ResponseWriter, r *http.Request) error {
		return p.homePage(w, p.business(r, "approvals.business"))
	})
	return []staff.Entry{{Roles: approvals.Roles(), Label: "approvals.desk", Icon: "list", Path: Path}, {Roles: agents.Roles(), Label: "agents.title", Icon: "list", Path: Agents}}
}

func said(f *staff.Frame, t pack.Text) string {
	if f.Lang == words.EN && t.EN != "" {
		return t.EN
	}
	return t.ZH
}

// item is the name of an item of the pack.
func (p *pages) item(f *staff.Frame, code string) string {
	it, ok := p.pack.Item(code)
	if !ok {
		return code
	}
	return said(f, it.Text)
}

func (p *pages) paper(f *staff.Frame, id string) string {
	x, ok := p.pack.Paper(id)
	if !ok {
		return id
	}
	return said(f, x.Text)
}

// stop is the name of why a clock stands still.
func (p *pages) stop(f *staff.Frame, why string) string {
	if why == approvals.Supplement {
		return f.T("approvals.stop.supplement")
	}
	x, _ := p.pack.Procedure(why)
	return said(f, x.Text)
}

func (p *pages) criterion(f *staff.Frame, id string) string {
	x, _ := p.pack.Criterion(id)
	return said(f, x.Text)
}

// post is the name of a post with its unit.
func (p *pages) post(f *staff.Frame, id string) string {
	for _, u := range p.site.Pack.Directory.Units() {
		for _, x := range p.site.Pack.Directory.Posts(u.ID) {
			if x.ID != id {
				continue
			}
			if f.Lang == words.EN && x.English != "" {
				return f.Unit(u.ID) + " " + x.English
			}
			return f.Unit(u.ID) + " " + x.Title
		}
	}
	return id
}

// firmName is the firm's name in the register; its code when it is not there.
func (p *pages) firmName(f *staff.Frame, code string) string {
	if x, _, err := p.site.Firms.Get(f.R.Context(), code); err == nil {
		return x.Name
	}
	return code
}

func (p *pages) papersOf(f *staff.Frame, ids []string) (out []ui.Choice) {
	for _, id := range ids {
		x, _ := p.pack.Paper(id)
		c := ui.Choice{Value: id, Label: said(f, x.Text)}
		if st, ok := p.pack.Stage(x.Stage); ok {
			c.Group = said(f, st.Text)
		}
		if x.Signed {
			c.Note = f.T("approvals.signed")
		}
		out = append(out, c)
	}
	return out
}

// wanted are the papers that a form about a file offers.
func (p *pages) wanted(x *approvals.File, action string) (out []string) {
	for _, q := range p.pack.Papers {
		if slices.Contains(x.Wanted, q.ID) && (action != "bring" || !q.Signed) {
			out = append(out, q.ID)
		}
	}
	return out
}

func joined(f *staff.Frame, list []string) string { return strings.Join(list, f.T("word.list.comma")) }
