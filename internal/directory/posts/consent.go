package posts

import (
	"weixiao/internal/access"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/journal"
	"weixiao/internal/store"
)

// consentKind is the journal's word for what a holder lets everybody see. Its acts have the term's id; the number is
// a text of theirs, which is erased when the consent is taken back.
const consentKind = "consent"

// consented is the body of such an act: how it was given, on which day, for what.
type consented struct {
	How string `json:"how,omitempty"`
	On  string `json:"on,omitempty"`
	For string `json:"for,omitempty"`
}

// consent puts a number on the public board.
func (p *Posts) consent(tx *store.Tx, sc access.Scope, t *Term, answers form.Answers) error {
	return p.give(tx, sc, t, answers.Str("phone"), consented{How: answers.Str("how"), On: answers.Str("on"), For: "board"})
}

func (p *Posts) give(tx *store.Tx, sc access.Scope, t *Term, phone string, c consented) error {
	on, err := DayStart(c.On)
	switch {
	case err != nil:
		return form.Faults{{Field: "on", Code: "date"}}
	case on > p.o.Clock().UnixMicro():
		return refuse("on", "同意的日期 %s 还没到", "the day of the consent, %s, has not come yet", c.On)
	case t.Consent != 0:
		return refuse("phone", "已经公示了一个电话；要换，请先撤回", "a number is on the board already; to change it take it back first")
	}
	a, err := p.append(tx, sc, consentKind, t.ID, action("consent"), t.Unit, c, map[string]string{"phone": phone})
	if err != nil {
		return err
	}
	if err := t.fold(a); err != nil {
		return err
	}
	return p.saveTerm(tx, t)
}

// withdraw takes the number off the board, out of the row and out of the journal's texts.
func (p *Posts) withdraw(tx *store.Tx, sc access.Scope, t *Term) error {
	if t.Consent == 0 {
		return flow.ErrState
	}
	a, err := p.append(tx, sc, consentKind, t.ID, action("withdraw"), t.Unit, consented{For: "board"}, nil)
	if err != nil {
		return err
	}
	if err := t.fold(a); err != nil {
		return err
	}
	if err := journal.Erase(tx, p.o.District, consentKind, t.ID, a.At); err != nil {
		return err
	}
	return p.saveTerm(tx, t)
}

func (t *Term) foldConsent(a *journal.Act) error {
	t.Phone, t.Consent = a.Texts["phone"], a.At
	if a.Action == "withdraw" {
		t.Phone, t.Consent = "", 0
	}
	t.Version++
	t.Changed, t.lastSeq = a.At, a.Seq
	return nil
}

// action finds an action of the table of terms; a name that is not there is a mistake in this package.
func action(name string) *flow.Action {
	a, err := Table.Action(name)
	if err != nil {
		panic(err)
	}
	return a
}
