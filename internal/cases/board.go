package cases

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/journal"
	"weixiao/internal/store"
)

// Want is which open cases a list shows: everything that is given must hold.
type Want struct {
	Desks   []string // queues of the centre, any of them
	States  []string // any of them
	Marks   []string // any of them
	Holder  string   // the unit that must act next
	Ours    []string // one of these units leads or must act next
	Others  []string // none of these units leads or must act next
	Account string   // given to this account, or to nobody yet
	Due     string   // "over", "soon" (ends within SoonWithin), "today" (over, or ends today), or "" for all

	Street, Community string
	// The rest narrows lists only; a Tally does not know it.
	Matter, Channel, Unit, Kind string
	From, To                    int64 // created, µs
}

// Narrow reports whether w asks for something that a Tally cannot count.
func (w Want) Narrow() bool {
	return w.Matter != "" || w.Channel != "" || w.Unit != "" || w.Kind != "" || w.From != 0 || w.To != 0
}

// SoonWithin is how near a deadline is that ends soon.
const SoonWithin = 2 * time.Hour

// card is what lists and counts must know of an open case.
type card struct {
	number, state, desk, unit, holder, assignee string
	channel, kind, matter, street, community    string
	marks                                       []string
	reach                                       []string // units whose people may see it
	due, created                                int64
}

func (k *card) cursor() Cursor { return turn(k.due, k.created, k.number) }

// Turn is the place of an open case in a queue: by its next deadline; those that
// have none come after all others, the oldest first.
func (k *Case) Turn() Cursor { return turn(NextDue(k.Clocks), k.Created, k.Number) }

func turn(due, created int64, number string) Cursor {
	if due == NoDue {
		due = NoDue/2 + created
	}
	return Cursor{due, number}
}

func (c Cursor) compare(o Cursor) int {
	switch {
	case c.Due < o.Due:
		return -1
	case c.Due > o.Due:
		return 1
	}
	return strings.Compare(c.Number, o.Number)
}

// has is Want as a test of a card; now decides what is over and soon.
func (w *Want) has(k *card, now int64) bool {
	in := func(list []string, s string) bool { return len(list) == 0 || slices.Contains(list, s) }
	is := func(want, s string) bool { return want == "" || want == s }
	switch {
	case !in(w.Desks, k.desk), !in(w.States, k.state), !is(w.Holder, k.holder), !is(w.Street, k.street), !is(w.Community, k.community),
		!is(w.Matter, k.matter), !is(w.Channel, k.channel), !is(w.Unit, k.unit), !is(w.Kind, k.kind):
		return false
	case w.From != 0 && k.created < w.From, w.To != 0 && k.created >= w.To:
		return false
	case len(w.Marks) > 0 && !slices.ContainsFunc(w.Marks, func(m string) bool { return slices.Contains(k.marks, m) }):
		return false
	case len(w.Ours) > 0 && !slices.Contains(w.Ours, k.unit) && !slices.Contains(w.Ours, k.holder):
		return false
	case slices.Contains(w.Others, k.unit), slices.Contains(w.Others, k.holder):
		return false
	case w.Account != "" && k.assignee != "" && k.assignee != w.Account:
		return false
	case w.Due == "over" && k.due >= now:
		return false
	case w.Due == "today" && k.due >= endOfDay(now):
		return false
	case w.Due == "soon" && (k.due < now || k.due >= now+SoonWithin.Microseconds()):
		return false
	}
	return true
}

func endOfDay(now int64) int64 {
	local := time.UnixMicro(now).In(zone)
	return time.Date(local.Year(), local.Month(), local.Day()+1, 0, 0, 0, 0, zone).UnixMicro()
}

// Has reports whether an open case belongs to the list at that moment.
func (w Want) Has(k *Case, now time.Time) bool {
	return w.has(&card{state: k.State, desk: k.Desk, unit: k.Unit, holder: k.Holder, assignee: k.Assignee, channel: k.Channel, kind: k.Kind, matter: k.Matter,
		street: k.Place.Street, community: k.Place.Community, marks: k.Marks, due: NextDue(k.Clocks), created: k.Created}, now.UnixMicro())
}

