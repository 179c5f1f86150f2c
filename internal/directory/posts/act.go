package posts

import (
	"context"
	"fmt"
	"strings"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/journal"
	"weixiao/internal/store"
	"weixiao/internal/vault"
)

// ErrStale means that the record was changed since it was looked at.
var ErrStale = fmt.Errorf("posts: the record was changed meanwhile: %w", access.ErrStale)

// Open lists what the scope may do with a term.
func (p *Posts) Open(sc access.Scope, t *Term) []*flow.Action {
	var out []*flow.Action
	for _, a := range Table.Open(t.Position(), p.actor(sc, t.Unit)) {
		if a.Name == "withdraw" && t.Consent == 0 || a.Name == "consent" && t.Consent != 0 || a.Name == "link" && (t.Account != "" || !p.linkable(t.Post)) {
			continue
		}
		out = append(out, a)
	}
	return out
}

// MayPropose reports whether the scope may propose somebody for a post.
func (p *Posts) MayPropose(sc access.Scope, post *Post) bool {
	act, err := p.allows(&Table, "propose", sc, post.Unit)
	return err == nil && act != nil
}

// Propose proposes somebody for a post and returns the term's id. Faults are form.Faults or a *Refusal.
func (p *Posts) Propose(ctx context.Context, sc access.Scope, post string, raw form.Raw) (string, error) {
	x, ok := p.Board().Post(post)
	if !ok {
		return "", store.ErrNotFound
	}
	act, err := p.allows(&Table, "propose", sc, x.Unit)
	if err != nil {
		return "", err
	}
	answers, err := act.Form.Check(raw)
	if err != nil {
		return "", err
	}
	n, err := p.entered(x, answers.Str("name"), answers.Str("from"), answers.Str("until"), answers.Str("seconded"))
	if err != nil {
		return "", err
	}
	n.State = Proposed
	return n.ID, p.write(ctx, func(tx *store.Tx) error {
		t := n
		if err := p.room(tx, x, &t, true); err != nil {
			return err
		}
		if err := p.seal(tx, &t, answers.Str("phone")); err != nil {
			return err
		}
		texts := map[string]string{"name": t.Name}
		if r := answers.Str("reason"); r != "" {
			texts["reason"] = r
		}
		return p.record(tx, sc, &Term{}, act, t, texts)
	})
}

// entered checks what is said about a term without the database.
func (p *Posts) entered(x *Post, name, from, until, seconded string) (Term, error) {
	t := Term{ID: newID("t"), Post: x.ID, Unit: x.Unit, Name: strings.Join(strings.Fields(name), ""), Seconded: seconded}
	if t.Name == "" || len([]rune(t.Name)) > 20 {
		return t, refuse("name", "请填写姓名，不超过 20 个字", "give the name, at most 20 characters")
	}
	var err error
	if t.From, err = DayStart(from); err != nil || from == "" {
		return t, refuse("from", "开始日期“%s”请写成 2022-03-01", "write the first day %s as 2022-03-01", from)
	}
	if t.To, err = dayAfter(until); err != nil {
		return t, refuse("until", "结束日期“%s”请写成 2022-03-01", "write the last day %s as 2022-03-01", until)
	}
	if t.To != 0 && t.To <= t.From {
		return t, refuse("until", "结束日期 %s 早于开始日期 %s，请改正", "the last day %s lies before the first, %s", until, from)
	}
	if seconded != "" {
		if u, ok := p.o.Directory.Unit(seconded); !ok {
			return t, refuse("seconded", "借调单位“%s”不在单位表里", "the unit %s the person is seconded from is not in the unit list", seconded)
		} else if u.ID == x.Unit {
			return t, refuse("seconded", "借调单位就是本单位，请留空", "seconded from the post's own unit: leave it empty")
		}
	}
	return t, nil
}

// room refuses a term that would be one holder too many. A proposal may wait for an open-ended holder to hand over.
func (p *Posts) room(tx *store.Tx, x *Post, t *Term, waits bool) error {
	// The head comes first: behind it nobody else takes the same seat.
	if _, err := journal.Begin(tx, p.o.District, p.o.Clock()); err != nil {
		return err
	}
	all, err := p.termsOf(tx, t.Post)
	if err != nil {
		return err
	}
	var spans []span
	var held []*Term
	for _, o := range all {
		if o.ID == t.ID || o.State != InPost && o.State != HandedOver || waits && o.State == InPost && o.To == 0 {
			continue
		}
		spans, held = append(spans, span{o.From, o.To}), append(held, o)
	}
	then := crowded(span{t.From, t.To}, spans, x.Kind.Seats)
	if then == nil {
		return nil
	}
	o := held[then[0]]
	until, bis := o.LastDay(), o.LastDay()
	if o.To == 0 {
		until, bis = "今", "now on"
	}
	return &Refusal{"from",
		fmt.Sprintf("岗位“%s”（%s）最多 %d 人，%s 至%s已由%s担任；请改日期，或先办交接", x.Title, x.ID, x.Kind.Seats, o.FirstDay(), until, o.Name),
		fmt.Sprintf("post %s (%s) has %d seat(s) and is held by %s from %s to %s: change the dates, or hand over first", x.TitleIn(true), x.ID, x.Kind.Seats, o.Name, o.FirstDay(), bis)}
}

