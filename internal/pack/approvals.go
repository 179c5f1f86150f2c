package pack

import (
	"slices"
	"strconv"

	"weixiao/internal/directory"
	"weixiao/internal/directory/firms"
	"weixiao/internal/worktime"
)

// Approvals is the approval of construction projects: approvals.yaml.
type Approvals struct {
	Source string `yaml:"source"`
	Hall   string `yaml:"hall"` // the unit that receives files, names agents and hands out documents
	// Supply is how long a firm has to correct its papers; Shortfall is how many days at most a promise of missing papers
	// may run; NameAgent is how long the hall has to name an agent.
	Supply     string              `yaml:"supply"`
	Shortfall  int                 `yaml:"shortfall"`
	NameAgent  string              `yaml:"name_agent"`
	Stages     []ApprovalStage     `yaml:"stages"`
	Procedures []ApprovalProcedure `yaml:"procedures"`
	Criteria   []ApprovalCriterion `yaml:"criteria"`
	Papers     []ApprovalPaper     `yaml:"papers"`
	Items      []ApprovalItem      `yaml:"items"`
	Agents     []ApprovalAgent     `yaml:"agents"`
	Projects   []ApprovalProject   `yaml:"projects"`
}

// ApprovalStage is one of the four stages: one lead, one form, one set of papers.
type ApprovalStage struct {
	ID     string `yaml:"id"`
	Lead   string `yaml:"lead"` // unit
	Text   `yaml:",inline"`
	Source string `yaml:"source"`
}

// ApprovalProcedure is something that stops a clock by law.
type ApprovalProcedure struct {
	ID    string `yaml:"id"`
	Text  `yaml:",inline"`
	Limit string `yaml:"limit"` // at most
	Basis string `yaml:"basis"` // the law
}

// ApprovalCriterion is a reason for which a project may go first.
type ApprovalCriterion struct {
	ID     string `yaml:"id"`
	Text   `yaml:",inline"`
	Days   int    `yaml:"days"` // how long a priority lasts at most
	Source string `yaml:"source"`
}

// ApprovalPaper is one paper of a stage's set.
type ApprovalPaper struct {
	ID     string `yaml:"id"`
	Stage  string `yaml:"stage"`
	Text   `yaml:",inline"`
	Class  string `yaml:"class"`  // key: nothing is accepted without it; secondary: it may come later against a promise
	Signed bool   `yaml:"signed"` // it needs the firm's signature
	Source string `yaml:"source"`
}

// ApprovalItem is one approval of a stage.
type ApprovalItem struct {
	ID       string `yaml:"id"`
	Stage    string `yaml:"stage"`
	Unit     string `yaml:"unit"`
	Text     `yaml:",inline"`
	Promised int      `yaml:"promised"` // working days
	Legal    int      `yaml:"legal"`    // working days
	Papers   []string `yaml:"papers"`
	Needs    []string `yaml:"needs"`   // items that must be granted before
	Special  []string `yaml:"special"` // procedures that may stop its clock
	// Check is within how long a decision on a written promise (告知承诺) is looked at; "" = it is not decided so.
	Check  string `yaml:"check"`
	Basis  string `yaml:"basis"` // the law it is asked by
	Source string `yaml:"source"`
	MadeUp bool   `yaml:"made_up"`
}

// ApprovalAgent is a post that accompanies projects.
type ApprovalAgent struct {
	Post   string `yaml:"post"`
	Kind   string `yaml:"kind"` // agent: of the district; helper: of a street (协办员); liaison: of a department (联络员)
	Source string `yaml:"source"`
	MadeUp bool   `yaml:"made_up"`
}

// ApprovalProject is a made-up project to show.
type ApprovalProject struct {
	ID     string `yaml:"id"`
	Title  string `yaml:"title"`
	Firm   string `yaml:"firm"`   // code
	Street string `yaml:"street"` // unit
	Class  string `yaml:"class"`  // government, social, industry
	MadeUp bool   `yaml:"made_up"`
}

// Stage, Procedure, Criterion, Paper and Item find a member by its id.
func (a *Approvals) Stage(id string) (ApprovalStage, bool) {
	return member(a.Stages, func(x ApprovalStage) bool { return x.ID == id })
}

// Procedure finds a procedure.
func (a *Approvals) Procedure(id string) (ApprovalProcedure, bool) {
	return member(a.Procedures, func(x ApprovalProcedure) bool { return x.ID == id })
}

// Criterion finds a criterion.
func (a *Approvals) Criterion(id string) (ApprovalCriterion, bool) {
	return member(a.Criteria, func(x ApprovalCriterion) bool { return x.ID == id })
}

