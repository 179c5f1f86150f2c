// Package casestest gives tests a district to work in: the Jiangyuan pack, a
// vault with throw-away keys, a clock that stands still until it is moved, and
// scopes for each role.
package casestest

import (
	"path/filepath"
	"sync"
	"testing"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/assets"
	"weixiao/internal/calendars"
	"weixiao/internal/cases"
	"weixiao/internal/directory/firms"
	"weixiao/internal/directory/layers"
	"weixiao/internal/directory/posts"
	"weixiao/internal/duties"
	"weixiao/internal/journal"
	"weixiao/internal/notify"
	"weixiao/internal/pack"
	"weixiao/internal/places"
	"weixiao/internal/store"
	"weixiao/internal/store/storetest"
	"weixiao/internal/vault"
	"weixiao/internal/worktime"
)

// Schemas are the tables everything up to cases needs.
func Schemas() []store.Schema {
	return []store.Schema{store.OnceSchema, journal.Schema, vault.Schema, access.Schema, notify.Schema, layers.Schema, calendars.Schema, duties.Schema, posts.Schema, firms.Schema,
		places.Schema, assets.Schema, cases.Schema}
}

// Start is the moment the clock shows at first: a Wednesday morning in office
// hours.
var Start = time.Date(2022, 11, 23, 9, 0, 0, 0, worktime.Zone)

// Env is a district for tests.
type Env struct {
	DB     *store.DB
	Cases  *cases.Cases
	Places *places.Places
	Assets *assets.Assets
	Posts  *posts.Posts
	Firms  *firms.Firms
	Pack   *pack.Pack
	Vault  *vault.Vault
	Gate   *access.Gate // set by tests that have accounts
	mu     sync.Mutex
	now    time.Time
}

var loaded = sync.OnceValues(func() (*pack.Pack, error) { return pack.Load(pack.Jiangyuan()) })

// New makes the district on a database.
func New(t testing.TB, db *store.DB) *Env {
	t.Helper()
	p, err := loaded()
	if err != nil {
		t.Fatal(err)
	}
	keys, err := vault.CreateKeys(filepath.Join(t.TempDir(), "keys"))
	if err != nil {
		t.Fatal(err)
	}
	e := &Env{DB: db, Pack: p, Vault: vault.New(keys, vault.Options{}), now: Start}
	e.Places = places.New(db, places.Options{District: p.District, Pack: p.Version, Base: p.Gazetteer, Clock: e.Clock})
	e.Assets = assets.New(db, p, e.Clock)
	e.Firms = firms.New(db, p.District, p.Version, p.Directory, e.Vault, e.Clock)
	e.Posts = posts.New(db, posts.Options{District: p.District, Pack: p.Version, Directory: p.Directory, Kinds: p.PostKinds, Buildings: p.Buildings, Locate: p.Locator(), Vault: e.Vault,
		Gate: func() *access.Gate { return e.Gate }, Clock: e.Clock})
	d := cases.FromPack(p)
	d.Find, d.Asset = e.Places.Find, e.Assets.Registered
	d.Procedures.Checks = nil // drawn by lot: a test that wants them sets its own
	e.Cases = cases.New(db, d, e.Vault, []byte("a secret for tests"), e.Clock)
	return e
}

// Each runs fn with a fresh district on every engine.
func Each(t *testing.T, fn func(t *testing.T, e *Env)) {
	t.Helper()
	storetest.Each(t, Schemas(), func(t *testing.T, db *store.DB) { fn(t, New(t, db)) })
}

// Clock is the district's clock.
func (e *Env) Clock() time.Time {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.now
}

// Pass moves the clock.
func (e *Env) Pass(d time.Duration) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.now = e.now.Add(d)
}

// Units of the Jiangyuan pack that tests use.
const (
	Street      = "220605001" // 孙家堡子街道
	OtherStreet = "220605003" // 正岔街道
)

// Scope is the scope of somebody with these roles in a unit ("" = the hotline
// centre).
func (e *Env) Scope(unit string, roles ...string) access.Scope {
	if unit == "" {
		unit = e.Cases.District().Centre
	}
	var path []string
	for _, u := range e.Pack.Directory.Path(unit) {
		path = append(path, u.ID)
	}
	return access.ScopeOf(access.Principal{District: e.Pack.District, Account: "acc-" + roles[0] + "-" + unit, Name: roles[0], Unit: unit, Path: path, Roles: roles, Kind: access.Cookie})
}

// Public is the scope of anybody.
func (e *Env) Public() access.Scope { return access.PublicScope(e.Pack.District) }
