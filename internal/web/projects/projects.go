// Package projects is the staff's pages of the ledgers of investment projects, public works and visits to investors.
//
//	projects.go  this map, Pages: all routes and the entries of the desk's bar
//	kinds.go     lists, pages and forms of each kind, on the pages that all subjects share
//	page.go      what stands on a project's page beside its facts: dates, evidence, money, problems, place
//	board.go     the board: stages as columns
//	figures.go   figures that open to their projects; what was built; whom we met
//	gantt.go     promised and actual dates as a drawing, and as a table for those who cannot see it
//
// Every number on these pages is a link to the records that make it up.
package projects

import (
	"weixiao/internal/access"
	"weixiao/internal/projects"
	"weixiao/internal/projects/outreach"
	"weixiao/internal/web/staff"
)

// Addresses of the pages.
const (
	boardPath    = "/desk/projects/board"
	listPath     = "/desk/projects/list"
	figuresPath  = "/desk/projects/figures"
	behindPath   = "/desk/projects/behind"
	evidencePath = "/desk/projects/evidence"
	moneyPath    = "/desk/projects/money"
	problemPath  = "/desk/projects/problems"
	worksPath    = "/desk/works"
	sectionPath  = "/desk/works/sections"
	builtPath    = "/desk/works/built"
	visitPath    = "/desk/outreach/visits"
	partnerPath  = "/desk/outreach/partners"
	followPath   = "/desk/outreach/follow"
	metPath      = "/desk/outreach/met"
)

// Pages are the pages of the ledgers.
type Pages struct {
	s   *projects.Projects
	met *outreach.Outreach
}

// New makes the pages.
func New(s *projects.Projects, met *outreach.Outreach) *Pages { return &Pages{s, met} }

// readers are those who may look at the ledgers: whoever works for a unit or the district, and no firm.
var readers = []string{access.Department, access.DeptLead, access.Street, access.StreetLead, access.Supervisor, access.Leader, access.Auditor}

// Entries are the ways from the desk's bar.
func (p *Pages) Entries() []staff.Entry {
	return []staff.Entry{
		{Roles: readers, Label: "projects.board", Icon: "chart", Path: boardPath},
		{Roles: readers, Label: "projects.works", Icon: "list", Path: worksPath},
		{Roles: readers, Label: "projects.outreach", Icon: "list", Path: visitPath},
	}
}

// Register adds the routes.
func (p *Pages) Register(rt *access.Router, frames staff.Frames) {
	rule := access.Rule{Roles: readers}
	on := func(title string, fn page) access.Handler { return handler(frames, title, fn) }
	rt.Handle("GET "+boardPath, rule, on("projects.board", p.board))
	rt.Handle("GET "+figuresPath, rule, on("projects.figures", p.figures))
	rt.Handle("GET "+behindPath, rule, on("projects.figures", p.behind))
	rt.Handle("GET "+behindPath+"/list.xlsx", rule, on("projects.figures", p.behindSheet))
	rt.Handle("GET "+builtPath, rule, on("projects.built", p.built))
	rt.Handle("GET "+metPath, rule, on("projects.met", p.metPage))
	rt.Handle("GET "+metPath+"/list.xlsx", rule, on("projects.met", p.metSheet))
	p.registerKinds(rt, frames)
}
