package duties

import (
	"time"

	"weixiao/internal/access"
	"weixiao/internal/store"
)

// Adopt notes the pack's rules in the journal when they are new or were changed.
// Call it at the start of a program; mostly it finds nothing to do. The first time
// they are version 1, in force from ever. Later ones are in force from now on,
// unless the district has published rules of its own since: then they become a
// draft, for people to look at.
func (b *Book) Adopt(tx *store.Tx, now time.Time) error {
	content := b.base.Duties()
	_, sum := encode(content)
	known := func() (bool, error) {
		var n int
		err := tx.Row(`SELECT count(*) FROM duty_versions WHERE district = $1 AND adopted = $2`, []any{b.district, sum}, &n)
		return n > 0, err
	}
	if yes, err := known(); err != nil || yes {
		return err
	}
	c, err := b.begin(tx, now)
	if err != nil {
		return err
	}
	if yes, err := known(); err != nil || yes { // behind the head nobody else adopts
		return err
	}
	v := Version{Number: c.last + 1, State: Published, Revision: 1, BasedOn: c.newest, Adopted: sum, Content: content, Digest: sum, Created: c.at, Changed: c.at, Published: c.at}
	action := "adopt"
	if c.newest > 0 {
		v.Begins = c.at
		old, err := b.Get(tx, c.newest)
		if err != nil {
			return err
		}
		if old.Adopted == "" || old.Begins > c.at {
			v.State, v.Published, v.Begins, action = Draft, 0, 0, "draft"
		}
	}
	who := access.SystemScope(b.district, "the pack's dispatch rules").Actor("")
	x := body{Version: v.Number, State: v.State, Digest: sum, BasedOn: v.BasedOn, Content: &content, Begins: v.Begins, PackOnly: action == "draft"}
	if err := c.append(action, who, "", x); err != nil {
		return err
	}
	return insert(tx, b.district, v)
}
