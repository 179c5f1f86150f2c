package desk

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"weixiao/internal/access"
	"weixiao/internal/directory"
	"weixiao/internal/directory/posts"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/rounds/visits"
	"weixiao/internal/web"
	"weixiao/internal/web/ui"
	"weixiao/internal/words"
)

const (
	visitPath        = "/desk/visits"
	doorPath         = "/desk/doors"
	needPath         = "/desk/people-in-need"
	campaignsPerPage = 50
	doorsPerPage     = 200
)

// registerVisits adds the pages of visits to households and of people in need. Who sees people, and not counts alone, is
// decided by package visits.
func (d *Desk) registerVisits(rt *access.Router) {
	reads := access.Rule{Roles: caseRoles()}
	plans := access.Rule{Roles: rolesOf(&visits.CampaignTable, "plan", "change", "start", "finish", "cancel")}
	knocks := access.Rule{Roles: rolesOf(&visits.VisitTable, "record", "raise", "follow_up", "close")}
	cares := access.Rule{Roles: rolesOf(&visits.PersonTable, "enter", "review", "change", "contact", "renew", "remove")}
	enters := access.Rule{Roles: rolesOf(&visits.PersonTable, "enter")}
	rt.Handle("GET "+visitPath, reads, d.visits)
	rt.Handle("GET "+visitPath+"/new", plans, d.newCampaignPage)
	rt.Handle("POST "+visitPath+"/new", plans, d.newCampaign)
	rt.Handle("GET "+visitPath+"/{id}", reads, d.campaign)
	rt.Handle("GET "+visitPath+"/{id}/doors", reads, d.doors)
	rt.Handle("GET "+visitPath+"/{id}/do/{action}", plans, d.campaignDoPage)
	rt.Handle("POST "+visitPath+"/{id}/do/{action}", plans, d.campaignDo)
	rt.Handle("GET "+doorPath+"/{id}", reads, d.door)
	rt.Handle("GET "+doorPath+"/{id}/do/{action}", knocks, d.doorDoPage)
	rt.Handle("POST "+doorPath+"/{id}/do/{action}", knocks, d.doorDo)
	rt.Handle("GET "+needPath, reads, d.needs)
	rt.Handle("GET "+needPath+"/new", enters, d.newNeedPage)
	rt.Handle("POST "+needPath+"/new", enters, d.newNeed)
	rt.Handle("GET "+needPath+"/{id}", cares, d.need)
	rt.Handle("GET "+needPath+"/{id}/do/{action}", cares, d.needDoPage)
	rt.Handle("POST "+needPath+"/{id}/do/{action}", cares, d.needDo)
	rt.Handle("GET "+needPath+"/{id}/reveal", cares, d.needRevealPage)
	rt.Handle("POST "+needPath+"/{id}/reveal", cares, d.needReveal)
}

// campaignLine is a campaign in the list.
type campaignLine struct {
	ID, Name, Where, Span, Chip, State string
	Households                         int64
	MadeUp                             bool
}

type visitsView struct {
	Lines []campaignLine
	Plan  bool
	Next  string
}

func (f *frame) campaignLine(c *visits.Campaign) campaignLine {
	st, _ := visits.CampaignTable.State(c.State)
	return campaignLine{ID: c.ID, Name: c.Name, Where: f.unitNames(c.CommunityList()), Span: f.T("desk.org.span", c.From, c.To), Chip: st.Chip, State: f.T("state.visit_campaign." + c.State),
		Households: c.Households, MadeUp: c.MadeUp}
}

func (d *Desk) visits(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.visits.title")
	var before *visits.Campaign
	if id := r.URL.Query().Get("before"); id != "" {
		c, _, err := d.s.Visits.Campaign(r.Context(), f.sc, id)
		if err != nil {
			return err
		}
		before = c
	}
	list, err := d.s.Visits.Campaigns(r.Context(), f.sc, before, campaignsPerPage)
	if err != nil {
		return err
	}
	v := &visitsView{Plan: f.is(rolesOf(&visits.CampaignTable, "plan"))}
	for _, c := range list {
		v.Lines = append(v.Lines, f.campaignLine(c))
	}
	if len(list) == campaignsPerPage {
		v.Next = withQuery(visitPath, "before", list[len(list)-1].ID)
	}
	return f.render(w, http.StatusOK, visitsPage(f, v))
}

