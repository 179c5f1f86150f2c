package notify

import (
	"bufio"
	"context"
	"encoding/base64"
	"encoding/json"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"weixiao/internal/journal"
	"weixiao/internal/store"
	"weixiao/internal/store/storetest"
	"weixiao/internal/vault"
)

func TestMain(m *testing.M) { storetest.Main(m) }

const district = "220605"

var noon = time.Date(2022, 11, 23, 4, 0, 0, 0, time.UTC)

type fixture struct {
	db  *store.DB
	v   *vault.Vault
	now time.Time
	c   *Courier
}

func each(t *testing.T, fn func(t *testing.T, f *fixture)) {
	storetest.Each(t, []store.Schema{journal.Schema, vault.Schema, Schema}, func(t *testing.T, db *store.DB) {
		keys, err := vault.CreateKeys(filepath.Join(t.TempDir(), "keys"))
		if err != nil {
			t.Fatal(err)
		}
		f := &fixture{db: db, v: vault.New(keys, vault.Options{}), now: noon}
		f.c = &Courier{DB: db, Vault: f.v, District: district, Clock: func() time.Time { return f.now }, Log: slog.New(slog.DiscardHandler),
			Extra: func(m Message) map[string]string {
				return map[string]string{"secret": "SECRET1234", "url": "https://x/f/" + m.Subject}
			}}
		fn(t, f)
	})
}

func (f *fixture) queue(t *testing.T, id string, p vault.Person) {
	t.Helper()
	s, err := f.v.Seal(district, p)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.db.Write(t.Context(), func(tx *store.Tx) error {
		if err := vault.Put(tx, s, f.now); err != nil {
			return err
		}
		return Queue(tx, Message{District: district, ID: id, Channel: ToResident, Receiver: s.ID, Template: "received", Subject: "JY20221123-7K3Q9",
			Args: map[string]string{"owner": "江源区8890", "number": "JY20221123-7K3Q9"}}, f.now)
	}); err != nil {
		t.Fatal(err)
	}
}

func (f *fixture) step(t *testing.T) {
	t.Helper()
	if _, err := f.c.Step(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func (f *fixture) in(t *testing.T, state string) []Message {
	t.Helper()
	list, err := store.Get(t.Context(), f.db, func(tx *store.Tx) ([]Message, error) { return InState(tx, district, state, 0, "", 50) })
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// provider is an HTTP SMS provider that answers as told.
func provider(t *testing.T, answers ...int) (*SMS, func() []map[string]string) {
	var mu sync.Mutex
	var got []map[string]string
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		var m map[string]string
		if err := json.NewDecoder(r.Body).Decode(&m); err != nil || r.Header.Get("Authorization") != "Bearer tok" || r.Header.Get("Idempotency-Key") != m["id"] {
			w.WriteHeader(400)
			return
		}
		got = append(got, m)
		w.WriteHeader(answers[min(len(got), len(answers))-1])
	}))
	t.Cleanup(srv.Close)
	return &SMS{URL: srv.URL, Token: "tok"}, func() []map[string]string {
		mu.Lock()
		defer mu.Unlock()
		return got
	}
}

func TestSMSWithRetry(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		sms, got := provider(t, 503, 200)
		f.c.Senders = []Sender{sms}
		f.queue(t, "1", vault.Person{Name: "张三", Phone: "13812341234"})
		f.queue(t, "2", vault.Person{Name: "李四"})
		f.step(t)
		if m := f.in(t, Queued); len(m) != 1 || m[0].Tries != 1 || m[0].Next <= f.now.UnixMicro() {
			t.Errorf("after a 503: %+v", m)
		}
		if m := f.in(t, Dropped); len(m) != 1 || m[0].ID != "2" {
			t.Errorf("without an address: %+v", m)
		}
		f.step(t) // not due yet
		if len(got()) != 1 {
			t.Errorf("tried again at once: %d requests", len(got()))
		}
		f.now = f.now.Add(time.Minute)
		f.step(t)
		sent := f.in(t, Sent)
		if len(sent) != 1 || sent[0].Way != "sms" || len(got()) != 2 {
			t.Fatalf("sent %+v, requests %d", sent, len(got()))
		}
		m := got()[1]
		if m["to"] != "13812341234" || !strings.Contains(m["text"], "SECRET1234") || !strings.Contains(m["text"], "江源区8890") {
			t.Errorf("provider got %v", m)
		}
		// The row never holds the secret or the number.
		var args string
		if err := f.db.Read(t.Context(), func(tx *store.Tx) error {
			return tx.Row(`SELECT args FROM messages WHERE district = $1 AND id = $2`, []any{district, "1"}, &args)
		}); err != nil || strings.Contains(args, "SECRET") || strings.Contains(args, "138") {
			t.Errorf("row %s %v", args, err)
		}
		seen, err := store.Get(t.Context(), f.db, func(tx *store.Tx) ([]vault.Seen, error) { return vault.WhoSaw(tx, district, sent[0].Receiver) })
		if err != nil || len(seen) == 0 {
			t.Errorf("the ledger does not know of the sending: %v %v", seen, err)
		}
	})
}

