package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"weixiao/internal/app"
	"weixiao/internal/pack"
	"weixiao/internal/rounds/formalism"
	"weixiao/internal/words"
)

// runDoctor looks whether the program and a pack ask anything of staff that the national rule against formalism bars. It
// fails when something is forbidden, or comes near to it and nobody said why it stays.
func runDoctor(ctx context.Context, args []string, out io.Writer) error {
	if len(args) == 0 || args[0] != "formalism" {
		fmt.Fprintln(os.Stderr, "usage: weixiao doctor formalism [--pack DIR] [--database DSN] [--lang en] [--brief]")
		return errUsage
	}
	fset, cfg := flags("doctor formalism")
	lang := fset.String("lang", string(words.ZH), "language of the list: zh-CN, en")
	brief := fset.Bool("brief", false, "without what is fine")
	c, err := parse(fset, cfg, args[1:])
	if err != nil {
		return err
	}
	var list []formalism.Entry
	given := false
	fset.Visit(func(f *flag.Flag) { given = given || f.Name == "database" })
	if given || os.Getenv("WEIXIAO_DATABASE") != "" {
		// With the questions and the exceptions in force.
		a, err := app.Open(ctx, c, app.Options{})
		if err != nil {
			return err
		}
		list, err = a.Guard.Look(ctx)
		if err = errors.Join(err, a.Close()); err != nil {
			return err
		}
	} else {
		fsys := pack.Jiangyuan()
		if dir := c.Get("pack"); dir != "" {
			fsys = os.DirFS(dir)
		}
		p, err := pack.Load(fsys)
		if err != nil {
			return err
		}
		list = formalism.Inspect(app.Asked(p), nil)
	}
	demands(out, words.Match("", *lang, ""), list, *brief)
	if len(formalism.Unsettled(list)) > 0 {
		return errFailed
	}
	return nil
}

// demands prints the list, the gravest first, and how many there are of each verdict.
func demands(out io.Writer, lang words.Lang, list []formalism.Entry, brief bool) {
	text := func(t pack.Text) string {
		if lang == words.EN {
			return t.EN
		}
		return t.ZH
	}
	rows := [][]string{{words.T(lang, "desk.formalism.verdict"), words.T(lang, "desk.formalism.rule"), words.T(lang, "desk.formalism.demand"), words.T(lang, "desk.formalism.thing"), "ID", ""}}
	var sums []string
	for _, v := range formalism.Verdicts() {
		n := 0
		for _, e := range list {
			if e.Verdict != v {
				continue
			}
			n++
			if brief && v == formalism.Fine {
				continue
			}
			row := []string{words.T(lang, "formalism.verdict."+string(v)), "", "", text(e.Name), e.ID, words.T(lang, "formalism.why."+e.Why, text(e.Note))}
			if e.Rule != "" {
				row[1] = words.T(lang, "formalism.rule."+e.Rule)
			}
			if e.Demand != "" {
				row[2] = words.T(lang, "formalism.demand."+e.Demand)
			}
			if said := text(e.Said); said != "" {
				row[5] = words.T(lang, "desk.formalism.said", said)
			}
			rows = append(rows, row)
		}
		sums = append(sums, fmt.Sprintf("%s %d", words.T(lang, "formalism.verdict."+string(v)), n))
	}
	inColumns(out, rows)
	fmt.Fprintln(out, strings.Join(sums, words.T(lang, "word.list.comma")))
	if n := len(formalism.Unsettled(list)); n > 0 {
		fmt.Fprintln(out, words.T(lang, "desk.formalism.open", n))
		return
	}
	fmt.Fprintln(out, words.T(lang, "desk.formalism.clean"))
}

// inColumns prints columns that stand below each other in a terminal, where a Chinese character is two wide.
func inColumns(out io.Writer, rows [][]string) {
	wide := make([]int, len(rows[0]))
	for _, r := range rows {
		for i, s := range r {
			wide[i] = max(wide[i], columnsOf(s))
		}
	}
	for _, r := range rows {
		var b strings.Builder
		for i, s := range r {
			b.WriteString(s)
			if i < len(r)-1 {
				b.WriteString(strings.Repeat(" ", wide[i]-columnsOf(s)+2))
			}
		}
		fmt.Fprintln(out, strings.TrimRight(b.String(), " "))
	}
}

func columnsOf(s string) int {
	n := utf8.RuneCountInString(s)
	for _, r := range s {
		if r >= 0x1100 {
			n++
		}
	}
	return n
}
