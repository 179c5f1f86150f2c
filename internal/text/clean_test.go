package text

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestCleanKeeps(t *testing.T) {
	for _, c := range [][2]string{
		{"路灯坏了", "路灯坏了"},
		{"  \u3000路灯\t坏了 \n", "路灯\t坏了"},
		{"一\r\n二\r三\n四\u2028五\u2029六", "一\n二\n三\n四\n五\n六"},
		{"<script>alert(1)</script>", "<script>alert(1)</script>"},
		{"=1+2", "=1+2"}, {"@SUM(A1)", "@SUM(A1)"}, {"-x", "-x"},
		{"👨‍👩‍👧‍👦👍🏽🏴󠁧󠁢󠁥󠁮󠁧󠁿❤️", "👨‍👩‍👧‍👦👍🏽🏴󠁧󠁢󠁥󠁮󠁧󠁿❤️"},
		{"ＡＢＣ　１２３", "ＡＢＣ　１２３"},
		{"e\u0301", "e\u0301"},
		{"𠮷\U00030000", "𠮷\U00030000"},
		{"\ufffd", "\ufffd"},
		{"'; DROP TABLE cases; --", "'; DROP TABLE cases; --"},
		{"سلام\u200fעם", "سلام\u200fעם"},
	} {
		got, err := Clean(c[0], 100)
		if err != nil || got != c[1] {
			t.Errorf("Clean(%q) = %q, %v, want %q", c[0], got, err, c[1])
		}
	}
}

func TestCleanRefuses(t *testing.T) {
	for _, c := range []struct {
		in   string
		max  int
		want InputError
	}{
		{"", 10, InputError{Kind: ErrEmpty}},
		{" \r\n\t\u3000", 10, InputError{Kind: ErrEmpty}},
		{"\u200b\u200d\ufe0f\u3164\u2800", 10, InputError{Kind: ErrEmpty}},
		{"路灯\xff", 10, InputError{Kind: ErrUTF8, At: 2}},
		{"\xed\xa0\x80", 10, InputError{Kind: ErrUTF8}},
		{"路\x00灯", 10, InputError{Kind: ErrControl, Rune: 0, At: 1}},
		{"路\x1b[31m", 10, InputError{Kind: ErrControl, Rune: 0x1b, At: 1}},
		{"路\u0085", 10, InputError{Kind: ErrControl, Rune: 0x85, At: 1}},
		{"\x7f", 10, InputError{Kind: ErrControl, Rune: 0x7f}},
		{"ab\u202ec", 10, InputError{Kind: ErrControl, Rune: 0x202e, At: 2}},
		{"ab\u2066c", 10, InputError{Kind: ErrControl, Rune: 0x2066, At: 2}},
		{"\ufeff路", 10, InputError{Kind: ErrControl, Rune: 0xfeff}},
		{"路灯坏了", 3, InputError{Kind: ErrTooLong, Count: 4, Max: 3}},
		{"路", 0, InputError{Kind: ErrTooLong, Count: 1}},
	} {
		got, err := Clean(c.in, c.max)
		var e *InputError
		if got != "" || !errors.As(err, &e) || *e != c.want || !errors.Is(err, c.want.Kind) {
			t.Errorf("Clean(%q) = %q, %v, want %v", c.in, got, err, &c.want)
		}
	}
	if _, err := Clean("秘密\x00", 10); strings.Contains(err.Error(), "秘密") {
		t.Errorf("the error tells the text: %v", err)
	}
	if got, err := Clean("路灯\r\n", 2); err != nil || got != "路灯" {
		t.Errorf("trimmed line ends must not count: %q, %v", got, err)
	}
}

func FuzzClean(f *testing.F) {
	f.Add(" 路灯\r\n坏了 ")
	f.Add("\u202e\xff")
	f.Fuzz(func(t *testing.T, s string) {
		const max = 50
		got, err := Clean(s, max)
		if err != nil {
			return
		}
		if utf8.RuneCountInString(got) > max || !utf8.ValidString(got) || strings.ContainsAny(got, "\r\x00\ufeff\u202e") {
			t.Fatalf("Clean(%q) = %q", s, got)
		}
		if again, err := Clean(got, max); err != nil || again != got {
			t.Fatalf("Clean(%q) = %q, then %q, %v", s, got, again, err)
		}
	})
}
