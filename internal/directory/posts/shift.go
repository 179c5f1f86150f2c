package posts

import (
	"context"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/journal"
	"weixiao/internal/store"
)

// Lines of a duty roster: the leader on duty (带班) and who keeps watch (值班).
const (
	LeadLine = "lead"
	HandLine = "hand"
)

// ShiftTable says who keeps the duty roster of a unit.
var ShiftTable = flow.Table{
	Kind:   "shift",
	States: []flow.State{{Name: InForce, Chip: "doing"}, {Name: Cancelled, Chip: "closed", End: true}},
	Actions: []flow.Action{
		{Name: "enter", To: InForce, Who: rosterKeepers(), Form: form.Form{Name: "shift_enter", Fields: []form.Field{
			{Name: "line", Type: form.Choice, Required: true, Options: form.Options(LeadLine, HandLine)}, {Name: "post", Type: form.Choice, Required: true},
			{Name: "from", Type: form.Moment, Required: true}, {Name: "until", Type: form.Moment, Required: true}}}},
		{Name: "cancel", From: []string{InForce}, To: Cancelled, Who: rosterKeepers(), Form: form.Form{Name: "shift_cancel"}},
	},
}

func rosterKeepers() []flow.Grant {
	return append(who("", access.Admin, access.System), who(Under, access.StreetLead, access.DeptLead, access.Street, access.Department, access.Community)...)
}

// Shift is a time on duty of a post for a unit. Whoever holds the post then, or stands in, is on duty.
type Shift struct {
	ID       string
	State    string
	Unit     string
	Line     string // LeadLine or HandLine
	Post     string
	From, To int64 // µs UTC
	Created  int64
	Changed  int64
	Version  int64
	lastSeq  int64
}

// Position is where the shift stands in the flow table.
func (s *Shift) Position() flow.Position { return flow.Position{State: s.State} }

type shiftChange struct {
	State string `json:"state"`
	Unit  string `json:"unit"`
	Line  string `json:"line"`
	Post  string `json:"post"`
	From  int64  `json:"from"`
	To    int64  `json:"to"`
}

func (s *Shift) fold(a *journal.Act) error {
	var c shiftChange
	if err := a.Into(&c); err != nil {
		return err
	}
	if s.Version == 0 {
		s.ID, s.Created = a.Subject, a.At
	}
	s.State, s.Unit, s.Line, s.Post, s.From, s.To = c.State, c.Unit, c.Line, c.Post, c.From, c.To
	s.Version++
	s.Changed, s.lastSeq = a.At, a.Seq
	return nil
}

// MayRoster reports whether the scope keeps the roster of a unit.
func (p *Posts) MayRoster(sc access.Scope, unit string) bool {
	_, err := p.allows(&ShiftTable, "enter", sc, unit)
	return err == nil
}

// longestShift keeps a mistyped month out of the roster.
const longestShift = 7 * 24 * time.Hour

// Roster enters a shift. Two posts cannot be on the same line of a unit's roster at the same time.
func (p *Posts) Roster(ctx context.Context, sc access.Scope, unit string, raw form.Raw) error {
	act, err := p.allows(&ShiftTable, "enter", sc, unit)
	if err != nil {
		return err
	}
	f := act.Form
	f.Fields = append([]form.Field(nil), f.Fields...)
	f.Fields[1].Options = form.Options(raw.Get("post"))
	answers, err := f.Check(raw)
	if err != nil {
		return err
	}
	from, err1 := moment(answers.Str("from"))
	to, err2 := moment(answers.Str("until"))
	if err1 != nil || err2 != nil {
		return form.Faults{{Field: "from", Code: "date"}}
	}
	return p.write(ctx, func(tx *store.Tx) error {
		return p.enterShift(tx, sc, act, shiftChange{InForce, unit, answers.Str("line"), answers.Str("post"), from, to})
	})
}

func (p *Posts) enterShift(tx *store.Tx, sc access.Scope, act *flow.Action, n shiftChange) error {
	x, ok := p.Board().Post(n.Post)
	switch {
	case !ok:
		return refuse("post", "没有岗位“%s”，请填岗位编号", "there is no post %s; give its id", n.Post)
	case !p.o.Directory.Under(x.Unit, n.Unit):
		return refuse("post", "岗位“%s”不在这个单位里", "post %s is not in this unit", n.Post)
	case n.To <= n.From:
		return refuse("until", "值班结束时间早于开始时间，请改正", "the shift ends before it begins")
	case n.To-n.From > longestShift.Microseconds():
		return refuse("until", "一班最长 7 天，请检查日期", "a shift lasts 7 days at most; check the dates")
	}
	if _, err := journal.Begin(tx, p.o.District, p.o.Clock()); err != nil {
		return err
	}
	near, err := p.shiftsBetween(tx, n.Unit, n.From-longestShift.Microseconds(), n.To)
	if err != nil {
		return err
	}
	for _, o := range near {
		if m, both := (span{o.From, o.To}).meet(span{n.From, n.To}); both && o.Line == n.Line && o.State == InForce {
			return refuse("from", "%s 已排了岗位 %s，同一时间同一班次只排一个", "%s: post %s is on this line of the roster already", clock(m.from), o.Post)
		}
	}
	a, err := p.append(tx, sc, ShiftTable.Kind, newID("d"), act, n.Unit, n, nil)
	if err != nil {
		return err
	}
	s := &Shift{}
	if err := s.fold(a); err != nil {
		return err
	}
	return p.saveShift(tx, s)
}

// CancelShift takes a shift off the roster.
func (p *Posts) CancelShift(ctx context.Context, sc access.Scope, id string, version int64) error {
	return p.write(ctx, func(tx *store.Tx) error {
		s, err := p.shift(tx, id)
		if err != nil {
			return err
		}
		act, err := ShiftTable.Permit("cancel", s.Position(), p.actor(sc, s.Unit))
		if err != nil {
			return err
		}
		if s.Version != version {
			return ErrStale
		}
		a, err := p.append(tx, sc, ShiftTable.Kind, id, act, s.Unit, shiftChange{Cancelled, s.Unit, s.Line, s.Post, s.From, s.To}, nil)
		if err != nil {
			return err
		}
		if err := s.fold(a); err != nil {
			return err
		}
		return p.saveShift(tx, s)
	})
}

// moment reads what a form of type Moment lets through.
func moment(s string) (int64, error) {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04", "2006-01-02 15:04", "2006-1-2 15:04", "2006/1/2 15:04"} {
		if t, err := time.ParseInLocation(layout, s, zone); err == nil {
			return t.UnixMicro(), nil
		}
	}
	_, err := time.Parse(time.RFC3339, s)
	return 0, err
}

func day(at int64) string   { return time.UnixMicro(at).In(zone).Format(time.DateOnly) }
func clock(at int64) string { return time.UnixMicro(at).In(zone).Format("2006-01-02 15:04") }
