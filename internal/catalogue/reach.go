package catalogue

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"weixiao/internal/directory"
)

// Whether a rule can ever match is found exactly. Every condition bounds one
// dimension of what can be asked: matter, place, day, hour, calendar, type, channel,
// and one for each map layer. In each dimension finitely many values can be told
// apart by the rules, so a rule is a box of bit sets, and it is shadowed exactly if
// taking the boxes before it away from its own leaves nothing.
//
// Dimensions are taken as independent. A calendar's working days and its hours, or a
// polygon and a community, are not quite; so a rule that only the map or a calendar
// excludes may pass, but no rule is ever accused wrongly.

// bits is a set of values of one dimension.
type bits []uint64

func (b bits) set(i int) { b[i/64] |= 1 << (i % 64) }

func (b bits) none() bool {
	for _, w := range b {
		if w != 0 {
			return false
		}
	}
	return true
}

// lowest is the first member.
func (b bits) lowest() int {
	for i := range len(b) * 64 {
		if b[i/64]&(1<<(i%64)) != 0 {
			return i
		}
	}
	return -1
}

// box is what a rule matches: the product of one set for each dimension.
type box []bits

func (b box) none() bool { return slices.ContainsFunc(b, bits.none) }

func (b box) meets(o box) bool {
	for d := range b {
		meet := false
		for w := range b[d] {
			if b[d][w]&o[d][w] != 0 {
				meet = true
				break
			}
		}
		if !meet {
			return false
		}
	}
	return true
}

// within reports whether b is a part of o.
func (b box) within(o box) bool {
	for d := range b {
		for w := range b[d] {
			if b[d][w]&^o[d][w] != 0 {
				return false
			}
		}
	}
	return true
}

// leftover is a box of what is in b and in none of the others; nil when nothing is.
func (b box) leftover(others []box) box {
	for i, o := range others {
		if !b.meets(o) {
			continue
		}
		// What is outside of o in the first dimension; else inside of it there and outside in the second; and so on.
		rest := slices.Clone(b)
		for d := range rest {
			out, in := make(bits, len(rest[d])), make(bits, len(rest[d]))
			for w := range rest[d] {
				out[w], in[w] = rest[d][w]&^o[d][w], rest[d][w]&o[d][w]
			}
			if !out.none() {
				piece := slices.Clone(rest)
				piece[d] = out
				if left := piece.leftover(others[i+1:]); left != nil {
					return left
				}
			}
			rest[d] = in
		}
		return nil
	}
	return b
}

// space lists the values of every dimension that the rules can tell apart.
type space struct {
	c        *Catalogue
	matters  []int // indexes of matters that can be chosen
	places   []place
	days     []moment // one day for each way in which conditions on days can hold
	minutes  []int    // where an hour begins or ends
	channels []string // those named, then any other
	layers   []string // those named; codes of each are c.areas
}

// Dimensions of a box; those of layers follow.
const (
	byMatter = iota
	byPlace
	byDay
	byMinute
	byClass
	byType
	byChannel
	byLayer
)

func newSpace(c *Catalogue) *space {
	s := &space{c: c, minutes: []int{0}}
	for i, m := range c.matters {
		if !m.Deleted {
			s.matters = append(s.matters, i)
		}
	}
	s.addPlaces()
	for i, r := range c.duties.Rules {
		if x := &c.rules[i]; x.hours {
			s.minutes = append(s.minutes, x.open, x.shut%(24*60))
		}
		for _, ch := range r.Channels {
			if !slices.Contains(s.channels, ch) {
				s.channels = append(s.channels, ch)
			}
		}
		for _, a := range r.Areas {
			if layer, _, _ := strings.Cut(a, "/"); !slices.Contains(s.layers, layer) {
				s.layers = append(s.layers, layer)
			}
		}
	}
	slices.Sort(s.minutes)
	s.minutes = slices.Compact(s.minutes)
	s.channels = append(s.channels, "")
	s.addDays()
	return s
}

// addPlaces lists all that can be known about a place: nothing, a street, a
// community, a grid.
func (s *space) addPlaces() {
	dir := s.c.dir
	s.places = append(s.places, s.c.placeOf(Ask{}))
	for _, u := range dir.ByKind(directory.Street, directory.Town) {
		s.places = append(s.places, s.c.placeOf(Ask{Street: u.ID}))
	}
	for _, u := range dir.ByKind(directory.Community, directory.Village) {
		s.places = append(s.places, s.c.placeOf(Ask{Community: u.ID}))
	}
	for _, g := range dir.AllGrids() {
		s.places = append(s.places, s.c.placeOf(Ask{Grid: g.ID}))
	}
}

