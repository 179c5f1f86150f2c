package conditions

import (
	"slices"
	"strings"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/parser"
	"github.com/expr-lang/expr/vm"
)

const maxText = 1000

var (
	units    = []string{"yuan", "wan", "yi"}
	joining  = []string{"&&", "and", "||", "or"}
	compares = []string{"==", "!=", "<", "<=", ">", ">=", "in"}
	sums     = []string{"+", "-", "*"}
)

// options of every compilation: the typed environment, no builtins, the helpers of amounts.
func options(more ...expr.Option) []expr.Option {
	return append([]expr.Option{expr.Env(empty()), expr.DisableAllBuiltins(), expr.MaxNodes(200),
		expr.Function("percent", percentOf, new(func(int, int) int)), expr.Function("least", leastOf, new(func(int, int) int)), expr.Function("most", mostOf, new(func(int, int) int))}, more...)
}

// percentOf is n hundredths of an amount, rounded down to the fen.
func percentOf(p ...any) (any, error) {
	return p[0].(int)/100*p[1].(int) + p[0].(int)%100*p[1].(int)/100, nil
}
func leastOf(p ...any) (any, error) { return min(p[0].(int), p[1].(int)), nil }
func mostOf(p ...any) (any, error)  { return max(p[0].(int), p[1].(int)), nil }

// Compile reads a condition. The error is an *Error that says what to write instead.
func Compile(text string) (*Condition, error) {
	tree, err := read(text)
	if err != nil {
		return nil, err
	}
	if _, err := expr.Compile(text, options(expr.AsBool())...); err != nil {
		return nil, wrong("条件写得不对：%s", "the condition is wrong: %s", first(err))
	}
	root, err := build(tree, false)
	if err != nil {
		return nil, err
	}
	c := &Condition{text: strings.TrimSpace(text), root: root, facts: asked(tree), parts: []*node{root}}
	if root.op == '&' {
		c.parts = root.kids
	}
	return c, nil
}

// CompileAmount reads an amount in fen: a fixed one such as 20 * wan, or one that follows from the profile such as
// percent(equipment, 10).
func CompileAmount(text string) (*Amount, error) {
	tree, err := read(text)
	if err != nil {
		return nil, err
	}
	prog, err := expr.Compile(text, options(expr.AsInt())...)
	if err != nil {
		return nil, wrong("金额写得不对：%s", "the amount is wrong: %s", first(err))
	}
	if bad := check(tree, false); bad != nil {
		return nil, bad
	}
	return &Amount{text: strings.TrimSpace(text), tree: tree, prog: prog, facts: asked(tree)}, nil
}

func read(text string) (ast.Node, error) {
	if strings.TrimSpace(text) == "" {
		return nil, wrong("没有填写表达式", "there is no expression")
	}
	if len(text) > maxText {
		return nil, wrong("表达式太长，最多 %d 个字符", "the expression is too long, at most %d characters", maxText)
	}
	tree, err := parser.Parse(text)
	if err != nil {
		return nil, wrong("表达式写得不对：%s", "not an expression: %s", first(err))
	}
	return tree.Node, nil
}

func first(err error) string { s, _, _ := strings.Cut(err.Error(), "\n"); return s }

// build makes the tree of and, or and atoms; a negation goes down to the atoms.
func build(n ast.Node, not bool) (*node, error) {
	switch x := n.(type) {
	case *ast.UnaryNode:
		if x.Operator == "!" || x.Operator == "not" {
			return build(x.Node, !not)
		}
	case *ast.BinaryNode:
		if slices.Contains(joining, x.Operator) {
			and := x.Operator == "&&" || x.Operator == "and"
			l, err := build(x.Left, not)
			if err != nil {
				return nil, err
			}
			r, err := build(x.Right, not)
			if err != nil {
				return nil, err
			}
			op := byte('|')
			if and != not {
				op = '&'
			}
			out := &node{op: op, tree: negated(n, not)}
			for _, k := range []*node{l, r} { // a && b && c is one list
				if k.op == op {
					out.kids = append(out.kids, k.kids...)
				} else {
					out.kids = append(out.kids, k)
				}
			}
			return out, nil
		}
	}
	return atom(n, not)
}

