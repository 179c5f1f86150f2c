package record

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/journal"
	"weixiao/internal/store"
	"weixiao/internal/worktime"
)

// Input is one attempt to do something to a record.
type Input struct {
	Raw     form.Raw
	Version int64     // version the actor saw; 0 = not said
	At      time.Time // zero: now by the engine's clock
	Key     store.Key // makes opening safe to repeat
	// Attach files photos and papers in the same transaction.
	Attach func(tx *store.Tx, kind, id string, at time.Time) error
	// With is what a caller of the same package hands to its plan.
	With any
}

// Raw makes the raw answers of an input from names and values in turn.
func Raw(nameValue ...string) form.Raw {
	r := form.Raw{}
	for i := 0; i+1 < len(nameValue); i += 2 {
		r[nameValue[i]] = append(r[nameValue[i]], nameValue[i+1])
	}
	return r
}

// body is the body of an act.
type body struct {
	Record json.RawMessage `json:"record"`
	Said   form.Answers    `json:"said,omitempty"`
}

// Said are the answers with which an act of a record was done, without words that may name a person (see Act.Texts).
func Said(a journal.Act) form.Answers {
	var b body
	if json.Unmarshal(a.Body, &b) != nil {
		return nil
	}
	return b.Said
}

// After is the record as an act left it.
func After[T any, P Content[T]](a journal.Act) (P, error) {
	x := P(new(T))
	var b body
	if err := a.Into(&b); err != nil {
		return nil, err
	}
	return x, json.Unmarshal(b.Record, x)
}

// Open makes a record by the action of the table that has no From. fill sets what no form asks, before rights and plan.
func (b *Book[T, P]) Open(ctx context.Context, sc access.Scope, action string, in Input, fill ...func(P)) (x P, err error) {
	for range 4 { // numbers are random: another one, should it be taken
		err = b.e.db.Write(ctx, func(tx *store.Tx) error {
			x, err = b.OpenIn(tx, sc, action, in, fill...)
			return err
		})
		if !errors.Is(err, store.ErrConflict) {
			break
		}
	}
	return x, err
}

// OpenIn is Open in the transaction of something else.
func (b *Book[T, P]) OpenIn(tx *store.Tx, sc access.Scope, action string, in Input, fill ...func(P)) (P, error) {
	at, err := journal.Begin(tx, b.e.o.District, b.e.now(in))
	if err != nil {
		return nil, err
	}
	act, err := b.k.Table.Action(action)
	if err != nil {
		return nil, err
	}
	if act.From != nil {
		return nil, fmt.Errorf("%w: %s %s makes no record", flow.ErrState, b.k.Table.Kind, action)
	}
	if !slices.ContainsFunc(act.Who, func(g flow.Grant) bool { return sc.Can(g.Role) }) {
		return nil, fmt.Errorf("%w: %s %s", flow.ErrForbidden, b.k.Table.Kind, action)
	}
	id, err := b.number(tx, at)
	if err != nil {
		return nil, err
	}
	if in.Key.Value != "" {
		earlier, done, err := store.Once(tx, b.e.o.District, in.Key, id, at)
		if err != nil {
			return nil, err
		}
		if done {
			// The key is the opener's own: what they opened is told to them again, even if nobody signed in reaches it.
			return b.Load(tx, earlier)
		}
	}
	x := P(new(T))
	for _, f := range fill {
		f(x)
	}
	x.head().ID = id
	return x, b.do(tx, sc, act, x, at, in)
}

// number draws a number that is free: many are drawn on a day when a long list is taken in.
func (b *Book[T, P]) number(tx *store.Tx, at time.Time) (id string, err error) {
	for range 8 {
		id = b.e.o.Prefix + b.k.Letters + at.In(worktime.Zone).Format("20060102") + "-" + rand.Text()[:5]
		var n int64
		if err = tx.Row(`SELECT count(*) FROM records WHERE district = $1 AND kind = $2 AND id = $3`, []any{b.e.o.District, b.k.Table.Kind, id}, &n); err != nil || n == 0 {
			return id, err
		}
	}
	return id, nil
}

// Act does an action of the table to a record.
func (b *Book[T, P]) Act(ctx context.Context, sc access.Scope, id, action string, in Input) (x P, err error) {
	err = b.e.db.Write(ctx, func(tx *store.Tx) error {
		x, err = b.ActIn(tx, sc, id, action, in)
		return err
	})
	return x, err
}

// ActIn is Act in the transaction of something else.
func (b *Book[T, P]) ActIn(tx *store.Tx, sc access.Scope, id, action string, in Input) (P, error) {
	at, err := journal.Begin(tx, b.e.o.District, b.e.now(in))
	if err != nil {
		return nil, err
	}
	x, err := b.Get(tx, sc, id)
	if err != nil {
		return nil, err
	}
	who, err := b.actor(tx, sc, x)
	if err != nil {
		return nil, err
	}
	act, err := b.k.Table.Permit(action, x.head().Position(), who)
	if err != nil {
		return nil, err
	}
	if in.Version != 0 && in.Version != x.head().Version {
		return nil, ErrStale
	}
	return x, b.do(tx, sc, act, x, at, in)
}

