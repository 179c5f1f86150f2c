package assess

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"slices"

	"weixiao/internal/pack"
	"weixiao/internal/store"
)

// sheet is a month as it was frozen: every count, every result, and the formulas
// they were made with, so that it can be read and made again whatever the pack
// says later.
type sheet struct {
	Version   string         `json:"version"`
	Formulas  []sheetFormula `json:"formulas"`
	HideBelow int            `json:"hide_below"`
	Units     []sheetUnit    `json:"units"`
	Total     sheetUnit      `json:"total"`

	before int64
}

type sheetFormula struct {
	Name       string `json:"name"`
	Expression string `json:"expression"`
	Points     bool   `json:"points,omitempty"`
}

// sheetUnit keeps counts as [all, excluded], without zeros. Floats are written as
// short as they can be read back bit by bit.
type sheetUnit struct {
	Unit   string                 `json:"unit,omitempty"`
	Class  string                 `json:"class,omitempty"`
	Rank   int                    `json:"rank,omitempty"`
	Counts map[string][2]int64    `json:"counts"`
	After  map[string]sheetResult `json:"after"`
	Raw    map[string]sheetResult `json:"raw"`
}

// sheetResult is a value as its parts: x, low, high, n. Without a figure it is empty.
type sheetResult []float64

func newSheet(s *pack.Scores, m *Month) *sheet {
	out := &sheet{Version: s.Version, HideBelow: s.HideRankBelow, Total: newSheetUnit(&m.Total)}
	for _, f := range s.Formulas {
		out.Formulas = append(out.Formulas, sheetFormula{f.Name, f.Expression, f.Points})
	}
	for i := range m.Units {
		out.Units = append(out.Units, newSheetUnit(&m.Units[i]))
	}
	return out
}

func newSheetUnit(f *Figures) sheetUnit {
	u := sheetUnit{Unit: f.Unit, Class: f.Class, Rank: f.Rank, Counts: map[string][2]int64{}, After: results(f.Values), Raw: results(f.RawValues)}
	for i, name := range bitNames {
		if f.tally.every[i] != 0 {
			u.Counts[name] = [2]int64{f.tally.every[i], f.tally.out[i]}
		}
	}
	return u
}

func results(values map[string]Value) map[string]sheetResult {
	out := map[string]sheetResult{}
	for name, v := range values {
		switch {
		case !v.Known:
			out[name] = sheetResult{}
		case v.Ranged:
			out[name] = sheetResult{v.X, float64(v.N), v.Low, v.High}
		default:
			out[name] = sheetResult{v.X, float64(v.N)}
		}
	}
	return out
}

func (r sheetResult) value() Value {
	var v Value
	if len(r) >= 2 {
		v = Value{X: r[0], N: int64(r[1]), Known: true}
	}
	if len(r) == 4 {
		v.Low, v.High, v.Ranged = r[2], r[3], true
	}
	return v
}

func (u *sheetUnit) tally() (t tally) {
	for i, name := range bitNames {
		n := u.Counts[name]
		t.every[i], t.out[i] = n[0], n[1]
	}
	return t
}

func (u *sheetUnit) figures() Figures {
	t := u.tally()
	f := Figures{Unit: u.Unit, Class: u.Class, Rank: u.Rank, Counts: t.counts(false), RawCounts: t.counts(true), Values: map[string]Value{}, RawValues: map[string]Value{}, tally: t}
	for name, r := range u.After {
		f.Values[name] = r.value()
	}
	for name, r := range u.Raw {
		f.RawValues[name] = r.value()
	}
	return f
}

// formulas are the sheet's formulas, with the names and sources the pack has for
// them now.
func (s *sheet) formulas(p *pack.Pack) ([]pack.Formula, error) {
	var out []pack.Formula
	for _, f := range s.Formulas {
		x := pack.Formula{Name: f.Name, Text: pack.Text{ZH: f.Name, EN: f.Name}}
		if p != nil {
			if now, ok := p.Scores.Formula(f.Name); ok {
				x = now
			}
		}
		x.Expression, x.Points = f.Expression, f.Points
		out = append(out, x)
	}
	return pack.Formulas(out)
}

