package desk

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/files"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/rounds/villages"
	"weixiao/internal/store"
	"weixiao/internal/web"
	"weixiao/internal/web/ui"
)

const (
	villagesPath = "/desk/villages"
	worksPerPage = 100
)

func (d *Desk) registerVillages(rt *access.Router) {
	reads := access.Rule{Roles: villages.Roles()}
	raises := access.Rule{Roles: rolesOf(&villages.Works, "raise")}
	checks := access.Rule{Roles: rolesOf(&villages.Checks, "check")}
	acts := access.Rule{Roles: rolesOf(&villages.Works, "raise", "finish", "pass")}
	rt.Handle("GET "+villagesPath, reads, d.villages)
	rt.Handle("GET "+villagesPath+"/raise", raises, d.villageRaisePage)
	rt.Handle("POST "+villagesPath+"/raise", raises, d.villageRaise)
	rt.Handle("GET "+villagesPath+"/check", checks, d.villageCheckPage)
	rt.Handle("POST "+villagesPath+"/check", checks, d.villageCheck)
	rt.Handle("GET "+villagesPath+"/{id}", reads, d.village)
	rt.Handle("GET "+villagesPath+"/works/{id}", reads, d.villageWork)
	rt.Handle("GET "+villagesPath+"/works/{id}/do/{action}", acts, d.villageDoPage)
	rt.Handle("POST "+villagesPath+"/works/{id}/do/{action}", acts, d.villageDo)
	rt.Handle("GET "+villagesPath+"/files/{id}", reads, d.villageFile)
}

func (d *Desk) villageFrame(r *http.Request) (*frame, error) {
	f := d.page(r, "desk.villages.title")
	f.said(r)
	if d.s.Villages == nil || len(d.s.Villages.Reached(f.sc)) == 0 {
		return nil, store.ErrNotFound
	}
	return f, nil
}

// villageLine is a village with its figures.
type villageLine struct{ Href, Name, Town, Raised, Finished, Kept, Check string }

type villagesView struct {
	Quarter      string
	Lines        []villageLine
	Raise, Check bool
}

func (d *Desk) villages(w http.ResponseWriter, r *http.Request) error {
	f, err := d.villageFrame(r)
	if err != nil {
		return err
	}
	v := &villagesView{Quarter: villages.QuarterOf(f.Now), Raise: f.is(rolesOf(&villages.Works, "raise")), Check: f.is(rolesOf(&villages.Checks, "check"))}
	list, err := d.s.Villages.List(r.Context(), f.sc, v.Quarter)
	if err != nil {
		return err
	}
	for _, x := range list {
		l := villageLine{Href: villagesPath + "/" + x.ID, Name: f.unit(x.ID), Town: f.unit(x.Parent), Raised: strconv.FormatInt(x.Raised, 10), Finished: strconv.FormatInt(x.Finished, 10),
			Kept: strconv.FormatInt(x.Kept, 10), Check: f.T("desk.villages.unchecked")}
		if x.Check != nil {
			l.Check = f.T("desk.villages.met", x.Check.Met())
		}
		v.Lines = append(v.Lines, l)
	}
	return f.render(w, http.StatusOK, villagesPage(f, v))
}

// renewLine is a work in a list.
type renewLine struct {
	Href, Group, Item, Due, Chip, State, Since string
	Late                                       bool
}

func (f *frame) itemName(id string) string {
	if x, ok := f.d.s.Villages.Item(id); ok {
		return f.textOf(x.Text)
	}
	return id
}

func (f *frame) renewLine(x *villages.WorkView) renewLine {
	st, _ := villages.Works.State(x.State)
	l := renewLine{Href: villagesPath + "/works/" + x.ID, Item: f.itemName(x.Item), Chip: st.Chip, State: f.T("state.village_work." + x.State), Since: f.Moment(time.UnixMicro(x.Created))}
	if item, ok := f.d.s.Villages.Item(x.Item); ok {
		l.Group = f.T("village.group." + item.Group)
	}
	if !x.Due.IsZero() {
		l.Due, l.Late = f.Moment(x.Due), f.Now.After(x.Due)
	}
	return l
}

type villageView struct {
	Name   string
	Views  []ui.Nav
	Works  []renewLine
	Checks [][3]string // quarter, share met, what was not
	Next   string
}

