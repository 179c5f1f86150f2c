package staff_test

import (
	"bytes"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"weixiao/internal/access"
	"weixiao/internal/cases/casestest"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/record"
	"weixiao/internal/store"
	"weixiao/internal/store/storetest"
	"weixiao/internal/web/desk"
	"weixiao/internal/web/staff"
	"weixiao/internal/web/ui"
	"weixiao/internal/web/uitest"
	"weixiao/internal/web/webtest"
	"weixiao/internal/worktime"
)

func TestMain(m *testing.M) { uitest.Main(m, storetest.Cleanup) }

// lamp is a record as simple as records are: a lamp of a street that is asked for, hung up, and taken down.
type lamp struct {
	record.Head
	Place string `json:"name"`
	Unit  string `json:"unit"`
	Price int64  `json:"amount"`
	Bulb  string `json:"kind"`
}

func table() *flow.Table {
	street := []flow.Grant{{Role: access.Street, Relation: "own"}}
	return &flow.Table{Kind: "village_work",
		States: []flow.State{{Name: "raised", Chip: "new"}, {Name: "kept", Chip: "done"}, {Name: "withdrawn", Chip: "closed", End: true}}, Clocks: []string{"rectify"},
		Actions: []flow.Action{
			{Name: "raise", To: "raised", Who: street, Start: []string{"rectify"}, Form: form.Form{Name: "lamp_ask", Fields: []form.Field{
				{Name: "name", Type: form.Line, Required: true, Max: 40}, {Name: "kind", Type: form.Choice, Required: true, Options: form.Options("help", "report")},
				{Name: "amount", Type: form.Money, Low: 10_00, High: 100_000_00}, {Name: "amount_sure", Type: form.Bool}, {Name: "reason", Type: form.Text, Max: 100}}}},
			{Name: "pass", From: []string{"raised"}, To: "kept", Who: street, Stop: []string{"rectify"}, Form: form.Form{Name: "lamp_hang", Fields: []form.Field{{Name: "note", Type: form.Text, Max: 100}}}},
			{Name: "withdraw", From: []string{"kept"}, To: "withdrawn", Who: street, Form: form.Form{Name: "lamp_down", Fields: []form.Field{{Name: "reason", Type: form.Text, Required: true, Max: 100}}}},
		}}
}

type env struct {
	*webtest.Env
	lamps *record.Book[lamp, *lamp]
}

func register(e *env) func(*webtest.Env, *access.Router) {
	return func(w *webtest.Env, rt *access.Router) {
		e.Env = w
		e.lamps = record.Register(w.Records, record.Kind[lamp, *lamp]{Table: table(), Letters: "LD",
			Keys: func(x *lamp) record.Keys { return record.Keys{Unit: x.Unit, Title: x.Place, Amount: x.Price} },
			Sees: func(sc access.Scope, x *lamp) bool { return sc.All() || sc.Within(x.Unit) },
			Relations: func(_ *store.Tx, sc access.Scope, x *lamp) ([]string, error) {
				if x.Unit == "" || sc.Within(x.Unit) {
					return []string{"own"}, nil
				}
				return nil, nil
			},
			Limit: func(*lamp, string) (worktime.Limit, string) { return worktime.Limit{N: 3, Unit: worktime.Workday}, "" },
			Plans: map[string]func(*record.Step[lamp, *lamp]) error{
				"raise": func(s *record.Step[lamp, *lamp]) error { s.X.Unit = s.Scope.Unit(); return nil },
				"pass": func(s *record.Step[lamp, *lamp]) error {
					if s.X.Bulb == "report" {
						return record.Refuse("redo_window")
					}
					return nil
				}}})
		d := desk.New(w.Site)
		d.Add(staff.Entry{Roles: []string{access.Street}, Label: "staff.papers", Icon: "list", Path: "/desk/lamps"})
		d.Register(rt)
		p := &staff.Pages[lamp, *lamp]{Book: e.lamps, Path: "/desk/lamps", Title: "staff.papers", Readers: []string{access.Leader}, Load: "raise", Photos: []string{"pass"}, Papers: []string{"raise"}, Said: []string{"reason"}, Danger: []string{"withdraw"},
			Columns: []staff.Column[*lamp]{{Label: "staff.number", Text: func(_ *staff.Frame, x *lamp) string { return x.Place }},
				{Label: "staff.photos", Right: true, Text: func(f *staff.Frame, x *lamp) string { return f.Money(x.Price) }, Value: func(x *lamp) any { return float64(x.Price) / 100 }}},
			Facts: func(f *staff.Frame, v *record.View[*lamp]) ([]ui.Pair, error) {
				return []ui.Pair{{Label: f.T("staff.state"), Value: ui.Text(f.Unit(v.X.Unit))}}, nil
			}}
		p.Register(rt, d.Frame)
	}
}

