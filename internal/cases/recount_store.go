package cases

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"weixiao/internal/store"
)

const recountColumns = `target, started, finished, part, after, looked, cases, clocks, moved, units, owner, lease`

func scanRecount(r store.Scanner) (x Recount, err error) {
	var units string
	if err := r.Scan(&x.Target, &x.Started, &x.Finished, &x.part, &x.after, &x.Looked, &x.Cases, &x.Clocks, &x.Moved, &units, &x.owner, &x.lease); err != nil {
		return x, err
	}
	if err := json.Unmarshal([]byte(units), &x.units); err != nil {
		return x, fmt.Errorf("cases: recount %d: %w", x.Target, err)
	}
	return x, nil
}

// takeRecount reads how far a recount has come; one that begins starts here.
func (c *Cases) takeRecount(tx *store.Tx, target int64, at time.Time) (Recount, error) {
	found, err := store.All(tx, scanRecount, `SELECT `+recountColumns+` FROM recounts WHERE district = $1 AND target = $2 FOR UPDATE`, c.d.Code, target)
	if err != nil {
		return Recount{}, err
	}
	if len(found) == 1 {
		return found[0], nil
	}
	x := Recount{Target: target, Started: at.UnixMicro(), part: partCases, units: map[string]int{}}
	return x, tx.Exec(`INSERT INTO recounts (district, target, started, finished, part, after, looked, cases, clocks, moved, units, owner, lease)
		VALUES ($1, $2, $3, 0, $4, 0, 0, 0, 0, 0, '{}', '', 0)`, c.d.Code, target, x.Started, x.part)
}

func (c *Cases) keepRecount(tx *store.Tx, x Recount) error {
	units, err := json.Marshal(x.units)
	if err != nil {
		return fmt.Errorf("cases: %w", err)
	}
	return tx.Exec(`UPDATE recounts SET finished = $3, part = $4, after = $5, looked = $6, cases = $7, clocks = $8, moved = $9, units = $10, owner = $11, lease = $12
		WHERE district = $1 AND target = $2`, c.d.Code, x.Target, x.Finished, x.part, x.after, x.Looked, x.Cases, x.Clocks, x.Moved, string(units), x.owner, x.lease)
}

// scanClocks reads as much of a case as a recount needs: not its words.
func scanClocks(r store.Scanner) (*Case, error) {
	k := &Case{}
	var marks, more string
	if err := r.Scan(&k.Number, &k.Doc, &k.Version, &k.LastSeq, &k.Created, &k.Changed, &k.State, &marks, &k.Desk, &k.Holder, &more); err != nil {
		return nil, err
	}
	if marks != "" {
		k.Marks = strings.Split(marks, ",")
	}
	var x rest
	if err := json.Unmarshal([]byte(more), &x); err != nil {
		return nil, fmt.Errorf("cases: row %s: %w", k.Number, err)
	}
	k.restore(x)
	return k, nil
}

// updateClocks writes what a recount changes. No count of rows is asked for: the
// journal's head is held since before the case was read, so nobody changed it.
func (c *Cases) updateClocks(tx *store.Tx, k *Case) error {
	more, err := k.rest()
	if err != nil {
		return fmt.Errorf("cases: %w", err)
	}
	return tx.Exec(`UPDATE cases SET last_seq = $3, changed = $4, next_due = $5, rest = $6 WHERE district = $1 AND number = $2`,
		k.District, k.Number, k.LastSeq, k.Changed, NextDue(k.Clocks), more)
}
