package simulate

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/catalogue/conditions"
	"weixiao/internal/enterprise"
	"weixiao/internal/enterprise/policies"
	"weixiao/internal/flow"
	"weixiao/internal/pack"
	"weixiao/internal/record"
)

// business is the year of the firms: policies are published, firms state what they are, and claim.
type business struct {
	r       *rand.Rand
	at      time.Time
	acts    int
	waits   []pack.Firm             // firms that have not stated a profile yet
	speak   []string                // codes of firms with an account, in the order they made it
	scopes  map[string]access.Scope // by code
	claims  []string                // ids of those that are not over
	filed   int
	suspect map[string]bool // payments that will turn out false
}

// quotas of the year.
const (
	withAccounts = 45 // firms that make an account; streets write down what the others say
	yearClaims   = 88
)

// trading is an hour of the year for firms. The first one brings firms and policies.
func (y *year) trading(ctx context.Context, x *scoring) error {
	if y.firms == nil {
		y.firms = &business{r: rand.New(rand.NewPCG(y.o.Seed, 0x6669726d)), scopes: map[string]access.Scope{}, suspect: map[string]bool{}}
		for _, f := range y.w.Pack.Firms {
			if f.Code != "" && slices.Contains(f.Kinds, "firm") {
				y.firms.waits = append(y.firms.waits, f)
			}
		}
		y.firms.at = x.at
		w := y.w
		w.Firms = y.w.Firms.At(func() time.Time { return y.firms.at })
		if err := enlist(ctx, w, y.o); err != nil {
			return err
		}
		if err := y.publishPolicies(ctx); err != nil {
			return err
		}
	}
	b := y.firms
	b.at = x.at
	for range min(2, len(b.waits)) {
		if err := y.state(ctx, b.waits[0]); err != nil {
			return err
		}
		b.waits = b.waits[1:]
	}
	if y.w.Policies == nil {
		return nil
	}
	if err := y.handleClaims(ctx); err != nil {
		return err
	}
	if err := y.claim(ctx); err != nil {
		return err
	}
	x.acts, b.acts = x.acts+b.acts, 0
	x.at = b.at
	return nil
}

// in is the next act of the hour.
func (b *business) in(kv ...string) record.Input {
	b.at = b.at.Add(time.Millisecond)
	return record.Input{Raw: record.Raw(kv...), At: b.at}
}

func (y *year) publishPolicies(ctx context.Context) error {
	if y.w.Policies == nil || y.w.Pack.Policies == nil {
		return nil
	}
	p := y.w.Pack.Policies
	reviewer, ok := y.staff.one(y.firms.r, p.Reviewer, access.DeptLead, access.Department)
	signer, has := y.staff.one(y.firms.r, "leaders", access.Leader)
	if !ok || !has {
		return errors.New("nobody reviews or signs policies")
	}
	for _, x := range p.Policies {
		author, ok := y.staff.one(y.firms.r, x.Unit, access.Department)
		if !ok {
			return fmt.Errorf("nobody writes policies in %s", x.Unit)
		}
		if _, err := y.w.Policies.Adopt(ctx, x, policies.People{Author: author, Reviewer: reviewer, Signer: signer}, y.firms.in); err != nil {
			return err
		}
		y.firms.acts += 2*len(x.Clauses) + 3
	}
	return nil
}

// state has a firm say what it is, by its own account or through its street, and somebody check it.
func (y *year) state(ctx context.Context, f pack.Firm) error {
	b, e := y.firms, y.w.Enterprise
	street, ok := y.staff.one(b.r, f.Unit, access.Street)
	if !ok {
		street, ok = y.staff.one(b.r, y.checker(), access.Department)
	}
	if !ok {
		return nil
	}
	by := street
	if len(b.speak) < withAccounts && chance(b.r, 0.6) {
		if err := y.enrol(ctx, street, f); err != nil {
			return err
		}
		by = b.scopes[f.Code]
	}
	raw := profile(b.r, f, b.at)
	in := b.in()
	in.Raw = raw
	x, err := e.State(ctx, by, f.Code, in)
	if err != nil {
		return fmt.Errorf("profile of %s: %w", f.Code, err)
	}
	b.acts++
	switch n := b.r.IntN(20); {
	case n < 14:
		_, err = e.Act(ctx, street, x.ID, "check", b.in("basis", "已核对财务报表、社保清单和纳税申报表"))
	case n < 17 && x.Staff != nil:
		_, err = e.Act(ctx, street, x.ID, "correct", b.in("as_of", x.AsOf, "staff", strconv.FormatInt(*x.Staff+1, 10), "grounds", "从业人员数以社保清单为准"))
	default:
		return nil // nobody has looked yet
	}
	b.acts++
	return err
}

