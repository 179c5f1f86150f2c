package rounds_test

import (
	"errors"
	"testing"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/cases/casestest"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/rounds"
	"weixiao/internal/store"
)

// TestWeekLookedAt: the leader of a place looks once at its week, from its Friday on; nobody of another place, nobody who
// goes out, and not a place without turns. Rows follow from acts, and verify finds one that does not.
func TestWeekLookedAt(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		e.tick(t) // Wednesday, 23 November 2022
		monday := time.Date(2022, 11, 21, 0, 0, 0, 0, time.FixedZone("", 8*3600))
		secretary, lead, worker := e.Scope(community, access.Community), e.Scope(casestest.Street, access.StreetLead), e.Scope(community, access.Grid)
		grid := e.Pack.Directory.Grids(community)[0].ID
		in := rounds.Input{Raw: form.Raw{"words": {"路灯的事盯到了底"}}, Key: store.Key{Scope: "t", Value: "k", Request: store.RequestHash("a")}}
		of := func(sc access.Scope, place string) *rounds.WeekPlace {
			list, err := e.r.Week(t.Context(), sc, monday)
			if err != nil {
				t.Fatal(err)
			}
			for i := range list {
				if list[i].Place == place {
					return &list[i]
				}
			}
			return nil
		}
		if p := of(secretary, grid); p == nil || p.May || p.Review != nil {
			t.Errorf("on Wednesday: %+v", p)
		}
		if err := e.r.ReviewWeek(t.Context(), secretary, "2022-11-21", grid, in); !errors.Is(err, flow.ErrState) {
			t.Errorf("on Wednesday: %v", err)
		}
		e.Pass(48 * time.Hour)
		if p := of(secretary, grid); p == nil || !p.May {
			t.Errorf("on Friday: %+v", p)
		}
		if p := of(worker, grid); p == nil || p.May {
			t.Errorf("the worker may look at herself: %+v", p)
		}
		for name, x := range map[string]struct {
			sc          access.Scope
			week, place string
			want        error
		}{
			"worker": {worker, "2022-11-21", grid, flow.ErrForbidden}, "elsewhere": {e.Scope(casestest.OtherStreet, access.StreetLead), "2022-11-21", grid, store.ErrNotFound},
			"not a Monday": {secretary, "2022-11-22", grid, store.ErrNotFound}, "no turns": {secretary, "2022-11-14", grid, store.ErrNotFound}, "nowhere": {secretary, "2022-11-21", "x", store.ErrNotFound},
		} {
			if err := e.r.ReviewWeek(t.Context(), x.sc, x.week, x.place, rounds.Input{Raw: form.Raw{}}); !errors.Is(err, x.want) {
				t.Errorf("%s: %v", name, err)
			}
		}
		for range 2 { // sent twice, done once
			if err := e.r.ReviewWeek(t.Context(), secretary, "2022-11-21", grid, in); err != nil {
				t.Fatal(err)
			}
		}
		if err := e.r.ReviewWeek(t.Context(), lead, "2022-11-21", grid, rounds.Input{Raw: form.Raw{}}); !errors.Is(err, flow.ErrState) {
			t.Errorf("a second look: %v", err)
		}
		if p := of(lead, grid); p == nil || p.May || p.Review == nil || p.Review.Words != "路灯的事盯到了底" || p.Review.Role != access.Community || p.Review.Unit != community {
			t.Errorf("%+v", p)
		}
		if err := e.r.ReviewWeek(t.Context(), lead, "2022-11-21", casestest.Street, rounds.Input{Raw: form.Raw{}}); err != nil { // the street's own night duty
			t.Errorf("the street: %v", err)
		}
		e.verified(t)
		if err := e.DB.Write(t.Context(), func(tx *store.Tx) error {
			if err := tx.Exec(`UPDATE turn_reviews SET words = 'x' WHERE place = $1`, grid); err != nil {
				return err
			}
			if err := e.checkIn(t, tx); err == nil {
				t.Error("verify does not see a changed row")
			}
			return errors.New("undo")
		}); err == nil {
			t.Error("not undone")
		}
	})
}
