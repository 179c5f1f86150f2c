package workdays

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"strings"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/directory"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/store"
	"weixiao/internal/text"
	"weixiao/internal/worktime"
)

// Open lists what the scope may do with a day now.
func (w *Workdays) Open(sc access.Scope, d *Day) []*flow.Action {
	var out []*flow.Action
	for _, a := range DayTable.Open(d.Position(), w.actor(sc, d)) {
		if a.Name == "close" && !w.begun(d) || a.Name == "review" && w.o.Clock().Before(w.FollowFrom(d)) {
			continue
		}
		out = append(out, a)
	}
	return out
}

// begun reports whether the hours of a day have come.
func (w *Workdays) begun(d *Day) bool { return w.o.Clock().UnixMicro() >= d.From }

// Today reports whether people can be heard: from the morning of the day on, until it is closed.
func (w *Workdays) Today(d *Day) bool {
	b := d.Begins()
	return d.State == Open && !w.o.Clock().Before(time.Date(b.Year(), b.Month(), b.Day(), 0, 0, 0, 0, zone))
}

// FollowFrom is the moment from which residents are asked what became of it.
func (w *Workdays) FollowFrom(d *Day) time.Time { return w.after(d, w.rules.FollowUp) }

func (w *Workdays) after(d *Day, limit string) time.Time {
	l, err := worktime.ParseLimit(limit)
	if err != nil {
		return d.Ends() // the pack was checked
	}
	return w.o.Deadline(d.Ends(), l)
}

// Bookable says from when to when residents can book a day.
func (w *Workdays) Bookable(d *Day) (from, to time.Time) {
	return d.Begins().Add(-span(w.rules.Opens)), d.Begins().Add(-span(w.rules.Closes))
}

// span is a limit round the clock; the pack's are in days or minutes.
func span(limit string) time.Duration {
	l, err := worktime.ParseLimit(limit)
	if err != nil {
		return 0
	}
	if l.Unit == worktime.Minute {
		return time.Duration(l.N) * time.Minute
	}
	return time.Duration(l.N) * 24 * time.Hour
}

// Plan makes a workday and returns its id. Faults are form.Faults or a *Refusal.
func (w *Workdays) Plan(ctx context.Context, sc access.Scope, raw form.Raw) (string, error) {
	act, err := DayTable.Action("plan")
	if err != nil {
		return "", err
	}
	answers, err := w.dayForm(act).Check(raw)
	if err != nil {
		return "", err
	}
	d := &Day{State: Planned, Community: answers.Str("community"), MadeUp: w.madeUp}
	if u, ok := w.dir.Unit(d.Community); !ok || u.Kind != directory.Community && u.Kind != directory.Village {
		return "", form.Faults{{Field: "community", Code: "unit"}}
	}
	who := w.actor(sc, d)
	if !act.Grants(who) || !sc.All() && !slices.Contains(who.Relations, Host) {
		return "", flow.ErrForbidden
	}
	if err := w.fill(d, answers); err != nil {
		return "", err
	}
	id := "w" + strings.ToLower(rand.Text()[:12])
	return id, w.db.Write(ctx, func(tx *store.Tx) error {
		return w.recordDay(tx, sc, &Day{}, id, act, d.change(), nil)
	})
}

// dayForm is the form of an action on a day with the themes of this district.
func (w *Workdays) dayForm(a *flow.Action) form.Form { return w.themed(a.Form, "themes") }

// Form is the form of an action of either table with the themes of this district and the slots of the day, which may
// be nil.
func (w *Workdays) Form(a *flow.Action, d *Day) form.Form {
	f := w.themed(w.themed(a.Form, "themes"), "theme")
	if d == nil {
		return f
	}
	f.Fields = slices.Clone(f.Fields)
	for i := range f.Fields {
		if f.Fields[i].Name == "slot" && f.Fields[i].Type == form.Choice {
			for n := range d.Slots() {
				f.Fields[i].Options = append(f.Fields[i].Options, form.Option{Value: fmt.Sprint(n)})
			}
		}
	}
	return f
}

func (w *Workdays) themed(f form.Form, name string) form.Form {
	f.Fields = slices.Clone(f.Fields)
	for i := range f.Fields {
		if f.Fields[i].Name == name {
			f.Fields[i].Options = nil
			for _, t := range w.rules.Themes {
				f.Fields[i].Options = append(f.Fields[i].Options, form.Option{Value: t.ID})
			}
		}
	}
	return f
}

