package campaigns

import (
	"net/http"
	"time"

	"weixiao/internal/projects/campaigns"
	"weixiao/internal/web/staff"
	"weixiao/internal/words"
)

type weekRow struct{ Monday, Amount, Reporter, Checker string }

type sheetRow struct {
	Href, TasksHref               string
	Unit, Indicator               string
	Goal, Week, Total, Share      string
	Light, LightWords, Note, Late string
	Tasks                         string
}

type sheetView struct {
	ID, Name, Monday     string
	Before, After, Sheet string
	Title, Gone          string
	Rows                 []sheetRow
	raw                  *campaigns.Sheet
}

// sheetView is the battle sheet of the week of a day; "" is the present one, or the last of a campaign that is over.
func (p *Pages) sheetView(f *staff.Frame, id, day string) (*sheetView, error) {
	if day == "" {
		day = f.Now.In(words.Zone()).Format("2006-01-02")
		k, _, err := p.bounds(f, id)
		if err != nil {
			return nil, err
		}
		day = max(min(day, k.Until), k.From)
	}
	s, err := p.c.Sheet(f.R.Context(), f.Scope, id, day)
	if err != nil {
		return nil, err
	}
	v := &sheetView{ID: id, Name: s.Name, Monday: s.Monday, raw: s, Title: f.T("campaigns.sheet.of", f.Day(s.Monday), f.Day(s.Last)), Gone: f.T("campaigns.gone", words.Percent(float64(s.Gone)/1000, 0))}
	base := path + "/r/" + id + "/sheet"
	v.Sheet = base + ".xlsx?week=" + s.Monday
	if prev := shift(s.Monday, -7); prev >= campaigns.MondayOf(s.From) {
		v.Before = base + "?week=" + prev
	}
	if next := shift(s.Monday, 7); next <= s.Until {
		v.After = base + "?week=" + next
	}
	for _, r := range s.Rows {
		x := sheetRow{Href: path + "/targets/r/" + r.ID, TasksHref: path + "/tasks?campaign=" + id + "&unit=" + r.Unit, Unit: f.Unit(r.Unit), Indicator: p.indicator(f, r.Indicator), Goal: amount(r.Goal), Week: amount(r.Week), Total: amount(r.Total),
			Share: words.Rate(r.Total, r.Goal, 0), Light: r.Light, LightWords: f.T("campaigns.light." + r.Light), Tasks: words.Count(f.Lang, r.Tasks)}
		switch {
		case r.Open:
			x.Note = f.T("campaigns.week.open")
		case r.Missing:
			x.Note = f.T("campaigns.week.missing")
		}
		if r.Late > 0 {
			x.Late = f.T("campaigns.late", r.Late)
		}
		v.Rows = append(v.Rows, x)
	}
	return v, nil
}

func (p *Pages) bounds(f *staff.Frame, id string) (*campaigns.Campaign, int64, error) {
	v, err := p.c.Campaign.View(f.R.Context(), f.Scope, id)
	if err != nil {
		return nil, 0, err
	}
	return v.X, v.Head.Version, nil
}

func shift(day string, n int) string {
	t, err := time.ParseInLocation("2006-01-02", day, words.Zone())
	if err != nil {
		return day
	}
	return t.AddDate(0, 0, n).Format("2006-01-02")
}

func (p *Pages) sheetPage(w http.ResponseWriter, r *http.Request) error {
	f := p.frame(r, "campaigns.sheet")
	v, err := p.sheetView(f, r.PathValue("id"), r.URL.Query().Get("week"))
	if err != nil {
		return err
	}
	f.Title = v.Name
	return f.Render(w, http.StatusOK, sheetPage(f, v))
}

// sheetFile is the battle sheet for the wall of a meeting room.
func (p *Pages) sheetFile(w http.ResponseWriter, r *http.Request) error {
	f := p.frame(r, "campaigns.sheet")
	v, err := p.sheetView(f, r.PathValue("id"), r.URL.Query().Get("week"))
	if err != nil {
		return err
	}
	rows := [][]any{{v.Name, v.Title, v.Gone}, {f.T("campaigns.who"), f.T("campaigns.indicator"), f.T("campaigns.goal"), f.T("campaigns.week"), f.T("campaigns.total"), f.T("campaigns.share"), f.T("campaigns.light"), f.T("campaigns.tasks.open"), f.T("campaigns.tasks.late")}}
	for i, x := range v.raw.Rows {
		rows = append(rows, []any{v.Rows[i].Unit, v.Rows[i].Indicator, float64(x.Goal) / 100, float64(x.Week) / 100, float64(x.Total) / 100, v.Rows[i].Share, v.Rows[i].LightWords, x.Tasks, x.Late})
	}
	return staff.SendSheet(w, f.T("campaigns.sheet"), "sheet-"+v.Monday, rows)
}
