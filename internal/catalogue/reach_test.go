package catalogue

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"weixiao/internal/directory"
	"weixiao/internal/worktime"
)

// drawRules draws rules over few values, so that they often cover one another.
func drawRules(t *rapid.T) []Rule {
	sub := func(name string, of ...string) []string {
		return rapid.SliceOfNDistinct(rapid.SampledFrom(of), 0, 2, rapid.ID[string]).Draw(t, name)
	}
	var rules []Rule
	for i := range rapid.IntRange(1, 6).Draw(t, "rules") {
		r := Rule{ID: string(rune('a' + i)), Matters: sub("matters", "001", "002"), Under: sub("under", "220605001", "220605102", "220605001001"),
			Unit: rapid.SampledFrom([]string{"water", AtStreet, AtCommunity}).Draw(t, "unit")}
		for _, k := range sub("places", "town", "village", "street") {
			r.Places = append(r.Places, directory.Kind(k))
		}
		for _, k := range sub("types", "help", "report", "consult") {
			r.Types = append(r.Types, Type(k))
		}
		r.Channels = sub("channels", "portal", "hotline")
		if rapid.Bool().Draw(t, "timed") {
			r.Weekdays = sub("weekdays", "mon", "sat", "sun")
			r.Season = rapid.SampledFrom([]string{"", "", "11-01..03-31", "03-01..11-30", "12-31..01-02"}).Draw(t, "season")
			r.Hours = rapid.SampledFrom([]string{"", "", "22:00-06:00", "06:00-22:00", "05:00-23:00"}).Draw(t, "hours")
			r.When = rapid.SampledFrom([]string{"", "", WhenOffice, WhenClosed, WhenWorkday, WhenDayOff}).Draw(t, "when")
			r.From = rapid.SampledFrom([]string{"", "", "2026-01-01", "2026-06-06"}).Draw(t, "from")
			r.Until = rapid.SampledFrom([]string{"", "", "2026-06-07", "2026-12-31"}).Draw(t, "until")
		}
		rules = append(rules, r)
	}
	return rules
}

// asked lists questions that can be put to rules of drawRules, with days of three
// years: not all there are, but each is a real one.
func asked(c *Catalogue, visit func(m *Matter, f *facts) bool) {
	var days []moment
	for t := time.Date(2025, 10, 1, 0, 0, 0, 0, time.UTC); t.Year() < 2028; t = t.AddDate(0, 0, 1) {
		if d := t.Day(); d < 9 || d > 29 {
			days = append(days, moment{day: t.Year()*10000 + int(t.Month())*100 + d, weekday: (int(t.Weekday()) + 6) % 7})
		}
	}
	for _, place := range []Ask{{}, {Street: "220605001"}, {Street: "220605102"}, {Community: "220605001001"}, {Community: "220605001200"}, {Community: "220605102200"}} {
		f := facts{place: c.placeOf(place), ask: &place}
		for _, m := range []string{"001", "002", "003"} {
			for _, f.typ = range []Type{Help, Report, Consult, Suggestion} {
				for _, f.channel = range []string{"portal", "hotline", "grid"} {
					for _, day := range days {
						for _, minute := range []int{0, 5*60 + 30, 12 * 60, 22*60 + 30, 23*60 + 30} {
							for class := range noClass {
								f.moment = moment{day.day, day.weekday, minute, class}
								if !visit(&c.matters[c.byKey[m]], &f) {
									return
								}
							}
						}
					}
				}
			}
		}
	}
}

// TestReach: what is left of a rule's box is a question that the rule really
// decides; a rule of which nothing is left decides none of very many.
func TestReach(t *testing.T) {
	whole := made(t)
	rapid.Check(t, func(t *rapid.T) {
		c := whole.Restore(2, Duties{Rules: drawRules(t)}, "")
		s := newSpace(c)
		var before []box
		shadowed := map[int]bool{}
		for i, r := range c.duties.Rules {
			mine := s.boxOf(i)
			var left box
			if !mine.none() {
				left = mine.leftover(before)
			}
			before = append(before, mine)
			if left == nil {
				shadowed[i] = true
				continue
			}
			day := s.days[left[byDay].lowest()]
			f := facts{place: s.places[left[byPlace].lowest()], typ: Types()[left[byType].lowest()].Type, channel: s.channels[left[byChannel].lowest()], ask: &Ask{},
				moment: moment{day.day, day.weekday, s.minutes[left[byMinute].lowest()], left[byClass].lowest()}}
			if got, _ := c.match(&c.matters[s.matters[left[byMatter].lowest()]], &f); got != i {
				t.Fatalf("rule %s is said to decide %+v, but rule %d does", r.ID, f.moment, got)
			}
		}
		if len(shadowed) == 0 {
			return
		}
		asked(c, func(m *Matter, f *facts) bool {
			got, _ := c.match(m, f)
			if shadowed[got] {
				t.Fatalf("rule %s is said to be shadowed, but decides %s %+v", c.duties.Rules[got].ID, m.Key, f.moment)
			}
			return true
		})
	})
}

