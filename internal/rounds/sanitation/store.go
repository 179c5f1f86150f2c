package sanitation

import (
	"errors"

	"weixiao/internal/store"
)

// Day is a day of tracks.
type Day struct {
	Day       string // 2022-12-30
	Sealed    bool   // positions of it no longer count
	Version   int64  // goes up with everything that came in
	Positions int64
	figures   string // when sealed: see dayFigures
	lastSeq   int64
}

const dayColumns = `day, sealed, version, positions, figures, last_seq`

func scanDay(r store.Scanner) (*Day, error) {
	d := &Day{}
	return d, r.Scan(&d.Day, &d.Sealed, &d.Version, &d.Positions, &d.figures, &d.lastSeq)
}

// lockDay takes the day for this transaction: whoever changes its coverage waits here.
func (s *Sanitation) lockDay(tx *store.Tx, day string) (*Day, error) {
	if err := tx.Exec(`INSERT INTO sanit_days (district, day, sealed, version, positions, figures, last_seq) VALUES ($1, $2, FALSE, 0, 0, '', 0)
		ON CONFLICT (district, day) DO NOTHING`, s.o.District, day); err != nil {
		return nil, err
	}
	list, err := store.All(tx, scanDay, `SELECT `+dayColumns+` FROM sanit_days WHERE district = $1 AND day = $2 FOR UPDATE`, s.o.District, day)
	if err != nil || len(list) == 0 {
		return nil, errors.Join(err, errors.New("sanitation: the day is not there"))
	}
	return list[0], nil
}

func (s *Sanitation) loadDay(tx *store.Tx, day string) (*Day, error) {
	list, err := store.All(tx, scanDay, `SELECT `+dayColumns+` FROM sanit_days WHERE district = $1 AND day = $2`, s.o.District, day)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return &Day{Day: day}, nil
	}
	return list[0], nil
}

func (s *Sanitation) saveDay(tx *store.Tx, d *Day) error {
	return tx.Exec(`UPDATE sanit_days SET sealed = $3, version = $4, positions = $5, figures = $6, last_seq = $7 WHERE district = $1 AND day = $2`,
		s.o.District, d.Day, d.Sealed, d.Version, d.Positions, d.figures, d.lastSeq)
}

func (s *Sanitation) loadMinute(tx *store.Tx, k trackMinute) ([]Position, error) {
	list, err := store.All(tx, func(r store.Scanner) (b []byte, err error) { return b, r.Scan(&b) },
		`SELECT body FROM sanit_tracks WHERE district = $1 AND day = $2 AND machine = $3 AND minute = $4`, s.o.District, k.day, k.machine, int64(k.minute))
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return unpackMinute(k.day, k.minute, list[0], nil)
}

func (s *Sanitation) saveMinute(tx *store.Tx, k trackMinute, all []Position) error {
	return tx.Exec(`INSERT INTO sanit_tracks (district, day, machine, minute, n, body) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (district, day, machine, minute) DO UPDATE SET n = excluded.n, body = excluded.body`,
		s.o.District, k.day, k.machine, int64(k.minute), int64(len(all)), packMinute(all))
}

// saveLast keeps where a machine was last.
func (s *Sanitation) saveLast(tx *store.Tx, machine string, p *Position) error {
	return tx.Exec(`INSERT INTO sanit_machines (district, machine, at, lon, lat, speed, heading, brush) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (district, machine) DO UPDATE SET at = excluded.at, lon = excluded.lon, lat = excluded.lat, speed = excluded.speed, heading = excluded.heading,
			brush = excluded.brush WHERE sanit_machines.at < excluded.at`,
		s.o.District, machine, p.At.UnixMicro(), p.Lon, p.Lat, p.Speed, p.Heading, p.Brush)
}

func (s *Sanitation) loadSwept(tx *store.Tx, day string, r *road) (*swept, error) {
	list, err := store.All(tx, func(x store.Scanner) (*swept, error) {
		w := &swept{}
		return w, x.Scan(&w.cells, &w.passed, &w.first, &w.last)
	}, `SELECT cells, passed, first, last FROM sanit_coverage WHERE district = $1 AND day = $2 AND segment = $3`, s.o.District, day, r.ID)
	if err != nil {
		return nil, err
	}
	// Another width or length in the pack makes other cells: a day that is not sealed begins anew with them.
	if len(list) == 0 || len(list[0].cells) != len(r.fresh().cells) {
		return r.fresh(), nil
	}
	return list[0], nil
}

func (s *Sanitation) saveSwept(tx *store.Tx, day string, r *road, w *swept, version int64) error {
	return tx.Exec(`INSERT INTO sanit_coverage (district, day, segment, cells, hits, passed, first, last, version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
		ON CONFLICT (district, day, segment) DO UPDATE SET cells = excluded.cells, hits = excluded.hits, passed = excluded.passed, first = excluded.first,
			last = excluded.last, version = excluded.version`,
		s.o.District, day, r.ID, w.cells, w.hits(), w.passed, w.first, w.last, version)
}

// covered is a row of coverage without its cells.
type covered struct {
	segment                   string
	hits, passed, first, last int64
	version                   int64
}

func scanCovered(r store.Scanner) (c covered, err error) {
	return c, r.Scan(&c.segment, &c.hits, &c.passed, &c.first, &c.last, &c.version)
}

// coveredSince are the rows of a day that changed after a version; 0 for all of them: at most one for each segment.
func (s *Sanitation) coveredSince(tx *store.Tx, day string, version int64) ([]covered, error) {
	return store.All(tx, scanCovered, `SELECT segment, hits, passed, first, last, version FROM sanit_coverage
		WHERE district = $1 AND day = $2 AND version > $3 ORDER BY version, segment`, s.o.District, day, version)
}
