package desk

import (
	"crypto/rand"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"weixiao/internal/access"
	"weixiao/internal/directory"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/journal"
	"weixiao/internal/store"
	"weixiao/internal/web"
	"weixiao/internal/web/ui"
	"weixiao/internal/words"
)

// peopleView is the list of accounts.
type peopleView struct {
	List   []access.Account
	Filter ui.FormView
	Next   string
	Create bool
}

func (d *Desk) people(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.nav.people")
	f.said(r)
	in := r.URL.Query()
	flt := access.Filter{Unit: in.Get("unit"), Role: in.Get("role"), Inactive: in.Get("inactive") == "true", After: in.Get("after")}
	v := peopleView{Create: f.is(accountRoles("create"))}
	v.Filter = ui.FormView{Form: form.Form{Name: "people", Fields: []form.Field{{Name: "unit", Type: form.Unit}, {Name: "role", Type: form.Choice}, {Name: "inactive", Type: form.Bool}}},
		Raw: form.Raw{"unit": {flt.Unit}, "role": {flt.Role}, "inactive": {strconv.FormatBool(flt.Inactive)}}, Dense: true, Cols: 3,
		Choices: map[string][]ui.Choice{"unit": d.finder.all(f.Lang), "role": f.roleChoices()}, Looks: map[string]string{"role": "select"}}
	var next string
	err := d.s.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		v.List, next, err = d.s.Gate.List(tx, f.sc, flt)
		return err
	})
	if err != nil {
		return err
	}
	if next != "" {
		v.Next = withQuery(r.URL.RequestURI(), "after", next)
	}
	return f.render(w, http.StatusOK, peoplePage(f, v))
}

func (f *frame) roleChoices() []ui.Choice {
	var out []ui.Choice
	for _, r := range access.Roles() {
		if !r.Pseudo {
			out = append(out, ui.Choice{Value: r.Name, Label: f.T(r.Label)})
		}
	}
	return out
}

// all are all units, for the people who work in them.
func (f *finder) all(lang words.Lang) []ui.Choice {
	var out []ui.Choice
	for _, k := range directory.Kinds() {
		for _, u := range f.dir.ByKind(k) {
			out = append(out, f.choice(lang, u, ""))
		}
	}
	return out
}

// personView is one account: what it is, what may be done, what was done.
type personView struct {
	Account  access.Account
	Actions  []*flow.Action
	Sessions []access.Session
	Log      []ui.Event
	Post     string
}

func (d *Desk) person(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.nav.people")
	f.said(r)
	v, err := f.personView(r.PathValue("id"))
	if err != nil {
		return err
	}
	return f.render(w, http.StatusOK, personPage(f, v))
}

func (f *frame) personView(id string) (*personView, error) {
	v := &personView{}
	var history []journal.Act
	err := f.d.s.DB.Read(f.r.Context(), func(tx *store.Tx) (err error) {
		if v.Account, err = f.d.s.Gate.Get(tx, f.sc, id); err != nil {
			return err
		}
		if f.is(accountRoles("change")) {
			if v.Sessions, err = f.d.s.Gate.ListSessions(tx, f.sc, id); err != nil {
				return err
			}
		}
		history, err = journal.History(tx, f.d.s.Pack.District, access.Accounts().Kind, id)
		return err
	})
	if err != nil {
		return nil, err
	}
	f.Title = v.Account.Name
	v.Actions = f.d.s.Gate.OpenActions(f.sc, v.Account)
	v.Post = f.post(v.Account.Post)
	v.Log, err = f.accountEvents(history)
	return v, err
}

// post is the title of a post; what is not in the directory stands as it is.
func (f *frame) post(id string) string {
	p, ok := f.d.s.Pack.Directory.Post(id)
	switch {
	case !ok:
		return id
	case f.Lang == words.EN && p.English != "":
		return p.English
	}
	return p.Title
}

