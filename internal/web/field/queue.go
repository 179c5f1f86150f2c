package field

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"regexp"
	"slices"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/cases"
	"weixiao/internal/files"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/rounds"
	"weixiao/internal/store"
	"weixiao/internal/web"
)

// item is one act as a phone sends it: the part "item" of a multipart form, with the
// photos as parts "photo" and "after". The header Idempotency-Key repeats its key.
type item struct {
	Key     string              `json:"key"`
	Account string              `json:"account"` // whose queue it lay in
	Kind    string              `json:"kind"`
	Subject string              `json:"subject"`
	Action  string              `json:"action"`
	Answers map[string][]string `json:"answers"`
	Version int64               `json:"version"`
	Seen    int64               `json:"seen"` // ms, by the phone's clock
	Skew    int64               `json:"skew"` // ms the phone was ahead, as last measured
	Place   *Point              `json:"place"`

	photos, after []*multipart.FileHeader
}

// answer is what the phone is told of an item that was taken in.
type answer struct {
	Outcome Outcome `json:"outcome"`
	Kind    string  `json:"kind"`
	Subject string  `json:"subject"`
	Link    string  `json:"link,omitempty"`
	At      int64   `json:"at"`    // ms, our clock
	Again   bool    `json:"again"` // it had come in before
}

// conflict is what the phone is told of an item that needs its person: the problem,
// and how the record stands now.
type conflict struct {
	web.Problem
	Now *standing `json:"now,omitempty"`
}

type standing struct {
	Title string `json:"title"`
	State string `json:"state"`
}

// most is what one item may hold: a phone sends pictures of some 400 KB.
const (
	maxItem   = 64 << 10
	maxPhotos = 9
)

var keyRE = regexp.MustCompile(`^[A-Za-z0-9-]{16,64}$`)

// queue takes in one item of a phone's queue. The same key with the same content is
// answered the same for ever, with other content 422.
func (f *Field) queue(w http.ResponseWriter, r *http.Request) error {
	in, err := f.read(w, r)
	if err != nil {
		return err
	}
	c := f.caller(r)
	if in.Account != c.Account { // somebody else has signed in on this phone meanwhile
		web.WriteProblem(w, web.Problem{Type: "about:blank", Title: http.StatusText(http.StatusUnauthorized), Status: http.StatusUnauthorized,
			Code: "other_account", Detail: c.T("fieldwork.refused.account")})
		return nil
	}
	request, err := in.hash()
	if err != nil {
		return err
	}
	told, known, err := f.before(r, c, in, request)
	if err != nil || known {
		return f.reply(w, r, c, in, told, err)
	}
	told, err = f.take(r, c, in, request)
	if errors.Is(err, store.ErrConflict) { // the same item is being taken in by another request: its answer counts
		if again, known, e := f.before(r, c, in, request); e != nil || known {
			told, err = again, e
		}
	}
	return f.reply(w, r, c, in, told, err)
}

// read reads the form of an item. Its faults are those of the program on the phone.
func (f *Field) read(w http.ResponseWriter, r *http.Request) (*item, error) {
	l := f.s.Files.Limits()
	r.Body = http.MaxBytesReader(w, r.Body, 2*maxPhotos*l.Bytes+1<<20)
	if err := r.ParseMultipartForm(8 << 20); err != nil {
		if _, big := errors.AsType[*http.MaxBytesError](err); big {
			return nil, err
		}
		return nil, form.Faults{{Field: "item", Code: "required"}}
	}
	raw := r.FormValue("item")
	if len(raw) > maxItem {
		return nil, form.Faults{{Field: "item", Code: "long", N: len(raw), Of: maxItem}}
	}
	in := &item{}
	if err := json.Unmarshal([]byte(raw), in); err != nil {
		return nil, form.Faults{{Field: "item", Code: "unknown"}}
	}
	if !keyRE.MatchString(in.Key) || r.Header.Get("Idempotency-Key") != in.Key {
		return nil, form.Faults{{Field: "key", Code: "required"}}
	}
	in.photos, in.after = r.MultipartForm.File["photo"], r.MultipartForm.File["after"]
	if n := len(in.photos) + len(in.after); n > maxPhotos {
		return nil, form.Faults{{Field: "photo", Code: "many", N: n, Of: maxPhotos}}
	}
	return in, nil
}

