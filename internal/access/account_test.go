package access_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/journal"
	"weixiao/internal/store"
	"weixiao/internal/store/storetest"
)

func codes(err error) string {
	f, ok := errors.AsType[form.Faults](err)
	if !ok {
		return fmt.Sprint(err)
	}
	var out []string
	for _, x := range f {
		out = append(out, x.Field+" "+x.Code)
	}
	return strings.Join(out, ", ")
}

func TestCreate(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.person("li", street, access.Street)
		for _, c := range []struct {
			name string
			n    access.NewAccount
			want string
		}{
			{"as it should be", access.NewAccount{Login: " Wang.5 ", Name: " 王五 ", Unit: street, Post: "220605001.streetlead", Roles: []string{access.StreetLead, access.Street}}, "<nil>"},
			{"without roles and unit", access.NewAccount{Login: "zhao", Name: "赵六"}, "<nil>"},
			{"nothing at all", access.NewAccount{}, "login required, name required"},
			{"taken, in other letters", access.NewAccount{Login: "LI", Name: "李"}, "login taken"},
			{"blank in the login", access.NewAccount{Login: "a b", Name: "李"}, "login control"},
			{"long", access.NewAccount{Login: strings.Repeat("a", 65), Name: strings.Repeat("长", 41)}, "login long, name long"},
			{"unit that does not exist", access.NewAccount{Login: "x1", Name: "李", Unit: "nowhere"}, "unit choice"},
			{"a unit role without a unit", access.NewAccount{Login: "x2", Name: "李", Roles: []string{access.Grid}}, "unit required"},
			{"roles that exclude each other", access.NewAccount{Login: "x3", Name: "李", Unit: street, Roles: []string{access.Admin, access.Street}}, "roles exclusive"},
			{"a pseudo role", access.NewAccount{Login: "x4", Name: "李", Roles: []string{access.System}}, "roles choice"},
		} {
			var a access.Account
			err := w.db.Write(t.Context(), func(tx *store.Tx) (err error) {
				a, err = w.Create(tx, w.sys, c.n, w.Now())
				return err
			})
			if got := codes(err); got != c.want {
				t.Errorf("%s: %s, want %s", c.name, got, c.want)
			}
			if err != nil {
				continue
			}
			got := get(w, func(tx *store.Tx) (access.Account, error) { return w.Find(tx, w.sys, c.n.Login) })
			if got.ID != a.ID || got.Version != 1 || !got.Active || got.HasPassword || got.Login != strings.ToLower(strings.TrimSpace(c.n.Login)) ||
				got.Name != strings.TrimSpace(c.n.Name) || got.Unit != c.n.Unit || !slices.IsSorted(got.Roles) || len(got.Roles) != len(c.n.Roles) || got.Created.Sub(noon).Abs() > time.Millisecond {
				t.Errorf("%s: %+v", c.name, got)
			}
		}
	})
}

