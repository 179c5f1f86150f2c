package access

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/journal"
	"weixiao/internal/store"
)

const maxLogin = 64

// Account is one person who works in the district.
type Account struct {
	ID          string
	Login       string // unique in the district, lower case
	Name        string
	Unit        string
	Post        string
	Roles       []string // sorted
	Active      bool
	HasPassword bool
	MustChange  bool
	LockedUntil time.Time // zero: never locked
	Version     int64     // 1 after creation, one more with every act
	Created     time.Time
	Changed     time.Time
}

func (a Account) state() string {
	if a.Active {
		return active
	}
	return disabled
}

// NewAccount is an account to create.
type NewAccount struct {
	Login, Name, Unit, Post string
	Roles                   []string
	Password                Hash   // from Gate.Hash; "" = cannot sign in yet
	Reason                  string // why it is made; may be empty
	// Lasting means that the holder chose the password: it need not be changed at
	// the first sign-in.
	Lasting bool
}

// Person is what Update changes.
type Person struct{ Name, Unit, Post string }

// body is what an act says about an account. Name and login are texts of the
// act: they can be erased.
type body struct {
	Unit       string   `json:"unit,omitempty"`
	Post       string   `json:"post,omitempty"`
	Roles      []string `json:"roles,omitempty"`
	MustChange bool     `json:"must_change,omitempty"`
	Own        bool     `json:"own,omitempty"` // the holder changed the password
}

// Create makes an account and its act. form.Faults names what is wrong: login
// (required, long, control, taken), name, unit (choice: not in the directory),
// roles (see CheckRoles), reason (long).
func (g *Gate) Create(tx *store.Tx, sc Scope, n NewAccount, now time.Time) (Account, error) {
	if err := g.ours(sc); err != nil {
		return Account{}, err
	}
	capacity, err := permit("create", "", sc.toward("", n.Roles))
	if err != nil {
		return Account{}, err
	}
	n.Login, n.Name, n.Roles, n.Reason = tidyLogin(n.Login), strings.TrimSpace(n.Name), tidy(n.Roles), strings.TrimSpace(n.Reason)
	faults := append(checkLogin(n.Login), g.checkPerson(Person{n.Name, n.Unit, n.Post}, n.Roles)...)
	faults = append(faults, checkReason(remarkField, n.Reason)...)
	if err := CheckRoles(n.Roles); err != nil {
		faults = append(faults, err.(form.Faults)...)
	}
	if len(faults) == 0 {
		if taken, err := exists(tx, g.opt.District, n.Login); err != nil {
			return Account{}, err
		} else if taken {
			faults = append(faults, form.Fault{Field: "login", Code: "taken"})
		}
	}
	if len(faults) > 0 {
		return Account{}, faults
	}
	at, err := journal.Begin(tx, g.opt.District, now)
	if err != nil {
		return Account{}, err
	}
	r := row{Account: Account{ID: strings.ToLower(rand.Text()), Login: n.Login, Name: n.Name, Unit: n.Unit, Post: n.Post, Roles: n.Roles,
		Active: true, MustChange: n.Password != "" && !n.Lasting, Version: 1, Created: at, Changed: at}, hash: n.Password}
	if n.Password != "" {
		r.setHash(n.Password, g.opt.Clock())
	}
	if err := insert(tx, g.opt.District, r); err != nil {
		return Account{}, err
	}
	texts := map[string]string{"login": n.Login, "name": n.Name}
	if n.Reason != "" {
		texts["reason"] = n.Reason
	}
	return r.Account, g.append(tx, sc, r.ID, "create", capacity, at, body{Unit: n.Unit, Post: n.Post, Roles: n.Roles, MustChange: r.MustChange}, texts)
}

// Update changes name, unit and post. version is the one the caller saw
// (If-Match): ErrStale when it is no longer the latest. Version 0 is accepted
// from the system only. reason is why, at most 200 characters, and stays in the
// act; form.Faults on "reason" when there is none. Both hold for the verbs below.
func (g *Gate) Update(tx *store.Tx, sc Scope, id string, version int64, p Person, reason string, now time.Time) (Account, error) {
	return g.change(tx, sc, id, version, now, change{action: "change", reason: reason, apply: func(r *row) (body, error) {
		p.Name = strings.TrimSpace(p.Name)
		if f := g.checkPerson(p, r.Roles); len(f) > 0 {
			return body{}, f
		}
		r.Name, r.Unit, r.Post = p.Name, p.Unit, p.Post
		return body{Unit: p.Unit, Post: p.Post}, nil
	}, texts: map[string]string{"name": strings.TrimSpace(p.Name)}})
}

// SetRoles gives an account exactly these roles and ends its sessions.
func (g *Gate) SetRoles(tx *store.Tx, sc Scope, id string, version int64, names []string, reason string, now time.Time) (Account, error) {
	names = tidy(names)
	return g.change(tx, sc, id, version, now, change{action: "roles", reason: reason, wanted: names, ends: true, apply: func(r *row) (body, error) {
		if err := CheckRoles(names); err != nil {
			return body{}, err
		}
		if r.Unit == "" && needUnit(names) {
			return body{}, form.Faults{{Field: "unit", Code: "required"}}
		}
		r.Roles = names
		return body{Roles: names}, nil
	}})
}

// SetPassword gives an account a new password on behalf of its holder, who must
// change it at the next sign-in. It ends the sessions and the lock.
func (g *Gate) SetPassword(tx *store.Tx, sc Scope, id string, version int64, h Hash, reason string, now time.Time) (Account, error) {
	if sc.account != "" && sc.account == id {
		return Account{}, fmt.Errorf("%w: use ChangePassword for one's own", flow.ErrForbidden)
	}
	return g.change(tx, sc, id, version, now, change{action: "password", reason: reason, ends: true, apply: func(r *row) (body, error) {
		r.setHash(h, g.opt.Clock())
		r.MustChange = h != ""
		return body{MustChange: r.MustChange}, nil
	}})
}

