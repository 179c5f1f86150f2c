package assess

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"weixiao/internal/cases"
	"weixiao/internal/journal"
	"weixiao/internal/store"
)

// Verified says what was rebuilt and found equal.
type Verified struct {
	Rows   int64 // versions of rows
	Months int   // with sums
	Sheets int   // frozen and corrected months, with every count and the bits of every result
}

func (v Verified) String() string {
	return fmt.Sprintf("%d rows, %d months and %d frozen sheets follow from their acts bit by bit", v.Rows, v.Months, v.Sheets)
}

// Verify rebuilds every row, every sum of every month, and every frozen and
// corrected month from acts, and compares them with what is stored. The error
// names the first difference. What the follower has not handled yet is left out,
// so it works beside a running district.
func (a *Assess) Verify(ctx context.Context) (out Verified, err error) {
	err = a.db.Read(ctx, func(tx *store.Tx) error {
		b := &rebuild{a: a, effects: map[string][]timedEffect{}, cuts: map[string][]int64{}, live: map[[2]string]*tally{}, frozen: map[int64]map[string]*tally{}, again: map[rowName]row{}}
		if b.set, err = a.cases.Calendars(tx); err != nil {
			return err
		}
		if b.position, err = journal.Position(tx, a.pack.District, followerName); err != nil {
			return err
		}
		sheets, err := b.months(tx)
		if err != nil {
			return err
		}
		for _, kind := range []string{Exclusions.Kind, Appeals.Kind} {
			if err := b.requests(tx, kind); err != nil {
				return err
			}
		}
		for number := range b.effects {
			slices.SortFunc(b.effects[number], func(x, y timedEffect) int { return cmp.Compare(x.seq, y.seq) })
		}
		for _, kind := range []string{cases.Table.Kind, cases.WhistleTable.Kind} {
			if err := b.walk(ctx, tx, kind); err != nil {
				return err
			}
		}
		if err := b.cameBack(); err != nil {
			return err
		}
		if out.Months, err = b.compareSums(tx); err != nil {
			return err
		}
		if err := b.compareSheets(sheets); err != nil {
			return err
		}
		out.Rows, out.Sheets = b.rows, len(sheets)
		return nil
	})
	return out, err
}

// frozenSheet is a sheet with the act and month it is of.
type frozenSheet struct {
	*sheet
	month string
	seq   int64
}

// months folds the acts of months, compares them with their rows and returns what
// was frozen.
func (b *rebuild) months(tx *store.Tx) ([]frozenSheet, error) {
	acts, err := b.acts(tx, Months.Kind)
	if err != nil {
		return nil, err
	}
	var out []frozenSheet
	want := map[string]*Period{}
	for i := range acts {
		a := &acts[i]
		var ch periodChange
		if err := json.Unmarshal(a.Body, &ch); err != nil {
			return nil, fmt.Errorf("assess: act %d: %w", a.Seq, err)
		}
		p := want[a.Subject]
		if p == nil {
			p = &Period{}
			want[a.Subject] = p
		}
		p.fold(a, &ch)
		if ch.Sheet != nil {
			out = append(out, frozenSheet{ch.Sheet, a.Subject, a.Seq})
			b.cuts[a.Subject] = append(b.cuts[a.Subject], a.Seq)
			b.frozen[a.Seq] = map[string]*tally{}
		}
	}
	var n int64
	if err := tx.Row(`SELECT count(*) FROM score_months WHERE district = $1`, []any{b.a.pack.District}, &n); err != nil {
		return nil, err
	}
	if int(n) != len(want) {
		return nil, fmt.Errorf("assess: %d months are on their way, their acts say %d", n, len(want))
	}
	for _, m := range slices.Sorted(maps.Keys(want)) {
		got, err := b.a.loadMonth(tx, m)
		if err != nil || got.Month != want[m].Month || got.State != want[m].State || got.Version != want[m].Version || got.LastSeq != want[m].LastSeq ||
			got.Created != want[m].Created || got.Changed != want[m].Changed || got.Until != want[m].Until || got.Cut != want[m].Cut {
			return nil, fmt.Errorf("assess: month %s does not stand as its acts say", m)
		}
	}
	return out, nil
}

