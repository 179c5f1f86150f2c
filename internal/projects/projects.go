// Package projects is the ledger of investment projects and of public works: from a lead to a plant at capacity, every
// stage proved by evidence and seen by a second pair of eyes, money that arrived entry by entry, promises that keep what
// they were, and nothing counted twice.
//
//	projects.go   this map, Options, Projects
//	table.go      the flow tables: project, evidence, money, problem
//	project.go    Project and what its actions do
//	stage.go      proposing and confirming a stage
//	promise.go    promised and actual dates; red, yellow, green
//	evidence.go   evidence, money, problems: records of their own beside a project
//	twins.go      what may have been entered twice
//	ledger.go     what counts; the figures, each with the projects behind it
//	board.go      the board and lists
//	works.go      public works with their sections and quantities
//	do.go         entering a project, and acting on a record by its kind
//
// The rules (kinds of evidence, the threshold, what counts as signed) are data of the pack: projects.yaml, works.yaml.
package projects

import (
	"sync"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/directory"
	"weixiao/internal/flow"
	"weixiao/internal/pack"
	"weixiao/internal/record"
	"weixiao/internal/store"
)

// Options are what the package is wired with.
type Options struct {
	Rules     *pack.Projects // nil = no projects are kept
	Works     *pack.Works    // nil = no public works
	Directory *directory.Directory
	// CheckCode checks a firm's code and returns it as it is written down.
	CheckCode func(code string) (string, error)
	Clock     func() time.Time
}

// Projects are the ledgers of one district.
type Projects struct {
	db       *store.DB
	o        Options
	Books    Books
	problems string   // limit
	keys     sync.Map // of names, see key
}

// Books keep the records of each kind.
type Books struct {
	Project  *record.Book[Project, *Project]
	Evidence *record.Book[Evidence, *Evidence]
	Money    *record.Book[Money, *Money]
	Problem  *record.Book[Problem, *Problem]
	Work     *record.Book[Work, *Work]
	Section  *record.Book[Section, *Section]
}

// Tables are the flow tables of this package.
func Tables() []*flow.Table {
	return []*flow.Table{&Table, &EvidenceTable, &MoneyTable, &ProblemTable, &WorkTable, &SectionTable}
}

// New registers the kinds of this package. Without rules in the pack its books are there and stay empty.
func New(db *store.DB, e *record.Engine, o Options) *Projects {
	s := &Projects{db: db, o: o}
	if s.o.Rules == nil {
		s.o.Rules = &pack.Projects{}
	}
	if s.o.Works == nil {
		s.o.Works = &pack.Works{}
	}
	s.problems = s.o.Rules.Problem
	s.Books = Books{
		Project: record.Register(e, s.project()), Evidence: record.Register(e, s.evidence()), Money: record.Register(e, s.money()), Problem: record.Register(e, s.problem()),
		Work: record.Register(e, s.work()), Section: record.Register(e, s.section()),
	}
	return s
}

// Rules are those of the pack.
func (s *Projects) Rules() *pack.Projects { return s.o.Rules }

// WorkRules are those of public works.
func (s *Projects) WorkRules() *pack.Works { return s.o.Works }

// sees reports whether somebody reaches a project: staff with a unit or the whole district, and the firm it belongs to.
// What other firms plan is no firm's business.
func (s *Projects) sees(sc access.Scope, firm string) bool {
	if sc.Firm() != "" {
		return firm == sc.Firm()
	}
	return sc.All() || sc.Unit() != ""
}

// staffOnly is for what a firm does not see even of its own project: notes, reviews, quarrels about counting.
func staffOnly(sc access.Scope) bool { return sc.Firm() == "" && (sc.All() || sc.Unit() != "") }

// Relations of somebody to a record.
const (
	team   = "team"   // works for the unit that leads it, the unit that accompanies it, or an office that keeps the ledger
	second = "second" // the same, and did not do what is to be looked at
	office = "office" // works for an office that keeps the ledger
)

// relations of a scope; by is who did what waits to be looked at, "" if nothing does.
func relations(sc access.Scope, offices []string, by string, units ...string) (out []string) {
	keeper, near := false, false
	for _, u := range offices {
		keeper = keeper || sc.Within(u)
	}
	for _, u := range units {
		near = near || sc.Within(u)
	}
	above := sc.Can(access.Supervisor, access.Leader)
	if keeper {
		out = append(out, office)
	}
	if keeper || near {
		out = append(out, team)
	}
	if (keeper || near || above) && by != "" && by != sc.Account() {
		out = append(out, second)
	}
	return out
}

func grants(relation string, roles ...string) (out []flow.Grant) {
	for _, r := range roles {
		out = append(out, flow.Grant{Role: r, Relation: relation})
	}
	return out
}

var (
	staff   = []string{access.Department, access.DeptLead, access.Street, access.StreetLead}
	anyone  = grants("", staff...)
	doers   = grants(team, staff...)
	lookers = grants(second, access.Department, access.DeptLead, access.StreetLead, access.Supervisor, access.Leader)
	keepers = grants(office, access.Department, access.DeptLead)
)
