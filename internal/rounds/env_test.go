package rounds_test

import (
	"log/slog"
	"testing"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/cases"
	"weixiao/internal/cases/casestest"
	"weixiao/internal/directory"
	"weixiao/internal/journal"
	"weixiao/internal/rounds"
	"weixiao/internal/store"
	"weixiao/internal/store/storetest"

	"github.com/paulmach/orb"
)

func TestMain(m *testing.M) { storetest.Main(m) }

type env struct {
	*casestest.Env
	r *rounds.Rounds
}

func each(t *testing.T, fn func(t *testing.T, e env)) {
	storetest.Each(t, append(casestest.Schemas(), rounds.Schema), func(t *testing.T, db *store.DB) { fn(t, newEnv(t, db)) })
}

func newEnv(t testing.TB, db *store.DB) env {
	e := casestest.New(t, db)
	return env{e, rounds.New(db, options(e))}
}

func options(e *casestest.Env) rounds.Options {
	return rounds.Options{District: e.Pack.District, Pack: e.Pack.Version, Directory: e.Pack.Directory, Clock: e.Clock,
		Locate:    func(lon, lat float64) (directory.Place, bool) { return e.Pack.Locate(orb.Point{lon, lat}) },
		Gazetteer: e.Pack.Gazetteer, Routines: e.Pack.Routines, Board: e.Posts.Board,
		Working: func(day time.Time) bool { return e.Cases.District().Calendar.Now().Main().DayOf(day).Working },
		Holders: func(*store.Tx) (map[string]string, error) {
			return map[string]string{community + ".grid-001": e.Scope(community, access.Grid).Account()}, nil
		},
		Matter: func(key string) bool { _, ok := e.Pack.Catalogue.Matter(key); return ok },
		Report: func(f rounds.ReportOf) (rounds.TakeIn, error) {
			p, err := e.Cases.Prepare(cases.Report{Channel: "patrol", Body: f.Words, Matter: f.Matter, Photos: f.Photos, Attach: f.Attach, At: f.At,
				Units: map[string]string{f.Unit: cases.Former}, Place: cases.Place{Text: f.Place.Text, Lon: f.Place.Lon, Lat: f.Place.Lat, Located: f.Place.Located}})
			return func(tx *store.Tx, sc access.Scope, at time.Time) (string, error) {
				got, err := e.Cases.TakeIn(tx, sc, p, at)
				return got.Number, err
			}, err
		}}
}

// here lies in 江南社区 of 孙家堡子街道.
var here = rounds.Place{Lon: 126.581650, Lat: 42.048134, Located: true, Text: "江南社区 3 号楼前"}

const community = "220605001001"

// verified fails the test unless every row follows from the acts.
func (e env) verified(t *testing.T) {
	t.Helper()
	c := e.r.NewChecker()
	if _, err := journal.Verify(t.Context(), e.DB, e.Pack.District, c.Fold); err != nil {
		t.Fatal(err)
	}
	if _, _, err := c.Finish(t.Context()); err != nil {
		t.Error(err)
	}
}

func (e env) count(t *testing.T, sql string, args ...any) (n int64) {
	t.Helper()
	if err := e.DB.Read(t.Context(), func(tx *store.Tx) error { return tx.Row(sql, args, &n) }); err != nil {
		t.Fatal(err)
	}
	return n
}

// follow lets the follower handle what is there.
func (e env) follow(t *testing.T) {
	t.Helper()
	if err := journal.NewRunner(e.DB, e.Pack.District, slog.New(slog.DiscardHandler), e.r.Follower()).CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// checkIn checks the rows as a transaction sees them.
func (e env) checkIn(t *testing.T, tx *store.Tx) error {
	t.Helper()
	c := e.r.NewChecker()
	if _, err := journal.Verify(t.Context(), e.DB, e.Pack.District, c.Fold); err != nil {
		t.Fatal(err)
	}
	return c.FinishIn(tx)
}
