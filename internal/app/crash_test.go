package app_test

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"weixiao/internal/store/storetest"
)

// checker builds one of the outside checkers from its source beside the checkout.
func checker(t *testing.T, name string) string {
	t.Helper()
	src, err := filepath.Abs("../../../shared/tools/crashcheck")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(src); err != nil {
		t.Skip("the checkers are not on this machine")
	}
	out := filepath.Join(t.TempDir(), name)
	arg := "."
	if name != "crashcheck" {
		arg = "./" + name
	}
	cmd := exec.Command("go", "build", "-o", out, arg)
	cmd.Dir = src
	if b, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("build %s: %v\n%s", name, err, b)
	}
	return out
}

// built is where the program is, once a test wanted it.
var built struct {
	sync.Mutex
	dir string
}

// program builds the program itself, once for all tests.
func program(t *testing.T) string {
	t.Helper()
	built.Lock()
	defer built.Unlock()
	if built.dir != "" {
		return filepath.Join(built.dir, "weixiao")
	}
	dir, err := os.MkdirTemp("", "weixiao-program-")
	if err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(dir, "weixiao")
	if b, err := exec.Command("go", "build", "-o", out, "weixiao/cmd/weixiao").CombinedOutput(); err != nil {
		_ = os.RemoveAll(dir)
		t.Fatalf("build: %v\n%s", err, b)
	}
	built.dir = dir
	return out
}

func removeProgram() {
	if built.dir != "" {
		_ = os.RemoveAll(built.dir)
	}
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// TestCrash kills the server under load and reads everything back; then traces it
// to see that no answer leaves before its bytes are synced. docs/durability.md
// says how to run both for long.
func TestCrash(t *testing.T) {
	if testing.Short() {
		t.Skip("takes half a minute")
	}
	crash, bin := checker(t, "crashcheck"), program(t)
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			dir, addr := t.TempDir(), freePort(t)
			dsn := storetest.DSN(t, engine)
			// The limits are for a server that hangs, not for a machine that others use.
			cmd := exec.Command(crash, "-base", "http://"+addr, "-api-key", "dev", "-kills", "4", "-max-time", "8m", "-ready-timeout", "3m", "-timeout", "1m", "-retry-for", "4m", "-min-acks", "50", "-max-up", "1s",
				"-acks", filepath.Join(dir, "acks.jsonl"), "-server-log", filepath.Join(dir, "server.log"), "-q",
				"--", bin, "serve", "--dev", "--database", dsn, "--data", filepath.Join(dir, "data"), "--addr", addr)
			out, err := cmd.CombinedOutput()
			t.Logf("%s", out)
			if err != nil {
				log, _ := os.ReadFile(filepath.Join(dir, "server.log"))
				t.Fatalf("%v\n%s", err, tail(log))
			}
			verify := exec.Command(bin, "verify", "--database", dsn, "--data", filepath.Join(dir, "data"))
			if out, err := verify.CombinedOutput(); err != nil {
				t.Errorf("verify: %v\n%s", err, out)
			}
		})
	}
	t.Run("sync", func(t *testing.T) {
		if _, err := exec.LookPath("strace"); err != nil {
			t.Skip("strace is not installed")
		}
		dir, addr := t.TempDir(), freePort(t)
		cmd := exec.Command(checker(t, "synccheck"), "-base", "http://"+addr, "-n", "20", "-create-path", "/open311/v2/requests.json?api_key=dev",
			"-trace", filepath.Join(dir, "trace"), "-server-log", filepath.Join(dir, "server.log"),
			"--", bin, "serve", "--dev", "--database", "sqlite:"+filepath.Join(dir, "sync.db"), "--addr", addr)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%v\n%s", err, out)
		}
	})
}

func tail(b []byte) string {
	if len(b) > 4000 {
		b = b[len(b)-4000:]
	}
	return string(b)
}
