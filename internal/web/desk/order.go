package desk

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"weixiao/internal/cases"
	"weixiao/internal/flow"
	"weixiao/internal/web/ui"
	"weixiao/internal/words"
)

// ordersView is a list of supervision: what is owed an answer, what is to be
// judged, what is listed, what is over.
type ordersView struct {
	List   string
	Lists  []ui.Chip
	Lines  []orderLine
	Paging ui.Paging
}

// orderLine is one order in a list or beside its case.
type orderLine struct {
	Number, Href, Title, Note string
	Due                       ui.Due
	Chip, State               string
	Actions                   []orderStep // what the user can do; only beside the case
}

type orderStep struct{ Label, Href string }

// orderLists are the lists by the parameter that names them.
var orderLists = []string{"open", "answered", "listed", "ended"}

func (d *Desk) orders(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.nav.orders")
	f.said(r)
	v := ordersView{List: "open"}
	in := r.URL.Query()
	for _, l := range orderLists {
		if l == "answered" && !f.sc.All() {
			continue
		}
		if in.Get("list") == l {
			v.List = l
		}
	}
	for _, l := range orderLists {
		if l != "answered" || f.sc.All() {
			v.Lists = append(v.Lists, ui.Chip{Label: f.T("desk.orders." + f.orderList(l)), Href: "/desk/orders?list=" + l, On: l == v.List})
		}
	}
	list, older, err := f.readOrders(v.List)
	if err != nil {
		return err
	}
	if older != "" {
		v.Paging.Older = "/desk/orders?list=" + v.List + "&after=" + older
	}
	if in.Get("after") != "" {
		v.Paging.Start = "/desk/orders?list=" + v.List
	}
	v.Lines, err = f.orderLines(list)
	if err != nil {
		return err
	}
	return f.render(w, http.StatusOK, ordersPage(f, v))
}

// orderList names a list: a unit's open ones are those that it must answer.
func (f *frame) orderList(l string) string {
	if l == "open" && !f.sc.All() {
		return "owed"
	}
	return l
}

// readOrders reads one page of a list and says where the next begins.
func (f *frame) readOrders(list string) (found []*cases.Order, older string, err error) {
	ctx, after := f.r.Context(), f.r.URL.Query().Get("after")
	if list == "ended" {
		doc, _ := strconv.ParseInt(after, 10, 64)
		if found, err = f.d.s.Cases.EndedOrders(ctx, f.sc, doc, pageSize+1); len(found) > pageSize {
			found = found[:pageSize]
			older = strconv.FormatInt(found[pageSize-1].Doc, 10)
		}
		return found, older, err
	}
	want := cases.OrderList{After: parseCursor(after), Limit: pageSize + 1}
	switch list {
	case "answered":
		want.State = cases.OrderAnswered
	case "listed":
		want.Kind = cases.OrderListing
	}
	if found, err = f.d.s.Cases.Orders(ctx, f.sc, want); len(found) > pageSize {
		found = found[:pageSize]
		older = cursorText(found[pageSize-1].Turn())
	}
	return found, older, err
}

// orderLines are orders with the titles of their cases, where the user reaches
// those.
func (f *frame) orderLines(list []*cases.Order) ([]orderLine, error) {
	var numbers []string
	for _, o := range list {
		numbers = append(numbers, o.Case)
	}
	found, err := f.d.s.Cases.Some(f.r.Context(), f.sc, numbers)
	if err != nil {
		return nil, err
	}
	titles := map[string]*cases.Case{}
	for _, k := range found {
		titles[k.Number] = k
	}
	out := make([]orderLine, len(list))
	for i, o := range list {
		title, ended := "", false
		if k := titles[o.Case]; k != nil {
			title, ended = k.Title, k.Ended()
		}
		out[i] = f.orderLine(o, title)
		if ended && !o.Ended() {
			out[i].Note += f.T("word.separator") + f.T("desk.order.case.ended")
		}
	}
	return out, nil
}

func (f *frame) orderLine(o *cases.Order, title string) orderLine {
	s, _ := cases.OrderTable.State(o.State)
	if o.Subject != "" {
		title = o.Subject
	}
	l := orderLine{Number: o.Number, Href: "/desk/orders/" + o.Number, Title: f.orderKind(o), Note: f.unit(o.Unit), Due: f.orderDue(o), Chip: s.Chip, State: f.T("state.order." + o.State)}
	if title != "" {
		l.Title += f.T("word.colon") + title
	}
	if o.Leader != "" {
		l.Note += f.T("word.separator") + f.post(o.Leader)
	}
	if o.Returned > 0 {
		l.Note += f.T("word.separator") + f.T("desk.times.handback", o.Returned)
	}
	return l
}

// orderKind is what an order is called: a letter with its level, an instruction, a
// listing.
func (f *frame) orderKind(o *cases.Order) string {
	if o.Kind == cases.OrderLetter {
		return f.T("desk.order.kind.letter", o.Level)
	}
	return f.T("desk.order.kind." + o.Kind)
}

func (f *frame) orderDue(o *cases.Order) ui.Due {
	k, ok := o.Clocks[cases.ClockAnswer]
	if !ok || o.Ended() {
		return ui.Due{}
	}
	return f.due(k)
}

