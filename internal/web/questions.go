package web

import (
	"weixiao/internal/catalogue"
	"weixiao/internal/form"
	"weixiao/internal/text"
	"weixiao/internal/web/ui"
	"weixiao/internal/words"
)

// AskPrefix stands before the names of a matter's own questions in forms of pages.
const AskPrefix = "ask."

// Questions are a matter's own questions, ready to be drawn within the form id; what
// was typed is shown again. Pages require none of them: they help, they are no wall.
func Questions(lang words.Lang, id string, questions []catalogue.Question, raw form.Raw, faults form.Faults) ui.FormView {
	v := ui.FormView{Form: catalogue.FormOf(AskPrefix, false, questions), ID: id, Raw: raw, Faults: faults,
		Labels: map[string]string{}, Hints: map[string]string{}, Choices: map[string][]ui.Choice{}, Looks: map[string]string{}}
	either := func(zh, en string) string {
		if lang == words.EN && en != "" {
			return en
		}
		return zh
	}
	for _, q := range questions {
		name := AskPrefix + q.Name
		v.Labels[name], v.Hints[name] = either(q.ZH, q.EN), either(q.HintZH, q.HintEN)
		for _, o := range q.Options {
			v.Choices[name] = append(v.Choices[name], ui.Choice{Value: o.Value, Label: either(o.ZH, o.EN)})
		}
		if q.Type == form.Bool {
			v.Looks[name] = "yesno"
		}
	}
	return v
}

// Answered checks the answers among raw to a matter's own questions. Answers to
// questions that are not asked any more, since the words or the place were changed,
// are left out. Words are masked as those of the report are.
func Answered(questions []catalogue.Question, raw form.Raw) (map[string][]string, form.Faults) {
	f := catalogue.FormOf(AskPrefix, false, questions)
	mine := form.Raw{}
	for _, fd := range f.Fields {
		if v, ok := raw[fd.Name]; ok {
			mine[fd.Name] = v
		}
	}
	answers, err := f.Check(mine)
	if err != nil {
		faults, _ := err.(form.Faults)
		return nil, faults
	}
	out := catalogue.Attributes(AskPrefix, answers)
	for _, list := range out {
		for i := range list {
			list[i], _ = text.Redact(list[i])
		}
	}
	return out, nil
}
