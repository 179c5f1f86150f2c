package express_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"weixiao/internal/access"
	"weixiao/internal/cases"
	"weixiao/internal/cases/casestest"
	"weixiao/internal/enterprise/express"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/journal"
	"weixiao/internal/record"
	"weixiao/internal/store"
	"weixiao/internal/store/storetest"
	"weixiao/internal/vault"
	"weixiao/internal/worktime"
)

func TestMain(m *testing.M) { storetest.Main(m) }

const (
	firmCode  = "91220605MAWX000211"
	otherFirm = "91220605MAWX00048Q"
	secretly  = "拖欠我们工程款三年，请书记过问"
)

type env struct {
	*casestest.Env
	t *testing.T
	e *record.Engine
	x *express.Express
}

func newEnv(t *testing.T, db *store.DB) *env {
	c := casestest.New(t, db)
	e := &env{Env: c, t: t}
	e.e = record.New(db, record.Options{District: c.Pack.District, Prefix: c.Pack.Prefix, Pack: c.Pack.Version, Clock: c.Clock,
		Calendar: func(tx *store.Tx, unit string) (*worktime.Calendar, error) { return c.Pack.Calendar(unit), nil }})
	e.x = express.New(db, e.e, express.Options{Pack: c.Pack, Vault: c.Vault, Clock: c.Clock, Secret: c.Cases.Secret,
		Staff: func(_ *store.Tx, unit string, _ ...string) ([]express.Colleague, error) {
			return []express.Colleague{{ID: "hand-" + unit, Unit: unit}, {ID: "hand2-" + unit, Unit: unit}}, nil
		},
		File: func(tx *store.Tx, _ access.Scope, r express.Request) (string, error) {
			p, err := c.Cases.Prepare(cases.Report{Channel: "express", Body: r.Words, Person: r.Person, At: r.At})
			if err != nil {
				return "", err
			}
			got, err := c.Cases.TakeIn(tx, access.SystemScope(c.Pack.District, "a letter for the hotline"), p, r.At)
			return got.Number, err
		}})
	return e
}

func each(t *testing.T, fn func(t *testing.T, e *env)) {
	storetest.Each(t, append(casestest.Schemas(), record.Schema), func(t *testing.T, db *store.DB) { fn(t, newEnv(t, db)) })
}

// who is a scope of the given account.
func (e *env) who(account, unit, post string, roles ...string) access.Scope {
	var path []string
	for _, u := range e.Pack.Directory.Path(unit) {
		path = append(path, u.ID)
	}
	return access.ScopeOf(access.Principal{District: e.Pack.District, Account: account, Unit: unit, Post: post, Path: path, Roles: roles, Kind: access.Cookie})
}

func (e *env) clerk() access.Scope { return e.who("clerk", "supervision", "", access.ExpressClerk) }
func (e *env) second() access.Scope {
	return e.who("clerk2", "supervision", "", access.ExpressClerk)
}
func (e *env) secretary() access.Scope {
	return e.who("sec", "leaders", "leaders.secretary", access.Leader)
}
func (e *env) head() access.Scope { return e.who("head", "leaders", "leaders.head", access.Leader) }
func (e *env) chief(unit string) access.Scope {
	return e.who("chief-"+unit, unit, "", access.DeptLead)
}
func (e *env) hand(unit string) access.Scope {
	return e.who("hand-"+unit, unit, "", access.Department)
}
func (e *env) colleague(unit string) access.Scope {
	return e.who("hand3-"+unit, unit, "", access.Department)
}
func (e *env) firm(code string) access.Scope {
	return access.ScopeOf(access.Principal{District: e.Pack.District, Account: "acc-" + code, Unit: code, Roles: []string{access.Firm}, Kind: access.Cookie})
}
func (e *env) anybody() access.Scope { return access.PublicScope(e.Pack.District) }

