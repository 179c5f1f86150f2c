package pack

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"weixiao/internal/catalogue"
	"weixiao/internal/directory"
	"weixiao/internal/worktime"
)

// ladderFile is ladder.yaml.
type ladderFile struct {
	Quiet struct {
		From string `yaml:"from"`
		To   string `yaml:"to"`
	} `yaml:"quiet"`
	Tolerance string `yaml:"tolerance"`
	Charge    []struct {
		Post  string   `yaml:"post"`
		Units []string `yaml:"units"`
	} `yaml:"charge"`
	Rest     string        `yaml:"rest"`
	Cases    []ladderLevel `yaml:"cases"`
	Whistles []ladderLevel `yaml:"whistles"`
	Checks   []ladderLevel `yaml:"checks"`
}

// ladderLevel is the ladder of a profile, of a kind of whistle, or of a rule of checks.
type ladderLevel struct {
	Level  string                `yaml:"level"`
	Night  bool                  `yaml:"night"`
	Source string                `yaml:"source"`
	Clocks map[string][]rungText `yaml:"clocks"`
}

type rungText struct {
	When string `yaml:"when"`
	Whom string `yaml:"whom"`
}

// Clocks and kinds of whistle that have ladders; package cases runs them.
var (
	caseClocks    = []string{"sign", "contact", "reply", "close"}
	whistleClocks = []string{"acknowledge", "arrive", "plan"}
	whistleKinds  = []string{"problem", "enforcement", "emergency"}
	checkClocks   = []string{"look"}
)

// ladderReader reads ladder.yaml against the rest of the pack.
type ladderReader struct {
	*reader
	cal *worktime.Calendar
	out *catalogue.Ladder
}

func (r *ladderReader) bad(line int, zh, en string) { r.add("ladder.yaml", line, zh, en) }

// ladder reads ladder.yaml; nil if it or what it builds on does not hold together.
func (r *reader) ladder(p *Pack) *catalogue.Ladder {
	var f ladderFile
	if !r.strict("ladder.yaml", &f) || p.Directory == nil || p.Catalogue == nil {
		return nil
	}
	sum := sha256.Sum256(r.files["ladder.yaml"])
	l := &ladderReader{r, p.Calendars[p.Head.Calendar], &catalogue.Ladder{Version: hex.EncodeToString(sum[:8]), Levels: map[string]catalogue.LadderLevel{}, Charge: map[string]string{}}}
	l.quiet(f)
	l.charge(f, p.Directory)
	profiles := map[string]map[string]string{}
	var names []string
	for _, q := range p.Catalogue.Profiles() {
		names = append(names, q.Name)
		profiles[q.Name] = map[string]string{"sign": q.Sign, "contact": q.Contact, "reply": q.Reply, "close": q.Close}
	}
	l.levels("cases", f.Cases, names, caseClocks, func(level string) string { return level }, profiles)
	l.levels("whistles", f.Whistles, whistleKinds, whistleClocks, catalogue.WhistleLevel, nil)
	limits := map[string]map[string]string{}
	names = nil
	for _, c := range p.Procedures.Checks {
		names, limits[c.ID] = append(names, c.ID), map[string]string{"look": c.Within}
	}
	l.levels("checks", f.Checks, names, checkClocks, catalogue.CheckLevel, limits)
	return l.out
}

func (r *ladderReader) quiet(f ladderFile) {
	clock := func(key, s string) time.Duration {
		t, err := time.Parse("15:04", s)
		if err != nil {
			r.bad(0, "quiet 的 "+key+"“"+s+"”看不懂，请写成 21:00 这样", "quiet: "+key+" "+s+" cannot be read; write it like 21:00")
		}
		return time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute
	}
	r.out.Quiet = catalogue.Quiet{From: clock("from", f.Quiet.From), To: clock("to", f.Quiet.To)}
	if f.Quiet.From == f.Quiet.To {
		r.bad(0, "quiet 的 from 和 to 不能相同：整天都不提醒就没有提醒了", "quiet: from and to must differ, or nobody is ever reminded")
	}
	t, err := worktime.ParseLimit(f.Tolerance)
	if err != nil || t.Unit != worktime.Minute || t.Start != worktime.AtOnce || t.N > 24*60 {
		r.bad(0, "tolerance 应写成分钟或小时，例如 5 minute，最多 24 hour", "tolerance must be minutes or hours, such as 5 minute, and at most 24 hour")
		return
	}
	r.out.Tolerance = time.Duration(t.N) * time.Minute
}

// charge reads which district leader is in charge of which units.
func (r *ladderReader) charge(f ladderFile, d *directory.Directory) {
	at := r.lines("ladder.yaml", "charge")
	leader := func(line int, post string) {
		if p, ok := d.Post(post); !ok || p.Role != directory.Leader {
			r.bad(line, "岗位“"+post+"”不在 posts.csv 里，或者不是区领导", "post "+post+" is not in posts.csv, or is not a district leader's")
		}
	}
	for i, c := range f.Charge {
		leader(lineOf(at, i), c.Post)
		for _, u := range c.Units {
			if _, ok := d.Unit(u); !ok {
				r.bad(lineOf(at, i), "单位“"+u+"”不在 units.csv 里", "unit "+u+" is not in units.csv")
			}
			if other, twice := r.out.Charge[u]; twice {
				r.bad(lineOf(at, i), "单位“"+u+"”已经由 "+other+" 分管，只能有一位", "unit "+u+" is in the charge of "+other+" already")
			}
			r.out.Charge[u] = c.Post
		}
	}
	leader(0, f.Rest)
	r.out.Rest = f.Rest
}