// coverLine is a building or a community with how far it has come.
type coverLine struct {
	Name, Href string // Href: its doors, "" = a community
	N          map[string]int
	Share      int // per cent
	Bold       bool
}

type campaignView struct {
	*visits.Campaign
	Line    campaignLine
	Facts   []ui.Pair
	Figures []ui.Figure
	Cover   []coverLine
	Actions []*flow.Action
	Log     []ui.Event
}

func (d *Desk) campaign(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.visits.title")
	f.said(r)
	c, acts, err := d.s.Visits.Campaign(r.Context(), f.sc, r.PathValue("id"))
	if err != nil {
		return err
	}
	all, by, err := d.s.Visits.Coverage(r.Context(), f.sc, c)
	if err != nil {
		return err
	}
	f.Title = c.Name
	v := &campaignView{Campaign: c, Line: f.campaignLine(c), Actions: d.s.Visits.Open(f.sc, c), Cover: f.cover(c, by)}
	v.Facts = f.campaignFacts(v)
	for _, name := range visits.FigureNames() {
		x := ui.Figure{Label: f.T("desk.visits.figure." + name), Value: strconv.Itoa(all.N[name])}
		switch {
		case name == visits.FigMet && all.N[visits.FigDoors] > 0:
			x.Note = f.T("desk.visits.share", partOf(all.Share()))
		case name == visits.FigRaised && all.N[visits.FigMet] > 0:
			x.Note = f.T("desk.visits.per100", strconv.FormatFloat(all.ItemsPer100(), 'f', 1, 64))
		}
		if all.N[name] > 0 {
			x.Href = visitPath + "/" + c.ID + "/doors?show=" + name
		}
		v.Figures = append(v.Figures, x)
	}
	if v.Log, err = f.termEvents(acts); err != nil {
		return err
	}
	return f.render(w, http.StatusOK, campaignPage(f, v))
}

func partOf(share float64) int { return int(share*100 + 0.5) }

// cover are the communities of a campaign, each with its buildings.
func (f *frame) cover(c *visits.Campaign, by []visits.Cover) (out []coverLine) {
	for _, u := range visits.Communities(by) {
		out = append(out, coverLine{Name: f.unit(u.Community), N: u.N, Share: partOf(u.Share()), Bold: true})
		for _, b := range by {
			if b.Community == u.Community {
				out = append(out, coverLine{Name: f.building(b.Building), Href: visitPath + "/" + c.ID + "/doors?building=" + url.QueryEscape(b.Building), N: b.N, Share: partOf(b.Share())})
			}
		}
	}
	return out
}

// building is a building in words.
func (f *frame) building(id string) string {
	if b, ok := f.d.s.Posts.Board().Building(id); ok {
		return b.Title()
	}
	return id
}

func (f *frame) campaignFacts(v *campaignView) (out []ui.Pair) {
	text := func(label, value string) {
		if value != "" {
			out = append(out, ui.Pair{Label: f.T(label), Value: ui.Text(value)})
		}
	}
	out = append(out, ui.Pair{Label: f.T("desk.assets.state"), Value: ui.Status(v.Line.Chip, v.Line.State)})
	text("form.visit_plan.communities", v.Line.Where)
	text("desk.visits.span", v.Line.Span)
	var kinds []string
	for _, id := range v.PostList() {
		kinds = append(kinds, f.postKind(id))
	}
	text("form.visit_plan.posts", join(f, kinds))
	if v.MadeUp {
		text("desk.assets.source", f.T("desk.assets.madeup"))
	}
	return out
}

func (f *frame) postKind(id string) string {
	if k, ok := f.d.s.Posts.Board().Kind(id); ok {
		return f.either(k.Name, k.English)
	}
	return id
}

// doorLine is a door in a list.
type doorLine struct {
	ID, Name, Chip, State, Outcome, Revisit string
	Cases                                   []string
}

func (f *frame) doorName(x *visits.Visit) string {
	if f.english() {
		return f.building(x.Building) + " " + x.Door
	}
	return f.building(x.Building) + visits.DoorName(x.Door)
}

func (f *frame) doorLine(x *visits.Visit) doorLine {
	st, _ := visits.VisitTable.State(x.State)
	l := doorLine{ID: x.ID, Name: f.doorName(x), Chip: st.Chip, State: f.T("state.visit." + x.State), Cases: x.CaseList(), Revisit: x.Revisit}
	if x.Outcome != "" {
		l.Outcome = f.T("desk.visits.outcome." + x.Outcome)
	}
	return l
}

