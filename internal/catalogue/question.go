package catalogue

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"weixiao/internal/form"
)

// QuestionSet is what is asked about some matters besides words and place.
type QuestionSet struct {
	ID      string     `json:"id"`
	Matters []string   `json:"matters,omitempty"` // keys of matters
	Groups  []string   `json:"groups,omitempty"`  // ids of groups; neither: only where a rule asks it
	Fields  []Question `json:"fields"`
}

// Question is one typed question. No question asks who somebody is: names and
// numbers have a sealed place of their own in every form.
type Question struct {
	Name     string           `json:"name"` // the attribute's code: a-z, 0-9 and _
	Type     form.Type        `json:"type"` // see QuestionTypes
	Required bool             `json:"required,omitempty"`
	ZH       string           `json:"zh"`
	EN       string           `json:"en"`
	HintZH   string           `json:"hint_zh,omitempty"`
	HintEN   string           `json:"hint_en,omitempty"`
	Options  []QuestionOption `json:"options,omitempty"` // choice, multi
	Min      int              `json:"min,omitempty"`     // int
	Max      int              `json:"max,omitempty"`     // int: bound; line, text: characters
	// When asks it only if another question of the same set, an earlier one, was
	// answered with one of Values.
	When   string   `json:"when,omitempty"`
	Values []string `json:"values,omitempty"`
}

// QuestionOption is one answer to choose.
type QuestionOption struct {
	Value string `json:"value"`
	ZH    string `json:"zh"`
	EN    string `json:"en"`
}

// QuestionTypes lists the types a question can have.
func QuestionTypes() []form.Type {
	return []form.Type{form.Line, form.Text, form.Choice, form.Multi, form.Bool, form.Int, form.Date, form.Moment}
}

// maxQuestions is how many questions a matter may ask: more is a wall.
const maxQuestions = 6

// Questions are what a matter asks, in order: its own, and those that the rule of a
// decision adds ("" for none).
func (c *Catalogue) Questions(matter, rule string) []Question {
	m, ok := c.Matter(matter)
	if !ok {
		return nil
	}
	sets := slices.Clone(c.asked[m.Key])
	if i := c.ruleAt(rule); i >= 0 {
		for _, id := range c.duties.Rules[i].Ask {
			if at := c.setAt(id); at >= 0 && !slices.Contains(sets, at) {
				sets = append(sets, at)
			}
		}
	}
	var out []Question
	for _, i := range sets {
		for _, q := range c.duties.Questions[i].Fields {
			if !slices.ContainsFunc(out, func(have Question) bool { return have.Name == q.Name }) {
				out = append(out, q)
			}
		}
	}
	return out
}

func (c *Catalogue) setAt(id string) int {
	return slices.IndexFunc(c.duties.Questions, func(s QuestionSet) bool { return s.ID == id })
}

func (c *Catalogue) ruleAt(id string) int {
	return slices.IndexFunc(c.duties.Rules, func(r Rule) bool { return r.ID == id })
}

// FormOf makes the form of some questions. prefix stands before the names of its
// fields. Without must nothing is required: the door asks, but is no wall.
func FormOf(prefix string, must bool, questions []Question) form.Form {
	f := form.Form{Name: "questions"}
	for _, q := range questions {
		fd := form.Field{Name: prefix + q.Name, Type: q.Type, Required: q.Required && must, Min: q.Min, Max: q.Max}
		for _, o := range q.Options {
			fd.Options = append(fd.Options, form.Option{Value: o.Value})
		}
		if q.When != "" {
			fd.When, fd.Values = prefix+q.When, q.Values
		}
		f.Fields = append(f.Fields, fd)
	}
	return f
}

// Answer is an answer in the words of its question.
type Answer struct{ QuestionZH, QuestionEN, ZH, EN string }

// Spell puts answers, by code, into words: first those to known questions, in their
// order, then what else was said is left to the caller.
func Spell(questions []Question, answers map[string][]string) []Answer {
	var out []Answer
	for _, q := range questions {
		given := answers[q.Name]
		if len(given) == 0 {
			continue
		}
		a := Answer{QuestionZH: q.ZH, QuestionEN: q.EN}
		var zh, en []string
		for _, v := range given {
			z, e := q.word(v)
			zh, en = append(zh, z), append(en, e)
		}
		a.ZH, a.EN = strings.Join(zh, "、"), strings.Join(en, ", ")
		out = append(out, a)
	}
	return out
}

// word is an answer in both languages.
func (q Question) word(v string) (zh, en string) {
	for _, o := range q.Options {
		if o.Value == v {
			return o.ZH, o.EN
		}
	}
	if q.Type == form.Bool {
		switch v {
		case "true":
			return "是", "Yes"
		case "false":
			return "否", "No"
		}
	}
	if q.Type == form.Moment {
		if t, err := form.ParseMoment(v); err == nil {
			v = t.Format("2006-01-02 15:04")
		}
	}
	return v, v
}

// Attributes are checked answers as a report keeps them: text by code.
func Attributes(prefix string, answers form.Answers) map[string][]string {
	out := map[string][]string{}
	for name, v := range answers {
		code := strings.TrimPrefix(name, prefix)
		switch v := v.(type) {
		case []string:
			if len(v) > 0 {
				out[code] = v
			}
		default:
			out[code] = []string{fmt.Sprint(v)}
		}
	}
	return out
}

var codeRE = regexp.MustCompile(`^[a-z][a-z0-9_]{0,31}$`)

// who are words of questions that ask who somebody is.
var who = regexp.MustCompile(`姓名|您贵姓|怎么称呼|电话|手机|身份证|证件号|微信号|(?i)\b(your name|phone|telephone|mobile number|id card|identity)\b`)

