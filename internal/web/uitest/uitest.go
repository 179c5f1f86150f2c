// Package uitest drives a real browser in tests of pages.
//
//	uitest.go   Main, New: the browser of a test binary, a tab of a test
//	act.go      Open, Click, Fill, Press, Text, Wait, Eval, Offline, NoScripts
//	check.go    Axe, Overflow, Shot; console errors and policy violations
//
// A package with browser tests says so once:
//
//	func TestMain(m *testing.M) { uitest.Main(m) }
//
// and each test opens a tab of its own, with its own cookies and storage:
//
//	tab := uitest.New(t, uitest.Phone)
//	tab.Open(server.URL + "/report")
//	tab.Fill("#report-text", "路灯不亮")
//	tab.Click("button[type=submit]")
//	tab.WaitText("h1", "问题在什么地方？")
//	tab.Axe()
//
// Every wait is on a condition, none on time. A tab fails its test at the end when
// the page logged an error, threw, or broke the content security policy. Without a
// browser the test is skipped, except in CI (WEIXIAO_CI=1), where it fails. The
// browser is CHROMIUM_BIN, or the first of chromium, chromium-browser and
// google-chrome in PATH.
package uitest

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// Size is a screen.
type Size struct {
	W, H  int64
	Touch bool    // a phone: touch events, mobile viewport
	Scale float64 // device pixels per CSS pixel, for screenshots; 0 is 1
}

// The screens the product is made for.
var (
	Phone  = Size{W: 390, H: 844, Touch: true, Scale: 2}
	Narrow = Size{W: 320, H: 640, Touch: true, Scale: 2} // 1280 at 400 % zoom
	Desk   = Size{W: 1440, H: 900, Scale: 1}
	Wall   = Size{W: 1920, H: 1080, Scale: 1}
)

// Patience is how long a wait may take before the test fails. It is long because
// test machines are shared, and one that six others use answers six times later; a
// page that is really broken is rare.
const Patience = 90 * time.Second

// shared is the browser of this test binary. It is the only state of the package:
// starting one costs more than most tests.
var shared struct {
	sync.Mutex
	ctx     context.Context
	stop    []context.CancelFunc
	managed bool
	err     error
}

var errNone = errors.New("no Chromium found; set CHROMIUM_BIN or install chromium")

// Main runs the tests of a package and closes the browser afterwards. after is what
// else has to be put away, such as storetest.Cleanup.
func Main(m *testing.M, after ...func()) {
	shared.managed = true
	code := m.Run()
	shared.Lock()
	for i := len(shared.stop) - 1; i >= 0; i-- {
		shared.stop[i]()
	}
	shared.Unlock()
	for _, f := range after {
		f()
	}
	os.Exit(code)
}

// start gives the context of the running browser, starting it for the first test.
func start() (context.Context, error) {
	shared.Lock()
	defer shared.Unlock()
	if shared.ctx != nil || shared.err != nil {
		return shared.ctx, shared.err
	}
	bin := find()
	if bin == "" {
		shared.err = errNone
		return nil, shared.err
	}
	opts := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(bin),
		chromedp.Flag("headless", "new"),
		chromedp.NoSandbox,
		chromedp.DisableGPU,
		chromedp.Flag("hide-scrollbars", true),
		chromedp.Flag("lang", "zh-CN"),
		chromedp.Flag("use-fake-device-for-media-stream", true), // a camera that shows a test picture
		chromedp.Flag("disable-dev-shm-usage", !roomy("/dev/shm")),
	)
	alloc, stopAlloc := chromedp.NewExecAllocator(context.Background(), opts...)
	ctx, stopBrowser := chromedp.NewContext(alloc)
	if err := chromedp.Do(ctx); err != nil {
		stopBrowser()
		stopAlloc()
		shared.err = err
		return nil, err
	}
	shared.ctx, shared.stop = ctx, []context.CancelFunc{stopAlloc, stopBrowser}
	return ctx, nil
}

// roomy says whether a folder has room for what the tabs of a test share in memory. Elsewhere
// that goes to the disk, and a full disk ends pages with "insufficient resources".
func roomy(dir string) bool {
	const enough = 1 << 30
	var fs syscall.Statfs_t
	return syscall.Statfs(dir, &fs) == nil && fs.Bavail*uint64(fs.Bsize) >= enough
}

func find() string {
	if bin := os.Getenv("CHROMIUM_BIN"); bin != "" {
		return bin
	}
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if bin, err := exec.LookPath(name); err == nil {
			return bin
		}
	}
	return ""
}

// Tab is one browser tab, owned by one test.
type Tab struct {
	t    testing.TB
	ctx  context.Context
	base context.Context // of the tab's cookies and storage; ctx until Kill
	size Size

	mu       sync.Mutex
	faults   []string // what the page complained about
	allowed  []string // complaints the test expects
	finished bool
	crashed  chan struct{} // closed when the page that Kill ends is gone
}

// New opens a tab with that screen for the test. It closes with the test.
func New(t testing.TB, size Size) *Tab {
	t.Helper()
	parent, err := start()
	switch {
	case errors.Is(err, errNone) && os.Getenv("WEIXIAO_CI") != "1":
		t.Skip("uitest: ", err)
	case err != nil:
		t.Fatal("uitest: ", err)
	case !shared.managed:
		t.Fatal("uitest: this package needs func TestMain(m *testing.M) { uitest.Main(m) }")
	}
	tab := &Tab{t: t, size: size}
	ctx, stop := chromedp.NewContext(parent, chromedp.WithNewBrowserContext(), chromedp.WithListener(tab.listen))
	tab.ctx, tab.base = ctx, ctx
	t.Cleanup(func() {
		tab.finish()
		stop()
	})
	tab.resize()
	return tab
}

// Resize gives the tab another screen; the page stays.
func (tab *Tab) Resize(size Size) {
	tab.t.Helper()
	tab.size = size
	tab.resize()
}

func (tab *Tab) resize() {
	tab.t.Helper()
	scale := tab.size.Scale
	if scale == 0 {
		scale = 1
	}
	opts := []chromedp.EmulateViewportOption{chromedp.EmulateScale(scale)}
	if tab.size.Touch {
		opts = append(opts, chromedp.EmulateMobile, chromedp.EmulateTouch)
	}
	tab.do("viewport", chromedp.EmulateViewport(tab.size.W, tab.size.H, opts...))
}

// do runs actions within Patience and fails the test when they do not work out.
func (tab *Tab) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	tab.t.Helper()
	// the first use of a context binds the tab to it, so that one has no deadline
	if chromedp.FromContext(tab.ctx).Target == nil {
		if err := chromedp.Do(tab.ctx); err != nil {
			tab.t.Fatalf("uitest: open a tab: %v", err)
		}
	}
	ctx, cancel := context.WithTimeout(tab.ctx, Patience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		tab.t.Fatalf("uitest: %s: %v", what, err)
	}
}

// run is do for an action with a value.
func run[T any](tab *Tab, what string, a chromedp.Action[T]) T {
	tab.t.Helper()
	ctx, cancel := context.WithTimeout(tab.ctx, Patience)
	defer cancel()
	v, err := chromedp.Run(ctx, a)
	if err != nil {
		tab.t.Fatalf("uitest: %s: %v", what, err)
	}
	return v
}
