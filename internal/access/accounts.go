package access

import (
	"errors"
	"fmt"
	"time"

	"weixiao/internal/flow"
	"weixiao/internal/store"
)

// row is an account with what never leaves the package.
type row struct {
	Account
	hash     Hash
	hashedAt int64 // µs; when the password was set
	lock
}

func (r *row) setHash(h Hash, now time.Time) {
	r.hash, r.hashedAt, r.HasPassword = h, now.UnixMicro(), h != ""
	r.unlock()
}

func (r *row) unlock() { r.lock, r.LockedUntil = lock{}, time.Time{} }

const accountColumns = `id, login, name, unit, post, roles, hash, hashed_at, must_change, active, failures, locked_until, check_at, version, created, changed`

func scanRow(s store.Scanner) (r row, err error) {
	var names, hash string
	var created, changed int64
	err = s.Scan(&r.ID, &r.Login, &r.Name, &r.Unit, &r.Post, &names, &hash, &r.hashedAt, &r.MustChange, &r.Active,
		&r.failures, &r.lockedUntil, &r.checkAt, &r.Version, &created, &changed)
	r.Roles, r.hash, r.HasPassword = splitRoles(names), Hash(hash), hash != ""
	r.Created, r.Changed = micro(created), micro(changed)
	if r.lockedUntil != 0 {
		r.LockedUntil = micro(r.lockedUntil)
	}
	return r, err
}

func micro(us int64) time.Time { return time.UnixMicro(us).UTC() }

// one returns the only row of a query, or store.ErrNotFound.
func one(tx *store.Tx, sql string, args ...any) (row, error) {
	rows, err := store.All(tx, scanRow, sql, args...)
	if err != nil {
		return row{}, err
	}
	if len(rows) != 1 {
		return row{}, store.ErrNotFound
	}
	return rows[0], nil
}

// load reads an account for changing it: its row is ours until the commit.
func load(tx *store.Tx, district, id string) (row, error) {
	return one(tx, `SELECT `+accountColumns+` FROM accounts WHERE district = $1 AND id = $2 FOR UPDATE`, district, id)
}

func loadLogin(tx *store.Tx, district, login string) (row, error) {
	return one(tx, `SELECT `+accountColumns+` FROM accounts WHERE district = $1 AND login = $2 FOR UPDATE`, district, login)
}

func exists(tx *store.Tx, district, login string) (bool, error) {
	var n int64
	err := tx.Row(`SELECT count(*) FROM accounts WHERE district = $1 AND login = $2`, []any{district, login}, &n)
	return n > 0, err
}

func insert(tx *store.Tx, district string, r row) error {
	return tx.Exec(`INSERT INTO accounts (district, id, login, name, unit, post, roles, hash, hashed_at, must_change, active, failures, locked_until, check_at, version, created, changed)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 0, 0, 0, $12, $13, $14)`,
		district, r.ID, r.Login, r.Name, r.Unit, r.Post, joinRoles(r.Roles), string(r.hash), r.hashedAt, r.MustChange, r.Active, r.Version, r.Created.UnixMicro(), r.Changed.UnixMicro())
}

// save writes a row that was loaded in the same transaction.
func save(tx *store.Tx, district string, r row) error {
	n, err := tx.Count(`UPDATE accounts SET name = $3, unit = $4, post = $5, roles = $6, hash = $7, hashed_at = $8, must_change = $9, active = $10,
		failures = $11, locked_until = $12, check_at = $13, version = $14, changed = $15 WHERE district = $1 AND id = $2 AND version = $16`,
		district, r.ID, r.Name, r.Unit, r.Post, joinRoles(r.Roles), string(r.hash), r.hashedAt, r.MustChange, r.Active,
		r.failures, r.lockedUntil, r.checkAt, r.Version, r.Changed.UnixMicro(), r.Version-1)
	if err == nil && n != 1 {
		err = fmt.Errorf("%w: account %s", ErrStale, r.ID)
	}
	return err
}

