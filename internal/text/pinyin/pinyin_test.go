package pinyin

import (
	"slices"
	"testing"
)

func TestReadings(t *testing.T) {
	for r, want := range map[rune]string{'砟': "zha", '浑': "hun", '旮': "ga", '岔': "cha", '女': "nv", '吉': "ji"} {
		if got := Readings(r); len(got) == 0 || got[0] != want {
			t.Errorf("%c is read %v, want %s first", r, got, want)
		}
	}
	if !slices.Contains(Readings('乐'), "yue") || !slices.Contains(Readings('乐'), "le") {
		t.Errorf("乐: %v", Readings('乐'))
	}
	for _, r := range "aA1 ，𠀀" {
		if Readings(r) != nil {
			t.Errorf("%c has readings", r)
		}
	}
}

func TestInitials(t *testing.T) {
	for name, want := range map[string]string{"兴林小区3号楼": "xlxq3hl", "砟子镇": "zzz", "长白山": "cbs", "重庆": "cq", "A座，东": "azd", "": ""} {
		if got := Initials(name); got != want {
			t.Errorf("Initials(%s) = %s, want %s", name, got, want)
		}
	}
}

// TestWhole: every character that a Chinese input method offers first has a reading.
func TestWhole(t *testing.T) {
	missing := 0
	for r := rune(first); r <= last; r++ {
		if Readings(r) == nil {
			missing++
		}
	}
	if missing > 300 {
		t.Errorf("%d characters have no reading", missing)
	}
	if !IsSyllable("xing") || IsSyllable("xi'an") || IsSyllable("x") {
		t.Error("syllables")
	}
}
