package desk

import (
	"cmp"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"time"

	"weixiao/internal/cases"
	"weixiao/internal/files"
	"weixiao/internal/flow"
	"weixiao/internal/store"
	"weixiao/internal/vault"
	"weixiao/internal/web/ui"
	"weixiao/internal/words"
)

// caseView is a case as its page and its preview show it.
type caseView struct {
	*cases.View
	listing
	Chip, State string
	Tags        []tag
	Person      vault.Masked
	Named       bool // the petitioner left something to be reached by
	CanReveal   bool
	Photos      []ui.Photo
	Log         []ui.Event
	Acts        acts
	Key         string // idempotency key of the forms on the page
	Next        string // where they lead
}

type tag struct{ Tone, Text string }

// acts are the actions of a case as buttons: the primary one, a few beside it,
// and the rest behind "more". Together they are exactly what the table opens.
type acts struct {
	Primary *flow.Action
	Beside  []*flow.Action
	More    []*flow.Action
	Keys    map[string]string // action -> key cap
}

// keyOf are the keys of actions. Two actions that are open together never share
// one: the first in the table keeps it.
var keyOf = map[string]string{
	"sign": "E", "contact": "R", "reply": "D", "hand_back": "B", "request_extension": "T", "assign": "A", "progress": "P", "note": "N",
	"dispatch": "E", "answer": "D", "screen_out": "B", "classify": "C", "merge": "M", "designate": "T", "call_back": "E", "return_reply": "B",
	"accept_objection": "E", "refuse_objection": "B", "grant_extension": "E", "refuse_extension": "B", "grant_suspension": "E", "refuse_suspension": "B",
	"redo": "D", "urge": "U", "supervise": "S",
}

// forward are the actions that lead a case on, first come first: the one that is
// open is the primary button.
var forward = map[string][]string{
	cases.Pending: {"dispatch"}, cases.Dispatched: {"accept_objection", "sign"}, cases.Signed: {"accept_objection", "grant_suspension", "grant_extension", "contact"},
	cases.Handling: {"grant_suspension", "grant_extension", "reply"}, cases.Rework: {"grant_suspension", "grant_extension", "reply"}, cases.Replied: {"call_back"},
}

// aside are actions that stay behind "more": they are there for rare days.
var aside = []string{"merge", "unmerge", "terminate", "withdraw", "supplement", "note", "supervise", "release_supervision", "request_suspension", "redo", "urge",
	"screen_out", "designate"}

const besideMost = 4

func arrange(state string, open []*flow.Action) acts {
	a := acts{Keys: map[string]string{}}
	used := map[string]bool{}
	for _, name := range forward[state] {
		if i := slices.IndexFunc(open, func(x *flow.Action) bool { return x.Name == name }); i >= 0 && a.Primary == nil {
			a.Primary = open[i]
		}
	}
	rest := open
	if a.Primary != nil {
		if k := keyOf[a.Primary.Name]; k != "" {
			a.Keys[a.Primary.Name], used[k] = k, true
		}
		rest = slices.DeleteFunc(slices.Clone(open), func(x *flow.Action) bool { return x == a.Primary })
	}
	for _, x := range rest {
		if k := keyOf[x.Name]; k != "" && !used[k] {
			a.Keys[x.Name], used[k] = k, true
		}
		if slices.Contains(aside, x.Name) || len(a.Beside) == besideMost {
			a.More = append(a.More, x)
		} else {
			a.Beside = append(a.Beside, x)
		}
	}
	if len(a.Beside) == 0 && a.Primary == nil && len(a.More) <= besideMost {
		a.Beside, a.More = a.More, nil
	}
	return a
}

