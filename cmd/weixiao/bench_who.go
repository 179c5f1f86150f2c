package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"slices"
	"time"

	"github.com/paulmach/orb"

	"weixiao/internal/access"
	"weixiao/internal/cases"
	"weixiao/internal/catalogue"
	"weixiao/internal/directory/posts"
	"weixiao/internal/duties"
	"weixiao/internal/pack"
	"weixiao/internal/store"
)

// benchWho measures the whole question who answers (point, rules, people, limits,
// reasons, questions) over the embedded pack: with its own rules, and with --rules
// more of them.
func benchWho(_ context.Context, args []string, out io.Writer) error {
	b := newBench("who", out)
	rules := b.fset.Int("rules", 1000, "rules in the larger catalogue")
	if _, err := parse(b.fset, b.cfg, args); err != nil {
		return err
	}
	p, err := pack.Load(pack.Jiangyuan())
	if err != nil {
		return err
	}
	d, board := cases.FromPack(p), boardOf(p)
	b.who(d, board, p, "")
	start := time.Now()
	large, err := p.Catalogue.With(2, manyRules(p, *rules), "")
	if err != nil {
		return err
	}
	b.figure("check_rules_ms", float64(time.Since(start).Microseconds())/1000, "ms")
	d.Duties = duties.New(p.District, p.Version, large)
	b.who(d, board, p, "many_")
	return nil
}

func (b *benchRun) who(d *cases.District, board *posts.Board, p *pack.Pack, prefix string) {
	r := rand.New(rand.NewPCG(1, 2))
	matters := p.Catalogue.Matters()
	grids := p.Directory.AllGrids()
	now := time.Now()
	took := make([]time.Duration, 20_000)
	for i := range took {
		m, g := matters[r.IntN(len(matters))], grids[r.IntN(len(grids))]
		at, when := orb.Point{g.Center[0] + r.Float64()*0.002, g.Center[1] + r.Float64()*0.002}, now.Add(-time.Duration(r.IntN(365*24))*time.Hour)
		t := time.Now()
		answer(d, board, m.Key, at, when)
		took[i] = time.Since(t)
	}
	var sum time.Duration
	for _, t := range took {
		sum += t
	}
	slices.Sort(took)
	us := func(t time.Duration) float64 { return float64(t.Nanoseconds()) / 1000 }
	b.figure(prefix+"who_mean", us(sum/time.Duration(len(took))), "us")
	b.figure(prefix+"who_p50", us(took[len(took)/2]), "us")
	b.figure(prefix+"who_p99", us(took[len(took)*99/100]), "us")
}

// manyRules are the pack's rules behind n more: a matter in a community, by hour and
// season.
func manyRules(p *pack.Pack, n int) catalogue.Duties {
	out := catalogue.Duties{Questions: p.Catalogue.Duties().Questions}
	matters := p.Catalogue.Matters()
	places := p.Directory.ByKind("community", "village")
	units := p.Directory.ByKind("department", "utility")
	for i := range n {
		x := catalogue.Rule{ID: fmt.Sprintf("bench-%d", i), Matters: []string{matters[i%len(matters)].Key}, Under: []string{places[i/len(matters)%len(places)].ID}, Unit: units[i%len(units)].ID}
		switch i % 4 {
		case 1:
			x.Hours = "22:00-06:00"
		case 2:
			x.Season = "11-01..03-31"
		case 3:
			x.When = catalogue.WhenClosed
		}
		out.Rules = append(out.Rules, x)
	}
	out.Rules = append(out.Rules, p.Catalogue.Rules()...)
	return out
}

// benchDryRun measures a dry run of a draft that moves a matter, over --cases cases.
func benchDryRun(ctx context.Context, args []string, out io.Writer) (err error) {
	b := newBench("dry-run", out)
	a, done, err := b.open(ctx, args)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, done()) }()
	if *b.cases == 0 {
		*b.cases = 100_000
	}
	if err := b.fill(ctx, a); err != nil {
		return err
	}
	book, sc := a.Cases.District().Duties, access.SystemScope(a.Pack.District, "bench")
	var v duties.Version
	err = a.DB.Write(ctx, func(tx *store.Tx) (err error) {
		if v, err = book.Draft(tx, sc, 0, "bench", time.Now()); err != nil {
			return err
		}
		v, err = book.Change(tx, sc, v.Number, 0, duties.Edit{At: 1, Put: &catalogue.Rule{ID: "bench-all", Matters: []string{"001", "004", "026", "030"}, Unit: "urban"}}, time.Now())
		return err
	})
	if err != nil {
		return err
	}
	runtime.GC()
	before := heap()
	start := time.Now()
	result, err := a.Cases.Rehearse(ctx, v, time.Now().AddDate(-5, 0, 0), time.Now().Add(time.Hour))
	if err != nil {
		return err
	}
	b.figure("dry_run_s", time.Since(start).Seconds(), "s")
	b.figure("cases", float64(result.Looked), "count")
	b.figure("moved", float64(result.Moved), "count")
	b.figure("memory_mb", float64(heap()-before)/(1<<20), "MB")
	return nil
}
