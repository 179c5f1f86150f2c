package rounds

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/journal"
	"weixiao/internal/pack"
)

// States of a turn. Done is never entered by anybody: it follows from the items that real work has filled. What is
// neither done nor excused when the day is over was left open, and nothing follows from that.
const (
	Planned = "planned"
	Done    = "done"
	Excused = "excused"
)

// Relations to a turn.
const (
	Holder = "holder" // whose turn it is
	Above  = "above"  // the unit it belongs to, and those above
)

// TurnTable is the way of a turn. There is no action by which somebody says to have been there.
var TurnTable = flow.Table{
	Kind:   "turn",
	States: []flow.State{{Name: Planned, Chip: "new"}, {Name: Done, Chip: "done", End: true}, {Name: Excused, Chip: "closed", End: true}},
	Actions: []flow.Action{
		{Name: "generate", To: Planned, Who: grants("", access.System), Form: form.Form{Name: "turn_generate"}},
		// Not an act of its own: the act of real work is the one.
		{Name: "fill", From: []string{Planned}, To: Done, Who: grants("", access.System), Form: form.Form{Name: "turn_fill"}},
		{Name: "excuse", From: []string{Planned}, To: Excused, Who: append(grants(Holder, outside[:len(outside)-1]...), grants(Above, outside[:len(outside)-1]...)...),
			Form: form.Form{Name: "turn_excuse", Fields: []form.Field{{Name: "reason", Type: form.Text, Required: true, Max: 200}}}},
		{Name: "resume", From: []string{Excused}, To: Planned, Who: append(grants(Holder, outside[:len(outside)-1]...), grants(Above, outside[:len(outside)-1]...)...),
			Form: form.Form{Name: "turn_resume"}},
	},
}

// KindTurns is the kind of the act that makes all turns of a routine for a day; its subject is routine/day. KindTurn is
// that of what happens to a single one.
const (
	KindTurns = "turns"
	KindTurn  = "turn"
)

// Turn is one unit's or one post's part of a routine on a day.
type Turn struct {
	Routine   string
	Day       string // local, 2022-11-23
	N         int    // from 1
	State     string // Planned or Excused; see Done
	Unit      string
	Post      string // "" = of the unit as a whole
	Account   string // who held the post when the turn was made, "" = nobody with an account
	Street    string
	Community string
	Grid      string
	Building  string
	Spot      string // key of the listed place
	From, To  int64  // µs UTC
	Filled    int64  // bit i: item i is filled
	Version   int64
	lastSeq   int64
}

// ID names the turn: routine.20221123.17.
func (t *Turn) ID() string {
	return t.Routine + "." + strings.ReplaceAll(t.Day, "-", "") + "." + strconv.Itoa(t.N)
}

// Has reports whether item i is filled.
func (t *Turn) Has(i int) bool { return t.Filled&(1<<i) != 0 }

// Stands is the state with what follows from the items: Done when all of n are filled.
func (t *Turn) Stands(n int) string {
	if t.State == Planned && n > 0 && t.Filled == 1<<n-1 {
		return Done
	}
	return t.State
}

// ParseTurn reads the name of a turn.
func ParseTurn(id string) (routine, day string, n int, ok bool) {
	p := strings.Split(id, ".")
	if len(p) != 3 || len(p[1]) != 8 {
		return "", "", 0, false
	}
	at, err := time.Parse("20060102", p[1])
	n, err2 := strconv.Atoi(p[2])
	return p[0], at.Format(time.DateOnly), n, err == nil && err2 == nil && n > 0
}

// seat is a turn in the act that makes it. Names are short: one act holds thousands.
type seat struct {
	Unit      string `json:"u"`
	Post      string `json:"p,omitempty"`
	Account   string `json:"a,omitempty"`
	Street    string `json:"s,omitempty"`
	Community string `json:"c,omitempty"`
	Grid      string `json:"g,omitempty"`
	Building  string `json:"b,omitempty"`
	Spot      string `json:"l,omitempty"`
}

