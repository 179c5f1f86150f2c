package sanitation_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/rounds/sanitation"
	"weixiao/internal/store"
	"weixiao/internal/worktime"
)

func TestTables(t *testing.T) {
	for _, table := range sanitation.Tables() {
		for _, bad := range table.Check() {
			t.Errorf("%s: %s", table.Kind, bad)
		}
	}
}

func (e *env) plan(who access.Scope, kind string) *sanitation.Inspection {
	e.t.Helper()
	day, _ := e.now.Format(time.DateOnly), 0
	x, err := e.Plan(e.t.Context(), who, raw("contract", "clean-1", "kind", kind, "day", day))
	if err != nil {
		e.t.Fatal(err)
	}
	return x
}

func (e *env) found(who access.Scope, inspection, item string) *sanitation.Finding {
	e.t.Helper()
	f, err := e.Record(e.t.Context(), who, inspection, sanitation.Where{}, raw("segment", "g0005-1", "item", item, "what", "路口有成片落叶"))
	if err != nil {
		e.t.Fatal(err)
	}
	return f
}

func (e *env) act(who access.Scope, id, action string, kv ...string) *sanitation.Finding {
	e.t.Helper()
	f, err := e.ActFinding(e.t.Context(), who, id, action, raw(kv...))
	if err != nil {
		e.t.Fatalf("%s: %v", action, err)
	}
	return f
}

func names(list []*flow.Action) (out []string) {
	for _, a := range list {
		out = append(out, a.Name)
	}
	return out
}

// TestCovert: the contractor sees nothing of a covert inspection before it is done; then the clocks begin.
func TestCovert(t *testing.T) {
	each(t, nil, func(t *testing.T, e *env) {
		a, firm := e.inspector("a"), e.firm()
		x := e.plan(a, sanitation.Covert)
		f := e.found(a, x.ID, "litter")
		if _, err := e.Finding(t.Context(), firm, f.ID); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("the contractor sees a covert finding: %v", err)
		}
		if _, err := e.ActFinding(t.Context(), firm, f.ID, "rectify", raw("done", "x")); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("and acts on it: %v", err)
		}
		for what, n := range map[string]int{"inspections": count(e.Inspections(t.Context(), firm, "", 0, 10)), "findings": count(e.Findings(t.Context(), firm, sanitation.FindingFilter{Limit: 10})),
			"of the segment": count(e.OfSegment(t.Context(), firm, "g0005-1", 10))} {
			if n != 0 {
				t.Errorf("the contractor lists %d %s", n, what)
			}
		}
		if missing, err := e.CovertMissing(t.Context(), a, "2022-11-23"); err != nil || !slices.Equal(missing, []string{"clean-2"}) {
			t.Errorf("%v %v", missing, err)
		}
		e.now = e.now.Add(time.Hour)
		if _, err := e.ActInspection(t.Context(), a, x.ID, "conclude", raw("summary", "总体干净，一处落叶")); err != nil {
			t.Fatal(err)
		}
		v, err := e.Finding(t.Context(), firm, f.ID)
		if err != nil || !v.Due.Equal(e.now.Add(2*time.Hour)) && v.Due.Sub(e.now) < 2*time.Hour {
			t.Fatalf("%+v %v", v, err)
		}
		if got := names(v.Actions); !slices.Equal(got, []string{"rectify", "object"}) {
			t.Errorf("the contractor may %v", got)
		}
		if n := count(e.Inspections(t.Context(), firm, "", 0, 10)); n != 1 {
			t.Errorf("%d inspections", n)
		}
		if _, err := e.Finding(t.Context(), e.other(), f.ID); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("another contractor sees it: %v", err)
		}
		if _, err := e.Record(t.Context(), a, x.ID, sanitation.Where{}, raw("segment", "g0005-1", "item", "litter", "what", "x")); err == nil {
			t.Error("a finding in an inspection that is over")
		}
		e.sound()
	})
}

// words fills the one field of an action's form.
func words(action string) sanitation.Input {
	if action == "send_back" {
		return raw("reason", "x")
	}
	return raw("note", "x")
}

func count[T any](list []T, err error) int {
	if err != nil {
		return -1
	}
	return len(list)
}

