package campaigns

import (
	"slices"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/form"
	"weixiao/internal/record"
	"weixiao/internal/store"
	"weixiao/internal/worktime"
)

// register gives every kind its book.
func (c *Campaigns) register() {
	c.Campaign = record.Register(c.e, record.Kind[Campaign, *Campaign]{Table: &CampaignTable, Letters: "HZ",
		Keys: func(x *Campaign) record.Keys { return record.Keys{Unit: x.Office, Tag: x.Theme, Title: x.Name} },
		Sees: func(sc access.Scope, _ *Campaign) bool { return sees(sc) },
		Relations: func(_ *store.Tx, sc access.Scope, x *Campaign) ([]string, error) {
			if x.Office != "" && sc.Within(x.Office) {
				return []string{office}, nil
			}
			return nil, nil
		},
		Options: func(_ *store.Tx, _ access.Scope, _ *Campaign, _, field string) ([]form.Option, bool, error) {
			switch field {
			case "theme":
				return form.Options(c.o.Rules.ThemeIDs()...), true, nil
			case "office":
				return form.Options(c.o.Units()...), true, nil
			}
			return nil, false, nil
		},
		Plans: map[string]func(*record.Step[Campaign, *Campaign]) error{
			"plan": func(s *record.Step[Campaign, *Campaign]) error {
				if s.X.Until < s.X.From {
					return record.Fault("until", "before")
				}
				return nil
			},
			"close": c.closing,
		}})
	c.Target = record.Register(c.e, record.Kind[Target, *Target]{Table: &TargetTable, Letters: "HM",
		Keys: func(x *Target) record.Keys {
			return record.Keys{Unit: x.Unit, Parent: x.Campaign, Tag: x.Indicator, Title: c.o.Name(x.Unit) + "·" + c.o.Rules.Indicator(x.Indicator).ZH, Amount: x.Done("")}
		},
		Sees: func(sc access.Scope, _ *Target) bool { return sees(sc) },
		Relations: func(tx *store.Tx, sc access.Scope, x *Target) ([]string, error) {
			return c.of(tx, sc, x.Campaign, x.Unit, "")
		},
		Options: func(tx *store.Tx, sc access.Scope, x *Target, action, field string) ([]form.Option, bool, error) {
			if field == "week" {
				var open []string
				for _, w := range x.Weeks {
					if w.Checker == "" {
						open = append(open, w.Monday)
					}
				}
				return form.Options(open...), true, nil
			}
			return c.options(tx, sc, field)
		},
		Limit: func(x *Target, _ string) (worktime.Limit, string) {
			if c.o.Rules.Indicator(x.Indicator).Counted {
				return worktime.Limit{}, "" // a ledger knows: nothing to report
			}
			l, _ := worktime.ParseLimit(c.o.Rules.Report)
			return l, ""
		},
		Plans: map[string]func(*record.Step[Target, *Target]) error{"set": c.setting, "report": c.reporting, "confirm": c.confirming, "send_back": c.returning, "change_goal": c.changing}})
	c.Meeting = record.Register(c.e, record.Kind[Meeting, *Meeting]{Table: &MeetingTable, Letters: "HY",
		Keys: func(x *Meeting) record.Keys {
			return record.Keys{Parent: x.Campaign, Title: localDay(x.Held) + " " + x.Place, Amount: x.Tasks}
		},
		Sees: func(sc access.Scope, _ *Meeting) bool { return sees(sc) },
		Relations: func(tx *store.Tx, sc access.Scope, x *Meeting) ([]string, error) {
			return c.of(tx, sc, x.Campaign, "", "")
		},
		Options: func(tx *store.Tx, sc access.Scope, x *Meeting, _, field string) ([]form.Option, bool, error) {
			if field == "came" {
				return form.Options(x.Units...), true, nil
			}
			return c.options(tx, sc, field)
		},
		Plans: map[string]func(*record.Step[Meeting, *Meeting]) error{
			"call":   func(s *record.Step[Meeting, *Meeting]) error { _, err := c.running(s.Tx, s.X.Campaign); return err },
			"decide": c.deciding,
		}})
	c.Task = record.Register(c.e, record.Kind[Task, *Task]{Table: &TaskTable, Letters: "HR",
		Keys: func(x *Task) record.Keys {
			return record.Keys{Unit: x.Unit, Parent: x.Campaign, Of: x.Meeting, Title: x.Name}
		},
		Sees: func(sc access.Scope, _ *Task) bool { return sees(sc) },
		Relations: func(tx *store.Tx, sc access.Scope, x *Task) ([]string, error) {
			return c.of(tx, sc, x.Campaign, x.Unit, x.Doer)
		},
		Options: func(tx *store.Tx, sc access.Scope, _ *Task, _, field string) ([]form.Option, bool, error) {
			return c.options(tx, sc, field)
		},
		LimitAt: func(x *Task, _ string, at time.Time) (worktime.Limit, string) { return until(x.Until, at), "" },
		Plans: map[string]func(*record.Step[Task, *Task]) error{
			"give": func(s *record.Step[Task, *Task]) error {
				if _, err := c.running(s.Tx, s.X.Campaign); err != nil {
					return err
				}
				return ahead(s.X.Until, s.At)
			},
			"finish": func(s *record.Step[Task, *Task]) error {
				s.X.Done, s.X.Doer = s.At.UnixMicro(), s.Scope.Account()
				return nil
			},
			"send_back": func(s *record.Step[Task, *Task]) error {
				s.X.Again, s.X.Done = s.X.Again+1, 0
				return ahead(s.X.Until, s.At)
			},
		}})
	c.Point = record.Register(c.e, record.Kind[Point, *Point]{Table: &PointTable, Letters: "HB",
		Keys: func(x *Point) record.Keys { return record.Keys{Unit: x.Unit, Parent: x.Campaign, Title: x.Name} },
		Sees: func(sc access.Scope, _ *Point) bool { return sees(sc) },
		Relations: func(tx *store.Tx, sc access.Scope, x *Point) ([]string, error) {
			return c.of(tx, sc, x.Campaign, x.Unit, x.Shower)
		},
		Options: func(tx *store.Tx, sc access.Scope, _ *Point, _, field string) ([]form.Option, bool, error) {
			return c.options(tx, sc, field)
		},
		Limit: func(*Point, string) (worktime.Limit, string) {
			l, _ := worktime.ParseLimit(c.o.Rules.Rectify)
			return l, ""
		},
		Plans: map[string]func(*record.Step[Point, *Point]) error{
			"set":  func(s *record.Step[Point, *Point]) error { _, err := c.running(s.Tx, s.X.Campaign); return err },
			"show": func(s *record.Step[Point, *Point]) error { s.X.Shower = s.Scope.Account(); return nil },
			"fail": func(s *record.Step[Point, *Point]) error { s.X.Again++; return nil },
		}})
	c.Pair = record.Register(c.e, record.Kind[Pair, *Pair]{Table: &PairTable, Letters: "HJ",
		Keys: func(x *Pair) record.Keys {
			return record.Keys{Unit: x.Unit, Parent: x.Campaign, Of: "unit:" + x.Community, Title: c.o.Name(x.Unit) + "·" + c.o.Name(x.Community), Amount: x.Helped}
		},
		Sees: func(sc access.Scope, _ *Pair) bool { return sees(sc) },
		Relations: func(tx *store.Tx, sc access.Scope, x *Pair) ([]string, error) {
			out, err := c.of(tx, sc, x.Campaign, x.Unit, "")
			if x.Community != "" && sc.Within(x.Community) {
				out = append(out, "helped")
			}
			return out, err
		},
		Options: func(tx *store.Tx, sc access.Scope, _ *Pair, _, field string) ([]form.Option, bool, error) {
			return c.options(tx, sc, field)
		},
		Plans: map[string]func(*record.Step[Pair, *Pair]) error{
			"pair": c.pairing,
			"help": func(s *record.Step[Pair, *Pair]) error { s.X.Helped++; return nil },
		}})
}

