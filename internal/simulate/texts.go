package simulate

import (
	"embed"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
)

//go:embed texts/*.txt
var files embed.FS

// template is a sentence with slots: words and slot names by turns, beginning
// with words.
type template struct {
	parts   []string
	village bool // has a slot that only villages fill
	town    bool // has a slot that only towns fill
}

func parse(line string) (template, error) {
	var t template
	for rest := line; ; {
		words, tail, ok := strings.Cut(rest, "{")
		t.parts = append(t.parts, words)
		if !ok {
			return t, nil
		}
		slot, after, ok := strings.Cut(tail, "}")
		if !ok || !slices.Contains(slotNames, slot) {
			return t, fmt.Errorf("no slot %q in %q", slot, line)
		}
		t.village = t.village || slot == "village" || slot == "group"
		t.town = t.town || slot == "estate" || slot == "road" || slot == "road2"
		t.parts, rest = append(t.parts, slot), after
	}
}

// section is a heading in brackets with its lines.
type section struct {
	head  string
	lines []string
}

func sections(file string) ([]section, error) {
	data, err := files.ReadFile("texts/" + file)
	if err != nil {
		return nil, err
	}
	var out []section
	for line := range strings.Lines(string(data)) {
		line = strings.TrimSpace(line)
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, "["):
			out = append(out, section{head: strings.Trim(line, "[]")})
		case len(out) == 0:
			return nil, fmt.Errorf("%s: %q stands before the first heading", file, line)
		default:
			out[len(out)-1].lines = append(out[len(out)-1].lines, line)
		}
	}
	return out, nil
}

// topic is what people say of one matter in one kind.
type topic struct {
	matter, kind, season string
	weight               float64
	templates            []template
	urban                bool // of a group that villages have nothing to do with
}

// library is everything that can be said.
type library struct {
	topics []topic
	words  map[string][]template // by heading, of replies.txt and words.txt
	themes []theme
}

// theme is one ground for a whistle.
type theme struct {
	kind, name string
	weight     float64
	matters    []string // cases it may grow out of; none = it stands alone
	units      []string
	issue      template
	tasks      map[string]template
}

func readLibrary() (*library, error) {
	l := &library{words: map[string][]template{}}
	requests, err := sections("requests.txt")
	if err != nil {
		return nil, err
	}
	for _, s := range requests {
		f := strings.Fields(s.head)
		if len(f) != 4 || seasons[f[3]] == nil {
			return nil, fmt.Errorf("requests.txt: heading %q", s.head)
		}
		w, err := strconv.ParseFloat(f[2], 64)
		if err != nil {
			return nil, fmt.Errorf("requests.txt: heading %q", s.head)
		}
		t := topic{matter: f[0], kind: f[1], season: f[3], weight: w}
		if t.templates, err = parseAll(s.lines); err != nil {
			return nil, err
		}
		l.topics = append(l.topics, t)
	}
	for _, file := range []string{"replies.txt", "words.txt"} {
		all, err := sections(file)
		if err != nil {
			return nil, err
		}
		for _, s := range all {
			if l.words[s.head], err = parseAll(s.lines); err != nil {
				return nil, err
			}
		}
	}
	return l, l.readThemes()
}

func parseAll(lines []string) ([]template, error) {
	out := make([]template, len(lines))
	for i, line := range lines {
		var err error
		if out[i], err = parse(line); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (l *library) readThemes() error {
	all, err := sections("whistles.txt")
	if err != nil {
		return err
	}
	for _, s := range all {
		head, rest, _ := strings.Cut(s.head, "|")
		matters, units, _ := strings.Cut(rest, "|")
		f := strings.Fields(head)
		if len(f) != 3 || len(s.lines) < 2 {
			return fmt.Errorf("whistles.txt: heading %q", s.head)
		}
		t := theme{kind: f[0], name: f[1], units: strings.Fields(units), tasks: map[string]template{}}
		if t.weight, err = strconv.ParseFloat(f[2], 64); err != nil {
			return fmt.Errorf("whistles.txt: heading %q", s.head)
		}
		if m := strings.Fields(matters); len(m) > 0 && m[0] != "-" {
			t.matters = m
		}
		if t.issue, err = parse(s.lines[0]); err != nil {
			return err
		}
		for _, line := range s.lines[1:] {
			unit, task, _ := strings.Cut(line, ": ")
			if t.tasks[unit], err = parse(task); err != nil {
				return err
			}
		}
		if !slices.Equal(slices.Sorted(maps.Keys(t.tasks)), slices.Sorted(slices.Values(t.units))) {
			return fmt.Errorf("whistles.txt: %s: every unit needs a task", t.name)
		}
		l.themes = append(l.themes, t)
	}
	return nil
}

// line draws a sentence under the first of the headings that has any and fits
// the place.
func (l *library) line(r *rand.Rand, village bool, heads ...string) (template, bool) {
	for _, h := range heads {
		if t, ok := fitting(r, l.words[h], village); ok {
			return t, true
		}
	}
	return template{}, false
}

// fitting draws one of the templates that can be said in a village, or in a town.
func fitting(r *rand.Rand, all []template, village bool) (template, bool) {
	n := 0
	for _, t := range all {
		if t.fits(village) {
			n++
		}
	}
	if n == 0 {
		return template{}, false
	}
	n = r.IntN(n)
	for _, t := range all {
		if t.fits(village) {
			if n == 0 {
				return t, true
			}
			n--
		}
	}
	return template{}, false
}

func (t template) fits(village bool) bool { return !(village && t.town) && !(!village && t.village) }
