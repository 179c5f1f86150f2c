package visits

import (
	"context"
	"slices"
	"strings"

	"weixiao/internal/access"
	"weixiao/internal/directory"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/journal"
	"weixiao/internal/pack"
	"weixiao/internal/store"
	"weixiao/internal/vault"
)

// care is who asks, facing the people in need of a community, or one of them (p may be nil): Named works for that very
// community and, as worker of a grid, for the grid of the person; Civil for a unit the pack names. A street above sees
// counts, not people.
func (v *Visits) care(tx *store.Tx, sc access.Scope, community string, p *Person) (flow.Actor, error) {
	a := flow.Actor{Roles: sc.Roles()}
	unit := sc.Unit()
	if unit == "" || sc.District() != v.district {
		return a, nil
	}
	if slices.Contains(v.rules.Readers.Units, unit) {
		a.Relations = append(a.Relations, Civil)
	}
	if unit != community {
		return a, nil
	}
	if sc.Can(access.Community, access.GridChief) {
		a.Relations = append(a.Relations, Named)
		return a, nil
	}
	grid, err := v.o.Grid(tx, sc.Account())
	if err == nil && grid != "" && (p == nil || p.Grid == grid) {
		a.Relations = append(a.Relations, Named)
	}
	return a, err
}

// knows reports whether somebody of these relations sees people, and not counts alone.
func knows(sc access.Scope, a flow.Actor) bool {
	act, err := PersonTable.Action("review")
	return err == nil && act.Grants(a) && !sc.Can(access.System)
}

// mine are the communities whose people the scope sees: all for civil affairs, its own for a community.
func (v *Visits) mine(sc access.Scope) []string {
	if sc.Unit() == "" {
		return nil
	}
	if slices.Contains(v.rules.Readers.Units, sc.Unit()) {
		var out []string
		for _, u := range v.dir.ByKind(directory.Community, directory.Village) {
			out = append(out, u.ID)
		}
		return out
	}
	return []string{sc.Unit()}
}

// Seen is a person in need as a named post sees them: masked.
type Seen struct {
	*Person
	Masked vault.Masked
}

// People lists the people in need that the scope may know of in a community, those whose review is due first. Every one
// of them is a row of the disclosure ledger, written before they are shown.
func (v *Visits) People(ctx context.Context, sc access.Scope, community string, limit int) ([]Seen, error) {
	var out []Seen
	err := v.db.Write(ctx, func(tx *store.Tx) error {
		out = nil
		for _, c := range v.mine(sc) {
			if community != "" && c != community || len(out) >= limit {
				continue
			}
			list, err := v.people(tx, c, limit-len(out))
			if err != nil {
				return err
			}
			for _, p := range list {
				a, err := v.care(tx, sc, c, p)
				if err != nil {
					return err
				}
				if knows(sc, a) {
					out = append(out, Seen{Person: p})
				}
			}
		}
		return v.unmask(tx, sc, out)
	})
	return out, err
}

// unmask fills in the masked forms and writes the ledger.
func (v *Visits) unmask(tx *store.Tx, sc access.Scope, list []Seen) error {
	var ids []string
	for _, p := range list {
		ids = append(ids, p.Person.Person)
	}
	masks, err := vault.Masks(tx, v.district, ids)
	if err != nil {
		return err
	}
	for i := range list {
		list[i].Masked = masks[list[i].Person.Person]
		if err := v.disclosed(tx, sc, list[i].Person); err != nil {
			return err
		}
	}
	return nil
}

func (v *Visits) disclosed(tx *store.Tx, sc access.Scope, p *Person) error {
	_, err := vault.Record(tx, vault.Disclosure{District: v.district, At: v.o.Clock(), Account: sc.Account(), Unit: sc.Unit(), Subject: p.ID, Person: p.Person, Kind: vault.KindView,
		Fields: []vault.Field{vault.FieldMasked}})
	return err
}

