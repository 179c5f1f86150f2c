package desk

import (
	"cmp"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"time"

	"weixiao/internal/cases"
	"weixiao/internal/flow"
	"weixiao/internal/store"
	"weixiao/internal/web/ui"
	"weixiao/internal/words"
)

// whistlesView is the list of whistles.
type whistlesView struct {
	Own, Called, All []whistleLine
	Recent           []whistleLine
	Older            string
	Draft            bool // the user can blow one
	Use              []useLine
}

// whistleLine is one whistle in a list.
type whistleLine struct {
	Number, Href, Title, Note string
	Due                       ui.Due
	Chip, State               string
}

// useLine is how a street uses the whistle in a year: too little is a dead
// mechanism, too much a sign that its own duties fail.
type useLine struct {
	Street                            string
	Cases, Whistles                   int64
	PerThousand, InTime, Solved, Band string
}

func (d *Desk) whistles(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.nav.whistles")
	f.said(r)
	own, called, err := d.s.Cases.Whistles(r.Context(), f.sc, 100)
	if err != nil {
		return err
	}
	after, _ := strconv.ParseInt(r.URL.Query().Get("before"), 10, 64)
	recent, err := d.s.Cases.RecentWhistles(r.Context(), f.sc, after, pageSize+1)
	if err != nil {
		return err
	}
	v := whistlesView{Draft: f.is(rolesOf(&cases.WhistleTable, "draft"))}
	if f.sc.All() {
		v.All = f.whistleLines(own)
	} else {
		v.Own, v.Called = f.whistleLines(own), f.whistleLines(called)
	}
	if len(recent) > pageSize {
		recent = recent[:pageSize]
		v.Older = "/desk/whistles?before=" + strconv.FormatInt(recent[pageSize-1].Doc, 10)
	}
	v.Recent = f.whistleLines(slices.DeleteFunc(recent, func(w *cases.Whistle) bool { return !w.Ended() }))
	if f.sc.All() && after == 0 {
		if v.Use, err = f.use(); err != nil {
			return err
		}
	}
	return f.render(w, http.StatusOK, whistlesPage(f, v))
}

func (f *frame) whistleLines(list []*cases.Whistle) []whistleLine {
	out := make([]whistleLine, len(list))
	for i, w := range list {
		s, _ := cases.WhistleTable.State(w.State)
		names := make([]string, 0, len(w.Units))
		for _, u := range slices.Sorted(maps.Keys(w.Units)) {
			names = append(names, f.unit(u))
		}
		out[i] = whistleLine{Number: w.Number, Href: "/desk/whistles/" + w.Number, Title: f.T("desk.whistle.line", f.unit(w.Unit), ui.OptionLabel(f.Lang, "whistle_draft", "kind", w.Kind)),
			Note: f.T("desk.whistle.called", join(f, names)), Due: f.whistleDue(w), Chip: s.Chip, State: f.T("state.whistle." + w.State)}
	}
	return out
}

func join(f *frame, names []string) string {
	s := ""
	for i, n := range names {
		if i > 0 {
			s += f.T("word.list.comma")
		}
		s += n
	}
	return s
}

// whistleDue is the chip of the clock of a whistle that ends first.
func (f *frame) whistleDue(w *cases.Whistle) ui.Due {
	var first cases.Clock
	name := ""
	for _, n := range slices.Sorted(maps.Keys(w.Clocks)) {
		if c := w.Clocks[n]; c.Running() && (name == "" || c.Due < first.Due) {
			name, first = n, c
		}
	}
	if name == "" || w.Ended() {
		return ui.Due{}
	}
	return f.due(first)
}

// useYear is how far back the figures of use go.
const useYear = 365 * 24 * time.Hour

