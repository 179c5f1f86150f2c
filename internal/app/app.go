// Package app wires everything by hand: it is the only package that imports all
// others. Open makes a district ready to work from a configuration; Handler is
// everything it serves; Run keeps it going until its context ends.
//
//	app.go    App, Open, Run
//	routes.go Handler: all doors on one router
//	init.go   Init: an empty district, its first administrator; Dev: one account per role
//	health.go /healthz, /readyz, /metrics
package app

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/paulmach/orb"

	"weixiao/internal/access"
	"weixiao/internal/api/exchange"
	"weixiao/internal/assess"
	"weixiao/internal/assets"
	"weixiao/internal/calendars"
	"weixiao/internal/cases"
	"weixiao/internal/config"
	"weixiao/internal/directory"
	"weixiao/internal/directory/firms"
	"weixiao/internal/directory/layers"
	"weixiao/internal/directory/posts"
	"weixiao/internal/duties"
	"weixiao/internal/enterprise"
	"weixiao/internal/enterprise/express"
	"weixiao/internal/enterprise/policies"
	"weixiao/internal/enterprise/windows"
	"weixiao/internal/files"
	"weixiao/internal/insight"
	"weixiao/internal/insight/forecast"
	"weixiao/internal/journal"
	"weixiao/internal/notify"
	"weixiao/internal/pack"
	"weixiao/internal/places"
	"weixiao/internal/projects"
	"weixiao/internal/projects/agents"
	"weixiao/internal/projects/approvals"
	"weixiao/internal/projects/campaigns"
	"weixiao/internal/projects/outreach"
	"weixiao/internal/record"
	"weixiao/internal/rounds"
	"weixiao/internal/rounds/formalism"
	"weixiao/internal/rounds/sanitation"
	"weixiao/internal/rounds/villages"
	"weixiao/internal/rounds/visits"
	"weixiao/internal/rounds/workdays"
	"weixiao/internal/store"
	"weixiao/internal/vault"
	"weixiao/internal/web"
	"weixiao/internal/web/desk"
	"weixiao/internal/web/field"
	"weixiao/internal/web/public"
	"weixiao/internal/worktime"
)

// Schemas are the tables of the whole program.
func Schemas() []store.Schema {
	return []store.Schema{
		store.OnceSchema, journal.Schema, vault.Schema, files.Schema, access.Schema, notify.Schema, record.Schema, // the ground
		layers.Schema, calendars.Schema, duties.Schema, posts.Schema, firms.Schema, // the district
		places.Schema, assets.Schema, cases.Schema, rounds.Schema, workdays.Schema, visits.Schema, formalism.Schema, sanitation.Schema, villages.Schema, assess.Schema, insight.Schema, forecast.Schema, windows.Schema, public.Schema, field.Schema,
	}
}

// App is a district at work.
type App struct {
	Config   *config.Config
	Log      *slog.Logger
	DB       *store.DB
	Pack     *pack.Pack
	Vault    *vault.Vault
	Files    *files.Store
	Gate     *access.Gate
	Places   *places.Places
	Assets   *assets.Assets
	Posts    *posts.Posts
	Firms    *firms.Firms
	Cases    *cases.Cases
	Rounds   *rounds.Rounds
	Guard    *formalism.Guard
	Workdays *workdays.Workdays
	Visits   *visits.Visits
	// Sanitation and Villages are nil when the pack has none.
	Sanitation *sanitation.Sanitation
	Villages   *villages.Villages
	Assess     *assess.Assess
	Advise     *insight.Adviser
	Early      *forecast.Forecasts
	Layers     *layers.Layers
	// Records keeps every kind of record that needs nothing but its flow table.
	Records  *record.Engine
	Projects *projects.Projects
	Outreach *outreach.Outreach
	// Approvals and Agents are nil when the pack has no approvals.yaml.
	Approvals *approvals.Approvals
	Agents    *agents.Agents
	Campaigns *campaigns.Campaigns // nil when the pack has none
	Windows   *windows.Windows     // star-rated service windows; nil when the pack has none
	Live      *journal.Live
	Site      *web.Site
	Clock     func() time.Time
	// Enterprise is what is known of firms; Policies is nil when the pack has none.
	Enterprise *enterprise.Enterprise
	Policies   *policies.Policies
	// Express is the line to the party secretary and the district head; nil when the pack has none.
	Express *express.Express

	runner  *journal.Runner
	alarms  *cases.Alarms
	post    *notify.Courier
	handler http.Handler
	table   []access.Route
	desk    *desk.Desk
}

