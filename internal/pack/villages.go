package pack

import "weixiao/internal/worktime"

// Villages is what is looked after in villages (净化、序化、美化): villages.yaml.
type Villages struct {
	Source string        `yaml:"source"`
	Items  []VillageItem `yaml:"items"`
}

// VillageItem is one thing that a village is to be or have.
type VillageItem struct {
	ID     string `yaml:"id"`
	Group  string `yaml:"group"` // clean, order, beauty
	Text   `yaml:",inline"`
	Limit  string `yaml:"limit"` // to put it right
	Source string `yaml:"source"`
}

// villages reads villages.yaml; nil for a pack without it.
func (r *reader) villages() *Villages {
	const file = "villages.yaml"
	v := &Villages{}
	if !r.strict(file, v) {
		return nil
	}
	good := true
	bad := func(line int, zh, en string) { good = false; r.add(file, line, zh, en) }
	if v.Source == "" || len(v.Items) == 0 {
		bad(0, "source 和 items 都要写", "source and items must be given")
	}
	at, seen := r.lines(file, "items"), map[string]bool{}
	for i, x := range v.Items {
		if x.ID == "" || seen[x.ID] {
			bad(lineOf(at, i), "项目编号“"+x.ID+"”为空或重复", "the id "+x.ID+" is empty or there twice")
		}
		seen[x.ID] = true
		if x.Group != "clean" && x.Group != "order" && x.Group != "beauty" {
			bad(lineOf(at, i), "group 应为 clean（净化）、order（序化）或 beauty（美化）", "group must be clean, order or beauty")
		}
		if l, err := worktime.ParseLimit(x.Limit); err != nil || l.IsZero() || x.ZH == "" || x.EN == "" || x.Source == "" {
			bad(lineOf(at, i), "项目 "+x.ID+" 要写 zh、en、limit（如 5 workday）和 source", "the item "+x.ID+" needs zh, en, limit (such as 5 workday) and source")
		}
	}
	if !good {
		return nil
	}
	return v
}