// seal puts a private number into the vault.
func (p *Posts) seal(tx *store.Tx, t *Term, phone string) error {
	if phone == "" || p.o.Vault == nil {
		return nil
	}
	s, err := p.o.Vault.Seal(p.o.District, vault.Person{Name: t.Name, Phone: phone})
	if err != nil {
		return err
	}
	t.Person = s.ID
	return vault.Put(tx, s, p.o.Clock())
}

// record appends an act that makes was what n says.
func (p *Posts) record(tx *store.Tx, sc access.Scope, was *Term, act *flow.Action, n Term, texts map[string]string) error {
	return p.recordWith(tx, sc, was, act, n, 0, texts)
}

func (p *Posts) recordWith(tx *store.Tx, sc access.Scope, was *Term, act *flow.Action, n Term, open int, texts map[string]string) error {
	c := n.change()
	c.Open = open
	a, err := p.append(tx, sc, Table.Kind, n.ID, act, n.Unit, c, texts)
	if err != nil {
		return err
	}
	if err := was.fold(a); err != nil {
		return err
	}
	return p.saveTerm(tx, was)
}

// Input is what comes with an action on a term.
type Input struct {
	Version int64 // of the page it was decided on
	Raw     form.Raw
	Open    int // hand_over: how many open cases the list showed
}

// Act does what a person decided about a term. Faults are form.Faults or a *Refusal.
func (p *Posts) Act(ctx context.Context, sc access.Scope, id, action string, in Input) error {
	act, err := Table.Action(action)
	if err != nil {
		return err
	}
	if act.From == nil {
		return flow.ErrUnknown
	}
	return p.write(ctx, func(tx *store.Tx) error {
		t, err := p.term(tx, id)
		if err != nil {
			return err
		}
		if _, err := Table.Permit(action, t.Position(), p.actor(sc, t.Unit)); err != nil {
			return err
		}
		answers, err := act.Form.Check(in.Raw)
		if err != nil {
			return err
		}
		if t.Version != in.Version {
			return ErrStale
		}
		return p.decide(tx, sc, t, act, answers, in.Open)
	})
}

func (p *Posts) decide(tx *store.Tx, sc access.Scope, t *Term, act *flow.Action, answers form.Answers, open int) error {
	n, texts := *t, map[string]string{}
	n.State = act.To
	for _, name := range []string{"reason", "note"} {
		if s := answers.Str(name); s != "" {
			texts[name] = s
		}
	}
	switch act.Name {
	case "consent":
		return p.consent(tx, sc, t, answers)
	case "withdraw":
		return p.withdraw(tx, sc, t)
	case "link":
		return p.link(tx, sc, t, act, answers)
	case "publish":
		if x, ok := p.Board().Post(t.Post); ok {
			if err := p.room(tx, x, t, true); err != nil {
				return err
			}
		}
	case "take_up":
		if err := p.takeUp(tx, &n, answers); err != nil {
			return err
		}
	case "hand_over":
		return p.handOver(tx, sc, t, n, act, answers, open, texts)
	}
	return p.record(tx, sc, t, act, n, texts)
}

func (p *Posts) takeUp(tx *store.Tx, n *Term, answers form.Answers) error {
	x, ok := p.Board().Post(n.Post)
	if !ok {
		return refuse("post", "岗位 %s 已不存在，请撤回这次任职", "the post %s does not exist any more: retract the term", n.Post)
	}
	var err error
	if n.From, err = DayStart(answers.Str("from")); err != nil {
		return form.Faults{{Field: "from", Code: "date"}}
	}
	if now := p.o.Clock().In(zone); n.From > now.UnixMicro() {
		return refuse("from", "到岗日期 %s 还没到", "the day %s has not come yet", answers.Str("from"))
	}
	if n.To != 0 && n.To <= n.From {
		return refuse("from", "到岗日期 %s 晚于任期的最后一天 %s", "the day %s lies after the last day of the term, %s", n.FirstDay(), n.LastDay())
	}
	return p.room(tx, x, n, false)
}

// handOver ends a term on a day: from then on the post is somebody else's, and with it everything open. The number on
// the public board goes, and the account loses what the post saw.
func (p *Posts) handOver(tx *store.Tx, sc access.Scope, t *Term, n Term, act *flow.Action, answers form.Answers, open int, texts map[string]string) error {
	var err error
	if n.To, err = dayAfter(answers.Str("until")); err != nil {
		return form.Faults{{Field: "until", Code: "date"}}
	}
	if n.To <= n.From {
		return refuse("until", "交接日期 %s 早于到岗日期 %s", "the last day %s lies before the first, %s", answers.Str("until"), n.FirstDay())
	}
	if today := p.o.Clock().In(zone); n.To > time.Date(today.Year(), today.Month(), today.Day()+1, 0, 0, 0, 0, zone).UnixMicro() {
		return refuse("until", "交接日期 %s 还没到", "the day %s has not come yet", answers.Str("until"))
	}
	if x, ok := p.Board().Post(n.Post); ok && t.To != 0 && n.To > t.To {
		if err := p.room(tx, x, &n, false); err != nil {
			return err
		}
	}
	if t.Account != "" {
		if err := p.unlink(tx, t); err != nil {
			return err
		}
	}
	if t.Consent != 0 {
		if err := p.withdraw(tx, sc, t); err != nil {
			return err
		}
	}
	return p.recordWith(tx, sc, t, act, n, open, texts)
}
