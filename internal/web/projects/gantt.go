package projects

import (
	"fmt"
	"time"

	"weixiao/internal/projects"
	"weixiao/internal/web/staff"
)

// gantt is the drawing of promised and actual dates: a line for each milestone, a hollow bar up to what was promised, a
// full one up to what happened, a mark for every promise before the one in force.
type gantt struct {
	Label         string
	Width, Height int
	Rows          []ganttRow
	Ticks         []tick
	Now           int
	Table         [][]string // the same in words
}

type ganttRow struct {
	Y                int
	Name, Light      string
	Color            string
	Promised, Actual int // x; 0 = none
	From             int
	Earlier          []int
}

type tick struct {
	X    int
	Text string
}

const (
	ganttLeft  = 120
	ganttWidth = 760
	ganttRowH  = 34
)

func day(s string) time.Time {
	t, _ := time.Parse(time.DateOnly, s)
	return t
}

// gantt lays the milestones of a project out; nil when it has none.
func (p *Pages) gantt(f *staff.Frame, v *projects.View) *gantt {
	list := v.X.Milestones(f.Now, p.s.Rules().Warn)
	if len(list) == 0 {
		return nil
	}
	first, last := f.Now, f.Now
	see := func(s string) {
		if t := day(s); s != "" {
			if t.Before(first) {
				first = t
			}
			if t.After(last) {
				last = t
			}
		}
	}
	for _, m := range list {
		see(m.Actual)
		for _, q := range m.Promises {
			see(q.On)
		}
	}
	first, last = first.AddDate(0, -1, 0), last.AddDate(0, 1, 0)
	span := last.Sub(first)
	x := func(t time.Time) int {
		return ganttLeft + int(int64(ganttWidth-ganttLeft-20)*int64(t.Sub(first)/time.Hour)/int64(span/time.Hour))
	}
	g := &gantt{Width: ganttWidth, Height: ganttRowH*len(list) + 34, Now: x(f.Now)}
	late := 0
	colors := map[string]string{"red": "var(--bad)", "yellow": "var(--warn)", "green": "var(--good)", "": "var(--t2)"}
	for i, m := range list {
		r := ganttRow{Y: i*ganttRowH + 26, Name: f.T("state.project." + m.Stage), Light: p.lightWord(f, m.Light), Color: colors[m.Light], From: ganttLeft}
		before := ""
		for j, q := range m.Promises {
			if j < len(m.Promises)-1 {
				r.Earlier = append(r.Earlier, x(day(q.On)))
				why := ""
				if list := v.Reasons[m.Stage]; j+1 < len(list) {
					why = list[j+1]
				}
				before += fmt.Sprintf("%s（%s）", f.Day(q.On), why)
			}
		}
		if m.Promised != "" {
			r.Promised = x(day(m.Promised))
		}
		if m.Actual != "" {
			r.Actual = x(day(m.Actual))
		}
		if m.Light == "red" {
			late++
		}
		g.Rows = append(g.Rows, r)
		g.Table = append(g.Table, []string{r.Name, f.Day(m.Promised), f.Day(m.Actual), r.Light, before})
	}
	g.Label = f.T("projects.gantt.label", len(list), late)
	step := 1
	if months := int(span.Hours() / 24 / 30); months > 12 {
		step = (months + 11) / 12
	}
	for t := time.Date(first.Year(), first.Month()+1, 1, 0, 0, 0, 0, time.UTC); t.Before(last); t = t.AddDate(0, step, 0) {
		g.Ticks = append(g.Ticks, tick{x(t), t.Format("06-01")})
	}
	return g
}
