package desk

import (
	"slices"
	"strings"
	"time"

	"weixiao/internal/cases"
	"weixiao/internal/catalogue"
	"weixiao/internal/web/ui"
	"weixiao/internal/words"
)

// nextAlarm is the reminder that comes next, for the page of a case or whistle.
type nextAlarm struct {
	When, What string
	Shifted    bool
}

// upcoming writes the next rung; the zero value when none lies ahead.
func (f *frame) upcoming(u *cases.Upcoming) (nextAlarm, error) {
	if u == nil {
		return nextAlarm{}, nil
	}
	if err := f.d.names.load(f.r.Context(), u.To...); err != nil {
		return nextAlarm{}, err
	}
	return nextAlarm{When: f.Moment(u.At), What: f.alarmWords(u.Whom, u.Unit, u.To, u.Clock, u.Due), Shifted: u.Shifted}, nil
}

// alarmWords say whom a rung tells, of which clock and deadline.
func (f *frame) alarmWords(whom catalogue.Whom, unit string, to []string, clock string, due time.Time) string {
	who := []string{f.unit(unit)}
	for _, id := range to {
		if n := f.d.names.name(f.r.Context(), id); n != "" {
			who = append(who, n)
		}
	}
	plain, called, _ := strings.Cut(clock, ":")
	what := f.T("clock." + plain)
	if called != "" {
		what = f.T("desk.alarm.clock", f.unit(called), what)
	}
	return f.T("alarm.told", f.T("desk.log.person", f.T("alarm.whom."+string(whom)), strings.Join(who, " ")), what, words.Exact(f.Lang, due))
}

// withAlarms puts reminders and escalations among the other lines of a log, newest
// first.
func (f *frame) withAlarms(log []ui.Event, list []cases.AlarmEntry) ([]ui.Event, error) {
	var ids []string
	for _, a := range list {
		ids = append(ids, a.To...)
	}
	if err := f.d.names.load(f.r.Context(), ids...); err != nil {
		return nil, err
	}
	for _, a := range list {
		e := ui.Event{Title: f.did(a.Act), At: a.Time()}
		if a.Level() > 0 {
			e.Tone = "hot"
		}
		parts := []string{f.alarmWords(a.Whom, a.Unit, a.To, a.Clock, time.UnixMicro(a.Due))}
		for mark, on := range map[string]bool{"late": a.Late, "night": a.Nominal != 0, "folded": a.Folded} {
			if on {
				parts = append(parts, f.T("alarm.mark."+mark))
			}
		}
		slices.Sort(parts[1:])
		e.Note = strings.Join(parts, f.T("desk.log.comma"))
		log = append(log, e)
	}
	slices.SortStableFunc(log, func(a, b ui.Event) int { return b.At.Compare(a.At) })
	return log, nil
}
