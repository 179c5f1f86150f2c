package catalogue

import (
	"slices"
	"time"

	"weixiao/internal/directory"
	"weixiao/internal/worktime"
)

// Whom is who a rung of a ladder tells.
type Whom string

const (
	ToAssignee    Whom = "assignee"    // who was given the work; nobody was: the unit's lead
	ToLead        Whom = "lead"        // who answers for the unit that must act
	ToSuperior    Whom = "superior"    // the unit above, else the district leader in charge of the unit
	ToSupervision Whom = "supervision" // the supervision office
)

// reportingLine is the way up, lowest first.
var reportingLine = []Whom{ToAssignee, ToLead, ToSuperior, ToSupervision}

// Level is how far up the reporting line that is: 0 the assignee, 1 the unit's
// lead, 2 the superior, 3 the supervision office, -1 for a word that is none of
// them.
func (w Whom) Level() int { return slices.Index(reportingLine, w) }

// MaxRungs is how many rungs a ladder may have: more is noise.
const MaxRungs = 6

// Rung is one step of a ladder: when it comes, seen from the deadline, and whom it
// tells. The zero Amount is the deadline itself.
type Rung struct {
	Amount worktime.Limit
	Before bool // Amount lies before the deadline, else after it
	Whom   Whom
}

// Moment is when the rung comes for a deadline, quiet hours left out of account.
func (r Rung) Moment(cal *worktime.Calendar, due time.Time) time.Time {
	switch {
	case r.Amount.IsZero():
		return due
	case r.Before:
		return cal.Before(due, r.Amount)
	}
	return cal.Add(due, r.Amount).At
}

// Quiet is the part of the day in which nobody is reminded: from From up to To, as
// time since midnight, through the night when To is not after From.
type Quiet struct{ From, To time.Duration }

// at reports whether a moment lies in the quiet hours, and when they began and end.
func (q Quiet) at(t time.Time) (began, ends time.Time, quiet bool) {
	t = t.In(worktime.Zone)
	midnight := time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, worktime.Zone)
	day, off := 24*time.Hour, t.Sub(midnight)
	switch {
	case q.From < q.To:
		return midnight.Add(q.From), midnight.Add(q.To), off >= q.From && off < q.To
	case off >= q.From:
		return midnight.Add(q.From), midnight.Add(day + q.To), true
	case off < q.To:
		return midnight.Add(q.From - day), midnight.Add(q.To), true
	}
	return time.Time{}, time.Time{}, false
}

// Ladder says when people are reminded of a deadline and whom a deadline that
// passed is brought before, for every urgency level and clock. It is immutable.
type Ladder struct {
	Version   string        // of the file it was read from
	Quiet     Quiet         // hours in which only levels with Night are heard
	Tolerance time.Duration // what comes later than this came late through an outage
	Levels    map[string]LadderLevel
	// Charge names the district leader's post that is in charge of a unit and of
	// those below it; Rest is in charge of all others.
	Charge map[string]string
	Rest   string
}

// LadderLevel is the ladder of one urgency level ("L0"), of one kind of whistle
// (WhistleLevel) or of one rule of checks (CheckLevel), by clock.
type LadderLevel struct {
	Night  bool // comes in the quiet hours too
	Clocks map[string][]Rung
}

// WhistleLevel is the name of the level of a kind of whistle.
func WhistleLevel(kind string) string { return "whistle." + kind }

// CheckLevel is the name of the level of a rule of independent checks.
func CheckLevel(rule string) string { return "check." + rule }

// InCharge is the post of the leader in charge of a unit, given the unit's path to
// the district.
func (l *Ladder) InCharge(path []directory.Unit) string {
	for _, u := range path {
		if post, ok := l.Charge[u.ID]; ok {
			return post
		}
	}
	return l.Rest
}

// Step is one rung with the moment it comes for one clock.
type Step struct {
	Rung    int // 1 for the first of the ladder
	Whom    Whom
	Nominal time.Time // as the ladder says
	At      time.Time // Nominal, or moved out of the quiet hours
}

// Plan lists when the rungs of a level's clock come that runs from start to due, in
// the order in which they come. A rung that would come before the clock starts is
// left out. Out of the quiet hours a rung comes at their end; a reminder that would
// come after its deadline then comes a minute before they begin instead.
func (l *Ladder) Plan(cal *worktime.Calendar, level, clock string, start, due time.Time) []Step {
	lv := l.Levels[level]
	rungs := lv.Clocks[clock]
	if len(rungs) == 0 {
		return nil
	}
	out := make([]Step, 0, len(rungs))
	for i, r := range rungs {
		s := Step{Rung: i + 1, Whom: r.Whom, Nominal: r.Moment(cal, due)}
		if !s.Nominal.After(start) {
			continue
		}
		s.At = s.Nominal
		if began, ends, quiet := l.Quiet.at(s.Nominal); quiet && !lv.Night {
			s.At = ends
			if eve := began.Add(-time.Minute); r.Before && !ends.Before(due) && eve.After(start) {
				s.At = eve
			}
		}
		out = append(out, s)
	}
	slices.SortStableFunc(out, func(a, b Step) int { return a.At.Compare(b.At) })
	return out
}
