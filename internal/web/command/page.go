package command

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"weixiao/internal/assess"
	"weixiao/internal/cases"
	"weixiao/internal/journal"
	"weixiao/internal/web/ui"
	"weixiao/internal/words"
)

// wallView is one look at the wall.
type wallView struct {
	*snapshot
	c     *Command
	p     ui.Page
	layer string
	town  string
}

func (v *wallView) head() ui.WallHead {
	return ui.WallHead{Title: v.p.T("command.head", v.name()), Live: v.p.T("command.live", words.Clock(v.Now))}
}

// kpi are the key figures: load first, then the three rates of the month.
func (v *wallView) kpi() []ui.Figure {
	p := v.p
	before := 0
	hour := v.Now.In(zone).Hour()
	for h := range hour + 1 {
		before += v.WeekAgo[h]
	}
	out := []ui.Figure{
		{Label: p.T("command.today"), Value: strconv.Itoa(v.Today), Note: p.T("command.weekago"), Trend: change(float64(v.Today), float64(before)), Href: "/desk/search?view=today"},
		{Label: p.T("command.open"), Value: strconv.Itoa(v.Open), Href: "/desk?view=open"},
		{Label: p.T("command.to_sign"), Value: strconv.Itoa(v.ToSign), Href: "/desk?view=sign"},
		{Label: p.T("command.soon"), Value: strconv.Itoa(v.Soon), Note: p.T("command.within_hour"), Tone: tone(v.Soon, "wa"), Href: "/desk?view=soon"},
		{Label: p.T("command.overdue"), Value: strconv.Itoa(v.Overdue), Tone: tone(v.Overdue, "ng"), Href: "/desk?view=overdue"},
	}
	for _, name := range []string{"response", "resolution", "satisfaction"} {
		f := ui.Figure{Label: p.T("command.rate." + name), Value: "—", Href: "/desk/scores?month=" + v.month.Month}
		if x, ok := v.month.Total.Result(name); ok {
			f.Value, f.Unit = strconv.FormatFloat(100*x, 'f', 1, 64), "%"
			f.Note = p.T("command.of_cases", int(v.month.Total.Counts["scored"]))
			if b, ok := v.before.Total.Result(name); ok {
				f.Trend = points(100 * (x - b))
			}
		}
		out = append(out, f)
	}
	return out
}

func tone(n int, bad string) string {
	if n > 0 {
		return bad
	}
	return ""
}

// change is a difference in percent; more cases are neither good nor bad.
func change(now, before float64) ui.Trend {
	if before == 0 {
		return ui.Trend{}
	}
	d := 100 * (now - before) / before
	return ui.Trend{Up: d >= 0.5, Down: d <= -0.5, Text: strconv.FormatFloat(abs(d), 'f', 0, 64) + "%"}
}

func points(d float64) ui.Trend {
	t := ui.Trend{Up: d >= 0.05, Down: d <= -0.05, Text: strconv.FormatFloat(abs(d), 'f', 1, 64)}
	switch {
	case t.Up:
		t.Tone = "good"
	case t.Down:
		t.Tone = "bad"
	default:
		t.Text = ""
	}
	return t
}

func abs(x float64) float64 { return max(x, -x) }

// trend is the intake by hour, today against the same weekday last week.
func (v *wallView) trend() ui.LineChart {
	now := v.Now.In(zone).Hour()
	var steps []string
	var today, before []float64
	top, at := 0, 0
	for h := range 24 {
		steps = append(steps, v.p.T("command.hour", h))
		before = append(before, float64(v.WeekAgo[h]))
		if h <= now {
			today = append(today, float64(v.Hours[h]))
			if v.Hours[h] > top {
				top, at = v.Hours[h], h
			}
		}
	}
	return ui.LineChart{Label: v.p.T("command.trend.label", at, top), Steps: steps, Flag: v.p.T("command.count", v.Hours[now]), Hidden: true,
		Series: []ui.Series{{Name: v.p.T("command.today"), Values: today}, {Name: v.p.T("command.weekago"), Values: before}}}
}