// cycle is how long it takes until every date has fallen on every weekday.
const cycle = 28

// addDays lists one day for each way in which the conditions on days can hold
// together. All days from a cycle before the first date that a rule names to a
// cycle after the last are looked at; a version with a first day begins there.
func (s *space) addDays() {
	var kinds []span
	first, last := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for i := range s.c.rules {
		x := s.c.rules[i].span
		x.hours, x.open, x.shut, x.when = false, 0, 0, ""
		if s.c.duties.Rules[i].Off || !x.timed() || slices.Contains(kinds, x) {
			continue
		}
		kinds = append(kinds, x)
		for _, d := range []int{x.from, x.until} {
			if t := time.Date(d/10000, time.Month(d/100%100), d%100, 0, 0, 0, 0, time.UTC); d > 0 && d < forever {
				if t.Before(first) {
					first = t
				}
				if t.After(last) {
					last = t
				}
			}
		}
	}
	if len(kinds) == 0 {
		s.days = []moment{momentOf(first)}
		return
	}
	begin := first.AddDate(-cycle, 0, 0)
	if since, err := time.Parse(time.DateOnly, s.c.since); err == nil && since.After(begin) {
		begin = since
	}
	if last.Before(begin) {
		last = begin
	}
	seen := map[string]bool{}
	key := make([]byte, len(kinds))
	for t := begin; t.Before(last.AddDate(cycle, 0, 0)); t = t.AddDate(0, 0, 1) {
		m := moment{day: t.Year()*10000 + int(t.Month())*100 + t.Day(), weekday: (int(t.Weekday()) + 6) % 7}
		for i := range kinds {
			key[i] = '0'
			if kinds[i].onDay(m) {
				key[i] = '1'
			}
		}
		if !seen[string(key)] {
			seen[string(key)] = true
			s.days = append(s.days, m)
		}
	}
}

// boxOf is what a rule matches. Times that nobody knows are left out: a rule that
// holds only then is of no use.
func (s *space) boxOf(i int) box {
	r, x := &s.c.duties.Rules[i], &s.c.rules[i]
	everything := len(r.Matters)+len(r.Groups) == 0
	b := box{
		fill(len(s.matters), func(j int) bool {
			return everything || about(s.c.matters[s.matters[j]], r.Matters, r.Groups)
		}),
		fill(len(s.places), func(j int) bool {
			areas := *r
			areas.Areas = nil // dimensions of their own
			_, ok := s.c.evaluate(r.Unit, s.places[j])
			return ok && s.c.inPlace(&areas, s.places[j])
		}),
		fill(len(s.days), func(j int) bool { return x.onDay(s.days[j]) }),
		fill(len(s.minutes), func(j int) bool { return x.atMinute(s.minutes[j]) }),
		fill(noClass, func(j int) bool { return x.inClass(j) }),
		fill(len(Types()), func(j int) bool { return len(r.Types) == 0 || slices.Contains(r.Types, Types()[j].Type) }),
		fill(len(s.channels), func(j int) bool { return len(r.Channels) == 0 || slices.Contains(r.Channels, s.channels[j]) }),
	}
	for _, layer := range s.layers {
		codes := s.c.areas[layer]
		b = append(b, fill(len(codes)+1, func(j int) bool {
			mine := slices.ContainsFunc(r.Areas, func(a string) bool { return strings.HasPrefix(a, layer+"/") })
			return !mine || j < len(codes) && slices.Contains(r.Areas, layer+"/"+codes[j])
		}))
	}
	return b
}

func fill(n int, in func(int) bool) bits {
	b := make(bits, (n+63)/64)
	for i := range n {
		if in(i) {
			b.set(i)
		}
	}
	return b
}

// checkReach finds rules that can never match, and pairs that differ in nothing but
// dates that overlap.
func (b *builder) checkReach() {
	c := b.c
	if len(c.duties.Rules) == 0 {
		return
	}
	s := newSpace(c)
	var before []box
	var who []int
	for i, r := range c.duties.Rules {
		if r.Off {
			continue
		}
		mine := s.boxOf(i)
		if zh, en := b.unreachable(i, mine, before, who); zh != "" {
			b.fault("rules", i, r.ID, zh, en)
		}
		before, who = append(before, mine), append(who, i)
	}
}

