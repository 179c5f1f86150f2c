package sanitation

import (
	"context"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/journal"
	"weixiao/internal/store"
)

// Inspection is one look at what a contract delivers.
type Inspection struct {
	record
	State     string `json:"state"`
	Kind      string `json:"kind"` // daily, covert, monthly
	Contract  string `json:"contract"`
	Day       string `json:"day"`
	Inspector string `json:"inspector"` // account of who planned it
	Hidden    bool   `json:"hidden"`    // the contractor does not see it yet
}

// Position is where it stands in the flow table.
func (x *Inspection) Position() flow.Position { return flow.Position{State: x.State} }

// Plan makes an inspection of a contract on a day.
func (s *Sanitation) Plan(ctx context.Context, sc access.Scope, in Input) (*Inspection, error) {
	act, err := makes(&Inspections, "plan")
	if err != nil {
		return nil, err
	}
	capacity := act.Capacity(s.actor(sc, "", ""))
	if capacity == "" {
		return nil, flow.ErrForbidden
	}
	answers, err := withChoices(act, map[string][]string{"contract": s.contractIDs()}).Check(in.Raw)
	if err != nil {
		return nil, err
	}
	return making(ctx, s, in, "HJ", func(tx *store.Tx, id string, at time.Time) (*Inspection, error) {
		x := &Inspection{State: Planned, Kind: answers.Str("kind"), Contract: answers.Str("contract"), Day: answers.Str("day"), Inspector: sc.Account()}
		x.Hidden = x.Kind == Covert
		if err := s.write(tx, sc.Actor(capacity), Inspections.Kind, id, act.Name, at, x, nil); err != nil {
			return nil, err
		}
		return x, s.saveInspection(tx, x)
	}, func(tx *store.Tx, id string, _ time.Time) (*Inspection, error) { return s.loadInspection(tx, id) })
}

// withChoices is an action's form with the options that only the pack knows.
func withChoices(act *flow.Action, options map[string][]string) form.Form {
	f := form.Form{Name: act.Form.Name}
	for _, fd := range act.Form.Fields {
		if o, ok := options[fd.Name]; ok {
			fd.Options = form.Options(o...)
		}
		f.Fields = append(f.Fields, fd)
	}
	return f
}

func (s *Sanitation) contractIDs() (out []string) {
	for _, c := range s.o.Rules.Contracts {
		out = append(out, c.ID)
	}
	return out
}

// ActInspection concludes or cancels an inspection. When a covert one is concluded, the contractor sees its findings and
// their clocks begin.
func (s *Sanitation) ActInspection(ctx context.Context, sc access.Scope, id, action string, in Input) (x *Inspection, err error) {
	err = s.acting(ctx, in, id, func(tx *store.Tx, at time.Time, again bool) error {
		if x, err = s.reachInspection(tx, sc, id); err != nil || again {
			return err
		}
		who := s.actor(sc, x.Contract, "")
		act, answers, err := permit(&Inspections, action, x.Position(), who, x.Version, in)
		if err != nil {
			return err
		}
		if action == "cancel" {
			n, err := s.findingsOf(tx, id)
			if err != nil {
				return err
			}
			if len(n) > 0 {
				return refuse("sanit_has_findings")
			}
		}
		hidden := x.Hidden
		x.State = act.To
		if action == "conclude" {
			x.Hidden = false
		}
		if err := s.write(tx, sc.Actor(act.Capacity(who)), Inspections.Kind, id, action, at, x, map[string]string{"summary": answers.Str("summary"), "reason": answers.Str("reason")}); err != nil {
			return err
		}
		if hidden && !x.Hidden {
			if err := s.show(tx, id, at); err != nil {
				return err
			}
		}
		if err := attach(tx, in, Inspections.Kind, id, at); err != nil {
			return err
		}
		return s.saveInspection(tx, x)
	})
	return x, err
}

// show lets the contractor see the findings of a covert inspection.
func (s *Sanitation) show(tx *store.Tx, inspection string, at time.Time) error {
	list, err := s.findingsOf(tx, inspection)
	if err != nil {
		return err
	}
	system := access.SystemScope(s.o.District, "the covert inspection was concluded").Actor(access.System)
	for _, f := range list {
		f.Hidden, f.Since = false, at.UnixMicro()
		if err := s.write(tx, system, Findings.Kind, f.ID, "show", at, f, nil); err != nil {
			return err
		}
		if err := s.saveFinding(tx, f); err != nil {
			return err
		}
	}
	return nil
}

