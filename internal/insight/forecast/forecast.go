// Package forecast is 网格预报: what the grid saw before anybody complained (未诉先办),
// and what is to be expected where, from earlier years and months.
//
// A report is a case that was sent to a unit, or a finding that was settled on the
// spot. It is early when somebody of the grid or on a round made it. Reports about
// one matter in one community, in the same grid where both grids are known, within
// Window of each other are one problem; the first of them in the order of the
// journal says who found it. Which reports make up a figure is in the table, so that
// every figure opens.
//
//	forecast.go  this map, Forecasts, the follower and its tables
//	expect.go    Expect: what a month will bring, and how good last month's guess was
//	read.go      months, places, and the reports behind a figure
//	check.go     the tables against the acts
package forecast

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"weixiao/internal/cases"
	"weixiao/internal/journal"
	"weixiao/internal/rounds"
	"weixiao/internal/store"
	"weixiao/internal/worktime"
)

//go:embed migrations
var migrations embed.FS

// Schema is the tables of early reports, numbers 33001-33999.
var Schema = store.Schema{Name: "forecast", FS: migrations}

// Window is how near in time two reports about one matter in one place are one
// problem.
const Window = 7 * 24 * time.Hour

// Forecasts answers for one district.
type Forecasts struct {
	db       *store.DB
	district string
}

// New wires the package.
func New(db *store.DB, district string) *Forecasts { return &Forecasts{db, district} }

// Kinds of reports.
const (
	OfCase    = "case"
	OfFinding = "finding"
)

// Report is one report behind the figures.
type Report struct {
	Kind, Number string
	Seq          int64 // act that made it count
	At           int64 // said or seen, µs UTC
	Month        string
	Early        bool
	Matter       string
	Street       string // unit ids
	Community    string
	Grid         string
	Problem      string // number of the problem's first report; its own for the first
}

// First reports whether the problem was not known before.
func (r *Report) First() bool { return r.Problem == r.Number }

// said is what is known of a case before it is sent to a unit.
type said struct {
	at      int64
	channel string
	matter  string
	place   cases.Place
	gone    bool // counted already
}

func (s *said) fold(a *journal.Act, ch *cases.Change) {
	if a.Action == "report" {
		s.at, s.channel = a.At, ch.Set["channel"]
	}
	if m, ok := ch.Set["matter"]; ok {
		s.matter = m
	}
	if ch.Place != nil {
		s.place = *ch.Place
	}
}

// earlyChannels are those of people who go and look.
var earlyChannels = []string{"grid", "street", "patrol"}

func (s *said) report(a *journal.Act) *Report {
	if s.matter == "" || s.place.Community == "" {
		return nil
	}
	return &Report{Kind: OfCase, Number: a.Subject, Seq: a.Seq, At: s.at, Month: month(s.at), Early: slices.Contains(earlyChannels, s.channel), Matter: s.matter,
		Street: s.place.Street, Community: s.place.Community, Grid: s.place.Grid}
}

// ofFinding is the report of a finding settled on the spot; one that was sent up
// counts as its case.
func ofFinding(a *journal.Act) (*Report, error) {
	var c rounds.Change
	if err := a.Into(&c); err != nil {
		return nil, err
	}
	if a.Action != "find" || c.State != rounds.Settled || c.Matter == "" || c.Community == "" {
		return nil, nil
	}
	return &Report{Kind: OfFinding, Number: a.Subject, Seq: a.Seq, At: a.At, Month: month(a.At), Early: true, Matter: c.Matter, Street: c.Street, Community: c.Community, Grid: c.Grid}, nil
}

func month(at int64) string { return time.UnixMicro(at).In(worktime.Zone).Format("2006-01") }

// sends reports whether an action sends a case to a unit for the first time, as far
// as the case was not sent before.
func sends(action string) bool { return action == "dispatch" || action == "designate" }

