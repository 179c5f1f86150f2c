package agents

import (
	"context"
	"slices"

	"weixiao/internal/access"
	"weixiao/internal/record"
	"weixiao/internal/store"
)

// Page is an entrustment with the items of its file and what holds it up.
type Page struct {
	*record.View[*Agency]
	Items    []Item // of the file; those in the plan are in X.Items
	Blockers []*Blocker
	Saved    int64 // so far, or as it was when it was done
}

// Page is an entrustment as its page shows it.
func (s *Agents) Page(ctx context.Context, sc access.Scope, id string) (p *Page, err error) {
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		v, err := s.Agencies.ViewIn(tx, sc, id)
		if err != nil {
			return err
		}
		p = &Page{View: v, Saved: v.X.Saved}
		if p.Items, err = s.itemsOf(tx, v.X); err != nil {
			return err
		}
		if v.X.State != Done && v.X.State != Rated {
			p.Saved = Saved(p.Items, v.X.Items)
		}
		p.Blockers, _, err = s.Blockers.ListIn(tx, sc, record.Filter{Parent: id, Limit: 100})
		return err
	})
	return p, err
}

// Accompanies reports whether an account holds a post that was named for a file.
func (s *Agents) Accompanies(tx *store.Tx, account, file string) (bool, error) {
	post, err := s.o.Post(tx, account)
	if err != nil || post == "" || !slices.Contains(s.posts("agent", "helper", "liaison"), post) {
		return false, err
	}
	found := false
	err = s.Agencies.Each(tx, record.Filter{Parent: file}, func(x *Agency) error {
		st, _ := AgencyTable.State(x.State)
		found = found || !st.End && (x.Agent == post || x.Helper == post || x.Liaison == post)
		return nil
	})
	return found, err
}

// Figure is what one agent did: each number opens to its records.
type Figure struct {
	Post     string
	Agencies []*Agency
	Done     int // done or rated
	Saved    int64
	Cleared  int // blockers
	Open     int
	Stars    int64 // of Ratings
	Ratings  int
}

// Figures of every agent of the pack, in its order; unnamed requests have the post "".
func (s *Agents) Figures(ctx context.Context, sc access.Scope) (out []Figure, err error) {
	if sc.Firm() != "" || !sc.Can(Roles()...) {
		return nil, store.ErrNotFound
	}
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		out = nil
		at := map[string]int{}
		for _, p := range append([]string{""}, s.posts("agent")...) {
			at[p] = len(out)
			out = append(out, Figure{Post: p})
		}
		of := map[string]string{}
		if err := s.Agencies.Each(tx, record.Filter{}, func(x *Agency) error {
			i, ok := at[x.Agent]
			if !ok {
				return nil
			}
			of[x.ID] = x.Agent
			f := &out[i]
			f.Agencies = append(f.Agencies, x)
			if x.State == Done || x.State == Rated {
				f.Done++
				f.Saved += x.Saved
			}
			if x.Stars > 0 {
				f.Stars += x.Stars
				f.Ratings++
			}
			return nil
		}); err != nil {
			return err
		}
		return s.Blockers.Each(tx, record.Filter{}, func(b *Blocker) error {
			if f := &out[at[of[b.Agency]]]; b.State == Cleared {
				f.Cleared++
			} else {
				f.Open++
			}
			return nil
		})
	})
	return out, err
}
