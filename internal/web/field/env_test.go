package field

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"weixiao/internal/access"
	"weixiao/internal/cases"
	"weixiao/internal/cases/casestest"
	"weixiao/internal/directory"
	"weixiao/internal/directory/layers"
	"weixiao/internal/files"
	"weixiao/internal/form"
	"weixiao/internal/journal"
	"weixiao/internal/rounds"
	"weixiao/internal/rounds/formalism"
	"weixiao/internal/rounds/sanitation"
	"weixiao/internal/rounds/villages"
	"weixiao/internal/rounds/visits"
	"weixiao/internal/store"
	"weixiao/internal/store/storetest"
	"weixiao/internal/vault"
	"weixiao/internal/web"
	"weixiao/internal/web/assets"
	"weixiao/internal/web/desk"
	"weixiao/internal/web/uitest"
)

func TestMain(m *testing.M) { uitest.Main(m, storetest.Cleanup) }

const (
	community    = "220605001001" // of casestest.Street
	testPassword = "kirsch-tannen-brot"
)

// here lies in the community.
var here = Point{126.581650, 42.048134}

type env struct {
	*casestest.Env
	t       *testing.T
	site    *web.Site
	gate    *access.Gate
	field   *Field
	outside rounds.Options // of site.Rounds
	handler http.Handler
	hash    access.Hash
	n       int
}

func schemas() []store.Schema {
	return append(casestest.Schemas(), files.Schema, rounds.Schema, visits.Schema, sanitation.Schema, villages.Schema, formalism.Schema, Schema)
}

func newEnv(t *testing.T, db *store.DB) *env {
	t.Helper()
	e := &env{Env: casestest.New(t, db), t: t}
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	disk, err := files.Open(filepath.Join(t.TempDir(), "files"), files.Limits{}, e.Clock())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = disk.Close() })
	e.site = &web.Site{DB: db, Cases: e.Cases, Places: e.Places, Assets: e.Assets, Posts: e.Posts, Firms: e.Firms, Pack: e.Pack, Vault: e.Vault, Files: disk,
		Live: journal.NewLive(db, e.Pack.District, log), Clock: e.Clock, Log: log, Phone: e.Pack.Hotline,
		Layers: layers.New(db, e.Pack.District, e.Pack.Version, e.Pack.Atlas(), e.Pack.Directory, e.Clock)}
	e.site.Sanitation, e.site.Villages = sanitation.New(db, sanitation.From(e.Pack, e.Clock, log)), villages.New(db, villages.From(e.Pack, e.Clock))
	e.site.Guard = formalism.New(db, formalism.Options{District: e.Pack.District, Pack: e.Pack.Version, Directory: e.Pack.Directory, Routines: e.Pack.Routines, Clock: e.Clock,
		Input: formalism.Input{Pack: e.Pack, Evidence: Evidence()}})
	e.outside = rounds.Options{District: e.Pack.District, Pack: e.Pack.Version, Directory: e.Pack.Directory, Clock: e.Clock,
		Locate: func(lon, lat float64) (directory.Place, bool) { return e.Pack.Locate(orb.Point{lon, lat}) },
		Matter: func(key string) bool { _, ok := e.Pack.Catalogue.Matter(key); return ok },
		Report: func(f rounds.ReportOf) (rounds.TakeIn, error) {
			p, err := e.Cases.Prepare(cases.Report{Channel: "grid", Body: f.Words, Matter: f.Matter, Photos: f.Photos, Attach: f.Attach, At: f.At, Units: map[string]string{f.Unit: cases.Former},
				Place: cases.Place{Text: f.Place.Text, Lon: f.Place.Lon, Lat: f.Place.Lat, Located: f.Place.Located, Community: f.Place.Community, Street: f.Place.Street}})
			return func(tx *store.Tx, sc access.Scope, at time.Time) (string, error) {
				if !e.Cases.MayReport(sc) {
					sc = access.SystemScope(sc.District(), "found outside by somebody who cannot report cases")
				}
				got, err := e.Cases.TakeIn(tx, sc, p, at)
				return got.Number, err
			}, err
		}}
	e.site.Rounds = rounds.New(db, e.outside)
	e.gate, err = access.New(db, access.Options{District: e.Pack.District, Clock: e.Clock, Log: log, Path: e.path, Pack: func() string { return e.Pack.Version }, Error: e.site.Error})
	if err != nil {
		t.Fatal(err)
	}
	e.site.Gate, e.Gate = e.gate, e.gate
	if err := e.Vault.Bind(context.Background(), db, e.Pack.District); err != nil {
		t.Fatal(err)
	}
	if e.hash, err = hashed(e.gate); err != nil {
		t.Fatal(err)
	}
	work, lists := Own(e.site)
	e.field = New(e.site, work, lists)
	rt := e.gate.Router()
	rt.Handle("GET /assets/", access.Rule{Public: true, Why: "styles and scripts"}, access.Plain(assets.Handler()))
	e.field.Register(rt)
	desk.New(e.site).Register(rt)
	e.handler = e.gate.Middleware(web.Remember(rt))
	return e
}

