package cases

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/calendars"
	"weixiao/internal/journal"
	"weixiao/internal/notify"
	"weixiao/internal/store"
)

// A Recount is what became of the open clocks after calendars have changed: every
// one is wound with the calendar now in force. A case whose deadline moved, or was
// provisional and is certain now, gets an act with both deadlines; closed cases and
// clocks that were stopped keep what they had.
//
// The work goes in chunks, each one transaction with the position behind it: a
// process that dies goes on where the last chunk ended, no case is done twice, and
// others write between the chunks. A case that changes meanwhile is wound with the
// new calendar by its own act already, because acts ask for the calendar behind
// the journal's head. A newer change of calendars makes a recount of its own.
type Recount struct {
	Target   int64 // the act about calendars it follows
	Started  int64 // µs UTC
	Finished int64 // 0 = still going
	Looked   int64 // open cases, whistles, orders and checks looked at
	Cases    int64 // of them, those that got an act
	Clocks   int64 // open clocks that were wound
	Moved    int64 // of them, those with another deadline

	part  string // what is walked through: cases, whistles, orders, then checks
	after int64  // the last one done, by doc
	units map[string]int
	owner string
	lease int64
}

const (
	partCases    = "cases"
	partWhistles = "whistles"
	partOrders   = "orders"
	partChecks   = "checks"

	// recountChunk is how many cases share a commit: some ten milliseconds in which
	// nobody else writes.
	recountChunk = 150
	// recountLease is how long others leave a recount to the node that works on it.
	recountLease = 8 * time.Second
)

// Recounter does the recounts of one node.
type Recounter struct {
	c     *Cases
	log   *slog.Logger
	owner string
	done  int64 // target that is known to be finished
	going bool  // the last step did a chunk and there may be more
}

// NewRecounter makes the worker; Run drives it.
func (c *Cases) NewRecounter(log *slog.Logger) *Recounter {
	return &Recounter{c: c, log: log, owner: rand.Text()}
}

// Run recounts whenever calendars have changed, here or on another node, until ctx
// ends.
func (r *Recounter) Run(ctx context.Context) {
	signal, end := r.c.db.Watch()
	defer end()
	for ctx.Err() == nil {
		began := time.Now()
		more, err := r.Step(ctx)
		if err != nil && ctx.Err() == nil && !errors.Is(err, store.ErrClosed) {
			r.log.Error("recount failed, trying again", "error", err)
		}
		if more && err == nil {
			// Readers and other writers get a share of the machine between the chunks.
			select {
			case <-ctx.Done():
			case <-time.After(min(time.Since(began)/3, 20*time.Millisecond)):
			}
			continue
		}
		t := time.NewTimer(3 * time.Second)
		select {
		case <-ctx.Done():
		case <-t.C:
		case <-signal:
			// Most commits have nothing to do with calendars: one look for many.
			select {
			case <-ctx.Done():
			case <-time.After(300 * time.Millisecond):
			}
		}
		t.Stop()
	}
}

// Step does a chunk of the recount that is due and reports whether it did. False:
// nothing is due, or another node is at it.
func (r *Recounter) Step(ctx context.Context) (more bool, err error) {
	// In the middle of a recount nobody has to be asked whether one is due: the look
	// would wait behind the pages that are being read.
	if !r.going {
		due, err := store.Get(ctx, r.c.db, func(tx *store.Tx) (bool, error) {
			set, err := r.c.d.Calendar.In(tx)
			return err == nil && set.Seq() != r.done, err
		})
		if err != nil || !due {
			return false, err
		}
	}
	var x Recount
	err = r.c.db.Write(ctx, func(tx *store.Tx) error {
		more = false
		now := r.c.clock()
		at, err := journal.Begin(tx, r.c.d.Code, now)
		if err != nil {
			return err
		}
		set, err := r.c.d.Calendar.In(tx)
		if err != nil {
			return err
		}
		if x, err = r.c.takeRecount(tx, set.Seq(), at); err != nil || x.Finished != 0 {
			return err
		}
		if x.owner != r.owner && x.lease > now.UnixMicro() {
			return nil
		}
		x.owner, x.lease, more = r.owner, now.Add(recountLease).UnixMicro(), true
		if err := r.c.chunk(tx, set, &x, at); err != nil {
			return err
		}
		return r.c.keepRecount(tx, x)
	})
	r.going = err == nil && more && x.Finished == 0
	if err == nil && x.Finished != 0 {
		r.done = x.Target
		if more {
			r.log.Info("recount finished", "cases", x.Looked, "clocks", x.Clocks, "moved", x.Moved)
		}
	}
	return more, err
}

