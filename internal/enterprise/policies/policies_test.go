package policies_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"weixiao/internal/access"
	"weixiao/internal/catalogue/conditions"
	"weixiao/internal/enterprise/policies"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/journal"
	"weixiao/internal/notify"
	"weixiao/internal/pack"
	"weixiao/internal/record"
	"weixiao/internal/store"
	"weixiao/internal/store/storetest"
	"weixiao/internal/vault"
	"weixiao/internal/worktime"
)

func TestMain(m *testing.M) { storetest.Main(m) }

const (
	mine  = "91350100M000100Y43"
	other = "91330106673959654P"
	wan   = 100 * 10000
)

var schemas = []store.Schema{store.OnceSchema, journal.Schema, vault.Schema, notify.Schema, record.Schema}

// env is a district whose firms are what a test says they are.
type env struct {
	t     testing.TB
	db    *store.DB
	now   time.Time
	p     *pack.Pack
	rec   *record.Engine
	s     *policies.Policies
	v     *vault.Vault
	facts map[string]*conditions.Facts
	// unchecked firms have stated a profile that nobody looked at.
	unchecked map[string]bool

	writer, industry, industryLead, second, market, leader access.Scope
}

func newEnv(t testing.TB, db *store.DB, p *pack.Pack, dir string) *env {
	keys, err := vault.CreateKeys(filepath.Join(dir, "keys.json"))
	if err != nil {
		t.Fatal(err)
	}
	e := &env{t: t, db: db, p: p, v: vault.New(keys, vault.Options{}), now: time.Date(2022, 9, 26, 9, 0, 0, 0, worktime.Zone), facts: map[string]*conditions.Facts{}, unchecked: map[string]bool{}}
	if err := e.v.Bind(context.Background(), db, p.District); err != nil {
		t.Fatal(err)
	}
	clock := func() time.Time { return e.now }
	e.rec = record.New(db, record.Options{District: p.District, Prefix: "JY", Pack: "test", Clock: clock, Calendar: func(*store.Tx, string) (*worktime.Calendar, error) { return worktime.China(), nil }})
	e.s = policies.New(db, policies.Options{District: p.District, Records: e.rec, Directory: p.Directory, Vault: e.v, Units: p.Policies.Units, Reviewer: p.Policies.Reviewer, Clock: clock,
		Facts: func(_ *store.Tx, firm string) (*conditions.Facts, bool, error) {
			if f := e.facts[firm]; f != nil {
				return f, !e.unchecked[firm], nil
			}
			return &conditions.Facts{}, false, nil
		},
		Name: func(_ *store.Tx, firm string) (string, bool, error) { return "企业" + firm[15:], true, nil },
		Each: func(_ *store.Tx, fn func(string, string, *conditions.Facts) error) error {
			for code, f := range e.facts {
				if err := fn(code, "企业"+code[15:], f); err != nil {
					return err
				}
			}
			return nil
		}})
	e.writer, e.industry, e.second = e.scope("finance", "1", access.Department), e.scope("industry", "1", access.Department), e.scope("industry", "2", access.Department)
	e.industryLead, e.market, e.leader = e.scope("industry", "3", access.DeptLead), e.scope("market", "1", access.DeptLead), e.scope("leaders", "1", access.Leader)
	return e
}

func each(t *testing.T, fn func(t *testing.T, e *env)) {
	p, err := pack.Load(pack.Jiangyuan())
	if err != nil {
		t.Fatal(err)
	}
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) { fn(t, newEnv(t, db, p, t.TempDir())) })
}

func (e *env) scope(unit, n, role string) access.Scope {
	var path []string
	for _, u := range e.p.Directory.Path(unit) {
		path = append(path, u.ID)
	}
	return access.ScopeOf(access.Principal{District: e.p.District, Account: unit + n, Unit: unit, Path: path, Roles: []string{role}, Kind: access.Cookie})
}

func (e *env) firm(code string) access.Scope {
	return access.ScopeOf(access.Principal{District: e.p.District, Account: "f-" + code, Unit: code, Roles: []string{access.Firm}, Kind: access.Cookie})
}

func said(kv ...string) record.Input { return record.Input{Raw: record.Raw(kv...)} }

func (e *env) must(err error) {
	e.t.Helper()
	if err != nil {
		e.t.Fatal(err)
	}
}

