package report

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

// DOCX writes the paper as a Word document. The same paper gives the same bytes.
func (p Paper) DOCX(w io.Writer) error {
	d := &docx{}
	switch p.Layout {
	case Minutes:
		p.minutes(d)
	case Plain:
		p.plain(d)
	default:
		p.letter(d)
	}
	return d.write(w, p.Title)
}

// docx gathers the paragraphs of a document.
type docx struct {
	b       bytes.Buffer
	numbers counter
}

// style is how a paragraph looks.
type style struct {
	font   string
	size   int // half-points
	color  string
	bold   bool
	align  string // "" both, left, center, right
	indent int    // characters at the beginning
	left   int    // characters from the left on every line
	right  int    // characters kept free at the right
	hang   int    // characters by which the following lines stand in
	before int    // lines before
	rule   string // "" none; bottom-red, top, bottom, double
	keep   bool   // stays with the paragraph after it
	exact  bool   // the line is as high as its letters
	tab    bool   // what follows a tab stands at the right edge
}

func text(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(clean(s))) // a Builder never fails
	return b.String()
}

// clean drops what XML cannot hold.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if r < 0x20 && r != '\t' || r == 0xfffe || r == 0xffff {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
}

var rules = map[string]string{
	"bottom-red": `<w:pBdr><w:bottom w:val="single" w:sz="24" w:space="1" w:color="FF0000"/></w:pBdr>`,
	"double":     `<w:pBdr><w:bottom w:val="thinThickSmallGap" w:sz="24" w:space="1" w:color="FF0000"/></w:pBdr>`,
	"top":        `<w:pBdr><w:top w:val="single" w:sz="8" w:space="1" w:color="auto"/></w:pBdr>`,
	"bottom":     `<w:pBdr><w:bottom w:val="single" w:sz="6" w:space="1" w:color="auto"/></w:pBdr>`,
}

// para adds a paragraph. The children of pPr stand in the order that the schema demands.
func (d *docx) para(st style, s string) {
	d.open(st)
	d.run(st, s)
	d.b.WriteString(`</w:p>`)
}

// pair adds a paragraph with something at the left and something at the right edge.
func (d *docx) pair(st style, left, right string) {
	st.tab, st.align = true, "left"
	d.open(st)
	d.run(st, left)
	d.b.WriteString(`<w:r><w:tab/></w:r>`)
	d.run(st, right)
	d.b.WriteString(`</w:p>`)
}

func (d *docx) open(st style) {
	d.b.WriteString(`<w:p><w:pPr>`)
	if st.keep {
		d.b.WriteString(`<w:keepNext/>`)
	}
	d.b.WriteString(rules[st.rule])
	if st.tab {
		fmt.Fprintf(&d.b, `<w:tabs><w:tab w:val="right" w:pos="%d"/></w:tabs>`, textW-st.right*textW/28)
	}
	if st.exact {
		fmt.Fprintf(&d.b, `<w:spacing w:before="%d" w:after="0" w:line="240" w:lineRule="auto"/>`, st.before*line)
	} else {
		fmt.Fprintf(&d.b, `<w:spacing w:before="%d" w:after="0" w:line="%d" w:lineRule="exact"/>`, st.before*line, line)
	}
	if st.indent+st.left+st.right+st.hang > 0 {
		d.b.WriteString(`<w:ind`)
		if st.left > 0 || st.hang > 0 {
			fmt.Fprintf(&d.b, ` w:leftChars="%d"`, (st.left+st.hang)*100)
		}
		if st.right > 0 {
			fmt.Fprintf(&d.b, ` w:rightChars="%d"`, st.right*100)
		}
		if st.hang > 0 {
			fmt.Fprintf(&d.b, ` w:hangingChars="%d"`, st.hang*100)
		} else if st.indent > 0 {
			fmt.Fprintf(&d.b, ` w:firstLineChars="%d"`, st.indent*100)
		}
		d.b.WriteString(`/>`)
	}
	align := st.align
	if align == "" {
		align = "both"
	}
	fmt.Fprintf(&d.b, `<w:jc w:val="%s"/></w:pPr>`, align)
}

