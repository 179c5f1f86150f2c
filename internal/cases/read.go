package cases

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"weixiao/internal/access"
	"weixiao/internal/calendars"
	"weixiao/internal/flow"
	"weixiao/internal/journal"
	"weixiao/internal/store"
)

func decode(body []byte) (Change, error) {
	var ch Change
	if err := json.Unmarshal(body, &ch); err != nil {
		return ch, fmt.Errorf("cases: act body: %w", err)
	}
	return ch, nil
}

// Entry is one act of a case with what it changed.
type Entry struct {
	journal.Act
	Change
}

// Get returns a case the scope reaches; anything else is store.ErrNotFound.
func (c *Cases) Get(ctx context.Context, sc access.Scope, number string) (*Case, error) {
	return store.Get(ctx, c.db, func(tx *store.Tx) (*Case, error) { return c.get(tx, sc, number) })
}

func (c *Cases) get(tx *store.Tx, sc access.Scope, number string) (*Case, error) {
	k, err := c.load(tx, strings.ToUpper(strings.TrimSpace(number)))
	if err != nil {
		return nil, err
	}
	if !c.visible(sc, k) {
		return nil, store.ErrNotFound
	}
	return k, nil
}

// Shares checks that the scope may see what people sent with a case: whoever reads
// the case, or the one it was merged into, since that is handled for both.
func (c *Cases) Shares(ctx context.Context, sc access.Scope, number string) error {
	return c.db.Read(ctx, func(tx *store.Tx) error {
		k, err := c.load(tx, number)
		if err != nil || c.visible(sc, k) {
			return err
		}
		if looks, err := c.looksAt(tx, sc, k); err != nil || looks {
			return err
		}
		if k.State != Merged {
			return store.ErrNotFound
		}
		_, err = c.get(tx, sc, k.Parent)
		return err
	})
}

// View is a case with its acts and what the actor can do now, from one snapshot.
type View struct {
	Case     *Case
	Entries  []Entry // oldest first
	Actions  []*flow.Action
	Children []*Case      // cases merged into it
	Alarms   []AlarmEntry // what was reminded and escalated, oldest first; for staff
	Next     *Upcoming    // the next rung, nil when none lies ahead
}

// View returns a case page's worth.
func (c *Cases) View(ctx context.Context, sc access.Scope, number string) (*View, error) {
	return store.Get(ctx, c.db, func(tx *store.Tx) (*View, error) {
		k, err := c.get(tx, sc, number)
		if err != nil {
			return nil, err
		}
		v := &View{Case: k, Actions: c.Open(sc, k)}
		acts, err := journal.History(tx, c.d.Code, Table.Kind, k.Number)
		if err != nil {
			return nil, err
		}
		for _, a := range acts {
			ch, err := decode(a.Body)
			if err != nil {
				return nil, fmt.Errorf("%s act %d: %w", k.Number, a.Seq, err)
			}
			v.Entries = append(v.Entries, Entry{a, ch})
		}
		if k.Counts.Merged > 0 {
			v.Children, err = store.All(tx, scanCase, `SELECT `+columns+` FROM cases WHERE district = $1 AND parent = $2 AND parent <> '' ORDER BY number LIMIT 50`, c.d.Code, k.Number)
		}
		if err == nil {
			v.Alarms, v.Next, err = c.alarmsOf(tx, sc, func(set *calendars.Set) clocked { return c.onLadder(k, set) })
		}
		return v, err
	})
}

// Open lists what the actor can do to the case now.
func (c *Cases) Open(sc access.Scope, k *Case) []*flow.Action {
	return Table.Open(k.Position, c.actor(sc, k))
}
