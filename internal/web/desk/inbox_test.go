package desk

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/cases"
	"weixiao/internal/cases/casestest"
	"weixiao/internal/form"
	"weixiao/internal/journal"
	"weixiao/internal/store"
	"weixiao/internal/text/pinyin"
	"weixiao/internal/vault"
)

// TestInboxScope: a street never sees another street's case: not in any list, not
// by search, number or preview, not in what is pushed to its page.
func TestInboxScope(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		mine, theirs := e.sent(casestest.Street, "锦绣花园路灯不亮"), e.sent(casestest.OtherStreet, "文汇小区路灯不亮")
		nobody := e.said("还没派出去的路灯", nil)
		s := e.hire(casestest.Street, "孙浩", access.Street)
		f := s.frame("/desk")
		for _, v := range f.views() {
			a := s.page("/desk?view=" + v.Key)
			a.lacks(t, theirs, "文汇小区", nobody)
		}
		s.page("/desk?view=mine").contains(t, "锦绣花园路灯不亮")
		for _, q := range []string{"路灯不亮", "路灯", theirs, strings.ToLower(theirs), "文汇小区"} {
			s.page("/desk/search?q="+url.QueryEscape(q)).lacks(t, "/desk/cases/"+theirs, nobody)
		}
		s.page("/desk/search?q="+url.QueryEscape("路灯")).contains(t, "锦绣花园路灯不亮")
		for _, filter := range []string{"street=" + casestest.OtherStreet, "unit=" + casestest.OtherStreet, "state=dispatched", "matter=001"} {
			s.page("/desk?view=all&"+filter).lacks(t, theirs)
			s.page("/desk/search?"+filter).lacks(t, theirs)
		}
		for _, path := range []string{"", "/preview", "/do/sign", "/reveal", "/clocks/sign"} {
			if a := s.get("/desk/cases/" + theirs + path); a.Code != http.StatusNotFound {
				t.Errorf("%s: %d", path, a.Code)
			}
		}
		if a := s.post("/desk/cases/"+theirs+"/do/sign", url.Values{}); a.Code != http.StatusNotFound {
			t.Errorf("signing for another street: %d", a.Code)
		}
		if a := s.get("/desk/live?case=" + theirs); a.Code != http.StatusNotFound {
			t.Errorf("following another street's case: %d", a.Code)
		}
		a := s.post("/desk/sign", url.Values{"id": {theirs, mine}, "_key": {newKey()}})
		if a.Code != http.StatusConflict || e.load(mine).State != cases.Signed || e.load(theirs).State != cases.Dispatched {
			t.Errorf("signing for both: %d, mine %s, theirs %s", a.Code, e.load(mine).State, e.load(theirs).State)
		}
		// the counts of a street are its own
		for _, n := range s.page("/desk").all(func(n *htmlNode) bool { return n.Data == "em" }) {
			if n.FirstChild != nil && n.FirstChild.Data != "1" {
				t.Errorf("a count of %s", n.FirstChild.Data)
			}
		}
		// what is pushed
		draw, err := f.liveList(0)
		if err != nil {
			t.Fatal(err)
		}
		e.act(e.Scope(casestest.OtherStreet, access.Street), theirs, "sign", nil)
		e.act(s.scope(), mine, "contact", form.Raw{"how": {"phone"}})
		html, err := draw(e.acts())
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(html, theirs) || strings.Contains(html, "文汇小区") || strings.Contains(html, nobody) {
			t.Error("another street's case was pushed")
		}
		if !strings.Contains(html, `hx-target="#row-`+mine+`"`) || !strings.Contains(html, "办理中") {
			t.Errorf("the own case was not pushed:\n%s", html)
		}
	})
}

// frame is the frame of a request of somebody, for tests below the pages.
func (s *staff) frame(path string) *frame {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.AddCookie(&http.Cookie{Name: "lang", Value: "zh-CN"})
	var dirPath []string
	for _, u := range s.e.Pack.Directory.Path(s.unit) {
		dirPath = append(dirPath, u.ID)
	}
	p := access.Principal{District: s.e.Pack.District, Account: s.id, Name: "某人", Unit: s.unit, Path: dirPath, Roles: s.roles, Kind: access.Cookie}
	return s.e.desk.page(r.WithContext(access.With(r.Context(), p)), "desk.inbox.title")
}

func (e *env) acts() []journal.Act {
	e.t.Helper()
	acts, err := store.Get(context.Background(), e.DB, func(tx *store.Tx) ([]journal.Act, error) { return journal.Since(tx, e.Pack.District, 0, 1000) })
	if err != nil {
		e.t.Fatal(err)
	}
	return acts
}

