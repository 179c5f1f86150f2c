package conditions

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"weixiao/internal/words"
)

var today = time.Date(2022, 9, 26, 9, 0, 0, 0, time.FixedZone("Asia/Shanghai", 8*3600))

const wan = 100 * 10000

func firm() *Facts {
	return &Facts{Sector: "manufacturing", Founded: "2019-10-01", Staff: new(int64(25)), Turnover: new(int64(1500 * wan)), Taxes: new(int64(60 * wan)), Titles: []string{"high_tech"}, Dishonest: new(false)}
}

func TestJudge(t *testing.T) {
	for _, c := range []struct {
		text    string
		want    Truth
		missing []string
	}{
		{`taxes >= 50 * wan`, Yes, nil},
		{`taxes > 60 * wan`, No, nil},
		{`taxes >= 50 * wan and staff < 25`, No, nil},
		{`exports > 0`, Unknown, []string{"exports"}},
		{`exports > 0 and staff > 100`, No, []string{"exports"}}, // one that does not hold settles it
		{`exports > 0 or staff > 20`, Yes, nil},
		{`exports > 0 or staff > 100`, Unknown, []string{"exports"}},
		{`not (exports > 0 and staff > 20)`, Unknown, []string{"exports"}},
		{`not (exports > 0 and staff > 100)`, Yes, nil},
		{`not dishonest`, Yes, nil}, {`listed`, Unknown, []string{"listed"}}, {`not listed`, Unknown, []string{"listed"}},
		{`size == "small"`, Yes, nil}, {`size in ["small", "micro"] and years >= 2`, Yes, nil}, {`years >= 3`, No, nil},
		{`"high_tech" in titles`, Yes, nil}, {`"little_giant" in titles or patents >= 3`, Unknown, []string{"patents"}},
		{`sector in ["mining", "manufacturing"]`, Yes, nil}, {`staff in 20..30`, Yes, nil}, {`taxes * 25 >= turnover`, Yes, nil},
		{`true`, Yes, nil},
	} {
		x, err := Compile(c.text)
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		f := firm()
		v := x.Judge(NewEnv(f, today), f)
		if v.Truth != c.want || !slices.Equal(v.Missing(), c.missing) {
			t.Errorf("%s: %s, missing %v; want %s, %v", c.text, v.Truth, v.Missing(), c.want, c.missing)
		}
	}
	f := &Facts{Sector: "manufacturing", Staff: new(int64(25))}
	x, _ := Compile(`size == "small"`)
	if v := x.Judge(NewEnv(f, today), f); v.Truth != Unknown || !slices.Equal(v.Missing(), []string{"turnover"}) {
		t.Errorf("a size that does not follow yet: %s, missing %v", v.Truth, v.Missing())
	}
}

func TestRefused(t *testing.T) {
	for _, c := range []struct{ text, says string }{
		{``, "no expression"}, {`taxes >=`, "not an expression"}, {`taxs > 5`, "wrong"}, {`size == "tiny"`, "never tiny"}, {`"giant" in titles`, "never giant"},
		{`staff > "many"`, "wrong"}, {`staff + 5`, "wrong"}, {`len(titles) > 1`, "wrong"}, {`taxes / staff > 5`, "cannot be used"}, {`staff ** 2 > 5`, "cannot be used"},
		{`all(titles, # == "none")`, "cannot be used"}, {`sector matches "m.*"`, "cannot be used"}, {`staff > 5 ? true : false`, "cannot be used"}, {strings.Repeat("staff > 5 and ", 100) + "listed", "too long"},
	} {
		_, err := Compile(c.text)
		if e, ok := errors.AsType[*Error](err); !ok || !strings.Contains(e.EN, c.says) || e.ZH == "" {
			t.Errorf("%q: %v, want %q", c.text, err, c.says)
		}
	}
	for _, text := range []string{`listed`, `taxes / 2`, `"x"`, `taxes > 5`, `1.5`} {
		if _, err := CompileAmount(text); err == nil {
			t.Errorf("amount %q was taken", text)
		}
	}
}

