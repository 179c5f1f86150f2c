package desk

import (
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/cases"
	"weixiao/internal/catalogue"
	"weixiao/internal/insight"
	"weixiao/internal/text"
	"weixiao/internal/web/ui"
	"weixiao/internal/words"
)

// adviceView is what earlier cases suggest beside the duty rules: for people of
// the centre who send cases, and for nobody else.
type adviceView struct {
	Shown bool
	Lines []adviceLine // none: it cannot tell
}

// adviceLine is a suggested unit with its reasons in plain words.
type adviceLine struct {
	Unit, Share string
	Why         []string
}

// adviceRoles send cases to units, and see what is suggested.
func adviceRoles() []string { return rolesOf(&cases.Table, "dispatch", "designate") }

// adviceReaders see how good the suggestions are.
func adviceReaders() []string {
	return add(rolesOf(&cases.Table, "designate"), access.Admin, access.Auditor)
}

// advice is what is suggested for a case, and what the act of sending it keeps.
func (f *frame) advice(k *cases.Case) (adviceView, *cases.Advice) {
	if f.d.s.Adviser == nil || !f.is(adviceRoles()) || !f.sc.All() {
		return adviceView{}, nil
	}
	a, ok := f.d.s.Adviser.Advise(k)
	if !ok {
		return adviceView{}, nil
	}
	v := adviceView{Shown: true}
	for _, u := range a.Units {
		l := adviceLine{Unit: f.unit(u.Unit), Share: strconv.Itoa(u.Share) + "%"}
		for _, r := range u.Facts {
			l.Why = append(l.Why, f.T("desk.advice.fact", f.alike(r), r.Of, r.Went))
		}
		if len(u.Words) > 0 {
			l.Why = append(l.Why, f.T("desk.advice.words", strings.Join(u.Words, f.T("word.list.comma"))))
		}
		v.Lines = append(v.Lines, l)
	}
	return v, a.Act
}

// adviceOnSending is what an act that sends a case keeps; nil for other acts.
func (f *frame) adviceOnSending(number, action string) *cases.Advice {
	if action != "dispatch" && action != "designate" {
		return nil
	}
	k, err := f.d.s.Cases.Get(f.r.Context(), f.sc, number)
	if err != nil {
		return nil // the act itself will say it
	}
	_, act := f.advice(k)
	return act
}

// alike names what earlier cases had in common with this one.
func (f *frame) alike(r insight.Reason) string {
	var out []string
	for i, c := range r.Columns {
		v := r.Values[i]
		switch c {
		case "rule":
			v = f.T("desk.advice.rule", f.unit(v))
		case "street", "community":
			v = f.unit(v)
		case "matter":
			v = f.matter(v)
		case "group":
			v = f.group(v)
		case "channel":
			v = f.channel(v)
		case "kind":
			v = f.T("kind." + v)
		}
		out = append(out, v)
	}
	return strings.Join(out, f.T("desk.advice.and"))
}

// group is the heading of a group of matters.
func (f *frame) group(id string) string {
	groups := f.d.s.Pack.Catalogue.Groups()
	i := slices.IndexFunc(groups, func(g catalogue.Group) bool { return g.ID == id })
	switch {
	case i < 0:
		return id
	case f.Lang == words.EN && groups[i].English != "":
		return groups[i].English
	}
	return groups[i].Name
}

// adviceOnCall is what is suggested while a call is written down.
func (f *frame) adviceOnCall(said, kind, matter string, p cases.Place) adviceView {
	redacted, _ := text.Redact(said)
	if m, ok := f.d.s.Pack.Catalogue.Matter(matter); ok && kind == "" {
		kind = string(m.Type)
	}
	v, _ := f.advice(&cases.Case{Channel: "hotline", Kind: kind, Matter: matter, Place: p, Body: redacted, Created: f.Now.UnixMicro()})
	return v
}

// short is the advice in one line.
func (v adviceView) short(f *frame) string {
	if len(v.Lines) == 0 {
		return f.T("desk.advice.none")
	}
	var out []string
	for _, l := range v.Lines {
		out = append(out, l.Unit+" "+l.Share)
	}
	return strings.Join(out, f.T("word.list.comma"))
}

