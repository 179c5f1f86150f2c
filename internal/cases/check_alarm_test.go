package cases_test

import (
	"slices"
	"testing"

	"weixiao/internal/access"
	"weixiao/internal/cases"
	"weixiao/internal/cases/casestest"
)

// TestChecksOnTheLadder: whoever is to look is reminded before the time is up, and what nobody looked at goes up the
// reporting line; once somebody looked, nothing rings any more. Another unit that is passed the check hears of it.
func TestChecksOnTheLadder(t *testing.T) {
	eachAlarm(t, func(t *testing.T, e *alarmEnv) {
		rule := everyReply
		rule.ID = "again" // its ladder is in the pack
		e.rules(rule)
		_, x := e.replied(t, casestest.Street) // on Wednesday, 23 November 2022
		_, y := e.replied(t, casestest.Street)
		rang := func(number string) []cases.AlarmEntry {
			return slices.DeleteFunc(e.rang(t), func(a cases.AlarmEntry) bool { return a.Subject != number })
		}
		want := []string{"look 1 assignee @" + community, "look 2 lead @" + community, "look 3 superior lead", "look 4 supervision office"}
		e.until(t, "11-25 12:00")
		if got := e.said(rang(x.Number)); !slices.Equal(got, want[:2]) {
			t.Errorf("at its deadline: %v", got)
		}
		if list, err := e.Cases.Escalated(t.Context(), e.Scope("", access.Supervisor), cases.EscalationCursor{}, 10); err != nil || slices.ContainsFunc(list, func(x cases.Escalation) bool { return x.Check != nil }) {
			t.Errorf("%+v %v", list, err)
		}
		if _, err := e.look(e.Scope(community, access.Grid), y.Number, "found", "fixed"); err != nil {
			t.Fatal(err)
		}
		e.until(t, "12-01 12:00")
		got := rang(x.Number)
		if said := e.said(got); !slices.Equal(said, want) {
			t.Errorf("after it: %v", said)
		}
		for _, a := range got {
			if a.Of != cases.CheckTable.Kind || a.Late || a.Due != x.Clocks[cases.ClockLook].Due {
				t.Errorf("%+v", a.Alarm)
			}
		}
		if got := e.said(rang(y.Number)); !slices.Equal(got, want[:2]) {
			t.Errorf("of the one that was looked at: %v", got)
		}
		list, err := e.Cases.Escalated(t.Context(), e.Scope("", access.Supervisor), cases.EscalationCursor{}, 10)
		i := slices.IndexFunc(list, func(x cases.Escalation) bool { return x.Check != nil })
		if err != nil || i < 0 || list[i].Number != x.Number || list[i].Case == nil || list[i].Case.Number != x.Case || list[i].Level != 3 {
			t.Errorf("%+v %v", list, err)
		}
		e.prove(t)
		if _, err := e.look(e.Scope(community, access.Grid), x.Number, "found", "unclear", "seen", "天黑看不清"); err != nil {
			t.Fatal(err)
		}
		if n := e.tick(t); n != 0 {
			t.Errorf("%d rang of what was looked at", n)
		}
		e.prove(t)
	})
}
