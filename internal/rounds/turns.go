package rounds

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"weixiao/internal/access"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/journal"
	"weixiao/internal/store"
)

const turnColumns = `day, routine, n, state, unit, post, account, street, community, grid, building, spot, from_at, to_at, filled, version, last_seq`

var insertTurns = store.NewInsertion("turns", "district text, day text, routine text, n bigint, state text, unit text, post text, account text, street text, community text, "+
	"grid text, building text, spot text, from_at bigint, to_at bigint, filled bigint, version bigint, last_seq bigint")

func scanTurn(s store.Scanner) (*Turn, error) {
	t := &Turn{}
	var n int64
	err := s.Scan(&t.Day, &t.Routine, &n, &t.State, &t.Unit, &t.Post, &t.Account, &t.Street, &t.Community, &t.Grid, &t.Building, &t.Spot, &t.From, &t.To, &t.Filled, &t.Version, &t.lastSeq)
	t.N = int(n)
	return t, err
}

func (r *Rounds) insertTurn(tx *store.Tx, t *Turn) error {
	return tx.Insert(insertTurns, r.o.District, t.Day, t.Routine, int64(t.N), t.State, t.Unit, t.Post, t.Account, t.Street, t.Community, t.Grid, t.Building, t.Spot,
		t.From, t.To, t.Filled, t.Version, t.lastSeq)
}

func (r *Rounds) loadTurn(tx *store.Tx, id string) (*Turn, error) {
	routine, day, n, ok := ParseTurn(id)
	if !ok {
		return nil, store.ErrNotFound
	}
	list, err := store.All(tx, scanTurn, `SELECT `+turnColumns+` FROM turns WHERE district = $1 AND day = $2 AND routine = $3 AND n = $4`, r.o.District, day, routine, int64(n))
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, store.ErrNotFound
	}
	return list[0], nil
}

// turnsBy are the turns of a day that somebody's work may fill: the account's own, and those of the unit as a whole.
func (r *Rounds) turnsBy(tx *store.Tx, day, account, unit string) ([]*Turn, error) {
	out, err := store.All(tx, scanTurn, `SELECT `+turnColumns+` FROM turns WHERE district = $1 AND account = $2 AND day = $3 ORDER BY routine, n LIMIT 100`, r.o.District, account, day)
	if err != nil || unit == "" {
		return out, err
	}
	more, err := store.All(tx, scanTurn, `SELECT `+turnColumns+` FROM turns WHERE district = $1 AND day = $2 AND unit = $3 AND account = '' ORDER BY routine, n LIMIT 500`, r.o.District, day, unit)
	return append(out, more...), err
}

// itemsOn are the items of a day's turns, by routine.
func (r *Rounds) itemsOn(tx *store.Tx, day string) (map[string][]item, error) {
	out := map[string][]item{}
	err := tx.Each(`SELECT routine, items FROM turn_days WHERE district = $1 AND day = $2`, []any{r.o.District, day}, func(s store.Scanner) error {
		var routine, items string
		if err := s.Scan(&routine, &items); err != nil {
			return err
		}
		var list []item
		if err := json.Unmarshal([]byte(items), &list); err != nil {
			return fmt.Errorf("rounds: items of %s on %s: %w", routine, day, err)
		}
		out[routine] = list
		return nil
	})
	return out, err
}

// seesTurn reports whether the scope reaches a turn: everybody of the centre, the unit and those above it, those
// responsible for the place, and whose turn it is.
func (r *Rounds) seesTurn(sc access.Scope, t *Turn) bool {
	switch {
	case sc.District() != r.o.District:
		return false
	case sc.All(), sc.Account() != "" && t.Account == sc.Account():
		return true
	}
	for _, u := range []string{t.Unit, t.Community, t.Street} {
		if sc.Unit() != "" && u != "" && r.o.Directory.Under(u, sc.Unit()) {
			return true
		}
	}
	return false
}