// adviceFigures is the page about how good the suggestions are.
type adviceFigures struct {
	Known  bool
	State  insight.State
	Months []insight.Month
	Month  string // whose cases are listed
	List   []insight.Sending
	Next   string
	// Against are matters that go elsewhere than the rules say.
	Against []proposalLine
}

// proposalLine is a rule that the district follows and its catalogue does not have.
type proposalLine struct {
	Matter, Place, Rule, Unit, Share, Interval string
	Cases                                      []string
	More                                       int    // cases beyond those named
	Draft                                      string // address where it becomes a draft; "" = nowhere
}

func (f *frame) proposals(all []insight.Proposal) []proposalLine {
	var out []proposalLine
	for _, p := range all {
		l := proposalLine{Matter: f.matter(p.Matter), Place: f.T("desk.advice.everywhere"), Rule: f.unit(p.RuleUnit), Unit: f.unit(p.Unit), Cases: p.Cases, More: p.Went - len(p.Cases),
			Share: f.T("desk.advice.went", p.Of, p.Went), Interval: words.Rate(int64(p.Went), int64(p.Of), 0) + f.T("desk.advice.interval", percent(p.Low), percent(p.High))}
		if p.Place != "" {
			l.Place = f.unit(p.Place)
		}
		switch p.Rule {
		case "matter":
			l.Rule += f.T("desk.advice.rule.matter")
		case "duty":
			l.Rule += f.T("desk.advice.rule.duty")
		default:
			l.Rule += f.T("desk.advice.rule.of", p.Rule)
		}
		if f.d.s.DraftRule != nil {
			l.Draft = f.d.s.DraftRule(p)
		}
		out = append(out, l)
	}
	return out
}

func percent(share float64) int { return int(math.Round(share * 100)) }

// adviceFacts are what the suggestions are learned from, and how they did on the
// cases that were held back while learning.
func (f *frame) adviceFacts(s insight.State) []ui.Pair {
	share := func(part, whole int) string { return words.Rate(int64(part), int64(whole), 1) }
	text := func(label, value string) ui.Pair { return ui.Pair{Label: f.T(label), Value: ui.Text(value)} }
	h := s.Held
	return []ui.Pair{
		text("desk.advice.version", s.Version),
		text("desk.advice.learned", f.T("desk.advice.learned.from", f.Moment(s.At), s.Cases, s.Units)),
		text("desk.advice.held", f.T("desk.advice.held.first", h.Cases, share(h.First, h.Cases), share(h.Third, h.Cases))),
		text("desk.advice.answers", f.T("desk.advice.answers.right", share(h.Answered, h.Cases), share(h.AnsweredRight, h.Answered))),
	}
}

const sendingsPage = 50

func (d *Desk) advicePage(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.advice.page")
	v := adviceFigures{}
	if a := d.s.Adviser; a != nil {
		var err error
		if v.State, v.Known = a.State(); v.Known {
			v.State.At = v.State.At.In(words.Zone())
		}
		v.Against = f.proposals(a.Proposals())
		if v.Months, err = a.Months(r.Context(), f.Now); err != nil {
			return err
		}
		if m := r.URL.Query().Get("month"); validMonth(m) {
			v.Month = m
			after, _ := strconv.ParseInt(r.URL.Query().Get("after"), 10, 64)
			if v.List, err = a.Sendings(r.Context(), m, after, sendingsPage); err != nil {
				return err
			}
			if len(v.List) == sendingsPage {
				v.Next = "/desk/admin/suggestions?month=" + m + "&after=" + strconv.FormatInt(v.List[sendingsPage-1].Seq, 10)
			}
		}
	}
	return f.render(w, http.StatusOK, adviceFiguresPage(f, v))
}

func validMonth(s string) bool {
	_, err := time.Parse("2006-01", s)
	return err == nil
}

// unitNames lists units, each by its short name.
func (f *frame) unitNames(ids []string) string {
	var out []string
	for _, id := range ids {
		out = append(out, f.unit(id))
	}
	return strings.Join(out, f.T("word.list.comma"))
}
