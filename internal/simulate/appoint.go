package simulate

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/directory"
	"weixiao/internal/directory/posts"
	"weixiao/internal/files/sheet"
	"weixiao/internal/form"
	"weixiao/internal/store"
)

// appoint puts made-up people on the posts of the pack and of its buildings before the year begins. Who has an account
// for a post holds it under the same name. A few posts stay vacant, so that there is something to fill: about one chief
// of a building in fourteen, one grid worker in thirty.
func appoint(ctx context.Context, w World, o Options) error {
	if w.Posts == nil {
		return nil
	}
	r := rand.New(rand.NewPCG(o.Seed, 0x6c6f757a68616e67))
	sc := access.SystemScope(w.Pack.District, "made-up holders of posts")
	names, err := accountNames(ctx, w, sc)
	if err != nil {
		return err
	}
	t := &sheet.Table{Head: []string{"岗位", "姓名", "开始", "结束", "借调自", "电话", "同意公示日期"}}
	add := func(post, name, from, until, seconded string, shown float64) {
		number, consent := "", ""
		if shown > 0 {
			if number = phone(r); until == "" && chance(r, shown) {
				consent = from
			}
		}
		t.Lines = append(t.Lines, []string{post, name, from, until, seconded, number, consent})
	}
	for _, x := range w.Pack.Directory.AllPosts() {
		name, known := names[x.ID]
		from := time.Date(2021, time.Month(1+r.IntN(11)), 1+r.IntN(27), 0, 0, 0, 0, Begin.Location()).Format(time.DateOnly)
		switch {
		case known:
			add(x.ID, name, from, "", "", 0)
		case x.Role == directory.GridWorker && chance(r, 0.03):
			add(x.ID, person(r), "2021-01-04", "2021-11-30", "", 0)
		case x.Role == directory.GridWorker:
			add(x.ID, person(r), from, "", "", 0.8)
		default:
			add(x.ID, person(r), from, "", "", 0)
		}
	}
	home := w.Pack.Directory.ByKind(directory.Department)
	for _, b := range w.Pack.Buildings {
		cadre, resident := names[b.ID+".cadre"], names[b.ID+".resident"]
		if chance(r, 0.95) || cadre != "" {
			add(b.ID+".cadre", cmp.Or(cadre, person(r)), "2021-09-01", "", pick(r, home).ID, 0.6)
		} else if chance(r, 0.5) {
			add(b.ID+".cadre", person(r), "2021-03-01", "2021-12-15", pick(r, home).ID, 0)
		}
		if chance(r, 0.95) || resident != "" {
			add(b.ID+".resident", cmp.Or(resident, person(r)), "2021-09-01", "", "", 0.5)
		}
	}
	return loadTable(ctx, w, sc, posts.FileTerms, t)
}

// rosters makes the duty rosters of streets and towns for the last month of the year and the first of the next, and
// lets two secretaries be away.
func rosters(ctx context.Context, w World) error {
	if w.Posts == nil {
		return nil
	}
	sc := access.SystemScope(w.Pack.District, "made-up duty rosters")
	t := &sheet.Table{Head: []string{"单位", "班次", "岗位", "开始", "结束"}}
	streets := w.Pack.Directory.ByKind(directory.Street, directory.Town)
	for i, u := range streets {
		list := w.Pack.Directory.Posts(u.ID)
		for d := time.Date(2022, 12, 1, 8, 0, 0, 0, Begin.Location()); d.Before(Present.AddDate(0, 1, 0)); d = d.AddDate(0, 0, 1) {
			lead := list[(d.YearDay()+i)%min(2, len(list))]
			t.Lines = append(t.Lines, []string{u.ID, "带班", lead.ID, d.Format("2006-01-02 15:04"), d.AddDate(0, 0, 1).Format("2006-01-02 15:04")})
		}
	}
	if err := loadTable(ctx, w, sc, posts.FileShifts, t); err != nil {
		return err
	}
	for _, u := range streets[:min(2, len(streets))] {
		below := w.Pack.Directory.Children(u.ID)
		if len(below) < 2 {
			continue
		}
		away, _ := w.Pack.Directory.Lead(below[0].ID)
		by, _ := w.Pack.Directory.Lead(below[1].ID)
		if _, err := w.Posts.StandIn(ctx, sc, away.ID, form.Raw{"by": {by.ID}, "from": {"2022-12-28"}, "until": {"2023-01-06"}, "reason": {"休假"}}); err != nil {
			return err
		}
	}
	return nil
}

func loadTable(ctx context.Context, w World, sc access.Scope, what string, t *sheet.Table) error {
	rep, err := w.Posts.Load(ctx, sc, what, t, true)
	if err == nil && !rep.Done {
		err = fmt.Errorf("row %d of the %s: %s", rep.Bad[0].Row, what, rep.Bad[0].EN)
	}
	return err
}

// accountNames are the names of those who have an account for a post, by post.
func accountNames(ctx context.Context, w World, sc access.Scope) (map[string]string, error) {
	out := map[string]string{}
	return out, w.DB.Read(ctx, func(tx *store.Tx) error {
		for after := ""; ; {
			page, next, err := w.Gate.List(tx, sc, access.Filter{After: after, Limit: 200})
			if err != nil {
				return err
			}
			for _, a := range page {
				if a.Post != "" {
					if _, twice := out[a.Post]; !twice {
						out[a.Post] = a.Name
					}
				}
			}
			if after = next; next == "" {
				return nil
			}
		}
	})
}
