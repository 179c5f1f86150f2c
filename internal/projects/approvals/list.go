package approvals

import (
	"cmp"
	"context"
	"math"
	"slices"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/pack"
	"weixiao/internal/record"
	"weixiao/internal/store"
)

// Row is an item with what a list shows of it.
type Row struct {
	*Item
	Rule     pack.ApprovalItem
	Sum      Sum
	First    bool // its file has a priority that holds
	Parallel bool // another item of its stage and file was under way at the same time
}

// due is the end of the row's promise, the far end for one that has none.
func (r *Row) due() int64 {
	if r.Sum.Due.IsZero() || r.Item.Decided != 0 {
		return math.MaxInt64
	}
	return r.Sum.Due.UnixMicro()
}

// Desk are the open items of a unit, those of a priority that holds first, then by their due. unit "" is every unit the
// scope reaches.
func (s *Approvals) Desk(ctx context.Context, sc access.Scope, unit, state string) (out []Row, err error) {
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		out = nil
		if !MaySee(sc) {
			return store.ErrNotFound
		}
		var list []*Item
		for _, st := range ItemTable.States {
			if st.End || state != "" && st.Name != state {
				continue
			}
			for before := int64(0); ; {
				page, next, err := s.Items.ListIn(tx, sc, record.Filter{State: st.Name, Unit: unit, Before: before, Limit: 500})
				if err != nil {
					return err
				}
				list = append(list, page...)
				if before = next; next == 0 {
					break
				}
			}
		}
		if out, err = s.rows(tx, list); err != nil {
			return err
		}
		slices.SortStableFunc(out, func(a, b Row) int {
			if a.First != b.First {
				if a.First {
					return -1
				}
				return 1
			}
			return cmp.Or(cmp.Compare(a.due(), b.due()), cmp.Compare(a.Doc, b.Doc))
		})
		return nil
	})
	return out, err
}

// rows measures items.
func (s *Approvals) rows(tx *store.Tx, list []*Item) (out []Row, err error) {
	cal, err := s.o.Calendar(tx)
	if err != nil {
		return nil, err
	}
	now := s.o.Clock()
	first := map[string]bool{}
	if err := s.Priorities.Each(tx, record.Filter{State: Granted}, func(x *Priority) error {
		first[x.File] = first[x.File] || x.Holds(now)
		return nil
	}); err != nil {
		return nil, err
	}
	for _, x := range list {
		it, _ := s.o.Rules.Item(x.Code)
		out = append(out, Row{Item: x, Rule: it, Sum: Measure(x.Events(), x.Promised, cal, x.until(now)), First: first[x.File]})
	}
	return out, nil
}

// until ends the count of an item that came to its end without a decision.
func (x *Item) until(now time.Time) time.Time {
	if x.ended() && x.Decided == 0 {
		return timeOf(x.Since)
	}
	return now
}

// Items of a file, in the order of stages and of the pack, measured.
func (s *Approvals) ItemsOf(tx *store.Tx, sc access.Scope, file string) ([]Row, error) {
	if _, err := s.Files.Get(tx, sc, file); err != nil {
		return nil, err
	}
	list, err := s.itemsIn(tx, file)
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(list, func(a, b *Item) int {
		return cmp.Or(cmp.Compare(slices.Index(Stages(), a.Stage), slices.Index(Stages(), b.Stage)), cmp.Compare(a.Doc, b.Doc))
	})
	out, err := s.rows(tx, list)
	parallel(out)
	return out, err
}

// parallel marks the items that ran beside another one of their stage and file.
func parallel(rows []Row) {
	type key struct{ file, stage string }
	by := map[key][]*Row{}
	for i := range rows {
		k := key{rows[i].File, rows[i].Stage}
		by[k] = append(by[k], &rows[i])
	}
	end := func(r *Row) int64 {
		if r.Item.Decided != 0 {
			return r.Item.Decided
		}
		return math.MaxInt64
	}
	for _, list := range by {
		for i, a := range list {
			for _, b := range list[i+1:] {
				if a.Accepted != 0 && b.Accepted != 0 && a.Accepted < end(b) && b.Accepted < end(a) {
					a.Parallel, b.Parallel = true, true
				}
			}
		}
	}
}

