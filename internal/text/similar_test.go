package text

import (
	"errors"
	"math"
	"testing"

	"pgregory.net/rapid"
)

func TestSimilarity(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want float64
	}{
		{"", "", 0}, {"，。", "，。", 0}, {"路", "路", 1}, {"路灯", "路灯", 1}, {"路灯", "灯路", 0},
		{"路灯坏了", "路灯坏了", 1},
		{"路灯坏了，没人修！", "路灯坏了没人修", 1}, // only letters count
		{"ＡＢＣ１２３", "abc 123", 1},
		{"金源小区路灯坏了", "金源小区路灯亮了", 4.0 / 8},
		{"停水", "路灯坏了", 0},
	} {
		if got := Similarity(c.a, c.b); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("Similarity(%q, %q) = %v, want %v", c.a, c.b, got, c.want)
		}
	}
}

func TestSimilarityIsSymmetric(t *testing.T) {
	text := rapid.StringOfN(rapid.SampledFrom([]rune("路灯坏了a1，")), 0, 40, -1)
	rapid.Check(t, func(t *rapid.T) {
		a, b := text.Draw(t, "a"), text.Draw(t, "b")
		ab, ba := Similarity(a, b), Similarity(b, a)
		if ab != ba || ab < 0 || ab > 1 || len(GramsOf(a)) > 0 && Similarity(a, a) != 1 {
			t.Fatalf("Similarity(%q, %q) = %v, reversed %v", a, b, ab, ba)
		}
		sa, sb := SignatureOf(a), SignatureOf(b)
		if s := sa.Similarity(sb); s != sb.Similarity(sa) || s < 0 || s > 1 || len(GramsOf(a)) > 0 && sa.Similarity(sa) != 1 {
			t.Fatalf("signatures of %q and %q: %v", a, b, s)
		}
		back, err := ParseSignature(sa.Bytes())
		if err != nil || back != sa {
			t.Fatalf("signature of %q does not survive storage: %v", a, err)
		}
	})
}

// Signatures and keys are stored: a change of their values would cut new texts off from old ones.
func TestSignatureIsFixed(t *testing.T) {
	sig := SignatureOf("金源小区3号楼路灯坏了三天没人修")
	if got, want := [4]uint32{sig[0], sig[1], sig[31], sig[63]}, [4]uint32{433717031, 114958040, 887550657, 642739169}; got != want {
		t.Errorf("signature %v, want %v", got, want)
	}
	keys := sig.Keys()
	if got, want := [2]int64{keys[0], keys[20]}, [2]int64{8263863476889958212, -6946060396895778373}; got != want || len(keys) != bands {
		t.Errorf("%d keys, %v, want %d, %v", len(keys), got, bands, want)
	}
	if keys := SignatureOf("，。").Keys(); keys != nil {
		t.Errorf("a text without letters has keys %v", keys)
	}
	if SignatureOf("").Similarity(SignatureOf("")) != 0 {
		t.Error("two empty texts are called alike")
	}
	for _, b := range [][]byte{nil, make([]byte, 255), make([]byte, 257)} {
		if _, err := ParseSignature(b); !errors.Is(err, ErrSignature) {
			t.Errorf("%d bytes: %v", len(b), err)
		}
	}
}

func sharesKey(a, b []int64) bool {
	for i := range a {
		if i < len(b) && a[i] == b[i] {
			return true
		}
	}
	return false
}

// On real messages, measured: do the keys find the near duplicates that a full comparison of all pairs finds?
func TestKeysFindNearDuplicates(t *testing.T) {
	rows := readShared(t, "tipdm2020-classify/train.csv")[:2000] // comparing all pairs takes its time
	n := len(rows)
	grams, sigs, keys := make([]Grams, n), make([]Signature, n), make([][]int64, n)
	byKey := make(map[int64][]int)
	for i, r := range rows {
		grams[i] = GramsOf(r["text"])
		sigs[i] = grams[i].Signature()
		keys[i] = sigs[i].Keys()
		for _, k := range keys[i] {
			byKey[k] = append(byKey[k], i)
		}
	}
	var group, groupFound, alike, alikeFound int
	var worst, errorSum float64
	for i := range rows {
		for j := i + 1; j < n; j++ {
			same := rows[i]["dup_group"] == rows[j]["dup_group"]
			if same {
				group++
				if sharesKey(keys[i], keys[j]) {
					groupFound++
				}
			}
			// Jaccard of sets of sizes a < b is at most a/b.
			if a, b := len(grams[i]), len(grams[j]); !same && (2*a < b || 2*b < a) {
				continue
			}
			if s := grams[i].Jaccard(grams[j]); s >= 0.5 {
				alike++
				if sharesKey(keys[i], keys[j]) {
					alikeFound++
				}
				e := math.Abs(s - sigs[i].Similarity(sigs[j]))
				errorSum += e
				worst = max(worst, e)
			}
		}
	}
	candidates := 0
	for _, ids := range byKey {
		candidates += len(ids) * (len(ids) - 1) / 2
	}
	t.Logf("%d texts; pairs of one dup_group: %d of %d share a key; pairs of Similarity >= 0.5: %d of %d; %.2f candidates a text",
		n, groupFound, group, alikeFound, alike, float64(candidates)/float64(n))
	t.Logf("signature against exact similarity: mean error %.3f, worst %.3f", errorSum/float64(max(alike, 1)), worst)
	if group < 25 || float64(groupFound) < 0.95*float64(group) || float64(alikeFound) < 0.95*float64(alike) {
		t.Error("recall under 0.95")
	}
	if candidates > 40*n {
		t.Errorf("%d candidates for %d texts: the keys do not tell texts apart", candidates, n)
	}
	if worst > 0.25 {
		t.Errorf("an estimate is %.2f off", worst)
	}
}

func BenchmarkSignature(b *testing.B) {
	text := "金源小区3号楼2单元楼道灯不亮已经三天了，给物业打过电话没有人来修，老人晚上回家看不见路，请尽快处理，谢谢。"
	for b.Loop() {
		SignatureOf(text).Keys()
	}
}
