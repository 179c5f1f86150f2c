package desk

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/journal"
	"weixiao/internal/pack"
	"weixiao/internal/rounds/sanitation"
	"weixiao/internal/store"
	"weixiao/internal/web/ui"
	"weixiao/internal/words"
)

const (
	sanitPath       = "/desk/sanitation"
	segmentsPerPage = 100
	liveEvery       = 250 * time.Millisecond
)

func (d *Desk) registerSanitation(rt *access.Router) {
	reads := access.Rule{Roles: sanitation.Roles()}
	watch := access.Rule{Roles: rolesOf(&sanitation.Findings, "record")}
	acts := access.Rule{Roles: rolesOf(&sanitation.Findings, "record", "rectify")}
	rt.Handle("GET "+sanitPath, reads, d.sanitToday)
	rt.Handle("GET "+sanitPath+"/live", reads, d.sanitLive)
	rt.Handle("GET "+sanitPath+"/segments/{id}", reads, d.sanitSegment)
	rt.Handle("GET "+sanitPath+"/machines", reads, d.sanitMachines)
	rt.Handle("GET "+sanitPath+"/machines/{id}", reads, d.sanitMachine)
	rt.Handle("GET "+sanitPath+"/contracts", reads, d.sanitContracts)
	rt.Handle("GET "+sanitPath+"/handwork", access.Rule{Roles: rolesOf(&sanitation.Manual, "declare")}, d.sanitHandworkPage)
	rt.Handle("POST "+sanitPath+"/handwork", access.Rule{Roles: rolesOf(&sanitation.Manual, "declare")}, d.sanitHandwork)
	rt.Handle("GET "+sanitPath+"/inspections", reads, d.sanitInspections)
	rt.Handle("GET "+sanitPath+"/inspections/new", watch, d.sanitPlanPage)
	rt.Handle("POST "+sanitPath+"/inspections/new", watch, d.sanitPlan)
	rt.Handle("GET "+sanitPath+"/inspections/{id}", reads, d.sanitInspection)
	rt.Handle("GET "+sanitPath+"/inspections/{id}/do/{action}", watch, d.sanitInspectionDoPage)
	rt.Handle("POST "+sanitPath+"/inspections/{id}/do/{action}", watch, d.sanitInspectionDo)
	rt.Handle("GET "+sanitPath+"/findings", reads, d.sanitFindings)
	rt.Handle("GET "+sanitPath+"/findings/new", watch, d.sanitRecordPage)
	rt.Handle("POST "+sanitPath+"/findings/new", watch, d.sanitRecord)
	rt.Handle("GET "+sanitPath+"/findings/{id}", reads, d.sanitFinding)
	rt.Handle("GET "+sanitPath+"/findings/{id}/do/{action}", acts, d.sanitFindingDoPage)
	rt.Handle("POST "+sanitPath+"/findings/{id}/do/{action}", acts, d.sanitFindingDo)
	rt.Handle("GET "+sanitPath+"/files/{id}", reads, d.sanitFile)
	rt.Handle("GET "+sanitPath+"/settlements", reads, d.sanitSettlements)
	rt.Handle("GET "+sanitPath+"/settlements/new", watch, d.sanitDrawPage)
	rt.Handle("POST "+sanitPath+"/settlements/new", watch, d.sanitDraw)
	rt.Handle("GET "+sanitPath+"/settlements/{id}", reads, d.sanitSettlement)
	rt.Handle("GET "+sanitPath+"/settlements/{id}/sheet.xlsx", reads, d.sanitSheet)
	rt.Handle("GET "+sanitPath+"/settlements/{id}/do/{action}", watch, d.sanitSettlementDoPage)
	rt.Handle("POST "+sanitPath+"/settlements/{id}/do/{action}", watch, d.sanitSettlementDo)
}

// sanitFrame is the frame of a page of sanitation; a district without it has no such page, and who has nothing to do
// with any contract sees none.
func (d *Desk) sanitFrame(r *http.Request) (*frame, error) {
	f := d.page(r, "desk.sanit.title")
	f.said(r)
	if d.s.Sanitation == nil || len(d.s.Sanitation.Contracts(f.sc)) == 0 {
		return nil, store.ErrNotFound
	}
	return f, nil
}

