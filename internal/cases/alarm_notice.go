package cases

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"weixiao/internal/journal"
	"weixiao/internal/notify"
	"weixiao/internal/store"
	"weixiao/internal/words"
)

// ofAlarm tells people what a rung of a ladder tells them: number, matter, deadline.
func (n notices) ofAlarm(tx *store.Tx, act journal.Act) error {
	var a Alarm
	if err := act.Into(&a); err != nil {
		return err
	}
	if a.Folded {
		return nil
	}
	matter, holder, err := n.about(tx, a, act.Subject)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	template := "alarm.before"
	switch {
	case a.Level() > 0 && a.Due <= act.At:
		template = "alarm.escalated"
	case a.Due <= act.At:
		template = "alarm.over"
	}
	m := notify.Message{Template: template, Subject: act.Subject, Args: map[string]string{"of": a.Of, "number": act.Subject, "unit": n.unit(holder)}}
	plain, _, _ := strings.Cut(a.Clock, ":")
	for _, lang := range words.Langs() {
		suffix := ""
		if lang != words.ZH {
			suffix = "@" + string(lang)
		}
		say := func(name, text string) { m.Args[name+suffix] = text }
		say("what", words.T(lang, "alarm.of."+a.Of))
		say("matter", matter[lang])
		say("clock", words.T(lang, "clock."+plain))
		say("due", words.Exact(lang, time.UnixMicro(a.Due)))
		say("late", "")
		if a.Late {
			say("late", words.T(lang, "notify.alarm.late"))
		}
	}
	id := strconv.FormatInt(act.Seq, 10) + "-"
	if len(a.To) == 0 {
		m.ID, m.Channel, m.Receiver = id+"unit", notify.ToUnit, a.Unit
		return n.queue(tx, m)
	}
	for _, who := range a.To {
		m.ID, m.Channel, m.Receiver = id+who, notify.ToAccount, who
		if err := n.queue(tx, m); err != nil {
			return err
		}
	}
	return nil
}

// about says what a case, whistle or check is about, in each language, and which unit has
// to act for the clock.
func (n notices) about(tx *store.Tx, a Alarm, number string) (map[words.Lang]string, string, error) {
	if a.Of == WhistleTable.Kind {
		w, err := n.c.loadWhistle(tx, number)
		if err != nil {
			return nil, "", err
		}
		unit, _ := n.c.whistleOnLadder(w, nil).holds(a.Clock)
		out := map[words.Lang]string{}
		for _, lang := range words.Langs() {
			out[lang] = words.T(lang, "form.whistle_draft.kind."+w.Kind)
		}
		return out, unit, nil
	}
	unit := ""
	if a.Of == CheckTable.Kind {
		x, err := n.c.loadCheck(tx, number)
		if err != nil {
			return nil, "", err
		}
		unit, number = x.Unit, x.Case
	}
	k, err := n.c.load(tx, number)
	if err != nil {
		return nil, "", err
	}
	if unit == "" {
		unit, _ = n.c.onLadder(k, nil).holds(a.Clock)
	}
	m, _ := n.c.d.Catalogue.Matter(k.Matter)
	return map[words.Lang]string{words.ZH: m.Name, words.EN: m.English}, unit, nil
}
