package access

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"weixiao/internal/store"
)

const (
	cacheFor    = 5 * time.Second // so long another node may not know that a session ended
	maxCached   = 20_000
	sweepEvery  = time.Minute
	seenLag     = 2 * time.Minute // so far behind the database may be: other nodes go by it
	forgetTries = 24 * time.Hour  // no limit has a longer window
)

// sessionCache spares most requests the read of their session, and gathers when
// sessions were last seen, so that it costs one commit a minute, not one a request.
type sessionCache struct {
	mu      sync.Mutex
	gen     uint64 // grows with every drop
	entries map[string]entry
	seen    map[string]int64 // hash to µs, not yet written
	swept   int64
	busy    bool
}

func newSessionCache() *sessionCache {
	return &sessionCache{entries: map[string]entry{}, seen: map[string]int64{}}
}

func (c *sessionCache) get(hash string, now int64) (entry, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.entries[hash]
	// A clock that was set back makes an entry look younger than it is: read again.
	return e, ok && now >= e.read && now-e.read < cacheFor.Microseconds()
}

func (c *sessionCache) generation() uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.gen
}

// put keeps what was read since generation gen, unless something ended meanwhile:
// the read may have missed it.
func (c *sessionCache) put(hash string, e entry, gen uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.gen != gen {
		return
	}
	if len(c.entries) >= maxCached {
		clear(c.entries) // cheap, and they come back with one read each
	}
	c.entries[hash] = e
}

// drop forgets the sessions of an account.
func (c *sessionCache) drop(account string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.gen++
	maps.DeleteFunc(c.entries, func(_ string, e entry) bool { return e.Account == account })
}

func (c *sessionCache) size() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.entries)
}

// lastSeen is the stored moment, or the one that waits to be written.
func (c *sessionCache) lastSeen(hash string, stored int64) int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return max(stored, c.seen[hash])
}

// touch notes that a session was used and reports whether it is time to sweep:
// a minute after the last time, or when the stored moment is too far behind.
func (c *sessionCache) touch(hash string, stored, now int64) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.seen[hash] = now
	early := now >= c.swept && now-c.swept < sweepEvery.Microseconds()
	if c.busy || (early && now-stored < seenLag.Microseconds()) {
		return false
	}
	c.busy, c.swept = true, now
	return true
}

// sweep writes what was seen and deletes what is over, in one commit for all
// sessions, on the request that comes first when it is time. A full queue is no reason to fail it;
// the next minute tries again.
func (g *Gate) sweep(ctx context.Context, now int64) {
	c := g.cache
	c.mu.Lock()
	seen := maps.Clone(c.seen)
	c.mu.Unlock()
	err := g.db.Write(context.WithoutCancel(ctx), func(tx *store.Tx) error {
		for _, h := range slices.Sorted(maps.Keys(seen)) { // sorted: two nodes must not wait for each other
			if err := tx.Exec(`UPDATE sessions SET seen = $3 WHERE district = $1 AND hash = $2 AND seen < $3`, g.opt.District, h, seen[h]); err != nil {
				return err
			}
		}
		if err := tx.Exec(`DELETE FROM sessions WHERE district = $1 AND (expires <= $2 OR seen <= $3)`, g.opt.District, now, now-IdleTime.Microseconds()-2*seenLag.Microseconds()); err != nil {
			return err
		}
		return tx.Exec(`DELETE FROM tries WHERE district = $1 AND since < $2`, g.opt.District, now-forgetTries.Microseconds())
	})
	if err != nil {
		g.opt.Log.Warn("access: last seen was not written", "err", err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.busy = false
	if err == nil {
		for h, at := range seen {
			if c.seen[h] == at {
				delete(c.seen, h)
			}
			if e, ok := c.entries[h]; ok {
				e.seen = max(e.seen, at)
				c.entries[h] = e
			}
		}
	}
}
