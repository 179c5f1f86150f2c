package rounds

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/journal"
	"weixiao/internal/store"
)

// Reviewed is the state of the rounds of a week that a leader has looked at.
const Reviewed = "reviewed"

// ReviewTable says who looks at the rounds of a place in a week: once, with words if there is something to say. It is about
// the place, a grid or a unit, never about whoever went: nobody is counted, compared or ranked by it.
var ReviewTable = flow.Table{
	Kind:   "turn_review",
	States: []flow.State{{Name: Reviewed, Chip: "done", End: true}},
	Actions: []flow.Action{{Name: "review", To: Reviewed, Who: grants(Above, access.Community, access.StreetLead, access.DeptLead), Form: form.Form{Name: "turn_review", Fields: []form.Field{
		{Name: "words", Type: form.Text, Max: 500, Personal: true}}}}},
}

// Reviewers are the roles that look at a week.
func Reviewers() []string { return rolesOf(&ReviewTable, "review") }

// Review is that somebody looked at a week of a place.
type Review struct {
	Week    string `json:"-"` // its Monday
	Place   string `json:"-"` // a grid, or the unit of turns that have none
	Unit    string `json:"unit"`
	State   string `json:"state"`
	Words   string `json:"-"`
	Role    string `json:"-"` // in which it was done
	At      int64  `json:"-"` // µs UTC
	Version int64  `json:"-"`
	lastSeq int64
}

func (x *Review) fold(a *journal.Act) error {
	if err := a.Into(x); err != nil {
		return err
	}
	var ok bool
	if x.Week, x.Place, ok = strings.Cut(a.Subject, "/"); !ok {
		return fmt.Errorf("rounds: act %d: subject %q", a.Seq, a.Subject)
	}
	x.Words, x.Role, x.At, x.lastSeq = a.Texts["words"], a.Actor.Capacity, a.At, a.Seq
	x.Version++
	return nil
}

// WeekOf is the Monday of the week of a day (local).
func WeekOf(day time.Time) time.Time {
	day = midnight(day)
	return day.AddDate(0, 0, -(int(day.Weekday())+6)%7)
}

// friday is when a week can be looked at: its last working days still run, and who leaves for the weekend has done so.
const friday = 4

// WeekPlace is a place that had turns in a week.
type WeekPlace struct {
	Place, Unit, Street, Community string
	Review                         *Review // nil = nobody looked yet
	May                            bool    // the scope may do so now
}

// Week lists the places that had turns in the week of a Monday and that the scope reaches, by unit and place.
func (r *Rounds) Week(ctx context.Context, sc access.Scope, monday time.Time) ([]WeekPlace, error) {
	return store.Get(ctx, r.db, func(tx *store.Tx) ([]WeekPlace, error) {
		places, err := r.places(tx, monday)
		if err != nil {
			return nil, err
		}
		done, err := store.All(tx, scanReview, `SELECT `+reviewColumns+` FROM turn_reviews WHERE district = $1 AND week = $2`, r.o.District, monday.Format(time.DateOnly))
		if err != nil {
			return nil, err
		}
		of := map[string]*Review{}
		for _, x := range done {
			of[x.Place] = x
		}
		act, err := ReviewTable.Action("review")
		if err != nil {
			return nil, err
		}
		var out []WeekPlace
		for _, p := range places {
			t := &Turn{Unit: p.Unit, Street: p.Street, Community: p.Community}
			if !r.seesTurn(sc, t) {
				continue
			}
			p.Review = of[p.Place]
			p.May = p.Review == nil && !r.o.Clock().Before(monday.AddDate(0, 0, friday)) && act.Grants(r.turnActor(sc, t))
			out = append(out, p)
		}
		return out, nil
	})
}

