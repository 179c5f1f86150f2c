package pack

import (
	"slices"

	"weixiao/internal/directory"
	"weixiao/internal/worktime"
)

// Express is express.yaml: the express line to the party secretary and the district head (书记区长直通车). nil for a pack
// without it.
type Express struct {
	Source string `yaml:"source"`
	MadeUp bool   `yaml:"made_up"`
	// Posts are whom a letter can be addressed to: posts of district leaders.
	Posts []string `yaml:"posts"`
	// Limits: Screen in natural hours; Instruct, Assign and Accept for those whose turn it is; Normal and Hard for the lead
	// unit; Review of what is on the long-term list; Silence after which an answer counts as taken; Check of an anonymous
	// letter by a second pair of eyes.
	Screen   string `yaml:"screen"`
	Instruct string `yaml:"instruct"`
	Assign   string `yaml:"assign"`
	Accept   string `yaml:"accept"`
	Normal   string `yaml:"normal"`
	Hard     string `yaml:"hard"`
	Review   string `yaml:"review"`
	Silence  string `yaml:"silence"`
	Check    string `yaml:"check"`
	// More is how many working days an extension may give at most.
	More    int             `yaml:"more"`
	Topics  []ExpressWord   `yaml:"topics"`
	Phrases []ExpressWord   `yaml:"phrases"`
	Grounds []ExpressGround `yaml:"grounds"`
	Abuse   ExpressAbuse    `yaml:"abuse"`
}

// ExpressWord is a topic, or a ready phrase of an instruction.
type ExpressWord struct {
	ID      string `yaml:"id"`
	Title   string `yaml:"title"`
	English string `yaml:"english"`
	Source  string `yaml:"source"`
}

// ExpressGround is a reason why a letter does not go to the leader.
type ExpressGround struct {
	ExpressWord `yaml:",inline"`
	// Case says that the letter becomes a case of the hotline.
	Case bool `yaml:"case"`
}

// ExpressAbuse is how repeated abuse is limited: whoever has Marks letters marked within Window sends one letter in Every.
type ExpressAbuse struct {
	Marks  int    `yaml:"marks"`
	Window string `yaml:"window"`
	Every  string `yaml:"every"`
	Source string `yaml:"source"`
}

// Ground finds a ground.
func (x *Express) Ground(id string) (ExpressGround, bool) {
	i := slices.IndexFunc(x.Grounds, func(g ExpressGround) bool { return g.ID == id })
	if i < 0 {
		return ExpressGround{}, false
	}
	return x.Grounds[i], true
}

// Word finds a topic or a phrase in its list.
func Word(list []ExpressWord, id string) (ExpressWord, bool) {
	i := slices.IndexFunc(list, func(w ExpressWord) bool { return w.ID == id })
	if i < 0 {
		return ExpressWord{}, false
	}
	return list[i], true
}