// board holds a card for every open case, in the order of their next deadlines.
// Open cases are few among all (a district of 250,000 people has one or two
// thousand; ten thousand cards take three megabytes), every page counts them in a
// dozen ways, and no index serves all of the ways. The journal says which cards
// are out of date, so each look reads only what happened since the last one, in
// the snapshot of its own transaction and on every node alike.
type board struct {
	c     *Cases
	mu    sync.Mutex
	seq   int64 // of the last act it knows of; 0 = never read
	by    map[string]*card
	order []*card
	words map[string]string // one copy of each unit, state, matter …
	tally map[string]tallied
}

type tallied struct {
	seq, minute int64
	groups      []Group
}

const (
	maxBehind  = 5000 // acts after which reading everything is quicker, or as many as there are cards
	maxTallies = 500  // one for each unit that is looked at
)

// sync brings the board up to the snapshot of tx. The lock is held.
func (b *board) sync(tx *store.Tx) error {
	head, err := journal.Head(tx, b.c.d.Code)
	if err != nil || (head <= b.seq && b.by != nil) {
		return err
	}
	if b.by == nil || head-b.seq > max(maxBehind, int64(len(b.by))) {
		b.by, b.order, b.words = map[string]*card{}, nil, map[string]string{}
		err = tx.Each(`SELECT `+cardColumns+` FROM cases WHERE district = $1 AND is_open = TRUE`, []any{b.c.d.Code}, func(r store.Scanner) error {
			k, _, err := b.scan(r)
			if err == nil {
				b.by[k.number], b.order = k, append(b.order, k)
			}
			return err
		})
		if err != nil {
			b.by = nil
			return err
		}
		slices.SortFunc(b.order, func(x, y *card) int { return x.cursor().compare(y.cursor()) })
		b.seq = head
		return nil
	}
	if err := b.refresh(tx); err != nil {
		b.by = nil
		return err
	}
	b.seq = head
	return nil
}

