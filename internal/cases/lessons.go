package cases

import (
	"context"
	"encoding/json"

	"weixiao/internal/journal"
	"weixiao/internal/store"
)

// Advice is what was suggested beside the rules when a case was sent to a unit. It
// stays in the act, so that anybody can count how often it was followed.
type Advice struct {
	Model     string   `json:"model"`               // version of what suggested
	Units     []string `json:"units,omitempty"`     // at most three, most probable first
	Shares    []int    `json:"shares,omitempty"`    // their probabilities in percent
	Abstained bool     `json:"abstained,omitempty"` // it said that it cannot tell: nothing was shown
	Rule      string   `json:"rule,omitempty"`      // unit the duty rules named
	Followed  bool     `json:"followed,omitempty"`  // the case went to the first of Units
}

// took fills in whether the advice was followed, for an act that sends a case.
func (a *Advice) took(unit string) *Advice {
	if a == nil || unit == "" {
		return nil
	}
	out := *a
	out.Followed = !out.Abstained && len(out.Units) > 0 && out.Units[0] == unit
	return &out
}

// Sent reports whether an act sent a case to a unit, to which, and with what advice
// beside the rules; nil when none was shown.
func Sent(a journal.Act) (unit string, advice *Advice, err error) {
	if a.Kind != Table.Kind {
		return "", nil, nil
	}
	var ch Change
	if err := json.Unmarshal(a.Body, &ch); err != nil {
		return "", nil, err
	}
	return ch.Set["unit"], ch.Advice, nil
}

// Lessons returns up to n cases that a unit leads, newest first, from before the
// document number given (0 = the newest): what can be learned from. The words are
// the redacted ones; nothing of a person is filled in.
func (c *Cases) Lessons(ctx context.Context, before int64, n int) ([]*Case, error) {
	if before == 0 {
		before = 1<<63 - 1
	}
	scan := func(r store.Scanner) (*Case, error) {
		k := &Case{District: c.d.Code}
		return k, r.Scan(&k.Doc, &k.Number, &k.State, &k.Created, &k.Unit, &k.Channel, &k.Kind, &k.Matter, &k.Place.Street, &k.Place.Community, &k.Title, &k.Body)
	}
	return store.Get(ctx, c.db, func(tx *store.Tx) ([]*Case, error) {
		return store.All(tx, scan, `SELECT doc, number, state, created, unit, channel, kind, matter, street, community, title, body
			FROM cases WHERE district = $1 AND doc < $2 AND unit <> '' ORDER BY doc DESC LIMIT $3`, c.d.Code, before, int64(n))
	})
}
