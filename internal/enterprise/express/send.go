package express

import (
	"context"
	"crypto/hmac"
	"slices"
	"strings"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/directory/firms"
	"weixiao/internal/flow"
	"weixiao/internal/pack"
	"weixiao/internal/record"
	"weixiao/internal/store"
	"weixiao/internal/worktime"
)

// from is who sends a letter from outside.
type from struct{ code, channel string }

// phrase is the Chinese words of a ready phrase.
func (x *Express) phrase(id string) (string, bool) {
	w, ok := pack.Word(x.r.Phrases, id)
	return w.Title, ok
}

func checkCode(code string) error {
	if _, err := firms.CheckCode(code); err != nil {
		return record.Fault("firm", "firm_code")
	}
	return nil
}

// Send takes a letter from a resident (sc public) or a firm (sc of its account), named or not as its answers say. The
// journal never learns which firm it was: the act is that of anybody. Faults are form.Faults or *record.RefusedError.
func (x *Express) Send(ctx context.Context, sc access.Scope, in record.Input) (*Letter, error) {
	f := from{code: sc.Firm()}
	switch {
	case f.code != "":
		f.channel = "firm"
	case sc.Account() != "":
		return nil, flow.ErrForbidden
	}
	in.With = f
	action := "send"
	if in.Raw.Get("named") == "no" {
		action = "send_unnamed"
		if f.code != "" {
			return nil, record.Fault("named", "choice")
		}
	}
	return x.book.Open(ctx, access.PublicScope(sc.District()), action, in)
}

// TakeIn writes down a letter that came on paper, by telephone or in person.
func (x *Express) TakeIn(ctx context.Context, sc access.Scope, in record.Input) (*Letter, error) {
	action := "take_in"
	if in.Raw.Get("named") == "no" {
		action = "take_in_unnamed"
	}
	return x.book.Open(ctx, sc, action, in)
}

// limited refuses a letter of a sender whose letters were marked again and again, until the pack's pause is over. Nothing
// that was sent is dropped, and the refusal says until when and where else to turn.
func (x *Express) limited(tx *store.Tx, firm, phone string, at time.Time) error {
	var last, marked int64
	since := back(at, x.r.Abuse.Window)
	count := func(l *Letter) error {
		if l.Created >= since && l.Has(Abusive) {
			marked++
		}
		last = max(last, l.Created)
		return nil
	}
	if firm != "" {
		if err := x.book.Each(tx, record.Filter{Parent: firm}, count); err != nil {
			return err
		}
	}
	if phone != "" {
		people, err := x.o.Vault.FindByPhone(tx, x.o.Pack.District, phone, 100)
		if err != nil {
			return err
		}
		for _, p := range people {
			if err := x.book.Each(tx, record.Filter{Of: p}, count); err != nil {
				return err
			}
		}
	}
	if marked >= int64(x.r.Abuse.Marks) && last > back(at, x.r.Abuse.Every) {
		every, _ := worktime.ParseLimit(x.r.Abuse.Every)
		return record.Refuse("express.limited", time.UnixMicro(last).AddDate(0, 0, every.N).In(worktime.Zone).Format("2006-01-02 15:04"), x.o.Pack.Hotline)
	}
	return nil
}

// back is the moment a number of days before another, in µs UTC.
func back(at time.Time, days string) int64 {
	l, _ := worktime.ParseLimit(days)
	return at.AddDate(0, 0, -l.N).UnixMicro()
}

// HolderScope checks number and secret of a letter and gives its sender's scope. Callers count the tries.
func (x *Express) HolderScope(number, secret string) (access.Scope, bool) {
	s := strings.NewReplacer("I", "1", "L", "1", "O", "0", "-", "", " ", "").Replace(strings.ToUpper(strings.TrimSpace(secret)))
	if !x.IsNumber(number) || !hmac.Equal([]byte(s), []byte(x.Secret(number))) {
		return access.Scope{}, false
	}
	return access.PublicScope(x.o.Pack.District).Holding(number), true
}

// As is the scope in which a sender acts on a letter: the holder of its secret as they are, a firm as holder of its own
// letters, so that the journal names no firm. Anybody else: store.ErrNotFound.
func (x *Express) As(ctx context.Context, sc access.Scope, id string) (access.Scope, error) {
	if sc.Holds(id) {
		return sc, nil
	}
	return store.Get(ctx, x.db, func(tx *store.Tx) (access.Scope, error) {
		l, err := x.book.Get(tx, sc, id)
		if err != nil || sc.Firm() == "" || l.From != x.pseudonym(sc.Firm()) {
			return access.Scope{}, store.ErrNotFound
		}
		return access.PublicScope(sc.District()).Holding(id), nil
	})
}

// Reply is what a sender does: confirm, or object.
func (x *Express) Reply(ctx context.Context, sc access.Scope, id, action string, in record.Input) error {
	if !slices.Contains([]string{"confirm", "object"}, action) {
		return flow.ErrUnknown
	}
	holder, err := x.As(ctx, sc, id)
	if err != nil {
		return err
	}
	_, err = x.book.Act(ctx, holder, id, action, in)
	return err
}

// OfFirm lists the letters of the firm that a scope speaks for, newest first.
func (x *Express) OfFirm(ctx context.Context, sc access.Scope, before int64) ([]*Letter, int64, error) {
	if sc.Firm() == "" {
		return nil, 0, flow.ErrForbidden
	}
	return x.book.List(ctx, sc, record.Filter{Parent: x.pseudonym(sc.Firm()), Before: before, Limit: 50})
}
