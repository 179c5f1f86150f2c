package public

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/cases"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/store"
	"weixiao/internal/web"
	"weixiao/internal/web/ui"
)

// own returns the action of that name if it is one of a resident's, as the flow
// table says. Others do not exist here.
func own(name string) (*flow.Action, error) {
	a, err := cases.Table.Action(name)
	if err != nil {
		return nil, err
	}
	if !a.Grants(flow.Actor{Roles: []string{access.Resident}, Relations: []string{"reporter"}}) {
		return nil, flow.ErrUnknown
	}
	return a, nil
}

// formOf is an action's form under a name of its own, so that residents are asked
// in their words and staff in theirs.
func formOf(a *flow.Action) form.Form {
	out := a.Form
	out.Name = "resident_" + a.Name
	return out
}

// act shows the form of an action that is open.
func (p *pages) act(w http.ResponseWriter, r *http.Request) error {
	a, err := own(r.PathValue("action"))
	if err != nil {
		return err
	}
	v, _, elsewhere, err := p.mine(w, r)
	if err != nil || elsewhere != "" {
		return orGo(w, r, elsewhere, err)
	}
	if code := p.closed(a, v, p.Clock()); code != 0 {
		return p.showClosed(w, r, code, a, v.Case)
	}
	raw := form.Raw{}
	if s := r.URL.Query().Get("solved"); a.Name == "rate" && s != "" {
		raw["solved"] = []string{s} // the button that led here
	}
	return p.showAct(w, r, http.StatusOK, a, v, newKey(), raw, nil, "")
}

// closed is 0 while the action is open, 410 for a rating that was given or came
// too late, and 409 when it is not the time for it.
func (p *pages) closed(a *flow.Action, v *cases.View, now time.Time) int {
	open := slices.ContainsFunc(v.Actions, func(x *flow.Action) bool { return x.Name == a.Name })
	if a.Name != "rate" {
		if open {
			return 0
		}
		return http.StatusConflict
	}
	switch {
	case v.Case.Has(cases.Rated), open && late(v.Case, now):
		return http.StatusGone
	case !open:
		return http.StatusConflict
	}
	return 0
}

// doAct does what the form says. The words are never lost: when the case moved on
// meanwhile, the form comes back with them and with where the case stands now.
func (p *pages) doAct(w http.ResponseWriter, r *http.Request) error {
	a, err := own(r.PathValue("action"))
	if err != nil {
		return err
	}
	if err := parse(w, r); err != nil {
		return err
	}
	v, sc, elsewhere, err := p.mine(w, r)
	if err != nil || elsewhere != "" {
		return orGo(w, r, elsewhere, err)
	}
	number, key := v.Case.Number, r.PostForm.Get("_key")
	if !keyForm.MatchString(key) {
		key = newKey()
	}
	raw := ui.Raw(a.Form, r.PostForm)
	in := cases.Input{Raw: raw, Version: version(a, r.PostForm.Get("_version")),
		Key: store.Key{Scope: "portal " + number, Value: key, Request: store.RequestHash(number, a.Name, spell(raw))}}
	_, err = p.Cases.Act(r.Context(), sc, number, a.Name, in)
	faults, faulty := errors.AsType[form.Faults](err)
	switch code := refusal(err); {
	case err == nil && a.Name == "rate":
		return web.SeeOther(w, r, "/follow/"+number+"/rated")
	case err == nil:
		return web.SeeOther(w, r, "/follow/"+number+"?did="+a.Name)
	case faulty:
		return p.showAct(w, r, http.StatusUnprocessableEntity, a, v, key, raw, faults, "")
	case code == 0:
		return err
	case code == http.StatusGone || (a.Name == "rate" && code == http.StatusConflict):
		return p.showClosed(w, r, p.closedOr(a, v, code), a, v.Case)
	case errors.Is(err, store.ErrReused):
		return p.showAct(w, r, code, a, v, newKey(), raw, nil, "public.fault.reused")
	default:
		return p.showAct(w, r, code, a, v, key, raw, nil, refused(code))
	}
}

// spell writes answers in one way, to tell whether a key comes with the same ones.
func spell(raw form.Raw) string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(raw)) {
		fmt.Fprintf(&b, "%q=%q\n", name, raw[name])
	}
	return b.String()
}

// version is the one a form was made from, for actions that decide something. What
// only adds to a case does not mind that it moved on.
func version(a *flow.Action, s string) int64 {
	if a.To == "" && len(a.Decides) == 0 {
		return 0
	}
	v, err := strconv.ParseInt(s, 10, 64)
	if err != nil || v < 0 {
		return 0
	}
	return v
}

// closedOr prefers what the case itself says about why an action is closed.
func (p *pages) closedOr(a *flow.Action, v *cases.View, code int) int {
	if c := p.closed(a, v, p.Clock()); c != 0 {
		return c
	}
	return code
}

// refused is the message for a refusal that leaves the form usable.
func refused(code int) string {
	switch code {
	case http.StatusPreconditionFailed:
		return "public.fault.stale"
	case http.StatusConflict:
		return "public.fault.moved"
	}
	return "public.fault.busy"
}

func (p *pages) showAct(w http.ResponseWriter, r *http.Request, status int, a *flow.Action, v *cases.View, key string, raw form.Raw, faults form.Faults, problem string) error {
	k := v.Case
	f := p.page(r, "public.act."+a.Name)
	f.Path, f.Faulty = "/follow/"+k.Number+"/"+a.Name, len(faults) > 0 || problem != ""
	for name, list := range raw {
		for i, s := range list {
			raw[name][i] = legible(s)
		}
	}
	form := ui.FormView{Form: formOf(a), ID: a.Name, Action: "/follow/" + k.Number + "/" + a.Name, Raw: raw, Faults: faults,
		Hidden: []ui.Hidden{{Name: "_key", Value: key}, {Name: "_version", Value: strconv.FormatInt(k.Version, 10)}}}
	if problem != "" {
		problem = f.T(problem)
	}
	foot := ui.StepFoot(f, ui.Foot{Label: f.T("public.act." + a.Name + ".send"), Form: a.Name, Back: "/follow/" + k.Number})
	return p.show(w, r, status, f, foot, actPage(f, form, k, f.T("public.act."+a.Name+".lead"), problem))
}

// showClosed says why an action is not open and what to do instead.
func (p *pages) showClosed(w http.ResponseWriter, r *http.Request, status int, a *flow.Action, k *cases.Case) error {
	why := "public.closed.moved"
	switch {
	case a.Name == "rate" && status == http.StatusConflict && !k.Ended():
		why = "public.closed.notyet"
	case a.Name == "rate" && k.Has(cases.Rated) && k.State == cases.Rework:
		why = "public.closed.redo"
	case a.Name == "rate" && k.Has(cases.Rated):
		why = "public.closed.rated"
	case status == http.StatusGone:
		why = "public.closed.late"
	}
	f := p.page(r, why)
	f.Path = "/follow/" + k.Number
	foot := ui.StepFoot(f, ui.Foot{Label: f.T("public.done.follow"), Href: "/follow/" + k.Number})
	return p.show(w, r, status, f, foot, closedPage(f, f.T(why+".advice", p.Phone)))
}