func (e *env) verify() {
	e.t.Helper()
	c := e.rec.NewChecker()
	_, err := journal.Verify(context.Background(), e.db, e.p.District, c.Fold)
	e.must(err)
	_, err = c.Finish(context.Background())
	e.must(err)
}

// refused reports whether an error is the refusal of that name.
func refused(err error, code string) bool {
	r, ok := errors.AsType[*record.RefusedError](err)
	return ok && r.Code == code
}

func fault(err error, field, code string) bool {
	f, ok := errors.AsType[form.Faults](err)
	return ok && f[0].Field == field && f[0].Code == code
}

func clauseOf(kv ...string) record.Input {
	base := map[string]string{"number": "1", "title": "设备补助", "words": "按设备投入的一成补助。", "who": "equipment >= 10 * wan", "amount": "percent(equipment, 10)", "cap": "20万", "budget": "30万", "unit": "industry", "term": "10 workday", "period": "year", "paper_list": "发票；合同"}
	for i := 0; i+1 < len(kv); i += 2 {
		base[kv[i]] = kv[i+1]
	}
	raw := form.Raw{}
	for k, v := range base {
		if v != "" {
			raw[k] = []string{v}
		}
	}
	return record.Input{Raw: raw}
}

func (e *env) draft() *policies.Policy {
	e.t.Helper()
	book, _, _ := e.s.Book()
	x, err := book.Open(context.Background(), e.writer, "draft", said("name", "示例十条", "from", "2022-01-01", "until", "2022-12-31"))
	e.must(err)
	return x
}

// published is a policy with these clauses in force.
func (e *env) published(clauses ...record.Input) (*policies.Policy, []*policies.Clause) {
	e.t.Helper()
	ctx := context.Background()
	book, _, _ := e.s.Book()
	p := e.draft()
	var out []*policies.Clause
	for _, in := range clauses {
		c, err := e.s.AddClause(ctx, e.writer, p.ID, in)
		e.must(err)
		out = append(out, c)
	}
	_, err := book.Act(ctx, e.market, p.ID, "review", said("result", "allowed", "date", "2022-01-01", "grounds", "条件客观"))
	e.must(err)
	p, err = book.Act(ctx, e.leader, p.ID, "publish", record.Input{})
	e.must(err)
	return p, out
}

func (e *env) clause(id string) *policies.Clause {
	e.t.Helper()
	_, book, _ := e.s.Book()
	v, err := book.View(context.Background(), e.leader, id)
	e.must(err)
	return v.X
}

func TestTables(t *testing.T) {
	for _, x := range policies.Tables() {
		for _, bad := range x.Check() {
			t.Errorf("%s: %s", x.Kind, bad)
		}
	}
}

