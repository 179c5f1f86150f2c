package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/app"
	"weixiao/internal/calendars"
	"weixiao/internal/cases"
	"weixiao/internal/config"
	"weixiao/internal/pack"
	"weixiao/internal/store"
	"weixiao/internal/worktime"
)

func calendarUsage() error {
	fmt.Fprint(os.Stderr, `usage: weixiao calendar load FILE [--replace] [--dry-run] [--reason TEXT] [--database …]
           take in the holiday notice of a year: JSON with year and days (name, date, isOffDay);
           FILE may be - for standard input; open deadlines are counted anew
       weixiao calendar list [--database …]
           the calendars in force and their versions; without --database those of the pack
`)
	return errUsage
}

func runCalendar(ctx context.Context, args []string, out io.Writer) error {
	if len(args) > 0 {
		switch args[0] {
		case "load":
			return calendarLoad(ctx, args[1:], out)
		case "list":
			return calendarList(ctx, args[1:], out)
		}
	}
	return calendarUsage()
}

// mixed parses flags that stand before, between or behind the other arguments, and
// returns those. A negative number is no flag.
func mixed(fset *flag.FlagSet, args []string) (rest []string, err error) {
	for len(args) > 0 {
		if _, err := strconv.Atoi(args[0]); err == nil {
			rest, args = append(rest, args[0]), args[1:]
			continue
		}
		if err := fset.Parse(args); err != nil {
			if errors.Is(err, flag.ErrHelp) {
				return nil, err
			}
			return nil, errUsage
		}
		if args = fset.Args(); len(args) > 0 {
			rest, args = append(rest, args[0]), args[1:]
		}
	}
	return rest, nil
}

// given reports whether a flag was on the command line.
func given(fset *flag.FlagSet, name string) (yes bool) {
	fset.Visit(func(f *flag.Flag) { yes = yes || f.Name == name })
	return yes
}

// packOf reads the district pack without a database.
func packOf(cfg *config.Config) (*pack.Pack, error) {
	if dir := cfg.Get("pack"); dir != "" {
		return pack.Load(os.DirFS(dir))
	}
	return pack.Load(pack.Jiangyuan())
}

// calendarsOf are the calendars in force: of the database when one was named on
// the command line, else of the pack.
func calendarsOf(ctx context.Context, fset *flag.FlagSet, cfg *config.Config) (*pack.Pack, *calendars.Set, error) {
	if !given(fset, "database") {
		p, err := packOf(cfg)
		if err != nil {
			return nil, nil, err
		}
		return p, cases.Calendars(p).Now(), nil
	}
	a, err := app.Open(ctx, cfg, app.Options{})
	if err != nil {
		return nil, nil, err
	}
	set, err := store.Get(ctx, a.DB, func(tx *store.Tx) (*calendars.Set, error) { return a.Cases.District().Calendar.In(tx) })
	return a.Pack, set, errors.Join(err, a.Close())
}

// readNotice reads a notice and refuses what is not one before anything is opened.
func readNotice(name string) (worktime.Notice, error) {
	in := io.Reader(os.Stdin)
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return worktime.Notice{}, err
		}
		defer f.Close()
		in = f
	}
	data, err := io.ReadAll(io.LimitReader(in, 2<<20)) // a larger one is refused by its size
	if err != nil {
		return worktime.Notice{}, err
	}
	n, err := worktime.ParseNotice(data)
	if err != nil {
		return n, both(err)
	}
	if year, ok := yearOf(name); ok && year != n.Year {
		return n, fmt.Errorf("%s is the notice of %d by its name, but the file says %d: check which one is right / 文件名是 %d 年，内容是 %d 年，请核对",
			filepath.Base(name), year, n.Year, year, n.Year)
	}
	return n, nil
}

// yearOf is the year that a file is named after: 2027.json, holidays-2027.json.
func yearOf(name string) (int, bool) {
	stem := strings.TrimSuffix(filepath.Base(name), filepath.Ext(name))
	for _, part := range strings.FieldsFunc(stem, func(r rune) bool { return r < '0' || r > '9' }) {
		if y, err := strconv.Atoi(part); err == nil && len(part) == 4 && y > 1990 && y < 2100 {
			return y, true
		}
	}
	return 0, false
}

// both says a refusal in English and Chinese.
func both(err error) error {
	if zh := worktime.Chinese(err); zh != err.Error() {
		return fmt.Errorf("%w / %s", err, zh)
	}
	return err
}

