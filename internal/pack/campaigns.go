package pack

import (
	"slices"

	"weixiao/internal/directory"
	"weixiao/internal/worktime"
)

// Campaigns is campaigns.yaml: what campaigns are about and what they are measured by. Without the file there are none.
type Campaigns struct {
	Source  string `yaml:"source"`
	Themes  []Item `yaml:"themes"`
	Report  string `yaml:"report"`  // limit from one report of a unit to the next
	Rectify string `yaml:"rectify"` // limit to put right what is not met
	// Indicators are what targets are set in.
	Indicators []Indicator `yaml:"indicators"`
	// Communities are those that units can stand by: all of the directory.
	Communities []string `yaml:"-"`
}

// Item is something with an id and a name.
type Item struct {
	ID   string `yaml:"id"`
	Text `yaml:",inline"`
}

// Indicator is what a target is set in.
type Indicator struct {
	ID   string `yaml:"id"`
	Text `yaml:",inline"`
	// Unit of amounts, in words: 个, 亿元.
	Unit    string `yaml:"unit"`
	UnitEN  string `yaml:"unit_en"`
	Counted bool   `yaml:"counted"` // a ledger of the district counts it: nobody reports it
	Source  string `yaml:"source"`
}

// ThemeIDs are the ids of the themes.
func (c *Campaigns) ThemeIDs() (out []string) {
	for _, x := range c.Themes {
		out = append(out, x.ID)
	}
	return out
}

// IndicatorIDs are the ids of the indicators.
func (c *Campaigns) IndicatorIDs() (out []string) {
	for _, x := range c.Indicators {
		out = append(out, x.ID)
	}
	return out
}

// Indicator is the one with that id; one that is gone has its id as its name.
func (c *Campaigns) Indicator(id string) Indicator {
	if i := slices.IndexFunc(c.Indicators, func(x Indicator) bool { return x.ID == id }); i >= 0 {
		return c.Indicators[i]
	}
	return Indicator{ID: id, Text: Text{ZH: id, EN: id}}
}

// campaigns reads campaigns.yaml; nil for a pack without it.
func (r *reader) campaigns(p *Pack) *Campaigns {
	const file = "campaigns.yaml"
	c := &Campaigns{}
	if !r.strict(file, c) {
		return nil
	}
	good := true
	bad := func(line int, zh, en string) { good = false; r.add(file, line, zh, en) }
	if c.Source == "" || len(c.Themes) == 0 || len(c.Indicators) == 0 {
		bad(0, "source、themes 和 indicators 都要写", "source, themes and indicators must be given")
	}
	for _, l := range []string{c.Report, c.Rectify} {
		if x, err := worktime.ParseLimit(l); err != nil || x.IsZero() {
			bad(0, "report 和 rectify 要写时限，如 7 day、10 workday", "report and rectify must be limits such as 7 day or 10 workday")
		}
	}
	seen := map[string]bool{}
	at := r.lines(file, "themes")
	for i, x := range c.Themes {
		if x.ID == "" || seen[x.ID] || x.ZH == "" || x.EN == "" {
			bad(lineOf(at, i), "主题要写不重复的 id、zh 和 en", "a theme needs an id of its own, zh and en")
		}
		seen[x.ID] = true
	}
	at = r.lines(file, "indicators")
	for i, x := range c.Indicators {
		if x.ID == "" || seen[x.ID] || x.ZH == "" || x.EN == "" || x.Unit == "" || x.UnitEN == "" || x.Source == "" {
			bad(lineOf(at, i), "指标“"+x.ID+"”要写不重复的 id、zh、en、unit、unit_en 和 source", "the indicator "+x.ID+" needs an id of its own, zh, en, unit, unit_en and source")
		}
		seen[x.ID] = true
	}
	if !good {
		return nil
	}
	for _, u := range p.Directory.ByKind(directory.Community, directory.Village) {
		c.Communities = append(c.Communities, u.ID)
	}
	return c
}
