package formalism

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/journal"
	"weixiao/internal/store"
	"weixiao/internal/words"
)

// ErrStale means that the exception was changed since it was looked at.
var ErrStale = fmt.Errorf("formalism: the exception was changed meanwhile: %w", access.ErrStale)

// Ask asks for an exception. Faults are form.Faults: a prohibition without any exception is refused with a sentence of its
// own (fault.never_…), and a renewal for the same thing needs another reason than the last one had.
func (g *Guard) Ask(ctx context.Context, sc access.Scope, raw form.Raw, key store.Key) (x *Exception, err error) {
	err = g.db.Write(ctx, func(tx *store.Tx) error {
		x, err = g.AskIn(tx, sc, raw, key, g.o.Clock())
		return err
	})
	return x, err
}

// AskIn is Ask in somebody else's transaction, at a moment of a simulation.
func (g *Guard) AskIn(tx *store.Tx, sc access.Scope, raw form.Raw, key store.Key, now time.Time) (*Exception, error) {
	act, err := Table.Action("ask")
	if err != nil {
		return nil, err
	}
	who := g.actor(sc, nil)
	if !act.Grants(who) {
		return nil, flow.ErrForbidden
	}
	answers, err := act.Form.Check(raw)
	if err != nil {
		return nil, err
	}
	c, err := g.asked(answers, now)
	if err != nil {
		return nil, err
	}
	id := strings.ToLower(rand.Text()[:12])
	earlier, done, err := store.Once(tx, g.o.District, key, id, now)
	if err != nil {
		return nil, err
	}
	if done {
		return g.load(tx, earlier)
	}
	last, err := store.All(tx, scan, `SELECT `+columns+` FROM formalism_exceptions WHERE district = $1 AND rule = $2 AND subject = $3 ORDER BY doc DESC LIMIT 20`, g.o.District, c.Rule, c.Subject)
	if err != nil {
		return nil, err
	}
	for _, y := range last {
		if y.Approved > 0 && c.Renews == "" {
			c.Renews = y.ID
		}
		if tidy(y.Reason) == tidy(answers.Str("reason")) {
			return nil, form.Faults{{Field: "reason", Code: "same_reason"}}
		}
	}
	x := &Exception{}
	return x, g.record(tx, sc, x, id, act, who, c, map[string]string{"reason": answers.Str("reason")}, now)
}

// tidy makes reasons comparable: blanks and marks at the end make no other reason.
func tidy(s string) string { return strings.TrimRight(strings.Join(strings.Fields(s), ""), "。.!！") }

// asked checks what somebody asks for.
func (g *Guard) asked(a form.Answers, now time.Time) (c change, err error) {
	c = change{State: Asked, Rule: a.Str("rule"), Subject: a.Str("subject"), Unit: a.Str("unit"), Role: a.Str("role"), Scene: a.Str("scene")}
	var faults form.Faults
	bad := func(field, code string) { faults = append(faults, form.Fault{Field: field, Code: code, N: MaxDays}) }
	switch {
	case !slices.Contains(mayCover, c.Rule):
		bad("rule", "never_"+c.Rule)
	case c.Rule == CheckIn && !g.routine(strings.TrimPrefix(c.Subject, "routine.")):
		bad("subject", "routine")
	case c.Rule != CheckIn && !slices.Contains(Subjects(g.o.Input, c.Rule), c.Subject):
		bad("subject", "demanded")
	}
	if c.Rule == CheckIn {
		c.Subject = "routine." + strings.TrimPrefix(c.Subject, "routine.")
	}
	if c.Unit != "" {
		if _, ok := g.o.Directory.Unit(c.Unit); !ok {
			bad("unit", "unit")
		}
	}
	day, err := time.ParseInLocation(time.DateOnly, a.Str("until"), words.Zone())
	if err != nil {
		return c, fmt.Errorf("formalism: %w", err) // checked by the form
	}
	end := day.AddDate(0, 0, 1) // the last day counts whole
	switch {
	case !end.After(now):
		bad("until", "over")
	case day.After(now.In(words.Zone()).AddDate(0, 0, MaxDays)):
		bad("until", "days")
	}
	c.Until = end.UnixMicro()
	if len(faults) > 0 {
		return c, faults
	}
	return c, nil
}

// Act is what somebody does to an exception.
type Act struct {
	Raw     form.Raw
	Version int64 // of the page it was decided on
	Key     store.Key
}

// Act approves, refuses or withdraws.
func (g *Guard) Act(ctx context.Context, sc access.Scope, id, action string, in Act) error {
	return g.db.Write(ctx, func(tx *store.Tx) error { return g.ActIn(tx, sc, id, action, in, g.o.Clock()) })
}

