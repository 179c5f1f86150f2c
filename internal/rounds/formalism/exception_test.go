package formalism_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/cases"
	"weixiao/internal/cases/casestest"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/journal"
	"weixiao/internal/rounds"
	"weixiao/internal/rounds/formalism"
	"weixiao/internal/store"
	"weixiao/internal/store/storetest"

	"log/slog"
)

func TestMain(m *testing.M) { storetest.Main(m) }

const community = "220605001001"

type env struct {
	*casestest.Env
	g *formalism.Guard
	r *rounds.Rounds
}

func each(t *testing.T, fn func(t *testing.T, e env)) {
	storetest.Each(t, append(casestest.Schemas(), rounds.Schema, formalism.Schema), func(t *testing.T, db *store.DB) {
		e := env{Env: casestest.New(t, db)}
		e.g = formalism.New(db, formalism.Options{District: e.Pack.District, Pack: e.Pack.Version, Directory: e.Pack.Directory, Routines: e.Pack.Routines, Clock: e.Clock,
			Input: formalism.Input{Tables: []*flow.Table{&cases.Table, &cases.WhistleTable}, Pack: e.Pack}})
		e.r = rounds.New(db, rounds.Options{District: e.Pack.District, Pack: e.Pack.Version, Directory: e.Pack.Directory, Clock: e.Clock, Routines: e.Pack.Routines, Board: e.Posts.Board,
			Working: func(time.Time) bool { return true },
			Holders: func(*store.Tx) (map[string]string, error) {
				return map[string]string{community + ".grid-001": e.Scope(community, access.Grid).Account()}, nil
			},
			CheckIn: e.g.CheckIn})
		fn(t, e)
	})
}

// wish is a form that asks for a check-in of the five daily ones.
func (e env) wish(change ...string) form.Raw {
	raw := form.Raw{"rule": {"check_in"}, "subject": {"daily_five"}, "scene": {"emergency"}, "until": {e.Clock().AddDate(0, 0, 3).Format(time.DateOnly)}, "reason": {"洪水预警期间要知道谁在堤上"}}
	for i := 0; i < len(change); i += 2 {
		raw[change[i]] = []string{change[i+1]}
	}
	return raw
}

func (e env) ask(t *testing.T, sc access.Scope, change ...string) *formalism.Exception {
	t.Helper()
	x, err := e.g.Ask(t.Context(), sc, e.wish(change...), store.Key{})
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func (e env) act(sc access.Scope, x *formalism.Exception, action, reason string) error {
	raw := form.Raw{}
	if reason != "" {
		raw["reason"] = []string{reason}
	}
	now, _, err := e.g.Get(context.Background(), sc, x.ID)
	if err != nil {
		return err
	}
	return e.g.Act(context.Background(), sc, x.ID, action, formalism.Act{Raw: raw, Version: now.Version})
}

func (e env) verified(t *testing.T) {
	t.Helper()
	c := e.g.NewChecker()
	if _, err := journal.Verify(t.Context(), e.DB, e.Pack.District, c.Fold); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Finish(t.Context()); err != nil {
		t.Error(err)
	}
}

func (e env) inForce(t *testing.T, sc access.Scope) int {
	t.Helper()
	list, err := e.g.Touching(t.Context(), sc)
	if err != nil {
		t.Fatal(err)
	}
	return len(list)
}

// TestLife: asked, approved by somebody else, in force for those it touches, ended by the time alone; a renewal needs a new reason.
func TestLife(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		lead, boss, grid, far := e.Scope(casestest.Street, access.StreetLead), e.Scope("", access.Leader), e.Scope(community, access.Grid), e.Scope(casestest.OtherStreet, access.Street)
		x := e.ask(t, lead, "unit", casestest.Street)
		if e.inForce(t, grid) != 0 {
			t.Error("in force before anybody approved it")
		}
		if err := e.act(lead, x, "approve", ""); !errors.Is(err, flow.ErrForbidden) {
			t.Errorf("the asker approves: %v", err)
		}
		if err := e.act(far, x, "withdraw", "x"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("another street reaches it: %v", err)
		}
		if err := e.act(boss, x, "approve", ""); err != nil {
			t.Fatal(err)
		}
		if err := e.act(boss, x, "approve", ""); !errors.Is(err, flow.ErrState) {
			t.Errorf("approved twice: %v", err)
		}
		if e.inForce(t, grid) != 1 || e.inForce(t, lead) != 1 || e.inForce(t, far) != 0 {
			t.Error("not seen by exactly those it touches")
		}
		e.verified(t)
		e.Pass(4 * 24 * time.Hour)
		now, acts, err := e.g.Get(t.Context(), lead, x.ID)
		if err != nil || now.Stands(e.Clock()) != formalism.Ended || len(e.g.Open(lead, now)) != 0 || len(acts) != 2 || e.inForce(t, grid) != 0 {
			t.Errorf("not ended by the time alone: %+v %v", now, err)
		}
		if err := e.act(boss, x, "withdraw", "太晚"); !errors.Is(err, flow.ErrState) {
			t.Errorf("withdrawn after its end: %v", err)
		}
		_, err = e.g.Ask(t.Context(), lead, e.wish("reason", "洪水预警期间 要知道谁在堤上。"), store.Key{})
		if f, ok := errors.AsType[form.Faults](err); !ok || f[0].Code != "same_reason" {
			t.Errorf("renewed for the old reason: %v", err)
		}
		if y := e.ask(t, lead, "reason", "第二轮洪峰明天到"); y.Renews != x.ID {
			t.Errorf("renews %q", y.Renews)
		}
		e.verified(t)
	})
}