var (
	hashOnce sync.Once
	hashed1  access.Hash
)

// hashed is the hash of testPassword: computing one takes long.
func hashed(g *access.Gate) (h access.Hash, err error) {
	hashOnce.Do(func() { hashed1, err = g.Hash(context.Background(), "", testPassword) })
	return hashed1, err
}

func (e *env) path(unit string) []string {
	var out []string
	for _, u := range e.Pack.Directory.Path(unit) {
		out = append(out, u.ID)
	}
	return out
}

func each(t *testing.T, fn func(t *testing.T, e *env)) {
	t.Helper()
	storetest.Each(t, schemas(), func(t *testing.T, db *store.DB) { fn(t, newEnv(t, db)) })
}

// worker is somebody who is signed in.
type worker struct {
	e                                   *env
	id, login, name, unit, role, cookie string
}

func (e *env) hire(unit, name, role string) *worker {
	e.t.Helper()
	return e.hireFor(unit, name, role, "")
}

// hireFor is hire with a post.
func (e *env) hireFor(unit, name, role, post string) *worker {
	e.t.Helper()
	e.n++
	w := &worker{e: e, name: name, unit: unit, role: role, login: fmt.Sprintf("%s-%d", role, e.n)}
	sc := access.SystemScope(e.Pack.District, "accounts for tests")
	err := e.DB.Write(context.Background(), func(tx *store.Tx) error {
		a, err := e.gate.Create(tx, sc, access.NewAccount{Login: w.login, Name: name, Unit: unit, Post: post, Roles: []string{role}, Password: e.hash, Lasting: true}, e.Clock())
		if err != nil {
			return err
		}
		s, err := e.gate.StartSession(tx, sc, a.ID, access.Cookie, "Chrome Android")
		w.id, w.cookie = a.ID, s.Token
		return err
	})
	if err != nil {
		e.t.Fatal(err)
	}
	return w
}

func (w *worker) scope() access.Scope {
	return access.ScopeOf(access.Principal{District: w.e.Pack.District, Account: w.id, Unit: w.unit, Path: w.e.path(w.unit), Roles: []string{w.role}, Kind: access.Cookie})
}

type reply struct {
	t    *testing.T
	Code int
	Body string
}

func (r reply) into(v any) {
	r.t.Helper()
	if err := json.Unmarshal([]byte(r.Body), v); err != nil {
		r.t.Fatalf("%v in %s", err, r.Body)
	}
}

func (w *worker) do(r *http.Request) reply {
	w.e.t.Helper()
	r.AddCookie(&http.Cookie{Name: "weixiao", Value: w.cookie})
	r.AddCookie(&http.Cookie{Name: "lang", Value: "zh-CN"})
	r.Host = "127.0.0.1"
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	if r.Header.Get("Accept") == "" {
		r.Header.Set("Accept", "application/json")
	}
	rec := httptest.NewRecorder()
	w.e.handler.ServeHTTP(rec, r)
	return reply{w.e.t, rec.Code, rec.Body.String()}
}

func (w *worker) get(path string) reply { return w.do(httptest.NewRequest(http.MethodGet, path, nil)) }

func (w *worker) today() day {
	w.e.t.Helper()
	var d day
	r := w.get("/field/day")
	if r.Code != http.StatusOK {
		w.e.t.Fatalf("day: %d %s", r.Code, r.Body)
	}
	r.into(&d)
	return d
}

var keys int

// item begins an act of a phone with a key of its own.
func (w *worker) item(kind, subject, action string, answers map[string][]string) item {
	keys++
	return item{Key: fmt.Sprintf("phone-key-%022d", keys), Account: w.id, Kind: kind, Subject: subject, Action: action, Answers: answers,
		Seen: w.e.Clock().Add(-time.Hour).UnixMilli(), Skew: 1500}
}

