package desk

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/xuri/excelize/v2"

	"weixiao/internal/access"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/rounds/sanitation"
	"weixiao/internal/store"
	"weixiao/internal/web"
	"weixiao/internal/web/ui"
)

// settlementLine is a month's sheet in the list.
type settlementLine struct{ Href, Contract, Month, Score, Share, Amount, Chip, State string }

type settlementsView struct {
	Year, Before, After string
	Lines               []settlementLine
	Sum                 string
	Draw                bool
}

func (f *frame) settlementLine(x *sanitation.Settlement) settlementLine {
	st, _ := sanitation.Settlements.State(x.State)
	l := settlementLine{Href: sanitPath + "/settlements/" + x.ID, Contract: x.Contract, Month: x.Month, Score: hundredths(x.Sheet.Score), Share: hundredths(x.Sheet.Share) + "%", Amount: f.yuan(x.Sheet.Amount),
		Chip: st.Chip, State: f.T("state.sanit_settlement." + x.State)}
	if c, err := f.d.s.Sanitation.Contract(f.sc, x.Contract); err == nil {
		l.Contract = c.Name
	}
	return l
}

func (d *Desk) sanitSettlements(w http.ResponseWriter, r *http.Request) error {
	f, err := d.sanitFrame(r)
	if err != nil {
		return err
	}
	now, _ := f.today()
	year := now[:4]
	if t, err := time.Parse("2006", r.URL.Query().Get("year")); err == nil {
		year = t.Format("2006")
	}
	list, err := d.s.Sanitation.Settlements(r.Context(), f.sc, year)
	if err != nil {
		return err
	}
	y := atoi64(year)
	v := &settlementsView{Year: year, Draw: f.is(rolesOf(&sanitation.Settlements, "draw")), Before: fmt.Sprintf("%s/settlements?year=%04d", sanitPath, y-1)}
	if year < now[:4] {
		v.After = fmt.Sprintf("%s/settlements?year=%04d", sanitPath, y+1)
	}
	var sum int64
	for _, x := range list {
		v.Lines = append(v.Lines, f.settlementLine(x))
		if x.State == sanitation.Confirmed {
			sum += x.Sheet.Amount
		}
	}
	v.Sum = f.yuan(sum)
	return f.render(w, http.StatusOK, sanitSettlementsPage(f, v))
}

// sheetLine is a deduction on a sheet.
type sheetLine struct{ Href, Finding, Day, Segment, Item, Points, Why, Total string }

type settlementView struct {
	Line    settlementLine
	Facts   []ui.Pair
	Days    []dayShare
	Lines   []sheetLine
	Buttons []actionButton
	Log     []ui.Event
	Sheet   string
}

type dayShare struct{ Day, Href, Share string }

func (f *frame) sheetLines(x *sanitation.Sheet) (out []sheetLine) {
	for _, l := range x.Lines {
		s := sheetLine{Href: sanitPath + "/findings/" + l.Finding, Finding: l.Finding, Day: l.Day, Segment: l.Segment, Item: l.Item, Points: hundredths(l.Points), Total: hundredths(l.Total)}
		if seg, ok := f.d.s.Sanitation.Segment(l.Segment); ok {
			s.Segment = seg.Name
		}
		if item, ok := f.d.s.Sanitation.Item(l.Item); ok {
			s.Item = f.textOf(item.Text)
		}
		if l.Factor > 1 {
			s.Why = f.T("desk.sanit.times", l.Factor)
			if l.Late {
				s.Why += " " + f.T("desk.sanit.late")
			}
			if l.Again > 0 {
				s.Why += " " + f.T("desk.sanit.failed")
			}
		}
		out = append(out, s)
	}
	return out
}

// sheetFacts are the sums of a sheet, from what was swept to what is paid.
func (f *frame) sheetFacts(x *sanitation.Sheet) (out [][2]string) {
	mean := f.T("desk.sanit.unmeasured")
	if x.Measured > 0 {
		mean = f.T("desk.sanit.mean", percentOf(x.Mean), x.Measured)
	}
	return [][2]string{{f.T("desk.sanit.coverage"), mean}, {f.T("desk.sanit.minus.coverage"), hundredths(x.Coverage)}, {f.T("desk.sanit.minus.findings"), hundredths(x.Deducted)}, {f.T("desk.sanit.score"), hundredths(x.Score)},
		{f.T("desk.sanit.paid"), hundredths(x.Share) + "%"}, {f.T("desk.sanit.base"), f.yuan(x.Base)}, {f.T("desk.sanit.amount"), f.yuan(x.Amount)}}
}

