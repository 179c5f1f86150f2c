package app

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"weixiao/internal/access"
	"weixiao/internal/directory"
	"weixiao/internal/files/sheet"
	"weixiao/internal/pack"
	"weixiao/internal/store"
	"weixiao/internal/web/office"
)

// DevPassword is the password of every account of a development district.
const DevPassword = "weixiao-dev"

// DevKey is the Open311 key of a development district.
const DevKey = "dev"

// DevAccount is one account of a development district.
type DevAccount struct{ Login, Name, Unit, Post, Role string }

// ErrUsed means that the database has accounts already.
var ErrUsed = errors.New("app: this database is in use already")

// DevAccounts are one account per role in the pack's own units.
func (a *App) DevAccounts() []DevAccount {
	dir := a.Pack.Directory
	first := func(kinds ...directory.Kind) string {
		for _, u := range dir.ByKind(kinds...) {
			return u.ID
		}
		return dir.Root().ID
	}
	street := first(directory.Street)
	community := ""
	for _, u := range dir.Children(street) {
		if u.Kind == directory.Community {
			community = u.ID
			break
		}
	}
	// The worker of a grid of her own, so that the day's turns are hers.
	gridPost := ""
	if grids := dir.Grids(community); len(grids) > 1 {
		gridPost = grids[1].Post
		for _, g := range grids[1:] { // one with doors to knock at
			if slices.ContainsFunc(a.Posts.Board().BuildingsOf(community), func(b *directory.Building) bool { return b.Grid == g.ID }) {
				gridPost = g.Post
				break
			}
		}
	}
	house := ""
	for _, b := range a.Pack.Buildings {
		if b.Community == community {
			house = b.ID
			break
		}
	}
	centre, department := a.Cases.District().Centre, first(directory.Department)
	out := []DevAccount{
		{"operator", "话务员小李", centre, "", access.Operator},
		{"dispatcher", "派单员小王", centre, "", access.Dispatcher},
		{"duty", "值守员老何", a.Pack.Catalogue.DutyDesk().ID, "", access.Duty},
		{"callback", "回访员小周", centre, "", access.Callback},
		{"supervisor", "督办员老郑", first(directory.Supervision), "", access.Supervisor},
		{"leader", "区领导", first(directory.Leaders), "", access.Leader},
		{"street", "街道承办人小孙", street, "", access.Street},
		{"streetlead", "街道负责人老刘", street, "", access.StreetLead},
		{"department", "部门承办人小陈", department, "", access.Department},
		{"deptlead", "部门负责人老吴", department, "", access.DeptLead},
		{"community", "社区书记大姐", community, "", access.Community},
		{"grid", "网格员小赵", community, gridPost, access.Grid},
		{"cadre", "机关楼长小吕", community, house + ".cadre", access.Chief},
		{"resident", "居民楼长刘婶", community, house + ".resident", access.Chief},
		{"inspector", "环卫巡查员小林", "sanitation", "", access.Inspector},
		{"contractor", "环卫作业公司经理老姜", "cleaning", "", access.Contractor},
		{"firm", "企业经办人小马", a.firstFirm(), "", access.Firm},
		{"clerk", "社保窗口小何", "social-insurance", "", access.Clerk},
		{"expressclerk", "直通车专员小郭", first(directory.Supervision), "", access.ExpressClerk},
		{"auditor", "审计员", dir.Root().ID, "", access.Auditor},
		{"admin", "系统管理员", dir.Root().ID, "", access.Admin},
		{"security", "安全管理员", dir.Root().ID, "", access.Security},
	}
	out = slices.DeleteFunc(out, func(d DevAccount) bool { return d.Unit == "" })
	if house == "" { // a pack without buildings has no chiefs of buildings
		out = slices.DeleteFunc(out, func(d DevAccount) bool { return d.Role == access.Chief })
	}
	for i := range out {
		for _, p := range dir.Posts(out[i].Unit) {
			if out[i].Post == "" && string(p.Role) == out[i].Role {
				out[i].Post = p.ID
				break
			}
		}
	}
	return out
}

// firstFirm is the code of the first firm of the pack; its account is that of a firm in a development district.
func (a *App) firstFirm() string {
	for _, f := range a.Pack.Firms {
		if f.Code != "" && slices.Contains(f.Kinds, "firm") {
			return f.Code
		}
	}
	return ""
}

