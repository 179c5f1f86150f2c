package directory

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/paulmach/orb"
)

// Building is a block of flats or another house with chiefs of its own (楼栋).
type Building struct {
	ID         string // never reused: community code, -b and a number, such as 220605001001-b012
	Community  string // unit id
	Grid       string // 15 digits; "" = the nearest grid of the community
	Estate     string // 小区: 松花花园
	Name       string // 3号楼
	Point      orb.Point
	Entrances  int // 单元
	Floors     int
	Households int
	Source     string
	MadeUp     bool
}

// Title is what people call the building: 松花花园3号楼.
func (b Building) Title() string { return b.Estate + b.Name }

// Level is what a kind of post is for.
type Level string

const (
	OnUnit     Level = "unit"
	OnGrid     Level = "grid"
	OnBuilding Level = "building"
	OnEntrance Level = "entrance" // 单元: one post for each entrance of a building
)

// PostKind is a kind of post: how many sit on one, who may know of it, and how long it may be vacant.
type PostKind struct {
	ID      string // gridworker, cadre
	Name    string // 网格员
	English string
	Level   Level
	Roles   []Role // OnUnit and OnGrid: the posts of posts.csv it covers, by their role
	Seats   int    // how many hold one such post at a time; mostly 1
	Needed  bool   // a place is covered only when this post is filled (双楼长)
	Public  bool   // name and post are on the public board
	Vacant  int    // days after which a vacancy is told to the unit; 0 = never
	Source  string
}

// DefaultPostKinds are the kinds of a pack that does not say: one for each role, one seat, not on the public board.
func DefaultPostKinds() []PostKind {
	var out []PostKind
	for _, r := range Roles() {
		level := OnUnit
		if r == GridWorker {
			level = OnGrid
		}
		out = append(out, PostKind{ID: string(r), Name: string(r), English: string(r), Level: level, Roles: []Role{r}, Seats: 1})
	}
	return out
}

// CheckPostKinds checks kinds of posts: each role belongs to one of them. The error is of type Faults with List
// "postkinds".
func CheckPostKinds(kinds []PostKind) error {
	b := builder{}
	seen, role := map[string]bool{}, map[Role]string{}
	for i, k := range kinds {
		bad := func(zh, en string) { b.fault("postkinds", i, k.ID, zh, en) }
		switch {
		case k.ID == "" || strings.Trim(k.ID, "abcdefghijklmnopqrstuvwxyz") != "":
			bad("编号只能用小写字母", "the id has small letters only")
		case seen[k.ID]:
			bad("编号重复，请改用别的编号", "the id is used twice")
		case k.Name == "" || k.English == "":
			bad("名称和英文都要填写", "name and English name must be given")
		case !slices.Contains([]Level{OnUnit, OnGrid, OnBuilding, OnEntrance}, k.Level):
			bad("“设在”应为 单位、网格、楼栋 或 单元", "level must be unit, grid, building or entrance")
		case k.Seats < 1 || k.Seats > 20:
			bad("人数应为 1 至 20", "seats must be 1 to 20")
		case k.Vacant < 0 || k.Vacant > 365:
			bad("空岗天数应为 0 至 365，0 为不提醒", "vacant days must be 0 to 365, 0 for never")
		case k.Source == "":
			bad("请写明来源；本系统自拟的写“自拟”", "the source is missing; say so if it is our own")
		case (k.Level == OnUnit || k.Level == OnGrid) == (len(k.Roles) == 0):
			bad("设在单位、网格的岗位要写角色，设在楼栋、单元的不写", "posts of units and grids name roles, those of buildings and entrances none")
		}
		seen[k.ID] = true
		for _, r := range k.Roles {
			if !slices.Contains(Roles(), r) {
				bad("不认识的角色“"+string(r)+"”，请用 "+join(Roles()), "unknown role "+string(r)+"; use one of "+join(Roles()))
			} else if other := role[r]; other != "" {
				bad("角色“"+string(r)+"”已归岗位类别 "+other, "role "+string(r)+" belongs to kind "+other+" already")
			}
			role[r] = k.ID
			if (k.Level == OnGrid) != (r == GridWorker) {
				bad("网格上的岗位只能是网格员，网格员只能设在网格", "posts of grids are those of grid workers, and the other way round")
			}
		}
	}
	for _, r := range Roles() {
		if role[r] == "" {
			b.fault("postkinds", 0, string(r), "这个角色没有岗位类别，请补上一行", "the role belongs to no kind of post; add a line")
		}
	}
	if len(b.faults) > 0 {
		return b.faults
	}
	return nil
}

