package simulate

import (
	"container/heap"
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/cases"
)

// year is the simulation under way. Planning is one goroutine's work, so that the
// same seed gives the same year.
type year struct {
	w       World
	o       Options
	lib     *library
	staff   *staff
	office  *office
	weather *almanac
	centre  string
	days    int
	sites   []*site
	siteOf  chooser
	share   map[string][]float64 // by season, of each day
	total   float64              // weight of all topics
	lone    []int                // whistles without a case, by day
	units   map[unitKey]string

	r       *rand.Rand
	lives   int
	stocked int
	open    map[string][]*life // by matter: what repeats can be merged into
	pending events
	seq     int
}

type unitKey struct {
	matter string
	site   *site
}

func newYear(w World, o Options, people *staff) (*year, error) {
	lib, err := readLibrary()
	if err != nil {
		return nil, err
	}
	y := &year{w: w, o: o, lib: lib, staff: people, weather: weather(o.Seed), centre: w.Cases.District().Centre, share: map[string][]float64{},
		units: map[unitKey]string{}, r: rand.New(rand.NewPCG(o.Seed, 0x79656172)), open: map[string][]*life{}}
	y.office = newOffice(w.Pack.Calendar(""), Begin.AddDate(0, 0, -10), Begin.AddDate(1, 6, 0))
	y.days = int(Present.Sub(Begin)/(24*time.Hour)) + 1
	var weights []float64
	y.sites, weights = sites(w.Pack.Directory)
	y.siteOf = newChooser(weights)
	for i := range lib.topics {
		t := &lib.topics[i]
		m, ok := w.Pack.Catalogue.Matter(t.matter)
		if !ok || m.Deleted {
			return nil, fmt.Errorf("the pack has no matter %q", t.matter)
		}
		t.urban = m.Group == "property" || m.Group == "heating" || m.Group == "gas"
		if y.share[t.season] == nil {
			y.share[t.season] = y.shares(t.season)
		}
		y.total += t.weight
	}
	y.lone = make([]int, y.days)
	for range max(1, int(loneWhistles*o.Scale)) {
		y.lone[y.r.IntN(y.days-5)]++
	}
	return y, nil
}

// unitFor is the unit the rules name for a topic at a place.
func (y *year) unitFor(t *topic, s *site) string {
	k := unitKey{t.matter, s}
	u, ok := y.units[k]
	if !ok {
		u = y.w.Pack.Catalogue.Resolve(t.matter, s.street.ID, s.unit.ID).Unit
		y.units[k] = u
	}
	return u
}

func (y *year) ref(l *life) string { return fmt.Sprintf("%d-%d", y.o.Seed, l.id) }

// remember keeps a life as one that others may repeat.
func (y *year) remember(l *life) {
	open := append(y.open[l.topic.matter], l)
	if len(open) > 40 {
		open = append(open[:0:0], open[len(open)-25:]...)
	}
	y.open[l.topic.matter] = open
}

// day plans the cases of one day.
func (y *year) day(d int, stock []born) {
	date := Begin.AddDate(0, 0, d)
	weights := make([]float64, len(y.lib.topics))
	sum := 0.0
	for i, t := range y.lib.topics {
		weights[i] = t.weight * y.share[t.season][d]
		sum += weights[i]
	}
	c := newChooser(weights)
	n := poisson(y.r, sum/y.total*max(0, YearCases*y.o.Scale-float64(y.stocked)))
	for range n {
		t := &y.lib.topics[c.draw(y.r)]
		s := y.placeFor(t)
		channel := y.channelFor(t, s)
		hours := map[string]*[24]float64{hotline: &phoneHours, portal: &portalHours, grid: &gridHours}[channel]
		if at := moment(y.r, date, hours); !at.After(Present) {
			y.live(y.begin(at, t, s, channel, course{}))
		}
	}
	for _, b := range stock {
		y.live(y.begin(b.at, b.topic, b.site, b.channel, b.want))
	}
	for range y.lone[d] {
		y.whistleToday(date)
	}
}

