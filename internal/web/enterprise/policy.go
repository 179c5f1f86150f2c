package enterprise

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"weixiao/internal/access"
	"weixiao/internal/catalogue/conditions"
	"weixiao/internal/directory/firms"
	"weixiao/internal/enterprise/policies"
	"weixiao/internal/form"
	"weixiao/internal/record"
	"weixiao/internal/store"
	"weixiao/internal/vault"
	"weixiao/internal/web"
	"weixiao/internal/web/staff"
	"weixiao/internal/web/ui"
)

type (
	policy = policies.Policy
	clause = policies.Clause
	claim  = policies.Claim
)

// readers see policies and claims beside those who work with them.
var readers = []string{access.Leader, access.Supervisor, access.Auditor}

func rolesOf(actions []string) []string {
	return append(append([]string{}, actions...), readers...)
}

func (p *Pages) policyPages() {
	workers := []string{access.DeptLead, access.Department}
	docs, clauses, claims := p.Policies.Book()
	p.documents = &staff.Pages[policy, *policy]{Book: docs, Path: policyPath, Title: "page.policy.nav", Roles: rolesOf(workers), Makes: []string{"draft"}, Said: []string{"grounds"}, Danger: []string{"end"}, Main: []string{"publish", "review"},
		Columns: []staff.Column[*policy]{{Label: "form.policy_draft.name", Text: func(_ *staff.Frame, x *policy) string { return x.Name }}, {Label: "page.policy.unit", Text: func(f *staff.Frame, x *policy) string { return f.Unit(x.Unit) }},
			{Label: "page.policy.term", Text: func(f *staff.Frame, x *policy) string { return x.From + " – " + x.Until }}, {Label: "page.policy.clauses", Right: true, Text: func(_ *staff.Frame, x *policy) string { return itoa(x.Clauses) }, Value: func(x *policy) any { return x.Clauses }}},
		HeadButtons: func(f *staff.Frame) []ui.Button {
			return []ui.Button{{Label: f.T("page.policy.clauses.all"), Icon: "list", Href: clausePath}, {Label: f.T("page.policy.try"), Icon: "search", Href: policyPath + "/try"}}
		},
		Facts: p.policyFacts,
		More: func(f *staff.Frame, v *record.View[*policy]) (templ.Component, error) {
			list, _, err := clauses.List(f.R.Context(), f.Scope, record.Filter{Parent: v.X.ID})
			return clauseTable(f, p.views(f.Page, list)), err
		},
		Buttons: func(f *staff.Frame, v *record.View[*policy]) []ui.Button {
			if v.X.State == policies.Draft && f.Scope.Unit() == v.X.Unit && f.Is(workers...) {
				return []ui.Button{{Label: f.T("page.policy.add"), Icon: "plus", Href: clausePath + "/new/add?policy=" + v.X.ID}}
			}
			return nil
		},
		Prefill: func(_ *staff.Frame, x *policy, action string) form.Raw {
			if action == "change" {
				return record.Raw("name", x.Name, "no", x.No, "from", x.From, "until", x.Until)
			}
			return nil
		}}
	p.clauses = &staff.Pages[clause, *clause]{Book: clauses, Path: clausePath, Title: "page.policy.clauses.all", Roles: rolesOf(workers), Makes: []string{"add"}, Danger: []string{"drop"},
		Back:    func(f *staff.Frame) (string, string) { return policyPath, f.T("page.policy.nav") },
		Columns: []staff.Column[*clause]{{Label: "form.clause.title", Text: func(_ *staff.Frame, x *clause) string { return x.Title }}, {Label: "page.policy.unit", Text: func(f *staff.Frame, x *clause) string { return f.Unit(x.Unit) }}, money("page.policy.budget", func(x *clause) int64 { return x.Budget }), money("page.policy.paid", func(x *clause) int64 { return x.Paid }), money("page.policy.left", (*clause).Free)},
		Facts:   p.clauseFacts,
		Choices: func(f *staff.Frame, _ *clause, _, field string) ([]ui.Choice, bool) {
			if field != "unit" {
				return nil, false
			}
			return f.Units(p.Site.Pack.Policies.Units), true
		},
		Buttons: func(f *staff.Frame, v *record.View[*clause]) []ui.Button {
			if v.X.Auto && v.X.State == policies.Open && f.Scope.Unit() == v.X.Unit && f.Is(workers...) {
				return []ui.Button{{Label: f.T("page.policy.candidates"), Icon: "list", Href: clausePath + "/r/" + v.X.ID + "/candidates"}}
			}
			return nil
		},
		Prefill: func(_ *staff.Frame, x *clause, action string) form.Raw {
			if action != "change" {
				return nil
			}
			return record.Raw("number", itoa(x.Number), "title", x.Title, "words", x.Words, "who", x.Who, "amount", x.Amount, "cap", form.FormatMoney(x.Cap), "budget", form.FormatMoney(x.Budget), "paper_list", strings.Join(x.Papers, "；"),
				"unit", x.Unit, "term", x.Term, "period", x.Period, "auto", map[bool]string{true: "yes", false: "no"}[x.Auto])
		}}
	p.claims = &staff.Pages[claim, *claim]{Book: claims, Path: claimPath, Title: "page.policy.claims", Roles: rolesOf(workers), Makes: []string{}, Said: []string{"missing", "basis", "grounds", "note"}, Danger: []string{"revoke"}, Main: []string{"agree", "pay"},
		Columns: []staff.Column[*claim]{{Label: "form.clause.title", Text: func(_ *staff.Frame, x *claim) string { return x.Title }}, {Label: "page.policy.firm", Text: func(_ *staff.Frame, x *claim) string { return x.Name }},
			{Label: "page.policy.period", Text: func(f *staff.Frame, x *claim) string { return period(f.Page, x.Period) }}, money("page.policy.asked", func(x *claim) int64 { return x.Asked }), money("page.policy.granted", func(x *claim) int64 { return x.Amount })},
		Facts: p.claimFacts,
		More: func(f *staff.Frame, v *record.View[*claim]) (templ.Component, error) {
			for _, a := range v.Actions {
				if a.Name == "pay" && v.X.Sealed != "" {
					return accountForm(f, claimPath+"/r/"+v.X.ID+"/account", ""), nil
				}
			}
			return nil, nil
		},
		Choices: func(f *staff.Frame, x *claim, _, field string) ([]ui.Choice, bool) {
			return p.paperChoices(f.R, f.Scope, x.Clause, field)
		},
		Prefill: func(_ *staff.Frame, x *claim, action string) form.Raw {
			if action == "propose" {
				return record.Raw("amount", form.FormatMoney(x.Asked))
			}
			return nil
		}}
}

