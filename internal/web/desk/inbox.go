package desk

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"weixiao/internal/cases"
	"weixiao/internal/directory"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/journal"
	"weixiao/internal/store"
	"weixiao/internal/web"
	"weixiao/internal/web/ui"
	"weixiao/internal/words"
)

// view is one list of the inbox.
type view struct {
	Key              string
	Icon, Head, Tone string // Head is a message key: a heading before this view
	Label            string
	Want             want
}

// pageSize is how many rows a page of the inbox has.
const pageSize = 50

// views are the lists the user's roles give, in their order. The first is where
// /desk leads.
func (f *frame) views() []view {
	mine, ours := f.mine(), f.ours()
	v := []view{}
	add := func(key, icon, head, tone string, w want) {
		v = append(v, view{Key: key, Icon: icon, Head: head, Tone: tone, Label: f.T("desk.view." + key), Want: w})
	}
	if mine != nil {
		add("mine", "inbox", "", "", *mine)
	}
	add("over", "alarm", "", "hot", want{Ours: ours, Due: "over"})
	add("soon", "clock", "", "warn", want{Ours: ours, Due: "soon"})
	if f.sc.All() {
		add("dispatch", "", "desk.view.centre", "", want{Desks: []string{"dispatch"}})
		add("approve", "", "", "", want{Desks: []string{"approve"}})
		add("callback", "", "", "", want{Desks: []string{"callback"}})
		add("supervised", "", "", "", want{Marks: []string{cases.Supervised}})
	}
	add("sign", "", "desk.view.stages", "", want{Ours: ours, States: []string{cases.Dispatched}})
	add("doing", "", "", "", want{Ours: ours, States: []string{cases.Signed, cases.Handling}})
	add("redo", "", "", "", want{Ours: ours, States: []string{cases.Rework}})
	add("waiting", "", "", "", want{Ours: ours, Marks: pendingMarks})
	add("replied", "", "", "", want{Ours: ours, States: []string{cases.Replied}})
	add("all", "users", "desk.view.everything", "", want{Ours: ours})
	if len(ours) > 0 {
		add("others", "", "", "", want{Others: ours})
	}
	return v
}

// mine is what waits for the user: what the own unit holds and is given to nobody
// else, or the queues of the user's roles at the centre. nil when nothing does.
func (f *frame) mine() *want {
	if !f.sc.All() {
		return &want{Holder: f.sc.Unit(), Account: f.who.Account}
	}
	var desks []string
	for desk, actions := range map[string][]string{"dispatch": {"dispatch"}, "approve": {"grant_extension", "grant_suspension", "accept_objection"}, "callback": {"call_back"}} {
		if f.is(rolesOf(&cases.Table, actions...)) {
			desks = append(desks, desk)
		}
	}
	if len(desks) == 0 {
		return nil
	}
	slices.Sort(desks)
	return &want{Desks: desks}
}

// ours are the units the user answers for: the own one and those below. Nobody in
// particular at the centre.
func (f *frame) ours() []string {
	if f.sc.All() || f.sc.Unit() == "" {
		return nil
	}
	out := []string{f.sc.Unit()}
	for i := 0; i < len(out); i++ {
		for _, u := range f.d.s.Pack.Directory.Children(out[i]) {
			out = append(out, u.ID)
		}
	}
	return out
}

// listing is which list a page belongs to, as its address says it.
type listing struct {
	View  view
	Want  want
	After cursor
	q     url.Values // only what is known, to go into other addresses
}

// filters are the parameters that narrow a list.
var filters = []string{"street", "community", "matter", "channel", "unit", "kind", "from", "to"}

// listing reads the list of a request. Values that mean nothing are left out.
func (f *frame) listing() listing {
	in := f.r.URL.Query()
	views := f.views()
	l := listing{View: views[0], q: url.Values{}}
	if i := slices.IndexFunc(views, func(v view) bool { return v.Key == in.Get("view") }); i >= 0 {
		l.View = views[i]
		l.q.Set("view", l.View.Key)
	}
	l.Want = l.View.Want
	for _, name := range filters {
		if v := in.Get(name); v != "" && len(v) <= 40 && l.narrow(name, v) {
			l.q.Set(name, v)
		}
	}
	l.After = parseCursor(in.Get("after"))
	return l
}

func (l *listing) narrow(name, v string) bool {
	switch name {
	case "street":
		l.Want.Street = v
	case "community":
		l.Want.Community = v
	case "matter":
		l.Want.Matter = v
	case "channel":
		l.Want.Channel = v
	case "unit":
		l.Want.Unit = v
	case "kind":
		l.Want.Kind = v
	case "from", "to":
		t, err := time.ParseInLocation(time.DateOnly, v, words.Zone())
		if err != nil {
			return false
		}
		if name == "from" {
			l.Want.From = t.UnixMicro()
		} else {
			l.Want.To = t.AddDate(0, 0, 1).UnixMicro()
		}
	}
	return true
}

