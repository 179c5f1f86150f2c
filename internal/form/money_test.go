package form

import (
	"testing"

	"pgregory.net/rapid"
)

func TestMoney(t *testing.T) {
	for in, want := range map[string]int64{"3.25亿": 325_000_000_00, "1467万元": 14_670_000_00, "9200 万": 92_000_000_00, "92000000": 92_000_000_00, "12.5元": 12_50, "0.01": 1, "１２．５ 万": 125_000_00,
		"1,467万": 14_670_000_00, "¥ 100": 100_00, "0": 0, "1.39亿元": 139_000_000_00} {
		if got, ok := ParseMoney(in); !ok || got != want {
			t.Errorf("%q: %d, %v, want %d", in, got, ok, want)
		}
	}
	for _, in := range []string{"", "-5", "1.234", "abc", "1e9", "3..2", ".5", "5.", "万", "99999999999亿", "1/3", "0x10", "1_000"} {
		if got, ok := ParseMoney(in); ok {
			t.Errorf("%q was taken for %d", in, got)
		}
	}
}

// TestMoneyBack: what is written is read as the same amount.
func TestMoneyBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		fen := rapid.Int64Range(0, mostFen).Draw(t, "fen")
		if rapid.Bool().Draw(t, "round") {
			fen = fen / 1e8 * 1e8
		}
		s := FormatMoney(fen)
		if got, ok := ParseMoney(s); !ok || got != fen {
			t.Fatalf("%d is written %q and read %d, %v", fen, s, got, ok)
		}
	})
}

// TestUnlikely: an amount that is ten thousand times what is usual is asked about, and taken when it is confirmed.
func TestUnlikely(t *testing.T) {
	f := Form{Name: "x", Fields: []Field{{Name: "amount", Type: Money, Required: true, Low: 10_000_00, High: 10_000_000_000_00}, {Name: "amount_sure", Type: Bool}}}
	for _, c := range []struct {
		amount, sure, code string
	}{{"3.25亿", "", ""}, {"92000000万元", "", "unlikely"}, {"9200", "", "unlikely"}, {"9200", "true", ""}, {"9200万", "", ""}, {"x", "true", "money"}} {
		raw := Raw{"amount": {c.amount}}
		if c.sure != "" {
			raw["amount_sure"] = []string{c.sure}
		}
		_, err := f.Check(raw)
		code := ""
		if fs, ok := err.(Faults); ok {
			code = fs[0].Code
		}
		if code != c.code {
			t.Errorf("%+v: %q", c, code)
		}
	}
}

func TestDecimal(t *testing.T) {
	fd := Field{Name: "km", Type: Decimal, Places: 1, Min: 1, Max: 10000}
	for in, want := range map[string]int64{"63.2": 632, "7": 70, " 0.1": 1, "1000": 10000} {
		if v, f := fd.value([]string{in}); f.Code != "" || v != want {
			t.Errorf("%q: %v %v", in, v, f)
		}
	}
	for _, in := range []string{"63.25", "63.", "a", "", "0", "-1", "1000.1", "1e3"} {
		if v, f := fd.value([]string{in}); f.Code == "" {
			t.Errorf("%q was taken for %v", in, v)
		}
	}
}
