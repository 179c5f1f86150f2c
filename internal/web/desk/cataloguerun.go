package desk

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"weixiao/internal/cases"
	"weixiao/internal/catalogue"
	"weixiao/internal/duties"
	"weixiao/internal/store"
	"weixiao/internal/web"
	"weixiao/internal/words"
)

// dryView is the last dry run of a draft.
type dryView struct {
	ID           int64
	State, Chip  string
	Going        bool
	Stale        bool // the draft was changed since
	Looked, Span string
	Lines        []string
	Pairs        []pairLine
	Others       int64
}

// pairLine are the cases that a rule takes from one unit to another.
type pairLine struct {
	Rule, From, To, Handed string
	Count, Right           int64
	Examples               []string
}

// lastRun is the newest dry run of a version; nil when there was none.
func (f *frame) lastRun(x duties.Version) (*dryView, error) {
	runs, err := store.Get(f.r.Context(), f.d.s.DB, func(tx *store.Tx) ([]duties.Run, error) { return f.dutyBook().Runs(tx, x.Number, 1) })
	if err != nil || len(runs) == 0 {
		return nil, err
	}
	run := runs[0]
	v := &dryView{ID: run.ID, State: f.T("desk.catalogue.run." + run.State), Going: run.State == duties.Waiting || run.State == duties.Running, Stale: run.Digest != x.Digest,
		Looked: words.Count(f.Lang, run.Looked), Chip: map[string]string{duties.Waiting: "new", duties.Running: "doing", duties.Done: "done", duties.Failed: "redo"}[run.State],
		Span: words.Exact(f.Lang, micro(run.First)) + " – " + words.Exact(f.Lang, micro(run.Last))}
	if v.Chip == "" {
		v.Chip = "closed"
	}
	if run.State != duties.Done {
		return v, nil
	}
	var r cases.DryRun
	if err := json.Unmarshal(run.Result, &r); err != nil {
		return nil, fmt.Errorf("dry run %d: %w", run.ID, err)
	}
	v.Lines = []string{
		f.T("desk.catalogue.moved", words.Args{"moved": r.Moved, "looked": r.Looked}),
		f.T("desk.catalogue.right", words.Args{"right": r.Right, "moved": r.Moved}),
		f.T("desk.catalogue.handed.move", f.shareWords(r.Move)),
		f.T("desk.catalogue.handed.stay", f.shareWords(r.Stay)),
	}
	if r.Limits > 0 {
		v.Lines = append(v.Lines, f.T("desk.catalogue.limits", r.Limits))
	}
	if r.Private > 0 {
		v.Lines = append(v.Lines, f.T("desk.catalogue.publicity", r.Private))
	}
	for _, p := range r.Pairs[:min(len(r.Pairs), 100)] {
		v.Pairs = append(v.Pairs, pairLine{f.dutyRule(p.Rule), f.unit(p.From), f.unit(p.To), f.shareWords(p.Handed), p.Count, p.Right, p.Examples})
	}
	for _, p := range r.Pairs[min(len(r.Pairs), 100):] {
		v.Others += p.Count
	}
	v.Others += r.Others
	return v, nil
}

// dutyRule is the id of a rule, or what stands behind all rules in words.
func (f *frame) dutyRule(id string) string {
	if id == "matter" || id == "duty" {
		return f.T("desk.catalogue.by." + id)
	}
	return id
}

// shareWords is a share with its bounds: 3.1% (2.4–4.0%, 41 of 1,322).
func (f *frame) shareWords(s cases.Share) string {
	if s.N == 0 {
		return "—"
	}
	pct := func(x float64) string { return strconv.FormatFloat(100*x, 'f', 1, 64) }
	return f.T("desk.catalogue.share", words.Args{"share": pct(float64(s.K) / float64(s.N)), "low": pct(s.Low), "high": pct(s.High), "k": s.K, "n": s.N})
}

// askRun asks for a dry run over the last year.
func (d *Desk) askRun(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.catalogue.title")
	if err := r.ParseForm(); err != nil {
		return err
	}
	x, err := f.editable()
	if err != nil {
		return err
	}
	days, err := strconv.Atoi(r.PostFormValue("days"))
	if err != nil || days < 1 || days > 3*366 {
		days = 365
	}
	now := d.s.Clock()
	err = d.s.DB.Write(r.Context(), func(tx *store.Tx) error {
		_, err := f.dutyBook().AskRun(tx, f.sc, x.Number, now.AddDate(0, 0, -days), now, now)
		return err
	})
	if err != nil {
		return f.dutyProblem(w, &versionView{}, err)
	}
	return web.SeeOther(w, r, cataloguePath+"/"+strconv.Itoa(x.Number)+"#run")
}

// cancelRun gives up the dry run that is under way.
func (d *Desk) cancelRun(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.catalogue.title")
	if err := r.ParseForm(); err != nil {
		return err
	}
	x, err := f.editable()
	if err != nil {
		return err
	}
	id, _ := strconv.ParseInt(r.PostFormValue("run"), 10, 64)
	err = d.s.DB.Write(r.Context(), func(tx *store.Tx) error {
		run, err := f.dutyBook().GetRun(tx, id)
		if err == nil && run.Number != x.Number {
			err = store.ErrNotFound
		}
		if err != nil {
			return err
		}
		return f.dutyBook().CancelRun(tx, f.sc, id, d.s.Clock())
	})
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, cataloguePath+"/"+strconv.Itoa(x.Number)+"#run")
}

