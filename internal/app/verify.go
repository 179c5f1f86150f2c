package app

import (
	"context"
	"errors"
	"fmt"
	"io"

	"weixiao/internal/journal"
)

// Verify proves that the journal's chain holds, that every record agrees with its
// acts, that every person and text can be opened, and that every file is there
// and unchanged. The error names the first bad record.
func (a *App) Verify(ctx context.Context, out io.Writer) error {
	r, err := a.Cases.NewReplayer(ctx)
	if err != nil {
		return err
	}
	cal, err := a.Cases.District().Calendar.NewReplayer(ctx, a.DB)
	if err != nil {
		return err
	}
	names, things := a.Places.NewChecker(), a.Assets.NewChecker()
	n, err := journal.Verify(ctx, a.DB, a.Pack.District, func(act journal.Act) error {
		if err := errors.Join(cal.Fold(act), names.Fold(act), things.Fold(act)); err != nil {
			return err
		}
		return r.Fold(ctx, act)
	})
	if err != nil {
		return err
	}
	if err := errors.Join(cal.Finish(), r.Finish()); err != nil {
		return err
	}
	if _, err := names.Finish(ctx); err != nil {
		return err
	}
	if _, err := things.Finish(ctx); err != nil {
		return err
	}
	fmt.Fprintf(out, "journal: %d acts, chain whole; records agree with their acts\n", n)
	// The figures follow the journal; let them arrive before they are judged.
	if err := journal.NewRunner(a.DB, a.Pack.District, a.Log, a.Assess.Follower()).CatchUp(ctx); err != nil {
		return err
	}
	scored, err := a.Assess.Verify(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "figures: %d cases count as their acts say\n", scored)
	c, err := a.Vault.Check(ctx, a.DB, a.Pack.District)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "vault: %s\n", c)
	return nil
}
