package windows

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/form"
	"weixiao/internal/journal"
	"weixiao/internal/record"
	"weixiao/internal/store"
	"weixiao/internal/text"
	"weixiao/internal/vault"
)

// Rating is one rating as somebody gives it. signedIn is the account that uses the device, "" for nobody: a clerk does not
// rate her own window.
func (w *Windows) Rate(ctx context.Context, sc access.Scope, signedIn, id string, raw form.Raw) (v *Visit, err error) {
	err = w.write(ctx, func(tx *store.Tx, at time.Time) error {
		v, err = w.RateIn(tx, sc, signedIn, id, raw, at)
		return err
	})
	return v, err
}

// RateForm is the form of a rating with the labels of a level.
func (w *Windows) RateForm(level int) form.Form {
	f := form.Form{Name: rateForm.Name, Fields: slices.Clone(rateForm.Fields)}
	for _, l := range w.rules.LabelsAt(level) {
		f.Fields[1].Options = append(f.Fields[1].Options, form.Option{Value: l.ID})
	}
	return f
}

// RateIn is Rate in a transaction, at a moment.
func (w *Windows) RateIn(tx *store.Tx, sc access.Scope, signedIn, id string, raw form.Raw, now time.Time) (*Visit, error) {
	at, err := journal.Begin(tx, w.district, now)
	if err != nil {
		return nil, err
	}
	v, err := w.visit(tx, id)
	if err != nil {
		return nil, err
	}
	if !sc.Holds(id) {
		return nil, store.ErrNotFound
	}
	switch {
	case v.State == Waiting || v.State == Called:
		return nil, record.Refuse("window.unserved")
	case v.State == Absent || v.State == Left:
		return nil, record.Refuse("window.not_served")
	case v.Rated != 0:
		return nil, record.Refuse("window.rated")
	}
	if own, err := w.own(tx, v, signedIn); err != nil {
		return nil, err
	} else if own {
		return nil, record.Refuse("window.own")
	}
	if _, err := VisitTable.Permit("rate", v.Position(), w.actor(sc, v)); err != nil {
		return nil, err
	}
	level, _ := strconv.Atoi(raw.Get("level"))
	answers, err := w.RateForm(level).Check(raw)
	if err != nil {
		return nil, err
	}
	x := visitChange{Level: int64(level), Labels: strings.Join(append([]string{w.rules.Labels.Version}, answers.List("labels")...), " ")}
	var texts map[string]string
	words, _ := text.Redact(answers.Str("words"))
	if words != "" {
		texts = map[string]string{"words": words}
	}
	if level <= 2 {
		if x.Bad, err = w.flag(tx, v, x, words, answers, at); err != nil {
			return nil, err
		}
	}
	return v, w.do(tx, sc, v, "rate", x, texts, at)
}

// own reports whether an account served the visit or sits at its window.
func (w *Windows) own(tx *store.Tx, v *Visit, account string) (bool, error) {
	if account == "" {
		return false, nil
	}
	if account == v.Clerk {
		return true, nil
	}
	list, err := w.seatsAt(tx, v.Window)
	return slices.ContainsFunc(list, func(s *Seat) bool { return s.Account == account }), err
}

// flag makes the record of a bad rating, and seals whom to answer if that was left.
func (w *Windows) flag(tx *store.Tx, v *Visit, x visitChange, words string, answers form.Answers, at time.Time) (string, error) {
	person := ""
	if phone := answers.Str("phone"); phone != "" {
		s, err := w.o.Vault.Seal(w.district, vault.Person{Name: answers.Str("name"), Phone: phone})
		if err != nil {
			return "", err
		}
		if err := vault.Put(tx, s, at); err != nil {
			return "", err
		}
		person = s.ID
	}
	b, err := w.Bad.OpenIn(tx, access.SystemScope(w.district, "a bad rating is looked after"), "flag", record.Input{At: at, With: words}, func(b *Bad) {
		b.Visit, b.Window, b.Hall, b.Item, b.Day, b.Clerk, b.Level, b.Labels, b.Person = v.ID, v.Window, v.Hall, v.Item, v.Day, v.Clerk, x.Level, x.Labels, person
		b.Contactable = person != ""
	})
	if err != nil {
		return "", err
	}
	return b.ID, nil
}
