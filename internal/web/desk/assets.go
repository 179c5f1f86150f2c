package desk

import (
	"cmp"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"weixiao/internal/assets"
	"weixiao/internal/cases"
	"weixiao/internal/catalogue"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/journal"
	"weixiao/internal/web"
	"weixiao/internal/web/ui"
	"weixiao/internal/words"
)

const assetsPerPage = 100

// assetLine is an asset in the list.
type assetLine struct {
	ID, Kind, Name, Unit, Where, Chip, State string
	MadeUp                                   bool
}

// assetsView is the list with its map.
type assetsView struct {
	Lines  []assetLine
	Filter ui.FormView
	Map    ui.MapView
	Next   string
}

func (d *Desk) assets(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.nav.assets")
	in := r.URL.Query()
	flt := assets.Filter{Kind: in.Get("kind"), State: in.Get("state"), Unit: in.Get("unit"), After: in.Get("after"), Limit: assetsPerPage}
	list, err := d.s.Assets.List(r.Context(), f.sc, flt)
	if err != nil {
		return err
	}
	v := &assetsView{Map: ui.MapView{ID: "assets-map", Label: f.T("desk.assets.map", len(list)), Base: "/report/map.json?v=" + d.s.Pack.Version, Tall: true}}
	v.Filter = ui.FormView{Form: form.Form{Name: "assets", Fields: []form.Field{{Name: "kind", Type: form.Choice}, {Name: "state", Type: form.Choice}, {Name: "unit", Type: form.Unit}}},
		Raw: form.Raw{"kind": {flt.Kind}, "state": {flt.State}, "unit": {flt.Unit}}, Dense: true, Cols: 3,
		Choices: map[string][]ui.Choice{"kind": f.assetKinds(), "state": f.assetStates(), "unit": d.finder.handling(f.Lang)}, Looks: map[string]string{"kind": "select", "state": "select"}}
	for _, a := range list {
		l := f.assetLine(a)
		v.Lines = append(v.Lines, l)
		v.Map.Points = append(v.Map.Points, ui.MapPoint{Lon: a.Point[0], Lat: a.Point[1], Label: l.Name, Note: l.State, Tone: toneOf(a.State), Href: "/desk/assets/" + a.ID})
	}
	if len(list) == assetsPerPage {
		v.Next = withQuery(r.URL.RequestURI(), "after", list[len(list)-1].ID)
	}
	f.Scripts = append(f.Scripts, "map")
	return f.render(w, http.StatusOK, assetsPage(f, v))
}

// toneOf is the colour of an asset on the map.
func toneOf(state string) string {
	switch state {
	case assets.Intact:
		return "good"
	case assets.Damaged, assets.Lost:
		return "hot"
	case assets.Abandoned:
		return "warn"
	}
	return ""
}

func (f *frame) assetLine(a *assets.Asset) assetLine {
	m, _ := f.d.s.Assets.KindOf(a.Kind)
	st, _ := assets.Table.State(a.State)
	return assetLine{ID: a.ID, Kind: matterName(f.Lang, m), Name: cmp.Or(a.Name, matterName(f.Lang, m)+" "+a.ID[len(a.ID)-6:]), Unit: f.unit(a.Unit),
		Where: cmp.Or(a.Address, f.place(cases.Place{Street: a.Street, Community: a.Community})), Chip: st.Chip, State: f.T("state.asset." + a.State), MadeUp: a.MadeUp}
}

func (f *frame) assetKinds() []ui.Choice {
	groups := map[string]string{}
	for _, g := range f.d.s.Pack.Catalogue.Groups(catalogue.KindComponent) {
		groups[g.ID] = g.Name
		if f.Lang == words.EN {
			groups[g.ID] = g.English
		}
	}
	var out []ui.Choice
	for _, m := range f.d.s.Pack.Catalogue.Matters(catalogue.KindComponent) {
		out = append(out, ui.Choice{Value: m.Code, Label: matterName(f.Lang, m), Group: groups[m.Group]})
	}
	return out
}

func (f *frame) assetStates() []ui.Choice {
	var out []ui.Choice
	for _, s := range assets.States() {
		out = append(out, ui.Choice{Value: s, Label: f.T("state.asset." + s)})
	}
	return out
}

// assetView is one asset: what it is, its faults, what was done with it.
type assetView struct {
	*assets.Asset
	Line    assetLine
	Facts   []ui.Pair
	Map     *placeMap
	Faults  []assetFault
	Repair  string // when it was last repaired, "" = never
	Actions []*flow.Action
	Log     []ui.Event
}

// assetFault is a case about the asset.
type assetFault struct{ Number, Title, Chip, State, When string }

const faultsShown = 50

func (d *Desk) asset(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.nav.assets")
	f.said(r)
	v, err := f.assetView(r.PathValue("id"))
	if err != nil {
		return err
	}
	return f.render(w, http.StatusOK, assetPage(f, v))
}

