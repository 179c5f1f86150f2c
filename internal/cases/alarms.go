package cases

import (
	"maps"
	"slices"
	"strings"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/calendars"
	"weixiao/internal/catalogue"
	"weixiao/internal/journal"
)

// Alarms: the ladders of the pack at work. docs/decisions/005 says why it is done
// this way.
//
//	alarms.go        the pure part: which rung of which clock comes next
//	alarm_ring.go    rungs that are due become acts
//	alarm_tell.go    who a rung tells; alarm_notice.go: in which words
//	alarm_rows.go    the table alarms
//	alarm_follow.go  the follower that keeps the table, and making it anew
//	alarm_job.go     the job that looks what is due
//	alarm_bell.go    the same inside of a Batch, on a simulated clock
//	alarm_view.go    what pages show of it
//	alarm_verify.go  acts against rows

// AlarmKind is the kind of the journal's acts of the ladders; their subject is the
// number of a case, whistle or check, whose version they leave alone.
const AlarmKind = "alarm"

// Actions of alarm acts.
const (
	AlarmReminded  = "reminded"  // whoever has the work in hand was told
	AlarmEscalated = "escalated" // somebody above was told
)

// LevelBeyond is the lowest level of the reporting line beyond the unit itself.
const LevelBeyond = 2

// Alarm is the body of an alarm act: one rung of one clock. Moments are µs UTC.
type Alarm struct {
	Of      string         `json:"of"`    // kind of the subject: case, whistle or check
	Clock   string         `json:"clock"` // as in Case.Clocks
	Rung    int            `json:"rung"`  // 1 for the first of the ladder
	Whom    catalogue.Whom `json:"whom"`
	Unit    string         `json:"unit"`              // whose people are told
	To      []string       `json:"to,omitempty"`      // accounts told by this act; none: the unit, unless Folded
	Start   int64          `json:"start"`             // of the clock
	Due     int64          `json:"due"`               // the deadline it is about
	Planned int64          `json:"planned"`           // when the rung was to come
	Nominal int64          `json:"nominal,omitempty"` // when the ladder has it, if quiet hours moved it
	Late    bool           `json:"late,omitempty"`    // it came late through an outage
	Folded  bool           `json:"folded,omitempty"`  // a later rung that came with it tells the same people
}

// Level is how far up the reporting line it went.
func (a Alarm) Level() int { return a.Whom.Level() }

// action is the word of the act.
func (a Alarm) action() string {
	if a.Level() == 0 {
		return AlarmReminded
	}
	return AlarmEscalated
}

// clocked is a case or whistle as the ladders see it.
type clocked struct {
	kind, number string
	level        string // of the ladder: an urgency level, a kind of whistle, or a rule of checks
	ended        bool
	changed      int64
	clocks       map[string]Clock
	set          *calendars.Set // by which amounts before and after a deadline are counted
	// holds says which unit must act for a clock, and to whom in it the work was given.
	holds func(clock string) (unit, assignee string)
}

// onLadder is a case as the ladders see it. What no unit holds lies with the centre.
func (c *Cases) onLadder(k *Case, set *calendars.Set) clocked {
	return clocked{set: set, kind: Table.Kind, number: k.Number, level: k.Profile, ended: k.Ended(), changed: k.Changed, clocks: k.Clocks,
		holds: func(string) (string, string) {
			if k.Holder == "" {
				return c.d.Centre, ""
			}
			return k.Holder, k.Assignee
		}}
}

// whistleOnLadder is a whistle as the ladders see it: the plan is the street's, the
// other clocks are each called unit's.
func (c *Cases) whistleOnLadder(w *Whistle, set *calendars.Set) clocked {
	return clocked{set: set, kind: WhistleTable.Kind, number: w.Number, level: catalogue.WhistleLevel(w.Kind), ended: w.Ended(), changed: w.Changed, clocks: w.Clocks,
		holds: func(clock string) (string, string) {
			if _, unit, ok := strings.Cut(clock, ":"); ok {
				return unit, ""
			}
			return w.Unit, ""
		}}
}

// checkOnLadder is a check as the ladders see it: it lies with the unit that is to look.
func (c *Cases) checkOnLadder(x *Check, set *calendars.Set) clocked {
	return clocked{set: set, kind: CheckTable.Kind, number: x.Number, level: catalogue.CheckLevel(x.Rule), ended: x.Ended(), changed: x.Changed, clocks: x.Clocks,
		holds: func(string) (string, string) { return x.Unit, "" }}
}