func (d *Desk) sanitSettlement(w http.ResponseWriter, r *http.Request) error {
	f, err := d.sanitFrame(r)
	if err != nil {
		return err
	}
	x, err := d.s.Sanitation.Settlement(r.Context(), f.sc, r.PathValue("id"))
	if err != nil {
		return err
	}
	v := &settlementView{Line: f.settlementLine(x.Settlement), Lines: f.sheetLines(&x.Sheet)}
	f.Title = v.Line.Contract + " " + x.Month
	v.Sheet, v.Buttons = v.Line.Href+"/sheet.xlsx", f.buttons(sanitation.Settlements.Kind, v.Line.Href, x.Actions)
	v.Facts = []ui.Pair{{Label: f.T("desk.assets.state"), Value: ui.Status(v.Line.Chip, v.Line.State)}}
	for _, p := range f.sheetFacts(&x.Sheet) {
		v.Facts = append(v.Facts, ui.Pair{Label: p[0], Value: ui.Text(p[1])})
	}
	for _, day := range x.Sheet.Days {
		if day.Measured {
			v.Days = append(v.Days, dayShare{day.Day[8:], sanitPath + "?contract=" + x.Contract + "&day=" + day.Day, percentOf(day.Coverage)})
		}
	}
	if v.Log, err = f.sanitEvents(x.Acts); err != nil {
		return err
	}
	return f.render(w, http.StatusOK, sanitSettlementPage(f, v))
}

// sanitSheet is the sheet as a spreadsheet: sums, deductions, days.
func (d *Desk) sanitSheet(w http.ResponseWriter, r *http.Request) error {
	f, err := d.sanitFrame(r)
	if err != nil {
		return err
	}
	x, err := d.s.Sanitation.Settlement(r.Context(), f.sc, r.PathValue("id"))
	if err != nil {
		return err
	}
	line := f.settlementLine(x.Settlement)
	sums := [][]any{{line.Contract, x.Month, line.State}}
	for _, p := range f.sheetFacts(&x.Sheet) {
		sums = append(sums, []any{p[0], p[1]})
	}
	sums = append(sums, []any{f.T("desk.sanit.rules"), x.Sheet.Rules})
	lines := [][]any{{f.T("desk.sanit.number"), f.T("desk.sanit.day"), f.T("desk.sanit.segment"), f.T("desk.sanit.item"), f.T("desk.sanit.points"), f.T("desk.sanit.why"), f.T("desk.sanit.total")}}
	for _, l := range f.sheetLines(&x.Sheet) {
		lines = append(lines, []any{l.Finding, l.Day, l.Segment, l.Item, l.Points, l.Why, l.Total})
	}
	days := [][]any{{f.T("desk.sanit.day"), f.T("desk.sanit.coverage")}}
	for _, day := range x.Sheet.Days {
		share := "—"
		if day.Measured {
			share = percentOf(day.Coverage)
		}
		days = append(days, []any{day.Day, share})
	}
	book := excelize.NewFile()
	defer book.Close()
	for i, s := range []struct {
		name string
		rows [][]any
	}{{f.T("desk.sanit.sheet.sums"), sums}, {f.T("desk.sanit.sheet.lines"), lines}, {f.T("desk.sanit.sheet.days"), days}} {
		if i == 0 {
			err = book.SetSheetName(book.GetSheetName(0), s.name)
		} else {
			_, err = book.NewSheet(s.name)
		}
		if err != nil {
			return err
		}
		if err := writeSheet(book, s.name, s.rows); err != nil {
			return err
		}
	}
	h := w.Header()
	h.Set("Content-Type", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
	h.Set("Content-Disposition", `attachment; filename="`+x.ID+`.xlsx"`)
	h.Set("Cache-Control", "no-store")
	return book.Write(w)
}

func (f *frame) drawForm(raw form.Raw) (*sanitForm, error) {
	act, err := sanitation.Settlements.Action("draw")
	if err != nil {
		return nil, err
	}
	v := f.sanitForm(sanitation.Settlements.Kind, act, sanitPath+"/settlements", f.T("desk.sanit.settlements"), sanitPath+"/settlements/new", 0, raw)
	v.Form.Choices["contract"] = f.contractChoices()
	return v, nil
}

func (d *Desk) sanitDrawPage(w http.ResponseWriter, r *http.Request) error {
	f, err := d.sanitFrame(r)
	if err != nil {
		return err
	}
	_, day := f.today()
	v, err := f.drawForm(form.Raw{"month": {day.AddDate(0, 0, -day.Day()).Format("2006-01")}})
	if err != nil {
		return err
	}
	return f.render(w, http.StatusOK, sanitDoPage(f, v))
}

func (d *Desk) sanitDraw(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return err
	}
	f, err := d.sanitFrame(r)
	if err != nil {
		return err
	}
	v, err := f.drawForm(nil)
	if err != nil {
		return err
	}
	v.Form.Raw = rawOf(v.Form.Form, r)
	x, err := d.s.Sanitation.Draw(r.Context(), f.sc, sanitation.Input{Raw: v.Form.Raw})
	if err != nil {
		return f.sanitAgain(w, v, err, "")
	}
	return web.SeeOther(w, r, sanitPath+"/settlements/"+x.ID+"?done=record")
}

