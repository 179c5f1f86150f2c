package sanitation

import (
	"cmp"
	"context"
	"errors"
	"math"
	"slices"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/flow"
	"weixiao/internal/journal"
	"weixiao/internal/store"
	"weixiao/internal/worktime"
)

// Finding is something that an inspector found wrong on a segment. Its words and photos are beside its acts.
type Finding struct {
	record
	State      string `json:"state"`
	Inspection string `json:"inspection"` // "" = found outside any
	Contract   string `json:"contract"`
	Segment    string `json:"segment"`
	Item       string `json:"item"`
	Points     int64  `json:"points"`  // hundredths, as the pack said then
	Rectify    string `json:"rectify"` // limit, as the pack said then
	Day        string `json:"day"`     // on which it was found
	Recorder   string `json:"recorder"`
	Fixer      string `json:"fixer"` // account of who put it right last
	Since      int64  `json:"since"` // µs; the clock runs from here; 0 = hidden still
	Fixed      int64  `json:"fixed"` // µs; 0 = not yet
	Late       bool   `json:"late"`  // was put right after its time, once at least
	Again      int64  `json:"again"` // how many rechecks failed
	Lon        int64  `json:"lon"`   // millionths of a degree; 0 = the segment says where
	Lat        int64  `json:"lat"`
	Hidden     bool   `json:"hidden"`
}

// Position is where it stands in the flow table.
func (f *Finding) Position() flow.Position { return flow.Position{State: f.State} }

// Open reports whether somebody has still something to do.
func (f *Finding) Open() bool { return f.State != Closed && f.State != Dropped }

// FindingView is a finding with its deadline and, when asked for alone, its acts.
type FindingView struct {
	*Finding
	Due     time.Time // to put it right; zero when no clock runs
	Acts    []journal.Act
	Actions []*flow.Action
}

// due is the deadline of a clock that began at a moment: a function of acts, limit and calendar.
func due(cal *worktime.Calendar, since int64, limit string) (time.Time, error) {
	l, err := worktime.ParseLimit(limit)
	if err != nil {
		return time.Time{}, err
	}
	return cal.Add(time.UnixMicro(since), l).At, nil
}