// watched is what is remembered of a running clock.
type watched struct {
	Start int64 `json:"s"`
	Due   int64 `json:"d,omitempty"` // 0 while it is paused
	Moved int64 `json:"m,omitempty"` // the act by which the deadline came to be Due
	Upto  int64 `json:"u,omitempty"` // when the last rung that rang was planned; what is planned up to here has rung
}

// standing is how a subject stands on its ladders: a row of the table alarms.
type standing struct {
	kind, number string
	at           int64 // when the next rung comes; NoDue when none lies ahead
	level        int   // the highest that was told about a clock that still runs
	since        int64 // the first deadline of the clocks at LevelBeyond and above; NoDue when there is none
	clocks       map[string]watched
}

func (a standing) same(b standing) bool {
	return a.at == b.at && a.level == b.level && a.since == b.since && maps.Equal(a.clocks, b.clocks)
}

// steps are the rungs of a running clock with their moments.
func (c *Cases) steps(s clocked, name string, k Clock) []catalogue.Step {
	if c.d.Ladder == nil || !k.Running() || k.Due == 0 {
		return nil
	}
	// The amounts are counted as the limit is: a unit that works at night has its work
	// hours at night.
	cal, err := s.set.Current(k.Cal)
	if err != nil { // it was taken out of the pack since
		cal = s.set.Main()
	}
	plain, _, _ := strings.Cut(name, ":")
	return c.d.Ladder.Plan(cal, s.level, plain, time.UnixMicro(k.Start), time.UnixMicro(k.Due))
}

// laddered reports whether the clock has any rung at all.
func (c *Cases) laddered(s clocked, name string) bool {
	plain, _, _ := strings.Cut(name, ":")
	return c.d.Ladder != nil && len(c.d.Ladder.Levels[s.level].Clocks[plain]) > 0
}

// stand works out how a subject stands, from its clocks and what was remembered of
// them. False: no clock of it runs, so there is nothing to remember. It is pure:
// the same clocks, memory, ladder and calendar always give the same.
//
// A rung lies ahead while it is planned after the last one that rang. So a deadline
// that moves on arms the rungs between anew, one that moves back or stays does not,
// and a clock that starts again has its whole ladder before it.
func (c *Cases) stand(s clocked, was map[string]watched) (standing, bool) {
	out := standing{kind: s.kind, number: s.number, at: NoDue, since: NoDue, clocks: map[string]watched{}}
	if s.ended {
		return out, false
	}
	for name, k := range s.clocks {
		if !k.Running() || !c.laddered(s, name) {
			continue
		}
		w := was[name]
		if w.Start != k.Start {
			w = watched{Start: k.Start}
		}
		if w.Due != k.Due || w.Moved == 0 {
			w.Due, w.Moved = k.Due, s.changed
		}
		out.clocks[name] = w
		level := 0
		for _, step := range c.steps(s, name, k) {
			if at := step.At.UnixMicro(); at > w.Upto {
				out.at = min(out.at, at)
				break
			}
			level = max(level, step.Whom.Level())
		}
		out.level = max(out.level, level)
		if level >= LevelBeyond {
			out.since = min(out.since, k.Due)
		}
	}
	return out, len(out.clocks) > 0
}

// remember is what alarm acts, oldest first, say of the clocks of their subject.
func remember(acts []AlarmEntry) map[string]watched {
	out := map[string]watched{}
	for _, a := range acts {
		w := out[a.Clock]
		if w.Start != a.Start {
			w = watched{Start: a.Start}
		}
		w.Due, w.Upto = a.Due, max(w.Upto, a.Planned)
		out[a.Clock] = w
	}
	return out
}

// AlarmEntry is one alarm act.
type AlarmEntry struct {
	journal.Act
	Alarm
}

// rules names what rows are made with; other rules, other rows.
func (c *Cases) rules(set *calendars.Set) string {
	if c.d.Ladder == nil {
		return ""
	}
	rules := c.d.Ladder.Version
	for _, name := range set.Names() {
		if cal, err := set.Current(name); err == nil {
			rules += " " + cal.Version()
		}
	}
	return rules
}

// alarmScope is the program itself, reminding people.
func (c *Cases) alarmScope() access.Scope {
	return access.SystemScope(c.d.Code, "reminders and escalation by the ladders of the pack")
}

// ringOrder is the order in which clocks are named that ring at the same moment.
func ringOrder(name string) int {
	plain, _, _ := strings.Cut(name, ":")
	return slices.Index([]string{ClockAcknowledge, ClockSign, ClockArrive, ClockContact, ClockPlan, ClockReply, ClockClose}, plain)
}