// sanitTabs are the pages of sanitation.
func sanitTabs(f *frame) (out []ui.Nav) {
	for _, t := range []struct{ key, path string }{{"today", ""}, {"machines", "/machines"}, {"findings", "/findings"}, {"inspections", "/inspections"}, {"settlements", "/settlements"}, {"contracts", "/contracts"}} {
		on := f.r.URL.Path == sanitPath+t.path || t.path != "" && strings.HasPrefix(f.r.URL.Path, sanitPath+t.path+"/") || t.path == "" && strings.HasPrefix(f.r.URL.Path, sanitPath+"/segments")
		out = append(out, ui.Nav{Label: f.T("desk.sanit." + t.key), Href: sanitPath + t.path, On: on})
	}
	return out
}

// dayParam is the day a page is about: today unless the address says another.
func (f *frame) dayParam() string {
	if day := f.r.URL.Query().Get("day"); day != "" {
		if _, err := time.Parse(time.DateOnly, day); err == nil {
			return day
		}
	}
	return f.Now.In(words.Zone()).Format(time.DateOnly)
}

// hundredths writes 9735 as 97.35.
func hundredths(n int64) string {
	if n < 0 {
		return "-" + hundredths(-n)
	}
	s := fmt.Sprintf("%d.%02d", n/100, n%100)
	return strings.TrimSuffix(strings.TrimSuffix(s, "0"), ".0")
}

// percentOf writes a share in hundredths of a percent; a negative one is none.
func percentOf(n int64) string {
	if n < 0 {
		return "—"
	}
	return hundredths(n) + "%"
}

// grouped writes a number with its thousands apart.
func grouped(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// yuan writes fen exactly.
func (f *frame) yuan(fen int64) string {
	return f.T("desk.sanit.yuan", grouped(fen/100)+fmt.Sprintf(".%02d", fen%100))
}

// ground writes cm² as whole m².
func (f *frame) ground(cm2 int64) string { return f.T("desk.sanit.m2", grouped((cm2+5000)/10000)) }

// clockOf is the time of a day of µs; a dash for none.
func clockOf(us int64) string {
	if us == 0 {
		return "—"
	}
	return words.Clock(time.UnixMicro(us))
}

// textOf is words in the language of the page.
func (f *frame) textOf(t pack.Text) string {
	if f.english() {
		return t.EN
	}
	return t.ZH
}

// segLine is a segment in the list of a day.
type segLine struct {
	ID, Name, Where, Grade, Area, Href string
	Share                              int64 // hundredths of a percent
	Tone                               string
	Says                               string
	Need                               int64 // passes a day, in hundredths
}

func (f *frame) segLine(x *sanitation.SegmentDay, day string) segLine {
	rules := f.d.s.Sanitation.Rules()
	l := segLine{ID: x.ID, Name: x.Name, Where: f.unit(x.Community), Area: f.ground(x.Area()), Share: x.Share(), Href: sanitPath + "/segments/" + x.ID + "?day=" + day}
	for _, g := range rules.Grades {
		if g.Grade == x.Grade {
			l.Grade, l.Need = f.T("desk.sanit.grade.need", f.textOf(g.Text), g.Passes), int64(g.Passes)*100
		}
	}
	switch {
	case l.Share >= int64(rules.Coverage.Full)*100:
		l.Tone = "good"
	case l.Share == 0:
		l.Tone = "hot"
	default:
		l.Tone = "warn"
	}
	l.Says = f.T("desk.sanit.cell", percentOf(l.Share), hundredths(x.Passes()), clockOf(x.Last))
	return l
}

// sanitView is a day of sweeping.
type sanitView struct {
	Day, Before, After string
	Today              bool
	Figures            []ui.Figure
	Map                ui.MapView
	Lines              []segLine
	Next               string
	Filters            []ui.Nav
	Stream             string
	Missing            []string // contracts without a covert inspection this week
	Silent             []string // machines on shift that are not heard of
	Sealed             bool
}

func (d *Desk) sanitToday(w http.ResponseWriter, r *http.Request) error {
	f, err := d.sanitFrame(r)
	if err != nil {
		return err
	}
	day, in := f.dayParam(), r.URL.Query()
	v, err := d.s.Sanitation.Coverage(r.Context(), f.sc, day, in.Get("contract"))
	if err != nil {
		return err
	}
	at, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return err
	}
	now, _ := f.today()
	x := &sanitView{Day: day, Today: day == now, Sealed: v.Sealed, Before: sanitPath + "?day=" + at.AddDate(0, 0, -1).Format(time.DateOnly)}
	if day < now {
		x.After = sanitPath + "?day=" + at.AddDate(0, 0, 1).Format(time.DateOnly)
	}
	if x.Figures, err = f.sanitFigures(v.Figures, v.Machines, day); err != nil {
		return err
	}
	x.Map = ui.MapView{ID: "sanit-map", Label: f.T("desk.sanit.map", percentOf(v.Figures.Coverage())), Base: "/report/map.json?v=" + d.s.Pack.Version, Tall: true}
	low := in.Get("only") == "low"
	after := in.Get("after") == ""
	for i := range v.List {
		l := f.segLine(&v.List[i], day)
		mid := v.List[i].Line[len(v.List[i].Line)/2]
		x.Map.Points = append(x.Map.Points, ui.MapPoint{Lon: mid.Lon, Lat: mid.Lat, Label: l.Name, Note: l.Says, Tone: l.Tone, Href: l.Href})
		if low && l.Tone == "good" {
			continue
		}
		if after && len(x.Lines) < segmentsPerPage {
			x.Lines = append(x.Lines, l)
		} else if after && x.Next == "" {
			x.Next = withQuery(r.URL.RequestURI(), "after", x.Lines[len(x.Lines)-1].ID)
		}
		after = after || v.List[i].ID == in.Get("after")
	}
	for i := range v.Machines {
		if m := &v.Machines[i]; m.At > 0 && x.Today {
			p := m.Position.Point()
			x.Map.Points = append(x.Map.Points, ui.MapPoint{Lon: p.Lon, Lat: p.Lat, Label: m.Plate + " " + m.Kind, Note: clockOf(m.At), Tone: "now", Href: sanitPath + "/machines/" + m.ID + "?day=" + day})
			if d.s.Sanitation.Silent(m, f.Now) {
				x.Silent = append(x.Silent, m.Plate)
			}
		}
	}
	if x.Missing, err = d.s.Sanitation.CovertMissing(r.Context(), f.sc, day); err != nil {
		return err
	}
	for i, id := range x.Missing {
		c, err := d.s.Sanitation.Contract(f.sc, id)
		if err != nil {
			return err
		}
		x.Missing[i] = c.Name
	}
	x.Filters = f.sanitFilters(day, in)
	q := url.Values{"day": {day}, "contract": {in.Get("contract")}, "version": {strconv.FormatInt(v.Version, 10)}}
	x.Stream = sanitPath + "/live?" + q.Encode()
	f.Scripts = append(f.Scripts, "map", "live")
	return f.render(w, http.StatusOK, sanitPage(f, x))
}

