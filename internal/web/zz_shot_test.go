package web_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"weixiao/internal/web/uitest"
)

func TestMain(m *testing.M) { uitest.Main(m) }

// BASE=http://… LOGIN=admin PASS=… PAGES="/desk/a /desk/b" SIZES="desk phone"
func TestShots(t *testing.T) {
	base := os.Getenv("BASE")
	for _, size := range strings.Fields(os.Getenv("SIZES")) {
		s := uitest.Desk
		if size == "desk2" { s = uitest.Size{W: 1440, H: 900, Scale: 1} }
		if size == "tall" {
			s = uitest.Size{W: 1440, H: 2000, Scale: 1}
		}
		if size == "phone" {
			s = uitest.Size{W: 390, H: 2400, Touch: true, Scale: 1}
		}
		t.Run(size, func(t *testing.T) {
			tab := uitest.New(t, s)
			tab.Allow("")
			if l := os.Getenv("LOGIN"); l != "" {
				tab.Open(base + "/desk/sign-in")
				tab.Fill("input[name=login]", l)
				tab.Fill("input[name=password]", os.Getenv("PASS"))
				tab.Press("Enter")
				time.Sleep(1500 * time.Millisecond)
			}
			for _, p := range strings.Fields(os.Getenv("PAGES")) {
				tab.Open(base + p)
				t.Log(tab.FullShot(size + strings.NewReplacer("/", "_", "?", "_", "=", "_", "&", "_").Replace(p)))
			}
		})
	}
}
