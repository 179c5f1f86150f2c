package express

import (
	"crypto/hmac"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/enterprise/express"
	"weixiao/internal/form"
	"weixiao/internal/record"
	"weixiao/internal/store"
	"weixiao/internal/web"
	"weixiao/internal/web/staff"
	"weixiao/internal/web/ui"
)

// followLife is how long number and secret keep a letter open in a browser after the last look.
const followLife = 2 * time.Hour

var doorForm = form.Form{Name: "express_code", Fields: []form.Field{{Name: "number", Type: form.Line, Required: true, Max: 32}, {Name: "secret", Type: form.Line, Required: true, Max: 32}}}

func cookieName(w http.ResponseWriter, number string) string {
	if w.Header().Get("Strict-Transport-Security") != "" {
		return "__Host-express-" + number
	}
	return "express-" + number
}

func (p *pages) mark(s string) string {
	return p.x.Secret("express cookie\x001"+s) + p.x.Secret("express cookie\x002"+s) + p.x.Secret("express cookie\x003"+s)
}

// admit hands out the cookie of a letter: how long it is good for, and a mark that binds that to the number.
func (p *pages) admit(w http.ResponseWriter, number string) {
	until := strconv.FormatInt(p.Clock().Add(followLife).Unix(), 10)
	name := cookieName(w, number)
	http.SetCookie(w, &http.Cookie{Name: name, Value: until + "." + p.mark(number+"\x00"+until), Path: "/", MaxAge: int(followLife / time.Second), HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: strings.HasPrefix(name, "__Host-")})
}

// holding is the scope of a browser that has the cookie of a letter.
func (p *pages) holding(w http.ResponseWriter, r *http.Request) (access.Scope, string, bool) {
	number := canonical(r.PathValue("number"))
	if !p.x.IsNumber(number) {
		return access.Scope{}, "", false
	}
	c := r.CookiesNamed(cookieName(w, number))
	if len(c) != 1 {
		return access.Scope{}, number, false
	}
	until, mark, _ := strings.Cut(c[0].Value, ".")
	t, err := strconv.ParseInt(until, 10, 64)
	if err != nil || p.Clock().Unix() >= t || !hmac.Equal([]byte(mark), []byte(p.mark(number+"\x00"+until))) {
		return access.Scope{}, number, false
	}
	return access.PublicScope(p.Pack.District).Holding(number), number, true
}

func (p *pages) door(w http.ResponseWriter, r *http.Request) error {
	number := r.URL.Query().Get("number")
	if !p.x.IsNumber(number) {
		number = ""
	}
	return p.showDoor(w, r, http.StatusOK, record.Raw("number", number), nil, nil)
}

func (p *pages) showDoor(w http.ResponseWriter, r *http.Request, status int, raw form.Raw, faults form.Faults, says map[string]string) error {
	f := p.plain(r, "express.follow")
	f.Path, f.Faulty = "/express/follow", len(faults)+len(says) > 0
	v := ui.FormView{Form: doorForm, ID: "code", Action: "/express/follow", Raw: raw, Faults: faults, Says: says}
	return p.show(w, f, status, ui.StepFoot(f.Page, ui.Foot{Label: f.T("public.follow.open"), Form: "code", Back: "/express"}), doorPage(f.Page, v))
}

// knock takes number and secret; wrong ones are counted for the number and for the address.
func (p *pages) knock(w http.ResponseWriter, r *http.Request) error {
	if err := parse(w, r); err != nil {
		return err
	}
	raw := ui.Raw(doorForm, r.PostForm)
	answers, err := doorForm.Check(raw)
	if err != nil {
		faults, _ := errors.AsType[form.Faults](err)
		return p.showDoor(w, r, http.StatusUnprocessableEntity, raw, faults, nil)
	}
	number := canonical(answers.Str("number"))
	ok, err := p.Gate.Guard(r.Context(), []access.Try{{Limit: "secret.case", Key: number}, {Limit: "secret.client", Key: access.Client(r.Context())}}, func(*store.Tx) (bool, error) {
		_, ok := p.x.HolderScope(number, answers.Str("secret"))
		return ok, nil
	})
	if err != nil {
		return err
	}
	if !ok {
		f := p.plain(r, "express.follow")
		return p.showDoor(w, r, http.StatusUnprocessableEntity, form.Raw{"number": raw["number"]}, nil, map[string]string{"secret": f.T("public.fault.secret")})
	}
	p.admit(w, number)
	return web.SeeOther(w, r, "/express/l/"+number)
}

