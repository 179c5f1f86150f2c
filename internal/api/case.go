package api

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/cases"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/store"
	"weixiao/internal/vault"
	"weixiao/internal/words"
)

// zone is the one people of the district live in.
var zone = time.FixedZone("Asia/Shanghai", 8*3600)

// moment is µs UTC as programs read it; nil for "never".
func moment(us int64) *time.Time {
	if us == 0 {
		return nil
	}
	return new(time.UnixMicro(us).In(zone))
}

type (
	// Named is an id with the words for it.
	Named struct {
		ID   string `json:"id"`
		Name string `json:"name"`
	}
	// CasePlace is where something is.
	CasePlace struct {
		Text      string   `json:"text,omitempty"`
		Lon       *float64 `json:"lon,omitempty" doc:"CGCS2000, degrees"`
		Lat       *float64 `json:"lat,omitempty" doc:"CGCS2000, degrees"`
		Street    *Named   `json:"street,omitempty"`
		Community *Named   `json:"community,omitempty"`
		Grid      string   `json:"grid,omitempty"`
	}
	// Clock is one promise.
	Clock struct {
		Name        string     `json:"name"`
		Label       string     `json:"label"`
		Limit       string     `json:"limit" example:"5 workday"`
		Start       *time.Time `json:"start"`
		Due         *time.Time `json:"due,omitempty" doc:"absent while paused"`
		Stop        *time.Time `json:"stop,omitempty"`
		Paused      bool       `json:"paused,omitempty"`
		Met         bool       `json:"met,omitempty" doc:"stopped in time"`
		Overdue     bool       `json:"overdue,omitempty" doc:"still running past its due moment"`
		Provisional bool       `json:"provisional,omitempty" doc:"the year's holidays are not published yet"`
	}
	// Related is a unit that has to do with a case.
	Related struct {
		Named
		Relation string `json:"relation" enum:"lead,assist,called,former"`
	}
	// Masked is a person as lists may show it.
	Masked struct {
		Name    string `json:"name,omitempty"`
		Phone   string `json:"phone,omitempty"`
		Address string `json:"address,omitempty"`
	}
	// Act is one line of a timeline.
	Act struct {
		Seq      int64             `json:"seq" doc:"in the journal; for residents in their case"`
		At       time.Time         `json:"at"`
		Action   string            `json:"action"`
		Label    string            `json:"label"`
		State    string            `json:"state" doc:"state afterwards; empty for reminders and escalations, which change nothing"`
		Unit     *Named            `json:"unit,omitempty" doc:"unit of the actor; of a reminder or escalation the unit that was told"`
		Capacity string            `json:"capacity,omitempty" doc:"role in which it was done; residents see their own"`
		Account  string            `json:"account,omitempty"`
		Answers  map[string]any    `json:"answers,omitempty"`
		Texts    map[string]string `json:"texts,omitempty"`
		Photos   int               `json:"photos,omitempty"`
	}
	// Step is an action that is open to the caller.
	Step struct {
		Name   string      `json:"name"`
		Label  string      `json:"label"`
		Href   string      `json:"href" doc:"where to POST it"`
		Fields []FormField `json:"fields"`
	}
	// Case is a request.
	Case struct {
		Number      string     `json:"number" example:"JY20221123-7K3Q9"`
		Version     int64      `json:"version" doc:"number of acts; the ETag"`
		State       string     `json:"state"`
		StateLabel  string     `json:"state_label"`
		Open        bool       `json:"open"`
		Marks       []string   `json:"marks"`
		Channel     string     `json:"channel"`
		Kind        string     `json:"kind"`
		Matter      *Named     `json:"matter,omitempty"`
		Public      bool       `json:"public"`
		Title       string     `json:"title"`
		Description string     `json:"description" doc:"with personal data masked"`
		Place       CasePlace  `json:"place"`
		Unit        *Named     `json:"unit,omitempty" doc:"leads"`
		Holder      *Named     `json:"holder,omitempty" doc:"must act next"`
		Desk        string     `json:"desk,omitempty" enum:"dispatch,approve,callback" doc:"queue of the centre it waits in"`
		Assignee    string     `json:"assignee,omitempty"`
		Units       []Related  `json:"units,omitempty"`
		Profile     string     `json:"profile,omitempty"`
		Rule        string     `json:"rule,omitempty" doc:"duty rule that proposed the unit, or manual, designated"`
		Why         string     `json:"why,omitempty" doc:"why this unit"`
		Level       string     `json:"level,omitempty" doc:"of supervision"`
		Whistle     string     `json:"whistle,omitempty" doc:"number of the open whistle"`
		Parent      string     `json:"parent,omitempty" doc:"case it was merged into"`
		Photos      int        `json:"photos,omitempty"`
		Handbacks   int        `json:"handbacks,omitempty"`
		Reworks     int        `json:"reworks,omitempty"`
		Urges       int        `json:"urges,omitempty"`
		Merged      int        `json:"merged,omitempty" doc:"cases merged into this one"`
		Outcome     *Outcome   `json:"outcome,omitempty"`
		Created     *time.Time `json:"created"`
		Changed     *time.Time `json:"changed"`
		Replied     *time.Time `json:"replied,omitempty"`
		Closed      *time.Time `json:"closed,omitempty"`
		Clocks      []Clock    `json:"clocks"`
		Person      *Masked    `json:"person,omitempty" doc:"masked; only for staff, only with a single case"`
		Actions     []Step     `json:"actions,omitempty" doc:"what the caller can do now; only with a single case"`
		Timeline    []Act      `json:"timeline,omitempty" doc:"oldest first; only with a single case"`
	}
	// Outcome is what call-back or rating said.
	Outcome struct {
		Result    string `json:"result,omitempty"`
		By        string `json:"by,omitempty" enum:"callback,rating,unreachable"`
		Contacted bool   `json:"contacted,omitempty"`
		Solved    string `json:"solved,omitempty"`
		Satisfied string `json:"satisfied,omitempty"`
	}
)

