package vault_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"weixiao/internal/store"
	"weixiao/internal/store/storetest"
	"weixiao/internal/vault"
)

func ledger(t *testing.T, db *store.DB, subject string, p vault.Page) []vault.Disclosure {
	t.Helper()
	d, err := store.Get(t.Context(), db, func(tx *store.Tx) ([]vault.Disclosure, error) { return vault.Ledger(tx, district, subject, p) })
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestRevealLimit: fifty attempts at once, on two nodes where there can be two.
func TestRevealLimit(t *testing.T) {
	for _, e := range []string{"sqlite", "postgres"} {
		t.Run(e, func(t *testing.T) {
			dsn := storetest.DSN(t, e)
			nodes := []*store.DB{storetest.OpenDSN(t, dsn, schemas)}
			if e == "postgres" {
				nodes = append(nodes, storetest.OpenDSN(t, dsn, schemas))
			}
			v := newVault(t)
			id := put(t, nodes[0], v, canary, noon)
			errs := make([]error, 50)
			var wg sync.WaitGroup
			for i := range errs {
				wg.Go(func() { _, errs[i] = reveal(nodes[i%len(nodes)], v, id, asked("a1", vault.FieldPhone)) })
			}
			wg.Wait()
			through := 0
			for _, err := range errs {
				le, ok := errors.AsType[*vault.LimitError](err)
				switch {
				case err == nil:
					through++
				case !ok || le.Limit != 20 || !le.Again.Equal(time.Date(2022, 11, 23, 16, 0, 0, 0, time.UTC)):
					t.Errorf("refused with %v", err)
				}
			}
			if through != 20 {
				t.Errorf("%d came through", through)
			}
			if n := len(ledger(t, nodes[0], "JY20221123-7K3Q9", vault.Page{Limit: 100})); n != 20 {
				t.Errorf("%d rows in the ledger", n)
			}
			if _, err := reveal(nodes[0], v, id, asked("a2", vault.FieldPhone)); err != nil {
				t.Errorf("another account: %v", err)
			}
			late := asked("a1", vault.FieldPhone)
			late.At = time.Date(2022, 11, 23, 15, 59, 59, 0, time.UTC) // 23:59:59 in Shanghai
			if _, err := reveal(nodes[0], v, id, late); err == nil {
				t.Error("the limit ended before the local day")
			}
			late.At = late.At.Add(time.Second)
			if _, err := reveal(nodes[0], v, id, late); err != nil {
				t.Errorf("the next day: %v", err)
			}
		})
	}
}

func TestRevealNeedsAReason(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		v := newVault(t)
		id := put(t, db, v, canary, noon)
		for name, change := range map[string]func(*vault.Disclosure){
			"account": func(d *vault.Disclosure) { d.Account = "" },
			"unit":    func(d *vault.Disclosure) { d.Unit = "" },
			"subject": func(d *vault.Disclosure) { d.Subject = "" },
			"at":      func(d *vault.Disclosure) { d.At = time.Time{} },
			"reason":  func(d *vault.Disclosure) { d.Reason = "" },
			"reason ": func(d *vault.Disclosure) { d.Reason = "curious" },
			"note":    func(d *vault.Disclosure) { d.Note = "  " },
			"note ":   func(d *vault.Disclosure) { d.Note = strings.Repeat("长", 201) },
			"kind":    func(d *vault.Disclosure) { d.Kind = vault.KindMessage },
			"fields":  func(d *vault.Disclosure) { d.Fields = nil },
			"fields ": func(d *vault.Disclosure) { d.Fields = []vault.Field{vault.FieldText} },
			"fields  ": func(d *vault.Disclosure) {
				d.Fields = []vault.Field{"password"}
			},
		} {
			d := asked("a1", vault.FieldPhone)
			change(&d)
			p, err := reveal(db, v, id, d)
			bad, ok := errors.AsType[*vault.InvalidError](err)
			if !ok || bad.Field != strings.TrimSpace(name) || p != (vault.Person{}) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, err := reveal(db, v, "unknown", asked("a1", vault.FieldPhone)); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("unknown person: %v", err)
		}
		if err := db.Write(t.Context(), func(tx *store.Tx) error {
			_, err := v.Use(tx, district, id, vault.Disclosure{At: noon, Unit: "u", Subject: "s", Kind: vault.KindReveal, Fields: vault.AllFields})
			return err
		}); err == nil {
			t.Error("Use went around the limit")
		}
		if n := len(ledger(t, db, "JY20221123-7K3Q9", vault.Page{})); n != 0 {
			t.Errorf("%d rows in the ledger after refusals", n)
		}
	})
}

