package vault

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
)

// A sealed value is
//
//	version (1 byte) | algorithm (1) | kid (4, big endian) | nonce (12) | ciphertext and tag
//
// The header of six bytes and the cell it stands in (district, table, row,
// column) are authenticated with it: each of the four is written with its length
// (2 bytes, big endian) before the header. So a value moved to another row,
// column, table or district does not open.
//
// The kid of a wrapped key is the version of the key encryption key; the kid of a
// person's value is a fingerprint of the person's data key.
const (
	formatV1   = 1
	headerSize = 6
	keySize    = 32
)

// Ids of algorithms. 1-63 international, 64-127 national: 65 is set aside for
// SM4-GCM. An id, once used, keeps its meaning for good.
const algAESGCM = 1

// algorithm is what a cipher must offer to seal values.
type algorithm interface {
	id() byte
	aead(secret []byte) (cipher.AEAD, error)
}

type aesGCM struct{}

func (aesGCM) id() byte { return algAESGCM }

func (aesGCM) aead(secret []byte) (cipher.AEAD, error) {
	b, err := aes.NewCipher(secret)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(b)
}

// sealing is the algorithm of new values; opening finds the one a value names.
var (
	sealing algorithm = aesGCM{}
	opening           = map[byte]algorithm{algAESGCM: aesGCM{}}
)

// cell is the place of a value in the database.
type cell struct{ district, table, row, column string }

// Broken is a value that does not open in its place: it was changed, cut, moved
// or sealed under another key. Row is the random id of the person.
type Broken struct{ District, Table, Row, Column, Why string }

func (b *Broken) Error() string {
	return fmt.Sprintf("vault: district %s: %s.%s of %s %s", b.District, b.Table, b.Column, b.Row, b.Why)
}

func (c cell) broken(why string) error {
	return &Broken{c.district, c.table, c.row, c.column, why}
}

// authenticated is the additional data of a value in this cell.
func (c cell) authenticated(header []byte) []byte {
	out := make([]byte, 0, 128)
	for _, s := range []string{c.district, c.table, c.row, c.column} {
		out = binary.BigEndian.AppendUint16(out, uint16(len(s)))
		out = append(out, s...)
	}
	return append(out, header...)
}

// key is a secret with the number that sealed values know it by.
type key struct {
	id     uint32
	secret []byte
}

// dataKey names a person's key by its fingerprint, so that a value under another
// key is told from a changed one.
func dataKey(secret []byte) key {
	return key{binary.BigEndian.Uint32(mark(secret, "weixiao data key")), secret}
}

// mark is a keyed digest that identifies a secret without telling it.
func mark(secret []byte, use string) []byte {
	h := hmac.New(sha256.New, secret)
	h.Write([]byte(use))
	return h.Sum(nil)
}

func (k key) seal(c cell, plain []byte) ([]byte, error) {
	a, err := sealing.aead(k.secret)
	if err != nil {
		return nil, fmt.Errorf("vault: seal: %w", err)
	}
	out := make([]byte, headerSize+a.NonceSize(), headerSize+a.NonceSize()+len(plain)+a.Overhead())
	out[0], out[1] = formatV1, sealing.id()
	binary.BigEndian.PutUint32(out[2:], k.id)
	nonce := out[headerSize:]
	if _, err := rand.Read(nonce); err != nil {
		return nil, fmt.Errorf("vault: seal: %w", err)
	}
	return a.Seal(out, nonce, plain, c.authenticated(out[:headerSize])), nil
}

// open returns the plain value or *Broken.
func (k key) open(c cell, sealed []byte) ([]byte, error) {
	if len(sealed) < headerSize {
		return nil, c.broken("is cut off")
	}
	if sealed[0] != formatV1 {
		return nil, c.broken("has an unknown format")
	}
	alg, ok := opening[sealed[1]]
	if !ok {
		return nil, c.broken("has an unknown algorithm")
	}
	if binary.BigEndian.Uint32(sealed[2:]) != k.id {
		return nil, c.broken("is sealed under another key")
	}
	a, err := alg.aead(k.secret)
	if err != nil {
		return nil, fmt.Errorf("vault: open: %w", err)
	}
	if len(sealed) < headerSize+a.NonceSize()+a.Overhead() {
		return nil, c.broken("is cut off")
	}
	plain, err := a.Open(nil, sealed[headerSize:headerSize+a.NonceSize()], sealed[headerSize+a.NonceSize():], c.authenticated(sealed[:headerSize]))
	if err != nil {
		return nil, c.broken("was changed, moved or sealed under another key")
	}
	return plain, nil
}
