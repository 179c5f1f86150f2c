package posts

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"

	"weixiao/internal/directory"
)

// Post is something to hold.
type Post struct {
	ID       string // 220605001.streetlead, 220605001001-b012.cadre, 220605001001-b012.entrance-2
	Kind     *directory.PostKind
	Unit     string // the unit it is in; of a building its community
	Grid     string // OnGrid: the grid; OnBuilding, OnEntrance: that of the building
	Building string
	Entrance int
	Title    string
	English  string
	Role     directory.Role // what its holder may do in the program; "" for chiefs of buildings
	Lead     bool           // answers for its unit
}

// ofPack is the post of a row of posts.csv.
func ofPack(x directory.Post, kinds map[directory.Role]*directory.PostKind, grid string) *Post {
	return &Post{ID: x.ID, Kind: kinds[x.Role], Unit: x.Unit, Grid: grid, Title: x.Title, English: x.English, Role: x.Role, Lead: x.Lead}
}

// ofBuilding are the posts of a building, in the order of the kinds.
func ofBuilding(b *directory.Building, kinds []*directory.PostKind) []*Post {
	var out []*Post
	for _, k := range kinds {
		switch k.Level {
		case directory.OnBuilding:
			out = append(out, chief(b, k))
		case directory.OnEntrance:
			for n := 1; n <= b.Entrances; n++ {
				out = append(out, &Post{ID: b.ID + "." + k.ID + "-" + strconv.Itoa(n), Kind: k, Unit: b.Community, Grid: b.Grid, Building: b.ID, Entrance: n,
					Title: fmt.Sprintf("%s%d单元%s", b.Title(), n, k.Name), English: fmt.Sprintf("%s, %s, entrance %d", k.English, b.Title(), n)})
			}
		}
	}
	return out
}

func chief(b *directory.Building, k *directory.PostKind) *Post {
	return &Post{ID: b.ID + "." + k.ID, Kind: k, Unit: b.Community, Grid: b.Grid, Building: b.ID, Title: b.Title() + k.Name, English: k.English + ", " + b.Title()}
}

// Post finds a post by id: of the pack, or of a building.
func (b *Board) Post(id string) (*Post, bool) {
	if x, ok := b.posts[id]; ok {
		return x, true
	}
	house, _, _ := strings.Cut(id, ".")
	if h := b.buildings[house]; h != nil {
		for _, x := range ofBuilding(h, b.kinds) {
			if x.ID == id {
				return x, true
			}
		}
	}
	return nil, false
}

// PostsOf lists the posts of a unit itself, without those of its buildings, in the order of the pack.
func (b *Board) PostsOf(unit string) []*Post { return b.byUnit[unit] }

// PostsOfBuilding lists the posts of a building, in the order of the kinds.
func (b *Board) PostsOfBuilding(id string) []*Post {
	if h := b.buildings[id]; h != nil {
		return ofBuilding(h, b.kinds)
	}
	return nil
}

// Kind finds a kind of post.
func (b *Board) Kind(id string) (*directory.PostKind, bool) {
	for _, k := range b.kinds {
		if k.ID == id {
			return k, true
		}
	}
	return nil, false
}

// TitleIn is a post's name in Chinese or English.
func (x *Post) TitleIn(english bool) string {
	if english {
		return cmp.Or(x.English, x.Title)
	}
	return x.Title
}
