package assess

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sort"
	"strings"

	"weixiao/internal/calendars"
	"weixiao/internal/cases"
	"weixiao/internal/journal"
	"weixiao/internal/store"
)

// rebuild makes all rows and sums again from acts alone. It walks the acts record
// by record, so that it holds one record at a time; beside it stay the sums, what
// was granted, and 80 bytes for each closing, to find what came back.
type rebuild struct {
	a        *Assess
	set      *calendars.Set
	position int64 // acts up to this one; the follower has handled no more
	effects  map[string][]timedEffect
	cuts     map[string][]int64 // by month: acts that fixed its figures
	live     map[[2]string]*tally
	frozen   map[int64]map[string]*tally // by cut and unit
	closings []episode
	again    map[rowName]row // stored rows of what came back, compared at the end
	rows     int64           // that were expected and found
}

// timedEffect is an effect that begins or ends with an act.
type timedEffect struct {
	effect
	seq int64
	on  bool
}

// episode is one closing of a case, from the act that closed it until it was opened
// again.
type episode struct {
	number, unit, again string
	month               string
	place, at, created  int64
	began, end          int64
}

type rowName struct {
	subject, kind, number, unit, other string
	seq                                int64
}

func (r *row) name() rowName { return rowName{r.subject, r.kind, r.number, r.unit, r.other, r.seq} }

// count adds a version to what stands and to each frozen month in which it stood.
func (b *rebuild) count(r *row) {
	if r.until == standing {
		k := [2]string{r.month, r.unit}
		if b.live[k] == nil {
			b.live[k] = &tally{}
		}
		b.live[k].add(r, 1)
	}
	for _, cut := range b.cuts[r.month] {
		if r.seq < cut && r.until > cut {
			if b.frozen[cut][r.unit] == nil {
				b.frozen[cut][r.unit] = &tally{}
			}
			b.frozen[cut][r.unit].add(r, 1)
		}
	}
}

// page is some whole records with the rows that are stored of them.
type page struct {
	acts []journal.Act // by subject, then in order
	rows []row
}

// pageActs is how many acts are read at once.
const pageActs = 20_000

// walk reads all acts of a kind in pages while those before are worked on.
func (b *rebuild) walk(ctx context.Context, tx *store.Tx, kind string) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	pages, done := make(chan page, 2), make(chan error, 1)
	go func() {
		var err error
		for p := range pages {
			if err == nil {
				if err = b.page(kind, p); err != nil {
					stop()
				}
			}
		}
		done <- err
	}()
	err := b.read(ctx, tx, kind, pages)
	close(pages)
	if worked := <-done; worked != nil {
		return worked
	}
	return err
}

