package visits_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"weixiao/internal/access"
	"weixiao/internal/cases"
	"weixiao/internal/cases/casestest"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/journal"
	"weixiao/internal/notify"
	"weixiao/internal/rounds/visits"
	"weixiao/internal/store"
	"weixiao/internal/store/storetest"
	"weixiao/internal/vault"
)

func TestMain(m *testing.M) { storetest.Main(m) }

const (
	community = "220605001001" // in casestest.Street
	grid      = "220605001001001"
	block     = "220605001001-b001" // 3 entrances, 7 floors, 42 households
)

type env struct {
	*casestest.Env
	t     *testing.T
	v     *visits.Visits
	grids map[string]string // account -> grid
}

func each(t *testing.T, fn func(t *testing.T, e env)) {
	storetest.Each(t, append(casestest.Schemas(), visits.Schema), func(t *testing.T, db *store.DB) {
		c := casestest.New(t, db)
		e := env{c, t, nil, map[string]string{}}
		e.v = visits.New(db, visits.Options{Pack: c.Pack, Vault: c.Vault, Clock: c.Clock, Building: c.Posts.Board().Building, BuildingsOf: c.Posts.Board().BuildingsOf,
			Grid: func(_ *store.Tx, account string) (string, error) { return e.grids[account], nil },
			File: func(tx *store.Tx, _ access.Scope, r visits.Request, at time.Time) (string, error) {
				rep := cases.Report{Channel: "grid", Body: r.Words, Matter: r.Matter, Place: cases.Place{Community: r.Community, Text: r.Place}, Person: r.Person}
				if r.Help {
					rep.Kind = "help"
				}
				p, err := c.Cases.Prepare(rep)
				if err != nil {
					return "", err
				}
				got, err := c.Cases.TakeIn(tx, access.SystemScope(c.Pack.District, "test"), p, at)
				return got.Number, err
			},
			Outcomes: func(tx *store.Tx, numbers []string) (map[string]visits.Outcome, error) {
				list, err := c.Cases.Endings(tx, numbers)
				out := map[string]visits.Outcome{}
				for n, x := range list {
					out[n] = visits.Outcome{Ended: x.Ended}
				}
				return out, err
			}})
		fn(t, e)
	})
}

func (e env) host() access.Scope   { return e.Scope(community, access.Community) }
func (e env) worker() access.Scope { return e.Scope(community, access.Grid) }

// running is a campaign over one building that has begun.
func (e env) running(buildings string) *visits.Campaign {
	e.t.Helper()
	id, err := e.v.Plan(e.t.Context(), e.host(), form.Raw{"name": {"冬季走访"}, "communities": {community}, "buildings": {buildings}, "from": {"2022-11-20"}, "until": {"2022-12-20"}, "posts": {"gridworker", "cadre"}})
	if err == nil {
		err = e.v.Act(e.t.Context(), e.host(), id, "start", 1, nil)
	}
	if err != nil {
		e.t.Fatal(err)
	}
	return e.campaign(id)
}

func (e env) campaign(id string) *visits.Campaign {
	e.t.Helper()
	c, _, err := e.v.Campaign(e.t.Context(), e.host(), id)
	if err != nil {
		e.t.Fatal(err)
	}
	return c
}

func (e env) doors(c *visits.Campaign, figure string) []*visits.Visit {
	e.t.Helper()
	list, err := e.v.Doors(e.t.Context(), e.host(), c, visits.Filter{Figure: figure, Limit: 1000})
	if err != nil {
		e.t.Fatal(err)
	}
	return list
}

func (e env) do(id, action string, raw form.Raw) string {
	e.t.Helper()
	made, _, err := e.v.Do(e.t.Context(), e.worker(), id, action, visits.Input{Raw: raw})
	if err != nil {
		e.t.Fatalf("%s: %v", action, err)
	}
	return made
}

func (e env) get(id string) *visits.Visit {
	e.t.Helper()
	x, _, _, err := e.v.Visit(e.t.Context(), e.host(), id)
	if err != nil {
		e.t.Fatal(err)
	}
	return x
}

