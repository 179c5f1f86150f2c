package calendars

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/journal"
	"weixiao/internal/store"
	"weixiao/internal/worktime"
)

// Adopt notes the pack's calendars in the journal when they are new or were
// changed, with everything added since laid over them, so that their versions are
// known after the pack and the program have moved on. Call it at the start of a
// program; mostly it finds nothing to do.
func (b *Book) Adopt(tx *store.Tx, now time.Time) error {
	s, err := b.In(tx)
	if err != nil || s.adopted() {
		return err
	}
	at, err := journal.Begin(tx, b.district, now)
	if err != nil {
		return err
	}
	if s, err = b.In(tx); err != nil { // behind the head nobody else adopts
		return err
	}
	who := access.SystemScope(b.district, "the pack's calendars").Actor("")
	for _, name := range slices.Sorted(maps.Keys(b.base)) {
		base := b.base[name]
		v, before := Version{Name: name, base: base.Version()}, ""
		if h := s.History(name); len(h) > 0 {
			if h[0].base == v.base {
				continue
			}
			v.added, before = h[0].added, h[0].Version
		}
		spec := base.Spec()
		v.spec = v.added.over(spec)
		made, err := worktime.New(v.spec)
		if err != nil {
			return fmt.Errorf("calendars: the pack's calendar %s does not agree with what was loaded: %w", name, err)
		}
		v.Version = made.Version()
		st := step{v: v, body: body{Version: v.Version, Before: before, Base: v.base, Spec: &spec}}
		if s, err = b.record(tx, who, s, st, Adopt, "", at); err != nil {
			return err
		}
	}
	return nil
}

// adopted reports whether all the pack's calendars are noted.
func (s *Set) adopted() bool {
	for name, c := range s.book.base {
		h := s.History(name)
		if len(h) == 0 || h[0].base != c.Version() {
			return false
		}
	}
	return true
}
