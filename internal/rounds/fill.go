package rounds

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sort"
	"time"

	"weixiao/internal/journal"
	"weixiao/internal/store"
)

// Follower follows the journal: acts of real work fill the turns of whoever did them, and the end of a case is the
// outcome of the finding it began with. Nobody ticks anything.
func (r *Rounds) Follower() journal.Follower {
	return journal.Follower{Name: "rounds", Concerns: r.concerns, Handle: r.follow}
}

// learn notes which acts fill something.
func (r *Rounds) learn(items []item) {
	for _, it := range items {
		for _, by := range it.By {
			r.work.Store(by, true)
		}
	}
}

func (r *Rounds) concerns(a journal.Act) bool {
	if a.Kind == KindTurns {
		return true
	}
	if _, ok := ends(a); ok {
		return true
	}
	_, ok := r.work.Load(a.Kind + "." + a.Action)
	return ok && a.Actor.Account != ""
}

// kindCase is the kind of the acts of cases. Of their bodies only what ends a case is read here.
const kindCase = "case"

// caseEnds are the states in which a case is ended, and rework, in which it is open again.
var caseEnds = []string{"closed", "answered", "screened", "merged", "terminated", "withdrawn", "rework"}

// ends is what an act of a case says about its end.
func ends(a journal.Act) (outcome, bool) {
	if a.Kind != kindCase {
		return outcome{}, false
	}
	var c struct {
		State   string `json:"state"`
		Outcome *struct {
			Result string `json:"result"`
			Solved string `json:"solved"`
		} `json:"outcome"`
	}
	// Most acts end nothing: that is seen without reading the whole of them.
	if !slices.ContainsFunc(caseEnds, func(s string) bool { return hasState(a.Body, s) }) {
		return outcome{}, false
	}
	if err := json.Unmarshal(a.Body, &c); err != nil || !slices.Contains(caseEnds, c.State) {
		return outcome{}, false
	}
	o := outcome{state: c.State, at: a.At}
	if c.State == "rework" {
		o.state = ""
	} else if c.Outcome != nil {
		if o.solved = c.Outcome.Solved; o.solved == "" {
			o.solved = c.Outcome.Result
		}
	}
	return o, true
}

func hasState(body []byte, state string) bool {
	const head = `{"state":"`
	return len(body) > len(head)+len(state) && string(body[:len(head)]) == head && string(body[len(head):len(head)+len(state)]) == state
}

// outcome is what became of a case that a finding was sent up as.
type outcome struct {
	finding string
	state   string // in which it ended; "" = it is open
	solved  string // what the reporter said (solved basic part no), or else the unit (solved part not_possible explained)
	at      int64
}

// fixed reports whether the problem is said to be gone.
func (o outcome) fixed() bool { return o.solved == "solved" || o.solved == "basic" }