// options are the members of the fields that all kinds share.
func (c *Campaigns) options(tx *store.Tx, sc access.Scope, field string) ([]form.Option, bool, error) {
	switch field {
	case "campaign":
		var ids []string
		for _, state := range []string{Planned, Running} {
			list, _, err := c.Campaign.ListIn(tx, sc, record.Filter{State: state})
			if err != nil {
				return nil, false, err
			}
			for _, x := range list {
				ids = append(ids, x.ID)
			}
		}
		return form.Options(ids...), true, nil
	case "unit", "units":
		return form.Options(c.o.Units()...), true, nil
	case "indicator":
		return form.Options(c.o.Rules.IndicatorIDs()...), true, nil
	case "community":
		return form.Options(c.o.Rules.Communities...), true, nil
	}
	return nil, false, nil
}

// closing a campaign closes its targets with it.
func (c *Campaigns) closing(s *record.Step[Campaign, *Campaign]) error {
	var open []string
	if err := c.Target.Each(s.Tx, record.Filter{Parent: s.ID, State: Set}, func(x *Target) error { open = append(open, x.ID); return nil }); err != nil {
		return err
	}
	for _, id := range slices.Backward(open) {
		if _, err := c.Target.ActIn(s.Tx, s.Scope, id, "close", record.Input{At: s.At}); err != nil {
			return err
		}
	}
	return nil
}

