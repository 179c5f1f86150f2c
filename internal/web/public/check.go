package public

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"weixiao/internal/access"
	"weixiao/internal/cases"
	"weixiao/internal/form"
	"weixiao/internal/store"
	"weixiao/internal/text"
	"weixiao/internal/vault"
	"weixiao/internal/web"
	"weixiao/internal/web/ui"
	"weixiao/internal/words"
)

// contactForm is step 3 beside the answers of the first two.
var contactForm = form.Form{Name: "report_contact", Fields: []form.Field{
	{Name: "contact", Type: form.Choice, Required: true, Options: form.Options("call", "none")},
	{Name: "phone", Type: form.Phone, Required: true, Personal: true, When: "contact", Values: []string{"call"}},
	{Name: "name", Type: form.Line, Max: 40, Personal: true, When: "contact", Values: []string{"call"}},
	{Name: "private", Type: form.Bool}}}

// notice is the version of the text that tells residents before they send what is
// kept of them and who sees it. Change it with the text.
const notice = "2026-11"

// checkLine is an answer of an earlier step with the step it can be changed in.
type checkLine struct{ Label, Value, Step string }

// steps a resident can go back to from step 3.
var steps = map[string]string{"words": "/report", "photos": "/report", "place": "/report/place"}

func (p *pages) check(w http.ResponseWriter, r *http.Request) error {
	d, elsewhere, err := p.step(w, r, "")
	if err == nil && elsewhere == "" && !d.Placed {
		elsewhere = "/report/place"
	}
	if err != nil || elsewhere != "" {
		return orGo(w, r, elsewhere, err)
	}
	return p.showCheck(w, r, http.StatusOK, d, nil, nil, "")
}

// submit takes step 3 and makes the report. The key of the form makes it once,
// however often the button is pressed; the receipt is written with it.
func (p *pages) submit(w http.ResponseWriter, r *http.Request) error {
	if err := parse(w, r); err != nil {
		return err
	}
	post := r.PostForm
	d, elsewhere, err := p.step(w, r, post.Get("_key"))
	if err != nil || elsewhere != "" {
		return orGo(w, r, elsewhere, err)
	}
	raw := ui.Raw(contactForm, post)
	d.Answers = takeAnswers(raw)
	d.Name, d.Phone = legible(short(raw.Get("name"), 400)), legible(short(raw.Get("phone"), 100))
	d.Unnamed, d.Private = raw.Get("contact") == "none", raw.Get("private") == "true"
	lang := web.Lang(r)
	if back, ok := steps[post.Get("_go")]; ok {
		if err := p.keep(r.Context(), w, d); err != nil {
			return err
		}
		return web.SeeOther(w, r, back)
	}
	if !d.Placed {
		return web.SeeOther(w, r, "/report/place")
	}
	answers, err := contactForm.Check(raw)
	said, wrong := web.Answered(p.questions(d), d.Answers)
	if len(wrong) > 0 {
		more, _ := errors.AsType[form.Faults](err)
		err = append(slices.Clone(wrong), more...)
	}
	if faults, ok := errors.AsType[form.Faults](err); ok {
		says := map[string]string{}
		if slices.Contains(faults, form.Fault{Field: "phone", Code: "required"}) {
			says["phone"] = words.T(lang, "public.fault.contact")
		}
		if err := p.keep(r.Context(), w, d); err != nil && busy(err) == 0 {
			return err
		}
		return p.showCheck(w, r, http.StatusUnprocessableEntity, d, faults, says, "")
	}
	return p.report(w, r, d, answers, said)
}

