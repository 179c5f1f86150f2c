package insight

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestPlain(t *testing.T) {
	for name, want := range map[string]string{
		"东河社区（南街街道办事处）": "东河社区", "东河社区 (南街)": "东河社区", "东河社区": "东河社区", "（南街）": "（南街）", "东河（南街）社区": "东河（南街）社区", "": "",
		"供水公司（东）（西）": "供水公司（东）",
	} {
		if got := plain(name); got != want {
			t.Errorf("plain(%q) = %q, want %q", name, got, want)
		}
	}
}

// renamed is a town whose street teams are given longer names on one day; one of
// them has no case for some time after it. The lamps never are.
func renamed(n, day int) []Row {
	rows := town(n, 0, 4)
	for i := range rows {
		street := rows[i].Values[1]
		if rows[i].Values[0] == "垃圾" && i >= day {
			rows[i].Label += "（" + street + "办事处）"
		}
	}
	return rows
}

func TestRenamedUnits(t *testing.T) {
	rows := renamed(600, 560)
	rows = slices.DeleteFunc(rows, func(r Row) bool {
		return r.Label == "南门环卫队（南门街道办事处）" && !r.Time.After(rows[565].Time)
	})
	for _, ahead := range []bool{false, true} {
		t.Run(fmt.Sprintf("ahead %v", ahead), func(t *testing.T) {
			m := mustTrain(t, rows, Options{Ahead: ahead, Horizon: 12 * time.Hour})
			if len(m.labels) != 7 || len(m.Units) != 4 {
				t.Fatalf("labels %q are the units %q", m.labels, m.Units)
			}
			again, _, err := Load(bytes.NewReader(saved(t, m)))
			if err != nil {
				t.Fatal(err)
			}
			for _, street := range []string{"东山", "西河", "南门"} {
				r := Row{Values: []string{"垃圾", street + "街道", "热线", "垃圾没人清运"}, Time: rows[len(rows)-1].Time.Add(time.Hour)}
				want := street + "环卫队（" + street + "街道办事处）"
				s, err := m.Suggest(r, 3)
				if err != nil || s.Abstain || s.Choices[0].Label != want {
					t.Errorf("%s: %+v, %v", street, s, err)
				}
				if o, err := again.Suggest(r, 3); err != nil || !slices.Equal(o.Choices, s.Choices) {
					t.Errorf("%s: from the file %+v, %v", street, o, err)
				}
				facts, _ := m.Reasons(r, want, 1)
				if len(facts) == 0 || facts[0].Of < 40 || facts[0].Went != facts[0].Of {
					t.Errorf("%s: what it did under its old name is no reason: %+v", street, facts)
				}
				if !ahead { // a case of the time before is named as then
					r.Time = rows[100].Time
					if s, err := m.Suggest(r, 1); err != nil || s.Choices[0].Label != street+"环卫队" {
						t.Errorf("%s before it was renamed: %+v, %v", street, s, err)
					}
				}
			}
		})
	}
}

// Names that are used side by side, or of units that do something else, are not one
// unit.
func TestOtherUnitsAreNotRenamed(t *testing.T) {
	rows := town(400, 0, 5)
	for i := range rows {
		switch {
		case rows[i].Values[0] == "路灯" && i%2 == 1:
			rows[i].Label = "路灯管理处（夜班）" // in turns
		case rows[i].Values[0] == "垃圾" && i >= 200:
			rows[i].Label = "路灯管理处（环卫）" // later, for another matter
		}
	}
	m := mustTrain(t, rows, Options{})
	if len(m.Units) != len(m.labels) {
		t.Errorf("%q are taken for %q", m.labels, m.Units)
	}
	untimed := renamed(400, 200)
	for i := range untimed {
		untimed[i].Time = time.Time{}
	}
	if m := mustTrain(t, untimed, Options{}); len(m.Units) != len(m.labels) {
		t.Errorf("without a time %q are taken for %q", m.labels, m.Units)
	}
}

// Whatever was renamed: the shares of all choices are at most one together, no
// label comes twice, and only labels that were learned.
func TestChoicesAreShares(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(40, 120).Draw(t, "cases")
		rows := renamed(n, rapid.IntRange(0, n).Draw(t, "day"))
		m, err := Train(context.Background(), townFields, rows, Options{Workers: 1, Nets: 1, Ahead: rapid.Bool().Draw(t, "ahead"),
			Horizon: time.Duration(rapid.IntRange(0, 40).Draw(t, "horizon")) * time.Hour})
		if err != nil {
			t.Fatal(err)
		}
		r := rows[rapid.IntRange(0, n-1).Draw(t, "case")]
		r.Time = r.Time.Add(time.Duration(rapid.IntRange(-500, 500).Draw(t, "hours")) * time.Hour)
		s, err := m.Suggest(r, 100)
		if err != nil {
			t.Fatal(err)
		}
		sum, seen := 0.0, map[string]bool{}
		for _, c := range s.Choices {
			_, known := slices.BinarySearch(m.Labels(), c.Label)
			if !known || seen[c.Label] || c.P < 0 {
				t.Fatalf("%+v", s)
			}
			seen[c.Label] = true
			sum += c.P
		}
		if sum > 1.000001 {
			t.Fatalf("together %f", sum)
		}
	})
}
