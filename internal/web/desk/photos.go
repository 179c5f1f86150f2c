package desk

import (
	"errors"
	"mime/multipart"
	"net/http"
	"time"

	"weixiao/internal/cases"
	"weixiao/internal/files"
	"weixiao/internal/rounds"
	"weixiao/internal/store"
	"weixiao/internal/web/ui"
)

// photos are the pictures of a case: what the resident sent and what was added.
func (f *frame) photos(k *cases.Case, list []files.File) []ui.Photo {
	var out []ui.Photo
	for _, x := range list {
		if x.Kind != files.KindPhoto {
			continue
		}
		at := time.UnixMicro(x.Created)
		who := f.T("desk.photo.resident")
		if x.By != "" {
			who = f.d.names.name(f.r.Context(), x.By)
		}
		out = append(out, ui.Photo{Src: "/desk/files/" + x.ID + "?small=1", Href: "/desk/files/" + x.ID, Alt: f.T("desk.photo.alt", len(out)+1, who),
			Note: who + f.T("word.separator") + f.Moment(at)})
	}
	return out
}

// file sends a photo or attachment of a case to whoever may read the case, or the
// one it was merged into.
func (d *Desk) file(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.inbox.title")
	x, err := store.Get(r.Context(), d.s.DB, func(tx *store.Tx) (files.File, error) { return files.Get(tx, d.s.Pack.District, r.PathValue("id")) })
	if err != nil {
		return err
	}
	switch x.SubjectKind {
	case rounds.KindFinding, rounds.KindFix:
		if _, _, err := d.s.Rounds.Get(r.Context(), f.sc, x.Subject); err != nil {
			return err
		}
		return d.s.Files.Serve(w, r, x, r.URL.Query().Get("small") == "1")
	case cases.Table.Kind:
	default:
		return store.ErrNotFound
	}
	if err := d.s.Cases.Shares(r.Context(), f.sc, x.Subject); err != nil {
		return err
	}
	return d.s.Files.Serve(w, r, x, r.URL.Query().Get("small") == "1")
}

// photosName is the name of the file input of forms that take photos.
const photosName = "photos"

// formOverhead is what a form may have beside its photos, in bytes.
const formOverhead = 1 << 20

// parse reads a form, with or without photos, and never more than it may hold.
func (d *Desk) parse(w http.ResponseWriter, r *http.Request) error {
	l := d.s.Files.Limits()
	r.Body = http.MaxBytesReader(w, r.Body, int64(l.PerUpload)*l.Bytes+formOverhead)
	err := r.ParseMultipartForm(4 << 20)
	if errors.Is(err, http.ErrNotMultipart) {
		err = nil // ParseMultipartForm has read an ordinary form before it said so
	}
	return err
}

// taken are the photos of a form, judged and on disk, ready to be attached. fault
// says in words what is wrong with one of them.
func (f *frame) taken() (list []files.File, fault string, err error) {
	if f.r.MultipartForm == nil {
		return nil, "", nil
	}
	parts := f.r.MultipartForm.File[photosName]
	if most := f.d.s.Files.Limits().PerUpload; len(parts) > most {
		return nil, f.T("ui.photo.many", most), nil
	}
	var images []*files.Photo
	for _, p := range parts {
		img, err := f.inspect(p)
		if fault := f.photoFault(err); fault != "" {
			return nil, fault, nil
		}
		if err != nil {
			return nil, "", err
		}
		images = append(images, img)
	}
	if len(images) == 0 {
		return nil, "", nil
	}
	list, err = f.d.s.Files.Put(f.r.Context(), f.d.s.Pack.District, images...)
	return list, "", err
}

func (f *frame) inspect(p *multipart.FileHeader) (*files.Photo, error) {
	file, err := p.Open()
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return f.d.s.Files.Inspect(f.r.Context(), file)
}

// photoFault says what to do about a photo that was refused.
func (f *frame) photoFault(err error) string {
	for _, x := range []struct {
		err error
		key string
	}{{files.ErrTooBig, "big"}, {files.ErrPixels, "big"}, {files.ErrNotImage, "kind"}, {files.ErrHEIC, "heic"}, {files.ErrBroken, "broken"}, {files.ErrPolyglot, "broken"}} {
		if errors.Is(err, x.err) {
			return f.T("desk.photo." + x.key)
		}
	}
	return ""
}

// attach is what Cases runs in the transaction of the act the photos belong to.
func (f *frame) attach(list []files.File) func(tx *store.Tx, number string, at time.Time) error {
	if len(list) == 0 {
		return nil
	}
	return func(tx *store.Tx, number string, at time.Time) error {
		return f.d.s.Files.Attach(tx, f.d.s.Pack.District, cases.Table.Kind, number, list, f.who.Account, at)
	}
}
