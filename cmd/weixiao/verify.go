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
	scores := fset.Bool("scores", false, "only the figures: rebuild every open and frozen month from acts and compare bit by bit")
	a, err := open(ctx, fset, cfg, args, nil, app.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	verify := a.Verify
	if *scores {
		verify = a.VerifyScores
	}
	if err := verify(ctx, out); err != nil {
		fmt.Fprintln(out, "BAD:", err)
		return errFailed
	}
	fmt.Fprintln(out, "PASS")
	return nil
}
