package desk

import (
	"cmp"
	"slices"
	"strings"

	"weixiao/internal/catalogue"
	"weixiao/internal/directory"
	"weixiao/internal/pack"
	"weixiao/internal/text/pinyin"
	"weixiao/internal/web/ui"
	"weixiao/internal/words"
)

// finder makes the lists people choose from: units and matters, each to be found
// by its name, by what else it is called, and by pinyin initials.
type finder struct {
	dir *directory.Directory
	cat *catalogue.Catalogue
	by  map[string]string // id or key -> what it is found by
}

func newFinder(p *pack.Pack) *finder {
	f := &finder{dir: p.Directory, cat: p.Catalogue, by: map[string]string{}}
	for _, u := range p.Directory.Units() {
		name := cmp.Or(u.Short, u.Name)
		all := []string{pinyin.Initials(name)}
		for _, a := range u.Aliases {
			if !strings.Contains(a, name) && !strings.Contains(name, a) { // the label is searched anyway
				all = append(all, a)
			}
		}
		f.by[u.ID] = strings.Join(all, " ")
	}
	for _, m := range p.Catalogue.All() {
		i := pinyin.Initials(m.Name)
		f.by["m:"+m.Key] = i[:min(len(i), longestInitials)]
		if m.Code != m.Key { // the key is the value of the option, which is searched anyway
			f.by["m:"+m.Key] += " " + m.Code
		}
	}
	return f
}

// longestInitials is how many initials of a matter are kept: nobody types more,
// and the lists go over the wire.
const longestInitials = 6

func unitName(lang words.Lang, u directory.Unit) string {
	switch {
	case lang == words.EN && u.English != "":
		return u.English
	case u.Short != "":
		return u.Short
	}
	return u.Name
}

func (f *finder) choice(lang words.Lang, u directory.Unit, group string) ui.Choice {
	return ui.Choice{Value: u.ID, Label: unitName(lang, u), Group: group, Find: f.by[u.ID]}
}

// handling are the units a case is given to: streets first, then departments.
// Communities are not among them: they are reached through their street.
func (f *finder) handling(lang words.Lang) []ui.Choice {
	var out []ui.Choice
	for _, g := range []struct {
		key   string
		kinds []directory.Kind
	}{
		{"desk.units.streets", []directory.Kind{directory.Street, directory.Town}},
		{"desk.units.departments", []directory.Kind{directory.Department}},
		{"desk.units.utilities", []directory.Kind{directory.Utility}},
		{"desk.units.centre", []directory.Kind{directory.Hotline, directory.Supervision}},
	} {
		for _, u := range f.dir.ByKind(g.kinds...) {
			if u.Kind.HandlesCases() {
				out = append(out, f.choice(lang, u, words.T(lang, g.key)))
			}
		}
	}
	return out
}

// streets are the streets and towns.
func (f *finder) streets(lang words.Lang) []ui.Choice {
	var out []ui.Choice
	for _, u := range f.dir.ByKind(directory.Street, directory.Town) {
		out = append(out, f.choice(lang, u, ""))
	}
	return out
}

// communities are the communities and villages under their streets.
func (f *finder) communities(lang words.Lang) []ui.Choice {
	var out []ui.Choice
	for _, s := range f.dir.ByKind(directory.Street, directory.Town) {
		for _, u := range f.dir.Children(s.ID) {
			if u.Kind == directory.Community || u.Kind == directory.Village {
				out = append(out, f.choice(lang, u, unitName(lang, s)))
			}
		}
	}
	return out
}

// below are the units directly below one.
func (f *finder) below(lang words.Lang, unit string) []ui.Choice {
	var out []ui.Choice
	for _, u := range f.dir.Children(unit) {
		out = append(out, f.choice(lang, u, ""))
	}
	return out
}

// some are these units.
func (f *finder) some(lang words.Lang, ids []string) []ui.Choice {
	var out []ui.Choice
	for _, id := range ids {
		if u, ok := f.dir.Unit(id); ok {
			out = append(out, f.choice(lang, u, ""))
		}
	}
	return out
}

// matters are the requests of the catalogue under their headings.
func (f *finder) matters(lang words.Lang) []ui.Choice {
	groups := map[string]string{}
	for _, g := range f.cat.Groups() {
		groups[g.ID] = g.Name
		if lang == words.EN {
			groups[g.ID] = g.English
		}
	}
	var out []ui.Choice
	for _, m := range f.cat.Matters(catalogue.KindRequest) {
		out = append(out, ui.Choice{Value: m.Key, Label: matterName(lang, m), Group: groups[m.Group], Find: f.by["m:"+m.Key]})
	}
	// equal groups stand together, in the order in which they first appear
	order := map[string]int{}
	for i, c := range out {
		if _, ok := order[c.Group]; !ok {
			order[c.Group] = i
		}
	}
	slices.SortStableFunc(out, func(a, b ui.Choice) int { return order[a.Group] - order[b.Group] })
	return out
}

func matterName(lang words.Lang, m catalogue.Matter) string {
	if lang == words.EN && m.English != "" {
		return m.English
	}
	return m.Name
}

// profiles are the sets of limits.
func (f *finder) profiles(lang words.Lang) []ui.Choice {
	var out []ui.Choice
	for _, p := range f.cat.Profiles() {
		label := p.Title
		if lang == words.EN {
			label = p.English
		}
		out = append(out, ui.Choice{Value: p.Name, Label: label})
	}
	return out
}
