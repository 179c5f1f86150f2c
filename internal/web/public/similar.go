package public

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geo"

	"weixiao/internal/cases"
	"weixiao/internal/catalogue"
	"weixiao/internal/text"
	"weixiao/internal/web/ui"
)

const (
	similarSpan = 60 * 24 * time.Hour // how far back
	similarRead = 200                 // cases compared
	similarMost = 3                   // cases shown
	// What speaks for two reports being about one thing. Words alone do from
	// similarLeast on; the same matter and the same community do together.
	similarLeast  = 0.35
	sameMatter    = 0.2
	sameCommunity = 0.15
	veryNear      = 0.25 // within nearMetres
	farAway       = -0.3 // beyond farMetres
	nearMetres    = 300
	farMetres     = 1500
)

// similar finds open public cases that may be about the same thing, the likeliest
// first. It uses what is known: the words always, the place when it was said.
func (p *pages) similar(ctx context.Context, d *draft) ([]*cases.Case, error) {
	f := cases.PublicFilter{Open: true, From: p.Clock().Add(-similarSpan).UnixMicro(), Limit: similarRead}
	community := ""
	switch {
	case d.Nowhere:
		return nil, nil
	case d.Area != "":
		at, _ := p.Pack.Directory.OfPlace(d.Area)
		f.Street, community = at.Street.ID, at.Community.ID
	case d.Point != nil:
		at, _ := p.Layers.Locate(d.Point.Lon, d.Point.Lat)
		f.Street, community = at.Street.ID, at.Community.ID
	}
	rows, err := p.Cases.Public(ctx, f)
	if err != nil {
		return nil, err
	}
	matter := ""
	if found := p.Pack.Catalogue.Suggest(d.Words, 1, catalogue.KindRequest); len(found) > 0 {
		matter = found[0].Matter.Key
	}
	said := text.GramsOf(d.Words)
	type like struct {
		k     *cases.Case
		score float64
	}
	var all []like
	for _, k := range rows {
		if !public(k) {
			continue
		}
		score := said.Jaccard(text.GramsOf(k.Title + "\n" + k.Body))
		if matter != "" && k.Matter == matter {
			score += sameMatter
		}
		if community != "" && k.Place.Community == community {
			score += sameCommunity
		}
		if d.Point != nil && k.Place.Located {
			switch m := geo.Distance(orb.Point{d.Point.Lon, d.Point.Lat}, orb.Point{k.Place.Lon, k.Place.Lat}); {
			case m <= nearMetres:
				score += veryNear
			case m > farMetres:
				score += farAway
			}
		}
		if score >= similarLeast {
			all = append(all, like{k, score})
		}
	}
	slices.SortStableFunc(all, func(a, b like) int { return cmp.Compare(b.score, a.score) })
	var out []*cases.Case
	for _, x := range all[:min(len(all), similarMost)] {
		out = append(out, x.k)
	}
	return out, nil
}

// similarCard shows such a case the way the list of public cases does: no
// distance, which would give away where exactly it is.
func (p *pages) similarCard(f ui.Page, k *cases.Case) ui.Similar {
	return ui.Similar{
		Title: p.heading(f.Lang, k), Note: p.area(f.Lang, k) + f.T("word.separator") + f.Moment(time.UnixMicro(k.Created)), Chip: chip(k), State: state(f, k),
		Follow: ui.Button{Label: f.T("public.similar.follow"), Icon: "users", Href: "/cases/" + k.Number},
		Other:  ui.Button{Label: f.T("public.similar.other"), Form: "where"},
	}
}