type doorsView struct {
	Title, Back, BackLabel string
	Who                    string // who answers for the building
	Lines                  []doorLine
	Next                   string
}

func (d *Desk) doors(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.visits.title")
	c, _, err := d.s.Visits.Campaign(r.Context(), f.sc, r.PathValue("id"))
	if err != nil {
		return err
	}
	q := r.URL.Query()
	flt := visits.Filter{Building: q.Get("building"), Figure: q.Get("show"), After: q.Get("after"), Limit: doorsPerPage}
	if !slices.Contains(visits.FigureNames(), flt.Figure) {
		flt.Figure = ""
	}
	list, err := d.s.Visits.Doors(r.Context(), f.sc, c, flt)
	if err != nil {
		return err
	}
	v := &doorsView{Title: c.Name, Back: visitPath + "/" + c.ID, BackLabel: c.Name}
	if flt.Figure != "" {
		v.Title = f.T("desk.visits.figure." + flt.Figure)
	}
	if flt.Building != "" {
		v.Title, v.Who = f.building(flt.Building), f.goes(c, flt.Building)
	}
	for _, x := range list {
		v.Lines = append(v.Lines, f.doorLine(x))
	}
	if len(list) == doorsPerPage {
		v.Next = withQuery(r.URL.RequestURI(), "after", list[len(list)-1].ID)
	}
	return f.render(w, http.StatusOK, doorsPage(f, v))
}

// goes are those who go to a building: the posts the campaign names, with their holders.
func (f *frame) goes(c *visits.Campaign, building string) string {
	board := f.d.s.Posts.Board()
	b, ok := board.Building(building)
	if !ok {
		return ""
	}
	var out []string
	for _, seat := range board.Here(posts.Place{Unit: b.Community, Grid: b.Grid, Building: b.ID}, f.Now.UnixMicro()) {
		if seat.Post == nil || seat.Post.Kind == nil || !slices.Contains(c.PostList(), seat.Post.Kind.ID) {
			continue
		}
		for _, t := range seat.Holders {
			out = append(out, f.either(seat.Post.Kind.Name, seat.Post.Kind.English)+" "+t.Name)
		}
	}
	return join(f, out)
}

type doorView struct {
	*visits.Visit
	Line    doorLine
	Back    string
	Facts   []ui.Pair
	Actions []*flow.Action
	Log     []ui.Event
}

func (d *Desk) door(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.visits.door")
	f.said(r)
	x, acts, cases, err := d.s.Visits.Visit(r.Context(), f.sc, r.PathValue("id"))
	if err != nil {
		return err
	}
	v := &doorView{Visit: x, Line: f.doorLine(x), Back: visitPath + "/" + x.Campaign + "/doors?building=" + url.QueryEscape(x.Building), Actions: d.s.Visits.OpenVisit(f.sc, x)}
	f.Title = v.Line.Name
	v.Facts = f.doorFacts(v, cases)
	if v.Log, err = f.termEvents(acts); err != nil {
		return err
	}
	return f.render(w, http.StatusOK, doorPage(f, v))
}

func (f *frame) doorFacts(v *doorView, cases map[string]visits.Outcome) (out []ui.Pair) {
	text := func(label, value string) {
		if value != "" {
			out = append(out, ui.Pair{Label: f.T(label), Value: ui.Text(value)})
		}
	}
	rules := f.d.s.Visits.Rules()
	out = append(out, ui.Pair{Label: f.T("desk.assets.state"), Value: ui.Status(v.Line.Chip, v.Line.State)})
	text("form.visit_record.outcome", v.Line.Outcome)
	if v.Attempts > 1 {
		text("desk.visits.attempts", fmt.Sprint(v.Attempts))
	}
	var topics []string
	for _, t := range rules.Topics {
		if slices.Contains(strings.Fields(v.Topics), t.ID) {
			topics = append(topics, f.either(t.Title, t.English))
		}
	}
	text("form.visit_record.topics", join(f, topics))
	text("form.visit_record.revisit", v.Revisit)
	needs := strings.Fields(v.Needs)
	for i, n := range v.CaseList() {
		label := f.T("desk.workdays.case")
		if need, ok := rules.Need(at(needs, i)); ok {
			label = f.either(need.Title, need.English)
		}
		state := f.T("desk.visits.case.open")
		if o := cases[n]; o.Solved {
			state = f.T("desk.visits.case.solved")
		} else if o.Ended {
			state = f.T("desk.visits.case.ended")
		}
		out = append(out, ui.Pair{Label: label, Value: orgLink("/desk/cases/"+n, n+" "+state)})
	}
	if v.MadeUp {
		text("desk.assets.source", f.T("desk.assets.madeup"))
	}
	return out
}