func (d *docx) run(st style, s string) {
	if s == "" {
		return
	}
	d.b.WriteString(`<w:r><w:rPr>`)
	fmt.Fprintf(&d.b, `<w:rFonts w:ascii="%s" w:hAnsi="%s" w:eastAsia="%s"/>`, roman, roman, st.font)
	if st.bold {
		d.b.WriteString(`<w:b/>`)
	}
	if st.color != "" {
		fmt.Fprintf(&d.b, `<w:color w:val="%s"/>`, st.color)
	}
	fmt.Fprintf(&d.b, `<w:sz w:val="%d"/><w:szCs w:val="%d"/></w:rPr><w:t xml:space="preserve">%s</w:t></w:r>`, st.size, st.size, text(s))
}

var (
	bodyStyle  = style{font: imitated, size: size3, indent: indent}
	titleStyle = style{font: song, size: size2, align: "center", keep: true, exact: true}
	smallStyle = style{font: imitated, size: size4}
)

// heads are the fonts of headings: 黑体, 楷体, 仿宋, 仿宋 (§7.3.3).
var heads = [4]style{{font: black, size: size3, indent: indent, keep: true}, {font: regular, size: size3, indent: indent, keep: true}, {font: imitated, size: size3, indent: indent, bold: true, keep: true}, {font: imitated, size: size3, indent: indent, keep: true}}

func (d *docx) body(list []Block) {
	for _, b := range list {
		switch {
		case b.Table != nil:
			if b.Text != "" {
				d.para(style{font: black, size: size3, align: "center", keep: true}, b.Text)
			}
			d.table(b.Table)
		case b.Level > 0 && b.Level <= 4:
			d.para(heads[b.Level-1], d.numbers.next(b.Level)+b.Text)
		default:
			for _, l := range lines(b.Text) {
				d.para(bodyStyle, l)
			}
		}
	}
}

func (d *docx) table(rows [][]string) {
	cols := 0
	for _, r := range rows {
		cols = max(cols, len(r))
	}
	if cols == 0 {
		return
	}
	width := textW / cols
	fmt.Fprintf(&d.b, `<w:tbl><w:tblPr><w:tblW w:w="%d" w:type="dxa"/><w:jc w:val="center"/><w:tblBorders>`, width*cols)
	for _, side := range []string{"top", "left", "bottom", "right", "insideH", "insideV"} {
		fmt.Fprintf(&d.b, `<w:%s w:val="single" w:sz="4" w:space="0" w:color="auto"/>`, side)
	}
	d.b.WriteString(`</w:tblBorders><w:tblLayout w:type="fixed"/></w:tblPr><w:tblGrid>`)
	for range cols {
		fmt.Fprintf(&d.b, `<w:gridCol w:w="%d"/>`, width)
	}
	d.b.WriteString(`</w:tblGrid>`)
	for i, r := range rows {
		d.b.WriteString(`<w:tr><w:trPr><w:cantSplit/>`)
		if i == 0 {
			d.b.WriteString(`<w:tblHeader/>`)
		}
		d.b.WriteString(`</w:trPr>`)
		for c := range cols {
			fmt.Fprintf(&d.b, `<w:tc><w:tcPr><w:tcW w:w="%d" w:type="dxa"/><w:vAlign w:val="center"/></w:tcPr>`, width)
			st := style{font: imitated, size: size4, align: "left", exact: true}
			if i == 0 {
				st.font, st.align = black, "center"
			}
			s := ""
			if c < len(r) {
				s = r[c]
			}
			d.para(st, strings.ReplaceAll(s, "\n", " "))
			d.b.WriteString(`</w:tc>`)
		}
		d.b.WriteString(`</w:tr>`)
	}
	d.b.WriteString(`</w:tbl>`)
}

// head is the part above the red line: secrecy and urgency at the left, the organ in red, number and signer.
func (p Paper) head(d *docx) {
	for _, s := range []string{p.Secret, p.Urgent} {
		if s != "" {
			d.para(style{font: black, size: size3, align: "left"}, s)
		}
	}
	d.para(style{font: song, size: organSize(p.Organ), color: red, align: "center", before: 1, keep: true, exact: true}, p.Organ)
	st := style{font: imitated, size: size3, align: "center", before: 2, rule: "bottom-red", keep: true}
	if p.Signer != "" { // number at the left, signer at the right, each one character in
		st.left, st.right = 1, 1
		d.pair(st, p.Number, "签发人："+p.Signer)
		return
	}
	d.para(st, p.Number)
}