// Options are what tests and commands change beyond the configuration.
type Options struct {
	Clock func() time.Time // nil = time.Now
	Log   *slog.Logger     // nil = as configured, to standard error
	Store store.Options
	Note  string // one line on every page: a demonstration says so
}

// Open opens database, keys and files and wires the packages. Nothing runs yet.
func Open(ctx context.Context, cfg *config.Config, opt Options) (a *App, err error) {
	a = &App{Config: cfg, Log: opt.Log, Clock: opt.Clock}
	if a.Clock == nil {
		a.Clock = time.Now
	}
	if a.Log == nil {
		a.Log = logger(cfg)
	}
	if a.Pack, err = loadPack(cfg); err != nil {
		return nil, err
	}
	folder := cfg.Folder()
	keys, follow, err := openKeys(filepath.Join(folder, "keys"))
	if err != nil {
		return nil, err
	}
	a.Vault = vault.New(keys, vault.Options{})
	if a.Files, err = files.Open(filepath.Join(folder, "files"), files.Limits{}, a.Clock()); err != nil {
		return nil, err
	}
	opt.Store.Log = a.Log
	if a.DB, err = store.Open(ctx, cfg.Get("database"), opt.Store, Schemas()...); err != nil {
		return nil, err
	}
	district := a.Pack.District
	if err := a.Vault.Bind(ctx, a.DB, district); err != nil {
		_ = a.DB.Close()
		return nil, err
	}
	a.Layers = layers.New(a.DB, district, a.Pack.Version, a.Pack.Atlas(), a.Pack.Directory, a.Clock)
	if err := a.Layers.Refresh(ctx); err != nil {
		_ = a.DB.Close()
		return nil, err
	}
	// What a point lies in follows the layers in force; a district without a map has none.
	var locate func(orb.Point) (directory.Place, bool)
	if len(a.Layers.Atlas().Layers()) > 0 {
		locate = func(at orb.Point) (directory.Place, bool) { return a.Layers.Locate(at[0], at[1]) }
	}
	place := cases.FromPack(a.Pack)
	a.Places = places.New(a.DB, places.Options{District: district, Pack: a.Pack.Version, Base: a.Pack.Gazetteer.Locating(locate), Clock: a.Clock})
	if err := a.Places.Refresh(ctx); err != nil {
		_ = a.DB.Close()
		return nil, err
	}
	place.Find = a.Places.Find
	a.Assets = assets.New(a.DB, a.Pack, a.Clock)
	a.Assets.Locate = a.Layers.Locate
	place.Asset = a.Assets.Registered
	place.Locate = a.Layers.Locate
	place.Areas = func(lon, lat float64) []string { return pack.AreasIn(a.Layers.Atlas(), lon, lat) }
	a.Firms = firms.New(a.DB, district, a.Pack.Version, a.Pack.Directory, a.Vault, a.Clock)
	a.Posts = posts.New(a.DB, posts.Options{District: district, Pack: a.Pack.Version, Directory: a.Pack.Directory, Kinds: a.Pack.PostKinds, Buildings: a.Pack.Buildings,
		Locate: locate, Vault: a.Vault, Gate: func() *access.Gate { return a.Gate }, Clock: a.Clock, Log: a.Log})
	if err := a.Posts.Refresh(ctx); err != nil {
		_ = a.DB.Close()
		return nil, err
	}
	for _, adopt := range []func(*store.Tx, time.Time) error{place.Calendar.Adopt, place.Duties.Adopt} {
		if err := a.DB.Write(ctx, func(tx *store.Tx) error { return adopt(tx, a.Clock()) }); err != nil {
			_ = a.DB.Close()
			return nil, err
		}
	}
	if err := place.Duties.Refresh(ctx, a.DB); err != nil {
		_ = a.DB.Close()
		return nil, err
	}
	a.Cases = cases.New(a.DB, place, a.Vault, follow, a.Clock)
	a.Guard = a.openGuard()
	a.Rounds = a.openRounds()
	a.Workdays = web.NewWorkdays(a.DB, a.Cases, a.Pack, a.Vault, a.Clock)
	a.Visits = web.NewVisits(a.DB, a.Cases, a.Pack, a.Vault, a.Posts, func() *access.Gate { return a.Gate }, a.Clock)
	a.Assess = assess.New(a.DB, a.Cases, a.Pack, a.Clock)
	sweep := sanitation.From(a.Pack, a.Clock, a.Log)
	sweep.Calendar = func(tx *store.Tx, unit string) (*worktime.Calendar, error) {
		set, err := a.Cases.Calendars(tx)
		if err != nil {
			return nil, err
		}
		return set.Of(unit), nil
	}
	a.Sanitation = sanitation.New(a.DB, sweep)
	renew := villages.From(a.Pack, a.Clock)
	renew.Calendar = sweep.Calendar
	a.Villages = villages.New(a.DB, renew)
	a.openRecords(sweep.Calendar)
	a.Advise = insight.NewAdviser(a.DB, a.Cases, a.Pack, folder, a.Clock, a.Log)
	a.Early = forecast.New(a.DB, district)
	a.Live = journal.NewLive(a.DB, district, a.Log)
	if a.Gate, err = a.gate(); err != nil {
		_ = a.DB.Close()
		return nil, err
	}
	a.Site = &web.Site{DB: a.DB, Cases: a.Cases, Places: a.Places, Assets: a.Assets, Posts: a.Posts, Firms: a.Firms, Pack: a.Pack, Vault: a.Vault, Files: a.Files,
		Gate: a.Gate, Live: a.Live, Assess: a.Assess, Rounds: a.Rounds, Guard: a.Guard, Workdays: a.Workdays, Visits: a.Visits, Sanitation: a.Sanitation, Villages: a.Villages, Layers: a.Layers, Adviser: a.Advise, Forecast: a.Early, DraftRule: desk.DraftRule,
		Imports: exchange.Files(a.Cases, a.Assets, a.Pack, a.Sanitation),
		Clock:   a.Clock, Log: a.Log, Phone: a.Pack.Hotline, Note: opt.Note}
	if a.post, err = a.courier(); err != nil {
		_ = a.DB.Close()
		return nil, err
	}
	a.alarms = a.Cases.NewAlarms(a.Log)
	a.runner = journal.NewRunner(a.DB, district, a.Log, a.followers()...)
	a.handler = a.routes()
	return a, nil
}

