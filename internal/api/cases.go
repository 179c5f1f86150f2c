package api

import (
	"context"
	"errors"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"weixiao/internal/access"
	"weixiao/internal/cases"
	"weixiao/internal/form"
	"weixiao/internal/web"
)

type (
	listInput struct {
		State   string `query:"state" doc:"one state of the flow"`
		Unit    string `query:"unit" doc:"leading unit"`
		Street  string `query:"street"`
		Matter  string `query:"matter"`
		Channel string `query:"channel"`
		Kind    string `query:"kind"`
		Mark    string `query:"mark" doc:"one mark of the flow"`
		Open    bool   `query:"open" doc:"only what is not ended"`
		From    string `query:"from" doc:"registered at or after: a date, or RFC 3339"`
		To      string `query:"to" doc:"registered before"`
		Q       string `query:"q" maxLength:"200" doc:"words, or a number"`
		Limit   int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
		Cursor  string `query:"cursor" doc:"next of the page before"`
		Spoken
	}
	inboxInput struct {
		Desk   string `query:"desk" enum:"dispatch,approve,callback" doc:"queue of the centre; for people of the centre"`
		Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
		Cursor string `query:"cursor" doc:"next of the page before"`
		Spoken
	}
	// Cases is one page of a list.
	Cases struct {
		Items []Case `json:"items"`
		Next  string `json:"next,omitempty" doc:"cursor of the next page; absent on the last"`
	}
	casesOutput struct{ Body Cases }
	oneInput    struct {
		Number string `path:"number" example:"JY20221123-7K3Q9"`
		Secret string `header:"X-Case-Secret" doc:"the resident's code; tries are limited"`
		Spoken
	}
	actInput struct {
		Number string `path:"number" example:"JY20221123-7K3Q9"`
		Secret string `header:"X-Case-Secret" doc:"the resident's code; tries are limited"`
		Match  string `header:"If-Match" doc:"the ETag the action was decided on; when absent it is done to whatever is there" example:"\"3\""`
		Key    string `header:"Idempotency-Key" doc:"the same key and body are done once"`
		Spoken
		RawBody []byte `contentType:"application/json"`
	}
	caseOutput struct {
		ETag string `header:"ETag"`
		Body Case
	}
)

func typeOf[T any]() reflect.Type { return reflect.TypeFor[T]() }

func (d *door) cases() {
	staff, tags := access.Rule{SignedIn: true}, []string{"case"}
	operation(d, staff, huma.Operation{OperationID: "list-cases", Method: http.MethodGet, Path: root + "/cases", Summary: "Cases the caller reaches, newest first", Tags: tags,
		Errors: []int{http.StatusUnprocessableEntity}}, d.list)
	operation(d, staff, huma.Operation{OperationID: "inbox", Method: http.MethodGet, Path: root + "/inbox", Summary: "What waits for the caller, next deadline first", Tags: tags,
		Errors: []int{http.StatusUnprocessableEntity}}, d.inbox)
	operation(d, access.Rule{Public: true, Why: "residents read their own case with its secret; staff what they reach"}, huma.Operation{OperationID: "get-case", Method: http.MethodGet,
		Path: root + "/cases/{number}", Summary: "A case with its clocks, timeline and open actions", Tags: tags,
		Security: []map[string][]string{{"bearer": {}}, {"cookie": {}}, {"caseSecret": {}}}, Errors: []int{http.StatusUnauthorized}}, d.one)
}

func (d *door) list(ctx context.Context, in *listInput) (*casesOutput, error) {
	b := newReader(nil)
	f := cases.Filter{State: in.State, Unit: in.Unit, Street: in.Street, Matter: in.Matter, Channel: in.Channel, Kind: in.Kind, Mark: in.Mark, Open: in.Open, Query: in.Q, Limit: in.Limit}
	if _, ok := cases.Table.State(in.State); in.State != "" && !ok {
		b.fault("state", "choice")
	}
	if in.Mark != "" && !slices.Contains(cases.Table.Marks, in.Mark) {
		b.fault("mark", "choice")
	}
	f.From, f.To = b.day("from", in.From), b.day("to", in.To)
	if in.Cursor != "" {
		n, err := strconv.ParseInt(in.Cursor, 36, 64)
		if err != nil || n <= 0 {
			b.fault("cursor", "unknown")
		}
		f.After = n
	}
	if err := b.err(); err != nil {
		return nil, err
	}
	rows, err := d.Cases.List(ctx, access.ScopeOf(access.From(ctx)), f)
	if err != nil {
		return nil, err
	}
	out := &casesOutput{d.page(ctx, rows)}
	if len(rows) == f.Limit {
		out.Body.Next = strconv.FormatInt(rows[len(rows)-1].Doc, 36)
	}
	return out, nil
}

// day reads a day or a moment; 0 when it is absent.
func (r *reader) day(name, s string) int64 {
	if s == "" {
		return 0
	}
	t, err := time.ParseInLocation("2006-01-02", s, zone)
	if err != nil {
		t, err = form.ParseMoment(s)
	}
	if err != nil || t.Year() < 1970 || t.Year() > 2200 {
		r.fault(name, "date")
		return 0
	}
	return t.UnixMicro()
}

