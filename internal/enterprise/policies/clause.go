package policies

import (
	"cmp"
	"errors"
	"slices"
	"strings"
	"sync"

	"weixiao/internal/access"
	"weixiao/internal/catalogue/conditions"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/record"
	"weixiao/internal/store"
)

// States of a clause.
const (
	Open    = "open"
	Shut    = "shut"
	Dropped = "dropped"
)

// How often a firm may have what a clause promises.
const (
	Yearly = "year"
	Once   = "once"
)

// Clause is one promise of a policy.
type Clause struct {
	record.Head
	Policy string   `json:"policy"` // id
	Author string   `json:"author"` // the policy's unit
	Number int64    `json:"number"` // within the policy
	Title  string   `json:"title"`
	Words  string   `json:"words,omitempty"`  // the text of the clause, as it is published
	Who    string   `json:"who"`              // a condition over the profile
	Amount string   `json:"amount"`           // an expression in fen
	Cap    int64    `json:"cap"`              // fen: the most for one firm and period
	Budget int64    `json:"budget"`           // fen
	Papers []string `json:"papers,omitempty"` // what is to be shown, in words
	Unit   string   `json:"unit"`             // decides and pays
	Term   string   `json:"term"`             // time to decide a claim, such as "20 workday"
	Period string   `json:"period"`
	Auto   bool     `json:"auto,omitempty"` // 免申即享: firms that fit are offered it, they need not apply
	From   string   `json:"from"`
	Until  string   `json:"until"`

	Held      int64 `json:"held"`      // fen granted and not paid yet
	Paid      int64 `json:"paid"`      // fen
	Recovered int64 `json:"recovered"` // fen
}

// Left is what is left of the budget: what was paid and not recovered is gone.
func (x *Clause) Left() int64 { return x.Budget - x.Paid + x.Recovered }

// Free is what can still be granted.
func (x *Clause) Free() int64 { return x.Left() - x.Held }

func clauseKeys(x *Clause) record.Keys {
	return record.Keys{Unit: x.Unit, Parent: x.Policy, Title: x.Title, Amount: x.Budget}
}

var clauseFields = []form.Field{
	{Name: "number", Type: form.Int, Required: true, Min: 1, Max: 99}, {Name: "title", Type: form.Line, Required: true, Max: 60}, {Name: "words", Type: form.Line, Required: true, Max: 500},
	{Name: "who", Type: form.Line, Required: true, Max: 1000}, {Name: "amount", Type: form.Line, Required: true, Max: 300},
	{Name: "cap", Type: form.Money, Required: true, Low: 100_00, High: 20_000_000_00}, {Name: "cap_sure", Type: form.Bool},
	{Name: "budget", Type: form.Money, Required: true, Low: 10_000_00, High: 200_000_000_00}, {Name: "budget_sure", Type: form.Bool},
	{Name: "paper_list", Type: form.Line, Max: 500}, {Name: "unit", Type: form.Unit, Required: true},
	{Name: "term", Type: form.Limit, Required: true}, {Name: "period", Type: form.Choice, Required: true, Options: form.Options(Yearly, Once)}, {Name: "auto", Type: form.Bool},
}

func author(roles ...string) (out []flow.Grant) {
	for _, r := range roles {
		out = append(out, flow.Grant{Role: r, Relation: Author})
	}
	return out
}

var system = []flow.Grant{{Role: access.System}}

// ClauseTable is the way of a clause: it follows its policy, and its account follows the claims.
var ClauseTable = flow.Table{
	Kind: "policy_clause",
	States: []flow.State{{Name: Draft, Chip: "new"}, {Name: Open, Chip: "doing"}, {Name: Shut, Chip: "closed", End: true},
		{Name: Dropped, Chip: "closed", End: true}},
	Actions: []flow.Action{
		{Name: "add", To: Draft, Who: author(access.Department, access.DeptLead), Form: form.Form{Name: "clause", Fields: append([]form.Field{{Name: "policy", Type: form.Line, Required: true, Max: 40}}, clauseFields...)}},
		{Name: "change", From: []string{Draft}, Who: author(access.Department, access.DeptLead), Form: form.Form{Name: "clause", Fields: clauseFields}},
		{Name: "drop", From: []string{Draft}, To: Dropped, Who: author(access.Department, access.DeptLead), Form: form.Form{Name: "clause_drop"}},
		{Name: "enact", From: []string{Draft}, To: Open, Who: system, Form: form.Form{Name: "clause_enact"}},
		{Name: "shut", From: []string{Draft, Open}, To: Shut, Who: system, Form: form.Form{Name: "clause_shut"}},
		{Name: "hold", From: []string{Open, Shut}, Who: system, Form: form.Form{Name: "clause_hold"}},
		{Name: "release", From: []string{Open, Shut}, Who: system, Form: form.Form{Name: "clause_release"}},
		{Name: "pay", From: []string{Open, Shut}, Who: system, Form: form.Form{Name: "clause_pay"}},
		{Name: "recover", From: []string{Open, Shut}, Who: system, Form: form.Form{Name: "clause_recover"}},
	},
}