func at(list []string, i int) string {
	if i < len(list) {
		return list[i]
	}
	return ""
}

func (f *frame) campaignForm(act *flow.Action, c *visits.Campaign, raw form.Raw) *recordDo {
	title := f.T("action.visit_campaign." + act.Name)
	v := &recordDo{Title: title, Back: visitPath, BackLabel: f.T("desk.visits.title")}
	action := visitPath + "/new"
	if c != nil {
		v.Back, v.BackLabel, action = visitPath+"/"+c.ID, c.Name, visitPath+"/"+c.ID+"/do/"+act.Name
		if raw == nil {
			raw = form.Raw{"name": {c.Name}, "communities": c.CommunityList(), "buildings": {strings.ReplaceAll(c.Buildings, " ", "\n")}, "from": {c.From}, "until": {c.To}, "posts": c.PostList()}
		}
	}
	communities := f.d.finder.communities(f.Lang)
	if !f.sc.All() {
		communities = slices.DeleteFunc(communities, func(x ui.Choice) bool { return !f.d.s.Pack.Directory.Under(x.Value, f.sc.Unit()) })
	}
	var kinds []ui.Choice
	for _, k := range f.d.s.Pack.PostKinds {
		if k.Level != directory.OnUnit || k.ID == "secretary" || k.ID == "gridchief" {
			kinds = append(kinds, ui.Choice{Value: k.ID, Label: f.either(k.Name, k.English)})
		}
	}
	v.Form = ui.FormView{Form: f.d.s.Visits.Form(act), Raw: raw, Action: action, Dense: true, Alt: 1, Submit: title, Key: "Ctrl Enter", Cancel: v.Back,
		Choices: map[string][]ui.Choice{"communities": communities, "posts": kinds}}
	if c != nil {
		v.Form.Hidden = []ui.Hidden{{Name: "_version", Value: strconv.FormatInt(c.Version, 10)}}
	}
	if act.Name == "cancel" {
		v.Form.Look = "danger"
	}
	return v
}

func (d *Desk) newCampaignPage(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "action.visit_campaign.plan")
	act, err := visits.CampaignTable.Action("plan")
	if err != nil {
		return err
	}
	raw := form.Raw{"posts": {"gridworker", "cadre", "resident"}, "from": {f.Now.In(words.Zone()).Format("2006-01-02")}}
	if u, ok := d.s.Pack.Directory.Unit(f.sc.Unit()); ok && !f.sc.All() && (u.Kind == directory.Community || u.Kind == directory.Village) {
		raw["communities"] = []string{u.ID}
	}
	return f.render(w, http.StatusOK, recordDoPage(f, f.campaignForm(act, nil, raw)))
}

func (d *Desk) newCampaign(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "action.visit_campaign.plan")
	if err := r.ParseForm(); err != nil {
		return err
	}
	act, err := visits.CampaignTable.Action("plan")
	if err != nil {
		return err
	}
	raw := rawOf(act.Form, r)
	id, err := d.s.Visits.Plan(r.Context(), f.sc, raw)
	if err == nil {
		return web.SeeOther(w, r, visitPath+"/"+id+"?done=record")
	}
	return f.roundsAgain(w, f.campaignForm(act, nil, raw), err, false)
}

func (f *frame) campaignAction() (*visits.Campaign, *flow.Action, error) {
	c, _, err := f.d.s.Visits.Campaign(f.r.Context(), f.sc, f.r.PathValue("id"))
	if err != nil {
		return nil, nil, err
	}
	act, err := visits.CampaignTable.Action(f.r.PathValue("action"))
	return c, act, err
}

