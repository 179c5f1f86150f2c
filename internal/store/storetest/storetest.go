// Package storetest gives tests a fresh database on each engine.
//
// Each runs its function as subtests "sqlite" and "postgres". The PostgreSQL
// server is the one WEIXIAO_TEST_POSTGRES names (postgres://…, allowed to create
// databases); without it the test binary starts a throw-away server of its own.
// Where no server program is installed the PostgreSQL subtest is skipped, unless
// WEIXIAO_CI is set: there a missing engine is a failure. Migrations run once for each set
// of schemas, tests get copies; on a PostgreSQL that stays, databases named
// weixiao_template_… stay too and may be removed.
package storetest

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"weixiao/internal/store"
)

// Each runs fn on a fresh database of every engine.
func Each(t *testing.T, schemas []store.Schema, fn func(t *testing.T, db *store.DB)) {
	t.Helper()
	for _, e := range []string{"sqlite", "postgres"} {
		t.Run(e, func(t *testing.T) {
			fn(t, Open(t, e, schemas))
		})
	}
}

// Open opens a fresh database of one engine ("sqlite" or "postgres") that is
// removed after the test.
func Open(t testing.TB, engine string, schemas []store.Schema) *store.DB {
	t.Helper()
	return OpenDSN(t, Migrated(t, engine, schemas), schemas)
}

// OpenDSN opens a database made by DSN, for tests that open it more than once.
func OpenDSN(t testing.TB, dsn string, schemas []store.Schema) *store.DB {
	t.Helper()
	db, err := store.Open(context.Background(), dsn, store.Options{NoSync: true}, schemas...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

// DSN makes an empty database and returns its address.
func DSN(t testing.TB, engine string) string {
	t.Helper()
	if engine == "sqlite" {
		return "sqlite:" + filepath.Join(t.TempDir(), "weixiao.db")
	}
	return create(t, server(t), "")
}

func server(t testing.TB) string {
	t.Helper()
	if s := os.Getenv("WEIXIAO_TEST_POSTGRES"); s != "" {
		return s
	}
	s, err := throwAway()
	if err != nil {
		if os.Getenv("WEIXIAO_CI") != "" {
			t.Fatalf("storetest: %v", err)
		}
		t.Skipf("no PostgreSQL: %v", err)
	}
	return s
}

// Cleanup stops the throw-away server, if this binary started one. Packages
// whose tests use PostgreSQL call it from TestMain.
func Cleanup() { stopServer() }

// Main is a TestMain body: m.Run, then Cleanup.
func Main(m *testing.M) {
	code := m.Run()
	Cleanup()
	os.Exit(code)
}
