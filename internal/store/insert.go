package store

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// Insertion is an INSERT of one row, made once per table that takes many rows.
// PostgreSQL spends about as much on a statement as on a row, so the rows of one
// commit go there in one statement for each table; SQLite takes them one by one.
type Insertion struct {
	one, many string
	kinds     []string
}

// NewInsertion makes an insertion from columns with their types, such as
// "district text, seq bigint". Types: text, bigint, double precision, boolean, bytea,
// tsvector. Values must not be nil.
func NewInsertion(table, columns string) *Insertion {
	ins := &Insertion{}
	var names, values, picked, arrays []string
	for i, c := range strings.Split(columns, ",") {
		name, kind, ok := strings.Cut(strings.TrimSpace(c), " ")
		n := strconv.Itoa(i + 1)
		value, pick, array := "$"+n, "r."+name, kind
		switch kind {
		case "text", "bigint", "double precision", "boolean", "bytea":
		case "tsvector":
			value, pick, array = value+"::tsvector", pick+"::tsvector", "text"
		default:
			ok = false
		}
		if !ok {
			panic("store: column " + c + " of " + table)
		}
		ins.kinds = append(ins.kinds, array)
		names, values, picked = append(names, name), append(values, value), append(picked, pick)
		arrays = append(arrays, "$"+n+"::"+array+"[]")
	}
	into := "INSERT INTO " + table + " (" + strings.Join(names, ", ") + ") "
	ins.one = into + "VALUES (" + strings.Join(values, ", ") + ")"
	ins.many = into + "SELECT " + strings.Join(picked, ", ") + " FROM unnest(" + strings.Join(arrays, ", ") + ") AS r (" + strings.Join(names, ", ") + ")"
	return ins
}

// Insert inserts one row; values are in the order of the columns. Like Exec it may
// be done later, but before any other statement of this commit.
func (tx *Tx) Insert(ins *Insertion, values ...any) error {
	if len(values) != len(ins.kinds) {
		return fmt.Errorf("store: %d values for %d columns: %s", len(values), len(ins.kinds), ins.one)
	}
	tx.wrote = true
	if rows, ok := tx.s.(interface {
		insert(*Insertion, []any) error
	}); ok && tx.hopes {
		return rows.insert(ins, values)
	}
	return tx.s.exec(ins.one, values)
}

// pending is the rows of one insertion that wait to be sent, by column.
type pending struct {
	ins     *Insertion
	columns []column
	n       int
}

// column is the values of one column, in the slice of its type.
type column struct {
	texts  []string
	ints   []int64
	floats []float64
	bools  []bool
	blobs  [][]byte
}

func (p *pending) add(values []any) error {
	if p.columns == nil {
		p.columns = make([]column, len(values))
	}
	p.n++
	for i, v := range values {
		if err := p.columns[i].add(p.ins.kinds[i], v); err != nil {
			return fmt.Errorf("store: value %d: %w: %s", i+1, err, p.ins.one)
		}
	}
	return nil
}

func (c *column) add(kind string, v any) error {
	switch v := v.(type) {
	case string:
		if kind == "text" {
			c.texts = append(c.texts, v)
			return nil
		}
	case int64:
		if kind == "bigint" {
			c.ints = append(c.ints, v)
			return nil
		}
	}
	r := reflect.ValueOf(v)
	switch {
	case kind == "text" && r.Kind() == reflect.String:
		c.texts = append(c.texts, r.String())
	case kind == "bigint" && r.CanInt():
		c.ints = append(c.ints, r.Int())
	case kind == "double precision" && r.CanFloat():
		c.floats = append(c.floats, r.Float())
	case kind == "boolean" && r.Kind() == reflect.Bool:
		c.bools = append(c.bools, r.Bool())
	case kind == "bytea" && r.Kind() == reflect.Slice && r.Type().Elem().Kind() == reflect.Uint8:
		b := r.Bytes()
		if b == nil {
			return fmt.Errorf("nil bytes")
		}
		c.blobs = append(c.blobs, b)
	default:
		return fmt.Errorf("%T is no %s", v, kind)
	}
	return nil
}

// args are the columns as arrays.
func (p *pending) args() []any {
	out := make([]any, len(p.columns))
	for i, c := range p.columns {
		switch p.ins.kinds[i] {
		case "text":
			out[i] = c.texts
		case "bigint":
			out[i] = c.ints
		case "double precision":
			out[i] = c.floats
		case "boolean":
			out[i] = c.bools
		case "bytea":
			out[i] = c.blobs
		}
	}
	return out
}

// inserts are the rows of a commit that wait, by insertion in the order of their
// first row.
type inserts []*pending

func (all *inserts) add(ins *Insertion, values []any) (rows int, err error) {
	i := slices.IndexFunc(*all, func(p *pending) bool { return p.ins == ins })
	if i < 0 {
		i = len(*all)
		*all = append(*all, &pending{ins: ins})
	}
	p := (*all)[i]
	return p.n, p.add(values)
}
