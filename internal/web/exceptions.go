package web

import (
	"context"
	"errors"
	"strings"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/pack"
	"weixiao/internal/rounds/formalism"
	"weixiao/internal/store"
	"weixiao/internal/words"
)

// Exception is an exception from the rule against formalism in words, as everybody it touches must be able to read it: what
// is excepted, for whom, why, who approved it and until when.
type Exception struct {
	ID       string `json:"id"`
	Rule     string `json:"rule"`
	Subject  string `json:"subject"`
	For      string `json:"for"`
	Scene    string `json:"scene"`
	Reason   string `json:"reason"`
	Approver string `json:"approver"`
	Until    string `json:"until"`
	Ends     int64  `json:"ends"` // ms: a phone without a signal stops showing it
}

// Exceptions are those in force that concern the reader. The desk and the field app show them; there is nothing to do in an
// app that has none.
func (s *Site) Exceptions(ctx context.Context, sc access.Scope, lang words.Lang) ([]Exception, error) {
	if s.Guard == nil {
		return nil, nil
	}
	list, err := s.Guard.Touching(ctx, sc)
	out := make([]Exception, len(list))
	for i, x := range list {
		out[i] = s.ExceptionWords(lang, x)
		if out[i].Approver, err = s.StaffName(ctx, x.Approver); err != nil {
			return nil, err
		}
	}
	return out, err
}

// ExceptionWords puts an exception into words, but for the name of whoever approved it.
func (s *Site) ExceptionWords(lang words.Lang, x *formalism.Exception) Exception {
	who := []string{words.T(lang, "formalism.for.all")}
	if x.Unit != "" {
		who[0] = s.UnitName(lang, x.Unit)
	}
	if x.Role != "" {
		who = append(who, words.T(lang, "role."+x.Role))
	}
	return Exception{ID: x.ID, Rule: words.T(lang, "formalism.exception."+x.Rule), Subject: s.demanded(lang, x.Subject), For: strings.Join(who, words.T(lang, "word.separator")),
		Scene: words.T(lang, "form.exception_ask.scene."+x.Scene), Reason: x.Reason, Ends: x.Until / 1000, Until: words.Exact(lang, time.UnixMicro(x.Until).Add(-time.Minute))}
}

// demanded names what an exception is about: a routine, or something the guard lists.
func (s *Site) demanded(lang words.Lang, id string) string {
	text := func(t pack.Text) string {
		if lang == words.EN {
			return t.EN
		}
		return t.ZH
	}
	if key, ok := strings.CutPrefix(id, "routine."); ok {
		if r, ok := s.Pack.Routine(key); ok {
			return text(pack.Text{ZH: r.Title, EN: r.English})
		}
	}
	if e, ok := s.Guard.Entry(id); ok {
		return text(e.Of) + words.T(lang, "word.separator") + text(e.Name)
	}
	return id
}

// StaffName is the name of an account, "" for one that is gone.
func (s *Site) StaffName(ctx context.Context, account string) (string, error) {
	if account == "" {
		return "", nil
	}
	a, err := store.Get(ctx, s.DB, func(tx *store.Tx) (access.Account, error) {
		return s.Gate.Get(tx, access.SystemScope(s.Pack.District, "names of staff beside what they did"), account)
	})
	if errors.Is(err, store.ErrNotFound) {
		return "", nil
	}
	return a.Name, err
}
