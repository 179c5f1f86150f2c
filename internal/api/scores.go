package api

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"weixiao/internal/access"
	"weixiao/internal/assess"
	"weixiao/internal/cases"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/pack"
	"weixiao/internal/store"
	"weixiao/internal/web"
	"weixiao/internal/words"
)

type (
	// Result is what a formula gives. A result without x has no figure: nothing was
	// counted.
	Result struct {
		X    *float64 `json:"x,omitempty" doc:"a share of 1, or points"`
		N    int64    `json:"n" doc:"records the share is of"`
		Low  *float64 `json:"low,omitempty" doc:"lower bound at 95 %"`
		High *float64 `json:"high,omitempty" doc:"upper bound at 95 %"`
	}
	// UnitScore is one unit's month: before and after exclusion side by side.
	UnitScore struct {
		Unit      *Named             `json:"unit,omitempty" doc:"absent: the whole district"`
		Class     string             `json:"class,omitempty" doc:"ranked together"`
		Rank      int                `json:"rank,omitempty" doc:"absent: too few cases, or not published"`
		Counts    map[string]float64 `json:"counts" doc:"after exclusion"`
		RawCounts map[string]float64 `json:"raw_counts" doc:"before exclusion"`
		Results   map[string]Result  `json:"results"`
		Raw       map[string]Result  `json:"raw_results"`
	}
	// FormulaDoc is a formula results were made with.
	FormulaDoc struct {
		Name       string `json:"name"`
		Label      string `json:"label"`
		Expression string `json:"expression"`
		Points     bool   `json:"points,omitempty"`
		Source     string `json:"source,omitempty"`
	}
	// ScoreMonth is a month: as far as the caller may see it.
	ScoreMonth struct {
		Month    string       `json:"month" example:"2022-11"`
		State    string       `json:"state" enum:"open,previewed,frozen"`
		Until    string       `json:"appeals_until,omitempty" doc:"moment"`
		Formula  string       `json:"formula_version"`
		Rank     int          `json:"rank_from" doc:"cases a rank needs"`
		Formulas []FormulaDoc `json:"formulas"`
		Units    []UnitScore  `json:"units" doc:"best first"`
		Total    *UnitScore   `json:"total,omitempty"`
		Actions  []Step       `json:"actions,omitempty" doc:"what the caller can do with the month now"`
	}
	// ScoreRequest is an exclusion or an appeal.
	ScoreRequest struct {
		ID         string `json:"id" example:"JYT20221205-K7Q2M"`
		Kind       string `json:"kind" enum:"exclusion,appeal"`
		Version    int64  `json:"version" doc:"number of acts; the ETag"`
		State      string `json:"state"`
		StateLabel string `json:"state_label"`
		Record     string `json:"record" doc:"number of the case or whistle"`
		Month      string `json:"month"`
		Unit       *Named `json:"unit"`
		Ground     string `json:"ground" doc:"exclusion rule, or ground of the appeal"`
		Opinion    string `json:"opinion,omitempty" enum:"grant,refuse"`
		Actions    []Step `json:"actions,omitempty"`
		Timeline   []Act  `json:"timeline,omitempty" doc:"oldest first; only with a single one"`
	}
	monthInput struct {
		Month string `path:"month" example:"2022-11"`
		Spoken
	}
	behindInput struct {
		Month  string `path:"month" example:"2022-11"`
		Unit   string `path:"unit"`
		Count  string `path:"count" example:"solved"`
		Which  string `query:"which" enum:"after,raw,excluded" default:"after"`
		Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
		Cursor string `query:"cursor" doc:"next of the page before"`
		Spoken
	}
	// Behind is one record behind a count.
	Behind struct {
		Kind     string   `json:"kind" enum:"case,direct,caller,false,again,called,host,blown"`
		Number   string   `json:"number"`
		Excluded string   `json:"excluded,omitempty" doc:"rule"`
		Granted  []string `json:"granted,omitempty" doc:"grounds of appeals that were granted"`
	}
	behindPage struct {
		Items []Behind `json:"items"`
		Next  string   `json:"next,omitempty"`
	}
	requestsInput struct {
		Month  string `query:"month"`
		Unit   string `query:"unit"`
		Open   bool   `query:"open"`
		Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
		Cursor string `query:"cursor" doc:"next of the page before"`
		Spoken
	}
	requestPage struct {
		Items []ScoreRequest `json:"items"`
		Next  string         `json:"next,omitempty"`
	}
	requestInput struct {
		ID string `path:"id" example:"JYT20221205-K7Q2M"`
		Spoken
	}
	requestActInput struct {
		ID    string `path:"id" example:"JYT20221205-K7Q2M"`
		Match string `header:"If-Match" doc:"the ETag the action was decided on; when absent it is done to whatever is there" example:"\"3\""`
		Key   string `header:"Idempotency-Key" doc:"the same key and body are done once"`
		Spoken
		RawBody []byte `contentType:"application/json"`
	}
	monthActInput struct {
		Month string `path:"month" example:"2022-11"`
		Match string `header:"If-Match" doc:"number of acts of the month, as an ETag" example:"\"1\""`
		Key   string `header:"Idempotency-Key" doc:"the same key and body are done once"`
		Spoken
		RawBody []byte `contentType:"application/json"`
	}
	monthsOutput struct{ Body items[string] }
	monthOutput  struct {
		ETag string `header:"ETag"`
		Body ScoreMonth
	}
	behindOutput   struct{ Body behindPage }
	requestsOutput struct{ Body requestPage }
	requestOutput  struct {
		ETag string `header:"ETag"`
		Body ScoreRequest
	}
	requestMade struct {
		ETag     string `header:"ETag"`
		Location string `header:"Location"`
		Body     ScoreRequest
	}
)

