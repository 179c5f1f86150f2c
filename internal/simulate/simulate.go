// Package simulate makes up a year of a district: people who report, units that
// handle, streets that whistle. Everything goes through the same verbs as the
// work of real people (cases.Batch checks what Report and Act check), on a
// simulated clock, so that what comes out is a district like any other, with
// every act in its journal.
//
// Nobody and nothing in it exists: names, telephone numbers, estates, roads,
// shops and firms are made up; only the units are those of the pack. Every case
// carries the source "simulation" in its outside references.
//
//	simulate.go  this map, Fill
//	texts.go     what is said: templates in texts/, slots.go fills them
//	shape.go     how much is said when: seasons, weather, weekdays, hours
//	places.go    where it happens; names.go who says it
//	people.go    the accounts of those who work; appoint.go: who holds which post
//	units.go     how good units are
//	hours.go     office time
//	life.go      one case from its report to its end
//	course.go    what the centre and the unit do with it, up to the contact
//	workdays.go  community workdays; knocking.go: visits, people in need
//	outings.go   what is found outside, turns and weather of the last days
//	meanwhile.go what happens between contact and reply
//	callback.go  call-back, rating, redo
//	whistle.go   whistles; order.go supervision
//	stock.go     what is open on the last day, so that everybody has something to do
//	year.go      the year, planned day by day
//	sweep.go     inspections of sanitation and its settlements; tracks.go: where machines sweep
//	renew.go     villages
//	invest.go    investment projects, public works, visits to investors
//	business.go  firms: what they state, policies, claims
//	windows.go   service windows: numbers, ratings, stars
//	letters.go   letters to the leaders
//	approve.go   approvals of projects; accompany.go: their agents
//	scores.go    what happens to the figures of each month
//	run.go       events in order of time, taken in by batches
//
// The same seed and scale give the same year: the same cases in the same states.
// Only numbers, ids and keys are drawn anew.
package simulate

import (
	"context"
	"fmt"
	"sort"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/assess"
	"weixiao/internal/cases"
	"weixiao/internal/catalogue"
	"weixiao/internal/directory/firms"
	"weixiao/internal/directory/posts"
	"weixiao/internal/enterprise"
	"weixiao/internal/enterprise/express"
	"weixiao/internal/enterprise/policies"
	"weixiao/internal/enterprise/windows"
	"weixiao/internal/journal"
	"weixiao/internal/pack"
	"weixiao/internal/projects"
	"weixiao/internal/projects/agents"
	"weixiao/internal/projects/approvals"
	"weixiao/internal/projects/campaigns"
	"weixiao/internal/projects/outreach"
	"weixiao/internal/rounds"
	"weixiao/internal/rounds/formalism"
	"weixiao/internal/rounds/sanitation"
	"weixiao/internal/rounds/villages"
	"weixiao/internal/rounds/visits"
	"weixiao/internal/rounds/workdays"
	"weixiao/internal/store"
	"weixiao/internal/worktime"
)

// Source marks everything made up in the outside references of cases.
const Source = "simulation"

// YearCases is how many cases a year has at scale 1.
const YearCases = 12000

// Begin is the first moment of the simulated year, Present its last: Friday, the
// last working day of 2022, in office hours, when clocks of every kind run.
var (
	Begin   = time.Date(2022, 1, 1, 0, 0, 0, 0, worktime.Zone)
	Present = time.Date(2022, 12, 30, 14, 40, 0, 0, worktime.Zone)
)

// World is the district to fill. It must have no cases yet; accounts it has take
// part.
type World struct {
	DB    *store.DB
	Cases *cases.Cases
	Gate  *access.Gate
	Pack  *pack.Pack
	// Assess scores the months: exclusions, appeals, previews, freezes. nil leaves
	// that out.
	Assess *assess.Assess
	// Posts are given holders. nil leaves them vacant.
	Posts *posts.Posts
	// Firms is filled from the pack. nil leaves it empty.
	Firms *firms.Firms
	// Rounds get what is found outside; nil leaves that out.
	Rounds *rounds.Rounds
	// Workdays and Visits get theirs; nil leaves them out.
	Workdays *workdays.Workdays
	Visits   *visits.Visits
	// Sanitation is inspected and settled. nil leaves that out.
	Sanitation *sanitation.Sanitation
	// Villages are put right. nil leaves that out.
	Villages *villages.Villages
	// Projects and Outreach get the ledgers that the pack brings; nil leaves them out.
	Projects *projects.Projects
	Outreach *outreach.Outreach
	// Enterprise and Policies get the year of the firms; nil leaves it out.
	Enterprise *enterprise.Enterprise
	Policies   *policies.Policies
	// Windows serve visitors. nil leaves that out.
	Windows *windows.Windows
	// Approvals and Agents get the projects of the pack; nil leaves them out. With one there is the other.
	Approvals *approvals.Approvals
	Agents    *agents.Agents
	// Campaigns are planned, run and closed. nil leaves that out.
	Campaigns *campaigns.Campaigns
	// Express gets letters to the leaders. nil leaves that out.
	Express *express.Express
	// Guard gets exceptions from the rule against formalism; nil leaves that out.
	Guard *formalism.Guard
}

