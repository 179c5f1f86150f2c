package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/app"
	"weixiao/internal/cases"
	"weixiao/internal/catalogue"
	"weixiao/internal/directory"
	"weixiao/internal/duties"
	"weixiao/internal/pack"
	"weixiao/internal/store"
	"weixiao/internal/worktime"
)

func catalogueUsage() error {
	fmt.Fprint(os.Stderr, `usage: weixiao catalogue list [--database …]
           the versions: number, state, day of effect, rules, reason
       weixiao catalogue check [FILE | NUMBER] [--since DATE] [--database …]
           what is wrong with rules in a file (YAML or CSV), or with a version; by default with the one in force
       weixiao catalogue export [NUMBER] [--csv] [--database …]
           write a version as YAML, or its rules as CSV; without --database the pack's
       weixiao catalogue import FILE --reason TEXT [--database …]
           make a draft of the rules and questions in a file; all of it or nothing
       weixiao catalogue dry-run NUMBER [--days N] [--database …]
           which cases of the last N days (365) a draft would have sent elsewhere, with their hand-back rate
       weixiao catalogue publish NUMBER --reason TEXT --law TEXT [--since DATE] [--database …]
           put a draft in force from a day on (today)
`)
	return errUsage
}

// catalogueCall is one call of weixiao catalogue with all its options.
type catalogueCall struct {
	rest               []string
	stored, csv        bool
	since, reason, law string
	days               int
	a                  *app.App
	p                  *pack.Pack
	book               *duties.Book
	out                io.Writer
}

func runCatalogue(ctx context.Context, args []string, out io.Writer) (err error) {
	verbs := map[string]struct {
		do       func(*catalogueCall, context.Context) error
		database bool // works on the database always
		min, max int
	}{
		"list": {(*catalogueCall).list, false, 0, 0}, "check": {(*catalogueCall).check, false, 0, 1}, "export": {(*catalogueCall).export, false, 0, 1},
		"import": {(*catalogueCall).load, true, 1, 1}, "dry-run": {(*catalogueCall).dryRun, true, 1, 1}, "publish": {(*catalogueCall).publish, true, 1, 1},
	}
	if len(args) == 0 {
		return catalogueUsage()
	}
	verb, ok := verbs[args[0]]
	if !ok {
		return catalogueUsage()
	}
	fset, cfg := flags("catalogue " + args[0])
	x := &catalogueCall{out: out}
	fset.BoolVar(&x.csv, "csv", false, "export: the rules as a table")
	fset.StringVar(&x.since, "since", "", "day of effect, such as 2026-12-01")
	fset.StringVar(&x.reason, "reason", "", "why, kept in the journal")
	fset.StringVar(&x.law, "law", "", "publish: the legal basis")
	fset.IntVar(&x.days, "days", 365, "dry-run: how many days of cases")
	if x.rest, err = mixed(fset, args[1:]); err != nil {
		return err
	}
	if len(x.rest) < verb.min || len(x.rest) > verb.max {
		return catalogueUsage()
	}
	if x.since != "" {
		if _, err := time.Parse(time.DateOnly, x.since); err != nil {
			return fmt.Errorf("--since %q is not a date such as 2026-12-01", x.since)
		}
	}
	c, err := cfg()
	if err != nil {
		return err
	}
	if x.stored = verb.database || given(fset, "database"); !x.stored {
		if x.p, err = packOf(c); err != nil {
			return err
		}
		x.book = cases.FromPack(x.p).Duties
		return verb.do(x, ctx)
	}
	if x.a, err = app.Open(ctx, c, app.Options{}); err != nil {
		return err
	}
	x.p, x.book = x.a.Pack, x.a.Cases.District().Duties
	return errors.Join(verb.do(x, ctx), x.a.Close())
}

// version reads the version of a number; of none the one in force.
func (x *catalogueCall) version(ctx context.Context, number string) (duties.Version, error) {
	n := x.book.Now().At(time.Now()).Version()
	if number != "" {
		var err error
		if n, err = strconv.Atoi(number); err != nil {
			return duties.Version{}, fmt.Errorf("%q is no number of a version; see weixiao catalogue list", number)
		}
	}
	if !x.stored {
		if n != 1 {
			return duties.Version{}, fmt.Errorf("the pack has version 1 only; name a --database for version %d", n)
		}
		return duties.Version{Number: 1, State: duties.Published, Content: x.book.Base().Duties()}, nil
	}
	v, err := store.Get(ctx, x.a.DB, func(tx *store.Tx) (duties.Version, error) { return x.book.Get(tx, n) })
	if errors.Is(err, store.ErrNotFound) {
		err = fmt.Errorf("no version %d; see weixiao catalogue list", n)
	}
	return v, err
}

func (x *catalogueCall) list(ctx context.Context) error {
	if !x.stored {
		d := x.book.Base().Duties()
		fmt.Fprintf(x.out, "1 published since ever rules %d questions %d the pack's\n", len(d.Rules), len(d.Questions))
		return nil
	}
	force := x.book.Now().At(time.Now()).Version()
	list, err := store.Get(ctx, x.a.DB, func(tx *store.Tx) ([]duties.Version, error) { return x.book.List(tx, 0, 200) })
	if err != nil {
		return err
	}
	for _, v := range list {
		since, mark := v.Since, ""
		if since == "" && v.State == duties.Published {
			since = "ever"
			if v.Begins > 0 {
				since = time.UnixMicro(v.Begins).In(worktime.Zone).Format(time.DateOnly)
			}
		}
		if v.Number == force {
			mark = " in force"
		}
		fmt.Fprintf(x.out, "%d %s since %s based on %d%s %s\n", v.Number, v.State, dash(since), v.BasedOn, mark, strings.TrimSpace(v.Law+" "+v.Reason))
	}
	return nil
}

