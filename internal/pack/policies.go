package pack

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"weixiao/internal/catalogue/conditions"
	"weixiao/internal/form"
	"weixiao/internal/worktime"
)

// Policies are the district's policies for firms, and who works with them: policies.yaml.
type Policies struct {
	Source string `yaml:"source"`
	// Units write policies, decide claims, and check the profiles of firms of the whole district.
	Units []string `yaml:"units"`
	// Reviewer reviews each policy for fair competition.
	Reviewer string   `yaml:"reviewer"`
	Policies []Policy `yaml:"policies"`
}

// Policy is a document of clauses.
type Policy struct {
	ID      string   `yaml:"id"`
	Name    string   `yaml:"name"`
	No      string   `yaml:"no"`
	Unit    string   `yaml:"unit"`
	From    string   `yaml:"from"`
	Until   string   `yaml:"until"`
	Source  string   `yaml:"source"`
	MadeUp  bool     `yaml:"made_up"`
	Review  Review   `yaml:"review"`
	Clauses []Clause `yaml:"clauses"`
}

// Review is the fair-competition review that a policy was published on.
type Review struct {
	Result  string `yaml:"result"` // allowed, excepted
	Date    string `yaml:"date"`
	Until   string `yaml:"until"` // of an exception
	Grounds string `yaml:"grounds"`
}

// Clause is one promise of a policy.
type Clause struct {
	Title  string   `yaml:"title"`
	Text   string   `yaml:"text"`
	Who    string   `yaml:"who"`
	Amount string   `yaml:"amount"`
	Cap    string   `yaml:"cap"`
	Budget string   `yaml:"budget"`
	Papers []string `yaml:"papers"`
	Unit   string   `yaml:"unit"`
	Term   string   `yaml:"term"`
	Period string   `yaml:"period"` // year, once
	Auto   bool     `yaml:"auto"`   // without application
}

// policies reads policies.yaml; nil for a pack without it.
func (r *reader) policies(p *Pack) *Policies {
	const file = "policies.yaml"
	v := &Policies{}
	if !r.strict(file, v) {
		return nil
	}
	before := len(r.problems)
	unit := func(line int, id string) {
		if _, ok := p.Directory.Unit(id); !ok {
			r.add(file, line, "单位“"+id+"”不在 units.csv 里", "unit "+id+" is not in units.csv")
		}
	}
	if v.Source == "" || len(v.Units) == 0 || v.Reviewer == "" {
		r.add(file, 1, "source、units 和 reviewer 都要写", "source, units and reviewer must be given")
	}
	for _, u := range append(slices.Clone(v.Units), v.Reviewer) {
		unit(1, u)
	}
	at, seen := r.lines(file, "policies"), map[string]bool{}
	for i, x := range v.Policies {
		line := lineOf(at, i)
		bad := func(zh, en string, args ...any) {
			r.add(file, line, "政策“"+x.Name+"”："+fmt.Sprintf(zh, args...), "policy "+x.ID+": "+fmt.Sprintf(en, args...))
		}
		if x.ID == "" || seen[x.ID] || x.Name == "" || x.Source == "" || len(x.Clauses) == 0 {
			bad("id（不重复）、name、source 和 clauses 都要写", "id (once only), name, source and clauses must be given")
		}
		seen[x.ID] = true
		if !slices.Contains(v.Units, x.Unit) {
			bad("unit 要是 units 里的单位", "unit must be one of units")
		}
		if !isDay(x.From) || !isDay(x.Until) || x.Until < x.From {
			bad("from 和 until 应为日期（如 2022-01-01），结束不能早于开始", "from and until must be days such as 2022-01-01, the end not before the start")
		}
		switch q := x.Review; {
		case !isDay(q.Date) || q.Grounds == "" || q.Result != "allowed" && q.Result != "excepted":
			bad("没有公平竞争审查结论的政策不能发布：review 要写 result（allowed 或 excepted）、date 和 grounds", "a policy is not published without its fair-competition review: review needs result (allowed or excepted), date and grounds")
		case q.Date > x.From:
			bad("公平竞争审查应在政策施行之前", "the review must come before the policy is in force")
		case q.Result == "excepted" && (!isDay(q.Until) || q.Until < x.Until):
			bad("适用例外规定要写 until，且不早于政策的结束日期", "an exception needs until, not before the end of the policy")
		}
		for n, c := range x.Clauses {
			r.clause(v, c, func(zh, en string) { bad("第 %d 条：%s", "clause %d: %s", n+1, zh); _ = en })
		}
	}
	if len(r.problems) > before {
		return nil
	}
	return v
}

func (r *reader) clause(v *Policies, c Clause, bad func(zh, en string)) {
	if c.Title == "" || c.Text == "" {
		bad("title 和 text 都要写", "title and text must be given")
	}
	if strings.Contains(c.Text, "\n") {
		bad("text 应为一段，不分行", "text must be one paragraph")
	}
	if !slices.Contains(v.Units, c.Unit) {
		bad("unit 要是 units 里的单位", "unit must be one of units")
	}
	most, okCap := form.ParseMoney(c.Cap)
	budget, okBudget := form.ParseMoney(c.Budget)
	if !okCap || !okBudget || most <= 0 || most > budget {
		bad("cap 和 budget 应为金额（如 20万、300万），单户上限不能超过总预算", "cap and budget must be amounts such as 20万, the cap within the budget")
	}
	if l, err := worktime.ParseLimit(c.Term); err != nil || l.IsZero() {
		bad("term 应为期限，如 20 workday", "term must be a limit such as 20 workday")
	}
	if c.Period != "year" && c.Period != "once" {
		bad("period 应为 year（每年一次）或 once（一次）", "period must be year or once")
	}
	if c.Auto && len(c.Papers) > 0 {
		bad("免申即享的条款不要求材料", "a clause without application asks for no papers")
	}
	if e, ok := errors.AsType[*conditions.ExpressionError](conditions.Prove(c.Who, c.Amount)); ok {
		bad(e.Field+"："+e.Err.ZH, e.Field+": "+e.Err.EN)
	}
}

func isDay(s string) bool {
	_, err := time.Parse(time.DateOnly, s)
	return err == nil
}
