package api

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"weixiao/internal/access"
	"weixiao/internal/cases"
	"weixiao/internal/form"
	"weixiao/internal/web"
)

type (
	whistleListInput struct {
		List   string `query:"list" enum:"open,recent" default:"open" doc:"open: the caller's own and those that wait for it, next deadline first; recent: of any state, newest first, in pages"`
		Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
		Cursor string `query:"cursor" doc:"next of the page before; recent only"`
		Spoken
	}
	// Whistles is one page of a list.
	Whistles struct {
		Items []Whistle `json:"items"`
		Next  string    `json:"next,omitempty"`
	}
	whistlesOutput struct{ Body Whistles }
	whistleInput   struct {
		Number string `path:"number" example:"JYS20221123-7K3Q9"`
		Spoken
	}
	draftInput struct {
		Key string `header:"Idempotency-Key" doc:"the same key and body are done once"`
		Spoken
		RawBody []byte `contentType:"application/json"`
	}
	whistleActInput struct {
		Number string `path:"number" example:"JYS20221123-7K3Q9"`
		Match  string `header:"If-Match" doc:"the ETag the action was decided on; when absent it is done to whatever is there" example:"\"3\""`
		Key    string `header:"Idempotency-Key" doc:"the same key and body are done once"`
		Spoken
		RawBody []byte `contentType:"application/json"`
	}
	whistleOutput struct {
		ETag string `header:"ETag"`
		Body Whistle
	}
	draftOutput struct {
		ETag     string `header:"ETag"`
		Location string `header:"Location"`
		Body     Whistle
	}
)

func (d *door) whistles() {
	staff, path, tags := access.Rule{SignedIn: true}, root+"/whistles", []string{"whistle"}
	operation(d, staff, huma.Operation{OperationID: "list-whistles", Method: http.MethodGet, Path: path, Summary: "Whistles the caller reaches", Tags: tags,
		Errors: []int{http.StatusUnprocessableEntity}}, d.listWhistles)
	operation(d, staff, huma.Operation{OperationID: "get-whistle", Method: http.MethodGet, Path: path + "/{number}", Summary: "A whistle with its clocks, timeline and open actions", Tags: tags}, d.whistle)
	for i := range cases.WhistleTable.Actions {
		a := &cases.WhistleTable.Actions[i]
		if a.From != nil {
			continue
		}
		operation(d, ruleOf(a), huma.Operation{OperationID: "whistle-" + a.Name, Method: http.MethodPost, Path: path, Tags: tags, DefaultStatus: http.StatusCreated,
			Summary: actSummary(cases.WhistleTable.Kind, a.Name), Description: actDescription(a), Errors: []int{http.StatusConflict}},
			func(ctx context.Context, in *draftInput) (*draftOutput, error) { return d.blow(ctx, a.Form, in) })
		d.answers(path, schemaOf(a.Form), nil)
	}
}

func (d *door) listWhistles(ctx context.Context, in *whistleListInput) (*whistlesOutput, error) {
	sc, lang, out := access.ScopeOf(access.From(ctx)), web.Lang(request(ctx)), &whistlesOutput{Body: Whistles{Items: []Whistle{}}}
	if in.List != "recent" {
		own, called, err := d.Cases.Whistles(ctx, sc, in.Limit)
		if err != nil {
			return nil, err
		}
		for _, w := range append(own, called...) {
			out.Body.Items = append(out.Body.Items, d.whistleOf(lang, w, nil))
		}
		return out, nil
	}
	var after int64
	if in.Cursor != "" {
		n, err := strconv.ParseInt(in.Cursor, 36, 64)
		if err != nil || n <= 0 {
			return nil, form.Faults{{Field: "cursor", Code: "unknown"}}
		}
		after = n
	}
	rows, err := d.Cases.RecentWhistles(ctx, sc, after, in.Limit)
	if err != nil {
		return nil, err
	}
	for _, w := range rows {
		out.Body.Items = append(out.Body.Items, d.whistleOf(lang, w, nil))
	}
	if len(rows) == in.Limit {
		out.Body.Next = strconv.FormatInt(rows[len(rows)-1].Doc, 36)
	}
	return out, nil
}

func (d *door) whistle(ctx context.Context, in *whistleInput) (*whistleOutput, error) {
	v, err := d.Cases.Whistle(ctx, access.ScopeOf(access.From(ctx)), in.Number)
	if err != nil {
		return nil, err
	}
	return &whistleOutput{ETag: etag(v.Whistle.Version), Body: d.whistleView(web.Lang(request(ctx)), v)}, nil
}

func (d *door) blow(ctx context.Context, f form.Form, in *draftInput) (*draftOutput, error) {
	who, err := d.asker(ctx, "", "")
	if err != nil {
		return nil, err
	}
	input, err := act(who, root+"/whistles", &actInput{Key: in.Key, RawBody: in.RawBody})
	if err != nil {
		return nil, err
	}
	w, err := d.Cases.Blow(ctx, who.Scope, input)
	if err != nil {
		return nil, &formed{f, err}
	}
	v, err := d.Cases.Whistle(ctx, who.Scope, w.Number)
	if err != nil {
		return nil, err
	}
	return &draftOutput{ETag: etag(v.Whistle.Version), Location: root + "/whistles/" + w.Number, Body: d.whistleView(web.Lang(request(ctx)), v)}, nil
}

// whistleActs makes an operation of every action of the whistle's table.
func (d *door) whistleActs() {
	for i := range cases.WhistleTable.Actions {
		a := &cases.WhistleTable.Actions[i]
		if a.From == nil {
			continue // it makes whistles: POST /whistles
		}
		path := root + "/whistles/{number}/acts/" + a.Name
		operation(d, ruleOf(a), huma.Operation{OperationID: "whistle-" + strings.ReplaceAll(a.Name, "_", "-"), Method: http.MethodPost, Path: path, Tags: []string{"whistle act"},
			Summary: actSummary(cases.WhistleTable.Kind, a.Name), Description: actDescription(a), Errors: []int{http.StatusConflict, http.StatusPreconditionFailed}},
			func(ctx context.Context, in *whistleActInput) (*whistleOutput, error) {
				return d.actWhistle(ctx, a.Name, a.Form, in)
			})
		d.answers(path, schemaOf(a.Form), nil)
		d.stale(path, typeOf[Whistle]())
	}
}

func (d *door) actWhistle(ctx context.Context, action string, f form.Form, in *whistleActInput) (*whistleOutput, error) {
	number := cases.UpperNumber(in.Number)
	who, err := d.asker(ctx, "", "")
	if err != nil {
		return nil, err
	}
	input, err := act(who, root+"/whistles/"+number+"/acts/"+action, &actInput{Match: in.Match, Key: in.Key, RawBody: in.RawBody})
	if err != nil {
		return nil, err
	}
	lang := web.Lang(request(ctx))
	if _, err := d.Cases.WhistleAct(ctx, who.Scope, number, action, input); err != nil {
		if _, ok := errors.AsType[*cases.StaleError](err); ok {
			if v, e := d.Cases.Whistle(ctx, who.Scope, number); e == nil {
				return nil, &stale{d.whistleView(lang, v), etag(v.Whistle.Version)}
			}
		}
		return nil, &formed{f, err}
	}
	v, err := d.Cases.Whistle(ctx, who.Scope, number)
	if err != nil {
		return nil, err
	}
	return &whistleOutput{ETag: etag(v.Whistle.Version), Body: d.whistleView(lang, v)}, nil
}
