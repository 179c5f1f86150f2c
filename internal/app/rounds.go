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
		Matter: func(key string) bool { m, ok := a.Pack.Catalogue.Matter(key); return ok && !m.Deleted },
		Post: func(account string, at int64) string {
			if t := a.Posts.Board().TermOf(account, at); t != nil {
				return t.Post
			}
			return ""
		},
		Report: reportFinding(a.Cases),
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
			got, err := c.TakeIn(tx, sc, p, at)
			return got.Number, err
		}, nil
	}
}
