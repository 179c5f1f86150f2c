package approvals

import (
	"maps"
	"slices"
	"time"

	"weixiao/internal/pack"
	"weixiao/internal/record"
	"weixiao/internal/store"
)

func timeOf(us int64) time.Time { return time.UnixMicro(us) }

type itemStep = record.Step[Item, *Item]

// missing are the papers of an item that its file does not have, those without which nothing is accepted first.
func (s *Approvals) missing(f *File, it pack.ApprovalItem) (key, secondary []string) {
	for _, id := range it.Papers {
		if _, there := f.Papers[id]; there {
			continue
		}
		if p, _ := s.o.Rules.Paper(id); p.Class == "key" {
			key = append(key, id)
		} else {
			secondary = append(secondary, id)
		}
	}
	return key, secondary
}

// names of papers, in Chinese, for a refusal that says which.
func (s *Approvals) names(ids []string) (out string) {
	for i, id := range ids {
		if i > 0 {
			out += "、"
		}
		p, _ := s.o.Rules.Paper(id)
		out += p.ZH
	}
	return out
}

// ready checks what every acceptance needs: the stage's form, what must be granted before, the key papers.
func (s *Approvals) ready(st *itemStep) (f *File, it pack.ApprovalItem, secondary []string, err error) {
	x := st.X
	it, ok := s.o.Rules.Item(x.Code)
	if !ok {
		return nil, it, nil, record.Refuse("approval_item_gone")
	}
	if f, err = s.Files.Load(st.Tx, x.File); err != nil {
		return nil, it, nil, err
	}
	if _, there := f.Forms[x.Stage]; !there {
		return nil, it, nil, record.Refuse("approval_no_form")
	}
	list, err := s.itemsIn(st.Tx, x.File)
	if err != nil {
		return nil, it, nil, err
	}
	for _, need := range it.Needs {
		listed := slices.ContainsFunc(list, func(y *Item) bool { return y.Code == need && !y.dead() })
		granted := slices.ContainsFunc(list, func(y *Item) bool { return y.Code == need && y.Granted() })
		if n, _ := s.o.Rules.Item(need); listed && !granted {
			return nil, it, nil, record.Refuse("approval_needs", n.ZH)
		}
	}
	key, secondary := s.missing(f, it)
	if len(key) > 0 {
		return nil, it, nil, record.Refuse("approval_key_missing", s.names(key))
	}
	return f, it, secondary, nil
}

// begin notes the acceptance, and by which priority the item was put first.
func (s *Approvals) begin(st *itemStep) error {
	st.X.Accepted = st.At.UnixMicro()
	first, err := s.inForce(st.Tx, st.X.File, st.At)
	if err == nil && first != nil {
		st.X.Priority = first.ID
	}
	return err
}

func (s *Approvals) planAccept(st *itemStep) error {
	_, _, secondary, err := s.ready(st)
	if err != nil {
		return err
	}
	if len(secondary) > 0 {
		return record.Refuse("approval_papers_missing", s.names(secondary))
	}
	return s.begin(st)
}

// planAcceptShort accepts against a written promise that covers all that is missing.
func (s *Approvals) planAcceptShort(st *itemStep) error {
	_, _, secondary, err := s.ready(st)
	if err != nil {
		return err
	}
	if len(secondary) == 0 {
		return record.Refuse("approval_nothing_missing")
	}
	p, err := s.promiseOf(st.Tx, st.X, "papers", Offered)
	if err != nil {
		return err
	}
	if p == nil || slices.ContainsFunc(secondary, func(id string) bool { return !slices.Contains(p.Papers, id) }) {
		return record.Refuse("approval_promise_first", s.names(secondary))
	}
	if _, err := s.Promises.ActIn(st.Tx, st.Scope, p.ID, "take", record.Input{At: st.At}); err != nil {
		return err
	}
	return s.begin(st)
}

