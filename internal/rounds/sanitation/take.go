package sanitation

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/journal"
	"weixiao/internal/pack"
	"weixiao/internal/store"
)

// Taken says what became of a batch of positions.
type Taken struct {
	New     int      `json:"new"`
	Again   int      `json:"again"`   // known already: harmless
	Late    int      `json:"late"`    // of a day that is sealed, or too long ago
	Ahead   int      `json:"ahead"`   // of a time to come: the terminal's clock is wrong
	Unknown []string `json:"unknown"` // devices that are no machine of the sender
}

// MostPositions is how many positions one batch may have.
const MostPositions = 5000

// ahead is how far a terminal's clock may run before ours.
const ahead = 2 * time.Minute

// trackMinute is a minute of a machine's track.
type trackMinute struct {
	day     string
	machine string
	minute  int
}

// May reports whether a scope may send positions of a machine: the client that the contract names, the program, or
// those who supervise the contract, with a file.
func (s *Sanitation) May(sc access.Scope, m *pack.Machine) bool {
	c := s.contracts[m.Contract]
	return sc.District() == s.o.District && c != nil && (sc.Can(access.System) || sc.Client() != "" && sc.Client() == c.Client || s.MayBring(sc))
}

// MayBring reports whether somebody may bring a file of positions.
func (s *Sanitation) MayBring(sc access.Scope) bool {
	return sc.Account() != "" && sc.District() == s.o.District && Tracks.Actions[0].Grants(s.actor(sc, "", ""))
}

// Verdict is why a position is not taken, "" when it is.
type Verdict string

// The verdicts.
const (
	UnknownDevice Verdict = "unknown" // no machine of the sender
	TooEarly      Verdict = "ahead"   // of a time to come: the terminal's clock is wrong
	TooLate       Verdict = "late"    // of a day that is over
)

// Judge says whether a scope may send a position now.
func (s *Sanitation) Judge(sc access.Scope, p Position) Verdict {
	now, m := s.o.Clock(), s.machines[p.Device]
	day, _ := dayOf(p.At)
	switch {
	case m == nil || !s.May(sc, m):
		return UnknownDevice
	case p.At.After(now.Add(ahead)):
		return TooEarly
	case s.over(day, now):
		return TooLate
	}
	return ""
}

// Take takes positions in: stored by the minute, and the coverage of what they swept brought forward, in one
// transaction. Positions that come late, twice or in any order give the same as those that come in time.
func (s *Sanitation) Take(ctx context.Context, sc access.Scope, list []Position) (Taken, error) {
	var first Taken
	groups := map[trackMinute][]Position{}
	for _, p := range list {
		switch s.Judge(sc, p) {
		case UnknownDevice:
			if !slices.Contains(first.Unknown, p.Device) {
				first.Unknown = append(first.Unknown, p.Device)
			}
		case TooEarly:
			first.Ahead++
		case TooLate:
			first.Late++
		default:
			day, minute := dayOf(p.At)
			k := trackMinute{day, s.machines[p.Device].ID, minute}
			groups[k] = append(groups[k], p)
		}
	}
	out := first
	if len(groups) == 0 {
		return out, nil
	}
	keys := slices.SortedFunc(maps.Keys(groups), func(a, b trackMinute) int {
		return slices.Compare([]string{a.day, a.machine, fmt.Sprintf("%04d", a.minute)}, []string{b.day, b.machine, fmt.Sprintf("%04d", b.minute)})
	})
	err := s.db.Write(ctx, func(tx *store.Tx) error {
		out = first
		for rest := keys; len(rest) > 0; {
			n := slices.IndexFunc(rest, func(k trackMinute) bool { return k.day != rest[0].day })
			if n < 0 {
				n = len(rest)
			}
			if err := s.takeDay(tx, rest[:n], groups, &out); err != nil {
				return err
			}
			rest = rest[n:]
		}
		if sc.Account() == "" || out.New == 0 {
			return nil
		}
		return s.brought(tx, sc, &out)
	})
	return out, err
}

// brought writes down who brought positions by hand, and how many were new.
func (s *Sanitation) brought(tx *store.Tx, sc access.Scope, out *Taken) error {
	at, err := journal.Begin(tx, s.o.District, s.o.Clock())
	if err != nil {
		return err
	}
	body, err := json.Marshal(out)
	if err != nil {
		return fmt.Errorf("sanitation: %w", err)
	}
	capacity := Tracks.Actions[0].Capacity(s.actor(sc, "", ""))
	return journal.Append(tx, &journal.Act{District: s.o.District, At: at.UnixMicro(), Kind: Tracks.Kind, Subject: strings.ToLower(rand.Text()), Action: Tracks.Actions[0].Name,
		Actor: sc.Actor(capacity), Pack: s.o.Pack, Body: body})
}

// over reports whether positions of a day come too late.
func (s *Sanitation) over(day string, now time.Time) bool {
	return now.After(moment(day, 0, 0).AddDate(0, 0, 1+s.o.Rules.Tracks.Late))
}

// takeDay takes the minutes of one day.
func (s *Sanitation) takeDay(tx *store.Tx, keys []trackMinute, groups map[trackMinute][]Position, out *Taken) error {
	day := keys[0].day
	d, err := s.lockDay(tx, day)
	if err != nil {
		return err
	}
	touched := map[int]*swept{}
	b := board{s.roads, int64(s.o.Rules.Tracks.Fastest) * 10, func(i int) (*swept, error) {
		if w := touched[i]; w != nil {
			return w, nil
		}
		w, err := s.loadSwept(tx, day, &s.roads.list[i])
		touched[i] = w
		return w, err
	}}
	taken := 0
	for _, k := range keys {
		if d.Sealed {
			out.Late += len(groups[k])
			continue
		}
		have, err := s.loadMinute(tx, k)
		if err != nil {
			return err
		}
		all, fresh := merge(have, groups[k])
		out.Again += len(groups[k]) - len(fresh)
		if len(fresh) == 0 {
			continue
		}
		if err := s.saveMinute(tx, k, all); err != nil {
			return err
		}
		m := s.byID[k.machine]
		for i := range fresh {
			if err := b.sweep(&fresh[i], m.Sweep, m.Every, fresh[i].At.UnixMicro()); err != nil {
				return err
			}
		}
		if err := s.saveLast(tx, k.machine, &all[len(all)-1]); err != nil {
			return err
		}
		taken += len(fresh)
	}
	if taken == 0 {
		return nil
	}
	out.New += taken
	d.Version, d.Positions = d.Version+1, d.Positions+int64(taken)
	for _, i := range slices.Sorted(maps.Keys(touched)) {
		if err := s.saveSwept(tx, day, &s.roads.list[i], touched[i], d.Version); err != nil {
			return err
		}
	}
	return s.saveDay(tx, d)
}
