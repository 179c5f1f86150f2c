package desk

import (
	"bytes"
	"errors"
	"net/http"
	"strconv"

	"weixiao/internal/directory/posts"
	"weixiao/internal/directory/registers"
	table "weixiao/internal/files/sheet"
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
	for _, k := range registers.Kinds() {
		v.Kinds = append(v.Kinds, ui.Choice{Value: k, Label: f.T("desk.load." + k)})
		all, must := registers.Headings(k)
		v.Columns = append(v.Columns, loadColumns{f.T("desk.load." + k), join(f, all), join(f, must)})
	}
	return v
}

func (d *Desk) loadPage(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.load.title")
	return f.render(w, http.StatusOK, loadPage(f, f.loadView(posts.FileBuildings)))
}

// load tries a file, or takes it in when the button says so. Between the two the file is held.
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

// loadTable hands a table to the package whose records it holds.
func (f *frame) loadTable(what string, t *table.Table, do bool) (posts.Report, error) {
	return registers.Registers{Posts: f.d.s.Posts, Firms: f.d.s.Firms}.Load(f.r.Context(), f.sc, what, t, do)
}

func (f *frame) rowError(e posts.RowError) string {
	if f.english() {
		return e.EN
	}
	return e.ZH
}

func atoi64(s string) int64 { n, _ := strconv.ParseInt(s, 10, 64); return n }
