package desk

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/paulmach/orb"

	"weixiao/internal/access"
	"weixiao/internal/directory/layers"
	"weixiao/internal/form"
	"weixiao/internal/geo"
	"weixiao/internal/web"
	"weixiao/internal/web/ui"
)

// splitForm is the form that splits an area, below the one that edits it. line is GeoJSON,
// which the map writes, or longitude and latitude of a corner on each line of it.
func (f *frame) splitForm(v *areaView, raw form.Raw) ui.FormView {
	act, err := layers.Table.Action("split")
	if err != nil {
		panic(err) // a form of an action that does not exist
	}
	return ui.FormView{Form: act.Form, ID: "split", Raw: raw, Action: v.Back + "/area/split", Dense: true, Cols: 2, Submit: f.T("action.layer.split"),
		Hidden: []ui.Hidden{{Name: "_code", Value: v.Code}, {Name: "_hash", Value: v.Hash}}}
}

// splitArea cuts an area of a draft in two.
func (d *Desk) splitArea(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.layers.title")
	if err := r.ParseForm(); err != nil {
		return err
	}
	code := r.PostFormValue("_code")
	if code == "" {
		return form.Faults{{Field: "code", Code: "required"}}
	}
	v, err := f.areaView(code)
	if err != nil {
		return err
	}
	raw := rawOf(v.Split.Form, r)
	v.Hash = r.PostFormValue("_hash")
	v.Split = f.splitForm(v, raw)
	v.Split.Says = map[string]string{}
	again := func(status int, problem string) error {
		f.Faulty, v.Problem = true, problem
		return f.render(w, status, areaPage(f, v))
	}
	answers, err := v.Split.Form.Check(raw)
	if faults, ok := errors.AsType[form.Faults](err); ok {
		v.Split.Faults = faults
		return again(http.StatusUnprocessableEntity, "")
	}
	line, ok := lineOf(answers.Str("line"))
	if !ok {
		v.Split.Says["line"] = f.T("desk.layers.split.noline")
		return again(http.StatusUnprocessableEntity, f.T("desk.layers.split.noline"))
	}
	hash, _ := hex.DecodeString(v.Hash)
	found, err := d.s.Layers.Split(r.Context(), f.sc, v.Version.Name, v.Version.Number, code, hash,
		layers.Cut{Code: answers.Str("code"), Name: answers.Str("name"), Line: line, Larger: answers.Str("which") == "larger"})
	for _, x := range []struct {
		err error
		key string
	}{{geo.ErrSplitLine, "line"}, {geo.ErrSplitEnds, "ends"}, {geo.ErrSplitCross, "cross"}, {geo.ErrSplitHole, "hole"}} {
		if errors.Is(err, x.err) {
			v.Split.Says["line"] = f.T("desk.layers.split." + x.key)
			return again(http.StatusUnprocessableEntity, v.Split.Says["line"])
		}
	}
	switch {
	case errors.Is(err, layers.ErrFindings):
		v.Findings, _ = f.findings(found)
		return again(http.StatusUnprocessableEntity, f.T("desk.layers.refused"))
	case errors.Is(err, access.ErrStale):
		return again(http.StatusPreconditionFailed, f.T("desk.layers.split.stale", answers.Str("code")))
	case err != nil:
		return err
	}
	return web.SeeOther(w, r, v.Back+"?done=record")
}

// lineOf reads a line: GeoJSON of a LineString, or pairs of numbers.
func lineOf(text string) ([]orb.Point, bool) {
	var said struct {
		Type        string
		Coordinates []orb.Point
	}
	if json.Unmarshal([]byte(text), &said) == nil {
		return said.Coordinates, said.Type == "LineString" && len(said.Coordinates) >= 2
	}
	numbers := strings.FieldsFunc(text, func(c rune) bool { return strings.ContainsRune(" ,，;；\n\r\t", c) })
	var out []orb.Point
	for i := 0; i+1 < len(numbers); i += 2 {
		lon, e1 := strconv.ParseFloat(numbers[i], 64)
		lat, e2 := strconv.ParseFloat(numbers[i+1], 64)
		if e1 != nil || e2 != nil || !geo.Valid(geo.Point{Lon: lon, Lat: lat}) {
			return nil, false
		}
		out = append(out, orb.Point{lon, lat})
	}
	return out, len(out) >= 2 && len(numbers)%2 == 0
}