// chunk does the next cases or whistles of a recount.
func (c *Cases) chunk(tx *store.Tx, set *calendars.Set, x *Recount, at time.Time) error {
	sc := access.SystemScope(c.d.Code, "deadlines after a change of calendars")
	if x.part == partCases {
		list, err := store.All(tx, scanClocks, `SELECT number, doc, version, last_seq, created, changed, state, marks, desk, holder, rest FROM cases
			WHERE district = $1 AND is_open = TRUE AND doc > $2 ORDER BY doc LIMIT $3`, c.d.Code, x.after, recountChunk)
		if err != nil {
			return err
		}
		for _, k := range list {
			if err := c.recountCase(tx, sc, set, x, k, at); err != nil {
				return err
			}
			x.after = k.Doc
		}
		if len(list) < recountChunk {
			x.part, x.after = partWhistles, 0
		}
		return nil
	}
	switch x.part {
	case partOrders:
		return c.chunkOrders(tx, sc, set, x, at)
	case partChecks:
		return c.chunkChecks(tx, sc, set, x, at)
	}
	list, err := store.All(tx, scanWhistle, `SELECT `+whistleColumns+` FROM whistles w
		WHERE w.district = $1 AND w.is_open = TRUE AND w.doc > $2 ORDER BY w.doc LIMIT $3`, c.d.Code, x.after, recountChunk)
	if err != nil {
		return err
	}
	for _, w := range list {
		if err := c.recountWhistle(tx, sc, set, x, w, at); err != nil {
			return err
		}
		x.after = w.Doc
	}
	if len(list) < recountChunk {
		x.part, x.after = partOrders, 0
	}
	return nil
}

// chunkOrders does the next orders.
func (c *Cases) chunkOrders(tx *store.Tx, sc access.Scope, set *calendars.Set, x *Recount, at time.Time) error {
	list, err := store.All(tx, scanOrder, `SELECT `+orderColumns+` FROM orders o WHERE o.district = $1 AND o.is_open = TRUE AND o.doc > $2 ORDER BY o.doc LIMIT $3`,
		c.d.Code, x.after, recountChunk)
	if err != nil {
		return err
	}
	for _, o := range list {
		out, open, moved, err := rewind(o.Clocks, set)
		x.Looked, x.Clocks, x.Moved, x.after = x.Looked+1, x.Clocks+int64(open), x.Moved+int64(moved), o.Doc
		if err != nil {
			return err
		}
		if len(out) == 0 {
			continue
		}
		after := *o
		if err := c.recordOrder(tx, sc, &after, Recounted, "", &OrderChange{State: o.State, Marks: o.Marks, Moved: out}, nil, at); err != nil {
			return err
		}
		if x.Cases++; moved > 0 {
			x.units[o.Unit]++
		}
		if err := c.updateOrder(tx, o, &after); err != nil {
			return err
		}
	}
	if len(list) < recountChunk {
		x.part, x.after = partChecks, 0
	}
	return nil
}