// TestLeadersAskToo: nobody decides on what they asked for themselves, whatever they are.
func TestLeadersAskToo(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		boss, office := e.Scope("", access.Leader), e.Scope("", access.Supervisor)
		x := e.ask(t, boss)
		for _, action := range []string{"approve", "refuse"} {
			if err := e.act(boss, x, action, "x"); !errors.Is(err, flow.ErrForbidden) {
				t.Errorf("%s by the asker: %v", action, err)
			}
		}
		if err := e.act(e.Scope("", access.Admin), x, "approve", ""); !errors.Is(err, flow.ErrForbidden) {
			t.Errorf("approved by an administrator: %v", err)
		}
		if err := e.act(office, x, "refuse", "用值班表就够了"); err != nil {
			t.Error(err)
		}
		y := e.ask(t, boss, "reason", "换个理由")
		if err := e.act(office, y, "approve", ""); err != nil {
			t.Error(err)
		}
		if err := e.act(boss, y, "withdraw", "预警解除"); err != nil || e.inForce(t, e.Scope(community, access.Grid)) != 0 {
			t.Errorf("%v", err)
		}
		e.verified(t)
	})
}

// TestNever: for most of what is barred there is no exception at all, and the answer says so.
func TestNever(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		lead := e.Scope(casestest.Street, access.StreetLead)
		for _, c := range []struct{ field, value, faulty, code string }{
			{"rule", "ranking", "rule", "never_ranking"},
			{"rule", "online_time", "rule", "never_online_time"},
			{"rule", "install_rate", "rule", "never_install_rate"},
			{"rule", "track", "rule", "never_track"},
			{"rule", "quota", "rule", "never_quota"},
			{"subject", "nothing", "subject", "routine"},
			{"scene", "habit", "scene", "choice"},
			{"reason", "", "reason", "required"},
			{"until", e.Clock().AddDate(0, 0, 31).Format(time.DateOnly), "until", "days"},
			{"until", e.Clock().AddDate(0, 0, -1).Format(time.DateOnly), "until", "over"},
			{"unit", "nowhere", "unit", "unit"},
		} {
			_, err := e.g.Ask(t.Context(), lead, e.wish(c.field, c.value), store.Key{})
			f, ok := errors.AsType[form.Faults](err)
			if !ok || !slices.ContainsFunc(f, func(x form.Fault) bool { return x.Field == c.faulty && x.Code == c.code }) {
				t.Errorf("%s=%s: %v", c.field, c.value, err)
			}
		}
		if _, err := e.g.Ask(t.Context(), e.Scope(community, access.Grid), e.wish(), store.Key{}); !errors.Is(err, flow.ErrForbidden) {
			t.Errorf("a grid worker asks: %v", err)
		}
		if list, err := e.g.List(t.Context(), e.Scope("", access.Auditor), 0, 10); err != nil || len(list) != 0 {
			t.Error(len(list), err)
		}
	})
}