// groups are today's requests by group of matters, largest first.
func (v *wallView) groups() []ui.BarRow {
	now, before := map[string]int{}, map[string]int{}
	add := func(to map[string]int, from map[string]int) {
		for key, n := range from {
			g := ""
			if m, ok := v.c.s.Pack.Catalogue.Matter(key); ok {
				g = m.Group
			}
			to[g] += n
		}
	}
	add(now, v.Matters)
	add(before, v.WeekAgoBy)
	ids := slices.SortedFunc(maps.Keys(now), func(a, b string) int { return cmp.Or(cmp.Compare(now[b], now[a]), cmp.Compare(a, b)) })
	var out []ui.BarRow
	rest, restBefore := 0, 0
	for i, id := range ids {
		if i >= 7 && len(ids) > 8 {
			rest, restBefore = rest+now[id], restBefore+before[id]
			continue
		}
		out = append(out, v.bar(v.groupName(id), now[id], before[id]))
	}
	if rest > 0 {
		out = append(out, v.bar(v.p.T("command.other"), rest, restBefore))
	}
	return out
}

func (v *wallView) bar(label string, now, before int) ui.BarRow {
	d := now - before
	return ui.BarRow{Label: label, Value: float64(now), Text: strconv.Itoa(now), Trend: ui.Trend{Up: d > 0, Down: d < 0, Text: strconv.Itoa(max(d, -d))}}
}

func (v *wallView) groupName(id string) string {
	for _, g := range v.c.s.Pack.Catalogue.Groups() {
		if g.ID == id {
			if v.p.Lang == words.EN {
				return g.English
			}
			return g.Name
		}
	}
	return v.p.T("command.other")
}

func (v *wallView) sources() []ui.Part {
	var out []ui.Part
	for _, ch := range slices.SortedFunc(maps.Keys(v.Channels), func(a, b string) int { return cmp.Or(cmp.Compare(v.Channels[b], v.Channels[a]), cmp.Compare(a, b)) }) {
		n := v.Channels[ch]
		label := ch
		if words.Has("channel." + ch) {
			label = v.p.T("channel." + ch)
		}
		out = append(out, ui.Part{Label: label, Value: n, Text: strconv.Itoa(n)})
	}
	return out
}

// area is a street's value on the chosen layer.
func (v *wallView) value(l cases.Load) int {
	switch v.layer {
	case "overdue":
		return l.Overdue
	case "today":
		return l.Today
	}
	return l.Open
}

func (v *wallView) areas() ui.AreaMap {
	m := ui.AreaMap{W: v.c.w, H: v.c.h, Em: 20, Name: v.p.T("command.layer." + v.layer), Hidden: true}
	best, name := -1, ""
	for _, t := range v.c.towns {
		n := v.value(v.Streets[t.unit])
		a := ui.Area{Name: v.c.s.UnitName(v.p.Lang, t.unit), Path: t.path, X: t.x, Y: t.y, Value: float64(n), Text: strconv.Itoa(n),
			Href: "/command?layer=" + v.layer + "&town=" + t.unit, Hot: t.unit == v.town}
		if i := strings.LastIndexByte(a.Name, ' '); v.p.Lang == words.EN && i > 0 {
			a.Short = a.Name[:i] // without Street or Town
		}
		if n > best {
			best, name = n, a.Name
		}
		m.Areas = append(m.Areas, a)
	}
	m.Label = v.p.T("command.map.label", m.Name, name, best)
	return m
}

func (v *wallView) top() string {
	top := 0
	for _, t := range v.c.towns {
		top = max(top, v.value(v.Streets[t.unit]))
	}
	return strconv.Itoa(top)
}

func (v *wallView) layerNav() []ui.Nav {
	var out []ui.Nav
	for _, l := range layers {
		out = append(out, ui.Nav{Label: v.p.T("command.layer." + l), Href: "/command?layer=" + l, On: l == v.layer})
	}
	return out
}

func (v *wallView) facts() []ui.Fact {
	l := v.Streets[v.town]
	return []ui.Fact{
		{Label: v.p.T("command.open"), Value: strconv.Itoa(l.Open)},
		{Label: v.p.T("command.today"), Value: strconv.Itoa(l.Today)},
		{Label: v.p.T("command.soon_overdue"), Value: fmt.Sprintf("%d / %d", l.Soon, l.Overdue), Bad: l.Overdue > 0},
	}
}

