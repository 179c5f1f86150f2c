package pack

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"weixiao/internal/worktime"
)

// Scores is scores.yaml: how rates are computed from counts, and the rules of
// exclusions and appeals.
type Scores struct {
	// Counts are the names formulas may use; package assess counts them.
	Counts []Count `yaml:"counts"`
	// Formulas in order; a formula may use the ones before it by name.
	Formulas []Formula `yaml:"formulas"`
	// HideRankBelow is the number of scored cases below which a unit is shown
	// without a rank.
	HideRankBelow int `yaml:"hide_rank_below"`
	// Classes are ranked apart, never in one list.
	Classes   []Class   `yaml:"classes"`
	Exclusion Exclusion `yaml:"exclusion"`
	Appeal    Appeal    `yaml:"appeal"`

	// Version names formulas, classes and the least number for a rank: 12 hex digits
	// that change when any of them does.
	Version string `yaml:"-"`
}

// Count is a number of cases in a period.
type Count struct {
	Name string `yaml:"name"`
	Text `yaml:",inline"`
}

// Formula is an expression over counts and earlier formulas. Its result is a share
// of 1 unless Points is set.
type Formula struct {
	Name       string `yaml:"name"`
	Text       `yaml:",inline"`
	Expression string `yaml:"expression"`
	Points     bool   `yaml:"points"` // the result is in points, not a share
	Source     string `yaml:"source"`

	// Parsed is the expression, checked.
	Parsed *Expression `yaml:"-"`
}

// Class is a list in which units are compared.
type Class struct {
	Name  string   `yaml:"name"`
	Kinds []string `yaml:"kinds"` // kinds of units
	Text  `yaml:",inline"`
}

// Exclusion is when a case may leave the figures (剔除).
type Exclusion struct {
	AskWithin worktime.Limit `yaml:"ask_within"` // counted from the closing of the case
	Ceiling   float64        `yaml:"ceiling"`    // share of excluded cases above which pages warn
	Rules     []Ground       `yaml:"rules"`
	Source    string         `yaml:"source"`
}

// Appeal is how long a preview may be appealed against, and on which grounds.
type Appeal struct {
	Window worktime.Limit `yaml:"window"` // counted from the publication of the preview
	Source string         `yaml:"source"`
}

// Ground is one rule under which a case may be excluded.
type Ground struct {
	Code   string `yaml:"code"`
	Text   `yaml:",inline"`
	Source string `yaml:"source"`
}

// Rule is the exclusion rule of a code.
func (s *Scores) Rule(code string) (Ground, bool) {
	i := slices.IndexFunc(s.Exclusion.Rules, func(g Ground) bool { return g.Code == code })
	if i < 0 {
		return Ground{}, false
	}
	return s.Exclusion.Rules[i], true
}

// Formula is the formula of that name.
func (s *Scores) Formula(name string) (Formula, bool) {
	i := slices.IndexFunc(s.Formulas, func(f Formula) bool { return f.Name == name })
	if i < 0 {
		return Formula{}, false
	}
	return s.Formulas[i], true
}

// Counted are the names package assess can count. scores.yaml lists those the
// district shows, with its own words.
var Counted = []string{
	"received", "direct", "dispatched", "closed", "replied", "before_exclusion", "excluded", "scored",
	"signed_in_time", "contacted_in_time", "contact_confirmed", "closed_in_time", "handed_back", "extended", "reworked", "repeated", "done_at_once",
	"visited", "unreached", "answered", "solved", "basic", "part", "rated", "very_satisfied", "satisfied", "fairly_satisfied", "dissatisfied", "very_dissatisfied",
	"claimed_solved", "false_closed", "recurred_7", "recurred_30", "recurred_90",
	"called", "arrived", "arrived_in_time", "unit_1", "unit_2", "unit_3", "unit_4", "unit_5",
	"blown", "street_1", "street_2", "street_3", "street_4", "street_5", "needed", "not_needed",
}

var identifier = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

const scoresFile = "scores.yaml"

func (r *reader) scores() Scores {
	var s Scores
	if !r.strict(scoresFile, &s) {
		return s
	}
	names := map[string]bool{}
	take := func(at []spot, i int, name string, t Text) {
		switch {
		case !identifier.MatchString(name):
			r.add(scoresFile, lineOf(at, i), "名称“"+name+"”只能用小写字母、数字和下划线", "name "+name+" must be lower case letters, digits and _")
		case names[name]:
			r.add(scoresFile, lineOf(at, i), "名称“"+name+"”重复", "name "+name+" is used twice")
		case t.ZH == "" || t.EN == "":
			r.add(scoresFile, lineOf(at, i), name+" 要有中文（zh）和英文（en）", name+" needs zh and en")
		}
		names[name] = true
	}
	at := r.lines(scoresFile, "counts")
	for i, c := range s.Counts {
		if !slices.Contains(Counted, c.Name) {
			r.add(scoresFile, lineOf(at, i), "程序不统计“"+c.Name+"”，可用的有 "+strings.Join(Counted, "、"), "nobody counts "+c.Name+"; there are "+strings.Join(Counted, ", "))
		}
		take(at, i, c.Name, c.Text)
	}
	at = r.lines(scoresFile, "formulas")
	for i := range s.Formulas {
		f := &s.Formulas[i]
		// The expression is parsed before its own name is known: no circles.
		if bad := s.parse(i, func(name string) bool { return names[name] }); bad != nil {
			r.add(scoresFile, lineOf(at, i), f.Name+" 的公式有误："+bad.ZH, f.Name+": "+bad.EN)
		}
		if f.Source == "" {
			r.add(scoresFile, lineOf(at, i), f.Name+" 要写明出处（source）", f.Name+" needs a source")
		}
		take(at, i, f.Name, f.Text)
	}
	r.scoreRules(&s)
	s.Version = s.version()
	return s
}