// query is the listing as parameters, with others set.
func (l listing) query(more ...string) string {
	q := url.Values{}
	for k, v := range l.q {
		q[k] = v
	}
	for i := 0; i+1 < len(more); i += 2 {
		if more[i+1] == "" {
			q.Del(more[i])
		} else {
			q.Set(more[i], more[i+1])
		}
	}
	return viewQuery(q.Encode())
}

func viewQuery(q string) string {
	if q == "" {
		return ""
	}
	return "?" + q
}

// inboxView is the inbox as it is shown.
type inboxView struct {
	listing
	Views   []ui.Nav
	Chips   []ui.Chip
	Groups  []ui.Group
	Paging  ui.Paging
	Filter  ui.FormView
	Open    bool // the filter form is open
	Signs   bool // the list has cases to sign in one go
	Key     string
	Since   int64 // last act the page knows of
	Preview *previewView
	Total   int
}

func (d *Desk) inbox(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.inbox.title")
	if !f.is(caseRoles()) {
		return web.SeeOther(w, r, "/desk/admin/people")
	}
	f.said(r)
	v, err := f.inboxView()
	if err != nil {
		return err
	}
	if sel := cases.UpperNumber(r.URL.Query().Get("sel")); sel != "" {
		if v.Preview, err = f.previewOf(sel, v.listing); err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		for _, g := range v.Groups {
			for i := range g.Rows {
				g.Rows[i].On = g.Rows[i].ID == sel && v.Preview != nil
			}
		}
	}
	return f.render(w, http.StatusOK, inboxPage(f, v))
}

// inboxView reads one page of the list with its counts.
func (f *frame) inboxView() (inboxView, error) {
	d, ctx := f.d, f.r.Context()
	v := inboxView{listing: f.listing(), Key: newKey()}
	f.Title = v.View.Label
	seq, err := store.Get(ctx, d.s.DB, func(tx *store.Tx) (int64, error) { return journal.Head(tx, d.s.Pack.District) })
	if err != nil {
		return v, err
	}
	v.Since = seq
	counts, err := d.tally.of(ctx, f.sc, f.Now, seq)
	if err != nil {
		return v, err
	}
	rows, err := d.list(ctx, f.sc, v.Want, f.Now, v.After, pageSize+1)
	if err != nil {
		return v, err
	}
	if len(rows) > pageSize {
		rows = rows[:pageSize]
		v.Paging.Older = "/desk" + v.query("after", at(rows[pageSize-1]).text())
	}
	if v.After != (cursor{}) {
		v.Paging.Start = "/desk" + v.query()
	}
	if err := f.loadNames(rows); err != nil {
		return v, err
	}
	all, today := counts.count(v.Want)
	if v.Want.narrow() {
		all, today = -1, -1
	}
	v.Groups = f.groups(rows, v.listing, all, today)
	v.Total = all
	v.Views = f.navs(counts, v.listing)
	f.setCounts(counts)
	v.Chips, v.Filter, v.Open = f.filterForm(v.listing)
	v.Signs = slices.ContainsFunc(rows, func(k *cases.Case) bool { return f.can(k, "sign") })
	return v, nil
}

// can reports whether the user may do that to the case now.
func (f *frame) can(k *cases.Case, action string) bool {
	return slices.ContainsFunc(f.d.s.Cases.Open(f.sc, k), func(a *flow.Action) bool { return a.Name == action })
}

func (f *frame) loadNames(rows []*cases.Case) error {
	ids := make([]string, len(rows))
	for i, k := range rows {
		ids[i] = k.Assignee
	}
	return f.d.names.load(f.r.Context(), ids...)
}

// groups cuts a page at midnight. Counts are those of the whole list; -1 says
// that they are not known.
func (f *frame) groups(rows []*cases.Case, l listing, all, today int) []ui.Group {
	local := f.Now.In(words.Zone())
	midnight := time.Date(local.Year(), local.Month(), local.Day()+1, 0, 0, 0, 0, words.Zone()).UnixMicro()
	g := []ui.Group{{Label: f.T("desk.group.today")}, {Label: f.T("desk.group.later")}}
	for _, k := range rows {
		i := 0
		if cases.NextDue(k.Clocks) >= midnight {
			i = 1
		}
		g[i].Rows = append(g[i].Rows, f.row(k, l.query()))
	}
	if all >= 0 {
		g[0].Count, g[1].Count = f.T("word.items", today), f.T("word.items", all-today)
	}
	return slices.DeleteFunc(g, func(g ui.Group) bool { return len(g.Rows) == 0 })
}

