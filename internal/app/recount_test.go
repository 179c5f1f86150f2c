package app_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/app"
	"weixiao/internal/calendars"
	"weixiao/internal/cases"
	"weixiao/internal/config"
	"weixiao/internal/journal"
	"weixiao/internal/store"
	"weixiao/internal/store/storetest"
	"weixiao/internal/worktime"
)

// TestRecountSurvivesKills loads a notice, and kills the server again and again
// while it counts the deadlines anew. In the end every open case was done once and
// the database verifies.
func TestRecountSurvivesKills(t *testing.T) {
	if testing.Short() {
		t.Skip("takes some seconds")
	}
	bin := program(t)
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			dsn, data := storetest.DSN(t, engine), filepath.Join(t.TempDir(), "data")
			const n = 2400
			openCases(t, dsn, data, n)
			db, err := store.Open(t.Context(), dsn, store.Options{Readers: 1}, app.Schemas()...)
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			inTheMiddle, ended := 0, false
			for kill := 0; kill < 60 && !ended; kill++ {
				done := recounted(t, db)
				log, err := os.Create(filepath.Join(t.TempDir(), "server.log"))
				if err != nil {
					t.Fatal(err)
				}
				cmd := exec.Command(bin, "serve", "--dev", "--database", dsn, "--data", data, "--addr", freePort(t))
				cmd.Stdout, cmd.Stderr = log, log
				if err := cmd.Start(); err != nil {
					t.Fatal(err)
				}
				// The lease of a server that was killed has to pass first.
				for end := time.Now().Add(time.Minute); time.Now().Before(end); {
					if now := recounted(t, db); now > done || now == n {
						break
					}
					time.Sleep(3 * time.Millisecond)
				}
				_ = cmd.Process.Kill()
				_ = cmd.Wait()
				_ = log.Close()
				now := recounted(t, db)
				if now == done && now < n {
					out, _ := os.ReadFile(log.Name())
					t.Fatalf("after kill %d: still %d cases\n%s", kill, now, tail(out))
				}
				if now > 0 && now < n {
					inTheMiddle++
				}
				// Two kills in the middle are enough; then let it finish.
				if ended = now == n; !ended && inTheMiddle >= 2 {
					finish(t, dsn, data)
					ended = true
				}
			}
			if inTheMiddle == 0 {
				t.Error("no kill hit the middle of the recount")
			}
			once(t, dsn, data, n)
		})
	}
}

// district opens the database in this process, with the clock at the end of the
// last year that is known.
func district(t *testing.T, dsn, data string) *app.App {
	t.Helper()
	cfg := config.Default()
	cfg.Set("database", dsn)
	cfg.Set("data", data)
	cfg.Dev = true
	a, err := app.Open(t.Context(), cfg, app.Options{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// openCases dispatches n cases and loads a notice that moves their deadlines,
// without counting them anew.
func openCases(t *testing.T, dsn, data string, n int) {
	t.Helper()
	a := district(t, dsn, data)
	defer a.Close()
	if err := a.InitDev(t.Context()); err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 12, 31, 15, 30, 0, 0, worktime.Zone)
	street := a.Pack.Directory.ByKind("street")[0].ID
	op := access.ScopeOf(access.Principal{District: a.Pack.District, Account: "op", Unit: a.Cases.District().Centre, Roles: []string{access.Dispatcher, access.Operator}, Kind: access.Cookie})
	for i := 0; i < n; i += 400 {
		if err := a.Cases.Batch(t.Context(), func(b *cases.Batch) error {
			for j := range 400 {
				r, err := b.Report(op, cases.Report{At: at, Channel: "hotline", Body: fmt.Sprintf("%d号楼的灯不亮", i+j), Matter: "001", Place: cases.Place{Street: street}})
				if err != nil {
					return err
				}
				raw := map[string][]string{"unit": {street}, "profile": {"L3"}}
				if _, err := b.Act(op, r.Number, "dispatch", cases.Input{At: at, Raw: raw}); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	notice := &worktime.Notice{Year: 2027}
	for _, d := range []string{"2027-01-01", "2027-01-04", "2027-05-01", "2027-10-01"} {
		notice.Days = append(notice.Days, worktime.Exception{Date: d, Name: "节日", Off: true})
	}
	if err := a.DB.Write(t.Context(), func(tx *store.Tx) error {
		_, err := a.Cases.District().Calendar.Load(tx, access.SystemScope(a.Pack.District, "tests"), calendars.Change{Notice: notice}, a.Clock())
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

// recounted is how many cases have an act of the recount.
func recounted(t *testing.T, db *store.DB) (n int) {
	t.Helper()
	if err := db.Read(t.Context(), func(tx *store.Tx) error {
		return tx.Row(`SELECT count(*) FROM acts WHERE action = $1`, []any{cases.Recounted}, &n)
	}); err != nil {
		t.Fatal(err)
	}
	return n
}

// finish lets this process go on where the killed ones ended.
func finish(t *testing.T, dsn, data string) {
	t.Helper()
	a := district(t, dsn, data)
	defer a.Close()
	r := a.Cases.NewRecounter(a.Log)
	for end := time.Now().Add(time.Minute); time.Now().Before(end); {
		more, err := r.Step(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if list, err := a.Cases.Recounts(t.Context(), 1); err != nil || (len(list) > 0 && list[0].Finished != 0) {
			return
		}
		if !more {
			time.Sleep(50 * time.Millisecond) // the lease of the killed one
		}
	}
	t.Fatal("the recount does not end")
}

// once checks that every case was done once, and verifies.
func once(t *testing.T, dsn, data string, n int) {
	t.Helper()
	a := district(t, dsn, data)
	defer a.Close()
	seen := map[string]int{}
	if _, err := journal.Verify(context.Background(), a.DB, a.Pack.District, func(act journal.Act) error {
		if act.Action == cases.Recounted {
			seen[act.Subject]++
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	for number, times := range seen {
		if times != 1 {
			t.Errorf("%s was done %d times", number, times)
		}
	}
	if len(seen) != n {
		t.Errorf("%d of %d cases were done", len(seen), n)
	}
	if err := a.Verify(t.Context(), t.Output()); err != nil {
		t.Error(err)
	}
}
