package cases_test

import (
	"flag"
	"os"
	"strings"
	"testing"

	"weixiao/internal/cases"
	"weixiao/internal/flow"
)

var update = flag.Bool("update", false, "write docs/flow.md anew")

// TestFlowIsDocumented keeps the diagrams and tables of docs/flow.md equal to the
// flow tables in the code.
func TestFlowIsDocumented(t *testing.T) {
	var b strings.Builder
	b.WriteString("# Flow tables\n\nMade from the code by `go test ./internal/cases -run Documented -update`.\n")
	for _, tb := range []*flow.Table{&cases.Table, &cases.WhistleTable, &cases.OrderTable, &cases.CheckTable} {
		b.WriteString("\n## " + tb.Kind + "\n\n```mermaid\n" + tb.Mermaid() + "```\n\n| action | from | to | who | clocks |\n|---|---|---|---|---|\n")
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
	const file = "../../docs/flow.md"
	if *update {
		if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil || string(want) != b.String() {
		t.Errorf("docs/flow.md is not what the tables say (%v): run this test with -update", err)
	}
}
