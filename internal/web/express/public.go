package express

import (
	"errors"
	"net/http"
	"strings"

	"weixiao/internal/access"
	"weixiao/internal/enterprise/express"
	"weixiao/internal/form"
	"weixiao/internal/record"
	"weixiao/internal/store"
	"weixiao/internal/web"
	"weixiao/internal/web/staff"
	"weixiao/internal/web/ui"
)

// maxPost is the most a form without files may have, in bytes.
const maxPost = 64 << 10

func parse(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, maxPost)
	err := r.ParseForm()
	if _, big := errors.AsType[*http.MaxBytesError](err); big {
		return err
	}
	return nil
}

// write is the residents' form: one page, and then the receipt.
func (p *pages) write(w http.ResponseWriter, r *http.Request) error {
	return p.showWrite(w, p.plain(r, "express.write"), http.StatusOK, record.Raw("level", "confidential", "named", "yes"), staff.NewKey(), nil, "")
}

// writeView is the form of a letter.
type writeView struct {
	Form    ui.FormView
	Problem string
	Firm    bool
}

func (p *pages) showWrite(w http.ResponseWriter, f *staff.Frame, status int, raw form.Raw, key string, faults form.Faults, problem string) error {
	fm, err := p.formOf(f.R, f.Scope, &express.Letter{}, "send")
	if err != nil {
		return err
	}
	firm := f.Scope.Firm() != ""
	f.Path, f.Faulty = "/express", len(faults) > 0 || problem != ""
	back := "/"
	if firm {
		f.Path, back = "/business/express/new", "/business/express"
		raw["named"] = []string{"yes"}
	}
	x := writeView{Form: p.view(f, fm, "letter", f.Path, raw, faults), Problem: problem, Firm: firm}
	x.Form.Hidden = []ui.Hidden{{Name: "_key", Value: key}}
	if firm { // the account says which firm it is: it is never nameless
		x.Form.Choices["named"] = []ui.Choice{{Value: "yes", Label: f.T("form.express_send.named.yes")}}
	}
	foot := ui.StepFoot(f.Page, ui.Foot{Label: f.T("express.send"), Form: "letter", Back: back, Note: f.T("express.send.note")})
	return p.show(w, f, status, foot, writePage(f.Page, x))
}

func (p *pages) send(w http.ResponseWriter, r *http.Request) error {
	return p.taken(w, p.plain(r, "express.write"), access.PublicScope(p.Pack.District), func(l *express.Letter) string {
		p.admit(w, l.ID)
		return "/express/l/" + l.ID + "?new"
	})
}

// taken takes a letter from a form, of a resident or a firm.
func (p *pages) taken(w http.ResponseWriter, f *staff.Frame, sc access.Scope, to func(*express.Letter) string) error {
	if err := parse(w, f.R); err != nil {
		return err
	}
	f.Scope = sc
	act, err := express.Table.Action("send")
	if err != nil {
		return err
	}
	raw := ui.Raw(act.Form, f.R.PostForm)
	key := f.R.PostFormValue("_key")
	if len(key) != 32 || strings.Trim(key, "0123456789abcdef") != "" {
		key = staff.NewKey()
	}
	if err := p.Gate.Allow("report.client", access.Client(f.R.Context())); err != nil {
		many, _ := errors.AsType[access.ErrTooMany](err)
		access.SetRetryAfter(w.Header(), many.RetryAfter)
		return p.showWrite(w, f, http.StatusTooManyRequests, raw, key, nil, f.T("public.fault.many", int(many.RetryAfter.Minutes())+1))
	}
	// The scope of the key is a digest: the table of keys must not tell which account sent which letter.
	in := record.Input{Raw: raw, Key: store.Key{Scope: "express:" + p.x.Secret("express sender\x00"+sc.Account()), Value: key, Request: store.RequestHash(spell(act.Form, raw)...)}}
	l, err := p.x.Send(f.R.Context(), sc, in)
	if err == nil {
		return web.SeeOther(w, f.R, to(l))
	}
	if errors.Is(err, store.ErrBusy) || errors.Is(err, store.ErrDown) {
		return p.showWrite(w, f, http.StatusServiceUnavailable, raw, key, nil, f.T("public.fault.busy"))
	}
	status, problem, faults := f.Wrong(err)
	if status == 0 {
		return err
	}
	return p.showWrite(w, f, status, raw, key, faults, problem)
}

// spell are the answers in the order of the form: what a repeated request must have in common.
func spell(fm form.Form, raw form.Raw) (out []string) {
	for _, fd := range fm.Fields {
		out = append(append(out, "\x01"+fd.Name), raw[fd.Name]...)
	}
	return out
}
