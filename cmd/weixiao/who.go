package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/paulmach/orb"

	"weixiao/internal/app"
	"weixiao/internal/cases"
	"weixiao/internal/catalogue"
	"weixiao/internal/config"
	"weixiao/internal/directory"
	"weixiao/internal/directory/posts"
	"weixiao/internal/geo"
	"weixiao/internal/pack"
	"weixiao/internal/worktime"
)

func whoUsage() error {
	fmt.Fprint(os.Stderr, `usage: weixiao who MATTER LON LAT [--at TIME] [--crs SYSTEM] [--type TYPE] [--channel NAME] [--database …]
           who answers for a matter (001, or 47678.5-m06010) at a point and a time: units, people, limits, rule and why;
           one item a line, name and value. --at is now unless said (RFC 3339; without a zone: Asia/Shanghai).
           --crs is cgcs2000, wgs84, gcj02 or bd09; without --database the rules are those of the pack
`)
	return errUsage
}

// placeOf is the place a point lies in.
func placeOf(p *pack.Pack, d *cases.District, lon, lat float64) (cases.Place, bool) {
	place := cases.Place{Lon: lon, Lat: lat, Located: true}
	at, ok := d.Locate(lon, lat)
	if ok {
		place.Street, place.Community, place.Grid = at.Street.ID, at.Community.ID, at.Grid.ID
	}
	return place, ok
}

func runWho(ctx context.Context, args []string, out io.Writer) error {
	fset, cfg := flags("who")
	at := fset.String("at", "", "when, such as 2026-12-01T23:00")
	crs := fset.String("crs", "cgcs2000", "coordinate system of the point")
	kind := fset.String("type", "", "consult, help, complaint, report or suggestion; else the matter's own")
	channel := fset.String("channel", "", "how it comes in: hotline, portal, …")
	rest, err := mixed(fset, args)
	if err != nil {
		return err
	}
	if len(rest) != 3 {
		return whoUsage()
	}
	lon, err1 := strconv.ParseFloat(rest[1], 64)
	lat, err2 := strconv.ParseFloat(rest[2], 64)
	system, err3 := geo.ParseSystem(*crs)
	switch {
	case err1 != nil || err2 != nil:
		return fmt.Errorf("%s %s is no point: write longitude and latitude in degrees, such as 126.5858 42.0546", rest[1], rest[2])
	case err3 != nil:
		return fmt.Errorf("no coordinate system %q; there are cgcs2000, wgs84, gcj02 and bd09", *crs)
	case lon < -180 || lon > 180 || lat < -90 || lat > 90:
		return fmt.Errorf("%s %s is not on earth: longitude first, then latitude", rest[1], rest[2])
	}
	when := time.Now()
	if *at != "" {
		if when, err = moment(*at); err != nil {
			return err
		}
	}
	c, err := cfg()
	if err != nil {
		return err
	}
	p, d, board, done, err := districtOf(ctx, given(fset, "database"), c)
	if err != nil {
		return err
	}
	spot := geo.ToCGCS2000(geo.Point{Lon: lon, Lat: lat}, system)
	return errors.Join(printWho(out, p, d, board, rest[0], *kind, *channel, spot, when), done())
}

// districtOf is the district with the rules, borders and holders of posts of a
// database, or with what the pack alone says: posts without names.
func districtOf(ctx context.Context, stored bool, c *config.Config) (*pack.Pack, *cases.District, *posts.Board, func() error, error) {
	if !stored {
		p, err := packOf(c)
		if err != nil {
			return nil, nil, nil, nil, err
		}
		return p, cases.FromPack(p), boardOf(p), func() error { return nil }, nil
	}
	a, err := app.Open(ctx, c, app.Options{})
	if err != nil {
		return nil, nil, nil, nil, err
	}
	return a.Pack, a.Cases.District(), a.Posts.Board(), a.Close, nil
}

// boardOf are the posts of a pack; nobody holds them yet.
func boardOf(p *pack.Pack) *posts.Board {
	return posts.New(nil, posts.Options{District: p.District, Pack: p.Version, Directory: p.Directory, Kinds: p.PostKinds, Buildings: p.Buildings, Locate: p.Locator()}).Board()
}

// seats are the posts a decision about a place calls on with those who answer for
// them: for the units, on duty at that hour, and on the spot, chiefs of the building
// first.
func seats(d *cases.District, board *posts.Board, w catalogue.Decision, place cases.Place, at time.Time) (out []seat) {
	us := at.UnixMicro()
	add := func(why string, x posts.Seat) {
		if !slices.ContainsFunc(out, func(s seat) bool { return s.Post.ID == x.Post.ID }) {
			out = append(out, seat{why, x})
		}
	}
	for _, h := range d.Holders(w, place) {
		if x, ok := board.Post(h.Post.ID); ok {
			a, _ := board.Answering(x.ID, us)
			add(h.Why, posts.Seat{Post: x, Answer: a})
		}
	}
	for _, x := range board.OnDuty(w.Unit, us) {
		add("duty", x)
	}
	var in directory.Place
	in.Street, _ = d.Directory.Unit(place.Street)
	in.Community, _ = d.Directory.Unit(place.Community)
	in.Grid, _ = d.Directory.Grid(place.Grid)
	for _, x := range board.Here(board.PlaceOf(orb.Point{place.Lon, place.Lat}, in), us) {
		add("place", x)
	}
	return out
}

