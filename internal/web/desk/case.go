package desk

import (
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
		for _, child := range v.Children {
			if child.Photos == 0 {
				continue
			}
			list, err := files.Of(tx, child.District, cases.Table.Kind, child.Number)
			if err != nil {
				return err
			}
			for _, p := range f.photos(child, list) {
				p.Note = child.Number + f.T("word.separator") + p.Note
				c.Photos = append(c.Photos, p)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if err := f.loadNames([]*cases.Case{v.Case}); err != nil {
		return nil, err
	}
	if c.Log, err = f.events(v.Entries); err == nil {
		c.Log, err = f.withAlarms(c.Log, v.Alarms)
	}
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
	v.Next = "/desk" + l.query("sel", v.Case.Number, "after", cursorText(l.After))
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
	Alarm     nextAlarm
	Orders    []orderLine
	Checks    []orderLine
	Suggest   suggestion
	Advice    adviceView // of earlier cases, beside the rules
	Map       *placeMap  // nil: the place is not on the map
	Previous  string     // neighbours in the list, "" at its ends
	Following string
	Position  string // 3 / 38
	Back      string
	Since     int64
}

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
	if n := len(c.Alarms); n > 0 {
		v.Since = max(v.Since, c.Alarms[n-1].Seq)
	}
	if v.Alarm, err = f.upcoming(c.View.Next); err != nil {
		return nil, err
	}
	v.Facts, v.Map = f.facts(c), f.placeMap(k)
	if k.State == cases.Pending || f.can(k, "designate") || f.can(k, "hand_on") {
		v.Suggest = f.suggest(k)
		v.Advice, _ = f.advice(k)
	}
	if v.Orders, err = f.ordersOf(k); err != nil {
		return nil, err
	}
	if v.Checks, err = f.checksOf(k); err != nil {
		return nil, err
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
	counts, err := f.d.s.Cases.Tally(f.r.Context(), f.sc, f.Now, k.LastSeq)
	if err == nil {
		f.setCounts(counts)
	}
	return v, err
}

func (f *frame) suggest(k *cases.Case) suggestion {
	d := f.d.s.Cases.Suggested(k)
	if f.Lang == words.EN {
		d.ReasonZH = d.ReasonEN
	}
	return suggestion{f.unit(d.Unit), d.ReasonZH}
}

// neighbourhood is how far a case is looked for in the list it was opened from.
const neighbourhood = 200

// neighbours finds the case in its list, for the keys J and K.
func (f *frame) neighbours(v *pageView) error {
	rows, err := f.d.s.Cases.Queue(f.r.Context(), f.sc, v.Want, f.Now, v.After, neighbourhood)
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