// rules are the dispatch rules in force at a moment: the pack's, or what the district
// published since.
func (w World) rules(at time.Time) *catalogue.Catalogue {
	return w.Cases.District().Duties.Now().At(at)
}

// Options shape the year. The zero value is the year of the demonstration.
type Options struct {
	Seed     uint64      // 0 = 1
	Scale    float64     // times YearCases; 0 = 1
	Visitors int         // of the service windows; 0 = as Scale says
	Password access.Hash // of the made-up accounts; "" = nobody can sign in with them
}

// Stats tell what was done.
type Stats struct {
	Accounts int
	Cases    int
	Acts     int // on cases and whistles, reports not counted
	Whistles int
	Scoring  int      // acts on exclusions, appeals and months
	Alarms   int      // reminders and escalations
	Findings int      // found outside, those that became cases among them
	Turns    int      // of the last days
	Orders   int      // letters, instructions and listings
	Old      int64    // number of the last act that lies two days before the present: nobody need be told of it
	Refused  []string // acts the tables did not allow: a mistake in the simulation
}

// Fill simulates the year into an empty district.
func Fill(ctx context.Context, w World, o Options) (Stats, error) {
	if o.Seed == 0 {
		o.Seed = 1
	}
	if o.Scale == 0 {
		o.Scale = 1
	}
	people, err := hire(ctx, w, o)
	if err != nil {
		return Stats{}, fmt.Errorf("simulate: accounts: %w", err)
	}
	if err := appoint(ctx, w, o); err != nil {
		return Stats{}, fmt.Errorf("simulate: posts: %w", err)
	}
	y, err := newYear(w, o, people)
	if err != nil {
		return Stats{}, fmt.Errorf("simulate: %w", err)
	}
	st, err := y.run(ctx)
	st.Accounts = people.made
	if err == nil {
		err = w.Cases.SettleAlarms(ctx)
	}
	if err == nil {
		err = rosters(ctx, w)
	}
	if err == nil && y.firms == nil { // written down today: before the year it would put every act of it after today
		err = enlist(ctx, w, o)
	}
	if err == nil {
		err = analyse(ctx, w)
	}
	if err == nil {
		st.Old, err = lastBefore(ctx, w, Present.Add(-48*time.Hour))
	}
	if err != nil {
		return st, fmt.Errorf("simulate: %w", err)
	}
	return st, nil
}

// analyse lets the engine count what it holds now, as after every bulk load:
// without that it would choose its indexes as for empty tables.
func analyse(ctx context.Context, w World) error {
	return w.DB.Write(ctx, func(tx *store.Tx) error {
		tables := []string{"acts", "act_texts", "cases", "case_units", "whistle_units", "orders", "order_units", "alarms"}
		if w.Rounds != nil {
			tables = append(tables, "findings", "finding_cases", "turns")
		}
		if w.Workdays != nil {
			tables = append(tables, "workdays", "workday_bookings")
		}
		if w.Windows != nil {
			tables = append(tables, "window_visits", "window_sums")
		}
		if w.Windows != nil || w.Projects != nil || w.Approvals != nil || w.Campaigns != nil || w.Express != nil || w.Enterprise != nil {
			tables = append(tables, "records")
		}
		if w.Visits != nil {
			tables = append(tables, "visits", "people_in_need")
		}
		for _, table := range tables {
			if err := tx.Exec("ANALYZE " + table); err != nil {
				return err
			}
		}
		return nil
	})
}

// lastBefore is the number of the last act before a moment, 0 if there is none.
func lastBefore(ctx context.Context, w World, t time.Time) (int64, error) {
	return store.Get(ctx, w.DB, func(tx *store.Tx) (int64, error) {
		head, err := journal.Head(tx, w.Pack.District)
		if err != nil {
			return 0, err
		}
		n := sort.Search(int(head), func(i int) bool {
			next, e := journal.Since(tx, w.Pack.District, int64(i), 1)
			if e != nil {
				err = e
			}
			return len(next) == 0 || !next[0].Time().Before(t)
		})
		return int64(n), err
	})
}