// refresh reads the cards of the cases that anything happened to.
func (b *board) refresh(tx *store.Tx) error {
	// Not DISTINCT: SQLite would walk through the index of all subjects for it.
	numbers, err := store.All(tx, func(r store.Scanner) (s string, err error) { return s, r.Scan(&s) },
		`SELECT subject FROM acts WHERE district = $1 AND seq > $2 AND kind = $3 ORDER BY seq`, b.c.d.Code, b.seq, Table.Kind)
	if err != nil {
		return err
	}
	slices.Sort(numbers)
	numbers = slices.Compact(numbers)
	for part := range slices.Chunk(numbers, 200) {
		var q builder
		q.add(`SELECT ` + cardColumns + ` FROM cases WHERE district = `).arg(b.c.d.Code).add(` AND number IN (''`)
		for _, n := range part {
			q.add(", ").arg(n)
			b.drop(n)
		}
		err := tx.Each(q.add(")").String(), q.args, func(r store.Scanner) error {
			k, open, err := b.scan(r)
			if err == nil && open {
				b.put(k)
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (b *board) find(at Cursor) (int, bool) {
	return slices.BinarySearchFunc(b.order, at, func(k *card, at Cursor) int { return k.cursor().compare(at) })
}

func (b *board) put(k *card) {
	i, _ := b.find(k.cursor())
	b.order = slices.Insert(b.order, i, k)
	b.by[k.number] = k
}

func (b *board) drop(number string) {
	k, ok := b.by[number]
	if !ok {
		return
	}
	if i, ok := b.find(k.cursor()); ok {
		b.order = slices.Delete(b.order, i, i+1)
	}
	delete(b.by, number)
}

const cardColumns = `number, is_open, next_due, created, state, marks, desk, unit, holder, assignee, channel, kind, matter, street, community, rest`

func (b *board) scan(r store.Scanner) (k *card, open bool, err error) {
	k = &card{}
	var marks, more string
	if err := r.Scan(&k.number, &open, &k.due, &k.created, &k.state, &marks, &k.desk, &k.unit, &k.holder, &k.assignee, &k.channel, &k.kind, &k.matter,
		&k.street, &k.community, &more); err != nil {
		return nil, false, err
	}
	var x struct {
		Units map[string]string `json:"units"`
	}
	if err := json.Unmarshal([]byte(more), &x); err != nil {
		return nil, false, fmt.Errorf("cases: row %s: %w", k.number, err)
	}
	if marks != "" {
		k.marks = strings.Split(marks, ",")
	}
	k.reach = b.c.reached(&Case{Units: x.Units})
	for _, s := range []*string{&k.state, &k.desk, &k.unit, &k.holder, &k.assignee, &k.channel, &k.kind, &k.matter, &k.street, &k.community} {
		*s = b.word(*s)
	}
	for i, s := range k.marks {
		k.marks[i] = b.word(s)
	}
	return k, open, nil
}

func (b *board) word(s string) string {
	if one, ok := b.words[s]; ok {
		return one
	}
	s = strings.Clone(s)
	b.words[s] = s
	return s
}

// sees reports whether the scope reaches a card, as visible does for a case.
func sees(sc access.Scope, k *card) bool {
	return sc.All() || (sc.Unit() != "" && slices.Contains(k.reach, sc.Unit()))
}

// pick returns the numbers of at most n cards that fit, in the order of their
// deadlines, beginning after a cursor.
func (b *board) pick(sc access.Scope, w Want, now time.Time, after Cursor, n int) (numbers []string) {
	i, ok := b.find(after)
	if ok {
		i++
	}
	for _, k := range b.order[i:] {
		if len(numbers) == n {
			break
		}
		if sees(sc, k) && w.has(k, now.UnixMicro()) {
			numbers = append(numbers, k.number)
		}
	}
	return numbers
}

// Warm reads the open cases, so that the first page after a start need not.
func (c *Cases) Warm(ctx context.Context) error {
	_, err := c.fromBoard(ctx, func(*board) []string { return nil })
	return err
}

// Queue reads one page of open cases that the scope reaches, next deadline first.
func (c *Cases) Queue(ctx context.Context, sc access.Scope, w Want, now time.Time, after Cursor, limit int) ([]*Row, error) {
	return c.fromBoard(ctx, func(b *board) []string { return b.pick(sc, w, now, after, limit) })
}

// Alike reads open cases of a matter or of a community that came in since a
// moment, newest first: candidates for being the same problem.
func (c *Cases) Alike(ctx context.Context, sc access.Scope, matter, community string, since time.Time, limit int) ([]*Row, error) {
	if matter == "" && community == "" {
		return nil, nil
	}
	return c.fromBoard(ctx, func(b *board) []string {
		var found []*card
		for _, k := range b.order {
			if k.created >= since.UnixMicro() && ((matter != "" && k.matter == matter) || (community != "" && k.community == community)) && sees(sc, k) {
				found = append(found, k)
			}
		}
		slices.SortFunc(found, func(x, y *card) int { return Cursor{y.created, x.number}.compare(Cursor{x.created, y.number}) })
		numbers := make([]string, min(limit, len(found)))
		for i := range numbers {
			numbers[i] = found[i].number
		}
		return numbers
	})
}

// fromBoard reads the rows of the cases that choose picks, in its order.
func (c *Cases) fromBoard(ctx context.Context, choose func(*board) []string) ([]*Row, error) {
	return store.Get(ctx, c.db, func(tx *store.Tx) ([]*Row, error) {
		c.board.mu.Lock()
		err := c.board.sync(tx)
		var numbers []string
		if err == nil {
			numbers = choose(c.board)
		}
		c.board.mu.Unlock()
		if err != nil || len(numbers) == 0 {
			return nil, err
		}
		return c.rows(tx, numbers)
	})
}
