package windows

import (
	"errors"
	"net/http"
	"time"

	"weixiao/internal/enterprise/windows"
	"weixiao/internal/store"
	"weixiao/internal/web/staff"
	"weixiao/internal/web/ui"
	"weixiao/internal/words"
)

type starLine struct {
	Name, Href string
	Stars      int64
	Why, Total string
	N          string
	Parts      []starPart
}

type starPart struct{ Text, Href string }

type starsView struct {
	Quarters []ui.Nav
	Note     string
	Lines    []starLine
	Buttons  []ui.Button
}

// stars are points and stars of a quarter: as they were frozen, or as they stand now.
func (p *pages) stars(w http.ResponseWriter, r *http.Request) error {
	f := p.frames(r, "windows.stars.title")
	now := windows.QuarterOf(f.Now)
	quarter := r.URL.Query().Get("quarter")
	if _, _, ok := windows.Bounds(quarter); !ok {
		quarter = now
	}
	v := &starsView{Note: f.T("windows.stars.running", quarter)}
	var list []windows.Result
	err := p.DB.Read(r.Context(), func(tx *store.Tx) error {
		q, err := p.w.Frozen(tx, quarter)
		if err == nil {
			list, v.Note = q.Results, f.T("windows.stars.frozen", quarter)
			return nil
		}
		if !errors.Is(err, store.ErrNotFound) {
			return err
		}
		list, err = p.w.ResultsIn(tx, quarter)
		return err
	})
	if err != nil {
		return err
	}
	v.Lines = p.starLines(f, quarter, list)
	for from, _, _ := windows.Bounds(now); len(v.Quarters) < 5; from = from.AddDate(0, -3, 0) {
		q := windows.QuarterOf(from)
		v.Quarters = append(v.Quarters, ui.Nav{Label: q, Href: starsPath + "?quarter=" + q, On: q == quarter})
	}
	v.Buttons = []ui.Button{{Label: f.T("windows.marks.title"), Href: marksPath}, {Label: f.T("windows.quarters.title"), Href: yearsPath}}
	return f.Render(w, http.StatusOK, starsPage(f, v))
}

// starLines are the lines of a table of results: every number leads to its records.
func (p *pages) starLines(f *staff.Frame, quarter string, list []windows.Result) (out []starLine) {
	for _, x := range list {
		href := func(part string) string {
			return staff.WithQuery(staff.WithQuery(starsPath+"/"+x.Window, "quarter", quarter), "part", part)
		}
		marks := staff.WithQuery(staff.WithQuery(marksPath, "quarter", quarter), "of", x.Window)
		out = append(out, starLine{Name: p.windowName(f.Lang, x.Window), Stars: x.Stars, Why: why(f.Page, x), Total: points(x.Total), N: itoa(x.Sums.Ratings()), Href: href(windows.PartRated),
			Parts: []starPart{{points(x.Parts.Ratings), href(windows.PartRated)}, {points(x.Parts.OnTime), href(windows.PartLateEnd)}, {points(x.Parts.Returns), href(windows.PartReturns)},
				{points(x.Parts.Wait), href(windows.PartLateCall)}, {points(x.Parts.Site), marks}, {points(x.Parts.Innovation), marks}}})
	}
	return out
}

type behindView struct {
	Title, Back, Next string
	Tabs              []ui.Nav
	Heads             []string
	Rows              [][]string
}

// behind lists the visits behind a part of a window's quarter. Ratings stand without their numbers: nobody can lay them
// beside who came.
func (p *pages) behind(w http.ResponseWriter, r *http.Request) error {
	f := p.frames(r, "windows.stars.title")
	q := r.URL.Query()
	id, quarter, part := r.PathValue("window"), q.Get("quarter"), q.Get("part")
	if part == "" {
		part = windows.PartRated
	}
	list, next, err := p.w.Behind(r.Context(), f.Scope, id, quarter, part, staff.Number(q.Get("before")), 50)
	if err != nil {
		return err
	}
	v := &behindView{Title: f.T("windows.behind.title", p.windowName(f.Lang, id), quarter), Back: staff.WithQuery(starsPath, "quarter", quarter)}
	f.Title = v.Title
	at := starsPath + "/" + id
	for _, x := range windows.VisitParts() {
		v.Tabs = append(v.Tabs, ui.Nav{Label: f.T("windows.part." + x), Href: staff.WithQuery(staff.WithQuery(at, "quarter", quarter), "part", x), On: x == part})
	}
	if next != 0 {
		v.Next = staff.WithQuery(f.R.URL.RequestURI(), "before", itoa(next))
	}
	exact := func(µs int64) string {
		if µs == 0 {
			return "—"
		}
		return words.Exact(f.Lang, time.UnixMicro(µs))
	}
	if part == windows.PartRated {
		v.Heads = []string{f.T("windows.day"), f.T("form.window_take.item"), f.T("form.window_rate.level"), f.T("form.window_rate.labels")}
		for _, x := range list {
			v.Rows = append(v.Rows, []string{f.Day(time.UnixMicro(x.Counted).In(words.Zone()).Format(time.DateOnly)), p.itemName(f.Lang, x.Item), f.T("form.window_rate.level." + itoa(x.Level)), p.labelNames(f.Page, x.LabelList())})
		}
		return f.Render(w, http.StatusOK, behindPage(f, v))
	}
	v.Heads = []string{f.T("windows.number"), f.T("form.window_take.item"), f.T("windows.taken"), f.T("windows.called"), f.T("windows.done"), f.T("form.window_finish.outcome")}
	for _, x := range list {
		outcome := f.T("state.window_visit." + x.State)
		if x.Outcome != "" {
			outcome = f.T("form.window_finish.outcome." + x.Outcome)
		}
		v.Rows = append(v.Rows, []string{p.number(x), p.itemName(f.Lang, x.Item), exact(x.Taken), exact(x.Called), exact(x.Done), outcome})
	}
	return f.Render(w, http.StatusOK, behindPage(f, v))
}