// TestReasons: what gives or takes rights says why, and the act keeps it; a new
// account may. A refusal changes nothing.
func TestReasons(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		var a access.Account
		w.write(func(tx *store.Tx) (err error) {
			a, err = w.Create(tx, w.sys, access.NewAccount{Login: "zhang", Name: "张", Unit: street, Reason: " 新来的 "}, w.Now())
			return err
		})
		do := map[string]func(tx *store.Tx, v int64, why string) (access.Account, error){
			"change": func(tx *store.Tx, v int64, why string) (access.Account, error) {
				return w.Update(tx, w.sys, a.ID, v, access.Person{Name: "张", Unit: town}, why, w.Now())
			},
			"roles": func(tx *store.Tx, v int64, why string) (access.Account, error) {
				return w.SetRoles(tx, w.sys, a.ID, v, []string{access.Grid}, why, w.Now())
			},
			"password": func(tx *store.Tx, v int64, why string) (access.Account, error) {
				return w.SetPassword(tx, w.sys, a.ID, v, "", why, w.Now())
			},
			"disable": func(tx *store.Tx, v int64, why string) (access.Account, error) {
				return w.Disable(tx, w.sys, a.ID, v, why, w.Now())
			},
			"enable": func(tx *store.Tx, v int64, why string) (access.Account, error) {
				return w.Enable(tx, w.sys, a.ID, v, why, w.Now())
			},
		}
		for i, verb := range []string{"change", "roles", "password", "disable", "enable"} {
			v := int64(i + 1)
			for why, want := range map[string]string{"": "reason required", " \n": "reason required", strings.Repeat("长", 201): "reason long"} {
				if err := w.db.Write(t.Context(), func(tx *store.Tx) error { _, err := do[verb](tx, v, why); return err }); codes(err) != want {
					t.Errorf("%s for %q: %v, want %s", verb, why, err, want)
				}
			}
			w.write(func(tx *store.Tx) error { _, err := do[verb](tx, v, " 因为"+verb+" "); return err })
		}
		acts := get(w, func(tx *store.Tx) ([]journal.Act, error) { return journal.History(tx, district, "account", a.ID) })
		for i, want := range []string{"新来的", "因为change", "因为roles", "因为password", "因为disable", "因为enable"} {
			if len(acts) != 6 || acts[i].Texts["reason"] != want {
				t.Fatalf("%d acts; %s has the reason %q, want %q", len(acts), acts[i].Action, acts[i].Texts["reason"], want)
			}
		}
	})
}

// TestTwoWithOneLogin: the unique index decides when two create at once.
func TestTwoWithOneLogin(t *testing.T) {
	dsn := storetest.DSN(t, "postgres")
	a, b := newWorld(t, storetest.OpenDSN(t, dsn, schemas)), newWorld(t, storetest.OpenDSN(t, dsn, schemas))
	var wg sync.WaitGroup
	errs := make([]error, 8)
	for i := range errs {
		w := []*world{a, b}[i%2]
		wg.Go(func() {
			errs[i] = w.db.Write(context.Background(), func(tx *store.Tx) error {
				_, err := w.Create(tx, w.sys, access.NewAccount{Login: "li", Name: "李"}, noon)
				return err
			})
		})
	}
	wg.Wait()
	made := 0
	for _, err := range errs {
		switch {
		case err == nil:
			made++
		case codes(err) != "login taken" && !errors.Is(err, store.ErrConflict):
			t.Error(err)
		}
	}
	if made != 1 {
		t.Errorf("%d accounts with one login", made)
	}
}

// verbs are the actions on an existing account.
var verbs = map[string]func(*world, *store.Tx, access.Scope, access.Account, int64) (access.Account, error){
	"change": func(w *world, tx *store.Tx, sc access.Scope, a access.Account, v int64) (access.Account, error) {
		return w.Update(tx, sc, a.ID, v, access.Person{Name: "新名", Unit: a.Unit, Post: "p"}, "调动", w.Now())
	},
	"roles": func(w *world, tx *store.Tx, sc access.Scope, a access.Account, v int64) (access.Account, error) {
		return w.SetRoles(tx, sc, a.ID, v, []string{access.Grid}, "转岗", w.Now())
	},
	"password": func(w *world, tx *store.Tx, sc access.Scope, a access.Account, v int64) (access.Account, error) {
		return w.SetPassword(tx, sc, a.ID, v, "", "忘记密码", w.Now())
	},
	"disable": func(w *world, tx *store.Tx, sc access.Scope, a access.Account, v int64) (access.Account, error) {
		return w.Disable(tx, sc, a.ID, v, "离职", w.Now())
	},
}

