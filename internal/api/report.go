package api

import (
	"context"
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"weixiao/internal/access"
	"weixiao/internal/cases"
	"weixiao/internal/catalogue"
	"weixiao/internal/form"
	"weixiao/internal/geo"
	"weixiao/internal/vault"
)

type (
	// ReportBody is a new request. It is read by newReport; the type is its
	// description.
	ReportBody struct {
		Title       string        `json:"title,omitempty" maxLength:"60" doc:"made from the words when absent"`
		Description string        `json:"description" minLength:"1" maxLength:"4000"`
		Matter      string        `json:"matter,omitempty" doc:"key of a matter; suggested from the words when absent"`
		Kind        string        `json:"kind,omitempty" enum:"consult,help,complaint,report,suggestion" doc:"the matter's own when absent"`
		Place       *ReportPlace  `json:"place,omitempty"`
		Person      *ReportPerson `json:"person,omitempty" doc:"absent: nameless"`
		Public      *bool         `json:"public,omitempty" doc:"false keeps it private; true changes nothing, the matter decides"`
	}
	// ReportPlace is where it is.
	ReportPlace struct {
		Text      string   `json:"text,omitempty" maxLength:"200"`
		Lon       *float64 `json:"lon,omitempty" minimum:"-180" maximum:"180"`
		Lat       *float64 `json:"lat,omitempty" minimum:"-90" maximum:"90"`
		CRS       string   `json:"crs,omitempty" enum:"wgs84,cgcs2000,gcj02,bd09" default:"wgs84" doc:"of the coordinates; they are kept in CGCS2000"`
		Street    string   `json:"street,omitempty" doc:"unit id"`
		Community string   `json:"community,omitempty" doc:"unit id"`
		Grid      string   `json:"grid,omitempty"`
	}
	// ReportPerson is who reports. It is sealed and never read back here.
	ReportPerson struct {
		Name  string `json:"name,omitempty" maxLength:"60"`
		Phone string `json:"phone,omitempty" doc:"mainland mobile or landline number"`
		Email string `json:"email,omitempty" maxLength:"254"`
	}
	// Receipt is what the reporter gets.
	Receipt struct {
		Number string `json:"number"`
		Secret string `json:"secret" doc:"opens the case together with the number; not shown again"`
		State  string `json:"state"`
		Follow string `json:"follow_url" doc:"page for following it"`
	}
	reportInput struct {
		Spoken
		Key     string `header:"Idempotency-Key" doc:"the same key and body are registered once"`
		RawBody []byte `contentType:"application/json"`
	}
	receiptOutput struct {
		Location string `header:"Location"`
		Body     Receipt
	}
)

func (d *door) reports() {
	path := root + "/reports"
	operation(d, access.Rule{Public: true, Why: "anybody may report; limited for each address"}, huma.Operation{
		OperationID: "report", Method: http.MethodPost, Path: path, Summary: "Register a request", Tags: []string{"report"},
		Description:   "Without a session it is a resident's own, as through the portal. Staff whose role takes in requests register in their own capacity.",
		DefaultStatus: http.StatusCreated, MaxBodyBytes: maxReport, Errors: []int{http.StatusForbidden}}, d.report)
	schemas := d.huma.OpenAPI().Components.Schemas
	d.answers(path, schemas.Schema(typeOf[ReportBody](), true, ""), map[string]any{"description": "小区门口的路灯坏了三天了", "place": map[string]any{"lon": 126.59, "lat": 42.05}})
}

func (d *door) report(ctx context.Context, in *reportInput) (*receiptOutput, error) {
	p := access.From(ctx)
	who := "api:public"
	switch {
	case p.MustChange:
		return nil, access.ErrMustChange
	case p.SignedIn():
		who = "api:" + p.Account
	default:
		if err := d.Gate.Allow("report.client", access.Client(ctx)); err != nil {
			return nil, err
		}
	}
	body, err := parse(in.RawBody)
	if err != nil {
		return nil, err
	}
	r, err := d.newReport(body)
	if err != nil {
		return nil, err
	}
	r.Channel, r.Units = channel(p)
	if r.Key, err = key(who, in.Key, root+"/reports", body); err != nil {
		return nil, err
	}
	receipt, err := d.Cases.Report(ctx, access.ScopeOf(p), r)
	if err != nil {
		return nil, err
	}
	return &receiptOutput{Location: root + "/cases/" + receipt.Number,
		Body: Receipt{Number: receipt.Number, Secret: receipt.Secret, State: cases.Pending, Follow: "/follow?number=" + receipt.Number}}, nil
}

