package access

import (
	"context"
	"errors"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"weixiao/internal/store"
)

var t0 = time.Date(2022, 11, 23, 4, 0, 0, 0, time.UTC)

// TestLock walks the lock through the minutes; each step says what an attempt at
// that moment meets.
func TestLock(t *testing.T) {
	var l lock
	for i, s := range []struct {
		at               time.Duration
		locked, evaluate bool
	}{
		{0, false, true}, {time.Second, false, true}, {2 * time.Second, false, true}, {3 * time.Second, false, true},
		{4 * time.Second, false, true},               // the fifth: looked at, then locked
		{4 * time.Second, true, false},               // at the same moment
		{13 * time.Second, true, false},              // not yet
		{14 * time.Second, true, true},               // a look, to tell the holder
		{15 * time.Second, true, false},              // and no second one
		{73 * time.Second, true, false},              //
		{74 * time.Second, true, true},               // a minute later
		{15*time.Minute + 3*time.Second, true, true}, //
		{15*time.Minute + 3500*time.Millisecond, true, false},
		{15*time.Minute + 4*time.Second, false, true}, // over: five new tries
		{15*time.Minute + 5*time.Second, false, true}, //
		{15*time.Minute + 6*time.Second, false, true}, //
		{15*time.Minute + 7*time.Second, false, true}, //
		{15*time.Minute + 8*time.Second, false, true}, //
		{15*time.Minute + 9*time.Second, true, false}, // locked again
	} {
		next, locked, evaluate := l.attempt(t0.Add(s.at))
		if locked != s.locked || evaluate != s.evaluate {
			t.Fatalf("step %d after %s: locked %v, evaluate %v", i, s.at, locked, evaluate)
		}
		if !evaluate && next != l {
			t.Fatalf("step %d: an attempt nobody looks at changed the lock", i)
		}
		l = next
	}
}

// TestGuessesPerDay: what the lock leaves to somebody who tries all day.
func TestGuessesPerDay(t *testing.T) {
	var l lock
	n := 0
	for at := t0; at.Before(t0.Add(24 * time.Hour)); at = at.Add(time.Second) {
		next, _, evaluate := l.attempt(at)
		if evaluate {
			n++
		}
		l = next
	}
	if n > 24*4*20+5 {
		t.Errorf("%d guesses", n)
	}
}

func TestHasherIsBounded(t *testing.T) {
	h := newHasher()
	h.patience = time.Millisecond
	var mu sync.Mutex
	var releases []func()
	busy := 0
	var wg sync.WaitGroup
	for range cap(h.slots) + 3 {
		wg.Go(func() {
			r, err := h.slot(context.Background())
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				releases = append(releases, r)
			} else if errors.Is(err, ErrBusy) && errors.Is(err, store.ErrBusy) {
				busy++
			}
		})
	}
	wg.Wait()
	if len(releases) != cap(h.slots) || busy != 3 {
		t.Fatalf("%d at once, %d refused", len(releases), busy)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	h.patience = time.Hour
	if _, err := h.slot(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("gone client: %v", err)
	}
	releases[0]()
	if _, err := h.slot(context.Background()); err != nil {
		t.Errorf("after a release: %v", err)
	}
}

func TestDecoyCostsTheSameAndNeverFits(t *testing.T) {
	p, ok := decoy.parse()
	if !ok || p.memory != argonMemory || p.time != argonTime || p.lanes != argonLanes || len(p.sum) != sumLen || len(p.salt) != saltLen {
		t.Fatalf("%+v %v", p, ok)
	}
	h := newHasher()
	if h.check(decoy, "", false) || h.check("", "x", true) || h.evaluated.Load() != 0 || h.computed.Load() != 2 {
		t.Error("a decoy fits, or was not computed")
	}
	hash := h.make("secret")
	if !h.check(hash, "secret", true) || h.check(hash, "Secret", true) || h.check(hash, "secret", false) {
		t.Error("check")
	}
	long := strings.Repeat("x", 1000)
	if h.check(h.make(long), long, true) || h.check(h.make(long[:4*maxPassword]), long, true) {
		t.Error("longer than any password can be")
	}
}

func FuzzHashParse(f *testing.F) {
	for _, s := range []string{string(decoy), "", "$$$$$", "$argon2id$v=19$m=4294967295,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
		"$argon2id$v=19$m=19456,t=2,p=1 $AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAA", "$argon2id$v=19$m=8,t=0,p=0$AAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p, ok := Hash(s).parse()
		if ok && (p.memory > 256*1024 || p.memory < 8 || p.time < 1 || p.time > 10 || p.lanes < 1 || p.lanes > 8 || len(p.salt) < 8 || len(p.sum) < 16) {
			t.Errorf("%q: %+v", s, p)
		}
	})
}

