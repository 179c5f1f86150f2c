package worktime

import "testing"

func TestCounting(t *testing.T) {
	licensing := Counting{Days: Workday, Start: NextDay}
	penalty := Counting{Workdays: []int{2, 3, 5, 7}, Start: NextDay}
	petition := Counting{Start: NextDay}
	tests := []struct {
		name, written string
		by            Counting
		want          string
	}{
		{"as written", "5 day", Counting{}, "5 day"},
		{"every day a working day", "20 day", licensing, "20 workday from next day"},
		{"hours run at once", "24 hour", licensing, "24 hour"},
		{"five days", "5 day", penalty, "5 workday from next day"},
		{"ninety days", "90 day", penalty, "90 day from next day"},
		{"fifteen days", "15 day", penalty, "15 day from next day"},
		{"working days stay", "5 workday", petition, "5 workday from next day"},
		{"sixty days", "60 day", petition, "60 day from next day"},
		{"a rule of its own", "5 day from next workday", petition, "5 day from next workday"},
		{"the next hour", "2 workhour", Counting{Start: NextHour}, "2 workhour from next hour"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if err := tt.by.Check(); err != nil {
				t.Fatal(err)
			}
			if got := tt.by.Limit(limit(tt.written)).String(); got != tt.want {
				t.Errorf("%s is %s, want %s", tt.written, got, tt.want)
			}
		})
	}
	for _, bad := range []Counting{{Days: WorkHour}, {Start: "tomorrow"}, {Workdays: []int{0}}} {
		if bad.Check() == nil {
			t.Errorf("%+v was taken", bad)
		}
	}
}
