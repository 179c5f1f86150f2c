package pack

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"gopkg.in/yaml.v3"

	"weixiao/internal/directory/firms"
	"weixiao/internal/geo"
	"weixiao/internal/worktime"
)

// Sanitation is how a district has its roads swept: contracts, road segments, machines, and the rules by which coverage,
// inspections and payment are reckoned. It is in sanitation.yaml, contracts.csv, segments.csv and machines.csv.
type Sanitation struct {
	Source string `yaml:"source"`
	Owner  string `yaml:"owner"` // the unit that supervises
	Tracks struct {
		Keep    int `yaml:"keep"`    // days after which positions are deleted
		Late    int `yaml:"late"`    // days within which positions of a day still count
		Fastest int `yaml:"fastest"` // km/h; faster is a drive, no sweeping
		Beside  int `yaml:"beside"`  // metres beside the road that still are on it
		Silent  int `yaml:"silent"`  // minutes after which a machine on shift is missed
	} `yaml:"tracks"`
	Coverage struct {
		Full   int     `yaml:"full"`  // percent from which nothing is deducted
		Point  Decimal `yaml:"point"` // points a percent below it
		Source string  `yaml:"source"`
	} `yaml:"coverage"`
	Grades      []RoadGrade   `yaml:"grades"`
	Shifts      []SweepShift  `yaml:"shifts"`
	Items       []CleanItem   `yaml:"items"`
	Inspections InspectRhythm `yaml:"inspections"`
	Rectify     struct {
		Late   int    `yaml:"late"`   // times the points, when rectified late
		Again  int    `yaml:"again"`  // times the points, when a recheck failed
		Object string `yaml:"object"` // limit of the contractor's objection
		Source string `yaml:"source"`
	} `yaml:"rectification"`
	Payment struct {
		Source string    `yaml:"source"`
		Bands  []PayBand `yaml:"bands"` // best first
	} `yaml:"payment"`

	Contracts []SweepContract `yaml:"-"`
	Segments  []RoadSegment   `yaml:"-"`
	Machines  []Machine       `yaml:"-"`
}

// RoadGrade is one of the four grades of roads, and what it must get.
type RoadGrade struct {
	Grade  int `yaml:"grade"`
	Text   `yaml:",inline"`
	Passes int    `yaml:"passes"` // times a day
	Hours  string `yaml:"hours"`  // 05:00-21:00: when it is looked after
	Source string `yaml:"source"`
}

// SweepShift is when which machines work.
type SweepShift struct {
	ID       string `yaml:"id"`
	Text     `yaml:",inline"`
	From     string   `yaml:"from"`
	Until    string   `yaml:"until"`
	Machines []string `yaml:"machines"`
}

// InspectRhythm is how often the supervisor looks.
type InspectRhythm struct {
	Covert int    `yaml:"covert_per_week"`
	Source string `yaml:"source"`
}

// CleanItem is one line of the deduction table.
type CleanItem struct {
	ID     string `yaml:"id"`
	Text   `yaml:",inline"`
	Points Decimal `yaml:"points"`
	Limit  string  `yaml:"limit"` // to rectify it
	Source string  `yaml:"source"`
}

// PayBand is the share of a month's price that is paid from a score on.
type PayBand struct {
	From  Decimal `yaml:"from"`
	Share Decimal `yaml:"share"` // percent
}

// Decimal is a number with at most two decimals, kept exactly in hundredths.
type Decimal int64

// UnmarshalYAML reads 0.5 as 50.
func (d *Decimal) UnmarshalYAML(n *yaml.Node) error {
	v, ok := hundredths(n.Value)
	if !ok {
		return &yaml.TypeError{Errors: []string{fmt.Sprintf("line %d: cannot unmarshal !!float `%s` into a number with two decimals", n.Line, n.Value)}}
	}
	*d = Decimal(v)
	return nil
}

// hundredths reads a number with at most two decimals.
func hundredths(s string) (int64, bool) {
	whole, part, _ := strings.Cut(s, ".")
	if len(part) > 2 || whole == "" || strings.ContainsAny(s, "+-eE_ ") {
		return 0, false
	}
	n, err := strconv.ParseInt(whole+(part + "00")[:2], 10, 64)
	return n, err == nil
}

// SweepContract is a contract with a firm for a part of the roads.
type SweepContract struct {
	ID, Name, Firm string
	Code           string    // unified social credit code
	Unit           string    // the firm as a unit of the directory
	From, Until    time.Time // first and last day
	Yearly         int64     // fen
	Scope          string
	Client         string // API client that may send positions of its machines
	Source         string
	MadeUp         bool
}

// RoadSegment is a piece of road that a contract has swept.
type RoadSegment struct {
	ID, Contract, Name, Community string
	Grade                         int
	Mechanised                    bool  // else by hand
	Length, Width                 int64 // mm
	Line                          []geo.Point
	Source                        string
	MadeUp                        bool
}

