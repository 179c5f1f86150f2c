package directory

import "slices"

// LayerKind is what the areas of a polygon layer are, and what follows for their codes and shapes.
type LayerKind struct {
	Name   string
	Digits int    // of a code; 0: any code
	Parent string // kind of the layer the areas lie in; "" for none
	Prefix bool   // a code begins with the code of the area above
	Covers bool   // the areas fill those above
}

// Kinds of layers.
const (
	LayerDistrict   = "district"        // 区
	LayerTown       = "town"            // 街道、镇、乡
	LayerCommunity  = "community"       // 社区、村
	LayerGrid       = "grid"            // 社会治理网格
	LayerUnitGrid   = "unit_grid"       // 单元网格: about 10,000 m² of built-up ground (GB/T 30428.1)
	LayerManagement = "management_grid" // 管理网格, made of unit grids
	LayerEvaluation = "evaluation_grid" // 评价网格, made of unit grids
	LayerContractor = "contractor"      // 承包区域: who sweeps, who heats
)

// layerKinds stand in the order in which answers about a place come: from the district downwards. Codes: GB/T 2260 and the statistics
// bureau's 6 + 3 + 3 digits, grids 3 digits more (GB/T 30428.1).
var layerKinds = []LayerKind{
	{Name: LayerDistrict, Digits: 6},
	{Name: LayerTown, Digits: 9, Parent: LayerDistrict, Prefix: true, Covers: true},
	{Name: LayerCommunity, Digits: 12, Parent: LayerTown, Prefix: true, Covers: true},
	{Name: LayerGrid, Digits: 15, Parent: LayerCommunity, Prefix: true, Covers: true},
	{Name: LayerUnitGrid, Digits: 15, Parent: LayerCommunity, Prefix: true},
	{Name: LayerManagement, Parent: LayerDistrict},
	{Name: LayerEvaluation, Parent: LayerDistrict},
	{Name: LayerContractor, Parent: LayerDistrict},
}

// LayerKinds lists the kinds from the district downwards.
func LayerKinds() []LayerKind { return slices.Clone(layerKinds) }

// LayerKindOf finds a kind by name.
func LayerKindOf(name string) (LayerKind, bool) {
	i := slices.IndexFunc(layerKinds, func(k LayerKind) bool { return k.Name == name })
	if i < 0 {
		return LayerKind{}, false
	}
	return layerKinds[i], true
}

func layerRank(kind string) int {
	return slices.IndexFunc(layerKinds, func(k LayerKind) bool { return k.Name == kind })
}