// accountEvents are the acts of an account, newest first.
func (f *frame) accountEvents(acts []journal.Act) ([]ui.Event, error) {
	if err := f.actors(acts); err != nil {
		return nil, err
	}
	var out []ui.Event
	for _, a := range slices.Backward(acts) {
		var b struct {
			Unit, Post string
			Roles      []string
			Own        bool
		}
		if err := a.Into(&b); err != nil {
			return nil, err
		}
		var parts []string
		add := func(s string) {
			if s != "" {
				parts = append(parts, s)
			}
		}
		add(f.unit(b.Unit))
		add(f.post(b.Post))
		if len(b.Roles) > 0 {
			add(f.roles(b.Roles))
		}
		if b.Own {
			add(f.T("desk.people.own"))
		}
		if why := a.Texts["reason"]; why != "" {
			add(f.T("desk.people.because", why))
		}
		out = append(out, ui.Event{Title: f.did(a), At: a.Time(), Note: strings.Join(parts, f.T("desk.log.comma"))})
	}
	return out, nil
}

// personDoView is the form of one action of an account.
type personDoView struct {
	Account access.Account
	Action  *flow.Action
	Form    ui.FormView
	Problem string
	Once    string // the one-time password, shown on this answer only
	Login   string
}

// personForm makes the form of an action of an account; nil raw fills in what is.
func (f *frame) personForm(a access.Account, act *flow.Action, raw form.Raw) *personDoView {
	if raw == nil {
		raw = form.Raw{"login": {a.Login}, "name": {a.Name}, "unit": {a.Unit}, "post": {a.Post}, "roles": a.Roles}
	}
	action, back := "/desk/admin/people/"+a.ID+"/do/"+act.Name, "/desk/admin/people/"+a.ID
	if act.Name == "create" {
		action, back = "/desk/admin/people/new", "/desk/admin/people"
	}
	v := &personDoView{Account: a, Action: act}
	v.Form = ui.FormView{Form: act.Form, Raw: raw, Action: action, Dense: true, Alt: 1, Submit: f.T("action.account." + act.Name), Key: "Ctrl Enter", Cancel: back,
		Looks:   map[string]string{"post": "select"},
		Choices: map[string][]ui.Choice{"unit": f.d.finder.all(f.Lang), "roles": f.roleChoices(), "post": f.postChoices(raw.Get("unit"))},
		Hidden:  []ui.Hidden{{Name: "_key", Value: newKey()}, {Name: "_version", Value: strconv.FormatInt(a.Version, 10)}}}
	if act.Name == "disable" {
		v.Form.Look = "danger"
	}
	return v
}

// postChoices are all posts under their units; those of one unit come first.
func (f *frame) postChoices(unit string) []ui.Choice {
	dir := f.d.s.Pack.Directory
	var first, rest []ui.Choice
	for _, p := range dir.AllPosts() {
		c := ui.Choice{Value: p.ID, Label: f.post(p.ID), Group: f.unit(p.Unit), Find: f.unit(p.Unit) + " " + initials(f.unit(p.Unit))}
		if p.Unit == unit {
			first = append(first, c)
		} else {
			rest = append(rest, c)
		}
	}
	return append(first, rest...)
}

func (f *frame) accountAction(name string) (*flow.Action, error) {
	return access.Accounts().Action(name)
}

func (d *Desk) newPersonPage(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "action.account.create")
	act, err := f.accountAction("create")
	if err != nil {
		return err
	}
	return f.render(w, http.StatusOK, personDoPage(f, f.personForm(access.Account{}, act, form.Raw{})))
}

// newPerson creates an account with a password for one use, which is shown once.
func (d *Desk) newPerson(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "action.account.create")
	if err := r.ParseForm(); err != nil {
		return err
	}
	act, err := f.accountAction("create")
	if err != nil {
		return err
	}
	raw := rawOf(act.Form, r)
	v := f.personForm(access.Account{}, act, raw)
	answers, err := act.Form.Check(raw)
	var once string
	if err == nil {
		once, err = f.create(answers)
	}
	if err != nil {
		faults, ok := errors.AsType[form.Faults](err)
		if !ok {
			return err
		}
		v.Form.Faults, f.Faulty = faults, true
		if slices.Contains(faults, form.Fault{Field: "login", Code: "control"}) {
			v.Form.Says = map[string]string{"login": f.T("hint.account-create.login")}
		}
		return f.render(w, http.StatusUnprocessableEntity, personDoPage(f, v))
	}
	v.Once, v.Login = once, answers.Str("login")
	return f.render(w, http.StatusOK, personDoPage(f, v))
}

