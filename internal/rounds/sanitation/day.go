package sanitation

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/journal"
	"weixiao/internal/pack"
	"weixiao/internal/store"
	"weixiao/internal/worktime"
)

// SegmentDay is what was swept of a segment on a day.
type SegmentDay struct {
	*pack.RoadSegment
	Machine int64 // cm² swept by machines
	Swept   int64 // cm² swept at all
	Passed  int64 // cm² swept by machines, with repetition
	First   int64 // µs UTC of the first and the last sweep by machine; 0 = none
	Last    int64
	Version int64
}

// Share is the swept part of the area, in hundredths of a percent.
func (d *SegmentDay) Share() int64 { return d.Swept * 10000 / d.Area() }

// Passes is how often the area was swept, in hundredths.
func (d *SegmentDay) Passes() int64 { return d.Passed * 100 / d.Area() }

// Figures are a day's areas in cm².
type Figures struct {
	Total, Swept, Machine int64
	Segments, Touched     int
}

// Coverage is 覆盖率 = swept area / total area, in hundredths of a percent.
func (f Figures) Coverage() int64 {
	if f.Total == 0 {
		return 0
	}
	return f.Swept * 10000 / f.Total
}

// Mechanised is 机械化清扫率 = mechanically swept area / swept area, in hundredths of a percent; -1 if nothing was swept.
func (f Figures) Mechanised() int64 {
	if f.Swept == 0 {
		return -1
	}
	return f.Machine * 10000 / f.Swept
}

func (f *Figures) add(d *SegmentDay) {
	f.Segments++
	f.Total += d.Area()
	f.Swept += d.Swept
	f.Machine += d.Machine
	if d.Swept > 0 {
		f.Touched++
	}
}

// Seen is where a machine was last.
type Seen struct {
	*pack.Machine
	At       int64 // µs UTC; 0 = never
	Position Position
}

// DayView is a day as the scope sees it.
type DayView struct {
	*Day
	Figures
	List     []SegmentDay // in the order of the pack
	Machines []Seen
}

// Of returns the day of one segment.
func (v *DayView) Of(segment string) (*SegmentDay, bool) {
	for i := range v.List {
		if v.List[i].ID == segment {
			return &v.List[i], true
		}
	}
	return nil, false
}

// Coverage is a day's coverage of the contracts the scope reaches, or of one of them.
func (s *Sanitation) Coverage(ctx context.Context, sc access.Scope, day, contract string) (*DayView, error) {
	return store.Get(ctx, s.db, func(tx *store.Tx) (*DayView, error) { return s.view(tx, sc, day, contract) })
}

func (s *Sanitation) view(tx *store.Tx, sc access.Scope, day, contract string) (*DayView, error) {
	d, err := s.loadDay(tx, day)
	if err != nil {
		return nil, err
	}
	v := &DayView{Day: d}
	list, err := s.dayList(tx, day)
	if err != nil {
		return nil, err
	}
	for i := range list {
		if x := &list[i]; s.sees(sc, x.Contract) && (contract == "" || x.Contract == contract) {
			v.List = append(v.List, *x)
			v.Figures.add(x)
		}
	}
	v.Machines, err = s.seen(tx, sc, contract)
	return v, err
}

// dayList is every segment's day.
func (s *Sanitation) dayList(tx *store.Tx, day string) ([]SegmentDay, error) {
	rows, err := s.coveredSince(tx, day, 0)
	if err != nil {
		return nil, err
	}
	byHand, err := s.byHand(tx, day)
	if err != nil {
		return nil, err
	}
	of := make(map[string]*covered, len(rows))
	for i := range rows {
		of[rows[i].segment] = &rows[i]
	}
	out := make([]SegmentDay, len(s.roads.list))
	for i := range s.roads.list {
		out[i] = s.segmentDay(&s.roads.list[i], of[s.roads.list[i].ID], byHand)
	}
	return out, nil
}

