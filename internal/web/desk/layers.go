package desk

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"weixiao/internal/access"
	"weixiao/internal/directory/layers"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/geo"
	"weixiao/internal/store"
	"weixiao/internal/web"
	"weixiao/internal/web/ui"
	"weixiao/internal/words"
)

const layersPath = "/desk/admin/layers"

// layerRoles may keep polygon layers.
func layerRoles() []string { return rolesOf(&layers.Table, "import") }

func (d *Desk) registerLayers(rt *access.Router) {
	keep := access.Rule{Roles: layerRoles()}
	rt.Handle("GET "+layersPath, keep, d.layers)
	rt.Handle("GET "+layersPath+"/new", keep, d.layerUploadPage)
	rt.Handle("POST "+layersPath+"/new", keep, d.layerUpload)
	rt.Handle("GET "+layersPath+"/{layer}/{version}", keep, d.layer)
	rt.Handle("GET "+layersPath+"/{layer}/{version}/file", keep, d.layerFile)
	rt.Handle("GET "+layersPath+"/{layer}/{version}/compare", keep, d.layerCompare)
	rt.Handle("GET "+layersPath+"/{layer}/{version}/area", keep, d.layerAreaPage)
	rt.Handle("POST "+layersPath+"/{layer}/{version}/area", keep, d.layerArea)
	rt.Handle("POST "+layersPath+"/{layer}/{version}/area/split", keep, d.splitArea)
	rt.Handle("GET "+layersPath+"/{layer}/{version}/do/{action}", keep, d.layerDoPage)
	rt.Handle("POST "+layersPath+"/{layer}/{version}/do/{action}", keep, d.layerDo)
}

// layersView is all layers, a map of them, and what a search found.
type layersView struct {
	Lines []layerLine
	Q     string
	Found []layerFound
	Asked bool
}

// layerLine is one layer in force, or one that is not yet.
type layerLine struct {
	Name, Title, Kind, Source, Href, File string
	MadeUp, On                            bool
	Version, Areas                        string
	Next                                  []layerNext
}

type layerNext struct{ Label, Href, Chip, State string }

type layerFound struct {
	Layer, Code, Name, Lon, Lat, Href string
}

const layersFound = 50

func (d *Desk) layers(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.layers.title")
	f.said(r)
	list, err := store.Get(r.Context(), d.s.DB, d.s.Layers.List)
	if err != nil {
		return err
	}
	v := &layersView{Q: r.URL.Query().Get("q")}
	for _, e := range list {
		l := layerLine{Name: e.Name, Title: f.layerTitle(e.About), Kind: f.T("layers.kind." + e.Kind), Source: e.Source, MadeUp: e.MadeUp,
			Areas: strconv.FormatInt(e.Areas, 10), On: e.Kind == "district" || e.Kind == "town"}
		if e.InForce > 0 {
			l.Href, l.Version = layerHref(e.Name, e.InForce), f.T("desk.layers.version", e.InForce)
			l.File = l.Href + "/file?as=map"
		}
		for _, n := range e.Next {
			chip, state := f.layerState(n.State)
			l.Next = append(l.Next, layerNext{f.T("desk.layers.version", n.Number), layerHref(n.Name, n.Number), chip, state})
		}
		v.Lines = append(v.Lines, l)
	}
	if v.Asked = v.Q != ""; v.Asked {
		for _, x := range d.s.Layers.Find(v.Q, layersFound) {
			v.Found = append(v.Found, layerFound{f.layerTitle(x.Layer.About), x.Area.ID, x.Area.Name, degrees(x.At.Lon), degrees(x.At.Lat),
				layerHref(x.Layer.Name, d.s.Layers.InForce(x.Layer.Name)) + "/area?code=" + url.QueryEscape(x.Area.ID)})
		}
	}
	f.Scripts = append(f.Scripts, "layers")
	return f.render(w, http.StatusOK, layersPage(f, v))
}

func degrees(x float64) string { return strconv.FormatFloat(x, 'f', 6, 64) }

func layerHref(layer string, version int64) string {
	return layersPath + "/" + url.PathEscape(layer) + "/" + strconv.FormatInt(version, 10)
}

func (f *frame) layerTitle(a geo.About) string {
	if f.Lang == words.EN {
		return a.English
	}
	return a.Title
}

func (f *frame) layerState(state string) (chip, label string) {
	st, _ := layers.Table.State(state)
	return st.Chip, f.T("state.layer." + state)
}

