package journal_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"weixiao/internal/journal"
	"weixiao/internal/store"
	"weixiao/internal/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

var (
	schemas = []store.Schema{journal.Schema}
	noon    = time.Date(2022, 11, 23, 4, 0, 0, 0, time.UTC)
)

const district = "220605"

func add(t *testing.T, db *store.DB, subject, text string, at time.Time, fail error) error {
	t.Helper()
	return db.Write(context.Background(), func(tx *store.Tx) error {
		a := &journal.Act{District: district, At: at.UnixMicro(), Kind: "case", Subject: subject, Action: "report",
			Actor: journal.Actor{Account: "a1", Unit: "u1", Capacity: "operator"}, Pack: "p1", Body: json.RawMessage(`{"x":1}`)}
		if text != "" {
			a.Texts = map[string]string{"text": text, "note": "n"}
		}
		if err := journal.Append(tx, a); err != nil {
			return err
		}
		return fail
	})
}

func TestChainHoldsUnderConcurrencyAndFailures(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		var wg sync.WaitGroup
		for i := range 200 {
			wg.Go(func() {
				var fail error
				if i%5 == 0 {
					fail = errors.New("refused")
				}
				if err := add(t, db, fmt.Sprintf("c%d", i%7), strings.Repeat("字", i%3), noon.Add(time.Duration(i)*time.Second), fail); !errors.Is(err, fail) {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		var seen int
		n, err := journal.Verify(t.Context(), db, district, func(a journal.Act) error {
			seen++
			if a.Texts != nil && a.Texts["note"] != "n" {
				t.Errorf("act %d lost its text", a.Seq)
			}
			return nil
		})
		if err != nil || n != 160 || seen != 160 {
			t.Fatalf("verify: %d acts, %d seen, %v", n, seen, err)
		}
		acts, err := store.Get(t.Context(), db, func(tx *store.Tx) ([]journal.Act, error) { return journal.History(tx, district, "case", "c3") })
		if err != nil || len(acts) == 0 || !slices.IsSortedFunc(acts, func(a, b journal.Act) int { return int(a.Seq - b.Seq) }) {
			t.Errorf("history: %d acts, %v", len(acts), err)
		}
	})
}

// TestTampering changes the tables behind the journal's back in every way a
// person with database access could, and expects the first bad act to be named.
func TestTampering(t *testing.T) {
	edits := []struct {
		name, sql string
		seq       int64
	}{
		{"another actor", `UPDATE acts SET account = 'x' WHERE seq = 5`, 5},
		{"another time", `UPDATE acts SET at = at + 1 WHERE seq = 5`, 5},
		{"another body", `UPDATE acts SET body = '{"x":2}' WHERE seq = 5`, 5},
		{"another subject", `UPDATE acts SET subject = 'c9' WHERE seq = 5`, 5},
		{"a changed text", `UPDATE act_texts SET body = 'other' WHERE seq = 5 AND name = 'text'`, 5},
		{"a removed text", `DELETE FROM act_texts WHERE seq = 5 AND name = 'text'`, 5},
		{"a fake erasure", `UPDATE act_texts SET body = '', hash = salt, erased = 1 WHERE seq = 5`, 5},
		{"a deleted act", `DELETE FROM acts WHERE seq = 5`, 5},
		{"two acts swapped", `UPDATE acts SET seq = 100 - seq WHERE seq IN (4, 5)`, 4},
		{"the tail cut off", `DELETE FROM acts WHERE seq > 8`, 9},
		{"the head set back", `UPDATE journal_heads SET seq = 3`, 10},
	}
	for _, e := range edits {
		t.Run(e.name, func(t *testing.T) {
			db := storetest.Open(t, "sqlite", schemas)
			for i := range 10 {
				if err := add(t, db, "c1", "text", noon.Add(time.Duration(i)*time.Minute), nil); err != nil {
					t.Fatal(err)
				}
			}
			if err := db.Write(t.Context(), func(tx *store.Tx) error { return tx.Exec(e.sql) }); err != nil {
				t.Fatal(err)
			}
			_, err := journal.Verify(t.Context(), db, district, nil)
			b, ok := errors.AsType[*journal.Broken](err)
			if !ok || b.Seq != e.seq {
				t.Errorf("got %v, want act %d", err, e.seq)
			}
		})
	}
}

func TestErasingKeepsTheChain(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		for _, s := range []string{"c1", "c2", "c1"} {
			if err := add(t, db, s, "13800000000", noon, nil); err != nil {
				t.Fatal(err)
			}
		}
		if err := db.Write(t.Context(), func(tx *store.Tx) error { return journal.Erase(tx, district, "case", "c1", noon.UnixMicro()) }); err != nil {
			t.Fatal(err)
		}
		if n, err := journal.Verify(t.Context(), db, district, nil); n != 3 || err != nil {
			t.Errorf("verify: %d, %v", n, err)
		}
		_, err := store.Get(t.Context(), db, func(tx *store.Tx) (string, error) { return journal.Text(tx, district, 1, "text") })
		if !errors.Is(err, store.ErrNotFound) {
			t.Errorf("erased text: %v", err)
		}
		s, err := store.Get(t.Context(), db, func(tx *store.Tx) (string, error) { return journal.Text(tx, district, 2, "text") })
		if err != nil || s != "13800000000" {
			t.Errorf("other record's text: %q, %v", s, err)
		}
	})
}

