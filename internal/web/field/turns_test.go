package field

import (
	"log/slog"
	"strconv"
	"testing"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/journal"
	"weixiao/internal/rounds"
	"weixiao/internal/store"
	"weixiao/internal/web/uitest"
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
			}, CheckIn: e.site.Guard.CheckIn})
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

// TestFoundOnARound: what is reported from a round without a signal names it, arrives two days later, is listed by it and
// fills it; another person's round is refused.
func TestFoundOnARound(t *testing.T) {
	s := serve(t)
	w := s.hire(gridUnit, "王网格", access.Grid)
	s.daily(w)
	var turn Task
	for _, x := range w.ofKind(rounds.KindTurn) {
		turn = x
	}
	if turn.Finds == "" || turn.Finds != turn.Subject {
		t.Fatalf("%+v", turn)
	}
	tab := uitest.New(t, uitest.Phone)
	s.enter(tab, w)
	tab.WaitText(".tasks", "五个一")
	tab.Offline(true)
	s.open(tab)
	tab.Eval(`location.hash = "#/t/turn/` + turn.Subject + `"`)
	tab.Wait(`document.querySelector("#turn-camera")`)
	look(tab, "turn")
	tab.Files("#turn-camera", shot(t, "cover", 600, 400))
	tab.Wait(`location.hash.startsWith("#/find/") && document.querySelectorAll(".pics .pic").length === 1`)
	tab.WaitText("p.lead", "五个一")
	tab.Fill("#f-words", "井盖松动")
	tap(tab, "#send-up")
	waits(tab, 1)
	tab.Eval(`location.hash = "#/find//` + turn.Subject + `"`)
	tab.Wait(`document.querySelector("#f-words")`)
	tab.Fill("#f-words", "楼道堆物")
	tap(tab, "#settle")
	tab.Wait(`document.querySelector("#f-fix")`)
	tab.Fill("#f-fix", "已搬走")
	tap(tab, "#settle")
	waits(tab, 2)
	tab.Eval(`location.hash = "#/t/turn/` + turn.Subject + `"`)
	tab.WaitText("#finds", "井盖松动")
	look(tab, "turn-waiting")
	s.Pass(48 * 60 * 60e9) // on the phone too
	if n := uitest.Get[float64](tab, `(async () => { const db = await new Promise((done) => { const r = indexedDB.open("weixiao-field"); r.onsuccess = () => done(r.result); });
		const tx = db.transaction(["queue", "meta"], "readwrite"); const q = tx.objectStore("queue"); const all = q.getAll();
		tx.objectStore("meta").put(Date.now() - `+strconv.FormatInt(s.Clock().UnixMilli(), 10)+`, "skew");
		all.onsuccess = () => { for (const w of all.result) { w.seen -= 48 * 3600000; q.put(w); } };
		await new Promise((done) => { tx.oncomplete = done; }); db.close(); return all.result.length; })()`); n != 2 {
		t.Fatalf("%g wait", n)
	}
	tab.Kill()
	tab.Offline(false)
	s.enter(tab, w) // after two days the session has ended
	waits(tab, 0)
	list, err := s.site.Rounds.List(t.Context(), w.scope(), rounds.Filter{Turn: turn.Subject})
	if err != nil || len(list) != 2 || list[0].Words != "楼道堆物" || list[1].Case == "" || list[0].Routine != "daily_five" {
		t.Fatalf("%+v %v", list, err)
	}
	if err := journal.NewRunner(s.DB, s.Pack.District, slog.New(slog.DiscardHandler), s.site.Rounds.Follower()).CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	x, fills, _, err := s.site.Rounds.Turn(t.Context(), w.scope(), turn.Subject)
	if err != nil || !x.Has(0) || len(fills) != 2 {
		t.Errorf("the round is filled by %+v: %+v %v", fills, x, err)
	}
	far := s.hire("220605002001", "外网格", access.Grid)
	if r := far.send(far.item(rounds.Table.Kind, turn.Subject, "find", map[string][]string{"words": {"别人的一轮"}})); r.Code != 422 {
		t.Errorf("on another person's round: %d %s", r.Code, r.Body)
	}
	s.verified()
}
