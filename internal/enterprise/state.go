package enterprise

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"weixiao/internal/access"
	"weixiao/internal/catalogue/conditions"
	"weixiao/internal/directory"
	"weixiao/internal/record"
	"weixiao/internal/store"
	"weixiao/internal/vault"
)

// State states the profile of a firm, for the first time or again: what is left out stays as it is. A firm states its own
// only; another one's does not exist for it. Errors: form.Faults, flow.ErrForbidden, store.ErrNotFound.
func (s *Enterprise) State(ctx context.Context, sc access.Scope, code string, in record.Input) (x *Profile, err error) {
	err = s.db.Write(ctx, func(tx *store.Tx) error {
		x, err = s.StateIn(tx, sc, code, in)
		return err
	})
	return x, err
}

// StateIn is State in a transaction.
func (s *Enterprise) StateIn(tx *store.Tx, sc access.Scope, code string, in record.Input) (*Profile, error) {
	f, err := s.firm(tx, sc, code)
	if err != nil {
		return nil, err
	}
	old, err := s.of(tx, code)
	if err == nil {
		return s.profiles.ActIn(tx, sc, old.ID, "restate", in)
	} else if !errors.Is(err, store.ErrNotFound) {
		return nil, err
	}
	return s.profiles.OpenIn(tx, sc, "state", in, func(p *Profile) {
		p.Firm, p.Name, p.Unit, p.Sector = f.ID, f.Name, f.Unit, f.Sector
	})
}

// of is the profile of a firm, whoever asks.
func (s *Enterprise) of(tx *store.Tx, code string) (*Profile, error) {
	var out *Profile
	err := s.profiles.Each(tx, record.Filter{Of: code}, func(x *Profile) error { out = x; return nil })
	if err == nil && out == nil {
		err = store.ErrNotFound
	}
	return out, err
}

// Facts are what the profile of a firm says, and whether a unit has checked it. A firm without a profile has no facts.
func (s *Enterprise) Facts(tx *store.Tx, code string) (f *conditions.Facts, checked bool, err error) {
	x, err := s.of(tx, code)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return &conditions.Facts{}, false, nil
	case err != nil:
		return nil, false, err
	}
	return &x.Facts, x.State == Checked || x.State == Corrected, nil
}

// Act checks, corrects or closes a profile.
func (s *Enterprise) Act(ctx context.Context, sc access.Scope, id, action string, in record.Input) (*Profile, error) {
	return s.profiles.Act(ctx, sc, id, action, in)
}

// Profiles is the book of profiles, for lists.
func (s *Enterprise) Profiles() *record.Book[Profile, *Profile] { return s.profiles }

// Invitations is the book of invitations, for lists.
func (s *Enterprise) Invitations() *record.Book[Invitation, *Invitation] { return s.invites }

// Profile is a firm's profile with all that its page shows; store.ErrNotFound also when there is none yet.
func (s *Enterprise) Profile(ctx context.Context, sc access.Scope, code string) (*record.View[*Profile], error) {
	return store.Get(ctx, s.db, func(tx *store.Tx) (*record.View[*Profile], error) {
		x, err := s.of(tx, code)
		if err != nil {
			return nil, err
		}
		return s.profiles.ViewIn(tx, sc, x.ID)
	})
}

// stated notes who said what, and seals who is to be spoken to.
func (s *Enterprise) stated(st *record.Step[Profile, *Profile]) error {
	if st.X.Firm == "" {
		return store.ErrNotFound // of no firm
	}
	if err := s.settle(st, false); err != nil {
		return err
	}
	p := vault.Person{Name: st.Texts["contact"], Phone: st.Texts["phone"]}
	delete(st.Texts, "contact")
	delete(st.Texts, "phone")
	if p == (vault.Person{}) {
		return nil
	}
	if st.X.Person != "" {
		return s.o.Vault.Replace(st.Tx, s.o.District, st.X.Person, p)
	}
	sealed, err := s.o.Vault.Seal(s.o.District, p)
	if err != nil {
		return err
	}
	st.X.Person = sealed.ID
	return vault.Put(st.Tx, sealed, st.At)
}

// settle notes the source of each fact that was answered, and refuses what contradicts itself.
func (s *Enterprise) settle(st *record.Step[Profile, *Profile], checked bool) error {
	x := st.X
	today := st.At.In(s.zone()).Format("2006-01-02")
	if x.AsOf > today {
		return record.Fault("as_of", "future")
	}
	if x.Founded > today || x.Founded != "" && x.Founded > x.AsOf {
		return record.Fault("founded", "future")
	}
	if slices.Contains(x.Titles, conditions.None) && len(x.Titles) > 1 {
		return record.Fault("titles", "none_alone")
	}
	if x.Branch != "" && !slices.Contains(conditions.Branches(x.Sector), x.Branch) {
		return record.Fault("branch", "branch")
	}
	if u, ok := s.o.Directory.Unit(x.Street); x.Street != "" && (!ok || u.Kind != directory.Street && u.Kind != directory.Town) {
		return record.Fault("street", "unit")
	}
	if x.Hired != nil && x.Staff != nil && *x.Hired > *x.Staff {
		return record.Fault("hired", "more_than_staff")
	}
	if x.Graduates != nil && x.Hired != nil && *x.Graduates > *x.Hired {
		return record.Fault("graduates", "more_than_hired")
	}
	x.Said = maps.Clone(x.Said)
	if x.Said == nil {
		x.Said = map[string]Source{}
	}
	by := st.Scope.Firm()
	if by == "" {
		by = st.Scope.Unit()
	}
	src := Source{By: by, AsOf: x.AsOf, At: st.At.UnixMicro()}
	if checked {
		src.Checked, src.When = st.Scope.Unit(), st.At.UnixMicro()
	}
	if st.Action.Name == "state" && x.Sector != "" {
		x.Said["sector"] = src
	}
	for name := range st.Answers {
		if name != "as_of" && !strings.HasSuffix(name, "_sure") && (name == "founded" || slices.Contains(stated(), name)) {
			x.Said[name] = src
		}
	}
	return nil
}

func (s *Enterprise) checked(st *record.Step[Profile, *Profile]) error {
	st.X.Said = maps.Clone(st.X.Said)
	for name, src := range st.X.Said {
		src.Checked, src.When = st.Scope.Unit(), st.At.UnixMicro()
		st.X.Said[name] = src
	}
	return nil
}

// corrected puts other figures in the place of those stated. What is not named was found right.
func (s *Enterprise) corrected(st *record.Step[Profile, *Profile]) error {
	if err := s.settle(st, true); err != nil {
		return err
	}
	return s.checked(st)
}

// Namer names streets in conditions.
func (s *Enterprise) Namer() conditions.Namer {
	return func(fact, value string) string {
		if u, ok := s.o.Directory.Unit(value); fact == "street" && ok {
			return u.Name
		}
		return ""
	}
}
