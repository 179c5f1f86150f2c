package posts

import (
	"errors"
	"slices"

	"weixiao/internal/access"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/store"
)

// linkable reports whether a post gives its holder something to see in the program.
func (p *Posts) linkable(post string) bool {
	x, ok := p.Board().Post(post)
	if !ok || x.Role == "" || p.o.Gate == nil {
		return false
	}
	r, ok := access.RoleOf(string(x.Role))
	return ok && !r.Separate && !r.Pseudo
}

// link gives the account of the holder the unit and the role of the post, instead of those it had. Only the system
// administrator does it: whoever decides about posts cannot give rights.
func (p *Posts) link(tx *store.Tx, sc access.Scope, t *Term, act *flow.Action, answers form.Answers) error {
	x, ok := p.Board().Post(t.Post)
	if !ok || !p.linkable(t.Post) {
		return refuse("login", "这个岗位在系统里没有权限，不用关联账号", "this post sees nothing in the program: there is nothing to link")
	}
	gate, system := p.o.Gate(), p.system("the account of a post's holder")
	a, err := gate.Find(tx, system, answers.Str("login"))
	if errors.Is(err, store.ErrNotFound) {
		return refuse("login", "没有“%s”这个账号", "there is no account %s", answers.Str("login"))
	}
	if err != nil {
		return err
	}
	for _, role := range a.Roles {
		if r, _ := access.RoleOf(role); r.Separate {
			return refuse("login", "账号“%s”是三员之一，不能担任其他岗位", "account %s is one of the three administrators and can hold no other post", a.Login)
		}
	}
	if !a.Active {
		return refuse("login", "账号“%s”已停用，请先启用", "account %s is disabled; enable it first", a.Login)
	}
	now, why := p.o.Clock(), answers.Str("reason")
	if a.Unit != x.Unit || a.Post != x.ID {
		if a, err = gate.Update(tx, system, a.ID, 0, access.Person{Name: a.Name, Unit: x.Unit, Post: x.ID}, why, now); err != nil {
			return err
		}
	}
	if roles := []string{string(x.Role)}; !slices.Equal(a.Roles, roles) {
		if a, err = gate.SetRoles(tx, system, a.ID, 0, roles, why, now); err != nil {
			return err
		}
	}
	n := *t
	n.Account = a.ID
	return p.record(tx, sc, t, act, n, map[string]string{"reason": why})
}

// unlink takes from an account what it had through a post that is handed over. It keeps its unit and any other role.
func (p *Posts) unlink(tx *store.Tx, t *Term) error {
	if p.o.Gate == nil {
		return nil
	}
	gate, system := p.o.Gate(), p.system("a post was handed over")
	a, err := gate.Get(tx, system, t.Account)
	if errors.Is(err, store.ErrNotFound) || err == nil && (a.Post != t.Post || !a.Active) {
		return nil // it works for something else by now
	}
	if err != nil {
		return err
	}
	why, now := "交接：任期 "+t.ID, p.o.Clock()
	if x, ok := p.Board().Post(t.Post); ok {
		rest := slices.DeleteFunc(slices.Clone(a.Roles), func(r string) bool { return r == string(x.Role) })
		if len(rest) != len(a.Roles) {
			if a, err = gate.SetRoles(tx, system, a.ID, 0, rest, why, now); err != nil {
				return err
			}
		}
	}
	_, err = gate.Update(tx, system, a.ID, 0, access.Person{Name: a.Name, Unit: a.Unit}, why, now)
	return err
}
