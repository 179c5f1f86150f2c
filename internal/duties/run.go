package duties

import (
	"encoding/json"
	"fmt"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/flow"
	"weixiao/internal/store"
)

// States of a dry run.
const (
	Waiting   = "waiting"
	Running   = "running"
	Done      = "done"
	Cancelled = "cancelled"
	Failed    = "failed"
)

// Run is a dry run of a draft over the cases of some time.
type Run struct {
	ID          int64
	Number      int    // of the draft
	Digest      string // of the draft when it was asked for
	State       string
	First, Last int64 // µs UTC: cases created from First up to Last
	Account     string
	Asked       int64
	Finished    int64
	Looked      int64 // cases so far
	Result      json.RawMessage
	Owner       string
	Lease       int64
}

const runColumns = `id, number, digest, state, first, last, account, asked, finished, looked, result, owner, lease`

func scanRun(r store.Scanner) (x Run, err error) {
	var result string
	err = r.Scan(&x.ID, &x.Number, &x.Digest, &x.State, &x.First, &x.Last, &x.Account, &x.Asked, &x.Finished, &x.Looked, &result, &x.Owner, &x.Lease)
	if result != "" {
		x.Result = json.RawMessage(result)
	}
	return x, err
}

// AskRun asks for a dry run of a draft over the cases created from first up to
// last. A run of the same draft that is not done yet is given up for it.
func (b *Book) AskRun(tx *store.Tx, sc access.Scope, number int, first, last, now time.Time) (Run, error) {
	if err := b.mayRun(sc); err != nil {
		return Run{}, err
	}
	v, err := b.Get(tx, number)
	if err != nil {
		return Run{}, err
	}
	if err := tx.Exec(`UPDATE duty_runs SET state = $3, finished = $4 WHERE district = $1 AND number = $2 AND state IN ('waiting', 'running')`,
		b.district, number, Cancelled, now.UnixMicro()); err != nil {
		return Run{}, err
	}
	x := Run{Number: number, Digest: v.Digest, State: Waiting, First: first.UnixMicro(), Last: last.UnixMicro(), Account: sc.Account(), Asked: now.UnixMicro()}
	if err := tx.Row(`SELECT coalesce(max(id), 0) + 1 FROM duty_runs WHERE district = $1`, []any{b.district}, &x.ID); err != nil {
		return x, err
	}
	return x, tx.Exec(`INSERT INTO duty_runs (district, id, number, digest, state, first, last, account, asked, finished, looked, result, owner, lease)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, 0, '', '', 0)`, b.district, x.ID, x.Number, x.Digest, x.State, x.First, x.Last, x.Account, x.Asked)
}

// mayRun: whoever may begin drafts may try them.
func (b *Book) mayRun(sc access.Scope) error {
	act, err := Table.Action("draft")
	if err == nil && !act.Grants(flow.Actor{Roles: sc.Roles()}) {
		err = flow.ErrForbidden
	}
	return err
}

// CancelRun gives up a run that is not done.
func (b *Book) CancelRun(tx *store.Tx, sc access.Scope, id int64, now time.Time) error {
	if err := b.mayRun(sc); err != nil {
		return err
	}
	n, err := tx.Count(`UPDATE duty_runs SET state = $3, finished = $4 WHERE district = $1 AND id = $2 AND state IN ('waiting', 'running')`, b.district, id, Cancelled, now.UnixMicro())
	if err == nil && n == 0 {
		err = store.ErrNotFound
	}
	return err
}

// Runs lists the dry runs of a version, newest first.
func (b *Book) Runs(tx *store.Tx, number, limit int) ([]Run, error) {
	return store.All(tx, scanRun, `SELECT `+runColumns+` FROM duty_runs WHERE district = $1 AND number = $2 ORDER BY id DESC LIMIT $3`, b.district, number, limit)
}

// GetRun reads one run.
func (b *Book) GetRun(tx *store.Tx, id int64) (Run, error) {
	found, err := store.All(tx, scanRun, `SELECT `+runColumns+` FROM duty_runs WHERE district = $1 AND id = $2`, b.district, id)
	if err == nil && len(found) == 0 {
		err = store.ErrNotFound
	}
	if err != nil {
		return Run{}, err
	}
	return found[0], nil
}

// TakeRun takes a run that waits, or that its owner has left, for a lease; false
// when there is none.
func (b *Book) TakeRun(tx *store.Tx, owner string, now, until time.Time) (Run, bool, error) {
	found, err := store.All(tx, scanRun, `SELECT `+runColumns+` FROM duty_runs WHERE district = $1 AND state IN ('waiting', 'running') AND lease < $2 ORDER BY id LIMIT 1`,
		b.district, now.UnixMicro())
	if err != nil || len(found) == 0 {
		return Run{}, false, err
	}
	x := found[0]
	x.State, x.Owner, x.Lease, x.Looked = Running, owner, until.UnixMicro(), 0
	// Two nodes may have read the same run: one of them changes it.
	n, err := tx.Count(`UPDATE duty_runs SET state = $4, owner = $5, lease = $6, looked = 0 WHERE district = $1 AND id = $2 AND lease = $3 AND state IN ('waiting', 'running')`,
		b.district, x.ID, found[0].Lease, x.State, owner, x.Lease)
	return x, err == nil && n == 1, err
}

// KeepRun notes how far a run has come, or its end with the result. False: it was
// given up, or another owner has it.
func (b *Book) KeepRun(tx *store.Tx, x Run) (bool, error) {
	n, err := tx.Count(`UPDATE duty_runs SET state = $4, finished = $5, looked = $6, result = $7, lease = $8 WHERE district = $1 AND id = $2 AND owner = $3 AND state = 'running'`,
		b.district, x.ID, x.Owner, x.State, x.Finished, x.Looked, string(x.Result), x.Lease)
	if err != nil {
		return false, fmt.Errorf("duties: dry run %d: %w", x.ID, err)
	}
	return n == 1, nil
}

// Waits reports whether some run may have to be done.
func (b *Book) Waits(tx *store.Tx) (bool, error) {
	var n int
	err := tx.Row(`SELECT count(*) FROM duty_runs WHERE district = $1 AND state IN ('waiting', 'running')`, []any{b.district}, &n)
	return n > 0, err
}