func (d *Desk) village(w http.ResponseWriter, r *http.Request) error {
	f, err := d.villageFrame(r)
	if err != nil {
		return err
	}
	id, state := r.PathValue("id"), r.URL.Query().Get("state")
	x, err := d.s.Villages.Village(r.Context(), f.sc, id, state, atoi64(r.URL.Query().Get("after")), worksPerPage)
	if err != nil {
		return err
	}
	v := &villageView{Name: f.unit(id)}
	f.Title = v.Name
	for _, s := range []string{"", villages.Raised, villages.Finished, villages.Kept} {
		n := ui.Nav{Label: f.T("desk.villages.all"), Href: villagesPath + "/" + id, On: s == state}
		if s != "" {
			n.Label, n.Href = f.T("state.village_work."+s), n.Href+"?state="+s
		}
		v.Views = append(v.Views, n)
	}
	for _, wv := range x.Works {
		v.Works = append(v.Works, f.renewLine(wv))
	}
	if len(x.Works) == worksPerPage {
		v.Next = withQuery(r.URL.RequestURI(), "after", strconv.FormatInt(x.Works[len(x.Works)-1].Doc, 10))
	}
	for _, c := range x.Checks {
		var unmet []string
		for _, item := range strings.Fields(c.Unmet) {
			unmet = append(unmet, f.itemName(item))
		}
		v.Checks = append(v.Checks, [3]string{c.Quarter, f.T("desk.villages.met", c.Met()), join(f, unmet)})
	}
	return f.render(w, http.StatusOK, villagePage(f, v))
}

func (d *Desk) villageWork(w http.ResponseWriter, r *http.Request) error {
	f, err := d.villageFrame(r)
	if err != nil {
		return err
	}
	x, err := d.s.Villages.Work(r.Context(), f.sc, r.PathValue("id"))
	if err != nil {
		return err
	}
	line := f.renewLine(x)
	f.Title = line.Item
	v := &sanitRecordView{Title: line.Item, Back: villagesPath + "/" + x.Village, BackLabel: f.unit(x.Village), Says: x.Acts[0].Texts["what"], Buttons: f.buttons(villages.Works.Kind, line.Href, x.Actions)}
	v.Facts = []ui.Pair{{Label: f.T("desk.sanit.number"), Value: mono(x.ID)}, {Label: f.T("desk.assets.state"), Value: ui.Status(line.Chip, line.State)},
		{Label: f.T("desk.villages.group"), Value: ui.Text(line.Group)}, {Label: f.T("desk.sanit.limit"), Value: ui.Text(f.limit(x.Rectify))}}
	if !x.Due.IsZero() {
		v.Facts = append(v.Facts, ui.Pair{Label: f.T("desk.sanit.due"), Value: ui.DueChip(f.Due(x.Due, time.UnixMicro(x.Since), false, nil))})
	}
	if v.Log, err = f.sanitEvents(x.Acts); err != nil {
		return err
	}
	list, err := store.Get(r.Context(), d.s.DB, func(tx *store.Tx) ([]files.File, error) {
		return files.Of(tx, d.s.Pack.District, villages.Works.Kind, x.ID)
	})
	if err != nil {
		return err
	}
	for i, p := range list {
		when := f.T("desk.sanit.before")
		if p.Created > x.Created {
			when = f.T("desk.sanit.after")
		}
		v.Photos = append(v.Photos, ui.Photo{Src: villagesPath + "/files/" + p.ID + "?small=1", Href: villagesPath + "/files/" + p.ID, Alt: f.T("desk.photo.alt", i+1, when), Note: when})
	}
	return f.render(w, http.StatusOK, sanitRecordPage(f, v))
}

// villageFile sends a photo of a work to whoever may read the work.
func (d *Desk) villageFile(w http.ResponseWriter, r *http.Request) error {
	f, err := d.villageFrame(r)
	if err != nil {
		return err
	}
	x, err := store.Get(r.Context(), d.s.DB, func(tx *store.Tx) (files.File, error) { return files.Get(tx, d.s.Pack.District, r.PathValue("id")) })
	if err != nil {
		return err
	}
	if x.SubjectKind != villages.Works.Kind {
		return store.ErrNotFound
	}
	if _, err := d.s.Villages.Work(r.Context(), f.sc, x.Subject); err != nil {
		return err
	}
	return d.s.Files.Serve(w, r, x, r.URL.Query().Get("small") == "1")
}

// villageForm is the form of an action, with the villages and items to choose from.
func (f *frame) villageForm(t *flow.Table, action, back, backLabel, post string, version int64, raw form.Raw) (*sanitForm, *flow.Action, error) {
	act, err := t.Action(action)
	if err != nil {
		return nil, nil, err
	}
	v := f.sanitForm(t.Kind, act, back, backLabel, post, version, raw)
	if action == "raise" || action == "finish" {
		v.Form.Files = true
		key := map[string]string{"raise": "record", "finish": "rectify"}[action]
		v.Photos = &ui.PhotosView{ID: "photos", Name: photosName, Title: f.T("desk.sanit.photos." + key), Max: f.d.s.Files.Limits().PerUpload, Small: true}
	}
	v.Form.Looks["village"], v.Form.Looks["item"] = "select", "select"
	for _, u := range f.d.s.Villages.Reached(f.sc) {
		v.Form.Choices["village"] = append(v.Form.Choices["village"], ui.Choice{Value: u.ID, Label: f.unit(u.ID), Group: f.unit(u.Parent)})
	}
	for _, x := range f.d.s.Villages.Rules().Items {
		c := ui.Choice{Value: x.ID, Label: f.textOf(x.Text), Group: f.T("village.group." + x.Group)}
		v.Form.Choices["item"], v.Form.Choices["unmet"] = append(v.Form.Choices["item"], c), append(v.Form.Choices["unmet"], c)
	}
	return v, act, nil
}

