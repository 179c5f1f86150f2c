package access

import (
	"fmt"
	"slices"

	"weixiao/internal/journal"
	"weixiao/internal/store"
)

// Replay rebuilds accounts and API keys from their acts, to prove that the table agrees with
// the journal. Feed it every act (journal.Verify hands them out), then Compare.
type Replay struct {
	accounts map[string]*replayed
	keys     map[string]*keyBody // of clients whose key is good; nil = disabled
}

type replayed struct {
	login, name, unit, post string
	erased                  bool // a text was erased: login and name cannot be compared
	roles                   []string
	active, mustChange      bool
	version                 int64
}

// NewReplay makes an empty replay.
func NewReplay() *Replay {
	return &Replay{accounts: map[string]*replayed{}, keys: map[string]*keyBody{}}
}

// Apply takes the next act; acts of other kinds are passed over.
func (p *Replay) Apply(a journal.Act) error {
	if a.Kind == kindKey {
		return p.key(a)
	}
	if a.Kind != kindAccount {
		return nil
	}
	var b body
	if err := a.Into(&b); err != nil {
		return err
	}
	r := p.accounts[a.Subject]
	if (r == nil) != (a.Action == "create") {
		return fmt.Errorf("access: act %d: account %s: %s out of order", a.Seq, a.Subject, a.Action)
	}
	switch a.Action {
	case "create":
		r = &replayed{login: a.Texts["login"], active: true, roles: b.Roles, mustChange: b.MustChange}
		p.accounts[a.Subject] = r
		r.person(a, b)
	case "change":
		r.person(a, b)
	case "roles":
		r.roles = b.Roles
	case "password":
		r.mustChange = b.MustChange
	case "disable":
		r.active = false
	case "enable":
		r.active = true
	}
	r.version++
	return nil
}

func (p *Replay) key(a journal.Act) error {
	var b keyBody
	if err := a.Into(&b); err != nil {
		return err
	}
	if p.keys[a.Subject] = nil; a.Action == "issue" {
		p.keys[a.Subject] = &b
	}
	return nil
}

// compareKeys names the first key that differs from its acts. Acts of before there were
// scopes say none.
func (p *Replay) compareKeys(tx *store.Tx, district string) error {
	list, err := store.All(tx, scanKey, `SELECT `+keyColumns+` FROM api_keys WHERE district = $1 ORDER BY client`, district)
	if err != nil {
		return err
	}
	for _, k := range list {
		b, known := p.keys[k.Client]
		switch {
		case !known:
			return fmt.Errorf("access: the key of %s has no act", k.Client)
		case k.Active != (b != nil):
			return fmt.Errorf("access: the key of %s differs from its acts: disabled or not", k.Client)
		case b != nil && b.Scopes != nil && (!slices.Equal(b.Scopes, k.Scopes) || b.Expires != 0 && b.Expires != k.Expires.UnixMicro()):
			return fmt.Errorf("access: the key of %s differs from its acts: what it opens, or until when", k.Client)
		}
		delete(p.keys, k.Client)
	}
	for client := range p.keys {
		return fmt.Errorf("access: the key of %s has acts but no row", client)
	}
	return nil
}

func (r *replayed) person(a journal.Act, b body) {
	name, ok := a.Texts["name"]
	r.name, r.unit, r.post, r.erased = name, b.Unit, b.Post, r.erased || !ok
}

// Compare names the first account that differs from its acts.
func (p *Replay) Compare(tx *store.Tx, district string) error {
	rows, err := store.All(tx, scanRow, `SELECT `+accountColumns+` FROM accounts WHERE district = $1 ORDER BY id`, district)
	if err != nil {
		return err
	}
	for _, r := range rows {
		want := p.accounts[r.ID]
		differs := ""
		switch {
		case want == nil:
			differs = "has no acts"
		case r.Unit != want.unit, r.Post != want.post:
			differs = "another unit or post"
		case !slices.Equal(r.Roles, append([]string{}, want.roles...)):
			differs = "other roles"
		case r.Active != want.active:
			differs = "disabled or not"
		case r.MustChange != want.mustChange:
			differs = "password to be changed or not"
		case r.Version != want.version:
			differs = "another version"
		case !want.erased && (r.Login != want.login || r.Name != want.name):
			differs = "another login or name"
		}
		if differs != "" {
			return fmt.Errorf("access: account %s differs from its acts: %s", r.ID, differs)
		}
		delete(p.accounts, r.ID)
	}
	for id := range p.accounts {
		return fmt.Errorf("access: account %s has acts but no row", id)
	}
	return p.compareKeys(tx, district)
}
