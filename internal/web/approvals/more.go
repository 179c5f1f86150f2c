package approvals

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"weixiao/internal/access"
	"weixiao/internal/projects/agents"
	"weixiao/internal/projects/approvals"
	"weixiao/internal/record"
	"weixiao/internal/store"
	"weixiao/internal/web/staff"
	"weixiao/internal/web/ui"
	"weixiao/internal/words"
)

func link(href, label string) templ.Component { return staff.Link(href, label) }

// at is the page of a record for whoever looks: firms have theirs.
func (p *pages) at(f *staff.Frame, kind, id string) string {
	k := p.desk
	if f.Scope.Firm() != "" {
		k = p.firm
	}
	switch kind {
	case "file":
		return k.files.Href(id)
	case "item":
		return k.items.Href(id)
	case "promise":
		return k.promises.Href(id)
	case "agency":
		return k.agencies.Href(id)
	case "blocker":
		return k.blockers.Href(id)
	}
	return p.desk.priorities.Href(id)
}

func (p *pages) pair(f *staff.Frame, key, text string) ui.Pair {
	if text == "" {
		text = "—"
	}
	return ui.Pair{Label: f.T(key), Value: ui.Text(text)}
}

func (p *pages) fileFacts(f *staff.Frame, x *approvals.File) []ui.Pair {
	out := []ui.Pair{p.pair(f, "approvals.project", x.Name), p.pair(f, "approvals.firm", p.firmName(f, x.Firm)), p.pair(f, "approvals.street", f.Unit(x.Street)), p.pair(f, "form.approval_apply.project_code", x.Code)}
	if x.MadeUp {
		out = append(out, p.pair(f, "approvals.source", f.T("approvals.made_up")))
	}
	var there, missing []string
	for _, id := range x.Wanted {
		if _, ok := x.Papers[id]; ok {
			there = append(there, p.paper(f, id))
		} else {
			missing = append(missing, p.paper(f, id))
		}
	}
	return append(out, p.pair(f, "approvals.papers.there", joined(f, there)), p.pair(f, "approvals.papers.missing", joined(f, missing)))
}

func (p *pages) fileButtons(firms bool) func(f *staff.Frame, v *record.View[*approvals.File]) []ui.Button {
	return func(f *staff.Frame, v *record.View[*approvals.File]) (out []ui.Button) {
		if !firms && v.X.State == approvals.Open && f.Is(staff.Roles(&approvals.PriorityTable, "ask")...) {
			out = append(out, ui.Button{Label: f.T("action.approval_priority.ask"), Href: p.desk.priorities.Path + "/new/ask?file=" + v.X.ID})
		}
		return out
	}
}

// stage is a column of the file's page.
type stage struct {
	Name, Lead, Form string
	Items            []stageItem
}

type stageItem struct {
	Href, Name, Unit string
	Chip, State      string
	Days             string
	Late, Parallel   bool
}

// stages are the four stages of a file side by side.
func (p *pages) stages(f *staff.Frame, v *record.View[*approvals.File]) (templ.Component, error) {
	rows, err := store.Get(f.R.Context(), f.Site.DB, func(tx *store.Tx) ([]approvals.Row, error) { return p.s.ItemsOf(tx, f.Scope, v.X.ID) })
	if err != nil {
		return nil, err
	}
	var out []stage
	for _, st := range p.pack.Stages {
		s := stage{Name: said(f, st.Text), Lead: f.Unit(st.Lead)}
		switch fm, there := v.X.Forms[st.ID]; {
		case there:
			s.Form = f.T("approvals.form.since", f.Moment(time.UnixMicro(fm.At)))
		case slices.Contains(v.X.Planned, st.ID):
			s.Form = f.T("approvals.form.missing")
		default:
			s.Form = f.T("approvals.stage.unplanned")
		}
		for _, r := range rows {
			if r.Stage == st.ID {
				s.Items = append(s.Items, p.stageItem(f, r))
			}
		}
		out = append(out, s)
	}
	return stagesView(f, out), nil
}

func (p *pages) stageItem(f *staff.Frame, r approvals.Row) stageItem {
	x := stageItem{Href: p.at(f, "item", r.ID), Name: p.item(f, r.Code), Unit: f.Unit(r.Unit), Late: r.Sum.Late, Parallel: r.Parallel}
	x.Chip, x.State = f.State(&approvals.ItemTable, r.State)
	if r.Accepted != 0 {
		x.Days = f.T("approvals.days.of", r.Sum.Used, r.Promised)
	} else {
		x.Days = f.T("approvals.days.promised", r.Promised)
	}
	return x
}