// hash is over what makes an item the same: everything but whose it is and how the
// phone's clock goes, and the bytes of its photos.
func (in *item) hash() ([]byte, error) {
	same := *in
	same.Account, same.Skew = "", 0
	body, err := json.Marshal(same)
	if err != nil {
		return nil, fmt.Errorf("field: %w", err)
	}
	d := sha256.New()
	d.Write(body)
	for _, list := range [][]*multipart.FileHeader{in.photos, in.after} {
		d.Write([]byte{0})
		for _, p := range list {
			if err := hashFile(d, p); err != nil {
				return nil, err
			}
		}
	}
	return d.Sum(nil), nil
}

func hashFile(to io.Writer, p *multipart.FileHeader) error {
	file, err := p.Open()
	if err != nil {
		return err
	}
	defer file.Close()
	d := sha256.New()
	if _, err := io.Copy(d, file); err != nil {
		return err
	}
	_, err = to.Write(d.Sum(nil))
	return err
}

// before finds the answer an item got when it came the first time.
func (f *Field) before(r *http.Request, c Caller, in *item, request []byte) (answer, bool, error) {
	var have receipt
	var known bool
	err := f.s.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		have, known, err = received(tx, c.District, c.Account, in.Key)
		return err
	})
	if err != nil || !known {
		return answer{}, false, err
	}
	if !have.same(request) {
		return answer{}, true, store.ErrReused
	}
	return answer{Outcome: have.Outcome, Kind: have.Kind, Subject: have.Subject, Link: c.link(linkOf(have.Kind, have.Subject)), At: have.At / 1000, Again: true}, true, nil
}

// linkOf is the page of a record at the desk.
func linkOf(kind, subject string) string {
	switch kind {
	case cases.Table.Kind:
		return "/desk/cases/" + subject
	case cases.WhistleTable.Kind:
		return "/desk/whistles/" + subject
	case cases.CheckTable.Kind:
		return "/desk/checks/" + subject
	}
	return ""
}

// take carries an item out: the provider does it, or keeps its words when the record
// has moved on.
func (f *Field) take(r *http.Request, c Caller, in *item, request []byte) (answer, error) {
	p, ok := f.provider(in.Kind)
	if !ok {
		return answer{}, errUnknown
	}
	act := Act{Subject: in.Subject, Action: in.Action, Raw: form.Raw(in.Answers), Version: in.Version, Seen: time.UnixMilli(in.Seen), Place: in.Place,
		Skew: time.Duration(in.Skew) * time.Millisecond, Key: store.Key{Scope: "field:" + c.Account, Value: in.Key, Request: request}}
	var err error
	if act.Photos, err = f.photos(r, in.photos); err != nil {
		return answer{}, err
	}
	if act.After, err = f.photos(r, in.after); err != nil {
		return answer{}, err
	}
	var written *receipt
	act.attach, act.after = f.attaching(c, in, request, &act, &written)
	act.told = func(kind, subject string, at time.Time) error {
		written = &receipt{Kind: kind, Subject: subject, Outcome: OutcomeDone, At: at.UnixMicro()}
		return nil
	}
	done, err := p.Do(r.Context(), c, act)
	if moved(err) {
		if k, ok := p.(Keeper); ok {
			written = nil
			if kept, e := k.Keep(r.Context(), c, act, err); e == nil {
				done, err = kept, nil
			}
		}
	}
	if err != nil {
		return answer{}, err
	}
	if written == nil { // done before under this key: the receipt was written by whoever did it
		return answer{}, fmt.Errorf("field: %s %s has its receipt elsewhere: %w", in.Kind, in.Action, store.ErrConflict)
	}
	return answer{Outcome: written.Outcome, Kind: written.Kind, Subject: written.Subject, Link: c.link(done.Link), At: written.At / 1000}, nil
}