// orderView is an order as its page and its letter show it.
type orderView struct {
	*cases.OrderView
	Chip, State string
	Kind        string
	Title       string // of its case, or of the listing
	Acts        acts
	Demand      string
	Answers     []answerLine
	Check       string
	Facts       []ui.Pair
	Clocks      []ui.Clock
	Log         []ui.Event
	Case        *cases.Case // nil when the user does not reach it
	Phone       string
}

// answerLine is one answer of the unit.
type answerLine struct{ Done, By, When string }

func (d *Desk) orderPage(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.nav.orders")
	f.said(r)
	v, err := f.orderView(r.PathValue("number"))
	if err != nil {
		return err
	}
	return f.render(w, http.StatusOK, orderPage(f, v))
}

// letterPage is an order on one sheet of A4 for the file and the post.
func (d *Desk) letterPage(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.nav.orders")
	v, err := f.orderView(r.PathValue("number"))
	if err != nil {
		return err
	}
	return f.render(w, http.StatusOK, letterPage(f, v))
}

// orderForward are the actions that lead an order on.
var orderForward = map[string][]string{cases.OrderIssued: {"answer"}, cases.OrderReturned: {"answer"}, cases.OrderAnswered: {"accept"}, cases.OrderAccepted: {"release", "delist"}}

func (f *frame) orderView(number string) (*orderView, error) {
	x, err := f.d.s.Cases.Order(f.r.Context(), f.sc, number)
	if err != nil {
		return nil, err
	}
	o := x.Order
	v := &orderView{OrderView: x, State: f.T("state.order." + o.State), Kind: f.orderKind(o), Title: o.Subject, Acts: arrangeOrder(o.State, x.Actions)}
	s, _ := cases.OrderTable.State(o.State)
	v.Chip, f.Title = s.Chip, o.Number
	if v.Log, err = f.orderEvents(x.Entries); err != nil {
		return nil, err
	}
	for _, e := range x.Entries {
		switch e.Action {
		case "issue":
			v.Demand = e.Texts["demand"]
		case "answer":
			v.Answers = append(v.Answers, answerLine{e.Texts["done"], f.dayOf(e.Answers.Str("by")), f.Moment(e.Time())})
		case "delist":
			v.Check = e.Texts["check"]
		}
	}
	if k, err := f.d.s.Cases.Get(f.r.Context(), f.sc, o.Case); err == nil {
		if v.Case = k; v.Title == "" {
			v.Title = k.Title
		}
	}
	if k, ok := o.Clocks[cases.ClockAnswer]; ok {
		v.Clocks = []ui.Clock{{Label: f.T("clock.answer"), Due: f.due(k), Used: -1, Main: k.Running()}}
	}
	v.Facts = f.orderFacts(o)
	for _, u := range f.d.s.Pack.Directory.ByKind("supervision") {
		v.Phone = u.Phone
	}
	return v, nil
}

func (f *frame) dayOf(s string) string {
	t, err := time.ParseInLocation(time.DateOnly, s, words.Zone())
	if err != nil {
		return s
	}
	return words.Day(f.Lang, t)
}

func (f *frame) orderFacts(o *cases.Order) []ui.Pair {
	out := []ui.Pair{{Label: f.T("desk.order.unit"), Value: ui.Text(f.unit(o.Unit))}}
	add := func(label, value string) {
		if value != "" {
			out = append(out, ui.Pair{Label: f.T(label), Value: ui.Text(value)})
		}
	}
	if o.Leader != "" {
		add("desk.order.leader."+o.Kind, f.post(o.Leader))
	}
	if k, ok := o.Clocks[cases.ClockAnswer]; ok && k.Due > 0 {
		add("desk.order.due", words.Exact(f.Lang, micro(k.Due)))
	}
	if o.By != "" {
		add("form.list.by", f.dayOf(o.By))
	}
	add("desk.order.issued", words.Exact(f.Lang, micro(o.Created)))
	return out
}

func arrangeOrder(state string, open []*flow.Action) acts {
	a := acts{Keys: map[string]string{}}
	for _, name := range orderForward[state] {
		if i := slices.IndexFunc(open, func(x *flow.Action) bool { return x.Name == name }); i >= 0 && a.Primary == nil {
			a.Primary = open[i]
		}
	}
	for _, x := range open {
		switch {
		case x == a.Primary:
		case slices.Contains([]string{"withdraw", "note"}, x.Name) || len(a.Beside) == besideMost:
			a.More = append(a.More, x)
		default:
			a.Beside = append(a.Beside, x)
		}
	}
	return a
}

// ordersOf are the orders about a case, for its page.
func (f *frame) ordersOf(k *cases.Case) ([]orderLine, error) {
	list, err := f.d.s.Cases.OrdersOf(f.r.Context(), f.sc, k.Number)
	out := make([]orderLine, len(list))
	for i, x := range list {
		out[i] = f.orderLine(x.Order, "")
		for _, a := range x.Actions {
			if a.Name != "note" {
				out[i].Actions = append(out[i].Actions, orderStep{f.T("action.order." + a.Name), "/desk/orders/" + x.Order.Number + "/do/" + a.Name})
			}
		}
	}
	return out, err
}
