package public

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"weixiao/internal/files"
	"weixiao/internal/rounds/villages"
	"weixiao/internal/store"
	"weixiao/internal/web/ui"
	"weixiao/internal/words"
	"weixiao/internal/worktime"
)

const villageWorks = 20

// villagesView lists the villages in which something was or is put right.
type villagesView struct {
	Quarter string
	Towns   []villageTown
	Others  int // villages without anything yet
}

type villageTown struct {
	Name  string
	Lines []villageLine
}

type villageLine struct{ Href, Name, Note string }

// villageView is one village: what was put right, newest first.
type villageView struct {
	Name, Town string
	Facts      []ui.Answer
	Works      []villageWork
	Older      string
}

// villageWork is something that was put right: what the list of the pack calls it, and
// when. Words that somebody wrote about it stay inside.
type villageWork struct {
	Item, Group, When string
	Photos            []ui.Photo
}

func (p *pages) villages(w http.ResponseWriter, r *http.Request) error {
	if p.Villages == nil {
		return store.ErrNotFound
	}
	f := p.page(r, "public.village.title")
	quarter := villages.QuarterOf(f.Now)
	list, err := p.Villages.List(r.Context(), p.reader(), quarter)
	if err != nil {
		return err
	}
	x := villagesView{Quarter: quarterText(f, quarter)}
	at := map[string]int{}
	for _, v := range list {
		if v.Raised+v.Finished+v.Kept == 0 && v.Check == nil {
			x.Others++
			continue
		}
		i, ok := at[v.Parent]
		if !ok {
			i, at[v.Parent] = len(x.Towns), len(x.Towns)
			x.Towns = append(x.Towns, villageTown{Name: p.UnitName(f.Lang, v.Parent)})
		}
		note := []string{f.T("public.village.kept", v.Kept), f.T("public.village.open", v.Raised+v.Finished)}
		if v.Check != nil {
			note = append(note, f.T("public.village.met", v.Check.Met()))
		}
		x.Towns[i].Lines = append(x.Towns[i].Lines, villageLine{"/villages/" + v.ID, p.UnitName(f.Lang, v.ID), strings.Join(note, f.T("word.separator"))})
	}
	return p.show(w, r, http.StatusOK, f, nil, villagesPage(f, x))
}

// quarterText is a quarter in words: 2022Q4 is 2022年第4季度.
func quarterText(f ui.Page, quarter string) string {
	year, n, _ := strings.Cut(quarter, "Q")
	return f.T("public.village.quarter", year, n)
}

func (p *pages) village(w http.ResponseWriter, r *http.Request) error {
	if p.Villages == nil {
		return store.ErrNotFound
	}
	f := p.page(r, "public.village.title")
	after, _ := strconv.ParseInt(r.URL.Query().Get("after"), 10, 64) // anything else is the first page
	v, err := p.Villages.Village(r.Context(), p.reader(), r.PathValue("id"), villages.Kept, max(after, 0), villageWorks+1)
	if err != nil {
		return err
	}
	x := villageView{Name: p.UnitName(f.Lang, v.ID), Town: p.UnitName(f.Lang, v.Parent)}
	f.Title = x.Name
	for _, c := range v.Checks[:min(len(v.Checks), 4)] {
		x.Facts = append(x.Facts, ui.Answer{Label: quarterText(f, c.Quarter), Value: f.T("public.village.met", c.Met())})
	}
	if len(v.Works) > villageWorks {
		v.Works = v.Works[:villageWorks]
		x.Older = "/villages/" + v.ID + "?after=" + strconv.FormatInt(v.Works[villageWorks-1].Doc, 10)
	}
	err = p.DB.Read(r.Context(), func(tx *store.Tx) error {
		for _, wk := range v.Works {
			one := villageWork{Item: wk.Item, When: f.T("public.village.when", time.UnixMicro(wk.Finished).In(worktime.Zone).Format("2006-01"))}
			if item, ok := p.Villages.Item(wk.Item); ok {
				one.Item, one.Group = item.ZH, f.T("village.group."+item.Group)
				if f.Lang == words.EN && item.EN != "" {
					one.Item = item.EN
				}
			}
			if wk.Shown() {
				list, err := files.Of(tx, p.Pack.District, villages.Works.Kind, wk.ID)
				if err != nil {
					return err
				}
				one.Photos = villagePhotos(f, wk.Work, list)
			}
			x.Works = append(x.Works, one)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return p.show(w, r, http.StatusOK, f, nil, villagePage(f, x))
}

// villagePhotos are the photos of a work: those that came with it are of before.
func villagePhotos(f ui.Page, x *villages.Work, list []files.File) (out []ui.Photo) {
	for _, ph := range list {
		if ph.Kind != files.KindPhoto {
			continue
		}
		when := f.T("public.village.before")
		if ph.Created > x.Created {
			when = f.T("public.village.after")
		}
		out = append(out, ui.Photo{Src: "/villages/photo/" + ph.ID + "?thumb", Href: "/villages/photo/" + ph.ID, Alt: f.T("public.village.alt", len(out)+1, when), Note: when})
	}
	return out
}

// villagePhoto serves a photo of a work whose photos anybody may see.
func (p *pages) villagePhoto(w http.ResponseWriter, r *http.Request) error {
	if p.Villages == nil {
		return store.ErrNotFound
	}
	file, err := store.Get(r.Context(), p.DB, func(tx *store.Tx) (files.File, error) {
		return files.Get(tx, p.Pack.District, r.PathValue("id"))
	})
	if err != nil {
		return err
	}
	if file.SubjectKind != villages.Works.Kind || file.Kind != files.KindPhoto {
		return store.ErrNotFound
	}
	x, err := p.Villages.Work(r.Context(), p.reader(), file.Subject)
	if err != nil {
		return err
	}
	if !x.Shown() {
		return store.ErrNotFound
	}
	return p.Files.Serve(w, r, file, r.URL.Query().Has("thumb"))
}