// attaching makes what a provider calls in its transaction.
func (f *Field) attaching(c Caller, in *item, request []byte, act *Act, written **receipt) (
	attach func(*store.Tx, string, string, time.Time, Outcome) error, after func(*store.Tx, string, string, time.Time) error) {
	put := func(tx *store.Tx, kind, subject string, at time.Time, list []files.File) error {
		if len(list) == 0 {
			return nil
		}
		return f.s.Files.Attach(tx, c.District, kind, subject, list, c.Account, at)
	}
	attach = func(tx *store.Tx, kind, subject string, at time.Time, outcome Outcome) error {
		if err := put(tx, kind, subject, at, act.Photos); err != nil {
			return err
		}
		rec := receipt{Account: c.Account, Key: in.Key, Request: fmt.Sprintf("%x", request), Kind: kind, Subject: subject, Action: in.Action, Outcome: outcome,
			Seen: in.Seen * 1000, Skew: in.Skew * 1000, Photos: len(act.Photos) + len(act.After), At: at.UnixMicro()}
		*written = &rec
		return rec.write(tx, c.Scope, f.s.Pack.Version, at)
	}
	after = func(tx *store.Tx, kind, subject string, at time.Time) error {
		return put(tx, kind, subject, at, act.After)
	}
	return attach, after
}

// moved reports whether an act was refused because the record is not what it was.
func moved(err error) bool {
	for _, k := range []error{access.ErrStale, rounds.ErrStale, flow.ErrState, flow.ErrForbidden, store.ErrNotFound} {
		if errors.Is(err, k) {
			return true
		}
	}
	return false
}

// photos judges pictures and puts them on disk.
func (f *Field) photos(r *http.Request, list []*multipart.FileHeader) ([]files.File, error) {
	var images []*files.Photo
	for _, p := range list {
		img, err := f.inspect(r, p)
		if err != nil {
			return nil, err
		}
		images = append(images, img)
	}
	if len(images) == 0 {
		return nil, nil
	}
	return f.s.Files.Put(r.Context(), f.s.Pack.District, images...)
}

func (f *Field) inspect(r *http.Request, p *multipart.FileHeader) (*files.Photo, error) {
	file, err := p.Open()
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return f.s.Files.Inspect(r.Context(), file)
}

// badPhoto are the faults of pictures themselves: sending them again will not help.
var badPhoto = []error{files.ErrTooBig, files.ErrPixels, files.ErrNotImage, files.ErrHEIC, files.ErrBroken, files.ErrPolyglot, files.ErrTooMany}

// reply answers the phone: 2xx is taken in for good, 409, 412 and 422 need the person,
// everything else is to be sent again.
func (f *Field) reply(w http.ResponseWriter, r *http.Request, c Caller, in *item, told answer, err error) error {
	if err == nil {
		return writeJSON(w, r, http.StatusOK, told)
	}
	if errors.Is(err, errUnknown) {
		err = &cases.RefusedError{Code: "field_unknown"}
	}
	if slices.ContainsFunc(badPhoto, func(k error) bool { return errors.Is(err, k) }) {
		err = form.Faults{{Field: "photo", Code: "photo"}}
	}
	if errors.Is(err, rounds.ErrStale) {
		err = access.ErrStale
	}
	p := web.ProblemOf(c.Lang, err)
	switch {
	case p.Status == http.StatusForbidden, p.Status == http.StatusNotFound:
		p.Status, p.Title, p.Detail = http.StatusConflict, http.StatusText(http.StatusConflict), c.T("fieldwork.refused.gone")
	case errors.Is(err, store.ErrConflict):
		return fmt.Errorf("field: the same item twice at once: %w", store.ErrBusy) // comes again
	case p.Status != http.StatusConflict && p.Status != http.StatusPreconditionFailed && p.Status != http.StatusUnprocessableEntity:
		return err
	}
	if errors.Is(err, store.ErrReused) {
		p.Code = "key_reused"
	}
	out := conflict{Problem: p}
	if t, ok := f.kinds[in.Kind].(Teller); ok && in.Subject != "" {
		if title, state, err := t.Now(r.Context(), c, in.Subject); err == nil {
			out.Now = &standing{title, state}
		}
	}
	return writeJSON(w, r, p.Status, out)
}

func writeJSON(w http.ResponseWriter, r *http.Request, status int, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("field: %w", err)
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	write(w, r, status, body)
	return nil
}
