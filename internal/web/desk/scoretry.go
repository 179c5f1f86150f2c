package desk

import (
	"net/http"
	"strings"

	"weixiao/internal/assess"
	"weixiao/internal/pack"
	"weixiao/internal/store"
)

// tryView is the dry run: other formulas on a month that has happened.
type tryView struct {
	Month    string
	Months   []string
	Fields   []tryField
	Rows     []assess.DryRow
	Changed  []pack.Formula // formulas whose expression is another one, and those that rest on them
	Faulty   bool
	Ran      bool
	Moves    int // units whose rank would change
	formulas map[string]pack.Formula
}

// tryField is one formula that can be changed.
type tryField struct {
	pack.Formula
	Typed   string
	Problem string
	Other   bool
}

func (d *Desk) scoreTry(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "score.try.title")
	v := &tryView{formulas: map[string]pack.Formula{}}
	var err error
	if v.Months, err = d.s.Assess.Months(r.Context()); err != nil {
		return err
	}
	if err := r.ParseForm(); err != nil {
		return err
	}
	if v.Month = r.Form.Get("month"); v.Month == "" && len(v.Months) > 0 {
		v.Month = v.Months[0]
	}
	if v.Month != "" && !assess.IsMonth(v.Month) {
		return store.ErrNotFound
	}
	typed := map[string]string{}
	for _, fm := range d.s.Pack.Scores.Formulas {
		if s, ok := r.PostForm["f."+fm.Name]; ok && len(s) > 0 {
			typed[fm.Name] = strings.TrimSpace(s[0])
		}
	}
	v.Ran = r.Method == http.MethodPost
	status := http.StatusOK
	if err := f.try(v, typed); err != nil {
		return err
	}
	if v.Faulty {
		status, f.Faulty = http.StatusUnprocessableEntity, true
	}
	return f.render(w, status, scoreTryPage(f, v))
}

func (f *frame) try(v *tryView, typed map[string]string) error {
	scores, problems := f.d.s.Pack.Scores.With(typed)
	touched := map[string]bool{}
	for i, fm := range f.d.s.Pack.Scores.Formulas {
		x := tryField{Formula: fm, Typed: fm.Expression}
		if s, ok := typed[fm.Name]; ok {
			x.Typed, x.Other = s, s != fm.Expression
		}
		if p, bad := problems[fm.Name]; bad {
			x.Problem, v.Faulty = f.text(p), true
		}
		v.Fields = append(v.Fields, x)
		v.formulas[fm.Name] = fm
		if x.Other {
			touched[fm.Name] = true
		}
		if e := scores.Formulas[i].Parsed; e != nil {
			for _, n := range e.Names() {
				touched[fm.Name] = touched[fm.Name] || touched[n]
			}
		}
		if touched[fm.Name] {
			v.Changed = append(v.Changed, fm)
		}
	}
	if !v.Ran || v.Faulty || v.Month == "" {
		return nil
	}
	var err error
	if v.Rows, err = f.d.s.Assess.DryRun(f.r.Context(), v.Month, scores); err != nil {
		return err
	}
	for _, row := range v.Rows {
		if row.RankBefore != row.RankAfter {
			v.Moves++
		}
	}
	return nil
}