// navs are the views with their counts, then the places below the user.
func (f *frame) navs(c counted, l listing) []ui.Nav {
	var out []ui.Nav
	placed := l.Want.Street != "" || l.Want.Community != ""
	for _, v := range f.views() {
		n, _ := c.count(v.Want)
		nav := ui.Nav{Label: v.Label, Icon: v.Icon, Href: "/desk?view=" + v.Key, Count: n, On: v.Key == l.View.Key && !placed, Tone: v.Tone}
		if v.Head != "" {
			nav.Head = f.T(v.Head)
		}
		out = append(out, nav)
	}
	return append(out, f.placeNavs(c, l)...)
}

// placeNavs are the streets for people of the centre and the communities for
// people of a street, where something is open.
func (f *frame) placeNavs(c counted, l listing) []ui.Nav {
	dir := f.d.s.Pack.Directory
	name, head := "street", "desk.view.streets"
	list := dir.ByKind(directory.Street, directory.Town)
	counts := c.by(func(g group) string { return g.Street })
	if !f.sc.All() {
		street, ok := dir.StreetOf(f.sc.Unit())
		if !ok || street.ID != f.sc.Unit() {
			return nil
		}
		name, head = "community", "desk.view.communities"
		list = dir.Children(street.ID)
		ours := f.ours()
		counts = map[string]int{}
		for _, g := range c.groups {
			if (want{Ours: ours}).has(g, c.todayFirst) {
				counts[g.Community] += g.N
			}
		}
	}
	var out []ui.Nav
	for _, u := range list {
		if counts[u.ID] == 0 {
			continue
		}
		n := ui.Nav{Label: f.unit(u.ID), Href: "/desk?" + name + "=" + u.ID + "&view=all", Count: counts[u.ID], On: l.q.Get(name) == u.ID && l.View.Key == "all"}
		if len(out) == 0 {
			n.Head = f.T(head)
		}
		out = append(out, n)
	}
	return out
}

// setCounts puts the counts into the bars: what is overdue on top, what waits and
// what ends soon at the bottom of a phone.
func (f *frame) setCounts(c counted) {
	count := map[string]int{}
	for _, v := range f.views() {
		count[v.Key], _ = c.count(v.Want)
	}
	for i := range f.Nav {
		if f.Nav[i].Href == "/desk" {
			f.Nav[i].Count = count["over"]
		}
	}
	for i := range f.Tabs {
		switch f.Tabs[i].Href {
		case "/desk":
			f.Tabs[i].Count = count["mine"]
		case "/desk?view=soon":
			f.Tabs[i].Count = count["soon"]
		}
	}
}

// channels are the ways a case comes in that lists can be narrowed to.
var channels = []string{"hotline", "portal", "grid", "street", "open311", "import", "upstream"}

// filterForm is the form that narrows a list, and a chip for each thing it is
// narrowed to, which takes that away again.
func (f *frame) filterForm(l listing) ([]ui.Chip, ui.FormView, bool) {
	open := f.r.URL.Query().Get("filter") == "1"
	fields := []form.Field{{Name: "matter", Type: form.Choice}, {Name: "channel", Type: form.Choice}, {Name: "kind", Type: form.Choice},
		{Name: "from", Type: form.Date}, {Name: "to", Type: form.Date}}
	choices := map[string][]ui.Choice{"matter": f.d.finder.matters(f.Lang), "kind": f.options("kind.", catalogueKinds), "channel": f.options("channel.", channels)}
	if f.sc.All() {
		fields = slices.Insert(fields, 0, form.Field{Name: "street", Type: form.Unit}, form.Field{Name: "unit", Type: form.Unit})
		choices["street"], choices["unit"] = f.d.finder.streets(f.Lang), f.d.finder.handling(f.Lang)
	} else if list := f.d.finder.below(f.Lang, f.sc.Unit()); len(list) > 0 {
		fields = slices.Insert(fields, 0, form.Field{Name: "community", Type: form.Unit})
		choices["community"] = list
	}
	v := ui.FormView{Form: form.Form{Name: "filter", Fields: fields}, Raw: form.Raw{}, Choices: choices, Dense: true, Cols: 3,
		Looks: map[string]string{"matter": "select", "channel": "select", "kind": "select", "street": "select", "unit": "select", "community": "select"}}
	chips := []ui.Chip{{Label: f.T("button.filter"), Icon: "filter", Href: "/desk" + l.query("filter", "1"), On: open}}
	for _, fd := range fields {
		val := l.q.Get(fd.Name)
		if val == "" {
			continue
		}
		v.Raw[fd.Name] = []string{val}
		label := val
		for _, c := range choices[fd.Name] {
			if c.Value == val {
				label = c.Label
			}
		}
		if fd.Type == form.Date {
			label = ui.FieldLabel(f.Lang, "filter", fd.Name) + " " + val
		}
		chips = append(chips, ui.Chip{Label: label, Icon: "x", Href: "/desk" + l.query(fd.Name, ""), On: true})
	}
	return chips, v, open
}