func TestRulesRefused(t *testing.T) {
	whole := made(t)
	whole.areas = map[string][]string{"snow": {"1"}, "bins": {"1"}}
	base := Rule{ID: "x", Matters: []string{"001"}, Unit: "bureau"}
	with := func(edit func(*Rule)) Rule { r := base; edit(&r); return r }
	for name, tt := range map[string]struct {
		rules  []Rule
		zh, en string
	}{
		"unknown unit":      {[]Rule{with(func(r *Rule) { r.Unit = "nobody" })}, "nobody", "unit nobody does not exist"},
		"unknown helper":    {[]Rule{with(func(r *Rule) { r.Assist = []string{"nobody"} })}, "nobody", "unit nobody does not exist"},
		"unknown profile":   {[]Rule{with(func(r *Rule) { r.Limit = "L9" })}, "L9", "limit profile L9 does not exist"},
		"unknown matter":    {[]Rule{with(func(r *Rule) { r.Matters = []string{"999"} })}, "999", "matter 999 does not exist"},
		"unknown group":     {[]Rule{with(func(r *Rule) { r.Groups = []string{"none"} })}, "none", "group none does not exist"},
		"unknown place":     {[]Rule{with(func(r *Rule) { r.Under = []string{"220605999"} })}, "220605999", "unit 220605999 does not exist"},
		"unknown grid":      {[]Rule{with(func(r *Rule) { r.Grids = []string{"220605001001999"} })}, "220605001001999", "grid 220605001001999"},
		"unknown area":      {[]Rule{with(func(r *Rule) { r.Areas = []string{"snow/7"} })}, "snow/7", "area snow/7 does not exist"},
		"two layers":        {[]Rule{with(func(r *Rule) { r.Areas = []string{"snow/1", "bins/1"} })}, "同一图层", "of one layer"},
		"unknown set":       {[]Rule{with(func(r *Rule) { r.Ask = []string{"none"} })}, "none", "set of questions none"},
		"dates turned":      {[]Rule{with(func(r *Rule) { r.From, r.Until = "2026-02-01", "2026-01-01" })}, "早于", "lies before"},
		"no such date":      {[]Rule{with(func(r *Rule) { r.From = "2026-02-30" })}, "2026-02-30", "2026-02-30"},
		"no such season":    {[]Rule{with(func(r *Rule) { r.Season = "winter" })}, "winter", "winter"},
		"no such weekday":   {[]Rule{with(func(r *Rule) { r.Weekdays = []string{"funday"} })}, "funday", "funday"},
		"no such hours":     {[]Rule{with(func(r *Rule) { r.Hours = "8-17" })}, "8-17", "8-17"},
		"empty hours":       {[]Rule{with(func(r *Rule) { r.Hours = "08:00-08:00" })}, "08:00-08:00", "two different ends"},
		"dates and season":  {[]Rule{with(func(r *Rule) { r.From, r.Until, r.Season = "2026-06-01", "2026-06-30", "11-01..03-31" })}, "没有一天", "no day lies in"},
		"dates and weekday": {[]Rule{with(func(r *Rule) { r.From, r.Until, r.Weekdays = "2026-11-23", "2026-11-24", []string{"sun"} })}, "没有一天", "no day lies in"},
		"place without unit": {[]Rule{with(func(r *Rule) {
			r.Unit, r.Under, r.Places = AtCommunity, []string{"220605102"}, []directory.Kind{directory.Community}
		})},
			"不可能同时成立", "never hold together"},
		"shadowed by one": {[]Rule{{ID: "w", Matters: []string{"001", "002"}, Unit: "water"}, base}, "前面的规则 w ", "earlier rule w "},
		"shadowed by two": {[]Rule{with(func(r *Rule) { r.ID, r.Hours = "day", "06:00-22:00" }), with(func(r *Rule) { r.ID, r.Hours = "night", "22:00-06:00" }), base},
			"day、night", "rules day, night together"},
		"same id": {[]Rule{base, with(func(r *Rule) { r.Matters = []string{"002"} })}, "重复", "used twice"},
		"overlapping dates": {[]Rule{with(func(r *Rule) { r.ID, r.From, r.Until = "old", "2026-01-01", "2026-06-30" }), with(func(r *Rule) { r.From = "2026-06-01" })},
			"重叠（2026-06-01 至 2026-06-30）", "both are in force from 2026-06-01 to 2026-06-30"},
		"public": {[]Rule{with(func(r *Rule) { r.Public = "maybe" })}, "maybe", "maybe"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := whole.With(2, Duties{Rules: tt.rules}, "")
			var zh, en []string
			if faults, ok := err.(directory.Faults); ok {
				for _, f := range faults {
					zh, en = append(zh, f.ZH), append(en, f.EN)
				}
			}
			if !strings.Contains(strings.Join(zh, "\n"), tt.zh) || !strings.Contains(strings.Join(en, "\n"), tt.en) {
				t.Errorf("got %q / %q", zh, en)
			}
		})
	}
	ended := with(func(r *Rule) { r.Until = "2026-01-01" })
	if _, err := whole.With(2, Duties{Rules: []Rule{ended}}, "2026-07-01"); err == nil || !strings.Contains(err.Error(), "ended on 2026-01-01") {
		t.Errorf("a rule that ended before its version: %v", err)
	}
	// What holds for a while may stand before what holds always.
	if _, err := whole.With(2, Duties{Rules: []Rule{with(func(r *Rule) { r.ID, r.From, r.Until = "while", "2026-01-01", "2026-06-30" }), base}}, ""); err != nil {
		t.Error(err)
	}
}

