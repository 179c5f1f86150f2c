package layers_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"weixiao/internal/access"
	"weixiao/internal/directory"
	"weixiao/internal/directory/layers"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/geo"
	"weixiao/internal/geo/geotest"
	"weixiao/internal/journal"
	"weixiao/internal/store"
	"weixiao/internal/store/storetest"
	"weixiao/internal/words"
)

func TestMain(m *testing.M) { storetest.Main(m) }

var bound = orb.Bound{Min: orb.Point{126.50, 42.00}, Max: orb.Point{126.53, 42.03}}

// env is a district of one town with a layer of it in the pack, and nothing in the database.
type env struct {
	*layers.Layers
	t   *testing.T
	db  *store.DB
	now time.Time
	sc  access.Scope
	dir *directory.Directory
}

func newEnv(t *testing.T, db *store.DB) *env {
	t.Helper()
	units := []directory.Unit{{ID: "220605", Name: "区", Kind: directory.District, Code: "220605"}, {ID: "220605001", Parent: "220605", Name: "甲街道", Kind: directory.Street, Code: "220605001"}}
	posts := []directory.Post{{ID: "lead", Unit: "220605001", Role: directory.StreetLead, Lead: true}}
	for i := range 9 {
		id := fmt.Sprintf("220605001%03d", i+1)
		units = append(units, directory.Unit{ID: id, Parent: "220605001", Name: fmt.Sprintf("社区%d", i+1), Kind: directory.Community, Code: id})
		posts = append(posts, directory.Post{ID: id + ".lead", Unit: id, Role: directory.Secretary, Lead: true})
	}
	dir, err := directory.New(units, posts, nil)
	if err != nil {
		t.Fatal(err)
	}
	square := orb.MultiPolygon{{geoBox(bound)}}
	var pack []*geo.Layer
	for _, x := range []struct{ name, kind, parent, code string }{{"district", "district", "", "220605"}, {"towns", "town", "district", "220605001"}} {
		l, err := geo.NewLayer(geo.About{Name: x.name, Kind: x.kind, Parent: x.parent, Title: x.name, Source: "pack", Version: "1"}, []geo.Shape{{Area: geo.Area{ID: x.code, Name: x.name}, Polygons: square}})
		if err != nil {
			t.Fatal(err)
		}
		pack = append(pack, l)
	}
	e := &env{t: t, db: db, now: time.Date(2022, 11, 23, 9, 0, 0, 0, time.UTC), sc: access.SystemScope("220605", "a test"), dir: dir}
	e.Layers = layers.New(db, "220605", "pack", directory.NewAtlas(pack), dir, func() time.Time { return e.now })
	return e
}

func geoBox(b orb.Bound) orb.Ring {
	return orb.Ring{b.Min, {b.Max[0], b.Min[1]}, b.Max, {b.Min[0], b.Max[1]}, b.Min}
}

// communities is a file of nine communities that fill the town.
func communities(seed uint64) *geo.Source {
	s := &geo.Source{CRS: "CGCS2000"}
	for i, p := range geotest.Mosaic(bound, 3, 3, 3, seed) {
		s.Features = append(s.Features, geo.Feature{Index: i + 1, Extra: []byte(`{"phone":"1"}`),
			Shape: geo.Shape{Area: geo.Area{ID: fmt.Sprintf("220605001%03d", i+1), Name: fmt.Sprintf("社区%d", i+1)}, Polygons: orb.MultiPolygon{p}}})
	}
	return s
}

var about = geo.About{Name: "communities", Kind: "community", Title: "社区", English: "Communities", Source: "survey 2022"}

func (e *env) bring(src *geo.Source) (layers.Version, []geo.Finding, error) {
	return e.Import(context.Background(), e.sc, layers.Upload{About: about, File: src})
}

func (e *env) must(err error) {
	e.t.Helper()
	if err != nil {
		e.t.Fatal(err)
	}
}

func (e *env) verify() error {
	r := e.NewReplayer()
	_, err := journal.Verify(context.Background(), e.db, "220605", r.Fold)
	if err == nil {
		_, err = r.Finish(context.Background())
	}
	return err
}

// at is where the first community's middle lies.
var inFirst = geo.Point{Lon: 126.505, Lat: 42.005}

func schemas() []store.Schema { return []store.Schema{journal.Schema, layers.Schema} }

func each(t *testing.T, fn func(t *testing.T, e *env)) {
	storetest.Each(t, schemas(), func(t *testing.T, db *store.DB) { fn(t, newEnv(t, db)) })
}

