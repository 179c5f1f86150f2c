package app_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/app"
	"weixiao/internal/cases"
	"weixiao/internal/config"
	"weixiao/internal/directory"
	"weixiao/internal/journal"
	"weixiao/internal/store"
	"weixiao/internal/store/storetest"
)

// alarmRun is one crash test of the ladders.
type alarmRun struct {
	deadlines, kills int
	over             time.Duration // from the first deadline to the last
}

// alarmCrash is the short run of make test; WEIXIAO_TEST_ALARM_CRASH=10000,50,200s asks
// for another.
func alarmCrash(t *testing.T) alarmRun {
	r := alarmRun{300, 6, 18 * time.Second}
	if s := os.Getenv("WEIXIAO_TEST_ALARM_CRASH"); s != "" {
		var over string
		if _, err := fmt.Sscanf(s, "%d,%d,%s", &r.deadlines, &r.kills, &over); err != nil {
			t.Fatalf("WEIXIAO_TEST_ALARM_CRASH: want deadlines,kills,time such as 10000,50,200s: %v", err)
		}
		var err error
		if r.over, err = time.ParseDuration(over); err != nil {
			t.Fatal(err)
		}
	}
	return r
}

// TestAlarmCrash: deadlines pass while two nodes on one PostgreSQL are killed again
// and again; each rung rings once, within a minute.
func TestAlarmCrash(t *testing.T) {
	if testing.Short() {
		t.Skip("takes half a minute")
	}
	r := alarmCrash(t)
	bin, dsn, data := program(t), storetest.DSN(t, "postgres"), t.TempDir()
	d := openAlarms(t, dsn, data)
	d.fill(t, r)
	nodes := [2]*node{{bin: bin, dsn: dsn, data: data}, {bin: bin, dsn: dsn, data: data}}
	began := time.Now()
	for _, n := range nodes {
		n.start(t)
		t.Cleanup(n.kill)
	}
	d.clock.Store(nil)
	d.signSome(t)
	for i := range r.kills {
		pause(t, time.Until(d.first.Add(time.Duration(i+1)*r.over/time.Duration(r.kills))))
		victims := nodes[i%2 : i%2+1]
		if i%5 == 4 {
			victims = nodes[:] // both at once
		}
		for _, n := range victims {
			n.kill()
		}
		for _, n := range victims {
			n.start(t)
		}
	}
	end := d.first.Add(r.over)
	d.settle(t, end)
	for _, n := range nodes {
		n.kill()
	}
	d.check(t, r, began, end)
	if out, err := exec.Command(bin, "verify", "--database", dsn, "--data", data).CombinedOutput(); err != nil {
		t.Errorf("verify: %v\n%s", err, out)
	}
}

// pause waits for a moment of the plan: what is tested here happens by the clock of
// the machine, in processes of their own.
func pause(t *testing.T, d time.Duration) {
	select {
	case <-t.Context().Done():
	case <-time.After(d):
	}
}

// node is a process that serves.
type node struct {
	bin, dsn, data string
	cmd            *exec.Cmd
}

