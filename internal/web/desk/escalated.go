package desk

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/cases"
	"weixiao/internal/web/ui"
)

// escalatedRoles look after what a unit did not do by itself.
func escalatedRoles() []string { return []string{access.Supervisor, access.Leader} }

// escalatedView is a page of what went beyond its unit.
type escalatedView struct {
	Rows   []escalatedLine
	Paging ui.Paging
}

// escalatedLine is one case or whistle of it.
type escalatedLine struct {
	ID, Number, Href, Title, Note, Level string
	Due                                  ui.Due
}

func (d *Desk) escalated(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.escalated.title")
	f.said(r)
	after := parseEscalated(r.URL.Query().Get("after"))
	list, err := d.s.Cases.Escalated(r.Context(), f.sc, after, pageSize+1)
	if err != nil {
		return err
	}
	v := escalatedView{}
	if len(list) > pageSize {
		list = list[:pageSize]
		last := list[pageSize-1].Cursor()
		v.Paging.Older = "/desk/escalated?after=" + strconv.FormatInt(last.Since, 10) + "." + last.Of + "." + last.Number
	}
	if after != (cases.EscalationCursor{}) {
		v.Paging.Start = "/desk/escalated"
	}
	for _, e := range list {
		v.Rows = append(v.Rows, f.escalatedLine(e))
	}
	return f.render(w, http.StatusOK, escalatedPage(f, v))
}

func (f *frame) escalatedLine(e cases.Escalation) escalatedLine {
	l := escalatedLine{ID: "row-" + e.Number, Number: e.Number, Level: f.T("desk.escalated.level." + strconv.Itoa(e.Level)), Due: f.Page.Due(e.Since, time.Time{}, false, nil)}
	if e.Whistle != nil {
		l.Href = "/desk/whistles/" + e.Number
		l.Title = f.T("desk.whistle.line", f.unit(e.Whistle.Unit), ui.OptionLabel(f.Lang, "whistle_draft", "kind", e.Whistle.Kind))
		l.Note = f.unit(e.Whistle.Unit)
		return l
	}
	if e.Check != nil {
		l.Href, l.Title, l.Note = checkPath+"/"+e.Number, e.Case.Title, f.T("desk.escalated.check", f.unit(e.Check.Unit))
		return l
	}
	unit := e.Case.Holder
	if unit == "" {
		unit = f.d.s.Cases.District().Centre
	}
	l.Href, l.Title, l.Note = "/desk/cases/"+e.Number, e.Case.Title, f.unit(unit)
	return l
}

// parseEscalated reads the place in the list that an address names.
func parseEscalated(s string) cases.EscalationCursor {
	since, rest, _ := strings.Cut(s, ".")
	of, number, ok := strings.Cut(rest, ".")
	n, err := strconv.ParseInt(since, 10, 64)
	if !ok || err != nil || len(number) > 40 || (of != cases.Table.Kind && of != cases.WhistleTable.Kind && of != cases.CheckTable.Kind) {
		return cases.EscalationCursor{}
	}
	return cases.EscalationCursor{Since: n, Of: of, Number: number}
}