func (a *App) gate() (*access.Gate, error) {
	proxies, err := a.Config.Proxies()
	if err != nil {
		return nil, err
	}
	o := access.Options{
		District: a.Pack.District, Clock: a.Clock, Log: a.Log, Proxies: proxies, AllowPlain: a.Config.Get("plain_http") == "true",
		Path: func(unit string) []string {
			var out []string
			for _, u := range a.Pack.Directory.Path(unit) {
				out = append(out, u.ID)
			}
			return out
		},
		Firm: func(code string) bool {
			_, err := firms.CheckCode(code)
			return err == nil
		},
		Pack:  func() string { return a.Pack.Version },
		Error: func(w http.ResponseWriter, r *http.Request, err error) { a.Site.Error(w, r, err) },
	}
	if a.Config.Get("password_rules") == "mlps3" {
		o.Rules = access.MLPS3
	}
	if a.Config.Dev {
		// One machine plays every resident here: limits per address would only stop
		// the tests.
		for _, l := range access.Limits() {
			if strings.HasSuffix(l.Name, ".client") && !l.Shared {
				l.N, l.Per = 1_000_000, time.Minute
				o.Limits = append(o.Limits, l)
			}
		}
	}
	return access.New(a.DB, o)
}

// followers are what follows the journal of a running district.
func (a *App) followers() []journal.Follower {
	return []journal.Follower{a.Cases.Notices(a.Pack.Name+a.Pack.Hotline, len(a.post.Senders) > 0), a.Assess.Follower(), a.Advise.Follower(), a.Early.Follower(), a.Cases.Alarming(), a.Places.Follower(), a.Rounds.Follower(),
		a.Workdays.Follower(a.Pack.Name+a.Pack.Hotline, len(a.post.Senders) > 0)}
}

