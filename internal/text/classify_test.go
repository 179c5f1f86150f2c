package text

import (
	"bytes"
	"errors"
	"fmt"
	"hash/fnv"
	"math"
	"slices"
	"testing"
)

var lessons = []Example{
	{"路灯不亮，楼道灯坏了", "市政"}, {"路灯坏了没人修", "市政"}, {"井盖丢了，路面塌陷", "市政"}, {"人行道地砖破损，路灯杆倾斜", "市政"},
	{"暖气不热，供热公司不管", "供热"}, {"家里供暖温度不够", "供热"}, {"暖气片漏水，供热站不来", "供热"}, {"交了取暖费，暖气还是凉的", "供热"},
	{"工资拖欠三个月", "劳动"}, {"公司不签劳动合同，拖欠工资", "劳动"}, {"社保没有缴，要求补缴", "劳动"}, {"被拖欠加班费", "劳动"},
}

func mustTrain(t testing.TB, examples []Example, o TrainOptions) *Classifier {
	t.Helper()
	c, err := Train(examples, o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func saved(t testing.TB, c *Classifier) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := c.Save(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestClassifierLearns(t *testing.T) {
	c := mustTrain(t, lessons, TrainOptions{Seed: 1})
	if got := c.Labels(); !slices.Equal(got, []string{"供热", "劳动", "市政"}) {
		t.Errorf("labels %q", got)
	}
	for text, want := range map[string]string{"门口路灯又坏了": "市政", "今年暖气不热": "供热", "老板拖欠工资": "劳动"} {
		p := c.Predict(text, 3)
		if p[0].Label != want {
			t.Errorf("%q is %v, want %s", text, p, want)
		}
		if sum := p[0].P + p[1].P + p[2].P; math.Abs(sum-1) > 1e-9 || p[0].P < p[1].P || p[1].P < p[2].P {
			t.Errorf("%q: probabilities %v", text, p)
		}
	}
	reasons := c.Reasons("老板拖欠工资", "劳动", 2)
	if len(reasons) != 2 || reasons[0].Weight < reasons[1].Weight || !slices.Contains([]string{"拖欠", "工资", "欠工"}, reasons[0].Gram) {
		t.Errorf("reasons %v", reasons)
	}
	if r := c.Reasons("路灯", "没有的类", 3); r != nil {
		t.Errorf("reasons for an unknown label: %v", r)
	}
	if p := c.Predict("", 5); len(p) != 3 {
		t.Errorf("empty text: %v", p)
	}
	if p := c.Predict("路灯", 0); len(p) != 0 {
		t.Errorf("none asked for: %v", p)
	}
}

func TestTrainIsDeterministic(t *testing.T) {
	a := saved(t, mustTrain(t, lessons, TrainOptions{Seed: 7, Epochs: 3}))
	b := saved(t, mustTrain(t, lessons, TrainOptions{Seed: 7, Epochs: 3}))
	other := saved(t, mustTrain(t, lessons, TrainOptions{Seed: 8, Epochs: 3}))
	if !bytes.Equal(a, b) {
		t.Error("the same seed gives another classifier")
	}
	if bytes.Equal(a, other) {
		t.Error("the seed has no effect")
	}
}

func TestTrainRefuses(t *testing.T) {
	for _, e := range [][]Example{nil, {{"路灯", "市政"}}, {{"路灯", "市政"}, {"井盖", "市政"}}} {
		if _, err := Train(e, TrainOptions{}); !errors.Is(err, ErrTraining) {
			t.Errorf("Train(%v): %v", e, err)
		}
	}
	for _, o := range []TrainOptions{{Epochs: -1}, {Buckets: 3}, {Buckets: 1 << 25}, {Buckets: -4}} {
		if _, err := Train(lessons, o); err == nil {
			t.Errorf("Train accepts %+v", o)
		}
	}
}

func TestSaveLoad(t *testing.T) {
	c := mustTrain(t, lessons, TrainOptions{Seed: 1, Buckets: 1 << 10})
	file := saved(t, c)
	back, err := Load(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range lessons {
		if a, b := c.Predict(e.Text, 3), back.Predict(e.Text, 3); !slices.Equal(a, b) {
			t.Errorf("%q: %v before, %v after", e.Text, a, b)
		}
		if a, b := c.Reasons(e.Text, e.Label, 5), back.Reasons(e.Text, e.Label, 5); !slices.Equal(a, b) {
			t.Errorf("%q: reasons %v before, %v after", e.Text, a, b)
		}
	}
	if again := saved(t, back); !bytes.Equal(file, again) {
		t.Error("saving what was loaded gives another file")
	}
	for i := range file { // every damaged byte and every cut must be noticed
		damaged := slices.Clone(file)
		damaged[i] ^= 0x10
		if _, err := Load(bytes.NewReader(damaged)); !errors.Is(err, ErrModel) {
			t.Fatalf("byte %d damaged: %v", i, err)
		}
		if _, err := Load(bytes.NewReader(file[:i])); !errors.Is(err, ErrModel) {
			t.Fatalf("cut at %d: %v", i, err)
		}
	}
}

// The checksum keeps chance damage out; the decoder must also stand against a file made with a right one.
func FuzzDecoder(f *testing.F) {
	file := saved(f, mustTrain(f, lessons, TrainOptions{Buckets: 1 << 6, Epochs: 1}))
	f.Add(file[len(modelMagic) : len(file)-4])
	f.Add([]byte{2, 2, 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		d := &decoder{b: b}
		c := d.classifier()
		if d.failed || len(d.b) > 0 {
			return
		}
		if p := c.Predict("路灯坏了", 2); len(p) != 2 || math.IsNaN(p[0].P) {
			t.Fatalf("accepted, and predicts %v", p)
		}
	})
}

// On real messages with our own split by group of near duplicates: the accuracy that the product may promise, and how honest P is.
func TestClassifierOnMessages(t *testing.T) {
	var train, test []Example
	for _, r := range readShared(t, "tipdm2020-classify/train.csv") {
		h := fnv.New32a()
		h.Write([]byte(r["dup_group"]))
		if e := (Example{r["text"], r["label"]}); mix(uint64(h.Sum32()))%5 == 0 {
			test = append(test, e)
		} else {
			train = append(train, e)
		}
	}
	c := mustTrain(t, train, TrainOptions{Seed: 1})
	var right, second int
	var confidence, loss float64
	bins := make([]struct {
		n, right int
		p        float64
	}, 10)
	for _, e := range test {
		p := c.Predict(e.Text, 2)
		confidence += p[0].P
		bin := &bins[min(9, int(p[0].P*10))]
		bin.n++
		bin.p += p[0].P
		switch e.Label {
		case p[0].Label:
			right++
			bin.right++
			loss -= math.Log(p[0].P)
		case p[1].Label:
			second++
			loss -= math.Log(p[1].P)
		default:
			loss -= math.Log((1 - p[0].P - p[1].P + 1e-9) / 5)
		}
	}
	n := float64(len(test))
	accuracy, calibration := float64(right)/n, 0.0
	for _, b := range bins {
		calibration += math.Abs(b.p-float64(b.right)) / n
	}
	t.Logf("%d trained, %d tested: accuracy %.4f, in the first two %.4f, mean P %.4f, log loss %.3f, calibration error %.3f, temperature %.2f, file %d KiB",
		len(train), len(test), accuracy, float64(right+second)/n, confidence/n, loss/n, calibration, c.temperature, len(saved(t, c))>>10)
	if accuracy < 0.85 {
		t.Errorf("accuracy %.4f, want 0.85", accuracy)
	}
	if calibration > 0.08 {
		t.Errorf("calibration error %.3f, want 0.08 at most", calibration)
	}
	t.Logf("a message of %s, for: %v", test[0].Label, c.Reasons(test[0].Text, test[0].Label, 5))
}

func BenchmarkPredict(b *testing.B) {
	c := mustTrain(b, lessons, TrainOptions{Buckets: 1 << 12})
	text := lessons[0].Text + lessons[4].Text + lessons[9].Text
	for b.Loop() {
		c.Predict(text, 3)
	}
}

func BenchmarkTrain(b *testing.B) {
	var examples []Example
	for i := range 1000 {
		e := lessons[i%len(lessons)]
		examples = append(examples, Example{fmt.Sprint(e.Text, "第", i, "次反映"), e.Label})
	}
	for b.Loop() {
		mustTrain(b, examples, TrainOptions{Epochs: 2})
	}
}
