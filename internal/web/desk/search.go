package desk

import (
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"weixiao/internal/cases"
	"weixiao/internal/form"
	"weixiao/internal/store"
	"weixiao/internal/web"
	"weixiao/internal/web/ui"
	"weixiao/internal/words"
)

// searchView is the search page: filters, and what was found.
type searchView struct {
	Query  string
	Asked  bool
	Groups []ui.Group
	Paging ui.Paging
	Filter ui.FormView
	Phone  bool   // somebody typed a telephone number where it may not stand
	Found  string // what the result is called
	Fault  string
}

// telephone is what looks like a telephone number. It is not searched for from an
// address: addresses end in histories and logs.
var telephone = regexp.MustCompile(`^[+(]?\d[\d() -]{6,16}\d$`)

// search looks for cases by number and words, narrowed by what the form says.
// Ended cases are found too.
func (d *Desk) search(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.search.title")
	in := r.URL.Query()
	v := searchView{Query: strings.TrimSpace(in.Get("q"))}
	if len([]rune(v.Query)) > 100 {
		v.Query = string([]rune(v.Query)[:100])
	}
	var flt cases.Filter
	v.Filter, flt = f.searchFilter()
	if telephone.MatchString(v.Query) {
		v.Phone, v.Query = true, ""
	}
	v.Asked = v.Query != "" || flt != (cases.Filter{})
	if !v.Asked {
		return f.render(w, http.StatusOK, searchPage(f, v))
	}
	flt.Query, flt.Limit = v.Query, pageSize+1
	flt.After, _ = strconv.ParseInt(in.Get("before"), 10, 64)
	rows, err := d.s.Cases.List(r.Context(), f.sc, flt)
	if err != nil {
		return err
	}
	if len(rows) == 1 && strings.EqualFold(rows[0].Number, v.Query) {
		return web.SeeOther(w, r, "/desk/cases/"+rows[0].Number)
	}
	if len(rows) > pageSize {
		rows = rows[:pageSize]
		v.Paging.Older = withQuery(r.URL.RequestURI(), "before", strconv.FormatInt(rows[pageSize-1].Doc, 10))
	}
	if flt.After > 0 {
		v.Paging.Start = withQuery(r.URL.RequestURI(), "before", "0")
	}
	v.Found = f.T("desk.search.found")
	if err := f.fill(&v, rows); err != nil {
		return err
	}
	return f.render(w, http.StatusOK, searchPage(f, v))
}

// fill turns found cases into one group of rows.
func (f *frame) fill(v *searchView, rows []*cases.Case) error {
	if err := f.loadNames(rows); err != nil {
		return err
	}
	g := ui.Group{Label: v.Found}
	for _, k := range rows {
		g.Rows = append(g.Rows, f.row(k, ""))
	}
	if len(g.Rows) > 0 {
		v.Groups = []ui.Group{g}
	}
	return nil
}

// searchFilter reads the filter form of the search page.
func (f *frame) searchFilter() (ui.FormView, cases.Filter) {
	_, v, _ := f.filterForm(f.listing())
	in := f.r.URL.Query()
	states := make([]ui.Choice, 0, len(cases.Table.States))
	for _, s := range cases.Table.States {
		states = append(states, ui.Choice{Value: s.Name, Label: f.T("state.case." + s.Name)})
	}
	fields := []form.Field{{Name: "state", Type: form.Choice}}
	for _, fd := range v.Form.Fields {
		if fd.Name != "community" { // lists of all cases are not kept by community
			fields = append(fields, fd)
		}
	}
	v.Form.Fields, v.Form.Name = fields, "filter"
	v.Choices["state"], v.Looks["state"] = states, "select"
	v.Raw = form.Raw{}
	get := func(name string) string {
		s := in.Get(name)
		if len(s) > 40 {
			return ""
		}
		if s != "" {
			v.Raw[name] = []string{s}
		}
		return s
	}
	flt := cases.Filter{State: get("state"), Unit: get("unit"), Street: get("street"), Matter: get("matter"), Channel: get("channel"), Kind: get("kind")}
	if t, err := time.ParseInLocation(time.DateOnly, get("from"), words.Zone()); err == nil {
		flt.From = t.UnixMicro()
	}
	if t, err := time.ParseInLocation(time.DateOnly, get("to"), words.Zone()); err == nil {
		flt.To = t.AddDate(0, 0, 1).UnixMicro()
	}
	return v, flt
}

// searchPhone lists the cases of a telephone number. The number comes in the body
// of the request and is found by its blind index; who looked is in the ledger.
func (d *Desk) searchPhone(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.search.title")
	v := searchView{Phone: true}
	v.Filter, _ = f.searchFilter()
	answers, err := phoneForm.Check(form.Raw{"phone": {strings.TrimSpace(r.PostFormValue("phone"))}})
	if err != nil {
		v.Fault, f.Faulty = ui.FaultText(f.Lang, phoneForm.Name, phoneForm.Fields[0], err.(form.Faults)[0]), true
		return f.render(w, http.StatusUnprocessableEntity, searchPage(f, v))
	}
	rows, err := f.ofPhone(answers.Str("phone"), pageSize)
	if err != nil {
		return err
	}
	v.Asked, v.Found = true, f.T("desk.search.ofphone")
	if err := f.fill(&v, rows); err != nil {
		return err
	}
	return f.render(w, http.StatusOK, searchPage(f, v))
}

var phoneForm = form.Form{Name: "phone", Fields: []form.Field{{Name: "phone", Type: form.Phone, Required: true}}}

// ofPhone lists the cases of a telephone number, newest first, and notes that the
// user saw whose they are.
func (f *frame) ofPhone(phone string, limit int) ([]*cases.Case, error) {
	if !f.sc.All() {
		return nil, nil
	}
	persons, err := store.Get(f.r.Context(), f.d.s.DB, func(tx *store.Tx) ([]string, error) {
		return f.d.s.Vault.FindByPhone(tx, f.d.s.Pack.District, phone, limit)
	})
	if err != nil {
		return nil, err
	}
	rows, err := f.d.s.Cases.OfPersons(f.r.Context(), f.sc, persons, limit)
	if err != nil {
		return nil, err
	}
	for _, k := range rows {
		f.viewed(k)
	}
	return rows, nil
}