// TestWhoMayDoWhatToAnAccount is the hand-written matrix of 三员分立: rows are who
// acts, columns what is done to an ordinary account and to an administrator's.
func TestWhoMayDoWhatToAnAccount(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		actors := map[string]access.Scope{"system": w.sys, "public": access.PublicScope(district),
			"key": access.ScopeOf(access.Principal{District: district, Kind: access.Key, Client: "app"})}
		ids := map[string]access.Account{}
		for _, r := range access.Roles() {
			if !r.Pseudo {
				ids[r.Name] = w.create(access.NewAccount{Login: "actor-" + r.Name, Name: "某", Unit: street, Roles: []string{r.Name}})
				actors[r.Name] = as(ids[r.Name])
			}
		}
		all := "change roles password disable"
		allowed := map[string]map[string]string{
			"system":        {"ordinary": all, "administrator": all},
			access.Admin:    {"ordinary": all},
			access.Security: {"ordinary": all, "administrator": all},
		}
		n := 0
		for actor, sc := range actors {
			for target, role := range map[string]string{"ordinary": access.Street, "administrator": access.Auditor} {
				for verb, do := range verbs {
					n++
					a := w.create(access.NewAccount{Login: fmt.Sprintf("t%d", n), Name: "某", Unit: street, Roles: []string{role}})
					err := w.db.Write(t.Context(), func(tx *store.Tx) error { _, err := do(w, tx, sc, a, 1); return err })
					if may := strings.Contains(allowed[actor][target], verb); may != (err == nil) || (!may && !errors.Is(err, flow.ErrForbidden)) {
						t.Errorf("%s: %s of an %s account: %v", actor, verb, target, err)
					}
				}
			}
			n++
			for _, c := range []struct {
				role string
				may  bool
			}{{access.Street, actor == "system" || actor == access.Admin}, {access.Security, actor == "system"}} {
				err := w.db.Write(t.Context(), func(tx *store.Tx) error {
					_, err := w.Create(tx, sc, access.NewAccount{Login: fmt.Sprintf("c%d%s", n, c.role), Name: "某", Unit: street, Roles: []string{c.role}}, w.Now())
					return err
				})
				if c.may != (err == nil) {
					t.Errorf("%s creates a %s: %v", actor, c.role, err)
				}
			}
		}
		// Nobody changes his own account, and an administrator cannot make one.
		for _, c := range []struct {
			who  string
			to   access.Account
			give []string
		}{
			{access.Security, ids[access.Security], []string{access.Leader}},
			{access.Admin, ids[access.Admin], []string{access.Security}},
			{access.Admin, ids[access.Grid], []string{access.Security}},
			{access.Admin, ids[access.Auditor], []string{access.Grid}},
		} {
			err := w.db.Write(t.Context(), func(tx *store.Tx) error {
				_, err := w.SetRoles(tx, as(ids[c.who]), c.to.ID, 1, c.give, "x", w.Now())
				return err
			})
			if !errors.Is(err, flow.ErrForbidden) {
				t.Errorf("%s gives %v to %v: %v", c.who, c.give, c.to.Roles, err)
			}
		}
		// What the table offers is what the verbs accept.
		if got := w.OpenActions(as(ids[access.Admin]), ids[access.Grid]); len(got) != 4 || got[0].Name != "change" {
			t.Errorf("admin: %v", got)
		}
		if got := w.OpenActions(as(ids[access.Grid]), ids[access.Grid]); len(got) != 1 || got[0].Name != "password" {
			t.Errorf("self: %v", got)
		}
	})
}

func TestChangesNeedTheLatestVersion(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		admin := as(w.create(access.NewAccount{Login: "admin", Name: "管", Roles: []string{access.Admin}}))
		for name, do := range verbs {
			a := w.create(access.NewAccount{Login: "a-" + name, Name: "某", Unit: street, Roles: []string{access.Street}})
			try := func(sc access.Scope, version int64) error {
				return w.db.Write(t.Context(), func(tx *store.Tx) error { _, err := do(w, tx, sc, a, version); return err })
			}
			for _, v := range []int64{0, 2, -1} {
				if err := try(admin, v); !errors.Is(err, access.ErrStale) {
					t.Errorf("%s at version %d: %v", name, v, err)
				}
			}
			if err := try(admin, 1); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if err := try(admin, 1); !errors.Is(err, access.ErrStale) && !errors.Is(err, flow.ErrState) {
				t.Errorf("%s twice: %v", name, err)
			}
		}
		a := w.create(access.NewAccount{Login: "sys", Name: "某"})
		w.write(func(tx *store.Tx) error { _, err := w.Disable(tx, w.sys, a.ID, 0, "x", w.Now()); return err })
		err := w.db.Write(t.Context(), func(tx *store.Tx) error {
			_, err := w.Disable(tx, w.sys, "nobody", 0, "x", w.Now())
			return err
		})
		if !errors.Is(err, store.ErrNotFound) {
			t.Errorf("nobody: %v", err)
		}
	})
}