// checker is the department that checks what no street can.
func (y *year) checker() string {
	if p := y.w.Pack.Policies; p != nil {
		return p.Units[0]
	}
	return ""
}

func (y *year) enrol(ctx context.Context, street access.Scope, f pack.Firm) error {
	b := y.firms
	secret, _, err := y.w.Enterprise.Invite(ctx, street, f.Code, b.in())
	if err != nil {
		return fmt.Errorf("invitation of %s: %w", f.Code, err)
	}
	a, err := y.w.Enterprise.Join(ctx, enterprise.Newcomer{Code: f.Code, Secret: secret, Login: fmt.Sprintf("firm%02d", len(b.speak)+1), Name: person(b.r), Password: y.o.Password, At: b.in().At})
	if err != nil {
		return fmt.Errorf("account of %s: %w", f.Code, err)
	}
	b.scopes[f.Code] = access.ScopeOf(access.Principal{District: y.w.Pack.District, Account: a.ID, Login: a.Login, Name: a.Name, Unit: f.Code, Roles: []string{access.Firm}, Kind: access.Cookie})
	b.speak = append(b.speak, f.Code)
	b.acts += 3
	return nil
}

// profile makes up what a firm says of itself; a part of it stays unsaid.
func profile(r *rand.Rand, f pack.Firm, at time.Time) map[string][]string {
	staff := 3 + r.IntN(40)
	if chance(r, 0.25) {
		staff += 60 + r.IntN(300)
	}
	turnover := staff * (8 + r.IntN(40)) // in 10,000 yuan
	wan := func(n int) string { return strconv.Itoa(n) + "万" }
	founded := time.Date(2022-r.IntN(16), time.Month(1+r.IntN(12)), 1+r.IntN(27), 0, 0, 0, 0, at.Location())
	if !founded.Before(at.AddDate(0, -2, 0)) {
		founded = founded.AddDate(-1, 0, 0)
	}
	hired := r.IntN(max(1, staff/3))
	raw := record.Raw("as_of", at.AddDate(0, 0, -20).Format("2006-01-02"), "founded", founded.Format("2006-01-02"), "origin", pick(r, []string{"resident", "resident", "resident", "invited", "visited"}),
		"staff", strconv.Itoa(staff), "turnover", wan(turnover), "assets", wan(turnover/2+r.IntN(800)+2), "taxes", wan(1+turnover*(1+r.IntN(6))/100), "dishonest", map[bool]string{true: "yes", false: "no"}[chance(r, 0.03)],
		"hired", strconv.Itoa(hired), "graduates", strconv.Itoa(r.IntN(hired/2+1)), "patents", strconv.Itoa(max(0, r.IntN(12)-7)), "listed", map[bool]string{true: "yes", false: "no"}[turnover >= 2000],
		"contact", person(r), "phone", phone(r))
	set := func(k, v string) { raw[k] = []string{v} }
	for _, k := range []string{"equipment", "research", "exports", "loans"} {
		if !chance(r, 0.2) { // not said
			set(k, wan(map[bool]int{true: 0, false: 5 + r.IntN(turnover/4+20)}[chance(r, 0.4)]))
		}
	}
	if b := conditions.Branches(f.Sector); len(b) > 0 && b[0] != "" && !chance(r, 0.1) {
		set("branch", pick(r, b))
	}
	titles := map[string][]string{"manufacturing": {"specialised", "high_tech", "tech_sme", "green_factory", "innovative_sme"}, "agriculture": {"leading_agri"}, "trade": {"old_brand"}, "hospitality": {"old_brand"}, "mining": {"green_factory"}}[f.Sector]
	if len(titles) > 0 && chance(r, 0.5) {
		set("titles", pick(r, titles))
	} else if !chance(r, 0.15) {
		set("titles", conditions.None)
	}
	return raw
}

