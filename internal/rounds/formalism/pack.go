package formalism

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"weixiao/internal/catalogue"
	"weixiao/internal/pack"
)

// ofPack are the words of routines.yaml for prohibitions where they differ from ours.
var ofPack = map[string]string{"presence_photo": Photo}

// routines looks at what is done outside again and again: what it forbids, what fills it, and what its words ask for.
func (v *inspector) routines() {
	if v.in.Pack == nil {
		return
	}
	for _, r := range v.in.Pack.Routines {
		id, name := "routine."+r.Key, pack.Text{ZH: r.Title, EN: r.English}
		v.add(Entry{Kind: KindRoutine, ID: id, Of: name, Name: name, Demand: Automatic, Roles: r.Posts, Verdict: Fine, Why: "routine"})
		for _, f := range pack.Forbidden() {
			if !slices.Contains(r.Forbids, f) {
				rule := f
				if x := ofPack[f]; x != "" {
					rule = x
				}
				v.add(Entry{Kind: KindRoutine, ID: id, Of: name, Name: name, Demand: Automatic, Roles: r.Posts, Rule: rule, Verdict: Look, Why: "not_barred"})
			}
		}
		v.spoken(Entry{Kind: KindRoutine, ID: id, Of: name, Name: name, Demand: Automatic, Roles: r.Posts}, r.What)
		for _, it := range r.Items {
			e := Entry{Kind: KindItem, ID: id + "." + it.Key, Of: name, Name: pack.Text{ZH: it.Title, EN: it.English}, Demand: Automatic, Roles: r.Posts, Verdict: Fine, Why: "fills_itself"}
			e.Note = pack.Text{ZH: strings.Join(it.FilledBy, "、"), EN: strings.Join(it.FilledBy, ", ")}
			if len(it.FilledBy) == 0 {
				e.Demand, e.Rule, e.Verdict, e.Why = Required, Twice, Forbidden, "by_hand"
			}
			for _, by := range it.FilledBy {
				if _, action, _ := strings.Cut(by, "."); presence.MatchString(action) {
					e.Rule, e.Verdict, e.Why, e.Note = CheckIn, Forbidden, "by_presence", same(by)
				}
			}
			v.add(e)
			v.spoken(e, e.Name)
		}
	}
}

// spoken adds an entry for each prohibition that the words of something come near to.
func (v *inspector) spoken(e Entry, t pack.Text) {
	for _, h := range say(t) {
		e.Rule, e.Verdict, e.Why, e.Note = h.rule, h.verdict, "term", h.word
		v.add(e)
	}
}

// questions looks at what the pack asks about matters: operators and grid workers put these questions as well. Whoever
// reports has said place, telephone and matter already, and the record knows the hour by itself.
func (v *inspector) questions() {
	var sets []catalogue.QuestionSet
	switch {
	case v.in.Questions != nil:
		sets = v.in.Questions()
	case v.in.Pack != nil && v.in.Pack.Catalogue != nil:
		sets = v.in.Pack.Catalogue.Duties().Questions
	}
	for _, set := range sets {
		of := pack.Text{ZH: set.ID, EN: set.ID}
		must := 0
		for _, q := range set.Fields {
			label := pack.Text{ZH: q.ZH, EN: q.EN}
			e := Entry{Kind: KindQuestion, ID: "question." + set.ID + "." + q.Name, Of: of, Name: label, Demand: Optional, Shape: string(q.Type), Verdict: Fine, Why: "optional"}
			switch {
			case q.Required && q.When != "":
				e.Demand, e.Why = Conditional, "needed"
			case q.Required:
				must++
				e.Demand, e.Why = Required, "needed"
			}
			if what := about(label); what != "" {
				e.Rule, e.Verdict, e.Why, e.Note = Twice, Look, "known", concepted(what)
			}
			v.add(e)
			v.spoken(e, pack.Text{ZH: q.ZH + "，" + q.HintZH, EN: q.EN + ", " + q.HintEN})
		}
		if must > MostRequired {
			v.add(Entry{Kind: KindForm, ID: "question." + set.ID, Of: of, Name: of, Demand: Required, Rule: Twice, Verdict: Look, Why: "many", Note: number(must)})
		}
	}
}

// ofPeople are words by which a figure is one of persons and not of units.
var (
	peopleZH   = regexp.MustCompile(`每人|人均|个人|网格员|干部|工作人员|承办人|账号`)
	peopleEN   = regexp.MustCompile(`(?i)\b(per (person|head|worker|account|user)|each (person|worker)|personal|individual|grid workers?|employees?|accounts?)\b`)
	peopleName = regexp.MustCompile(`(^|_)(person|persons|worker|workers|account|user|cadre|staff|employee)(_|$)`)
)

// figures looks at what is counted and ranked: units, never persons, and never how often somebody opened the program.
func (v *inspector) figures() {
	if v.in.Pack != nil {
		for _, c := range v.in.Pack.Scores.Counts {
			v.figure("count."+c.Name, c.Name, c.Text)
		}
		for _, f := range v.in.Pack.Scores.Formulas {
			v.figure("formula."+f.Name, f.Name+" "+f.Expression, f.Text)
		}
	}
	for _, x := range v.in.Exports {
		for i, c := range x.Columns {
			v.figure(fmt.Sprintf("export.%s.%d", x.Name, i+1), "", c)
		}
	}
}

func (v *inspector) figure(id, code string, label pack.Text) {
	e := Entry{Kind: KindFigure, ID: id, Of: label, Name: label, Demand: Automatic, Verdict: Fine, Why: "unit_figure"}
	word := peopleZH.FindString(label.ZH)
	if word == "" {
		word = peopleEN.FindString(label.EN)
	}
	for _, w := range strings.FieldsFunc(code, func(r rune) bool { return !(r == '_' || r >= 'a' && r <= 'z') }) {
		if word == "" && peopleName.MatchString(w) {
			word = w
		}
	}
	if word != "" {
		e.Rule, e.Verdict, e.Why, e.Note = Ranking, Forbidden, "person_figure", pack.Text{ZH: word, EN: word}
	}
	hits := say(label)
	if word != "" || len(hits) == 0 {
		v.add(e)
	}
	for _, h := range hits {
		e.Rule, e.Verdict, e.Why, e.Note = h.rule, h.verdict, "term", h.word
		v.add(e)
	}
}
