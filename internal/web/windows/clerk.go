package windows

import (
	"errors"
	"net/http"

	"weixiao/internal/form"
	"weixiao/internal/record"
	"weixiao/internal/store"
	"weixiao/internal/web"
	"weixiao/internal/web/staff"
	"weixiao/internal/web/ui"
)

type clerkView struct {
	Window   string // "" = nowhere yet
	Number   string // of whom she serves
	Item     string
	Waiting  string
	Seats    []ui.Choice
	Bad      int
	BadHref  string
	Screen   string
	TakeHref string
	Problem  string
}

func (p *pages) clerk(w http.ResponseWriter, r *http.Request) error {
	return p.showClerk(w, p.frames(r, "windows.clerk.title"), http.StatusOK, "")
}

func (p *pages) showClerk(w http.ResponseWriter, f *staff.Frame, status int, problem string) error {
	d, err := p.w.Desk(f.R.Context(), f.Scope)
	if err != nil {
		return err
	}
	v := &clerkView{Problem: problem, Waiting: f.T("windows.clerk.waiting", d.Waiting), Bad: len(d.Mine), BadHref: badPath}
	f.Faulty = problem != ""
	if key := f.R.URL.Query().Get("said"); key == "none" {
		f.Said = f.T("windows.clerk.none")
	}
	if d.Seat == nil {
		for _, x := range p.w.Rules().Windows {
			if f.Scope.Within(x.Unit) {
				v.Seats = append(v.Seats, ui.Choice{Value: x.ID, Label: p.windowName(f.Lang, x.ID)})
			}
		}
	} else {
		v.Window = p.windowName(f.Lang, d.Seat.Window)
		if x, ok := p.w.Rules().Window(d.Seat.Window); ok {
			v.Screen, v.TakeHref = "/windows/halls/"+x.Hall+"/screen", "/windows/halls/"+x.Hall
		}
	}
	if d.Now != nil {
		v.Number, v.Item = p.number(d.Now), p.itemName(f.Lang, d.Now.Item)
	}
	return f.Render(w, status, clerkPage(f, v))
}

// clerkDo is one press of a button: the queue moves, or the page says why not.
func (p *pages) clerkDo(w http.ResponseWriter, r *http.Request) error {
	f := p.frames(r, "windows.clerk.title")
	if err := f.Parse(w); err != nil {
		return err
	}
	ctx, action := r.Context(), r.PathValue("action")
	back := clerkPath
	d, err := p.w.Desk(ctx, f.Scope)
	if err != nil {
		return err
	}
	switch action {
	case "sit":
		_, err = p.w.Seats.Open(ctx, f.Scope, action, record.Input{Raw: form.Raw{"window": r.PostForm["window"]}})
	case "stand":
		if d.Seat == nil {
			return web.SeeOther(w, r, back)
		}
		_, err = p.w.Seats.Act(ctx, f.Scope, d.Seat.ID, "leave", record.Input{})
	case "next":
		if _, err = p.w.Next(ctx, f.Scope); errors.Is(err, store.ErrNotFound) {
			err, back = nil, clerkPath+"?said=none"
		}
	case "recall", "finish", "absent":
		if d.Now == nil { // pressed twice
			return web.SeeOther(w, r, back)
		}
		_, err = p.w.Act(ctx, f.Scope, d.Now.ID, action, form.Raw{"outcome": r.PostForm["outcome"]})
	default:
		return store.ErrNotFound
	}
	if err == nil {
		return web.SeeOther(w, r, back)
	}
	status, problem, faults := f.Wrong(err)
	if status == 0 {
		return err
	}
	if len(faults) > 0 {
		problem = f.T("windows.clerk.choose")
	}
	return p.showClerk(w, f, status, problem)
}
