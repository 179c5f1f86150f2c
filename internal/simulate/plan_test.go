package simulate

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"weixiao/internal/access"
	"weixiao/internal/cases"
	"weixiao/internal/flow"
	"weixiao/internal/pack"
	"weixiao/internal/text"
	"weixiao/internal/worktime"
)

var loaded = sync.OnceValues(func() (*pack.Pack, error) { return pack.Load(pack.Jiangyuan()) })

// planned is a year as it would be done, without a database.
func planned(t testing.TB, seed uint64, scale float64) (*year, []*event) {
	t.Helper()
	p, err := loaded()
	if err != nil {
		t.Fatal(err)
	}
	w := World{Pack: p, Cases: cases.New(nil, cases.FromPack(p), nil, nil, nil)}
	s := &staff{by: map[string]map[string][]access.Scope{}}
	for _, post := range postsNeeded(w) {
		s.add(p.Directory, p.District, access.Account{ID: post.ID, Unit: post.Unit, Roles: []string{string(post.Role)}})
	}
	y, err := newYear(w, Options{Seed: seed, Scale: scale}, s)
	if err != nil {
		t.Fatal(err)
	}
	var all []*event
	for w := range y.windows {
		all = append(all, w...)
	}
	return y, all
}

// tally counts events by action, reports by whatever is asked.
type tally map[string]int

func count(events []*event, key func(*event) string) tally {
	n := tally{}
	for _, e := range events {
		if k := key(e); k != "" {
			n[k]++
		}
	}
	return n
}

func (n tally) sum() (all int) {
	for _, v := range n {
		all += v
	}
	return all
}

func (n tally) share(keys ...string) float64 {
	some := 0
	for _, k := range keys {
		some += n[k]
	}
	return float64(some) / float64(n.sum())
}

func ofReport(key func(*cases.Report) string) func(*event) string {
	return func(e *event) string {
		if e.report == nil {
			return ""
		}
		return key(e.report)
	}
}

func within(t *testing.T, what string, got, from, to float64) {
	t.Helper()
	if got < from || got > to {
		t.Errorf("%s: %.3f, not between %.3f and %.3f", what, got, from, to)
	}
}

// TestShapeOfTheYear compares a whole year with the figures of DOMAIN 9.
func TestShapeOfTheYear(t *testing.T) {
	y, all := planned(t, 1, 1)
	if !slices.IsSortedFunc(all, func(a, b *event) int { return a.at.Compare(b.at) }) {
		t.Fatal("events are not in order of time")
	}
	if last := all[len(all)-1].at; last.After(Present) {
		t.Errorf("something happens after the present: %v", last)
	}
	acts := count(all, func(e *event) string {
		if e.w != nil {
			return ""
		}
		return e.action
	})
	n := float64(acts["report"])
	within(t, "cases", n, 11500, 12600)

	channels := count(all, ofReport(func(r *cases.Report) string { return r.Channel }))
	within(t, "telephone", channels.share(hotline), 0.82, 0.89)
	within(t, "portal", channels.share(portal), 0.09, 0.14)
	within(t, "grid", channels.share(grid), 0.01, 0.05)

	kinds := count(all, ofReport(func(r *cases.Report) string { return r.Kind }))
	for kind, b := range map[string][2]float64{"consult": {0.35, 0.60}, "help": {0.1, 0.29}, "complaint": {0.1, 0.51}, "suggestion": {0.01, 0.15}, "report": {0.001, 0.01}} {
		within(t, kind, kinds.share(kind), b[0], b[1])
	}

	within(t, "answered at once", float64(acts["answer"])/n, 0.35, 0.60)
	within(t, "dispatched", float64(acts["sign"])/n, 0.25, 0.45)
	within(t, "repeats", float64(acts["merge"])/n, 0.10, 0.20)
	dispatched := float64(acts["sign"])
	within(t, "hand-backs", float64(acts["hand_back"])/dispatched, 0.03, 0.08)
	within(t, "extensions", float64(acts["request_extension"])/dispatched, 0.03, 0.05)
	within(t, "suspensions", float64(acts["request_suspension"])/dispatched, 0.002, 0.02)
	within(t, "whistles", float64(count(all, func(e *event) string {
		if e.w != nil && e.action == "draft" {
			return "draft"
		}
		return ""
	})["draft"]), 120, 200)
	for _, a := range []string{"withdraw", "terminate", "redo", "return_reply", "designate", "refuse_objection", "classify", "supplement", "urge", "assign", "supervise", "release_supervision"} {
		if acts[a] == 0 {
			t.Errorf("nobody ever does %s", a)
		}
	}
	grounds := count(all, func(e *event) string {
		if e.action != "screen_out" {
			return ""
		}
		return e.raw.Get("ground")
	})
	if len(grounds) != 6 {
		t.Errorf("six ways out, got %v", grounds)
	}
	shapeInTime(t, all)
	shapeOfOpinions(t, y, all)
}