func (f *frame) assetView(id string) (*assetView, error) {
	a, acts, err := f.d.s.Assets.Get(f.r.Context(), f.sc, id)
	if err != nil {
		return nil, err
	}
	v := &assetView{Asset: a, Line: f.assetLine(a), Actions: f.d.s.Assets.Open(f.sc, a)}
	f.Title = v.Line.Name
	text := func(label, value string) {
		if value != "" {
			v.Facts = append(v.Facts, ui.Pair{Label: f.T(label), Value: ui.Text(value)})
		}
	}
	v.Facts = append(v.Facts, ui.Pair{Label: f.T("desk.assets.id"), Value: mono(a.ID)})
	text("desk.assets.kind", v.Line.Kind)
	v.Facts = append(v.Facts, ui.Pair{Label: f.T("desk.assets.state"), Value: ui.Status(v.Line.Chip, v.Line.State)})
	text("desk.assets.unit", v.Line.Unit)
	text("desk.assets.owner", a.Owner)
	place := cases.Place{Text: a.Address, Lon: a.Point[0], Lat: a.Point[1], Located: true, Street: a.Street, Community: a.Community, Grid: a.Grid}
	text("desk.assets.where", f.places(place))
	text("desk.assets.point", strconv.FormatFloat(a.Point[0], 'f', 6, 64)+", "+strconv.FormatFloat(a.Point[1], 'f', 6, 64))
	text("desk.assets.since", a.Since)
	if a.MadeUp {
		text("desk.assets.source", f.T("desk.assets.madeup"))
	}
	v.Map = f.placeMap(&cases.Case{Place: place})
	list, err := f.d.s.Cases.OfAsset(f.r.Context(), f.sc, id, 0, faultsShown)
	if err != nil {
		return nil, err
	}
	for _, k := range list {
		chip, state := f.state(k)
		v.Faults = append(v.Faults, assetFault{k.Number, k.Title, chip, state, f.Moment(time.UnixMicro(k.Created))})
		if v.Repair == "" && k.Closed > 0 && (k.Outcome.Solved == "solved" || k.Outcome.Solved == "basic") {
			v.Repair = f.Moment(time.UnixMicro(k.Closed))
		}
	}
	v.Log, err = f.recordEvents(acts)
	return v, err
}

// recordEvents are the acts of an asset or a name, newest first.
func (f *frame) recordEvents(acts []journal.Act) ([]ui.Event, error) {
	if err := f.actors(acts); err != nil {
		return nil, err
	}
	var out []ui.Event
	for _, a := range slices.Backward(acts) {
		var b struct{ State, Unit, Name string }
		if err := a.Into(&b); err != nil {
			return nil, err
		}
		var parts []string
		for _, s := range []string{b.Name, f.T("state." + a.Kind + "." + b.State), f.unit(b.Unit), a.Texts["reason"], a.Texts["note"]} {
			if s != "" {
				parts = append(parts, s)
			}
		}
		out = append(out, ui.Event{Title: f.did(a), At: a.Time(), Note: strings.Join(parts, f.T("desk.log.comma"))})
	}
	return out, nil
}

// recordDo is the form of one action of an asset or a name.
type recordDo struct {
	Title, Back, BackLabel string
	Form                   ui.FormView
	Pick                   *ui.PickView // the map on which the form's point is picked
	Problem                string
}

func (f *frame) assetDo(a *assets.Asset, act *flow.Action, raw form.Raw) *recordDo {
	if raw == nil {
		raw = form.Raw{"state": {a.State}, "unit": {a.Unit}}
	}
	back := "/desk/assets/" + a.ID
	v := &recordDo{Title: f.T("action.asset." + act.Name), Back: back, BackLabel: f.assetLine(a).Name}
	v.Form = ui.FormView{Form: act.Form, Raw: raw, Action: back + "/do/" + act.Name, Dense: true, Alt: 1, Submit: v.Title, Key: "Ctrl Enter", Cancel: back,
		Choices: map[string][]ui.Choice{"unit": f.d.finder.handling(f.Lang)}, Hidden: []ui.Hidden{{Name: "_version", Value: strconv.FormatInt(a.Version, 10)}}}
	if st := f.assetStates(); act.Name == "inspect" {
		v.Form.Choices["state"] = st[:len(st)-1] // all but removed
	}
	if act.Name == "remove" {
		v.Form.Look = "danger"
	}
	return v
}

func (d *Desk) assetDoPage(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.nav.assets")
	a, _, err := d.s.Assets.Get(r.Context(), f.sc, r.PathValue("id"))
	if err != nil {
		return err
	}
	act, err := assets.Table.Action(r.PathValue("action"))
	if err != nil {
		return err
	}
	if !slices.Contains(d.s.Assets.Open(f.sc, a), act) {
		return flow.ErrForbidden
	}
	return f.render(w, http.StatusOK, recordDoPage(f, f.assetDo(a, act, nil)))
}

func (d *Desk) assetDo(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.nav.assets")
	if err := r.ParseForm(); err != nil {
		return err
	}
	id := r.PathValue("id")
	act, err := assets.Table.Action(r.PathValue("action"))
	if err != nil {
		return err
	}
	raw := rawOf(act.Form, r)
	version, _ := strconv.ParseInt(r.PostFormValue("_version"), 10, 64)
	err = d.s.Assets.Act(r.Context(), f.sc, id, act.Name, version, raw)
	if err == nil {
		return web.SeeOther(w, r, "/desk/assets/"+id+"?done=record")
	}
	a, _, gerr := d.s.Assets.Get(r.Context(), f.sc, id)
	if gerr != nil {
		return gerr
	}
	return f.recordAgain(w, f.assetDo(a, act, raw), err, errors.Is(err, assets.ErrStale))
}

// recordAgain shows a form again with what is wrong.
func (f *frame) recordAgain(w http.ResponseWriter, v *recordDo, err error, stale bool) error {
	faults, ok := errors.AsType[form.Faults](err)
	f.Faulty = true
	switch {
	case ok:
		v.Form.Faults = faults
		return f.render(w, http.StatusUnprocessableEntity, recordDoPage(f, v))
	case stale:
		v.Problem = f.T("error.status.precondition_failed")
		return f.render(w, http.StatusPreconditionFailed, recordDoPage(f, v))
	}
	return err
}
