package public

import (
	"crypto/hmac"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/form"
	"weixiao/internal/store"
	"weixiao/internal/text"
	"weixiao/internal/web"
	"weixiao/internal/web/ui"
)

// doorForm opens a case with the two things on its receipt.
var doorForm = form.Form{Name: "follow", Fields: []form.Field{
	{Name: "number", Type: form.Line, Required: true, Max: 32},
	{Name: "secret", Type: form.Line, Required: true, Max: 32}}}

// followLife is how long number and secret keep a case open in a browser after the
// last look at it. People follow their case on borrowed phones too.
const followLife = 2 * time.Hour

// numberForm is what can be the number of a case, so that nothing else gets into a
// cookie's name.
var numberForm = regexp.MustCompile(`^[A-Z]{2}\d{8}-[0-9A-Z]{5}$`)

// canonical is a number as it is written, from what people type: small letters,
// full-width figures, blanks, other dashes, and in the random part letters that
// look like figures.
func canonical(number string) string {
	s := strings.ToUpper(text.Normalize(number))
	s = strings.NewReplacer(" ", "", "\u2013", "-", "\u2014", "-", "\u2212", "-").Replace(s)
	if head, tail, ok := strings.Cut(s, "-"); ok {
		s = head + "-" + strings.NewReplacer("I", "1", "L", "1", "O", "0").Replace(tail)
	}
	return s
}

// followCookie is the name of the cookie that opens one case.
func followCookie(number string) string { return "follow-" + number }

// admit hands out the cookie of a case. It holds no secret: only how long it is
// good for, and a mark that binds that to the number.
func (p *pages) admit(w http.ResponseWriter, number string) {
	until := strconv.FormatInt(p.Clock().Add(followLife).Unix(), 10)
	setCookie(w, followCookie(number), until+"."+p.mark("follow cookie\x00"+number+"\x00"+until), followLife)
}

// admitted is the scope of a browser that has the cookie of a case.
func (p *pages) admitted(w http.ResponseWriter, r *http.Request, number string) (access.Scope, bool) {
	if !numberForm.MatchString(number) {
		return access.Scope{}, false
	}
	until, mark, _ := strings.Cut(cookie(w, r, followCookie(number)), ".")
	t, err := strconv.ParseInt(until, 10, 64)
	if err != nil || p.Clock().Unix() >= t || !hmac.Equal([]byte(mark), []byte(p.mark("follow cookie\x00"+number+"\x00"+until))) {
		return access.Scope{}, false
	}
	return p.anybody().Holding(number), true
}

// right looks at number and secret. Wrong ones are counted for the number and for
// the address; when either has used up its tries, nothing is looked at. An unknown
// number is wrong in the same way as a wrong secret.
func (p *pages) right(r *http.Request, number, secret string) (bool, error) {
	return p.Gate.Guard(r.Context(), []access.Try{{Limit: "secret.case", Key: number}, {Limit: "secret.client", Key: access.Client(r.Context())}},
		func(*store.Tx) (bool, error) {
			_, ok := p.Cases.ReporterScope(number, secret)
			return ok && numberForm.MatchString(number), nil
		})
}

func (p *pages) door(w http.ResponseWriter, r *http.Request) error {
	return p.showDoor(w, r, http.StatusOK, form.Raw{"number": {short(r.URL.Query().Get("number"), 32)}}, nil, nil)
}

// knock takes number and secret and opens the case.
func (p *pages) knock(w http.ResponseWriter, r *http.Request) error {
	if err := parse(w, r); err != nil {
		return err
	}
	raw := ui.Raw(doorForm, r.PostForm)
	answers, err := doorForm.Check(raw)
	faults, _ := err.(form.Faults)
	if err != nil {
		return p.showDoor(w, r, http.StatusUnprocessableEntity, raw, faults, nil)
	}
	number := canonical(answers.Str("number"))
	ok, err := p.right(r, number, answers.Str("secret"))
	if err != nil {
		return err
	}
	if !ok {
		f := p.page(r, "public.follow.title")
		return p.showDoor(w, r, http.StatusUnprocessableEntity, form.Raw{"number": raw["number"]}, nil, map[string]string{"secret": f.T("public.fault.secret")})
	}
	p.admit(w, number)
	return web.SeeOther(w, r, "/follow/"+number)
}

// link is the way in from a message: number and secret in the address, which the
// browser is sent away from at once. The answer is never kept and never told to
// another site, so the address goes nowhere.
func (p *pages) link(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Referrer-Policy", "no-referrer")
	number := canonical(r.PathValue("number"))
	ok, err := p.right(r, number, r.PathValue("secret"))
	if err != nil {
		return err
	}
	if !ok {
		f := p.page(r, "public.link.title")
		f.Path = "/follow" // the switches in the header must not repeat the address
		return p.show(w, r, http.StatusNotFound, f, ui.StepFoot(f, ui.Foot{Label: f.T("public.follow.open"), Href: "/follow"}), linkPage(f))
	}
	p.admit(w, number)
	to := "/follow/" + number
	if strings.HasSuffix(r.URL.Path, "/rate") {
		to += "/rate"
	}
	return web.SeeOther(w, r, to)
}

// leave gives the cookie back: for phones that are not one's own.
func (p *pages) leave(w http.ResponseWriter, r *http.Request) error {
	if number := canonical(r.PathValue("number")); numberForm.MatchString(number) {
		setCookie(w, followCookie(number), "", -time.Second)
	}
	return web.SeeOther(w, r, "/follow")
}

func (p *pages) showDoor(w http.ResponseWriter, r *http.Request, status int, raw form.Raw, faults form.Faults, says map[string]string) error {
	f := p.page(r, "public.follow.title")
	f.Path, f.Faulty = "/follow", len(faults)+len(says) > 0
	v := ui.FormView{Form: doorForm, ID: "follow", Action: "/follow", Raw: raw, Faults: faults, Says: says}
	return p.show(w, r, status, f, ui.StepFoot(f, ui.Foot{Label: f.T("public.follow.open"), Form: "follow"}), doorPage(f, v))
}
