package desk

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"weixiao/internal/access"
	"weixiao/internal/directory/layers"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/geo"
	"weixiao/internal/store"
	"weixiao/internal/web"
	"weixiao/internal/web/ui"
)

// areaForm is an area as it is edited: the shape is GeoJSON, which the map writes and reads.
var areaForm = form.Form{Name: "layer_area", Fields: []form.Field{
	{Name: "code", Type: form.Line, Required: true, Max: 40},
	{Name: "name", Type: form.Line, Required: true, Max: 60},
	{Name: "shape", Type: form.Text, Required: true, Max: maxShape},
}}

// maxShape is the length of a shape in characters: some 40,000 corners.
const maxShape = 1 << 20

// areaView is one area of a version: to look at, or to edit in a draft.
type areaView struct {
	Version         layers.Version
	Title, Back     string
	BackLabel       string
	Code, Name      string
	Hash            string
	Edits           bool
	Form            ui.FormView
	Shape, ShapeMsg string
	Map             string // address of the whole version
	Problem         string
	Findings        []findingView
	Picture         *geo.Picture
	Split           ui.FormView // cuts the area in two
}

func (d *Desk) layerAreaPage(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.layers.title")
	v, err := f.areaView(r.URL.Query().Get("code"))
	if err != nil {
		return err
	}
	return f.render(w, http.StatusOK, areaPage(f, v))
}

// areaView is the page of an area; without a code, of a new one.
func (f *frame) areaView(code string) (*areaView, error) {
	at, err := f.layerOf()
	if err != nil {
		return nil, err
	}
	v := &areaView{Version: at, Back: layerHref(at.Name, at.Number), BackLabel: f.layerTitle(at.About) + f.T("word.separator") + f.T("desk.layers.version", at.Number), Code: code}
	v.Map = v.Back + "/file?as=map"
	_, err = layers.Table.Permit("edit", flow.Position{State: at.State}, flow.Actor{Roles: f.sc.Roles()})
	v.Edits = err == nil
	switch {
	case code != "":
		a, err := store.Get(f.r.Context(), f.d.s.DB, func(tx *store.Tx) (layers.Area, error) { return f.d.s.Layers.Area(tx, at, code) })
		if err != nil {
			return nil, err
		}
		if v.Shape, err = shapeText(a.Shape); err != nil {
			return nil, err
		}
		v.Name, v.Hash, v.Picture, v.Title = a.Name, hex.EncodeToString(a.Hash), geo.Draw(a.Polygons, nil), a.Name
	case !v.Edits:
		return nil, store.ErrNotFound
	default:
		v.Title = f.T("desk.layers.area.new")
	}
	f.Title = v.Title
	f.Scripts = append(f.Scripts, "layers")
	v.Split = f.splitForm(v, form.Raw{"which": {"smaller"}})
	v.Form = ui.FormView{Form: form.Form{Name: areaForm.Name, Fields: areaForm.Fields[:2]}, Raw: form.Raw{"code": {code}, "name": {v.Name}}, Dense: true, Cols: 2}
	return v, nil
}

// shapeText is a shape as GeoJSON geometry.
func shapeText(s geo.Shape) (string, error) {
	raw, err := geo.FeatureJSON(s)
	if err != nil {
		return "", err
	}
	var feature struct{ Geometry json.RawMessage }
	err = json.Unmarshal(raw, &feature)
	return string(feature.Geometry), err
}

// shapeOf reads what the text box says: a geometry, or a whole feature of which the geometry is taken.
func shapeOf(code, name, text string) (geo.Feature, error) {
	var said struct {
		Type     string
		Geometry json.RawMessage
	}
	geometry := json.RawMessage(text)
	if err := json.Unmarshal(geometry, &said); err != nil {
		return geo.Feature{}, geo.ErrLayer
	}
	if said.Type == "Feature" {
		geometry = said.Geometry
	}
	doc, err := json.Marshal(map[string]any{"type": "FeatureCollection", "crs": "CGCS2000",
		"features": []any{map[string]any{"type": "Feature", "properties": map[string]string{"code": code, "name": name}, "geometry": geometry}}})
	if err != nil {
		return geo.Feature{}, geo.ErrLayer
	}
	src, err := geo.ParseGeoJSON(bytes.NewReader(doc), geo.Fields{})
	if err != nil || len(src.Features) != 1 {
		return geo.Feature{}, geo.ErrLayer
	}
	f := src.Features[0]
	f.Index = 0 // it is the only one
	return f, nil
}

// layerArea saves an area of a draft, or takes it out.
func (d *Desk) layerArea(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.layers.title")
	r.Body = http.MaxBytesReader(w, r.Body, 4*maxShape)
	if err := r.ParseForm(); err != nil {
		return form.Faults{{Field: "shape", Code: "utf8"}}
	}
	old := r.PostFormValue("_code")
	v, err := f.areaView(old)
	if err != nil {
		return err
	}
	raw := rawOf(areaForm, r)
	if old != "" {
		raw["code"] = []string{old} // another code is another area
	}
	hash, _ := hex.DecodeString(r.PostFormValue("_hash"))
	if old == "" {
		hash = nil
	}
	v.Hash, v.Form.Raw, v.Shape = r.PostFormValue("_hash"), raw, raw.Get("shape")
	again := func(status int, problem string) error {
		f.Faulty, v.Problem = true, problem
		return f.render(w, status, areaPage(f, v))
	}
	remove := r.PostFormValue("_step") == "remove" && old != ""
	var feature geo.Feature
	if remove {
		feature.ID = old
	} else {
		answers, err := areaForm.Check(raw)
		if faults, ok := errors.AsType[form.Faults](err); ok {
			v.Form.Faults = faults
			for _, x := range faults {
				if x.Field == "shape" {
					v.ShapeMsg = f.T("desk.layers.area.noshape")
				}
			}
			return again(http.StatusUnprocessableEntity, v.ShapeMsg)
		}
		if feature, err = shapeOf(answers.Str("code"), answers.Str("name"), answers.Str("shape")); err != nil {
			v.ShapeMsg = f.T("desk.layers.area.noshape")
			return again(http.StatusUnprocessableEntity, v.ShapeMsg)
		}
	}
	if err := f.keepRest(&feature, v.Version, old); err != nil {
		return err
	}
	found, err := d.s.Layers.Edit(r.Context(), f.sc, v.Version.Name, v.Version.Number, feature, hash, remove)
	switch {
	case errors.Is(err, layers.ErrFindings):
		v.Findings, _ = f.findings(found)
		return again(http.StatusUnprocessableEntity, f.T("desk.layers.refused"))
	case errors.Is(err, access.ErrStale) && old == "":
		return again(http.StatusUnprocessableEntity, f.T("desk.layers.area.taken", feature.ID))
	case errors.Is(err, access.ErrStale):
		return again(http.StatusPreconditionFailed, f.T("error.status.precondition_failed"))
	case err != nil:
		return err
	}
	return web.SeeOther(w, r, v.Back+"?done=record")
}

// keepRest carries over what is not edited: the area above and other properties of the area as it was.
func (f *frame) keepRest(to *geo.Feature, v layers.Version, old string) error {
	to.MadeUp = v.MadeUp
	if old == "" {
		return nil
	}
	a, err := store.Get(f.r.Context(), f.d.s.DB, func(tx *store.Tx) (layers.Area, error) { return f.d.s.Layers.Area(tx, v, old) })
	if err != nil {
		return err
	}
	to.Extra, to.MadeUp, to.Parent = a.Extra, a.MadeUp, a.Parent
	to.Name = strings.TrimSpace(to.Name)
	return nil
}
