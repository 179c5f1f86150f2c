// Package enterprise is the business side of a district: what is known of its firms beyond the register
// (directory/firms), who said so and who checked it, a firm's own account, and all its matters in one place.
//
//	enterprise.go  Options, Enterprise; whose profile anybody reaches
//	profile.go     the flow table of a profile: stated, checked, corrected
//	state.go       State, Act, Profile: one profile for each firm; which figure comes from whom
//	invite.go      invitations and accounts of firms
//	home.go        a firm's home: matters, what is missing, history
//	twins.go       files of firms: rows that may be a firm the register has
//
// policies/ keeps the policies for firms and what was paid under them.
package enterprise

import (
	"context"
	"slices"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/catalogue/conditions"
	"weixiao/internal/directory"
	"weixiao/internal/directory/firms"
	"weixiao/internal/directory/registers"
	"weixiao/internal/flow"
	"weixiao/internal/record"
	"weixiao/internal/store"
	"weixiao/internal/vault"
)

// Options are what the package is wired with.
type Options struct {
	District  string
	Records   *record.Engine
	Firms     *firms.Firms
	Registers registers.Registers
	Directory *directory.Directory
	Vault     *vault.Vault
	// Gate makes accounts; it is asked when it is there.
	Gate func() *access.Gate
	// Units are the departments that work for firms of the whole district: they check profiles and see them.
	Units []string
	// Matters are what other packages know to be under way for a firm.
	Matters []Matters
	Clock   func() time.Time
}

// Enterprise keeps profiles and invitations of one district.
type Enterprise struct {
	db       *store.DB
	o        Options
	profiles *record.Book[Profile, *Profile]
	invites  *record.Book[Invitation, *Invitation]
}

// New wires the package and registers its kinds of records.
func New(db *store.DB, o Options) *Enterprise {
	s := &Enterprise{db: db, o: o}
	s.profiles = record.Register(o.Records, record.Kind[Profile, *Profile]{Table: &ProfileTable, Letters: "QY", Keys: profileKeys, Sees: s.seesProfile,
		Relations: s.relations, Plans: map[string]func(*record.Step[Profile, *Profile]) error{"state": s.stated, "restate": s.stated, "check": s.checked, "correct": s.corrected}})
	s.invites = record.Register(o.Records, record.Kind[Invitation, *Invitation]{Table: &InvitationTable, Letters: "QM",
		Keys: func(x *Invitation) record.Keys { return record.Keys{Of: x.Firm, Unit: x.Unit, Title: x.Name} },
		Sees: func(sc access.Scope, x *Invitation) bool { return sc.Firm() == "" && s.reaches(sc, x.Firm, x.Unit) },
		Relations: func(_ *store.Tx, sc access.Scope, x *Invitation) ([]string, error) {
			return s.relate(sc, x.Firm, x.Unit), nil
		},
		Plans: map[string]func(*record.Step[Invitation, *Invitation]) error{"invite": s.invited}})
	return s
}

// Tables are the flow tables of the package.
func Tables() []*flow.Table { return []*flow.Table{&ProfileTable, &InvitationTable} }

// AddMatters lets another package say what is under way for a firm; when the program is wired.
func (s *Enterprise) AddMatters(m ...Matters) { s.o.Matters = append(s.o.Matters, m...) }

// Relations of somebody to a firm.
const (
	Own   = "own"   // the account speaks for it
	Under = "under" // it belongs to the unit, or to one below it, or the unit works for all firms
)

func (s *Enterprise) relate(sc access.Scope, firm, unit string) []string {
	switch {
	case sc.Firm() != "":
		if sc.Firm() == firm {
			return []string{Own}
		}
		return nil
	case sc.Unit() != "" && (slices.Contains(s.o.Units, sc.Unit()) || unit != "" && s.o.Directory.Under(unit, sc.Unit())):
		return []string{Under}
	}
	return nil
}

// reaches reports whether the scope sees what is kept of a firm: the firm itself, the unit it belongs to, the departments
// for firms, and who works for the whole district.
func (s *Enterprise) reaches(sc access.Scope, firm, unit string) bool {
	if sc.Firm() != "" {
		return sc.Firm() == firm
	}
	return sc.All() || len(s.relate(sc, firm, unit)) > 0
}

func (s *Enterprise) seesProfile(sc access.Scope, x *Profile) bool {
	return s.reaches(sc, x.Firm, x.Unit)
}

func (s *Enterprise) relations(_ *store.Tx, sc access.Scope, x *Profile) ([]string, error) {
	return s.relate(sc, x.Firm, x.Unit), nil
}

// Firm is an organisation of the register, as far as the scope reaches it: a firm reaches itself.
func (s *Enterprise) Firm(ctx context.Context, sc access.Scope, code string) (x *firms.Firm, err error) {
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		x, err = s.firm(tx, sc, code)
		return err
	})
	return x, err
}

func (s *Enterprise) firm(tx *store.Tx, sc access.Scope, code string) (*firms.Firm, error) {
	x, err := s.o.Firms.GetIn(tx, code)
	if err == nil && !sc.Can(access.System) && !s.reaches(sc, x.ID, x.Unit) {
		return nil, store.ErrNotFound
	}
	return x, err
}

// Each calls fn with the facts of every profile, for counts and matches over all firms.
func (s *Enterprise) Each(tx *store.Tx, fn func(code, name string, f *conditions.Facts) error) error {
	return s.profiles.Each(tx, record.Filter{}, func(x *Profile) error {
		if x.State == Closed {
			return nil
		}
		return fn(x.Firm, x.Name, &x.Facts)
	})
}