// claim lets firms with an account look what they can get, and take some of it; units offer what needs no application.
func (y *year) claim(ctx context.Context) error {
	b := y.firms
	if b.filed >= yearClaims || len(b.speak) < 5 {
		return nil
	}
	for range 1 + b.r.IntN(2) {
		code := pick(b.r, b.speak)
		list, err := y.w.Policies.Matches(ctx, b.scopes[code], code, b.at)
		if err != nil {
			return err
		}
		var open []*policies.Match
		for _, p := range list {
			for _, m := range p.Clauses {
				if m.Verdict.Truth == conditions.Yes && m.Amount > 0 && m.Claim == nil && m.Clause.Free() > 0 {
					open = append(open, m)
				}
			}
		}
		if len(open) == 0 {
			continue
		}
		c := pick(b.r, open).Clause
		var x *policies.Claim
		if c.Auto {
			hand, ok := y.staff.one(b.r, c.Unit, access.Department)
			if !ok {
				continue
			}
			x, err = y.w.Policies.Offer(ctx, hand, c.ID, code, b.in())
		} else {
			in := b.in("account_no", fmt.Sprintf("62%014d", b.r.Int64N(1e14)))
			in.Raw["papers"] = papers(len(c.Papers), chance(b.r, 0.25))
			x, err = y.w.Policies.File(ctx, b.scopes[code], c.ID, in)
		}
		if done, err := b.did(err); err != nil {
			return fmt.Errorf("claim of %s under %s: %w", code, c.Title, err)
		} else if done {
			b.claims, b.filed = append(b.claims, x.ID), b.filed+1
		}
	}
	return nil
}

// papers are the numbers of the papers handed in, the last one sometimes forgotten.
func papers(n int, forgotten bool) (out []string) {
	for i := range n {
		if !forgotten || i < n-1 {
			out = append(out, strconv.Itoa(i+1))
		}
	}
	return out
}

// did counts an act; what the rules refuse (a budget used up meanwhile, a profile nobody checked) is left for later.
func (b *business) did(err error) (bool, error) {
	if err == nil {
		b.acts++
		return true, nil
	}
	if _, ok := errors.AsType[*record.RefusedError](err); ok || errors.Is(err, flow.ErrState) {
		return false, nil
	}
	return false, err
}

// handleClaims takes each open claim a step further, or leaves it for another day.
func (y *year) handleClaims(ctx context.Context) error {
	b := y.firms
	_, _, book := y.w.Policies.Book()
	var still []string
	for _, id := range b.claims {
		v, err := book.View(ctx, access.SystemScope(y.w.Pack.District, "claims of a simulated year"), id)
		if err != nil {
			return err
		}
		if st, _ := policies.ClaimTable.State(v.X.State); st.End && (v.X.State != policies.Paid || v.X.Has("public") && !b.suspect[id]) {
			continue
		}
		still = append(still, id)
		if chance(b.r, 0.35) {
			continue
		}
		if err := y.step(ctx, v.X); err != nil {
			return fmt.Errorf("claim %s in %s: %w", v.X.Title, v.X.State, err)
		}
	}
	b.claims = still
	return nil
}

