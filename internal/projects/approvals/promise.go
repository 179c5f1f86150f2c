package approvals

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/record"
	"weixiao/internal/store"
	"weixiao/internal/worktime"
)

// States of a promise.
const (
	Offered = "offered" // the firm signed it
	Running = "running" // the unit relied on it: a day is set
	Kept    = "kept"
	Void    = "void" // not kept, or false
)

// Promise is what a firm promises in writing instead of papers: that they come by a day (容缺受理), or that facts are so
// (告知承诺), which is looked at afterwards.
type Promise struct {
	record.Head
	Item   string   `json:"item"`
	File   string   `json:"file"`
	Firm   string   `json:"firm"`
	Stage  string   `json:"stage"`
	Unit   string   `json:"unit"`
	Title  string   `json:"title"`
	Kind   string   `json:"kind"` // papers, facts
	Papers []string `json:"which_papers,omitempty"`
	Due    string   `json:"due,omitempty"` // 2006-01-02: by when the papers come
	Days   int      `json:"days,omitempty"`
	Check  string   `json:"check,omitempty"` // within how long facts are looked at
}

// PromiseTable is the way of a promise.
var PromiseTable = flow.Table{
	Kind:   "approval_promise",
	States: []flow.State{{Name: Offered, Chip: "new"}, {Name: Running, Chip: "doing"}, {Name: Kept, Chip: "done", End: true}, {Name: Void, Chip: "closed", End: true}, {Name: Withdrawn, Chip: "closed", End: true}},
	Clocks: []string{"keep"},
	Actions: []flow.Action{
		{Name: "offer", To: Offered, Who: theFirm, Form: form.Form{Name: "promise_offer", Fields: []form.Field{
			{Name: "kind", Type: form.Choice, Required: true, Options: form.Options("papers", "facts")},
			{Name: "which_papers", Type: form.Multi, Required: true, Max: 20, When: "kind", Values: []string{"papers"}},
			{Name: "due", Type: form.Date, Required: true, When: "kind", Values: []string{"papers"}},
			{Name: "promise", Type: form.Text, Required: true, Max: 1000}}}},
		{Name: "take", From: []string{Offered}, To: Running, Start: []string{"keep"}, Who: reviewers, Form: form.Form{Name: "promise_take"}},
		{Name: "keep", From: []string{Running}, To: Kept, Who: append(slices.Clone(system), theFirm...), Form: form.Form{Name: "promise_keep"}},
		{Name: "confirm", From: []string{Running}, To: Kept, Who: reviewers, Form: form.Form{Name: "promise_confirm", Fields: []form.Field{{Name: "found", Type: form.Text, Required: true, Max: 500}}}},
		{Name: "refute", From: []string{Running}, To: Void, Who: reviewers, Form: form.Form{Name: "promise_refute", Fields: []form.Field{{Name: "found", Type: form.Text, Required: true, Max: 500}}}},
		{Name: "lapse", From: []string{Running}, To: Void, Who: append(slices.Clone(system), reviewers...), Form: form.Form{Name: "promise_lapse"}},
		{Name: "take_back", From: []string{Offered}, To: Withdrawn, Who: theFirm, Form: form.Form{Name: "promise_take_back"}},
	},
}

type promiseStep = record.Step[Promise, *Promise]