// taken are attribute codes that doors use themselves.
var taken = []string{"privacy_notice", "media_url"}

func (b *builder) checkQuestions() {
	seen := map[string]bool{}
	for i, s := range b.c.duties.Questions {
		bad := func(zh, en string) { b.fault("questions", i, s.ID, zh, en) }
		if s.ID == "" || seen[s.ID] {
			bad("问题组的编号缺少或重复", "the set's id is missing or used twice")
		} else if !plainID(s.ID) {
			bad("问题组的编号“"+s.ID+"”只能用字母、数字、- 和 .，至多 60 个", "the set's id may have letters, digits, - and . only, 60 at most")
		}
		seen[s.ID] = true
		b.checkAbout(s.Matters, s.Groups, bad)
		if len(s.Fields) == 0 {
			bad("问题组里没有问题", "the set has no question")
		}
		for j, q := range s.Fields {
			b.checkQuestion(s.Fields[:j], q, func(zh, en string) { bad("问题“"+q.Name+"”"+zh, "question "+q.Name+": "+en) })
		}
	}
	for _, m := range b.c.matters {
		var n int
		for _, i := range b.c.asked[m.Key] {
			n += len(b.c.duties.Questions[i].Fields)
		}
		if n > maxQuestions {
			last := b.c.asked[m.Key][len(b.c.asked[m.Key])-1]
			b.fault("questions", last, b.c.duties.Questions[last].ID, fmt.Sprintf("事项“%s”一共要问 %d 个问题，最多 %d 个", m.Name, n, maxQuestions),
				fmt.Sprintf("matter %s would ask %d questions; %d are the most", m.Key, n, maxQuestions))
		}
		b.checkCodes(m)
	}
}

// checkCodes: a matter may be asked by several sets, but an answer is kept by the code
// of its question, so two different questions of one matter cannot share one.
func (b *builder) checkCodes(m Matter) {
	first := map[string]int{}
	sets := b.c.duties.Questions
	for _, i := range b.c.asked[m.Key] {
		for _, q := range sets[i].Fields {
			at, ok := first[q.Name]
			if !ok {
				first[q.Name] = i
				continue
			}
			if at == i || slices.ContainsFunc(sets[at].Fields, func(o Question) bool { return reflect.DeepEqual(o, q) }) {
				continue // twice in one set is said there; the very same question is asked once
			}
			b.fault("questions", i, sets[i].ID, fmt.Sprintf("问题“%s”的代码在问题组“%s”里已经是另一个问题，两组都会问事项“%s”", q.Name, sets[at].ID, m.Name),
				fmt.Sprintf("question %s: its code is that of another question of set %s, and both sets ask matter %s", q.Name, sets[at].ID, m.Key))
		}
	}
}

func (b *builder) checkQuestion(before []Question, q Question, bad func(zh, en string)) {
	lists := q.Type == form.Choice || q.Type == form.Multi
	switch {
	case !codeRE.MatchString(q.Name) || slices.Contains(taken, q.Name):
		bad("的代码应以小写字母开头，只用小写字母、数字和下划线，至多 32 个", "its code must be lower-case letters, digits and _, 32 at most")
	case slices.ContainsFunc(before, func(o Question) bool { return o.Name == q.Name }):
		bad("在这一组里出现了两次", "is there twice")
	case !slices.Contains(QuestionTypes(), q.Type):
		bad("的类型“"+string(q.Type)+"”应为 line、text、choice、multi、bool、int、date 或 moment", "type "+string(q.Type)+" must be line, text, choice, multi, bool, int, date or moment")
	case q.ZH == "" || q.EN == "":
		bad("要有中文和英文的问法", "needs words in Chinese and English")
	case lists && len(q.Options) < 2:
		bad("要有至少两个选项", "needs two options at least")
	case !lists && len(q.Options) > 0:
		bad("不是选择题，不能有选项", "has options, but is no choice")
	case q.Type == form.Int && q.Max < q.Min:
		bad("的最大值小于最小值", "max is less than min")
	}
	if who.MatchString(q.ZH) || who.MatchString(q.EN) || who.MatchString(q.HintZH) || who.MatchString(q.HintEN) {
		bad("在问个人信息；姓名和电话有专门的加密栏目，公开的问题里不能问", "asks for personal data; name and telephone number have a sealed place of their own")
	}
	values := map[string]bool{}
	for _, o := range q.Options {
		if o.Value == "" || o.ZH == "" || o.EN == "" || values[o.Value] {
			bad("的选项要有不重复的值、中文和英文", "every option needs a value of its own and words in Chinese and English")
			break
		}
		values[o.Value] = true
	}
	if q.When != "" {
		at := slices.IndexFunc(before, func(o Question) bool { return o.Name == q.When })
		if at < 0 {
			bad("要看“"+q.When+"”的回答，但它前面没有这个问题", "hangs on "+q.When+", which is no earlier question of the set")
			return
		}
		for _, v := range q.Values {
			if !before[at].allows(v) {
				bad("要看“"+q.When+"”是否为“"+v+"”，但那不是可选的回答", "hangs on "+q.When+" being "+v+", which is no answer to it")
			}
		}
	}
	if (q.When == "") != (len(q.Values) == 0) {
		bad("的 when 和 values 要一起写", "when and values go together")
	}
}

// allows reports whether v can be an answer that another question hangs on.
func (q Question) allows(v string) bool {
	if q.Type == form.Bool {
		return v == "true" || v == "false"
	}
	return q.Type == form.Choice && slices.ContainsFunc(q.Options, func(o QuestionOption) bool { return o.Value == v })
}
