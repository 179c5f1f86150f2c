package duties

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/catalogue"
	"weixiao/internal/directory"
	"weixiao/internal/flow"
	"weixiao/internal/journal"
	"weixiao/internal/store"
	"weixiao/internal/worktime"
)

// Edit is one change of a draft; exactly one of the fields is used, with At and
// Rules for Put and Move.
type Edit struct {
	Put     *catalogue.Rule        `json:"put,omitempty"`     // a rule, new or in the place of the one of its id
	Rename  string                 `json:"rename,omitempty"`  // Put, Ask: the id it had before
	At      int                    `json:"at,omitempty"`      // Put of a new rule, Move, Shift: its place from 1; 0 = the last
	Move    string                 `json:"move,omitempty"`    // id of a rule
	Remove  string                 `json:"remove,omitempty"`  // id of a rule
	Ask     *catalogue.QuestionSet `json:"ask,omitempty"`     // a set, new or in the place of the one of its id
	Forget  string                 `json:"forget,omitempty"`  // id of a set
	Shift   string                 `json:"shift,omitempty"`   // id of a set that goes to the place At
	Replace *catalogue.Duties      `json:"replace,omitempty"` // everything
}

// Apply is the content after an edit. It never changes d.
func (e Edit) Apply(d catalogue.Duties) (catalogue.Duties, error) {
	rules, sets := slices.Clone(d.Rules), slices.Clone(d.Questions)
	find := func(id string) int {
		return slices.IndexFunc(rules, func(r catalogue.Rule) bool { return r.ID == id })
	}
	place := func(r catalogue.Rule) {
		at := len(rules)
		if e.At > 0 {
			at = min(e.At-1, at)
		}
		rules = slices.Insert(rules, at, r)
	}
	switch {
	case e.Put != nil:
		id := e.Put.ID
		if e.Rename != "" {
			id = e.Rename
		}
		if i := find(id); i >= 0 {
			rules[i] = *e.Put
		} else {
			place(*e.Put)
		}
	case e.Move != "":
		i := find(e.Move)
		if i < 0 {
			return d, fmt.Errorf("%w: rule %s", store.ErrNotFound, e.Move)
		}
		r := rules[i]
		rules = slices.Delete(rules, i, i+1)
		place(r)
	case e.Remove != "":
		i := find(e.Remove)
		if i < 0 {
			return d, fmt.Errorf("%w: rule %s", store.ErrNotFound, e.Remove)
		}
		rules = slices.Delete(rules, i, i+1)
	case e.Ask != nil:
		id := e.Ask.ID
		if e.Rename != "" {
			id = e.Rename
		}
		if i := slices.IndexFunc(sets, func(s catalogue.QuestionSet) bool { return s.ID == id }); i >= 0 {
			sets[i] = *e.Ask
		} else {
			sets = append(sets, *e.Ask)
		}
	case e.Forget != "":
		i := slices.IndexFunc(sets, func(s catalogue.QuestionSet) bool { return s.ID == e.Forget })
		if i < 0 {
			return d, fmt.Errorf("%w: question set %s", store.ErrNotFound, e.Forget)
		}
		sets = slices.Delete(sets, i, i+1)
	case e.Shift != "":
		i := slices.IndexFunc(sets, func(s catalogue.QuestionSet) bool { return s.ID == e.Shift })
		if i < 0 {
			return d, fmt.Errorf("%w: question set %s", store.ErrNotFound, e.Shift)
		}
		s, at := sets[i], len(sets)-1
		if e.At > 0 {
			at = min(e.At-1, at)
		}
		sets = slices.Insert(slices.Delete(sets, i, i+1), at, s)
	case e.Replace != nil:
		return *e.Replace, nil
	default:
		return d, errors.New("duties: an edit of nothing")
	}
	return catalogue.Duties{Rules: rules, Questions: sets}, nil
}

