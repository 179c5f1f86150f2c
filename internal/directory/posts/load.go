package posts

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"weixiao/internal/access"
	"weixiao/internal/directory"
	"weixiao/internal/files/sheet"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/store"
)

// What a file can hold.
const (
	FileBuildings = "buildings"
	FileTerms     = "terms"
	FileShifts    = "shifts"
)

// RowError is one bad row of a file.
type RowError struct {
	Row    int // in the file; 1 is the heading
	ZH, EN string
}

// Report is what a file holds, or what came of it.
type Report struct {
	Rows    int
	Added   int // taken in, or that would be
	Known   int // there already, just like this
	Bad     []RowError
	Ignored []string // headings that mean nothing
	Done    bool     // it was taken in
}

// MostRows is how many rows one file may have: they go in together.
const MostRows = 5000

// errNothing rolls back what was only tried, or cannot be taken in.
var errNothing = errors.New("posts: nothing was taken in")

// Load takes the rows of a file into the records, all of them or none: with one bad row nothing is taken in, and every
// bad row is named. do false only tries. A file that cannot be read at all is a *Refusal with the field "file".
func (p *Posts) Load(ctx context.Context, sc access.Scope, what string, t *sheet.Table, do bool) (Report, error) {
	var out Report
	columns, enter := loaders[what].columns, loaders[what].enter
	if enter == nil {
		return out, refuse("file", "不认识的文件种类“%s”", "unknown kind of file %s", what)
	}
	if !sc.Can(access.Admin, access.System) {
		return out, flow.ErrForbidden
	}
	if len(t.Lines) > MostRows {
		return out, refuse("file", "文件有 %d 行，一次最多 %d 行，请分开导入", "the file has %d rows, at most %d at a time: split it", len(t.Lines), MostRows)
	}
	keys, ignored, err := headings(t.Head, columns)
	if err != nil {
		return out, err
	}
	err = p.db.Write(ctx, func(tx *store.Tx) error {
		out = Report{Ignored: ignored} // anew, when the transaction is tried again
		for i, cells := range t.Lines {
			r := fileRow{}
			for j, c := range cells {
				if j < len(keys) && keys[j] != "" {
					r[keys[j]] = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(c), "'"))
				}
			}
			if len(strings.Join(cells, "")) == 0 {
				continue
			}
			out.Rows++
			same, err := enter(p, tx, sc, r)
			bad, refused := errors.AsType[*Refusal](err)
			switch {
			case refused:
				out.Bad = append(out.Bad, RowError{i + 2, bad.ZH, bad.EN})
			case err != nil:
				return err
			case same:
				out.Known++
			default:
				out.Added++
			}
		}
		if len(out.Bad) > 0 || !do {
			return errNothing
		}
		return nil
	})
	if errors.Is(err, errNothing) {
		return out, nil
	}
	if err != nil {
		return out, err
	}
	out.Done = true
	return out, p.Refresh(ctx)
}

type fileRow map[string]string

// fileColumn is a heading by which a file may know something; the first is the one that is asked for.
type fileColumn struct {
	key   string
	names []string
	must  bool
}