func TestWhen(t *testing.T) {
	cal, err := worktime.New(worktime.ChinaSpec())
	if err != nil {
		t.Fatal(err)
	}
	whole := made(t)
	for name, tt := range map[string]struct {
		rule     Rule
		yes, not string
	}{
		"night":          {Rule{Hours: "22:00-06:00"}, "2026-11-23T23:00", "2026-11-23T06:00"},
		"night, morning": {Rule{Hours: "22:00-06:00"}, "2026-11-24T05:59", "2026-11-23T21:59"},
		"heating season": {Rule{Season: "10-20..04-15"}, "2026-10-20T00:00", "2026-04-16T00:00"},
		"last day":       {Rule{Until: "2026-11-23"}, "2026-11-23T23:59", "2026-11-24T00:00"},
		"weekend":        {Rule{Weekdays: []string{"sat", "sun"}}, "2026-11-22T12:00", "2026-11-23T12:00"},
		"office hours":   {Rule{When: WhenOffice}, "2026-11-23T09:00", "2026-11-23T20:00"},
		"closed":         {Rule{When: WhenClosed}, "2026-11-22T09:00", "2026-11-23T09:00"},
		"make-up day":    {Rule{When: WhenWorkday}, "2026-02-14T09:00", "2026-02-15T09:00"},
		"day off":        {Rule{When: WhenDayOff}, "2026-10-01T09:00", "2026-10-10T09:00"},
	} {
		t.Run(name, func(t *testing.T) {
			r := tt.rule
			r.ID, r.Matters, r.Unit = "x", []string{"001"}, "bureau"
			c, err := whole.With(2, Duties{Rules: []Rule{r}}, "")
			if err != nil {
				t.Fatal(err)
			}
			for _, x := range []struct{ at, rule string }{{tt.yes, "x"}, {tt.not, "matter"}, {"", "matter"}} {
				q := Ask{Matter: "001", Street: "220605001", Calendar: cal}
				if x.at != "" {
					if q.At, err = time.ParseInLocation("2006-01-02T15:04", x.at, worktime.Zone); err != nil {
						t.Fatal(err)
					}
				}
				if d := c.Decide(q); d.Rule != x.rule || d.Version != 2 {
					t.Errorf("%s: %+v", x.at, d)
				}
			}
		})
	}
}

