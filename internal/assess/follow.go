package assess

import (
	"fmt"
	"slices"

	"weixiao/internal/cases"
	"weixiao/internal/journal"
	"weixiao/internal/store"
)

// followerName is the follower's position in the journal.
const followerName = "scores"

// Follower keeps rows and sums up to date.
func (a *Assess) Follower() journal.Follower {
	return journal.Follower{Name: followerName, Concerns: func(act journal.Act) bool {
		return turns(&act) || act.Kind == Exclusions.Kind || act.Kind == Appeals.Kind
	},
		Handle: func(tx *store.Tx, acts []journal.Act) error {
			d := deltas{}
			for i := range acts {
				if err := a.follow(tx, &acts[i], d); err != nil {
					return fmt.Errorf("act %d: %w", acts[i].Seq, err)
				}
			}
			return d.write(tx, a.pack.District)
		}}
}

func (a *Assess) follow(tx *store.Tx, act *journal.Act, d deltas) error {
	switch {
	case act.Kind == Exclusions.Kind || act.Kind == Appeals.Kind:
		return a.followRequest(tx, act, d)
	case !turns(act):
		return nil
	}
	live, err := a.rowsOf(tx, act.Subject)
	if err != nil {
		return err
	}
	if act.Action == "answer" { // most cases end so, and nothing need be folded
		want, _, _ := caseRows(act, nil, nil, live)
		return a.change(tx, live, want, act.Seq, d)
	}
	if act.Kind == cases.WhistleTable.Kind {
		w, err := a.cases.WhistleAfter(tx, act.Subject, act.Seq)
		if err != nil {
			return err
		}
		if want, ok := whistleRows(act, w, live); ok {
			return a.change(tx, live, want, act.Seq, d)
		}
		return nil
	}
	ch, k, err := a.cases.Step(tx, *act)
	if err != nil {
		return err
	}
	want, fresh, ok := caseRows(act, ch, k, live)
	if !ok {
		return nil
	}
	if fresh {
		now := want[len(want)-1]
		earlier, err := a.earlier(tx, now)
		if err != nil {
			return err
		}
		if earlier != nil {
			want = append(want, returned(now, *earlier))
		}
	}
	return a.change(tx, live, want, act.Seq, d)
}

