package store

import "sync"

// waker tells everybody who follows the journal that something was committed.
// Signals coalesce: a follower that is still busy finds one signal, not many.
type waker struct {
	mu   sync.Mutex
	subs map[chan struct{}]bool
}

func (w *waker) wake() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for c := range w.subs {
		select {
		case c <- struct{}{}:
		default:
		}
	}
}

// Watch returns a channel that gets a signal after commits, on this node and
// (within about a second) on others, and a function that ends the watching.
func (db *DB) Watch() (<-chan struct{}, func()) {
	c := make(chan struct{}, 1)
	db.waker.mu.Lock()
	if db.waker.subs == nil {
		db.waker.subs = map[chan struct{}]bool{}
	}
	db.waker.subs[c] = true
	db.waker.mu.Unlock()
	return c, func() {
		db.waker.mu.Lock()
		delete(db.waker.subs, c)
		db.waker.mu.Unlock()
	}
}
