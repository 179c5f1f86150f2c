package flow

import (
	"fmt"
	"slices"
	"strings"
)

// Check reports everything wrong with a table: names that do not exist, states
// nothing leads to, states without a way to an end. Each work package calls it
// in a test, so a table that does not close cannot be shipped.
func (t *Table) Check() []string {
	var bad []string
	say := func(format string, a ...any) { bad = append(bad, fmt.Sprintf(format, a...)) }
	known := func(list []string, what, where string, all []string) {
		for _, x := range list {
			if !slices.Contains(all, x) {
				say("%s: %s names unknown %s", where, x, what)
			}
		}
	}
	var states []string
	for _, s := range t.States {
		if slices.Contains(states, s.Name) {
			say("state %s is declared twice", s.Name)
		}
		states = append(states, s.Name)
	}
	names := map[string]bool{}
	for _, a := range t.Actions {
		if names[a.Name] {
			say("action %s is declared twice", a.Name)
		}
		names[a.Name] = true
		known(a.From, "state", a.Name, states)
		known(a.Decides, "state", a.Name, states)
		if a.To != "" {
			known([]string{a.To}, "state", a.Name, states)
		}
		for _, l := range [][]string{a.Needs, a.Bars, a.Sets, a.Drops} {
			known(l, "mark", a.Name, t.Marks)
		}
		for _, l := range [][]string{a.Start, a.Stop, a.Hold, a.Free} {
			known(l, "clock", a.Name, t.Clocks)
		}
		if len(a.Who) == 0 {
			say("%s: nobody may do it", a.Name)
		}
	}
	reach, end := t.reachable(), t.closing()
	for _, s := range t.States {
		if !reach[s.Name] {
			say("state %s is never reached", s.Name)
		}
		if !s.End && !end[s.Name] {
			say("state %s has no way to an end", s.Name)
		}
	}
	return bad
}

func (a *Action) targets(from string) []string {
	switch {
	case len(a.Decides) > 0:
		return a.Decides
	case a.To != "":
		return []string{a.To}
	}
	return []string{from}
}

func (t *Table) reachable() map[string]bool {
	seen := map[string]bool{}
	for i := range t.Actions {
		if a := &t.Actions[i]; a.From == nil {
			for _, s := range a.targets("") {
				seen[s] = true
			}
		}
	}
	for grew := true; grew; {
		grew = false
		for i := range t.Actions {
			a := &t.Actions[i]
			for _, f := range a.From {
				for _, s := range a.targets(f) {
					if seen[f] && !seen[s] {
						seen[s], grew = true, true
					}
				}
			}
		}
	}
	return seen
}

func (t *Table) closing() map[string]bool {
	ends := map[string]bool{}
	for _, s := range t.States {
		ends[s.Name] = s.End
	}
	for grew := true; grew; {
		grew = false
		for i := range t.Actions {
			a := &t.Actions[i]
			for _, f := range a.From {
				for _, s := range a.targets(f) {
					if ends[s] && !ends[f] {
						ends[f], grew = true, true
					}
				}
			}
		}
	}
	return ends
}

// Mermaid draws the table as a state diagram for the documentation.
func (t *Table) Mermaid() string {
	var b strings.Builder
	b.WriteString("stateDiagram-v2\n")
	for _, a := range t.Actions {
		froms := a.From
		if froms == nil {
			froms = []string{"[*]"}
		}
		for _, f := range froms {
			for _, to := range a.targets(f) {
				if to != f {
					fmt.Fprintf(&b, "    %s --> %s: %s\n", f, to, a.Name)
				}
			}
		}
	}
	for _, s := range t.States {
		if s.End {
			fmt.Fprintf(&b, "    %s --> [*]\n", s.Name)
		}
	}
	return b.String()
}
