package desk

import (
	"bytes"
	"net/http"

	"weixiao/internal/cases"
	"weixiao/internal/report"
	"weixiao/internal/words"
)

// orderLetter sends an order as a Word document in the layout of official papers (GB/T 9704-2012), for the file and the
// seal. Whoever may not read its words gets the sheet without them, as on the page.
func (d *Desk) orderLetter(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.nav.orders")
	v, err := f.orderView(r.PathValue("number"))
	if err != nil {
		return err
	}
	// A paper goes into Chinese files, whatever language its reader looks at pages in.
	t := func(key string, args ...any) string { return words.T(words.ZH, key, args...) }
	full := func(id string) string {
		if u, ok := d.s.Pack.Directory.Unit(id); ok {
			return u.Name
		}
		return id
	}
	o := v.Order
	p := report.Paper{Organ: full("supervision"), Number: t("desk.order.number", o.Number), Title: t("desk.order.head." + o.Kind), To: full(o.Unit), From: full("supervision"), Date: micro(o.Created), Remark: d.s.Note}
	p.Body = []report.Block{report.Para(t("desk.order.about", v.Title, o.Case))}
	if v.Concerned {
		p.Body = append(p.Body, report.Para(v.Demand))
	} else {
		p.Body = append(p.Body, report.Para(t("desk.order.sealed")))
	}
	if k, ok := o.Clocks[cases.ClockAnswer]; ok && k.Due > 0 {
		p.Body = append(p.Body, report.Para(t("desk.order.due")+t("word.colon")+words.Exact(words.ZH, micro(k.Due))))
	}
	p.Body = append(p.Body, report.Para(t("desk.order.answer.how")))
	if v.Phone != "" {
		p.Note = t("desk.order.contact", v.Phone)
	}
	var b bytes.Buffer
	if err := p.DOCX(&b); err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "application/vnd.openxmlformats-officedocument.wordprocessingml.document")
	h.Set("Content-Disposition", `attachment; filename="`+o.Number+`.docx"`)
	h.Set("Cache-Control", "no-store")
	_, err = w.Write(b.Bytes())
	return err
}