// runPart is the dry run alone, for a page that waits for it.
func (d *Desk) runPart(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.catalogue.title")
	x, err := f.dutyVersion()
	if err != nil {
		return err
	}
	v := &versionView{V: x}
	if v.Tested, err = f.lastRun(x); err != nil {
		return err
	}
	_, err = f.editable()
	v.Edits = err == nil
	v.Line.Number = strconv.Itoa(x.Number)
	return renderPart(w, r, http.StatusOK, dryRunBox(f, v))
}

// runExport writes a dry run into a spreadsheet: pairs of units, and the cases that
// would have gone elsewhere.
func (d *Desk) runExport(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.catalogue.title")
	x, err := f.dutyVersion()
	if err != nil {
		return err
	}
	runs, err := store.Get(r.Context(), d.s.DB, func(tx *store.Tx) ([]duties.Run, error) { return f.dutyBook().Runs(tx, x.Number, 1) })
	if err != nil {
		return err
	}
	if len(runs) == 0 || runs[0].State != duties.Done {
		return store.ErrNotFound
	}
	var res cases.DryRun
	if err := json.Unmarshal(runs[0].Result, &res); err != nil {
		return err
	}
	t := func(key string) string { return f.T("desk.catalogue.col." + key) }
	pairs := [][]any{{t("rule"), t("was"), t("from"), t("to"), t("cases"), t("right"), t("handed"), t("of"), t("low"), t("high")}}
	for _, p := range res.Pairs {
		pairs = append(pairs, []any{f.dutyRule(p.Rule), f.dutyRule(p.Was), f.unit(p.From), f.unit(p.To), p.Count, p.Right, p.Handed.K, p.Handed.N, p.Handed.Low, p.Handed.High})
	}
	list := [][]any{{t("number"), t("matter"), t("from"), t("to"), t("was"), t("rule"), t("handed")}}
	for _, c := range res.Cases {
		m, _ := d.s.Pack.Catalogue.Matter(c.Matter)
		handed := ""
		if c.Handed {
			handed = f.T("word.yes")
		}
		list = append(list, []any{c.Number, matterName(f.Lang, m), f.unit(c.From), f.unit(c.To), f.dutyRule(c.Was), f.dutyRule(c.Rule), handed})
	}
	out := excelize.NewFile()
	defer out.Close()
	if err := out.SetSheetName(out.GetSheetName(0), t("pairs")); err != nil {
		return err
	}
	if _, err := out.NewSheet(t("cases")); err != nil {
		return err
	}
	if err := writeSheet(out, t("pairs"), pairs); err != nil {
		return err
	}
	if err := writeSheet(out, t("cases"), list); err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
	h.Set("Content-Disposition", `attachment; filename="dry-run-`+strconv.Itoa(x.Number)+`.xlsx"`)
	h.Set("Cache-Control", "no-store")
	return out.Write(w)
}

// rulesCompareView is what differs between two versions.
type rulesCompareView struct {
	Number, With string
	Lines        []rulesDifferLine
	Versions     []dutyLine
}

type rulesDifferLine struct{ How, ID, What, Was, Now string }

func (d *Desk) compareDuties(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.catalogue.title")
	x, err := f.dutyVersion()
	if err != nil {
		return err
	}
	with, _ := strconv.Atoi(r.URL.Query().Get("with"))
	if with <= 0 {
		with = max(x.BasedOn, 1)
	}
	old, err := store.Get(r.Context(), d.s.DB, func(tx *store.Tx) (duties.Version, error) { return f.dutyBook().Get(tx, with) })
	if err != nil {
		return err
	}
	f.Title = f.T("desk.catalogue.compare", words.Args{"a": with, "b": x.Number})
	v := &rulesCompareView{Number: strconv.Itoa(x.Number), With: strconv.Itoa(with)}
	cat := f.dutyBook().Base()
	for _, df := range old.Content.Compare(x.Content) {
		l := rulesDifferLine{How: f.T("desk.catalogue.how." + df.How), ID: df.ID}
		if df.Question {
			l.What = f.T("desk.catalogue.set")
		}
		if len(df.Fields) > 0 {
			l.What = strings.TrimSpace(l.What + " " + strings.Join(df.Fields, ", "))
		}
		l.Was, l.Now = f.ruleWords(cat, df.Was), f.ruleWords(cat, df.Now)
		v.Lines = append(v.Lines, l)
	}
	return f.render(w, http.StatusOK, rulesComparePage(f, v))
}

// ruleWords is a rule in one sentence.
func (f *frame) ruleWords(c *catalogue.Catalogue, r *catalogue.Rule) string {
	if r == nil {
		return ""
	}
	var parts []string
	for _, g := range c.Conditions(*r) {
		parts = append(parts, f.either(g.ZH, g.EN))
	}
	parts = append(parts, f.T("desk.catalogue.goes", f.expression(r.Unit)))
	if r.Off {
		parts = append(parts, f.T("desk.catalogue.off"))
	}
	return strings.Join(parts, f.T("word.separator"))
}

// runPace is how often a page that waits asks again.
const runPace = 2 * time.Second
