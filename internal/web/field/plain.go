package field

import (
	"cmp"
	"net/http"
	"slices"
	"time"

	"weixiao/internal/web"
	"weixiao/internal/web/ui"
)

// plainTask is a line of the page without scripts.
type plainTask struct {
	Task
	Chip ui.Due
}

// plain lists today's tasks for a browser without scripts; what can be done is on the
// pages of the desk, which need none.
func (f *Field) plain(w http.ResponseWriter, r *http.Request) error {
	c := f.caller(r)
	d, err := f.today(r.Context(), c)
	if err != nil {
		return err
	}
	p := f.s.Page(r, "fieldwork.plain.title")
	p.Field, p.Brand.Home = true, "/field/plain"
	var list []plainTask
	for _, t := range d.Tasks {
		x := plainTask{Task: t}
		if t.Due > 0 {
			x.Chip = p.Due(time.UnixMilli(t.Due), time.Time{}, false, nil)
		}
		list = append(list, x)
	}
	slices.SortStableFunc(list, func(a, b plainTask) int { return cmp.Compare(dueOr(a.Due), dueOr(b.Due)) })
	return web.Render(w, r, http.StatusOK, web.Body(ui.Citizen(p, nil), plainPage(p, list, f.s.NoteIn(p.Lang))))
}

// dueOr puts what has no deadline last.
func dueOr(due int64) int64 {
	if due == 0 {
		return 1 << 62
	}
	return due
}
