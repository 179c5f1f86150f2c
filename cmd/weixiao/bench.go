package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime/pprof"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/app"
	"weixiao/internal/config"
)

// Benchmarks print one figure a line: name value unit. They run server and
// clients in this process, over real HTTP on loopback.
func benches() []command {
	return []command{
		{"intake", "", "durable reports through HTTP, everything included", benchIntake},
		{"floor", "", "the rows of an intake, written bare in group commits", benchFloor},
		{"lifecycle", "", "report, dispatch, sign, contact, reply, call back: six calls", benchLifecycle},
		{"fill", "", "fill a database with --cases cases (bulk)", benchFill},
		{"scores", "", "a unit's month, the ranking of all units, and the rebuild of all months from acts", benchScores},
		{"alarms", "", "a look for what is due among --rows open deadlines", benchAlarms},
		{"recount", "", "load a notice that moves the deadlines of --cases open cases (50,000), four clocks each, while pages are asked for", benchRecount},
		{"who", "", "who answers for a matter at a point: place, rules, people, limits and reasons", benchWho},
		{"dry-run", "", "other dispatch rules over --cases cases (100,000)", benchDryRun},
		{"coverage", "", "a day of tracks of sweeping machines: taken in live, seen live, reckoned anew", benchCoverage},
		{"address", "", "names suggested while one types, over --places places", benchAddress},
		{"stars", "", "stars of all windows out of --ratings ratings (1,000,000) of a quarter", benchStars},
		{"turns", "", "turns of a morning for --turns grid workers (10,000), made by two nodes at once", benchTurns},
		{"eligibility", "", "every clause of the policies held against --firms firms (10,000)", benchEligibility},
		{"where", "", "all layers at a point, with 20,000 polygons; import, check and load of them", benchWhere},
		{"pages", "", "inbox, case page, search and filtered list: p95", benchPages},
	}
}

// benchRun is what every benchmark shares.
type benchRun struct {
	fset    *flag.FlagSet
	cfg     func() (*config.Config, error)
	clients *int
	seconds *int
	cases   *int
	filled  atomic.Bool // the clock shows the real time
	profile *string
	out     io.Writer
}

func runBench(ctx context.Context, args []string, out io.Writer) error {
	if len(args) > 0 {
		for _, b := range benches() {
			if b.name == args[0] {
				return b.run(ctx, args[1:], out)
			}
		}
	}
	fmt.Fprintln(os.Stderr, "usage: weixiao bench NAME [--database DSN] [--clients N] [--seconds N] [--cases N]")
	for _, b := range benches() {
		fmt.Fprintf(os.Stderr, "  %-10s %s\n", b.name, b.help)
	}
	return errUsage
}

func newBench(name string, out io.Writer) *benchRun {
	b := &benchRun{out: out}
	b.fset, b.cfg = flags("bench " + name)
	b.clients = b.fset.Int("clients", 64, "parallel clients")
	b.seconds = b.fset.Int("seconds", 10, "how long to measure")
	b.cases = b.fset.Int("cases", 0, "cases to have in the database before measuring (fill: how many to reach)")
	b.profile = b.fset.String("profile", "", "file for a CPU profile of the measured time")
	return b
}

// measure is load with a CPU profile, when one was asked for.
func (b *benchRun) measure(ctx context.Context, fn func(ctx context.Context, client, i int) error) ([]time.Duration, time.Duration, error) {
	if *b.profile != "" {
		f, err := os.Create(*b.profile)
		if err != nil {
			return nil, 0, err
		}
		defer f.Close()
		if err := pprof.StartCPUProfile(f); err != nil {
			return nil, 0, err
		}
		defer pprof.StopCPUProfile()
	}
	before := cpu()
	took, elapsed, err := load(ctx, *b.clients, time.Duration(*b.seconds)*time.Second, fn)
	if err == nil {
		b.cpu(before, len(took))
	}
	return took, elapsed, err
}

// cpu is the processor time this process has used; it tells more than the wall
// clock on a machine that others use too.
func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func (b *benchRun) cpu(before time.Duration, n int) {
	if n > 0 {
		b.figure("cpu_us", float64((cpu()-before).Microseconds())/float64(n), "us")
	}
}

// open opens a development district: in the database named, or in a temporary
// SQLite file.
func (b *benchRun) open(ctx context.Context, args []string) (*app.App, func() error, error) {
	c, err := parse(b.fset, b.cfg, args)
	if err != nil {
		return nil, nil, err
	}
	clean := func() error { return nil }
	given := false
	b.fset.Visit(func(f *flag.Flag) { given = given || f.Name == "database" })
	if !given && c.Get("database") == config.Default().Get("database") {
		dir, err := os.MkdirTemp("", "weixiao-bench-")
		if err != nil {
			return nil, nil, err
		}
		c.Set("database", "sqlite:"+filepath.Join(dir, "bench.db"))
		clean = func() error { return os.RemoveAll(dir) }
	}
	c.Dev = true
	c.Set("log", "error")
	// The journal never goes back in time: one that is to be filled with the cases of
	// years begins years ago.
	begin := time.Now().Add(-caseEvery * time.Duration(*b.cases))
	b.filled.Store(*b.cases == 0)
	a, err := app.Open(ctx, c, app.Options{Clock: func() time.Time {
		if b.filled.Load() {
			return time.Now()
		}
		return begin
	}})
	if err != nil {
		return nil, nil, errors.Join(err, clean())
	}
	if err := a.InitDev(ctx); err != nil {
		return nil, nil, errors.Join(err, a.Close(), clean())
	}
	return a, func() error { return errors.Join(a.Close(), clean()) }, nil
}

