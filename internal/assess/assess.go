// Package assess turns acts into figures of units: how many cases they closed in
// a month, how many residents were contacted in time, found it solved, were
// satisfied, how many cases came back, who came when a whistle was blown.
//
// A follower of the journal keeps one small row for each record that counts, and
// sums of them by month and unit. A row says from which act to which it counts,
// so that what counted when a month was frozen can be opened for ever. Figures
// are sums put into the pack's formulas; exclusions and appeals change what a row
// counts for, never the case; a frozen month is the act that froze it. All of it
// follows from the journal, and Verify proves that.
//
//	counts.go    what is counted; sums; evaluating formulas
//	interval.go  how far a figure can be trusted
//	rows.go      rows, how they give way to each other, what appeals do to them
//	derive.go    from a case or whistle after an act to its rows
//	follow.go    the follower; sums.go: the sums
//	month.go     Month: figures and ranks; Behind: the records of a count; Trend
//	table.go     the flow tables of exclusions, appeals and months
//	request.go   exclusions and appeals; request_store.go: their rows and lists
//	period.go    publishing, freezing and correcting a month; sheet.go: what is frozen
//	dryrun.go    other formulas on history
//	rebuild.go   everything again from acts; verify.go: compared with what is stored
package assess

import (
	"embed"
	"time"

	"weixiao/internal/cases"
	"weixiao/internal/pack"
	"weixiao/internal/store"
)

//go:embed migrations
var migrations embed.FS

// Schema is the tables of rows, sums, requests and months, numbers 31001-31999.
var Schema = store.Schema{Name: "assess", FS: migrations}

// Assess computes the figures of one district.
type Assess struct {
	db    *store.DB
	cases *cases.Cases
	pack  *pack.Pack
	clock func() time.Time
}

// New wires the package.
func New(db *store.DB, c *cases.Cases, p *pack.Pack, clock func() time.Time) *Assess {
	return &Assess{db: db, cases: c, pack: p, clock: clock}
}
