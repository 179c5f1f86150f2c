package directory

import (
	"cmp"
	"slices"
	"strings"

	"weixiao/internal/geo"
)

// Atlas is all polygon layers of a district at one moment. It does not change.
type Atlas struct {
	layers []*geo.Layer // by kind, then name
	index  *geo.Index
}

// NewAtlas makes an atlas of layers.
func NewAtlas(layers []*geo.Layer) *Atlas {
	a := &Atlas{layers: slices.Clone(layers)}
	slices.SortStableFunc(a.layers, func(x, y *geo.Layer) int {
		return cmp.Or(cmp.Compare(layerRank(x.Kind), layerRank(y.Kind)), strings.Compare(x.Name, y.Name))
	})
	a.index = geo.NewIndex(a.layers...)
	return a
}

// Layers lists the layers from the district downwards.
func (a *Atlas) Layers() []*geo.Layer { return slices.Clone(a.layers) }

// Layer finds a layer by name.
func (a *Atlas) Layer(name string) (*geo.Layer, bool) {
	i := slices.IndexFunc(a.layers, func(l *geo.Layer) bool { return l.Name == name })
	if i < 0 {
		return nil, false
	}
	return a.layers[i], true
}

// OfKind is the first layer of a kind.
func (a *Atlas) OfKind(kind string) (*geo.Layer, bool) {
	i := slices.IndexFunc(a.layers, func(l *geo.Layer) bool { return l.Kind == kind })
	if i < 0 {
		return nil, false
	}
	return a.layers[i], true
}

// At lists the areas in which a point lies, from the district downwards, one per layer at most. On a border the area with the lowest code has
// the point. Outside of everything the list is empty.
func (a *Atlas) At(p geo.Point) []geo.Hit { return a.index.At(p, nil) }

// Names is At as layer/code, as duty rules name areas, without the district itself.
func (a *Atlas) Names(p geo.Point) []string {
	var out []string
	for _, hit := range a.At(p) {
		if hit.Layer.Kind != LayerDistrict {
			out = append(out, hit.Layer.Name+"/"+hit.Area.ID)
		}
	}
	return out
}

// AppendAt is At into a slice that is used again.
func (a *Atlas) AppendAt(p geo.Point, to []geo.Hit) []geo.Hit { return a.index.At(p, to) }

// Nearest is the area closest to a point that lies in none, the smallest kind first, and the way there in metres.
func (a *Atlas) Nearest(p geo.Point) (geo.Hit, float64, bool) { return a.index.Nearest(p) }

// Place says which street, community and grid of the directory a point lies in. Where there are no polygons of communities or grids, or
// one is not in the directory, the grid with the nearest centre in what is known answers. False outside the district.
func (a *Atlas) Place(d *Directory, p geo.Point) (Place, bool) {
	var at Place
	inside := false
	for _, hit := range a.At(p) {
		inside = inside || slices.Contains([]string{LayerDistrict, LayerTown, LayerCommunity, LayerGrid}, hit.Layer.Kind)
		switch hit.Layer.Kind {
		case LayerTown, LayerCommunity, LayerDistrict:
			if u, ok := d.ByCode(hit.Area.ID); ok {
				if found, ok := d.OfPlace(u.ID); ok && found.Street.ID != "" {
					at.Street, at.Community = found.Street, found.Community
				}
			}
		case LayerGrid:
			if g, ok := d.Grid(hit.Area.ID); ok && (at.Community.ID == "" || at.Community.ID == g.Community) {
				return d.OfPlace(g.ID)
			}
		}
	}
	if !inside {
		return Place{}, false
	}
	under := cmp.Or(at.Community.ID, at.Street.ID, d.Root().ID)
	if g, ok := d.Nearest(p.Orb(), under); ok {
		return d.OfPlace(g.ID)
	}
	if at.Street.ID == "" {
		return Place{}, true
	}
	return at, true
}
