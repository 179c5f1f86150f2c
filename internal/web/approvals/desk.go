package approvals

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/flow"
	"weixiao/internal/projects/agents"
	"weixiao/internal/projects/approvals"
	"weixiao/internal/web/staff"
	"weixiao/internal/web/ui"
)

type actionOf = flow.Action

// row is a record in a list.
type row struct {
	Href, Title, Note, Number string
	Chip, State               string
	Late, First               bool
	Due                       *ui.Due
}

const deskMost = 200

type deskView struct {
	Filters []ui.Nav
	States  []ui.Nav
	Rows    []row
	More    int // that are not shown
}

// deskPage is the open items by their due: those of the reader's unit, or of all.
func (p *pages) deskPage(w http.ResponseWriter, f *staff.Frame) error {
	unit := f.Scope.Unit()
	all := f.R.URL.Query().Get("of") == "all" || unit == ""
	if all {
		unit = ""
	}
	state := f.R.URL.Query().Get("state")
	rows, err := p.s.Desk(f.R.Context(), f.Scope, unit, state)
	if err != nil {
		return err
	}
	v := &deskView{}
	at := func(name, value string) string { return staff.WithQuery(f.R.URL.RequestURI(), name, value) }
	if f.Scope.Unit() != "" {
		v.Filters = []ui.Nav{{Label: f.T("approvals.mine", f.Unit(f.Scope.Unit())), Href: at("of", "unit"), On: !all}, {Label: f.T("approvals.all"), Href: at("of", "all"), On: all}}
	}
	v.States = []ui.Nav{{Label: f.T("staff.all"), Href: at("state", ""), On: state == ""}}
	for _, st := range approvals.ItemTable.States {
		if !st.End {
			v.States = append(v.States, ui.Nav{Label: f.T("state.approval_item." + st.Name), Href: at("state", st.Name), On: state == st.Name})
		}
	}
	if len(rows) > deskMost {
		v.More, rows = len(rows)-deskMost, rows[:deskMost]
	}
	for _, r := range rows {
		v.Rows = append(v.Rows, p.row(f, r))
	}
	return f.Render(w, http.StatusOK, deskPageView(f, v))
}

func (p *pages) row(f *staff.Frame, r approvals.Row) row {
	x := row{Href: p.at(f, "item", r.ID), Title: p.item(f, r.Code) + " · " + r.Name, Number: r.ID, Late: r.Sum.Late, First: r.First}
	x.Chip, x.State = f.State(&approvals.ItemTable, r.State)
	parts := []string{f.Unit(r.Unit), f.T("approvals.stage." + r.Stage)}
	if r.Accepted != 0 {
		parts = append(parts, f.T("approvals.days.of", r.Sum.Used, r.Promised))
		if r.Item.Decided == 0 {
			d := f.Due(r.Sum.Due, time.UnixMicro(r.Accepted), r.Sum.Due.IsZero(), nil)
			x.Due = &d
		}
	} else {
		parts = append(parts, f.T("approvals.days.promised", r.Promised))
	}
	x.Note = strings.Join(parts, f.T("word.separator"))
	return x
}

type putView struct {
	Href, Name, Why, Until, Asker, Approver string
	Chip, State                             string
	Now                                     bool
	Items                                   []row
}

// firstPage is who was put first and why, for all staff.
func (p *pages) firstPage(w http.ResponseWriter, f *staff.Frame) error {
	list, err := p.s.First(f.R.Context(), f.Scope)
	if err != nil {
		return err
	}
	var out []putView
	for _, x := range list {
		v := putView{Href: p.at(f, "priority", x.ID), Name: x.Name, Why: p.criterion(f, x.Criterion), Until: f.Day(x.Until), Asker: strings.TrimSpace(f.Unit(x.AskUnit) + " " + f.Name(x.Asker)), Approver: f.Name(x.Approver), Now: x.Now}
		v.Chip, v.State = f.State(&approvals.PriorityTable, x.State)
		if x.State == approvals.Granted && !x.Now {
			v.Chip, v.State = "closed", f.T("approvals.priority.over")
		}
		for _, it := range x.Items {
			v.Items = append(v.Items, row{Href: p.at(f, "item", it.ID), Title: p.item(f, it.Code)})
		}
		out = append(out, v)
	}
	return f.Render(w, http.StatusOK, firstPageView(f, out))
}

type figureView struct {
	Href, Name, Value, Of string
	On                    bool
}

type figuresView struct {
	Stages  []ui.Nav
	Figures []figureView
	Title   string
	Rows    []row
	More    int
}

