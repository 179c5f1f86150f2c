package simulate

import (
	"time"

	"weixiao/internal/access"
	"weixiao/internal/form"
	"weixiao/internal/record"
	"weixiao/internal/store"
)

// entrust asks for an agent, entrusts in writing and is given one within a working day.
func (d *dossier) entrust(t time.Time) {
	g, rules := d.y.w.Agents, d.y.w.Pack.Approvals
	hall := d.hand(rules.Hall)
	d.agency = "asked"
	d.on(t, func(tx *store.Tx, in func(...string) record.Input) error {
		x, err := g.Agencies.OpenIn(tx, d.firm, "request", in("project", d.p.ID, "wish", "希望全程帮办审批手续"))
		if err == nil {
			d.agency = x.ID
		}
		return err
	})
	d.on(d.later(t, 0.1), func(tx *store.Tx, in func(...string) record.Input) error {
		x := in("letter", "委〔2022〕"+d.p.ID, "signed", "true")
		x.Raw["scope"] = []string{"land", "design", "build"}
		_, err := g.Agencies.ActIn(tx, d.firm, d.agency, "entrust", x)
		return err
	})
	named := []string{"agent", d.agentPost()}
	if h := d.helperPost(); h != "" {
		named = append(named, "helper", h)
	}
	d.on(d.later(t, between(d.r, 0.2, 0.9)), func(tx *store.Tx, in func(...string) record.Input) error {
		_, err := g.Agencies.ActIn(tx, hall, d.agency, "name", in(named...))
		return err
	})
}

// agentPost is one of the district's agents, turn by turn.
func (d *dossier) agentPost() string {
	var all []string
	for _, a := range d.y.w.Pack.Approvals.Agents {
		if a.Kind == "agent" {
			all = append(all, a.Post)
		}
	}
	return all[int(d.p.ID[len(d.p.ID)-1])%len(all)]
}

// helperPost is the helper of the project's street, "" for none.
func (d *dossier) helperPost() string {
	for _, a := range d.y.w.Pack.Approvals.Agents {
		if a.Kind == "helper" && len(a.Post) > len(d.p.Street) && a.Post[:len(d.p.Street)] == d.p.Street {
			return a.Post
		}
	}
	return ""
}

// agentScope is whoever holds the agent's post.
func (d *dossier) agentScope() (access.Scope, bool) {
	sc, ok := d.y.staff.holder[d.agentPost()]
	return sc, ok
}

// accompany is what the agent does once the items are listed: the plan, visits to departments, blockers, the end.
func (d *dossier) accompany() {
	who, ok := d.agentScope()
	if d.agency == "" || !ok || len(d.planned) == 0 {
		return
	}
	g, last := d.y.w.Agents, ends(d.decided)
	every := func() (ids []string) {
		for _, id := range d.items {
			ids = append(ids, id)
		}
		return ids
	}
	plan := func(t time.Time) {
		d.on(t, func(tx *store.Tx, in func(...string) record.Input) error {
			x := in()
			x.Raw = form.Raw{"items": every(), "begins_on": {t.Format(time.DateOnly)}, "ends_on": {t.AddDate(0, 0, 90).Format(time.DateOnly)}}
			_, err := g.Agencies.ActIn(tx, who, d.agency, "plan", x)
			return err
		})
	}
	for _, t := range d.planned {
		plan(d.later(t, 1.2))
	}
	t := d.later(d.planned[0], 1.5)
	units := []string{"land", "housing", "reform"}
	for i := range 2 + d.r.IntN(3) {
		t = d.later(t, between(d.r, 0.5, 4))
		at := t
		d.on(at, func(tx *store.Tx, in func(...string) record.Input) error {
			_, err := g.Agencies.ActIn(tx, who, d.agency, "log", in("day", at.Format(time.DateOnly), "department", units[i%3], "did", "到窗口核对材料清单，问清办理时间", "came_of_it", "已收件"))
			return err
		})
	}
	if chance(d.r, 0.4) {
		t = d.later(t, 0.4)
		t = d.block(t, who)
	}
	if last.IsZero() || last.Before(t) {
		last = t
	}
	done := d.later(last, 0.8)
	if chance(d.r, 0.85) {
		d.finish(done, who)
	}
}

// block notes what holds the project up; the street's helper calls several units when there is one.
func (d *dossier) block(t time.Time, who access.Scope) time.Time {
	g, id, at := d.y.w.Agents, "", t
	d.on(at, func(tx *store.Tx, in func(...string) record.Input) error {
		x, err := g.RaiseIn(tx, who, d.agency, in("class", "utilities", "issue", "厂区变压器容量不够，要增容", "owner", "power", "until", at.AddDate(0, 0, 12).Format(time.DateOnly)))
		if err == nil {
			id = x.ID
		}
		return err
	})
	if helper, ok := d.y.staff.holder[d.helperPost()]; ok {
		t = d.later(t, 1)
		d.on(t, func(tx *store.Tx, in func(...string) record.Input) error {
			x := in("issue", "增容方案要几家一起定")
			x.Raw["units"] = []string{"power", "industry"}
			_, err := g.Blockers.ActIn(tx, helper, id, "whistle", x)
			return err
		})
	}
	t = d.later(t, between(d.r, 1, 5))
	power, ok := d.y.staff.one(d.r, "power", access.Department)
	if !ok {
		power = who
	}
	d.on(t, func(tx *store.Tx, in func(...string) record.Input) error {
		_, err := g.Blockers.ActIn(tx, power, id, "clear", in("how", "已现场核定，增容方案通过"))
		return err
	})
	return t
}

func (d *dossier) finish(t time.Time, who access.Scope) {
	g, stars := d.y.w.Agents, 3+d.r.IntN(3)
	done := false
	d.on(t, func(tx *store.Tx, in func(...string) record.Input) error {
		p, err := g.Agencies.Load(tx, d.agency)
		if err != nil {
			return err
		}
		items, err := d.y.w.Approvals.ItemsOf(tx, who, p.File)
		if err != nil {
			return err
		}
		for _, it := range items { // an item whose beginning never came keeps it open
			if it.Decided == 0 && !it.Ended() {
				return nil
			}
		}
		done = true
		_, err = g.Agencies.ActIn(tx, who, d.agency, "finish", in("note", "手续已办完"))
		return err
	})
	d.on(d.later(t, 2), func(tx *store.Tx, in func(...string) record.Input) error {
		if !done {
			return nil
		}
		_, err := g.Agencies.ActIn(tx, d.firm, d.agency, "rate", in("stars", string(rune('0'+stars)), "words", "跑前跑后，省心"))
		return err
	})
}
