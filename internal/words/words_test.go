package words

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"unicode"
)

// otherLanguage are the only messages that may show the other language's script:
// the switch to it.
var otherLanguage = []string{"shell.other.lang", "shell.other.lang.name"}

func (m message) names() []string {
	var out []string
	for _, p := range m {
		if p.name != "" && !slices.Contains(out, p.name) {
			out = append(out, p.name)
		}
	}
	slices.Sort(out)
	return out
}

func TestCatalogues(t *testing.T) {
	for _, l := range Langs() {
		if _, err := read(files, string(l)); err != nil {
			t.Error(err)
		}
	}
	zh, en := books()[ZH], books()[EN]
	for key, m := range zh {
		e, ok := en[key]
		if !ok {
			t.Errorf("%s: missing in English", key)
			continue
		}
		if a, b := m.names(), e.names(); !slices.Equal(a, b) {
			t.Errorf("%s: placeholders %v in Chinese, %v in English", key, a, b)
		}
	}
	for key, m := range en {
		if _, ok := zh[key]; !ok {
			t.Errorf("%s: missing in Chinese", key)
		}
		for _, p := range m {
			text := p.text + p.one + p.few
			if strings.ContainsFunc(text, isHan) && !slices.Contains(otherLanguage, key) {
				t.Errorf("%s: Chinese in the English text %q", key, text)
			}
		}
	}
	shape := regexp.MustCompile(`^[a-z0-9_]+(\.[a-z0-9_-]+)+$`)
	for key := range zh {
		if !shape.MatchString(key) {
			t.Errorf("%q is not a lower case dotted key", key)
		}
	}
}

func isHan(r rune) bool {
	return unicode.Is(unicode.Han, r) || (r >= 0x3000 && r <= 0x303f) || (r >= 0xff01 && r <= 0xff60)
}

// TestChineseTypography keeps design/README "Chinese typography" where a program
// can: full-width punctuation between Chinese, a space between Chinese and Latin.
func TestChineseTypography(t *testing.T) {
	half := regexp.MustCompile(`\p{Han}[,:;!?()]|[,:;!?(]\p{Han}`)
	tight := regexp.MustCompile(`\p{Han}[A-Za-z]|[A-Za-z]\p{Han}`)
	for key, m := range books()[ZH] {
		for _, p := range m {
			if half.MatchString(p.text) {
				t.Errorf("%s: half-width punctuation beside Chinese: %q", key, p.text)
			}
			if tight.MatchString(p.text) {
				t.Errorf("%s: no space between Chinese and Latin: %q", key, p.text)
			}
		}
	}
}

// TestEveryKeyUsedExists reads the sources of the module: a literal key handed to
// T or First must be in the catalogues. Keys put together at run time (families
// such as "field."+name) are checked by the packages that own the names.
func TestEveryKeyUsedExists(t *testing.T) {
	call := regexp.MustCompile(`\bT\((?:[^"()\n]*,\s*)?"([a-z0-9_.-]+)"\s*[,)]`)
	comment := regexp.MustCompile(`(?m)^\s*//.*$`)
	checked := 0
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if strings.HasSuffix(path, "_templ.go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		if ext := filepath.Ext(path); ext != ".go" && ext != ".templ" {
			return nil
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, m := range call.FindAllStringSubmatch(comment.ReplaceAllString(string(raw), ""), -1) {
			checked++
			if !Has(m[1]) {
				t.Errorf("%s uses %q, which is in no catalogue", path, m[1])
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if checked == 0 {
		t.Error("no use of a message was found; the pattern is wrong")
	}
}

func TestT(t *testing.T) {
	for _, c := range []struct {
		lang Lang
		key  string
		args []any
		want string
	}{
		{ZH, "button.next", nil, "下一步"},
		{EN, "button.next", nil, "Next"},
		{"fr", "button.next", nil, "下一步"},
		{ZH, "word.photos", []any{2}, "照片 2 张"},
		{EN, "word.photos", []any{1}, "1 photo"},
		{EN, "word.photos", []any{int64(0)}, "0 photos"},
		{EN, "word.photos", []any{"1.2k"}, "1.2k photos"},
		{ZH, "fault.long", []any{Args{"label": "内容", "of": 500, "over": 3}}, "内容：最多 500 字，现在多了 3 字"},
		{EN, "fault.phone.short", []any{Args{"n": 1}}, "Enter an 11-digit mobile number; 1 digit is missing"},
	} {
		if got := T(c.lang, c.key, c.args...); got != c.want {
			t.Errorf("T(%s, %s) = %q, want %q", c.lang, c.key, got, c.want)
		}
	}
}

func TestMissing(t *testing.T) {
	for name, f := range map[string]func(){
		"key":      func() { T(ZH, "no.such.key") },
		"value":    func() { T(ZH, "word.photos") },
		"name":     func() { T(ZH, "fault.long", Args{"label": "内容"}) },
		"last":     func() { First(ZH, "no.such.key", "nor.this") },
		"nothing":  func() { T(ZH, "") },
		"position": func() { T(ZH, "span.hourminute", 1) },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("a missing message or value went unnoticed")
				}
			}()
			f()
		})
	}
	if got := First(ZH, "no.such.key", "button.next"); got != "下一步" {
		t.Errorf("First = %q", got)
	}
}

func TestReadRefuses(t *testing.T) {
	for name, files := range map[string]fstest.MapFS{
		"twice in one file":  {"zh-CN/a.yaml": {Data: []byte("a.b: x\na.b: y\n")}},
		"twice in two files": {"zh-CN/a.yaml": {Data: []byte("a.b: x\n")}, "zh-CN/b.yaml": {Data: []byte("a.b: y\n")}},
		"nested":             {"zh-CN/a.yaml": {Data: []byte("a:\n  b: x\n")}},
		"open brace":         {"zh-CN/a.yaml": {Data: []byte("a.b: \"x {0\"\n")}},
		"empty placeholder":  {"zh-CN/a.yaml": {Data: []byte("a.b: \"x {}\"\n")}},
		"half plural":        {"zh-CN/a.yaml": {Data: []byte("a.b: \"{0|x}\"\n")}},
	} {
		if _, err := read(files, "zh-CN"); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestMatch(t *testing.T) {
	for _, c := range []struct {
		header, cookie, query string
		want                  Lang
	}{
		{"", "", "", ZH},
		{"en-US,en;q=0.9", "", "", EN},
		{"en-US,en;q=0.9", "zh-CN", "", ZH},
		{"zh-CN,zh;q=0.9,en;q=0.8", "", "", ZH},
		{"zh;q=0.2, en;q=0.8", "", "", EN},
		{"fr,de;q=0.5", "", "", ZH},
		{"fr, EN-gb;q=0.1", "", "", EN},
		{"zh-CN", "en", "zh", ZH},
		{"zh-CN", "zh", "en", EN},
		{"zh-CN", "", "<script>", ZH},
		{"en;q=oops, zh;q=0.1", "", "", ZH},
		{"en;q=0", "", "", ZH},
	} {
		if got := Match(c.header, c.cookie, c.query); got != c.want {
			t.Errorf("Match(%q, %q, %q) = %s, want %s", c.header, c.cookie, c.query, got, c.want)
		}
	}
}

func FuzzMatch(f *testing.F) {
	f.Add("en-US,en;q=0.9", "zh", "")
	f.Add(";;;q=,,en;q=2", "", "")
	f.Fuzz(func(t *testing.T, header, cookie, query string) {
		if l := Match(header, cookie, query); l != ZH && l != EN {
			t.Errorf("Match gave %q", l)
		}
	})
}
