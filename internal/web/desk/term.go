package desk

import (
	"net/http"
	"slices"
	"strconv"

	"weixiao/internal/directory"
	"weixiao/internal/directory/posts"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/store"
	"weixiao/internal/web"
	"weixiao/internal/web/ui"
)

// onPost finds the post of a path; those who may not decide about it learn no more.
func (f *frame) onPost(may func(x *posts.Post) bool) (*posts.Post, error) {
	x, ok := f.d.s.Posts.Board().Post(f.r.PathValue("post"))
	if !ok {
		return nil, store.ErrNotFound
	}
	if !may(x) {
		return nil, flow.ErrForbidden
	}
	return x, nil
}

func (f *frame) mayPropose(x *posts.Post) bool { return f.d.s.Posts.MayPropose(f.sc, x) }
func (f *frame) mayStandIn(x *posts.Post) bool { return f.d.s.Posts.MayStandIn(f.sc, x) }

func (f *frame) proposeForm(x *posts.Post, raw form.Raw) *recordDo {
	act, err := posts.Table.Action("propose")
	if err != nil {
		panic(err) // a form of an action that does not exist
	}
	if raw == nil {
		raw = form.Raw{"from": {f.Now.In(zoneOf()).Format("2006-01-02")}}
	}
	v := f.orgForm(act, x, raw, postHref(x.ID)+"/propose", f.T("action.term.propose"))
	v.Form.Choices["seconded"] = f.d.finder.all(f.Lang)
	return v
}

func (f *frame) orgForm(act *flow.Action, x *posts.Post, raw form.Raw, action, title string) *recordDo {
	back := postHref(x.ID)
	v := &recordDo{Title: title + f.T("word.separator") + x.TitleIn(f.english()), Back: back, BackLabel: x.TitleIn(f.english())}
	v.Form = ui.FormView{Form: act.Form, Raw: raw, Action: action, Dense: true, Alt: 1, Submit: title, Key: "Ctrl Enter", Cancel: back, Choices: map[string][]ui.Choice{}}
	return v
}

func (d *Desk) proposePage(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "action.term.propose")
	x, err := f.onPost(f.mayPropose)
	if err != nil {
		return err
	}
	return f.render(w, http.StatusOK, recordDoPage(f, f.proposeForm(x, nil)))
}

func (d *Desk) propose(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "action.term.propose")
	if err := r.ParseForm(); err != nil {
		return err
	}
	x, err := f.onPost(f.mayPropose)
	if err != nil {
		return err
	}
	v := f.proposeForm(x, nil)
	v.Form.Raw = rawOf(v.Form.Form, r)
	if _, err := d.s.Posts.Propose(r.Context(), f.sc, x.ID, v.Form.Raw); err != nil {
		return f.orgAgain(w, v, err)
	}
	return web.SeeOther(w, r, postHref(x.ID)+"?done=record")
}

func (f *frame) standinForm(x *posts.Post, raw form.Raw) *recordDo {
	act, err := posts.StandinTable.Action("enter")
	if err != nil {
		panic(err)
	}
	v := f.orgForm(act, x, raw, postHref(x.ID)+"/standin", f.T("action.standin.enter"))
	v.Form.Looks = map[string]string{"by": "select"}
	v.Form.Choices["by"] = f.standinChoices(x)
	return v
}

// standinChoices are the posts that may stand in: of the same unit, then of the units beside it and above it.
func (f *frame) standinChoices(x *posts.Post) []ui.Choice {
	dir, b := f.d.s.Pack.Directory, f.d.s.Posts.Board()
	var out []ui.Choice
	add := func(list []*posts.Post, group string) {
		for _, o := range list {
			if o.ID != x.ID && !slices.ContainsFunc(out, func(c ui.Choice) bool { return c.Value == o.ID }) {
				out = append(out, ui.Choice{Value: o.ID, Label: o.TitleIn(f.english()), Group: group, Note: f.holderNames(b.Holders(o.ID, f.Now.UnixMicro()))})
			}
		}
	}
	if x.Building != "" {
		add(b.PostsOfBuilding(x.Building), f.T("desk.org.building"))
	}
	add(b.PostsOf(x.Unit), f.unit(x.Unit))
	for _, u := range dir.Path(x.Unit)[1:] {
		if u.Kind != directory.District {
			add(b.PostsOf(u.ID), f.unit(u.ID))
		}
	}
	if u, ok := dir.Unit(x.Unit); ok && x.Building == "" {
		for _, o := range dir.Children(u.Parent) {
			if o.Kind != u.Kind {
				continue
			}
			for _, p := range b.PostsOf(o.ID) {
				if p.Lead == x.Lead && p.Role == x.Role {
					add([]*posts.Post{p}, f.unit(o.ID))
				}
			}
		}
	}
	return out
}

