package web

import (
	"context"

	"weixiao/internal/access"
	"weixiao/internal/directory/posts"
	"weixiao/internal/files/sheet"
)

// Importer takes in one kind of file on the import page.
type Importer struct {
	Kind      string                     // desk.load.<Kind> is its name in words
	Roles     []string                   // who may
	May       func(sc access.Scope) bool // who of them; nil = all
	All, Must []string                   // headings: those with a meaning, those that must be there
	// Load takes the rows in, or only tries them; what is wrong with the whole file is a
	// *posts.Refusal, what is wrong with rows stands in the report.
	Load func(ctx context.Context, sc access.Scope, t *sheet.Table, do bool) (posts.Report, error)
}

// Open reports whether somebody may bring files of this kind.
func (x *Importer) Open(sc access.Scope) bool {
	return sc.Can(x.Roles...) && (x.May == nil || x.May(sc))
}