func each(t *testing.T, fn func(t *testing.T, e *env)) {
	e := &env{}
	webtest.Each(t, webtest.Schemas(), register(e), func(t *testing.T, w *webtest.Env) { fn(t, e) })
}

// TestPages asks for a lamp, hangs it up and takes it down, by pages alone; another street learns nothing of it.
func TestPages(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		hand, other, leader := e.Hire(casestest.Street, "李承办", access.Street), e.Hire(casestest.OtherStreet, "外承办", access.Street), e.Hire(e.Pack.District, "区领导", access.Leader)
		hand.Page("/desk/lamps").Contains(t, "这里还没有内容")
		form := hand.Page("/desk/lamps/new/raise?name=江南桥头").Form("/desk/lamps/new/raise")
		if form.Get("name") != "江南桥头" {
			t.Errorf("the address did not fill the form: %v", form)
		}
		form.Set("amount", "5")
		if a := hand.Post("/desk/lamps/new/raise", form); a.Code != http.StatusUnprocessableEntity {
			t.Errorf("without a bulb and too cheap: %d", a.Code)
		} else if back := a.Form("/desk/lamps/new/raise"); back.Get("name") != "江南桥头" || back.Get("_key") != form.Get("_key") {
			t.Errorf("what was typed is gone: %v", back)
		}
		form.Set("kind", "help")
		form.Set("amount", "1.2万")
		form.Set("reason", "桥头太暗")
		page := hand.See("/desk/lamps/new/raise", form)
		page.Contains(t, "江南桥头", "桥头太暗", "李承办", "1.2 万元")
		if got := strings.Join(page.Actions(), " "); got != "pass" {
			t.Errorf("offered %q", got)
		}
		again := hand.Post("/desk/lamps/new/raise", form) // a second press of the button
		list := hand.Page("/desk/lamps")
		if strings.Count(list.Text(), "江南桥头") != 1 || again.Code != http.StatusSeeOther {
			t.Errorf("the same form twice: %d\n%s", again.Code, list.Text())
		}
		href := strings.SplitN(again.Header.Get("Location"), "?", 2)[0]
		other.Page("/desk/lamps").Lacks(t, "江南桥头")
		for _, path := range []string{href, href + "/do/pass"} {
			if a := other.Get(path); a.Code != http.StatusNotFound {
				t.Errorf("another street at %s: %d", path, a.Code)
			}
		}
		leader.Page(href).Contains(t, "江南桥头")
		if a := leader.Get(href + "/do/pass"); a.Code != http.StatusForbidden {
			t.Errorf("a leader hangs lamps: %d", a.Code)
		}
		do := hand.Page(href + "/do/pass").Form(href + "/do/pass")
		hand.See(href+"/do/pass", do).Contains(t, "已完成")
		if a := hand.Post(href+"/do/pass", do); a.Code != http.StatusConflict && a.Code != http.StatusPreconditionFailed {
			t.Errorf("hung twice: %d", a.Code)
		}
		if a := hand.Post(href+"/do/withdraw", url.Values{}); a.Code != http.StatusUnprocessableEntity {
			t.Errorf("taken down without a reason: %d", a.Code)
		}
		if a := hand.Get("/desk/lamps/list.xlsx"); a.Code != http.StatusOK {
			t.Errorf("the sheet: %d", a.Code)
		} else if x, err := excelize.OpenReader(strings.NewReader(a.Body)); err != nil {
			t.Error(err)
		} else if rows, err := x.GetRows(x.GetSheetName(0)); err != nil || len(rows) != 2 || rows[1][1] != "江南桥头" || rows[1][2] != "12000" {
			t.Errorf("the sheet has %v, %v", rows, err)
		}
	})
}

