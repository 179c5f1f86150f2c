// Package office is the pages of those who keep the program itself running: the
// first password after init, and messages that could not be delivered.
package office

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/form"
	"weixiao/internal/notify"
	"weixiao/internal/store"
	"weixiao/internal/web"
	"weixiao/internal/web/ui"
	"weixiao/internal/words"
)

type office struct{ *web.Site }

// Register adds the routes.
func Register(rt *access.Router, s *web.Site) {
	o := &office{s}
	anybody := access.Rule{Public: true, Why: "the first password, with a one-time code; tries are limited"}
	rt.Handle("GET /desk/first", anybody, o.firstPage)
	rt.Handle("POST /desk/first", anybody, o.first)
	rt.Handle("GET /desk/notices", access.Rule{Roles: told()}, o.notices)
	admin := access.Rule{Roles: []string{access.Admin}}
	rt.Handle("GET /desk/admin/messages", admin, o.messages)
	rt.Handle("POST /desk/admin/messages/{id}/again", admin, o.again)
}

var firstForm = form.Form{Name: "first", Fields: []form.Field{
	{Name: "login", Type: form.Line, Required: true, Max: 64},
	{Name: "code", Type: form.Line, Required: true, Max: 40},
	{Name: "password", Type: form.Line, Required: true, Max: 128},
	{Name: "again", Type: form.Line, Required: true, Max: 128},
}}

// FirstPurpose is what the one-time code of an account is good for.
func FirstPurpose(login string) string { return "first-password:" + login }

func (o *office) firstPage(w http.ResponseWriter, r *http.Request) error {
	return o.showFirst(w, r, http.StatusOK, ui.FormView{Form: firstForm})
}

func (o *office) showFirst(w http.ResponseWriter, r *http.Request, status int, v ui.FormView) error {
	p := o.Page(r, "office.first.title")
	v.Action, v.Submit = "/desk/first", p.T("office.first.submit")
	p.Faulty = len(v.Faults) > 0
	return web.Render(w, r, status, firstPage(p, v))
}

// first sets the password of an account that got a one-time code, and uses the
// code up in the same transaction.
func (o *office) first(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return form.Faults{{Field: "login", Code: "utf8"}}
	}
	v := ui.FormView{Form: firstForm, Raw: ui.Raw(firstForm, r.PostForm)}
	a, err := firstForm.Check(v.Raw)
	if f, ok := errors.AsType[form.Faults](err); ok {
		v.Faults = f
		return o.showFirst(w, r, http.StatusUnprocessableEntity, hidden(v))
	}
	login := strings.ToLower(a.Str("login"))
	if a.Str("password") != a.Str("again") {
		v.Faults = form.Faults{{Field: "again", Code: "again"}}
		return o.showFirst(w, r, http.StatusUnprocessableEntity, hidden(v))
	}
	hash, err := o.Gate.Hash(r.Context(), login, a.Str("password"))
	if f, ok := errors.AsType[form.Faults](err); ok {
		v.Faults = f
		return o.showFirst(w, r, http.StatusUnprocessableEntity, hidden(v))
	}
	if err != nil {
		return err
	}
	right, err := o.use(r.Context(), login, a.Str("code"), hash, access.Client(r.Context()))
	if err != nil {
		return err
	}
	if !right {
		v.Faults = form.Faults{{Field: "code", Code: "code"}}
		return o.showFirst(w, r, http.StatusUnprocessableEntity, hidden(v))
	}
	return web.SeeOther(w, r, "/desk/sign-in")
}

// hidden keeps what was typed, but never a password.
func hidden(v ui.FormView) ui.FormView {
	delete(v.Raw, "password")
	delete(v.Raw, "again")
	return v
}

func (o *office) use(ctx context.Context, login, code string, hash access.Hash, client string) (bool, error) {
	district := o.Gate.District()
	return o.Gate.Guard(ctx, []access.Try{{Limit: "code.client", Key: client}}, func(tx *store.Tx) (bool, error) {
		sc := access.SystemScope(district, "first password with a one-time code")
		err := access.UseCode(tx, sc, FirstPurpose(login), code, o.Clock())
		if errors.Is(err, access.ErrCode) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		acc, err := o.Gate.Find(tx, sc, login)
		if errors.Is(err, store.ErrNotFound) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		_, err = o.Gate.SetPassword(tx, sc, acc.ID, acc.Version, hash, words.T(words.ZH, "office.first.reason"), o.Clock())
		return err == nil, err
	})
}

// told are the roles that are told of work: all that reach cases but the auditor.
func told() []string {
	var out []string
	for _, r := range access.Roles() {
		if r.Reach > access.ReachNothing && !r.Pseudo && !r.Separate {
			out = append(out, r.Name)
		}
	}
	return out
}

