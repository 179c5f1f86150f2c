package formalism

import (
	"path"
	"slices"
	"strings"

	"weixiao/internal/catalogue"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/pack"
	"weixiao/internal/words"
)

// Verdict is what the guard says of a demand.
type Verdict string

// Verdicts.
const (
	Fine      Verdict = "fine"
	Explained Verdict = "explained" // to be looked at, and somebody wrote down why it stays
	Excepted  Verdict = "excepted"  // an exception in force covers it
	Look      Verdict = "look"      // to be looked at: nobody said why it is there
	Forbidden Verdict = "forbidden"
)

// Verdicts lists them, the gravest first.
func Verdicts() []Verdict { return []Verdict{Forbidden, Look, Excepted, Explained, Fine} }

// Kinds of entries.
const (
	KindRoutine  = "routine"
	KindItem     = "item"     // of a routine
	KindField    = "field"    // of an action's form
	KindAction   = "action"   // a button
	KindForm     = "form"     // a form as a whole
	KindQuestion = "question" // of the pack
	KindFigure   = "figure"   // a count or formula of the pack, a column of an export
	KindEvidence = "evidence" // a photo, a video, a position
	KindStale    = "stale"    // an explanation that explains nothing any more
)

// Kinds lists them in the order of the list.
func Kinds() []string {
	return []string{KindRoutine, KindItem, KindEvidence, KindAction, KindForm, KindField, KindQuestion, KindFigure, KindStale}
}

// Demands: how much a thing is asked for.
const (
	Required    = "required"
	Conditional = "conditional" // required after another answer
	Optional    = "optional"
	Automatic   = "automatic" // nobody enters it
)

// Entry is one thing, with the prohibition it comes nearest to.
type Entry struct {
	Kind    string
	ID      string    // form.case_reply.result, routine.daily_five, question.supply-out.since, count.arrived
	Of      pack.Text // what it belongs to, in words
	Name    pack.Text
	Demand  string
	Shape   string // type of a field; "" for what is none
	Roles   []string
	Rule    string // one of Rules; "" = it touches none
	Verdict Verdict
	Why     string    // message formalism.why.<Why>
	Note    pack.Text // the particular: the term, the other field
	Said    pack.Text // Explained: the explanation
	Except  string    // Excepted: id of the exception
}

// Open reports whether the entry still wants an answer.
func (e Entry) Open() bool { return e.Verdict == Look || e.Verdict == Forbidden }

// Evidence is a photo, a video or a position that a page or a routine takes. Each kind of work hands in its own; the program
// gathers them.
type Evidence struct {
	Of       string // form of an action (check_look), or key of a routine
	What     string // photo, video, position, track
	Required bool
	Roles    []string
}

// Export is a table that leaves the program.
type Export struct {
	Name    string
	Columns []pack.Text
}

// Asking is a form that stands in no flow table: a questionnaire that other work brings.
type Asking struct {
	Kind  string // of the record: what it asks is compared with what that record knows; "" = it begins one
	Form  form.Form
	Roles []string
}

// Input is everything that asks something of staff.
type Input struct {
	Tables   []*flow.Table
	Evidence []Evidence
	Exports  []Export
	Asking   []Asking
	Pack     *pack.Pack
	// Questions are those in force; nil = as the pack has them.
	Questions func() []catalogue.QuestionSet
}

// Inspect lists what staff must fill in, show or prove, each with the prohibition it touches and a verdict. in force are the
// exceptions that hold now.
func Inspect(in Input, inForce []*Exception) []Entry {
	v := &inspector{in: in}
	v.routines()
	v.evidence()
	for _, t := range in.Tables {
		v.table(t)
	}
	v.asking()
	v.questions()
	v.figures()
	v.judge(inForce)
	return v.list
}

// Unsettled are the entries that still want an answer.
func Unsettled(list []Entry) (out []Entry) {
	for _, e := range list {
		if e.Open() {
			out = append(out, e)
		}
	}
	return out
}

type inspector struct {
	in   Input
	list []Entry
}

func (v *inspector) add(e Entry) { v.list = append(v.list, e) }

// judge lets explanations and exceptions speak. A forbidden thing stays forbidden whatever is explained.
func (v *inspector) judge(inForce []*Exception) {
	var said []pack.Explained
	if v.in.Pack != nil {
		said = v.in.Pack.Explained
	}
	used := make([]bool, len(said))
	for i := range v.list {
		e := &v.list[i]
		if !e.Open() {
			continue
		}
		if x := covering(inForce, *e); x != nil {
			e.Verdict, e.Except = Excepted, x.ID
			continue
		}
		if e.Verdict == Forbidden {
			continue
		}
		if key := "formalism.explained." + strings.TrimPrefix(e.ID, "form.") + "." + e.Rule; ofProgram(e.ID) && words.Has(key) {
			e.Verdict, e.Said = Explained, pack.Text{ZH: words.T(words.ZH, key), EN: words.T(words.EN, key)}
			continue
		}
		for j, x := range said {
			if !ofProgram(e.ID) && x.Rule == e.Rule && matches(x.What, e.ID) {
				e.Verdict, e.Said, used[j] = Explained, x.Text, true
			}
		}
	}
	for j, x := range said {
		if !used[j] {
			v.add(Entry{Kind: KindStale, ID: "explained." + x.What, Of: pack.Text{ZH: "formalism.yaml", EN: "formalism.yaml"}, Name: pack.Text{ZH: x.What, EN: x.What},
				Rule: x.Rule, Verdict: Look, Why: "stale"})
		}
	}
}

// ofProgram reports whether the thing is the program's: a district cannot explain it away in its pack.
func ofProgram(id string) bool {
	return strings.HasPrefix(id, "form.") || strings.HasPrefix(id, "evidence.") || strings.HasPrefix(id, "export.")
}

func matches(pattern, id string) bool {
	ok, err := path.Match(pattern, id)
	return err == nil && ok
}

// covering is an exception for a named field or routine, of the kinds that silence a finding.
func covering(inForce []*Exception, e Entry) *Exception {
	for _, x := range inForce {
		if x.Rule == e.Rule && (x.Rule == Twice || x.Rule == Photo) && x.Subject == e.ID {
			return x
		}
	}
	return nil
}

// Subjects are the ids that an exception of a kind may name.
func Subjects(in Input, rule string) (out []string) {
	for _, e := range Inspect(in, nil) {
		switch {
		case rule == CheckIn && e.Kind != KindRoutine, (rule == Twice || rule == Photo) && e.Rule != rule, slices.Contains(out, e.ID):
		default:
			out = append(out, e.ID)
		}
	}
	return out
}
