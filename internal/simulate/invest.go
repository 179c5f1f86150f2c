package simulate

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/form"
	"weixiao/internal/pack"
	"weixiao/internal/projects"
	"weixiao/internal/record"
	"weixiao/internal/store"
	"weixiao/internal/worktime"
)

// deed is something that happens in the ledgers of projects, works and visits on a day. It is written down in the office
// hour that follows.
type deed struct {
	on  string
	seq int
	do  func(tx *store.Tx, at time.Time) error
}

// investing is the year of the investment office: what is to happen, and the records that were made.
type investing struct {
	y     *year
	r     *rand.Rand
	deeds []deed
	acts  int
	ids   map[string]string // of projects, by name
	metOn map[string]string // when the visit was that led to a project, by its name
	slips int
}

// newInvesting plans the year of the ledgers from what the pack brings.
func (y *year) newInvesting() *investing {
	v := &investing{y: y, r: rand.New(rand.NewPCG(y.o.Seed, 0x696e76657374)), ids: map[string]string{}, metOn: map[string]string{}}
	p := y.w.Pack
	if y.w.Outreach != nil && p.Outreach != nil {
		for i := range p.Outreach.Contacts {
			c := &p.Outreach.Contacts[i]
			v.meet(c)
			if c.Lead != "" {
				v.metOn[c.Lead] = c.On
			}
		}
	}
	if y.w.Projects != nil && p.Projects != nil {
		for i := range p.Projects.Projects {
			v.plan(&p.Projects.Projects[i])
		}
	}
	if y.w.Projects != nil && p.Works != nil {
		for i := range p.Works.Works {
			v.build(&p.Works.Works[i])
		}
	}
	slices.SortStableFunc(v.deeds, func(a, b deed) int {
		if c := strings.Compare(a.on, b.on); c != 0 {
			return c
		}
		return a.seq - b.seq
	})
	return v
}

func (v *investing) add(on string, do func(tx *store.Tx, at time.Time) error) {
	v.deeds = append(v.deeds, deed{max(on, Begin.Format(time.DateOnly)), len(v.deeds), do})
}

// until writes down what has happened before a moment.
func (v *investing) until(ctx context.Context, at time.Time) (int, error) {
	today := at.In(worktime.Zone).Format(time.DateOnly)
	n := 0
	for n < len(v.deeds) && v.deeds[n].on < today {
		n++
	}
	if n == 0 {
		return 0, nil
	}
	was := v.acts
	err := v.y.w.DB.Write(ctx, func(tx *store.Tx) error {
		v.acts = was
		for _, d := range v.deeds[:n] {
			if err := d.do(tx, at); err != nil {
				return err
			}
		}
		return nil
	})
	v.deeds = v.deeds[n:]
	return v.acts - was, err
}

// hand is somebody of a unit, or of the office when the unit has nobody who signs in.
func (v *investing) hand(unit string, offices []string) access.Scope {
	for _, u := range append([]string{unit}, offices...) {
		if sc, ok := v.y.staff.one(v.r, u, access.Department, access.Street, access.DeptLead, access.StreetLead); ok {
			return sc
		}
	}
	return access.SystemScope(v.y.w.Pack.District, "nobody keeps the ledgers of a simulated year")
}

// second is somebody of an office who is not the first.
func (v *investing) second(first access.Scope, offices []string) access.Scope {
	for _, u := range offices {
		for _, role := range []string{access.DeptLead, access.Department} {
			for _, sc := range v.y.staff.by[u][role] {
				if sc.Account() != first.Account() {
					return sc
				}
			}
		}
	}
	sc, _ := v.y.staff.one(v.r, "leaders", access.Leader)
	return sc
}

func input(at time.Time, kv ...string) record.Input {
	r := form.Raw{}
	for i := 0; i+1 < len(kv); i += 2 {
		if kv[i+1] != "" {
			r[kv[i]] = append(r[kv[i]], kv[i+1])
		}
	}
	return record.Input{Raw: r, At: at}
}

