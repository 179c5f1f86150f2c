package desk

import (
	"net/url"
	"slices"
	"time"

	"weixiao/internal/cases"
	"weixiao/internal/form"
	"weixiao/internal/web/ui"
	"weixiao/internal/words"
)

// view is one list of the inbox.
type view struct {
	Key              string
	Icon, Head, Tone string // Head is a message key: a heading before this view
	Label            string
	Want             cases.Want
}

// views are the lists the user's roles give, in their order. The first is where
// /desk leads.
func (f *frame) views() []view {
	mine, ours := f.mine(), f.ours()
	v := []view{}
	add := func(key, icon, head, tone string, w cases.Want) {
		v = append(v, view{Key: key, Icon: icon, Head: head, Tone: tone, Label: f.T("desk.view." + key), Want: w})
	}
	if mine != nil {
		add("mine", "inbox", "", "", *mine)
	}
	add("over", "alarm", "", "hot", cases.Want{Ours: ours, Due: "over"})
	add("soon", "clock", "", "warn", cases.Want{Ours: ours, Due: "soon"})
	if f.sc.All() {
		add("dispatch", "", "desk.view.centre", "", cases.Want{Desks: []string{"dispatch"}})
		add("approve", "", "", "", cases.Want{Desks: []string{"approve"}})
		add("callback", "", "", "", cases.Want{Desks: []string{"callback"}})
		add("supervised", "", "", "", cases.Want{Marks: []string{cases.Supervised}})
	}
	add("sign", "", "desk.view.stages", "", cases.Want{Ours: ours, States: []string{cases.Dispatched}})
	add("doing", "", "", "", cases.Want{Ours: ours, States: []string{cases.Signed, cases.Handling}})
	add("redo", "", "", "", cases.Want{Ours: ours, States: []string{cases.Rework}})
	add("waiting", "", "", "", cases.Want{Ours: ours, Marks: pendingMarks})
	add("review", "", "", "warn", cases.Want{Ours: ours, Marks: []string{cases.Suspended, cases.Paused}, Due: "today"})
	add("replied", "", "", "", cases.Want{Ours: ours, States: []string{cases.Replied}})
	add("all", "users", "desk.view.everything", "", cases.Want{Ours: ours})
	if len(ours) > 0 {
		add("others", "", "", "", cases.Want{Others: ours})
	}
	return v
}

// mine is what waits for the user: what the own unit holds and is given to nobody
// else, or the queues of the user's roles at the centre. nil when nothing does.
func (f *frame) mine() *cases.Want {
	if !f.sc.All() {
		return &cases.Want{Holder: f.sc.Unit(), Account: f.who.Account}
	}
	var desks []string
	for desk, actions := range map[string][]string{"dispatch": {"dispatch"}, "approve": {"grant_suspension", "accept_objection"}, "callback": {"call_back"}} {
		if f.is(rolesOf(&cases.Table, actions...)) {
			desks = append(desks, desk)
		}
	}
	if len(desks) == 0 {
		return nil
	}
	slices.Sort(desks)
	return &cases.Want{Desks: desks}
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
	Want  cases.Want
	After cases.Cursor
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
