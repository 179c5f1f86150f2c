package notify

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"time"

	"weixiao/internal/vault"
)

// SMS sends through an HTTP provider: POST JSON {id, to, text} with a bearer
// token. 2xx means taken; 408, 425, 429 and 5xx mean later; anything else never.
// The id is the same for every try, so that the provider can drop repeats.
type SMS struct {
	URL, Token string
	Client     *http.Client // nil = 10 s, no redirects, no proxy
}

var mobile = regexp.MustCompile(`^1[3-9]\d{9}$`)

func (*SMS) Way() string { return "sms" }

func (*SMS) Address(p vault.Person) string {
	if mobile.MatchString(p.Phone) {
		return p.Phone
	}
	return ""
}

var outside = &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{Proxy: nil, MaxIdleConnsPerHost: 4, IdleConnTimeout: time.Minute},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

func (s *SMS) Send(ctx context.Context, to string, m Message) error {
	body, err := json.Marshal(map[string]string{"id": m.ID, "to": to, "text": m.Text()})
	if err != nil {
		return fmt.Errorf("%w: %w", ErrRefused, err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URL, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("%w: the address of the SMS provider cannot be used", ErrRefused)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Idempotency-Key", m.ID)
	if s.Token != "" {
		req.Header.Set("Authorization", "Bearer "+s.Token)
	}
	hc := s.Client
	if hc == nil {
		hc = outside
	}
	resp, err := hc.Do(req)
	if err != nil {
		return fmt.Errorf("the SMS provider does not answer: %w", err)
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 64<<10))
	switch c := resp.StatusCode; {
	case c/100 == 2:
		return nil
	case c == 408, c == 425, c == 429, c >= 500:
		return fmt.Errorf("the SMS provider answered %d", c)
	default:
		return fmt.Errorf("%w: the SMS provider answered %d", ErrRefused, c)
	}
}
