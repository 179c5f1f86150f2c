package public

import (
	"cmp"
	"net/http"
	"strings"

	"github.com/paulmach/orb"

	"weixiao/internal/access"
	"weixiao/internal/cases"
	"weixiao/internal/directory"
	"weixiao/internal/directory/posts"
	"weixiao/internal/text"
	"weixiao/internal/web/ui"
	"weixiao/internal/words"
)

// whoView is the public board: who works for an address.
type whoView struct {
	Place  ui.PlaceView
	Asked  bool
	Where  string // street, community, grid, building
	Seats  []whoSeat
	Which  []ui.Link // the address may mean several places
	Office string    // public number of the community's office
	Fault  string
}

// whoSeat is a post as anybody may know it: what it is, who holds it, and a number only with consent.
type whoSeat struct {
	Post, Names, Phone string
	Acting             bool
}

// who asks for an address or a point on the map. A community chosen from the list comes as ?area=: no address is ever
// part of a link.
func (p *pages) who(w http.ResponseWriter, r *http.Request) error {
	f := p.page(r, "public.who.title")
	f.Scripts = whoScripts(f)
	x := p.whoPlace(f, "", spot{}, false)
	if code := p.entrance(r.URL.Query().Get("area")); code != "" {
		if err := p.Gate.Allow("who.client", access.Client(r.Context())); err != nil {
			return err
		}
		in, _ := p.Pack.Directory.OfPlace(code)
		p.answer(f, &x, posts.Place{Unit: cmp.Or(in.Community.ID, in.Street.ID), Grid: in.Grid.ID})
	}
	return p.show(w, r, http.StatusOK, f, nil, whoPage(f, x))
}

func (p *pages) whoPlace(f ui.Page, address string, at spot, given bool) whoView {
	x := whoView{Place: ui.PlaceView{ID: "who-place", Name: "place", Label: f.T("public.who.place"), Hint: f.T("public.who.hint"), Address: address, NoMap: f.Elder,
		Base: "/report/map.json?v=" + p.base().version, Suggest: "/report/suggest"}}
	if given {
		x.Place.Lon, x.Place.Lat = degrees(at.Lon), degrees(at.Lat)
	}
	return x
}

// sayWho answers. What was asked is not kept anywhere.
func (p *pages) sayWho(w http.ResponseWriter, r *http.Request) error {
	if err := p.Gate.Allow("who.client", access.Client(r.Context())); err != nil {
		return err
	}
	if err := parse(w, r); err != nil {
		return err
	}
	f := p.page(r, "public.who.title")
	f.Scripts = whoScripts(f)
	get := r.PostForm.Get
	address := strings.TrimSpace(legible(short(get("place"), cases.MaxPlace)))
	at, given := point(get("lon"), get("lat"), get("accuracy"))
	given = given && p.inside(at.Lon, at.Lat)
	x := p.whoPlace(f, address, at, given)
	status := http.StatusOK
	place, fault := p.understood(f, address, orb.Point{at.Lon, at.Lat}, given, &x)
	if fault != "" {
		x.Place.Fault, x.Fault, status = fault, fault, http.StatusUnprocessableEntity
	} else if place.Unit != "" {
		p.answer(f, &x, place)
	}
	return p.show(w, r, status, f, nil, whoPage(f, x))
}

// understood says which place an address or a point means; or fills in the places it may mean; or says what is wrong.
func (p *pages) understood(f ui.Page, address string, at orb.Point, given bool, x *whoView) (posts.Place, string) {
	board := p.Posts.Board()
	if address == "" && !given {
		return posts.Place{}, f.T("public.fault.place")
	}
	if _, err := text.Clean(address, cases.MaxPlace); address != "" && err != nil {
		return posts.Place{}, inputFault(f.Lang, err, "public.fault.place")
	}
	if address == "" {
		in, ok := p.Layers.Locate(at[0], at[1])
		if !ok {
			return posts.Place{}, f.T("public.fault.outside", p.districtName(f.Lang))
		}
		return board.PlaceOf(at, in), ""
	}
	found := p.Gazetteer().Resolve(address, at, given)
	if found.Elsewhere != "" {
		return posts.Place{}, f.T("public.who.elsewhere", found.Elsewhere)
	}
	c, sure := found.Sure()
	switch {
	case sure && c.Community.ID != "":
		if h := board.Named(c.Community.ID, address); h != nil {
			return posts.Place{Unit: h.Community, Grid: h.Grid, Building: h.ID}, ""
		}
		if c.Known && c.Spot.Kind != directory.RoadSpot {
			g, _ := p.Pack.Directory.Nearest(c.Point, c.Community.ID)
			return posts.Place{Unit: c.Community.ID, Grid: g.ID}, ""
		}
		return posts.Place{Unit: c.Community.ID}, ""
	case len(found.Candidates) == 0:
		return posts.Place{}, f.T("public.who.unknown")
	}
	seen := map[string]bool{}
	for _, c := range found.Candidates {
		if code := areaOf(c); code != "" && !seen[code] {
			seen[code] = true
			x.Which = append(x.Which, ui.Link{Text: p.CandidateName(f.Lang, c), Href: "/who?area=" + code})
		}
	}
	return posts.Place{}, ""
}

// answer fills in who works for a place: only posts of kinds that are public, numbers only with consent.
func (p *pages) answer(f ui.Page, x *whoView, place posts.Place) {
	board, dir, now := p.Posts.Board(), p.Pack.Directory, f.Now.UnixMicro()
	x.Asked = true
	parts := []string{p.AreaName(f.Lang, place.Unit)}
	if g, ok := dir.Grid(place.Grid); ok {
		parts = append(parts, g.Name)
	}
	if h, ok := board.Building(place.Building); ok {
		parts = append(parts, h.Title())
	}
	x.Where = strings.Join(parts, f.T("word.separator"))
	if u, ok := dir.Unit(place.Unit); ok {
		x.Office = u.Phone
	}
	seats := board.Here(place, now)
	if place.Grid == "" { // only the community is known: all its grids
		for _, g := range dir.Grids(place.Unit) {
			if post, ok := board.Post(g.Post); ok && len(x.Seats) < 12 {
				a, _ := board.Answering(post.ID, now)
				seats = append(seats, posts.Seat{Post: post, Answer: a})
			}
		}
	}
	for _, s := range seats {
		if s.Post.Kind.Public && s.Answer.Post.Kind.Public {
			x.Seats = append(x.Seats, p.whoSeat(f, s))
		}
	}
}

func (p *pages) whoSeat(f ui.Page, s posts.Seat) whoSeat {
	english := f.Lang == words.EN
	out := whoSeat{Post: s.Post.TitleIn(english), Acting: len(s.Via) > 0}
	if s.Post.Building == "" && s.Post.Grid == "" {
		out.Post = p.UnitName(f.Lang, s.Post.Unit) + f.T("word.separator") + out.Post
	}
	var names, phones []string
	for _, t := range s.Holders {
		names = append(names, t.Name)
		if t.Phone != "" {
			phones = append(phones, t.Phone)
		}
	}
	out.Names, out.Phone = strings.Join(names, f.T("word.list.comma")), strings.Join(phones, " ")
	return out
}

// whoScripts loads the map where there is one.
func whoScripts(f ui.Page) []string {
	if f.Elder {
		return nil
	}
	return []string{"map"}
}