// Area is in cm².
func (s *RoadSegment) Area() int64 { return s.Length * s.Width / 100 }

// Machine is a vehicle that sweeps, sprinkles or clears snow.
type Machine struct {
	ID, Plate, Kind, Contract string
	Sweep                     int64  // mm; 0 = it does not sweep
	Device                    string // of the positions
	Every                     int    // seconds between two positions
	Price                     int64  // fen
	Bought                    string // day
	Source                    string
	MadeUp                    bool
}

var (
	contractColumns = []column{{"id", "编号", true}, {"name", "名称", true}, {"firm", "承包单位", true}, {"code", "信用代码", true}, {"unit", "单位", true},
		{"from", "开始", true}, {"until", "结束", true}, {"yearly", "年费用", true}, {"scope", "范围", false}, {"client", "定位客户端", false}, {"source", "来源", true}, {"made_up", "虚构", false}}
	segmentColumns = []column{{"id", "编号", true}, {"contract", "合同", true}, {"name", "名称", true}, {"community", "社区", true}, {"grade", "等级", true}, {"method", "方式", true},
		{"length", "长度", true}, {"width", "宽度", true}, {"line", "线", true}, {"source", "来源", true}, {"made_up", "虚构", false}}
	machineColumns = []column{{"id", "编号", true}, {"plate", "车牌", true}, {"kind", "类型", true}, {"contract", "合同", true}, {"sweep", "扫宽", true}, {"device", "定位设备", true},
		{"every", "定位间隔", true}, {"price", "购置价", true}, {"bought", "购置日期", true}, {"source", "来源", true}, {"made_up", "虚构", false}}
)

// sanitation reads the four files; nil for a pack without sanitation.yaml.
func (r *reader) sanitation(p *Pack) *Sanitation {
	const file = "sanitation.yaml"
	if _, ok := r.files[file]; !ok {
		return nil
	}
	s := &Sanitation{}
	if !r.strict(file, s) {
		return nil
	}
	before := len(r.problems)
	bad := func(zh, en string) { r.add(file, 0, zh, en) }
	s.Contracts, s.Segments, s.Machines = r.contracts(p), r.segments(p), r.machines()
	s.check(bad, p)
	r.sanitationTies(s)
	if len(r.problems) > before {
		return nil
	}
	return s
}

// check looks at the rules.
func (s *Sanitation) check(bad func(zh, en string), p *Pack) {
	if _, ok := p.Directory.Unit(s.Owner); !ok {
		bad("owner“"+s.Owner+"”不在 units.csv 里", "owner "+s.Owner+" is not in units.csv")
	}
	t := s.Tracks
	if t.Keep < 1 || t.Late < 1 || t.Late > t.Keep || t.Fastest < 5 || t.Fastest > 60 || t.Beside < 0 || t.Beside > 30 || t.Silent < 1 {
		bad("tracks：keep 和 late 至少 1 天且 late 不超过 keep，fastest 在 5 至 60，beside 在 0 至 30，silent 至少 1", "tracks: keep and late from 1 day, late at most keep, fastest 5 to 60, beside 0 to 30, silent from 1")
	}
	if s.Coverage.Full < 1 || s.Coverage.Full > 100 || s.Source == "" || s.Coverage.Source == "" || s.Inspections.Source == "" || s.Rectify.Source == "" || s.Payment.Source == "" {
		bad("coverage.full 在 1 至 100；每一部分都要写来源 source", "coverage.full from 1 to 100; every part needs its source")
	}
	if s.Rectify.Late < 1 || s.Rectify.Again < 1 || s.Inspections.Covert < 0 {
		bad("rectification 的倍数至少是 1，covert_per_week 不能是负数", "the factors of rectification are at least 1, covert_per_week is not negative")
	}
	if l, err := worktime.ParseLimit(s.Rectify.Object); err != nil || l.IsZero() {
		bad("rectification.object“"+s.Rectify.Object+"”看不懂，请写成 2 workday 这样", "rectification.object cannot be read; write it like 2 workday")
	}
	seen := map[string]bool{}
	once := func(id string) {
		if id == "" || seen[id] {
			bad("编号“"+id+"”为空或重复", "the id "+id+" is empty or there twice")
		}
		seen[id] = true
	}
	for _, g := range s.Grades {
		once("grade " + strconv.Itoa(g.Grade))
		if g.Grade < 1 || g.Grade > 4 || g.Passes < 1 || g.ZH == "" || g.EN == "" || g.Source == "" || !clockRange(g.Hours) {
			bad("道路等级要写 grade（1 至 4）、zh、en、passes、hours（05:00-21:00）和 source", "a grade needs grade (1 to 4), zh, en, passes, hours (05:00-21:00) and source")
		}
	}
	for _, h := range s.Shifts {
		once("shift " + h.ID)
		if h.ZH == "" || h.EN == "" || !clockRange(h.From+"-"+h.Until) {
			bad("班次 "+h.ID+" 要写 zh、en、from 和 until（04:00），结束晚于开始", "the shift "+h.ID+" needs zh, en, from and until (04:00), in this order")
		}
	}
	for _, x := range s.Items {
		once("item " + x.ID)
		if l, err := worktime.ParseLimit(x.Limit); err != nil || l.IsZero() || x.Points < 1 || x.ZH == "" || x.EN == "" || x.Source == "" {
			bad("扣分项目 "+x.ID+" 要写 zh、en、points（大于 0）、limit（如 2 hour）和 source", "the item "+x.ID+" needs zh, en, points above 0, limit (such as 2 hour) and source")
		}
	}
	last := Decimal(math.MaxInt64)
	for _, b := range s.Payment.Bands {
		if b.From >= last || b.Share > 10000 {
			bad("payment.bands 要从高分到低分，share 不超过 100", "payment.bands go from the best score down, share is at most 100")
		}
		last = b.From
	}
	if last != 0 {
		bad("payment.bands 最后一档应从 0 分开始", "the last of payment.bands must begin at 0")
	}
}