func (s *Approvals) promiseKind() record.Kind[Promise, *Promise] {
	return record.Kind[Promise, *Promise]{
		Table: &PromiseTable, Letters: "SC",
		Keys: func(x *Promise) record.Keys {
			return record.Keys{Unit: x.Unit, Parent: x.Item, Of: x.Firm, Tag: x.Kind, Title: x.Title}
		},
		Sees: func(sc access.Scope, x *Promise) bool { return sees(sc, x.Firm) },
		Relations: func(tx *store.Tx, sc access.Scope, x *Promise) ([]string, error) {
			return s.about(tx, sc, x.Firm, x.File, x.Stage, x.Unit)
		},
		Options: func(tx *store.Tx, _ access.Scope, x *Promise, _, field string) ([]form.Option, bool, error) {
			if field != "which_papers" {
				return nil, false, nil
			}
			if x.Item == "" { // a form before it is known which item it is about
				var all []string
				for _, p := range s.o.Rules.Papers {
					if p.Class == "secondary" {
						all = append(all, p.ID)
					}
				}
				return form.Options(all...), true, nil
			}
			y, err := s.Items.Load(tx, x.Item)
			if err != nil {
				return nil, false, err
			}
			it, _ := s.o.Rules.Item(y.Code)
			return form.Options(it.Papers...), true, nil
		},
		Limit: func(x *Promise, _ string) (worktime.Limit, string) {
			if x.Kind == "facts" {
				return inDays(limit(x.Check)), ""
			}
			return worktime.Limit{N: x.Days, Unit: worktime.Day, Start: worktime.NextDay}, ""
		},
		Plans: map[string]func(*promiseStep) error{"offer": s.planOffer, "take": s.planTake, "keep": s.planKeep, "confirm": s.planConfirm, "refute": s.planRefute, "lapse": s.planLapse},
	}
}

// Offer writes a promise of a firm about one of its items.
func (s *Approvals) Offer(ctx context.Context, sc access.Scope, item string, in record.Input) (x *Promise, err error) {
	err = s.db.Write(ctx, func(tx *store.Tx) error {
		x, err = s.OfferIn(tx, sc, item, in)
		return err
	})
	return x, err
}

// OfferIn is Offer in a transaction.
func (s *Approvals) OfferIn(tx *store.Tx, sc access.Scope, item string, in record.Input) (*Promise, error) {
	y, err := s.Items.Get(tx, sc, item)
	if err != nil {
		return nil, err
	}
	it, _ := s.o.Rules.Item(y.Code)
	return s.Promises.OpenIn(tx, sc, "offer", in, func(x *Promise) {
		x.Item, x.File, x.Firm, x.Stage, x.Unit, x.Title, x.Check = y.ID, y.File, y.Firm, y.Stage, y.Unit, it.ZH+"（"+y.Name+"）", it.Check
	})
}

func day(t time.Time) string { return t.In(worktime.Zone).Format(time.DateOnly) }

// days from the day of a moment to a day; 0 or less: it is past.
func daysTo(at time.Time, due string) int {
	to, err := time.ParseInLocation(time.DateOnly, due, worktime.Zone)
	if err != nil {
		return 0
	}
	from, _ := time.ParseInLocation(time.DateOnly, day(at), worktime.Zone)
	return int(to.Sub(from).Hours() / 24)
}

func (s *Approvals) planOffer(st *promiseStep) error {
	x := st.X
	y, err := s.Items.Load(st.Tx, x.Item)
	if err != nil {
		return err
	}
	if before, err := s.promiseOf(st.Tx, y, x.Kind, Offered); err != nil || before != nil {
		if err == nil {
			err = record.Refuse("promise_twice")
		}
		return err
	}
	if x.Kind == "facts" {
		if x.Check == "" {
			return record.Refuse("approval_no_promise")
		}
		if y.Decided != 0 || y.ended() {
			return record.Refuse("promise_late")
		}
		return nil
	}
	if !slices.Contains(unstarted, y.State) {
		return record.Refuse("promise_late")
	}
	for _, id := range x.Papers {
		if p, _ := s.o.Rules.Paper(id); p.Class == "key" {
			return record.Refuse("promise_key", p.ZH)
		}
	}
	if n := daysTo(st.At, x.Due); n < 1 || n > s.o.Rules.Shortfall {
		return record.Fault("due", "promise_due")
	}
	return nil
}

func (s *Approvals) planTake(st *promiseStep) error {
	if st.X.Kind != "papers" {
		return nil
	}
	if st.X.Days = daysTo(st.At, st.X.Due); st.X.Days < 1 {
		return record.Refuse("promise_past")
	}
	return nil
}

// planKeep: papers that were promised are there; of facts somebody must look.
func (s *Approvals) planKeep(st *promiseStep) error {
	f, err := s.Files.Load(st.Tx, st.X.File)
	if err != nil {
		return err
	}
	if st.Input.With != nil {
		f = st.Input.With.(*File) // as the act that brings the papers leaves it
	}
	if st.X.Kind != "papers" || slices.ContainsFunc(st.X.Papers, func(id string) bool { _, ok := f.Papers[id]; return !ok }) {
		return record.Refuse("promise_unkept")
	}
	return nil
}

