package windows

import (
	"errors"
	"net/http"

	"weixiao/internal/access"
	"weixiao/internal/enterprise/windows"
	"weixiao/internal/form"
	"weixiao/internal/record"
	"weixiao/internal/store"
	"weixiao/internal/web"
	"weixiao/internal/web/staff"
	"weixiao/internal/web/ui"
)

// reader reads records for public pages that show single fields of them, made for the public.
func (p *pages) reader() access.Scope {
	return access.SystemScope(p.Pack.District, "public board of the windows: lines written for it, and counts")
}

func (p *pages) stuckForm(w http.ResponseWriter, r *http.Request) error {
	return p.showStuck(w, r, http.StatusOK, form.Raw{"hall": {r.URL.Query().Get("hall")}}, staff.NewKey(), nil, "")
}

func (p *pages) showStuck(w http.ResponseWriter, r *http.Request, status int, raw form.Raw, key string, faults form.Faults, problem string) error {
	f := p.page(r, "windows.stuck.title")
	f.Path, f.Faulty = "/windows/stuck", len(faults) > 0 || problem != ""
	act, err := windows.StuckTable.Action("take_in")
	if err != nil {
		return err
	}
	fm, err := store.Get(r.Context(), p.DB, func(tx *store.Tx) (form.Form, error) { return p.w.Stuck.FormIn(tx, p.anybody(), &windows.Stuck{}, act) })
	if err != nil {
		return err
	}
	v := ui.FormView{Form: fm, ID: "stuck", Action: "/windows/stuck", Raw: raw, Faults: faults, Hidden: []ui.Hidden{{Name: "_key", Value: key}}, Looks: map[string]string{"item": "select"}, Choices: map[string][]ui.Choice{}}
	for _, h := range p.w.Rules().Halls {
		v.Choices["hall"] = append(v.Choices["hall"], ui.Choice{Value: h.ID, Label: say(f.Lang, h.Text)})
	}
	for _, x := range p.w.Rules().Items {
		v.Choices["item"] = append(v.Choices["item"], ui.Choice{Value: x.ID, Label: say(f.Lang, x.Text)})
	}
	return p.show(w, r, status, f, ui.StepFoot(f, ui.Foot{Label: f.T("windows.stuck.send"), Form: "stuck", Back: "/windows"}), stuckPage(f, v, problem))
}

func (p *pages) stuckSay(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
	if err := r.ParseForm(); err != nil {
		return err
	}
	act, err := windows.StuckTable.Action("take_in")
	if err != nil {
		return err
	}
	f, raw, key := p.page(r, "windows.stuck.title"), ui.Raw(act.Form, r.PostForm), r.PostForm.Get("_key")
	if p.limited(w, r) {
		return p.showStuck(w, r, http.StatusTooManyRequests, raw, key, nil, f.T("windows.many"))
	}
	_, err = p.w.Stuck.Open(r.Context(), p.anybody(), act.Name, record.Input{Raw: raw, Key: store.Key{Scope: "stuck", Value: key, Request: store.RequestHash(raw.Get("hall"), raw.Get("what"))}})
	if faults, ok := errors.AsType[form.Faults](err); ok {
		return p.showStuck(w, r, http.StatusUnprocessableEntity, raw, key, faults, "")
	}
	if err != nil && !errors.Is(err, store.ErrNotFound) { // a second press of the button: it is there, and not for anybody to read
		return err
	}
	return web.SeeOther(w, r, "/windows/stuck/thanks")
}

func (p *pages) stuckThanks(w http.ResponseWriter, r *http.Request) error {
	f := p.page(r, "windows.stuck.thanks")
	limit := p.w.Rules().Stuck.Answer
	return p.show(w, r, http.StatusOK, f, ui.StepFoot(f, ui.Foot{Back: "/windows"}), thanksPage(f, f.T("windows.limit."+string(limit.Unit), limit.N)))
}
