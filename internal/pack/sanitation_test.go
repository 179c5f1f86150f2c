package pack

import (
	"strings"
	"testing"
)

// TestSanitation holds the machines to the founding figures: 22 of them, bought for CNY 15.79 m exactly.
func TestSanitation(t *testing.T) {
	s := load(t).Sanitation
	var paid int64
	for _, m := range s.Machines {
		paid += m.Price
	}
	if len(s.Machines) != 22 || paid != 1_579_000_000 {
		t.Errorf("%d machines for %d fen, want 22 for 1579000000", len(s.Machines), paid)
	}
	if len(s.Segments) != 400 || len(s.Contracts) != 2 || len(s.Grades) != 4 {
		t.Errorf("%d segments, %d contracts, %d grades", len(s.Segments), len(s.Contracts), len(s.Grades))
	}
	for _, x := range s.Segments {
		if !x.Mechanised || !x.MadeUp || x.Area() <= 0 {
			t.Fatalf("%+v", x)
		}
	}
	if s.Items[0].Points != 50 || s.Payment.Bands[0].Share != 10000 {
		t.Errorf("%+v %+v", s.Items[0], s.Payment.Bands[0])
	}
}

// TestBrokenSanitation names what is wrong, with its file.
func TestBrokenSanitation(t *testing.T) {
	for name, c := range map[string]struct{ file, old, new, words string }{
		"owner":            {"sanitation.yaml", "owner: sanitation", "owner: nobody", "owner“nobody”"},
		"unknown key":      {"sanitation.yaml", "silent: 10", "silence: 10", "不认识的项目“silence”"},
		"keep":             {"sanitation.yaml", "keep: 120", "keep: 2", "late 不超过 keep"},
		"limit":            {"sanitation.yaml", "limit: 2 hour", "limit: soon", "扣分项目 litter"},
		"points":           {"sanitation.yaml", "points: 0.5", "points: 0.555", "类型不对"},
		"bands":            {"sanitation.yaml", "{from: 85, share: 97}", "{from: 95, share: 97}", "从高分到低分"},
		"shift":            {"sanitation.yaml", "until: \"12:00\"", "until: \"03:00\"", "班次 early"},
		"machine of shift": {"sanitation.yaml", "sx-01, sx-02", "sx-01, sx-99", "sx-99"},
		"code":             {"contracts.csv", "0A1,cleaning", "0A2,cleaning", "校验位"},
		"unit":             {"contracts.csv", ",cleaning,", ",sweepers,", "sweepers"},
		"dates":            {"contracts.csv", "2024-12-31", "2021-12-31", "结束早于开始"},
		"money":            {"contracts.csv", "6800000.00", "6800000.001", "最多两位小数"},
		"contract":         {"segments.csv", "g0005-1,clean-1", "g0005-1,clean-9", "clean-9"},
		"grade":            {"segments.csv", "220605001001,2,机械", "220605001001,7,机械", "等级 7"},
		"length":           {"segments.csv", "302.488", "402.488", "不符"},
		"line":             {"segments.csv", "126.587120 42.044920;", "126.587120;", "线应写成"},
		"outside":          {"segments.csv", "126.585427 42.045440", "116.585427 42.045440", "不符"},
		"method":           {"segments.csv", "2,机械", "2,马车", "机械 或 人工"},
		"plate twice":      {"machines.csv", "吉F-Y0002", "吉F-Y0001", "车牌“吉F-Y0001”重复"},
		"interval":         {"machines.csv", ",999000000001,1,", ",999000000001,60,", "定位间隔"},
		"source":           {"machines.csv", "购置总额为报载；车牌、型号和单价虚构,是", ",是", "来源"},
	} {
		t.Run(name, func(t *testing.T) {
			f := files(t)
			edit(t, f, c.file, c.old, c.new)
			for _, p := range Check(f) {
				if p.File == c.file && strings.Contains(p.ZH+p.EN, c.words) {
					return
				}
			}
			t.Errorf("%q is not among %v", c.words, Check(f))
		})
	}
	f := files(t)
	for _, name := range []string{"sanitation.yaml", "contracts.csv", "segments.csv", "machines.csv"} {
		delete(f, name)
	}
	if p, err := Load(f); err != nil || p.Sanitation != nil {
		t.Errorf("a pack without sanitation: %v", err)
	}
}