func (y *year) placeFor(t *topic) *site {
	for {
		if s := y.sites[y.siteOf.draw(y.r)]; t.says(s) {
			return s
		}
	}
}

// gridGroups are what grid workers find on their rounds.
var gridGroups = map[string]bool{"municipal": true, "sanitation": true, "winter": true, "order": true, "rural": true, "environment": true}

// channelFor: seventeen in twenty telephone; grid workers report what they find,
// where there is one with an account.
func (y *year) channelFor(t *topic, s *site) string {
	x := y.r.Float64()
	if t.kind == "help" || t.kind == "complaint" {
		m, _ := y.w.Pack.Catalogue.Matter(t.matter)
		if gridGroups[m.Group] && len(y.staff.by[s.unit.ID][access.Grid]) > 0 && x < 0.5 {
			return grid
		}
	}
	if chance(y.r, 0.115) {
		return portal
	}
	return hotline
}

func (y *year) whistleToday(date time.Time) {
	var weights []float64
	var themes []*theme
	for i := range y.lib.themes {
		if t := &y.lib.themes[i]; len(t.matters) == 0 {
			season := themeSeason[t.name]
			if season == "" {
				season = "all"
			}
			themes, weights = append(themes, t), append(weights, t.weight*max(0, month(seasons[season], date)))
		}
	}
	th := themes[newChooser(weights).draw(y.r)]
	for {
		if s := y.sites[y.siteOf.draw(y.r)]; !s.village {
			y.alone(y.office.add(date, mins(y.r, 5, 360)), th, s)
			return
		}
	}
}

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

// plan makes the whole year, window by window.
func (y *year) windows(yield func([]*event) bool) {
	stock := y.stock()
	var window []*event
	for d := range y.days {
		y.day(d, stock[d])
		end := Begin.AddDate(0, 0, d+1)
		for len(y.pending) > 0 && y.pending[0].at.Before(end) {
			window = append(window, heap.Pop(&y.pending).(*event))
		}
		if len(window) >= windowSize || (d == y.days-1 && len(window) > 0) {
			if !yield(window) {
				return
			}
			window = nil
		}
	}
}

// run plans, prepares and takes in, each at its own pace: while one window is
// written the next is made ready.
func (y *year) run(ctx context.Context) (Stats, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	planned, ready := make(chan []*event, 1), make(chan []*event, 1)
	var wg sync.WaitGroup
	wg.Go(func() {
		defer close(planned)
		y.windows(func(w []*event) bool { return send(ctx, planned, w) })
	})
	wg.Go(func() {
		defer close(ready)
		for w := range planned {
			if err := y.prepare(w); err != nil {
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
		if err := y.take(ctx, w, &st); err != nil {
			cancel(err)
			break
		}
	}
	cancel(nil)
	wg.Wait()
	if err := context.Cause(ctx); err != nil && err != context.Canceled {
		return st, err
	}
	return st, nil
}

func send(ctx context.Context, to chan<- []*event, w []*event) bool {
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
	err := y.w.Cases.Batch(ctx, func(b *cases.Batch) error {
		now = *st
		for _, e := range w {
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
	if e.w != nil {
		return "whistle"
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
	in := cases.Input{Raw: e.raw, At: e.at}
	switch {
	case e.ready != nil:
		got, err := b.Take(e.who, e.ready)
		if err != nil {
			return err
		}
		st.Cases++
		e.l.number = got.Number
		e.l.reporter, _ = y.w.Cases.ReporterScope(got.Number, got.Secret)
		return nil
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
		_, err := b.WhistleAct(e.who, e.w.number, e.action, in)
		if err == nil {
			st.Acts++
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
	_, err := b.Act(who, e.l.number, e.action, in)
	if err == nil {
		st.Acts++
	}
	return err
}
