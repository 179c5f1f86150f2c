package simulate

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/cases"
	"weixiao/internal/directory"
	"weixiao/internal/enterprise/windows"
	"weixiao/internal/form"
	"weixiao/internal/pack"
	"weixiao/internal/record"
	"weixiao/internal/store"
)

// visitors is how many people come to the halls in a year at scale 1.
const visitors = 1200

// counter is a window of the year with the clerk who sits at it. sour is how much harder than the others it is to please.
type counter struct {
	*pack.Window
	clerk access.Scope
	busy  time.Time // until when somebody is served there
	sour  float64
}

// hall does something at the windows, at its moment.
func (y *year) hall(t time.Time, fn func(tx *store.Tx) error) {
	y.at(t, func(b *cases.Batch) error {
		return b.In(func(tx *store.Tx) error {
			if err := fn(tx); err != nil {
				return fmt.Errorf("a window on %s: %w", t.Format("01-02 15:04"), err)
			}
			return nil
		})
	})
}

// halls plans the year of the service windows: who sits where, who comes, what they say of it, what is put right, and the
// stars of the quarters.
func (y *year) halls() {
	if y.w.Windows == nil {
		return
	}
	r := rand.New(rand.NewPCG(y.o.Seed, 0x77696e646f7773))
	counters := map[string]*counter{}
	var list []*counter
	rules := y.w.Pack.Windows
	for i := range rules.Windows {
		x := &rules.Windows[i]
		for _, sc := range y.staff.by[x.Unit][access.Clerk] {
			if y.staff.window[sc.Account()] != x.ID || counters[x.ID] != nil || x.ID == shownWindow && y.staff.clerk != "" && sc.Account() != y.staff.clerk {
				continue
			}
			c := &counter{Window: x, clerk: sc, sour: 0.006 + 0.028*r.Float64()}
			counters[x.ID], list = c, append(list, c)
			y.hall(Begin.Add(8*time.Hour+time.Duration(i)*time.Minute), func(tx *store.Tx) error {
				_, err := y.w.Windows.Seats.OpenIn(tx, c.clerk, "sit", record.Input{Raw: record.Raw("window", c.ID), At: Begin.Add(8*time.Hour + time.Duration(i)*time.Minute)})
				return err
			})
		}
	}
	if len(list) == 0 {
		return
	}
	cal := y.w.Pack.Calendar("")
	var days []time.Time
	for d := range y.days {
		if day := Begin.AddDate(0, 0, d); cal.DayOf(day).Working {
			days = append(days, day)
		}
	}
	want := y.o.Visitors
	if want == 0 {
		want = int(visitors * min(y.o.Scale, 4))
	}
	for i := range want {
		day := days[i*len(days)/want]
		at := day.Add(8*time.Hour + 35*time.Minute + mins(r, 0, 150))
		if chance(r, 0.45) {
			at = day.Add(13*time.Hour + 35*time.Minute + mins(r, 0, 160))
		}
		y.visitor(r, pick(r, list), at)
	}
	for i := range 5 { // who waits at the present
		at := Present.Add(-time.Duration(4*i+3) * time.Minute)
		y.hall(at, func(tx *store.Tx) error {
			_, err := y.w.Windows.TakeIn(tx, access.PublicScope(y.w.Pack.District), form.Raw{"hall": {"social"}, "item": {pick(r, []string{"si_join", "si_move", "si_proof"})}}, store.Key{}, at)
			return err
		})
	}
	y.marked(r, list)
	y.quarters()
	y.unsolved(r)
}