func letter(kv ...string) form.Raw {
	r := record.Raw("post", "leaders.secretary", "topic", "arrears", "words", secretly, "level", "normal", "named", "yes", "name", "王小明", "phone", "13900000001")
	for i := 0; i < len(kv); i += 2 {
		if kv[i+1] == "" {
			delete(r, kv[i])
		} else {
			r[kv[i]] = []string{kv[i+1]}
		}
	}
	return r
}

func (e *env) send(sc access.Scope, kv ...string) *express.Letter {
	e.t.Helper()
	l, err := e.x.Send(e.t.Context(), sc, record.Input{Raw: letter(kv...)})
	if err != nil {
		e.t.Fatal(err)
	}
	return l
}

func (e *env) act(sc access.Scope, id, action string, kv ...string) *express.Letter {
	e.t.Helper()
	l, err := e.x.Book().Act(e.t.Context(), sc, id, action, record.Input{Raw: record.Raw(kv...)})
	if err != nil {
		e.t.Fatalf("%s: %v", action, err)
	}
	return l
}

func (e *env) fails(sc access.Scope, id, action, want string, kv ...string) {
	e.t.Helper()
	_, err := e.x.Book().Act(e.t.Context(), sc, id, action, record.Input{Raw: record.Raw(kv...)})
	if !isErr(err, want) {
		e.t.Errorf("%s with %v: %v, want %s", action, kv, err, want)
	}
}

// isErr: want is a refusal, "field:code", "missing" or "forbidden".
func isErr(err error, want string) bool {
	if r, ok := errors.AsType[*record.RefusedError](err); ok {
		return r.Code == want
	}
	if f, ok := errors.AsType[form.Faults](err); ok {
		return f[0].Field+":"+f[0].Code == want
	}
	switch want {
	case "missing":
		return errors.Is(err, store.ErrNotFound)
	case "forbidden":
		return errors.Is(err, flow.ErrForbidden)
	case "state":
		return errors.Is(err, flow.ErrState)
	}
	return false
}

func (e *env) verify() {
	e.t.Helper()
	c := e.e.NewChecker()
	if _, err := journal.Verify(e.t.Context(), e.DB, e.Pack.District, c.Fold); err != nil {
		e.t.Fatal(err)
	}
	if _, err := c.Finish(e.t.Context()); err != nil {
		e.t.Fatal(err)
	}
}

