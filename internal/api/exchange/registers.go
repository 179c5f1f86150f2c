package exchange

import (
	"context"
	"errors"
	"fmt"

	"weixiao/internal/access"
	"weixiao/internal/directory/posts"
	"weixiao/internal/directory/registers"
	"weixiao/internal/files/sheet"
)

// ImportRegister takes a CSV or XLSX file of buildings, terms, shifts or firms in, all of it
// or nothing. Bad rows are written to a copy of the file (name-rejected.csv or .xlsx)
// with the reason. Rows that stand there already just so are left alone.
func ImportRegister(ctx context.Context, r registers.Registers, sc access.Scope, what, name string) (Result, error) {
	t, err := sheet.Open(name)
	if err != nil {
		return Result{}, err
	}
	rep, err := r.Load(ctx, sc, what, t, true)
	if x, ok := errors.AsType[*posts.Refusal](err); ok {
		return Result{}, fmt.Errorf("%s / %s", x.ZH, x.EN)
	}
	if err != nil {
		return Result{}, err
	}
	out := Result{Rows: rep.Rows, Bad: len(rep.Bad), Known: rep.Known, Ignored: rep.Ignored}
	if rep.Done {
		out.Added = rep.Added
	}
	if len(rep.Bad) == 0 {
		return out, nil
	}
	var bad []row
	for _, b := range rep.Bad {
		bad = append(bad, row{line: b.Row, reason: b.ZH + " / " + b.EN})
	}
	out.Rejects, err = (&table{t}).reject(name, bad)
	return out, err
}
