package sanitation_test

import (
	"errors"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"weixiao/internal/flow"
	"weixiao/internal/pack"
	"weixiao/internal/rounds/sanitation"
	"weixiao/internal/store"
	"weixiao/internal/worktime"
)

// morning is a day's work of a machine on some segments.
func (e *env) morning(machine string, start time.Time, segments ...int) (out []sanitation.Position) {
	m, _ := e.Machine(machine)
	for _, i := range segments {
		d := drive(m.Device, &e.p.Sanitation.Segments[i], m.Sweep, start, 1, 8)
		out = append(out, d...)
		start = d[len(d)-1].At.Add(time.Minute)
	}
	return out
}

// TestTracks takes a morning in by batches, out of order and with repetition, and reckons it anew.
func TestTracks(t *testing.T) {
	each(t, nil, func(t *testing.T, e *env) {
		start := time.Date(2022, 11, 23, 4, 0, 0, 0, worktime.Zone)
		all := append(e.morning("sx-01", start, 0, 1), e.morning("sx-02", start, 1, 2)...)
		r := rand.New(rand.NewPCG(1, 2))
		var batches [][]sanitation.Position
		for b := range slices.Chunk(all, 97) {
			batches = append(batches, b)
		}
		r.Shuffle(len(batches), func(i, j int) { batches[i], batches[j] = batches[j], batches[i] })
		batches = append(batches, batches[:3]...)
		var sum sanitation.Taken
		for _, b := range batches {
			got, err := e.Take(t.Context(), e.client("gps-clean"), b)
			if err != nil {
				t.Fatal(err)
			}
			sum.New, sum.Again, sum.Late = sum.New+got.New, sum.Again+got.Again, sum.Late+got.Late
		}
		repeated := len(batches[0]) + len(batches[1]) + len(batches[2])
		if sum.New != len(all) || sum.Again != repeated || sum.Late != 0 {
			t.Errorf("%+v of %d and %d", sum, len(all), repeated)
		}
		v, err := e.Coverage(t.Context(), e.inspector("a"), "2022-11-23", "")
		if err != nil {
			t.Fatal(err)
		}
		var want int64
		for i := range v.List {
			x := &v.List[i]
			switch {
			case i < 3 && x.Share() < 8500: // the made-up roads lie over each other here and there
				t.Errorf("%s: %d", x.ID, x.Share())
			case i == 1 && x.Passes() < 190:
				t.Errorf("two machines on %s make %d passes", x.ID, x.Passes())
			case i > 2 && x.Share() > 4000:
				t.Errorf("%s: %d", x.ID, x.Share())
			}
			want += x.Swept
		}
		if v.Swept != want || v.Mechanised() != 10000 || v.Segments != 400 || v.Positions != int64(len(all)) {
			t.Errorf("%+v", v.Figures)
		}
		if n, err := e.CheckDay(t.Context(), "2022-11-23"); err != nil || n != int64(len(all)) {
			t.Errorf("reckoned anew: %d %v", n, err)
		}
		by, err := e.Sweepers(t.Context(), e.inspector("a"), e.p.Sanitation.Segments[1].ID, "2022-11-23")
		if err != nil || len(by) != 2 || by[0].Machine != "sx-01" || by[1].Machine != "sx-02" || by[0].Positions == 0 {
			t.Errorf("%+v %v", by, err)
		}
		track, err := e.Track(t.Context(), e.firm(), "sx-01", "2022-11-23", 0, 1440)
		if err != nil || len(track) == 0 || !slices.IsSortedFunc(track, func(a, b sanitation.Position) int { return a.At.Compare(b.At) }) {
			t.Errorf("%d %v", len(track), err)
		}
		news, err := e.Since(t.Context(), e.firm(), "2022-11-23", "", v.Version-1)
		if err != nil || news == nil || news.Version != v.Version {
			t.Errorf("%+v %v", news, err)
		}
		if news, err := e.Since(t.Context(), e.firm(), "2022-11-23", "", v.Version); err != nil || news != nil {
			t.Errorf("news after the last version: %+v %v", news, err)
		}
	})
}

