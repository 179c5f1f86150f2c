// Package assess turns acts into figures of units: how many cases they closed in
// a month, how many residents were contacted in time, found it solved, were
// satisfied. A follower keeps one small row per closed case; figures are sums
// over these rows put into the pack's formulas, so every figure opens to the
// cases behind it, and Verify rebuilds all rows from the journal.
//
//	assess.go   Assess, the follower
//	month.go    Month: counts, formulas, ranks; Behind: the cases of a count
//	verify.go   rows against acts
package assess

import (
	"embed"
	"fmt"
	"time"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/vm"

	"weixiao/internal/cases"
	"weixiao/internal/journal"
	"weixiao/internal/pack"
	"weixiao/internal/store"
)

//go:embed migrations
var migrations embed.FS

// Schema is the table of scored cases, numbers 31001-31999.
var Schema = store.Schema{Name: "assess", FS: migrations}

// Assess computes the figures of one district.
type Assess struct {
	db       *store.DB
	cases    *cases.Cases
	pack     *pack.Pack
	formulas []formula
}

type formula struct {
	pack.Formula
	program *vm.Program
}

// New compiles the pack's formulas.
func New(db *store.DB, c *cases.Cases, p *pack.Pack) (*Assess, error) {
	a := &Assess{db: db, cases: c, pack: p}
	env := map[string]any{}
	for _, n := range p.Scores.Counts {
		env[n.Name] = 0.0
	}
	for _, f := range p.Scores.Formulas {
		prog, err := expr.Compile(f.Expression, expr.Env(env), expr.AsFloat64(), expr.DisableAllBuiltins(), expr.MaxNodes(100))
		if err != nil {
			return nil, fmt.Errorf("assess: formula %s: %w", f.Name, err)
		}
		a.formulas = append(a.formulas, formula{f, prog})
		env[f.Name] = 0.0
	}
	return a, nil
}

var zone = time.FixedZone("Asia/Shanghai", 8*3600)

// row is one closed case as it counts.
type row struct {
	number, month, unit, solved, satisfied                        string
	doc, seq                                                      int64
	signed, contacted, closed, handedBack, reworked, rep, visited int64
}

func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// rowOf is how a case counts after the act that closed it. It counts in the
// month of that act, for the unit that led then.
func rowOf(k *cases.Case) row {
	o := k.Outcome
	r := row{number: k.Number, doc: k.Doc, seq: k.LastSeq, unit: k.Unit, month: time.UnixMicro(k.Closed).In(zone).Format("2006-01"),
		signed: flag(k.Clocks[cases.ClockSign].Met()), contacted: flag(k.Clocks[cases.ClockContact].Met()), closed: flag(k.Clocks[cases.ClockReply].Met()),
		handedBack: flag(k.Counts.Handbacks > 0), reworked: flag(k.Counts.Reworks > 0), rep: int64(k.Counts.Merged), visited: flag(o.By != "")}
	if o.By == "callback" || o.By == "rating" {
		r.solved, r.satisfied = o.Solved, o.Satisfied
	}
	return r
}

// Follower keeps the rows up to date.
func (a *Assess) Follower() journal.Follower {
	concerns := func(act journal.Act) bool {
		ends, reopens, err := cases.Ends(act)
		return ends || reopens || err != nil
	}
	return journal.Follower{Name: "assess", Concerns: concerns, Handle: func(tx *store.Tx, acts []journal.Act) error {
		for _, act := range acts {
			if err := a.follow(tx, act); err != nil {
				return fmt.Errorf("act %d: %w", act.Seq, err)
			}
		}
		return nil
	}}
}

func (a *Assess) follow(tx *store.Tx, act journal.Act) error {
	ends, reopens, err := cases.Ends(act)
	switch {
	case err != nil:
		return err
	case reopens:
		return tx.Exec(`DELETE FROM scored WHERE district = $1 AND number = $2`, act.District, act.Subject)
	case !ends:
		return nil
	}
	k, err := a.cases.After(tx, act.Subject, act.Seq)
	if err != nil || k.Unit == "" {
		return err
	}
	r := rowOf(k)
	return tx.Exec(`INSERT INTO scored (district, number, doc, month, unit, seq, signed_in_time, contacted_in_time, closed_in_time, handed_back, reworked, repeated, visited, solved, satisfied)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
		ON CONFLICT (district, number) DO UPDATE SET month = excluded.month, unit = excluded.unit, seq = excluded.seq, signed_in_time = excluded.signed_in_time,
			contacted_in_time = excluded.contacted_in_time, closed_in_time = excluded.closed_in_time, handed_back = excluded.handed_back, reworked = excluded.reworked,
			repeated = excluded.repeated, visited = excluded.visited, solved = excluded.solved, satisfied = excluded.satisfied`,
		act.District, r.number, r.doc, r.month, r.unit, r.seq, r.signed, r.contacted, r.closed, r.handedBack, r.reworked, r.rep, r.visited, r.solved, r.satisfied)
}
