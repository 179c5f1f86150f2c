package staff

import (
	"errors"
	"net/http"
	"strings"

	"weixiao/internal/files/sheet"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/record"
	"weixiao/internal/store"
	"weixiao/internal/web"
	"weixiao/internal/web/ui"
	"weixiao/internal/words"
)

type rowFault struct {
	Row  int
	Text string
}

type loadView struct {
	Title, Back, BackLabel string
	Action                 string
	Columns                []string
	Problem                string
	Faults                 []rowFault
}

func (p *Pages[T, P]) loadView(f *Frame) (*loadView, *flow.Action, error) {
	act, err := p.Book.Table().Action(p.Load)
	if err != nil {
		return nil, nil, err
	}
	f.Title = f.T("staff.load.title", f.T(p.Title))
	v := &loadView{Title: f.Title, Back: p.Path, BackLabel: f.T(p.Title), Action: p.Path + "/load"}
	for _, fd := range act.Form.Fields {
		label := ui.FieldLabel(f.Lang, act.Form.Name, fd.Name)
		if fd.Required {
			label += " *"
		}
		v.Columns = append(v.Columns, label)
	}
	return v, act, nil
}

func (p *Pages[T, P]) loadPage(w http.ResponseWriter, f *Frame) error {
	v, _, err := p.loadView(f)
	if err != nil {
		return err
	}
	return f.Render(w, http.StatusOK, loadPage(f, v))
}

// errRows ends a transaction some of whose rows are wrong.
var errRows = errors.New("staff: rows are wrong")

// load takes in a file, CSV or XLSX, whose head names the fields of the action in Chinese, English or as the API does.
// Either every row is taken or none; each that is wrong is named with what to do.
func (p *Pages[T, P]) load(w http.ResponseWriter, f *Frame) error {
	if err := f.Parse(w); err != nil {
		return err
	}
	v, act, err := p.loadView(f)
	if err != nil {
		return err
	}
	table, problem := f.sheet()
	if problem != "" {
		f.Faulty, v.Problem = true, problem
		return f.Render(w, http.StatusUnprocessableEntity, loadPage(f, v))
	}
	n := 0
	err = f.Site.DB.Write(f.R.Context(), func(tx *store.Tx) error {
		v.Faults, n = nil, 0
		fm, err := p.Book.FormIn(tx, f.Scope, P(new(T)), act)
		if err != nil {
			return err
		}
		known, unknown := p.heads(f, fm, table.Head)
		for _, h := range unknown {
			v.Faults = append(v.Faults, rowFault{1, f.T("staff.load.unknown", h)})
		}
		if len(unknown) > 0 {
			return errRows
		}
		for i, cells := range table.Lines {
			raw := p.rawOf(f, fm, known, cells)
			if len(raw) == 0 {
				continue
			}
			_, err := p.Book.OpenIn(tx, f.Scope, p.Load, record.Input{Raw: raw})
			if err == nil {
				n++
				continue
			}
			said, ours := f.rowFault(fm, err)
			if !ours {
				return err
			}
			for _, s := range said {
				v.Faults = append(v.Faults, rowFault{i + 2, s})
			}
			if len(v.Faults) > 200 {
				break
			}
		}
		if len(v.Faults) > 0 {
			return errRows
		}
		return nil
	})
	if errors.Is(err, errRows) {
		f.Faulty = true
		return f.Render(w, http.StatusUnprocessableEntity, loadPage(f, v))
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, f.R, WithQuery(p.Path, "done", p.Load))
}

// rowFault says what is wrong with a row; ours: it is the row and not the program.
func (f *Frame) rowFault(fm form.Form, err error) (out []string, ours bool) {
	status, problem, faults := f.Wrong(err)
	if status == 0 {
		return nil, false
	}
	for _, ft := range faults {
		fd, _ := fm.Field(ft.Field)
		out = append(out, ui.FaultText(f.Lang, fm.Name, fd, ft))
	}
	if problem != "" {
		out = append(out, problem)
	}
	return out, true
}

// heads are the fields of the columns, by position; columns that no field has are named.
func (p *Pages[T, P]) heads(_ *Frame, fm form.Form, head []string) (known map[int]form.Field, unknown []string) {
	known = map[int]form.Field{}
	for i, h := range head {
		h = strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(h), "*"))
		found := h == ""
		for _, fd := range fm.Fields {
			for _, lang := range words.Langs() {
				if h == fd.Name || strings.EqualFold(h, ui.FieldLabel(lang, fm.Name, fd.Name)) {
					known[i], found = fd, true
				}
			}
		}
		if !found {
			unknown = append(unknown, h)
		}
	}
	return known, unknown
}

// rawOf are the answers of a row: words of choices are turned into their values.
func (p *Pages[T, P]) rawOf(f *Frame, fm form.Form, known map[int]form.Field, cells []string) form.Raw {
	raw := form.Raw{}
	for i, fd := range known {
		if i >= len(cells) || strings.TrimSpace(cells[i]) == "" {
			continue
		}
		parts := []string{strings.TrimSpace(cells[i])}
		if fd.Type == form.Multi || fd.Type == form.Units {
			parts = strings.FieldsFunc(cells[i], func(r rune) bool { return strings.ContainsRune("、,，;； ", r) })
		}
		for j, s := range parts {
			parts[j] = p.member(f, fm, fd, s)
		}
		raw[fd.Name] = parts
	}
	return raw
}

func (p *Pages[T, P]) member(f *Frame, fm form.Form, fd form.Field, s string) string {
	switch fd.Type {
	case form.Choice, form.Multi, form.Unit, form.Units:
	case form.Bool:
		for _, lang := range words.Langs() {
			if strings.EqualFold(s, words.T(lang, "word.yes")) {
				return "true"
			}
			if strings.EqualFold(s, words.T(lang, "word.no")) {
				return "false"
			}
		}
		return s
	default:
		return s
	}
	if p.Choices != nil {
		if list, ok := p.Choices(f, P(new(T)), p.Load, fd.Name); ok {
			for _, c := range list {
				if strings.EqualFold(c.Label, s) {
					return c.Value
				}
			}
		}
	}
	for _, o := range fd.Options {
		for _, lang := range words.Langs() {
			if strings.EqualFold(s, ui.OptionLabel(lang, fm.Name, fd.Name, o.Value)) {
				return o.Value
			}
		}
	}
	if fd.Type == form.Unit || fd.Type == form.Units {
		for _, u := range f.Site.Pack.Directory.Units() {
			if s == u.Name || s == u.Short || strings.EqualFold(s, u.English) {
				return u.ID
			}
		}
	}
	return s
}

// sheet is the table of the file that was posted.
func (f *Frame) sheet() (*sheet.Table, string) {
	if f.R.MultipartForm == nil || len(f.R.MultipartForm.File["file"]) == 0 {
		return nil, f.T("staff.load.nofile")
	}
	p := f.R.MultipartForm.File["file"][0]
	file, err := p.Open()
	if err != nil {
		return nil, f.T("staff.load.nofile")
	}
	defer file.Close()
	t, err := sheet.Read(p.Filename, file, p.Size)
	if err != nil {
		return nil, f.T("staff.load.unreadable")
	}
	return t, ""
}