// courier delivers messages through the providers that are configured.
func (a *App) courier() (*notify.Courier, error) {
	c := &notify.Courier{DB: a.DB, Vault: a.Vault, District: a.Pack.District, Clock: a.Clock, Log: a.Log,
		Extra: func(m notify.Message) map[string]string {
			if workdays.IsNumber(m.Subject) {
				secret := a.Workdays.Secret(m.Subject)
				return map[string]string{"secret": secret, "url": strings.TrimSuffix(a.Config.Get("public_url"), "/") + "/workdays/b/" + m.Subject + "/" + secret}
			}
			secret := a.Cases.Secret(m.Subject)
			return map[string]string{"secret": secret, "url": strings.TrimSuffix(a.Config.Get("public_url"), "/") + "/f/" + m.Subject + "/" + secret}
		}}
	if u := a.Config.Get("sms_url"); u != "" {
		c.Senders = append(c.Senders, &notify.SMS{URL: u, Token: a.Config.Get("sms_token")})
	}
	if s := a.Config.Get("smtp"); s != "" {
		m, err := notify.ParseMail(s, a.Config.Get("mail_from"))
		if err != nil {
			return nil, err
		}
		c.Senders = append(c.Senders, m)
	}
	if len(c.Senders) > 0 && a.Config.Get("public_url") == "" {
		return nil, errors.New("app: public_url must be set when messages are sent: they carry the address of the portal")
	}
	return c, nil
}

func logger(cfg *config.Config) *slog.Logger {
	var level slog.Level
	_ = level.UnmarshalText([]byte(cfg.Get("log"))) // checked by config
	return slog.New(slog.NewJSONHandler(os.Stderr, &slog.HandlerOptions{Level: level}))
}

func loadPack(cfg *config.Config) (*pack.Pack, error) {
	if dir := cfg.Get("pack"); dir != "" {
		return pack.Load(os.DirFS(dir))
	}
	return pack.Load(pack.Jiangyuan())
}

// openKeys reads the vault's keys and the key of the follow-up secrets, or makes
// them in a new folder.
func openKeys(dir string) (*vault.Keys, []byte, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, nil, fmt.Errorf("app: %w", err)
	}
	name := filepath.Join(dir, "vault.json")
	keys, err := vault.LoadKeys(name)
	if errors.Is(err, vault.ErrKeysMissing) {
		keys, err = vault.CreateKeys(name)
	}
	if err != nil {
		return nil, nil, err
	}
	follow, err := followKey(filepath.Join(dir, "follow.key"))
	return keys, follow, err
}

func followKey(name string) ([]byte, error) {
	b, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		key := make([]byte, 32)
		_, _ = rand.Read(key)
		f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if err != nil {
			return nil, fmt.Errorf("app: %w", err)
		}
		_, err = f.WriteString(base64.StdEncoding.EncodeToString(key) + "\n")
		if err == nil {
			err = f.Sync()
		}
		if cerr := f.Close(); err == nil {
			err = cerr
		}
		return key, err
	}
	if err != nil {
		return nil, fmt.Errorf("app: %w", err)
	}
	key, err := base64.StdEncoding.DecodeString(strings.TrimSpace(string(b)))
	if err != nil || len(key) != 32 {
		return nil, fmt.Errorf("app: %s is damaged: restore it from its copy", name)
	}
	return key, nil
}

