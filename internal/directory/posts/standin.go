package posts

import (
	"context"
	"strings"

	"weixiao/internal/access"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/journal"
	"weixiao/internal/store"
)

// States of stand-ins and shifts.
const (
	InForce   = "in_force"
	Cancelled = "cancelled"
)

// StandinTable says who may say who stands in for whom: those who decide about the post, and the community for its own.
var StandinTable = flow.Table{
	Kind:   "standin",
	States: []flow.State{{Name: InForce, Chip: "doing"}, {Name: Cancelled, Chip: "closed", End: true}},
	Actions: []flow.Action{
		{Name: "enter", To: InForce, Who: append(deciders(), who(Under, access.Community)...), Form: form.Form{Name: "standin_enter", Fields: []form.Field{
			{Name: "by", Type: form.Choice, Required: true}, {Name: "from", Type: form.Date, Required: true}, {Name: "until", Type: form.Date, Required: true},
			{Name: "reason", Type: form.Text, Required: true, Max: 300}}}},
		{Name: "cancel", From: []string{InForce}, To: Cancelled, Who: append(deciders(), who(Under, access.Community)...), Form: form.Form{Name: "standin_cancel"}},
	},
}

// Standin says that one post stands in for another while its holder is away (替补, 代理).
type Standin struct {
	ID       string
	State    string
	Post     string // whose holder is away
	By       string // post that stands in
	Unit     string // of Post
	From, To int64  // µs UTC
	Created  int64
	Changed  int64
	Version  int64
	lastSeq  int64
}

// Position is where the stand-in stands in the flow table.
func (s *Standin) Position() flow.Position { return flow.Position{State: s.State} }

type standinChange struct {
	State string `json:"state"`
	Post  string `json:"post"`
	By    string `json:"by"`
	Unit  string `json:"unit"`
	From  int64  `json:"from"`
	To    int64  `json:"to"`
}

func (s *Standin) fold(a *journal.Act) error {
	var c standinChange
	if err := a.Into(&c); err != nil {
		return err
	}
	if s.Version == 0 {
		s.ID, s.Created = a.Subject, a.At
	}
	s.State, s.Post, s.By, s.Unit, s.From, s.To = c.State, c.Post, c.By, c.Unit, c.From, c.To
	s.Version++
	s.Changed, s.lastSeq = a.At, a.Seq
	return nil
}

// MayStandIn reports whether the scope may say who stands in for a post.
func (p *Posts) MayStandIn(sc access.Scope, post *Post) bool {
	_, err := p.allows(&StandinTable, "enter", sc, post.Unit)
	return err == nil
}

// StandIn enters who stands in for a post from one day to another. It refuses a second stand-in at the same time, and a
// chain that would lead back to the post at any moment, naming the chain.
func (p *Posts) StandIn(ctx context.Context, sc access.Scope, post string, raw form.Raw) (string, error) {
	x, ok := p.Board().Post(post)
	if !ok {
		return "", store.ErrNotFound
	}
	act, err := p.allows(&StandinTable, "enter", sc, x.Unit)
	if err != nil {
		return "", err
	}
	by, known := p.Board().Post(strings.TrimSpace(raw.Get("by")))
	f := act.Form
	f.Fields = append([]form.Field(nil), f.Fields...)
	if known {
		f.Fields[0].Options = form.Options(by.ID)
	}
	answers, err := f.Check(raw)
	if err != nil {
		return "", err
	}
	n := standinChange{State: InForce, Post: x.ID, By: by.ID, Unit: x.Unit}
	if n.From, err = DayStart(answers.Str("from")); err == nil {
		n.To, err = dayAfter(answers.Str("until"))
	}
	if err != nil || n.To <= n.From {
		return "", refuse("until", "结束日期 %s 早于开始日期 %s，请改正", "the last day %s lies before the first, %s", answers.Str("until"), answers.Str("from"))
	}
	id := newID("s")
	return id, p.write(ctx, func(tx *store.Tx) error {
		// The head comes first: behind it nobody else enters the other half of a circle.
		if _, err := journal.Begin(tx, p.o.District, p.o.Clock()); err != nil {
			return err
		}
		if err := p.fits(tx, x, n); err != nil {
			return err
		}
		a, err := p.append(tx, sc, StandinTable.Kind, id, act, x.Unit, n, map[string]string{"reason": answers.Str("reason")})
		if err != nil {
			return err
		}
		s := &Standin{}
		if err := s.fold(a); err != nil {
			return err
		}
		return p.saveStandin(tx, s)
	})
}

func (p *Posts) fits(tx *store.Tx, x *Post, n standinChange) error {
	legs := func(post string) ([]leg, error) {
		all, err := p.standinsOf(tx, post)
		var out []leg
		for _, s := range all {
			if s.State == InForce {
				out = append(out, leg{s.Post, s.By, span{s.From, s.To}})
			}
		}
		return out, err
	}
	mine, err := legs(n.Post)
	if err != nil {
		return err
	}
	wanted := leg{n.Post, n.By, span{n.From, n.To}}
	for _, l := range mine {
		if m, both := l.meet(wanted.span); both {
			return refuse("from", "“%s”在 %s 已有人代理（%s），同一时间只能有一个代理", "%s has a stand-in on %s already (%s); there is one at a time", x.Title, day(m.from), l.by)
		}
	}
	way, err := circle(wanted, legs)
	if way != nil {
		return refuse("by", "代理绕成了圈：%s；请另选一个岗位", "the stand-ins run in a circle: %s; choose another post", strings.Join(way, " → "))
	}
	return err
}

// EndStandIn cancels a stand-in.
func (p *Posts) EndStandIn(ctx context.Context, sc access.Scope, id string, version int64) error {
	return p.write(ctx, func(tx *store.Tx) error {
		s, err := p.standin(tx, id)
		if err != nil {
			return err
		}
		act, err := StandinTable.Permit("cancel", s.Position(), p.actor(sc, s.Unit))
		if err != nil {
			return err
		}
		if s.Version != version {
			return ErrStale
		}
		a, err := p.append(tx, sc, StandinTable.Kind, id, act, s.Unit, standinChange{Cancelled, s.Post, s.By, s.Unit, s.From, s.To}, nil)
		if err != nil {
			return err
		}
		if err := s.fold(a); err != nil {
			return err
		}
		return p.saveStandin(tx, s)
	})
}
