package directory

import (
	"fmt"
	"slices"
	"strings"
)

// Fault is one thing wrong with the lists given to New.
type Fault struct {
	List string // units, posts or grids
	Row  int    // index in that list
	ID   string
	ZH   string // what is wrong and what to do, for the clerk who keeps the file
	EN   string
}

func (f Fault) Error() string {
	return fmt.Sprintf("directory: %s row %d (%s): %s", f.List, f.Row, f.ID, f.EN)
}

// Faults is the error New returns: everything that is wrong, not only the first.
type Faults []Fault

func (f Faults) Error() string {
	if len(f) == 1 {
		return f[0].Error()
	}
	return fmt.Sprintf("%s (and %d more)", f[0].Error(), len(f)-1)
}

// builder gathers faults while a Directory is put together.
type builder struct {
	d      *Directory
	faults Faults
}

func (b *builder) fault(list string, row int, id, zh, en string) {
	b.faults = append(b.faults, Fault{list, row, id, zh, en})
}

// New checks the lists and makes a Directory of them. The error is of type
// Faults. The lists are copied.
func New(units []Unit, posts []Post, grids []Grid) (*Directory, error) {
	b := builder{d: &Directory{
		units: slices.Clone(units), posts: slices.Clone(posts), grids: slices.Clone(grids), root: -1,
		unit: map[string]int{}, code: map[string]int{}, post: map[string]int{}, grid: map[string]int{},
		children: map[string][]int{}, postsOf: map[string][]int{}, gridsOf: map[string][]int{}, gridsUnder: map[string][]int{},
	}}
	b.addUnits()
	b.checkTree()
	b.checkCodes()
	b.addPosts()
	b.addGrids()
	if len(b.faults) > 0 {
		return nil, b.faults
	}
	b.d.indexNames()
	for i, g := range b.d.grids {
		for _, u := range b.d.Path(g.Community) {
			b.d.gridsUnder[u.ID] = append(b.d.gridsUnder[u.ID], i)
		}
	}
	return b.d, nil
}

func (b *builder) addUnits() {
	d := b.d
	for i, u := range d.units {
		switch {
		case u.ID == "":
			b.fault("units", i, u.ID, "缺少单位编号，请填写", "the unit has no id; give it one")
			continue
		case !slices.Contains(Kinds(), u.Kind):
			b.fault("units", i, u.ID, "不认识的单位类别“"+string(u.Kind)+"”，请用 "+join(Kinds()), "unknown kind "+string(u.Kind)+"; use one of "+join(Kinds()))
		case u.Name == "":
			b.fault("units", i, u.ID, "缺少单位名称，请填写", "the unit has no name")
		}
		if first, twice := d.unit[u.ID]; twice {
			b.fault("units", i, u.ID, "单位编号与"+d.units[first].Name+"重复，请改用别的编号", "the id is already used by "+d.units[first].Name)
			continue
		}
		d.unit[u.ID] = i
		if u.Parent == "" {
			if d.root >= 0 {
				b.fault("units", i, u.ID, "没有上级单位；只有区本级可以没有上级，请填写上级编号", "a second unit without a parent; only the district has none")
				continue
			}
			d.root = i
			if u.Kind != District {
				b.fault("units", i, u.ID, "没有上级单位的应当是区本级（district）", "the unit without a parent must be the district")
			}
			continue
		}
		d.children[u.Parent] = append(d.children[u.Parent], i)
	}
	if d.root < 0 {
		b.fault("units", 0, "", "缺少区本级（没有上级单位的一行），请补上", "there is no district: one unit must have no parent")
	}
}

// checkTree makes sure that every parent exists and that going up ends.
func (b *builder) checkTree() {
	d := b.d
	for i, u := range d.units {
		if u.Parent == "" {
			continue
		}
		if _, ok := d.unit[u.Parent]; !ok {
			b.fault("units", i, u.ID, "上级单位“"+u.Parent+"”不存在，请改成表中已有的编号", "parent "+u.Parent+" does not exist")
			continue
		}
		at, ok := d.unit[u.ID]
		for steps := 0; ok && d.units[at].Parent != ""; steps++ {
			if steps > len(d.units) {
				b.fault("units", i, u.ID, "上下级绕成了圈，请检查上级单位", "its parents run in a circle")
				break
			}
			at, ok = d.unit[d.units[at].Parent]
		}
	}
}

// codeLength is how many digits a territory's code has (GB/T 2260 and the
// statistics bureau's rule: 6 + 3 + 3); 0 means no code.
func codeLength(k Kind) int {
	switch k {
	case District:
		return 6
	case Street, Town:
		return 9
	case Community, Village:
		return 12
	}
	return 0
}

