package public

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"time"

	"weixiao/internal/files"
	"weixiao/internal/form"
	"weixiao/internal/store"
)

// draft is a report on its way through the three steps, and the receipt of one
// that was made. It lies in the database sealed under a key derived from a token
// that only the browser has, in a cookie: whoever reads the database, or a copy
// of it, reads no draft, and one whose cookie is gone is gone.
type draft struct {
	// Key is made with the first form, carried by each, and becomes the
	// idempotency key of the report.
	Key    string       `json:"key"`
	Born   int64        `json:"born"` // µs
	Words  string       `json:"words,omitempty"`
	Told   bool         `json:"told,omitempty"` // step 1 was answered
	Photos []files.File `json:"photos,omitempty"`
	// Camera is the place a photo claimed, as an offer.
	Camera *spot `json:"camera,omitempty"`

	Placed  bool     `json:"placed,omitempty"` // step 2 was answered
	Address string   `json:"address,omitempty"`
	Area    string   `json:"area,omitempty"`  // id of a street or community
	Asked   string   `json:"asked,omitempty"` // address the resident was asked about
	Point   *spot    `json:"point,omitempty"`
	Nowhere bool     `json:"nowhere,omitempty"` // the matter has no place
	Shown   []string `json:"shown,omitempty"`   // similar cases the resident has seen

	Answers form.Raw `json:"answers,omitempty"` // answers to the matter's own questions, as they were typed

	Name    string `json:"name,omitempty"`
	Phone   string `json:"phone,omitempty"`
	Unnamed bool   `json:"unnamed,omitempty"`
	Private bool   `json:"private,omitempty"`

	// Number is the case that came of it; then everything else is empty but Key.
	Number string `json:"number,omitempty"`

	token string // of the cookie
}

// spot is a point in CGCS2000.
type spot struct {
	Lon      float64 `json:"lon"`
	Lat      float64 `json:"lat"`
	Accuracy int     `json:"accuracy,omitempty"` // metres; 0 = not said
}

const (
	draftCookie = "report"
	// draftLife is how long a draft is kept from its first form. It is shorter than
	// the day after which photos without a record are collected.
	draftLife = 12 * time.Hour
	// maxDraft bounds the bytes of words that are kept although they are too long.
	maxDraft = 32 << 10
)

// newDraft begins a draft with the key of its form, or a new one when the form
// brought none that can be.
func (p *pages) newDraft(key string) *draft {
	if !keyForm.MatchString(key) {
		key = newKey()
	}
	return &draft{Key: key, Born: p.Clock().UnixMicro(), token: rand.Text()}
}

// newKey makes the hidden key of a form.
func newKey() string {
	b := make([]byte, 16)
	_, _ = rand.Read(b)
	return hex.EncodeToString(b)
}

var keyForm = regexp.MustCompile(`^[0-9a-f]{32}$`)

// draftOf finds the draft of a browser; nil when there is none, or none any more.
func (p *pages) draftOf(w http.ResponseWriter, r *http.Request) (*draft, error) {
	token := cookie(w, r, draftCookie)
	if len(token) != 26 {
		return nil, nil
	}
	id, seal, err := unlock(token)
	if err != nil {
		return nil, err
	}
	now := p.Clock().UnixMicro()
	var sealed []byte
	err = p.DB.Read(r.Context(), func(tx *store.Tx) error {
		return tx.Row(`SELECT sealed FROM report_drafts WHERE district = $1 AND id = $2 AND expires > $3`, []any{p.Pack.District, id, now}, &sealed)
	})
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	plain, err := seal.Open(nil, nil, sealed, p.about(id))
	if err != nil {
		return nil, fmt.Errorf("public: a draft does not open: %w", err)
	}
	d := &draft{token: token}
	if err := json.Unmarshal(plain, d); err != nil {
		return nil, fmt.Errorf("public: draft: %w", err)
	}
	return d, nil
}

// keep writes the draft and gives the browser its cookie.
func (p *pages) keep(ctx context.Context, w http.ResponseWriter, d *draft) error {
	if err := p.DB.Write(ctx, func(tx *store.Tx) error { return p.keepIn(tx, d) }); err != nil {
		return err
	}
	setCookie(w, draftCookie, d.token, draftLife)
	return nil
}

// keepIn is keep inside a transaction, without the cookie. It also clears away
// some drafts that nobody came back to.
func (p *pages) keepIn(tx *store.Tx, d *draft) error {
	if err := tx.Exec(`DELETE FROM report_drafts WHERE district = $1 AND id IN
		(SELECT id FROM report_drafts WHERE district = $1 AND expires <= $2 ORDER BY expires LIMIT 50)`, p.Pack.District, p.Clock().UnixMicro()); err != nil {
		return err
	}
	id, seal, err := unlock(d.token)
	if err != nil {
		return err
	}
	plain, err := json.Marshal(d)
	if err != nil {
		return fmt.Errorf("public: draft: %w", err)
	}
	expires := time.UnixMicro(d.Born).Add(draftLife).UnixMicro()
	return tx.Exec(`INSERT INTO report_drafts (district, id, expires, sealed) VALUES ($1, $2, $3, $4)
		ON CONFLICT (district, id) DO UPDATE SET expires = excluded.expires, sealed = excluded.sealed`,
		p.Pack.District, id, expires, seal.Seal(nil, nil, plain, p.about(id)))
}

// about ties what is sealed to its row.
func (p *pages) about(id string) []byte { return []byte(p.Pack.District + "/report_drafts/" + id) }

// unlock derives from a token the id of its row and the key to it. Neither tells
// the other.
func unlock(token string) (id string, seal cipher.AEAD, err error) {
	name, err := hkdf.Key(sha256.New, []byte(token), nil, "weixiao report draft: id", 16)
	if err != nil {
		return "", nil, fmt.Errorf("public: draft: %w", err)
	}
	key, err := hkdf.Key(sha256.New, []byte(token), nil, "weixiao report draft: key", 32)
	if err != nil {
		return "", nil, fmt.Errorf("public: draft: %w", err)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return "", nil, fmt.Errorf("public: draft: %w", err)
	}
	seal, err = cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return "", nil, fmt.Errorf("public: draft: %w", err)
	}
	return hex.EncodeToString(name), seal, nil
}

// photo finds a photo of the draft by id.
func (d *draft) photo(id string) (files.File, bool) {
	for _, f := range d.Photos {
		if f.ID == id {
			return f, true
		}
	}
	return files.File{}, false
}
