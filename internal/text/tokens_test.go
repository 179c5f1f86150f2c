package text

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestNormalize(t *testing.T) {
	for _, c := range [][2]string{
		{"", ""},
		{"  A３区　路灯\r\n\t坏了 ", "a3区 路灯 坏了"},
		{"ＡＢＣ１２３，。", "abc123,。"},
		{"㎡①Ⅷ", "m21viii"},
		{"路\u200b灯\ufe0f", "路灯"},
		{"e\u0301", "é"},
		{"ﾗﾝﾌﾟ", "ランプ"},
		{"\xff路", "\ufffd路"},
	} {
		if got := Normalize(c[0]); got != c[1] {
			t.Errorf("Normalize(%q) = %q, want %q", c[0], got, c[1])
		}
	}
}

// TestNormalizePlain: the short way gives what the long way gives, for each character between neighbours of all kinds.
func TestNormalizePlain(t *testing.T) {
	took := 0
	check := func(s string) {
		got, ok := normalizePlain(s)
		if ok {
			took++
		}
		if want := normalizeAny(s); ok && got != want {
			t.Fatalf("normalizePlain(%q) = %q, want %q", s, got, want)
		}
	}
	for r := range rune(0x30000) {
		for _, around := range []string{"", " ", "A", "か", "路", "가", "。", "\u3000\n"} {
			check(around + string(r) + around)
		}
	}
	if took < 8*20_000 {
		t.Errorf("only %d texts went the short way", took)
	}
	runes := rapid.SampledFrom([]rune("路灯坏了aZ09，。！？、“”（）—·《》\t\n　ｶﾞか\u3099e\u0301가\u11a8\u200b\x00\x85\xa0…"))
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringOfN(runes, 0, 30, -1).Draw(t, "text")
		if got, ok := normalizePlain(s); ok && got != normalizeAny(s) {
			t.Fatalf("%q: %q, want %q", s, got, normalizeAny(s))
		}
	})
}

func FuzzNormalize(f *testing.F) {
	f.Add("A３区　路灯")
	f.Add("\u0345\u00a8İ\u1160")
	f.Fuzz(func(t *testing.T, s string) {
		once := Normalize(s)
		if twice := Normalize(once); twice != once {
			t.Fatalf("Normalize(%q) = %q, again %q", s, once, twice)
		}
		if !utf8.ValidString(once) || once != strings.TrimSpace(once) || strings.Contains(once, "  ") {
			t.Fatalf("Normalize(%q) = %q", s, once)
		}
	})
}

func TestTokens(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"", ""},
		{"，。！ ", ""},
		{"路灯坏了", "路灯 灯坏 坏了"},
		{"路灯，路灯", "路灯"},
		{"灯", "灯"},
		{"灯，坏 了", "灯 坏 了"},
		{"A3区", "a3 a3区"},
		{"3号楼2单元501室", "3 3号 号楼 楼2 2 2单 单元 元501 501 501室"},
		{"App 办理", "app app办 办理"},
		{"办理 App", "办理 理app app"},
		{"App 办", "app app办 办"},
		{"JY20221123-7K3Q9", "jy20221123 7k3q9"},
		{"ＡＢＣ", "abc"},
		{"café CAFÉ cafe", "cafe"},
		{"<b>你好</b>", "b 你好"},
		{"𠮷野家", "x20bb7野 野家"},
		{"привет", "x43fx440x438x432x435x442"},
		{"👍🏽路", "路"},
		{strings.Repeat("x", 100), strings.Repeat("x", 64)},
	} {
		want := strings.Fields(c.want)
		if got := Tokens(c.in); !slices.Equal(got, want) {
			t.Errorf("Tokens(%q)\n got %q\nwant %q", c.in, got, want)
		}
	}
}

func TestTokensAreBounded(t *testing.T) {
	var b strings.Builder
	for r := rune(0x4E00); b.Len() < 2<<20; r = 0x4E00 + (r*7+1)%20000 {
		b.WriteRune(r)
	}
	if n := len(Tokens(b.String())); n > MaxTokens {
		t.Errorf("%d tokens, want at most %d", n, MaxTokens)
	}
	q, ok := MatchFTS5(b.String())
	if n := strings.Count(q, " AND ") + 1; !ok || n > MaxQueryTokens {
		t.Errorf("%d query tokens, want at most %d", n, MaxQueryTokens)
	}
}

func TestQueries(t *testing.T) {
	for _, c := range []struct {
		in, fts, ts string
	}{
		{"路灯坏", `"路灯" AND "灯坏"`, `'路灯' & '灯坏'`},
		{"望京西园 电梯", `"望京" AND "京西" AND "西园" AND "电梯"`, `'望京' & '京西' & '西园' & '电梯'`},
		{"5栋", `"5" AND "5栋"`, `'5' & '5栋'`},
		{"漏 水管", `"水管"`, `'水管'`},
		{"灯", "", ""}, {"灯 坏", "", ""}, {"", "", ""}, {`"'\ OR *`, `"or"`, `'or'`}, {`--;`, "", ""},
	} {
		if got, ok := MatchFTS5(c.in); got != c.fts || ok != (c.fts != "") {
			t.Errorf("MatchFTS5(%q) = %q, %v, want %q", c.in, got, ok, c.fts)
		}
		if got, ok := TSQuery(c.in); got != c.ts || ok != (c.ts != "") {
			t.Errorf("TSQuery(%q) = %q, %v, want %q", c.in, got, ok, c.ts)
		}
	}
	if got, want := quoteLexemes([]string{`a'b`, `c\d`}, " "), `'a''b' 'c\\d'`; got != want {
		t.Errorf("quoteLexemes = %s, want %s", got, want)
	}
}

// Whoever copies a piece out of a text must find that text by it, when the piece does not cut a Latin word or a number.
func TestPieceFindsText(t *testing.T) {
	runes := rapid.SampledFrom([]rune("路灯坏了小区楼单元室王а é𠮷5 ,，\n"))
	rapid.Check(t, func(t *rapid.T) {
		s := []rune(rapid.StringOfN(runes, 1, 30, -1).Draw(t, "text"))
		i := rapid.IntRange(0, len(s)-1).Draw(t, "from")
		j := rapid.IntRange(i+1, len(s)).Draw(t, "to")
		inWord := func(k int) bool { // a cut before k would part a run
			word := func(r rune) bool { return strings.ContainsRune("5аé", r) }
			return k > 0 && k < len(s) && word(s[k-1]) && word(s[k])
		}
		if inWord(i) || inWord(j) {
			t.Skip("the cut parts a word: half a word is not searched for")
		}
		index := Tokens(string(s))
		for _, q := range tokens(string(s[i:j]), MaxQueryTokens, true) {
			if !slices.Contains(index, q) {
				t.Fatalf("text %q has tokens %q; the piece %q asks for %q", string(s), index, string(s[i:j]), q)
			}
		}
	})
}
