package simulate

import (
	"fmt"
	"math/rand/v2"
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
	trifles []trifle             // what is settled on the spot
	outside []float64            // weights of the sites with somebody who goes out
	share   map[string][]float64 // by season, of each day
	total   float64              // weight of all topics
	lone    []int                // whistles without a case, by day
	units   map[unitKey]string
	bell    *cases.Bell // reminders and escalations of what is open
	invest  *investing  // the ledgers of projects, works and visits

	r       *rand.Rand
	rare    *rand.Rand // of exceptions: the rest of the year is the same without them
	lives   int
	stocked int
	listed  int                // problems on the district's list
	open    map[string][]*life // by matter: what repeats can be merged into
	firms   *business          // nil until the first hour of firms
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
	y := &year{rare: rand.New(rand.NewPCG(o.Seed, 0x72617265)), w: w, o: o, lib: lib, staff: people, weather: weather(o.Seed), centre: w.Cases.District().Centre, share: map[string][]float64{},
		units: map[unitKey]string{}, bell: w.Cases.NewBell(), r: rand.New(rand.NewPCG(o.Seed, 0x79656172)), open: map[string][]*life{}}
	y.office = newOffice(w.Pack.Calendar(""), Begin.AddDate(0, 0, -10), Begin.AddDate(1, 6, 0))
	y.days = int(Present.Sub(Begin)/(24*time.Hour)) + 1
	var weights []float64
	y.sites, weights = sites(w.Pack)
	y.siteOf = newChooser(weights)
	if y.trifles, err = readTrifles(); err != nil {
		return nil, err
	}
	for i, s := range y.sites {
		y.outside = append(y.outside, 0)
		if len(people.by[s.unit.ID][access.Grid])+len(people.by[s.unit.ID][access.Community]) > 0 {
			y.outside[i] = weights[i]
		}
	}
	y.invest = y.newInvesting()
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
		u = y.w.rules(Present).Resolve(t.matter, s.street.ID, s.unit.ID).Unit
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