// TestExamine: what can never be true and what always is are found, and nothing else is called so.
func TestExamine(t *testing.T) {
	for _, c := range []struct {
		text          string
		never, always bool
	}{
		{`taxes >= 50 * wan`, false, false},
		{`staff > 100 and staff < 50`, true, false}, {`staff > 100 and staff < 102`, false, false}, {`staff > 100 and staff < 101`, true, false},
		{`staff >= 0`, false, true}, {`staff > 100 or staff <= 100`, false, true}, {`staff < 0`, true, false},
		{`sector == "mining" and sector == "trade"`, true, false}, {`sector != "mining" or sector != "trade"`, false, true},
		{`"high_tech" in titles and not ("high_tech" in titles)`, true, false}, {`"high_tech" in titles and "old_brand" in titles`, false, false},
		{`listed and not listed`, true, false}, {`true`, false, true}, {`1 > 2`, true, false},
		{`size == "micro" and sector == "manufacturing" and staff >= 20 and turnover >= 300 * wan`, true, false},
		{`size == "micro" and sector == "manufacturing" and staff >= 20`, false, false}, {`size == "large" and sector == "manufacturing" and staff < 1000`, true, false},
		{`size in ["micro", "small"] and staff >= 5`, false, false}, {`taxes * 10 >= turnover`, false, false},
		{`street == "220605001"`, false, false}, {`years < 1 and years >= 1`, true, false},
	} {
		x, err := Compile(c.text)
		if err != nil {
			t.Fatal(c.text, err)
		}
		e := x.Examine()
		if e.Never() != c.never || e.Always() != c.always {
			t.Errorf("%s: never %v, always %v (tried: %d yes, %d no)", c.text, e.Never(), e.Always(), e.Yes, e.No)
		}
		if whole := c.text != `taxes * 10 >= turnover`; e.Whole != whole {
			t.Errorf("%s: whole %v", c.text, e.Whole)
		}
	}
}

func TestAmount(t *testing.T) {
	f := firm()
	f.Equipment = new(int64(1234_567)) // 12,345.67 yuan
	e := NewEnv(f, today)
	for text, want := range map[string]int64{`20 * wan`: 20 * wan, `percent(equipment, 10)`: 123456, `least(5 * wan, turnover)`: 5 * wan, `most(1 * wan, percent(equipment, 50))`: wan, `staff * 300 * yuan`: 25 * 300 * 100, `staff - 30`: 0} {
		a, err := CompileAmount(text)
		if err != nil {
			t.Fatal(err)
		}
		if got, missing := a.Of(e, f); got != want || missing != nil {
			t.Errorf("%s: %d, missing %v; want %d", text, got, missing, want)
		}
	}
	a, _ := CompileAmount(`percent(research, 10)`)
	if _, missing := a.Of(e, f); !slices.Equal(missing, []string{"research"}) {
		t.Errorf("missing %v", missing)
	}
}

func TestProve(t *testing.T) {
	for _, c := range [][3]string{{`staff > 5 and staff < 3`, `1 * wan`, "who"}, {`staff >= 0`, `1 * wan`, "who"}, {`staff > 5`, `0`, "amount"}, {`staff > 5`, `listed`, "amount"}, {`nobody`, `1`, "who"}} {
		if e, ok := errors.AsType[*ExpressionError](Prove(c[0], c[1])); !ok || e.Field != c[2] || e.Err.ZH == "" {
			t.Errorf("%v: %v", c, e)
		}
	}
	if err := Prove(`true`, `1 * wan`); err != nil {
		t.Error("a clause for everybody:", err)
	}
}

func TestExplain(t *testing.T) {
	c, err := Compile(`sector in ["mining", "manufacturing"] and (listed or staff >= 20) and not dishonest and "high_tech" in titles and 100 * wan <= taxes and not (size == "large")`)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"行业为 采矿、制造 之一", "已纳入规模以上统计 或者 从业人员数不少于 20", "未列入严重失信名单", "资质称号有 高新技术企业", "年纳税额不少于 100 万元", "企业规模不为 大型"}
	if got := c.Explain(words.ZH, nil); !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	for _, s := range c.Explain(words.EN, nil) {
		if strings.ContainsFunc(s, func(r rune) bool { return r > 0x2e80 }) {
			t.Errorf("Chinese in %q", s)
		}
	}
	a, _ := CompileAmount(`least(30 * wan, percent(equipment, 8))`)
	if got := a.Explain(words.ZH, nil); got != "30 万元 与 当年设备投入的 8% 中较少的" {
		t.Error(got)
	}
	for _, f := range All() {
		for _, o := range f.Options {
			ValueName(words.EN, f.Name, o, nil)
		}
		FactName(words.ZH, f.Name)
	}
}

