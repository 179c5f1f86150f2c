package desk

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"weixiao/internal/access"
	"weixiao/internal/cases"
	"weixiao/internal/directory"
	"weixiao/internal/directory/posts"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/journal"
	"weixiao/internal/store"
	"weixiao/internal/vault"
	"weixiao/internal/web/ui"
	"weixiao/internal/words"
)

const orgPath = "/desk/admin/organisation"

// registerOrganisation adds the pages of posts, buildings and duty rosters. Everybody who is signed in may know who
// holds which post; who may change that is in the flow tables.
func (d *Desk) registerOrganisation(rt *access.Router) {
	signed := access.Rule{SignedIn: true}
	decides := access.Rule{Roles: posts.Roles()}
	roster := access.Rule{Roles: rolesOf(&posts.ShiftTable, "enter")}
	rt.Handle("GET "+orgPath, signed, d.organisation)
	rt.Handle("GET "+orgPath+"/coverage", signed, d.coverage)
	keeps := access.Rule{Roles: buildingKeepers()}
	rt.Handle("GET "+orgPath+"/buildings", keeps, d.newBuildingPage)
	rt.Handle("POST "+orgPath+"/buildings", keeps, d.newBuilding)
	rt.Handle("GET "+orgPath+"/buildings/{id}", signed, d.buildingPage)
	rt.Handle("GET "+orgPath+"/buildings/{id}/do/{action}", keeps, d.buildingDoPage)
	rt.Handle("POST "+orgPath+"/buildings/{id}/do/{action}", keeps, d.buildingDo)
	rt.Handle("GET "+orgPath+"/posts/{post}", signed, d.postPage)
	rt.Handle("GET "+orgPath+"/posts/{post}/propose", decides, d.proposePage)
	rt.Handle("POST "+orgPath+"/posts/{post}/propose", decides, d.propose)
	rt.Handle("GET "+orgPath+"/posts/{post}/standin", decides, d.standinPage)
	rt.Handle("POST "+orgPath+"/posts/{post}/standin", decides, d.standin)
	rt.Handle("POST "+orgPath+"/standins/{id}/cancel", decides, d.standinCancel)
	rt.Handle("GET "+orgPath+"/terms/{id}/do/{action}", decides, d.termDoPage)
	rt.Handle("POST "+orgPath+"/terms/{id}/do/{action}", decides, d.termDo)
	rt.Handle("GET "+orgPath+"/duty", signed, d.duty)
	rt.Handle("POST "+orgPath+"/duty", roster, d.enterDuty)
	rt.Handle("POST "+orgPath+"/duty/{id}/cancel", roster, d.cancelDuty)
	rt.Handle("GET "+orgPath+"/import", access.Rule{Roles: d.loadRoles()}, d.loadPage)
	rt.Handle("POST "+orgPath+"/import", access.Rule{Roles: d.loadRoles()}, d.load)
}

func postHref(id string) string     { return orgPath + "/posts/" + url.PathEscape(id) }
func buildingHref(id string) string { return orgPath + "/buildings/" + url.PathEscape(id) }

func (f *frame) english() bool { return f.Lang == words.EN }

// holderLine is a post with who holds it.
type holderLine struct {
	Href, Title, Kind, Names, Acting, Vacant string
	Lead, Wanted                             bool
}

func (f *frame) kind(k *directory.PostKind) string {
	if f.english() {
		return k.English
	}
	return k.Name
}

// holderLine writes who holds a post now, and who answers for it when that is somebody else.
func (f *frame) holderLine(x *posts.Post) holderLine {
	b, now := f.d.s.Posts.Board(), f.Now.UnixMicro()
	l := holderLine{Href: postHref(x.ID), Title: x.TitleIn(f.english()), Kind: f.kind(x.Kind), Lead: x.Lead}
	l.Names = f.holderNames(b.Holders(x.ID, now))
	if l.Names == "" {
		l.Vacant, l.Wanted = f.T("desk.org.vacant"), x.Kind.Vacant > 0
	}
	if a, ok := b.Answering(x.ID, now); ok && len(a.Via) > 0 {
		l.Acting = f.T("desk.org.acting", a.Post.TitleIn(f.english()), f.holderNames(a.Holders))
	}
	return l
}

