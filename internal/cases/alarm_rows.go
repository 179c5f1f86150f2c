package cases

import (
	"encoding/json"
	"fmt"

	"weixiao/internal/store"
)

// Rows of the table alarms are only written by whoever holds the journal's head
// (journal.Begin), so that nobody overwrites what a neighbour has just rung.

const alarmColumns = `a.kind, a.number, a.at, a.level, a.since, a.clocks`

func scanStanding(r store.Scanner) (standing, error) {
	var st standing
	var level int64
	var clocks string
	if err := r.Scan(&st.kind, &st.number, &st.at, &level, &st.since, &clocks); err != nil {
		return st, err
	}
	st.level = int(level)
	if err := json.Unmarshal([]byte(clocks), &st.clocks); err != nil {
		return st, fmt.Errorf("cases: alarm of %s: %w", st.number, err)
	}
	return st, nil
}

// key names a row of alarms.
type alarmKey struct{ kind, number string }

func (st standing) key() alarmKey { return alarmKey{st.kind, st.number} }

// dueKeys are subjects whose next rung is due, longest first, after a place in
// that order.
func (c *Cases) dueKeys(tx *store.Tx, now int64, after standing, limit int) ([]standing, error) {
	return store.All(tx, scanStanding, `SELECT `+alarmColumns+` FROM alarms a WHERE a.district = $1 AND a.at <= $2 AND (a.at, a.kind, a.number) > ($3, $4, $5)
		ORDER BY a.at, a.kind, a.number LIMIT $6`, c.d.Code, now, after.at, after.kind, after.number, limit)
}

// numbersIn adds a list of numbers to a query. Its length is one of a few, so that
// few statements have to be prepared.
func (b *builder) numbersIn(numbers []string) *builder {
	n := len(numbers)
	for _, size := range []int{1, 10, 50, 200} {
		if n <= size {
			n = size
			break
		}
	}
	b.add(" IN (")
	for i := range n {
		if i > 0 {
			b.add(", ")
		}
		b.arg(numbers[min(i, len(numbers)-1)])
	}
	return b.add(")")
}

// byKind splits keys into the numbers of each kind.
func byKind(keys []alarmKey) map[string][]string {
	out := map[string][]string{}
	for _, k := range keys {
		out[k.kind] = append(out[k.kind], k.number)
	}
	return out
}

// standings reads the rows of these subjects.
func (c *Cases) standings(tx *store.Tx, keys []alarmKey) (map[alarmKey]standing, error) {
	out := map[alarmKey]standing{}
	for kind, numbers := range byKind(keys) {
		var b builder
		b.add("SELECT " + alarmColumns + " FROM alarms a WHERE a.district = ").arg(c.d.Code).add(" AND a.kind = ").arg(kind).add(" AND a.number").numbersIn(numbers)
		list, err := store.All(tx, scanStanding, b.String(), b.args...)
		if err != nil {
			return nil, err
		}
		for _, st := range list {
			out[st.key()] = st
		}
	}
	return out, nil
}

// scanLaddered reads as much of a case as its ladders need: not its words.
func scanLaddered(r store.Scanner) (*Case, error) {
	k := &Case{}
	var more string
	if err := r.Scan(&k.Number, &k.Changed, &k.State, &k.Holder, &k.Assignee, &k.Profile, &more); err != nil {
		return nil, err
	}
	var x struct {
		Clocks map[string]Clock `json:"clocks"`
	}
	if err := json.Unmarshal([]byte(more), &x); err != nil {
		return nil, fmt.Errorf("cases: row %s: %w", k.Number, err)
	}
	k.Clocks = x.Clocks
	return k, nil
}

// subjects reads the cases, whistles and checks of these keys as they are now. What does
// not exist is left out.
func (c *Cases) subjects(tx *store.Tx, keys []alarmKey) (map[alarmKey]clocked, error) {
	out := map[alarmKey]clocked{}
	set, err := c.d.Calendar.In(tx)
	if err != nil {
		return nil, err
	}
	numbers := byKind(keys)
	if list := numbers[Table.Kind]; len(list) > 0 {
		var b builder
		b.add("SELECT k.number, k.changed, k.state, k.holder, k.assignee, k.profile, k.rest FROM cases k WHERE k.district = ").arg(c.d.Code).add(" AND k.number").numbersIn(list)
		found, err := store.All(tx, scanLaddered, b.String(), b.args...)
		if err != nil {
			return nil, err
		}
		for _, k := range found {
			out[alarmKey{Table.Kind, k.Number}] = c.onLadder(k, set)
		}
	}
	if list := numbers[WhistleTable.Kind]; len(list) > 0 {
		var b builder
		b.add("SELECT " + whistleColumns + " FROM whistles w WHERE w.district = ").arg(c.d.Code).add(" AND w.number").numbersIn(list)
		found, err := store.All(tx, scanWhistle, b.String(), b.args...)
		if err != nil {
			return nil, err
		}
		for _, w := range found {
			out[alarmKey{WhistleTable.Kind, w.Number}] = c.whistleOnLadder(w, set)
		}
	}
	if list := numbers[CheckTable.Kind]; len(list) > 0 {
		var b builder
		b.add("SELECT " + checkColumns + " FROM checks x WHERE x.district = ").arg(c.d.Code).add(" AND x.number").numbersIn(list)
		found, err := store.All(tx, scanCheck, b.String(), b.args...)
		if err != nil {
			return nil, err
		}
		for _, x := range found {
			out[alarmKey{CheckTable.Kind, x.Number}] = c.checkOnLadder(x, set)
		}
	}
	return out, nil
}

// heard reads the alarm acts of these numbers, oldest first. In the order of the index: for seq alone SQLite would read all acts.
func (c *Cases) heard(tx *store.Tx, numbers []string) (map[string][]AlarmEntry, error) {
	out := map[string][]AlarmEntry{}
	if len(numbers) == 0 {
		return out, nil
	}
	var b builder
	b.add("SELECT seq, at, subject, action, body FROM acts WHERE district = ").arg(c.d.Code).add(" AND kind = ").arg(AlarmKind).add(" AND subject").numbersIn(numbers).add(" ORDER BY subject, seq")
	err := tx.Each(b.String(), b.args, func(r store.Scanner) error {
		var e AlarmEntry
		var body string
		if err := r.Scan(&e.Seq, &e.At, &e.Subject, &e.Action, &body); err != nil {
			return err
		}
		e.District, e.Kind, e.Body = c.d.Code, AlarmKind, []byte(body)
		e.Actor.Capacity = "system"
		if err := e.Into(&e.Alarm); err != nil {
			return err
		}
		out[e.Subject] = append(out[e.Subject], e)
		return nil
	})
	return out, err
}

// keep writes how a subject stands, or takes its row away.
func (c *Cases) keep(tx *store.Tx, st standing, ok bool) error {
	if !ok {
		return tx.Exec(`DELETE FROM alarms WHERE district = $1 AND kind = $2 AND number = $3`, c.d.Code, st.kind, st.number)
	}
	clocks, err := json.Marshal(st.clocks)
	if err != nil {
		return fmt.Errorf("cases: %w", err)
	}
	return tx.Exec(`INSERT INTO alarms (district, kind, number, at, level, since, clocks) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (district, kind, number) DO UPDATE SET at = excluded.at, level = excluded.level, since = excluded.since, clocks = excluded.clocks`,
		c.d.Code, st.kind, st.number, st.at, int64(st.level), st.since, string(clocks))
}
