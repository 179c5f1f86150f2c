package pack

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"weixiao/internal/directory"
)

// Routine is an entry of routines.yaml: something that is done outside again and again. It has no key for anything that
// would prove somebody's presence, and none for a score (国办函〔2026〕12号): such a key is an unknown key.
type Routine struct {
	Key     string `yaml:"key"`
	Kind    string `yaml:"kind"` // daily inspection posting duty watch
	Title   string `yaml:"title"`
	English string `yaml:"english"`
	What    Text   `yaml:"what"` // what it is for, a sentence or two
	// Posts are kinds of posts (postkinds.csv) that have a turn each; with Where listed they say whose turn of the listed
	// unit it is, the first kind that the unit has.
	Posts   []string      `yaml:"posts"`
	Where   string        `yaml:"where"`  // grid community street unit building listed
	Listed  []RoutineSpot `yaml:"listed"` // Where listed: a turn each
	When    RoutineWhen   `yaml:"when"`
	Items   []RoutineItem `yaml:"items"`
	Matters []string      `yaml:"matters"` // keys of matters it looks at first
	Forbids []string      `yaml:"forbids"` // what must not be asked of anybody: see Forbidden
	Legal   Text          `yaml:"legal"`   // what the law says about it, on its page
	Source  string        `yaml:"source"`
	MadeUp  bool          `yaml:"made_up"`
}

// RoutineSpot is a segment, or a community somebody is posted to.
type RoutineSpot struct {
	Key       string `yaml:"key"`
	Unit      string `yaml:"unit"` // that goes there
	Post      string `yaml:"post"` // "" = by Posts
	Spot      string `yaml:"spot"` // of gazetteer.csv
	Community string `yaml:"community"`
	Title     string `yaml:"title"` // "" = the name of the place
	English   string `yaml:"english"`
}

// RoutineWhen says on which days, and in which hours of them.
type RoutineWhen struct {
	Days      string          `yaml:"days"`      // workdays holidays every
	Weekdays  []string        `yaml:"weekdays"`  // mon … sun, instead of Days
	Monthdays []int           `yaml:"monthdays"` // 1 … 31, instead of Days
	Season    *RoutineSeason  `yaml:"season"`
	From      string          `yaml:"from"` // 08:00
	To        string          `yaml:"to"`   // earlier than From: of the next day
	Weather   *RoutineWeather `yaml:"weather"`
}

// RoutineSeason is from one day of the year to another, both counted: "10-25" to "04-10" is a winter.
type RoutineSeason struct {
	From string `yaml:"from"`
	To   string `yaml:"to"`
}

// RoutineWeather is weather that calls for the routine: any one of its conditions.
type RoutineWeather struct {
	SnowCM    int      `yaml:"snow_cm"`    // so much snow or more; 0 = does not count
	TempBelow *int     `yaml:"temp_below"` // the lowest temperature of the day lies below, °C
	Warnings  []string `yaml:"warnings"`   // see Warnings
}

// RoutineItem is something a turn is about; it is filled by acts of the day's real work alone.
type RoutineItem struct {
	Key      string   `yaml:"key"`
	Title    string   `yaml:"title"`
	English  string   `yaml:"english"`
	FilledBy []string `yaml:"filled_by"` // finding.find, case.reply: kind and action of an act
}

// RoutineKinds, RoutinePlaces, Warnings and Forbidden are the words that routines.yaml may use.
func RoutineKinds() []string { return []string{"daily", "inspection", "posting", "duty", "watch"} }

// RoutinePlaces are what Where may be.
func RoutinePlaces() []string {
	return []string{"grid", "community", "street", "unit", "building", "listed"}
}

// Warnings are kinds of weather warnings.
func Warnings() []string {
	return []string{"blizzard", "cold_wave", "icing", "gale", "rainstorm", "fog", "heat"}
}

// Forbidden is what the national rule against formalism bars from being asked; every routine must name all of it that could
// be asked in it, the first three always.
func Forbidden() []string {
	return []string{"check_in", "presence_photo", "ranking", "track", "online_time", "twice", "quota"}
}

// alwaysForbidden must stand in every routine.
var alwaysForbidden = []string{"check_in", "presence_photo", "ranking"}

// Routine finds a routine.
func (p *Pack) Routine(key string) (Routine, bool) {
	i := slices.IndexFunc(p.Routines, func(x Routine) bool { return x.Key == key })
	if i < 0 {
		return Routine{}, false
	}
	return p.Routines[i], true
}

const routinesFile = "routines.yaml"

