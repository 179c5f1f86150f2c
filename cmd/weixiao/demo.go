package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"runtime/debug"
	"sync/atomic"
	"time"

	"weixiao/internal/app"
	"weixiao/internal/config"
	"weixiao/internal/journal"
	"weixiao/internal/simulate"
	"weixiao/internal/store"
)

// demoNote stands on every page of a demonstration.
const demoNote = "演示数据：人物、诉求、电话、小区、商铺和各单位的成绩全部虚构 / Demonstration: people, cases, numbers, estates, shops and figures of units are made up"

// demo is one demonstration: a district with a made-up year.
type demo struct {
	dir   string // where it is kept
	keep  bool   // the folder stays, for the next start
	year  demoYear
	clock demoClock
	began time.Time
	out   io.Writer
}

// demoYear is what the folder of a kept demonstration says about itself, in
// demo.json. Without Ready the filling was interrupted, and is begun anew.
type demoYear struct {
	Seed  uint64  `json:"seed"`
	Scale float64 `json:"scale"`
	Ready bool    `json:"ready"`
}

// demoClock stands at one moment until it is let run.
type demoClock struct{ at atomic.Pointer[demoMoment] }

type demoMoment struct {
	shows time.Time
	since time.Time // when it was let run; zero = it stands
}

func (c *demoClock) stand(at time.Time) { c.at.Store(&demoMoment{shows: at}) }

func (c *demoClock) run() { c.at.Store(&demoMoment{shows: c.at.Load().shows, since: time.Now()}) }

// Now is the demonstration's present.
func (c *demoClock) Now() time.Time {
	m := c.at.Load()
	if m.since.IsZero() {
		return m.shows
	}
	return m.shows.Add(time.Since(m.since))
}

func runDemo(ctx context.Context, args []string, out io.Writer) (err error) {
	fset := flag.NewFlagSet("weixiao demo", flag.ContinueOnError)
	data := fset.String("data", "", "folder that keeps the demonstration; without it everything is gone at the end")
	addr := fset.String("addr", "127.0.0.1:8080", "loopback address to serve on")
	d := &demo{out: out, began: time.Now()}
	fset.Float64Var(&d.year.Scale, "scale", 1, "times the year's 12,000 cases")
	fset.Uint64Var(&d.year.Seed, "seed", 1, "another seed, another year")
	if err := fset.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return err
		}
		return errUsage
	}
	if fset.NArg() > 0 || d.year.Seed == 0 || d.year.Scale <= 0 || d.year.Scale > 100 {
		fmt.Fprintln(os.Stderr, "weixiao demo: no arguments; --seed from 1, --scale above 0 and at most 100")
		return errUsage
	}
	c := config.Default()
	c.Dev = true
	c.Set("addr", *addr)
	if !c.Loopback() {
		return fmt.Errorf("a demonstration has passwords that everybody knows: --addr must be a loopback address such as 127.0.0.1:8080, not %s", *addr)
	}
	// Taken at once: who comes while the year is being made waits for it.
	l, err := net.Listen("tcp", *addr)
	if err != nil {
		return err
	}
	defer l.Close()
	if d.dir, d.keep = *data, *data != ""; !d.keep {
		if d.dir, err = os.MkdirTemp("", "weixiao-demo-"); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, os.RemoveAll(d.dir)) }()
	}
	c.Set("database", "sqlite:"+filepath.Join(d.dir, "weixiao.db"))
	c.Set("data", d.dir)
	a, err := d.open(ctx, c)
	if err != nil {
		if ctx.Err() != nil {
			return nil // stopped before it was ready
		}
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	d.greet(a, l.Addr().String())
	// Machines have swept since three days ago and go on while somebody looks.
	sweep, stop := context.WithCancel(ctx)
	defer stop()
	if a.Sanitation != nil {
		done := make(chan struct{})
		go func() {
			defer close(done)
			if err := simulate.Sweep(store.Behind(sweep), a.Sanitation, a.Pack.District, d.year.Seed, d.clock.Now); err != nil && sweep.Err() == nil {
				a.Log.Warn("made-up machines have stopped", "error", err)
			}
		}()
		defer func() { stop(); <-done }()
	}
	return a.Serve(ctx, l)
}

