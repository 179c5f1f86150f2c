package enterprise

import (
	"net/http"

	"weixiao/internal/enterprise/policies"
	"weixiao/internal/web/staff"
)

// shown is a policy as anybody sees it.
type shown struct {
	Name, No, Unit, Term string
	MadeUp, Ended        bool
	Clauses              []clauseView
}

func (p *Pages) public(w http.ResponseWriter, r *http.Request) error {
	f := p.page(r, "page.policies.title")
	list, err := p.Policies.Public(r.Context())
	if err != nil {
		return err
	}
	var out []shown
	for _, x := range list {
		s := shown{Name: x.Policy.Name, No: x.Policy.No, Unit: p.Site.UnitName(f.Lang, x.Policy.Unit), Term: x.Policy.From + " – " + x.Policy.Until, MadeUp: x.Policy.MadeUp, Ended: x.Policy.State == policies.Ended}
		for _, c := range x.Clauses {
			s.Clauses = append(s.Clauses, p.view(f, c))
		}
		out = append(out, s)
	}
	return p.show(w, r, http.StatusOK, f, publicPage(f, out))
}

type grantsView struct {
	Clause clauseView
	Paid   string
	Budget string
	Back   string
	List   []policies.Grant
	Older  string
}

func (p *Pages) grants(w http.ResponseWriter, r *http.Request) error {
	f := p.page(r, "page.policies.grants")
	id := r.PathValue("clause")
	list, next, err := p.Policies.Grants(r.Context(), id, staff.Number(r.URL.Query().Get("before")), 50)
	if err != nil {
		return err
	}
	_, book, _ := p.Policies.Book()
	c, err := book.View(r.Context(), scope(r), id)
	if err != nil {
		return err
	}
	f.Title = c.X.Title
	v := grantsView{Clause: p.view(f, c.X), Paid: amount(f, c.X.Paid), Budget: amount(f, c.X.Budget), Back: amount(f, c.X.Recovered), List: list}
	if next != 0 {
		v.Older = "/policies/" + id + "?before=" + itoa(next)
	}
	return p.show(w, r, http.StatusOK, f, grantsPage(f, v))
}
