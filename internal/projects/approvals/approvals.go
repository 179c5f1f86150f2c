// Package approvals is the approval of construction projects (工程建设项目审批): the file of a project with its four stages, one
// form and one set of papers each; the items of a stage, which run beside each other; the promises a firm makes instead of
// papers; and who was put first, and why (绿色通道).
//
//	approvals.go  Approvals, Options, who is what to a file
//	file.go       the file: opened by the firm, planned by the hall, forms and papers handed in once
//	item.go       an item: its table, accepted, corrected once, stopped by law, decided, delivered
//	item_plans.go what its actions check and change
//	promise.go    容缺受理 and 告知承诺: written promises with a day, kept or void
//	priority.go   the green channel: asked for, approved by somebody else, ended by itself
//	measure.go    promised against actual working days, with the stops taken out
//	list.go       the desk of a unit, the items of a file, figures with their records
//
// Everything is kept by package record. Stages, items, papers, procedures and criteria are data of the pack. What a project
// is, and who accompanies it, other packages say (Options).
package approvals

import (
	"errors"
	"slices"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/directory"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/pack"
	"weixiao/internal/record"
	"weixiao/internal/store"
	"weixiao/internal/worktime"
)

// Project is a project as far as its approval needs to know it.
type Project struct {
	ID, Title string
	Firm      string // code
	Street    string // unit it lies in
	Class     string // government, social, industry
	MadeUp    bool
}

// Options are what the package is wired with.
type Options struct {
	Rules     *pack.Approvals
	Directory *directory.Directory
	// Projects are those of a firm; Project finds one, or store.ErrNotFound.
	Projects func(tx *store.Tx, firm string) ([]Project, error)
	Project  func(tx *store.Tx, id string) (Project, error)
	// Agent reports whether an account accompanies a file; nil: nobody does.
	Agent func(tx *store.Tx, account, file string) (bool, error)
	// Calendar is the working calendar of the district: licences are counted by it, whatever hours a unit keeps.
	Calendar func(tx *store.Tx) (*worktime.Calendar, error)
	Clock    func() time.Time
}

// Approvals keeps the approval files of one district.
type Approvals struct {
	db         *store.DB
	o          Options
	Files      *record.Book[File, *File]
	Items      *record.Book[Item, *Item]
	Promises   *record.Book[Promise, *Promise]
	Priorities *record.Book[Priority, *Priority]
}

// New registers the kinds of records; nil for a pack without approvals.yaml.
func New(db *store.DB, e *record.Engine, o Options) *Approvals {
	if o.Rules == nil {
		return nil
	}
	s := &Approvals{db: db, o: o}
	s.Files = record.Register(e, s.fileKind())
	s.Items = record.Register(e, s.itemKind())
	s.Promises = record.Register(e, s.promiseKind())
	s.Priorities = record.Register(e, s.priorityKind())
	return s
}

// Tables are the flow tables of this package.
func Tables() []*flow.Table {
	return []*flow.Table{&FileTable, &ItemTable, &PromiseTable, &PriorityTable}
}

// Rules are stages, items and papers as the pack has them.
func (s *Approvals) Rules() *pack.Approvals { return s.o.Rules }

// Relations of somebody to a file and what belongs to it.
const (
	own     = "own"     // speaks for its firm
	hall    = "hall"    // works in the hall that receives files
	lead    = "lead"    // works for the lead of the stage
	handles = "handles" // works for the unit of the item
	agent   = "agent"   // accompanies it, entrusted by the firm
	other   = "other"   // did not ask for it
)

func grants(relation string, roles ...string) (out []flow.Grant) {
	for _, r := range roles {
		out = append(out, flow.Grant{Role: r, Relation: relation})
	}
	return out
}

var (
	theFirm   = grants(own, access.Firm)
	theHall   = grants(hall, access.Department, access.DeptLead)
	planners  = append(grants(lead, access.Department, access.DeptLead), theHall...)
	reviewers = grants(handles, access.Department, access.DeptLead)
	system    = grants("", access.System)

	reason = form.Field{Name: "reason", Type: form.Text, Required: true, Max: 500}
	note   = form.Field{Name: "note", Type: form.Text, Max: 500}
)

// Roles are the roles that see files of projects.
func Roles() []string {
	return []string{access.Department, access.DeptLead, access.Street, access.StreetLead, access.Supervisor, access.Leader, access.Auditor}
}

// MaySee reports whether the scope may look at files at all: the firm at its own, staff with work on projects at all.
func MaySee(sc access.Scope) bool { return sc.Firm() != "" || sc.Can(Roles()...) }

// sees reports whether the scope reaches what belongs to a firm. Another firm learns nothing, not even that it is there.
func sees(sc access.Scope, firm string) bool {
	if sc.Firm() != "" {
		return sc.Firm() == firm
	}
	return sc.Can(Roles()...)
}

// under reports whether the scope works for a unit or for one above it.
func (s *Approvals) under(sc access.Scope, unit string) bool {
	return sc.Unit() != "" && unit != "" && s.o.Directory.Under(unit, sc.Unit())
}

// leads reports whether the scope works for the lead of a stage; "" is any stage.
func (s *Approvals) leads(sc access.Scope, stage string) bool {
	return slices.ContainsFunc(s.o.Rules.Stages, func(x pack.ApprovalStage) bool {
		return (stage == "" || x.ID == stage) && s.under(sc, x.Lead)
	})
}

// about are the relations of somebody to a file of a firm.
func (s *Approvals) about(tx *store.Tx, sc access.Scope, firm, file, stage, unit string) (out []string, err error) {
	if sc.Firm() != "" {
		if sc.Firm() == firm || firm == "" { // what it makes will be its own
			out = append(out, own)
		}
		return out, nil
	}
	if s.under(sc, s.o.Rules.Hall) {
		out = append(out, hall)
	}
	if s.leads(sc, stage) {
		out = append(out, lead)
	}
	if s.under(sc, unit) {
		out = append(out, handles)
	}
	if s.o.Agent != nil && sc.Account() != "" && file != "" {
		is, err := s.o.Agent(tx, sc.Account(), file)
		if err != nil {
			return nil, err
		}
		if is {
			out = append(out, agent)
		}
	}
	return out, nil
}

// say replaces "not possible in this state" by why, where there is more to say.
func say(err error, code string, when bool) error {
	if when && errors.Is(err, flow.ErrState) {
		return record.Refuse(code)
	}
	return err
}

// Signed are the actions that need the firm's signature, by the kind of record: no table grants them to anybody but the
// firm's own account. An agent who accompanies a project brings papers that need none, and nothing else.
var Signed = map[string][]string{
	"approval_file":    {"apply", "submit", "hand_in", "withdraw"},
	"approval_item":    {"supply", "withdraw"},
	"approval_promise": {"offer", "take_back"},
}
