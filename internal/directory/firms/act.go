package firms

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"weixiao/internal/access"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/journal"
	"weixiao/internal/store"
	"weixiao/internal/vault"
)

type change struct {
	State   string `json:"state"`
	Name    string `json:"name"`
	Kinds   string `json:"kinds"`
	Sector  string `json:"sector"`
	Unit    string `json:"unit,omitempty"`
	Address string `json:"address,omitempty"`
	Person  string `json:"person,omitempty"`
	MadeUp  bool   `json:"made_up,omitempty"`
}

func (x *Firm) change() change {
	return change{x.State, x.Name, x.Kinds, x.Sector, x.Unit, x.Address, x.Person, x.MadeUp}
}

// fold applies an act. It is the only code that changes a Firm.
func (x *Firm) fold(a *journal.Act) error {
	var c change
	if err := a.Into(&c); err != nil {
		return err
	}
	if x.Version == 0 {
		x.ID, x.Created = a.Subject, a.At
	}
	x.State, x.Name, x.Kinds, x.Sector, x.Unit, x.Address, x.Person, x.MadeUp = c.State, c.Name, c.Kinds, c.Sector, c.Unit, c.Address, c.Person, c.MadeUp
	x.Version++
	x.Changed, x.lastSeq = a.At, a.Seq
	return nil
}

// Errors of Enter and Act. A wrong code is a *CodeError, other faults are form.Faults.
var (
	ErrTaken = errors.New("firms: another firm has this code")
	ErrKnown = errors.New("firms: registered already, just like this")
	ErrStale = fmt.Errorf("firms: the firm was changed meanwhile: %w", access.ErrStale)
)

func (s *Firms) record(tx *store.Tx, sc access.Scope, x *Firm, id string, act *flow.Action, c change, texts map[string]string) error {
	at, err := journal.Begin(tx, s.district, s.clock())
	if err != nil {
		return err
	}
	body, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("firms: %w", err)
	}
	a := &journal.Act{District: s.district, At: at.UnixMicro(), Kind: Table.Kind, Subject: id, Action: act.Name,
		Actor: sc.Actor(act.Capacity(flow.Actor{Roles: sc.Roles()})), Pack: s.pack, Body: body, Texts: texts}
	if err := journal.Append(tx, a); err != nil {
		return err
	}
	if err := x.fold(a); err != nil {
		return err
	}
	return s.save(tx, x)
}

// Enter registers an organisation and returns its id: its code, or a made one for volunteers without a code.
func (s *Firms) Enter(ctx context.Context, sc access.Scope, raw form.Raw) (id string, err error) {
	act, err := Table.Action("enter")
	if err != nil {
		return "", err
	}
	if !act.Grants(flow.Actor{Roles: sc.Roles()}) {
		return "", flow.ErrForbidden
	}
	err = s.db.Write(ctx, func(tx *store.Tx) error {
		id, err = s.enter(tx, sc, act, raw, false)
		return err
	})
	return id, err
}

func (s *Firms) enter(tx *store.Tx, sc access.Scope, act *flow.Action, raw form.Raw, madeUp bool) (string, error) {
	answers, err := act.Form.Check(raw)
	if err != nil {
		return "", err
	}
	kinds := answers.List("kinds")
	id := ""
	if answers.Str("code") == "" {
		if !slices.Equal(kinds, []string{"volunteers"}) {
			return "", form.Faults{{Field: "code", Code: "required"}}
		}
		id = "v" + strings.ToLower(rand.Text()[:12])
	} else if id, err = CheckCode(answers.Str("code")); err != nil {
		return "", err
	}
	c, err := s.settled(answers)
	if err != nil {
		return "", err
	}
	c.State, c.MadeUp = Active, madeUp
	// The head comes first: behind it nobody else enters the same code.
	if _, err := journal.Begin(tx, s.district, s.clock()); err != nil {
		return "", err
	}
	if answers.Str("code") == "" {
		// A team without a code is known by its name and unit.
		if old, err := s.team(tx, c); err != nil || old != nil {
			if err == nil {
				if was := old.change(); samePublic(was, c) {
					return old.ID, ErrKnown
				}
				err = ErrTaken
			}
			return "", err
		}
	}
	switch old, err := s.load(tx, id); {
	case err == nil:
		if samePublic(old.change(), c) {
			return id, ErrKnown
		}
		return "", ErrTaken
	case !errors.Is(err, store.ErrNotFound):
		return "", err
	}
	if c.Person, err = s.seal(tx, "", answers); err != nil {
		return "", err
	}
	return id, s.record(tx, sc, &Firm{}, id, act, c, nil)
}

// samePublic compares all but the contact, which is sealed.
func samePublic(a, b change) bool {
	a.Person, b.Person = "", ""
	return a == b
}

// settled are the answers without the person.
func (s *Firms) settled(answers form.Answers) (change, error) {
	c := change{Name: answers.Str("name"), Kinds: strings.Join(answers.List("kinds"), " "), Sector: answers.Str("sector"), Unit: answers.Str("unit"), Address: answers.Str("address")}
	if _, ok := s.dir.Unit(c.Unit); c.Unit != "" && !ok {
		return c, form.Faults{{Field: "unit", Code: "unit"}}
	}
	return c, nil
}

// seal puts a contact into the vault, or other words in the place of one that is there.
func (s *Firms) seal(tx *store.Tx, person string, answers form.Answers) (string, error) {
	p := vault.Person{Name: answers.Str("contact"), Phone: answers.Str("phone")}
	if p == (vault.Person{}) {
		return person, nil
	}
	if person != "" {
		return person, s.vault.Replace(tx, s.district, person, p)
	}
	x, err := s.vault.Seal(s.district, p)
	if err != nil {
		return "", err
	}
	return x.ID, vault.Put(tx, x, s.clock())
}

// Act changes or closes a firm. version is that of the page it was decided on. A contact left empty stays as it is.
func (s *Firms) Act(ctx context.Context, sc access.Scope, id, action string, version int64, raw form.Raw) error {
	act, err := Table.Action(action)
	if err != nil {
		return err
	}
	if act.From == nil {
		return flow.ErrUnknown
	}
	return s.db.Write(ctx, func(tx *store.Tx) error {
		x, err := s.load(tx, id)
		if err != nil {
			return err
		}
		if _, err := Table.Permit(action, x.Position(), flow.Actor{Roles: sc.Roles()}); err != nil {
			return err
		}
		answers, err := act.Form.Check(raw)
		if err != nil {
			return err
		}
		if x.Version != version {
			return ErrStale
		}
		c, texts := x.change(), map[string]string{}
		if action == "close" {
			c.State, texts["reason"] = Closed, answers.Str("reason")
			return s.record(tx, sc, x, id, act, c, texts)
		}
		n, err := s.settled(answers)
		if err != nil {
			return err
		}
		n.State, n.MadeUp = c.State, c.MadeUp
		if n.Person, err = s.seal(tx, x.Person, answers); err != nil {
			return err
		}
		return s.record(tx, sc, x, id, act, n, texts)
	})
}
