package files

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Document is an attachment that is not a photo. Its bytes stay as they are, so
// it is only ever handed out as a download.
type Document struct {
	Body  []byte
	Media string // by content
	Name  string // SafeName of the client's
}

// documentKinds are the archives we take, by the entry that makes them one. OFD
// is the national format of official documents (GB/T 33190).
var documentKinds = []struct{ entry, media, ext string }{
	{"OFD.xml", "application/ofd", ".ofd"},
	{"word/document.xml", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", ".docx"},
	{"xl/workbook.xml", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ".xlsx"},
	{"ppt/presentation.xml", "application/vnd.openxmlformats-officedocument.presentationml.presentation", ".pptx"},
}

// InspectDocument reads an attachment and tells what it is by its content. name is
// the client's; only a safe form of it is kept.
//
// Errors: ErrTooBig, ErrNotDocument, ErrOldOffice, ErrBroken, ErrPolyglot, those
// of CheckZip, or that of the reader.
func (s *Store) InspectDocument(r io.Reader, name string) (*Document, error) {
	b, err := s.read(r)
	if err != nil {
		return nil, err
	}
	switch {
	case bytes.HasPrefix(b, []byte("%PDF-")):
		if !bytes.Contains(b[max(0, len(b)-2048):], []byte("%%EOF")) {
			return nil, fmt.Errorf("%w: PDF without its end", ErrBroken)
		}
		if zipEnd(b) >= 0 {
			return nil, ErrPolyglot
		}
		return &Document{Body: b, Media: "application/pdf", Name: SafeName(name, ".pdf")}, nil
	case bytes.HasPrefix(b, []byte(oldOffice)):
		return nil, ErrOldOffice
	case !bytes.HasPrefix(b, []byte("PK\x03\x04")):
		return nil, ErrNotDocument
	}
	entries, err := checkZip(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		return nil, err
	}
	for e := range entries {
		if low := strings.ToLower(e); strings.HasSuffix(low, "vbaproject.bin") {
			return nil, fmt.Errorf("%w: with macros", ErrNotDocument)
		}
	}
	for _, k := range documentKinds {
		if entries[k.entry] && (entries["[Content_Types].xml"] || k.ext == ".ofd") {
			return &Document{Body: b, Media: k.media, Name: SafeName(name, k.ext)}, nil
		}
	}
	return nil, ErrNotDocument
}

const safeNameMax = 80 // characters, without the extension

// SafeName makes a client's file name fit to show and to save under: no path, no
// control, formatting or reserved characters, no leading dot, at most 80
// characters, and the extension that fits the content.
func SafeName(name, ext string) string {
	if i := strings.LastIndexAny(name, `/\`); i >= 0 {
		name = name[i+1:]
	}
	if i := strings.LastIndexByte(name, '.'); i > 0 {
		name = name[:i]
	}
	name = strings.Map(func(r rune) rune {
		switch {
		case r == utf8.RuneError, !unicode.IsPrint(r), strings.ContainsRune(`<>:"|?*%;$'&`+"`", r):
			return -1
		}
		return r
	}, name)
	name = strings.Trim(name, " .")
	if r := []rune(name); len(r) > safeNameMax {
		name = strings.TrimRight(string(r[:safeNameMax]), " .")
	}
	if name == "" {
		name = "file"
	}
	return name + ext
}
