package pack

import (
	"regexp"
	"slices"
	"strings"

	"weixiao/internal/worktime"
)

// Workdays is workdays.yaml: how community workdays (社区工作日) are held here. Without the file there are none.
type Workdays struct {
	Slot         int     `yaml:"slot"`          // minutes for one resident
	Seats        int     `yaml:"seats"`         // how many are heard at the same time
	Opens        string  `yaml:"opens"`         // limit before the day: "21 day"
	Closes       string  `yaml:"closes"`        // limit before the first hour: "2 hour"
	FollowUp     string  `yaml:"follow_up"`     // limit after the day
	SolvedWithin string  `yaml:"solved_within"` // limit after the day
	Source       string  `yaml:"source"`
	Themes       []Theme `yaml:"themes"`
}

// Theme is what people can book about.
type Theme struct {
	ID      string   `yaml:"id"`
	Title   string   `yaml:"title"`
	English string   `yaml:"english"`
	Units   []string `yaml:"units"` // who should sit there
	Source  string   `yaml:"source"`
}

// Theme finds a theme.
func (w Workdays) Theme(id string) (Theme, bool) {
	i := slices.IndexFunc(w.Themes, func(x Theme) bool { return x.ID == id })
	if i < 0 {
		return Theme{}, false
	}
	return w.Themes[i], true
}

const workdaysFile = "workdays.yaml"

// slug is what ids of themes, topics and needs look like.
var slug = regexp.MustCompile(`^[a-z][a-z0-9_]{1,30}$`)

func (r *reader) workdays(p *Pack) (w Workdays) {
	if !r.strict(workdaysFile, &w) {
		return w
	}
	bad := func(line int, zh, en string) { r.add(workdaysFile, line, zh, en) }
	if w.Slot < 5 || w.Slot > 120 {
		bad(0, "slot 应为 5 至 120 分钟", "slot must be 5 to 120 minutes")
	}
	if w.Seats < 1 || w.Seats > 20 {
		bad(0, "seats 应为 1 至 20", "seats must be 1 to 20")
	}
	if w.Source == "" {
		bad(0, "workdays.yaml 要写明依据 source", "workdays.yaml needs a source")
	}
	for _, l := range []struct{ name, limit string }{{"opens", w.Opens}, {"closes", w.Closes}, {"follow_up", w.FollowUp}, {"solved_within", w.SolvedWithin}} {
		r.limit(workdaysFile, 0, l.name, l.limit)
	}
	for _, l := range []struct{ name, limit string }{{"opens", w.Opens}, {"closes", w.Closes}} {
		if x, err := worktime.ParseLimit(l.limit); err == nil && x.Unit != worktime.Minute && x.Unit != worktime.Day {
			bad(0, l.name+" 应按自然日或小时写，例如 21 day、2 hour", l.name+" counts round the clock: write it like 21 day or 2 hour")
		}
	}
	at := r.lines(workdaysFile, "themes")
	seen := map[string]bool{}
	for i, t := range w.Themes {
		line := lineOf(at, i)
		r.named(workdaysFile, line, "主题", "theme", t.ID, t.Title, t.English, t.Source, seen)
		for _, id := range t.Units {
			if u, ok := p.Directory.Unit(id); !ok || !u.Kind.HandlesCases() {
				bad(line, "主题“"+t.ID+"”的单位“"+id+"”不在单位表里, 或不承办诉求", "theme "+t.ID+": "+id+" is no unit that handles requests")
			}
		}
	}
	if len(w.Themes) == 0 {
		bad(0, "themes 至少要有一个主题", "themes must name at least one")
	}
	return w
}

// limit reports a time limit that cannot be read.
func (r *reader) limit(file string, line int, what, text string) {
	if _, err := worktime.ParseLimit(text); err != nil {
		r.add(file, line, what+" 的时限“"+text+"”看不懂，请写成 3 workday、90 day 这样", what+": "+err.Error())
	}
}

// named checks what every entry of a list has: an id of its own, both names and a source.
func (r *reader) named(file string, line int, zh, en, id, title, english, source string, seen map[string]bool) {
	if !slug.MatchString(id) || seen[id] || strings.TrimSpace(title) == "" || strings.TrimSpace(english) == "" {
		r.add(file, line, zh+"“"+id+"”要有不重复的编号（小写字母、数字、下划线）、中文名和英文名", "a "+en+" needs an id of its own (small letters, figures, underscores), a title and an English title, not "+id)
	}
	seen[id] = true
	if source == "" {
		r.add(file, line, zh+"“"+id+"”要写明来源 source；自拟的写“自拟”", en+" "+id+" needs a source; say so if it is our own")
	}
}