// chunkChecks does the next checks, and ends the recount after the last.
func (c *Cases) chunkChecks(tx *store.Tx, sc access.Scope, set *calendars.Set, x *Recount, at time.Time) error {
	list, err := store.All(tx, scanCheck, `SELECT `+checkColumns+` FROM checks x WHERE x.district = $1 AND x.is_open = TRUE AND x.doc > $2 ORDER BY x.doc LIMIT $3`,
		c.d.Code, x.after, recountChunk)
	if err != nil {
		return err
	}
	for _, k := range list {
		out, open, moved, err := rewind(k.Clocks, set)
		x.Looked, x.Clocks, x.Moved, x.after = x.Looked+1, x.Clocks+int64(open), x.Moved+int64(moved), k.Doc
		if err != nil {
			return err
		}
		if len(out) == 0 {
			continue
		}
		after := *k
		if err := c.recordCheck(tx, sc, &after, Recounted, "", &CheckChange{State: k.State, Moved: out}, nil, at); err != nil {
			return err
		}
		if x.Cases++; moved > 0 {
			x.units[k.Unit]++
		}
		if err := c.updateCheck(tx, k, &after); err != nil {
			return err
		}
	}
	if len(list) < recountChunk {
		x.Finished = at.UnixMicro()
		return c.tellUnits(tx, x, at)
	}
	return nil
}

// rewind finds what the calendars of a set make of open clocks: those with another
// deadline or another certainty.
func rewind(clocks map[string]Clock, set *calendars.Set) (out map[string]Moved, open, moved int, err error) {
	for name, k := range clocks {
		if !k.Running() {
			continue
		}
		open++
		cal, err := set.Current(k.Cal)
		if err != nil {
			return nil, 0, 0, err
		}
		w, err := k.wind(cal)
		if err != nil {
			return nil, 0, 0, fmt.Errorf("clock %s: %w", name, err)
		}
		if w.Due == k.Due && w.Provisional == k.Provisional {
			continue
		}
		if w.Due != k.Due {
			moved++
		}
		if out == nil {
			out = map[string]Moved{}
		}
		out[name] = Moved{From: k.Due, To: w.Due, Was: k.under(set), Now: cal.Version()}
	}
	return out, open, moved, nil
}

// under is the newest version, but the one in force, that gives the clock the
// deadline it has.
func (k Clock) under(set *calendars.Set) string {
	for i, v := range set.History(k.Cal) {
		if i == 0 {
			continue
		}
		if cal, ok := set.Version(v.Version); ok {
			if w, err := k.wind(cal); err == nil && w.Due == k.Due && w.Provisional == k.Provisional {
				return v.Version
			}
		}
	}
	return ""
}

func (c *Cases) recountCase(tx *store.Tx, sc access.Scope, set *calendars.Set, x *Recount, k *Case, at time.Time) error {
	k.District = c.d.Code
	out, open, moved, err := rewind(k.Clocks, set)
	x.Looked, x.Clocks, x.Moved = x.Looked+1, x.Clocks+int64(open), x.Moved+int64(moved)
	if err != nil || len(out) == 0 {
		return err
	}
	after := *k
	ch := Change{State: k.State, Marks: k.Marks, Desk: k.Desk, Moved: out}
	if err := c.record(tx, sc, &after, Recounted, "", &ch, nil, at); err != nil {
		return err
	}
	x.Cases++
	if moved > 0 && k.Holder != "" {
		x.units[k.Holder]++
	}
	return c.updateClocks(tx, &after)
}

func (c *Cases) recountWhistle(tx *store.Tx, sc access.Scope, set *calendars.Set, x *Recount, w *Whistle, at time.Time) error {
	out, open, moved, err := rewind(w.Clocks, set)
	x.Looked, x.Clocks, x.Moved = x.Looked+1, x.Clocks+int64(open), x.Moved+int64(moved)
	if err != nil || len(out) == 0 {
		return err
	}
	after := *w
	if err := c.recordWhistle(tx, sc, &after, Recounted, "", &WhistleChange{State: w.State, Moved: out}, nil, at); err != nil {
		return err
	}
	x.Cases++
	told := map[string]bool{}
	for name, m := range out {
		_, unit, called := strings.Cut(name, ":")
		if !called {
			unit = w.Unit
		}
		if m.From != m.To && !told[unit] {
			told[unit] = true
			x.units[unit]++
		}
	}
	return c.updateWhistle(tx, w, &after)
}

