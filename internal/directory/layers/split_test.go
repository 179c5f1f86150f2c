package layers_test

import (
	"context"
	"errors"
	"testing"

	"github.com/paulmach/orb"

	"weixiao/internal/access"
	"weixiao/internal/directory/layers"
	"weixiao/internal/flow"
	"weixiao/internal/geo"
	"weixiao/internal/store"
)

// TestSplit: an area of a draft becomes two with a code each; together they cover what it covered, checked and
// published they are found; nothing is half done, and only a draft can be split.
func TestSplit(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		ctx := context.Background()
		grids := about
		grids.Name, grids.Kind = "plots", "contractor"
		_, _, err := e.Import(ctx, e.sc, layers.Upload{About: grids, File: communities(1)})
		e.must(err)
		const code = "220605001005" // in the middle
		area := func(code string) (layers.Area, error) {
			return store.Get(ctx, e.db, func(tx *store.Tx) (layers.Area, error) {
				v, err := e.Get(tx, "plots", 1)
				if err != nil {
					return layers.Area{}, err
				}
				return e.Area(tx, v, code)
			})
		}
		whole, err := area(code)
		e.must(err)
		b := whole.Polygons.Bound()
		mid := (b.Min[0] + b.Max[0]) / 2
		line := []orb.Point{{mid, b.Min[1] - 0.01}, {mid + 0.0005, b.Max[1] + 0.01}}
		split := func(number int64, hash []byte, cut layers.Cut) error {
			found, err := e.Split(ctx, e.sc, "plots", number, code, hash, cut)
			if errors.Is(err, layers.ErrFindings) && len(found) == 0 {
				t.Error("refused without saying why")
			}
			return err
		}
		good := layers.Cut{Code: "220605001015", Name: "新划的一块", Line: line}
		for want, err := range map[error]error{
			access.ErrStale:    split(1, []byte("old"), good),
			geo.ErrSplitEnds:   split(1, whole.Hash, layers.Cut{Code: "1", Name: "x", Line: []orb.Point{line[0], {mid, (b.Min[1] + b.Max[1]) / 2}}}),
			layers.ErrFindings: split(1, whole.Hash, layers.Cut{Code: "", Name: "x", Line: line}),
			flow.ErrForbidden: func() error {
				_, err := e.Split(ctx, access.ScopeOf(access.Principal{District: "220605", Account: "a", Roles: []string{access.Street}, Kind: access.Cookie}), "plots", 1, code, whole.Hash, good)
				return err
			}(),
		} {
			if !errors.Is(err, want) {
				t.Errorf("%v, want %v", err, want)
			}
		}
		if err := split(1, whole.Hash, layers.Cut{Code: "220605001001", Name: "x", Line: line}); err == nil {
			t.Error("a code that is taken")
		}
		e.must(split(1, whole.Hash, good))
		kept, err := area(code)
		e.must(err)
		fresh, err := area("220605001015")
		e.must(err)
		if kept.Name != whole.Name || string(kept.Extra) != string(whole.Extra) || fresh.Name != "新划的一块" || fresh.Extra != nil {
			t.Errorf("%+v\n%+v", kept, fresh)
		}
		if err := split(1, kept.Hash, good); !errors.Is(err, geo.ErrSplitCross) && !errors.Is(err, geo.ErrSplitEnds) && !errors.Is(err, access.ErrStale) {
			t.Errorf("split again: %v", err)
		}
		found, err := e.Check(ctx, e.sc, "plots", 1)
		if err != nil || len(found) != 0 {
			t.Errorf("the parts are no tiling any more: %v %v", found, err)
		}
		_, err = e.Publish(ctx, e.sc, "plots", 1, "分成两块")
		e.must(err)
		for _, x := range []layers.Area{kept, fresh} {
			l, _ := e.Atlas().Layer("plots")
			at, _ := l.LabelPoint(x.ID)
			hits := e.Atlas().At(at)
			if len(hits) == 0 || hits[len(hits)-1].Area.ID != x.ID {
				t.Errorf("in the middle of %s lies %+v", x.ID, hits)
			}
		}
		if err := split(1, kept.Hash, good); !errors.Is(err, flow.ErrState) {
			t.Errorf("a published version was split: %v", err)
		}
		e.must(e.verify())
	})
}
