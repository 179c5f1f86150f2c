package public

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/cases"
	"weixiao/internal/catalogue"
	"weixiao/internal/directory"
	"weixiao/internal/store"
	"weixiao/internal/text"
	"weixiao/internal/web"
	"weixiao/internal/web/ui"
	"weixiao/internal/words"
)

const (
	listPage  = 20
	listBatch = 200
	// listRead bounds how many cases one page looks through for words.
	listRead = 4000
)

// card is a public case in a list.
type card struct {
	Href, Title, Note, Chip, State string
}

// listView is the page of public cases.
type listView struct {
	Street, Matter, Query string
	Streets, Matters      []ui.Choice
	Cards                 []card
	Pages                 ui.Paging
	Deep                  bool // older cases were not looked through
}

func (p *pages) list(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	f := p.page(r, "public.list.title")
	x := listView{Street: q.Get("street"), Matter: q.Get("matter"), Query: strings.TrimSpace(legible(short(q.Get("q"), 100)))}
	after, _ := strconv.ParseInt(q.Get("after"), 10, 64) // anything else is the first page
	found, last, deep, err := p.published(r.Context(), cases.PublicFilter{Street: x.Street, Matters: some(x.Matter), After: max(after, 0)}, x.Query, listPage+1)
	if err != nil {
		return err
	}
	x.Deep = deep
	if len(found) > listPage {
		found = found[:listPage]
		last = found[listPage-1].Doc
		x.Pages.Older = x.address(last)
	} else if deep {
		x.Pages.Older = x.address(last)
	}
	if after > 0 {
		x.Pages.Start = x.address(0)
	}
	for _, k := range found {
		x.Cards = append(x.Cards, p.card(f, k))
	}
	x.Streets, x.Matters = p.streets(f.Lang), p.matters(f.Lang)
	return p.show(w, r, http.StatusOK, f, nil, listPageView(f, x))
}

// some is a list of the one matter that was chosen, or of none.
func some(matter string) []string {
	if matter == "" {
		return nil
	}
	return []string{matter}
}

// address is this list from a case on.
func (x listView) address(after int64) string {
	q := url.Values{}
	for name, v := range map[string]string{"street": x.Street, "matter": x.Matter, "q": x.Query} {
		if v != "" {
			q.Set(name, v)
		}
	}
	if after > 0 {
		q.Set("after", strconv.FormatInt(after, 10))
	}
	if len(q) == 0 {
		return "/cases"
	}
	return "/cases?" + q.Encode()
}

// published reads public cases, newest first, until it has enough of them. Words
// are looked for here, in a bounded number of cases; deep says that the bound was
// reached, last is where to go on.
func (p *pages) published(ctx context.Context, f cases.PublicFilter, query string, enough int) (out []*cases.Case, last int64, deep bool, err error) {
	wanted := strings.Fields(text.Normalize(query))
	for read := 0; read < listRead; read += f.Limit {
		f.Limit = listBatch
		if query == "" {
			f.Limit = 2 * enough // a few of them may be hidden
		}
		rows, err := p.Cases.Public(ctx, f)
		if err != nil {
			return nil, 0, false, err
		}
		for _, k := range rows {
			f.After, last = k.Doc, k.Doc
			if !public(k) || !p.says(k, wanted) {
				continue
			}
			if out = append(out, k); len(out) == enough {
				return out, last, false, nil
			}
		}
		if len(rows) < f.Limit {
			return out, last, false, nil
		}
	}
	return out, last, true, nil
}

// says reports whether all words occur in what the list or the page of a case
// shows.
func (p *pages) says(k *cases.Case, wanted []string) bool {
	if len(wanted) == 0 {
		return true
	}
	title, body := p.heading(words.ZH, k), ""
	if read(k) {
		body = masked(k.Body)
	}
	all := text.Normalize(strings.Join([]string{k.Number, title, body, p.MatterName(words.ZH, k.Matter), p.MatterName(words.EN, k.Matter),
		p.area(words.ZH, k), p.area(words.EN, k)}, " "))
	for _, s := range wanted {
		if !strings.Contains(all, s) {
			return false
		}
	}
	return true
}

