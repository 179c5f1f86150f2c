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
	orderListInput struct {
		List   string `query:"list" enum:"open,answered,listed,ended" default:"open" doc:"open: those the caller's unit must answer, or all for people of the district, next deadline first; answered: those to be judged; listed: what is publicly listed; ended: newest first"`
		Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
		Cursor string `query:"cursor" doc:"next of the page before"`
		Spoken
	}
	// Orders is one page of a list.
	Orders struct {
		Items []Order `json:"items"`
		Next  string  `json:"next,omitempty"`
	}
	ordersOutput struct{ Body Orders }
	orderInput   struct {
		Number string `path:"number" example:"JYD20221123-7K3Q9"`
		Spoken
	}
	orderActInput struct {
		Number string `path:"number" example:"JYD20221123-7K3Q9"`
		Match  string `header:"If-Match" doc:"the ETag the action was decided on; when absent it is done to whatever is there" example:"\"3\""`
		Key    string `header:"Idempotency-Key" doc:"the same key and body are done once"`
		Spoken
		RawBody []byte `contentType:"application/json"`
	}
	orderOutput struct {
		ETag string `header:"ETag"`
		Body Order
	}
)

func (d *door) orders() {
	staff, path, tags := access.Rule{SignedIn: true}, root+"/orders", []string{"order"}
	operation(d, staff, huma.Operation{OperationID: "list-orders", Method: http.MethodGet, Path: path, Summary: "Orders of supervision the caller reaches", Tags: tags,
		Errors: []int{http.StatusUnprocessableEntity}}, d.listOrders)
	operation(d, staff, huma.Operation{OperationID: "get-order", Method: http.MethodGet, Path: path + "/{number}", Summary: "An order with its clock, timeline and open actions", Tags: tags,
		Description: "An order is made by the actions supervise, instruct and list of its case."}, d.order)
}

func (d *door) listOrders(ctx context.Context, in *orderListInput) (*ordersOutput, error) {
	sc, lang, out := access.ScopeOf(access.From(ctx)), web.Lang(request(ctx)), &ordersOutput{Body: Orders{Items: []Order{}}}
	bad := form.Faults{{Field: "cursor", Code: "unknown"}}
	var rows []*cases.Order
	var err error
	if in.List == "ended" {
		var after int64
		if in.Cursor != "" {
			if after, err = strconv.ParseInt(in.Cursor, 36, 64); err != nil || after <= 0 {
				return nil, bad
			}
		}
		rows, err = d.Cases.EndedOrders(ctx, sc, after, in.Limit)
	} else {
		want := cases.OrderList{Limit: in.Limit}
		switch in.List {
		case "answered":
			want.State = cases.OrderAnswered
		case "listed":
			want.Kind = cases.OrderListing
		}
		if in.Cursor != "" {
			due, number, ok := strings.Cut(in.Cursor, ".")
			if want.After.Due, err = strconv.ParseInt(due, 36, 64); err != nil || !ok {
				return nil, bad
			}
			want.After.Number = number
		}
		rows, err = d.Cases.Orders(ctx, sc, want)
	}
	if err != nil {
		return nil, err
	}
	for _, o := range rows {
		out.Body.Items = append(out.Body.Items, d.orderOf(lang, o))
	}
	if len(rows) == in.Limit {
		last := rows[len(rows)-1]
		if out.Body.Next = strconv.FormatInt(last.Doc, 36); in.List != "ended" {
			out.Body.Next = strconv.FormatInt(last.Turn().Due, 36) + "." + last.Number
		}
	}
	return out, nil
}

func (d *door) order(ctx context.Context, in *orderInput) (*orderOutput, error) {
	v, err := d.Cases.Order(ctx, access.ScopeOf(access.From(ctx)), in.Number)
	if err != nil {
		return nil, err
	}
	return &orderOutput{ETag: etag(v.Order.Version), Body: d.orderView(web.Lang(request(ctx)), v)}, nil
}

// orderActs makes an operation of every action of the order's table.
func (d *door) orderActs() {
	for i := range cases.OrderTable.Actions {
		a := &cases.OrderTable.Actions[i]
		if a.From == nil {
			continue // an action of the case makes it
		}
		path := root + "/orders/{number}/acts/" + a.Name
		operation(d, ruleOf(a), huma.Operation{OperationID: "order-" + strings.ReplaceAll(a.Name, "_", "-"), Method: http.MethodPost, Path: path, Tags: []string{"order act"},
			Summary: actSummary(cases.OrderTable.Kind, a.Name), Description: actDescription(a), Errors: []int{http.StatusConflict, http.StatusPreconditionFailed}},
			func(ctx context.Context, in *orderActInput) (*orderOutput, error) {
				return d.actOrder(ctx, a.Name, a.Form, in)
			})
		d.answers(path, schemaOf(a.Form), nil)
		d.stale(path, typeOf[Order]())
	}
}

func (d *door) actOrder(ctx context.Context, action string, f form.Form, in *orderActInput) (*orderOutput, error) {
	number := cases.UpperNumber(in.Number)
	who, err := d.asker(ctx, "", "")
	if err != nil {
		return nil, err
	}
	input, err := act(who, root+"/orders/"+number+"/acts/"+action, &actInput{Match: in.Match, Key: in.Key, RawBody: in.RawBody})
	if err != nil {
		return nil, err
	}
	lang := web.Lang(request(ctx))
	if _, err := d.Cases.OrderAct(ctx, who.Scope, number, action, input); err != nil {
		if errors.Is(err, access.ErrStale) {
			if v, e := d.Cases.Order(ctx, who.Scope, number); e == nil {
				return nil, &stale{d.orderView(lang, v), etag(v.Order.Version)}
			}
		}
		return nil, &formed{f, err}
	}
	v, err := d.Cases.Order(ctx, who.Scope, number)
	if err != nil {
		return nil, err
	}
	return &orderOutput{ETag: etag(v.Order.Version), Body: d.orderView(lang, v)}, nil
}