type seat struct {
	why string
	posts.Seat
}

func printWho(out io.Writer, p *pack.Pack, d *cases.District, board *posts.Board, matter, kind, channel string, spot geo.Point, when time.Time) error {
	m, ok := d.Catalogue.Matter(matter)
	if !ok {
		hint := ""
		if found := d.Catalogue.Suggest(matter, 1); len(found) > 0 {
			hint = fmt.Sprintf("; did you mean %s %s?", found[0].Matter.Key, found[0].Matter.Name)
		}
		return fmt.Errorf("no matter %q%s See matters.csv and standard.csv of the pack", matter, strings.TrimSuffix(hint, "?")+".")
	}
	if kind == "" {
		kind = string(m.Type)
	}
	place, inside := placeOf(p, d, spot.Lon, spot.Lat)
	if !inside {
		return fmt.Errorf("%.6f %.6f lies outside of the district", spot.Lon, spot.Lat)
	}
	ask := d.Ask(m.Key, kind, channel, place, when)
	cat := d.Duties.Now().At(when)
	w := cat.Decide(ask)
	line := func(name string, value ...string) {
		fmt.Fprintln(out, strings.Join(append([]string{name}, value...), " "))
	}
	unit := func(name, id string) {
		if u, ok := d.Directory.Unit(id); ok {
			line(name, u.ID, u.Name, "/", u.English)
		}
	}
	line("matter", m.Key, m.Name, "/", m.English)
	unit("street", place.Street)
	unit("community", place.Community)
	if place.Grid != "" {
		line("grid", place.Grid)
	}
	for _, a := range ask.Areas {
		line("area", a)
	}
	line("time", when.In(worktime.Zone).Format(time.RFC3339))
	unit("lead", w.Unit)
	for _, u := range w.Assist {
		unit("assist", u)
	}
	for _, x := range seats(d, board, w, place, when) {
		line("person", x.why, x.Post.ID, x.Post.Title, "/", x.Post.English)
		for _, s := range x.Via {
			line("standin", x.Post.ID, s.By)
		}
		for _, t := range x.Holders {
			line("holder", x.Post.ID, t.Name)
		}
	}
	printLimits(line, d, w.Limit, w.Unit, when)
	line("public", map[bool]string{true: "yes", false: "no"}[w.Public])
	line("rule", w.Rule)
	line("version", strconv.Itoa(w.Version))
	line("why", w.ReasonZH, "/", w.ReasonEN)
	for _, g := range cat.Explain(w.Rule, ask) {
		line("because", g.What, g.ZH, "/", g.EN)
	}
	if w.Law != "" {
		line("law", w.Law)
	}
	for _, q := range cat.Questions(m.Key, w.Rule) {
		line("ask", q.Name, string(q.Type), q.ZH, "/", q.EN)
	}
	return nil
}

// printLimits prints the profile and when each of its limits would end for the unit.
func printLimits(line func(string, ...string), d *cases.District, profile, unit string, when time.Time) {
	prof, ok := d.Catalogue.Profile(profile)
	if !ok {
		line("limit", "none")
		return
	}
	line("limit", prof.Name, prof.Title, "/", prof.English)
	cal := d.Calendar.Now().Of(unit)
	for _, x := range []struct{ name, limit string }{{"sign", prof.Sign}, {"contact", prof.Contact}, {"reply", prof.Reply}, {"close", prof.Close}} {
		if l, err := worktime.ParseLimit(x.limit); err == nil {
			due := cal.Add(when, l)
			line(x.name, x.limit, "until", due.At.Format(time.RFC3339))
		}
	}
}

// answer is the whole question: the place of a point, the rules, the people, the
// limits and the reasons. It is what bench who measures.
func answer(d *cases.District, board *posts.Board, matter string, at orb.Point, when time.Time) (units, reasons int) {
	place := cases.Place{Lon: at[0], Lat: at[1], Located: true}
	if in, ok := d.Locate(at[0], at[1]); ok {
		place.Street, place.Community, place.Grid = in.Street.ID, in.Community.ID, in.Grid.ID
	}
	ask := d.Ask(matter, "", "hotline", place, when)
	cat := d.Duties.Now().At(when)
	w := cat.Decide(ask)
	people := seats(d, board, w, place, when)
	if prof, ok := d.Catalogue.Profile(w.Limit); ok {
		cal := d.Calendar.Now().Of(w.Unit)
		for _, limit := range []string{prof.Sign, prof.Contact, prof.Reply, prof.Close} {
			if l, err := worktime.ParseLimit(limit); err == nil {
				cal.Add(when, l)
			}
		}
	}
	return 1 + len(w.Assist) + len(people), len(cat.Explain(w.Rule, ask)) + len(cat.Questions(matter, w.Rule))
}
