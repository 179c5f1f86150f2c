package projects

import (
	"fmt"
	"net/http"
	"net/url"

	"weixiao/internal/projects"
	"weixiao/internal/web/staff"
)

// period is what the request asks for; the year of the clock when it says nothing.
func period(f *staff.Frame) projects.Period {
	year := f.Now.Format("2006")
	p := projects.Period{From: year + "-01-01", To: year + "-12-31"}
	q := f.R.URL.Query()
	if s := q.Get("from"); !day(s).IsZero() {
		p.From = s
	}
	if s := q.Get("to"); !day(s).IsZero() {
		p.To = s
	}
	return p
}

func query(p projects.Period, more ...string) string {
	q := url.Values{"from": {p.From}, "to": {p.To}}
	for i := 0; i+1 < len(more); i += 2 {
		q.Set(more[i], more[i+1])
	}
	return "?" + q.Encode()
}

type figure struct {
	Name, Href, N, Amount, Of, OfHref, Share string
}

func (p *Pages) figureName(f *staff.Frame, key string) string {
	for _, b := range p.s.Rules().Bands {
		if key == "band."+b.ID {
			return say(f, b.Text)
		}
	}
	return f.T("projects.figure." + key)
}

func (p *Pages) figures(w http.ResponseWriter, f *staff.Frame) error {
	at := period(f)
	list, err := p.s.Figures(f.R.Context(), f.Scope, at)
	if err != nil {
		return err
	}
	arrived, err := p.s.Arrivals(f.R.Context(), f.Scope, at)
	if err != nil {
		return err
	}
	var out []figure
	for _, x := range list {
		g := figure{Name: p.figureName(f, x.Key), Href: behindPath + query(at, "figure", x.Key), N: fmt.Sprint(x.N), Amount: f.Money(x.Amount)}
		if x.Of > 0 {
			g.Of, g.OfHref = fmt.Sprint(x.Of), behindPath+query(at, "figure", x.Key, "of", "1")
			if x.ByAmount {
				g.Of = f.Money(x.OfAmount)
			}
		}
		if s := x.Share(); s >= 0 {
			g.Share = fmt.Sprintf("%d.%d%%", s/10, s%10)
		}
		out = append(out, g)
	}
	var months []row
	for _, a := range arrived {
		months = append(months, row{moneyPath + "?view=confirmed", []string{a.Month, origin(f, a.Origin), fmt.Sprint(a.N), f.Money(a.Amount)}})
	}
	return f.Render(w, http.StatusOK, figuresPage(f, at, out, months))
}

func (p *Pages) behindList(f *staff.Frame) ([]*projects.Line, projects.Period, string, error) {
	at, q := period(f), f.R.URL.Query()
	list, err := p.s.Behind(f.R.Context(), f.Scope, at, q.Get("figure"), q.Get("of") == "1")
	return list, at, q.Get("figure"), err
}

// behind are the projects of a figure.
func (p *Pages) behind(w http.ResponseWriter, f *staff.Frame) error {
	list, at, key, err := p.behindList(f)
	if err != nil {
		return err
	}
	name := p.figureName(f, key)
	if f.R.URL.Query().Get("of") == "1" {
		name = f.T("projects.of", name)
	}
	f.Title = name
	var rows []row
	var sum int64
	for _, x := range list {
		sum += x.Investment
		rows = append(rows, row{listPath + "/r/" + x.ID, []string{x.Name, f.T("state.project." + x.State), f.Money(x.Investment), f.Money(x.Arrived), f.Unit(x.Unit), f.Day(x.Reached[projects.Signed]), p.lightWord(f, x.Light)}})
	}
	head := []string{f.T("projects.name"), f.T("staff.state"), f.T("projects.investment"), f.T("projects.arrived"), f.T("projects.unit"), f.T("projects.signed_on"), f.T("projects.light")}
	return f.Render(w, http.StatusOK, behindPage(f, listView{Back: figuresPath + query(at), BackLabel: f.T("projects.figures"), Title: name, Lead: f.T("projects.behind", len(list), f.Money(sum), at.From, at.To),
		Sheet: behindPath + "/list.xlsx?" + f.R.URL.RawQuery, Head: head, Rows: rows}))
}

