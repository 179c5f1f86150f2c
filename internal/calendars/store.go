package calendars

import (
	"encoding/json"
	"fmt"

	"weixiao/internal/store"
)

func lastSeq(tx *store.Tx, district string) (seq int64, err error) {
	err = tx.Row(`SELECT coalesce(max(seq), 0) FROM calendar_versions WHERE district = $1`, []any{district}, &seq)
	return seq, err
}

func scan(r store.Scanner) (v Version, err error) {
	var more, spec string
	if err := r.Scan(&v.Seq, &v.Name, &v.Version, &v.base, &more, &spec, &v.At, &v.Account, &v.Action); err != nil {
		return v, err
	}
	if err := json.Unmarshal([]byte(more), &v.added); err != nil {
		return v, fmt.Errorf("calendars: row %d: %w", v.Seq, err)
	}
	if err := json.Unmarshal([]byte(spec), &v.spec); err != nil {
		return v, fmt.Errorf("calendars: row %d: %w", v.Seq, err)
	}
	return v, nil
}

// since reads the versions after an act, oldest first; there are a few a year.
func since(tx *store.Tx, district string, seq int64) ([]Version, error) {
	return store.All(tx, scan, `SELECT seq, name, version, base, added, spec, at, account, action FROM calendar_versions
		WHERE district = $1 AND seq > $2 ORDER BY seq LIMIT 10000`, district, seq)
}

func insert(tx *store.Tx, district string, v Version) error {
	more, err := json.Marshal(v.added)
	if err != nil {
		return fmt.Errorf("calendars: %w", err)
	}
	spec, err := json.Marshal(v.spec)
	if err != nil {
		return fmt.Errorf("calendars: %w", err)
	}
	return tx.Exec(`INSERT INTO calendar_versions (district, seq, name, version, base, added, spec, at, account, action)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		district, v.Seq, v.Name, v.Version, v.base, string(more), string(spec), v.At, v.Account, v.Action)
}
