package conditions

import (
	"slices"

	"github.com/expr-lang/expr/vm"
)

// Part is one of the conditions that are joined by "and", as it stands for a profile.
type Part struct {
	Truth   Truth
	Missing []string // facts to state, when it is not known
	node    *node
}

// Verdict is what came of judging a condition.
type Verdict struct {
	Truth Truth
	Parts []Part
}

// Missing are the facts to state before more is known, each once, in the order of the parts.
func (v *Verdict) Missing() (out []string) {
	for _, p := range v.Parts {
		for _, m := range p.Missing {
			if !slices.Contains(out, m) {
				out = append(out, m)
			}
		}
	}
	return out
}

// Judge decides a condition for a profile, part by part. f is what e was made of.
func (c *Condition) Judge(e *Env, f *Facts) Verdict {
	out := Verdict{Truth: Yes}
	var machine vm.VM
	for _, p := range c.parts {
		t := p.judge(e, &machine)
		part := Part{Truth: t, node: p}
		if t == Unknown {
			part.Missing = p.missing(e, f, &machine)
		}
		out.Parts = append(out.Parts, part)
		out.Truth = and(out.Truth, t)
	}
	return out
}

// Machine runs conditions one after the other; it is for one goroutine.
type Machine struct{ vm vm.VM }

// NewMachine makes one.
func NewMachine() *Machine { return &Machine{} }

// Truth is Judge without the parts, for many firms at once.
func (c *Condition) Truth(e *Env, m *Machine) Truth { return c.root.judge(e, &m.vm) }

func and(a, b Truth) Truth {
	switch {
	case a == No || b == No:
		return No
	case a == Unknown || b == Unknown:
		return Unknown
	}
	return Yes
}

func (n *node) judge(e *Env, machine *vm.VM) Truth {
	switch n.op {
	case '&':
		out := Yes
		for _, k := range n.kids {
			if out = and(out, k.judge(e, machine)); out == No {
				return No
			}
		}
		return out
	case '|':
		out := No
		for _, k := range n.kids {
			switch k.judge(e, machine) {
			case Yes:
				return Yes
			case Unknown:
				out = Unknown
			}
		}
		return out
	}
	switch {
	case n.fixed != Unknown:
		return n.fixed
	case n.facts&^e.known != 0:
		return Unknown
	}
	// The programs hold nothing that can fail; one that did would leave the condition undecided, not granted.
	switch v, err := machine.Run(n.prog, e.values); {
	case err != nil:
		return Unknown
	case v == true:
		return Yes
	}
	return No
}

// missing are the facts that the undecided atoms below lack.
func (n *node) missing(e *Env, f *Facts, machine *vm.VM) (out []string) {
	if n.op != 'a' {
		for _, k := range n.kids {
			if k.judge(e, machine) == Unknown {
				for _, m := range k.missing(e, f, machine) {
					if !slices.Contains(out, m) {
						out = append(out, m)
					}
				}
			}
		}
		return out
	}
	for _, name := range (n.facts &^ e.known).names() {
		out = append(out, f.missing(name)...)
	}
	return out
}

// Of is the amount for a profile in fen, never negative. Not known, it says what is missing.
func (a *Amount) Of(e *Env, f *Facts) (fen int64, missing []string) {
	for _, name := range (a.facts &^ e.known).names() {
		missing = append(missing, f.missing(name)...)
	}
	if len(missing) > 0 {
		return 0, missing
	}
	v, err := vm.Run(a.prog, e.values)
	n, ok := v.(int)
	if err != nil || !ok || n < 0 {
		return 0, nil
	}
	return int64(n), nil
}

// Fixed is the amount in fen when it asks about nothing; false when it follows from the profile.
func (a *Amount) Fixed() (fen int64, ok bool) {
	if a.facts != 0 {
		return 0, false
	}
	v, err := vm.Run(a.prog, empty())
	n, isInt := v.(int)
	return int64(n), err == nil && isInt
}