// TestWayOfAVersion: brought, in force everywhere, edited, published again, never with a code that was given up.
func TestWayOfAVersion(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		ctx := context.Background()
		other := newEnv(t, e.db) // another node
		if p, ok := e.Locate(inFirst.Lon, inFirst.Lat); !ok || p.Street.ID != "220605001" || p.Community.ID != "" {
			t.Fatalf("before: %+v %v", p, ok)
		}
		v, found, err := e.bring(communities(1))
		if err != nil || v.Number != 1 || v.State != "checked" || len(found) > 0 || v.Parent != "towns" || v.Areas != 9 {
			t.Fatalf("%+v %v %v", v, found, err)
		}
		if e.InForce("communities") != 0 {
			t.Error("in force before it is published")
		}
		_, err = e.Publish(ctx, e.sc, "communities", 1, "第一次划界")
		e.must(err)
		e.must(other.Refresh(ctx))
		for _, x := range []*env{e, other} {
			if p, _ := x.Locate(inFirst.Lon, inFirst.Lat); p.Community.ID != "220605001001" || x.InForce("communities") != 1 {
				t.Errorf("after publishing: %+v", p)
			}
		}
		// A draft: one community given up, one changed, published.
		v, err = e.Draft(ctx, e.sc, "communities", 1)
		e.must(err)
		if v.Number != 2 || v.Areas != 9 || v.State != "draft" {
			t.Errorf("%+v", v)
		}
		area := func(n int64, code string) layers.Area {
			a, err := store.Get(ctx, e.db, func(tx *store.Tx) (layers.Area, error) {
				v, err := e.Get(tx, "communities", n)
				e.must(err)
				return e.Area(tx, v, code)
			})
			e.must(err)
			return a
		}
		last := area(2, "220605001009")
		if string(last.Extra) != `{"phone":"1"}` {
			t.Errorf("extra %s", last.Extra)
		}
		edit := func(f geo.Feature, hash []byte, remove bool) error {
			found, err := e.Edit(ctx, e.sc, "communities", 2, f, hash, remove)
			if errors.Is(err, layers.ErrFindings) && len(found) == 0 {
				t.Error("refused without a finding")
			}
			return err
		}
		gone := geo.Feature{Index: 1, Shape: last.Shape}
		if err := edit(gone, []byte("old"), true); !errors.Is(err, access.ErrStale) {
			t.Errorf("a stale edit: %v", err)
		}
		e.must(edit(gone, last.Hash, true))
		first := area(2, "220605001001")
		bad := geo.Feature{Index: 1, Shape: geo.Shape{Area: first.Area, Polygons: orb.MultiPolygon{{{{126.5, 42}, {126.51, 42.01}, {126.51, 42}, {126.5, 42.01}, {126.5, 42}}}}}}
		if err := edit(bad, first.Hash, false); !errors.Is(err, layers.ErrFindings) {
			t.Errorf("a bow tie: %v", err)
		}
		renamed := geo.Feature{Index: 1, Shape: first.Shape}
		renamed.Name = "新名"
		e.must(edit(renamed, first.Hash, false))
		if _, err := e.Publish(ctx, e.sc, "communities", 2, "未检查"); !errors.Is(err, flow.ErrState) {
			t.Errorf("published unchecked: %v", err)
		}
		found, err = e.Check(ctx, e.sc, "communities", 2)
		e.must(err)
		var kinds []string
		for _, f := range found {
			kinds = append(kinds, f.Kind+" "+f.Code)
		}
		if !slices.Equal(kinds, []string{"gap ", "gone 220605001009"}) {
			t.Errorf("findings %q", kinds)
		}
		_, err = e.Publish(ctx, e.sc, "communities", 2, "社区九并入")
		e.must(err)
		diff, err := store.Get(ctx, e.db, func(tx *store.Tx) ([]layers.Difference, error) {
			a, err := e.Get(tx, "communities", 1)
			e.must(err)
			b, err := e.Get(tx, "communities", 2)
			e.must(err)
			if a.State != "replaced" || b.State != "published" {
				t.Errorf("states %s %s", a.State, b.State)
			}
			return e.Compare(tx, a, b)
		})
		e.must(err)
		if len(diff) != 2 || diff[0].Kind != "words" || diff[1].Kind != "removed" || diff[1].Code != "220605001009" || diff[1].Picture() == nil {
			t.Errorf("differences %+v", diff)
		}
		// The code that was given up is taken for ever.
		_, found, err = e.bring(communities(1))
		if !errors.Is(err, layers.ErrFindings) || len(found) != 1 || found[0].Kind != geo.FindReused || found[0].Word != "1" || found[0].Code != "220605001009" {
			t.Errorf("a code used again: %v %v", found, err)
		}
		e.must(e.verify())
		e.must(other.Refresh(ctx))
		if got := other.Find("新名", 10); len(got) != 1 || got[0].Area.ID != "220605001001" {
			t.Errorf("found %+v", got)
		}
	})
}

