package conditions

import "slices"

// Size classes of the national statistics.
const (
	Micro  = "micro"
	Small  = "small"
	Medium = "medium"
	Large  = "large"
)

// Sizes are the classes from the smallest.
func Sizes() []string { return []string{Micro, Small, Medium, Large} }

// scale is one measure of a kind of business: where small, medium and large begin.
type scale struct {
	fact string
	from [3]int64
}

const tenThousand = 100 * 10000 // fen

func money(fact string, from ...int64) scale {
	return scale{fact, [3]int64{from[0] * tenThousand, from[1] * tenThousand, from[2] * tenThousand}}
}

func heads(from ...int64) scale { return scale{"staff", [3]int64{from[0], from[1], from[2]}} }

// scales are those of 统计上大中小微型企业划分办法（2017）, 国统字〔2017〕213号: by branch where it has one of its own, else by
// sector. A firm is of the class whose beginnings all its measures reach; money is in 10,000 yuan there.
var scales = map[string][]scale{
	"agriculture":   {money("turnover", 50, 500, 20000)},
	"mining":        {heads(20, 300, 1000), money("turnover", 300, 2000, 40000)},
	"manufacturing": {heads(20, 300, 1000), money("turnover", 300, 2000, 40000)},
	"energy":        {heads(20, 300, 1000), money("turnover", 300, 2000, 40000)},
	"construction":  {money("turnover", 300, 6000, 80000), money("assets", 300, 5000, 80000)},
	"transport":     {heads(20, 300, 1000), money("turnover", 200, 3000, 30000)},
	"hospitality":   {heads(10, 100, 300), money("turnover", 100, 2000, 10000)},
	"education":     {heads(10, 100, 300)}, "health": {heads(10, 100, 300)}, "culture": {heads(10, 100, 300)}, "social": {heads(10, 100, 300)},

	"trade wholesale":      {heads(5, 20, 200), money("turnover", 1000, 5000, 40000)},
	"trade retail":         {heads(10, 50, 300), money("turnover", 100, 500, 20000)},
	"transport storage":    {heads(20, 100, 200), money("turnover", 100, 1000, 30000)},
	"services information": {heads(10, 100, 2000), money("turnover", 100, 1000, 100000)},
	"services software":    {heads(10, 100, 300), money("turnover", 50, 1000, 10000)},
	"services leasing":     {heads(10, 100, 300), money("assets", 100, 8000, 120000)},
	"services general":     {heads(10, 100, 300)},
	"property developer":   {money("turnover", 100, 1000, 200000), money("assets", 2000, 5000, 10000)},
	"property upkeep":      {heads(100, 300, 1000), money("turnover", 500, 1000, 5000)},
}

// Branches are the branches of a sector that have scales of their own; "" is one of them when the sector has some too.
func Branches(sector string) (out []string) {
	if _, ok := scales[sector]; ok {
		out = append(out, "")
	}
	b, _ := FactOf("branch")
	for _, x := range b.Options {
		if _, ok := scales[sector+" "+x]; ok {
			out = append(out, x)
		}
	}
	return out
}

func (s scale) class(v int64) int {
	c := 0
	for _, from := range s.from {
		if v >= from {
			c++
		}
	}
	return c
}

func (f *Facts) measure(fact string) *int64 {
	switch fact {
	case "staff":
		return f.Staff
	case "turnover":
		return f.Turnover
	}
	return f.Assets
}

// Size is the size class that follows from sector, staff, turnover and assets; "" as long as one that counts is missing.
func (f *Facts) Size() string {
	c, missing := f.size()
	if len(missing) > 0 {
		return ""
	}
	return c
}

func (f *Facts) size() (class string, missing []string) {
	if f.Sector == "" {
		return "", []string{"sector"}
	}
	rows, ok := scales[f.Sector+" "+f.Branch]
	if !ok {
		rows, ok = scales[f.Sector]
	}
	if !ok {
		return "", []string{"branch"}
	}
	least := len(Sizes()) - 1
	for _, s := range rows {
		v := f.measure(s.fact)
		if v == nil {
			missing = append(missing, s.fact)
			continue
		}
		least = min(least, s.class(*v))
	}
	if least == 0 { // the smallest measure decides
		return Micro, nil
	}
	return Sizes()[least], missing
}

// couldBe reports whether a firm of this class can have these measures, nil where anything goes: so that conditions that
// contradict the classes are found.
func couldBe(class, sector, branch string, measures map[string]int64) bool {
	want := slices.Index(Sizes(), class)
	for key, rows := range scales {
		if sector != "" && key != sector && key != sector+" "+branch && (branch != "" || !slices.ContainsFunc(Branches(sector), func(b string) bool { return b != "" && key == sector+" "+b })) {
			continue
		}
		least, open := len(Sizes())-1, false
		for _, s := range rows {
			if v, ok := measures[s.fact]; ok {
				least = min(least, s.class(v))
			} else {
				open = true
			}
		}
		if least == want || open && least > want {
			return true
		}
	}
	return false
}