func (v *investing) act(tx *store.Tx, sc access.Scope, kind, id, action string, in record.Input) error {
	v.acts++
	if err := v.y.w.Projects.ActIn(tx, sc, kind, id, action, in); err != nil {
		return fmt.Errorf("%s %s: %w", kind, action, err)
	}
	return nil
}

// facts are the answers of the form of a project.
func facts(q *pack.Planned) []string {
	out := []string{"name", q.Name, "investor", q.Investor, "firm", q.Firm, "home", q.Home, "sector", q.Sector, "investment", q.Investment, "fixed", q.Fixed, "town", q.Town, "site", q.Site,
		"unit", q.Unit, "agent", q.Agent, "leader", q.Leader, "land", fmt.Sprint(q.Land), "jobs", fmt.Sprint(q.Jobs), "energy", fmt.Sprint(q.Energy)}
	if q.Lon != 0 {
		out = append(out, "lon", fmt.Sprintf("%.6f", q.Lon), "lat", fmt.Sprintf("%.6f", q.Lat))
	}
	return out
}

func dayAfter(s string, n int) string {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return s
	}
	return t.AddDate(0, 0, n).Format(time.DateOnly)
}

// plan is the way of one project: entered, or come of a visit; stage after stage with evidence and a second look;
// promises, some of them moved; money.
func (v *investing) plan(q *pack.Planned) {
	rules := v.y.w.Pack.Projects
	first := Begin.Format(time.DateOnly)
	if d := q.Reached["talks"]; d > first {
		first = dayAfter(d, -5)
	}
	first = max(first, v.metOn[q.Name])
	made := projects.Given{MadeUp: slices.Contains(q.MadeUp, "all"), Exact: len(q.MadeUp) > 0 && !slices.Contains(q.MadeUp, "all") && !slices.Contains(q.MadeUp, "investment"), Source: q.Source}
	v.add(first, func(tx *store.Tx, at time.Time) error {
		sc := v.hand(q.Unit, rules.Office)
		in := input(at, facts(q)...)
		in.With = &made
		v.acts++
		if id := v.ids[q.Name]; id != "" { // a visit led to it
			v.acts--
			return v.act(tx, v.hand("", rules.Office), "project", id, "correct", in)
		}
		x, err := v.y.w.Projects.Books.Project.OpenIn(tx, sc, "enter", in)
		if err != nil {
			return fmt.Errorf("%s: %w", q.Name, err)
		}
		v.ids[q.Name] = x.ID
		return nil
	})
	for _, stage := range pack.ProjectStages()[1:] {
		if on := q.Reached[stage]; on != "" {
			v.add(max(on, first), func(tx *store.Tx, at time.Time) error { return v.reach(tx, at, q, stage, on) })
		}
		if stage == "signed" && q.Reached[stage] != "" {
			v.promises(q, max(q.Reached[stage], first))
		}
	}
	for _, a := range q.Arrived {
		on := max(a.Month+"-20", dayAfter(q.Reached["registered"], 1))
		v.add(max(dayAfter(on, 2), first), func(tx *store.Tx, at time.Time) error { return v.money(tx, at, q, a, on) })
	}
	if strings.Contains(q.Source, "重复登记") {
		v.add(dayAfter(max(q.Reached["signed"], first), 12), func(tx *store.Tx, at time.Time) error {
			sc := v.hand("", rules.Office)
			x, err := v.y.w.Projects.Books.Project.Load(tx, v.ids[q.Name])
			if err != nil {
				return err
			}
			same := ""
			if len(x.Twins) > 0 {
				same = x.Twins[0].ID
			}
			return v.act(tx, sc, "project", x.ID, "judge", input(at, "counted", "no", "same_as", same, "grounds", "同一投资方、同一地点，已由商务局登记"))
		})
	}
}