// ActIn is Act in somebody else's transaction, at a moment of a simulation.
func (g *Guard) ActIn(tx *store.Tx, sc access.Scope, id, action string, in Act, now time.Time) error {
	moment, err := journal.Begin(tx, g.o.District, now)
	if err != nil {
		return err
	}
	x, err := g.load(tx, id)
	if err != nil {
		return err
	}
	if !g.sees(sc, x) {
		return store.ErrNotFound
	}
	if _, done, err := store.Once(tx, g.o.District, in.Key, id, moment); err != nil || done {
		return err
	}
	who := g.actor(sc, x)
	act, err := Table.Permit(action, flow.Position{State: x.Stands(moment)}, who)
	if err != nil {
		return err
	}
	answers, err := act.Form.Check(in.Raw)
	if err != nil {
		return err
	}
	if in.Version != x.Version {
		return ErrStale
	}
	c, texts := x.change(), map[string]string{}
	c.State = act.To
	if action == "approve" {
		c.Approver = sc.Account()
	}
	for _, name := range []string{"reason", "note"} {
		if s := answers.Str(name); s != "" {
			texts[name] = s
		}
	}
	return g.record(tx, sc, x, id, act, who, c, texts, now)
}

func (g *Guard) record(tx *store.Tx, sc access.Scope, x *Exception, id string, act *flow.Action, who flow.Actor, c change, texts map[string]string, now time.Time) error {
	at, err := journal.Begin(tx, g.o.District, now)
	if err != nil {
		return err
	}
	body, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("formalism: %w", err)
	}
	a := &journal.Act{District: g.o.District, At: at.UnixMicro(), Kind: Table.Kind, Subject: id, Action: act.Name, Actor: sc.Actor(act.Capacity(who)), Pack: g.o.Pack, Body: body, Texts: texts}
	if err := journal.Append(tx, a); err != nil {
		return err
	}
	if err := x.fold(a); err != nil {
		return err
	}
	return g.save(tx, x)
}

// actor is who asks, as the table sees them. The program itself decides nothing: it has no account and is nobody's other.
func (g *Guard) actor(sc access.Scope, x *Exception) flow.Actor {
	a := flow.Actor{Roles: sc.Roles()}
	if x != nil && sc.Account() != "" {
		if x.Asker == sc.Account() {
			a.Relations = append(a.Relations, Asker)
		} else {
			a.Relations = append(a.Relations, Fresh)
		}
	}
	return a
}

// Open lists what the scope may do with an exception now.
func (g *Guard) Open(sc access.Scope, x *Exception) []*flow.Action {
	return Table.Open(flow.Position{State: x.Stands(g.o.Clock())}, g.actor(sc, x))
}

// May reports whether the scope may ask for an exception.
func (g *Guard) May(sc access.Scope) bool {
	a, err := Table.Action("ask")
	return err == nil && a.Grants(g.actor(sc, nil))
}

// watching are the roles that see every exception of the district.
var watching = []string{access.Supervisor, access.Leader, access.Auditor, access.Admin}

// Watching lists them.
func Watching() []string { return slices.Clone(watching) }

// sees reports whether the scope reaches an exception: those who watch over them, whoever asked, and everybody it touches.
func (g *Guard) sees(sc access.Scope, x *Exception) bool {
	return sc.District() == g.o.District && (sc.Can(watching...) || sc.Account() != "" && x.Asker == sc.Account() || g.touches(sc, x))
}

// touches reports whether an exception concerns somebody: it holds for their unit, or one below it, and for their role.
func (g *Guard) touches(sc access.Scope, x *Exception) bool {
	if sc.Account() == "" || x.Role != "" && !sc.Can(x.Role) {
		return false
	}
	return x.Unit == "" || sc.Within(x.Unit) || sc.Unit() != "" && g.o.Directory.Under(x.Unit, sc.Unit())
}

// Touching are the exceptions in force that concern the reader: what a person must be able to see at any time, with the
// reason, who approved and when it ends.
func (g *Guard) Touching(ctx context.Context, sc access.Scope) ([]*Exception, error) {
	list, err := g.InForce(ctx)
	return slices.DeleteFunc(list, func(x *Exception) bool { return !g.touches(sc, x) }), err
}

// CheckIn is the id of the exception by which somebody may say to be there on a turn of a routine, "" for none. unit is the
// turn's: an exception of a unit holds for those below it as well. rounds asks it in the transaction of the act.
func (g *Guard) CheckIn(tx *store.Tx, sc access.Scope, routine, unit string, at time.Time) (string, error) {
	list, err := g.inForce(tx, at)
	for _, x := range list {
		if x.Rule == CheckIn && x.Subject == "routine."+routine && (x.Role == "" || sc.Can(x.Role)) && (x.Unit == "" || g.o.Directory.Under(unit, x.Unit)) {
			return x.ID, nil
		}
	}
	return "", err
}

// Look inspects everything with the exceptions in force now.
func (g *Guard) Look(ctx context.Context) ([]Entry, error) {
	list, err := g.InForce(ctx)
	if err != nil {
		return nil, err
	}
	return Inspect(g.o.Input, list), nil
}

// Entry finds a thing of the list by its id.
func (g *Guard) Entry(id string) (Entry, bool) {
	list := Inspect(g.o.Input, nil)
	i := slices.IndexFunc(list, func(e Entry) bool { return e.ID == id })
	if i < 0 {
		return Entry{}, false
	}
	return list[i], true
}

// Subjects are what an exception of a kind may be asked for, the first entry of each.
func (g *Guard) Subjects(rule string) (out []Entry) {
	list := Inspect(g.o.Input, nil)
	for _, id := range Subjects(g.o.Input, rule) {
		out = append(out, list[slices.IndexFunc(list, func(e Entry) bool { return e.ID == id })])
	}
	return out
}