// TestCountsAgreeWithLists: what stands beside a view is how many cases it lists,
// for every view, position and role, at moments when clocks have run out too.
func TestCountsAgreeWithLists(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		e.stands()
		people := e.everyone()
		for _, wait := range []time.Duration{0, 90 * time.Minute, 5 * time.Hour, 9 * time.Hour, 13 * time.Hour, 72 * time.Hour} {
			e.Pass(wait)
			for role, s := range people {
				f := s.frame("/desk")
				counts, err := e.desk.s.Cases.Tally(context.Background(), f.sc, f.Now, 0)
				if err != nil {
					t.Fatal(err)
				}
				for _, v := range f.views() {
					rows, err := e.desk.s.Cases.Queue(context.Background(), f.sc, v.Want, f.Now, cases.Cursor{}, 500)
					if err != nil {
						t.Fatal(err)
					}
					if all, _ := counts.Count(v.Want); all != len(rows) {
						t.Errorf("after %s as %s: %s counts %d and lists %d", wait, role, v.Key, all, len(rows))
					}
					for _, k := range rows {
						if _, err := e.Cases.Get(context.Background(), f.sc, k.Number); err != nil {
							t.Errorf("%s as %s lists a case that cannot be opened", v.Key, role)
						}
						if !f.listed(listing{View: v, Want: v.Want}, k) {
							t.Errorf("%s as %s lists a case that live updates would not", v.Key, role)
						}
					}
					if !slices.IsSortedFunc(rows, func(a, b *cases.Case) int {
						if x, y := a.Turn().Due, b.Turn().Due; x != y {
							if x < y {
								return -1
							}
							return 1
						}
						return strings.Compare(a.Number, b.Number)
					}) {
						t.Errorf("%s as %s is not in the order of deadlines", v.Key, role)
					}
				}
			}
		}
	})
}

// TestTallyIsFreshAfterAnAct: people read what they have just done.
func TestTallyIsFreshAfterAnAct(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		s := e.hire(casestest.Street, "孙浩", access.Street)
		for i := range 3 {
			e.sent(casestest.Street, fmt.Sprintf("路灯不亮 %d", i))
			f := s.frame("/desk")
			c, err := e.desk.s.Cases.Tally(context.Background(), f.sc, f.Now, 0)
			if err != nil {
				t.Fatal(err)
			}
			if n, _ := c.Count(*f.mine()); n != i+1 {
				t.Errorf("after %d cases the inbox counts %d", i+1, n)
			}
		}
	})
}

// TestPagesOfAList: every case is on exactly one page, in order.
func TestPagesOfAList(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		want := map[string]bool{}
		for i := range pageSize + 17 {
			if i%9 == 0 {
				e.Pass(time.Second)
			}
			want[e.sent(casestest.Street, fmt.Sprintf("第 %d 盏路灯不亮", i))] = true
		}
		s := e.hire(casestest.Street, "孙浩", access.Street)
		got := map[string]bool{}
		path := "/desk?view=mine"
		for pages := 0; path != ""; pages++ {
			if pages > 3 {
				t.Fatal("the pages do not end")
			}
			a := s.page(path)
			path = ""
			for _, n := range a.all(func(n *htmlNode) bool { _, ok := has(n, "data-row"); return ok }) {
				id := strings.TrimPrefix(attr(n, "id"), "row-")
				if got[id] {
					t.Errorf("%s stands on two pages", id)
				}
				got[id] = true
			}
			for _, n := range a.all(func(n *htmlNode) bool { return attr(n, "rel") == "next" }) {
				path = attr(n, "href")
			}
		}
		if len(got) != len(want) {
			t.Errorf("%d of %d cases are on the pages", len(got), len(want))
		}
	})
}

// TestBatchSign: several at once, each an act of its own.
func TestBatchSign(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		var ids []string
		for i := range 3 {
			ids = append(ids, e.sent(casestest.Street, fmt.Sprintf("路灯不亮 %d", i)))
		}
		s := e.hire(casestest.Street, "孙浩", access.Street)
		f := s.page("/desk?view=mine").form("/desk/sign")
		f["id"] = ids
		for range 2 { // the second is a repetition
			s.see("/desk/sign", f).contains(t, "已完成：签收")
		}
		for _, id := range ids {
			if k := e.load(id); k.State != cases.Signed || k.Version != 3 {
				t.Errorf("%s is %s after %d acts", id, k.State, k.Version)
			}
		}
		f.Del("id")
		s.see("/desk/sign", f).contains(t, "没有选中工单")
	})
}