// reach files the evidence of a stage, proposes it and has it confirmed by somebody else.
func (v *investing) reach(tx *store.Tx, at time.Time, q *pack.Planned, stage, on string) error {
	rules, id := v.y.w.Pack.Projects, v.ids[q.Name]
	sc := v.hand(q.Unit, rules.Office)
	v.slips++
	number := fmt.Sprintf("江源%s-%s-%04d", stage, on[:4], v.slips)
	kinds := rules.EvidenceOf(stage)
	v.acts++
	if _, err := v.y.w.Projects.Books.Evidence.OpenIn(tx, sc, "file", input(at, "project", id, "proves", stage, "kind", kinds[v.slips%len(kinds)], "number", number, "dated", on)); err != nil {
		return fmt.Errorf("%s, evidence of %s: %w", q.Name, stage, err)
	}
	kv := []string{"stage", stage, "reached_on", on}
	if stage == projects.Signed {
		kv = append(kv, "signing", q.Class, "signed_at", q.Place)
	}
	if err := v.act(tx, sc, "project", id, "propose", input(at, kv...)); err != nil {
		return fmt.Errorf("%s, %s: %w", q.Name, stage, err)
	}
	return v.act(tx, v.second(sc, rules.Office), "project", id, "confirm", input(at))
}

// promises are made when a project is signed, or in the first days of the year; some are moved when they come near.
func (v *investing) promises(q *pack.Planned, on string) {
	for _, stage := range []string{"started", "producing"} {
		promised, moved := q.Promised[stage], q.Moved[stage]
		say := func(day, date, why string) {
			if date == "" {
				return
			}
			v.add(day, func(tx *store.Tx, at time.Time) error {
				rules := v.y.w.Pack.Projects
				x, err := v.y.w.Projects.Books.Project.Load(tx, v.ids[q.Name])
				if err != nil || x.Reached[stage] != "" {
					return err
				}
				return v.act(tx, v.hand(q.Unit, rules.Office), "project", v.ids[q.Name], "promise", input(at, "milestone", stage, "promised_on", date, "because", why))
			})
		}
		say(on, promised, "")
		if moved == "" {
			continue
		}
		// A later start moves everything behind it: the last promise is moved first.
		near := dayAfter(q.Promised["started"], -6)
		if stage == "started" {
			near = dayAfter(near, 1)
		}
		say(max(near, on), moved, pick(v.r, []string{"用地手续还在办理，开工顺延", "设备到货推迟", "冬季停工，顺延到来年春天", "投资方调整了设计方案"}))
	}
}

func (v *investing) money(tx *store.Tx, at time.Time, q *pack.Planned, a pack.Arrived, on string) error {
	rules, id := v.y.w.Pack.Projects, v.ids[q.Name]
	sc := v.hand(q.Unit, rules.Office)
	for _, measure := range []string{"arrived", "completed"} {
		if measure == "completed" && q.Reached["started"] == "" {
			continue
		}
		v.slips++
		amount, origin := a.Amount, a.From
		if measure == "completed" {
			amount, origin = form.FormatMoney(pack.Fen(a.Amount)/100/100*70), ""
		}
		v.acts++
		m, err := v.y.w.Projects.Books.Money.OpenIn(tx, sc, "report", input(at, "project", id, "measure", measure, "origin", origin, "booked_on", on, "slip", fmt.Sprintf("HD%08d", v.slips), "amount", amount, "amount_sure", "yes"))
		if err != nil {
			return fmt.Errorf("%s, money: %w", q.Name, err)
		}
		if err := v.act(tx, v.second(sc, rules.Office), "project_money", m.ID, "confirm", input(at)); err != nil {
			return err
		}
	}
	return nil
}