var (
	routineKey  = regexp.MustCompile(`^[a-z][a-z0-9_]{1,30}$`)
	filledBy    = regexp.MustCompile(`^[a-z_]+\.[a-z_]+$`)
	weekdayName = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}
)

// WeekdayNames are the names of weekdays in the order of time.Weekday.
func WeekdayNames() []string { return slices.Clone(weekdayName) }

// routineCheck says what is wrong with one routine.
type routineCheck struct {
	r    *reader
	p    *Pack
	line int
	key  string
}

func (c routineCheck) bad(zh, en string, args ...any) {
	c.r.add(routinesFile, c.line, "例行工作“"+c.key+"”："+fmt.Sprintf(zh, args...), "routine "+c.key+": "+fmt.Sprintf(en, args...))
}

// routines reads routines.yaml; a pack without it has none.
func (r *reader) routines(p *Pack) []Routine {
	var file struct {
		Routines []Routine `yaml:"routines"`
	}
	if !r.strict(routinesFile, &file) {
		return nil
	}
	at, seen := r.lines(routinesFile, "routines"), map[string]bool{}
	for i, x := range file.Routines {
		c := routineCheck{r, p, lineOf(at, i), x.Key}
		if !routineKey.MatchString(x.Key) || seen[x.Key] {
			c.bad("编号要不重复，由小写字母、数字和下划线组成", "the key must be its own, of small letters, figures and _")
		}
		seen[x.Key] = true
		c.head(x)
		c.when(x.When)
		c.items(x.Items)
		c.places(x)
	}
	return file.Routines
}

func (c routineCheck) head(x Routine) {
	if x.Title == "" || x.English == "" || x.What.ZH == "" || x.What.EN == "" || x.Legal.ZH == "" || x.Legal.EN == "" {
		c.bad("title、english、what、legal 都要写全（what 和 legal 要有 zh 和 en）", "title, english, what and legal are needed, what and legal in zh and en")
	}
	if x.Source == "" {
		c.bad("要写明依据 source；没有公开依据的写明自拟并加 made_up: true", "a source is needed; if there is none that is public say so and add made_up: true")
	}
	if !slices.Contains(RoutineKinds(), x.Kind) {
		c.bad("kind 应为 %s", "kind must be one of %s", strings.Join(RoutineKinds(), " "))
	}
	for _, f := range x.Forbids {
		if !slices.Contains(Forbidden(), f) {
			c.bad("forbids 里没有“%s”，可用的有 %s", "forbids knows %s not, but %s", f, strings.Join(Forbidden(), " "))
		}
	}
	for _, f := range alwaysForbidden {
		if !slices.Contains(x.Forbids, f) {
			c.bad("forbids 必须写上 %s（国办函〔2026〕12号：不得强制打卡、不得要求到场照片、不得排名）", "forbids must name %s: the national rule bars it everywhere", f)
		}
	}
	if c.p.Catalogue != nil {
		for _, m := range x.Matters {
			if _, ok := c.p.Catalogue.Matter(m); !ok {
				c.bad("没有事项 %s", "no matter %s", m)
			}
		}
	}
}

func (c routineCheck) when(w RoutineWhen) {
	n := len(w.Weekdays) + len(w.Monthdays)
	if (w.Days == "") == (n == 0) || len(w.Weekdays) > 0 && len(w.Monthdays) > 0 {
		c.bad("when 里 days、weekdays、monthdays 要写且只写一个", "when needs exactly one of days, weekdays, monthdays")
	}
	if w.Days != "" && !slices.Contains([]string{"workdays", "holidays", "every"}, w.Days) {
		c.bad("days 应为 workdays、holidays 或 every", "days must be workdays, holidays or every")
	}
	for _, d := range w.Weekdays {
		if !slices.Contains(weekdayName, d) {
			c.bad("weekdays 里没有“%s”，请写 mon tue wed thu fri sat sun", "weekdays are mon tue wed thu fri sat sun, not %s", d)
		}
	}
	for _, d := range w.Monthdays {
		if d < 1 || d > 31 {
			c.bad("monthdays 里 %d 不是 1 到 31", "monthdays: %d is not 1 to 31", d)
		}
	}
	for _, t := range []string{w.From, w.To} {
		if _, err := time.Parse("15:04", t); err != nil {
			c.bad("from 和 to 请写成 08:00 这样", "from and to are written as 08:00")
		}
	}
	if s := w.Season; s != nil {
		for _, d := range []string{s.From, s.To} {
			if _, err := time.Parse("2006-01-02", "2024-"+d); err != nil {
				c.bad("season 请写成 10-25 这样", "a season is written as 10-25")
			}
		}
	}
	if x := w.Weather; x != nil {
		if x.SnowCM == 0 && x.TempBelow == nil && len(x.Warnings) == 0 || x.SnowCM < 0 {
			c.bad("weather 至少要写 snow_cm、temp_below、warnings 中的一个", "weather needs at least one of snow_cm, temp_below, warnings")
		}
		for _, k := range x.Warnings {
			if !slices.Contains(Warnings(), k) {
				c.bad("warnings 里没有“%s”，可用的有 %s", "warnings knows %s not, but %s", k, strings.Join(Warnings(), " "))
			}
		}
	}
}

