package store

import (
	"context"
	"database/sql"
	"fmt"
	"io/fs"
	"testing/fstest"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

// Schema is the tables of one package: SQL files for goose in the folder
// "migrations" of FS. File numbers are unique over all packages; each package
// has a range of its own, named beside its embed line.
type Schema struct {
	Name string
	FS   fs.FS
	// SQLite and Postgres hold the few statements that differ (search tables):
	// files in "migrations/sqlite" and "migrations/postgres", same numbers.
}

// migrate applies what is missing of all schemas. Two nodes that start together
// wait for each other (PostgreSQL). A database that was migrated by a newer
// program is refused.
func migrate(ctx context.Context, d goose.Dialect, db *sql.DB, locker lock.SessionLocker, schemas []Schema) error {
	sub := "sqlite"
	if d == goose.DialectPostgres {
		sub = "postgres"
	}
	all := fstest.MapFS{}
	for _, s := range schemas {
		for _, dir := range []string{"migrations", "migrations/" + sub} {
			files, err := fs.Glob(s.FS, dir+"/*.sql")
			if err != nil {
				return fmt.Errorf("store: schema %s: %w", s.Name, err)
			}
			for _, f := range files {
				b, err := fs.ReadFile(s.FS, f)
				if err != nil {
					return fmt.Errorf("store: schema %s: %w", s.Name, err)
				}
				name := f[len(dir)+1:]
				if all[name] != nil {
					return fmt.Errorf("store: schema %s: %s exists twice", s.Name, name)
				}
				all[name] = &fstest.MapFile{Data: b}
			}
		}
	}
	if len(all) == 0 {
		return nil
	}
	opts := []goose.ProviderOption{goose.WithAllowOutofOrder(true), goose.WithDisableGlobalRegistry(true)}
	if locker != nil {
		opts = append(opts, goose.WithSessionLocker(locker))
	}
	p, err := goose.NewProvider(d, db, all, opts...)
	if err != nil {
		return fmt.Errorf("store: migrations: %w", err)
	}
	newest, has := int64(0), int64(0)
	for _, src := range p.ListSources() {
		newest = max(newest, src.Version)
	}
	// An error here means that there is no such table yet: a new database.
	if err := db.QueryRowContext(ctx, "SELECT coalesce(max(version_id), 0) FROM goose_db_version").Scan(&has); err == nil && has > newest {
		return fmt.Errorf("store: the database is at version %d, this program knows up to %d: use the newer program", has, newest)
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("store: migrations: %w", err)
	}
	return nil
}
