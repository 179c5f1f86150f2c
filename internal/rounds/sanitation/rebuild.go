package sanitation

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"

	"weixiao/internal/access"
	"weixiao/internal/store"
)

// eachMinute goes through the stored tracks of a day, by machine and minute.
func (s *Sanitation) eachMinute(tx *store.Tx, day string, fn func(machine string, minute int, body []byte) error) error {
	return tx.Each(`SELECT machine, minute, body FROM sanit_tracks WHERE district = $1 AND day = $2 ORDER BY machine, minute`, []any{s.o.District, day}, func(r store.Scanner) error {
		var machine string
		var minute int64
		var body []byte
		if err := r.Scan(&machine, &minute, &body); err != nil {
			return err
		}
		return fn(machine, int(minute), body)
	})
}

// digest is the hash of a day's stored tracks, and how many minutes it has.
func (s *Sanitation) digest(tx *store.Tx, day string) (sum string, minutes int, err error) {
	h := sha256.New()
	var n [8]byte
	part := func(b []byte) {
		binary.BigEndian.PutUint64(n[:], uint64(len(b)))
		h.Write(n[:])
		h.Write(b)
	}
	err = s.eachMinute(tx, day, func(machine string, minute int, body []byte) error {
		minutes++
		part([]byte(machine))
		part(binary.BigEndian.AppendUint32(nil, uint32(minute)))
		part(body)
		return nil
	})
	return hex.EncodeToString(h.Sum(nil)), minutes, err
}

// rebuild reckons a day's coverage from its stored tracks alone; by segment of the pack, nil = not swept.
func (s *Sanitation) rebuild(tx *store.Tx, day string) (out []*swept, positions int64, err error) {
	out = make([]*swept, len(s.roads.list))
	b := board{s.roads, int64(s.o.Rules.Tracks.Fastest) * 10, func(i int) (*swept, error) {
		if out[i] == nil {
			out[i] = s.roads.list[i].fresh()
		}
		return out[i], nil
	}}
	var list []Position
	err = s.eachMinute(tx, day, func(machine string, minute int, body []byte) error {
		if list, err = unpackMinute(day, minute, body, list[:0]); err != nil {
			return err
		}
		positions += int64(len(list))
		m := s.byID[machine]
		if m == nil { // it has left the pack
			return nil
		}
		for i := range list {
			if err := b.sweep(&list[i], m.Sweep, m.Every, list[i].At.UnixMicro()); err != nil {
				return err
			}
		}
		return nil
	})
	return out, positions, err
}

// CheckDay reckons a day anew and compares it with what was kept as positions came in, bit by bit. The error names the
// first segment that differs.
func (s *Sanitation) CheckDay(ctx context.Context, day string) (positions int64, err error) {
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		positions, err = s.checkDay(tx, day)
		return err
	})
	return positions, err
}

func (s *Sanitation) checkDay(tx *store.Tx, day string) (int64, error) {
	anew, positions, err := s.rebuild(tx, day)
	if err != nil {
		return 0, err
	}
	for i := range s.roads.list {
		r := &s.roads.list[i]
		kept, err := s.loadSwept(tx, day, r)
		if err != nil {
			return 0, err
		}
		w := anew[i]
		if w == nil {
			w = r.fresh()
		}
		if !bytes.Equal(kept.cells, w.cells) || kept.passed != w.passed || kept.first != w.first || kept.last != w.last {
			return 0, fmt.Errorf("sanitation: segment %s on %s: the coverage does not agree with the tracks", r.ID, day)
		}
	}
	return positions, nil
}

// Track is what a machine drove on a day, or in some of its minutes.
func (s *Sanitation) Track(ctx context.Context, sc access.Scope, machine, day string, from, until int) ([]Position, error) {
	m := s.byID[machine]
	if m == nil || !s.sees(sc, m.Contract) {
		return nil, store.ErrNotFound
	}
	var out []Position
	return out, s.db.Read(ctx, func(tx *store.Tx) error {
		out = nil
		return tx.Each(`SELECT minute, body FROM sanit_tracks WHERE district = $1 AND day = $2 AND machine = $3 AND minute >= $4 AND minute < $5 ORDER BY minute`,
			[]any{s.o.District, day, machine, int64(from), int64(until)}, func(r store.Scanner) (err error) {
				var minute int64
				var body []byte
				if err := r.Scan(&minute, &body); err != nil {
					return err
				}
				out, err = unpackMinute(day, int(minute), body, out)
				return err
			})
	})
}

// Sweeper is a machine that swept a segment on a day.
type Sweeper struct {
	Machine   string
	First     int64 // µs UTC
	Last      int64
	Positions int // that count for the segment
}

// Sweepers opens a segment's coverage to the machines behind it: those whose positions count for it on that day.
func (s *Sanitation) Sweepers(ctx context.Context, sc access.Scope, segment, day string) ([]Sweeper, error) {
	at, ok := s.roads.by[segment]
	if !ok || !s.sees(sc, s.roads.list[at].Contract) {
		return nil, store.ErrNotFound
	}
	var out []Sweeper
	err := s.db.Read(ctx, func(tx *store.Tx) error {
		out = nil
		touched := false
		probe := s.roads.list[at].fresh()
		elsewhere := &swept{}
		b := board{s.roads, int64(s.o.Rules.Tracks.Fastest) * 10, nil}
		b.get = func(i int) (*swept, error) {
			if i == at {
				touched = true
				return probe, nil
			}
			*elsewhere = *s.roads.list[i].fresh()
			return elsewhere, nil
		}
		lo, hi := s.roads.box(at)
		var list []Position
		return s.eachMinute(tx, day, func(machine string, minute int, body []byte) (err error) {
			if list, err = unpackMinute(day, minute, body, list[:0]); err != nil {
				return err
			}
			m := s.byID[machine]
			if m == nil {
				return nil
			}
			for i := range list {
				p := s.roads.at(list[i].Lon, list[i].Lat)
				if p.x < lo.x || p.x > hi.x || p.y < lo.y || p.y > hi.y {
					continue
				}
				touched = false
				t := list[i].At.UnixMicro()
				if err := b.sweep(&list[i], m.Sweep, m.Every, t); err != nil {
					return err
				}
				if !touched {
					continue
				}
				if len(out) == 0 || out[len(out)-1].Machine != machine {
					out = append(out, Sweeper{Machine: machine, First: t})
				}
				x := &out[len(out)-1]
				x.Last, x.Positions = t, x.Positions+1
			}
			return nil
		})
	})
	return out, err
}

// box is the square in which positions can count for a segment.
func (g *roads) box(at int) (lo, hi spot) {
	const reach = 150_000 // mm: half of the longest stroke and the widest road
	for i, p := range g.list[at].Line {
		q := g.plane(p)
		if i == 0 {
			lo, hi = q, q
		}
		lo, hi = spot{min(lo.x, q.x), min(lo.y, q.y)}, spot{max(hi.x, q.x), max(hi.y, q.y)}
	}
	return spot{lo.x - reach, lo.y - reach}, spot{hi.x + reach, hi.y + reach}
}