// longest is the most hours a day may have: more is a slip of the pen.
const longest = 12 * time.Hour

// fill takes what a form says about a day.
func (w *Workdays) fill(d *Day, a form.Answers) error {
	if _, ok := a["from"]; ok {
		if err := w.hours(d, a); err != nil {
			return err
		}
	}
	if d.State == Planned {
		d.Slot, d.Seats = max(a.Int("slot"), 0), max(a.Int("seats"), 0)
		if d.Slot == 0 {
			d.Slot = int64(w.rules.Slot)
		}
		if d.Seats == 0 {
			d.Seats = int64(w.rules.Seats)
		}
	}
	if _, ok := a["themes"]; ok {
		d.Themes, d.Leader = strings.Join(a.List("themes"), " "), a.Str("leader")
		for _, id := range a.List("units") {
			if u, ok := w.dir.Unit(id); !ok || !u.Kind.HandlesCases() {
				return form.Faults{{Field: "units", Code: "unit"}}
			}
		}
		d.Units = strings.Join(a.List("units"), " ")
	}
	if d.Slots() < 1 {
		return refuse("until", "时间太短，放不下一个 %d 分钟的时段", "the hours are too short for one slot of %d minutes", d.Slot)
	}
	return nil
}

func (w *Workdays) hours(d *Day, a form.Answers) error {
	from, err1 := form.ParseMoment(a.Str("from"))
	to, err2 := form.ParseMoment(a.Str("until"))
	if err1 != nil || err2 != nil {
		return form.Faults{{Field: "from", Code: "date"}}
	}
	from, to = from.In(zone), to.In(zone)
	switch {
	case from.Before(w.o.Clock()):
		return refuse("from", "开始时间已经过去，请改成以后的时间", "the first hour lies in the past: choose a later one")
	case !to.After(from):
		return refuse("until", "结束时间要晚于开始时间", "the last hour must lie after the first")
	case to.Sub(from) > longest || from.Format(time.DateOnly) != to.Add(-time.Minute).Format(time.DateOnly):
		return refuse("until", "开始和结束应在同一天", "the first and the last hour must be on one day")
	}
	d.From, d.To = from.UnixMicro(), to.UnixMicro()
	d.Place, err1 = text.Clean(a.Str("place"), 60)
	if err1 != nil {
		return form.Faults{{Field: "place", Code: "control"}}
	}
	return nil
}

// recordDay appends an act that makes was what c says.
func (w *Workdays) recordDay(tx *store.Tx, sc access.Scope, was *Day, id string, act *flow.Action, c dayChange, texts map[string]string) error {
	d := *was
	d.Community = c.Community
	a, err := w.append(tx, sc, DayTable.Kind, id, act.Name, act.Capacity(w.actor(sc, &d)), c, texts)
	if err != nil {
		return err
	}
	if err := was.fold(a); err != nil {
		return err
	}
	return w.saveDay(tx, was)
}

// Act does what a person decided about a day. version is that of the page it was decided on. Faults are form.Faults or
// a *Refusal.
func (w *Workdays) Act(ctx context.Context, sc access.Scope, id, action string, version int64, raw form.Raw) error {
	act, err := DayTable.Action(action)
	if err != nil {
		return err
	}
	if act.From == nil {
		return flow.ErrUnknown
	}
	return w.again(ctx, func(tx *store.Tx) error {
		d, err := w.day(tx, id)
		if err != nil {
			return err
		}
		if !w.seesDay(sc, d) {
			return store.ErrNotFound
		}
		if _, err := DayTable.Permit(action, d.Position(), w.actor(sc, d)); err != nil {
			return err
		}
		answers, err := w.dayForm(act).Check(raw)
		if err != nil {
			return err
		}
		if d.Version != version {
			return ErrStale
		}
		return w.decide(tx, sc, d, act, answers)
	})
}

// again repeats a write whose new case got a number that exists.
func (w *Workdays) again(ctx context.Context, fn func(tx *store.Tx) error) (err error) {
	for range 4 {
		if err = w.db.Write(ctx, fn); !isConflict(err) {
			return err
		}
	}
	return err
}