// tellUnits tells each unit once how many of its deadlines moved: hundreds of
// notices of one cause would hide what else it was told.
func (c *Cases) tellUnits(tx *store.Tx, x *Recount, at time.Time) error {
	for _, unit := range slices.Sorted(maps.Keys(x.units)) {
		if err := notify.Queue(tx, notify.Message{District: c.d.Code, ID: "recount-" + strconv.FormatInt(x.Target, 10) + "-" + unit, Channel: notify.ToUnit,
			Receiver: unit, Template: "unit.recounted", Args: map[string]string{"count": strconv.Itoa(x.units[unit])}}, at); err != nil {
			return err
		}
	}
	return nil
}

// WouldMove says how many open cases, whistles and orders, and how many of their clocks,
// would have another deadline under a set that is not in force.
func (c *Cases) WouldMove(ctx context.Context, set *calendars.Set) (records, clocks int, err error) {
	note := func(list map[string]Clock) error {
		out, _, moved, err := rewind(list, set)
		if err == nil && len(out) > 0 && moved > 0 {
			records, clocks = records+1, clocks+moved
		}
		return err
	}
	// Page by page, so that no snapshot is held for long.
	for after := int64(0); ; {
		n := 0
		err := c.db.Read(ctx, func(tx *store.Tx) error {
			return tx.Each(`SELECT doc, rest FROM cases WHERE district = $1 AND is_open = TRUE AND doc > $2 ORDER BY doc LIMIT 500`,
				[]any{c.d.Code, after}, func(r store.Scanner) error {
					var more string
					var x struct {
						Clocks map[string]Clock `json:"clocks"`
					}
					if err := r.Scan(&after, &more); err != nil {
						return err
					}
					n++
					if err := json.Unmarshal([]byte(more), &x); err != nil {
						return err
					}
					return note(x.Clocks)
				})
		})
		if err != nil || n == 0 {
			if err != nil {
				return 0, 0, err
			}
			break
		}
	}
	for after := int64(0); ; {
		list, err := store.Get(ctx, c.db, func(tx *store.Tx) ([]*Whistle, error) {
			return store.All(tx, scanWhistle, `SELECT `+whistleColumns+` FROM whistles w WHERE w.district = $1 AND w.is_open = TRUE AND w.doc > $2 ORDER BY w.doc LIMIT 500`, c.d.Code, after)
		})
		if err != nil {
			return 0, 0, err
		}
		for _, w := range list {
			after = w.Doc
			if err := note(w.Clocks); err != nil {
				return 0, 0, err
			}
		}
		if len(list) == 0 {
			break
		}
	}
	for after := int64(0); ; {
		list, err := store.Get(ctx, c.db, func(tx *store.Tx) ([]*Order, error) {
			return store.All(tx, scanOrder, `SELECT `+orderColumns+` FROM orders o WHERE o.district = $1 AND o.is_open = TRUE AND o.doc > $2 ORDER BY o.doc LIMIT 500`, c.d.Code, after)
		})
		if err != nil {
			return 0, 0, err
		}
		for _, o := range list {
			after = o.Doc
			if err := note(o.Clocks); err != nil {
				return 0, 0, err
			}
		}
		if len(list) == 0 {
			return records, clocks, nil
		}
	}
}

// Recounts lists the last recounts, newest first.
func (c *Cases) Recounts(ctx context.Context, limit int) ([]Recount, error) {
	return store.Get(ctx, c.db, func(tx *store.Tx) ([]Recount, error) {
		return store.All(tx, scanRecount, `SELECT `+recountColumns+` FROM recounts WHERE district = $1 ORDER BY target DESC LIMIT $2`, c.d.Code, limit)
	})
}
