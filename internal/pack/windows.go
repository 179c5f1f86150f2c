package pack

import (
	"slices"
	"strconv"
	"strings"

	"weixiao/internal/worktime"
)

// Windows is windows.yaml: halls, windows and service items, what a rating says, and how stars are given. Without the
// file there are no windows.
type Windows struct {
	Source  string        `yaml:"source"`
	Halls   []Hall        `yaml:"halls"`
	Items   []ServiceItem `yaml:"items"`
	Windows []Window      `yaml:"windows"`
	Labels  RatingLabels  `yaml:"labels"`
	Bad     BadRules      `yaml:"bad"`
	Stuck   StuckRules    `yaml:"stuck"`
	Stars   StarFormula   `yaml:"stars"`
	Marks   []MarkGround  `yaml:"marks"`
}

// Hall is a hall with windows; it has one counter of numbers a day.
type Hall struct {
	ID     string `yaml:"id"`
	Letter string `yaml:"letter"` // stands before its numbers: A017
	Text   `yaml:",inline"`
	Unit   string `yaml:"unit"` // runs the hall
	Source string `yaml:"source"`
	MadeUp bool   `yaml:"made_up"`
}

// ServiceItem is something that is done at windows.
type ServiceItem struct {
	ID      string `yaml:"id"`
	Text    `yaml:",inline"`
	Minutes int    `yaml:"minutes"` // promised at the window, from the call to the end
	Source  string `yaml:"source"`
	MadeUp  bool   `yaml:"made_up"`
}

// Window is a counter of a hall.
type Window struct {
	ID     string `yaml:"id"`
	Hall   string `yaml:"hall"`
	Text   `yaml:",inline"`
	Unit   string   `yaml:"unit"` // whose clerks sit there
	Items  []string `yaml:"items"`
	Source string   `yaml:"source"`
	MadeUp bool     `yaml:"made_up"`
}

// RatingLabels are what a rating may say beside its level.
type RatingLabels struct {
	Version string        `yaml:"version"`
	Source  string        `yaml:"source"`
	List    []RatingLabel `yaml:"list"`
}

// RatingLabel is one of them, offered at some of the five levels.
type RatingLabel struct {
	ID     string `yaml:"id"`
	Levels []int  `yaml:"levels"`
	Text   `yaml:",inline"`
}

// BadRules are the limits of putting a bad rating right.
type BadRules struct {
	Contact worktime.Limit `yaml:"contact"` // to be in touch with whoever rated
	Object  worktime.Limit `yaml:"object"`  // for the clerk's word, before anything counts
	Fix     worktime.Limit `yaml:"fix"`     // to put it right
	Revisit worktime.Limit `yaml:"revisit"` // to ask again
	Source  string         `yaml:"source"`
}

// StuckRules are the limits of what could not be done (办不成事).
type StuckRules struct {
	Assign worktime.Limit `yaml:"assign"`
	Answer worktime.Limit `yaml:"answer"`
	Source string         `yaml:"source"`
}

// StarFormula is how a window's quarter becomes points and stars. Weights add up to 100.
type StarFormula struct {
	Ratings     int64  `yaml:"ratings" json:"ratings"`           // weight of the mean level
	Prior       int64  `yaml:"prior" json:"prior"`               // hundredths of a level that a window without ratings has
	PriorN      int64  `yaml:"prior_n" json:"prior_n"`           // how many ratings the prior weighs
	OnTime      int64  `yaml:"on_time" json:"on_time"`           // weight of done within the promised minutes
	Returns     int64  `yaml:"returns" json:"returns"`           // weight of nobody sent for more papers or away
	Wait        int64  `yaml:"wait" json:"wait"`                 // weight of called within WaitMinutes
	WaitMinutes int64  `yaml:"wait_minutes" json:"wait_minutes"` //
	Site        int64  `yaml:"site" json:"site"`                 // weight of discipline and premises
	Innovation  int64  `yaml:"innovation" json:"innovation"`     // weight of what is new
	Five        int64  `yaml:"five" json:"five"`                 // points from which there are five stars
	Four        int64  `yaml:"four" json:"four"`
	Three       int64  `yaml:"three" json:"three"`
	Least       int64  `yaml:"least" json:"least"` // visits served below which there are no stars
	Source      string `yaml:"source" json:"-"`
}

// MarkGround is what an inspection may note of a window.
type MarkGround struct {
	ID     string `yaml:"id"`
	Kind   string `yaml:"kind"`   // deduct, bonus, veto
	Points int64  `yaml:"points"` // the most
	Text   `yaml:",inline"`
	Source string `yaml:"source"`
}

