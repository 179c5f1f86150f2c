package sanitation_test

import (
	"log/slog"
	"testing"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/form"
	"weixiao/internal/journal"
	"weixiao/internal/pack"
	"weixiao/internal/rounds/sanitation"
	"weixiao/internal/store"
	"weixiao/internal/store/storetest"
	"weixiao/internal/worktime"
)

func TestMain(m *testing.M) { storetest.Main(m) }

// env is a district with its roads.
type env struct {
	*sanitation.Sanitation
	t   *testing.T
	db  *store.DB
	p   *pack.Pack
	now time.Time
}

// each runs fn on every engine. change may alter what the pack says.
func each(t *testing.T, change func(*pack.Sanitation), fn func(t *testing.T, e *env)) {
	t.Helper()
	p, err := pack.Load(pack.Jiangyuan())
	if err != nil {
		t.Fatal(err)
	}
	if change != nil {
		change(p.Sanitation)
	}
	storetest.Each(t, []store.Schema{store.OnceSchema, journal.Schema, sanitation.Schema}, func(t *testing.T, db *store.DB) {
		e := &env{t: t, db: db, p: p, now: time.Date(2022, 11, 23, 9, 0, 0, 0, worktime.Zone)}
		e.Sanitation = sanitation.New(db, sanitation.Options{District: p.District, Prefix: p.Prefix, Pack: p.Version, Rules: p.Sanitation, Directory: p.Directory,
			Calendar: func(_ *store.Tx, unit string) (*worktime.Calendar, error) { return p.Calendar(unit), nil }, Clock: func() time.Time { return e.now }, Log: slog.New(slog.DiscardHandler)})
		fn(t, e)
	})
}

// scope is somebody with a role in a unit.
func (e *env) scope(account, unit string, roles ...string) access.Scope {
	var path []string
	for _, u := range e.p.Directory.Path(unit) {
		path = append(path, u.ID)
	}
	return access.ScopeOf(access.Principal{District: e.p.District, Account: account, Unit: unit, Path: path, Roles: roles, Kind: access.Cookie})
}

func (e *env) inspector(account string) access.Scope {
	return e.scope(account, "sanitation", access.Inspector)
}
func (e *env) firm() access.Scope  { return e.scope("firm", "cleaning", access.Contractor) }
func (e *env) other() access.Scope { return e.scope("other", "cleaning-2", access.Contractor) }

func (e *env) client(name string) access.Scope {
	return access.ScopeOf(access.Principal{District: e.p.District, Kind: access.Key, Client: name})
}

func raw(kv ...string) sanitation.Input {
	in := sanitation.Input{Raw: form.Raw{}}
	for i := 0; i < len(kv); i += 2 {
		in.Raw[kv[i]] = append(in.Raw[kv[i]], kv[i+1])
	}
	return in
}

// verified folds the whole journal and compares.
func (e *env) verified() (sanitation.Checked, error) {
	e.t.Helper()
	c := e.NewChecker()
	if _, err := journal.Verify(e.t.Context(), e.db, e.p.District, c.Fold); err != nil {
		return sanitation.Checked{}, err
	}
	return c.Finish(e.t.Context())
}

func (e *env) sound() sanitation.Checked {
	e.t.Helper()
	c, err := e.verified()
	if err != nil {
		e.t.Error(err)
	}
	return c
}

func (e *env) write(sql string, args ...any) {
	e.t.Helper()
	if err := e.db.Write(e.t.Context(), func(tx *store.Tx) error { return tx.Exec(sql, args...) }); err != nil {
		e.t.Fatal(err)
	}
}
