package vault_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"weixiao/internal/vault"
)

func keyFile(t *testing.T) (string, *vault.Keys) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "keys")
	k, err := vault.CreateKeys(path)
	if err != nil {
		t.Fatal(err)
	}
	return path, k
}

func TestKeyFile(t *testing.T) {
	path, _ := keyFile(t)
	if st, err := os.Stat(path); err != nil || st.Mode().Perm() != 0o600 {
		t.Fatalf("%v, %v", st.Mode(), err)
	}
	if _, err := vault.CreateKeys(path); !errors.Is(err, vault.ErrKeysExist) {
		t.Errorf("a second time: %v", err)
	}
	if _, err := vault.LoadKeys(path + "x"); !errors.Is(err, vault.ErrKeysMissing) || !strings.Contains(err.Error(), path) {
		t.Errorf("missing: %v", err)
	}
	for mode, want := range map[os.FileMode]error{0o600: nil, 0o400: nil, 0o640: vault.ErrKeysMode, 0o604: vault.ErrKeysMode, 0o620: vault.ErrKeysMode, 0o644: vault.ErrKeysMode} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		if _, err := vault.LoadKeys(path); !errors.Is(err, want) {
			t.Errorf("mode %04o: %v", mode, err)
		}
	}
}

func TestDamagedKeyFiles(t *testing.T) {
	path, _ := keyFile(t)
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	bad := [][]byte{{}, []byte("{}"), []byte("not a key file"), good[:len(good)/2], bytes.Replace(good, []byte(`"version": 1`), []byte(`"version": 0`), 1),
		bytes.Replace(good, []byte(`"index"`), []byte(`"indix"`), 1), bytes.Replace(good, []byte("keys 1"), []byte("keys 2"), 1)}
	// One changed character of a secret.
	i := bytes.Index(good, []byte(`"secret": "`)) + len(`"secret": "`)
	b := bytes.Clone(good)
	if b[i] == 'A' {
		b[i] = 'B'
	} else {
		b[i] = 'A'
	}
	bad = append(bad, b)
	for i, b := range bad {
		p := filepath.Join(t.TempDir(), "keys")
		if err := os.WriteFile(p, b, 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := vault.LoadKeys(p)
		if !errors.Is(err, vault.ErrKeysBroken) {
			t.Errorf("%d: %v", i, err)
		} else if len(b) > 20 && strings.Contains(err.Error(), string(b[len(b)/2:len(b)/2+10])) {
			t.Errorf("%d: the error quotes the file: %v", i, err)
		}
	}
	if _, err := vault.LoadKeys(t.TempDir()); err == nil {
		t.Error("a folder was read as a key file")
	}
}

func TestKeyVersions(t *testing.T) {
	path, _ := keyFile(t)
	for range 2 {
		if _, err := vault.AddKey(path); err != nil {
			t.Fatal(err)
		}
	}
	k, err := vault.LoadKeys(path)
	if err != nil || !slices.Equal(k.Versions(), []int64{1, 2, 3}) {
		t.Fatalf("%v, %v", k.Versions(), err)
	}
	for _, version := range []int64{3, 4, 0} {
		if _, err := vault.RemoveKey(path, version); err == nil {
			t.Errorf("version %d was removed", version)
		}
	}
	if _, err := vault.RemoveKey(path, 1); err != nil {
		t.Fatal(err)
	}
	// A number is never used again, whatever was removed.
	k, err = vault.AddKey(path)
	if err != nil || !slices.Equal(k.Versions(), []int64{2, 3, 4}) {
		t.Errorf("%v, %v", k.Versions(), err)
	}
	if st, _ := os.Stat(path); st.Mode().Perm() != 0o600 {
		t.Errorf("mode %v after a change", st.Mode())
	}
}
