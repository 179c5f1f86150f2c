package pack

import (
	"slices"
	"strings"

	"weixiao/internal/worktime"
)

// Procedures is procedures.yaml: what may stop a clock, and how supervision goes.
type Procedures struct {
	Suspension  Suspension  `yaml:"suspension"`
	Pauses      []Pause     `yaml:"pauses"`
	Letters     []Letter    `yaml:"letters"`
	Instruction Answer      `yaml:"instruction"`
	Listing     Listing     `yaml:"listing"`
	Checks      []CheckRule `yaml:"checks"`
}

// Suspension bounds 挂账. Longest is the most between two reviews, such as "180 day".
type Suspension struct {
	Longest       string `yaml:"longest"`
	Prolongations int    `yaml:"prolongations"`
	Source        string `yaml:"source"`
}

// Pause is a ground on which the law stops the clocks, and who may approve it:
// centre, supervision, leader.
type Pause struct {
	ID      string   `yaml:"id"`
	Title   string   `yaml:"title"`
	English string   `yaml:"english"`
	Longest string   `yaml:"longest"`
	By      []string `yaml:"by"`
	Source  string   `yaml:"source"`
}

// Letter is a level of supervision: "1", "2" or "3".
type Letter struct {
	Level  string `yaml:"level"`
	Answer string `yaml:"answer"`
	Source string `yaml:"source"`
}

// Answer is by when an instruction must be answered.
type Answer struct {
	Answer string `yaml:"answer"`
	Source string `yaml:"source"`
}

// Listing bounds the day by which a listed problem must be solved.
type Listing struct {
	Longest string `yaml:"longest"`
	Source  string `yaml:"source"`
}

// CheckRule says which fixes somebody looks at who had no hand in them. The first
// rule that fits a reply or a closing draws the lot; none after it does.
type CheckRule struct {
	ID       string   `yaml:"id"`
	Title    string   `yaml:"title"`
	English  string   `yaml:"english"`
	On       string   `yaml:"on"`       // reply: when the unit says it is done; close: after the resident was asked
	Results  []string `yaml:"results"`  // the unit's own word: solved part not_possible explained
	Levels   []string `yaml:"levels"`   // L0 … L5; none = all
	Kinds    []string `yaml:"kinds"`    // kinds of request; none = all
	Reworked bool     `yaml:"reworked"` // only what was sent back before
	Located  bool     `yaml:"located"`  // only what lies somewhere that can be looked at
	Share    float64  `yaml:"share"`    // of those that fit, above 0, at most 1
	By       []string `yaml:"by"`       // community, street, supervision: the first without a hand in it
	Within   string   `yaml:"within"`
	Source   string   `yaml:"source"`
}

// Check finds a rule of checks.
func (p Procedures) Check(id string) (CheckRule, bool) {
	i := slices.IndexFunc(p.Checks, func(x CheckRule) bool { return x.ID == id })
	if i < 0 {
		return CheckRule{}, false
	}
	return p.Checks[i], true
}

// Fix is what a unit called done, as the rules of checks look at it.
type Fix struct {
	On       string // reply or close
	Result   string
	Level    string
	Kind     string
	Reworked bool
	Located  bool
}

// ToCheck is the rule that lets a fix be looked at, nil for none. lot is the number
// drawn for it, at least 0 and below 1; the first rule that fits draws, no other.
func (p Procedures) ToCheck(x Fix, lot float64) *CheckRule {
	for i := range p.Checks {
		r := &p.Checks[i]
		if r.On != x.On || !slices.Contains(r.Results, x.Result) || (r.Reworked && !x.Reworked) || (r.Located && !x.Located) ||
			(len(r.Levels) > 0 && !slices.Contains(r.Levels, x.Level)) || (len(r.Kinds) > 0 && !slices.Contains(r.Kinds, x.Kind)) {
			continue
		}
		if lot < r.Share {
			return r
		}
		return nil
	}
	return nil
}

// Pause finds a ground.
func (p Procedures) Pause(id string) (Pause, bool) {
	i := slices.IndexFunc(p.Pauses, func(x Pause) bool { return x.ID == id })
	if i < 0 {
		return Pause{}, false
	}
	return p.Pauses[i], true
}

// AnswerOf is by when a letter of a level must be answered; "" for a level the
// pack does not have.
func (p Procedures) AnswerOf(level string) string {
	for _, l := range p.Letters {
		if l.Level == level {
			return l.Answer
		}
	}
	return ""
}

