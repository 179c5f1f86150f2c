package cases

import (
	"slices"
	"strings"
	"time"

	"weixiao/internal/form"
	"weixiao/internal/store"
	"weixiao/internal/vault"
)

// Returned is how long after a case was closed the same request of the same person
// is written down as one that came back; pack formulas count shorter times too.
const Returned = 90 * 24 * time.Hour

// cameBack notes, when a case is sent to a unit, that its caller said the same
// before and was told that it was done. The link is in the act: who telephoned is
// known to the vault only, and only now.
func (p *plan) cameBack() error {
	k := p.before
	if k.Person == "" || k.Matter == "" || k.Again != "" {
		return nil
	}
	persons, err := vault.SamePhone(p.tx, p.c.d.Code, k.Person, 20)
	if err != nil || len(persons) == 0 {
		return err
	}
	var last int64
	note := func(number string, closed int64) {
		if closed < k.Created && closed >= k.Created-Returned.Microseconds() && (closed > last || (closed == last && number > p.ch.Set["again"])) {
			last, p.ch.Set["again"] = closed, number
		}
	}
	b := batchOf(p.tx)
	for _, person := range persons {
		// A person has few cases, a matter or a state many: the rest is asked here.
		err := p.tx.Each(`SELECT number, matter, state, closed_at FROM cases WHERE district = $1 AND person = $2`, []any{p.c.d.Code, person}, func(r store.Scanner) error {
			var n, matter, state string
			var closed int64
			if err := r.Scan(&n, &matter, &state, &closed); err != nil {
				return err
			}
			if matter == k.Matter && state == Closed && (b == nil || b.rows[n] == nil) {
				note(n, closed)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	if b != nil { // the rows of a batch are ahead of those that are stored
		for _, r := range b.order {
			if r.now.State == Closed && r.now.Matter == k.Matter && slices.Contains(persons, r.now.Person) {
				note(r.now.Number, r.now.Closed)
			}
		}
	}
	return nil
}

// hear takes the word of one who was merged. The handling is the survivor's, so is
// the unit; nobody is asked before there is an answer, and each once.
func (p *plan) hear() error {
	t, err := p.c.load(p.tx, p.before.Parent)
	if err != nil {
		return err
	}
	switch {
	case !slices.Contains([]string{Replied, Closed}, t.State):
		return errNotReplied
	case p.before.Outcome.By != "":
		return errHeard
	}
	if p.ch.Answers == nil {
		p.ch.Answers = form.Answers{}
	}
	p.ch.Answers["unit"] = t.Unit
	if !p.answers.Bool("reached") {
		p.counts().Attempts++
		return nil
	}
	p.ch.Outcome = &Outcome{Result: t.Outcome.Result, By: "callback", Contacted: p.answers.Bool("contacted"), Solved: p.answers.Str("solved"), Satisfied: p.answers.Str("satisfied")}
	return nil
}

var (
	errNotReplied = &RefusedError{Code: "not_replied"}
	errHeard      = &RefusedError{Code: "already_heard"}
)

// Where is what a place is called, for finding what happened there before: the
// community or street and the words of the place, without blanks. "" = unknown.
func (p Place) Where() string {
	text := strings.ToLower(strings.Join(strings.Fields(p.Text), ""))
	unit := cmp(p.Community, p.Street)
	if text == "" || unit == "" {
		return ""
	}
	return unit + "|" + text
}
