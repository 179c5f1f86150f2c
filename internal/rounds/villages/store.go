package villages

import "weixiao/internal/store"

const workColumns = `id, doc, state, village, item, rectify, finisher, since, finished, late, again, published, created, changed, version, last_seq`

func scanWork(r store.Scanner) (*Work, error) {
	x := &Work{}
	return x, r.Scan(&x.ID, &x.Doc, &x.State, &x.Village, &x.Item, &x.Rectify, &x.Finisher, &x.Since, &x.Finished, &x.Late, &x.Again, &x.Public, &x.Created, &x.Changed, &x.Version, &x.LastSeq)
}

func one[T any](list []*T, err error) (*T, error) {
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, store.ErrNotFound
	}
	return list[0], nil
}

func (s *Villages) loadWork(tx *store.Tx, id string) (*Work, error) {
	return one(store.All(tx, scanWork, `SELECT `+workColumns+` FROM village_works WHERE district = $1 AND id = $2`, s.o.District, id))
}

func (s *Villages) insertWork(tx *store.Tx, x *Work) error {
	return tx.Exec(`INSERT INTO village_works (district, `+workColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)`,
		s.o.District, x.ID, x.Doc, x.State, x.Village, x.Item, x.Rectify, x.Finisher, x.Since, x.Finished, x.Late, x.Again, x.Public, x.Created, x.Changed, x.Version, x.LastSeq)
}

func (s *Villages) updateWork(tx *store.Tx, x *Work) error {
	return tx.Exec(`UPDATE village_works SET state = $3, finisher = $4, since = $5, finished = $6, late = $7, again = $8, published = $9, changed = $10, version = $11, last_seq = $12 WHERE district = $1 AND id = $2`,
		s.o.District, x.ID, x.State, x.Finisher, x.Since, x.Finished, x.Late, x.Again, x.Public, x.Changed, x.Version, x.LastSeq)
}

const checkColumns = `id, doc, state, village, quarter, checker, unmet, items, created, changed, version, last_seq`

func scanCheck(r store.Scanner) (*Check, error) {
	x := &Check{}
	return x, r.Scan(&x.ID, &x.Doc, &x.State, &x.Village, &x.Quarter, &x.Checker, &x.Unmet, &x.Items, &x.Created, &x.Changed, &x.Version, &x.LastSeq)
}

func (s *Villages) loadCheck(tx *store.Tx, id string) (*Check, error) {
	return one(store.All(tx, scanCheck, `SELECT `+checkColumns+` FROM village_checks WHERE district = $1 AND id = $2`, s.o.District, id))
}

func (s *Villages) insertCheck(tx *store.Tx, x *Check) error {
	return tx.Exec(`INSERT INTO village_checks (district, `+checkColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
		s.o.District, x.ID, x.Doc, x.State, x.Village, x.Quarter, x.Checker, x.Unmet, x.Items, x.Created, x.Changed, x.Version, x.LastSeq)
}
