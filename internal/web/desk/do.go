package desk

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/cases"
	"weixiao/internal/directory"
	"weixiao/internal/files"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/store"
	"weixiao/internal/text/pinyin"
	"weixiao/internal/web"
	"weixiao/internal/web/ui"
	"weixiao/internal/words"
)

// doView is the form of one action of a case or of a whistle.
type doView struct {
	Kind    string // of the table: case, whistle
	Number  string
	Title   string // of the record
	Action  *flow.Action
	Form    ui.FormView
	Photos  *ui.PhotosView
	Problem string     // why it was not done, in words
	Changes []ui.Event // what happened since the form was opened
	Closed  bool       // the action is not possible any more: the words can only be copied
	Words   []ui.Pair  // what was typed, when the form is gone
	Next    string
}

// withPhotos are the actions that take photos: what was done can be seen.
var withPhotos = []string{"reply", "progress"}

func draftKey(number, action string) string { return "desk-" + number + "-" + action }

// caseForm makes the form of an action of a case. raw is what was typed; nil
// fills in what is known.
func (f *frame) caseForm(k *cases.Case, a *flow.Action, raw form.Raw) (*doView, error) {
	known := raw == nil
	if known {
		raw = f.known(k, a)
	}
	choices, err := f.caseChoices(k, a)
	if err != nil {
		return nil, err
	}
	base := "/desk/cases/" + k.Number
	next := nextOf(f.r, "")
	if p, ok := access.LocalPath(f.r.URL.Query().Get("next")); ok && next == "" {
		next = p
	}
	if next == "" {
		next = base
	}
	v := &doView{Kind: cases.Table.Kind, Number: k.Number, Title: k.Title, Action: a, Next: next}
	v.Form = ui.FormView{Form: a.Form, Raw: raw, Action: base + "/do/" + a.Name, Choices: choices, Looks: looks, Dense: true, Alt: 1,
		Submit: f.T("action.case." + a.Name), Key: "Ctrl Enter", Cancel: next, Draft: draftKey(k.Number, a.Name)}
	v.Form.Hidden = []ui.Hidden{{Name: "_key", Value: newKey()}, {Name: "_version", Value: strconv.FormatInt(k.Version, 10)}, {Name: "_next", Value: next}}
	if slices.Contains([]string{"terminate", "withdraw", "merge"}, a.Name) {
		v.Form.Look = "danger"
	}
	if slices.Contains(withPhotos, a.Name) {
		v.Form.Files = true
		v.Photos = &ui.PhotosView{ID: a.Form.Name + "-photos", Name: photosName, Title: f.T("desk.photo.title"), Note: f.T("desk.photo.note"),
			Max: f.d.s.Files.Limits().PerUpload, Small: true}
	}
	return v, nil
}

// looks are the fields that are drawn another way than their type says.
var looks = map[string]string{"matter": "select", "to_account": "select", "profile": "select", "public": "yesno", "ground": "list", "leader": "select", "reached": "yesno"}

// known is what a form can be filled with before anybody types: the unit the
// rules name, the category as it is, the extension that was asked for.
func (f *frame) known(k *cases.Case, a *flow.Action) form.Raw {
	raw := form.Raw{}
	set := func(name string, v ...string) {
		if _, ok := a.Form.Field(name); ok && len(v) > 0 && v[0] != "" {
			raw[name] = v
		}
	}
	switch a.Name {
	case "dispatch":
		d := f.d.s.Cases.Suggested(k)
		set("unit", d.Unit)
		set("assist", d.Assist...)
		set("profile", k.Profile)
	case "hand_on":
		if d := f.d.s.Cases.Suggested(k); d.Unit != k.Unit {
			set("unit", d.Unit)
			set("assist", d.Assist...)
		}
	case "classify":
		set("matter", k.Matter)
		set("kind", k.Kind)
		set("street", k.Place.Street)
		set("community", k.Place.Community)
		set("public", strconv.FormatBool(k.Public))
	case "merge":
		set("into", f.r.URL.Query().Get("into"))
	}
	return raw
}

// caseChoices are the members of the fields whose options the table cannot know.
func (f *frame) caseChoices(k *cases.Case, a *flow.Action) (map[string][]ui.Choice, error) {
	out := map[string][]ui.Choice{}
	finder := f.d.finder
	for _, fd := range a.Form.Fields {
		switch fd.Name {
		case "to_unit":
			out[fd.Name] = finder.below(f.Lang, k.Unit)
		case "street":
			out[fd.Name] = finder.streets(f.Lang)
		case "community":
			out[fd.Name] = finder.communities(f.Lang)
		case "unit", "assist", "should_be":
			out[fd.Name] = finder.handling(f.Lang)
		case "matter":
			out[fd.Name] = finder.matters(f.Lang)
		case "ground":
			if a.Name == "request_pause" {
				out[fd.Name] = f.pauses()
			}
		case "leader":
			out[fd.Name] = f.leaders()
		case "profile":
			out[fd.Name] = finder.profiles(f.Lang)
		case "to_account":
			list, err := f.colleagues(k)
			if err != nil {
				return nil, err
			}
			out[fd.Name] = list
		case "into":
			near, err := f.nearCase(k)
			if err != nil {
				return nil, err
			}
			for _, n := range near {
				out[fd.Name] = append(out[fd.Name], ui.Choice{Value: n.Number, Label: n.Title})
			}
		}
	}
	return out, nil
}

