package field

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/journal"
	"weixiao/internal/store"
	"weixiao/internal/web"
)

// States of a remark.
const (
	RemarkOpen     = "open"
	RemarkAnswered = "answered"
)

// RemarkTable is the way of a complaint about the app or about what is demanded
// through it. It goes to the supervision office, never to the unit of whoever wrote.
var RemarkTable = flow.Table{
	Kind:   "remark",
	States: []flow.State{{Name: RemarkOpen, Chip: "new"}, {Name: RemarkAnswered, Chip: "done", End: true}},
	Actions: []flow.Action{
		{Name: "write", To: RemarkOpen, Who: everyone(), Form: form.Form{Name: "remark_write", Fields: []form.Field{
			{Name: "about", Type: form.Choice, Required: true, Options: form.Options("demand", "twice", "app", "other")},
			{Name: "words", Type: form.Text, Required: true, Max: 2000, Personal: true},
			{Name: "withhold", Type: form.Bool}}}},
		{Name: "reply", From: []string{RemarkOpen}, To: RemarkAnswered, Who: []flow.Grant{{Role: access.Supervisor}}, Form: form.Form{Name: "remark_reply", Fields: []form.Field{
			{Name: "reply", Type: form.Text, Required: true, Max: 2000}}}},
	},
}

func everyone() (out []flow.Grant) {
	for _, r := range Roles() {
		out = append(out, flow.Grant{Role: r})
	}
	return out
}

// Remark is one such complaint as its acts left it.
type Remark struct {
	ID      string
	State   string
	Account string // "" = the person gave no name
	Unit    string
	About   string
	Created int64 // µs
	Changed int64
	Version int64
	lastSeq int64
	words   string // only of one that was read whole
	reply   string
}

// remarkChange is the body of an act.
type remarkChange struct {
	State    string `json:"state"`
	About    string `json:"about,omitempty"`
	Withheld bool   `json:"withheld,omitempty"`
}

func (m *Remark) fold(a journal.Act) error {
	var c remarkChange
	if err := a.Into(&c); err != nil {
		return err
	}
	if m.Version == 0 {
		m.ID, m.Created, m.About = a.Subject, a.At, c.About
		if !c.Withheld {
			m.Account, m.Unit = a.Actor.Account, a.Actor.Unit
		}
	}
	m.State = c.State
	m.Version++
	m.Changed, m.lastSeq = a.At, a.Seq
	if s, ok := a.Texts["words"]; ok {
		m.words = s
	}
	if s, ok := a.Texts["reply"]; ok {
		m.reply = s
	}
	return nil
}

const remarkColumns = `id, state, account, unit, about, created, changed, version, last_seq`

func scanRemark(s store.Scanner) (m Remark, err error) {
	err = s.Scan(&m.ID, &m.State, &m.Account, &m.Unit, &m.About, &m.Created, &m.Changed, &m.Version, &m.lastSeq)
	return m, err
}

// loadRemark reads one with its words. Whoever holds the id may: it is random, and
// only the phone that wrote and the supervision office know it.
func loadRemark(tx *store.Tx, district, id string) (*Remark, error) {
	acts, err := journal.History(tx, district, RemarkTable.Kind, id)
	if err != nil {
		return nil, err
	}
	if len(acts) == 0 {
		return nil, store.ErrNotFound
	}
	m := &Remark{}
	for _, a := range acts {
		if err := m.fold(a); err != nil {
			return nil, err
		}
	}
	return m, nil
}

func (f *Field) listRemarks(ctx context.Context, before int64, limit int) ([]Remark, error) {
	return store.Get(ctx, f.s.DB, func(tx *store.Tx) ([]Remark, error) {
		return store.All(tx, scanRemark, `SELECT `+remarkColumns+` FROM field_remarks WHERE district = $1 AND created < $2 ORDER BY created DESC, id LIMIT $3`, f.s.Pack.District, before, limit)
	})
}

// appendRemark writes an act and the row it leaves.
func (s remarks) appendRemark(tx *store.Tx, actor journal.Actor, m *Remark, id, action string, c remarkChange, texts map[string]string, at time.Time) error {
	district := s.s.Pack.District
	at, err := journal.Begin(tx, district, at)
	if err != nil {
		return err
	}
	body, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("field: %w", err)
	}
	a := journal.Act{District: district, At: at.UnixMicro(), Kind: RemarkTable.Kind, Subject: id, Action: action, Actor: actor, Pack: s.s.Pack.Version, Body: body, Texts: texts}
	if err := journal.Append(tx, &a); err != nil {
		return err
	}
	if err := m.fold(a); err != nil {
		return err
	}
	if m.Version == 1 {
		return tx.Exec(`INSERT INTO field_remarks (district, `+remarkColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
			district, m.ID, m.State, m.Account, m.Unit, m.About, m.Created, m.Changed, m.Version, m.lastSeq)
	}
	return tx.Exec(`UPDATE field_remarks SET state = $3, changed = $4, version = $5, last_seq = $6 WHERE district = $1 AND id = $2`,
		district, m.ID, m.State, m.Changed, m.Version, m.lastSeq)
}