// Paper finds a paper.
func (a *Approvals) Paper(id string) (ApprovalPaper, bool) {
	return member(a.Papers, func(x ApprovalPaper) bool { return x.ID == id })
}

// Item finds an item.
func (a *Approvals) Item(id string) (ApprovalItem, bool) {
	return member(a.Items, func(x ApprovalItem) bool { return x.ID == id })
}

func member[T any](list []T, is func(T) bool) (x T, ok bool) {
	if i := slices.IndexFunc(list, is); i >= 0 {
		return list[i], true
	}
	return x, false
}

// approvalStages are the stages that every district has (国办发〔2019〕11号).
var approvalStages = []string{"land", "design", "build", "finish"}

// approvals reads approvals.yaml; nil for a pack without it.
func (r *reader) approvals(p *Pack) *Approvals {
	const file = "approvals.yaml"
	a := &Approvals{}
	if !r.strict(file, a) {
		return nil
	}
	c := &approvalCheck{r: r, p: p, a: a, good: true}
	c.head()
	c.stages()
	c.procedures()
	c.papers()
	c.items()
	c.people()
	if !c.good {
		return nil
	}
	return a
}

// approvalCheck carries the file through its checks.
type approvalCheck struct {
	r    *reader
	p    *Pack
	a    *Approvals
	good bool
}

func (c *approvalCheck) bad(list string, i int, zh, en string) {
	c.good = false
	line := 0
	if list != "" {
		line = lineOf(c.r.lines("approvals.yaml", list), i)
	}
	c.r.add("approvals.yaml", line, zh, en)
}

func (c *approvalCheck) unit(id string) bool { _, ok := c.p.Directory.Unit(id); return ok }

func limitGood(s string, units ...worktime.Unit) bool {
	l, err := worktime.ParseLimit(s)
	return err == nil && !l.IsZero() && (len(units) == 0 || slices.Contains(units, l.Unit))
}

func (c *approvalCheck) head() {
	a := c.a
	if a.Source == "" || len(a.Stages) == 0 || len(a.Items) == 0 || len(a.Papers) == 0 {
		c.bad("", 0, "source、stages、papers 和 items 都要写", "source, stages, papers and items must be given")
	}
	if !c.unit(a.Hall) {
		c.bad("", 0, "hall“"+a.Hall+"”不在 units.csv 里", "the hall "+a.Hall+" is not in units.csv")
	}
	if !limitGood(a.Supply, worktime.Day, worktime.Workday) || !limitGood(a.NameAgent) || a.Shortfall < 1 {
		c.bad("", 0, "supply 要写如 30 day，name_agent 要写如 1 workday，shortfall 是大于 0 的天数", "supply is such as 30 day, name_agent such as 1 workday, shortfall a number of days above 0")
	}
}

func (c *approvalCheck) stages() {
	var ids []string
	for i, s := range c.a.Stages {
		ids = append(ids, s.ID)
		if !c.unit(s.Lead) {
			c.bad("stages", i, "牵头单位“"+s.Lead+"”不在 units.csv 里", "the lead "+s.Lead+" is not in units.csv")
		}
		if s.ZH == "" || s.EN == "" || s.Source == "" {
			c.bad("stages", i, "阶段 "+s.ID+" 要写 zh、en 和 source", "the stage "+s.ID+" needs zh, en and source")
		}
	}
	if len(ids) > 0 && !slices.Equal(ids, approvalStages) {
		c.bad("stages", 0, "四个阶段依次是 land、design、build、finish", "the four stages are land, design, build, finish, in this order")
	}
}

func (c *approvalCheck) procedures() {
	seen := map[string]bool{"supplement": true}
	for i, x := range c.a.Procedures {
		if x.ID == "" || seen[x.ID] {
			c.bad("procedures", i, "特别程序编号“"+x.ID+"”为空或重复", "the id "+x.ID+" of a procedure is empty or there twice")
		}
		seen[x.ID] = true
		if x.Basis == "" {
			c.bad("procedures", i, "特别程序 "+x.ID+" 要写法定依据 basis：没有依据不能停止计时", "the procedure "+x.ID+" needs its law as basis: no clock stops without one")
		}
		if x.ZH == "" || x.EN == "" || !limitGood(x.Limit, worktime.Day, worktime.Workday) {
			c.bad("procedures", i, "特别程序 "+x.ID+" 要写 zh、en 和最长 limit（如 30 day）", "the procedure "+x.ID+" needs zh, en and its longest limit (such as 30 day)")
		}
	}
	seen = map[string]bool{}
	for i, x := range c.a.Criteria {
		if x.ID == "" || seen[x.ID] || x.ZH == "" || x.EN == "" || x.Source == "" || x.Days < 1 {
			c.bad("criteria", i, "优先条件 "+x.ID+" 的编号不能重复，要写 zh、en、days（大于 0）和 source", "the criterion "+x.ID+" needs an id of its own, zh, en, days above 0 and source")
		}
		seen[x.ID] = true
	}
}

