// Package staff is what the staff's pages of every subject share: the frame of a page, and the list, the page and the
// forms of one kind of record. A subject's own package (web/projects, web/windows, …) says which columns, facts and
// words a kind has, and adds the pages that are like no other.
//
//	staff.go   Frame, Frames, Entry; units, names, forms with files
//	pages.go   Pages: one kind of record and its routes
//	list.go    the list with its views, and the same as XLSX
//	load.go    a list taken in from a file, all or nothing
//	view.go    the page of a record; log.go: its acts as sentences
//	do.go      the form of an action, doing it, and what to show when it fails
//
// What a person may do comes from the flow table alone: a button stands on a page exactly when the table opens its action.
package staff

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"weixiao/internal/access"
	"weixiao/internal/files"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/store"
	"weixiao/internal/web"
	"weixiao/internal/web/ui"
	"weixiao/internal/words"
)

// Frame is what a page knows of its request.
type Frame struct {
	ui.Page
	Site  *web.Site
	R     *http.Request
	Who   access.Principal
	Scope access.Scope
	// Shell is the frame around a page; the desk gives it.
	Shell templ.Component
	// Names reads the names of accounts and returns one; the desk remembers them.
	Names func(ctx context.Context, ids ...string) (string, error)
}

// Frames makes the frame of a request's page; title is a message key. desk.Frame is one.
type Frames func(r *http.Request, title string, args ...any) *Frame

// Entry is a way to a subject's pages in the desk's bar.
type Entry struct {
	Roles []string
	Label string // message key
	Icon  string
	Path  string
}

// Is reports whether the user holds one of the roles.
func (f *Frame) Is(roles ...string) bool { return f.Who.Is(roles...) }

// Render writes a page.
func (f *Frame) Render(w http.ResponseWriter, status int, content templ.Component) error {
	return web.Render(w, f.R, status, web.Body(f.Shell, content))
}

// Unit is the short name of a unit; "" of none.
func (f *Frame) Unit(id string) string {
	if id == "" {
		return ""
	}
	return f.Site.UnitName(f.Lang, id)
}

// Name is the name of an account; "" when it is not known.
func (f *Frame) Name(account string) string {
	if account == "" || f.Names == nil {
		return ""
	}
	s, err := f.Names(f.R.Context(), account)
	if err != nil {
		return ""
	}
	return s
}

// Money shows an amount of fen.
func (f *Frame) Money(fen int64) string { return words.Money(f.Lang, fen) }

// Day shows a date such as 2022-11-23; anything else stays as it is.
func (f *Frame) Day(s string) string {
	if t, err := time.ParseInLocation("2006-01-02", s, words.Zone()); err == nil {
		return words.Day(f.Lang, t)
	}
	return s
}

// Units are the units of the directory to choose from, by kind of unit ("" = those that handle work).
func (f *Frame) Units(ids []string) []ui.Choice {
	var out []ui.Choice
	for _, id := range ids {
		c := ui.Choice{Value: id, Label: f.Unit(id)}
		if u, ok := f.Site.Pack.Directory.Unit(id); ok && u.Parent != "" && u.Parent != f.Site.Pack.District {
			c.Group = f.Unit(u.Parent)
		}
		out = append(out, c)
	}
	return out
}

// State is the chip and the words of a state of a kind.
func (f *Frame) State(t *flow.Table, state string) (chip, label string) {
	st, _ := t.State(state)
	return st.Chip, f.T("state." + t.Kind + "." + state)
}

// Roles are the roles of accounts to which a table grants one of the actions; none named: any of them.
func Roles(t *flow.Table, actions ...string) []string {
	var out []string
	for i := range t.Actions {
		a := &t.Actions[i]
		if len(actions) > 0 && !slices.Contains(actions, a.Name) {
			continue
		}
		for _, g := range a.Who {
			if r, ok := access.RoleOf(g.Role); ok && !r.Pseudo && !slices.Contains(out, g.Role) {
				out = append(out, g.Role)
			}
		}
	}
	return out
}

// WithQuery is a local path with one parameter of its query set.
func WithQuery(path, name, value string) string {
	u, err := url.Parse(path)
	if err != nil {
		return "/desk"
	}
	q := u.Query()
	q.Set(name, value)
	u.RawQuery = q.Encode()
	return u.String()
}

// Number reads a whole number of a request; anything else is 0.
func Number(s string) int64 { n, _ := strconv.ParseInt(s, 10, 64); return n }

const (
	photosName = "photos"
	papersName = "papers"
	overhead   = 1 << 20 // what a form may have beside its files, in bytes
)