// TestReview: without a review that allows it nothing is published, and a change after it needs another one.
func TestReview(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		ctx := t.Context()
		book, clauses, _ := e.s.Book()
		p := e.draft()
		publish := func() error { _, err := book.Act(ctx, e.leader, p.ID, "publish", record.Input{}); return err }
		review := func(sc access.Scope, kv ...string) error {
			_, err := book.Act(ctx, sc, p.ID, "review", said(append([]string{"date", "2022-09-01", "grounds", "已审查"}, kv...)...))
			return err
		}
		if err := review(e.market, "result", "allowed"); !refused(err, "policy.empty") {
			t.Errorf("a review of nothing: %v", err)
		}
		for _, c := range []struct{ field, value, code string }{
			{"who", "staff > 100 and staff < 50", "expression"}, {"who", "staff >= 0", "expression"}, {"who", "stuff > 1", "expression"}, {"amount", "listed", "expression"},
			{"cap", "20", "unlikely"}, {"cap", "40万", "above_budget"}, {"budget", "30亿", "unlikely"}, {"unit", "police", "unit"}, {"term", "soon", "limit"},
		} {
			_, err := e.s.AddClause(ctx, e.writer, p.ID, clauseOf(c.field, c.value))
			if x, ok := errors.AsType[*conditions.ExpressionError](err); c.code == "expression" && (!ok || x.Field != c.field) || c.code != "expression" && !fault(err, c.field, c.code) {
				t.Errorf("%s %q: %v", c.field, c.value, err)
			}
		}
		if list, _, err := clauses.List(ctx, e.leader, record.Filter{}); err != nil || len(list) != 0 {
			t.Errorf("something refused was saved: %d %v", len(list), err)
		}
		if _, err := e.s.AddClause(ctx, e.industry, p.ID, clauseOf()); !errors.Is(err, flow.ErrForbidden) {
			t.Errorf("another unit adds a clause: %v", err)
		}
		c, err := e.s.AddClause(ctx, e.writer, p.ID, clauseOf())
		e.must(err)
		if _, err := e.s.AddClause(ctx, e.writer, p.ID, clauseOf()); !fault(err, "number", "taken") {
			t.Errorf("the same number: %v", err)
		}
		if err := publish(); !errors.Is(err, flow.ErrState) {
			t.Errorf("published without a review: %v", err)
		}
		if err := review(e.writer, "result", "allowed"); !errors.Is(err, flow.ErrForbidden) {
			t.Errorf("whoever writes reviews: %v", err)
		}
		if err := review(e.market, "result", "allowed", "date", "2022-12-01"); err == nil {
			t.Error("a review of the future")
		}
		e.must(review(e.market, "result", "forbidden"))
		if err := publish(); !errors.Is(err, flow.ErrState) {
			t.Errorf("published against the review: %v", err)
		}
		e.must(review(e.market, "result", "allowed"))
		if _, err := clauses.Act(ctx, e.writer, c.ID, "change", clauseOf("cap", "25万")); err != nil {
			t.Fatal(err)
		}
		if err := publish(); !errors.Is(err, flow.ErrState) {
			t.Errorf("published with a clause that was changed after the review: %v", err)
		}
		e.must(review(e.market, "result", "excepted", "except_until", "2022-10-31"))
		if err := publish(); !refused(err, "policy.exception") {
			t.Errorf("the exception ends before the policy: %v", err)
		}
		if _, err := book.Act(ctx, e.writer, p.ID, "change", said("name", "示例十条", "from", "2022-01-01", "until", "2021-12-31")); !fault(err, "until", "before_start") {
			t.Errorf("it ends before it begins: %v", err)
		}
		_, err = book.Act(ctx, e.writer, p.ID, "change", said("name", "示例十条", "from", "2022-01-01", "until", "2022-10-31"))
		e.must(err)
		e.must(review(e.market, "result", "excepted", "except_until", "2022-10-31"))
		if list, err := e.s.Public(ctx); err != nil || len(list) != 0 {
			t.Errorf("a draft is public: %v", err)
		}
		if _, err := book.View(ctx, e.firm(mine), p.ID); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("a firm reads a draft: %v", err)
		}
		e.must(publish())
		if _, err := clauses.Act(ctx, e.writer, c.ID, "change", clauseOf()); !errors.Is(err, flow.ErrState) {
			t.Errorf("a clause in force was changed: %v", err)
		}
		// Another edition takes its place.
		q, err := book.Open(ctx, e.writer, "draft", said("name", "示例十条（2022 年修订）", "from", "2022-10-01", "until", "2022-12-31"), func(x *policies.Policy) { x.Replaces = p.ID })
		e.must(err)
		_, err = e.s.AddClause(ctx, e.writer, q.ID, clauseOf())
		e.must(err)
		p = q
		e.must(review(e.market, "result", "allowed"))
		e.must(publish())
		list, err := e.s.Public(ctx)
		if err != nil || len(list) != 2 || list[0].Policy.Edition != 2 || list[1].Policy.State != policies.Ended || list[1].Clauses[0].State != policies.Shut {
			t.Errorf("editions: %+v %v", list, err)
		}
		e.verify()
	})
}

