package cases_test

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/cases"
	"weixiao/internal/cases/casestest"
)

// TestBoardFollowsTheJournal does random things to cases at two nodes that share
// a database. After each step both must list and count, for every kind of list,
// what a search through all open cases finds.
func TestBoardFollowsTheJournal(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		rnd := rand.New(rand.NewPCG(20221123, 1))
		other := cases.New(e.DB, cases.FromPack(e.Pack), e.Vault, []byte("a secret for tests"), e.Clock)
		nodes := []*cases.Cases{e.Cases, other}
		street, below := e.Scope(casestest.Street, "street"), e.Pack.Directory.Children(casestest.Street)[0].ID
		steps := []struct {
			sc     access.Scope
			action string
			kv     []string
		}{
			{e.Scope("", "dispatcher"), "dispatch", []string{"unit", casestest.Street}},
			{e.Scope("", "dispatcher"), "dispatch", []string{"unit", casestest.OtherStreet}},
			{e.Scope("", "operator"), "answer", []string{"reply", "已解释"}},
			{street, "sign", nil},
			{street, "contact", []string{"how", "phone"}},
			{street, "assign", []string{"to_unit", below}},
			{street, "hand_back", []string{"ground", "wrong_place", "reason", "不在本街道"}},
			{e.Scope("", "dispatcher"), "accept_objection", nil},
			{street, "reply", []string{"result", "solved", "reply", "已修好"}},
			{e.Scope("", "callback"), "call_back", []string{"reached", "yes", "contacted", "yes", "solved", "solved", "satisfied", "satisfied"}},
			{e.Scope("", "supervisor"), "redo", []string{"reason", "又坏了"}},
			{e.Scope("", "operator"), "withdraw", nil},
		}
		var numbers []string
		for range 150 {
			e.Pass(time.Duration(rnd.IntN(40)) * time.Minute)
			if len(numbers) < 5 || rnd.IntN(5) == 0 {
				numbers = append(numbers, e.report(t, "路灯不亮").Number)
			} else {
				s := steps[rnd.IntN(len(steps))]
				// What the table refuses now changes nothing: fine.
				_, _ = nodes[rnd.IntN(2)].Act(t.Context(), s.sc, numbers[rnd.IntN(len(numbers))], s.action, cases.Input{Raw: raw(s.kv...)})
			}
			if rnd.IntN(3) > 0 {
				continue // now and then several acts lie between two looks
			}
			for i, node := range nodes {
				e.boardAgrees(t, node, i)
			}
		}
		fresh := cases.New(e.DB, cases.FromPack(e.Pack), e.Vault, []byte("a secret for tests"), e.Clock)
		e.boardAgrees(t, fresh, 2)
	})
}

func (e env) boardAgrees(t *testing.T, node *cases.Cases, name int) {
	t.Helper()
	now := e.Clock()
	wants := []cases.Want{{}, {Desks: []string{"dispatch", "callback"}}, {Desks: []string{"approve"}}, {States: []string{cases.Signed, cases.Handling}}, {Due: "over"},
		{Due: "soon"}, {Holder: casestest.Street}, {Ours: []string{casestest.Street}}, {Others: []string{casestest.Street}}, {Marks: []string{cases.ObjectionPending}},
		{Street: casestest.Street}, {Matter: "001"}, {Matter: "002"}, {From: now.Add(-2 * time.Hour).UnixMicro()}}
	for _, sc := range []access.Scope{e.Scope("", "dispatcher"), e.Scope(casestest.Street, "street"), e.Scope(casestest.OtherStreet, "street")} {
		all, err := node.List(t.Context(), sc, cases.Filter{Open: true, Limit: 200})
		if err != nil {
			t.Fatal(err)
		}
		slices.SortFunc(all, func(a, b *cases.Row) int {
			ad, bd := cases.NextDue(a.Clocks), cases.NextDue(b.Clocks)
			if ad == cases.NoDue && bd == cases.NoDue { // no deadline: the oldest first
				ad, bd = a.Created, b.Created
			}
			return cmp.Or(cmp.Compare(ad, bd), cmp.Compare(a.Number, b.Number))
		})
		tally, err := node.Tally(t.Context(), sc, now, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, w := range wants {
			var want, got []string
			for _, k := range all {
				if w.Has(k, now) {
					want = append(want, k.Number)
				}
			}
			var after cases.Cursor
			for { // pages of seven
				rows, err := node.Queue(t.Context(), sc, w, now, after, 7)
				if err != nil {
					t.Fatal(err)
				}
				for _, k := range rows {
					got, after = append(got, k.Number), k.Turn()
				}
				if len(rows) < 7 {
					break
				}
			}
			if !slices.Equal(got, want) {
				t.Fatalf("node %d, %+v as %v: lists %v, want %v", name, w, sc.Roles(), got, want)
			}
			if n, _ := tally.Count(w); !w.Narrow() && n != len(want) {
				t.Fatalf("node %d, %+v as %v: counts %d, want %d", name, w, sc.Roles(), n, len(want))
			}
		}
	}
}
