package pack

import (
	"math"
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/parser"
)

// Expression is a formula that was checked: numbers, names, + - *, a division by a
// number, and share(a, b). It cannot fail when it is evaluated, and the order of
// its operations is fixed, so that every machine gets the same bits.
//
// It is written in expr-lang, of which it takes the arithmetic only: whatever can
// fail at run time (a division by a count, a string, an index, a call) is refused
// when the pack is checked.
type Expression struct {
	text string
	root node
}

// String is the formula as it was written.
func (e *Expression) String() string { return e.text }

// node is one step of an expression.
type node struct {
	op   byte // '#' number, 'n' name, '+' '-' '*' '/', 's' share
	num  float64
	name string
	args []*node
}

// maxFormula and maxNumber keep a formula readable and its result finite.
const (
	maxFormula = 1000
	maxNumber  = 1e6
)

// ParseFormula checks a formula that may use the names for which known is true.
// The problem, if there is one, says what to write instead.
func ParseFormula(text string, known func(name string) bool) (*Expression, *Text) {
	if len(text) > maxFormula {
		return nil, &Text{"公式太长，请分成几个", "the formula is too long; make several of it"}
	}
	tree, err := parser.Parse(text)
	if err != nil {
		first, _, _ := strings.Cut(err.Error(), "\n")
		return nil, &Text{"公式写得不对：" + first, "not a formula: " + first}
	}
	root, bad := convert(tree.Node, known)
	if bad != nil {
		return nil, bad
	}
	return &Expression{text, *root}, nil
}

func convert(n ast.Node, known func(string) bool) (*node, *Text) {
	switch x := n.(type) {
	case *ast.IntegerNode:
		return number(float64(x.Value))
	case *ast.FloatNode:
		return number(x.Value)
	case *ast.IdentifierNode:
		if !known(x.Value) {
			return nil, &Text{"不认识“" + x.Value + "”，只能用 counts 和前面公式的名称", x.Value + " is neither a count nor a formula above this one"}
		}
		return &node{op: 'n', name: x.Value}, nil
	case *ast.UnaryNode:
		if x.Operator != "-" && x.Operator != "+" {
			break
		}
		arg, bad := convert(x.Node, known)
		if bad != nil || x.Operator == "+" {
			return arg, bad
		}
		return &node{op: '-', args: []*node{{op: '#'}, arg}}, nil
	case *ast.BinaryNode:
		return convertBinary(x, known)
	case *ast.CallNode:
		if callee, ok := x.Callee.(*ast.IdentifierNode); ok && callee.Value == "share" {
			return convertShare(x.Arguments, known)
		}
	}
	return nil, &Text{"公式里只能有数、名称、+ - *、除以一个数，和 share(分子, 分母)", "a formula has numbers, names, + - *, division by a number, and share(part, whole), nothing else"}
}

func number(x float64) (*node, *Text) {
	if math.Abs(x) > maxNumber {
		return nil, &Text{"公式里的数太大", "a number in the formula is too large"}
	}
	return &node{op: '#', num: x}, nil
}

func convertBinary(x *ast.BinaryNode, known func(string) bool) (*node, *Text) {
	if !slices.Contains([]string{"+", "-", "*", "/"}, x.Operator) {
		return nil, &Text{"公式里不能用“" + x.Operator + "”，只能用 + - * /", "a formula cannot use " + x.Operator + ", only + - * /"}
	}
	l, bad := convert(x.Left, known)
	if bad != nil {
		return nil, bad
	}
	r, bad := convert(x.Right, known)
	if bad != nil {
		return nil, bad
	}
	if x.Operator == "/" && (r.op != '#' || r.num == 0) {
		return nil, &Text{"“/”后面只能是一个不为零的数；用件数作分母请写 share(分子, 分母)，分母为零时没有数值",
			"only a number that is not zero may stand after /; to divide by a count write share(part, whole), which gives no figure when the whole is zero"}
	}
	return &node{op: x.Operator[0], args: []*node{l, r}}, nil
}