// scoreReaders are the roles that read months: units their own, the centre all.
func scoreReaders() []string {
	return []string{access.Street, access.StreetLead, access.Department, access.DeptLead, access.Supervisor, access.Leader, access.Dispatcher, access.Operator, access.Callback, access.Duty, access.Auditor}
}

func (d *door) scores() {
	rule, tags := access.Rule{Roles: scoreReaders()}, []string{"score"}
	at := root + "/scores"
	operation(d, rule, huma.Operation{OperationID: "score-months", Method: http.MethodGet, Path: at, Summary: "Months that have figures, newest first", Tags: tags}, d.scoreMonths)
	operation(d, rule, huma.Operation{OperationID: "score-month", Method: http.MethodGet, Path: at + "/{month}", Summary: "The figures of a month, before and after exclusion", Tags: tags}, d.scoreMonth)
	operation(d, rule, huma.Operation{OperationID: "score-behind", Method: http.MethodGet, Path: at + "/{month}/{unit}/{count}", Summary: "The records behind a count of a unit's month", Tags: tags,
		Errors: []int{http.StatusUnprocessableEntity}}, d.scoreBehind)
	for i := range assess.Months.Actions {
		a := &assess.Months.Actions[i]
		op := huma.Operation{OperationID: "month-" + a.Name, Method: http.MethodPost, Path: at + "/{month}/acts/" + a.Name, Tags: tags, Summary: actSummary(assess.Months.Kind, a.Name),
			Description: actDescription(a), Errors: []int{http.StatusConflict, http.StatusPreconditionFailed}}
		if a.From == nil {
			op.Path, op.DefaultStatus, op.Errors = at, http.StatusCreated, []int{http.StatusConflict}
			operation(d, ruleOf(a), op, func(ctx context.Context, in *draftInput) (*monthOutput, error) { return d.publish(ctx, a.Form, in) })
		} else {
			operation(d, ruleOf(a), op, func(ctx context.Context, in *monthActInput) (*monthOutput, error) {
				return d.actMonth(ctx, a.Name, a.Form, in)
			})
		}
		d.answers(op.Path, schemaOf(a.Form), nil)
	}
	for _, t := range []*flow.Table{&assess.Exclusions, &assess.Appeals} {
		d.scoreRequests(t)
	}
}

