package projects_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"weixiao/internal/pack"
	"weixiao/internal/projects"
	"weixiao/internal/record"
	"weixiao/internal/store"
	"weixiao/internal/store/storetest"
)

// many fills the ledger with n projects, a quarter of them somewhere on their way.
func many(b *testing.B, e *env, n int) {
	b.Helper()
	sylla := []rune("青红紫金银铜铁玉岭泉溪松桦椴杉枫梨桃杏梅兰竹菊荷云霞雪霜露雷风雨日月星辰山河湖海江川原野")
	stages := pack.ProjectStages()
	for from := 0; from < n; from += 500 {
		if err := e.db.Write(b.Context(), func(tx *store.Tx) error {
			for i := from; i < min(n, from+500); i++ {
				name := ""
				for k, x := 0, i*7919+13; k < 6; k++ {
					name += string(sylla[x%len(sylla)])
					x = x/len(sylla) + i*31*(k+1)
				}
				in := facts(name)
				in.At = e.now
				x, err := e.s.Books.Project.OpenIn(tx, clerk, "enter", in)
				if err != nil {
					return err
				}
				stage := stages[i%len(stages)]
				if stage == projects.Lead || i%4 != 0 {
					continue
				}
				if err := e.move(tx, x.ID, stages[:i%len(stages)+1]); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			b.Fatal(err)
		}
	}
}

// move brings a project through stages in one transaction.
func (e *env) move(tx *store.Tx, id string, stages []string) error {
	for i, stage := range stages[1:] {
		on := fmt.Sprintf("2022-01-%02d", i+1)
		e.slip++
		if _, err := e.s.Books.Evidence.OpenIn(tx, clerk, "file", raw("project", id, "proves", stage, "kind", jiangyuan.Projects.EvidenceOf(stage)[0], "number", fmt.Sprint("N", e.slip), "dated", on)); err != nil {
			return err
		}
		kv := []string{"stage", stage, "reached_on", on}
		if stage == projects.Signed {
			kv = append(kv, "signing", "contract")
		}
		if err := e.s.ActIn(tx, clerk, "project", id, "propose", raw(kv...)); err != nil {
			return err
		}
		if err := e.s.ActIn(tx, head, "project", id, "confirm", record.Input{}); err != nil {
			return err
		}
	}
	return nil
}

// BenchmarkBoard is the board of 5,000 projects, its 95th percentile and the figures beside it.
func BenchmarkBoard(b *testing.B) {
	db := storetest.Open(b, "sqlite", schemas)
	e := newEnv(&testing.T{}, db)
	many(b, e, 5000)
	if err := db.Write(b.Context(), func(tx *store.Tx) error { return tx.Exec("ANALYZE records") }); err != nil {
		b.Fatal(err)
	}
	for name, fn := range map[string]func() error{
		"board": func() error { _, err := e.s.Board(b.Context(), clerk, 8); return err },
		"figures": func() error {
			_, err := e.s.Figures(b.Context(), clerk, projects.Period{From: "2022-01-01"})
			return err
		},
	} {
		b.Run(name, func(b *testing.B) {
			var took []time.Duration
			for b.Loop() {
				began := time.Now()
				if err := fn(); err != nil {
					b.Fatal(err)
				}
				took = append(took, time.Since(began))
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)*95/100].Microseconds())/1000, "p95-ms")
		})
	}
}
