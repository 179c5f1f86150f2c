package vault_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"weixiao/internal/store"
	"weixiao/internal/store/storetest"
	"weixiao/internal/vault"
)

func TestMain(m *testing.M) { storetest.Main(m) }

var (
	schemas = []store.Schema{vault.Schema}
	noon    = time.Date(2022, 11, 23, 4, 0, 0, 0, time.UTC)
	canary  = vault.Person{Name: "欧阳金丝雀", Phone: "13898765432", Address: "江源区江南社区金源小区3号楼2单元501室", Email: "canary@example.com", IDNumber: "22060519900101123X"}
)

const district = "220605"

func newVault(t *testing.T) *vault.Vault {
	t.Helper()
	_, k := keyFile(t)
	return vault.New(k, vault.Options{})
}

func put(t *testing.T, db *store.DB, v *vault.Vault, p vault.Person, at time.Time, texts ...string) string {
	t.Helper()
	s, err := v.Seal(district, p)
	if err != nil {
		t.Fatal(err)
	}
	for i, text := range texts {
		if err := s.SealText(fmt.Sprintf("text%d", i), text); err != nil {
			t.Fatal(err)
		}
	}
	write(t, db, func(tx *store.Tx) error { return vault.Put(tx, s, at) })
	return s.ID
}

func write(t *testing.T, db *store.DB, fn func(tx *store.Tx) error) {
	t.Helper()
	if err := db.Write(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}

func asked(account string, fields ...vault.Field) vault.Disclosure {
	return vault.Disclosure{At: noon, Account: account, Unit: "220605001", Subject: "JY20221123-7K3Q9", Reason: vault.ReasonContact, Note: "回电核实", Fields: fields}
}

func reveal(db *store.DB, v *vault.Vault, id string, d vault.Disclosure) (p vault.Person, err error) {
	err = db.Write(context.Background(), func(tx *store.Tx) (err error) {
		p, err = v.Reveal(tx, district, id, d)
		return err
	})
	return p, err
}

func TestPutAndReveal(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		v := newVault(t)
		if err := v.Bind(t.Context(), db, district); err != nil {
			t.Fatal(err)
		}
		id := put(t, db, v, canary, noon, "我家在3号楼，电话13898765432", "")
		nobody := put(t, db, v, vault.Person{}, noon)
		got, err := reveal(db, v, id, asked("a1", vault.AllFields...))
		if err != nil || got != canary {
			t.Errorf("all fields: %v, equal %v", err, got == canary)
		}
		got, err = reveal(db, v, id, asked("a1", vault.FieldPhone))
		if want := (vault.Person{Phone: canary.Phone}); err != nil || got != want {
			t.Errorf("one field: %v, equal %v", err, got == want)
		}
		if got, err = reveal(db, v, nobody, asked("a1", vault.AllFields...)); err != nil || got != (vault.Person{}) {
			t.Errorf("a nameless person: %v", err)
		}
		masks, err := store.Get(t.Context(), db, func(tx *store.Tx) (map[string]vault.Masked, error) {
			return vault.Masks(tx, district, []string{id, nobody, "unknown"})
		})
		if want := (vault.Masked{Name: "欧**", Phone: "138****5432", Address: "江源区江南社区金源小区***"}); err != nil || len(masks) != 2 || masks[id] != want || masks[nobody] != (vault.Masked{}) {
			t.Errorf("%v, %v", masks, err)
		}
		var texts map[string]string
		write(t, db, func(tx *store.Tx) (err error) {
			if err := v.SealText(tx, district, id, "later", "补充"); err != nil {
				return err
			}
			texts, err = v.OpenText(tx, district, id, asked("a1"))
			return err
		})
		if len(texts) != 3 || texts["text0"] != "我家在3号楼，电话13898765432" || texts["text1"] != "" || texts["later"] != "补充" {
			t.Errorf("texts: %v", texts)
		}
		if err := db.Write(t.Context(), func(tx *store.Tx) error {
			_, err := v.OpenText(tx, district, id, asked("a1"), "text0", "text9")
			return err
		}); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("missing text: %v", err)
		}
		if err := db.Write(t.Context(), func(tx *store.Tx) error { return v.SealText(tx, district, id, "later", "again") }); !errors.Is(err, store.ErrConflict) {
			t.Errorf("a text twice: %v", err)
		}
		c, err := v.Check(t.Context(), db, district)
		if err != nil || c != (vault.Checked{Persons: 2, Texts: 3}) {
			t.Errorf("check: %v, %v", c, err)
		}
	})
}