func TestRefusedIsStuckAndCanBeTriedAgain(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		sms, got := provider(t, 422, 200)
		f.c.Senders = []Sender{sms}
		f.queue(t, "1", vault.Person{Phone: "13812341234"})
		f.step(t)
		stuck := f.in(t, Stuck)
		if len(stuck) != 1 || strings.Contains(stuck[0].Error, "138") {
			t.Fatalf("stuck: %+v", stuck)
		}
		if err := f.db.Write(t.Context(), func(tx *store.Tx) error { return Again(tx, district, "1", f.now) }); err != nil {
			t.Fatal(err)
		}
		f.step(t)
		if len(f.in(t, Sent)) != 1 || len(got()) != 2 {
			t.Errorf("after trying again: %d requests", len(got()))
		}
	})
}

func TestGivesUpInTheEnd(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		sms, got := provider(t, 500)
		f.c.Senders = []Sender{sms}
		f.queue(t, "1", vault.Person{Phone: "13812341234"})
		for range 40 {
			f.step(t)
			f.now = f.now.Add(maxWait)
		}
		if len(f.in(t, Stuck)) != 1 || len(got()) != maxTries {
			t.Errorf("%d tries, stuck %d", len(got()), len(f.in(t, Stuck)))
		}
	})
}

// TestTwoCouriersSendOnce lets two nodes look at the same queue at once.
func TestTwoCouriersSendOnce(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		sms, got := provider(t, 200)
		f.c.Senders = []Sender{sms}
		for i := range 30 {
			f.queue(t, string(rune('a'+i)), vault.Person{Phone: "13812341234"})
		}
		other := *f.c
		var wg sync.WaitGroup
		for _, c := range []*Courier{f.c, &other} {
			wg.Go(func() {
				for range 5 {
					if _, err := c.Step(context.Background()); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		if len(got()) != 30 || len(f.in(t, Sent)) != 30 {
			t.Errorf("%d requests, %d sent", len(got()), len(f.in(t, Sent)))
		}
	})
}

// mailServer is a small SMTP server on loopback that keeps what it is given.
func mailServer(t *testing.T) (addr string, mails func() []string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	var mu sync.Mutex
	var got []string
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				r := bufio.NewReader(conn)
				say := func(s string) { _, _ = conn.Write([]byte(s + "\r\n")) }
				say("220 test")
				for {
					line, err := r.ReadString('\n')
					if err != nil {
						return
					}
					switch cmd := strings.ToUpper(line); {
					case strings.HasPrefix(cmd, "EHLO"):
						say("250-test")
						say("250 8BITMIME")
					case strings.HasPrefix(cmd, "RCPT") && strings.Contains(line, "nobody@"):
						say("550 no such user")
					case strings.HasPrefix(cmd, "DATA"):
						say("354 go on")
						var b strings.Builder
						for {
							l, err := r.ReadString('\n')
							if err != nil || l == ".\r\n" {
								break
							}
							b.WriteString(l)
						}
						mu.Lock()
						got = append(got, b.String())
						mu.Unlock()
						say("250 taken")
					case strings.HasPrefix(cmd, "QUIT"):
						say("221 bye")
						return
					default:
						say("250 ok")
					}
				}
			}()
		}
	}()
	return l.Addr().String(), func() []string { mu.Lock(); defer mu.Unlock(); return got }
}

func TestMailToARealServer(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		addr, mails := mailServer(t)
		m, err := ParseMail("smtp://"+addr, "weixiao@example.org")
		if err != nil {
			t.Fatal(err)
		}
		f.c.Senders = []Sender{&SMS{URL: "http://127.0.0.1:1"}, m}
		f.queue(t, "1", vault.Person{Email: "zhang@example.org"})
		f.queue(t, "2", vault.Person{Email: "nobody@example.org"})
		f.queue(t, "3", vault.Person{Email: "x@example.org\r\nBcc: all@example.org"})
		f.step(t)
		if len(mails()) != 1 || len(f.in(t, Sent)) != 1 || len(f.in(t, Stuck)) != 1 || len(f.in(t, Dropped)) != 1 {
			t.Fatalf("mails %d sent %d stuck %d dropped %d", len(mails()), len(f.in(t, Sent)), len(f.in(t, Stuck)), len(f.in(t, Dropped)))
		}
		head, body, _ := strings.Cut(mails()[0], "\r\n\r\n")
		text, err := base64.StdEncoding.DecodeString(strings.ReplaceAll(body, "\r\n", ""))
		if err != nil || !strings.Contains(string(text), "SECRET1234") || !strings.Contains(head, "Subject: =?utf-8?b?") || !strings.Contains(head, "To: <zhang@example.org>") {
			t.Errorf("mail %q %q %v", head, text, err)
		}
	})
}

func TestPlainMailServerElsewhereIsRefused(t *testing.T) {
	for _, bad := range []string{"", "http://x", "smtp://"} {
		if _, err := ParseMail(bad, "a@b.c"); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
	if _, err := ParseMail("smtp://u:pass word@mail:25", "not an address"); err == nil || strings.Contains(err.Error(), "pass") {
		t.Errorf("got %v", err)
	}
}
