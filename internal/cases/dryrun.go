package cases

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"slices"
	"strings"
	"time"

	"weixiao/internal/catalogue"
	"weixiao/internal/duties"
	"weixiao/internal/store"
)

// DryRun is what other dispatch rules would have done with cases that happened.
type DryRun struct {
	Looked  int64     `json:"looked"`
	Moved   int64     `json:"moved"`   // would have gone to another unit
	Right   int64     `json:"right"`   // of those, to the unit that led in the end
	Limits  int64     `json:"limits"`  // would have another limit
	Private int64     `json:"private"` // would be shown to everybody, or no more
	Stay    Share     `json:"stay"`    // handed back among those that would stay
	Move    Share     `json:"move"`    // handed back among those that would move
	Pairs   []DryPair `json:"pairs"`   // the most first
	Others  int64     `json:"others"`  // moved cases of pairs beyond maxPairs
	Cases   []DryCase `json:"cases"`   // the first maxMoved that move
}

// Share is K of N with Wilson's bounds at 95 per cent.
type Share struct {
	K    int64   `json:"k"`
	N    int64   `json:"n"`
	Low  float64 `json:"low"`
	High float64 `json:"high"`
}

// DryPair are the cases that a rule would take from one unit to another.
type DryPair struct {
	Rule     string   `json:"rule"`
	Was      string   `json:"was"` // the rule that sent them so far
	From     string   `json:"from"`
	To       string   `json:"to"`
	Count    int64    `json:"count"`
	Right    int64    `json:"right"`
	Handed   Share    `json:"handed"`
	Examples []string `json:"examples"` // numbers
}

// DryCase is one case that would have gone elsewhere.
type DryCase struct {
	Number string `json:"number"`
	Matter string `json:"matter"`
	From   string `json:"from"`
	To     string `json:"to"`
	Was    string `json:"was"`
	Rule   string `json:"rule"`
	Handed bool   `json:"handed,omitempty"`
}

const (
	maxPairs    = 300
	maxExamples = 5
	maxMoved    = 2000
	dryPage     = 2000 // cases read at once
)

// dryRow is as much of a case as the rules see, and what became of it.
type dryRow struct {
	doc    int64
	number string
	ask    catalogue.Ask
	place  Place
	unit   string
	handed bool
}

// errGivenUp ends a dry run that nobody wants any more.
var errGivenUp = errors.New("cases: the dry run was given up")

// DryRun decides all cases created from first up to last (µs UTC) by two catalogues
// and compares. Dates of effect are for the future: take them off with AsOf. It
// reads the cases page by page; told hears how many were looked at, and can end it.
func (c *Cases) DryRun(ctx context.Context, before, after *catalogue.Catalogue, first, last int64, told func(looked int64) error) (*DryRun, error) {
	out := &DryRun{}
	pairs := map[[4]string]*DryPair{}
	cal := c.d.Calendar.Now().Main()
	for from := first << 12; ; {
		rows, err := store.Get(ctx, c.db, func(tx *store.Tx) ([]dryRow, error) { return dryRows(tx, c.d.Code, from, last<<12) })
		if err != nil {
			return nil, err
		}
		for i := range rows {
			x := &rows[i]
			from = x.doc + 1
			x.ask.Calendar = cal
			if x.place.Located && c.d.Areas != nil {
				x.ask.Areas = c.d.Areas(x.place.Lon, x.place.Lat)
			}
			out.add(x, before.Decide(x.ask), after.Decide(x.ask), pairs)
		}
		if err := told(out.Looked); err != nil {
			return nil, err
		}
		if len(rows) < dryPage {
			break
		}
	}
	out.finish(pairs)
	return out, nil
}

func dryRows(tx *store.Tx, district string, from, below int64) ([]dryRow, error) {
	return store.All(tx, func(r store.Scanner) (x dryRow, err error) {
		var created int64
		var more string
		q, p := &x.ask, &x.place
		if err := r.Scan(&x.doc, &x.number, &created, &q.Matter, &q.Type, &q.Channel, &q.Street, &q.Community, &q.Grid, &p.Lon, &p.Lat, &p.Located, &x.unit, &more); err != nil {
			return x, err
		}
		q.At = time.UnixMicro(created)
		var counts struct {
			Counts Counts `json:"counts"`
		}
		if strings.Contains(more, `"handbacks"`) { // most were not: spare them the parsing
			err = json.Unmarshal([]byte(more), &counts)
		}
		x.handed = counts.Counts.Handbacks > 0
		return x, err
	}, `SELECT doc, number, created, matter, kind, channel, street, community, grid, lon, lat, located, unit, rest
		FROM cases WHERE district = $1 AND doc >= $2 AND doc < $3 ORDER BY doc LIMIT 2000`, district, from, below)
}

func (o *DryRun) add(x *dryRow, was, is catalogue.Decision, pairs map[[4]string]*DryPair) {
	o.Looked++
	if was.Limit != is.Limit {
		o.Limits++
	}
	if was.Public != is.Public {
		o.Private++
	}
	sent := x.unit != "" || x.handed
	if was.Unit == is.Unit {
		o.Stay.count(sent, x.handed)
		return
	}
	o.Moved++
	o.Move.count(sent, x.handed)
	key := [4]string{is.Rule, was.Rule, was.Unit, is.Unit}
	p := pairs[key]
	if p == nil {
		p = &DryPair{Rule: is.Rule, Was: was.Rule, From: was.Unit, To: is.Unit}
		pairs[key] = p
	}
	p.Count++
	p.Handed.count(sent, x.handed)
	if x.unit == is.Unit {
		o.Right++
		p.Right++
	}
	if len(p.Examples) < maxExamples {
		p.Examples = append(p.Examples, x.number)
	}
	if len(o.Cases) < maxMoved {
		o.Cases = append(o.Cases, DryCase{x.number, x.ask.Matter, was.Unit, is.Unit, was.Rule, is.Rule, x.handed})
	}
}

