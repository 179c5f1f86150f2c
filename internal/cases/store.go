package cases

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"weixiao/internal/store"
)

// rest is what no query asks for: one JSON column of the row.
type rest struct {
	Units   map[string]string `json:"units,omitempty"`
	Clocks  map[string]Clock  `json:"clocks,omitempty"`
	Rule    string            `json:"rule,omitempty"`
	Why     string            `json:"why,omitempty"`
	Level   string            `json:"level,omitempty"`
	Whistle string            `json:"whistle,omitempty"`
	Again   string            `json:"again,omitempty"`
	Asset   string            `json:"asset,omitempty"`
	Photos  int               `json:"photos,omitempty"`
	Counts  Counts            `json:"counts,omitzero"`
	Outcome Outcome           `json:"outcome,omitzero"`
	Tried   []string          `json:"tried,omitempty"`
	Asks    map[string]Ask    `json:"asks,omitempty"`
	Digest  string            `json:"digest,omitempty"`
}

const columns = `district, number, doc, version, last_seq, created, changed, state, marks, desk, unit, holder, assignee,
	channel, kind, matter, profile, public, title, body, salt, place, lon, lat, located, street, community, grid,
	person, parent, replied_at, closed_at, rest`

func scanCase(r store.Scanner) (*Case, error) {
	k := &Case{}
	var marks, more string
	if err := r.Scan(&k.District, &k.Number, &k.Doc, &k.Version, &k.LastSeq, &k.Created, &k.Changed, &k.State, &marks, &k.Desk, &k.Unit, &k.Holder, &k.Assignee,
		&k.Channel, &k.Kind, &k.Matter, &k.Profile, &k.Public, &k.Title, &k.Body, &k.salt, &k.Place.Text, &k.Place.Lon, &k.Place.Lat, &k.Place.Located,
		&k.Place.Street, &k.Place.Community, &k.Place.Grid, &k.Person, &k.Parent, &k.Replied, &k.Closed, &more); err != nil {
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

func (k *Case) restore(x rest) {
	k.Units, k.Clocks, k.Rule, k.Why, k.Level, k.Whistle, k.Again, k.Asset = x.Units, x.Clocks, x.Rule, x.Why, x.Level, x.Whistle, x.Again, x.Asset
	k.Photos, k.Counts, k.Outcome, k.Tried, k.Asks, k.Digest = x.Photos, x.Counts, x.Outcome, x.Tried, x.Asks, x.Digest
}

func (k *Case) rest() (string, error) {
	b, err := json.Marshal(rest{k.Units, k.Clocks, k.Rule, k.Why, k.Level, k.Whistle, k.Again, k.Asset, k.Photos, k.Counts, k.Outcome, k.Tried, k.Asks, k.Digest})
	return string(b), err
}

func (c *Cases) load(tx *store.Tx, number string) (*Case, error) {
	if b := batchOf(tx); b != nil {
		return b.load(number)
	}
	return c.read(tx, number)
}

func (c *Cases) read(tx *store.Tx, number string) (*Case, error) {
	found, err := store.All(tx, scanCase, `SELECT `+columns+` FROM cases WHERE district = $1 AND number = $2`, c.d.Code, number)
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, store.ErrNotFound
	}
	return found[0], nil
}

func (c *Cases) insert(tx *store.Tx, k *Case) error {
	if b := batchOf(tx); b != nil {
		return b.keep(nil, k)
	}
	return c.insertRow(tx, k)
}

var insertCase = store.NewInsertion("cases", "district text, number text, doc bigint, version bigint, last_seq bigint, created bigint, changed bigint, state text, "+
	"is_open boolean, marks text, desk text, unit text, holder text, assignee text, next_due bigint, channel text, kind text, matter text, profile text, "+
	"public boolean, title text, body text, salt bytea, place text, lon double precision, lat double precision, located boolean, street text, community text, grid text, "+
	"person text, parent text, replied_at bigint, closed_at bigint, rest text, published boolean")

func (c *Cases) insertRow(tx *store.Tx, k *Case) error {
	more, err := k.rest()
	if err != nil {
		return fmt.Errorf("cases: %w", err)
	}
	if err := tx.Insert(insertCase,
		k.District, k.Number, k.Doc, k.Version, k.LastSeq, k.Created, k.Changed, k.State, !k.Ended(), strings.Join(k.Marks, ","), k.Desk, k.Unit, k.Holder, k.Assignee,
		NextDue(k.Clocks), k.Channel, k.Kind, k.Matter, k.Profile, k.Public, k.Title, k.Body, k.salt, k.Place.Text, k.Place.Lon, k.Place.Lat, k.Place.Located,
		k.Place.Street, k.Place.Community, k.Place.Grid, k.Person, k.Parent, k.Replied, k.Closed, more, k.Published()); err != nil {
		return err
	}
	if err := c.tie(tx, nil, k); err != nil {
		return err
	}
	return c.index(tx, k, nil)
}

// update writes a changed case over its row; before is what the row held.
func (c *Cases) update(tx *store.Tx, before, k *Case) error {
	if b := batchOf(tx); b != nil {
		return b.keep(before, k)
	}
	return c.updateRow(tx, before, k)
}

func (c *Cases) updateRow(tx *store.Tx, before, k *Case) error {
	more, err := k.rest()
	if err != nil {
		return fmt.Errorf("cases: %w", err)
	}
	n, err := tx.Count(`UPDATE cases SET version = $3, last_seq = $4, changed = $5, state = $6, is_open = $7, marks = $8, desk = $9, unit = $10, holder = $11,
			assignee = $12, next_due = $13, kind = $14, matter = $15, profile = $16, public = $17, place = $18, lon = $19, lat = $20, located = $21, street = $22,
			community = $23, grid = $24, parent = $25, replied_at = $26, closed_at = $27, rest = $28, published = $30
		WHERE district = $1 AND number = $2 AND version = $29`,
		k.District, k.Number, k.Version, k.LastSeq, k.Changed, k.State, !k.Ended(), strings.Join(k.Marks, ","), k.Desk, k.Unit, k.Holder,
		k.Assignee, NextDue(k.Clocks), k.Kind, k.Matter, k.Profile, k.Public, k.Place.Text, k.Place.Lon, k.Place.Lat, k.Place.Located, k.Place.Street,
		k.Place.Community, k.Place.Grid, k.Parent, k.Replied, k.Closed, more, before.Version, k.Published())
	if err != nil {
		return err
	}
	if n != 1 {
		return fmt.Errorf("cases: %s was changed meanwhile", k.Number)
	}
	if err := c.tie(tx, before, k); err != nil {
		return err
	}
	if maps.Equal(before.Units, k.Units) {
		return nil
	}
	return c.index(tx, k, c.reached(before))
}

// reached are the units whose people may see the case: those related to it and
// the units above them, without the district itself, whose people see all.
func (c *Cases) reached(k *Case) []string {
	var out []string
	for u := range k.Units {
		for _, up := range c.d.Directory.Path(u) {
			if up.Parent != "" && !slices.Contains(out, up.ID) {
				out = append(out, up.ID)
			}
		}
	}
	slices.Sort(out)
	return out
}

func (c *Cases) index(tx *store.Tx, k *Case, before []string) error {
	now := c.reached(k)
	for _, u := range now {
		if !slices.Contains(before, u) {
			if err := tx.Exec(`INSERT INTO case_units (district, unit, doc, number) VALUES ($1, $2, $3, $4)`, k.District, u, k.Doc, k.Number); err != nil {
				return err
			}
		}
	}
	for _, u := range before {
		if !slices.Contains(now, u) {
			if err := tx.Exec(`DELETE FROM case_units WHERE district = $1 AND unit = $2 AND doc = $3 AND number = $4`, k.District, u, k.Doc, k.Number); err != nil {
				return err
			}
		}
	}
	return nil
}