// TestRectify: put right late, rechecked by somebody else, put right again; and an objection that another decides.
func TestRectify(t *testing.T) {
	each(t, nil, func(t *testing.T, e *env) {
		a, b, firm := e.inspector("a"), e.inspector("b"), e.firm()
		f := e.found(a, "", "mud")
		for name, c := range map[string]struct {
			who    access.Scope
			action string
			want   error
		}{
			"inspector rectifies":    {a, "rectify", flow.ErrForbidden},
			"contractor passes":      {firm, "pass", flow.ErrForbidden},
			"nobody's pass":          {e.scope("c", "cleaning", access.DeptLead), "pass", store.ErrNotFound},
			"a leader only looks":    {e.scope("l", "leaders", access.Leader), "pass", flow.ErrForbidden},
			"recheck before the fix": {b, "pass", flow.ErrState},
		} {
			if _, err := e.ActFinding(t.Context(), c.who, f.ID, c.action, raw("done", "x", "note", "x")); !errors.Is(err, c.want) {
				t.Errorf("%s: %v", name, err)
			}
		}
		e.now = e.now.AddDate(0, 0, 7)
		if f = e.act(firm, f.ID, "rectify", "done", "已清理"); !f.Late || f.State != sanitation.Fixed {
			t.Errorf("%+v", f)
		}
		if _, err := e.ActFinding(t.Context(), a, f.ID, "pass", raw()); !errors.Is(err, flow.ErrForbidden) {
			t.Errorf("who found it rechecks it: %v", err)
		}
		if f = e.act(b, f.ID, "fail", "reason", "还有积泥"); f.Again != 1 || f.Fixed != 0 {
			t.Errorf("%+v", f)
		}
		f = e.act(firm, f.ID, "rectify", "done", "再次清理")
		if f = e.act(b, f.ID, "pass"); f.State != sanitation.Closed || !f.Late {
			t.Errorf("%+v", f)
		}

		g := e.found(a, "", "litter")
		e.act(firm, g.ID, "object", "reason", "不在合同范围")
		if _, err := e.ActFinding(t.Context(), a, g.ID, "drop", raw("reason", "x")); !errors.Is(err, flow.ErrForbidden) {
			t.Errorf("who found it decides the objection: %v", err)
		}
		e.act(b, g.ID, "uphold", "reason", "在范围内")
		e.now = e.now.AddDate(0, 0, 10)
		var refused *sanitation.RefusedError
		if _, err := e.ActFinding(t.Context(), firm, g.ID, "object", raw("reason", "x")); !errors.As(err, &refused) || refused.Code != "sanit_object_late" {
			t.Errorf("too late to object: %v", err)
		}
		if list, err := e.Findings(t.Context(), firm, sanitation.FindingFilter{Open: true, Limit: 10}); err != nil || len(list) != 1 || list[0].ID != g.ID {
			t.Errorf("%d open, %v", len(list), err)
		}
		// the same key does it once
		in := raw("segment", "g0005-1", "item", "litter", "what", "x")
		in.Key = store.Key{Scope: "a", Value: "k", Request: []byte("r")}
		one, err := e.Record(t.Context(), a, "", sanitation.Where{Lon: 126.58, Lat: 42.04}, in)
		if err != nil {
			t.Fatal(err)
		}
		two, err := e.Record(t.Context(), a, "", sanitation.Where{Lon: 126.58, Lat: 42.04}, in)
		if err != nil || one.ID != two.ID || two.Lon != 126_580_000 {
			t.Errorf("%v %v %v", one, two, err)
		}
		in = raw("note", "x")
		in.Version = 99
		e.act(firm, one.ID, "rectify", "done", "x")
		if _, err := e.ActFinding(t.Context(), b, one.ID, "pass", in); !errors.Is(err, access.ErrStale) {
			t.Errorf("an old version: %v", err)
		}
		if c := e.sound(); c.Records != 3 {
			t.Errorf("%+v", c)
		}
		e.write(`UPDATE sanit_findings SET points = 0`)
		if _, err := e.verified(); err == nil {
			t.Error("nobody noticed changed points")
		}
	})
}

