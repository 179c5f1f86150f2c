package simulate

import (
	"cmp"
	"container/heap"
	"context"
	"fmt"
	"sync"
	"time"

	"weixiao/internal/cases"
	"weixiao/internal/store"
)

// events is a heap in order of time; what was planned first comes first.
type events []*event

func (h events) Len() int { return len(h) }
func (h events) Less(i, j int) bool {
	if c := h[i].at.Compare(h[j].at); c != 0 {
		return c < 0
	}
	return h[i].seq < h[j].seq
}
func (h events) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *events) Push(x any)   { *h = append(*h, x.(*event)) }
func (h *events) Pop() any {
	old := *h
	e := old[len(old)-1]
	old[len(old)-1] = nil
	*h = old[:len(old)-1]
	return e
}

func (y *year) push(e *event) {
	y.seq++
	e.seq = y.seq
	heap.Push(&y.pending, e)
}

// windowSize is how many events go into one batch: enough to make each case's row
// once or twice, few enough to work on the next ones meanwhile.
const windowSize = 5000

// window is a stretch of the year, and the session that follows it, if any.
type window struct {
	events []*event
	then   *session
}

// windows plans the whole year and hands it over window by window.
func (y *year) windows(yield func(window) bool) {
	stock, sessions := y.stock(), y.sessions()
	var w window
	upTo := func(t time.Time) {
		for len(y.pending) > 0 && y.pending[0].at.Before(t) {
			w.events = append(w.events, heap.Pop(&y.pending).(*event))
		}
	}
	for d := range y.days {
		y.day(d, stock[d])
		y.outdoors(d)
		if d == 0 {
			y.workdays()
			y.knocking()
			y.lookBack()
			y.caring()
			y.halls()
			y.approving()
		}
		y.excepted(d)
		end := Begin.AddDate(0, 0, d+1)
		for len(sessions) > 0 && sessions[0].at.Before(end) {
			upTo(sessions[0].at)
			w.then, sessions = &sessions[0], sessions[1:]
			if !yield(w) {
				return
			}
			w = window{}
		}
		upTo(end)
		if len(w.events) >= windowSize || (d == y.days-1 && len(w.events) > 0) {
			if !yield(w) {
				return
			}
			w = window{}
		}
	}
}

// run plans, prepares and takes in, each at its own pace: while one window is
// written the next is made ready.
func (y *year) run(ctx context.Context) (Stats, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	planned, ready := make(chan window, 1), make(chan window, 1)
	var wg sync.WaitGroup
	wg.Go(func() {
		defer close(planned)
		y.windows(func(w window) bool { return send(ctx, planned, w) })
	})
	wg.Go(func() {
		defer close(ready)
		for w := range planned {
			if err := y.prepare(w.events); err != nil {
				cancel(err)
				return
			}
			if !send(ctx, ready, w) {
				return
			}
		}
	})
	var st Stats
	for w := range ready {
		if err := y.take(ctx, w.events, &st); err != nil {
			cancel(err)
			break
		}
		if w.then != nil {
			n, err := y.hold(ctx, *w.then)
			if err != nil {
				cancel(fmt.Errorf("figures of %s on %s: %w", w.then.month, w.then.at.Format("01-02"), err))
				break
			}
			st.Scoring += n
		}
	}
	wg.Wait()
	if err := context.Cause(ctx); err != nil { // somebody gave up
		return st, err
	}
	err := y.last(ctx, &st)
	return st, err
}

// last rings what is due between the last event and the present.
func (y *year) last(ctx context.Context, st *Stats) error {
	var n int
	was := y.bell
	err := y.w.Cases.Batch(ctx, func(b *cases.Batch) (err error) {
		y.bell = was.Clone()
		n, err = b.Ring(y.bell, Present)
		return err
	})
	st.Alarms += n
	if err == nil {
		n, err = y.invest.until(ctx, Present)
		st.Acts += n
	}
	if err != nil {
		return err
	}
	return y.rounds(ctx)
}

func send(ctx context.Context, to chan<- window, w window) bool {
	select {
	case to <- w:
		return true
	case <-ctx.Done():
		return false
	}
}