func (p *Pages) behindSheet(w http.ResponseWriter, f *staff.Frame) error {
	list, _, key, err := p.behindList(f)
	if err != nil {
		return err
	}
	rows := [][]any{{f.T("staff.number"), f.T("projects.name"), f.T("projects.investor"), f.T("staff.state"), f.T("projects.investment"), f.T("projects.arrived"), f.T("projects.unit"), f.T("projects.signed_on")}}
	for _, x := range list {
		rows = append(rows, []any{x.ID, x.Name, x.Investor, f.T("state.project." + x.State), float64(x.Investment) / 100, float64(x.Arrived) / 100, f.Unit(x.Unit), x.Reached[projects.Signed]})
	}
	return staff.SendSheet(w, p.figureName(f, key), "projects", rows)
}

// listView is a list that is not one of records of one kind.
type listView struct {
	Back, BackLabel, Title, Lead, Sheet string
	Head                                []string
	Rows                                []row
}

// built is how much of each kind was taken over.
func (p *Pages) built(w http.ResponseWriter, f *staff.Frame) error {
	list, err := p.s.Built(f.R.Context(), f.Scope)
	if err != nil {
		return err
	}
	v := listView{Back: worksPath, BackLabel: f.T("projects.works"), Title: f.Title, Lead: f.T("projects.built.lead"), Head: []string{f.T("projects.kind"), f.T("projects.accepted"), f.T("projects.sections"), f.T("projects.under_way")}}
	for _, b := range list {
		open := ""
		if b.Open > 0 {
			open = p.quantity(f, b.Kind.ID, b.Open)
		}
		v.Rows = append(v.Rows, row{sectionPath + "?view=accepted&kind=" + b.Kind.ID, []string{say(f, b.Kind.Text), p.quantity(f, b.Kind.ID, b.Accepted), fmt.Sprint(b.N), open}})
	}
	return f.Render(w, http.StatusOK, behindPage(f, v))
}

// metPage is the distinct organisations that were met.
func (p *Pages) metPage(w http.ResponseWriter, f *staff.Frame) error {
	at, class := period(f), f.R.URL.Query().Get("class")
	list, err := p.met.Met(f.R.Context(), f.Scope, at.From, at.To, class)
	if err != nil {
		return err
	}
	v := listView{Back: visitPath, BackLabel: f.T("projects.outreach"), Title: f.Title, Sheet: metPath + "/list.xlsx?" + f.R.URL.RawQuery,
		Head: []string{f.T("projects.partner"), f.T("projects.class"), f.T("projects.out"), f.T("projects.in"), f.T("projects.last"), f.T("projects.leads")}}
	out, in := 0, 0
	for _, m := range list {
		out, in = out+m.Out, in+m.In
		v.Rows = append(v.Rows, row{partnerPath + "/r/" + m.ID, []string{m.Name, p.className(f, m.Class), fmt.Sprint(m.Out), fmt.Sprint(m.In), f.Day(m.Last), fmt.Sprint(m.Leads)}})
	}
	v.Lead = f.T("projects.met.lead", len(list), out, in, at.From, at.To)
	return f.Render(w, http.StatusOK, behindPage(f, v))
}

func (p *Pages) metSheet(w http.ResponseWriter, f *staff.Frame) error {
	at := period(f)
	list, err := p.met.Met(f.R.Context(), f.Scope, at.From, at.To, f.R.URL.Query().Get("class"))
	if err != nil {
		return err
	}
	rows := [][]any{{f.T("staff.number"), f.T("projects.partner"), f.T("projects.class"), f.T("projects.out"), f.T("projects.in"), f.T("projects.last"), f.T("projects.leads")}}
	for _, m := range list {
		rows = append(rows, []any{m.ID, m.Name, p.className(f, m.Class), m.Out, m.In, m.Last, m.Leads})
	}
	return staff.SendSheet(w, f.Title, "met", rows)
}

func (p *Pages) className(f *staff.Frame, id string) string {
	for _, c := range p.met.Rules().Classes {
		if c.ID == id {
			return say(f, c.Text)
		}
	}
	return id
}