// segmentDay puts a row and what was said of handwork together: what is said to be swept by hand counts whole.
func (s *Sanitation) segmentDay(r *road, c *covered, byHand map[string]bool) SegmentDay {
	d := SegmentDay{RoadSegment: r.RoadSegment}
	if c != nil {
		d.Machine, d.Passed, d.First, d.Last, d.Version = r.area(c.hits), c.passed, c.first, c.last, c.version
	}
	d.Swept = d.Machine
	if byHand[r.ID] {
		d.Swept = r.Area()
	}
	return d
}

// seen are the machines of the contracts the scope reaches, with their last positions.
func (s *Sanitation) seen(tx *store.Tx, sc access.Scope, contract string) ([]Seen, error) {
	last := map[string]Seen{}
	if err := tx.Each(`SELECT machine, at, lon, lat, speed, heading, brush FROM sanit_machines WHERE district = $1 ORDER BY machine`, []any{s.o.District}, func(r store.Scanner) error {
		var id string
		var x Seen
		if err := r.Scan(&id, &x.At, &x.Position.Lon, &x.Position.Lat, &x.Position.Speed, &x.Position.Heading, &x.Position.Brush); err != nil {
			return err
		}
		x.Position.At = time.UnixMicro(x.At)
		last[id] = x
		return nil
	}); err != nil {
		return nil, err
	}
	var out []Seen
	for i := range s.o.Rules.Machines {
		m := &s.o.Rules.Machines[i]
		if s.sees(sc, m.Contract) && (contract == "" || m.Contract == contract) {
			x := last[m.ID]
			x.Machine = m
			out = append(out, x)
		}
	}
	return out, nil
}

// Silent reports whether a machine is on shift and has not been heard of for longer than the pack says. It is asked of
// machines; nobody is asked where a person is.
func (s *Sanitation) Silent(x *Seen, now time.Time) bool {
	day, minute := dayOf(now)
	clock := fmt.Sprintf("%02d:%02d", minute/60, minute%60)
	quiet := time.Duration(s.o.Rules.Tracks.Silent) * time.Minute
	for _, h := range s.o.Rules.Shifts {
		if slices.Contains(h.Machines, x.ID) && h.From <= clock && clock < h.Until {
			begin, _ := time.ParseInLocation("2006-01-02 15:04", day+" "+h.From, worktime.Zone)
			return now.Sub(begin) > quiet && now.Sub(time.UnixMicro(x.At)) > quiet
		}
	}
	return false
}

// News is what changed of a day after a version.
type News struct {
	Version  int64
	Figures  Figures
	List     []SegmentDay // those that changed
	Machines []Seen
}

// Since is what changed of a day after a version; nil if nothing did.
func (s *Sanitation) Since(ctx context.Context, sc access.Scope, day, contract string, version int64) (*News, error) {
	return store.Get(ctx, s.db, func(tx *store.Tx) (*News, error) {
		d, err := s.loadDay(tx, day)
		if err != nil || d.Version <= version {
			return nil, err
		}
		v, err := s.view(tx, sc, day, contract)
		if err != nil {
			return nil, err
		}
		return &News{d.Version, v.Figures, slices.DeleteFunc(v.List, func(x SegmentDay) bool { return x.Version <= version }), v.Machines}, nil
	})
}

// dayFigures is the body of the act that seals a day.
type dayFigures struct {
	Positions int64               `json:"positions"`
	Tracks    string              `json:"tracks"`   // SHA-256 of the stored tracks
	Segments  map[string][2]int64 `json:"segments"` // cells swept, cm² swept with repetition
}

