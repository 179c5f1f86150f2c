package projects

import (
	"math"
	"slices"
	"strings"

	"weixiao/internal/record"
	"weixiao/internal/store"
)

// Twin is an earlier project that a later one may be the same as.
type Twin struct {
	ID  string `json:"id"`
	Why string `json:"why"` // site: same firm and site; split: and contracts close to each other; name: names alike
}

// findTwins notes what a project may be the same as: at entry, at every correction and when it is signed.
func (s *Projects) findTwins(tx *store.Tx, x *Project, id string) error {
	found := map[string]string{}
	if err := s.Books.Project.Each(tx, record.Filter{Of: x.owner()}, func(o *Project) error {
		if why := s.alike(x, o); why != "" && o.ID != id {
			found[o.ID] = why
		}
		return nil
	}); err != nil {
		return err
	}
	mine := s.key(x.Name)
	if err := s.Books.Project.Titles(tx, func(other, title string) error {
		if other != id && found[other] == "" && close1(mine, s.key(title)) {
			found[other] = "name"
		}
		return nil
	}); err != nil {
		return err
	}
	x.Twins = nil
	for other, why := range found {
		o, err := s.Books.Project.Load(tx, other)
		if err != nil {
			return err
		}
		if o.SameAs == id || x.Doc != 0 && o.Doc > x.Doc { // the later one is looked at
			continue
		}
		x.Twins = append(x.Twins, Twin{other, why})
	}
	slices.SortFunc(x.Twins, func(a, b Twin) int { return strings.Compare(a.ID, b.ID) })
	return nil
}

// alike is why two projects of one firm may be one, "" if they are not.
func (s *Projects) alike(x, o *Project) string {
	same := x.place() != "" && x.place() == o.place() || s.near(x, o)
	a, b := x.Reached[Signed], o.Reached[Signed]
	switch {
	case !same:
		return ""
	case a != "" && b != "" && months(a, b) <= s.o.Rules.Months:
		return "split"
	}
	return "site"
}

// near reports whether two places lie within the distance that makes them one site.
func (s *Projects) near(x, o *Project) bool {
	if x.Lon == 0 || o.Lon == 0 || s.o.Rules.Metres == 0 {
		return false
	}
	dy := float64(x.Lat-o.Lat) * 0.11132
	dx := float64(x.Lon-o.Lon) * 0.11132 * math.Cos(float64(x.Lat)/1e6*math.Pi/180)
	return math.Hypot(dx, dy) <= float64(s.o.Rules.Metres)
}

// idle words tell no project from another.
var idle = strings.NewReplacer("江源区", "", "江源", "", "白山市", "", "白山", "", "吉林省", "", "建设项目", "", "项目", "", "工程", "", "建设", "", "有限公司", "", "有限责任", "", "公司", "")

// key is key of a name, remembered: every entry is compared with all names there are.
func (s *Projects) key(name string) []rune {
	if k, ok := s.keys.Load(name); ok {
		return k.([]rune)
	}
	k := key(name)
	s.keys.Store(name, k)
	return k
}

// key is what a name says beyond idle words.
func key(name string) []rune {
	p := plain(name)
	if k := []rune(idle.Replace(p)); len(k) >= 2 {
		return k
	}
	return []rune(p)
}

// close1 reports whether two names are the same but for one character at most. Names of fewer than four characters must
// be the same.
func close1(a, b []rune) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(b)-len(a) > 1 || len(b) == 0 {
		return false
	}
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	switch {
	case i == len(b):
		return true
	case len(a) < 4:
		return false
	case len(a) == len(b):
		return slices.Equal(a[i+1:], b[i+1:])
	}
	return slices.Equal(a[i:], b[i+1:])
}