// Person finds somebody in need with the acts, the oldest first, for whoever may know of them; the look is a row of the
// disclosure ledger.
func (v *Visits) Person(ctx context.Context, sc access.Scope, id string) (s Seen, acts []journal.Act, err error) {
	err = v.db.Write(ctx, func(tx *store.Tx) error {
		p, err := v.known(tx, sc, id)
		if err != nil {
			return err
		}
		list := []Seen{{Person: p}}
		if p.State == Registered {
			if err := v.unmask(tx, sc, list); err != nil {
				return err
			}
		}
		s = list[0]
		acts, err = journal.History(tx, v.district, PersonTable.Kind, id)
		return err
	})
	return s, acts, err
}

// known loads a person, if the scope may know of them.
func (v *Visits) known(tx *store.Tx, sc access.Scope, id string) (*Person, error) {
	p, err := v.person(tx, id)
	if err != nil {
		return nil, err
	}
	a, err := v.care(tx, sc, p.Community, p)
	if err != nil {
		return nil, err
	}
	if !knows(sc, a) && !sc.Can(access.System) {
		return nil, store.ErrNotFound
	}
	return p, nil
}

// OpenPerson lists what the scope may do with somebody in need.
func (v *Visits) OpenPerson(ctx context.Context, sc access.Scope, p *Person) (out []*flow.Action, err error) {
	err = v.db.Read(ctx, func(tx *store.Tx) error {
		a, err := v.care(tx, sc, p.Community, p)
		out = PersonTable.Open(p.Position(), a)
		return err
	})
	return out, err
}

// PersonForm is the form of an action on the register with the categories of this district and the grids of a community.
func (v *Visits) PersonForm(act *flow.Action, community string) form.Form {
	f := form.Form{Name: act.Form.Name, Fields: slices.Clone(act.Form.Fields)}
	for i := range f.Fields {
		switch f.Fields[i].Name {
		case "categories":
			for _, c := range v.rules.Categories {
				f.Fields[i].Options = append(f.Fields[i].Options, form.Option{Value: c.ID})
			}
		case "grid":
			for _, g := range v.dir.Grids(community) {
				f.Fields[i].Options = append(f.Fields[i].Options, form.Option{Value: g.ID})
			}
		}
	}
	return f
}

// Enter takes somebody into the register, with their consent, and returns the record's id. A worker of a grid enters
// people of that grid. Faults are form.Faults or a *Refusal.
func (v *Visits) Enter(ctx context.Context, sc access.Scope, raw form.Raw) (string, error) {
	act, err := PersonTable.Action("enter")
	if err != nil {
		return "", err
	}
	id := newID("n")
	return id, v.db.Write(ctx, func(tx *store.Tx) error { return v.enter(tx, sc, act, id, raw) })
}

func (v *Visits) enter(tx *store.Tx, sc access.Scope, act *flow.Action, id string, raw form.Raw) error {
	community := raw.Get("community")
	if u, ok := v.dir.Unit(community); !ok || u.Kind != directory.Community && u.Kind != directory.Village {
		return form.Faults{{Field: "community", Code: "unit"}}
	}
	a, err := v.care(tx, sc, community, nil)
	if err != nil {
		return err
	}
	if !act.Grants(a) {
		return flow.ErrForbidden
	}
	answers, err := v.PersonForm(act, community).Check(raw)
	if err != nil {
		return err
	}
	p := Person{State: Registered, Community: community, Grid: answers.Str("grid"), Categories: strings.Join(answers.List("categories"), " "), MadeUp: v.madeUp}
	if sc.Can(access.Grid) && !sc.Can(access.Community, access.GridChief) {
		if p.Grid, err = v.o.Grid(tx, sc.Account()); err != nil {
			return err
		}
	}
	if err := v.consent(&p, answers); err != nil {
		return err
	}
	who, err := v.contact(answers)
	if err != nil {
		return err
	}
	s, err := v.o.Vault.Seal(v.district, who)
	if err != nil {
		return err
	}
	if err := vault.Put(tx, s, v.o.Clock()); err != nil {
		return err
	}
	p.Person, p.Due = s.ID, v.due(v.today(), p.CategoryList())
	return v.recordPerson(tx, sc, &Person{}, id, act, a, p.change(), nil)
}

