package assess_test

import (
	"flag"
	"os"
	"strings"
	"testing"

	"weixiao/internal/assess"
)

var update = flag.Bool("update", false, "write docs/flow-scores.md anew")

// TestFlowIsDocumented keeps docs/flow-scores.md equal to the flow tables.
func TestFlowIsDocumented(t *testing.T) {
	var b strings.Builder
	b.WriteString("# Flow tables of exclusions, appeals and months\n\nMade from the code by `go test ./internal/assess -run Documented -update`.\n")
	for _, tb := range assess.Tables() {
		b.WriteString("\n## " + tb.Kind + "\n\n```mermaid\n" + tb.Mermaid() + "```\n\n| action | from | to | who |\n|---|---|---|---|\n")
		for _, a := range tb.Actions {
			var who []string
			for _, g := range a.Who {
				w := g.Role
				if g.Relation != "" {
					w += " (" + g.Relation + ")"
				}
				who = append(who, w)
			}
			b.WriteString("| " + a.Name + " | " + strings.Join(a.From, ", ") + " | " + a.To + " | " + strings.Join(who, ", ") + " |\n")
		}
	}
	const file = "../../docs/flow-scores.md"
	if *update {
		if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil || string(want) != b.String() {
		t.Errorf("docs/flow-scores.md is not what the tables say (%v): run this test with -update", err)
	}
}