// today is the local day, and the moment it began.
func (f *frame) today() (string, time.Time) {
	t := f.Now.In(words.Zone())
	return t.Format(time.DateOnly), time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, t.Location())
}

// sanitFilters are the contracts to choose from, and what is not swept enough.
func (f *frame) sanitFilters(day string, in url.Values) (out []ui.Nav) {
	add := func(label, contract, only string) {
		q := url.Values{"day": {day}}
		if contract != "" {
			q.Set("contract", contract)
		}
		if only != "" {
			q.Set("only", only)
		}
		out = append(out, ui.Nav{Label: label, Href: sanitPath + "?" + q.Encode(), On: in.Get("contract") == contract && in.Get("only") == only})
	}
	add(f.T("desk.sanit.all"), "", "")
	add(f.T("desk.sanit.low"), "", "low")
	list := f.d.s.Sanitation.Contracts(f.sc)
	for _, c := range list {
		if len(list) > 1 {
			add(c.Name, c.ID, "")
		}
	}
	return out
}

func (f *frame) sanitFigures(x sanitation.Figures, machines []sanitation.Seen, day string) ([]ui.Figure, error) {
	open, err := f.d.s.Sanitation.Findings(f.r.Context(), f.sc, sanitation.FindingFilter{Open: true, Limit: 200})
	if err != nil {
		return nil, err
	}
	moving := 0
	for i := range machines {
		if f.Now.Sub(time.UnixMicro(machines[i].At)) < 5*time.Minute {
			moving++
		}
	}
	count := strconv.Itoa(len(open))
	if len(open) == 200 {
		count += "+"
	}
	tone := ""
	if x.Coverage() < int64(f.d.s.Sanitation.Rules().Coverage.Full)*100 {
		tone = "wa"
	}
	return []ui.Figure{
		{Label: f.T("desk.sanit.coverage"), Value: strings.TrimSuffix(percentOf(x.Coverage()), "%"), Unit: "%", Note: f.T("desk.sanit.coverage.note", f.ground(x.Swept), f.ground(x.Total)), Tone: tone, Href: sanitPath + "?only=low&day=" + day},
		{Label: f.T("desk.sanit.mechanised"), Value: strings.TrimSuffix(percentOf(x.Mechanised()), "%"), Unit: "%", Note: f.T("desk.sanit.mechanised.note", f.ground(x.Machine), f.ground(x.Swept)), Href: sanitPath + "/machines?day=" + day},
		{Label: f.T("desk.sanit.moving"), Value: strconv.Itoa(moving), Note: f.T("desk.sanit.moving.note", len(machines)), Href: sanitPath + "/machines?day=" + day},
		{Label: f.T("desk.sanit.open"), Value: count, Note: f.T("desk.sanit.open.note"), Href: sanitPath + "/findings?open=1"},
	}, nil
}