// Handler is everything the district serves.
func (a *App) Handler() http.Handler { return a.handler }

// Follow runs what follows the journal and what looks after deadlines until ctx
// ends.
func (a *App) Follow(ctx context.Context) {
	ctx = store.Behind(ctx)
	var wg sync.WaitGroup
	wg.Go(func() { a.runner.Run(ctx) })
	wg.Go(func() { a.Live.Run(ctx) })
	wg.Go(func() { a.post.Run(ctx) })
	wg.Go(func() { a.desk.Run(ctx) })
	wg.Go(func() { a.Advise.Run(ctx) })
	wg.Go(func() { a.Layers.Run(ctx, a.Log) })
	wg.Go(func() { a.alarms.Run(ctx) })
	wg.Go(func() { a.Places.Run(ctx) })
	wg.Go(func() { a.Rounds.NewPlanner(a.Log).Run(ctx) })
	wg.Go(func() { a.Cases.District().Duties.Run(ctx, a.DB, a.Log) })
	wg.Go(func() { a.Cases.NewDryRunner(a.Log).Run(ctx) })
	wg.Go(func() { a.Posts.Run(ctx) })
	wg.Go(func() { a.Visits.Run(ctx, a.Log) })
	if a.Sanitation != nil {
		wg.Go(func() { a.Sanitation.Run(ctx) })
	}
	wg.Go(func() { a.Cases.NewRecounter(a.Log).Run(ctx) })
	if a.Express != nil {
		wg.Go(func() { a.Express.Run(ctx, a.Log) })
	}
	wg.Go(func() { a.Records.Run(ctx, a.Log, a.calendarSeq) })
	if a.Approvals != nil {
		wg.Go(func() { a.Approvals.Run(ctx, a.Pack.District, a.Log) })
	}
	wg.Go(func() {
		if err := a.Cases.Warm(ctx); err != nil && ctx.Err() == nil {
			a.Log.Warn("open cases not read yet", "error", err)
		}
	})
	wg.Wait()
}

// CatchUp lets everything that follows the journal handle what is there.
func (a *App) CatchUp(ctx context.Context) error { return a.runner.CatchUp(ctx) }

// Serve serves on a listener until ctx ends, then drains: no new work, what is on
// the wire is answered, at most 25 seconds.
func (a *App) Serve(ctx context.Context, l net.Listener) error {
	run, stop := context.WithCancel(context.Background())
	defer stop()
	var wg sync.WaitGroup
	wg.Go(func() { a.Follow(run) })
	srv := &http.Server{Handler: a.handler, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 2 * time.Minute, IdleTimeout: 2 * time.Minute,
		MaxHeaderBytes: 32 << 10, ErrorLog: slog.NewLogLogger(a.Log.Handler(), slog.LevelDebug), BaseContext: func(net.Listener) context.Context { return run }}
	failed := make(chan error, 1)
	go func() { failed <- srv.Serve(l) }()
	var err error
	select {
	case err = <-failed:
	case <-a.DB.Failed():
		// A disk that refused to sync: what the page cache holds can no longer be
		// trusted, so end and recover from the log at the next start.
		return a.DB.Err()
	case <-ctx.Done():
		// Open event streams would hold up the drain: their requests end with run.
		drain, cancel := context.WithTimeout(context.Background(), 25*time.Second)
		defer cancel()
		srv.RegisterOnShutdown(stop)
		err = srv.Shutdown(drain)
	}
	stop()
	wg.Wait()
	if errors.Is(err, http.ErrServerClosed) {
		err = nil
	}
	return err
}

// Close closes database and files.
func (a *App) Close() error { return errors.Join(a.DB.Close(), a.Files.Close()) }

// Routes lists every route with its rule, for the permission tests.
func (a *App) Routes() []access.Route { return a.table }
