package open311

import (
	"net/http"
	"strings"

	"weixiao/internal/catalogue"
	"weixiao/internal/web"
	"weixiao/internal/words"
)

// changeset is when this door last changed what it says or takes.
const changeset = "2026-01-01T00:00:00+08:00"

const specification = "http://wiki.open311.org/GeoReport_v2"

// Datatypes of questions.
const (
	String   = "string"
	Number   = "number"
	Datetime = "datetime"
	Text     = "text"
	Single   = "singlevaluelist"
	Multi    = "multivaluelist"
)

// Question is one thing a service asks beyond words and place.
type Question struct {
	Code     string
	Datatype string // see above
	Required bool
	Words    string // the question
	Hint     string // how to answer it
	Notice   bool   // only words to read, no answer expected
	Values   []Value
}

func (d *door) discovery(w http.ResponseWriter, r *http.Request, f format) error {
	kind := "production"
	if d.Note != "" {
		kind = "test"
	}
	doc := discovery{Changeset: changeset,
		Contact:    d.bilingual("open311.contact", d.Phone),
		KeyService: d.bilingual("open311.key_service", d.Phone),
		Endpoints: []endpoint{{Specification: specification, URL: d.base(r) + root + "v2", Changeset: changeset, Type: kind,
			Formats: []string{"text/xml", "application/json"}}}}
	return write(w, f, http.StatusOK, doc, doc)
}

// bilingual: discovery documents are kept by programs, so they hold both
// languages whoever asks.
func (d *door) bilingual(key string, args ...any) string {
	return words.T(words.ZH, key, args...) + " / " + words.T(words.EN, key, args...)
}

func (d *door) base(r *http.Request) string {
	if d.opt.Base != "" {
		return strings.TrimSuffix(d.opt.Base, "/")
	}
	if r.TLS != nil {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

func (d *door) services(w http.ResponseWriter, r *http.Request, f format) error {
	if err := d.jurisdiction(r.URL.Query().Get("jurisdiction_id")); err != nil {
		return err
	}
	lang := web.Lang(r)
	groups := map[string]string{}
	for _, g := range d.Pack.Catalogue.Groups(catalogue.KindRequest) {
		groups[g.ID] = pick(lang, g.Name, g.English)
	}
	list := []service{}
	for _, m := range d.Pack.Catalogue.Matters(catalogue.KindRequest) {
		list = append(list, service{Code: m.Key, Name: pick(lang, m.Name, m.English), Description: describe(lang, m),
			Metadata: len(d.asks(lang, m.Key)) > 0, Type: "realtime", Keywords: keywords(m.Keywords), Group: groups[m.Group]})
	}
	return write(w, f, http.StatusOK, servicesDocument{Services: list}, list)
}

func pick(lang words.Lang, zh, en string) string {
	if lang == words.EN && en != "" {
		return en
	}
	return zh
}

// describe is what the official lists call the matter; its plain name where they
// have no other word.
func describe(lang words.Lang, m catalogue.Matter) string {
	if m.Official != "" {
		return pick(lang, m.Official, m.English)
	}
	return pick(lang, m.Name, m.English)
}

// keywords in several parts (暖气+不热) are written as the words they are.
func keywords(list []string) string {
	return strings.ReplaceAll(strings.Join(list, ", "), "+", " ")
}

// service finds a matter that can be chosen here.
func (d *door) service(code string) (catalogue.Matter, bool) {
	m, ok := d.Pack.Catalogue.Matter(code)
	return m, ok && !m.Deleted && m.Kind == catalogue.KindRequest && m.Key == code
}

func (d *door) definition(w http.ResponseWriter, r *http.Request, f format) error {
	if err := d.jurisdiction(r.URL.Query().Get("jurisdiction_id")); err != nil {
		return err
	}
	m, ok := d.service(r.PathValue("id"))
	if !ok {
		return faults{bad(http.StatusNotFound, "service")}
	}
	questions := d.asks(web.Lang(r), m.Key)
	if len(questions) == 0 {
		return faults{bad(http.StatusNotFound, "definition")}
	}
	doc := definition{Code: m.Key}
	for i, q := range questions {
		a := attribute{Variable: !q.Notice, Code: q.Code, Datatype: q.Datatype, Required: q.Required, Hint: optional(q.Hint), Order: i + 1, Description: q.Words}
		if q.listed() {
			a.Values, a.List = &valueList{q.Values}, q.Values
		}
		doc.Attributes = append(doc.Attributes, a)
	}
	return write(w, f, http.StatusOK, doc, doc)
}

func (q Question) listed() bool { return q.Datatype == Single || q.Datatype == Multi }

// jurisdiction accepts the district's own id, or none.
func (d *door) jurisdiction(id string) error {
	if id != "" && id != d.Pack.District {
		return faults{bad(http.StatusNotFound, "jurisdiction")}
	}
	return nil
}