// visitor plans one visit, from the number to what is said of it.
func (y *year) visitor(r *rand.Rand, c *counter, at time.Time) {
	w, item := y.w.Windows, pick(r, c.Items)
	promised, _ := y.w.Pack.Windows.Item(item)
	public := access.PublicScope(y.w.Pack.District)
	wait := mins(r, 1, 14)
	if chance(r, 0.04) {
		wait += mins(r, 12, 30)
	}
	called := at.Add(wait)
	took := time.Duration(float64(promised.Minutes) * (0.35 + 0.6*r.Float64()) * float64(time.Minute))
	if chance(r, 2*c.sour) {
		took += time.Duration(promised.Minutes) * time.Minute
	}
	if called.Before(c.busy) { // one after the other; numbers are drawn a little unevenly
		called = c.busy.Add(mins(r, 1, 3))
	}
	if called.Add(took).Day() != at.Day() || called.Add(took).Hour() >= 17 {
		return
	}
	c.busy = called.Add(took)
	y.hall(at, func(tx *store.Tx) error {
		_, err := w.TakeIn(tx, public, form.Raw{"hall": {c.Hall}, "item": {item}}, store.Key{}, at)
		return err
	})
	var v *windows.Visit
	y.hall(called, func(tx *store.Tx) (err error) {
		v, err = w.NextIn(tx, c.clerk, called)
		if errors.Is(err, store.ErrNotFound) { // called at another window that serves the same
			return nil
		}
		if refused, ok := errors.AsType[*record.RefusedError](err); ok && refused.Code == "window.busy" {
			return nil
		}
		return err
	})
	outcome, level := windows.Done, rated(r, c.sour)
	switch x := r.Float64(); {
	case x < 1.5*c.sour:
		outcome = windows.Supplemented
	case x < 2*c.sour:
		outcome = windows.Returned
	}
	absent := chance(r, 0.02)
	if Present.Sub(at) < 30*time.Hour && Present.Sub(at) > 0 && c.ID[0] == 'b' && level > 3 && chance(r, 0.5) {
		level = 2 // somebody has to be called today
	}
	y.hall(called.Add(took), func(tx *store.Tx) (err error) {
		if v == nil {
			return nil
		}
		if absent {
			_, err = w.ActIn(tx, c.clerk, v.ID, "absent", nil, called.Add(took))
			v = nil
			return err
		}
		_, err = w.ActIn(tx, c.clerk, v.ID, "finish", form.Raw{"outcome": {outcome}}, called.Add(took))
		return err
	})
	if absent || level == 0 {
		return
	}
	said := called.Add(took).Add(mins(r, 1, 90))
	if chance(r, 0.2) {
		said = said.Add(time.Duration(r.IntN(30)) * time.Hour)
	}
	b := &blame{c: c}
	raw := form.Raw{"level": {strconv.Itoa(level)}}
	if list := y.w.Pack.Windows.LabelsAt(level); len(list) > 0 && chance(r, 0.6) {
		raw["labels"] = []string{pick(r, list).ID}
	}
	if level <= 2 {
		raw["words"] = []string{pick(r, grumbles)}
		if chance(r, 0.5) {
			raw["phone"] = []string{fmt.Sprintf("1980001%04d", r.IntN(10000))}
		}
	}
	y.hall(said, func(tx *store.Tx) error {
		if v == nil {
			return nil
		}
		me, ok := w.HolderScope(v.ID, w.Secret(v.ID))
		if !ok {
			return errors.New("a link that does not open")
		}
		x, err := w.RateIn(tx, me, "", v.ID, raw, said)
		if err == nil {
			b.id, b.contact, b.holder = x.Bad, raw["phone"] != nil, me
		}
		return err
	})
	if level <= 2 {
		y.amend(r, b, said)
	}
}

// rated is what somebody says of a visit: 0 is nothing, as more than half do.
func rated(r *rand.Rand, sour float64) int {
	if !chance(r, 0.45) {
		return 0
	}
	switch x := r.Float64(); {
	case x < sour/3:
		return 1
	case x < sour:
		return 2
	case x < 2*sour:
		return 3
	case x < 6*sour:
		return 4
	}
	return 5
}

var grumbles = []string{"说材料不全，跑了两趟才说清楚", "等了一个多小时才叫到号", "窗口人员说话不耐烦", "告知单上没有的材料也要", "中午排队没有人", "办完了没说什么时候取件"}

// blame is a bad rating of the year, known once it was given.
type blame struct {
	c       *counter
	id      string
	contact bool
	holder  access.Scope
}