func (n *node) start(t *testing.T) {
	t.Helper()
	n.cmd = exec.Command(n.bin, "serve", "--dev", "--database", n.dsn, "--data", n.data, "--addr", freePort(t))
	log, err := os.OpenFile(filepath.Join(n.data, "server.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	n.cmd.Stdout, n.cmd.Stderr = log, log
	if err := n.cmd.Start(); err != nil {
		t.Fatal(err)
	}
}

func (n *node) kill() {
	if n.cmd != nil {
		_ = n.cmd.Process.Kill()
		_ = n.cmd.Wait()
		n.cmd = nil
	}
}

// alarmDistrict is the district whose deadlines pass, as the test looks at it.
type alarmDistrict struct {
	*app.App
	clock  atomic.Pointer[time.Time] // what it shows, nil for the clock of the machine
	first  time.Time                 // the first deadline
	number []string
	signed map[string]bool // signed for by the test: in time or not
	street string
}

func openAlarms(t *testing.T, dsn, data string) *alarmDistrict {
	t.Helper()
	d := &alarmDistrict{signed: map[string]bool{}}
	d.clock.Store(new(time.Now().Add(-time.Hour)))
	cfg := config.Default()
	cfg.Set("database", dsn)
	cfg.Set("data", data)
	cfg.Dev = true
	a, err := app.Open(t.Context(), cfg, app.Options{Log: slog.New(slog.DiscardHandler), Clock: func() time.Time {
		if at := d.clock.Load(); at != nil {
			return *at
		}
		return time.Now()
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	d.App, d.street = a, a.Pack.Directory.ByKind(directory.Street)[0].ID
	if err := a.InitDev(t.Context()); err != nil {
		t.Fatal(err)
	}
	return d
}

func (d *alarmDistrict) scope(unit, role string) access.Scope {
	var path []string
	for _, u := range d.Pack.Directory.Path(unit) {
		path = append(path, u.ID)
	}
	return access.ScopeOf(access.Principal{District: d.Pack.District, Account: "crash-" + role, Unit: unit, Path: path, Roles: []string{role}, Kind: access.Bearer})
}

// fill makes cases that are to be signed within ten minutes (L0), so that the
// deadlines pass one after the other from soon on, and lets the first reminder of
// each ring, five minutes before.
func (d *alarmDistrict) fill(t *testing.T, r alarmRun) {
	t.Helper()
	operator, dispatcher := d.scope(d.Cases.District().Centre, access.Operator), d.scope(d.Cases.District().Centre, access.Dispatcher)
	// Filling takes some milliseconds a case.
	d.first = time.Now().Add(8*time.Second + time.Duration(r.deadlines)*8*time.Millisecond)
	step := r.over / time.Duration(r.deadlines)
	for from := 0; from < r.deadlines; from += 250 {
		var made []string
		err := d.Cases.Batch(t.Context(), func(b *cases.Batch) error {
			made = nil
			for i := from; i < min(from+250, r.deadlines); i++ {
				at := d.first.Add(time.Duration(i)*step - 10*time.Minute)
				got, err := b.Report(operator, cases.Report{Channel: "hotline", Body: "高压线掉落，危险", Matter: "001", Place: cases.Place{Street: d.street}, At: at})
				if err != nil {
					return err
				}
				if _, err := b.Act(dispatcher, got.Number, "dispatch", cases.Input{Raw: map[string][]string{"unit": {d.street}, "profile": {"L0"}}, At: at}); err != nil {
					return err
				}
				made = append(made, got.Number)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		d.number = append(d.number, made...)
	}
	if err := d.CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	d.clock.Store(new(d.first.Add(r.over - 5*time.Minute)))
	if n, err := d.Cases.NewAlarms(slog.New(slog.DiscardHandler)).Tick(t.Context()); err != nil || n < r.deadlines {
		t.Fatalf("%d of %d first reminders rang: %v", n, r.deadlines, err)
	}
	if late := time.Since(d.first); late > 0 {
		t.Logf("filling took %s longer than planned", late)
	}
}

// signSome signs for every tenth case whose deadline is still some way off: nobody
// may be told that it was not signed.
func (d *alarmDistrict) signSome(t *testing.T) {
	t.Helper()
	hand := d.scope(d.street, access.Street)
	for i := 5; i < len(d.number); i += 10 {
		n := d.number[i]
		k, err := d.Cases.Act(t.Context(), hand, n, "sign", cases.Input{Raw: map[string][]string{}})
		if err != nil {
			t.Fatal(err)
		}
		d.signed[n] = k.Clocks[cases.ClockSign].Met()
	}
}

// settle waits until everything that was due by then has rung.
func (d *alarmDistrict) settle(t *testing.T, end time.Time) {
	t.Helper()
	for limit := end.Add(2 * time.Minute); time.Now().Before(limit); pause(t, 500*time.Millisecond) {
		waiting, err := store.Get(t.Context(), d.DB, func(tx *store.Tx) (n int64, err error) {
			err = tx.Row(`SELECT count(*) FROM alarms WHERE district = $1 AND at <= $2`, []any{d.Pack.District, end.UnixMicro()}, &n)
			return n, err
		})
		if err != nil {
			t.Fatal(err)
		}
		if waiting == 0 && time.Now().After(end.Add(4*time.Second)) {
			return
		}
	}
	t.Error("two minutes after the last deadline not everything has rung")
}

// check reads what rang.
func (d *alarmDistrict) check(t *testing.T, r alarmRun, began, end time.Time) {
	t.Helper()
	rang := map[string]map[string]int{}
	var took []time.Duration
	for seq := int64(0); ; {
		acts, err := store.Get(context.Background(), d.DB, func(tx *store.Tx) ([]journal.Act, error) { return journal.Since(tx, d.Pack.District, seq, 2000) })
		if err != nil {
			t.Fatal(err)
		}
		if len(acts) == 0 {
			break
		}
		seq = acts[len(acts)-1].Seq
		for _, a := range acts {
			var x cases.Alarm
			if a.Kind != cases.AlarmKind {
				continue
			}
			if err := a.Into(&x); err != nil {
				t.Fatal(err)
			}
			if rang[a.Subject] == nil {
				rang[a.Subject] = map[string]int{}
			}
			rang[a.Subject][fmt.Sprintf("%s %d", x.Clock, x.Rung)]++
			if planned := time.UnixMicro(x.Planned); planned.After(d.first.Add(-time.Second)) {
				took = append(took, a.Time().Sub(later(planned, began)))
			}
		}
	}
	for _, n := range d.number {
		// Five minutes after the sign clock the contact clock ends, and is announced when
		// the sign clock ends.
		want := map[string]int{"sign 1": 1, "contact 1": 1}
		inTime, signed := d.signed[n]
		if !signed { // signed too late: before or after the rung, that is open
			want["sign 2"] = 1
		}
		for rung, count := range want {
			if rang[n][rung] != count {
				t.Errorf("%s: %s rang %d times", n, rung, rang[n][rung])
			}
		}
		for rung, count := range rang[n] {
			if count > 1 || (rung == "sign 2" && inTime) {
				t.Errorf("%s: %s rang %d times", n, rung, count)
			}
		}
	}
	slices.Sort(took)
	if len(took) < r.deadlines {
		t.Fatalf("%d rungs rang after the first deadline", len(took))
	}
	most := took[len(took)-1]
	t.Logf("%d deadlines, %d kills: %d rungs, late by %s (median), %s (most)", r.deadlines, r.kills, len(took), took[len(took)/2].Round(time.Millisecond), most.Round(time.Millisecond))
	if most > time.Minute {
		t.Errorf("late by %s", most)
	}
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
