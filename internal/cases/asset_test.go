package cases_test

import (
	"errors"
	"testing"

	"github.com/paulmach/orb"

	"weixiao/internal/access"
	"weixiao/internal/assets"
	"weixiao/internal/cases"
	"weixiao/internal/cases/casestest"
	"weixiao/internal/journal"
	"weixiao/internal/store"
)

// TestAssetOfCase: a case says which lamp it is about, and the lamp which cases it had.
func TestAssetOfCase(t *testing.T) {
	casestest.Each(t, func(t *testing.T, e *casestest.Env) {
		id, system := "22060501037000001", access.SystemScope(e.Pack.District, "test")
		if err := e.DB.Write(t.Context(), func(tx *store.Tx) error {
			return e.Assets.Register(tx, system, assets.Asset{ID: id, Unit: casestest.Street, Point: orb.Point{126.581650, 42.048134}})
		}); err != nil {
			t.Fatal(err)
		}
		operator := e.Scope("", "operator")
		_, err := e.Cases.Report(t.Context(), operator, cases.Report{Channel: "hotline", Body: "路灯不亮", Asset: "22060501037000009"})
		if fe, ok := errors.AsType[*cases.FieldError](err); !ok || fe.Field != "asset" {
			t.Errorf("an unknown asset: %v", err)
		}
		var last string
		for range 3 {
			r, err := e.Cases.Report(t.Context(), operator, cases.Report{Channel: "hotline", Body: "路灯不亮", Asset: id})
			if err != nil {
				t.Fatal(err)
			}
			last = r.Number
		}
		list, err := e.Cases.OfAsset(t.Context(), operator, id, 0, 2)
		if err != nil || len(list) != 2 || list[0].Number != last || list[0].Asset != id {
			t.Errorf("%d cases, %v", len(list), err)
		}
		if list, err = e.Cases.OfAsset(t.Context(), operator, id, list[1].Doc, 9); err != nil || len(list) != 1 {
			t.Errorf("the rest: %d cases, %v", len(list), err)
		}
		if list, err = e.Cases.OfAsset(t.Context(), e.Scope(casestest.OtherStreet, "street"), id, 0, 9); err != nil || len(list) != 0 {
			t.Errorf("another street sees %d cases, %v", len(list), err)
		}
		rep, err := e.Cases.NewReplayer(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := journal.Verify(t.Context(), e.DB, e.Pack.District, func(a journal.Act) error { return rep.Fold(t.Context(), a) }); err != nil {
			t.Error(err)
		}
		if err := rep.Finish(); err != nil {
			t.Error(err)
		}
	})
}

// TestPlaceFromWords: an address that leaves no doubt gives community and grid, others give nothing.
func TestPlaceFromWords(t *testing.T) {
	casestest.Each(t, func(t *testing.T, e *casestest.Env) {
		for _, c := range []struct{ text, community string }{{"矿工新村三号楼", "220605001001"}, {"江源区孙家堡子街道盛丰社区", "220605001006"}, {"三岔子那边", ""}, {"湾沟镇矿工新村", ""}, {"浑江区矿工新村", ""}} {
			r, err := e.Cases.Report(t.Context(), e.Public(), cases.Report{Channel: "portal", Body: "路灯不亮", Place: cases.Place{Text: c.text}})
			if err != nil {
				t.Fatal(err)
			}
			k, err := e.Cases.Get(t.Context(), e.Scope("", "dispatcher"), r.Number)
			if err != nil || k.Place.Community != c.community || k.Place.Located {
				t.Errorf("%s: %+v %v", c.text, k.Place, err)
			}
		}
	})
}