// reachInspection loads an inspection that the scope sees.
func (s *Sanitation) reachInspection(tx *store.Tx, sc access.Scope, id string) (*Inspection, error) {
	x, err := s.loadInspection(tx, id)
	if err != nil {
		return nil, err
	}
	if !s.oversees(sc) && (x.Hidden || !s.runs(sc, x.Contract)) {
		return nil, store.ErrNotFound
	}
	return x, nil
}

// InspectionView is an inspection with its findings and what the reader can do now.
type InspectionView struct {
	*Inspection
	Findings []*FindingView
	Acts     []journal.Act
	Actions  []*flow.Action
	Record   bool // the reader may record a finding
}

// Inspection returns an inspection that the scope reaches.
func (s *Sanitation) Inspection(ctx context.Context, sc access.Scope, id string) (*InspectionView, error) {
	return store.Get(ctx, s.db, func(tx *store.Tx) (*InspectionView, error) {
		x, err := s.reachInspection(tx, sc, id)
		if err != nil {
			return nil, err
		}
		v := &InspectionView{Inspection: x, Actions: Inspections.Open(x.Position(), s.actor(sc, x.Contract, "")), Record: s.owns(sc) && x.State == Planned}
		list, err := s.findingsOf(tx, id)
		if err != nil {
			return nil, err
		}
		if v.Findings, err = s.timed(tx, list); err != nil {
			return nil, err
		}
		v.Acts, err = journal.History(tx, s.o.District, Inspections.Kind, id)
		return v, err
	})
}

// Inspections lists inspections the scope sees, newest first: of one contract or of all it reaches; those made before
// the one with number after (0 = from the newest).
func (s *Sanitation) Inspections(ctx context.Context, sc access.Scope, contract string, after int64, n int) ([]*Inspection, error) {
	return store.Get(ctx, s.db, func(tx *store.Tx) ([]*Inspection, error) {
		return merged(s.reached(sc, contract), n, func(x *Inspection) int64 { return x.Doc }, func(c string) ([]*Inspection, error) {
			return store.All(tx, scanInspection, `SELECT `+inspectionColumns+` FROM sanit_inspections WHERE district = $1 AND contract = $2 AND doc < $3 AND (hidden = FALSE OR $4 = TRUE)
				ORDER BY doc DESC LIMIT $5`, s.o.District, c, before(after), s.oversees(sc), int64(n))
		})
	})
}

// OpenInspection lists what the scope may do with an inspection.
func (s *Sanitation) OpenInspection(sc access.Scope, x *Inspection) []*flow.Action {
	return Inspections.Open(x.Position(), s.actor(sc, x.Contract, ""))
}

// UnderWay lists the inspections that the scope sees and that are planned for a day or were for one of the two weeks
// before it, the earliest first.
func (s *Sanitation) UnderWay(ctx context.Context, sc access.Scope, day string, n int) (out []*Inspection, err error) {
	from := moment(day, 0, 0).AddDate(0, 0, -14).Format(time.DateOnly)
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		for _, c := range s.reached(sc, "") {
			list, err := store.All(tx, scanInspection, `SELECT `+inspectionColumns+` FROM sanit_inspections WHERE district = $1 AND contract = $2 AND day >= $3 AND day <= $4
				AND state = $5 AND (hidden = FALSE OR $6 = TRUE) ORDER BY day, id LIMIT $7`, s.o.District, c, from, day, Planned, s.oversees(sc), int64(n))
			if err != nil {
				return err
			}
			out = append(out, list...)
		}
		return nil
	})
	return out, err
}

// CovertMissing are the contracts that had fewer covert inspections in the week of a day than the pack demands.
func (s *Sanitation) CovertMissing(ctx context.Context, sc access.Scope, day string) ([]string, error) {
	if !s.oversees(sc) {
		return nil, nil
	}
	t := moment(day, 0, 0)
	monday := t.AddDate(0, 0, -(int(t.Weekday())+6)%7)
	return store.Get(ctx, s.db, func(tx *store.Tx) (out []string, err error) {
		for _, c := range s.o.Rules.Contracts {
			var n int64
			if err := tx.Row(`SELECT count(*) FROM sanit_inspections WHERE district = $1 AND contract = $2 AND day >= $3 AND day <= $4 AND kind = $5 AND state <> $6`,
				[]any{s.o.District, c.ID, monday.Format(time.DateOnly), monday.AddDate(0, 0, 6).Format(time.DateOnly), Covert, Cancelled}, &n); err != nil {
				return nil, err
			}
			if n < int64(s.o.Rules.Inspections.Covert) {
				out = append(out, c.ID)
			}
		}
		return out, nil
	})
}
