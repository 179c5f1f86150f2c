package api

import (
	"maps"
	"slices"
	"time"

	"weixiao/internal/cases"
	"weixiao/internal/words"
)

type (
	// Called is how one called unit stands.
	Called struct {
		Named
		State        string     `json:"state" enum:"called,acknowledged,arrived,declined,excused"`
		Acknowledged *time.Time `json:"acknowledged,omitempty"`
		Arrived      *time.Time `json:"arrived,omitempty"`
		Task         string     `json:"task,omitempty" enum:"open,done,confirmed"`
		TaskText     string     `json:"task_text,omitempty"`
		TaskBy       string     `json:"task_by,omitempty" doc:"date"`
		Returned     int        `json:"returned,omitempty"`
		Score        int        `json:"score,omitempty" doc:"the street's rating of the unit"`
		StreetScore  int        `json:"street_score,omitempty" doc:"the unit's rating of the street"`
		Needed       string     `json:"needed,omitempty" doc:"the unit's word on whether the whistle was needed"`
	}
	// Whistle is one call of a street: several units, one plan.
	Whistle struct {
		Number     string     `json:"number" example:"JYS20221123-7K3Q9"`
		Version    int64      `json:"version" doc:"number of acts; the ETag"`
		State      string     `json:"state"`
		StateLabel string     `json:"state_label"`
		Open       bool       `json:"open"`
		Unit       *Named     `json:"unit" doc:"the street that whistles"`
		Kind       string     `json:"kind" enum:"problem,enforcement,emergency"`
		Case       string     `json:"case,omitempty" doc:"number of the case it is about"`
		MeetAt     string     `json:"meet_at,omitempty"`
		MeetPlace  string     `json:"meet_place,omitempty"`
		Units      []Called   `json:"units"`
		Mine       string     `json:"mine,omitempty" doc:"called unit the caller speaks for"`
		Created    *time.Time `json:"created"`
		Changed    *time.Time `json:"changed"`
		Clocks     []Clock    `json:"clocks"`
		Actions    []Step     `json:"actions,omitempty" doc:"what the caller can do now; only with a single whistle"`
		Timeline   []Act      `json:"timeline,omitempty" doc:"oldest first; only with a single whistle"`
	}
)

func (d *door) whistleOf(lang words.Lang, w *cases.Whistle, tasks map[string]string) Whistle {
	out := Whistle{Number: w.Number, Version: w.Version, State: w.State, StateLabel: label(lang, w.State, "state.whistle."+w.State), Open: !w.Ended(), Unit: d.unitOf(lang, w.Unit),
		Kind: w.Kind, Case: w.Case, MeetAt: w.MeetAt, MeetPlace: w.Where, Units: []Called{}, Created: moment(w.Created), Changed: moment(w.Changed),
		Clocks: d.clocks(lang, w.Clocks, cases.WhistleTable.Clocks)}
	for _, id := range slices.Sorted(maps.Keys(w.Units)) {
		s := w.Units[id]
		out.Units = append(out.Units, Called{Named: *d.unitOf(lang, id), State: s.State, Acknowledged: moment(s.Acknowledged), Arrived: moment(s.Arrived), Task: s.Task,
			TaskText: tasks[id], TaskBy: s.TaskBy, Returned: s.Returned, Score: s.Score, StreetScore: s.StreetScore, Needed: s.Needed})
	}
	return out
}

// whistleView writes a whistle with its acts and what the caller can do.
func (d *door) whistleView(lang words.Lang, v *cases.WhistleView) Whistle {
	out := d.whistleOf(lang, v.Whistle, v.Tasks)
	out.Mine, out.Timeline = v.Mine, []Act{}
	for _, a := range v.Actions {
		out.Actions = append(out.Actions, d.step(lang, cases.WhistleTable.Kind, root+"/whistles/"+v.Whistle.Number, a))
	}
	for _, e := range v.Entries {
		out.Timeline = append(out.Timeline, d.act(lang, cases.WhistleTable.Kind, actEntry{seq: e.Seq, at: e.At, action: e.Action, state: e.State, unit: e.Actor.Unit,
			capacity: e.Actor.Capacity, account: e.Actor.Account, answers: e.Answers, texts: e.Texts}))
	}
	out.Timeline = d.withAlarms(lang, out.Timeline, v.Alarms)
	return out
}
