package record

import (
	"weixiao/internal/store"
)

// row is a record as the table has it.
type row struct {
	Head
	Keys
	due, remind int64
	body        string
}

const columns = `id, doc, state, unit, parent, about, tag, title, amount, due, remind, since, created, changed, version, last_seq, body`

func scanRow(s store.Scanner) (*row, error) {
	r := &row{}
	return r, s.Scan(&r.ID, &r.Doc, &r.State, &r.Unit, &r.Parent, &r.Of, &r.Tag, &r.Title, &r.Amount, &r.due, &r.remind, &r.Since, &r.Created, &r.Changed, &r.Version, &r.LastSeq, &r.body)
}

func loadRow(tx *store.Tx, district, kind, id string) (*row, error) {
	return One(store.All(tx, scanRow, `SELECT `+columns+` FROM records WHERE district = $1 AND kind = $2 AND id = $3`, district, kind, id))
}

func insertRow(tx *store.Tx, district, kind string, r *row) error {
	return tx.Exec(`INSERT INTO records (district, kind, `+columns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)`,
		district, kind, r.ID, r.Doc, r.State, r.Unit, r.Parent, r.Of, r.Tag, r.Title, r.Amount, r.due, r.remind, r.Since, r.Created, r.Changed, r.Version, r.LastSeq, r.body)
}

func updateRow(tx *store.Tx, district, kind string, r *row) error {
	return tx.Exec(`UPDATE records SET state = $4, unit = $5, parent = $6, about = $7, tag = $8, title = $9, amount = $10, due = $11, remind = $12, since = $13, changed = $14, version = $15, last_seq = $16, body = $17
		WHERE district = $1 AND kind = $2 AND id = $3`,
		district, kind, r.ID, r.State, r.Unit, r.Parent, r.Of, r.Tag, r.Title, r.Amount, r.due, r.remind, r.Since, r.Changed, r.Version, r.LastSeq, r.body)
}

// waiting are records with a deadline, by id.
func waiting(tx *store.Tx, district, kind, after string, n int) ([]string, error) {
	return store.All(tx, scanID, `SELECT id FROM records WHERE district = $1 AND kind = $2 AND id > $3 AND due < $4 ORDER BY id LIMIT $5`, district, kind, after, int64(NoDue), int64(n))
}

func scanID(s store.Scanner) (id string, err error) { return id, s.Scan(&id) }