// send posts an item as a phone does.
func (w *worker) send(in item, photos ...[]byte) reply {
	w.e.t.Helper()
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	body, err := json.Marshal(in)
	if err != nil {
		w.e.t.Fatal(err)
	}
	_ = m.WriteField("item", string(body))
	for _, p := range photos {
		part, err := m.CreateFormFile("photo", "photo.jpg")
		if err != nil {
			w.e.t.Fatal(err)
		}
		_, _ = part.Write(p)
	}
	_ = m.Close()
	r := httptest.NewRequest(http.MethodPost, "/field/queue", &b)
	r.Header.Set("Content-Type", m.FormDataContentType())
	r.Header.Set("Idempotency-Key", in.Key)
	return w.do(r)
}

// taken is send that must work.
func (w *worker) taken(in item, photos ...[]byte) answer {
	w.e.t.Helper()
	r := w.send(in, photos...)
	if r.Code != http.StatusOK {
		w.e.t.Fatalf("%s %s: %d %s", in.Kind, in.Action, r.Code, r.Body)
	}
	var a answer
	r.into(&a)
	return a
}

// picture is a small JPEG that differs by n.
func picture(t testing.TB, n int) []byte {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, 64, 48))
	for i := range 64 * 48 {
		img.Set(i%64, i/64, color.RGBA{uint8(n * 7), uint8(i), uint8(n), 255})
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// act does something to a case without a phone.
func (e *env) act(sc access.Scope, number, action string, raw form.Raw) *cases.Case {
	e.t.Helper()
	if raw == nil {
		raw = form.Raw{}
	}
	k, err := e.Cases.Act(context.Background(), sc, number, action, cases.Input{Raw: raw})
	if err != nil {
		e.t.Fatalf("%s %s: %v", number, action, err)
	}
	return k
}

// sent is a request that was dispatched to a unit.
func (e *env) sent(unit, body string) string {
	e.t.Helper()
	rec, err := e.Cases.Report(context.Background(), e.Public(), cases.Report{Channel: "portal", Body: body, Matter: "001",
		Place:  cases.Place{Text: "江南社区 3 号楼", Street: casestest.Street, Community: community, Lon: here.Lon, Lat: here.Lat, Located: true},
		Person: vault.Person{Name: "王丽娟", Phone: "13804391234"}})
	if err != nil {
		e.t.Fatal(err)
	}
	e.act(e.Scope("", access.Dispatcher), rec.Number, "dispatch", form.Raw{"unit": {unit}})
	return rec.Number
}

func (e *env) view(number string) *cases.View {
	e.t.Helper()
	v, err := e.Cases.View(context.Background(), e.Scope("", access.Dispatcher), number)
	if err != nil {
		e.t.Fatal(err)
	}
	return v
}

func (e *env) filesOf(kind, subject string) int {
	e.t.Helper()
	list, err := store.Get(context.Background(), e.DB, func(tx *store.Tx) ([]files.File, error) { return files.Of(tx, e.Pack.District, kind, subject) })
	if err != nil {
		e.t.Fatal(err)
	}
	return len(list)
}

// verified fails the test unless every row follows from the acts.
func (e *env) verified() {
	e.t.Helper()
	c := NewChecker(e.DB, e.Pack.District)
	r, sweeps, works := e.site.Rounds.NewChecker(), e.site.Sanitation.NewChecker(), e.site.Villages.NewChecker()
	if _, err := journal.Verify(context.Background(), e.DB, e.Pack.District, func(a journal.Act) error {
		return errors.Join(r.Fold(a), sweeps.Fold(a), works.Fold(a), c.Fold(a))
	}); err != nil {
		e.t.Fatal(err)
	}
	if _, err := c.Finish(context.Background()); err != nil {
		e.t.Error(err)
	}
	if _, _, err := r.Finish(context.Background()); err != nil {
		e.t.Error(err)
	}
	if _, err := sweeps.Finish(context.Background()); err != nil {
		e.t.Error(err)
	}
	if _, err := works.Finish(context.Background()); err != nil {
		e.t.Error(err)
	}
}

func last[T any](list []T) T { return list[len(list)-1] }

// said reports whether the texts of an act contain words.
func said(texts map[string]string, words string) bool {
	for _, s := range texts {
		if strings.Contains(s, words) {
			return true
		}
	}
	return false
}
