package catalogue_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"weixiao/internal/catalogue"
	"weixiao/internal/worktime"
)

func rung(amount string, before bool, whom catalogue.Whom) catalogue.Rung {
	r := catalogue.Rung{Before: before, Whom: whom}
	if amount != "" {
		l, err := worktime.ParseLimit(amount)
		if err != nil {
			panic(err)
		}
		r.Amount = l
	}
	return r
}

// ladder has one level that is heard at night and one that is not.
var ladder = &catalogue.Ladder{
	Quiet: catalogue.Quiet{From: 21 * time.Hour, To: 7*time.Hour + 30*time.Minute},
	Levels: map[string]catalogue.LadderLevel{
		"day":   {Clocks: map[string][]catalogue.Rung{"reply": rungs}},
		"night": {Night: true, Clocks: map[string][]catalogue.Rung{"reply": rungs}},
	},
}

var rungs = []catalogue.Rung{rung("2 hour", true, catalogue.ToAssignee), rung("", false, catalogue.ToLead), rung("1 hour", false, catalogue.ToSuperior)}

func local(s string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", s, worktime.Zone)
	if err != nil {
		panic(err)
	}
	return t
}

// TestPlan: BEHAVIOUR 47, reminders not at midnight.
func TestPlan(t *testing.T) {
	start := local("2022-11-22 10:00")
	for _, c := range []struct {
		name, level, due string
		want             []string
	}{
		{"in the day", "day", "2022-11-23 15:00", []string{"2022-11-23 13:00", "2022-11-23 15:00", "2022-11-23 16:00"}},
		{"the deadline and what follows wait for the morning", "day", "2022-11-23 21:30", []string{"2022-11-23 19:30", "2022-11-24 07:30", "2022-11-24 07:30"}},
		{"a reminder of a deadline at night comes the evening before", "day", "2022-11-23 03:00", []string{"2022-11-22 20:59", "2022-11-23 07:30", "2022-11-23 07:30"}},
		{"a reminder that can still wait comes in the morning", "day", "2022-11-23 09:00", []string{"2022-11-23 07:30", "2022-11-23 09:00", "2022-11-23 10:00"}},
		{"a level that is heard at night", "night", "2022-11-23 03:00", []string{"2022-11-23 01:00", "2022-11-23 03:00", "2022-11-23 04:00"}},
		{"a reminder from before the start is left out", "day", "2022-11-22 11:00", []string{"2022-11-22 11:00", "2022-11-22 12:00"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := ladder.Plan(worktime.China(), c.level, "reply", start, local(c.due))
			if len(got) != len(c.want) {
				t.Fatalf("got %+v", got)
			}
			for i, s := range got {
				if !s.At.Equal(local(c.want[i])) || s.Rung != i+1+len(rungs)-len(c.want) || s.Whom != rungs[s.Rung-1].Whom {
					t.Errorf("rung %d: %s to %s at %s, want %s", i, s.At.Format("01-02 15:04"), s.Whom, s.Nominal.Format("01-02 15:04"), c.want[i])
				}
			}
		})
	}
	if got := ladder.Plan(worktime.China(), "other", "reply", start, local("2022-11-23 15:00")); got != nil {
		t.Errorf("a level without ladder: %+v", got)
	}
}

// TestPlanKeepsOrder: whatever the deadline, rungs come in their order, after the
// start, and never in the quiet hours.
func TestPlanKeepsOrder(t *testing.T) {
	cal := worktime.China()
	rapid.Check(t, func(t *rapid.T) {
		start := local("2022-11-01 00:00").Add(time.Duration(rapid.Int64Range(0, 60*24*60).Draw(t, "start")) * time.Minute)
		due := start.Add(time.Duration(rapid.Int64Range(1, 10*24*60).Draw(t, "long")) * time.Minute)
		last := catalogue.Step{At: start}
		for _, s := range ladder.Plan(cal, "day", "reply", start, due) {
			if s.At.Before(last.At) || s.Rung <= last.Rung || !s.At.After(start) {
				t.Fatalf("%+v after %+v", s, last)
			}
			if h := s.At.In(worktime.Zone); h.Hour() >= 21 || h.Hour()*60+h.Minute() < 7*60+30 {
				t.Fatalf("rung %d comes at %s", s.Rung, h)
			}
			last = s
		}
	})
}