// spilled fails when words, names or firms are anywhere but in the vault.
func (e *env) spilled(words ...string) {
	e.t.Helper()
	err := e.DB.Read(e.t.Context(), func(tx *store.Tx) error {
		for _, q := range []string{`SELECT body FROM acts`, `SELECT body FROM act_texts`, `SELECT body || title || about || tag || unit || parent FROM records`, `SELECT unit FROM acts`} {
			if err := tx.Each(q, nil, func(s store.Scanner) error {
				var b string
				if err := s.Scan(&b); err != nil {
					return err
				}
				for _, w := range words {
					if strings.Contains(b, w) {
						e.t.Errorf("%q lies open: %s", w, b)
					}
				}
				return nil
			}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		e.t.Fatal(err)
	}
}

func TestTable(t *testing.T) {
	if faults := express.Table.Check(); len(faults) > 0 {
		t.Error(faults)
	}
}

// TestWholeWay takes a letter of a firm from the page to the sender's word.
func TestWholeWay(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		l := e.send(e.firm(firmCode), "against", "housing")
		if l.State != express.Received || l.Channel != "firm" || !strings.HasPrefix(l.ID, "JYZT20221123-") {
			t.Fatalf("%+v", l)
		}
		if due, err := deadline(e, l, "screen"); err != nil || !due.Equal(e.Clock().Add(24*time.Hour)) {
			t.Errorf("screened by %v, %v", due, err)
		}
		e.fails(e.secretary(), l.ID, "note", "state", "phrase", "handle")
		e.act(e.clerk(), l.ID, "screen", "topic", "arrears", "level", "normal", "summary", "企业反映工程款拖欠")
		e.fails(e.head(), l.ID, "note", "missing", "phrase", "handle")
		e.fails(e.secretary(), l.ID, "note", "instruction:required")
		e.fails(e.secretary(), l.ID, "note", "express.against", "phrase", "handle", "lead", "housing")
		e.fails(e.secretary(), l.ID, "note", "lead:unit", "phrase", "handle", "lead", "nobody")
		e.fails(e.secretary(), l.ID, "note", "why:required", "phrase", "handle", "lead", "market", "hard", "true")
		l = e.act(e.secretary(), l.ID, "note", "phrase", "handle", "instruction", "本周内报我", "lead", "market", "hard", "true", "why", "涉及多年账目")
		if l.State != express.Assigned || l.Clocks["handle"].Limit != "15 workday" || l.Clocks["assign"].Limit != "" {
			t.Errorf("instructed: %+v", l)
		}
		e.fails(e.chief("housing"), l.ID, "accept", "missing", "officer", "hand-market")
		e.fails(e.chief("market"), l.ID, "accept", "officer:choice", "officer", "hand-housing")
		e.act(e.chief("market"), l.ID, "accept", "officer", "hand-market")
		e.fails(e.colleague("market"), l.ID, "answer", "missing", "result", "done", "answer", "已付")
		e.fails(e.hand("market"), l.ID, "answer", "answer:required", "result", "done")
		e.act(e.hand("market"), l.ID, "answer", "result", "done", "answer", "欠款已付清")
		if err := e.x.Reply(t.Context(), e.firm(otherFirm), l.ID, "confirm", record.Input{Raw: record.Raw("satisfaction", "5")}); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("another firm confirms: %v", err)
		}
		if err := e.x.Reply(t.Context(), e.firm(firmCode), l.ID, "object", record.Input{Raw: record.Raw("remark", "只付了一半")}); err != nil {
			t.Fatal(err)
		}
		e.act(e.hand("market"), l.ID, "answer", "result", "done", "answer", "余款已付")
		if err := e.x.Reply(t.Context(), e.firm(firmCode), l.ID, "confirm", record.Input{Raw: record.Raw("satisfaction", "4", "remark", "谢谢")}); err != nil {
			t.Fatal(err)
		}
		r, err := e.x.Read(t.Context(), e.firm(firmCode), l.ID)
		if err != nil || r.X.State != express.Closed || r.Said("answer") != "余款已付" || r.Said("words") != secretly || r.Said("instruction") != "" || r.Said("summary") != "" || len(r.Acts) != 0 || len(r.Ledger) != 0 {
			t.Errorf("what the firm reads: %+v, %v", r, err)
		}
		r, err = e.x.Read(t.Context(), e.secretary(), l.ID)
		if err != nil || !strings.Contains(r.Said("instruction"), "本周内报我") || r.Firm != firmCode || r.Sender == nil || r.Sender.Name == "王小明" || len(r.Ledger) == 0 {
			t.Errorf("what the leader reads: %+v, %v", r, err)
		}
		list, _, err := e.x.OfFirm(t.Context(), e.firm(firmCode), 0)
		if err != nil || len(list) != 1 {
			t.Errorf("the firm's letters: %d, %v", len(list), err)
		}
		if list, _, err := e.x.OfFirm(t.Context(), e.firm(otherFirm), 0); err != nil || len(list) != 0 {
			t.Errorf("another firm's letters: %d, %v", len(list), err)
		}
		e.spilled(secretly, "王小明", "13900000001", firmCode, "本周内报我", "余款已付", "企业反映", "涉及多年账目")
		e.verify()
	})
}

func deadline(e *env, l *express.Letter, clock string) (at time.Time, err error) {
	err = e.DB.Read(e.t.Context(), func(tx *store.Tx) error {
		d, err := e.e.Deadline(tx, l.Clocks[clock])
		at = d.At
		return err
	})
	return at, err
}