// villageInput is what a form says, with its photos when the user may do it.
func (f *frame) villageInput(v *sanitForm, may bool) (in villages.Input, fault string, err error) {
	in = villages.Input{Raw: rawOf(v.Form.Form, f.r), Version: atoi64(f.r.PostFormValue("_version"))}
	v.Form.Raw = in.Raw
	if !may || v.Photos == nil {
		return in, "", nil
	}
	list, fault, err := f.taken()
	if len(list) > 0 {
		in.Attach = func(tx *store.Tx, kind, id string, at time.Time) error {
			return f.d.s.Files.Attach(tx, f.d.s.Pack.District, kind, id, list, f.who.Account, at)
		}
	}
	return in, fault, err
}

func (f *frame) raiseForm(raw form.Raw) (*sanitForm, error) {
	v, _, err := f.villageForm(&villages.Works, "raise", villagesPath, f.T("desk.villages.title"), villagesPath+"/raise", 0, raw)
	return v, err
}

func (d *Desk) villageRaisePage(w http.ResponseWriter, r *http.Request) error {
	f, err := d.villageFrame(r)
	if err != nil {
		return err
	}
	v, err := f.raiseForm(form.Raw{"village": {r.URL.Query().Get("village")}})
	if err != nil {
		return err
	}
	return f.render(w, http.StatusOK, sanitDoPage(f, v))
}

func (d *Desk) villageRaise(w http.ResponseWriter, r *http.Request) error {
	if err := d.parse(w, r); err != nil {
		return err
	}
	f, err := d.villageFrame(r)
	if err != nil {
		return err
	}
	v, err := f.raiseForm(nil)
	if err != nil {
		return err
	}
	in, fault, err := f.villageInput(v, true)
	if err == nil && fault == "" {
		var x *villages.Work
		if x, err = d.s.Villages.Raise(r.Context(), f.sc, in); err == nil {
			return web.SeeOther(w, r, villagesPath+"/works/"+x.ID+"?done=record")
		}
	}
	return f.sanitAgain(w, v, err, fault)
}

func (f *frame) lookForm(raw form.Raw) (*sanitForm, error) {
	v, _, err := f.villageForm(&villages.Checks, "check", villagesPath, f.T("desk.villages.title"), villagesPath+"/check", 0, raw)
	return v, err
}

func (d *Desk) villageCheckPage(w http.ResponseWriter, r *http.Request) error {
	f, err := d.villageFrame(r)
	if err != nil {
		return err
	}
	v, err := f.lookForm(form.Raw{"village": {r.URL.Query().Get("village")}})
	if err != nil {
		return err
	}
	return f.render(w, http.StatusOK, sanitDoPage(f, v))
}

func (d *Desk) villageCheck(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return err
	}
	f, err := d.villageFrame(r)
	if err != nil {
		return err
	}
	v, err := f.lookForm(nil)
	if err != nil {
		return err
	}
	in, _, err := f.villageInput(v, false)
	if err != nil {
		return err
	}
	x, err := d.s.Villages.Look(r.Context(), f.sc, in)
	if err != nil {
		return f.sanitAgain(w, v, err, "")
	}
	return web.SeeOther(w, r, villagesPath+"/"+x.Village+"?done=record")
}

func (f *frame) workForm(raw form.Raw) (v *sanitForm, act *flow.Action, open bool, err error) {
	x, err := f.d.s.Villages.Work(f.r.Context(), f.sc, f.r.PathValue("id"))
	if err != nil {
		return nil, nil, false, err
	}
	href := villagesPath + "/works/" + x.ID
	v, act, err = f.villageForm(&villages.Works, f.r.PathValue("action"), href, x.ID, href+"/do/"+f.r.PathValue("action"), x.Version, raw)
	return v, act, err == nil && slices.Contains(x.Actions, act), err
}

func (d *Desk) villageDoPage(w http.ResponseWriter, r *http.Request) error {
	f, err := d.villageFrame(r)
	if err != nil {
		return err
	}
	v, _, open, err := f.workForm(form.Raw{})
	if err != nil {
		return err
	}
	if !open {
		return flow.ErrForbidden
	}
	return f.render(w, http.StatusOK, sanitDoPage(f, v))
}

func (d *Desk) villageDo(w http.ResponseWriter, r *http.Request) error {
	if err := d.parse(w, r); err != nil {
		return err
	}
	f, err := d.villageFrame(r)
	if err != nil {
		return err
	}
	v, act, open, err := f.workForm(nil)
	if err != nil {
		return err
	}
	in, fault, err := f.villageInput(v, open)
	if err == nil && fault == "" {
		if _, err = d.s.Villages.Act(r.Context(), f.sc, r.PathValue("id"), act.Name, in); err == nil {
			return web.SeeOther(w, r, villagesPath+"/works/"+r.PathValue("id")+"?done=record")
		}
	}
	return f.sanitAgain(w, v, err, fault)
}