// TestPackVersionIsKept: the first change of a layer that the pack brings stores the pack's version, with an act of its own.
func TestPackVersionIsKept(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		ctx := context.Background()
		v, err := e.Draft(ctx, e.sc, "towns", 1)
		e.must(err)
		if v.Number != 2 || v.Areas != 1 {
			t.Errorf("%+v", v)
		}
		e.must(e.Drop(ctx, e.sc, "towns", 2, "试试"))
		e.must(e.Refresh(ctx))
		if e.InForce("towns") != 1 {
			t.Errorf("version %d in force", e.InForce("towns"))
		}
		err = e.db.Read(ctx, func(tx *store.Tx) error {
			acts, err := journal.History(tx, "220605", "layer", "towns")
			var did []string
			for _, a := range acts {
				did = append(did, a.Action)
			}
			if !slices.Equal(did, []string{"adopt", "draft", "drop"}) || acts[2].Texts["reason"] != "试试" {
				t.Errorf("acts %q", did)
			}
			return err
		})
		e.must(err)
		e.must(e.verify())
	})
}

// each corner of a file, moved.
func moved(s *geo.Source, f func(geo.Point) geo.Point) {
	for _, feature := range s.Features {
		ring := feature.Polygons[0][0]
		for i, p := range ring {
			ring[i] = f(geo.Point{Lon: p[0], Lat: p[1]}).Orb()
		}
	}
}

// TestNothingHalfImported: whatever is wrong with a file is named, down to the feature, and a refusal leaves no row and no act.
func TestNothingHalfImported(t *testing.T) {
	ring := func(s *geo.Source, i int) orb.Ring { return s.Features[i].Polygons[0][0] }
	files := []struct {
		kind  string
		code  string // of the feature that is named; "" for the whole file
		says  string // in Chinese
		spoil func(*geo.Source)
	}{
		{geo.FindShifted, "", "整个文件像是 GCJ02 坐标：往东北偏了", func(s *geo.Source) {
			moved(s, func(p geo.Point) geo.Point { return geo.FromCGCS2000(p, geo.GCJ02) })
		}},
		{geo.FindShifted, "", "整个文件像是 BD09", func(s *geo.Source) {
			moved(s, func(p geo.Point) geo.Point { return geo.FromCGCS2000(p, geo.BD09) })
		}},
		{geo.FindSwapped, "220605001001", "经度和纬度写反了", func(s *geo.Source) {
			moved(s, func(p geo.Point) geo.Point { return geo.Point{Lon: p.Lat, Lat: p.Lon} })
		}},
		{geo.FindSwapped, "220605001004", "1 个点", func(s *geo.Source) { r := ring(s, 3); r[1] = orb.Point{r[1][1], r[1][0]} }},
		{geo.FindMetres, "220605001001", "EPSG:4490", func(s *geo.Source) {
			moved(s, func(p geo.Point) geo.Point { return geo.Point{Lon: 42_000_000 + p.Lon*82_000, Lat: p.Lat * 111_000} })
		}},
		{geo.FindDuplicate, "220605001001", "第 1 个图形", func(s *geo.Source) { s.Features[8].ID = s.Features[0].ID }},
		{geo.FindOpen, "220605001005", "没有闭合", func(s *geo.Source) { r := s.Features[4].Polygons[0]; r[0] = r[0][:len(r[0])-1] }},
		{geo.FindCrossing, "220605001005", "自相交", func(s *geo.Source) { r := ring(s, 4); r[2], r[5] = r[5], r[2] }},
		{geo.FindHole, "220605001002", "洞", func(s *geo.Source) {
			s.Features[1].Polygons[0] = append(s.Features[1].Polygons[0], geoBox(orb.Bound{Min: orb.Point{126.5, 42.02}, Max: orb.Point{126.505, 42.025}}))
		}},
		{geo.FindMalformed, "2206050011", "12 位", func(s *geo.Source) { s.Features[2].ID = "2206050011" }},
		{geo.FindScientific, "2.20605E+11", "表格软件", func(s *geo.Source) { s.Features[2].ID = "2.20605E+11" }},
		{geo.FindNoParent, "220605009001", "220605009", func(s *geo.Source) { s.Features[2].ID = "220605009001" }},
		{geo.FindEmpty, "", "没有", func(s *geo.Source) { s.Features = nil }},
	}
	each(t, func(t *testing.T, e *env) {
		for _, x := range files {
			src := communities(1)
			x.spoil(src)
			_, found, err := e.bring(src)
			i := slices.IndexFunc(found, func(f geo.Finding) bool { return f.Kind == x.kind && f.Level == geo.Bad })
			if !errors.Is(err, layers.ErrFindings) || i < 0 {
				t.Errorf("%s: %v %v", x.kind, found, err)
				continue
			}
			text := directory.FindingText(words.ZH, found[i])
			if x.code != "" && found[i].Code != x.code || !strings.Contains(text, x.says) || !strings.Contains(text, x.code) {
				t.Errorf("%s names %q: %s", x.kind, found[i].Code, text)
			}
		}
		for name, change := range map[string]func(*layers.Upload){
			"layer": func(u *layers.Upload) { u.Name = "社区" }, "kind": func(u *layers.Upload) { u.Kind = "commune" }, "source": func(u *layers.Upload) { u.Source = "" },
		} {
			up := layers.Upload{About: about, File: communities(1)}
			change(&up)
			_, _, err := e.Import(context.Background(), e.sc, up)
			if faults, ok := errors.AsType[form.Faults](err); !ok || faults[0].Field != name {
				t.Errorf("%s: %v", name, err)
			}
		}
		err := e.db.Read(context.Background(), func(tx *store.Tx) error {
			acts, err := journal.Recent(tx, "220605", 10)
			if len(acts) > 0 {
				t.Errorf("%d acts", len(acts))
			}
			for _, table := range []string{"SELECT count(*) FROM layer_versions", "SELECT count(*) FROM layer_areas"} {
				var n int64
				if err := tx.Row(table, nil, &n); err != nil || n > 0 {
					t.Errorf("%s: %d, %v", table, n, err)
				}
			}
			return err
		})
		e.must(err)
	})
}

