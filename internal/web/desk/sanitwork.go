package desk

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/files"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/journal"
	"weixiao/internal/rounds/sanitation"
	"weixiao/internal/store"
	"weixiao/internal/web"
	"weixiao/internal/web/ui"
)

const sanitPerPage = 100

// deductLine is a finding in a list.
type deductLine struct {
	ID, Href, Item, Segment, Day, Points, Due, Chip, State string
	Late                                                   bool
}

func (f *frame) deductLines(list []*sanitation.FindingView) (out []deductLine) {
	for _, x := range list {
		st, _ := sanitation.Findings.State(x.State)
		l := deductLine{ID: x.ID, Href: sanitPath + "/findings/" + x.ID, Item: x.Item, Segment: x.Segment, Day: x.Day, Points: hundredths(x.Points), Chip: st.Chip, State: f.T("state.sanit_finding." + x.State)}
		if item, ok := f.d.s.Sanitation.Item(x.Item); ok {
			l.Item = f.textOf(item.Text)
		}
		if seg, ok := f.d.s.Sanitation.Segment(x.Segment); ok {
			l.Segment = seg.Name
		}
		if !x.Due.IsZero() {
			l.Due, l.Late = f.Moment(x.Due), f.Now.After(x.Due)
		}
		out = append(out, l)
	}
	return out
}

type deductsView struct {
	Lines  []deductLine
	Views  []ui.Nav
	Next   string
	Record bool
}

func (d *Desk) sanitFindings(w http.ResponseWriter, r *http.Request) error {
	f, err := d.sanitFrame(r)
	if err != nil {
		return err
	}
	open := r.URL.Query().Get("open") == "1"
	list, err := d.s.Sanitation.Findings(r.Context(), f.sc, sanitation.FindingFilter{Open: open, After: atoi64(r.URL.Query().Get("after")), Limit: sanitPerPage})
	if err != nil {
		return err
	}
	v := &deductsView{Lines: f.deductLines(list), Record: f.is(rolesOf(&sanitation.Findings, "record")),
		Views: []ui.Nav{{Label: f.T("desk.sanit.findings.open"), Href: sanitPath + "/findings?open=1", On: open}, {Label: f.T("desk.sanit.findings.all"), Href: sanitPath + "/findings", On: !open}}}
	if len(list) == sanitPerPage {
		v.Next = withQuery(r.URL.RequestURI(), "after", strconv.FormatInt(list[len(list)-1].Doc, 10))
	}
	return f.render(w, http.StatusOK, sanitFindingsPage(f, v))
}

// sanitEvents are the acts of a record of sanitation, newest first.
func (f *frame) sanitEvents(acts []journal.Act) ([]ui.Event, error) {
	if err := f.actors(acts); err != nil {
		return nil, err
	}
	var out []ui.Event
	for _, a := range slices.Backward(acts) {
		var parts []string
		for _, name := range []string{"what", "done", "summary", "reason", "note"} {
			if s := a.Texts[name]; s != "" {
				parts = append(parts, s)
			}
		}
		out = append(out, ui.Event{Title: f.did(a), At: a.Time(), Note: strings.Join(parts, f.T("desk.log.comma"))})
	}
	return out, nil
}

// actionButton is an action that is open, with the address of its form.
type actionButton struct{ Name, Label, Look, Href string }

func (f *frame) buttons(kind, href string, list []*flow.Action) (out []actionButton) {
	for _, a := range list {
		look := ""
		switch a.Name {
		case "drop", "cancel", "fail", "send_back":
			look = "danger"
		case "rectify", "pass", "conclude", "confirm", "sign":
			look = "p"
		}
		out = append(out, actionButton{a.Name, f.T("action." + kind + "." + a.Name), look, href + "/do/" + a.Name})
	}
	return out
}