// TestLive: what is pushed morphs rows that are on the page, counts new ones, and
// leaves out rows of other pages.
func TestLive(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		first := e.sent(casestest.Street, "路灯不亮")
		s := e.hire(casestest.Street, "孙浩", access.Street)
		draw, err := s.frame("/desk?view=mine").liveList(e.acts()[len(e.acts())-1].Seq)
		if err != nil {
			t.Fatal(err)
		}
		seen := len(e.acts())
		push := func() string {
			t.Helper()
			all := e.acts()
			html, err := draw(all[seen:])
			if err != nil {
				t.Fatal(err)
			}
			seen = len(all)
			return html
		}
		e.act(s.scope(), first, "sign", nil)
		html := push()
		if !strings.Contains(html, "#row-"+first) || !strings.Contains(html, "已签收") || strings.Contains(html, "列表里多了") {
			t.Errorf("after signing:\n%s", html)
		}
		second := e.sent(casestest.Street, "又一盏路灯不亮")
		html = push()
		if strings.Contains(html, "#row-"+second) || !strings.Contains(html, "列表里多了 1 件") || !strings.Contains(html, "<em>2</em>") {
			t.Errorf("after a new case:\n%s", html)
		}
		// the stream is asked for again, as after a pause: the page still lacks it
		again, err := s.frame("/desk?view=mine").liveList(e.load(first).LastSeq)
		if err != nil {
			t.Fatal(err)
		}
		if html, err := again(e.acts()); err != nil || strings.Contains(html, "#row-"+second) || !strings.Contains(html, "列表里多了 1 件") {
			t.Errorf("after asking again: %v\n%s", err, html)
		}
		// what another part of the program does says nothing here
		e.hire("", "新人", access.Operator)
		if html := push(); html != "" {
			t.Errorf("an act on an account pushed\n%s", html)
		}
		// a page of one case
		draw = s.frame("/desk/cases/"+first).liveCase(first, e.load(first).LastSeq)
		e.act(s.scope(), second, "sign", nil)
		if html := push(); html != "" {
			t.Errorf("another case pushed\n%s", html)
		}
		e.act(s.scope(), first, "contact", form.Raw{"how": {"phone"}, "note": {"说好了"}})
		html = push()
		for _, want := range []string{`hx-target="#log"`, `hx-target="#acts"`, `hx-target="#clocks"`, "联系群众", "说好了", "/do/reply"} {
			if !strings.Contains(html, want) {
				t.Errorf("the case page is not told %q:\n%s", want, html)
			}
		}
		if strings.Contains(html, `<hx-partial hx-target="#work"`) {
			t.Error("the form in progress is touched")
		}
	})
}

// TestLiveEndsWithTheSession: a stream does not outlive the session it came with.
func TestLiveEndsWithTheSession(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		n := e.sent(casestest.Street, "路灯不亮")
		s := e.hire(casestest.Street, "孙浩", access.Street)
		f := s.frame("/desk")
		f.r.AddCookie(&http.Cookie{Name: "weixiao", Value: s.cookie})
		f.r.Host = "127.0.0.1"
		list, err := f.liveList(0)
		if err != nil {
			t.Fatal(err)
		}
		draw := f.whileSignedIn(list)
		e.Pass(recheck)
		if html, err := draw(e.acts()); err != nil || !strings.Contains(html, n) {
			t.Fatalf("%v\n%s", err, html)
		}
		e.write(func(tx *store.Tx) error { return e.gate.RevokeSessions(tx, e.system(), s.id, access.Principal{}) })
		e.Pass(recheck)
		if html, err := draw(e.acts()); err == nil {
			t.Errorf("after the session was ended:\n%s", html)
		}
	})
}

// TestSearchKeepsTelephonesOutOfAddresses: a number typed into the search box is
// not looked for; it is asked for again in a form, and looking is recorded.
func TestSearchKeepsTelephonesOutOfAddresses(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		n := e.sent(casestest.Street, "路灯不亮")
		op := e.hire("", "陈晓燕", access.Operator)
		a := op.page("/desk/search?q=138+0439+1234")
		a.contains(t, "电话不写进网址")
		a.lacks(t, n, "13804391234", "138 0439 1234")
		found := op.post("/desk/search", url.Values{"phone": {"138 0439 1234"}})
		if found.Code != http.StatusOK {
			t.Fatalf("%d", found.Code)
		}
		found.contains(t, "路灯不亮")
		found.lacks(t, "13804391234")
		if a := op.post("/desk/search", url.Values{"phone": {"138"}}); a.Code != http.StatusUnprocessableEntity {
			t.Errorf("half a number: %d", a.Code)
		}
		e.desk.ledger.flush(context.Background())
		if rows := e.ledger(n); len(rows) != 1 || rows[0].Kind != vault.KindView || rows[0].Account != op.id {
			t.Errorf("the ledger holds %d rows", len(rows))
		}
		street := e.hire(casestest.Street, "孙浩", access.Street)
		if a := street.post("/desk/search", url.Values{"phone": {"13804391234"}}); a.Code != http.StatusForbidden {
			t.Errorf("a street looked for a telephone number: %d", a.Code)
		}
	})
}

func TestInitials(t *testing.T) {
	for name, want := range map[string]string{"路灯不亮": "ldbl", "孙家堡子街道": "sjbzjd", "区住建局": "qzjj", "8890热线中心": "8890rxzx", "12345 ABC": "12345abc",
		"阿": "a", "座": "z", "㐀": "", "哈": "h", "挖": "w"} {
		if got := pinyin.Initials(name); got != want {
			t.Errorf("Initials(%s) = %q, want %q", name, got, want)
		}
	}
}
