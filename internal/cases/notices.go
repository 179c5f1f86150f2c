package cases

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"weixiao/internal/journal"
	"weixiao/internal/notify"
	"weixiao/internal/store"
	"weixiao/internal/words"
)

// lateNotice is how old an act may be and still be told: after a longer outage
// people know more than the message.
const lateNotice = 48 * time.Hour

// Notices follows the journal and tells people what concerns them: the resident
// that a request was received, dispatched, answered (with the link for rating) or
// sent back, units what came to them, people what a deadline asks of them. owner names the district. Secret and address
// of the follow-up page are added when a message is sent (notify.Courier.Extra).
// Without a provider nothing is queued for residents: residents is false then.
func (c *Cases) Notices(owner string, residents bool) journal.Follower {
	n := notices{c: c, owner: owner, residents: residents}
	return journal.Follower{Name: "notices", Concerns: n.concerns, Handle: func(tx *store.Tx, acts []journal.Act) error {
		for _, a := range acts {
			if c.clock().Sub(a.Time()) > lateNotice {
				continue
			}
			var err error
			switch a.Kind {
			case Table.Kind:
				err = n.ofCase(tx, a)
			case WhistleTable.Kind:
				err = n.ofWhistle(tx, a)
			case AlarmKind:
				err = n.ofAlarm(tx, a)
			case OrderTable.Kind:
				err = n.ofOrder(tx, a)
			case CheckTable.Kind:
				err = n.ofCheck(tx, a)
			}
			if err != nil {
				return fmt.Errorf("act %d: %w", a.Seq, err)
			}
		}
		return nil
	}}
}

type notices struct {
	c     *Cases
	owner string

	residents bool
}

// concerns reports whether anybody is told of an act.
func (n notices) concerns(a journal.Act) bool {
	if a.Kind == WhistleTable.Kind || a.Kind == AlarmKind || (a.Kind == CheckTable.Kind && checkNotices[a.Action]) || (a.Kind == OrderTable.Kind && orderNotices[a.Action] != "") {
		return true
	}
	if a.Kind != Table.Kind {
		return false
	}
	if a.Action == "report" && !n.residents {
		return false // most acts of a busy hour: spared the reading
	}
	ch, err := decode(a.Body)
	return err != nil || toUnit(a, ch) != "" || (n.residents && toResident(a, ch) != "")
}

// toResident says of which acts residents get a message, and by which template. What
// a page tells them is more (Tell).
func toResident(a journal.Act, ch Change) string {
	switch a.Action {
	case "report":
		return "received"
	case "dispatch", "designate", "hand_on":
		return "dispatched"
	case "reply":
		return "replied"
	case "screen_out":
		return "screened"
	case "merge":
		return "merged"
	case "grant_suspension", "prolong_suspension":
		return "suspended"
	case "grant_pause", "prolong_pause":
		return "paused"
	case "call_back", "rate", "return_reply", "redo", "refute":
		if ch.State == Rework {
			return "redone"
		}
	}
	return ""
}

// toUnit says which acts the handling unit hears of.
func toUnit(a journal.Act, ch Change) string {
	switch a.Action {
	case "dispatch", "designate", "hand_on":
		return "unit.dispatched"
	case "urge":
		return "unit.urged"
	case "grant_pause", "refuse_pause", "accept_appeal", "refuse_appeal", "prolong_suspension", "prolong_pause", "change_level", "grant_extension", "refuse_extension", "grant_suspension", "refuse_suspension", "refuse_objection":
		return "unit.decided"
	}
	if ch.State == Rework && slices.Contains([]string{"call_back", "rate", "return_reply", "redo", "refute"}, a.Action) {
		return "unit.rework"
	}
	return ""
}

func (n notices) ofCase(tx *store.Tx, a journal.Act) error {
	ch, err := decode(a.Body)
	if err != nil {
		return err
	}
	resident, unit := toResident(a, ch), toUnit(a, ch)
	if !n.residents || (a.Action == "report" && (ch.Set["person"] == "" || ch.Set["channel"] == "import")) {
		resident = ""
	}
	if resident == "" && unit == "" {
		return nil
	}
	k, err := n.c.load(tx, a.Subject)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	id := strconv.FormatInt(a.Seq, 10)
	if a.Action == "reply" && n.residents && k.Counts.Merged > 0 {
		if err := n.ofMerged(tx, id, k); err != nil {
			return err
		}
	}
	if unit != "" && k.Holder != "" {
		if err := n.queue(tx, notify.Message{ID: id + "-unit", Channel: notify.ToUnit, Receiver: k.Holder, Template: unit, Subject: k.Number,
			Args: map[string]string{"number": k.Number, "level": k.Level}}); err != nil {
			return err
		}
	}
	// A case that came in from a file or another system is told there.
	if resident == "" || k.Person == "" || k.Channel == "import" {
		return nil
	}
	return n.queue(tx, notify.Message{ID: id + "-resident", Channel: notify.ToResident, Receiver: k.Person, Template: resident, Subject: k.Number,
		Args: map[string]string{"owner": n.owner, "number": k.Number, "unit": n.unit(k.Unit), "due": n.due(k), "into": k.Parent, "review": n.reviewDay(k)}})
}