// stopped winds the clocks of an item by its stops: whole days, none longer than the law lets it be.
func (s *Approvals) stopped(st *itemStep) error {
	cal, err := s.o.Calendar(st.Tx)
	if err != nil {
		return err
	}
	var out [][2]int64
	for _, h := range holds(st.X.Events(), cal) {
		to := int64(0)
		if !h.To.IsZero() {
			to = h.To.UnixMicro()
		}
		out = append(out, [2]int64{h.From.UnixMicro(), to})
	}
	st.X.Clocks = maps.Clone(st.X.Clocks)
	for _, name := range []string{"promise", "legal"} {
		if k, ok := st.X.Clocks[name]; ok && k.Running() {
			k.Holds = out
			st.X.Clocks[name] = k
		}
	}
	return nil
}

func (x *Item) halt(why, longest string, at time.Time) {
	x.Stops = append(slices.Clone(x.Stops), Stop{Why: why, From: at.UnixMicro(), Max: longest})
}

func (x *Item) goOn(why string, at time.Time) {
	x.Stops = slices.Clone(x.Stops)
	for i := range x.Stops {
		if t := &x.Stops[i]; t.To == 0 && (t.Why == why) {
			t.To = at.UnixMicro()
		}
	}
}

func (s *Approvals) planAskSupplement(st *itemStep) error {
	st.X.Supplement++
	st.X.halt(Supplement, "", st.At)
	return s.stopped(st)
}

func (s *Approvals) planSupply(st *itemStep) error {
	st.To = Reviewing
	if st.X.Has(InSpecial) {
		st.To = Special
	}
	st.X.goOn(Supplement, st.At)
	return s.stopped(st)
}

func (s *Approvals) planBeginSpecial(st *itemStep) error {
	p, ok := s.o.Rules.Procedure(st.X.Procedure)
	if !ok {
		return record.Fault("procedure", "no_basis")
	}
	st.To = Special
	if st.X.Has(Correcting) {
		st.To = Supplemented
	}
	st.X.halt(p.ID, p.Limit, st.At)
	return s.stopped(st)
}

func (s *Approvals) planEndSpecial(st *itemStep) error {
	st.To = Reviewing
	if st.X.Has(Correcting) {
		st.To = Supplemented
	}
	st.X.goOn(st.X.Procedure, st.At)
	return s.stopped(st)
}

// planDecide: nothing is decided while a paper is missing, promised or not.
func (s *Approvals) planDecide(st *itemStep) error {
	f, err := s.Files.Load(st.Tx, st.X.File)
	if err != nil {
		return err
	}
	it, _ := s.o.Rules.Item(st.X.Code)
	key, secondary := s.missing(f, it)
	if missing := append(key, secondary...); len(missing) > 0 && st.X.Result == "granted" {
		return record.Refuse("approval_decide_missing", s.names(missing))
	}
	return s.decided(st)
}

func (s *Approvals) decided(st *itemStep) error {
	st.X.Decided = st.At.UnixMicro()
	return s.stopped(st)
}

// planDecideOnPromise grants on a written promise of facts; its check begins.
func (s *Approvals) planDecideOnPromise(st *itemStep) error {
	it, _ := s.o.Rules.Item(st.X.Code)
	if it.Check == "" {
		return record.Refuse("approval_no_promise")
	}
	p, err := s.promiseOf(st.Tx, st.X, "facts", Offered)
	if err != nil {
		return err
	}
	if p == nil {
		return record.Refuse("approval_facts_first")
	}
	if _, err := s.Promises.ActIn(st.Tx, st.Scope, p.ID, "take", record.Input{At: st.At}); err != nil {
		return err
	}
	st.X.Result = "granted"
	return s.decided(st)
}

// itemsIn are the items of a file, oldest first.
func (s *Approvals) itemsIn(tx *store.Tx, file string) (out []*Item, err error) {
	err = s.Items.Each(tx, record.Filter{Parent: file}, func(y *Item) error { out = append(out, y); return nil })
	slices.Reverse(out)
	return out, err
}
