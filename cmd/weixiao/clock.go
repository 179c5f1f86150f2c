package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/app"
	"weixiao/internal/cases"
	"weixiao/internal/pack"
	"weixiao/internal/store"
	"weixiao/internal/worktime"
)

func clockUsage() error {
	fmt.Fprint(os.Stderr, `usage: weixiao clock add TIME N UNIT [--profile LAW] [--calendar NAME] [--start RULE] [--database …]
           the deadline of N minute, hour, workhour, workday or day from TIME (RFC 3339; without a zone: Asia/Shanghai)
           --profile counts as a law does; with it, N UNIT may be the name of one of its terms
       weixiao clock profiles
           the laws and their terms
       weixiao clock why NUMBER [--database …]
           why the deadlines of a case or whistle are what they are
`)
	return errUsage
}

func runClock(ctx context.Context, args []string, out io.Writer) error {
	if len(args) > 0 {
		switch args[0] {
		case "add":
			return clockAdd(ctx, args[1:], out)
		case "why":
			return clockWhy(ctx, args[1:], out)
		case "profiles":
			return clockProfiles(args[1:], out)
		}
	}
	return clockUsage()
}

func clockAdd(ctx context.Context, args []string, out io.Writer) error {
	fset, cfg := flags("clock add")
	profile := fset.String("profile", "", "law whose rules count: see weixiao clock profiles")
	name := fset.String("calendar", "", "calendar to count by: see weixiao calendar list; default: the law's, else the district's")
	rule := fset.String("start", "", "when the limit begins to count: next hour, next day or next workday; default: at once, or as the law says")
	rest, err := mixed(fset, args)
	if err != nil {
		return err
	}
	if len(rest) != 3 && (len(rest) != 2 || *profile == "") {
		return clockUsage()
	}
	start, err := moment(rest[0])
	if err != nil {
		return err
	}
	c, err := cfg()
	if err != nil {
		return err
	}
	p, set, err := calendarsOf(ctx, fset, c)
	if err != nil {
		return err
	}
	limit, cal, err := limitOf(p, rest[1:], *profile, *rule)
	if err != nil {
		return err
	}
	if *name != "" {
		cal = *name
	}
	calendar, err := set.Current(cal)
	if err != nil {
		return fmt.Errorf("no calendar %q; there are %s", cal, strings.Join(set.Names(), ", "))
	}
	due := calendar.Add(start, limit)
	if due.Provisional {
		fmt.Fprintln(os.Stderr, "provisional: the holidays of a year on the way are not published yet; load its notice with weixiao calendar load")
	}
	_, err = fmt.Fprintln(out, due.At.Format(time.RFC3339Nano))
	return err
}

// moment reads a time; one without a zone is that of the people served.
func moment(s string) (time.Time, error) {
	if t, err := time.Parse(time.RFC3339Nano, s); err == nil {
		return t, nil
	}
	for _, layout := range []string{"2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02 15:04:05", "2006-01-02 15:04", time.DateOnly} {
		if t, err := time.ParseInLocation(layout, s, worktime.Zone); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is not a time such as 2026-02-13T12:00:00+08:00", s)
}

// limitOf reads N UNIT, or the name of a term, under a law ("" for none), and names
// the law's calendar.
func limitOf(p *pack.Pack, words []string, law, rule string) (limit worktime.Limit, calendar string, err error) {
	var l pack.Law
	if law != "" {
		var ok bool
		if l, ok = p.Law(law); !ok {
			var names []string
			for _, x := range p.Laws {
				names = append(names, x.Name)
			}
			return limit, "", fmt.Errorf("no profile %q; there are %s", law, strings.Join(names, ", "))
		}
	}
	if rule != "" {
		rule = " from " + rule
	}
	if len(words) == 1 {
		if limit, ok := l.Limit(words[0]); ok && rule == "" {
			return limit, l.Calendar, nil
		}
		return limit, "", fmt.Errorf("%s has no term %q: see weixiao clock profiles", law, words[0])
	}
	if limit, err = worktime.ParseLimit(words[0] + " " + words[1] + rule); err != nil {
		return limit, "", err
	}
	return l.Counting.Limit(limit), l.Calendar, nil
}

func clockProfiles(args []string, out io.Writer) error {
	fset, cfg := flags("clock profiles")
	if _, err := mixed(fset, args); err != nil {
		return err
	}
	c, err := cfg()
	if err != nil {
		return err
	}
	p, err := packOf(c)
	if err != nil {
		return err
	}
	for _, l := range p.Laws {
		fmt.Fprintf(out, "%s  %s / %s\n    %s\n", l.Name, l.Title, l.English, l.Source)
		for _, t := range l.Terms {
			limit, _ := l.Limit(t.Name)
			fmt.Fprintf(out, "    %-16s %s = %s  %s (%s)\n", t.Name, t.Text, limit, t.Title, t.Source)
		}
	}
	return nil
}

func clockWhy(ctx context.Context, args []string, out io.Writer) (err error) {
	fset, cfg := flags("clock why")
	rest, err := mixed(fset, args)
	if err != nil {
		return err
	}
	if len(rest) != 1 {
		return clockUsage()
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
	sums, err := a.Cases.Why(ctx, access.SystemScope(a.Pack.District, "why a deadline is what it is, on the command line"), rest[0])
	if errors.Is(err, store.ErrNotFound) {
		return fmt.Errorf("no case or whistle %s", cases.UpperNumber(rest[0]))
	}
	if err != nil {
		return err
	}
	if len(sums) == 0 {
		fmt.Fprintf(out, "%s has no clocks: nothing was promised yet\n", cases.UpperNumber(rest[0]))
	}
	for _, s := range sums {
		printSum(out, s)
	}
	return nil
}

func printSum(out io.Writer, s *cases.Sum) {
	stamp := func(us int64) string {
		if us == 0 {
			return "none: paused"
		}
		return time.UnixMicro(us).In(worktime.Zone).Format(time.RFC3339)
	}
	line := func(what, format string, args ...any) {
		fmt.Fprintf(out, "  %-9s %s\n", what, fmt.Sprintf(format, args...))
	}
	fmt.Fprintln(out, s.Name)
	line("limit", "%s", s.Clock.Limit)
	line("calendar", "%s, version %s", s.Calendar, s.Version)
	for _, e := range s.Events {
		by := fmt.Sprintf("%s  act %d, %s", stamp(e.At), e.Seq, e.Action)
		switch e.What {
		case cases.ClockStarted, cases.ClockExtended, cases.ClockRelimited:
			line(e.What, "%s: %s", by, e.Limit)
		case cases.ClockMoved:
			line("before", "%s under version %s, until %s (%s)", stamp(e.Moved.From), e.Moved.Was, by, "now version "+e.Moved.Now)
		default:
			line(e.What, "%s", by)
		}
	}
	for _, st := range s.Steps {
		why := string(st.Why)
		if st.Name != "" {
			why += " " + st.Name
		}
		if st.Provisional {
			why += ", provisional"
		}
		if st.Part > 0 {
			why += fmt.Sprintf(", extension %d", st.Part)
		}
		to := "open"
		if !st.To.IsZero() {
			to = st.To.Format("2006-01-02 15:04:05")
		}
		if st.Counted > 0 {
			line("counts", "%s - %s  %s  %s", st.From.Format("2006-01-02 15:04:05"), to, st.Counted, why)
		} else {
			line("not", "%s - %s  %s", st.From.Format("2006-01-02 15:04:05"), to, why)
		}
	}
	due := stamp(s.Clock.Due)
	if s.Clock.Provisional {
		due += " (provisional)"
	}
	line("due", "%s", due)
}
