package files

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"syscall"
	"time"

	"weixiao/internal/store"
)

// A blob lies at <district>/<first two characters of the id>/<id>, its thumbnail
// beside it with ".t". The names are ours alone: 128 random bits, nothing of the
// content and nothing of the client.
const (
	tempDir     = "tmp"
	thumbSuffix = ".t"
	tempAge     = time.Hour // older temporary files are of a crash, not of a neighbour
)

type blob struct {
	path string
	body []byte
}

func blobPath(district, id string, thumb bool) string {
	p := district + "/" + id[:2] + "/" + id
	if thumb {
		p += thumbSuffix
	}
	return p
}

// safeKey: what may stand in a path. Everything else never reaches the disk.
func safeKey(s string) bool {
	return len(s) >= 2 && len(s) <= 64 && s != tempDir && strings.IndexFunc(s, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9')
	}) < 0
}

// Put writes photos durably and returns their files, to be attached in the
// transaction of their record. Do it before the transaction: what is never
// attached is collected after a day.
//
// Errors: ErrTooMany; store.ErrFull when the disk is full.
func (s *Store) Put(ctx context.Context, district string, photos ...*Photo) ([]File, error) {
	if len(photos) > s.limits.PerUpload {
		return nil, fmt.Errorf("%w: %d", ErrTooMany, len(photos))
	}
	if !safeKey(district) {
		return nil, &InvalidError{"district"}
	}
	out := make([]File, len(photos))
	blobs := make([]blob, 0, 2*len(photos))
	for i, p := range photos {
		full, thumb := sha256.Sum256(p.Full), sha256.Sum256(p.Thumb)
		id := newID()
		out[i] = File{District: district, ID: id, Kind: KindPhoto, Name: "photo-" + id[:6] + ".jpg", Media: "image/jpeg",
			Size: int64(len(p.Full)), Width: p.Width, Height: p.Height, SHA256: full[:], ThumbSHA256: thumb[:]}
		blobs = append(blobs, blob{blobPath(district, id, false), p.Full}, blob{blobPath(district, id, true), p.Thumb})
	}
	if err := s.save(ctx, blobs); err != nil {
		return nil, err
	}
	return out, nil
}

// PutDocument is Put for an attachment.
func (s *Store) PutDocument(ctx context.Context, district string, d *Document) (File, error) {
	if !safeKey(district) {
		return File{}, &InvalidError{"district"}
	}
	sum, id := sha256.Sum256(d.Body), newID()
	f := File{District: district, ID: id, Kind: KindAttachment, Name: d.Name, Media: d.Media, Size: int64(len(d.Body)), SHA256: sum[:], ThumbSHA256: []byte{}}
	if err := s.save(ctx, []blob{{blobPath(district, id, false), d.Body}}); err != nil {
		return File{}, err
	}
	return f, nil
}

// Copy makes a second file of the same bytes, for a record that gets the files of
// another, for instance a child of a case. Attach it like one from Put.
func (s *Store) Copy(ctx context.Context, f File) (File, error) {
	if !safeKey(f.District) || !safeKey(f.ID) {
		return File{}, &InvalidError{"file"}
	}
	next := f
	next.ID = newID()
	var blobs []blob
	for _, thumb := range []bool{false, true} {
		if thumb && len(f.ThumbSHA256) == 0 {
			continue
		}
		b, err := s.root.ReadFile(blobPath(f.District, f.ID, thumb))
		if err != nil {
			return File{}, diskError(err)
		}
		blobs = append(blobs, blob{blobPath(f.District, next.ID, thumb), b})
	}
	if err := s.save(ctx, blobs); err != nil {
		return File{}, err
	}
	return next, nil
}

func newID() string { return strings.ToLower(rand.Text()) }

// save returns when every blob is on disk under its name, or none is.
func (s *Store) save(ctx context.Context, blobs []blob) (err error) {
	temps := make([]string, 0, len(blobs))
	moved := 0
	defer func() {
		if err != nil {
			for _, t := range temps[moved:] {
				_ = s.root.Remove(t)
			}
			for _, b := range blobs[:moved] {
				_ = s.root.Remove(b.path)
			}
			err = diskError(err)
		}
	}()
	for _, b := range blobs {
		if err := ctx.Err(); err != nil {
			return err
		}
		t := tempDir + "/" + newID()
		temps = append(temps, t)
		if err := s.writeSynced(t, b.body); err != nil {
			return err
		}
	}
	dirty, fresh := map[string]bool{}, map[string]bool{}
	for _, b := range blobs {
		if err := s.folders(b.path, dirty, fresh); err != nil {
			return err
		}
		if err := s.root.Rename(temps[moved], b.path); err != nil {
			return err
		}
		moved++
	}
	for d := range dirty {
		if err := s.syncFolder(d); err != nil {
			return err
		}
	}
	for f := range fresh {
		s.durable.Store(f, true)
	}
	return nil
}

func (s *Store) writeSynced(name string, body []byte) error {
	f, err := s.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(body)
	if err == nil {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	return err
}

// folders makes the folders of a blob and notes which ones must be synced: the
// one that gets the blob and, for a folder that this process has not synced yet,
// the one above it. A folder that is there already may be a neighbour's, made a
// moment ago and not yet durable.
func (s *Store) folders(path string, dirty, fresh map[string]bool) error {
	parts := strings.Split(path, "/")
	above, here := ".", ""
	for _, p := range parts[:len(parts)-1] {
		here = strings.TrimPrefix(here+"/"+p, "/")
		err := s.root.Mkdir(here, 0o700)
		if err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
		if _, known := s.durable.Load(here); !known || err == nil {
			dirty[above], fresh[here] = true, true
		}
		above = here
	}
	dirty[here] = true
	return nil
}

func (s *Store) syncFolder(name string) error {
	d, err := s.root.Open(name)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

func (s *Store) sweepTemp(now time.Time) error {
	if err := s.root.Mkdir(tempDir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return diskError(err)
	}
	left, err := fs.ReadDir(s.root.FS(), tempDir)
	if err != nil {
		return diskError(err)
	}
	for _, e := range left {
		if st, err := e.Info(); err == nil && now.Sub(st.ModTime()) > tempAge {
			if err := s.root.Remove(tempDir + "/" + e.Name()); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return diskError(err)
			}
		}
	}
	return nil
}

// digest reads a blob through.
func (s *Store) digest(path string) (sum []byte, size int64, err error) {
	f, err := s.root.Open(path)
	if err != nil {
		return nil, 0, diskError(err)
	}
	defer f.Close()
	h := sha256.New()
	if size, err = io.Copy(h, f); err != nil {
		return nil, 0, diskError(err)
	}
	return h.Sum(nil), size, nil
}

func diskError(err error) error {
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return fmt.Errorf("files: %w: %w", store.ErrFull, err)
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%w: %w", ErrMissing, err)
	}
	return fmt.Errorf("files: %w", err)
}
