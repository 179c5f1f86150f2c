// Package express is the express line to the party secretary and the district head (书记区长直通车): a letter from a firm
// or a resident, screened within 24 hours, instructed by the leader who holds the post it is addressed to, handled by a
// lead unit, and closed by the sender's own word.
//
//	table.go    states, actions, who may
//	plans.go    what actions do beyond moving the letter; words go into the vault
//	send.go     letters from outside, and the limit on repeated abuse
//	read.go     words and sender of a letter for those who may read them; every reading is in the disclosure ledger
//	figures.go  figures that open, and the week of the line
//
// A letter is reached by a handful of named people: express clerks, the holder of the addressed post, the leader of the
// lead unit and the officer whom that leader named. For everybody else it is not there. Nobody who belongs to the unit
// complained about reaches it in any role, and that unit cannot be given it. No word of a letter, no name and no firm is
// in the journal, in a row or in a title: they are sealed under the sender's key.
package express

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/directory"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/pack"
	"weixiao/internal/record"
	"weixiao/internal/store"
	"weixiao/internal/vault"
	"weixiao/internal/worktime"
)

// Letter is one letter: everything but its words and its sender.
type Letter struct {
	record.Head
	Post    string `json:"post"`
	Topic   string `json:"topic"`
	Level   string `json:"level"`
	Channel string `json:"channel,omitempty"` // "" = by the page; firm, paper, phone, visit
	Against string `json:"against,omitempty"` // unit complained about
	Person  string `json:"person"`            // in the vault
	From    string `json:"from,omitempty"`    // of a firm: a pseudonym that only the firm itself can name

	Lead     string `json:"lead,omitempty"`
	Hard     bool   `json:"hard,omitempty"`
	Officer  string `json:"officer,omitempty"`  // account
	Screener string `json:"screener,omitempty"` // account
	Days     int64  `json:"days,omitempty"`     // of the time asked for
	MetOn    string `json:"met_on,omitempty"`

	Ground       string `json:"ground,omitempty"`
	Case         string `json:"case,omitempty"` // number of the case it became
	Result       string `json:"result,omitempty"`
	Satisfaction string `json:"satisfaction,omitempty"` // 5-1
}

// Request is what a letter becomes at the hotline.
type Request struct {
	Words  string
	Person vault.Person
	At     time.Time
}

// Colleague is somebody who can be named to handle a letter.
type Colleague struct{ ID, Unit string }

// Options are what the line is wired with.
type Options struct {
	Pack   *pack.Pack
	Vault  *vault.Vault
	Clock  func() time.Time
	Secret func(string) string // keyed digest: secrets for following, pseudonyms of firms
	// File makes a case in the transaction of the letter and returns its number.
	File func(tx *store.Tx, sc access.Scope, r Request) (string, error)
	// Staff are the accounts of a unit that hold one of the roles.
	Staff func(tx *store.Tx, unit string, roles ...string) ([]Colleague, error)
}

// Express is the line of one district.
type Express struct {
	db   *store.DB
	o    Options
	r    *pack.Express
	dir  *directory.Directory
	book *record.Book[Letter, *Letter]
}

// New wires the line; nil for a pack without express.yaml.
func New(db *store.DB, e *record.Engine, o Options) *Express {
	if o.Pack.Express == nil {
		return nil
	}
	x := &Express{db: db, o: o, r: o.Pack.Express, dir: o.Pack.Directory}
	x.book = record.Register(e, record.Kind[Letter, *Letter]{Table: &Table, Letters: "ZT", Keys: keys, Sees: x.sees, Relations: x.relations, Options: x.options, Limit: x.limit, Plans: x.plans()})
	return x
}

// keys: no unit, so that no reminder goes to a whole unit, and no words.
func keys(l *Letter) record.Keys {
	return record.Keys{Parent: l.From, Of: l.Person, Tag: l.Post}
}

// Tables are the flow tables of the package.
func Tables() []*flow.Table { return []*flow.Table{&Table} }

// Book is the record book of letters.
func (x *Express) Book() *record.Book[Letter, *Letter] { return x.book }

// Rules are those of the pack.
func (x *Express) Rules() *pack.Express { return x.r }

// IsNumber reports whether a number looks like one of a letter.
func (x *Express) IsNumber(s string) bool {
	head := x.o.Pack.Prefix + "ZT"
	return len(s) == len(head)+14 && s[:len(head)] == head
}

// Secret is the follow-up secret of a letter.
func (x *Express) Secret(number string) string { return x.o.Secret(number) }

// tied reports whether somebody belongs to the unit complained about, or to one below it.
func tied(sc access.Scope, l *Letter) bool { return sc.Within(l.Against) }

