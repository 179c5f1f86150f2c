package desk

import (
	"errors"
	"net/http"
	"slices"
	"strconv"

	"weixiao/internal/cases"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/web"
	"weixiao/internal/web/ui"
)

// orderForm is the form of an action of an order. raw is what was typed.
func (f *frame) orderForm(x *cases.OrderView, a *flow.Action, raw form.Raw) *doView {
	o := x.Order
	if raw == nil {
		raw = form.Raw{}
	}
	base := "/desk/orders/" + o.Number
	v := &doView{Kind: cases.OrderTable.Kind, Number: o.Number, Title: o.Number, Action: a}
	v.Form = ui.FormView{Form: a.Form, Raw: raw, Action: base + "/do/" + a.Name, Looks: looks, Dense: true, Alt: 1, Submit: f.T("action.order." + a.Name), Key: "Ctrl Enter",
		Cancel: base, Draft: draftKey(o.Number, a.Name),
		Hidden: []ui.Hidden{{Name: "_key", Value: newKey()}, {Name: "_version", Value: strconv.FormatInt(o.Version, 10)}, {Name: "_next", Value: base}}}
	if a.Name == "withdraw" {
		v.Form.Look = "danger"
	}
	return v
}

func (d *Desk) orderDoPage(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.nav.orders")
	a, err := cases.OrderTable.Action(r.PathValue("action"))
	if err != nil {
		return err
	}
	x, err := d.s.Cases.Order(r.Context(), f.sc, r.PathValue("number"))
	if err != nil {
		return err
	}
	if !slices.Contains(x.Actions, a) {
		if a.From == nil || !f.is(rolesOf(&cases.OrderTable, a.Name)) {
			return flow.ErrForbidden
		}
		v := &doView{Kind: cases.OrderTable.Kind, Number: x.Order.Number, Title: x.Order.Number, Action: a, Closed: true, Problem: f.T("desk.do.notnow")}
		return f.showDo(w, r, http.StatusConflict, v)
	}
	return f.showDo(w, r, http.StatusOK, f.orderForm(x, a, nil))
}

func (d *Desk) orderDo(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.nav.orders")
	if err := r.ParseForm(); err != nil {
		return err
	}
	a, err := cases.OrderTable.Action(r.PathValue("action"))
	if err != nil {
		return err
	}
	number := cases.UpperNumber(r.PathValue("number"))
	raw := rawOf(a.Form, r)
	version, _ := strconv.ParseInt(r.PostFormValue("_version"), 10, 64)
	_, err = d.s.Cases.OrderAct(r.Context(), f.sc, number, a.Name, cases.Input{Raw: raw, Version: version, Key: f.key(r.PostFormValue("_key"), "order", number, a.Name, raw)})
	if err == nil {
		return web.SeeOther(w, r, withQuery(nextOf(r, "/desk/orders/"+number), "done", a.Name))
	}
	return f.orderAgain(w, r, number, a, raw, version, err)
}

// orderAgain is again for orders.
func (f *frame) orderAgain(w http.ResponseWriter, r *http.Request, number string, a *flow.Action, raw form.Raw, saw int64, cause error) error {
	status, why := statusOf(cause), f.refusal(cause)
	if why == unknownRefusal {
		return cause
	}
	x, err := f.d.s.Cases.Order(r.Context(), f.sc, number)
	if err != nil {
		return err
	}
	f.Faulty = true
	var v *doView
	if slices.Contains(x.Actions, a) {
		v = f.orderForm(x, a, raw)
		v.Form.Faults, _ = errors.AsType[form.Faults](cause)
	} else {
		v = &doView{Kind: cases.OrderTable.Kind, Number: number, Title: number, Action: a, Closed: true, Words: f.typed(a, raw)}
	}
	v.Problem = why
	if (status == http.StatusPreconditionFailed || status == http.StatusConflict) && saw > 0 && saw <= int64(len(x.Entries)) {
		if v.Changes, err = f.orderEvents(x.Entries[saw:]); err != nil {
			return err
		}
	}
	return f.showDo(w, r, status, v)
}
