package layers

import (
	"context"
	"encoding/json"
	"io"

	"weixiao/internal/geo"
	"weixiao/internal/store"
)

// Try checks a file as Import would, and stores nothing.
func (l *Layers) Try(ctx context.Context, up Upload) ([]geo.Finding, error) {
	_, shapes, found, err := l.try(ctx, up)
	if err == nil && shapes == nil {
		err = ErrFindings
	}
	return found, err
}

func (l *Layers) try(ctx context.Context, up Upload) (geo.About, []geo.Shape, []geo.Finding, error) {
	about, err := l.about(up)
	if err != nil {
		return about, nil, nil, err
	}
	rules, err := l.rules(ctx, about)
	if err != nil {
		return about, nil, nil, err
	}
	rules.System = up.System
	shapes, found := up.File.Check(rules)
	return about, shapes, found, nil
}

// Export writes a version as GeoJSON, or as a zipped shapefile, and returns the number of areas. A shapefile holds code, name, parent and made up only.
func (l *Layers) Export(ctx context.Context, w io.Writer, layer string, number int64, shapefile bool) (int, error) {
	var areas []Area
	var v Version
	err := l.db.Read(ctx, func(tx *store.Tx) (err error) {
		if v, err = l.Get(tx, layer, number); err != nil {
			return err
		}
		areas, err = l.Areas(tx, v, "", 1<<30)
		return err
	})
	if err != nil {
		return 0, err
	}
	shapes := make([]geo.Shape, len(areas))
	extra := map[string]json.RawMessage{}
	for i, a := range areas {
		shapes[i], extra[a.ID] = a.Shape, a.Extra
	}
	out, err := geo.NewLayer(v.About, shapes)
	if err != nil {
		return 0, err
	}
	if shapefile {
		return len(areas), geo.WriteShapefile(w, out)
	}
	return len(areas), geo.WriteGeoJSON(w, out, func(id string) json.RawMessage { return extra[id] })
}