// layerView is one version of a layer.
type layerView struct {
	layers.Version
	Title, Href string
	Facts       []ui.Pair
	Problem     string
	Findings    []findingView
	More        int // findings without a picture
	Actions     []*flow.Action
	Draws       bool // its areas can be edited
	Others      []layerNext
	Areas       []layers.Area
	NextAreas   string
	Log         []ui.Event
}

// findingView is a finding in words, with its picture.
type findingView struct {
	Tone, Level, Text, Where string
	Picture                  *geo.Picture
}

const (
	areasPerPage = 100
	mostPictures = 40
)

// layerOf finds the version an address names.
func (f *frame) layerOf() (layers.Version, error) {
	number, err := strconv.ParseInt(f.r.PathValue("version"), 10, 64)
	if err != nil {
		return layers.Version{}, store.ErrNotFound
	}
	return store.Get(f.r.Context(), f.d.s.DB, func(tx *store.Tx) (layers.Version, error) {
		return f.d.s.Layers.Get(tx, f.r.PathValue("layer"), number)
	})
}

func (d *Desk) layer(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.layers.title")
	f.said(r)
	return f.showLayer(w, http.StatusOK, nil, "")
}

// showLayer draws the page of a version; found replaces the findings that are stored with it.
func (f *frame) showLayer(w http.ResponseWriter, status int, found []geo.Finding, problem string) error {
	at, err := f.layerOf()
	if err != nil {
		return err
	}
	v := &layerView{Version: at, Problem: problem, Href: layerHref(at.Name, at.Number)}
	v.Title = f.layerTitle(at.About) + f.T("word.separator") + f.T("desk.layers.version", at.Number)
	f.Title = v.Title
	if found == nil {
		found = at.Findings
	}
	v.Findings, v.More = f.findings(found)
	for _, a := range layers.Table.Open(flow.Position{State: at.State}, flow.Actor{Roles: f.sc.Roles()}) {
		if a.Name == "edit" {
			v.Draws = true
		} else if a.Name != "split" { // it is on the page of an area
			v.Actions = append(v.Actions, a)
		}
	}
	f.layerFacts(v)
	after := f.r.URL.Query().Get("after")
	err = f.d.s.DB.Read(f.r.Context(), func(tx *store.Tx) (err error) {
		if v.Areas, err = f.d.s.Layers.Areas(tx, at, after, areasPerPage); err != nil {
			return err
		}
		others, err := f.d.s.Layers.Versions(tx, at.Name, 0)
		for _, o := range others {
			if o.Number != at.Number {
				chip, state := f.layerState(o.State)
				v.Others = append(v.Others, layerNext{f.T("desk.layers.version", o.Number), layerHref(o.Name, o.Number), chip, state})
			}
		}
		return err
	})
	if err != nil {
		return err
	}
	if len(v.Areas) == areasPerPage {
		v.NextAreas = v.Href + "?after=" + url.QueryEscape(v.Areas[areasPerPage-1].ID)
	}
	if v.Log, err = f.layerLog(at); err != nil {
		return err
	}
	f.Scripts = append(f.Scripts, "layers")
	return f.render(w, status, layerPage(f, v))
}

func (f *frame) layerFacts(v *layerView) {
	fact := func(label, value string) {
		if value != "" {
			v.Facts = append(v.Facts, ui.Pair{Label: f.T(label), Value: ui.Text(value)})
		}
	}
	chip, state := f.layerState(v.State)
	v.Facts = append(v.Facts, ui.Pair{Label: f.T("desk.assets.state"), Value: ui.Status(chip, state)})
	fact("desk.layers.kind", f.T("layers.kind."+v.Kind))
	fact("desk.layers.areas", strconv.FormatInt(v.Version.Areas, 10))
	if above, ok := f.d.s.Layers.Atlas().Layer(v.Parent); ok {
		fact("desk.layers.parent", f.layerTitle(above.About))
	}
	fact("desk.layers.source", v.Source)
	fact("desk.layers.licence", v.Licence)
	if v.MadeUp {
		fact("desk.layers.borders", f.T("desk.layers.madeup"))
	}
	if v.Published > 0 {
		fact("desk.layers.published", f.Moment(layers.Time(v.Published)))
	}
}

