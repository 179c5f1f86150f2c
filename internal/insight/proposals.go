package insight

import (
	"cmp"
	"math"
	"slices"
	"time"

	"weixiao/internal/cases"
	"weixiao/internal/catalogue"
	"weixiao/internal/pack"
	"weixiao/internal/worktime"
)

// Proposal is a duty rule that the district already follows though its catalogue
// says otherwise: of the cases of a matter at a place whose leader the rules name
// as RuleUnit, most were led by Unit in the end, because they were sent there,
// handed back or designated.
type Proposal struct {
	Matter   string
	Place    string // a community or a street; "" = the whole district
	Rule     string // id of the rule that decides now; "matter" and "duty" as in catalogue.Decision
	RuleUnit string
	Unit     string
	Of, Went int
	Low      float64  // of the share Went of Of, with 95 % certainty (Wilson)
	High     float64  // the same
	Cases    []string // numbers of cases that went to Unit, newest first, at most 50
}

const (
	leastRedirected = 5   // cases that went elsewhere; fewer are chance
	shareRedirected = 0.5 // at least, with 95 % certainty
	mostExamples    = 50
	mostProposals   = 50
)

// grouped are cases of one matter at one place with one unit by the rules.
type grouped struct{ matter, place, ruled string }

type gone struct {
	n       int
	numbers []string
}

type tallied struct {
	of   int
	rule string
	to   map[string]*gone // unit that led in the end
}

// groups counts cases newest first.
type groups struct {
	pack  *pack.Pack
	ruled func(k *cases.Case) catalogue.Decision // what the rules in force say of a case
	by    [3]map[grouped]*tallied                // whole district, street, community
}

// newGroups judges cases by the rules of a district that are in force at a moment, as if
// they had been when a case came in.
func newGroups(p *pack.Pack, d *cases.District, now time.Time) *groups {
	rules := d.Duties.Now().At(now).AsOf(now.In(worktime.Zone).Format(time.DateOnly))
	g := &groups{pack: p, ruled: func(k *cases.Case) catalogue.Decision {
		return rules.Decide(d.Ask(k.Matter, k.Kind, k.Channel, k.Place, time.UnixMicro(k.Created)))
	}}
	for i := range g.by {
		g.by[i] = map[grouped]*tallied{}
	}
	return g
}

// add counts a case that its unit took: one that was only sent may still come back.
func (g *groups) add(k *cases.Case) {
	if k.Unit == "" || k.Matter == "" || k.State == cases.Dispatched {
		return
	}
	d := g.ruled(k)
	for level, place := range []string{"", k.Place.Street, k.Place.Community} {
		if level > 0 && place == "" {
			continue
		}
		key := grouped{k.Matter, place, d.Unit}
		t := g.by[level][key]
		if t == nil {
			t = &tallied{to: map[string]*gone{}}
			g.by[level][key] = t
		}
		if t.of++; t.rule == "" {
			t.rule = d.Rule
		}
		to := t.to[k.Unit]
		if to == nil {
			to = &gone{}
			t.to[k.Unit] = to
		}
		if to.n++; len(to.numbers) < mostExamples {
			to.numbers = append(to.numbers, k.Number)
		}
	}
}

// proposals are those that are sure enough, the most cases first. What holds in
// every part of a wider place is proposed once for that.
func (g *groups) proposals() []Proposal {
	var out []Proposal
	for level := range g.by {
		for key, t := range g.by[level] {
			p, ok := t.proposal(key)
			if !ok || !g.handles(p.Unit) || level < 2 && !g.everywhere(level, p) {
				continue
			}
			out = append(out, p)
		}
	}
	all := slices.Clone(out)
	out = slices.DeleteFunc(out, func(p Proposal) bool {
		return slices.ContainsFunc(all, func(wide Proposal) bool { return wide.Place != p.Place && g.within(p, wide) })
	})
	slices.SortFunc(out, func(a, b Proposal) int {
		return cmp.Or(cmp.Compare(b.Went, a.Went), cmp.Compare(a.Matter, b.Matter), cmp.Compare(a.Place, b.Place), cmp.Compare(a.RuleUnit, b.RuleUnit))
	})
	return out[:min(len(out), mostProposals)]
}

// proposal is the unit that most cases went to, if it is not the one of the rules.
func (t *tallied) proposal(key grouped) (Proposal, bool) {
	for unit, to := range t.to {
		low, high := interval(to.n, t.of)
		if unit == key.ruled || to.n < leastRedirected || low < shareRedirected {
			continue
		}
		return Proposal{key.matter, key.place, t.rule, key.ruled, unit, t.of, to.n, low, high, to.numbers}, true // more than half: there is no other
	}
	return Proposal{}, false
}

func (g *groups) handles(unit string) bool {
	u, ok := g.pack.Directory.Unit(unit)
	return ok && u.Kind.HandlesCases()
}

// everywhere reports whether a proposal for a wide place holds in its parts: it is
// not the habit of one of them, and none with enough cases does otherwise.
func (g *groups) everywhere(level int, p Proposal) bool {
	for key, t := range g.by[level+1] {
		if key.matter != p.Matter || key.ruled != p.RuleUnit || !g.inside(key.place, p.Place) {
			continue
		}
		n := 0
		if to := t.to[p.Unit]; to != nil {
			n = to.n
		}
		if n == p.Went || t.of >= leastRedirected && float64(n) < shareRedirected*float64(t.of) {
			return false
		}
	}
	return true
}

// inside reports whether a place lies in a wider one.
func (g *groups) inside(place, wide string) bool {
	return wide == "" && place != "" || place != wide && g.pack.Directory.Under(place, wide)
}

// within reports whether a proposal says nothing that a wider one does not say.
func (g *groups) within(p, wide Proposal) bool {
	return p.Matter == wide.Matter && p.RuleUnit == wide.RuleUnit && p.Unit == wide.Unit && g.inside(p.Place, wide.Place)
}

// Proposals are what the district does against its rules, as found last night,
// without those that the rules have taken up since.
func (a *Adviser) Proposals() []Proposal {
	l := a.now.Load()
	if l == nil {
		return nil
	}
	var out []Proposal
	for _, p := range l.state.Proposals {
		street, community := p.Place, p.Place
		if _, ok := a.pack.Directory.StreetOf(p.Place); !ok {
			street, community = "", ""
		}
		if a.cases.District().Decide(p.Matter, "", "", cases.Place{Street: street, Community: community}, a.clock()).Unit != p.Unit {
			out = append(out, p)
		}
	}
	return out
}

// interval of a share that was seen k times in n, with 95 % certainty (Wilson).
func interval(k, n int) (low, high float64) {
	const z = 1.959964
	p, m := float64(k)/float64(n), float64(n)
	middle, half := (p+z*z/(2*m))/(1+z*z/m), z*math.Sqrt(p*(1-p)/m+z*z/(4*m*m))/(1+z*z/m)
	return max(0, middle-half), min(1, middle+half)
}