// TestClaim goes the whole way: filed, papers missing, checked, two people, paid, published, revoked, recovered.
func TestClaim(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		ctx := t.Context()
		_, list := e.published(clauseOf())
		c := list[0]
		_, _, claims := e.s.Book()
		e.facts[mine] = &conditions.Facts{Equipment: new(int64(150 * wan))}
		file := func(firm string, kv ...string) (*policies.Claim, error) {
			return e.s.File(ctx, e.firm(firm), c.ID, said(append([]string{"account_no", "6222 0000 1111 2222", "papers", "1"}, kv...)...))
		}
		if _, err := file(other); !refused(err, "policy_claim.unknown") {
			t.Errorf("a firm without a profile: %v", err)
		}
		e.facts[other] = &conditions.Facts{Equipment: new(int64(wan))}
		if _, err := file(other); !refused(err, "policy_claim.not_eligible") {
			t.Errorf("a firm that is not eligible: %v", err)
		}
		if _, err := e.s.File(ctx, e.firm(mine), c.ID, said("account_no", "12-34")); !fault(err, "account_no", "bank_account") {
			t.Errorf("a bank account of four figures: %v", err)
		}
		if _, err := e.s.Offer(ctx, e.industry, c.ID, mine, record.Input{}); !refused(err, "policy_claim.not_auto") {
			t.Errorf("offered what firms apply for: %v", err)
		}
		x, err := file(mine)
		e.must(err)
		if x.Asked != 15*wan || x.Period != "2022" || x.Name == "" || x.Sealed == "" {
			t.Errorf("filed: %+v", x)
		}
		if _, err := file(mine); !refused(err, "policy_claim.twice") {
			t.Errorf("twice in a year: %v", err)
		}
		act := func(sc access.Scope, action string, kv ...string) error {
			y, err := claims.Act(ctx, sc, x.ID, action, said(kv...))
			if err == nil {
				x = y
			}
			return err
		}
		for name, sc := range map[string]access.Scope{"another firm": e.firm(other), "another department": e.writer, "the public": access.PublicScope(e.p.District)} {
			if _, err := claims.View(ctx, sc, x.ID); !errors.Is(err, store.ErrNotFound) {
				t.Errorf("%s reads the claim: %v", name, err)
			}
			if l, _, err := claims.List(ctx, sc, record.Filter{}); err != nil || len(l) != 0 {
				t.Errorf("%s lists %d claims, %v", name, len(l), err)
			}
			if err := act(sc, "withdraw"); !errors.Is(err, store.ErrNotFound) {
				t.Errorf("%s withdraws it: %v", name, err)
			}
		}
		if err := act(e.industry, "check"); !refused(err, "policy_claim.papers") {
			t.Errorf("checked with a paper missing: %v", err)
		}
		e.must(act(e.industry, "ask", "missing", "请补设备采购合同"))
		e.must(act(e.firm(mine), "complete", "papers", "1"))
		x2, err := claims.Act(ctx, e.industry, x.ID, "ask", said("missing", "还缺合同"))
		e.must(err)
		x = x2
		raw := record.Raw("papers", "1", "papers", "2")
		x, err = claims.Act(ctx, e.firm(mine), x.ID, "complete", record.Input{Raw: raw})
		e.must(err)
		e.unchecked[mine] = true
		if err := act(e.industry, "check"); !refused(err, "policy_claim.unchecked") {
			t.Errorf("checked against a profile nobody checked: %v", err)
		}
		delete(e.unchecked, mine)
		if err := act(e.industry, "propose", "verdict", "grant", "amount", "15万", "grounds", "符合"); !refused(err, "policy_claim.unchecked_papers") {
			t.Errorf("granted before papers are checked: %v", err)
		}
		e.must(act(e.industry, "check", "basis", "发票与合同一致"))
		if err := act(e.industry, "propose", "verdict", "grant", "amount", "16万", "grounds", "符合"); !fault(err, "amount", "above_clause") {
			t.Errorf("more than the clause gives: %v", err)
		}
		if err := act(e.industry, "propose", "verdict", "grant", "amount", "15", "grounds", "符合"); !fault(err, "amount", "unlikely") {
			t.Errorf("yuan for 万元: %v", err)
		}
		e.must(act(e.industry, "propose", "verdict", "grant", "amount", "15万", "grounds", "符合"))
		if err := act(e.industry, "agree"); !refused(err, "policy_claim.same_person") {
			t.Errorf("one person decides alone: %v", err)
		}
		e.must(act(e.second, "disagree", "grounds", "金额请复核"))
		e.must(act(e.second, "propose", "verdict", "grant", "amount", "12万", "grounds", "扣除二手设备"))
		e.must(act(e.industryLead, "agree"))
		if k := e.clause(c.ID); k.Held != 12*wan || k.Left() != 30*wan || k.Free() != 18*wan {
			t.Errorf("granted: %+v", k)
		}
		no, err := e.s.Account(ctx, e.industry, x.ID, vault.Disclosure{Account: "industry1", Unit: "industry", Reason: vault.ReasonContact, Note: "付款", At: e.now}, func(*store.Tx) error { return nil })
		if err != nil || no != "6222000011112222" {
			t.Errorf("the bank account: %q %v", no, err)
		}
		if _, err := e.s.Account(ctx, e.leader, x.ID, vault.Disclosure{Account: "l", Unit: "leaders", Reason: vault.ReasonContact, Note: "看看", At: e.now}, func(*store.Tx) error { return nil }); !errors.Is(err, flow.ErrForbidden) {
			t.Errorf("a leader opens a bank account: %v", err)
		}
		if err := act(e.industry, "pay", "paid_on", "2022-12-01", "voucher", "P1"); !fault(err, "paid_on", "future") {
			t.Errorf("paid tomorrow: %v", err)
		}
		e.must(act(e.industry, "pay", "paid_on", "2022-09-26", "voucher", "P1"))
		if g, _, err := e.s.Grants(ctx, c.ID, 0, 10); err != nil || len(g) != 0 {
			t.Errorf("published by itself: %v %v", g, err)
		}
		e.must(act(e.industry, "publish"))
		if g, next, err := e.s.Grants(ctx, c.ID, 0, 10); err != nil || len(g) != 1 || g[0].Amount != 12*wan || next != 0 {
			t.Errorf("%+v %v", g, err)
		}
		e.must(act(e.industryLead, "revoke", "cause", "false_papers", "grounds", "发票系伪造"))
		if err := act(e.industry, "recover", "back", "13万", "back_on", "2022-09-26", "back_voucher", "R1"); !fault(err, "back", "above_paid") {
			t.Errorf("more comes back than was paid: %v", err)
		}
		e.must(act(e.industry, "recover", "back", "5万", "back_on", "2022-09-26", "back_voucher", "R1"))
		if x.State != policies.Revoked {
			t.Errorf("a part came back: %s", x.State)
		}
		e.must(act(e.industry, "recover", "back", "7万", "back_on", "2022-09-26", "back_voucher", "R2"))
		if k := e.clause(c.ID); x.State != policies.Recovered || k.Held != 0 || k.Paid != 12*wan || k.Recovered != 12*wan || k.Left() != 30*wan {
			t.Errorf("recovered: %+v", k)
		}
		v, err := claims.View(ctx, e.industry, x.ID)
		e.must(err)
		for _, a := range v.Acts {
			if strings.Contains(string(a.Body)+fmt.Sprint(a.Texts), "62220000") || strings.Contains(fmt.Sprint(a.Texts), "6222 ") {
				t.Errorf("a bank account is in the act %s", a.Action)
			}
		}
		e.verify()
	})
}

