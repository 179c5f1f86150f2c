package forecast

import (
	"cmp"
	"context"
	"math"
	"slices"
	"time"

	"weixiao/internal/worktime"
)

// Expected is what a month will bring of one matter in one community.
type Expected struct {
	Community, Street, Matter string
	Reports                   float64 // to be expected
	YearAgo                   int64   // in that month a year before
	Last                      int64   // in the last whole month
	Ahead, Problems           int64   // of the last twelve months: found before anybody complained, of all
}

// Month is one month as it was.
type Month struct {
	Month                           string
	Reports, Early, Problems, Ahead int64
}

// Share is the part of the problems found before anybody complained (未诉先办), -1
// when there were none.
func (m Month) Share() float64 {
	if m.Problems == 0 {
		return -1
	}
	return float64(m.Ahead) / float64(m.Problems)
}

// Outlook is what is expected, and how good the last guess was.
type Outlook struct {
	For    string // the month it is about
	List   []Expected
	Months []Month // the last twelve whole months and the one that runs, oldest first
	Places []Place // communities, most found ahead... by id
	// The same made for the last whole month from what was known before it, against
	// what came.
	Tried   string
	Error   float64 // mean error per community and matter that had or expected a report
	Naive   float64 // the same for "as many as in the month before"
	HitsOf  int     // the places and matters most expected (at most 20) …
	HitsGot int     // … and in how many of them something was reported
}

// Place is a community over the last twelve whole months.
type Place struct {
	Community, Street               string
	Reports, Early, Problems, Ahead int64
}

const (
	shareWeight = 10.0 // reports of a matter that its spread over the communities starts with
	yearWeight  = 3.0  // years that the district's own pattern is worth beside the one local year
	least       = 0.5  // expected reports below which nothing is said
	hitList     = 20
)

// Outlook says what the month after now will bring.
func (f *Forecasts) Outlook(ctx context.Context, now time.Time, w Where) (*Outlook, error) {
	running := monthOf(now)
	counts, err := f.counts(ctx, running.add(-26).String(), running.String())
	if err != nil {
		return nil, err
	}
	past := newHistory(counts)
	o := &Outlook{For: running.add(1).String(), Tried: running.add(-1).String()}
	// The month that runs is not whole: it is left out.
	o.List = past.expect(running.add(1), running, w)
	o.judge(past, running.add(-1), w)
	o.sum(counts, running, w)
	return o, nil
}

// yearMonth counts months from year 0.
type yearMonth int

func monthOf(t time.Time) yearMonth {
	t = t.In(worktime.Zone)
	return yearMonth(t.Year()*12 + int(t.Month()) - 1)
}

func (m yearMonth) add(n int) yearMonth { return m + yearMonth(n) }
func (m yearMonth) String() string {
	return time.Date(int(m)/12, time.Month(int(m)%12+1), 1, 0, 0, 0, 0, time.UTC).Format("2006-01")
}

type pair struct{ community, matter string }

// history is what was counted, by month.
type history struct {
	reports map[yearMonth]map[pair]Count
	matter  map[yearMonth]map[string]float64 // of the whole district
	all     map[yearMonth]float64
	street  map[string]string
}

func newHistory(counts []Count) *history {
	h := &history{reports: map[yearMonth]map[pair]Count{}, matter: map[yearMonth]map[string]float64{}, all: map[yearMonth]float64{}, street: map[string]string{}}
	for _, c := range counts {
		t, err := time.Parse("2006-01", c.Month)
		if err != nil {
			continue
		}
		m := yearMonth(t.Year()*12 + int(t.Month()) - 1)
		if h.reports[m] == nil {
			h.reports[m], h.matter[m] = map[pair]Count{}, map[string]float64{}
		}
		h.reports[m][pair{c.Community, c.Matter}] = c
		h.matter[m][c.Matter] += float64(c.Reports)
		h.all[m] += float64(c.Reports)
		h.street[c.Community] = c.Street
	}
	return h
}

