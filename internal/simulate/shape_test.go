package simulate

import (
	"slices"
	"testing"

	"weixiao/internal/cases"
)

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
		if e.w != nil || (e.o != nil && !e.makes) {
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
	for _, a := range []string{"withdraw", "terminate", "redo", "return_reply", "designate", "refuse_objection", "classify", "supplement", "urge", "assign", "supervise", "release_supervision", "instruct", "list"} {
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