// maxItems is bounded by what a page and a row can hold.
const maxItems = 20

func (c routineCheck) items(items []RoutineItem) {
	if len(items) == 0 || len(items) > maxItems {
		c.bad("items 要有 1 到 %d 项", "there must be 1 to %d items", maxItems)
	}
	seen := map[string]bool{}
	for _, it := range items {
		if !routineKey.MatchString(it.Key) || seen[it.Key] || it.Title == "" || it.English == "" {
			c.bad("每项要有不重复的 key、title 和 english（“%s”）", "each item needs a key of its own, title and english (%s)", it.Key)
		}
		seen[it.Key] = true
		if len(it.FilledBy) == 0 {
			c.bad("“%s”要写明由哪些实际工作自动带出（filled_by），不得另行填报", "%s: say which real work fills it (filled_by); nobody may be asked to fill it in", it.Key)
		}
		for _, f := range it.FilledBy {
			if !filledBy.MatchString(f) {
				c.bad("filled_by 请写成 finding.find 这样，不是“%s”", "filled_by is written as finding.find, not %s", f)
			}
		}
	}
}

// levels are the levels of posts that fit where turns are.
var levels = map[string]directory.Level{"grid": directory.OnGrid, "building": directory.OnBuilding, "community": directory.OnUnit, "street": directory.OnUnit, "unit": directory.OnUnit}

func (c routineCheck) places(x Routine) {
	if !slices.Contains(RoutinePlaces(), x.Where) {
		c.bad("where 应为 %s", "where must be one of %s", strings.Join(RoutinePlaces(), " "))
		return
	}
	if (x.Where == "listed") != (len(x.Listed) > 0) {
		c.bad("where: listed 要有 listed 清单，其他写法不能有", "where: listed needs the list listed, anything else has none")
	}
	if x.Where != "listed" && len(x.Posts) == 0 {
		c.bad("要写明由哪类岗位（posts）承担", "say which kinds of posts it is for (posts)")
	}
	for _, k := range x.Posts {
		i := slices.IndexFunc(c.p.PostKinds, func(p directory.PostKind) bool { return p.ID == k })
		if i < 0 {
			c.bad("postkinds.csv 里没有岗位类别“%s”", "postkinds.csv has no kind %s", k)
		} else if want, ok := levels[x.Where]; ok && c.p.PostKinds[i].Level != want {
			c.bad("岗位类别“%s”不设在 %s 上", "posts of the kind %s are not those of a %s", k, x.Where)
		}
	}
	if c.p.Directory == nil {
		return
	}
	seen := map[string]bool{}
	for _, s := range x.Listed {
		if !routineKey.MatchString(s.Key) || seen[s.Key] {
			c.bad("listed 里“%s”的编号要不重复", "listed: %s needs a key of its own", s.Key)
		}
		seen[s.Key] = true
		if _, ok := c.p.Directory.Unit(s.Unit); !ok {
			c.bad("“%s”：没有单位 %s", "%s: no unit %s", s.Key, s.Unit)
		}
		if s.Post != "" {
			if _, ok := c.p.Directory.Post(s.Post); !ok {
				c.bad("“%s”：没有岗位 %s", "%s: no post %s", s.Key, s.Post)
			}
		}
		if s.Spot != "" && c.p.Gazetteer != nil {
			if _, ok := c.p.Gazetteer.Spot(s.Spot); !ok {
				c.bad("“%s”：gazetteer.csv 里没有地点 %s", "%s: gazetteer.csv has no place %s", s.Key, s.Spot)
			}
		}
		if s.Community != "" {
			if _, ok := c.p.Directory.OfPlace(s.Community); !ok {
				c.bad("“%s”：没有社区 %s", "%s: no community %s", s.Key, s.Community)
			}
		}
		if s.Spot == "" && s.Community == "" {
			c.bad("“%s”要写明地点 spot 或社区 community", "%s needs a spot or a community", s.Key)
		}
	}
}