// use are the figures of the whistle by street, from the cases and whistles of
// the last year. They are read as they are; nothing is ranked.
func (f *frame) use() ([]useLine, error) {
	since := f.Now.Add(-useYear).UnixMicro()
	type figures struct{ cases, whistles, arrivals, inTime, ended, solved int64 }
	by := map[string]*figures{}
	of := func(street string) *figures {
		if by[street] == nil {
			by[street] = &figures{}
		}
		return by[street]
	}
	err := f.d.s.DB.Read(f.r.Context(), func(tx *store.Tx) error {
		err := tx.Each(`SELECT street, count(*) FROM cases WHERE district = $1 AND doc >= $2 AND street <> '' GROUP BY street`,
			[]any{f.sc.District(), since << 12}, func(r store.Scanner) error {
				var street string
				var n int64
				err := r.Scan(&street, &n)
				of(street).cases = n
				return err
			})
		return err
	})
	if err != nil {
		return nil, err
	}
	for after := int64(0); ; {
		list, err := f.d.s.Cases.RecentWhistles(f.r.Context(), f.sc, after, 200)
		if err != nil {
			return nil, err
		}
		for _, w := range list {
			after = w.Doc
			if w.Created < since || w.State == cases.WhistleDraft {
				continue
			}
			x := of(w.Unit)
			x.whistles++
			if w.Ended() {
				x.ended++
				if w.State == cases.WhistleClosed {
					x.solved++
				}
			}
			for u := range w.Units {
				if c, ok := w.Clocks[cases.ClockArrive+":"+u]; ok && w.Units[u].Arrived != 0 {
					x.arrivals++
					if w.Units[u].Arrived <= c.Due {
						x.inTime++
					}
				}
			}
		}
		if len(list) < 200 || (len(list) > 0 && list[len(list)-1].Created < since) {
			break
		}
	}
	var out []useLine
	for _, id := range slices.Sorted(maps.Keys(by)) {
		x := by[id]
		l := useLine{Street: f.unit(id), Cases: x.cases, Whistles: x.whistles, PerThousand: "—", InTime: words.Rate(x.inTime, x.arrivals, 1), Solved: words.Rate(x.solved, x.ended, 1)}
		if x.cases > 0 {
			l.PerThousand = strconv.FormatFloat(float64(x.whistles)*1000/float64(x.cases), 'f', 1, 64)
		}
		out = append(out, l)
	}
	return out, nil
}

// whistleView is a whistle as its page shows it.
type whistleView struct {
	*cases.WhistleView
	Chip, State string
	Acts        acts
	Units       []summonedLine
	Facts       []ui.Pair
	Issue       string
	Plan        string
	Minutes     []string
	Clocks      []ui.Clock
	Log         []ui.Event
	Alarm       nextAlarm
	CaseTitle   string
}

// summonedLine is how one called unit stands.
type summonedLine struct {
	Name, Standing, Chip string
	When                 string // when it acknowledged or arrived
	Who                  string // who came
	Acknowledge, Arrive  ui.Due
	Task, TaskBy, TaskAt string
	Returned             int
	Scores               string
	Mine                 bool
}

func (d *Desk) whistlePage(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.nav.whistles")
	f.said(r)
	v, err := f.whistleView(r.PathValue("number"))
	if err != nil {
		return err
	}
	return f.render(w, http.StatusOK, whistlePage(f, v))
}

// standingChips are the looks of how a called unit stands.
var standingChips = map[string]string{cases.UnitCalled: "sign", cases.UnitAcknowledged: "doing", cases.UnitArrived: "done", cases.UnitDeclined: "redo", cases.UnitExcused: "closed"}

// whistleForward are the actions that lead a whistle on, by state.
var whistleForward = map[string][]string{
	cases.WhistleDraft: {"approve"}, cases.WhistleSent: {"report_in", "plan", "overrule"}, cases.WhistleExecuting: {"task_done", "confirm_task"},
	cases.WhistleDone: {"close", "rate_street", "rate_unit"},
}

func (f *frame) whistleView(number string) (*whistleView, error) {
	x, err := f.d.s.Cases.Whistle(f.r.Context(), f.sc, number)
	if err != nil {
		return nil, err
	}
	wh := x.Whistle
	v := &whistleView{WhistleView: x, State: f.T("state.whistle." + wh.State), Acts: arrangeWhistle(wh.State, x.Actions)}
	s, _ := cases.WhistleTable.State(wh.State)
	v.Chip = s.Chip
	f.Title = wh.Number
	if v.Log, err = f.whistleEvents(x.Entries); err != nil {
		return nil, err
	}
	if v.Log, err = f.withAlarms(v.Log, x.Alarms); err != nil {
		return nil, err
	}
	if v.Alarm, err = f.upcoming(x.Next); err != nil {
		return nil, err
	}
	who := map[string]string{}
	for _, e := range x.Entries {
		switch e.Action {
		case "draft":
			v.Issue = e.Texts["issue"]
		case "plan":
			v.Plan = e.Texts["plan"]
		case "minutes":
			v.Minutes = append(v.Minutes, e.Texts["minutes"])
		case "report_in":
			for u := range e.Units {
				who[u] = e.Texts["who"]
				if rank := e.Answers.Str("rank"); rank != "" {
					who[u] += f.T("word.separator") + ui.OptionLabel(f.Lang, "whistle_report_in", "rank", rank)
				}
			}
		}
	}
	v.Units = f.summoned(x, who)
	v.Facts = f.whistleFacts(wh)
	if c, ok := wh.Clocks[cases.ClockPlan]; ok {
		v.Clocks = []ui.Clock{{Label: f.T("clock.plan"), Due: f.due(c), Used: -1, Main: c.Running()}}
	}
	if wh.Case != "" {
		if k, err := f.d.s.Cases.Get(f.r.Context(), f.sc, wh.Case); err == nil {
			v.CaseTitle = k.Title
		}
	}
	return v, nil
}

