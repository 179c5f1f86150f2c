package cases

import (
	"slices"
	"time"

	"weixiao/internal/catalogue"
	"weixiao/internal/directory"
)

// Ask is the question who answers for a matter ("" kind and channel: not known) at a
// place and a time.
func (d *District) Ask(matter, kind, channel string, p Place, at time.Time) catalogue.Ask {
	q := catalogue.Ask{Matter: matter, Type: catalogue.Type(kind), Channel: channel, Street: p.Street, Community: p.Community, Grid: p.Grid,
		At: at, Calendar: d.Calendar.Now().Main()}
	if p.Located && d.Areas != nil {
		q.Areas = d.Areas(p.Lon, p.Lat)
	}
	return q
}

// Decide names who answers by the version in force at that time.
func (d *District) Decide(matter, kind, channel string, p Place, at time.Time) catalogue.Decision {
	return d.Duties.Decide(d.Ask(matter, kind, channel, p, at))
}

// duty is the decision about a case now.
func (c *Cases) duty(k *Case, at time.Time) catalogue.Decision {
	return c.d.Decide(k.Matter, k.Kind, k.Channel, k.Place, at)
}

// Suggested is what the rules say about a case now.
func (c *Cases) Suggested(k *Case) catalogue.Decision { return c.duty(k, c.clock()) }

// Dispatched explains why a case lies with its unit: the rule of the version that
// was in force when it was sent there, at the moment given. Nothing is said of a
// unit that a person chose.
func (c *Cases) Dispatched(k *Case, at time.Time) []catalogue.Ground {
	rule, version := catalogue.ParseRef(k.Rule)
	cat, ok := c.d.Duties.Now().Version(version)
	if !ok || k.Rule == "" {
		return nil
	}
	return cat.Explain(rule, c.d.Ask(k.Matter, k.Kind, k.Channel, k.Place, at))
}

// Holder is a post that answers for a unit or a grid. Why says for which: lead,
// assist, community or grid.
type Holder struct {
	Why  string
	Post directory.Post
}

// Holders are the posts that a decision about a place calls on: who answers for the
// units, for the community and for the grid. Who sits on a post is for others to
// say.
func (d *District) Holders(w catalogue.Decision, p Place) []Holder {
	var out []Holder
	add := func(why string, post directory.Post, ok bool) {
		if ok && !slices.ContainsFunc(out, func(h Holder) bool { return h.Post.ID == post.ID }) {
			out = append(out, Holder{why, post})
		}
	}
	lead := func(why, unit string) {
		post, ok := d.Directory.Lead(unit)
		add(why, post, ok)
	}
	lead("lead", w.Unit)
	for _, u := range w.Assist {
		lead("assist", u)
	}
	if p.Community != "" {
		lead("community", p.Community)
	}
	if g, ok := d.Directory.Grid(p.Grid); ok {
		post, ok := d.Directory.Post(g.Post)
		add("grid", post, ok)
	}
	return out
}
