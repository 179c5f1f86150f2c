package pack

import (
	"regexp"
	"strings"

	"github.com/expr-lang/expr"
)

// Scores is scores.yaml: how rates are computed from counts.
type Scores struct {
	// Counts are the names formulas may use; package assess counts them.
	Counts []Count `yaml:"counts"`
	// Formulas in order; a formula may use the ones before it by name.
	Formulas []Formula `yaml:"formulas"`
	// HideRankBelow is the number of scored cases below which a unit is shown
	// without a rank.
	HideRankBelow int `yaml:"hide_rank_below"`
	// Classes are ranked apart, never in one list.
	Classes []Class `yaml:"classes"`
}

// Count is a number of cases in a period.
type Count struct {
	Name string `yaml:"name"`
	Text `yaml:",inline"`
}

// Formula is an expression of expr-lang over counts and earlier formulas. Its
// result is a share of 1 unless Points is set.
type Formula struct {
	Name       string `yaml:"name"`
	Text       `yaml:",inline"`
	Expression string `yaml:"expression"`
	Points     bool   `yaml:"points"` // the result is in points, not a share
	Source     string `yaml:"source"`
}

// Class is a list in which units are compared.
type Class struct {
	Name  string   `yaml:"name"`
	Kinds []string `yaml:"kinds"` // kinds of units
	Text  `yaml:",inline"`
}

var identifier = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

func (r *reader) scores() Scores {
	var s Scores
	if !r.strict("scores.yaml", &s) {
		return s
	}
	names := map[string]any{}
	take := func(at []spot, i int, name string, t Text) {
		switch _, twice := names[name]; {
		case !identifier.MatchString(name):
			r.add("scores.yaml", lineOf(at, i), "名称“"+name+"”只能用小写字母、数字和下划线", "name "+name+" must be lower case letters, digits and _")
		case twice:
			r.add("scores.yaml", lineOf(at, i), "名称“"+name+"”重复", "name "+name+" is used twice")
		case t.ZH == "" || t.EN == "":
			r.add("scores.yaml", lineOf(at, i), name+" 要有中文（zh）和英文（en）", name+" needs zh and en")
		}
		names[name] = 0.0
	}
	at := r.lines("scores.yaml", "counts")
	for i, c := range s.Counts {
		take(at, i, c.Name, c.Text)
	}
	at = r.lines("scores.yaml", "formulas")
	for i, f := range s.Formulas {
		// The expression is compiled before its own name is known: no circles.
		if _, err := expr.Compile(f.Expression, expr.Env(names), expr.AsFloat64(), expr.DisableAllBuiltins(), expr.MaxNodes(100)); err != nil {
			first, _, _ := strings.Cut(err.Error(), "\n")
			r.add("scores.yaml", lineOf(at, i), f.Name+" 的公式有误，只能用 counts 和前面公式的名称："+first, f.Name+": "+first)
		}
		if f.Source == "" {
			r.add("scores.yaml", lineOf(at, i), f.Name+" 要写明出处（source）", f.Name+" needs a source")
		}
		take(at, i, f.Name, f.Text)
	}
	return s
}
