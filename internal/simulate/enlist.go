package simulate

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"

	"weixiao/internal/access"
	"weixiao/internal/files/sheet"
)

// enlist registers the firms, contractors and volunteer teams of the pack, each with a
// made-up person to speak to.
func enlist(ctx context.Context, w World, o Options) error {
	if w.Firms == nil || len(w.Pack.Firms) == 0 {
		return nil
	}
	r := rand.New(rand.NewPCG(o.Seed, 0x71697965))
	t := &sheet.Table{Head: []string{"code", "name", "kinds", "sector", "unit", "address", "contact", "phone", "made_up"}}
	for _, x := range w.Pack.Firms {
		madeUp := "no"
		if x.MadeUp {
			madeUp = "yes"
		}
		t.Lines = append(t.Lines, []string{x.Code, x.Name, strings.Join(x.Kinds, " "), x.Sector, x.Unit, x.Address, person(r), phone(r), madeUp})
	}
	rep, err := w.Firms.Load(ctx, access.SystemScope(w.Pack.District, "made-up firms, contractors and volunteer teams"), t, true)
	if err == nil && !rep.Done {
		err = fmt.Errorf("row %d: %s", rep.Bad[0].Row, rep.Bad[0].EN)
	}
	return err
}
