package express

import (
	"errors"
	"net/http"
	"strings"

	"github.com/a-h/templ"

	"weixiao/internal/access"
	"weixiao/internal/enterprise/express"
	"weixiao/internal/form"
	"weixiao/internal/record"
	"weixiao/internal/vault"
	"weixiao/internal/web/staff"
	"weixiao/internal/web/ui"
	"weixiao/internal/words"
)

// desk are the list, the record and the forms of those who handle letters.
func (p *pages) desk(rt *access.Router, frames staff.Frames) {
	p.letter = &staff.Pages[express.Letter, *express.Letter]{
		Book: p.x.Book(), Path: "/desk/express", Title: "express.title", Lead: "express.lead", Roles: hands,
		Columns: []staff.Column[*express.Letter]{
			{Label: "staff.number", Text: func(_ *staff.Frame, l *express.Letter) string { return l.ID }},
			{Label: "form.express_send.post", Text: func(f *staff.Frame, l *express.Letter) string { return p.post(f.Lang, l.Post) }},
			{Label: "form.express_send.topic", Text: func(f *staff.Frame, l *express.Letter) string { return word(f.Lang, p.x.Rules().Topics, l.Topic) }},
			{Label: "form.express_screen.level", Text: func(f *staff.Frame, l *express.Letter) string { return f.T("form.express_screen.level." + l.Level) }},
			{Label: "form.express_assign.lead", Text: func(f *staff.Frame, l *express.Letter) string { return f.Unit(l.Lead) }},
		},
		Name:    func(_ *staff.Frame, l *express.Letter) string { return l.ID },
		Facts:   p.facts,
		More:    p.more,
		Choices: p.choices,
		Looks:   map[string]string{"level": "list", "named": "list"},
		Prefill: prefill,
		Danger:  []string{"reject", "mark"},
		Main:    []string{"screen", "note", "assign", "accept", "answer", "check"},
		HeadButtons: func(f *staff.Frame) []ui.Button {
			if !f.Is(express.Watchers...) {
				return nil
			}
			return []ui.Button{{Label: f.T("express.figures"), Href: "/desk/express/figures"}}
		},
	}
	p.letter.Register(rt, frames)
}

func (p *pages) choices(f *staff.Frame, l *express.Letter, action, field string) (out []ui.Choice, ok bool) {
	if field != "officer" {
		return p.members(f, field)
	}
	fm, err := p.formOf(f.R, f.Scope, l, action)
	if err != nil {
		return nil, true
	}
	fd, _ := fm.Field(field)
	for _, o := range fd.Options {
		out = append(out, ui.Choice{Value: o.Value, Label: f.Name(o.Value)})
	}
	return out, true
}

func prefill(_ *staff.Frame, l *express.Letter, action string) form.Raw {
	switch action {
	case "screen":
		return record.Raw("topic", l.Topic, "level", l.Level, "against", l.Against)
	case "take_in":
		return record.Raw("named", "yes", "level", "normal")
	case "take_in_unnamed":
		return record.Raw("named", "no", "level", "normal")
	}
	return nil
}

// facts are what is known of a letter beside its words.
func (p *pages) facts(f *staff.Frame, v *record.View[*express.Letter]) ([]ui.Pair, error) {
	l := v.X
	var out []ui.Pair
	add := func(label, value string) {
		if value != "" {
			out = append(out, ui.Pair{Label: f.T(label), Value: ui.Text(value)})
		}
	}
	add("form.express_send.post", p.post(f.Lang, l.Post))
	add("form.express_send.topic", word(f.Lang, p.x.Rules().Topics, l.Topic))
	add("form.express_screen.level", f.T("form.express_screen.level."+l.Level))
	var marks []string
	for _, m := range l.Marks {
		marks = append(marks, f.T("mark.express."+m))
	}
	add("express.marks", strings.Join(marks, f.T("word.list.comma")))
	add("form.express_screen.against", f.Unit(l.Against))
	add("form.express_assign.lead", f.Unit(l.Lead))
	if l.Hard {
		add("form.express_assign.hard", f.T("word.yes"))
	}
	add("form.express_accept.officer", f.Name(l.Officer))
	if l.Result != "" {
		add("form.express_answer.result", f.T("form.express_answer.result."+l.Result))
	}
	if l.Satisfaction != "" {
		add("form.express_confirm.satisfaction", f.T("form.express_confirm.satisfaction."+l.Satisfaction))
	}
	add("express.case", l.Case)
	return out, nil
}

