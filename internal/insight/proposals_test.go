package insight

import (
	"fmt"
	"testing"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/cases"
	"weixiao/internal/catalogue"
	"weixiao/internal/duties"
	"weixiao/internal/journal"
	"weixiao/internal/pack"
	"weixiao/internal/store"
	"weixiao/internal/store/storetest"
)

// TestProposals: what goes elsewhere than the rules say is proposed where it does,
// as widely as it holds and no wider, and only when it is sure.
func TestProposals(t *testing.T) {
	p, err := pack.Load(pack.Jiangyuan())
	if err != nil {
		t.Fatal(err)
	}
	const here, there = "220605001", "220605003"
	var parts []string // two communities of here
	for _, u := range p.Directory.Children(here) {
		if len(parts) < 2 && p.Catalogue.Resolve("001", here, u.ID).Unit == "lamps" {
			parts = append(parts, u.ID)
		}
	}
	if len(parts) < 2 {
		t.Fatal("the street has no two communities")
	}
	type sent struct {
		n                 int
		street, community string
		unit              string
		state             string
	}
	for name, c := range map[string]struct {
		sent []sent
		want string // matter, place, rule's unit, unit, cases, of
	}{
		"as the rules say":       {[]sent{{n: 40, street: here, unit: "lamps"}}, ""},
		"too few":                {[]sent{{n: 4, street: here, unit: here}}, ""},
		"not sure":               {[]sent{{n: 6, street: here, unit: here}, {n: 5, street: here, unit: "lamps"}}, ""},
		"only sent, not taken":   {[]sent{{n: 40, street: here, unit: here, state: cases.Dispatched}}, ""},
		"a unit without cases":   {[]sent{{n: 40, street: here, unit: "nobody"}}, ""},
		"one street":             {[]sent{{n: 30, street: here, unit: here}, {n: 40, street: there, unit: "lamps"}}, "001 220605001 lamps 220605001 30/30"},
		"one community":          {[]sent{{n: 20, street: here, community: parts[0], unit: here}, {n: 6, street: here, community: parts[1], unit: "lamps"}}, "001 " + parts[0] + " lamps 220605001 20/20"},
		"all parts of a street":  {[]sent{{n: 20, street: here, community: parts[0], unit: here}, {n: 9, street: here, community: parts[1], unit: here}}, "001 220605001 lamps 220605001 29/29"},
		"all of the district":    {[]sent{{n: 20, street: here, unit: there}, {n: 9, street: there, unit: there}, {n: 1, street: here, unit: "lamps"}}, "001  lamps 220605003 29/30"},
		"one street does not":    {[]sent{{n: 60, street: here, unit: there}, {n: 6, street: there, unit: "lamps"}}, "001 220605001 lamps 220605003 60/60"},
		"the street has a say":   {[]sent{{n: 30, street: here, unit: here}, {n: 2, street: there, unit: "lamps"}}, "001 220605001 lamps 220605001 30/30"},
		"where the place is not": {[]sent{{n: 12, unit: there}}, "001  lamps 220605003 12/12"},
	} {
		t.Run(name, func(t *testing.T) {
			g, number := newGroups(p, cases.FromPack(p), time.Date(2022, 11, 23, 9, 0, 0, 0, time.UTC)), 0
			for _, s := range c.sent {
				for range s.n {
					number++
					state := s.state
					if state == "" {
						state = cases.Signed
					}
					k := &cases.Case{Number: fmt.Sprint(number), Matter: "001", Unit: s.unit, Place: cases.Place{Street: s.street, Community: s.community}}
					k.State = state
					g.add(k)
				}
			}
			got, all := "", g.proposals()
			for _, x := range all {
				got += fmt.Sprintf("%s %s %s %s %d/%d", x.Matter, x.Place, x.RuleUnit, x.Unit, x.Went, x.Of)
				if x.Low > float64(x.Went)/float64(x.Of) || x.High < float64(x.Went)/float64(x.Of)-1e-9 || x.Low < shareRedirected || x.High > 1 || len(x.Cases) != min(x.Went, mostExamples) {
					t.Errorf("%+v", x)
				}
			}
			if got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

// The interval is Wilson's (1927): 8 of 10 lies between 49.0 and 94.3 %.
func TestInterval(t *testing.T) {
	low, high := interval(8, 10)
	if got := fmt.Sprintf("%.3f %.3f", low, high); got != "0.490 0.943" {
		t.Error(got)
	}
	if low, high := interval(0, 5); low != 0 || high < 0.43 || high > 0.44 {
		t.Error(low, high)
	}
}

// TestProposalsFollowTheRulesInForce: what the district published last is what cases are
// held to, from its day on; the pack's rules are only the beginning.
func TestProposalsFollowTheRulesInForce(t *testing.T) {
	p, err := pack.Load(pack.Jiangyuan())
	if err != nil {
		t.Fatal(err)
	}
	const here = "220605001"
	d, at := cases.FromPack(p), time.Date(2022, 11, 23, 9, 0, 0, 0, time.UTC)
	db := storetest.Open(t, "sqlite", []store.Schema{journal.Schema, duties.Schema})
	sc := access.SystemScope(p.District, "a test")
	rule := catalogue.Rule{ID: "own-lamps", Matters: []string{"001"}, Under: []string{here}, Unit: "@street", Law: "移交协议"}
	err = db.Write(t.Context(), func(tx *store.Tx) error {
		if err := d.Duties.Adopt(tx, at); err != nil {
			return err
		}
		v, err := d.Duties.Draft(tx, sc, 0, "路灯移交", at)
		if err == nil {
			v, err = d.Duties.Change(tx, sc, v.Number, v.Revision, duties.Edit{Put: &rule, At: 1}, at)
		}
		if err == nil {
			_, err = d.Duties.Publish(tx, sc, v.Number, v.Revision, duties.Terms{Since: "2022-12-01", Law: "移交协议", Reason: "路灯移交"}, at)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		led  string
		now  time.Time
		want string
	}{
		{here, at, "lamps " + here},                      // before its day the rule is not in force
		{here, at.AddDate(0, 0, 20), ""},                 // then it is followed
		{"lamps", at.AddDate(0, 0, 20), here + " lamps"}, // and what was right before goes against it
		{"lamps", at, ""},
	} {
		g := newGroups(p, d, c.now)
		for i := range 30 {
			k := &cases.Case{Number: fmt.Sprint(i), Matter: "001", Unit: c.led, Place: cases.Place{Street: here}, Created: at.AddDate(0, -1, 0).UnixMicro()}
			k.State = cases.Signed
			g.add(k)
		}
		got := ""
		for _, x := range g.proposals() {
			got += x.RuleUnit + " " + x.Unit
		}
		if got != c.want {
			t.Errorf("led by %s on %s: %q, want %q", c.led, c.now.Format(time.DateOnly), got, c.want)
		}
	}
}
