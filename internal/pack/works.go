package pack

import (
	"math/big"
	"slices"
	"strings"
)

// Works is the ledger of public works: works.yaml. Lengths are kept in mm, areas in cm2, so that sums are exact.
type Works struct {
	Source string       `yaml:"source"`
	Office []string     `yaml:"office"` // units that keep the ledger
	Kinds  []WorkKind   `yaml:"kinds"`
	Works  []PublicWork `yaml:"works"`
}

// WorkKind is a kind of quantity.
type WorkKind struct {
	Named   `yaml:",inline"`
	Measure string `yaml:"measure"` // km, m2, piece
	Source  string `yaml:"source"`
}

// PublicWork is one work that the pack brings, in sections.
type PublicWork struct {
	Name     string        `yaml:"name"`
	Unit     string        `yaml:"unit"`
	Budget   string        `yaml:"budget"`
	Paid     string        `yaml:"paid"`
	Sections []WorkSection `yaml:"sections"`
	Source   string        `yaml:"source"`
	MadeUp   []string      `yaml:"made_up"` // all, or names of keys
}

// WorkSection is a part of a work with one quantity.
type WorkSection struct {
	Name     string `yaml:"name"`
	Kind     string `yaml:"kind"`
	Quantity string `yaml:"quantity"` // in the measure of its kind: 12.4
	Town     string `yaml:"town"`
	Began    string `yaml:"began"`
	Done     string `yaml:"done"` // "" = under way
}

// Measures are the units of quantities with the number of smallest steps in each: mm in a km, cm2 in a m2.
var Measures = map[string]int64{"km": 1_000_000, "m2": 10_000, "piece": 1}

// Kind finds a kind of quantity.
func (w *Works) Kind(id string) (WorkKind, bool) {
	i := slices.IndexFunc(w.Kinds, func(k WorkKind) bool { return k.ID == id })
	if i < 0 {
		return WorkKind{}, false
	}
	return w.Kinds[i], true
}

// Steps reads a quantity in the measure as a whole number of its smallest steps; false if it is finer than they are.
func Steps(s, measure string) (int64, bool) {
	x, ok := new(big.Rat).SetString(strings.TrimSpace(s))
	if !ok || x.Sign() <= 0 || strings.ContainsAny(s, "/eE") || len(s) > 20 {
		return 0, false
	}
	x.Mul(x, new(big.Rat).SetInt64(Measures[measure]))
	if !x.IsInt() || !x.Num().IsInt64() || x.Num().Int64() > 1e15 {
		return 0, false
	}
	return x.Num().Int64(), true
}

// InMeasure writes a number of steps in the measure, exactly and without zeros at its end.
func InMeasure(n int64, measure string) string {
	per := Measures[measure]
	if per <= 1 {
		return big.NewInt(n).String()
	}
	s := new(big.Rat).SetFrac64(n, per).FloatString(6)
	return strings.TrimRight(strings.TrimRight(s, "0"), ".")
}

// works reads works.yaml; nil for a pack without it.
func (r *reader) works(p *Pack) *Works {
	const file = "works.yaml"
	x := &Works{}
	if !r.strict(file, x) {
		return nil
	}
	c := &lister{r, file, true}
	if x.Source == "" || len(x.Office) == 0 || len(x.Kinds) == 0 {
		c.bad(0, "source、office 和 kinds 都要写", "source, office and kinds must be given")
	}
	for _, u := range x.Office {
		c.unit(0, "office", u, p.Directory, false)
	}
	at, seen := r.lines(file, "kinds"), map[string]bool{}
	for i, k := range x.Kinds {
		if !routineKey.MatchString(k.ID) || seen[k.ID] || k.ZH == "" || k.EN == "" || k.Source == "" || Measures[k.Measure] == 0 {
			c.bad(lineOf(at, i), "kinds 的“%s”：id 要不重复，zh、en、source 都要写，measure 应为 km、m2 或 piece", "kinds %s: the id must be its own, with zh, en and source; measure must be km, m2 or piece", k.ID)
		}
		seen[k.ID] = true
	}
	at, seen = r.lines(file, "works"), map[string]bool{}
	for i, w := range x.Works {
		line := lineOf(at, i)
		if w.Name == "" || seen[w.Name] || w.Source == "" || len(w.Sections) == 0 {
			c.bad(line, "工程“%s”：name 要不重复，source 和 sections 都要写", "work %s: the name must be its own; source and sections must be given", w.Name)
		}
		seen[w.Name] = true
		c.unit(line, w.Name, w.Unit, p.Directory, false)
		if c.money(line, w.Name, w.Paid, true) > c.money(line, w.Name, w.Budget, true) {
			c.bad(line, "%s：已付的多于预算", "%s: more is paid than budgeted", w.Name)
		}
		for _, s := range w.Sections {
			c.section(line, x, s, p)
		}
	}
	if !c.good {
		return nil
	}
	return x
}

func (c *lister) section(line int, x *Works, s WorkSection, p *Pack) {
	k, ok := x.Kind(s.Kind)
	if _, exact := Steps(s.Quantity, k.Measure); !ok || !exact || s.Name == "" {
		c.bad(line, "标段“%s”：kind 要在 kinds 里，quantity 要是正数，最细到毫米或平方厘米", "section %s: kind must be one of kinds, quantity positive and not finer than mm or cm2", s.Name)
	}
	c.unit(line, s.Name, s.Town, p.Directory, true)
	c.day(line, s.Name, s.Began)
	if s.Done != "" {
		c.day(line, s.Name, s.Done)
		if s.Done < s.Began {
			c.bad(line, "标段“%s”：完工 %s 早于开工 %s", "section %s: done on %s, before it began on %s", s.Name, s.Done, s.Began)
		}
	}
}
