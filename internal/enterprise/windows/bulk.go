package windows

import (
	"context"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/journal"
	"weixiao/internal/store"
)

// Bulk makes n visits that were served and rated, evenly from one moment to another, for measurements: the acts, rows and
// sums of real ones (four acts each), many to a transaction. Made-up clerks serve them; no bad ratings are among them.
func (w *Windows) Bulk(ctx context.Context, n int, from, until time.Time) error {
	const batch = 5000
	r := rand.New(rand.NewPCG(1, uint64(n)))
	step := until.Sub(from) / time.Duration(n)
	for done := 0; done < n; done += batch {
		if err := w.db.Write(ctx, func(tx *store.Tx) error {
			sums := map[[2]string]Sums{}
			last := map[[2]string]int64{}
			for i := done; i < min(done+batch, n); i++ {
				if err := w.bulkVisit(tx, r, from.Add(time.Duration(i)*step), sums, last); err != nil {
					return err
				}
			}
			for _, k := range slices.SortedFunc(maps.Keys(sums), func(a, b [2]string) int { return slices.Compare(a[:], b[:]) }) {
				if err := w.addSums(tx, k[0], k[1], sums[k]); err != nil {
					return err
				}
			}
			for k, x := range last {
				if err := tx.Exec(`INSERT INTO window_counters (district, hall, day, last) VALUES ($1, $2, $3, $4) ON CONFLICT (district, hall, day) DO UPDATE SET last = excluded.last`, w.district, k[0], k[1], x); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			return err
		}
	}
	return nil
}

func (w *Windows) bulkVisit(tx *store.Tx, r *rand.Rand, at time.Time, sums map[[2]string]Sums, last map[[2]string]int64) error {
	win := &w.rules.Windows[r.IntN(len(w.rules.Windows))]
	day, id := dayOf(at), w.newID(at)
	k := [2]string{win.Hall, day}
	if _, ok := last[k]; !ok {
		list, err := store.All(tx, func(s store.Scanner) (n int64, err error) { return n, s.Scan(&n) }, `SELECT last FROM window_counters WHERE district = $1 AND hall = $2 AND day = $3`, w.district, k[0], k[1])
		if err != nil {
			return err
		}
		for _, n := range list {
			last[k] = n
		}
	}
	last[k]++
	v := &Visit{}
	level := int64(3 + min(2, r.IntN(9)))
	for _, x := range []struct {
		action, capacity, account string
		body                      visitChange
	}{
		{"take", access.Anonymous, "", visitChange{Hall: win.Hall, Day: day, Number: last[k], Item: win.Items[r.IntN(len(win.Items))]}},
		{"call", access.Clerk, "bench-" + win.ID, visitChange{Window: win.ID, Slow: r.IntN(20) == 0}},
		{"finish", access.Clerk, "bench-" + win.ID, visitChange{Outcome: Done, Slow: r.IntN(20) == 0}},
		{"rate", access.Resident, "", visitChange{Level: level, Labels: w.rules.Labels.Version}},
	} {
		a, err := w.append(tx, journal.Actor{Account: x.account, Capacity: x.capacity}, id, x.action, at, x.body, nil)
		if err != nil {
			return err
		}
		window, d, err := v.fold(a)
		if err != nil {
			return err
		}
		if window != "" {
			s := sums[[2]string{window, dayOf(a.Time())}]
			s.Add(d)
			sums[[2]string{window, dayOf(a.Time())}] = s
		}
	}
	return w.insertVisit(tx, v)
}

// Recount adds the ratings of a quarter up anew from the visits' rows, by window and level ("b01 5"): what the kept sums
// must say without looking at a single visit.
func (w *Windows) Recount(ctx context.Context, quarter string) (map[string]int64, error) {
	from, until, ok := Bounds(quarter)
	if !ok {
		return nil, store.ErrNotFound
	}
	out := map[string]int64{}
	err := w.db.Read(ctx, func(tx *store.Tx) error {
		return tx.Each(`SELECT win, level, count(*) FROM window_visits WHERE district = $1 AND counted >= $2 AND counted < $3 GROUP BY win, level`, []any{w.district, from.UnixMicro(), until.UnixMicro()}, func(s store.Scanner) error {
			var id string
			var level, n int64
			err := s.Scan(&id, &level, &n)
			out[id+" "+strconv.FormatInt(level, 10)] = n
			return err
		})
	})
	return out, err
}