func calendarLoad(ctx context.Context, args []string, out io.Writer) (err error) {
	fset, cfg := flags("calendar load")
	replace := fset.Bool("replace", false, "take the place of a notice of the same year that says something else")
	dry := fset.Bool("dry-run", false, "say what would change, and change nothing")
	reason := fset.String("reason", "loaded on the command line", "why, kept in the journal")
	files, err := mixed(fset, args)
	if err != nil {
		return err
	}
	if len(files) != 1 {
		return calendarUsage()
	}
	n, err := readNotice(files[0])
	if err != nil {
		return err
	}
	c, err := cfg()
	if err != nil {
		return err
	}
	a, err := app.Open(ctx, c, app.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	change := calendars.Change{Notice: &n, Replace: *replace, Reason: *reason}
	book := a.Cases.District().Calendar
	if *dry {
		set, err := store.Get(ctx, a.DB, book.In)
		if err != nil {
			return err
		}
		then, names, err := set.Try(change)
		if err != nil {
			return both(err)
		}
		records, clocks, err := a.Cases.WouldMove(ctx, then)
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "%d: would change %s; %d cases and whistles have %d deadlines that would move\n", n.Year, list(names), records, clocks)
		return nil
	}
	var names []string
	err = a.DB.Write(ctx, func(tx *store.Tx) error {
		names, err = book.Load(tx, access.SystemScope(a.Pack.District, "a calendar on the command line"), change, a.Clock())
		return err
	})
	if err != nil {
		return both(err)
	}
	if len(names) == 0 {
		fmt.Fprintf(out, "%d: known already, nothing to do\n", n.Year)
	} else {
		fmt.Fprintf(out, "%d: loaded into %s\n", n.Year, list(names))
	}
	return recount(ctx, a, out)
}

func list(names []string) string {
	if len(names) == 0 {
		return "nothing"
	}
	return strings.Join(names, ", ")
}

// recount does the recount that is due, or waits for the server that is at it.
func recount(ctx context.Context, a *app.App, out io.Writer) error {
	r := a.Cases.NewRecounter(a.Log)
	for {
		more, err := r.Step(ctx)
		if err != nil {
			return err
		}
		if more {
			continue
		}
		last, err := a.Cases.Recounts(ctx, 1)
		if err != nil {
			return err
		}
		if len(last) == 0 || last[0].Finished != 0 {
			if len(last) > 0 {
				fmt.Fprintf(out, "open deadlines: %d counted anew, %d moved, in %d cases and whistles\n", last[0].Clocks, last[0].Moved, last[0].Cases)
			}
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(300 * time.Millisecond):
		}
	}
}

func calendarList(ctx context.Context, args []string, out io.Writer) error {
	fset, cfg := flags("calendar list")
	rest, err := mixed(fset, args)
	if err != nil {
		return err
	}
	if len(rest) > 0 {
		return calendarUsage()
	}
	c, err := cfg()
	if err != nil {
		return err
	}
	p, set, err := calendarsOf(ctx, fset, c)
	if err != nil {
		return err
	}
	for _, name := range set.Names() {
		cal, err := set.Current(name)
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "%s  %s / %s  version %s  %s\n", name, p.Titles[name].ZH, p.Titles[name].EN, cal.Version(), years(cal))
		for _, v := range set.History(name) {
			fmt.Fprintf(out, "    %s  %s  %s, act %d\n", v.Version, time.UnixMicro(v.At).In(worktime.Zone).Format(time.RFC3339), v.Action, v.Seq)
		}
	}
	return nil
}

// years says for which years a calendar has a notice: 2007-2026.
func years(c *worktime.Calendar) string {
	if c.Spec().RoundTheClock {
		return "round the clock"
	}
	all := calendars.Known(c)
	if len(all) == 0 {
		return "no notices: every year is provisional"
	}
	slices.Sort(all)
	var parts []string
	for i := 0; i < len(all); {
		j := i
		for j+1 < len(all) && all[j+1] == all[j]+1 {
			j++
		}
		part := strconv.Itoa(all[i])
		if j > i {
			part += "-" + strconv.Itoa(all[j])
		}
		parts, i = append(parts, part), j+1
	}
	return "notices " + strings.Join(parts, ", ") + "; other years are provisional"
}