func money[P any](label string, of func(P) int64) staff.Column[P] {
	return staff.Column[P]{Label: label, Right: true, Text: func(f *staff.Frame, x P) string { return f.Money(of(x)) }, Value: func(x P) any { return float64(of(x)) / 100 }}
}

func period(f ui.Page, s string) string {
	if s == policies.Once {
		return f.T("page.policy.once")
	}
	return s
}

func (p *Pages) policyFacts(f *staff.Frame, v *record.View[*policy]) ([]ui.Pair, error) {
	x, review := v.X, f.T("page.policy.noreview")
	if r := v.X.Review; r != nil {
		review = f.T("form.policy_review.result."+r.Result) + " · " + f.Unit(r.Unit) + " · " + f.Day(r.Date)
	}
	out := []ui.Pair{{Label: f.T("form.policy_draft.no"), Value: ui.Text(x.No)}, {Label: f.T("page.policy.unit"), Value: ui.Text(f.Unit(x.Unit))}, {Label: f.T("page.policy.term"), Value: ui.Text(f.Day(x.From) + " – " + f.Day(x.Until))},
		{Label: f.T("page.policy.review"), Value: ui.Text(review)}, {Label: f.T("page.policy.edition"), Value: ui.Text(f.T("page.policy.edition.n", x.Edition))}}
	if x.MadeUp {
		out = append(out, ui.Pair{Label: f.T("page.policies.madeup"), Value: ui.Text("")})
	}
	return out, nil
}

func (p *Pages) clauseFacts(f *staff.Frame, v *record.View[*clause]) ([]ui.Pair, error) {
	c := p.view(f.Page, v.X)
	var out []ui.Pair
	add := func(key, s string) { out = append(out, ui.Pair{Label: f.T(key), Value: ui.Text(s)}) }
	add("form.clause.words", v.X.Words)
	for _, s := range c.Who {
		add("page.policy.who", s)
	}
	add("page.policy.amount", c.Amount)
	add("page.policy.cap", c.Cap)
	add("page.policy.papers", c.Papers)
	add("page.policy.unit", f.Unit(v.X.Unit))
	add("page.policy.budget", f.Money(v.X.Budget))
	add("page.policy.held", f.Money(v.X.Held))
	add("page.policy.paid", f.Money(v.X.Paid))
	add("page.policy.recovered", f.Money(v.X.Recovered))
	add("page.policy.left", f.Money(v.X.Free()))
	return out, nil
}

