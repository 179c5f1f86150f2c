package simulate

import (
	"context"
	"math/rand/v2"
	"slices"
	"strings"

	"weixiao/internal/access"
	"weixiao/internal/directory"
	"weixiao/internal/store"
)

// staff are the scopes of those who work, by unit and role.
type staff struct {
	by     map[string]map[string][]access.Scope
	post   map[string]string       // by account
	window map[string]string       // of clerks, by account
	clerk  string                  // account that a demonstration shows, at shownWindow
	holder map[string]access.Scope // by the post they hold
	made   int
}

// one draws somebody of a unit who holds one of the roles, the first role first.
func (s *staff) one(r *rand.Rand, unit string, roles ...string) (access.Scope, bool) {
	for _, role := range roles {
		if all := s.by[unit][role]; len(all) > 0 {
			return pick(r, all), true
		}
	}
	return access.Scope{}, false
}

// hands reports whether a unit has somebody who can handle a case.
func (s *staff) hands(unit string) bool {
	return len(s.by[unit][access.Street])+len(s.by[unit][access.Department])+len(s.by[unit][access.Community]) > 0
}

// chiefs of these departments have accounts: whistles call them.
var chiefs = []string{"housing", "municipal", "property", "urban", "police", "traffic-police", "environment", "market", "fire", "emergency",
	"heat-city", "heat-mine", "water", "power", "civil", "sanitation"}

// hire makes an account for every post that the year needs and reads those that
// were there.
func hire(ctx context.Context, w World, o Options) (*staff, error) {
	r := rand.New(rand.NewPCG(o.Seed, 0x70656f706c65))
	sc := access.SystemScope(w.Pack.District, "made-up people of a simulated year")
	s := &staff{by: map[string]map[string][]access.Scope{}, post: map[string]string{}, window: map[string]string{}, holder: map[string]access.Scope{}}
	posts := postsNeeded(w)
	posts = append(posts, approvalPosts(w, posts)...)
	names := make([]string, len(posts))
	for i := range names {
		names[i] = person(r)
	}
	err := w.DB.Write(ctx, func(tx *store.Tx) error {
		s.made = 0
		for i, p := range posts {
			if _, err := w.Gate.Create(tx, sc, access.NewAccount{Login: p.ID, Name: names[i], Unit: p.Unit, Post: p.ID, Roles: []string{string(p.Role)},
				Password: o.Password, Lasting: o.Password != ""}, Begin); err != nil {
				return err
			}
			s.made++
		}
		for _, a := range approvalFirms(w, o) {
			if _, err := w.Gate.Create(tx, sc, a, Begin); err != nil {
				return err
			}
			s.made++
		}
		for _, c := range sweepStaff {
			if w.Sanitation == nil {
				break
			}
			if _, err := w.Gate.Create(tx, sc, access.NewAccount{Login: c.login, Name: c.name, Unit: c.unit, Roles: []string{c.role}, Password: o.Password, Lasting: o.Password != ""}, Begin); err != nil {
				return err
			}
			s.made++
		}
		for _, c := range letterClerks {
			if w.Express == nil {
				break
			}
			if _, err := w.Gate.Create(tx, sc, access.NewAccount{Login: c.login, Name: c.name, Unit: c.unit, Roles: []string{c.role}, Password: o.Password, Lasting: o.Password != ""}, Begin); err != nil {
				return err
			}
			s.made++
		}
		n, err := hireClerks(tx, w, sc, o.Password)
		s.made += n
		return err
	})
	if err != nil {
		return nil, err
	}
	return s, w.DB.Read(ctx, func(tx *store.Tx) error {
		for after := ""; ; {
			page, next, err := w.Gate.List(tx, sc, access.Filter{After: after, Limit: 200})
			if err != nil {
				return err
			}
			for _, a := range page {
				s.add(w.Pack.Directory, w.Pack.District, a)
			}
			if next == "" {
				return nil
			}
			after = next
		}
	})
}

func (s *staff) add(dir *directory.Directory, district string, a access.Account) {
	var path []string
	for _, u := range dir.Path(a.Unit) {
		path = append(path, u.ID)
	}
	sc := access.ScopeOf(access.Principal{District: district, Account: a.ID, Login: a.Login, Name: a.Name, Unit: a.Unit, Post: a.Post, Roles: a.Roles, Path: path, Kind: access.Cookie})
	if s.post != nil {
		s.post[a.ID] = a.Post
	}
	if s.by[a.Unit] == nil {
		s.by[a.Unit] = map[string][]access.Scope{}
	}
	if a.Post != "" && s.holder != nil {
		s.holder[a.Post] = sc
	}
	for _, role := range a.Roles {
		s.by[a.Unit][role] = append(s.by[a.Unit][role], sc)
	}
	if id, ok := strings.CutPrefix(a.Login, clerkPrefix); ok {
		s.window[a.ID] = id
	} else if a.Login == access.Clerk { // the account that a demonstration shows
		s.window[a.ID], s.clerk = shownWindow, a.ID
	}
}

// postsNeeded are the posts of the centre, a handler of every unit that can be
// given work, the chiefs that whistles call, and secretary and grid workers of
// the first community of each street.
func postsNeeded(w World) []directory.Post {
	dir := w.Pack.Directory
	lead := unitsWithWork(w)
	var out []directory.Post
	first := func(unit string, role directory.Role, n int) {
		for _, p := range dir.Posts(unit) {
			if p.Role == role && n > 0 {
				out = append(out, p)
				n--
			}
		}
	}
	for _, u := range dir.Units() {
		switch u.Kind {
		case directory.Hotline:
			first(u.ID, directory.Operator, 6)
			first(u.ID, directory.Dispatcher, 3)
			first(u.ID, directory.Callback, 2)
		case directory.Supervision:
			first(u.ID, directory.Supervisor, 2)
		case directory.Leaders:
			first(u.ID, directory.Leader, 2)
		case directory.Street, directory.Town:
			first(u.ID, directory.StreetLead, 1)
			first(u.ID, directory.StreetHand, 1)
			if below := dir.Children(u.ID); len(below) > 0 {
				first(below[0].ID, directory.Secretary, 1)
				first(below[0].ID, directory.GridWorker, 1)
			}
		case directory.Department, directory.Utility:
			business := w.Policies != nil && (slices.Contains(w.Pack.Policies.Units, u.ID) || w.Pack.Policies.Reviewer == u.ID)
			if slices.Contains(lead, u.ID) || business {
				first(u.ID, directory.DeptHand, 1)
				if slices.Contains(chiefs, u.ID) || business {
					first(u.ID, directory.DeptLead, 1)
				}
			}
		}
	}
	return out
}

// unitsWithWork are the departments that the catalogue or a whistle can name.
func unitsWithWork(w World) []string {
	out := slices.Clone(chiefs)
	for _, m := range w.Pack.Catalogue.Matters("request") {
		out = append(out, m.Lead)
	}
	for _, r := range w.rules(Present).Rules() {
		out = append(out, r.Unit)
	}
	return append(out, "cleaning", "land", "justice", "transport", "agriculture", "water-affairs")
}
