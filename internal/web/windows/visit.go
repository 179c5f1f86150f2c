package windows

import (
	"errors"
	"net/http"
	"slices"
	"strconv"

	"weixiao/internal/access"
	"weixiao/internal/enterprise/windows"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/record"
	"weixiao/internal/store"
	"weixiao/internal/web"
	"weixiao/internal/web/staff"
	"weixiao/internal/web/ui"
)

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

type takeView struct {
	Hall, Name, Key string
	Items           []ui.Choice
	Problem         string
}

func (p *pages) takePage(w http.ResponseWriter, r *http.Request) error {
	return p.showTake(w, r, http.StatusOK, "")
}

func (p *pages) showTake(w http.ResponseWriter, r *http.Request, status int, problem string) error {
	hall := r.PathValue("hall")
	if _, ok := p.w.Rules().Hall(hall); !ok {
		return store.ErrNotFound
	}
	f := p.page(r, "windows.take.title")
	f.Path, f.Faulty = "/windows/halls/"+hall, problem != ""
	v := &takeView{Hall: hall, Name: p.hallName(f.Lang, hall), Key: staff.NewKey(), Problem: problem}
	fd, _ := p.w.TakeForm(hall).Field("item")
	for _, o := range fd.Options {
		v.Items = append(v.Items, ui.Choice{Value: o.Value, Label: p.itemName(f.Lang, o.Value)})
	}
	return p.show(w, r, status, f, nil, takePage(f, v))
}

// limited answers true when an address has taken too much; the page says so.
func (p *pages) limited(w http.ResponseWriter, r *http.Request) bool {
	err := p.Gate.Allow("report.client", access.Client(r.Context()))
	if many, ok := errors.AsType[access.ErrTooMany](err); ok {
		access.SetRetryAfter(w.Header(), many.RetryAfter)
	}
	return err != nil
}

func (p *pages) take(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
	if err := r.ParseForm(); err != nil {
		return err
	}
	f := p.page(r, "windows.take.title")
	if p.limited(w, r) {
		return p.showTake(w, r, http.StatusTooManyRequests, f.T("windows.many"))
	}
	raw := form.Raw{"hall": {r.PathValue("hall")}, "item": r.PostForm["item"]}
	t, err := p.w.Take(r.Context(), p.anybody(), raw, store.Key{Scope: "window", Value: r.PostForm.Get("_key"), Request: store.RequestHash(raw.Get("hall"), raw.Get("item"))})
	switch {
	case err == nil:
		return web.SeeOther(w, r, "/windows/v/"+t.Visit.ID+"/"+t.Secret)
	case errors.As(err, new(form.Faults)), errors.Is(err, store.ErrReused):
		return p.showTake(w, r, http.StatusUnprocessableEntity, f.T("windows.take.choose"))
	}
	return err
}

// held is the visit of a link. Wrong codes are counted for the visit and for the address.
func (p *pages) held(r *http.Request) (*windows.Visit, access.Scope, error) {
	id, secret := r.PathValue("id"), r.PathValue("secret")
	var sc access.Scope
	ok, err := p.Gate.Guard(r.Context(), []access.Try{{Limit: "secret.case", Key: id}, {Limit: "secret.client", Key: access.Client(r.Context())}}, func(*store.Tx) (ok bool, _ error) {
		sc, ok = p.w.HolderScope(id, secret)
		return ok, nil
	})
	if err != nil {
		return nil, sc, err
	}
	if !ok {
		return nil, sc, store.ErrNotFound
	}
	v, err := p.w.Held(r.Context(), sc, id)
	return v, sc, err
}

type visitView struct {
	Link, Number, Hall, Item, State string
	Window                          string
	Ahead                           string
	Moving                          bool // asks again by itself
	Leave, Rate                     bool
	Levels                          []ui.Choice
	Level                           int
	Form                            ui.FormView
	Rated                           string
	Answer                          string // of the unit, to a bad rating
	Again                           bool
	Problem                         string
}

func (p *pages) visit(w http.ResponseWriter, r *http.Request) error {
	v, sc, err := p.held(r)
	if err != nil {
		return err
	}
	return p.showVisit(w, r, http.StatusOK, v, sc, staff.Number(r.URL.Query().Get("level")), nil, nil, "")
}