// TestAnonymous: handled by content, nobody is asked to confirm, and somebody who did not screen it looks before it closes.
func TestAnonymous(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		l := e.send(e.anybody(), "named", "no", "name", "", "phone", "")
		if !l.Has(express.Anonymous) {
			t.Fatalf("%+v", l)
		}
		e.act(e.clerk(), l.ID, "screen", "topic", "arrears", "level", "normal")
		e.act(e.secretary(), l.ID, "note", "instruction", "核实")
		l = e.act(e.clerk(), l.ID, "assign", "lead", "market")
		if l.Clocks["handle"].Limit != "5 workday" {
			t.Errorf("%+v", l.Clocks)
		}
		e.act(e.chief("market"), l.ID, "accept", "officer", "hand-market")
		l = e.act(e.hand("market"), l.ID, "answer", "result", "explained", "answer", "已核实")
		if _, ok := l.Clocks["confirm"]; ok {
			t.Error("an anonymous letter waits to be confirmed")
		}
		if sc, ok := e.x.HolderScope(l.ID, e.x.Secret(l.ID)); !ok {
			t.Error("an anonymous letter can be followed")
		} else if err := e.x.Reply(t.Context(), sc, l.ID, "confirm", record.Input{Raw: record.Raw("satisfaction", "5")}); !errors.Is(err, flow.ErrState) {
			t.Errorf("confirmed: %v", err)
		}
		e.fails(e.clerk(), l.ID, "check", "forbidden", "found", "done", "note", "看过")
		e.act(e.second(), l.ID, "check", "found", "redo", "note", "没有到现场")
		e.act(e.hand("market"), l.ID, "answer", "result", "done", "answer", "到现场办结")
		if l = e.act(e.second(), l.ID, "check", "found", "done", "note", "属实"); l.State != express.Closed {
			t.Errorf("%+v", l)
		}
		e.verify()
	})
}

// TestSideWays: screened out, to the hotline, the long-term list, more time, a meeting, silence.
func TestSideWays(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		out := e.send(e.anybody(), "phone", "13900000009", "words", "江南路路灯不亮")
		e.fails(e.clerk(), out.ID, "reject", "answer:required", "ground", "other_channel")
		out = e.act(e.clerk(), out.ID, "reject", "ground", "other_channel", "answer", "已转热线办理")
		if out.State != express.Rejected || out.Case == "" {
			t.Fatalf("%+v", out)
		}
		k, err := e.Cases.Get(t.Context(), access.SystemScope(e.Pack.District, "test"), out.Case)
		if err != nil || k.Channel != "express" {
			t.Errorf("the case: %v %v", k, err)
		}
		shy := e.send(e.anybody(), "level", "strict")
		e.fails(e.clerk(), shy.ID, "reject", "express.case_level", "ground", "other_channel", "answer", "已转热线办理")
		e.fails(e.clerk(), shy.ID, "screen", "express.level", "topic", "arrears", "level", "normal", "summary", "x")
		e.fails(e.clerk(), shy.ID, "screen", "summary:required", "topic", "arrears", "level", "strict")
		e.fails(e.clerk(), shy.ID, "screen", "express.against_leaders", "topic", "arrears", "level", "strict", "summary", "x", "against", "leaders")

		l := e.send(e.anybody())
		e.act(e.clerk(), l.ID, "screen", "topic", "arrears", "level", "normal")
		e.act(e.secretary(), l.ID, "note", "phrase", "report", "lead", "market")
		e.act(e.chief("market"), l.ID, "hand_back", "reason", "不属本单位")
		e.act(e.clerk(), l.ID, "assign", "lead", "housing")
		e.act(e.chief("housing"), l.ID, "accept", "officer", "hand-housing")
		e.act(e.clerk(), l.ID, "meet", "met_on", "2022-11-22", "units", "market", "decision", "由住建局牵头")
		e.fails(e.clerk(), l.ID, "meet", "express.met_on", "met_on", "2022-12-22", "units", "market", "decision", "由住建局牵头")
		e.fails(e.chief("housing"), l.ID, "ask_time", "days:range", "days", "40", "reason", "账目多")
		e.act(e.chief("housing"), l.ID, "ask_time", "days", "10", "reason", "账目多")
		was := e.act(e.secretary(), l.ID, "grant_time", "note", "同意")
		if len(was.Clocks["handle"].Ext) != 1 {
			t.Errorf("%+v", was.Clocks["handle"])
		}
		long := e.act(e.secretary(), l.ID, "list", "explain", "需上级出台政策")
		if !long.Clocks["handle"].Held() || !long.Clocks["review"].Running() || long.Clocks["review"].Limit != "90 day" {
			t.Errorf("%+v", long.Clocks)
		}
		e.Pass(24 * time.Hour)
		again := e.act(e.hand("housing"), l.ID, "review", "progress", "已上报")
		if again.Clocks["review"].Start <= long.Clocks["review"].Start {
			t.Error("the review does not come again")
		}
		e.act(e.secretary(), l.ID, "resume")
		e.act(e.hand("housing"), l.ID, "answer", "result", "done", "answer", "政策已出台")
		if n, err := e.x.Lapse(t.Context()); n != 0 || err != nil {
			t.Errorf("closed at once: %d, %v", n, err)
		}
		e.Pass(8 * 24 * time.Hour)
		if n, err := e.x.Lapse(t.Context()); n != 1 || err != nil {
			t.Errorf("closed after silence: %d, %v", n, err)
		}
		e.verify()
	})
}