// Figure is one figure of approvals: it counts Of items, and Is of them. Both open to their records.
type Figure struct {
	Name   string
	Is, Of int
	Sum    int // what is counted beside: working days, rounds
	Rows   []Row
}

// figures say which items a figure is about (of), which it counts (is), and what it adds up.
var figures = []struct {
	name   string
	of, is func(r *Row) bool
	add    func(r *Row) int
}{
	{"decided", accepted, func(r *Row) bool { return r.Item.Decided != 0 }, func(*Row) int { return 0 }},
	{"used", decidedRow, decidedRow, func(r *Row) int { return r.Sum.Used }},
	{"promised", decidedRow, decidedRow, func(r *Row) int { return int(r.Promised) }},
	{"stopped", decidedRow, func(r *Row) bool { return r.Sum.Stopped > 0 }, func(r *Row) int { return r.Sum.Stopped }},
	{"parallel", accepted, func(r *Row) bool { return r.Parallel }, func(*Row) int { return 0 }},
	{"overdue", accepted, func(r *Row) bool { return r.Sum.Late }, func(*Row) int { return 0 }},
	{"supplements", accepted, func(r *Row) bool { return r.Supplement > 0 }, func(r *Row) int { return r.Supplement }},
	{"first_pass", decidedRow, func(r *Row) bool { return r.Result == "granted" && r.Supplement == 0 && !r.Has(Short) }, func(*Row) int { return 0 }},
	{"short", accepted, func(r *Row) bool { return r.Has(Short) }, func(*Row) int { return 0 }},
	{"on_promise", decidedRow, func(r *Row) bool { return r.Has(OnPromise) }, func(*Row) int { return 0 }},
	{"put_first", accepted, func(r *Row) bool { return r.Priority != "" }, func(*Row) int { return 0 }},
}

func accepted(r *Row) bool   { return r.Accepted != 0 }
func decidedRow(r *Row) bool { return r.Item.Decided != 0 }

// Figures of the items the scope reaches; unit and stage narrow them, "" does not. Rows are the records behind Is.
func (s *Approvals) Figures(ctx context.Context, sc access.Scope, unit, stage string) (out []Figure, err error) {
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		out = nil
		if !MaySee(sc) {
			return store.ErrNotFound
		}
		var list []*Item
		if err := s.Items.Each(tx, record.Filter{Tag: stage}, func(x *Item) error {
			if sees(sc, x.Firm) {
				list = append(list, x)
			}
			return nil
		}); err != nil {
			return err
		}
		rows, err := s.rows(tx, list)
		if err != nil {
			return err
		}
		parallel(rows)
		for _, f := range figures {
			g := Figure{Name: f.name}
			for i := range rows {
				r := &rows[i]
				if unit != "" && r.Unit != unit || !f.of(r) {
					continue
				}
				g.Of++
				if f.is(r) {
					g.Is++
					g.Sum += f.add(r)
					g.Rows = append(g.Rows, *r)
				}
			}
			out = append(out, g)
		}
		return nil
	})
	return out, err
}

// Ended reports whether nothing is left to do for the item.
func (x *Item) Ended() bool { return x.ended() }

// Known is a project with its approval file.
type Known struct {
	ID, Title, Firm, Street string
	File                    string // number of its newest file; "" = none
}

// ProjectsOf are the projects of a firm.
func (s *Approvals) ProjectsOf(tx *store.Tx, firm string) (out []Known, err error) {
	list, err := s.o.Projects(tx, firm)
	if err != nil {
		return nil, err
	}
	for _, p := range list {
		k, err := s.known(tx, p)
		if err != nil {
			return nil, err
		}
		out = append(out, k)
	}
	return out, nil
}

// ProjectWithFile is one project; store.ErrNotFound for one that is not there.
func (s *Approvals) ProjectWithFile(tx *store.Tx, id string) (Known, error) {
	p, err := s.o.Project(tx, id)
	if err != nil {
		return Known{}, err
	}
	return s.known(tx, p)
}

func (s *Approvals) known(tx *store.Tx, p Project) (Known, error) {
	k := Known{ID: p.ID, Title: p.Title, Firm: p.Firm, Street: p.Street}
	files, err := s.filesOf(tx, p.ID)
	if len(files) > 0 {
		k.File = files[0].ID
	}
	return k, err
}