const proceduresFile = "procedures.yaml"

func (r *reader) procedures() (p Procedures) {
	if !r.strict(proceduresFile, &p) {
		return p
	}
	bad := func(line int, zh, en string) { r.add(proceduresFile, line, zh, en) }
	sourced := func(line int, what, source string) {
		if source == "" {
			bad(line, what+" 要写明依据 source", what+" needs a source")
		}
	}
	limit := func(line int, what, text string) {
		if _, err := worktime.ParseLimit(text); err != nil {
			bad(line, what+" 的时限“"+text+"”看不懂，请写成 3 workday、90 day 这样", what+": "+err.Error())
		}
	}
	limit(0, "suspension.longest", p.Suspension.Longest)
	sourced(0, "suspension", p.Suspension.Source)
	if p.Suspension.Prolongations < 0 {
		bad(0, "suspension.prolongations 不能为负", "suspension.prolongations cannot be negative")
	}
	at := r.lines(proceduresFile, "pauses")
	seen := map[string]bool{}
	for i, x := range p.Pauses {
		line := lineOf(at, i)
		if x.ID == "" || seen[x.ID] || x.Title == "" || x.English == "" {
			bad(line, "中止情形“"+x.ID+"”要有不重复的编号、中文名和英文名", "a pause needs an id of its own, a title and an English title")
		}
		seen[x.ID] = true
		limit(line, x.ID+".longest", x.Longest)
		sourced(line, x.ID, x.Source)
		if len(x.By) == 0 || slices.ContainsFunc(x.By, func(b string) bool { return !slices.Contains([]string{"centre", "supervision", "leader"}, b) }) {
			bad(line, "中止情形“"+x.ID+"”由谁批准（by）应为 centre、supervision 或 leader", "pause "+x.ID+": by must be centre, supervision or leader")
		}
	}
	at = r.lines(proceduresFile, "letters")
	for i, x := range p.Letters {
		limit(lineOf(at, i), "letters.answer", x.Answer)
		sourced(lineOf(at, i), "letters", x.Source)
	}
	for _, level := range []string{"1", "2", "3"} {
		if p.AnswerOf(level) == "" {
			bad(0, "letters 缺少级别 "+level+" 的答复期限", "letters lacks level "+level)
		}
	}
	limit(0, "instruction.answer", p.Instruction.Answer)
	sourced(0, "instruction", p.Instruction.Source)
	limit(0, "listing.longest", p.Listing.Longest)
	sourced(0, "listing", p.Listing.Source)
	r.checkRules(p.Checks)
	return p
}

// checkRules checks the rules of independent checks.
func (r *reader) checkRules(rules []CheckRule) {
	at := r.lines(proceduresFile, "checks")
	seen := map[string]bool{}
	for i, x := range rules {
		bad := func(zh, en string) {
			r.add(proceduresFile, lineOf(at, i), "核查规则“"+x.ID+"”"+zh, "check rule "+x.ID+": "+en)
		}
		if x.ID == "" || seen[x.ID] || x.Title == "" || x.English == "" || x.Source == "" {
			bad("要有不重复的编号、中文名、英文名和依据 source", "needs an id of its own, a title, an English title and a source")
		}
		seen[x.ID] = true
		if _, err := worktime.ParseLimit(x.Within); err != nil {
			bad("的时限 within 看不懂，请写成 2 workday 这样", err.Error())
		}
		if x.Share <= 0 || x.Share > 1 {
			bad("的比例 share 应大于 0、不超过 1", "share must be above 0 and at most 1")
		}
		for _, list := range []struct {
			name       string
			is, may    []string
			emptyIsAll bool
		}{{"on", []string{x.On}, []string{"reply", "close"}, false}, {"results", x.Results, []string{"solved", "part", "not_possible", "explained"}, false},
			{"levels", x.Levels, []string{"L0", "L1", "L2", "L3", "L4", "L5"}, true}, {"by", x.By, []string{"community", "street", "supervision"}, false},
			{"kinds", x.Kinds, []string{"consult", "help", "complaint", "report", "suggestion"}, true}} {
			if len(list.is) == 0 && !list.emptyIsAll || slices.ContainsFunc(list.is, func(v string) bool { return !slices.Contains(list.may, v) }) {
				bad("的 "+list.name+" 只能是 "+strings.Join(list.may, "、"), list.name+" must be of "+strings.Join(list.may, ", "))
			}
		}
	}
}