var loaders = map[string]struct {
	columns []fileColumn
	enter   func(*Posts, *store.Tx, access.Scope, fileRow) (same bool, err error)
}{
	FileBuildings: {[]fileColumn{{"id", []string{"编号", "id", "楼栋编号"}, true}, {"community", []string{"社区", "community", "社区编号"}, true}, {"grid", []string{"网格", "grid"}, false},
		{"estate", []string{"小区", "estate"}, false}, {"name", []string{"名称", "name", "楼栋", "楼号"}, true}, {"lon", []string{"经度", "lon"}, true}, {"lat", []string{"纬度", "lat"}, true},
		{"entrances", []string{"单元", "entrances", "单元数"}, false}, {"floors", []string{"层数", "floors"}, false}, {"households", []string{"户数", "households"}, false},
		{"source", []string{"来源", "source"}, true}, {"made_up", []string{"虚构", "made_up"}, false}}, (*Posts).buildingRow},
	FileTerms: {[]fileColumn{{"post", []string{"岗位", "post", "岗位编号"}, true}, {"name", []string{"姓名", "name"}, true}, {"from", []string{"开始", "from", "到岗日期", "开始日期"}, true},
		{"until", []string{"结束", "until", "离岗日期", "结束日期"}, false}, {"seconded", []string{"借调自", "seconded", "派出单位"}, false}, {"phone", []string{"电话", "phone"}, false},
		{"consent", []string{"同意公示日期", "consent"}, false}}, (*Posts).termRow},
	FileShifts: {[]fileColumn{{"unit", []string{"单位", "unit"}, true}, {"line", []string{"班次", "line"}, true}, {"post", []string{"岗位", "post"}, true},
		{"from", []string{"开始", "from"}, true}, {"until", []string{"结束", "until"}, true}}, (*Posts).shiftRow},
}

// Headings are the columns of a kind of file as its Chinese heading, those that must be there marked.
func Headings(what string) (all, must []string) {
	for _, c := range loaders[what].columns {
		all = append(all, c.names[0])
		if c.must {
			must = append(must, c.names[0])
		}
	}
	return all, must
}

func headings(head []string, columns []fileColumn) (keys, ignored []string, err error) {
	keys = make([]string, len(head))
	for i, h := range head {
		h = strings.ToLower(strings.Join(strings.Fields(h), ""))
		at := slices.IndexFunc(columns, func(c fileColumn) bool { return slices.Contains(c.names, h) })
		if at < 0 || slices.Contains(keys, columns[at].key) {
			if h != "" {
				ignored = append(ignored, head[i])
			}
			continue
		}
		keys[i] = columns[at].key
	}
	for _, c := range columns {
		if c.must && !slices.Contains(keys, c.key) {
			return nil, nil, refuse("file", "没有“%s”这一列，现有：%s", "there is no column %[3]s; there are: %[2]s", c.names[0], strings.Join(head, "、"), c.key)
		}
	}
	return keys, ignored, nil
}

func (r fileRow) whole(key, zh string) (int, error) {
	s := r[key]
	if s == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(s)
	if err != nil {
		return 0, refuse(key, "%s“%s”应为整数", "%[3]s must be a whole number, not %[2]s", zh, s, key)
	}
	return n, nil
}

func (r fileRow) yes(key, zh string) (bool, error) {
	switch strings.ToLower(r[key]) {
	case "", "否", "no", "false", "0":
		return false, nil
	case "是", "yes", "true", "1":
		return true, nil
	}
	return false, refuse(key, "“%s”应为 是 或 否", "%[2]s must be yes or no", zh, key)
}

func (p *Posts) buildingRow(tx *store.Tx, sc access.Scope, r fileRow) (bool, error) {
	n := directory.Building{ID: r["id"], Community: p.unitID(r["community"]), Grid: r["grid"], Estate: r["estate"], Name: r["name"], Source: r["source"]}
	var err [4]error
	n.Entrances, err[0] = r.whole("entrances", "单元数")
	n.Floors, err[1] = r.whole("floors", "层数")
	n.Households, err[2] = r.whole("households", "户数")
	n.MadeUp, err[3] = r.yes("made_up", "虚构")
	for _, e := range err {
		if e != nil {
			return false, e
		}
	}
	var bad error
	if n.Point, bad = degrees(r["lon"], r["lat"]); bad != nil {
		return false, bad
	}
	return p.enterBuilding(tx, sc, n)
}

// unitID is the id of a unit that a file knows by id or name.
func (p *Posts) unitID(name string) string {
	if _, ok := p.o.Directory.Unit(name); ok || name == "" {
		return name
	}
	found := ""
	for _, u := range p.o.Directory.Units() {
		if u.Name == name || u.Short == name {
			if found != "" {
				return name // several have that name
			}
			found = u.ID
		}
	}
	if found == "" {
		return name
	}
	return found
}