// sanitLive sends what changed of a day as machines drive.
func (d *Desk) sanitLive(w http.ResponseWriter, r *http.Request) error {
	f, err := d.sanitFrame(r)
	if err != nil {
		return err
	}
	day, contract := f.dayParam(), r.URL.Query().Get("contract")
	version := atoi64(r.URL.Query().Get("version"))
	draw := f.whileSignedIn(func([]journal.Act) (string, error) {
		news, err := d.s.Sanitation.Since(r.Context(), f.sc, day, contract, version)
		if err != nil || news == nil {
			return "", err
		}
		version, f.Now = news.Version, d.s.Clock()
		figures, err := f.sanitFigures(news.Figures, news.Machines, day)
		if err != nil {
			return "", err
		}
		var b bytes.Buffer
		if err := sanitFiguresPart(f, figures).Render(r.Context(), &b); err != nil {
			return "", err
		}
		for i := range news.List {
			if err := segPart(f, f.segLine(&news.List[i], day)).Render(r.Context(), &b); err != nil {
				return "", err
			}
		}
		return b.String(), nil
	})
	return d.s.Commits(w, r, liveEvery, func() (string, error) { return draw(nil) })
}

// segView is one segment on a day: how much was swept, by whom, what was found there.
type segView struct {
	Line     segLine
	Day      string
	Facts    []ui.Pair
	Strip    []stripPart
	By       []sweptBy
	Findings []deductLine
	Record   string
}

// stripPart is a stretch of the drawing of a segment: where it begins and how high it is swept, of 1000.
type stripPart struct{ X, W, H int }

type sweptBy struct{ Plate, Kind, Href, First, Last, Count string }

func (d *Desk) sanitSegment(w http.ResponseWriter, r *http.Request) error {
	f, err := d.sanitFrame(r)
	if err != nil {
		return err
	}
	s, day, id := d.s.Sanitation, f.dayParam(), r.PathValue("id")
	v, err := s.Coverage(r.Context(), f.sc, day, "")
	if err != nil {
		return err
	}
	x, ok := v.Of(id)
	if !ok {
		return store.ErrNotFound
	}
	c, err := s.Contract(f.sc, x.Contract)
	if err != nil {
		return err
	}
	f.Title = x.Name
	out := &segView{Line: f.segLine(x, day), Day: day}
	method := f.T("desk.sanit.method.machine")
	if !x.Mechanised {
		method = f.T("desk.sanit.method.manual")
	}
	for _, p := range [][2]string{{"desk.sanit.contract", c.Name}, {"desk.sanit.where", f.unit(x.Community)}, {"desk.sanit.grade", out.Line.Grade}, {"desk.sanit.method", method},
		{"desk.sanit.size", f.T("desk.sanit.size.text", grouped(x.Length/1000), hundredths(x.Width/10), f.ground(x.Area()))}, {"desk.sanit.swept", f.ground(x.Swept)},
		{"desk.sanit.share", percentOf(x.Share())}, {"desk.sanit.passes", hundredths(x.Passes())}, {"desk.sanit.between", clockOf(x.First) + " – " + clockOf(x.Last)}} {
		out.Facts = append(out.Facts, ui.Pair{Label: f.T(p[0]), Value: ui.Text(p[1])})
	}
	if x.MadeUp {
		out.Facts = append(out.Facts, ui.Pair{Label: f.T("desk.assets.source"), Value: ui.Text(f.T("desk.sanit.madeup"))})
	}
	columns, err := s.Strip(r.Context(), f.sc, id, day, 200)
	if err != nil {
		return err
	}
	for i, share := range columns {
		out.Strip = append(out.Strip, stripPart{i * 1000 / len(columns), 1000/len(columns) + 1, share})
	}
	by, err := s.Sweepers(r.Context(), f.sc, id, day)
	if err != nil {
		return err
	}
	for _, b := range by {
		m, _ := s.Machine(b.Machine)
		out.By = append(out.By, sweptBy{m.Plate, m.Kind, sanitPath + "/machines/" + m.ID + "?day=" + day, clockOf(b.First), clockOf(b.Last), strconv.Itoa(b.Positions)})
	}
	list, err := s.OfSegment(r.Context(), f.sc, id, 20)
	if err != nil {
		return err
	}
	out.Findings = f.deductLines(list)
	if f.is(rolesOf(&sanitation.Findings, "record")) {
		out.Record = sanitPath + "/findings/new?segment=" + id
	}
	return f.render(w, http.StatusOK, sanitSegmentPage(f, out))
}