func TestClockSetBack(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		if err := add(t, db, "c1", "", noon, nil); err != nil {
			t.Fatal(err)
		}
		if err := db.Write(t.Context(), func(tx *store.Tx) error {
			now, err := journal.Begin(tx, district, noon.Add(-time.Hour))
			if err == nil && !now.Equal(noon.Add(time.Microsecond)) {
				t.Errorf("now is %v, want just after the last act's %v", now, noon)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if err := add(t, db, "c1", "", noon.Add(-time.Hour), nil); err != nil {
			t.Fatal(err)
		}
		if n, err := journal.Verify(t.Context(), db, district, nil); n != 2 || err != nil {
			t.Errorf("verify: %d, %v", n, err)
		}
	})
}

// TestFollowersHandleEachActOnce runs the same follower on two nodes while acts
// come in and the handler fails now and then.
func TestFollowersHandleEachActOnce(t *testing.T) {
	for _, e := range []string{"sqlite", "postgres"} {
		t.Run(e, func(t *testing.T) {
			dsn := storetest.DSN(t, e)
			a := storetest.OpenDSN(t, dsn, schemas)
			nodes := []*store.DB{a, a}
			if e == "postgres" {
				nodes[1] = storetest.OpenDSN(t, dsn, schemas)
			}
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			var wg sync.WaitGroup
			var tries int
			var mu sync.Mutex
			for _, db := range nodes {
				f := journal.Follower{Name: "f", Handle: func(tx *store.Tx, acts []journal.Act) error {
					for _, x := range acts {
						// A text of its own act is as good a place as any to note the handling:
						// the primary key refuses a second one.
						if err := tx.Exec(`INSERT INTO act_texts (district, seq, name, salt, hash, body) VALUES ($1, $2, 'handled', $3, $3, '')`, district, x.Seq, []byte{0}); err != nil {
							return err
						}
					}
					mu.Lock()
					tries++
					first := tries == 1
					mu.Unlock()
					if first {
						return errors.New("fails once")
					}
					return nil
				}}
				wg.Go(func() { journal.NewRunner(db, district, slog.New(slog.DiscardHandler), f).Run(ctx) })
			}
			const n = 450
			for i := range n {
				if err := add(t, nodes[i%2], "c1", "", noon, nil); err != nil {
					t.Fatal(err)
				}
			}
			for got := int64(0); got != n; {
				if err := a.Read(t.Context(), func(tx *store.Tx) error {
					return tx.Row(`SELECT count(*) FROM act_texts WHERE district = $1 AND name = 'handled'`, []any{district}, &got)
				}); err != nil {
					t.Fatal(err)
				}
			}
			cancel()
			wg.Wait()
		})
	}
}

// TestActsThatConcernNobodyCostNoWrite: the position is stored with the next act
// that concerns the follower, and no act is handled twice or passed over.
func TestActsThatConcernNobodyCostNoWrite(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		var handled []int64
		f := journal.Follower{Name: "f", Concerns: func(a journal.Act) bool { return a.Subject == "mine" },
			Handle: func(tx *store.Tx, acts []journal.Act) error {
				for _, a := range acts {
					if a.Subject == "mine" {
						handled = append(handled, a.Seq)
					}
				}
				return nil
			}}
		stored := func() (n int64) {
			t.Helper()
			if err := db.Read(t.Context(), func(tx *store.Tx) error {
				return tx.Row(`SELECT coalesce(max(seq), 0) FROM journal_positions WHERE district = $1 AND follower = 'f'`, []any{district}, &n)
			}); err != nil {
				t.Fatal(err)
			}
			return n
		}
		run := journal.NewRunner(db, district, slog.New(slog.DiscardHandler), f)
		for i, subject := range []string{"other", "other", "mine", "other", "mine", "other"} {
			if err := add(t, db, subject, "", noon.Add(time.Duration(i)*time.Minute), nil); err != nil {
				t.Fatal(err)
			}
			if err := run.CatchUp(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if !slices.Equal(handled, []int64{3, 5}) || stored() != 5 {
			t.Errorf("handled %v, position %d", handled, stored())
		}
		// After a restart the act after the position is looked at again, not handled.
		again := journal.NewRunner(db, district, slog.New(slog.DiscardHandler), f)
		if err := again.CatchUp(t.Context()); err != nil || len(handled) != 2 {
			t.Errorf("after a restart: %v %v", handled, err)
		}
	})
}
