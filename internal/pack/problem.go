package pack

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"weixiao/internal/directory"
)

// Problem is one thing wrong with a pack, in words for the clerk who keeps it.
type Problem struct {
	File string
	Line int    // 1 for the first line; 0 if the whole file is meant
	ZH   string // what is wrong and what to do
	EN   string
}

// String is one line as editors and terminals like it: file:line: words.
func (p Problem) String() string { return p.at() + p.ZH + " / " + p.EN }

func (p Problem) at() string {
	switch {
	case p.File == "":
		return ""
	case p.Line == 0:
		return p.File + ": "
	}
	return fmt.Sprintf("%s:%d: ", p.File, p.Line)
}

// Problems is the error of Load.
type Problems []Problem

func (p Problems) Error() string {
	first := "pack: " + p[0].at() + p[0].EN
	if len(p) == 1 {
		return first
	}
	return fmt.Sprintf("%s (and %d more)", first, len(p)-1)
}

func (p Problems) sort() {
	slices.SortStableFunc(p, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.EN, b.EN))
	})
}

func (r *reader) add(file string, line int, zh, en string) {
	r.problems = append(r.problems, Problem{file, line, zh, en})
}

// spot is where a list's row came from.
type spot struct {
	file string
	line int
}

// faults turns the faults of directory.New and catalogue.New into problems with
// the lines their rows came from.
func (r *reader) faults(err error, from map[string][]spot) {
	var faults directory.Faults
	if !errors.As(err, &faults) {
		r.add("", 0, err.Error(), err.Error())
		return
	}
	for _, f := range faults {
		at := spot{file: f.List + ".csv"}
		if rows := from[f.List]; f.Row < len(rows) {
			at = rows[f.Row]
		}
		zh, en := f.ZH, f.EN
		if f.ID != "" {
			zh, en = f.ID+"："+zh, f.ID+": "+en
		}
		r.add(at.file, at.line, zh, en)
	}
}
