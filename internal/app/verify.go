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
	maps := a.Layers.NewReplayer()
	n, err := journal.Verify(ctx, a.DB, a.Pack.District, func(act journal.Act) error { return errors.Join(r.Fold(ctx, act), maps.Fold(act)) })
	if err != nil {
		return err
	}
	if err := r.Finish(); err != nil {
		return err
	}
	versions, err := maps.Finish(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "layers: %d versions hold the areas their acts say\n", versions)
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