func (f *frame) holderNames(list []*posts.Term) string {
	var out []string
	for _, t := range list {
		n := t.Name
		if t.Seconded != "" {
			n = f.T("desk.org.seconded", n, f.unit(t.Seconded))
		}
		out = append(out, n)
	}
	return strings.Join(out, f.T("word.list.comma"))
}

// orgView is one unit of the organisation: its posts, what lies below it.
type orgView struct {
	Unit      directory.Unit
	Path      []ui.Link
	Posts     []holderLine
	Below     []orgLine
	Buildings []houseLine
	Vacant    int
	Add       string // where a building is added; "" = not here, or not by the user
}

// orgLine is a unit below, with its head and how far it is filled.
type orgLine struct {
	Href, Name, Lead, Coverage string
	Vacant                     int
}

// houseLine is a building with its chiefs.
type houseLine struct {
	Href, Name string
	Chiefs     []holderLine
}

func (d *Desk) organisation(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.org.title")
	f.said(r)
	dir, b, now := d.s.Pack.Directory, d.s.Posts.Board(), f.Now.UnixMicro()
	v := &orgView{Unit: dir.Root()}
	if id := r.URL.Query().Get("unit"); id != "" {
		u, ok := dir.Unit(id)
		if !ok {
			return store.ErrNotFound
		}
		v.Unit = u
	}
	for _, u := range dir.Path(v.Unit.ID) {
		v.Path = append([]ui.Link{{Text: f.unit(u.ID), Href: orgPath + "?unit=" + u.ID}}, v.Path...)
	}
	for _, x := range b.PostsOf(v.Unit.ID) {
		v.Posts = append(v.Posts, f.holderLine(x))
	}
	for _, u := range dir.Children(v.Unit.ID) {
		l := orgLine{Href: orgPath + "?unit=" + u.ID, Name: f.unit(u.ID), Vacant: len(b.Vacancies(u.ID, now, false))}
		if p, ok := dir.Lead(u.ID); ok {
			l.Lead = f.holderNames(b.Holders(p.ID, now))
		}
		if c := b.Coverage(u.ID, now); c.Buildings > 0 {
			l.Coverage = f.share(c.Covered, c.Buildings)
		}
		v.Below = append(v.Below, l)
	}
	for _, h := range b.BuildingsOf(v.Unit.ID) {
		v.Buildings = append(v.Buildings, f.houseLine(h))
	}
	v.Vacant = len(b.Vacancies(v.Unit.ID, now, false))
	if (v.Unit.Kind == directory.Community || v.Unit.Kind == directory.Village) && d.s.Posts.MayKeepBuildings(f.sc) {
		v.Add = orgPath + "/buildings?unit=" + v.Unit.ID
	}
	return f.render(w, http.StatusOK, orgPage(f, v))
}

func (f *frame) houseLine(h *directory.Building) houseLine {
	l := houseLine{Href: buildingHref(h.ID), Name: h.Title()}
	for _, x := range f.d.s.Posts.Board().PostsOfBuilding(h.ID) {
		if x.Kind.Level == directory.OnBuilding {
			l.Chiefs = append(l.Chiefs, f.holderLine(x))
		}
	}
	return l
}

// share is a percentage with the counts behind it.
func (f *frame) share(n, of int) string {
	if of == 0 {
		return ""
	}
	return f.T("desk.org.share", strconv.FormatFloat(100*float64(n)/float64(of), 'f', 1, 64), n, of)
}

// coverageView is how far each community has the people it needs.
type coverageView struct {
	Total, Workers string
	Lines          []coverageLine
}

type coverageLine struct {
	Href, Unit, Street, Both, Workers string
	Chiefs                            []string
	Vacant                            int
}