// Hall finds a hall.
func (w *Windows) Hall(id string) (*Hall, bool) {
	return found(w.Halls, func(x *Hall) bool { return x.ID == id })
}

// Window finds a window.
func (w *Windows) Window(id string) (*Window, bool) {
	return found(w.Windows, func(x *Window) bool { return x.ID == id })
}

// Item finds a service item.
func (w *Windows) Item(id string) (*ServiceItem, bool) {
	return found(w.Items, func(x *ServiceItem) bool { return x.ID == id })
}

// Ground finds what an inspection may note.
func (w *Windows) Ground(id string) (*MarkGround, bool) {
	return found(w.Marks, func(x *MarkGround) bool { return x.ID == id })
}

// LabelsAt are the labels offered at a level.
func (w *Windows) LabelsAt(level int) (out []RatingLabel) {
	for _, l := range w.Labels.List {
		if slices.Contains(l.Levels, level) {
			out = append(out, l)
		}
	}
	return out
}

// Of are the windows of a hall.
func (w *Windows) Of(hall string) (out []*Window) {
	for i := range w.Windows {
		if w.Windows[i].Hall == hall {
			out = append(out, &w.Windows[i])
		}
	}
	return out
}

func found[T any](list []T, is func(*T) bool) (*T, bool) {
	for i := range list {
		if is(&list[i]) {
			return &list[i], true
		}
	}
	return nil, false
}

const windowsFile = "windows.yaml"

// windows reads windows.yaml; nil for a pack without it, or with mistakes in it.
func (r *reader) windows(p *Pack) *Windows {
	v, before := &Windows{}, len(r.problems)
	if !r.strict(windowsFile, v) {
		return nil
	}
	if v.Source == "" || len(v.Halls) == 0 || len(v.Windows) == 0 || len(v.Items) == 0 {
		r.add(windowsFile, 0, "source、halls、windows、items 都要写", "source, halls, windows and items must be given")
	}
	r.halls(p, v)
	r.serviceItems(v)
	r.counters(p, v)
	r.ratingLabels(v)
	r.starFormula(&v.Stars)
	r.markGrounds(v)
	for _, l := range []struct {
		name  string
		limit worktime.Limit
	}{{"bad.contact", v.Bad.Contact}, {"bad.object", v.Bad.Object}, {"bad.fix", v.Bad.Fix}, {"bad.revisit", v.Bad.Revisit}, {"stuck.assign", v.Stuck.Assign}, {"stuck.answer", v.Stuck.Answer}} {
		if l.limit.IsZero() {
			r.add(windowsFile, 0, l.name+" 要写时限，例如 1 workday", l.name+" must be a limit such as 1 workday")
		}
	}
	if v.Bad.Source == "" || v.Stuck.Source == "" {
		r.add(windowsFile, 0, "bad 和 stuck 的时限要写明依据 source", "the limits of bad and stuck need a source")
	}
	if len(r.problems) > before {
		return nil
	}
	return v
}

func (r *reader) halls(p *Pack, v *Windows) {
	at, seen, letters := r.lines(windowsFile, "halls"), map[string]bool{}, map[string]bool{}
	for i, h := range v.Halls {
		r.named(windowsFile, lineOf(at, i), "大厅", "hall", h.ID, h.ZH, h.EN, h.Source, seen)
		if len(h.Letter) != 1 || h.Letter < "A" || h.Letter > "Z" || letters[h.Letter] {
			r.add(windowsFile, lineOf(at, i), "大厅 "+h.ID+" 的 letter 应为一个大写字母，各大厅不能相同", "hall "+h.ID+": letter must be one capital letter of its own")
		}
		letters[h.Letter] = true
		r.unitOf(p, lineOf(at, i), "大厅 "+h.ID, "hall "+h.ID, h.Unit)
	}
}

func (r *reader) unitOf(p *Pack, line int, zh, en, unit string) {
	if u, ok := p.Directory.Unit(unit); !ok || !u.Kind.HandlesCases() {
		r.add(windowsFile, line, zh+"的单位“"+unit+"”不在单位表里", en+": no unit "+unit)
	}
}

func (r *reader) serviceItems(v *Windows) {
	at, seen := r.lines(windowsFile, "items"), map[string]bool{}
	for i, x := range v.Items {
		r.named(windowsFile, lineOf(at, i), "事项", "item", x.ID, x.ZH, x.EN, x.Source, seen)
		if x.Minutes < 1 || x.Minutes > 480 {
			r.add(windowsFile, lineOf(at, i), "事项 "+x.ID+" 的 minutes 应为 1 到 480 分钟", "item "+x.ID+": minutes must be 1 to 480")
		}
		if !slices.ContainsFunc(v.Windows, func(w Window) bool { return slices.Contains(w.Items, x.ID) }) {
			r.add(windowsFile, lineOf(at, i), "事项 "+x.ID+" 没有窗口办理，请写进一个窗口的 items", "no window serves the item "+x.ID)
		}
	}
}

