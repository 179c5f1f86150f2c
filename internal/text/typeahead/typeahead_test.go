package typeahead

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

var some = []string{"兴林小区", "兴林路", "兴林小区3号楼", "林海雅居", "西安路", "先进街", "长白名苑", "砟子镇中学", "中心小学", "绿园小区", "SOHO国际", "矿工新村", "工农街", "育林路", "红松小区", "星林超市"}

func index(names []string) *Index {
	var list []Name
	for i, n := range names {
		list = append(list, Name{Text: n, Entry: i})
	}
	return New(list)
}

func TestSearch(t *testing.T) {
	x := index(some)
	for _, c := range []struct{ typed, first, rest string }{
		{"兴林", "兴林路", ""}, {"xl", "兴林路", ""}, {"xlxq", "兴林小区", ""}, {"xinglinxiaoqu", "兴林小区", ""}, {"xinglinxq", "兴林小区", ""}, {"xing林xq", "兴林小区", ""},
		{"xlxq 3", "兴林小区3号楼", ""}, {"xlxq5", "兴林小区", "5"}, {"兴林 3 号", "兴林小区3号楼", ""}, {"兴林小区三号楼", "兴林小区3号楼", ""}, {"兴林路12号", "兴林路", "12号"},
		{"xian", "西安路", ""}, {"xianlu", "西安路", ""}, {"xianj", "先进街", ""}, {"cbmy", "长白名苑", ""}, {"zzzzx", "砟子镇中学", ""}, {"zhazi", "砟子镇中学", ""},
		{"lvyuan", "绿园小区", ""}, {"lüyuan", "绿园小区", ""}, {"soho", "SOHO国际", ""}, {"小学", "中心小学", ""}, {"ＸＬＬ", "兴林路", ""}, {"zhongx", "中心小学", ""}, {"育林lu", "育林路", ""},
		{"kgxc 12-3-501", "矿工新村", "12-3-501"}, {"红松", "红松小区", ""},
	} {
		hits := x.Search(c.typed, 5)
		if len(hits) == 0 {
			t.Errorf("%q finds nothing, want %s", c.typed, c.first)
			continue
		}
		if got := some[hits[0].Entry]; got != c.first || hits[0].Rest != c.rest {
			t.Errorf("%q finds %s with rest %q, want %s with %q", c.typed, got, hits[0].Rest, c.first, c.rest)
		}
	}
	for _, nothing := range []string{"", " ", "，。", "火星", "qqqq", "uuu", strings.Repeat("兴", 50), "\xff\xfe"} {
		if hits := x.Search(nothing, 5); len(hits) != 0 {
			t.Errorf("%q finds %s", nothing, some[hits[0].Entry])
		}
	}
}

// TestFindsItself: every name is found by itself, by its beginning, and by its initials.
func TestFindsItself(t *testing.T) {
	letters := []rune("兴林红松海矿工新村小区路街长白山石人镇砟子岔沟南北东西家园佳苑重乐")
	rapid.Check(t, func(t *rapid.T) {
		names := rapid.SliceOfNDistinct(rapid.StringOfN(rapid.SampledFrom(letters), 2, 6, -1), 1, 12, rapid.ID[string]).Draw(t, "names")
		x := index(names)
		i := rapid.IntRange(0, len(names)-1).Draw(t, "which")
		r := []rune(names[i])
		for _, typed := range []string{names[i], string(r[:rapid.IntRange(1, len(r)).Draw(t, "cut")])} {
			found := false
			for _, h := range x.Search(typed, len(names)) {
				found = found || h.Entry == i
			}
			if !found {
				t.Fatalf("%q does not find %s of %v", typed, names[i], names)
			}
		}
	})
}

func FuzzSearch(f *testing.F) {
	x := index(some)
	for _, s := range []string{"xlxq 3", "兴林 3 号", "xian", "zhzhzh", "\xff", "ü3三号"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if hits := x.Search(s, 8); len(hits) > 8 {
			t.Error("more than asked for")
		}
	})
}

func BenchmarkSearch(b *testing.B) {
	var names []string
	stems := []rune("兴林红松海矿工新村长白山石人金枫春晖锦绣阳光浑江福满和谐鑫源东升百合惠民龙御景幸文化桦碧银河向丰站民康乐花望静")
	for i := range 200_000 {
		a, c, d := i%len(stems), (i/len(stems))%len(stems), (i/len(stems)/len(stems))%len(stems)
		names = append(names, fmt.Sprintf("%c%c%c小区%d号楼", stems[a], stems[c], stems[d], i%40))
	}
	x := index(names)
	b.ResetTimer()
	for i := range b.N {
		x.Search([]string{"xl", "xlxq", "兴林", "xlxq 3", "x", "hs", "jinfeng", "xq", "小区", "阳光小区3号"}[i%10], 8)
	}
}
