package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"weixiao/internal/access"
	"weixiao/internal/api/exchange"
	"weixiao/internal/app"
)

func runImport(ctx context.Context, args []string, out io.Writer) (err error) {
	if len(args) == 0 || args[0] != "cases" {
		fmt.Fprintln(os.Stderr, "usage: weixiao import cases [options] FILE")
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