func (d *Desk) campaignDoPage(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.visits.title")
	c, act, err := f.campaignAction()
	if err != nil {
		return err
	}
	if !slices.Contains(d.s.Visits.Open(f.sc, c), act) {
		return flow.ErrForbidden
	}
	return f.render(w, http.StatusOK, recordDoPage(f, f.campaignForm(act, c, nil)))
}

func (d *Desk) campaignDo(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.visits.title")
	if err := r.ParseForm(); err != nil {
		return err
	}
	c, act, err := f.campaignAction()
	if err != nil {
		return err
	}
	raw := rawOf(act.Form, r)
	version, _ := strconv.ParseInt(r.PostFormValue("_version"), 10, 64)
	if err = d.s.Visits.Act(r.Context(), f.sc, c.ID, act.Name, version, raw); err == nil {
		return web.SeeOther(w, r, visitPath+"/"+c.ID+"?done=record")
	}
	return f.roundsAgain(w, f.campaignForm(act, c, raw), err, errors.Is(err, visits.ErrStale))
}

// doorForm is the form of an action at a door, with the pack's topics, needs and questions.
func (f *frame) doorForm(act *flow.Action, x *visits.Visit, raw form.Raw) *recordDo {
	back := doorPath + "/" + x.ID
	v := &recordDo{Title: f.T("action.visit." + act.Name), Back: back, BackLabel: f.doorName(x)}
	rules := f.d.s.Visits.Rules()
	choices, labels := map[string][]ui.Choice{}, map[string]string{}
	for _, t := range rules.Topics {
		choices["topics"] = append(choices["topics"], ui.Choice{Value: t.ID, Label: f.either(t.Title, t.English)})
	}
	for _, n := range rules.Needs {
		choices["need"] = append(choices["need"], ui.Choice{Value: n.ID, Label: f.either(n.Title, n.English), Note: f.T("desk.visits.becomes." + n.Becomes)})
	}
	for _, q := range rules.Questions {
		labels["q_"+q.ID] = f.either(q.Title, q.English)
		for _, o := range q.Options {
			choices["q_"+q.ID] = append(choices["q_"+q.ID], ui.Choice{Value: o.ID, Label: f.either(o.Title, o.English)})
		}
	}
	v.Form = ui.FormView{Form: f.d.s.Visits.Form(act), Raw: raw, Action: back + "/do/" + act.Name, Dense: true, Alt: 1, Submit: v.Title, Key: "Ctrl Enter", Cancel: back, Choices: choices, Labels: labels,
		Looks: map[string]string{"need": "select"}, Hidden: []ui.Hidden{{Name: "_version", Value: strconv.FormatInt(x.Version, 10)}, {Name: "_key", Value: newKey()}}}
	return v
}

func (f *frame) doorAction() (*visits.Visit, *flow.Action, error) {
	x, _, _, err := f.d.s.Visits.Visit(f.r.Context(), f.sc, f.r.PathValue("id"))
	if err != nil {
		return nil, nil, err
	}
	act, err := visits.VisitTable.Action(f.r.PathValue("action"))
	return x, act, err
}

func (d *Desk) doorDoPage(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.visits.door")
	x, act, err := f.doorAction()
	if err != nil {
		return err
	}
	if !slices.Contains(d.s.Visits.OpenVisit(f.sc, x), act) {
		return flow.ErrForbidden
	}
	return f.render(w, http.StatusOK, recordDoPage(f, f.doorForm(act, x, form.Raw{})))
}

func (d *Desk) doorDo(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.visits.door")
	if err := r.ParseForm(); err != nil {
		return err
	}
	x, act, err := f.doorAction()
	if err != nil {
		return err
	}
	raw := rawOf(act.Form, r)
	version, _ := strconv.ParseInt(r.PostFormValue("_version"), 10, 64)
	_, _, err = d.s.Visits.Do(r.Context(), f.sc, x.ID, act.Name, visits.Input{Version: version, Raw: raw, Key: f.key(r.PostFormValue("_key"), "visit", x.ID, act.Name, raw)})
	if err == nil {
		return web.SeeOther(w, r, doorPath+"/"+x.ID+"?done=record")
	}
	return f.roundsAgain(w, f.doorForm(act, x, raw), err, errors.Is(err, visits.ErrStale))
}

// byDue sorts people in need by the day of their next review.
func byDue(a, b visits.Seen) int { return cmp.Or(cmp.Compare(a.Due, b.Due), cmp.Compare(a.ID, b.ID)) }
