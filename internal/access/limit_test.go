package access_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/store"
	"weixiao/internal/store/storetest"
)

func TestLimitsAreNamedOnce(t *testing.T) {
	seen := map[string]bool{}
	for _, l := range access.Limits() {
		if seen[l.Name] || l.N <= 0 || l.Per <= 0 || l.Per > 24*time.Hour || l.Why == "" {
			t.Errorf("%+v", l)
		}
		seen[l.Name] = true
	}
}

func TestWrongNameOfALimitIsAMistake(t *testing.T) {
	w := newWorld(t, storetest.Open(t, "sqlite", schemas))
	for name, try := range map[string]func(){
		"Allow, unknown": func() { _ = w.Allow("nothing", "k") },
		"Allow, shared":  func() { _ = w.Allow("secret.case", "k") },
		"Guard, unknown": func() { _, _ = w.Guard(context.Background(), []access.Try{{"nothing", "k"}}, nil) },
		"Guard, bucket":  func() { _, _ = w.Guard(context.Background(), []access.Try{{"report.client", "k"}}, nil) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			try()
		}()
	}
}

// guess tries a follow-up secret; only "right" is right.
func (w *world) guess(record, client, secret string) (bool, error) {
	return w.Guard(context.Background(), []access.Try{{"secret.case", record}, {"secret.client", client}}, func(*store.Tx) (bool, error) {
		return secret == "right", nil
	})
}

func TestGuard(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		expect := func(what, record, client, secret string, right bool, wait time.Duration) {
			t.Helper()
			got, err := w.guess(record, client, secret)
			e, _ := errors.AsType[access.ErrTooMany](err)
			if got != right || e.RetryAfter != wait || (wait == 0 && err != nil) {
				t.Errorf("%s: %v, %v, want %v, %s", what, got, err, right, wait)
			}
		}
		for range 50 {
			expect("right guesses cost nothing", "c1", "ip1", "right", true, 0)
		}
		if n := w.number(`SELECT count(*) FROM tries WHERE district = $1`, district); n != 0 {
			t.Errorf("%d rows of right guesses", n)
		}
		for range 5 {
			w.Add(time.Minute)
			expect("wrong", "c1", "ip1", "wrong", false, 0)
		}
		expect("used up, also for the right one", "c1", "ip1", "right", false, 56*time.Minute)
		expect("and from elsewhere", "c1", "ip2", "right", false, 56*time.Minute)
		expect("another case", "c2", "ip1", "right", true, 0)
		for i := range 15 {
			expect("other cases from the same client", fmt.Sprint("d", i), "ip1", "wrong", false, 0)
		}
		expect("twenty from one client", "c2", "ip1", "right", false, 56*time.Minute)
		expect("another client", "c2", "ip2", "right", true, 0)
		w.Add(56*time.Minute - time.Second)
		expect("almost", "c1", "ip2", "right", false, time.Second)
		w.Add(time.Second)
		expect("the hour is over", "c1", "ip1", "right", true, 0)
		// Wrong ones are not forgotten because of a right one.
		for range 4 {
			expect("wrong", "c3", "ip3", "wrong", false, 0)
		}
		expect("right", "c3", "ip3", "right", true, 0)
		expect("wrong", "c3", "ip3", "wrong", false, 0)
		expect("used up", "c3", "ip3", "right", false, time.Hour)
		// Addresses are not in the table.
		if n := w.number(`SELECT count(*) FROM tries WHERE district = $1 AND (key LIKE 'ip%' OR key LIKE 'c%_c')`, district); n != 0 {
			t.Error("keys are stored as they are")
		}
	})
}

func TestGuardUndoesOnError(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		broken := errors.New("broken")
		for range 9 {
			if _, err := w.Guard(t.Context(), []access.Try{{"code.client", "ip"}}, func(*store.Tx) (bool, error) { return true, broken }); !errors.Is(err, broken) {
				t.Fatal(err)
			}
		}
		if n := w.number(`SELECT count(*) FROM tries WHERE district = $1`, district); n != 0 {
			t.Errorf("%d rows", n)
		}
	})
}

// TestThousandGuessesAtOnce: on two nodes, five are looked at.
func TestThousandGuessesAtOnce(t *testing.T) {
	for _, e := range []string{"sqlite", "postgres"} {
		t.Run(e, func(t *testing.T) {
			dsn := storetest.DSN(t, e)
			a := newWorld(t, storetest.OpenDSN(t, dsn, schemas))
			nodes := []*world{a, a}
			if e == "postgres" {
				nodes[1] = newWorld(t, storetest.OpenDSN(t, dsn, schemas))
			}
			// The writer may run a transaction again, so looks are counted by their outcome.
			var wrong, refused, busy atomic.Int64
			var wg sync.WaitGroup
			for i := range 1000 {
				wg.Go(func() {
					right, err := nodes[i%2].guess("c1", fmt.Sprint("ip", i), "wrong")
					_, many := errors.AsType[access.ErrTooMany](err)
					switch {
					case err == nil && !right:
						wrong.Add(1)
					case many:
						refused.Add(1)
					case errors.Is(err, store.ErrBusy):
						busy.Add(1)
					default:
						t.Error(right, err)
					}
				})
			}
			wg.Wait()
			if wrong.Load() != 5 || refused.Load() == 0 {
				t.Errorf("%d looked at, %d refused, %d busy", wrong.Load(), refused.Load(), busy.Load())
			}
		})
	}
}
