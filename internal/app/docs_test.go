package app_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"weixiao/internal/app"
	"weixiao/internal/assess"
	"weixiao/internal/cases"
	"weixiao/internal/flow"
	"weixiao/internal/rounds"
	"weixiao/internal/rounds/sanitation"
	"weixiao/internal/rounds/villages"
	"weixiao/internal/rounds/visits"
	"weixiao/internal/rounds/workdays"
)

// outside are the tables of what is done outside, by the heading they stand under.
var outside = []struct {
	head   string
	tables []*flow.Table
}{
	{"Rounds", []*flow.Table{&rounds.TurnTable, &rounds.Table, &rounds.WeatherTable}}, {"Community workdays", []*flow.Table{&workdays.DayTable, &workdays.BookingTable}}, {"Visits to households", []*flow.Table{&visits.CampaignTable, &visits.VisitTable, &visits.PersonTable}},
	{"Sanitation", sanitation.Tables()}, {"Village renewal", villages.Tables()},
}

// TestRoundsAreDocumented keeps docs/flow-rounds.md equal to the flow tables of what is done outside.
func TestRoundsAreDocumented(t *testing.T) {
	var b strings.Builder
	b.WriteString("# Flow tables of rounds, workdays, visits, sanitation, villages and everything else\n\nMade from the code by `go test ./internal/app -run Documented -update`.\n")
	for _, group := range outside {
		b.WriteString("\n## " + group.head + "\n")
		for _, tb := range group.tables {
			documented(&b, tb)
		}
	}
	b.WriteString("\n## Everything else: organisation, rules, accounts\n")
	for _, tb := range app.Tables() {
		if !elsewhere(tb) {
			documented(&b, tb)
		}
	}
	const file = "../../docs/flow-rounds.md"
	if *update {
		if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(file)
	if err != nil || string(have) != b.String() {
		t.Errorf("docs/flow-rounds.md is not what the tables say (%v): run this test with -update", err)
	}
}

// elsewhere reports whether a table is drawn above, or in flow.md or flow-scores.md.
func elsewhere(tb *flow.Table) bool {
	if slices.Contains([]*flow.Table{&cases.Table, &cases.WhistleTable, &cases.OrderTable, &cases.CheckTable}, tb) || slices.Contains(assess.Tables(), tb) {
		return true
	}
	for _, group := range outside {
		if slices.Contains(group.tables, tb) {
			return true
		}
	}
	return false
}

// documented draws a table and lists its actions with who may and which clocks they move.
func documented(b *strings.Builder, tb *flow.Table) {
	b.WriteString("\n### " + tb.Kind + "\n\n```mermaid\n" + tb.Mermaid() + "```\n\n| action | from | to | who | clocks |\n|---|---|---|---|---|\n")
	for _, a := range tb.Actions {
		to := a.To
		if len(a.Decides) > 0 {
			to = strings.Join(a.Decides, " or ")
		}
		var who, clocks []string
		for _, g := range a.Who {
			w := g.Role
			if g.Relation != "" {
				w += " (" + g.Relation + ")"
			}
			who = append(who, w)
		}
		for _, c := range []struct {
			what string
			list []string
		}{{"starts", a.Start}, {"stops", a.Stop}, {"holds", a.Hold}, {"frees", a.Free}} {
			if len(c.list) > 0 {
				clocks = append(clocks, c.what+" "+strings.Join(c.list, ", "))
			}
		}
		b.WriteString("| " + a.Name + " | " + strings.Join(a.From, ", ") + " | " + to + " | " + strings.Join(who, ", ") + " | " + strings.Join(clocks, "; ") + " |\n")
	}
}