func TestClientAddress(t *testing.T) {
	g := &Gate{opt: Options{Proxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/24"), netip.MustParsePrefix("fd00::/64")}}}
	for _, c := range []struct {
		name, remote string
		forwarded    []string
		want         string
	}{
		{"direct", "203.0.113.9:1234", nil, "203.0.113.9"},
		{"direct, lying", "203.0.113.9:1234", []string{"1.1.1.1"}, "203.0.113.9"},
		{"proxy", "10.0.0.1:1234", []string{"203.0.113.9"}, "203.0.113.9"},
		{"proxy, lying before it", "10.0.0.1:1234", []string{"1.1.1.1, 203.0.113.9"}, "203.0.113.9"},
		{"proxy, lying in another line", "10.0.0.1:1234", []string{"1.1.1.1", "203.0.113.9"}, "203.0.113.9"},
		{"two proxies", "10.0.0.1:1234", []string{"1.1.1.1, 203.0.113.9, 10.0.0.7"}, "203.0.113.9"},
		{"claims to be a proxy", "10.0.0.1:1234", []string{"10.0.0.9, 203.0.113.9"}, "203.0.113.9"},
		{"only proxies", "10.0.0.1:1234", []string{"10.0.0.9, 10.0.0.8"}, "10.0.0.9"},
		{"rubbish", "10.0.0.1:1234", []string{"203.0.113.9, <script>"}, "10.0.0.1"},
		{"nothing", "10.0.0.1:1234", nil, "10.0.0.1"},
		{"with a port", "10.0.0.1:1234", []string{"203.0.113.9:55"}, "203.0.113.9"},
		{"IPv4 in IPv6", "[::ffff:10.0.0.1]:1234", []string{"::ffff:203.0.113.9"}, "203.0.113.9"},
		{"IPv6", "[fd00::1]:1234", []string{"2001:db8:1:2:3:4:5:6"}, "2001:db8:1:2::/64"},
		{"IPv6 with a port", "[fd00::1]:1234", []string{"[2001:db8:1:2:ffff::1]:9"}, "2001:db8:1:2::/64"},
		{"IPv6 with a zone", "[fe80::1%eth0]:1234", nil, "fe80::/64"},
		{"no address at all", "pipe", nil, "unknown"},
	} {
		r := &http.Request{RemoteAddr: c.remote, Header: http.Header{"X-Forwarded-For": c.forwarded, "X-Real-Ip": {"6.6.6.6"}, "Forwarded": {"for=6.6.6.6"}, "True-Client-Ip": {"6.6.6.6"}}}
		if got := limitKey(g.clientAddr(r)); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func FuzzClientAddress(f *testing.F) {
	g := &Gate{opt: Options{Proxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}}}
	f.Add("1.1.1.1, 10.0.0.2", "203.0.113.9:1")
	f.Add(",,,", "[::1%x]:1")
	f.Fuzz(func(t *testing.T, forwarded, remote string) {
		// Through our proxy: whatever the client wrote before, the hop the proxy added counts.
		r := &http.Request{RemoteAddr: "10.0.0.1:1", Header: http.Header{"X-Forwarded-For": {forwarded + ", 203.0.113.9"}}}
		if got := limitKey(g.clientAddr(r)); got != "203.0.113.9" {
			t.Errorf("%q: %s", forwarded, got)
		}
		r = &http.Request{RemoteAddr: remote, Header: http.Header{"X-Forwarded-For": {forwarded}}}
		_ = limitKey(g.clientAddr(r))
	})
}

func TestLoopback(t *testing.T) {
	for host, want := range map[string]bool{"localhost": true, "localhost:8080": true, "127.0.0.1:8080": true, "[::1]:8080": true, "::1": true, "a.localhost:1": true,
		"127.0.0.1.example.com": false, "localhost.example.com": false, "10.0.0.1:8080": false, "": false, "example.com": false} {
		if got := loopback(&http.Request{Host: host}); got != want {
			t.Errorf("%q: %v", host, got)
		}
	}
}

// TestBucketsAreBounded: a flood of keys costs a bounded amount of memory, and the
// keys in use keep their count.
func TestBucketsAreBounded(t *testing.T) {
	b := newBuckets(Limit{Name: "x", N: 2, Per: time.Hour}, 100)
	b.take("victim", t0)
	b.take("victim", t0)
	for i := range 10_000 {
		b.take(string(rune(i+1000)), t0)
		if i%50 == 0 && b.take("victim", t0) == 0 {
			t.Fatal("the flood gave the victim a new bucket")
		}
	}
	if len(b.byKey) != 100 || b.order.Len() != 100 {
		t.Errorf("%d keys", len(b.byKey))
	}
	if wait := b.take("victim", t0); wait != 30*time.Minute {
		t.Errorf("wait %s", wait)
	}
	if wait := b.take("victim", t0.Add(30*time.Minute)); wait != 0 {
		t.Errorf("after the wait: %s", wait)
	}
	if wait := b.take("victim", t0.Add(30*time.Minute)); wait != 30*time.Minute {
		t.Errorf("and again: %s", wait)
	}
}

func TestAgentSummary(t *testing.T) {
	for ua, want := range map[string]string{
		"": "", "<script>alert(1)</script>": "",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36":               "Chrome, Windows",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) MicroMessenger/8.0.49":         "WeChat, iPhone",
		"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605.1.15":         "Safari, macOS",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36 Edg/126.0.0.0": "Edge, Windows",
		"Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0":                                                        "Firefox, Linux",
		"curl/8.0": "curl",
	} {
		if got := agentSummary(ua); got != want {
			t.Errorf("%q: %q, want %q", ua, got, want)
		}
	}
}

// TestReadBeforeTheEndIsNotKept: a session read just before it ended must not get
// into the cache just after.
func TestReadBeforeTheEndIsNotKept(t *testing.T) {
	c := newSessionCache()
	gen := c.generation()
	c.drop("a")
	c.put("h", entry{Principal: Principal{Account: "a"}, read: 1}, gen)
	if _, ok := c.get("h", 2); ok {
		t.Error("kept")
	}
	c.put("h", entry{Principal: Principal{Account: "a"}, read: 1}, c.generation())
	if _, ok := c.get("h", 2); !ok {
		t.Error("not kept")
	}
	if _, ok := c.get("h", 0); ok {
		t.Error("kept although the clock was set back")
	}
	if _, ok := c.get("h", 1+cacheFor.Microseconds()); ok {
		t.Error("kept too long")
	}
	for i := range maxCached + 5 {
		c.put(digest(string(rune(i))), entry{read: 1}, c.generation())
	}
	if n := c.size(); n > maxCached {
		t.Errorf("%d entries", n)
	}
}
