package campaigns_test

import (
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"

	"weixiao/internal/access"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/journal"
	"weixiao/internal/notify"
	"weixiao/internal/pack"
	"weixiao/internal/projects/campaigns"
	"weixiao/internal/record"
	"weixiao/internal/store"
	"weixiao/internal/store/storetest"
	"weixiao/internal/worktime"
)

func TestMain(m *testing.M) { storetest.Main(m) }

func TestTables(t *testing.T) {
	for _, table := range campaigns.Tables() {
		for _, bad := range table.Check() {
			t.Errorf("%s: %s", table.Kind, bad)
		}
	}
}

var rules = &pack.Campaigns{Report: "7 day", Rectify: "10 workday", Themes: []pack.Item{{ID: "projects"}}, Communities: []string{"c1", "c2"},
	Indicators: []pack.Indicator{{ID: "visits", Text: pack.Text{ZH: "外出招商"}}, {ID: "signed", Text: pack.Text{ZH: "签约"}, Counted: true}}}

type env struct {
	t   *testing.T
	db  *store.DB
	now time.Time
	e   *record.Engine
	*campaigns.Campaigns
	signed int64
}

func day(s string) time.Time {
	t, _ := time.ParseInLocation("2006-01-02 15:04", s, worktime.Zone)
	return t
}

func newEnv(t *testing.T, db *store.DB) *env {
	e := &env{t: t, db: db, now: day("2022-01-04 09:00")}
	e.e = record.New(db, record.Options{District: "220605", Prefix: "JY", Clock: func() time.Time { return e.now }, Calendar: func(*store.Tx, string) (*worktime.Calendar, error) { return worktime.China(), nil }})
	e.Campaigns = campaigns.New(db, e.e, campaigns.Options{Rules: rules, Units: func() []string { return []string{"reform", "commerce", "industry"} }, Name: func(u string) string { return u },
		Count: func(_ *store.Tx, indicator, unit, from, until string) (int64, bool, error) { return e.signed, indicator == "signed", nil }})
	return e
}

func each(t *testing.T, fn func(t *testing.T, e *env)) {
	storetest.Each(t, []store.Schema{store.OnceSchema, journal.Schema, notify.Schema, record.Schema}, func(t *testing.T, db *store.DB) { fn(t, newEnv(t, db)) })
}

func scope(account, unit, role string) access.Scope {
	return access.ScopeOf(access.Principal{District: "220605", Account: account, Unit: unit, Path: []string{unit}, Roles: []string{role}, Kind: access.Cookie})
}

var (
	lead     = scope("lead", "reform", access.DeptLead)
	deputy   = scope("deputy", "reform", access.Department)
	commerce = scope("hand", "commerce", access.Department)
	industry = scope("other", "industry", access.Department)
	leader   = scope("leader", "leaders", access.Leader)
)

func in(kv ...string) record.Input { return record.Input{Raw: record.Raw(kv...)} }

func (e *env) must(err error) {
	e.t.Helper()
	if err != nil {
		e.t.Fatal(err)
	}
}

func (e *env) begun() *campaigns.Campaign {
	e.t.Helper()
	k, err := e.Campaign.Open(e.t.Context(), lead, "plan", in("name", "冬春会战", "theme", "projects", "from", "2022-01-04", "until", "2022-04-30", "office", "reform", "purpose", "春季集中开工"))
	e.must(err)
	k, err = e.Campaign.Act(e.t.Context(), leader, k.ID, "begin", in())
	e.must(err)
	return k
}

func (e *env) target(k *campaigns.Campaign, unit, indicator, goal string) *campaigns.Target {
	e.t.Helper()
	x, err := e.Target.Open(e.t.Context(), lead, "set", in("campaign", k.ID, "unit", unit, "indicator", indicator, "goal", goal))
	e.must(err)
	return x
}

func refused(err error, code string) bool {
	r, ok := errors.AsType[*record.RefusedError](err)
	return ok && r.Code == code
}

func faulty(err error, field, code string) bool {
	f, ok := errors.AsType[form.Faults](err)
	return ok && f[0].Field == field && f[0].Code == code
}

