package cases

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"

	"weixiao/internal/calendars"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/journal"
)

// Change is the body of a case's act: everything it did, spelled out, so that an
// act can be folded years later without the table or the pack it was done under.
type Change struct {
	State   string            `json:"state"`
	Marks   []string          `json:"marks,omitempty"`
	Desk    string            `json:"desk,omitempty"`
	Set     map[string]string `json:"set,omitempty"`   // single fields by name, see fields
	Units   map[string]string `json:"units,omitempty"` // unit -> relation; "" takes it away
	Place   *Place            `json:"place,omitempty"`
	Public  *bool             `json:"public,omitempty"`
	Counts  *Counts           `json:"counts,omitempty"`
	Outcome *Outcome          `json:"outcome,omitempty"`
	Tried   []string          `json:"tried,omitempty"`
	Asks    map[string]Ask    `json:"asks,omitempty"`   // by mark; an empty one takes it away
	Photos  int               `json:"photos,omitempty"` // photos added
	Start   map[string]string `json:"start,omitempty"`  // clock -> limit
	Stop    []string          `json:"stop,omitempty"`
	Hold    []string          `json:"hold,omitempty"`
	Free    []string          `json:"free,omitempty"`
	Extend  map[string]string `json:"extend,omitempty"`
	Since   map[string]int64  `json:"since,omitempty"`   // clock of Start -> an earlier beginning than the act, µs UTC
	Relimit map[string]string `json:"relimit,omitempty"` // running clock -> limit from its own start; "" ends it without a word
	On      map[string]string `json:"on,omitempty"`      // clock of Start or Relimit -> name of its calendar, if not the district's own
	Moved   map[string]Moved  `json:"moved,omitempty"`   // what a recount changed
	Cal     string            `json:"cal,omitempty"`     // version of the district's calendar the deadlines were made with
	Cals    map[string]string `json:"cals,omitempty"`    // versions of the other calendars, by name
	Answers form.Answers      `json:"answers,omitempty"`
	Advice  *Advice           `json:"advice,omitempty"` // what was suggested beside the rules; changes nothing
}

// field returns where a single field of a case is kept.
func (k *Case) field(name string) *string {
	switch name {
	case "unit":
		return &k.Unit
	case "holder":
		return &k.Holder
	case "assignee":
		return &k.Assignee
	case "channel":
		return &k.Channel
	case "kind":
		return &k.Kind
	case "matter":
		return &k.Matter
	case "profile":
		return &k.Profile
	case "person":
		return &k.Person
	case "parent":
		return &k.Parent
	case "rule":
		return &k.Rule
	case "why":
		return &k.Why
	case "level":
		return &k.Level
	case "whistle":
		return &k.Whistle
	case "again":
		return &k.Again
	case "asset":
		return &k.Asset
	case "digest":
		return &k.Digest
	}
	return nil
}

// Recounted is the act of a deadline that moved with its calendar. It leaves the
// version alone: a form that an officer has open is about the request, not about
// the day it is due, and thousands of forms going stale at once would be worse
// than one that shows the old day.
const Recounted = "recounted"

// fold applies one act to a case. It is the only code that changes a Case.
func (k *Case) fold(a *journal.Act, ch *Change, set *calendars.Set) error {
	if k.Version == 0 {
		k.District, k.Number, k.Created = a.District, a.Subject, a.At
	}
	for name, v := range ch.Set {
		p := k.field(name)
		if p == nil {
			return fmt.Errorf("cases: act %d sets unknown field %q", a.Seq, name)
		}
		*p = v
	}
	if len(ch.Units) > 0 {
		units := maps.Clone(k.Units)
		if units == nil {
			units = map[string]string{}
		}
		for u, rel := range ch.Units {
			if rel == "" {
				delete(units, u)
			} else {
				units[u] = rel
			}
		}
		k.Units = units
	}
	if ch.Place != nil {
		k.Place = *ch.Place
	}
	if ch.Public != nil {
		k.Public = *ch.Public
	}
	if ch.Counts != nil {
		k.Counts = *ch.Counts
	}
	if ch.Outcome != nil {
		k.Outcome = *ch.Outcome
	}
	if ch.Tried != nil {
		k.Tried = ch.Tried
	}
	if len(ch.Asks) > 0 {
		asks := maps.Clone(k.Asks)
		if asks == nil {
			asks = map[string]Ask{}
		}
		for mark, a := range ch.Asks {
			if len(a.By) == 0 {
				delete(asks, mark)
			} else {
				asks[mark] = a
			}
		}
		k.Asks = asks
	}
	k.Photos += ch.Photos
	was, _ := Table.State(k.State)
	will, _ := Table.State(ch.State)
	clocks, err := tick(k.Clocks, ch, a.At, ch.calendars(set), was.End && !will.End)
	if err != nil {
		return fmt.Errorf("cases: act %d: %w", a.Seq, err)
	}
	k.Clocks = clocks
	k.moveTo(flow.Position{State: ch.State, Marks: ch.Marks}, a.At)
	k.Desk = ch.Desk
	if a.Action != Recounted {
		k.Version++
	}
	k.LastSeq, k.Changed = a.Seq, a.At
	return nil
}

// moveTo changes the position and the two moments that hang on it.
func (k *Case) moveTo(p flow.Position, at int64) {
	was := k.State
	k.Position = flow.Position{State: p.State, Marks: slices.Clone(p.Marks)}
	if was == p.State {
		return
	}
	if p.State == Replied {
		k.Replied = at
	}
	if k.Ended() {
		k.Closed = at
	} else {
		k.Closed = 0
	}
}

// digest ties title and words of a request to its act without putting them
// there; the salt lies with the case and goes when the words are erased.
func digest(salt []byte, title, body string) string {
	d := sha256.New()
	d.Write(salt)
	fmt.Fprintf(d, "%d\x00%s\x00%s", len(title), title, body)
	return hex.EncodeToString(d.Sum(nil))
}