// seal ends a day: its figures are written down for good.
func (s *Sanitation) seal(tx *store.Tx, day string) error {
	at, err := journal.Begin(tx, s.o.District, s.o.Clock())
	if err != nil {
		return err
	}
	d, err := s.lockDay(tx, day)
	if err != nil || d.Sealed {
		return err
	}
	f := dayFigures{Positions: d.Positions, Segments: map[string][2]int64{}}
	if f.Tracks, _, err = s.digest(tx, day); err != nil {
		return err
	}
	rows, err := s.coveredSince(tx, day, 0)
	if err != nil {
		return err
	}
	for _, c := range rows {
		f.Segments[c.segment] = [2]int64{c.hits, c.passed}
	}
	body, err := json.Marshal(f)
	if err != nil {
		return fmt.Errorf("sanitation: %w", err)
	}
	sc := access.SystemScope(s.o.District, "positions of this day no longer count")
	act := &journal.Act{District: s.o.District, At: at.UnixMicro(), Kind: Days.Kind, Subject: day, Action: "seal", Actor: sc.Actor(access.System), Pack: s.o.Pack, Body: body}
	if err := journal.Append(tx, act); err != nil {
		return err
	}
	d.Sealed, d.figures, d.lastSeq = true, string(body), act.Seq
	return s.saveDay(tx, d)
}

// SealDue seals every day for which no position can come any more.
func (s *Sanitation) SealDue(ctx context.Context) error {
	now := s.o.Clock()
	days, err := store.Get(ctx, s.db, func(tx *store.Tx) ([]*Day, error) {
		return store.All(tx, scanDay, `SELECT `+dayColumns+` FROM sanit_days WHERE district = $1 AND sealed = FALSE ORDER BY day LIMIT 100`, s.o.District)
	})
	if err != nil {
		return err
	}
	for _, d := range days {
		if !s.over(d.Day, now) {
			break
		}
		if err := s.db.Write(ctx, func(tx *store.Tx) error { return s.seal(tx, d.Day) }); err != nil {
			return err
		}
	}
	return nil
}

// Forget deletes the tracks of days that are older than the pack keeps them; the figures of those days stay.
func (s *Sanitation) Forget(ctx context.Context) error {
	day := s.keptFrom()
	old, err := store.Get(ctx, s.db, func(tx *store.Tx) ([]string, error) {
		return store.All(tx, func(r store.Scanner) (d string, err error) { return d, r.Scan(&d) },
			`SELECT DISTINCT day FROM sanit_tracks WHERE district = $1 AND day < $2 ORDER BY day LIMIT 400`, s.o.District, day)
	})
	if err != nil {
		return err
	}
	for _, d := range old {
		if err := s.db.Write(ctx, func(tx *store.Tx) error {
			if err := s.seal(tx, d); err != nil {
				return err
			}
			return tx.Exec(`DELETE FROM sanit_tracks WHERE district = $1 AND day = $2`, s.o.District, d)
		}); err != nil {
			return err
		}
	}
	return nil
}

// keptFrom is the first day whose tracks are kept.
func (s *Sanitation) keptFrom() string {
	day, _ := dayOf(s.o.Clock().AddDate(0, 0, -s.o.Rules.Tracks.Keep))
	return day
}

// Strip is a segment cut across into at most n stretches of equal length, each with the swept share of it in
// thousandths.
func (s *Sanitation) Strip(ctx context.Context, sc access.Scope, segment, day string, n int) ([]int, error) {
	at, ok := s.roads.by[segment]
	if !ok || !s.sees(sc, s.roads.list[at].Contract) {
		return nil, store.ErrNotFound
	}
	r := &s.roads.list[at]
	w, err := store.Get(ctx, s.db, func(tx *store.Tx) (*swept, error) { return s.loadSwept(tx, day, r) })
	if err != nil {
		return nil, err
	}
	parts := min(int64(n), r.along)
	out := make([]int, parts)
	for p := range parts {
		from, to := p*r.along/parts*r.wide, (p+1)*r.along/parts*r.wide
		var hits int64
		for i := from; i < to; i++ {
			hits += int64(w.cells[i>>3] >> (i & 7) & 1)
		}
		out[p] = int(hits * 1000 / (to - from))
	}
	return out, nil
}
