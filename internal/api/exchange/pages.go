package exchange

import (
	"context"
	"slices"
	"strings"

	"weixiao/internal/access"
	"weixiao/internal/assets"
	"weixiao/internal/cases"
	"weixiao/internal/directory/posts"
	"weixiao/internal/files/sheet"
	"weixiao/internal/pack"
	"weixiao/internal/rounds/sanitation"
	"weixiao/internal/web"
)

// Files are the kinds of files that the import page takes besides those of the
// organisation: who may, what their columns are, and how they are taken in. A file with
// a bad row is not taken in at all.
func Files(c *cases.Cases, s *assets.Assets, p *pack.Pack, tracks *sanitation.Sanitation) []web.Importer {
	out := []web.Importer{
		{Kind: "assets", Roles: []string{access.Dispatcher}, All: named(assetHeadings), Must: []string{"标识码", "经度", "纬度"},
			Load: func(ctx context.Context, sc access.Scope, t *sheet.Table, do bool) (posts.Report, error) {
				return loadAssets(ctx, s, p, sc, &table{t}, do)
			}},
		{Kind: "cases", Roles: []string{access.Dispatcher}, All: named(headings), Must: []string{"内容"},
			Load: func(ctx context.Context, sc access.Scope, t *sheet.Table, do bool) (posts.Report, error) {
				return loadCases(ctx, c, sc, &table{t}, do)
			}},
	}
	if tracks != nil {
		out = append(out, positionFiles(tracks))
	}
	return out
}

// named are the first Chinese heading of every column, in their order.
func named[F ~int](all map[string]F) []string {
	first := map[F]string{}
	for h, f := range all {
		if have, ok := first[f]; h[0] >= 0x80 && (!ok || len(h) < len(have) || len(h) == len(have) && h < have) {
			first[f] = h
		}
	}
	var order []F
	for f := range first {
		order = append(order, f)
	}
	slices.Sort(order)
	out := make([]string, len(order))
	for i, f := range order {
		out[i] = first[f]
	}
	return out
}

func loadAssets(ctx context.Context, s *assets.Assets, p *pack.Pack, sc access.Scope, t *table, do bool) (posts.Report, error) {
	x, err := checkAssets(ctx, s, p, t)
	if err != nil && x.Rows == 0 {
		return posts.Report{}, refusal(err)
	}
	out := posts.Report{Rows: x.Rows, Added: len(x.fresh), Known: x.Known, Bad: rowErrors(x.bad), Ignored: x.Ignored}
	if err != nil || !do || len(x.bad) > 0 {
		return out, err
	}
	added, known, err := s.RegisterAll(ctx, sc, x.fresh)
	out.Added, out.Known, out.Done = added, out.Known+known, err == nil
	return out, err
}

// loadCases checks every row first. Which rows an earlier file brought already is known
// only when they are taken in.
func loadCases(ctx context.Context, c *cases.Cases, sc access.Scope, t *table, do bool) (posts.Report, error) {
	cols, ignored, err := mapColumns(t.Head)
	if err != nil {
		return posts.Report{}, refusal(err)
	}
	out := posts.Report{Ignored: ignored}
	var bad []row
	for r := range t.rows() {
		out.Rows++
		rep, err := cols.report(r)
		if err == nil {
			_, err = c.Prepare(rep)
		}
		if err != nil {
			r.reason = advice(err)
			bad = append(bad, r)
		}
	}
	out.Added, out.Bad = out.Rows-len(bad), rowErrors(bad)
	if !do || len(bad) > 0 {
		return out, nil
	}
	done, bad, err := takeAll(ctx, c, sc, cols, t)
	out.Added, out.Known, out.Bad, out.Done = done.Added, done.Known, rowErrors(bad), err == nil
	return out, err
}

// refusal is what is wrong with a whole file.
func refusal(err error) error {
	zh, en := both(err.Error())
	return &posts.Refusal{Field: "file", ZH: zh, EN: en}
}

func rowErrors(bad []row) (out []posts.RowError) {
	for _, r := range bad {
		zh, en := both(r.reason)
		out = append(out, posts.RowError{Row: r.line, ZH: zh, EN: en})
	}
	slices.SortStableFunc(out, func(a, b posts.RowError) int { return a.Row - b.Row })
	return out
}

// both parts a reason into its languages; one that has only one stands for both.
func both(s string) (zh, en string) {
	if zh, en, ok := strings.Cut(s, " / "); ok {
		return zh, en
	}
	return s, s
}