func (e env) check() {
	e.t.Helper()
	c := e.v.NewChecker()
	if _, err := journal.Verify(e.t.Context(), e.DB, e.Pack.District, c.Fold); err != nil {
		e.t.Fatal(err)
	}
	if _, err := c.Finish(e.t.Context()); err != nil {
		e.t.Error(err)
	}
}

func TestTables(t *testing.T) {
	for _, table := range []*flow.Table{&visits.CampaignTable, &visits.VisitTable, &visits.PersonTable} {
		if bad := table.Check(); len(bad) > 0 {
			t.Errorf("%s: %v", table.Kind, bad)
		}
	}
}

// TestCampaign goes from the plan over every outcome at a door to the end; every figure is the number of its doors.
func TestCampaign(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		c := e.running(block)
		list := e.doors(c, "")
		if len(list) != 42 || c.Households != 42 || list[0].Door != "1-101" || list[41].Door != "3-702" {
			t.Fatalf("%d doors, %d households, %s to %s", len(list), c.Households, list[0].Door, list[len(list)-1].Door)
		}
		e.do(list[0].ID, "record", form.Raw{"outcome": {"not_home"}})
		if x := e.get(list[0].ID); x.State != visits.Attempted || x.Revisit != "2022-11-26" || x.Attempts != 1 {
			t.Errorf("nobody at home: %+v", x)
		}
		e.do(list[0].ID, "record", form.Raw{"outcome": {"met"}, "topics": {"safety", "policy"}})
		if x := e.get(list[0].ID); x.State != visits.Closed || x.Outcome != visits.Met || x.Attempts != 2 || x.Topics != "safety policy" {
			t.Errorf("met the second time: %+v", x)
		}
		e.do(list[1].ID, "record", form.Raw{"outcome": {"declined"}})
		e.do(list[2].ID, "record", form.Raw{"outcome": {"vacant"}})
		number := e.do(list[3].ID, "record", form.Raw{"outcome": {"met"}, "need": {"repair"}, "words": {"楼道灯坏了"}, "phone": {"19900001234"}, "name": {"王某"}})
		help := e.do(list[4].ID, "record", form.Raw{"outcome": {"met"}, "need": {"errand"}, "words": {"想请人帮忙买药"}, "revisit": {"2022-11-30"}})
		operator := e.Scope("", access.Operator)
		k, err := e.Cases.Get(t.Context(), operator, number)
		if err != nil || k.Place.Community != community || k.Person == "" || !strings.Contains(k.Place.Text, "松花花园1号楼") || strings.Contains(k.Place.Text, "室") {
			t.Errorf("case of a need: %+v %v", k, err)
		}
		h, err := e.Cases.Get(t.Context(), operator, help)
		if err != nil || h.Kind != "help" || h.Person != "" {
			t.Errorf("call for help: %+v %v", h, err)
		}
		if x := e.get(list[3].ID); x.State != visits.Raised || x.Cases != number || x.Needs != "repair" {
			t.Errorf("raised: %+v", x)
		}
		if _, _, err := e.v.Do(t.Context(), e.worker(), list[3].ID, "close", visits.Input{}); err == nil {
			t.Error("closed while its case is open")
		}
		if _, err := e.Cases.Act(t.Context(), operator, number, "answer", cases.Input{Raw: form.Raw{"reply": {"已换灯泡"}}}); err != nil {
			t.Fatal(err)
		}
		e.do(list[3].ID, "follow_up", nil)
		e.do(list[3].ID, "close", nil)
		all, by, err := e.v.Coverage(t.Context(), e.host(), c)
		if err != nil || len(by) != 1 {
			t.Fatalf("%+v %v", by, err)
		}
		for _, f := range visits.FigureNames() {
			if got := len(e.doors(c, f)); got != all.N[f] {
				t.Errorf("figure %s is %d, its list has %d", f, all.N[f], got)
			}
		}
		if all.N[visits.FigMet] != 3 || all.N[visits.FigRaised] != 2 || all.N[visits.FigTodo] != 37 || all.N[visits.FigOpen] != 1 {
			t.Errorf("coverage %v", all.N)
		}
		if err := e.v.Act(t.Context(), e.host(), c.ID, "finish", c.Version, nil); err != nil {
			t.Fatal(err)
		}
		if x := e.get(list[10].ID); x.State != visits.Closed || x.Outcome != visits.Lapsed {
			t.Errorf("a door nobody went to: %+v", x)
		}
		if x := e.get(list[4].ID); x.State != visits.Raised {
			t.Errorf("what is gone after ended with the campaign: %+v", x)
		}
		e.check()
	})
}

