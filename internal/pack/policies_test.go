package pack

import (
	"bytes"
	"testing"
)

// TestPolicies: the pack has three policies of ten clauses, and what is wrong with one is named.
func TestPolicies(t *testing.T) {
	good := files(t)["policies.yaml"].Data
	check := func(data []byte) Problems {
		r := &reader{files: map[string][]byte{"policies.yaml": data}}
		p, err := Load(Jiangyuan())
		if err != nil {
			t.Fatal(err)
		}
		if v := r.policies(p); (v != nil) != (len(r.problems) == 0) {
			t.Errorf("policies %v with %d problems", v != nil, len(r.problems))
		} else if v != nil {
			n := 0
			for _, x := range v.Policies {
				n += len(x.Clauses)
				if !x.MadeUp {
					t.Errorf("%s does not say that it is made up", x.ID)
				}
			}
			if len(v.Policies) != 3 || n != 30 {
				t.Errorf("%d policies, %d clauses", len(v.Policies), n)
			}
		}
		return r.problems
	}
	if bad := check(good); len(bad) > 0 {
		t.Fatal(bad)
	}
	for _, c := range [][2]string{
		{`who: 'sector == "manufacturing" and equipment >= 100 * wan and not dishonest'`, `who: 'staff > 100 and staff < 50'`}, {`amount: 'percent(equipment, 8)'`, `amount: 'equipment / 8'`},
		{`cap: 50万, budget: 400万`, `cap: 500万, budget: 400万`}, {`unit: industry, term: 20 workday, period: year}`, `unit: police, term: 20 workday, period: year}`}, {`term: 20 workday`, `term: soon`},
		{`until: "2023-12-31"`, `until: "2021-12-31"`}, {`review: {result: allowed, date: "2022-01-06"`, `review: {result: forbidden, date: "2022-01-06"`}, {`review: {result: excepted, date: "2022-01-13", until: "2023-12-31"`, `review: {result: excepted, date: "2022-01-13", until: "2023-01-31"`},
		{`reviewer: market`, `reviewer: nobody`}, {`id: investment`, `id: real-economy`}, {`period: once, auto: true`, `period: monthly, auto: true`},
	} {
		spoiled := bytes.Replace(good, []byte(c[0]), []byte(c[1]), 1)
		if bytes.Equal(spoiled, good) {
			t.Errorf("%q is not in the file", c[0])
		} else if bad := check(spoiled); len(bad) == 0 || bad[0].ZH == "" || bad[0].EN == "" {
			t.Errorf("%q was taken", c[1])
		}
	}
}