func (p *pages) showVisit(w http.ResponseWriter, r *http.Request, status int, v *windows.Visit, sc access.Scope, level int64, raw form.Raw, faults form.Faults, problem string) error {
	f := p.page(r, "windows.visit.title", p.number(v))
	x := &visitView{Link: "/windows/v/" + v.ID + "/" + p.w.Secret(v.ID), Number: p.number(v), Hall: p.hallName(f.Lang, v.Hall), Item: p.itemName(f.Lang, v.Item), State: v.State, Problem: problem}
	f.Path, f.Faulty = x.Link, len(faults) > 0 || problem != ""
	switch v.State {
	case windows.Waiting:
		place, err := p.w.Place(r.Context(), v)
		if err != nil {
			return err
		}
		x.Leave, x.Moving, x.Ahead = true, true, f.T("windows.visit.ahead", place.Ahead)
		if place.Minutes >= 0 {
			x.Ahead = f.T("windows.visit.ahead.minutes", place.Ahead, place.Minutes)
		}
	case windows.Called:
		x.Window, x.Moving = p.windowName(f.Lang, v.Window), true
	case windows.Served:
		x.Window, x.Rate = p.windowName(f.Lang, v.Window), v.Rated == 0
	}
	if x.Rate {
		for _, n := range []string{"5", "4", "3", "2", "1"} {
			x.Levels = append(x.Levels, ui.Choice{Value: n, Label: f.T("form.window_rate.level." + n)})
		}
		if level >= 1 && level <= 5 {
			x.Level = int(level)
			x.Form = p.rateForm(f, x, raw, faults)
		}
	}
	if v.Rated != 0 {
		x.Rated = f.T("form.window_rate.level." + itoa(v.Level))
	}
	if v.Bad != "" {
		b, err := p.w.Bad.View(r.Context(), sc, v.Bad)
		if err != nil {
			return err
		}
		x.Answer = b.Said("answer")
		x.Again = slices.ContainsFunc(b.Actions, func(a *flow.Action) bool { return a.Name == "rate_again" })
		for _, n := range []string{"5", "4", "3", "2", "1"} {
			x.Levels = append(x.Levels, ui.Choice{Value: n, Label: f.T("form.window_rate.level." + n)})
		}
	}
	if x.Moving {
		f.Scripts = append(f.Scripts, "htmx")
	}
	return p.show(w, r, status, f, nil, visitPage(f, x))
}

// rateForm asks what was good or bad of the level that was tapped; all of it may be left out.
func (p *pages) rateForm(f ui.Page, x *visitView, raw form.Raw, faults form.Faults) ui.FormView {
	fm := p.w.RateForm(x.Level)
	fm.Fields = slices.DeleteFunc(slices.Clone(fm.Fields), func(fd form.Field) bool {
		return fd.Name == "level" || fd.Name == "labels" && len(fd.Options) == 0 || fd.When == "level" && !slices.Contains(fd.Values, itoa(int64(x.Level)))
	})
	for i := range fm.Fields {
		fm.Fields[i].When = ""
	}
	v := ui.FormView{Form: fm, ID: "rate", Action: x.Link + "/rate", Raw: raw, Faults: faults, Hidden: []ui.Hidden{{Name: "level", Value: itoa(int64(x.Level))}}, Choices: map[string][]ui.Choice{}}
	for _, l := range p.w.Rules().LabelsAt(x.Level) {
		v.Choices["labels"] = append(v.Choices["labels"], ui.Choice{Value: l.ID, Label: say(f.Lang, l.Text)})
	}
	return v
}

// visitDo is what the holder of a link does: leave the queue, rate, rate once more after a remedy.
func (p *pages) visitDo(w http.ResponseWriter, r *http.Request) error {
	v, sc, err := p.held(r)
	if err != nil {
		return err
	}
	r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
	if err := r.ParseForm(); err != nil {
		return err
	}
	var raw form.Raw
	switch action := r.PathValue("action"); action {
	case "leave":
		_, err = p.w.Act(r.Context(), sc, v.ID, action, nil)
	case "rate":
		raw = ui.Raw(p.w.RateForm(5), r.PostForm)
		_, err = p.w.Rate(r.Context(), sc, access.From(r.Context()).Account, v.ID, raw)
	case "rate_again":
		if v.Bad == "" {
			return store.ErrNotFound
		}
		_, err = p.w.Bad.Act(r.Context(), sc, v.Bad, action, record.Input{Raw: form.Raw{"again": r.PostForm["level"]}})
	default:
		return store.ErrNotFound
	}
	if err == nil {
		return web.SeeOther(w, r, "/windows/v/"+v.ID+"/"+p.w.Secret(v.ID))
	}
	f := p.page(r, "windows.visit.title", "")
	level := staff.Number(raw.Get("level"))
	if faults, ok := errors.AsType[form.Faults](err); ok {
		return p.showVisit(w, r, http.StatusUnprocessableEntity, v, sc, level, raw, faults, "")
	}
	if no, ok := errors.AsType[*record.RefusedError](err); ok {
		return p.showVisit(w, r, http.StatusConflict, v, sc, level, raw, nil, f.T("refused."+no.Code, no.Args...))
	}
	if errors.Is(err, flow.ErrState) {
		return p.showVisit(w, r, http.StatusConflict, v, sc, 0, nil, nil, f.T("staff.state.passed"))
	}
	return err
}