func clockRange(s string) bool {
	from, until, ok := strings.Cut(s, "-")
	a, e1 := time.Parse("15:04", from)
	b, e2 := time.Parse("15:04", until)
	return ok && e1 == nil && e2 == nil && a.Before(b)
}

func (w row) day(key string) time.Time {
	t, err := time.ParseInLocation(time.DateOnly, w.cell[key], worktime.Zone)
	if err != nil {
		w.r.add(w.at.file, w.at.line, "“"+w.cell[key]+"”应写成 2022-01-31 这样的日期", key+" must be a day such as 2022-01-31")
	}
	return t
}

// exact reads a number with at most two decimals, in hundredths.
func (w row) exact(key string) int64 {
	n, ok := hundredths(w.cell[key])
	if !ok {
		w.r.add(w.at.file, w.at.line, "“"+w.cell[key]+"”应为最多两位小数的数字", key+" must be a number with at most two decimals: "+w.cell[key])
	}
	return n
}

// metres reads a length as mm.
func (w row) metres(key string) int64 {
	f, ok := w.number(key)
	if ok && (f < 0 || f > 1e5) {
		w.r.add(w.at.file, w.at.line, "“"+w.cell[key]+"”不是合理的米数", key+" is no reasonable number of metres")
	}
	return int64(math.Round(f * 1000))
}

func (r *reader) contracts(p *Pack) (out []SweepContract) {
	for _, w := range r.table("contracts.csv", contractColumns) {
		c := SweepContract{ID: w.code("id"), Name: w.text("name"), Firm: w.text("firm"), Code: w.code("code"), Unit: w.code("unit"), From: w.day("from"), Until: w.day("until"),
			Yearly: w.exact("yearly"), Scope: w.text("scope"), Client: w.text("client"), Source: w.text("source"), MadeUp: w.yes("made_up")}
		if _, err := firms.CheckCode(c.Code); err != nil {
			zh, en := err.Error(), err.Error()
			if x, ok := err.(*firms.CodeError); ok {
				zh, en = x.ZH, x.EN
			}
			r.add(w.at.file, w.at.line, zh, en)
		}
		if _, ok := p.Directory.Unit(c.Unit); !ok {
			r.add(w.at.file, w.at.line, "单位“"+c.Unit+"”不在 units.csv 里", "unit "+c.Unit+" is not in units.csv")
		}
		if c.Until.Before(c.From) {
			r.add(w.at.file, w.at.line, "合同结束早于开始", "the contract ends before it begins")
		}
		out = append(out, c)
	}
	return out
}