func (f *frame) create(a form.Answers) (string, error) {
	once := oncePassword()
	h, err := f.d.s.Gate.Hash(f.r.Context(), a.Str("login"), once)
	if err != nil {
		return "", err
	}
	return once, f.d.s.DB.Write(f.r.Context(), func(tx *store.Tx) error {
		_, err := f.d.s.Gate.Create(tx, f.sc, access.NewAccount{Login: a.Str("login"), Name: a.Str("name"), Unit: a.Str("unit"), Post: a.Str("post"),
			Roles: a.List("roles"), Password: h, Reason: a.Str("reason")}, f.Now)
		return err
	})
}

// oncePassword is a password for the first sign-in: it must be changed there. It
// is written in groups, to be read out and typed.
func oncePassword() string {
	t := rand.Text()
	return t[:4] + "-" + t[4:8] + "-" + t[8:12] + "-" + t[12:16]
}

func (d *Desk) personDoPage(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.nav.people")
	act, a, err := f.personAction(r)
	if err != nil {
		return err
	}
	if !slices.Contains(d.s.Gate.OpenActions(f.sc, a), act) {
		return flow.ErrForbidden
	}
	return f.render(w, http.StatusOK, personDoPage(f, f.personForm(a, act, nil)))
}

// endSessionsAction is beside the table: it changes no account.
const endSessionsAction = "sessions"

func (f *frame) personAction(r *http.Request) (*flow.Action, access.Account, error) {
	a, err := store.Get(r.Context(), f.d.s.DB, func(tx *store.Tx) (access.Account, error) { return f.d.s.Gate.Get(tx, f.sc, r.PathValue("id")) })
	if err != nil || r.PathValue("action") == endSessionsAction {
		return nil, a, err
	}
	act, err := f.accountAction(r.PathValue("action"))
	if err == nil && act.Name == "create" {
		err = store.ErrNotFound
	}
	return act, a, err
}

func (d *Desk) personDo(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.nav.people")
	if err := r.ParseForm(); err != nil {
		return err
	}
	act, a, err := f.personAction(r)
	if err != nil {
		return err
	}
	if act == nil {
		err := d.s.DB.Write(r.Context(), func(tx *store.Tx) error { return d.s.Gate.RevokeSessions(tx, f.sc, a.ID, f.who) })
		if err != nil {
			return err
		}
		return web.SeeOther(w, r, "/desk/admin/people/"+a.ID+"?done=session")
	}
	raw := rawOf(act.Form, r)
	version, _ := strconv.ParseInt(r.PostFormValue("_version"), 10, 64)
	answers, err := act.Form.Check(raw)
	var once string
	if err == nil {
		once, err = f.changePerson(act.Name, a, version, answers)
	}
	if err == nil && once == "" {
		return web.SeeOther(w, r, "/desk/admin/people/"+a.ID+"?done="+act.Name)
	}
	v := f.personForm(a, act, raw)
	v.Once, v.Login = once, a.Login
	status := http.StatusOK
	if err != nil {
		f.Faulty = true
		if v.Problem = f.refusal(err); v.Problem == unknownRefusal {
			return err
		}
		status = statusOf(err)
		v.Form.Faults, _ = errors.AsType[form.Faults](err)
	}
	return f.render(w, status, personDoPage(f, v))
}

// changePerson does an action to an account. The Gate asks its table again.
func (f *frame) changePerson(action string, a access.Account, version int64, in form.Answers) (once string, err error) {
	g := f.d.s.Gate
	var h access.Hash
	if action == "password" {
		once = oncePassword()
		if h, err = g.Hash(f.r.Context(), a.Login, once); err != nil {
			return "", err
		}
	}
	err = f.d.s.DB.Write(f.r.Context(), func(tx *store.Tx) error {
		var err error
		reason := in.Str("reason")
		switch action {
		case "change":
			_, err = g.Update(tx, f.sc, a.ID, version, access.Person{Name: in.Str("name"), Unit: in.Str("unit"), Post: in.Str("post")}, reason, f.Now)
		case "roles":
			_, err = g.SetRoles(tx, f.sc, a.ID, version, in.List("roles"), reason, f.Now)
		case "password":
			_, err = g.SetPassword(tx, f.sc, a.ID, version, h, reason, f.Now)
		case "disable":
			_, err = g.Disable(tx, f.sc, a.ID, version, reason, f.Now)
		case "enable":
			_, err = g.Enable(tx, f.sc, a.ID, version, reason, f.Now)
		default:
			err = store.ErrNotFound
		}
		return err
	})
	if err != nil {
		return "", err
	}
	return once, nil
}
