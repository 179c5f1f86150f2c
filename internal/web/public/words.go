package public

import (
	"errors"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"weixiao/internal/access"
	"weixiao/internal/cases"
	"weixiao/internal/directory"
	"weixiao/internal/form"
	"weixiao/internal/store"
	"weixiao/internal/text"
	"weixiao/internal/web"
	"weixiao/internal/web/ui"
	"weixiao/internal/words"
)

// wordsForm is step 1. Its limit is that of every channel: who has more to tell
// may tell it.
var wordsForm = form.Form{Name: "report_words", Fields: []form.Field{
	{Name: "words", Type: form.Text, Required: true, Max: cases.MaxBody, Personal: true}}}

// wordsView is what step 1 shows besides its form.
type wordsView struct {
	Photos  ui.PhotosView
	Place   string // the place a QR code has filled in
	Resumed bool   // there was something written before
	Lost    string // why somebody was sent back here
}

// resumeAfter is after how long a draft is said to be one of before: going back a
// step needs no word about it.
const resumeAfter = 10 * time.Minute

// words shows step 1: empty, or with what was written before.
func (p *pages) words(w http.ResponseWriter, r *http.Request) error {
	d, err := p.draftOf(w, r)
	if err != nil {
		return err
	}
	q := r.URL.Query()
	if d == nil || d.Number != "" || q.Has("new") {
		d = p.newDraft("")
	}
	if area := p.entrance(q.Get("community")); area != "" {
		d.Area = area
	}
	return p.showWords(w, r, http.StatusOK, d, nil)
}

// entrance is the unit a QR code names: a street, a community, or a grid, which
// counts as its community. Anything else is "".
func (p *pages) entrance(code string) string {
	at, ok := p.Pack.Directory.OfPlace(code)
	switch {
	case code == "" || !ok:
		return ""
	case at.Community.ID != "":
		return at.Community.ID
	}
	return at.Street.ID
}

// sayWords takes step 1. Whatever is wrong, what was typed and every good photo
// stays.
func (p *pages) sayWords(w http.ResponseWriter, r *http.Request) error {
	d, err := p.draftOf(w, r)
	if err != nil {
		return err
	}
	in, err := p.upload(w, r, d)
	if err != nil {
		return err
	}
	d = in.draft
	if area := p.entrance(in.values.Get("_community")); area != "" && d.Area == "" {
		d.Area = area
	}
	if id := in.values.Get("_remove"); id != "" {
		d.remove(id)
	}
	says := map[string]string{}
	lang := web.Lang(r)
	if msg := photoFaults(lang, in.faults, p.Files.Limits()); msg != "" {
		says["photos"] = msg
	}
	stay := in.values.Has("_remove") || in.values.Get("_do") == "photos"
	if msg := wordsFault(lang, d.Words); msg != "" && !stay {
		says["words"] = msg
	}
	d.Words, d.Told = legible(d.Words), len(says) == 0 && wordsFault(lang, d.Words) == ""
	if in.fresh {
		// New drafts take room before anything is reported; going on with one is free.
		if err := p.Gate.Allow("track.client", access.Client(r.Context())); err != nil {
			many, _ := errors.AsType[access.ErrTooMany](err)
			access.SetRetryAfter(w.Header(), many.RetryAfter)
			return p.showWords(w, r, http.StatusTooManyRequests, d, map[string]string{"words": words.T(lang, "public.fault.many", minutes(many.RetryAfter))})
		}
	}
	if len(d.Words) <= maxDraft {
		if err := p.keep(r.Context(), w, d); err != nil {
			if code := busy(err); code != 0 {
				says["words"] = words.T(lang, "public.fault.busy")
				return p.showWords(w, r, code, d, says)
			}
			return err
		}
	}
	switch {
	case len(says) > 0:
		code := http.StatusUnprocessableEntity
		if in.over {
			code = http.StatusRequestEntityTooLarge
		}
		return p.showWords(w, r, code, d, says)
	case stay:
		return web.SeeOther(w, r, "/report")
	}
	return web.SeeOther(w, r, "/report/place")
}

// busy is the status for a store that cannot write just now, 0 for other errors.
// The form is shown again with what was typed instead of an error page.
func busy(err error) int {
	switch {
	case errors.Is(err, store.ErrBusy), errors.Is(err, store.ErrDown):
		return http.StatusServiceUnavailable
	case errors.Is(err, store.ErrFull):
		return http.StatusInsufficientStorage
	}
	return 0
}