func (d *Desk) coverage(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.org.coverage")
	dir, b, now := d.s.Pack.Directory, d.s.Posts.Board(), f.Now.UnixMicro()
	all := b.Coverage(dir.Root().ID, now)
	v := &coverageView{Total: f.share(all.Covered, all.Buildings), Workers: f.share(all.Workers, all.Grids)}
	for _, u := range dir.ByKind(directory.Community, directory.Village) {
		c := b.Coverage(u.ID, now)
		l := coverageLine{Href: orgPath + "?unit=" + u.ID, Unit: f.unit(u.ID), Street: f.unit(u.Parent), Both: f.share(c.Covered, c.Buildings), Workers: f.share(c.Workers, c.Grids),
			Vacant: len(b.Vacancies(u.ID, now, false))}
		for _, k := range coverageKinds(d.s.Pack.PostKinds) {
			l.Chiefs = append(l.Chiefs, f.share(c.Filled[k.ID], c.Needed[k.ID]))
		}
		v.Lines = append(v.Lines, l)
	}
	return f.render(w, http.StatusOK, coveragePage(f, v))
}

// coverageKinds are the kinds of posts that every building needs.
func coverageKinds(all []directory.PostKind) []*directory.PostKind {
	var out []*directory.PostKind
	for i, k := range all {
		if k.Needed && k.Level == directory.OnBuilding {
			out = append(out, &all[i])
		}
	}
	return out
}

// postView is one post: who holds it, who held it, who stands in, what is open.
type postView struct {
	Post     *posts.Post
	Line     holderLine
	Facts    []ui.Pair
	Terms    []termLine
	Standins []standinLine
	Work     *workView
	Propose  bool
	StandIn  bool
}

type termLine struct {
	ID, Name, Chip, State, Span, Phone, From string
	Saw                                      string // its name in the disclosure ledger; "" = there is no number
	Reveal                                   string // where the private number is shown; "" = not to the user
	Actions                                  []*flow.Action
}

type standinLine struct {
	ID, By, Span string
	Version      int64
	Cancel       bool
}

func (d *Desk) postPage(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.org.title")
	f.said(r)
	b := d.s.Posts.Board()
	x, ok := b.Post(r.PathValue("post"))
	if !ok {
		return store.ErrNotFound
	}
	v := &postView{Post: x, Line: f.holderLine(x), Propose: d.s.Posts.MayPropose(f.sc, x), StandIn: d.s.Posts.MayStandIn(f.sc, x)}
	f.Title = v.Line.Title
	v.Facts = append(v.Facts, ui.Pair{Label: f.T("desk.org.kind"), Value: ui.Text(v.Line.Kind)}, ui.Pair{Label: f.T("desk.org.id"), Value: mono(x.ID)},
		ui.Pair{Label: f.T("desk.me.unit"), Value: orgLink(orgPath+"?unit="+x.Unit, f.unit(x.Unit))})
	if x.Building != "" {
		if h, ok := b.Building(x.Building); ok {
			v.Facts = append(v.Facts, ui.Pair{Label: f.T("desk.org.building"), Value: orgLink(buildingHref(h.ID), h.Title())})
		}
	}
	masked, err := f.maskedPhones(b.Terms(x.ID))
	if err != nil {
		return err
	}
	for _, t := range slices.Backward(b.Terms(x.ID)) {
		v.Terms = append(v.Terms, f.termLine(t, masked))
	}
	for _, s := range b.Standins(x.ID) {
		l := standinLine{ID: s.ID, Span: f.T("desk.org.span", dayOf(s.From), dayOf(s.To-1)), Version: s.Version, Cancel: v.StandIn}
		if by, ok := b.Post(s.By); ok {
			l.By = f.T("desk.log.person", by.TitleIn(f.english()), f.unit(by.Unit))
		}
		v.Standins = append(v.Standins, l)
	}
	if v.Work, err = f.workOf(x); err != nil {
		return err
	}
	return f.render(w, http.StatusOK, postPage(f, v))
}

func dayOf(at int64) string { return micro(at).In(words.Zone()).Format("2006-01-02") }

