package access

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"weixiao/internal/flow"
	"weixiao/internal/store"
)

// How long a session lasts (GB/T 22239 and ASVS 7.3): without use, and at most.
const (
	IdleTime     = 30 * time.Minute
	AbsoluteTime = 12 * time.Hour
)

// Session is one signed-in browser or program.
type Session struct {
	ID      string // for lists and ending; worthless as a token
	Token   string // only in the answer of SignIn, ChangePassword and StartSession
	Account string
	Kind    Kind // Cookie or Bearer
	Agent   string
	Created time.Time
	Seen    time.Time // to the minute
	Expires time.Time
}

// StartSession opens a session of an account that was identified by other means:
// the system for somebody it just made, or somebody for himself.
func (g *Gate) StartSession(tx *store.Tx, sc Scope, account string, k Kind, agent string) (Session, error) {
	if err := g.ours(sc); err != nil {
		return Session{}, err
	}
	if !sc.Can(System) && (account == "" || sc.account != account) {
		return Session{}, fmt.Errorf("%w: a session of somebody else", flow.ErrForbidden)
	}
	r, err := load(tx, g.opt.District, account)
	if err != nil {
		return Session{}, err
	}
	if !r.Active {
		return Session{}, fmt.Errorf("%w: the account is disabled", flow.ErrForbidden)
	}
	return g.start(tx, account, k, agent)
}

func (g *Gate) start(tx *store.Tx, account string, k Kind, agent string) (Session, error) {
	if k != Cookie && k != Bearer {
		return Session{}, fmt.Errorf("access: a session of kind %q", k)
	}
	now := g.opt.Clock().UTC().Truncate(time.Microsecond)
	s := Session{Token: rand.Text(), Account: account, Kind: k, Agent: agentSummary(agent), Created: now, Seen: now, Expires: now.Add(AbsoluteTime)}
	s.ID = digest(s.Token)
	return s, tx.Exec(`INSERT INTO sessions (district, hash, account, kind, agent, created, seen, expires) VALUES ($1, $2, $3, $4, $5, $6, $6, $7)`,
		g.opt.District, s.ID, account, string(k), s.Agent, now.UnixMicro(), s.Expires.UnixMicro())
}

// Lookup finds the principal of a token that came in the given way; anonymous,
// without an error, when there is no such session (any more).
func (g *Gate) Lookup(ctx context.Context, token string, k Kind) (Principal, error) {
	anybody := Principal{District: g.opt.District}
	if len(token) < 20 || len(token) > 64 {
		return anybody, nil
	}
	hash, now := digest(token), g.opt.Clock().UnixMicro()
	e, ok := g.cache.get(hash, now)
	if !ok {
		gen := g.cache.generation()
		var err error
		e, err = store.Get(ctx, g.db, func(tx *store.Tx) (entry, error) { return readSession(tx, g.opt.District, hash) })
		if errors.Is(err, store.ErrNotFound) {
			return anybody, nil
		}
		if err != nil {
			return anybody, fmt.Errorf("access: session: %w", err)
		}
		e.Path = slices.Clip(g.path(e.Unit))
		e.read = now
		g.cache.put(hash, e, gen)
	}
	seen := g.cache.lastSeen(hash, e.seen)
	if e.Kind != k || !e.active || now >= e.expires || now-seen >= IdleTime.Microseconds() {
		return anybody, nil
	}
	if g.cache.touch(hash, e.seen, now) {
		g.sweep(ctx, now)
	}
	p := e.Principal
	p.District, p.session = g.opt.District, hash
	p.MustChange = p.MustChange || g.old(e.hashedAt, now)
	return p, nil
}

// old reports whether a password is past the age the rules allow.
func (g *Gate) old(hashedAt, now int64) bool {
	age := g.opt.Rules.MaxAge()
	return age > 0 && now-hashedAt > age.Microseconds()
}

// entry is a session with its account, as read in one go.
type entry struct {
	Principal
	active                        bool
	seen, expires, hashedAt, read int64
}

func readSession(tx *store.Tx, district, hash string) (e entry, err error) {
	var names, kind string
	err = tx.Row(`SELECT s.kind, s.seen, s.expires, a.id, a.login, a.name, a.unit, a.post, a.roles, a.active, a.must_change, a.hashed_at
		FROM sessions s JOIN accounts a ON a.district = s.district AND a.id = s.account WHERE s.district = $1 AND s.hash = $2`, []any{district, hash},
		&kind, &e.seen, &e.expires, &e.Account, &e.Login, &e.Name, &e.Unit, &e.Post, &names, &e.active, &e.MustChange, &e.hashedAt)
	e.Kind, e.Roles = Kind(kind), slices.Clip(splitRoles(names))
	return e, err
}