// pauses are the grounds on which the law stops the clocks, as the pack lists them.
func (f *frame) pauses() []ui.Choice {
	var out []ui.Choice
	for _, p := range f.d.s.Pack.Procedures.Pauses {
		c := ui.Choice{Value: p.ID, Label: p.Title, Note: p.Source}
		if f.Lang == words.EN {
			c.Label = p.English
		}
		out = append(out, c)
	}
	return out
}

// leaders are the posts of the district's leaders.
func (f *frame) leaders() []ui.Choice {
	var out []ui.Choice
	for _, p := range f.d.s.Pack.Directory.AllPosts() {
		if p.Role == directory.Leader {
			out = append(out, ui.Choice{Value: p.ID, Label: f.post(p.ID)})
		}
	}
	return out
}

// colleagues are the people of the unit that holds a case.
func (f *frame) colleagues(k *cases.Case) ([]ui.Choice, error) {
	unit := k.Holder
	if unit == "" {
		unit = k.Unit
	}
	list, err := store.Get(f.r.Context(), f.d.s.DB, func(tx *store.Tx) ([]access.Account, error) {
		list, _, err := f.d.s.Gate.List(tx, f.sc, access.Filter{Unit: unit, Limit: 200})
		return list, err
	})
	if errors.Is(err, flow.ErrForbidden) {
		return nil, nil
	}
	var out []ui.Choice
	for _, a := range list {
		out = append(out, ui.Choice{Value: a.ID, Label: a.Name, Note: a.Post, Find: pinyin.Initials(a.Name)})
	}
	return out, err
}

// doPage shows the form of an action, alone or as a piece of the page around it.
func (d *Desk) doPage(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.inbox.title")
	k, a, err := f.actionOf(r)
	if err != nil {
		return err
	}
	if !f.can(k, a.Name) {
		if !f.mightDo(k, a) {
			return flow.ErrForbidden
		}
		v := &doView{Kind: cases.Table.Kind, Number: k.Number, Title: k.Title, Action: a, Closed: true, Problem: f.T("desk.do.notnow"), Next: "/desk/cases/" + k.Number}
		return f.showDo(w, r, http.StatusConflict, v)
	}
	v, err := f.caseForm(k, a, nil)
	if err != nil {
		return err
	}
	return f.showDo(w, r, http.StatusOK, v)
}

// mightDo reports whether the user could do the action in some state of the case.
func (f *frame) mightDo(k *cases.Case, a *flow.Action) bool {
	probe := *k
	probe.Marks = a.Needs
	for _, s := range a.From {
		probe.State = s
		if f.can(&probe, a.Name) {
			return true
		}
	}
	return false
}

func (f *frame) actionOf(r *http.Request) (*cases.Case, *flow.Action, error) {
	a, err := cases.Table.Action(r.PathValue("action"))
	if err != nil {
		return nil, nil, err
	}
	k, err := f.d.s.Cases.Get(r.Context(), f.sc, r.PathValue("number"))
	return k, a, err
}

func (f *frame) showDo(w http.ResponseWriter, r *http.Request, status int, v *doView) error {
	f.Title = f.T("action."+v.Kind+"."+v.Action.Name) + f.T("word.separator") + v.Title
	if partial(r) {
		// htmx puts what comes into the page whatever the status says
		return renderPart(w, r, status, doBox(f, v))
	}
	return f.render(w, status, doPage(f, v))
}

// do does an action and shows the page it was asked from; when it cannot be done
// the form comes again with everything that was typed.
func (d *Desk) do(w http.ResponseWriter, r *http.Request) error {
	if err := d.parse(w, r); err != nil {
		return err
	}
	f := d.page(r, "desk.inbox.title")
	a, err := cases.Table.Action(r.PathValue("action"))
	if err != nil {
		return err
	}
	number := cases.UpperNumber(r.PathValue("number"))
	raw := rawOf(a.Form, r)
	version, _ := strconv.ParseInt(r.PostFormValue("_version"), 10, 64)
	in := cases.Input{Raw: raw, Version: version, Key: f.key(r.PostFormValue("_key"), "case", number, a.Name, raw)}
	photos, fault, err := f.photosFor(number, a)
	if err == nil && fault == "" {
		in.Photos = len(photos)
		if attach := f.attach(photos); attach != nil {
			in.Attach = func(tx *store.Tx, number string, _ int64, at time.Time) error { return attach(tx, number, at) }
		}
		in.Advice = f.adviceOnSending(number, a.Name)
		_, err = d.s.Cases.Act(r.Context(), f.sc, number, a.Name, in)
	}
	if err == nil && fault == "" {
		return web.SeeOther(w, r, withQuery(nextOf(r, "/desk/cases/"+number), "done", a.Name))
	}
	return f.again(w, r, number, a, raw, version, err, fault)
}

