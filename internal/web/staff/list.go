package staff

import (
	"net/http"
	"strconv"

	"github.com/a-h/templ"
	"github.com/xuri/excelize/v2"

	"weixiao/internal/record"
	"weixiao/internal/web/ui"
)

const perPage = 50

type cell struct {
	Text  string
	Draw  templ.Component
	Right bool
}

type line struct {
	Href  string
	Cells []cell
	Chip  string
	State string
	Due   *ui.Due
}

type listView struct {
	Title, Lead, None   string
	Back, BackLabel     string
	Views               []ui.Nav
	Heads               []cell
	Lines               []line
	Buttons             []ui.Button
	Newest, Next, Sheet string
	Dues                bool
}

func (p *Pages[T, P]) views() []View {
	if p.Views != nil {
		return p.Views
	}
	out := []View{{Name: "", Label: "staff.all"}}
	for _, s := range p.Book.Table().States {
		out = append(out, View{Name: s.Name, Label: "state." + p.kind() + "." + s.Name, Filter: record.Filter{State: s.Name}})
	}
	return out
}

// filter is what the request asks for: a view, what the pages narrow it to, and where a page goes on.
func (p *Pages[T, P]) filter(f *Frame) (record.Filter, string) {
	views := p.views()
	v := views[0]
	for _, x := range views {
		if x.Name == f.R.URL.Query().Get("view") {
			v = x
		}
	}
	out := v.Filter
	if p.Filter != nil {
		more := p.Filter(f)
		for _, s := range []struct{ to, from *string }{{&out.State, &more.State}, {&out.Unit, &more.Unit}, {&out.Parent, &more.Parent}, {&out.Of, &more.Of}, {&out.Tag, &more.Tag}} {
			if *s.from != "" {
				*s.to = *s.from
			}
		}
	}
	return out, v.Name
}

func (p *Pages[T, P]) list(w http.ResponseWriter, f *Frame) error {
	p.done(f)
	filter, on := p.filter(f)
	filter.Before, filter.Limit = Number(f.R.URL.Query().Get("before")), perPage
	list, next, err := p.Book.List(f.R.Context(), f.Scope, filter)
	if err != nil {
		return err
	}
	v := &listView{Title: f.Title, None: f.T("staff.none"), Sheet: p.Path + "/list.xlsx?" + f.R.URL.RawQuery}
	if p.Lead != "" {
		v.Lead = f.T(p.Lead)
	}
	if p.None != "" {
		v.None = f.T(p.None)
	}
	if p.Back != nil {
		v.Back, v.BackLabel = p.Back(f)
	}
	for _, x := range p.views() {
		href := WithQuery(WithQuery(f.R.URL.RequestURI(), "view", x.Name), "before", "")
		v.Views = append(v.Views, ui.Nav{Label: f.T(x.Label), Href: href, On: x.Name == on})
	}
	for _, c := range p.Columns {
		v.Heads = append(v.Heads, cell{Text: f.T(c.Label), Right: c.Right})
	}
	for _, x := range list {
		l, err := p.line(f, x)
		if err != nil {
			return err
		}
		v.Dues = v.Dues || l.Due != nil
		v.Lines = append(v.Lines, l)
	}
	if next != 0 {
		v.Next = WithQuery(f.R.URL.RequestURI(), "before", strconv.FormatInt(next, 10))
	}
	if filter.Before != 0 {
		v.Newest = WithQuery(f.R.URL.RequestURI(), "before", "")
	}
	if p.HeadButtons != nil {
		v.Buttons = p.HeadButtons(f)
	}
	if p.Load != "" && f.Is(Roles(p.Book.Table(), p.Load)...) {
		v.Buttons = append(v.Buttons, ui.Button{Label: f.T("staff.load"), Icon: "plus", Href: p.Path + "/load"})
	}
	for _, name := range p.makers() {
		if p.Of != "" && f.R.URL.Query().Get(p.Of) == "" {
			break
		}
		if f.Is(Roles(p.Book.Table(), name)...) {
			href := p.Path + "/new/" + name
			if q := f.R.URL.RawQuery; q != "" {
				href += "?" + q
			}
			v.Buttons = append(v.Buttons, ui.Button{Label: f.T("action." + p.kind() + "." + name), Icon: "plus", Look: "p", Href: href})
		}
	}
	return f.Render(w, http.StatusOK, listPage(f, v))
}

func (p *Pages[T, P]) line(f *Frame, x P) (line, error) {
	h := p.Book.Head(x)
	l := line{Href: p.Href(h.ID)}
	l.Chip, l.State = f.State(p.Book.Table(), h.State)
	for _, c := range p.Columns {
		cl := cell{Text: c.Text(f, x), Right: c.Right}
		if c.Cell != nil {
			cl.Draw = c.Cell(f, x)
		}
		l.Cells = append(l.Cells, cl)
	}
	due, err := p.due(f, h)
	l.Due = due
	return l, err
}

// sheetMost is how many records a file of a list has at most.
const sheetMost = 20000

// export is the list of a view as XLSX: what the page shows, all of it that the asker reaches.
func (p *Pages[T, P]) export(w http.ResponseWriter, f *Frame) error {
	filter, _ := p.filter(f)
	filter.Limit = 500
	head := []any{f.T("staff.number")}
	for _, c := range p.Columns {
		head = append(head, f.T(c.Label))
	}
	rows := [][]any{append(head, f.T("staff.state"), f.T("staff.created"))}
	for {
		list, next, err := p.Book.List(f.R.Context(), f.Scope, filter)
		if err != nil {
			return err
		}
		for _, x := range list {
			h := p.Book.Head(x)
			row := []any{h.ID}
			for _, c := range p.Columns {
				if c.Value != nil {
					row = append(row, c.Value(x))
				} else {
					row = append(row, safeCell(c.Text(f, x)))
				}
			}
			_, state := f.State(p.Book.Table(), h.State)
			rows = append(rows, append(row, state, f.exact(h.Created)))
		}
		if filter.Before = next; next == 0 || len(rows) > sheetMost {
			break
		}
	}
	return SendSheet(w, f.Title, p.kind(), rows)
}

// safeCell keeps a program that opens the file from taking words for a formula.
func safeCell(s string) string {
	if s != "" && (s[0] == '=' || s[0] == '+' || s[0] == '-' || s[0] == '@') {
		return "'" + s
	}
	return s
}

// SendSheet sends rows as an XLSX file of one sheet; the first row is its head. name is the file's, in plain letters.
func SendSheet(w http.ResponseWriter, sheet, name string, rows [][]any) error {
	x := excelize.NewFile()
	defer x.Close()
	if r := []rune(sheet); len(r) > 31 {
		sheet = string(r[:31])
	}
	if err := x.SetSheetName(x.GetSheetName(0), sheet); err != nil {
		sheet = x.GetSheetName(0)
	}
	s, err := x.NewStreamWriter(sheet)
	if err != nil {
		return err
	}
	for i, row := range rows {
		at, err := excelize.CoordinatesToCellName(1, i+1)
		if err != nil {
			return err
		}
		if err := s.SetRow(at, row); err != nil {
			return err
		}
	}
	if err := s.Flush(); err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
	h.Set("Content-Disposition", `attachment; filename="`+name+`.xlsx"`)
	h.Set("Cache-Control", "no-store")
	return x.Write(w)
}