func (s *Policies) seesClause(sc access.Scope, x *Clause) bool {
	return x.State == Open || x.State == Shut || s.staff(sc)
}

// of are the clauses of a policy in order, those dropped left out.
func (s *Policies) of(tx *store.Tx, policy string) (out []*Clause, err error) {
	err = s.clauses.Each(tx, record.Filter{Parent: policy}, func(x *Clause) error {
		if x.State != Dropped {
			out = append(out, x)
		}
		return nil
	})
	slices.SortFunc(out, func(a, b *Clause) int { return cmp.Or(cmp.Compare(a.Number, b.Number), cmp.Compare(a.Doc, b.Doc)) })
	return out, err
}

func (s *Policies) added(st *record.Step[Clause, *Clause]) error {
	p, err := s.policies.Get(st.Tx, st.Scope, st.X.Policy)
	if err != nil {
		return err
	}
	st.X.Author = p.Unit
	if p.State != Draft || p.Unit != st.X.Author {
		return record.Refuse("clause.published")
	}
	return s.clauseChanged(st)
}

// clauseChanged proves a clause: its condition compiles, can be true and can be false; its amount compiles and gives
// money; no number stands twice. The review of the policy is no longer of what it says now.
func (s *Policies) clauseChanged(st *record.Step[Clause, *Clause]) error {
	x := st.X
	p, err := s.policies.Load(st.Tx, x.Policy)
	if err != nil {
		return err
	}
	x.From, x.Until = p.From, p.Until
	if raw, ok := st.Answers["paper_list"]; ok {
		x.Papers = splitPapers(raw.(string))
	}
	if !slices.Contains(s.o.Units, x.Unit) {
		return record.Fault("unit", "unit")
	}
	if len(x.Papers) > mostPapers {
		return form.Faults{{Field: "paper_list", Code: "many", N: len(x.Papers), Of: mostPapers}}
	}
	if x.Cap > x.Budget {
		return record.Fault("cap", "above_budget")
	}
	list, err := s.of(st.Tx, x.Policy)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(list, func(c *Clause) bool { return c.ID != x.ID && c.Number == x.Number }) {
		return record.Fault("number", "taken")
	}
	if err := conditions.Prove(x.Who, x.Amount); err != nil {
		return err
	}
	return s.touch(st)
}

func (s *Policies) dropped(st *record.Step[Clause, *Clause]) error { return s.touch(st) }

func (s *Policies) touch(st *record.Step[Clause, *Clause]) error {
	_, err := s.policies.ActIn(st.Tx, s.program("a clause was changed"), st.X.Policy, "touch", record.Input{At: st.At})
	return err
}

// mostPapers is how many papers a clause may ask for.
const mostPapers = 9

func splitPapers(s string) (out []string) {
	for _, p := range strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune("；;\n", r) }) {
		if p = strings.TrimSpace(p); p != "" {
			out = append(out, p)
		}
	}
	return out
}

// entry is what a claim does to the account of its clause.
type entry struct{ fen int64 }

// booked moves the account of a clause. It refuses whatever would leave less than nothing.
func (s *Policies) booked(st *record.Step[Clause, *Clause]) error {
	e, ok := st.Input.With.(entry)
	if !ok || e.fen <= 0 {
		return errors.New("policies: an entry without an amount")
	}
	x := st.X
	switch st.Action.Name {
	case "hold":
		if e.fen > x.Free() {
			return record.Refuse("policy_claim.budget")
		}
		x.Held += e.fen
	case "release":
		x.Held -= e.fen
	case "pay":
		x.Held, x.Paid = x.Held-e.fen, x.Paid+e.fen
	case "recover":
		x.Recovered += e.fen
	}
	if x.Held < 0 || x.Recovered > x.Paid || x.Free() < 0 {
		return errors.New("policies: the account of clause " + x.ID + " does not add up")
	}
	return nil
}

func (s *Policies) book(st *record.Step[Claim, *Claim], action string, fen int64) error {
	_, err := s.clauses.ActIn(st.Tx, s.program("the account of a clause follows its claims"), st.X.Clause, action, record.Input{At: st.At, With: entry{fen}})
	return err
}

// cache keeps compiled expressions by their text: clauses are judged far more often than they change.
type cache struct {
	mu      sync.Mutex
	who     map[string]*conditions.Condition
	amounts map[string]*conditions.Amount
}

func newCache() *cache {
	return &cache{who: map[string]*conditions.Condition{}, amounts: map[string]*conditions.Amount{}}
}

const mostCached = 1000

func (c *cache) of(x *Clause) (*conditions.Condition, *conditions.Amount, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	who, amount := c.who[x.Who], c.amounts[x.Amount]
	if who != nil && amount != nil {
		return who, amount, nil
	}
	if len(c.who) > mostCached || len(c.amounts) > mostCached {
		clear(c.who)
		clear(c.amounts)
	}
	who, err := conditions.Compile(x.Who)
	if err != nil {
		return nil, nil, err
	}
	if amount, err = conditions.CompileAmount(x.Amount); err != nil {
		return nil, nil, err
	}
	c.who[x.Who], c.amounts[x.Amount] = who, amount
	return who, amount, nil
}
