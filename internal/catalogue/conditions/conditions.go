// Package conditions are the conditions under which a firm may get something, written as expressions over what its
// profile says:
//
//	size in ["small", "micro"] && taxes >= 50 * wan && not dishonest
//
// An expression is compiled against the facts of a profile when it is saved, and judged with three values: a fact that
// nobody stated makes a condition unknown, not false, and the answer names what is missing.
//
//	facts.go      Facts of a profile; what can be asked about, with the bounds of each
//	size.go       the national size classes
//	parse.go      Compile: which expressions are conditions and which are amounts
//	judge.go      Judge: yes, no or unknown, part by part; Amount in fen
//	domain.go     Examine: conditions that can never be true, or always are
//	explain.go    an expression in words
//
// Amounts are written with the units yuan, wan (10,000 yuan) and yi (100,000,000 yuan) and computed in fen, exactly.
package conditions

import (
	"fmt"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/vm"
)

// Truth is one of three values.
type Truth int8

// The three values. The zero value is Unknown: nobody said.
const (
	Unknown Truth = iota
	No
	Yes
)

func (t Truth) String() string { return [...]string{"unknown", "no", "yes"}[t] }

// Condition is an expression that was compiled. It may be used by many at once.
type Condition struct {
	text  string
	root  *node
	parts []*node // what is joined by "and" at the top: each is said to hold, not to hold, or not to be known
	facts set
}

// String is the condition as it was written.
func (c *Condition) String() string { return c.text }

// Facts are the names of the facts that the condition asks about, in the order of All.
func (c *Condition) Facts() []string { return c.facts.names() }

// Amount is an amount of money that depends on a profile, or a fixed one.
type Amount struct {
	text  string
	tree  ast.Node
	prog  *vm.Program
	facts set
}

// String is the amount as it was written.
func (a *Amount) String() string { return a.text }

// Facts are the names of the facts that the amount asks about.
func (a *Amount) Facts() []string { return a.facts.names() }

// node is a condition: an atom that the compiled program decides, or others joined by and, or or.
type node struct {
	op   byte // 'a' atom, '&', '|'
	kids []*node
	tree ast.Node // of what this is, for words
	// of an atom
	prog  *vm.Program
	facts set
	fixed Truth // an atom without facts
}

// Error says what is wrong with an expression, in both languages.
type Error struct{ ZH, EN string }

func (e *Error) Error() string { return "conditions: " + e.EN }

func wrong(zh, en string, args ...any) error {
	return &Error{fmt.Sprintf(zh, args...), fmt.Sprintf(en, args...)}
}
