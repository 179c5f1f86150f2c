package layers

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"

	"weixiao/internal/journal"
	"weixiao/internal/store"
)

// Replayer folds acts of layers and compares the result with the rows. Feed it every act through Fold, then call Finish.
type Replayer struct {
	l        *Layers
	versions map[string]map[int64]*body
}

// NewReplayer begins a comparison.
func (l *Layers) NewReplayer() *Replayer {
	return &Replayer{l: l, versions: map[string]map[int64]*body{}}
}

// Fold takes the next act of the journal.
func (r *Replayer) Fold(a journal.Act) error {
	if a.Kind != Table.Kind {
		return nil
	}
	var b body
	if err := a.Into(&b); err != nil {
		return err
	}
	of := r.versions[a.Subject]
	if of == nil {
		of = map[int64]*body{}
		r.versions[a.Subject] = of
	}
	if b.Replaces > 0 && of[b.Replaces] != nil {
		of[b.Replaces].State = stateReplaced
	}
	of[b.Version] = &b
	return nil
}

// Finish compares all versions and all their areas with what the acts say. The error names the first that differs.
func (r *Replayer) Finish(ctx context.Context) (versions int, err error) {
	return versions, r.l.db.Read(ctx, func(tx *store.Tx) error {
		rows, err := store.All(tx, scanVersion, `SELECT `+versionColumns+` FROM layer_versions WHERE district = $1 ORDER BY layer, version`, r.l.district)
		if err != nil {
			return err
		}
		versions = len(rows)
		told := 0
		for _, of := range r.versions {
			told += len(of)
		}
		if told != len(rows) {
			return fmt.Errorf("layers: %d versions in the acts, %d in the rows", told, len(rows))
		}
		for _, v := range rows {
			if err := r.compare(tx, v); err != nil {
				return fmt.Errorf("layers: %s version %d: %w", v.Name, v.Number, err)
			}
		}
		return nil
	})
}

func (r *Replayer) compare(tx *store.Tx, v Version) error {
	b := r.versions[v.Name][v.Number]
	switch {
	case b == nil:
		return fmt.Errorf("no act made it")
	case b.State != v.State:
		return fmt.Errorf("is %s, its acts say %s", v.State, b.State)
	case b.Digest != hex.EncodeToString(v.Digest) || b.Areas != v.Areas:
		return fmt.Errorf("its row does not carry the digest of its last act")
	}
	d := newDigester()
	areas, err := allAreas(tx, r.l.district, v)
	if err != nil {
		return err
	}
	for _, a := range areas {
		if !bytes.Equal(a.Hash, areaHash(a, encode(a.Polygons))) {
			return fmt.Errorf("area %s is not what its hash says", a.ID)
		}
		d.add(a.ID, a.Hash)
	}
	if !bytes.Equal(d.h.Sum(nil), v.Digest) {
		return fmt.Errorf("its areas are not those of its last act")
	}
	return nil
}