// body is the body of an act about a version. It is enough to fold it: a draft
// begins with the whole content, edits spell out their change, and every act has
// the digest of what it left.
type body struct {
	Version  int               `json:"version"`
	State    string            `json:"state"`
	Digest   string            `json:"digest"`
	BasedOn  int               `json:"based_on,omitempty"`
	Content  *catalogue.Duties `json:"content,omitempty"` // adopt, draft
	Edit     *Edit             `json:"edit,omitempty"`
	Since    string            `json:"since,omitempty"`  // publish
	Begins   int64             `json:"begins,omitempty"` // adopt, publish
	Law      string            `json:"law,omitempty"`
	PackOnly bool              `json:"pack_only,omitempty"` // draft: made by the program of the pack's new rules
}

// maxDrafts is how many drafts there may be at once.
const maxDrafts = 20

// ErrDrafts means that too many drafts lie about: publish or drop some.
var ErrDrafts = errors.New("duties: too many drafts")

// EarlierError refuses a date of effect before that of a version already published.
type EarlierError struct {
	Number int
	Since  string
}

func (e *EarlierError) Error() string {
	return fmt.Sprintf("version %d is published already and takes effect on %s: choose that day or a later one / 第 %d 版已发布，%s 起执行：请选这一天或更晚", e.Number, e.Since, e.Number, e.Since)
}

// Draft begins a draft from a published version (0: the newest). Rules whose last
// day has passed are left out: their versions keep them.
func (b *Book) Draft(tx *store.Tx, sc access.Scope, from int, why string, now time.Time) (Version, error) {
	who := flow.Actor{Roles: sc.Roles()}
	act, err := Table.Action("draft")
	if err != nil {
		return Version{}, err
	}
	if !act.Grants(who) {
		return Version{}, flow.ErrForbidden
	}
	c, err := b.begin(tx, now)
	if err != nil {
		return Version{}, err
	}
	var drafts int
	if err := tx.Row(`SELECT count(*) FROM duty_versions WHERE district = $1 AND published = 0 AND state = $2`, []any{b.district, Draft}, &drafts); err != nil {
		return Version{}, err
	}
	if drafts >= maxDrafts {
		return Version{}, ErrDrafts
	}
	if from == 0 {
		from = c.newest
	}
	src, err := b.Get(tx, from)
	if err != nil {
		return Version{}, err
	}
	if src.State != Published {
		return Version{}, fmt.Errorf("%w: version %d", flow.ErrState, from)
	}
	today := now.In(worktime.Zone).Format(time.DateOnly)
	content := catalogue.Duties{Questions: src.Content.Questions}
	for _, r := range src.Content.Rules {
		if r.Until == "" || r.Until >= today {
			content.Rules = append(content.Rules, r)
		}
	}
	v := Version{Number: c.last + 1, State: Draft, Revision: 1, BasedOn: from, Content: content, Reason: why, Created: c.at, Changed: c.at, Account: sc.Account()}
	_, v.Digest = encode(content)
	err = c.append("draft", sc.Actor(act.Capacity(who)), why, body{Version: v.Number, State: Draft, Digest: v.Digest, BasedOn: from, Content: &content})
	if err != nil {
		return Version{}, err
	}
	return v, insert(tx, b.district, v)
}

// Change edits a draft that is still at revision saw (0: whatever it is at). What it
// leaves may have faults: a draft is checked when it is published, and by Try.
func (b *Book) Change(tx *store.Tx, sc access.Scope, number int, saw int64, e Edit, now time.Time) (Version, error) {
	return b.move(tx, sc, "edit", number, saw, "", now, func(c *change, v *Version, x *body) error {
		next, err := e.Apply(v.Content)
		if err != nil {
			return err
		}
		v.Content, x.Edit = next, &e
		return nil
	})
}

// Drop gives up a draft. Its row stays, to be read.
func (b *Book) Drop(tx *store.Tx, sc access.Scope, number int, why string, now time.Time) (Version, error) {
	return b.move(tx, sc, "drop", number, 0, why, now, func(_ *change, v *Version, _ *body) error {
		v.State = Dropped
		return nil
	})
}

// Terms are with what a draft is published.
type Terms struct {
	Since  string // local day from which it is in force; "" = today
	Law    string // the legal basis
	Reason string
}

