package desk

import (
	"context"
	"errors"
	"time"

	"weixiao/internal/cases"
	"weixiao/internal/store"
	"weixiao/internal/vault"
	"weixiao/internal/web"
)

// ledger writes the disclosure of page views behind the pages: a view waits in a
// short queue and many are written in one commit. When the queue is full, or
// nothing empties it, the page itself writes its row: a view is never lost for
// want of speed.
type ledger struct {
	s     *web.Site
	queue chan vault.Disclosure
}

const (
	ledgerQueue = 512
	ledgerBatch = 64
	ledgerTries = 5
	ledgerWait  = 200 * time.Millisecond // how long views are gathered
)

func newLedger(s *web.Site) *ledger {
	return &ledger{s: s, queue: make(chan vault.Disclosure, ledgerQueue)}
}

// viewed notes that the user sees the masked petitioner and the words of a case.
// A case without a person discloses nobody.
func (f *frame) viewed(k *cases.Case) {
	if k.Person == "" {
		return
	}
	fields := []vault.Field{vault.FieldMasked}
	if k.Photos > 0 {
		fields = append(fields, vault.FieldFiles)
	}
	f.d.ledger.note(vault.Disclosure{District: k.District, At: f.Now, Account: f.who.Account, Unit: f.viewerUnit(), Subject: k.Number, Person: k.Person,
		Kind: vault.KindView, Fields: fields})
}

func (l *ledger) note(d vault.Disclosure) {
	select {
	case l.queue <- d:
	default:
		l.write(context.Background(), []vault.Disclosure{d})
	}
}

// run empties the queue until ctx ends, and then what is left.
func (l *ledger) run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			l.flush(context.WithoutCancel(ctx))
			return
		case d := <-l.queue:
			l.write(ctx, l.gather(ctx, d))
		}
	}
}

// gather waits a moment for more views to share a commit with.
func (l *ledger) gather(ctx context.Context, first vault.Disclosure) []vault.Disclosure {
	list := []vault.Disclosure{first}
	wait := time.NewTimer(ledgerWait)
	defer wait.Stop()
	for len(list) < ledgerBatch {
		select {
		case d := <-l.queue:
			list = append(list, d)
		case <-wait.C:
			return list
		case <-ctx.Done():
			return list
		}
	}
	return list
}

// flush writes everything that waits.
func (l *ledger) flush(ctx context.Context) {
	for {
		var list []vault.Disclosure
		for len(list) < ledgerBatch && len(l.queue) > 0 {
			list = append(list, <-l.queue)
		}
		if len(list) == 0 {
			return
		}
		l.write(ctx, list)
	}
}

// write writes views in one commit. A database that is busy for long is a fault
// that stands in the log with the number of rows, not with what they say.
func (l *ledger) write(ctx context.Context, list []vault.Disclosure) {
	ctx = context.WithoutCancel(ctx)
	var err error
	for try := range ledgerTries {
		time.Sleep(time.Duration(try) * ledgerWait)
		err = l.s.DB.Write(ctx, func(tx *store.Tx) error {
			for _, d := range list {
				if _, err := vault.Record(tx, d); err != nil {
					return err
				}
			}
			return nil
		})
		if !errors.Is(err, store.ErrBusy) {
			break
		}
	}
	if err != nil {
		l.s.Log.Error("desk: views were not written to the disclosure ledger", "rows", len(list), "error", err)
	}
}