func (p *pages) itemFacts(f *staff.Frame, v *record.View[*approvals.Item]) ([]ui.Pair, error) {
	x := v.X
	it, _ := p.pack.Item(x.Code)
	out := []ui.Pair{{Label: f.T("approvals.project"), Value: link(p.at(f, "file", x.File), x.Name)}, p.pair(f, "approvals.stage", f.T("approvals.stage."+x.Stage)), p.pair(f, "approvals.unit", f.Unit(x.Unit)), p.pair(f, "approvals.basis", it.Basis),
		p.pair(f, "approvals.promised", f.T("approvals.days", x.Promised)), p.pair(f, "approvals.legal", f.T("approvals.days", x.Legal))}
	var names []string
	for _, id := range it.Papers {
		names = append(names, p.paper(f, id))
	}
	out = append(out, p.pair(f, "approvals.papers", joined(f, names)))
	var marks []string
	for _, m := range x.Marks {
		marks = append(marks, f.T("mark."+m))
	}
	if len(marks) > 0 {
		out = append(out, p.pair(f, "approvals.marks", joined(f, marks)))
	}
	if x.Priority != "" && f.Scope.Firm() == "" {
		out = append(out, ui.Pair{Label: f.T("approvals.put_first"), Value: link(p.at(f, "priority", x.Priority), x.Priority)})
	}
	if x.Result != "" {
		out = append(out, p.pair(f, "approvals.result", f.T("form.approval_decide.result."+x.Result)), p.pair(f, "approvals.document", x.Document))
	}
	return out, nil
}

func (p *pages) itemButtons(firms bool) func(f *staff.Frame, v *record.View[*approvals.Item]) []ui.Button {
	return func(f *staff.Frame, v *record.View[*approvals.Item]) (out []ui.Button) {
		st, _ := approvals.ItemTable.State(v.X.State)
		if firms && !st.End && v.X.Decided == 0 {
			out = append(out, ui.Button{Label: f.T("action.approval_promise.offer"), Href: p.firm.promises.Path + "/new/offer?item=" + v.X.ID})
		}
		return out
	}
}

// dayLine is a line of the count: neighbouring days that count for the same are one.
type dayLine struct {
	When, Why string
	Days      int
	Counted   bool
}

// days is the count of an item, explained.
func (p *pages) days(f *staff.Frame, v *record.View[*approvals.Item]) (templ.Component, error) {
	if v.X.Accepted == 0 {
		return p.promisesOf(f, v)
	}
	rows, err := store.Get(f.R.Context(), f.Site.DB, func(tx *store.Tx) ([]approvals.Row, error) { return p.s.ItemsOf(tx, f.Scope, v.X.File) })
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(rows, func(r approvals.Row) bool { return r.ID == v.X.ID })
	if i < 0 {
		return nil, store.ErrNotFound
	}
	s := rows[i].Sum
	var lines []dayLine
	for k := 0; k < len(s.Days); {
		d, last := s.Days[k], k
		why := p.dayWhy(f, d)
		for last+1 < len(s.Days) && p.dayWhy(f, s.Days[last+1]) == why && s.Days[last+1].Counted == d.Counted {
			last++
		}
		l := dayLine{When: words.Day(f.Lang, d.Date), Why: why, Counted: d.Counted}
		if last > k {
			l.When += " – " + words.Day(f.Lang, s.Days[last].Date)
		}
		if d.Counted {
			l.Days = last - k + 1
		}
		lines = append(lines, l)
		k = last + 1
	}
	head := f.T("approvals.days.sum", s.Used, v.X.Promised, s.Stopped)
	if s.Late {
		head += f.T("approvals.days.late")
	}
	more, err := p.promisesOf(f, v)
	if err != nil {
		return nil, err
	}
	return templ.Join(daysView(f, head, lines), more), nil
}

func (p *pages) dayWhy(f *staff.Frame, d approvals.Day) string {
	switch {
	case d.Why == "stopped":
		var names []string
		for _, w := range d.Stops {
			names = append(names, p.stop(f, w))
		}
		return f.T("approvals.why.stopped", joined(f, names))
	case d.Why == "holiday" || d.Why == "make_up":
		return f.T("approvals.why."+d.Why, d.Name)
	}
	return f.T("approvals.why." + d.Why)
}

// promisesOf are the promises of an item.
func (p *pages) promisesOf(f *staff.Frame, v *record.View[*approvals.Item]) (templ.Component, error) {
	list, _, err := p.s.Promises.List(f.R.Context(), f.Scope, record.Filter{Parent: v.X.ID})
	if err != nil {
		return nil, err
	}
	var lines []row
	for _, x := range list {
		chip, state := f.State(&approvals.PromiseTable, x.State)
		lines = append(lines, row{Href: p.at(f, "promise", x.ID), Title: f.T("form.promise_offer.kind." + x.Kind), Note: f.Day(x.Due), Chip: chip, State: state})
	}
	return rowsView(f, f.T("approvals.promises"), lines), nil
}

func (p *pages) promiseFacts(f *staff.Frame, x *approvals.Promise, _ kinds) []ui.Pair {
	out := []ui.Pair{{Label: f.T("approvals.item"), Value: link(p.at(f, "item", x.Item), x.Title)}, p.pair(f, "approvals.firm", p.firmName(f, x.Firm)), p.pair(f, "approvals.promise.kind", f.T("form.promise_offer.kind."+x.Kind))}
	var names []string
	for _, id := range x.Papers {
		names = append(names, p.paper(f, id))
	}
	if len(names) > 0 {
		out = append(out, p.pair(f, "form.promise_offer.which_papers", joined(f, names)), p.pair(f, "form.promise_offer.due", f.Day(x.Due)))
	}
	return out
}

