package desk

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"time"

	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/rounds"
	"weixiao/internal/web"
	"weixiao/internal/web/ui"
	"weixiao/internal/words"
)

// turnView is one turn: where, whose, what filled it, what was found on it.
type turnView struct {
	Line     turnLine
	Key, Day string
	State    string
	Chip     string
	Findings []foundLine
	Actions  []*flow.Action
	Log      []ui.Event
	FindHref string
}

func (d *Desk) turn(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.rounds.title")
	f.said(r)
	t, fills, acts, err := d.s.Rounds.Turn(r.Context(), f.sc, r.PathValue("id"))
	if err != nil {
		return err
	}
	v := &turnView{Line: f.turnLine(t), Key: t.Routine, Actions: d.s.Rounds.OpenTurn(f.sc, t)}
	if day, err := time.Parse(time.DateOnly, t.Day); err == nil {
		v.Day = words.Day(f.Lang, day)
	}
	v.Line.Items = f.itemLines(t, fills)
	state := t.Stands(len(v.Line.Items))
	if st, ok := rounds.TurnTable.State(state); ok && state != rounds.Planned {
		v.Chip, v.State = st.Chip, f.T("state.turn."+state)
	}
	f.Title = v.Line.Title
	list, err := d.s.Rounds.List(r.Context(), f.sc, rounds.Filter{Turn: t.ID()})
	if err != nil {
		return err
	}
	if v.Findings, err = f.foundLines(list); err != nil {
		return err
	}
	if v.Log, err = f.recordEvents(acts); err != nil {
		return err
	}
	if f.is(rounds.Finders()) {
		v.FindHref = roundsPath + "/find?turn=" + t.ID()
	}
	return f.render(w, http.StatusOK, turnPage(f, v))
}

func (f *frame) turnForm(t *rounds.Turn, act *flow.Action, raw form.Raw) *recordDo {
	back := roundsPath + "/turns/" + t.ID()
	v := &recordDo{Title: f.T("action.turn." + act.Name), Back: back, BackLabel: f.turnLine(t).Title}
	v.Form = ui.FormView{Form: act.Form, Raw: raw, Action: back + "/do/" + act.Name, Dense: true, Alt: 1, Submit: v.Title, Key: "Ctrl Enter", Cancel: back,
		Hidden: []ui.Hidden{{Name: "_version", Value: strconv.FormatInt(t.Version, 10)}, {Name: "_key", Value: newKey()}}}
	return v
}

func (d *Desk) turnDoPage(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.rounds.title")
	t, _, _, err := d.s.Rounds.Turn(r.Context(), f.sc, r.PathValue("id"))
	if err != nil {
		return err
	}
	act, err := rounds.TurnTable.Action(r.PathValue("action"))
	if err != nil {
		return err
	}
	if !slices.Contains(d.s.Rounds.OpenTurn(f.sc, t), act) {
		return flow.ErrForbidden
	}
	return f.render(w, http.StatusOK, recordDoPage(f, f.turnForm(t, act, form.Raw{})))
}

func (d *Desk) turnDo(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.rounds.title")
	if err := r.ParseForm(); err != nil {
		return err
	}
	id := r.PathValue("id")
	act, err := rounds.TurnTable.Action(r.PathValue("action"))
	if err != nil {
		return err
	}
	raw := rawOf(act.Form, r)
	version, _ := strconv.ParseInt(r.PostFormValue("_version"), 10, 64)
	if err = d.s.Rounds.ActTurn(r.Context(), f.sc, id, act.Name, rounds.Input{Raw: raw, Version: version, Key: f.key(r.PostFormValue("_key"), rounds.KindTurn, id, act.Name, raw)}); err == nil {
		return web.SeeOther(w, r, roundsPath+"/turns/"+id+"?done=record")
	}
	t, _, _, gerr := d.s.Rounds.Turn(r.Context(), f.sc, id)
	if gerr != nil {
		return gerr
	}
	return f.recordAgain(w, f.turnForm(t, act, raw), err, errors.Is(err, rounds.ErrStale))
}