// sanitRecordView is the page of a finding, an inspection or a settlement.
type sanitRecordView struct {
	Title, Back, BackLabel string
	Facts                  []ui.Pair
	Says                   string // what was found, in the inspector's words
	Photos                 []ui.Photo
	Buttons                []actionButton
	Findings               []deductLine
	Record                 string
	Log                    []ui.Event
	Map                    *ui.MapView
}

func (d *Desk) sanitFinding(w http.ResponseWriter, r *http.Request) error {
	f, err := d.sanitFrame(r)
	if err != nil {
		return err
	}
	x, err := d.s.Sanitation.Finding(r.Context(), f.sc, r.PathValue("id"))
	if err != nil {
		return err
	}
	line := f.deductLines([]*sanitation.FindingView{x})[0]
	f.Title = line.Item
	v := &sanitRecordView{Title: line.Item, Back: sanitPath + "/findings?open=1", BackLabel: f.T("desk.sanit.findings"), Buttons: f.buttons(sanitation.Findings.Kind, line.Href, x.Actions)}
	v.Facts = append(v.Facts, ui.Pair{Label: f.T("desk.sanit.number"), Value: mono(x.ID)}, ui.Pair{Label: f.T("desk.assets.state"), Value: ui.Status(line.Chip, line.State)},
		ui.Pair{Label: f.T("desk.sanit.segment"), Value: orgLink(sanitPath+"/segments/"+x.Segment+"?day="+x.Day, line.Segment)})
	if c, err := d.s.Sanitation.Contract(f.sc, x.Contract); err == nil {
		v.Facts = append(v.Facts, ui.Pair{Label: f.T("desk.sanit.contract"), Value: ui.Text(c.Name)})
	}
	if x.Inspection != "" {
		v.Facts = append(v.Facts, ui.Pair{Label: f.T("desk.sanit.inspection"), Value: orgLink(sanitPath+"/inspections/"+x.Inspection, x.Inspection)})
	}
	v.Facts = append(v.Facts, ui.Pair{Label: f.T("desk.sanit.points"), Value: ui.Text(line.Points)}, ui.Pair{Label: f.T("desk.sanit.limit"), Value: ui.Text(f.limit(x.Rectify))})
	switch {
	case !x.Due.IsZero():
		v.Facts = append(v.Facts, ui.Pair{Label: f.T("desk.sanit.due"), Value: ui.DueChip(f.Due(x.Due, time.UnixMicro(x.Since), false, nil))})
	case x.Fixed > 0:
		said := f.Moment(time.UnixMicro(x.Fixed))
		if x.Late {
			said += " " + f.T("desk.sanit.late")
		}
		v.Facts = append(v.Facts, ui.Pair{Label: f.T("desk.sanit.fixed"), Value: ui.Text(said)})
	}
	if x.Again > 0 {
		v.Facts = append(v.Facts, ui.Pair{Label: f.T("desk.sanit.again"), Value: ui.Text(strconv.FormatInt(x.Again, 10))})
	}
	if v.Log, err = f.sanitEvents(x.Acts); err != nil {
		return err
	}
	v.Says = x.Acts[0].Texts["what"]
	if v.Photos, err = f.findingPhotos(x); err != nil {
		return err
	}
	return f.render(w, http.StatusOK, sanitRecordPage(f, v))
}

// findingPhotos are those of what was found and those of what was done, in this order.
func (f *frame) findingPhotos(x *sanitation.FindingView) ([]ui.Photo, error) {
	list, err := store.Get(f.r.Context(), f.d.s.DB, func(tx *store.Tx) ([]files.File, error) {
		return files.Of(tx, f.d.s.Pack.District, sanitation.Findings.Kind, x.ID)
	})
	if err != nil {
		return nil, err
	}
	var out []ui.Photo
	for _, p := range list {
		when := f.T("desk.sanit.before")
		if p.Created > x.Created {
			when = f.T("desk.sanit.after")
		}
		out = append(out, ui.Photo{Src: sanitPath + "/files/" + p.ID + "?small=1", Href: sanitPath + "/files/" + p.ID, Alt: f.T("desk.photo.alt", len(out)+1, when), Note: when + f.T("word.separator") + f.Moment(time.UnixMicro(p.Created))})
	}
	return out, nil
}