func (f *frame) settlementForm(raw form.Raw) (v *sanitForm, act *flow.Action, open bool, err error) {
	id := f.r.PathValue("id")
	x, err := f.d.s.Sanitation.Settlement(f.r.Context(), f.sc, id)
	if err != nil {
		return nil, nil, false, err
	}
	if act, err = sanitation.Settlements.Action(f.r.PathValue("action")); err != nil {
		return nil, nil, false, err
	}
	href := sanitPath + "/settlements/" + id
	return f.sanitForm(sanitation.Settlements.Kind, act, href, id, href+"/do/"+act.Name, x.Version, raw), act, slices.Contains(x.Actions, act), nil
}

func (d *Desk) sanitSettlementDoPage(w http.ResponseWriter, r *http.Request) error {
	f, err := d.sanitFrame(r)
	if err != nil {
		return err
	}
	v, _, open, err := f.settlementForm(form.Raw{})
	if err != nil {
		return err
	}
	if !open {
		return flow.ErrForbidden
	}
	return f.render(w, http.StatusOK, sanitDoPage(f, v))
}

func (d *Desk) sanitSettlementDo(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return err
	}
	f, err := d.sanitFrame(r)
	if err != nil {
		return err
	}
	v, act, _, err := f.settlementForm(nil)
	if err != nil {
		return err
	}
	in := sanitation.Input{Raw: rawOf(act.Form, r), Version: atoi64(r.PostFormValue("_version"))}
	v.Form.Raw = in.Raw
	if _, err := d.s.Sanitation.ActSettlement(r.Context(), f.sc, r.PathValue("id"), act.Name, in); err != nil {
		return f.sanitAgain(w, v, err, "")
	}
	return web.SeeOther(w, r, sanitPath+"/settlements/"+r.PathValue("id")+"?done=record")
}

// handworkForm asks the contractor which segments were swept by hand on a day.
func (f *frame) handworkForm() (*sanitForm, string, error) {
	act, err := sanitation.Manual.Action("declare")
	if err != nil {
		return nil, "", err
	}
	for _, c := range f.d.s.Sanitation.Contracts(f.sc) {
		if !f.sc.Can(access.Contractor) || !f.sc.Within(c.Unit) {
			continue
		}
		day := f.dayParam()
		v := f.sanitForm(sanitation.Manual.Kind, act, sanitPath+"/contracts", f.T("desk.sanit.contracts"), sanitPath+"/handwork?day="+day, 0, form.Raw{})
		rules := f.d.s.Sanitation.Rules()
		for i := range rules.Segments {
			if s := &rules.Segments[i]; s.Contract == c.ID && !s.Mechanised {
				v.Form.Choices["segments"] = append(v.Form.Choices["segments"], ui.Choice{Value: s.ID, Label: s.Name})
			}
		}
		if len(v.Form.Choices["segments"]) > 0 {
			return v, c.ID, nil
		}
	}
	return nil, "", store.ErrNotFound
}

func (d *Desk) sanitHandworkPage(w http.ResponseWriter, r *http.Request) error {
	f, err := d.sanitFrame(r)
	if err != nil {
		return err
	}
	v, _, err := f.handworkForm()
	if err != nil {
		return err
	}
	return f.render(w, http.StatusOK, sanitDoPage(f, v))
}

func (d *Desk) sanitHandwork(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return err
	}
	f, err := d.sanitFrame(r)
	if err != nil {
		return err
	}
	v, contract, err := f.handworkForm()
	if err != nil {
		return err
	}
	day := f.dayParam()
	err = d.s.Sanitation.Declare(r.Context(), f.sc, contract, day, r.PostForm["segments"])
	if err == nil {
		return web.SeeOther(w, r, sanitPath+"?done=record&day="+day)
	}
	if faults, ok := errors.AsType[form.Faults](err); ok && faults[0].Field == "day" {
		v.Problem = f.T("desk.sanit.badday")
		return f.render(w, http.StatusUnprocessableEntity, sanitDoPage(f, v))
	}
	return f.sanitAgain(w, v, err, "")
}