// rawOf is what was typed, without the fields of the page itself.
func rawOf(fm form.Form, r *http.Request) form.Raw {
	raw := ui.Raw(fm, r.PostForm)
	delete(raw, photosName)
	return raw
}

// photosFor takes the photos of an action, but only from somebody who may do it
// now: nobody fills the disk with photos that nothing will ever name.
func (f *frame) photosFor(number string, a *flow.Action) ([]files.File, string, error) {
	if f.r.MultipartForm == nil || len(f.r.MultipartForm.File) == 0 || !slices.Contains(withPhotos, a.Name) {
		return nil, "", nil
	}
	k, err := f.d.s.Cases.Get(f.r.Context(), f.sc, number)
	if err != nil || !f.can(k, a.Name) {
		return nil, "", err
	}
	return f.taken()
}

// again shows why an action was not done, and the words that were typed.
func (f *frame) again(w http.ResponseWriter, r *http.Request, number string, a *flow.Action, raw form.Raw, saw int64, cause error, photoFault string) error {
	status := statusOf(cause)
	if photoFault != "" {
		status = http.StatusUnprocessableEntity
	}
	why := f.refusal(cause)
	if why == unknownRefusal {
		return cause
	}
	view, err := f.d.s.Cases.View(r.Context(), f.sc, number)
	if err != nil {
		return err
	}
	k := view.Case
	f.Faulty = true
	var v *doView
	if f.can(k, a.Name) {
		if v, err = f.caseForm(k, a, raw); err != nil {
			return err
		}
	} else {
		v = &doView{Kind: cases.Table.Kind, Number: k.Number, Title: k.Title, Action: a, Closed: true, Next: "/desk/cases/" + k.Number}
		v.Words = f.typed(a, raw)
	}
	v.Problem = why
	if faults, ok := errors.AsType[form.Faults](cause); ok {
		v.Form.Faults = faults
	}
	if photoFault != "" {
		v.Photos.Fault, v.Problem = photoFault, ""
		v.Form.Says = map[string]string{"photos": photoFault}
	}
	if status == http.StatusPreconditionFailed || status == http.StatusConflict {
		if saw > 0 && saw <= int64(len(view.Entries)) {
			if v.Changes, err = f.events(view.Entries[saw:]); err != nil {
				return err
			}
		}
	}
	return f.showDo(w, r, status, v)
}

// statusOf is the status of a refused action. A form that was sent twice with
// different words is a conflict between the two.
func statusOf(err error) int {
	if errors.Is(err, store.ErrReused) {
		return http.StatusConflict
	}
	status, _ := access.Status(err)
	return status
}

// unknownRefusal marks errors that are no answer to what somebody did.
const unknownRefusal = "?"

// refusal says in plain words why an action was not done and what to do now; ""
// when the fields say it themselves.
func (f *frame) refusal(err error) string {
	if err == nil {
		return ""
	}
	if _, ok := errors.AsType[form.Faults](err); ok {
		return ""
	}
	if re, ok := errors.AsType[*flow.RefusedError](err); ok {
		return f.T("refused." + re.Code)
	}
	switch {
	case errors.Is(err, access.ErrStale):
		return f.T("desk.do.stale")
	case errors.Is(err, store.ErrReused):
		return f.T("desk.do.reused")
	case errors.Is(err, flow.ErrState):
		return f.T("desk.do.notnow")
	case errors.Is(err, store.ErrBusy):
		return f.T("desk.do.busy")
	}
	return unknownRefusal
}

// typed is what somebody wrote into a form that cannot be sent any more.
func (f *frame) typed(a *flow.Action, raw form.Raw) []ui.Pair {
	var out []ui.Pair
	for _, fd := range a.Form.Fields {
		if s := strings.TrimSpace(strings.Join(raw[fd.Name], f.T("word.list.comma"))); s != "" && (fd.Type == form.Text || fd.Type == form.Line) {
			out = append(out, ui.Pair{Label: ui.FieldLabel(f.Lang, a.Form.Name, fd.Name), Value: ui.Text(s)})
		}
	}
	return out
}