// TestSize holds the classes to their published bounds.
func TestSize(t *testing.T) {
	for _, c := range []struct {
		sector, branch          string
		staff, turnover, assets int64
		want                    string
	}{
		{"manufacturing", "", 1000, 40000, 0, Large}, {"manufacturing", "", 999, 40000, 0, Medium}, {"manufacturing", "", 300, 1999, 0, Small}, {"manufacturing", "", 19, 90000, 0, Micro},
		{"agriculture", "", 5, 500, 0, Medium}, {"construction", "", 5, 80000, 79999, Medium}, {"trade", "wholesale", 20, 5000, 0, Medium}, {"trade", "retail", 50, 499, 0, Small},
		{"trade", "", 50, 499, 0, ""}, {"property", "developer", 1, 1000, 5000, Medium}, {"services", "leasing", 100, 0, 8000, Medium}, {"transport", "storage", 20, 100, 0, Small}, {"hospitality", "", 9, 5000, 0, Micro},
	} {
		f := &Facts{Sector: c.sector, Branch: c.branch, Staff: &c.staff, Turnover: new(c.turnover * wan), Assets: new(c.assets * wan)}
		if got := f.Size(); got != c.want {
			t.Errorf("%s %s, %d people, turnover %d: %q, want %q", c.sector, c.branch, c.staff, c.turnover, got, c.want)
		}
	}
}

// TestThreeValues: stating one more fact never turns yes into no or no into yes, it only decides what was unknown.
func TestThreeValues(t *testing.T) {
	texts := []string{`staff > 20 and (taxes > 50 * wan or listed)`, `not (staff > 20 or "high_tech" in titles) or dishonest`, `size in ["small", "micro"] and not (taxes < 5 * wan)`, `years >= 3 or sector == "mining" and staff > 5`}
	rapid.Check(t, func(rt *rapid.T) {
		c, err := Compile(rapid.SampledFrom(texts).Draw(rt, "text"))
		if err != nil {
			rt.Fatal(err)
		}
		number := func(n string) *int64 { return new(int64(rapid.IntRange(0, 100).Draw(rt, n))) }
		whole := &Facts{Sector: rapid.SampledFrom([]string{"mining", "manufacturing"}).Draw(rt, "sector"), Founded: rapid.SampledFrom([]string{"2022-01-01", "2010-01-01"}).Draw(rt, "founded"), Staff: number("staff"),
			Turnover: new(*number("turnover") * 100 * wan), Taxes: new(*number("taxes") * wan), Titles: rapid.SampledFrom([][]string{{None}, {"high_tech"}}).Draw(rt, "titles"),
			Listed: new(rapid.Bool().Draw(rt, "listed")), Dishonest: new(rapid.Bool().Draw(rt, "dishonest"))}
		part := *whole
		for _, hide := range []func(){func() { part.Staff = nil }, func() { part.Taxes = nil }, func() { part.Listed = nil }, func() { part.Titles = nil }, func() { part.Founded = "" }, func() { part.Sector = "" }, func() { part.Turnover = nil }} {
			if rapid.Bool().Draw(rt, "hide") {
				hide()
			}
		}
		all, some := c.Judge(NewEnv(whole, today), whole), c.Judge(NewEnv(&part, today), &part)
		if all.Truth == Unknown || some.Truth != Unknown && some.Truth != all.Truth {
			rt.Fatalf("%s: knowing all %s, knowing less %s", c, all.Truth, some.Truth)
		}
		if some.Truth == Unknown && len(some.Missing()) == 0 {
			rt.Fatalf("%s is unknown and nothing is missing", c)
		}
	})
}

func BenchmarkTruth(b *testing.B) {
	c, err := Compile(`size in ["small", "micro"] and taxes >= 50 * wan and "high_tech" in titles and not dishonest`)
	if err != nil {
		b.Fatal(err)
	}
	e, m := NewEnv(firm(), today), NewMachine()
	for b.Loop() {
		c.Truth(e, m)
	}
}
