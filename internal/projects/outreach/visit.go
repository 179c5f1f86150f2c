package outreach

import (
	"errors"
	"slices"
	"strings"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/form"
	"weixiao/internal/pack"
	"weixiao/internal/record"
	"weixiao/internal/store"
	"weixiao/internal/text"
	"weixiao/internal/vault"
	"weixiao/internal/worktime"
)

// Partner is an organisation that was met.
type Partner struct {
	record.Head
	Name   string `json:"organisation"`
	Code   string `json:"code,omitempty"` // of a firm or association, "" = known by name alone
	Class  string `json:"class"`
	Into   string `json:"into,omitempty"` // the one it turned out to be
	MadeUp bool   `json:"made_up,omitempty"`
}

// Visit is one meeting with an organisation.
type Visit struct {
	record.Head
	Partner   string   `json:"partner"` // id
	Name      string   `json:"organisation"`
	Code      string   `json:"code,omitempty"`
	Class     string   `json:"class"`
	Direction string   `json:"direction"` // out, in
	On        string   `json:"held_on"`
	Place     string   `json:"place"`
	Ours      []string `json:"ours"` // units, the first one keeps the record
	Topic     string   `json:"topic"`
	Person    string   `json:"sealed,omitempty"`  // id in the vault
	Project   string   `json:"led_to,omitempty"`  // id of the lead that came of it
	MadeUp    bool     `json:"made_up,omitempty"` // a made-up one
}

// Follow is what was agreed to follow from a visit.
type Follow struct {
	record.Head
	Visit   string `json:"visit"`
	Partner string `json:"partner"`
	Name    string `json:"name"`
	Owner   string `json:"owner"`
	Unit    string `json:"unit"`
}

func nameKey(name string) string {
	return "name:" + strings.Map(func(r rune) rune {
		if strings.ContainsRune(" 　·・-—（）()“”\"'，,。.", r) {
			return -1
		}
		return r
	}, text.Normalize(name))
}

func (s *Outreach) partner() record.Kind[Partner, *Partner] {
	return record.Kind[Partner, *Partner]{Table: &PartnerTable, Letters: "HB",
		Keys: func(x *Partner) record.Keys {
			return record.Keys{Parent: nameKey(x.Name), Of: x.Code, Tag: x.Class, Title: x.Name}
		},
		Sees:      func(sc access.Scope, _ *Partner) bool { return sees(sc) },
		Relations: func(_ *store.Tx, sc access.Scope, _ *Partner) ([]string, error) { return s.relations(sc), nil },
		Options: func(_ *store.Tx, _ access.Scope, _ *Partner, _, field string) ([]form.Option, bool, error) {
			return s.options(field)
		},
		Plans: map[string]func(*record.Step[Partner, *Partner]) error{
			"name": func(st *record.Step[Partner, *Partner]) error {
				st.To = "named"
				if st.X.Code != "" {
					st.To = "identified"
				}
				return nil
			},
			"identify": func(st *record.Step[Partner, *Partner]) error {
				code, err := s.o.CheckCode(st.Answers.Str("found_code"))
				if err != nil {
					return record.Fault("found_code", "firm_code")
				}
				other, err := s.find(st.Tx, record.Filter{Of: code})
				if err != nil {
					return err
				}
				if other != nil {
					return record.Refuse("outreach.code_known", other.ID)
				}
				st.X.Code = code
				return nil
			},
			"merge": func(st *record.Step[Partner, *Partner]) error {
				into := st.Answers.Str("into")
				if x, err := s.Books.Partner.Load(st.Tx, into); into == st.ID || errors.Is(err, store.ErrNotFound) || err == nil && x.State == "merged" {
					return record.Fault("into", "no_partner")
				} else if err != nil {
					return err
				}
				return nil
			},
		},
	}
}

func (s *Outreach) options(field string) ([]form.Option, bool, error) {
	switch field {
	case "class":
		return form.Options(pack.IDs(s.o.Rules.Classes)...), true, nil
	case "sector":
		return form.Options(s.o.Sectors...), true, nil
	case "topic":
		return form.Options(pack.IDs(s.o.Rules.Topics)...), true, nil
	}
	return nil, false, nil
}

// find is the organisation that a filter finds, the one it was merged into; nil if there is none.
func (s *Outreach) find(tx *store.Tx, f record.Filter) (*Partner, error) {
	var out *Partner
	err := s.Books.Partner.Each(tx, f, func(x *Partner) error {
		if out == nil || out.State == "merged" {
			out = x
		}
		return nil
	})
	for i := 0; err == nil && out != nil && out.State == "merged" && i < 10; i++ {
		out, err = s.Books.Partner.Load(tx, out.Into)
	}
	return out, err
}

