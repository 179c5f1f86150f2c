package public

import (
	"errors"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"weixiao/internal/access"
	"weixiao/internal/cases"
	"weixiao/internal/directory"
	"weixiao/internal/form"
	"weixiao/internal/text"
	"weixiao/internal/web"
	"weixiao/internal/web/ui"
	"weixiao/internal/words"
)

// placeForm is step 2 beside the address and the point, which ui.Place draws, and
// the list of communities.
var placeForm = form.Form{Name: "report_place", Fields: []form.Field{
	{Name: "nowhere", Type: form.Bool}}}

// cameraForm is one question more, when a photo said where it was taken.
var cameraForm = form.Form{Name: placeForm.Name, Fields: append(slices.Clone(placeForm.Fields), form.Field{Name: "camera", Type: form.Bool})}

// maxPost bounds the forms without photos.
const maxPost = 256 << 10

// parse reads a form without photos. Of one that is written wrongly it takes what
// can be read; what is missing is then asked for.
func parse(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, maxPost)
	err := r.ParseForm()
	if _, big := errors.AsType[*http.MaxBytesError](err); big {
		return err
	}
	return nil
}

// step finds the draft for step 2 or 3, or sends the resident to where it begins.
// key is that of the posted form, "" for a page that is only looked at.
func (p *pages) step(w http.ResponseWriter, r *http.Request, key string) (d *draft, elsewhere string, err error) {
	d, err = p.draftOf(w, r)
	switch {
	case err != nil:
		return nil, "", err
	case d == nil:
		return nil, "/report?lost=none", nil
	case key != "" && d.Key != key:
		return nil, "/report?lost=other", nil
	case d.Number != "" && key != "":
		return nil, "/report/done?again=1", nil
	case d.Number != "":
		return nil, "/report/done", nil
	case !d.Told:
		return nil, "/report", nil
	}
	return d, "", nil
}

func (p *pages) place(w http.ResponseWriter, r *http.Request) error {
	d, elsewhere, err := p.step(w, r, "")
	if err != nil || elsewhere != "" {
		return orGo(w, r, elsewhere, err)
	}
	return p.showPlace(w, r, http.StatusOK, d, nil)
}

// orGo answers with the error, or with the way to another page.
func orGo(w http.ResponseWriter, r *http.Request, path string, err error) error {
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, path)
}

// sayPlace takes step 2. When there are cases like this one that the resident has
// not seen, they come first, once.
func (p *pages) sayPlace(w http.ResponseWriter, r *http.Request) error {
	if err := parse(w, r); err != nil {
		return err
	}
	post := r.PostForm
	d, elsewhere, err := p.step(w, r, post.Get("_key"))
	if err != nil || elsewhere != "" {
		return orGo(w, r, elsewhere, err)
	}
	says := p.placeSaid(web.Lang(r), d, post.Get)
	d.Placed = len(says) == 0
	d.Shown = append(d.Shown, seen(post.Get("_seen"))...)
	found, err := p.similar(r.Context(), d)
	if err != nil {
		return err
	}
	fresh := false
	for _, k := range found {
		if !slices.Contains(d.Shown, k.Number) {
			fresh = true
			d.Shown = append(d.Shown, k.Number)
		}
	}
	if err := p.keep(r.Context(), w, d); err != nil {
		if code := busy(err); code != 0 {
			return p.showPlace(w, r, code, d, map[string]string{"place": words.T(web.Lang(r), "public.fault.busy")})
		}
		return err
	}
	switch {
	case len(says) > 0:
		return p.showPlace(w, r, http.StatusUnprocessableEntity, d, says)
	case fresh:
		return web.SeeOther(w, r, "/report/place?seen=1#similar")
	}
	return web.SeeOther(w, r, "/report/check")
}

// maxShown bounds what a draft remembers of the cases shown.
const maxShown = 60

func seen(s string) []string {
	list := strings.Fields(s)
	return list[:min(len(list), maxShown)]
}

// placeSaid puts the answers of step 2 into the draft and says what is wrong.
func (p *pages) placeSaid(lang words.Lang, d *draft, get func(string) string) map[string]string {
	says := map[string]string{}
	yes := func(name string) bool { return get(name) == "true" }
	d.Address, d.Area, d.Point, d.Nowhere = legible(short(get("place"), 4*cases.MaxPlace)), "", nil, yes("nowhere")
	if strings.TrimSpace(get("place")) == "" {
		d.Address = ""
	} else if _, err := text.Clean(get("place"), cases.MaxPlace); err != nil {
		says["place"] = inputFault(lang, err, "public.fault.place")
	}
	if code := get("area"); code != "" {
		if d.Area = p.entrance(code); d.Area == "" {
			says["area"] = words.T(lang, "public.fault.area")
		}
	}
	at, given := point(get("lon"), get("lat"), get("accuracy"))
	switch {
	case yes("camera") && d.Camera != nil:
		d.Point = d.Camera
	case given && p.inside(at.Lon, at.Lat):
		d.Point = &at
	case given && d.Address == "" && d.Area == "" && !d.Nowhere:
		says["place"] = words.T(lang, "public.fault.outside", p.districtName(lang))
	}
	if len(says) == 0 && d.Address == "" && d.Area == "" && d.Point == nil && !d.Nowhere {
		says["place"] = words.T(lang, "public.fault.place")
	}
	if len(says) == 0 && d.Address != "" && d.Area == "" && d.Point == nil {
		p.understand(lang, d, says)
	}
	return says
}