// machineLine is a machine in the list.
type machineLine struct {
	ID, Plate, Kind, Contract, Sweep, Price, Last, Href, Shift string
	Chip, State                                                string
	MadeUp                                                     bool
}

type machinesView struct {
	Lines        []machineLine
	Total        string
	Count        int
	Day          string
	Source       string
	ShiftsOfPack []string
}

func (d *Desk) sanitMachines(w http.ResponseWriter, r *http.Request) error {
	f, err := d.sanitFrame(r)
	if err != nil {
		return err
	}
	day := f.dayParam()
	v, err := d.s.Sanitation.Coverage(r.Context(), f.sc, day, "")
	if err != nil {
		return err
	}
	x := &machinesView{Count: len(v.Machines), Day: day}
	var paid int64
	for i := range v.Machines {
		m := &v.Machines[i]
		l := machineLine{ID: m.ID, Plate: m.Plate, Kind: m.Kind, Price: f.yuan(m.Price), Sweep: "—", Last: f.T("desk.sanit.never"), Href: sanitPath + "/machines/" + m.ID + "?day=" + day, MadeUp: m.MadeUp, Chip: "closed", State: f.T("desk.sanit.machine.idle")}
		if c, err := d.s.Sanitation.Contract(f.sc, m.Contract); err == nil {
			l.Contract = c.Name
		}
		if m.Sweep > 0 {
			l.Sweep = f.T("desk.sanit.metres", hundredths(m.Sweep/10))
		}
		if m.At > 0 {
			l.Last = f.Moment(time.UnixMicro(m.At))
		}
		switch {
		case d.s.Sanitation.Silent(m, f.Now):
			l.Chip, l.State = "redo", f.T("desk.sanit.machine.silent")
		case m.At > 0 && f.Now.Sub(time.UnixMicro(m.At)) < 5*time.Minute && m.Position.Brush:
			l.Chip, l.State = "doing", f.T("desk.sanit.machine.sweeping")
		case m.At > 0 && f.Now.Sub(time.UnixMicro(m.At)) < 5*time.Minute:
			l.Chip, l.State = "new", f.T("desk.sanit.machine.driving")
		}
		var shifts []string
		for _, h := range d.s.Sanitation.Rules().Shifts {
			if slices.Contains(h.Machines, m.ID) {
				shifts = append(shifts, f.textOf(h.Text)+" "+h.From+"–"+h.Until)
			}
		}
		l.Shift = strings.Join(shifts, f.T("word.list.comma"))
		paid += m.Price
		x.Lines = append(x.Lines, l)
	}
	x.Total = f.yuan(paid)
	return f.render(w, http.StatusOK, sanitMachinesPage(f, x))
}

// machineView is a machine's day.
type machineView struct {
	Line               machineLine
	Facts              []ui.Pair
	Day, Before, After string
	Track              []drawnTrack
	Box                string
	Points             int
}

func (d *Desk) sanitMachine(w http.ResponseWriter, r *http.Request) error {
	f, err := d.sanitFrame(r)
	if err != nil {
		return err
	}
	s, day := d.s.Sanitation, f.dayParam()
	m, ok := s.Machine(r.PathValue("id"))
	if !ok {
		return store.ErrNotFound
	}
	c, err := s.Contract(f.sc, m.Contract)
	if err != nil {
		return err
	}
	list, err := s.Track(r.Context(), f.sc, m.ID, day, 0, 24*60)
	if err != nil {
		return err
	}
	at, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return err
	}
	f.Title = m.Plate
	href := sanitPath + "/machines/" + m.ID + "?day="
	x := &machineView{Line: machineLine{Plate: m.Plate, Kind: m.Kind}, Day: day, Before: href + at.AddDate(0, 0, -1).Format(time.DateOnly), After: href + at.AddDate(0, 0, 1).Format(time.DateOnly), Points: len(list)}
	for _, p := range [][2]string{{"desk.sanit.kind", m.Kind}, {"desk.sanit.contract", c.Name}, {"desk.sanit.sweep", f.T("desk.sanit.metres", hundredths(m.Sweep/10))}, {"desk.sanit.device", m.Device},
		{"desk.sanit.price", f.yuan(m.Price)}, {"desk.sanit.bought", m.Bought}, {"desk.assets.source", m.Source}, {"desk.sanit.positions", grouped(int64(len(list)))}} {
		x.Facts = append(x.Facts, ui.Pair{Label: f.T(p[0]), Value: ui.Text(p[1])})
	}
	x.Track, x.Box = drawTrack(list)
	return f.render(w, http.StatusOK, sanitMachinePage(f, x))
}