// scoreRequests makes the operations of one kind of request from its table.
func (d *door) scoreRequests(t *flow.Table) {
	path, tags := root+"/"+t.Kind+"s", []string{t.Kind}
	reader := access.Rule{Roles: scoreReaders()}
	operation(d, reader, huma.Operation{OperationID: "list-" + t.Kind + "s", Method: http.MethodGet, Path: path, Summary: "Requests the caller reaches, newest first", Tags: tags,
		Errors: []int{http.StatusUnprocessableEntity}}, func(ctx context.Context, in *requestsInput) (*requestsOutput, error) {
		return d.listRequests(ctx, t, in)
	})
	operation(d, reader, huma.Operation{OperationID: "get-" + t.Kind, Method: http.MethodGet, Path: path + "/{id}", Summary: "One with its timeline and open actions", Tags: tags},
		func(ctx context.Context, in *requestInput) (*requestOutput, error) {
			return d.scoreRequest(ctx, t, in.ID)
		})
	for i := range t.Actions {
		a := &t.Actions[i]
		op := huma.Operation{OperationID: t.Kind + "-" + a.Name, Method: http.MethodPost, Path: path + "/{id}/acts/" + a.Name, Tags: tags, Summary: actSummary(t.Kind, a.Name), Description: actDescription(a),
			Errors: []int{http.StatusConflict, http.StatusPreconditionFailed}}
		if a.From == nil {
			op.Path, op.DefaultStatus, op.Errors = path, http.StatusCreated, []int{http.StatusConflict}
			if a.Name != "ask" {
				op.Path += "/" + a.Name
			}
			operation(d, ruleOf(a), op, func(ctx context.Context, in *draftInput) (*requestMade, error) { return d.ask(ctx, t, a, in) })
		} else {
			operation(d, ruleOf(a), op, func(ctx context.Context, in *requestActInput) (*requestOutput, error) {
				return d.actRequest(ctx, t, a, in)
			})
		}
		d.answers(op.Path, schemaOf(a.Form), nil)
	}
}

func (d *door) scoreMonths(ctx context.Context, _ *struct{ Spoken }) (*monthsOutput, error) {
	list, err := d.Assess.Months(ctx)
	return &monthsOutput{Body: items[string]{Items: append([]string{}, list...)}}, err
}

func (d *door) scoreMonth(ctx context.Context, in *monthInput) (*monthOutput, error) {
	if !assess.IsMonth(in.Month) {
		return nil, store.ErrNotFound
	}
	return d.monthOf(ctx, in.Month)
}

func (d *door) monthOf(ctx context.Context, month string) (*monthOutput, error) {
	sc, lang := access.ScopeOf(access.From(ctx)), web.Lang(request(ctx))
	m, err := d.Assess.View(ctx, sc, month)
	if err != nil {
		return nil, err
	}
	p, err := d.Assess.Period(ctx, sc, month)
	if err != nil {
		return nil, err
	}
	out := ScoreMonth{Month: month, State: m.State, Formula: m.Version, Rank: m.HideBelow, Units: []UnitScore{}}
	if m.Until != 0 {
		out.Until = moment(m.Until).Format("2006-01-02T15:04:05-07:00")
	}
	for _, f := range m.Formulas {
		out.Formulas = append(out.Formulas, FormulaDoc{f.Name, spoken(lang, f.Text), f.Expression, f.Points, f.Source})
	}
	for i := range m.Units {
		out.Units = append(out.Units, d.unitScore(lang, &m.Units[i]))
	}
	if m.Total.Counts != nil {
		out.Total = new(d.unitScore(lang, &m.Total))
	}
	for _, a := range p.Actions {
		s := d.step(lang, assess.Months.Kind, root+"/scores/"+month, a)
		if a.From == nil {
			s.Href = root + "/scores"
		}
		out.Actions = append(out.Actions, s)
	}
	o := &monthOutput{Body: out}
	if p.Period != nil {
		o.ETag = etag(p.Version)
	}
	return o, nil
}

