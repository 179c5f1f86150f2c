package field

import (
	"errors"
	"math"
	"net/http"
	"strconv"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/form"
	"weixiao/internal/store"
	"weixiao/internal/web"
	"weixiao/internal/web/ui"
	"weixiao/internal/words"
)

// registerDesk adds the pages on which the supervision office reads what people say
// about the app, and answers.
func (f *Field) registerDesk(rt *access.Router) {
	reads := access.Rule{Roles: []string{access.Supervisor, access.Auditor}}
	rt.Handle("GET /desk/app-remarks", reads, f.remarksPage)
	rt.Handle("GET /desk/app-remarks/{id}", reads, f.remarkPage)
	rt.Handle("POST /desk/app-remarks/{id}", access.Rule{Roles: []string{access.Supervisor}}, f.answer)
}

// remarkLine is a complaint in the list.
type remarkLine struct {
	ID, About, When, Who, Chip, State string
}

// remarkView is one with its words.
type remarkView struct {
	remarkLine
	Words, Reply string
	Form         *ui.FormView
}

const remarksPerPage = 50

func (f *Field) deskPage(r *http.Request) ui.Page {
	p := f.s.Page(r, "fieldwork.remarks.title")
	p.Brand.Home = "/desk"
	p.Nav = []ui.Nav{{Label: p.T("desk.nav.inbox"), Icon: "inbox", Href: "/desk"}, {Label: p.T("fieldwork.remarks.title"), Icon: "chat", Href: "/desk/app-remarks", On: true}}
	return p
}

func (f *Field) line(p ui.Page, m *Remark) remarkLine {
	s, _ := RemarkTable.State(m.State)
	l := remarkLine{ID: m.ID, About: ui.OptionLabel(p.Lang, "remark_write", "about", m.About), When: words.Moment(p.Lang, p.Now, time.UnixMicro(m.Created)),
		Who: p.T("fieldwork.remarks.nobody"), Chip: s.Chip, State: p.T("state.remark." + m.State)}
	if m.Unit != "" {
		l.Who = f.s.UnitName(p.Lang, m.Unit)
	}
	return l
}

func (f *Field) remarksPage(w http.ResponseWriter, r *http.Request) error {
	p := f.deskPage(r)
	before, _ := strconv.ParseInt(r.URL.Query().Get("before"), 10, 64)
	if before <= 0 {
		before = math.MaxInt64
	}
	list, err := f.listRemarks(r.Context(), before, remarksPerPage)
	if err != nil {
		return err
	}
	var lines []remarkLine
	next := ""
	for i := range list {
		lines = append(lines, f.line(p, &list[i]))
	}
	if len(list) == remarksPerPage {
		next = "/desk/app-remarks?before=" + strconv.FormatInt(list[len(list)-1].Created, 10)
	}
	return web.Render(w, r, http.StatusOK, web.Body(ui.Desk(p), remarksBody(p, lines, next)))
}

func (f *Field) remarkPage(w http.ResponseWriter, r *http.Request) error {
	return f.showRemark(w, r, http.StatusOK, nil, nil)
}

func (f *Field) showRemark(w http.ResponseWriter, r *http.Request, status int, raw form.Raw, faults form.Faults) error {
	p := f.deskPage(r)
	p.Faulty = len(faults) > 0
	m, err := store.Get(r.Context(), f.s.DB, func(tx *store.Tx) (*Remark, error) { return loadRemark(tx, f.s.Pack.District, r.PathValue("id")) })
	if err != nil {
		return err
	}
	v := remarkView{remarkLine: f.line(p, m), Words: m.words, Reply: m.reply}
	if a, err := RemarkTable.Action("reply"); err == nil && m.State == RemarkOpen && access.From(r.Context()).Is(access.Supervisor) {
		v.Form = &ui.FormView{Form: a.Form, Raw: raw, Faults: faults, Action: "/desk/app-remarks/" + m.ID, Dense: true, Submit: p.T("action.remark.reply"), Cancel: "/desk/app-remarks"}
	}
	return web.Render(w, r, status, web.Body(ui.Desk(p), remarkBody(p, v)))
}

func (f *Field) answer(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
	if err := r.ParseForm(); err != nil {
		return err
	}
	a, err := RemarkTable.Action("reply")
	if err != nil {
		return err
	}
	c, raw := f.caller(r), ui.Raw(a.Form, r.PostForm)
	err = remarks{f.s}.answerRemark(r.Context(), c.Scope, r.PathValue("id"), raw, c.Now)
	if faults, ok := errors.AsType[form.Faults](err); ok {
		return f.showRemark(w, r, http.StatusUnprocessableEntity, raw, faults)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, "/desk/app-remarks/"+r.PathValue("id"))
}
