package words

import "time"

// Level says how near a deadline is; it is the class of the chip (design/README
// "Deadlines"). None means there is no deadline and no chip.
type Level string

const (
	None  Level = ""
	OK    Level = "ok"    // more than a quarter of the time left and not due today
	Near  Level = "near"  // due today, or a quarter of the time left
	Soon  Level = "soon"  // less than two hours, or a tenth of the time left
	Over  Level = "over"  // past, or finished too late
	Pause Level = "pause" // clock stopped by an approved reason
	Met   Level = "met"   // finished in time
)

// Deadline is what a chip says about a clock at the moment now. due is the
// deadline (zero: none), started the start of the clock (zero: unknown, then only
// the absolute rules apply), metAt the moment it was finished (nil: still open).
// text is the one fact of the chip: under two hours the time left, later today or
// tomorrow the clock time, after that the days left. exact is the whole moment
// for the accessible name.
func Deadline(lang Lang, now, due, started time.Time, paused bool, metAt *time.Time) (level Level, text, exact string) {
	if due.IsZero() {
		return None, "", ""
	}
	exact = T(lang, "deadline.exact", Exact(lang, due))
	switch {
	case metAt != nil && metAt.After(due):
		return Over, T(lang, "deadline.late", DurationRough(lang, metAt.Sub(due))), exact
	case metAt != nil && started.IsZero():
		return Met, T(lang, "deadline.met"), exact
	case metAt != nil:
		return Met, T(lang, "deadline.metin", DurationRough(lang, metAt.Sub(started))), exact
	case paused:
		return Pause, T(lang, "deadline.paused"), exact
	case now.After(due):
		return Over, T(lang, "deadline.over", DurationRough(lang, now.Sub(due))), exact
	}
	left := due.Sub(now)
	return openLevel(now, due, started), leftText(lang, now, due, left), exact
}

func openLevel(now, due, started time.Time) Level {
	left, whole := due.Sub(now), due.Sub(started)
	known := !started.IsZero() && whole > 0
	switch {
	case left < 2*time.Hour, known && left <= whole/10:
		return Soon
	case days(now, due) == 0, known && left <= whole/4:
		return Near
	}
	return OK
}

func leftText(lang Lang, now, due time.Time, left time.Duration) string {
	n := days(now, due)
	switch {
	case left < time.Minute:
		return T(lang, "deadline.left.instant")
	case left < time.Hour:
		return T(lang, "deadline.left.minute", int(left.Minutes()))
	case left < 2*time.Hour:
		return T(lang, "deadline.left", Duration(lang, left))
	case n == 0:
		return T(lang, "moment.today", Clock(due))
	case n == 1:
		return T(lang, "moment.tomorrow", Clock(due))
	}
	return T(lang, "deadline.left.day", n)
}