// prepare makes the reports of a window ready, on two goroutines.
func (y *year) prepare(w []*event) error {
	var wg sync.WaitGroup
	var errs [2]error
	for part := range errs {
		wg.Go(func() {
			for i := part; i < len(w); i += len(errs) {
				if e := w[i]; e.report != nil {
					if e.ready, errs[part] = y.w.Cases.Prepare(*e.report); errs[part] != nil {
						return
					}
				}
			}
		})
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// take does the events of a window in one transaction.
func (y *year) take(ctx context.Context, w []*event, st *Stats) error {
	var now Stats
	was := y.bell.Clone()
	err := y.w.Cases.Batch(ctx, func(b *cases.Batch) error {
		now, y.bell = *st, was.Clone()
		for _, e := range w {
			n, err := b.Ring(y.bell, e.at)
			if err != nil {
				return err
			}
			now.Alarms += n
			if err := y.apply(b, e, &now); err != nil && len(now.Refused) < 100 {
				now.Refused = append(now.Refused, fmt.Sprintf("%s %s %s (%s): %v", e.at.Format("01-02 15:04"), kindOf(e), e.action, routeOf(e), err))
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	*st = now
	for _, e := range w {
		e.ready, e.report = nil, nil
	}
	return nil
}

func kindOf(e *event) string {
	if e.out != nil || e.l == nil && e.w == nil {
		return "round"
	}
	if e.w != nil {
		return "whistle"
	}
	if e.o != nil && !e.makes {
		return "order"
	}
	if e.action == "look" {
		return "check"
	}
	return "case"
}

func routeOf(e *event) string {
	if e.l == nil {
		return ""
	}
	return fmt.Sprintf("%d %s %s", e.l.id, e.l.topic.matter, e.l.want.route)
}

// apply does one event. Errors that end the batch are kept by it; here only
// refusals are told.
func (y *year) apply(b *cases.Batch, e *event, st *Stats) error {
	in := cases.Input{Raw: e.raw, At: e.at, Lot: cmp.Or(e.lot, unchecked)}
	switch {
	case e.run != nil:
		st.Acts++
		return e.run(b)
	case e.plea != nil:
		return b.In(func(tx *store.Tx) error { return y.applyPlea(tx, e) })
	case e.l == nil && e.w == nil && (e.out != nil || e.action == "turns" || e.action == "weather"):
		return y.applyOutside(b, e, st)
	case e.ready != nil:
		take := func() (cases.Receipt, error) { return b.Take(e.who, e.ready) }
		if e.l.channel == grid && y.w.Rounds != nil {
			st.Findings++
			take = func() (cases.Receipt, error) { return y.found(b, e) }
		}
		if e.l.take != nil {
			take = func() (cases.Receipt, error) { return e.l.take(b, e) }
		}
		got, err := take()
		if err != nil {
			return err
		}
		st.Cases++
		e.l.number = got.Number
		e.l.reporter, _ = y.w.Cases.ReporterScope(got.Number, got.Secret)
		return nil
	case e.action == "look":
		st.Acts++
		return y.look(b, e, in)
	case e.w != nil && e.action == "draft":
		if e.w.about != nil {
			in.Raw["case"] = []string{e.w.about.number}
		}
		w, err := b.Blow(e.who, in)
		if err != nil {
			return err
		}
		st.Acts++
		st.Whistles++
		e.w.number = w.Number
		return nil
	case e.w != nil:
		w, err := b.WhistleAct(e.who, e.w.number, e.action, in)
		if err == nil {
			st.Acts++
			y.bell.WatchWhistle(w)
		}
		return err
	}
	who := e.who
	if e.resident {
		who = e.l.reporter
	}
	if e.into != nil {
		in.Raw["into"] = []string{e.into.number}
	}
	if e.o != nil && !e.makes {
		_, err := b.OrderAct(who, e.o.number, e.action, in)
		if err == nil {
			st.Acts++
		}
		return err
	}
	k, err := b.Act(who, e.l.number, e.action, in)
	if err == nil {
		st.Acts++
		y.bell.Watch(k)
		err = y.watchChecks(b, e)
	}
	if err != nil || !e.makes {
		return err
	}
	st.Orders++
	open, err := b.OpenOrders(e.l.number)
	if len(open) > 0 {
		e.o.number = open[len(open)-1]
	}
	return err
}