func negated(n ast.Node, not bool) ast.Node {
	if not {
		return &ast.UnaryNode{Operator: "not", Node: n}
	}
	return n
}

func atom(n ast.Node, not bool) (*node, error) {
	if bad := check(n, true); bad != nil {
		return nil, bad
	}
	tree := negated(n, not)
	prog, err := expr.Compile(tree.String(), options(expr.AsBool())...)
	if err != nil {
		return nil, wrong("条件写得不对：%s", "the condition is wrong: %s", first(err))
	}
	out := &node{op: 'a', tree: tree, prog: prog, facts: asked(n)}
	if out.facts == 0 {
		out.fixed = No
		if v, err := vm.Run(prog, empty()); err == nil && v == true {
			out.fixed = Yes
		}
	}
	return out, nil
}

// check refuses whatever could fail when it is evaluated, or that nobody could read.
func check(n ast.Node, boolean bool) error {
	switch x := n.(type) {
	case *ast.IntegerNode, *ast.StringNode, *ast.BoolNode:
		return nil
	case *ast.IdentifierNode:
		if index(x.Value) < 0 && !slices.Contains(units, x.Value) {
			return wrong("没有“%s”这一项，可用的有：%s", "there is no fact %s; there are: %s", x.Value, strings.Join(names(), "、"))
		}
		return nil
	case *ast.ArrayNode:
		return checkAll(x.Nodes)
	case *ast.CallNode:
		return checkAll(x.Arguments)
	case *ast.BinaryNode:
		if slices.Contains(sums, x.Operator) || x.Operator == ".." || boolean && slices.Contains(compares, x.Operator) {
			if err := member(x); err != nil {
				return err
			}
			return checkAll([]ast.Node{x.Left, x.Right})
		}
		return wrong("不能用“%s”：条件可用 %s 和 并且 and、或者 or、不 not；百分比请写 percent(金额, 数)", "%s cannot be used here: %s, and, or, not; write percent(amount, n) for shares", x.Operator, strings.Join(append(compares, sums...), " "))
	case *ast.UnaryNode:
		if x.Operator == "-" || boolean && (x.Operator == "not" || x.Operator == "!") {
			return check(x.Node, boolean)
		}
	}
	return wrong("“%s”不能用在这里：请只用企业档案里的项目、数字、比较和 and、or、not", "%s cannot be used here: use facts of the profile, numbers, comparisons, and, or, not", n.String())
}

func checkAll(list []ast.Node) error {
	for _, n := range list {
		if err := check(n, true); err != nil {
			return err
		}
	}
	return nil
}

// member refuses words that a fact can never have: size == "tiny" is a slip, not a condition.
func member(x *ast.BinaryNode) error {
	for _, pair := range [][2]ast.Node{{x.Left, x.Right}, {x.Right, x.Left}} {
		id, ok := pair[0].(*ast.IdentifierNode)
		if !ok {
			continue
		}
		f, ok := FactOf(id.Value)
		if !ok || len(f.Options) == 0 {
			continue
		}
		for _, s := range literals(pair[1]) {
			if !slices.Contains(f.Options, s) {
				return wrong("“%s”没有“%s”这个取值，可用的有：%s", "%s is never %s; it can be: %s", f.Name, s, strings.Join(f.Options, "、"))
			}
		}
	}
	return nil
}

func literals(n ast.Node) (out []string) {
	switch x := n.(type) {
	case *ast.StringNode:
		return []string{x.Value}
	case *ast.ArrayNode:
		for _, k := range x.Nodes {
			out = append(out, literals(k)...)
		}
	}
	return out
}

func names() (out []string) {
	for _, f := range all {
		out = append(out, f.Name)
	}
	return append(out, units...)
}

// asked are the facts in an expression.
func asked(n ast.Node) set {
	v := &finder{}
	ast.Walk(&n, v)
	return v.facts
}

type finder struct{ facts set }

func (v *finder) Visit(n *ast.Node) {
	if id, ok := (*n).(*ast.IdentifierNode); ok {
		if i := index(id.Value); i >= 0 {
			v.facts |= 1 << i
		}
	}
}
