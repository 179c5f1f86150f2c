package simulate

import (
	"math/rand/v2"
	"slices"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/directory"
)

// lot is a number of cases that lie on the desks on the last day: which way they
// went, what was done last, and how long ago they came in, in minutes of office
// time.
type lot struct {
	n        int
	want     course
	from, to float64
	channel  string
}

// lots fill every state and mark with cases near their deadline, soon due, overdue
// and at rest. Numbers are for scale 1.
var lots = []lot{
	{9, course{stop: "report"}, 2, 25, hotline},
	{5, course{stop: "report"}, 10, 110, portal},
	{3, course{stop: "report"}, 10, 60, grid},
	{14, course{stop: "dispatch"}, 45, 118, hotline},
	{4, course{stop: "dispatch"}, 170, 420, hotline},
	{5, course{"objection", "hand_back"}, 180, 380, hotline},
	{2, course{"objection", "accept_objection"}, 420, 700, hotline},
	{10, course{stop: "sign"}, 130, 240, hotline},
	{14, course{stop: "contact"}, 1 * officeDay, 3.5 * officeDay, hotline},
	{8, course{stop: "contact"}, 4 * officeDay, 4.9 * officeDay, portal},
	{9, course{stop: "contact"}, 5.1 * officeDay, 8 * officeDay, hotline},
	{5, course{"extension", "request_extension"}, 4.4 * officeDay, 5 * officeDay, hotline},
	{5, course{"extension", "grant_extension"}, 5.2 * officeDay, 7 * officeDay, hotline},
	{4, course{"suspension", "request_suspension"}, 2.6 * officeDay, 4 * officeDay, hotline},
	{7, course{"suspension", "grant_suspension"}, 6 * officeDay, 22 * officeDay, hotline},
	{12, course{stop: "reply"}, 3 * officeDay, 5 * officeDay, hotline},
	{5, course{"", "call_back"}, 4 * officeDay, 5 * officeDay, hotline},
	{7, course{"rework", "call_back"}, 5 * officeDay, 7 * officeDay, hotline},
	{3, course{"return", "return_reply"}, 4 * officeDay, 6 * officeDay, hotline},
	{5, course{"supervision", "supervise"}, 7 * officeDay, 9 * officeDay, hotline},
	{3, course{"whistle", "whistle:draft"}, 1.2 * officeDay, 1.8 * officeDay, hotline},
	{4, course{"whistle", "whistle:approve"}, 1.4 * officeDay, 2 * officeDay, hotline},
	{4, course{"whistle", "whistle:acknowledge"}, 1.8 * officeDay, 2.4 * officeDay, hotline},
	{2, course{"whistle", "whistle:set_task"}, 4.5 * officeDay, 5 * officeDay, hotline},
	{4, course{"whistle", "whistle:plan"}, 5 * officeDay, 6 * officeDay, hotline},
	{3, course{"whistle", "whistle:task_done"}, 6 * officeDay, 8 * officeDay, hotline},
	{3, course{"whistle", "whistle:rate_unit"}, 14 * officeDay, 15 * officeDay, hotline},
}

// born is a case of the stock waiting for its day.
type born struct {
	at      time.Time
	topic   *topic
	site    *site
	channel string
	want    course
}

// stock plans the cases of the last days.
func (y *year) stock() map[int][]born {
	r := rand.New(rand.NewPCG(y.o.Seed, 0x73746f636b))
	out := map[int][]born{}
	add := func(b born) {
		out[int(b.at.Sub(Begin)/(24*time.Hour))] = append(out[int(b.at.Sub(Begin)/(24*time.Hour))], b)
		y.stocked++
	}
	for _, lot := range lots {
		for range max(1, int(float64(lot.n)*y.o.Scale+0.5)) {
			t, s, ok := y.suited(r, y.near(r, directory.Unit{}), func(t *topic, s *site, unit string) bool {
				m, _ := y.w.Pack.Catalogue.Matter(t.matter)
				return m.Limit == "L3" && t.kind != "consult" && y.staff.hands(unit) && (lot.want.route != "whistle" || y.themed(t, s, unit)) &&
					(lot.channel != grid || len(y.staff.by[s.unit.ID][access.Grid]) > 0)
			})
			if ok {
				add(born{y.office.add(Present, -mins(r, lot.from, lot.to)), t, s, lot.channel, lot.want})
			}
		}
	}
	for _, u := range y.w.Pack.Directory.Units() {
		if y.staff.hands(u.ID) && chance(r, y.o.Scale) {
			y.stockOf(r, u, add)
		}
	}
	return out
}