// TestSettle: a month is drawn when it is over and nothing in it is open, signed by one, confirmed by another, and
// stands.
func TestSettle(t *testing.T) {
	each(t, nil, func(t *testing.T, e *env) {
		a, b, firm := e.inspector("a"), e.inspector("b"), e.firm()
		x := e.plan(a, sanitation.Monthly)
		f := e.found(a, x.ID, "litter")
		g := e.found(a, x.ID, "dump")
		late := e.found(a, x.ID, "unswept")
		e.act(firm, f.ID, "rectify", "done", "x")
		e.act(firm, g.ID, "object", "reason", "x")
		draw := func(who access.Scope, month string) (*sanitation.Settlement, error) {
			return e.Draw(t.Context(), who, raw("contract", "clean-1", "month", month))
		}
		refused := func(month, code string) {
			t.Helper()
			_, err := draw(a, month)
			var r *sanitation.RefusedError
			if !errors.As(err, &r) || r.Code != code {
				t.Errorf("%s: %v, want %s", month, err, code)
			}
		}
		if _, err := e.Take(t.Context(), e.client("gps-clean"), e.morning("sx-01", time.Date(2022, 11, 23, 4, 0, 0, 0, worktime.Zone), 0)); err != nil {
			t.Fatal(err)
		}
		refused("2022-11", "sanit_month_runs")
		e.now = time.Date(2022, 12, 5, 9, 0, 0, 0, worktime.Zone)
		refused("2021-11", "sanit_no_contract")
		refused("2022-11", "sanit_objections_open")
		e.act(b, g.ID, "drop", "reason", "确属误判")
		refused("2022-11", "sanit_inspections_open")
		if _, err := e.ActInspection(t.Context(), a, x.ID, "conclude", raw("summary", "x")); err != nil {
			t.Fatal(err)
		}
		if _, err := draw(firm, "2022-11"); !errors.Is(err, flow.ErrForbidden) {
			t.Errorf("the contractor draws: %v", err)
		}
		var faults form.Faults
		if _, err := draw(a, "soon"); !errors.As(err, &faults) {
			t.Errorf("%v", err)
		}
		s, err := draw(a, "2022-11")
		if err != nil {
			t.Fatal(err)
		}
		h := s.Sheet
		if len(h.Lines) != 2 || h.Lines[1].Finding != late.ID || !h.Lines[1].Late || h.Lines[1].Total != 200 || h.Deducted != 250 || h.Measured != 8 || h.Days[22].Coverage == 0 || h.Days[21].Measured {
			t.Errorf("%+v", h)
		}
		if h.Mean > 100 || h.Score != max(0, 10000-h.Coverage-h.Deducted) || h.Base != 56666667 && h.Base != 56666666 {
			t.Errorf("%+v", h)
		}
		refused("2022-11", "sanit_drawn")
		act := func(who access.Scope, action string, want error) *sanitation.Settlement {
			t.Helper()
			x, err := e.ActSettlement(t.Context(), who, s.ID, action, words(action))
			if !errors.Is(err, want) {
				t.Errorf("%s: %v", action, err)
			}
			return x
		}
		if _, err := e.Settlement(t.Context(), firm, s.ID); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("the contractor sees a draft: %v", err)
		}
		act(a, "confirm", flow.ErrState)
		act(a, "sign", nil)
		act(a, "confirm", flow.ErrForbidden)
		act(b, "send_back", nil)
		act(a, "redraw", nil)
		act(b, "sign", nil)
		if y := act(a, "confirm", nil); y.State != sanitation.Confirmed || y.Signer != "b" || y.Sheet.Amount != h.Amount {
			t.Errorf("%+v", y)
		}
		act(a, "redraw", flow.ErrState)
		if v, err := e.Settlement(t.Context(), firm, s.ID); err != nil || len(v.Acts) != 6 || len(v.Actions) != 0 {
			t.Errorf("%+v %v", v, err)
		}
		if list, err := e.Settlements(t.Context(), e.other(), "2022"); err != nil || len(list) != 0 {
			t.Errorf("another contractor lists %d: %v", len(list), err)
		}
		if c := e.sound(); c.Records != 5 {
			t.Errorf("%+v", c)
		}
	})
}
