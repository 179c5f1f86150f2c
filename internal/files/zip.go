package files

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
)

// Errors of archives.
var (
	ErrNotZip    = errors.New("files: not a zip archive, or a damaged one")
	ErrZipBomb   = errors.New("files: the archive unpacks to too much")               // entries, bytes or ratio
	ErrZipName   = errors.New("files: the archive has a name that leaves its folder") // or one twice
	ErrNotXLSX   = errors.New("files: not an XLSX workbook")
	ErrOldOffice = errors.New("files: an old or password-protected Office file: save it as XLSX without password")
)

// Limits of archives: what a workbook of a hundred thousand rows stays well under.
const (
	zipEntries   = 1_000
	zipBytes     = 200 << 20
	zipRatio     = 100
	zipRatioFrom = 64 << 10 // smaller entries may be as repetitive as they like
)

// CheckZip reads an archive through, without keeping anything, and refuses what
// would be dangerous to unpack: too many entries, too many bytes (counted, not
// believed), entries packed more than a hundredfold, overlapping or encrypted
// entries, absolute names, "..", backslashes, the same name twice. The archive
// must begin at the first byte and end at the last, and not need zip64.
//
// Errors: ErrNotZip, ErrZipBomb, ErrZipName, or that of the reader.
func CheckZip(r io.ReaderAt, size int64) error {
	_, err := checkZip(r, size)
	return err
}

// CheckXLSX is CheckZip for a workbook: the parts that make it one must be there.
// Errors besides those of CheckZip: ErrNotXLSX (a zip, but something else),
// ErrOldOffice (XLS, or a workbook with a password).
func CheckXLSX(r io.ReaderAt, size int64) error {
	var head [8]byte
	if n, _ := r.ReadAt(head[:], 0); n == len(head) && string(head[:]) == oldOffice {
		return ErrOldOffice
	}
	names, err := checkZip(r, size)
	if err != nil {
		return err
	}
	if !names["[Content_Types].xml"] || !names["xl/workbook.xml"] {
		return ErrNotXLSX
	}
	return nil
}

const oldOffice = "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

// checkZip returns the names in the archive.
func checkZip(r io.ReaderAt, size int64) (map[string]bool, error) {
	// Counted before archive/zip takes memory for each entry.
	if err := countEntries(r, size); err != nil {
		return nil, err
	}
	z, err := zip.NewReader(r, size)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotZip, err)
	}
	names := make(map[string]bool, len(z.File))
	var packed uint64
	for _, f := range z.File {
		if !safeEntry(f.Name) || names[f.Name] {
			return nil, ErrZipName
		}
		names[f.Name] = true
		if f.Flags&1 != 0 {
			return nil, fmt.Errorf("%w: encrypted", ErrNotZip)
		}
		if f.CompressedSize64 > uint64(size) {
			return nil, ErrNotZip
		}
		packed += f.CompressedSize64
	}
	if packed > uint64(size) {
		return nil, fmt.Errorf("%w: entries overlap", ErrZipBomb)
	}
	left := int64(zipBytes)
	for _, f := range z.File {
		n, err := entrySize(f, left)
		if err != nil {
			return nil, err
		}
		left -= n
	}
	if total := int64(zipBytes) - left; total > zipRatioFrom && total > size*zipRatio {
		return nil, fmt.Errorf("%w: packed more than %d-fold", ErrZipBomb, zipRatio)
	}
	return names, nil
}

// entrySize unpacks an entry into nothing and returns its real size.
func entrySize(f *zip.File, left int64) (int64, error) {
	rc, err := f.Open()
	if err != nil {
		return 0, fmt.Errorf("%w: %w", ErrNotZip, err)
	}
	defer rc.Close()
	limit := left
	if most := int64(max(f.CompressedSize64*zipRatio, zipRatioFrom)); most < limit {
		limit = most
	}
	n, err := io.Copy(io.Discard, io.LimitReader(rc, limit+1))
	switch {
	case n > limit && limit == left:
		return 0, fmt.Errorf("%w: more than %d bytes", ErrZipBomb, zipBytes)
	case n > limit:
		return 0, fmt.Errorf("%w: packed more than %d-fold", ErrZipBomb, zipRatio)
	case err != nil:
		return 0, fmt.Errorf("%w: %w", ErrNotZip, err)
	}
	return n, nil
}

func safeEntry(name string) bool {
	if name == "" || len(name) > 512 || strings.ContainsAny(name, "\\\x00:") || strings.HasPrefix(name, "/") {
		return false
	}
	clean := path.Clean(name)
	return clean != ".." && clean != "." && !strings.HasPrefix(clean, "../") && !strings.Contains("/"+name+"/", "/../")
}

// countEntries walks the directory of the archive: from the end record, which must
// be the last thing of the file, back to where it says the directory begins.
func countEntries(r io.ReaderAt, size int64) error {
	tail := make([]byte, min(size, zipEndSize+zipMaxNotes))
	if _, err := r.ReadAt(tail, size-int64(len(tail))); err != nil && err != io.EOF {
		return fmt.Errorf("files: zip: %w", err)
	}
	at := bytes.LastIndex(tail, []byte("PK\x05\x06"))
	if at < 0 || len(tail)-at < zipEndSize {
		return ErrNotZip
	}
	end := tail[at:]
	entries := int(binary.LittleEndian.Uint16(end[10:]))
	length := int64(binary.LittleEndian.Uint32(end[12:]))
	start := int64(binary.LittleEndian.Uint32(end[16:]))
	if notes := int(binary.LittleEndian.Uint16(end[20:])); len(end) != zipEndSize+notes {
		return ErrNotZip
	}
	if entries > zipEntries {
		return fmt.Errorf("%w: %d entries", ErrZipBomb, entries)
	}
	if start+length != size-int64(len(end)) || length > zipEntries*4096 {
		return ErrNotZip
	}
	dir := make([]byte, length)
	if _, err := r.ReadAt(dir, start); err != nil && err != io.EOF {
		return fmt.Errorf("files: zip: %w", err)
	}
	n := 0
	for ; len(dir) >= 46 && bytes.HasPrefix(dir, []byte("PK\x01\x02")); n++ {
		long := 46 + int(binary.LittleEndian.Uint16(dir[28:])) + int(binary.LittleEndian.Uint16(dir[30:])) + int(binary.LittleEndian.Uint16(dir[32:]))
		if long > len(dir) {
			return ErrNotZip
		}
		dir = dir[long:]
	}
	if len(dir) != 0 || n != entries {
		return ErrNotZip
	}
	return nil
}
