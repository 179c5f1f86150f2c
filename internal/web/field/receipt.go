package field

import (
	"bytes"
	"context"
	"embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/journal"
	"weixiao/internal/store"
)

//go:embed migrations
var migrations embed.FS

// Schema is the table of receipts and of words about the app, numbers 56001-56999.
var Schema = store.Schema{Name: "field", FS: migrations}

// ReceiptKind is the kind of the acts that say what became of a phone's act.
const ReceiptKind = "field"

// receipt is what became of one act of a phone.
type receipt struct {
	Account string  `json:"-"`
	Key     string  `json:"-"` // the subject of the act
	Request string  `json:"request"`
	Kind    string  `json:"kind"`
	Subject string  `json:"subject"`
	Action  string  `json:"action"`
	Outcome Outcome `json:"outcome"`
	Seen    int64   `json:"seen"`           // µs, by the phone's clock
	Skew    int64   `json:"skew,omitempty"` // µs the phone was ahead
	Photos  int     `json:"photos,omitempty"`
	At      int64   `json:"-"`
	Seq     int64   `json:"-"`
}

const receiptColumns = `account, key, request, kind, subject, action, outcome, seen, skew, photos, at, seq`

func scanReceipt(s store.Scanner) (r receipt, err error) {
	var request []byte
	var outcome string
	var photos int64
	err = s.Scan(&r.Account, &r.Key, &request, &r.Kind, &r.Subject, &r.Action, &outcome, &r.Seen, &r.Skew, &photos, &r.At, &r.Seq)
	r.Request, r.Outcome, r.Photos = hex.EncodeToString(request), Outcome(outcome), int(photos)
	return r, err
}

// received finds the receipt of an account's key.
func received(tx *store.Tx, district, account, key string) (receipt, bool, error) {
	list, err := store.All(tx, scanReceipt, `SELECT `+receiptColumns+` FROM field_receipts WHERE district = $1 AND account = $2 AND key = $3`, district, account, key)
	if err != nil || len(list) == 0 {
		return receipt{}, false, err
	}
	return list[0], true, nil
}

// write appends the act of a receipt and its row, in the transaction of the work it
// is about. store.ErrConflict means that the same key is being carried out by
// another request.
func (r receipt) write(tx *store.Tx, sc access.Scope, pack string, at time.Time) error {
	at, err := journal.Begin(tx, sc.District(), at)
	if err != nil {
		return err
	}
	body, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("field: %w", err)
	}
	a := &journal.Act{District: sc.District(), At: at.UnixMicro(), Kind: ReceiptKind, Subject: r.Key, Action: string(r.Outcome),
		Actor: sc.Actor(""), Pack: pack, Body: body}
	if err := journal.Append(tx, a); err != nil {
		return err
	}
	request, err := hex.DecodeString(r.Request)
	if err != nil {
		return fmt.Errorf("field: %w", err)
	}
	return tx.Exec(`INSERT INTO field_receipts (district, `+receiptColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
		sc.District(), sc.Account(), r.Key, request, r.Kind, r.Subject, r.Action, string(r.Outcome), r.Seen, r.Skew, int64(r.Photos), a.At, a.Seq)
}

// Checker folds the acts about receipts and about the app itself, and compares the
// results with the rows.
type Checker struct {
	db       *store.DB
	district string
	receipts map[[2]string]receipt
	remarks  map[string]*Remark
}

// NewChecker begins a check. Feed it every act of the journal, then Finish.
func NewChecker(db *store.DB, district string) *Checker {
	return &Checker{db, district, map[[2]string]receipt{}, map[string]*Remark{}}
}

// Fold takes the next act of the journal.
func (c *Checker) Fold(a journal.Act) error {
	switch a.Kind {
	case ReceiptKind:
		r := receipt{Account: a.Actor.Account, Key: a.Subject, At: a.At, Seq: a.Seq}
		if err := a.Into(&r); err != nil {
			return err
		}
		if string(r.Outcome) != a.Action {
			return fmt.Errorf("field: act %d: outcome %q under the name %q", a.Seq, r.Outcome, a.Action)
		}
		c.receipts[[2]string{r.Account, r.Key}] = r
	case RemarkTable.Kind:
		m := c.remarks[a.Subject]
		if m == nil {
			m = &Remark{}
			c.remarks[a.Subject] = m
		}
		return m.fold(a)
	}
	return nil
}

// Finish compares; the error names the first record that differs.
func (c *Checker) Finish(ctx context.Context) (n int, err error) {
	err = c.db.Read(ctx, func(tx *store.Tx) error {
		after := [2]string{}
		for {
			list, err := store.All(tx, scanReceipt, `SELECT `+receiptColumns+` FROM field_receipts WHERE district = $1 AND (account, key) > ($2, $3)
				ORDER BY account, key LIMIT 1000`, c.district, after[0], after[1])
			if err != nil {
				return err
			}
			for _, r := range list {
				after = [2]string{r.Account, r.Key}
				if c.receipts[after] != r {
					return fmt.Errorf("field: receipt %s: the row does not agree with its act", r.Key)
				}
				n++
			}
			if len(list) < 1000 {
				break
			}
		}
		if n != len(c.receipts) {
			return fmt.Errorf("field: %d receipts have acts, %d have rows", len(c.receipts), n)
		}
		return c.finishRemarks(tx)
	})
	return n + len(c.remarks), err
}

// same reports whether a request is the one of a receipt.
func (r receipt) same(request []byte) bool {
	have, err := hex.DecodeString(r.Request)
	return err == nil && bytes.Equal(have, request)
}
