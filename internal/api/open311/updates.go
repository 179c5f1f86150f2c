package open311

import (
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"

	"weixiao/internal/access"
	"weixiao/internal/cases"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/store"
	"weixiao/internal/web"
)

// An update from outside is a supplement by the one who reported: the program
// that sent a report may send more words for it, and nothing else. The moment it
// tells is not believed: an act happens when it arrives, so a late update never
// moves a case back in time.

// maxUpdate is the most a supplement takes.
const maxUpdate = 1000

func (d *door) postUpdate(w http.ResponseWriter, r *http.Request, f format) error {
	s, who, err := d.submitted(w, r)
	if err != nil {
		return err
	}
	if err := d.jurisdiction(s.fields["jurisdiction_id"]); err != nil {
		return err
	}
	number := cases.UpperNumber(s.fields["service_request_id"])
	if number == "" {
		s.add(http.StatusBadRequest, "request_missing")
	}
	said := s.text("description", maxUpdate)
	if said == "" && len(s.list) == 0 {
		s.add(http.StatusBadRequest, "empty", "description")
	}
	at := s.fields["updated_datetime"]
	if _, err := parseMoment(at); at != "" && err != nil {
		s.add(http.StatusBadRequest, "date", "updated_datetime")
	}
	id := s.line("update_id", maxCode)
	if len(s.list) > 0 {
		return s.list
	}
	sc, err := d.own(r, who, number)
	if err != nil {
		return err
	}
	// Without an id of its own an update is known by its request, words and moment.
	key := store.Key{Scope: "open311:" + who.Client, Request: store.RequestHash(number, said)}
	if id == "" {
		id = hex.EncodeToString(store.RequestHash(number, said, at))[:16]
	}
	key.Value = "update:" + id
	k, err := d.Cases.Act(r.Context(), sc, number, "supplement", cases.Input{Raw: form.Raw{"text": {said}}, Key: key})
	if err != nil {
		return err
	}
	list := []update{{ID: id, Request: k.Number, Status: status(k), Updated: moment(k.Changed)}}
	return write(w, f, http.StatusCreated, updatesDocument{Updates: list}, list)
}

// own gives the reporter's scope of a case to the program that sent it in.
func (d *door) own(r *http.Request, who access.Principal, number string) (access.Scope, error) {
	v, err := d.Cases.View(r.Context(), access.SystemScope(d.Pack.District, "open311: did this program send the report"), number)
	if err != nil {
		return access.Scope{}, err
	}
	sc, ok := d.Cases.ReporterScope(number, d.Cases.Secret(number))
	if !ok || len(v.Entries) == 0 || v.Entries[0].Actor.Capacity != "open311:"+who.Client {
		return access.Scope{}, store.ErrNotFound
	}
	return sc, nil
}

// updates lists the steps of one request: when its state changed, in plain words.
// What people wrote on the way is not public.
func (d *door) updates(w http.ResponseWriter, r *http.Request, f format) error {
	number := strings.TrimSpace(r.URL.Query().Get("service_request_id"))
	if number == "" {
		return faults{bad(http.StatusBadRequest, "request_missing")}
	}
	v, err := d.Cases.View(r.Context(), access.SystemScope(d.Pack.District, "open311: the steps of one request, shown only if it is published"), number)
	if err != nil {
		return err
	}
	if !v.Case.Published() {
		return store.ErrNotFound
	}
	lang, list, state := web.Lang(r), []update{}, ""
	for _, e := range v.Entries {
		if e.State == state {
			continue
		}
		state = e.State
		then := &cases.Case{Position: flow.Position{State: state}}
		list = append(list, update{ID: v.Case.Number + "-" + strconv.Itoa(len(list)+1), Request: v.Case.Number, Status: status(then), Updated: moment(e.At),
			Description: optional(notes(lang, then))})
	}
	return write(w, f, http.StatusOK, updatesDocument{Updates: list}, list)
}