// TestCampaign runs a campaign: weeks reported and looked at by somebody else, the sheet with its lights, a meeting whose
// decision becomes a task, and the end that closes the targets.
func TestCampaign(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		k := e.begun()
		x := e.target(k, "commerce", "visits", "60")
		if _, err := e.Target.Open(t.Context(), lead, "set", in("campaign", k.ID, "unit", "commerce", "indicator", "visits", "goal", "5")); !refused(err, "campaign.twice") {
			t.Errorf("two targets of one unit in one indicator: %v", err)
		}
		if _, err := e.Target.Act(t.Context(), industry, x.ID, "report", in("week", "2022-01-04", "amount", "3")); !errors.Is(err, flow.ErrForbidden) {
			t.Errorf("another unit reports: %v", err)
		}
		e.now = day("2022-01-10 09:00")
		for _, c := range []struct{ week, code string }{{"2021-12-26", "outside"}, {"2022-05-02", "outside"}, {"2022-01-17", "future"}} {
			if _, err := e.Target.Act(t.Context(), commerce, x.ID, "report", in("week", c.week, "amount", "3")); !faulty(err, "week", c.code) {
				t.Errorf("the week of %s: %v", c.week, err)
			}
		}
		_, err := e.Target.Act(t.Context(), commerce, x.ID, "report", in("week", "2022-01-06", "amount", "2.5"))
		e.must(err)
		sheet, err := e.Sheet(t.Context(), commerce, k.ID, "2022-01-09")
		e.must(err)
		if r := sheet.Rows[0]; r.Week != 250 || !r.Open || r.Total != 0 || r.Light != campaigns.Red {
			t.Errorf("reported and not looked at: %+v", r)
		}
		if _, err := e.Target.Act(t.Context(), commerce, x.ID, "confirm", in("week", "2022-01-03")); !errors.Is(err, flow.ErrForbidden) {
			t.Errorf("the unit confirms itself: %v", err)
		}
		_, err = e.Target.Act(t.Context(), deputy, x.ID, "confirm", in("week", "2022-01-03"))
		e.must(err)
		if _, err := e.Target.Act(t.Context(), commerce, x.ID, "report", in("week", "2022-01-06", "amount", "9")); !refused(err, "campaign.week.confirmed") {
			t.Errorf("a week that counts is changed: %v", err)
		}
		sheet, err = e.Sheet(t.Context(), commerce, k.ID, "2022-01-09")
		e.must(err)
		if r := sheet.Rows[0]; r.Total != 250 || r.Open || sheet.Monday != "2022-01-03" || sheet.Last != "2022-01-09" {
			t.Errorf("confirmed: %+v of %+v", r, sheet)
		}
		_, err = e.Target.Act(t.Context(), lead, x.ID, "change_goal", in("goal", "30", "reason", "企业放假"))
		e.must(err)
		if y, err := store.Get(t.Context(), e.db, func(tx *store.Tx) (*campaigns.Target, error) { return e.Target.Load(tx, x.ID) }); err != nil || len(y.Goals) != 2 || y.Goals[0].Goal != 6000 || y.Goal != 3000 {
			t.Errorf("goals %+v, %v", y, err)
		}

		m, err := e.Meeting.Open(t.Context(), lead, "call", in("campaign", k.ID, "held", "2022-01-11T09:00", "place", "三楼会议室", "units", "commerce", "units", "industry", "agenda", "本周调度"))
		e.must(err)
		_, err = e.Meeting.Act(t.Context(), lead, m.ID, "hold", in("came", "commerce", "minutes", "下周前完成用地报批"))
		e.must(err)
		if _, err := e.Meeting.Act(t.Context(), lead, m.ID, "decide", in("task", "报批", "unit", "industry", "until", "2022-01-01")); !faulty(err, "until", "past") {
			t.Errorf("a task for yesterday: %v", err)
		}
		m, err = e.Meeting.Act(t.Context(), lead, m.ID, "decide", in("task", "完成用地报批", "unit", "industry", "until", "2022-01-14", "what", "含勘测定界"))
		e.must(err)
		tasks, _, err := e.Task.List(t.Context(), industry, record.Filter{Of: m.ID})
		e.must(err)
		if len(tasks) != 1 || tasks[0].Unit != "industry" || m.Tasks != 1 {
			t.Fatalf("the meeting's tasks: %+v", tasks)
		}
		v, err := e.Task.View(t.Context(), industry, tasks[0].ID)
		e.must(err)
		if got := v.Due["task"].At.In(worktime.Zone).Format("2006-01-02 15:04"); got != "2022-01-14 23:59" {
			t.Errorf("the task is due %s", got)
		}
		e.now = day("2022-01-20 09:00")
		sheet, err = e.Sheet(t.Context(), leader, k.ID, "2022-01-20")
		e.must(err)
		if r := sheet.Rows[0]; r.Missing {
			t.Errorf("a week that is not over is missing: %+v", r)
		}
		_, err = e.Task.Act(t.Context(), industry, tasks[0].ID, "finish", in("done_words", "已报批"))
		e.must(err)
		_, err = e.Task.Act(t.Context(), deputy, tasks[0].ID, "send_back", in("reason", "缺图件", "until", "2022-01-25"))
		e.must(err)

		_, err = e.Campaign.Act(t.Context(), leader, k.ID, "close", in("summary", "完成"))
		if !errors.Is(err, flow.ErrForbidden) && err != nil {
			t.Fatal(err)
		}
		if err == nil {
			t.Error("a leader who is not of the office closed targets that are not his")
		}
		_, err = e.Campaign.Act(t.Context(), lead, k.ID, "close", in("summary", "完成"))
		e.must(err)
		if list, _, err := e.Target.List(t.Context(), lead, record.Filter{Parent: k.ID, State: campaigns.Closed}); err != nil || len(list) != 1 {
			t.Errorf("%d targets closed, %v", len(list), err)
		}
		if _, err := e.Target.Open(t.Context(), lead, "set", in("campaign", k.ID, "unit", "industry", "indicator", "visits", "goal", "5")); !faulty(err, "campaign", "choice") {
			t.Errorf("a target in a campaign that is over: %v", err)
		}
		e.verify()
	})
}