// channel is the way a report came in, by who hands it over. People of a unit keep
// sight of what they reported.
func channel(p access.Principal) (string, map[string]string) {
	switch {
	case !p.SignedIn():
		return "portal", nil
	case p.Is(access.Operator, access.Dispatcher, access.Callback, access.Duty):
		return "hotline", nil
	case p.Is(access.Grid, access.GridChief, access.Community):
		return "grid", map[string]string{p.Unit: cases.Former}
	case p.Is(access.Department, access.DeptLead, access.Supervisor, access.Leader):
		return "patrol", map[string]string{p.Unit: cases.Former}
	}
	return "street", map[string]string{p.Unit: cases.Former}
}

// maxText is the most a request holds, in characters, as at the other doors.
const maxText = 4000

// newReport reads a body with every fault at once.
func (d *door) newReport(body map[string]any) (cases.Report, error) {
	b := newReader(body)
	r := cases.Report{Title: b.line("title", cases.MaxTitle), Body: b.text("description", maxText), Kind: b.choice("kind", kinds()...), Public: b.boolean("public")}
	if r.Body == "" && !slices.ContainsFunc(*b.faults, func(f form.Fault) bool { return f.Field == "description" }) {
		b.fault("description", "required")
	}
	if r.Matter = b.line("matter", 40); r.Matter != "" {
		if m, ok := d.Pack.Catalogue.Matter(r.Matter); !ok || m.Deleted {
			b.fault("matter", "choice")
		}
	}
	r.Place = d.newPlace(b.object("place"))
	r.Person = newPerson(b.object("person"))
	b.unknown()
	return r, b.err()
}

func kinds() []string {
	var out []string
	for _, t := range catalogue.Types() {
		out = append(out, string(t.Type))
	}
	return out
}

// systems are the coordinate systems of the maps people use.
var systems = []string{"wgs84", "cgcs2000", "gcj02", "bd09"}

func (d *door) newPlace(b *reader) cases.Place {
	p := cases.Place{Text: b.line("text", cases.MaxPlace)}
	lon, lat, crs := b.number("lon", 180), b.number("lat", 90), b.choice("crs", systems...)
	switch {
	case lon != nil && lat != nil:
		sys, _ := geo.ParseSystem(crs)
		at := geo.ToCGCS2000(geo.Point{Lon: *lon, Lat: *lat}, sys)
		p.Lon, p.Lat, p.Located = at.Lon, at.Lat, true
	case lon != nil:
		b.fault("lat", "required")
	case lat != nil:
		b.fault("lon", "required")
	}
	for _, x := range []struct {
		name string
		into *string
	}{{"street", &p.Street}, {"community", &p.Community}, {"grid", &p.Grid}} {
		id := b.line(x.name, 64)
		if _, ok := d.Pack.Directory.OfPlace(id); id != "" && !ok {
			b.fault(x.name, "choice")
		}
		*x.into = id
	}
	b.unknown()
	return p
}

// phoneForm checks a telephone number as every page does.
var phoneForm = form.Form{Fields: []form.Field{{Name: "phone", Type: form.Phone}}}

func newPerson(b *reader) vault.Person {
	p := vault.Person{Name: b.line("name", 60), Phone: b.line("phone", 40), Email: b.line("email", 254)}
	if answers, err := phoneForm.Check(form.Raw{"phone": {p.Phone}}); err != nil {
		for _, f := range err.(form.Faults) {
			f.Field = b.path + f.Field
			*b.faults = append(*b.faults, f)
		}
	} else {
		p.Phone = answers.Str("phone")
	}
	b.unknown()
	return p
}
