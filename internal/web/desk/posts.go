package desk

import (
	"net/http"

	"weixiao/internal/access"
	"weixiao/internal/directory"
	"weixiao/internal/form"
	"weixiao/internal/store"
	"weixiao/internal/web/ui"
)

// postsView lists posts and who sits on them. Posts come from the district pack;
// here one sees which are vacant.
type postsView struct {
	Filter ui.FormView
	Lines  []postLine
	Vacant int
	Whole  bool // only posts that answer for a unit are listed
}

type postLine struct {
	Post, Unit, Role string
	Lead             bool
	Who              []access.Account
}

func (d *Desk) posts(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.posts.title")
	unit := r.URL.Query().Get("unit")
	dir := d.s.Pack.Directory
	var list []directory.Post
	v := postsView{Whole: unit == ""}
	for _, p := range dir.AllPosts() {
		if (unit == "" && p.Lead) || (unit != "" && dir.Under(p.Unit, unit)) {
			list = append(list, p)
		}
	}
	holders, err := f.holders()
	if err != nil {
		return err
	}
	for _, p := range list {
		l := postLine{Post: f.post(p.ID), Unit: f.unit(p.Unit), Role: f.T("role." + string(p.Role)), Lead: p.Lead, Who: holders[p.ID]}
		if len(l.Who) == 0 {
			v.Vacant++
		}
		v.Lines = append(v.Lines, l)
	}
	v.Filter = ui.FormView{Form: form.Form{Name: "people", Fields: []form.Field{{Name: "unit", Type: form.Unit}}}, Raw: form.Raw{"unit": {unit}}, Dense: true,
		Choices: map[string][]ui.Choice{"unit": d.finder.all(f.Lang)}}
	return f.render(w, http.StatusOK, postsPage(f, v))
}

// holders are the active accounts by post.
func (f *frame) holders() (map[string][]access.Account, error) {
	out := map[string][]access.Account{}
	err := f.d.s.DB.Read(f.r.Context(), func(tx *store.Tx) error {
		for after := ""; ; {
			list, next, err := f.d.s.Gate.List(tx, f.sc, access.Filter{After: after, Limit: 200})
			if err != nil {
				return err
			}
			for _, a := range list {
				if a.Post != "" {
					out[a.Post] = append(out[a.Post], a)
				}
			}
			if after = next; next == "" {
				return nil
			}
		}
	})
	return out, err
}