func (r *Rounds) turnActor(sc access.Scope, t *Turn) flow.Actor {
	a := flow.Actor{Roles: sc.Roles()}
	if sc.Account() != "" && t.Account == sc.Account() {
		a.Relations = append(a.Relations, Holder)
	}
	if sc.Unit() != "" && r.o.Directory.Under(t.Unit, sc.Unit()) && !sc.Can(access.Grid) {
		a.Relations = append(a.Relations, Above)
	}
	return a
}

// OpenTurn lists what the scope may do with a turn.
func (r *Rounds) OpenTurn(sc access.Scope, t *Turn) []*flow.Action {
	return TurnTable.Open(flow.Position{State: t.State}, r.turnActor(sc, t))
}

// Fill is a piece of real work that filled an item of a turn. Kind and Subject name the record.
type Fill struct {
	Item                  int
	Seq, At               int64
	Kind, Action, Subject string
}

// mostFills is how many pieces of work of one turn are shown.
const mostFills = 200

// Turn finds a turn that the scope reaches, with what filled it and what was done to it.
func (r *Rounds) Turn(ctx context.Context, sc access.Scope, id string) (t *Turn, fills []Fill, acts []journal.Act, err error) {
	err = r.db.Read(ctx, func(tx *store.Tx) error {
		if t, err = r.loadTurn(tx, id); err != nil {
			return err
		}
		if !r.seesTurn(sc, t) {
			return store.ErrNotFound
		}
		if fills, err = r.fillsOf(tx, id); err != nil {
			return err
		}
		acts, err = journal.History(tx, r.o.District, KindTurn, id)
		return err
	})
	if err != nil {
		return nil, nil, nil, err
	}
	return t, fills, acts, nil
}

func (r *Rounds) fillsOf(tx *store.Tx, id string) ([]Fill, error) {
	return store.All(tx, func(s store.Scanner) (f Fill, err error) {
		var i int64
		err = s.Scan(&i, &f.Seq, &f.At, &f.Kind, &f.Action, &f.Subject)
		f.Item = int(i)
		return f, err
	}, `SELECT item, seq, at, kind, action, subject FROM turn_fills WHERE district = $1 AND turn = $2 ORDER BY item, seq LIMIT $3`, r.o.District, id, int64(mostFills))
}

// TurnsFilter chooses turns of one day.
type TurnsFilter struct {
	Day     string
	Routine string // "" = all
	Mine    bool   // only those of the account
	After   int    // N of the last one seen, with Routine; 0 = from the first
	Limit   int    // 0 = 200
}

// Turns lists turns of a day that the scope reaches: of one routine in their order, the account's own, or those of the
// unit and the units below it. Everybody of the centre names a routine.
func (r *Rounds) Turns(ctx context.Context, sc access.Scope, f TurnsFilter) ([]*Turn, error) {
	if f.Limit == 0 {
		f.Limit = 200
	}
	return store.Get(ctx, r.db, func(tx *store.Tx) ([]*Turn, error) {
		var out []*Turn
		keep := func(list []*Turn, err error) error {
			for _, t := range list {
				if (f.Routine == "" || t.Routine == f.Routine) && r.seesTurn(sc, t) && len(out) < f.Limit {
					out = append(out, t)
				}
			}
			return err
		}
		switch {
		case f.Mine:
			return out, keep(store.All(tx, scanTurn, `SELECT `+turnColumns+` FROM turns WHERE district = $1 AND account = $2 AND day = $3 ORDER BY routine, n LIMIT 100`, r.o.District, sc.Account(), f.Day))
		case sc.All():
			for after := int64(f.After); len(out) < f.Limit; {
				page, err := store.All(tx, scanTurn, `SELECT `+turnColumns+` FROM turns WHERE district = $1 AND day = $2 AND routine = $3 AND n > $4 ORDER BY n LIMIT $5`,
					r.o.District, f.Day, f.Routine, after, int64(f.Limit))
				if err := keep(page, err); err != nil || len(page) < f.Limit {
					return out, err
				}
				after = int64(page[len(page)-1].N)
			}
			return out, nil
		}
		for _, unit := range r.unitsUnder(sc.Unit()) {
			if err := keep(store.All(tx, scanTurn, `SELECT `+turnColumns+` FROM turns WHERE district = $1 AND day = $2 AND unit = $3 ORDER BY routine, n LIMIT 500`, r.o.District, f.Day, unit)); err != nil {
				return nil, err
			}
		}
		slices.SortStableFunc(out, func(a, b *Turn) int {
			if a.Routine != b.Routine {
				return r.order(a.Routine) - r.order(b.Routine)
			}
			return a.N - b.N
		})
		return out, nil
	})
}