func (s *sheet) month(p *pack.Pack) (*Month, error) {
	formulas, err := s.formulas(p)
	if err != nil {
		return nil, err
	}
	m := &Month{Version: s.Version, Formulas: formulas, HideBelow: s.HideBelow, Total: s.Total.figures()}
	for i := range s.Units {
		m.Units = append(m.Units, s.Units[i].figures())
	}
	return m, nil
}

// again makes the sheet anew from sums, with its own formulas.
func (s *sheet) again(sums map[string]*tally) (*sheet, error) {
	formulas, err := s.formulas(nil)
	if err != nil {
		return nil, err
	}
	class := func(unit string) string {
		if i := slices.IndexFunc(s.Units, func(u sheetUnit) bool { return u.Unit == unit }); i >= 0 {
			return s.Units[i].Class
		}
		return ""
	}
	scores := &pack.Scores{Version: s.Version, Formulas: formulas, HideRankBelow: s.HideBelow}
	return newSheet(scores, compute(scores, sums, class)), nil
}

// equal compares every count and the bits of every result.
func (s *sheet) equal(o *sheet) bool { return s.difference(o) == "" }

// difference names the first thing in which two sheets differ, "" if nothing.
func (s *sheet) difference(o *sheet) string {
	switch {
	case !reflect.DeepEqual(s.Formulas, o.Formulas) || s.HideBelow != o.HideBelow:
		return "formulas"
	case len(s.Units) != len(o.Units):
		return fmt.Sprintf("%d units, not %d", len(s.Units), len(o.Units))
	}
	for i := range s.Units {
		if d := s.Units[i].difference(&o.Units[i]); d != "" {
			return s.Units[i].Unit + ": " + d
		}
	}
	if d := s.Total.difference(&o.Total); d != "" {
		return "total: " + d
	}
	return ""
}

func (u *sheetUnit) difference(o *sheetUnit) string {
	if u.Unit != o.Unit || u.Class != o.Class || u.Rank != o.Rank {
		return fmt.Sprintf("rank %d in %s, not %s with %d in %s", u.Rank, u.Class, o.Unit, o.Rank, o.Class)
	}
	for _, name := range bitNames {
		if u.Counts[name] != o.Counts[name] {
			return fmt.Sprintf("%s is %v, not %v", name, u.Counts[name], o.Counts[name])
		}
	}
	for _, pair := range [][2]map[string]sheetResult{{u.After, o.After}, {u.Raw, o.Raw}} {
		if len(pair[0]) != len(pair[1]) {
			return "results"
		}
		for name, x := range pair[0] {
			if !sameBits(x, pair[1][name]) {
				return fmt.Sprintf("%s is %v, not %v", name, x, pair[1][name])
			}
		}
	}
	return ""
}

func sameBits(a, b sheetResult) bool {
	return slices.EqualFunc(a, b, func(x, y float64) bool { return math.Float64bits(x) == math.Float64bits(y) })
}

// sheetAt reads the sheet of an act.
func (a *Assess) sheetAt(tx *store.Tx, seq int64) (*sheet, error) {
	var body string
	if err := tx.Row(`SELECT body FROM acts WHERE district = $1 AND seq = $2 AND kind = $3`, []any{a.pack.District, seq, Months.Kind}, &body); err != nil {
		return nil, err
	}
	var ch periodChange
	if err := json.Unmarshal([]byte(body), &ch); err != nil || ch.Sheet == nil {
		return nil, fmt.Errorf("assess: act %d holds no figures: %w", seq, err)
	}
	ch.Sheet.before = ch.Before
	return ch.Sheet, nil
}
