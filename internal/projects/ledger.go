package projects

import (
	"context"
	"slices"
	"strings"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/flow"
	"weixiao/internal/pack"
	"weixiao/internal/record"
	"weixiao/internal/store"
	"weixiao/internal/worktime"
)

// Why a project does not count, though it is signed.
const (
	NotSigned = "not_signed"
	Class     = "class"     // a framework or an intent: shown apart
	Below     = "below"     // the threshold
	Undecided = "undecided" // may be the same as another one
	Decided   = "decided"   // somebody decided that it does not count
	Gone      = "gone"      // ended
)

// Line is a project as the ledger counts it.
type Line struct {
	*Project
	Arrived   int64  // fen, confirmed
	Completed int64  // fen of fixed investment, confirmed
	Counts    bool   // it is one of the signed
	Why       string // why not
	Light     string
}

// lines are all projects as the ledger counts them at a moment, newest first.
func (s *Projects) lines(tx *store.Tx, now time.Time) ([]*Line, error) {
	arrived, err := s.sums(tx, "arrived")
	if err != nil {
		return nil, err
	}
	completed, err := s.sums(tx, "completed")
	if err != nil {
		return nil, err
	}
	var out []*Line
	err = s.Books.Project.Each(tx, record.Filter{}, func(x *Project) error {
		out = append(out, &Line{Project: x, Arrived: arrived[x.ID], Completed: completed[x.ID], Light: x.Light(now, s.o.Rules.Warn)})
		return nil
	})
	s.count(out)
	return out, err
}

func (s *Projects) sums(tx *store.Tx, measure string) (map[string]int64, error) {
	list, err := s.Books.Money.SumBy(tx, "parent", record.Filter{Tag: measure, State: "confirmed"})
	out := map[string]int64{}
	for _, x := range list {
		out[x.Key] = x.Amount
	}
	return out, err
}

// count says of each what counts. What may be the same as an earlier one is found here once more, whatever was noted when
// it was entered: a later correction may have made two alike.
func (s *Projects) count(list []*Line) {
	suspect := s.suspects(list)
	threshold := pack.Fen(s.o.Rules.Threshold)
	for _, x := range list {
		switch {
		case x.Reached[Signed] == "":
			x.Why = NotSigned
		case x.Counted == "no":
			x.Why = Decided
		case x.State == Ended:
			x.Why = Gone
		case !slices.Contains(s.o.Rules.Signed, x.Class):
			x.Why = Class
		case x.Investment < threshold:
			x.Why = Below
		case x.Counted == "" && suspect[x.ID]:
			x.Why = Undecided
		}
		x.Counts = x.Why == ""
	}
}

// suspects are those that may be the same as one entered before them, and of which nobody decided yet.
func (s *Projects) suspects(list []*Line) map[string]bool {
	out := map[string]bool{}
	byOwner, byName := map[string][]*Line{}, map[string]*Line{}
	for _, x := range slices.Backward(list) { // the oldest first
		if x.Counted == "no" {
			continue
		}
		for _, o := range byOwner[x.owner()] {
			out[x.ID] = out[x.ID] || s.alike(x.Project, o.Project) != ""
		}
		byOwner[x.owner()] = append(byOwner[x.owner()], x)
		k := key(x.Name)
		for _, form := range neighbours(k) {
			if o := byName[form]; o != nil && close1(k, key(o.Name)) {
				out[x.ID] = true
			}
		}
		for _, form := range neighbours(k) {
			if byName[form] == nil {
				byName[form] = x
			}
		}
	}
	return out
}

// neighbours are a name and what is left of it without one of its characters: two names that differ by one share one.
func neighbours(k []rune) []string {
	out := []string{string(k)}
	for i := range k {
		if len(k) >= 4 {
			out = append(out, string(k[:i])+string(k[i+1:]))
		}
	}
	return out
}

// Period is from one day to another, both counted.
type Period struct{ From, To string }