func spoken(lang words.Lang, t pack.Text) string {
	if lang == words.EN {
		return t.EN
	}
	return t.ZH
}

func (d *door) unitScore(lang words.Lang, f *assess.Figures) UnitScore {
	out := UnitScore{Class: f.Class, Rank: f.Rank, Counts: f.Counts, RawCounts: f.RawCounts, Results: resultsOf(f.Values), Raw: resultsOf(f.RawValues)}
	if f.Unit != "" {
		out.Unit = d.unitOf(lang, f.Unit)
	}
	return out
}

func resultsOf(values map[string]assess.Value) map[string]Result {
	out := map[string]Result{}
	for name, v := range values {
		r := Result{N: v.N}
		if v.Known {
			r.X = new(v.X)
		}
		if v.Ranged {
			r.Low, r.High = new(v.Low), new(v.High)
		}
		out[name] = r
	}
	return out
}

func (d *door) scoreBehind(ctx context.Context, in *behindInput) (*behindOutput, error) {
	sc := access.ScopeOf(access.From(ctx))
	if !assess.IsMonth(in.Month) || (!sc.All() && !d.Assess.Owns(sc, in.Unit)) {
		return nil, store.ErrNotFound
	}
	var at assess.Cursor
	if in.Cursor != "" {
		if !at.Parse(in.Cursor) {
			return nil, form.Faults{{Field: "cursor", Code: "unknown"}}
		}
	}
	which := map[string]assess.Which{"after": assess.After, "raw": assess.Raw, "excluded": assess.Excluded}[in.Which]
	list, err := d.Assess.Behind(ctx, in.Month, in.Unit, in.Count, which, at, in.Limit)
	if err != nil {
		return nil, err
	}
	out := &behindOutput{Body: behindPage{Items: []Behind{}}}
	for _, e := range list {
		out.Body.Items = append(out.Body.Items, Behind{e.Kind, e.Number, e.Excluded, e.Grounds})
	}
	if len(list) == in.Limit {
		out.Body.Next = list[len(list)-1].Cursor().String()
	}
	return out, nil
}

func (d *door) publish(ctx context.Context, f form.Form, in *draftInput) (*monthOutput, error) {
	who, err := d.asker(ctx, "", "")
	if err != nil {
		return nil, err
	}
	input, err := act(who, root+"/scores", &actInput{Key: in.Key, RawBody: in.RawBody})
	if err != nil {
		return nil, err
	}
	p, err := d.Assess.Publish(ctx, who.Scope, input)
	if err != nil {
		return nil, &formed{f, err}
	}
	return d.monthOf(ctx, p.Month)
}

func (d *door) actMonth(ctx context.Context, action string, f form.Form, in *monthActInput) (*monthOutput, error) {
	who, err := d.asker(ctx, "", "")
	if err != nil {
		return nil, err
	}
	input, err := act(who, root+"/scores/"+in.Month+"/acts/"+action, &actInput{Match: in.Match, Key: in.Key, RawBody: in.RawBody})
	if err != nil {
		return nil, err
	}
	if _, err := d.Assess.ActMonth(ctx, who.Scope, in.Month, action, input); err != nil {
		return nil, &formed{f, err}
	}
	return d.monthOf(ctx, in.Month)
}

func (d *door) requestOf(lang words.Lang, q *assess.Request) ScoreRequest {
	return ScoreRequest{ID: q.ID, Kind: q.Kind, Version: q.Version, State: q.State, StateLabel: label(lang, q.State, "state."+q.Kind+"."+q.State), Record: q.Number, Month: q.Month,
		Unit: d.unitOf(lang, q.Unit), Ground: q.Ground, Opinion: q.Opinion}
}

