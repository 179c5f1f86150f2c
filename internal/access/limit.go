package access

import (
	"container/list"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"weixiao/internal/store"
)

// Limit is one named limit: N uses in Per for each key.
type Limit struct {
	Name string
	N    int
	Per  time.Duration
	// Shared limits guard secrets: wrong tries are counted in the database, in the
	// transaction of the check, for all nodes together (Guard). The others are token
	// buckets of this process (Allow).
	Shared bool
	Why    string
}

// Limits is every limit of the product. Whole offices and mobile networks share
// one address, so limits per client are wide; those per secret are not.
func Limits() []Limit {
	return []Limit{
		{"signin.client", 120, 10 * time.Minute, false, "trying many logins from one address"},
		{"signin.login", 20, 15 * time.Minute, false, "hash computations for one login; the lock itself is in the database"},
		{"report.client", 30, time.Hour, false, "public reports from one address"},
		{"upload.client", 120, time.Hour, false, "photos from one address"},
		{"suggest.client", 1500, 10 * time.Minute, false, "names suggested while residents type an address"},
		{"who.client", 120, time.Hour, false, "asking who works for a place: nobody collects the telephone numbers of the public board"},
		{"track.client", 240, time.Hour, false, "looking up public case numbers"},
		{"key.client", 60, time.Minute, false, "trying API keys"},
		{"secret.case", 5, time.Hour, true, "wrong follow-up secrets for one case"},
		{"secret.client", 20, time.Hour, true, "wrong follow-up secrets from one address"},
		{"code.client", 10, time.Hour, true, "wrong one-time codes from one address"},
	}
}

// maxBuckets bounds the memory of each limit: about 10 MB when it is full. Then
// the keys that were not used for longest are forgotten.
const maxBuckets = 50_000

// buckets is one limit of this process.
type buckets struct {
	limit Limit
	max   int
	mu    sync.Mutex
	byKey map[string]*list.Element
	order *list.List // of *bucket, the last used first
}

type bucket struct {
	key string
	lim *rate.Limiter
}

func newBuckets(l Limit, most int) *buckets {
	return &buckets{limit: l, max: most, byKey: map[string]*list.Element{}, order: list.New()}
}

// take uses one token, or says how long until there is one.
func (b *buckets) take(key string, now time.Time) (wait time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	e, ok := b.byKey[key]
	if ok {
		b.order.MoveToFront(e)
	} else {
		if b.order.Len() >= b.max {
			last := b.order.Back()
			delete(b.byKey, last.Value.(*bucket).key)
			b.order.Remove(last)
		}
		every := rate.Every(b.limit.Per / time.Duration(b.limit.N))
		e = b.order.PushFront(&bucket{key, rate.NewLimiter(every, b.limit.N)})
		b.byKey[key] = e
	}
	r := e.Value.(*bucket).lim.ReserveN(now, 1)
	if wait = r.DelayFrom(now); wait > 0 {
		r.CancelAt(now)
	}
	return wait
}

// Allow uses one token of a limit that is not Shared; ErrTooMany when none is left.
func (g *Gate) Allow(limit, key string) error {
	b, ok := g.buckets[limit]
	if !ok {
		panic(fmt.Sprintf("access: no limit %q for Allow", limit))
	}
	if wait := b.take(key, g.opt.Clock()); wait > 0 {
		return ErrTooMany{RetryAfter: wait}
	}
	return nil
}

// Try names one shared limit that a guess counts for.
type Try struct{ Limit, Key string }

// Guard runs check, which looks at a secret, in the transaction that counts wrong
// guesses. When one of the limits is used up, check is not run and the answer is
// ErrTooMany; however many guesses come at once, on however many nodes, no more
// are looked at. A right guess costs nothing. check returns whether the guess was
// right, and may go on to write what a right guess allows. An error of check
// undoes everything, the counting too: a wrong guess must not be an error.
func (g *Gate) Guard(ctx context.Context, tries []Try, check func(*store.Tx) (right bool, err error)) (right bool, err error) {
	for _, t := range tries {
		if l, ok := g.limits[t.Limit]; !ok || !l.Shared {
			panic(fmt.Sprintf("access: no limit %q for Guard", t.Limit))
		}
	}
	// Sorted: two nodes must not wait for each other's rows.
	tries = slices.SortedFunc(slices.Values(tries), func(a, b Try) int {
		return strings.Compare(a.Limit+"\x00"+a.Key, b.Limit+"\x00"+b.Key)
	})
	var wait time.Duration
	err = g.db.Write(ctx, func(tx *store.Tx) error {
		right, wait = false, 0
		now := g.opt.Clock().UnixMicro()
		counts := make([]window, len(tries))
		for i, t := range tries {
			w, err := g.window(tx, t, now)
			if err != nil {
				return err
			}
			l := g.limits[t.Limit]
			if w.count >= int64(l.N) {
				wait = max(wait, time.Duration(w.since+l.Per.Microseconds()-now)*time.Microsecond)
			}
			counts[i] = w
		}
		if wait > 0 {
			return nil
		}
		var err error
		if right, err = check(tx); err != nil {
			return err
		}
		for i, t := range tries {
			if err := g.count(tx, t, counts[i], right, now); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil && wait > 0 {
		return false, ErrTooMany{RetryAfter: wait}
	}
	return right && err == nil, err
}

// window is the number of wrong guesses since the first of them.
type window struct{ count, since int64 }

// window takes the row of a try for this transaction. Its key is stored as a
// digest: it may be an address.
func (g *Gate) window(tx *store.Tx, t Try, now int64) (w window, err error) {
	key := digest(t.Key)
	if err := tx.Exec(`INSERT INTO tries (district, name, key, count, since) VALUES ($1, $2, $3, 0, $4) ON CONFLICT (district, name, key) DO NOTHING`,
		g.opt.District, t.Limit, key, now); err != nil {
		return w, err
	}
	err = tx.Row(`SELECT count, since FROM tries WHERE district = $1 AND name = $2 AND key = $3 FOR UPDATE`, []any{g.opt.District, t.Limit, key}, &w.count, &w.since)
	if now >= w.since+g.limits[t.Limit].Per.Microseconds() || w.count == 0 || now < w.since {
		w = window{0, now}
	}
	return w, err
}

func (g *Gate) count(tx *store.Tx, t Try, w window, right bool, now int64) error {
	key := digest(t.Key)
	switch {
	case !right:
		return tx.Exec(`UPDATE tries SET count = $4, since = $5 WHERE district = $1 AND name = $2 AND key = $3`, g.opt.District, t.Limit, key, w.count+1, w.since)
	case w.count == 0:
		return tx.Exec(`DELETE FROM tries WHERE district = $1 AND name = $2 AND key = $3`, g.opt.District, t.Limit, key)
	}
	return nil
}