// In reports whether a day lies in the period; "" does not.
func (p Period) In(day string) bool {
	return day != "" && day >= p.From && (p.To == "" || day <= p.To)
}

// Figure is one figure of the ledger. Of is what it is a share of, 0 for a figure that is no share.
type Figure struct {
	Key        string
	N          int
	Amount     int64 // fen; 0 where an amount makes no sense
	Of         int
	OfAmount   int64
	ByAmount   bool // the share is one of amounts, not of numbers
	HasAmounts bool
}

// Share is the figure in tenths of a percent of what it is a share of, -1 without one.
func (f Figure) Share() int64 {
	switch {
	case f.ByAmount && f.OfAmount > 0:
		return f.Amount * 1000 / f.OfAmount
	case !f.ByAmount && f.Of > 0:
		return int64(f.N) * 1000 / int64(f.Of)
	}
	return -1
}

// rule is how a figure is counted.
type rule struct {
	key      string
	in       func(x *Line, at moment) bool
	amount   func(x *Line) int64
	of       func(x *Line, at moment) bool // nil: no share
	ofAmount func(x *Line) int64
}

// moment is when and over what is counted.
type moment struct {
	Period
	today string
}

func agreed(x *Line) int64 { return x.Investment }

func counted(x *Line, p moment) bool { return x.Counts && p.In(x.Reached[Signed]) }

func apart(class string) func(*Line, moment) bool {
	return func(x *Line, p moment) bool { return x.Class == class && x.Why == Class && p.In(x.Reached[Signed]) }
}

func reached(stage string) func(*Line, moment) bool {
	return func(x *Line, p moment) bool { return counted(x, p) && x.Reached[stage] != "" }
}

// due are those whose promise for a stage has come.
func due(stage string) func(*Line, moment) bool {
	return func(x *Line, p moment) bool {
		d := x.Promised(stage)
		return counted(x, p) && (d != "" && d <= p.today || x.Reached[stage] != "")
	}
}

func left(why string) func(*Line, moment) bool {
	return func(x *Line, p moment) bool { return x.Why == why && p.In(x.Reached[Signed]) }
}

func (s *Projects) rules() []rule {
	fixed := func(x *Line) int64 { return x.Fixed }
	out := []rule{
		{key: "signed", in: counted, amount: agreed},
		{key: "framework", in: apart("framework"), amount: agreed},
		{key: "intent", in: apart("intent"), amount: agreed},
		{key: "registered", in: reached("registered"), amount: agreed, of: counted},
		{key: "landed", in: reached("landed"), amount: agreed, of: counted},
		{key: "started", in: reached("started"), amount: agreed, of: due("started")},
		{key: "in_statistics", in: reached("in_statistics"), amount: agreed, of: reached("started")},
		{key: "producing", in: reached("producing"), amount: agreed, of: due("producing")},
		{key: "at_capacity", in: reached("at_capacity"), amount: agreed, of: reached("producing")},
		{key: "arrived", in: func(x *Line, p moment) bool { return counted(x, p) && x.Arrived > 0 }, amount: func(x *Line) int64 { return x.Arrived }, of: counted, ofAmount: agreed},
		{key: "completed", in: func(x *Line, p moment) bool { return counted(x, p) && x.Completed > 0 }, amount: func(x *Line) int64 { return x.Completed }, of: counted, ofAmount: fixed},
		{key: "unstarted", in: func(x *Line, p moment) bool {
			d := x.Promised("started")
			return counted(x, p) && x.Reached["started"] == "" && d != "" && d < p.today
		}, amount: agreed, of: counted},
		{key: "red", in: func(x *Line, p moment) bool { return counted(x, p) && x.Light == "red" }, amount: agreed, of: counted},
		{key: "moved", in: func(x *Line, p moment) bool {
			return counted(x, p) && slices.ContainsFunc(pack.ProjectStages(), func(st string) bool { return len(x.Promises[st]) > 1 })
		}, amount: agreed, of: counted},
		{key: "undecided", in: left(Undecided), amount: agreed},
		{key: "decided", in: left(Decided), amount: agreed},
		{key: "below", in: left(Below), amount: agreed},
	}
	for i, b := range s.o.Rules.Bands {
		low, high := pack.Fen(b.From), int64(1<<62)
		if i+1 < len(s.o.Rules.Bands) {
			high = pack.Fen(s.o.Rules.Bands[i+1].From)
		}
		out = append(out, rule{key: "band." + b.ID, in: func(x *Line, p moment) bool { return counted(x, p) && x.Investment >= low && x.Investment < high }, amount: agreed, of: counted})
	}
	return out
}

