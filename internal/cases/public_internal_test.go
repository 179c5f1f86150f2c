package cases

import (
	"strings"
	"testing"

	"weixiao/internal/store"
	"weixiao/internal/store/storetest"
)

// TestPublicReadsRanges asks SQLite how it finds a page of several matters: each
// in a range of the index of what is published, never by a walk over cases.
func TestPublicReadsRanges(t *testing.T) {
	db := storetest.Open(t, "sqlite", []store.Schema{Schema})
	for name, f := range map[string]PublicFilter{
		"several matters": {Matters: []string{"001", "005"}, From: 1, Skip: 300, Limit: 50},
		"ended":           {Ended: true, From: 1, Skip: 300, Limit: 50},
		"one matter open": {Matters: []string{"001"}, Open: true, Limit: 50},
		"everything":      {Limit: 50},
	} {
		plan, err := store.Get(t.Context(), db, func(tx *store.Tx) ([]string, error) {
			b := f.page("220605")
			return store.All(tx, func(r store.Scanner) (string, error) {
				var id, parent, unused int64
				var detail string
				err := r.Scan(&id, &parent, &unused, &detail)
				return detail, err
			}, "EXPLAIN QUERY PLAN "+b.String(), b.args...)
		})
		if err != nil {
			t.Fatal(err)
		}
		ranges := 0
		for _, line := range plan {
			if strings.Contains(line, "SCAN k") || (strings.Contains(line, "SEARCH k") && !strings.Contains(line, "INDEX cases_published") && !strings.Contains(line, "(district=? AND doc=?)")) {
				t.Errorf("%s: %s", name, line)
			}
			if strings.Contains(line, "COVERING INDEX cases_published") {
				ranges++
			}
		}
		branches := max(1, len(f.Matters))
		if !f.Open && !f.Ended {
			branches *= 2
		}
		if ranges != branches {
			t.Errorf("%s: %d ranges, want %d:\n%s", name, ranges, branches, strings.Join(plan, "\n"))
		}
	}
}
