package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"slices"
	"strconv"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/app"
	"weixiao/internal/catalogue/conditions"
	"weixiao/internal/directory/firms"
	"weixiao/internal/enterprise/policies"
	"weixiao/internal/files/sheet"
	"weixiao/internal/form"
	"weixiao/internal/record"
	"weixiao/internal/store"
	"weixiao/internal/worktime"
)

// benchEligibility holds the policies of the pack against many firms: profiles are stated by the street as people do it,
// then every running clause is judged for every firm, read from the database in chunks. What is measured is the whole
// count: reading, decoding, three-valued judging.
func benchEligibility(ctx context.Context, args []string, out io.Writer) (err error) {
	b := newBench("eligibility", out)
	n := b.fset.Int("firms", 10000, "firms with a profile")
	a, closeApp, err := b.open(ctx, args)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeApp()) }()
	if err := fillFirms(ctx, a, *n); err != nil {
		return err
	}
	var all []time.Duration
	var counts []policies.Count
	var firms int64
	for range 9 {
		runtime.GC()
		begin := time.Now()
		if counts, firms, err = a.Policies.Counts(ctx, time.Date(2022, 9, 26, 9, 0, 0, 0, worktime.Zone)); err != nil {
			return err
		}
		all = append(all, time.Since(begin))
	}
	slices.Sort(all)
	var yes, unknown int64
	for _, c := range counts {
		yes, unknown = yes+c.Yes, unknown+c.Unknown
	}
	fmt.Fprintf(out, "eligibility_firms %d firms\neligibility_clauses %d clauses\neligibility_median %.3f s\neligibility_slowest %.3f s\neligibility_yes %d pairs\neligibility_unknown %d pairs\n",
		firms, len(counts), all[len(all)/2].Seconds(), all[len(all)-1].Seconds(), yes, unknown)
	return nil
}

// enlistMany puts n made-up firms into the register and returns their codes.
func enlistMany(ctx context.Context, a *app.App, n int) (codes []string, err error) {
	t := &sheet.Table{Head: []string{"code", "name", "kinds", "sector", "made_up"}}
	for i := range n {
		for _, c := range "0123456789ABCDEFGHJKLMNPQRTUWXY" {
			if code, err := firms.CheckCode(fmt.Sprintf("91220605%09d%c", i, c)); err == nil {
				codes = append(codes, code)
			}
		}
		t.Lines = append(t.Lines, []string{codes[i], fmt.Sprintf("示例企业%05d", i), "firm", pickSector(i), "yes"})
		if len(t.Lines) == firms.MostRows || i == n-1 {
			rep, err := a.Firms.Load(ctx, access.SystemScope(a.Pack.District, "firms of a benchmark"), t, true)
			if err != nil || !rep.Done {
				return nil, errors.Join(err, fmt.Errorf("firms were not taken in: %d bad rows", len(rep.Bad)))
			}
			t.Lines = nil
		}
	}
	return codes, nil
}

func pickSector(i int) string { return firms.Sectors()[i%len(firms.Sectors())] }

// fillFirms registers firms, states a profile of each and publishes the policies of the pack. A tenth of the figures is
// not said.
func fillFirms(ctx context.Context, a *app.App, n int) error {
	scope := func(unit, role string) access.Scope {
		var path []string
		for _, u := range a.Pack.Directory.Path(unit) {
			path = append(path, u.ID)
		}
		return access.ScopeOf(access.Principal{District: a.Pack.District, Account: "bench-" + unit, Unit: unit, Path: path, Roles: []string{role}, Kind: access.Cookie})
	}
	in := func(kv ...string) record.Input { return record.Input{Raw: record.Raw(kv...)} }
	for _, p := range a.Pack.Policies.Policies {
		if _, err := a.Policies.Adopt(ctx, p, policies.People{Author: scope(p.Unit, access.Department), Reviewer: scope(a.Pack.Policies.Reviewer, access.DeptLead), Signer: scope("leaders", access.Leader)}, in); err != nil {
			return err
		}
	}
	codes, err := enlistMany(ctx, a, n)
	if err != nil {
		return err
	}
	r, sc := rand.New(rand.NewPCG(1, 2)), scope(a.Pack.Policies.Units[0], access.Department)
	for len(codes) > 0 {
		chunk := codes[:min(500, len(codes))]
		codes = codes[len(chunk):]
		state := func(tx *store.Tx) error {
			for _, code := range chunk {
				if _, err := a.Enterprise.StateIn(tx, sc, code, record.Input{Raw: anyProfile(r)}); err != nil {
					return err
				}
			}
			return nil
		}
		err := a.DB.Write(ctx, state)
		for range 5 { // numbers are random: ten thousand of one day meet now and then
			if errors.Is(err, store.ErrConflict) {
				err = a.DB.Write(ctx, state)
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func anyProfile(r *rand.Rand) form.Raw {
	raw := record.Raw("as_of", "2022-06-30", "founded", fmt.Sprintf("%d-03-01", 2000+r.IntN(22)))
	for _, f := range conditions.All() {
		if len(f.From) > 0 || f.Name == "street" || f.Name == "branch" || f.Name == "graduates" || r.IntN(10) == 0 {
			continue
		}
		switch f.Kind {
		case conditions.Choice, conditions.List:
			raw[f.Name] = []string{f.Options[r.IntN(len(f.Options))]}
		case conditions.Bool:
			raw[f.Name] = []string{[]string{"no", "no", "yes"}[r.IntN(3)]}
		case conditions.Number:
			raw[f.Name] = []string{strconv.Itoa(r.IntN(90))}
		case conditions.Money:
			raw[f.Name] = []string{fmt.Sprintf("%d万", 1+r.IntN(9000))}
		}
	}
	raw["staff"] = []string{strconv.Itoa(90 + r.IntN(900))}
	return raw
}
