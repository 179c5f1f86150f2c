package approvals

import (
	"context"
	"errors"
	"slices"

	"weixiao/internal/access"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/journal"
	"weixiao/internal/record"
	"weixiao/internal/store"
	"weixiao/internal/worktime"
)

// States of an item (DOMAIN 5.1).
const (
	NotStarted   = "not_started"
	PreReview    = "pre_review"
	Accepted     = "accepted"
	Supplemented = "supplement" // the firm corrects: once
	Reviewing    = "reviewing"
	Special      = "special" // a procedure of the law stops the clock
	Decided      = "decided"
	Delivered    = "delivered"
	Voided       = "voided"  // accepted on a promise of papers that was not kept
	Revoked      = "revoked" // granted on a promise that was false or not kept
)

// Marks of an item.
const (
	Corrected  = "corrected"  // the one correction was asked for
	Correcting = "correcting" // and is open
	InSpecial  = "in_special"
	Short      = "short"      // accepted with secondary papers missing (容缺)
	OnPromise  = "on_promise" // decided on a promise of facts (告知承诺)
)

// Item is one approval of a file.
type Item struct {
	record.Head
	File       string `json:"file"`
	Project    string `json:"project"`
	Name       string `json:"name"` // of the project
	Firm       string `json:"firm"` // code
	Code       string `json:"code"` // of the pack's item
	Stage      string `json:"stage"`
	Unit       string `json:"unit"`
	Promised   int64  `json:"promised"` // working days
	Legal      int64  `json:"legal"`    // working days
	MadeUp     bool   `json:"made_up,omitempty"`
	Accepted   int64  `json:"accepted,omitempty"` // µs UTC
	Decided    int64  `json:"decided,omitempty"`  // µs UTC
	Result     string `json:"result,omitempty"`   // granted, refused
	Document   string `json:"document,omitempty"` // its number
	Procedure  string `json:"procedure,omitempty"`
	Stops      []Stop `json:"stops,omitempty"`
	Priority   string `json:"priority,omitempty"`   // by which it was put first when it was accepted
	Supplement int    `json:"supplement,omitempty"` // rounds of correction
}

// ended reports whether nothing is left to do.
func (x *Item) ended() bool { st, ok := ItemTable.State(x.State); return !ok || st.End }

// dead reports whether the item came to nothing: it may be listed again.
func (x *Item) dead() bool {
	return x.State == Withdrawn || x.State == Voided || x.State == Revoked || x.Result == "refused"
}

// Granted reports whether the item stands granted.
func (x *Item) Granted() bool {
	return x.Result == "granted" && (x.State == Decided || x.State == Delivered)
}

// Events is the course of the item as its stops tell it; EventsOf(acts) tells the same.
func (x *Item) Events() (out []Event) {
	add := func(at int64, e Event) {
		if at != 0 {
			e.At = timeOf(at)
			out = append(out, e)
		}
	}
	add(x.Accepted, Event{What: Accept})
	for _, t := range x.Stops {
		add(t.From, Event{What: Halt, Why: t.Why, Max: limit(t.Max)})
		add(t.To, Event{What: Go, Why: t.Why})
	}
	add(x.Decided, Event{What: Decide})
	slices.SortStableFunc(out, func(a, b Event) int { return a.At.Compare(b.At) })
	return out
}

func itemAfter(a journal.Act) (*Item, error) { return record.After[Item](a) }

var (
	unstarted = []string{NotStarted, PreReview}
	running   = []string{Accepted, Supplemented, Reviewing, Special}
)