func (d *door) page(ctx context.Context, rows []*cases.Row) Cases {
	lang, out := web.Lang(request(ctx)), Cases{Items: make([]Case, 0, len(rows))}
	for _, k := range rows {
		out.Items = append(out.Items, d.caseOf(lang, k))
	}
	return out
}

func (d *door) inbox(ctx context.Context, in *inboxInput) (*casesOutput, error) {
	var after cases.Cursor
	if in.Cursor != "" {
		due, number, ok := strings.Cut(in.Cursor, ".")
		n, err := strconv.ParseInt(due, 36, 64)
		if !ok || err != nil {
			return nil, form.Faults{{Field: "cursor", Code: "unknown"}}
		}
		after = cases.Cursor{Due: n, Number: number}
	}
	rows, err := d.Cases.Inbox(ctx, access.ScopeOf(access.From(ctx)), in.Desk, after, in.Limit)
	if err != nil {
		return nil, err
	}
	out := &casesOutput{d.page(ctx, rows)}
	if len(rows) == in.Limit {
		last := rows[len(rows)-1].Turn()
		out.Body.Next = strconv.FormatInt(last.Due, 36) + "." + last.Number
	}
	return out, nil
}

func (d *door) one(ctx context.Context, in *oneInput) (*caseOutput, error) {
	number := cases.UpperNumber(in.Number)
	who, err := d.asker(ctx, number, in.Secret)
	if err != nil {
		return nil, err
	}
	v, err := d.Cases.View(ctx, who.Scope, number)
	if err != nil {
		return nil, err
	}
	lang := web.Lang(request(ctx))
	out := &caseOutput{ETag: etag(v.Case.Version), Body: d.caseFor(lang, who, v.Case)}
	if out.Body.Person, err = d.mask(ctx, who, v.Case.Person); err != nil {
		return nil, err
	}
	out.Body.Timeline = []Act{}
	for i := range v.Entries {
		e := &v.Entries[i]
		if !who.resident {
			out.Body.Timeline = append(out.Body.Timeline, d.act(lang, cases.Table.Kind, caseEntry(*e)))
		} else if a, ok := d.told(lang, e, len(out.Body.Timeline)+1); ok {
			out.Body.Timeline = append(out.Body.Timeline, a)
		}
	}
	if !who.resident {
		out.Body.Timeline = d.withAlarms(lang, out.Body.Timeline, v.Alarms)
	}
	return out, nil
}

// caseActs makes an operation of every action of the flow table.
func (d *door) caseActs() {
	for i := range cases.Table.Actions {
		a := &cases.Table.Actions[i]
		if a.From == nil {
			continue // it makes cases: POST /reports
		}
		path := root + "/cases/{number}/acts/" + a.Name
		op := huma.Operation{OperationID: "case-" + strings.ReplaceAll(a.Name, "_", "-"), Method: http.MethodPost, Path: path, Tags: []string{"case act"},
			Summary: actSummary(cases.Table.Kind, a.Name), Description: actDescription(a), Errors: []int{http.StatusConflict, http.StatusPreconditionFailed}}
		rule := ruleOf(a)
		if rule.Public {
			op.Security = []map[string][]string{{"bearer": {}}, {"cookie": {}}, {"caseSecret": {}}}
			op.Errors = append(op.Errors, http.StatusUnauthorized, http.StatusForbidden)
		}
		operation(d, rule, op, func(ctx context.Context, in *actInput) (*caseOutput, error) {
			return d.actCase(ctx, a.Name, a.Form, in)
		})
		d.answers(path, schemaOf(a.Form), nil)
	}
}

func (d *door) actCase(ctx context.Context, action string, f form.Form, in *actInput) (*caseOutput, error) {
	number := cases.UpperNumber(in.Number)
	who, err := d.asker(ctx, number, in.Secret)
	if err != nil {
		return nil, err
	}
	input, err := act(who, root+"/cases/"+number+"/acts/"+action, in)
	if err != nil {
		return nil, err
	}
	lang := web.Lang(request(ctx))
	k, err := d.Cases.Act(ctx, who.Scope, number, action, input)
	if old, ok := errors.AsType[*cases.StaleError](err); ok {
		return nil, &stale{d.caseFor(lang, who, old.Now), etag(old.Now.Version)}
	}
	if err != nil {
		return nil, &formed{f, err}
	}
	return &caseOutput{ETag: etag(k.Version), Body: d.caseFor(lang, who, k)}, nil
}

// act reads what an attempt at an action brings.
func act(who asker, path string, in *actInput) (cases.Input, error) {
	body, err := parse(in.RawBody)
	if err != nil {
		return cases.Input{}, err
	}
	var out cases.Input
	if out.Version, err = version(in.Match); err != nil {
		return out, err
	}
	if out.Key, err = key(who.who, in.Key, path, body); err != nil {
		return out, err
	}
	out.Raw, err = raw(body)
	return out, err
}
