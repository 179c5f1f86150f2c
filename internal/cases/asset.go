package cases

import (
	"context"
	"errors"

	"weixiao/internal/access"
	"weixiao/internal/store"
)

// ErrAsset means that no city asset of that id is registered.
var ErrAsset = errors.New("cases: no such asset")

// asset checks the id of the asset that a report is about; "" is none.
func (c *Cases) asset(tx *store.Tx, id string) error {
	if id == "" {
		return nil
	}
	if c.d.Asset == nil {
		return &FieldError{"asset", ErrAsset}
	}
	err := c.d.Asset(tx, id)
	if errors.Is(err, store.ErrNotFound) {
		return &FieldError{"asset", ErrAsset}
	}
	return err
}

// tie keeps the index of cases by asset; before is what the row held, nil for none.
func (c *Cases) tie(tx *store.Tx, before, k *Case) error {
	was := ""
	if before != nil {
		was = before.Asset
	}
	if was == k.Asset {
		return nil
	}
	if was != "" {
		if err := tx.Exec(`DELETE FROM case_assets WHERE district = $1 AND asset = $2 AND doc = $3 AND number = $4`, k.District, was, k.Doc, k.Number); err != nil {
			return err
		}
	}
	if k.Asset == "" {
		return nil
	}
	return tx.Exec(`INSERT INTO case_assets (district, asset, doc, number) VALUES ($1, $2, $3, $4)`, k.District, k.Asset, k.Doc, k.Number)
}

// OfAsset lists at most n cases about an asset that the scope reaches, the newest first, older than before (a Doc; 0 =
// from the newest).
func (c *Cases) OfAsset(ctx context.Context, sc access.Scope, asset string, before int64, n int) ([]*Case, error) {
	if before == 0 {
		before = 1<<63 - 1
	}
	list, err := store.Get(ctx, c.db, func(tx *store.Tx) ([]*Case, error) {
		return store.All(tx, scanCase, `SELECT `+columns+` FROM cases WHERE district = $1 AND number IN (
				SELECT number FROM case_assets WHERE district = $1 AND asset = $2 AND doc < $3 ORDER BY doc DESC LIMIT $4)
			ORDER BY doc DESC`, c.d.Code, asset, before, n)
	})
	if err != nil {
		return nil, err
	}
	out := list[:0]
	for _, k := range list {
		if c.visible(sc, k) {
			out = append(out, k)
		}
	}
	return out, nil
}
