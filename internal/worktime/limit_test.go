package worktime

import (
	"encoding/json"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

func TestParseLimit(t *testing.T) {
	tests := []struct {
		in   string
		want Limit
		out  string
	}{
		{"30 minute", Limit{30, Minute, AtOnce}, "30 minute"},
		{"24 hour", Limit{1440, Minute, AtOnce}, "24 hour"},
		{"90 minutes", Limit{90, Minute, AtOnce}, "90 minute"},
		{"15min", Limit{15, Minute, AtOnce}, "15 minute"},
		{"2 workhour", Limit{2, WorkHour, AtOnce}, "2 workhour"},
		{" 5  workdays ", Limit{5, Workday, AtOnce}, "5 workday"},
		{"10 day", Limit{10, Day, AtOnce}, "10 day"},
		{"5 workday from next workday", Limit{5, Workday, NextWorkday}, "5 workday from next workday"},
		{"10 day from next day", Limit{10, Day, NextDay}, "10 day from next day"},
		{"2 hours from next hour", Limit{120, Minute, NextHour}, "2 hour from next hour"},
		{"5个工作日", Limit{5, Workday, AtOnce}, "5 workday"},
		{"4 个工作小时", Limit{4, WorkHour, AtOnce}, "4 workhour"},
		{"4工作时", Limit{4, WorkHour, AtOnce}, "4 workhour"},
		{"30分钟", Limit{30, Minute, AtOnce}, "30 minute"},
		{"24小时", Limit{1440, Minute, AtOnce}, "24 hour"},
		{"15日，次日起", Limit{15, Day, NextDay}, "15 day from next day"},
		{"7天", Limit{7, Day, AtOnce}, "7 day"},
		{"5个工作日 次工作日起", Limit{5, Workday, NextWorkday}, "5 workday from next workday"},
	}
	for _, tt := range tests {
		got, err := ParseLimit(tt.in)
		if err != nil || got != tt.want || got.String() != tt.out {
			t.Errorf("ParseLimit(%q) = %+v %q, %v; want %+v %q", tt.in, got, got, err, tt.want, tt.out)
		}
	}
}

func TestParseLimitRefuses(t *testing.T) {
	for in, want := range map[string]string{
		"":                              "whole number",
		"five workday":                  "whole number",
		"-5 workday":                    "whole number",
		"1.5 workday":                   "want N followed by",
		"99999999999999999999 minute":   "whole number",
		"0 minute":                      "limit 0 minute: must be 1 or more",
		"0 workday":                     "1 or more",
		"5":                             "want N followed by",
		"5 weeks":                       "want N followed by",
		"5 workday from next year":      "want N followed by",
		"5 workdayfoo":                  "want N followed by",
		"36601 day":                     "100 years",
		"52704001 minute":               "100 years",
		"153722867280912931 hour":       "100 years", // 60 of them wrap around to a small number
		"5 workday from next workday 2": "want N followed by",
	} {
		if l, err := ParseLimit(in); err == nil || !strings.Contains(err.Error(), want) || !l.IsZero() {
			t.Errorf("ParseLimit(%q) = %v, %v; want an error with %q", in, l, err, want)
		}
	}
}

func TestLimitCheck(t *testing.T) {
	for _, l := range []Limit{{5, "week", AtOnce}, {5, Day, "tomorrow"}, {5, Day, "hour"}, {-1, Day, AtOnce}, {0, Day, AtOnce}, {40000, Day, AtOnce}} {
		if l.Check() == nil {
			t.Errorf("%+v passes", l)
		}
		if _, err := json.Marshal(l); err == nil {
			t.Errorf("%+v is marshalled", l)
		}
	}
	if err := (Limit{}).Check(); err != nil {
		t.Errorf("no limit: %v", err)
	}
}

// A limit is one word group in stored acts and in packs, and a missing or empty
// one is "no limit".
func TestLimitAsText(t *testing.T) {
	type rule struct {
		Sign  Limit `json:"sign" yaml:"sign"`
		Reply Limit `json:"reply,omitzero" yaml:"reply,omitempty"`
	}
	in := rule{Sign: Limit{2, WorkHour, AtOnce}, Reply: Limit{5, Workday, NextWorkday}}
	var fromJSON, fromYAML rule
	data, err := json.Marshal(in)
	if err != nil || string(data) != `{"sign":"2 workhour","reply":"5 workday from next workday"}` {
		t.Fatalf("%s, %v", data, err)
	}
	if err := json.Unmarshal(data, &fromJSON); err != nil || fromJSON != in {
		t.Errorf("JSON: %+v, %v", fromJSON, err)
	}
	data, err = yaml.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(data, &fromYAML); err != nil || fromYAML != in {
		t.Errorf("YAML %s: %+v, %v", data, fromYAML, err)
	}
	var clerk rule
	if err := yaml.Unmarshal([]byte("sign: 2个工作时\nreply: ''\n"), &clerk); err != nil || clerk.Sign != in.Sign || !clerk.Reply.IsZero() {
		t.Errorf("a clerk's YAML: %+v, %v", clerk, err)
	}
	if err := yaml.Unmarshal([]byte("sign: 5 weeks"), &clerk); err == nil {
		t.Error("an unknown unit in YAML passes")
	}
}

func FuzzParseLimit(f *testing.F) {
	for _, s := range []string{"30 minute", "24 hour", "2 workhour from next hour", "5个工作日，次工作日起", "0 day", "1min次时起", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		l, err := ParseLimit(s)
		if err != nil {
			return
		}
		if back, err := ParseLimit(l.String()); err != nil || back != l {
			t.Errorf("%q: %+v is written as %q, which reads as %+v, %v", s, l, l, back, err)
		}
		if size := l.Unit.size(); l.amount() != size*(l.amount()/size) || l.amount() <= 0 {
			t.Errorf("%q: amount %v", s, l.amount())
		}
	})
}