// maskedPhones are the private numbers of holders as lists may show them, by term.
func (f *frame) maskedPhones(list []*posts.Term) (map[string]string, error) {
	out, ids := map[string]string{}, []string(nil)
	for _, t := range list {
		if t.Person != "" {
			ids = append(ids, t.Person)
		}
	}
	if len(ids) == 0 || !f.is(append(posts.Roles(), rolesOf(&posts.RevealTable, "reveal")...)) {
		return out, nil
	}
	masks, err := store.Get(f.r.Context(), f.d.s.DB, func(tx *store.Tx) (map[string]vault.Masked, error) { return vault.Masks(tx, f.d.s.Pack.District, ids) })
	for _, t := range list {
		out[t.ID] = masks[t.Person].Phone
	}
	return out, err
}

func (f *frame) termLine(t *posts.Term, masked map[string]string) termLine {
	st, _ := posts.Table.State(t.State)
	l := termLine{ID: t.ID, Name: f.holderNames([]*posts.Term{t}), Chip: st.Chip, State: f.T("state.term." + t.State), Phone: masked[t.ID], Actions: f.d.s.Posts.Open(f.sc, t)}
	l.Span = f.T("desk.org.span", t.FirstDay(), t.LastDay())
	if t.To == 0 {
		l.Span = f.T("desk.org.since", t.FirstDay())
	}
	if t.Phone != "" {
		l.Phone = f.T("desk.org.shown", t.Phone)
	}
	if t.Person != "" {
		l.Saw = posts.TermSubject(t.ID)
	}
	if f.d.s.Posts.MayReveal(f.sc, t) {
		l.Reveal = orgPath + "/terms/" + t.ID + "/reveal"
	}
	return l
}

// workView is the open work of a post: it stays with the post when its holder goes.
type workView struct {
	Cases []workLine
	More  bool // there are more than are listed
}

type workLine struct{ Number, Title, Chip, State, When string }

// mostWork is how many open cases are listed.
const mostWork = 100

// workOf lists the open cases that belong to a post and that the user may read: of a lead its unit's, of a grid worker
// the grid's, of a chief those at the building. Nil for those who read no cases.
func (f *frame) workOf(x *posts.Post) (*workView, error) {
	if !f.is(caseRoles()) {
		return nil, nil
	}
	flt := cases.Filter{Open: true, Limit: 200}
	fits := func(*cases.Row) bool { return true }
	switch x.Kind.Level {
	case directory.OnUnit:
		flt.Unit = x.Unit
	default:
		street, ok := f.d.s.Pack.Directory.StreetOf(x.Unit)
		if !ok {
			return &workView{}, nil
		}
		flt.Street = street.ID
		fits = func(k *cases.Row) bool { return k.Place.Grid == x.Grid }
		if x.Building != "" {
			fits = func(k *cases.Row) bool { return f.at(k) == x.Building }
		}
	}
	v := &workView{}
	for {
		list, err := f.d.s.Cases.List(f.r.Context(), f.sc, flt)
		if err != nil {
			return nil, err
		}
		for _, k := range list {
			flt.After = k.Doc
			if !fits(k) {
				continue
			}
			if v.More = len(v.Cases) == mostWork; v.More {
				return v, nil
			}
			chip, state := f.state(k)
			v.Cases = append(v.Cases, workLine{k.Number, k.Title, chip, state, f.Moment(micro(k.Created))})
		}
		if len(list) < flt.Limit {
			return v, nil
		}
	}
}

// at is the building a case is at: by its point, else by the estate and number in its address.
func (f *frame) at(k *cases.Row) string {
	b := f.d.s.Posts.Board()
	if k.Place.Located {
		if h := b.Nearest([2]float64{k.Place.Lon, k.Place.Lat}); h != nil {
			return h.ID
		}
	}
	if k.Place.Text == "" {
		return ""
	}
	if h := b.Named(k.Place.Community, k.Place.Text); h != nil {
		return h.ID
	}
	return ""
}

// houseView is a building with its chiefs, its terms and what is open there.
type houseView struct {
	*directory.Building
	Facts  []ui.Pair
	Chiefs []holderLine
	Terms  []houseTerm
	Work   *workView
	Map    ui.MapView
	Open   []*flow.Action
}

