package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/paulmach/orb"

	"weixiao/internal/directory"
	"weixiao/internal/pack"
	"weixiao/internal/text/pinyin"
)

// benchAddress measures names suggested while one types, and addresses understood, over --places made-up places: in the
// program itself, and through the residents' page over HTTP.
func benchAddress(ctx context.Context, args []string, out io.Writer) (err error) {
	b := newBench("address", out)
	places := b.fset.Int("places", 200_000, "places in the gazetteer")
	c, err := parse(b.fset, b.cfg, args)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "weixiao-bench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if err := os.CopyFS(filepath.Join(dir, "pack"), pack.Jiangyuan()); err != nil {
		return err
	}
	small, err := pack.Load(pack.Jiangyuan())
	if err != nil {
		return err
	}
	names, err := madeUpPlaces(filepath.Join(dir, "pack", "gazetteer.csv"), small.Directory, *places)
	if err != nil {
		return err
	}
	before := heap()
	start := time.Now()
	full, err := pack.Load(os.DirFS(filepath.Join(dir, "pack")))
	if err != nil {
		return err
	}
	b.figure("places", float64(len(full.Gazetteer.Spots())), "count")
	b.figure("load_ms", float64(time.Since(start).Milliseconds()), "ms")
	b.figure("memory_mb", float64(heap()-before)/(1<<20), "MB")
	r := rand.New(rand.NewPCG(1, 2))
	queries := make([]string, 4000)
	for i := range queries {
		queries[i] = typedAs(r, names[r.IntN(len(names))], i)
	}
	for _, m := range []struct {
		name string
		do   func(string)
	}{
		{"suggest", func(q string) { full.Gazetteer.Suggest(q, 8) }},
		{"resolve", func(q string) { full.Gazetteer.Resolve("江源区"+q+"3号楼2单元", orb.Point{}, false) }},
	} {
		m.do(queries[0])
		took := make([]time.Duration, len(queries))
		for i, q := range queries {
			t := time.Now()
			m.do(q)
			took[i] = time.Since(t)
		}
		slices.Sort(took)
		b.figure(m.name+"_p50_ms", percentile(took, 0.50), "ms")
		b.figure(m.name+"_p95_ms", percentile(took, 0.95), "ms")
	}
	runtime.KeepAlive(full)
	c.Set("pack", filepath.Join(dir, "pack"))
	return b.suggestOverHTTP(ctx, append(args, "--pack", filepath.Join(dir, "pack")), queries)
}

// suggestOverHTTP types the queries into the residents' page.
func (b *benchRun) suggestOverHTTP(ctx context.Context, args []string, queries []string) error {
	served := newBench("address", b.out)
	served.fset.Int("places", 0, "")
	a, done, err := served.open(ctx, args)
	if err != nil {
		return err
	}
	base, stop, err := serve(ctx, a)
	if err != nil {
		return errors.Join(err, done())
	}
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 4}}
	ask := func(_ context.Context, c, i int) error {
		resp, err := client.PostForm(base+"/report/suggest", url.Values{"q": {queries[(c*997+i)%len(queries)]}})
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		if _, err := io.Copy(io.Discard, resp.Body); err != nil || resp.StatusCode != http.StatusOK {
			return errors.Join(err, fmt.Errorf("suggest: %d", resp.StatusCode))
		}
		return nil
	}
	_, _, err = load(ctx, 2, 300*time.Millisecond, ask)
	var took []time.Duration
	if err == nil {
		took, _, err = load(ctx, 2, time.Duration(*b.seconds)*time.Second, ask)
	}
	if err == nil {
		b.figure("http_requests", float64(len(took)), "count")
		b.figure("http_p50_ms", percentile(took, 0.50), "ms")
		b.figure("http_p95_ms", percentile(took, 0.95), "ms")
	}
	return errors.Join(err, stop(), done())
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// madeUpPlaces writes a gazetteer of n places, names of three to nine characters that share many beginnings and pinyin
// initials as real ones do, and returns the names.
func madeUpPlaces(file string, d *directory.Directory, n int) ([]string, error) {
	r := rand.New(rand.NewPCG(220605, 1))
	stems := []rune("兴林红松海矿工新村长白山石人金枫春晖锦绣阳光浑江福满和谐鑫源东升百合惠民龙御景幸文化桦碧银河向丰站康乐花望静安泰华盛世明珠嘉瑞祥云翠湖天")
	ends := []string{"小区", "花园", "家园", "路", "街", "超市", "小学", "饭店", "大厦", "广场", "公寓", "药店", "诊所", "宾馆", "市场"}
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	if err := w.Write([]string{"id", "name", "kind", "unit", "lon", "lat", "source"}); err != nil {
		return nil, err
	}
	units := d.ByKind(directory.Community, directory.Village)
	seen := map[string]bool{}
	var names []string
	for len(names) < n {
		size := 2 + r.IntN(3)
		name := ""
		for range size {
			name += string(stems[r.IntN(len(stems))])
		}
		name += ends[r.IntN(len(ends))]
		if r.IntN(2) == 0 {
			name += strconv.Itoa(1+r.IntN(60)) + "号楼"
		}
		u := units[r.IntN(len(units))]
		if seen[name+u.ID] {
			continue
		}
		seen[name+u.ID] = true
		g := d.Grids(u.ID)[0]
		if err := w.Write([]string{"b" + strconv.Itoa(len(names)), name, "landmark", u.ID, fmt.Sprintf("%.5f", g.Center[0]), fmt.Sprintf("%.5f", g.Center[1]), "x"}); err != nil {
			return nil, err
		}
		names = append(names, name)
	}
	w.Flush()
	return names, errors.Join(w.Error(), os.WriteFile(file, b.Bytes(), fs.FileMode(0o600)))
}

// typedAs is what somebody has typed of a name so far: characters, initials, whole pinyin, or a mixture, from one
// letter to the whole name and a number.
func typedAs(r *rand.Rand, name string, i int) string {
	c := []rune(name)
	part := string(c[:1+r.IntN(min(len(c), 6))])
	switch i % 6 {
	case 0:
		return part
	case 1:
		return spelled(part, 1)
	case 2:
		return spelled(part, 9)
	case 3:
		return spelled(part, 1) + " " + strconv.Itoa(1+r.IntN(30))
	case 4:
		return string(c[:2]) + " " + strconv.Itoa(1+r.IntN(30)) + " 号"
	}
	return string(c[:1]) + spelled(strings.TrimPrefix(part, string(c[:1])), 1)
}

// spelled is the pinyin of a text, at most n letters of each character.
func spelled(s string, n int) string {
	var b strings.Builder
	for _, c := range s {
		if all := pinyin.Readings(c); len(all) > 0 {
			b.WriteString(all[0][:min(n, len(all[0]))])
		} else {
			b.WriteRune(c)
		}
	}
	return b.String()
}