// TestAbuse: marked again and again, a sender waits, and is told until when; others do not.
func TestAbuse(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		for i := range 3 {
			l := e.send(e.anybody(), "words", fmt.Sprintf("第%d封", i))
			e.act(e.clerk(), l.ID, "mark", "reason", "辱骂工作人员")
			e.Pass(time.Hour)
		}
		_, err := e.x.Send(t.Context(), e.anybody(), record.Input{Raw: letter()})
		if !isErr(err, "express.limited") {
			t.Errorf("the fourth: %v", err)
		}
		e.send(e.anybody(), "phone", "13900000002")
		e.Pass(8 * 24 * time.Hour)
		e.send(e.anybody())
		e.verify()
	})
}

func TestBadInput(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		for want, kv := range map[string][]string{"post:choice": {"post", "leaders.nobody"}, "topic:choice": {"topic", "gossip"}, "words:required": {"words", ""}, "level:choice": {"level", "secret"},
			"phone:phone": {"phone", "12"}, "against:unit": {"against", "nobody"}, "named:required": {"named", ""}, "express.against_leaders": {"against", "leaders"}, "against:unit ": {"against", e.Pack.District},
			"name:required": {"name", ""}} {
			if _, err := e.x.Send(t.Context(), e.anybody(), record.Input{Raw: letter(kv...)}); !isErr(err, strings.TrimSpace(want)) {
				t.Errorf("%v: %v, want %s", kv, err, want)
			}
		}
		if _, err := e.x.Send(t.Context(), e.hand("market"), record.Input{Raw: letter()}); !errors.Is(err, flow.ErrForbidden) {
			t.Errorf("staff write as residents: %v", err)
		}
		if _, err := e.x.TakeIn(t.Context(), e.clerk(), record.Input{Raw: letter("channel", "paper", "firm", "91220605MAWX000212")}); !isErr(err, "firm:firm_code") {
			t.Errorf("a wrong code: %v", err)
		}
		if _, err := e.x.TakeIn(t.Context(), e.clerk(), record.Input{Raw: letter("channel", "paper", "against", "supervision")}); !isErr(err, "express.tied") {
			t.Errorf("a clerk takes in what is about her own unit: %v", err)
		}
		key := store.Key{Scope: "public", Value: strings.Repeat("a", 32), Request: []byte("x")}
		a, err := e.x.Send(t.Context(), e.anybody(), record.Input{Raw: letter(), Key: key})
		b, err2 := e.x.Send(t.Context(), e.anybody(), record.Input{Raw: letter(), Key: key})
		if err != nil || err2 != nil || a.ID != b.ID {
			t.Errorf("sent twice: %v %v", err, err2)
		}
		e.verify()
	})
}

