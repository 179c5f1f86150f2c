package command

import (
	"net/http"
	"regexp"
	"strconv"
	"time"

	"weixiao/internal/assess"
	"weixiao/internal/cases"
	"weixiao/internal/pack"
	"weixiao/internal/store"
	"weixiao/internal/web"
	"weixiao/internal/web/ui"
	"weixiao/internal/words"
)

func timeOf(us int64) time.Time { return time.UnixMicro(us) }

var monthRE = regexp.MustCompile(`^20\d\d-(0[1-9]|1[0-2])$`)

// figuresView is a month of all units, or of one.
type figuresView struct {
	p       ui.Page
	s       *web.Site
	month   *assess.Month
	months  []string
	unit    *assess.Figures
	count   string
	rows    []*cases.Row
	next    string
	classes []pack.Class
}

func (v *figuresView) name(t pack.Text) string {
	if v.p.Lang == words.EN {
		return t.EN
	}
	return t.ZH
}

// shown are the results in the table of all units.
var shown = []string{"response", "resolution", "satisfaction", "combined", "on_time_signing", "on_time_closing", "handback", "rework"}

func (v *figuresView) formulas() []pack.Formula {
	var out []pack.Formula
	for _, name := range shown {
		for _, f := range v.s.Pack.Scores.Formulas {
			if f.Name == name {
				out = append(out, f)
			}
		}
	}
	return out
}

// result is a result as text: a share in percent, points as they are.
func result(f assess.Figures, fm pack.Formula) string {
	x, ok := f.Result(fm.Name)
	switch {
	case !ok:
		return "—"
	case fm.Points:
		return strconv.FormatFloat(x, 'f', 1, 64)
	}
	return strconv.FormatFloat(100*x, 'f', 1, 64) + "%"
}

func (v *figuresView) ofClass(name string) []assess.Figures {
	var out []assess.Figures
	for _, f := range v.month.Units {
		if f.Class == name {
			out = append(out, f)
		}
	}
	return out
}

func (c *Command) base(r *http.Request, month string) (*figuresView, error) {
	if month == "" {
		month = c.s.Clock().In(zone).Format("2006-01")
	}
	if !monthRE.MatchString(month) {
		return nil, store.ErrNotFound
	}
	v := &figuresView{p: c.s.Page(r, "command.figures.title", month), s: c.s, classes: c.s.Pack.Scores.Classes}
	v.p.Nav = []ui.Nav{{Label: v.p.T("command.back"), Icon: "map", Href: "/command"}, {Label: v.p.T("command.desk"), Icon: "inbox", Href: "/desk"}}
	var err error
	if v.month, err = c.s.Assess.Month(r.Context(), month); err != nil {
		return nil, err
	}
	v.months, err = c.s.Assess.Months(r.Context())
	return v, err
}

func (c *Command) figures(w http.ResponseWriter, r *http.Request) error {
	v, err := c.base(r, r.URL.Query().Get("month"))
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, figuresPage(v))
}

func (c *Command) oneUnit(r *http.Request) (*figuresView, error) {
	v, err := c.base(r, r.PathValue("month"))
	if err != nil {
		return nil, err
	}
	for i := range v.month.Units {
		if v.month.Units[i].Unit == r.PathValue("unit") {
			v.unit = &v.month.Units[i]
			v.p.Title = v.p.T("command.unit.title", c.s.UnitName(v.p.Lang, v.unit.Unit), v.month.Month)
			return v, nil
		}
	}
	return nil, store.ErrNotFound
}

func (c *Command) unit(w http.ResponseWriter, r *http.Request) error {
	v, err := c.oneUnit(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, unitPage(v))
}

// behind lists the cases that make up one count: what an auditor clicks down to.
func (c *Command) behind(w http.ResponseWriter, r *http.Request) error {
	v, err := c.oneUnit(r)
	if err != nil {
		return err
	}
	v.count = r.PathValue("count")
	after, _ := strconv.ParseInt(r.URL.Query().Get("after"), 10, 64)
	const page = 50
	list, err := c.s.Assess.Behind(r.Context(), v.month.Month, v.unit.Unit, v.count, assess.After, assess.Cursor{Seq: after}, page)
	if err != nil {
		return err
	}
	var numbers []string
	var last int64
	for _, e := range list {
		numbers, last = append(numbers, e.Number), e.Seq
	}
	if v.rows, err = c.s.Cases.Some(r.Context(), web.Scope(r), numbers); err != nil {
		return err
	}
	if len(numbers) == page {
		v.next = r.URL.Path + "?after=" + strconv.FormatInt(last, 10)
	}
	return web.Render(w, r, http.StatusOK, behindPage(v))
}

func (v *figuresView) countName(name string) string {
	for _, n := range v.s.Pack.Scores.Counts {
		if n.Name == name {
			return v.name(n.Text)
		}
	}
	return name
}