func TestMasksOfManyPersons(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		v := newVault(t)
		var ids []string
		for i := range 60 {
			ids = append(ids, put(t, db, v, vault.Person{Phone: fmt.Sprintf("138000000%02d", i)}, noon))
		}
		for _, n := range []int{0, 1, 24, 25, 26, 50, 60} {
			masks, err := store.Get(t.Context(), db, func(tx *store.Tx) (map[string]vault.Masked, error) { return vault.Masks(tx, district, ids[:n]) })
			if err != nil || len(masks) != n {
				t.Fatalf("%d: %d, %v", n, len(masks), err)
			}
			for i, id := range ids[:n] {
				if want := fmt.Sprintf("138****00%02d", i); masks[id].Phone != want {
					t.Errorf("%d: %v, want %s", i, masks[id], want)
				}
			}
		}
	})
}

func TestFindByNumber(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		v := newVault(t)
		old := put(t, db, v, vault.Person{Phone: "138-9876-5432", IDNumber: "22060519900101123x"}, noon)
		put(t, db, v, vault.Person{Phone: "13898765433"}, noon)
		put(t, db, v, vault.Person{}, noon)
		recent := put(t, db, v, vault.Person{Phone: "+86 138 9876 5432"}, noon.Add(time.Hour))
		find := func(phone string, limit int) []string {
			ids, err := store.Get(t.Context(), db, func(tx *store.Tx) ([]string, error) { return v.FindByPhone(tx, district, phone, limit) })
			if err != nil {
				t.Fatal(err)
			}
			return ids
		}
		for _, phone := range []string{"13898765432", "１３８ ９８７６ ５４３２", "0086-13898765432"} {
			if got := find(phone, 10); !slices.Equal(got, []string{recent, old}) {
				t.Errorf("%q: %v", phone, got)
			}
		}
		if got := find("13898765432", 1); !slices.Equal(got, []string{recent}) {
			t.Errorf("limited: %v", got)
		}
		for _, phone := range []string{"", "无", "1389876543", "5432", "138****5432"} {
			if got := find(phone, 10); len(got) != 0 {
				t.Errorf("%q found %v", phone, got)
			}
		}
		ids, err := store.Get(t.Context(), db, func(tx *store.Tx) ([]string, error) {
			return v.FindByIDNumber(tx, district, "220605 1990 0101 123X", 10)
		})
		if err != nil || !slices.Equal(ids, []string{old}) {
			t.Errorf("id number: %v, %v", ids, err)
		}
		other, err := store.Get(t.Context(), db, func(tx *store.Tx) ([]string, error) { return v.FindByPhone(tx, "220606", "13898765432", 10) })
		if err != nil || len(other) != 0 {
			t.Errorf("another district: %v, %v", other, err)
		}
	})
}