// catalogueKinds are the five types of request, in the order of the forms.
var catalogueKinds = []string{"consult", "help", "complaint", "report", "suggestion"}

func (f *frame) options(prefix string, values []string) []ui.Choice {
	out := make([]ui.Choice, len(values))
	for i, v := range values {
		out[i] = ui.Choice{Value: v, Label: f.T(prefix + v)}
	}
	return out
}

// signMany signs for the cases that were picked. Each is an act of its own: what
// cannot be signed is said, the others are signed.
func (d *Desk) signMany(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.inbox.title")
	if err := r.ParseForm(); err != nil {
		return err
	}
	key, ids := r.PostForm.Get("_key"), slices.Compact(slices.Sorted(slices.Values(r.PostForm["id"])))
	if len(ids) > pageSize {
		ids = ids[:pageSize]
	}
	var failed []string
	for _, id := range ids {
		id = cases.UpperNumber(id)
		_, err := d.s.Cases.Act(r.Context(), f.sc, id, "sign", cases.Input{Raw: form.Raw{}, Key: f.key(key, "case", id, "sign", form.Raw{})})
		switch {
		case err == nil:
		case errors.Is(err, flow.ErrState), errors.Is(err, flow.ErrForbidden), errors.Is(err, store.ErrNotFound), errors.Is(err, store.ErrReused):
			failed = append(failed, id)
		default:
			return err
		}
	}
	next := nextOf(r, "/desk")
	if len(ids) == 0 {
		return web.SeeOther(w, r, withQuery(next, "done", "nothing"))
	}
	if len(failed) == 0 {
		return web.SeeOther(w, r, withQuery(next, "done", "sign"))
	}
	f.Faulty = true
	return f.render(w, http.StatusConflict, signedPartly(f, len(ids)-len(failed), failed, next))
}

// newKey makes the idempotency key of a form.
func newKey() string {
	b := make([]byte, 16)
	_, _ = rand.Read(b) // never fails
	return hex.EncodeToString(b)
}

// key is the idempotency key of one action of one form of this account.
func (f *frame) key(value, kind, number, action string, raw form.Raw) store.Key {
	if !isKey(value) {
		return store.Key{}
	}
	return store.Key{Scope: "desk:" + f.who.Account, Value: value + ":" + kind + ":" + number + ":" + action, Request: requestHash(kind, number, action, raw)}
}

func isKey(s string) bool { return len(s) == 32 && strings.Trim(s, "0123456789abcdef") == "" }

func requestHash(kind, number, action string, raw form.Raw) []byte {
	parts := []string{kind, number, action}
	names := make([]string, 0, len(raw))
	for name := range raw {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		parts = append(append(parts, "\x01"+name), raw[name]...)
	}
	return store.RequestHash(parts...)
}

// title is the name of the list, with the place it is narrowed to.
func (v inboxView) title(f *frame) string {
	for _, id := range []string{v.Want.Community, v.Want.Street} {
		if id != "" {
			return v.View.Label + f.T("word.separator") + f.unit(id)
		}
	}
	return v.View.Label
}

// blank is what stands where no case is.
func (v inboxView) blank(f *frame) ui.Blank {
	if v.Want.narrow() || v.Want.Street != "" || v.Want.Community != "" {
		return ui.Blank{Icon: "filter", Title: f.T("desk.empty.filtered"), Act: ui.Button{Label: f.T("desk.filter.clear"), Href: "/desk?view=" + v.View.Key}}
	}
	return ui.Blank{Icon: "check", Title: f.T("desk.empty.title"), Text: f.T("desk.empty.text")}
}

func (v inboxView) after() string { return v.After.text() }

// hints are the keys that work on the list; those of actions only for whoever
// has them.
func (f *frame) hints() []ui.Hint {
	list := []ui.Hint{{Keys: []string{"J", "K"}, Text: f.T("keys.updown")}, {Keys: []string{"Enter"}, Text: f.T("keys.open")}, {Keys: []string{"X"}, Text: f.T("keys.mark")}}
	for _, name := range []string{"sign", "contact", "reply", "hand_back", "dispatch", "answer", "call_back"} {
		if f.is(rolesOf(&cases.Table, name)) {
			list = append(list, ui.Hint{Keys: []string{keyOf[name]}, Text: f.T("action.case." + name)})
		}
	}
	return list
}
