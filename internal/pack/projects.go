package pack

import (
	"fmt"
	"slices"
	"time"

	"weixiao/internal/directory"
	"weixiao/internal/form"
	"weixiao/internal/worktime"
)

// Projects is how a district keeps its ledger of investment projects: projects.yaml. Amounts are written as people write
// them, such as 3.25亿.
type Projects struct {
	Source    string    `yaml:"source"`
	Office    []string  `yaml:"office"`    // units that keep the ledger
	Threshold string    `yaml:"threshold"` // what is below does not count
	Least     string    `yaml:"least"`     // an amount below or above is asked about once more
	Most      string    `yaml:"most"`
	Signed    []string  `yaml:"signed"`       // classes that count as signed
	Metres    int       `yaml:"site_metres"`  // two places not farther apart are one site
	Months    int       `yaml:"split_months"` // two contracts of a firm for a site within them may be one that was split
	Warn      int       `yaml:"warn_days"`    // a promise is yellow so many days before
	Problem   string    `yaml:"problem"`      // limit of a problem
	Sectors   []Named   `yaml:"sectors"`
	Evidence  []Named   `yaml:"evidence"`
	Bands     []Band    `yaml:"bands"`  // of size, the smallest first
	Stages    []Stage   `yaml:"stages"` // what each stage must be proved by
	Projects  []Planned `yaml:"projects"`
}

// Named is an entry of a list that people choose from.
type Named struct {
	ID   string `yaml:"id"`
	Text `yaml:",inline"`
}

// Band is a class of size, from an amount on.
type Band struct {
	Named `yaml:",inline"`
	From  string `yaml:"from"`
}

// Stage is a stage of a project and the kinds of evidence of which one must lie there.
type Stage struct {
	ID       string   `yaml:"id"`
	Evidence []string `yaml:"evidence"`
	Source   string   `yaml:"source"`
}

// Planned is a project that the pack brings: what is known of it, and what is made up to show it.
type Planned struct {
	Name       string            `yaml:"name"`
	Investor   string            `yaml:"investor"`
	Firm       string            `yaml:"firm"` // code, "" = not known
	Home       string            `yaml:"home"` // province_in, province_out, foreign
	Sector     string            `yaml:"sector"`
	Class      string            `yaml:"class"` // of its signing
	Investment string            `yaml:"investment"`
	Fixed      string            `yaml:"fixed"`
	Land       int64             `yaml:"land"` // mu
	Jobs       int64             `yaml:"jobs"`
	Energy     int64             `yaml:"energy"` // tonnes of standard coal a year
	Site       string            `yaml:"site"`
	Town       string            `yaml:"town"`
	Lon        float64           `yaml:"lon"`
	Lat        float64           `yaml:"lat"`
	Unit       string            `yaml:"unit"`
	Agent      string            `yaml:"agent"`
	Leader     string            `yaml:"leader"` // post
	Place      string            `yaml:"place"`  // of signing
	Reached    map[string]string `yaml:"reached"`
	Promised   map[string]string `yaml:"promised"`
	Moved      map[string]string `yaml:"moved"` // promises that were changed: to when
	Arrived    []Arrived         `yaml:"arrived"`
	Source     string            `yaml:"source"`
	MadeUp     []string          `yaml:"made_up"` // what is made up: all, or names of keys
}

// Arrived is money that came in.
type Arrived struct {
	Month  string `yaml:"month"`
	From   string `yaml:"from"`
	Amount string `yaml:"amount"`
}

// ProjectStages are the stages in their order; shelved and ended are no stages but ways out.
func ProjectStages() []string {
	return []string{"lead", "talks", "signed", "registered", "landed", "started", "in_statistics", "producing", "at_capacity"}
}

// SignedClasses are the classes of what is signed, which are never added up together.
func SignedClasses() []string { return []string{"intent", "framework", "contract"} }

// Homes are where an investor or money comes from.
func Homes() []string { return []string{"province_in", "province_out", "foreign"} }

// EvidenceOf are the kinds of evidence that prove a stage.
func (p *Projects) EvidenceOf(stage string) []string {
	for _, s := range p.Stages {
		if s.ID == stage {
			return s.Evidence
		}
	}
	return nil
}