// label is the first message that exists, or the last part of the last key.
func label(lang words.Lang, fallback string, keys ...string) string {
	for _, k := range keys {
		if words.Has(k) {
			return words.T(lang, k)
		}
	}
	return fallback
}

func (d *door) unitOf(lang words.Lang, id string) *Named {
	if id == "" {
		return nil
	}
	return &Named{id, d.UnitName(lang, id)}
}

// caseOf writes a case for staff.
func (d *door) caseOf(lang words.Lang, k *cases.Case) Case {
	out := Case{Number: k.Number, Version: k.Version, State: k.State, StateLabel: label(lang, k.State, "state.case."+k.State), Open: !k.Ended(),
		Marks: list(k.Marks), Channel: k.Channel, Kind: k.Kind, Public: k.Public, Title: k.Title, Description: k.Body, Unit: d.unitOf(lang, k.Unit),
		Holder: d.unitOf(lang, k.Holder), Desk: k.Desk, Assignee: k.Assignee, Profile: k.Profile, Rule: k.Rule, Why: k.Why, Level: k.Level,
		Whistle: k.Whistle, Parent: k.Parent, Photos: k.Photos, Handbacks: k.Counts.Handbacks, Reworks: k.Counts.Reworks, Urges: k.Counts.Urges, Merged: k.Counts.Merged,
		Created: moment(k.Created), Changed: moment(k.Changed), Replied: moment(k.Replied), Closed: moment(k.Closed), Clocks: d.clocks(lang, k.Clocks, cases.Table.Clocks)}
	out.Place = CasePlace{Text: k.Place.Text, Street: d.unitOf(lang, k.Place.Street), Community: d.unitOf(lang, k.Place.Community), Grid: k.Place.Grid}
	if k.Place.Located {
		out.Place.Lon, out.Place.Lat = new(k.Place.Lon), new(k.Place.Lat)
	}
	if k.Matter != "" {
		out.Matter = &Named{k.Matter, d.MatterName(lang, k.Matter)}
	}
	if k.Outcome != (cases.Outcome{}) {
		out.Outcome = &Outcome{k.Outcome.Result, k.Outcome.By, k.Outcome.Contacted, k.Outcome.Solved, k.Outcome.Satisfied}
	}
	for _, id := range slices.Sorted(maps.Keys(k.Units)) {
		out.Units = append(out.Units, Related{*d.unitOf(lang, id), k.Units[id]})
	}
	return out
}

// caseFor writes a case for whoever asks: residents see nothing of the inner works.
func (d *door) caseFor(lang words.Lang, who asker, k *cases.Case) Case {
	out := d.caseOf(lang, k)
	if who.resident {
		out.Holder, out.Desk, out.Assignee, out.Units, out.Profile, out.Rule, out.Level, out.Whistle, out.Parent = nil, "", "", nil, "", "", "", "", ""
		out.Handbacks, out.Reworks, out.Merged, out.Marks = 0, 0, 0, slices.DeleteFunc(out.Marks, func(m string) bool { return m != cases.Suspended && m != cases.Rated })
	}
	for _, a := range d.Cases.Open(who.Scope, k) {
		out.Actions = append(out.Actions, d.step(lang, cases.Table.Kind, root+"/cases/"+k.Number, a))
	}
	return out
}

func list[T any](s []T) []T { return append([]T{}, s...) }