// ItemTable is the way of an item.
var ItemTable = flow.Table{
	Kind: "approval_item",
	States: []flow.State{{Name: NotStarted, Chip: "new"}, {Name: PreReview, Chip: "sign"}, {Name: Accepted, Chip: "doing"}, {Name: Supplemented, Chip: "hold"}, {Name: Reviewing, Chip: "doing"},
		{Name: Special, Chip: "hold"}, {Name: Decided, Chip: "visit"}, {Name: Delivered, Chip: "done", End: true}, {Name: Voided, Chip: "closed", End: true}, {Name: Revoked, Chip: "closed", End: true},
		{Name: Withdrawn, Chip: "closed", End: true}},
	Marks:  []string{Corrected, Correcting, InSpecial, Short, OnPromise},
	Clocks: []string{"promise", "legal", "supply", "special"},
	Actions: []flow.Action{
		{Name: "list", To: NotStarted, Who: append(system, planners...), Form: form.Form{Name: "approval_list"}},
		{Name: "pre_review", From: []string{NotStarted}, To: PreReview, Who: append(reviewers, planners...), Form: form.Form{Name: "approval_pre_review", Fields: []form.Field{note}}},
		{Name: "accept", From: unstarted, To: Accepted, Start: []string{"promise", "legal"}, Who: reviewers, Form: form.Form{Name: "approval_accept"}},
		{Name: "accept_short", From: unstarted, To: Accepted, Sets: []string{Short}, Start: []string{"promise", "legal"}, Who: reviewers, Form: form.Form{Name: "approval_accept_short"}},
		{Name: "review", From: []string{Accepted}, To: Reviewing, Who: reviewers, Form: form.Form{Name: "approval_review"}},
		// The clocks stand still by the days of stops (see stopped); nothing frees them but the end of the last stop.
		{Name: "ask_supplement", From: []string{Accepted, Reviewing, Special}, To: Supplemented, Bars: []string{Corrected}, Sets: []string{Corrected, Correcting}, Start: []string{"supply"}, Who: reviewers,
			Form: form.Form{Name: "approval_supplement", Fields: []form.Field{{Name: "which_papers", Type: form.Multi, Required: true, Max: 20}, {Name: "what", Type: form.Text, Required: true, Max: 500}}}},
		{Name: "supply", From: []string{Supplemented}, Needs: []string{Correcting}, Drops: []string{Correcting}, Decides: []string{Reviewing, Special}, Stop: []string{"supply"}, Who: theFirm,
			Form: form.Form{Name: "approval_supply", Fields: []form.Field{note}}},
		{Name: "begin_special", From: []string{Accepted, Reviewing, Supplemented}, Bars: []string{InSpecial}, Sets: []string{InSpecial}, Decides: []string{Special, Supplemented}, Start: []string{"special"}, Who: reviewers,
			Form: form.Form{Name: "approval_special", Fields: []form.Field{{Name: "procedure", Type: form.Choice, Required: true}, note}}},
		{Name: "end_special", From: []string{Special, Supplemented}, Needs: []string{InSpecial}, Drops: []string{InSpecial}, Decides: []string{Reviewing, Supplemented}, Stop: []string{"special"}, Who: reviewers,
			Form: form.Form{Name: "approval_special_end", Fields: []form.Field{{Name: "outcome", Type: form.Text, Required: true, Max: 500}}}},
		{Name: "decide", From: []string{Reviewing}, To: Decided, Stop: []string{"promise", "legal"}, Who: reviewers, Form: form.Form{Name: "approval_decide", Fields: []form.Field{
			{Name: "result", Type: form.Choice, Required: true, Options: form.Options("granted", "refused")},
			{Name: "document", Type: form.Line, Max: 40, When: "result", Values: []string{"granted"}},
			{Name: "why", Type: form.Text, Required: true, Max: 500, When: "result", Values: []string{"refused"}}}}},
		{Name: "decide_on_promise", From: []string{Accepted, Reviewing}, To: Decided, Sets: []string{OnPromise}, Stop: []string{"promise", "legal"}, Who: reviewers,
			Form: form.Form{Name: "approval_decide_promise", Fields: []form.Field{{Name: "document", Type: form.Line, Max: 40}}}},
		{Name: "deliver", From: []string{Decided}, To: Delivered, Who: append(theHall, reviewers...), Form: form.Form{Name: "approval_deliver", Fields: []form.Field{note}}},
		{Name: "void", From: running, To: Voided, Who: system, Form: form.Form{Name: "approval_void", Fields: []form.Field{reason}}},
		{Name: "revoke", From: []string{Decided, Delivered}, To: Revoked, Who: system, Form: form.Form{Name: "approval_revoke", Fields: []form.Field{reason}}},
		{Name: "withdraw", From: append(slices.Clone(unstarted), running...), To: Withdrawn, Who: theFirm, Form: form.Form{Name: "approval_item_withdraw", Fields: []form.Field{reason}}},
	},
}