// expect is what month m will bring, from the twelve whole months before now.
//
// The district's months of a matter give its level and season; how the matter is
// spread over the communities gives each its share, drawn towards the share the
// community has of everything while there is little; what the community had in that
// month a year ago is one more year of evidence.
func (h *history) expect(m, now yearMonth, w Where) []Expected {
	level, total, places, everything := map[string]float64{}, map[pair]float64{}, map[string]float64{}, 0.0
	var months float64
	for t := now.add(-12); t < now; t++ {
		if h.all[t] == 0 {
			continue // before the records begin
		}
		months++
		for k, c := range h.reports[t] {
			level[k.matter] += float64(c.Reports)
			total[k] += float64(c.Reports)
			places[k.community] += float64(c.Reports)
			everything += float64(c.Reports)
		}
	}
	var out []Expected
	for k, n := range total {
		season := h.season(k.matter, m, now, level[k.matter]/months)
		share := (n + shareWeight*places[k.community]/everything) / (level[k.matter] + shareWeight)
		x := Expected{Community: k.community, Street: h.street[k.community], Matter: k.matter, Reports: level[k.matter] / months * season * share,
			Last: h.reports[now.add(-1)][k].Reports}
		if h.all[m.add(-12)] > 0 {
			x.YearAgo = h.reports[m.add(-12)][k].Reports
			x.Reports = (yearWeight*x.Reports + float64(x.YearAgo)) / (yearWeight + 1)
		}
		for t := now.add(-12); t < now; t++ {
			c := h.reports[t][k]
			x.Ahead, x.Problems = x.Ahead+c.Ahead, x.Problems+c.Problems
		}
		if x.Reports >= least && (w.Street == "" || x.Street == w.Street) && (w.Community == "" || x.Community == w.Community) {
			out = append(out, x)
		}
	}
	slices.SortFunc(out, func(a, b Expected) int {
		return cmp.Or(cmp.Compare(b.Reports, a.Reports), cmp.Compare(a.Community, b.Community), cmp.Compare(a.Matter, b.Matter))
	})
	return out
}

// season is how much more or less of a matter month m has than an average one: as a
// year ago, or, when that was not recorded, as in the last whole month.
func (h *history) season(matter string, m, now yearMonth, average float64) float64 {
	like := m.add(-12)
	if h.all[like] == 0 {
		like = now.add(-1)
	}
	return (h.matter[like][matter] + 1) / (average + 1)
}

// judge makes the guess for a month that is over and compares.
func (o *Outlook) judge(h *history, m yearMonth, w Where) {
	if h.all[m] == 0 || h.all[m.add(-1)] == 0 {
		o.Tried = ""
		return
	}
	list := h.expect(m, m, w)
	guess := map[pair]float64{}
	for i, x := range list {
		guess[pair{x.Community, x.Matter}] = x.Reports
		if i < hitList {
			o.HitsOf++
			o.HitsGot += int(min(h.reports[m][pair{x.Community, x.Matter}].Reports, 1))
		}
	}
	for k, c := range h.reports[m] {
		if _, ok := guess[k]; !ok && w.holds(&c) {
			guess[k] = 0
		}
	}
	for k, x := range guess {
		got := float64(h.reports[m][k].Reports)
		o.Error += math.Abs(got - x)
		o.Naive += math.Abs(got - float64(h.reports[m.add(-1)][k].Reports))
	}
	if n := float64(len(guess)); n > 0 {
		o.Error, o.Naive = o.Error/n, o.Naive/n
	}
}

// sum adds the months and the places.
func (o *Outlook) sum(counts []Count, running yearMonth, w Where) {
	from := running.add(-12).String()
	months, places := map[string]*Month{}, map[string]*Place{}
	for i := range counts {
		c := &counts[i]
		if c.Month < from || !w.holds(c) {
			continue
		}
		m := months[c.Month]
		if m == nil {
			m = &Month{Month: c.Month}
			months[c.Month] = m
		}
		m.Reports, m.Early, m.Problems, m.Ahead = m.Reports+c.Reports, m.Early+c.Early, m.Problems+c.Problems, m.Ahead+c.Ahead
		if c.Month == running.String() {
			continue
		}
		p := places[c.Community]
		if p == nil {
			p = &Place{Community: c.Community, Street: c.Street}
			places[c.Community] = p
		}
		p.Reports, p.Early, p.Problems, p.Ahead = p.Reports+c.Reports, p.Early+c.Early, p.Problems+c.Problems, p.Ahead+c.Ahead
	}
	for _, m := range months {
		o.Months = append(o.Months, *m)
	}
	slices.SortFunc(o.Months, func(a, b Month) int { return cmp.Compare(a.Month, b.Month) })
	for _, p := range places {
		o.Places = append(o.Places, *p)
	}
	slices.SortFunc(o.Places, func(a, b Place) int { return cmp.Compare(a.Community, b.Community) })
}