func shapeInTime(t *testing.T, all []*event) {
	months := count(all, ofReport(func(r *cases.Report) string { return r.At.Format("01") }))
	if len(months) != 12 {
		t.Errorf("months: %v", months)
	}
	days := count(all, ofReport(func(r *cases.Report) string { return r.At.Format("01-02") }))
	usual := float64(days.sum()) / 364
	within(t, "first day of heating, times the usual day", float64(days["10-20"])/usual, 7, 12)
	for d, k := range days {
		if k > days["10-20"] {
			t.Errorf("%s is busier than the first day of heating", d)
		}
	}
	onPeak := count(all, ofReport(func(r *cases.Report) string {
		if r.At.Format("01-02") != "10-20" {
			return ""
		}
		if slices.Contains([]string{"030", "031", "032", "033"}, r.Matter) {
			return "heating"
		}
		return "other"
	}))
	within(t, "heating on that day", onPeak.share("heating"), 0.75, 0.97)

	hours := count(all, ofReport(func(r *cases.Report) string { return r.At.Format("15") }))
	for h, k := range hours {
		if h != "10" && k > hours["10"] {
			t.Errorf("busier at %s than from 10 to 11", h)
		}
	}
	if hours["14"] < hours["12"] || hours["14"] < hours["16"] {
		t.Errorf("no second peak from 14 to 15: %v", hours)
	}
	week := count(all, ofReport(func(r *cases.Report) string { return r.At.Weekday().String() }))
	if week["Sunday"] > week["Monday"]*3/4 {
		t.Errorf("weekdays: %v", week)
	}
	summer := func(r *cases.Report) string {
		if r.Matter != "087" && r.Matter != "017" {
			return ""
		}
		return r.At.Format("01")
	}
	if m := count(all, ofReport(summer)); m["07"]+m["08"] < 4*(m["01"]+m["12"]) {
		t.Errorf("noise and rubbish are no summer matters: %v", m)
	}
	snow := count(all, ofReport(func(r *cases.Report) string {
		if r.Matter != "026" {
			return ""
		}
		return r.At.Format("01")
	}))
	if snow["06"]+snow["07"]+snow["08"] > 0 || snow["01"]+snow["12"] == 0 {
		t.Errorf("snow: %v", snow)
	}
}

func shapeOfOpinions(t *testing.T, y *year, all []*event) {
	reached, gone := map[int]bool{}, map[int]bool{}
	type opinion struct{ good, all int }
	by := map[string]*opinion{}
	for _, e := range all {
		if e.action != "call_back" && e.action != "rate" {
			continue
		}
		satisfied := e.raw.Get("satisfied")
		if e.action == "call_back" {
			if satisfied == "" {
				gone[e.l.id] = true
			} else {
				reached[e.l.id] = true
			}
		}
		if satisfied != "" && (e.l.ends.Equal(e.at)) {
			if by[e.l.lead] == nil {
				by[e.l.lead] = &opinion{}
			}
			by[e.l.lead].all++
			if satisfied == "very_satisfied" || satisfied == "satisfied" || satisfied == "fair" {
				by[e.l.lead].good++
			}
		}
	}
	never := 0
	for id := range gone {
		if !reached[id] {
			never++
		}
	}
	within(t, "reached by call-back", float64(len(reached))/float64(len(reached)+never), 0.60, 0.80)
	best, worst := 0.0, 1.0
	for unit, o := range by {
		if o.all >= 60 {
			s := float64(o.good) / float64(o.all)
			within(t, "satisfied with "+unit, s, 0.73, 1)
			best, worst = max(best, s), min(worst, s)
		}
	}
	if best-worst < 0.08 {
		t.Errorf("all units are alike: best %.3f, worst %.3f", best, worst)
	}
}

// TestWordsAreWhole: what is said has no open slots, passes the doors, and fits
// the form of its action.
func TestWordsAreWhole(t *testing.T) {
	_, all := planned(t, 7, 0.5)
	said := map[string]bool{}
	for _, e := range all {
		if r := e.report; r != nil {
			body, err := text.Clean(r.Body, cases.MaxBody)
			if err != nil || strings.ContainsAny(body, "{}%") || r.Place.Text == "" {
				t.Errorf("%s: %q at %q: %v", r.Matter, r.Body, r.Place.Text, err)
			}
			said[r.Body] = true
			if p := r.Person.Phone; p != "" && !strings.HasPrefix(p, "1990000") && !strings.HasPrefix(p, "1980000") {
				t.Errorf("a telephone number that could be somebody's")
			}
			if r.Source != Source || r.Ref == "" {
				t.Errorf("not marked as made up: %q %q", r.Source, r.Ref)
			}
			continue
		}
		table := cases.Table
		if e.w != nil {
			table = cases.WhistleTable
		}
		a, err := table.Action(e.action)
		if err != nil {
			t.Fatal(err)
		}
		if e.into != nil {
			e.raw["into"] = []string{"JY20220101-00000"}
		}
		if _, err := a.Form.Check(e.raw); err != nil {
			t.Errorf("%s of %s: %v %v", e.action, routeOf(e), err, e.raw)
		}
		for _, v := range e.raw {
			if strings.ContainsAny(v[0], "{}") {
				t.Errorf("open slot: %q", v[0])
			}
		}
	}
	if len(said) < 2500 {
		t.Errorf("only %d different reports", len(said))
	}
}

