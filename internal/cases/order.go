package cases

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/calendars"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/journal"
	"weixiao/internal/store"
)

// Order is one demand of supervision about a case: a letter, a leader's
// instruction, or a public listing. Several may be open for one case.
type Order struct {
	District string
	Number   string
	Doc      int64
	Version  int64
	LastSeq  int64
	Created  int64
	Changed  int64
	flow.Position
	Kind     string // OrderLetter, OrderInstruction, OrderListing
	Level    string // of a letter: 1 to 3
	Case     string
	Unit     string // owes the answer
	Leader   string // post of the leader whose words they are, or who answers for the listing
	Subject  string // of a listing, written for everybody
	By       string // of a listing: local day by which it must be solved
	Returned int    // how often an answer was sent back
	Clocks   map[string]Clock
}

// OrderChange is the body of an order's act, spelled out as Change is.
type OrderChange struct {
	State    string            `json:"state"`
	Marks    []string          `json:"marks,omitempty"`
	Set      map[string]string `json:"set,omitempty"`
	Returned int               `json:"returned,omitempty"` // the new count; 0 = as it was
	Start    map[string]string `json:"start,omitempty"`
	Stop     []string          `json:"stop,omitempty"`
	Extend   map[string]string `json:"extend,omitempty"`
	Moved    map[string]Moved  `json:"moved,omitempty"`
	Cal      string            `json:"cal,omitempty"`
	Answers  form.Answers      `json:"answers,omitempty"`
}

// Ended reports whether nothing is left to do.
func (o *Order) Ended() bool { s, ok := OrderTable.State(o.State); return !ok || s.End }

// Turn is the place of an open order in a list: by its next deadline.
func (o *Order) Turn() Cursor { return Cursor{NextDue(o.Clocks), o.Number} }

// field returns where a single field of an order is kept.
func (o *Order) field(name string) *string {
	switch name {
	case "kind":
		return &o.Kind
	case "level":
		return &o.Level
	case "case":
		return &o.Case
	case "unit":
		return &o.Unit
	case "leader":
		return &o.Leader
	case "subject":
		return &o.Subject
	case "by":
		return &o.By
	}
	return nil
}

// clocks is the part of the change that touches clocks; they run by the
// district's own calendar.
func (ch *OrderChange) clocks() *Change {
	return &Change{Start: ch.Start, Stop: ch.Stop, Extend: ch.Extend, Moved: ch.Moved, Cal: ch.Cal}
}

func (o *Order) fold(a *journal.Act, ch *OrderChange, set *calendars.Set) error {
	if o.Version == 0 {
		o.District, o.Number, o.Created = a.District, a.Subject, a.At
	}
	for name, v := range ch.Set {
		f := o.field(name)
		if f == nil {
			return fmt.Errorf("cases: act %d sets unknown order field %q", a.Seq, name)
		}
		*f = v
	}
	if ch.Returned != 0 {
		o.Returned = ch.Returned
	}
	part := ch.clocks()
	clocks, err := tick(o.Clocks, part, a.At, part.calendars(set), false)
	if err != nil {
		return fmt.Errorf("cases: act %d: %w", a.Seq, err)
	}
	o.Clocks = clocks
	o.Position = flow.Position{State: ch.State, Marks: ch.Marks}
	if a.Action != Recounted {
		o.Version++
	}
	o.LastSeq, o.Changed = a.Seq, a.At
	return nil
}

// orderActor is who asks, as the order's table sees them.
func (c *Cases) orderActor(sc access.Scope, o *Order) flow.Actor {
	a := flow.Actor{Roles: sc.Roles()}
	// What nobody handles yet is asked of the centre, whose people reach every unit.
	if (sc.Unit() != "" && c.d.Directory.Under(o.Unit, sc.Unit())) || (o.Unit == c.d.Centre && sc.Within(c.d.Centre)) {
		a.Relations = append(a.Relations, owes)
	}
	return a
}

// orderVisible: people of the district, the unit that owes the answer, and of a
// listing everybody who works here.
func (c *Cases) orderVisible(sc access.Scope, o *Order) bool {
	if sc.District() != o.District {
		return false
	}
	return sc.All() || len(c.orderActor(sc, o).Relations) > 0 || (sc.Unit() != "" && o.Kind == OrderListing)
}

// concerned reports whether somebody may read the words of an order: of an
// instruction only leaders, the supervision office and the unit it is for.
func (c *Cases) concerned(sc access.Scope, o *Order) bool {
	return o.Kind != OrderInstruction || sc.Can(roleLeader, roleSupervisor) || len(c.orderActor(sc, o).Relations) > 0
}

// OrderAct does one action of the order's table.
func (c *Cases) OrderAct(ctx context.Context, sc access.Scope, number, action string, in Input) (*Order, error) {
	t, err := c.attempt(&OrderTable, action, in)
	if err != nil {
		return nil, err
	}
	var after *Order
	err = c.db.Write(ctx, func(tx *store.Tx) error {
		after, err = c.actOrder(tx, sc, number, t)
		return err
	})
	if err != nil {
		return nil, err
	}
	return after, nil
}

// actOrder checks an attempt against the order as it is and carries it out.
func (c *Cases) actOrder(tx *store.Tx, sc access.Scope, number string, t attempt) (*Order, error) {
	at, err := journal.Begin(tx, c.d.Code, t.now)
	if err != nil {
		return nil, err
	}
	o, err := c.loadOrder(tx, number)
	if err != nil {
		return nil, err
	}
	done, err := t.permit(tx, c.d.Code, subject{o.Number, o.Position, o.Version, c.orderVisible(sc, o), c.orderActor(sc, o), StaleError{Order: o}})
	switch {
	case err != nil:
		return nil, err
	case done:
		return o, nil
	}
	after, err := c.doOrder(tx, sc, o, t.a, t.answers, at)
	if err != nil || !after.Ended() {
		return after, err
	}
	return after, c.orderEnded(tx, sc, after, at)
}

func (c *Cases) recordOrder(tx *store.Tx, sc access.Scope, o *Order, action, capacity string, ch *OrderChange, texts map[string]string, at time.Time) error {
	set := c.d.Calendar.Now()
	if part := ch.clocks(); part.timing() {
		var err error
		if set, err = c.d.Calendar.In(tx); err != nil {
			return err
		}
		if err := part.sign(o.Clocks, set); err != nil {
			return err
		}
		ch.Cal = part.Cal
	}
	body, err := json.Marshal(ch)
	if err != nil {
		return fmt.Errorf("cases: %w", err)
	}
	maps.DeleteFunc(texts, func(_, v string) bool { return v == "" })
	a := &journal.Act{District: c.d.Code, At: at.UnixMicro(), Kind: OrderTable.Kind, Subject: o.Number, Action: action,
		Actor: sc.Actor(capacity), Pack: c.d.Pack, Body: body, Texts: texts}
	if err := journal.Append(tx, a); err != nil {
		return err
	}
	return o.fold(a, ch, set)
}