// Fen is an amount of a pack that was checked.
func Fen(s string) int64 {
	fen, _ := form.ParseMoney(s)
	return fen
}

// IDs are those of a list.
func IDs(list []Named) (out []string) {
	for _, x := range list {
		out = append(out, x.ID)
	}
	return out
}

// NameOf is what an entry of a list is called.
func NameOf(list []Named, id string) Text {
	for _, x := range list {
		if x.ID == id {
			return x.Text
		}
	}
	return Text{id, id}
}

const projectsFile = "projects.yaml"

// lister says what is wrong with a file of lists.
type lister struct {
	r    *reader
	file string
	good bool
}

func (c *lister) bad(line int, zh, en string, args ...any) {
	c.good = false
	c.r.add(c.file, line, fmt.Sprintf(zh, args...), fmt.Sprintf(en, args...))
}

func (c *lister) named(key string, list []Named) {
	if len(list) == 0 {
		c.bad(0, "%s 至少要有一项", "%s needs an entry", key)
	}
	at, seen := c.r.lines(c.file, key), map[string]bool{}
	for i, x := range list {
		if !routineKey.MatchString(x.ID) || seen[x.ID] || x.ZH == "" || x.EN == "" {
			c.bad(lineOf(at, i), "%s 的“%s”：id 要不重复，用小写字母、数字和下划线，zh 和 en 都要写", "%s %s: the id must be its own, of small letters, figures and _; zh and en must be given", key, x.ID)
		}
		seen[x.ID] = true
	}
}

func (c *lister) money(line int, what, s string, empty bool) int64 {
	if s == "" && empty {
		return 0
	}
	fen, ok := form.ParseMoney(s)
	if !ok {
		c.bad(line, "%s：金额“%s”看不懂，请写成 3.25亿、1467万 这样", "%s: the amount %s cannot be read; write it as 3.25亿 or 1467万", what, s)
	}
	return fen
}

func (c *lister) day(line int, what, s string) {
	if _, err := time.Parse(time.DateOnly, s); err != nil {
		c.bad(line, "%s：日期“%s”要写成 2022-03-05 这样", "%s: the date %s must be written as 2022-03-05", what, s)
	}
}

func (c *lister) oneOf(line int, what, s string, of []string, empty bool) {
	if s == "" && empty || slices.Contains(of, s) {
		return
	}
	c.bad(line, "%s：“%s”不在可选的 %v 里", "%s: %s is none of %v", what, s, of)
}

func (c *lister) unit(line int, what, id string, dir *directory.Directory, empty bool) {
	if _, ok := dir.Unit(id); !ok && !(id == "" && empty) {
		c.bad(line, "%s：units.csv 里没有单位“%s”", "%s: units.csv has no unit %s", what, id)
	}
}

func (c *lister) limit(what, s string) {
	if l, err := worktime.ParseLimit(s); err != nil || l.IsZero() {
		c.bad(0, "%s 要写成 10 workday 这样的时限", "%s must be a limit such as 10 workday", what)
	}
}

// projects reads projects.yaml; nil for a pack without it.
func (r *reader) projects(p *Pack) *Projects {
	x := &Projects{}
	if !r.strict(projectsFile, x) {
		return nil
	}
	c := &lister{r, projectsFile, true}
	if x.Source == "" || len(x.Office) == 0 {
		c.bad(0, "source 和 office 都要写", "source and office must be given")
	}
	for _, u := range x.Office {
		c.unit(0, "office", u, p.Directory, false)
	}
	c.money(0, "threshold", x.Threshold, false)
	if c.money(0, "least", x.Least, false) >= c.money(0, "most", x.Most, false) {
		c.bad(0, "least 要小于 most", "least must be below most")
	}
	for _, s := range x.Signed {
		c.oneOf(0, "signed", s, SignedClasses(), false)
	}
	if x.Metres < 0 || x.Months < 1 || x.Warn < 1 || len(x.Signed) == 0 {
		c.bad(0, "signed、site_metres、split_months、warn_days 都要写，且为正数", "signed, site_metres, split_months and warn_days must be given and positive")
	}
	c.limit("problem", x.Problem)
	c.named("sectors", x.Sectors)
	c.named("evidence", x.Evidence)
	last := int64(-1)
	for i, b := range x.Bands {
		from := c.money(lineOf(r.lines(projectsFile, "bands"), i), "bands "+b.ID, b.From, false)
		if from <= last || b.ZH == "" || b.EN == "" {
			c.bad(lineOf(r.lines(projectsFile, "bands"), i), "bands 要从小到大，zh 和 en 都要写", "bands must ascend, with zh and en")
		}
		last = from
	}
	c.stages(x)
	if c.good {
		c.planned(p, x)
	}
	if !c.good {
		return nil
	}
	return x
}

