package worktime

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestBefore(t *testing.T) {
	c := China()
	at := func(s string) time.Time {
		v, err := time.ParseInLocation("2006-01-02 15:04", s, Zone)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	for _, x := range []struct{ to, limit, want string }{
		{"2022-11-28 15:00", "1 workday", "2022-11-25 15:00"},  // Monday → Friday
		{"2022-11-29 00:00", "1 workday", "2022-11-28 00:00"},  // the end of Monday
		{"2022-11-27 12:00", "1 workday", "2022-11-25 00:00"},  // from a Sunday: all of Friday
		{"2022-11-28 15:00", "2 day", "2022-11-26 15:00"},      // on any day
		{"2022-11-28 15:00", "30 minute", "2022-11-28 14:30"},  // on the wall
		{"2022-10-08 12:00", "1 workday", "2022-09-30 12:00"},  // over the National Day holiday, to the make-up day
		{"2023-01-03 12:00", "2 workday", "2022-12-29 12:00"},  // over the turn of the year
		{"2022-11-28 09:00", "1 workhour", "2022-11-25 16:00"}, // half an hour of Monday and of Friday
	} {
		l, err := ParseLimit(x.limit)
		if err != nil {
			t.Fatal(err)
		}
		if got := c.Before(at(x.to), l); !got.Equal(at(x.want)) {
			t.Errorf("%s before %s: got %s, want %s", x.limit, x.to, got.Format("2006-01-02 15:04"), x.want)
		}
	}
}

// TestBeforeIsLatest: exactly the amount counts from there, and less from any
// later instant.
func TestBeforeIsLatest(t *testing.T) {
	all := testCalendars(t)
	rapid.Check(t, func(t *rapid.T) {
		c := all[rapid.IntRange(0, len(all)-1).Draw(t, "calendar")]
		to, l := drawTime(t, "to"), drawLimit(t, "limit")
		got := c.Before(to, l)
		if n := c.Between(got, to, l.Unit); n != l.amount() {
			t.Fatalf("%v before %v is %v, from which %v counts", l, to, got, n)
		}
		if n := c.Between(got.Add(time.Microsecond), to, l.Unit); n >= l.amount() {
			t.Fatalf("%v before %v: %v is not the latest", l, to, got)
		}
	})
}
