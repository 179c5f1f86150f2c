package desk

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/form"
	"weixiao/internal/store"
	"weixiao/internal/web"
	"weixiao/internal/web/ui"
	"weixiao/internal/words"
)

const keysPath = "/desk/admin/keys"

// keyIssuers make and end keys of programs; keyReaders see which there are.
var (
	keyIssuers = []string{access.Admin}
	keyReaders = []string{access.Admin, access.Security, access.Auditor}
)

func (d *Desk) registerKeys(rt *access.Router) {
	rt.Handle("GET "+keysPath, access.Rule{Roles: keyReaders}, d.keys)
	rt.Handle("POST "+keysPath, access.Rule{Roles: keyIssuers}, d.issueKey)
	rt.Handle("POST "+keysPath+"/{client}/disable", access.Rule{Roles: keyIssuers}, d.disableKey)
}

// keysView is the page of the keys of programs and devices.
type keysView struct {
	Lines []keyLine
	Form  *ui.FormView // nil for those who only look
	New   string       // a key that was made just now: shown this once
	Of    string       // whose it is
}

type keyLine struct {
	Client, Opens, Chip, State, Created, Expires, Used string
	End                                                bool // it can be ended
}

func (d *Desk) keys(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.keys.title")
	f.said(r)
	return f.showKeys(w, http.StatusOK, &keysView{}, nil, nil)
}

func (f *frame) showKeys(w http.ResponseWriter, status int, v *keysView, raw form.Raw, faults form.Faults) error {
	list, err := store.Get(f.r.Context(), f.d.s.DB, func(tx *store.Tx) ([]access.APIKey, error) { return f.d.s.Gate.ListKeys(tx, f.sc) })
	if err != nil {
		return err
	}
	issues := f.is(keyIssuers)
	for _, k := range list {
		v.Lines = append(v.Lines, f.keyLine(k, issues))
	}
	if issues {
		if raw == nil {
			raw = form.Raw{"expires": {f.Now.AddDate(1, 0, 0).In(words.Zone()).Format(time.DateOnly)}}
		}
		v.Form = &ui.FormView{Form: access.KeyForm, Raw: raw, Faults: faults, Action: keysPath, Dense: true, Submit: f.T("desk.keys.issue"), Key: "Ctrl Enter"}
	}
	f.Faulty = len(faults) > 0
	return f.render(w, status, keysPage(f, v))
}

func (f *frame) keyLine(k access.APIKey, issues bool) keyLine {
	l := keyLine{Client: k.Client, Created: f.Moment(k.Created), Used: f.T("desk.keys.never"), Expires: f.T("desk.keys.noend"), Chip: "done", State: f.T("desk.keys.good"), End: issues && k.Active}
	var opens []string
	for _, s := range k.Scopes {
		opens = append(opens, f.T("form.key_issue.scopes."+s))
	}
	l.Opens = join(f, opens)
	if !k.Used.IsZero() {
		l.Used = f.Moment(k.Used)
	}
	if !k.Expires.IsZero() {
		l.Expires = dayOf(k.Expires.Add(-time.Microsecond).UnixMicro())
	}
	if !k.Good(f.Now) {
		l.Chip, l.State = "closed", f.T("desk.keys.ended")
	}
	return l
}

// issueKey makes a key and shows it, this once: nothing but its digest is kept.
func (d *Desk) issueKey(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.keys.title")
	if err := r.ParseForm(); err != nil {
		return err
	}
	raw := rawOf(access.KeyForm, r)
	a, err := access.KeyForm.Check(raw)
	var v keysView
	if err == nil {
		// A key is good until the end of the day that was chosen.
		last, _ := time.ParseInLocation(time.DateOnly, a.Str("expires"), words.Zone()) // a date, or the zero time, which is refused
		n := access.NewKey{Client: strings.TrimSpace(a.Str("client")), Scopes: a.List("scopes"), Expires: last.AddDate(0, 0, 1)}
		v.Of = n.Client
		err = d.s.DB.Write(r.Context(), func(tx *store.Tx) (err error) {
			v.New, err = d.s.Gate.IssueKey(tx, f.sc, n, d.s.Clock())
			return err
		})
	}
	if faults, ok := errors.AsType[form.Faults](err); ok {
		return f.showKeys(w, http.StatusUnprocessableEntity, &keysView{}, raw, faults)
	}
	if err != nil {
		return err
	}
	return f.showKeys(w, http.StatusOK, &v, nil, nil)
}

func (d *Desk) disableKey(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.keys.title")
	err := d.s.DB.Write(r.Context(), func(tx *store.Tx) error {
		return d.s.Gate.DisableKey(tx, f.sc, r.PathValue("client"), d.s.Clock())
	})
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, keysPath+"?done=record")
}

// keysOpen reports whether the user has the page of keys.
func (f *frame) keysOpen() bool {
	return slices.ContainsFunc(keyReaders, func(x string) bool { return f.who.Is(x) })
}