// TestWhoMay: only administrators and dispatchers change layers.
func TestWhoMay(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		for _, r := range access.Roles() {
			if r.Pseudo {
				continue
			}
			sc := access.ScopeOf(access.Principal{District: "220605", Account: "a", Roles: []string{r.Name}, Unit: "220605", Path: []string{"220605"}, Kind: access.Cookie})
			_, err := e.Draft(context.Background(), sc, "towns", 1)
			if want := r.Name == access.Admin || r.Name == access.Dispatcher; (err == nil) != want || !want && !errors.Is(err, flow.ErrForbidden) {
				t.Errorf("%s: %v", r.Name, err)
			}
		}
		e.must(e.verify())
	})
}

// TestVerifyFindsAMovedBorder: a shape changed behind the program's back is found.
func TestVerifyFindsAMovedBorder(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		_, _, err := e.bring(communities(1))
		e.must(err)
		e.must(e.verify())
		for _, sql := range []string{
			`UPDATE layer_areas SET name = 'x' WHERE code = '220605001002'`,
			`UPDATE layer_versions SET state = 'published'`,
		} {
			e.must(e.db.Write(context.Background(), func(tx *store.Tx) error { return tx.Exec(sql) }))
			if err := e.verify(); err == nil || !strings.Contains(err.Error(), "communities version 1") {
				t.Errorf("%s: %v", sql, err)
			}
		}
	})
}

// TestRead: GeoJSON and shapefiles are told apart by content, and what cannot be read has words.
func TestRead(t *testing.T) {
	shapes, _ := communities(1).Check(geo.Rules{})
	l, err := geo.NewLayer(about, shapes)
	if err != nil {
		t.Fatal(err)
	}
	var js, shp bytes.Buffer
	if err := errors.Join(geo.WriteGeoJSON(&js, l, nil), geo.WriteShapefile(&shp, l)); err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string][]byte{"geojson": js.Bytes(), "bom": append([]byte("\uFEFF"), js.Bytes()...), "shp": shp.Bytes()} {
		src, err := layers.Read(b, geo.Fields{})
		if err != nil || len(src.Features) != 9 {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, b := range map[string][]byte{"json": []byte(`{"type":"Topology"}`), "zip": append(shp.Bytes()[:200], "PK"...), "empty": nil} {
		if _, err := layers.Read(b, geo.Fields{}); layers.ReadProblem(err) == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if layers.ReadProblem(errors.New("disk")) != "" {
		t.Error("every error is about the file")
	}
}

// TestOtherNodesLearn: a node that runs answers by a version that another node published, without a restart.
func TestOtherNodesLearn(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		ctx, stop := context.WithCancel(context.Background())
		other, done := newEnv(t, e.db), make(chan struct{})
		go func() {
			other.Run(ctx, slog.New(slog.DiscardHandler))
			close(done)
		}()
		defer func() { stop(); <-done }()
		_, _, err := e.bring(communities(1))
		e.must(err)
		_, err = e.Publish(ctx, e.sc, "communities", 1, "划界")
		e.must(err)
		look := time.NewTicker(10 * time.Millisecond)
		defer look.Stop()
		for end := time.Now().Add(20 * time.Second); other.InForce("communities") != 1; <-look.C {
			if time.Now().After(end) {
				t.Fatal("the other node does not know of it")
			}
		}
		if p, _ := other.Locate(inFirst.Lon, inFirst.Lat); p.Community.ID != "220605001001" {
			t.Errorf("%+v", p)
		}
	})
}