// TestOffer: 免申即享: the unit finds the firms, the firm says where the money goes; whoever was offered it is no candidate again.
func TestOffer(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		ctx := t.Context()
		_, list := e.published(clauseOf("auto", "yes", "paper_list", ""))
		c := list[0]
		_, _, claims := e.s.Book()
		e.facts[mine], e.facts[other] = &conditions.Facts{Equipment: new(int64(50 * wan))}, &conditions.Facts{}
		if _, err := e.s.File(ctx, e.firm(mine), c.ID, said("account_no", "6222000011112222")); !refused(err, "policy_claim.auto") {
			t.Errorf("filed what is offered: %v", err)
		}
		if _, err := e.s.Candidates(ctx, e.writer, c.ID, e.now); !errors.Is(err, flow.ErrForbidden) {
			t.Errorf("another unit reads candidates: %v", err)
		}
		got, err := e.s.Candidates(ctx, e.industry, c.ID, e.now)
		if err != nil || len(got) != 1 || got[0].Firm != mine || got[0].Amount != 5*wan {
			t.Fatalf("%+v %v", got, err)
		}
		x, err := e.s.Offer(ctx, e.industry, c.ID, mine, record.Input{})
		e.must(err)
		if m, err := e.s.Matters(ctx, e.firm(mine)); err != nil || len(m) != 1 || !m[0].Yours {
			t.Errorf("%+v %v", m, err)
		}
		if m, err := e.s.Matters(ctx, e.firm(other)); err != nil || len(m) != 0 {
			t.Errorf("another firm's: %+v %v", m, err)
		}
		x, err = claims.Act(ctx, e.firm(mine), x.ID, "confirm", said("account_no", "6222000011112222"))
		if err != nil || x.State != policies.Checked {
			t.Fatalf("%+v %v", x, err)
		}
		if got, err = e.s.Candidates(ctx, e.industry, c.ID, e.now); err != nil || len(got) != 0 {
			t.Errorf("offered twice: %+v %v", got, err)
		}
		e.verify()
	})
}

