package cases

import (
	"context"

	"weixiao/internal/store"
)

// PublicFilter narrows what anybody may read. Zero fields do not narrow; Open and
// Ended together do not either.
type PublicFilter struct {
	Matters []string // any of them
	Street  string
	Open    bool  // only what is not ended
	Ended   bool  // only what is
	From    int64 // created at or after, µs
	To      int64 // created before, µs
	After   int64 // Doc of the last row of the page before; 0 = first page
	Skip    int   // rows left out before the page begins
	Limit   int   // at least 1, at most 1000
}

// Published reports whether anybody may read the case: it is public, and the centre
// did not screen it out (a secret or an unlawful text must not stay on view).
func (k *Case) Published() bool { return k.Public && k.State != Screened }

// maxBranches is how many ranges of an index a page is put together from. More
// matters than that are no narrow choice any more, and are looked for one after
// the other.
const maxBranches = 32

// Public lists cases anybody may read, newest first. It reads no row but those of
// the page, whatever was skipped: each combination of matter and open or ended is
// one range of an index, in the order of the list, and the page is merged from
// their beginnings.
func (c *Cases) Public(ctx context.Context, f PublicFilter) ([]*Row, error) {
	b := f.page(c.d.Code)
	return store.Get(ctx, c.db, func(tx *store.Tx) ([]*Row, error) { return store.All(tx, scanCase, b.String(), b.args...) })
}

// page is the statement of Public.
func (f PublicFilter) page(district string) *builder {
	limit, skip := int64(min(max(f.Limit, 1), 1000)), int64(max(f.Skip, 0))
	b := &builder{}
	b.add("SELECT " + prefixed + " FROM (")
	if branches := f.branches(); len(branches) == 1 {
		b.public(district, f, branches[0], limit, skip)
	} else {
		b.add("SELECT doc FROM (")
		for i, one := range branches {
			if i > 0 {
				b.add(" UNION ALL ")
			}
			b.add("SELECT doc FROM (")
			b.public(district, f, one, limit+skip, 0)
			b.add(") b")
		}
		b.add(") p ORDER BY doc DESC LIMIT ").arg(limit).add(" OFFSET ").arg(skip)
	}
	return b.add(") page JOIN cases k ON k.district = ").arg(district).add(" AND k.doc = page.doc ORDER BY page.doc DESC")
}

// branch is one range of an index.
type branch struct {
	matter  string // "" = any
	matters []string
	open    bool
}

func (f PublicFilter) branches() []branch {
	var out []branch
	for _, open := range []bool{true, false} {
		switch {
		case f.Open && !f.Ended && !open, f.Ended && !f.Open && open:
		case len(f.Matters) == 0 || len(f.Matters) > maxBranches/2:
			out = append(out, branch{open: open, matters: f.Matters})
		default:
			for _, m := range f.Matters {
				out = append(out, branch{open: open, matter: m})
			}
		}
	}
	return out
}

// public selects the docs of a branch, newest first.
func (b *builder) public(district string, f PublicFilter, one branch, limit, skip int64) {
	b.add("SELECT k.doc FROM cases k WHERE k.district = ").arg(district).add(" AND k.published = TRUE")
	if one.open {
		b.add(" AND k.is_open = TRUE")
	} else {
		b.add(" AND k.is_open = FALSE")
	}
	if one.matter != "" {
		b.add(" AND k.matter = ").arg(one.matter)
	}
	for i, m := range one.matters {
		if i == 0 {
			b.add(" AND k.matter IN (")
		} else {
			b.add(", ")
		}
		b.arg(m)
	}
	if len(one.matters) > 0 {
		b.add(")")
	}
	b.filter(Filter{Street: f.Street, From: f.From, To: f.To})
	if f.After > 0 {
		b.add(" AND k.doc < ").arg(f.After)
	}
	b.add(" ORDER BY k.doc DESC LIMIT ").arg(limit).add(" OFFSET ").arg(skip)
}
