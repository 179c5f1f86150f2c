package express

import (
	"net/http"
	"strconv"
	"time"

	"weixiao/internal/enterprise/express"
	"weixiao/internal/web/staff"
	"weixiao/internal/web/ui"
	"weixiao/internal/words"
)

// firmRow is a letter in a firm's list.
type firmRow struct{ Href, Number, Topic, State, Chip, When string }

// firmList are the letters of the firm that is signed in, and of no other.
func (p *pages) firmList(w http.ResponseWriter, r *http.Request) error {
	f := p.plain(r, "express.firm")
	f.Path = "/business/express"
	before, _ := strconv.ParseInt(r.URL.Query().Get("before"), 10, 64)
	list, next, err := p.x.OfFirm(r.Context(), f.Scope, before)
	if err != nil {
		return err
	}
	var out []firmRow
	for _, l := range list {
		x := firmRow{Href: "/business/express/r/" + l.ID, Number: l.ID, Topic: word(f.Lang, p.x.Rules().Topics, l.Topic), When: words.Exact(f.Lang, time.UnixMicro(l.Created))}
		x.Chip, x.State = f.State(&express.Table, l.State)
		out = append(out, x)
	}
	g := ui.Paging{}
	if next != 0 {
		g.Older = "/business/express?before=" + strconv.FormatInt(next, 10)
	}
	if before != 0 {
		g.Start = "/business/express"
	}
	return p.show(w, f, http.StatusOK, ui.StepFoot(f.Page, ui.Foot{Label: f.T("express.write"), Href: "/business/express/new"}), firmPage(f.Page, out, g))
}

func (p *pages) firmForm(w http.ResponseWriter, r *http.Request) error {
	f := p.plain(r, "express.write")
	return p.showWrite(w, f, http.StatusOK, map[string][]string{"level": {"confidential"}, "named": {"yes"}}, staff.NewKey(), nil, "")
}

func (p *pages) firmSend(w http.ResponseWriter, r *http.Request) error {
	f := p.plain(r, "express.write")
	return p.taken(w, f, f.Scope, func(l *express.Letter) string { return "/business/express/r/" + l.ID })
}

func (p *pages) firmLetter(w http.ResponseWriter, r *http.Request) error {
	number := r.PathValue("id")
	f := p.plain(r, "express.letter", number)
	f.Path = "/business/express/r/" + number
	return p.showLetter(w, f, http.StatusOK, f.Scope, number, f.Path, "/business/express", "", nil, "")
}

func (p *pages) firmReply(w http.ResponseWriter, r *http.Request) error {
	number := r.PathValue("id")
	f := p.plain(r, "express.letter", number)
	f.Path = "/business/express/r/" + number
	return p.replied(w, f, f.Scope, number, f.Path, "/business/express")
}