// serve serves the district on a free loopback port and returns its address.
func serve(ctx context.Context, a *app.App) (base string, stop func() error, err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	run, cancel := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() { done <- a.Serve(run, l) }()
	return "http://" + l.Addr().String(), func() error { cancel(); return <-done }, nil
}

// wire is a lean HTTP/1.1 client: one connection for each of its clients, no
// goroutines of its own, so that the measured machine is busy with the server.
type wire struct {
	addr  string
	conns []net.Conn
	read  []*bufio.Reader
}

func newWire(base string, n int) *wire {
	return &wire{addr: strings.TrimPrefix(base, "http://"), conns: make([]net.Conn, n), read: make([]*bufio.Reader, n)}
}

// do sends one request on the connection of client c and returns the answer.
func (w *wire) do(c int, method, path, bearer, key string, body []byte) (int, []byte, error) {
	if w.conns[c] == nil {
		conn, err := net.DialTimeout("tcp", w.addr, 5*time.Second)
		if err != nil {
			return 0, nil, err
		}
		w.conns[c], w.read[c] = conn, bufio.NewReader(conn)
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\nHost: %s\r\n", method, path, w.addr)
	if body != nil {
		fmt.Fprintf(&b, "Content-Type: application/json\r\nContent-Length: %d\r\n", len(body))
	}
	if bearer != "" {
		b.WriteString("Authorization: Bearer " + bearer + "\r\n")
	}
	if key != "" {
		b.WriteString("Idempotency-Key: " + key + "\r\n")
	}
	b.WriteString("\r\n")
	b.Write(body)
	if err := w.conns[c].SetDeadline(time.Now().Add(time.Minute)); err != nil {
		return 0, nil, err
	}
	if _, err := w.conns[c].Write(b.Bytes()); err != nil {
		return 0, nil, err
	}
	resp, err := http.ReadResponse(w.read[c], nil)
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	return resp.StatusCode, answer, err
}

// token signs a development account in.
func token(ctx context.Context, a *app.App, login string) (string, error) {
	s, _, err := a.Gate.SignIn(ctx, access.Attempt{Login: login, Password: app.DevPassword, Kind: access.Bearer})
	return s.Token, err
}

// call sends a JSON request and decodes the answer; anything but 2xx is an error.
func (w *wire) call(c int, method, path, bearer, key string, in, out any) error {
	var body []byte
	if in != nil {
		var err error
		if body, err = json.Marshal(in); err != nil {
			return err
		}
	}
	code, answer, err := w.do(c, method, path, bearer, key, body)
	if err != nil {
		return err
	}
	if code/100 != 2 {
		return fmt.Errorf("%s %s: %d: %.300s", method, path, code, answer)
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(answer, out)
}

// load runs fn with n clients for a time and returns every duration.
func load(ctx context.Context, n int, d time.Duration, fn func(ctx context.Context, client, i int) error) (took []time.Duration, elapsed time.Duration, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	end := time.Now().Add(d)
	start := time.Now()
	all := make([][]time.Duration, n)
	errs := make([]error, n)
	var wg sync.WaitGroup
	for c := range n {
		wg.Go(func() {
			for i := 0; time.Now().Before(end) && ctx.Err() == nil; i++ {
				t := time.Now()
				if err := fn(ctx, c, i); err != nil {
					errs[c] = err
					cancel()
					return
				}
				all[c] = append(all[c], time.Since(t))
			}
		})
	}
	wg.Wait()
	elapsed = time.Since(start)
	for _, x := range all {
		took = append(took, x...)
	}
	slices.Sort(took)
	return took, elapsed, errors.Join(errs...)
}

func percentile(sorted []time.Duration, p float64) float64 {
	if len(sorted) == 0 {
		return 0
	}
	return float64(sorted[min(len(sorted)-1, int(float64(len(sorted))*p))].Microseconds()) / 1000
}

func (b *benchRun) figure(name string, value float64, unit string) {
	fmt.Fprintf(b.out, "%s %.2f %s\n", name, value, unit)
}

func (b *benchRun) figures(took []time.Duration, elapsed time.Duration) {
	b.figure("requests", float64(len(took)), "count")
	b.figure("rate_per_s", float64(len(took))/elapsed.Seconds(), "1/s")
	b.figure("p50_ms", percentile(took, 0.50), "ms")
	b.figure("p95_ms", percentile(took, 0.95), "ms")
	b.figure("p99_ms", percentile(took, 0.99), "ms")
}
