package files

import (
	"cmp"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
)

// An upload that was only checked is held for a while, so that it need not be chosen
// again to be taken in. It lies among the temporary files, encrypted with a key that only
// the page has: who reads the disk learns nothing of it, and nobody but its owner can
// bring the token.
const (
	heldPrefix = "held."
	heldFor    = time.Hour
	heldEach   = 3         // uploads of one owner; the oldest goes first
	heldBytes  = 512 << 20 // of all together
)

// ErrGone means that a held upload is no longer there: choose the file again.
var ErrGone = errors.New("files: the upload is no longer held")

// Hold keeps an upload of an owner (an account) for an hour and returns the token that
// brings it back. The caller has limited its size.
func (s *Store) Hold(owner, name string, body []byte, now time.Time) (token string, err error) {
	if len(name) > 255 {
		name = name[len(name)-255:]
	}
	if int64(len(body)) > heldBytes/heldEach {
		return "", ErrTooBig
	}
	if err := s.sweepHeld(ownerMark(owner), int64(len(body)), now); err != nil {
		return "", err
	}
	token = strconv.FormatInt(now.Add(heldFor).UnixMicro(), 36) + "-" + strings.ToLower(rand.Text())
	path, seal, err := heldAt(owner, token)
	if err != nil {
		return "", err
	}
	plain := binary.AppendUvarint(nil, uint64(len(name)))
	plain = append(append(plain, name...), body...)
	f, err := s.root.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return "", diskError(err)
	}
	_, err = f.Write(seal.Seal(nil, nil, plain, nil))
	if err = errors.Join(err, f.Close()); err != nil {
		_ = s.root.Remove(path)
		return "", diskError(err)
	}
	return token, nil
}

// Held brings an upload back. ErrGone: its time is over, or it is not the owner's.
func (s *Store) Held(owner, token string, now time.Time) (name string, body []byte, err error) {
	path, seal, err := heldAt(owner, token)
	if err != nil || heldUntil(path) < now.UnixMicro() {
		return "", nil, ErrGone
	}
	f, err := s.root.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil, ErrGone
	}
	if err != nil {
		return "", nil, diskError(err)
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, heldBytes))
	if err != nil {
		return "", nil, diskError(err)
	}
	plain, err := seal.Open(nil, nil, b, nil)
	if err != nil {
		return "", nil, ErrGone
	}
	n, at := binary.Uvarint(plain)
	return string(plain[at : at+int(n)]), plain[at+int(n):], nil
}

// Release gives up a held upload.
func (s *Store) Release(owner, token string) error {
	path, _, err := heldAt(owner, token)
	if err != nil {
		return nil // it never was one
	}
	if err := s.root.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return diskError(err)
	}
	return nil
}

func ownerMark(owner string) string {
	sum := sha256.Sum256([]byte("held by\x00" + owner))
	return hex.EncodeToString(sum[:8])
}

// heldAt is where an upload lies and what opens it. The name says when its time is over
// and, by a digest, whose it is.
func heldAt(owner, token string) (string, cipher.AEAD, error) {
	until, secret, ok := strings.Cut(token, "-")
	at, err := strconv.ParseInt(until, 36, 64)
	if err != nil || !ok || !safeKey(secret) || at <= 0 {
		return "", nil, ErrGone
	}
	name := sha256.Sum256([]byte("held name\x00" + owner + "\x00" + token))
	key := sha256.Sum256([]byte("held key\x00" + owner + "\x00" + token))
	block, err := aes.NewCipher(key[:])
	if err != nil {
		return "", nil, fmt.Errorf("files: %w", err)
	}
	seal, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return "", nil, fmt.Errorf("files: %w", err)
	}
	return fmt.Sprintf("%s/%s%016d.%s.%s", tempDir, heldPrefix, at, ownerMark(owner), hex.EncodeToString(name[:16])), seal, nil
}

// heldUntil is when the time of a held upload is over, in µs UTC; 0 for other files.
func heldUntil(path string) int64 {
	rest, ok := strings.CutPrefix(path[strings.LastIndexByte(path, '/')+1:], heldPrefix)
	if !ok {
		return 0
	}
	at, _ := strconv.ParseInt(rest[:min(len(rest), 16)], 10, 64)
	return at
}

// sweepHeld makes room for an upload: what is over goes, then the oldest of its owner,
// then the oldest of all.
func (s *Store) sweepHeld(mark string, fresh int64, now time.Time) error {
	entries, err := fs.ReadDir(s.root.FS(), tempDir)
	if err != nil {
		return diskError(err)
	}
	type held struct {
		name string
		size int64
	}
	var list []held
	total, own := fresh, 0
	drop := func(name string) error {
		if err := s.root.Remove(tempDir + "/" + name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return diskError(err)
		}
		return nil
	}
	for _, e := range entries {
		until := heldUntil(e.Name())
		if until == 0 {
			continue
		}
		if until < now.UnixMicro() {
			if err := drop(e.Name()); err != nil {
				return err
			}
			continue
		}
		st, err := e.Info()
		if err != nil {
			continue // gone meanwhile
		}
		list = append(list, held{e.Name(), st.Size()})
		total += st.Size()
		if strings.Contains(e.Name(), "."+mark+".") {
			own++
		}
	}
	slices.SortFunc(list, func(a, b held) int { return cmp.Compare(a.name, b.name) })
	for _, h := range list {
		mine := strings.Contains(h.name, "."+mark+".") && own >= heldEach
		if !mine && total <= heldBytes {
			continue
		}
		if err := drop(h.name); err != nil {
			return err
		}
		total -= h.size
		if mine {
			own--
		}
	}
	return nil
}
