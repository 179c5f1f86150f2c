package access_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/journal"
	"weixiao/internal/store"
	"weixiao/internal/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

var (
	schemas = []store.Schema{journal.Schema, access.Schema}
	noon    = time.Date(2022, 11, 23, 4, 0, 0, 0, time.UTC)
)

const (
	district = "220605"
	street   = "220605001"
	village  = "220605001201"
	town     = "220605100"
	good     = "correct horse battery" // a password both profiles but the strict one take
)

// clock is a clock that tests move.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// units is a small directory: unit to the path up to the district.
func units(id string) []string {
	return map[string][]string{
		district: {district},
		street:   {street, district},
		town:     {town, district},
		village:  {village, street, district},
		"house":  {"house", district},
	}[id]
}

// world is a gate with a clock on one database.
type world struct {
	*access.Gate
	t  *testing.T
	db *store.DB
	*clock
	sys access.Scope
}

func newWorld(t *testing.T, db *store.DB, change ...func(*access.Options)) *world {
	t.Helper()
	c := &clock{now: noon}
	o := access.Options{District: district, Clock: c.Now, Path: units}
	for _, f := range change {
		f(&o)
	}
	g, err := access.New(db, o)
	if err != nil {
		t.Fatal(err)
	}
	return &world{Gate: g, t: t, db: db, clock: c, sys: access.SystemScope(district, "test")}
}

func each(t *testing.T, fn func(t *testing.T, w *world)) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) { fn(t, newWorld(t, db)) })
}

func (w *world) write(fn func(*store.Tx) error) {
	w.t.Helper()
	if err := w.db.Write(context.Background(), fn); err != nil {
		w.t.Fatal(err)
	}
}

// person makes an account with the password `good` that need not be changed.
func (w *world) person(login, unit string, roles ...string) access.Account {
	w.t.Helper()
	h, err := w.Hash(context.Background(), login, good)
	if err != nil {
		w.t.Fatal(err)
	}
	return w.create(access.NewAccount{Login: login, Name: "张三", Unit: unit, Roles: roles, Password: h, Lasting: true})
}

func (w *world) create(n access.NewAccount) (a access.Account) {
	w.t.Helper()
	w.write(func(tx *store.Tx) (err error) {
		a, err = w.Create(tx, w.sys, n, w.Now())
		return err
	})
	return a
}

// signIn signs in with the password `good`.
func (w *world) signIn(login string, k access.Kind) (access.Session, access.Principal) {
	w.t.Helper()
	s, p, err := w.SignIn(context.Background(), access.Attempt{Login: login, Password: good, Kind: k})
	if err != nil {
		w.t.Fatal(err)
	}
	return s, p
}

// holds reports whether a token still opens.
func (w *world) holds(token string, k access.Kind) bool {
	w.t.Helper()
	p, err := w.Lookup(context.Background(), token, k)
	if err != nil {
		w.t.Fatal(err)
	}
	return p.SignedIn()
}

// as is the scope of an account that was not asked for its password.
func as(a access.Account) access.Scope {
	return access.ScopeOf(access.Principal{District: district, Account: a.ID, Unit: a.Unit, Roles: a.Roles, Path: units(a.Unit), Kind: access.Cookie})
}

func get[T any](w *world, fn func(*store.Tx) (T, error)) T {
	w.t.Helper()
	v, err := store.Get(context.Background(), w.db, fn)
	if err != nil {
		w.t.Fatal(err)
	}
	return v
}

func (w *world) number(sql string, args ...any) int64 {
	w.t.Helper()
	return get(w, func(tx *store.Tx) (n int64, err error) { return n, tx.Row(sql, args, &n) })
}

// everything reads all acts and texts as one string, to look for what must not
// be in it.
func (w *world) everything() string {
	w.t.Helper()
	var b strings.Builder
	if _, err := journal.Verify(context.Background(), w.db, district, func(a journal.Act) error {
		b.WriteString(a.Kind + " " + a.Subject + " " + a.Action + " " + a.Actor.Capacity + " " + string(a.Body) + "\n")
		for k, v := range a.Texts {
			b.WriteString("  " + k + "=" + v + "\n")
		}
		return nil
	}); err != nil {
		w.t.Fatal(err)
	}
	return b.String()
}
