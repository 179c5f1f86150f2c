package enterprise

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"weixiao/internal/access"
	"weixiao/internal/directory/firms"
	"weixiao/internal/directory/posts"
	"weixiao/internal/directory/registers"
	"weixiao/internal/files/sheet"
	"weixiao/internal/flow"
	"weixiao/internal/text"
)

// Twin is a row of a file that may be a firm which is there already: in the register, or in the file itself. A person
// decides.
type Twin struct {
	Row   int    // as the spreadsheet counts: 2 is the first under the heading
	Code  string // of the row
	Name  string
	Other string // code of the one it may be
	Known string // its name
	Twice bool   // the other is a row of the file too
}

// Decisions say of rows that may be twins whether they are: true = the same firm, leave the row out.
type Decisions map[int]bool

// close is how alike two names at one address are before somebody is asked.
const close = 0.55

// legal are the ends of firms' names that say nothing about which firm it is.
var legal = strings.NewReplacer("有限责任公司", "", "股份有限公司", "", "有限公司", "", "专业合作社", "", "（", "", "）", "", "(", "", ")", "", " ", "")

// Import takes a file of firms into the register, all or nothing, as the register's own reader does. Rows with a code
// that is registered are known or refused there. A row whose name is nearly that of a firm at the same address, under
// another code, comes back as a Twin, and nothing is taken in before each of them is decided.
func (s *Enterprise) Import(ctx context.Context, sc access.Scope, t *sheet.Table, decided Decisions, do bool) (posts.Report, []Twin, error) {
	if sc.Firm() != "" {
		return posts.Report{}, nil, flow.ErrForbidden
	}
	twins, err := s.twins(ctx, t)
	if err != nil {
		return posts.Report{}, nil, err
	}
	kept, rows := &sheet.Table{Head: t.Head}, []int{}
	undecided := false
	for i, line := range t.Lines {
		same := false
		for _, w := range twins {
			if w.Row == i+2 {
				v, ok := decided[w.Row]
				same, undecided = v, undecided || !ok
			}
		}
		if !same {
			kept.Lines, rows = append(kept.Lines, line), append(rows, i+2)
		}
	}
	report, err := s.o.Registers.Load(ctx, sc, registers.Firms, kept, do && !undecided)
	for i := range report.Bad { // rows as the file counts them
		if n := report.Bad[i].Row - 2; n >= 0 && n < len(rows) {
			report.Bad[i].Row = rows[n]
		}
	}
	return report, twins, err
}

// entry is a firm at an address.
type entry struct {
	row              int
	code, name, bare string
	twice            bool
}

func (s *Enterprise) twins(ctx context.Context, t *sheet.Table) ([]Twin, error) {
	cols := map[string]int{}
	for i, h := range t.Head {
		if k := firms.Heading(h); k != "" {
			cols[k] = i
		}
	}
	cell := func(line []string, key string) string {
		if i, ok := cols[key]; ok && i < len(line) {
			return strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(line[i]), "'"))
		}
		return ""
	}
	// Only firms at one address are compared: what the file asks about is small beside the register.
	byPlace := map[string][]entry{}
	wanted := map[string]bool{}
	for _, line := range t.Lines {
		wanted[place(cell(line, "address"))] = true
	}
	for after := ""; ; {
		list, err := s.o.Firms.List(ctx, firms.Filter{After: after}, 1000)
		if err != nil {
			return nil, fmt.Errorf("enterprise: %w", err)
		}
		for _, x := range list {
			after = x.ID
			if p := place(x.Address); p != "" && wanted[p] && x.State == firms.Active {
				byPlace[p] = append(byPlace[p], entry{code: x.ID, name: x.Name, bare: bare(x.Name)})
			}
		}
		if len(list) < 1000 {
			break
		}
	}
	var out []Twin
	for i, line := range t.Lines {
		p := place(cell(line, "address"))
		me := entry{row: i + 2, code: strings.ToUpper(cell(line, "code")), name: cell(line, "name"), twice: true}
		if me.bare = bare(me.name); p == "" || me.bare == "" {
			continue
		}
		known := slices.ContainsFunc(byPlace[p], func(e entry) bool { return e.code == me.code && me.code != "" })
		for _, e := range byPlace[p] {
			if !known && alike(e.bare, me.bare) {
				out = append(out, Twin{Row: me.row, Code: me.code, Name: me.name, Other: e.code, Known: e.name, Twice: e.twice})
				break
			}
		}
		byPlace[p] = append(byPlace[p], me)
	}
	return out, nil
}

func bare(name string) string { return legal.Replace(text.Normalize(name)) }

func place(address string) string { return strings.Join(strings.Fields(text.Normalize(address)), "") }

// alike reports whether two names are close in spelling: pairs of characters that both have, of all they have.
func alike(a, b string) bool { return a == b || dice(a, b) >= close }

func dice(a, b string) float64 {
	x, y := pairs(a), pairs(b)
	if len(x)+len(y) == 0 {
		return 0
	}
	both := 0
	for p, n := range x {
		both += min(n, y[p])
	}
	total := 0
	for _, n := range x {
		total += n
	}
	for _, n := range y {
		total += n
	}
	return 2 * float64(both) / float64(total)
}

func pairs(s string) map[string]int {
	out := map[string]int{}
	r := []rune(s)
	for i := 0; i+1 < len(r); i++ {
		out[string(r[i:i+2])]++
	}
	return out
}
