package simulate

import (
	"strings"
	"testing"

	"weixiao/internal/access"
	"weixiao/internal/cases/casestest"
	"weixiao/internal/directory/firms"
	"weixiao/internal/journal"
	"weixiao/internal/record"
	"weixiao/internal/store"
	"weixiao/internal/store/storetest"
	"weixiao/internal/web"
	"weixiao/internal/worktime"
)

// TestApproving takes sixty projects through their approvals in a year, by the verbs of people: nothing that is done is
// refused, rows agree with acts, and every act stands in its place in time.
func TestApproving(t *testing.T) {
	e := casestest.New(t, storetest.Open(t, "sqlite", append(casestest.Schemas(), record.Schema)))
	g, err := access.New(e.DB, access.Options{District: e.Pack.District, Firm: func(code string) bool { _, err := firms.CheckCode(code); return err == nil },
		Path: func(unit string) (out []string) {
			for _, u := range e.Pack.Directory.Path(unit) {
				out = append(out, u.ID)
			}
			return out
		}})
	if err != nil {
		t.Fatal(err)
	}
	calendar := func(_ *store.Tx, unit string) (*worktime.Calendar, error) { return e.Pack.Calendar(unit), nil }
	records := record.New(e.DB, record.Options{District: e.Pack.District, Prefix: e.Pack.Prefix, Pack: e.Pack.Version, Clock: e.Clock, Calendar: calendar})
	ap, ag := web.NewApprovals(e.DB, records, e.Cases, e.Pack, func() *access.Gate { return g }, calendar, e.Clock)
	st, err := Fill(t.Context(), World{DB: e.DB, Cases: e.Cases, Gate: g, Pack: e.Pack, Approvals: ap, Agents: ag}, Options{Scale: 0.01})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range st.Refused {
		t.Errorf("refused: %s", r)
	}
	c := records.NewChecker()
	if _, err := journal.Verify(t.Context(), e.DB, e.Pack.District, c.Fold); err != nil {
		t.Fatal(err)
	}
	n, err := c.Finish(t.Context())
	if err != nil || n < 500 {
		t.Errorf("%d records, %v", n, err)
	}
	leader := e.Scope("leaders", access.Leader)
	count := map[string]int{}
	if err := e.DB.Read(t.Context(), func(tx *store.Tx) error {
		for name, sum := range map[string]func(*store.Tx, string, ...record.Filter) ([]record.Sum, error){"file": ap.Files.SumBy, "item": ap.Items.SumBy, "promise": ap.Promises.SumBy, "priority": ap.Priorities.SumBy, "agency": ag.Agencies.SumBy, "blocker": ag.Blockers.SumBy} {
			list, err := sum(tx, "state")
			if err != nil {
				return err
			}
			for _, s := range list {
				count[name+"."+s.Key] += int(s.N)
				count[name] += int(s.N)
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if count["file"] != 60 || count["item"] < 300 || count["item"] > 420 || count["agency"] != 25 {
		t.Errorf("%v", count)
	}
	for _, want := range []string{"item.delivered", "item.supplement", "item.special", "item.voided", "promise.kept", "promise.void", "priority.granted", "priority.refused", "agency.rated", "blocker.cleared"} {
		if name, _, _ := strings.Cut(want, "."); count[want] == 0 && want != "item.supplement" && want != "item.special" {
			t.Errorf("no %s among the %ss: %v", want, name, count)
		}
	}
	fig, err := ap.Figures(t.Context(), leader, "", "")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range fig {
		if f.Is != len(f.Rows) {
			t.Errorf("%s: %d of %d records", f.Name, len(f.Rows), f.Is)
		}
		t.Logf("%s: %d of %d, sum %d", f.Name, f.Is, f.Of, f.Sum)
	}
	t.Logf("%v, %d acts", count, st.Acts)
}