func TestLibrary(t *testing.T) {
	l, err := readLibrary()
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, topic := range l.topics {
		n += len(topic.templates)
	}
	if n < 150 {
		t.Errorf("%d templates of requests", n)
	}
	if _, err := parse("{estate}{nothing}"); err == nil {
		t.Error("an unknown slot was taken")
	}
	r := rand.New(rand.NewPCG(1, 1))
	for _, village := range []bool{false, true} {
		for head, lines := range l.words {
			if tmpl, ok := fitting(r, lines, village); ok && !tmpl.fits(village) {
				t.Errorf("%s: does not fit village=%v", head, village)
			}
		}
	}
}

// TestEverythingOpen: on the last day there is something in every state and with
// every mark, and something for everybody who handles cases.
func TestEverythingOpen(t *testing.T) {
	y, all := planned(t, 1, 1)
	last := map[*life]*event{}
	for _, e := range all {
		if e.l != nil && e.w == nil {
			last[e.l] = e
		}
	}
	ends, holders := tally{}, map[string]bool{}
	for l, e := range last {
		if l.ends.IsZero() {
			ends[e.action]++
			if e.action != "report" {
				holders[l.lead] = true
			}
			if e.action == "assign" || slices.ContainsFunc(l.events, func(e *event) bool { return e.action == "assign" }) {
				holders[l.site.unit.ID] = true
			}
		}
	}
	for _, a := range []string{"report", "dispatch", "hand_back", "accept_objection", "sign", "contact", "request_extension", "grant_extension",
		"request_suspension", "grant_suspension", "reply", "call_back", "return_reply", "supervise"} {
		if ends[a] == 0 {
			t.Errorf("no case waits after %s", a)
		}
	}
	led := map[string]bool{} // a few are only ever called by whistles
	for _, s := range y.sites {
		for i := range y.lib.topics {
			led[y.unitFor(&y.lib.topics[i], s)] = true
		}
		led[s.unit.ID] = true
	}
	for unit := range y.staff.by {
		if y.staff.hands(unit) && led[unit] && !holders[unit] {
			t.Errorf("%s has nothing to do", unit)
		}
	}
	whistles := map[*whistle]string{}
	for _, e := range all {
		if e.w != nil {
			whistles[e.w] = e.action
		}
	}
	open := tally{}
	for _, a := range whistles {
		open[a]++
	}
	for _, a := range []string{"draft", "approve", "acknowledge", "plan", "task_done"} {
		if open[a] == 0 {
			t.Errorf("no whistle waits after %s", a)
		}
	}
}

func TestSameSeedSameYear(t *testing.T) {
	sum := func(seed uint64) string {
		_, all := planned(t, seed, 0.2)
		var b strings.Builder
		for _, e := range all {
			fmt.Fprintf(&b, "%d %s %s\n", e.at.UnixMicro(), e.action, e.raw.Get("note"))
			if e.report != nil {
				fmt.Fprintln(&b, e.report.Body, e.report.Place)
			}
		}
		return b.String()
	}
	if sum(3) != sum(3) {
		t.Error("the same seed gave another year")
	}
	if sum(3) == sum(4) {
		t.Error("another seed gave the same year")
	}
}

func TestOfficeTime(t *testing.T) {
	p, err := loaded()
	if err != nil {
		t.Fatal(err)
	}
	cal := p.Calendar("")
	o := newOffice(cal, Begin.AddDate(0, 0, -10), Begin.AddDate(1, 6, 0))
	rapid.Check(t, func(r *rapid.T) {
		at := Begin.Add(time.Duration(rapid.Int64Range(0, 364*86400).Draw(r, "at")) * time.Second)
		d := time.Duration(rapid.Int64Range(1, 100*3600).Draw(r, "d")) * time.Second
		if got := cal.Between(at, o.add(at, d), worktime.WorkHour); got != d {
			r.Fatalf("%v + %v = %v, office time between them %v", at, d, o.add(at, d), got)
		}
		if back := o.add(o.add(at, d), -d); cal.Between(back, at, worktime.WorkHour) != 0 && cal.Between(at, back, worktime.WorkHour) != 0 {
			r.Fatalf("%v there and back is %v", at, back)
		}
		if o.open(at) != (cal.Next(at, worktime.WorkHour).Equal(at)) {
			r.Fatalf("%v open: %v", at, o.open(at))
		}
	})
}

// TestActorsMay: everybody who is drawn for an action holds a role that the
// table grants it to.
func TestActorsMay(t *testing.T) {
	_, all := planned(t, 5, 0.3)
	for _, e := range all {
		if e.resident || e.report != nil {
			continue
		}
		table := cases.Table
		if e.w != nil {
			table = cases.WhistleTable
		}
		a, err := table.Action(e.action)
		if err != nil {
			t.Fatal(err)
		}
		who := flow.Actor{Roles: e.who.Roles()}
		for _, g := range a.Who {
			who.Relations = append(who.Relations, g.Relation)
		}
		if !a.Grants(who) {
			t.Fatalf("%s by %v", e.action, who.Roles)
		}
	}
}
