package pack

import (
	"weixiao/internal/catalogue"
	"weixiao/internal/directory"
	"weixiao/internal/worktime"
)

var groupColumns = []column{{"id", "编号", true}, {"name", "名称", true}, {"english", "英文", true}, {"kind", "类别", true}}

var matterColumns = []column{
	{"kind", "类别", true}, {"code", "编码", true}, {"standard", "标准", false}, {"name", "名称", true},
	{"official", "规范名称", false}, {"english", "英文", true}, {"group", "分类", true}, {"keywords", "关键词", false},
	{"type", "类型", true}, {"lead", "承办", false}, {"assist", "协办", false}, {"limit", "时限", true},
	{"urgency", "紧急程度", true}, {"public", "公开", true}, {"law", "依据", false}, {"deleted", "停用", false}, {"no_reopen", "不可重办", false},
}

var matterKinds = map[string]catalogue.Kind{
	"诉求": catalogue.KindRequest, "部件": catalogue.KindComponent, "事项": catalogue.KindMatter,
}

var urgencies = map[string]catalogue.Urgency{
	"普通": catalogue.Normal, "紧急": catalogue.Urgent, "特急": catalogue.Critical,
}

func matterTypes() map[string]catalogue.Type {
	words := map[string]catalogue.Type{}
	for _, t := range catalogue.Types() {
		words[t.Name] = t.Type
	}
	return words
}

// profile as profiles.yaml writes it.
type profile struct {
	Name            string `yaml:"name"`
	Title           string `yaml:"title"`
	English         string `yaml:"english"`
	Sign            string `yaml:"sign"`
	Contact         string `yaml:"contact"`
	Reply           string `yaml:"reply"`
	Close           string `yaml:"close"`
	Revisit         string `yaml:"revisit"`
	ExtensionMax    string `yaml:"extension_max"`
	Extensions      int    `yaml:"extensions"`
	ObjectionWindow string `yaml:"objection_window"`
	HandbackCap     int    `yaml:"handback_cap"`
	Source          string `yaml:"source"`
	// ExtensionApproval says who decides about how much more time, smaller amounts first.
	ExtensionApproval []struct {
		UpTo string   `yaml:"up_to"`
		By   []string `yaml:"by"`
	} `yaml:"extension_approval"`
}

// catalogue reads the catalogue files; nil if they do not hold together.
func (r *reader) catalogue(d *directory.Directory, layers []Layer) *catalogue.Catalogue {
	l := catalogue.Lists{Areas: areaCodes(layers)}
	from := map[string][]spot{}
	for _, w := range r.table("groups.csv", groupColumns) {
		l.Groups = append(l.Groups, catalogue.Group{ID: w.text("id"), Name: w.text("name"), English: w.text("english"), Kind: choice(w, "kind", matterKinds)})
		from["groups"] = append(from["groups"], w.at)
	}
	types := matterTypes()
	for _, file := range []string{"matters.csv", "standard.csv"} {
		for _, w := range r.table(file, matterColumns) {
			l.Matters = append(l.Matters, catalogue.Matter{
				Kind: choice(w, "kind", matterKinds), Code: w.code("code"), Standard: w.text("standard"),
				Name: w.text("name"), Official: w.text("official"), English: w.text("english"), Group: w.text("group"),
				Keywords: w.list("keywords"), Type: choice(w, "type", types), Lead: w.text("lead"), Assist: w.list("assist"),
				Limit: limitOf(w.text("limit")), Urgency: choice(w, "urgency", urgencies), Public: w.yes("public"),
				Law: w.text("law"), Deleted: w.yes("deleted"), NoReopen: w.yes("no_reopen"),
			})
			from["matters"] = append(from["matters"], w.at)
		}
	}
	l.Profiles, from["profiles"] = r.profiles()
	l.Rules, from["rules"] = r.rules("rules.yaml")
	if _, ok := r.files["questions.yaml"]; ok {
		l.Questions, from["questions"] = r.questions("questions.yaml")
	}
	c, err := catalogue.New(d, l)
	if err != nil {
		r.faults(err, from)
		return nil
	}
	return c
}

// limitOf is the profile of a matter; 无 or none says that it has no limit.
func limitOf(cell string) string {
	if cell == "无" || cell == "none" {
		return ""
	}
	return cell
}

func (r *reader) profiles() ([]catalogue.Profile, []spot) {
	var file struct {
		Profiles []profile `yaml:"profiles"`
	}
	if !r.strict("profiles.yaml", &file) {
		return nil, nil
	}
	at := r.lines("profiles.yaml", "profiles")
	var all []catalogue.Profile
	for i, p := range file.Profiles {
		for _, limit := range []struct{ key, text string }{
			{"sign", p.Sign}, {"contact", p.Contact}, {"reply", p.Reply}, {"close", p.Close}, {"revisit", p.Revisit},
			{"extension_max", p.ExtensionMax}, {"objection_window", p.ObjectionWindow}, {"extension_approval.up_to", upTo(p, 0)},
			{"extension_approval.up_to", upTo(p, 1)}, {"extension_approval.up_to", upTo(p, 2)},
		} {
			if limit.text == "" {
				continue
			}
			if _, err := worktime.ParseLimit(limit.text); err != nil {
				r.add("profiles.yaml", lineOf(at, i), p.Name+"："+limit.key+" 的时限“"+limit.text+"”看不懂，请写成 30 minute、4 workhour、5 workday、10 day 这样",
					p.Name+": "+limit.key+": "+err.Error())
			}
		}
		if p.Source == "" {
			r.add("profiles.yaml", lineOf(at, i), p.Name+" 要写明依据 source", p.Name+" needs a source")
		}
		var steps []catalogue.Approval
		for _, s := range p.ExtensionApproval {
			steps = append(steps, catalogue.Approval{UpTo: s.UpTo, By: s.By})
		}
		all = append(all, catalogue.Profile{
			Name: p.Name, Title: p.Title, English: p.English, Sign: p.Sign, Contact: p.Contact, Reply: p.Reply, Close: p.Close,
			Revisit: p.Revisit, ExtensionMax: p.ExtensionMax, Extensions: p.Extensions,
			ObjectionWindow: p.ObjectionWindow, HandbackCap: p.HandbackCap, Approvals: steps,
		})
	}
	return all, at
}

// upTo is the limit of a step of a profile's approvals, "" past the last.
func upTo(p profile, i int) string {
	if i < len(p.ExtensionApproval) {
		return p.ExtensionApproval[i].UpTo
	}
	return ""
}
