package cases

import (
	"testing"
	"time"

	"weixiao/internal/worktime"
)

// BEHAVIOUR 39: a level that promises nothing takes its clock away, and with it the
// alarm; 32: the others count from their own start.
func TestBehaviour39LevelWithoutLimit(t *testing.T) {
	cal := func(string) (*worktime.Calendar, error) { return worktime.China(), nil }
	start := time.Date(2026, 3, 12, 10, 0, 0, 0, worktime.Zone).UnixMicro()
	clocks, err := tick(nil, &Change{Start: map[string]string{ClockContact: "4 workhour", ClockReply: "5 workday"}}, start, cal, false)
	if err != nil {
		t.Fatal(err)
	}
	later := start + time.Hour.Microseconds()
	clocks, err = tick(clocks, &Change{Relimit: map[string]string{ClockContact: "", ClockReply: "10 workday"}}, later, cal, false)
	if err != nil {
		t.Fatal(err)
	}
	want := worktime.China().Add(time.UnixMicro(start), worktime.Limit{N: 10, Unit: worktime.Workday}).At.UnixMicro()
	if _, left := clocks[ClockContact]; left || NextDue(clocks) != want || clocks[ClockReply].Start != start {
		t.Errorf("%+v, next alarm %d, want %d", clocks, NextDue(clocks), want)
	}
}

// A case that is opened again counts by the calendar in force then, clocks that
// nobody touched included.
func TestReopeningWindsEveryClock(t *testing.T) {
	old, err := worktime.New(worktime.Spec{Hours: worktime.ChinaSpec().Hours})
	if err != nil {
		t.Fatal(err)
	}
	now := old
	cal := func(string) (*worktime.Calendar, error) { return now, nil }
	start := time.Date(2026, 2, 13, 10, 0, 0, 0, worktime.Zone).UnixMicro()
	clocks, err := tick(nil, &Change{Start: map[string]string{ClockContact: "4 workday"}}, start, cal, false)
	if err != nil {
		t.Fatal(err)
	}
	before := clocks[ClockContact]
	now = worktime.China()
	clocks, err = tick(clocks, &Change{Start: map[string]string{ClockReply: "5 workday"}}, start+1, cal, true)
	if err != nil || clocks[ClockContact].Due <= before.Due || clocks[ClockContact].Provisional {
		t.Errorf("%v: before %+v, opened again %+v", err, before, clocks[ClockContact])
	}
}