func (e *env) verify() {
	e.t.Helper()
	c := e.e.NewChecker()
	_, err := journal.Verify(e.t.Context(), e.db, "220605", c.Fold)
	e.must(err)
	_, err = c.Finish(e.t.Context())
	e.must(err)
}

// TestCounted: what a ledger knows nobody is asked for.
func TestCounted(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		k := e.begun()
		x := e.target(k, "commerce", "signed", "10")
		if len(x.Clocks) != 0 {
			t.Errorf("a clock asks for reports that nobody has to make: %v", x.Clocks)
		}
		if _, err := e.Target.Act(t.Context(), commerce, x.ID, "report", in("week", "2022-01-04", "amount", "3")); !refused(err, "campaign.counted") {
			t.Errorf("reported beside the ledger: %v", err)
		}
		e.signed = 700
		sheet, err := e.Sheet(t.Context(), leader, k.ID, "2022-03-01")
		e.must(err)
		if r := sheet.Rows[0]; r.Total != 700 || r.Missing || r.Light != campaigns.Green {
			t.Errorf("%+v", r)
		}
	})
}

// TestPoints: evidence is looked at by somebody who did not show it; what is not met has a clock.
func TestPoints(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		k := e.begun()
		x, err := e.Point.Open(t.Context(), lead, "set", in("campaign", k.ID, "name", "公厕有人保洁", "unit", "reform", "standard", "无异味"))
		e.must(err)
		x, err = e.Point.Act(t.Context(), deputy, x.ID, "show", in("evidence", "已安排专人"))
		e.must(err)
		if _, err := e.Point.Act(t.Context(), deputy, x.ID, "pass", in()); !errors.Is(err, flow.ErrForbidden) {
			t.Errorf("whoever showed it looks at it: %v", err)
		}
		x, err = e.Point.Act(t.Context(), lead, x.ID, "fail", in("reason", "仍有异味"))
		e.must(err)
		if !x.Clocks["rectify"].Running() || x.State != campaigns.Rectify {
			t.Errorf("%+v", x)
		}
		_, err = e.Point.Act(t.Context(), deputy, x.ID, "show", in("evidence", "已加装排风"))
		e.must(err)
		x, err = e.Point.Act(t.Context(), lead, x.ID, "pass", in())
		e.must(err)
		if x.State != campaigns.Met || x.Again != 1 {
			t.Errorf("%+v", x)
		}
		p, err := e.Pair.Open(t.Context(), lead, "pair", in("campaign", k.ID, "unit", "commerce", "community", "c1"))
		e.must(err)
		if _, err := e.Pair.Open(t.Context(), lead, "pair", in("campaign", k.ID, "unit", "commerce", "community", "c1")); !refused(err, "campaign.twice") {
			t.Errorf("paired twice: %v", err)
		}
		p, err = e.Pair.Act(t.Context(), commerce, p.ID, "help", in("what", "清理楼道"))
		e.must(err)
		if p.Helped != 1 {
			t.Errorf("%+v", p)
		}
		e.verify()
	})
}

func TestBadInput(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		plan := func(sc access.Scope, kv ...string) error {
			_, err := e.Campaign.Open(t.Context(), sc, "plan", in(append([]string{"name", "x", "theme", "projects", "office", "reform", "purpose", "x"}, kv...)...))
			return err
		}
		if err := plan(lead, "from", "2022-05-01", "until", "2022-04-01"); !faulty(err, "until", "before") {
			t.Errorf("it ends before it begins: %v", err)
		}
		if err := plan(commerce, "from", "2022-05-01", "until", "2022-06-01"); !errors.Is(err, flow.ErrForbidden) {
			t.Errorf("another unit's campaign: %v", err)
		}
		if _, err := e.Sheet(t.Context(), lead, "none", "2022-01-01"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("the sheet of nothing: %v", err)
		}
		k := e.begun()
		if _, err := e.Sheet(t.Context(), lead, k.ID, "soon"); !faulty(err, "week", "date") {
			t.Errorf("the sheet of no week: %v", err)
		}
	})
}

func TestMondays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := time.Date(2020, 1, 1+rapid.IntRange(0, 4000).Draw(t, "day"), 0, 0, 0, 0, worktime.Zone)
		m, err := time.ParseInLocation("2006-01-02", campaigns.MondayOf(d.Format("2006-01-02")), worktime.Zone)
		if err != nil || m.Weekday() != time.Monday || m.After(d) || d.Sub(m) > 6*24*time.Hour {
			t.Fatalf("%s is in the week of %s", d, m)
		}
	})
	if campaigns.MondayOf("x") != "" {
		t.Error("no day has a Monday")
	}
}