func (s *Approvals) planConfirm(st *promiseStep) error {
	if st.X.Kind != "facts" {
		return record.Refuse("promise_papers")
	}
	return nil
}

// planRefute: what was granted on a false promise is taken back.
func (s *Approvals) planRefute(st *promiseStep) error {
	if st.X.Kind != "facts" {
		return record.Refuse("promise_papers")
	}
	return s.undo(st, st.Texts["found"])
}

// planLapse: the day passed, the papers did not come.
func (s *Approvals) planLapse(st *promiseStep) error {
	k, ok := st.X.Clocks["keep"]
	if !ok || st.X.Kind != "papers" {
		return record.Refuse("promise_papers")
	}
	cal, err := s.o.Calendar(st.Tx)
	if err != nil {
		return err
	}
	w, err := k.Timing()
	if err != nil {
		return err
	}
	if due := cal.Deadline(w).At; !st.At.After(due) {
		return record.Refuse("promise_not_due")
	}
	return s.undo(st, "承诺后补的材料到期没有补齐")
}

// undo takes back what rests on a promise: the acceptance, or what was granted.
func (s *Approvals) undo(st *promiseStep, why string) error {
	y, err := s.Items.Load(st.Tx, st.X.Item)
	if err != nil {
		return err
	}
	action := ""
	switch {
	case slices.Contains(running, y.State):
		action = "void"
	case y.Granted():
		action = "revoke"
	default:
		return nil
	}
	sc := access.SystemScope(st.Scope.District(), "what rests on a promise that was not kept or false")
	_, err = s.Items.ActIn(st.Tx, sc, y.ID, action, record.Input{At: st.At, Raw: record.Raw("reason", why)})
	return err
}

// promiseOf is the promise of an item of a kind in a state, or nil.
func (s *Approvals) promiseOf(tx *store.Tx, y *Item, kind, state string) (found *Promise, err error) {
	err = s.Promises.Each(tx, record.Filter{Parent: y.ID}, func(x *Promise) error {
		if x.Kind == kind && x.State == state {
			found = x
		}
		return nil
	})
	return found, err
}

// keepPromises closes the promises of papers that a file now has.
func (s *Approvals) keepPromises(tx *store.Tx, district string, f *File, at time.Time) error {
	items, err := s.itemsIn(tx, f.ID)
	if err != nil {
		return err
	}
	sc := access.SystemScope(district, "a promise is kept when its papers are there")
	for _, y := range items {
		x, err := s.promiseOf(tx, y, "papers", Running)
		if err != nil {
			return err
		}
		if x == nil || slices.ContainsFunc(x.Papers, func(id string) bool { _, ok := f.Papers[id]; return !ok }) {
			continue
		}
		if _, err := s.Promises.ActIn(tx, sc, x.ID, "keep", record.Input{At: at, With: f}); err != nil {
			return err
		}
	}
	return nil
}

// Lapse voids every promise of papers whose day has passed, with what rests on it, and returns how many. It may be called
// as often as one likes, by several nodes.
func (s *Approvals) Lapse(ctx context.Context, district string) (n int, err error) {
	now := s.o.Clock()
	var late []string
	if err := s.db.Read(ctx, func(tx *store.Tx) error {
		late = nil
		return s.Promises.Each(tx, record.Filter{State: Running, Tag: "papers"}, func(x *Promise) error {
			if daysTo(now, x.Due) < 0 {
				late = append(late, x.ID)
			}
			return nil
		})
	}); err != nil {
		return 0, err
	}
	sc := access.SystemScope(district, "promises whose day has passed")
	for _, id := range late {
		if _, err := s.Promises.Act(ctx, sc, id, "lapse", record.Input{}); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

// Run voids promises whose day has passed, until ctx ends.
func (s *Approvals) Run(ctx context.Context, district string, log *slog.Logger) {
	t := time.NewTicker(time.Minute)
	defer t.Stop()
	for {
		if _, err := s.Lapse(ctx, district); err != nil && ctx.Err() == nil {
			log.Warn("approvals: promises were not looked at, trying again", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
	}
}