// unreachable says why a rule can never match; "" when it can.
func (b *builder) unreachable(i int, mine box, before []box, who []int) (zh, en string) {
	r := b.c.duties.Rules[i]
	if mine[byDay].none() {
		return b.noDay(i)
	}
	if mine[byMatter].none() {
		return "它的事项都已停用，不会再有新诉求，请删去", "its matters are no longer in use: nothing new comes under it; remove it"
	}
	if mine.none() {
		return "这条规则的条件不可能同时成立（例如地点和单位对不上），永远不会用到，请改条件或删去", "its conditions can never hold together, such as a place with no such unit: change or remove it"
	}
	for j, o := range who {
		if earlier := b.c.duties.Rules[o]; sameButDates(r, earlier) && before[j].meets(mine) {
			from, until := overlap(b.c.rules[i].span, b.c.rules[o].span)
			return fmt.Sprintf("与规则 %s 条件相同，生效时间重叠（%s 至 %s）；请让前一条先失效，再让后一条生效", earlier.ID, showDay(from, "一直"), showDay(until, "一直")),
				fmt.Sprintf("same conditions as rule %s, and both are in force from %s to %s; end one before the other begins", earlier.ID, showDay(from, "ever"), showDay(until, "ever"))
		}
		if mine.within(before[j]) {
			id := b.c.duties.Rules[o].ID
			return "永远轮不到这条规则：它的情况全被前面的规则 " + id + " 先占了；请移到它前面、缩小前一条，或删去",
				"can never match: the earlier rule " + id + " takes everything it is about; move it up, narrow the other, or remove it"
		}
	}
	if mine.leftover(before) != nil {
		return "", ""
	}
	var ids []string
	for j, o := range who {
		if before[j].meets(mine) {
			ids = append(ids, b.c.duties.Rules[o].ID)
		}
	}
	return "永远轮不到这条规则：它的情况全被前面的规则 " + strings.Join(ids, "、") + " 合起来先占了；请移到前面、缩小前几条，或删去",
		"can never match: the earlier rules " + strings.Join(ids, ", ") + " together take everything it is about; move it up, narrow the others, or remove it"
}

// noDay says which dates exclude a rule.
func (b *builder) noDay(i int) (zh, en string) {
	r := b.c.duties.Rules[i]
	if r.Until != "" && b.c.since != "" && r.Until < b.c.since {
		return "已于 " + r.Until + " 失效，而这一版从 " + b.c.since + " 起执行；请从草稿里删去，旧版本里仍然保留",
			"ended on " + r.Until + ", before this version takes effect on " + b.c.since + ": remove it; the earlier version keeps it"
	}
	return "没有一天同时符合它的生效日期、季节和星期，这条规则永远不会生效", "no day lies in its dates, season and weekdays at once: the rule can never match"
}

// sameButDates reports whether two rules differ in nothing but dates of effect and
// what follows from them.
func sameButDates(a, b Rule) bool {
	if a.From+a.Until == "" || b.From+b.Until == "" || a.From == b.From && a.Until == b.Until {
		return false // what holds for a while may stand before what holds always; equal ones are shadowed, which says more
	}
	same := func(x, y []string) bool {
		x, y = slices.Sorted(slices.Values(x)), slices.Sorted(slices.Values(y))
		return slices.Equal(x, y)
	}
	return same(a.Matters, b.Matters) && same(a.Groups, b.Groups) && same(texts(a.Types), texts(b.Types)) && same(a.Channels, b.Channels) &&
		same(texts(a.Places), texts(b.Places)) && same(a.Under, b.Under) && same(a.Grids, b.Grids) && same(a.Areas, b.Areas) &&
		a.Season == b.Season && same(a.Weekdays, b.Weekdays) && a.Hours == b.Hours && a.When == b.When
}

func texts[T ~string](list []T) []string {
	out := make([]string, len(list))
	for i, x := range list {
		out[i] = string(x)
	}
	return out
}

func overlap(a, b span) (from, until int) { return max(a.from, b.from), min(a.until, b.until) }

func showDay(day int, open string) string {
	if day == 0 || day == forever {
		return open
	}
	return fmt.Sprintf("%04d-%02d-%02d", day/10000, day/100%100, day%100)
}