func (p Paper) letter(d *docx) {
	p.head(d)
	d.title(p.Title)
	p.rest(d)
}

// plain is the 信函式: the organ over a double red line, number at the right, no imprint.
func (p Paper) plain(d *docx) {
	d.para(style{font: song, size: organSize(p.Organ), color: red, align: "center", keep: true, exact: true, rule: "double"}, p.Organ)
	for _, s := range []string{p.Secret, p.Urgent} {
		if s != "" {
			d.para(style{font: black, size: size3, align: "left"}, s)
		}
	}
	if p.Number != "" {
		d.para(style{font: imitated, size: size3, align: "right"}, p.Number)
	}
	d.title(p.Title)
	p.Copy, p.Issued = "", ""
	p.rest(d)
}

func (d *docx) title(s string) {
	st := titleStyle
	st.before = 2
	for i, l := range lines(s) {
		if i > 0 {
			st.before = 0
		}
		d.para(st, l)
	}
}

// rest is everything from the addressee to the imprint.
func (p Paper) rest(d *docx) {
	if p.To != "" {
		d.para(style{font: imitated, size: size3, before: 1, align: "left"}, p.To+"：")
	}
	d.body(p.Body)
	p.annexes(d)
	if p.From != "" {
		d.para(style{font: imitated, size: size3, align: "right", right: 4, before: 2, keep: true}, p.From)
	}
	if !p.Date.IsZero() {
		d.para(style{font: imitated, size: size3, align: "right", right: 4}, day(p.Date))
	}
	if p.Note != "" {
		d.para(bodyStyle, "（"+p.Note+"）")
	}
	p.imprint(d)
}

func (p Paper) annexes(d *docx) {
	for i, a := range p.Annex {
		st := style{font: imitated, size: size3, align: "left", left: 2}
		switch {
		case len(p.Annex) == 1:
			d.para(with(st, func(s *style) { s.before = 1; s.hang = 3 }), "附件："+a)
		case i == 0:
			d.para(with(st, func(s *style) { s.before = 1; s.hang = 3 }), "附件：1."+a)
		default:
			d.para(with(st, func(s *style) { s.left = 5 }), strconv.Itoa(i+1)+"."+a)
		}
	}
}

func with(s style, change func(*style)) style { change(&s); return s }

// imprint is the 版记: copies and who had it printed, between lines.
func (p Paper) imprint(d *docx) {
	if p.Issued != "" {
		first := with(smallStyle, func(s *style) { s.rule = "top"; s.before = 2; s.left = 1; s.right = 1 })
		if p.Copy != "" {
			d.para(with(first, func(s *style) { s.hang = 3; s.align = "left" }), "抄送："+p.Copy+"。")
			first = with(first, func(s *style) { s.before = 0 })
		}
		d.pair(first, p.Issued, day(p.Date)+"印发")
	}
	if p.Remark != "" {
		d.para(style{font: imitated, size: 21, color: "808080", align: "center", before: 1}, p.Remark)
	}
}

// minutes are the 纪要: the red name, issue and date on one line, title, text, and who was there (§10.3).
func (p Paper) minutes(d *docx) {
	d.para(style{font: song, size: organSize(p.Organ), color: red, align: "center", before: 1, keep: true, exact: true}, p.Organ)
	d.para(style{font: imitated, size: size3, align: "center", before: 1, keep: true}, p.Number)
	d.pair(style{font: imitated, size: size3, left: 1, right: 1, rule: "bottom-red", keep: true}, p.From, day(p.Date))
	d.title(p.Title)
	d.body(p.Body)
	for _, x := range []struct {
		label string
		list  []string
	}{{"出席", p.Present}, {"请假", p.Excused}, {"列席", p.Guests}} {
		if len(x.list) == 0 {
			continue
		}
		d.open(style{indent: indent, before: 1})
		d.run(style{font: black, size: size3}, x.label+"：")
		d.run(style{font: imitated, size: size3}, strings.Join(x.list, "　"))
		d.b.WriteString(`</w:p>`)
	}
	p.imprint(d)
}

