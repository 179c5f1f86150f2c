package main

import (
	"compress/gzip"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"time"

	"weixiao/internal/insight"
)

const suggestUsage = `usage: weixiao suggest eval --train F --test F --label COLUMN [--text COLUMNS] [--features COLUMNS] [--precision P]

Learns from F (CSV, UTF-8, with a header; .gz too) which label a row gets, judges by the rows of the second file,
and prints one figure a line: name value.

  top1        share of all rows whose first choice is right
  top3        share of all rows whose label is among the first three choices
  accuracy    share right among the answered rows
  macro_f1    mean F1 of the first choices over the labels of the test file
  abstained   share of rows not answered: the first choice is less probable than the threshold that was found on
              rows held out of the training file, so that --precision (0.87) of the answers are right
  surest60    share right among the 60 % of rows with the most probable first choice
  rows_per_s  rows judged in a second, learning not counted

COLUMNS are names with commas between. Without --text and --features all columns serve but the label, identifiers,
outcomes (closed_at, status, on_time …) and columns that give the label away, such as the number of the unit; these
are left out with a warning even when they are asked for. What serves is said on standard error. A moment column (date
or time) orders the rows: what is near in time counts more. When nearly all rows of the test file are later than the
training file, the model learns to judge what comes later, each row by those before it; else by those around it. Rows without a label are left out. Of a training file with
more than 200,000 rows a sample of that size is used.
`

func runSuggest(ctx context.Context, args []string, out io.Writer) error {
	if len(args) == 0 || args[0] != "eval" {
		if len(args) > 0 && (args[0] == "-h" || args[0] == "--help" || args[0] == "help") {
			fmt.Fprint(out, suggestUsage)
			return nil
		}
		fmt.Fprint(os.Stderr, suggestUsage)
		return errUsage
	}
	e := suggestEval{out: out}
	fset := flag.NewFlagSet("weixiao suggest eval", flag.ContinueOnError)
	fset.Usage = func() { fmt.Fprint(fset.Output(), suggestUsage) }
	fset.StringVar(&e.train, "train", "", "")
	fset.StringVar(&e.test, "test", "", "")
	fset.StringVar(&e.label, "label", "", "")
	fset.Float64Var(&e.precision, "precision", 0.87, "")
	texts, features := fset.String("text", "", ""), fset.String("features", "", "")
	if err := fset.Parse(args[1:]); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return err
		}
		return errUsage
	}
	e.texts, e.features = names(*texts), names(*features)
	if fset.NArg() > 0 || e.train == "" || e.test == "" || e.label == "" || !(e.precision > 0 && e.precision <= 1) {
		fmt.Fprintln(os.Stderr, "weixiao suggest eval: --train, --test and --label are needed, --precision lies above 0 and at most at 1, and nothing else is read")
		return errUsage
	}
	return e.run(ctx)
}

func names(list string) []string {
	var out []string
	for n := range strings.SplitSeq(list, ",") {
		if n = strings.TrimSpace(n); n != "" {
			out = append(out, n)
		}
	}
	return out
}

type suggestEval struct {
	train, test, label string
	texts, features    []string
	precision          float64
	out                io.Writer
}

func (e *suggestEval) run(ctx context.Context) error {
	m, s, err := e.learn(ctx)
	if err != nil {
		return err
	}
	test, stop, err := openTable(e.test)
	if err != nil {
		return err
	}
	defer stop()
	if s, err = s.For(test.Columns(), e.test); err != nil {
		return err
	}
	scores, err := m.Evaluate(test, s, time.Now)
	if err != nil {
		return err
	}
	if scores.Unlabeled > 0 {
		fmt.Fprintf(os.Stderr, "%s: %d rows without a label are not counted\n", e.test, scores.Unlabeled)
	}
	if scores.Unknown > 0 {
		fmt.Fprintf(os.Stderr, "%s: %d rows have a label that the training file does not have; they count as wrong\n", e.test, scores.Unknown)
	}
	for _, f := range []struct {
		name  string
		value float64
	}{{"top1", scores.Top1}, {"top3", scores.Top3}, {"accuracy", scores.Accuracy}, {"macro_f1", scores.MacroF1}, {"abstained", scores.Abstained}, {"surest60", scores.Surest}} {
		fmt.Fprintf(e.out, "%s %.4f\n", f.name, f.value)
	}
	fmt.Fprintf(e.out, "rows_per_s %.0f\n", scores.PerSecond)
	return nil
}

// learn reads the training file, says what serves, and learns.
func (e *suggestEval) learn(ctx context.Context) (*insight.Model, *insight.Selection, error) {
	train, stop, err := openTable(e.train)
	if err != nil {
		return nil, nil, err
	}
	defer stop()
	rows, all, err := insight.ReadRows(train)
	if err != nil {
		return nil, nil, err
	}
	s, err := insight.Select(train.Columns(), rows, e.label, e.texts, e.features)
	if err != nil {
		return nil, nil, err
	}
	for _, l := range s.Left {
		fmt.Fprintf(os.Stderr, "left out: %s (%s)\n", l.Column, l.Why)
	}
	for _, f := range s.Fields {
		fmt.Fprintf(os.Stderr, "used: %s as %s\n", f.Name, f.Kind)
	}
	if all > len(rows) {
		fmt.Fprintf(os.Stderr, "%s: %d of %d rows, drawn evenly, are learned from\n", e.train, len(rows), all)
	}
	lessons := make([]insight.Row, len(rows))
	for i, r := range rows {
		lessons[i] = s.Row(r)
	}
	horizon, ahead, err := e.later(s, lessons)
	if err != nil {
		return nil, nil, err
	}
	if ahead {
		fmt.Fprintln(os.Stderr, "the test rows are later than the training rows: each row teaches by those before it")
	}
	m, err := insight.Train(ctx, s.Fields, lessons, insight.Options{Precision: e.precision, Workers: runtime.GOMAXPROCS(0), Ahead: ahead, Horizon: horizon})
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", e.train, err)
	}
	return m, s, nil
}

// later reports whether the test file comes after the training file in time. It
// looks at moments only, never at labels.
func (e *suggestEval) later(s *insight.Selection, lessons []insight.Row) (time.Duration, bool, error) {
	test, stop, err := openTable(e.test)
	if err != nil {
		return 0, false, err
	}
	defer stop()
	in, err := s.For(test.Columns(), e.test)
	if err != nil {
		return 0, false, err
	}
	return insight.Later(lessons, test, in)
}

func openTable(name string) (*insight.Reader, func() error, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, nil, err
	}
	var r io.Reader = f
	if strings.HasSuffix(name, ".gz") {
		if r, err = gzip.NewReader(f); err != nil {
			return nil, nil, errors.Join(fmt.Errorf("%s: %w", name, err), f.Close())
		}
	}
	t, err := insight.NewReader(name, r)
	if err != nil {
		return nil, nil, errors.Join(err, f.Close())
	}
	return t, f.Close, nil
}
