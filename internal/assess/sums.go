package assess

import (
	"cmp"
	"maps"
	"slices"

	"weixiao/internal/store"
)

// write adds the deltas to the sums, in a fixed order so that two nodes never wait
// for each other in a circle.
func (d deltas) write(tx *store.Tx, district string) error {
	keys := slices.SortedFunc(maps.Keys(d), func(a, b [2]string) int { return cmp.Or(cmp.Compare(a[0], b[0]), cmp.Compare(a[1], b[1])) })
	for _, k := range keys {
		t := d[k]
		for i, name := range bitNames {
			if t.every[i] == 0 && t.out[i] == 0 {
				continue
			}
			if err := tx.Exec(`INSERT INTO score_sums (district, month, unit, name, every, left_out) VALUES ($1, $2, $3, $4, $5, $6)
				ON CONFLICT (district, month, unit, name) DO UPDATE SET every = score_sums.every + excluded.every, left_out = score_sums.left_out + excluded.left_out`,
				district, k[0], k[1], name, t.every[i], t.out[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

// sums reads the sums of a month, or of one unit in a range of months.
func (a *Assess) sums(tx *store.Tx, month string) (map[string]*tally, error) {
	out := map[string]*tally{}
	err := tx.Each(`SELECT unit, name, every, left_out FROM score_sums WHERE district = $1 AND month = $2`, []any{a.pack.District, month}, func(r store.Scanner) error {
		var unit, name string
		var every, left int64
		if err := r.Scan(&unit, &name, &every, &left); err != nil {
			return err
		}
		if i := slices.Index(bitNames[:], name); i >= 0 {
			if out[unit] == nil {
				out[unit] = &tally{}
			}
			out[unit].every[i], out[unit].out[i] = every, left
		}
		return nil
	})
	// A record that counts no more leaves its zeros behind.
	maps.DeleteFunc(out, func(_ string, t *tally) bool { return t.zero() })
	return out, err
}