// amend plans how a bad rating is put right, each step in office hours of a later day.
func (y *year) amend(r *rand.Rand, b *blame, said time.Time) {
	office, ok := y.staff.one(r, "supervision", access.Supervisor)
	staff, ok2 := y.staff.one(r, b.c.Unit, access.DeptLead, access.Department)
	if !ok || !ok2 {
		return
	}
	cal := y.w.Pack.Calendar("")
	day := said
	next := func(days int) time.Time {
		for range days {
			day = day.AddDate(0, 0, 1)
			for !cal.DayOf(day).Working {
				day = day.AddDate(0, 0, 1)
			}
		}
		return time.Date(day.Year(), day.Month(), day.Day(), 9, 0, 0, 0, day.Location()).Add(mins(r, 0, 120))
	}
	do := func(t time.Time, sc func() access.Scope, action string, kv ...string) {
		y.hall(t, func(tx *store.Tx) error {
			if b.id == "" {
				return nil
			}
			_, err := y.w.Windows.Bad.ActIn(tx, sc(), b.id, action, record.Input{Raw: record.Raw(kv...), At: t})
			return err
		})
	}
	as := func(sc access.Scope) func() access.Scope { return func() access.Scope { return sc } }
	me := func() access.Scope { return b.holder }
	first := next(1)
	y.hall(first, func(tx *store.Tx) error {
		if b.id == "" {
			return nil
		}
		how := "link"
		if b.contact {
			how = "phone"
		}
		_, err := y.w.Windows.Bad.ActIn(tx, office, b.id, "contact", record.Input{Raw: record.Raw("how", how, "heard", "已了解经过，向群众致歉"), At: first})
		return err
	})
	objects := chance(r, 0.3)
	if objects {
		do(next(0).Add(3*time.Hour), as(b.c.clerk), "object", "objection", "当天系统中断，已向群众说明")
	} else {
		do(next(0).Add(3*time.Hour), as(b.c.clerk), "waive")
	}
	finding := windows.Real
	if objects && chance(r, 0.5) {
		finding = pick(r, []string{windows.Mistaken, windows.Mistaken, windows.Malicious})
	}
	do(next(1), as(office), "verify", "finding", finding, "why", "调取叫号记录和窗口录像核实")
	if finding != windows.Real {
		return
	}
	published := pick(r, []string{"窗口增设一次性告知单", "高峰时段增开一个窗口", "全体窗口人员接受服务用语培训", "清单以外的材料不再收取"})
	switch x := r.Float64(); {
	case x < 0.3:
		do(next(1), as(staff), "fix_now", "done", "已当面致歉并办结", "published", published)
	case x < 0.8:
		t := next(1)
		do(t, as(staff), "fix_by", "plan", "修订告知单，组织培训", "by", t.AddDate(0, 0, 12).Format(time.DateOnly))
		do(next(4+r.IntN(4)), as(staff), "fixed", "done", "已整改并复查", "published", published)
	default:
		do(next(1), as(staff), "explain", "explanation", "法定材料不能减免，已说明依据", "published", "大厅公示每项业务的法定材料")
	}
	do(next(1), as(office), "feedback", "answer", "您反映的问题已经整改，请您继续监督")
	if chance(r, 0.4) {
		do(next(0).Add(4*time.Hour), me, "rate_again", "again", strconv.Itoa(3+r.IntN(3)))
	}
	do(next(2), as(office), "revisit", "reached", "yes", "satisfied", pick(r, []string{"yes", "yes", "yes", "no"}), "said", "谢谢答复")
	do(next(0).Add(2*time.Hour), as(office), "close")
}

// marked plans what inspections note in the year: a few points off, a few new ideas, one veto.
func (y *year) marked(r *rand.Rand, list []*counter) {
	by, ok := y.staff.one(r, "supervision", access.Supervisor)
	if !ok || len(y.staff.by["supervision"][access.Supervisor]) < 2 {
		return
	}
	for i, ground := range []string{"idea", "site", "idea", "praise", "idea", "manner", "idea", "praise", "idea", "complaint", "idea", "idea", "praise", "left", "idea", "idea", "praise", "idea", "site", "idea", "praise", "idea", "idea", "praise", "idea", "idea", "praise", "idea"} {
		at := Begin.AddDate(0, 0, 20+i*12).Add(10 * time.Hour)
		c := list[(i*7)%len(list)]
		g, _ := y.w.Pack.Windows.Ground(ground)
		raw := record.Raw("window", c.ID, "ground", ground, "day", at.Format(time.DateOnly), "seen", "现场检查记录（虚构）")
		if g.Kind != "veto" {
			raw["points"] = []string{strconv.FormatInt(g.Points, 10)}
		}
		y.hall(at, func(tx *store.Tx) error {
			m, err := y.w.Windows.Marks.OpenIn(tx, by, "propose", record.Input{Raw: raw, At: at})
			if err != nil {
				return err
			}
			_, err = y.w.Windows.Marks.ActIn(tx, y.other(by), m.ID, "confirm", record.Input{At: at.Add(time.Millisecond)})
			return err
		})
	}
}