// figuresPage shows every figure; ?figure= opens the records behind one.
func (p *pages) figuresPage(w http.ResponseWriter, f *staff.Frame) error {
	q := f.R.URL.Query()
	stage, unit := q.Get("stage"), q.Get("unit")
	if stage != "" && !slices.Contains(approvals.Stages(), stage) {
		stage = ""
	}
	list, err := p.s.Figures(f.R.Context(), f.Scope, unit, stage)
	if err != nil {
		return err
	}
	v := &figuresView{Stages: []ui.Nav{{Label: f.T("staff.all"), Href: staff.WithQuery(f.R.URL.RequestURI(), "stage", ""), On: stage == ""}}}
	for _, st := range p.pack.Stages {
		v.Stages = append(v.Stages, ui.Nav{Label: said(f, st.Text), Href: staff.WithQuery(f.R.URL.RequestURI(), "stage", st.ID), On: stage == st.ID})
	}
	for _, g := range list {
		x := figureView{Name: f.T("approvals.figure." + g.Name), Href: Path + "/figures?" + url.Values{"figure": {g.Name}, "stage": {stage}, "unit": {unit}}.Encode(), On: q.Get("figure") == g.Name}
		x.Value, x.Of = strconv.Itoa(g.Is), f.T("approvals.figure.of", g.Of)
		if slices.Contains([]string{"used", "promised", "stopped", "supplements"}, g.Name) {
			x.Value, x.Of = strconv.Itoa(g.Sum), f.T("approvals.figure.over", g.Is)
		}
		v.Figures = append(v.Figures, x)
		if x.On {
			v.Title = x.Name
			rows := g.Rows
			if len(rows) > deskMost {
				v.More, rows = len(rows)-deskMost, rows[:deskMost]
			}
			for _, r := range rows {
				v.Rows = append(v.Rows, p.row(f, r))
			}
		}
	}
	return f.Render(w, http.StatusOK, figuresPageView(f, v))
}

type agentView struct {
	Name, Rating                       string
	Projects, Done, Saved, Clear, Held int
	Rows                               []row
}

// agentsPage is what each agent did: projects, days saved, blockers cleared, ratings.
func (p *pages) agentsPage(w http.ResponseWriter, f *staff.Frame) error {
	list, err := p.g.Figures(f.R.Context(), f.Scope)
	if err != nil {
		return err
	}
	var out []agentView
	for _, g := range list {
		v := agentView{Name: f.T("agents.unnamed"), Projects: len(g.Agencies), Done: g.Done, Saved: int(g.Saved), Clear: g.Cleared, Held: g.Open, Rating: "—"}
		if g.Post != "" {
			v.Name = p.post(f, g.Post)
		}
		if g.Ratings > 0 {
			v.Rating = strconv.FormatFloat(float64(g.Stars)/float64(g.Ratings), 'f', 1, 64)
		}
		for _, x := range g.Agencies {
			chip, state := f.State(&agents.AgencyTable, x.State)
			v.Rows = append(v.Rows, row{Href: p.at(f, "agency", x.ID), Title: x.Name, Note: p.firmName(f, x.Firm), Chip: chip, State: state})
		}
		out = append(out, v)
	}
	return f.Render(w, http.StatusOK, agentsPageView(f, out))
}

// business is the frame of a firm's pages: the residents' shell.
func (p *pages) business(r *http.Request, title string, args ...any) *staff.Frame {
	who := access.From(r.Context())
	out := &staff.Frame{Page: p.site.Page(r, title, args...), Site: p.site, R: r, Who: who, Scope: access.ScopeOf(who)}
	out.User.Home = Business
	out.Shell = citizen(out)
	return out
}

type homeView struct {
	Firm  string
	Todo  []row
	Files []row
	Asked []row
}

// homePage is a firm's own files, what waits for it first.
func (p *pages) homePage(w http.ResponseWriter, f *staff.Frame) error {
	v := &homeView{Firm: p.firmName(f, f.Scope.Firm())}
	rows, err := p.s.Desk(f.R.Context(), f.Scope, "", "")
	if err != nil {
		return err
	}
	for _, r := range rows {
		if r.State == approvals.Supplemented && r.Has(approvals.Correcting) {
			v.Todo = append(v.Todo, p.row(f, r))
		}
	}
	files, _, err := p.s.Files.List(f.R.Context(), f.Scope, filterOf(f))
	if err != nil {
		return err
	}
	for _, x := range files {
		chip, state := f.State(&approvals.FileTable, x.State)
		v.Files = append(v.Files, row{Href: p.at(f, "file", x.ID), Title: x.Name, Number: x.ID, Chip: chip, State: state})
		for _, st := range x.Planned {
			if _, there := x.Forms[st]; !there && x.State == approvals.Open {
				v.Todo = append(v.Todo, row{Href: p.at(f, "file", x.ID) + "/do/submit", Title: f.T("approvals.todo.form", f.T("approvals.stage."+st)), Note: x.Name})
			}
		}
	}
	asked, _, err := p.g.Agencies.List(f.R.Context(), f.Scope, filterOf(f))
	if err != nil {
		return err
	}
	for _, x := range asked {
		chip, state := f.State(&agents.AgencyTable, x.State)
		v.Asked = append(v.Asked, row{Href: p.at(f, "agency", x.ID), Title: x.Name, Chip: chip, State: state})
		if x.State == agents.Requested && !x.Has(agents.Entrusted) {
			v.Todo = append(v.Todo, row{Href: p.at(f, "agency", x.ID) + "/do/entrust", Title: f.T("action.agency.entrust"), Note: x.Name})
		}
		if x.State == agents.Done {
			v.Todo = append(v.Todo, row{Href: p.at(f, "agency", x.ID) + "/do/rate", Title: f.T("action.agency.rate"), Note: x.Name})
		}
	}
	return f.Render(w, http.StatusOK, homePageView(f, p, v))
}