func (b *builder) checkCodes() {
	d := b.d
	for i, u := range d.units {
		want := codeLength(u.Kind)
		switch {
		case want == 0 && u.Code == "":
			continue
		case want == 0:
			b.fault("units", i, u.ID, "这类单位没有区划代码，请清空代码一栏", "a unit of this kind has no division code; leave it empty")
			continue
		case len(u.Code) != want || !digits(u.Code):
			b.fault("units", i, u.ID, fmt.Sprintf("区划代码应为 %d 位数字，现为“%s”", want, u.Code), fmt.Sprintf("the code must have %d digits, not %q", want, u.Code))
			continue
		}
		if p, ok := d.unit[u.Parent]; ok && u.Parent != "" && !strings.HasPrefix(u.Code, d.units[p].Code) {
			b.fault("units", i, u.ID, "区划代码应以上级代码 "+d.units[p].Code+" 开头", "the code must begin with its parent's "+d.units[p].Code)
		}
		if first, twice := d.code[u.Code]; twice {
			b.fault("units", i, u.ID, "区划代码与"+d.units[first].Name+"重复", "the code is already used by "+d.units[first].Name)
			continue
		}
		d.code[u.Code] = i
	}
}

func (b *builder) addPosts() {
	d := b.d
	leads := map[string]int{}
	for i, p := range d.posts {
		if p.ID == "" {
			b.fault("posts", i, p.ID, "缺少岗位编号，请填写", "the post has no id")
			continue
		}
		if _, twice := d.post[p.ID]; twice {
			b.fault("posts", i, p.ID, "岗位编号重复，请改用别的编号", "the post's id is used twice")
			continue
		}
		d.post[p.ID] = i
		if !slices.Contains(Roles(), p.Role) {
			b.fault("posts", i, p.ID, "不认识的岗位角色“"+string(p.Role)+"”，请用 "+join(Roles()), "unknown role "+string(p.Role)+"; use one of "+join(Roles()))
		}
		at, ok := d.unit[p.Unit]
		if !ok {
			b.fault("posts", i, p.ID, "单位“"+p.Unit+"”不存在，请改成单位表里的编号", "unit "+p.Unit+" does not exist")
			continue
		}
		if k := d.units[at].Kind; !fits(p.Role, k) {
			b.fault("posts", i, p.ID, fmt.Sprintf("角色 %s 不能设在 %s 类单位里", p.Role, k), fmt.Sprintf("role %s does not belong in a unit of kind %s", p.Role, k))
		}
		d.postsOf[p.Unit] = append(d.postsOf[p.Unit], i)
		if p.Lead {
			leads[p.Unit]++
			if leads[p.Unit] == 2 {
				b.fault("posts", i, p.ID, "一个单位只能有一个负责岗位", "a unit has only one lead post")
			}
		}
	}
	for i, u := range d.units {
		if u.Kind.HandlesCases() && leads[u.ID] == 0 {
			b.fault("units", i, u.ID, u.Name+"没有负责岗位，请在岗位表里为它设一个", "the unit handles cases but has no lead post")
		}
	}
}

// fits keeps the roles that mean a territory or a department out of other
// units; the hotline's own roles may sit wherever a district puts them.
func fits(r Role, k Kind) bool {
	switch r {
	case StreetHand, StreetLead:
		return k == Street || k == Town
	case Secretary, GridWorker, GridChief:
		return k == Community || k == Village
	case DeptHand, DeptLead:
		return k == Department || k == Utility
	case Leader:
		return k == Leaders || k == District
	}
	return true
}

func (b *builder) addGrids() {
	d := b.d
	for i, g := range d.grids {
		at, ok := d.unit[g.Community]
		if !ok || d.units[at].Kind != Community && d.units[at].Kind != Village {
			b.fault("grids", i, g.ID, "社区（村）“"+g.Community+"”不存在，请改成单位表里的编号", g.Community+" is not a community or village")
			continue
		}
		switch code := d.units[at].Code; {
		case len(g.ID) != 15 || !digits(g.ID):
			b.fault("grids", i, g.ID, "网格编号应为 15 位数字", "a grid's id has 15 digits")
		case !strings.HasPrefix(g.ID, code) || strings.HasSuffix(g.ID, "000"):
			b.fault("grids", i, g.ID, "网格编号应为社区代码 "+code+" 加 001 至 999", "a grid's id is its community's code "+code+" and 001 to 999")
		}
		if _, twice := d.grid[g.ID]; twice {
			b.fault("grids", i, g.ID, "网格编号重复；编号作废后也不能再用", "the grid's id is used twice")
			continue
		}
		if p, ok := d.post[g.Post]; !ok || d.posts[p].Role != GridWorker || d.posts[p].Unit != g.Community {
			b.fault("grids", i, g.ID, "岗位“"+g.Post+"”不是本社区的网格员岗位", "post "+g.Post+" is not a grid worker's post of that community")
		}
		d.grid[g.ID] = i
		d.gridsOf[g.Community] = append(d.gridsOf[g.Community], i)
	}
}

// shortCode cuts the zeros that fill a division code to 12 digits.
func shortCode(code string) string {
	if len(code) == 12 {
		code = strings.TrimSuffix(code, "000")
	}
	if len(code) == 9 {
		code = strings.TrimSuffix(code, "000")
	}
	return code
}

func digits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

func join[T ~string](words []T) string {
	var s strings.Builder
	for i, w := range words {
		if i > 0 {
			s.WriteString(", ")
		}
		s.WriteString(string(w))
	}
	return s.String()
}
