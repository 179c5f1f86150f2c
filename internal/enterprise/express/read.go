package express

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/record"
	"weixiao/internal/store"
	"weixiao/internal/vault"
)

// Said is one text of a letter.
type Said struct {
	Act   int    // which act of the letter it belongs to, from 0
	Field string // of that act's form
	Text  string
}

// Reading is a letter with its words, as far as the reader may read them.
type Reading struct {
	*record.View[*Letter]
	Words []Said
	// Sender is masked, nil for readers who may not know it and for letters without a name; Firm is its code, "" likewise.
	Sender *vault.Masked
	Firm   string
	// Ledger says who read the letter, newest first: for the clerk, the leader and nobody else.
	Ledger []vault.Disclosure
}

// Said is the newest text of that name; "" when there is none or the reader may not read it.
func (r *Reading) Said(field string) string {
	for _, s := range slices.Backward(r.Words) {
		if s.Field == field {
			return s.Text
		}
	}
	return ""
}

// Read is a letter with its words. The reading is in the disclosure ledger before anything is shown. Whoever may not read
// it learns that there is no such letter.
func (x *Express) Read(ctx context.Context, sc access.Scope, id string) (*Reading, error) {
	var r *Reading
	err := x.db.Write(ctx, func(tx *store.Tx) (err error) {
		r, err = x.readIn(tx, sc, id)
		return err
	})
	return r, err
}

func (x *Express) readIn(tx *store.Tx, sc access.Scope, id string) (*Reading, error) {
	v, err := x.book.ViewIn(tx, sc, id)
	if err != nil {
		return nil, err
	}
	l := v.X
	is := links(sc, l)
	own := len(is) == 0
	d := vault.Disclosure{District: x.o.Pack.District, At: x.o.Clock(), Account: sc.Account(), Subject: id, Kind: vault.KindView}
	if own {
		// The sender, a firm's too, is written down as nobody: the ledger must not say which firm wrote.
		d.Kind, d.Account = vault.KindOwn, ""
	} else {
		d.Unit = sc.Actor("").Unit
	}
	texts, err := x.o.Vault.OpenText(tx, x.o.Pack.District, l.Person, d)
	if err != nil {
		return nil, err
	}
	r := &Reading{View: v}
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		version, field, _ := strings.Cut(name, ".")
		n, err := strconv.Atoi(version)
		if err != nil || !x.mayRead(sc, l, field, own) {
			continue
		}
		r.Words = append(r.Words, Said{n - 1, field, texts[name]})
	}
	if own {
		v.Acts = nil // who did what inside is not for the sender: words and states are
		return r, nil
	}
	if knows(sc, l) {
		r.Firm = texts[textName(1, "firm")]
		if !l.Has(Anonymous) {
			if err := x.sender(tx, r, d); err != nil {
				return nil, err
			}
		}
	}
	if slices.Contains(is, clerk) || slices.Contains(is, addressed) {
		r.Ledger, err = vault.Ledger(tx, x.o.Pack.District, id, vault.Page{Limit: 100})
	}
	return r, err
}

func (x *Express) sender(tx *store.Tx, r *Reading, d vault.Disclosure) error {
	d.Person, d.Fields = r.X.Person, []vault.Field{vault.FieldMasked}
	if _, err := vault.Record(tx, d); err != nil {
		return err
	}
	m, err := vault.Masks(tx, x.o.Pack.District, []string{r.X.Person})
	if err != nil {
		return err
	}
	if mk, ok := m[r.X.Person]; ok {
		r.Sender = &mk
	}
	return nil
}

// mayRead says which words are for whom. The sender reads their own and what they were answered. Of a strict letter only
// clerk and leader read the sender's words: the others have the summary.
func (x *Express) mayRead(sc access.Scope, l *Letter, field string, own bool) bool {
	switch {
	case field == "firm":
		return false // shown beside the sender
	case own:
		return !slices.Contains(ours, field)
	case field == "words":
		return l.Level != "strict" || knows(sc, l)
	}
	return true
}

// Reveal opens name and telephone of the sender to somebody who may know them, with a reason; it counts against the
// reveals of the day.
func (x *Express) Reveal(ctx context.Context, sc access.Scope, id string, reason vault.Reason, note string) (p vault.Person, err error) {
	err = x.db.Write(ctx, func(tx *store.Tx) error {
		l, err := x.book.Get(tx, sc, id)
		if err != nil {
			return err
		}
		if !knows(sc, l) || l.Has(Anonymous) {
			return store.ErrNotFound
		}
		p, err = x.o.Vault.Reveal(tx, x.o.Pack.District, l.Person, vault.Disclosure{At: x.o.Clock(), Account: sc.Account(), Unit: sc.Actor("").Unit, Subject: id,
			Fields: []vault.Field{vault.FieldName, vault.FieldPhone}, Reason: reason, Note: note})
		return err
	})
	return p, err
}

// Waiting are the letters that wait for the instruction of the leader who asks, the oldest first.
func (x *Express) Waiting(ctx context.Context, sc access.Scope) ([]*Letter, error) {
	if !sc.Can(access.Leader) || sc.Post() == "" {
		return nil, nil
	}
	list, _, err := x.book.List(ctx, sc, record.Filter{Tag: sc.Post(), State: Screened, Limit: 500})
	slices.Reverse(list)
	return list, err
}

// Due is when the next thing must have happened to a letter; zero when nothing runs.
func (x *Express) Due(tx *store.Tx, l *Letter) (due time.Time, err error) {
	for _, k := range l.Clocks {
		if !k.Running() || k.Held() {
			continue
		}
		d, err := x.book.Engine().Deadline(tx, k)
		if err != nil {
			return due, err
		}
		if !d.None() && (due.IsZero() || d.At.Before(due)) {
			due = d.At
		}
	}
	return due, nil
}
