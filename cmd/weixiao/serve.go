package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"runtime/debug"
	"slices"
	"strings"

	"weixiao/internal/app"
	"weixiao/internal/config"
	"weixiao/internal/pack"
)

// flags makes the flag set of a command with all options of the configuration.
func flags(name string) (*flag.FlagSet, func() (*config.Config, error)) {
	fset := flag.NewFlagSet("weixiao "+name, flag.ContinueOnError)
	return fset, config.Flags(fset)
}

// open parses the flags and opens the district.
func open(ctx context.Context, fset *flag.FlagSet, cfg func() (*config.Config, error), args []string, dev *bool, opt app.Options) (*app.App, error) {
	c, err := parse(fset, cfg, args)
	if err != nil {
		return nil, err
	}
	if dev != nil && *dev {
		c.Dev = true
		if !c.Loopback() {
			return nil, fmt.Errorf("a development district has passwords that everybody knows: --addr must be a loopback address such as 127.0.0.1:8080, not %s", c.Get("addr"))
		}
	}
	return app.Open(ctx, c, opt)
}

func parse(fset *flag.FlagSet, cfg func() (*config.Config, error), args []string) (*config.Config, error) {
	if err := fset.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return nil, err
		}
		return nil, errUsage
	}
	return cfg()
}

func runServe(ctx context.Context, args []string, out io.Writer) (err error) {
	fset, cfg := flags("serve")
	dev := fset.Bool("dev", false, "an empty Jiangyuan with one account per role (password "+app.DevPassword+") and the Open311 key "+app.DevKey+"; loopback only")
	a, err := open(ctx, fset, cfg, args, dev, app.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	if *dev {
		if err := a.InitDev(ctx); err != nil {
			return err
		}
		if err := a.RegisterDev(ctx); err != nil {
			return err
		}
	}
	l, err := net.Listen("tcp", a.Config.Get("addr"))
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "serving %s on http://%s (%s)\n", a.Pack.Name, l.Addr(), a.DB.Engine())
	if *dev {
		printAccounts(out, a)
	}
	return a.Serve(ctx, l)
}

func printAccounts(out io.Writer, a *app.App) {
	fmt.Fprintf(out, "accounts, password %s, sign in at /desk/sign-in:\n", app.DevPassword)
	for _, d := range a.DevAccounts() {
		u, _ := a.Pack.Directory.Unit(d.Unit)
		fmt.Fprintf(out, "  %-11s %s, %s\n", d.Login, u.Short, d.Name)
	}
}

func runInit(ctx context.Context, args []string, out io.Writer) (err error) {
	fset, cfg := flags("init")
	dev := fset.Bool("dev", false, "one account per role with the password "+app.DevPassword+" and the Open311 key "+app.DevKey)
	a, err := open(ctx, fset, cfg, args, dev, app.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	if *dev {
		if err := a.InitDev(ctx); err != nil {
			return err
		}
		if err := a.RegisterDev(ctx); err != nil {
			return err
		}
		fmt.Fprintf(out, "%s is ready (%s)\n", a.Pack.Name, a.DB.Engine())
		printAccounts(out, a)
		return nil
	}
	codes, err := a.InitFirst(ctx)
	if errors.Is(err, app.ErrUsed) {
		return fmt.Errorf("this database has accounts already; nothing was changed")
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%s is ready (%s). Set the first passwords at /desk/first within 24 hours; each code works once:\n", a.Pack.Name, a.DB.Engine())
	for _, role := range slices.Sorted(func(yield func(string) bool) {
		for r := range codes {
			if !yield(r) {
				return
			}
		}
	}) {
		fmt.Fprintf(out, "  %-9s %s\n", role, codes[role])
	}
	return nil
}

func runConfig(_ context.Context, args []string, out io.Writer) error {
	fset, cfg := flags("config")
	c, err := parse(fset, cfg, args)
	if err != nil {
		return err
	}
	_, err = fmt.Fprint(out, c.Describe())
	return err
}

func runPack(_ context.Context, args []string, out io.Writer) error {
	if len(args) == 0 || args[0] != "check" || len(args) > 2 {
		fmt.Fprintln(os.Stderr, "usage: weixiao pack check [DIR]   (without DIR: the embedded Jiangyuan pack)")
		return errUsage
	}
	fsys := pack.Jiangyuan()
	if len(args) == 2 {
		fsys = os.DirFS(args[1])
	}
	problems := pack.Check(fsys)
	for _, p := range problems {
		fmt.Fprintln(out, p)
	}
	if len(problems) > 0 {
		return errFailed
	}
	p, err := pack.Load(fsys)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%s: version %s, %d units, %d grids, %d matters: no problem\n", p.Name, p.Version, len(p.Directory.Units()), len(p.Directory.AllGrids()), len(p.Catalogue.All()))
	return nil
}

func runVersion(_ context.Context, _ []string, out io.Writer) error {
	v := "development"
	if b, ok := debug.ReadBuildInfo(); ok {
		if b.Main.Version != "" && b.Main.Version != "(devel)" {
			v = b.Main.Version
		}
		for _, s := range b.Settings {
			if s.Key == "vcs.revision" {
				v += " " + s.Value[:min(12, len(s.Value))]
			}
		}
		v += " " + strings.TrimPrefix(b.GoVersion, "go")
	}
	_, err := fmt.Fprintln(out, "weixiao", v)
	return err
}