func (o *DryRun) finish(pairs map[[4]string]*DryPair) {
	o.Stay.bound()
	o.Move.bound()
	for _, p := range pairs {
		p.Handed.bound()
		o.Pairs = append(o.Pairs, *p)
	}
	slices.SortFunc(o.Pairs, func(a, b DryPair) int {
		if a.Count != b.Count {
			return int(b.Count - a.Count)
		}
		return strings.Compare(a.Rule+"\x00"+a.Was+"\x00"+a.From+"\x00"+a.To, b.Rule+"\x00"+b.Was+"\x00"+b.From+"\x00"+b.To)
	})
	for _, p := range o.Pairs[min(len(o.Pairs), maxPairs):] {
		o.Others += p.Count
	}
	o.Pairs = o.Pairs[:min(len(o.Pairs), maxPairs)]
}

// count takes one case that was sent to a unit.
func (s *Share) count(sent, handed bool) {
	if sent {
		s.N++
	}
	if handed {
		s.K++
	}
}

// bound computes Wilson's interval of a share (E. B. Wilson, 1927).
func (s *Share) bound() {
	if s.N == 0 {
		return
	}
	const z = 1.959964
	n, p := float64(s.N), float64(s.K)/float64(s.N)
	mid, half := p+z*z/(2*n), z*math.Sqrt(p*(1-p)/n+z*z/(4*n*n))
	s.Low, s.High = max(0, (mid-half)/(1+z*z/n)), min(1, (mid+half)/(1+z*z/n))
}

// DryRunner does the dry runs that were asked for, one at a time over all nodes.
type DryRunner struct {
	c     *Cases
	log   *slog.Logger
	owner string
}

// NewDryRunner makes the job of a process.
func (c *Cases) NewDryRunner(log *slog.Logger) *DryRunner {
	return &DryRunner{c: c, log: log, owner: rand.Text()}
}

// dryLease is how long a run is left to a node that says nothing of it.
const dryLease = 30 * time.Second

// Run does what is asked for until ctx ends.
func (r *DryRunner) Run(ctx context.Context) {
	signal, end := r.c.db.Watch()
	defer end()
	for ctx.Err() == nil {
		if did, err := r.Step(ctx); err != nil && ctx.Err() == nil {
			r.log.Error("dry run failed", "error", err)
		} else if did {
			continue
		}
		select {
		case <-ctx.Done():
		case <-time.After(10 * time.Second):
		case <-signal:
			select { // one look for many commits
			case <-ctx.Done():
			case <-time.After(500 * time.Millisecond):
			}
		}
	}
}

// Step does a dry run that waits and reports whether there was one.
func (r *DryRunner) Step(ctx context.Context) (bool, error) {
	book, db := r.c.d.Duties, r.c.db
	if waits, err := store.Get(ctx, db, book.Waits); err != nil || !waits {
		return false, err
	}
	var x duties.Run
	var v duties.Version
	var took bool
	err := db.Write(ctx, func(tx *store.Tx) (err error) {
		now := r.c.clock()
		if x, took, err = book.TakeRun(tx, r.owner, now, now.Add(dryLease)); err == nil && took {
			v, err = book.Get(tx, x.Number)
		}
		return err
	})
	if err != nil || !took {
		return false, err
	}
	result, err := r.c.rehearse(ctx, v, x.First, x.Last, func(looked int64) error { return r.keep(ctx, &x, looked) })
	switch {
	case errors.Is(err, errGivenUp):
		return true, nil
	case err != nil && ctx.Err() != nil:
		return false, err // another process takes it when the lease is over
	case err != nil:
		x.State = duties.Failed
		r.log.Error("dry run failed", "run", x.ID, "error", err)
	default:
		x.State = duties.Done
		if x.Result, err = json.Marshal(result); err != nil {
			return true, fmt.Errorf("cases: %w", err)
		}
		x.Looked = result.Looked
	}
	x.Finished = r.c.clock().UnixMicro()
	return true, db.Write(ctx, func(tx *store.Tx) error { _, err := book.KeepRun(tx, x); return err })
}

// keep notes how far a run has come.
func (r *DryRunner) keep(ctx context.Context, x *duties.Run, looked int64) error {
	return r.c.db.Write(ctx, func(tx *store.Tx) error {
		x.Looked, x.Lease = looked, r.c.clock().Add(dryLease).UnixMicro()
		still, err := r.c.d.Duties.KeepRun(tx, *x)
		if err == nil && !still {
			err = errGivenUp
		}
		return err
	})
}

// Rehearse runs a draft, as it would be on the day it takes effect, against what is
// in force now, over the cases created from first up to last.
func (c *Cases) Rehearse(ctx context.Context, v duties.Version, first, last time.Time) (*DryRun, error) {
	return c.rehearse(ctx, v, first.UnixMicro(), last.UnixMicro(), func(int64) error { return ctx.Err() })
}

func (c *Cases) rehearse(ctx context.Context, v duties.Version, first, last int64, told func(int64) error) (*DryRun, error) {
	now := c.clock()
	day := now.In(zone).Format(time.DateOnly)
	draft := c.d.Duties.Base().Restore(v.Number, v.Content, "")
	// A draft is meant for its day of effect: rules that begin later than today are tried as of then.
	start := day
	for _, r := range v.Content.Rules {
		if !r.Off && r.From > start {
			start = r.From
		}
	}
	return c.DryRun(ctx, c.d.Duties.Now().At(now).AsOf(day), draft.AsOf(start), first, last, told)
}