// sanitFile sends a photo of a finding to whoever may read the finding.
func (d *Desk) sanitFile(w http.ResponseWriter, r *http.Request) error {
	f, err := d.sanitFrame(r)
	if err != nil {
		return err
	}
	x, err := store.Get(r.Context(), d.s.DB, func(tx *store.Tx) (files.File, error) { return files.Get(tx, d.s.Pack.District, r.PathValue("id")) })
	if err != nil {
		return err
	}
	if x.SubjectKind != sanitation.Findings.Kind {
		return store.ErrNotFound
	}
	if _, err := d.s.Sanitation.Finding(r.Context(), f.sc, x.Subject); err != nil {
		return err
	}
	return d.s.Files.Serve(w, r, x, r.URL.Query().Get("small") == "1")
}

// sanitForm is the form of an action, with or without photos.
type sanitForm struct {
	recordDo
	Photos *ui.PhotosView
}

// sanitPhotoActions are those whose photos show the problem, or that it is gone; a photo is never demanded.
var sanitPhotoActions = []string{"record", "rectify"}

func (f *frame) sanitForm(kind string, act *flow.Action, back, backLabel, action string, version int64, raw form.Raw) *sanitForm {
	title := f.T("action." + kind + "." + act.Name)
	v := &sanitForm{recordDo: recordDo{Title: title, Back: back, BackLabel: backLabel}}
	f.Title = title
	v.Form = ui.FormView{Form: act.Form, Raw: raw, Action: action, Dense: true, Alt: 1, Submit: title, Key: "Ctrl Enter", Cancel: back, Choices: map[string][]ui.Choice{}, Looks: map[string]string{}}
	if version > 0 {
		v.Form.Hidden = append(v.Form.Hidden, ui.Hidden{Name: "_version", Value: strconv.FormatInt(version, 10)})
	}
	if slices.Contains(sanitPhotoActions, act.Name) {
		v.Form.Files = true
		v.Photos = &ui.PhotosView{ID: "photos", Name: photosName, Title: f.T("desk.sanit.photos." + act.Name), Max: f.d.s.Files.Limits().PerUpload, Small: true}
	}
	if slices.Contains([]string{"drop", "cancel", "fail", "send_back"}, act.Name) {
		v.Form.Look = "danger"
	}
	return v
}

// sanitAgain shows a form again with what is wrong.
func (f *frame) sanitAgain(w http.ResponseWriter, v *sanitForm, err error, photoFault string) error {
	f.Faulty = true
	status := http.StatusUnprocessableEntity
	faults, bad := errors.AsType[form.Faults](err)
	refused, no := errors.AsType[*flow.RefusedError](err)
	switch {
	case bad:
		v.Form.Faults = faults
	case photoFault != "" && v.Photos != nil:
		v.Photos.Fault = photoFault
	case no:
		v.Problem, status = f.T("refused."+refused.Code), http.StatusConflict
	case errors.Is(err, access.ErrStale):
		v.Problem, status = f.T("error.status.precondition_failed"), http.StatusPreconditionFailed
	default:
		return err
	}
	return f.render(w, status, sanitDoPage(f, v))
}

