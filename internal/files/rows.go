package files

import (
	"fmt"
	"time"

	"weixiao/internal/store"
)

const columns = `district, id, kind, subject_kind, subject, name, media, size, width, height, sha256, thumb_sha256, created, created_by`

// Attach writes the rows of files that Put returned, in the transaction of the
// record they belong to, and fills in what they lack. The caller holds the record
// (its row or the journal's head), so that two uploads at once cannot both find
// room below the limit.
//
// Errors: ErrTooMany when the record would have more than Limits.PerSubject;
// store.ErrConflict when a file is attached already; *InvalidError.
func (s *Store) Attach(tx *store.Tx, district, subjectKind, subject string, files []File, by string, at time.Time) error {
	if subjectKind == "" || subject == "" {
		return &InvalidError{"subject"}
	}
	var have int64
	if err := tx.Row(`SELECT count(*) FROM files WHERE district = $1 AND subject_kind = $2 AND subject = $3`, []any{district, subjectKind, subject}, &have); err != nil {
		return err
	}
	if int(have)+len(files) > s.limits.PerSubject {
		return fmt.Errorf("%w: %d and %d more", ErrTooMany, have, len(files))
	}
	for i := range files {
		f := &files[i]
		if f.District != district || !safeKey(f.ID) {
			return &InvalidError{"file"}
		}
		f.SubjectKind, f.Subject, f.By, f.Created = subjectKind, subject, by, at.UnixMicro()
		if err := tx.Exec(`INSERT INTO files (district, id, kind, subject_kind, subject, ord, name, media, size, width, height, sha256, thumb_sha256, created, created_by)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`,
			f.District, f.ID, string(f.Kind), f.SubjectKind, f.Subject, have+int64(i), f.Name, f.Media, f.Size, int64(f.Width), int64(f.Height),
			f.SHA256, f.ThumbSHA256, f.Created, f.By); err != nil {
			return err
		}
	}
	return nil
}

// Of returns the files of a record in the order in which they came. The caller
// has checked that the record may be read.
func Of(tx *store.Tx, district, subjectKind, subject string) ([]File, error) {
	return store.All(tx, scan, `SELECT `+columns+` FROM files WHERE district = $1 AND subject_kind = $2 AND subject = $3 ORDER BY created, ord`, district, subjectKind, subject)
}

// Get returns one file, or store.ErrNotFound. The caller checks that the record
// named by SubjectKind and Subject may be read before anything of it is shown.
func Get(tx *store.Tx, district, id string) (File, error) {
	found, err := store.All(tx, scan, `SELECT `+columns+` FROM files WHERE district = $1 AND id = $2`, district, id)
	if err != nil {
		return File{}, err
	}
	if len(found) == 0 {
		return File{}, store.ErrNotFound
	}
	return found[0], nil
}

// Remove takes a file out of its record. Its blob is collected later.
func Remove(tx *store.Tx, district, id string) error {
	n, err := tx.Count(`DELETE FROM files WHERE district = $1 AND id = $2`, district, id)
	if err == nil && n == 0 {
		return store.ErrNotFound
	}
	return err
}

func scan(r store.Scanner) (f File, err error) {
	var kind string
	var width, height int64
	err = r.Scan(&f.District, &f.ID, &kind, &f.SubjectKind, &f.Subject, &f.Name, &f.Media, &f.Size, &width, &height, &f.SHA256, &f.ThumbSHA256, &f.Created, &f.By)
	f.Kind, f.Width, f.Height = Kind(kind), int(width), int(height)
	return f, err
}