func TestScopeOfAnotherDistrict(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		a := w.person("li", street, access.Street)
		foreign := access.SystemScope("220602", "test")
		for name, try := range map[string]func(*store.Tx) error{
			"get":    func(tx *store.Tx) error { _, err := w.Get(tx, foreign, a.ID); return err },
			"find":   func(tx *store.Tx) error { _, err := w.Find(tx, foreign, "li"); return err },
			"list":   func(tx *store.Tx) error { _, _, err := w.List(tx, foreign, access.Filter{}); return err },
			"change": func(tx *store.Tx) error { _, err := w.Disable(tx, foreign, a.ID, 0, "x", noon); return err },
			"create": func(tx *store.Tx) error {
				_, err := w.Create(tx, foreign, access.NewAccount{Login: "x", Name: "y"}, noon)
				return err
			},
			"end":   func(tx *store.Tx) error { return w.RevokeSessions(tx, foreign, a.ID, access.Principal{}) },
			"start": func(tx *store.Tx) error { _, err := w.StartSession(tx, foreign, a.ID, access.Cookie, ""); return err },
			"key": func(tx *store.Tx) error {
				_, err := w.IssueKey(tx, foreign, access.NewKey{Client: "app", Scopes: []string{access.KeyRequests}, Expires: noon.AddDate(1, 0, 0)}, noon)
				return err
			},
			"zero": func(tx *store.Tx) error { _, err := w.Get(tx, access.Scope{}, a.ID); return err },
		} {
			if err := w.db.Write(t.Context(), try); !errors.Is(err, flow.ErrForbidden) {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

// TestReading: out of scope is the same as not there.
func TestReading(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		a := map[string]access.Account{}
		for _, x := range []struct{ login, unit, role string }{
			{"admin", "house", access.Admin}, {"audit", "house", access.Auditor}, {"sup", "house", access.Supervisor},
			{"lead", street, access.StreetLead}, {"sec", village, access.Community}, {"mayor", town, access.StreetLead},
		} {
			a[x.login] = w.create(access.NewAccount{Login: x.login, Name: "某", Unit: x.unit, Roles: []string{x.role}})
		}
		sees := map[string]string{"admin": "admin audit sup lead sec mayor", "audit": "admin audit sup lead sec mayor", "sup": "admin audit sup lead sec mayor",
			"lead": "lead sec", "sec": "sec", "mayor": "mayor"}
		for who, list := range sees {
			for target, acc := range a {
				_, err1 := store.Get(t.Context(), w.db, func(tx *store.Tx) (access.Account, error) { return w.Get(tx, as(a[who]), acc.ID) })
				_, err2 := store.Get(t.Context(), w.db, func(tx *store.Tx) (access.Account, error) { return w.Find(tx, as(a[who]), target) })
				may := slices.Contains(strings.Fields(list), target)
				for _, err := range []error{err1, err2} {
					if may != (err == nil) || (!may && !errors.Is(err, store.ErrNotFound)) {
						t.Errorf("%s reads %s: %v", who, target, err)
					}
				}
			}
		}
		missing := codes(w.db.Read(t.Context(), func(tx *store.Tx) error { _, err := w.Find(tx, as(a["sec"]), "nobody"); return err }))
		hidden := codes(w.db.Read(t.Context(), func(tx *store.Tx) error { _, err := w.Find(tx, as(a["sec"]), "lead"); return err }))
		if missing != hidden {
			t.Errorf("%q for a missing one, %q for a hidden one", missing, hidden)
		}
		list := func(who, unit string) (string, error) {
			var out []string
			err := w.db.Read(t.Context(), func(tx *store.Tx) error {
				page, _, err := w.List(tx, as(a[who]), access.Filter{Unit: unit})
				for _, x := range page {
					out = append(out, x.Login)
				}
				return err
			})
			return strings.Join(out, " "), err
		}
		for _, c := range []struct {
			who, unit, want string
			ok              bool
		}{
			{"sup", "", "admin audit lead mayor sec sup", true}, {"sup", town, "mayor", true},
			{"lead", "", "lead", true}, {"lead", village, "sec", true}, {"lead", town, "", false}, {"lead", "gone", "", false}, {"sec", street, "", false},
		} {
			got, err := list(c.who, c.unit)
			if got != c.want || c.ok != (err == nil) {
				t.Errorf("%s lists %q: %q, %v", c.who, c.unit, got, err)
			}
		}
	})
}

func TestListPages(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for i := range 23 {
			role, unit := access.Street, street
			if i%3 == 0 {
				role, unit = access.StreetLead, town
			}
			a := w.create(access.NewAccount{Login: fmt.Sprintf("u%02d", i), Name: "某", Unit: unit, Roles: []string{role}})
			if i%5 == 0 {
				w.write(func(tx *store.Tx) error { _, err := w.Disable(tx, w.sys, a.ID, 1, "x", noon); return err })
			}
		}
		count := func(f access.Filter) (n, pages int) {
			last := ""
			for {
				var page []access.Account
				var next string
				if err := w.db.Read(t.Context(), func(tx *store.Tx) (err error) {
					page, next, err = w.List(tx, w.sys, f)
					return err
				}); err != nil {
					t.Fatal(err)
				}
				for _, a := range page {
					if a.Login <= last {
						t.Errorf("%s after %s", a.Login, last)
					}
					last = a.Login
				}
				n, pages = n+len(page), pages+1
				if next == "" {
					return n, pages
				}
				f.After = next
			}
		}
		for _, c := range []struct {
			f        access.Filter
			n, pages int
		}{
			{access.Filter{Inactive: true}, 23, 1},
			{access.Filter{Inactive: true, Limit: 5}, 23, 5},
			{access.Filter{Inactive: true, Limit: 23}, 23, 1},
			{access.Filter{Limit: 7}, 18, 3},
			{access.Filter{Inactive: true, Unit: town}, 8, 1},
			{access.Filter{Inactive: true, Role: access.Street}, 15, 1}, // not those of streetlead
			{access.Filter{Role: "%"}, 0, 1},
			{access.Filter{Unit: "nowhere"}, 0, 1},
		} {
			if n, pages := count(c.f); n != c.n || pages != c.pages {
				t.Errorf("%+v: %d accounts on %d pages, want %d on %d", c.f, n, pages, c.n, c.pages)
			}
		}
	})
}