// express reads express.yaml.
func (r *reader) express(p *Pack) *Express {
	const file = "express.yaml"
	x := &Express{}
	if !r.strict(file, x) {
		return nil
	}
	before := len(r.problems)
	bad := func(line int, zh, en string) { r.add(file, line, zh, en) }
	if x.Source == "" {
		bad(0, "express.yaml 要写明依据 source", "express.yaml needs a source")
	}
	if len(x.Posts) == 0 {
		bad(0, "posts 要写明来信可以写给哪些区领导岗位", "posts must name the leaders' posts that letters can be addressed to")
	}
	for i, id := range x.Posts {
		post, ok := p.Directory.Post(id)
		if !ok || post.Role != directory.Leader || slices.Index(x.Posts, id) != i {
			bad(0, "posts 里的“"+id+"”不是岗位表里的区领导岗位，或写了两次", "posts: "+id+" is no post of a district leader, or is there twice")
		}
	}
	r.expressLimits(file, x)
	for _, l := range []struct {
		key, zh, en string
		list        []ExpressWord
	}{{"topics", "主题", "topic", x.Topics}, {"phrases", "常用批示语", "phrase", x.Phrases}} {
		at, seen := r.lines(file, l.key), map[string]bool{}
		if len(l.list) == 0 {
			bad(0, l.key+" 至少要有一项", l.key+" needs at least one entry")
		}
		for i, w := range l.list {
			r.named(file, lineOf(at, i), l.zh, l.en, w.ID, w.Title, w.English, w.Source, seen)
		}
	}
	at, seen := r.lines(file, "grounds"), map[string]bool{}
	for i, g := range x.Grounds {
		r.named(file, lineOf(at, i), "不予转呈的理由", "ground", g.ID, g.Title, g.English, g.Source, seen)
	}
	if len(x.Grounds) == 0 {
		bad(0, "grounds 至少要有一项", "grounds needs at least one entry")
	}
	if x.Abuse.Source == "" || x.Abuse.Marks < 2 {
		bad(0, "abuse 要写明来源 source，marks 至少为 2：一次不当言辞不能限制来信", "abuse needs a source and marks of at least 2: one letter is no repetition")
	}
	if len(r.problems) > before {
		return nil
	}
	return x
}

// expressLimits checks each limit: that it is one, and that it counts in the unit the rule is written in.
func (r *reader) expressLimits(file string, x *Express) {
	for _, l := range []struct {
		name, text string
		units      []worktime.Unit
		zh, en     string
	}{
		{"screen", x.Screen, []worktime.Unit{worktime.Minute}, "应按自然小时写，例如 24 hour", "counts in hours of the clock: write it like 24 hour"},
		{"instruct", x.Instruct, []worktime.Unit{worktime.Workday}, "应按工作日写，例如 2 workday", "counts in working days: write it like 2 workday"},
		{"assign", x.Assign, []worktime.Unit{worktime.Workday}, "应按工作日写，例如 1 workday", "counts in working days: write it like 1 workday"},
		{"accept", x.Accept, []worktime.Unit{worktime.Workday}, "应按工作日写，例如 1 workday", "counts in working days: write it like 1 workday"},
		{"normal", x.Normal, []worktime.Unit{worktime.Workday}, "应按工作日写，例如 5 workday", "counts in working days: write it like 5 workday"},
		{"hard", x.Hard, []worktime.Unit{worktime.Workday}, "应按工作日写，例如 15 workday", "counts in working days: write it like 15 workday"},
		{"check", x.Check, []worktime.Unit{worktime.Workday}, "应按工作日写，例如 3 workday", "counts in working days: write it like 3 workday"},
		{"review", x.Review, []worktime.Unit{worktime.Day}, "应按自然日写，例如 90 day", "counts in days: write it like 90 day"},
		{"silence", x.Silence, []worktime.Unit{worktime.Day}, "应按自然日写，例如 7 day", "counts in days: write it like 7 day"},
		{"abuse.window", x.Abuse.Window, []worktime.Unit{worktime.Day}, "应按自然日写，例如 90 day", "counts in days: write it like 90 day"},
		{"abuse.every", x.Abuse.Every, []worktime.Unit{worktime.Day}, "应按自然日写，例如 7 day", "counts in days: write it like 7 day"},
	} {
		if v, err := worktime.ParseLimit(l.text); err != nil || !slices.Contains(l.units, v.Unit) {
			r.add(file, 0, l.name+" “"+l.text+"”"+l.zh, l.name+" "+l.text+" "+l.en)
		}
	}
	n, _ := worktime.ParseLimit(x.Normal)
	h, _ := worktime.ParseLimit(x.Hard)
	if h.N < n.N {
		r.add(file, 0, "hard 不能短于 normal", "hard must not be shorter than normal")
	}
	if x.More < 1 || x.More > 60 {
		r.add(file, 0, "more 应为 1 至 60 个工作日", "more must be 1 to 60 working days")
	}
}
