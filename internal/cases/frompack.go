package cases

import (
	"github.com/paulmach/orb"

	"weixiao/internal/calendars"
	"weixiao/internal/directory"
	"weixiao/internal/duties"
	"weixiao/internal/pack"
)

// FromPack makes the district of a pack.
func FromPack(p *pack.Pack) *District {
	d := &District{Code: p.District, Prefix: p.Prefix, Pack: p.Version, Directory: p.Directory, Catalogue: p.Catalogue, Calendar: Calendars(p),
		Ladder: p.Ladder, Procedures: p.Procedures}
	if centres := p.Directory.ByKind(directory.Hotline); len(centres) > 0 {
		d.Centre = centres[0].ID
	}
	d.Find = p.Gazetteer.Resolve
	d.Duties = duties.New(p.District, p.Version, p.Catalogue)
	d.Areas = func(lon, lat float64) []string { return p.AreasAt(orb.Point{lon, lat}) }
	d.Locate = func(lon, lat float64) (directory.Place, bool) { return p.Locate(orb.Point{lon, lat}) }
	return d
}

// Calendars makes the calendars of a pack.
func Calendars(p *pack.Pack) *calendars.Book {
	return calendars.New(p.District, p.Version, p.Head.Calendar, p.Calendars, func(unit string) string {
		u, _ := p.Directory.Unit(unit)
		return u.Calendar
	})
}

// suggestFrom is how many characters of a request a matter is suggested from:
// letters say at the beginning what they are about, and the look costs time.
const suggestFrom = 300

// head is the beginning of a text, n characters at most.
func head(s string, n int) string {
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}