// order is the place of a routine in the pack; those it has no longer come last.
func (r *Rounds) order(routine string) int {
	for i, x := range r.o.Routines {
		if x.Key == routine {
			return i
		}
	}
	return len(r.o.Routines)
}

// unitsUnder are a unit and the units below it.
func (r *Rounds) unitsUnder(unit string) []string {
	if unit == "" {
		return nil
	}
	out := []string{unit}
	for i := 0; i < len(out); i++ {
		for _, u := range r.o.Directory.Children(out[i]) {
			out = append(out, u.ID)
		}
	}
	return out
}

// Days counts the turns of a day by routine: how many there are.
func (r *Rounds) Days(ctx context.Context, day string) (map[string]int, error) {
	return store.Get(ctx, r.db, func(tx *store.Tx) (map[string]int, error) {
		out := map[string]int{}
		err := tx.Each(`SELECT routine, turns FROM turn_days WHERE district = $1 AND day = $2`, []any{r.o.District, day}, func(s store.Scanner) error {
			var k string
			var n int64
			err := s.Scan(&k, &n)
			out[k] = int(n)
			return err
		})
		return out, err
	})
}

// ActTurn excuses somebody from a turn, or takes that back. Attach runs in the same transaction, with KindTurn; there are no
// photos of a turn.
func (r *Rounds) ActTurn(ctx context.Context, sc access.Scope, id, action string, in Input) error {
	return r.db.Write(ctx, func(tx *store.Tx) error {
		if _, done, err := store.Once(tx, r.o.District, in.Key, id, r.now(in.At)); err != nil || done {
			return err
		}
		moment, err := journal.Begin(tx, r.o.District, r.now(in.At))
		if err != nil {
			return err
		}
		t, err := r.loadTurn(tx, id)
		if err != nil {
			return err
		}
		if !r.seesTurn(sc, t) {
			return store.ErrNotFound
		}
		who := r.turnActor(sc, t)
		act, err := TurnTable.Permit(action, flow.Position{State: t.State}, who)
		if err != nil {
			return err
		}
		answers, err := act.Form.Check(in.Raw)
		if err != nil {
			return err
		}
		if in.Version != 0 && t.Version != in.Version {
			return ErrStale
		}
		body, err := json.Marshal(turnChange{act.To})
		if err != nil {
			return fmt.Errorf("rounds: %w", err)
		}
		a := &journal.Act{District: r.o.District, At: moment.UnixMicro(), Kind: KindTurn, Subject: id, Action: action, Actor: sc.Actor(act.Capacity(who)), Pack: r.o.Pack, Body: body}
		if reason := answers.Str("reason"); reason != "" {
			words, bad := tidy("reason", reason, 200, false)
			if bad != nil {
				return form.Faults(bad)
			}
			a.Texts = map[string]string{"reason": words}
		}
		if err := journal.Append(tx, a); err != nil {
			return err
		}
		if err := t.fold(a); err != nil {
			return err
		}
		if err := tx.Exec(`UPDATE turns SET state = $5, version = $6, last_seq = $7 WHERE district = $1 AND day = $2 AND routine = $3 AND n = $4`,
			r.o.District, t.Day, t.Routine, int64(t.N), t.State, t.Version, t.lastSeq); err != nil {
			return err
		}
		return attach(tx, in.Attach, KindTurn, id, moment)
	})
}
