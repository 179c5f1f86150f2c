// Package files keeps photos and attachments: what comes in is judged by its
// content, a photo is drawn anew so that nothing of the original survives, and
// the bytes are on disk before the row that names them.
//
// The way of a photo: Inspect (limits, orientation, the place as an offer, two
// JPEGs made by us) → Put (durable blobs with a random name) → Attach (rows, in
// the transaction of the record they belong to) → Of, Get, Serve. A blob that
// never got a row is collected after a day; Check proves that rows and blobs
// agree.
//
//	files.go      Store, Limits, File, the errors
//	photo.go      Inspect: sniff, decode under a memory limit, scale, re-encode
//	container.go  where JPEG, PNG, GIF and WebP end and keep their Exif
//	exif.go       orientation and GPS position
//	polyglot.go   files that are two things at once
//	document.go   InspectDocument: PDF, OFD, DOCX, XLSX, PPTX
//	zip.go        CheckZip, CheckXLSX: the guard before anything is unpacked
//	disk.go       blobs: temporary file, fsync, rename, fsync of the folder
//	rows.go       Attach, Of, Get, Remove
//	serve.go      Serve
//	held.go       Hold, Held: uploads that were only checked, for an hour
//	check.go      Check, Collect
//
// This package does not know who may see a file. A file is readable exactly when
// the record it is attached to is readable: whoever calls Get, Of or Serve has
// checked that first.
package files

import (
	"embed"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"

	"weixiao/internal/store"
)

//go:embed migrations
var migrations embed.FS

// Schema is the table of files, numbers 03001-03999.
var Schema = store.Schema{Name: "files", FS: migrations}

// Errors that a door turns into advice. They carry no name and no content.
var (
	ErrTooBig      = errors.New("files: too many bytes")                                             // choose a smaller file
	ErrPixels      = errors.New("files: too many pixels")                                            // send a smaller photo
	ErrNotImage    = errors.New("files: not a JPEG, PNG, GIF or WebP image")                         // choose a photo
	ErrHEIC        = errors.New("files: HEIC or AVIF image: choose JPEG")                            // phone setting "most compatible"
	ErrBroken      = errors.New("files: damaged or cut off")                                         // choose or send it again
	ErrPolyglot    = errors.New("files: carries another file inside")                                // take the photo anew
	ErrTooMany     = errors.New("files: too many files")                                             // leave some out
	ErrNotDocument = errors.New("files: not a PDF, OFD, DOCX, XLSX or PPTX document, or a macro")    // save it as one of these
	ErrMissing     = errors.New("files: the blob of this file is missing: restore it from a backup") // a fault of ours
)

// InvalidError names the argument that is missing or not allowed.
type InvalidError struct{ Field string }

func (e *InvalidError) Error() string { return "files: " + e.Field + " is missing or not allowed" }

// Limits bound what comes in. A zero field has its default.
type Limits struct {
	Bytes      int64 // of one file; 12 MiB
	Pixels     int64 // a photo must have fewer; 40 million
	Memory     int64 // bytes that all decoding together may take; 384 MiB
	PerUpload  int   // files in one Put; 9
	PerSubject int   // files of one record; 30
}

func (l Limits) filled() Limits {
	def := func(v *int64, d int64) {
		if *v == 0 {
			*v = d
		}
	}
	def(&l.Bytes, 12<<20)
	def(&l.Pixels, 40_000_000)
	def(&l.Memory, 384<<20)
	if l.PerUpload == 0 {
		l.PerUpload = 9
	}
	if l.PerSubject == 0 {
		l.PerSubject = 30
	}
	return l
}

// Store is a folder of blobs and the limits for what enters it. It is safe for
// concurrent use, by several nodes too when the folder is a shared one.
type Store struct {
	root   *os.Root
	limits Limits
	memory *semaphore.Weighted

	durable sync.Map // folders whose own entry is known to be on disk
}

// Open opens the folder, makes it (mode 0700) if need be, and removes temporary
// files that a crash left more than an hour before now.
func Open(dir string, limits Limits, now time.Time) (*Store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("files: %w", err)
	}
	// Durable, if the folder is new; where the one above may not be read it is not.
	if above, err := os.Open(filepath.Dir(dir)); err == nil {
		_ = above.Sync()
		_ = above.Close()
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("files: %w", err)
	}
	s := &Store{root: root, limits: limits.filled()}
	s.memory = semaphore.NewWeighted(s.limits.Memory)
	if err := s.sweepTemp(now); err != nil {
		_ = root.Close()
		return nil, err
	}
	return s, nil
}

// Limits returns the limits in force, so that a page can state them and a door
// can refuse the tenth file before it reads it.
func (s *Store) Limits() Limits { return s.limits }

// Close closes the folder.
func (s *Store) Close() error { return s.root.Close() }

// Kind tells photos, which we made ourselves, from everything else.
type Kind string

// Kinds of files.
const (
	KindPhoto      Kind = "photo"
	KindAttachment Kind = "attachment"
)

// File is a stored file. Put fills what comes from the content, Attach the rest.
type File struct {
	District, ID         string // 26 random characters
	Kind                 Kind
	SubjectKind, Subject string // the record it belongs to: "case", its number
	Name                 string // safe to show and to save under
	Media                string // by content
	Size                 int64
	Width, Height        int // of a photo
	SHA256               []byte
	ThumbSHA256          []byte // empty without a thumbnail
	Created              int64  // µs UTC
	By                   string // account, or empty for somebody from outside
}
