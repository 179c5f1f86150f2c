package desk

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"weixiao/internal/cases"
	"weixiao/internal/flow"
	"weixiao/internal/store"
	"weixiao/internal/web/ui"
	"weixiao/internal/words"
)

// callbackView is one call: what to say at the left, what was answered at the
// right, and the queue.
type callbackView struct {
	*caseView
	Do       *doView
	Reply    string // what the unit answered
	Result   string
	Tried    []string // the days on which nobody answered
	Left     int      // cases in the queue
	Position string
	Skip     string // address of the next case in the queue
	Rows     []ui.Row
}

// callbackPage shows the first replied case of the queue, or the one that is
// asked for; after it is saved the next one comes.
func (d *Desk) callbackPage(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.nav.callback")
	f.said(r)
	after := parseCursor(r.URL.Query().Get("after"))
	queue := cases.Want{Desks: []string{"callback"}}
	rows, err := d.s.Cases.Queue(r.Context(), f.sc, queue, f.Now, after, pageSize)
	if err != nil {
		return err
	}
	if len(rows) == 0 && after != (cases.Cursor{}) { // the end: begin again with what was passed over
		if rows, err = d.s.Cases.Queue(r.Context(), f.sc, queue, f.Now, cases.Cursor{}, pageSize); err != nil {
			return err
		}
	}
	counts, err := d.s.Cases.Tally(r.Context(), f.sc, f.Now, 0)
	if err != nil {
		return err
	}
	f.setCounts(counts)
	v := &callbackView{}
	v.Left, _ = counts.Count(queue)
	for _, k := range rows {
		v.Rows = append(v.Rows, f.row(k, ""))
	}
	if len(rows) == 0 {
		return f.render(w, http.StatusOK, callbackEmpty(f))
	}
	k := rows[0]
	if n := cases.UpperNumber(r.URL.Query().Get("case")); n != "" {
		if i := slices.IndexFunc(rows, func(x *cases.Case) bool { return x.Number == n }); i >= 0 {
			k = rows[i]
		}
	}
	if err := f.loadNames(rows); err != nil {
		return err
	}
	if v.caseView, err = f.open(k.Number, f.listing()); err != nil {
		return err
	}
	f.viewed(v.Case)
	if err := f.callbackForm(v); err != nil {
		return err
	}
	v.Skip = "/desk/callback?after=" + cursorText(k.Turn())
	f.Title = f.T("desk.nav.callback") + f.T("word.separator") + v.Case.Title
	return f.render(w, http.StatusOK, callbackPage(f, v))
}

// callbackForm makes the form of the call; when the resident has rated the case
// meanwhile there is nothing to ask.
func (f *frame) callbackForm(v *callbackView) error {
	for _, e := range v.Entries {
		if e.Action == "reply" {
			v.Reply, v.Result = e.Texts["reply"], ui.OptionLabel(f.Lang, "reply", "result", e.Answers.Str("result"))
		}
	}
	for _, day := range v.Case.Tried {
		if t, err := time.ParseInLocation(time.DateOnly, day, words.Zone()); err == nil {
			v.Tried = append(v.Tried, words.ShortDay(f.Lang, t))
		}
	}
	i := slices.IndexFunc(v.Actions, func(a *flow.Action) bool { return a.Name == "call_back" })
	if i < 0 {
		return store.ErrNotFound
	}
	var err error
	if v.Do, err = f.caseForm(v.Case, v.Actions[i], nil); err != nil {
		return err
	}
	next := "/desk/callback?after=" + cursorText(v.Case.Turn())
	v.Do.Form.Submit, v.Do.Form.Cancel, v.Do.Form.Draft = f.T("desk.callback.save"), "", ""
	v.Do.Form.Hidden = []ui.Hidden{{Name: "_key", Value: v.Key}, {Name: "_version", Value: strconv.FormatInt(v.Case.Version, 10)}, {Name: "_next", Value: next}}
	return nil
}