// sanitInput is what a form says, with its photos; only who may do the action fills the disk with them.
func (f *frame) sanitInput(act *flow.Action, may bool) (in sanitation.Input, fault string, err error) {
	in = sanitation.Input{Raw: rawOf(act.Form, f.r), Version: atoi64(f.r.PostFormValue("_version"))}
	if !may || !slices.Contains(sanitPhotoActions, act.Name) {
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

func (f *frame) recordForm(raw form.Raw) (*sanitForm, error) {
	act, err := sanitation.Findings.Action("record")
	if err != nil {
		return nil, err
	}
	v := f.sanitForm(sanitation.Findings.Kind, act, sanitPath+"/findings?open=1", f.T("desk.sanit.findings"), sanitPath+"/findings/new", 0, raw)
	contract := ""
	if id := f.r.FormValue("_inspection"); id != "" {
		x, err := f.d.s.Sanitation.Inspection(f.r.Context(), f.sc, id)
		if err != nil {
			return nil, err
		}
		contract = x.Contract
		v.Back, v.BackLabel, v.Form.Cancel = sanitPath+"/inspections/"+id, id, sanitPath+"/inspections/"+id
		v.Form.Hidden = append(v.Form.Hidden, ui.Hidden{Name: "_inspection", Value: id})
	}
	v.Form.Looks["segment"], v.Form.Looks["item"] = "select", "select"
	rules := f.d.s.Sanitation.Rules()
	for _, s := range rules.Segments {
		if contract == "" || s.Contract == contract {
			v.Form.Choices["segment"] = append(v.Form.Choices["segment"], ui.Choice{Value: s.ID, Label: s.Name, Group: f.unit(s.Community)})
		}
	}
	for _, x := range rules.Items {
		v.Form.Choices["item"] = append(v.Form.Choices["item"], ui.Choice{Value: x.ID, Label: f.textOf(x.Text)})
	}
	return v, nil
}

func (d *Desk) sanitRecordPage(w http.ResponseWriter, r *http.Request) error {
	f, err := d.sanitFrame(r)
	if err != nil {
		return err
	}
	v, err := f.recordForm(form.Raw{"segment": {r.URL.Query().Get("segment")}})
	if err != nil {
		return err
	}
	return f.render(w, http.StatusOK, sanitDoPage(f, v))
}

func (d *Desk) sanitRecord(w http.ResponseWriter, r *http.Request) error {
	if err := d.parse(w, r); err != nil {
		return err
	}
	f, err := d.sanitFrame(r)
	if err != nil {
		return err
	}
	act, err := sanitation.Findings.Action("record")
	if err != nil {
		return err
	}
	in, fault, err := f.sanitInput(act, true)
	if err == nil && fault == "" {
		var x *sanitation.Finding
		if x, err = d.s.Sanitation.Record(r.Context(), f.sc, r.PostFormValue("_inspection"), sanitation.Where{}, in); err == nil {
			next := sanitPath + "/findings/" + x.ID
			if x.Inspection != "" {
				next = sanitPath + "/inspections/" + x.Inspection
			}
			return web.SeeOther(w, r, next+"?done=record")
		}
	}
	v, ferr := f.recordForm(in.Raw)
	if ferr != nil {
		return ferr
	}
	return f.sanitAgain(w, v, err, fault)
}

// sanitFindingForm is the form of an action of a finding that the user reaches.
func (f *frame) sanitFindingForm(raw form.Raw) (v *sanitForm, act *flow.Action, open bool, err error) {
	id := f.r.PathValue("id")
	x, err := f.d.s.Sanitation.Finding(f.r.Context(), f.sc, id)
	if err != nil {
		return nil, nil, false, err
	}
	if act, err = sanitation.Findings.Action(f.r.PathValue("action")); err != nil {
		return nil, nil, false, err
	}
	href := sanitPath + "/findings/" + id
	return f.sanitForm(sanitation.Findings.Kind, act, href, id, href+"/do/"+act.Name, x.Version, raw), act, slices.Contains(x.Actions, act), nil
}

func (d *Desk) sanitFindingDoPage(w http.ResponseWriter, r *http.Request) error {
	f, err := d.sanitFrame(r)
	if err != nil {
		return err
	}
	v, _, open, err := f.sanitFindingForm(form.Raw{})
	if err != nil {
		return err
	}
	if !open {
		return flow.ErrForbidden
	}
	return f.render(w, http.StatusOK, sanitDoPage(f, v))
}

func (d *Desk) sanitFindingDo(w http.ResponseWriter, r *http.Request) error {
	if err := d.parse(w, r); err != nil {
		return err
	}
	f, err := d.sanitFrame(r)
	if err != nil {
		return err
	}
	v, act, open, err := f.sanitFindingForm(nil)
	if err != nil {
		return err
	}
	in, fault, err := f.sanitInput(act, open)
	v.Form.Raw = in.Raw
	if err == nil && fault == "" {
		if _, err = d.s.Sanitation.ActFinding(r.Context(), f.sc, r.PathValue("id"), act.Name, in); err == nil {
			return web.SeeOther(w, r, sanitPath+"/findings/"+r.PathValue("id")+"?done=record")
		}
	}
	return f.sanitAgain(w, v, err, fault)
}

// inspectionLine is an inspection in the list.
type inspectionLine struct{ ID, Href, Kind, Contract, Day, Who, Chip, State string }

type inspectionsView struct {
	Lines []inspectionLine
	Next  string
	Plan  bool
}

func (f *frame) inspectionLine(x *sanitation.Inspection) inspectionLine {
	st, _ := sanitation.Inspections.State(x.State)
	l := inspectionLine{ID: x.ID, Href: sanitPath + "/inspections/" + x.ID, Kind: f.T("form.sanit_plan.kind." + x.Kind), Contract: x.Contract, Day: x.Day, Who: f.d.names.name(f.r.Context(), x.Inspector),
		Chip: st.Chip, State: f.T("state.sanit_inspection." + x.State)}
	if c, err := f.d.s.Sanitation.Contract(f.sc, x.Contract); err == nil {
		l.Contract = c.Name
	}
	return l
}

func (d *Desk) sanitInspections(w http.ResponseWriter, r *http.Request) error {
	f, err := d.sanitFrame(r)
	if err != nil {
		return err
	}
	list, err := d.s.Sanitation.Inspections(r.Context(), f.sc, "", atoi64(r.URL.Query().Get("after")), sanitPerPage)
	if err != nil {
		return err
	}
	v := &inspectionsView{Plan: f.is(rolesOf(&sanitation.Inspections, "plan"))}
	for _, x := range list {
		v.Lines = append(v.Lines, f.inspectionLine(x))
	}
	if len(list) == sanitPerPage {
		v.Next = withQuery(r.URL.RequestURI(), "after", strconv.FormatInt(list[len(list)-1].Doc, 10))
	}
	return f.render(w, http.StatusOK, sanitInspectionsPage(f, v))
}

func (d *Desk) sanitInspection(w http.ResponseWriter, r *http.Request) error {
	f, err := d.sanitFrame(r)
	if err != nil {
		return err
	}
	x, err := d.s.Sanitation.Inspection(r.Context(), f.sc, r.PathValue("id"))
	if err != nil {
		return err
	}
	line := f.inspectionLine(x.Inspection)
	v := &sanitRecordView{Title: line.Kind + f.T("word.separator") + line.Day, Back: sanitPath + "/inspections", BackLabel: f.T("desk.sanit.inspections"),
		Buttons: f.buttons(sanitation.Inspections.Kind, line.Href, x.Actions), Findings: f.deductLines(x.Findings)}
	f.Title = v.Title
	v.Facts = []ui.Pair{{Label: f.T("desk.sanit.number"), Value: mono(x.ID)}, {Label: f.T("desk.assets.state"), Value: ui.Status(line.Chip, line.State)}, {Label: f.T("desk.sanit.contract"), Value: ui.Text(line.Contract)},
		{Label: f.T("desk.sanit.inspector"), Value: ui.Text(line.Who)}}
	if x.Hidden {
		v.Facts = append(v.Facts, ui.Pair{Label: f.T("desk.sanit.hidden"), Value: ui.Text(f.T("desk.sanit.hidden.text"))})
	}
	if x.Record {
		v.Record = sanitPath + "/findings/new?_inspection=" + x.ID
	}
	if v.Log, err = f.sanitEvents(x.Acts); err != nil {
		return err
	}
	return f.render(w, http.StatusOK, sanitRecordPage(f, v))
}

// contractChoices are the contracts the user reaches.
func (f *frame) contractChoices() (out []ui.Choice) {
	for _, c := range f.d.s.Sanitation.Contracts(f.sc) {
		out = append(out, ui.Choice{Value: c.ID, Label: c.Name})
	}
	return out
}

func (f *frame) planForm(raw form.Raw) (*sanitForm, error) {
	act, err := sanitation.Inspections.Action("plan")
	if err != nil {
		return nil, err
	}
	v := f.sanitForm(sanitation.Inspections.Kind, act, sanitPath+"/inspections", f.T("desk.sanit.inspections"), sanitPath+"/inspections/new", 0, raw)
	v.Form.Choices["contract"] = f.contractChoices()
	return v, nil
}

func (d *Desk) sanitPlanPage(w http.ResponseWriter, r *http.Request) error {
	f, err := d.sanitFrame(r)
	if err != nil {
		return err
	}
	v, err := f.planForm(form.Raw{"day": {f.dayParam()}})
	if err != nil {
		return err
	}
	return f.render(w, http.StatusOK, sanitDoPage(f, v))
}

func (d *Desk) sanitPlan(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return err
	}
	f, err := d.sanitFrame(r)
	if err != nil {
		return err
	}
	v, err := f.planForm(nil)
	if err != nil {
		return err
	}
	v.Form.Raw = rawOf(v.Form.Form, r)
	x, err := d.s.Sanitation.Plan(r.Context(), f.sc, sanitation.Input{Raw: v.Form.Raw})
	if err != nil {
		return f.sanitAgain(w, v, err, "")
	}
	return web.SeeOther(w, r, sanitPath+"/inspections/"+x.ID+"?done=record")
}

func (f *frame) inspectionForm(raw form.Raw) (v *sanitForm, act *flow.Action, open bool, err error) {
	id := f.r.PathValue("id")
	x, err := f.d.s.Sanitation.Inspection(f.r.Context(), f.sc, id)
	if err != nil {
		return nil, nil, false, err
	}
	if act, err = sanitation.Inspections.Action(f.r.PathValue("action")); err != nil {
		return nil, nil, false, err
	}
	href := sanitPath + "/inspections/" + id
	return f.sanitForm(sanitation.Inspections.Kind, act, href, id, href+"/do/"+act.Name, x.Version, raw), act, slices.Contains(x.Actions, act), nil
}

func (d *Desk) sanitInspectionDoPage(w http.ResponseWriter, r *http.Request) error {
	f, err := d.sanitFrame(r)
	if err != nil {
		return err
	}
	v, _, open, err := f.inspectionForm(form.Raw{})
	if err != nil {
		return err
	}
	if !open {
		return flow.ErrForbidden
	}
	return f.render(w, http.StatusOK, sanitDoPage(f, v))
}

func (d *Desk) sanitInspectionDo(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return err
	}
	f, err := d.sanitFrame(r)
	if err != nil {
		return err
	}
	v, act, _, err := f.inspectionForm(nil)
	if err != nil {
		return err
	}
	in := sanitation.Input{Raw: rawOf(act.Form, r), Version: atoi64(r.PostFormValue("_version"))}
	v.Form.Raw = in.Raw
	if _, err := d.s.Sanitation.ActInspection(r.Context(), f.sc, r.PathValue("id"), act.Name, in); err != nil {
		return f.sanitAgain(w, v, err, "")
	}
	return web.SeeOther(w, r, sanitPath+"/inspections/"+r.PathValue("id")+"?done=record")
}