// report hands the draft to the work package. Photos, case and receipt are one
// transaction.
func (p *pages) report(w http.ResponseWriter, r *http.Request, d *draft, contact form.Answers, said map[string][]string) error {
	lang := web.Lang(r)
	if err := p.Gate.Allow("report.client", access.Client(r.Context())); err != nil {
		many, _ := errors.AsType[access.ErrTooMany](err)
		access.SetRetryAfter(w.Header(), many.RetryAfter)
		return p.showCheck(w, r, http.StatusTooManyRequests, d, nil, nil, words.T(lang, "public.fault.many", minutes(many.RetryAfter)))
	}
	receipt := &draft{Key: d.Key, Born: d.Born, token: d.token}
	rep := cases.Report{Channel: "portal", Body: d.Words, Photos: len(d.Photos), Answers: map[string][]string{"privacy_notice": {p.noticeMark(lang)}},
		Place: cases.Place{Text: d.Address},
		Key:   store.Key{Scope: "portal", Value: d.Key, Request: store.RequestHash("portal report", d.Key)},
		Attach: func(tx *store.Tx, number string, at time.Time) error {
			if err := p.Files.Attach(tx, p.Pack.District, cases.Table.Kind, number, d.Photos, "", at); err != nil {
				return err
			}
			receipt.Number = number
			return p.keepIn(tx, receipt)
		}}
	maps.Copy(rep.Answers, said)
	if at, ok := p.Pack.Directory.OfPlace(d.Area); d.Area != "" && ok {
		rep.Place.Street, rep.Place.Community = at.Street.ID, at.Community.ID
	}
	if d.Point != nil {
		rep.Place.Lon, rep.Place.Lat, rep.Place.Located = d.Point.Lon, d.Point.Lat, true
	}
	if !d.Unnamed {
		rep.Person = vault.Person{Name: contact.Str("name"), Phone: contact.Str("phone")}
	}
	if d.Private || names(d, contact) {
		rep.Public = new(bool) // can only be made less public
	}
	got, err := p.Cases.Report(r.Context(), p.anybody(), rep)
	if err != nil {
		if code := busy(err); code != 0 {
			return p.showCheck(w, r, code, d, nil, nil, words.T(lang, "public.fault.busy"))
		}
		if fe, ok := errors.AsType[*cases.FieldError](err); ok {
			return p.showCheck(w, r, http.StatusUnprocessableEntity, d, nil, nil, inputFault(lang, fe.Err, "public.fault.words"))
		}
		return err
	}
	p.admit(w, got.Number)
	return web.SeeOther(w, r, "/report/done")
}

// names reports whether the words of a report say who reports: masking finds
// numbers, but a name only the resident can tell from other words.
func names(d *draft, contact form.Answers) bool {
	said := text.Normalize(d.Words)
	for _, s := range []string{contact.Str("name"), contact.Str("phone")} {
		if s = text.Normalize(s); utf8.RuneCountInString(s) >= 2 && strings.Contains(said, s) {
			return true
		}
	}
	return false
}

// minutes rounds up, so that coming back then works.
func minutes(d time.Duration) int { return int((d + time.Minute - 1) / time.Minute) }

// noticeText is the notice in a language, with the district's own words if it has
// any.
func (p *pages) noticeText(lang words.Lang) string {
	return p.text(ui.Page{Lang: lang}, "portal.privacy", "public.notice")
}

// noticeMark is what the case keeps of the notice: its version, and a digest of
// the very words that were shown.
func (p *pages) noticeMark(lang words.Lang) string {
	sum := sha256.Sum256([]byte(p.noticeText(lang)))
	return notice + " " + string(lang) + " " + hex.EncodeToString(sum[:8])
}

func (p *pages) showCheck(w http.ResponseWriter, r *http.Request, status int, d *draft, faults form.Faults, says map[string]string, problem string) error {
	f := p.page(r, "public.check.title")
	f.Path, f.Faulty = "/report/check", len(faults)+len(says) > 0 || problem != ""
	v := ui.FormView{Form: contactForm, ID: "send", Action: "/report/check", Faults: faults, Says: says,
		Hidden: []ui.Hidden{{Name: "_key", Value: d.Key}},
		Raw:    form.Raw{"contact": {"call"}, "phone": {d.Phone}, "name": {d.Name}, "private": {strconv.FormatBool(d.Private)}}}
	if d.Unnamed {
		v.Raw["contact"] = []string{"none"}
	}
	asks := web.Questions(f.Lang, v.ID, p.questions(d), d.Answers, faults)
	v.Form.Fields = append(slices.Clone(v.Form.Fields), asks.Form.Fields...) // the box on top leads to both
	v.Labels, v.Choices = asks.Labels, asks.Choices
	lines := []checkLine{
		{f.T("public.check.words"), strings.TrimSpace(d.Words), "words"},
		{f.T("public.check.photos"), f.T("public.check.photos.n", len(d.Photos)), "photos"},
		{f.T("public.check.place"), p.placeLine(f, d), "place"},
	}
	foot := ui.StepFoot(f, ui.Foot{Label: f.T("public.send"), Form: "send", Back: "/report/place", Note: f.T("public.check.after")})
	return p.show(w, r, status, f, foot, checkPage(f, v, asks, lines, p.noticeText(f.Lang), problem))
}

// placeLine is the place as step 3 repeats it.
func (p *pages) placeLine(f ui.Page, d *draft) string {
	var parts []string
	for _, s := range []string{d.Address, p.where(f.Lang, d)} {
		if s != "" {
			parts = append(parts, s)
		}
	}
	if d.Point != nil {
		parts = append(parts, f.T("public.check.point"))
	}
	if len(parts) == 0 {
		return f.T("public.check.nowhere")
	}
	return strings.Join(parts, f.T("word.separator"))
}