// findings are what a check found, in words: pictures for the first of them.
func (f *frame) findings(found []geo.Finding) (out []findingView, more int) {
	tone := map[geo.Level]string{geo.Bad: "hot", geo.Odd: "warn", geo.Hint: ""}
	rank := map[geo.Level]int{geo.Bad: 0, geo.Odd: 1, geo.Hint: 2}
	found = slices.Clone(found)
	slices.SortStableFunc(found, func(a, b geo.Finding) int { return rank[a.Level] - rank[b.Level] })
	pictures := 0
	for _, x := range found {
		v := findingView{Tone: tone[x.Level], Level: f.T("layers.level." + string(x.Level)), Text: findingText(f.Lang, x), Picture: x.Picture}
		if x.At != (geo.Point{}) {
			v.Where = degrees(x.At.Lon) + ", " + degrees(x.At.Lat)
		}
		if v.Picture != nil {
			if pictures++; pictures > mostPictures {
				v.Picture = nil
				more++
			}
		}
		out = append(out, v)
	}
	return out, more
}

// layerFile sends a version as a file: GeoJSON, a zipped shapefile (as=shp), or the map of this page (as=map).
func (d *Desk) layerFile(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.layers.title")
	v, err := f.layerOf()
	if err != nil {
		return err
	}
	as := r.URL.Query().Get("as")
	var b bytes.Buffer
	if _, err := d.s.Layers.Export(r.Context(), &b, v.Name, v.Number, as == "shp"); err != nil {
		return err
	}
	h := w.Header()
	name := fmt.Sprintf("%s-%d", v.Name, v.Number)
	switch as {
	case "shp":
		h.Set("Content-Type", "application/zip")
		h.Set("Content-Disposition", `attachment; filename="`+name+`.zip"`)
	case "map":
		h.Set("Content-Type", "application/geo+json")
	default:
		h.Set("Content-Type", "application/geo+json")
		h.Set("Content-Disposition", `attachment; filename="`+name+`.geojson"`)
	}
	h.Set("Cache-Control", "private, no-cache")
	_, _ = w.Write(b.Bytes()) // the client has gone; nothing to do
	return nil
}

// layerDoForm is the form of an action that wants a reason.
func (f *frame) layerDoForm(v layers.Version, act *flow.Action, raw form.Raw) *recordDo {
	back := layerHref(v.Name, v.Number)
	x := &recordDo{Title: f.T("action.layer." + act.Name), Back: back, BackLabel: f.layerTitle(v.About) + f.T("word.separator") + f.T("desk.layers.version", v.Number)}
	x.Form = ui.FormView{Form: act.Form, Raw: raw, Action: back + "/do/" + act.Name, Dense: true, Alt: 1, Submit: x.Title, Key: "Ctrl Enter", Cancel: back}
	if act.Name == "drop" {
		x.Form.Look = "danger"
	}
	return x
}

// layerAction is the action an address names, if it can be done to that version now.
func (f *frame) layerAction() (layers.Version, *flow.Action, error) {
	v, err := f.layerOf()
	if err != nil {
		return v, nil, err
	}
	act, err := layers.Table.Action(f.r.PathValue("action"))
	if err != nil || act.Name == "import" || act.Name == "edit" {
		return v, nil, store.ErrNotFound
	}
	return v, act, nil
}

func (d *Desk) layerDoPage(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.layers.title")
	v, act, err := f.layerAction()
	if err != nil {
		return err
	}
	if len(act.Form.Fields) == 0 {
		return web.SeeOther(w, r, layerHref(v.Name, v.Number))
	}
	return f.render(w, http.StatusOK, recordDoPage(f, f.layerDoForm(v, act, nil)))
}

func (d *Desk) layerDo(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.layers.title")
	if err := r.ParseForm(); err != nil {
		return form.Faults{{Field: "reason", Code: "utf8"}}
	}
	v, act, err := f.layerAction()
	if err != nil {
		return err
	}
	raw := rawOf(act.Form, r)
	answers, err := act.Form.Check(raw)
	if err != nil {
		return f.recordAgain(w, f.layerDoForm(v, act, raw), err, false)
	}
	ctx, ls := r.Context(), d.s.Layers
	var found []geo.Finding
	number := v.Number
	switch act.Name {
	case "draft":
		var next layers.Version
		next, err = ls.Draft(ctx, f.sc, v.Name, v.Number)
		number = next.Number
	case "check":
		found, err = ls.Check(ctx, f.sc, v.Name, v.Number)
	case "publish":
		found, err = ls.Publish(ctx, f.sc, v.Name, v.Number, answers.Str("reason"))
	case "drop":
		err = ls.Drop(ctx, f.sc, v.Name, v.Number, answers.Str("reason"))
	}
	if errors.Is(err, layers.ErrFindings) {
		f.Faulty = true
		return f.showLayer(w, http.StatusUnprocessableEntity, found, f.T("desk.layers.refused"))
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, layerHref(v.Name, number)+"?done=layer."+act.Name)
}
