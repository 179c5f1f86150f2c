package desk

import (
	"net/http"
	"strings"

	"weixiao/internal/access"
	"weixiao/internal/cases"
	"weixiao/internal/directory/firms"
	"weixiao/internal/directory/posts"
	"weixiao/internal/enterprise/express"
	"weixiao/internal/journal"
	"weixiao/internal/store"
	"weixiao/internal/vault"
	"weixiao/internal/words"
)

// auditView is what the auditor reads: the newest acts, or who saw a case.
type auditView struct {
	Number string
	Asked  bool
	Acts   []actLine
	Ledger []ledgerLine
	Older  string
}

// actLine is one act without its words.
type actLine struct {
	Seq              int64
	When, What, Pack string
	Subject, Href    string
}

// ledgerLine is one disclosure.
type ledgerLine struct{ When, Who, Unit, Kind, Fields, Reason, Note string }

// newestActs is how many acts the page shows.
const newestActs = 100

func (d *Desk) audit(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.nav.audit")
	v := auditView{Number: strings.TrimSpace(r.URL.Query().Get("case"))}
	if !strings.HasPrefix(v.Number, posts.TermSubject("")) && !strings.HasPrefix(v.Number, firms.Subject("")) {
		v.Number = cases.UpperNumber(v.Number)
	}
	if v.Number != "" {
		v.Asked = true
		if err := f.ledgerOf(&v, r.URL.Query().Get("before")); err != nil {
			return err
		}
		return f.render(w, http.StatusOK, auditPage(f, v))
	}
	acts, err := store.Get(r.Context(), d.s.DB, func(tx *store.Tx) ([]journal.Act, error) { return journal.Recent(tx, d.s.Pack.District, newestActs) })
	if err != nil {
		return err
	}
	if err := f.actors(acts); err != nil {
		return err
	}
	for _, a := range acts {
		if a.Kind == express.Table.Kind { // who acts on a letter tells whom it is about: number, state and time are all there is
			a.Actor = journal.Actor{Capacity: access.System}
		}
		l := actLine{Seq: a.Seq, When: words.Exact(f.Lang, a.Time()), What: f.did(a), Subject: a.Subject, Pack: a.Pack}
		switch a.Kind {
		case cases.Table.Kind:
			l.Href = "/desk/cases/" + a.Subject
		case cases.WhistleTable.Kind:
			l.Href = "/desk/whistles/" + a.Subject
		case access.Accounts().Kind:
			l.Href = "/desk/admin/people/" + a.Subject
			l.Subject = f.T("desk.audit.account")
		}
		v.Acts = append(v.Acts, l)
	}
	return f.render(w, http.StatusOK, auditPage(f, v))
}

// ledgerOf reads who saw what of the petitioner of a case.
func (f *frame) ledgerOf(v *auditView, before string) error {
	const page = 100
	list, err := store.Get(f.r.Context(), f.d.s.DB, func(tx *store.Tx) ([]vault.Disclosure, error) {
		return vault.Ledger(tx, f.d.s.Pack.District, v.Number, vault.Page{Before: before, Limit: page})
	})
	if err != nil {
		return err
	}
	ids := make([]string, len(list))
	for i, x := range list {
		ids[i] = x.Account
	}
	if err := f.d.names.load(f.r.Context(), ids...); err != nil {
		return err
	}
	for _, x := range list {
		if strings.HasPrefix(v.Number, f.d.s.Pack.Prefix+"ZT") { // the letter itself says it to clerk and leader
			x.Account, x.Unit, x.Note = "", "", ""
		}
		l := ledgerLine{When: words.Exact(f.Lang, x.At), Unit: f.unit(x.Unit), Kind: f.T("desk.ledger.kind." + string(x.Kind)), Note: x.Note}
		if l.Who = f.d.names.name(f.r.Context(), x.Account); l.Who == "" {
			l.Who = f.T("role.system")
		}
		var fields []string
		for _, fd := range x.Fields {
			fields = append(fields, f.T("desk.ledger.field."+string(fd)))
		}
		l.Fields = strings.Join(fields, f.T("word.list.comma"))
		if x.Reason != "" {
			l.Reason = f.T("form.reveal.reason." + string(x.Reason))
		}
		v.Ledger = append(v.Ledger, l)
	}
	if len(list) == page {
		v.Older = withQuery(f.r.URL.RequestURI(), "before", list[page-1].ID)
	}
	return nil
}
