package files

import (
	"bytes"
	"encoding/binary"
)

// carriesAnother reports whether an image is also something else. What we store
// is drawn anew and carries nothing, so this is no defence: it is the honest
// answer to somebody who tries, and it must not hit the phones that append things
// of their own (moving photos, depth maps): other bytes behind the image are
// left out without a word.
func carriesAnother(b []byte, end int) bool {
	if zipEnd(b) >= 0 {
		return true
	}
	// Programs look for these in the first kilobyte, browsers for the mark-up.
	if head := b[:min(1024, len(b))]; bytes.Contains(head, []byte("%PDF-")) || markup(head) {
		return true
	}
	tail := b[end:]
	for _, magic := range []string{"PK\x03\x04", "Rar!\x1a\x07", "7z\xbc\xaf\x27\x1c", "\x7fELF", "MZ", "#!", "%!PS", "\xca\xfe\xba\xbe", "\x1f\x8b\x08"} {
		if bytes.HasPrefix(tail, []byte(magic)) {
			return true
		}
	}
	const window = 64 << 10
	near := tail[:min(window, len(tail))]
	return bytes.Contains(near[:min(1024, len(near))], []byte("%PDF-")) || markup(near) || markup(tail[max(0, len(tail)-window):])
}

func markup(b []byte) bool {
	low := bytes.ToLower(b)
	for _, s := range []string{"<script", "<html", "<!doctype", "<?php", "<iframe", "<svg"} {
		if bytes.Contains(low, []byte(s)) {
			return true
		}
	}
	return false
}

const (
	zipEndSize  = 22
	zipMaxNotes = 1<<16 - 1
)

// zipEnd finds the end record of a zip archive that has a directory before it,
// as unpackers do from the end of the file, or returns -1.
func zipEnd(b []byte) int {
	low := max(0, len(b)-zipEndSize-zipMaxNotes)
	for pos := len(b) - zipEndSize; pos >= low; pos-- {
		if !bytes.HasPrefix(b[pos:], []byte("PK\x05\x06")) {
			continue
		}
		dir := int64(binary.LittleEndian.Uint32(b[pos+12:]))
		if dir == 0 || dir > int64(pos) || bytes.HasPrefix(b[int64(pos)-dir:], []byte("PK\x01\x02")) {
			return pos
		}
	}
	return -1
}