// TestMatch says of each clause whether it fits, and what is missing.
func TestMatch(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		e.published(clauseOf(), clauseOf("number", "2", "who", `staff >= 10 and "high_tech" in titles`, "amount", "3 * wan"), clauseOf("number", "3", "who", "exports > 0", "amount", "percent(exports, 1)"))
		e.facts[mine] = &conditions.Facts{Equipment: new(int64(500 * wan)), Staff: new(int64(5))}
		got, err := e.s.Matches(t.Context(), e.firm(mine), mine, e.now)
		if err != nil || len(got) != 1 || len(got[0].Clauses) != 3 {
			t.Fatalf("%+v %v", got, err)
		}
		m := got[0].Clauses
		if m[0].Verdict.Truth != conditions.Yes || m[0].Amount != 20*wan || m[1].Verdict.Truth != conditions.No || m[2].Verdict.Truth != conditions.Unknown || fmt.Sprint(m[2].Missing()) != "[exports]" {
			t.Errorf("%+v %+v %+v", m[0], m[1], m[2])
		}
		if p := m[1].Verdict.Parts; len(p) != 2 || p[0].Truth != conditions.No || p[1].Truth != conditions.Unknown {
			t.Errorf("parts %+v", p)
		}
		if _, err := e.s.Matches(t.Context(), e.firm(other), mine, e.now); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("another firm's matches: %v", err)
		}
		counts, firms, err := e.s.Counts(t.Context(), e.now)
		if err != nil || firms != 1 || counts[0].Yes != 1 || counts[1].No != 1 || counts[2].Unknown != 1 {
			t.Errorf("%+v %v", counts, err)
		}
	})
}

// TestTwoAtOnce: two claims that together want more than is left are decided at the same moment: one of them gets it.
func TestTwoAtOnce(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		ctx := t.Context()
		_, list := e.published(clauseOf("paper_list", ""))
		_, _, claims := e.s.Book()
		var ids []string
		for _, firm := range []string{mine, other} {
			e.facts[firm] = &conditions.Facts{Equipment: new(int64(200 * wan))}
			x, err := e.s.File(ctx, e.firm(firm), list[0].ID, said("account_no", "6222000011112222"))
			e.must(err)
			_, err = claims.Act(ctx, e.industry, x.ID, "check", record.Input{})
			e.must(err)
			_, err = claims.Act(ctx, e.industry, x.ID, "propose", said("verdict", "grant", "amount", "20万", "grounds", "符合"))
			e.must(err)
			ids = append(ids, x.ID)
		}
		errs := make([]error, 2)
		var wg sync.WaitGroup
		for i, id := range ids {
			wg.Go(func() { _, errs[i] = claims.Act(ctx, e.industryLead, id, "agree", record.Input{}) })
		}
		wg.Wait()
		granted, beyond := 0, 0
		for _, err := range errs {
			switch {
			case err == nil:
				granted++
			case refused(err, "policy_claim.budget"):
				beyond++
			default:
				t.Error(err)
			}
		}
		if c := e.clause(list[0].ID); granted != 1 || beyond != 1 || c.Held != 20*wan || c.Free() != 10*wan {
			t.Errorf("%d granted, %d beyond the budget: %+v", granted, beyond, c)
		}
		e.verify()
	})
}

