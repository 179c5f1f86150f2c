package duties

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"weixiao/internal/catalogue"
	"weixiao/internal/store"
)

// Version is one version as its acts left it.
type Version struct {
	Number    int
	State     string
	Revision  int64  // grows with every edit, for ErrStale
	BasedOn   int    // the version a draft was begun from
	Adopted   string // digest of the pack's rules that it was made of; "" = the district's own
	Content   catalogue.Duties
	Digest    string // of Content, see digest
	Since     string // local day from which it is in force; "" = from the beginning, or not said yet
	Begins    int64  // the moment, µs UTC
	Reason    string
	Law       string
	Created   int64 // µs UTC
	Changed   int64
	Account   string // who made or published it last
	Published int64
}

// digest is over the content as it is stored.
func digest(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:16])
}

func encode(d catalogue.Duties) (content []byte, sum string) {
	content, err := json.Marshal(d)
	if err != nil {
		panic(err) // plain structs of text
	}
	return content, digest(content)
}

const columns = `number, state, revision, based_on, adopted, content, digest, since, begins, reason, law, created, changed, account, published`

func scan(r store.Scanner) (v Version, err error) {
	var content string
	if err := r.Scan(&v.Number, &v.State, &v.Revision, &v.BasedOn, &v.Adopted, &content, &v.Digest, &v.Since, &v.Begins, &v.Reason, &v.Law,
		&v.Created, &v.Changed, &v.Account, &v.Published); err != nil {
		return v, err
	}
	if err := json.Unmarshal([]byte(content), &v.Content); err != nil {
		return v, fmt.Errorf("duties: version %d: %w", v.Number, err)
	}
	return v, nil
}

// publishedSince reads the versions published after a moment, a few a year.
func publishedSince(tx *store.Tx, district string, after int64) ([]Version, error) {
	return store.All(tx, scan, `SELECT `+columns+` FROM duty_versions WHERE district = $1 AND published > $2 ORDER BY published, number LIMIT 1000`, district, after)
}

// Get reads a version; store.ErrNotFound when there is none of that number.
func (b *Book) Get(tx *store.Tx, number int) (Version, error) {
	found, err := store.All(tx, scan, `SELECT `+columns+` FROM duty_versions WHERE district = $1 AND number = $2`, b.district, number)
	if err == nil && len(found) == 0 {
		err = store.ErrNotFound
	}
	if err != nil {
		return Version{}, err
	}
	return found[0], nil
}

// List reads the versions below a number (0: from the newest), newest first. Their
// content is left out but for its size.
func (b *Book) List(tx *store.Tx, below, limit int) ([]Version, error) {
	if below <= 0 {
		below = 1 << 30
	}
	return store.All(tx, func(r store.Scanner) (v Version, err error) {
		err = r.Scan(&v.Number, &v.State, &v.Revision, &v.BasedOn, &v.Adopted, &v.Digest, &v.Since, &v.Begins, &v.Reason, &v.Law, &v.Created, &v.Changed, &v.Account, &v.Published)
		return v, err
	}, `SELECT number, state, revision, based_on, adopted, digest, since, begins, reason, law, created, changed, account, published
		FROM duty_versions WHERE district = $1 AND number < $2 ORDER BY number DESC LIMIT $3`, b.district, below, limit)
}

func insert(tx *store.Tx, district string, v Version) error {
	content, sum := encode(v.Content)
	return tx.Exec(`INSERT INTO duty_versions (district, number, state, revision, based_on, adopted, content, digest, since, begins, reason, law, created, changed, account, published)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`,
		district, v.Number, v.State, v.Revision, v.BasedOn, v.Adopted, string(content), sum, v.Since, v.Begins, v.Reason, v.Law, v.Created, v.Changed, v.Account, v.Published)
}

func update(tx *store.Tx, district string, v Version) error {
	content, sum := encode(v.Content)
	return tx.Exec(`UPDATE duty_versions SET state = $3, revision = $4, content = $5, digest = $6, since = $7, begins = $8, reason = $9, law = $10, changed = $11, account = $12, published = $13
		WHERE district = $1 AND number = $2`,
		district, v.Number, v.State, v.Revision, string(content), sum, v.Since, v.Begins, v.Reason, v.Law, v.Changed, v.Account, v.Published)
}
