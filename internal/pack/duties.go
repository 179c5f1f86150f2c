package pack

import (
	"bytes"
	"encoding/csv"
	"path"
	"strings"

	"gopkg.in/yaml.v3"

	"weixiao/internal/catalogue"
	"weixiao/internal/directory"
	"weixiao/internal/form"
)

// rule as rules.yaml writes it.
type rule struct {
	ID       string           `yaml:"id"`
	Off      bool             `yaml:"off,omitempty"`
	Matters  []string         `yaml:"matters,omitempty,flow"`
	Groups   []string         `yaml:"groups,omitempty,flow"`
	Types    []catalogue.Type `yaml:"types,omitempty,flow"`
	Channels []string         `yaml:"channels,omitempty,flow"`
	Places   []directory.Kind `yaml:"places,omitempty,flow"`
	Under    []string         `yaml:"under,omitempty,flow"`
	Grids    []string         `yaml:"grids,omitempty,flow"`
	Areas    []string         `yaml:"areas,omitempty,flow"`
	From     string           `yaml:"from,omitempty"`
	Until    string           `yaml:"until,omitempty"`
	Season   string           `yaml:"season,omitempty"`
	Weekdays []string         `yaml:"weekdays,omitempty,flow"`
	Hours    string           `yaml:"hours,omitempty"`
	When     string           `yaml:"when,omitempty"`
	Unit     string           `yaml:"unit"`
	Assist   []string         `yaml:"assist,omitempty,flow"`
	Limit    string           `yaml:"limit,omitempty"`
	Public   string           `yaml:"public,omitempty"`
	Ask      []string         `yaml:"ask,omitempty,flow"`
	Law      string           `yaml:"law,omitempty"`
	Source   string           `yaml:"source,omitempty"`
	Reason   someText         `yaml:"reason,omitempty"`
	Note     string           `yaml:"note,omitempty"`
}

// someText is Text that may be absent.
type someText struct {
	ZH string `yaml:"zh,omitempty"`
	EN string `yaml:"en,omitempty"`
}

func (x rule) rule() catalogue.Rule {
	return catalogue.Rule{ID: x.ID, Off: x.Off, Matters: x.Matters, Groups: x.Groups, Types: x.Types, Channels: x.Channels, Places: x.Places, Under: x.Under,
		Grids: x.Grids, Areas: x.Areas, From: x.From, Until: x.Until, Season: x.Season, Weekdays: x.Weekdays, Hours: x.Hours, When: x.When,
		Unit: x.Unit, Assist: x.Assist, Limit: x.Limit, Public: x.Public, Ask: x.Ask, Law: x.Law, Source: x.Source, ReasonZH: x.Reason.ZH, ReasonEN: x.Reason.EN}
}

func fromRule(r catalogue.Rule) rule {
	return rule{ID: r.ID, Off: r.Off, Matters: r.Matters, Groups: r.Groups, Types: r.Types, Channels: r.Channels, Places: r.Places, Under: r.Under,
		Grids: r.Grids, Areas: r.Areas, From: r.From, Until: r.Until, Season: r.Season, Weekdays: r.Weekdays, Hours: r.Hours, When: r.When,
		Unit: r.Unit, Assist: r.Assist, Limit: r.Limit, Public: r.Public, Ask: r.Ask, Law: r.Law, Source: r.Source, Reason: someText{r.ReasonZH, r.ReasonEN}}
}

// questionSet as questions.yaml writes it.
type questionSet struct {
	ID      string     `yaml:"id"`
	Matters []string   `yaml:"matters,omitempty,flow"`
	Groups  []string   `yaml:"groups,omitempty,flow"`
	Fields  []question `yaml:"fields"`
}

type question struct {
	Name     string    `yaml:"name"`
	Type     form.Type `yaml:"type"`
	Required bool      `yaml:"required,omitempty"`
	ZH       string    `yaml:"zh"`
	EN       string    `yaml:"en"`
	Hint     someText  `yaml:"hint,omitempty"`
	Options  []option  `yaml:"options,omitempty"`
	Min      int       `yaml:"min,omitempty"`
	Max      int       `yaml:"max,omitempty"`
	When     string    `yaml:"when,omitempty"`
	Values   []string  `yaml:"values,omitempty,flow"`
}

