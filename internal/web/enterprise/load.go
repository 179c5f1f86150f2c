package enterprise

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"weixiao/internal/directory/posts"
	"weixiao/internal/enterprise"
	"weixiao/internal/files/sheet"
	"weixiao/internal/web/staff"
	"weixiao/internal/web/ui"
	"weixiao/internal/words"
)

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

func posted(r *http.Request) url.Values {
	_ = r.ParseForm() // the router limits and reads it; what cannot be read is empty and refused by the form
	return r.PostForm
}

// loadView is the wizard of a file of firms.
type loadView struct {
	Problem string
	Done    string
	Fine    string
	Bad     []string
	Twins   []enterprise.Twin
}

func (p *Pages) importPage(w http.ResponseWriter, f *staff.Frame) error {
	f.Title = f.T("page.firms.import")
	return f.Render(w, http.StatusOK, importPage(f, &loadView{}))
}

// importFile looks at a file, or takes it in when every row that may be a twin is decided.
func (p *Pages) importFile(w http.ResponseWriter, f *staff.Frame) error {
	f.Title = f.T("page.firms.import")
	if err := f.Parse(w); err != nil {
		return err
	}
	v := &loadView{}
	file, head, err := f.R.FormFile("file")
	if err != nil {
		v.Problem = f.T("page.firms.import.file")
		return f.Render(w, http.StatusUnprocessableEntity, importPage(f, v))
	}
	defer file.Close()
	t, err := sheet.Read(head.Filename, file, head.Size)
	if err != nil {
		v.Problem = f.T("page.firms.import.file")
		return f.Render(w, http.StatusUnprocessableEntity, importPage(f, v))
	}
	decided := enterprise.Decisions{}
	for name, values := range f.R.MultipartForm.Value {
		if row, err := strconv.Atoi(name[min(len(name), 4):]); err == nil && len(name) > 4 && name[:4] == "row-" && len(values) > 0 {
			decided[row] = values[0] == "same"
		}
	}
	report, twins, err := p.Firms.Import(f.R.Context(), f.Scope, t, decided, f.R.PostFormValue("do") == "yes")
	if bad, ok := errors.AsType[*posts.Refusal](err); ok {
		v.Problem = bad.ZH
		if f.Lang == words.EN {
			v.Problem = bad.EN
		}
		return f.Render(w, http.StatusUnprocessableEntity, importPage(f, v))
	} else if err != nil {
		return err
	}
	status := http.StatusOK
	for _, b := range report.Bad {
		say := b.ZH
		if f.Lang == words.EN {
			say = b.EN
		}
		v.Bad, status = append(v.Bad, f.T("page.firms.import.bad", b.Row, say)), http.StatusUnprocessableEntity
	}
	for _, x := range twins {
		if _, ok := decided[x.Row]; !ok {
			v.Twins = append(v.Twins, x)
		}
	}
	if len(v.Twins) > 0 {
		v.Twins = twins // all of them again: the answers belong to the file
	}
	switch {
	case report.Done:
		v.Done, v.Twins = f.T("page.firms.import.done", report.Added, report.Known), nil
	case len(report.Bad) == 0 && len(v.Twins) == 0:
		v.Fine = f.T("page.firms.import.fine", report.Rows)
	}
	return f.Render(w, status, importPage(f, v))
}

// joined is a list in words.
func joined(f ui.Page, list []string) string { return strings.Join(list, f.T("condition.list")) }