// open opens the demonstration, after it has made its year if there is none.
func (d *demo) open(ctx context.Context, c *config.Config) (*app.App, error) {
	ready, err := d.prepare()
	if err != nil {
		return nil, err
	}
	if !ready {
		a, err := d.fill(ctx, c)
		if err != nil || !d.keep {
			return a, err
		}
		// Written without waiting for the disk; from here on every commit waits.
		if err := a.Close(); err != nil {
			return nil, err
		}
		if err := syncFolder(d.dir); err != nil {
			return nil, err
		}
		d.year.Ready = true
		if err := d.note(); err != nil {
			return nil, err
		}
	}
	d.clock.stand(simulate.Present)
	a, err := app.Open(ctx, c, app.Options{Clock: d.clock.Now, Note: demoNote})
	if err != nil {
		return nil, err
	}
	last, err := store.Get(ctx, a.DB, func(tx *store.Tx) ([]journal.Act, error) { return journal.Recent(tx, a.Pack.District, 1) })
	if err != nil {
		return nil, errors.Join(err, a.Close())
	}
	if len(last) > 0 && last[0].Time().After(simulate.Present) {
		d.clock.stand(last[0].Time())
	}
	d.clock.run()
	return a, nil
}

// prepare reports whether the folder holds a finished demonstration. The remains
// of an interrupted one are taken away; anything else is left alone.
func (d *demo) prepare() (ready bool, err error) {
	if err := os.MkdirAll(d.dir, 0o700); err != nil {
		return false, err
	}
	b, err := os.ReadFile(filepath.Join(d.dir, "demo.json"))
	if errors.Is(err, fs.ErrNotExist) {
		entries, err := os.ReadDir(d.dir)
		if err == nil && len(entries) > 0 {
			err = fmt.Errorf("%s holds something else; a demonstration needs an empty folder", d.dir)
		}
		if err != nil {
			return false, err
		}
		return false, d.note()
	}
	if err != nil {
		return false, err
	}
	var was demoYear
	if err := json.Unmarshal(b, &was); err != nil {
		return false, fmt.Errorf("%s: %w", filepath.Join(d.dir, "demo.json"), err)
	}
	if was.Ready {
		d.year = was
		return true, nil
	}
	for _, name := range []string{"weixiao.db", "weixiao.db-wal", "weixiao.db-shm", "keys", "files"} {
		if err := os.RemoveAll(filepath.Join(d.dir, name)); err != nil {
			return false, err
		}
	}
	return false, d.note()
}

// note writes demo.json, whole or not at all.
func (d *demo) note() error {
	if !d.keep {
		return nil
	}
	b, err := json.Marshal(d.year)
	if err != nil {
		return err
	}
	name := filepath.Join(d.dir, "demo.json")
	if err := os.WriteFile(name+".new", append(b, '\n'), 0o600); err != nil {
		return err
	}
	if err := os.Rename(name+".new", name); err != nil {
		return err
	}
	return syncFolder(d.dir)
}

