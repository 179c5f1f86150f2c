package exchange

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/cases/casestest"
	"weixiao/internal/files/sheet"
	"weixiao/internal/journal"
	"weixiao/internal/rounds/sanitation"
	"weixiao/internal/store"
	"weixiao/internal/store/storetest"
)

// TestImportPositions: a file of positions gives the same coverage as the API, once; what is wrong with a row stands beside
// it, and then nothing is taken in. A person who brings one leaves an act.
func TestImportPositions(t *testing.T) {
	storetest.Each(t, append(casestest.Schemas(), sanitation.Schema), func(t *testing.T, db *store.DB) {
		e := casestest.New(t, db)
		s := sanitation.New(db, sanitation.From(e.Pack, e.Clock, nil))
		sc, x := access.SystemScope(e.Pack.District, "import test"), e.Pack.Sanitation.Segments[0]
		m := e.Pack.Sanitation.Machines[0]
		for i := range e.Pack.Sanitation.Machines {
			if e.Pack.Sanitation.Machines[i].Contract == x.Contract && e.Pack.Sanitation.Machines[i].Sweep > 0 {
				m = e.Pack.Sanitation.Machines[i]
			}
		}
		line := func(device string, at time.Time, brush string) string {
			return fmt.Sprintf("%s,%s,%f,%f,CGCS2000,8,293,%s\n", device, at.Format(time.DateTime), x.Line[0].Lon, x.Line[0].Lat, brush)
		}
		head := "终端号,时间,经度,纬度,坐标系,速度,方向,作业\n"
		now := e.Clock().Add(-time.Hour).In(zone)
		good := line(m.Device, now, "是") + line(m.Device, now.Add(time.Second), "是")
		bad := head + good + line("123", now, "是") + line(m.Device, now.Add(3*time.Hour), "是") + line(m.Device, now.AddDate(0, -2, 0), "是") +
			line(m.Device, now, "大概") + strings.Replace(line(m.Device, now, "否"), ",8,", ",800,", 1)
		out, err := ImportPositions(t.Context(), s, sc, write(t, "bad.csv", bad))
		if err != nil || out.Rows != 7 || out.Bad != 5 || out.Added != 0 {
			t.Fatalf("%+v %v", out, err)
		}
		copied, err := os.ReadFile(out.Rejects)
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"不是您能报送的车辆", "时间在以后", "已经封存", "应为 是 或 否", "速度（公里/小时，0–200）不可能"} {
			if !strings.Contains(string(copied), want) {
				t.Errorf("the copy does not say %q:\n%s", want, copied)
			}
		}
		positions := func() int64 {
			v, err := s.Coverage(t.Context(), sc, now.Format(time.DateOnly), "")
			if err != nil {
				t.Fatal(err)
			}
			return v.Positions
		}
		if n := positions(); n != 0 {
			t.Fatalf("%d positions of a bad file", n)
		}
		for i, want := range []Result{{Rows: 2, Added: 2}, {Rows: 2, Known: 2}} {
			if out, err := ImportPositions(t.Context(), s, sc, write(t, "good.csv", head+good)); err != nil || out.Added != want.Added || out.Known != want.Known || positions() != 2 {
				t.Errorf("%d: %+v %v", i, out, err)
			}
		}
		if _, err := ImportPositions(t.Context(), s, sc, write(t, "none.csv", "时间\n1\n")); err == nil || !strings.Contains(err.Error(), "没有“终端号”这一列") {
			t.Errorf("without a column: %v", err)
		}

		// On the page it is somebody of the unit that supervises, and an act says so.
		page := Files(e.Cases, e.Assets, e.Pack, s)[2]
		person := func(unit, role string) access.Scope {
			var path []string
			for _, u := range e.Pack.Directory.Path(unit) {
				path = append(path, u.ID)
			}
			return access.ScopeOf(access.Principal{District: e.Pack.District, Account: "hand", Unit: unit, Path: path, Roles: []string{role}, Kind: access.Cookie})
		}
		if page.Open(person("housing", access.Department)) || page.Open(person(casestest.Street, access.Street)) {
			t.Error("somebody else may bring tracks")
		}
		watcher := person(e.Pack.Sanitation.Owner, access.Inspector)
		if !page.Open(watcher) {
			t.Fatal("who supervises may not bring tracks")
		}
		rep, err := page.Load(t.Context(), watcher, &sheet.Table{Head: strings.Split(strings.TrimSpace(head), ","), Lines: [][]string{strings.Split(strings.TrimSpace(line(m.Device, now.Add(time.Minute), "是")), ",")}}, true)
		if err != nil || !rep.Done || rep.Added != 1 {
			t.Fatalf("%+v %v", rep, err)
		}
		acts := 0
		c := s.NewChecker()
		if _, err := journal.Verify(t.Context(), db, e.Pack.District, func(a journal.Act) error {
			if a.Kind == sanitation.Tracks.Kind && a.Actor.Account == "hand" && a.Actor.Capacity == access.Inspector {
				acts++
			}
			return c.Fold(a)
		}); err != nil {
			t.Fatal(err)
		}
		if acts != 1 {
			t.Errorf("%d acts of a person who brought tracks", acts)
		}
		if _, err := c.Finish(t.Context()); err != nil {
			t.Error(err)
		}
	})
}