func (c *Campaigns) setting(s *record.Step[Target, *Target]) error {
	if _, err := c.running(s.Tx, s.X.Campaign); err != nil {
		return err
	}
	s.X.Goals = []Goal{{s.X.Goal, s.At.UnixMicro()}}
	return c.Target.Each(s.Tx, record.Filter{Parent: s.X.Campaign, Unit: s.X.Unit, Tag: s.X.Indicator, State: Set}, func(x *Target) error {
		return record.Refuse("campaign.twice", x.ID)
	})
}

// reporting takes a week's amount: once, for a week of the campaign that has begun, and not what a ledger counts.
func (c *Campaigns) reporting(s *record.Step[Target, *Target]) error {
	if c.o.Rules.Indicator(s.X.Indicator).Counted {
		return record.Refuse("campaign.counted")
	}
	k, err := c.Campaign.Load(s.Tx, s.X.Campaign)
	if err != nil {
		return err
	}
	monday := MondayOf(s.Answers.Str("week"))
	switch {
	case monday < MondayOf(k.From) || monday > k.Until:
		return record.Fault("week", "outside")
	case monday > s.At.In(worktime.Zone).Format("2006-01-02"):
		return record.Fault("week", "future")
	}
	i := slices.IndexFunc(s.X.Weeks, func(w Week) bool { return w.Monday == monday })
	w := Week{Monday: monday, Amount: s.Answers.Int("amount"), Reporter: s.Scope.Account()}
	switch {
	case i < 0:
		s.X.Weeks = append(s.X.Weeks, w)
		slices.SortFunc(s.X.Weeks, func(a, b Week) int { return compare(a.Monday, b.Monday) })
	case s.X.Weeks[i].Checker != "":
		return record.Refuse("campaign.week.confirmed", monday)
	default:
		s.X.Weeks[i] = w
	}
	return nil
}

func compare(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// confirming counts a week; whoever reported it cannot.
func (c *Campaigns) confirming(s *record.Step[Target, *Target]) error {
	i := slices.IndexFunc(s.X.Weeks, func(w Week) bool { return w.Monday == s.Answers.Str("week") })
	if i < 0 {
		return record.Fault("week", "choice")
	}
	if s.X.Weeks[i].Reporter == s.Scope.Account() {
		return record.Refuse("campaign.self")
	}
	s.X.Weeks[i].Checker = s.Scope.Account()
	return nil
}

func (c *Campaigns) returning(s *record.Step[Target, *Target]) error {
	s.X.Weeks = slices.DeleteFunc(s.X.Weeks, func(w Week) bool { return w.Monday == s.Answers.Str("week") && w.Checker == "" })
	return nil
}

func (c *Campaigns) changing(s *record.Step[Target, *Target]) error {
	s.X.Goals = append(s.X.Goals, Goal{s.X.Goal, s.At.UnixMicro()})
	return nil
}

// deciding makes a task of the meeting, in the same transaction.
func (c *Campaigns) deciding(s *record.Step[Meeting, *Meeting]) error {
	s.X.Tasks++
	raw := record.Raw("campaign", s.X.Campaign, "name", s.Answers.Str("task"), "unit", s.Answers.Str("unit"), "until", s.Answers.Str("until"))
	if what := s.Texts["what"]; what != "" {
		raw["what"] = []string{what}
	}
	_, err := c.Task.OpenIn(s.Tx, s.Scope, "give", record.Input{Raw: raw, At: s.At}, func(x *Task) { x.Meeting = s.ID })
	return err
}

func (c *Campaigns) pairing(s *record.Step[Pair, *Pair]) error {
	if _, err := c.running(s.Tx, s.X.Campaign); err != nil {
		return err
	}
	return c.Pair.Each(s.Tx, record.Filter{Parent: s.X.Campaign, Of: "unit:" + s.X.Community, State: Paired}, func(x *Pair) error {
		if x.Unit == s.X.Unit {
			return record.Refuse("campaign.twice", x.ID)
		}
		return nil
	})
}

// ahead refuses a last day that has gone by.
func ahead(day string, at time.Time) error {
	if day < at.In(worktime.Zone).Format("2006-01-02") {
		return record.Fault("until", "past")
	}
	return nil
}

// until is the time from a moment to the end of a local day, as a limit round the clock.
func until(day string, at time.Time) worktime.Limit {
	t, err := time.ParseInLocation("2006-01-02", day, worktime.Zone)
	if err != nil {
		return worktime.Limit{}
	}
	return worktime.Limit{N: max(1, int(t.AddDate(0, 0, 1).Sub(at)/time.Minute)), Unit: worktime.Minute}
}

func localDay(moment string) string {
	t, err := form.ParseMoment(moment)
	if err != nil {
		return moment
	}
	return t.In(worktime.Zone).Format("2006-01-02")
}
