package app_test

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// house is the order of packages: a package imports only packages above it.
// Packages of one folder (store/storetest, web/ui) belong to their first name.
var house = []string{
	"store", "journal", "words", "worktime", "form", "flow", "geo", "text", "vault", "files", "access", "notify", "record",
	"directory", "catalogue", "pack", "places", "assets", "calendars", "duties",
	"cases", "rounds", "projects", "enterprise", "civic", "leniency",
	"assess", "insight", "report",
	"web", "api", "simulate", "config", "app",
}

var work = []string{"cases", "rounds", "projects", "enterprise", "civic", "leniency"}

// TestHouse keeps the import order of the design.
func TestHouse(t *testing.T) {
	out, err := exec.Command("go", "list", "-f", `{{.ImportPath}} {{join .Imports " "}}`, "weixiao/...").Output()
	if err != nil {
		t.Fatal(err)
	}
	name := func(path string) string {
		rest, ok := strings.CutPrefix(path, "weixiao/internal/")
		if !ok {
			return ""
		}
		first, _, _ := strings.Cut(rest, "/")
		return first
	}
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		me := name(fields[0])
		if me == "" {
			continue
		}
		if !slices.Contains(house, me) {
			t.Errorf("package %s has no place in the house: add it to the design and to this list", fields[0])
			continue
		}
		for _, imp := range fields[1:] {
			it := name(imp)
			switch {
			case it == "" || it == me:
			case slices.Contains(work, me) && slices.Contains(work, it):
				t.Errorf("work package %s imports work package %s", me, it)
			case slices.Index(house, it) > slices.Index(house, me):
				t.Errorf("%s imports %s, which stands below %s", fields[0], imp, me)
			}
		}
	}
}