// concerns are the acts that make a report count.
func concerns(a journal.Act) bool {
	return (a.Kind == cases.Table.Kind && sends(a.Action)) || (a.Kind == rounds.Table.Kind && a.Action == "find")
}

// Follower keeps the tables.
func (f *Forecasts) Follower() journal.Follower {
	return journal.Follower{Name: "forecast", Concerns: concerns, Handle: func(tx *store.Tx, acts []journal.Act) error {
		for i := range acts {
			if !concerns(acts[i]) {
				continue
			}
			r, err := f.reported(tx, &acts[i])
			if err == nil && r != nil {
				err = f.add(tx, r)
			}
			if err != nil {
				return fmt.Errorf("forecast: act %d: %w", acts[i].Seq, err)
			}
		}
		return nil
	}}
}

// reported is the report that an act makes count; nil when there is none, or it
// counts already.
func (f *Forecasts) reported(tx *store.Tx, a *journal.Act) (*Report, error) {
	if a.Kind == rounds.Table.Kind {
		return ofFinding(a)
	}
	var n int64
	err := tx.Row(`SELECT count(*) FROM early_reports WHERE district = $1 AND kind = $2 AND number = $3`, []any{f.district, OfCase, a.Subject}, &n)
	if err != nil || n > 0 {
		return nil, err
	}
	before, err := journal.Acts(tx, f.district, cases.Table.Kind, a.Subject)
	if err != nil {
		return nil, err
	}
	var s said
	for i := range before {
		if before[i].Seq > a.Seq {
			break
		}
		var ch cases.Change
		if err := json.Unmarshal(before[i].Body, &ch); err != nil {
			return nil, err
		}
		s.fold(&before[i], &ch)
	}
	return s.report(a), nil
}

// near is a report that another one may belong to.
type near struct {
	problem, grid string
	at            int64
}

// joins is the problem a report belongs to: that of the nearest report before it in
// the journal about the same matter and place. "" when it is the first.
func joins(r *Report, list []near) string {
	best, problem := int64(-1), ""
	for _, n := range list {
		gap := max(n.at-r.At, r.At-n.at)
		if gap <= Window.Microseconds() && (n.grid == r.Grid || n.grid == "" || r.Grid == "") && (best < 0 || gap < best || gap == best && n.problem < problem) {
			best, problem = gap, n.problem
		}
	}
	return problem
}

func (f *Forecasts) add(tx *store.Tx, r *Report) error {
	w := Window.Microseconds()
	list, err := store.All(tx, func(s store.Scanner) (n near, err error) { return n, s.Scan(&n.problem, &n.grid, &n.at) },
		`SELECT problem, grid, at FROM early_reports WHERE district = $1 AND community = $2 AND matter = $3 AND at BETWEEN $4 AND $5`, f.district, r.Community, r.Matter, r.At-w, r.At+w)
	if err != nil {
		return err
	}
	if r.Problem = joins(r, list); r.Problem == "" {
		r.Problem = r.Number
	}
	n, err := tx.Count(`INSERT INTO early_reports (district, kind, number, seq, at, month, early, matter, street, community, grid, problem)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT (district, kind, number) DO NOTHING`,
		f.district, r.Kind, r.Number, r.Seq, r.At, r.Month, one(r.Early), r.Matter, r.Street, r.Community, r.Grid, r.Problem)
	if err != nil || n == 0 {
		return err
	}
	return tx.Exec(`INSERT INTO early_counts (district, month, community, matter, street, reports, early, problems, ahead) VALUES ($1, $2, $3, $4, $5, 1, $6, $7, $8)
		ON CONFLICT (district, month, community, matter) DO UPDATE SET reports = early_counts.reports + 1, early = early_counts.early + excluded.early,
			problems = early_counts.problems + excluded.problems, ahead = early_counts.ahead + excluded.ahead`,
		f.district, r.Month, r.Community, r.Matter, r.Street, one(r.Early), one(r.First()), one(r.First() && r.Early))
}

