// Package words holds every word people see, in Chinese and in English, and the
// formatters for moments, durations, amounts and deadlines.
//
//	words.go     Lang, T, First, Has: messages by key
//	match.go     Match: which language a request wants
//	format.go    Moment, Day, Duration, Count, Percent, Distance, Bytes
//	deadline.go  Deadline: level, text and exact moment of a deadline chip
//	zh-CN/*.yaml, en/*.yaml   the messages, one file per subject, all loaded together
//
// # Adding messages
//
// Take the file of your subject (portal.yaml, desk.yaml, case.yaml, ...) or make
// a new one of the same name in both folders; nothing has to be registered. Keys
// are flat, lower case, dotted: "portal.report.title". A key may be in one file
// only. The generic families other packages look up by name are
//
//	field.<name>        label of a form field      form.<form>.<name>      its override
//	hint.<name>         hint under the label       option.<value>          label of a choice
//	fault.<code>        what to do about a fault   form.<form>.<name>.<value>  its override
//	action.<name>       label of a flow action     state.<name>            name of a state
//	role.<name>         name of a role             channel.<name>          where a case came from
//
// Placeholders are positional, {0} {1}, or named, {count}, filled from an Args:
//
//	portal.photos: "{0} 张照片"                 T(lang, "portal.photos", 2)
//	portal.photos: "{0} {0|photo|photos}"      the English file: singular and plural
//	case.by: "{unit} {person}"                 T(lang, "case.by", words.Args{"unit": u, "person": p})
//
// A key that does not exist is shown as it is, and panics under go test, so that
// no test can pass over it. Look up keys that may be absent with Has or First.
package words

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"sync"
	"testing"

	"gopkg.in/yaml.v3"
)

// Lang is a language people read, written as in the lang attribute of HTML.
type Lang string

// The two languages. ZH is the source, EN the translation.
const (
	ZH Lang = "zh-CN"
	EN Lang = "en"
)

// Langs lists all languages, the source first.
func Langs() []Lang { return []Lang{ZH, EN} }

// Other is the language the switch in the header leads to.
func (l Lang) Other() Lang {
	if l == EN {
		return ZH
	}
	return EN
}

// Args fills named placeholders.
type Args map[string]any

//go:embed zh-CN/*.yaml en/*.yaml
var files embed.FS

// catalogue is one language: key to parsed message.
type catalogue map[string]message

// books holds both languages; the embedded files are read at the first use. What
// cannot be read is left out: TestCatalogues fails, so it cannot be shipped.
var books = sync.OnceValue(func() map[Lang]catalogue {
	out := map[Lang]catalogue{}
	for _, l := range Langs() {
		out[l], _ = read(files, string(l))
	}
	return out
})

// read gathers the messages of a folder, and everything that is wrong with them.
func read(fsys fs.FS, dir string) (catalogue, error) {
	names, err := fs.Glob(fsys, dir+"/*.yaml")
	if err != nil {
		return nil, err
	}
	out, home := catalogue{}, map[string]string{}
	var bad []error
	for _, name := range names {
		raw, err := fs.ReadFile(fsys, name)
		if err != nil {
			bad = append(bad, err)
			continue
		}
		flat := map[string]string{}
		if err := yaml.Unmarshal(raw, &flat); err != nil {
			bad = append(bad, fmt.Errorf("words: %s: %w", name, err))
			continue
		}
		for key, text := range flat {
			if other, twice := home[key]; twice {
				bad = append(bad, fmt.Errorf("words: %s: key %q is already in %s", name, key, other))
				continue
			}
			m, err := parse(text)
			if err != nil {
				bad = append(bad, fmt.Errorf("words: %s: %s: %w", name, key, err))
				continue
			}
			out[key], home[key] = m, name
		}
	}
	return out, errors.Join(bad...)
}

func (l Lang) book() catalogue {
	if b, ok := books()[l]; ok {
		return b
	}
	return books()[ZH]
}

// Has reports whether the key exists.
func Has(key string) bool {
	_, ok := books()[ZH][key]
	return ok
}

// T is the message of that key with its placeholders filled: in order from args,
// or by name when the only argument is an Args.
func T(lang Lang, key string, args ...any) string {
	m, ok := lang.book()[key]
	if !ok {
		if testing.Testing() {
			panic(fmt.Sprintf("words: no message %q in %s; add it to internal/words/%s/<subject>.yaml and the other language", key, lang, lang))
		}
		return key
	}
	return m.fill(args)
}

// Under are the messages of a language whose keys begin with a prefix, by the rest of
// their keys, with positional placeholders left as they are: for scripts, which fill
// them in themselves.
func Under(lang Lang, prefix string) map[string]string {
	out := map[string]string{}
	for key, m := range lang.book() {
		if rest, ok := strings.CutPrefix(key, prefix); ok {
			var b strings.Builder
			for _, p := range m {
				switch {
				case p.name == "":
					b.WriteString(p.text)
				case p.words:
					b.WriteString("{" + p.name + "|" + p.one + "|" + p.few + "}")
				default:
					b.WriteString("{" + p.name + "}")
				}
			}
			out[rest] = b.String()
		}
	}
	return out
}

// First is the message of the first key that exists, without placeholders; when
// none does, it behaves like T with the last one.
func First(lang Lang, keys ...string) string {
	for _, k := range keys {
		if Has(k) {
			return T(lang, k)
		}
	}
	return T(lang, keys[len(keys)-1])
}

// message is a text cut at its placeholders.
type message []piece

// piece is literal text, or a placeholder with an optional singular and plural.
type piece struct {
	text     string
	name     string // "" for literal text
	one, few string // {0|photo|photos}
	words    bool
}

func parse(s string) (message, error) {
	var out message
	for s != "" {
		i := strings.IndexByte(s, '{')
		if i < 0 {
			return append(out, piece{text: s}), nil
		}
		if i > 0 {
			out = append(out, piece{text: s[:i]})
		}
		j := strings.IndexByte(s[i:], '}')
		if j < 0 {
			return nil, fmt.Errorf("{ without } in %q", s)
		}
		parts := strings.Split(s[i+1:i+j], "|")
		p := piece{name: parts[0]}
		switch {
		case p.name == "" || strings.ContainsAny(p.name, " :,"):
			return nil, fmt.Errorf("bad placeholder in %q", s)
		case len(parts) == 3:
			p.one, p.few, p.words = parts[1], parts[2], true
		case len(parts) != 1:
			return nil, fmt.Errorf("placeholder %q needs a singular and a plural", p.name)
		}
		out = append(out, p)
		s = s[i+j+1:]
	}
	return out, nil
}

func (m message) fill(args []any) string {
	if len(m) == 1 && m[0].name == "" {
		return m[0].text
	}
	var named Args
	if len(args) == 1 {
		named, _ = args[0].(Args)
	}
	var b strings.Builder
	for _, p := range m {
		if p.name == "" {
			b.WriteString(p.text)
			continue
		}
		v, ok := named[p.name]
		if n, err := strconv.Atoi(p.name); err == nil && named == nil && n < len(args) {
			v, ok = args[n], true
		}
		switch {
		case !ok:
			if testing.Testing() {
				panic(fmt.Sprintf("words: no value for {%s}", p.name))
			}
			b.WriteString("{" + p.name + "}")
		case p.words && fmt.Sprint(v) == "1":
			b.WriteString(p.one)
		case p.words:
			b.WriteString(p.few)
		default:
			fmt.Fprint(&b, v)
		}
	}
	return b.String()
}
