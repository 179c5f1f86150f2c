package pack

import (
	"regexp"
	"slices"

	"weixiao/internal/catalogue"
	"weixiao/internal/form"
	"weixiao/internal/worktime"
)

// Visits is visits.yaml: what is talked about at doors, what becomes of it, and the register of people in need. Without
// the file there are no visits.
type Visits struct {
	Source     string          `yaml:"source"`
	Topics     []Topic         `yaml:"topics"`
	Needs      []Need          `yaml:"needs"`
	Questions  []VisitQuestion `yaml:"questions"`
	Again      string          `yaml:"again"` // limit until a door where nobody was is tried again
	Categories []NeedCategory  `yaml:"categories"`
	Readers    struct {
		Units []string `yaml:"units"` // who sees the register beside the posts of the community
	} `yaml:"readers"`
	Remind string `yaml:"remind"` // limit before a review is due
	Keep   string `yaml:"keep"`   // limit after which consent is asked for again
}

// Topic is something that was talked about.
type Topic struct {
	ID      string `yaml:"id"`
	Title   string `yaml:"title"`
	English string `yaml:"english"`
	Source  string `yaml:"source"`
}

// Need is something that somebody needs, and what it becomes.
type Need struct {
	ID      string `yaml:"id"`
	Title   string `yaml:"title"`
	English string `yaml:"english"`
	Becomes string `yaml:"becomes"` // case or help
	Matter  string `yaml:"matter"`  // key of the catalogue; "" = suggested from the words
	Source  string `yaml:"source"`
}

// VisitQuestion is a question that a district adds to the form of a visit.
type VisitQuestion struct {
	ID      string  `yaml:"id"`
	Title   string  `yaml:"title"`
	English string  `yaml:"english"`
	Type    string  `yaml:"type"`    // yesno or choice
	Options []Topic `yaml:"options"` // of a choice
	Source  string  `yaml:"source"`
}

// NeedCategory is a kind of people in need, with how often somebody looks after them.
type NeedCategory struct {
	ID      string `yaml:"id"`
	Title   string `yaml:"title"`
	English string `yaml:"english"`
	Review  string `yaml:"review"` // limit from one review to the next
	Source  string `yaml:"source"`
}

// Need finds a need.
func (v Visits) Need(id string) (Need, bool) {
	i := slices.IndexFunc(v.Needs, func(x Need) bool { return x.ID == id })
	if i < 0 {
		return Need{}, false
	}
	return v.Needs[i], true
}

// Category finds a category.
func (v Visits) Category(id string) (NeedCategory, bool) {
	i := slices.IndexFunc(v.Categories, func(x NeedCategory) bool { return x.ID == id })
	if i < 0 {
		return NeedCategory{}, false
	}
	return v.Categories[i], true
}

const visitsFile = "visits.yaml"

// forbidden are words of questions that no visit may ask: what PIPL art. 28 calls sensitive, and what art. 6 calls more
// than the purpose needs.
var forbidden = regexp.MustCompile(`(?i)身份证|证件号|收入|工资|存款|银行|财产|房产|负债|家庭成员|家属|子女姓名|亲属|宗教|信仰|民族|政治面貌|病史|疾病|诊断|健康状况|血型|指纹|人脸|照片|行踪|定位|婚姻|生育|怀孕|社保号|income|salary|wage|bank|identity|\bid (card|number)|religion|faith|ethnic|party member|diagnos|medical|illness|health|fingerprint|\bface\b|photo|family members?|relatives|married|pregnan`)

