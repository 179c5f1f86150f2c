package projects

import (
	"math/big"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"weixiao/internal/pack"
	"weixiao/internal/projects"
	"weixiao/internal/record"
	"weixiao/internal/web/staff"
	"weixiao/internal/web/ui"
)

func pair(label, value string) ui.Pair {
	if value == "" {
		value = "—"
	}
	return ui.Pair{Label: label, Value: ui.Text(value)}
}

func link(label, href, words string) ui.Pair {
	return ui.Pair{Label: label, Value: staff.Link(href, words)}
}

func madeUp(f *staff.Frame, yes bool) ui.Pair {
	if yes {
		return pair(f.T("projects.made_up"), f.T("projects.made_up.all"))
	}
	return pair(f.T("projects.made_up"), f.T("projects.made_up.no"))
}

// decimal writes a whole number of steps with so many decimals.
func decimal(n int64, places int) string {
	per := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(places)), nil)
	s := new(big.Rat).SetFrac(big.NewInt(n), per).FloatString(places)
	if strings.Contains(s, ".") {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	return s
}

func origin(f *staff.Frame, s string) string {
	if s == "" {
		return ""
	}
	return f.T("form.money_report.origin." + s)
}

func (p *Pages) lightWord(f *staff.Frame, light string) string {
	if light == "" {
		return ""
	}
	return f.T("projects.light." + light)
}

func (p *Pages) kindName(f *staff.Frame, kind string) string {
	k, _ := p.s.WorkRules().Kind(kind)
	return say(f, k.Text)
}

func (p *Pages) inMeasure(kind string, n int64) float64 {
	k, _ := p.s.WorkRules().Kind(kind)
	x, _ := strconv.ParseFloat(pack.InMeasure(n, k.Measure), 64)
	return x
}

// quantity is a number of steps in the measure of its kind, with the measure.
func (p *Pages) quantity(f *staff.Frame, kind string, n int64) string {
	if n == 0 {
		return ""
	}
	k, _ := p.s.WorkRules().Kind(kind)
	return pack.InMeasure(n, k.Measure) + " " + f.T("projects.measure."+k.Measure)
}

// whole writes a number unless it is zero.
func whole(n int64, places int) string {
	if n == 0 {
		return ""
	}
	return decimal(n, places)
}

func (p *Pages) facts(f *staff.Frame, v *record.View[*projects.Project]) ([]ui.Pair, error) {
	x := v.X
	class := ""
	if x.Class != "" {
		class = f.T("form.project_propose.signing." + x.Class)
	}
	home := ""
	if x.Home != "" {
		home = f.T("form.project_facts.home." + x.Home)
	}
	invest := f.Money(x.Investment)
	switch {
	case x.Exact:
		invest += " · " + f.T("projects.exact")
	case x.Source != "":
		invest += " · " + f.T("projects.made_up.some")
	}
	out := []ui.Pair{pair(f.T("projects.investor"), x.Investor), pair(f.T("projects.code"), x.Firm), pair(f.T("projects.home"), home), pair(f.T("projects.sector"), say(f, pack.NameOf(p.s.Rules().Sectors, x.Sector))),
		pair(f.T("projects.investment"), invest), pair(f.T("projects.fixed"), f.Money(x.Fixed)), pair(f.T("projects.land"), whole(x.Land, 2)), pair(f.T("projects.jobs"), whole(x.Jobs, 0)), pair(f.T("projects.energy"), whole(x.Energy, 0)),
		pair(f.T("projects.site"), strings.TrimSpace(f.Unit(x.Town)+" "+x.Site)), pair(f.T("projects.unit"), f.Unit(x.Unit)), pair(f.T("projects.agent"), f.Unit(x.Agent)), pair(f.T("projects.leader"), p.post(f, x.Leader)),
		pair(f.T("projects.class"), class), pair(f.T("projects.signed_at"), x.SignedAt)}
	if x.Source != "" {
		out = append(out, pair(f.T("projects.source"), x.Source))
	}
	if q := x.Proposal; q != nil {
		out = append(out, pair(f.T("projects.waiting"), f.T("projects.proposal", f.T("state.project."+q.Stage), f.Day(q.On), f.Name(q.By))))
	}
	return out, nil
}

// besides is what stands under the facts of a project.
type besides struct {
	Line     *projects.Line
	Why      string
	Twins    []twin
	Gantt    *gantt
	Evidence []row
	Money    []row
	Problems []row
	Arrived  string
	Done     string
	Map      *ui.MapView
}

type twin struct{ Href, ID, Why string }

type row struct {
	Href  string
	Cells []string
}

func (p *Pages) more(f *staff.Frame, v *record.View[*projects.Project]) (templ.Component, error) {
	all, err := p.s.View(f.R.Context(), f.Scope, v.Head.ID)
	if err != nil {
		return nil, err
	}
	b := &besides{Line: all.Line, Gantt: p.gantt(f, all), Arrived: f.Money(all.Line.Arrived), Done: f.Money(all.Line.Completed), Why: f.T("projects.counts")}
	if !all.Line.Counts {
		b.Why = f.T("projects.why." + all.Line.Why)
	}
	for _, t := range v.X.Twins {
		b.Twins = append(b.Twins, twin{listPath + "/r/" + t.ID, t.ID, f.T("projects.twin." + t.Why)})
	}
	for _, e := range all.Evidence {
		b.Evidence = append(b.Evidence, row{evidencePath + "/r/" + e.ID, []string{say(f, pack.NameOf(p.s.Rules().Evidence, e.Kind)) + " " + e.Number, f.T("state.project." + e.Proves), f.Day(e.Dated), f.T("state.project_evidence." + e.State)}})
	}
	for _, m := range all.Money {
		b.Money = append(b.Money, row{moneyPath + "/r/" + m.ID, []string{m.Slip, f.T("form.money_report.measure." + m.Measure), origin(f, m.Origin), f.Day(m.Booked), f.Money(m.Amount), f.T("state.project_money." + m.State)}})
	}
	for _, q := range all.Problems {
		b.Problems = append(b.Problems, row{problemPath + "/r/" + q.ID, []string{f.T("form.problem_raise.about." + q.About), f.Unit(q.Owner), f.T("state.project_problem." + q.State)}})
	}
	if x := v.X; x.Lon != 0 {
		f.Scripts = append(f.Scripts, "map")
		b.Map = &ui.MapView{ID: "project-map", Label: f.T("projects.map", x.Name, x.Site), Base: "/report/map.json?v=" + f.Site.Pack.Version,
			Points: []ui.MapPoint{{Lon: float64(x.Lon) / 1e6, Lat: float64(x.Lat) / 1e6, Label: x.Name, Note: x.Site}}}
	}
	return moreView(f, b), nil
}

func (p *Pages) sectionsOf(f *staff.Frame, v *record.View[*projects.Work]) (templ.Component, error) {
	list, _, err := p.s.Books.Section.List(f.R.Context(), f.Scope, record.Filter{Parent: v.Head.ID, Limit: 500})
	if err != nil {
		return nil, err
	}
	var rows []row
	for _, x := range list {
		rows = append(rows, row{sectionPath + "/r/" + x.ID, []string{x.Name, p.kindName(f, x.Kind), p.quantity(f, x.Kind, x.Quantity()), f.Day(x.Began), f.Day(x.Done), f.T("state.work_section." + x.State)}})
	}
	return table(f.T("projects.sections"), []string{f.T("projects.name"), f.T("projects.kind"), f.T("projects.quantity"), f.T("projects.began"), f.T("projects.done"), f.T("staff.state")}, rows), nil
}
