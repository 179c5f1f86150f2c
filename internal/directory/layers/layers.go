// Package layers keeps the versions of a district's polygon layers: what was brought or drawn, what was found wrong with it, what was
// published when and why. The pack's own layers are version 1; the first change of a layer stores them.
//
// A version goes draft → checked → published → replaced. Published versions are never changed and never removed. Every change is an act of
// the kind "layer" whose subject is the layer; it carries a digest of all areas, so that Verify can prove the rows.
//
//	layers.go    Layers: the atlas in force, kept up to date on every node; Locate
//	table.go     Table: who may do what in which state
//	version.go   Version, Area and their rows
//	change.go    Import, Draft, Edit, Check, Publish, Drop
//	split.go     Split an area of a draft in two
//	upload.go    Read: GeoJSON and zipped shapefiles as people bring them
//	compare.go   Compare two versions; export.go: Export, Try
//	geometry.go  polygons as bytes
//	verify.go    rows against acts
package layers

import (
	"context"
	"embed"
	"log/slog"
	"maps"
	"sync"
	"sync/atomic"
	"time"

	"weixiao/internal/directory"
	"weixiao/internal/geo"
	"weixiao/internal/store"
)

//go:embed migrations
var migrations embed.FS

// Schema is the tables of layers, numbers 12001-12999.
var Schema = store.Schema{Name: "layers", FS: migrations}

// Layers keeps the layers of one district.
type Layers struct {
	db       *store.DB
	district string
	pack     string // version of the pack
	own      []*geo.Layer
	dir      *directory.Directory
	clock    func() time.Time

	now  atomic.Pointer[book]
	load sync.Mutex // one refresh at a time
}

// book is the atlas in force and the stored versions it was made of.
type book struct {
	atlas  *directory.Atlas
	stored map[string]int64
	layers map[string]*geo.Layer
}

// New keeps the layers of a district in db. Until Refresh has read what is published, the pack's own layers are in force.
func New(db *store.DB, district, pack string, atlas *directory.Atlas, dir *directory.Directory, clock func() time.Time) *Layers {
	l := &Layers{db: db, district: district, pack: pack, own: atlas.Layers(), dir: dir, clock: clock}
	l.now.Store(&book{atlas: atlas})
	return l
}

// Atlas is what is in force now.
func (l *Layers) Atlas() *directory.Atlas { return l.now.Load().atlas }

// InForce is the number of the version of a layer that is in force, 0 when there is no such layer.
func (l *Layers) InForce(layer string) int64 {
	b := l.now.Load()
	if v, ok := b.stored[layer]; ok {
		return v
	}
	if _, ok := b.atlas.Layer(layer); ok {
		return 1
	}
	return 0
}

// Locate says which street, community and grid a point (CGCS2000, degrees) lies in. False outside the district.
func (l *Layers) Locate(lon, lat float64) (directory.Place, bool) {
	return l.Atlas().Place(l.dir, geo.Point{Lon: lon, Lat: lat})
}

// Refresh reads which versions are published and loads those that are new.
func (l *Layers) Refresh(ctx context.Context) error {
	l.load.Lock()
	defer l.load.Unlock()
	old := l.now.Load()
	fresh := &book{stored: map[string]int64{}, layers: map[string]*geo.Layer{}}
	err := l.db.Read(ctx, func(tx *store.Tx) error {
		published, err := inState(tx, l.district, statePublished)
		if err != nil {
			return err
		}
		for _, v := range published {
			fresh.stored[v.Name] = v.Number
			if layer := old.layers[v.Name]; layer != nil && old.stored[v.Name] == v.Number {
				fresh.layers[v.Name] = layer
				continue
			}
			if fresh.layers[v.Name], err = loadLayer(tx, l.district, v); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil || maps.Equal(fresh.stored, old.stored) {
		return err
	}
	var all []*geo.Layer
	for _, own := range l.own {
		if fresh.layers[own.Name] == nil {
			all = append(all, own)
		}
	}
	for _, layer := range fresh.layers {
		all = append(all, layer)
	}
	fresh.atlas = directory.NewAtlas(all)
	l.now.Store(fresh)
	return nil
}

// pace is how often at most Run looks for new versions under load.
const pace = time.Second

// Run refreshes after commits, on this node and on others, until ctx ends.
func (l *Layers) Run(ctx context.Context, log *slog.Logger) {
	signal, end := l.db.Watch()
	defer end()
	for ctx.Err() == nil {
		if err := l.Refresh(ctx); err != nil && ctx.Err() == nil {
			log.Warn("layers not read", "error", err)
		}
		wait := time.NewTimer(pace)
		select {
		case <-ctx.Done():
		case <-wait.C:
		}
		wait.Stop()
		select {
		case <-ctx.Done():
		case <-signal:
		case <-time.After(30 * time.Second):
		}
	}
}
