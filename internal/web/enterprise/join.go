package enterprise

import (
	"errors"
	"net/http"
	"strings"

	"weixiao/internal/access"
	"weixiao/internal/directory/firms"
	"weixiao/internal/enterprise"
	"weixiao/internal/form"
	"weixiao/internal/store"
	"weixiao/internal/web"
	"weixiao/internal/web/ui"
)

func accessOf(r *http.Request) access.Principal { return access.From(r.Context()) }

type joinView struct {
	Firm, Login, Name string
	Problem           string
}

func (p *Pages) joinPage(w http.ResponseWriter, r *http.Request) error {
	f := p.page(r, "page.business.join")
	return p.show(w, r, http.StatusOK, f, joinPage(f, joinView{}))
}

// join makes the account of a firm. It says the same of a code that is wrong, used, over, or of another firm.
func (p *Pages) join(w http.ResponseWriter, r *http.Request) error {
	f := p.page(r, "page.business.join")
	v := joinView{Firm: strings.TrimSpace(r.PostFormValue("firm")), Login: strings.TrimSpace(r.PostFormValue("login")), Name: strings.TrimSpace(r.PostFormValue("name"))}
	again := func(status int, problem string) error {
		v.Problem, f.Faulty = problem, true
		return p.show(w, r, status, f, joinPage(f, v))
	}
	if err := p.Site.Gate.CanSignIn(r); err != nil {
		return again(http.StatusForbidden, f.T("desk.signin.plain"))
	}
	if _, err := firms.CheckCode(v.Firm); err != nil {
		zh, en := firms.CodeWords(err)
		return again(http.StatusUnprocessableEntity, map[bool]string{true: en, false: zh}[f.Lang == "en"])
	}
	hash, err := p.Site.Gate.Hash(r.Context(), v.Login, r.PostFormValue("password"))
	if err == nil {
		n := enterprise.Newcomer{Code: v.Firm, Secret: r.PostFormValue("code"), Login: v.Login, Name: v.Name, Password: hash}
		var right bool
		right, err = p.Site.Gate.Guard(r.Context(), []access.Try{{Limit: "code.client", Key: access.Client(r.Context())}}, func(tx *store.Tx) (bool, error) {
			_, err := p.Firms.JoinIn(tx, n)
			if errors.Is(err, access.ErrCode) {
				return false, nil // counted; UseCode has changed nothing
			}
			return err == nil, err
		})
		if err == nil && !right {
			err = access.ErrCode
		}
	}
	if err == nil {
		return web.SeeOther(w, r, "/desk/sign-in?next="+home)
	}
	if errors.Is(err, access.ErrCode) {
		return again(http.StatusUnprocessableEntity, f.T("page.business.join.wrong"))
	}
	if list, ok := errors.AsType[form.Faults](err); ok {
		return again(http.StatusUnprocessableEntity, ui.FaultText(f.Lang, "firm_join", form.Field{Name: list[0].Field, Type: form.Line}, list[0]))
	}
	return err
}