// levels reads the ladders of one list; every name of want must have one.
func (r *ladderReader) levels(list string, levels []ladderLevel, want, clocks []string, key func(string) string, limits map[string]map[string]string) {
	at := r.lines("ladder.yaml", list)
	for i, lv := range levels {
		line := lineOf(at, i)
		if !slices.Contains(want, lv.Level) {
			r.bad(line, "没有叫“"+lv.Level+"”的级别，可用的有 "+strings.Join(want, "、"), "there is no level "+lv.Level+"; use "+strings.Join(want, ", "))
			continue
		}
		if _, twice := r.out.Levels[key(lv.Level)]; twice {
			r.bad(line, "级别“"+lv.Level+"”写了两次，请合并", "level "+lv.Level+" is given twice")
			continue
		}
		if lv.Source == "" {
			r.bad(line, lv.Level+" 要写明出处（source）", lv.Level+" needs a source")
		}
		out := catalogue.LadderLevel{Night: lv.Night, Clocks: map[string][]catalogue.Rung{}}
		for clock, rungs := range lv.Clocks {
			if !slices.Contains(clocks, clock) {
				r.bad(line, lv.Level+" 里没有叫“"+clock+"”的时限，可用的有 "+strings.Join(clocks, "、"), lv.Level+": there is no clock "+clock+"; use "+strings.Join(clocks, ", "))
				continue
			}
			out.Clocks[clock] = r.rungs(line, lv.Level+" "+clock, rungs, limits[lv.Level][clock])
		}
		for _, clock := range clocks {
			if _, ok := lv.Clocks[clock]; !ok && (limits == nil || limits[lv.Level][clock] != "") {
				r.bad(line, lv.Level+" 的 "+clock+" 有时限但没有提醒；确实不提醒就写 "+clock+": []", lv.Level+": clock "+clock+" has no ladder; write "+clock+": [] if nobody is to be reminded")
			}
		}
		r.out.Levels[key(lv.Level)] = out
	}
	for _, name := range want {
		if !slices.ContainsFunc(levels, func(lv ladderLevel) bool { return lv.Level == name }) {
			r.bad(0, list+" 里缺少级别“"+name+"”", list+" lacks the level "+name)
		}
	}
}

// rungs reads the rungs of one clock: readable, not too many, each later and not
// lower than the one before.
func (r *ladderReader) rungs(line int, what string, texts []rungText, limit string) []catalogue.Rung {
	if len(texts) > catalogue.MaxRungs {
		r.bad(line, fmt.Sprintf("%s 有 %d 级，最多 %d 级", what, len(texts), catalogue.MaxRungs), fmt.Sprintf("%s has %d rungs, at most %d are possible", what, len(texts), catalogue.MaxRungs))
	}
	var out []catalogue.Rung
	for _, t := range texts {
		g, ok := parseRung(t)
		if !ok {
			r.bad(line, what+"：“"+t.When+"”看不懂，请写成 30 minute before、due 或 1 workday after", what+": "+t.When+" cannot be read; write 30 minute before, due, or 1 workday after")
			continue
		}
		if g.Whom.Level() < 0 {
			r.bad(line, what+"：不认识的对象“"+t.Whom+"”，可用的有 assignee、lead、superior、supervision", what+": unknown role "+t.Whom+"; use assignee, lead, superior or supervision")
			continue
		}
		if n := len(out); n > 0 && r.cal != nil {
			last := out[n-1]
			switch {
			case g == last:
				r.bad(line, what+"：“"+t.When+"”重复", what+": the rung "+t.When+" is given twice")
			case !r.later(last, g):
				r.bad(line, what+"：“"+t.When+"”不晚于上一级，请按先后排列", what+": "+t.When+" does not come after the rung before it; put them in order of time")
			case g.Whom.Level() < last.Whom.Level():
				r.bad(line, what+"：“"+t.When+"”又降回了下级，只能逐级向上", what+": "+t.When+" goes down the reporting line again; rungs only go up")
			}
		}
		if g.Before && r.cal != nil && limit != "" && !r.comes(g, limit) {
			r.bad(line, what+"：“"+t.When+"”比时限 "+limit+" 还长，永远不会提醒", what+": "+t.When+" lies before the start of the limit "+limit+" and never comes")
		}
		out = append(out, g)
	}
	return out
}

func parseRung(t rungText) (catalogue.Rung, bool) {
	g := catalogue.Rung{Whom: catalogue.Whom(t.Whom)}
	when := strings.TrimSpace(t.When)
	if when == "due" {
		return g, true
	}
	amount, before := strings.CutSuffix(when, " before")
	if !before {
		var after bool
		if amount, after = strings.CutSuffix(when, " after"); !after {
			return g, false
		}
	}
	l, err := worktime.ParseLimit(amount)
	g.Amount, g.Before = l, before
	return g, err == nil && l.Start == worktime.AtOnce
}

// samples are deadlines of two weeks, by which rungs in different units are
// compared.
func samples(yield func(time.Time) bool) {
	monday := time.Date(2022, 11, 14, 0, 0, 0, 0, worktime.Zone)
	for h := 10; h < 14*24; h += 6 {
		if !yield(monday.Add(time.Duration(h) * time.Hour)) {
			return
		}
	}
}

// later reports whether b comes after a, whenever the deadline is.
func (r *ladderReader) later(a, b catalogue.Rung) bool {
	for due := range samples {
		if !b.Moment(r.cal, due).After(a.Moment(r.cal, due)) {
			return false
		}
	}
	return true
}

// comes reports whether a reminder can come after the start of a clock.
func (r *ladderReader) comes(g catalogue.Rung, limit string) bool {
	l, err := worktime.ParseLimit(limit)
	if err != nil {
		return true // said elsewhere
	}
	for start := range samples {
		if due := r.cal.Add(start, l); g.Moment(r.cal, due.At).After(start) {
			return true
		}
	}
	return false
}