// alerts are what needs a decision: the longest overdue cases.
func (v *wallView) alerts() []ui.Alert {
	var out []ui.Alert
	for _, k := range v.Worst {
		_, text, _ := words.Deadline(v.p.Lang, v.Now, timeOf(cases.NextDue(k.Clocks)), timeOf(k.Created), false, nil)
		unit := v.c.s.UnitName(v.p.Lang, k.Unit)
		if k.Unit == "" {
			unit = v.p.T("command.not_dispatched")
		}
		out = append(out, ui.Alert{Icon: "alarm", Tone: "ng", Title: k.Title, Text: unit + " · " + text, Href: "/desk/cases/" + k.Number})
	}
	return out
}

// ranks are streets and towns, each kind ranked by itself in the figures; the
// wall shows both by their combined score and says from how many cases.
func (v *wallView) ranks() ui.RankView {
	p := v.p
	out := ui.RankView{Caption: p.T("command.ranks"), Floor: 60, Heads: []string{p.T("command.rank"), p.T("command.unit"), p.T("command.combined"),
		p.T("command.rate.resolution"), p.T("command.rate.satisfaction"), p.T("command.move")}}
	last := map[string]float64{}
	for _, f := range v.before.Units {
		if x, ok := f.Result("combined"); ok {
			last[f.Unit] = x
		}
	}
	for _, f := range v.month.Units {
		if f.Class != "streets" && f.Class != "towns" {
			continue
		}
		score, ok := f.Result("combined")
		if !ok {
			continue
		}
		row := ui.RankRow{Rank: len(out.Rows) + 1, Name: v.c.s.UnitName(p.Lang, f.Unit), Score: score, Href: "/desk/scores/" + v.month.Month + "/" + f.Unit,
			Cells: []string{percent(f, "resolution"), percent(f, "satisfaction")}}
		if b, ok := last[f.Unit]; ok {
			row.Move = points(score - b)
		}
		if len(out.Rows) < 3 {
			row.Band = "top"
		}
		out.Rows = append(out.Rows, row)
	}
	return out
}

func percent(f assess.Figures, name string) string {
	x, ok := f.Result(name)
	if !ok {
		return "—"
	}
	return strconv.FormatFloat(100*x, 'f', 1, 64)
}

// feed is what happened last: the acts people would speak of.
func (v *wallView) feed() []ui.FeedItem {
	var out []ui.FeedItem
	for _, a := range v.recent {
		kind, tone := spoken(a)
		if kind == "" || len(out) >= 9 {
			continue
		}
		text := a.Subject
		var ch struct {
			Set map[string]string `json:"set"`
		}
		if json.Unmarshal(a.Body, &ch) == nil {
			if m := v.c.s.MatterName(v.p.Lang, ch.Set["matter"]); m != "" {
				text = m
			} else if u := ch.Set["unit"]; u != "" {
				text = v.c.s.UnitName(v.p.Lang, u) + " · " + a.Subject
			}
		}
		item := ui.FeedItem{Time: words.Clock(a.Time()), Kind: v.p.T("command.feed." + kind), Tone: tone, Text: text, Href: "/desk/cases/" + a.Subject}
		if a.Kind == cases.WhistleTable.Kind {
			item.Href = "/desk/whistles/" + a.Subject
		}
		out = append(out, item)
	}
	return out
}

// spoken names the acts of the feed.
func spoken(a journal.Act) (kind, tone string) {
	if a.Kind == cases.WhistleTable.Kind {
		switch a.Action {
		case "approve":
			return "whistle", "wa"
		case "report_in":
			return "arrived", ""
		}
		return "", ""
	}
	if a.Kind != cases.Table.Kind {
		return "", ""
	}
	switch a.Action {
	case "report":
		return "report", ""
	case "dispatch", "designate", "hand_on":
		return "dispatch", ""
	case "reply":
		return "reply", "ok"
	case "urge":
		return "urge", "wa"
	case "supervise":
		return "supervise", "ng"
	case "call_back", "rate":
		ends, reopens, err := cases.Ends(a)
		switch {
		case err != nil:
			return "", ""
		case ends:
			return "closed", "ok"
		case reopens:
			return "redo", "wa"
		}
	}
	return "", ""
}

// name is the district's own name.
func (v *wallView) name() string {
	if v.p.Lang == words.EN {
		return v.c.s.Pack.English
	}
	return v.c.s.Pack.Name
}
