package projects

import (
	"cmp"
	"errors"
	"slices"
	"strings"

	"weixiao/internal/access"
	"weixiao/internal/directory"
	"weixiao/internal/form"
	"weixiao/internal/pack"
	"weixiao/internal/record"
	"weixiao/internal/store"
	"weixiao/internal/text"
	"weixiao/internal/worktime"
)

// Project is an investment project.
type Project struct {
	record.Head
	Name       string `json:"name"`
	Investor   string `json:"investor"`
	Firm       string `json:"firm,omitempty"` // code of the investor, "" = not known
	Home       string `json:"home,omitempty"` // pack.Homes
	Sector     string `json:"sector"`
	Investment int64  `json:"investment"`       // fen
	Fixed      int64  `json:"fixed,omitempty"`  // fen of it in fixed assets
	Land       int64  `json:"land,omitempty"`   // hundredths of a mu
	Jobs       int64  `json:"jobs,omitempty"`   // people
	Energy     int64  `json:"energy,omitempty"` // tonnes of standard coal a year
	Town       string `json:"town,omitempty"`   // unit
	Site       string `json:"site,omitempty"`
	Lon        int64  `json:"lon,omitempty"` // 10^-6 degrees, CGCS2000
	Lat        int64  `json:"lat,omitempty"`
	Unit       string `json:"unit"`             // that leads it
	Agent      string `json:"agent,omitempty"`  // unit that accompanies it
	Leader     string `json:"leader,omitempty"` // post of the leader who looks after it

	Class    string               `json:"class,omitempty"` // of what was signed last: pack.SignedClasses
	SignedAt string               `json:"at,omitempty"`    // place of signing
	Reached  map[string]string    `json:"reached,omitempty"`
	Promises map[string][]Promise `json:"promises,omitempty"` // by milestone, the one in force last
	Proposal *Proposal            `json:"proposal,omitempty"`
	Before   string               `json:"before,omitempty"` // stage before it was shelved

	Twins   []Twin `json:"twins,omitempty"`   // that were found when it was entered, corrected or signed
	Counted string `json:"counted,omitempty"` // yes, no: decided; "" = by rule
	SameAs  string `json:"same_as,omitempty"` // the one that counts instead
	MadeUp  bool   `json:"made_up,omitempty"`
	Exact   bool   `json:"exact,omitempty"` // the investment is a reported one
	Source  string `json:"source,omitempty"`
	From    string `json:"from,omitempty"` // record it came of: a visit
}

// Proposal is a stage that waits to be confirmed.
type Proposal struct {
	Stage    string   `json:"stage"`
	On       string   `json:"on"` // day it was reached
	Class    string   `json:"class,omitempty"`
	At       string   `json:"at,omitempty"` // place of signing
	By       string   `json:"by"`           // account
	Evidence []string `json:"evidence"`     // ids
}

func (s *Projects) project() record.Kind[Project, *Project] {
	return record.Kind[Project, *Project]{Table: &Table, Letters: "XM",
		Keys: func(x *Project) record.Keys {
			return record.Keys{Unit: x.Unit, Parent: x.place(), Of: x.owner(), Tag: x.Sector, Title: x.Name, Amount: x.Investment}
		},
		Sees: func(sc access.Scope, x *Project) bool { return s.sees(sc, x.Firm) },
		Relations: func(_ *store.Tx, sc access.Scope, x *Project) ([]string, error) {
			by := ""
			if x.Proposal != nil {
				by = x.Proposal.By
			}
			return relations(sc, s.o.Rules.Office, by, x.Unit, x.Agent), nil
		},
		Options: func(_ *store.Tx, _ access.Scope, x *Project, action, field string) ([]form.Option, bool, error) {
			list, ok := s.options(x, field)
			return form.Options(list...), ok, nil
		},
		Plans: map[string]func(*step) error{"enter": s.enter, "correct": s.correct, "propose": s.propose, "confirm": s.confirm, "decline": drop, "withdraw": drop, "promise": s.promise, "judge": s.judge},
	}
}

type step = record.Step[Project, *Project]

// owner is what all projects of an investor have in common: the code, else the name.
func (x *Project) owner() string { return cmp.Or(x.Firm, "name:"+plain(x.Investor)) }

// place is what all projects of a site have in common; "" without a site.
func (x *Project) place() string {
	if x.Site == "" {
		return ""
	}
	return "site:" + x.Town + ":" + plain(x.Site)
}

// plain is a name without blanks, signs and case: what is the same for a reader.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(" 　·・-—－（）()【】[]“”\"'《》,，.。、", r) {
			return -1
		}
		return r
	}, text.Normalize(s))
}