func (r *reader) visits(p *Pack) (v Visits) {
	if !r.strict(visitsFile, &v) {
		return v
	}
	bad := func(line int, zh, en string) { r.add(visitsFile, line, zh, en) }
	if v.Source == "" {
		bad(0, "visits.yaml 要写明依据 source", "visits.yaml needs a source")
	}
	for _, l := range []struct{ name, limit string }{{"again", v.Again}, {"remind", v.Remind}, {"keep", v.Keep}} {
		r.days(visitsFile, 0, l.name, l.limit)
	}
	at, seen := r.lines(visitsFile, "topics"), map[string]bool{}
	for i, t := range v.Topics {
		r.named(visitsFile, lineOf(at, i), "话题", "topic", t.ID, t.Title, t.English, t.Source, seen)
		r.minimal(lineOf(at, i), t.Title+" "+t.English)
	}
	at, seen = r.lines(visitsFile, "needs"), map[string]bool{}
	for i, n := range v.Needs {
		line := lineOf(at, i)
		r.named(visitsFile, line, "需求", "need", n.ID, n.Title, n.English, n.Source, seen)
		if n.Becomes != "case" && n.Becomes != "help" {
			bad(line, "需求“"+n.ID+"”的 becomes 应为 case（工单）或 help（求助）", "need "+n.ID+": becomes must be case or help")
		}
		if n.Matter != "" && p.Catalogue != nil {
			if m, ok := p.Catalogue.Matter(n.Matter); !ok || m.Deleted || m.Kind != catalogue.KindRequest {
				bad(line, "需求“"+n.ID+"”的事项“"+n.Matter+"”不在目录里", "need "+n.ID+": no matter "+n.Matter+" in the catalogue")
			}
		}
	}
	r.visitQuestions(v.Questions)
	at, seen = r.lines(visitsFile, "categories"), map[string]bool{}
	for i, c := range v.Categories {
		r.named(visitsFile, lineOf(at, i), "关爱类别", "category", c.ID, c.Title, c.English, c.Source, seen)
		r.days(visitsFile, lineOf(at, i), "review", c.Review)
	}
	for _, id := range v.Readers.Units {
		if u, ok := p.Directory.Unit(id); !ok || !u.Kind.HandlesCases() {
			bad(0, "readers.units 的单位“"+id+"”不在单位表里", "readers.units: no unit "+id)
		}
	}
	return v
}

// visitQuestions checks what a district adds to the form of a visit: nothing in words, and nothing about more than the
// visit needs.
func (r *reader) visitQuestions(list []VisitQuestion) {
	at, seen := r.lines(visitsFile, "questions"), map[string]bool{}
	for i, q := range list {
		line := lineOf(at, i)
		r.named(visitsFile, line, "问题", "question", q.ID, q.Title, q.English, q.Source, seen)
		r.minimal(line, q.ID+" "+q.Title+" "+q.English)
		if q.Type != "yesno" && q.Type != "choice" || q.Type == "choice" && len(q.Options) < 2 {
			r.add(visitsFile, line, "问题“"+q.ID+"”只能是 yesno（是否）或 choice（至少两个选项），走访不登记文字", "question "+q.ID+" must be yesno, or choice with two options or more: a visit writes down no words about persons")
		}
		for _, o := range q.Options {
			r.minimal(line, o.Title+" "+o.English)
		}
	}
}

// minimal refuses words that ask for more than a visit may.
func (r *reader) minimal(line int, words string) {
	if found := forbidden.FindString(words); found != "" {
		r.add(visitsFile, line, "走访不能问“"+found+"”：超出最小必要范围，或属于敏感个人信息（个人信息保护法第六条、第二十八条），请删去",
			"a visit must not ask about "+found+": more than it needs, or sensitive (PIPL art. 6 and 28); remove it")
	}
}

// days reports a limit that is no number of days.
func (r *reader) days(file string, line int, what, text string) {
	r.limit(file, line, what, text)
	if l, err := worktime.ParseLimit(text); err == nil && l.Unit != worktime.Day {
		r.add(file, line, what+" 应按自然日写，例如 30 day", what+" counts in days: write it like 30 day")
	}
}

// Days is the number of a limit that is written in days.
func Days(limit string) int {
	l, _ := worktime.ParseLimit(limit) // the pack was checked
	return l.N
}

// VisitFields are the questions of this district as fields of a form, named q_ and their id.
func (v Visits) VisitFields() []form.Field {
	var out []form.Field
	for _, q := range v.Questions {
		f := form.Field{Name: "q_" + q.ID, Type: form.Bool}
		if q.Type == "choice" {
			f.Type = form.Choice
			for _, o := range q.Options {
				f.Options = append(f.Options, form.Option{Value: o.ID})
			}
		}
		out = append(out, f)
	}
	return out
}
