package access

import (
	"slices"
	"strings"

	"weixiao/internal/form"
)

// Roles. The words are those of posts in a district pack.
const (
	Operator   = "operator"   // 话务员
	Dispatcher = "dispatcher" // 派单员
	Callback   = "callback"   // 回访员
	Duty       = "duty"       // 值守席: takes what no rule could place
	Supervisor = "supervisor" // 督办员
	Leader     = "leader"     // 区领导
	Auditor    = "auditor"    // 审计管理员
	Admin      = "admin"      // 系统管理员
	Security   = "security"   // 安全管理员
	Street     = "street"     // 街镇承办人
	StreetLead = "streetlead" // 街镇负责人
	Department = "department" // 部门承办人
	DeptLead   = "deptlead"   // 部门负责人
	Community  = "community"  // 社区 (村) 书记
	GridChief  = "gridchief"  // 网格长
	Grid       = "grid"       // 网格员
	Inspector  = "inspector"  // 巡查员: looks at what contractors and routes deliver, for its unit
	Contractor = "contractor" // 承包单位管理员: answers for what its firm's contracts demand
	Firm       = "firm"       // 企业账号: speaks for one firm and reaches what is that firm's; its unit is the firm's code
	Chief      = "chief"      // 楼长: a cadre or a resident who looks after one building; which one says the post
	APIClient  = "apiclient"  // a program with an API key
)

// Pseudo roles: nobody is given them, a Scope has them.
const (
	Resident  = "resident"  // holds the secret of one record
	Anonymous = "anonymous" // anybody
	System    = "system"    // the program itself
)

// Reach is how far a role sees.
type Reach int

const (
	ReachNothing  Reach = iota // no work rows: what it administers is reached by Can
	ReachUnit                  // its unit and everything below it
	ReachDistrict              // every unit
)

// Role describes one role.
type Role struct {
	Name  string
	Label string // key of the message catalogue
	Reach Reach
	// Separate marks the three administrators of 三员分立 (system, security, audit):
	// whoever is one of them holds no other role at all.
	Separate bool
	// Handles marks a role that sees every unit and yet works for its own one, as the
	// duty desk does: its scope has both.
	Handles bool
	Pseudo  bool // cannot be given to an account
	// Outside marks a role of people who are no staff. They hold no other role, and their unit is no unit of the
	// directory but whom they speak for: a firm's code.
	Outside bool
}

var roles = []Role{
	{Name: Operator, Reach: ReachDistrict},
	{Name: Dispatcher, Reach: ReachDistrict},
	{Name: Callback, Reach: ReachDistrict},
	{Name: Duty, Reach: ReachDistrict, Handles: true},
	{Name: Supervisor, Reach: ReachDistrict},
	{Name: Leader, Reach: ReachDistrict},
	{Name: Auditor, Reach: ReachDistrict, Separate: true},
	{Name: Admin, Separate: true},
	{Name: Security, Separate: true},
	{Name: Street, Reach: ReachUnit},
	{Name: StreetLead, Reach: ReachUnit},
	{Name: Department, Reach: ReachUnit},
	{Name: DeptLead, Reach: ReachUnit},
	{Name: Community, Reach: ReachUnit},
	{Name: GridChief, Reach: ReachUnit},
	{Name: Grid, Reach: ReachUnit},
	{Name: Inspector, Reach: ReachUnit},
	{Name: Contractor},          // reaches no cases; its contracts know its firm
	{Name: Firm, Outside: true}, // of the firm whose code its account has
	{Name: Chief},               // reaches no cases; its post knows its building
	{Name: APIClient, Pseudo: true},
	{Name: Resident, Pseudo: true},
	{Name: Anonymous, Pseudo: true},
	{Name: System, Reach: ReachDistrict, Pseudo: true},
}

// Roles lists every role, the pseudo roles last.
func Roles() []Role {
	out := slices.Clone(roles)
	for i := range out {
		out[i].Label = "role." + out[i].Name
	}
	return out
}

// RoleOf describes the role of that name.
func RoleOf(name string) (Role, bool) {
	for _, r := range roles {
		if r.Name == name {
			r.Label = "role." + r.Name
			return r, true
		}
	}
	return Role{}, false
}

// worksInUnit reports whether the role means nothing without a unit.
func (r Role) worksInUnit() bool { return r.Reach == ReachUnit || r.Handles }

// CheckRoles says whether one account may hold these roles together. The error
// is form.Faults on the field "roles": choice (no such role, or one that nobody
// is given) or exclusive (三员分立).
func CheckRoles(names []string) error {
	separate := false
	for _, n := range names {
		r, ok := RoleOf(n)
		if !ok || r.Pseudo {
			return form.Faults{{Field: "roles", Code: "choice"}}
		}
		separate = separate || r.Separate || r.Outside
	}
	if separate && len(tidy(names)) > 1 {
		return form.Faults{{Field: "roles", Code: "exclusive"}}
	}
	return nil
}

// separate reports whether any of the roles is one of the three administrators.
func separate(names []string) bool {
	return slices.ContainsFunc(names, func(n string) bool { r, _ := RoleOf(n); return r.Separate })
}

// tidy sorts role names and drops repetitions; the slice is new and never nil.
func tidy(names []string) []string {
	out := append([]string{}, names...)
	slices.Sort(out)
	return slices.Compact(out)
}

// Roles are stored as words with a blank between them, sorted.
func joinRoles(names []string) string { return strings.Join(tidy(names), " ") }
func splitRoles(s string) []string    { return strings.Fields(s) }
