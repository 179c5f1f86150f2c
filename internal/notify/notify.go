// Package notify brings words to people: to staff inside the program, to
// residents by SMS or e-mail.
//
// A follower of the journal queues messages in its own transaction; a courier
// delivers them, with growing pauses, at least once. A message holds a template
// and its arguments, never an address: the courier opens the resident's number
// in the vault at the moment of sending, which the disclosure ledger shows.
//
//	notify.go  Message, Queue, lists
//	courier.go Courier: claims, retries, gives up
//	smtp.go    e-mail
//	sms.go     HTTP SMS provider
package notify

import (
	"embed"
	"encoding/json"
	"fmt"
	"time"

	"weixiao/internal/store"
	"weixiao/internal/words"
)

//go:embed migrations
var migrations embed.FS

// Schema is the table of messages, numbers 06001-06999.
var Schema = store.Schema{Name: "notify", FS: migrations}

// Channel is who a message is for and how it travels.
type Channel string

const (
	ToResident Channel = "resident" // receiver is a person in the vault; SMS, else e-mail
	ToUnit     Channel = "unit"     // receiver is a unit: shown to its people in the program
	ToAccount  Channel = "account"  // receiver is an account: shown to its holder in the program
)

// States of a message.
const (
	Queued  = "queued"
	Sent    = "sent"
	Stuck   = "stuck"   // given up: somebody must look
	Dropped = "dropped" // could not be sent by its nature: no address, no provider
)

// Message is one message. Args must not name a person.
type Message struct {
	District string
	ID       string // made by the caller from what caused it, so that nothing is told twice
	Created  int64  // µs UTC
	Channel  Channel
	Receiver string
	Lang     words.Lang
	Template string            // message key: notify.<Template>
	Args     map[string]string // an argument "due@en" stands for "due" in English
	Subject  string            // number of the case or whistle
	State    string
	Tries    int64
	Next     int64 // when it is tried next
	SentAt   int64
	Way      string // sms or mail, once sent
	Error    string // why it is stuck or dropped, without addresses
}

// Text is the message as the receiver reads it.
func (m Message) Text() string {
	args := words.Args{}
	for k, v := range m.Args {
		if other, ok := m.Args[k+"@"+string(m.Lang)]; ok {
			v = other
		}
		args[k] = v
	}
	return words.T(m.Lang, "notify."+m.Template, args)
}

// Title is the subject line of an e-mail.
func (m Message) Title() string {
	return words.T(m.Lang, "notify.title", words.Args{"number": m.Subject})
}

// Queue takes a message into the queue. One with the same ID is there only once.
// A message to a unit or an account has arrived when it is queued.
func Queue(tx *store.Tx, m Message, now time.Time) error {
	args, err := json.Marshal(m.Args)
	if err != nil {
		return fmt.Errorf("notify: %w", err)
	}
	if m.Lang == "" {
		m.Lang = words.ZH
	}
	state, sent := Queued, int64(0)
	if m.Channel == ToUnit || m.Channel == ToAccount {
		state, sent = Sent, now.UnixMicro()
	}
	return tx.Exec(`INSERT INTO messages (district, id, created, channel, receiver, lang, template, args, subject, state, tries, next_at, sent_at, by_way, error)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0, $3, $11, '', '') ON CONFLICT (district, id) DO NOTHING`,
		m.District, m.ID, now.UnixMicro(), string(m.Channel), m.Receiver, string(m.Lang), m.Template, string(args), m.Subject, state, sent)
}

const columns = `district, id, created, channel, receiver, lang, template, args, subject, state, tries, next_at, sent_at, by_way, error`

func scan(r store.Scanner) (m Message, err error) {
	var args string
	if err := r.Scan(&m.District, &m.ID, &m.Created, &m.Channel, &m.Receiver, &m.Lang, &m.Template, &args, &m.Subject, &m.State, &m.Tries, &m.Next, &m.SentAt, &m.Way, &m.Error); err != nil {
		return m, err
	}
	return m, json.Unmarshal([]byte(args), &m.Args)
}

// For lists what a unit or an account was told, newest first; before and beforeID
// are Created and ID of the last one of the page before, 0 and "" for the first page.
func For(tx *store.Tx, district, receiver string, before int64, beforeID string, limit int) ([]Message, error) {
	if before == 0 {
		before = 1<<63 - 1
	}
	return store.All(tx, scan, `SELECT `+columns+` FROM messages WHERE district = $1 AND receiver = $2 AND (created, id) < ($3, $4) ORDER BY created DESC, id DESC LIMIT $5`,
		district, receiver, before, beforeID, limit)
}

// InState lists messages of a state, the longest waiting first: what is stuck,
// dropped or still queued. after is the last Next and ID of the page before.
func InState(tx *store.Tx, district, state string, after int64, afterID string, limit int) ([]Message, error) {
	return store.All(tx, scan, `SELECT `+columns+` FROM messages WHERE district = $1 AND state = $2 AND (next_at, id) > ($3, $4) ORDER BY next_at, id LIMIT $5`,
		district, state, after, afterID, limit)
}

// Again puts a stuck or dropped message back into the queue.
func Again(tx *store.Tx, district, id string, now time.Time) error {
	n, err := tx.Count(`UPDATE messages SET state = $3, tries = 0, next_at = $4, error = '' WHERE district = $1 AND id = $2 AND state IN ('stuck', 'dropped')`,
		district, id, Queued, now.UnixMicro())
	if err == nil && n == 0 {
		return store.ErrNotFound
	}
	return err
}
