package desk

import (
	"errors"
	"net/http"
	"slices"
	"time"

	"weixiao/internal/cases"
	"weixiao/internal/directory"
	"weixiao/internal/flow"
	"weixiao/internal/journal"
	"weixiao/internal/store"
	"weixiao/internal/web"
	"weixiao/internal/web/ui"
	"weixiao/internal/words"
)

// pageSize is how many rows a page of the inbox has.
const pageSize = 50

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
	counts, err := d.s.Cases.Tally(ctx, f.sc, f.Now, seq)
	if err != nil {
		return v, err
	}
	rows, err := d.s.Cases.Queue(ctx, f.sc, v.Want, f.Now, v.After, pageSize+1)
	if err != nil {
		return v, err
	}
	if len(rows) > pageSize {
		rows = rows[:pageSize]
		v.Paging.Older = "/desk" + v.query("after", cursorText(rows[pageSize-1].Turn()))
	}
	if v.After != (cases.Cursor{}) {
		v.Paging.Start = "/desk" + v.query()
	}
	if err := f.loadNames(rows); err != nil {
		return v, err
	}
	all, today := counts.Count(v.Want)
	if v.Want.Narrow() {
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
func (f *frame) navs(c cases.Tally, l listing) []ui.Nav {
	var out []ui.Nav
	placed := l.Want.Street != "" || l.Want.Community != ""
	for _, v := range f.views() {
		n, _ := c.Count(v.Want)
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
func (f *frame) placeNavs(c cases.Tally, l listing) []ui.Nav {
	dir := f.d.s.Pack.Directory
	name, head := "street", "desk.view.streets"
	list := dir.ByKind(directory.Street, directory.Town)
	counts := c.By(cases.Want{}, func(g cases.Group) string { return g.Street })
	if !f.sc.All() {
		street, ok := dir.StreetOf(f.sc.Unit())
		if !ok || street.ID != f.sc.Unit() {
			return nil
		}
		name, head = "community", "desk.view.communities"
		list = dir.Children(street.ID)
		counts = c.By(cases.Want{Ours: f.ours()}, func(g cases.Group) string { return g.Community })
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
func (f *frame) setCounts(c cases.Tally) {
	count := map[string]int{}
	for _, v := range f.views() {
		count[v.Key], _ = c.Count(v.Want)
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
	if v.Want.Narrow() || v.Want.Street != "" || v.Want.Community != "" {
		return ui.Blank{Icon: "filter", Title: f.T("desk.empty.filtered"), Act: ui.Button{Label: f.T("desk.filter.clear"), Href: "/desk?view=" + v.View.Key}}
	}
	return ui.Blank{Icon: "check", Title: f.T("desk.empty.title"), Text: f.T("desk.empty.text")}
}

func (v inboxView) after() string { return cursorText(v.After) }

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