func one(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// Check builds the tables anew from the acts and compares. Fold every act of the
// journal in order, then Finish.
type Check struct {
	f     *Forecasts
	cases map[string]*said
	near  map[string][]near
	want  map[string]string // kind and number -> problem
	count map[Count]int64
}

// Check begins to check.
func (f *Forecasts) Check() *Check {
	return &Check{f: f, cases: map[string]*said{}, near: map[string][]near{}, want: map[string]string{}, count: map[Count]int64{}}
}

// Fold takes the next act.
func (c *Check) Fold(a journal.Act) error {
	var r *Report
	switch a.Kind {
	case rounds.Table.Kind:
		var err error
		if r, err = ofFinding(&a); err != nil {
			return err
		}
	case cases.Table.Kind:
		s := c.cases[a.Subject]
		if s == nil {
			s = &said{}
			c.cases[a.Subject] = s
		}
		if s.gone {
			return nil
		}
		var ch cases.Change
		if err := json.Unmarshal(a.Body, &ch); err != nil {
			return err
		}
		s.fold(&a, &ch)
		if sends(a.Action) {
			if r = s.report(&a); r != nil {
				*s = said{gone: true}
			}
		}
	}
	if r != nil {
		key := r.Community + "|" + r.Matter
		if r.Problem = joins(r, c.near[key]); r.Problem == "" {
			r.Problem = r.Number
		}
		c.near[key] = append(c.near[key], near{r.Problem, r.Grid, r.At})
		c.want[r.Kind+r.Number] = r.Problem
		c.count[Count{Month: r.Month, Community: r.Community, Matter: r.Matter, Problems: one(r.First()), Ahead: one(r.First() && r.Early), Early: one(r.Early)}]++
	}
	return nil
}

// Finish compares, and returns the number of reports or the first that is wrong. The
// follower must have caught up.
func (c *Check) Finish(ctx context.Context) (int, error) {
	err := c.f.db.Read(ctx, func(tx *store.Tx) error {
		seen := 0
		err := tx.Each(`SELECT kind, number, problem FROM early_reports WHERE district = $1`, []any{c.f.district}, func(s store.Scanner) error {
			var kind, number, problem string
			if err := s.Scan(&kind, &number, &problem); err != nil {
				return err
			}
			if seen++; c.want[kind+number] != problem {
				return fmt.Errorf("forecast: %s %s is not the problem its acts say", kind, number)
			}
			return nil
		})
		if err == nil && seen != len(c.want) {
			err = fmt.Errorf("forecast: %d reports, the acts say %d", seen, len(c.want))
		}
		if err != nil {
			return err
		}
		return c.counts(tx)
	})
	return len(c.want), err
}

var errCounts = errors.New("forecast: the counts do not follow from the reports")

func (c *Check) counts(tx *store.Tx) error {
	want := map[[3]string]Count{}
	for k, n := range c.count {
		key := [3]string{k.Month, k.Community, k.Matter}
		t := want[key]
		t.Reports, t.Early, t.Problems, t.Ahead = t.Reports+n, t.Early+n*k.Early, t.Problems+n*k.Problems, t.Ahead+n*k.Ahead
		want[key] = t
	}
	rows := 0
	err := tx.Each(`SELECT month, community, matter, reports, early, problems, ahead FROM early_counts WHERE district = $1`, []any{c.f.district}, func(s store.Scanner) error {
		var k Count
		if err := s.Scan(&k.Month, &k.Community, &k.Matter, &k.Reports, &k.Early, &k.Problems, &k.Ahead); err != nil {
			return err
		}
		rows++
		if w := want[[3]string{k.Month, k.Community, k.Matter}]; w.Reports != k.Reports || w.Early != k.Early || w.Problems != k.Problems || w.Ahead != k.Ahead {
			return fmt.Errorf("%w: %s %s %s", errCounts, k.Month, k.Community, k.Matter)
		}
		return nil
	})
	if err == nil && rows != len(want) {
		err = errCounts
	}
	return err
}