// clocks lists the clocks in the order of names, those called name:unit behind it.
func (d *door) clocks(lang words.Lang, clocks map[string]cases.Clock, names []string) []Clock {
	order := func(name string) int { return slices.Index(names, plain(name)) }
	now, out := d.Clock().UnixMicro(), []Clock{}
	for _, name := range slices.SortedFunc(maps.Keys(clocks), func(a, b string) int {
		if x := order(a) - order(b); x != 0 {
			return x
		}
		if a < b {
			return -1
		}
		return 1
	}) {
		k := clocks[name]
		n := len(k.Pauses)
		out = append(out, Clock{Name: name, Label: label(lang, name, "clock."+plain(name)), Limit: k.Limit, Start: moment(k.Start), Due: moment(k.Due), Stop: moment(k.Stop),
			Paused: k.Running() && n > 0 && k.Pauses[n-1][1] == 0, Met: k.Met(), Overdue: k.Running() && k.Due > 0 && k.Due < now, Provisional: k.Provisional})
	}
	return out
}

// plain is a clock's name without the unit it runs for.
func plain(name string) string {
	for i := range name {
		if name[i] == ':' {
			return name[:i]
		}
	}
	return name
}

// step writes an action with its form.
func (d *door) step(lang words.Lang, kind, at string, a *flow.Action) Step {
	return Step{Name: a.Name, Label: label(lang, a.Name, "action."+kind+"."+a.Name), Href: at + "/acts/" + a.Name, Fields: fields(lang, a.Form)}
}

// act writes an act for staff.
func (d *door) act(lang words.Lang, kind string, e actEntry) Act {
	return Act{Seq: e.seq, At: time.UnixMicro(e.at).In(zone), Action: e.action, Label: label(lang, e.action, "did."+kind+"."+e.action, "action."+kind+"."+e.action), State: e.state,
		Unit: d.unitOf(lang, e.unit), Capacity: e.capacity, Account: e.account, Answers: e.answers, Texts: e.texts, Photos: e.photos}
}

// withAlarms puts reminders and escalations among the acts of a timeline; the unit
// is the one whose people were told.
func (d *door) withAlarms(lang words.Lang, acts []Act, alarms []cases.AlarmEntry) []Act {
	for _, a := range alarms {
		answers := form.Answers{"clock": a.Clock, "rung": a.Rung, "whom": string(a.Whom), "due": moment(a.Due), "planned": moment(a.Planned)}
		if a.Late {
			answers["late"] = true
		}
		acts = append(acts, d.act(lang, cases.AlarmKind, actEntry{seq: a.Seq, at: a.At, action: a.Action, unit: a.Unit, capacity: a.Actor.Capacity, answers: answers}))
	}
	slices.SortFunc(acts, func(a, b Act) int { return cmp.Compare(a.Seq, b.Seq) })
	return acts
}

// actEntry is what acts of cases and of whistles have in common.
type actEntry struct {
	seq, at                                int64
	action, state, unit, capacity, account string
	answers                                form.Answers
	texts                                  map[string]string
	photos                                 int
}

func caseEntry(e cases.Entry) actEntry {
	return actEntry{seq: e.Seq, at: e.At, action: e.Action, state: e.State, unit: e.Actor.Unit, capacity: e.Actor.Capacity, account: e.Actor.Account,
		answers: e.Answers, texts: e.Texts, photos: e.Photos}
}

// told writes an act as the resident is told of it; false when it is not told. The
// journal's number would tell how much goes on, so it is the place in the list.
func (d *door) told(lang words.Lang, e *cases.Entry, place int) (Act, bool) {
	t, ok := cases.Tell(e)
	if !ok {
		return Act{}, false
	}
	entry := caseEntry(*e)
	entry.seq, entry.account, entry.answers, entry.texts = int64(place), "", t.Answers, t.Texts
	if !t.Mine {
		entry.capacity = ""
	}
	out := d.act(lang, cases.Table.Kind, entry)
	out.Label = words.T(lang, "tell."+t.Story, d.UnitName(lang, t.Unit))
	return out, true
}

// mask is the masked form of the person of a case; nil for the nameless.
func (d *door) mask(ctx context.Context, who asker, person string) (*Masked, error) {
	if person == "" || who.resident || !who.Can(staff()...) {
		return nil, nil
	}
	found, err := store.Get(ctx, d.DB, func(tx *store.Tx) (map[string]vault.Masked, error) {
		return vault.Masks(tx, who.District(), []string{person})
	})
	m := found[person]
	if err != nil || (m.Name == "" && m.Phone == "" && m.Address == "") {
		return nil, err
	}
	return &Masked{m.Name, m.Phone, m.Address}, nil
}

// staff are the roles that see masked persons: everybody with an account who
// reaches cases.
func staff() []string {
	var out []string
	for _, r := range access.Roles() {
		if !r.Pseudo && r.Reach != access.ReachNothing {
			out = append(out, r.Name)
		}
	}
	return out
}
