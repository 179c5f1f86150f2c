package campaigns

import (
	"context"
	"slices"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/record"
	"weixiao/internal/store"
	"weixiao/internal/worktime"
)

// Lights of a row: how far a unit is against how much of the time has gone.
const (
	Green  = "green"  // as far as the time, or further
	Yellow = "yellow" // at least three quarters of it
	Red    = "red"
)

// Row is one target on the battle sheet of a week.
type Row struct {
	*Target
	Week    int64 // amount of the week; of what is reported also when nobody has looked at it yet
	Open    bool  // the week waits for somebody to look at it
	Missing bool  // the week is over and was not reported
	Total   int64 // confirmed up to and with the week
	Light   string
	Tasks   int64 // open tasks of the unit in the campaign
	Late    int64 // of them past their day
}

// Sheet is the battle sheet of a campaign for a week (作战图): units in the order of the directory, indicators in the pack's.
type Sheet struct {
	*Campaign
	Monday string
	Last   string // the last day of the week, or of the campaign
	Gone   int64  // per mille of the campaign's time
	Rows   []Row
}

// Sheet makes the battle sheet of the week that a day is in.
func (c *Campaigns) Sheet(ctx context.Context, sc access.Scope, id, day string) (*Sheet, error) {
	return store.Get(ctx, c.db, func(tx *store.Tx) (*Sheet, error) {
		k, err := c.Campaign.Get(tx, sc, id)
		if err != nil {
			return nil, err
		}
		s := &Sheet{Campaign: k, Monday: MondayOf(day)}
		if s.Monday == "" {
			return nil, record.Fault("week", "date")
		}
		s.Last = min(after(s.Monday, 6), k.Until)
		s.Gone = gone(k.From, k.Until, s.Last)
		tasks, late, err := c.load(tx, id, s.Last)
		if err != nil {
			return nil, err
		}
		if err := c.Target.Each(tx, record.Filter{Parent: id}, func(x *Target) error {
			if x.State == Dropped {
				return nil
			}
			r, err := c.row(tx, k, s, x)
			r.Tasks, r.Late = tasks[x.Unit], late[x.Unit]
			s.Rows = append(s.Rows, r)
			return err
		}); err != nil {
			return nil, err
		}
		units, indicators := c.o.Units(), c.o.Rules.IndicatorIDs()
		slices.SortStableFunc(s.Rows, func(a, b Row) int {
			if x := slices.Index(units, a.Unit) - slices.Index(units, b.Unit); x != 0 {
				return x
			}
			return slices.Index(indicators, a.Indicator) - slices.Index(indicators, b.Indicator)
		})
		return s, nil
	})
}

func (c *Campaigns) row(tx *store.Tx, k *Campaign, s *Sheet, x *Target) (Row, error) {
	r := Row{Target: x, Total: x.Done(s.Monday)}
	amount, checked, found := x.Of(s.Monday)
	r.Week, r.Open, r.Missing = amount, found && !checked, !found && c.e.Now().In(worktime.Zone).Format("2006-01-02") > s.Last
	if c.o.Rules.Indicator(x.Indicator).Counted && c.o.Count != nil {
		week, known, err := c.o.Count(tx, x.Indicator, x.Unit, s.Monday, s.Last)
		if err != nil {
			return r, err
		}
		total, also, err := c.o.Count(tx, x.Indicator, x.Unit, k.From, s.Last)
		if err != nil {
			return r, err
		}
		if known && also {
			r.Week, r.Total, r.Open, r.Missing = week, total, false, false
		}
	}
	r.Light = light(r.Total, x.Goal, s.Gone)
	return r, nil
}

// light compares what is done with what would be by now, were it done evenly.
func light(total, goal, gone int64) string {
	switch {
	case goal <= 0 || total*1000 >= goal*gone:
		return Green
	case total*1000*4 >= goal*gone*3:
		return Yellow
	}
	return Red
}

// load are the open tasks of units, and those past their day.
func (c *Campaigns) load(tx *store.Tx, id, day string) (open, late map[string]int64, err error) {
	open, late = map[string]int64{}, map[string]int64{}
	err = c.Task.Each(tx, record.Filter{Parent: id, State: Set}, func(x *Task) error {
		open[x.Unit]++
		if x.Until < day {
			late[x.Unit]++
		}
		return nil
	})
	return open, late, err
}

// after is a local day so many days later.
func after(day string, n int) string {
	t, err := time.ParseInLocation("2006-01-02", day, worktime.Zone)
	if err != nil {
		return day
	}
	return t.AddDate(0, 0, n).Format("2006-01-02")
}

// gone is how much of a stretch of days, both ends counted, is over at the end of a day, per mille.
func gone(from, until, day string) int64 {
	a, _ := time.ParseInLocation("2006-01-02", from, worktime.Zone)
	b, _ := time.ParseInLocation("2006-01-02", until, worktime.Zone)
	d, _ := time.ParseInLocation("2006-01-02", day, worktime.Zone)
	whole := int64(b.Sub(a)/(24*time.Hour)) + 1
	if whole < 1 {
		return 1000
	}
	return min(1000, max(0, (int64(d.Sub(a)/(24*time.Hour))+1)*1000/whole))
}
