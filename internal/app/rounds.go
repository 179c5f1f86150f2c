package app

import (
	"time"

	"weixiao/internal/access"
	"weixiao/internal/cases"
	"weixiao/internal/rounds"
	"weixiao/internal/store"
)

// openRounds wires the rounds with what they need of cases, posts and maps.
func (a *App) openRounds() *rounds.Rounds {
	return rounds.New(a.DB, rounds.Options{
		District: a.Pack.District, Pack: a.Pack.Version, Directory: a.Pack.Directory, Locate: a.Layers.Locate, Clock: a.Clock,
		Matter:    func(key string) bool { m, ok := a.Pack.Catalogue.Matter(key); return ok && !m.Deleted },
		Gazetteer: a.Pack.Gazetteer, Routines: a.Pack.Routines, Board: a.Posts.Board, Holders: a.holders,
		Working: func(day time.Time) bool { return a.Cases.District().Calendar.Now().Main().DayOf(day).Working },
		Report:  reportFinding(a.Cases),
		CheckIn: a.Guard.CheckIn,
	})
}

// reportFinding makes a finding a report: of the grid, or of somebody else who went out.
func reportFinding(c *cases.Cases) func(rounds.ReportOf) (rounds.TakeIn, error) {
	return func(f rounds.ReportOf) (rounds.TakeIn, error) {
		rep := cases.Report{Channel: "patrol", Body: f.Words, Matter: f.Matter, Photos: f.Photos, Attach: f.Attach, At: f.At,
			Place: cases.Place{Text: f.Place.Text, Lon: f.Place.Lon, Lat: f.Place.Lat, Located: f.Place.Located, Street: f.Place.Street, Community: f.Place.Community, Grid: f.Place.Grid}}
		if f.Grid {
			rep.Channel = "grid"
		}
		if f.Unit != "" {
			rep.Units = map[string]string{f.Unit: cases.Former}
		}
		p, err := c.Prepare(rep)
		if err != nil {
			return nil, err
		}
		return func(tx *store.Tx, sc access.Scope, at time.Time) (string, error) {
			if !c.MayReport(sc) { // the finding's own act says who it was
				sc = access.SystemScope(sc.District(), "found outside by somebody who cannot report cases")
			}
			got, err := c.TakeIn(tx, sc, p, at)
			return got.Number, err
		}, nil
	}
}

// holders are the accounts of posts, by post: who works for it without a term on it.
func (a *App) holders(tx *store.Tx) (map[string]string, error) {
	out := map[string]string{}
	sc := access.SystemScope(a.Pack.District, "whose turn it is")
	for after := ""; ; {
		page, next, err := a.Gate.List(tx, sc, access.Filter{After: after, Limit: 200})
		if err != nil {
			return nil, err
		}
		for _, x := range page {
			if x.Post != "" && x.Active && out[x.Post] == "" {
				out[x.Post] = x.ID
			}
		}
		if after = next; next == "" {
			return out, nil
		}
	}
}
