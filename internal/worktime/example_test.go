package worktime_test

import (
	"fmt"
	"log"
	"time"

	"weixiao/internal/worktime"
)

func local(s string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", s, worktime.Zone)
	if err != nil {
		log.Fatal(err)
	}
	return t
}

const stamp = "Mon 2006-01-02 15:04"

// By when must a case of Friday, 13 February 2026 be answered?
func ExampleCalendar_Add() {
	calendar := worktime.China()
	for _, text := range []string{"15 minute", "24 hour", "2 workhour", "1 workday", "5个工作日", "10 day from next day"} {
		limit, err := worktime.ParseLimit(text)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%-20s %s\n", limit, calendar.Add(local("2026-02-13 15:30"), limit).At.Format(stamp))
	}
	// Output:
	// 15 minute            Fri 2026-02-13 15:45
	// 24 hour              Sat 2026-02-14 15:30
	// 2 workhour           Sat 2026-02-14 09:30
	// 1 workday            Sat 2026-02-14 15:30
	// 5 workday            Fri 2026-02-27 15:30
	// 10 day from next day Tue 2026-02-24 00:00
}

// A deadline at midnight is the end of the day before, and is said so.
func ExampleDue_LastDay() {
	oneDay := worktime.Limit{N: 1, Unit: worktime.Workday}
	due := worktime.China().Add(local("2026-03-14 12:00"), oneDay) // a Saturday
	fmt.Println(due.At.Format(stamp), "is the end of", due.LastDay().Format("Mon 2006-01-02"))
	// Output: Tue 2026-03-17 00:00 is the end of Mon 2026-03-16
}

// A clock that was paused and extended, as a page shows it.
func ExampleCalendar_Explain() {
	clock := worktime.Clock{
		Start:      local("2026-06-11 10:00"),
		Limit:      worktime.Limit{N: 8, Unit: worktime.WorkHour},
		Pauses:     []worktime.Span{{From: local("2026-06-11 15:00"), To: local("2026-06-12 10:30")}},
		Extensions: []worktime.Limit{{N: 1, Unit: worktime.Workday}},
	}
	calendar := worktime.China()
	for _, s := range calendar.Explain(clock) {
		fmt.Println(s.Part, s.From.Format("Mon 15:04"), s.To.Format("Mon 15:04"), s.Why, s.Counted)
	}
	fmt.Println("due", calendar.Deadline(clock).At.Format(stamp))
	// Output:
	// 0 Thu 10:00 Thu 11:30 counted 1h30m0s
	// 0 Thu 11:30 Thu 13:30 lunch 0s
	// 0 Thu 13:30 Thu 15:00 counted 1h30m0s
	// 0 Thu 15:00 Fri 10:30 paused 0s
	// 0 Fri 10:30 Fri 11:30 counted 1h0m0s
	// 0 Fri 11:30 Fri 13:30 lunch 0s
	// 0 Fri 13:30 Fri 17:00 counted 3h30m0s
	// 0 Fri 17:00 Sat 00:00 night 0s
	// 0 Sat 00:00 Mon 00:00 weekend 0s
	// 0 Mon 00:00 Mon 08:30 night 0s
	// 0 Mon 08:30 Mon 09:00 counted 30m0s
	// 1 Mon 09:00 Tue 09:00 counted 24h0m0s
	// due Tue 2026-06-16 09:00
}