func (y *year) step(ctx context.Context, x *policies.Claim) error {
	b := y.firms
	_, _, book := y.w.Policies.Book()
	hand, ok := y.staff.one(b.r, x.Unit, access.Department)
	lead, has := y.staff.one(b.r, x.Unit, access.DeptLead)
	if !ok || !has {
		return nil
	}
	firm := b.scopes[x.Firm]
	do := func(sc access.Scope, action string, in record.Input) error {
		_, err := book.Act(ctx, sc, x.ID, action, in)
		_, err = b.did(err)
		return err
	}
	fen := func(n int64) string { return fmt.Sprintf("%d.%02d", n/100, n%100) }
	today := b.at.Format("2006-01-02")
	switch x.State {
	case policies.Offered:
		if chance(b.r, 0.1) {
			return do(firm, "withdraw", b.in())
		}
		return do(firm, "confirm", b.in("account_no", fmt.Sprintf("62%014d", b.r.Int64N(1e14))))
	case policies.Filed:
		if len(x.Papers) < y.papersOf(x.Title) {
			return do(hand, "ask", b.in("missing", "材料不齐，请补交清单里的最后一项"))
		}
		if chance(b.r, 0.08) {
			return do(hand, "propose", b.in("verdict", "refuse", "grounds", "材料显示的项目不在支持范围内"))
		}
		_, err := book.Act(ctx, hand, x.ID, "check", b.in("basis", "材料与档案一致"))
		if r, ok := errors.AsType[*record.RefusedError](err); ok && strings.HasSuffix(r.Code, "unchecked") {
			return y.checkProfile(ctx, hand, x.Firm)
		}
		_, err = b.did(err)
		return err
	case policies.Supplement:
		if chance(b.r, 0.1) {
			return do(firm, "withdraw", b.in())
		}
		in := b.in("note", "已补交")
		in.Raw["papers"] = papers(y.papersOf(x.Title), false)
		return do(firm, "complete", in)
	case policies.Checked:
		if chance(b.r, 0.08) {
			return do(hand, "propose", b.in("verdict", "refuse", "grounds", "经核查不符合政策规定的情形"))
		}
		return do(hand, "propose", b.in("verdict", "grant", "amount", fen(x.Asked), "amount_sure", "yes", "grounds", "符合条款，按档案计算"))
	case policies.Proposed:
		if chance(b.r, 0.08) {
			return do(lead, "disagree", b.in("grounds", "请再核对金额"))
		}
		return do(lead, "agree", b.in())
	case policies.Granted:
		if chance(b.r, 0.05) {
			return do(lead, "revoke", b.in("cause", "moved_away", "grounds", "企业已决定迁出，不再符合承诺"))
		}
		return do(hand, "pay", b.in("paid_on", today, "voucher", fmt.Sprintf("示%s-%03d", b.at.Format("0102"), b.r.IntN(1000))))
	case policies.Paid:
		if !x.Has("public") {
			b.suspect[x.ID] = chance(b.r, 0.12)
			return do(hand, "publish", b.in())
		}
		b.suspect[x.ID] = false
		return do(lead, "revoke", b.in("cause", pick(b.r, []string{"false_papers", "false_profile", "mistake"}), "grounds", "事后核查发现与申报不符"))
	case policies.Revoked:
		left := x.Amount - x.Recovered
		if x.Recovered == 0 && chance(b.r, 0.4) {
			left /= 2
		}
		return do(hand, "recover", b.in("back", fen(left), "back_sure", "yes", "back_on", today, "back_voucher", fmt.Sprintf("退%s-%03d", b.at.Format("0102"), b.r.IntN(1000))))
	}
	return nil
}

// papersOf is how many papers a clause of the pack asks for.
func (y *year) papersOf(title string) int {
	for _, p := range y.w.Pack.Policies.Policies {
		for _, c := range p.Clauses {
			if c.Title == title {
				return len(c.Papers)
			}
		}
	}
	return 0
}

// checkProfile has the department look at what nobody had looked at yet.
func (y *year) checkProfile(ctx context.Context, hand access.Scope, code string) error {
	v, err := y.w.Enterprise.Profile(ctx, hand, code)
	if err != nil {
		return err
	}
	_, err = y.w.Enterprise.Act(ctx, hand, v.X.ID, "check", y.firms.in("basis", "审核申领时核对了档案"))
	_, err = y.firms.did(err)
	return err
}
