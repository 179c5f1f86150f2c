package desk

import (
	"errors"
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

// buildingKeepers may register, correct and remove buildings.
func buildingKeepers() []string { return rolesOf(&posts.BuildingTable, "register") }

// buildingForm is a form about a building; h is nil for a new one.
func (f *frame) buildingForm(action string, h *directory.Building, version int64, raw form.Raw) (*recordDo, error) {
	act, err := posts.BuildingTable.Action(action)
	if err != nil || act.Name == "register" && h != nil {
		return nil, store.ErrNotFound
	}
	v := &recordDo{Title: f.T("action.building." + action + ".of"), Back: orgPath, BackLabel: f.T("desk.org.title")}
	href := orgPath + "/buildings"
	community := raw.Get("community")
	if h != nil {
		v.Back, v.BackLabel, href, community = buildingHref(h.ID), h.Title(), buildingHref(h.ID)+"/do/"+action, h.Community
	} else if community != "" {
		v.Back, v.BackLabel = orgPath+"?unit="+community, f.unit(community)
	}
	v.Form = ui.FormView{Form: act.Form, Raw: raw, Action: href, Dense: true, Submit: v.Title, Key: "Ctrl Enter", Cancel: v.Back,
		Choices: map[string][]ui.Choice{"community": f.d.finder.communities(f.Lang)}, Looks: map[string]string{"crs": "select"}}
	if action == "remove" {
		v.Form.Look = "danger"
	} else {
		v.Form.Cols = 2
	}
	if action != "remove" {
		v.Pick = &ui.PickView{ID: "house-at", Fields: act.Form.Name, Base: "/report/map.json?v=" + f.d.s.Pack.Version, Near: f.around(community)}
		f.Scripts = append(f.Scripts, "map")
	}
	if h != nil {
		v.Form.Hidden = []ui.Hidden{{Name: "_version", Value: strconv.FormatInt(version, 10)}}
	}
	return v, nil
}

// around is where a community lies: a point between its buildings, or the middle of one of its grids.
func (f *frame) around(community string) string {
	at := func(lon, lat float64) string { return degree(lon) + " " + degree(lat) }
	if list := f.d.s.Posts.Board().BuildingsOf(community); len(list) > 0 {
		var lon, lat float64
		for _, h := range list {
			lon, lat = lon+h.Point[0]/float64(len(list)), lat+h.Point[1]/float64(len(list))
		}
		return at(lon, lat)
	}
	for _, g := range f.d.s.Pack.Directory.Grids(community) {
		return at(g.Center[0], g.Center[1])
	}
	return ""
}

func rawBuilding(h *directory.Building) form.Raw {
	raw := form.Raw{"name": {h.Name}, "lon": {degree(h.Point[0])}, "lat": {degree(h.Point[1])}, "source": {h.Source}}
	for name, s := range map[string]string{"estate": h.Estate, "grid": h.Grid} {
		if s != "" {
			raw[name] = []string{s}
		}
	}
	for name, n := range map[string]int{"entrances": h.Entrances, "floors": h.Floors, "households": h.Households} {
		if n > 0 {
			raw[name] = []string{strconv.Itoa(n)}
		}
	}
	if h.MadeUp {
		raw["made_up"] = []string{"true"}
	}
	return raw
}

func degree(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }

// newBuildingPage asks about a building that is new; unit in the address is its
// community.
func (d *Desk) newBuildingPage(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "action.building.register.of")
	v, err := f.buildingForm("register", nil, 0, form.Raw{"community": {r.URL.Query().Get("unit")}})
	if err != nil {
		return err
	}
	return f.render(w, http.StatusOK, recordDoPage(f, v))
}

func (d *Desk) newBuilding(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "action.building.register.of")
	if err := r.ParseForm(); err != nil {
		return err
	}
	act, err := posts.BuildingTable.Action("register")
	if err != nil {
		return err
	}
	raw := rawOf(act.Form, r)
	id, err := d.s.Posts.Register(r.Context(), f.sc, raw)
	if err == nil {
		return web.SeeOther(w, r, buildingHref(id)+"?done=record")
	}
	v, lost := f.buildingForm("register", nil, 0, raw)
	if lost != nil {
		return lost
	}
	return f.buildingAgain(w, v, err)
}

// buildingAgain shows a form again: a refusal at its field, or above the form when it
// is about the whole.
func (f *frame) buildingAgain(w http.ResponseWriter, v *recordDo, err error) error {
	if x, ok := errors.AsType[*posts.Refusal](err); ok {
		if _, known := v.Form.Form.Field(x.Field); !known {
			f.Faulty, v.Problem = true, f.either(x.ZH, x.EN)
			return f.render(w, http.StatusUnprocessableEntity, recordDoPage(f, v))
		}
	}
	return f.orgAgain(w, v, err)
}

// onBuilding finds the building of a path and what was entered about it so far.
func (f *frame) onBuilding() (*directory.Building, int64, error) {
	h, ok := f.d.s.Posts.Board().Building(f.r.PathValue("id"))
	if !ok {
		return nil, 0, store.ErrNotFound
	}
	n, err := f.d.s.Posts.BuildingVersion(f.r.Context(), h.ID)
	return h, n, err
}

func (d *Desk) buildingDoPage(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.org.building")
	h, version, err := f.onBuilding()
	if err != nil {
		return err
	}
	raw := form.Raw{}
	if r.PathValue("action") == "correct" {
		raw = rawBuilding(h)
	}
	v, err := f.buildingForm(r.PathValue("action"), h, version, raw)
	if err != nil {
		return err
	}
	f.Title = v.Title
	return f.render(w, http.StatusOK, recordDoPage(f, v))
}

func (d *Desk) buildingDo(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.org.building")
	if err := r.ParseForm(); err != nil {
		return err
	}
	h, version, err := f.onBuilding()
	if err != nil {
		return err
	}
	action := r.PathValue("action")
	v, err := f.buildingForm(action, h, version, form.Raw{})
	if err != nil {
		return err
	}
	f.Title = v.Title
	v.Form.Raw = rawOf(v.Form.Form, r)
	to := buildingHref(h.ID)
	if action == "remove" {
		to = orgPath + "?unit=" + h.Community
		err = d.s.Posts.Demolish(r.Context(), f.sc, h.ID, v.Form.Raw)
	} else {
		err = d.s.Posts.Correct(r.Context(), f.sc, h.ID, atoi64(r.PostFormValue("_version")), v.Form.Raw)
	}
	if err != nil {
		return f.buildingAgain(w, v, err)
	}
	return web.SeeOther(w, r, to+withDone(to))
}

func withDone(to string) string {
	if slices.Contains([]byte(to), '?') {
		return "&done=record"
	}
	return "?done=record"
}

// openBuilding are the actions that the user may do with a building.
func (f *frame) openBuilding() []*flow.Action {
	return posts.BuildingTable.Open(flow.Position{State: posts.Standing}, flow.Actor{Roles: f.sc.Roles()})
}
