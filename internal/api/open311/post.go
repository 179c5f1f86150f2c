package open311

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"

	"weixiao/internal/access"
	"weixiao/internal/store"
	"weixiao/internal/web"
	"weixiao/internal/words"
)

// post takes in a report. What it acknowledges is on disk.
func (d *door) post(w http.ResponseWriter, r *http.Request, f format) error {
	s, who, err := d.submitted(w, r)
	if err != nil {
		return err
	}
	report := d.report(&s)
	key, err := d.key(r, who)
	if list, ok := errors.AsType[faults](err); ok {
		s.list = append(s.list, list...)
	}
	if len(s.list) > 0 {
		return s.list
	}
	if key.Value != "" {
		key.Request = s.request()
	}
	report.Key = key
	receipt, err := d.Cases.Report(r.Context(), access.ScopeOf(who), report)
	if err != nil {
		return err
	}
	notice := words.T(web.Lang(r), "open311.notice", receipt.Number, receipt.Secret, d.Phone)
	list := []created{{ID: receipt.Number, Notice: optional(notice)}}
	w.Header().Set("Location", root+"v2/requests/"+receipt.Number+"."+string(f))
	return write(w, f, http.StatusCreated, createdDocument{Requests: list}, list)
}

// submitted reads a form and finds out who sends it. When the writer cannot keep
// up, the body is not even read.
func (d *door) submitted(w http.ResponseWriter, r *http.Request) (submission, access.Principal, error) {
	if d.DB.Busy() {
		return submission{}, access.Principal{}, store.ErrBusy
	}
	if kind := r.Header.Get("Content-Type"); kind != "" {
		if media, _, err := mime.ParseMediaType(kind); err != nil || media != "application/x-www-form-urlencoded" {
			return submission{}, access.Principal{}, faults{bad(http.StatusUnsupportedMediaType, "media_type")}
		}
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		return submission{}, access.Principal{}, faults{bad(http.StatusRequestEntityTooLarge, "too_large", maxBody>>10)}
	}
	if err != nil {
		return submission{}, access.Principal{}, faults{bad(http.StatusBadRequest, "form")}
	}
	s := parse(string(body))
	who, err := d.client(r, s.fields["api_key"])
	return s, who, err
}

// client finds the program behind a key: in the form, the query or a header.
func (d *door) client(r *http.Request, key string) (access.Principal, error) {
	for _, other := range []string{r.URL.Query().Get("api_key"), r.Header.Get("X-Api-Key"), r.Header.Get("Api-Key"), r.Header.Get("Api_key")} {
		if key == "" {
			key = strings.TrimSpace(other)
		}
	}
	if key == "" {
		return access.Principal{}, faults{bad(http.StatusForbidden, "api_key_missing")}
	}
	who, err := d.Gate.CheckKey(r.Context(), key, access.KeyRequests)
	if errors.Is(err, access.ErrSignIn) {
		if err := d.Gate.Allow("key.client", access.Client(r.Context())); err != nil {
			return access.Principal{}, err
		}
		return access.Principal{}, faults{bad(http.StatusForbidden, "api_key")}
	}
	return who, err
}

// maxKey is the longest idempotency key.
const maxKey = 200

// key reads the Idempotency-Key header; each client has keys of its own.
func (d *door) key(r *http.Request, who access.Principal) (store.Key, error) {
	v := r.Header.Get("Idempotency-Key")
	if len(v) > maxKey || strings.ContainsFunc(v, func(c rune) bool { return c < 0x20 || c > 0x7e }) {
		return store.Key{}, faults{bad(http.StatusBadRequest, "key", maxKey)}
	}
	return store.Key{Scope: "open311:" + who.Client, Value: v}, nil
}