func (p *Pages) claimFacts(f *staff.Frame, v *record.View[*claim]) ([]ui.Pair, error) {
	x := v.X
	out := []ui.Pair{{Label: f.T("form.clause.title"), Value: staff.Link(clausePath+"/r/"+x.Clause, x.Title)}, {Label: f.T("page.policy.firm"), Value: staff.Link(firmPath+"/firm/"+x.Firm, x.Name)},
		{Label: f.T("page.policy.period"), Value: ui.Text(period(f.Page, x.Period))}, {Label: f.T("page.policy.asked"), Value: ui.Text(f.Money(x.Asked))}}
	if x.Amount > 0 {
		out = append(out, ui.Pair{Label: f.T("page.policy.granted"), Value: ui.Text(f.Money(x.Amount))})
	}
	if x.Voucher != "" {
		out = append(out, ui.Pair{Label: f.T("page.policy.voucher"), Value: ui.Text(x.Voucher + " · " + f.Day(x.PaidOn))})
	}
	if x.Recovered > 0 {
		out = append(out, ui.Pair{Label: f.T("page.policy.recovered"), Value: ui.Text(f.Money(x.Recovered))})
	}
	return out, nil
}

// paperChoices are the papers of a clause by their names.
func (p *Pages) paperChoices(r *http.Request, sc access.Scope, clauseID, field string) ([]ui.Choice, bool) {
	if field != "papers" {
		return nil, false
	}
	_, book, _ := p.Policies.Book()
	v, err := book.View(r.Context(), sc, clauseID)
	if err != nil {
		return nil, false
	}
	var out []ui.Choice
	for i, s := range v.X.Papers {
		out = append(out, ui.Choice{Value: strconv.Itoa(i + 1), Label: s})
	}
	return out, true
}

// clauseView is a clause in words, with what it means for a firm when one is asked for.
type clauseView struct {
	ID, Number, Title, Words, Amount, Cap, Papers, Unit, Left, State, Chip string
	Policy                                                                 string
	Who                                                                    []string
	Href                                                                   string
	Auto                                                                   bool
	// for a firm
	Truth   string // yes, no, unknown
	Parts   []part
	Missing []string
	Gets    string
	Claim   string // what became of a claim of this period
	ClaimID string
}

type part struct{ Truth, Text string }

func (p *Pages) view(f ui.Page, x *clause) clauseView {
	v := clauseView{ID: x.ID, Number: itoa(x.Number), Title: x.Title, Words: x.Words, Cap: amount(f, x.Cap), Papers: strings.Join(x.Papers, f.T("condition.list")), Unit: p.Site.UnitName(f.Lang, x.Unit), Left: amount(f, x.Free()), Href: clausePath + "/r/" + x.ID, Auto: x.Auto}
	if v.Papers == "" {
		v.Papers = f.T("page.policy.nopapers")
	}
	if st, ok := policies.ClauseTable.State(x.State); ok { // a clause that is only tried has none
		v.Chip, v.State = st.Chip, f.T("state.policy_clause."+x.State)
	}
	if c, err := conditions.Compile(x.Who); err == nil {
		v.Who = c.Explain(f.Lang, p.Firms.Namer())
	}
	if a, err := conditions.CompileAmount(x.Amount); err == nil {
		v.Amount = a.Explain(f.Lang, p.Firms.Namer())
	}
	return v
}

func (p *Pages) views(f ui.Page, list []*clause) (out []clauseView) {
	for i := len(list) - 1; i >= 0; i-- {
		if list[i].State != policies.Dropped {
			out = append(out, p.view(f, list[i]))
		}
	}
	return out
}

// matched adds what a clause means for a firm.
func (p *Pages) matched(f ui.Page, m *policies.Match) clauseView {
	v := p.view(f, m.Clause)
	v.Truth = m.Verdict.Truth.String()
	for _, x := range m.Verdict.Parts {
		v.Parts = append(v.Parts, part{x.Truth.String(), x.Text(f.Lang, p.Firms.Namer())})
	}
	missing := m.Missing()
	if len(missing) == 0 && m.Verdict.Truth == conditions.Yes {
		missing = m.AmountMissing
	}
	for _, x := range missing {
		v.Missing = append(v.Missing, conditions.FactName(f.Lang, x))
	}
	if m.Verdict.Truth == conditions.Yes && m.Amount > 0 {
		v.Gets = amount(f, m.Amount)
	}
	if m.Claim != nil {
		v.Claim, v.ClaimID = f.T("state.policy_claim."+m.Claim.State), m.Claim.ID
	}
	return v
}

