package app

import (
	"context"
	"errors"
	"fmt"
	"io"

	"weixiao/internal/enterprise/windows"
	"weixiao/internal/journal"
	"weixiao/internal/rounds/sanitation"
	"weixiao/internal/rounds/villages"
	"weixiao/internal/web/field"
)

// Verify proves that the journal's chain holds, that every record agrees with its
// acts, that every person and text can be opened, and that every file is there
// and unchanged. The error names the first bad record.
func (a *App) Verify(ctx context.Context, out io.Writer) error {
	// What follows the journal is judged as it follows: let it arrive first.
	if err := journal.NewRunner(a.DB, a.Pack.District, a.Log, a.Assess.Follower(), a.Advise.Follower(), a.Early.Follower(), a.Cases.Alarming(), a.Rounds.Follower()).CatchUp(ctx); err != nil {
		return err
	}
	if err := a.Cases.Rearm(ctx); err != nil {
		return err
	}
	if err := a.Records.Follow(ctx, a.calendarSeq); err != nil {
		return err
	}
	records := a.Records.NewChecker()
	r, err := a.Cases.NewReplayer(ctx)
	if err != nil {
		return err
	}
	maps := a.Layers.NewReplayer()
	cal, err := a.Cases.District().Calendar.NewReplayer(ctx, a.DB)
	if err != nil {
		return err
	}
	rules := a.Cases.District().Duties.NewReplayer()
	advice, names, things, people, outside := a.Advise.Check(), a.Places.NewChecker(), a.Assets.NewChecker(), a.Posts.NewChecker(), a.Firms.NewChecker()
	outdoors, early, guarded, phones := a.Rounds.NewChecker(), a.Early.Check(), a.Guard.NewChecker(), field.NewChecker(a.DB, a.Pack.District)
	workdays, visits := a.Workdays.NewChecker(), a.Visits.NewChecker()
	var renewed *villages.Checker
	if a.Villages != nil {
		renewed = a.Villages.NewChecker()
	}
	var queued *windows.Checker
	if a.Windows != nil {
		queued = a.Windows.NewChecker()
	}
	var swept *sanitation.Checker
	if a.Sanitation != nil {
		swept = a.Sanitation.NewChecker()
	}
	n, err := journal.Verify(ctx, a.DB, a.Pack.District, func(act journal.Act) error {
		if err := errors.Join(cal.Fold(act), maps.Fold(act), rules.Fold(act), advice.Fold(act), names.Fold(act), things.Fold(act), people.Fold(act), outside.Fold(act), outdoors.Fold(act), early.Fold(act), guarded.Fold(act), phones.Fold(act), workdays.Fold(act), visits.Fold(act), records.Fold(act)); err != nil {
			return err
		}
		if renewed != nil {
			if err := renewed.Fold(act); err != nil {
				return err
			}
		}
		if queued != nil {
			if err := queued.Fold(act); err != nil {
				return err
			}
		}
		if swept != nil {
			if err := swept.Fold(act); err != nil {
				return err
			}
		}
		return r.Fold(ctx, act)
	})
	if err != nil {
		return err
	}
	if err := errors.Join(cal.Finish(), rules.Finish(ctx, a.DB), r.Finish()); err != nil {
		return err
	}
	if _, err := names.Finish(ctx); err != nil {
		return err
	}
	if _, err := things.Finish(ctx); err != nil {
		return err
	}
	if _, err := people.Finish(ctx); err != nil {
		return err
	}
	if _, err := outside.Finish(ctx); err != nil {
		return err
	}
	if renewed != nil {
		if _, err := renewed.Finish(ctx); err != nil {
			return err
		}
	}
	if swept != nil {
		c, err := swept.Finish(ctx)
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "sanitation: %d records agree with their acts, the coverage of %d days with %d positions\n", c.Records, c.Days, c.Positions)
	}
	if queued != nil {
		n, err := queued.Finish(ctx)
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "windows: %d visits, their sums and frozen stars agree with their acts\n", n)
	}
	kept, err := records.Finish(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "records: %d agree with their acts\n", kept)
	found, turned, err := outdoors.Finish(ctx)
	if err != nil {
		return err
	}
	if _, err := workdays.Finish(ctx); err != nil {
		return err
	}
	if _, err := visits.Finish(ctx); err != nil {
		return err
	}
	excepted, err := guarded.Finish(ctx)
	if err != nil {
		return err
	}
	if _, err := phones.Finish(ctx); err != nil {
		return err
	}
	if _, err := early.Finish(ctx); err != nil {
		return err
	}
	versions, err := maps.Finish(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "layers: %d versions hold the areas their acts say\n", versions)
	fmt.Fprintf(out, "journal: %d acts, chain whole; records agree with their acts\n", n)
	fmt.Fprintf(out, "rounds: %d findings, %d turns filled by the acts of real work\n", found, turned)
	fmt.Fprintf(out, "formalism: %d exceptions, none approved by whoever asked; nobody said to be there without one\n", excepted)
	watched, err := r.Alarms(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "alarms: %d open records wait for what their acts say\n", watched)
	if err := a.VerifyScores(ctx, out); err != nil {
		return err
	}
	advised, err := advice.Finish(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "suggestions: %d sendings counted as their acts say\n", advised)
	c, err := a.Vault.Check(ctx, a.DB, a.Pack.District)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "vault: %s\n", c)
	return nil
}

// VerifyScores rebuilds every open and frozen month from acts alone and compares it
// bit by bit. The error names the first difference.
func (a *App) VerifyScores(ctx context.Context, out io.Writer) error {
	// The figures follow the journal; let them arrive before they are judged.
	if err := journal.NewRunner(a.DB, a.Pack.District, a.Log, a.Assess.Follower()).CatchUp(ctx); err != nil {
		return err
	}
	v, err := a.Assess.Verify(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "figures: %s\n", v)
	return nil
}
