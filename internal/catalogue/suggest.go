package catalogue

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"weixiao/internal/text"
)

// Proposal is a matter that a sentence may be about.
type Proposal struct {
	Matter Matter
	Score  float64  // comparable within one answer only
	Words  []string // the words that matched, best first: the reason to show
}

// index holds, for every matter that can be chosen, the terms that speak for it.
type index struct {
	terms  []indexed          // one for each matter
	weight map[string]float64 // idf of terms and of bigrams
}

type indexed struct {
	matter  int
	terms   []term
	bigrams map[string]bool
}

// term is a keyword; a keyword with + (暖气+不热) has parts that must all occur.
type term struct {
	word  string
	parts [][]rune
}

func newTerm(keyword string) term {
	t := term{word: fold(keyword)}
	for p := range strings.SplitSeq(t.word, "+") {
		t.parts = append(t.parts, []rune(p))
	}
	return t
}

func newIndex(matters []Matter) index {
	x := index{weight: map[string]float64{}}
	count := map[string]int{}
	for i, m := range matters {
		if m.Deleted {
			continue
		}
		d := indexed{matter: i, bigrams: map[string]bool{}}
		for _, w := range append([]string{m.Name}, m.Keywords...) {
			t := newTerm(w)
			if slices.ContainsFunc(d.terms, func(have term) bool { return have.word == t.word }) {
				continue
			}
			d.terms = append(d.terms, t)
			count[t.word]++
			for _, p := range t.parts {
				for _, b := range bigrams(string(p)) {
					d.bigrams[b] = true
				}
			}
		}
		// The longest first, see score.
		slices.SortStableFunc(d.terms, func(a, b term) int { return cmp.Compare(len(b.word), len(a.word)) })
		for b := range d.bigrams {
			count["#"+b]++ // another name space: a bigram may be a keyword too
		}
		x.terms = append(x.terms, d)
	}
	for w, n := range count {
		x.weight[w] = math.Log(1 + float64(len(x.terms))/float64(n))
	}
	return x
}

// Suggest reads a sentence and proposes up to n matters that can be chosen, of
// these kinds (requests if none is given), best first. A keyword found in the
// sentence counts by its length and rarity, each stretch of the sentence once;
// pairs of characters shared with the keywords count a little. The order is
// the same for the same words.
func (c *Catalogue) Suggest(words string, n int, kinds ...Kind) []Proposal {
	if len(kinds) == 0 {
		kinds = []Kind{KindRequest}
	}
	said := []rune(fold(words))
	said = said[:min(len(said), longest)]
	pairs := bigrams(string(said))
	slices.Sort(pairs) // sums of floats depend on the order
	pairs = slices.Compact(pairs)
	var found []Proposal
	for _, d := range c.index.terms {
		m := c.matters[d.matter]
		if !slices.Contains(kinds, m.Kind) {
			continue
		}
		s := c.index.score(d, said, pairs)
		if s.Score >= least {
			s.Matter = m
			found = append(found, s)
		}
	}
	slices.SortStableFunc(found, func(a, b Proposal) int { return cmp.Compare(b.Score, a.Score) })
	return found[:min(max(n, 0), len(found))]
}

const (
	longest    = 600 // characters read: what it is about is said by then
	least      = 1.0 // one shared pair of characters is not a reason
	pairShare  = 0.3 // what a shared pair counts against a keyword of two characters
	splitShare = 0.8 // what a keyword in parts counts against one in one piece

	singleShare = 0.5 // a single character (狗, 熊) is part of many words
)

// score takes the longest terms first and lets each stretch of the sentence
// count once, so that 路灯不亮 is not also counted as 路灯.
func (x index) score(d indexed, said []rune, pairs []string) Proposal {
	used := make([]bool, len(said))
	var s Proposal
	for _, t := range d.terms {
		fresh := 0
		for _, i := range t.spots(said) {
			if !used[i] {
				used[i] = true
				fresh++
			}
		}
		if fresh == 0 {
			continue
		}
		gain := x.weight[t.word] * float64(fresh)
		switch {
		case len(t.parts) > 1:
			gain *= splitShare
		case utf8.RuneCountInString(t.word) == 1:
			gain *= singleShare
		}
		s.Score += gain
		s.Words = append(s.Words, strings.ReplaceAll(t.word, "+", "…"))
	}
	for _, b := range pairs {
		if d.bigrams[b] {
			s.Score += pairShare * x.weight["#"+b]
		}
	}
	return s
}

// spots are the positions of the sentence that the term covers; none unless all
// its parts occur.
func (t term) spots(said []rune) []int {
	var all []int
	for _, part := range t.parts {
		at := find(said, part)
		if at < 0 {
			return nil
		}
		for i := range part {
			all = append(all, at+i)
		}
	}
	return all
}

// find is the first place of part in said; -1 if it is not there.
func find(said, part []rune) int {
	for i := 0; i+len(part) <= len(said); i++ {
		if slices.Equal(said[i:i+len(part)], part) {
			return i
		}
	}
	return -1
}

// fold is text.Normalize without blanks and punctuation (but with the + of
// keywords in parts): 暖气 不热 and 暖气，不热 are the same.
func fold(s string) string {
	return strings.Map(func(r rune) rune {
		if r != '+' && !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return -1
		}
		return r
	}, text.Normalize(s))
}

func bigrams(s string) []string {
	r := []rune(s)
	var all []string
	for i := 0; i+2 <= len(r); i++ {
		all = append(all, string(r[i:i+2]))
	}
	return all
}