type houseTerm struct {
	Post string
	Href string
	termLine
}

func (d *Desk) buildingPage(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.org.building")
	f.said(r)
	b := d.s.Posts.Board()
	h, ok := b.Building(r.PathValue("id"))
	if !ok {
		return store.ErrNotFound
	}
	f.Title = h.Title()
	v := &houseView{Building: h, Open: f.openBuilding()}
	fact := func(label, value string) {
		if value != "" && value != "0" {
			v.Facts = append(v.Facts, ui.Pair{Label: f.T(label), Value: ui.Text(value)})
		}
	}
	v.Facts = append(v.Facts, ui.Pair{Label: f.T("desk.org.id"), Value: mono(h.ID)}, ui.Pair{Label: f.T("desk.org.community"), Value: orgLink(orgPath+"?unit="+h.Community, f.unit(h.Community))})
	if g, ok := d.s.Pack.Directory.Grid(h.Grid); ok {
		v.Facts = append(v.Facts, ui.Pair{Label: f.T("desk.org.grid"), Value: orgLink(postHref(g.Post), g.Name)})
	}
	fact("desk.org.entrances", strconv.Itoa(h.Entrances))
	fact("desk.org.floors", strconv.Itoa(h.Floors))
	fact("desk.org.households", strconv.Itoa(h.Households))
	fact("desk.org.source", h.Source)
	for _, x := range b.PostsOfBuilding(h.ID) {
		v.Chiefs = append(v.Chiefs, f.holderLine(x))
		for _, t := range slices.Backward(b.Terms(x.ID)) {
			v.Terms = append(v.Terms, houseTerm{f.kind(x.Kind), postHref(x.ID), f.termLine(t, nil)})
		}
	}
	var err error
	if v.Work, err = f.workOf(&posts.Post{Kind: &directory.PostKind{Level: directory.OnBuilding}, Unit: h.Community, Building: h.ID}); err != nil {
		return err
	}
	v.Map = ui.MapView{ID: "house-map", Label: h.Title(), Base: "/report/map.json?v=" + d.s.Pack.Version, Points: []ui.MapPoint{{Lon: h.Point[0], Lat: h.Point[1], Label: h.Title(), Note: f.unit(h.Community)}}}
	f.Scripts = append(f.Scripts, "map")
	return f.render(w, http.StatusOK, buildingPage(f, v))
}

// turnedDown puts the words of a refusal at the field they are about.
func (f *frame) turnedDown(v *ui.FormView, err error) bool {
	x, ok := errors.AsType[*posts.Refusal](err)
	if !ok {
		return false
	}
	says := x.ZH
	if f.english() {
		says = x.EN
	}
	name := x.Field
	if _, known := v.Form.Field(name); !known && len(v.Form.Fields) > 0 {
		name = v.Form.Fields[0].Name
	}
	v.Says = map[string]string{name: says}
	v.Faults = form.Faults{{Field: name, Code: "unknown"}}
	return true
}

// orgAgain shows a form again with what is wrong.
func (f *frame) orgAgain(w http.ResponseWriter, v *recordDo, err error) error {
	if f.turnedDown(&v.Form, err) {
		f.Faulty = true
		return f.render(w, http.StatusUnprocessableEntity, recordDoPage(f, v))
	}
	return f.recordAgain(w, v, err, errors.Is(err, posts.ErrStale))
}

// termEvents are the acts of a term, newest first.
func (f *frame) termEvents(acts []journal.Act) ([]ui.Event, error) {
	if err := f.actors(acts); err != nil {
		return nil, err
	}
	var out []ui.Event
	for _, a := range slices.Backward(acts) {
		var parts []string
		for _, s := range []string{a.Texts["reason"], a.Texts["note"]} {
			if s != "" {
				parts = append(parts, s)
			}
		}
		out = append(out, ui.Event{Title: f.did(a), At: a.Time(), Note: strings.Join(parts, f.T("desk.log.comma"))})
	}
	return out, nil
}
