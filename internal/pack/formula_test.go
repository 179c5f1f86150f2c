package pack

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func anything(string) bool { return true }

func TestFormula(t *testing.T) {
	env := map[string]float64{"a": 6, "b": 4, "zero": 0}
	for text, want := range map[string]float64{
		"1 + 2 * a": 13, "(a - b) * 0.5": 1, "-a + b": -2, "a / 4": 1.5, "share(a, b)": 1.5, "share(a, a + b)": 0.6, "100 * share(b, a + b)": 40,
		"+a": 6, "share(a, zero)": math.NaN(), "1 + share(a, zero)": math.NaN(), "0 * share(a, zero)": math.NaN(), "share(a, b - a)": math.NaN(),
		"share(share(a, zero), b)": math.NaN(), "share(zero, a)": 0,
	} {
		e, bad := ParseFormula(text, anything)
		if bad != nil {
			t.Errorf("%s: %s", text, bad.EN)
			continue
		}
		got := e.Eval(func(n string) float64 { return env[n] })
		if got != want && !(math.IsNaN(got) && math.IsNaN(want)) {
			t.Errorf("%s is %v, want %v", text, got, want)
		}
	}
}

func TestFormulaRefuses(t *testing.T) {
	for _, text := range []string{"", "a /", "a / b", "a / 0", "a / 0.0", "a / (b + 1)", "a % 2", "a ** 2", "a ^ 2", "a > b", "a ? b : 1", "not a", "a and b", "'x'", "true", "nil",
		"[a]", "{x: a}", "a.b", "a[0]", "max(a, b)", "sum([a])", "share(a)", "share(a, b, 1)", "other(a, b)", "a; b", "let x = a; x", "1e9 * a", "9999999 * a", "a | len()"} {
		if _, bad := ParseFormula(text, anything); bad == nil || bad.ZH == "" || bad.EN == "" {
			t.Errorf("%q was taken, or refused without words", text)
		}
	}
	if _, bad := ParseFormula("a + x", func(n string) bool { return n == "a" }); bad == nil {
		t.Error("an unknown name was taken")
	}
}

// TestFormulaIsFinite: whatever was taken gives a number or no figure, and its sum,
// when it has one, says the same as evaluating it.
func TestFormulaIsFinite(t *testing.T) {
	names := []string{"a", "b", "c"}
	var draw func(t *rapid.T, depth int) string
	draw = func(t *rapid.T, depth int) string {
		if depth == 0 || rapid.IntRange(0, 3).Draw(t, "leaf") == 0 {
			return rapid.SampledFrom([]string{"a", "b", "c", "0", "1", "0.3", "1000000", "-2"}).Draw(t, "x")
		}
		l, r := draw(t, depth-1), draw(t, depth-1)
		switch rapid.IntRange(0, 4).Draw(t, "op") {
		case 0:
			return "(" + l + " + " + r + ")"
		case 1:
			return "(" + l + " - " + r + ")"
		case 2:
			return "(" + l + " * " + r + ")"
		case 3:
			return "(" + l + " / 7)"
		}
		return "share(" + l + ", " + r + ")"
	}
	rapid.Check(t, func(t *rapid.T) {
		text := draw(t, 5)
		e, bad := ParseFormula(text, anything)
		if bad != nil {
			t.Fatalf("%s: %s", text, bad.EN)
		}
		env := map[string]float64{}
		for _, n := range names {
			env[n] = float64(rapid.IntRange(0, 1_000_000).Draw(t, n))
		}
		get := func(n string) float64 { return env[n] }
		got := e.Eval(get)
		if math.IsInf(got, 0) {
			t.Fatalf("%s is infinite", text)
		}
		if again := e.Eval(get); math.Float64bits(again) != math.Float64bits(got) {
			t.Fatalf("%s is %v and then %v", text, got, again)
		}
		terms, sum, ok := e.Sum()
		for _, x := range terms {
			sum += x.Factor * env[x.Name]
			if !slices.Contains(e.Names(), x.Name) {
				t.Fatalf("%s has no %s", text, x.Name)
			}
		}
		if ok && !math.IsNaN(got) && math.Abs(sum-got) > 1e-6*math.Max(1, math.Abs(got)) && math.Abs(sum) < 1e15 {
			t.Fatalf("%s is %v, its terms give %v", text, got, sum)
		}
	})
}
