package main

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"weixiao/internal/simulate"
)

// output is what a command prints, read while it runs.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

var address = regexp.MustCompile(`residents +(http://127\.0\.0\.1:\d+/)`)

// visit starts a demonstration, reads its first page and ends it.
func visit(t *testing.T, args ...string) (page, printed string) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var out output
	done := make(chan error, 1)
	go func() { done <- runDemo(ctx, append(args, "--addr", "127.0.0.1:0"), &out) }()
	for address.FindString(out.String()) == "" {
		select {
		case err := <-done:
			t.Fatalf("ended before it served: %v", err)
		case <-time.After(5 * time.Millisecond):
		}
	}
	r, err := http.Get(address.FindStringSubmatch(out.String())[1])
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(r.Body)
	_ = r.Body.Close()
	if err != nil || r.StatusCode != http.StatusOK {
		t.Fatalf("first page: %s %v", r.Status, err)
	}
	stop()
	if err := <-done; err != nil {
		t.Fatalf("end: %v", err)
	}
	return string(body), out.String()
}

func TestDemoIsKept(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "demo")
	page, printed := visit(t, "--data", dir, "--scale", "0.02", "--seed", "5")
	if !strings.Contains(page, "虚构") {
		t.Error("the page does not say what is made up")
	}
	for _, want := range []string{"made up ", "weixiao-dev", "streetlead", "seed 5, scale 0.02, kept in", "2022-12-30 14:4"} {
		if !strings.Contains(printed, want) {
			t.Errorf("not printed: %s\n%s", want, printed)
		}
	}
	// The second start continues, with what the first was asked for.
	_, printed = visit(t, "--data", dir)
	if strings.Contains(printed, "made up ") || !strings.Contains(printed, "seed 5, scale 0.02") {
		t.Errorf("the year was made again:\n%s", printed)
	}
	var out bytes.Buffer
	if err := run(t.Context(), []string{"verify", "--database", "sqlite:" + filepath.Join(dir, "weixiao.db"), "--data", dir}, &out); err != nil {
		t.Errorf("verify: %v\n%s", err, out.String())
	}
}

// TestDemoIsWhole: one that was stopped while its year was made is never shown.
func TestDemoIsWhole(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "demo")
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var out output
	time.AfterFunc(300*time.Millisecond, stop)
	if err := runDemo(ctx, []string{"--data", dir, "--scale", "50", "--addr", "127.0.0.1:0"}, &out); err != nil || strings.Contains(out.String(), "residents") {
		t.Fatalf("stopped while filling: %v\n%s", err, out.String())
	}
	if _, printed := visit(t, "--data", dir, "--scale", "0.01"); !strings.Contains(printed, "made up ") || !strings.Contains(printed, "scale 0.01") {
		t.Errorf("an interrupted year was shown:\n%s", printed)
	}
}

func TestDemoRefuses(t *testing.T) {
	full := t.TempDir()
	if err := os.WriteFile(filepath.Join(full, "weixiao.db"), []byte("a district at work"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"--addr", "0.0.0.0:0"}, {"--addr", "nonsense"}, {"--data", full, "--addr", "127.0.0.1:0"}, {"--scale", "0"}, {"--scale", "1000"}, {"--seed", "0"}, {"extra"},
	} {
		if err := runDemo(t.Context(), args, io.Discard); err == nil {
			t.Errorf("%v was taken", args)
		}
	}
	if b, err := os.ReadFile(filepath.Join(full, "weixiao.db")); err != nil || string(b) != "a district at work" {
		t.Errorf("a strange folder was changed: %q %v", b, err)
	}
}

func TestDemoClock(t *testing.T) {
	var c demoClock
	c.stand(simulate.Begin)
	if a, b := c.Now(), c.Now(); !a.Equal(simulate.Begin) || !b.Equal(a) {
		t.Errorf("does not stand: %v %v", a, b)
	}
	c.stand(simulate.Present)
	c.run()
	if now := c.Now(); now.Before(simulate.Present) || now.After(simulate.Present.Add(time.Minute)) {
		t.Errorf("runs from %v", now)
	}
}