// contractView is a contract with what it is paid by.
type contractView struct {
	Name, Scope, Firm, FirmHref, Term, Yearly, Segments, Area, Machines string
	MadeUp                                                              bool
}

type contractsView struct {
	List     []contractView
	Items    [][4]string // what, points, time to rectify, source
	Bands    [][2]string
	Grades   [][4]string
	Rules    []ui.Pair
	Handwork bool
}

func (d *Desk) sanitContracts(w http.ResponseWriter, r *http.Request) error {
	f, err := d.sanitFrame(r)
	if err != nil {
		return err
	}
	rules := d.s.Sanitation.Rules()
	v := &contractsView{}
	for _, c := range d.s.Sanitation.Contracts(f.sc) {
		x := contractView{Name: c.Name, Scope: c.Scope, Firm: c.Firm, Term: c.From.Format(time.DateOnly) + " – " + c.Until.Format(time.DateOnly), Yearly: f.yuan(c.Yearly), MadeUp: c.MadeUp}
		var n, machines int
		var area int64
		for i := range rules.Segments {
			if s := &rules.Segments[i]; s.Contract == c.ID {
				n++
				area += s.Area()
				v.Handwork = v.Handwork || !s.Mechanised && f.is([]string{access.Contractor})
			}
		}
		for _, m := range rules.Machines {
			if m.Contract == c.ID {
				machines++
			}
		}
		x.Segments, x.Area, x.Machines = strconv.Itoa(n), f.ground(area), strconv.Itoa(machines)
		if _, _, err := d.s.Firms.Get(r.Context(), c.Code); err == nil && !f.is([]string{access.Contractor}) {
			x.FirmHref = firmPath + "/" + c.Code
		} else if err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		x.Firm += " " + c.Code
		v.List = append(v.List, x)
	}
	for _, x := range rules.Items {
		v.Items = append(v.Items, [4]string{f.textOf(x.Text), hundredths(int64(x.Points)), f.limit(x.Limit), x.Source})
	}
	for _, b := range rules.Payment.Bands {
		v.Bands = append(v.Bands, [2]string{f.T("desk.sanit.from", hundredths(int64(b.From))), hundredths(int64(b.Share)) + "%"})
	}
	for _, g := range rules.Grades {
		v.Grades = append(v.Grades, [4]string{f.textOf(g.Text), strconv.Itoa(g.Passes), g.Hours, g.Source})
	}
	for _, p := range [][2]string{{"desk.sanit.rule.coverage", f.T("desk.sanit.rule.coverage.text", rules.Coverage.Full, hundredths(int64(rules.Coverage.Point)))},
		{"desk.sanit.rule.factor", f.T("desk.sanit.rule.factor.text", rules.Rectify.Late, rules.Rectify.Again)}, {"desk.sanit.rule.object", f.limit(rules.Rectify.Object)},
		{"desk.sanit.rule.covert", f.T("desk.sanit.rule.covert.text", rules.Inspections.Covert)}, {"desk.sanit.rule.tracks", f.T("desk.sanit.rule.tracks.text", rules.Tracks.Keep, rules.Tracks.Late)},
		{"desk.assets.source", cmp.Or(rules.Source, "—")}} {
		v.Rules = append(v.Rules, ui.Pair{Label: f.T(p[0]), Value: ui.Text(p[1])})
	}
	return f.render(w, http.StatusOK, sanitContractsPage(f, v))
}

// sanitOpen reports whether the user has anything to do with a contract of sanitation.
func (f *frame) sanitOpen() bool {
	return f.d.s.Sanitation != nil && f.is(sanitation.Roles()) && len(f.d.s.Sanitation.Contracts(f.sc)) > 0
}