func (c *lister) stages(x *Projects) {
	at := c.r.lines(c.file, "stages")
	for i, s := range x.Stages {
		c.oneOf(lineOf(at, i), "stages", s.ID, append(ProjectStages()[1:], "shelved", "ended"), false)
		if s.Source == "" || len(s.Evidence) == 0 {
			c.bad(lineOf(at, i), "阶段 %s 要写 evidence（至少一种凭证）和 source", "the stage %s needs evidence (at least one kind) and source", s.ID)
		}
		for _, e := range s.Evidence {
			c.oneOf(lineOf(at, i), "stages "+s.ID, e, IDs(x.Evidence), false)
		}
	}
	for _, s := range ProjectStages()[1:] {
		if x.EvidenceOf(s) == nil {
			c.bad(0, "阶段 %s 没有写要什么凭证：没有凭证就不能进入下一阶段", "the stage %s has no kinds of evidence: without evidence nothing reaches it", s)
		}
	}
}

// planned checks the projects that the pack brings.
func (c *lister) planned(p *Pack, x *Projects) {
	at, seen := c.r.lines(c.file, "projects"), map[string]bool{}
	for i, q := range x.Projects {
		line := lineOf(at, i)
		if q.Name == "" || seen[q.Name] || q.Investor == "" || q.Source == "" {
			c.bad(line, "项目“%s”：name 要不重复，investor 和 source 都要写", "project %s: the name must be its own; investor and source must be given", q.Name)
		}
		seen[q.Name] = true
		c.oneOf(line, q.Name, q.Sector, IDs(x.Sectors), false)
		c.oneOf(line, q.Name, q.Class, SignedClasses(), true)
		c.oneOf(line, q.Name, q.Home, Homes(), false)
		if fixed, all := c.money(line, q.Name, q.Fixed, true), c.money(line, q.Name, q.Investment, false); fixed > all {
			c.bad(line, "%s：固定资产投资大于总投资", "%s: fixed assets exceed the investment", q.Name)
		}
		c.unit(line, q.Name, q.Town, p.Directory, false)
		c.unit(line, q.Name, q.Unit, p.Directory, false)
		c.unit(line, q.Name, q.Agent, p.Directory, true)
		if _, ok := p.Directory.Post(q.Leader); !ok && q.Leader != "" {
			c.bad(line, "%s：posts.csv 里没有岗位“%s”", "%s: posts.csv has no post %s", q.Name, q.Leader)
		}
		c.course(line, q)
		for _, a := range q.Arrived {
			c.money(line, q.Name, a.Amount, false)
			c.day(line, q.Name, a.Month+"-01")
			c.oneOf(line, q.Name, a.From, Homes(), false)
		}
	}
}

// course checks that stages were reached one after the other.
func (c *lister) course(line int, q Planned) {
	last, gap := "", false
	for _, s := range ProjectStages()[1:] {
		d := q.Reached[s]
		if d == "" {
			gap = true
			continue
		}
		c.day(line, q.Name, d)
		if gap || d < last {
			c.bad(line, "%s：阶段 %s 的日期 %s 不能早于前一阶段，也不能跳过阶段", "%s: the stage %s on %s comes before an earlier one, or skips one", q.Name, s, d)
		}
		last = d
	}
	for _, m := range []map[string]string{q.Reached, q.Promised, q.Moved} {
		for s, d := range m {
			c.oneOf(line, q.Name, s, ProjectStages()[1:], false)
			c.day(line, q.Name, d)
		}
	}
	if q.Class == "" && q.Reached["signed"] != "" {
		c.bad(line, "%s：已签约的要写 class", "%s: what is signed needs a class", q.Name)
	}
}