// do checks the answers, runs the plan, moves the record and writes act and row.
func (b *Book[T, P]) do(tx *store.Tx, sc access.Scope, act *flow.Action, x P, at time.Time, in Input) error {
	f, err := b.FormIn(tx, sc, x, act)
	if err != nil {
		return err
	}
	raw := in.Raw
	if raw == nil {
		raw = form.Raw{}
	}
	answers, err := f.Check(raw)
	if err != nil {
		return err
	}
	said, texts := parted(f, answers)
	if err := fillFrom(x, said); err != nil {
		return err
	}
	who, err := b.actor(tx, sc, x)
	if err != nil {
		return err
	}
	capacity := act.Capacity(who)
	if capacity == "" {
		return fmt.Errorf("%w: %s %s", flow.ErrForbidden, b.k.Table.Kind, act.Name)
	}
	s := &Step[T, P]{Tx: tx, Scope: sc, Action: act, At: at, X: x, Answers: answers, Texts: texts, Input: in, ID: x.head().ID}
	if plan := b.k.Plans[act.Name]; plan != nil {
		if err := plan(s); err != nil {
			return err
		}
	}
	if err := b.move(s); err != nil {
		return err
	}
	if err := b.write(tx, sc.Actor(capacity), act.Name, x, at, said, s.Texts); err != nil {
		return err
	}
	if in.Attach != nil {
		return in.Attach(tx, b.k.Table.Kind, x.head().ID, at)
	}
	return nil
}

// parted separates what goes into the body from words that lie beside it.
func parted(f form.Form, answers form.Answers) (said form.Answers, texts map[string]string) {
	said, texts = form.Answers{}, map[string]string{}
	for _, fd := range f.Fields {
		v, ok := answers[fd.Name]
		switch s, isText := v.(string); {
		case !ok:
		case fd.Type == form.Text || fd.Personal && isText:
			texts[fd.Name] = s
		default:
			said[fd.Name] = v
		}
	}
	return said, texts
}

// fillFrom sets the fields of a record that have the names of answers. What was not answered stays as it is.
func fillFrom[T any, P Content[T]](x P, said form.Answers) error {
	h := *x.head()
	b, err := json.Marshal(said)
	if err != nil {
		return fmt.Errorf("record: %w", err)
	}
	if err := json.Unmarshal(b, x); err != nil {
		return fmt.Errorf("record: an answer does not fit its field: %w", err)
	}
	*x.head() = h
	return nil
}

func (b *Book[T, P]) move(s *Step[T, P]) error {
	h := s.X.head()
	next, err := s.Action.Move(h.Position(), s.To)
	if err != nil {
		return err
	}
	if next.State != h.State {
		h.Since = s.At.UnixMicro()
	}
	h.State, h.Marks = next.State, next.Marks
	if len(h.Marks) == 0 {
		h.Marks = nil
	}
	st, _ := b.k.Table.State(h.State)
	return b.turn(s.X, s.Action, s.At.UnixMicro(), st.End)
}

// write appends the act by which a record becomes what x is, and brings the row up to it.
func (b *Book[T, P]) write(tx *store.Tx, actor journal.Actor, action string, x P, at time.Time, said form.Answers, texts map[string]string) error {
	rec, err := json.Marshal(x)
	if err != nil {
		return fmt.Errorf("record: %w", err)
	}
	if len(said) == 0 {
		said = nil
	}
	bd, err := json.Marshal(body{rec, said})
	if err != nil {
		return fmt.Errorf("record: %w", err)
	}
	maps.DeleteFunc(texts, func(_, v string) bool { return v == "" })
	h := x.head()
	a := &journal.Act{District: b.e.o.District, At: at.UnixMicro(), Kind: b.k.Table.Kind, Subject: h.ID, Action: action, Actor: actor, Pack: b.e.o.Pack, Body: bd, Texts: texts}
	if err := journal.Append(tx, a); err != nil {
		return err
	}
	fresh := h.Version == 0
	h.moved(a)
	due, remind, err := b.deadlines(tx, x)
	if err != nil {
		return err
	}
	r := row{Head: *h, Keys: b.k.Keys(x), due: due, remind: remind, body: string(rec)}
	if fresh {
		return insertRow(tx, b.e.o.District, b.k.Table.Kind, &r)
	}
	return updateRow(tx, b.e.o.District, b.k.Table.Kind, &r)
}

// moved notes an act in the head.
func (h *Head) moved(a *journal.Act) {
	if h.Version == 0 {
		h.Doc, h.Created = a.Seq, a.At
	}
	h.Version++
	h.LastSeq, h.Changed = a.Seq, a.At
}

// FormIn is the form of an action with the options that only the record and the asker know.
func (b *Book[T, P]) FormIn(tx *store.Tx, sc access.Scope, x P, act *flow.Action) (form.Form, error) {
	f := form.Form{Name: act.Form.Name, Fields: slices.Clone(act.Form.Fields)}
	if b.k.Options == nil {
		return f, nil
	}
	for i, fd := range f.Fields {
		if fd.Type != form.Choice && fd.Type != form.Multi || len(fd.Options) > 0 {
			continue
		}
		list, ok, err := b.k.Options(tx, sc, x, act.Name, fd.Name)
		if err != nil {
			return f, err
		}
		if ok {
			f.Fields[i].Options = list
		}
	}
	return f, nil
}

func (e *Engine) now(in Input) time.Time {
	if !in.At.IsZero() {
		return in.At
	}
	return e.o.Clock()
}