// TestWhoSends: only the client that the contract names, only its machines, no time to come, no day that is over.
func TestWhoSends(t *testing.T) {
	each(t, nil, func(t *testing.T, e *env) {
		start := time.Date(2022, 11, 23, 8, 0, 0, 0, worktime.Zone)
		mine := e.morning("sx-01", start, 0)[:60]
		for name, c := range map[string]struct {
			client string
			list   []sanitation.Position
			want   sanitation.Taken
		}{
			"another firm":   {"gps-town", mine, sanitation.Taken{Unknown: []string{"999000000001"}}},
			"another client": {"open311-app", mine, sanitation.Taken{Unknown: []string{"999000000001"}}},
			"no machine":     {"gps-clean", []sanitation.Position{{Device: "x", At: start}}, sanitation.Taken{Unknown: []string{"x"}}},
			"in an hour":     {"gps-clean", []sanitation.Position{{Device: "999000000001", At: e.now.Add(time.Hour)}}, sanitation.Taken{Ahead: 1}},
			"last month":     {"gps-clean", []sanitation.Position{{Device: "999000000001", At: e.now.AddDate(0, -1, 0)}}, sanitation.Taken{Late: 1}},
		} {
			got, err := e.Take(t.Context(), e.client(c.client), c.list)
			if err != nil || got.New != c.want.New || got.Late != c.want.Late || got.Ahead != c.want.Ahead || !slices.Equal(got.Unknown, c.want.Unknown) {
				t.Errorf("%s: %+v %v", name, got, err)
			}
		}
		if v, err := e.Coverage(t.Context(), e.inspector("a"), "2022-11-23", ""); err != nil || v.Swept != 0 {
			t.Errorf("something was swept: %v", err)
		}
		if _, err := e.Take(t.Context(), e.client("gps-clean"), mine); err != nil {
			t.Fatal(err)
		}
		// each firm sees its own alone
		v, err := e.Coverage(t.Context(), e.other(), "2022-11-23", "")
		if err != nil || v.Swept != 0 || v.Segments != 180 || len(v.Machines) != 12 {
			t.Errorf("%+v %d %v", v.Figures, len(v.Machines), err)
		}
		if _, err := e.Track(t.Context(), e.other(), "sx-01", "2022-11-23", 0, 1440); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("another firm's track: %v", err)
		}
		if _, err := e.Sweepers(t.Context(), e.other(), e.p.Sanitation.Segments[0].ID, "2022-11-23"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("another firm's segment: %v", err)
		}
	})
}

