package api

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"weixiao/internal/access"
	"weixiao/internal/form"
	"weixiao/internal/web"
)

type (
	// SignIn is what it takes to get a session.
	SignIn struct {
		Login    string `json:"login" maxLength:"64"`
		Password string `json:"password" maxLength:"256"`
	}
	// Me is who the session belongs to.
	Me struct {
		Token      string     `json:"token,omitempty" doc:"send it as Authorization: Bearer; shown once"`
		Expires    *time.Time `json:"expires,omitempty" doc:"at the latest; 30 minutes without use end it too"`
		Account    string     `json:"account"`
		Login      string     `json:"login"`
		Name       string     `json:"name"`
		Unit       *Named     `json:"unit,omitempty"`
		Post       string     `json:"post,omitempty"`
		Roles      []string   `json:"roles"`
		MustChange bool       `json:"must_change" doc:"the password must be changed on the pages before anything else"`
	}
	signInInput struct {
		Spoken
		RawBody []byte `contentType:"application/json"`
	}
	meOutput struct{ Body Me }
)

func (d *door) sessions() {
	path := root + "/session"
	self := access.Rule{SignedIn: true, Unfinished: true}
	operation(d, access.Rule{Public: true, Why: "signing in; limited for each address and login"}, huma.Operation{OperationID: "sign-in", Method: http.MethodPost, Path: path,
		Summary: "Sign in", Tags: []string{"session"}, DefaultStatus: http.StatusCreated, Errors: []int{http.StatusUnauthorized, http.StatusForbidden}}, d.signIn)
	d.answers(path, d.huma.OpenAPI().Components.Schemas.Schema(typeOf[SignIn](), true, ""), nil)
	operation(d, self, huma.Operation{OperationID: "who-am-i", Method: http.MethodGet, Path: path, Summary: "Who am I", Tags: []string{"session"}}, d.whoAmI)
	operation(d, self, huma.Operation{OperationID: "sign-out", Method: http.MethodDelete, Path: path, Summary: "End the session", Tags: []string{"session"}}, d.signOut)
}

func (d *door) signIn(ctx context.Context, in *signInInput) (*meOutput, error) {
	body, err := parse(in.RawBody)
	if err != nil {
		return nil, err
	}
	b := newReader(body)
	a := access.Attempt{Login: b.line("login", 64), Password: b.secret("password"), Client: access.Client(ctx), Kind: access.Bearer}
	for name, v := range map[string]string{"login": a.Login, "password": a.Password} {
		if v == "" && !slices.ContainsFunc(*b.faults, func(f form.Fault) bool { return f.Field == name }) {
			b.fault(name, "required")
		}
	}
	b.unknown()
	if err := b.err(); err != nil {
		return nil, err
	}
	r := request(ctx)
	if err := d.Gate.CanSignIn(r); err != nil {
		return nil, err
	}
	a.Agent = r.UserAgent()
	s, p, err := d.Gate.SignIn(ctx, a)
	if err != nil {
		return nil, err
	}
	me := d.me(ctx, p)
	me.Token, me.Expires = s.Token, new(s.Expires.In(zone))
	return &meOutput{me}, nil
}

// secret takes a text as it is: blanks belong to a password.
func (r *reader) secret(name string) string {
	v, ok := r.take(name)
	s, is := v.(string)
	if ok && (!is || len(s) > 1024) {
		r.fault(name, "shape")
		return ""
	}
	return s
}

func (d *door) me(ctx context.Context, p access.Principal) Me {
	return Me{Account: p.Account, Login: p.Login, Name: p.Name, Unit: d.unitOf(web.Lang(request(ctx)), p.Unit), Post: p.Post, Roles: list(p.Roles), MustChange: p.MustChange}
}

func (d *door) whoAmI(ctx context.Context, _ *struct{ Spoken }) (*meOutput, error) {
	return &meOutput{d.me(ctx, access.From(ctx))}, nil
}

func (d *door) signOut(ctx context.Context, _ *struct{ Spoken }) (*struct{}, error) {
	return nil, d.Gate.SignOut(ctx, access.From(ctx))
}