// SignOut ends the session a principal came with.
func (g *Gate) SignOut(ctx context.Context, p Principal) error {
	if p.session == "" {
		return nil
	}
	return g.db.Write(ctx, func(tx *store.Tx) error { return g.end(tx, p.session, p.Account) })
}

// end deletes one session, here at once and on other nodes within five seconds.
func (g *Gate) end(tx *store.Tx, hash, account string) error {
	tx.AfterCommit(func() { g.cache.drop(account) })
	return tx.Exec(`DELETE FROM sessions WHERE district = $1 AND hash = $2`, g.opt.District, hash)
}

// endSessions deletes all sessions of an account but one.
func endSessions(tx *store.Tx, district, account, but string) error {
	return tx.Exec(`DELETE FROM sessions WHERE district = $1 AND account = $2 AND hash <> $3`, district, account, but)
}

// mayEnd: one's own sessions, and everybody's for the administrators.
func (g *Gate) mayEnd(sc Scope, account string) error {
	if err := g.ours(sc); err != nil {
		return err
	}
	if account != "" && sc.account == account {
		return nil
	}
	return sc.need("sessions of somebody else", Admin, Security, System)
}

// ListSessions lists the sessions of an account that still hold, newest first.
func (g *Gate) ListSessions(tx *store.Tx, sc Scope, account string) ([]Session, error) {
	if err := g.mayEnd(sc, account); err != nil {
		return nil, err
	}
	now := g.opt.Clock()
	return store.All(tx, func(r store.Scanner) (s Session, err error) {
		var kind string
		var created, seen, expires int64
		err = r.Scan(&s.ID, &kind, &s.Agent, &created, &seen, &expires)
		seen = g.cache.lastSeen(s.ID, seen)
		s.Account, s.Kind, s.Created, s.Seen, s.Expires = account, Kind(kind), micro(created), micro(seen), micro(expires)
		return s, err
	}, `SELECT hash, kind, agent, created, seen, expires FROM sessions WHERE district = $1 AND account = $2 AND expires > $3 AND seen > $4 ORDER BY created DESC, hash`,
		g.opt.District, account, now.UnixMicro(), now.Add(-IdleTime).UnixMicro())
}

// RevokeSession ends one session of an account.
func (g *Gate) RevokeSession(tx *store.Tx, sc Scope, account, id string) error {
	if err := g.mayEnd(sc, account); err != nil {
		return err
	}
	var n int64
	if err := tx.Row(`SELECT count(*) FROM sessions WHERE district = $1 AND hash = $2 AND account = $3`, []any{g.opt.District, id, account}, &n); err != nil {
		return err
	}
	if n == 0 {
		return fmt.Errorf("access: session: %w", store.ErrNotFound)
	}
	return g.end(tx, id, account)
}

// RevokeSessions ends all sessions of an account, except the one p came with when
// it is the account's own.
func (g *Gate) RevokeSessions(tx *store.Tx, sc Scope, account string, p Principal) error {
	if err := g.mayEnd(sc, account); err != nil {
		return err
	}
	but := ""
	if p.Account == account {
		but = p.session
	}
	tx.AfterCommit(func() { g.cache.drop(account) })
	return endSessions(tx, g.opt.District, account, but)
}

// agentSummary makes a few words of a User-Agent: enough to recognise one's own
// devices, too little to identify a person.
func agentSummary(ua string) string {
	pick := func(pairs ...string) string {
		for i := 0; i < len(pairs); i += 2 {
			if strings.Contains(ua, pairs[i]) {
				return pairs[i+1]
			}
		}
		return ""
	}
	browser := pick("MicroMessenger", "WeChat", "DingTalk", "DingTalk", "QQBrowser", "QQ Browser", "Edg", "Edge", "OPR/", "Opera",
		"Firefox", "Firefox", "ArkWeb", "ArkWeb", "Chrome", "Chrome", "Safari", "Safari", "curl", "curl")
	system := pick("HarmonyOS", "HarmonyOS", "OpenHarmony", "HarmonyOS", "Android", "Android", "iPhone", "iPhone", "iPad", "iPad",
		"Windows", "Windows", "Mac OS X", "macOS", "UOS", "UOS", "Kylin", "Kylin", "Linux", "Linux")
	switch {
	case browser == "" && system == "":
		return ""
	case browser == "" || system == "":
		return browser + system
	}
	return browser + ", " + system
}