func dash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// isFile reports whether an argument names a file of rules.
func isFile(name string) bool {
	ext := strings.ToLower(filepath.Ext(name))
	return ext == ".yaml" || ext == ".yml" || ext == ".csv"
}

func (x *catalogueCall) check(ctx context.Context) error {
	if len(x.rest) == 1 && isFile(x.rest[0]) {
		d, err := x.read(x.rest[0])
		if err == nil {
			fmt.Fprintf(x.out, "%s: %d rules, %d sets of questions: no problem\n", x.rest[0], len(d.Rules), len(d.Questions))
		}
		return err
	}
	number := ""
	if len(x.rest) == 1 {
		number = x.rest[0]
	}
	v, err := x.version(ctx, number)
	if err != nil {
		return err
	}
	if _, err := x.book.Try(v, x.since); err != nil {
		return x.say(err)
	}
	fmt.Fprintf(x.out, "version %d: %d rules, %d sets of questions: no problem\n", v.Number, len(v.Content.Rules), len(v.Content.Questions))
	return nil
}

// read reads a file of rules; what is wrong with it is printed.
func (x *catalogueCall) read(name string) (catalogue.Duties, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return catalogue.Duties{}, err
	}
	if len(data) > 4<<20 {
		return catalogue.Duties{}, fmt.Errorf("%s is larger than 4 MiB", name)
	}
	d, err := pack.ReadDuties(filepath.Base(name), data, x.book.Now().At(time.Now()), 0, x.since)
	return d, x.say(err)
}

// say prints what is wrong with rules, one problem a line, and returns errFailed.
func (x *catalogueCall) say(err error) error {
	if problems, ok := errors.AsType[pack.Problems](err); ok {
		for _, p := range problems {
			fmt.Fprintln(x.out, p)
		}
		return errFailed
	}
	if faults, ok := errors.AsType[directory.Faults](err); ok {
		for _, f := range faults {
			fmt.Fprintf(x.out, "%s %d %s: %s / %s\n", f.List, f.Row+1, f.ID, f.ZH, f.EN)
		}
		return errFailed
	}
	return err
}

func (x *catalogueCall) export(ctx context.Context) error {
	number := ""
	if len(x.rest) == 1 {
		number = x.rest[0]
	}
	v, err := x.version(ctx, number)
	if err != nil {
		return err
	}
	write := pack.WriteDuties
	if x.csv {
		write = pack.WriteRules
	}
	data, err := write(v.Content)
	if err == nil {
		_, err = x.out.Write(data)
	}
	return err
}

func (x *catalogueCall) scope(what string) access.Scope {
	return access.SystemScope(x.p.District, what)
}

func (x *catalogueCall) load(ctx context.Context) error {
	if x.reason == "" {
		return errors.New("say why with --reason")
	}
	d, err := x.read(x.rest[0])
	if err != nil {
		return err
	}
	var v duties.Version
	err = x.a.DB.Write(ctx, func(tx *store.Tx) error {
		now := x.a.Clock()
		sc := x.scope("a file of dispatch rules on the command line")
		if v, err = x.book.Draft(tx, sc, 0, x.reason, now); err != nil {
			return err
		}
		v, err = x.book.Change(tx, sc, v.Number, 0, duties.Edit{Replace: &d}, now)
		return err
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(x.out, "draft %d: %d rules, %d sets of questions; try it with weixiao catalogue dry-run %d\n", v.Number, len(d.Rules), len(d.Questions), v.Number)
	return nil
}

func (x *catalogueCall) dryRun(ctx context.Context) error {
	v, err := x.version(ctx, x.rest[0])
	if err != nil {
		return err
	}
	if _, err := x.book.Try(v, x.since); err != nil {
		if err := x.say(err); !errors.Is(err, errFailed) {
			return err
		}
	}
	now := x.a.Clock()
	r, err := x.a.Cases.Rehearse(ctx, v, now.AddDate(0, 0, -x.days), now)
	if err != nil {
		return err
	}
	share := func(name string, s cases.Share) {
		if s.N == 0 {
			fmt.Fprintf(x.out, "%s - of 0\n", name)
			return
		}
		fmt.Fprintf(x.out, "%s %.4f low %.4f high %.4f %d of %d\n", name, float64(s.K)/float64(s.N), s.Low, s.High, s.K, s.N)
	}
	fmt.Fprintf(x.out, "cases %d\nmoved %d\nmoved_to_final_unit %d\nother_limit %d\nother_publicity %d\n", r.Looked, r.Moved, r.Right, r.Limits, r.Private)
	share("handed_back_stay", r.Stay)
	share("handed_back_move", r.Move)
	for _, p := range r.Pairs {
		fmt.Fprintf(x.out, "pair %s %s -> %s %d final %d examples %s\n", p.Rule, p.From, p.To, p.Count, p.Right, strings.Join(p.Examples, " "))
	}
	return nil
}

func (x *catalogueCall) publish(ctx context.Context) error {
	if x.reason == "" || x.law == "" {
		return errors.New("say why with --reason, and name the legal basis with --law")
	}
	v, err := x.version(ctx, x.rest[0])
	if err != nil {
		return err
	}
	err = x.a.DB.Write(ctx, func(tx *store.Tx) error {
		v, err = x.book.Publish(tx, x.scope("a version published on the command line"), v.Number, v.Revision, duties.Terms{Since: x.since, Law: x.law, Reason: x.reason}, x.a.Clock())
		return err
	})
	if err != nil {
		return x.say(err)
	}
	fmt.Fprintf(x.out, "version %d is in force from %s\n", v.Number, v.Since)
	return nil
}