func (r *Rounds) follow(tx *store.Tx, acts []journal.Act) error {
	days := map[string]map[string][]item{}
	for _, a := range acts {
		if o, ok := ends(a); ok {
			if err := tx.Exec(`UPDATE finding_cases SET state = $3, solved = $4, at = $5 WHERE district = $1 AND case_number = $2`, r.o.District, a.Subject, o.state, o.solved, o.at); err != nil {
				return err
			}
		}
		var err error
		if a.Kind == KindTurns {
			err = r.backfill(tx, a)
		} else if _, ok := r.work.Load(a.Kind + "." + a.Action); ok && a.Actor.Account != "" {
			err = r.fillTurns(tx, a, days)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// named is the turn that a finding says it was made on, and when that was seen (µs UTC): from a phone without a signal it
// may come days later.
type named struct {
	turn string
	seen int64
}

func onTurn(a journal.Act) named {
	if a.Kind != Table.Kind || a.Action != "find" {
		return named{}
	}
	var c Change
	if a.Into(&c) != nil || c.Turn == "" {
		return named{}
	}
	return named{c.Turn, c.Seen}
}

// dayOf is the local day of a moment (µs UTC), and the one before it.
func dayOf(at int64) (day, before string) {
	t := time.UnixMicro(at).In(zone)
	return t.Format(time.DateOnly), t.AddDate(0, 0, -1).Format(time.DateOnly)
}

// fits reports whether work of that moment by that account of that unit is work on the turn: of the holder, or of the
// unit when the turn is the unit's. What names a turn belongs to the day on which it was seen.
func (t *Turn) fits(a journal.Act, on named) bool {
	at, mine := a.At, on.turn != "" && on.turn == t.ID()
	if mine {
		at = on.seen
	}
	if day, _ := dayOf(at); day != t.Day && (at < t.From || at >= t.To) {
		return false
	}
	switch {
	case mine:
		return true
	case t.Account != "":
		return a.Actor.Account == t.Account
	}
	return a.Actor.Account != "" && t.Grid == "" && t.Building == "" && t.Unit != "" && a.Actor.Unit == t.Unit
}

// fillTurns fills the turns of whoever did a piece of work.
func (r *Rounds) fillTurns(tx *store.Tx, a journal.Act, days map[string]map[string][]item) error {
	today, before := dayOf(a.At)
	on := onTurn(a)
	itemsOn := func(day string) (map[string][]item, error) {
		if _, known := days[day]; !known {
			items, err := r.itemsOn(tx, day)
			if err != nil {
				return nil, err
			}
			days[day] = items
		}
		return days[day], nil
	}
	fill := func(t *Turn) error {
		items, err := itemsOn(t.Day)
		if err != nil || !t.fits(a, on) {
			return err
		}
		return r.fillTurn(tx, t, items[t.Routine], a)
	}
	filled := false
	for _, day := range []string{before, today} {
		items, err := itemsOn(day)
		if err != nil {
			return err
		}
		if len(items) == 0 {
			continue
		}
		list, err := r.turnsBy(tx, day, a.Actor.Account, a.Actor.Unit)
		if err != nil {
			return err
		}
		for _, t := range list {
			filled = filled || t.ID() == on.turn
			if err := fill(t); err != nil {
				return err
			}
		}
	}
	if filled || on.turn == "" {
		return nil
	}
	t, err := r.loadTurn(tx, on.turn)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return fill(t)
}

func (r *Rounds) fillTurn(tx *store.Tx, t *Turn, items []item, a journal.Act) error {
	bits := fits(items, a.Kind+"."+a.Action)
	if bits == 0 {
		return nil
	}
	for i := range items {
		if bits&(1<<i) == 0 {
			continue
		}
		if err := tx.Exec(`INSERT INTO turn_fills (district, turn, item, seq, at, kind, action, subject) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (district, turn, item, seq) DO NOTHING`,
			r.o.District, t.ID(), int64(i), a.Seq, a.At, a.Kind, a.Action, a.Subject); err != nil {
			return err
		}
	}
	if t.Filled|bits == t.Filled {
		return nil
	}
	t.Filled |= bits
	return tx.Exec(`UPDATE turns SET filled = filled | $5 WHERE district = $1 AND day = $2 AND routine = $3 AND n = $4`, r.o.District, t.Day, t.Routine, int64(t.N), bits)
}

// backfill fills new turns with the work that was done on their day before they were made: those that the weather calls
// for are made in the middle of it.
func (r *Rounds) backfill(tx *store.Tx, made journal.Act) error {
	routine, day, m, err := readMade(made)
	if err != nil {
		return err
	}
	r.learn(m.Items)
	start, err := time.ParseInLocation(time.DateOnly, day, zone)
	if err != nil {
		return fmt.Errorf("rounds: act %d: %w", made.Seq, err)
	}
	begin := min(start.UnixMicro(), m.From)
	if made.At < begin {
		return nil
	}
	seq := int64(sort.Search(int(made.Seq), func(i int) bool {
		next, e := journal.Since(tx, r.o.District, int64(i), 1)
		if e != nil {
			err = e
		}
		return len(next) == 0 || next[0].At >= begin
	}))
	if err != nil {
		return err
	}
	byAccount, byUnit, byID := map[string][]*Turn{}, map[string][]*Turn{}, map[string]*Turn{}
	for i := range m.Turns {
		t := m.turn(routine, day, i, made.Seq)
		byID[t.ID()] = t
		if t.Account != "" {
			byAccount[t.Account] = append(byAccount[t.Account], t)
		} else {
			byUnit[t.Unit] = append(byUnit[t.Unit], t)
		}
	}
	for seq < made.Seq {
		acts, err := journal.Since(tx, r.o.District, seq, 200)
		if err != nil || len(acts) == 0 {
			return err
		}
		for _, a := range acts {
			if seq = a.Seq; seq >= made.Seq {
				return nil
			}
			if a.Actor.Account == "" || fits(m.Items, a.Kind+"."+a.Action) == 0 {
				continue
			}
			for _, t := range append(slices.Clone(byAccount[a.Actor.Account]), byUnit[a.Actor.Unit]...) {
				if t.fits(a, named{}) {
					if err := r.fillTurn(tx, t, m.Items, a); err != nil {
						return err
					}
				}
			}
		}
	}
	return nil
}

// readMade reads an act that made turns.
func readMade(a journal.Act) (routine, day string, m made, err error) {
	if i := len(a.Subject) - len("2006-01-02"); i > 0 && a.Subject[i-1] == '/' {
		routine, day = a.Subject[:i-1], a.Subject[i:]
	} else {
		return "", "", m, fmt.Errorf("rounds: act %d: subject %q", a.Seq, a.Subject)
	}
	return routine, day, m, a.Into(&m)
}
