package desk

import (
	"errors"
	"math"
	"net/http"
	"net/url"
	"strings"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/form"
	"weixiao/internal/store"
	"weixiao/internal/web"
	"weixiao/internal/web/ui"
	"weixiao/internal/words"
)

// signInView is the sign-in form as it is shown.
type signInView struct {
	Login string
	Next  string
	Fault string // what went wrong and what to do; "" = nothing yet
	Focus string // field that takes the focus
}

func (d *Desk) signInPage(w http.ResponseWriter, r *http.Request) error {
	next := localDesk(r.URL.Query().Get("next"))
	if who := access.From(r.Context()); who.SignedIn() {
		return web.SeeOther(w, r, atHome(who, next))
	}
	f := d.page(r, "desk.signin.title")
	v := signInView{Next: next, Focus: "login"}
	if err := d.s.Gate.CanSignIn(r); err != nil {
		v.Fault = f.T("desk.signin.plain")
	} else if r.URL.Query().Get("out") == "1" {
		f.Said = f.T("desk.signin.out")
	}
	return f.render(w, http.StatusOK, signInForm(f, v))
}

// localDesk is where to go after signing in: a page of this site, or the inbox.
func localDesk(next string) string {
	if p, ok := access.LocalPath(next); ok && !strings.HasPrefix(p, "/desk/sign-") {
		return p
	}
	return "/desk"
}

// atHome keeps a firm's account out of the desk: it is at home in its own pages.
func atHome(who access.Principal, next string) string {
	if who.Is(access.Firm) && next != firmHome && !strings.HasPrefix(next, firmHome+"/") {
		return firmHome
	}
	return next
}

// homeward sends a firm's account home from pages that everybody with an account may open.
func homeward(h access.Handler) access.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		if access.From(r.Context()).Is(access.Firm) {
			return web.SeeOther(w, r, firmHome)
		}
		return h(w, r)
	}
}

const firmHome = "/business"

func (d *Desk) signIn(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.signin.title")
	v := signInView{Login: strings.TrimSpace(r.PostFormValue("login")), Next: localDesk(r.PostFormValue("next")), Focus: "password"}
	password := r.PostFormValue("password")
	again := func(status int, fault string) error {
		v.Fault, f.Faulty = fault, true
		return f.render(w, status, signInForm(f, v))
	}
	if err := d.s.Gate.CanSignIn(r); err != nil {
		return again(http.StatusForbidden, f.T("desk.signin.plain"))
	}
	switch {
	case v.Login == "":
		v.Focus = "login"
		return again(http.StatusUnprocessableEntity, f.T("desk.signin.nologin"))
	case password == "":
		return again(http.StatusUnprocessableEntity, f.T("desk.signin.nopassword"))
	}
	s, who, err := d.s.Gate.SignIn(r.Context(), access.Attempt{Login: v.Login, Password: password, Client: access.Client(r.Context()),
		Agent: r.UserAgent(), Kind: access.Cookie, Old: d.s.Gate.OldToken(r)})
	if err != nil {
		fault := f.signInFault(err)
		if fault == "" {
			return err
		}
		status, retry := access.Status(err)
		access.SetRetryAfter(w.Header(), retry)
		return again(status, fault)
	}
	if err := d.s.Gate.SetCookie(w, r, s); err != nil {
		return err
	}
	v.Next = atHome(who, v.Next)
	if who.MustChange {
		return web.SeeOther(w, r, "/desk/password?next="+url.QueryEscape(v.Next))
	}
	return web.SeeOther(w, r, v.Next)
}

// signInFault says what to do after a failed attempt at a password; "" for errors
// that are no answer to it.
func (f *frame) signInFault(err error) string {
	if locked, ok := errors.AsType[access.ErrLocked](err); ok {
		return f.T("desk.signin.locked", words.Clock(locked.Until))
	}
	if many, ok := errors.AsType[access.ErrTooMany](err); ok {
		return f.T("desk.signin.many", int(math.Ceil(many.RetryAfter.Minutes())))
	}
	if errors.Is(err, access.ErrWrong) {
		return f.T("desk.signin.wrong")
	}
	return ""
}

func (d *Desk) signOut(w http.ResponseWriter, r *http.Request) error {
	if err := d.s.Gate.SignOut(r.Context(), access.From(r.Context())); err != nil {
		return err
	}
	d.s.Gate.ClearCookie(w, r)
	return web.SeeOther(w, r, "/desk/sign-in?out=1")
}

// passwordView is the form for the own password.
type passwordView struct {
	Next   string
	Must   bool // it has to be changed before anything else
	Old    string
	New    string // faults in words
	Repeat string
}