// stockOf gives a unit something to sign and something to do.
func (y *year) stockOf(r *rand.Rand, u directory.Unit, add func(born)) {
	want := []course{{stop: "dispatch"}, {stop: "contact"}}
	community := u.Kind == directory.Community || u.Kind == directory.Village
	if community {
		want = []course{{"assign", "assign"}, {"assign", "contact"}}
	}
	for i, w := range want {
		if i == 0 && !slices.Contains(chiefs, u.ID) && chance(r, 0.7) {
			continue // not everybody gets something new on one day
		}
		t, s, ok := y.suited(r, y.near(r, u), func(_ *topic, s *site, unit string) bool {
			return unit == u.ID || (community && unit == s.street.ID)
		})
		if !ok {
			return
		}
		m, _ := y.w.Pack.Catalogue.Matter(t.matter)
		at := y.office.add(Present, -mins(r, 40+float64(i)*350, 110+float64(i)*1300))
		if m.Limit == "L2" && i == 1 {
			at = y.office.add(Present, -mins(r, 130, 360))
		}
		if m.Limit == "L0" || m.Limit == "L1" {
			at = Present.Add(-mins(r, 14+float64(i)*60, 30+float64(i)*800))
		}
		if w.route == "assign" && i == 0 {
			at = y.office.add(Present, -mins(r, 170, 330))
		}
		add(born{at, t, s, hotline, w})
	}
}

// suited draws a place and a topic that fit, common topics first.
func (y *year) suited(r *rand.Rand, place func() *site, fits func(*topic, *site, string) bool) (*topic, *site, bool) {
	weights := make([]float64, len(y.lib.topics))
	for i, t := range y.lib.topics {
		now := min(1.3, max(0, month(seasons[t.season], Present)))
		weights[i] = t.weight * now * now
	}
	usual := newChooser(weights)
	ok := func(t *topic, s *site) bool { return t.inSeason(Present) && t.says(s) && fits(t, s, y.unitFor(t, s)) }
	for range 60 {
		s := place()
		for range 30 {
			if t := &y.lib.topics[usual.draw(r)]; ok(t, s) {
				return t, s, true
			}
		}
		for i := range y.lib.topics { // some units have one rare matter
			if t := &y.lib.topics[i]; ok(t, s) {
				return t, s, true
			}
		}
	}
	return nil, nil, false
}

// near draws places of a street or community; of the whole district for others.
func (y *year) near(r *rand.Rand, u directory.Unit) func() *site {
	var below []*site
	for _, s := range y.sites {
		if s.unit.ID == u.ID || s.street.ID == u.ID {
			below = append(below, s)
		}
	}
	if len(below) == 0 {
		return func() *site { return y.sites[y.siteOf.draw(r)] }
	}
	return func() *site { return pick(r, below) }
}

// says reports whether a topic has a sentence for a place of this kind.
func (t *topic) says(s *site) bool {
	return !(s.village && t.urban) && slices.ContainsFunc(t.templates, func(x template) bool { return x.fits(s.village) })
}

func (t *topic) inSeason(at time.Time) bool { return month(seasons[t.season], at) > 0.15 }

func (y *year) themed(t *topic, s *site, unit string) bool {
	return y.hasTheme(&life{topic: t, site: s, lead: unit})
}