// links are the relations of a scope to a letter.
func links(sc access.Scope, l *Letter) (out []string) {
	if sc.Account() == "" || tied(sc, l) {
		return nil
	}
	if sc.Can(access.ExpressClerk) {
		out = append(out, clerk)
		if sc.Account() != l.Screener {
			out = append(out, second)
		}
	}
	if sc.Can(access.Leader) && l.Post != "" && sc.Post() == l.Post {
		out = append(out, addressed)
	}
	if l.Lead != "" && sc.Unit() == l.Lead {
		if sc.Can(access.StreetLead, access.DeptLead) {
			out = append(out, lead)
		}
		if sc.Account() == l.Officer {
			out = append(out, officer)
		}
	}
	return out
}

func (x *Express) relations(_ *store.Tx, sc access.Scope, l *Letter) ([]string, error) {
	return links(sc, l), nil
}

// sees: the named, and the sender.
func (x *Express) sees(sc access.Scope, l *Letter) bool {
	return len(links(sc, l)) > 0 || sc.Holds(l.ID) || sc.Firm() != "" && l.From == x.pseudonym(sc.Firm())
}

// pseudonym stands for a firm in its letters: who has the code and the key of the district can tell, nobody else.
func (x *Express) pseudonym(code string) string {
	if code == "" {
		return ""
	}
	return "f-" + x.o.Secret("express firm\x00"+code)
}

// knows reports whether a scope may know who the sender of a letter is.
func knows(sc access.Scope, l *Letter) bool {
	is := links(sc, l)
	has := func(r string) bool { return slices.Contains(is, r) }
	switch l.Level {
	case "normal":
		return len(is) > 0
	case "confidential":
		return has(clerk) || has(addressed) || has(lead)
	}
	return has(clerk) || has(addressed)
}

func (x *Express) options(tx *store.Tx, _ access.Scope, l *Letter, _, field string) ([]form.Option, bool, error) {
	var ids []string
	switch field {
	case "post":
		ids = x.r.Posts
	case "topic":
		ids = wordIDs(x.r.Topics)
	case "phrase":
		ids = wordIDs(x.r.Phrases)
	case "ground":
		for _, g := range x.r.Grounds {
			ids = append(ids, g.ID)
		}
	case "officer":
		if l.Lead == "" {
			return nil, true, nil
		}
		list, err := x.o.Staff(tx, l.Lead, officerRoles...)
		if err != nil {
			return nil, false, err
		}
		for _, c := range list {
			ids = append(ids, c.ID)
		}
	default:
		return nil, false, nil
	}
	return form.Options(ids...), true, nil
}

func wordIDs(list []pack.ExpressWord) (out []string) {
	for _, w := range list {
		out = append(out, w.ID)
	}
	return out
}

// limit of a clock; zero where it does not run: a letter without a lead unit waits to be assigned, one with it to be
// accepted and handled; a named sender confirms, an anonymous letter is checked.
func (x *Express) limit(l *Letter, clock string) (worktime.Limit, string) {
	s := map[string]string{"screen": x.r.Screen, "instruct": x.r.Instruct, "review": x.r.Review}[clock]
	switch {
	case clock == "assign" && l.Lead == "":
		s = x.r.Assign
	case clock == "accept" && l.Lead != "":
		s = x.r.Accept
	case clock == "handle" && l.Lead != "" && l.State != Closed:
		s = x.r.Normal
		if l.Hard {
			s = x.r.Hard
		}
	case clock == "confirm" && !l.Has(Anonymous):
		s = x.r.Silence
	case clock == "check" && l.Has(Anonymous):
		s = x.r.Check
	}
	v, _ := worktime.ParseLimit(s) // the pack was checked; "" is none
	return v, ""
}

// Lapse closes letters whose senders said nothing within the pack's time after the answer, and returns how many.
func (x *Express) Lapse(ctx context.Context) (n int, err error) {
	now := x.o.Clock()
	sc := access.SystemScope(x.o.Pack.District, "answers nobody objected to")
	var ids []string
	if err := x.db.Read(ctx, func(tx *store.Tx) error {
		return x.book.Each(tx, record.Filter{State: Answered}, func(l *Letter) error {
			k, ok := l.Clocks["confirm"]
			if !ok || !k.Running() {
				return nil
			}
			due, err := x.book.Engine().Deadline(tx, k)
			if err == nil && !due.None() && !now.Before(due.At) {
				ids = append(ids, l.ID)
			}
			return err
		})
	}); err != nil {
		return 0, err
	}
	for _, id := range ids {
		if _, err := x.book.Act(ctx, sc, id, "lapse", record.Input{At: now}); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

// Run lets answers lapse until ctx ends.
func (x *Express) Run(ctx context.Context, log *slog.Logger) {
	t := time.NewTicker(time.Minute)
	defer t.Stop()
	for {
		if _, err := x.Lapse(ctx); err != nil && ctx.Err() == nil {
			log.Warn("express: answered letters were not closed, trying again", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
	}
}
