package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"time"

	"weixiao/internal/app"
	"weixiao/internal/directory"
	"weixiao/internal/directory/posts"
	"weixiao/internal/pack"
	"weixiao/internal/rounds"
	"weixiao/internal/store"
)

// benchTurns makes the turns of the five daily ones for --turns grid workers, on five mornings, each time by two nodes at
// once (with SQLite two jobs of one program). The figure is that of the slowest morning, from the beginning until every turn
// is on disk; a morning with a turn too many or too few is an error.
func benchTurns(ctx context.Context, args []string, out io.Writer) (err error) {
	b := newBench("turns", out)
	count := b.fset.Int("turns", 10_000, "grid workers")
	a, done, err := b.open(ctx, args)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, done()) }()
	five, ok := a.Pack.Routine("daily_five")
	if !ok {
		return errors.New("the pack has no daily_five")
	}
	dir, err := benchGrids(*count)
	if err != nil {
		return err
	}
	other := a.DB
	if a.DB.Engine() == "postgres" {
		if other, err = store.Open(ctx, a.Config.Get("database"), store.Options{}, app.Schemas()...); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, other.Close()) }()
	}
	board := posts.New(a.DB, posts.Options{District: a.Pack.District, Directory: dir, Kinds: a.Pack.PostKinds, Clock: a.Clock}).Board
	var slowest time.Duration
	for day := range 5 {
		clock := func() time.Time { return a.Clock().AddDate(0, 0, day) }
		start := time.Now()
		var wg sync.WaitGroup
		made, errs := make([]int, 2), make([]error, 2)
		for i, db := range []*store.DB{a.DB, other} {
			node := rounds.New(db, rounds.Options{District: a.Pack.District, Pack: a.Pack.Version, Directory: dir, Routines: []pack.Routine{five}, Board: board,
				Working: func(time.Time) bool { return true }, Clock: clock})
			wg.Go(func() { made[i], errs[i] = node.NewPlanner(slog.New(slog.DiscardHandler)).Tick(ctx) })
		}
		wg.Wait()
		if err := errors.Join(errs...); err != nil {
			return err
		}
		slowest = max(slowest, time.Since(start))
		var rows int64
		if err := a.DB.Read(ctx, func(tx *store.Tx) error {
			return tx.Row(`SELECT count(*) FROM turns WHERE district = $1`, []any{a.Pack.District}, &rows)
		}); err != nil {
			return err
		}
		if made[0]+made[1] != *count || rows != int64(*count*(day+1)) {
			return fmt.Errorf("morning %d: two nodes made %v turns, %d rows", day+1, made, rows)
		}
	}
	b.figure("turns", float64(*count), "count")
	b.figure("generate_s", slowest.Seconds(), "s")
	return nil
}

// benchGrids is a made-up organisation with so many grids, each with a worker.
func benchGrids(n int) (*directory.Directory, error) {
	units := []directory.Unit{{ID: "220605", Name: "made up", Kind: directory.District, Code: "220605"}}
	var list []directory.Post
	var grids []directory.Grid
	street, community := "", ""
	for i := range n {
		if i%400 == 0 {
			street = fmt.Sprintf("220605%03d", 1+i/400)
			units = append(units, directory.Unit{ID: street, Parent: "220605", Name: street, Kind: directory.Street, Code: street})
			list = append(list, directory.Post{ID: street + ".streetlead", Unit: street, Title: "lead", Role: directory.StreetLead, Lead: true})
		}
		if i%20 == 0 {
			community = fmt.Sprintf("%s%03d", street, 1+i%400/20)
			units = append(units, directory.Unit{ID: community, Parent: street, Name: community, Kind: directory.Community, Code: community})
			list = append(list, directory.Post{ID: community + ".secretary", Unit: community, Title: "lead", Role: directory.Secretary, Lead: true})
		}
		g := fmt.Sprintf("%s%03d", community, 1+i%20)
		list = append(list, directory.Post{ID: g + ".grid", Unit: community, Title: "grid worker", Role: directory.GridWorker})
		grids = append(grids, directory.Grid{ID: g, Community: community, Name: g, Post: g + ".grid"})
	}
	return directory.New(units, list, grids)
}