func TestReplace(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		v := newVault(t)
		id := put(t, db, v, canary, noon, "原话")
		next := canary
		next.Phone, next.Name = "13711112222", "张三"
		write(t, db, func(tx *store.Tx) error { return v.Replace(tx, district, id, next) })
		if got, err := reveal(db, v, id, asked("a1", vault.AllFields...)); err != nil || got != next {
			t.Errorf("%v, equal %v", err, got == next)
		}
		if err := db.Read(t.Context(), func(tx *store.Tx) error {
			was, err := v.FindByPhone(tx, district, canary.Phone, 10)
			if err != nil {
				return err
			}
			is, err := v.FindByPhone(tx, district, next.Phone, 10)
			if len(was) != 0 || !slices.Equal(is, []string{id}) {
				t.Errorf("index: %v, %v", was, is)
			}
			m, err := vault.Masks(tx, district, []string{id})
			if m[id].Name != "张*" || m[id].Phone != "137****2222" {
				t.Errorf("masks: %v", m)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if c, err := v.Check(t.Context(), db, district); err != nil || c.Texts != 1 {
			t.Errorf("check: %v, %v", c, err)
		}
	})
}

// TestCanary: nothing of a person is in any file of the database.
func TestCanary(t *testing.T) {
	dir := t.TempDir()
	db := storetest.OpenDSN(t, "sqlite:"+filepath.Join(dir, "weixiao.db"), schemas)
	v := newVault(t)
	id := put(t, db, v, canary, noon, "我是欧阳金丝雀，住3号楼2单元501室，电话13898765432")
	d := asked("a1", vault.AllFields...)
	d.Note = "回电 13898765432，邮件 canary@example.com"
	if _, err := reveal(db, v, id, d); err != nil {
		t.Fatal(err)
	}
	write(t, db, func(tx *store.Tx) error { return v.Replace(tx, district, id, canary) })
	var all []byte
	names := 0
	if err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		all = append(all, b...)
		names++
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if names < 2 || !bytes.Contains(all, []byte(id)) || !bytes.Contains(all, []byte("138****5432")) {
		t.Fatal("the search looks at the wrong files")
	}
	for _, s := range []string{canary.Name, "金丝雀", canary.Phone, "98765432", canary.Address, "3号楼", "501室", canary.Email, "canary@", canary.IDNumber, "19900101", "我是"} {
		if bytes.Contains(all, []byte(s)) {
			t.Errorf("%q lies in the database's files", s)
		}
	}
}

// TestTampering changes sealed values behind the vault's back.
func TestTampering(t *testing.T) {
	set := func(table, column, where, value string) string {
		return fmt.Sprintf(`UPDATE %s SET %s = %s WHERE district = $1 AND %s = $2`, table, column, value, where)
	}
	edits := []struct{ name, sql, column string }{
		{"a phone in the place of a name", set("persons", "name", "id", "phone"), "name"},
		{"the name of another person", set("persons", "name", "id", "(SELECT p.name FROM persons p WHERE p.district = $1 AND p.id = $3)"), "name"},
		{"an emptied phone", set("persons", "phone", "id", "$4"), "phone"},
		{"another index entry", set("persons", "phone_index", "id", "id_index"), "phone_index"},
		{"another person's key", set("person_keys", "wrapped", "person", "(SELECT k.wrapped FROM person_keys k WHERE k.district = $1 AND k.person = $3)"), "wrapped"},
		{"an overwritten key", set("person_keys", "wrapped", "person", "$4"), "wrapped"},
		{"a key that says it is erased", set("person_keys", "kek", "person", "0"), "wrapped"},
		{"a removed key", `DELETE FROM person_keys WHERE district = $1 AND person = $2`, "wrapped"},
		{"a text of another name", set("person_texts", "name", "person", "'other'"), "sealed"},
		{"a text of another person", set("person_texts", "sealed", "person", "(SELECT t.sealed FROM person_texts t WHERE t.district = $1 AND t.person = $3)"), "sealed"},
		{"an emptied text", set("person_texts", "sealed", "person", "$4"), "sealed"},
	}
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		v := newVault(t)
		for _, e := range edits {
			t.Run(e.name, func(t *testing.T) {
				a, b := put(t, db, v, canary, noon, "原话"), put(t, db, v, canary, noon, "原话")
				args := []any{district, a}
				if strings.Contains(e.sql, "$3") {
					args = append(args, b)
				} else if strings.Contains(e.sql, "$4") {
					e.sql = strings.ReplaceAll(e.sql, "$4", "$3")
					args = append(args, []byte{})
				}
				write(t, db, func(tx *store.Tx) error { return tx.Exec(e.sql, args...) })
				_, err := v.Check(t.Context(), db, district)
				bad, ok := errors.AsType[*vault.Broken](err)
				if !ok || bad.Column != e.column || !strings.HasPrefix(bad.Row, a) {
					t.Errorf("got %v", err)
				}
				write(t, db, func(tx *store.Tx) error {
					for _, sql := range []string{`DELETE FROM persons WHERE district = $1`, `DELETE FROM person_keys WHERE district = $1`, `DELETE FROM person_texts WHERE district = $1`} {
						if err := tx.Exec(sql, district); err != nil {
							return err
						}
					}
					return nil
				})
			})
		}
	})
}