// made is the body of the act that makes the turns of a day. Items are spelled out: what fills a turn is what the pack
// said on that day.
type made struct {
	From  int64  `json:"from"`
	To    int64  `json:"to"`
	Items []item `json:"items"`
	Turns []seat `json:"turns"`
}

type item struct {
	Key string   `json:"key"`
	By  []string `json:"by"`
}

func itemsOf(r pack.Routine) []item {
	var out []item
	for _, it := range r.Items {
		out = append(out, item{it.Key, it.FilledBy})
	}
	return out
}

// fits are the items that an act of this kind and action fills, as bits.
func fits(items []item, work string) (bits int64) {
	for i, it := range items {
		if slices.Contains(it.By, work) {
			bits |= 1 << i
		}
	}
	return bits
}

func (m *made) turn(routine, day string, i int, seq int64) *Turn {
	s := m.Turns[i]
	return &Turn{Routine: routine, Day: day, N: i + 1, State: Planned, Unit: s.Unit, Post: s.Post, Account: s.Account, Street: s.Street, Community: s.Community,
		Grid: s.Grid, Building: s.Building, Spot: s.Spot, From: m.From, To: m.To, Version: 1, lastSeq: seq}
}

// turnChange is the body of an act on one turn.
type turnChange struct {
	State string `json:"state"`
}

func (t *Turn) fold(a *journal.Act) error {
	var c turnChange
	if err := a.Into(&c); err != nil {
		return err
	}
	t.State = c.State
	t.Version++
	t.lastSeq = a.Seq
	return nil
}

// Falls reports whether a routine has turns on a day (local midnight): by its calendar, its season and the weather.
// weather is nil while nothing was said about the day.
func Falls(r pack.Routine, day time.Time, working bool, weather *Weather) bool {
	w := r.When
	switch {
	case w.Days == "workdays" && !working, w.Days == "holidays" && working:
		return false
	case len(w.Weekdays) > 0 && !slices.Contains(w.Weekdays, pack.WeekdayNames()[day.Weekday()]):
		return false
	case len(w.Monthdays) > 0 && !slices.Contains(w.Monthdays, day.Day()):
		return false
	case w.Season != nil && !inSeason(*w.Season, day.Format("01-02")):
		return false
	case w.Weather != nil && (weather == nil || !calls(*w.Weather, *weather)):
		return false
	}
	return true
}

func inSeason(s pack.RoutineSeason, day string) bool {
	if s.From <= s.To {
		return s.From <= day && day <= s.To
	}
	return day >= s.From || day <= s.To // over the turn of the year
}

// calls reports whether the weather of a day calls for a routine: any one condition is enough.
func calls(c pack.RoutineWeather, w Weather) bool {
	return c.SnowCM > 0 && w.SnowCM >= c.SnowCM || c.TempBelow != nil && w.Low < *c.TempBelow ||
		slices.ContainsFunc(c.Warnings, func(k string) bool { return slices.Contains(w.Warnings, k) })
}

// window is when a routine's turns run on a day; an end before the beginning is on the next day.
func window(r pack.Routine, day time.Time) (from, to time.Time, err error) {
	a, err := time.Parse("15:04", r.When.From)
	if err == nil {
		var b time.Time
		if b, err = time.Parse("15:04", r.When.To); err == nil {
			at := func(t time.Time, plus int) time.Time {
				return time.Date(day.Year(), day.Month(), day.Day()+plus, t.Hour(), t.Minute(), 0, 0, zone)
			}
			from, to = at(a, 0), at(b, 0)
			if !to.After(from) {
				to = at(b, 1)
			}
		}
	}
	if err != nil {
		err = fmt.Errorf("rounds: hours of %s: %w", r.Key, err) // checked by the pack
	}
	return from, to, err
}