func (r *reader) segments(p *Pack) (out []RoadSegment) {
	methods := map[string]string{"机械": "machine", "人工": "manual"}
	for _, w := range r.table("segments.csv", segmentColumns) {
		x := RoadSegment{ID: w.code("id"), Contract: w.code("contract"), Name: w.text("name"), Community: w.code("community"), Grade: w.whole("grade"),
			Length: w.metres("length"), Width: w.metres("width"), Source: w.text("source"), MadeUp: w.yes("made_up")}
		bad := func(zh, en string) { r.add(w.at.file, w.at.line, zh, en) }
		switch method := choice(w, "method", methods); method {
		case "machine", "manual":
			x.Mechanised = method == "machine"
		default:
			bad("方式应为 机械 或 人工", "method must be machine or manual")
		}
		if _, ok := p.Directory.Unit(x.Community); !ok {
			bad("社区“"+x.Community+"”不在 units.csv 里", "community "+x.Community+" is not in units.csv")
		}
		line, ok := lineOfText(w.text("line"))
		if !ok {
			bad("线应写成“经度 纬度;经度 纬度”，至少两个点，在中国境内", "line must be like “lon lat;lon lat”, two points or more, in China")
			continue
		}
		x.Line = line
		drawn := 0.0
		for i := 1; i < len(line); i++ {
			drawn += geo.Distance(line[i-1], line[i])
		}
		if m := float64(x.Length) / 1000; math.Abs(drawn-m) > max(2, m/50) {
			bad("长度 "+w.text("length")+" 米和线的长度（"+strconv.FormatFloat(drawn, 'f', 1, 64)+" 米）不符", "length "+w.text("length")+" m does not agree with the line, which has "+strconv.FormatFloat(drawn, 'f', 1, 64)+" m")
		}
		if x.Length < 5000 || x.Width < 1000 || x.Width > 100_000 {
			bad("长度至少 5 米，宽度 1 至 100 米", "length from 5 m, width from 1 to 100 m")
		}
		if locate := p.Locator(); locate != nil {
			if _, in := locate(line[len(line)/2].Orb()); !in {
				bad("路段不在本区范围内", "the segment does not lie in the district")
			}
		}
		out = append(out, x)
	}
	return out
}

func lineOfText(s string) (out []geo.Point, ok bool) {
	for part := range strings.SplitSeq(s, ";") {
		a, b, two := strings.Cut(strings.TrimSpace(part), " ")
		lon, e1 := strconv.ParseFloat(a, 64)
		lat, e2 := strconv.ParseFloat(strings.TrimSpace(b), 64)
		if !two || e1 != nil || e2 != nil || !(lon >= 73 && lon <= 136 && lat >= 3 && lat <= 54) {
			return nil, false
		}
		out = append(out, geo.Point{Lon: lon, Lat: lat})
	}
	return out, len(out) > 1
}

func (r *reader) machines() (out []Machine) {
	for _, w := range r.table("machines.csv", machineColumns) {
		m := Machine{ID: w.code("id"), Plate: w.text("plate"), Kind: w.text("kind"), Contract: w.code("contract"), Sweep: w.metres("sweep"), Device: w.code("device"),
			Every: w.whole("every"), Price: w.exact("price"), Bought: w.day("bought").Format(time.DateOnly), Source: w.text("source"), MadeUp: w.yes("made_up")}
		if m.Sweep > 6000 || m.Every < 1 || m.Every > 30 {
			r.add(w.at.file, w.at.line, "扫宽最多 6 米，定位间隔 1 至 30 秒", "sweep is at most 6 m, every from 1 to 30 seconds")
		}
		out = append(out, m)
	}
	return out
}

// sanitationTies looks for ids that are there twice or name nothing.
func (r *reader) sanitationTies(s *Sanitation) {
	contracts, machines, grades := map[string]bool{}, map[string]bool{}, map[int]bool{}
	for _, g := range s.Grades {
		grades[g.Grade] = true
	}
	once := func(seen map[string]bool, file, what, id string) {
		if seen[what+id] {
			r.add(file, 0, what+"“"+id+"”重复", id+" is there twice")
		}
		seen[what+id] = true
	}
	seen := map[string]bool{}
	for _, c := range s.Contracts {
		once(seen, "contracts.csv", "编号", c.ID)
		contracts[c.ID] = true
	}
	known := func(file, id, of string) {
		if !contracts[of] {
			r.add(file, 0, id+" 的合同“"+of+"”不在 contracts.csv 里", "the contract "+of+" of "+id+" is not in contracts.csv")
		}
	}
	seen = map[string]bool{}
	for _, x := range s.Segments {
		once(seen, "segments.csv", "编号", x.ID)
		known("segments.csv", x.ID, x.Contract)
		if !grades[x.Grade] {
			r.add("segments.csv", 0, x.ID+" 的等级 "+strconv.Itoa(x.Grade)+" 不在 sanitation.yaml 里", "the grade of "+x.ID+" is not in sanitation.yaml")
		}
	}
	seen = map[string]bool{}
	for _, m := range s.Machines {
		once(seen, "machines.csv", "编号", m.ID)
		once(seen, "machines.csv", "车牌", m.Plate)
		once(seen, "machines.csv", "定位设备", m.Device)
		known("machines.csv", m.ID, m.Contract)
		machines[m.ID] = true
	}
	for _, h := range s.Shifts {
		for _, m := range h.Machines {
			if !machines[m] {
				r.add("sanitation.yaml", 0, "班次 "+h.ID+" 的车辆“"+m+"”不在 machines.csv 里", "the machine "+m+" of shift "+h.ID+" is not in machines.csv")
			}
		}
	}
}