// fill makes the year. The app it returns is ready to serve.
func (d *demo) fill(ctx context.Context, c *config.Config) (a *app.App, err error) {
	// Everything is new and much of it stays until the end: collecting garbage as
	// often as usual would only cost time, as long as there is room. 165 MB, and 170
	// afterwards when the suggestions are learned, keep the whole program below 300.
	room := max(1, d.year.Scale) * (1 << 20)
	defer debug.SetGCPercent(debug.SetGCPercent(400))
	debug.SetMemoryLimit(int64(165 * room))
	defer func() { debug.SetMemoryLimit(int64(170 * room)) }()
	d.clock.stand(simulate.Begin)
	a, err = app.Open(ctx, c, app.Options{Clock: d.clock.Now, Note: demoNote, Store: store.Options{NoSync: true}})
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, a.Close())
			a = nil
		}
	}()
	if err := a.InitDev(ctx); err != nil {
		return a, err
	}
	hash, err := a.Gate.Hash(ctx, "", app.DevPassword)
	if err != nil {
		return a, err
	}
	st, err := simulate.Fill(ctx, simulate.World{DB: a.DB, Cases: a.Cases, Gate: a.Gate, Pack: a.Pack, Assess: a.Assess, Posts: a.Posts, Firms: a.Firms,
		Rounds: a.Rounds, Workdays: a.Workdays, Visits: a.Visits, Sanitation: a.Sanitation, Villages: a.Villages, Guard: a.Guard, Campaigns: a.Campaigns,
		Projects: a.Projects, Outreach: a.Outreach, Enterprise: a.Enterprise, Policies: a.Policies, Windows: a.Windows, Express: a.Express, Approvals: a.Approvals,
		Agents: a.Agents}, simulate.Options{Seed: d.year.Seed, Scale: d.year.Scale, Password: hash})
	if err != nil {
		return a, err
	}
	if len(st.Refused) > 0 {
		a.Log.Warn("the simulation did what the tables do not allow", "acts", len(st.Refused), "first", st.Refused[0])
	}
	d.clock.stand(simulate.Present)
	// What is told is told of the last two days; the figures are of the whole year.
	if err := a.DB.Write(ctx, func(tx *store.Tx) error { return journal.SetPosition(tx, a.Pack.District, "notices", st.Old) }); err != nil {
		return a, err
	}
	// What follows the journal arrives in the first seconds of serving: nobody waits for it.
	fmt.Fprintf(d.out, "made up %d cases, %d acts, %d whistles, %d reminders and %d findings of one year in %.1f s\n", st.Cases, st.Acts, st.Whistles, st.Alarms, st.Findings, time.Since(d.began).Seconds())
	d.clock.run()
	return a, nil
}

func (d *demo) greet(a *app.App, addr string) {
	where := "in a temporary folder that is removed at the end"
	if d.keep {
		where = "kept in " + d.dir
	}
	fmt.Fprintf(d.out, "%s, seed %d, scale %g, %s\n\n", a.Pack.Name, d.year.Seed, d.year.Scale, where)
	for _, p := range []struct{ what, path string }{{"residents", "/"}, {"staff", "/desk/sign-in"}, {"field workers", "/field"}, {"command centre", "/command"}} {
		fmt.Fprintf(d.out, "  %-15s http://%s%s\n", p.what, addr, p.path)
	}
	fmt.Fprintln(d.out)
	printAccounts(d.out, a)
	fmt.Fprintf(d.out, `
The same password opens the accounts of about 120 made-up colleagues; their logins are the ids of their posts
(220605003.desk, heat-city.desk, hotline.operator-1 …), listed for admin.
Made up: people, telephone numbers (199/198 0000 xxxx is never assigned), cases, estates, roads, shops, firms, and how
well each unit works. Real: the names of streets, towns, communities and villages. Every case has the source "%s".
The clock shows %s in Jiangyuan and runs on from there. Stop with Ctrl+C.
`, simulate.Source, d.clock.Now().In(simulate.Present.Location()).Format("2006-01-02 15:04"))
}

// syncFolder waits until everything in a folder is on disk.
func syncFolder(dir string) error {
	return filepath.WalkDir(dir, func(name string, e fs.DirEntry, err error) error {
		if err != nil || !(e.IsDir() || e.Type().IsRegular()) {
			return err
		}
		f, err := os.Open(name)
		if err != nil {
			return err
		}
		return errors.Join(f.Sync(), f.Close())
	})
}