type option struct {
	Value string `yaml:"value"`
	ZH    string `yaml:"zh"`
	EN    string `yaml:"en"`
}

func (x questionSet) set() catalogue.QuestionSet {
	s := catalogue.QuestionSet{ID: x.ID, Matters: x.Matters, Groups: x.Groups}
	for _, f := range x.Fields {
		q := catalogue.Question{Name: f.Name, Type: f.Type, Required: f.Required, ZH: f.ZH, EN: f.EN, HintZH: f.Hint.ZH, HintEN: f.Hint.EN,
			Min: f.Min, Max: f.Max, When: f.When, Values: f.Values}
		for _, o := range f.Options {
			q.Options = append(q.Options, catalogue.QuestionOption(o))
		}
		s.Fields = append(s.Fields, q)
	}
	return s
}

func fromSet(s catalogue.QuestionSet) questionSet {
	x := questionSet{ID: s.ID, Matters: s.Matters, Groups: s.Groups}
	for _, q := range s.Fields {
		f := question{Name: q.Name, Type: q.Type, Required: q.Required, ZH: q.ZH, EN: q.EN, Hint: someText{q.HintZH, q.HintEN}, Min: q.Min, Max: q.Max, When: q.When, Values: q.Values}
		for _, o := range q.Options {
			f.Options = append(f.Options, option(o))
		}
		x.Fields = append(x.Fields, f)
	}
	return x
}

func (r *reader) rules(name string) ([]catalogue.Rule, []spot) {
	var file struct {
		Rules []rule `yaml:"rules"`
	}
	if !r.strict(name, &file) {
		return nil, nil
	}
	var all []catalogue.Rule
	for _, x := range file.Rules {
		all = append(all, x.rule())
	}
	return all, r.lines(name, "rules")
}

func (r *reader) questions(name string) ([]catalogue.QuestionSet, []spot) {
	var file struct {
		Questions []questionSet `yaml:"questions"`
	}
	if !r.strict(name, &file) {
		return nil, nil
	}
	var all []catalogue.QuestionSet
	for _, x := range file.Questions {
		all = append(all, x.set())
	}
	return all, r.lines(name, "questions")
}

// ReadDuties reads rules and questions from a file of their own: YAML as WriteDuties
// writes it, or a table of rules in CSV, which leaves the questions as they are in
// base. They are checked as the rules of version n from the day since; the error is of
// type Problems and says every line that is wrong.
func ReadDuties(name string, data []byte, base *catalogue.Catalogue, n int, since string) (catalogue.Duties, error) {
	r := &reader{files: map[string][]byte{name: data}}
	d := catalogue.Duties{Questions: base.Duties().Questions}
	from := map[string][]spot{}
	if strings.EqualFold(path.Ext(name), ".csv") {
		d.Rules, from["rules"] = r.ruleTable(name)
	} else {
		var file struct {
			Rules     []rule        `yaml:"rules"`
			Questions []questionSet `yaml:"questions"`
		}
		if r.strict(name, &file) {
			for _, x := range file.Rules {
				d.Rules = append(d.Rules, x.rule())
			}
			if file.Questions != nil {
				d.Questions = nil
			}
			for _, x := range file.Questions {
				d.Questions = append(d.Questions, x.set())
			}
			from["rules"], from["questions"] = r.lines(name, "rules"), r.lines(name, "questions")
		}
	}
	if len(r.problems) == 0 {
		if _, err := base.With(n, d, since); err != nil {
			r.faults(err, from)
		}
	}
	if len(r.problems) > 0 {
		r.problems.sort()
		return catalogue.Duties{}, r.problems
	}
	return d, nil
}

