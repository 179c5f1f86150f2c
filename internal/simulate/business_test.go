package simulate

import (
	"testing"

	"weixiao/internal/access"
	"weixiao/internal/assess"
	"weixiao/internal/cases/casestest"
	"weixiao/internal/directory/firms"
	"weixiao/internal/directory/registers"
	"weixiao/internal/enterprise"
	"weixiao/internal/enterprise/policies"
	"weixiao/internal/journal"
	"weixiao/internal/record"
	"weixiao/internal/store"
	"weixiao/internal/store/storetest"
	"weixiao/internal/worktime"
)

// TestBusiness: the year has three policies of ten clauses, profiles of all firms and claims that came to every end; the
// accounts of the clauses balance with them to the fen.
func TestBusiness(t *testing.T) {
	db := storetest.Open(t, "sqlite", append(casestest.Schemas(), assess.Schema, record.Schema))
	e := casestest.New(t, db)
	e.Pass(Begin.Sub(casestest.Start))
	g, err := access.New(db, access.Options{District: e.Pack.District, Clock: e.Clock})
	if err != nil {
		t.Fatal(err)
	}
	rec := record.New(db, record.Options{District: e.Pack.District, Prefix: "JY", Pack: e.Pack.Version, Clock: e.Clock, Calendar: func(*store.Tx, string) (*worktime.Calendar, error) { return worktime.China(), nil }})
	w := World{DB: db, Cases: e.Cases, Gate: g, Pack: e.Pack, Firms: e.Firms, Assess: assess.New(db, e.Cases, e.Pack, e.Clock)}
	w.Enterprise = enterprise.New(db, enterprise.Options{District: e.Pack.District, Records: rec, Firms: e.Firms, Registers: registers.Registers{Firms: e.Firms}, Directory: e.Pack.Directory, Vault: e.Vault,
		Gate: func() *access.Gate { return g }, Units: e.Pack.Policies.Units, Clock: e.Clock})
	w.Policies = policies.New(db, policies.Options{District: e.Pack.District, Records: rec, Directory: e.Pack.Directory, Vault: e.Vault, Units: e.Pack.Policies.Units, Reviewer: e.Pack.Policies.Reviewer, Clock: e.Clock,
		Facts: w.Enterprise.Facts, Each: w.Enterprise.Each, Name: func(tx *store.Tx, firm string) (string, bool, error) {
			x, err := e.Firms.GetIn(tx, firm)
			if err != nil {
				return "", false, err
			}
			return x.Name, x.State == firms.Active, nil
		}})
	st, err := Fill(t.Context(), w, Options{Scale: 0.01})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range st.Refused {
		t.Errorf("refused: %s", r)
	}
	c := rec.NewChecker()
	if _, err := journal.Verify(t.Context(), db, e.Pack.District, c.Fold); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Finish(t.Context()); err != nil {
		t.Fatal(err)
	}
	_, clauses, claims := w.Policies.Book()
	err = db.Read(t.Context(), func(tx *store.Tx) error {
		states := map[string]int64{}
		total := int64(0)
		sums, err := claims.SumBy(tx, "state")
		for _, s := range sums {
			states[s.Key], total = s.N, total+s.N
		}
		t.Logf("claims: %v", states)
		if total < 75 || total > 100 {
			t.Errorf("%d claims", total)
		}
		for _, want := range []string{policies.Paid, policies.Refused, policies.Recovered, policies.Withdrawn} {
			if states[want] == 0 {
				t.Errorf("no claim is %s", want)
			}
		}
		if err != nil {
			return err
		}
		profiles, err := w.Enterprise.Profiles().SumBy(tx, "state")
		n := int64(0)
		for _, s := range profiles {
			n += s.N
		}
		if n < 110 || n > 130 || len(profiles) != 3 {
			t.Errorf("%d profiles: %v", n, profiles)
		}
		if err != nil {
			return err
		}
		type account struct{ held, paid, back int64 }
		by := map[string]account{}
		if err := claims.Each(tx, record.Filter{}, func(x *policies.Claim) error {
			a := by[x.Clause]
			switch x.State {
			case policies.Granted:
				a.held += x.Amount
			case policies.Paid, policies.Revoked, policies.Recovered:
				a.paid, a.back = a.paid+x.Amount, a.back+x.Recovered
			}
			by[x.Clause] = a
			return nil
		}); err != nil {
			return err
		}
		count := 0
		return clauses.Each(tx, record.Filter{}, func(x *policies.Clause) error {
			if count++; by[x.ID] != (account{x.Held, x.Paid, x.Recovered}) || x.Free() < 0 {
				t.Errorf("%s: claims %+v, account %+v", x.Title, by[x.ID], x)
			}
			return nil
		})
	})
	if err != nil {
		t.Error(err)
	}
}