// other is another supervisor than one.
func (y *year) other(than access.Scope) access.Scope {
	for _, sc := range y.staff.by["supervision"][access.Supervisor] {
		if sc.Account() != than.Account() {
			return sc
		}
	}
	return than
}

// quarters freezes the stars of each quarter that is over, a few days after it. The last one of the year is open still.
func (y *year) quarters() {
	by := y.staff.by["supervision"][access.Supervisor]
	if len(by) < 2 {
		return
	}
	for i, q := range []string{"2021Q4", "2022Q1", "2022Q2", "2022Q3"} {
		_, until, _ := windows.Bounds(q)
		at := until.AddDate(0, 0, 7).Add(10 * time.Hour)
		if i == 0 {
			continue // nothing was done before the year
		}
		y.hall(at, func(tx *store.Tx) error {
			x, err := y.w.Windows.Quarters.OpenIn(tx, by[0], "propose", record.Input{Raw: record.Raw("quarter", q), At: at})
			if err != nil {
				return err
			}
			_, err = y.w.Windows.Quarters.ActIn(tx, by[1], x.ID, "freeze", record.Input{At: at.Add(time.Millisecond)})
			return err
		})
	}
}

// unsolved plans what could not be done at the halls, and what became of it.
func (y *year) unsolved(r *rand.Rand) {
	public := access.PublicScope(y.w.Pack.District)
	chief, ok := y.staff.one(r, "supervision", access.Supervisor)
	if !ok {
		return
	}
	for i := range 24 {
		at := Begin.AddDate(0, 0, 11+i*15).Add(10*time.Hour + mins(r, 0, 100))
		hall := pick(r, y.w.Pack.Windows.Halls)
		win := pick(r, y.w.Pack.Windows.Of(hall.ID))
		hand, ok := y.staff.one(r, win.Unit, access.Department, access.DeptLead)
		if !ok {
			continue
		}
		var id string
		y.hall(at, func(tx *store.Tx) error {
			x, err := y.w.Windows.Stuck.OpenIn(tx, public, "take_in", record.Input{Raw: record.Raw("hall", hall.ID, "item", pick(r, win.Items), "what", pick(r, grumbles)), At: at})
			if err == nil {
				id = x.ID
			}
			return err
		})
		act := func(t time.Time, sc access.Scope, action string, kv ...string) {
			y.hall(t, func(tx *store.Tx) error {
				_, err := y.w.Windows.Stuck.ActIn(tx, sc, id, action, record.Input{Raw: record.Raw(kv...), At: t})
				return err
			})
		}
		act(at.Add(3*time.Hour), chief, "assign", "unit", win.Unit)
		act(at.AddDate(0, 0, 2+r.IntN(3)), hand, "answer", "result", pick(r, []string{"solved", "solved", "explained", "cannot"}), "answer", "已联系办事群众并答复")
		act(at.AddDate(0, 0, 6), chief, "close", "solved", pick(r, []string{"yes", "yes", "no"}))
	}
}

// clerkPrefix begins the logins of the clerks at windows; the window follows.
const clerkPrefix = "window-"

// shownWindow is where the clerk sits whose account a demonstration shows.
const shownWindow = "b02"

// hireClerks makes an account for the clerk of each window, and for somebody who answers for the unit where nobody does.
func hireClerks(tx *store.Tx, w World, sc access.Scope, password access.Hash) (n int, err error) {
	if w.Windows == nil {
		return 0, nil
	}
	r := rand.New(rand.NewPCG(7, 0x636c65726b))
	lead := postsNeeded(w)
	for _, x := range w.Pack.Windows.Windows {
		make := func(login, role string) error {
			_, err := w.Gate.Create(tx, sc, access.NewAccount{Login: login, Name: person(r), Unit: x.Unit, Roles: []string{role}, Password: password, Lasting: password != ""}, Begin)
			if err == nil {
				n++
			}
			return err
		}
		if err := make(clerkPrefix+x.ID, access.Clerk); err != nil {
			return n, err
		}
		if !slices.ContainsFunc(lead, func(p directory.Post) bool { return p.Unit == x.Unit }) {
			lead = append(lead, directory.Post{Unit: x.Unit})
			if err := make("office-"+x.Unit, access.Department); err != nil {
				return n, err
			}
		}
	}
	return n, nil
}
