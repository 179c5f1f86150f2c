package desk

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/xuri/excelize/v2"

	"weixiao/internal/assess"
	"weixiao/internal/store"
)

// scoreExport writes a month as the reader may see it into a spreadsheet: results
// after exclusion and before it with their bounds, the counts, and the formulas
// with their sources.
func (d *Desk) scoreExport(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.nav.figures")
	months, err := d.s.Assess.Months(r.Context())
	if err != nil {
		return err
	}
	month, err := f.monthParam(months)
	if err != nil {
		return err
	}
	m, err := d.s.Assess.View(r.Context(), f.sc, month)
	if err != nil {
		return err
	}
	if len(m.Units) == 0 {
		return store.ErrNotFound
	}
	x := excelize.NewFile()
	defer x.Close()
	for i, s := range []struct {
		name string
		rows [][]any
	}{{f.T("score.after"), f.resultRows(m, false)}, {f.T("score.raw"), f.resultRows(m, true)}, {f.T("score.counts"), f.countRows(m)}, {f.T("score.formulas"), f.formulaRows(m)}} {
		if i == 0 {
			err = x.SetSheetName(x.GetSheetName(0), s.name)
		} else {
			_, err = x.NewSheet(s.name)
		}
		if err != nil {
			return err
		}
		if err := writeSheet(x, s.name, s.rows); err != nil {
			return err
		}
	}
	h := w.Header()
	h.Set("Content-Type", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
	h.Set("Content-Disposition", `attachment; filename="scores-`+month+`.xlsx"`)
	h.Set("Cache-Control", "no-store")
	return x.Write(w)
}

func writeSheet(x *excelize.File, name string, rows [][]any) error {
	w, err := x.NewStreamWriter(name)
	if err != nil {
		return err
	}
	for i, row := range rows {
		at, err := excelize.CoordinatesToCellName(1, i+1)
		if err != nil {
			return err
		}
		for j := range row {
			if s, ok := row[j].(string); ok {
				row[j] = inert(s)
			}
		}
		if err := w.SetRow(at, row); err != nil {
			return fmt.Errorf("row %d: %w", i+1, err)
		}
	}
	return w.Flush()
}

// inert keeps a spreadsheet program from taking a cell for a formula.
func inert(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r＝＋－＠", []rune(s)[0]) {
		return "'" + s
	}
	return s
}

func (f *frame) className(name string) string {
	for _, c := range f.d.s.Pack.Scores.Classes {
		if c.Name == name {
			return f.text(c.Text)
		}
	}
	return ""
}

// scoreHeads are the columns before those of the formulas.
var scoreHeads = []string{"score.class", "score.rank", "score.unit", "score.cases"}

func (f *frame) resultRows(m *assess.Month, raw bool) [][]any {
	head := make([]any, len(scoreHeads))
	for i, k := range scoreHeads {
		head[i] = f.T(k)
	}
	for _, fm := range m.Formulas {
		name := f.text(fm.Text)
		head = append(head, name, f.T("score.low", name), f.T("score.high", name))
	}
	rows := [][]any{{f.T("score.month.title", m.Month), f.T("state.month." + m.State), f.T("score.version", m.Version)}, head}
	for i := range m.Units {
		u := &m.Units[i]
		counts, values, rank := u.Counts, u.Values, any(u.Rank)
		if raw {
			counts, values, rank = u.RawCounts, u.RawValues, ""
		} else if u.Rank == 0 {
			rank = "—"
		}
		row := []any{f.className(u.Class), rank, f.unit(u.Unit), counts["scored"]}
		for _, fm := range m.Formulas {
			v := values[fm.Name]
			row = append(row, cell(v.Known, v.X), cell(v.Ranged, v.Low), cell(v.Ranged, v.High))
		}
		rows = append(rows, row)
	}
	return rows
}

// cell is a number, or nothing where there is no figure.
func cell(known bool, x float64) any {
	if !known {
		return nil
	}
	return x
}

func (f *frame) countRows(m *assess.Month) [][]any {
	head := []any{f.T("score.unit")}
	for _, c := range f.d.s.Pack.Scores.Counts {
		name := f.text(c.Text)
		head = append(head, name+" "+f.T("score.raw"), name+" "+f.T("score.after"))
	}
	rows := [][]any{head}
	for i := range m.Units {
		u := &m.Units[i]
		row := []any{f.unit(u.Unit)}
		for _, c := range f.d.s.Pack.Scores.Counts {
			row = append(row, u.RawCounts[c.Name], u.Counts[c.Name])
		}
		rows = append(rows, row)
	}
	return rows
}

func (f *frame) formulaRows(m *assess.Month) [][]any {
	rows := [][]any{{f.T("score.result"), f.T("score.formula"), f.T("score.source")}}
	for _, fm := range m.Formulas {
		rows = append(rows, []any{f.text(fm.Text), fm.Expression, fm.Source})
	}
	return rows
}
