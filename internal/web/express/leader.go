package express

import (
	"net/http"
	"time"

	"weixiao/internal/enterprise/express"
	"weixiao/internal/form"
	"weixiao/internal/store"
	"weixiao/internal/web"
	"weixiao/internal/web/staff"
	"weixiao/internal/web/ui"
)

// waiting is a letter that waits for an instruction.
type waiting struct {
	Href, Topic, Note string
	Due               ui.Due
}

// mine are the letters that wait for the leader who asks, the oldest first.
func (p *pages) mine(w http.ResponseWriter, f *staff.Frame) error {
	list, err := p.x.Waiting(f.R.Context(), f.Scope)
	if err != nil {
		return err
	}
	var out []waiting
	err = p.DB.Read(f.R.Context(), func(tx *store.Tx) error {
		out = nil
		for _, l := range list {
			due, err := p.x.Due(tx, l)
			if err != nil {
				return err
			}
			out = append(out, waiting{"/desk/express/mine/" + l.ID, word(f.Lang, p.x.Rules().Topics, l.Topic),
				l.ID + " " + f.T("form.express_screen.level."+l.Level), f.Due(due, time.UnixMicro(l.Since), false, nil)})
		}
		return nil
	})
	if err != nil {
		return err
	}
	if f.R.URL.Query().Has("done") {
		f.Said = f.T("desk.done", f.T("action.express.note"))
	}
	return f.Render(w, http.StatusOK, minePage(f, out))
}

// one is a letter with its form of instruction.
func (p *pages) one(w http.ResponseWriter, f *staff.Frame) error {
	return p.showOne(w, f, http.StatusOK, form.Raw{}, nil, "")
}

func (p *pages) showOne(w http.ResponseWriter, f *staff.Frame, status int, raw form.Raw, faults form.Faults, problem string) error {
	id := f.R.PathValue("id")
	x, err := p.reading(f, id)
	if err != nil {
		return err
	}
	fm, err := p.formOf(f.R, f.Scope, &express.Letter{}, "note")
	if err != nil {
		return err
	}
	f.Title, f.Faulty = f.T("express.letter", id), len(faults) > 0 || problem != ""
	v := p.view(f, fm, "note", "/desk/express/mine/"+id, raw, faults)
	v.Looks["phrase"], v.Submit = "list", f.T("action.express.note")
	x.Problem = problem
	return f.Render(w, status, onePage(f, id, x, v))
}

// instruct is the leader's act.
func (p *pages) instruct(w http.ResponseWriter, f *staff.Frame) error {
	if err := f.Parse(w); err != nil {
		return err
	}
	act, err := express.Table.Action("note")
	if err != nil {
		return err
	}
	in := input(f, act.Form)
	if _, err := p.x.Book().Act(f.R.Context(), f.Scope, f.R.PathValue("id"), "note", in); err != nil {
		status, problem, faults := f.Wrong(err)
		if status == 0 {
			return err
		}
		return p.showOne(w, f, status, in.Raw, faults, problem)
	}
	return web.SeeOther(w, f.R, "/desk/express/mine?done")
}