var phoneForm = form.Form{Name: "phone", Fields: []form.Field{{Name: "phone", Type: form.Phone}}}

func (p *Posts) termRow(tx *store.Tx, sc access.Scope, r fileRow) (bool, error) {
	x, ok := p.Board().Post(r["post"])
	if !ok {
		return false, refuse("post", "没有岗位“%s”，请填岗位表里的编号，楼长填 楼栋编号.cadre 或 楼栋编号.resident", "there is no post %s; give an id of the list of posts, of building chiefs the building's id with .cadre or .resident", r["post"])
	}
	t, err := p.entered(x, r["name"], r["from"], r["until"], p.unitID(r["seconded"]))
	if err != nil {
		return false, err
	}
	said, err := phoneForm.Check(form.Raw{"phone": {r["phone"]}})
	if err != nil {
		return false, refuse("phone", "电话应为 11 位手机号，或带区号的座机号", "give a mobile number of 11 digits, or a landline with its area code")
	}
	if r["consent"] != "" && r["phone"] == "" {
		return false, refuse("consent", "同意公示了电话，却没有填电话", "consent to show a number, but no number")
	}
	all, err := p.termsOf(tx, x.ID)
	if err != nil {
		return false, err
	}
	for _, o := range all {
		if o.Name == t.Name && o.From == t.From && o.To == t.To && (o.State == InPost || o.State == HandedOver) {
			return true, nil
		}
	}
	if err := p.room(tx, x, &t, false); err != nil {
		return false, err
	}
	t.State = InPost
	if t.To != 0 && t.To <= p.o.Clock().UnixMicro() {
		t.State = HandedOver
	}
	return false, p.enterTerm(tx, sc, t, said.Str("phone"), r["consent"])
}

// enterTerm takes in a term that runs, or ran, already.
func (p *Posts) enterTerm(tx *store.Tx, sc access.Scope, t Term, phone, consent string) error {
	if err := p.seal(tx, &t, phone); err != nil {
		return err
	}
	row := &Term{}
	if err := p.record(tx, sc, row, action("import"), t, map[string]string{"name": t.Name}); err != nil {
		return err
	}
	if consent == "" || t.State != InPost {
		return nil
	}
	return p.give(tx, sc, row, phone, consented{How: "paper", On: consent, For: "board"})
}

func (p *Posts) shiftRow(tx *store.Tx, sc access.Scope, r fileRow) (bool, error) {
	n := shiftChange{State: InForce, Unit: p.unitID(r["unit"]), Post: r["post"], Line: map[string]string{"带班": LeadLine, "值班": HandLine, LeadLine: LeadLine, HandLine: HandLine}[r["line"]]}
	if _, ok := p.o.Directory.Unit(n.Unit); !ok {
		return false, refuse("unit", "单位“%s”不在单位表里，或有几个单位同名，请填单位编号", "unit %s is not in the unit list, or several have that name; give its id", r["unit"])
	}
	if n.Line == "" {
		return false, refuse("line", "班次“%s”应为 带班 或 值班", "line %s must be lead or hand", r["line"])
	}
	var e1, e2 error
	n.From, e1 = moment(r["from"])
	n.To, e2 = moment(r["until"])
	if e1 != nil || e2 != nil {
		return false, refuse("from", "时间“%s”“%s”请写成 2022-03-01 08:00", "write the times %s and %s as 2022-03-01 08:00", r["from"], r["until"])
	}
	act, err := ShiftTable.Action("enter")
	if err != nil {
		return false, err
	}
	if x, err := p.shiftsBetween(tx, n.Unit, n.From, n.From+1); err != nil {
		return false, err
	} else if slices.ContainsFunc(x, func(o *Shift) bool { return o.State == InForce && o.Line == n.Line && o.Post == n.Post && o.To == n.To }) {
		return true, nil
	}
	return false, p.enterShift(tx, sc, act, n)
}