// parse checks one formula. A name of this formula or of a later one is told apart
// from an unknown one: it would go in a circle.
func (s *Scores) parse(i int, known func(string) bool) *Text {
	f := &s.Formulas[i]
	circle := ""
	e, bad := ParseFormula(f.Expression, func(name string) bool {
		if !known(name) && slices.ContainsFunc(s.Formulas[i:], func(x Formula) bool { return x.Name == name }) {
			circle = name
		}
		return known(name)
	})
	if circle != "" {
		return &Text{"不能用“" + circle + "”：它就是自己，或者排在后面，公式会循环", "cannot use " + circle + ": it is the formula itself or stands below it, and formulas may not go in circles"}
	}
	f.Parsed = e
	return bad
}

// scoreRules checks what is not a formula.
func (r *reader) scoreRules(s *Scores) {
	if s.HideRankBelow < 1 {
		r.add(scoresFile, 0, "hide_rank_below 要填最少多少件才排名", "hide_rank_below must say how many cases a rank needs")
	}
	if _, ok := s.Formula(Ranked); !ok {
		r.add(scoresFile, 0, "要有名为 "+Ranked+" 的公式，排名按它排", "there must be a formula "+Ranked+": ranks go by it")
	}
	x := s.Exclusion
	if x.AskWithin.IsZero() || x.Source == "" || x.Ceiling <= 0 || x.Ceiling > 1 || len(x.Rules) == 0 {
		r.add(scoresFile, 0, "exclusion 要有 ask_within（如 10 workday）、ceiling（0 到 1）、source 和至少一条 rules", "exclusion needs ask_within (such as 10 workday), ceiling (0 to 1), source, and at least one of rules")
	}
	if s.Appeal.Window.IsZero() || s.Appeal.Source == "" {
		r.add(scoresFile, 0, "appeal 要有 window（如 5 workday）和 source", "appeal needs window (such as 5 workday) and source")
	}
	seen := map[string]bool{}
	for _, g := range x.Rules {
		switch {
		case !identifier.MatchString(g.Code) || seen[g.Code]:
			r.add(scoresFile, 0, "剔除规则的编号“"+g.Code+"”重复，或者不是小写字母、数字和下划线", "code "+g.Code+" of an exclusion rule is used twice, or is not lower case letters, digits and _")
		case g.ZH == "" || g.EN == "" || g.Source == "":
			r.add(scoresFile, 0, "剔除规则 "+g.Code+" 要有 zh、en 和 source", "exclusion rule "+g.Code+" needs zh, en and source")
		}
		seen[g.Code] = true
	}
}

// Ranked is the formula units are ranked by.
const Ranked = "combined"

func (s *Scores) version() string {
	sum := sha256.New()
	for _, f := range s.Formulas {
		fmt.Fprintf(sum, "%s=%s %t\n", f.Name, f.Expression, f.Points)
	}
	for _, c := range s.Classes {
		fmt.Fprintf(sum, "%s: %s\n", c.Name, strings.Join(c.Kinds, " "))
	}
	fmt.Fprintf(sum, "%d\n", s.HideRankBelow)
	return hex.EncodeToString(sum.Sum(nil))[:12]
}

// With returns the scores with other expressions, for a dry run; problems are by
// the name of the formula.
func (s Scores) With(expressions map[string]string) (Scores, map[string]Text) {
	s.Formulas = slices.Clone(s.Formulas)
	problems := map[string]Text{}
	known := map[string]bool{}
	for _, c := range s.Counts {
		known[c.Name] = true
	}
	for i := range s.Formulas {
		f := &s.Formulas[i]
		if e, ok := expressions[f.Name]; ok {
			f.Expression = strings.TrimSpace(e)
		}
		if bad := s.parse(i, func(name string) bool { return known[name] }); bad != nil {
			problems[f.Name] = *bad
		}
		known[f.Name] = true
	}
	s.Version = s.version()
	return s, problems
}

// Formulas parses formulas as an act kept them: their names with expressions, in
// order. Whatever they name beside each other are counts.
func Formulas(list []Formula) ([]Formula, error) {
	s := Scores{Formulas: slices.Clone(list)}
	for i := range s.Formulas {
		if bad := s.parse(i, func(string) bool { return true }); bad != nil {
			return nil, fmt.Errorf("pack: formula %s: %s", s.Formulas[i].Name, bad.EN)
		}
	}
	return s.Formulas, nil
}