// open reads a case for its page or preview.
func (f *frame) open(number string, l listing) (*caseView, error) {
	d, ctx := f.d, f.r.Context()
	v, err := d.s.Cases.View(ctx, f.sc, number)
	if err != nil {
		return nil, err
	}
	c := &caseView{View: v, listing: l, Key: newKey(), Acts: arrange(v.Case.State, v.Actions)}
	c.Chip, c.State = f.state(v.Case)
	c.Tags = f.tags(v.Case)
	c.CanReveal = v.Case.Person != "" && f.mayReveal(v.Case)
	err = d.s.DB.Read(ctx, func(tx *store.Tx) error {
		if v.Case.Person != "" {
			m, err := vault.Masks(tx, v.Case.District, []string{v.Case.Person})
			if err != nil {
				return err
			}
			c.Person = m[v.Case.Person]
			c.Named = c.Person.Name != "" || c.Person.Phone != "" || c.Person.Address != "" || c.Person.Erased
		}
		if v.Case.Photos > 0 {
			list, err := files.Of(tx, v.Case.District, cases.Table.Kind, v.Case.Number)
			if err != nil {
				return err
			}
			c.Photos = f.photos(v.Case, list)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if err := f.loadNames([]*cases.Case{v.Case}); err != nil {
		return nil, err
	}
	c.Log, err = f.events(v.Entries)
	return c, err
}

// tags are the marks worth a look, and how often things happened.
func (f *frame) tags(k *cases.Case) []tag {
	var out []tag
	add := func(tone, text string) { out = append(out, tag{tone, text}) }
	if k.Has(cases.Supervised) {
		add("hot", f.T("form.supervise.level."+k.Level))
	}
	for _, m := range []string{cases.Final, cases.Extended, cases.Rated} {
		if k.Has(m) {
			add("", f.T("mark."+m))
		}
	}
	if k.Has(cases.Whistled) {
		add("blue", f.T("mark."+cases.Whistled))
	}
	for _, s := range f.times(k) {
		add("warn", s)
	}
	return out
}

// mayReveal reports whether the user has a duty to speak with this petitioner:
// to handle the request, to answer the call, or to call back. A report of
// wrongdoing is shown to nobody outside of the centre: the unit that handles it
// may be the one reported.
func (f *frame) mayReveal(k *cases.Case) bool {
	if k.Kind == "report" && !f.sc.All() {
		return false
	}
	for state, action := range map[string]string{cases.Handling: "contact", cases.Replied: "call_back", cases.Pending: "answer"} {
		probe := *k
		probe.Position = flow.Position{State: state}
		if f.can(&probe, action) {
			return true
		}
	}
	return false
}

// previewView is the pane beside the inbox.
type previewView = caseView

func (f *frame) previewOf(number string, l listing) (*previewView, error) {
	v, err := f.open(number, l)
	if err != nil {
		return nil, err
	}
	v.Next = "/desk" + l.query("sel", v.Case.Number, "after", l.After.text())
	f.viewed(v.Case)
	return v, nil
}

func (d *Desk) preview(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.preview")
	v, err := f.previewOf(r.PathValue("number"), f.listing())
	if err != nil {
		return err
	}
	return renderPart(w, r, http.StatusOK, previewBox(f, *v))
}

// pageView is the whole work order.
type pageView struct {
	*caseView
	Stages    []ui.Stage
	Clocks    []ui.Clock
	Units     []unitLine
	Facts     []ui.Pair
	Near      []nearLine
	Suggest   suggestion
	Previous  string // neighbours in the list, "" at its ends
	Following string
	Position  string // 3 / 38
	Back      string
	Since     int64
}

// unitLine is one unit that has to do with a case.
type unitLine struct{ Name, Note, Phone string }

// suggestion is where the rules would send a case, with the reason.
type suggestion struct{ Unit, Reason string }

func (d *Desk) casePage(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.inbox.title")
	f.said(r)
	v, err := f.pageOf(r.PathValue("number"))
	if err != nil {
		return err
	}
	f.viewed(v.Case)
	return f.render(w, http.StatusOK, casePage(f, v, nil))
}

func (f *frame) pageOf(number string) (*pageView, error) {
	l := f.listing()
	c, err := f.open(number, l)
	if err != nil {
		return nil, err
	}
	k := c.Case
	f.Title = k.Title
	v := &pageView{caseView: c, Since: k.LastSeq, Back: "/desk" + l.query("sel", k.Number)}
	c.Next = "/desk/cases/" + k.Number + l.query()
	v.Stages, v.Clocks, v.Units = f.stages(c.View), f.clocks(k), f.unitLines(k, c.reporter())
	v.Facts = f.facts(c)
	if k.State == cases.Pending || f.can(k, "designate") {
		v.Suggest = f.suggest(k)
	}
	if !k.Ended() {
		if v.Near, err = f.nearCase(k); err != nil {
			return nil, err
		}
	}
	if len(l.q) > 0 {
		if err := f.neighbours(v); err != nil {
			return nil, err
		}
	}
	counts, err := f.d.tally.of(f.r.Context(), f.sc, f.Now, k.LastSeq)
	if err == nil {
		f.setCounts(counts)
	}
	return v, err
}

func (f *frame) suggest(k *cases.Case) suggestion {
	unit, _, zh, en := f.d.s.Cases.Suggested(k)
	if f.Lang == words.EN {
		zh = en
	}
	return suggestion{f.unit(unit), zh}
}

// neighbourhood is how far a case is looked for in the list it was opened from.
const neighbourhood = 200

// neighbours finds the case in its list, for the keys J and K.
func (f *frame) neighbours(v *pageView) error {
	rows, err := f.d.list(f.r.Context(), f.sc, v.Want, f.Now, v.After, neighbourhood)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(rows, func(k *cases.Case) bool { return k.Number == v.Case.Number })
	if i < 0 {
		return nil
	}
	href := func(k *cases.Case) string { return "/desk/cases/" + k.Number + v.query() }
	if i > 0 {
		v.Previous = href(rows[i-1])
	}
	if i+1 < len(rows) {
		v.Following = href(rows[i+1])
	}
	v.Position = f.T("desk.case.position", i+1, len(rows))
	if len(rows) == neighbourhood {
		v.Position = f.T("desk.case.position.many", i+1)
	}
	return nil
}

// stages are the way of a case from left to right.
func (f *frame) stages(v *cases.View) []ui.Stage {
	when := map[string]time.Time{}
	for _, e := range v.Entries {
		switch e.Action {
		case "report", "sign", "contact", "reply", "call_back", "rate":
			when[e.Action] = e.Time()
		case "dispatch", "designate":
			when["dispatch"] = e.Time()
			delete(when, "sign")
			delete(when, "contact")
		}
	}
	note := func(action string, since string) string {
		t, ok := when[action]
		if !ok {
			return ""
		}
		if from, ok := when[since]; ok && since != "" {
			return words.Clock(t) + f.T("word.separator") + words.DurationRough(f.Lang, t.Sub(from))
		}
		return f.Moment(t)
	}
	k := v.Case
	names := []string{"report", "dispatch", "sign", "contact", "handle", "reply", "close"}
	current := map[string]int{cases.Pending: 1, cases.Dispatched: 2, cases.Signed: 3, cases.Handling: 4, cases.Rework: 4, cases.Replied: 6}
	cur, running := current[k.State]
	if !running && k.State != cases.Closed {
		return []ui.Stage{{Label: f.T("desk.stage.report"), Note: note("report", ""), State: "ok"}, {Label: f.T("state.case." + k.State), Note: f.closedAt(k), State: "ok"}}
	}
	out := make([]ui.Stage, len(names))
	for i, n := range names {
		s := ui.Stage{Label: f.T("desk.stage." + n)}
		switch {
		case !running || i < cur:
			s.State = "ok"
		case i == cur:
			s.State = "cur"
		}
		switch n {
		case "report", "dispatch":
			s.Note = note(n, "")
		case "sign":
			s.Note = note("sign", "dispatch")
		case "contact":
			s.Note = note("contact", "")
		case "handle":
			if t, ok := when["dispatch"]; ok && running && i == cur {
				s.Note = f.T("desk.stage.used", words.DurationRough(f.Lang, f.Now.Sub(t)))
			}
		case "reply":
			s.Note = note("reply", "")
			if c, ok := k.Clocks[cases.ClockReply]; ok && s.Note == "" && c.Due > 0 {
				s.Note = f.T("desk.stage.before", f.Moment(time.UnixMicro(c.Due)))
			}
		case "close":
			s.Note = f.closedAt(k)
		}
		out[i] = s
	}
	return out
}

func (f *frame) closedAt(k *cases.Case) string {
	if k.Closed == 0 {
		return ""
	}
	return f.Moment(time.UnixMicro(k.Closed))
}

// clocks are the promises of a case, the next to run out first.
func (f *frame) clocks(k *cases.Case) []ui.Clock {
	names := slices.DeleteFunc(slices.Clone(clockOrder), func(n string) bool { _, ok := k.Clocks[n]; return !ok })
	rank := func(n string) int64 {
		c := k.Clocks[n]
		switch {
		case c.Running() && c.Due > 0:
			return c.Due
		case c.Running():
			return cases.NoDue - 1
		}
		return cases.NoDue
	}
	slices.SortStableFunc(names, func(a, b string) int { return cmp.Compare(rank(a), rank(b)) })
	out := make([]ui.Clock, len(names))
	for i, n := range names {
		c := k.Clocks[n]
		out[i] = ui.Clock{Label: f.T("clock." + n), Due: f.due(c), Used: -1, Main: i == 0 && c.Running(), Why: "/desk/cases/" + k.Number + "/clocks/" + n}
		if whole := c.Due - c.Start; c.Running() && whole > 0 {
			out[i].Used = int(min(100, (f.Now.UnixMicro()-c.Start)*100/whole))
		}
	}
	return out
}

// relationOrder is the order in which the units of a case are listed.
var relationOrder = []string{cases.Lead, cases.Assist, cases.Called, cases.Former}

// unitLines are the units of a case and what they are to it. reporter is the unit
// that brought it in, which may do nothing but read.
func (f *frame) unitLines(k *cases.Case, reporter string) []unitLine {
	ids := slices.SortedFunc(maps.Keys(k.Units), func(a, b string) int {
		return cmp.Or(cmp.Compare(slices.Index(relationOrder, k.Units[a]), slices.Index(relationOrder, k.Units[b])),
			cmp.Compare(len(f.d.s.Pack.Directory.Path(a)), len(f.d.s.Pack.Directory.Path(b))), cmp.Compare(a, b))
	})
	out := make([]unitLine, len(ids))
	for i, id := range ids {
		u, _ := f.d.s.Pack.Directory.Unit(id)
		out[i] = unitLine{Name: f.unit(id), Note: f.T("relation." + k.Units[id]), Phone: u.Phone}
		if id == reporter && k.Units[id] == cases.Former {
			out[i].Note = f.T("relation.reporter")
		}
		if id == k.Holder && k.Assignee != "" {
			if n := f.d.names.name(f.r.Context(), k.Assignee); n != "" {
				out[i].Note += f.T("word.separator") + n
			}
		}
	}
	return out
}

// facts are the lines under the words of a request.
func (f *frame) facts(c *caseView) []ui.Pair {
	k := c.Case
	text := func(label, value string) ui.Pair { return ui.Pair{Label: f.T(label), Value: ui.Text(value)} }
	change := ""
	if slices.ContainsFunc(c.Actions, func(a *flow.Action) bool { return a.Name == "classify" }) {
		change = "/desk/cases/" + k.Number + "/do/classify" + c.query()
	}
	out := []ui.Pair{{Label: f.T("desk.case.matter"), Value: changeable(f, f.matter(k.Matter), change)},
		text("desk.case.kind", f.T("kind."+k.Kind))}
	if p := f.places(k.Place); p != "" {
		out = append(out, text("desk.case.place", p))
	}
	out = append(out, ui.Pair{Label: f.T("desk.case.person"), Value: petitioner(f, c)})
	out = append(out, text("desk.case.limits", f.profile(k.Profile)))
	if !k.Public {
		out = append(out, text("desk.case.public", f.T("desk.case.private")))
	}
	for _, e := range c.Entries {
		if e.Action == "report" {
			for _, s := range attributes(e) {
				out = append(out, text("desk.case.asked", s))
			}
		}
	}
	if k.Unit != "" && k.Rule != "" {
		out = append(out, text("desk.case.why", f.why(k)))
	}
	if o := f.outcome(k.Outcome); o != "" {
		out = append(out, text("desk.case.outcome", o))
	}
	return out
}

// why is the reason for which a case lies with its unit.
func (f *frame) why(k *cases.Case) string {
	switch {
	case k.Rule == "manual" || k.Rule == "designated":
		return f.T("desk.case.rule." + k.Rule)
	case f.Lang == words.EN:
		if unit, rule, _, en := f.d.s.Cases.Suggested(k); unit == k.Unit && rule == k.Rule {
			return en
		}
	}
	return k.Why
}

// outcome is what was said in the end, by the unit and by the resident.
func (f *frame) outcome(o cases.Outcome) string {
	s := ""
	join := func(t string) {
		if s != "" {
			s += f.T("word.separator")
		}
		s += t
	}
	if o.Result != "" {
		join(f.T("desk.case.unit.says", ui.OptionLabel(f.Lang, "reply", "result", o.Result)))
	}
	switch {
	case o.By == "unreachable":
		join(f.T("desk.case.unreachable"))
	case o.Solved != "":
		join(f.T("desk.case.resident.says", ui.OptionLabel(f.Lang, o.By, "solved", o.Solved), ui.OptionLabel(f.Lang, o.By, "satisfied", o.Satisfied)))
	}
	return s
}

// logShown is how many acts stand in the log before it is opened.
const logShown = 8

func micro(us int64) time.Time { return time.UnixMicro(us) }

// reporter is the unit whose people brought the request in, unless it has led the
// case since.
func (c *caseView) reporter() string {
	unit := ""
	for i, e := range c.Entries {
		if i == 0 {
			unit = e.Actor.Unit
		} else if e.Set["unit"] == unit {
			return ""
		}
	}
	return unit
}

// doHref is the page of an action's form; it knows the list the case came from.
func (c *caseView) doHref(action string) string {
	q := c.query()
	sep := "?"
	if q != "" {
		sep = "&"
	}
	return "/desk/cases/" + c.Case.Number + "/do/" + action + q + sep + "next=" + url.QueryEscape(c.Next)
}

// whistles reports whether the user can whistle for the case: the unit that leads
// it, while it is at work.
func (v *pageView) whistles(f *frame) bool {
	return v.Case.Whistle == "" && f.is(rolesOf(&cases.WhistleTable, "draft")) && f.can(v.Case, "request_suspension")
}

// short are the few facts of a preview.
func (f *frame) short(v *previewView) []ui.Pair {
	k := v.Case
	out := []ui.Pair{{Label: f.T("desk.case.person"), Value: petitioner(f, v)}}
	if p := f.places(k.Place); p != "" {
		out = append(out, ui.Pair{Label: f.T("desk.case.place"), Value: ui.Text(p)})
	}
	for _, u := range f.unitLines(k, v.reporter()) {
		out = append(out, ui.Pair{Label: u.Note, Value: ui.Text(u.Name)})
	}
	if k.State == cases.Pending {
		s := f.suggest(k)
		out = append(out, ui.Pair{Label: f.T("desk.case.suggested"), Value: ui.Text(s.Unit + f.T("word.separator") + s.Reason)})
	}
	return out
}
