package pack

import (
	"regexp"
	"slices"
	"strings"
)

// Explained is an entry of formalism.yaml: why something of the pack that comes near to what the national rule against
// formalism bars stays as it is (国办函〔2026〕12号). It explains routines, questions, counts and formulas of this pack; what the
// program itself asks is not the pack's to explain, and nothing makes a forbidden thing allowed.
type Explained struct {
	What string `yaml:"what"` // id as `weixiao doctor formalism` prints it; * stands for anything: question.*.since
	Rule string `yaml:"rule"`
	Text `yaml:",inline"`
}

const formalismFile = "formalism.yaml"

var explainable = regexp.MustCompile(`^(routine|question|count|formula)\.[a-z0-9_.*-]+$`)

// prohibitions are the rules an explanation may name.
var prohibitions = []string{"check_in", "ranking", "online_time", "install_rate", "photo", "track", "twice", "quota"}

// explained reads formalism.yaml; a pack without it explains nothing.
func (r *reader) explained() []Explained {
	var file struct {
		Explained []Explained `yaml:"explained"`
	}
	if !r.strict(formalismFile, &file) {
		return nil
	}
	at, seen := r.lines(formalismFile, "explained"), map[string]bool{}
	for i, x := range file.Explained {
		bad := func(zh, en string) { r.add(formalismFile, lineOf(at, i), zh, en) }
		if !explainable.MatchString(x.What) {
			bad("what 请照 weixiao doctor formalism 列出的编号写，只能说明本规则包的例行工作、问题、计数和公式", "what is an id of a routine, question, count or formula as weixiao doctor formalism prints it")
		}
		if !slices.Contains(prohibitions, x.Rule) {
			bad("rule 应为 "+strings.Join(prohibitions, "、")+" 之一", "rule must be one of "+strings.Join(prohibitions, " "))
		}
		if x.ZH == "" || x.EN == "" {
			bad("要用中文（zh）和英文（en）写明为什么保留", "say in zh and en why it stays")
		}
		if seen[x.What+" "+x.Rule] {
			bad("同一项同一条写了两遍", "the same is explained twice")
		}
		seen[x.What+" "+x.Rule] = true
	}
	return file.Explained
}