// SettleBuilding checks one building and fills in its grid: that of the community whose centre is nearest. The faults
// are in both languages; locate may be nil (a pack without a map).
func (d *Directory) SettleBuilding(n Building, locate func(orb.Point) (Place, bool)) (Building, Faults) {
	b := builder{}
	bad := func(zh, en string, args ...any) {
		b.fault("buildings", 0, n.ID, fmt.Sprintf(zh, args...), fmt.Sprintf(en, args...))
	}
	u, ok := d.Unit(n.Community)
	switch {
	case !ok || u.Kind != Community && u.Kind != Village:
		bad("社区“%s”不在单位表里，请填社区（村）的编号", "community %s is not in the unit list; give the id of a community or village", n.Community)
	case !BuildingID(n.ID, u.Code):
		bad("楼栋编号应为社区代码 %s 加 -b 和 1 至 9999 的序号，如 %s-b001，现为“%s”", "a building's id is its community's code %s, -b and a number from 1 to 9999 such as %s-b001, not %s", u.Code, u.Code, n.ID)
	}
	switch {
	case len([]rune(n.Name)) < 1 || len([]rune(n.Name)) > 20 || len([]rune(n.Estate)) > 30:
		bad("楼栋名称应为 1 至 20 个字，小区名称不超过 30 个字", "the building's name has 1 to 20 characters, its estate's at most 30")
	case n.Entrances < 0 || n.Entrances > 30 || n.Floors < 0 || n.Floors > 100 || n.Households < 0 || n.Households > 3000:
		bad("单元数应为 0 至 30，层数 0 至 100，户数 0 至 3000", "entrances must be 0 to 30, floors 0 to 100, households 0 to 3000")
	case n.Source == "":
		bad("请写明来源；虚构的写“虚构”", "the source is missing; a made-up building says so")
	}
	if locate != nil {
		if _, inside := locate(n.Point); !inside {
			bad("坐标不在本区范围内，请检查经纬度（CGCS2000，GCJ-02 请先转换）", "the point lies outside the district; check longitude and latitude (CGCS2000; convert GCJ-02 first)")
		}
	}
	if g, known := d.Grid(n.Grid); n.Grid != "" && (!known || g.Community != n.Community) {
		bad("网格“%s”不是这个社区的", "grid %s is not of this community", n.Grid)
	} else if n.Grid == "" && ok {
		g, _ := d.Nearest(n.Point, n.Community)
		n.Grid = g.ID
	}
	return n, b.faults
}

// BuildingID reports whether an id is that of a building of a community.
func BuildingID(id, community string) bool {
	rest, ok := strings.CutPrefix(id, community+"-b")
	if !ok || community == "" || len(rest) > 4 || !digits(rest) {
		return false
	}
	n, err := strconv.Atoi(rest)
	return err == nil && n > 0
}

// CheckBuildings checks a list and returns it in the order of ids with grids filled in. The error is of type Faults with
// List "buildings".
func (d *Directory) CheckBuildings(list []Building, locate func(orb.Point) (Place, bool)) ([]Building, error) {
	var faults Faults
	id, name := map[string]int{}, map[string]int{}
	out := make([]Building, 0, len(list))
	for i, n := range list {
		n, f := d.SettleBuilding(n, locate)
		for _, x := range f {
			x.Row = i
			faults = append(faults, x)
		}
		key := n.Community + "\x00" + n.Title()
		if first, twice := id[n.ID]; twice {
			faults = append(faults, Fault{"buildings", i, n.ID, "编号与" + list[first].Title() + "重复；编号作废后也不能再用", "the id is already used by " + list[first].Title()})
		} else if first, twice := name[key]; twice {
			faults = append(faults, Fault{"buildings", i, n.ID, "同一社区里已有“" + n.Title() + "”（" + list[first].ID + "）", "the community already has a building " + n.Title() + " (" + list[first].ID + ")"})
		}
		id[n.ID], name[key] = i, i
		out = append(out, n)
	}
	if len(faults) > 0 {
		return nil, faults
	}
	slices.SortFunc(out, func(a, b Building) int { return cmp.Compare(a.ID, b.ID) })
	return out, nil
}