// remove takes a photo out of the draft; its file is collected later.
func (d *draft) remove(id string) {
	for i, f := range d.Photos {
		if f.ID == id {
			d.Photos = append(d.Photos[:i:i], d.Photos[i+1:]...)
			return
		}
	}
}

// wordsFault says what to do about words that cannot be taken; "" when they can.
func wordsFault(lang words.Lang, s string) string {
	_, err := text.Clean(s, cases.MaxBody)
	return inputFault(lang, err, "public.fault.words")
}

// inputFault puts what text.Clean says into words; empty is the message for
// nothing typed.
func inputFault(lang words.Lang, err error, empty string) string {
	e, ok := errors.AsType[*text.InputError](err)
	switch {
	case err == nil:
		return ""
	case !ok:
		return words.T(lang, "public.fault.unread")
	case e.Kind == text.ErrEmpty:
		return words.T(lang, empty)
	case e.Kind == text.ErrTooLong:
		return words.T(lang, "public.fault.long", e.Max, e.Count-e.Max)
	case e.Kind == text.ErrUTF8:
		return words.T(lang, "public.fault.utf8", e.At+1)
	}
	return words.T(lang, "public.fault.control", e.At+1)
}

// legible makes what text.Clean refuses visible as �, so that it can be found and
// deleted in the form that is shown again.
func legible(s string) string {
	return strings.Map(func(r rune) rune {
		if r != '\r' && form.Control(r) {
			return utf8.RuneError
		}
		return r
	}, strings.ToValidUTF8(s, string(utf8.RuneError)))
}

func (p *pages) showWords(w http.ResponseWriter, r *http.Request, status int, d *draft, says map[string]string) error {
	f := p.page(r, "public.report.title")
	f.Path = "/report"
	f.Faulty = len(says) > 0
	v := ui.FormView{Form: wordsForm, ID: "say", Action: "/report", Lead: "words", Looks: map[string]string{"words": "say"},
		Raw: form.Raw{"words": {d.Words}}, Says: says, Files: true, Draft: "report",
		Hidden: []ui.Hidden{{Name: "_key", Value: d.Key}}}
	old := f.Now.Sub(time.UnixMicro(d.Born)) > resumeAfter
	x := wordsView{Resumed: d.Words != "" && old && !f.Faulty && r.Method == http.MethodGet}
	if d.Area != "" {
		v.Hidden = append(v.Hidden, ui.Hidden{Name: "_community", Value: d.Area})
		x.Place = p.UnitName(f.Lang, d.Area)
	}
	switch r.URL.Query().Get("lost") {
	case "none", "other":
		x.Lost = f.T("public.report.lost." + r.URL.Query().Get("lost"))
		x.Resumed = false
	}
	x.Photos = ui.PhotosView{ID: "say-photos", Name: "photo", Title: f.T("public.photos"), Note: f.T("public.photos.note"),
		Max: p.Files.Limits().PerUpload, RemoveName: "_remove", Fault: says["photos"]}
	for i, ph := range d.Photos {
		x.Photos.Stored = append(x.Photos.Stored, ui.Photo{Src: "/photo/" + ph.ID + "?thumb=1", Alt: f.T("public.photo.alt", i+1), Remove: ph.ID})
	}
	foot := ui.StepFoot(f, ui.Foot{Label: f.T("public.next.place"), Form: "say", Draft: true})
	return p.show(w, r, status, f, foot, wordsPage(f, v, x))
}

// place of a unit, for selects: streets with their communities.
func (p *pages) areas(lang words.Lang) []ui.Choice {
	var out []ui.Choice
	for _, s := range p.Pack.Directory.ByKind(directory.Street, directory.Town) {
		name := p.UnitName(lang, s.ID)
		out = append(out, ui.Choice{Value: s.ID, Label: words.T(lang, "public.area.street", name), Group: name})
		for _, c := range p.Pack.Directory.Children(s.ID) {
			if c.Kind == directory.Community || c.Kind == directory.Village {
				out = append(out, ui.Choice{Value: c.ID, Label: p.UnitName(lang, c.ID), Group: name, Find: name})
			}
		}
	}
	return out
}