func (b *rebuild) read(ctx context.Context, tx *store.Tx, kind string, pages chan<- page) error {
	for from, limit := "", int64(pageActs); ; {
		acts := make([]journal.Act, 0, limit)
		err := tx.Each(`SELECT subject, seq, at, action, unit, body FROM acts WHERE district = $1 AND kind = $2 AND subject >= $3 ORDER BY subject, seq LIMIT $4`,
			[]any{b.a.pack.District, kind, from, limit}, func(s store.Scanner) error {
				a := journal.Act{District: b.a.pack.District, Kind: kind}
				if err := s.Scan(&a.Subject, &a.Seq, &a.At, &a.Action, &a.Actor.Unit, (*[]byte)(&a.Body)); err != nil {
					return err
				}
				acts = append(acts, a)
				return nil
			})
		if err != nil {
			return err
		}
		last := int64(len(acts)) < limit
		if !last {
			// The last record may go on: it is for the next page.
			cut, n := acts[len(acts)-1].Subject, len(acts)
			for n > 0 && acts[n-1].Subject == cut {
				n--
			}
			if n == 0 {
				limit *= 2
				continue
			}
			acts, from = acts[:n], cut
		}
		if len(acts) > 0 {
			p := page{acts: acts}
			p.rows, err = store.All(tx, scanRow, `SELECT `+rowColumns+` FROM score_rows WHERE district = $1 AND subject >= $2 AND subject <= $3 ORDER BY subject`,
				b.a.pack.District, acts[0].Subject, acts[len(acts)-1].Subject)
			if err != nil {
				return err
			}
			select {
			case pages <- p:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		if last {
			return nil
		}
	}
}

// page rebuilds and compares the records of a page. The order of subjects is the
// database's own, so they are only told apart here.
func (b *rebuild) page(kind string, p page) error {
	stored := map[string][]row{}
	for _, r := range p.rows {
		stored[r.subject] = append(stored[r.subject], r)
	}
	for len(p.acts) > 0 {
		subject, n := p.acts[0].Subject, 1
		for n < len(p.acts) && p.acts[n].Subject == subject {
			n++
		}
		want, err := b.record(kind, p.acts[:n])
		if err != nil {
			return err
		}
		if err := b.compare(subject, want, stored[subject]); err != nil {
			return err
		}
		delete(stored, subject)
		p.acts = p.acts[n:]
	}
	for _, rows := range stored {
		return differs(rows[0].subject, nil, rows)
	}
	return nil
}

// compare holds the versions that follow from acts against the stored ones. Rows
// of what came back are kept for later.
func (b *rebuild) compare(subject string, want, stored []row) error {
	kept := stored[:0:0]
	for _, r := range stored {
		if r.kind == ofAgain {
			b.again[r.name()] = r
		} else {
			kept = append(kept, r)
		}
	}
	slices.SortFunc(want, byName)
	slices.SortFunc(kept, byName)
	for i := range want {
		if i >= len(kept) || want[i] != kept[i] {
			return differs(subject, want[i:], kept[min(i, len(kept)):])
		}
		b.rows++
		b.count(&want[i])
	}
	if len(kept) > len(want) {
		return differs(subject, nil, kept[len(want):])
	}
	return nil
}

// differs says in what the first rows differ.
func differs(subject string, want, got []row) error {
	describe := func(list []row) string {
		if len(list) == 0 {
			return "nothing"
		}
		r := list[0]
		var names []string
		for i, n := range bitNames {
			if r.counted&(1<<i) != 0 {
				names = append(names, n)
			}
		}
		until := "now"
		if r.until != standing {
			until = fmt.Sprintf("act %d", r.until)
		}
		out := fmt.Sprintf("%s in %s for %s, from act %d until %s: %s", r.kind, r.month, r.unit, r.seq, until, strings.Join(names, " "))
		if r.excluded != "" {
			out += ", excluded as " + r.excluded
		}
		return out
	}
	return fmt.Errorf("assess: %s does not count as its acts say; they say: %s; stored is: %s", subject, describe(want), describe(got))
}

// versions are the rows of a record through time.
type versions struct{ live, ended []row }

func (v *versions) set(want []row, effects []effect, seq int64) {
	want = slices.Clone(want)
	for i := range want {
		want[i] = want[i].under(effects)
	}
	ended, begun := reconcile(v.live, want, seq)
	v.live = slices.DeleteFunc(v.live, func(r row) bool { return slices.ContainsFunc(ended, r.same) })
	v.live, v.ended = append(v.live, begun...), append(v.ended, ended...)
}

func (v *versions) all() []row { return append(slices.Clone(v.ended), v.live...) }

// record folds one record and returns all versions of its rows but those of what
// came back.
func (b *rebuild) record(kind string, acts []journal.Act) ([]row, error) {
	n := sort.Search(len(acts), func(i int) bool { return acts[i].Seq > b.position })
	if acts = acts[:n]; !slices.ContainsFunc(acts, func(a journal.Act) bool { return turns(&a) }) {
		return nil, nil
	}
	var v versions
	later := b.effects[acts[0].Subject]
	var now []effect
	until := func(seq int64) {
		for len(later) > 0 && later[0].seq < seq {
			now = later[0].after(now)
			v.set(v.live, now, later[0].seq)
			later = later[1:]
		}
	}
	var err error
	if kind == cases.WhistleTable.Kind {
		err = b.a.cases.WhistleSteps(b.set, acts, func(a *journal.Act, w *cases.Whistle) error {
			if turns(a) {
				until(a.Seq)
				if want, ok := whistleRows(a, w, v.live); ok {
					v.set(want, now, a.Seq)
				}
			}
			return nil
		})
	} else {
		err = b.a.cases.Steps(b.set, acts, func(a *journal.Act, ch *cases.Change, k *cases.Case) error {
			if turns(a) {
				until(a.Seq)
				if want, _, ok := caseRows(a, ch, k, v.live); ok {
					v.set(want, now, a.Seq)
				}
			}
			return nil
		})
	}
	if err != nil {
		return nil, err
	}
	until(standing)
	all := v.all()
	b.episodes(all)
	return all, nil
}

// after is the list of effects after this one began or ended.
func (e timedEffect) after(now []effect) []effect {
	if e.on {
		return append(slices.Clone(now), e.effect)
	}
	return slices.DeleteFunc(slices.Clone(now), func(x effect) bool { return x.request == e.request })
}

// episodes notes the closings among the versions of a case.
func (b *rebuild) episodes(all []row) {
	for _, r := range all {
		if r.kind != ofCase || r.seq != r.began {
			continue
		}
		e := episode{number: r.number, unit: r.unit, again: r.again, month: r.month, place: r.place, at: r.at, created: r.created, began: r.began, end: r.until}
		for _, o := range all {
			if o.kind == ofCase && o.began == r.began {
				e.end = max(e.end, o.until)
			}
		}
		b.closings = append(b.closings, e)
	}
}

// cameBack finds for every closing the earlier one it is the return of, and
// compares with what is stored.
func (b *rebuild) cameBack() error {
	c := b.closings
	slices.SortFunc(c, func(x, y episode) int {
		return cmp.Or(cmp.Compare(x.place, y.place), cmp.Compare(x.at, y.at), cmp.Compare(x.number, y.number))
	})
	byNumber := make([]int32, len(c))
	for i := range byNumber {
		byNumber[i] = int32(i)
	}
	slices.SortFunc(byNumber, func(x, y int32) int { return cmp.Compare(c[x].number, c[y].number) })
	for i := range c {
		e := &c[i]
		earlier := b.atPlace(e)
		if e.again != "" {
			for j := sort.Search(len(c), func(j int) bool { return c[byNumber[j]].number >= e.again }); j < len(c) && c[byNumber[j]].number == e.again; j++ {
				if o := &c[byNumber[j]]; o.before(e) && (earlier == nil || o.at > earlier.at || (o.at == earlier.at && o.number > earlier.number)) {
					earlier = o
				}
			}
		}
		if earlier == nil {
			continue
		}
		if err := b.checkReturn(e, earlier); err != nil {
			return err
		}
	}
	for _, r := range b.again {
		return differs(r.subject, nil, []row{r})
	}
	return nil
}

// before reports whether o is a closing that e can be the return of.
func (o *episode) before(e *episode) bool {
	return o.number != e.number && o.at < e.created && o.at >= e.created-cases.Returned.Microseconds() && o.began < e.began && o.end > e.began
}

// atPlace is the last closing at the same place before e was reported.
func (b *rebuild) atPlace(e *episode) *episode {
	if e.place == 0 {
		return nil
	}
	c := b.closings
	j := sort.Search(len(c), func(j int) bool { return c[j].place > e.place || (c[j].place == e.place && c[j].at >= e.created) })
	for j--; j >= 0 && c[j].place == e.place && c[j].at >= e.created-cases.Returned.Microseconds(); j-- {
		if c[j].before(e) {
			return &c[j]
		}
	}
	return nil
}

func (b *rebuild) checkReturn(e, earlier *episode) error {
	base := returned(row{subject: e.number, number: e.number, month: e.month, at: e.at, created: e.created, began: e.began}, row{number: earlier.number, unit: earlier.unit, at: earlier.at})
	var v versions
	var now []effect
	later := b.effects[earlier.number]
	for len(later) > 0 && later[0].seq < e.began {
		now, later = later[0].after(now), later[1:]
	}
	v.set([]row{base}, now, e.began)
	for ; len(later) > 0 && later[0].seq < e.end; later = later[1:] {
		now = later[0].after(now)
		v.set(v.live, now, later[0].seq)
	}
	if e.end != standing {
		v.set(nil, nil, e.end)
	}
	for _, want := range v.all() {
		got, ok := b.again[want.name()]
		if !ok || got != want {
			if !ok {
				return differs(e.number, []row{want}, nil)
			}
			return differs(e.number, []row{want}, []row{got})
		}
		delete(b.again, want.name())
		b.rows++
		b.count(&want)
	}
	return nil
}