// replayed compares the accounts with the journal.
func replayed(w *world) error {
	p := access.NewReplay()
	if _, err := journal.Verify(context.Background(), w.db, district, p.Apply); err != nil {
		return err
	}
	return w.db.Read(context.Background(), func(tx *store.Tx) error { return p.Compare(tx, district) })
}

// TestActsTellTheWholeStory: every change is an act of its transaction, accounts
// can be rebuilt from them, and none holds a secret.
func TestActsTellTheWholeStory(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		a := w.person("li", street, access.Street)
		b := w.person("wang", town, access.StreetLead)
		step := func(do func(*store.Tx) error) { w.Add(time.Minute); w.write(do) }
		step(func(tx *store.Tx) error {
			_, err := w.Update(tx, w.sys, a.ID, 1, access.Person{Name: "李四四", Unit: town, Post: "p2"}, "调动", w.Now())
			return err
		})
		step(func(tx *store.Tx) error {
			_, err := w.SetRoles(tx, w.sys, a.ID, 2, []string{access.StreetLead, access.Street}, "提拔", w.Now())
			return err
		})
		step(func(tx *store.Tx) error { _, err := w.Disable(tx, w.sys, b.ID, 1, "退休", w.Now()); return err })
		step(func(tx *store.Tx) error { _, err := w.Enable(tx, w.sys, b.ID, 2, "返聘", w.Now()); return err })
		h, err := w.Hash(t.Context(), "wang", "another good phrase")
		if err != nil {
			t.Fatal(err)
		}
		step(func(tx *store.Tx) error {
			_, err := w.SetPassword(tx, w.sys, b.ID, 3, h, "忘记密码", w.Now())
			return err
		})
		_, p := w.signIn("li", access.Cookie)
		if _, err := w.ChangePassword(t.Context(), p, good, "yet another phrase", "", w.Now()); err != nil {
			t.Fatal(err)
		}
		// A refused change leaves nothing.
		_ = w.db.Write(t.Context(), func(tx *store.Tx) error { _, err := w.Disable(tx, as(b), a.ID, 4, "x", w.Now()); return err })

		hist := get(w, func(tx *store.Tx) ([]journal.Act, error) { return journal.History(tx, district, "account", a.ID) })
		var names []string
		for _, x := range hist {
			names = append(names, x.Action+"/"+x.Actor.Capacity)
		}
		if got := strings.Join(names, " "); got != "create/system change/system roles/system password/self" {
			t.Errorf("acts: %s", got)
		}
		if hist[3].Actor.Account != a.ID || hist[0].Texts["login"] != "li" || hist[1].Texts["name"] != "李四四" {
			t.Errorf("acts: %+v", hist)
		}
		story := w.everything()
		for _, secret := range []string{good, "another good phrase", "yet another phrase", "argon2", string(h)} {
			if strings.Contains(story, secret) {
				t.Errorf("the journal holds %q", secret)
			}
		}
		if err := replayed(w); err != nil {
			t.Fatal(err)
		}
		for _, sql := range []string{
			`UPDATE accounts SET roles = 'admin' WHERE login = 'li'`,
			`UPDATE accounts SET unit = '` + street + `' WHERE login = 'li'`,
			`UPDATE accounts SET name = 'x' WHERE login = 'li'`,
			`UPDATE accounts SET login = 'x' WHERE login = 'li'`,
			`UPDATE accounts SET active = (1 = 0) WHERE login = 'li'`,
			`UPDATE accounts SET must_change = (1 = 1) WHERE login = 'li'`,
			`UPDATE accounts SET version = 9 WHERE login = 'li'`,
			`DELETE FROM accounts WHERE login = 'wang'`,
			`UPDATE accounts SET id = 'x' WHERE login = 'wang'`,
		} {
			undo := errors.New("undo")
			err := w.db.Write(t.Context(), func(tx *store.Tx) error {
				if err := tx.Exec(sql); err != nil {
					return err
				}
				r := access.NewReplay()
				for _, id := range []string{a.ID, b.ID} {
					acts, err := journal.History(tx, district, "account", id)
					if err != nil {
						return err
					}
					for _, x := range acts {
						if err := r.Apply(x); err != nil {
							return err
						}
					}
				}
				if r.Compare(tx, district) == nil {
					t.Errorf("not found out: %s", sql)
				}
				return undo
			})
			if !errors.Is(err, undo) {
				t.Errorf("%s: %v", sql, err)
			}
		}
		// A person's right to be forgotten does not break the proof.
		w.write(func(tx *store.Tx) error { return journal.Erase(tx, district, "account", a.ID, noon.UnixMicro()) })
		if err := replayed(w); err != nil {
			t.Errorf("after erasing: %v", err)
		}
	})
}