func (c *approvalCheck) papers() {
	seen := map[string]bool{}
	for i, x := range c.a.Papers {
		if x.ID == "" || seen[x.ID] || !slices.Contains(approvalStages, x.Stage) || x.ZH == "" || x.EN == "" || x.Source == "" {
			c.bad("papers", i, "材料 "+x.ID+" 的编号不能重复，要写 stage、zh、en 和 source", "the paper "+x.ID+" needs an id of its own, its stage, zh, en and source")
		}
		seen[x.ID] = true
		if x.Class != "key" && x.Class != "secondary" {
			c.bad("papers", i, "材料 "+x.ID+" 的 class 应为 key（主件）或 secondary（可后补）", "class of the paper "+x.ID+" must be key or secondary")
		}
	}
}

func (c *approvalCheck) items() {
	before := map[string]int{}
	for i, x := range c.a.Items {
		bad := func(zh, en string) { c.bad("items", i, "事项 "+x.ID+"："+zh, "the item "+x.ID+" "+en) }
		if _, twice := before[x.ID]; x.ID == "" || twice {
			bad("编号为空或重复", "has no id of its own")
		}
		stage := slices.Index(approvalStages, x.Stage)
		if stage < 0 || !c.unit(x.Unit) {
			bad("stage 或 unit 不对", "has no stage or unit that exists")
		}
		if x.ZH == "" || x.EN == "" || x.Basis == "" || x.Source == "" {
			bad("要写 zh、en、basis 和 source", "needs zh, en, basis and source")
		}
		if x.Promised < 1 || x.Legal < x.Promised {
			bad("promised 要大于 0，legal 不能比 promised 短（工作日）", "needs promised above 0 and legal not below it (working days)")
		}
		if x.Check != "" && !limitGood(x.Check) {
			bad("check 要写如 60 day", "check is such as 60 day")
		}
		if len(x.Papers) == 0 {
			bad("要写 papers", "needs papers")
		}
		for _, id := range x.Papers {
			if q, ok := c.a.Paper(id); !ok || q.Stage != x.Stage {
				bad("材料 "+id+" 不是这个阶段的", "names the paper "+id+" that is not of its stage")
			}
		}
		for _, id := range x.Special {
			if _, ok := c.a.Procedure(id); !ok {
				bad("特别程序 "+id+" 不在 procedures 里，没有法定依据", "names the procedure "+id+" that is not in procedures: no law")
			}
		}
		for _, id := range x.Needs {
			if at, ok := before[id]; !ok || at > stage {
				bad("needs 里的 "+id+" 要排在它前面", "needs "+id+", which must stand before it")
			}
		}
		before[x.ID] = stage
	}
}

func (c *approvalCheck) people() {
	posts := map[string]directory.Post{}
	for _, u := range c.p.Directory.Units() {
		for _, p := range c.p.Directory.Posts(u.ID) {
			posts[p.ID] = p
		}
	}
	seen := map[string]bool{}
	for i, x := range c.a.Agents {
		if _, ok := posts[x.Post]; !ok || seen[x.Post] {
			c.bad("agents", i, "岗位“"+x.Post+"”不在 posts.csv 里，或重复", "the post "+x.Post+" is not in posts.csv, or there twice")
		}
		seen[x.Post] = true
		if !slices.Contains([]string{"agent", "helper", "liaison"}, x.Kind) || x.Source == "" {
			c.bad("agents", i, "岗位 "+x.Post+" 的 kind 应为 agent（代办员）、helper（协办员）或 liaison（联络员），并写 source", "kind of "+x.Post+" must be agent, helper or liaison, with a source")
		}
	}
	seen = map[string]bool{}
	for i, x := range c.a.Projects {
		if x.ID == "" || seen[x.ID] || x.Title == "" || !c.unit(x.Street) || !slices.Contains([]string{"government", "social", "industry"}, x.Class) {
			c.bad("projects", i, "项目 "+x.ID+"（第 "+strconv.Itoa(i+1)+" 个）要有自己的编号、title、street 和 class（government、social、industry）", "the project "+x.ID+" needs an id of its own, title, street and class (government, social, industry)")
		}
		seen[x.ID] = true
		if _, err := firms.CheckCode(x.Firm); err != nil {
			zh, en := firms.CodeWords(err)
			c.bad("projects", i, "项目 "+x.ID+"："+zh, "the project "+x.ID+": "+en)
		}
	}
}
