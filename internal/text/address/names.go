package address

import (
	_ "embed"
	"strings"
	"sync"
)

// divisions.txt: a line =省, then its cities, each with its districts.
//
//go:embed divisions.txt
var divisions string

// national are the divisions of China by their full and their short name.
type national struct {
	full  map[string][]Kind
	short map[string][]Kind
}

var nation = sync.OnceValue(func() national {
	n := national{map[string][]Kind{}, map[string][]Kind{}}
	add := func(name string, k Kind) {
		if name == "" || strings.HasPrefix(name, "市辖区") || strings.Contains(name, "直辖县级") {
			return
		}
		put(n.full, name, k)
		if s := short(name, k); s != "" {
			put(n.short, s, k)
		}
	}
	for line := range strings.Lines(divisions) {
		line = strings.TrimSpace(line)
		if p, ok := strings.CutPrefix(line, "="); ok {
			add(p, Province)
			if strings.HasSuffix(p, "市") {
				add(p, City)
			}
			continue
		}
		city, below, _ := strings.Cut(line, ":")
		add(city, City)
		for _, d := range strings.Fields(below) {
			if strings.HasSuffix(d, "开发区") {
				put(n.full, d, Zone)
				continue
			}
			add(d, District)
		}
	}
	for _, old := range []string{"绍兴县", "富阳市", "八道江区", "江源县"} { // still written, but gone
		put(n.full, old, District)
	}
	put(n.full, "中国", Country)
	put(n.full, "市辖区", Noise)
	return n
})

// IsDivision reports whether this is the full or short name of a province, city or district of China.
func IsDivision(name string) bool {
	n, key := nation(), plain(name)
	return len(n.full[key]) > 0 || len(n.short[key]) > 0
}

func put(m map[string][]Kind, name string, k Kind) {
	for _, x := range m[name] {
		if x == k {
			return
		}
	}
	m[name] = append(m[name], k)
}

// short is a name without its ending, "" when nothing of use is left.
func short(name string, k Kind) string {
	endings := []string{"市", "地区", "盟", "自治州"}
	switch k {
	case Province:
		for _, p := range []string{"内蒙古", "广西", "西藏", "宁夏", "新疆", "香港", "澳门"} {
			if strings.HasPrefix(name, p) {
				return p
			}
		}
		endings = []string{"省", "市"}
	case District:
		endings = []string{"市", "县", "区"}
	}
	for _, e := range endings {
		if s, ok := strings.CutSuffix(name, e); ok && len([]rune(s)) >= 2 {
			return s
		}
	}
	return ""
}
