package cases

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/flow"
	"weixiao/internal/journal"
	"weixiao/internal/store"
)

type orderRest struct {
	Clocks   map[string]Clock `json:"clocks,omitempty"`
	Leader   string           `json:"leader,omitempty"`
	Subject  string           `json:"subject,omitempty"`
	By       string           `json:"by,omitempty"`
	Returned int              `json:"returned,omitempty"`
}

const orderColumns = `o.district, o.number, o.doc, o.version, o.last_seq, o.created, o.changed, o.state, o.marks, o.kind, o.level, o.case_no, o.unit, o.rest`

func scanOrder(r store.Scanner) (*Order, error) {
	o := &Order{}
	var marks, more string
	if err := r.Scan(&o.District, &o.Number, &o.Doc, &o.Version, &o.LastSeq, &o.Created, &o.Changed, &o.State, &marks, &o.Kind, &o.Level, &o.Case, &o.Unit, &more); err != nil {
		return nil, err
	}
	if marks != "" {
		o.Marks = strings.Split(marks, ",")
	}
	var x orderRest
	if err := json.Unmarshal([]byte(more), &x); err != nil {
		return nil, fmt.Errorf("cases: order %s: %w", o.Number, err)
	}
	o.Clocks, o.Leader, o.Subject, o.By, o.Returned = x.Clocks, x.Leader, x.Subject, x.By, x.Returned
	return o, nil
}

func (o *Order) rest() (string, error) {
	b, err := json.Marshal(orderRest{o.Clocks, o.Leader, o.Subject, o.By, o.Returned})
	return string(b), err
}

func (c *Cases) loadOrder(tx *store.Tx, number string) (*Order, error) {
	found, err := store.All(tx, scanOrder, `SELECT `+orderColumns+` FROM orders o WHERE o.district = $1 AND o.number = $2`, c.d.Code, number)
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, store.ErrNotFound
	}
	return found[0], nil
}

// freeOrderNumber draws a number that no order has: it goes into the act of the
// case before the order's row is written.
func (c *Cases) freeOrderNumber(tx *store.Tx, at time.Time) (string, error) {
	for {
		n := c.d.Prefix + "D" + at.In(zone).Format("20060102") + "-" + random32(5)
		if _, err := c.loadOrder(tx, n); errors.Is(err, store.ErrNotFound) {
			return n, nil
		} else if err != nil {
			return "", err
		}
	}
}

func (c *Cases) insertOrder(tx *store.Tx, o *Order) error {
	more, err := o.rest()
	if err != nil {
		return fmt.Errorf("cases: %w", err)
	}
	if err := tx.Exec(`INSERT INTO orders (district, number, doc, version, last_seq, created, changed, state, is_open, marks, kind, level, case_no, unit, next_due, rest)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`,
		o.District, o.Number, o.Doc, o.Version, o.LastSeq, o.Created, o.Changed, o.State, !o.Ended(), strings.Join(o.Marks, ","), o.Kind, o.Level, o.Case, o.Unit,
		NextDue(o.Clocks), more); err != nil {
		return err
	}
	for _, u := range c.owing(o) {
		if err := tx.Exec(`INSERT INTO order_units (district, unit, number, doc, is_open, next_due) VALUES ($1, $2, $3, $4, $5, $6)`,
			o.District, u, o.Number, o.Doc, !o.Ended(), NextDue(o.Clocks)); err != nil {
			return err
		}
	}
	return nil
}

// owing are the units whose people speak for the one that owes the answer: it and
// those above it, without the district itself.
func (c *Cases) owing(o *Order) (out []string) {
	for _, u := range c.d.Directory.Path(o.Unit) {
		if u.Parent != "" {
			out = append(out, u.ID)
		}
	}
	return out
}

