package desk

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/places"
	"weixiao/internal/web"
	"weixiao/internal/web/ui"
)

// placeNamesView is the names learned from cases, by state.
type placeNamesView struct {
	Tabs  []tab
	Lines []placeNameLine
	Next  string
	Reads bool // the user may open cases
}

type tab struct {
	Label, Href string
	On          bool
}

// placeNameLine is one name.
type placeNameLine struct {
	ID, Name, Kind, Where, Note, Like string
	Cases                             []string
	Actions                           []*flow.Action
}

const namesPerPage = 30

func (d *Desk) placeNames(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.placenames.title")
	f.said(r)
	in := r.URL.Query()
	state := in.Get("state")
	if _, ok := places.Table.State(state); !ok {
		state = places.Proposed
	}
	v := &placeNamesView{Reads: f.is(caseRoles())}
	for _, s := range places.Table.States {
		v.Tabs = append(v.Tabs, tab{f.T("state.place." + s.Name), "/desk/admin/places?state=" + s.Name, s.Name == state})
	}
	list, err := d.s.Places.List(r.Context(), state, in.Get("after"), namesPerPage)
	if err != nil {
		return err
	}
	for _, x := range list {
		l, err := f.placeName(x)
		if err != nil {
			return err
		}
		v.Lines = append(v.Lines, l)
	}
	if len(list) == namesPerPage {
		v.Next = "/desk/admin/places?state=" + state + "&after=" + url.QueryEscape(list[len(list)-1].ID)
	}
	return f.render(w, http.StatusOK, placeNamesPage(f, v))
}

func (f *frame) placeName(x *places.Proposal) (placeNameLine, error) {
	l := placeNameLine{ID: x.ID, Name: x.Name, Kind: f.T("spot." + string(x.Kind)), Where: f.d.s.AreaName(f.Lang, x.Unit), Actions: f.d.s.Places.Open(f.sc, x)}
	var err error
	if l.Cases, err = f.d.s.Places.Cases(f.r.Context(), x.ID); err != nil {
		return l, err
	}
	l.Note = f.T("desk.placenames.cases", len(l.Cases), f.Moment(time.UnixMicro(x.Created)))
	if s, ok := f.d.s.Gazetteer().Spot(x.Into); ok && x.Into != "" {
		l.Note = f.T("desk.placenames.into", s.Name) + f.T("word.separator") + l.Note
	}
	l.Cases = l.Cases[:min(6, len(l.Cases))]
	if x.State == places.Proposed {
		var names []string
		for _, c := range f.d.s.Locate(x.Name).Candidates {
			if c.Spot.ID != "" && len(names) < 3 {
				names = append(names, f.d.s.CandidateName(f.Lang, c))
			}
		}
		l.Like = strings.Join(names, f.T("word.list.comma"))
	}
	return l, nil
}

func (f *frame) placeNameForm(x *places.Proposal, act *flow.Action, raw form.Raw) *recordDo {
	if raw == nil {
		raw = form.Raw{"name": {x.Name}, "kind": {string(x.Kind)}}
	}
	back := "/desk/admin/places?state=" + x.State
	v := &recordDo{Title: f.T("action.place."+act.Name) + f.T("word.separator") + x.Name, Back: back, BackLabel: f.T("desk.placenames.title")}
	v.Form = ui.FormView{Form: act.Form, Raw: raw, Action: "/desk/admin/places/" + x.ID + "/do/" + act.Name, Dense: true, Alt: 1, Submit: f.T("action.place." + act.Name), Key: "Ctrl Enter", Cancel: back,
		Hidden: []ui.Hidden{{Name: "_version", Value: strconv.FormatInt(x.Version, 10)}}, Looks: map[string]string{"kind": "select", "into": "select"}, Choices: map[string][]ui.Choice{}}
	switch act.Name {
	case "merge":
		v.Form.Choices["into"] = f.spotsNear(x)
	case "confirm":
		for _, o := range act.Form.Fields[1].Options {
			v.Form.Choices["kind"] = append(v.Form.Choices["kind"], ui.Choice{Value: o.Value, Label: f.T("spot." + o.Value)})
		}
	case "reject":
		v.Form.Look = "danger"
	}
	return v
}

// spotsNear are the known places of the same street, those of the same community first.
func (f *frame) spotsNear(x *places.Proposal) []ui.Choice {
	dir := f.d.s.Pack.Directory
	here, _ := dir.OfPlace(x.Unit)
	var own, other []ui.Choice
	for _, s := range f.d.s.Gazetteer().Spots() {
		at, _ := dir.OfPlace(s.Unit)
		c := ui.Choice{Value: s.ID, Label: s.Name, Group: f.unit(s.Unit), Find: strings.Join(s.Aliases, " ")}
		switch {
		case s.ID == x.ID:
		case s.Unit == x.Unit:
			own = append(own, c)
		case at.Street.ID == here.Street.ID:
			other = append(other, c)
		}
	}
	slices.SortStableFunc(other, func(a, b ui.Choice) int { return strings.Compare(a.Group, b.Group) })
	return append(own, other...)
}

func (f *frame) placeNameAction(r *http.Request) (*places.Proposal, *flow.Action, error) {
	x, err := f.d.s.Places.Get(r.Context(), r.PathValue("id"))
	if err != nil {
		return nil, nil, err
	}
	act, err := places.Table.Action(r.PathValue("action"))
	return x, act, err
}

func (d *Desk) placeNameDoPage(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.placenames.title")
	x, act, err := f.placeNameAction(r)
	if err != nil {
		return err
	}
	if !slices.Contains(d.s.Places.Open(f.sc, x), act) {
		return flow.ErrForbidden
	}
	return f.render(w, http.StatusOK, recordDoPage(f, f.placeNameForm(x, act, nil)))
}

func (d *Desk) placeNameDo(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.placenames.title")
	if err := r.ParseForm(); err != nil {
		return err
	}
	x, act, err := f.placeNameAction(r)
	if err != nil {
		return err
	}
	raw := rawOf(act.Form, r)
	version, _ := strconv.ParseInt(r.PostFormValue("_version"), 10, 64)
	if err := d.s.Places.Act(r.Context(), f.sc, x.ID, act.Name, version, raw); err != nil {
		v := f.placeNameForm(x, act, raw)
		if faults, ok := errors.AsType[form.Faults](err); ok && slices.Contains(faults, form.Fault{Field: "name", Code: "place_name"}) {
			v.Form.Says = map[string]string{"name": f.T("desk.placenames.badname")}
		}
		return f.recordAgain(w, v, err, errors.Is(err, places.ErrStale))
	}
	return web.SeeOther(w, r, "/desk/admin/places?done=record&state="+act.To)
}
