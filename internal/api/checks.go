package api

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"weixiao/internal/access"
	"weixiao/internal/cases"
	"weixiao/internal/form"
	"weixiao/internal/web"
	"weixiao/internal/words"
)

// Check is one independent look at whether a case is solved.
type Check struct {
	Number     string     `json:"number" example:"JYC20221123-7K3Q9"`
	Version    int64      `json:"version" doc:"number of acts; the ETag"`
	State      string     `json:"state"`
	StateLabel string     `json:"state_label"`
	Open       bool       `json:"open"`
	Case       string     `json:"case" doc:"number of the case it is about"`
	Rule       string     `json:"rule" doc:"of the pack's procedures: why this one is looked at"`
	Unit       *Named     `json:"unit" doc:"is to look"`
	Handler    *Named     `json:"handler" doc:"whose word is looked at"`
	Title      string     `json:"title,omitempty" doc:"of the case; only with a single check"`
	Reply      string     `json:"reply,omitempty" doc:"the unit's word that is looked at; only with a single check"`
	Created    *time.Time `json:"created"`
	Changed    *time.Time `json:"changed"`
	Clocks     []Clock    `json:"clocks"`
	Actions    []Step     `json:"actions,omitempty" doc:"what the caller can do now; only with a single check"`
	Timeline   []Act      `json:"timeline,omitempty" doc:"oldest first; only with a single check"`
}

type (
	checkListInput struct {
		List   string `query:"list" enum:"open,ended" default:"open" doc:"open: those the caller's unit is to look at, or all for people of the district, next deadline first; ended: newest first"`
		Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
		Cursor string `query:"cursor" doc:"next of the page before"`
		Spoken
	}
	// Checks is one page of a list.
	Checks struct {
		Items []Check `json:"items"`
		Next  string  `json:"next,omitempty"`
	}
	checksOutput struct{ Body Checks }
	checkInput   struct {
		Number string `path:"number" example:"JYC20221123-7K3Q9"`
		Spoken
	}
	checkActInput struct {
		Number string `path:"number" example:"JYC20221123-7K3Q9"`
		Match  string `header:"If-Match" doc:"the ETag the action was decided on; when absent it is done to whatever is there" example:"\"1\""`
		Key    string `header:"Idempotency-Key" doc:"the same key and body are done once"`
		Spoken
		RawBody []byte `contentType:"application/json"`
	}
	checkOutput struct {
		ETag string `header:"ETag"`
		Body Check
	}
)

func (d *door) checks() {
	staff, path, tags := access.Rule{SignedIn: true}, root+"/checks", []string{"check"}
	operation(d, staff, huma.Operation{OperationID: "list-checks", Method: http.MethodGet, Path: path, Summary: "Independent checks the caller reaches", Tags: tags,
		Errors: []int{http.StatusUnprocessableEntity}}, d.listChecks)
	operation(d, staff, huma.Operation{OperationID: "get-check", Method: http.MethodGet, Path: path + "/{number}", Summary: "A check with its clock, timeline and open actions", Tags: tags,
		Description: "A check is made by a rule of the pack after a reply or a closing."}, d.check)
}

func (d *door) listChecks(ctx context.Context, in *checkListInput) (*checksOutput, error) {
	sc, lang, out := access.ScopeOf(access.From(ctx)), web.Lang(request(ctx)), &checksOutput{Body: Checks{Items: []Check{}}}
	bad := form.Faults{{Field: "cursor", Code: "unknown"}}
	var rows []*cases.Check
	var err error
	if in.List == "ended" {
		var after int64
		if in.Cursor != "" {
			if after, err = strconv.ParseInt(in.Cursor, 36, 64); err != nil || after <= 0 {
				return nil, bad
			}
		}
		rows, err = d.Cases.EndedChecks(ctx, sc, after, in.Limit)
	} else {
		var after cases.Cursor
		if in.Cursor != "" {
			due, number, ok := strings.Cut(in.Cursor, ".")
			if after.Due, err = strconv.ParseInt(due, 36, 64); err != nil || !ok {
				return nil, bad
			}
			after.Number = number
		}
		rows, err = d.Cases.Checks(ctx, sc, after, in.Limit)
	}
	if err != nil {
		return nil, err
	}
	for _, x := range rows {
		out.Body.Items = append(out.Body.Items, d.checkOf(lang, x))
	}
	if len(rows) == in.Limit {
		last := rows[len(rows)-1]
		if out.Body.Next = strconv.FormatInt(last.Doc, 36); in.List != "ended" {
			out.Body.Next = strconv.FormatInt(last.Turn().Due, 36) + "." + last.Number
		}
	}
	return out, nil
}

