package storetest

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"weixiao/internal/store"
)

// A set of schemas is migrated once, into a template, and each test gets a copy:
// running all migrations takes longer than most tests. Copies are opened through
// store.Open like any database, which finds nothing left to do.
var templates struct {
	sync.Mutex
	files map[string][]byte // SQLite: the database file, by schemas
	names map[string]string // PostgreSQL: the database to copy, by schemas
}

// Migrated makes a fresh database that has the tables of the schemas and returns its
// address.
func Migrated(t testing.TB, engine string, schemas []store.Schema) string {
	t.Helper()
	if len(schemas) == 0 {
		return DSN(t, engine)
	}
	id, err := identity(schemas)
	if err != nil {
		t.Fatal("storetest: ", err)
	}
	templates.Lock()
	defer templates.Unlock()
	if engine == "sqlite" {
		if templates.files[id] == nil {
			b, err := sqliteTemplate(schemas)
			if err != nil {
				t.Fatal("storetest: ", err)
			}
			templates.files = with(templates.files, id, b)
		}
		file := filepath.Join(t.TempDir(), "weixiao.db")
		if err := os.WriteFile(file, templates.files[id], 0o600); err != nil {
			t.Fatal("storetest: ", err)
		}
		return "sqlite:" + file
	}
	base := server(t)
	if templates.names[id] == "" {
		name, err := postgresTemplate(base, id, schemas)
		if err != nil {
			t.Fatal("storetest: ", err)
		}
		templates.names = with(templates.names, id, name)
	}
	return create(t, base, templates.names[id])
}

func with[V any](m map[string]V, key string, v V) map[string]V {
	if m == nil {
		m = map[string]V{}
	}
	m[key] = v
	return m
}

// identity is a hash of everything the schemas contain.
func identity(schemas []store.Schema) (string, error) {
	h := sha256.New()
	for _, s := range schemas {
		err := fs.WalkDir(s.FS, ".", func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			b, err := fs.ReadFile(s.FS, path)
			fmt.Fprintf(h, "%s %s %d\n%s", s.Name, path, len(b), b)
			return err
		})
		if err != nil {
			return "", fmt.Errorf("schema %s: %w", s.Name, err)
		}
	}
	return hex.EncodeToString(h.Sum(nil))[:20], nil
}

func sqliteTemplate(schemas []store.Schema) ([]byte, error) {
	dir, err := os.MkdirTemp("", "weixiao-template-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "weixiao.db")
	if err := migrated("sqlite:"+file, schemas); err != nil {
		return nil, err
	}
	if left, err := os.Stat(file + "-wal"); err == nil && left.Size() > 0 {
		return nil, errors.New("the template was not written back whole")
	}
	return os.ReadFile(file)
}

// postgresTemplate is the name of a database with these schemas. All test binaries of
// a server share it: whoever comes first makes it, the others wait.
func postgresTemplate(base, id string, schemas []store.Schema) (string, error) {
	ctx := context.Background()
	c, err := pgx.Connect(ctx, base)
	if err != nil {
		return "", err
	}
	defer c.Close(ctx) // lets go of the lock, too
	if _, err := c.Exec(ctx, "SELECT pg_advisory_lock(20221123)"); err != nil {
		return "", err
	}
	name, there := "weixiao_template_"+id, false
	if err := c.QueryRow(ctx, "SELECT count(*) > 0 FROM pg_database WHERE datname = $1", name).Scan(&there); err != nil || there {
		return name, err
	}
	// Under another name until it is whole: a binary may be ended in the middle.
	half := "weixiao_unfinished_" + id
	if _, err := c.Exec(ctx, "DROP DATABASE IF EXISTS "+half+" WITH (FORCE)"); err != nil {
		return "", err
	}
	if _, err := c.Exec(ctx, "CREATE DATABASE "+half); err != nil {
		return "", err
	}
	dsn, err := at(base, half)
	if err != nil {
		return "", err
	}
	if err := migrated(dsn, schemas); err != nil {
		return "", err
	}
	// Nobody may be connected to what is copied, not even for a moment. Renaming waits for
	// those who are on their way out.
	if _, err := c.Exec(ctx, "ALTER DATABASE "+half+" ALLOW_CONNECTIONS false"); err != nil {
		return "", err
	}
	if _, err := c.Exec(ctx, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", half); err != nil {
		return "", err
	}
	_, err = c.Exec(ctx, "ALTER DATABASE "+half+" RENAME TO "+name)
	return name, err
}

func migrated(dsn string, schemas []store.Schema) error {
	db, err := store.Open(context.Background(), dsn, store.Options{NoSync: true}, schemas...)
	if err != nil {
		return err
	}
	return db.Close()
}

// create makes a database that is removed after the test, empty or a copy of a
// template, and returns its address.
func create(t testing.TB, base, template string) string {
	t.Helper()
	name := "t_" + strings.ToLower(rand.Text()[:16])
	run := func(fn func(ctx context.Context, c *pgx.Conn) error) error {
		ctx := context.Background()
		c, err := pgx.Connect(ctx, base)
		if err != nil {
			return err
		}
		defer c.Close(ctx)
		return fn(ctx, c)
	}
	err := run(func(ctx context.Context, c *pgx.Conn) error {
		sql := "CREATE DATABASE " + name
		if template != "" {
			sql += " TEMPLATE " + template
			// Since 15 the default is to log every page, which many small tables make slow.
			major, _, _ := strings.Cut(c.PgConn().ParameterStatus("server_version"), ".")
			if n, _ := strconv.Atoi(major); n >= 15 {
				sql += " STRATEGY file_copy"
			}
		}
		_, err := c.Exec(ctx, sql)
		return err
	})
	if err != nil {
		t.Fatalf("storetest: %v", err)
	}
	t.Cleanup(func() {
		err := run(func(ctx context.Context, c *pgx.Conn) error {
			_, err := c.Exec(ctx, "DROP DATABASE "+name+" WITH (FORCE)")
			return err
		})
		if err != nil {
			t.Logf("storetest: %v", err)
		}
	})
	dsn, err := at(base, name)
	if err != nil {
		t.Fatal("storetest: ", err)
	}
	return dsn
}

// at is the address of another database of the same server.
func at(base, name string) (string, error) {
	u, err := url.Parse(base)
	if err != nil {
		return "", errors.New("WEIXIAO_TEST_POSTGRES cannot be read")
	}
	u.Path = "/" + name
	return u.String(), nil
}
