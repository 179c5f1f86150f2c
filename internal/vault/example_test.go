package vault_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"weixiao/internal/store"
	"weixiao/internal/vault"
)

// The way of an identity from a report to the one officer who calls back.
func Example() {
	dir, err := os.MkdirTemp("", "vault-example-")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	ctx, now := context.Background(), time.Date(2022, 11, 23, 4, 0, 0, 0, time.UTC)
	db, err := store.Open(ctx, "sqlite:"+filepath.Join(dir, "weixiao.db"), store.Options{}, vault.Schema)
	if err != nil {
		panic(err)
	}
	defer db.Close()
	keys, err := vault.CreateKeys(filepath.Join(dir, "vault.keys"))
	if err != nil {
		panic(err)
	}
	v := vault.New(keys, vault.Options{})
	if err := v.Bind(ctx, db, "220605"); err != nil {
		panic(err)
	}

	// Sealing needs no database; Put goes with the case into one transaction.
	sealed, err := v.Seal("220605", vault.Person{Name: "张三", Phone: "138 1234 1234"})
	if err != nil {
		panic(err)
	}
	if err := sealed.SealText("report", "楼道灯坏了，我是张三"); err != nil {
		panic(err)
	}
	if err := db.Write(ctx, func(tx *store.Tx) error { return vault.Put(tx, sealed, now) }); err != nil {
		panic(err)
	}
	fmt.Println(sealed.Masked.Name, sealed.Masked.Phone)

	// An officer calls back. What was revealed is used after the commit only.
	var person vault.Person
	err = db.Write(ctx, func(tx *store.Tx) (err error) {
		person, err = v.Reveal(tx, "220605", sealed.ID, vault.Disclosure{At: now, Account: "li", Unit: "220605001000", Subject: "JY20221123-7K3Q9",
			Reason: vault.ReasonContact, Note: "回访", Fields: []vault.Field{vault.FieldPhone}})
		return err
	})
	fmt.Println(person.Phone, person.Name == "", err)

	// Whoever asks later finds out who knew.
	seen, err := store.Get(ctx, db, func(tx *store.Tx) ([]vault.Seen, error) { return vault.WhoSaw(tx, "220605", sealed.ID) })
	fmt.Println(seen[0].Unit, seen[0].Account, seen[0].Fields, seen[0].Times, err)
	// Output:
	// 张* 138****1234
	// 138 1234 1234 true <nil>
	// 220605001000 li [phone] 1 <nil>
}
