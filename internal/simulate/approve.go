package simulate

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/cases"
	"weixiao/internal/directory"
	"weixiao/internal/form"
	"weixiao/internal/pack"
	"weixiao/internal/projects/approvals"
	"weixiao/internal/record"
	"weixiao/internal/store"
)

// approvedProjects is how many projects are approved in a year; five of twelve have an agent.
const approvedProjects = 60

// approvalPosts are the posts that approvals and agents need beside those of the year.
func approvalPosts(w World, have []directory.Post) (out []directory.Post) {
	if w.Approvals == nil {
		return nil
	}
	dir := w.Pack.Directory
	known := map[string]bool{}
	for _, p := range have {
		known[p.ID] = true
	}
	add := func(unit string, role directory.Role) {
		for _, p := range dir.Posts(unit) {
			if p.Role == role {
				if !known[p.ID] {
					known[p.ID] = true
					out = append(out, p)
				}
				return
			}
		}
	}
	for _, it := range w.Pack.Approvals.Items {
		add(it.Unit, directory.DeptHand)
	}
	add(w.Pack.Approvals.Hall, directory.DeptHand)
	add(w.Pack.Approvals.Hall, directory.DeptLead)
	for _, a := range w.Pack.Approvals.Agents {
		for _, u := range dir.Units() {
			for _, p := range dir.Posts(u.ID) {
				if p.ID == a.Post && !known[p.ID] {
					known[p.ID] = true
					out = append(out, p)
				}
			}
		}
	}
	return out
}

// approvalFirms are accounts of the firms whose projects are approved.
func approvalFirms(w World, o Options) (out []access.NewAccount) {
	if w.Approvals == nil {
		return nil
	}
	seen := map[string]bool{}
	for _, p := range w.Pack.Approvals.Projects {
		if !seen[p.Firm] {
			seen[p.Firm] = true
			out = append(out, access.NewAccount{Login: "firm-" + strings.ToLower(p.Firm), Name: "企业经办人", Unit: p.Firm, Roles: []string{access.Firm}, Password: o.Password, Lasting: o.Password != ""})
		}
	}
	return out
}

// dossier is the approval of one project under way. What happens when is planned ahead; numbers are known once they were
// drawn.
type dossier struct {
	y       *year
	r       *rand.Rand
	p       pack.ApprovalProject
	firm    access.Scope
	file    string
	items   map[string]string    // number by item of the pack
	promise map[string]string    // number of an open promise by item
	decided map[string]time.Time // when it will be
	planned []time.Time          // when items were listed
	agency  string
	last    time.Time
}

// approving plans the approvals of the year.
func (y *year) approving() {
	if y.w.Approvals == nil {
		return
	}
	r := rand.New(rand.NewPCG(y.o.Seed, 0x617070726f7665))
	for i, p := range y.w.Pack.Approvals.Projects {
		firm, ok := y.staff.one(r, p.Firm, access.Firm)
		if i >= approvedProjects || !ok {
			continue
		}
		d := &dossier{y: y, r: r, p: p, firm: firm, items: map[string]string{}, promise: map[string]string{}, decided: map[string]time.Time{}}
		start := y.office.add(Begin.AddDate(0, 0, 8+i*335/approvedProjects), time.Duration(between(r, 0.2, 6)*float64(time.Hour)))
		d.plan(start, i)
	}
}

// later is some working days on, in office time.
func (d *dossier) later(t time.Time, days float64) time.Time {
	return d.y.office.add(t, time.Duration(days*7*float64(time.Hour)))
}

// on does something to the dossier at its moment.
func (d *dossier) on(t time.Time, do func(tx *store.Tx, in func(kv ...string) record.Input) error) {
	if t.After(d.last) {
		d.last = t
	}
	d.y.at(t, func(b *cases.Batch) error {
		return b.In(func(tx *store.Tx) error {
			return do(tx, func(kv ...string) record.Input { return record.Input{At: t, Raw: raw(kv...)} })
		})
	})
}

func (d *dossier) hand(unit string) access.Scope {
	sc, _ := d.y.staff.one(d.r, unit, access.Department, access.DeptLead)
	return sc
}