// requests folds the acts of exclusions or appeals, compares them with their rows
// and notes what was granted.
func (b *rebuild) requests(tx *store.Tx, kind string) error {
	acts, err := b.acts(tx, kind)
	if err != nil {
		return err
	}
	want := map[string]*Request{}
	for i := range acts {
		a := &acts[i]
		var ch requestChange
		if err := a.Into(&ch); err != nil {
			return err
		}
		q := want[a.Subject]
		if q == nil {
			q = &Request{}
			want[a.Subject] = q
		}
		if err := q.fold(a, &ch); err != nil {
			return err
		}
		e, on, ok, err := effectOf(a)
		if err != nil {
			return err
		}
		if ok && a.Seq <= b.position {
			b.effects[e.number] = append(b.effects[e.number], timedEffect{e, a.Seq, on})
		}
	}
	found, err := store.All(tx, scanRequest, `SELECT `+requestColumns+` FROM score_requests WHERE district = $1 AND kind = $2 ORDER BY id`, b.a.pack.District, kind)
	if err != nil {
		return err
	}
	for _, got := range found {
		if q := want[got.ID]; q == nil || q.State != got.State || !equalRequests(*q, *got) {
			return fmt.Errorf("assess: %s %s does not stand as its acts say", kind, got.ID)
		}
	}
	if len(found) != len(want) {
		return fmt.Errorf("assess: %d %ss are stored, their acts say %d", len(found), kind, len(want))
	}
	return nil
}

func equalRequests(a, b Request) bool {
	a.Marks, b.Marks = nil, nil
	return a.Kind == b.Kind && a.ID == b.ID && a.Doc == b.Doc && a.Version == b.Version && a.LastSeq == b.LastSeq && a.Created == b.Created && a.Changed == b.Changed &&
		a.Number == b.Number && a.Month == b.Month && a.Unit == b.Unit && a.Ground == b.Ground && a.Asker == b.Asker && a.Adviser == b.Adviser && a.Opinion == b.Opinion
}

// acts are all acts of a kind that has few, by subject.
func (b *rebuild) acts(tx *store.Tx, kind string) ([]journal.Act, error) {
	return store.All(tx, func(s store.Scanner) (a journal.Act, err error) {
		a.District, a.Kind = b.a.pack.District, kind
		return a, s.Scan(&a.Subject, &a.Seq, &a.At, &a.Action, &a.Actor.Unit, (*[]byte)(&a.Body))
	}, `SELECT subject, seq, at, action, unit, body FROM acts WHERE district = $1 AND kind = $2 ORDER BY subject, seq`, b.a.pack.District, kind)
}

// compareSums holds the sums against those of the rebuilt rows.
func (b *rebuild) compareSums(tx *store.Tx) (months int, err error) {
	var n int64
	if err := tx.Row(`SELECT count(*) FROM score_rows WHERE district = $1`, []any{b.a.pack.District}, &n); err != nil {
		return 0, err
	}
	if n != b.rows {
		return 0, fmt.Errorf("assess: %d rows are stored, %d follow from acts", n, b.rows)
	}
	got := map[[2]string]*tally{}
	seen := map[string]bool{}
	err = tx.Each(`SELECT month, unit, name, every, left_out FROM score_sums WHERE district = $1`, []any{b.a.pack.District}, func(r store.Scanner) error {
		var month, unit, name string
		var every, left int64
		if err := r.Scan(&month, &unit, &name, &every, &left); err != nil {
			return err
		}
		i := slices.Index(bitNames[:], name)
		if i < 0 {
			return fmt.Errorf("assess: %s: %s has a sum of %q, which nobody counts", month, unit, name)
		}
		k := [2]string{month, unit}
		if got[k] == nil {
			got[k] = &tally{}
		}
		got[k].every[i], got[k].out[i] = every, left
		seen[month] = true
		return nil
	})
	if err != nil {
		return 0, err
	}
	keys := map[[2]string]bool{}
	for k := range got {
		keys[k] = true
	}
	for k := range b.live {
		keys[k] = true
	}
	for _, k := range slices.SortedFunc(maps.Keys(keys), func(x, y [2]string) int { return cmp.Or(cmp.Compare(x[0], y[0]), cmp.Compare(x[1], y[1])) }) {
		want, have := b.live[k], got[k]
		if want == nil {
			want = &tally{}
		}
		if have == nil {
			have = &tally{}
		}
		for i, name := range bitNames {
			if want.every[i] != have.every[i] || want.out[i] != have.out[i] {
				return 0, fmt.Errorf("assess: %s: %s of %s is %d with %d excluded, its acts say %d with %d", k[0], name, k[1], have.every[i], have.out[i], want.every[i], want.out[i])
			}
		}
	}
	return len(seen), nil
}

// compareSheets makes every frozen sheet again from the rebuilt counts.
func (b *rebuild) compareSheets(sheets []frozenSheet) error {
	for _, s := range sheets {
		if s.seq > b.position+1 {
			// The follower settles inside the write that freezes, so everything before is
			// handled; the act itself may be the one after.
			return fmt.Errorf("assess: the figures of %s were frozen by act %d before the acts up to it were counted", s.month, s.seq)
		}
		sums := b.frozen[s.seq]
		maps.DeleteFunc(sums, func(_ string, t *tally) bool { return t.zero() })
		again, err := s.again(sums)
		if err != nil {
			return err
		}
		if d := s.difference(again); d != "" {
			return fmt.Errorf("assess: %s as act %d froze it does not follow from acts: %s", s.month, s.seq, d)
		}
	}
	return nil
}
