package address

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// corpus reads a labelled set in CoNLL form; the test is skipped where the set is not.
func corpus(t *testing.T, file string) [][]labelled {
	t.Helper()
	name := filepath.Join("..", "..", "..", "..", "..", "shared", "data", "address-parsing-zh", file)
	if dir := os.Getenv("WEIXIAO_DATA"); dir != "" {
		name = filepath.Join(dir, "address-parsing-zh", file)
	}
	f, err := os.Open(name)
	if err != nil {
		t.Skip("the labelled addresses are not on this machine")
	}
	defer f.Close()
	var all [][]labelled
	var one []labelled
	for in := bufio.NewScanner(f); ; {
		more := in.Scan()
		word, tag, ok := strings.Cut(strings.TrimSpace(in.Text()), " ")
		if !ok || !more {
			if len(one) > 0 {
				all, one = append(all, one), nil
			}
			if !more {
				return all
			}
			continue
		}
		mark, kind, _ := strings.Cut(tag, "-")
		k := corpusKinds[strings.ToLower(kind)]
		if last := len(one) - 1; mark == "I" && last >= 0 && one[last].kind == k {
			one[last].text += word
		} else {
			one = append(one, labelled{k, word})
		}
	}
}

type labelled struct {
	kind Kind
	text string
}

var corpusKinds = map[string]Kind{"country": Country, "prov": Province, "city": City, "district": District, "devzone": Zone, "town": Town, "community": Community,
	"road": Road, "roadno": Number, "subroad": SubRoad, "subroadno": SubNumber, "poi": Place, "subpoi": SubPlace, "houseno": Building, "cellno": Entrance,
	"floorno": Floor, "roomno": Room, "person": Tenant, "assist": Hint, "redundant": Noise, "otherinfo": Noise}

type tally struct{ right, found, there int }

func (c tally) f1() float64 {
	if c.right == 0 {
		return 0
	}
	return 2 * float64(c.right) / float64(c.found+c.there)
}

// measure compares the parser with the labels: an element is right when its kind and both its ends are.
func measure(p *Parser, all [][]labelled, wrong func(said, meant string)) (map[Kind]tally, tally, float64) {
	by, whole, exact := map[Kind]tally{}, tally{}, 0
	for _, one := range all {
		text, want := "", map[string]bool{}
		var meant, said strings.Builder
		for _, x := range one {
			want[fmt.Sprint(x.kind, len(text), len(text)+len(x.text))] = true
			text += x.text
			c := by[x.kind]
			c.there++
			by[x.kind] = c
			fmt.Fprintf(&meant, "%s/%s ", x.text, x.kind)
		}
		right, found := 0, 0
		for _, e := range p.Parse(text).Elements {
			c := by[e.Kind]
			c.found++
			found++
			if want[fmt.Sprint(e.Kind, e.Start, e.End)] {
				c.right++
				right++
			}
			by[e.Kind] = c
			fmt.Fprintf(&said, "%s/%s ", e.Text, e.Kind)
		}
		whole.right, whole.found, whole.there = whole.right+right, whole.found+found, whole.there+len(one)
		if right == len(one) && found == right {
			exact++
		} else if wrong != nil {
			wrong(said.String(), meant.String())
		}
	}
	return by, whole, float64(exact) / float64(len(all))
}

// TestCorpus measures against the labels of 2,985 addresses that were typed by people all over China, most of them in
// Zhejiang. Names of towns and villages there are unknown to the parser; what it reaches is by its rules alone. The
// floors are a little below what is reached.
func TestCorpus(t *testing.T) {
	file := "dev.txt"
	if f := os.Getenv("ADDRESS_CORPUS"); f != "" {
		file = f
	}
	all := corpus(t, file)
	var wrong func(said, meant string)
	if os.Getenv("ADDRESS_WRONG") != "" { // for whoever works on the rules
		wrong = func(said, meant string) { t.Log("said  " + said + "\nmeant " + meant) }
	}
	by, whole, exact := measure(New(), all, wrong)
	kinds := []Kind{}
	for k := range by {
		kinds = append(kinds, k)
	}
	slices.SortFunc(kinds, func(a, b Kind) int { return by[b].there - by[a].there })
	for _, k := range kinds {
		c := by[k]
		t.Logf("%-10s %5d there  precision %.3f  recall %.3f  F1 %.3f", k, c.there, float64(c.right)/max(1, float64(c.found)), float64(c.right)/max(1, float64(c.there)), c.f1())
	}
	if whole.f1() < 0.84 || exact < 0.54 {
		t.Error("below what was reached")
	}
	t.Logf("all        %5d there  F1 %.3f; whole addresses right %.3f of %d", whole.there, whole.f1(), exact, len(all))
}
