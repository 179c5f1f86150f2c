package simulate

import (
	"testing"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/assess"
	"weixiao/internal/cases/casestest"
	"weixiao/internal/enterprise/express"
	"weixiao/internal/journal"
	"weixiao/internal/record"
	"weixiao/internal/store"
	"weixiao/internal/store/storetest"
	"weixiao/internal/web"
	"weixiao/internal/worktime"
)

// TestLetters lets a small year bring its letters to the leaders: about sixty, most of them closed, all proved by the journal.
func TestLetters(t *testing.T) {
	e := casestest.New(t, storetest.Open(t, "sqlite", append(casestest.Schemas(), record.Schema, assess.Schema)))
	g, err := access.New(e.DB, access.Options{District: e.Pack.District, Path: func(unit string) (out []string) {
		for _, u := range e.Pack.Directory.Path(unit) {
			out = append(out, u.ID)
		}
		return out
	}})
	if err != nil {
		t.Fatal(err)
	}
	now := Present
	engine := record.New(e.DB, record.Options{District: e.Pack.District, Prefix: e.Pack.Prefix, Pack: e.Pack.Version, Clock: func() time.Time { return now },
		Calendar: func(_ *store.Tx, unit string) (*worktime.Calendar, error) { return e.Pack.Calendar(unit), nil }})
	x := web.NewExpress(e.DB, engine, e.Cases, e.Pack, e.Vault, func() *access.Gate { return g }, func() time.Time { return now })
	st, err := Fill(t.Context(), World{DB: e.DB, Cases: e.Cases, Gate: g, Pack: e.Pack, Firms: e.Firms, Assess: assess.New(e.DB, e.Cases, e.Pack, func() time.Time { return now }), Express: x}, Options{Scale: 0.002})
	if err != nil {
		t.Fatal(err)
	}
	if len(st.Refused) > 0 {
		t.Error(st.Refused)
	}
	auditor := access.ScopeOf(access.Principal{District: e.Pack.District, Account: "a", Unit: e.Pack.District, Roles: []string{access.Auditor}, Kind: access.Cookie})
	list, err := x.Figures(t.Context(), auditor, Begin, Present)
	if err != nil {
		t.Fatal(err)
	}
	by := map[string]express.Figure{}
	for _, f := range list {
		by[f.Name] = f
		t.Logf("%s %s", f.Name, f)
	}
	if n := by[express.FigReceived].N; n < 45 || n > 100 {
		t.Errorf("%d letters in the year", n)
	}
	if by[express.FigDone].Share() < 500 || by[express.FigValid].Share() < 700 || by[express.FigInTime].Share() < 800 || by[express.FigSatisfied].N == 0 {
		t.Errorf("figures: %v", list)
	}
	c := engine.NewChecker()
	if _, err := journal.Verify(t.Context(), e.DB, e.Pack.District, c.Fold); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Finish(t.Context()); err != nil {
		t.Error(err)
	}
}