// remarks is the provider of these complaints: it has no tasks, only the one action.
type remarks struct{ s *web.Site }

func (remarks) Kind() string { return RemarkTable.Kind }

func (p remarks) Tasks(context.Context, Caller) ([]Task, []Action, error) {
	a, err := RemarkTable.Action("write")
	if err != nil {
		return nil, nil, err
	}
	return nil, []Action{{Kind: RemarkTable.Kind, Name: a.Name, Icon: "chat", Look: "p", Form: a.Form, Adds: true}}, nil
}

// Do takes a complaint in. One without a name has an act without an account and no
// receipt: its key alone makes it safe to repeat.
func (p remarks) Do(ctx context.Context, c Caller, in Act) (Done, error) {
	a, err := RemarkTable.Action("write")
	if err != nil || in.Action != a.Name {
		return Done{}, errUnknown
	}
	if !a.Grants(flow.Actor{Roles: c.Scope.Roles()}) {
		return Done{}, flow.ErrForbidden
	}
	answers, err := a.Form.Check(in.Raw)
	if err != nil {
		return Done{}, err
	}
	id, withheld, key := strings.ToLower(rand.Text()), answers.Bool("withhold"), in.Key
	actor := c.Scope.Actor("")
	if withheld {
		actor, key.Scope = journal.Actor{Capacity: access.Anonymous}, "field-remark"
	}
	err = p.s.DB.Write(ctx, func(tx *store.Tx) error {
		earlier, done, err := store.Once(tx, c.District, key, id, c.Now)
		if err != nil {
			return err
		}
		if done {
			id = earlier
			if withheld {
				return in.told(RemarkTable.Kind, id, c.Now)
			}
			return nil
		}
		m := &Remark{}
		err = p.appendRemark(tx, actor, m, id, a.Name, remarkChange{State: RemarkOpen, About: answers.Str("about"), Withheld: withheld}, map[string]string{"words": answers.Str("words")}, c.Now)
		switch {
		case err != nil:
			return err
		case withheld:
			return in.told(RemarkTable.Kind, id, time.UnixMicro(m.Created))
		}
		return in.Attach(tx, RemarkTable.Kind, id, time.UnixMicro(m.Created))
	})
	return Done{Subject: id}, err
}

// answerRemark is the supervision office's word.
func (p remarks) answerRemark(ctx context.Context, sc access.Scope, id string, raw form.Raw, now time.Time) error {
	a, err := RemarkTable.Action("reply")
	if err != nil {
		return err
	}
	answers, faults := a.Form.Check(raw)
	return p.s.DB.Write(ctx, func(tx *store.Tx) error {
		if !a.Grants(flow.Actor{Roles: sc.Roles()}) {
			return flow.ErrForbidden
		}
		m, err := loadRemark(tx, sc.District(), id)
		if err != nil {
			return err
		}
		if _, err := RemarkTable.Permit(a.Name, flow.Position{State: m.State}, flow.Actor{Roles: sc.Roles()}); err != nil {
			return err
		}
		if faults != nil {
			return faults
		}
		return p.appendRemark(tx, sc.Actor(access.Supervisor), m, id, a.Name, remarkChange{State: RemarkAnswered}, map[string]string{"reply": answers.Str("reply")}, now)
	})
}

// remark answers a phone that asks what became of its complaint.
func (f *Field) remark(w http.ResponseWriter, r *http.Request) error {
	m, err := store.Get(r.Context(), f.s.DB, func(tx *store.Tx) (*Remark, error) { return loadRemark(tx, f.s.Pack.District, r.PathValue("id")) })
	if err != nil {
		return err
	}
	return writeJSON(w, r, http.StatusOK, struct {
		State string `json:"state"`
		Reply string `json:"reply,omitempty"`
		At    int64  `json:"at"`
	}{m.State, m.reply, m.Changed / 1000})
}

// finishRemarks compares the rows of remarks with their acts.
func (c *Checker) finishRemarks(tx *store.Tx) error {
	n := 0
	for after := ""; ; {
		list, err := store.All(tx, scanRemark, `SELECT `+remarkColumns+` FROM field_remarks WHERE district = $1 AND id > $2 ORDER BY id LIMIT 1000`, c.district, after)
		if err != nil {
			return err
		}
		for _, row := range list {
			after = row.ID
			want := c.remarks[row.ID]
			if want == nil {
				return fmt.Errorf("field: remark %s has no act", row.ID)
			}
			bare := *want
			bare.words, bare.reply = "", ""
			if bare != row {
				return fmt.Errorf("field: remark %s: the row does not agree with its acts", row.ID)
			}
			n++
		}
		if len(list) < 1000 {
			break
		}
	}
	if n != len(c.remarks) {
		return fmt.Errorf("field: %d remarks have acts, %d have rows", len(c.remarks), n)
	}
	return nil
}
