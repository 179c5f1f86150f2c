package open311

import (
	"weixiao/internal/catalogue"
	"weixiao/internal/form"
	"weixiao/internal/words"
)

// asks are the questions of a service.
func (d *door) asks(lang words.Lang, matter string) []Question {
	if d.opt.Questions != nil {
		return d.opt.Questions(matter)
	}
	return d.questions(lang, matter)
}

// questions are a matter's own questions as attributes of its service, by the
// version of the catalogue in force. Open311 knows no question that hangs on
// another: such a one is never required here.
func (d *door) questions(lang words.Lang, matter string) []Question {
	var out []Question
	for _, q := range d.Cases.District().Duties.Now().At(d.Clock()).Questions(matter, "") {
		a := Question{Code: q.Name, Required: q.Required && q.When == "", Words: pick(lang, q.ZH, q.EN), Hint: pick(lang, q.HintZH, q.HintEN)}
		switch q.Type {
		case form.Text:
			a.Datatype = Text
		case form.Int:
			a.Datatype = Number
		case form.Date, form.Moment:
			a.Datatype = Datetime
		case form.Choice:
			a.Datatype = Single
		case form.Multi:
			a.Datatype = Multi
		case form.Bool:
			a.Datatype = Single
			a.Values = []Value{{Key: "true", Name: pick(lang, "是", "Yes")}, {Key: "false", Name: pick(lang, "否", "No")}}
		default:
			a.Datatype = String
		}
		a.Values = append(a.Values, values(lang, q.Options)...)
		out = append(out, a)
	}
	return out
}

func values(lang words.Lang, options []catalogue.QuestionOption) []Value {
	var out []Value
	for _, o := range options {
		out = append(out, Value{Key: o.Value, Name: pick(lang, o.ZH, o.EN)})
	}
	return out
}
