package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"weixiao/internal/access"
	"weixiao/internal/api/exchange"
	"weixiao/internal/app"
	"weixiao/internal/directory/registers"
)

func runImport(ctx context.Context, args []string, out io.Writer) (err error) {
	if len(args) > 0 && args[0] == "assets" {
		return runImportAssets(ctx, args[1:], out)
	}
	if len(args) > 0 && args[0] == "positions" {
		return runImportPositions(ctx, args[1:], out)
	}
	if len(args) > 0 && slices.Contains(registers.Kinds(), args[0]) {
		return runImportRegister(ctx, args[0], args[1:], out)
	}
	if len(args) == 0 || args[0] != "cases" {
		fmt.Fprintln(os.Stderr, "usage: weixiao import cases|assets|positions|"+strings.Join(registers.Kinds(), "|")+" [options] FILE")
		return errUsage
	}
	fset, cfg := flags("import cases")
	a, err := open(ctx, fset, cfg, args[1:], nil, app.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	if fset.NArg() != 1 {
		fmt.Fprintln(os.Stderr, "usage: weixiao import cases [options] FILE   (one file, after the options)")
		return errUsage
	}
	r, err := exchange.Import(ctx, a.Cases, access.SystemScope(a.Pack.District, "import of a file of cases"), fset.Arg(0))
	fmt.Fprintf(out, "rows %d: %d taken in, %d known already, %d refused\n", r.Rows, r.Added, r.Known, r.Bad)
	if len(r.Ignored) > 0 {
		fmt.Fprintf(out, "columns not used: %s\n", strings.Join(r.Ignored, ", "))
	}
	if r.Rejects != "" {
		fmt.Fprintf(out, "refused rows with their reasons: %s\n", r.Rejects)
	}
	return err
}

// runImportRegister takes in buildings, terms, shifts or firms: all rows of the file, or
// none when one is bad.
func runImportRegister(ctx context.Context, what string, args []string, out io.Writer) (err error) {
	fset, cfg := flags("import " + what)
	a, err := open(ctx, fset, cfg, args, nil, app.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	if fset.NArg() != 1 {
		fmt.Fprintf(os.Stderr, "usage: weixiao import %s [options] FILE   (one file, after the options)\n", what)
		return errUsage
	}
	if err := a.Posts.Refresh(ctx); err != nil {
		return err
	}
	r, err := exchange.ImportRegister(ctx, registers.Registers{Posts: a.Posts, Firms: a.Firms}, access.SystemScope(a.Pack.District, "import of a file of "+what), what, fset.Arg(0))
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "rows %d: %d taken in, %d known already, %d refused\n", r.Rows, r.Added, r.Known, r.Bad)
	if len(r.Ignored) > 0 {
		fmt.Fprintf(out, "columns not used: %s\n", strings.Join(r.Ignored, ", "))
	}
	if r.Rejects != "" {
		fmt.Fprintf(out, "refused rows with their reasons: %s\n", r.Rejects)
		fmt.Fprintln(out, "nothing was taken in: mend these rows in the file and run it again")
		return errFailed
	}
	return nil
}

// runImportAssets takes in city assets: all rows of the file, or none when one is bad.
func runImportAssets(ctx context.Context, args []string, out io.Writer) (err error) {
	fset, cfg := flags("import assets")
	good := fset.Bool("good-rows", false, "take in the good rows of a file that has bad ones")
	a, err := open(ctx, fset, cfg, args, nil, app.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	if fset.NArg() != 1 {
		fmt.Fprintln(os.Stderr, "usage: weixiao import assets [options] FILE   (one file, after the options)")
		return errUsage
	}
	r, err := exchange.ImportAssets(ctx, a.Assets, a.Pack, access.SystemScope(a.Pack.District, "import of a file of city assets"), fset.Arg(0), *good)
	fmt.Fprintf(out, "rows %d: %d taken in, %d known already, %d refused\n", r.Rows, r.Added, r.Known, r.Bad)
	if r.Converted > 0 {
		fmt.Fprintf(out, "points converted to CGCS2000: %d\n", r.Converted)
	}
	if len(r.Ignored) > 0 {
		fmt.Fprintf(out, "columns not used: %s\n", strings.Join(r.Ignored, ", "))
	}
	if r.Rejects != "" {
		fmt.Fprintf(out, "refused rows with their reasons: %s\n", r.Rejects)
	}
	if err == nil && r.Bad > 0 && !*good {
		fmt.Fprintln(out, "nothing was taken in: mend these rows and run it again, or add -good-rows")
		return errFailed
	}
	return err
}

// runImportPositions takes in positions of sweeping machines: all rows of the file, or none when one is bad.
func runImportPositions(ctx context.Context, args []string, out io.Writer) (err error) {
	fset, cfg := flags("import positions")
	a, err := open(ctx, fset, cfg, args, nil, app.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	if fset.NArg() != 1 {
		fmt.Fprintln(os.Stderr, "usage: weixiao import positions [options] FILE   (one file, after the options)")
		return errUsage
	}
	if a.Sanitation == nil {
		return errors.New("the pack of this district has no sanitation.yaml: it knows no machine")
	}
	r, err := exchange.ImportPositions(ctx, a.Sanitation, access.SystemScope(a.Pack.District, "import of a file of positions"), fset.Arg(0))
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "rows %d: %d taken in, %d known already, %d refused\n", r.Rows, r.Added, r.Known, r.Bad)
	if len(r.Ignored) > 0 {
		fmt.Fprintf(out, "columns not used: %s\n", strings.Join(r.Ignored, ", "))
	}
	if r.Rejects != "" {
		fmt.Fprintf(out, "refused rows with their reasons: %s\n", r.Rejects)
		fmt.Fprintln(out, "nothing was taken in: mend these rows in the file and run it again")
		return errFailed
	}
	return nil
}