func (p *pages) priorityFacts(f *staff.Frame, x *approvals.Priority) []ui.Pair {
	return []ui.Pair{{Label: f.T("approvals.project"), Value: link(p.at(f, "file", x.File), x.Name)}, p.pair(f, "approvals.firm", p.firmName(f, x.Firm)), p.pair(f, "approvals.criterion", p.criterion(f, x.Criterion)),
		p.pair(f, "approvals.until", f.Day(x.Until)), p.pair(f, "approvals.asker", strings.TrimSpace(f.Unit(x.AskUnit)+" "+f.Name(x.Asker))), p.pair(f, "approvals.approver", f.Name(x.Approver))}
}

func (p *pages) agencyFacts(f *staff.Frame, x *agents.Agency, _ kinds) []ui.Pair {
	out := []ui.Pair{p.pair(f, "approvals.project", x.Name), p.pair(f, "approvals.firm", p.firmName(f, x.Firm)), p.pair(f, "approvals.street", f.Unit(x.Street))}
	if x.File != "" {
		out = append(out, ui.Pair{Label: f.T("approvals.files"), Value: link(p.at(f, "file", x.File), x.File)})
	}
	var scope []string
	for _, s := range x.Scope {
		scope = append(scope, f.T("form.agency_entrust.scope."+s))
	}
	out = append(out, p.pair(f, "form.agency_entrust.scope", joined(f, scope)), p.pair(f, "form.agency_entrust.letter", x.Letter))
	for _, q := range []struct{ key, post string }{{"agents.agent", x.Agent}, {"form.agency_name.helper", x.Helper}, {"form.agency_name.liaison", x.Liaison}} {
		if q.post != "" {
			out = append(out, p.pair(f, q.key, p.post(f, q.post)))
		}
	}
	if x.From != "" {
		out = append(out, p.pair(f, "agents.plan", f.Day(x.From)+" – "+f.Day(x.Until)))
	}
	if x.Stars > 0 {
		out = append(out, p.pair(f, "form.agency_rate.stars", strconv.FormatInt(x.Stars, 10)))
	}
	return out
}

func (p *pages) agencyButtons(firms bool) func(f *staff.Frame, v *record.View[*agents.Agency]) []ui.Button {
	return func(f *staff.Frame, v *record.View[*agents.Agency]) (out []ui.Button) {
		helping := slices.ContainsFunc(v.Actions, func(a *actionOf) bool { return a.Name == "block" })
		if !firms && helping {
			out = append(out, ui.Button{Label: f.T("action.agency_blocker.raise"), Href: p.desk.blockers.Path + "/new/raise?agency=" + v.X.ID})
		}
		return out
	}
}

// accompanied is the plan of an entrustment over the items of its file, and what holds it up.
func (p *pages) accompanied(f *staff.Frame, v *record.View[*agents.Agency]) (templ.Component, error) {
	page, err := p.g.Page(f.R.Context(), f.Scope, v.X.ID)
	if err != nil {
		return nil, err
	}
	var lines []row
	for _, it := range page.Items {
		if !slices.Contains(v.X.Items, it.ID) {
			continue
		}
		chip, state := f.State(&approvals.ItemTable, it.State)
		l := row{Href: p.at(f, "item", it.ID), Title: it.Title, Note: f.Unit(it.Unit) + f.T("word.separator") + f.T("approvals.days.of", it.Used, it.Promised), Chip: chip, State: state, Late: it.Late}
		lines = append(lines, l)
	}
	var holds []row
	for _, b := range page.Blockers {
		chip, state := f.State(&agents.BlockerTable, b.State)
		holds = append(holds, row{Href: p.at(f, "blocker", b.ID), Title: f.T("form.blocker_raise.class." + b.Class), Note: f.Unit(b.Owner) + f.T("word.separator") + f.Day(b.Until), Chip: chip, State: state})
	}
	title := f.T("agents.plan.saved", page.Saved)
	return templ.Join(rowsView(f, title, lines), rowsView(f, f.T("agents.blockers"), holds)), nil
}

func (p *pages) blockerFacts(f *staff.Frame, x *agents.Blocker, _ kinds) []ui.Pair {
	out := []ui.Pair{{Label: f.T("agents.title"), Value: link(p.at(f, "agency", x.Agency), x.Name)}, p.pair(f, "agents.class", f.T("form.blocker_raise.class."+x.Class)), p.pair(f, "agents.owner", f.Unit(x.Owner)), p.pair(f, "form.blocker_raise.until", f.Day(x.Until))}
	if x.Whistle != "" && f.Is(access.Street, access.StreetLead, access.Supervisor, access.Leader) {
		return append(out, p.pair(f, "agents.whistle", x.Whistle))
	}
	return out
}

func filterOf(f *staff.Frame) record.Filter {
	return record.Filter{Of: f.Scope.Firm(), Limit: 100}
}