func (d *door) check(ctx context.Context, in *checkInput) (*checkOutput, error) {
	v, err := d.Cases.Check(ctx, access.ScopeOf(access.From(ctx)), in.Number)
	if err != nil {
		return nil, err
	}
	return &checkOutput{ETag: etag(v.Check.Version), Body: d.checkView(web.Lang(request(ctx)), v)}, nil
}

// checkActs makes an operation of every action of the check's table that people do.
func (d *door) checkActs() {
	for i := range cases.CheckTable.Actions {
		a := &cases.CheckTable.Actions[i]
		if a.From == nil {
			continue // a rule makes it
		}
		path := root + "/checks/{number}/acts/" + a.Name
		operation(d, ruleOf(a), huma.Operation{OperationID: "check-" + strings.ReplaceAll(a.Name, "_", "-"), Method: http.MethodPost, Path: path, Tags: []string{"check act"},
			Summary: actSummary(cases.CheckTable.Kind, a.Name), Description: actDescription(a), Errors: []int{http.StatusConflict, http.StatusPreconditionFailed}},
			func(ctx context.Context, in *checkActInput) (*checkOutput, error) {
				return d.actCheck(ctx, a.Name, a.Form, in)
			})
		d.answers(path, schemaOf(a.Form), nil)
		d.stale(path, typeOf[Check]())
	}
}

func (d *door) actCheck(ctx context.Context, action string, f form.Form, in *checkActInput) (*checkOutput, error) {
	number := cases.UpperNumber(in.Number)
	who, err := d.asker(ctx, "", "")
	if err != nil {
		return nil, err
	}
	input, err := act(who, root+"/checks/"+number+"/acts/"+action, &actInput{Match: in.Match, Key: in.Key, RawBody: in.RawBody})
	if err != nil {
		return nil, err
	}
	lang := web.Lang(request(ctx))
	if _, err := d.Cases.CheckAct(ctx, who.Scope, number, action, input); err != nil {
		if errors.Is(err, access.ErrStale) {
			if v, e := d.Cases.Check(ctx, who.Scope, number); e == nil {
				return nil, &stale{d.checkView(lang, v), etag(v.Check.Version)}
			}
		}
		return nil, &formed{f, err}
	}
	v, err := d.Cases.Check(ctx, who.Scope, number)
	if err != nil {
		return nil, err
	}
	return &checkOutput{ETag: etag(v.Check.Version), Body: d.checkView(lang, v)}, nil
}

func (d *door) checkOf(lang words.Lang, x *cases.Check) Check {
	return Check{Number: x.Number, Version: x.Version, State: x.State, StateLabel: label(lang, x.State, "state.check."+x.State), Open: !x.Ended(), Case: x.Case, Rule: x.Rule,
		Unit: d.unitOf(lang, x.Unit), Handler: d.unitOf(lang, x.Handler), Created: moment(x.Created), Changed: moment(x.Changed), Clocks: d.clocks(lang, x.Clocks, cases.CheckTable.Clocks)}
}

// checkView writes a check with its acts and what the caller can do.
func (d *door) checkView(lang words.Lang, v *cases.CheckView) Check {
	out := d.checkOf(lang, v.Check)
	out.Title, out.Reply, out.Timeline = v.Case.Title, v.Reply, []Act{}
	for _, a := range v.Actions {
		out.Actions = append(out.Actions, d.step(lang, cases.CheckTable.Kind, root+"/checks/"+v.Check.Number, a))
	}
	for _, e := range v.Entries {
		out.Timeline = append(out.Timeline, d.act(lang, cases.CheckTable.Kind, actEntry{seq: e.Seq, at: e.At, action: e.Action, state: e.State, unit: e.Actor.Unit,
			capacity: e.Actor.Capacity, account: e.Actor.Account, answers: e.Answers, texts: e.Texts}))
	}
	return out
}
