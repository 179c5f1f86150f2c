package journal

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"weixiao/internal/store"
)

// Live hands the newest acts to whoever is looking right now: desk pages, the
// command centre. It keeps no position; a page that was away asks for the acts
// after the last one it saw (Since).
type Live struct {
	db       *store.DB
	district string
	log      *slog.Logger
	mu       sync.Mutex
	subs     map[chan []Act]bool
}

// NewLive makes a live feed of one district; Run drives it.
func NewLive(db *store.DB, district string, log *slog.Logger) *Live {
	return &Live{db: db, district: district, log: log, subs: map[chan []Act]bool{}}
}

// Run reads new acts after every commit until ctx ends.
func (l *Live) Run(ctx context.Context) {
	signal, end := l.db.Watch()
	defer end()
	at, err := store.Get(ctx, l.db, func(tx *store.Tx) (int64, error) { return Head(tx, l.district) })
	for ctx.Err() == nil {
		var acts []Act
		if err == nil {
			acts, err = store.Get(ctx, l.db, func(tx *store.Tx) ([]Act, error) { return Since(tx, l.district, at, followBatch) })
		}
		if err != nil && ctx.Err() == nil {
			l.log.Warn("live feed", "error", err)
			err = nil
			sleep(ctx, time.Second)
			continue
		}
		if n := len(acts); n > 0 {
			at = acts[n-1].Seq
			l.send(acts)
			if n == followBatch {
				continue
			}
		}
		select {
		case <-ctx.Done():
		case <-signal:
			sleep(ctx, gather)
		case <-time.After(2 * time.Second):
		}
	}
}

func (l *Live) send(acts []Act) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for c := range l.subs {
		select {
		case c <- acts:
		default: // a reader that does not keep up catches up with Since
		}
	}
}

// Subscribe returns a channel of new acts and a function that ends it.
func (l *Live) Subscribe() (<-chan []Act, func()) {
	c := make(chan []Act, 16)
	l.mu.Lock()
	l.subs[c] = true
	l.mu.Unlock()
	return c, func() {
		l.mu.Lock()
		delete(l.subs, c)
		l.mu.Unlock()
	}
}
