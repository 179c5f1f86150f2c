package sanitation

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"weixiao/internal/access"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/journal"
	"weixiao/internal/store"
)

// handwork is what a contractor says was swept by hand on a day.
type handwork struct {
	Day      string `json:"day"`
	Contract string `json:"contract"`
	Segments string `json:"segments"` // ids joined by blanks, sorted
	State    string `json:"state"`
	version  int64
	lastSeq  int64
}

func (h *handwork) subject() string { return h.Day + "-" + h.Contract }

const manualColumns = `day, contract, segments, state, version, last_seq`

func scanManual(r store.Scanner) (h handwork, err error) {
	return h, r.Scan(&h.Day, &h.Contract, &h.Segments, &h.State, &h.version, &h.lastSeq)
}

func (s *Sanitation) manualOf(tx *store.Tx, day string) ([]handwork, error) {
	return store.All(tx, scanManual, `SELECT `+manualColumns+` FROM sanit_manual WHERE district = $1 AND day = $2 ORDER BY contract`, s.o.District, day)
}

// byHand are the segments that contractors say were swept by hand on a day.
func (s *Sanitation) byHand(tx *store.Tx, day string) (map[string]bool, error) {
	list, err := s.manualOf(tx, day)
	out := map[string]bool{}
	for _, h := range list {
		for _, id := range strings.Fields(h.Segments) {
			out[id] = true
		}
	}
	return out, err
}

// Declare takes what the contractor says was swept by hand on a day: only segments of the contract that are swept so.
// Said again it replaces what was said before, until the day is sealed.
func (s *Sanitation) Declare(ctx context.Context, sc access.Scope, contract, day string, segments []string) error {
	if s.contracts[contract] == nil || !s.sees(sc, contract) {
		return store.ErrNotFound
	}
	if !s.runs(sc, contract) {
		return flow.ErrForbidden
	}
	segments = slices.Compact(slices.Sorted(slices.Values(segments)))
	for _, id := range segments {
		x, ok := s.Segment(id)
		if !ok || x.Contract != contract || x.Mechanised {
			return form.Faults{{Field: "segments", Code: "choice"}}
		}
	}
	if now, _ := dayOf(s.o.Clock()); day > now || moment(day, 0, 0).IsZero() {
		return form.Faults{{Field: "day", Code: "date"}}
	}
	return s.db.Write(ctx, func(tx *store.Tx) error {
		at, err := journal.Begin(tx, s.o.District, s.o.Clock())
		if err != nil {
			return err
		}
		d, err := s.lockDay(tx, day)
		if err != nil {
			return err
		}
		if d.Sealed || s.over(day, s.o.Clock()) {
			return refuse("sanit_sealed")
		}
		list, err := s.manualOf(tx, day)
		if err != nil {
			return err
		}
		h, action := handwork{Day: day, Contract: contract}, "declare"
		if i := slices.IndexFunc(list, func(x handwork) bool { return x.Contract == contract }); i >= 0 {
			h, action = list[i], "change"
		}
		h.Segments, h.State = strings.Join(segments, " "), Declared
		body, err := json.Marshal(h)
		if err != nil {
			return fmt.Errorf("sanitation: %w", err)
		}
		act := &journal.Act{District: s.o.District, At: at.UnixMicro(), Kind: Manual.Kind, Subject: h.subject(), Action: action, Actor: sc.Actor(access.Contractor), Pack: s.o.Pack, Body: body}
		if err := journal.Append(tx, act); err != nil {
			return err
		}
		h.version, h.lastSeq = h.version+1, act.Seq
		d.Version++
		if err := s.saveDay(tx, d); err != nil {
			return err
		}
		return tx.Exec(`INSERT INTO sanit_manual (district, `+manualColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7)
			ON CONFLICT (district, day, contract) DO UPDATE SET segments = excluded.segments, version = excluded.version, last_seq = excluded.last_seq`,
			s.o.District, h.Day, h.Contract, h.Segments, h.State, h.version, h.lastSeq)
	})
}