// timed adds deadlines by the calendar of the supervising unit.
func (s *Sanitation) timed(tx *store.Tx, list []*Finding) ([]*FindingView, error) {
	out := make([]*FindingView, len(list))
	cal, err := s.o.Calendar(tx, s.o.Rules.Owner)
	if err != nil {
		return nil, err
	}
	for i, f := range list {
		out[i] = &FindingView{Finding: f}
		if f.State == Found && f.Since > 0 {
			if out[i].Due, err = due(cal, f.Since, f.Rectify); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

// Where is the place of something found; zero = the segment.
type Where struct{ Lon, Lat float64 }

// Where is the place of a finding; false when only its segment is known.
func (f *Finding) Where() (Where, bool) {
	return Where{float64(f.Lon) / micro, float64(f.Lat) / micro}, f.Lon != 0 || f.Lat != 0
}

// Record writes down what was found, in an inspection that is under way or outside any ("").
func (s *Sanitation) Record(ctx context.Context, sc access.Scope, inspection string, at Where, in Input) (*Finding, error) {
	act, err := makes(&Findings, "record")
	if err != nil {
		return nil, err
	}
	capacity := act.Capacity(s.actor(sc, "", ""))
	if capacity == "" {
		return nil, flow.ErrForbidden
	}
	var segments, items []string
	for _, x := range s.o.Rules.Segments {
		segments = append(segments, x.ID)
	}
	for _, x := range s.o.Rules.Items {
		items = append(items, x.ID)
	}
	answers, err := withChoices(act, map[string][]string{"segment": segments, "item": items}).Check(in.Raw)
	if err != nil {
		return nil, err
	}
	return making(ctx, s, in, "HW", func(tx *store.Tx, id string, now time.Time) (*Finding, error) {
		segment, _ := s.Segment(answers.Str("segment"))
		item := s.items[answers.Str("item")]
		f := &Finding{State: act.To, Inspection: inspection, Contract: segment.Contract, Segment: segment.ID, Item: item.ID, Points: int64(item.Points), Rectify: item.Limit,
			Recorder: sc.Account(), Since: now.UnixMicro(), Lon: int64(math.Round(at.Lon * micro)), Lat: int64(math.Round(at.Lat * micro))}
		if f.Day, err = s.dayFound(tx, f.Contract, in.Seen, now); err != nil {
			return nil, err
		}
		if inspection != "" {
			x, err := s.reachInspection(tx, sc, inspection)
			if err != nil {
				return nil, err
			}
			if x.State != Planned {
				return nil, refuse("sanit_inspection_over")
			}
			if x.Contract != f.Contract {
				return nil, refuse("sanit_other_contract")
			}
			if f.Hidden = x.Hidden; f.Hidden {
				f.Since = 0
			}
		}
		if err := s.write(tx, sc.Actor(capacity), Findings.Kind, id, act.Name, now, f, map[string]string{"what": answers.Str("what")}); err != nil {
			return nil, err
		}
		if err := attach(tx, in, Findings.Kind, id, now); err != nil {
			return nil, err
		}
		return f, s.saveFinding(tx, f)
	}, func(tx *store.Tx, id string, _ time.Time) (*Finding, error) { return s.loadFinding(tx, id) })
}

// dayFound is the day on which something was found: that on which it was seen, unless that month is settled already, or
// it was told more than a week later. Then it counts on the day it was told, and nothing is lost.
func (s *Sanitation) dayFound(tx *store.Tx, contract string, seen, now time.Time) (string, error) {
	today, _ := dayOf(now)
	if seen.IsZero() || seen.After(now) || now.Sub(seen) > 7*24*time.Hour {
		return today, nil
	}
	day, _ := dayOf(seen)
	if day[:7] == today[:7] {
		return day, nil
	}
	_, err := s.loadSettlement(tx, contract+"-"+day[:7])
	if errors.Is(err, store.ErrNotFound) {
		return day, nil
	}
	return today, err
}

// OpenFinding lists what the scope may do with a finding.
func (s *Sanitation) OpenFinding(sc access.Scope, f *Finding) []*flow.Action {
	return Findings.Open(f.Position(), s.actor(sc, f.Contract, f.Recorder))
}

// ActFinding does an action of the table to a finding.
func (s *Sanitation) ActFinding(ctx context.Context, sc access.Scope, id, action string, in Input) (f *Finding, err error) {
	err = s.acting(ctx, in, id, func(tx *store.Tx, at time.Time, again bool) error {
		if f, err = s.reachFinding(tx, sc, id); err != nil || again {
			return err
		}
		who := s.actor(sc, f.Contract, f.Recorder)
		act, answers, err := permit(&Findings, action, f.Position(), who, f.Version, in)
		if err != nil {
			return err
		}
		if err := s.apply(tx, f, action, sc.Account(), at); err != nil {
			return err
		}
		f.State = act.To
		texts := map[string]string{"done": answers.Str("done"), "note": answers.Str("note"), "reason": answers.Str("reason")}
		if err := s.write(tx, sc.Actor(act.Capacity(who)), Findings.Kind, id, action, at, f, texts); err != nil {
			return err
		}
		if err := attach(tx, in, Findings.Kind, id, at); err != nil {
			return err
		}
		return s.saveFinding(tx, f)
	})
	return f, err
}

// apply changes what an action changes beside the state.
func (s *Sanitation) apply(tx *store.Tx, f *Finding, action, account string, at time.Time) error {
	cal, err := s.o.Calendar(tx, s.o.Rules.Owner)
	if err != nil {
		return err
	}
	switch action {
	case "rectify":
		end, err := due(cal, f.Since, f.Rectify)
		if err != nil {
			return err
		}
		f.Fixed, f.Fixer, f.Late = at.UnixMicro(), account, f.Late || at.After(end)
	case "object":
		end, err := due(cal, f.Since, s.o.Rules.Rectify.Object)
		if err != nil {
			return err
		}
		if at.After(end) {
			return refuse("sanit_object_late")
		}
	case "fail":
		f.Again, f.Since, f.Fixed = f.Again+1, at.UnixMicro(), 0
	case "uphold":
		f.Since = at.UnixMicro()
	}
	return nil
}

// reachFinding loads a finding that the scope sees.
func (s *Sanitation) reachFinding(tx *store.Tx, sc access.Scope, id string) (*Finding, error) {
	f, err := s.loadFinding(tx, id)
	if err != nil {
		return nil, err
	}
	if !s.oversees(sc) && (f.Hidden || !s.runs(sc, f.Contract)) {
		return nil, store.ErrNotFound
	}
	return f, nil
}

// Finding returns a finding that the scope reaches.
func (s *Sanitation) Finding(ctx context.Context, sc access.Scope, id string) (*FindingView, error) {
	return store.Get(ctx, s.db, func(tx *store.Tx) (*FindingView, error) {
		f, err := s.reachFinding(tx, sc, id)
		if err != nil {
			return nil, err
		}
		list, err := s.timed(tx, []*Finding{f})
		if err != nil {
			return nil, err
		}
		v := list[0]
		v.Actions = Findings.Open(f.Position(), s.actor(sc, f.Contract, f.Recorder))
		v.Acts, err = journal.History(tx, s.o.District, Findings.Kind, id)
		return v, err
	})
}

// FindingFilter chooses findings.
type FindingFilter struct {
	Contract string // "" = all the scope reaches
	Open     bool   // only those with something left to do
	After    int64  // Doc of the last one of the page before
	Limit    int
}

// Findings lists findings the scope sees, newest first.
func (s *Sanitation) Findings(ctx context.Context, sc access.Scope, w FindingFilter) ([]*FindingView, error) {
	return store.Get(ctx, s.db, func(tx *store.Tx) ([]*FindingView, error) {
		list, err := merged(s.reached(sc, w.Contract), w.Limit, func(f *Finding) int64 { return f.Doc }, func(c string) ([]*Finding, error) {
			if w.Open {
				return store.All(tx, scanFinding, `SELECT `+findingColumns+` FROM sanit_findings WHERE district = $1 AND contract = $2 AND is_open = TRUE AND doc < $3
					AND (hidden = FALSE OR $4 = TRUE) ORDER BY doc DESC LIMIT $5`, s.o.District, c, before(w.After), s.oversees(sc), int64(w.Limit))
			}
			return store.All(tx, scanFinding, `SELECT `+findingColumns+` FROM sanit_findings WHERE district = $1 AND contract = $2 AND doc < $3
				AND (hidden = FALSE OR $4 = TRUE) ORDER BY doc DESC LIMIT $5`, s.o.District, c, before(w.After), s.oversees(sc), int64(w.Limit))
		})
		if err != nil {
			return nil, err
		}
		return s.timed(tx, list)
	})
}

// OfSegment lists the latest findings on a segment that the scope sees.
func (s *Sanitation) OfSegment(ctx context.Context, sc access.Scope, segment string, n int) ([]*FindingView, error) {
	return store.Get(ctx, s.db, func(tx *store.Tx) ([]*FindingView, error) {
		list, err := store.All(tx, scanFinding, `SELECT `+findingColumns+` FROM sanit_findings WHERE district = $1 AND segment = $2 AND (hidden = FALSE OR $3 = TRUE)
			ORDER BY doc DESC LIMIT $4`, s.o.District, segment, s.oversees(sc), int64(n))
		if err != nil {
			return nil, err
		}
		return s.timed(tx, slices.DeleteFunc(list, func(f *Finding) bool { return !s.sees(sc, f.Contract) }))
	})
}

// reached are the contracts the scope reaches, or the one asked for.
func (s *Sanitation) reached(sc access.Scope, contract string) (out []string) {
	for _, c := range s.Contracts(sc) {
		if contract == "" || c.ID == contract {
			out = append(out, c.ID)
		}
	}
	return out
}

func before(after int64) int64 { return cmp.Or(after, math.MaxInt64) }

// merged is a page of what is kept by contract, newest first.
func merged[T any](contracts []string, n int, doc func(T) int64, page func(contract string) ([]T, error)) ([]T, error) {
	var out []T
	for _, c := range contracts {
		list, err := page(c)
		if err != nil {
			return nil, err
		}
		out = append(out, list...)
	}
	slices.SortFunc(out, func(a, b T) int { return cmp.Compare(doc(b), doc(a)) })
	return out[:min(n, len(out))], nil
}