// options are the members of choices that the pack or the project decides.
func (s *Projects) options(x *Project, field string) ([]string, bool) {
	var out []string
	switch field {
	case "sector":
		return pack.IDs(s.o.Rules.Sectors), true
	case "town":
		for _, u := range s.o.Directory.ByKind(directory.Street, directory.Town) {
			out = append(out, u.ID)
		}
		return out, true
	case "leader":
		for _, u := range s.o.Directory.ByKind(directory.Leaders) {
			for _, p := range s.o.Directory.Posts(u.ID) {
				out = append(out, p.ID)
			}
		}
		return out, true
	case "stage":
		return x.Next(), true
	case "milestone":
		return s.milestones(x), true
	}
	return nil, false
}

// enter takes in a project. What looks like one that is there is noted, and does not count before somebody decided.
func (s *Projects) enter(st *step) error {
	if w, ok := st.Input.With.(*Given); ok {
		st.X.MadeUp, st.X.Exact, st.X.Source, st.X.From = w.MadeUp, w.Exact, w.Source, w.From
	}
	if err := s.settle(st); err != nil {
		return err
	}
	return s.findTwins(st.Tx, st.X, st.ID)
}

// Given is what the caller of Enter knows of a project beside the form.
type Given struct {
	MadeUp bool
	Exact  bool // the investment is a reported one
	Source string
	From   string // record it came of
}

func (s *Projects) correct(st *step) error {
	if w, ok := st.Input.With.(*Given); ok {
		st.X.MadeUp, st.X.Exact, st.X.Source = w.MadeUp, w.Exact, w.Source
	}
	for _, name := range []string{"firm", "home", "fixed", "land", "jobs", "energy", "town", "site", "lon", "lat", "agent", "leader"} {
		if _, ok := st.Answers[name]; !ok {
			st.X.clear(name)
		}
	}
	if err := s.settle(st); err != nil {
		return err
	}
	return s.findTwins(st.Tx, st.X, st.ID)
}

// clear takes out an answer that a correction leaves empty.
func (x *Project) clear(name string) {
	switch name {
	case "firm":
		x.Firm = ""
	case "home":
		x.Home = ""
	case "fixed":
		x.Fixed = 0
	case "land":
		x.Land = 0
	case "jobs":
		x.Jobs = 0
	case "energy":
		x.Energy = 0
	case "town":
		x.Town = ""
	case "site":
		x.Site = ""
	case "lon":
		x.Lon = 0
	case "lat":
		x.Lat = 0
	case "agent":
		x.Agent = ""
	case "leader":
		x.Leader = ""
	}
}

// settle checks what the form cannot.
func (s *Projects) settle(st *step) error {
	x := st.X
	for field, unit := range map[string]string{"unit": x.Unit, "agent": x.Agent} {
		if _, ok := s.o.Directory.Unit(unit); !ok && unit != "" {
			return record.Fault(field, "choice")
		}
	}
	if x.Fixed > x.Investment {
		return record.Fault("fixed", "above_investment")
	}
	if (x.Lon == 0) != (x.Lat == 0) {
		return record.Fault("lat", "pair")
	}
	if x.Firm != "" {
		code, err := s.o.CheckCode(x.Firm)
		if err != nil {
			return record.Fault("firm", "firm_code")
		}
		x.Firm = code
	}
	return nil
}

// judge decides whether a project counts; the decision stays until another one is made.
func (s *Projects) judge(st *step) error {
	x, same := st.X, strings.TrimSpace(st.Answers.Str("same_as"))
	if same != "" {
		if _, err := s.Books.Project.Load(st.Tx, same); errors.Is(err, store.ErrNotFound) || same == st.ID {
			return record.Fault("same_as", "no_project")
		} else if err != nil {
			return err
		}
	}
	x.SameAs = same
	if x.Counted == "yes" {
		x.SameAs = ""
	}
	return nil
}

// Next are the stages that a project may be proposed for.
func (x *Project) Next() []string {
	all := pack.ProjectStages()
	if x.State == Shelved {
		return []string{cmp.Or(x.Before, Lead), Ended}
	}
	i := slices.Index(all, x.State)
	var out []string
	if i >= 0 && i+1 < len(all) {
		out = append(out, all[i+1])
	}
	if x.State == Signed && x.Class != "contract" {
		out = append([]string{Signed}, out...) // a framework or an intent becomes a contract
	}
	return append(out, Shelved, Ended)
}

func today(st *step) string { return st.At.In(worktime.Zone).Format("2006-01-02") }