func (c *Cases) updateOrder(tx *store.Tx, before, o *Order) error {
	more, err := o.rest()
	if err != nil {
		return fmt.Errorf("cases: %w", err)
	}
	n, err := tx.Count(`UPDATE orders SET version = $3, last_seq = $4, changed = $5, state = $6, is_open = $7, marks = $8, next_due = $9, rest = $10
		WHERE district = $1 AND number = $2 AND version = $11`,
		o.District, o.Number, o.Version, o.LastSeq, o.Changed, o.State, !o.Ended(), strings.Join(o.Marks, ","), NextDue(o.Clocks), more, before.Version)
	if err != nil {
		return err
	}
	if n != 1 {
		return fmt.Errorf("cases: order %s was changed meanwhile", o.Number)
	}
	return tx.Exec(`UPDATE order_units SET is_open = $3, next_due = $4 WHERE district = $1 AND number = $2`, o.District, o.Number, !o.Ended(), NextDue(o.Clocks))
}

// openOrders are the orders about a case that are not over.
func (c *Cases) openOrders(tx *store.Tx, number string) ([]*Order, error) {
	return store.All(tx, scanOrder, `SELECT `+orderColumns+` FROM orders o WHERE o.district = $1 AND o.case_no = $2 AND o.is_open = TRUE ORDER BY o.doc`, c.d.Code, number)
}

// OrderList is which open orders are wanted, next deadline first. Zero narrows
// nothing.
type OrderList struct {
	State string
	Kind  string // only OrderListing is asked for: what everybody here can read
	After Cursor
	Limit int // 0 = 50, at most 200
}

// Orders lists open orders: all of them for people of the district, else those
// that the own unit or one below it must answer; listings for everybody.
func (c *Cases) Orders(ctx context.Context, sc access.Scope, l OrderList) ([]*Order, error) {
	n := Filter{Limit: l.Limit}.limit()
	return store.Get(ctx, c.db, func(tx *store.Tx) ([]*Order, error) {
		switch {
		case l.Kind != "" && (sc.All() || sc.Unit() != ""):
			return store.All(tx, scanOrder, `SELECT `+orderColumns+` FROM orders o WHERE o.district = $1 AND o.kind = $2 AND o.is_open = TRUE AND (o.next_due, o.number) > ($3, $4)
				ORDER BY o.next_due, o.number LIMIT $5`, c.d.Code, OrderListing, l.After.Due, l.After.Number, n)
		case sc.All() && l.State != "":
			return store.All(tx, scanOrder, `SELECT `+orderColumns+` FROM orders o WHERE o.district = $1 AND o.state = $2 AND o.is_open = TRUE AND (o.next_due, o.number) > ($3, $4)
				ORDER BY o.next_due, o.number LIMIT $5`, c.d.Code, l.State, l.After.Due, l.After.Number, n)
		case sc.All():
			return store.All(tx, scanOrder, `SELECT `+orderColumns+` FROM orders o WHERE o.district = $1 AND o.is_open = TRUE AND (o.next_due, o.number) > ($2, $3)
				ORDER BY o.next_due, o.number LIMIT $4`, c.d.Code, l.After.Due, l.After.Number, n)
		case sc.Unit() != "":
			return store.All(tx, scanOrder, `SELECT `+orderColumns+` FROM order_units u JOIN orders o ON o.district = u.district AND o.number = u.number
				WHERE u.district = $1 AND u.unit = $2 AND u.is_open = TRUE AND (u.next_due, u.number) > ($3, $4) ORDER BY u.next_due, u.number LIMIT $5`,
				c.d.Code, sc.Unit(), l.After.Due, l.After.Number, n)
		}
		return nil, nil
	})
}

// EndedOrders lists orders that are over, newest first; after is the Doc of the
// last one of the page before.
func (c *Cases) EndedOrders(ctx context.Context, sc access.Scope, after int64, limit int) ([]*Order, error) {
	n := Filter{Limit: limit}.limit()
	if after == 0 {
		after = NoDue
	}
	return store.Get(ctx, c.db, func(tx *store.Tx) ([]*Order, error) {
		switch {
		case sc.All():
			return store.All(tx, scanOrder, `SELECT `+orderColumns+` FROM orders o WHERE o.district = $1 AND o.is_open = FALSE AND o.doc < $2 ORDER BY o.doc DESC LIMIT $3`, c.d.Code, after, n)
		case sc.Unit() != "":
			return store.All(tx, scanOrder, `SELECT `+orderColumns+` FROM order_units u JOIN orders o ON o.district = u.district AND o.number = u.number
				WHERE u.district = $1 AND u.unit = $2 AND u.is_open = FALSE AND u.doc < $3 ORDER BY u.doc DESC LIMIT $4`, c.d.Code, sc.Unit(), after, n)
		}
		return nil, nil
	})
}