// meet finds the organisation of a visit or makes it: by its code, else by its name.
func (s *Outreach) meet(tx *store.Tx, sc access.Scope, v *Visit, at time.Time) (*Partner, error) {
	if v.Code != "" {
		code, err := s.o.CheckCode(v.Code)
		if err != nil {
			return nil, record.Fault("code", "firm_code")
		}
		v.Code = code
		if x, err := s.find(tx, record.Filter{Of: code}); err != nil || x != nil {
			return x, err
		}
	}
	x, err := s.find(tx, record.Filter{Parent: nameKey(v.Name)})
	switch {
	case err != nil:
		return nil, err
	case x != nil && (v.Code == "" || x.Code == v.Code):
		return x, nil
	case x != nil && x.Code == "":
		// Known by its name till now: the code is what it was waiting for.
		return s.Books.Partner.ActIn(tx, access.SystemScope(sc.District(), "a code that came with a visit"), x.ID, "identify", record.Input{Raw: record.Raw("found_code", v.Code), At: at})
	}
	return s.Books.Partner.OpenIn(tx, sc, "name", record.Input{Raw: record.Raw("organisation", v.Name, "code", v.Code, "class", v.Class), At: at}, func(p *Partner) { p.MadeUp = v.MadeUp })
}

func (s *Outreach) visit() record.Kind[Visit, *Visit] {
	return record.Kind[Visit, *Visit]{Table: &VisitTable, Letters: "ZF",
		Keys: func(x *Visit) record.Keys {
			unit := ""
			if len(x.Ours) > 0 {
				unit = x.Ours[0]
			}
			return record.Keys{Unit: unit, Parent: x.Partner, Of: x.Code, Tag: x.Direction, Title: x.Name}
		},
		Sees:      func(sc access.Scope, _ *Visit) bool { return sees(sc) },
		Relations: func(_ *store.Tx, sc access.Scope, x *Visit) ([]string, error) { return s.relations(sc, x.Ours...), nil },
		Options: func(_ *store.Tx, _ access.Scope, _ *Visit, _, field string) ([]form.Option, bool, error) {
			return s.options(field)
		},
		Plans: map[string]func(*record.Step[Visit, *Visit]) error{
			"note": s.note,
			"lead": func(st *record.Step[Visit, *Visit]) (err error) {
				x := st.X
				x.Project, err = s.o.Lead(st.Tx, st.Scope, Lead{Name: st.Answers.Str("project"), Investor: x.Name, Firm: x.Code, Unit: x.Ours[0], Sector: st.Answers.Str("sector"), Investment: st.Answers.Int("investment"), Visit: st.ID, MadeUp: x.MadeUp, At: st.At})
				return err
			},
		},
	}
}

// note takes in a visit. The person met goes into the vault; what is left of them in the record is an id.
func (s *Outreach) note(st *record.Step[Visit, *Visit]) error {
	x := st.X
	if w, ok := st.Input.With.(bool); ok {
		x.MadeUp = w
	}
	if x.On > st.At.In(worktime.Zone).Format(time.DateOnly) {
		return record.Fault("held_on", "future")
	}
	for _, u := range x.Ours {
		if _, ok := s.o.Directory.Unit(u); !ok {
			return record.Fault("ours", "choice")
		}
	}
	if i := slices.IndexFunc(x.Ours, st.Scope.Within); i > 0 { // one's own unit keeps the record
		x.Ours[0], x.Ours[i] = x.Ours[i], x.Ours[0]
	}
	who := vault.Person{Name: strings.TrimSpace(st.Texts["person"] + " " + st.Texts["duty"]), Phone: st.Texts["phone"]}
	for _, name := range []string{"person", "duty", "phone"} {
		delete(st.Texts, name)
	}
	p, err := s.meet(st.Tx, st.Scope, x, st.At)
	if err != nil {
		return err
	}
	x.Partner, x.Name, x.Code, x.Class = p.ID, p.Name, p.Code, p.Class
	if who == (vault.Person{}) {
		return nil
	}
	sealed, err := s.o.Vault.Seal(st.Scope.District(), who)
	if err != nil {
		return err
	}
	x.Person = sealed.ID
	return vault.Put(st.Tx, sealed, st.At)
}

func (s *Outreach) follow() record.Kind[Follow, *Follow] {
	return record.Kind[Follow, *Follow]{Table: &FollowTable, Letters: "GJ",
		Keys: func(x *Follow) record.Keys { return record.Keys{Unit: x.Owner, Parent: x.Visit, Title: x.Name} },
		Sees: func(sc access.Scope, _ *Follow) bool { return sees(sc) },
		Relations: func(_ *store.Tx, sc access.Scope, x *Follow) ([]string, error) {
			return s.relations(sc, x.Unit, x.Owner), nil
		},
		Limit: func(*Follow, string) (worktime.Limit, string) {
			l, _ := worktime.ParseLimit(s.o.Rules.Follow) // checked with the pack
			return l, ""
		},
		Plans: map[string]func(*record.Step[Follow, *Follow]) error{"agree": func(st *record.Step[Follow, *Follow]) error {
			x := st.X
			if _, ok := s.o.Directory.Unit(x.Owner); !ok {
				return record.Fault("owner", "choice")
			}
			v, err := s.Books.Visit.Get(st.Tx, st.Scope, x.Visit)
			if errors.Is(err, store.ErrNotFound) {
				return record.Fault("visit", "no_visit")
			}
			if err != nil {
				return err
			}
			if !slices.Contains(s.relations(st.Scope, v.Ours...), team) {
				return record.Refuse("project.not_yours")
			}
			x.Partner, x.Name, x.Unit = v.Partner, v.Name, v.Ours[0]
			return nil
		}},
	}
}