func (r *reader) counters(p *Pack, v *Windows) {
	at, seen := r.lines(windowsFile, "windows"), map[string]bool{}
	for i, w := range v.Windows {
		line := lineOf(at, i)
		r.named(windowsFile, line, "窗口", "window", w.ID, w.ZH, w.EN, w.Source, seen)
		r.unitOf(p, line, "窗口 "+w.ID, "window "+w.ID, w.Unit)
		if _, ok := v.Hall(w.Hall); !ok {
			r.add(windowsFile, line, "窗口 "+w.ID+" 的大厅“"+w.Hall+"”不存在", "window "+w.ID+": no hall "+w.Hall)
		}
		for _, id := range w.Items {
			if _, ok := v.Item(id); !ok {
				r.add(windowsFile, line, "窗口 "+w.ID+" 的事项“"+id+"”不在 items 里", "window "+w.ID+": no item "+id)
			}
		}
	}
}

func (r *reader) ratingLabels(v *Windows) {
	seen := map[string]bool{}
	if v.Labels.Version == "" || v.Labels.Source == "" {
		r.add(windowsFile, 0, "labels 要写 version 和 source", "labels needs version and source")
	}
	for _, l := range v.Labels.List {
		if l.ID == "" || seen[l.ID] || l.ZH == "" || l.EN == "" || len(l.Levels) == 0 || slices.ContainsFunc(l.Levels, func(n int) bool { return n < 1 || n > 5 }) {
			r.add(windowsFile, 0, "评价内容“"+l.ID+"”要有不重复的 id、zh、en 和 1 到 5 的 levels", "label "+l.ID+" needs an id of its own, zh, en and levels from 1 to 5")
		}
		seen[l.ID] = true
	}
}

// starFormula checks that the parts add up and that the stars are in order.
func (r *reader) starFormula(f *StarFormula) {
	bad := func(zh, en string) { r.add(windowsFile, 0, zh, en) }
	parts := []int64{f.Ratings, f.OnTime, f.Returns, f.Wait, f.Site, f.Innovation}
	sum := int64(0)
	for _, x := range parts {
		if x < 0 {
			bad("stars 的权重不能是负数", "no weight of stars may be negative")
		}
		sum += x
	}
	if sum != 100 {
		bad("stars 六项权重相加应为 100，现在是 "+strconv.FormatInt(sum, 10), "the six weights of stars must add up to 100, they are "+strconv.FormatInt(sum, 10))
	}
	if f.Prior < 100 || f.Prior > 500 || f.PriorN < 0 || f.PriorN > 10000 {
		bad("stars 的 prior 应为 100 到 500（百分之一分），prior_n 不能为负", "prior of stars must be 100 to 500 (hundredths of a level), prior_n not negative")
	}
	if !(0 < f.Three && f.Three < f.Four && f.Four < f.Five && f.Five <= 100) {
		bad("stars 的 three、four、five 应依次增大，不超过 100", "three, four and five of stars must grow and not pass 100")
	}
	if f.WaitMinutes < 1 || f.Least < 1 || strings.TrimSpace(f.Source) == "" {
		bad("stars 要写 wait_minutes、least（至少 1）和 source", "stars needs wait_minutes, least (1 or more) and source")
	}
}

func (r *reader) markGrounds(v *Windows) {
	at, seen := r.lines(windowsFile, "marks"), map[string]bool{}
	for i, m := range v.Marks {
		line := lineOf(at, i)
		r.named(windowsFile, line, "检查记录", "mark", m.ID, m.ZH, m.EN, m.Source, seen)
		most := map[string]int64{"deduct": v.Stars.Site, "bonus": v.Stars.Innovation, "veto": 0}
		n, ok := most[m.Kind]
		if !ok {
			r.add(windowsFile, line, "kind 应为 deduct（扣分）、bonus（加分）或 veto（一票否决）", "kind must be deduct, bonus or veto")
		} else if m.Points > n || m.Kind != "veto" && m.Points < 1 {
			r.add(windowsFile, line, "检查记录 "+m.ID+" 的 points 应为 1 到 "+strconv.FormatInt(n, 10)+"（veto 不写）", "mark "+m.ID+": points must be 1 to "+strconv.FormatInt(n, 10)+", none for a veto")
		}
	}
}
