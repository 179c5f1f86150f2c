package field

import (
	"context"
	"math"
	"slices"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/cases"
	"weixiao/internal/flow"
	"weixiao/internal/rounds"
	"weixiao/internal/rounds/formalism"
	"weixiao/internal/rounds/sanitation"
	"weixiao/internal/rounds/villages"
	"weixiao/internal/web"
	"weixiao/internal/web/ui"
	"weixiao/internal/words"
)

// Evidence are the photos that the app takes, for the guard against formalism. An Action has no way to demand one.
func Evidence() (out []formalism.Evidence) {
	for _, x := range []struct {
		table   *flow.Table
		actions []Action
	}{{&cases.Table, caseActions}, {&rounds.Table, findingActions}, {&sanitation.Findings, append(slices.Clone(recheckActions), inspectionActions[0])}, {&villages.Works, villageActions}} {
		for _, a := range x.actions {
			if act, err := x.table.Action(a.Name); err == nil && a.Photos > 0 {
				out = append(out, formalism.Evidence{Of: act.Form.Name, What: "photo", Roles: Roles()})
			}
		}
	}
	return out
}

// Remarks are the newest complaints about the app in words, with what became of them, for those who may read them.
func (f *Field) Remarks(ctx context.Context, sc access.Scope, lang words.Lang, limit int) ([]web.Remark, error) {
	if !sc.Can(web.RemarkReaders()...) {
		return nil, flow.ErrForbidden
	}
	list, err := f.listRemarks(ctx, math.MaxInt64, limit)
	out := make([]web.Remark, len(list))
	for i := range list {
		m := &list[i]
		s, _ := RemarkTable.State(m.State)
		out[i] = web.Remark{About: ui.OptionLabel(lang, "remark_write", "about", m.About), Who: words.T(lang, "fieldwork.remarks.nobody"), Chip: s.Chip, State: words.T(lang, "state.remark."+m.State),
			At: time.UnixMicro(m.Created), Href: "/desk/app-remarks/" + m.ID}
		if m.Unit != "" {
			out[i].Who = f.s.UnitName(lang, m.Unit)
		}
	}
	return out, err
}
