package desk

import (
	"errors"
	"net/http"
	"sync"

	"weixiao/internal/directory"
	"weixiao/internal/directory/layers"
	"weixiao/internal/form"
	"weixiao/internal/geo"
	"weixiao/internal/web"
	"weixiao/internal/web/ui"
)

// uploadForm says what a file of polygons is.
var uploadForm = form.Form{Name: "layer_upload", Fields: []form.Field{
	{Name: "layer", Type: form.Line, Required: true, Max: 40},
	{Name: "kind", Type: form.Choice, Options: kindOptions()},
	{Name: "crs", Type: form.Choice, Options: []form.Option{{Value: "file"}, {Value: "cgcs2000"}, {Value: "wgs84"}, {Value: "gcj02"}, {Value: "bd09"}}},
	{Name: "title", Type: form.Line, Max: 60},
	{Name: "english", Type: form.Line, Max: 60},
	{Name: "source", Type: form.Line, Max: 200},
	{Name: "licence", Type: form.Line, Max: 100},
	{Name: "code_column", Type: form.Line, Max: 40},
	{Name: "name_column", Type: form.Line, Max: 40},
	{Name: "made_up", Type: form.Bool},
}}

func kindOptions() (out []form.Option) {
	for _, k := range directory.LayerKinds() {
		out = append(out, form.Option{Value: k.Name})
	}
	return out
}

// oneUpload lets one file of polygons be read and checked at a time: a large one takes some hundred megabytes.
var oneUpload sync.Mutex

type uploadView struct {
	Form     ui.FormView
	Problem  string
	Good     string
	Findings []findingView
	More     int
	File     *heldFile
}

func (f *frame) uploadView(raw form.Raw) *uploadView {
	v := &uploadView{Form: ui.FormView{Form: uploadForm, Raw: raw, Action: layersPath + "/new", Dense: true, Cols: 2, Looks: map[string]string{"kind": "select", "crs": "select"}, Choices: map[string][]ui.Choice{}}}
	for _, o := range kindOptions() {
		v.Form.Choices["kind"] = append(v.Form.Choices["kind"], ui.Choice{Value: o.Value, Label: f.T("layers.kind." + o.Value)})
	}
	return v
}

func (d *Desk) layerUploadPage(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.layers.upload")
	raw := form.Raw{"crs": {"file"}}
	if l, ok := d.s.Layers.Atlas().Layer(r.URL.Query().Get("layer")); ok {
		raw["layer"], raw["kind"], raw["title"], raw["english"], raw["source"], raw["licence"] = []string{l.Name}, []string{l.Kind}, []string{l.Title}, []string{l.English}, []string{l.Source}, []string{l.Licence}
	}
	return f.render(w, http.StatusOK, uploadPage(f, f.uploadView(raw)))
}

// layerUpload checks a file, or stores it as a new version when the button says so. Nothing is stored while anything stands against it.
func (d *Desk) layerUpload(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.layers.upload")
	r.Body = http.MaxBytesReader(w, r.Body, layers.MaxUpload+(1<<20))
	err := r.ParseMultipartForm(1 << 20) // the rest waits on disk
	if r.MultipartForm != nil {
		defer func() { _ = r.MultipartForm.RemoveAll() }() // what is left goes with the machine's temporary files
	}
	raw := rawOf(uploadForm, r)
	v := f.uploadView(raw)
	again := func(problem string, args ...any) error {
		f.Faulty = true
		if problem != "" {
			v.Problem = f.T(problem, args...)
		}
		return f.render(w, http.StatusUnprocessableEntity, uploadPage(f, v))
	}
	if _, big := errors.AsType[*http.MaxBytesError](err); big {
		return again("layers.read.large")
	}
	if err != nil {
		return again("desk.layers.nofile")
	}
	answers, err := uploadForm.Check(raw)
	if v.Form.Faults, _ = errors.AsType[form.Faults](err); err != nil {
		return again("")
	}
	oneUpload.Lock()
	defer oneUpload.Unlock()
	file, err := f.takeFile(r)
	if key := fileProblem(err); key != "" {
		return again(key)
	}
	if err != nil {
		return err
	}
	src, err := layers.Read(file.body, geo.Fields{Code: answers.Str("code_column"), Name: answers.Str("name_column")})
	if key := layers.ReadProblem(err); err != nil && key != "" {
		f.giveBack(file)
		return again(key)
	}
	v.File = file
	if err != nil {
		return err
	}
	up := uploadOf(answers, src)
	if up.System == nil && src.CRS == "" {
		v.Form.Faults = form.Faults{{Field: "crs", Code: "layer_crs"}}
		return again("")
	}
	if r.PostFormValue("_step") == "check" {
		found, err := d.s.Layers.Try(r.Context(), up)
		return f.tried(v, found, err, again, func() error {
			v.Good = f.T("desk.layers.good", len(src.Features))
			return f.render(w, http.StatusOK, uploadPage(f, v))
		})
	}
	made, found, err := d.s.Layers.Import(r.Context(), f.sc, up)
	return f.tried(v, found, err, again, func() error {
		f.giveBack(file)
		return web.SeeOther(w, r, layerHref(made.Name, made.Number)+"?done=layer.import")
	})
}

// uploadOf puts together what the form and the file say; the form has the last word.
func uploadOf(answers form.Answers, src *geo.Source) layers.Upload {
	up := layers.Upload{File: src, About: src.About}
	up.Name = answers.Str("layer")
	for name, to := range map[string]*string{"kind": &up.Kind, "title": &up.Title, "english": &up.English, "source": &up.Source, "licence": &up.Licence} {
		if s := answers.Str(name); s != "" {
			*to = s
		}
	}
	up.MadeUp = up.MadeUp || answers.Bool("made_up")
	if s, err := geo.ParseSystem(answers.Str("crs")); err == nil && answers.Str("crs") != "" && answers.Str("crs") != "file" {
		up.System = &s
	}
	return up
}

// tried shows what was found, or goes on.
func (f *frame) tried(v *uploadView, found []geo.Finding, err error, again func(string, ...any) error, good func() error) error {
	v.Findings, v.More = f.findings(found)
	if errors.Is(err, layers.ErrFindings) {
		return again("desk.layers.refused")
	}
	if v.Form.Faults, _ = errors.AsType[form.Faults](err); v.Form.Faults != nil {
		return again("")
	}
	if err != nil {
		return err
	}
	return good()
}
