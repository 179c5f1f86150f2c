package express

import (
	"fmt"
	"net/http"
	"strconv"
	"time"

	"weixiao/internal/enterprise/express"
	"weixiao/internal/report"
	"weixiao/internal/web/staff"
	"weixiao/internal/web/ui"
	"weixiao/internal/words"
	"weixiao/internal/worktime"
)

// figure is a figure on a page.
type figure struct {
	Name, Label, Value, Note, Href string
}

// row is a letter as anybody who sees figures learns of it.
type row struct{ Number, Href, State, Chip, Created, Since, Due string }

func (p *pages) drawn(f *staff.Frame, list []express.Figure, path string) (out []figure) {
	for _, x := range list {
		d := figure{Name: x.Name, Label: f.T("express.figure." + x.Name), Value: strconv.Itoa(x.N), Href: staff.WithQuery(path, "figure", x.Name)}
		if x.Of > 0 {
			s := x.Share()
			d.Value, d.Note = fmt.Sprintf("%d.%d%%", s/10, s%10), f.T("express.share", x.N, x.Of)
		}
		out = append(out, d)
	}
	return out
}

func (p *pages) rows(f *staff.Frame, list []express.Outline) (out []row) {
	for _, o := range list {
		r := row{Number: o.Number, Created: words.Exact(f.Lang, o.Created), Since: words.Exact(f.Lang, o.Since)}
		r.Chip, r.State = f.State(&express.Table, o.State)
		if !o.Due.IsZero() {
			r.Due = words.Exact(f.Lang, o.Due)
		}
		if o.Readable {
			r.Href = "/desk/express/r/" + o.Number
		}
		out = append(out, r)
	}
	return out
}

// year of a request, the present one unless it names another.
func (p *pages) year(r *http.Request) int {
	if y := int(staff.Number(r.URL.Query().Get("year"))); y >= 2000 && y <= 2200 {
		return y
	}
	return p.Clock().In(worktime.Zone).Year()
}

// figures of a year; ?figure= opens one.
func (p *pages) figures(w http.ResponseWriter, f *staff.Frame) error {
	y := p.year(f.R)
	begin := time.Date(y, 1, 1, 0, 0, 0, 0, worktime.Zone)
	list, err := p.x.Figures(f.R.Context(), f.Scope, begin, begin.AddDate(1, 0, 0))
	if err != nil {
		return err
	}
	path := "/desk/express/figures?year=" + strconv.Itoa(y)
	f.Title = f.T("express.figures.of", y)
	open, label := []row(nil), ""
	for _, x := range list {
		if x.Name == f.R.URL.Query().Get("figure") {
			open, label = p.rows(f, x.Letters), f.T("express.figure."+x.Name)
		}
	}
	return f.Render(w, http.StatusOK, figuresPage(f, p.drawn(f, list, path), label, open))
}

// on is the moment whose week a request asks for.
func (p *pages) on(r *http.Request) time.Time {
	if t, err := time.ParseInLocation("2006-01-02", r.URL.Query().Get("on"), worktime.Zone); err == nil {
		return t
	}
	return p.Clock()
}

func (p *pages) week(w http.ResponseWriter, f *staff.Frame) error {
	s, err := p.x.Week(f.R.Context(), f.Scope, p.on(f.R))
	if err != nil {
		return err
	}
	f.Title = f.T("express.week.of", words.Day(f.Lang, s.Begin), words.Day(f.Lang, s.End.AddDate(0, 0, -1)))
	day := s.Begin.Format("2006-01-02")
	buttons := []ui.Button{{Label: f.T("express.week.before"), Href: "/desk/express/week?on=" + s.Begin.AddDate(0, 0, -7).Format("2006-01-02")},
		{Label: f.T("express.week.paper"), Icon: "download", Href: "/desk/express/week.docx?on=" + day}}
	return f.Render(w, http.StatusOK, weekPage(f, p.drawn(f, s.Week, "/desk/express/figures?year="+strconv.Itoa(s.Begin.Year())), f.T("express.ages", s.Ages.N, s.Ages.Median, s.Ages.Oldest), p.rows(f, s.Open), buttons))
}

// weekPaper is the sheet as a Word document: in Chinese, as papers of the district are.
func (p *pages) weekPaper(w http.ResponseWriter, f *staff.Frame) error {
	s, err := p.x.Week(f.R.Context(), f.Scope, p.on(f.R))
	if err != nil {
		return err
	}
	t := func(key string, args ...any) string { return words.T(words.ZH, key, args...) }
	table := [][]string{{t("express.sheet.figure"), t("express.sheet.value")}}
	for _, x := range s.Week {
		v := strconv.Itoa(x.N)
		if x.Of > 0 {
			v += " / " + strconv.Itoa(x.Of)
		}
		table = append(table, []string{t("express.figure." + x.Name), v})
	}
	open := [][]string{{t("staff.number"), t("staff.state"), t("staff.created"), t("staff.due")}}
	for _, o := range s.Open {
		due := "—"
		if !o.Due.IsZero() {
			due = words.Exact(words.ZH, o.Due)
		}
		open = append(open, []string{o.Number, t("state.express." + o.State), words.Exact(words.ZH, o.Created), due})
	}
	remark := ""
	if p.Note != "" {
		remark = p.Note
	}
	doc := report.Paper{Layout: report.Plain, Organ: p.Pack.FullName, Title: t("express.week.of", words.Day(words.ZH, s.Begin), words.Day(words.ZH, s.End.AddDate(0, 0, -1))), Date: p.Clock(), Remark: remark,
		Body: []report.Block{report.Heading(1, t("express.sheet.week")), report.Table("", table...), report.Heading(1, t("express.sheet.open")),
			report.Para(t("express.ages", s.Ages.N, s.Ages.Median, s.Ages.Oldest)), report.Table("", open...)}}
	return sendPaper(w, doc, "express-"+s.Begin.Format("20060102")+".docx")
}

func sendPaper(w http.ResponseWriter, doc report.Paper, name string) error {
	h := w.Header()
	h.Set("Content-Type", "application/vnd.openxmlformats-officedocument.wordprocessingml.document")
	h.Set("Content-Disposition", `attachment; filename="`+name+`"`)
	h.Set("Cache-Control", "no-store")
	return doc.DOCX(w)
}