// Figures are those of projects signed in a period, as they stand now.
func (s *Projects) Figures(ctx context.Context, sc access.Scope, p Period) (out []Figure, err error) {
	err = s.ledger(ctx, sc, p, func(list []*Line, at moment) {
		for _, r := range s.rules() {
			f := Figure{Key: r.key, HasAmounts: r.amount != nil, ByAmount: r.ofAmount != nil}
			for _, x := range list {
				if r.in(x, at) {
					f.N++
					f.Amount += r.amount(x)
				}
				if r.of != nil && r.of(x, at) {
					f.Of++
					if r.ofAmount != nil {
						f.OfAmount += r.ofAmount(x)
					}
				}
			}
			out = append(out, f)
		}
	})
	return out, err
}

// Behind are the projects of a figure; with of those that it is a share of.
func (s *Projects) Behind(ctx context.Context, sc access.Scope, p Period, figure string, of bool) (out []*Line, err error) {
	i := slices.IndexFunc(s.rules(), func(r rule) bool { return r.key == figure })
	if i < 0 {
		return nil, store.ErrNotFound
	}
	r := s.rules()[i]
	in := r.in
	if of {
		if in = r.of; in == nil {
			return nil, store.ErrNotFound
		}
	}
	err = s.ledger(ctx, sc, p, func(list []*Line, at moment) {
		for _, x := range list {
			if in(x, at) {
				out = append(out, x)
			}
		}
	})
	return out, err
}

func (s *Projects) ledger(ctx context.Context, sc access.Scope, p Period, fn func([]*Line, moment)) error {
	if !staffOnly(sc) {
		return flow.ErrForbidden
	}
	now := s.o.Clock()
	var list []*Line
	if err := s.db.Read(ctx, func(tx *store.Tx) (err error) {
		list, err = s.lines(tx, now)
		return err
	}); err != nil {
		return err
	}
	fn(list, moment{Period: p, today: now.In(worktime.Zone).Format(time.DateOnly)})
	return nil
}

// Arrival is what was confirmed to have arrived in a month from an origin.
type Arrival struct {
	Month, Origin string
	N             int
	Amount        int64
}

// Arrivals adds up what was confirmed to have arrived, by month and origin, oldest first.
func (s *Projects) Arrivals(ctx context.Context, sc access.Scope, p Period) ([]Arrival, error) {
	if !staffOnly(sc) {
		return nil, flow.ErrForbidden
	}
	by := map[[2]string]*Arrival{}
	err := s.db.Read(ctx, func(tx *store.Tx) error {
		return s.Books.Money.Each(tx, record.Filter{Tag: "arrived", State: "confirmed"}, func(x *Money) error {
			if !p.In(x.Booked) {
				return nil
			}
			k := [2]string{x.Booked[:7], x.Origin}
			if by[k] == nil {
				by[k] = &Arrival{Month: k[0], Origin: k[1]}
			}
			by[k].N++
			by[k].Amount += x.Amount
			return nil
		})
	})
	var out []Arrival
	for _, a := range by {
		out = append(out, *a)
	}
	slices.SortFunc(out, func(a, b Arrival) int { return strings.Compare(a.Month+a.Origin, b.Month+b.Origin) })
	return out, err
}
