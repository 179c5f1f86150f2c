// Package registers takes files of the organisation: buildings, terms of office, duty
// rosters, firms. Pages and the command line share it, so that a file means the same to both.
package registers

import (
	"context"
	"errors"

	"weixiao/internal/access"
	"weixiao/internal/directory/firms"
	"weixiao/internal/directory/posts"
	"weixiao/internal/files/sheet"
)

// Registers take files of the organisation: the same readers as the pages have.
type Registers struct {
	Posts *posts.Posts
	Firms *firms.Firms
}

// Kinds are the kinds of files.
func Kinds() []string { return []string{posts.FileBuildings, posts.FileTerms, posts.FileShifts, Firms} }

// Headings are the columns of a kind of file by their Chinese heading, and those that must be there.
func Headings(what string) (all, must []string) {
	if what == Firms {
		return firms.Headings()
	}
	return posts.Headings(what)
}

// Firms are a file of firms, contractors and volunteer teams; the other kinds are those
// of package posts.
const Firms = "firms"

// Load takes the rows of a table into the register of their kind, all of them or none;
// do false only tries. What the person who made the file did wrong is in the report, or
// a *posts.Refusal when it is about the whole file.
func (r Registers) Load(ctx context.Context, sc access.Scope, what string, t *sheet.Table, do bool) (posts.Report, error) {
	if what != Firms {
		return r.Posts.Load(ctx, sc, what, t, do)
	}
	x, err := r.Firms.Load(ctx, sc, t, do)
	if c, ok := errors.AsType[*firms.CodeError](err); ok {
		err = &posts.Refusal{Field: "file", ZH: c.ZH, EN: c.EN}
	}
	out := posts.Report{Rows: x.Rows, Added: x.Added, Known: x.Known, Ignored: x.Ignored, Done: x.Done}
	for _, b := range x.Bad {
		out.Bad = append(out.Bad, posts.RowError(b))
	}
	return out, err
}