// InitDev fills an empty database with one account per role and the key of the
// development client. On a database that has accounts it does nothing.
func (a *App) InitDev(ctx context.Context) error {
	hash, err := a.Gate.Hash(ctx, "", DevPassword)
	if err != nil {
		return fmt.Errorf("app: %w", err)
	}
	sc := access.SystemScope(a.Pack.District, "accounts of a development district")
	err = a.DB.Write(ctx, func(tx *store.Tx) error {
		used, err := a.used(tx)
		if err != nil || used {
			return err
		}
		for _, d := range a.DevAccounts() {
			if _, err := a.Gate.Create(tx, sc, access.NewAccount{Login: d.Login, Name: d.Name, Unit: d.Unit, Post: d.Post, Roles: []string{d.Role},
				Password: hash, Lasting: true}, a.Clock()); err != nil {
				return fmt.Errorf("app: account %s: %w", d.Login, err)
			}
		}
		for _, c := range a.trackers() {
			if err := a.Gate.FixKey(tx, sc, c, "dev-"+c, a.Clock()); err != nil {
				return err
			}
		}
		return a.Gate.FixKey(tx, sc, "dev", DevKey, a.Clock())
	})
	return err
}

// RegisterDev registers the firm that the development account "firm" speaks for, without a contact, so that its home opens.
// It is not part of InitDev: a simulated year registers every firm of the pack at its own time.
func (a *App) RegisterDev(ctx context.Context) error {
	code := a.firstFirm()
	if code == "" {
		return nil
	}
	if _, _, err := a.Firms.Get(ctx, code); !errors.Is(err, store.ErrNotFound) {
		return err
	}
	i := slices.IndexFunc(a.Pack.Firms, func(f pack.Firm) bool { return f.Code == code })
	f, madeUp := a.Pack.Firms[i], "no"
	if f.MadeUp {
		madeUp = "yes"
	}
	t := &sheet.Table{Head: []string{"code", "name", "kinds", "sector", "unit", "address", "made_up"},
		Lines: [][]string{{f.Code, f.Name, strings.Join(f.Kinds, " "), f.Sector, f.Unit, f.Address, madeUp}}}
	rep, err := a.Firms.Load(ctx, access.SystemScope(a.Pack.District, "the firm of a development district"), t, true)
	if err == nil && !rep.Done {
		err = fmt.Errorf("app: the firm of a development district: %s", rep.Bad[0].EN)
	}
	return err
}

// trackers are the platforms that may send positions of sweeping machines; their keys in a development district are
// "dev-" and the name.
func (a *App) trackers() (out []string) {
	if a.Pack.Sanitation == nil {
		return nil
	}
	for _, c := range a.Pack.Sanitation.Contracts {
		if c.Client != "" && !slices.Contains(out, c.Client) {
			out = append(out, c.Client)
		}
	}
	return out
}

func (a *App) used(tx *store.Tx) (bool, error) {
	var n int64
	err := tx.Row(`SELECT count(*) FROM accounts WHERE district = $1`, []any{a.Pack.District}, &n)
	return n > 0, err
}

// InitFirst makes the first administrators of an empty database: an account of
// the system administrator and one of the security administrator, each with a
// one-time code instead of a password.
func (a *App) InitFirst(ctx context.Context) (codes map[string]string, err error) {
	codes = map[string]string{}
	sc := access.SystemScope(a.Pack.District, "first administrators of an empty database")
	err = a.DB.Write(ctx, func(tx *store.Tx) error {
		used, err := a.used(tx)
		if err != nil {
			return err
		}
		if used {
			return ErrUsed
		}
		root := a.Pack.Directory.Root().ID
		for _, role := range []string{access.Admin, access.Security} {
			if _, err := a.Gate.Create(tx, sc, access.NewAccount{Login: role, Name: role, Unit: root, Roles: []string{role}}, a.Clock()); err != nil {
				return err
			}
			if codes[role], err = access.IssueCode(tx, sc, office.FirstPurpose(role), access.CodeTime, a.Clock()); err != nil {
				return err
			}
		}
		return nil
	})
	return codes, err
}