// read are the words of a letter on a page of the desk.
type read struct {
	Words   []said
	Sender  string // masked; "" when the reader may not know it
	Firm    string
	Hidden  bool // strict: the sender's own words are not for this reader
	Ledger  []said
	Reveal  ui.FormView
	May     bool
	Problem string
	Name    string // revealed
	Phone   string
}

var revealForm = form.Form{Name: "express_reveal", Fields: []form.Field{
	{Name: "reason", Type: form.Choice, Required: true, Options: reasons()}, {Name: "note", Type: form.Line, Required: true, Max: 100}}}

func reasons() (out []form.Option) {
	for _, r := range vault.Reasons {
		out = append(out, form.Option{Value: string(r)})
	}
	return out
}

func (p *pages) more(f *staff.Frame, v *record.View[*express.Letter]) (templ.Component, error) {
	x, err := p.reading(f, v.Head.ID)
	if err != nil {
		return nil, err
	}
	return wordsCard(f, x), nil
}

func (p *pages) reading(f *staff.Frame, id string) (*read, error) {
	r, err := p.x.Read(f.R.Context(), f.Scope, id)
	if err != nil {
		return nil, err
	}
	x := &read{Words: texts(f.Lang, r), Firm: r.Firm}
	x.Hidden = r.X.Level == "strict" && r.Said("words") == ""
	if r.Firm != "" {
		if firm, _, err := p.Firms.Get(f.R.Context(), r.Firm); err == nil {
			x.Firm = firm.Name + " " + r.Firm
		}
	}
	if r.Sender != nil {
		x.Sender, x.May = strings.TrimSpace(r.Sender.Name+" "+r.Sender.Phone), true
		x.Reveal = ui.FormView{Form: revealForm, ID: "reveal", Action: "/desk/express/r/" + id + "/reveal", Submit: f.T("express.reveal"), Look: "ghost", Dense: true, Choices: map[string][]ui.Choice{}}
		for _, reason := range vault.Reasons {
			x.Reveal.Choices["reason"] = append(x.Reveal.Choices["reason"], ui.Choice{Value: string(reason), Label: f.T("form.reveal.reason." + string(reason))})
		}
	}
	for _, d := range r.Ledger {
		who := f.Name(d.Account)
		if who == "" {
			who = f.T("express.ledger.sender")
		}
		x.Ledger = append(x.Ledger, said{words.Exact(f.Lang, d.At), who + f.T("word.colon") + f.T("desk.ledger.kind."+string(d.Kind))})
	}
	return x, nil
}

// reveal opens name and telephone of a sender, with a reason.
func (p *pages) reveal(w http.ResponseWriter, f *staff.Frame) error {
	if err := f.Parse(w); err != nil {
		return err
	}
	id := f.R.PathValue("id")
	raw := f.Raw(revealForm)
	answers, err := revealForm.Check(raw)
	faults, _ := errors.AsType[form.Faults](err)
	status := http.StatusOK
	var shown vault.Person
	problem := ""
	if err == nil {
		shown, err = p.x.Reveal(f.R.Context(), f.Scope, id, vault.Reason(answers.Str("reason")), answers.Str("note"))
		if limit, ok := errors.AsType[*vault.LimitError](err); ok {
			status, problem, err = http.StatusTooManyRequests, f.T("express.reveal.limit", limit.Limit), nil
		}
		if err != nil {
			return err
		}
	} else {
		status = http.StatusUnprocessableEntity
	}
	x, err := p.reading(f, id)
	if err != nil {
		return err
	}
	f.Title = id
	x.Reveal.Raw, x.Reveal.Faults, x.Problem, x.Name, x.Phone = raw, faults, problem, shown.Name, shown.Phone
	w.Header().Set("Cache-Control", "no-store")
	return f.Render(w, status, revealPage(f, id, x))
}
