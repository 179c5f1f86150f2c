package api

import (
	"time"

	"weixiao/internal/cases"
	"weixiao/internal/words"
)

// Order is one demand of supervision about a case.
type Order struct {
	Number     string     `json:"number" example:"JYD20221123-7K3Q9"`
	Version    int64      `json:"version" doc:"number of acts; the ETag"`
	State      string     `json:"state"`
	StateLabel string     `json:"state_label"`
	Open       bool       `json:"open"`
	Kind       string     `json:"kind" enum:"letter,instruction,listing"`
	Level      string     `json:"level,omitempty" doc:"of a letter: 1, 2 or 3"`
	Case       string     `json:"case" doc:"number of the case it is about"`
	Unit       *Named     `json:"unit" doc:"owes the answer"`
	Leader     *Named     `json:"leader,omitempty" doc:"post of the leader whose instruction it is, or who is responsible for the listing"`
	Subject    string     `json:"subject,omitempty" doc:"of a listing, for everybody who works in the district"`
	By         string     `json:"by,omitempty" doc:"of a listing: date by which it must be solved"`
	Returned   int        `json:"returned,omitempty" doc:"how often an answer was sent back"`
	Sealed     bool       `json:"sealed,omitempty" doc:"its words are for others: the timeline has none"`
	Created    *time.Time `json:"created"`
	Changed    *time.Time `json:"changed"`
	Clocks     []Clock    `json:"clocks"`
	Actions    []Step     `json:"actions,omitempty" doc:"what the caller can do now; only with a single order"`
	Timeline   []Act      `json:"timeline,omitempty" doc:"oldest first; only with a single order"`
}

func (d *door) orderOf(lang words.Lang, o *cases.Order) Order {
	out := Order{Number: o.Number, Version: o.Version, State: o.State, StateLabel: label(lang, o.State, "state.order."+o.State), Open: !o.Ended(), Kind: o.Kind, Level: o.Level,
		Case: o.Case, Unit: d.unitOf(lang, o.Unit), Subject: o.Subject, By: o.By, Returned: o.Returned, Created: moment(o.Created), Changed: moment(o.Changed),
		Clocks: d.clocks(lang, o.Clocks, cases.OrderTable.Clocks)}
	if p, ok := d.Pack.Directory.Post(o.Leader); ok {
		out.Leader = &Named{p.ID, p.Title}
		if lang == words.EN {
			out.Leader.Name = p.English
		}
	}
	return out
}

// orderView writes an order with its acts and what the caller can do.
func (d *door) orderView(lang words.Lang, v *cases.OrderView) Order {
	out := d.orderOf(lang, v.Order)
	out.Sealed, out.Timeline = !v.Concerned, []Act{}
	for _, a := range v.Actions {
		out.Actions = append(out.Actions, d.step(lang, cases.OrderTable.Kind, root+"/orders/"+v.Order.Number, a))
	}
	for _, e := range v.Entries {
		out.Timeline = append(out.Timeline, d.act(lang, cases.OrderTable.Kind, actEntry{seq: e.Seq, at: e.At, action: e.Action, state: e.State, unit: e.Actor.Unit,
			capacity: e.Actor.Capacity, account: e.Actor.Account, answers: e.Answers, texts: e.Texts}))
	}
	return out
}
