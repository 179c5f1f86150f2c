// Package windows is the star-rated service windows (星级服务窗口): numbers at a hall, one rating for each visit, bad ratings
// put right, what could not be done (办不成事), and the stars of a quarter.
//
//	windows.go  this map, Options, Windows; who stands in which relation to a window
//	visit.go    Visit, its flow table, how acts fold into it
//	queue.go    Take, Act, Next: numbers taken, called, done; places in the queue and honest estimates
//	rate.go     Rate: one rating a visit, never of oneself, never a second one
//	sums.go     Sums: what a window did on a day, kept by the acts' own transactions
//	seat.go     who sits at which window, for a time
//	bad.go      bad ratings: contacted, verified, put right, asked again
//	stuck.go    what could not be done
//	mark.go     marks of inspections, with a second pair of eyes
//	stars.go    Compute: points and stars of a quarter, in whole numbers
//	quarter.go  a quarter proposed and frozen
//	find.go     what lists, pages and figures read
//	store.go    SQL; verify.go: acts against rows, sums and frozen quarters
//
// A visit knows nothing of who came: a number and a secret link. Whoever wants an answer to a bad rating may leave a
// contact, which the vault seals; the clerk never reaches it. Nothing tells who has not rated (ratings are free,
// GB/T 39734-2020), and no figure is of a person: windows are rated, never clerks.
//
// Everything counts on the day of the act that made it so: a call on the day of the call, a bad rating on the day it was
// found to be real. So a quarter that is over does not change, and a frozen one is rebuilt from acts alone.
package windows

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"embed"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/directory"
	"weixiao/internal/flow"
	"weixiao/internal/journal"
	"weixiao/internal/pack"
	"weixiao/internal/record"
	"weixiao/internal/store"
	"weixiao/internal/vault"
	"weixiao/internal/worktime"
)

//go:embed migrations
var migrations embed.FS

// Schema is the tables of windows, numbers 58001-58999.
var Schema = store.Schema{Name: "windows", FS: migrations}

// Options are what Windows is made with.
type Options struct {
	Pack   *pack.Pack
	Vault  *vault.Vault
	Clock  func() time.Time
	Secret func(string) string // a keyed digest of its argument, ten characters of Crockford's alphabet
}

// Windows keeps the service windows of one district.
type Windows struct {
	db       *store.DB
	engine   *record.Engine
	o        Options
	district string
	dir      *directory.Directory
	rules    *pack.Windows
	formula  pack.StarFormula // a copy: figures must not share memory with what a test changes

	Seats    *record.Book[Seat, *Seat]
	Bad      *record.Book[Bad, *Bad]
	Stuck    *record.Book[Stuck, *Stuck]
	Marks    *record.Book[Mark, *Mark]
	Quarters *record.Book[Quarter, *Quarter]
}

// New wires the package and registers its kinds; nil for a pack without windows.
func New(db *store.DB, e *record.Engine, o Options) *Windows {
	if o.Pack.Windows == nil {
		return nil
	}
	w := &Windows{db: db, engine: e, o: o, district: o.Pack.District, dir: o.Pack.Directory, rules: o.Pack.Windows, formula: o.Pack.Windows.Stars}
	w.Seats = record.Register(e, w.seats())
	w.Bad = record.Register(e, w.bads())
	w.Stuck = record.Register(e, w.stucks())
	w.Marks = record.Register(e, w.marks())
	w.Quarters = record.Register(e, w.quarters())
	return w
}

// Tables are the flow tables of the package.
func Tables() []*flow.Table {
	return []*flow.Table{&VisitTable, &SeatTable, &BadTable, &StuckTable, &MarkTable, &QuarterTable}
}

// Rules are those of the pack.
func (w *Windows) Rules() *pack.Windows { return w.rules }

var zone = worktime.Zone

// dayOf is the local day of a moment.
func dayOf(t time.Time) string { return t.In(zone).Format(time.DateOnly) }

const crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// newID makes the id of a visit, such as JYPH20221123-7K3Q9TB: the day, and nothing sequential.
func (w *Windows) newID(now time.Time) string {
	b := make([]byte, 7)
	_, _ = rand.Read(b)
	for i := range b {
		b[i] = crockford[b[i]&31]
	}
	return w.o.Pack.Prefix + "PH" + now.In(zone).Format("20060102") + "-" + string(b)
}

var idForm = regexp.MustCompile(`^[A-Z]{2}PH\d{8}-[0-9A-Z]{7}$`)

// Secret is the code of a visit's link.
func (w *Windows) Secret(id string) string { return w.o.Secret("window\x00" + id) }

// HolderScope checks a visit's link and gives the scope of whoever holds it. Callers count the tries.
func (w *Windows) HolderScope(id, secret string) (access.Scope, bool) {
	s := strings.ToUpper(strings.TrimSpace(secret))
	if !idForm.MatchString(id) || !hmac.Equal([]byte(s), []byte(w.Secret(id))) {
		return access.Scope{}, false
	}
	return access.PublicScope(w.district).Holding(id), true
}

// Relations of somebody to a window or a visit.
const (
	Hall   = "hall"   // works for the unit that runs the hall
	Staff  = "staff"  // works for the unit whose clerks sit at the window
	Clerk  = "clerk"  // the very clerk
	Apart  = "apart"  // runs the hall or supervises, and neither is the clerk nor works for the window's unit
	Holder = "holder" // holds the secret of the visit
	Other  = "other"  // another account than the one that proposed
)

// relations of a scope to a window; clerk is the account that served, "" if that does not matter.
func (w *Windows) relations(sc access.Scope, window, clerk string) (out []string) {
	x, ok := w.rules.Window(window)
	if !ok {
		return nil
	}
	h, _ := w.rules.Hall(x.Hall)
	me := clerk != "" && sc.Account() == clerk
	if me {
		out = append(out, Clerk)
	}
	staff := sc.Unit() != "" && w.dir.Under(x.Unit, sc.Unit())
	if staff && !me {
		out = append(out, Staff)
	}
	hall := sc.Unit() != "" && w.dir.Under(h.Unit, sc.Unit())
	if hall {
		out = append(out, Hall)
	}
	if !me && (sc.Can(access.Supervisor) || hall && !staff) {
		out = append(out, Apart)
	}
	return out
}

// reaches reports whether somebody may see records of a window: those who supervise, who run its hall, its unit.
func (w *Windows) reaches(sc access.Scope, window string) bool {
	if sc.Can(access.Supervisor, access.Leader, access.Auditor) {
		return true
	}
	x, ok := w.rules.Window(window)
	if !ok || sc.Unit() == "" {
		return false
	}
	h, _ := w.rules.Hall(x.Hall)
	return w.dir.Under(x.Unit, sc.Unit()) || w.dir.Under(h.Unit, sc.Unit())
}

// unitOf is the unit whose clerks sit at a window.
func (w *Windows) unitOf(window string) string {
	if x, ok := w.rules.Window(window); ok {
		return x.Unit
	}
	return ""
}

func grants(relation string, roles ...string) (out []flow.Grant) {
	for _, r := range roles {
		out = append(out, flow.Grant{Role: r, Relation: relation})
	}
	return out
}

// append writes an act about a visit.
func (w *Windows) append(tx *store.Tx, actor journal.Actor, id, action string, at time.Time, body any, texts map[string]string) (*journal.Act, error) {
	raw, err := json.Marshal(body)
	if err != nil {
		return nil, fmt.Errorf("windows: %w", err)
	}
	a := &journal.Act{District: w.district, At: at.UnixMicro(), Kind: VisitTable.Kind, Subject: id, Action: action, Actor: actor, Pack: w.o.Pack.Version, Body: raw, Texts: texts}
	return a, journal.Append(tx, a)
}

// write runs fn in a transaction at the moment of the clock.
func (w *Windows) write(ctx context.Context, fn func(tx *store.Tx, at time.Time) error) error {
	return w.db.Write(ctx, func(tx *store.Tx) error { return fn(tx, w.o.Clock()) })
}