// consent takes whose consent there is and since when: without one nobody is in the register.
func (v *Visits) consent(p *Person, a form.Answers) error {
	p.Consent, p.ConsentOn = a.Str("consent"), a.Str("consent_on")
	if p.ConsentOn > v.today() {
		return refuse("consent_on", "同意的日期 %s 还没到", "the day of consent, %s, has not come yet", p.ConsentOn)
	}
	if in(p.ConsentOn, pack.Days(v.rules.Keep)) <= v.today() {
		return refuse("consent_on", "同意已超过 %d 天，请重新征得同意", "the consent is older than %d days: ask for it again", pack.Days(v.rules.Keep))
	}
	return nil
}

func (v *Visits) contact(a form.Answers) (p vault.Person, err error) {
	if p.Name, err = plain("name", a.Str("name"), 40); err != nil {
		return p, err
	}
	p.Phone = a.Str("phone")
	p.Address, err = plain("address", a.Str("address"), 100)
	return p, err
}

// due is the day of the next review: the shortest interval of the categories.
func (v *Visits) due(from string, categories []string) string {
	days := 0
	for _, id := range categories {
		if c, ok := v.rules.Category(id); ok {
			if n := pack.Days(c.Review); days == 0 || n < days {
				days = n
			}
		}
	}
	return in(from, max(days, 1))
}

func (v *Visits) recordPerson(tx *store.Tx, sc access.Scope, was *Person, id string, act *flow.Action, actor flow.Actor, c personChange, texts map[string]string) error {
	a, err := v.append(tx, sc, PersonTable.Kind, id, act.Name, act.Capacity(actor), c, texts)
	if err != nil {
		return err
	}
	if err := was.fold(a); err != nil {
		return err
	}
	return v.savePerson(tx, was)
}

// Care does an action on somebody in need. What a review finds becomes a call for help in the same transaction; a
// removal destroys what the vault holds. Faults are form.Faults or a *Refusal.
func (v *Visits) Care(ctx context.Context, sc access.Scope, id, action string, in Input) (made string, err error) {
	act, err := PersonTable.Action(action)
	if err != nil {
		return "", err
	}
	if act.From == nil {
		return "", flow.ErrUnknown
	}
	err = v.again(ctx, func(tx *store.Tx) error {
		made = ""
		p, err := v.known(tx, sc, id)
		if err != nil {
			return err
		}
		if _, done, err := store.Once(tx, v.district, in.Key, id, v.o.Clock()); err != nil || done {
			return err
		}
		actor, err := v.care(tx, sc, p.Community, p)
		if err != nil {
			return err
		}
		if _, err := PersonTable.Permit(action, p.Position(), actor); err != nil {
			return err
		}
		answers, err := v.PersonForm(act, p.Community).Check(in.Raw)
		if err != nil {
			return err
		}
		if in.Version != 0 && p.Version != in.Version {
			return ErrStale
		}
		made, err = v.cared(tx, sc, p, act, actor, answers)
		return err
	})
	return made, err
}