// WriteDuties writes rules and questions as YAML.
func WriteDuties(d catalogue.Duties) ([]byte, error) {
	var file struct {
		Rules     []rule        `yaml:"rules"`
		Questions []questionSet `yaml:"questions,omitempty"`
	}
	for _, r := range d.Rules {
		file.Rules = append(file.Rules, fromRule(r))
	}
	for _, s := range d.Questions {
		file.Questions = append(file.Questions, fromSet(s))
	}
	var out bytes.Buffer
	e := yaml.NewEncoder(&out)
	e.SetIndent(2)
	err := e.Encode(file)
	return out.Bytes(), err
}

var ruleColumns = []column{
	{"id", "编号", true}, {"off", "停用", false}, {"matters", "事项", false}, {"groups", "分类", false}, {"types", "类型", false}, {"channels", "来源", false},
	{"places", "地点类别", false}, {"under", "所属单位", false}, {"grids", "网格", false}, {"areas", "区域", false}, {"from", "生效日期", false}, {"until", "失效日期", false},
	{"season", "季节", false}, {"weekdays", "星期", false}, {"hours", "时段", false}, {"when", "工作时间", false}, {"unit", "承办", true}, {"assist", "协办", false},
	{"limit", "时限", false}, {"public", "公开", false}, {"ask", "问题组", false}, {"law", "依据", false}, {"source", "来由", false}, {"reason_zh", "理由", false}, {"reason_en", "英文理由", false},
}

func (r *reader) ruleTable(name string) (all []catalogue.Rule, at []spot) {
	types := matterTypes()
	for _, w := range r.table(name, ruleColumns) {
		x := catalogue.Rule{ID: w.text("id"), Off: w.yes("off"), Matters: w.list("matters"), Groups: w.list("groups"), Channels: w.list("channels"), Under: w.list("under"),
			Grids: w.list("grids"), Areas: w.list("areas"), From: w.text("from"), Until: w.text("until"), Season: w.text("season"), Weekdays: w.list("weekdays"),
			Hours: w.text("hours"), When: w.text("when"), Unit: w.text("unit"), Assist: w.list("assist"), Limit: ruleLimit(w.text("limit")),
			Public: choice(w, "public", map[string]string{"是": "yes", "否": "no"}), Ask: w.list("ask"), Law: w.text("law"), Source: w.text("source"),
			ReasonZH: w.text("reason_zh"), ReasonEN: w.text("reason_en")}
		for _, t := range w.list("types") {
			if known, ok := types[t]; ok {
				t = string(known)
			}
			x.Types = append(x.Types, catalogue.Type(t))
		}
		for _, p := range w.list("places") {
			x.Places = append(x.Places, directory.Kind(p))
		}
		all, at = append(all, x), append(at, w.at)
	}
	return all, at
}

// ruleLimit is the profile of a rule; 无 says that there is no limit.
func ruleLimit(cell string) string {
	if cell == "无" {
		return catalogue.NoLimit
	}
	return cell
}

// WriteRules writes the rules as a table in CSV with Chinese headings, for a
// spreadsheet; ReadDuties reads it again.
func WriteRules(d catalogue.Duties) ([]byte, error) {
	out := bytes.NewBufferString("\uFEFF")
	w := csv.NewWriter(out)
	head := make([]string, len(ruleColumns))
	for i, c := range ruleColumns {
		head[i] = c.heading
	}
	rows := [][]string{head}
	flag := map[bool]string{true: "是"}
	public := map[string]string{"yes": "是", "no": "否"}
	for _, r := range d.Rules {
		rows = append(rows, []string{r.ID, flag[r.Off], joined(r.Matters), joined(r.Groups), joined(r.Types), joined(r.Channels), joined(r.Places), joined(r.Under), joined(r.Grids),
			joined(r.Areas), r.From, r.Until, r.Season, joined(r.Weekdays), r.Hours, r.When, r.Unit, joined(r.Assist), r.Limit, public[r.Public], joined(r.Ask), r.Law, r.Source, r.ReasonZH, r.ReasonEN})
	}
	err := w.WriteAll(rows)
	return out.Bytes(), err
}

func joined[T ~string](list []T) string {
	all := make([]string, len(list))
	for i, x := range list {
		all[i] = string(x)
	}
	return strings.Join(all, "、")
}