func convertShare(args []ast.Node, known func(string) bool) (*node, *Text) {
	if len(args) != 2 {
		return nil, &Text{"share 要有两项：share(分子, 分母)", "share takes two things: share(part, whole)"}
	}
	out := &node{op: 's'}
	for _, a := range args {
		c, bad := convert(a, known)
		if bad != nil {
			return nil, bad
		}
		out.args = append(out.args, c)
	}
	return out, nil
}

// Eval computes the formula. NaN means that there is no figure: the whole of a
// share was zero, or what it is made of has no figure. It never is infinite.
func (e *Expression) Eval(get func(name string) float64) float64 {
	if x := e.root.eval(get); !math.IsInf(x, 0) {
		return x
	}
	return math.NaN()
}

// eval rounds after every operation: a fused multiply-add would give other bits on
// machines that have one.
func (n *node) eval(get func(string) float64) float64 {
	switch n.op {
	case '#':
		return n.num
	case 'n':
		return get(n.name)
	}
	a, b := n.args[0].eval(get), n.args[1].eval(get)
	switch n.op {
	case '+':
		return float64(a + b)
	case '-':
		return float64(a - b)
	case '*':
		return float64(a * b)
	case '/':
		return float64(a / b)
	}
	if !(b > 0) { // also when b has no figure
		return math.NaN()
	}
	return float64(a / b)
}

// Names are the names the formula uses, sorted, each once.
func (e *Expression) Names() []string {
	var out []string
	var walk func(*node)
	walk = func(n *node) {
		if n.op == 'n' {
			out = append(out, n.name)
		}
		for _, a := range n.args {
			walk(a)
		}
	}
	walk(&e.root)
	slices.Sort(out)
	return slices.Compact(out)
}

// Part is a name with its factor in a sum.
type Part struct {
	Name   string
	Factor float64
}

// Share takes a formula apart that is one share of a sum of counts in a whole:
// (solved + 0.8 * basic) of answered. ok is false for any other.
func (e *Expression) Share() (part []Part, whole []Part, ok bool) {
	if e.root.op != 's' {
		return nil, nil, false
	}
	part, c1, ok1 := e.root.args[0].linear()
	whole, c2, ok2 := e.root.args[1].linear()
	return part, whole, ok1 && ok2 && c1 == 0 && c2 == 0
}

// Sum takes a formula apart that is a sum of names with factors, and a constant.
func (e *Expression) Sum() (terms []Part, constant float64, ok bool) { return e.root.linear() }

// linear is the node as a sum, its terms sorted by name.
func (n *node) linear() (terms []Part, constant float64, ok bool) {
	switch n.op {
	case '#':
		return nil, n.num, true
	case 'n':
		return []Part{{n.name, 1}}, 0, true
	case 's':
		return nil, 0, false
	}
	a, ca, oka := n.args[0].linear()
	b, cb, okb := n.args[1].linear()
	if !oka || !okb {
		return nil, 0, false
	}
	switch n.op {
	case '+':
		return add(a, b, 1), ca + cb, true
	case '-':
		return add(a, b, -1), ca - cb, true
	case '*':
		if len(a) == 0 {
			return add(nil, b, ca), float64(ca * cb), true
		}
		return add(nil, a, cb), float64(ca * cb), len(b) == 0
	}
	return add(nil, a, 1/cb), ca / cb, true
}

func add(a, b []Part, factor float64) []Part {
	out := slices.Clone(a)
	for _, t := range b {
		f := float64(t.Factor * factor)
		if i := slices.IndexFunc(out, func(x Part) bool { return x.Name == t.Name }); i >= 0 {
			out[i].Factor += f
		} else {
			out = append(out, Part{t.Name, f})
		}
	}
	slices.SortFunc(out, func(x, y Part) int { return strings.Compare(x.Name, y.Name) })
	return out
}