// saveLock writes the counters of the sign-in, which are no act.
func saveLock(tx *store.Tx, district, id string, l lock) error {
	return tx.Exec(`UPDATE accounts SET failures = $3, locked_until = $4, check_at = $5 WHERE district = $1 AND id = $2`,
		district, id, l.failures, l.lockedUntil, l.checkAt)
}

// readers see every account: they administer them.
var readers = []string{Admin, Security, Auditor, System}

// reads reports whether the scope reaches an account: its own, those of its unit
// and below, all of them for the readers and for district-wide roles.
func (g *Gate) reads(sc Scope, id, unit string) bool {
	return sc.Can(readers...) || sc.all || (id != "" && sc.account == id) || sc.Covers(g.path(unit)...)
}

// Get reads one account. What the scope does not reach is store.ErrNotFound, as
// if it did not exist.
func (g *Gate) Get(tx *store.Tx, sc Scope, id string) (Account, error) {
	if err := g.ours(sc); err != nil {
		return Account{}, err
	}
	r, err := one(tx, `SELECT `+accountColumns+` FROM accounts WHERE district = $1 AND id = $2`, g.opt.District, id)
	return g.reachable(sc, r, err)
}

// Find reads the account with that login; otherwise like Get.
func (g *Gate) Find(tx *store.Tx, sc Scope, login string) (Account, error) {
	if err := g.ours(sc); err != nil {
		return Account{}, err
	}
	r, err := one(tx, `SELECT `+accountColumns+` FROM accounts WHERE district = $1 AND login = $2`, g.opt.District, tidyLogin(login))
	return g.reachable(sc, r, err)
}

func (g *Gate) reachable(sc Scope, r row, err error) (Account, error) {
	if err == nil && !g.reads(sc, r.ID, r.Unit) {
		err = store.ErrNotFound
	}
	if err != nil {
		if errors.Is(err, store.ErrNotFound) {
			err = fmt.Errorf("access: account: %w", err)
		}
		return Account{}, err
	}
	return r.Account, nil
}

// Filter selects accounts for List. Empty fields select all.
type Filter struct {
	Unit     string // exactly this unit, not those below it
	Role     string
	Inactive bool   // with the disabled ones
	After    string // login after which the page begins: the next of the page before
	Limit    int    // 1-200; 0 = 50
}

// List reads one page of accounts in the order of their logins. next is the
// After of the following page, "" after the last. Whoever reaches only a unit
// must ask for one it covers, and gets its own when it asks for none.
func (g *Gate) List(tx *store.Tx, sc Scope, f Filter) (page []Account, next string, err error) {
	if err := g.ours(sc); err != nil {
		return nil, "", err
	}
	if !sc.Can(readers...) && !sc.all {
		if f.Unit == "" {
			f.Unit = sc.unit
		}
		if f.Unit == "" || !g.reads(sc, "", f.Unit) {
			return nil, "", fmt.Errorf("%w: accounts of that unit", flow.ErrForbidden)
		}
	}
	if f.Role != "" {
		if r, ok := RoleOf(f.Role); !ok || r.Pseudo {
			return []Account{}, "", nil
		}
	}
	if f.Limit <= 0 || f.Limit > 200 {
		f.Limit = 50
	}
	rows, err := store.All(tx, scanRow, `SELECT `+accountColumns+` FROM accounts WHERE district = $1 AND login > $2
		AND (CAST($3 AS TEXT) = '' OR unit = $3) AND (CAST($4 AS TEXT) = '' OR ' ' || roles || ' ' LIKE '% ' || CAST($4 AS TEXT) || ' %')
		AND (active OR CAST($5 AS BOOLEAN)) ORDER BY login LIMIT $6`,
		g.opt.District, f.After, f.Unit, f.Role, f.Inactive, int64(f.Limit+1))
	if err != nil {
		return nil, "", err
	}
	if len(rows) > f.Limit {
		rows = rows[:f.Limit]
		next = rows[f.Limit-1].Login
	}
	page = make([]Account, len(rows))
	for i, r := range rows {
		page[i] = r.Account
	}
	return page, next, nil
}
