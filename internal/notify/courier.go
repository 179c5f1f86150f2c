package notify

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"strings"
	"time"

	"weixiao/internal/store"
	"weixiao/internal/vault"
)

// Sender hands one message to a provider.
type Sender interface {
	// Way is the word for it in the message's row: sms or mail.
	Way() string
	// Address picks the address of a person, "" when there is none for this way.
	Address(p vault.Person) string
	// Send returns nil once the provider took the message. An error that wraps
	// ErrRefused is final; any other is tried again.
	Send(ctx context.Context, to string, m Message) error
}

// ErrRefused means that the provider will never take this message.
var ErrRefused = errors.New("notify: refused")

// Courier delivers queued messages of a district.
type Courier struct {
	DB       *store.DB
	Vault    *vault.Vault
	District string
	Senders  []Sender // in order of preference; none: everything is dropped and says so
	// Extra are arguments that are not kept in the message's row, such as the
	// secret of a case; nil for none.
	Extra func(m Message) map[string]string
	Clock func() time.Time
	Log   *slog.Logger
}

const (
	claimed   = 2 * time.Minute // how long a message belongs to who took it
	batch     = 20
	maxTries  = 12
	firstWait = 30 * time.Second
	maxWait   = 6 * time.Hour
)

// Run delivers until ctx ends.
func (c *Courier) Run(ctx context.Context) {
	signal, end := c.DB.Watch()
	defer end()
	for ctx.Err() == nil {
		n, err := c.Step(ctx)
		if err != nil && ctx.Err() == nil && !errors.Is(err, store.ErrClosed) {
			c.Log.Error("courier", "error", err)
		}
		if n == batch {
			continue
		}
		select {
		case <-ctx.Done():
		case <-signal:
			// Every commit signals; messages need not leave within the same breath.
			select {
			case <-ctx.Done():
			case <-time.After(200 * time.Millisecond):
			}
		case <-time.After(10 * time.Second):
		}
	}
}

// letter is a message on its way with the address it goes to.
type letter struct {
	Message
	via Sender
	to  string
	err error
}

// Step claims what is due, sends it and writes down the outcome. It returns the
// number of messages it dealt with.
func (c *Courier) Step(ctx context.Context) (int, error) {
	// A look without the writer first: most wake-ups find nothing to send.
	waiting, err := store.Get(ctx, c.DB, func(tx *store.Tx) (n int64, err error) {
		err = tx.Row(`SELECT count(*) FROM (SELECT id FROM messages WHERE district = $1 AND state = 'queued' AND next_at <= $2 LIMIT 1) q`,
			[]any{c.District, c.Clock().UnixMicro()}, &n)
		return n, err
	})
	if err != nil || waiting == 0 {
		return 0, err
	}
	var letters []letter
	if err := c.DB.Write(ctx, func(tx *store.Tx) (err error) {
		letters, err = c.claim(tx)
		return err
	}); err != nil {
		return 0, err
	}
	for i := range letters {
		l := &letters[i]
		if l.err == nil {
			if c.Extra != nil {
				l.Args = maps.Clone(l.Args)
				maps.Copy(l.Args, c.Extra(l.Message))
			}
			send, cancel := context.WithTimeout(ctx, 30*time.Second)
			l.err = l.via.Send(send, l.to, l.Message)
			cancel()
		}
	}
	return len(letters), c.DB.Write(ctx, func(tx *store.Tx) error {
		for _, l := range letters {
			if err := c.note(tx, l); err != nil {
				return err
			}
		}
		return nil
	})
}

func (c *Courier) due(tx *store.Tx, limit int) ([]Message, error) {
	return store.All(tx, scan, `SELECT `+columns+` FROM messages WHERE district = $1 AND state = 'queued' AND next_at <= $2 ORDER BY next_at, id LIMIT $3 FOR UPDATE`,
		c.District, c.Clock().UnixMicro(), limit)
}

// claim takes due messages: until the claim ends nobody else tries them. The
// addresses are opened in the same transaction.
func (c *Courier) claim(tx *store.Tx) ([]letter, error) {
	due, err := c.due(tx, batch)
	if err != nil {
		return nil, err
	}
	now := c.Clock()
	out := make([]letter, 0, len(due))
	for _, m := range due {
		m.Tries++
		if err := tx.Exec(`UPDATE messages SET tries = $3, next_at = $4 WHERE district = $1 AND id = $2`, c.District, m.ID, m.Tries, now.Add(claimed).UnixMicro()); err != nil {
			return nil, err
		}
		l := letter{Message: m}
		if err := c.address(tx, &l, now); err != nil {
			return nil, err
		}
		out = append(out, l)
	}
	return out, nil
}

var (
	errNoProvider = fmt.Errorf("%w: no SMS or e-mail provider is configured", ErrRefused)
	errNoAddress  = fmt.Errorf("%w: the resident left no address for a configured provider", ErrRefused)
)

// address opens the resident's address for the first way that has one.
func (c *Courier) address(tx *store.Tx, l *letter, now time.Time) error {
	if len(c.Senders) == 0 {
		l.err = errNoProvider
		return nil
	}
	p, err := c.Vault.Use(tx, c.District, l.Receiver, vault.Disclosure{At: now, Subject: l.Subject, Kind: vault.KindMessage,
		Fields: []vault.Field{vault.FieldPhone, vault.FieldEmail}, Reason: vault.ReasonContact, Note: l.Template})
	if errors.Is(err, vault.ErrErased) || errors.Is(err, store.ErrNotFound) {
		l.err = errNoAddress
		return nil
	}
	if err != nil {
		return err
	}
	l.err = errNoAddress
	for _, s := range c.Senders {
		if to := s.Address(p); to != "" {
			l.via, l.to, l.err = s, to, nil
			break
		}
	}
	return nil
}

func (c *Courier) note(tx *store.Tx, l letter) error {
	now := c.Clock()
	switch {
	case l.err == nil:
		return tx.Exec(`UPDATE messages SET state = 'sent', sent_at = $3, by_way = $4, error = '' WHERE district = $1 AND id = $2`, c.District, l.ID, now.UnixMicro(), l.via.Way())
	case errors.Is(l.err, errNoAddress), errors.Is(l.err, errNoProvider):
		return tx.Exec(`UPDATE messages SET state = 'dropped', error = $3 WHERE district = $1 AND id = $2`, c.District, l.ID, c.reason(l))
	case errors.Is(l.err, ErrRefused), l.Tries >= maxTries:
		c.Log.Warn("message is stuck", "message", l.ID, "template", l.Template, "tries", l.Tries)
		return tx.Exec(`UPDATE messages SET state = 'stuck', error = $3 WHERE district = $1 AND id = $2`, c.District, l.ID, c.reason(l))
	}
	wait := min(firstWait<<min(l.Tries-1, 20), maxWait)
	return tx.Exec(`UPDATE messages SET next_at = $3, error = $4 WHERE district = $1 AND id = $2`, c.District, l.ID, now.Add(wait).UnixMicro(), c.reason(l))
}

// reason is the error without the address, which providers like to repeat.
func (c *Courier) reason(l letter) string {
	s := l.err.Error()
	if l.to != "" {
		s = strings.ReplaceAll(s, l.to, "…")
	}
	if r := []rune(s); len(r) > 300 {
		s = string(r[:300])
	}
	return s
}
