package field

import (
	"log/slog"
	"testing"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/rounds"
	"weixiao/internal/store"
)

// TestTurns: a grid worker's own turn is on the phone, offers nothing to tick, and takes no more than "other duties", once.
func TestTurns(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		const unit = "220605001001"
		w := e.hire(unit, "王网格", access.Grid)
		e.site.Rounds = rounds.New(e.DB, rounds.Options{District: e.Pack.District, Pack: e.Pack.Version, Directory: e.Pack.Directory, Clock: e.Clock, Routines: e.Pack.Routines, Board: e.Posts.Board,
			Working: func(time.Time) bool { return true },
			Holders: func(*store.Tx) (map[string]string, error) {
				return map[string]string{e.Pack.Directory.Grids(unit)[0].Post: w.id}, nil
			}})
		if _, err := e.site.Rounds.NewPlanner(slog.New(slog.DiscardHandler)).Tick(t.Context()); err != nil {
			t.Fatal(err)
		}
		turn := func() (out []Task) {
			for _, x := range w.today().Tasks {
				if x.Kind == rounds.KindTurn {
					out = append(out, x)
				}
			}
			return out
		}
		list := turn()
		if len(list) != 1 || list[0].At == nil || len(list[0].Facts) != 5 || len(list[0].Do) != 1 || list[0].Do[0] != "turn.excuse" || list[0].Chip != "" {
			t.Fatalf("%+v", list)
		}
		in := w.item(rounds.KindTurn, list[0].Subject, "excuse", map[string][]string{"reason": {"抽调清雪"}})
		if a := w.taken(in); a.Outcome != OutcomeDone || a.Again {
			t.Errorf("%+v", a)
		}
		if a := w.taken(in); !a.Again {
			t.Errorf("%+v", a)
		}
		if list = turn(); len(list) != 1 || list[0].State != "当天另有安排" || list[0].Do[0] != "turn.resume" {
			t.Errorf("%+v", list)
		}
		e.verified()
	})
}