// TestFigures: counts open to letters, readable for those who may read them and to numbers for the others.
func TestFigures(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		a, b := e.send(e.anybody()), e.send(e.anybody(), "post", "leaders.head")
		e.act(e.clerk(), a.ID, "screen", "topic", "arrears", "level", "normal")
		e.Pass(25 * time.Hour)
		e.act(e.clerk(), b.ID, "reject", "ground", "legal", "answer", "请通过诉讼解决")
		auditor := e.who("aud", e.Pack.District, "", access.Auditor)
		for _, sc := range []access.Scope{auditor, e.secretary(), e.clerk()} {
			list, err := e.x.Figures(t.Context(), sc, casestest.Start.Add(-time.Hour), casestest.Start.Add(time.Hour))
			if err != nil {
				t.Fatal(err)
			}
			got := fmt.Sprint(list[0], list[1], list[2], list[3], list[5])
			if got != "2 1/2 1/2 0/1 1" {
				t.Errorf("%s", got)
			}
			readable := 0
			for _, o := range list[0].Letters {
				if o.Readable {
					readable++
				}
			}
			if want := map[string]int{"aud": 0, "sec": 1, "clerk": 2}[sc.Account()]; readable != want {
				t.Errorf("%s reads %d of the letters, want %d", sc.Account(), readable, want)
			}
		}
		if _, err := e.x.Figures(t.Context(), e.chief("market"), casestest.Start, casestest.Start); !errors.Is(err, flow.ErrForbidden) {
			t.Errorf("a department's figures: %v", err)
		}
		s, err := e.x.Week(t.Context(), e.secretary(), e.Clock())
		if err != nil || s.Begin.Weekday() != time.Monday || len(s.Open) != 1 || s.Ages.Oldest != 1 {
			t.Errorf("%+v %v", s, err)
		}
	})
}

// TestReveal: name and telephone open with a reason, to those who may know them.
func TestReveal(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		l := e.send(e.anybody(), "level", "strict")
		e.act(e.clerk(), l.ID, "screen", "topic", "arrears", "level", "strict", "summary", "反映账款问题")
		e.act(e.secretary(), l.ID, "note", "phrase", "handle", "lead", "market")
		if _, err := e.x.Reveal(t.Context(), e.chief("market"), l.ID, vault.ReasonContact, "联系"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("the lead unit learns who wrote: %v", err)
		}
		r, err := e.x.Read(t.Context(), e.chief("market"), l.ID)
		if err != nil || r.Sender != nil || r.Said("words") != "" || r.Said("summary") != "反映账款问题" || len(r.Ledger) != 0 {
			t.Errorf("what the lead unit reads of a strict letter: %+v %v", r, err)
		}
		p, err := e.x.Reveal(t.Context(), e.secretary(), l.ID, vault.ReasonContact, "当面听取意见")
		if err != nil || p.Name != "王小明" || p.Phone == "" {
			t.Errorf("%v", err)
		}
	})
}