func (p *Pages) matches(f ui.Page, sc access.Scope, firm string, r *http.Request) (out []clauseView, err error) {
	list, err := p.Policies.Matches(r.Context(), sc, firm, p.Site.Clock())
	for _, x := range list {
		for _, m := range x.Clauses {
			v := p.matched(f, m)
			v.Policy = x.Policy.Name
			out = append(out, v)
		}
	}
	return out, err
}

type tryView struct {
	Who, Amount, Code, Problem string
	Match                      *clauseView
}

// try holds a condition that need not be saved against a firm.
func (p *Pages) try(w http.ResponseWriter, f *staff.Frame) error {
	q := f.R.URL.Query()
	v := &tryView{Who: q.Get("who"), Amount: q.Get("amount"), Code: strings.TrimSpace(q.Get("code"))}
	f.Title = f.T("page.policy.try")
	if v.Who == "" && v.Code == "" {
		return f.Render(w, http.StatusOK, tryPage(f, v))
	}
	status := http.StatusUnprocessableEntity
	code, err := firms.CheckCode(v.Code)
	if err != nil {
		zh, en := firms.CodeWords(err)
		v.Problem = map[bool]string{true: en, false: zh}[f.Lang == "en"]
		return f.Render(w, status, tryPage(f, v))
	}
	if _, err := p.Firms.Firm(f.R.Context(), f.Scope, code); err != nil {
		return err
	}
	c := &clause{Who: v.Who, Amount: v.Amount, Cap: 1 << 60}
	m, err := p.Policies.Try(f.R.Context(), f.Scope, c, code, p.Site.Clock())
	if e, ok := errors.AsType[*conditions.ExpressionError](err); ok {
		v.Problem = f.T("form.clause."+e.Field) + f.T("word.colon") + e.In(f.Lang)
		return f.Render(w, status, tryPage(f, v))
	} else if err != nil {
		return err
	}
	x := p.matched(f.Page, m)
	v.Match = &x
	return f.Render(w, http.StatusOK, tryPage(f, v))
}

func (p *Pages) candidates(w http.ResponseWriter, f *staff.Frame) error {
	return p.offers(w, f, http.StatusOK, "")
}

func (p *Pages) offers(w http.ResponseWriter, f *staff.Frame, status int, problem string) error {
	id := f.R.PathValue("id")
	list, err := p.Policies.Candidates(f.R.Context(), f.Scope, id, p.Site.Clock())
	if err != nil {
		return err
	}
	f.Title = f.T("page.policy.candidates")
	return f.Render(w, status, candidatesPage(f, clausePath+"/r/"+id, list, problem))
}

func (p *Pages) offer(w http.ResponseWriter, f *staff.Frame) error {
	id := f.R.PathValue("id")
	_, err := p.Policies.Offer(f.R.Context(), f.Scope, id, f.R.PostFormValue("firm"), record.Input{})
	if err == nil {
		return web.SeeOther(w, f.R, clausePath+"/r/"+id+"/candidates")
	}
	status, problem, _ := f.Wrong(err)
	if status == 0 {
		return err
	}
	return p.offers(w, f, status, problem)
}

// account shows the bank account once, with a reason; it is in the disclosure ledger before anybody sees it.
func (p *Pages) account(w http.ResponseWriter, f *staff.Frame) error {
	id, note := f.R.PathValue("id"), strings.TrimSpace(f.R.PostFormValue("note"))
	back := claimPath + "/r/" + id + "/account"
	f.Title = f.T("page.policy.account")
	if note == "" {
		f.Faulty = true
		return f.Render(w, http.StatusUnprocessableEntity, accountForm(f, back, ""))
	}
	no, err := p.Policies.Account(f.R.Context(), f.Scope, id, vault.Disclosure{Account: f.Who.Account, Unit: f.Who.Unit, Reason: vault.ReasonContact, Note: note, At: p.Site.Clock().Truncate(time.Microsecond)}, func(*store.Tx) error { return nil })
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "no-store")
	return f.Render(w, http.StatusOK, accountForm(f, back, no))
}