// understand fills in the community that the address leaves no doubt about; the next
// page shows it. When it may mean several places, or another district, it asks, once:
// the same address sent again is taken as it is.
func (p *pages) understand(lang words.Lang, d *draft, says map[string]string) {
	found := p.Locate(d.Address)
	if c, ok := found.Sure(); ok {
		d.Area = p.entrance(areaOf(c))
		return
	}
	if d.Asked == d.Address {
		return
	}
	switch {
	case found.Elsewhere != "":
		says["place"] = words.T(lang, "public.fault.elsewhere", found.Elsewhere)
	case len(found.Candidates) > 0:
		says["area"] = words.T(lang, "public.fault.which")
	default:
		return
	}
	d.Asked = d.Address
}

func areaOf(c directory.Candidate) string {
	if c.Community.ID != "" {
		return c.Community.ID
	}
	return c.Street.ID
}

// suggest answers while a resident types an address.
func (p *pages) suggest(w http.ResponseWriter, r *http.Request) error {
	if err := p.Gate.Allow("suggest.client", access.Client(r.Context())); err != nil {
		return err
	}
	return p.Suggest(w, r)
}

// perhaps are the communities that the address may mean, on top of the list.
func (p *pages) perhaps(lang words.Lang, d *draft) []ui.Choice {
	var out []ui.Choice
	for _, c := range p.Locate(d.Address).Candidates {
		out = append(out, ui.Choice{Value: areaOf(c), Label: p.CandidateName(lang, c), Group: words.T(lang, "public.place.perhaps")})
	}
	return out
}

// short cuts what nobody types by hand, so that it can be shown again.
func short(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most])
	}
	return s
}

// point reads the hidden fields the location button and the map write. Anything
// that is no point on earth counts as not said.
func point(lon, lat, accuracy string) (spot, bool) {
	x, err := strconv.ParseFloat(lon, 64)
	y, err2 := strconv.ParseFloat(lat, 64)
	if err != nil || err2 != nil || !(math.Abs(x) <= 180 && math.Abs(y) <= 90) {
		return spot{}, false
	}
	a, err := strconv.Atoi(accuracy)
	if err != nil || a < 0 || a > 100_000 {
		a = 0
	}
	return spot{x, y, a}, true
}

func (p *pages) inside(lon, lat float64) bool {
	_, ok := p.Layers.Locate(lon, lat)
	return ok
}

func (p *pages) districtName(lang words.Lang) string {
	if u := p.Pack.Directory.Root(); lang == words.EN && u.English != "" {
		return u.English
	}
	return p.Pack.Head.Name
}

// where is what is known of the draft's place: street and community by name.
func (p *pages) where(lang words.Lang, d *draft) string {
	var at directory.Place
	switch {
	case d.Area != "":
		at, _ = p.Pack.Directory.OfPlace(d.Area)
	case d.Point != nil:
		at, _ = p.Layers.Locate(d.Point.Lon, d.Point.Lat)
	}
	var parts []string
	for _, u := range []directory.Unit{at.Street, at.Community} {
		if u.ID != "" {
			parts = append(parts, p.UnitName(lang, u.ID))
		}
	}
	return strings.Join(parts, words.T(lang, "word.separator"))
}

func (p *pages) showPlace(w http.ResponseWriter, r *http.Request, status int, d *draft, says map[string]string) error {
	f := p.page(r, "public.place.title")
	f.Path, f.Faulty = "/report/place", len(says) > 0
	v := ui.FormView{Form: placeForm, ID: "where", Action: "/report/place", Says: says, Hidden: []ui.Hidden{{Name: "_key", Value: d.Key}},
		Choices: map[string][]ui.Choice{"area": p.areas(f.Lang)}, Raw: form.Raw{"area": {d.Area}, "nowhere": {strconv.FormatBool(d.Nowhere)}}}
	if says["area"] != "" && d.Area == "" {
		v.Choices["area"] = append(p.perhaps(f.Lang, d), v.Choices["area"]...)
	}
	if d.Camera != nil {
		v.Form = cameraForm
		v.Raw["camera"] = []string{strconv.FormatBool(d.Point != nil && *d.Point == *d.Camera)}
	}
	at := ui.PlaceView{ID: "where-place", Name: "place", Label: f.T("form.report_place.place"), Hint: f.T("hint.report_place.place"),
		Address: d.Address, Area: p.where(f.Lang, d), Fault: says["place"], NoMap: f.Elder, Base: "/report/map.json?v=" + p.base().version,
		Suggest: "/report/suggest", Unit: "where-area"}
	if d.Point != nil {
		at.Lon, at.Lat = degrees(d.Point.Lon), degrees(d.Point.Lat)
		if d.Point.Accuracy > 0 {
			at.Exact = f.T("ui.locate.done", d.Point.Accuracy)
		}
	}
	if f.Elder { // no map: one line says it all
		at.Exact = strings.Join(slices.DeleteFunc([]string{at.Area, at.Exact}, func(s string) bool { return s == "" }), f.T("word.separator"))
		at.Area = ""
	} else {
		f.Scripts = []string{"map"}
	}
	found, err := p.similar(r.Context(), d)
	if err != nil {
		return err
	}
	var numbers []string
	var cards []ui.Similar
	for _, k := range found {
		numbers = append(numbers, k.Number)
		cards = append(cards, p.similarCard(f, k))
	}
	v.Hidden = append(v.Hidden, ui.Hidden{Name: "_seen", Value: strings.Join(numbers, " ")})
	foot := ui.StepFoot(f, ui.Foot{Label: f.T("public.next.contact"), Form: "where", Back: "/report"})
	return p.show(w, r, status, f, foot, placePage(f, v, at, p.base().note(f.Lang), cards, r.URL.Query().Has("seen")))
}

func degrees(x float64) string { return strconv.FormatFloat(x, 'f', 6, 64) }