func (d *door) listRequests(ctx context.Context, t *flow.Table, in *requestsInput) (*requestsOutput, error) {
	var after int64
	if in.Cursor != "" {
		n, err := strconv.ParseInt(in.Cursor, 36, 64)
		if err != nil || n <= 0 {
			return nil, form.Faults{{Field: "cursor", Code: "unknown"}}
		}
		after = n
	}
	sc, lang := access.ScopeOf(access.From(ctx)), web.Lang(request(ctx))
	list, err := d.Assess.Requests(ctx, sc, assess.RequestFilter{Kind: t.Kind, Month: in.Month, Unit: in.Unit, Open: in.Open, After: after, Limit: in.Limit})
	if err != nil {
		return nil, err
	}
	out := &requestsOutput{Body: requestPage{Items: []ScoreRequest{}}}
	for _, q := range list {
		out.Body.Items = append(out.Body.Items, d.requestOf(lang, q))
	}
	if len(list) == in.Limit {
		out.Body.Next = strconv.FormatInt(list[len(list)-1].Doc, 36)
	}
	return out, nil
}

func (d *door) scoreRequest(ctx context.Context, t *flow.Table, id string) (*requestOutput, error) {
	v, err := d.Assess.Request(ctx, access.ScopeOf(access.From(ctx)), t.Kind, cases.UpperNumber(id))
	if err != nil {
		return nil, err
	}
	lang := web.Lang(request(ctx))
	out := d.requestOf(lang, v.Request)
	for _, a := range v.Actions {
		out.Actions = append(out.Actions, d.step(lang, t.Kind, root+"/"+t.Kind+"s/"+v.ID, a))
	}
	for _, a := range v.Acts {
		out.Timeline = append(out.Timeline, d.act(lang, t.Kind, actEntry{seq: a.Seq, at: a.At, action: a.Action, unit: a.Actor.Unit, capacity: a.Actor.Capacity, account: a.Actor.Account, texts: a.Texts}))
	}
	return &requestOutput{ETag: etag(v.Version), Body: out}, nil
}

func (d *door) ask(ctx context.Context, t *flow.Table, a *flow.Action, in *draftInput) (*requestMade, error) {
	who, err := d.asker(ctx, "", "")
	if err != nil {
		return nil, err
	}
	input, err := act(who, root+"/"+t.Kind+"s/"+a.Name, &actInput{Key: in.Key, RawBody: in.RawBody})
	if err != nil {
		return nil, err
	}
	q, err := d.Assess.Ask(ctx, who.Scope, t.Kind, a.Name, input)
	if err != nil {
		return nil, &formed{a.Form, err}
	}
	out, err := d.scoreRequest(ctx, t, q.ID)
	if err != nil {
		return nil, err
	}
	return &requestMade{ETag: out.ETag, Location: root + "/" + t.Kind + "s/" + q.ID, Body: out.Body}, nil
}

func (d *door) actRequest(ctx context.Context, t *flow.Table, a *flow.Action, in *requestActInput) (*requestOutput, error) {
	id := cases.UpperNumber(in.ID)
	who, err := d.asker(ctx, "", "")
	if err != nil {
		return nil, err
	}
	input, err := act(who, root+"/"+t.Kind+"s/"+id+"/acts/"+a.Name, &actInput{Match: in.Match, Key: in.Key, RawBody: in.RawBody})
	if err != nil {
		return nil, err
	}
	if _, err := d.Assess.Act(ctx, who.Scope, t.Kind, id, a.Name, input); err != nil {
		if errors.Is(err, access.ErrStale) {
			if now, e := d.scoreRequest(ctx, t, id); e == nil {
				return nil, &stale{now.Body, now.ETag}
			}
		}
		return nil, &formed{a.Form, err}
	}
	return d.scoreRequest(ctx, t, id)
}