// TestMinimum: identity and card numbers are caught in words, the row and the acts hold no word of the resident.
func TestMinimum(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		c := e.running(block)
		x := e.doors(c, "")[0]
		for _, words := range []string{"我的身份证号 11010519491231002X", "银行卡 6222021234567890128 没到账"} {
			_, _, err := e.v.Do(t.Context(), e.worker(), x.ID, "record", visits.Input{Raw: form.Raw{"outcome": {"met"}, "need": {"policy"}, "words": {words}}})
			if r, ok := errors.AsType[*visits.Refusal](err); !ok || r.Field != "words" {
				t.Errorf("%q: %v", words, err)
			}
		}
		if y := e.get(x.ID); y.Version != 1 {
			t.Errorf("something remained: %+v", y)
		}
		e.do(x.ID, "record", form.Raw{"outcome": {"met"}, "need": {"repair"}, "words": {"厨房漏水很久了"}, "phone": {"19900001234"}})
		acts, err := store.Get(t.Context(), e.DB, func(tx *store.Tx) ([]journal.Act, error) { return journal.History(tx, e.Pack.District, "visit", x.ID) })
		if err != nil || len(acts) != 1 || len(acts[0].Texts) > 0 || strings.Contains(string(acts[0].Body), "漏水") || strings.Contains(string(acts[0].Body), "1990") {
			t.Errorf("%s %v %v", acts[0].Body, acts[0].Texts, err)
		}
	})
}

// TestOnceFromThePhone: what a phone sends twice is done once.
func TestOnceFromThePhone(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		c := e.running(block)
		x := e.doors(c, "")[0]
		in := visits.Input{Raw: form.Raw{"outcome": {"met"}, "need": {"repair"}, "words": {"灯坏了"}}, Key: store.Key{Scope: "field", Value: "k", Request: store.RequestHash("a")}}
		for i := range 2 {
			if _, done, err := e.v.Do(t.Context(), e.worker(), x.ID, "record", in); err != nil || done != (i == 1) {
				t.Fatalf("%d: %v %v", i, done, err)
			}
		}
		if y := e.get(x.ID); y.Attempts != 1 || len(y.CaseList()) != 1 {
			t.Errorf("%+v", y)
		}
	})
}

func TestWhoVisits(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		c := e.running(block)
		x := e.doors(c, "")[0]
		other := e.Scope("220605003001", access.Community)
		if _, _, err := e.v.Do(t.Context(), other, x.ID, "record", visits.Input{Raw: form.Raw{"outcome": {"declined"}}}); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("another community: %v", err)
		}
		if _, err := e.v.Plan(t.Context(), other, form.Raw{"name": {"x"}, "communities": {community}, "from": {"2022-12-01"}, "until": {"2022-12-02"}}); !errors.Is(err, flow.ErrForbidden) {
			t.Errorf("another community plans: %v", err)
		}
		if _, _, err := e.v.Campaign(t.Context(), other, c.ID); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("another community reads: %v", err)
		}
		if _, err := e.v.Plan(t.Context(), e.host(), form.Raw{"name": {"x"}, "communities": {community}, "buildings": {"220605003001-b001"}, "from": {"2022-12-01"}, "until": {"2022-12-02"}}); err == nil {
			t.Error("a building of another community was taken")
		}
	})
}