func (v *Visits) cared(tx *store.Tx, sc access.Scope, p *Person, act *flow.Action, actor flow.Actor, answers form.Answers) (made string, err error) {
	n := *p
	if act.To != "" {
		n.State = act.To
	}
	switch act.Name {
	case "change":
		n.Grid, n.Categories = answers.Str("grid"), strings.Join(answers.List("categories"), " ")
		from := n.Reviewed
		if from == "" {
			from = v.today()
		}
		n.Due = v.due(from, n.CategoryList())
	case "renew":
		err = v.consent(&n, answers)
	case "contact":
		var who vault.Person
		if who, err = v.contact(answers); err == nil {
			err = v.o.Vault.Replace(tx, v.district, p.Person, who)
		}
	case "remove":
		n.Gone, n.Due, n.Categories = answers.Str("gone"), "", ""
		err = vault.Erase(tx, v.district, p.Person, v.o.Clock())
	case "review":
		if answers.Str("result") != NotSeen {
			n.Reviewed, n.Due = v.today(), v.due(v.today(), n.CategoryList())
		}
		if answers.Str("result") == NeedsHelp {
			made, err = v.help(tx, sc, p, answers)
		}
	}
	if err != nil {
		return "", err
	}
	c := n.change()
	c.Way, c.Result, c.Case = answers.Str("way"), answers.Str("result"), made
	return made, v.recordPerson(tx, sc, p, p.ID, act, actor, c, nil)
}

// help makes a call for help of what a review found; the contact goes with it, and the ledger shows that.
func (v *Visits) help(tx *store.Tx, sc access.Scope, p *Person, answers form.Answers) (string, error) {
	words, err := plain("words", answers.Str("words"), 500)
	if err != nil {
		return "", err
	}
	who, err := v.o.Vault.Use(tx, v.district, p.Person, vault.Disclosure{At: v.o.Clock(), Account: sc.Account(), Unit: sc.Actor("").Unit, Subject: p.ID, Kind: vault.KindForward,
		Fields: []vault.Field{vault.FieldName, vault.FieldPhone, vault.FieldAddress}})
	if err != nil {
		return "", err
	}
	return v.o.File(tx, sc, Request{Words: words, Help: true, Community: p.Community, Grid: p.Grid, Person: who}, v.o.Clock())
}

// GridOf is the grid an account works for by its post, "" for none.
func (v *Visits) GridOf(ctx context.Context, account string) (grid string, err error) {
	err = v.db.Read(ctx, func(tx *store.Tx) (err error) {
		grid, err = v.o.Grid(tx, account)
		return err
	})
	return grid, err
}

// few is the least that a count tells to those who may not know people: one or two would point at somebody.
const few = 3

// Count is how many people in need a community has, by category.
type Count struct {
	Community string
	N         map[string]int // by category; "" = people in all, "overdue" = whose review is due
}

// Few says of a count whether it is too small to be told: more than none, fewer than three.
func Few(n int) bool { return n > 0 && n < few }

// Counts are those of all communities, numbers and nothing else.
func (v *Visits) Counts(ctx context.Context, sc access.Scope) ([]Count, error) {
	if sc.District() != v.district {
		return nil, nil
	}
	today := v.today()
	var out []Count
	err := v.db.Read(ctx, func(tx *store.Tx) error {
		return tx.Each(`SELECT community, categories, CASE WHEN due < $2 THEN 1 ELSE 0 END, count(*) FROM people_in_need WHERE district = $1 AND state = 'registered'
			GROUP BY 1, 2, 3 ORDER BY 1`, []any{v.district, today}, func(r store.Scanner) error {
			var community, categories string
			var late, n int
			if err := r.Scan(&community, &categories, &late, &n); err != nil {
				return err
			}
			if len(out) == 0 || out[len(out)-1].Community != community {
				out = append(out, Count{community, map[string]int{}})
			}
			c := out[len(out)-1]
			c.N[""] += n
			c.N["overdue"] += late * n
			for _, id := range strings.Fields(categories) {
				c.N[id] += n
			}
			return nil
		})
	})
	return out, err
}

// Knows reports whether the scope sees people of a community, and not only counts; "" asks for any.
func (v *Visits) Knows(ctx context.Context, sc access.Scope, community string) (ok bool, err error) {
	err = v.db.Read(ctx, func(tx *store.Tx) error {
		for _, c := range v.mine(sc) {
			if community != "" && c != community {
				continue
			}
			a, err := v.care(tx, sc, c, nil)
			if err != nil {
				return err
			}
			if ok = knows(sc, a); ok {
				return nil
			}
		}
		return nil
	})
	return ok, err
}
