package desk

import (
	"bytes"
	"errors"
	"mime"
	"net/http"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"weixiao/internal/access"
	"weixiao/internal/directory/posts"
	"weixiao/internal/directory/registers"
	table "weixiao/internal/files/sheet"
	"weixiao/internal/flow"
	"weixiao/internal/web"
	"weixiao/internal/web/ui"
)

// maxSheet is what an uploaded table may have.
const maxSheet = 8 << 20

// loadView is the import of a file: first tried, then done.
type loadView struct {
	What     string
	Kinds    []ui.Choice
	Columns  []loadColumns
	Report   *posts.Report
	Problem  string
	MostBad  int
	Selected string
	File     *heldFile
}

// Passed reports whether the file was checked and nothing stands against it.
func (v *loadView) Passed() bool {
	return v.Report != nil && !v.Report.Done && len(v.Report.Bad) == 0 && v.File != nil && v.File.Token != ""
}

// loadColumns are the headings of one kind of file.
type loadColumns struct{ What, All, Must string }

// mostBad is how many bad rows a page lists.
const mostBad = 200

func (f *frame) loadView(what string) *loadView {
	v := &loadView{What: what, MostBad: mostBad}
	kind := func(k string, all, must []string) {
		v.Kinds = append(v.Kinds, ui.Choice{Value: k, Label: f.T("desk.load." + k)})
		v.Columns = append(v.Columns, loadColumns{f.T("desk.load." + k), join(f, all), join(f, must)})
	}
	if f.is(registerKeepers) {
		for _, k := range registers.Kinds() {
			all, must := registers.Headings(k)
			kind(k, all, must)
		}
	}
	for _, x := range f.d.s.Imports {
		if x.Open(f.sc) {
			kind(x.Kind, x.All, x.Must)
		}
	}
	return v
}

// registerKeepers take in files of the organisation.
var registerKeepers = []string{access.Admin}

// loadRoles may take in files of some kind.
func (d *Desk) loadRoles() []string {
	out := slices.Clone(registerKeepers)
	for _, x := range d.s.Imports {
		out = add(out, x.Roles...)
	}
	return out
}

// mayLoad reports whether there is a kind of file that the user may take in.
func (f *frame) mayLoad() bool {
	return f.is(registerKeepers) || slices.ContainsFunc(f.d.s.Imports, func(x web.Importer) bool { return x.Open(f.sc) })
}

// importer is the kind of file that is asked for, when it is none of the organisation's.
func (f *frame) importer(what string) (web.Importer, bool) {
	i := slices.IndexFunc(f.d.s.Imports, func(x web.Importer) bool { return x.Kind == what })
	if i < 0 {
		return web.Importer{}, false
	}
	return f.d.s.Imports[i], true
}

func (d *Desk) loadPage(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.load.title")
	if !f.mayLoad() {
		return flow.ErrForbidden
	}
	return f.render(w, http.StatusOK, loadPage(f, f.loadView("")))
}

// load tries a file, or takes it in when the button says so. Between the two the file is
// held. A third button answers with a copy of the rows that are wrong, each with its reason.
func (d *Desk) load(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.load.title")
	r.Body = http.MaxBytesReader(w, r.Body, maxSheet)
	err := r.ParseMultipartForm(maxSheet)
	if err != nil && !errors.Is(err, http.ErrNotMultipart) {
		return err
	}
	v := f.loadView(r.FormValue("what"))
	problem := func(s string) error {
		f.Faulty, v.Problem = true, s
		return f.render(w, http.StatusUnprocessableEntity, loadPage(f, v))
	}
	file, err := f.takeFile(r)
	if key := fileProblem(err); key != "" {
		return problem(f.T(key))
	}
	if err != nil {
		return err
	}
	t, err := table.Read(file.Name, bytes.NewReader(file.body), int64(len(file.body)))
	if err != nil {
		f.giveBack(file)
		return problem(f.T("desk.load.unreadable"))
	}
	v.File = file
	rep, err := f.loadTable(v.What, t, r.FormValue("_step") == "load")
	if x, ok := errors.AsType[*posts.Refusal](err); ok {
		if f.english() {
			return problem(x.EN)
		}
		return problem(x.ZH)
	}
	if err != nil {
		return err
	}
	if r.FormValue("_step") == "marked" && len(rep.Bad) > 0 {
		return f.marked(w, file.Name, t, rep.Bad)
	}
	v.Report = &rep
	if rep.Done {
		f.giveBack(file)
		v.File = nil
	}
	status := http.StatusOK
	if len(rep.Bad) > 0 {
		f.Faulty, status = true, http.StatusUnprocessableEntity
	}
	return f.render(w, status, loadPage(f, v))
}

// marked answers with the bad rows of a file and what is wrong with each, as the command line
// writes them beside the file: to be mended and brought again.
func (f *frame) marked(w http.ResponseWriter, name string, t *table.Table, bad []posts.RowError) error {
	list := make([]table.Bad, len(bad))
	for i, b := range bad {
		list[i] = table.Bad{Line: b.Row, Reason: b.ZH + " / " + b.EN}
	}
	body, err := t.Reject(list)
	if err != nil {
		return err
	}
	name = strings.TrimSuffix(filepath.Base(name), filepath.Ext(name)) + "-rejected" + t.Ending()
	kind := "text/csv; charset=utf-8"
	if t.XLSX {
		kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	w.Header().Set("Cache-Control", "no-store")
	_, err = w.Write(body)
	return err
}

// loadTable hands a table to the package whose records it holds.
func (f *frame) loadTable(what string, t *table.Table, do bool) (posts.Report, error) {
	if x, ok := f.importer(what); ok {
		if !x.Open(f.sc) {
			return posts.Report{}, flow.ErrForbidden
		}
		return x.Load(f.r.Context(), f.sc, t, do)
	}
	if !f.is(registerKeepers) {
		return posts.Report{}, flow.ErrForbidden
	}
	return registers.Registers{Posts: f.d.s.Posts, Firms: f.d.s.Firms}.Load(f.r.Context(), f.sc, what, t, do)
}

func (f *frame) rowError(e posts.RowError) string {
	if f.english() {
		return e.EN
	}
	return e.ZH
}

func atoi64(s string) int64 { n, _ := strconv.ParseInt(s, 10, 64); return n }
