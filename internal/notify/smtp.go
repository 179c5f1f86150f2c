package notify

import (
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"mime"
	"net"
	"net/mail"
	"net/netip"
	"net/smtp"
	"net/textproto"
	"net/url"
	"strings"
	"time"

	"weixiao/internal/vault"
)

// Mail sends e-mail through one SMTP server.
type Mail struct {
	Host, Port     string
	User, Password string
	TLS            bool // TLS from the first byte (smtps); otherwise STARTTLS
	From           string
	Config         *tls.Config // nil = the system's roots
}

// ParseMail reads smtp://USER:PASSWORD@HOST:PORT or smtps://….
func ParseMail(address, from string) (*Mail, error) {
	u, err := url.Parse(address)
	if err != nil || (u.Scheme != "smtp" && u.Scheme != "smtps") || u.Hostname() == "" {
		return nil, errors.New("notify: smtp: write smtp://USER:PASSWORD@HOST:PORT or smtps://…")
	}
	if _, err := mail.ParseAddress(from); err != nil {
		return nil, fmt.Errorf("notify: mail_from %q is no e-mail address", from)
	}
	m := &Mail{Host: u.Hostname(), Port: u.Port(), TLS: u.Scheme == "smtps", From: from, User: u.User.Username()}
	m.Password, _ = u.User.Password()
	if m.Port == "" {
		m.Port = "587"
		if m.TLS {
			m.Port = "465"
		}
	}
	return m, nil
}

func (*Mail) Way() string { return "mail" }

func (*Mail) Address(p vault.Person) string {
	a, err := mail.ParseAddress(p.Email)
	if err != nil || strings.ContainsAny(a.Address, "\r\n") {
		return ""
	}
	return a.Address
}

func (s *Mail) Send(ctx context.Context, to string, m Message) error {
	d := net.Dialer{Timeout: 10 * time.Second}
	conn, err := d.DialContext(ctx, "tcp", net.JoinHostPort(s.Host, s.Port))
	if err != nil {
		return fmt.Errorf("the mail server does not answer: %w", err)
	}
	defer conn.Close()
	if t, ok := ctx.Deadline(); ok {
		_ = conn.SetDeadline(t)
	}
	cfg := s.Config.Clone()
	if cfg == nil {
		cfg = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	cfg.ServerName = s.Host
	if s.TLS {
		conn = tls.Client(conn, cfg)
	}
	c, err := smtp.NewClient(conn, s.Host)
	if err != nil {
		return answer(err)
	}
	defer c.Close()
	if err := s.secure(c, cfg); err != nil {
		return err
	}
	if s.User != "" {
		if err := c.Auth(smtp.PlainAuth("", s.User, s.Password, s.Host)); err != nil {
			return answer(err)
		}
	}
	from, err := mail.ParseAddress(s.From)
	if err != nil {
		return fmt.Errorf("%w: the sender is no e-mail address", ErrRefused)
	}
	if err := c.Mail(from.Address); err != nil {
		return answer(err)
	}
	if err := c.Rcpt(to); err != nil {
		return answer(err)
	}
	w, err := c.Data()
	if err != nil {
		return answer(err)
	}
	if _, err := w.Write(s.compose(from, to, m)); err != nil {
		return answer(err)
	}
	if err := w.Close(); err != nil {
		return answer(err)
	}
	_ = c.Quit() // the message is taken; a rough goodbye changes nothing
	return nil
}

// secure starts TLS. A server on another machine that does not offer it gets
// nothing: the message holds the resident's secret.
func (s *Mail) secure(c *smtp.Client, cfg *tls.Config) error {
	if s.TLS {
		return nil
	}
	if ok, _ := c.Extension("STARTTLS"); ok {
		return answer(c.StartTLS(cfg))
	}
	if a, err := netip.ParseAddr(s.Host); s.Host == "localhost" || (err == nil && a.IsLoopback()) {
		return nil
	}
	return fmt.Errorf("%w: the mail server offers no TLS", ErrRefused)
}

func (s *Mail) compose(from *mail.Address, to string, m Message) []byte {
	var b strings.Builder
	head := func(k, v string) { b.WriteString(k + ": " + v + "\r\n") }
	head("From", from.String())
	head("To", (&mail.Address{Address: to}).String())
	head("Subject", mime.BEncoding.Encode("utf-8", m.Title()))
	head("Date", time.UnixMicro(m.Created).UTC().Format(time.RFC1123Z))
	head("Message-ID", "<"+m.ID+"@"+s.Host+">")
	head("Auto-Submitted", "auto-generated")
	head("MIME-Version", "1.0")
	head("Content-Type", "text/plain; charset=utf-8")
	head("Content-Transfer-Encoding", "base64")
	b.WriteString("\r\n")
	enc := base64.StdEncoding.EncodeToString([]byte(m.Text()))
	for len(enc) > 76 {
		b.WriteString(enc[:76] + "\r\n")
		enc = enc[76:]
	}
	b.WriteString(enc + "\r\n")
	return []byte(b.String())
}

// answer tells a final refusal (5xx) from one that may pass.
func answer(err error) error {
	if err == nil {
		return nil
	}
	if p, ok := errors.AsType[*textproto.Error](err); ok && p.Code >= 500 {
		return fmt.Errorf("%w: the mail server answered %d", ErrRefused, p.Code)
	}
	return fmt.Errorf("the mail server: %w", err)
}
