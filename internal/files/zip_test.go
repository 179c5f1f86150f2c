package files

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

type entry struct {
	name string
	body []byte
}

func zipOf(t testing.TB, entries ...entry) []byte {
	t.Helper()
	var buf bytes.Buffer
	w := zip.NewWriter(&buf)
	for _, e := range entries {
		f, err := w.CreateHeader(&zip.FileHeader{Name: e.name, Method: zip.Deflate})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write(e.body); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// zipOfCopies packs a body once and writes it n times.
func zipOfCopies(t *testing.T, body []byte, n int) []byte {
	t.Helper()
	b := zipOf(t, entry{"once", body})
	once, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	var buf bytes.Buffer
	w := zip.NewWriter(&buf)
	for i := range n {
		r, err := once.File[0].OpenRaw()
		if err != nil {
			t.Fatal(err)
		}
		h := once.File[0].FileHeader
		h.Name = fmt.Sprintf("xl/worksheets/sheet%d.xml", i)
		f, err := w.CreateRaw(&h)
		if err == nil {
			_, err = io.Copy(f, r)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

var workbook = []entry{{"[Content_Types].xml", []byte("<Types/>")}, {"xl/workbook.xml", []byte("<workbook/>")}}

// realWorkbook is one that a real program wrote, with many equal rows.
func realWorkbook(t *testing.T) []byte {
	t.Helper()
	x := excelize.NewFile()
	defer x.Close()
	for i := range 5000 {
		if err := x.SetSheetRow("Sheet1", fmt.Sprintf("A%d", i+1), &[]any{"江源区", "路灯不亮", 1, i}); err != nil {
			t.Fatal(err)
		}
	}
	var buf bytes.Buffer
	if err := x.Write(&buf); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func TestCheckXLSX(t *testing.T) {
	many := append([]entry{}, workbook...)
	for i := range zipEntries {
		many = append(many, entry{fmt.Sprintf("e%d", i), nil})
	}
	noise := make([]byte, 3<<20) // packs about fifty-fold: below the ratio, above the sum
	source := rand.New(rand.NewPCG(1, 2))
	for i := range noise {
		if noise[i] = noise[max(0, i-1)]; i%150 == 0 {
			noise[i] = byte(source.Uint32())
		}
	}
	with := func(e ...entry) []byte { return zipOf(t, append(append([]entry{}, workbook...), e...)...) }
	good := with()
	cut := func(n int) []byte { return good[:len(good)-n] }
	edit := func(at int, v byte) []byte { // from the end when negative
		b := bytes.Clone(good)
		if at < 0 {
			at += len(b)
		}
		b[at] = v
		return b
	}
	encrypted := bytes.Clone(good)
	dir := bytes.Index(encrypted, []byte("PK\x01\x02"))
	encrypted[dir+8] |= 1
	// The sizes in the directory say less than the entry holds.
	lying := with(entry{"xl/big.xml", bytes.Repeat([]byte("0123456789abcdef"), 1<<14)})
	at := bytes.LastIndex(lying, []byte("PK\x01\x02"))
	binary.LittleEndian.PutUint32(lying[at+24:], 10)
	overlap := bytes.Clone(good)
	binary.LittleEndian.PutUint32(overlap[dir+20:], uint32(len(good)))
	second := bytes.LastIndex(overlap, []byte("PK\x01\x02"))
	binary.LittleEndian.PutUint32(overlap[second+20:], uint32(len(good)))

	for _, c := range []struct {
		name string
		b    []byte
		want error
	}{
		{"smallest", good, nil},
		{"real", realWorkbook(t), nil},
		{"with a folder entry", with(entry{"xl/", nil}), nil},
		{"a zip renamed", zipOf(t, entry{"photo.txt", []byte("x")}), ErrNotXLSX},
		{"a DOCX renamed", zipOf(t, entry{"[Content_Types].xml", nil}, entry{"word/document.xml", nil}), ErrNotXLSX},
		{"an empty zip", zipOf(t), ErrNotXLSX},
		{"old Excel or a password", append([]byte(oldOffice), make([]byte, 600)...), ErrOldOffice},
		{"text", []byte("编号,地址\n1,江源区"), ErrNotZip},
		{"nothing", nil, ErrNotZip},
		{"cut by one", cut(1), ErrNotZip},
		{"cut in the directory", cut(40), ErrNotZip},
		{"something behind", append(bytes.Clone(good), 'x'), ErrNotZip},
		{"something before", append([]byte("x"), good...), ErrNotZip},
		{"wrong number of entries", edit(-12, 7), ErrNotZip},
		{"damaged content", edit(60, good[60]^0xff), ErrNotZip},
		{"encrypted", encrypted, ErrNotZip},
		{"a lying size", lying, ErrNotZip},
		{"overlapping entries", overlap, ErrZipBomb},
		{"too many entries", zipOf(t, many...), ErrZipBomb},
		{"too much in all", zipOfCopies(t, noise, 70), errors.New("more than 209715200 bytes")},
		{"a bomb", with(entry{"xl/bomb.xml", make([]byte, 5<<20)}), ErrZipBomb},
		{"up", with(entry{"../evil.xml", nil}), ErrZipName},
		{"up from below", with(entry{"xl/../../evil.xml", nil}), ErrZipName},
		{"up inside", with(entry{"xl/../evil.xml", nil}), ErrZipName},
		{"absolute", with(entry{"/etc/passwd", nil}), ErrZipName},
		{"backslashes", with(entry{`xl\..\..\evil.xml`, nil}), ErrZipName},
		{"a drive", with(entry{`C:evil.xml`, nil}), ErrZipName},
		{"a zero byte", with(entry{"xl/a\x00b", nil}), ErrZipName},
		{"the same name twice", with(entry{"xl/workbook.xml", nil}), ErrZipName},
	} {
		err := CheckXLSX(bytes.NewReader(c.b), int64(len(c.b)))
		if !errors.Is(err, c.want) && !(errors.Is(err, ErrZipBomb) && strings.Contains(err.Error(), c.want.Error())) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
	if err := CheckZip(bytes.NewReader(zipOf(t, entry{"a", nil})), int64(len(zipOf(t, entry{"a", nil})))); err != nil {
		t.Errorf("any zip: %v", err)
	}
}

func FuzzCheckXLSX(f *testing.F) {
	f.Add(zipOf(f, workbook...))
	f.Add(zipOf(f, entry{"../a", []byte("x")}))
	f.Fuzz(func(t *testing.T, b []byte) {
		if CheckXLSX(bytes.NewReader(b), int64(len(b))) != nil {
			return
		}
		// What passes can be opened by the program that will read it.
		z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
		if err != nil || len(z.File) > zipEntries {
			t.Fatalf("%v", err)
		}
	})
}

func TestDocuments(t *testing.T) {
	s := open(t, Limits{})
	docx := zipOf(t, entry{"[Content_Types].xml", nil}, entry{"word/document.xml", []byte("<w/>")})
	for _, c := range []struct {
		name, client string
		b            []byte
		media, safe  string
		want         error
	}{
		{"pdf", `C:\文件\通知.pdf`, []byte("%PDF-1.7\n...\n%%EOF\n"), "application/pdf", "通知.pdf", nil},
		{"docx", "a/b/报告.exe", docx, documentKinds[1].media, "报告.docx", nil},
		{"xlsx", "表.xls", zipOf(t, workbook...), documentKinds[2].media, "表.xlsx", nil},
		{"ofd", "公文.ofd", zipOf(t, entry{"OFD.xml", []byte("<OFD/>")}), "application/ofd", "公文.ofd", nil},
		{"cut pdf", "a.pdf", []byte("%PDF-1.7\n..."), "", "", ErrBroken},
		{"pdf and zip", "a.pdf", append([]byte("%PDF-1.7\n%%EOF\n"), zipOf(t, entry{"a", nil})...), "", "", ErrPolyglot},
		{"macros", "a.docx", zipOf(t, entry{"[Content_Types].xml", nil}, entry{"word/document.xml", nil}, entry{"word/vbaProject.bin", nil}), "", "", ErrNotDocument},
		{"a zip", "a.zip", zipOf(t, entry{"a.js", nil}), "", "", ErrNotDocument},
		{"html", "a.pdf", []byte("<html>"), "", "", ErrNotDocument},
		{"old word", "a.doc", append([]byte(oldOffice), 0, 0), "", "", ErrOldOffice},
		{"a photo", "a.jpg", jpegOf(t, quarters(8, 8), nil), "", "", ErrNotDocument},
		{"traversal", "a.docx", zipOf(t, entry{"[Content_Types].xml", nil}, entry{"word/document.xml", nil}, entry{"../x", nil}), "", "", ErrZipName},
		{"too big", "a.pdf", append([]byte("%PDF-1.7\n"), make([]byte, 12<<20)...), "", "", ErrTooBig},
	} {
		d, err := s.InspectDocument(bytes.NewReader(c.b), c.client)
		if !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
			continue
		}
		if err == nil && (d.Media != c.media || d.Name != c.safe || !bytes.Equal(d.Body, c.b)) {
			t.Errorf("%s: %q %q", c.name, d.Media, d.Name)
		}
	}
}

func TestSafeName(t *testing.T) {
	for in, want := range map[string]string{
		"../../etc/passwd":              "passwd.pdf",
		`C:\Windows\System32\cmd.exe`:   "cmd.pdf",
		"":                              "file.pdf",
		"....":                          "file.pdf",
		".htaccess":                     "htaccess.pdf",
		"a\r\nSet-Cookie: x.pdf":        "aSet-Cookie x.pdf",
		"图\u202efdp.exe":                "图fdp.pdf",
		"a\x00b\"<script>.pdf":          "abscript.pdf",
		strings.Repeat("长", 200) + ".x": strings.Repeat("长", 80) + ".pdf",
		"bad\xffutf8.pdf":               "badutf8.pdf",
	} {
		if got := SafeName(in, ".pdf"); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}
