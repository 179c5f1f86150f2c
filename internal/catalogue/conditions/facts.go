package conditions

import (
	"slices"
	"time"
)

// Kind is what a fact holds.
type Kind byte

const (
	Number Kind = 'n' // a whole number
	Money  Kind = 'm' // fen
	Choice Kind = 'c' // one of Options
	List   Kind = 'l' // some of Options
	Bool   Kind = 'b'
)

// Fact is one thing a condition can ask about.
type Fact struct {
	Name    string
	Kind    Kind
	Options []string // Choice, List; of a fact whose members the district brings: none
	Min     int64    // Number, Money
	Max     int64
	// From are the facts it is derived from; a derived fact is never stated.
	From []string
}

// mostFen is more than any firm turns over: 10^12 yuan.
const mostFen = 1e14

// None is the member of a list that says that there is nothing in it: nobody's silence says that.
const None = "none"

var all = []Fact{
	{Name: "sector", Kind: Choice, Options: []string{"agriculture", "mining", "manufacturing", "energy", "construction", "trade", "transport", "hospitality", "property", "services", "education", "health", "culture", "social"}},
	{Name: "branch", Kind: Choice, Options: []string{"wholesale", "retail", "storage", "information", "software", "developer", "upkeep", "leasing", "general"}},
	{Name: "origin", Kind: Choice, Options: []string{"resident", "invited", "visited"}},
	{Name: "street", Kind: Choice},
	{Name: "size", Kind: Choice, Options: Sizes(), From: []string{"sector", "branch", "staff", "turnover", "assets"}},
	{Name: "years", Kind: Number, Max: 200, From: []string{"founded"}},
	{Name: "staff", Kind: Number, Max: 1000000},
	{Name: "hired", Kind: Number, Max: 1000000},
	{Name: "graduates", Kind: Number, Max: 1000000},
	{Name: "patents", Kind: Number, Max: 1000000},
	{Name: "turnover", Kind: Money, Max: mostFen},
	{Name: "assets", Kind: Money, Max: mostFen},
	{Name: "taxes", Kind: Money, Max: mostFen},
	{Name: "equipment", Kind: Money, Max: mostFen},
	{Name: "research", Kind: Money, Max: mostFen},
	{Name: "exports", Kind: Money, Max: mostFen},
	{Name: "loans", Kind: Money, Max: mostFen},
	{Name: "titles", Kind: List, Options: Titles()},
	{Name: "listed", Kind: Bool},
	{Name: "dishonest", Kind: Bool},
}

// Titles are what the state calls firms that it finds worth it.
func Titles() []string {
	return []string{"little_giant", "specialised", "innovative_sme", "high_tech", "tech_sme", "unicorn", "leading_agri", "old_brand", "green_factory", None}
}

// All are the facts in the order people state them.
func All() []Fact { return slices.Clone(all) }

// FactOf is the fact of that name.
func FactOf(name string) (Fact, bool) {
	i := index(name)
	if i < 0 {
		return Fact{}, false
	}
	return all[i], true
}

func index(name string) int {
	return slices.IndexFunc(all, func(f Fact) bool { return f.Name == name })
}

// set is some of the facts, by their places in all.
type set uint64

func (s set) has(i int) bool { return s&(1<<i) != 0 }

func (s set) names() (out []string) {
	for i, f := range all {
		if s.has(i) {
			out = append(out, f.Name)
		}
	}
	return out
}

// Facts are what a firm's profile says. What was not stated is empty or nil.
type Facts struct {
	Sector    string   `json:"sector,omitempty"`
	Branch    string   `json:"branch,omitempty"`
	Origin    string   `json:"origin,omitempty"`
	Street    string   `json:"street,omitempty"`  // unit
	Founded   string   `json:"founded,omitempty"` // 2006-01-02
	Staff     *int64   `json:"staff,omitempty"`
	Hired     *int64   `json:"hired,omitempty"`     // new staff of the period, insured
	Graduates *int64   `json:"graduates,omitempty"` // among them
	Patents   *int64   `json:"patents,omitempty"`
	Turnover  *int64   `json:"turnover,omitempty"` // fen, as are those below
	Assets    *int64   `json:"assets,omitempty"`
	Taxes     *int64   `json:"taxes,omitempty"`
	Equipment *int64   `json:"equipment,omitempty"` // invested in the period
	Research  *int64   `json:"research,omitempty"`
	Exports   *int64   `json:"exports,omitempty"`
	Loans     *int64   `json:"loans,omitempty"` // balance of loans for the business
	Titles    []string `json:"titles,omitempty"`
	Listed    *bool    `json:"listed,omitempty"`    // among those above the line in statistics (规上)
	Dishonest *bool    `json:"dishonest,omitempty"` // on the list of serious dishonesty
}

// Env are facts ready to be judged: many conditions share one. Make it with NewEnv. It is for one goroutine.
type Env struct {
	values map[string]any
	known  set
}

// empty is what compiling and evaluating is done in: every fact with a value of its type, and the units of money.
func empty() map[string]any {
	out := map[string]any{"yuan": 100, "wan": 100 * 10000, "yi": 100 * 10000 * 10000}
	for _, f := range all {
		out[f.Name] = blank(f.Kind)
	}
	return out
}

func blank(k Kind) any {
	switch k {
	case Number, Money:
		return 0
	case List:
		return []string{}
	case Bool:
		return false
	}
	return ""
}

// NewEnv makes facts ready to be judged on a day.
func NewEnv(f *Facts, day time.Time) *Env {
	e := &Env{values: empty()}
	put := func(name string, v any) {
		e.values[name] = v
		e.known |= 1 << index(name)
	}
	word := func(name, v string) {
		if v != "" {
			put(name, v)
		}
	}
	number := func(name string, v *int64) {
		if v != nil {
			put(name, int(*v))
		}
	}
	yes := func(name string, v *bool) {
		if v != nil {
			put(name, *v)
		}
	}
	word("sector", f.Sector)
	word("branch", f.Branch)
	word("origin", f.Origin)
	word("street", f.Street)
	word("size", f.Size())
	if y, ok := f.Years(day); ok {
		put("years", y)
	}
	number("staff", f.Staff)
	number("hired", f.Hired)
	number("graduates", f.Graduates)
	number("patents", f.Patents)
	number("turnover", f.Turnover)
	number("assets", f.Assets)
	number("taxes", f.Taxes)
	number("equipment", f.Equipment)
	number("research", f.Research)
	number("exports", f.Exports)
	number("loans", f.Loans)
	if len(f.Titles) > 0 {
		put("titles", f.Titles)
	}
	yes("listed", f.Listed)
	yes("dishonest", f.Dishonest)
	return e
}

// Years is how many whole years a firm is old on a day; false when nobody said when it was founded.
func (f *Facts) Years(day time.Time) (int, bool) {
	t, err := time.ParseInLocation("2006-01-02", f.Founded, day.Location())
	if err != nil {
		return 0, false
	}
	y := day.Year() - t.Year()
	if day.Month() < t.Month() || day.Month() == t.Month() && day.Day() < t.Day() {
		y--
	}
	return max(0, y), true
}

// missing are the stated facts without which a fact is not known.
func (f *Facts) missing(name string) []string {
	switch name {
	case "size":
		_, m := f.size()
		return m
	case "years":
		return []string{"founded"}
	}
	return []string{name}
}
