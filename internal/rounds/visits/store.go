package visits

import (
	"context"
	"slices"

	"weixiao/internal/access"
	"weixiao/internal/journal"
	"weixiao/internal/store"
)

const campaignColumns = `id, state, name, communities, buildings, from_day, to_day, posts, households, made_up, created, changed, version, last_seq`

func scanCampaign(r store.Scanner) (*Campaign, error) {
	c := &Campaign{}
	return c, r.Scan(&c.ID, &c.State, &c.Name, &c.Communities, &c.Buildings, &c.From, &c.To, &c.Posts, &c.Households, &c.MadeUp, &c.Created, &c.Changed, &c.Version, &c.lastSeq)
}

func (v *Visits) saveCampaign(tx *store.Tx, c *Campaign) error {
	return tx.Exec(`INSERT INTO visit_campaigns (district, `+campaignColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
		ON CONFLICT (district, id) DO UPDATE SET state = excluded.state, name = excluded.name, communities = excluded.communities, buildings = excluded.buildings, from_day = excluded.from_day,
			to_day = excluded.to_day, posts = excluded.posts, households = excluded.households, changed = excluded.changed, version = excluded.version, last_seq = excluded.last_seq`,
		v.district, c.ID, c.State, c.Name, c.Communities, c.Buildings, c.From, c.To, c.Posts, c.Households, c.MadeUp, c.Created, c.Changed, c.Version, c.lastSeq)
}

func one[T any](list []*T, err error) (*T, error) {
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, store.ErrNotFound
	}
	return list[0], nil
}

func (v *Visits) campaign(tx *store.Tx, id string) (*Campaign, error) {
	return one(store.All(tx, scanCampaign, `SELECT `+campaignColumns+` FROM visit_campaigns WHERE district = $1 AND id = $2`, v.district, id))
}

const visitColumns = `id, campaign, community, grid, building, door, state, outcome, attempts, topics, needs, cases, revisit, answers, made_up, visited, changed, version, last_seq`

func scanVisit(r store.Scanner) (*Visit, error) {
	x := &Visit{}
	return x, r.Scan(&x.ID, &x.Campaign, &x.Community, &x.Grid, &x.Building, &x.Door, &x.State, &x.Outcome, &x.Attempts, &x.Topics, &x.Needs, &x.Cases, &x.Revisit, &x.Answers, &x.MadeUp, &x.Visited,
		&x.Changed, &x.Version, &x.lastSeq)
}

var insertVisit = store.NewInsertion("visits", "district text, id text, campaign text, community text, grid text, building text, door text, state text, outcome text, attempts bigint, "+
	"topics text, needs text, cases text, revisit text, answers text, made_up boolean, visited bigint, changed bigint, version bigint, last_seq bigint")

func (v *Visits) insertVisit(tx *store.Tx, x *Visit) error {
	return tx.Insert(insertVisit, v.district, x.ID, x.Campaign, x.Community, x.Grid, x.Building, x.Door, x.State, x.Outcome, x.Attempts, x.Topics, x.Needs, x.Cases, x.Revisit, x.Answers, x.MadeUp,
		x.Visited, x.Changed, x.Version, x.lastSeq)
}

func (v *Visits) saveVisit(tx *store.Tx, x *Visit) error {
	return tx.Exec(`UPDATE visits SET state = $3, outcome = $4, attempts = $5, topics = $6, needs = $7, cases = $8, revisit = $9, answers = $10, visited = $11, changed = $12, version = $13, last_seq = $14
		WHERE district = $1 AND id = $2`, v.district, x.ID, x.State, x.Outcome, x.Attempts, x.Topics, x.Needs, x.Cases, x.Revisit, x.Answers, x.Visited, x.Changed, x.Version, x.lastSeq)
}

func (v *Visits) visit(tx *store.Tx, id string) (*Visit, error) {
	return one(store.All(tx, scanVisit, `SELECT `+visitColumns+` FROM visits WHERE district = $1 AND id = $2`, v.district, id))
}

// Campaigns lists the campaigns the scope reaches, the newest first; before is the last one of the page before, nil for
// the first page.
func (v *Visits) Campaigns(ctx context.Context, sc access.Scope, before *Campaign, limit int) (out []*Campaign, err error) {
	err = v.db.Read(ctx, func(tx *store.Tx) error {
		at, id := int64(1<<62), ""
		if before != nil {
			at, id = before.Created, before.ID
		}
		for len(out) < limit {
			list, err := store.All(tx, scanCampaign, `SELECT `+campaignColumns+` FROM visit_campaigns WHERE district = $1 AND (created, id) < ($2, $3) ORDER BY created DESC, id DESC LIMIT 100`, v.district, at, id)
			if err != nil || len(list) == 0 {
				return err
			}
			for _, c := range list {
				if v.sees(sc, c.CommunityList()...) {
					out = append(out, c)
				}
			}
			at, id = list[len(list)-1].Created, list[len(list)-1].ID
		}
		return nil
	})
	return out[:min(len(out), limit)], err
}

// Campaign finds a campaign with its acts, the oldest first.
func (v *Visits) Campaign(ctx context.Context, sc access.Scope, id string) (c *Campaign, acts []journal.Act, err error) {
	err = v.db.Read(ctx, func(tx *store.Tx) error {
		if c, err = v.campaign(tx, id); err != nil {
			return err
		}
		if !v.sees(sc, c.CommunityList()...) {
			return store.ErrNotFound
		}
		acts, err = journal.History(tx, v.district, CampaignTable.Kind, id)
		return err
	})
	return c, acts, err
}

// Filter narrows a list of doors; empty fields do not.
type Filter struct {
	Building string
	Figure   string // one of FigureNames
	After    string // id; the list goes on behind it
	Limit    int    // 0 = 100
}

// Doors lists the doors of a campaign that the scope reaches, by id.
func (v *Visits) Doors(ctx context.Context, sc access.Scope, c *Campaign, f Filter) (out []*Visit, err error) {
	if f.Limit <= 0 || f.Limit > 1000 {
		f.Limit = 100
	}
	today, after := v.today(), f.After
	outcome := ""
	if slices.Contains([]string{Met, NotHome, Declined, Vacant}, f.Figure) {
		outcome = f.Figure // the figure is the outcome: its index leads there
	}
	err = v.db.Read(ctx, func(tx *store.Tx) error {
		for len(out) < f.Limit {
			list, err := v.doors(tx, c.ID, f.Building, outcome, after)
			if err != nil || len(list) == 0 {
				return err
			}
			for _, x := range list {
				if v.sees(sc, x.Community) && (f.Figure == "" || slices.Contains(x.Counts(today), f.Figure)) {
					out = append(out, x)
				}
			}
			after = list[len(list)-1].ID
		}
		return nil
	})
	return out[:min(len(out), f.Limit)], err
}

func (v *Visits) doors(tx *store.Tx, campaign, building, outcome, after string) ([]*Visit, error) {
	switch {
	case building != "":
		return store.All(tx, scanVisit, `SELECT `+visitColumns+` FROM visits WHERE district = $1 AND campaign = $2 AND building = $3 AND id > $4 ORDER BY id LIMIT 500`, v.district, campaign, building, after)
	case outcome != "":
		return store.All(tx, scanVisit, `SELECT `+visitColumns+` FROM visits WHERE district = $1 AND campaign = $2 AND outcome = $3 AND id > $4 ORDER BY id LIMIT 500`, v.district, campaign, outcome, after)
	}
	return store.All(tx, scanVisit, `SELECT `+visitColumns+` FROM visits WHERE district = $1 AND campaign = $2 AND id > $3 ORDER BY id LIMIT 500`, v.district, campaign, after)
}

// OpenDoors lists doors of a community that wait: to be tried, to come again by a day, to be gone after. The soonest
// come first; those without a day last.
func (v *Visits) OpenDoors(ctx context.Context, sc access.Scope, community string, limit int) (out []*Visit, err error) {
	if !v.sees(sc, community) {
		return nil, nil
	}
	err = v.db.Read(ctx, func(tx *store.Tx) error {
		for _, cond := range []string{`revisit <> ''`, `revisit = ''`} {
			list, err := store.All(tx, scanVisit, `SELECT `+visitColumns+` FROM visits WHERE district = $1 AND community = $2 AND state <> 'closed' AND `+cond+` ORDER BY revisit, id LIMIT $3`,
				v.district, community, limit-len(out))
			if err != nil {
				return err
			}
			if out = append(out, list...); len(out) >= limit {
				return nil
			}
		}
		return nil
	})
	return out, err
}

// Doorstep lists the doors that wait in the building whose chief the scope is, in campaigns in which such chiefs go, in
// the order of OpenDoors.
func (v *Visits) Doorstep(ctx context.Context, sc access.Scope, limit int) (out []*Visit, err error) {
	if !sc.Can(access.Chief) || v.o.Seat == nil {
		return nil, nil
	}
	err = v.db.Read(ctx, func(tx *store.Tx) error {
		id, _, err := v.o.Seat(tx, sc.Account())
		if err != nil || id == "" {
			return err
		}
		b, ok := v.o.Building(id)
		if !ok {
			return nil
		}
		list, err := store.All(tx, scanVisit, `SELECT `+visitColumns+` FROM visits WHERE district = $1 AND community = $2 AND state <> 'closed' AND building = $3
			ORDER BY CASE WHEN revisit = '' THEN 1 ELSE 0 END, revisit, id LIMIT $4`, v.district, b.Community, id, int64(limit))
		if err != nil {
			return err
		}
		for _, x := range list {
			who, err := v.toward(tx, sc, x)
			if err != nil {
				return err
			}
			if slices.Contains(who.Relations, Chief) {
				out = append(out, x)
			}
		}
		return nil
	})
	return out, err
}

// Visit finds a visit with its acts, the oldest first, and how far its cases have come.
func (v *Visits) Visit(ctx context.Context, sc access.Scope, id string) (x *Visit, acts []journal.Act, cases map[string]Outcome, err error) {
	err = v.db.Read(ctx, func(tx *store.Tx) error {
		if x, _, err = v.reach(tx, sc, id); err != nil {
			return err
		}
		if acts, err = journal.History(tx, v.district, VisitTable.Kind, id); err != nil {
			return err
		}
		cases, err = v.o.Outcomes(tx, x.CaseList())
		return err
	})
	return x, acts, cases, err
}

const personColumns = `id, state, community, grid, categories, person, consent, consent_on, reviewed, due, gone, made_up, created, changed, version, last_seq`

func scanPerson(r store.Scanner) (*Person, error) {
	p := &Person{}
	return p, r.Scan(&p.ID, &p.State, &p.Community, &p.Grid, &p.Categories, &p.Person, &p.Consent, &p.ConsentOn, &p.Reviewed, &p.Due, &p.Gone, &p.MadeUp, &p.Created, &p.Changed, &p.Version, &p.lastSeq)
}

func (v *Visits) savePerson(tx *store.Tx, p *Person) error {
	return tx.Exec(`INSERT INTO people_in_need (district, `+personColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
		ON CONFLICT (district, id) DO UPDATE SET state = excluded.state, grid = excluded.grid, categories = excluded.categories, consent = excluded.consent, consent_on = excluded.consent_on,
			reviewed = excluded.reviewed, due = excluded.due, gone = excluded.gone, changed = excluded.changed, version = excluded.version, last_seq = excluded.last_seq`,
		v.district, p.ID, p.State, p.Community, p.Grid, p.Categories, p.Person, p.Consent, p.ConsentOn, p.Reviewed, p.Due, p.Gone, p.MadeUp, p.Created, p.Changed, p.Version, p.lastSeq)
}

func (v *Visits) person(tx *store.Tx, id string) (*Person, error) {
	return one(store.All(tx, scanPerson, `SELECT `+personColumns+` FROM people_in_need WHERE district = $1 AND id = $2`, v.district, id))
}

// people are those of a community who are in the register, the next review first.
func (v *Visits) people(tx *store.Tx, community string, limit int) ([]*Person, error) {
	return store.All(tx, scanPerson, `SELECT `+personColumns+` FROM people_in_need WHERE district = $1 AND community = $2 AND state = 'registered' ORDER BY due, id LIMIT $3`, v.district, community, limit)
}