func (e env) enter(sc access.Scope, n int) (string, error) {
	return e.v.Enter(e.t.Context(), sc, form.Raw{"community": {community}, "grid": {grid}, "categories": {"alone", "poor"}, "name": {fmt.Sprintf("赵%d娘", n)}, "phone": {fmt.Sprintf("1990000%04d", n)},
		"address": {"松花花园1号楼1单元101室"}, "consent": {"own"}, "consent_on": {"2022-11-01"}})
}

// TestPeopleInNeed: consent, who sees whom, reviews with what comes of them, reminders, removal.
func TestPeopleInNeed(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		id, err := e.enter(e.host(), 1)
		if err != nil {
			t.Fatal(err)
		}
		mine, theirs := e.worker(), e.Scope(community, access.Grid, access.Operator)
		e.grids[mine.Account()] = grid
		_ = theirs
		civil, housing := e.Scope("civil", access.Department), e.Scope("housing", access.Department)
		sees := func(sc access.Scope) int {
			list, err := e.v.People(t.Context(), sc, "", 50)
			if err != nil {
				t.Fatal(err)
			}
			return len(list)
		}
		e.grids[mine.Account()] = "220605001001002"
		if n := sees(mine); n != 0 {
			t.Errorf("the worker of another grid sees %d", n)
		}
		e.grids[mine.Account()] = grid
		for name, c := range map[string]struct {
			sc   access.Scope
			want int
		}{"the community": {e.host(), 1}, "the worker of the grid": {mine, 1}, "civil affairs": {civil, 1}, "another department": {housing, 0}, "the street above": {e.Scope(casestest.Street, access.StreetLead), 0},
			"a leader": {e.Scope("leaders", access.Leader), 0}, "another community": {e.Scope("220605003001", access.Community), 0}, "the auditor": {e.Scope(e.Pack.District, access.Auditor), 0}} {
			if n := sees(c.sc); n != c.want {
				t.Errorf("%s sees %d, want %d", name, n, c.want)
			}
			if _, _, err := e.v.Person(t.Context(), c.sc, id); (err == nil) != (c.want == 1) {
				t.Errorf("%s opens: %v", name, err)
			}
		}
		s, _, err := e.v.Person(t.Context(), e.host(), id)
		if err != nil || s.Masked.Name == "" || s.Masked.Name == "赵1娘" || s.Due != "2022-12-23" {
			t.Errorf("%+v %v", s, err)
		}
		ledger, err := store.Get(t.Context(), e.DB, func(tx *store.Tx) ([]vault.Disclosure, error) {
			return vault.Ledger(tx, e.Pack.District, id, vault.Page{})
		})
		if err != nil || len(ledger) != 7 {
			t.Errorf("%d looks in the ledger, want 7: %v", len(ledger), err)
		}
		e.Pass(30 * 24 * time.Hour)
		if err := e.v.Remind(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := e.v.Remind(t.Context()); err != nil {
			t.Fatal(err)
		}
		told, err := store.Get(t.Context(), e.DB, func(tx *store.Tx) ([]notify.Message, error) {
			return notify.For(tx, e.Pack.District, community, 0, "", 10)
		})
		if err != nil || len(told) != 1 || strings.Contains(told[0].Text(), "赵") || !strings.Contains(told[0].Text(), "1") {
			t.Fatalf("reminders %+v %v", told, err)
		}
		made, err := e.v.Care(t.Context(), mine, id, "review", visits.Input{Raw: form.Raw{"way": {"visit"}, "result": {"needs_help"}, "words": {"家里的灶台打不着火"}}})
		if err != nil || made == "" {
			t.Fatalf("%q %v", made, err)
		}
		if k, err := e.Cases.Get(t.Context(), e.Scope("", access.Operator), made); err != nil || k.Kind != "help" || k.Person == "" {
			t.Errorf("%+v %v", k, err)
		}
		if s, _, err = e.v.Person(t.Context(), e.host(), id); err != nil || s.Reviewed != "2022-12-23" || s.Due != "2023-01-22" {
			t.Errorf("after the review %+v %v", s, err)
		}
		if _, err := e.v.Care(t.Context(), e.host(), id, "remove", visits.Input{Raw: form.Raw{"gone": {"withdrawn"}}}); err != nil {
			t.Fatal(err)
		}
		if n := sees(e.host()); n != 0 {
			t.Errorf("a removed person is listed: %d", n)
		}
		masks, err := store.Get(t.Context(), e.DB, func(tx *store.Tx) (map[string]vault.Masked, error) {
			return vault.Masks(tx, e.Pack.District, []string{s.Person.Person})
		})
		if err != nil || !masks[s.Person.Person].Erased {
			t.Errorf("the vault still knows a removed person: %+v %v", masks, err)
		}
		e.check()
	})
}