// TestSeal: a day is sealed when it cannot change, late positions are counted and dropped, and old tracks are forgotten
// while the figures stay.
func TestSeal(t *testing.T) {
	each(t, nil, func(t *testing.T, e *env) {
		start := time.Date(2022, 11, 23, 4, 0, 0, 0, worktime.Zone)
		all := e.morning("sx-01", start, 0, 1)
		take := func(list []sanitation.Position) sanitation.Taken {
			t.Helper()
			got, err := e.Take(t.Context(), e.client("gps-clean"), list)
			if err != nil {
				t.Fatal(err)
			}
			return got
		}
		take(all[:400])
		e.now = e.now.AddDate(0, 0, 2)
		if got := take(all[400:800]); got.New != 400 {
			t.Errorf("two days later: %+v", got)
		}
		if err := e.SealDue(t.Context()); err != nil {
			t.Fatal(err)
		}
		if v, _ := e.Coverage(t.Context(), e.inspector("a"), "2022-11-23", ""); v.Sealed {
			t.Error("sealed too early")
		}
		e.now = e.now.AddDate(0, 0, 3)
		for range 2 {
			if err := e.SealDue(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		before, err := e.Coverage(t.Context(), e.inspector("a"), "2022-11-23", "")
		if err != nil || !before.Sealed || before.Swept == 0 {
			t.Fatalf("%+v %v", before.Day, err)
		}
		if got := take(all[800:]); got.New != 0 || got.Late != len(all)-800 {
			t.Errorf("after the seal: %+v", got)
		}
		if c := e.sound(); c.Days != 1 || c.Positions != 800 {
			t.Errorf("%+v", c)
		}
		e.now = e.now.AddDate(0, 0, 200)
		if err := e.Forget(t.Context()); err != nil {
			t.Fatal(err)
		}
		after, err := e.Coverage(t.Context(), e.inspector("a"), "2022-11-23", "")
		if err != nil || after.Figures != before.Figures {
			t.Errorf("%+v became %+v, %v", before.Figures, after.Figures, err)
		}
		if track, err := e.Track(t.Context(), e.inspector("a"), "sx-01", "2022-11-23", 0, 1440); err != nil || len(track) != 0 {
			t.Errorf("%d positions are kept: %v", len(track), err)
		}
		e.sound()
	})
}

// TestTampering: verify names a day whose coverage or tracks were changed behind the program's back.
func TestTampering(t *testing.T) {
	for name, sql := range map[string]string{
		"coverage": `UPDATE sanit_coverage SET passed = passed + 1`, "tracks": `DELETE FROM sanit_tracks WHERE minute = 241`, "figures": `UPDATE sanit_days SET figures = '{}'`,
		"cells": `UPDATE sanit_coverage SET hits = hits + 1`, "seal": `UPDATE sanit_days SET sealed = FALSE`,
	} {
		each(t, nil, func(t *testing.T, e *env) {
			if _, err := e.Take(t.Context(), e.client("gps-clean"), e.morning("sx-01", time.Date(2022, 11, 23, 4, 0, 0, 0, worktime.Zone), 0)); err != nil {
				t.Fatal(err)
			}
			e.now = e.now.AddDate(0, 0, 5)
			if err := e.SealDue(t.Context()); err != nil {
				t.Fatal(err)
			}
			e.sound()
			e.write(sql)
			if _, err := e.verified(); err == nil {
				t.Errorf("%s: nobody noticed", name)
			}
		})
	}
}

// TestByHand: what a contractor sweeps by hand counts as swept and not as mechanised.
func TestByHand(t *testing.T) {
	change := func(s *pack.Sanitation) { s.Segments[5].Mechanised = false }
	each(t, change, func(t *testing.T, e *env) {
		id := e.p.Sanitation.Segments[5].ID
		day := "2022-11-23"
		if _, err := e.Take(t.Context(), e.client("gps-clean"), e.morning("sx-01", time.Date(2022, 11, 23, 4, 0, 0, 0, worktime.Zone), 0)); err != nil {
			t.Fatal(err)
		}
		for i, c := range []struct {
			err  error
			want error
		}{
			{e.Declare(t.Context(), e.other(), "clean-1", day, []string{id}), store.ErrNotFound},
			{e.Declare(t.Context(), e.inspector("a"), "clean-1", day, []string{id}), flow.ErrForbidden},
			{e.Declare(t.Context(), e.firm(), "clean-1", day, []string{id}), nil},
			{e.Declare(t.Context(), e.firm(), "clean-1", day, []string{id}), nil},
		} {
			if !errors.Is(c.err, c.want) {
				t.Errorf("%d: %v", i, c.err)
			}
		}
		if err := e.Declare(t.Context(), e.firm(), "clean-1", day, []string{e.p.Sanitation.Segments[0].ID}); err == nil {
			t.Error("a mechanised segment was swept by hand")
		}
		v, err := e.Coverage(t.Context(), e.inspector("a"), day, "")
		if err != nil {
			t.Fatal(err)
		}
		x, _ := v.Of(id)
		if x.Share() != 10000 || v.Swept != v.Machine+x.Area()-x.Machine || v.Mechanised() != v.Machine*10000/v.Swept || v.Mechanised() == 10000 {
			t.Errorf("%+v %+v", x, v.Figures)
		}
		e.sound()
		e.now = e.now.AddDate(0, 0, 9)
		var refused *sanitation.RefusedError
		if err := e.Declare(t.Context(), e.firm(), "clean-1", day, nil); !errors.As(err, &refused) || refused.Code != "sanit_sealed" {
			t.Errorf("a day long over: %v", err)
		}
	})
}