// followView is a letter as its sender sees it.
type followView struct {
	Hero            ui.Hero
	Next            string
	Number, Secret  string // Secret only on the receipt
	Facts           []ui.Answer
	Words           []said
	Confirm, Object ui.FormView
	Asks            bool
	Problem         string
}

func (p *pages) follow(w http.ResponseWriter, r *http.Request) error {
	sc, number, ok := p.holding(w, r)
	if !ok {
		return p.elsewhere(w, r, number)
	}
	p.admit(w, number)
	f := p.plain(r, "express.letter", number)
	f.Path = "/express/l/" + number
	return p.showLetter(w, f, http.StatusOK, sc, number, f.Path, "/express", "", nil, "")
}

// elsewhere sends a browser without the cookie to the door.
func (p *pages) elsewhere(w http.ResponseWriter, r *http.Request, number string) error {
	to := "/express/follow"
	if number != "" {
		to += "?number=" + number
	}
	return web.SeeOther(w, r, to)
}

// showLetter is a letter for its sender at base: what was written and answered, where it stands, and their own word.
func (p *pages) showLetter(w http.ResponseWriter, f *staff.Frame, status int, sc access.Scope, number, base, back, action string, faults form.Faults, problem string) error {
	v, err := p.x.Read(f.R.Context(), sc, number)
	if err != nil {
		return err
	}
	l := v.X
	x := followView{Number: number, Words: texts(f.Lang, v), Problem: problem}
	f.Faulty = problem != "" || len(faults) > 0
	x.Hero = ui.Hero{Number: number, Title: word(f.Lang, p.x.Rules().Topics, l.Topic), State: f.T("express.state." + l.State)}
	x.Next = f.T("express.next." + l.State)
	if l.State == express.Answered && l.Has(express.Anonymous) {
		x.Next = f.T("express.next.checked")
	}
	if f.R.URL.Query().Has("new") {
		x.Secret = p.x.Secret(number)
	}
	if did := f.R.URL.Query().Get("did"); did == "confirm" || did == "object" {
		f.Said = f.T("express.did." + did)
	}
	x.Facts = []ui.Answer{{Label: f.T("form.express_send.post"), Value: p.post(f.Lang, l.Post)}, {Label: f.T("form.express_screen.level"), Value: f.T("form.express_screen.level." + l.Level)}}
	if l.Case != "" {
		x.Facts = append(x.Facts, ui.Answer{Label: f.T("express.case"), Value: l.Case}, ui.Answer{Label: f.T("express.case.secret"), Value: p.Cases.Secret(l.Case)})
	}
	if l.State == express.Answered && !l.Has(express.Anonymous) {
		x.Asks = true
		for name, to := range map[string]*ui.FormView{"confirm": &x.Confirm, "object": &x.Object} {
			act, err := express.Table.Action(name)
			if err != nil {
				return err
			}
			*to = ui.FormView{Form: act.Form, ID: name, Action: base + "/" + name, Submit: f.T("express." + name), Looks: map[string]string{"satisfaction": "list"}}
			if name == action {
				to.Faults, to.Raw = faults, ui.Raw(act.Form, f.R.PostForm)
			}
		}
		x.Object.Look = "ghost"
	}
	return p.show(w, f, status, ui.StepFoot(f.Page, ui.Foot{Back: back}), followPage(f.Page, x))
}

func (p *pages) reply(w http.ResponseWriter, r *http.Request) error {
	sc, number, ok := p.holding(w, r)
	if !ok {
		return p.elsewhere(w, r, number)
	}
	f := p.plain(r, "express.letter", number)
	f.Path = "/express/l/" + number
	return p.replied(w, f, sc, number, f.Path, "/express")
}

// replied takes the sender's own word.
func (p *pages) replied(w http.ResponseWriter, f *staff.Frame, sc access.Scope, number, base, back string) error {
	if err := parse(w, f.R); err != nil {
		return err
	}
	action := f.R.PathValue("action")
	if !slices.Contains([]string{"confirm", "object"}, action) {
		return store.ErrNotFound
	}
	act, err := express.Table.Action(action)
	if err != nil {
		return err
	}
	if err := p.x.Reply(f.R.Context(), sc, number, action, record.Input{Raw: ui.Raw(act.Form, f.R.PostForm)}); err != nil {
		status, problem, faults := f.Wrong(err)
		if status == 0 {
			return err
		}
		return p.showLetter(w, f, status, sc, number, base, back, action, faults, problem)
	}
	return web.SeeOther(w, f.R, base+"?did="+action)
}