const (
	contentTypes = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/><Override PartName="/word/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.styles+xml"/><Override PartName="/word/settings.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.settings+xml"/><Override PartName="/word/footer1.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.footer+xml"/><Override PartName="/word/footer2.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.footer+xml"/><Override PartName="/docProps/core.xml" ContentType="application/vnd.openxmlformats-package.core-properties+xml"/></Types>`
	packageRels = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/><Relationship Id="rId2" Type="http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties" Target="docProps/core.xml"/></Relationships>`
	documentRels = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/><Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/settings" Target="settings.xml"/><Relationship Id="rId3" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/footer" Target="footer1.xml"/><Relationship Id="rId4" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/footer" Target="footer2.xml"/></Relationships>`
	namespaces = `xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"`
	xmlHead    = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"
	styles     = xmlHead + `<w:styles ` + namespaces + `><w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:ascii="` + roman + `" w:hAnsi="` + roman + `" w:eastAsia="` + imitated + `"/><w:sz w:val="32"/><w:szCs w:val="32"/><w:lang w:val="en-US" w:eastAsia="zh-CN"/></w:rPr></w:rPrDefault></w:docDefaults><w:style w:type="paragraph" w:default="1" w:styleId="a"><w:name w:val="Normal"/></w:style></w:styles>`
	settings   = xmlHead + `<w:settings ` + namespaces + `><w:evenAndOddHeaders/><w:characterSpacingControl w:val="compressPunctuation"/></w:settings>`
)

// pageNumber is the footer: — 1 —, one character from the outer edge, 4号 (§7.5).
func pageNumber(align, ind string) string {
	rpr := fmt.Sprintf(`<w:rPr><w:rFonts w:ascii="宋体" w:hAnsi="宋体" w:eastAsia="宋体"/><w:sz w:val="%d"/></w:rPr>`, size4)
	return xmlHead + `<w:ftr ` + namespaces + `><w:p><w:pPr><w:ind w:` + ind + `Chars="100"/><w:jc w:val="` + align + `"/></w:pPr><w:r>` + rpr + `<w:t xml:space="preserve">— </w:t></w:r><w:r>` + rpr + `<w:fldChar w:fldCharType="begin"/></w:r><w:r>` + rpr +
		`<w:instrText xml:space="preserve"> PAGE </w:instrText></w:r><w:r>` + rpr + `<w:fldChar w:fldCharType="end"/></w:r><w:r>` + rpr + `<w:t xml:space="preserve"> —</w:t></w:r></w:p></w:ftr>`
}

func (d *docx) write(w io.Writer, title string) error {
	doc := xmlHead + `<w:document ` + namespaces + `><w:body>` + d.b.String() +
		fmt.Sprintf(`<w:sectPr><w:footerReference w:type="default" r:id="rId3"/><w:footerReference w:type="even" r:id="rId4"/><w:pgSz w:w="%d" w:h="%d"/><w:pgMar w:top="%d" w:right="%d" w:bottom="%d" w:left="%d" w:header="851" w:footer="%d" w:gutter="0"/><w:docGrid w:type="linesAndChars" w:linePitch="%d" w:charSpace="%d"/></w:sectPr>`,
			pageW, pageH, marginTop, marginRight, marginBottom, marginLeft, footer, line, charSpace) + `</w:body></w:document>`
	core := xmlHead + `<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>` + text(title) + `</dc:title></cp:coreProperties>`
	z := zip.NewWriter(w)
	for _, f := range []struct{ name, body string }{
		{"[Content_Types].xml", contentTypes}, {"_rels/.rels", packageRels}, {"word/document.xml", doc}, {"word/_rels/document.xml.rels", documentRels}, {"word/styles.xml", styles},
		{"word/settings.xml", settings}, {"word/footer1.xml", pageNumber("right", "right")}, {"word/footer2.xml", pageNumber("left", "left")}, {"docProps/core.xml", core},
	} {
		part, err := z.CreateHeader(&zip.FileHeader{Name: f.name, Method: zip.Deflate, Modified: epoch})
		if err != nil {
			return fmt.Errorf("report: %w", err)
		}
		if _, err := io.WriteString(part, f.body); err != nil {
			return fmt.Errorf("report: %w", err)
		}
	}
	if err := z.Close(); err != nil {
		return fmt.Errorf("report: %w", err)
	}
	return nil
}

// epoch is the time of every part: the bytes depend on the paper alone.
var epoch = time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)