func (d *Desk) standinPage(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "action.standin.enter")
	x, err := f.onPost(f.mayStandIn)
	if err != nil {
		return err
	}
	return f.render(w, http.StatusOK, recordDoPage(f, f.standinForm(x, form.Raw{})))
}

func (d *Desk) standin(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "action.standin.enter")
	if err := r.ParseForm(); err != nil {
		return err
	}
	x, err := f.onPost(f.mayStandIn)
	if err != nil {
		return err
	}
	v := f.standinForm(x, nil)
	v.Form.Raw = rawOf(v.Form.Form, r)
	if _, err := d.s.Posts.StandIn(r.Context(), f.sc, x.ID, v.Form.Raw); err != nil {
		return f.orgAgain(w, v, err)
	}
	return web.SeeOther(w, r, postHref(x.ID)+"?done=record")
}

func (d *Desk) standinCancel(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "action.standin.cancel")
	version, _ := strconv.ParseInt(r.PostFormValue("_version"), 10, 64)
	if err := d.s.Posts.EndStandIn(r.Context(), f.sc, r.PathValue("id"), version); err != nil {
		return err
	}
	return web.SeeOther(w, r, nextOf(r, orgPath)+"?done=record")
}

// termDoView is the form of an action of a term; a hand-over shows what is handed over.
type termDoView struct {
	recordDo
	Work *workView
	Log  []ui.Event
}

func (f *frame) termForm(t *posts.Term, act *flow.Action, raw form.Raw) (*termDoView, error) {
	x, ok := f.d.s.Posts.Board().Post(t.Post)
	if !ok {
		x = &posts.Post{ID: t.Post, Title: t.Post, Unit: t.Unit, Kind: &directory.PostKind{Level: directory.OnUnit}}
	}
	if raw == nil {
		today := f.Now.In(zoneOf()).Format("2006-01-02")
		raw = form.Raw{"until": {today}, "on": {today}, "from": {min(t.FirstDay(), today)}}
	}
	v := &termDoView{recordDo: *f.orgForm(act, x, raw, orgPath+"/terms/"+t.ID+"/do/"+act.Name, f.T("action.term."+act.Name))}
	v.Title += f.T("word.separator") + t.Name
	v.Form.Hidden = []ui.Hidden{{Name: "_version", Value: strconv.FormatInt(t.Version, 10)}}
	if act.Name == "retract" || act.Name == "withdraw" {
		v.Form.Look = "danger"
	}
	var err error
	if act.Name == "hand_over" {
		if v.Work, err = f.workOf(x); err != nil {
			return nil, err
		}
	}
	_, acts, err := f.d.s.Posts.Term(f.r.Context(), t.ID)
	if err != nil {
		return nil, err
	}
	v.Log, err = f.termEvents(acts)
	return v, err
}

// term finds the term and the action of a path; what is not open to the user is refused.
func (f *frame) term() (*posts.Term, *flow.Action, error) {
	t, _, err := f.d.s.Posts.Term(f.r.Context(), f.r.PathValue("id"))
	if err != nil {
		return nil, nil, err
	}
	act, err := posts.Table.Action(f.r.PathValue("action"))
	if err != nil {
		return nil, nil, err
	}
	return t, act, nil
}

func (d *Desk) termDoPage(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.org.title")
	t, act, err := f.term()
	if err != nil {
		return err
	}
	if !slices.Contains(d.s.Posts.Open(f.sc, t), act) {
		return flow.ErrForbidden
	}
	v, err := f.termForm(t, act, nil)
	if err != nil {
		return err
	}
	return f.render(w, http.StatusOK, termDoPage(f, v))
}

func (d *Desk) termDo(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.org.title")
	if err := r.ParseForm(); err != nil {
		return err
	}
	t, act, err := f.term()
	if err != nil {
		return err
	}
	raw := rawOf(act.Form, r)
	version, _ := strconv.ParseInt(r.PostFormValue("_version"), 10, 64)
	in := posts.Input{Version: version, Raw: raw}
	if x, ok := d.s.Posts.Board().Post(t.Post); ok && act.Name == "hand_over" {
		work, err := f.workOf(x)
		if err != nil {
			return err
		}
		if work != nil {
			in.Open = len(work.Cases)
		}
	}
	if err = d.s.Posts.Act(r.Context(), f.sc, t.ID, act.Name, in); err == nil {
		return web.SeeOther(w, r, postHref(t.Post)+"?done=record")
	}
	v, ferr := f.termForm(t, act, raw)
	if ferr != nil {
		return ferr
	}
	return f.orgAgain(w, &v.recordDo, err)
}
