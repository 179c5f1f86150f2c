package field

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"

	"weixiao/internal/access"
	"weixiao/internal/assets"
	"weixiao/internal/directory"
	"weixiao/internal/directory/posts"
	"weixiao/internal/store"
	"weixiao/internal/web"
)

// buildings are those of the caller's community, or of the communities under it.
type buildings struct{ s *web.Site }

// mostItems is how much of a list lies on a phone.
const mostItems = 300

func (buildings) Name() string { return "buildings" }

func (b buildings) List(ctx context.Context, c Caller) ([]Item, error) {
	if b.s.Posts == nil {
		return nil, nil
	}
	board, dir := b.s.Posts.Board(), b.s.Pack.Directory
	own := ""
	if c.Is(access.Chief) { // chiefs have their one building
		x, err := store.Get(ctx, b.s.DB, func(tx *store.Tx) (*posts.Post, error) {
			return web.SeatOf(tx, b.s.Posts, b.s.Gate, c.District, c.Account, c.Now)
		})
		if err != nil || x == nil || x.Building == "" {
			return nil, err
		}
		own = x.Building
	}
	var out []Item
	for _, u := range communities(dir, c.Unit) {
		for _, h := range board.BuildingsOf(u) {
			if own != "" && own != h.ID {
				continue
			}
			if len(out) == mostItems {
				return out, nil
			}
			x := Item{ID: h.ID, Title: h.Title(), Note: b.s.UnitName(c.Lang, u), At: &Point{h.Point[0], h.Point[1]}, Link: "/desk/admin/organisation/buildings/" + h.ID}
			var seats []string
			for _, p := range board.PostsOfBuilding(h.ID) {
				if a, ok := board.Answering(p.ID, c.Now.UnixMicro()); ok {
					for _, t := range a.Holders {
						seats = append(seats, t.Name)
					}
				}
			}
			if len(seats) > 0 {
				x.Facts = append(x.Facts, Fact{c.T("fieldwork.fact.chiefs"), strings.Join(slices.Compact(seats), c.T("word.list.comma"))})
			}
			for _, n := range []struct {
				key string
				n   int
			}{{"fieldwork.fact.entrances", h.Entrances}, {"fieldwork.fact.floors", h.Floors}, {"fieldwork.fact.households", h.Households}} {
				if n.n > 0 {
					x.Facts = append(x.Facts, Fact{c.T(n.key), strconv.Itoa(n.n)})
				}
			}
			out = append(out, x)
		}
	}
	return out, nil
}

// communities are the community a unit is, or those under it.
func communities(dir *directory.Directory, unit string) []string {
	u, ok := dir.Unit(unit)
	if !ok || u.Kind == directory.District {
		return nil
	}
	if u.Kind == directory.Community || u.Kind == directory.Village {
		return []string{u.ID}
	}
	var out []string
	for _, x := range dir.Children(unit) {
		if x.Kind == directory.Community || x.Kind == directory.Village {
			out = append(out, x.ID)
		}
	}
	return out
}

// assetList are the city assets that the caller's unit looks after, and for people of a
// community those that stand in it: lamps and covers, no persons. Those that need
// something come first.
type assetList struct{ s *web.Site }

func (assetList) Name() string { return "assets" }

// around gathers the assets of a community, from the middle of each of its grids.
func (l assetList) around(ctx context.Context, c Caller, community string) ([]*assets.Asset, error) {
	sc := access.SystemScope(c.District, "assets of their own community for those who work in it: things, no persons")
	seen := map[string]bool{}
	var out []*assets.Asset
	for _, g := range l.s.Pack.Directory.Grids(community) {
		near, err := l.s.Assets.Near(ctx, sc, g.Center, mostItems)
		if err != nil {
			return nil, err
		}
		for _, n := range near {
			if n.Community == community && !seen[n.ID] && len(out) < mostItems {
				seen[n.ID] = true
				out = append(out, n.Asset)
			}
		}
	}
	return out, nil
}

func (l assetList) List(ctx context.Context, c Caller) ([]Item, error) {
	if l.s.Assets == nil {
		return nil, nil
	}
	if c.Is(access.Chief) {
		return nil, nil
	}
	own := c.Is(assets.Roles()...)
	var list []*assets.Asset
	var err error
	if at, ok := l.s.Pack.Directory.OfPlace(c.Unit); ok && at.Community.ID != "" && at.Community.ID == c.Unit {
		list, err = l.around(ctx, c, c.Unit)
	} else if own {
		list, err = l.s.Assets.List(ctx, c.Scope, assets.Filter{Limit: mostItems})
	}
	if err != nil {
		return nil, err
	}
	var out []Item
	for _, a := range list {
		if a.State == assets.Removed {
			continue
		}
		x := Item{ID: a.ID, Title: a.Name, At: &Point{a.Point[0], a.Point[1]}, Note: a.Address}
		if own && l.s.Assets.MayRead(c.Scope, a) {
			x.Link = "/desk/assets/" + a.ID
		}
		if k, ok := l.s.Assets.KindOf(a.Kind); ok {
			if x.Title == "" {
				x.Title = k.Name
			}
			x.Facts = append(x.Facts, Fact{c.T("fieldwork.fact.kind"), k.Name})
		}
		if a.State != assets.Intact {
			x.Tags = append(x.Tags, Tag{c.T("state.asset." + a.State), "warn"})
		}
		x.Facts = append(x.Facts, Fact{c.T("fieldwork.fact.id"), a.ID})
		out = append(out, x)
	}
	slices.SortStableFunc(out, func(a, b Item) int { return cmp.Compare(len(b.Tags), len(a.Tags)) })
	return out, nil
}
