package pack

import (
	"strings"
	"testing"
)

// TestJiangyuanFirms: the made-up register is of the size that it says, each with a code
// that is right, and says that it is made up.
func TestJiangyuanFirms(t *testing.T) {
	p, err := Load(Jiangyuan())
	if err != nil {
		t.Fatal(err)
	}
	n := map[string]int{}
	for _, x := range p.Firms {
		n[strings.Join(x.Kinds, " ")]++
		if !x.MadeUp || x.Source != "虚构" || x.Unit == "" {
			t.Errorf("%+v", x)
		}
	}
	if n["firm"] != 110 || n["firm contractor"] != 10 || n["volunteers"] != 20 {
		t.Errorf("%v", n)
	}
}

func TestFirmsAreChecked(t *testing.T) {
	const head = "code,name,kinds,sector,unit,source\n"
	for says, row := range map[string]string{
		"校验位": "91220605MAWX000193,某公司,企业,制造,,虚构", "要有统一社会信用代码": ",某公司,企业,制造,,虚构", "类别“公司”": "91350100M000100Y43,某公司,公司,制造,,虚构",
		"不认识行业": "91350100M000100Y43,某公司,企业,炼金,,虚构", "不在 units.csv": "91350100M000100Y43,某公司,企业,制造,nowhere,虚构", "“来源”没有填": "91350100M000100Y43,某公司,企业,制造,,",
		"重复": "91350100M000100Y43,甲公司,企业,制造,,虚构\n91350100M000100Y43,乙公司,企业,制造,,虚构",
	} {
		f := files(t)
		f["firms.csv"].Data = []byte(head + row + "\n")
		found := ""
		for _, x := range Check(f) {
			found += x.File + ": " + x.ZH + "\n"
			if x.EN == "" {
				t.Errorf("%s has no English", x.ZH)
			}
		}
		if !strings.Contains(found, "firms.csv") || !strings.Contains(found, says) {
			t.Errorf("%s: %q", row, found)
		}
	}
}
