package windows

import (
	"net/http"

	"weixiao/internal/enterprise/windows"
	"weixiao/internal/pack"
	"weixiao/internal/record"
	"weixiao/internal/store"
	"weixiao/internal/web/ui"
)

type boardLine struct {
	Window, Unit, Points, Ratings, Served string
	Stars                                 int64
	Why                                   string // instead of stars
}

type boardView struct {
	Quarter  string
	Frozen   bool
	Halls    []pack.Hall
	Lines    []boardLine
	Right    []string // what was put right
	Stuck    []ui.Fact
	Quarters []ui.Nav
}

// rightShown is how many lines of what was put right stand on the board.
const rightShown = 20

// board shows everybody the stars of a quarter: the last frozen one, or the one that is asked for if it is frozen.
func (p *pages) board(w http.ResponseWriter, r *http.Request) error {
	f := p.page(r, "windows.board.title")
	f.Wide = true
	v := &boardView{Halls: p.w.Rules().Halls}
	err := p.DB.Read(r.Context(), func(tx *store.Tx) error {
		var last *windows.Quarter
		if err := p.w.Quarters.Each(tx, record.Filter{State: "frozen"}, func(q *windows.Quarter) error {
			if last == nil && (r.URL.Query().Get("quarter") == "" || r.URL.Query().Get("quarter") == q.Quarter) {
				last = q
			}
			v.Quarters = append(v.Quarters, ui.Nav{Label: q.Quarter, Href: "/windows?quarter=" + q.Quarter})
			return nil
		}); err != nil {
			return err
		}
		if last != nil {
			v.Quarter, v.Frozen = last.Quarter, true
			for _, x := range last.Results {
				v.Lines = append(v.Lines, p.boardLine(f, x))
			}
			for i := range v.Quarters {
				v.Quarters[i].On = v.Quarters[i].Label == last.Quarter
			}
		}
		list, _, err := p.w.Bad.ListIn(tx, p.reader(), record.Filter{State: "closed", Limit: rightShown})
		if err != nil {
			return err
		}
		for _, b := range list {
			if b.Published != "" {
				v.Right = append(v.Right, f.T("windows.board.right", p.windowName(f.Lang, b.Window), b.Published))
			}
		}
		states, results, err := p.w.StuckCounts(tx)
		if err != nil {
			return err
		}
		n := int64(0)
		for _, s := range states {
			n += s.N
		}
		v.Stuck = append(v.Stuck, ui.Fact{Label: f.T("windows.stuck.all"), Value: itoa(n)})
		for _, s := range results {
			v.Stuck = append(v.Stuck, ui.Fact{Label: f.T("form.window_answer.result." + s.Key), Value: itoa(s.N)})
		}
		return nil
	})
	if err != nil {
		return err
	}
	return p.show(w, r, http.StatusOK, f, nil, boardPage(f, v))
}

func (p *pages) boardLine(f ui.Page, x windows.Result) boardLine {
	l := boardLine{Window: p.windowName(f.Lang, x.Window), Points: points(x.Total), Ratings: itoa(x.Sums.Ratings()), Served: itoa(x.Sums.Served), Stars: x.Stars}
	if win, ok := p.w.Rules().Window(x.Window); ok {
		l.Unit = p.UnitName(f.Lang, win.Unit)
	}
	l.Why = why(f, x)
	return l
}

// why a window has no stars.
func why(f ui.Page, x windows.Result) string {
	switch {
	case x.Stars > 0:
		return ""
	case x.Marks.Vetoes > 0:
		return f.T("windows.stars.vetoed")
	case x.Few:
		return f.T("windows.stars.few")
	}
	return f.T("windows.stars.none")
}

// points shows hundredths of a point.
func points(n int64) string {
	s := itoa(n % 100)
	if len(s) < 2 {
		s = "0" + s
	}
	return itoa(n/100) + "." + s
}

type screenView struct {
	Hall, Path string
	Called     []called
	Waiting    string
}

type called struct{ Number, Window string }

// screen shows the numbers that are called, the newest first.
func (p *pages) screen(w http.ResponseWriter, r *http.Request) error {
	hall := r.PathValue("hall")
	if _, ok := p.w.Rules().Hall(hall); !ok {
		return store.ErrNotFound
	}
	f := p.page(r, "windows.screen.title")
	f.Wide, f.Scripts = true, []string{"htmx"}
	list, waiting, err := p.w.CalledNow(r.Context(), hall)
	if err != nil {
		return err
	}
	v := &screenView{Hall: p.hallName(f.Lang, hall), Path: "/windows/halls/" + hall + "/screen", Waiting: f.T("windows.screen.waiting", waiting)}
	for _, x := range list {
		v.Called = append(v.Called, called{p.number(x), p.windowName(f.Lang, x.Window)})
	}
	return p.show(w, r, http.StatusOK, f, nil, screenPage(f, v))
}
