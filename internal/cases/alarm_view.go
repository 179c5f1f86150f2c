package cases

import (
	"context"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/calendars"
	"weixiao/internal/catalogue"
	"weixiao/internal/store"
)

// Upcoming is the next rung of a case or whistle.
type Upcoming struct {
	Clock   string
	Whom    catalogue.Whom
	Unit    string   // whose people will be told
	To      []string // their accounts; none: the unit
	At      time.Time
	Due     time.Time
	Shifted bool // quiet hours moved it
}

// upcoming is the rung of a subject that comes first, nil when none lies ahead.
func (c *Cases) upcoming(tx *store.Tx, s clocked, acts []AlarmEntry) (*Upcoming, error) {
	st, ok := c.stand(s, remember(acts))
	if !ok || st.at == NoDue {
		return nil, nil
	}
	due := c.dueRungs(s, st, time.UnixMicro(st.at))
	if len(due) == 0 {
		return nil, nil
	}
	next := due[0]
	unit, assignee := s.holds(next.clock)
	at, to, err := c.newRoster().meant(tx, next.step.Whom, unit, assignee)
	if err != nil {
		return nil, err
	}
	return &Upcoming{Clock: next.clock, Whom: next.step.Whom, Unit: at, To: to, At: next.step.At, Due: time.UnixMicro(next.w.Due), Shifted: !next.step.At.Equal(next.step.Nominal)}, nil
}

// alarmsOf reads what pages show of a subject's ladders.
func (c *Cases) alarmsOf(tx *store.Tx, sc access.Scope, on func(*calendars.Set) clocked) ([]AlarmEntry, *Upcoming, error) {
	// Residents and the public are told of the inner works nowhere.
	if !sc.All() && sc.Unit() == "" {
		return nil, nil, nil
	}
	set, err := c.d.Calendar.In(tx)
	if err != nil {
		return nil, nil, err
	}
	s := on(set)
	heard, err := c.heard(tx, []string{s.number})
	if err != nil {
		return nil, nil, err
	}
	next, err := c.upcoming(tx, s, heard[s.number])
	return heard[s.number], next, err
}

// Escalation is an open case, whistle or check that went beyond the unit that must act.
type Escalation struct {
	Of, Number string
	Level      int       // LevelBeyond and above
	Since      time.Time // the first of the deadlines that went so far
	Case       *Case     // nil for a whistle; of a check the one it is about
	Whistle    *Whistle
	Check      *Check
}

// EscalationCursor is where a page of escalations ended.
type EscalationCursor struct {
	Since      int64
	Of, Number string
}

// Cursor is where the list goes on after it.
func (e Escalation) Cursor() EscalationCursor {
	return EscalationCursor{e.Since.UnixMicro(), e.Of, e.Number}
}

// Escalated lists what is open and went beyond its unit, longest overdue first. The
// scope must reach the whole district. At most 200.
func (c *Cases) Escalated(ctx context.Context, sc access.Scope, after EscalationCursor, limit int) ([]Escalation, error) {
	if !sc.All() {
		return nil, store.ErrNotFound
	}
	n := Filter{Limit: limit}.limit()
	var out []Escalation
	err := c.db.Read(ctx, func(tx *store.Tx) error {
		rows, err := store.All(tx, scanStanding, `SELECT `+alarmColumns+` FROM alarms a WHERE a.district = $1 AND a.level >= 2 AND (a.since, a.kind, a.number) > ($2, $3, $4)
			ORDER BY a.since, a.kind, a.number LIMIT $5`, c.d.Code, after.Since, after.Of, after.Number, n)
		if err != nil {
			return err
		}
		for _, st := range rows {
			e := Escalation{Of: st.kind, Number: st.number, Level: st.level, Since: time.UnixMicro(st.since)}
			switch st.kind {
			case WhistleTable.Kind:
				e.Whistle, err = c.loadWhistle(tx, st.number)
			case CheckTable.Kind:
				if e.Check, err = c.loadCheck(tx, st.number); err == nil {
					e.Case, err = c.read(tx, e.Check.Case)
				}
			default:
				e.Case, err = c.read(tx, st.number)
			}
			if err != nil {
				return err
			}
			out = append(out, e)
		}
		return nil
	})
	return out, err
}