func (d *Desk) passwordPage(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.password.title")
	return f.render(w, http.StatusOK, passwordForm(f, passwordView{Next: localDesk(r.URL.Query().Get("next")), Must: f.who.MustChange}))
}

func (d *Desk) changePassword(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.password.title")
	v := passwordView{Next: localDesk(r.PostFormValue("next")), Must: f.who.MustChange}
	old, fresh := r.PostFormValue("old"), r.PostFormValue("password")
	status := http.StatusUnprocessableEntity
	switch {
	case old == "":
		v.Old = f.T("desk.password.noold")
	case fresh == "":
		v.New = f.T("desk.password.nonew")
	case fresh != r.PostFormValue("repeat"):
		v.Repeat = f.T("desk.password.differ")
	default:
		s, err := d.s.Gate.ChangePassword(r.Context(), f.who, old, fresh, r.UserAgent(), f.Now)
		if err == nil {
			if err := d.s.Gate.SetCookie(w, r, s); err != nil {
				return err
			}
			return web.SeeOther(w, r, withQuery(v.Next, "done", "password"))
		}
		if faults, ok := errors.AsType[form.Faults](err); ok {
			v.New = f.passwordFault(faults[0])
		} else if v.Old = f.signInFault(err); v.Old == "" {
			return err
		}
		status, _ = access.Status(err)
	}
	f.Faulty = true
	return f.render(w, status, passwordForm(f, v))
}

// passwordFault says what is wrong with a new password.
func (f *frame) passwordFault(ft form.Fault) string {
	switch ft.Code {
	case "short", "long", "login", "common", "simple", "same":
		return f.T("desk.password."+ft.Code, words.Args{"n": ft.N, "of": ft.Of})
	}
	return ui.FaultText(f.Lang, "password", form.Field{Name: "password"}, ft)
}

// withQuery sets one parameter of a local path.
func withQuery(path, name, value string) string {
	u, err := url.Parse(path)
	if err != nil {
		return "/desk"
	}
	q := u.Query()
	q.Set(name, value)
	u.RawQuery = q.Encode()
	return u.String()
}

// meView is the account page.
type meView struct {
	Excepted []exceptionLine // exceptions from the rule against formalism that hold for the user
	Sessions []access.Session
	Own      string // id of the session of this browser
	Roles    string
}

func (d *Desk) me(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.me.title")
	f.said(r)
	v := meView{Roles: f.roles(f.who.Roles), Own: sessionID(d.s.Gate.OldToken(r))}
	var err error
	v.Sessions, err = store.Get(r.Context(), d.s.DB, func(tx *store.Tx) ([]access.Session, error) { return d.s.Gate.ListSessions(tx, f.sc, f.who.Account) })
	if err != nil {
		return err
	}
	if v.Excepted, err = f.touching(); err != nil {
		return err
	}
	return f.render(w, http.StatusOK, mePage(f, v))
}

// roles lists roles in words.
func (f *frame) roles(names []string) string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = f.T("role." + n)
	}
	return strings.Join(out, f.T("word.list.comma"))
}

// endSessions ends one of the own sessions, or all others.
func (d *Desk) endSessions(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.me.title")
	id := r.PostFormValue("id")
	err := d.s.DB.Write(r.Context(), func(tx *store.Tx) error {
		if id == "" {
			return d.s.Gate.RevokeSessions(tx, f.sc, f.who.Account, f.who)
		}
		return d.s.Gate.RevokeSession(tx, f.sc, f.who.Account, id)
	})
	if err != nil && !errors.Is(err, store.ErrNotFound) { // it had ended already
		return err
	}
	return web.SeeOther(w, r, "/desk/me?done=session")
}

// said shows the outcome of the action before this page: ?done= names it.
func (f *frame) said(r *http.Request) {
	switch done := r.URL.Query().Get("done"); {
	case done == "":
	case words.Has("desk.done." + done):
		f.Said = f.T("desk.done." + done)
	case words.Has("action.case." + done):
		f.Said = f.T("desk.done", f.T("action.case."+done))
	case words.Has("action.whistle." + done):
		f.Said = f.T("desk.done", f.T("action.whistle."+done))
	case words.Has("action." + done): // exclusion.sign, month.freeze
		f.Said = f.T("desk.done", f.T("action."+done))
	case words.Has("action.account." + done):
		f.Said = f.T("desk.done", f.T("action.account."+done))
	}
}

// seen is when a session was used last, in words.
func (f *frame) seen(s access.Session) string {
	if f.Now.Sub(s.Seen) < 2*time.Minute {
		return f.T("desk.me.now")
	}
	return f.Moment(s.Seen)
}

// device names what a session runs on; what nobody recognises is said so.
func (f *frame) device(s access.Session) string {
	if s.Agent == "" {
		return f.T("desk.me.unknown")
	}
	return s.Agent
}
