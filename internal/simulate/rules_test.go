package simulate

import (
	"testing"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/cases/casestest"
	"weixiao/internal/catalogue"
	"weixiao/internal/duties"
	"weixiao/internal/store"
)

// TestRulesInForce: the made-up dispatchers follow what the district published, from its
// day on.
func TestRulesInForce(t *testing.T) {
	casestest.Each(t, func(t *testing.T, e *casestest.Env) {
		const here = "220605001"
		w, book, sc := World{Cases: e.Cases, Pack: e.Pack}, e.Cases.District().Duties, access.SystemScope(e.Pack.District, "a test")
		rule := catalogue.Rule{ID: "own-lamps", Matters: []string{"001"}, Under: []string{here}, Unit: "@street", Law: "移交协议"}
		day := e.Clock().AddDate(0, 0, 10)
		err := e.DB.Write(t.Context(), func(tx *store.Tx) error {
			if err := book.Adopt(tx, e.Clock()); err != nil {
				return err
			}
			v, err := book.Draft(tx, sc, 0, "路灯移交", e.Clock())
			if err == nil {
				v, err = book.Change(tx, sc, v.Number, v.Revision, duties.Edit{Put: &rule, At: 1}, e.Clock())
			}
			if err == nil {
				_, err = book.Publish(tx, sc, v.Number, v.Revision, duties.Terms{Since: day.Format(time.DateOnly), Law: "移交协议", Reason: "路灯移交"}, e.Clock())
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		for at, want := range map[time.Time]string{e.Clock(): "lamps", day.AddDate(0, 0, 1): here} {
			if got := w.rules(at).Resolve("001", here, "").Unit; got != want {
				t.Errorf("on %s: %s, want %s", at.Format(time.DateOnly), got, want)
			}
		}
	})
}
