package field

import (
	"log/slog"
	"testing"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/cases/casestest"
	"weixiao/internal/form"
	"weixiao/internal/rounds"
	"weixiao/internal/rounds/formalism"
	"weixiao/internal/store"
	"weixiao/internal/web/uitest"
	"weixiao/internal/words"
)

const gridUnit = "220605001001"

// allow is an exception by which grid workers of a street may say to be there on their daily turn.
func (e *env) allow() {
	e.t.Helper()
	lead, boss := e.Scope(casestest.Street, access.StreetLead), e.Scope("", access.Leader)
	x, err := e.site.Guard.Ask(e.t.Context(), lead, form.Raw{"rule": {"check_in"}, "subject": {"routine.daily_five"}, "unit": {casestest.Street}, "scene": {"emergency"},
		"until": {e.Clock().AddDate(0, 0, 2).Format(time.DateOnly)}, "reason": {"洪水预警期间要知道谁在堤上"}}, store.Key{})
	if err == nil {
		err = e.site.Guard.Act(e.t.Context(), boss, x.ID, "approve", formalism.Act{Raw: form.Raw{}, Version: x.Version})
	}
	if err != nil {
		e.t.Fatal(err)
	}
}

// daily lets a grid worker have today's turns.
func (e *env) daily(w *worker) {
	e.t.Helper()
	o := e.outside
	o.Routines, o.Board, o.CheckIn = e.Pack.Routines, e.Posts.Board, e.site.Guard.CheckIn
	o.Working = func(time.Time) bool { return true }
	o.Holders = func(*store.Tx) (map[string]string, error) {
		return map[string]string{e.Pack.Directory.Grids(gridUnit)[0].Post: w.id}, nil
	}
	e.site.Rounds = rounds.New(e.DB, o)
	if _, err := e.site.Rounds.NewPlanner(slog.New(slog.DiscardHandler)).Tick(e.t.Context()); err != nil {
		e.t.Fatal(err)
	}
}

// TestPresentByException: the phone has no such action but while an exception is in force, and then says why and how long.
func TestPresentByException(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		w := e.hire(gridUnit, "王网格", access.Grid)
		e.daily(w)
		turn := func(d day) (out Task) {
			for _, x := range d.Tasks {
				if x.Kind == rounds.KindTurn {
					out = x
				}
			}
			return out
		}
		d := w.today()
		id := turn(d).Subject
		if d.Actions["turn.present"] != nil || contains(turn(d).Do, "turn.present") || len(d.Excepted) != 0 {
			t.Errorf("without an exception: %v %v", turn(d).Do, d.Excepted)
		}
		if a := w.send(w.item(rounds.KindTurn, id, "present", nil)); a.Code < 400 {
			t.Errorf("taken without an exception: %d", a.Code)
		}
		e.allow()
		d = w.today()
		if a := d.Actions["turn.present"]; a == nil || len(a.Fields) != 0 || a.Photos != 0 || !contains(turn(d).Do, "turn.present") {
			t.Errorf("by exception: %+v", d.Actions["turn.present"])
		}
		if len(d.Excepted) != 1 || d.Excepted[0].Reason != "洪水预警期间要知道谁在堤上" || d.Excepted[0].Ends <= d.At {
			t.Errorf("%+v", d.Excepted)
		}
		if a := w.taken(w.item(rounds.KindTurn, id, "present", nil)); a.Outcome != OutcomeDone {
			t.Errorf("%+v", a)
		}
		if d = w.today(); d.Actions["turn.present"] != nil {
			t.Error("still offered after it was said")
		}
		e.verified()
	})
}

// TestComplaintsInWords: the supervision office's list has every complaint with what became of it; nobody else reads it.
func TestComplaintsInWords(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		w := e.hire(gridUnit, "王网格", access.Grid)
		w.taken(w.item(RemarkTable.Kind, "", "write", map[string][]string{"about": {"twice"}, "words": {"同一件事要填两遍"}}))
		office := e.Scope("", access.Supervisor)
		list, err := e.field.Remarks(t.Context(), office, words.ZH, 10)
		if err != nil || len(list) != 1 || list[0].State != words.T(words.ZH, "state.remark.open") || list[0].Who == "" {
			t.Fatalf("%+v %v", list, err)
		}
		id := list[0].Href[len("/desk/app-remarks/"):]
		if err := (remarks{e.site}).answerRemark(t.Context(), office, id, form.Raw{"reply": {"已经改了"}}, e.Clock()); err != nil {
			t.Fatal(err)
		}
		if list, err = e.field.Remarks(t.Context(), office, words.EN, 10); err != nil || list[0].State != words.T(words.EN, "state.remark.answered") {
			t.Errorf("%+v %v", list, err)
		}
		if _, err := e.field.Remarks(t.Context(), w.scope(), words.ZH, 10); err == nil {
			t.Error("a grid worker reads what others complain about")
		}
	})
}

func TestExceptionOnThePhone(t *testing.T) {
	live := serve(t)
	w := live.hire(gridUnit, "王网格", access.Grid)
	live.daily(w)
	live.allow()
	tab := uitest.New(t, uitest.Phone)
	live.enter(tab, w)
	tab.Open(live.url + "/field#/never")
	tab.Wait(`document.querySelector("#excepted li")`)
	if text := uitest.Get[string](tab, `document.querySelector("#excepted").textContent`); text == "" {
		t.Error("nothing is said")
	}
	look(tab, "never-excepted")
}
