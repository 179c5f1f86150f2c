package pack

import (
	"slices"

	"weixiao/internal/worktime"
)

// Law is how one law counts its terms: in which days, from when, by which
// calendar.
type Law struct {
	Name              string `yaml:"name"` // 12345, licensing, …
	Title             string `yaml:"title"`
	English           string `yaml:"english"`
	Calendar          string `yaml:"calendar"` // "" = the district's
	worktime.Counting `yaml:",inline"`
	Source            string `yaml:"source"`
	Terms             []Term `yaml:"terms"`
}

// Term is one term of a law as the law writes it: "20 day" may mean working days.
type Term struct {
	Name    string `yaml:"name"`
	Title   string `yaml:"title"`
	English string `yaml:"english"`
	Text    string `yaml:"limit"`
	Source  string `yaml:"source"`
}

// Law finds a law by name.
func (p *Pack) Law(name string) (Law, bool) {
	i := slices.IndexFunc(p.Laws, func(l Law) bool { return l.Name == name })
	if i < 0 {
		return Law{}, false
	}
	return p.Laws[i], true
}

// Limit is what a term of the law means as a limit.
func (l Law) Limit(term string) (worktime.Limit, bool) {
	i := slices.IndexFunc(l.Terms, func(t Term) bool { return t.Name == term })
	if i < 0 {
		return worktime.Limit{}, false
	}
	limit, err := worktime.ParseLimit(l.Terms[i].Text)
	return l.Counting.Limit(limit), err == nil
}

// laws reads laws.yaml.
func (r *reader) laws(calendars map[string]*worktime.Calendar) []Law {
	var file struct {
		Laws []Law `yaml:"laws"`
	}
	if !r.strict("laws.yaml", &file) {
		return nil
	}
	at := r.lines("laws.yaml", "laws")
	seen := map[string]bool{}
	for i, l := range file.Laws {
		bad := func(zh, en string) { r.add("laws.yaml", lineOf(at, i), l.Name+"："+zh, l.Name+": "+en) }
		if l.Name == "" || seen[l.Name] {
			bad("name 缺少或重复", "the name is missing or used twice")
		}
		seen[l.Name] = true
		if l.Title == "" || l.English == "" || l.Source == "" {
			bad("title、english、source 都要填写，source 写明依据", "title, english and source must be given; source names the law")
		}
		if err := l.Check(); err != nil {
			bad(worktime.Chinese(err), err.Error())
		}
		if _, ok := calendars[l.Calendar]; l.Calendar != "" && !ok && calendars != nil {
			bad("日历“"+l.Calendar+"”不存在，请用 calendars.yaml 里的名称", "calendar "+l.Calendar+" does not exist in calendars.yaml")
		}
		terms := map[string]bool{}
		for _, t := range l.Terms {
			if t.Name == "" || terms[t.Name] || t.Title == "" || t.English == "" || t.Source == "" {
				bad("期限“"+t.Name+"”要有不重复的 name，以及 title、english、source", "term "+t.Name+" needs a name of its own, title, english and source")
			}
			terms[t.Name] = true
			if _, err := worktime.ParseLimit(t.Text); err != nil {
				bad("期限“"+t.Name+"”的 limit“"+t.Text+"”看不懂，请写成 5 workday、20 day、24 hour 这样", "term "+t.Name+": "+err.Error())
			}
		}
	}
	return file.Laws
}