// noticesView is what a unit, and the user, were told.
type noticesView struct {
	p    ui.Page
	list []notify.Message
	next string
}

func (o *office) notices(w http.ResponseWriter, r *http.Request) error {
	v := &noticesView{p: o.Page(r, "office.notices.title")}
	v.p.Nav = []ui.Nav{{Label: v.p.T("office.desk"), Icon: "inbox", Href: "/desk"}, {Label: v.p.T("office.notices.title"), Icon: "bell", Href: "/desk/notices", On: true}}
	who := access.From(r.Context())
	before, _ := strconv.ParseInt(r.URL.Query().Get("before"), 10, 64)
	const page = 50
	err := o.DB.Read(r.Context(), func(tx *store.Tx) error {
		for _, receiver := range []string{who.Unit, who.Account} {
			if receiver == "" {
				continue
			}
			list, err := notify.For(tx, o.Gate.District(), receiver, before, r.URL.Query().Get("id"), page)
			if err != nil {
				return err
			}
			v.list = append(v.list, list...)
		}
		return nil
	})
	if err != nil {
		return err
	}
	slices.SortFunc(v.list, func(a, b notify.Message) int {
		return cmp.Or(cmp.Compare(b.Created, a.Created), cmp.Compare(b.ID, a.ID))
	})
	if len(v.list) >= page {
		v.list = v.list[:page]
		last := v.list[page-1]
		v.next = "/desk/notices?before=" + strconv.FormatInt(last.Created, 10) + "&id=" + url.QueryEscape(last.ID)
	}
	for i := range v.list {
		v.list[i].Lang = v.p.Lang
	}
	return web.Render(w, r, http.StatusOK, noticesPage(v))
}

// record is the page of what a notice is about.
func record(m notify.Message) string {
	if m.Subject == "" {
		return "/desk"
	}
	if m.Template == "vacant" {
		return "/desk/admin/organisation?unit=" + m.Subject
	}
	if strings.HasPrefix(m.Template, "unit.whistle") || strings.HasPrefix(m.Template, "unit.task") || m.Args["of"] == "whistle" {
		return "/desk/whistles/" + m.Subject
	}
	if strings.HasPrefix(m.Template, "unit.order") {
		return "/desk/orders/" + m.Subject
	}
	return "/desk/cases/" + m.Subject
}

// messagesView is what could not be delivered.
type messagesView struct {
	p     ui.Page
	state string
	list  []notify.Message
	next  string
}

var states = []string{notify.Stuck, notify.Dropped, notify.Queued}

func (o *office) messages(w http.ResponseWriter, r *http.Request) error {
	v := &messagesView{p: o.Page(r, "office.messages.title"), state: notify.Stuck}
	for _, s := range states {
		if r.URL.Query().Get("state") == s {
			v.state = s
		}
	}
	for _, s := range states {
		v.p.Nav = append(v.p.Nav, ui.Nav{Label: v.p.T("office.messages." + s), Icon: "bell", Href: "/desk/admin/messages?state=" + s, On: s == v.state})
	}
	after, _ := strconv.ParseInt(r.URL.Query().Get("after"), 10, 64)
	const page = 50
	err := o.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		v.list, err = notify.InState(tx, o.Gate.District(), v.state, after, r.URL.Query().Get("id"), page)
		return err
	})
	if err != nil {
		return err
	}
	if len(v.list) == page {
		last := v.list[page-1]
		v.next = "/desk/admin/messages?state=" + v.state + "&after=" + strconv.FormatInt(last.Next, 10) + "&id=" + last.ID
	}
	return web.Render(w, r, http.StatusOK, messagesPage(v))
}

// again puts a message that was given up back into the queue.
func (o *office) again(w http.ResponseWriter, r *http.Request) error {
	err := o.DB.Write(r.Context(), func(tx *store.Tx) error { return notify.Again(tx, o.Gate.District(), r.PathValue("id"), o.Clock()) })
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, "/desk/admin/messages")
}

func at(us int64) time.Time { return time.UnixMicro(us) }

// faultOf is what is wrong with a field, "" when nothing is.
func faultOf(p ui.Page, v ui.FormView, fd form.Field) string {
	for _, f := range v.Faults {
		if f.Field == fd.Name {
			return ui.FaultText(p.Lang, "first", fd, f)
		}
	}
	return ""
}

func inputType(field string) string {
	if field == "password" || field == "again" {
		return "password"
	}
	return "text"
}

func autocomplete(field string) string {
	switch field {
	case "login":
		return "username"
	case "code":
		return "one-time-code"
	}
	return "new-password"
}