// ofMerged tells those whose requests were merged into a case that it was answered.
func (n notices) ofMerged(tx *store.Tx, id string, k *Case) error {
	children, err := store.All(tx, scanCase, `SELECT `+columns+` FROM cases WHERE district = $1 AND parent = $2 AND parent <> '' ORDER BY number`, n.c.d.Code, k.Number)
	if err != nil {
		return err
	}
	for _, child := range children {
		if child.Person == "" || child.Channel == "import" {
			continue
		}
		if err := n.queue(tx, notify.Message{ID: id + "-" + child.Number, Channel: notify.ToResident, Receiver: child.Person, Template: "merged_replied", Subject: child.Number,
			Args: map[string]string{"owner": n.owner, "number": child.Number, "into": k.Number, "unit": n.unit(k.Unit)}}); err != nil {
			return err
		}
	}
	return nil
}

// reviewDay is the day on which a case laid aside is looked at again.
func (n notices) reviewDay(k *Case) string {
	if d := k.Clocks[ClockReview].Due; d > 0 {
		return words.ShortDay(words.ZH, time.UnixMicro(d-1).In(zone))
	}
	return ""
}

func (n notices) unit(id string) string {
	u, ok := n.c.d.Directory.Unit(id)
	if !ok {
		return ""
	}
	if u.Short != "" {
		return u.Short
	}
	return u.Name
}

func (n notices) due(k *Case) string {
	if d := k.Clocks[ClockReply].Due; d > 0 {
		return words.Moment(words.ZH, n.c.clock(), time.UnixMicro(d))
	}
	return ""
}

// orderNotices are the acts of an order that the unit hears of, by template.
var orderNotices = map[string]string{"issue": "unit.order", "send_back": "unit.order.returned", "more_time": "unit.order.decided", "accept": "unit.order.decided",
	"release": "unit.order.decided", "delist": "unit.order.decided", "withdraw": "unit.order.decided"}

func (n notices) ofOrder(tx *store.Tx, a journal.Act) error {
	template := orderNotices[a.Action]
	if template == "" {
		return nil
	}
	o, err := n.c.loadOrder(tx, a.Subject)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if template == "unit.order" {
		template += "." + o.Kind
	}
	return n.queue(tx, notify.Message{ID: strconv.FormatInt(a.Seq, 10) + "-" + o.Unit, Channel: notify.ToUnit, Receiver: o.Unit, Template: template, Subject: o.Number,
		Args: map[string]string{"number": o.Number, "case": o.Case, "level": o.Level}})
}

func (n notices) ofWhistle(tx *store.Tx, a journal.Act) error {
	if a.Action != "approve" && a.Action != "call_unit" && a.Action != "plan" && a.Action != "return_task" {
		return nil
	}
	w, err := n.c.loadWhistle(tx, a.Subject)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	var ch WhistleChange
	if err := json.Unmarshal(a.Body, &ch); err != nil {
		return err
	}
	for u, s := range w.Units {
		template := "unit.whistle"
		if a.Action == "plan" || a.Action == "return_task" {
			template = "unit.task"
		}
		if _, changed := ch.Units[u]; s.State == UnitExcused || (len(ch.Units) > 0 && !changed) {
			continue
		}
		if err := n.queue(tx, notify.Message{ID: strconv.FormatInt(a.Seq, 10) + "-" + u, Channel: notify.ToUnit, Receiver: u, Template: template, Subject: w.Number,
			Args: map[string]string{"number": w.Number, "street": n.unit(w.Unit)}}); err != nil {
			return err
		}
	}
	return nil
}

func (n notices) queue(tx *store.Tx, m notify.Message) error {
	m.District = n.c.d.Code
	return notify.Queue(tx, m, n.c.clock())
}

// checkNotices are the acts of a check that its unit hears of.
var checkNotices = map[string]bool{"ask": true, "pass_on": true}

func (n notices) ofCheck(tx *store.Tx, a journal.Act) error {
	if !checkNotices[a.Action] {
		return nil
	}
	x, err := n.c.loadCheck(tx, a.Subject)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return n.queue(tx, notify.Message{ID: strconv.FormatInt(a.Seq, 10) + "-" + x.Unit, Channel: notify.ToUnit, Receiver: x.Unit, Template: "unit.check", Subject: x.Number,
		Args: map[string]string{"number": x.Number, "case": x.Case}})
}