// TestWhoSees sends random letters on random ways, and lets every role of the district try to reach each of them: only the
// named do, and nobody whose unit is complained about.
func TestWhoSees(t *testing.T) {
	units := []string{"market", "housing", "civil"}
	e := newEnv(t, storetest.Open(t, "sqlite", append(casestest.Schemas(), record.Schema)))
	n := 0
	rapid.Check(t, func(rt *rapid.T) {
		n++
		phone := fmt.Sprintf("139%08d", n)
		post := rapid.SampledFrom([]string{"leaders.secretary", "leaders.head"}).Draw(rt, "post")
		level := rapid.SampledFrom(express.Levels).Draw(rt, "level")
		against := rapid.SampledFrom([]string{"", "market", "housing", "supervision"}).Draw(rt, "against")
		boss := map[string]access.Scope{"leaders.secretary": e.secretary(), "leaders.head": e.head()}[post]
		sender := rapid.SampledFrom([]access.Scope{e.anybody(), e.firm(firmCode)}).Draw(rt, "sender")
		l := e.send(sender, "post", post, "level", level, "against", against, "phone", phone)
		steps := rapid.IntRange(0, 3).Draw(rt, "steps")
		unit := rapid.SampledFrom(units).Filter(func(u string) bool { return u != against }).Draw(rt, "unit")
		if steps > 0 {
			e.act(boss, l.ID, "screen", "topic", "arrears", "level", level, "summary", "摘要")
		}
		if steps > 1 {
			e.act(boss, l.ID, "note", "phrase", "handle", "lead", unit)
		}
		if steps > 2 {
			e.act(e.chief(unit), l.ID, "accept", "officer", "hand-"+unit)
		}
		var all []access.Role
		for _, r := range access.Roles() {
			if !r.Pseudo {
				all = append(all, r)
			}
		}
		for range 60 {
			r := rapid.SampledFrom(all).Draw(rt, "role")
			u := rapid.SampledFrom(append(units, "supervision", "leaders", e.Pack.District)).Draw(rt, "of")
			p := rapid.SampledFrom([]string{"", "leaders.secretary", "leaders.head"}).Draw(rt, "holds")
			account := rapid.SampledFrom([]string{"x-", "hand-"}).Draw(rt, "account") + u
			sc := e.who(account, u, p, r.Name)
			if r.Outside {
				sc = e.firm(otherFirm)
			}
			may := r.Name == access.ExpressClerk || r.Name == access.Leader && p == post ||
				steps > 1 && u == unit && (r.Name == access.DeptLead || r.Name == access.StreetLead) || steps > 2 && account == "hand-"+unit && sc.Unit() == unit
			e.reaches(rt, sc, l, may && !(against != "" && sc.Within(against)))
		}
	})
	e.spilled(secretly, "王小明", firmCode, "摘要")
	e.verify()
}

// reaches fails unless a scope reaches a letter on every way, or on none.
func (e *env) reaches(rt *rapid.T, sc access.Scope, l *express.Letter, may bool) {
	who := fmt.Sprintf("%s (%v of %q, post %q) and %s at %s to %s against %q with %q: expected %v", sc.Account(), sc.Roles(), sc.Unit(), sc.Post(), l.Level, l.State, l.Post, l.Against, l.Lead, may)
	ctx := e.t.Context()
	_, err := e.x.Read(ctx, sc, l.ID)
	if may != (err == nil) || err != nil && !errors.Is(err, store.ErrNotFound) {
		rt.Fatalf("reading: %s: %v", who, err)
	}
	list, _, err := e.x.Book().List(ctx, sc, record.Filter{Of: l.Person})
	if err != nil || len(list) == 1 != may {
		rt.Fatalf("list: %s: %d %v", who, len(list), err)
	}
	about, err := store.Get(ctx, e.DB, func(tx *store.Tx) ([]record.Line, error) { return e.e.About(tx, sc, l.Person, 0, 10) })
	if err != nil || len(about) == 1 != may {
		rt.Fatalf("about: %s: %d %v", who, len(about), err)
	}
	figures, err := e.x.Figures(ctx, sc, e.Clock().Add(-time.Hour), e.Clock().Add(time.Hour))
	if errors.Is(err, flow.ErrForbidden) {
		return
	}
	i := -1
	if err == nil {
		i = slices.IndexFunc(figures[0].Letters, func(o express.Outline) bool { return o.Number == l.ID })
	}
	if i < 0 || figures[0].Letters[i].Readable != may {
		rt.Fatalf("figures: %s: %v", who, err)
	}
}