// Parse reads a form, with or without files, and never more than it may hold.
func (f *Frame) Parse(w http.ResponseWriter) error {
	l := f.Site.Files.Limits()
	f.R.Body = http.MaxBytesReader(w, f.R.Body, int64(l.PerUpload)*l.Bytes+overhead)
	err := f.R.ParseMultipartForm(4 << 20)
	if errors.Is(err, http.ErrNotMultipart) {
		err = nil // ParseMultipartForm has read an ordinary form before it said so
	}
	return err
}

// Raw is what the form posted, without files.
func (f *Frame) Raw(fm form.Form) form.Raw {
	raw := ui.Raw(fm, f.R.PostForm)
	delete(raw, photosName)
	delete(raw, papersName)
	return raw
}

// Taken are the photos and papers of a form, judged and on disk, ready to be attached. fault says in words what is wrong
// with one of them.
func (f *Frame) Taken() (list []files.File, fault string, err error) {
	if f.R.MultipartForm == nil {
		return nil, "", nil
	}
	photos, papers := f.R.MultipartForm.File[photosName], f.R.MultipartForm.File[papersName]
	if most := f.Site.Files.Limits().PerUpload; len(photos)+len(papers) > most {
		return nil, f.T("ui.photo.many", most), nil
	}
	var images []*files.Photo
	var docs []*files.Document
	for _, p := range photos {
		img, err := opened(p, func(file multipart.File) (*files.Photo, error) { return f.Site.Files.Inspect(f.R.Context(), file) })
		if fault := f.fileFault(err); fault != "" || err != nil {
			return nil, fault, clean(fault, err)
		}
		images = append(images, img)
	}
	for _, p := range papers {
		if p.Size == 0 {
			continue
		}
		doc, err := opened(p, func(file multipart.File) (*files.Document, error) {
			return f.Site.Files.InspectDocument(file, p.Filename)
		})
		if errors.Is(err, files.ErrNotDocument) { // a photo of a paper is a paper
			var img *files.Photo
			if img, err = opened(p, func(file multipart.File) (*files.Photo, error) { return f.Site.Files.Inspect(f.R.Context(), file) }); err == nil {
				images = append(images, img)
				continue
			}
		}
		if fault := f.fileFault(err); fault != "" || err != nil {
			return nil, fault, clean(fault, err)
		}
		docs = append(docs, doc)
	}
	if len(images) > 0 {
		if list, err = f.Site.Files.Put(f.R.Context(), f.Site.Pack.District, images...); err != nil {
			return nil, "", err
		}
	}
	for _, d := range docs {
		x, err := f.Site.Files.PutDocument(f.R.Context(), f.Site.Pack.District, d)
		if err != nil {
			return nil, "", err
		}
		list = append(list, x)
	}
	return list, "", nil
}

func clean(fault string, err error) error {
	if fault != "" {
		return nil
	}
	return err
}

func opened[T any](p *multipart.FileHeader, read func(multipart.File) (T, error)) (T, error) {
	file, err := p.Open()
	if err != nil {
		var none T
		return none, err
	}
	defer file.Close()
	return read(file)
}

// fileFault says what to do about a file that was refused.
func (f *Frame) fileFault(err error) string {
	for _, x := range []struct {
		err error
		key string
	}{{files.ErrTooBig, "desk.photo.big"}, {files.ErrPixels, "desk.photo.big"}, {files.ErrHEIC, "desk.photo.heic"}, {files.ErrNotImage, "staff.file.kind"}, {files.ErrNotDocument, "staff.file.kind"},
		{files.ErrOldOffice, "staff.file.old"}, {files.ErrBroken, "desk.photo.broken"}, {files.ErrPolyglot, "desk.photo.broken"}} {
		if errors.Is(err, x.err) {
			return f.T(x.key)
		}
	}
	return ""
}

// Attach is what a record runs in the transaction of the act the files belong to; nil without files.
func (f *Frame) Attach(list []files.File) func(tx *store.Tx, kind, id string, at time.Time) error {
	if len(list) == 0 {
		return nil
	}
	return func(tx *store.Tx, kind, id string, at time.Time) error {
		return f.Site.Files.Attach(tx, f.Site.Pack.District, kind, id, list, f.Who.Account, at)
	}
}

// NewKey makes the idempotency key of a form.
func NewKey() string {
	b := make([]byte, 16)
	_, _ = rand.Read(b) // never fails
	return hex.EncodeToString(b)
}

// Key is the idempotency key that a form of this account posted, for one action.
func (f *Frame) Key(kind, action string, raw form.Raw) store.Key {
	value := f.R.PostFormValue("_key")
	if len(value) != 32 || strings.Trim(value, "0123456789abcdef") != "" {
		return store.Key{}
	}
	parts := []string{kind, action}
	names := make([]string, 0, len(raw))
	for name := range raw {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		parts = append(append(parts, "\x01"+name), raw[name]...)
	}
	return store.Key{Scope: "staff:" + f.Who.Account, Value: value, Request: store.RequestHash(parts...)}
}
