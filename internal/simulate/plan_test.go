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
		all = append(all, w.events...)
	}
	return y, all
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
		if e.o != nil && !e.makes {
			table = cases.OrderTable
		}
		if e.lookers != nil {
			table = cases.CheckTable
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
		if e.l != nil && e.w == nil && (e.o == nil || e.makes) {
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
		if e.o != nil && !e.makes {
			table = cases.OrderTable
		}
		if e.lookers != nil {
			table = cases.CheckTable
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