// followRequest applies what was granted or taken back to the rows that stand.
func (a *Assess) followRequest(tx *store.Tx, act *journal.Act, d deltas) error {
	e, on, ok, err := effectOf(act)
	if err != nil || !ok {
		return err
	}
	if on {
		err = tx.Exec(`INSERT INTO score_effects (district, number, month, unit, request, excluded, relief) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
			act.District, e.number, e.month, e.unit, e.request, e.excluded, e.relief)
	} else {
		err = tx.Exec(`DELETE FROM score_effects WHERE district = $1 AND number = $2 AND month = $3 AND unit = $4 AND request = $5`, act.District, e.number, e.month, e.unit, e.request)
	}
	if err != nil {
		return err
	}
	live, err := store.All(tx, scanRow, `SELECT `+rowColumns+` FROM score_rows WHERE district = $1 AND number = $2 AND month = $3 AND unit = $4 AND until = $5`,
		act.District, e.number, e.month, e.unit, int64(standing))
	if err != nil {
		return err
	}
	return a.change(tx, live, live, act.Seq, d)
}

// change ends rows and begins others so that want stands.
func (a *Assess) change(tx *store.Tx, live, want []row, seq int64, d deltas) error {
	effects, want := map[string][]effect{}, slices.Clone(want)
	for i, r := range want {
		if _, asked := effects[r.number]; !asked && r.kind != ofDirect {
			var err error
			if effects[r.number], err = a.effects(tx, r.number); err != nil {
				return err
			}
		}
		want[i] = r.under(effects[r.number])
	}
	ended, begun := reconcile(live, want, seq)
	for _, r := range ended {
		if err := tx.Exec(`UPDATE score_rows SET until = $8 WHERE district = $1 AND subject = $2 AND kind = $3 AND number = $4 AND unit = $5 AND other = $6 AND seq = $7`,
			a.pack.District, r.subject, r.kind, r.number, r.unit, r.other, r.seq, r.until); err != nil {
			return err
		}
		d.add(&r, -1)
	}
	for _, r := range begun {
		if err := tx.Exec(`INSERT INTO score_rows (district, `+rowColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)`,
			a.pack.District, r.kind, r.subject, r.number, r.unit, r.other, r.month, r.at, r.created, r.began, r.place, r.again, int64(r.base), r.relief, r.excluded, int64(r.counted), r.seq, r.until); err != nil {
			return err
		}
		d.add(&r, 1)
	}
	return nil
}

const rowColumns = `kind, subject, number, unit, other, month, at, created, began, place, again, base, relief, excluded, counted, seq, until`

func scanRow(s store.Scanner) (r row, err error) {
	var base, counted int64
	err = s.Scan(&r.kind, &r.subject, &r.number, &r.unit, &r.other, &r.month, &r.at, &r.created, &r.began, &r.place, &r.again, &base, &r.relief, &r.excluded, &counted, &r.seq, &r.until)
	r.base, r.counted = bits(base), bits(counted)
	return r, err
}

// rowsOf are the rows of a record that stand.
func (a *Assess) rowsOf(tx *store.Tx, subject string) ([]row, error) {
	return store.All(tx, scanRow, `SELECT `+rowColumns+` FROM score_rows WHERE district = $1 AND subject = $2 AND until = $3`, a.pack.District, subject, int64(standing))
}

func (a *Assess) effects(tx *store.Tx, number string) ([]effect, error) {
	return store.All(tx, func(s store.Scanner) (e effect, err error) {
		return e, s.Scan(&e.number, &e.month, &e.unit, &e.request, &e.excluded, &e.relief)
	}, `SELECT number, month, unit, request, excluded, relief FROM score_effects WHERE district = $1 AND number = $2`, a.pack.District, number)
}

// earlier is the case that a case is the return of: the last one that was closed
// before it was reported, not longer ago than cases.Returned, with the same matter
// at the same place, or of the same caller. nil when there is none.
func (a *Assess) earlier(tx *store.Tx, now row) (*row, error) {
	var found []row
	from := now.created - cases.Returned.Microseconds()
	if now.place != 0 {
		same, err := store.All(tx, scanRow, `SELECT `+rowColumns+` FROM score_rows
			WHERE district = $1 AND place = $2 AND place <> 0 AND at >= $3 AND at < $4 AND kind = 'case' AND until = $5 AND number <> $6 ORDER BY at DESC, number DESC LIMIT 1`,
			a.pack.District, now.place, from, now.created, int64(standing), now.number)
		if err != nil {
			return nil, err
		}
		found = same
	}
	if now.again != "" {
		same, err := store.All(tx, scanRow, `SELECT `+rowColumns+` FROM score_rows
			WHERE district = $1 AND subject = $2 AND kind = 'case' AND at >= $3 AND at < $4 AND until = $5 LIMIT 1`, a.pack.District, now.again, from, now.created, int64(standing))
		if err != nil {
			return nil, err
		}
		found = append(found, same...)
	}
	return latest(found), nil
}

// latest is the row that was closed last.
func latest(found []row) (out *row) {
	for i, r := range found {
		if out == nil || r.at > out.at || (r.at == out.at && r.number > out.number) {
			out = &found[i]
		}
	}
	return out
}

// deltas gather what a batch of acts does to the sums, so that each is written once.
type deltas map[[2]string]*tally

func (d deltas) add(r *row, n int64) {
	k := [2]string{r.month, r.unit}
	if d[k] == nil {
		d[k] = &tally{}
	}
	d[k].add(r, n)
}