// TestRefused shows what a plan refuses on the form, and keeps what was typed.
func TestRefused(t *testing.T) {
	e := &env{}
	webtest.One(t, webtest.Schemas(), register(e))
	hand := e.Hire(casestest.Street, "李承办", access.Street)
	hand.See("/desk/lamps/new/raise", url.Values{"name": {"旧巷"}, "kind": {"report"}})
	x, _, err := e.lamps.List(t.Context(), hand.Scope(), record.Filter{})
	if err != nil || len(x) != 1 {
		t.Fatal(x, err)
	}
	a := hand.Post("/desk/lamps/r/"+x[0].ID+"/do/pass", url.Values{"note": {"梯子借到了"}})
	if a.Code != http.StatusConflict {
		t.Errorf("%d", a.Code)
	}
	if back := a.Form("/desk/lamps/r/" + x[0].ID + "/do/pass"); back.Get("note") != "梯子借到了" {
		t.Errorf("what was typed is gone: %v", back)
	}
}

func upload(t *testing.T, path, name, body string) *http.Request {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	part, err := w.CreateFormFile("file", name)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = part.Write([]byte(body))
	_ = w.Close()
	r := httptest.NewRequest(http.MethodPost, path, &b)
	r.Header.Set("Content-Type", w.FormDataContentType())
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.Header.Set("Accept", "text/html")
	return r
}

// TestLoad takes in a file of records: all of it, or none with every fault named.
func TestLoad(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		hand := e.Hire(casestest.Street, "李承办", access.Street)
		hand.Page("/desk/lamps/load").Contains(t, "金额", "理由")
		bad := hand.Do(upload(t, "/desk/lamps/load", "lamps.csv", "name,kind,amount\n江南,help,300\n江北,candle,300\n,report,5\n"))
		if bad.Code != http.StatusUnprocessableEntity {
			t.Fatalf("%d", bad.Code)
		}
		hand.Page("/desk/lamps").Contains(t, "这里还没有内容")
		if bad := hand.Do(upload(t, "/desk/lamps/load", "lamps.csv", "name,colour\n江南,red\n")); bad.Code != http.StatusUnprocessableEntity || !strings.Contains(bad.Body, "colour") {
			t.Errorf("an unknown column: %d", bad.Code)
		}
		if ok := hand.Do(upload(t, "/desk/lamps/load", "lamps.csv", "name,kind,amount,reason\n江南,help,300,暗\n江北,求助,1.5万,\n")); ok.Code != http.StatusSeeOther {
			t.Fatalf("%d %s", ok.Code, ok.Text())
		}
		hand.Page("/desk/lamps").Contains(t, "江南", "江北", "1.5 万元")
	})
}

// TestInABrowser looks at list, form and record at both sizes with axe.
func TestInABrowser(t *testing.T) {
	e := &env{}
	webtest.One(t, webtest.Schemas(), register(e))
	hand := e.Hire(casestest.Street, "李承办", access.Street)
	hand.See("/desk/lamps/new/raise", url.Values{"name": {"江南桥头"}, "kind": {"help"}, "amount": {"300"}, "reason": {"桥头太暗，老人摔过"}})
	base := e.Serve()
	tab := uitest.New(t, uitest.Desk)
	e.Enter(tab, base, hand, "/desk/lamps")
	for _, size := range []uitest.Size{uitest.Desk, uitest.Phone} {
		webtest.Look(tab, size, fmt.Sprintf("staff-list-%d", size.W))
		tab.Click("table th a")
		tab.Wait(`location.pathname.startsWith("/desk/lamps/r/")`)
		webtest.Look(tab, size, fmt.Sprintf("staff-record-%d", size.W))
		tab.Click(`[data-action="pass"]`)
		tab.Wait(`location.pathname.endsWith("/do/pass")`)
		webtest.Look(tab, size, fmt.Sprintf("staff-do-%d", size.W))
		tab.Open(base + "/desk/lamps/load")
		webtest.Look(tab, size, fmt.Sprintf("staff-load-%d", size.W))
		tab.Open(base + "/desk/lamps")
	}
}