// stagesOf are the items of each stage: always the first ones, of the others some.
var stagesOf = map[string]struct{ always, some []string }{
	"land":   {[]string{"site", "land_permit"}, []string{"energy", "eia", "forest", "soil", "minerals", "relics"}},
	"design": {[]string{"plan_permit"}, []string{"shelter", "greenery", "traffic_impact"}},
	"build":  {[]string{"build_permit", "quality_watch"}, []string{"fire_review", "spoil", "road_open", "drain", "water_supply", "power_supply", "gas_supply", "heat_supply"}},
	"finish": {[]string{"plan_check", "completion"}, []string{"fire_accept", "archive_accept"}},
}

func (d *dossier) plan(t time.Time, n int) {
	s, hall := d.y.w.Approvals, d.hand(d.y.w.Pack.Approvals.Hall)
	d.on(t, func(tx *store.Tx, in func(...string) record.Input) error {
		f, err := s.Files.OpenIn(tx, d.firm, "apply", in("project", d.p.ID))
		if err == nil {
			d.file = f.ID
		}
		return err
	})
	if n%7 == 3 {
		d.priority(d.later(t, 0.3), n)
	}
	if n%12 < 5 {
		d.entrust(d.later(t, 0.2))
	}
	first := d.r.IntN(3)
	for i, stage := range approvals.Stages() {
		if i < first || i > first+1 {
			continue
		}
		codes := slices.Clone(stagesOf[stage].always)
		some := slices.Clone(stagesOf[stage].some)
		d.r.Shuffle(len(some), func(i, j int) { some[i], some[j] = some[j], some[i] })
		codes = append(codes, some[:min(len(some), 1+d.r.IntN(2))]...)
		if stage == "land" {
			codes = append([]string{map[bool]string{true: "approve_invest", false: "record"}[d.p.Class == "government"]}, codes...)
		}
		t = d.later(t, between(d.r, 0.4, 1.2))
		d.list(t, hall, codes)
		t = d.stage(t, stage, codes)
		t = d.later(t, between(d.r, 5, 20))
	}
	d.accompany()
	if last := ends(d.decided); !last.IsZero() {
		d.close(d.later(last, between(d.r, 3, 8)))
	}
}

// close ends the file once every item of it is at its end.
func (d *dossier) close(t time.Time) {
	s, hall := d.y.w.Approvals, d.hand(d.y.w.Pack.Approvals.Hall)
	d.on(t, func(tx *store.Tx, in func(...string) record.Input) error {
		items, err := s.ItemsOf(tx, hall, d.file)
		if err != nil || slices.ContainsFunc(items, func(r approvals.Row) bool { return !r.Ended() }) {
			return err
		}
		_, err = s.FileActIn(tx, hall, d.file, "finish", in("note", "全部事项已送达"))
		return err
	})
}

func (d *dossier) list(t time.Time, hall access.Scope, codes []string) {
	s := d.y.w.Approvals
	d.planned = append(d.planned, t)
	d.on(t, func(tx *store.Tx, in func(...string) record.Input) error {
		x := in()
		x.Raw = form.Raw{"items": codes}
		if _, err := s.FileActIn(tx, hall, d.file, "plan", x); err != nil {
			return err
		}
		return s.Items.Each(tx, record.Filter{Parent: d.file}, func(y *approvals.Item) error { d.items[y.Code] = y.ID; return nil })
	})
}

