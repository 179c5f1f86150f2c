package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"weixiao/internal/app"
)

func runVerify(ctx context.Context, args []string, out io.Writer) (err error) {
	fset, cfg := flags("verify")
	a, err := open(ctx, fset, cfg, args, nil, app.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	if err := a.Verify(ctx, out); err != nil {
		fmt.Fprintln(out, "BAD:", err)
		return errFailed
	}
	fmt.Fprintln(out, "PASS")
	return nil
}