func (p *pages) card(f ui.Page, k *cases.Case) card {
	return card{Href: "/cases/" + k.Number, Title: p.heading(f.Lang, k), Chip: chip(k), State: state(f, k),
		Note: p.area(f.Lang, k) + f.T("word.separator") + f.Moment(time.UnixMicro(k.Created))}
}

func (p *pages) streets(lang words.Lang) []ui.Choice {
	var out []ui.Choice
	for _, u := range p.Pack.Directory.ByKind(directory.Street, directory.Town) {
		out = append(out, ui.Choice{Value: u.ID, Label: p.UnitName(lang, u.ID)})
	}
	return out
}

// matters are those whose cases can be public, under their headings.
func (p *pages) matters(lang words.Lang) []ui.Choice {
	names := map[string]string{}
	for _, g := range p.Pack.Catalogue.Groups(catalogue.KindRequest) {
		names[g.ID] = g.Name
		if lang == words.EN && g.English != "" {
			names[g.ID] = g.English
		}
	}
	var out []ui.Choice
	for _, m := range p.Pack.Catalogue.Matters(catalogue.KindRequest) {
		if m.Public {
			out = append(out, ui.Choice{Value: m.Key, Label: p.MatterName(lang, m.Key), Group: names[m.Group]})
		}
	}
	return out
}

// oneView is the public page of a case.
type oneView struct {
	Case   *cases.Case
	Card   card
	Facts  []ui.Answer
	Body   string // "" before the centre has read it
	Photos []ui.Photo
	Events []ui.Event
}

// one shows a public case. One that is not public, or does not exist, is the same
// page that is not found.
func (p *pages) one(w http.ResponseWriter, r *http.Request) error {
	v, err := p.published1(r.Context(), r.PathValue("number"))
	if errors.Is(err, store.ErrNotFound) {
		// Whoever tries out numbers is slowed down; readers of real ones are not.
		if limited := p.Gate.Allow("track.client", access.Client(r.Context())); limited != nil {
			return limited
		}
	}
	if err != nil {
		return err
	}
	if r.PathValue("number") != v.Case.Number {
		return web.SeeOther(w, r, "/cases/"+v.Case.Number)
	}
	f := p.page(r, "public.one.title")
	photos, err := p.photosOf(r.Context(), f, v, true)
	if err != nil {
		return err
	}
	x := oneView{Case: v.Case, Card: p.card(f, v.Case), Photos: photos, Events: p.timeline(f, v, true)}
	if read(v.Case) {
		x.Body = masked(v.Case.Body)
	}
	for _, fact := range []ui.Answer{{Label: f.T("public.one.number"), Value: v.Case.Number}, {Label: f.T("public.one.where"), Value: x.Card.Note},
		{Label: f.T("public.one.matter"), Value: p.MatterName(f.Lang, v.Case.Matter)}, {Label: f.T("public.one.lead"), Value: p.UnitName(f.Lang, v.Case.Unit)}} {
		if fact.Value != "" {
			x.Facts = append(x.Facts, fact)
		}
	}
	return p.show(w, r, http.StatusOK, f, ui.StepFoot(f, ui.Foot{Back: "/cases"}), onePage(f, x))
}

// published1 loads one case if anybody may read it; else store.ErrNotFound.
func (p *pages) published1(ctx context.Context, number string) (*cases.View, error) {
	number = canonical(number)
	if !numberForm.MatchString(number) {
		return nil, store.ErrNotFound
	}
	v, err := p.Cases.View(ctx, p.reader(), number)
	if err != nil {
		return nil, err
	}
	if !public(v.Case) {
		return nil, store.ErrNotFound
	}
	return v, nil
}