// stage fills in its form, hands in its papers and takes its items through; it returns when the last one is decided.
func (d *dossier) stage(t time.Time, stage string, codes []string) time.Time {
	s, rules := d.y.w.Approvals, d.y.w.Pack.Approvals
	t = d.later(t, between(d.r, 0.5, 3))
	began := t
	d.on(t, func(tx *store.Tx, in func(...string) record.Input) error {
		kv := map[string][]string{
			"land":   {"land_use", "工业", "land_area", fmt.Sprint(5 + d.r.IntN(60)), "investment", fmt.Sprintf("%d万", 500+d.r.IntN(9000))},
			"design": {"floor_area", fmt.Sprint(900 + d.r.IntN(12000)), "storeys", fmt.Sprint(1 + d.r.IntN(6))},
			"build":  {"builder", "本地建筑企业（虚构）", "begins_on", began.AddDate(0, 0, 30).Format(time.DateOnly), "ends_on", began.AddDate(1, 0, 0).Format(time.DateOnly)},
			"finish": {"finished_on", began.AddDate(0, 0, -10).Format(time.DateOnly), "floor_built", fmt.Sprint(900 + d.r.IntN(12000))}}[stage]
		_, err := s.FileActIn(tx, d.firm, d.file, "submit", in(append([]string{"stage", stage}, kv...)...))
		return err
	})
	var papers, late []string
	short := map[string][]string{}
	lacks := chance(d.r, 0.3)
	for _, c := range codes {
		it, _ := rules.Item(c)
		for _, id := range it.Papers {
			q, _ := rules.Paper(id)
			switch {
			case q.Class == "secondary" && (slices.Contains(late, id) || lacks && len(late) == 0 && !slices.Contains(papers, id)):
				if !slices.Contains(late, id) {
					late = append(late, id)
				}
				short[c] = append(short[c], id)
			case !slices.Contains(papers, id):
				papers = append(papers, id)
			}
		}
	}
	t = d.later(t, between(d.r, 0.1, 1))
	d.handIn(t, papers)
	end := t
	brought := d.later(t, between(d.r, 3, 6))
	if len(late) > 0 && !chance(d.r, 0.15) {
		d.handIn(brought, late)
	} else if len(late) > 0 {
		brought = time.Time{}
	}
	for _, c := range codes {
		if at := d.item(t, c, short[c], brought); at.After(end) {
			end = at
		}
	}
	return end
}

func (d *dossier) handIn(t time.Time, papers []string) {
	d.on(t, func(tx *store.Tx, in func(...string) record.Input) error {
		x := in()
		x.Raw = form.Raw{"which_papers": papers}
		_, err := d.y.w.Approvals.FileActIn(tx, d.firm, d.file, "hand_in", x)
		return err
	})
}

func (d *dossier) act(t time.Time, sc access.Scope, code, action string, kv ...string) {
	d.on(t, func(tx *store.Tx, in func(...string) record.Input) error {
		_, err := d.y.w.Approvals.ActIn(tx, sc, d.items[code], action, in(kv...))
		return err
	})
}

// item takes an item through; brought is when the papers that it lacks come, zero: never. It returns when it is decided.
func (d *dossier) item(t time.Time, code string, lacks []string, brought time.Time) time.Time {
	s, r := d.y.w.Approvals, d.r
	it, _ := d.y.w.Pack.Approvals.Item(code)
	for _, need := range it.Needs {
		if at, ok := d.decided[need]; ok && at.After(t) {
			t = at
		} else if ok && at.IsZero() { // it comes to nothing: what needs it never starts
			d.decided[code] = time.Time{}
			return t
		}
	}
	unit := d.hand(it.Unit)
	t = d.later(t, between(r, 0.1, 0.8))
	if chance(r, 0.15) {
		d.act(t, unit, code, "pre_review", "note", "请核对红线和面积")
		t = d.later(t, 0.3)
	}
	if !brought.IsZero() && !brought.After(d.later(t, 0.25)) {
		lacks = nil // it is there by then
	}
	if len(lacks) > 0 {
		at, due := t, t.AddDate(0, 0, 14).Format(time.DateOnly)
		d.on(at, func(tx *store.Tx, in func(...string) record.Input) error {
			x := in("kind", "papers", "due", due, "promise", "我公司承诺按期补齐上述材料，逾期自愿承担受理失效的后果")
			x.Raw["which_papers"] = lacks
			p, err := s.OfferIn(tx, d.firm, d.items[code], x)
			if err == nil {
				d.promise[code] = p.ID
			}
			return err
		})
		t = d.later(t, 0.2)
		d.act(t, unit, code, "accept_short")
		if brought.IsZero() {
			d.lapse(t.AddDate(0, 0, 16), code)
			d.decided[code] = time.Time{}
			return t
		}
	} else {
		d.act(t, unit, code, "accept")
	}
	promised := float64(it.Promised)
	if it.Check != "" && len(lacks) == 0 && chance(r, 0.4) {
		return d.onPromise(t, code, unit)
	}
	t = d.later(t, promised*between(r, 0.05, 0.2))
	d.act(t, unit, code, "review")
	if chance(r, 0.16) {
		t = d.later(t, promised*between(r, 0.05, 0.2))
		d.act(t, unit, code, "ask_supplement", "which_papers", it.Papers[0], "what", "图纸缺少签章页，请一次补齐")
		t = d.later(t, between(r, 1, 6))
		d.act(t, d.firm, code, "supply", "note", "已补齐")
	}
	if len(it.Special) > 0 && chance(r, 0.45) {
		t = d.later(t, promised*between(r, 0.05, 0.15))
		d.act(t, unit, code, "begin_special", "procedure", pick(r, it.Special), "note", "依法进行")
		t = d.later(t, between(r, 3, 11))
		d.act(t, unit, code, "end_special", "outcome", "程序完成，无重大意见")
	}
	t = d.later(t, promised*between(r, 0.1, 0.42)+map[bool]float64{true: promised}[chance(r, 0.05)])
	if !brought.IsZero() && len(lacks) > 0 && t.Before(brought) {
		t = d.later(brought, 0.5)
	}
	if len(it.Needs) == 0 && chance(r, 0.03) && code != "site" && code != "plan_permit" && code != "plan_check" {
		d.act(t, unit, code, "decide", "result", "refused", "why", "不符合规划条件")
	} else {
		d.act(t, unit, code, "decide", "result", "granted", "document", fmt.Sprintf("江审〔2022〕%d号", 100+r.IntN(900)))
	}
	d.decided[code] = t
	d.act(d.later(t, between(r, 0.2, 1.5)), d.hand(d.y.w.Pack.Approvals.Hall), code, "deliver")
	return t
}

