package conditions

import (
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"

	"weixiao/internal/words"
)

// Namer names a member of a fact that the district brings, such as a street; "" = by the message catalogue.
type Namer func(fact, value string) string

// Explain is the whole condition in words, one line for each part.
func (c *Condition) Explain(l words.Lang, name Namer) (out []string) {
	for _, p := range c.parts {
		out = append(out, explain(p, l, name))
	}
	return out
}

// Text is the part in words.
func (p Part) Text(l words.Lang, name Namer) string { return explain(p.node, l, name) }

// Explain is the amount in words.
func (a *Amount) Explain(l words.Lang, name Namer) string {
	if a.facts == 0 {
		if fen, ok := fixed(a.tree); ok {
			return words.Money(l, fen)
		}
	}
	return speaker{l, name}.value(a.tree, true)
}

// FactName is what a fact is called.
func FactName(l words.Lang, fact string) string { return words.T(l, "fact."+fact) }

// ValueName is what a member of a fact is called.
func ValueName(l words.Lang, fact, value string, name Namer) string {
	if name != nil {
		if s := name(fact, value); s != "" {
			return s
		}
	}
	return words.First(l, "fact."+fact+"."+value, "firm.sector."+value)
}

func explain(n *node, l words.Lang, name Namer) string {
	if n.op == 'a' {
		return speaker{l, name}.atom(n.tree)
	}
	var parts []string
	for _, k := range n.kids {
		s := explain(k, l, name)
		if k.op != 'a' {
			s = words.T(l, "condition.group", s)
		}
		parts = append(parts, s)
	}
	if n.op == '&' {
		return strings.Join(parts, words.T(l, "condition.and"))
	}
	return strings.Join(parts, words.T(l, "condition.or"))
}

type speaker struct {
	l    words.Lang
	name Namer
}

var opposite = map[string]string{"==": "!=", "!=": "==", "<": ">=", "<=": ">", ">": "<=", ">=": "<", "in": "not in", "not in": "in"}

var mirrored = map[string]string{"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}

func (s speaker) atom(n ast.Node) string {
	not := false
	for {
		u, ok := n.(*ast.UnaryNode)
		if !ok || u.Operator == "-" {
			break
		}
		not, n = !not, u.Node
	}
	switch x := n.(type) {
	case *ast.BoolNode:
		if x.Value != not {
			return words.T(s.l, "condition.everybody")
		}
		return words.T(s.l, "condition.nobody")
	case *ast.IdentifierNode:
		if not {
			return words.T(s.l, "fact."+x.Value+".not")
		}
		return words.T(s.l, "fact."+x.Value+".is")
	case *ast.BinaryNode:
		return s.comparison(x, not)
	}
	return n.String()
}

func (s speaker) comparison(x *ast.BinaryNode, not bool) string {
	left, right, op := x.Left, x.Right, x.Operator
	if f := fact(right); f >= 0 && all[f].Kind == List && op == "in" {
		key := "condition.has"
		if not {
			key = "condition.lacks"
		}
		return words.T(s.l, key, FactName(s.l, all[f].Name), s.members(all[f].Name, left))
	}
	if fact(left) < 0 && fact(right) >= 0 && mirrored[op] != "" {
		left, right, op = right, left, mirrored[op]
	}
	if not {
		op = opposite[op]
	}
	isMoney, name := false, ""
	for i := range all {
		if asked(x).has(i) {
			isMoney = isMoney || all[i].Kind == Money
		}
	}
	if f := fact(left); f >= 0 {
		name = all[f].Name
	}
	return words.T(s.l, "condition."+key(op), s.value(left, isMoney), s.right(name, right, isMoney))
}

func key(op string) string {
	return map[string]string{"==": "equal", "!=": "unequal", "<": "below", "<=": "most", ">": "above", ">=": "least", "in": "among", "not in": "outside"}[op]
}

func (s speaker) right(fact string, n ast.Node, isMoney bool) string {
	switch x := n.(type) {
	case *ast.ArrayNode, *ast.StringNode:
		return s.members(fact, n)
	case *ast.BinaryNode:
		if x.Operator == ".." {
			return words.T(s.l, "condition.range", s.value(x.Left, isMoney), s.value(x.Right, isMoney))
		}
	}
	return s.value(n, isMoney)
}

func (s speaker) members(fact string, n ast.Node) string {
	if list := literals(n); len(list) > 0 {
		var out []string
		for _, v := range list {
			out = append(out, ValueName(s.l, fact, v, s.name))
		}
		return strings.Join(out, words.T(s.l, "condition.list"))
	}
	var out []string
	if a, ok := n.(*ast.ArrayNode); ok {
		for _, k := range a.Nodes {
			out = append(out, s.value(k, false))
		}
	}
	return strings.Join(out, words.T(s.l, "condition.list"))
}

var helpers = []string{"percent", "least", "most"}

func (s speaker) value(n ast.Node, isMoney bool) string {
	if asked(n) == 0 {
		if v, ok := fixed(n); ok {
			if isMoney {
				return words.Money(s.l, v)
			}
			return words.Count(s.l, v)
		}
	}
	switch x := n.(type) {
	case *ast.IdentifierNode:
		return FactName(s.l, x.Value)
	case *ast.StringNode:
		return x.Value
	case *ast.BinaryNode:
		return words.T(s.l, "condition."+map[string]string{"+": "plus", "-": "minus", "*": "times"}[x.Operator], s.value(x.Left, isMoney && x.Operator != "*"), s.value(x.Right, isMoney))
	case *ast.CallNode:
		if id, ok := x.Callee.(*ast.IdentifierNode); ok && slices.Contains(helpers, id.Value) && len(x.Arguments) == 2 {
			return words.T(s.l, "condition."+id.Value+"_of", s.value(x.Arguments[0], isMoney), s.value(x.Arguments[1], isMoney && id.Value != "percent"))
		}
	}
	return n.String()
}
