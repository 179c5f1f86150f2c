package conditions

import (
	"math/rand/v2"
	"slices"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
)

// Examination is what trying a condition over the whole range of profiles found.
type Examination struct {
	Yes, No int  // profiles for which it held and did not
	Whole   bool // every kind of profile that the condition can tell apart was tried: what was not found is not there
}

// Never reports whether no profile was found for which the condition holds.
func (x Examination) Never() bool { return x.Yes == 0 }

// Always reports whether no profile was found for which it does not hold.
func (x Examination) Always() bool { return x.No == 0 }

// mostTries is how many profiles are tried. With more to try, as many are drawn at random.
const mostTries = 60000

// Examine tries a condition over the range of profiles: of every number the bounds of its range and each number it is
// compared with, and one more and one less; of every word each one named and one that is not; of a list each set of those
// named; yes and no. As long as every comparison is of one fact with fixed values, nothing else can come out between
// them and the examination is a proof; it says so in Whole. Profiles that contradict the size classes are left out.
func (c *Condition) Examine() Examination {
	values, whole := c.values()
	var idx []int
	total := 1
	for i := range all {
		if c.facts.has(i) {
			idx = append(idx, i)
			if total *= len(values[i]); total > mostTries*100 {
				total = mostTries * 100
			}
		}
	}
	out := Examination{Whole: whole && total <= mostTries}
	e := &Env{values: empty(), known: ^set(0)}
	r := rand.New(rand.NewPCG(uint64(len(c.text)), 7))
	machine := NewMachine()
	for n := range min(total, mostTries) {
		rest := n
		for _, i := range idx {
			at := rest % len(values[i])
			rest /= len(values[i])
			if total > mostTries {
				at = r.IntN(len(values[i]))
			}
			e.values[all[i].Name] = values[i][at]
		}
		if !c.possible(e) {
			continue
		}
		if c.Truth(e, machine) == Yes {
			out.Yes++
		} else {
			out.No++
		}
	}
	return out
}

// possible leaves out profiles whose size is not that of their measures.
func (c *Condition) possible(e *Env) bool {
	if !c.facts.has(index("size")) {
		return true
	}
	measures := map[string]int64{}
	word := func(name string) string {
		if !c.facts.has(index(name)) {
			return ""
		}
		return e.values[name].(string)
	}
	for _, name := range []string{"staff", "turnover", "assets"} {
		if c.facts.has(index(name)) {
			measures[name] = int64(e.values[name].(int))
		}
	}
	return couldBe(word("size"), word("sector"), word("branch"), measures)
}

// values are the values to try of each fact; false when a comparison is not of one fact with fixed values.
func (c *Condition) values() (map[int][]any, bool) {
	v := &constants{numbers: map[int][]int64{}, words: map[int][]string{}, whole: true}
	c.root.each(func(n *node) { v.compare(n.tree) })
	out := map[int][]any{}
	for i, f := range all {
		if !c.facts.has(i) {
			continue
		}
		switch f.Kind {
		case Bool:
			out[i] = []any{false, true}
		case Choice:
			words := slices.Clone(v.words[i])
			for _, o := range append(slices.Clone(f.Options), "-") { // one that is not named, if there is one
				if !slices.Contains(words, o) && (o != "-" || len(f.Options) == 0) {
					words = append(words, o)
					if f.Name != "size" && f.Name != "sector" && f.Name != "branch" { // which one can matter where classes depend on it
						break
					}
				}
			}
			for _, w := range words {
				out[i] = append(out[i], w)
			}
		case List:
			named := v.words[i]
			for some := range 1 << min(len(named), 10) {
				l := []string{}
				for k, w := range named {
					if k < 10 && some&(1<<k) != 0 {
						l = append(l, w)
					}
				}
				out[i] = append(out[i], l)
			}
		default:
			points := []int64{f.Min, f.Max}
			if c.facts.has(index("size")) { // where classes begin, other things change
				for _, rows := range scales {
					for _, s := range rows {
						if s.fact == f.Name {
							points = append(points, s.from[0], s.from[1], s.from[2])
						}
					}
				}
			}
			for _, k := range v.numbers[i] {
				points = append(points, k-1, k, k+1)
			}
			slices.Sort(points)
			for _, p := range slices.Compact(points) {
				if p >= f.Min && p <= f.Max {
					out[i] = append(out[i], int(p))
				}
			}
		}
	}
	return out, v.whole
}

// each calls fn with every atom below.
func (n *node) each(fn func(*node)) {
	if n.op == 'a' {
		fn(n)
		return
	}
	for _, k := range n.kids {
		k.each(fn)
	}
}

// constants are what facts are compared with.
type constants struct {
	numbers map[int][]int64
	words   map[int][]string
	whole   bool
}

func (v *constants) compare(n ast.Node) {
	switch x := n.(type) {
	case *ast.UnaryNode:
		v.compare(x.Node)
	case *ast.IdentifierNode, *ast.BoolNode: // a fact that is yes or no
	case *ast.BinaryNode:
		l, r := fact(x.Left), fact(x.Right)
		switch {
		case l >= 0 && asked(x.Right) == 0:
			v.note(l, x.Right)
		case r >= 0 && asked(x.Left) == 0:
			v.note(r, x.Left)
		case asked(n) != 0:
			v.whole = false
			for i := range all { // guesses, so that something is tried
				if asked(n).has(i) && (all[i].Kind == Number || all[i].Kind == Money) {
					v.numbers[i] = append(v.numbers[i], 1, 10, 100, 10*tenThousand, 1000*tenThousand, 100000*tenThousand)
				}
			}
		}
	default:
		v.whole = v.whole && asked(n) == 0
	}
}

func fact(n ast.Node) int {
	if id, ok := n.(*ast.IdentifierNode); ok {
		return index(id.Value)
	}
	return -1
}

// note keeps the fixed values that a fact is compared with.
func (v *constants) note(i int, n ast.Node) {
	switch x := n.(type) {
	case *ast.ArrayNode:
		for _, k := range x.Nodes {
			v.note(i, k)
		}
	case *ast.StringNode:
		if !slices.Contains(v.words[i], x.Value) {
			v.words[i] = append(v.words[i], x.Value)
		}
	case *ast.BinaryNode:
		if x.Operator == ".." {
			v.note(i, x.Left)
			v.note(i, x.Right)
			return
		}
		v.number(i, n)
	default:
		v.number(i, n)
	}
}

func (v *constants) number(i int, n ast.Node) {
	if k, ok := fixed(n); ok {
		v.numbers[i] = append(v.numbers[i], k)
		return
	}
	if _, isBool := n.(*ast.BoolNode); !isBool {
		v.whole = false
	}
}

// fixed is the value of an expression without facts.
func fixed(n ast.Node) (int64, bool) {
	out, err := expr.Eval(n.String(), empty())
	k, ok := out.(int)
	return int64(k), err == nil && ok
}