// places are those that had turns in a week.
func (r *Rounds) places(tx *store.Tx, monday time.Time) (out []WeekPlace, err error) {
	seen := map[string]bool{}
	for i := range 7 {
		err := tx.Each(`SELECT DISTINCT unit, grid, street, community FROM turns WHERE district = $1 AND day = $2`, []any{r.o.District, monday.AddDate(0, 0, i).Format(time.DateOnly)}, func(s store.Scanner) error {
			var p WeekPlace
			if err := s.Scan(&p.Unit, &p.Place, &p.Street, &p.Community); err != nil {
				return err
			}
			if p.Place == "" { // of the unit as a whole: where it goes is not what is looked at
				p = WeekPlace{Place: p.Unit, Unit: p.Unit}
			}
			if !seen[p.Place] {
				seen[p.Place] = true
				out = append(out, p)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	slices.SortFunc(out, func(a, b WeekPlace) int {
		return strings.Compare(a.Unit+"\x00"+a.Place, b.Unit+"\x00"+b.Place)
	})
	return out, nil
}

// ReviewWeek notes that somebody looked at the week of a Monday (local day) in a place. ErrNotFound: the place had no turns
// then; flow.ErrState: somebody looked before, or the week is not far enough.
func (r *Rounds) ReviewWeek(ctx context.Context, sc access.Scope, week, place string, in Input) error {
	return r.db.Write(ctx, func(tx *store.Tx) error { return r.ReviewIn(tx, sc, week, place, in) })
}

// ReviewIn is ReviewWeek in a transaction.
func (r *Rounds) ReviewIn(tx *store.Tx, sc access.Scope, week, place string, in Input) error {
	act, err := ReviewTable.Action("review")
	if err != nil {
		return err
	}
	monday, err := time.ParseInLocation(time.DateOnly, week, zone)
	if err != nil || !WeekOf(monday).Equal(monday) {
		return store.ErrNotFound
	}
	places, err := r.places(tx, monday)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(places, func(p WeekPlace) bool { return p.Place == place })
	if i < 0 {
		return store.ErrNotFound
	}
	p := places[i]
	t := &Turn{Unit: p.Unit, Street: p.Street, Community: p.Community}
	if !r.seesTurn(sc, t) {
		return store.ErrNotFound
	}
	capacity := act.Capacity(r.turnActor(sc, t))
	if capacity == "" {
		return flow.ErrForbidden
	}
	answers, err := act.Form.Check(in.Raw)
	if err != nil {
		return err
	}
	words, bad := tidy("words", answers.Str("words"), 500, false)
	if bad != nil {
		return form.Faults(bad)
	}
	subject := week + "/" + place
	if _, done, err := store.Once(tx, r.o.District, in.Key, subject, r.now(in.At)); err != nil || done {
		return err
	}
	if _, err := r.review(tx, week, place); !errors.Is(err, store.ErrNotFound) {
		if err == nil {
			err = flow.ErrState
		}
		return err
	}
	if r.now(in.At).Before(monday.AddDate(0, 0, friday)) {
		return flow.ErrState
	}
	at, err := journal.Begin(tx, r.o.District, r.now(in.At))
	if err != nil {
		return err
	}
	x := &Review{Unit: p.Unit, State: act.To}
	body, err := json.Marshal(x)
	if err != nil {
		return fmt.Errorf("rounds: %w", err)
	}
	a := &journal.Act{District: r.o.District, At: at.UnixMicro(), Kind: ReviewTable.Kind, Subject: subject, Action: act.Name, Actor: sc.Actor(capacity), Pack: r.o.Pack, Body: body}
	if words != "" {
		a.Texts = map[string]string{"words": words}
	}
	if err := journal.Append(tx, a); err != nil {
		return err
	}
	if err := x.fold(a); err != nil {
		return err
	}
	return tx.Exec(`INSERT INTO turn_reviews (district, `+reviewColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		r.o.District, x.Week, x.Place, x.Unit, x.State, x.Words, x.Role, x.At, x.Version, x.lastSeq)
}

const reviewColumns = `week, place, unit, state, words, role, at, version, last_seq`

func scanReview(s store.Scanner) (*Review, error) {
	x := &Review{}
	return x, s.Scan(&x.Week, &x.Place, &x.Unit, &x.State, &x.Words, &x.Role, &x.At, &x.Version, &x.lastSeq)
}

func (r *Rounds) review(tx *store.Tx, week, place string) (*Review, error) {
	list, err := store.All(tx, scanReview, `SELECT `+reviewColumns+` FROM turn_reviews WHERE district = $1 AND week = $2 AND place = $3`, r.o.District, week, place)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, store.ErrNotFound
	}
	return list[0], nil
}

func (c *Checker) compareReviews(tx *store.Tx) error {
	n := 0
	err := tx.Each(`SELECT `+reviewColumns+` FROM turn_reviews WHERE district = $1`, []any{c.r.o.District}, func(s store.Scanner) error {
		row, err := scanReview(s)
		if err != nil {
			return err
		}
		if x := c.reviews[row.Week+"/"+row.Place]; x == nil || *x != *row {
			return fmt.Errorf("rounds: the review of %s in the week of %s does not agree with its act", row.Place, row.Week)
		}
		n++
		return nil
	})
	if err != nil {
		return err
	}
	return all("reviews of weeks", n, len(c.reviews))
}
