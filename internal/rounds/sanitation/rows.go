package sanitation

import (
	"encoding/json"
	"fmt"

	"weixiao/internal/store"
)

const inspectionColumns = `id, doc, state, kind, contract, day, inspector, hidden, created, changed, version, last_seq`

func scanInspection(r store.Scanner) (*Inspection, error) {
	x := &Inspection{}
	return x, r.Scan(&x.ID, &x.Doc, &x.State, &x.Kind, &x.Contract, &x.Day, &x.Inspector, &x.Hidden, &x.Created, &x.Changed, &x.Version, &x.LastSeq)
}

func one[T any](list []T, err error) (T, error) {
	var none T
	if err != nil {
		return none, err
	}
	if len(list) == 0 {
		return none, store.ErrNotFound
	}
	return list[0], nil
}

func (s *Sanitation) loadInspection(tx *store.Tx, id string) (*Inspection, error) {
	return one(store.All(tx, scanInspection, `SELECT `+inspectionColumns+` FROM sanit_inspections WHERE district = $1 AND id = $2`, s.o.District, id))
}

// saveInspection writes the row; a new one whose number another has is a conflict.
func (s *Sanitation) saveInspection(tx *store.Tx, x *Inspection) error {
	if x.Version == 1 {
		return tx.Exec(`INSERT INTO sanit_inspections (district, `+inspectionColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
			s.o.District, x.ID, x.Doc, x.State, x.Kind, x.Contract, x.Day, x.Inspector, x.Hidden, x.Created, x.Changed, x.Version, x.LastSeq)
	}
	return tx.Exec(`UPDATE sanit_inspections SET state = $3, hidden = $4, changed = $5, version = $6, last_seq = $7 WHERE district = $1 AND id = $2`,
		s.o.District, x.ID, x.State, x.Hidden, x.Changed, x.Version, x.LastSeq)
}

const findingColumns = `id, doc, state, inspection, contract, segment, item, points, rectify, day, recorder, fixer, since, fixed, late, again, lon, lat, hidden, created, changed, version, last_seq`

func scanFinding(r store.Scanner) (*Finding, error) {
	f := &Finding{}
	return f, r.Scan(&f.ID, &f.Doc, &f.State, &f.Inspection, &f.Contract, &f.Segment, &f.Item, &f.Points, &f.Rectify, &f.Day, &f.Recorder, &f.Fixer, &f.Since, &f.Fixed,
		&f.Late, &f.Again, &f.Lon, &f.Lat, &f.Hidden, &f.Created, &f.Changed, &f.Version, &f.LastSeq)
}

func (s *Sanitation) loadFinding(tx *store.Tx, id string) (*Finding, error) {
	return one(store.All(tx, scanFinding, `SELECT `+findingColumns+` FROM sanit_findings WHERE district = $1 AND id = $2`, s.o.District, id))
}

// findingsOf are the findings of an inspection, first ones first.
func (s *Sanitation) findingsOf(tx *store.Tx, inspection string) ([]*Finding, error) {
	return store.All(tx, scanFinding, `SELECT `+findingColumns+` FROM sanit_findings WHERE district = $1 AND inspection = $2 ORDER BY doc LIMIT 500`, s.o.District, inspection)
}

func (s *Sanitation) saveFinding(tx *store.Tx, f *Finding) error {
	if f.Version == 1 {
		return tx.Exec(`INSERT INTO sanit_findings (district, `+findingColumns+`, is_open)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25)`,
			s.o.District, f.ID, f.Doc, f.State, f.Inspection, f.Contract, f.Segment, f.Item, f.Points, f.Rectify, f.Day, f.Recorder, f.Fixer, f.Since, f.Fixed,
			f.Late, f.Again, f.Lon, f.Lat, f.Hidden, f.Created, f.Changed, f.Version, f.LastSeq, f.Open())
	}
	return tx.Exec(`UPDATE sanit_findings SET state = $3, is_open = $4, fixer = $5, since = $6, fixed = $7, late = $8, again = $9, hidden = $10, changed = $11, version = $12, last_seq = $13
		WHERE district = $1 AND id = $2`, s.o.District, f.ID, f.State, f.Open(), f.Fixer, f.Since, f.Fixed, f.Late, f.Again, f.Hidden, f.Changed, f.Version, f.LastSeq)
}

const settlementColumns = `id, doc, state, contract, month, signer, sheet, created, changed, version, last_seq`

func scanSettlement(r store.Scanner) (*Settlement, error) {
	x := &Settlement{}
	var sheet string
	if err := r.Scan(&x.ID, &x.Doc, &x.State, &x.Contract, &x.Month, &x.Signer, &sheet, &x.Created, &x.Changed, &x.Version, &x.LastSeq); err != nil {
		return nil, err
	}
	if err := json.Unmarshal([]byte(sheet), &x.Sheet); err != nil {
		return nil, fmt.Errorf("sanitation: settlement %s: %w", x.ID, err)
	}
	return x, nil
}

func (s *Sanitation) loadSettlement(tx *store.Tx, id string) (*Settlement, error) {
	return one(store.All(tx, scanSettlement, `SELECT `+settlementColumns+` FROM sanit_settlements WHERE district = $1 AND id = $2`, s.o.District, id))
}

func (s *Sanitation) saveSettlement(tx *store.Tx, x *Settlement) error {
	sheet, err := sheetText(&x.Sheet)
	if err != nil {
		return err
	}
	return tx.Exec(`INSERT INTO sanit_settlements (district, `+settlementColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
		ON CONFLICT (district, id) DO UPDATE SET state = excluded.state, signer = excluded.signer, sheet = excluded.sheet, changed = excluded.changed,
			version = excluded.version, last_seq = excluded.last_seq`,
		s.o.District, x.ID, x.Doc, x.State, x.Contract, x.Month, x.Signer, sheet, x.Created, x.Changed, x.Version, x.LastSeq)
}
