package files

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"weixiao/internal/store"
)

// Report is what Check found.
type Report struct {
	Files, Bytes     int64
	Missing, Changed []string // ids, at most reportMax of each
	MissingN         int64
	ChangedN         int64
}

const reportMax = 100

// OK reports that every file is there and unchanged.
func (r Report) OK() bool { return r.MissingN == 0 && r.ChangedN == 0 }

// String is a line for the command that checks.
func (r Report) String() string {
	return fmt.Sprintf("%d files, %d bytes read; %d missing, %d changed", r.Files, r.Bytes, r.MissingN, r.ChangedN)
}

// Check reads every blob of a district and compares size and digest with its row.
// The error is one of reading rows or of the disk itself, not of a bad file.
func (s *Store) Check(ctx context.Context, db *store.DB, district string) (r Report, err error) {
	const page = 200
	for after := ""; ; {
		files, err := store.Get(ctx, db, func(tx *store.Tx) ([]File, error) {
			return store.All(tx, scan, `SELECT `+columns+` FROM files WHERE district = $1 AND id > $2 ORDER BY id LIMIT $3`, district, after, page)
		})
		if err != nil {
			return r, err
		}
		for _, f := range files {
			if err := ctx.Err(); err != nil {
				return r, err
			}
			after = f.ID
			if err := s.checkFile(f, &r); err != nil {
				return r, err
			}
		}
		if len(files) < page {
			return r, nil
		}
	}
}

func (s *Store) checkFile(f File, r *Report) error {
	r.Files++
	changed := !safeKey(f.ID)
	for _, thumb := range []bool{false, true} {
		want := f.SHA256
		if thumb {
			want = f.ThumbSHA256
		}
		if changed || thumb && len(want) == 0 {
			continue
		}
		sum, size, err := s.digest(blobPath(f.District, f.ID, thumb))
		if errors.Is(err, ErrMissing) {
			r.MissingN++
			if len(r.Missing) < reportMax {
				r.Missing = append(r.Missing, f.ID)
			}
			return nil
		}
		if err != nil {
			return err
		}
		r.Bytes += size
		changed = !bytes.Equal(sum, want) || !thumb && size != f.Size
	}
	if changed {
		r.ChangedN++
		if len(r.Changed) < reportMax {
			r.Changed = append(r.Changed, f.ID)
		}
	}
	return nil
}

// ErrManyOrphans means that most blobs have no row: more likely the wrong database
// than so many broken uploads. Nothing was removed.
var ErrManyOrphans = errors.New("files: most blobs have no row in this database")

const (
	orphanAge    = 24 * time.Hour
	orphansAlarm = 50
)

// Collect removes blobs that are older than a day and have no row (uploads whose
// record was never written, files taken out of their record) and old temporary
// files. It returns the number of blobs removed.
func (s *Store) Collect(ctx context.Context, db *store.DB, district string, now time.Time) (int, error) {
	if !safeKey(district) {
		return 0, &InvalidError{"district"}
	}
	if err := s.sweepTemp(now); err != nil {
		return 0, err
	}
	folders, err := fs.ReadDir(s.root.FS(), district)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, diskError(err)
	}
	var orphans []string
	total := 0
	for _, folder := range folders {
		paths, n, err := s.orphansIn(ctx, db, district, district+"/"+folder.Name(), now)
		if err != nil {
			return 0, err
		}
		orphans, total = append(orphans, paths...), total+n
	}
	if len(orphans) > orphansAlarm && 2*len(orphans) > total {
		return 0, fmt.Errorf("%w: %d of %d", ErrManyOrphans, len(orphans), total)
	}
	for i, p := range orphans {
		if err := s.removeOrphan(ctx, db, district, p); err != nil {
			return i, err
		}
	}
	return len(orphans), nil
}

// removeOrphan asks for the row once more, by the whole key: what is removed here
// does not come back.
func (s *Store) removeOrphan(ctx context.Context, db *store.DB, district, path string) error {
	id := strings.TrimSuffix(path[strings.LastIndexByte(path, '/')+1:], thumbSuffix)
	return db.Read(ctx, func(tx *store.Tx) error {
		_, err := Get(tx, district, id)
		if !errors.Is(err, store.ErrNotFound) {
			return err
		}
		if err := s.root.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return diskError(err)
		}
		return nil
	})
}

// orphansIn returns the paths of old blobs in a folder that have no row, and the
// number of all blobs there.
func (s *Store) orphansIn(ctx context.Context, db *store.DB, district, folder string, now time.Time) (paths []string, total int, err error) {
	entries, err := fs.ReadDir(s.root.FS(), folder)
	if err != nil {
		return nil, 0, diskError(err)
	}
	old := map[string][]string{} // id to paths
	for _, e := range entries {
		total++
		if st, err := e.Info(); err == nil && st.Mode().IsRegular() && now.Sub(st.ModTime()) > orphanAge {
			id := strings.TrimSuffix(e.Name(), thumbSuffix)
			old[id] = append(old[id], folder+"/"+e.Name())
		}
	}
	// The ids of one folder share their first two characters: one range of the key.
	// z is the last character of an id in every collation.
	first := folder[strings.LastIndexByte(folder, '/')+1:]
	last := first + strings.Repeat("z", 26)
	err = db.Read(ctx, func(tx *store.Tx) error {
		return tx.Each(`SELECT id FROM files WHERE district = $1 AND id >= $2 AND id <= $3`, []any{district, first, last}, func(r store.Scanner) error {
			var id string
			if err := r.Scan(&id); err != nil {
				return fmt.Errorf("files: collect: %w", err)
			}
			delete(old, id)
			return nil
		})
	})
	if err != nil {
		return nil, 0, err
	}
	for _, p := range old {
		paths = append(paths, p...)
	}
	return paths, total, nil
}