// TestResult: a rule's own limit, publicity and basis stand over the matter's; its
// questions come besides, and it explains itself.
func TestResult(t *testing.T) {
	whole := made(t)
	d := Duties{
		Rules: []Rule{{ID: "x", Matters: []string{"001"}, Areas: []string{"snow/2"}, Unit: "bureau", Limit: NoLimit, Public: "no", Law: "某条例", Ask: []string{"more"}}},
		Questions: []QuestionSet{
			{ID: "lamps", Matters: []string{"001"}, Fields: []Question{{Name: "pole", Type: "line", ZH: "灯杆号", EN: "Pole number"}}},
			{ID: "more", Fields: []Question{{Name: "pole", Type: "line", ZH: "再问一次", EN: "Again"}, {Name: "dark", Type: "bool", ZH: "全黑吗", EN: "All dark?"}}},
		},
	}
	whole.areas = map[string][]string{"snow": {"1", "2"}}
	c, err := whole.With(3, d, "")
	if err != nil {
		t.Fatal(err)
	}
	got := c.Decide(Ask{Matter: "001", Areas: []string{"snow/2"}})
	if got.Unit != "bureau" || got.Limit != "" || got.Public || got.Law != "某条例" || got.Ref() != "x@3" {
		t.Errorf("%+v", got)
	}
	if rule, v := ParseRef(got.Ref()); rule != "x" || v != 3 {
		t.Error(rule, v)
	}
	if rule, v := ParseRef("old-one"); rule != "old-one" || v != 1 {
		t.Error(rule, v)
	}
	var names []string
	for _, q := range c.Questions("001", "x") {
		names = append(names, q.Name+q.ZH)
	}
	if !slices.Equal(names, []string{"pole灯杆号", "dark全黑吗"}) || len(c.Questions("001", "")) != 1 || len(c.Questions("002", "")) != 0 {
		t.Error(names)
	}
	var what []string
	for _, g := range c.Explain("x", Ask{Matter: "001", Areas: []string{"snow/2"}}) {
		if g.ZH == "" || g.EN == "" {
			t.Errorf("%+v", g)
		}
		what = append(what, g.What)
	}
	if !slices.Equal(what, []string{"rule", "matter", "place", "law"}) {
		t.Error(what)
	}
	if len(c.Explain("gone", Ask{})) != 0 || len(c.Explain("duty", Ask{})) == 0 {
		t.Error("explained what is not, or not what is")
	}
}

func TestQuestionsRefused(t *testing.T) {
	whole := made(t)
	for name, tt := range map[string]struct {
		q  Question
		en string
	}{
		"code":     {Question{Name: "Pole", Type: "line", ZH: "号", EN: "No"}, "lower-case"},
		"type":     {Question{Name: "a", Type: "phone", ZH: "号", EN: "No"}, "must be line"},
		"words":    {Question{Name: "a", Type: "line", ZH: "号"}, "Chinese and English"},
		"options":  {Question{Name: "a", Type: "choice", ZH: "号", EN: "No"}, "two options"},
		"personal": {Question{Name: "a", Type: "line", ZH: "您的电话", EN: "No"}, "personal data"},
		"depends":  {Question{Name: "a", Type: "line", ZH: "号", EN: "No", When: "b", Values: []string{"x"}}, "no earlier question"},
		"taken":    {Question{Name: "media_url", Type: "line", ZH: "号", EN: "No"}, "code"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := whole.With(2, Duties{Questions: []QuestionSet{{ID: "s", Matters: []string{"001"}, Fields: []Question{tt.q}}}}, "")
			if err == nil || !strings.Contains(err.Error(), tt.en) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestCompare(t *testing.T) {
	r := func(id, unit string) Rule { return Rule{ID: id, Unit: unit} }
	a := Duties{Rules: []Rule{r("a", "x"), r("b", "x"), r("c", "x"), r("d", "x")}}
	b := Duties{Rules: []Rule{r("d", "x"), r("a", "x"), r("b", "y"), r("e", "x")}, Questions: []QuestionSet{{ID: "q"}}}
	var got []string
	for _, d := range a.Compare(b) {
		got = append(got, d.How+" "+d.ID+strings.Join(d.Fields, ","))
	}
	if want := []string{"moved d", "changed bunit", "added e", "removed c", "added q"}; !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}