// Publish puts a draft without faults in force from its date. The error is of type
// directory.Faults when it has any, and *EarlierError when a later version would
// come before it.
func (b *Book) Publish(tx *store.Tx, sc access.Scope, number int, saw int64, t Terms, now time.Time) (Version, error) {
	return b.move(tx, sc, "publish", number, saw, t.Reason, now, func(c *change, v *Version, x *body) error {
		at := time.UnixMicro(c.at)
		today := at.In(worktime.Zone).Format(time.DateOnly)
		if t.Since == "" || t.Since < today {
			t.Since = today
		}
		day, err := time.ParseInLocation(time.DateOnly, t.Since, worktime.Zone)
		if err != nil {
			return fmt.Errorf("duties: date of effect %q: %w", t.Since, err)
		}
		if _, err := b.base.With(v.Number, v.Content, t.Since); err != nil {
			return err
		}
		v.State, v.Since, v.Begins, v.Law, v.Reason, v.Published = Published, t.Since, max(c.at, day.UnixMicro()), t.Law, t.Reason, c.at
		rows, err := publishedSince(tx, b.district, 0)
		if err != nil {
			return err
		}
		for _, o := range rows {
			if o.Begins > v.Begins {
				return &EarlierError{o.Number, o.Since}
			}
		}
		x.Since, x.Begins, x.Law = v.Since, v.Begins, v.Law
		return nil
	})
}

// move does one action on a draft and appends its act.
func (b *Book) move(tx *store.Tx, sc access.Scope, action string, number int, saw int64, why string, now time.Time, fn func(*change, *Version, *body) error) (Version, error) {
	c, err := b.begin(tx, now)
	if err != nil {
		return Version{}, err
	}
	v, err := b.Get(tx, number)
	if err != nil {
		return v, err
	}
	who := flow.Actor{Roles: sc.Roles()}
	act, err := Table.Permit(action, flow.Position{State: v.State}, who)
	if err != nil {
		return v, err
	}
	if saw != 0 && saw != v.Revision {
		return v, access.ErrStale
	}
	x := body{Version: number}
	if err := fn(c, &v, &x); err != nil {
		return v, err
	}
	v.Revision++
	v.Changed, v.Account = c.at, sc.Account()
	_, v.Digest = encode(v.Content)
	x.State, x.Digest = v.State, v.Digest
	if err := c.append(action, sc.Actor(act.Capacity(who)), why, x); err != nil {
		return v, err
	}
	if v.State == Published {
		done := v
		tx.AfterCommit(func() { b.learn([]Version{done}) })
	}
	return v, update(tx, b.district, v)
}

// change is one act in the making.
type change struct {
	b            *Book
	tx           *store.Tx
	at           int64 // µs UTC of the act
	last, newest int   // numbers of the last version, and the last published
}

func (b *Book) begin(tx *store.Tx, now time.Time) (*change, error) {
	at, err := journal.Begin(tx, b.district, now)
	if err != nil {
		return nil, err
	}
	c := &change{b: b, tx: tx, at: at.UnixMicro()}
	if err := tx.Row(`SELECT coalesce(max(number), 0) FROM duty_versions WHERE district = $1`, []any{b.district}, &c.last); err != nil {
		return nil, err
	}
	err = tx.Row(`SELECT coalesce(max(number), 0) FROM duty_versions WHERE district = $1 AND published > 0`, []any{b.district}, &c.newest)
	return c, err
}

func (c *change) append(action string, who journal.Actor, why string, x body) error {
	raw, err := json.Marshal(x)
	if err != nil {
		return fmt.Errorf("duties: %w", err)
	}
	a := &journal.Act{District: c.b.district, At: c.at, Kind: Table.Kind, Subject: fmt.Sprint(x.Version), Action: action, Actor: who, Pack: c.b.pack, Body: raw}
	if why != "" {
		a.Texts = map[string]string{"reason": why}
	}
	return journal.Append(c.tx, a)
}

// FaultsOf are the faults of a draft's content, nil when it has none.
func FaultsOf(err error) directory.Faults {
	f, _ := errors.AsType[directory.Faults](err)
	return f
}