func arrangeWhistle(state string, open []*flow.Action) acts {
	a := acts{Keys: map[string]string{}}
	for _, name := range whistleForward[state] {
		if i := slices.IndexFunc(open, func(x *flow.Action) bool { return x.Name == name }); i >= 0 && a.Primary == nil {
			a.Primary = open[i]
		}
	}
	for _, x := range open {
		switch {
		case x == a.Primary:
		case slices.Contains([]string{"cancel", "note", "call_unit", "reject"}, x.Name) || len(a.Beside) == besideMost:
			a.More = append(a.More, x)
		default:
			a.Beside = append(a.Beside, x)
		}
	}
	return a
}

// summoned are the called units, the user's own first, then in the order of the
// directory.
func (f *frame) summoned(x *cases.WhistleView, who map[string]string) []summonedLine {
	wh := x.Whistle
	ids := slices.SortedFunc(maps.Keys(wh.Units), func(a, b string) int {
		return cmp.Or(cmp.Compare(rankOf(b == x.Mine), rankOf(a == x.Mine)), cmp.Compare(a, b))
	})
	out := make([]summonedLine, len(ids))
	for i, id := range ids {
		s := wh.Units[id]
		l := summonedLine{Name: f.unit(id), Standing: f.T("standing." + s.State), Chip: standingChips[s.State], Who: who[id], Returned: s.Returned, Mine: id == x.Mine}
		switch {
		case s.Arrived != 0:
			l.When = f.Moment(micro(s.Arrived))
		case s.Acknowledged != 0:
			l.When = f.Moment(micro(s.Acknowledged))
		}
		if c, ok := wh.Clocks[cases.ClockAcknowledge+":"+id]; ok {
			l.Acknowledge = f.due(c)
		}
		if c, ok := wh.Clocks[cases.ClockArrive+":"+id]; ok {
			l.Arrive = f.due(c)
		}
		if s.Task != "" {
			l.Task, l.TaskAt = x.Tasks[id], f.T("task."+s.Task)
			if t, err := time.ParseInLocation(time.DateOnly, s.TaskBy, words.Zone()); err == nil {
				l.TaskBy = f.T("desk.stage.before", words.ShortDay(f.Lang, t))
			}
		}
		l.Scores = f.scores(s)
		out[i] = l
	}
	return out
}

func rankOf(b bool) int {
	if b {
		return 1
	}
	return 0
}

// scores are the mutual ratings of a street and a called unit.
func (f *frame) scores(s cases.Summoned) string {
	var parts []string
	if s.Score != 0 {
		parts = append(parts, f.T("desk.whistle.score.unit", s.Score))
	}
	if s.StreetScore != 0 {
		parts = append(parts, f.T("desk.whistle.score.street", s.StreetScore))
	}
	if s.Needed != "" {
		parts = append(parts, f.T("desk.whistle.needed."+s.Needed))
	}
	out := ""
	for i, p := range parts {
		if i > 0 {
			out += f.T("word.separator")
		}
		out += p
	}
	return out
}

func (f *frame) whistleFacts(wh *cases.Whistle) []ui.Pair {
	out := []ui.Pair{{Label: f.T("desk.whistle.street"), Value: ui.Text(f.unit(wh.Unit))},
		{Label: f.T("desk.whistle.kind"), Value: ui.Text(ui.OptionLabel(f.Lang, "whistle_draft", "kind", wh.Kind))}}
	if t, err := time.Parse(time.RFC3339, wh.MeetAt); err == nil {
		out = append(out, ui.Pair{Label: f.T("form.whistle_draft.meet_at"), Value: ui.Text(words.Exact(f.Lang, t))})
	}
	if wh.Where != "" {
		out = append(out, ui.Pair{Label: f.T("form.whistle_draft.meet_place"), Value: ui.Text(wh.Where)})
	}
	return out
}

// whistleKeys are the keys of the buttons beside the primary one, in their order.
var whistleKeys = [besideMost]string{"R", "D", "B", "T"}
