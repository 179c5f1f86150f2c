package insight

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var townFields = []Field{{"matter", Category}, {"street", Category}, {"channel", Category}, {"said", Text}}

// town is a made-up district: lamps go to one office, rubbish to the street's own
// team, and a share of the cases anywhere.
func town(n int, noise float64, seed uint64) []Row {
	random := rand.New(rand.NewPCG(seed, 1))
	streets := []string{"东山街道", "西河街道", "南门街道"}
	begin := time.Date(2022, 1, 1, 8, 0, 0, 0, time.UTC)
	rows := make([]Row, n)
	for i := range rows {
		street := streets[random.IntN(3)]
		matter, label, said := "路灯", "路灯管理处", "路灯不亮了"
		if random.IntN(2) == 0 {
			matter, label, said = "垃圾", street[:len(street)-len("街道")]+"环卫队", "垃圾没人清运"
		}
		if random.Float64() < noise {
			label = []string{"路灯管理处", "东山环卫队", "西河环卫队", "南门环卫队", "城管局"}[random.IntN(5)]
		}
		rows[i] = Row{Values: []string{matter, street, []string{"热线", "网站"}[random.IntN(2)], said}, Time: begin.Add(time.Duration(i) * time.Hour), Label: label}
	}
	return rows
}

func mustTrain(t testing.TB, rows []Row, o Options) *Model {
	t.Helper()
	m, err := Train(context.Background(), townFields, rows, o)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func saved(t testing.TB, m *Model) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := m.Save(&b, []byte("note")); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestSuggestLearns(t *testing.T) {
	m := mustTrain(t, town(600, 0, 1), Options{})
	for _, c := range []struct{ matter, street, said, want string }{
		{"路灯", "东山街道", "路灯不亮了", "路灯管理处"}, {"垃圾", "西河街道", "垃圾没人清运", "西河环卫队"}, {"垃圾", "南门街道", "", "南门环卫队"},
	} {
		r := Row{Values: []string{c.matter, c.street, "热线", c.said}, Time: time.Date(2022, 2, 1, 0, 0, 0, 0, time.UTC)}
		s, err := m.Suggest(r, 3)
		if err != nil || s.Abstain || s.Choices[0].Label != c.want || s.Choices[0].P < 0.8 {
			t.Errorf("%+v: %+v, %v", c, s, err)
			continue
		}
		facts, _ := m.Reasons(r, c.want, 2)
		if len(facts) == 0 || facts[0].Went > facts[0].Of || 10*facts[0].Went < 9*facts[0].Of {
			t.Errorf("%+v: reasons %+v", c, facts)
		}
	}
	if _, err := m.Suggest(Row{Values: []string{"路灯"}}, 3); err == nil {
		t.Error("a row with too few values is judged")
	}
}

// Reasons are counts that anybody can check.
func TestReasonsCount(t *testing.T) {
	rows := town(400, 0.3, 2)
	m := mustTrain(t, rows, Options{})
	r := Row{Values: []string{"垃圾", "东山街道", "热线", "垃圾没人清运"}}
	facts, _ := m.Reasons(r, "东山环卫队", 3)
	if len(facts) == 0 {
		t.Fatal("no reason")
	}
	for _, f := range facts {
		of, went := 0, 0
		for _, x := range rows {
			same := true
			for i, c := range f.Columns {
				at := slices.IndexFunc(townFields, func(fd Field) bool { return fd.Name == c })
				same = same && x.Values[at] == f.Values[i]
			}
			if same {
				of++
				if x.Label == "东山环卫队" {
					went++
				}
			}
		}
		if of != f.Of || went != f.Went {
			t.Errorf("%+v: %d of %d in the rows", f, went, of)
		}
	}
	if facts, words := m.Reasons(r, "没有的单位", 3); facts != nil || words != nil {
		t.Error("reasons for a label that does not exist")
	}
}

func TestTrainIsDeterministic(t *testing.T) {
	rows := town(500, 0.2, 3)
	a, b := saved(t, mustTrain(t, rows, Options{})), saved(t, mustTrain(t, rows, Options{Workers: 5}))
	if !bytes.Equal(a, b) {
		t.Error("the same rows give another model with another number of workers")
	}
}

// Where chance decides a third of the cases, the model must know it: what it
// answers is right as often as it was asked for.
func TestAbstain(t *testing.T) {
	for _, precision := range []float64{0.75, 0.9} {
		rows := town(3000, 0, 4)
		random := rand.New(rand.NewPCG(9, 9))
		for i := range rows { // website: anybody's guess
			if rows[i].Values[2] == "网站" && random.Float64() < 0.6 {
				rows[i].Label = []string{"城管局", "住建局", "交通局"}[random.IntN(3)]
			}
		}
		m := mustTrain(t, rows[:2000], Options{Precision: precision})
		answered, right := 0, 0
		for _, r := range rows[2000:] {
			s, err := m.Suggest(r, 1)
			if err != nil {
				t.Fatal(err)
			}
			if !s.Abstain {
				answered++
				if s.Choices[0].Label == r.Label {
					right++
				}
			}
		}
		share := float64(right) / float64(max(1, answered))
		t.Logf("precision %.2f: answered %d of 1000, right %.3f", precision, answered, share)
		if answered < 300 || share < precision-0.04 {
			t.Errorf("precision %.2f asked: %d answered, %.3f right", precision, answered, share)
		}
	}
	coin := town(400, 1, 5)
	m := mustTrain(t, coin, Options{Precision: 0.95})
	silent := 0
	for _, r := range coin[:100] {
		if s, _ := m.Suggest(r, 1); s.Abstain {
			silent++
		}
	}
	if silent < 90 {
		t.Errorf("labels by chance: it answers %d of 100", 100-silent)
	}
}

func TestTrainRefuses(t *testing.T) {
	one := town(100, 0, 6)
	for i := range one {
		one[i].Label = "甲"
	}
	for name, rows := range map[string][]Row{"none": nil, "few": town(10, 0, 6), "one label": one} {
		if _, err := Train(context.Background(), townFields, rows, Options{}); !errors.Is(err, ErrTraining) {
			t.Errorf("%s: %v", name, err)
		}
	}
	bad := town(100, 0, 6)
	bad[3].Values = bad[3].Values[:2]
	if _, err := Train(context.Background(), townFields, bad, Options{}); err == nil {
		t.Error("a row with too few values is learned from")
	}
	for _, o := range []Options{{Precision: 2}, {Precision: -1}, {Workers: -1}} {
		if _, err := Train(context.Background(), townFields, town(100, 0, 6), o); err == nil {
			t.Errorf("%+v is accepted", o)
		}
	}
}

func TestTrainStops(t *testing.T) {
	ctx, stop := context.WithCancel(context.Background())
	stop()
	if m, err := Train(ctx, townFields, town(2000, 0.2, 10), Options{}); m != nil || !errors.Is(err, context.Canceled) {
		t.Errorf("%v, %v", m, err)
	}
}

func TestSaveLoad(t *testing.T) {
	m := mustTrain(t, town(300, 0.2, 7), Options{})
	file := saved(t, m)
	back, note, err := Load(bytes.NewReader(file))
	if err != nil || string(note) != "note" {
		t.Fatal(string(note), err)
	}
	for _, r := range town(50, 0, 8) {
		a, _ := m.Suggest(r, 5)
		b, _ := back.Suggest(r, 5)
		if fmt.Sprint(a) != fmt.Sprint(b) {
			t.Fatalf("%v before, %v after", a, b)
		}
	}
	if !bytes.Equal(file, saved(t, back)) {
		t.Error("saving what was loaded gives another file")
	}
	for i := 0; i < len(file); i += 1 + len(file)/500 {
		damaged := slices.Clone(file)
		damaged[i] ^= 0x10
		if _, _, err := Load(bytes.NewReader(damaged)); !errors.Is(err, ErrFile) {
			t.Fatalf("byte %d damaged: %v", i, err)
		}
		if _, _, err := Load(bytes.NewReader(file[:i])); !errors.Is(err, ErrFile) {
			t.Fatalf("cut at %d: %v", i, err)
		}
	}
}

// Whatever the rows are: shares are probabilities, best first, of known labels.
func TestSuggestProperties(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		value := rapid.SampledFrom([]string{"", "甲", "乙", "丙丁", "甲乙丙", "7", "\u3000"})
		rows := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Row {
			return Row{Values: []string{value.Draw(t, "a"), value.Draw(t, "b")}, Label: rapid.SampledFrom([]string{"甲处", "乙处", "丙丁处", ""}).Draw(t, "label")}
		}), 20, 80).Draw(rt, "rows")
		m, err := Train(context.Background(), []Field{{"a", Category}, {"b", Text}}, rows, Options{Workers: 1, Nets: 1})
		if errors.Is(err, ErrTraining) {
			return
		}
		if err != nil {
			rt.Fatal(err)
		}
		s, err := m.Suggest(Row{Values: []string{value.Draw(rt, "x"), "未见过的话"}}, 9)
		if err != nil || len(s.Choices) == 0 {
			rt.Fatal(s, err)
		}
		sum, last := 0.0, 1.0
		for _, c := range s.Choices {
			sum += c.P
			if _, ok := slices.BinarySearch(m.Labels(), c.Label); !ok || c.P > last || c.P < 0 {
				rt.Fatalf("%v", s)
			}
			last = c.P
		}
		if sum > 1+1e-9 {
			rt.Fatalf("sum %v", sum)
		}
	})
}