// onPromise grants on a promise of facts, which is looked at later; now and then it was false.
func (d *dossier) onPromise(t time.Time, code string, unit access.Scope) time.Time {
	s := d.y.w.Approvals
	d.on(d.later(t, 0.1), func(tx *store.Tx, in func(...string) record.Input) error {
		p, err := s.OfferIn(tx, d.firm, d.items[code], in("kind", "facts", "promise", "我公司承诺申报情况属实，符合告知的条件"))
		if err == nil {
			d.promise[code] = p.ID
		}
		return err
	})
	t = d.later(t, 0.4)
	d.act(t, unit, code, "decide_on_promise", "document", fmt.Sprintf("江承〔2022〕%d号", 100+d.r.IntN(900)))
	d.decided[code] = t
	d.act(d.later(t, 0.5), d.hand(d.y.w.Pack.Approvals.Hall), code, "deliver")
	action, found := "confirm", "现场核查，与承诺一致"
	if chance(d.r, 0.04) {
		action, found = "refute", "现场核查，与承诺不一致"
	}
	d.on(d.later(t, between(d.r, 8, 18)), func(tx *store.Tx, in func(...string) record.Input) error {
		_, err := s.Promises.ActIn(tx, unit, d.promise[code], action, in("found", found))
		return err
	})
	return t
}

func (d *dossier) lapse(t time.Time, code string) {
	sc := access.SystemScope(d.y.w.Pack.District, "promises whose day has passed, in a simulated year")
	d.on(t, func(tx *store.Tx, in func(...string) record.Input) error {
		_, err := d.y.w.Approvals.Promises.ActIn(tx, sc, d.promise[code], "lapse", in())
		return err
	})
}

// priority asks that the file be put first; somebody else approves it, or not.
func (d *dossier) priority(t time.Time, n int) {
	s, hall := d.y.w.Approvals, d.hand(d.y.w.Pack.Approvals.Hall)
	leader, ok := d.y.staff.one(d.r, "leaders", access.Leader)
	if !ok {
		return
	}
	c := d.y.w.Pack.Approvals.Criteria[n%3]
	id := ""
	d.on(t, func(tx *store.Tx, in func(...string) record.Input) error {
		x, err := s.AskIn(tx, hall, d.file, in("criterion", c.ID, "until", t.AddDate(0, 0, min(c.Days, 60)).Format(time.DateOnly), "reason", "项目急需在施工期内开工"))
		if err == nil {
			id = x.ID
		}
		return err
	})
	action, kv := "grant", []string{"note", "同意优先"}
	if n%21 == 10 {
		action, kv = "refuse", []string{"reason", "不符合优先条件"}
	}
	d.on(d.later(t, 0.1), func(tx *store.Tx, in func(...string) record.Input) error {
		_, err := s.Priorities.ActIn(tx, leader, id, action, in(kv...))
		return err
	})
}

// ends is the latest of moments.
func ends(at map[string]time.Time) (last time.Time) {
	for _, t := range slices.Collect(maps.Values(at)) {
		if t.After(last) {
			last = t
		}
	}
	return last
}