func (w *Workdays) decide(tx *store.Tx, sc access.Scope, d *Day, act *flow.Action, answers form.Answers) error {
	n, texts := *d, map[string]string{}
	if act.To != "" {
		n.State = act.To
	}
	for _, name := range []string{"reason", "note"} {
		if s := answers.Str(name); s != "" {
			texts[name], _ = text.Redact(s)
		}
	}
	switch act.Name {
	case "change", "staff", "move":
		if err := w.fill(&n, answers); err != nil {
			return err
		}
	case "close":
		if !w.begun(d) {
			return refuse("", "这一天还没有开始，不能结束；要取消请用“取消”", "the day has not begun: to call it off, cancel it")
		}
	case "review":
		if err := w.mayReview(tx, d); err != nil {
			return err
		}
	}
	if err := w.recordDay(tx, sc, d, d.ID, act, n.change(), texts); err != nil {
		return err
	}
	switch act.Name {
	case "move":
		return w.moveAll(tx, d)
	case "cancel":
		return w.cancelAll(tx, d)
	case "close":
		return w.closeAll(tx, d)
	}
	return nil
}

// mayReview refuses to end the follow-up before its time, or before everybody was asked.
func (w *Workdays) mayReview(tx *store.Tx, d *Day) error {
	if from := w.FollowFrom(d); w.o.Clock().Before(from) {
		return refuse("", "回访从 %s 开始，到时再来", "the follow-up begins on %s", from.In(zone).Format(time.DateOnly))
	}
	list, err := w.bookingsOf(tx, d.ID)
	if err != nil {
		return err
	}
	left := 0
	for _, b := range list {
		if !b.Ended() {
			left++
		}
	}
	if left > 0 {
		return refuse("", "还有 %d 位居民没有回访", "%d residents have not been asked yet", left)
	}
	return nil
}

// moveAll gives those who booked a seat at the new hours; who finds none waits.
func (w *Workdays) moveAll(tx *store.Tx, d *Day) error {
	list, err := w.bookingsOf(tx, d.ID)
	if err != nil {
		return err
	}
	list = slices.DeleteFunc(list, func(b *Booking) bool { return !slices.Contains(coming, b.State) })
	to := moved(planOf(d, nil), list)
	// First nobody holds a seat that somebody else is to get.
	for i, b := range list {
		if b.Slot >= 0 && (seat{b.Slot, b.Seat}) != to[i] {
			if err := tx.Exec(`UPDATE workday_bookings SET slot = -1, seat = -1 WHERE district = $1 AND number = $2`, w.district, b.Number); err != nil {
				return err
			}
		}
	}
	for i, b := range list {
		n := *b
		n.Slot, n.Seat = to[i].slot, to[i].seat
		switch {
		case n.State != Answered && n.Slot >= 0:
			n.State = Booked
		case n.State != Answered:
			n.State = Waiting
		}
		if err := w.recordBooking(tx, w.system("the workday was moved"), d, b, "day_moved", n, nil); err != nil {
			return err
		}
	}
	return nil
}

// cancelAll takes the bookings of a cancelled day back.
func (w *Workdays) cancelAll(tx *store.Tx, d *Day) error {
	list, err := w.bookingsOf(tx, d.ID)
	if err != nil {
		return err
	}
	for _, b := range list {
		if !slices.Contains(coming, b.State) {
			continue
		}
		n := *b
		n.State, n.Slot, n.Seat = Withdrawn, -1, -1
		if err := w.recordBooking(tx, w.system("the workday was cancelled"), d, b, "day_cancelled", n, nil); err != nil {
			return err
		}
	}
	return nil
}

// closeAll ends a day: who had a time and was not heard did not come; who waited in vain is not lost, the matter
// becomes a case.
func (w *Workdays) closeAll(tx *store.Tx, d *Day) error {
	list, err := w.bookingsOf(tx, d.ID)
	if err != nil {
		return err
	}
	for _, b := range list {
		n := *b
		switch b.State {
		case Booked:
			n.State = Absent
			err = w.recordBooking(tx, w.system("the workday is over"), d, b, "not_come", n, nil)
		case Waiting:
			n.State = Taken
			err = w.file(tx, w.system("waited in vain at a workday"), d, b, &n, "not_heard", "", "")
		}
		if err != nil {
			return err
		}
	}
	return nil
}
