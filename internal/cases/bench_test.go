package cases_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"weixiao/internal/cases"
	"weixiao/internal/cases/casestest"
	"weixiao/internal/store"
	"weixiao/internal/store/storetest"
	"weixiao/internal/vault"
)

// BenchmarkReport is the intake without HTTP, 64 callers, durable.
func BenchmarkReport(b *testing.B) {
	for _, engine := range []string{"sqlite", "postgres"} {
		b.Run(engine, func(b *testing.B) {
			db, err := store.Open(b.Context(), storetest.DSN(b, engine), store.Options{}, casestest.Schemas()...)
			if err != nil {
				b.Fatal(err)
			}
			defer db.Close()
			e := casestest.New(b, db)
			sc := e.Scope("", "operator")
			e.Cases = cases.New(db, cases.FromPack(e.Pack), e.Vault, []byte("x"), time.Now)
			words := "我们小区3号楼东侧的路灯坏了三天了，晚上老人下楼看不清路，前天有人差点摔倒，麻烦尽快修一下。" + strings.Repeat("请尽快处理。", 5)
			b.SetParallelism(32)
			b.ResetTimer()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if _, err := e.Cases.Report(context.Background(), sc, cases.Report{Channel: "hotline", Body: words, Matter: "001",
						Place: cases.Place{Street: casestest.Street}, Person: vault.Person{Name: "张三丰", Phone: "13812341234"}}); err != nil {
						b.Error(err)
					}
				}
			})
		})
	}
}
