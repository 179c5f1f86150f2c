// Package access decides who is asking and what they reach: accounts, sessions,
// roles, scopes, routes, limits. Nothing reaches a row without a Scope, and no
// route exists without a Rule.
//
// A Gate serves one district. Its Middleware puts the Principal of a request
// into the context; its Router asks the route's Rule before the handler runs;
// the handler turns the Principal into a Scope, which every work package demands.
//
//	access.go      Options, Gate, New
//	errors.go      the kinds of refusal, Status
//	role.go        roles, how far they reach, which exclude each other
//	scope.go       Principal, Scope: what a work package asks before it reads a row
//	account.go     Create, Update, SetRoles, SetPassword, Disable, Enable
//	accounts.go    Get, Find, List; the SQL of accounts
//	table.go       which role may do what to an account (a flow table)
//	replay.go      proof that accounts agree with their acts
//	password.go    Rules: what a password must be; Hash: argon2id, bounded
//	signin.go      SignIn, ChangePassword; the lock after five failures
//	session.go     sessions: start, look up, list, revoke
//	seen.go        the cache behind them, and "last seen"
//	key.go code.go API keys of programs and devices; one-time codes (fixkey.go: a known key, for development)
//	limit.go       every limit of the product; Allow (this process), Guard (all nodes)
//	middleware.go  headers, cookies, cross-site requests; client.go: whose address it is
//	router.go      Router, Rule, Handler
//
// Secrets (passwords, tokens, keys, codes) are stored only as hashes, and never
// are part of an act, a log line or an error.
package access

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"weixiao/internal/flow"
	"weixiao/internal/store"
)

//go:embed migrations
var migrations embed.FS

// Schema is the tables of access, numbers 05001-05999.
var Schema = store.Schema{Name: "access", FS: migrations}

// Options tune a Gate. District is required; everything else has a working zero
// value.
type Options struct {
	District string
	Rules    Rules            // passwords: ASVS (zero value) or MLPS3
	Clock    func() time.Time // for sessions and limits; nil = time.Now
	Log      *slog.Logger

	// Path returns the ids of a unit, its parent and so on to the district; nil
	// for a unit that does not exist (any more). Without it units stand alone.
	Path func(unit string) []string
	// Firm reports whether that is the code of a firm, for accounts that speak for one; nil = every code is.
	Firm func(code string) bool
	// Pack is the version of the district pack written into acts.
	Pack func() string

	// Proxies are the addresses of our own reverse proxies. Only they are believed
	// about X-Forwarded-For and X-Forwarded-Proto.
	Proxies []netip.Prefix
	// AllowPlain lets people sign in over plain HTTP from other machines. Loopback
	// is always allowed.
	AllowPlain bool

	SignIn   string // page for signing in; "" = /desk/sign-in
	Password string // page for changing the password; "" = /desk/password

	// Error answers a request that failed: the one place that turns an error into
	// a page or a problem document. nil writes the bare status.
	Error func(w http.ResponseWriter, r *http.Request, err error)
	// Limits replaces the figures of Limits(), by name.
	Limits []Limit
}

// Gate is the door of one district. All its methods may be called by many at once.
type Gate struct {
	db      *store.DB
	opt     Options
	hash    *hasher
	cache   *sessionCache
	buckets map[string]*buckets
	limits  map[string]Limit
	origin  *http.CrossOriginProtection

	denyMu  sync.Mutex
	denials map[Denial]int64
}

// New makes the gate of a district.
func New(db *store.DB, o Options) (*Gate, error) {
	if o.District == "" {
		return nil, fmt.Errorf("access: Options.District is empty")
	}
	if err := o.Rules.valid(); err != nil {
		return nil, err
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.SignIn == "" {
		o.SignIn = "/desk/sign-in"
	}
	if o.Password == "" {
		o.Password = "/desk/password"
	}
	if o.Error == nil {
		o.Error = bareError
	}
	g := &Gate{db: db, opt: o, hash: newHasher(), cache: newSessionCache(), origin: http.NewCrossOriginProtection(),
		buckets: map[string]*buckets{}, limits: map[string]Limit{}, denials: map[Denial]int64{}}
	for _, l := range Limits() {
		g.limits[l.Name] = l
	}
	for _, l := range o.Limits {
		if _, ok := g.limits[l.Name]; !ok || l.N <= 0 || l.Per <= 0 {
			return nil, fmt.Errorf("access: limit %q: unknown name, or N or Per is not positive", l.Name)
		}
		l.Shared = g.limits[l.Name].Shared
		g.limits[l.Name] = l
	}
	for name, l := range g.limits {
		if !l.Shared {
			g.buckets[name] = newBuckets(l, maxBuckets)
		}
	}
	return g, nil
}

// District is the code of the district the gate belongs to.
func (g *Gate) District() string { return g.opt.District }

// ours refuses a scope of another district.
func (g *Gate) ours(sc Scope) error {
	if sc.district == "" || sc.district != g.opt.District {
		return fmt.Errorf("%w: the scope belongs to another district", flow.ErrForbidden)
	}
	return nil
}

// path is the way from a unit up to the district.
func (g *Gate) path(unit string) []string {
	switch {
	case unit == "":
		return nil
	case g.opt.Path != nil:
		return g.opt.Path(unit)
	}
	return []string{unit, g.opt.District}
}

func (g *Gate) pack() string {
	if g.opt.Pack == nil {
		return ""
	}
	return g.opt.Pack()
}

// digest is what is stored of a secret with enough randomness of its own.
func digest(secret string) string {
	h := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(h[:])
}

// Stats are counters for /metrics since the start of the process.
type Stats struct {
	Hashes    int64 // password hashes computed
	Evaluated int64 // of them, with the hash of a real account
	Sessions  int   // sessions in the cache
	Denials   []DenialCount
}

// Stats reads the counters.
func (g *Gate) Stats() Stats {
	return Stats{Hashes: g.hash.computed.Load(), Evaluated: g.hash.evaluated.Load(), Sessions: g.cache.size(), Denials: g.denied()}
}