// Disable shuts an account out and ends its sessions at once.
func (g *Gate) Disable(tx *store.Tx, sc Scope, id string, version int64, reason string, now time.Time) (Account, error) {
	return g.change(tx, sc, id, version, now, change{action: "disable", reason: reason, ends: true, apply: func(r *row) (body, error) {
		r.Active = false
		return body{}, nil
	}})
}

// Enable lets a disabled account in again, with the roles it had.
func (g *Gate) Enable(tx *store.Tx, sc Scope, id string, version int64, reason string, now time.Time) (Account, error) {
	return g.change(tx, sc, id, version, now, change{action: "enable", reason: reason, apply: func(r *row) (body, error) {
		r.Active = true
		r.unlock()
		return body{}, nil
	}})
}

// change is one act on an existing account.
type change struct {
	action string
	reason string
	wanted []string // roles it is to hold afterwards, when they change
	texts  map[string]string
	ends   bool // its sessions end
	apply  func(*row) (body, error)
}

func (g *Gate) change(tx *store.Tx, sc Scope, id string, version int64, now time.Time, c change) (Account, error) {
	if err := g.ours(sc); err != nil {
		return Account{}, err
	}
	at, err := journal.Begin(tx, g.opt.District, now)
	if err != nil {
		return Account{}, err
	}
	r, err := load(tx, g.opt.District, id)
	if err != nil {
		return Account{}, err
	}
	who := sc.toward(id, slices.Concat(c.wanted, r.Roles))
	capacity, err := permit(c.action, r.state(), who)
	if err != nil {
		return Account{}, err
	}
	if version != r.Version && (version != 0 || !sc.Can(System)) {
		return Account{}, fmt.Errorf("%w: account %s", ErrStale, id)
	}
	c.reason = strings.TrimSpace(c.reason)
	if f := checkReason(reasonField, c.reason); len(f) > 0 {
		return Account{}, f
	}
	b, err := c.apply(&r)
	if err != nil {
		return Account{}, err
	}
	texts := map[string]string{"reason": c.reason}
	maps.Copy(texts, c.texts)
	r.Version, r.Changed = r.Version+1, at
	if err := save(tx, g.opt.District, r); err != nil {
		return Account{}, err
	}
	if c.ends {
		if err := endSessions(tx, g.opt.District, id, ""); err != nil {
			return Account{}, err
		}
	}
	tx.AfterCommit(func() { g.cache.drop(id) })
	return r.Account, g.append(tx, sc, id, c.action, capacity, at, b, texts)
}

func (g *Gate) append(tx *store.Tx, sc Scope, id, action, capacity string, at time.Time, b any, texts map[string]string) error {
	return g.appendKind(tx, sc, kindAccount, id, action, capacity, at, b, texts)
}

func (g *Gate) appendKind(tx *store.Tx, sc Scope, kind, subject, action, capacity string, at time.Time, b any, texts map[string]string) error {
	raw, err := json.Marshal(b)
	if err != nil {
		return fmt.Errorf("access: act: %w", err)
	}
	return journal.Append(tx, &journal.Act{District: g.opt.District, At: at.UnixMicro(), Kind: kind, Subject: subject, Action: action,
		Actor: sc.actor(capacity), Pack: g.pack(), Body: raw, Texts: texts})
}

// checkPerson checks what Create and Update have in common. Whoever reaches a
// unit must be in one.
func (g *Gate) checkPerson(p Person, names []string) form.Faults {
	var f form.Faults
	if n := utf8.RuneCountInString(p.Name); n == 0 {
		f = append(f, form.Fault{Field: "name", Code: "required"})
	} else if n > 40 {
		f = append(f, form.Fault{Field: "name", Code: "long", N: n, Of: 40})
	}
	switch {
	case outside(names):
		if p.Unit == "" {
			f = append(f, form.Fault{Field: "unit", Code: "required"})
		} else if g.opt.Firm != nil && !g.opt.Firm(p.Unit) {
			f = append(f, form.Fault{Field: "unit", Code: "choice"})
		}
	case p.Unit != "" && len(g.path(p.Unit)) == 0:
		f = append(f, form.Fault{Field: "unit", Code: "choice"})
	case p.Unit == "" && needUnit(names):
		f = append(f, form.Fault{Field: "unit", Code: "required"})
	}
	return f
}

// checkReason checks why something is done, as the form of the page does.
func checkReason(f form.Field, reason string) form.Faults {
	_, err := form.Form{Name: "reason", Fields: []form.Field{f}}.Check(form.Raw{f.Name: {reason}})
	faults, _ := errors.AsType[form.Faults](err)
	return faults
}

func needUnit(names []string) bool {
	return slices.ContainsFunc(names, func(n string) bool { r, _ := RoleOf(n); return r.worksInUnit() })
}

// outside reports whether the account is of somebody who is no staff: its unit is a firm.
func outside(names []string) bool {
	return slices.ContainsFunc(names, func(n string) bool { r, _ := RoleOf(n); return r.Outside })
}

func tidyLogin(s string) string { return strings.ToLower(strings.TrimSpace(s)) }

func checkLogin(s string) form.Faults {
	n := utf8.RuneCountInString(s)
	switch {
	case n == 0:
		return form.Faults{{Field: "login", Code: "required"}}
	case n > maxLogin:
		return form.Faults{{Field: "login", Code: "long", N: n, Of: maxLogin}}
	case strings.ContainsFunc(s, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("._-@", r)
	}):
		return form.Faults{{Field: "login", Code: "control"}}
	}
	return nil
}
