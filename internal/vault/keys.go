package vault

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
)

// Errors of key files. The messages name the file and never its content.
var (
	ErrKeysMissing = errors.New("vault: the key file does not exist")
	ErrKeysMode    = errors.New("vault: the key file can be read by others than its owner: set mode 0600 or 0400")
	ErrKeysBroken  = errors.New("vault: not a key file, or a damaged one")
	ErrKeysExist   = errors.New("vault: there is a key file already; it is never overwritten")
)

// Keys are the secrets of the vault: one or more versions of the key encryption
// key (KEK), which wraps the persons' keys, and the key of the blind index. The
// newest version wraps; older ones open what Rotate has not reached yet.
//
// The index key never changes: all blind indexes would have to be computed anew.
type Keys struct {
	keks  []key // rising versions
	index []byte
}

// Format writes no secret.
func (k *Keys) Format(s fmt.State, _ rune) {
	_, _ = fmt.Fprintf(s, "vault.Keys(newest version %d)", k.newest().id)
}

// LogValue keeps the secrets out of structured logs.
func (k *Keys) LogValue() slog.Value { return slog.StringValue(fmt.Sprint(k)) }

func (k *Keys) newest() key { return k.keks[len(k.keks)-1] }

func (k *Keys) kek(version int64) (key, bool) {
	i := slices.IndexFunc(k.keks, func(x key) bool { return int64(x.id) == version })
	if i < 0 {
		return key{}, false
	}
	return k.keks[i], true
}

// Versions returns the versions of the KEK in the file, oldest first.
func (k *Keys) Versions() []int64 {
	out := make([]int64, len(k.keks))
	for i, x := range k.keks {
		out[i] = int64(x.id)
	}
	return out
}

// keyFile is the file: JSON, so that an operator can see which versions it holds.
// Check is the first bytes of the secret's mark; it tells a damaged secret.
type keyFile struct {
	Format string    `json:"format"`
	KEKs   []fileKey `json:"keks"`
	Index  fileKey   `json:"index"`
}

type fileKey struct {
	Version uint32 `json:"version,omitempty"`
	Secret  string `json:"secret"`
	Check   string `json:"check"`
}

const (
	keyFileFormat = "weixiao vault keys 1"
	keyFileMax    = 1 << 16
)

// CreateKeys makes a key file with fresh secrets, mode 0600, durable when it
// returns. Keep a copy apart from the backups of the database: without the file
// nobody is ever read again, and with both everybody is.
func CreateKeys(path string) (*Keys, error) {
	k := &Keys{keks: []key{{id: 1, secret: fresh()}}, index: fresh()}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("%w: %s", ErrKeysExist, path)
	}
	if err != nil {
		return nil, fmt.Errorf("vault: create keys: %w", err)
	}
	if err := writeKeys(f, k); err != nil {
		_ = os.Remove(path)
		return nil, err
	}
	return k, syncDir(path)
}

// LoadKeys reads a key file.
func LoadKeys(path string) (*Keys, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: %s", ErrKeysMissing, path)
	}
	if err != nil {
		return nil, fmt.Errorf("vault: load keys: %w", err)
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("vault: load keys: %w", err)
	}
	if !st.Mode().IsRegular() {
		return nil, fmt.Errorf("%w: %s", ErrKeysBroken, path)
	}
	if st.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("%w: %s has %04o", ErrKeysMode, path, st.Mode().Perm())
	}
	b, err := io.ReadAll(io.LimitReader(f, keyFileMax))
	if err != nil {
		return nil, fmt.Errorf("vault: load keys: %w", err)
	}
	k, ok := parseKeys(b)
	if !ok {
		return nil, fmt.Errorf("%w: %s", ErrKeysBroken, path)
	}
	return k, nil
}

// AddKey adds a new version of the KEK to the file and returns the keys with it.
// Give the file to every node and restart them before Rotate runs on one.
func AddKey(path string) (*Keys, error) {
	k, err := LoadKeys(path)
	if err != nil {
		return nil, err
	}
	k.keks = append(k.keks, key{id: k.newest().id + 1, secret: fresh()})
	return k, replaceKeys(path, k)
}

// RemoveKey takes an old version out of the file, once Rotate has gone through
// every district. Together with the end of all copies of the old file it makes
// unreadable what was wrapped under that version, in backups too. The newest
// version stays.
func RemoveKey(path string, version int64) (*Keys, error) {
	k, err := LoadKeys(path)
	if err != nil {
		return nil, err
	}
	old, ok := k.kek(version)
	if !ok || old.id == k.newest().id {
		return nil, &InvalidError{"version"}
	}
	k.keks = slices.DeleteFunc(k.keks, func(x key) bool { return x.id == old.id })
	return k, replaceKeys(path, k)
}

func fresh() []byte {
	b := make([]byte, keySize)
	_, _ = rand.Read(b) // never fails: the program ends instead
	return b
}

func parseKeys(b []byte) (*Keys, bool) {
	var file keyFile
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	// The decoder's error would quote the file.
	if err := d.Decode(&file); err != nil || file.Format != keyFileFormat || len(file.KEKs) == 0 {
		return nil, false
	}
	k := &Keys{}
	var last uint32
	for _, f := range file.KEKs {
		secret, ok := f.read()
		if !ok || f.Version <= last {
			return nil, false
		}
		last = f.Version
		k.keks = append(k.keks, key{f.Version, secret})
	}
	var ok bool
	k.index, ok = file.Index.read()
	return k, ok
}

func (f fileKey) read() ([]byte, bool) {
	secret, err := base64.StdEncoding.DecodeString(f.Secret)
	return secret, err == nil && len(secret) == keySize && f.Check == check(secret)
}

func check(secret []byte) string { return hex.EncodeToString(mark(secret, "weixiao key file")[:4]) }

// writeKeys writes, syncs and closes.
func writeKeys(f *os.File, k *Keys) error {
	file := keyFile{Format: keyFileFormat, Index: fileKey{0, base64.StdEncoding.EncodeToString(k.index), check(k.index)}}
	for _, x := range k.keks {
		file.KEKs = append(file.KEKs, fileKey{x.id, base64.StdEncoding.EncodeToString(x.secret), check(x.secret)})
	}
	b, err := json.MarshalIndent(file, "", "  ")
	if err == nil {
		_, err = f.Write(append(b, '\n'))
	}
	if err == nil {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return fmt.Errorf("vault: write keys: %w", err)
	}
	return nil
}

// replaceKeys puts a new file in the place of the old one; a crash leaves either.
func replaceKeys(path string, k *Keys) error {
	temp := path + ".new"
	f, err := os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("vault: write keys: %s is left from a broken attempt: remove it", temp)
	}
	if err != nil {
		return fmt.Errorf("vault: write keys: %w", err)
	}
	if err := writeKeys(f, k); err != nil {
		_ = os.Remove(temp)
		return err
	}
	if err := os.Rename(temp, path); err != nil {
		return fmt.Errorf("vault: write keys: %w", err)
	}
	return syncDir(path)
}

func syncDir(path string) error {
	d, err := os.Open(filepath.Dir(path))
	if err != nil {
		return fmt.Errorf("vault: write keys: %w", err)
	}
	defer d.Close()
	if err := d.Sync(); err != nil {
		return fmt.Errorf("vault: write keys: %w", err)
	}
	return nil
}