func (s *Approvals) itemKind() record.Kind[Item, *Item] {
	return record.Kind[Item, *Item]{
		Table: &ItemTable, Letters: "SX",
		Keys: func(x *Item) record.Keys {
			it, _ := s.o.Rules.Item(x.Code)
			return record.Keys{Unit: x.Unit, Parent: x.File, Of: x.Firm, Tag: x.Stage, Title: it.ZH + "（" + x.Name + "）"}
		},
		Sees: func(sc access.Scope, x *Item) bool { return sees(sc, x.Firm) },
		Relations: func(tx *store.Tx, sc access.Scope, x *Item) ([]string, error) {
			return s.about(tx, sc, x.Firm, x.File, x.Stage, x.Unit)
		},
		Options: s.itemOptions,
		Limit:   s.itemLimit,
		Quiet:   []string{"legal"},
		Plans: map[string]func(*record.Step[Item, *Item]) error{
			"list": func(st *itemStep) error {
				if st.X.File == "" { // items are listed by their file's plan alone
					return record.Refuse("approval_stage_unplanned")
				}
				return nil
			},
			"accept": s.planAccept, "accept_short": s.planAcceptShort, "ask_supplement": s.planAskSupplement, "supply": s.planSupply,
			"begin_special": s.planBeginSpecial, "end_special": s.planEndSpecial, "decide": s.planDecide, "decide_on_promise": s.planDecideOnPromise,
		},
	}
}

func (s *Approvals) itemOptions(_ *store.Tx, _ access.Scope, x *Item, _, field string) ([]form.Option, bool, error) {
	it, _ := s.o.Rules.Item(x.Code)
	switch field {
	case "procedure":
		return form.Options(it.Special...), true, nil
	case "which_papers":
		return form.Options(it.Papers...), true, nil
	}
	return nil, false, nil
}

// itemLimit: licences are counted by the district's calendar, from the day after.
func (s *Approvals) itemLimit(x *Item, clock string) (worktime.Limit, string) {
	switch clock {
	case "promise":
		return workdays(x.Promised), ""
	case "legal":
		return workdays(x.Legal), ""
	case "supply":
		return inDays(limit(s.o.Rules.Supply)), ""
	}
	p, _ := s.o.Rules.Procedure(x.Procedure)
	return inDays(limit(p.Limit)), ""
}

// Act does an action to an item. What the table refuses in a state is put into words where there is more to say.
func (s *Approvals) Act(ctx context.Context, sc access.Scope, id, action string, in record.Input) (x *Item, err error) {
	err = s.db.Write(ctx, func(tx *store.Tx) error {
		x, err = s.ActIn(tx, sc, id, action, in)
		return err
	})
	return x, err
}

// ActIn is Act in a transaction.
func (s *Approvals) ActIn(tx *store.Tx, sc access.Scope, id, action string, in record.Input) (*Item, error) {
	x, err := s.Items.ActIn(tx, sc, id, action, in)
	if err == nil {
		return x, nil
	}
	if errors.Is(err, flow.ErrForbidden) || errors.Is(err, store.ErrNotFound) {
		return nil, err
	}
	was, lerr := s.Items.Load(tx, id)
	if lerr != nil {
		return nil, err
	}
	switch action {
	case "ask_supplement":
		err = say(err, "approval_corrected", was.Has(Corrected))
	case "begin_special":
		err = say(err, "approval_in_special", was.Has(InSpecial))
		it, _ := s.o.Rules.Item(was.Code)
		if p := in.Raw.Get("procedure"); p != "" && !slices.Contains(it.Special, p) {
			err = record.Fault("procedure", "no_basis")
		}
	}
	return nil, err
}