func TestConsent(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		for name, change := range map[string]form.Raw{"none": {"consent": {}}, "to come": {"consent_on": {"2022-12-24"}}, "too old": {"consent_on": {"2021-01-01"}}, "an identity number": {"address": {"身份证 11010519491231002X"}}} {
			raw := form.Raw{"community": {community}, "categories": {"alone"}, "name": {"赵大娘"}, "address": {"1号楼"}, "consent": {"own"}, "consent_on": {"2022-11-01"}}
			for k, v := range change {
				raw[k] = v
			}
			if _, err := e.v.Enter(t.Context(), e.host(), raw); err == nil {
				t.Errorf("consent %s was taken", name)
			}
		}
		if _, err := e.enter(e.Scope(casestest.Street, access.StreetLead), 2); !errors.Is(err, flow.ErrForbidden) {
			t.Errorf("the street enters: %v", err)
		}
		for i := range 2 {
			if _, err := e.enter(e.host(), 10+i); err != nil {
				t.Fatal(err)
			}
		}
		counts, err := e.v.Counts(t.Context(), e.Scope(casestest.Street, access.StreetLead))
		if err != nil || len(counts) != 1 || counts[0].N["alone"] != 2 || !visits.Few(counts[0].N["alone"]) || visits.Few(0) || visits.Few(3) {
			t.Errorf("%+v %v", counts, err)
		}
	})
}

// TestAnyWay walks a campaign at random: rows are always what acts say, figures the number of their doors, and a
// closed visit has no open case.
func TestAnyWay(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		c := e.running(block)
		list := e.doors(c, "")
		rapid.Check(t, func(r *rapid.T) {
			x := rapid.SampledFrom(list).Draw(r, "door")
			action := rapid.SampledFrom([]string{"record", "record", "record", "raise", "follow_up", "close"}).Draw(r, "action")
			raw := form.Raw{}
			switch action {
			case "record":
				raw["outcome"] = []string{rapid.SampledFrom([]string{"met", "not_home", "declined", "vacant"}).Draw(r, "outcome")}
				if raw.Get("outcome") == "met" && rapid.Bool().Draw(r, "need") {
					raw["need"], raw["words"] = []string{"repair"}, []string{"灯坏了"}
				}
				if rapid.Bool().Draw(r, "again") {
					raw["revisit"] = []string{"2022-11-23"}
				}
			case "raise":
				raw["need"], raw["words"] = []string{"company"}, []string{"想有人来说说话"}
			}
			before := e.get(x.ID)
			_, _, err := e.v.Do(t.Context(), e.worker(), x.ID, action, visits.Input{Raw: raw})
			after := e.get(x.ID)
			if err != nil && *before != *after {
				r.Fatalf("%s was refused (%v) and left something: %+v", action, err, after)
			}
			if err == nil && after.State == visits.Closed && after.Cases != "" {
				r.Fatalf("closed with open cases: %+v", after)
			}
			if err == nil && after.Version != before.Version+1 {
				r.Fatalf("%d acts of one", after.Version-before.Version)
			}
		})
		all, _, err := e.v.Coverage(t.Context(), e.host(), c)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range visits.FigureNames() {
			if got := len(e.doors(c, f)); got != all.N[f] {
				t.Errorf("figure %s is %d, its list has %d", f, all.N[f], got)
			}
		}
		e.check()
	})
}