// TestSilence: an exception for a field that asks twice makes that finding quiet until it ends, and no other.
func TestSilence(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		lead := e.Scope(casestest.Street, access.StreetLead)
		subjects := e.g.Subjects(formalism.Twice)
		if len(subjects) < 2 {
			t.Fatal(len(subjects))
		}
		e.Pack.Explained, subjects = nil, slices.DeleteFunc(subjects, func(x formalism.Entry) bool { return !strings.HasPrefix(x.ID, "question.") })
		id := subjects[0].ID
		before, err := e.g.Look(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := e.g.Ask(t.Context(), lead, e.wish("rule", "twice", "subject", "question.made.up"), store.Key{}); err == nil {
			t.Error("an exception for something that nobody asks")
		}
		x := e.ask(t, lead, "rule", "twice", "subject", id)
		if err := e.act(e.Scope("", access.Supervisor), x, "approve", ""); err != nil {
			t.Fatal(err)
		}
		during, err := e.g.Look(t.Context())
		if err != nil || len(formalism.Unsettled(during)) != len(formalism.Unsettled(before))-1 {
			t.Errorf("%d before, %d during, %v", len(formalism.Unsettled(before)), len(formalism.Unsettled(during)), err)
		}
		e.Pass(4 * 24 * time.Hour)
		after, err := e.g.Look(t.Context())
		if err != nil || len(formalism.Unsettled(after)) != len(formalism.Unsettled(before)) {
			t.Errorf("%d before, %d after, %v", len(formalism.Unsettled(before)), len(formalism.Unsettled(after)), err)
		}
	})
}

// TestPresent: “I am here” exists for the holder of a turn of the excepted routine while the exception lasts, for nobody and never
// else; verify proves it.
func TestPresent(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		grid, lead, boss := e.Scope(community, access.Grid), e.Scope(casestest.Street, access.StreetLead), e.Scope("", access.Leader)
		if _, err := e.r.NewPlanner(slog.New(slog.DiscardHandler)).Tick(t.Context()); err != nil {
			t.Fatal(err)
		}
		turns, err := e.r.Turns(t.Context(), grid, rounds.TurnsFilter{Day: e.Clock().Format(time.DateOnly), Mine: true})
		if err != nil || len(turns) != 1 || turns[0].Routine != "daily_five" {
			t.Fatal(turns, err)
		}
		id := turns[0].ID()
		may := func(sc access.Scope) bool {
			t.Helper()
			tn, _, _, err := e.r.Turn(t.Context(), sc, id)
			if err != nil {
				t.Fatal(err)
			}
			return slices.ContainsFunc(e.r.OpenTurn(sc, tn), func(a *flow.Action) bool { return a.Name == "present" })
		}
		say := func(sc access.Scope) error {
			return e.r.ActTurn(t.Context(), sc, id, "present", rounds.Input{Raw: form.Raw{}})
		}
		if err := say(grid); may(grid) || !errors.Is(err, flow.ErrState) {
			t.Errorf("without an exception: %v", err)
		}
		other := e.ask(t, lead, "subject", "heating_watch")
		if err := e.act(boss, other, "approve", ""); err != nil || may(grid) {
			t.Error("an exception for another routine counts", err)
		}
		x := e.ask(t, lead, "unit", casestest.Street, "role", access.Grid)
		if may(grid) {
			t.Error("before it is approved")
		}
		if err := e.act(boss, x, "approve", ""); err != nil || !may(grid) || may(lead) || may(boss) {
			t.Error("in force: for the holder, and nobody else", err)
		}
		if err := say(lead); !errors.Is(err, flow.ErrForbidden) {
			t.Errorf("somebody else says it: %v", err)
		}
		if err := e.r.ActTurn(t.Context(), grid, id, "present", rounds.Input{Raw: form.Raw{"position": {"126.5,42.0"}}}); err == nil {
			t.Error("a position was taken")
		}
		if err := say(grid); err != nil {
			t.Fatal(err)
		}
		if err := say(grid); may(grid) || !errors.Is(err, flow.ErrState) {
			t.Errorf("said twice: %v", err)
		}
		tn, fills, acts, err := e.r.Turn(t.Context(), grid, id)
		if err != nil || tn.State != rounds.Planned || tn.Filled != 0 || len(fills) != 0 || len(acts) != 1 || !strings.Contains(string(acts[0].Body), x.ID) {
			t.Errorf("%+v %v", tn, err)
		}
		e.verified(t)
		outdoors := e.r.NewChecker()
		if _, err := journal.Verify(t.Context(), e.DB, e.Pack.District, outdoors.Fold); err != nil {
			t.Fatal(err)
		}
		if _, _, err := outdoors.Finish(t.Context()); err != nil {
			t.Error(err)
		}
		// The same act without its exception does not pass.
		blind := e.g.NewChecker()
		_, err = journal.Verify(t.Context(), e.DB, e.Pack.District, func(a journal.Act) error {
			if a.Kind == formalism.Table.Kind && a.Subject == x.ID {
				return nil
			}
			return blind.Fold(a)
		})
		if err == nil {
			t.Error("verify lets a check-in without an exception pass")
		}
	})
}

// TestTable: the flow table closes.
func TestTable(t *testing.T) {
	for _, bad := range formalism.Table.Check() {
		t.Error(bad)
	}
	for _, bad := range rounds.TurnTable.Check() {
		t.Error(bad)
	}
}