// TestBalance: over any history each clause's budget is what was paid, and left, less what came back; nothing is ever below
// zero, and the claims say the same as the account.
func TestBalance(t *testing.T) {
	p, err := pack.Load(pack.Jiangyuan())
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(rt *rapid.T) {
		db := storetest.Open(t, "sqlite", schemas)
		defer db.Close()
		e := newEnv(t, db, p, t.TempDir())
		ctx := context.Background()
		_, list := e.published(clauseOf("paper_list", "", "period", "once"))
		c := list[0]
		_, _, claims := e.s.Book()
		var ids []string
		for i := range rapid.IntRange(5, 40).Draw(rt, "steps") {
			e.now = e.now.Add(time.Hour)
			if len(ids) == 0 || rapid.IntRange(0, 3).Draw(rt, "new") == 0 {
				code := fmt.Sprintf("9122060500000%05d", i)
				e.facts[code] = &conditions.Facts{Equipment: new(int64(rapid.IntRange(10, 300).Draw(rt, "equipment"))*wan + 7)}
				x, err := e.s.File(ctx, e.firm(code), c.ID, said("account_no", "6222000011112222"))
				if err == nil {
					ids = append(ids, x.ID)
				} else if !refused(err, "policy_claim.budget") {
					rt.Fatal(err)
				}
				continue
			}
			id := rapid.SampledFrom(ids).Draw(rt, "id")
			v, err := claims.View(ctx, e.leader, id)
			if err != nil {
				rt.Fatal(err)
			}
			x := v.X
			fen := func(most int64) string {
				return fmt.Sprintf("%d.%02d", most/100, most%100)
			}
			action := rapid.SampledFrom([]string{"check", "propose", "agree", "agree", "disagree", "pay", "pay", "publish", "revoke", "recover", "withdraw"}).Draw(rt, "action")
			sc, in := e.industry, record.Input{}
			switch action {
			case "propose":
				in = said("verdict", rapid.SampledFrom([]string{"grant", "grant", "refuse"}).Draw(rt, "verdict"), "amount", fen(max(1, x.Asked-int64(rapid.IntRange(0, 3).Draw(rt, "less")))), "amount_sure", "yes", "grounds", "x")
			case "agree":
				sc = e.second
			case "disagree":
				sc, in = e.second, said("grounds", "x")
			case "pay":
				in = said("paid_on", "2022-09-26", "voucher", "P")
			case "revoke":
				sc, in = e.industryLead, said("cause", "mistake", "grounds", "x")
			case "recover":
				in = said("back", fen(max(1, (x.Amount-x.Recovered)/int64(rapid.IntRange(1, 2).Draw(rt, "part")))), "back_sure", "yes", "back_on", "2022-09-26", "back_voucher", "R")
			case "withdraw":
				sc = e.firm(x.Firm)
			}
			if _, err := claims.Act(ctx, sc, id, action, in); err != nil && !errors.Is(err, flow.ErrState) {
				if _, ok := errors.AsType[form.Faults](err); !ok && !errors.Is(err, flow.ErrForbidden) {
					rt.Fatal(action, err)
				}
			}
			k := e.clause(c.ID)
			if k.Budget != k.Paid+k.Left()-k.Recovered || k.Free() < 0 || k.Held < 0 || k.Left() < 0 {
				rt.Fatalf("the account: %+v", k)
			}
			var held, paid, back int64
			for _, id := range ids {
				v, err := claims.View(ctx, e.leader, id)
				if err != nil {
					rt.Fatal(err)
				}
				switch v.X.State {
				case policies.Granted:
					held += v.X.Amount
				case policies.Paid, policies.Revoked, policies.Recovered:
					paid += v.X.Amount
					back += v.X.Recovered
				}
			}
			if held != k.Held || paid != k.Paid || back != k.Recovered {
				rt.Fatalf("claims say %d held, %d paid, %d back; the account %+v", held, paid, back, k)
			}
		}
		e.t = t
		e.verify()
	})
}

// TestAdopt brings the policies of the pack through the same way as any other.
func TestAdopt(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		at := time.Date(2022, 1, 28, 9, 0, 0, 0, worktime.Zone)
		in := func(kv ...string) record.Input {
			at = at.Add(time.Second)
			return record.Input{Raw: record.Raw(kv...), At: at}
		}
		for _, p := range e.p.Policies.Policies {
			if _, err := e.s.Adopt(t.Context(), p, policies.People{Author: e.scope(p.Unit, "1", access.Department), Reviewer: e.market, Signer: e.leader}, in); err != nil {
				t.Fatal(err)
			}
		}
		list, err := e.s.Public(t.Context())
		if err != nil || len(list) != 3 {
			t.Fatal(len(list), err)
		}
		for _, s := range list {
			if len(s.Clauses) != 10 || s.Policy.Clauses != 10 || !s.Policy.MadeUp {
				t.Errorf("%s has %d clauses", s.Policy.Name, len(s.Clauses))
			}
		}
		e.verify()
	})
}
