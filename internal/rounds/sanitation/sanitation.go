// Package sanitation is how contractors sweep a district's roads and how the district pays them for it: machines send
// where they are, coverage is reckoned from their tracks, inspectors look, the contractor puts right or objects, and a
// month's score becomes an amount of money.
//
//	sanitation.go  Sanitation, Options, who sees what
//	table.go       flow tables: inspections, findings, settlements, days, what was swept by hand
//	roads.go       segments on a plane; which of them a machine is on
//	sweep.go       what of a segment a stroke sweeps
//	position.go    positions as terminals send them, and a minute of them packed
//	take.go        Take: positions in, coverage forward
//	day.go         a day's figures; Seal: a day that no longer changes; forgetting old tracks
//	rebuild.go     coverage reckoned anew from stored tracks
//	manual.go      what the contractor says was swept by hand
//	record.go      what inspections, findings and settlements have in common
//	inspection.go  inspections; finding.go: findings, their clocks
//	score.go       from findings and coverage to a sheet: pure
//	settlement.go  drawing, signing and confirming a month's sheet
//	store.go       SQL; verify.go: acts and tracks against rows
//
// Contracts, segments, machines and rules are data of the pack. Tracks are of vehicles alone: nothing here knows who
// drove, and no track of a person is taken (the law calls those sensitive, PIPL article 28).
//
// What is truth: acts for everything people decide. A second's position is no act; tracks are a ledger of their own, and
// the act that seals a day carries their digest and its figures. Coverage is a function of the stored tracks alone.
package sanitation

import (
	"context"
	"embed"
	"log/slog"
	"slices"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/directory"
	"weixiao/internal/pack"
	"weixiao/internal/store"
	"weixiao/internal/worktime"
)

//go:embed migrations
var migrations embed.FS

// Schema is the tables of sanitation, numbers 52001-52999.
var Schema = store.Schema{Name: "sanitation", FS: migrations}

// Options are what the package is wired with.
type Options struct {
	District, Prefix, Pack string           // code; capital letters of numbers; version of the pack
	Rules                  *pack.Sanitation // contracts, segments, machines, rules
	Directory              *directory.Directory
	// Calendar is the working calendar of a unit as of the transaction.
	Calendar func(tx *store.Tx, unit string) (*worktime.Calendar, error)
	Clock    func() time.Time
	Log      *slog.Logger
}

// Sanitation is the sweeping of one district.
type Sanitation struct {
	db        *store.DB
	o         Options
	roads     *roads
	contracts map[string]*pack.SweepContract
	machines  map[string]*pack.Machine // by device
	byID      map[string]*pack.Machine
	items     map[string]*pack.CleanItem
}

// New wires the package; nil for a pack without sanitation.
func New(db *store.DB, o Options) *Sanitation {
	if o.Rules == nil {
		return nil
	}
	s := &Sanitation{db: db, o: o, roads: newRoads(o.Rules.Segments, int64(o.Rules.Tracks.Beside)*1000),
		contracts: map[string]*pack.SweepContract{}, machines: map[string]*pack.Machine{}, byID: map[string]*pack.Machine{}, items: map[string]*pack.CleanItem{}}
	for i := range o.Rules.Contracts {
		s.contracts[o.Rules.Contracts[i].ID] = &o.Rules.Contracts[i]
	}
	for i := range o.Rules.Machines {
		m := &o.Rules.Machines[i]
		s.machines[m.Device], s.byID[m.ID] = m, m
	}
	for i := range o.Rules.Items {
		s.items[o.Rules.Items[i].ID] = &o.Rules.Items[i]
	}
	return s
}

// Rules are contracts, segments, machines and rules as the pack has them.
func (s *Sanitation) Rules() *pack.Sanitation { return s.o.Rules }

// Segment finds a segment.
func (s *Sanitation) Segment(id string) (*pack.RoadSegment, bool) {
	i, ok := s.roads.by[id]
	if !ok {
		return nil, false
	}
	return s.roads.list[i].RoadSegment, true
}

// Machine finds a machine by its id.
func (s *Sanitation) Machine(id string) (*pack.Machine, bool) { m, ok := s.byID[id]; return m, ok }

// Item finds a line of the deduction table.
func (s *Sanitation) Item(id string) (*pack.CleanItem, bool) { x, ok := s.items[id]; return x, ok }

// Roles are the roles that have anything to do with sanitation.
func Roles() []string {
	return []string{access.Inspector, access.Contractor, access.Department, access.DeptLead, access.Supervisor, access.Leader, access.Auditor}
}

// owns reports whether the scope works for the unit that supervises, or for one above it.
func (s *Sanitation) owns(sc access.Scope) bool {
	return sc.Unit() != "" && s.o.Directory.Under(s.o.Rules.Owner, sc.Unit()) && sc.Can(access.Inspector, access.Department, access.DeptLead)
}

// oversees reports whether the scope sees all contracts: the supervisor's people, and who works for the whole district.
func (s *Sanitation) oversees(sc access.Scope) bool {
	return sc.District() == s.o.District && (s.owns(sc) || sc.All())
}

// runs reports whether the scope is the contractor's own account.
func (s *Sanitation) runs(sc access.Scope, contract string) bool {
	c := s.contracts[contract]
	return c != nil && sc.District() == s.o.District && sc.Can(access.Contractor) && sc.Within(c.Unit)
}

// sees reports whether the scope reaches a contract.
func (s *Sanitation) sees(sc access.Scope, contract string) bool {
	return s.oversees(sc) || s.runs(sc, contract)
}

// Contracts lists the contracts that the scope reaches.
func (s *Sanitation) Contracts(sc access.Scope) []pack.SweepContract {
	return slices.DeleteFunc(slices.Clone(s.o.Rules.Contracts), func(c pack.SweepContract) bool { return !s.sees(sc, c.ID) })
}

// Contract is a contract the scope reaches.
func (s *Sanitation) Contract(sc access.Scope, id string) (*pack.SweepContract, error) {
	if c := s.contracts[id]; c != nil && s.sees(sc, id) {
		return c, nil
	}
	return nil, store.ErrNotFound
}

// pause between two looks for days to seal.
const pause = 10 * time.Minute

// Run seals the days that no longer change and forgets old tracks, until ctx ends. It runs on every node; what one has
// done the others find done.
func (s *Sanitation) Run(ctx context.Context) {
	for {
		if err := s.SealDue(ctx); err != nil && ctx.Err() == nil {
			s.o.Log.Warn("days of sweeping not sealed", "error", err)
		}
		if err := s.Forget(ctx); err != nil && ctx.Err() == nil {
			s.o.Log.Warn("old tracks not deleted", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
	}
}

// From are the options that a pack and a clock give; the calendars are those of the pack.
func From(p *pack.Pack, clock func() time.Time, log *slog.Logger) Options {
	return Options{District: p.District, Prefix: p.Prefix, Pack: p.Version, Rules: p.Sanitation, Directory: p.Directory, Clock: clock, Log: log,
		Calendar: func(_ *store.Tx, unit string) (*worktime.Calendar, error) { return p.Calendar(unit), nil }}
}
