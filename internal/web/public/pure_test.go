package public

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"weixiao/internal/text"
)

func TestMasked(t *testing.T) {
	for in, want := range map[string]string{
		"路灯坏了":    "路灯坏了",
		"第 3 根灯杆": "第 3 根灯杆",
		"我家在 7 号楼 2 单元 501 室漏水": "我家在7号楼***漏水",
		"我家在7号楼2单元501室漏水":       "我家在7号楼***漏水",
		"请打 13812345678 找我":     "请打138****5678找我",
		"Building 3, call me":   "Building 3, call me",
		"2022 年 11 月 23 日 20 点": "2022 年 11 月 23 日 20 点",
	} {
		if got := masked(in); got != want {
			t.Errorf("masked(%q) = %q, want %q", in, got, want)
		}
	}
}

// FuzzCanonical: whatever is typed as a number, only what has the form of one gets
// into the name of a cookie or an address.
func FuzzCanonical(f *testing.F) {
	for _, s := range []string{"JY20221123-7K3Q9", " jy20221123－7k3q9 ", "ＪＹ２０２２１１２３-OIL00", "../../x", "a;b=c\r\n", "\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		c := canonical(s)
		if numberForm.MatchString(c) && (canonical(c) != c || strings.ContainsAny(c, ";=,\r\n /\\\"")) {
			t.Errorf("canonical(%q) = %q", s, c)
		}
	})
}

// FuzzLegible: what is shown again can be sent again.
func FuzzLegible(f *testing.F) {
	for _, s := range []string{"路灯", "a\x00b", "\xff\xfe", "\u202eabc\u2066", "\r\n\u2028", "\ufeff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		out := legible(s)
		_, err := text.Clean(out, 1<<20)
		if !utf8.ValidString(out) || errors.Is(err, text.ErrUTF8) || errors.Is(err, text.ErrControl) || legible(out) != out {
			t.Errorf("legible(%q) = %q: %v", s, out, err)
		}
	})
}

// FuzzPoint: a point is on earth or it is none.
func FuzzPoint(f *testing.F) {
	f.Add("126.5", "42.0", "15")
	f.Add("NaN", "Inf", "-1")
	f.Add("1e400", "0x1p-2", "99999999999")
	f.Fuzz(func(t *testing.T, lon, lat, accuracy string) {
		p, ok := point(lon, lat, accuracy)
		if ok && !(p.Lon >= -180 && p.Lon <= 180 && p.Lat >= -90 && p.Lat <= 90 && p.Accuracy >= 0) {
			t.Errorf("point(%q, %q, %q) = %+v", lon, lat, accuracy, p)
		}
	})
}