// build is a public work: planned, built in sections that somebody else measures, paid.
func (v *investing) build(q *pack.PublicWork) {
	rules := v.y.w.Pack.Works
	id := ""
	first, last := "9", ""
	for _, s := range q.Sections {
		first, last = min(first, s.Began), max(last, cmp.Or(s.Done, "9"))
	}
	v.add(dayAfter(first, -10), func(tx *store.Tx, at time.Time) error {
		sc := v.hand(q.Unit, rules.Office)
		in := input(at, "name", q.Name, "unit", q.Unit, "budget", q.Budget, "budget_sure", "yes")
		in.With = &projects.Given{MadeUp: len(q.MadeUp) > 0, Source: q.Source}
		v.acts++
		x, err := v.y.w.Projects.Books.Work.OpenIn(tx, sc, "plan", in)
		if err != nil {
			return err
		}
		id = x.ID
		return v.act(tx, sc, "public_work", id, "begin", input(at))
	})
	for _, s := range q.Sections {
		section := ""
		v.add(s.Began, func(tx *store.Tx, at time.Time) error {
			sc := v.hand(q.Unit, rules.Office)
			v.acts++
			x, err := v.y.w.Projects.Books.Section.OpenIn(tx, sc, "add", input(at, "work", id, "name", s.Name, "kind", s.Kind, "quantity", s.Quantity, "town", s.Town))
			if err != nil {
				return err
			}
			section = x.ID
			return v.act(tx, sc, "work_section", section, "begin", input(at, "began_on", s.Began))
		})
		if s.Done == "" {
			continue
		}
		v.add(s.Done, func(tx *store.Tx, at time.Time) error {
			sc := v.hand(q.Unit, rules.Office)
			if err := v.act(tx, sc, "work_section", section, "finish", input(at, "done_on", s.Done)); err != nil {
				return err
			}
			return v.act(tx, v.second(sc, rules.Office), "work_section", section, "accept", input(at, "measure", s.Quantity))
		})
	}
	if last == "9" {
		last = "2022-11-30"
	}
	v.add(dayAfter(last, 5), func(tx *store.Tx, at time.Time) error {
		sc := v.hand(q.Unit, rules.Office)
		if err := v.act(tx, sc, "public_work", id, "pay", input(at, "voucher", "ZF"+id[len(id)-5:], "sum", q.Paid, "sum_sure", "yes")); err != nil {
			return err
		}
		if slices.ContainsFunc(q.Sections, func(s pack.WorkSection) bool { return s.Done == "" }) {
			return nil
		}
		return v.act(tx, sc, "public_work", id, "complete", input(at))
	})
}

// meet is one visit, what follows from some, and the project that came of a few.
func (v *investing) meet(c *pack.Contact) {
	p, books := v.y.w.Pack, v.y.w.Outreach.Books
	v.add(c.On, func(tx *store.Tx, at time.Time) error {
		sc := v.hand(c.Unit, p.Outreach.Office)
		way := "in"
		if c.Out {
			way = "out"
		}
		in := input(at, "organisation", c.Name, "code", c.Code, "class", c.Class, "direction", way, "held_on", c.On, "place", c.Place, "ours", c.Unit, "topic", c.Topic,
			"person", person(v.r), "duty", pick(v.r, []string{"总经理", "副总经理", "市场部经理", "秘书长"}))
		in.With = c.MadeUp
		v.acts++
		x, err := books.Visit.OpenIn(tx, sc, "note", in)
		if err != nil {
			return fmt.Errorf("visit to %s: %w", c.Name, err)
		}
		keeper := v.hand("", p.Outreach.Office)
		if i := slices.IndexFunc(ledgered(p), func(q pack.Planned) bool { return q.Name == c.Lead }); c.Lead != "" && i >= 0 {
			q := p.Projects.Projects[i]
			v.acts++
			x, err := books.Visit.ActIn(tx, keeper, x.ID, "lead", input(at, "project", q.Name, "sector", q.Sector, "investment", q.Investment, "investment_sure", "yes"))
			if err != nil {
				return fmt.Errorf("lead %s: %w", q.Name, err)
			}
			v.ids[q.Name] = x.Project
		}
		if !chance(v.r, 0.2) {
			return nil
		}
		v.acts++
		f, err := books.Follow.OpenIn(tx, keeper, "agree", input(at, "visit", x.ID, "owner", c.Unit, "task", pick(v.r, []string{"寄送园区和政策资料", "安排现场选址", "对接原料供应商", "答复用地和用电条件"})))
		if err != nil {
			return err
		}
		if due := v.y.office.add(at, mins(v.r, 600, 3600)); chance(v.r, 0.9) && due.Before(Present.AddDate(0, 0, -12)) {
			v.acts++
			_, err = books.Follow.ActIn(tx, keeper, f.ID, "finish", input(at, "outcome", "已办理并回复对方"))
		}
		return err
	})
}

func ledgered(p *pack.Pack) []pack.Planned {
	if p.Projects == nil {
		return nil
	}
	return p.Projects.Projects
}
