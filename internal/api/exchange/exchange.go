// Package exchange brings cases in from other systems: files of letters and
// orders, as spreadsheets and as CSV.
//
//	exchange.go  Import: the rows of a file become cases
//	assets.go    ImportAssets: the rows of a file become city assets
//	positions.go ImportPositions: tracks of sweeping machines
//	columns.go   which heading means what, in Chinese and English
//	table.go     reading CSV (UTF-8 or GB 18030) and XLSX with limits
//	pages.go     the same for the import page: tried first, then taken in
//	reject.go    the copy of the file with what was wrong in each bad row
package exchange

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"sync"

	"weixiao/internal/access"
	"weixiao/internal/cases"
	"weixiao/internal/form"
	"weixiao/internal/store"
	"weixiao/internal/text"
	"weixiao/internal/vault"
)

// Result is what an import did.
type Result struct {
	Rows      int
	Added     int
	Known     int      // taken in by an earlier run
	Bad       int      // refused; they are in Rejects
	Ignored   []string // headings that mean nothing here
	Converted int      // points given in GCJ-02 or BD-09
	Rejects   string   // name of the copy with the bad rows, "" if there are none
}

// row is one line of the table on its way.
type row struct {
	line   int // in the file, the heading is 1
	cells  []string
	reason string
}

// parallel imports share commits.
const parallel = 48

// Import takes the rows of a CSV or XLSX file into the district. Each row is done
// wholly or not at all; a row that was taken in before is left alone, so an
// import that was interrupted is simply run again. Rows that cannot be taken in
// are written to a copy of the file (name-rejected.csv or .xlsx) with the reason.
func Import(ctx context.Context, c *cases.Cases, sc access.Scope, name string) (Result, error) {
	t, err := readTable(name)
	if err != nil {
		return Result{}, err
	}
	cols, ignored, err := mapColumns(t.Head)
	if err != nil {
		return Result{}, err
	}
	out, bad, err := takeAll(ctx, c, sc, cols, t)
	out.Ignored, out.Bad = ignored, len(bad)
	if err == nil && len(bad) > 0 {
		out.Rejects, err = t.reject(name, bad)
	}
	return out, err
}

// takeAll takes the rows in, many at once, and returns those that could not be.
func takeAll(ctx context.Context, c *cases.Cases, sc access.Scope, cols columns, t *table) (Result, []row, error) {
	var (
		out  Result
		mu   sync.Mutex
		bad  []row
		work = make(chan row)
		wg   sync.WaitGroup
		stop error
	)
	for range parallel {
		wg.Go(func() {
			for r := range work {
				err := take(ctx, c, sc, cols, r)
				mu.Lock()
				switch {
				case err == nil:
					out.Added++
				case errors.Is(err, cases.ErrKnown):
					out.Known++
				case fatal(err):
					stop = err
				default:
					r.reason = advice(err)
					bad = append(bad, r)
				}
				mu.Unlock()
			}
		})
	}
	for r := range t.rows() {
		mu.Lock()
		failed := stop
		mu.Unlock()
		if failed != nil || ctx.Err() != nil {
			stop = errors.Join(failed, ctx.Err())
			break
		}
		out.Rows++
		work <- r
	}
	close(work)
	wg.Wait()
	if stop != nil {
		stop = fmt.Errorf("stopped at row %d, run it again to go on: %w", out.Rows+1, stop)
	}
	return out, bad, stop
}

// fatal errors are not the row's fault.
func fatal(err error) bool {
	return errors.Is(err, store.ErrDown) || errors.Is(err, store.ErrFull) || errors.Is(err, store.ErrClosed) || errors.Is(err, context.Canceled)
}

func take(ctx context.Context, c *cases.Cases, sc access.Scope, cols columns, r row) error {
	if r.reason != "" {
		return errors.New(r.reason)
	}
	rep, err := cols.report(r)
	if err != nil {
		return err
	}
	for {
		_, err := c.Report(ctx, sc, rep)
		// A full queue is only a matter of waiting for the writes before.
		if errors.Is(err, store.ErrBusy) {
			if err := c.Settle(ctx); err != nil {
				return err
			}
			continue
		}
		return err
	}
}

// report makes a case of a row.
func (cols columns) report(r row) (cases.Report, error) {
	get := func(f field) string {
		i, ok := cols[f]
		if !ok || i >= len(r.cells) {
			return ""
		}
		return strings.TrimSpace(r.cells[i])
	}
	rep := cases.Report{Channel: "import", Body: get(fText), Title: clip(get(fTitle), cases.MaxTitle), Source: "import",
		Place:  cases.Place{Text: clip(join("，", get(fArea), get(fPlace)), cases.MaxPlace)},
		Person: vault.Person{Name: get(fName), Phone: get(fPhone), Address: get(fAddress)}}
	if rep.Body == "" {
		return rep, &cases.FieldError{Field: "description", Err: errEmpty}
	}
	kind, ok := kinds[get(fKind)]
	if !ok && get(fKind) != "" {
		return rep, &cases.FieldError{Field: "kind", Err: fmt.Errorf("%q is none of 咨询 求助 投诉 举报 建议", get(fKind))}
	}
	rep.Kind = kind
	if said := get(fTime); said != "" {
		t, err := parseTime(said)
		if err != nil {
			return rep, &cases.FieldError{Field: "time", Err: fmt.Errorf("%q is no date; write 2022-11-23 15:04", said)}
		}
		rep.Answers = map[string][]string{"said_at": {t}}
	}
	for f, name := range map[field]string{fChannel: "came_by", fCategory: "category"} {
		if v := get(f); v != "" {
			if rep.Answers == nil {
				rep.Answers = map[string][]string{}
			}
			rep.Answers[name] = []string{v}
		}
	}
	sum := sha256.Sum256([]byte(rep.Title + "\x00" + rep.Body))
	rep.Ref = clip(get(fID), 60) + "#" + hex.EncodeToString(sum[:6])
	return rep, nil
}

var errEmpty = errors.New("the words of the request are missing")

func clip(s string, n int) string {
	r := []rune(s)
	if len(r) > n {
		return string(r[:n])
	}
	return s
}

func join(sep string, parts ...string) string {
	var out []string
	for _, p := range parts {
		if p != "" && (len(out) == 0 || out[len(out)-1] != p) {
			out = append(out, p)
		}
	}
	return strings.Join(out, sep)
}

// advice is what the person who made the file reads beside a bad row.
func advice(err error) string {
	if in, ok := errors.AsType[*text.InputError](err); ok {
		switch {
		case errors.Is(in, text.ErrTooLong):
			return "文字太长，请分成几件 / too long, split it: " + in.Error()
		case errors.Is(in, text.ErrControl):
			return "含有控制字符，请删掉 / holds control characters, remove them"
		case errors.Is(in, text.ErrUTF8):
			return "编码不对，请另存为 UTF-8 / wrong encoding, save as UTF-8"
		case errors.Is(in, text.ErrEmpty):
			return "没有诉求内容 / the words of the request are missing"
		}
	}
	if f, ok := errors.AsType[form.Faults](err); ok {
		return f.Error()
	}
	if fe, ok := errors.AsType[*cases.FieldError](err); ok {
		if errors.Is(fe, errEmpty) {
			return "没有诉求内容 / the words of the request are missing"
		}
		return fe.Field + ": " + fe.Err.Error()
	}
	return err.Error()
}
