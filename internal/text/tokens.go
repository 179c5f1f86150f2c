package text

import (
	"strings"
	"unicode/utf8"
)

// Limits that keep an index entry and a query small whatever is sent.
const (
	MaxTokens      = 4000      // distinct tokens of one text
	MaxQueryTokens = 64        // distinct tokens of one query
	maxIndexBytes  = 256 << 10 // of the text; what comes later is not searchable
)

// Tokens cuts a text into its distinct search tokens, in order of first appearance, at most MaxTokens:
//
//   - each pair of neighbouring characters of Chinese (路灯坏了: 路灯 灯坏 坏了);
//   - each Latin or digit run, lower case (A3区: a3), and its pair with the Chinese character it touches (a3区), so that 5栋 is not found by
//     5 and 栋 standing apart; a blank between the two (App 办理) does not part them;
//   - a Chinese character alone only where it stands alone.
//
// Tokens contain only a-z, 0-9 and characters that both engines' tokenizers leave alone.
func Tokens(s string) []string { return tokens(s, MaxTokens, false) }

// tokens with query set leaves out characters that stand alone (the index has them only where they stand alone there too, so they
// would hide hits) and takes a blank as the border of a word.
func tokens(s string, limit int, query bool) []string {
	size := min(len(s)/3, limit) + 1
	out, seen := make([]string, 0, size), make(map[string]bool, size)
	add := func(t string) {
		if len(out) < limit && !seen[t] {
			seen[t] = true
			out = append(out, t)
		}
	}
	var prev unit
	alone := false // prev is a character with nothing before it; if nothing follows either, it stands alone
	settle := func() {
		if alone && !query {
			add(prev.text)
		}
	}
	normalised := Normalize(head(s, maxIndexBytes))
	units(normalised, func(u unit) bool {
		if u.gap != touching {
			settle()
		}
		joined := u.gap == touching || u.gap == blank && !query && u.cjk != prev.cjk
		switch {
		case joined && prev.at >= 0 && u.at == prev.at+len(prev.text):
			add(normalised[prev.at : u.at+len(u.text)])
		case joined:
			add(prev.text + u.text)
		}
		if !u.cjk {
			add(u.text)
		}
		alone = u.cjk && u.gap != touching
		prev = u
		return len(out) < limit
	})
	settle()
	return out
}

// head cuts s to at most n bytes without cutting a character.
func head(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// IndexText is the text to store in a SQLite FTS5 table with tokenize='unicode61' (content=” and detail=none suffice: nothing else is
// ever asked of it than which rows hold all of some tokens).
func IndexText(s string) string { return strings.Join(Tokens(s), " ") }

// TSVector is the same index entry as a literal to be bound as text and cast, $1::tsvector, which bypasses PostgreSQL's text parser.
func TSVector(s string) string { return quoteLexemes(Tokens(s), " ") }

// MatchFTS5 turns what a person typed into the right side of FTS5's MATCH: all tokens must be there, in any order. It is false when
// there is nothing to search by: no letter or figure, or Chinese characters standing alone.
func MatchFTS5(query string) (string, bool) {
	t := tokens(query, MaxQueryTokens, true)
	for i, s := range t {
		t[i] = `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
	}
	return strings.Join(t, " AND "), len(t) > 0
}

// TSQuery is MatchFTS5 for PostgreSQL: to be bound as text and cast, search @@ $1::tsquery.
func TSQuery(query string) (string, bool) {
	t := tokens(query, MaxQueryTokens, true)
	return quoteLexemes(t, " & "), len(t) > 0
}

// lexemeQuoter writes a lexeme as tsvectorin and tsqueryin read it: in single quotes, with ' and \ doubled.
var lexemeQuoter = strings.NewReplacer(`'`, `''`, `\`, `\\`)

func quoteLexemes(tokens []string, sep string) string {
	var b strings.Builder
	size := 0
	for _, t := range tokens {
		size += len(t) + len(sep) + 2
	}
	b.Grow(size)
	for i, t := range tokens {
		if i > 0 {
			b.WriteString(sep)
		}
		b.WriteString("'")
		if strings.ContainsAny(t, `'\`) {
			t = lexemeQuoter.Replace(t)
		}
		b.WriteString(t)
		b.WriteString("'")
	}
	return b.String()
}