// TestRevealRollsBackWithItsTransaction: no reveal without its ledger row, on any
// way out.
func TestRevealRollsBackWithItsTransaction(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		v := newVault(t)
		id := put(t, db, v, canary, noon)
		for range 30 { // a rolled back reveal does not count either
			if err := db.Write(t.Context(), func(tx *store.Tx) error {
				if _, err := v.Reveal(tx, district, id, asked("a1", vault.FieldPhone)); err != nil {
					return err
				}
				return errors.New("no")
			}); err == nil || err.Error() != "no" {
				t.Fatal(err)
			}
		}
		if n := len(ledger(t, db, "JY20221123-7K3Q9", vault.Page{})); n != 0 {
			t.Errorf("%d rows", n)
		}
		// A snapshot would lose the row, so nothing comes out of one.
		if err := db.Read(t.Context(), func(tx *store.Tx) error {
			if p, err := v.Reveal(tx, district, id, asked("a1", vault.FieldPhone)); err == nil || p != (vault.Person{}) {
				t.Errorf("revealed in a snapshot: %v", err)
			}
			d := asked("a1", vault.FieldPhone)
			d.Kind = vault.KindPrint
			if p, err := v.Use(tx, district, id, d); err == nil || p != (vault.Person{}) {
				t.Errorf("used in a snapshot: %v", err)
			}
			if _, err := v.OpenText(tx, district, id, asked("a1")); err == nil {
				t.Error("text opened in a snapshot")
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	})
}

func TestLedger(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		v := newVault(t)
		id := put(t, db, v, canary, noon)
		record := func(d vault.Disclosure) {
			d.District, d.Person = district, id
			write(t, db, func(tx *store.Tx) error { _, err := vault.Record(tx, d); return err })
		}
		const subject = "JY20221123-AAAAA"
		for i := range 25 {
			d := asked(fmt.Sprintf("a%d", i%2), vault.FieldText, vault.FieldMasked, vault.FieldText)
			d.Kind, d.Subject, d.At = vault.KindView, subject, noon.Add(time.Duration(i/5)*time.Minute) // five at the same moment
			record(d)
		}
		d := asked("", vault.FieldPhone)
		d.Kind, d.Subject, d.Unit, d.Reason, d.At = vault.KindForward, subject, "220605999", "", noon.Add(time.Hour)
		d.Note = "转办，联系人电话 13898765432"
		record(d)
		other := asked("a9", vault.FieldPhone)
		other.Kind, other.Subject = vault.KindPrint, "another"
		record(other)

		var got []vault.Disclosure
		for page := (vault.Page{Limit: 7}); ; page.Before = got[len(got)-1].ID {
			next := ledger(t, db, subject, page)
			got = append(got, next...)
			if len(next) < 7 {
				break
			}
		}
		if len(got) != 26 || !slices.IsSortedFunc(got, func(a, b vault.Disclosure) int { return b.At.Compare(a.At) }) {
			t.Fatalf("%d rows, or out of order", len(got))
		}
		if got[0].Unit != "220605999" || got[0].Note != "转办，联系人电话 138****5432" || !got[0].At.Equal(d.At) || got[0].Kind != vault.KindForward || got[0].Person != id {
			t.Errorf("newest: %+v", got[0])
		}
		if !slices.Equal(got[1].Fields, []vault.Field{vault.FieldMasked, vault.FieldText}) {
			t.Errorf("fields: %v", got[1].Fields)
		}
		seen, err := store.Get(t.Context(), db, func(tx *store.Tx) ([]vault.Seen, error) { return vault.WhoSaw(tx, district, id) })
		if err != nil || len(seen) != 4 {
			t.Fatalf("%v, %v", seen, err)
		}
		if s := seen[0]; s.Unit != "220605999" || s.Times != 1 || s.Kind != vault.KindForward {
			t.Errorf("latest: %+v", s)
		}
		if s := seen[1]; s.Account != "a0" || s.Times != 13 || !s.First.Equal(noon) || !s.Last.Equal(noon.Add(4*time.Minute)) {
			t.Errorf("%+v", s)
		}
		for name, change := range map[string]func(*vault.Disclosure){
			"district": func(d *vault.Disclosure) { d.District = "" },
			"person":   func(d *vault.Disclosure) { d.Person = "" },
			"kind":     func(d *vault.Disclosure) { d.Kind = "peek" },
			"kind ":    func(d *vault.Disclosure) { d.Kind = vault.KindReveal },
			"unit":     func(d *vault.Disclosure) { d.Unit = "" },
		} {
			d := asked("a1", vault.FieldText)
			d.District, d.Person, d.Kind = district, id, vault.KindPrint
			change(&d)
			err := db.Write(context.Background(), func(tx *store.Tx) error { _, err := vault.Record(tx, d); return err })
			if bad, ok := errors.AsType[*vault.InvalidError](err); !ok || bad.Field != strings.TrimSpace(name) {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}