// How a clock stands. While a pause is open it has no deadline, only what would
// remain if it went on now.
func ExampleCalendar_Status() {
	clock := worktime.Clock{
		Start:  local("2026-06-10 10:00"),
		Limit:  worktime.Limit{N: 2, Unit: worktime.Workday},
		Pauses: []worktime.Span{{From: local("2026-06-11 10:00")}},
	}
	show := func(now string) {
		s := worktime.China().Status(clock, local(now))
		fmt.Println(s.State, "due:", !s.Due.None(), "remaining:", s.Remaining, "overrun:", s.Overrun, "used:", s.Used, "of", s.Total)
	}
	show("2026-06-11 16:00")
	clock.Pauses[0].To = local("2026-06-11 18:00") // the resident answered
	show("2026-06-11 20:00")
	show("2026-06-16 20:00")
	done := local("2026-06-12 09:00")
	clock.Stopped = &done
	show("2026-06-16 20:00")
	// Output:
	// paused due: false remaining: 24h0m0s overrun: 0s used: 24h0m0s of 48h0m0s
	// running due: true remaining: 22h0m0s overrun: 0s used: 26h0m0s of 48h0m0s
	// overdue due: true remaining: 0s overrun: 98h0m0s used: 48h0m0s of 48h0m0s
	// met due: true remaining: 0s overrun: 0s used: 39h0m0s of 48h0m0s
}

// The holidays of 2027 are not out: weekends and the days of the law hold until the
// notice comes, and the deadline says that it may move.
func ExampleCalendar_WithNotice() {
	before := worktime.China()
	start, limit := local("2026-12-31 12:00"), worktime.Limit{N: 1, Unit: worktime.Workday}
	due := before.Add(start, limit)
	fmt.Println(due.At.Format(stamp), "provisional:", due.Provisional)

	notice, err := worktime.ParseNotice([]byte(`{"year": 2027, "papers": [], "days": [
		{"name": "元旦", "date": "2027-01-01", "isOffDay": true},
		{"name": "元旦", "date": "2027-01-03", "isOffDay": false},
		{"name": "劳动节", "date": "2027-05-01", "isOffDay": true},
		{"name": "国庆节", "date": "2027-10-01", "isOffDay": true}]}`))
	if err != nil {
		log.Fatal(err)
	}
	after, err := before.WithNotice(notice)
	if err != nil {
		log.Fatal(err)
	}
	due = after.Add(start, limit)
	fmt.Println(due.At.Format(stamp), "provisional:", due.Provisional)
	fmt.Println("another version:", before.Version() != after.Version())
	// Output:
	// Mon 2027-01-04 12:00 provisional: true
	// Sun 2027-01-03 12:00 provisional: false
	// another version: true
}

// A calendar of a district's own: a service hall that opens on Saturday mornings.
func ExampleNew() {
	spec := worktime.ChinaSpec() // with all notices and the usual hours
	spec.Workweek = []string{"mon", "tue", "wed", "thu", "fri", "sat"}
	spec.Hours = []worktime.Season{{
		Shifts:   []string{"08:30-11:30", "13:00-16:30"},
		Weekdays: map[string][]string{"sat": {"09:00-11:30"}},
	}}
	spec.Local = []worktime.Exception{{Date: "2026-03-09", Name: "开江节", Off: true}}
	hall, err := worktime.New(spec)
	if err != nil {
		log.Fatal(err)
	}
	due := hall.Add(local("2026-03-07 10:30"), worktime.Limit{N: 2, Unit: worktime.WorkHour})
	fmt.Println(due.At.Format(stamp), hall.DayOf(local("2026-03-09 08:00")).Name)

	spec.Hours[0].Shifts = []string{"08:30-11:30", "11:00-16:30"}
	_, err = worktime.New(spec)
	fmt.Println(err)
	// Output:
	// Tue 2026-03-10 09:30 开江节
	// hours: season 1: shifts overlap: 08:30-11:30 and 11:00-16:30
}

// How long an answer took in the office's own time, and when to send a reminder
// that fell into the night.
func ExampleCalendar_Between() {
	calendar := worktime.China()
	took := calendar.Between(local("2026-04-30 16:00"), local("2026-05-06 09:00"), worktime.WorkHour)
	fmt.Println(took, "after", local("2026-05-06 09:00").Sub(local("2026-04-30 16:00")), "on the wall")
	fmt.Println(calendar.Next(local("2026-04-30 23:30"), worktime.WorkHour).Format(stamp))
	// Output:
	// 1h0m0s after 137h0m0s on the wall
	// Wed 2026-05-06 08:30
}