// OrderEntry is one act of an order with what it changed.
type OrderEntry struct {
	journal.Act
	OrderChange
}

// OrderView is an order with its acts and what the actor can do now.
type OrderView struct {
	Order     *Order
	Entries   []OrderEntry // oldest first
	Actions   []*flow.Action
	Concerned bool // the actor may read its words; else Entries have none
}

// Order returns an order page's worth.
func (c *Cases) Order(ctx context.Context, sc access.Scope, number string) (*OrderView, error) {
	return store.Get(ctx, c.db, func(tx *store.Tx) (*OrderView, error) {
		o, err := c.loadOrder(tx, UpperNumber(number))
		if err != nil {
			return nil, err
		}
		if !c.orderVisible(sc, o) {
			return nil, store.ErrNotFound
		}
		return c.viewOrder(tx, sc, o)
	})
}

func (c *Cases) viewOrder(tx *store.Tx, sc access.Scope, o *Order) (*OrderView, error) {
	v := &OrderView{Order: o, Actions: OrderTable.Open(o.Position, c.orderActor(sc, o)), Concerned: c.concerned(sc, o)}
	acts, err := journal.History(tx, c.d.Code, OrderTable.Kind, o.Number)
	if err != nil {
		return nil, err
	}
	for _, a := range acts {
		e := OrderEntry{Act: a}
		if err := a.Into(&e.OrderChange); err != nil {
			return nil, err
		}
		if !v.Concerned {
			e.Texts = nil
		}
		v.Entries = append(v.Entries, e)
	}
	return v, nil
}

// OrdersOf lists the orders about a case that the scope reaches, newest first: at
// most 50, with what the actor can do.
func (c *Cases) OrdersOf(ctx context.Context, sc access.Scope, number string) ([]*OrderView, error) {
	return store.Get(ctx, c.db, func(tx *store.Tx) ([]*OrderView, error) {
		list, err := store.All(tx, scanOrder, `SELECT `+orderColumns+` FROM orders o WHERE o.district = $1 AND o.case_no = $2 ORDER BY o.doc DESC LIMIT 50`, c.d.Code, number)
		if err != nil {
			return nil, err
		}
		var out []*OrderView
		for _, o := range slices.DeleteFunc(list, func(o *Order) bool { return !c.orderVisible(sc, o) }) {
			out = append(out, &OrderView{Order: o, Actions: OrderTable.Open(o.Position, c.orderActor(sc, o)), Concerned: c.concerned(sc, o)})
		}
		return out, nil
	})
}

func (r *Replayer) compareOrder(ctx context.Context, want *Order) error {
	return r.c.db.Read(ctx, func(tx *store.Tx) error {
		got, err := r.c.loadOrder(tx, want.Number)
		if err != nil {
			return &Mismatch{OrderTable.Kind, want.Number, "no row"}
		}
		var due int64
		var isOpen bool
		if err := tx.Row(`SELECT next_due, is_open FROM orders WHERE district = $1 AND number = $2`, []any{r.c.d.Code, want.Number}, &due, &isOpen); err != nil {
			return err
		}
		if due != NextDue(want.Clocks) || isOpen != !want.Ended() {
			return &Mismatch{OrderTable.Kind, want.Number, "its next deadline or openness does not follow from its acts"}
		}
		want.Doc = got.Doc
		if why := difference(*want, *got); why != "" {
			return &Mismatch{OrderTable.Kind, want.Number, why}
		}
		return nil
	})
}
