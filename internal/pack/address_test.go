package pack_test

import (
	"encoding/csv"
	"os"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"weixiao/internal/directory"
	"weixiao/internal/pack"
	"weixiao/internal/text/address"
)

// TestAddresses reads 200 made-up addresses as people of Jiangyuan say them: the elements each has, and the place it
// means. A place is a code; ? means that nobody could be sure, so it must ask; ! means another district.
// What counts most is the last figure: an address filled in without asking must never be wrong.
func TestAddresses(t *testing.T) {
	p, err := pack.Load(pack.Jiangyuan())
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.Open("testdata/addresses.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	rows = rows[1:]
	elements, rightElements, places, rightPlaces, first, asked, wrong := 0, 0, 0, 0, 0, 0, 0
	for _, r := range rows {
		found := p.Gazetteer.Resolve(r[0], orb.Point{}, false)
		for _, want := range strings.Fields(r[2]) {
			kind, value, _ := strings.Cut(want, "=")
			elements++
			if found.Address.Get(address.Kind(kind)) == value {
				rightElements++
			} else {
				t.Logf("%s: %s is %q, want %q: %v", r[0], kind, found.Address.Get(address.Kind(kind)), value, told(found.Address))
			}
		}
		c, sure := found.Sure()
		switch {
		case r[1] == "!" || r[1] == "?":
			if sure {
				wrong++
				t.Logf("%s: sure of %s by %s %.2f, want %s", r[0], c.Community.ID, c.Why, c.Confidence, r[1])
			}
			if r[1] == "!" && found.Elsewhere == "" {
				t.Logf("%s: not seen to be elsewhere: %v", r[0], told(found.Address))
				wrong++
			}
			continue
		}
		places++
		best := ""
		if len(found.Candidates) > 0 {
			best = code(found.Candidates[0])
		}
		if best == r[1] {
			first++
		}
		switch {
		case sure && best == r[1]:
			rightPlaces++
		case sure:
			wrong++
			t.Logf("%s: sure of %s by %s, want %s", r[0], best, c.Why, r[1])
		default:
			asked++
			t.Logf("%s: asks, best %s (%s), want %s: %v", r[0], best, why(found), r[1], told(found.Address))
		}
	}
	t.Logf("%d addresses; elements right %d of %d; places: %d of %d filled in, %d asked for, best candidate right %d; filled in wrongly %d",
		len(rows), rightElements, elements, rightPlaces, places, asked, first, wrong)
	if len(rows) < 200 || wrong > 0 || rightPlaces*100 < 95*places || rightElements*100 < 95*elements {
		t.Error("below what was reached")
	}
}

func code(c directory.Candidate) string {
	if c.Community.ID != "" {
		return c.Community.ID
	}
	return c.Street.ID
}

func why(f directory.Finding) string {
	if len(f.Candidates) == 0 {
		return f.Elsewhere
	}
	return f.Candidates[0].Why
}

func told(a address.Address) (out []string) {
	for _, e := range a.Elements {
		out = append(out, string(e.Kind)+"="+e.Text)
	}
	return out
}
