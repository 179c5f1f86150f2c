package public

import (
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"

	"weixiao/internal/access"
	"weixiao/internal/files"
	"weixiao/internal/words"
)

// said is a posted step 1.
type said struct {
	values url.Values // everything but words and photos
	draft  *draft     // with the words and the new photos
	faults []photoFault
	over   bool // there was more than a form may hold
	fresh  bool // the draft is a new one
}

// photoFault is what is wrong with the nth photo of an upload.
type photoFault struct {
	nth int
	err error
}

const (
	maxWords = 1 << 20 // bytes of the words field that are read
	maxField = 4 << 10 // of any other
	maxParts = 200
)

var errLimit = errors.New("public: too many photos from this address")

// upload reads step 1 as a stream: the words come before the photos in the form,
// so they are known whatever happens to the photos, and no photo waits in memory
// or on disk for the next.
func (p *pages) upload(w http.ResponseWriter, r *http.Request, d *draft) (*said, error) {
	limits := p.Files.Limits()
	r.Body = http.MaxBytesReader(w, r.Body, int64(limits.PerUpload)*limits.Bytes+4<<20)
	in := &said{values: url.Values{}}
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if kind != "multipart/form-data" {
		if err := parse(w, r); err != nil {
			return nil, err
		}
		in.values = r.PostForm
		in.begin(p, d)
		return in, nil
	}
	parts, err := r.MultipartReader()
	if err != nil { // no boundary: nothing can be read
		in.begin(p, d)
		return in, nil
	}
	var images []*files.Photo
	nth := 0
	for n := 0; ; n++ {
		part, err := parts.NextPart()
		if err == io.EOF {
			break
		}
		if err != nil || n >= maxParts {
			_, big := errors.AsType[*http.MaxBytesError](err)
			fault := photoFault{nth + 1, files.ErrBroken} // torn off on the way
			if big || n >= maxParts {
				in.over, fault.err = true, files.ErrTooMany
			}
			in.faults = append(in.faults, fault)
			break
		}
		switch {
		case part.FormName() == "photo" && part.FileName() != "":
			nth++
			if in.draft == nil {
				in.begin(p, d)
			}
			if img, err := p.inspect(r, part, limits.PerUpload-len(in.draft.Photos)-len(images)); err != nil {
				if _, big := errors.AsType[*http.MaxBytesError](err); big {
					in.over, err = true, files.ErrTooMany
				}
				in.faults = append(in.faults, photoFault{nth, err})
			} else {
				images = append(images, img)
			}
		case part.FormName() == "words":
			in.add("words", part, maxWords)
		case part.FormName() != "photo":
			in.add(part.FormName(), part, maxField)
		}
	}
	if in.draft == nil {
		in.begin(p, d)
	}
	return in, p.put(r, in.draft, images)
}

// add reads one field of the form. When it breaks off, the part after it says so.
func (in *said) add(name string, part *multipart.Part, most int64) {
	b, _ := io.ReadAll(io.LimitReader(part, most))
	in.values.Add(name, string(b))
}

// begin finds the draft the form belongs to: the browser's, or a new one when it
// has none, has sent it, or has begun another one meanwhile.
func (in *said) begin(p *pages, d *draft) {
	key := in.values.Get("_key")
	switch {
	case d != nil && d.Number == "" && d.Key == key:
		in.draft = d
	case d != nil && d.Key == key: // sent already: whoever goes on from here has something new to say
		in.draft = p.newDraft("")
	default:
		in.draft = p.newDraft(key)
	}
	in.draft.Words = in.values.Get("words")
	in.fresh = in.draft != d
}

// inspect judges and redraws one photo.
func (p *pages) inspect(r *http.Request, part io.Reader, room int) (*files.Photo, error) {
	if room <= 0 {
		return nil, files.ErrTooMany
	}
	if err := p.Gate.Allow("upload.client", access.Client(r.Context())); err != nil {
		return nil, errLimit
	}
	return p.Files.Inspect(r.Context(), part)
}

// put stores the photos and notes the first place one of them names.
func (p *pages) put(r *http.Request, d *draft, images []*files.Photo) error {
	if len(images) == 0 {
		return nil
	}
	stored, err := p.Files.Put(r.Context(), p.Pack.District, images...)
	if err != nil {
		return err
	}
	d.Photos = append(d.Photos, stored...)
	for _, img := range images {
		if img.Place != nil && d.Camera == nil && p.inside(img.Place.Lon, img.Place.Lat) {
			d.Camera = &spot{Lon: img.Place.Lon, Lat: img.Place.Lat}
		}
	}
	return nil
}

// photoFaults says for each photo that was not taken what to do; "" when all were.
func photoFaults(lang words.Lang, faults []photoFault, l files.Limits) string {
	var out []string
	many := false
	for _, x := range faults {
		key := ""
		switch {
		case errors.Is(x.err, files.ErrTooMany):
			if many {
				continue
			}
			many = true
			out = append(out, words.T(lang, "public.fault.photo.many", l.PerUpload))
			continue
		case errors.Is(x.err, errLimit):
			if many {
				continue
			}
			many = true
			out = append(out, words.T(lang, "public.fault.photo.limit"))
			continue
		case errors.Is(x.err, files.ErrTooBig):
			out = append(out, words.T(lang, "public.fault.photo.big", x.nth, l.Bytes>>20))
			continue
		case errors.Is(x.err, files.ErrPixels):
			key = "public.fault.photo.pixels"
		case errors.Is(x.err, files.ErrHEIC):
			key = "public.fault.photo.heic"
		case errors.Is(x.err, files.ErrNotImage):
			key = "public.fault.photo.kind"
		case errors.Is(x.err, files.ErrPolyglot):
			key = "public.fault.photo.odd"
		default:
			key = "public.fault.photo.broken"
		}
		out = append(out, words.T(lang, key, x.nth))
	}
	return strings.Join(out, " ")
}
